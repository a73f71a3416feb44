// Lots in the texts of recalls: what a register's words name, and which recalls count at a time.
//
// Rules kept here:
//
// * A value counts for the word before it (Lot, Serial, REF, UDI, Exp). Without a word it is
//   nothing, unless the text is a bare list of values, which is one of lots.
// * A lot may hold hyphens and slashes; a hyphen makes a range only between two numbers of one form
//   or with white space around it. Numbers of pieces and dates are no lots; behind "except" nothing
//   is read. What is not understood is given back as text: the caller has to know of it.
// * Two readers must find the same, so what a letter, a digit and white space is, is written down
//   here and not left to the engine. Letters are those of the Unicode that the engine knows: a
//   character that Unicode added lately may be one here and none elsewhere, and then only the
//   passages that were not understood differ.

import { known } from "./history.js";
import { append, SPACE } from "./words.js";

/** @typedef {"lot"|"serial"|"catalogue"|"udi"|"expiry"|"all"} MentionKind */
/**
 * One value that a text names. `start` and `end` are the ends of a range, equal for a single value,
 * empty for "all".
 * @typedef {{text: string, kind: MentionKind, start: string, end: string}} Mention
 */
/** @typedef {{mentions: Mention[], unparsed: string[]}} Reading */
/** @typedef {{what: string, start: number, end: number, value: string}} Token */

/** Longest text that is read, in characters; a longer one is given back unread. */
const MAX_TEXT = 100_000;

// ------------------------------------------------------------------------------ characters

const SPACES = new RegExp(`[${SPACE}]+`, "u");
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/gu;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/gu;
const HYPHENS_AND_SPACE = new RegExp(`[${SPACE}\\u2010-\\u2015-]+`, "gu");

/**
 * Text without what nobody sees; what white space is left is single spaces and line breaks.
 * @param {string} text
 */
export function clean(text) {
  const lines = text
    .normalize("NFC")
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n")
    .replace(INVISIBLE, "")
    .split("\n");
  return lines
    .map((line) => line.replace(CONTROL, " ").split(SPACES).filter(Boolean).join(" "))
    .join("\n")
    .replace(/^\n+|\n+$/g, "");
}

/**
 * Full case folding (Unicode, section 3.13), but for the letters that it folds to: two texts fold to
 * the same here if they do there. Dotless ı stays apart from i.
 * @param {string} text
 */
export function folded(text) {
  let made = "";
  for (const c of text) made += c === "ı" ? c : c.toLowerCase().toUpperCase().toLowerCase();
  return made;
}

/** How lots are compared: without case, spaces and hyphens. @param {string} text */
function compared(text) {
  return folded(text.normalize("NFKC").replace(HYPHENS_AND_SPACE, ""));
}

