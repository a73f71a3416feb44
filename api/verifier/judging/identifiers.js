/**
 * Whether an identifier can be one of its kind: its form and its check digits.
 *
 * Before it is looked at, what people type comes to one form: compatibility characters (full-width
 * digits) become plain ones, spaces, dots, hyphens and invisible characters go, letters are capital.
 */

import { SPACE } from "./words.js";

const IGNORED = new RegExp(`[${SPACE}\\u200b-\\u200f\\u2060\\ufeff.\\u2010-\\u2015\\-]+`, "gu");
const SPACES = new RegExp(`[${SPACE}]+`, "u");

const normal = (text) => text.normalize("NFKC").replace(IGNORED, "").toUpperCase();

/** The sum of the products. */
const weighed = (values, weights) => weights.reduce((sum, w, i) => sum + w * values[i], 0);

// Unified social credit code, GB 32100-2015: no I, O, S, V, Z.
const CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
// Organisation code, GB 11714-1997.
const ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

function isCreditCode(value) {
  if (value.length !== 18 || ![...value].every((one) => CREDIT.includes(one))) return false;
  if (!/^[0-9]{8}/.test(value)) return false; // the office's division begins with digits
  const at = (alphabet, text) => [...text].map((one) => alphabet.indexOf(one));
  const inner = weighed(at(ORGANISATION, value.slice(8, 16)), ORGANISATION_WEIGHTS);
  const outer = weighed(at(CREDIT, value.slice(0, 17)), CREDIT_WEIGHTS);
  // The organisation code inside keeps its own check digit; either one wrong is a code never issued.
  return (
    value[16] === "0123456789X0"[11 - (inner % 11)] && value[17] === CREDIT[(31 - (outer % 31)) % 31]
  );
}

/** GS1: weights 3 and 1 from the right, the check digit makes the sum a multiple of ten. */
function isGs1(value, lengths) {
  if (!/^[0-9]+$/.test(value) || !lengths.includes(value.length)) return false;
  const sum = [...value].reverse().reduce((s, digit, i) => s + Number(digit) * (i % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

/** ISO 17442: letters are two digits, and the whole leaves 1 when divided by 97 (ISO 7064). */
function isLei(value) {
  if (!/^[0-9A-Z]{18}[0-9]{2}$/.test(value)) return false;
  const digits = [...value].map((one) => parseInt(one, 36)).join("");
  return BigInt(digits) % 97n === 1n;
}

/** How many provinces each of the eight regions has (GB/T 2260); Chongqing is 50. */
const PROVINCES = [0, 5, 3, 7, 6, 4, 5, 1, 2];
/** Cities whose townships hang directly under them: Jiayuguan, Dongguan, Zhongshan, Danzhou. */
const WITHOUT_COUNTIES = ["6202", "4419", "4420", "4604"];

/** Five nested levels of 2, 2, 2, 3 and 3 digits; none may be filled below an empty one. */
function isDivision(value) {
  if (!/^[0-9]+$/.test(value) || ![2, 4, 6, 9, 12].includes(value.length)) return false;
  const code = value.padEnd(12, "0");
  const [region, number] = [Number(code[0]), Number(code[1])];
  const there = number >= 1 && number <= (PROVINCES[region] ?? 0);
  if (!there && code.slice(0, 2) !== "50") return false;
  const parts = [code.slice(2, 4), code.slice(4, 6), code.slice(6, 9), code.slice(9)];
  const filled = parts.map((part) => Number(part) !== 0);
  if (WITHOUT_COUNTIES.includes(code.slice(0, 4))) filled[1] ||= filled[2];
  return filled.every((level, i) => i === 0 || !level || filled[i - 1]);
}

/** What a register calls a firm has no check digit. */
function isRegisterName(kind, text) {
  const value = text.normalize("NFC").split(SPACES).filter(Boolean).join(" ");
  return kind !== "register:" && value !== "" && [...value].length <= 200;
}

/**
 * @param {string} kind
 * @param {string} text
 * @returns {boolean}
 */
export function isIdentifier(kind, text) {
  if (kind.startsWith("register:")) return isRegisterName(kind, text);
  const value = normal(text);
  switch (kind) {
    case "uscc":
      return isCreditCode(value);
    case "gln":
      return isGs1(value, [13]);
    case "gtin":
      return isGs1(value, [8, 12, 13, 14]);
    case "lei":
      return isLei(value);
    case "division":
      return isDivision(value);
    default:
      return false;
  }
}
