/**
 * Proofs about the log: that a leaf is in it, and that it extends an earlier one. The tree is that
 * of RFC 6962, section 2.1, with keccak-256; the checks follow RFC 9162, sections 2.1.3.2 and
 * 2.1.4.2, with integers that do not overflow.
 */

import { same } from "./bytes.js";
import { keccakOf } from "./hashing.js";

const NODE = Uint8Array.of(1);
const NOTHING = new Uint8Array(32);

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
function join(left, right) {
  return keccakOf(NODE, left, right);
}

/**
 * @param {Uint8Array} path
 * @returns {Uint8Array[]}
 */
function hashesOf(path) {
  const hashes = [];
  for (let at = 0; at < path.length; at += 32) hashes.push(path.subarray(at, at + 32));
  return hashes;
}

/**
 * One number's way up the tree: whether its sibling stands to the left on each level, for as many
 * siblings as there are.
 */
class Climb {
  /**
   * @param {number} number of the node on its level
   * @param {number} last node of that level
   */
  constructor(number, last) {
    this.number = number;
    this.last = last;
  }

  /** Whether the root is reached. */
  get done() {
    return this.last === 0;
  }

  /** Go up by one sibling; returns whether that stands to the left. */
  up() {
    const left = this.number % 2 === 1 || this.number === this.last;
    if (left) while (this.number % 2 === 0 && this.last > 0) this.halve();
    this.halve();
    return left;
  }

  halve() {
    this.number = Math.floor(this.number / 2);
    this.last = Math.floor(this.last / 2);
  }
}

/**
 * Whether the path leads from a leaf to the root of a log of so many leaves.
 * @param {Uint8Array} leaf
 * @param {number} index
 * @param {number} size
 * @param {Uint8Array} path sibling hashes, the lowest first
 * @param {Uint8Array} root
 * @returns {boolean}
 */
export function isIncluded(leaf, index, size, path, root) {
  if (index >= size || path.length % 32) return false;
  const climb = new Climb(index, size - 1);
  let folded = leaf;
  for (const sibling of hashesOf(path)) {
    if (climb.done) return false;
    folded = climb.up() ? join(sibling, folded) : join(folded, sibling);
  }
  return climb.done && same(folded, root);
}

/**
 * Whether a log begins with an earlier one. Every log extends the empty one, and each itself, with
 * an empty path.
 * @param {number} oldSize
 * @param {Uint8Array} oldRoot
 * @param {number} newSize
 * @param {Uint8Array} newRoot
 * @param {Uint8Array} path
 * @returns {boolean}
 */
export function extendsLog(oldSize, oldRoot, newSize, newRoot, path) {
  if (oldSize > newSize || path.length % 32) return false;
  if (oldSize === 0) {
    const empty = newSize > 0 || same(newRoot, NOTHING);
    return path.length === 0 && same(oldRoot, NOTHING) && empty;
  }
  if (oldSize === newSize) return path.length === 0 && same(oldRoot, newRoot);
  let number = oldSize - 1;
  let last = newSize - 1;
  while (number % 2 === 1) {
    number = (number - 1) / 2;
    last = Math.floor(last / 2);
  }
  const hashes = hashesOf(path);
  // A power of two is one subtree: its root is the old root itself.
  if (number === 0) hashes.unshift(oldRoot);
  if (hashes.length === 0) return false;
  const climb = new Climb(number, last);
  let before = hashes[0];
  let after = hashes[0];
  for (const sibling of hashes.slice(1)) {
    if (climb.done) return false;
    if (climb.up()) {
      before = join(sibling, before);
      after = join(sibling, after);
    } else after = join(after, sibling);
  }
  return climb.done && same(before, oldRoot) && same(after, newRoot);
}
