// What speaks for and against a lot, and what of it concerns everything made of it.
//
// Rules kept here:
//
// * A mark is about the material, so it concerns everything derived from the lot. All else concerns
//   the lot alone: that it passed says nothing of what is made of it, and a key stolen in its custody
//   is about one custodian's goods.
// * A report speaks only while it is the word of a third party; a doubted one counts neither way,
//   whatever it says. It is shown.
// * Comfort is easier to lose than a warning. A passed report that its author or the authority
//   corrected counts no more. A failed one is overturned only if besides, behind the correction, the
//   same laboratory reported again under the same standard and found it passing.
// * A correction counts if the author of the corrected entry or the authority signed it, with a sound
//   key. It names words, which several may have signed: an author's own takes back its own entry
//   alone, the authority's that of everybody. Signing the words again does not bring a passed report
//   back; a failed one then stands anew.
// * A hold or recall stands until it is released. A release with a compromised key releases nothing;
//   the hold stands whoever's key signed it, for the contracts refuse to move the lot. A release
//   ends earlier stops only: the last in the words that it names, which is the one that the contracts
//   let go, and those that its author, or the authority, had not soundly released.
// * A recall of a register names a lot if it is about the maker's firm and its text gives the lot's
//   number. "All lots" of a product is a remark: no register says which lots here are that product.

import { doubt, lotAlarms, stops } from "./alarms.js";
import { sortedOnce } from "./actors.js";
import { inspectionOf, statedBy } from "./folding.js";
import { allLots, sameLot, standingRecalls } from "./recall-lots.js";
import { append, ROLE } from "./words.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("./history.js").History} History */
/** @typedef {import("./graph.js").Lot} Lot */
/** @typedef {import("./actors.js").Actor} Actor */
/**
 * Something that is found about the lot (its number). `author` is who says so, null where it follows
 * from several. Times are of the last entry behind it. `values` are what others ask of it.
 * @typedef {Object} Finding
 * @property {number} lot
 * @property {string} code
 * @property {boolean} mark
 * @property {string|null} author
 * @property {number} happenedAt
 * @property {number} recordedAt
 * @property {number[]} entries
 * @property {{action?: string, result?: string, standard?: string}} values
 */
/** A mark upstream of a lot, with the numbers of the lots from the one to the other. @typedef {{finding: Finding, path: number[]}} Spread */

const MARKS = new Set([
  "origin-not-shown",
  "inspection.failed",
  "hold",
  "recall",
  "mirrored-recall",
  "alarm.open",
  "maker.withdrawn-retroactively",
  "maker.not-qualified",
  "maker.key-compromised",
  "maker.qualification-doubted",
]);
const BY_ACTOR = new Map([
  ["withdrawn-since", "maker.withdrawn-retroactively"],
  ["not-qualified", "maker.not-qualified"],
  ["doubted-since", "maker.qualification-doubted"],
  ["unknown", "maker.unknown"],
  ["key-compromised", "maker.key-compromised"],
]);
const PASSED = 1;
const RESULTS = new Map([
  [PASSED, "passed"],
  [2, "failed"],
  [3, "inconclusive"],
]);

/**
 * What is found about the lot, oldest first. What happened after `at` is left out, but for alarms
 * and what registers say.
 * @param {Lot} lot
 * @param {Recorded[]} chain the lot's
 * @param {History} history of all reports behind the chain
 * @param {Actor[]} actors the authors of the chain
 * @param {{knownAt: number, at: number, clock: string}} when
 * @returns {Finding[]}
 */
export function findingsOf(lot, chain, history, actors, { knownAt, at, clock }) {
  const entries = chain.filter((e) => e.values.happenedAt <= at);
  const found = [
    ...ofLot(lot),
    ...entries.filter((e) => e.late).map((e) => by(lot, "entry.late", e)),
    ...ofActors(lot, actors, at),
    ...new Oversight(lot, entries, history, knownAt).findings(),
    ...ofAlarms(lot, history, knownAt),
    ...ofRegisters(lot, history, knownAt, clock),
  ];
  return found.sort((a, b) => a.recordedAt - b.recordedAt);
}

/** @param {Lot} lot @param {string} code @param {string|null} author @param {number} happenedAt @param {number} recordedAt @param {Iterable<number>} entries @param {Finding["values"]} [values] @returns {Finding} */
function finding(lot, code, author, happenedAt, recordedAt, entries, values = {}) {
  return {
    lot: lot.number,
    code,
    mark: MARKS.has(code),
    author,
    happenedAt,
    recordedAt,
    entries: sortedOnce(entries),
    values,
  };
}

/** What an entry says, with the others behind it. @param {Lot} lot @param {string} code @param {Recorded} e @param {Recorded[]} [more] @param {Finding["values"]} [values] */
function by(lot, code, e, more = [], values = {}) {
  const entries = [e, ...more].map((one) => one.sequence);
  return finding(lot, code, e.author, e.values.happenedAt, e.recordedAt, entries, values);
}

