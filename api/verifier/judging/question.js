/**
 * What is asked of a verdict, checked before it is judged.
 *
 * @typedef {Object} Question as it stands in the claim
 * @property {string} organisation
 * @property {string} category
 * @property {string} model
 * @property {number} quantity
 * @property {string} unit
 * @property {[number, number]} deliver_at half-open
 * @property {number|null} at from when the supplier can work on the order; null if only the
 *   delivery is asked about
 * @property {number} known_at
 * @property {string} clock
 * @property {string} zone
 * @property {string[]} [lots] ids of the lots that are offered, sorted
 */

import { isHex } from "../src/bytes.js";
import { ZONES } from "../src/zones.js";
import { CLOCK, DAY, NO_END } from "./words.js";

/** The question cannot be judged as it is asked. */
export class QuestionError extends Error {}

const MOST = 10 ** 12;
/** The end of the year 9998: what lies later has no day in every calendar. */
const LAST_DAY = 253370764800;
const LONGEST = 200; // characters
const MOST_LOTS = 20;
const MEMBERS = [
  "organisation",
  "category",
  "model",
  "quantity",
  "unit",
  "deliver_at",
  "at",
  "known_at",
  "clock",
  "zone",
];

/** @param {boolean} fine @param {string} field */
export function must(fine, field) {
  if (!fine) throw new QuestionError(field);
}

const isWhole = (value, least, most) =>
  Number.isInteger(value) && value >= least && value <= most;

/** @param {unknown} value */
export const isInstant = (value) => isWhole(value, 0, NO_END - 1);

const isText = (value, least) =>
  typeof value === "string" &&
  isWhole([...value].length, least, LONGEST) &&
  !/\p{Cc}/u.test(value);

/**
 * The question in the one form that a claim may have.
 * @param {any} data
 * @returns {Question}
 * @throws {QuestionError}
 */
export function readQuestion(data) {
  const names = "lots" in data ? [...MEMBERS, "lots"] : MEMBERS;
  for (const name of names) must(Object.hasOwn(data, name), name);
  must(Object.keys(data).length === names.length, "question");
  must(isHex(data.organisation, 20), "organisation");
  must(isText(data.category, 1), "category");
  must(isText(data.model, 0), "model");
  must(isText(data.unit, 1), "unit");
  must(isWhole(data.quantity, 1, MOST), "quantity");
  must(isInterval(data.deliver_at) && data.deliver_at[1] <= LAST_DAY, "deliver_at");
  must(isInstant(data.known_at), "known_at");
  must(data.at === null || (isInstant(data.at) && data.at < data.deliver_at[1]), "at");
  must(Object.values(CLOCK).includes(data.clock), "clock");
  must(isZone(data.zone), "zone");
  if ("lots" in data) must(isOffered(data.lots), "lots");
  return data;
}

/** An instant, or the end of time. */
export const isTime = (value) => isInstant(value) || value === NO_END;

/** A half-open interval with something in it. */
export const isInterval = (value) =>
  Array.isArray(value) && value.length === 2 && value.every(isInstant) && value[0] < value[1];

/** Left out where nothing is offered; each once, sorted, so that one question has one form. */
function isOffered(lots) {
  return (
    Array.isArray(lots) &&
    isWhole(lots.length, 1, MOST_LOTS) &&
    lots.every((lot, i) => isHex(lot, 32) && (i === 0 || lots[i - 1] < lot))
  );
}

/**
 * Whether this names an IANA time zone, as it is written there: Intl takes any case, and offsets.
 * @param {unknown} name
 */
const isZone = (name) => typeof name === "string" && ZONES.has(name);

/**
 * The calendar days of the zone that lie wholly between two instants.
 * @param {number} start
 * @param {number} end
 * @param {string} zone
 */
export function wholeDays(start, end, zone) {
  const first = localDay(start, zone);
  const last = localDay(end, zone);
  return Math.max(0, last.day - first.day - (first.begun ? 1 : 0));
}

/** The day of an instant in the zone, counted from 1970, and whether it has begun before. */
function localDay(instant, zone) {
  const number = "numeric";
  const format = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
    timeZone: zone,
    hourCycle: "h23",
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
  });
  const shown = {};
  for (const { type, value } of format.formatToParts(instant * 1000)) shown[type] = Number(value);
  const day = Date.UTC(shown.year, shown.month - 1, shown.day) / 1000 / DAY;
  return { day, begun: shown.hour + shown.minute + shown.second > 0 };
}
