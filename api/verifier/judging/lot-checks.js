// The checks of a verdict about the lots that are offered: numbers 18 to 33.
//
// Rules kept here:
//
// * What is said of a lot counts for everything made of it: such a reason rests on the entries of the
//   way between, too. Where the trace was too large to be followed to its end, a check that found
//   nothing wrong is unknown: what was not looked at is not in order.
// * A hold, a recall and a failed inspection are about the material, so they refuse what was made of
//   it. A doubted failure refuses nothing, but leaves that unknown until a later report that counts
//   passes the lot.
// * A recall of a register refuses a lot when it names both its number and its GTIN, for a firm may
//   use a number twice; of one that has ended it is not known whether the goods were put right.
// * Who made something must have been qualified when it happened, as known now. That it was not yet
//   shown then is a condition; so is that goods are only under way to the supplier.

import { ORIGIN_NOT_SHOWN } from "./assurance.js";
import { part, toCheck, worst } from "./checks.js";
import { isAboutLots } from "./policy.js";
import { RESULT } from "./words.js";

const { VALID, INVALID, UNKNOWN, SKIPPED } = RESULT;
/** @typedef {import("./offer.js").Offer} Offer */
/** @typedef {import("./findings.js").Finding} Finding */
/** @typedef {import("./checks.js").Part} Part */

/** So many reasons of one check are told; the rest is counted. */
const MOST_REASONS = 12;
/** What is found or done about a lot, and not with it. */
const OVERSIGHT = new Set(["Inspect", "Hold", "Recall", "Release", "Acknowledge", "Correct"]);

/**
 * The checks about lots that the policy has, in the order of their numbers.
 * @param {import("./checks.js").Given} of
 * @param {Offer} offer
 * @returns {import("./checks.js").Check[]}
 */
export function lotChecks({ question, policy, standing }, offer) {
  const reading = new LotCase(question, standing.firm, offer);
  const codes = [...policy.weights.keys()].filter(isAboutLots);
  return codes.map((code) => toCheck(code, policy, few(worst(CHECKS[code](reading)))));
}

/** @param {import("./checks.js").Found} found @returns {import("./checks.js").Found} */
function few({ result, reasons }) {
  if (reasons.length <= MOST_REASONS) return { result, reasons };
  const entries = reasons.slice(MOST_REASONS).flatMap((reason) => reason.entries);
  return { result, reasons: [...reasons.slice(0, MOST_REASONS), { code: "lots.more", entries }] };
}

/** The question with its lots. */
class LotCase {
  /** @param {import("./question.js").Question} question @param {string[]} firm @param {Offer} offer */
  constructor(question, firm, offer) {
    this.question = question;
    this.offer = offer;
    const { category, model, unit } = question;
    this.amounts = offer.amounts(firm, category, model, unit);
    this.offered = new Set(offer.offered.map((lot) => lot.number));
  }

  /** A reason about a lot of the trace; one that went into an offered lot rests on the way, too. @param {string} result @param {string} code @param {number} number @param {number[]} entries */
  of(result, code, number, entries) {
    if (this.offered.has(number)) return part(result, code, entries);
    const path = this.offer.paths.get(number) ?? [];
    const steps = new Set(path.slice(1).map((input, i) => `${path[i]} ${input}`));
    const way = this.offer.edges.filter((edge) => steps.has(`${edge.output} ${edge.input}`));
    return part(result, code, [...entries, ...way.map((edge) => edge.sequence)]);
  }

  /** The findings with these codes about any lot of the trace. @param {...string} codes */
  found(...codes) {
    return [...this.offer.findings.values()].flat().filter((f) => codes.includes(f.code));
  }

  /** @param {Finding} finding @param {string} code @param {string} result */
  against(finding, code, result) {
    return this.of(result, code, finding.lot, finding.entries);
  }

  /** The parts; where there are none, that all is fine, if all was looked at. @param {Part[]} parts @param {string} fine */
  settled(parts, fine) {
    if (!this.offered.size) return NOT_YET;
    if (!this.offer.complete && parts.every((one) => one.result !== INVALID)) {
      return [...parts, ...CUT];
    }
    return parts.length ? parts : [part(VALID, fine)];
  }
}