/** @param {Lot} lot @returns {Finding[]} */
function ofLot(lot) {
  const codes = [];
  if (lot.originNotShown) codes.push("origin-not-shown");
  if (lot.underrun) codes.push("underrun");
  return codes.map((code) =>
    finding(lot, code, lot.maker, lot.happenedAt, lot.recordedAt, [lot.number]),
  );
}

/** @param {Lot} lot @param {Actor[]} actors @param {number} at @returns {Finding[]} */
function ofActors(lot, actors, at) {
  const found = [];
  for (const actor of actors) {
    const code = BY_ACTOR.get(actor.code);
    if (code === undefined || actor.happenedAt > at) continue;
    found.push(
      finding(
        lot,
        // Of who did not make it nothing else can be said.
        actor.making ? code : "custody.key-compromised",
        actor.organisation,
        actor.happenedAt,
        actor.recordedAt,
        [actor.sequence, ...actor.entries],
        { action: actor.action },
      ),
    );
  }
  return found;
}

/** The entries of the oversight about one lot. */
class Oversight {
  /** @param {Lot} lot @param {Recorded[]} entries @param {History} history @param {number} knownAt */
  constructor(lot, entries, history, knownAt) {
    this.lot = lot;
    this.entries = entries;
    this.history = history;
    this.knownAt = knownAt;
    /** @type {Map<string, Recorded[]>} */
    this.byDigest = new Map();
    for (const e of entries) append(this.byDigest, e.digest, e);
    /** Those that count, by the words that they name. @type {Map<string, Recorded[]>} */
    this.corrections = new Map();
    /** What released a stop, by the stop's sequence. @type {Map<number, Recorded>} */
    this.releases = new Map();
    /** Stops that stand, by their words. @type {Map<string, Recorded[]>} */
    const standing = new Map();
    for (const e of entries) {
      if (e.action === "Correct" && this.correctedBy(e).length) {
        append(this.corrections, e.values.entry, e);
      } else if (e.action === "Hold" || e.action === "Recall") {
        append(standing, e.digest, e);
      } else if (e.action === "Release" && this.sound(e)) {
        const stops = standing.get(e.values.hold) ?? [];
        const ended = stops.filter((stop) => stop === stops.at(-1) || this.speaksFor(e, stop));
        for (const stop of ended) this.releases.set(stop.sequence, e);
        standing.set(e.values.hold, stops.filter((stop) => !ended.includes(stop)));
      }
    }
  }

  /** Whether no key behind the entry is known to be compromised. @param {Recorded} e */
  sound(e) {
    return this.history.suspicion(statedBy(e), this.knownAt) === null;
  }

  /** Whether the author of the other entry, or the authority, signed this one. @param {Recorded} e @param {Recorded} other */
  speaksFor(e, other) {
    return e.author === other.author || this.isAuthority(e.author);
  }

  /** @param {string} organisation */
  isAuthority(organisation) {
    const changes = this.history.organisations.get(organisation)?.changes ?? [];
    const last = changes.filter((change) => change.stated.recorded <= this.knownAt).at(-1);
    return last !== undefined && (last.roles & ROLE.AUTHORITY) !== 0;
  }

  /** The entries of this chain about which the correction counts. @param {Recorded} correction */
  correctedBy(correction) {
    const named = this.byDigest.get(correction.values.entry) ?? [];
    if (!named.length || !this.sound(correction)) return [];
    return named.filter((e) => this.speaksFor(correction, e));
  }

  /** The last correction that counts about this report. @param {Recorded} e */
  correctionOf(e) {
    const passed = e.values.result === PASSED;
    return (this.corrections.get(e.digest) ?? [])
      .filter((c) => this.speaksFor(c, e) && (passed || c.sequence > e.sequence))
      .at(-1);
  }

  *findings() {
    for (const e of this.entries) {
      if (e.action === "Inspect") yield this.report(e);
      else if (e.action === "Hold" || e.action === "Recall") yield this.stop(e);
      else if (e.action === "Correct") yield this.correction(e);
    }
  }

  /** @param {Recorded} e */
  report(e) {
    const result = RESULTS.get(e.values.result) ?? "";
    const values = { result, standard: e.values.standard };
    const told = (/** @type {string} */ code, /** @type {Recorded[]} */ more = []) =>
      by(this.lot, `inspection.${code}`, e, more, values);
    if (doubt(this.history, inspectionOf(e), this.knownAt) !== null) return told("doubted");
    const corrected = this.correctionOf(e);
    if (corrected === undefined || result === "inconclusive") return told(result);
    if (result === "passed") return told("taken-back", [corrected]);
    const again = this.entries.find((n) => this.overturns(n, e, corrected));
    return again ? told("overturned", [corrected, again]) : told("failed", [corrected]);
  }

  /** @param {Recorded} again @param {Recorded} failed @param {Recorded} corrected */
  overturns(again, failed, corrected) {
    return (
      again.action === "Inspect" &&
      again.sequence >= corrected.sequence &&
      again.author === failed.author &&
      again.values.standard === failed.values.standard &&
      again.values.result === PASSED &&
      this.correctionOf(again) === undefined &&
      doubt(this.history, inspectionOf(again), this.knownAt) === null
    );
  }

