/**
 * The form of an evidence bundle: nothing missing, nothing more, every list in its one order.
 *
 * What is read keeps the bundle's own member names; base64 has become bytes, hashes, addresses and
 * signatures stay 0x hex.
 */

import { isHex, unb64 } from "./bytes.js";
import { isBounded, parse } from "./canonical.js";
import { remembering } from "./memory.js";

export const FORMAT = "suyuan evidence 1";

/** The kinds whose claim is an answer, which is judged again. */
export const JUDGED = ["standing", "non-revocation", "trace", "verdict"];
export const KINDS = ["entry", ...JUDGED, "absence", "consistency"];

/** How many entries, bare leaves and chains there may be, of each. */
const MOST_PARTS = 50_000;
/** How many trie nodes. */
const MOST_NODES = 200_000;
/** How many signatures, of all entries together: they are what takes long. */
const MOST_SIGNATURES = 60_000;
/** How many of anything else: signatures, sealed headers, witnesses, subjects, contracts. */
const MOST_MEMBERS = 255;

/** A bundle that has not the form; ``code`` says in which way. */
export class FormError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @typedef {object} Seal
 * @property {"service" | "clique" | "qbft" | "ibft"} rule
 * @property {string[]} signatures of the service
 * @property {Uint8Array[]} headers that follow (Clique)
 *
 * @typedef {object} Witness
 * @property {string} account
 * @property {number} previous_size
 * @property {string} previous_root
 * @property {number} witnessed_at
 * @property {string} signature
 *
 * @typedef {object} Checkpoint
 * @property {number} size
 * @property {string} root
 * @property {Uint8Array} header
 * @property {number} made_at
 * @property {Seal} seal
 * @property {Witness[]} witnesses
 *
 * @typedef {object} ShownEntry
 * @property {string} action
 * @property {any} message
 * @property {string[]} signatures
 * @property {number} sequence
 * @property {number} recorded_at
 * @property {string[]} subjects
 * @property {string[]} previous
 * @property {Uint8Array | null} path
 *
 * @typedef {object} BareLeaf
 * @property {number} sequence
 * @property {number} recorded_at
 * @property {string} contract
 * @property {string} digest
 * @property {string} signers
 * @property {string[]} subjects
 * @property {string[]} previous
 * @property {Uint8Array} path
 *
 * @typedef {object} Chain
 * @property {string} subject
 * @property {number | null} next
 *
 * @typedef {object} Bundle
 * @property {string} kind
 * @property {{chain_id: number, genesis: string, contracts: Record<string, string>}} ledger
 * @property {Checkpoint} checkpoint
 * @property {Uint8Array[]} nodes
 * @property {ShownEntry[]} entries
 * @property {BareLeaf[]} leaves
 * @property {Chain[]} chains
 * @property {any} claim
 * @property {any} stated the claim as it stands in the bundle
 */

/** @typedef {(value: any) => any} Reader a form: returns what is read, or throws FormError */

/** @returns {FormError} */
function wrong() {
  return new FormError("form.schema");
}

/**
 * @param {any} value
 * @returns {boolean}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * An object with exactly these members.
 * @param {Record<string, Reader>} forms
 * @returns {Reader}
 */
function object(forms) {
  const names = Object.keys(forms);
  return (value) => {
    if (!isObject(value) || Object.keys(value).length !== names.length) throw wrong();
    /** @type {Record<string, any>} */
    const read = {};
    for (const name of names) {
      if (!Object.hasOwn(value, name)) throw wrong();
      read[name] = forms[name](value[name]);
    }
    return read;
  };
}

/**
 * @param {(value: any) => boolean} test
 * @returns {Reader}
 */
function plain(test) {
  return (value) => {
    if (!test(value)) throw wrong();
    return value;
  };
}

/**
 * @param {Reader} form
 * @param {number} [most]
 * @returns {Reader}
 */
function list(form, most = MOST_MEMBERS) {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) throw wrong();
    return value.map(form);
  };
}

