/**
 * What is to be signed: read from the page, its digest, and the same as EIP-712 typed data for
 * wallets.
 */

import { ACTIONS } from "../../../verifier/src/actions.js";
import { entryDigest, readMessage } from "../../../verifier/src/entries.js";

/** @typedef {{action: string, message: Record<string, unknown>}} Unsigned */

/**
 * @param {string} text JSON: a list of ``{action, message}``
 * @returns {Unsigned[]}
 */
export function readEntries(text) {
  return JSON.parse(text);
}

/**
 * The same entries for another account: its own nonces, and nothing else, are put in.
 * @param {Unsigned[]} entries
 * @param {Record<string, string>} nonces the account's next one for each contract, in decimal
 * @returns {Unsigned[]}
 */
export function withNonces(entries, nonces) {
  const next = new Map(Object.entries(nonces).map(([contract, nonce]) => [contract, BigInt(nonce)]));
  return entries.map(({ action, message }) => {
    const { contract } = /** @type {import("../../../verifier/src/actions.js").Action} */ (
      ACTIONS.get(action)
    );
    const nonce = next.get(contract);
    if (nonce === undefined) throw new Error(`no nonce for ${contract}`);
    next.set(contract, nonce + 1n);
    return { action, message: { ...message, nonce: String(nonce) } };
  });
}

/**
 * @param {Unsigned} entry
 * @param {number} chainId
 * @param {Record<string, string>} contracts their addresses by name
 * @returns {string} 0x hex
 */
export function digestOf({ action, message }, chainId, contracts) {
  const values = readMessage(action, message);
  const { contract } = /** @type {import("../../../verifier/src/actions.js").Action} */ (
    ACTIONS.get(action)
  );
  return entryDigest(action, values, chainId, contracts[contract]);
}

/**
 * What ``eth_signTypedData_v4`` takes.
 * @param {Unsigned} entry
 * @param {number} chainId
 * @param {Record<string, string>} contracts
 */
export function typedData({ action, message }, chainId, contracts) {
  const found = /** @type {import("../../../verifier/src/actions.js").Action} */ (
    ACTIONS.get(action)
  );
  /** @type {Record<string, {name: string, type: string}[]>} */
  const types = {
    EIP712Domain: [
      { name: "name", type: "string" },
      { name: "version", type: "string" },
      { name: "chainId", type: "uint256" },
      { name: "verifyingContract", type: "address" },
    ],
  };
  const declared = (/** @type {import("../../../verifier/src/actions.js").Field[]} */ fields) =>
    fields.map(({ name, type }) => ({ name, type }));
  types[action] = declared(found.fields);
  for (const { struct } of found.fields) {
    if (struct) types[struct.name] = declared(struct.fields);
  }
  return {
    types,
    primaryType: action,
    domain: {
      name: `Suyuan ${found.contract}`,
      version: "1",
      chainId,
      verifyingContract: contracts[found.contract],
    },
    message,
  };
}
