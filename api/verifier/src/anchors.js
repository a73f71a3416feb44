/**
 * What a verifier trusts: the anchors file. A file that is none is its holder's mistake, never bad
 * evidence.
 */

import { readPolicy } from "../judging/policy.js";
import { QuestionError } from "../judging/question.js";
import { MAX_BYTES, NotCanonical, write } from "./canonical.js";

export const FORMAT = "suyuan anchors 1";

/** What is wrong with the anchors: in both languages, and where. */
export class AnchorsError extends Error {
  /**
   * @param {string} where member, empty for the whole
   * @param {string} en
   * @param {string} zh
   */
  constructor(where, en, zh) {
    const place = where ? `anchors.${where}` : "anchors";
    super(`${place}: ${en}`);
    this.en = this.message;
    this.zh = `${place}：${zh}`;
    this.field = place;
    this.code = "anchors.form";
  }
}

/**
 * @typedef {object} Founding what the deployment laid down before any entry, member by member
 * @property {string} organisation
 * @property {string} identifier_kind
 * @property {string} identifier
 * @property {string} name_zh
 * @property {string} name_en
 * @property {string[]} accounts
 * @property {number} quorum
 * @property {number} max_lateness seconds
 * @property {number} founded_at
 *
 * @typedef {object} Anchors
 * @property {number} chain_id
 * @property {string} genesis
 * @property {Map<string, {address: string, code_hash: string}>} contracts
 * @property {Founding} founding
 * @property {{rule: string, accounts: string[], quorum: number}} seal accounts are sorted
 * @property {string[]} receipts
 * @property {{account: string, name: string}[]} witnesses
 * @property {number} witness_quorum
 * @property {{size: number, root: string, block_hash: string}[]} checkpoints
 * @property {{text: string, freshness: string}[]} policies by which a claim may be judged: the
 *   document, and its freshness of registers as claims have it, each as canonical JSON
 */

/** What the accounts of a rule are called. */
const ACCOUNTS = new Map([
  ["service", "keys"],
  ["clique", "signers"],
  ["qbft", "validators"],
  ["ibft", "validators"],
]);

/** @typedef {(where: string, value: any) => any} Reader */

/** @type {Reader} */
const integer = (where, value) => {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new AnchorsError(
    where,
    "must be a whole number from 0 to 2^53 - 1",
    "须为 0 到 2^53 - 1 的整数",
  );
};

/** @type {Reader} */
const text = (where, value) => {
  if (typeof value === "string" && value.isWellFormed()) return value;
  throw new AnchorsError(where, "must be a text", "须为文本");
};

/**
 * @param {number} size
 * @returns {Reader}
 */
function bytes(size) {
  return (where, value) => {
    if (typeof value === "string" && value.length === 2 + 2 * size) {
      if (/^0x[0-9a-fA-F]*$/.test(value)) return value.toLowerCase();
    }
    throw new AnchorsError(
      where,
      `must be ${size} bytes as 0x hex`,
      `须为 ${size} 字节的 0x 十六进制`,
    );
  };
}

const address = bytes(20);
const hash = bytes(32);

/**
 * @param {Reader} form
 * @returns {Reader}
 */
function list(form) {
  return (where, value) => {
    if (!Array.isArray(value)) throw new AnchorsError(where, "must be a list", "须为列表");
    return value.map((item, i) => form(`${where}.${i}`, item));
  };
}

/**
 * An object with exactly these members.
 * @param {Record<string, Reader>} forms
 * @returns {Reader}
 */
function object(forms) {
  return (where, value) => {
    const within = where ? `${where}.` : "";
    requireObject(where, value);
    for (const name of Object.keys(forms)) {
      if (!Object.hasOwn(value, name)) throw new AnchorsError(within + name, "is missing", "缺失");
    }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(forms, name)) {
        throw new AnchorsError(within + name, "is not known", "未知");
      }
    }
    return Object.fromEntries(
      Object.entries(forms).map(([name, form]) => [name, form(within + name, value[name])]),
    );
  };
}

