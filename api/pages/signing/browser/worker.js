/**
 * The worker's side: opens a key file, signs, and forgets the key. It is ended after one answer.
 */

import { secp256k1 } from "@noble/curves/secp256k1";

import { hex } from "../../../verifier/src/bytes.js";
import { keccak256 } from "../../../verifier/src/hashing.js";
import { sign } from "./compact.js";
import { KeystoreError, unlock } from "./keystore.js";

/**
 * @typedef {{keystore: string, password: string, digests: Record<string, string[]>}} Task
 *   ``digests`` by the account (0x hex) that may sign them; another account signs nothing
 * @typedef {{address: string, signatures: string[]} | {fault: string}} Done
 */

export function serve() {
  self.onmessage = async ({ data }) => self.postMessage(await done(data));
}

/**
 * @param {Task} task
 * @returns {Promise<Done>}
 */
async function done({ keystore, password, digests }) {
  try {
    const key = await unlock(keystore, password, (part) => self.postMessage({ part }));
    try {
      const point = secp256k1.getPublicKey(key, false);
      const address = hex(keccak256(point.subarray(1)).subarray(12));
      return { address, signatures: (digests[address] ?? []).map((digest) => sign(key, digest)) };
    } finally {
      key.fill(0);
    }
  } catch (error) {
    return { fault: error instanceof KeystoreError ? error.code : "not-a-key" };
  }
}
