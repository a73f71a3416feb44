/**
 * What the ledger was told about suppliers, as plain facts, and what follows from them at once.
 *
 * Bytes are lower-case 0x hex throughout (so they sort as the bytes do), instants are seconds since
 * 1970. Every fact keeps who stated it and when it could be known; which facts count as known is
 * for each question to choose. Facts stand in the order of the ledger.
 *
 * @typedef {Object} Stated who stated a fact, and when it could be known
 * @property {number} sequence -1 for what the deployment itself laid down
 * @property {number} recorded the time of the block
 * @property {number|null} published the register's day, for what a mirror says
 * @property {string} author the organisation of the first signer
 * @property {string[]} signers accounts
 *
 * @typedef {Object} Organisation
 * @property {string} id
 * @property {string} identifierKind
 * @property {string} identifier
 * @property {{stated: Stated, status: number, roles: number}[]} changes how it came onto the
 *   ledger first
 *
 * @typedef {Object} Account
 * @property {string} address
 * @property {string} organisation
 * @property {number} roles
 * @property {{stated: Stated, since: number}[]} compromises declared, each from a time on
 *
 * @typedef {{stated: Stated, start: number, end: number}} Period
 *
 * @typedef {Object} Terms what a qualification says of itself; 0 in a date: not stated
 * @property {Stated} stated
 * @property {number} validFrom
 * @property {number} validUntil
 * @property {string} document
 * @property {string} number
 *
 * @typedef {Object} Qualification
 * @property {string} id
 * @property {Stated} stated
 * @property {string} way
 * @property {string} holder
 * @property {string} author
 * @property {string} category
 * @property {string} model "" where it covers its category
 * @property {string} kind
 * @property {Terms[]} terms those at its creation, then the editor's
 * @property {string} number of the last terms
 * @property {string} publication "" unless mirrored
 * @property {string} register "" unless mirrored
 * @property {number} withdrawnFrom 0 unless a register lists it as withdrawn
 * @property {{stated: Stated, state: string}[]} steps
 * @property {{stated: Stated, state: string, effective: number}[]} changes
 * @property {{stated: Stated, published: number}[]} delistings
 *
 * @typedef {Object} Publication
 * @property {string} id
 * @property {Stated} stated
 * @property {string} register
 * @property {number} published
 * @property {bigint} rows 0 for a mere notice
 *
 * @typedef {Object} Inspection a laboratory's report on a lot; the laboratory is the author
 * @property {Stated} stated
 * @property {string} digest
 * @property {string} lot
 * @property {string} maker
 * @property {number} sampledAt
 * @property {number} happenedAt
 * @property {number} result 1 passed, 2 failed, 3 inconclusive
 * @property {string} document
 * @property {string} standard the kind for which the laboratory must be accredited
 * @property {string} number
 * @property {Mark[]} marks
 *
 * @typedef {{what: string, value: string}} Mark by what a copy is recognised: "document", "number"
 *   or "report"
 */

import { hex, padEnd, unhex } from "../src/bytes.js";
import { byCodePoint } from "../src/canonical.js";
import { keccakOf, keccakText } from "../src/hashing.js";
import { append, CLOCK, isBlank, ORGANISATION, WAY } from "./words.js";

/**
 * Whether a fact counts as known at `knownAt` by this clock. What a register had published by then
 * may be taken for known even if it was mirrored later.
 * @param {Stated} stated
 * @param {number} knownAt
 * @param {string} clock
 */
export function known(stated, knownAt, clock) {
  if (stated.recorded <= knownAt) return true;
  return clock === CLOCK.PUBLISHED && stated.published !== null && stated.published <= knownAt;
}

/** One map key for a mark. */
export const markKey = (mark) => mark.what + mark.value;

const isZero = (hex) => /^0x0*$/.test(hex);

/**
 * By what a qualification with these terms can be recognised as a copy.
 * @returns {Mark[]}
 */
export function marksOf(kind, document, number) {
  const found = [];
  if (!isZero(document)) found.push({ what: "document", value: document });
  if (!isBlank(number)) {
    found.push({ what: "number", value: hex(keccakOf(keccakText(kind), keccakText(number))) });
  }
  return found;
}

/**
 * By what a report can be recognised: its document, and its number among those of the same
 * laboratory and standard, for every laboratory counts its own.
 * @returns {Mark[]}
 */
export function reportMarks(author, standard, document, number) {
  const found = marksOf("", document, "");
  if (!isBlank(number)) {
    const value = keccakOf(padEnd(unhex(author)), keccakText(standard), keccakText(number));
    found.push({ what: "report", value: hex(value) });
  }
  return found;
}

/**
 * The id of the alarm that two parties use one mark, whichever came first.
 * @param {Mark} mark
 * @param {string} first
 * @param {string} second
 */
