/**
 * Block headers and their seals.
 *
 * ``service``: the hash is keccak-256 of the header; the service signed a statement about it.
 * ``clique`` (EIP-225): the same hash; each header carries its sealer's signature, and a block
 * counts once more than half of the signers sealed it or one of those right behind it.
 * ``qbft`` (EEA QBFT specification): the hash has round 0 and no commit seals, which sign the header
 * with its round and without seals.
 * ``ibft`` (EIP-650, Istanbul): the hash has no commit seals, which sign it with a byte 2 behind it.
 *
 * Who may seal is the reader's to know; what a header lists is compared with it.
 */

import { concat, hex, integer, same, unhex } from "./bytes.js";
import { keccak256, keccakOf, recover, recoverSeal } from "./hashing.js";
import { decode, encode, NotRlp } from "./rlp.js";

/** A header or a seal that does not hold; ``code`` says why. */
export class HeaderError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const NO_UNCLES = keccak256(Uint8Array.of(0xc0));
const BFT_MIX = unhex("0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365");

/** Places of fields (Yellow Paper, section 4.4). */
const PARENT = 0;
const UNCLES = 1;
const MINER = 2;
const STATE = 3;
const DIFFICULTY = 7;
const NUMBER = 8;
const TIME = 11;
const EXTRA = 12;
const MIX = 13;
const NONCE = 14;

/** An integer's length, and any length, where others are a number of bytes. */
const INTEGER = -1;
const ANY = -2;
const WIDTHS = [
  ...[32, 32, 20, 32, 32, 32, 256, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, ANY, 32, 8],
  // With later forks: base fee, withdrawals, blob gas used and in excess, beacon root, requests.
  ...[INTEGER, 32, INTEGER, INTEGER, 32, 32],
];
const OLDEST = 15;
/** No header is as long, in bytes, with the seals of thousands of validators either. */
const LONGEST = 1_000_000;
const VANITY = 32;
const SEAL = 65;
const NO_VOTE = "0x0000000000000000";
const VOTE = "0xffffffffffffffff";

/**
 * @typedef {object} Header
 * @property {Uint8Array[]} fields
 * @property {string} hash by the rule that it was read by
 * @property {bigint} number
 * @property {bigint} time seconds since 1970 in UTC
 * @property {string} stateRoot
 */

/**
 * @param {Uint8Array} data RLP
 * @param {string} rule
 * @returns {Header}
 * @throws {HeaderError} ``header.malformed``
 */
export function readHeader(data, rule) {
  if (data.length > LONGEST) throw malformed();
  const items = decoded(data);
  if (!Array.isArray(items) || items.length < OLDEST || items.length > WIDTHS.length) {
    throw malformed();
  }
  const fields = items.map((item, place) => {
    if (Array.isArray(item) || !fits(item, WIDTHS[place])) throw malformed();
    return item;
  });
  return {
    fields,
    hash: hashOf(fields, rule),
    number: integer(fields[NUMBER]),
    time: integer(fields[TIME]),
    stateRoot: hex(fields[STATE]),
  };
}

/**
 * @param {Uint8Array} field
 * @param {number} width
 * @returns {boolean}
 */
function fits(field, width) {
  if (width === INTEGER) return field.length <= 32 && field[0] !== 0;
  return width === ANY || field.length === width;
}

/**
 * @param {Uint8Array[]} fields
 * @param {string} rule
 * @returns {string}
 */
function hashOf(fields, rule) {
  if (rule === "qbft") {
    const { vanity, validators, vote } = qbftExtra(fields[EXTRA]);
    // The genesis block is hashed as it stands.
    if (fields[NUMBER].length === 0) return hex(keccak256(encode(fields)));
    const none = new Uint8Array(0);
    return hex(withExtra(fields, encode([vanity, validators, vote, none, []])));
  }
  if (rule === "ibft") {
    const extra = ibftExtra(fields[EXTRA]);
    return hex(ibftDigest(fields, extra, extra.proposerSeal));
  }
  return hex(keccak256(encode(fields)));
}

/**
 * The keccak-256 of a header with another ``extraData``.
 * @param {Uint8Array[]} fields
 * @param {Uint8Array} extra
 * @returns {Uint8Array}
 */
