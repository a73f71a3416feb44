/**
 * May this supplier deliver this, so many, on that day? Numbered checks and one answer.
 *
 * The answer follows from the checks alone, and unknown never counts as valid.
 */

import { hex, utf8, word } from "../src/bytes.js";
import { write } from "../src/canonical.js";
import { keccak256, keccakOf } from "../src/hashing.js";
import { alarms } from "./alarms.js";
import { Case, only, supplierChecks, toCheck } from "./checks.js";
import { lotChecks } from "./lot-checks.js";
import { isAboutLots } from "./policy.js";
import { must } from "./question.js";
import { standing } from "./standing.js";
import { RESULT } from "./words.js";

/** @typedef {import("./checks.js").Check} Check */

/**
 * A blocking check that does not hold refuses; one that nobody can tell leaves the answer open; all
 * else is a condition.
 * @param {Check[]} checks
 */
function weigh(checks) {
  const some = (result, weight) =>
    checks.some((check) => check.result === result && (!weight || check.weight === weight));
  if (some(RESULT.INVALID, "blocking")) return "do-not-buy";
  if (some(RESULT.UNKNOWN, "blocking")) return "cannot-tell";
  return some(RESULT.INVALID) || some(RESULT.UNKNOWN) ? "buy-with-conditions" : "buy";
}

/** What commits to the question, the policy and the ledger's position. */
function verdictId(question, policy, position) {
  const asked = keccak256(utf8(write(question)));
  return hex(keccakOf(utf8("suyuan verdict 1"), policy.hash, word(position), asked));
}

/**
 * Both must be on the ledger for anything to be said.
 * @param {import("./history.js").History} history
 * @param {string} organisation
 * @param {string} category
 */
export function mustKnow(history, organisation, category) {
  must(history.organisations.has(organisation), "organisation");
  must(history.categories.has(category), "category");
}

/**
 * @param {import("./history.js").History} history
 * @param {import("./question.js").Question} question
 * @param {import("./policy.js").Policy} policy
 * @param {import("./offer.js").Offer|null} offer what was read of the lots that are offered
 */
export function decide(history, question, policy, offer) {
  must(!question.lots || offer !== null, "lots"); // the policy weighs none
  const { organisation, category, model, unit, deliver_at, known_at, clock } = question;
  mustKnow(history, organisation, category);
  const { freshness } = policy;
  const scope = { category, model };
  const where = standing(history, organisation, scope, deliver_at, known_at, clock, freshness);
  const amounts = offer?.amounts(where.firm, category, model, unit);
  const one = new Case({
    history,
    question,
    policy,
    standing: where,
    alarms: alarms(history, organisation, known_at),
    stock: BigInt(amounts?.there ?? 0),
    stocked: amounts?.entries ?? [],
  });
  const checks = [...supplierChecks(one), ...(offer ? lotChecks(one, offer) : skipped(policy))];
  return { id: verdictId(question, policy, history.position), answer: weigh(checks), checks };
}

/** The checks about lots where none are offered. */
function skipped(policy) {
  return [...policy.weights.keys()]
    .filter(isAboutLots)
    .map((code) => toCheck(code, policy, only(RESULT.SKIPPED, "lots.none")));
}
