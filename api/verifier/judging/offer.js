// The lots that a supplier offers, with all that a verdict looks at of them and of what they are
// made of.
//
// Only what was recorded by the time of knowing counts, but for recalls of registers, which follow
// the question's clock as all mirrored facts do. What lots become later is not looked at.

import { gatherReports } from "./gathering.js";
import { Actors, sortedOnce } from "./actors.js";
import { Assessor, leastAssured } from "./assurance.js";
import { custodyOf } from "./custody.js";
import { findingsOf } from "./findings.js";
import { ChainGraph } from "./graph.js";
import { must } from "./question.js";
import { allLots, decidable, sameLot, standingRecalls } from "./recall-lots.js";
import { trace } from "./tracing.js";
import { NO_END } from "./words.js";

/** @typedef {import("../src/records.js").Records} Records */
/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("./graph.js").Lot} Lot */
/** @typedef {import("./actors.js").Actor} Actor */
/**
 * What was read. `lots` are all lots of the trace in its order, `later` those offered that were not
 * known yet. `complete` is false where there is more upstream than the policy looks at.
 * @typedef {Object} Read
 * @property {number} knownAt
 * @property {string} clock
 * @property {import("./standing.js").Freshness} freshness
 * @property {Lot[]} offered
 * @property {Lot[]} later
 * @property {Map<number, Lot>} lots
 * @property {import("./tracing.js").Edge[]} edges
 * @property {boolean} complete
 * @property {Map<number, Recorded[]>} chains
 * @property {import("./history.js").History} reports
 * @property {(organisation: string, category: string) => import("./history.js").History} histories
 */
/**
 * What the firm has of the offered lots, in the unit asked; `otherwise` tells that some are counted
 * in another.
 * @typedef {{there: number, arriving: number, otherwise: boolean, entries: number[]}} Amounts
 */
/**
 * What a recall of a register says of a lot. `named`: its number stands in the text; else the text
 * says something that only a person can compare. `sameGoods`: it names the lot's GTIN, too.
 * @typedef {{lot: number, recall: any, named: boolean, sameGoods: boolean}} RecallWord
 */

/** What is worked out of what was read. */
export class Offer {
  /** @param {Read} read */
  constructor(read) {
    const { lots, chains, reports, knownAt, clock } = read;
    this.knownAt = knownAt;
    this.clock = clock;
    this.offered = read.offered;
    this.later = read.later;
    this.lots = lots;
    this.edges = read.edges;
    this.complete = read.complete;
    this.chains = chains;
    this.reports = reports;
    const judge = new Actors(read.histories, reports, knownAt, clock, read.freshness);
    const when = { knownAt, clock, at: NO_END };
    /** @type {Map<number, Actor[]>} */
    this.actors = new Map();
    /** @type {Map<number, import("./findings.js").Finding[]>} */
    this.findings = new Map();
    /** @type {Map<number, import("./custody.js").Custody>} */
    this.custodies = new Map();
    for (const [number, lot] of lots) {
      const chain = chains.get(number) ?? [];
      const actors = chain.map((e) => judge.of(e, lot));
      this.actors.set(number, actors);
      this.findings.set(number, findingsOf(lot, chain, reports, actors, when));
      this.custodies.set(number, custodyOf(lot.id, chain));
    }
    const links = new Assessor(this).links(lots.keys(), this.edges);
    const least = leastAssured(links);
    this.least = least === null ? null : links[least];
    this.paths = this.shortestPaths();
  }

  /** The shortest way from an offered lot to each lot of the trace, both ends included. */
  shortestPaths() {
    /** @type {Map<number, number[]>} */
    const inputs = new Map();
    for (const { output, input } of this.edges) {
      inputs.set(output, [...(inputs.get(output) ?? []), input]);
    }
    /** @type {Map<number, number[]>} */
    const found = new Map(this.offered.map((lot) => [lot.number, [lot.number]]));
    for (const [number, path] of found) {
      for (const one of sortedOnce(inputs.get(number) ?? [])) {
        if (!found.has(one)) found.set(one, [...path, one]);
      }
    }
    return found;
  }

  /**
   * What the firm has of the offered lots of a category and model.
   * @param {string[]} firm
   * @param {string} category
   * @param {string} model
   * @param {string} unit
   * @returns {Amounts}
   */
  amounts(firm, category, model, unit) {
    let [there, arriving, otherwise] = [0, 0, false];
    const entries = [];
    for (const lot of this.offered) {
      const asked = lot.category === category && (!model || !lot.model || lot.model === model);
      if (!asked) continue;
      if (lot.unit !== unit) {
        otherwise = true;
        continue;
      }
      const custody = this.custodies.get(lot.number);
      for (const member of firm) there += custody?.there(member) ?? 0;
      arriving += custody?.arriving(firm) ?? 0;
      const own = this.chains.get(lot.number)?.filter((e) => firm.includes(e.author)) ?? [];
      entries.push(lot.number, ...own.slice(-1).map((e) => e.sequence));
    }
    return { there, arriving, otherwise, entries: sortedOnce(entries) };
  }

