/**
 * Key files: Web3 Secret Storage, version 3 (scrypt or PBKDF2, AES-128-CTR, keccak-256 as MAC).
 */

import { pbkdf2 } from "@noble/hashes/pbkdf2";
import { scrypt } from "@noble/hashes/scrypt";
import { sha256 } from "@noble/hashes/sha2";

import { concat, hex, unhex, utf8 } from "../../../verifier/src/bytes.js";
import { keccak256 } from "../../../verifier/src/hashing.js";

/** A key file that cannot be used; ``code`` is the word to tell it by. */
export class KeystoreError extends Error {
  /** @param {"not-a-key" | "wrong-password" | "too-hard"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** More memory than this, in bytes, no file may ask for. */
const MOST_MEMORY = 2 ** 30;

/**
 * The private key in the file.
 * @param {string} text of the file
 * @param {string} password
 * @param {(part: number) => void} onProgress from 0 to 1
 * @returns {Promise<Uint8Array>} 32 bytes
 * @throws {KeystoreError}
 */
export async function unlock(text, password, onProgress) {
  const { crypto: sealed, params } = read(text);
  const derived = derive(sealed.kdf, params, utf8(password), onProgress);
  const mac = keccak256(concat([derived.subarray(16, 32), sealed.ciphertext]));
  if (hex(mac) !== sealed.mac) {
    derived.fill(0);
    throw new KeystoreError("wrong-password");
  }
  const key = await crypto.subtle.importKey("raw", derived.slice(0, 16), "AES-CTR", false, [
    "decrypt",
  ]);
  derived.fill(0);
  const opened = await crypto.subtle.decrypt(
    { name: "AES-CTR", counter: sealed.iv, length: 128 },
    key,
    sealed.ciphertext,
  );
  return new Uint8Array(opened);
}

/**
 * The parts of the file, in form.
 * @param {string} text
 */
function read(text) {
  try {
    const file = JSON.parse(text);
    const sealed = file.crypto ?? file.Crypto;
    const params = sealed.kdfparams;
    const found = {
      kdf: String(sealed.kdf),
      ciphertext: bytes(sealed.ciphertext, 32),
      iv: bytes(sealed.cipherparams.iv, 16),
      mac: hex(bytes(sealed.mac, 32)),
    };
    if (file.version !== 3 || sealed.cipher !== "aes-128-ctr") throw new Error("version");
    if (params.dklen !== 32) throw new Error("dklen");
    return { crypto: found, params: { ...params, salt: bytes(params.salt) } };
  } catch {
    throw new KeystoreError("not-a-key");
  }
}

/**
 * @param {any} params
 * @param {string} kdf
 * @param {Uint8Array} password
 * @param {(part: number) => void} onProgress
 * @returns {Uint8Array} 32 bytes
 */
function derive(kdf, params, password, onProgress) {
  const { n: N, r, p, c, salt } = params;
  if (kdf === "pbkdf2" && params.prf === "hmac-sha256" && whole(c, 1, 2 ** 26)) {
    return pbkdf2(sha256, password, salt, { c, dkLen: 32 });
  }
  const cost = whole(N, 2, 2 ** 26) && whole(r, 1, 256) && whole(p, 1, 256);
  if (kdf !== "scrypt" || !cost || N & (N - 1)) throw new KeystoreError("not-a-key");
  if (128 * N * r > MOST_MEMORY) throw new KeystoreError("too-hard");
  try {
    return scrypt(password, salt, { N, r, p, dkLen: 32, onProgress, maxmem: MOST_MEMORY + 2 ** 20 });
  } catch {
    throw new KeystoreError("too-hard");
  }
}

/** Whether this is a whole number in the range. */
function whole(/** @type {unknown} */ value, /** @type {number} */ least, /** @type {number} */ most) {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/**
 * @param {unknown} text hex, with or without 0x
 * @param {number} [size] in bytes, where it is known
 */
function bytes(text, size) {
  const plain = String(text).toLowerCase().replace(/^0x/, "");
  if (!/^([0-9a-f]{2})+$/.test(plain)) throw new Error("hex");
  if (size !== undefined && plain.length !== 2 * size) throw new Error("size");
  return unhex(`0x${plain}`);
}
