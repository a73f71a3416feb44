/**
 * Bytes and how they are written: 0x hex in lower case, base64 with padding, words of 32 bytes.
 */

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SEXTETS = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) SEXTETS[ALPHABET.charCodeAt(i)] = i;

const encoder = new TextEncoder();

/** The head of a chain that has not begun, and the text of nothing in a word. */
export const ZERO = `0x${"00".repeat(32)}`;

/**
 * @param {Uint8Array} bytes
 * @returns {string} 0x and hex in lower case
 */
export function hex(bytes) {
  let text = "0x";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

/**
 * The bytes of 0x hex that is known to be well formed (see {@link isHex}).
 * @param {string} text
 * @returns {Uint8Array}
 */
export function unhex(text) {
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  return bytes;
}

/**
 * Whether this is 0x hex in lower case of so many bytes.
 * @param {unknown} text
 * @param {number} size in bytes
 * @returns {boolean}
 */
export function isHex(text, size) {
  return typeof text === "string" && text.length === 2 + 2 * size && /^0x[0-9a-f]*$/.test(text);
}

/**
 * Base64 with padding (RFC 4648, section 4).
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function b64(bytes) {
  const parts = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    parts.push(
      ALPHABET[word >> 18] +
        ALPHABET[(word >> 12) & 63] +
        (left > 1 ? ALPHABET[(word >> 6) & 63] : "=") +
        (left > 2 ? ALPHABET[word & 63] : "="),
    );
  }
  return parts.join("");
}

/**
 * The bytes of base64 in the one form that {@link b64} gives.
 * @param {unknown} text
 * @returns {Uint8Array | null} null for any other form
 */
export function unb64(text) {
  if (typeof text !== "string" || text.length % 4) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const size = (text.length / 4) * 3 - padding;
  const bytes = new Uint8Array(size);
  const last = text.length - padding;
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < last; i++) {
    const code = text.charCodeAt(i);
    const sextet = code < 128 ? SEXTETS[code] : -1;
    if (sextet < 0) return null;
    word = ((word << 6) | sextet) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 255;
    }
  }
  // Bits that belong to no byte must be zero, else one value had several forms.
  return word & ((1 << bits) - 1) ? null : bytes;
}

/**
 * @param {string} text
 * @returns {Uint8Array} its UTF-8 bytes
 */
export function utf8(text) {
  return encoder.encode(text);
}

/**
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array}
 */
export function concat(parts) {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Whether two byte strings are the same.
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 * @returns {boolean}
 */
export function same(left, right) {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/**
 * A non-negative integer as a word: 32 bytes, big end first.
 * @param {number | bigint} value
 * @returns {Uint8Array}
 */
export function word(value) {
  const bytes = new Uint8Array(32);
  let left = BigInt(value);
  for (let i = 31; left > 0n; i--) {
    bytes[i] = Number(left & 255n);
    left >>= 8n;
  }
  return bytes;
}

/**
 * The integer that bytes stand for, big end first.
 * @param {Uint8Array} bytes
 * @returns {bigint}
 */
export function integer(bytes) {
  return bytes.length ? BigInt(hex(bytes)) : 0n;
}

/**
 * Bytes at the beginning of a word, zeros behind them (as Solidity has ``bytes20``).
 * @param {Uint8Array} bytes at most 32
 * @returns {Uint8Array}
 */
export function padEnd(bytes) {
  const whole = new Uint8Array(32);
  whole.set(bytes);
  return whole;
}

/**
 * Bytes at the end of a word, zeros before them (as Solidity has ``address``).
 * @param {Uint8Array} bytes at most 32
 * @returns {Uint8Array}
 */
export function padStart(bytes) {
  const whole = new Uint8Array(32);
  whole.set(bytes, 32 - bytes.length);
  return whole;
}
