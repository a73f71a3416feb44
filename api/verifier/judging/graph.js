// Lots and what was made of what, read from the lots' own chains alone.
//
// Rules kept here:
//
// * A lot's id is the subject of its chain, and heads prove that a chain is whole. So nothing else is
//   asked for, and nothing rests on somebody's index.
// * A lot's number is that of the entry that made it, the first of its chain. So the chain at the
//   other end of an edge is read, too, whether or not that lot is asked about.
// * Whether less came out of a making than should (an underrun) is told by the process as it was
//   laid down then: its chain is read for every lot that is looked at, so that what is asked for does
//   not hang on what it says; the chains of what went in only where it had a bound.

import { namedSubject } from "../src/ids.js";
import { Impossible } from "./custody.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("../src/records.js").Records} Records */
/** @typedef {import("./tracing.js").Edge} Edge */
/** @typedef {{lot: string, quantity: number}} Part */
/**
 * A lot as its maker's entries have it.
 * @typedef {Object} Lot
 * @property {number} number the sequence of the entry that made it
 * @property {string} id
 * @property {string} maker
 * @property {number} gtin 0 where there is none
 * @property {string} lot
 * @property {string} category
 * @property {string} model
 * @property {string} unit
 * @property {number} happenedAt of the entry that made it, as is recordedAt
 * @property {number} recordedAt
 * @property {boolean} originNotShown
 * @property {boolean} underrun
 */
/** @typedef {{id: string, number: number, entries: Recorded[]}} Chain */

/** Whether the entry made (some of) this lot. @param {Recorded} e @param {string} lot */
function makes(e, lot) {
  return (e.action === "Commission" || e.action === "Transform") && e.subjects[0] === lot;
}

/** What tracing reads. Lots that were not met yet have no number that this knows. */
export class ChainGraph {
  /** @param {Records} records @param {number} position nothing from there on is read */
  constructor(records, position) {
    this.records = records;
    this.position = position;
    /** @type {Map<string, Chain|null>} */
    this.chains = new Map();
    /** @type {Map<number, Chain>} */
    this.byNumber = new Map();
    /** @type {Map<string, Recorded[]>} */
    this.processes = new Map();
  }

  /** The lot with this id; null where there is none. @param {string} id @returns {Lot|null} */
  byId(id) {
    const chain = this.chain(id);
    return chain && this.told(chain);
  }

  /** The lot with this number. @param {number} number @returns {Lot} */
  lot(number) {
    return this.told(this.met(number));
  }

  /** Every edge into these lots. @param {number[]} lots @param {number} upto @returns {Edge[]} */
  inputsOf(lots, upto) {
    return lots.flatMap((number) => {
      const { id } = this.met(number);
      return this.entriesOf(number, upto)
        .filter((e) => e.action === "Transform" && makes(e, id))
        .flatMap((e) =>
          e.values.inputs.map((/** @type {Part} */ part) =>
            edgeOf(e, part, number, this.need(e, part.lot).number),
          ),
        );
    });
  }

  /** Every edge out of these lots. @param {number[]} lots @param {number} upto @returns {Edge[]} */
  outputsOf(lots, upto) {
    return lots.flatMap((number) => {
      const { id } = this.met(number);
      return this.entriesOf(number, upto)
        .filter((e) => e.action === "Transform" && !makes(e, id))
        .flatMap((e) => {
          const output = this.need(e, e.subjects[0]).number;
          const own = e.values.inputs.filter((/** @type {Part} */ part) => part.lot === id);
          return own.map((/** @type {Part} */ part) => edgeOf(e, part, output, number));
        });
    });
  }

  /** Every entry of the lot's chain among the first `upto` of the log. @param {number} number @param {number} upto */
  entriesOf(number, upto) {
    return this.met(number).entries.filter((e) => e.sequence < upto);
  }

