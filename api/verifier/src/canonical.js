/**
 * Canonical JSON: one form for every value, so that bytes can be compared.
 *
 * Members are sorted by code point, nothing stands between tokens, texts are well-formed Unicode
 * and escaped only where JSON demands it, numbers are integers from 0 to 2^53-1.
 */

/** Bytes that are not canonical JSON. */
export class NotCanonical extends Error {}

/** The deepest nesting of lists and objects. */
export const DEEPEST = 64;

/** The longest text that is read, in bytes. */
export const MAX_BYTES = 32 * 1024 * 1024;
const MAX_COMMAS = 2_000_000;
const MAX_OPENINGS = 500_000;

/**
 * Whether it can be read at a cost that is known before: it is not too long, and has not too many
 * commas, nor opening brackets and braces, those within texts counted, too.
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
export function isBounded(bytes) {
  if (bytes.length > MAX_BYTES) return false;
  let commas = 0;
  let openings = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x2c) commas++;
    else if (byte === 0x5b || byte === 0x7b) openings++;
  }
  return commas <= MAX_COMMAS && openings <= MAX_OPENINGS;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The value of canonical JSON.
 * @param {Uint8Array} bytes
 * @returns {any}
 * @throws {NotCanonical}
 */
export function parse(bytes) {
  let text;
  let value;
  try {
    text = decoder.decode(bytes);
    // Told before parsing, which some engines do by recursion.
    if (!shallow(text)) throw new NotCanonical("nested too deeply");
    value = JSON.parse(text);
  } catch (problem) {
    if (problem instanceof NotCanonical) throw problem;
    throw new NotCanonical("not JSON");
  }
  // Whatever JSON.parse is lenient about (spaces, escapes, members given twice, their order, how a
  // number is written) makes a difference here.
  if (write(value) !== text) throw new NotCanonical("another form of the same value");
  return value;
}

/**
 * Whether brackets outside of texts nest no deeper than allowed.
 * @param {string} text
 * @returns {boolean}
 */
function shallow(text) {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // a text: to its end
        for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) {
          if (text.charCodeAt(i) === 0x5c) i++;
        }
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > DEEPEST) return false;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
  return true;
}

/**
 * The canonical form of a value made of objects, arrays, texts, integers, booleans and null.
 * @param {any} value
 * @returns {string}
 * @throws {NotCanonical} where it has none
 */
export function write(value) {
  /** @type {string[]} */
  const parts = [];
  put(value, parts);
  return parts.join("");
}

/**
 * @param {any} value
 * @param {string[]} parts
 */
function put(value, parts) {
  if (typeof value === "string") parts.push(quoted(value));
  else if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) throw new NotCanonical("not such a number");
    parts.push(String(value));
  } else if (value === null || typeof value === "boolean") parts.push(String(value));
  else if (Array.isArray(value)) {
    parts.push("[");
    value.forEach((item, i) => {
      if (i) parts.push(",");
      put(item, parts);
    });
    parts.push("]");
  } else if (typeof value === "object") {
    parts.push("{");
    Object.keys(value)
      .sort(byCodePoint)
      .forEach((name, i) => {
        if (i) parts.push(",");
        parts.push(quoted(name), ":");
        put(value[name], parts);
      });
    parts.push("}");
  } else throw new NotCanonical("not a value of JSON");
}

/**
 * @param {string} text
 * @returns {string}
 */
function quoted(text) {
  if (!text.isWellFormed()) throw new NotCanonical("not well-formed Unicode");
  return JSON.stringify(text);
}

/**
 * The order of code points, which is not that of JavaScript's own comparison: it compares halves
 * of surrogate pairs.
 * @param {string} left
 * @param {string} right
 * @returns {number}
 */
export function byCodePoint(left, right) {
  const shorter = Math.min(left.length, right.length);
  for (let i = 0; i < shorter; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) {
      // Surrogates stand for code points beyond all others of one unit.
      const x = a >= 0xd800 && a < 0xe000 ? a + 0x10000 : a;
      const y = b >= 0xd800 && b < 0xe000 ? b + 0x10000 : b;
      return x - y;
    }
  }
  return left.length - right.length;
}
