// How well each link of a trace is vouched for, and which is the weakest.
//
// The kinds, from the best down:
//
// * attested: an accredited laboratory of another firm found the goods passing at one end of the
//   link, and none found them failing at either. It vouches for goods, not that these were made of
//   those: nobody on the ledger watches that.
// * confirmed-by-receiver: two different firms signed that the goods went from one to the other.
// * self-declared: only one firm says so. So is what was signed with a key declared compromised.
// * origin-not-shown: nothing was said that could be held against anybody; no later test lifts that.
//
// The links: an "origin" for each lot that was not made of others, a "making" for each edge, and a
// "handing-over" for each receipt on the way on which an input came from its maker to whoever used
// it. Whom else the input was sent to does not matter to what was made of it.

import { sortedOnce } from "./actors.js";
import { statedBy } from "./folding.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("./tracing.js").Edge} Edge */
/** @typedef {import("./custody.js").Hop} Hop */
/**
 * @typedef {Object} Link
 * @property {"origin"|"making"|"handing-over"} kind
 * @property {string} assurance
 * @property {number} lot the lot that came about or was handed over
 * @property {number|null} input what it was made of
 * @property {number} entry
 * @property {string|null} giver
 * @property {string} taker
 * @property {number[]} entries on which its assurance rests besides
 */

export const ATTESTED = "attested";
export const CONFIRMED = "confirmed-by-receiver";
export const SELF_DECLARED = "self-declared";
export const ORIGIN_NOT_SHOWN = "origin-not-shown";
/** The best first. */
const ORDER = [ATTESTED, CONFIRMED, SELF_DECLARED, ORIGIN_NOT_SHOWN];
const RECEIPTS = new Set(["received", "unit-received"]);

/** Tells how the links between lots are vouched for; every map is by the lots' numbers. */
export class Assessor {
  /**
   * @param {Object} told
   * @param {Map<number, import("./graph.js").Lot>} told.lots
   * @param {Map<number, Recorded[]>} told.chains
   * @param {Map<number, import("./custody.js").Custody>} told.custodies
   * @param {Map<number, import("./findings.js").Finding[]>} told.findings
   * @param {import("./history.js").History} told.reports
   * @param {number} told.knownAt
   */
  constructor({ lots, chains, custodies, findings, reports, knownAt }) {
    this.lots = lots;
    this.chains = chains;
    this.custodies = custodies;
    this.findings = findings;
    this.history = reports;
    this.knownAt = knownAt;
    /** @type {Map<number, Recorded>} */
    this.entries = new Map();
    for (const chain of chains.values()) for (const e of chain) this.entries.set(e.sequence, e);
  }

  /**
   * Each lot's origin, then each edge, then the ways of the inputs, each receipt once.
   * @param {Iterable<number>} lots
   * @param {Edge[]} edges
   * @returns {Link[]}
   */
  links(lots, edges) {
    /** @type {Link[]} */
    const found = [];
    for (const number of lots) {
      const origin = this.origin(number);
      if (origin) found.push(origin);
    }
    /** @type {Map<string, Link>} */
    const ways = new Map();
    for (const edge of edges) {
      const receipts = this.way(edge);
      found.push(this.making(edge, receipts));
      for (const hop of receipts) {
        const key = `${edge.input} ${hop.sequence}`;
        if (!ways.has(key)) ways.set(key, this.handingOver(edge.input, hop));
      }
    }
    return [...found, ...ways.values()];
  }

  /** Only what another firm received, and the one that it names had sent, is more than somebody's own word. @param {Hop} hop */
  ofHop(hop) {
    const both = RECEIPTS.has(hop.act) && hop.quantity > 0 && hop.about !== null;
    const firm = this.history.firm(hop.custodian, this.knownAt);
    const confirmed = both && !firm.includes(hop.other ?? "") && this.sound(hop.sequence);
    return confirmed ? CONFIRMED : SELF_DECLARED;
  }