  /** @param {Recorded} e */
  stop(e) {
    const release = this.releases.get(e.sequence);
    const code = e.action.toLowerCase();
    return release ? by(this.lot, `${code}.released`, e, [release]) : by(this.lot, code, e);
  }

  /** @param {Recorded} e */
  correction(e) {
    const corrected = this.correctedBy(e);
    const about = corrected.length ? corrected : (this.byDigest.get(e.values.entry) ?? []);
    const ruled = this.sound(e) && this.isAuthority(e.author);
    return by(this.lot, corrected.length || ruled ? "corrected" : "remark", e, about);
  }
}

/** @param {Lot} lot @param {History} history @param {number} knownAt @returns {Finding[]} */
function ofAlarms(lot, history, knownAt) {
  if (!history.reports.has(lot.id)) return [];
  return lotAlarms(history, lot.id, knownAt).map((alarm) => {
    if (alarm.closed) {
      const { author, recorded, sequence } = alarm.closed.stated;
      const entries = [...alarm.uses, sequence];
      return finding(lot, "alarm.closed", author, recorded, recorded, entries);
    }
    const code = stops(alarm, lot.id) ? "alarm.open" : "alarm.claim";
    return finding(lot, code, null, alarm.openedAt, alarm.openedAt, alarm.uses);
  });
}

/** @param {Lot} lot @param {History} history @param {number} knownAt @param {string} clock @returns {Finding[]} */
function ofRegisters(lot, history, knownAt, clock) {
  if (!history.recalls.length) return [];
  const found = [];
  const firm = history.firm(lot.maker, knownAt);
  for (const { recall, reading, entries } of standingRecalls(history, knownAt, clock, firm)) {
    let code = "mirrored-recall";
    if (!reading.mentions.some((mention) => sameLot(mention, lot.lot))) {
      if (!allLots(reading)) continue;
      code = "mirrored-recall.all-lots";
    }
    const { author, recorded } = recall.stated;
    found.push({ ...finding(lot, code, author, recall.initiated, recorded, []), entries });
  }
  return found;
}

// ------------------------------------------------------------------------------ spreading

/**
 * For each lot the marks of what it was made of, the nearest first. Lots without any, and the lots'
 * own marks, are left out.
 * @param {import("./tracing.js").Edge[]} edges
 * @param {Map<number, Finding[]>} findings
 * @param {number[]} lots for which of the lots
 * @param {number} [most] how many of the nearest for each
 * @returns {Map<number, Spread[]>}
 */
export function spread(edges, findings, lots, most = Infinity) {
  /** @type {Map<number, Set<number>>} */
  const madeOf = new Map();
  /** @type {Map<number, Set<number>>} */
  const madeInto = new Map();
  for (const { output, input } of edges) {
    include(madeOf, output, input);
    include(madeInto, input, output);
  }
  /** @type {Map<number, Finding[]>} */
  const marks = new Map();
  for (const [lot, found] of findings) {
    const own = found.filter((one) => one.mark);
    if (own.length) marks.set(lot, own);
  }
  // Only what is marked, or derived from such, can lie on a way.
  const derived = reached(marks.keys(), madeInto);
  /** @type {Map<number, Spread[]>} */
  const spreadTo = new Map();
  for (const lot of lots) {
    if (!derived.has(lot)) continue;
    /** @type {Spread[]} */
    const inherited = [];
    for (const { source, path } of ways(lot, madeOf, (one) => marks.has(one) || derived.has(one))) {
      for (const one of marks.get(source) ?? []) inherited.push({ finding: one, path });
      if (inherited.length >= most) break;
    }
    spreadTo.set(lot, inherited.slice(0, most));
  }
  return spreadTo;
}

/** @param {Map<number, Set<number>>} map @param {number} key @param {number} value */
function include(map, key, value) {
  const found = map.get(key) ?? new Set();
  map.set(key, found.add(value));
}

/** Everything at least one step from any of the sources. @param {Iterable<number>} sources @param {Map<number, Set<number>>} step */
function reached(sources, step) {
  /** @type {Set<number>} */
  const found = new Set();
  for (const source of sources) for (const one of step.get(source) ?? []) found.add(one);
  for (const one of found) for (const next of step.get(one) ?? []) found.add(next);
  return found;
}

/**
 * Each lot upstream with the shortest way to it, the nearest first; of equally short ways that of
 * the lowest numbers.
 * @param {number} lot
 * @param {Map<number, Set<number>>} madeOf
 * @param {(lot: number) => boolean} worth
 */
function* ways(lot, madeOf, worth) {
  /** @type {Map<number, number>} */
  const came = new Map([[lot, lot]]);
  for (let level = [lot]; level.length; ) {
    /** @type {number[]} */
    const following = [];
    for (const one of level) {
      for (const source of sortedOnce(madeOf.get(one) ?? [])) {
        if (came.has(source) || !worth(source)) continue;
        came.set(source, one);
        following.push(source);
      }
    }
    for (const source of following) {
      const path = [source];
      while (path[0] !== lot) path.unshift(/** @type {number} */ (came.get(path[0])));
      yield { source, path };
    }
    level = following;
  }
}
