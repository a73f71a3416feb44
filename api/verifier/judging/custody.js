// Who had how much of a lot, and how it got there: a fold over the lot's chain.
//
// Rules kept here:
//
// * What was made of a lot is at all times what is on hand, at rest in logistic units, under way,
//   used, dispensed, destroyed and lost, over all custodians.
// * What is under way belongs to nobody's stock. What the recipient refuses, or never answers, comes
//   back to the sender's books when it settles; what is lost on the way is the sender's loss.
// * The state is that after the entries given. There is none for a time in the world: entries come
//   late and in any order, and only in the log's order was no stock ever negative.
// * A shipment is known by its digest, sender and recipient, for others may sign the same words. The
//   contracts find it by ten bytes of a hash only, so what was sent may be answered under a name by
//   which less was sent, or nothing. Such an act counts in the stocks as everywhere; under that name
//   less than nothing is left, so that the sum over all shipments is what is under way.
// * A chain in which somebody parts with what it did not have, or more arrives or comes back than was
//   under way, was not written by the contracts: no answer can rest on it.

import { unitId } from "../src/ids.js";
import { QuestionError } from "./question.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/**
 * One act. `other` is the other side, `about` the shipment (null where nobody sent anything under
 * the name that is given) or the logistic unit.
 * @typedef {{sequence: number, act: string, custodian: string, other: string|null,
 *   quantity: number, about: string|null}} Hop
 */
/** @typedef {{onHand: number, inUnits: number, lost: number}} Books */
/**
 * A loose shipment: `left` is what nobody has accounted for, `accepted` null while the recipient has
 * not answered.
 * @typedef {{recipient: string, quantity: number, left: number, accepted: number|null}} Shipment
 */
/** @typedef {{holder: string, quantity: number, recipient: string|null}} Unit */

/** A chain that the contracts cannot have written, so nothing can be judged by it. */
export class Impossible extends QuestionError {}

/** What becomes of goods in one lot. */
export class Custody {
  /** @param {string} lot its id */
  constructor(lot) {
    this.lot = lot;
    /** By custodian. @type {Map<string, Books>} */
    this.books = new Map();
    /** By digest, sender and recipient. @type {Map<string, Shipment>} */
    this.parcels = new Map();
    /** What is loosely under way to each. @type {Map<string, number>} */
    this.looseTo = new Map();
    /** By their ids, while they are not taken apart. @type {Map<string, Unit>} */
    this.units = new Map();
    /** @type {Hop[]} */
    this.hops = [];
  }

  /** What a custodian could still lay its hands on. @param {string} custodian */
  there(custodian) {
    const books = this.books.get(custodian);
    return books ? books.onHand + books.inUnits : 0;
  }

  /**
   * What is under way to these. What a recipient did not accept of a shipment is not under way to it
   * any more.
   * @param {string[]} recipients
   */
  arriving(recipients) {
    let sum = 0;
    for (const parcel of this.parcels.values()) {
      if (recipients.includes(parcel.recipient) && parcel.accepted === null) sum += parcel.left;
    }
    for (const unit of this.units.values()) {
      if (unit.recipient !== null && recipients.includes(unit.recipient)) sum += unit.quantity;
    }
    return sum;
  }

  // ---- reading

  /** @param {Recorded} e */
  read(e) {
    const v = e.values;
    switch (e.action) {
      case "Commission":
        return this.make(e);
      case "Transform":
        return e.subjects[0] === this.lot ? this.make(e) : this.use(e);
      case "CloseLot":
        return this.hop(e, "closed", 0);
      case "Ship":
        return this.ship(e);
      case "Receive":
        return this.receive(e);
      case "Settle":
        return this.settle(e);
      case "Aggregate":
        return this.pack(e);
      case "TakeApart":
        return this.takeApart(e);
      case "ShipUnit":
        return this.shipUnit(e);
      case "ReceiveUnit":
        return this.receiveUnit(e);
      case "Adjust":
        return v.up ? this.find(e) : this.lose(e);
      case "Dispense":
        this.take(e, v.quantity);
        return this.hop(e, "dispensed", v.quantity);
      case "Destroy":
        this.take(e, v.quantity);
        return this.hop(e, "destroyed", v.quantity);
      default: // what was found about it moves nothing
    }
  }

  /** @param {string} custodian @returns {Books} */
  of(custodian) {
    const found = this.books.get(custodian) ?? { onHand: 0, inUnits: 0, lost: 0 };
    this.books.set(custodian, found);
    return found;
  }

  /** @param {Recorded} e @param {string} act @param {number} quantity @param {string|null} [other] @param {string|null} [about] */
  hop(e, act, quantity, other = null, about = null) {
    this.hops.push({ sequence: e.sequence, act, custodian: e.author, other, quantity, about });
  }

  /** @param {Recorded} e @param {number} quantity */
  take(e, quantity) {
    const books = this.of(e.author);
    if (quantity > books.onHand) throw impossible(e, "parts with more than it has");
    books.onHand -= quantity;
    return books;
  }

  /** How much of this lot is among the parts. @param {{lot: string, quantity: number}[]} parts */
  part(parts) {
    return parts.reduce((sum, p) => (p.lot === this.lot ? sum + p.quantity : sum), 0);
  }

  // ---- making

  /** @param {Recorded} e */
  make(e) {
    this.of(e.author).onHand += e.values.quantity;
    this.hop(e, "made", e.values.quantity);
  }