  /** How a lot that was not made of others came onto the ledger. @param {number} number @returns {Link|null} */
  origin(number) {
    const lot = /** @type {import("./graph.js").Lot} */ (this.lots.get(number));
    if (this.chains.get(number)?.[0]?.action !== "Commission") return null;
    const entries = lot.originNotShown ? [] : this.attesting(number);
    let assurance = lot.originNotShown ? ORIGIN_NOT_SHOWN : SELF_DECLARED;
    if (entries.length && this.sound(number)) assurance = ATTESTED;
    return link("origin", assurance, number, null, number, null, lot.maker, entries);
  }

  /** @param {Edge} edge @param {Hop[]} receipts */
  making(edge, receipts) {
    const maker = this.makerOf(edge.output);
    let entries = this.attesting(edge.output, edge.input);
    let assurance = SELF_DECLARED;
    if (this.sound(edge.sequence)) {
      const own = receipts.filter((hop) => hop.custodian === maker);
      const confirming = own.filter((hop) => this.ofHop(hop) === CONFIRMED).at(-1);
      if (entries.length) {
        assurance = ATTESTED;
      } else if (confirming) {
        assurance = CONFIRMED;
        entries = [confirming.sequence];
      }
    }
    const { output, input, sequence } = edge;
    return link("making", assurance, output, input, sequence, null, maker, entries);
  }

  /** @param {number} lot @param {Hop} hop */
  handingOver(lot, hop) {
    const { sequence, other, custodian } = hop;
    return link("handing-over", this.ofHop(hop), lot, null, sequence, other, custodian, []);
  }

  /**
   * Every receipt by which the input may have come to the maker of the output, oldest first: its own,
   * and those of whoever it had it from.
   * @param {Edge} edge
   * @returns {Hop[]}
   */
  way(edge) {
    const [maker, origin] = [this.makerOf(edge.output), this.makerOf(edge.input)];
    if (maker === origin) return [];
    const wanted = new Set([maker]);
    /** @type {Hop[]} */
    const found = [];
    const hops = this.custodies.get(edge.input)?.hops ?? [];
    for (const hop of [...hops].reverse()) {
      if (hop.sequence >= edge.sequence || !wanted.has(hop.custodian)) continue;
      if (!RECEIPTS.has(hop.act) || !hop.quantity) continue;
      found.unshift(hop);
      if (hop.other !== null && hop.other !== origin) wanted.add(hop.other);
    }
    return found;
  }

  /** The passed reports on these lots; none where one of them failed. @param {...number} numbers */
  attesting(...numbers) {
    const found = numbers.flatMap((number) => this.findings.get(number) ?? []);
    if (found.some((one) => one.code === "inspection.failed")) return [];
    return found.filter((one) => one.code === "inspection.passed").map((one) => one.entries[0]);
  }

  /** @param {number} number */
  makerOf(number) {
    return /** @type {import("./graph.js").Lot} */ (this.lots.get(number)).maker;
  }

  /** Whether no key behind the entry is known to be compromised. @param {number} sequence */
  sound(sequence) {
    const entry = /** @type {Recorded} */ (this.entries.get(sequence));
    return this.history.suspicion(statedBy(entry), this.knownAt) === null;
  }
}

/** @param {Link["kind"]} kind @param {string} assurance @param {number} lot @param {number|null} input @param {number} entry @param {string|null} giver @param {string} taker @param {number[]} entries @returns {Link} */
function link(kind, assurance, lot, input, entry, giver, taker, entries) {
  const sorted = kind === "making" ? sortedOnce(entries) : entries;
  return { kind, assurance, lot, input, entry, giver, taker, entries: sorted };
}

/** The index of the weakest link, of equally weak ones the first; null where there are none. @param {Link[]} links */
export function leastAssured(links) {
  /** @type {number|null} */
  let least = null;
  links.forEach(({ assurance }, i) => {
    const weaker = least === null || rank(assurance) > rank(links[least].assurance);
    if (weaker) least = i;
  });
  return least;
}

/** @param {string} assurance */
const rank = (assurance) => ORDER.indexOf(assurance);