  /** How much of the lot the first `upto` entries of the log made. @param {number} number @param {number} upto */
  madeOf(number, upto) {
    const { id } = this.met(number);
    const making = this.entriesOf(number, upto).filter((e) => makes(e, id));
    return making.reduce((sum, e) => sum + e.values.quantity, 0);
  }

  /** @param {number} number */
  met(number) {
    const chain = this.byNumber.get(number);
    if (!chain) throw new Error(`lot ${number} was not met`);
    return chain;
  }

  /** @param {string} id @returns {Chain|null} */
  chain(id) {
    let chain = this.chains.get(id);
    if (chain === undefined) {
      const entries = this.records
        .bySubject(id)
        .filter((e) => e.sequence < this.position)
        .sort((a, b) => a.sequence - b.sequence);
      const isLot = entries.length > 0 && makes(entries[0], id);
      chain = isLot ? { id, number: entries[0].sequence, entries } : null;
      this.chains.set(id, chain);
      if (chain) this.byNumber.set(chain.number, chain);
    }
    return chain;
  }

  /** @param {Recorded} e @param {string} id */
  need(e, id) {
    const chain = this.chain(id);
    if (!chain) throw new Impossible(`entry ${e.sequence}: nobody made the lot ${id}`);
    return chain;
  }

  /** @param {Chain} chain @returns {Lot} */
  told({ id, number, entries }) {
    const [first] = entries;
    const { gtin, lot, category, model, unit, happenedAt, originNotShown } = first.values;
    const ranUnder = entries
      .filter((e) => e.action === "Transform" && makes(e, id))
      .map((e) => this.ranUnder(e));
    return {
      number,
      id,
      maker: first.author,
      gtin,
      lot,
      category,
      model,
      unit,
      happenedAt,
      recordedAt: first.recordedAt,
      originNotShown: first.action === "Commission" && originNotShown,
      underrun: ranUnder.includes(true),
    };
  }

  /** Whether one making used more of any input than its process said that it should. @param {Recorded} e */
  ranUnder(e) {
    const { process, quantity, inputs } = e.values;
    const bounds = [...this.bounds(process, e.sequence)].filter(([, { most }]) => most > 0);
    if (!bounds.length) return false;
    /** @type {Map<string, bigint>} */
    const given = new Map();
    for (const part of inputs) {
      const goods = goodsOf(this.need(e, part.lot).entries[0].values);
      given.set(goods, (given.get(goods) ?? 0n) + BigInt(part.quantity));
    }
    // Products of quantities may have more digits than a number keeps.
    return bounds.some(
      ([goods, { most, per }]) =>
        (given.get(goods) ?? 0n) * BigInt(per) > BigInt(quantity) * BigInt(most),
    );
  }

  /** The bounds of a process as they were before an entry, by input. @param {string} process @param {number} before */
  bounds(process, before) {
    let entries = this.processes.get(process);
    if (!entries) {
      entries = [...this.records.bySubject(namedSubject("process", process))];
      entries.sort((a, b) => a.sequence - b.sequence);
      this.processes.set(process, entries);
    }
    /** @type {Map<string, {most: number, per: number}>} */
    const bounds = new Map();
    for (const { sequence, action, values } of entries) {
      if (sequence >= before || action !== "SetIngredient") continue;
      const goods = goodsOf({ category: values.input, unit: values.inputUnit });
      // An amount per nothing takes the input out again.
      if (values.per) bounds.set(goods, { most: values.most, per: values.per });
      else bounds.delete(goods);
    }
    return bounds;
  }
}

/** A category counted in a unit. @param {{category: string, unit: string}} of */
const goodsOf = ({ category, unit }) => JSON.stringify([category, unit]);

/** @param {Recorded} e @param {Part} part @param {number} output @param {number} input @returns {Edge} */
function edgeOf(e, part, output, input) {
  return {
    output,
    input,
    sequence: e.sequence,
    used: part.quantity,
    made: e.values.quantity,
    happenedAt: e.values.happenedAt,
    recordedAt: e.recordedAt,
  };
}
