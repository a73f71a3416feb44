/**
 * Where qualifications stand over an interval, as known at an instant.
 *
 * The timeline of a qualification is a row of half-open bands from 0 to `NO_END`. Suspension,
 * restriction, reinstatement and supersession count from their recording; a withdrawal, a register's
 * removal and the end of a kind from their own date, which may lie before. What is not stated is
 * unknown, not open. Being listed by a register says that a row holds on that day, and that is
 * believed for as long as the register is fresh.
 *
 * @typedef {Object} Band
 * @property {number} start
 * @property {number} end
 * @property {string} status
 * @property {string} why
 * @property {number[]} rests the entries that make it so
 *
 * @typedef {{default: number, registers: Object<string, number>}} Freshness for how many seconds
 *   after its publication a register is believed
 *
 * @typedef {Object} Holding a qualification that covers what is asked about
 * @property {Qualification} q
 * @property {import("./history.js").Terms} terms
 * @property {boolean} exact it is for the category itself, not for an ancestor
 * @property {string} result
 * @property {Band[]} timeline
 * @property {Band[]} bands those that touch the interval
 * @property {boolean|null} accredited null where that is not needed
 * @property {{stated: Stated, since: number}|null} suspicion
 *
 * @typedef {Object} KindStanding
 * @property {string} kind
 * @property {import("./history.js").Period|null} requirement
 * @property {string} result
 * @property {Holding[]} carriers
 * @property {Holding[]} others
 * @property {Qualification[]} elsewhere for another model or category
 * @property {{holding: Holding, band: Band}[]} decisive what makes it invalid or unknown
 *
 * @typedef {Object} Standing
 * @property {string} result
 * @property {number} start
 * @property {number} end
 * @property {string[]} firm
 * @property {string[]} lineage
 * @property {KindStanding[]} required
 * @property {KindStanding[]} other
 * @property {KindStanding[]} considered
 *
 * @typedef {import("./history.js").Stated} Stated
 * @typedef {import("./history.js").History} History
 * @typedef {import("./history.js").Qualification} Qualification
 */

import { byCodePoint } from "../src/canonical.js";
import { REGISTER_PREFIX } from "../src/ids.js";
import { covers, known, rowKey } from "./history.js";
import { append, NO_END, RESULT, STATE, WAY, WITHDRAWN_UNDATED } from "./words.js";

export const STATUS = Object.freeze({
  IN_FORCE: "in-force",
  RESTRICTED: "restricted",
  SUSPENDED: "suspended",
  WITHDRAWN: "withdrawn",
  SUPERSEDED: "superseded",
  EXPIRED: "expired",
  NOT_YET: "not-yet",
  REFUSED: "refused",
  UNDER_REVIEW: "under-review",
  DELISTED: "delisted",
  UNKNOWN: "unknown",
});

/** What a band rests on where its status does not say it. */
export const WHY = Object.freeze({
  STATED: "stated",
  LISTED: "listed",
  UNSTATED_BEGINNING: "unstated-beginning",
  UNSTATED_END: "unstated-end",
  UNSTATED_PERIOD: "unstated-period",
  UNDATED_WITHDRAWAL: "undated-withdrawal",
  STALE: "stale",
  REGISTER_WITHDREW: "register-withdrew",
  KIND_ENDED: "kind-ended",
});

const HOLDS = new Set([STATUS.IN_FORCE, STATUS.RESTRICTED]);
const NOBODY_KNOWS = new Set([STATUS.UNDER_REVIEW, STATUS.DELISTED, STATUS.UNKNOWN]);

/** @param {string} status */
export function resultOf(status) {
  if (HOLDS.has(status)) return RESULT.VALID;
  return NOBODY_KNOWS.has(status) ? RESULT.UNKNOWN : RESULT.INVALID;
}

/** @param {Freshness} freshness @param {string} register */
export const freshFor = (freshness, register) =>
  Object.hasOwn(freshness.registers, register) ? freshness.registers[register] : freshness.default;

// ------------------------------------------------------------------ timelines

/** What is not over yet: a suspension or supersession can still change it. */
const OPEN = new Set([...HOLDS, STATUS.UNKNOWN, STATUS.DELISTED, STATUS.SUSPENDED]);
const BELIEVED = new Set([STATUS.IN_FORCE]);
const LISTED = new Set([STATUS.IN_FORCE, STATUS.UNKNOWN]);
const ALL = new Set(Object.values(STATUS));
const ALL_BUT_EXPIRED = new Set([...ALL].filter((status) => status !== STATUS.EXPIRED));