const NOT_YET = [part(SKIPPED, "lots.not-yet")];
const CUT = [part(UNKNOWN, "lots.trace-cut")];

/** What each check finds; of these parts the worst count. @type {Record<string, (of: LotCase) => Part[]>} */
const CHECKS = {
  "lots.known": ({ offer, question }) => [
    ...offer.offered.map((lot) => part(...known(lot, question), [lot.number])),
    ...offer.later.map(() => part(UNKNOWN, "lots.not-known")),
  ],
  "lots.enough": enough,
  "lots.on-hand"(of) {
    const [found] = enough(of);
    if (found.result !== VALID) return [part(SKIPPED, "lots.see-quantity", found.reason.entries)];
    const { there, entries } = of.amounts;
    if (there >= of.question.quantity) return [part(VALID, "lots.on-hand", entries)];
    return [part(UNKNOWN, "lots.arriving", entries)];
  },
  "lots.traced": ({ offer, offered }) => {
    if (!offered.size) return NOT_YET;
    return offer.complete ? [part(VALID, "lots.traced")] : CUT;
  },
  "lots.not-stopped"(of) {
    const stops = of.found("hold", "recall");
    const parts = stops.map((f) => of.against(f, `lots.${f.code}`, INVALID));
    return of.settled(parts, "lots.not-stopped");
  },
  "lots.not-recalled"(of) {
    const named = of.offer.recalls().filter((word) => word.named);
    const parts = named.map(({ lot, recall, sameGoods }) => {
      const over = recall.ended > 0 && recall.ended <= of.offer.knownAt;
      const entries = [recall.stated.sequence];
      if (over) return of.of(UNKNOWN, "lots.recall-ended", lot, entries);
      if (sameGoods) return of.of(INVALID, "lots.listed-recall", lot, entries);
      return of.of(UNKNOWN, "lots.recall-of-number", lot, entries);
    });
    return of.settled(parts, "lots.not-recalled");
  },
  "lots.recalls-decided"(of) {
    const open = of.offer.recalls().filter((word) => !word.named);
    const parts = open.map(({ lot, recall }) =>
      of.of(UNKNOWN, "lots.recall-undecided", lot, [recall.stated.sequence]),
    );
    return of.settled(parts, "lots.recalls-decided");
  },
  "lots.tested"(of) {
    if (!of.offered.size) return NOT_YET;
    return of.offer.offered.flatMap(({ number }) => {
      const own = of.offer.findings.get(number) ?? [];
      const passed = own.filter((f) => f.code === "inspection.passed");
      if (passed.length) return passed.map((f) => of.against(f, "lots.passed", VALID));
      const doubted = own.filter((f) => isDoubted(f, "passed"));
      if (!doubted.length) return [part(UNKNOWN, "lots.untested", [number])];
      return doubted.map((f) => of.against(f, "lots.passed-doubted", UNKNOWN));
    });
  },
  "lots.not-failed"(of) {
    const failed = of.found("inspection.failed");
    const doubted = of.found("inspection.doubted");
    const open = doubted.filter((f) => isDoubted(f, "failed") && !isAnswered(of, f));
    const parts = [
      ...failed.map((f) => of.against(f, "lots.failed", INVALID)),
      ...open.map((f) => of.against(f, "lots.failed-doubted", UNKNOWN)),
    ];
    return of.settled(parts, "lots.not-failed");
  },
  "lots.alarms"(of) {
    const parts = of.found("alarm.open").map((f) => of.against(f, "lots.alarm", INVALID));
    return of.settled(parts, "lots.no-alarm");
  },
  "lots.alarms-unreviewed"(of) {
    const parts = of.found("alarm.claim").map((f) => of.against(f, "lots.claim", INVALID));
    return of.settled(parts, "lots.no-claim");
  },
  "lots.origin"(of) {
    const unknown = [...of.offer.lots.values()].filter((lot) => lot.originNotShown);
    const parts = unknown.map(({ number }) => of.of(UNKNOWN, "lots.no-origin", number, [number]));
    return of.settled(parts, "lots.origin");
  },
  "lots.keys"(of) {
    // Of what was made of others' goods on their way to others nothing follows; whether a report
    // counts whose laboratory's key was stolen, other checks say.
    const stolen = of.found("maker.key-compromised", "custody.key-compromised").filter(
      ({ code, lot, values }) =>
        code === "maker.key-compromised" ||
        (of.offered.has(lot) && !OVERSIGHT.has(values.action ?? "")),
    );
    const parts = stolen.map((f) => of.against(f, "lots.key", UNKNOWN));
    return of.settled(parts, "lots.keys");
  },
  "lots.makers"(of) {
    const parts = makers(of, ({ then, now }) => {
      const shown = then === VALID;
      if (now === INVALID) {
        return part(INVALID, shown ? "lots.maker-withdrawn" : "lots.maker-not-qualified");
      }
      if (now !== UNKNOWN) return null;
      return part(UNKNOWN, shown ? "lots.maker-doubted" : "lots.maker-unknown");
    });
    return of.settled(parts, "lots.makers");
  },
  "lots.makers-then"(of) {
    const parts = makers(of, ({ then, now }) => {
      if (then === SKIPPED && now === SKIPPED) return part(UNKNOWN, "lots.nothing-required");
      return then === INVALID || then === UNKNOWN ? part(then, "lots.not-shown-then") : null;
    });
    return of.settled(parts, "lots.makers-then");
  },
  "lots.assurance"(of) {
    const { least, complete } = of.offer;
    if (!of.offered.size) return NOT_YET;
    if (least === null || !complete) return CUT;
    const entries = [least.entry, ...least.entries];
    if (least.kind === "making") return [of.of(VALID, "lots.least-making", least.lot, entries)];
    const result = least.assurance === ORIGIN_NOT_SHOWN ? UNKNOWN : VALID;
    return [of.of(result, "lots.least", least.lot, entries)];
  },
};