function withExtra(fields, extra) {
  return keccak256(encode([...fields.slice(0, EXTRA), extra, ...fields.slice(EXTRA + 1)]));
}

/**
 * @param {Uint8Array} data
 * @returns {import("./rlp.js").RlpItem}
 */
function decoded(data) {
  try {
    return decode(data);
  } catch (problem) {
    if (problem instanceof NotRlp) throw malformed();
    throw problem;
  }
}

const malformed = () => new HeaderError("header.malformed");
const unsealed = () => new HeaderError("seal.signature");
const stranger = () => new HeaderError("seal.key");

// ------------------------------------------------------------------------------------ service

/**
 * That enough of the service's keys signed the digest, each once, and nobody else.
 * @param {string} digest
 * @param {string[]} signatures
 * @param {string[]} keys
 * @param {number} quorum
 * @throws {HeaderError} ``seal.signature``, ``seal.key`` or ``seal.quorum``
 */
export function checkService(digest, signatures, keys, quorum) {
  checkMembers(
    signatures.map((signature) => recover(digest, signature)),
    keys,
    quorum,
  );
}

/**
 * @param {(string | null)[]} signers null where a signature is nobody's
 * @param {string[]} known
 * @param {number} quorum
 */
function checkMembers(signers, known, quorum) {
  if (signers.includes(null) || new Set(signers).size < signers.length) throw unsealed();
  if (!signers.every((signer) => known.includes(/** @type {string} */ (signer)))) throw stranger();
  if (signers.length < quorum) throw new HeaderError("seal.quorum");
}

// ------------------------------------------------------------------------------------- clique

/**
 * That a header and those that follow it are sealed by enough of the signers.
 * @param {Header} header
 * @param {Uint8Array[]} followers RLP
 * @param {string[]} signers sorted
 * @throws {HeaderError} ``seal.signature``, ``seal.key`` or ``seal.quorum``
 */
export function checkClique(header, followers, signers) {
  const limit = Math.floor(signers.length / 2) + 1;
  /** @type {string[]} */
  const sealers = [];
  /** @type {Header | null} */
  let before = null;
  for (const at of [header, ...readFollowers(followers)]) {
    if (before && (hex(at.fields[PARENT]) !== before.hash || at.number !== before.number + 1n)) {
      throw unsealed();
    }
    if (before && at.time < before.time) throw unsealed();
    const sealer = cliqueSealer(at, signers);
    if (limit > 1 && sealers.slice(-(limit - 1)).includes(sealer)) throw unsealed();
    const inTurn = at.number % BigInt(signers.length) === BigInt(signers.indexOf(sealer));
    if (integer(at.fields[DIFFICULTY]) !== (inTurn ? 2n : 1n)) throw unsealed();
    sealers.push(sealer);
    before = at;
  }
  if (new Set(sealers).size < limit) throw new HeaderError("seal.quorum");
}

/**
 * @param {Uint8Array[]} headers
 * @returns {Header[]}
 */
function readFollowers(headers) {
  try {
    return headers.map((raw) => readHeader(raw, "clique"));
  } catch (problem) {
    if (problem instanceof HeaderError) throw unsealed();
    throw problem;
  }
}

/**
 * @param {Header} header
 * @param {string[]} signers
 * @returns {string}
 */
function cliqueSealer({ fields }, signers) {
  const extra = fields[EXTRA];
  if (!same(fields[UNCLES], NO_UNCLES) || !isZero(fields[MIX])) throw unsealed();
  const nonce = hex(fields[NONCE]);
  if (nonce !== NO_VOTE && nonce !== VOTE) throw unsealed();
  if (extra.length < VANITY + SEAL) throw unsealed();
  const end = extra.length - SEAL;
  const sealer = recoverSeal(withExtra(fields, extra.subarray(0, end)), extra.subarray(end));
  if (sealer === null) throw unsealed();
  const listed = extra.subarray(VANITY, end);
  if (!signers.includes(sealer)) throw stranger();
  if (listed.length) {
    if (!same(listed, concat(signers.map(unhex)))) throw stranger();
    if (!isZero(fields[MINER]) || nonce !== NO_VOTE) throw unsealed();
  }
  return sealer;
}

/**
 * @param {Uint8Array} bytes
 * @returns {boolean}
 */
function isZero(bytes) {
  return bytes.every((byte) => byte === 0);
}

