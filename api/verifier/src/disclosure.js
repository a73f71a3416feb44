/**
 * Documents of salted fields, of which any can be taken out: by which hash the ledger knows them.
 *
 * A field's leaf is keccak256(0x00 ‖ salt ‖ keccak256(name) ‖ keccak256(value)); what was taken out
 * left its leaf. The leaves make a tree in the shape of RFC 6962, section 2.1, and the document's
 * hash is keccak256("suyuan disclosure 1" ‖ number of fields, 8 bytes ‖ root). Any other file is
 * known by the keccak256 of its bytes.
 */

import { concat, isHex, unhex, utf8, word } from "./bytes.js";
import { isBounded, NotCanonical, parse } from "./canonical.js";
import { keccak256, keccakHex } from "./hashing.js";

const FORMAT = "suyuan disclosure 1";
const BEGINNING = utf8('{"fields":[');
const MOST_FIELDS = 1000;
const LONGEST_NAME = 200;
const LONGEST_VALUE = 100_000;

/**
 * The hash by which the ledger knows a document, as 0x hex; "0x" for the bytes that the hash of a
 * document of fields is made of, which must not pass for a file of the same hash.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function documentHash(bytes) {
  const leaves = read(bytes);
  if (leaves === null) return isPreimage(bytes) ? "0x" : keccakHex(bytes);
  const count = word(leaves.length).subarray(24);
  return keccakHex(concat([utf8(FORMAT), count, root(leaves)]));
}

/**
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
function isPreimage(bytes) {
  const prefix = utf8(FORMAT);
  return bytes.length === prefix.length + 8 + 32 && prefix.every((byte, i) => bytes[i] === byte);
}

/**
 * The leaves of such a document; null for every other file, however like it.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array[] | null}
 */
function read(bytes) {
  // Looked at first, so that a large file of another kind is not parsed.
  if (BEGINNING.some((byte, i) => bytes[i] !== byte) || !isBounded(bytes)) return null;
  let value;
  try {
    value = parse(bytes);
  } catch (problem) {
    if (problem instanceof NotCanonical) return null;
    throw problem;
  }
  if (!only(value, ["fields", "format"]) || value.format !== FORMAT) return null;
  const fields = value.fields;
  if (!Array.isArray(fields) || fields.length < 1 || fields.length > MOST_FIELDS) return null;
  const leaves = fields.map(leaf);
  const names = fields.filter((f) => f && Object.hasOwn(f, "name")).map((f) => f.name);
  if (leaves.includes(null) || new Set(names).size < names.length) return null;
  return /** @type {Uint8Array[]} */ (leaves);
}

/**
 * @param {any} field
 * @returns {Uint8Array | null}
 */
function leaf(field) {
  if (only(field, ["leaf"])) return isHex(field.leaf, 32) ? unhex(field.leaf) : null;
  if (!only(field, ["name", "salt", "value"]) || !isHex(field.salt, 32)) return null;
  if (typeof field.name !== "string" || typeof field.value !== "string") return null;
  const [name, value] = [utf8(field.name), utf8(field.value)];
  if (name.length < 1 || name.length > LONGEST_NAME || value.length > LONGEST_VALUE) return null;
  return keccak256(concat([new Uint8Array(1), unhex(field.salt), keccak256(name), keccak256(value)]));
}

/**
 * The root over the leaves: the left side has the largest power of two that leaves some for the
 * right.
 * @param {Uint8Array[]} leaves
 * @returns {Uint8Array}
 */
function root(leaves) {
  if (leaves.length === 1) return leaves[0];
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return keccak256(concat([Uint8Array.of(1), root(leaves.slice(0, half)), root(leaves.slice(half))]));
}

/**
 * Whether it is an object with just these members.
 * @param {any} value
 * @param {string[]} names
 */
function only(value, names) {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value);
  return plain && Object.keys(value).sort().join() === names.join();
}
