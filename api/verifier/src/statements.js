/**
 * What the service and its witnesses sign beside entries: EIP-712 statements in the domain of
 * ``EntryLog``.
 */

import { padStart, unhex, utf8, word } from "./bytes.js";
import { separator, signedDigest } from "./entries.js";
import { keccak256 } from "./hashing.js";

const CHECKPOINT = keccak256(
  utf8("Checkpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash,uint40 madeAt)"),
);
const WITNESSED = keccak256(
  utf8(
    "WitnessedCheckpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash," +
      "uint64 previousSize,bytes32 previousRoot,uint40 witnessedAt)",
  ),
);
const RECEIPT = keccak256(
  utf8(
    "Receipt(address ledger,address account,uint64 nonce,bytes32 digest,uint40 deadline," +
      "uint40 acceptedAt)",
  ),
);

/**
 * The domain in which these statements are signed.
 * @param {number} chainId
 * @param {string} address of ``EntryLog``
 * @returns {Uint8Array}
 */
export function logDomain(chainId, address) {
  return separator("EntryLog", chainId, address);
}

/**
 * The service's word: after this block the log had this size and root.
 * @param {Uint8Array} log domain
 * @param {import("./bundle.js").Checkpoint} checkpoint
 * @param {import("./headers.js").Header} header
 * @returns {string} digest
 */
export function checkpointDigest(log, { size, root, made_at }, { number, hash }) {
  return signedDigest(log, CHECKPOINT, [
    word(size),
    unhex(root),
    word(number),
    unhex(hash),
    word(made_at),
  ]);
}

/**
 * A witness's word: this log extends what I had seen.
 * @param {Uint8Array} log domain
 * @param {import("./bundle.js").Checkpoint} checkpoint
 * @param {import("./headers.js").Header} header
 * @param {import("./bundle.js").Witness} witness
 * @returns {string} digest
 */
export function witnessedDigest(log, { size, root }, { number, hash }, witness) {
  return signedDigest(log, WITNESSED, [
    word(size),
    unhex(root),
    word(number),
    unhex(hash),
    word(witness.previous_size),
    unhex(witness.previous_root),
    word(witness.witnessed_at),
  ]);
}

/**
 * The service's promise: I took this entry, and by the deadline it is recorded or refused.
 * @param {Uint8Array} log domain
 * @param {string} ledger contract's address
 * @param {string} account
 * @param {bigint} nonce
 * @param {{digest: string, deadline: number, accepted_at: number}} receipt
 * @returns {string} digest
 */
export function receiptDigest(log, ledger, account, nonce, { digest, deadline, accepted_at }) {
  return signedDigest(log, RECEIPT, [
    padStart(unhex(ledger)),
    padStart(unhex(account)),
    word(nonce),
    unhex(digest),
    word(deadline),
    word(accepted_at),
  ]);
}
