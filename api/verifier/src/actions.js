/**
 * Every action of the ledger as an EIP-712 type. The types stand in ``action-table.js``, which
 * ``scripts/verifier`` writes from the types that the service has; here they are read.
 */

import { utf8 } from "./bytes.js";
import { keccak256 } from "./hashing.js";
import { TABLE } from "./action-table.js";

/**
 * @typedef {object} Field
 * @property {string} type as EIP-712 has it
 * @property {string} name
 * @property {"integer" | "text" | "bool" | "bytes" | "address" | "list"} kind
 * @property {number} size in bytes of an integer, of bytes or of an address; 0 for other kinds
 * @property {Struct | null} struct of a list
 *
 * @typedef {object} Struct
 * @property {string} name
 * @property {Field[]} fields
 * @property {Uint8Array} typeHash
 *
 * @typedef {object} Action
 * @property {string} contract
 * @property {number} number
 * @property {string} name
 * @property {Field[]} fields
 * @property {boolean} authority whether it needs the quorum of the authority
 * @property {Uint8Array} typeHash
 */

/** The longest list that an entry may carry. */
export const MOST_ITEMS = 8;

/**
 * The structs of an EIP-712 ``encodeType``, its own first.
 * @param {string} type
 * @returns {{name: string, members: string[], text: string}[]}
 */
function structsOf(type) {
  return [...type.matchAll(/(\w+)\(([^)]*)\)/g)].map((found) => ({
    name: found[1],
    members: found[2].split(","),
    text: found[0],
  }));
}

/**
 * @param {string} member for example ``uint64 nonce``
 * @param {Map<string, Struct>} structs
 * @returns {Field}
 */
function fieldOf(member, structs) {
  const [type, name] = member.split(" ");
  /** @type {(kind: Field["kind"], size?: number, struct?: Struct | null) => Field} */
  const made = (kind, size = 0, struct = null) => ({ type, name, kind, size, struct });
  if (type.endsWith("[]")) return made("list", 0, structs.get(type.slice(0, -2)) ?? null);
  if (type.startsWith("uint")) return made("integer", Number(type.slice(4)) / 8);
  if (type.startsWith("bytes")) return made("bytes", Number(type.slice(5)));
  if (type === "address") return made("address", 20);
  return made(type === "bool" ? "bool" : "text");
}

/**
 * @param {[string, number, boolean, string]} row
 * @returns {[string, Action]}
 */
function actionOf([contract, number, authority, type]) {
  const [own, ...others] = structsOf(type);
  /** @type {Map<string, Struct>} */
  const structs = new Map();
  for (const { name, members, text } of others) {
    const fields = members.map((member) => fieldOf(member, structs));
    structs.set(name, { name, fields, typeHash: keccak256(utf8(text)) });
  }
  const fields = own.members.map((member) => fieldOf(member, structs));
  const typeHash = keccak256(utf8(type));
  return [own.name, { contract, number, name: own.name, fields, authority, typeHash }];
}

/**
 * Every action by its name.
 * @type {ReadonlyMap<string, Action>}
 */
export const ACTIONS = new Map(TABLE.map(actionOf));