/**
 * Lay `laid` over those parts of the bands that lie in the interval and have one of the statuses.
 * @param {Band[]} bands
 * @param {number} start
 * @param {number} end
 * @param {Set<string>} over
 * @param {(band: Band) => {status: string, why: string, rests: number[]}} laid
 * @returns {Band[]}
 */
function paint(bands, start, end, over, laid) {
  return bands.flatMap((band) => {
    const first = Math.max(band.start, start);
    const last = Math.min(band.end, end);
    if (first >= last || !over.has(band.status)) return [band];
    return [
      { ...band, end: first },
      { ...laid(band), start: first, end: last },
      { ...band, start: last },
    ].filter((piece) => piece.start < piece.end);
  });
}

/**
 * Bands from the instants at which each begins; the next one ends it, empty ones vanish.
 * @param {number[]} rests
 * @param {...[number, string, string]} pieces
 * @returns {Band[]}
 */
function row(rests, ...pieces) {
  return pieces
    .map(([start, status, why], i) => {
      const end = i + 1 < pieces.length ? pieces[i + 1][0] : NO_END;
      return { start, end, status, why, rests };
    })
    .filter((band) => band.start < band.end);
}

/** The period that the qualification states of itself. */
function ownPeriod({ validFrom, validUntil }, rests) {
  const expired = [Math.max(validUntil, validFrom), STATUS.EXPIRED, WHY.STATED];
  if (!validFrom && !validUntil) return row(rests, [0, STATUS.UNKNOWN, WHY.UNSTATED_PERIOD]);
  if (!validFrom) return row(rests, [0, STATUS.UNKNOWN, WHY.UNSTATED_BEGINNING], expired);
  const before = [0, STATUS.NOT_YET, WHY.STATED];
  if (!validUntil) {
    return row(rests, before, [validFrom, STATUS.UNKNOWN, WHY.UNSTATED_END]);
  }
  return row(rests, before, [validFrom, STATUS.IN_FORCE, WHY.STATED], expired);
}

/** The period of a register's row, which was listed on `listedOn`. */
function listedPeriod(q, { validFrom, validUntil }, listedOn, rests) {
  const ends = validUntil || NO_END;
  const why = validFrom && validUntil ? WHY.STATED : WHY.LISTED;
  if (q.withdrawnFrom) {
    // A row listed as withdrawn does not say that it holds on the day of its publication.
    if (q.withdrawnFrom === WITHDRAWN_UNDATED) {
      return row(rests, [0, STATUS.UNKNOWN, WHY.UNDATED_WITHDRAWAL]);
    }
    if (!validFrom) return row(rests, [0, STATUS.UNKNOWN, WHY.UNSTATED_BEGINNING]);
    return row(rests, [0, STATUS.NOT_YET, WHY.STATED], [validFrom, STATUS.IN_FORCE, why]);
  }
  const first = validFrom
    ? [0, STATUS.NOT_YET, WHY.STATED]
    : [0, STATUS.UNKNOWN, WHY.UNSTATED_BEGINNING];
  const believed = validFrom || Math.min(listedOn, ends);
  return row(
    rests,
    first,
    [believed, STATUS.IN_FORCE, why],
    [Math.max(ends, believed), STATUS.EXPIRED, WHY.STATED],
  );
}

/** @param {Stated} stated */
const publishedOf = (stated) => stated.published ?? stated.recorded;

/**
 * The last known publication of the register that lists the row: its own, or a later one before
 * the row is gone.
 * @param {Qualification} q
 * @param {History} history
 * @param {number} knownAt
 * @param {string} clock
 * @returns {import("./history.js").Publication|null}
 */
export function lastListing(q, history, knownAt, clock) {
  const gone = q.delistings.filter((d) => known(d.stated, knownAt, clock));
  const until = Math.min(...gone.map((d) => d.published)); // infinity where it never went
  let last = history.publications.get(q.publication) ?? null;
  for (const p of history.issues.get(q.author + q.register) ?? []) {
    const newer = last === null || p.published > last.published;
    if (known(p.stated, knownAt, clock) && newer && p.published < until) last = p;
  }
  return last;
}

function mirroredBands(q, history, knownAt, clock, freshness) {
  const created = [q.stated.sequence];
  const listedOn = publishedOf(q.stated);
  let bands = listedPeriod(q, q.terms[0], listedOn, created);
  const last = lastListing(q, history, knownAt, clock);
  const stale = (last === null ? listedOn : last.published) + freshFor(freshness, q.register);
  const rests = last === null ? created : [...created, last.stated.sequence];
  bands = paint(bands, stale, NO_END, BELIEVED, () => ({
    status: STATUS.UNKNOWN,
    why: WHY.STALE,
    rests,
  }));
  for (const d of q.delistings) {
    if (!known(d.stated, knownAt, clock)) continue;
    // A register that lists a row no longer has not withdrawn it: nothing is known any more.
    bands = paint(bands, d.published, NO_END, LISTED, () => ({
      status: STATUS.DELISTED,
      why: WHY.LISTED,
      rests: [...created, d.stated.sequence],
    }));
  }
  return bands;
}

