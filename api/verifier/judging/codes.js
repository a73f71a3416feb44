/**
 * Answers as claims state them: numbers and codes, no words.
 */

import { worstBand } from "./standing.js";

/** @typedef {import("./standing.js").Holding} Holding */
/** @typedef {import("./standing.js").KindStanding} KindStanding */

/** @param {Holding} h */
export function holdingCodes(h) {
  const { q, terms } = h;
  const decisive = worstBand(h);
  return {
    id: q.id,
    holder: q.holder,
    author: q.author,
    category: q.category,
    model: q.model,
    kind: q.kind,
    number: terms.number,
    way: q.way,
    register: q.register,
    result: h.result,
    status: decisive.status,
    why: decisive.why,
    valid_from: terms.validFrom,
    valid_until: terms.validUntil,
    exact: h.exact,
    accredited: h.accredited,
    suspicion: h.suspicion?.stated.sequence ?? null,
    bands: h.bands.map(({ start, end, status, why, rests }) => ({
      start,
      end,
      status,
      why,
      rests: rests.filter((sequence) => sequence >= 0),
    })),
  };
}

/** @param {KindStanding} k */
function kindCodes(k) {
  const ids = (/** @type {Holding[]} */ holdings) => holdings.map((h) => h.q.id);
  return {
    kind: k.kind,
    result: k.result,
    carriers: ids(k.carriers),
    others: ids(k.others),
    elsewhere: k.elsewhere.map((q) => q.id),
    decisive: ids(k.decisive.map(({ holding }) => holding)),
  };
}

/** @param {import("./standing.js").Standing} where */
export function standingCodes(where) {
  const held = new Map();
  for (const kind of [...where.required, ...where.other]) {
    for (const h of [...kind.carriers, ...kind.others]) held.set(h.q.id, h);
  }
  return {
    result: where.result,
    firm: where.firm,
    lineage: where.lineage,
    required: where.required.map(kindCodes),
    other: where.other.map(kindCodes),
    holdings: [...held.keys()].sort().map((id) => holdingCodes(held.get(id))),
  };
}
