/**
 * The policy: which checks there are, and what each of them weighs.
 *
 * @typedef {Object} Policy
 * @property {Map<string, string>} weights "blocking" or "advisory", by check, in the order of their
 *   numbers
 * @property {string[]} checkedIdentifiers the kinds that the authority checks before it registers
 * @property {import("./standing.js").Freshness} freshness
 * @property {number} lapseMargin in seconds after the delivery
 * @property {number} capacityMargin in per cent of the quantity
 * @property {number} traceLots so many lots upstream are looked at; 0 where no lots are weighed
 * @property {Uint8Array} hash of the document
 */

import { utf8 } from "../src/bytes.js";
import { write } from "../src/canonical.js";
import { keccak256 } from "../src/hashing.js";
import { must } from "./question.js";
import { DAY } from "./words.js";

/** Every check, by its number from 1 on. A number is never used again for something else. */
const CHECKS = [
  "identity",
  "organisation.active",
  "qualification.in-force",
  "qualification.nothing-against",
  "qualification.unrestricted",
  "qualification.uncontradicted",
  "qualification.period-stated",
  "qualification.margin",
  "scope.exact",
  "vouching",
  "issuer.accredited",
  "keys",
  "mirror.fresh",
  "capacity.stated",
  "capacity.enough",
  "alarms",
  "alarms.unreviewed",
  "lots.known",
  "lots.enough",
  "lots.on-hand",
  "lots.traced",
  "lots.not-stopped",
  "lots.not-recalled",
  "lots.recalls-decided",
  "lots.tested",
  "lots.not-failed",
  "lots.alarms",
  "lots.alarms-unreviewed",
  "lots.origin",
  "lots.keys",
  "lots.makers",
  "lots.makers-then",
  "lots.assurance",
];

/** @param {string} code */
export const numberOf = (code) => CHECKS.indexOf(code) + 1;

/** @param {string} code */
export const isAboutLots = (code) => code.startsWith("lots.");

const MEMBERS = [
  "version",
  "checks",
  "checked_identifiers",
  "freshness_days",
  "lapse_margin_days",
  "capacity_margin_percent",
];
const WEIGHTS = ["blocking", "advisory"];

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function whole(value, least, most, field) {
  must(Number.isInteger(value) && value >= least && value <= most, `policy.${field}`);
  return value;
}

const days = (value, field) => DAY * whole(value, 0, 36500, field);

/** An object with these members, no more and no less. */
function exactly(value, names, field) {
  must(isObject(value), field);
  must(Object.keys(value).length === names.length, field);
  for (const name of names) must(Object.hasOwn(value, name), `${field}.${name}`);
}

/**
 * No check can be left out: one that nobody makes would count as passed.
 * @param {any} document
 * @returns {Policy}
 * @throws {import("./question.js").QuestionError}
 */
export function readPolicy(document) {
  const weighsLots = Object.hasOwn(document, "trace_lots");
  exactly(document, weighsLots ? [...MEMBERS, "trace_lots"] : MEMBERS, "policy");
  const { version, checks, freshness_days: freshness, checked_identifiers: kinds } = document;
  const needed = CHECKS.filter((code) => weighsLots || !isAboutLots(code));
  exactly(checks, needed, "policy.checks");
  for (const code of needed) must(WEIGHTS.includes(checks[code]), `policy.checks.${code}`);
  exactly(freshness, ["default", "registers"], "policy.freshness_days");
  must(isObject(freshness.registers), "policy.freshness_days.registers");
  const texts = Array.isArray(kinds) && kinds.every((kind) => typeof kind === "string");
  must(texts, "policy.checked_identifiers");
  must(typeof version === "string" && version !== "", "policy.version");
  const registers = Object.entries(freshness.registers).map(([register, value]) => [
    register,
    days(value, "freshness_days.registers"),
  ]);
  return {
    weights: new Map(needed.map((code) => [code, checks[code]])),
    checkedIdentifiers: kinds,
    freshness: {
      default: days(freshness.default, "freshness_days.default"),
      registers: Object.fromEntries(registers),
    },
    lapseMargin: days(document.lapse_margin_days, "lapse_margin_days"),
    capacityMargin: whole(document.capacity_margin_percent, 0, 1000, "capacity_margin_percent"),
    traceLots: weighsLots ? whole(document.trace_lots, 1, 20000, "trace_lots") : 0,
    hash: keccak256(utf8(write(document))),
  };
}