/** Every known end by a decision. */
function* withdrawals(q, history, knownAt, clock) {
  const created = q.stated.sequence;
  for (const c of q.changes) {
    if (c.state === STATE.WITHDRAWN && known(c.stated, knownAt, clock)) {
      yield { since: c.effective, why: WHY.STATED, rests: [created, c.stated.sequence] };
    }
  }
  if (q.way !== WAY.MIRRORED) return;
  for (const ending of history.endings.get(q.kind) ?? []) {
    if (ending.register === q.register && known(ending.stated, knownAt, clock)) {
      const rests = [created, ending.stated.sequence];
      yield { since: ending.effective, why: WHY.KIND_ENDED, rests };
    }
  }
  for (const removed of removals(q, history, knownAt, clock)) {
    let since = removed.withdrawnFrom;
    if (since === WITHDRAWN_UNDATED) since = removed.stated.published || removed.stated.recorded;
    const rests = [...new Set([created, removed.stated.sequence])].sort((a, b) => a - b);
    yield { since, why: WHY.REGISTER_WITHDREW, rests };
  }
}

/**
 * The rows by which the register withdrew this one: itself, or the same thing listed as withdrawn
 * for the same firm and not published before it.
 */
function* removals(q, history, knownAt, clock) {
  if (q.withdrawnFrom) yield q;
  for (const other of history.removed.get(rowKey(q)) ?? []) {
    if (
      other.id !== q.id &&
      known(other.stated, knownAt, clock) &&
      publishedOf(other.stated) >= publishedOf(q.stated) &&
      (other.holder === q.holder || history.firm(q.holder, knownAt).includes(other.holder))
    ) {
      yield other;
    }
  }
}

/** Lists of numbers compared from their beginning. */
function compareLists(a, b) {
  const i = a.findIndex((value, at) => value !== b[at]);
  if (i === -1) return a.length - b.length;
  return i < b.length ? a[i] - b[i] : 1;
}

/** The earliest end decides; among several at one instant always the same one. */
const compareEnds = (a, b) =>
  a.since - b.since || byCodePoint(a.why, b.why) || compareLists(a.rests, b.rests);

/** Suspensions, restrictions, reinstatements and supersession, each from its recording. */
function changed(bands, q, knownAt, clock) {
  const ours = q.changes.filter(
    (c) => c.state !== STATE.WITHDRAWN && known(c.stated, knownAt, clock),
  );
  ours.forEach((c, i) => {
    const until = ours[i + 1]?.effective ?? NO_END;
    const rests = [q.stated.sequence, c.stated.sequence];
    const as = (status) => () => ({ status, why: WHY.STATED, rests });
    if (c.state === STATE.SUSPENDED) {
      bands = paint(bands, c.effective, until, OPEN, as(STATUS.SUSPENDED));
    } else if (c.state === STATE.RESTRICTED) {
      bands = paint(bands, c.effective, until, BELIEVED, as(STATUS.RESTRICTED));
    } else if (c.state === STATE.SUPERSEDED) {
      bands = paint(bands, c.effective, NO_END, OPEN, as(STATUS.SUPERSEDED));
    } else {
      // Reinstated: as it was before, resting on this entry, too.
      bands = paint(bands, c.effective, until, OPEN, (band) => ({
        ...band,
        rests: [...band.rests, c.stated.sequence],
      }));
    }
  });
  return bands;
}

/** Neighbours that say the same on the same ground are one band. */
function joined(bands) {
  const whole = [];
  for (const band of bands) {
    const last = whole.at(-1);
    const same =
      last?.status === band.status &&
      last.why === band.why &&
      compareLists(last.rests, band.rests) === 0;
    if (same) whole[whole.length - 1] = { ...last, end: band.end };
    else whole.push(band);
  }
  return whole;
}

/**
 * The timeline of the qualification; empty if it is not known yet.
 * @param {Qualification} q
 * @param {History} history
 * @param {number} knownAt
 * @param {string} clock
 * @param {Freshness} freshness
 * @returns {Band[]}
 */
