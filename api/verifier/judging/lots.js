// The answer to a question about a lot: the whole trace with everything that is to be said of it.

import { registrySubject } from "../src/proven.js";
import { Actors } from "./actors.js";
import { Assessor, leastAssured } from "./assurance.js";
import { custodyOf } from "./custody.js";
import { findingsOf, spread } from "./findings.js";
import { gatherReports, gatherStanding } from "./gathering.js";
import { ChainGraph } from "./graph.js";
import { allEntries, gtinText } from "./offer.js";
import { isTime, must } from "./question.js";
import { trace } from "./tracing.js";
import { NO_END } from "./words.js";

/** @typedef {import("../src/records.js").Records} Records */
/**
 * @typedef {Object} TraceQuestion
 * @property {string} lot its id
 * @property {"back"|"forward"} direction
 * @property {number|null} at
 * @property {number} known_at
 * @property {string} clock
 * @property {number} position
 * @property {number} upto
 * @property {import("./standing.js").Freshness} freshness
 */

/** The most lots of one answer, and the greatest depth: ways are told lot by lot. */
const MOST_LOTS = 2_000;
const MOST_DEPTH = 1_000;
/** A thousand lots of a thousand marks would be a million ways: so many are told of each but the one
 * asked about. */
const MOST_INHERITED = 50;

/**
 * The whole trace of a lot with everything that is to be said of it, in codes.
 * @param {TraceQuestion} question
 * @param {Records} records
 * @param {import("./folding.js").Founding} founding
 * @throws {import("./question.js").QuestionError}
 */
export function traceAnswer(question, records, founding) {
  const { direction, position, upto, clock, freshness } = question;
  const [knownAt, at] = [question.known_at, question.at ?? NO_END];
  must(isTime(knownAt), "known_at");
  must(isTime(at), "at");
  checkUpto(records, knownAt, upto, position);
  // Which entries are late follows from this chain, so it has to be whole.
  records.bySubject(registrySubject(records.registry));
  const graph = new ChainGraph(records, position);
  const root = graph.byId(question.lot);
  must(root !== null && root.number < upto, "lot");
  const rootNumber = /** @type {import("./graph.js").Lot} */ (root).number;
  const limits = { upto, at, size: MOST_LOTS, depth: MOST_DEPTH };
  const { depths, edges, cut } = trace(graph, direction, [rootNumber], limits);
  must(cut === null, "lot");

  const numbers = [...depths.keys()];
  const lots = new Map(numbers.map((number) => [number, graph.lot(number)]));
  const chains = new Map(numbers.map((number) => [number, graph.entriesOf(number, upto)]));
  const reports = gatherReports(records, founding, allEntries(chains), position, knownAt);
  const histories = (/** @type {string} */ organisation, /** @type {string} */ category) =>
    gatherStanding(records, founding, organisation, category, position);
  const judge = new Actors(histories, reports, knownAt, clock, freshness);
  /** @type {Map<number, import("./actors.js").Actor[]>} */
  const actors = new Map();
  /** @type {Map<number, import("./findings.js").Finding[]>} */
  const findings = new Map();
  /** @type {Map<number, import("./custody.js").Custody>} */
  const custodies = new Map();
  for (const [number, lot] of lots) {
    const chain = chains.get(number) ?? [];
    const authors = chain.map((e) => judge.of(e, lot));
    actors.set(number, authors);
    findings.set(number, findingsOf(lot, chain, reports, authors, { knownAt, at, clock }));
    custodies.set(number, custodyOf(lot.id, chain));
  }
  const assessor = new Assessor({ lots, chains, custodies, findings, reports, knownAt });
  const links = assessor.links(numbers, edges);
  const others = numbers.filter((number) => number !== rootNumber);
  const marks = new Map([
    ...spread(edges, findings, others, MOST_INHERITED),
    ...spread(edges, findings, [rootNumber]),
  ]);
  return {
    lots: [...lots.values()].map((lot) => ({
      number: lot.number,
      id: lot.id,
      maker: lot.maker,
      gtin: gtinText(lot.gtin),
      lot: lot.lot,
      category: lot.category,
      model: lot.model,
      unit: lot.unit,
      origin_not_shown: lot.originNotShown,
      quantity: graph.madeOf(lot.number, upto),
      depth: depths.get(lot.number),
      findings: (findings.get(lot.number) ?? []).map(findingCodes),
      inherits: (marks.get(lot.number) ?? []).map(({ finding, path }) => ({
        lot: finding.lot,
        code: finding.code,
        path,
      })),
      actors: (actors.get(lot.number) ?? [])
        .filter((actor) => actor.happenedAt <= at)
        .map(actorCodes),
    })),
    edges: edges.map(edgeCodes),
    links,
    least: leastAssured(links),
  };
}

/**
 * Just the first `upto` entries were recorded by `knownAt`: blocks never go back in time, so the
 * entry before and the one behind tell.
 * @param {Records} records
 * @param {number} knownAt
 * @param {number} upto
 * @param {number} position
 */
function checkUpto(records, knownAt, upto, position) {
  must(upto <= position, "upto");
  const isKnown = (/** @type {number} */ sequence) => {
    const recordedAt = records.recordedAt(sequence);
    must(recordedAt !== null, "upto");
    return /** @type {number} */ (recordedAt) <= knownAt;
  };
  if (upto > 0) must(isKnown(upto - 1), "upto");
  if (upto < position) must(!isKnown(upto), "upto");
}

/** @param {import("./findings.js").Finding} finding */
function findingCodes({ code, mark, author, happenedAt, recordedAt, entries }) {
  return { code, mark, by: author, happened_at: happenedAt, recorded_at: recordedAt, entries };
}

/** @param {import("./actors.js").Actor} actor */
function actorCodes(actor) {
  return {
    entry: actor.sequence,
    action: actor.action,
    making: actor.making,
    organisation: actor.organisation,
    happened_at: actor.happenedAt,
    recorded_at: actor.recordedAt,
    then: actor.then,
    now: actor.now,
    code: actor.code,
    entries: actor.entries,
  };
}

/** @param {import("./tracing.js").Edge} edge */
function edgeCodes({ output, input, sequence, used, made, happenedAt, recordedAt }) {
  const times = { happened_at: happenedAt, recorded_at: recordedAt };
  return { output, input, entry: sequence, used, made, ...times };
}