/** @param {import("./graph.js").Lot} lot @param {import("./question.js").Question} q @returns {[string, string]} */
function known(lot, q) {
  if (lot.category !== q.category) return [INVALID, "lots.other-category"];
  if (q.model && lot.model && lot.model !== q.model) return [INVALID, "lots.other-model"];
  if (lot.happenedAt >= q.deliver_at[1]) return [INVALID, "lots.made-later"];
  return q.model && !lot.model ? [UNKNOWN, "lots.no-model"] : [VALID, "lots.known"];
}

/** @param {LotCase} of */
function enough({ offered, amounts, question }) {
  if (!offered.size) return NOT_YET;
  const { there, arriving, otherwise, entries } = amounts;
  if (there + arriving >= question.quantity) return [part(VALID, "lots.enough", entries)];
  return [otherwise ? part(UNKNOWN, "lots.unit", entries) : part(INVALID, "lots.short", entries)];
}

/** @param {Finding} f @param {string} result */
const isDoubted = (f, result) => f.code === "inspection.doubted" && f.values.result === result;

/** Whether a later report that counts found the lot passing under the same standard. @param {LotCase} of @param {Finding} doubted */
function isAnswered(of, doubted) {
  return (of.offer.findings.get(doubted.lot) ?? []).some(
    (f) =>
      f.code === "inspection.passed" &&
      f.values.standard === doubted.values.standard &&
      f.entries[0] > doubted.entries[0],
  );
}

/** What is to be said of who made the lots of the trace. @param {LotCase} of @param {(actor: import("./actors.js").Actor) => Part|null} judge */
function makers(of, judge) {
  return [...of.offer.lots.values()].flatMap((lot) =>
    of.offer.makersOf(lot).flatMap((actor) => {
      const said = judge(actor);
      const entries = [actor.sequence, ...actor.entries];
      return said ? [of.of(said.result, said.reason.code, lot.number, entries)] : [];
    }),
  );
}