/**
 * A list that stands in strictly ascending order of this member.
 * @param {Reader} form
 * @param {string} member
 * @param {number} [most]
 * @returns {Reader}
 */
function sorted(form, member, most = MOST_MEMBERS) {
  const each = list(form, most);
  return (value) => {
    const items = each(value);
    for (let i = 1; i < items.length; i++) {
      if (!(items[i - 1][member] < items[i][member])) throw wrong();
    }
    return items;
  };
}

/**
 * @param {Reader} form
 * @returns {Reader}
 */
function nullable(form) {
  return (value) => (value === null ? null : form(value));
}

/**
 * @param {...string} words
 * @returns {Reader}
 */
function oneOf(...words) {
  return plain((value) => words.includes(value));
}

// Numbers were bounded when the JSON was read.
const integer = plain((value) => typeof value === "number");
const text = plain((value) => typeof value === "string");
const anyObject = plain(isObject);
const hash = plain((value) => isHex(value, 32));
const address = plain((value) => isHex(value, 20));
const signature = plain((value) => isHex(value, 64));

// One text gives one array, so that what is worked out of it can be remembered with it.
const bytesOf = remembering(unb64);

/** @type {Reader} */
const base64 = (value) => {
  const bytes = typeof value === "string" ? bytesOf(value) : null;
  if (bytes === null) throw wrong();
  return bytes;
};

/** @type {Reader} */
const path = (value) => {
  const bytes = base64(value);
  if (bytes.length % 32) throw wrong();
  return bytes;
};

/** @type {Reader} */
const signatures = (value) => {
  const read = list(signature)(value);
  if (read.length === 0) throw wrong();
  return read;
};

/** @type {Reader} */
const nonce = (value) => {
  if (typeof value !== "string" || !/^(0|[1-9][0-9]{0,77})$/.test(value)) throw wrong();
  const number = BigInt(value);
  if (number >> 64n) throw wrong();
  return number;
};

/**
 * An object whose members have any name and this form.
 * @param {Reader} form
 * @returns {Reader}
 */
function mapping(form) {
  return (value) => {
    if (!isObject(value)) throw wrong();
    Object.keys(value).forEach((name) => form(value[name]));
    return value;
  };
}

/** @type {Reader} */
const contracts = (value) => {
  const read = mapping(address)(value);
  if (!Object.hasOwn(read, "EntryLog") || Object.keys(read).length > MOST_MEMBERS) throw wrong();
  return read;
};

/** @type {Record<string, Reader>} */
const SEALS = {
  service: object({ rule: text, signatures }),
  clique: object({ rule: text, headers: list(base64) }),
  qbft: object({ rule: text }),
  ibft: object({ rule: text }),
};

/** @type {Reader} */
const seal = (value) => {
  const rule = isObject(value) && Object.hasOwn(value, "rule") ? value.rule : null;
  if (typeof rule !== "string" || !Object.hasOwn(SEALS, rule)) throw wrong();
  return { signatures: [], headers: [], ...SEALS[rule](value) };
};

const checkpoint = object({
  size: integer,
  root: hash,
  header: base64,
  made_at: integer,
  seal,
  witnesses: sorted(
    object({
      account: address,
      previous_size: integer,
      previous_root: hash,
      witnessed_at: integer,
      signature,
    }),
    "account",
  ),
});

const moved = {
  sequence: integer,
  recorded_at: integer,
  subjects: list(hash),
  previous: list(hash),
};

/**
 * @param {Reader} form
 * @returns {Reader}
 */
function withHeads(form) {
  return (value) => {
    const read = form(value);
    if (!read.subjects.length || read.previous.length !== read.subjects.length) throw wrong();
    return read;
  };
}

const entry = { ...moved, action: text, message: anyObject, signatures };
const entryInChain = withHeads(object(entry));
const entryWithPath = withHeads(object({ ...entry, path }));

/** @type {Reader} */
const shownEntry = (value) =>
  isObject(value) && Object.hasOwn(value, "path")
    ? entryWithPath(value)
    : { ...entryInChain(value), path: null };

