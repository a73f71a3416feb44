/**
 * keccak-256, and what is signed with: ECDSA on secp256k1.
 */

import { secp256k1 } from "@noble/curves/secp256k1";
import { keccak_256 } from "@noble/hashes/sha3";

import { concat, hex, integer, unhex, utf8 } from "./bytes.js";
import { remembering } from "./memory.js";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF = ORDER / 2n;

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array} 32 bytes
 */
export function keccak256(bytes) {
  return keccak_256(bytes);
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} the keccak-256 as 0x hex
 */
export function keccakHex(bytes) {
  return hex(keccak_256(bytes));
}

/**
 * The keccak-256 of a text's UTF-8 bytes.
 * @type {(text: string) => Uint8Array}
 */
export const keccakText = remembering((text) => keccak_256(utf8(text)));

/**
 * Whose signature this is: 64 bytes ``r ‖ yParityAndS`` (EIP-2098) with s in the lower half of its
 * range (EIP-2), so that a signature has one valid form.
 * @param {string} digest 0x hex of 32 bytes
 * @param {string} signature 0x hex of 64 bytes
 * @returns {string | null} the address as 0x hex; null where it is nobody's
 */
export function recover(digest, signature) {
  return recoverOnce(digest + signature.slice(2));
}

const recoverOnce = remembering((text) => {
  const both = unhex(text);
  const plain = both.subarray(32);
  const parity = plain[32] >> 7;
  plain[32] &= 0x7f;
  return recoverPlain(both.subarray(0, 32), plain, parity, HALF);
});

/**
 * The same for the form that blocks carry: 65 bytes ``r ‖ s ‖ v``, v 0 or 1, and s in either half of
 * its range, for clients seal blocks by rules of their own.
 * @param {Uint8Array} digest
 * @param {Uint8Array} signature
 * @returns {string | null}
 */
export function recoverSeal(digest, signature) {
  if (signature.length !== 65 || signature[64] > 1) return null;
  return recoverPlain(digest, signature.subarray(0, 64), signature[64], ORDER - 1n);
}

/**
 * @param {Uint8Array} digest
 * @param {Uint8Array} plain r ‖ s
 * @param {number} parity
 * @param {bigint} highest of s
 * @returns {string | null}
 */
function recoverPlain(digest, plain, parity, highest) {
  const r = integer(plain.subarray(0, 32));
  const s = integer(plain.subarray(32));
  if (r === 0n || r >= ORDER || s === 0n || s > highest) return null;
  try {
    const point = new secp256k1.Signature(r, s).addRecoveryBit(parity).recoverPublicKey(digest);
    return hex(keccak_256(point.toRawBytes(false).subarray(1)).subarray(12));
  } catch {
    return null;
  }
}

/**
 * The keccak-256 of parts one behind the other.
 * @param {Uint8Array[]} parts
 * @returns {Uint8Array}
 */
export function keccakOf(...parts) {
  return keccak_256(concat(parts));
}