export function alarmId(mark, first, second) {
  // Sorted before they are filled up; an organisation and a lot of its own differ in length.
  const parties = [first, second].sort();
  const filled = parties.map((party) => padEnd(unhex(party)));
  return hex(keccakOf(keccakText("alarm"), keccakText(mark.what), unhex(mark.value), ...filled));
}

/** The organisation came onto the ledger because others state things about it. */
export const isListed = (organisation) => organisation.changes[0].status === ORGANISATION.LISTED;

/**
 * Whether the qualification is for this model, compared whole, in one of these categories.
 * @param {Qualification} q
 * @param {string[]} lineage
 * @param {string} model
 */
export const covers = (q, lineage, model) =>
  (q.model === "" || q.model === model) && lineage.includes(q.category);

/** Everything needed to judge. */
export class History {
  /**
   * @param {number} position how many entries of the ledger it stands on
   * @param {Object} facts as `folding.js` collects them
   */
  constructor(position, facts) {
    this.position = position;
    /** @type {Map<string, Organisation>} */
    this.organisations = facts.organisations;
    /** @type {Map<string, Account>} */
    this.accounts = facts.accounts;
    /** @type {Map<string, Period[]>} by organisation + kind */
    this.accreditations = facts.accreditations;
    /** @type {{stated: Stated, pair: string[], same: boolean}[]} */
    this.links = facts.links;
    /** @type {Map<string, {stated: Stated, parent: string}[]>} */
    this.categories = facts.categories;
    /** @type {Map<string, {category: string, kind: string, periods: Period[]}>} */
    this.requirements = facts.requirements;
    /** @type {Map<string, {stated: Stated, register: string, effective: number}[]>} by kind */
    this.endings = facts.endings;
    /** @type {Map<string, Publication>} */
    this.publications = facts.publications;
    /** @type {Map<string, Qualification>} */
    this.qualifications = facts.qualifications;
    this.capacities = facts.capacities;
    /** @type {Map<string, {stated: Stated, account: string}[]>} by alarm */
    this.closings = facts.closings;
    /** @type {Inspection[]} */
    this.inspections = facts.inspections;
    this.recalls = facts.recalls;
    this._kept = new Map();
  }

  /** What is worked out once, when it is first asked for. */
  _once(name, make) {
    if (!this._kept.has(name)) this._kept.set(name, make());
    return this._kept.get(name);
  }

  /** @returns {Map<string, Qualification[]>} by holder, oldest first */
  get held() {
    return this._once("held", () => {
      const held = new Map();
      for (const q of this.qualifications.values()) append(held, q.holder, q);
      return held;
    });
  }

  /**
   * The publications that list rows, by mirror + register, oldest first. A notice without rows says
   * nothing of the rows, so it does not keep them fresh.
   * @returns {Map<string, Publication[]>}
   */
  get issues() {
    return this._once("issues", () => {
      const issues = new Map();
      const inOrder = [...this.publications.values()].sort(
        (a, b) => a.published - b.published || byCodePoint(a.id, b.id),
      );
      for (const p of inOrder) {
        if (p.rows !== 0n) append(issues, p.stated.author + p.register, p);
      }
      return issues;
    });
  }

  /** The rows that a register lists as withdrawn, under `rowKey`. */
  get removed() {
    return this._once("removed", () => {
      const removed = new Map();
      for (const q of this.qualifications.values()) {
        if (q.withdrawnFrom) append(removed, rowKey(q), q);
      }
      return removed;
    });
  }

  /**
   * The marks that several holders use, each with its uses, oldest first. Registers list one number
   * under many private labels, and one notice of the authority may waive for many firms: so
   * mirrored qualifications and waivers are no copies of anything.
   * @returns {{mark: Mark, uses: {q: Qualification, stated: Stated}[]}[]}
   */
  get sharedMarks() {
    return this._once("sharedMarks", () => {
      const found = new Map();
      for (const { q, terms } of this._shown()) {
        for (const mark of marksOf(q.kind, terms.document, terms.number)) {
          const key = markKey(mark);
          if (!found.has(key)) found.set(key, { mark, uses: [] });
          found.get(key).uses.push({ q, stated: terms.stated });
        }
      }
      const shared = [...found.values()].filter(
        ({ uses }) => new Set(uses.map((use) => use.q.holder)).size > 1,
      );
      for (const { uses } of shared) uses.sort((a, b) => a.stated.sequence - b.stated.sequence);
      return shared;
    });
  }

  /** @returns {Map<string, {q: Qualification, terms: Terms}[]>} by the document that they show */
  get documentUses() {
    return this._once("documentUses", () => {
      const found = new Map();
      for (const use of this._shown()) append(found, use.terms.document, use);
      return found;
    });
  }