const bareLeaf = withHeads(
  object({ ...moved, contract: address, digest: hash, signers: hash, path }),
);

const clock = oneOf("recorded", "published");
const freshness = object({ default: integer, registers: mapping(integer) });

/** @type {Reader} */
const interval = (value) => {
  if (!Array.isArray(value) || value.length !== 2) throw wrong();
  return value.map(integer);
};

/** @type {Reader} */
const verdictQuestion = (value) => {
  anyObject(value);
  integer(Object.hasOwn(value, "known_at") ? value.known_at : null);
  return value;
};

/** @type {Record<string, Reader>} */
const CLAIMS = {
  entry: object({ sequence: integer }),
  standing: object({
    organisation: address,
    category: text,
    model: text,
    at: interval,
    known_at: integer,
    clock,
    position: integer,
    freshness,
    answer: anyObject,
  }),
  "non-revocation": object({
    qualification: hash,
    at: integer,
    known_at: integer,
    position: integer,
    freshness,
    answer: anyObject,
  }),
  trace: object({
    lot: hash,
    direction: oneOf("back", "forward"),
    at: nullable(integer),
    known_at: integer,
    clock,
    position: integer,
    upto: integer,
    freshness,
    answer: anyObject,
  }),
  verdict: object({
    question: verdictQuestion,
    policy: anyObject,
    position: integer,
    answer: anyObject,
  }),
  absence: object({
    contract: text,
    account: address,
    nonce,
    digest: nullable(hash),
    receipt: nullable(object({ digest: hash, deadline: integer, accepted_at: integer, signature })),
  }),
  consistency: object({ earlier: checkpoint, path }),
};

/**
 * A bundle of a kind without the claim.
 * @param {string} kind
 */
function bundleOf(kind) {
  return object({
    format: text,
    kind: text,
    ledger: object({ chain_id: integer, genesis: hash, contracts }),
    checkpoint,
    nodes: list(base64, MOST_NODES),
    entries: sorted(shownEntry, "sequence", MOST_PARTS),
    leaves: sorted(bareLeaf, "sequence", MOST_PARTS),
    chains: sorted(object({ subject: hash, next: nullable(integer) }), "subject", MOST_PARTS),
    claim: CLAIMS[kind],
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {Bundle}
 * @throws {FormError}
 */
export function readBundle(bytes) {
  if (!isBounded(bytes)) throw new FormError("form.size");
  let value;
  try {
    value = parse(bytes);
  } catch {
    throw new FormError("form.json");
  }
  /** @type {(name: string) => any} */
  const member = (name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : null);
  const kind = member("kind");
  if (member("format") !== FORMAT || !KINDS.includes(kind)) throw new FormError("form.version");
  const bundle = { ...bundleOf(kind)(value), stated: value.claim };
  checkParts(bundle);
  return bundle;
}

/**
 * That not too many signed; which parts a kind has; an entry is not shown a second time as a bare leaf; whose absence is
 * claimed is an entry for a contract that is named, and is told by the receipt alone.
 * @param {Bundle} bundle
 */
function checkParts({ kind, ledger, entries, leaves, chains, claim }) {
  const signed = entries.reduce((sum, { signatures }) => sum + signatures.length, 0);
  if (signed > MOST_SIGNATURES) throw wrong();
  if (JUDGED.includes(kind)) {
    const shown = new Set(entries.map(({ sequence }) => sequence));
    if (leaves.some(({ sequence }) => shown.has(sequence))) throw wrong();
    return;
  }
  if (leaves.length || chains.length) throw wrong();
  if (kind === "entry") {
    const [only] = entries;
    if (entries.length !== 1 || only.path === null || only.sequence !== claim.sequence) {
      throw wrong();
    }
  } else if (entries.length) throw wrong();
  if (kind === "absence") {
    const { contract, digest, receipt } = claim;
    if (contract === "EntryLog" || !Object.hasOwn(ledger.contracts, contract)) throw wrong();
    if (digest !== (receipt === null ? null : receipt.digest)) throw wrong();
  }
}