/** @param {string} text @param {string} characters */
function strip(text, characters) {
  let start = 0;
  let end = text.length;
  while (start < end && characters.includes(text[start])) start += 1;
  while (end > start && characters.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** @param {string} text */
const trimmed = (text) => strip(text, " \n");
/** @param {string} text */
const hasDigit = (text) => /[0-9]/.test(text);

// ------------------------------------------------------------------------------ patterns

/**
 * A pattern without regard to case. Of the letters beyond A to Z that a text can still hold once it
 * is normalised, the two unusual forms of i count as one, so the same words are found in Turkish
 * typing.
 * @param {string} source
 */
function anyCase(source) {
  let made = "";
  let escaped = false;
  let named = false;
  for (let i = 0; i < source.length; i += 1) {
    const c = source[i];
    if (!escaped && source.startsWith("(?<", i) && /[a-z]/.test(source[i + 3])) named = true;
    made += c === "i" && !escaped && !named ? "[iİı]" : c;
    if (named && c === ">") named = false;
    escaped = c === "\\" && !escaped;
  }
  return new RegExp(made, "giu");
}

/** Not beside another letter or digit. @param {string} source */
const whole = (source) => `(?<![A-Za-z0-9İı])(?:${source})(?![A-Za-z0-9İı])`;

const WORD = "[\\p{L}\\p{N}_]";
const S = "[ \\n]"; // all white space that a cleaned text has
const NUMBER_WORD =
  `(?:[ \\n/]*(?:numbers?|nos?(?!${WORD})\\.?|codes?|ids?|#'?s?))*${S}*(?:range)?`;

/** Words that say what follows, by what they say. The order decides where two would fit. */
const WORDS = {
  all:
    `all${S}+(?:(?:affected|product|device|production|manufactured|finished)${S}+)?` +
    `(?:lots?|batch(?:es)?|serial(?:${S}+numbers?)?|units?|products?|devices?|models?|codes?)` +
    "|(?:所有|全部)(?:批次|批号|产品|序列号)",
  except: `except(?:ing)?|excluding|other${S}+than|除(?:了|外)?`,
  undated: `no${S}+expir${WORD}*(?:${S}+dates?)?`,
  none:
    `manufactur${WORD}+(?:${S}+dates?)?|mfg\\.?(?:${S}+dates?)?` +
    "|生产日期|数量|quantity|qty|upc(?:[ \\n]+codes?)?|ndc|ean|phone|tel",
  expiry:
    `exp(?:ir(?:y|ation|es|ing))?\\.?(?:${S}*dates?)?|use[ \\n-]+by(?:${S}+date)?` +
    `|use${S}+before|best${S}+before|有效期至|有效期|失效日期|失效期`,
  lot: `(?:lots?|batch(?:es)?)${NUMBER_WORD}|(?:产品|生产)?批(?:号|次)`,
  serial: `(?:serials?|s/n)${NUMBER_WORD}|(?:产品|出厂)?(?:序列|系列)号`,
  udi: `(?:primary${S}+)?udi(?:${S}*-?${S}*di)?|gtin|device${S}+identifiers?|产品标识`,
  catalogue:
    `(?:ref|catalogu?e?|cat\\.?|items?|models?|sku|upn)${NUMBER_WORD}` +
    // Words of ordinary prose too, so a word for numbers has to follow.
    `|(?:part|reorder|product|reference|article)[ \\n/]*(?:numbers?|nos?(?!${WORD})\\.?|codes?|#)` +
    "|型号|货号|规格型号",
};
const LABEL = anyCase(
  Object.entries(WORDS)
    .map(([kind, words]) => `(?<${kind}>${whole(words)})`)
    .join("|"),
);
const ELEMENT = /\(([0-9]{2,4})\)([^ \n(),;]+)/gu;

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH =
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?" +
  "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
/** Dates that can be nothing else. */
const PLAIN = anyCase(
  whole(
    `(?<d1>[0-9]{1,2})[ \\n-]+(?<m1>${MONTH})[ \\n,-]+(?<y1>[0-9]{4})` +
      `|(?<m2>${MONTH})[ \\n.]*(?<d2>[0-9]{1,2})(?:st|nd|rd|th)?,?${S}+(?<y2>[0-9]{4})` +
      `|(?<m3>${MONTH})[ \\n,-]*(?<y3>[0-9]{4})` +
      "|(?<m4>[0-9]{1,2})/(?<d4>[0-9]{1,2})/(?<y4>[0-9]{4}|[0-9]{2})" +
      "|(?<y5>[0-9]{4})[/.-](?<m5>[0-9]{1,2})[/.-](?<d5>[0-9]{1,2})" +
      "|(?<y6>[0-9]{4})年(?<m6>[0-9]{1,2})月(?:(?<d6>[0-9]{1,2})日)?" +
      "|(?<m7>[0-9]{1,2})/(?<y7>[0-9]{4})",
  ),
);
/** Month and year of two digits: a date after a word for it, or directly behind a lot. */
const SHORT = anyCase(
  whole(
    `(?<m1>0?[1-9]|1[0-2])/(?<y1>[0-9]{2})|(?<m2>${MONTH})[-'’]${S}?(?<y2>[0-9]{2})`,
  ),
);
/** Dates only after a word for them: they may be lots. */
const BARE = new RegExp(
  "^(?:(?<y1>[0-9]{4})[/.-](?<m1>[0-9]{1,2})|(?<y2>20[0-9]{2})(?<m2>[0-9]{2})(?<d2>[0-9]{2})" +
    "|(?<m3>[0-9]{1,2})-(?<y3>[0-9]{2}))$",
);
const VALUE = /[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?/gu;
const ORDINAL = /(?<![A-Za-z0-9(./-])(?:[0-9]{1,2}|[a-z])\)/gu;
const MARK = /[,;:.()、。\n]/gu;
const COUNTED = anyCase(
  whole(
    `[0-9][0-9,.]*${S}*(?:boxes|box|cases?|units?|kits?|packs?|pieces|pcs|pairs?` +
      "|cartons?|bottles?|vials?|each|ea|devices|tests|count|m[gl]|盒|箱|支|只|个|件|瓶|台|套)",
  ),
);
const TO = new RegExp(
  `^${S}*(?:through|thru|to|[–—~]|至|到|${S}-${S})${S}*$`,
  "iu",
);
const TO_WORDS = new Set(["through", "thru", "to"]);
const NUMBERED = /^(?:[0-9]{4,}|[A-Za-z0-9]*[A-Za-z][0-9]{2,})$/;
const CODE = /^[A-Z]{2,8}$/;
const LOT_BY_ITSELF = /^LOT[0-9][A-Za-z0-9-]*$/i;
/** Words between a word for lots and its values that say nothing of their own. */
const FILLERS = new Set(
  (
    "affected and are as below by following follows for from identified include includes " +
    "including is listed of or the with"
  ).split(" "),
);
/** Words in capitals behind the word for lots that name none. */
const NO_LOTS = new Set(["MULTIPLE", "NONE", "NOT", "SEE", "SEVERAL", "UNKNOWN", "VARIOUS"]);
const HEADS = new Set(["lot", "serial", "catalogue", "udi", "expiry", "none"]);
/** What is looked for, one after the other: what is one thing is nothing else. */
const KINDS_OF_TOKEN = /** @type {[string, RegExp][]} */ ([
  ["", LABEL],
  ["date", PLAIN],
  ["short", SHORT],
  ["ordinal", ORDINAL],
  ["counted", COUNTED],
  ["value", VALUE],
  ["mark", MARK],
]);

// ------------------------------------------------------------------------------ dates

/** @param {number} year @param {number} month @param {number} day 0: only year and month */
function isoDay(year, month, day) {
  if (year < 1 || month < 1 || month > 12) return null;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  if (day > days) return null;
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const start = `${String(year).padStart(4, "0")}-${two(month)}`;
  return day ? `${start}-${two(day)}` : start;
}

/** The date that was matched; null where there is no such day. @param {RegExpMatchArray} found */
function iso(found) {
  /** @type {Record<string, string>} */
  const parts = {};
  for (const [name, value] of Object.entries(found.groups ?? {})) {
    if (value !== undefined) parts[name[0]] = value;
  }
  const named = MONTHS.indexOf(parts.m.toLowerCase().slice(0, 3));
  const month = named >= 0 ? named + 1 : Number(parts.m);
  const year = Number(parts.y) + (parts.y.length === 2 ? 2000 : 0);
  return isoDay(year, month, parts.d === undefined ? 0 : Number(parts.d));
}

/** GS1's application identifier 17: YYMMDD; some print the year with four digits. @param {string} digits */
function elementDate(digits) {
  const long = [...digits].length === 6 ? `20${digits}` : digits;
  if (!/^[0-9]{8}$/.test(long)) return null;
  return isoDay(Number(long.slice(0, 4)), Number(long.slice(4, 6)), Number(long.slice(6)));
}

// ------------------------------------------------------------------------------ reading

/** One text while it is read, from left to right. */
class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.taken = new Uint8Array(text.length);
    /** @type {Map<string, {at: number, mention: Mention}>} */
    this.found = new Map();
    /** What a value counts for now. @type {string|null} */
    this.kind = null;
    /** What it counts for again behind a date or a colon. @type {string|null} */
    this.listed = null;
    /** The word that said so. @type {Token|null} */
    this.label = null;
    /** Whether no value has followed that word yet. */
    this.fresh = false;
    this.datesFollow = false;
    this.depth = 0;
    /** @type {Token|null} */
    this.last = null;
  }

  /** @param {string} kind @param {[number, number]} at @param {string} start @param {string} [end] */
  add(kind, at, start, end = "") {
    const mention = /** @type {Mention} */ ({
      text: this.text.slice(...at),
      kind,
      start,
      end: end || start,
    });
    const key = JSON.stringify([kind, mention.start, mention.end]);
    if (!this.found.has(key)) this.found.set(key, { at: at[0], mention });
    this.take(...at);
    if (this.label !== null && this.fresh) {
      this.take(this.label.start, this.label.end);
      this.fresh = false;
    }
  }

  /** @param {number} start @param {number} end */
  take(start, end) {
    this.taken.fill(1, start, end);
  }

  /** GS1 element strings with their application identifiers in brackets. */
  elements() {
    for (const found of this.text.matchAll(ELEMENT)) {
      const at = /** @type {[number, number]} */ ([found.index, found.index + found[0].length]);
      const [, identifier, value] = found;
      if (identifier === "01") {
        if (/^[0-9]{14}$/.test(value)) this.add("udi", at, value);
      } else if (identifier === "10") {
        this.add("lot", at, value);
      } else if (identifier === "21") {
        this.add("serial", at, value);
      } else if (identifier === "17") {
        const day = elementDate(value);
        if (day !== null) this.add("expiry", at, day);
      }
    }
  }

  /** Words, dates, counted things, values and marks; each place once. @returns {Token[]} */
  tokens() {
    let text = this.text.replace(ELEMENT, (all) => " ".repeat(all.length));
    /** @type {Token[]} */
    const tokens = [];
    for (const [what, pattern] of KINDS_OF_TOKEN) {
      for (const found of text.matchAll(pattern)) {
        const dated = what === "date" || what === "short";
        const groups = Object.entries(found.groups ?? {});
        tokens.push({
          what: what || /** @type {[string, string]} */ (groups.find(([, v]) => v !== undefined))[0],
          start: found.index,
          end: found.index + found[0].length,
          value: dated ? (iso(found) ?? "") : found[0],
        });
      }
      // A zero ends what stands beside it.
      text = text.replace(pattern, (all) => "\0".repeat(all.length));
    }
    return tokens.sort((a, b) => a.start - b.start);
  }

  read() {
    const tokens = this.tokens();
    const heads = (/** @type {Token} */ t) =>
      t.what === "all" || (HEADS.has(t.what) && t.what !== "expiry");
    if (!tokens.some(heads)) this.beginWithoutLabels(tokens);
    for (let index = 0; index < tokens.length; ) {
      const token = tokens[index];
      if (token.what === "except") break;
      index = this.token(tokens, index);
      if (token.what !== "ordinal") this.last = token;
    }
  }

  /** A text of nothing but values and their dates is a list of lots. @param {Token[]} tokens */
  beginWithoutLabels(tokens) {
    const words = tokens.filter(
      (t) => t.what === "value" && !hasDigit(t.value) && !CODE.test(t.value),
    );
    if (words.every((t) => FILLERS.has(t.value.toLowerCase()) || TO_WORDS.has(t.value.toLowerCase()))) {
      this.kind = this.listed = "lot";
      return;
    }
    // Among prose, only a value with its date directly behind it is one.
    this.kind = this.listed = null;
    for (let i = 0; i + 1 < tokens.length; i += 1) {
      const [one, two] = [tokens[i], tokens[i + 1]];
      const dated = two.what === "date" || two.what === "short";
      if (one.what !== "value" || !hasDigit(one.value) || !dated || !two.value) continue;
      if (trimmed(this.text.slice(one.end, two.start))) continue;
      this.add("lot", [one.start, one.end], one.value);
      this.add("expiry", [two.start, two.end], two.value);
    }
  }

  /** Read one token, or a range that it begins; gives back the next index. @param {Token[]} tokens @param {number} index @returns {number} */
  token(tokens, index) {
    const token = tokens[index];
    if (token.what === "mark") {
      this.mark(token);
    } else if (token.what === "ordinal") {
      this.take(token.start, token.end);
      if (this.kind === null || this.kind === "expiry" || this.kind === "none") {
        this.kind = this.listed;
      }
    } else if (token.what === "all") {
      this.kind = this.listed = this.label = null;
      this.add("all", [token.start, token.end], "");
    } else if (HEADS.has(token.what)) {
      this.head(token);
    } else if (token.what === "date" || token.what === "short") {
      return this.date(tokens, index);
    } else if (token.what === "value") {
      return this.value(tokens, index);
    }
    return index + 1;
  }

  /** @param {Token} token */
  mark(token) {
    if (token.value === "(") {
      this.depth += 1;
    } else if (token.value === ")") {
      this.depth = Math.max(0, this.depth - 1);
    } else if (":;".includes(token.value) && this.kind === null) {
      this.kind = this.listed;
    } else if (token.value === ":" && this.kind === "catalogue" && !this.fresh) {
      // "Cat. No. 7001: 1A, 1B": what stands under a number are its lots.
      this.kind = this.listed = "lot";
    }
  }

  /** @param {Token} token */
  head(token) {
    const between = this.label ? trimmed(this.text.slice(this.label.end, token.start)) : "?";
    const joined = ["/", "&", "and", "and/or"].includes(between);
    if (this.fresh && joined && token.what === "expiry") {
      // "Lot Numbers/Expiration Dates:" heads two columns.
      this.datesFollow = true;
      this.take(token.start, token.end);
      return;
    }
    this.label = token;
    this.fresh = true;
    this.kind = token.what;
    if (token.what !== "expiry" && token.what !== "none") {
      this.listed = token.what;
      this.datesFollow = false;
    }
  }

  /** A date: an expiry after a word for it, in its column, or directly behind a lot. @param {Token[]} tokens @param {number} index */
  date(tokens, index) {
    const token = tokens[index];
    const behind =
      this.last !== null &&
      this.last.what === "value" &&
      !trimmed(this.text.slice(this.last.end, token.start));
    const ofLot = this.kind === "lot" && (behind || (this.datesFollow && token.what === "date"));
    if (!token.value || !(this.kind === "expiry" || ofLot)) return index + 1;
    const second = this.rangeEnd(tokens, index);
    let last = index;
    if (second !== null && tokens[second].what === token.what && tokens[second].value) {
      const end = tokens[second];
      this.add("expiry", [token.start, end.end], token.value, end.value);
      last = second;
    } else {
      this.add("expiry", [token.start, token.end], token.value);
    }
    if (this.kind === "expiry") this.kind = this.listed;
    return last + 1;
  }

  /** The index of the token at the other end of a range that begins here. @param {Token[]} tokens @param {number} index */
  rangeEnd(tokens, index) {
    for (const ahead of [index + 1, index + 2]) {
      if (ahead < tokens.length && !TO_WORDS.has(tokens[ahead].value.toLowerCase())) {
        return TO.test(this.text.slice(tokens[index].end, tokens[ahead].start)) ? ahead : null;
      }
    }
    return null;
  }

  /** @param {Token[]} tokens @param {number} index @returns {number} */
  value(tokens, index) {
    const token = tokens[index];
    if (this.taken[token.start]) return index + 1;
    if (this.kind === "expiry") {
      const bare = BARE.exec(token.value);
      const day = bare && iso(bare);
      if (day) {
        this.add("expiry", [token.start, token.end], day);
        this.kind = this.listed;
      }
      return index + 1;
    }
    if (LOT_BY_ITSELF.test(token.value)) {
      this.kind = this.listed = "lot";
      return this.inList("lot", tokens, index);
    }
    if (!hasDigit(token.value)) return this.word(tokens, index);
    if (this.headsLots(tokens, index)) {
      this.add("catalogue", [token.start, token.end], token.value);
    } else if (this.depth && token.value.length < 3) {
      // "(2)" behind a value says something about it and is none.
    } else if (this.kind === "lot" || this.kind === "serial" || this.kind === "catalogue") {
      return this.inList(this.kind, tokens, index);
    } else if (this.kind === "udi" && /^[0-9]{12,14}$/.test(token.value)) {
      this.add("udi", [token.start, token.end], token.value.padStart(14, "0"));
    }
    return index + 1;
  }

  /** A word without digits: the front of a number, a lot of letters, "all", or prose. @param {Token[]} tokens @param {number} index */
  word(tokens, index) {
    const token = tokens[index];
    const word = token.value;
    const code = CODE.test(word);
    const lists = this.kind === "lot" || this.kind === "serial" || this.kind === "catalogue";
    const listed = lists && !this.depth;
    let behind = tokens.slice(index + 1, index + 3);
    const front = behind.length > 0 && behind[0].what === "value";
    if (listed && code && front && word.length <= (this.kind === "lot" ? 3 : 8)) {
      const at = /** @type {[number, number]} */ ([token.start, behind[0].end]);
      if (hasDigit(behind[0].value) && this.text.slice(token.end, behind[0].start) === " ") {
        this.add(String(this.kind), at, this.text.slice(...at));
        return index + 2;
      }
    }
    if (listed && !front) {
      if (this.fresh && word.toLowerCase() === "all") {
        this.add("all", [token.start, token.end], "");
        this.kind = this.listed = null;
        return index + 1;
      }
      if (behind.length && behind[0].value === ",") behind = behind.slice(1);
      const dated = behind.length > 0 && ["date", "short", "expiry"].includes(behind[0].what);
      const ofLetters = this.kind === "lot" && code && !NO_LOTS.has(word);
      if (ofLetters && (dated || (this.fresh && word.length > 2))) {
        this.add("lot", [token.start, token.end], word);
        return index + 1;
      }
    }
    if (!FILLERS.has(word.toLowerCase()) && !this.depth && word.length > 2) {
      this.kind = null;
      this.fresh = false;
    }
    return index + 1;
  }

  /** A value of a list, or a range of values; gives back the next index. @param {string} kind @param {Token[]} tokens @param {number} index */
  inList(kind, tokens, index) {
    const token = tokens[index];
    const second = kind === "catalogue" ? null : this.rangeEnd(tokens, index);
    if (second !== null && tokens[second].what === "value" && hasDigit(tokens[second].value)) {
      const end = tokens[second];
      this.add(kind, [token.start, end.end], token.value, end.value);
      return second + 1;
    }
    const both = token.value.split("-");
    if (kind !== "catalogue" && both.length === 2 && ascending(both[0], both[1])) {
      this.add(kind, [token.start, token.end], both[0], both[1]);
    } else {
      this.add(kind, [token.start, token.end], token.value);
    }
    return index + 1;
  }

  /** Whether the value begins a passage and the word for lots follows: "BB14 Lots: …". @param {Token[]} tokens @param {number} index */
  headsLots(tokens, index) {
    const { start } = tokens[index];
    const before = this.text.slice(Math.max(0, start - 8), start).replace(/[ *"“”]+$/, "");
    if (before && !";:.。\n".includes(before[before.length - 1])) return false;
    // Behind a word of its own it is that word's value.
    if (this.fresh && this.kind !== null) return false;
    let after = tokens.slice(index + 1, index + 3);
    if (after.length && after[0].what === "mark" && ",:".includes(after[0].value)) {
      after = after.slice(1);
    }
    return after.length > 0 && after[0].what === "lot";
  }

  /** @returns {Reading} */
  reading() {
    const mentions = [...this.found.values()].sort((a, b) => a.at - b.at).map((f) => f.mention);
    let left = "";
    for (let i = 0; i < this.text.length; i += 1) left += this.taken[i] ? "\n" : this.text[i];
    const nothing = new Set(["and", "or", "至", "到", "和", "及", ...TO_WORDS]);
    const unparsed = left
      .split("\n")
      .map((piece) => strip(piece, " \t,;:./&*#'\"、。–—~-"))
      .filter(
        (piece) =>
          /[\p{L}\p{N}]/u.test(piece) && !nothing.has(strip(piece, "() ").toLowerCase()),
      );
    return { mentions, unparsed };
  }
}

/** Whether two values have one form and rise. @param {string} first @param {string} second */
function ascending(first, second) {
  if (!NUMBERED.test(first) || !NUMBERED.test(second)) return false;
  const [one, two] = [form(compared(first)), form(compared(second))];
  return one !== null && two !== null && oneForm(one, two) && one.digits < two.digits;
}

/** Front and digits of a value; null where it ends in none. @param {string} text as compared */
function form(text) {
  const found = /[0-9]+$/.exec(text);
  return found && { front: text.slice(0, found.index), digits: found[0] };
}

/** @typedef {{front: string, digits: string}} Form */
/** As many digits compare as text just as they do as numbers. @param {Form} one @param {Form} two */
function oneForm(one, two) {
  return one.front === two.front && one.digits.length === two.digits.length;
}

/** What a text names. @param {string} text @returns {Reading} */
export function parseLots(text) {
  const cleaned = clean(text.normalize("NFKC"));
  if ([...cleaned].length > MAX_TEXT) return { mentions: [], unparsed: [cleaned] };
  const reader = new Reader(cleaned);
  reader.elements();
  reader.read();
  return reader.reading();
}

/** @param {Mention} mention */
const isRange = (mention) => mention.start !== mention.end;

/**
 * Whether what lies between the ends of a range can be told: what lies between NP-2406A and
 * NP-2407F only the firm knows.
 * @param {Mention} mention
 */
export function decidable(mention) {
  if (!isRange(mention)) return true;
  const [one, two] = [form(compared(mention.start)), form(compared(mention.end))];
  return one !== null && two !== null && oneForm(one, two);
}

/**
 * Whether a mention names this lot: alike but for case, spaces and hyphens, never by a prefix. A
 * range whose ends have one form holds what lies between; of others only the ends are told.
 * @param {Mention} mention
 * @param {string} lotText
 */
export function sameLot(mention, lotText) {
  const lot = compared(lotText);
  if (mention.kind !== "lot" || !lot) return false;
  const [first, last] = [compared(mention.start), compared(mention.end)];
  if (!isRange(mention)) return first === lot;
  if ([compared(mention.text), first, last].includes(lot)) return true;
  const [one, own, two] = [form(first), form(lot), form(last)];
  if (!one || !own || !two || !oneForm(one, two) || !oneForm(one, own)) return false;
  return one.digits <= own.digits && own.digits <= two.digits;
}

// ------------------------------------------------------------------------------ texts of entries

const HEAD = /^Lots, form 1, part ([1-9][0-9]{0,3}) of ([1-9][0-9]{0,3}):$/;
const UNREAD = "unread ";
const VALUE_KINDS = ["lot", "serial", "catalogue", "udi", "expiry"];

/**
 * What the text of an entry names: written by a mirror, one thing on a line, or else a register's
 * own words.
 * @param {string} text
 * @returns {{reading: Reading, part: number, parts: number}}
 */
export function readLots(text) {
  const [head, ...lines] = text.split("\n");
  const found = HEAD.exec(head);
  const asWritten = () => ({ reading: parseLots(text), part: 1, parts: 1 });
  if (!found || Number(found[1]) > Number(found[2])) return asWritten();
  /** @type {Mention[]} */
  const mentions = [];
  const unparsed = [];
  for (const line of lines) {
    const mention = writtenMention(line);
    if (mention !== null) mentions.push(mention);
    else if (line.startsWith(UNREAD)) unparsed.push(line.slice(UNREAD.length));
    else return asWritten();
  }
  return { reading: { mentions, unparsed }, part: Number(found[1]), parts: Number(found[2]) };
}

/** @param {string} line @returns {Mention|null} */
function writtenMention(line) {
  if (line === "all") return { text: "all lots", kind: "all", start: "", end: "" };
  const [kind, value] = halves(line, " ");
  const [start, end] = halves(value, " to ");
  if (!VALUE_KINDS.includes(kind) || !start) return null;
  const of = /** @type {MentionKind} */ (kind);
  return { text: end ? `${start}-${end}` : start, kind: of, start, end: end || start };
}

/** @param {string} text @param {string} between */
function halves(text, between) {
  const at = text.indexOf(between);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + between.length)];
}

// ------------------------------------------------------------------------------ recalls that count

/**
 * A recall as its register has it: the statement's first entry, what all its parts name, and their
 * sequence numbers.
 * @typedef {{recall: any, reading: Reading, entries: number[]}} StandingRecall
 */

/** Whether every lot of the product is meant. @param {Reading} reading */
export const allLots = (reading) => reading.mentions.some((mention) => mention.kind === "all");

/**
 * The recalls that count at `knownAt`, in the order of the ledger: all, or those of the firm.
 *
 * What a mirror states of a firm under one number of a register is one recall, stated again as the
 * register changes: that of the latest publication counts, once all of its parts are there. What a
 * compromised key signed does not. That a later list no longer has a number ends nothing, for such
 * lists show some recalls only.
 * @param {import("./history.js").History} history
 * @param {number} knownAt
 * @param {string} clock
 * @param {string[]|null} firm
 * @returns {StandingRecall[]}
 */
export function standingRecalls(history, knownAt, clock, firm = null) {
  /** Statements by what they are about, then by publication. @type {Map<string, Map<string, any[]>>} */
  const numbers = new Map();
  for (const recall of history.recalls) {
    const { stated, organisation } = recall;
    if (firm !== null && !firm.includes(organisation)) continue;
    if (!known(stated, knownAt, clock) || history.suspicion(stated, knownAt) !== null) continue;
    const key = JSON.stringify([stated.author, recall.register, recall.number, organisation]);
    const statements = numbers.get(key) ?? new Map();
    numbers.set(key, statements);
    append(statements, recall.publication + recall.document, recall);
  }
  return [...numbers.values()]
    .map((statements) => latest([...statements.values()]))
    .filter((one) => one !== null)
    .sort((a, b) => byNumbers(a.entries, b.entries));
}

/** @param {any[][]} statements @returns {StandingRecall|null} */
function latest(statements) {
  const published = (/** @type {StandingRecall} */ one) => one.recall.stated.published ?? 0;
  let found = null;
  for (const recalls of statements) {
    const one = putTogether(recalls);
    if (one === null) continue;
    const later =
      found === null ||
      published(one) - published(found) ||
      byNumbers(one.entries, found.entries);
    if (later === true || later > 0) found = one;
  }
  return found;
}

/** The statement of which these are the parts; null as long as one is missing. @param {any[]} recalls @returns {StandingRecall|null} */
function putTogether(recalls) {
  const texts = recalls.map((recall) => readLots(recall.lots));
  const parts = Math.max(...texts.map((text) => text.parts));
  const there = new Set(texts.map((text) => text.part));
  if (there.size !== parts || [...there].some((part) => part > parts)) return null;
  texts.sort((a, b) => a.part - b.part);
  return {
    recall: recalls[0],
    reading: {
      mentions: texts.flatMap((text) => text.reading.mentions),
      unparsed: texts.flatMap((text) => text.reading.unparsed),
    },
    entries: recalls.map((recall) => recall.stated.sequence),
  };
}

/** @param {number[]} a @param {number[]} b */
function byNumbers(a, b) {
  const at = a.findIndex((number, i) => number !== b[i]);
  return at < 0 || at >= b.length ? a.length - b.length : a[at] - b[at];
}
