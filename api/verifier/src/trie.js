/**
 * Walks through Merkle-Patricia tries (Yellow Paper, appendices C and D) over listed nodes.
 */

import { hex, unhex, ZERO } from "./bytes.js";
import { keccakHex } from "./hashing.js";
import { decode, NotRlp } from "./rlp.js";

/** A proof that does not prove: a node is missing, malformed, out of order or too many. */
export class NotProved extends Error {}

const NOTHING = new Uint8Array(0);

/** The root of a trie that holds nothing. */
const EMPTY_ROOT = keccakHex(Uint8Array.of(0x80));
const NO_CODE = keccakHex(NOTHING);

/** Nodes, each listed once, in the order in which the walks first come by. */
export class Nodes {
  /** @param {Uint8Array[]} listed RLP of each */
  constructor(listed) {
    this.listed = listed;
    /** @type {Map<string, import("./rlp.js").RlpItem[]>} what was visited, by its hash */
    this.seen = new Map();
    this.next = 0;
  }

  /**
   * The node of a hash: one that was visited before, or the next of the list.
   * @param {string} digest
   * @returns {import("./rlp.js").RlpItem[]}
   */
  open(digest) {
    let node = this.seen.get(digest);
    if (node === undefined) {
      const raw = this.listed[this.next];
      if (raw === undefined || digestOf(raw) !== digest) throw new NotProved("not the next node");
      this.next++;
      node = formed(decoded(raw));
      this.seen.set(digest, node);
    }
    return node;
  }

  /** Whether every listed node was visited. */
  get allSeen() {
    return this.next === this.listed.length;
  }

  /**
   * The value at a key, empty where the trie has none.
   * @param {string} root
   * @param {Uint8Array} key
   * @returns {Uint8Array}
   * @throws {NotProved}
   */
  get(root, key) {
    if (root === EMPTY_ROOT) return NOTHING;
    const path = nibbles(key);
    let node = this.open(root);
    let at = 0;
    for (;;) {
      let child;
      if (node.length === 17) {
        child = node[path[at]];
        at += 1;
      } else {
        const { part, leaf } = unpacked(node[0]);
        const matches = part.every((digit, i) => path[at + i] === digit);
        if (leaf) return matches && at + part.length === path.length ? valueOf(node[1]) : NOTHING;
        if (!matches) return NOTHING;
        child = node[1];
        at += part.length;
      }
      if (child.length === 0) return NOTHING;
      if (at === path.length) throw new NotProved("a path goes on behind the end of the key");
      node = Array.isArray(child) ? formed(child) : this.open(hex(child));
    }
  }
}

/** @type {WeakMap<Uint8Array, string>} the hashes of nodes, which bundles share */
const digests = new WeakMap();

/**
 * @param {Uint8Array} raw
 * @returns {string}
 */
function digestOf(raw) {
  let digest = digests.get(raw);
  if (digest === undefined) {
    digest = keccakHex(raw);
    digests.set(raw, digest);
  }
  return digest;
}

/**
 * @param {import("./rlp.js").RlpItem} node
 * @returns {import("./rlp.js").RlpItem[]} a branch (17 items), or a leaf or extension (2)
 */
function formed(node) {
  if (!Array.isArray(node) || (node.length !== 2 && node.length !== 17)) {
    throw new NotProved("neither branch nor leaf nor extension");
  }
  return node;
}

/**
 * @param {import("./rlp.js").RlpItem} value
 * @returns {Uint8Array}
 */
function valueOf(value) {
  if (Array.isArray(value) || value.length === 0) throw new NotProved("a leaf has no value");
  return value;
}

/**
 * @param {Uint8Array} key
 * @returns {number[]} half-bytes
 */
function nibbles(key) {
  const digits = [];
  for (const byte of key) digits.push(byte >> 4, byte & 15);
  return digits;
}

/**
 * A path in hex-prefix encoding.
 * @param {import("./rlp.js").RlpItem} packed
 * @returns {{part: number[], leaf: boolean}}
 */
function unpacked(packed) {
  if (!(packed instanceof Uint8Array) || packed.length === 0) throw new NotProved("no path");
  const digits = nibbles(packed);
  if (digits[0] > 3 || (digits[0] % 2 === 0 && digits[1] !== 0)) throw new NotProved("no path");
  const part = digits.slice(digits[0] % 2 ? 1 : 2);
  const leaf = digits[0] >= 2;
  if (!leaf && part.length === 0) throw new NotProved("an extension has no path");
  return { part, leaf };
}

/**
 * @typedef {object} Account
 * @property {string} storageRoot
 * @property {string} codeHash
 *
 * What a state root says of an account.
 * @param {Nodes} nodes
 * @param {string} stateRoot
 * @param {string} address
 * @returns {Account} one that is not there has no storage and no code
 * @throws {NotProved}
 */
export function accountAt(nodes, stateRoot, address) {
  const value = nodes.get(stateRoot, unhex(keccakHex(unhex(address))));
  if (value.length === 0) return { storageRoot: EMPTY_ROOT, codeHash: NO_CODE };
  const fields = decoded(value);
  if (!Array.isArray(fields) || fields.length !== 4) throw new NotProved("not an account");
  if (fields.some(Array.isArray)) throw new NotProved("not an account");
  const [, , storage, code] = /** @type {Uint8Array[]} */ (fields);
  return { storageRoot: hex(storage), codeHash: hex(code) };
}

/**
 * What a storage root says of a slot, as a word.
 * @param {Nodes} nodes
 * @param {string} storageRoot
 * @param {string} slot 0x hex of 32 bytes
 * @returns {string} 0x hex of 32 bytes
 * @throws {NotProved}
 */
export function slotAt(nodes, storageRoot, slot) {
  const value = nodes.get(storageRoot, unhex(keccakHex(unhex(slot))));
  if (value.length === 0) return ZERO;
  const bytes = decoded(value);
  if (Array.isArray(bytes) || !bytes.length || bytes.length > 32 || bytes[0] === 0) {
    throw new NotProved("not a word");
  }
  return `0x${hex(bytes).slice(2).padStart(64, "0")}`;
}

/**
 * @param {Uint8Array} value
 * @returns {import("./rlp.js").RlpItem}
 */
function decoded(value) {
  try {
    return decode(value);
  } catch (problem) {
    if (problem instanceof NotRlp) throw new NotProved("not RLP");
    throw problem;
  }
}