  *_shown() {
    for (const q of this.qualifications.values()) {
      if (q.way === WAY.ISSUED || q.way === WAY.REVIEWED) {
        for (const terms of q.terms) yield { q, terms };
      }
    }
  }

  /** @returns {Map<string, Inspection[]>} by lot, oldest first */
  get reports() {
    return this._once("reports", () => {
      const found = new Map();
      for (const report of this.inspections) append(found, report.lot, report);
      return found;
    });
  }

  /** @returns {Map<string, {mark: Mark, reports: Inspection[]}>} oldest first */
  get reportUses() {
    return this._once("reportUses", () => {
      const found = new Map();
      for (const report of this.inspections) {
        for (const mark of report.marks) {
          const key = markKey(mark);
          if (!found.has(key)) found.set(key, { mark, reports: [] });
          found.get(key).reports.push(report);
        }
      }
      return found;
    });
  }

  /** @returns {Map<string, {stated: Stated, since: number}[]>} by account */
  get compromised() {
    return this._once("compromised", () => {
      const found = new Map();
      for (const account of this.accounts.values()) {
        if (account.compromises.length) found.set(account.address, account.compromises);
      }
      return found;
    });
  }

  /**
   * The declaration that makes an entry suspect, if one is known. The recording counts and not the
   * time that the entry claims, for a thief can claim any. What a register had published by
   * `knownAt` may have been recorded after it: then every later declaration counts.
   * @param {Stated} stated
   * @param {number} knownAt
   * @returns {{stated: Stated, since: number}|null}
   */
  suspicion(stated, knownAt) {
    const hindsight = stated.recorded > knownAt;
    for (const signer of stated.signers) {
      for (const declared of this.compromised.get(signer) ?? []) {
        const inside =
          declared.since <= stated.recorded && stated.sequence < declared.stated.sequence;
        if (inside && (hindsight || declared.stated.recorded <= knownAt)) return declared;
      }
    }
    return null;
  }

  /**
   * Whether the organisation was accredited for the kind at `at`. The latest accreditation that
   * begins by then decides: a renewal does not erase the past, and an earlier end counts. One that
   * was signed with a compromised key does not count.
   */
  accredited(organisation, kind, at, knownAt) {
    const periods = this.accreditations.get(organisation + kind) ?? [];
    for (const period of [...periods].reverse()) {
      const counts = period.stated.recorded <= knownAt && period.start <= at;
      if (counts && this.suspicion(period.stated, knownAt) === null) return at < period.end;
    }
    return false;
  }

  /**
   * The organisation first, then those decided to be one firm with it. The last decision about a
   * pair holds; one that was signed with a compromised key does not count.
   * @param {string} organisation
   * @param {number} knownAt
   * @returns {string[]}
   */
  firm(organisation, knownAt) {
    const decided = new Map();
    for (const link of this.links) {
      if (link.stated.recorded <= knownAt && this.suspicion(link.stated, knownAt) === null) {
        decided.set(link.pair.join(), link);
      }
    }
    const same = [...decided.values()].filter((link) => link.same);
    const firm = new Set([organisation]);
    for (const member of firm) {
      for (const { pair } of same) if (pair.includes(member)) pair.forEach((one) => firm.add(one));
    }
    firm.delete(organisation);
    return [organisation, ...[...firm].sort()];
  }

  /**
   * The category and its ancestors, nearest first.
   * @returns {string[]}
   */
  lineage(category, knownAt) {
    const line = [category];
    for (;;) {
      const said = (this.categories.get(line.at(-1)) ?? []).filter(
        (statement) => statement.stated.recorded <= knownAt,
      );
      const parent = said.at(-1)?.parent;
      if (!parent || line.includes(parent)) return line;
      line.push(parent);
    }
  }

  /**
   * The kinds that these categories require at any instant of the interval, by name, each with the
   * requirement. The latest one that begins by an instant decides for it; one without a stated end
   * holds until another takes its place.
   * @returns {Map<string, Period>}
   */
  requiredKinds(lineage, start, end, knownAt) {
    const found = new Map();
    for (const { category, kind, periods } of this.requirements.values()) {
      if (!lineage.includes(category)) continue;
      let limit = end; // from here on a later requirement decides
      const known = periods.filter((period) => period.stated.recorded <= knownAt);
      for (const period of known.reverse()) {
        const first = Math.max(start, period.start);
        if (first < limit && (period.end === 0 || first < period.end)) {
          if (!found.has(kind)) found.set(kind, period);
          break;
        }
        limit = Math.min(limit, period.start);
        if (limit <= start) break;
      }
    }
    return new Map([...found].sort(([a], [b]) => byCodePoint(a, b)));
  }
}

/**
 * What makes two rows of one mirror's register the same thing.
 * @param {Qualification} q
 */
export const rowKey = (q) => JSON.stringify([q.author, q.register, q.kind, q.model, q.number]);
