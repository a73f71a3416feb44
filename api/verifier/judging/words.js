/**
 * The closed sets of the ledger, with the numbers that its contracts use.
 */

/** A stated "without end"; zero always means "not stated". */
export const NO_END = 2 ** 40 - 1;

/** A register calls the row withdrawn and names no day. */
export const WITHDRAWN_UNDATED = 1;

/** Seconds. */
export const DAY = 86400;

export const ROLE = Object.freeze({ AUTHORITY: 1, AUDITOR: 64 });

export const ORGANISATION = Object.freeze({ LISTED: 1, ACTIVE: 2, SUSPENDED: 3, CLOSED: 4 });

/** How a qualification came onto the ledger. */
export const WAY = Object.freeze({
  ISSUED: "issued",
  REVIEWED: "reviewed",
  WAIVED: "waived",
  MIRRORED: "mirrored",
});

/** What a step of review or a later change leads to. */
export const STATE = Object.freeze({
  VERIFIED: "verified",
  EDITED: "edited",
  REFUSED: "refused",
  IN_FORCE: "in-force",
  RESTRICTED: "restricted",
  SUSPENDED: "suspended",
  WITHDRAWN: "withdrawn",
  SUPERSEDED: "superseded",
});

export const CLOCK = Object.freeze({ RECORDED: "recorded", PUBLISHED: "published" });

/** What a check, or a qualification over an interval, comes to. */
export const RESULT = Object.freeze({
  VALID: "valid",
  INVALID: "invalid",
  UNKNOWN: "unknown",
  SKIPPED: "skipped",
});

/** What counts as space: Unicode's White_Space and the four information separators. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const BLANK = new RegExp(`^[${SPACE}]*$`, "u");

/**
 * Whether nothing but spaces stands there.
 * @param {string} text
 */
export const isBlank = (text) => BLANK.test(text);

/**
 * Add to the list that a map keeps under a key.
 * @template K, V
 * @param {Map<K, V[]>} map
 * @param {K} key
 * @param {V} value
 */
export function append(map, key, value) {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}