  /** What registers say of recalls of these lots, in the order of the ledger. @returns {RecallWord[]} */
  recalls() {
    const found = [];
    for (const { recall, reading } of standingRecalls(this.reports, this.knownAt, this.clock)) {
      const firm = this.reports.firm(recall.organisation, this.knownAt);
      const goods = reading.mentions.filter((m) => m.kind === "udi").map((m) => m.start);
      const openEnded = allLots(reading) || reading.mentions.some((m) => !decidable(m));
      for (const lot of this.lots.values()) {
        if (!firm.includes(lot.maker)) continue;
        const named = reading.mentions.some((mention) => sameLot(mention, lot.lot));
        if (!named && !openEnded) continue;
        const sameGoods = lot.gtin > 0 && goods.includes(gtinText(lot.gtin));
        found.push({ lot: lot.number, recall, named, sameGoods });
      }
    }
    return found;
  }

  /** Who made the lot, entry by entry; nobody where its origin is not shown, for which nobody had to be qualified. @param {Lot} lot */
  makersOf(lot) {
    if (lot.originNotShown) return [];
    return (this.actors.get(lot.number) ?? []).filter((actor) => actor.making);
  }
}

/** A GTIN as 14 digits, "" where there is none. @param {number} gtin */
export const gtinText = (gtin) => (gtin ? String(gtin).padStart(14, "0") : "");

/**
 * How many of the first `position` entries were recorded by `knownAt`. The times that are asked for
 * are proved one by one, so it is always the same ones: the last, then halves. Blocks never go back
 * in time.
 * @param {Records} records
 * @param {number} knownAt
 * @param {number} position
 */
export function knownSize(records, knownAt, position) {
  const later = (/** @type {number} */ sequence) => {
    const recordedAt = records.recordedAt(sequence);
    return recordedAt === null || recordedAt > knownAt;
  };
  if (position && !later(position - 1)) return position;
  let [low, high] = [0, position];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (later(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Read what the question's lots take; null where it offers none, or the policy weighs none.
 * @param {Records} records
 * @param {import("./folding.js").Founding} founding
 * @param {(organisation: string, category: string) => import("./history.js").History} histories
 *   at the position
 * @param {import("./question.js").Question} question
 * @param {import("./policy.js").Policy} policy
 * @param {number} position
 * @returns {Offer|null}
 * @throws {import("./question.js").QuestionError} where a lot is not on the ledger
 */
export function gatherOffer(records, founding, histories, question, policy, position) {
  const ids = question.lots ?? [];
  if (!ids.length || !policy.traceLots) return null;
  const knownAt = question.known_at;
  const upto = knownSize(records, knownAt, position);
  const graph = new ChainGraph(records, position);
  const named = ids.map((id) => graph.byId(id)).filter((lot) => lot !== null);
  must(named.length === ids.length, "lots");
  named.sort((a, b) => a.number - b.number);
  const offered = named.filter((lot) => lot.number < upto);
  const later = named.filter((lot) => lot.number >= upto);
  /** @type {Map<number, Lot>} */
  const lots = new Map();
  /** @type {import("./tracing.js").Edge[]} */
  let edges = [];
  let complete = true;
  if (offered.length) {
    const roots = offered.map((lot) => lot.number);
    const size = policy.traceLots + offered.length;
    const traced = trace(graph, "back", roots, { upto, size });
    complete = traced.cut === null;
    for (const number of traced.depths.keys()) lots.set(number, graph.lot(number));
    edges = traced.edges.filter((edge) => lots.has(edge.output) && lots.has(edge.input));
  }
  const chains = new Map([...lots.keys()].map((number) => [number, graph.entriesOf(number, upto)]));
  const reports = gatherReports(records, founding, allEntries(chains), position, knownAt);
  const { clock } = question;
  const { freshness } = policy;
  return new Offer({
    knownAt,
    clock,
    freshness,
    offered,
    later,
    lots,
    edges,
    complete,
    chains,
    reports,
    histories,
  });
}

/** The entries of several chains, each once. @param {Map<number, Recorded[]>} chains */
export function allEntries(chains) {
  return new Map([...chains.values()].flat().map((e) => [e.sequence, e])).values();
}
