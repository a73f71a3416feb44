// Where a lot came from, or what became of it: a walk over lots, level by level.
//
// Rules kept here:
//
// * Each lot stands in a trace once, at the length of the shortest way to it, in the order of
//   (depth, number). The roots have depth 0.
// * A trace has the edges whose later end, in that order, is one of its lots: no edge leads to a lot
//   that was not shown before it.
// * Nothing is cut in silence: `cut` says by what something was left out.
// * Two clocks: `upto`, only the first so many entries of the log count, and `at`, only what
//   happened by then does.

import { append, NO_END } from "./words.js";

/** The greatest depth of a trace that is walked for itself. */
export const MOST_DEPTH = 100_000;

/**
 * In the entry `sequence`, `used` of the lot `input` went into `made` of `output`. Lots are named
 * by their numbers, which are the sequences of the entries that made them.
 * @typedef {Object} Edge
 * @property {number} output
 * @property {number} input
 * @property {number} sequence
 * @property {number} used
 * @property {number} made
 * @property {number} happenedAt
 * @property {number} recordedAt
 */
/**
 * `depths` has the lots in the order of the trace; `cut` is "size", "depth" or null.
 * @typedef {{depths: Map<number, number>, edges: Edge[], cut: string|null}} Trace
 */

/** The members of an edge in the order by which edges are compared. */
const MEMBERS = /** @type {(keyof Edge)[]} */ ([
  "output",
  "input",
  "sequence",
  "used",
  "made",
  "happenedAt",
  "recordedAt",
]);

/** @param {Edge} a @param {Edge} b */
function byMembers(a, b) {
  for (const member of MEMBERS) if (a[member] !== b[member]) return a[member] - b[member];
  return 0;
}

/**
 * At most `size` lots, at most `depth` steps from `roots` (their numbers).
 * @param {import("./graph.js").ChainGraph} graph
 * @param {"back"|"forward"} direction
 * @param {number[]} roots
 * @param {{upto: number, at?: number, size: number, depth?: number}} limits
 * @returns {Trace}
 */
export function trace(graph, direction, roots, { upto, at = NO_END, size, depth = MOST_DEPTH }) {
  const back = direction === "back";
  const ascending = (/** @type {Iterable<number>} */ numbers) =>
    [...new Set(numbers)].sort((a, b) => a - b);
  const step = (/** @type {number[]} */ lots) =>
    (back ? graph.inputsOf(lots, upto) : graph.outputsOf(lots, upto)).filter(
      (edge) => edge.happenedAt <= at,
    );
  /** @type {Map<number, number>} */
  const depths = new Map();
  /** The place of each lot that was reached. @type {Map<number, number>} */
  const places = new Map();
  /** The edges by the place of their later end. @type {Map<number, Edge[]>} */
  const kept = new Map();
  const keep = (/** @type {Edge[]} */ edges) => {
    for (const edge of edges) {
      // An end that was not reached has no place, and counts as behind all.
      const later = Math.max(places.get(edge.output) ?? size, places.get(edge.input) ?? size);
      if (later < size) append(kept, later, edge);
    }
  };

  /** @type {string|null} */
  let cut = "depth";
  let level = ascending(roots);
  level.forEach((number, place) => places.set(number, place));
  for (let first = 0, d = 0; d <= depth; d += 1) {
    const own = level.slice(0, Math.max(size - first, 0));
    for (const number of own) depths.set(number, d);
    if (first + level.length > size) {
      // The trace ends within the level: what lies behind need not be asked about.
      keep(step(own));
      cut = "size";
      break;
    }
    const edges = step(level);
    const reached = ascending(edges.map((edge) => (back ? edge.input : edge.output)));
    const following = reached.filter((number) => !places.has(number));
    first += level.length;
    if (d < depth) following.forEach((number, i) => places.set(number, first + i));
    keep(edges);
    if (!following.length) {
      cut = null;
      break;
    }
    level = following;
  }
  const inOrder = [...kept].sort(([a], [b]) => a - b);
  return { depths, edges: inOrder.flatMap(([, edges]) => edges.sort(byMembers)), cut };
}
