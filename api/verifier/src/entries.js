/**
 * A signed entry: read from its JSON, encoded as EIP-712 wants it, and the leaf that binds it.
 *
 * Values in JavaScript: bytes and addresses are 0x hex, integers of 8 bytes are BigInt and narrower
 * ones Number, lists are arrays of objects by field name.
 */

import { ACTIONS, MOST_ITEMS } from "./actions.js";
import { concat, hex, isHex, padEnd, padStart, unhex, utf8, word } from "./bytes.js";
import { keccak256, keccakOf, keccakText } from "./hashing.js";

/** An entry that has not the form of its action. */
export class EntryForm extends Error {}

const DOMAIN_TYPE = keccak256(
  utf8("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);
const SIGNED = Uint8Array.of(0x19, 0x01);

/**
 * The EIP-712 domain separator of a contract.
 * @param {string} contract its name
 * @param {number} chainId
 * @param {string} address
 * @returns {Uint8Array}
 */
export function separator(contract, chainId, address) {
  return keccakOf(
    DOMAIN_TYPE,
    keccakText(`Suyuan ${contract}`),
    keccakText("1"),
    word(chainId),
    padStart(unhex(address)),
  );
}

/**
 * What is signed (EIP-712): the digest of a struct in a domain.
 * @param {Uint8Array} domain separator
 * @param {Uint8Array} typeHash
 * @param {Uint8Array[]} words ``encodeData`` without the type hash
 * @returns {string} 0x hex
 */
export function signedDigest(domain, typeHash, words) {
  return hex(keccakOf(SIGNED, domain, keccakOf(typeHash, ...words)));
}

/**
 * The values of an action's fields out of the canonical JSON form of its message.
 * @param {string} name of the action
 * @param {unknown} message
 * @returns {Record<string, any>}
 * @throws {EntryForm}
 */
export function readMessage(name, message) {
  const action = ACTIONS.get(name);
  if (action === undefined) throw new EntryForm("unknown action");
  return readFields(action.fields, message);
}

/**
 * @param {import("./actions.js").Field[]} fields
 * @param {any} message
 * @returns {Record<string, any>}
 */
function readFields(fields, message) {
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new EntryForm("not an object");
  }
  if (Object.keys(message).length !== fields.length) throw new EntryForm("other fields");
  /** @type {Record<string, any>} */
  const values = {};
  for (const field of fields) {
    if (!Object.hasOwn(message, field.name)) throw new EntryForm(`no ${field.name}`);
    values[field.name] = readValue(field, message[field.name]);
  }
  return values;
}

/**
 * @param {import("./actions.js").Field} field
 * @param {any} value
 * @returns {any}
 */
function readValue(field, value) {
  switch (field.kind) {
    case "integer":
      return readInteger(field, value);
    case "text":
      if (typeof value === "string" && value.isWellFormed()) return value;
      break;
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "list":
      if (Array.isArray(value) && value.length <= MOST_ITEMS && field.struct) {
        const { fields } = field.struct;
        return value.map((item) => readFields(fields, item));
      }
      break;
    default:
      if (isHex(value, field.size)) return value;
  }
  throw new EntryForm(`${field.name} is not a ${field.type}`);
}

/**
 * An integer as decimal digits without leading zeros.
 * @param {import("./actions.js").Field} field
 * @param {any} value
 * @returns {number | bigint}
 */
function readInteger(field, value) {
  if (typeof value === "string" && value.length <= 78 && /^(0|[1-9][0-9]*)$/.test(value)) {
    const whole = BigInt(value);
    if (whole >> BigInt(8 * field.size) === 0n) return field.size < 7 ? Number(whole) : whole;
  }
  throw new EntryForm(`${field.name} is not a ${field.type}`);
}

/**
 * The word of each field in ``encodeData``.
 * @param {import("./actions.js").Field[]} fields
 * @param {Record<string, any>} values
 * @returns {Uint8Array[]}
 */
function wordsOf(fields, values) {
  return fields.map((field) => wordOf(field, values[field.name]));
}

/**
 * @param {import("./actions.js").Field} field
 * @param {any} value
 * @returns {Uint8Array}
 */
function wordOf(field, value) {
  switch (field.kind) {
    case "integer":
      return word(value);
    case "text":
      return keccakText(value);
    case "bool":
      return word(value ? 1 : 0);
    case "bytes":
      return padEnd(unhex(value));
    case "address":
      return padStart(unhex(value));
    default: {
      const struct = /** @type {import("./actions.js").Struct} */ (field.struct);
      const hashes = value.map((/** @type {any} */ item) =>
        keccakOf(struct.typeHash, ...wordsOf(struct.fields, item)),
      );
      return keccak256(concat(hashes));
    }
  }
}

/**
 * The digest that an entry's signers signed.
 * @param {string} name of the action
 * @param {Record<string, any>} values
 * @param {number} chainId
 * @param {string} address of the action's contract
 * @returns {string} 0x hex
 */
export function entryDigest(name, values, chainId, address) {
  const action = /** @type {import("./actions.js").Action} */ (ACTIONS.get(name));
  const domain = separator(action.contract, chainId, address);
  return signedDigest(domain, action.typeHash, wordsOf(action.fields, values));
}

/**
 * The keccak-256 of the signers' addresses, one word each, the author first.
 * @param {string[]} signers
 * @returns {string}
 */
export function signersHash(signers) {
  return hex(keccak256(concat(signers.map((signer) => padStart(unhex(signer))))));
}

/**
 * The leaf of an entry in the log.
 * @param {object} leaf
 * @param {number} leaf.sequence
 * @param {number} leaf.recordedAt block time, seconds
 * @param {string} leaf.address of the contract
 * @param {string} leaf.digest
 * @param {string} leaf.signers as {@link signersHash} gives it
 * @param {string[]} leaf.subjects
 * @param {string[]} leaf.previous head of each subject before this entry
 * @returns {string}
 */
export function leafHash({ sequence, recordedAt, address, digest, signers, subjects, previous }) {
  const parts = [
    Uint8Array.of(0),
    word(sequence),
    word(recordedAt),
    padStart(unhex(address)),
    unhex(digest),
    unhex(signers),
    word(subjects.length),
  ];
  subjects.forEach((subject, i) => parts.push(unhex(subject), unhex(previous[i])));
  return hex(keccak256(concat(parts)));
}
