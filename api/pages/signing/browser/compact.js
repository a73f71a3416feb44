/** Signatures in the ledger's form. */

import { secp256k1 } from "@noble/curves/secp256k1";

import { hex, integer, unhex, word } from "../../../verifier/src/bytes.js";

const { n: ORDER } = secp256k1.CURVE;

/**
 * The 64 bytes ``r ‖ yParityAndS`` (EIP-2098) with s in the lower half of its range.
 * @param {bigint} r
 * @param {bigint} s
 * @param {number} parity 0 or 1
 * @returns {string} 0x hex
 */
export function packed(r, s, parity) {
  if (s > ORDER / 2n) {
    s = ORDER - s;
    parity ^= 1;
  }
  const bytes = new Uint8Array(64);
  bytes.set(word(r));
  bytes.set(word(s), 32);
  bytes[32] |= parity << 7;
  return hex(bytes);
}

/**
 * A wallet's signature, 65 bytes ``r ‖ s ‖ v`` with v 0, 1, 27 or 28; or one in the form already.
 * @param {unknown} signature 0x hex
 * @returns {string} 0x hex; that of nobody where it is no signature
 */
export function compact(signature) {
  const text = String(signature).toLowerCase();
  if (/^0x[0-9a-f]{128}$/.test(text)) return text;
  if (!/^0x[0-9a-f]{130}$/.test(text)) return `0x${"00".repeat(64)}`;
  const bytes = unhex(text);
  const v = bytes[64];
  const parity = v >= 27 ? v - 27 : v;
  if (parity > 1) return `0x${"00".repeat(64)}`;
  return packed(integer(bytes.subarray(0, 32)), integer(bytes.subarray(32, 64)), parity);
}

/**
 * @param {Uint8Array} key private key
 * @param {string} digest 0x hex of 32 bytes
 * @returns {string} 0x hex of 64 bytes
 */
export function sign(key, digest) {
  const { r, s, recovery } = secp256k1.sign(unhex(digest), key, { lowS: true, prehash: false });
  return packed(r, s, recovery);
}
