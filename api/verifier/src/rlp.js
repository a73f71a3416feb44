/**
 * Recursive-length prefix, how Ethereum writes what it hashes (Yellow Paper, appendix B).
 *
 * @typedef {Uint8Array | RlpList} RlpItem
 * @typedef {RlpItem[]} RlpList
 */

import { concat } from "./bytes.js";

/** Bytes that are not canonical RLP. */
export class NotRlp extends Error {}

/** Headers and trie nodes nest a few levels; nothing that we read nests deeper than this. */
const DEEPEST = 32;

/**
 * The item that bytes stand for, if they are its canonical form and nothing follows.
 * @param {Uint8Array} bytes
 * @returns {RlpItem}
 * @throws {NotRlp}
 */
export function decode(bytes) {
  const [item, end] = itemAt(bytes, 0, bytes.length, 0);
  if (end !== bytes.length) throw new NotRlp("bytes behind the item");
  return item;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} limit
 * @param {number} depth
 * @returns {[RlpItem, number]} the item and where it ends
 */
function itemAt(bytes, start, limit, depth) {
  if (start >= limit || depth > DEEPEST) throw new NotRlp("ends early, or too deep");
  const first = bytes[start];
  if (first < 0x80) return [bytes.subarray(start, start + 1), start + 1];
  const list = first >= 0xc0;
  let size = first - (list ? 0xc0 : 0x80);
  let begin = start + 1;
  if (size > 55) {
    const width = size - 55;
    if (begin + width > limit || bytes[begin] === 0) throw new NotRlp("length");
    size = 0;
    for (let i = 0; i < width; i++) size = size * 256 + bytes[begin + i];
    if (size < 56) throw new NotRlp("length");
    begin += width;
  }
  const end = begin + size;
  if (end > limit) throw new NotRlp("ends early");
  if (!list) {
    if (size === 1 && bytes[begin] < 0x80) throw new NotRlp("single byte");
    return [bytes.subarray(begin, end), end];
  }
  const items = [];
  while (begin < end) {
    const [item, next] = itemAt(bytes, begin, end, depth + 1);
    items.push(item);
    begin = next;
  }
  return [items, end];
}

/**
 * @param {RlpItem} item
 * @returns {Uint8Array}
 */
export function encode(item) {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && item[0] < 0x80) return item;
    return concat([prefix(item.length, 0x80), item]);
  }
  const payload = concat(item.map(encode));
  return concat([prefix(payload.length, 0xc0), payload]);
}

/**
 * @param {number} size
 * @param {number} offset
 * @returns {Uint8Array}
 */
function prefix(size, offset) {
  if (size < 56) return Uint8Array.of(offset + size);
  const digits = [];
  for (let left = size; left > 0; left = Math.floor(left / 256)) digits.unshift(left % 256);
  return Uint8Array.of(offset + 55 + digits.length, ...digits);
}