// --------------------------------------------------------------------------------- qbft, ibft

/**
 * That enough of the validators committed to a QBFT header.
 * @param {Header} header
 * @param {string[]} validators sorted
 * @throws {HeaderError} ``seal.signature``, ``seal.key`` or ``seal.quorum``
 */
export function checkQbft({ fields }, validators) {
  const extra = qbftExtra(fields[EXTRA]);
  checkBft(fields, extra.validators, validators);
  if (!validators.includes(hex(fields[MINER]))) throw stranger();
  const { vanity, vote, round } = extra;
  const digest = withExtra(fields, encode([vanity, extra.validators, vote, round, []]));
  checkCommits(digest, extra.seals, validators);
}

/**
 * The same for Istanbul.
 * @param {Header} header
 * @param {string[]} validators sorted
 */
export function checkIbft({ fields, hash }, validators) {
  const extra = ibftExtra(fields[EXTRA]);
  checkBft(fields, extra.validators, validators);
  // The proposer signed the hash of the header without any seal, hashed once more.
  const proposed = keccak256(ibftDigest(fields, extra, new Uint8Array(0)));
  const proposer = recoverSeal(proposed, extra.proposerSeal);
  if (proposer === null) throw unsealed();
  if (!validators.includes(proposer)) throw stranger();
  checkCommits(keccakOf(unhex(hash), Uint8Array.of(2)), extra.seals, validators);
}

/**
 * @param {Uint8Array} digest
 * @param {Uint8Array[]} seals
 * @param {string[]} validators
 */
function checkCommits(digest, seals, validators) {
  // Two thirds of them, rounded up.
  const quorum = Math.ceil((2 * validators.length) / 3);
  checkMembers(
    seals.map((seal) => recoverSeal(digest, seal)),
    validators,
    quorum,
  );
}

/**
 * @param {Uint8Array[]} fields
 * @param {Uint8Array[]} listed
 * @param {string[]} validators
 */
function checkBft(fields, listed, validators) {
  if (!same(fields[MIX], BFT_MIX) || hex(fields[DIFFICULTY]) !== "0x01") throw unsealed();
  if (listed.length && listed.map(hex).join() !== validators.join()) throw stranger();
}

/** @param {Uint8Array} data */
function qbftExtra(data) {
  const items = decoded(data);
  if (!Array.isArray(items) || items.length !== 5) throw malformed();
  const [vanity, validators, vote, round, seals] = items;
  if (!(vanity instanceof Uint8Array) || vanity.length !== VANITY) throw malformed();
  if (!(round instanceof Uint8Array) || !fits(round, INTEGER)) throw malformed();
  if (!Array.isArray(vote) || vote.some(Array.isArray)) throw malformed();
  return { vanity, validators: sized(validators, 20), vote, round, seals: sized(seals, SEAL) };
}

/**
 * @typedef {object} IbftExtra
 * @property {Uint8Array} vanity
 * @property {Uint8Array[]} validators
 * @property {Uint8Array} proposerSeal
 * @property {Uint8Array[]} seals
 *
 * @param {Uint8Array} data
 * @returns {IbftExtra}
 */
function ibftExtra(data) {
  const items = decoded(data.subarray(VANITY));
  if (!Array.isArray(items) || items.length !== 3) throw malformed();
  const [validators, proposerSeal, seals] = items;
  if (!(proposerSeal instanceof Uint8Array)) throw malformed();
  return {
    vanity: data.subarray(0, VANITY),
    validators: sized(validators, 20),
    proposerSeal,
    seals: sized(seals, SEAL),
  };
}

/**
 * @param {Uint8Array[]} fields
 * @param {IbftExtra} extra
 * @param {Uint8Array} proposerSeal
 * @returns {Uint8Array}
 */
function ibftDigest(fields, { vanity, validators }, proposerSeal) {
  return withExtra(fields, concat([vanity, encode([validators, proposerSeal, []])]));
}

/**
 * A list of byte strings of this length.
 * @param {import("./rlp.js").RlpItem} items
 * @param {number} size
 * @returns {Uint8Array[]}
 */
function sized(items, size) {
  if (!Array.isArray(items)) throw malformed();
  return items.map((item) => {
    if (Array.isArray(item) || item.length !== size) throw malformed();
    return item;
  });
}