export function timeline(q, history, knownAt, clock, freshness) {
  if (!known(q.stated, knownAt, clock)) return [];
  let rests = [q.stated.sequence];
  if (q.way === WAY.REVIEWED) {
    const steps = q.steps.filter((step) => known(step.stated, knownAt, clock));
    rests = [...rests, ...steps.map((step) => step.stated.sequence)];
    const last = steps.at(-1)?.state;
    if (last === STATE.REFUSED) return row(rests, [0, STATUS.REFUSED, WHY.STATED]);
    if (last !== STATE.IN_FORCE) return row(rests, [0, STATUS.UNDER_REVIEW, WHY.STATED]);
  }
  let bands =
    q.way === WAY.MIRRORED
      ? mirroredBands(q, history, knownAt, clock, freshness)
      : ownPeriod(termsAt(q, knownAt, clock), rests);
  bands = changed(bands, q, knownAt, clock);
  const [end] = [...withdrawals(q, history, knownAt, clock)].sort(compareEnds);
  if (end) {
    // What had expired before it was withdrawn stays expired.
    const expiry = bands.find((band) => band.status === STATUS.EXPIRED)?.start ?? NO_END;
    const over = end.since < expiry ? ALL : ALL_BUT_EXPIRED;
    bands = paint(bands, end.since, NO_END, over, () => ({
      status: STATUS.WITHDRAWN,
      why: end.why,
      rests: end.rests,
    }));
  }
  return joined(bands);
}

/**
 * The terms as last edited by then; the first ones if nothing was known yet.
 * @param {Qualification} q
 */
export const termsAt = (q, knownAt, clock) =>
  q.terms.findLast((terms) => known(terms.stated, knownAt, clock)) ?? q.terms[0];

// ------------------------------------------------------------------ holdings

/**
 * The qualification over the half-open interval, for a question about this category.
 * @param {Qualification} q
 * @param {History} history
 * @param {string} category
 * @param {[number, number]} interval
 * @param {number} knownAt
 * @param {string} clock
 * @param {Freshness} freshness
 * @returns {Holding}
 */
export function holdingOf(q, history, category, [start, end], knownAt, clock, freshness) {
  const whole = timeline(q, history, knownAt, clock, freshness);
  const bands = whole.filter((band) => band.start < end && start < band.end);
  return {
    q,
    terms: termsAt(q, knownAt, clock),
    exact: q.category === category,
    result: worstOf(bands.map((band) => resultOf(band.status))) ?? RESULT.VALID,
    timeline: whole,
    bands,
    accredited: accreditedFor(q, history, knownAt),
    suspicion: suspicionOf(q, bands, history, knownAt),
  };
}

const SEVERITY = [RESULT.INVALID, RESULT.UNKNOWN, RESULT.VALID, RESULT.SKIPPED];

/**
 * The worst of several results; undefined where there are none.
 * @param {string[]} results
 */
export const worstOf = (results) => SEVERITY.find((result) => results.includes(result));

/**
 * The first band in the interval that decides the result.
 * @param {Holding} h
 * @returns {Band|undefined}
 */
export const worstBand = (h) => h.bands.find((band) => resultOf(band.status) === h.result);

/** Whether the issuer or mirror was accredited for it when it was recorded. */
function accreditedFor(q, history, knownAt) {
  if (q.way !== WAY.ISSUED && q.way !== WAY.MIRRORED) return null; // others decided on it
  const kind = q.way === WAY.ISSUED ? q.kind : REGISTER_PREFIX + q.register;
  // What a register had published may be mirrored after `knownAt`; then that day counts.
  const at = q.stated.recorded;
  return history.accredited(q.author, kind, at, Math.max(knownAt, at));
}

/** The declaration that makes an entry suspect on which these bands rest. */
function suspicionOf(q, bands, history, knownAt) {
  const rests = new Set(bands.flatMap((band) => band.rests));
  for (const { stated } of [q, ...q.steps, ...q.changes]) {
    const found = rests.has(stated.sequence) ? history.suspicion(stated, knownAt) : null;
    if (found !== null) return found;
  }
  return null;
}

// ------------------------------------------------------------------ standing

const WAYS = [WAY.ISSUED, WAY.WAIVED, WAY.MIRRORED];

/** Which of several carriers to name first: sound, well vouched for, exact, unrestricted, longest,
 * oldest. */
function preference(h) {
  const way = h.q.way === WAY.REVIEWED ? WAY.ISSUED : h.q.way;
  return [
    Number(h.suspicion !== null),
    Number(h.accredited === false),
    WAYS.indexOf(way),
    Number(!h.exact),
    Number(h.bands.some((band) => band.status === STATUS.RESTRICTED)),
    -h.terms.validUntil,
    h.q.stated.sequence,
  ];
}