  /** @param {Recorded} e */
  use(e) {
    const quantity = this.part(e.values.inputs);
    this.take(e, quantity);
    this.hop(e, "used", quantity, null, e.subjects[0]);
  }

  // ---- loose shipments

  /** @param {Recorded} e */
  ship(e) {
    const { quantity, recipient } = e.values;
    this.take(e, quantity);
    this.looseTo.set(recipient, (this.looseTo.get(recipient) ?? 0) + quantity);
    const key = parcelKey(e.digest, e.author, recipient);
    let parcel = this.parcels.get(key);
    // Once a shipment is over, the same words begin another.
    if (!parcel?.left) parcel = { recipient, quantity: 0, left: 0, accepted: null };
    parcel.quantity += quantity;
    parcel.left += quantity;
    parcel.accepted = null;
    this.parcels.set(key, parcel);
    this.hop(e, "shipped", quantity, recipient, e.digest);
  }

  /** So much of the shipment that the entry names is under way no more. @param {Recorded} e @param {string} sender @param {string} recipient @param {number} quantity */
  leave(e, sender, recipient, quantity) {
    const loose = this.looseTo.get(recipient) ?? 0;
    if (quantity > loose) throw impossible(e, "ends more of a shipment than is under way");
    this.looseTo.set(recipient, loose - quantity);
    const key = parcelKey(e.values.shipment, sender, recipient);
    const unknown = { recipient, quantity: 0, left: 0, accepted: null };
    const parcel = this.parcels.get(key) ?? unknown;
    parcel.left -= quantity;
    this.parcels.set(key, parcel);
    return parcel;
  }

  /** @param {Recorded} e */
  receive(e) {
    const { accepted, sender, shipment } = e.values;
    const parcel = this.leave(e, sender, e.author, accepted);
    if (parcel.quantity) parcel.accepted = (parcel.accepted ?? 0) + accepted;
    this.of(e.author).onHand += accepted;
    this.hop(e, "received", accepted, sender, parcel.quantity ? shipment : null);
  }

  /** @param {Recorded} e */
  settle(e) {
    const { returned, lost, recipient, shipment } = e.values;
    const parcel = this.leave(e, e.author, recipient, returned + lost);
    const books = this.of(e.author);
    books.onHand += returned;
    books.lost += lost;
    const about = parcel.quantity ? shipment : null;
    this.hop(e, "settled", returned + lost, recipient, about);
  }

  // ---- logistic units

  /** @param {Recorded} e */
  pack(e) {
    const quantity = this.part(e.values.parts);
    this.take(e, quantity).inUnits += quantity;
    const id = unitId(e.author, e.values.sscc);
    this.units.set(id, { holder: e.author, quantity, recipient: null });
    this.hop(e, "packed", quantity, null, id);
  }

  /** @param {Recorded} e */
  unit(e) {
    const found = this.units.get(e.values.unit);
    if (!found) throw impossible(e, "is about a unit that was not packed");
    return found;
  }

  /** @param {Recorded} e */
  takeApart(e) {
    const unit = this.unit(e);
    if (unit.holder !== e.author) throw impossible(e, "takes another's unit apart");
    const books = this.of(e.author);
    if (unit.recipient === null) books.inUnits -= unit.quantity;
    books.onHand += unit.quantity;
    this.units.delete(e.values.unit);
    this.hop(e, "taken-apart", unit.quantity, null, e.values.unit);
  }

  /** @param {Recorded} e */
  shipUnit(e) {
    const unit = this.unit(e);
    if (unit.holder !== e.author || unit.recipient !== null) {
      throw impossible(e, "ships a unit that it does not have");
    }
    unit.recipient = e.values.recipient;
    this.of(e.author).inUnits -= unit.quantity;
    this.hop(e, "unit-shipped", unit.quantity, e.values.recipient, e.values.unit);
  }

  /** @param {Recorded} e */
  receiveUnit(e) {
    const unit = this.unit(e);
    if (unit.recipient !== e.author) throw impossible(e, "receives what is not under way to it");
    const sender = unit.holder;
    unit.recipient = null;
    if (e.values.accepted) unit.holder = e.author;
    this.of(unit.holder).inUnits += unit.quantity;
    const act = e.values.accepted ? "unit-received" : "unit-refused";
    this.hop(e, act, unit.quantity, sender, e.values.unit);
  }

  // ---- what a custodian does alone

  /** What was lost is found again, so much and no more. @param {Recorded} e */
  find(e) {
    const books = this.of(e.author);
    if (e.values.quantity > books.lost) throw impossible(e, "finds more than was lost");
    books.lost -= e.values.quantity;
    books.onHand += e.values.quantity;
    this.hop(e, "found", e.values.quantity);
  }

  /** @param {Recorded} e */
  lose(e) {
    this.take(e, e.values.quantity).lost += e.values.quantity;
    this.hop(e, "lost", e.values.quantity);
  }
}

/**
 * Where the lot (its id) is after these entries: its whole chain up to some position.
 * @param {string} lot
 * @param {Recorded[]} chain
 */
export function custodyOf(lot, chain) {
  const custody = new Custody(lot);
  for (const entry of chain) custody.read(entry);
  return custody;
}

/** @param {string} digest @param {string} sender @param {string} recipient */
const parcelKey = (digest, sender, recipient) => [digest, sender, recipient].join();

/** @param {Recorded} e @param {string} what */
const impossible = (e, what) => new Impossible(`entry ${e.sequence} (${e.action}): ${what}`);