/**
 * @param {string} where
 * @param {any} value
 */
function requireObject(where, value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AnchorsError(where, "must be an object", "须为对象");
  }
}

/** @type {Reader} */
const format = (where, value) => {
  if (value === FORMAT) return value;
  throw new AnchorsError(where, `must be '${FORMAT}'`, `须为 '${FORMAT}'`);
};

const contract = object({ address, code_hash: hash });

/** @type {Reader} */
const contracts = (where, value) => {
  requireObject(where, value);
  const found = new Map(
    Object.entries(value).map(([name, item]) => [name, contract(`${where}.${name}`, item)]),
  );
  for (const needed of ["EntryLog", "ParticipantRegistry"]) {
    if (!found.has(needed)) throw new AnchorsError(`${where}.${needed}`, "is missing", "缺失");
  }
  return found;
};

/** @type {Reader} */
const seal = (where, value) => {
  requireObject(where, value);
  const member = ACCOUNTS.get(value.rule);
  if (member === undefined) {
    const known = [...ACCOUNTS.keys()].join(", ");
    throw new AnchorsError(`${where}.rule`, `must be one of ${known}`, `须为 ${known} 之一`);
  }
  const service = value.rule === "service";
  const read = object({
    rule: text,
    [member]: list(address),
    ...(service ? { quorum: integer } : {}),
  })(where, value);
  const accounts = read[member].sort();
  if (!accounts.length || new Set(accounts).size < accounts.length) {
    throw new AnchorsError(
      `${where}.${member}`,
      "must name accounts, each once",
      "须列出账户，且不得重复",
    );
  }
  if (service && !(read.quorum >= 1 && read.quorum <= accounts.length)) {
    throw new AnchorsError(
      `${where}.quorum`,
      "must be from 1 to the number of keys",
      "须为 1 到密钥数目",
    );
  }
  return { rule: value.rule, accounts, quorum: service ? read.quorum : 0 };
};

/** @type {Reader} */
const policy = (where, value) => {
  requireObject(where, value);
  try {
    return { text: write(value), freshness: write(readPolicy(value).freshness) };
  } catch (problem) {
    if (!(problem instanceof QuestionError || problem instanceof NotCanonical)) throw problem;
    throw new AnchorsError(where, "is not a policy", "不是策略");
  }
};

const anchors = object({
  format,
  chain_id: integer,
  genesis: hash,
  contracts,
  founding: object({
    organisation: address,
    identifier_kind: text,
    identifier: text,
    name_zh: text,
    name_en: text,
    accounts: list(address),
    quorum: integer,
    max_lateness: integer,
    founded_at: integer,
  }),
  seal,
  receipts: list(address),
  witnesses: list(object({ account: address, name: text })),
  witness_quorum: integer,
  checkpoints: list(object({ size: integer, root: hash, block_hash: hash })),
  policies: list(policy),
});

/**
 * @param {Uint8Array} data the file
 * @returns {Anchors}
 * @throws {AnchorsError}
 */
export function readAnchors(data) {
  if (data.length > MAX_BYTES) {
    throw new AnchorsError("", `is longer than ${MAX_BYTES} bytes`, `超过 ${MAX_BYTES} 字节`);
  }
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
  } catch {
    throw new AnchorsError("", "is not JSON", "不是 JSON");
  }
  const read = anchors("", value);
  const accounts = new Set(read.witnesses.map((/** @type {any} */ witness) => witness.account));
  if (accounts.size < read.witnesses.length) {
    throw new AnchorsError("witnesses", "names an account twice", "同一账户出现两次");
  }
  if (read.witness_quorum > accounts.size) {
    throw new AnchorsError("witness_quorum", "is more than there are witnesses", "多于见证方数目");
  }
  return read;
}
