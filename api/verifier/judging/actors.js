// Was who made a lot qualified for it when it happened: as known then, and as known now.
//
// Rules kept here:
//
// * Making (Commission, Transform) needs the qualifications that the lot's category requires at the
//   time that the entry claims. Everything else needs a role, which the contracts check. Nor does a
//   lot whose origin is not shown need any.
// * Both judgements are about that same instant: "then" counts what was recorded until the entry
//   itself was, "now" what was recorded until `knownAt`.
// * An event signed with a key that is known to have been compromised is nobody's word, however
//   qualified its organisation was: that comes first.
// * A qualification that carries only by an entry of a compromised key is unknown; one whose issuer
//   turns out not to have been accredited does not carry.

import { statedBy } from "./folding.js";
import { standing } from "./standing.js";
import { RESULT } from "./words.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("./history.js").History} History */
/** @typedef {import("./graph.js").Lot} Lot */
/**
 * The author of one entry. `making`: it made (some of) the lot in whose chain the entry was met.
 * `entries` are the sequence numbers on which the judgement of now rests.
 * @typedef {Object} Actor
 * @property {number} sequence
 * @property {string} action
 * @property {boolean} making
 * @property {string} organisation
 * @property {number} happenedAt
 * @property {number} recordedAt
 * @property {string} then
 * @property {string} now
 * @property {string} code
 * @property {number[]} entries
 */

/** By how it stands now: what it is called if it was shown then, and if it was not. */
const CODES = {
  [RESULT.VALID]: ["qualified", "shown-since"],
  [RESULT.SKIPPED]: ["not-required", "not-required"],
  [RESULT.INVALID]: ["withdrawn-since", "not-qualified"],
  [RESULT.UNKNOWN]: ["doubted-since", "unknown"],
};
const SEVERITY = [RESULT.SKIPPED, RESULT.VALID, RESULT.UNKNOWN, RESULT.INVALID];

/** Judges the authors of entries as known at one time, and remembers what it looked up. */
export class Actors {
  /**
   * @param {(organisation: string, category: string) => History} histories at one position
   * @param {History} signatures knows the keys of all authors
   * @param {number} knownAt
   * @param {string} clock
   * @param {import("./standing.js").Freshness} freshness
   */
  constructor(histories, signatures, knownAt, clock, freshness) {
    this.histories = histories;
    this.signatures = signatures;
    this.knownAt = knownAt;
    this.clock = clock;
    this.freshness = freshness;
    /** @type {Map<string, History>} */
    this.found = new Map();
    /** @type {Map<string, {result: string, entries: number[]}>} */
    this.judged = new Map();
  }

  /** The author of an entry in the chain of the lot. @param {Recorded} entry @param {Lot} lot @returns {Actor} */
  of(entry, lot) {
    const { happenedAt } = entry.values;
    const makes = entry.action === "Commission" || entry.action === "Transform";
    const making = makes && entry.subjects[0] === lot.id;
    let then = RESULT.SKIPPED;
    let now = { result: RESULT.SKIPPED, entries: /** @type {number[]} */ ([]) };
    if (making && !lot.originNotShown) {
      then = this.judge(entry.author, lot, happenedAt, entry.recordedAt).result;
      now = this.judge(entry.author, lot, happenedAt, this.knownAt);
    }
    let code = CODES[now.result][then === RESULT.VALID ? 0 : 1];
    // What it was required to show only later, it had.
    if (now.result === RESULT.VALID && then === RESULT.SKIPPED) code = "qualified";
    let { entries } = now;
    const stolen = this.signatures.suspicion(statedBy(entry), this.knownAt);
    if (stolen !== null) {
      code = "key-compromised";
      entries = [stolen.stated.sequence];
    }
    return {
      sequence: entry.sequence,
      action: entry.action,
      making,
      organisation: entry.author,
      happenedAt,
      recordedAt: entry.recordedAt,
      then,
      now: now.result,
      code,
      entries,
    };
  }

  /** @param {string} organisation @param {Lot} lot @param {number} at @param {number} knownAt */
  judge(organisation, { category, model }, at, knownAt) {
    const key = JSON.stringify([organisation, category, model, at, knownAt]);
    let judged = this.judged.get(key);
    if (!judged) {
      const holder = JSON.stringify([organisation, category]);
      const history = this.found.get(holder) ?? this.histories(organisation, category);
      this.found.set(holder, history);
      const scope = { category, model };
      judged = summed(
        standing(
          history,
          organisation,
          scope,
          [at, at + 1],
          knownAt,
          this.clock,
          this.freshness,
        ),
      );
      this.judged.set(key, judged);
    }
    return judged;
  }
}

/** What the standing comes to for a maker, and the entries that make it so. @param {import("./standing.js").Standing} where */
function summed(where) {
  let result = RESULT.SKIPPED;
  /** @type {number[]} */
  let entries = [];
  for (const kind of where.required) {
    const one = ofKind(kind);
    if (SEVERITY.indexOf(one.result) > SEVERITY.indexOf(result)) ({ result, entries } = one);
    else if (one.result === result) entries = [...entries, ...one.entries];
  }
  return { result, entries: sortedOnce(entries.filter((sequence) => sequence >= 0)) };
}

/** @param {import("./standing.js").KindStanding} kind @returns {{result: string, entries: number[]}} */
function ofKind(kind) {
  if (!kind.carriers.length) {
    const told = kind.decisive.length ? kind.decisive[0].band.rests : [];
    const required = kind.requirement ? kind.requirement.stated.sequence : -1;
    return { result: kind.result, entries: told.length ? told : [required] };
  }
  for (const holding of kind.carriers) {
    const own = holding.q.stated.sequence;
    if (holding.accredited === false) return { result: RESULT.INVALID, entries: [own] };
    if (holding.suspicion !== null) {
      return { result: RESULT.UNKNOWN, entries: [own, holding.suspicion.stated.sequence] };
    }
  }
  const bands = kind.carriers.flatMap((holding) => holding.bands);
  return { result: kind.result, entries: bands.flatMap((band) => band.rests) };
}

/** Ascending, each once. @param {Iterable<number>} numbers */
export const sortedOnce = (numbers) => [...new Set(numbers)].sort((a, b) => a - b);