/** What is told first of what speaks against a kind. */
const TELLING = [
  STATUS.WITHDRAWN,
  STATUS.SUSPENDED,
  STATUS.REFUSED,
  STATUS.SUPERSEDED,
  STATUS.EXPIRED,
  STATUS.NOT_YET,
  STATUS.UNKNOWN,
  STATUS.DELISTED,
  STATUS.UNDER_REVIEW,
];

/** @returns {KindStanding} */
function kindStanding(kind, requirement, unsorted, elsewhere, start) {
  const holdings = unsorted
    .map((h) => ({ h, rank: preference(h) }))
    .sort((a, b) => compareLists(a.rank, b.rank))
    .map(({ h }) => h);
  const base = { kind, requirement, elsewhere, carriers: [], others: holdings, decisive: [] };
  const best = holdings.find((h) => h.result === RESULT.VALID);
  if (best) {
    const others = holdings.filter((h) => h !== best);
    return { ...base, result: RESULT.VALID, carriers: [best], others };
  }
  if (!holdings.length) return { ...base, result: RESULT.UNKNOWN };
  return relay(base, holdings, start);
}

/** No single one holds throughout: perhaps one takes over from another, perhaps none does. */
function relay(base, holdings, start) {
  const begins = holdings.flatMap((h) => h.bands.map((band) => band.start));
  const instants = [...new Set([start, ...begins.filter((at) => at > start)])];
  const used = new Set();
  let firstUnknown = null;
  let firstInvalid = null;
  for (const at of instants.sort((a, b) => a - b)) {
    const now = holdings.map((holding) => ({ holding, band: bandAt(holding.bands, at) }));
    const having = (result) => now.filter(({ band }) => resultOf(band.status) === result);
    const [carrier] = having(RESULT.VALID);
    if (carrier) {
      used.add(carrier.holding);
      continue;
    }
    const unknown = having(RESULT.UNKNOWN);
    if (unknown.length) firstUnknown ??= unknown;
    else firstInvalid ??= now;
  }
  // One instant at which all is known to be against it is enough.
  const decisive = firstInvalid ?? firstUnknown;
  if (decisive === null) {
    const others = holdings.filter((h) => !used.has(h));
    return { ...base, result: RESULT.VALID, carriers: [...used], others };
  }
  const rank = ({ band }) => TELLING.indexOf(band.status);
  return {
    ...base,
    result: decisive === firstInvalid ? RESULT.INVALID : RESULT.UNKNOWN,
    decisive: [...decisive].sort((a, b) => rank(a) - rank(b)),
  };
}

/** @returns {Band} */
function bandAt(bands, at) {
  const found = bands.find((band) => band.start <= at && at < band.end);
  if (!found) throw new RangeError("the instant lies outside time");
  return found;
}

/**
 * How the organisation stands for a category and model throughout a half-open interval. What
 * records of the same firm hold counts as its own; a kind holds if at every instant one carries it.
 * @param {History} history
 * @param {string} organisation
 * @param {{category: string, model: string}} scope
 * @param {[number, number]} interval
 * @param {number} knownAt
 * @param {string} clock
 * @param {Freshness} freshness
 * @returns {Standing}
 */
export function standing(history, organisation, scope, interval, knownAt, clock, freshness) {
  const [start, end] = interval;
  const firm = history.firm(organisation, knownAt);
  const lineage = history.lineage(scope.category, knownAt);
  const holdings = new Map();
  const elsewhere = new Map();
  for (const member of firm) {
    for (const q of history.held.get(member) ?? []) {
      if (!known(q.stated, knownAt, clock)) continue;
      if (covers(q, lineage, scope.model)) {
        const args = [history, scope.category, interval, knownAt, clock, freshness];
        append(holdings, q.kind, holdingOf(q, ...args));
      } else append(elsewhere, q.kind, q);
    }
  }
  const needed = history.requiredKinds(lineage, start, end, knownAt);
  const of = (kind) =>
    kindStanding(
      kind,
      needed.get(kind) ?? null,
      holdings.get(kind) ?? [],
      elsewhere.get(kind) ?? [],
      start,
    );
  const required = [...needed.keys()].map(of);
  const other = [...holdings.keys()]
    .filter((kind) => !needed.has(kind))
    .sort(byCodePoint)
    .map(of);
  // Where nobody stated what is required, what is held can speak against, but never for it.
  const considered = required.length ? required : other;
  const worst = worstOf(considered.map((kind) => kind.result));
  const result =
    worst === RESULT.INVALID || (required.length && worst === RESULT.VALID)
      ? worst
      : RESULT.UNKNOWN;
  return { result, start, end, firm, lineage, required, other, considered };
}
