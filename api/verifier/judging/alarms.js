/**
 * Alarms: one document or number used for two different holders or lots.
 *
 * Nobody has to raise one: the recording of the second use opens it. Its id follows from the mark
 * and the two parties, so everybody finds the same. An auditor's signature closes it, a later use
 * opens it again.
 *
 * @typedef {Object} Alarm
 * @property {string} id
 * @property {import("./history.js").Mark} mark
 * @property {string[]} holders the two parties, sorted: organisations or lots
 * @property {string[]} qualifications
 * @property {number[]} uses the entries that use the mark, oldest first
 * @property {number} openedAt
 * @property {string[]} vouched those of the two for whose use somebody else vouches
 * @property {{stated: Stated, account: string}|null} closed the closing that stands
 *
 * @typedef {Object} Use
 * @property {string} party
 * @property {Stated} stated
 * @property {string|null} by who vouches for it
 * @property {string} qualification "" for a report
 *
 * @typedef {import("./history.js").Stated} Stated
 * @typedef {import("./history.js").Qualification} Qualification
 * @typedef {import("./history.js").History} History
 */

import { alarmId, markKey } from "./history.js";
import { makerOf } from "./folding.js";
import { ORGANISATION, ROLE, STATE, WAY } from "./words.js";

const bySequence = (a, b) => a.stated.sequence - b.stated.sequence;
const isLot = (party) => party.length === 66;

/**
 * Whether the alarm is open and speaks against this party. Anybody may submit somebody else's
 * number: where others vouch for this party's use alone, the other's is a mere claim.
 * @param {Alarm} alarm
 * @param {string} party
 */
export const stops = (alarm, party) =>
  alarm.closed === null && !(alarm.vouched.length === 1 && alarm.vouched[0] === party);

/**
 * Who, not being of the holder's firm, vouches for what the entry `use` says of the qualification:
 * its issuer, or who published it after review. A compromised key vouches for nothing; nor does a
 * publication for terms that had been edited away.
 * @param {History} history
 * @param {Qualification} q
 * @param {Stated} use
 * @param {number} knownAt
 * @returns {string|null}
 */
function voucher(history, q, use, knownAt) {
  let words = [];
  if (q.way === WAY.ISSUED) words = [q.stated];
  else if (use.sequence === q.terms.at(-1).stated.sequence) {
    words = q.steps
      .filter((step) => step.state === STATE.IN_FORCE && step.stated.recorded <= knownAt)
      .map((step) => step.stated);
  }
  const firm = history.firm(q.holder, knownAt);
  const word = words.find(
    (one) => !firm.includes(one.author) && history.suspicion(one, knownAt) === null,
  );
  return word?.author ?? null;
}

/**
 * Why a report is not the word of a third party: "key" (a compromised one signed it),
 * "accreditation" (the laboratory had none when it took the sample), "own" (it is the maker's).
 * @param {History} history
 * @param {import("./history.js").Inspection} report
 * @param {number} knownAt
 * @returns {string|null} null where it is one
 */
export function doubt(history, report, knownAt) {
  if (history.suspicion(report.stated, knownAt) !== null) return "key";
  const at = Math.max(knownAt, report.stated.recorded);
  if (!history.accredited(report.stated.author, report.standard, report.sampledAt, at)) {
    return "accreditation";
  }
  return history.firm(report.maker, knownAt).includes(report.stated.author) ? "own" : null;
}

/**
 * Whether an auditor signed the closing: the account and its organisation both have the role, and
 * the organisation was active.
 */
function mayClose(history, closing) {
  const account = history.accounts.get(closing.account);
  if (!account || account.organisation !== closing.stated.author) return false;
  const changes = history.organisations.get(account.organisation)?.changes ?? [];
  const then = changes
    .filter((change) => change.stated.sequence < closing.stated.sequence)
    .at(-1);
  return (
    then !== undefined &&
    then.status === ORGANISATION.ACTIVE &&
    (then.roles & account.roles & ROLE.AUDITOR) !== 0
  );
}

/** The closing that stands: no use was recorded after it, and its key is sound. */
function closingOf(history, alarm, lastUse, knownAt) {
  const closings = history.closings.get(alarm) ?? [];
  return (
    closings.findLast(
      (closing) =>
        lastUse < closing.stated.sequence &&
        closing.stated.recorded <= knownAt &&
        mayClose(history, closing) &&
        history.suspicion(closing.stated, knownAt) === null,
    ) ?? null
  );
}

const later = (a, b) => (b.sequence > a.sequence ? b : a);
const unique = (values) => [...new Set(values)];
const byOpening = (a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);

/**
 * The alarms that touch the organisation or its firm, by opening. They rest on what is recorded
 * only, so there is no choice of clock.
 * @param {History} history
 * @param {string} organisation
 * @param {number} knownAt
 * @returns {Alarm[]}
 */
export function alarms(history, organisation, knownAt) {
  const firm = history.firm(organisation, knownAt);
  const found = new Map();
  for (const alarm of alarmsWithLots(history, firm, knownAt)) found.set(alarm.id, alarm);
  for (const { mark, uses: every } of history.sharedMarks) {
    const uses = every.filter((use) => use.stated.recorded <= knownAt);
    const holders = unique(uses.map((use) => use.q.holder));
    for (const mine of holders.filter((holder) => firm.includes(holder))) {
      for (const other of holders.filter((holder) => !firm.includes(holder))) {
        const alarm = alarmOfHolders(history, mark, uses, mine, other, knownAt);
        found.set(alarm.id, alarm);
      }
    }
  }
  return [...found.values()].sort(byOpening);
}

/** @returns {Alarm} */
function alarmOfHolders(history, mark, uses, mine, other, knownAt) {
  const pair = uses.filter((use) => use.q.holder === mine || use.q.holder === other);
  const firstOf = (holder) => pair.find((use) => use.q.holder === holder).stated;
  const id = alarmId(mark, mine, other);
  const holders = [mine, other].sort();
  const vouched = holders.filter((holder) => {
    // Whoever vouches for one of a firm's records vouches for the firm.
    const side = history.firm(holder, knownAt);
    return uses.some(
      ({ q, stated }) =>
        side.includes(q.holder) && voucher(history, q, stated, knownAt) !== null,
    );
  });
  return {
    id,
    mark,
    holders,
    qualifications: unique(pair.map((use) => use.q.id)),
    uses: pair.map((use) => use.stated.sequence),
    openedAt: later(firstOf(mine), firstOf(other)).recorded,
    vouched,
    closed: closingOf(history, id, pair.at(-1).stated.sequence, knownAt),
  };
}

// ------------------------------------------------------------------ reports on lots

/**
 * Each document of the firm's qualifications that is also that of a report on another's lot, with
 * the holder and the lot, whenever it was recorded.
 * @param {History} history
 * @param {Iterable<string>} firm
 */
export function* holdersAndLots(history, firm) {
  const members = new Set(firm);
  for (const { mark, reports } of history.reportUses.values()) {
    if (mark.what !== "document") continue;
    const shown = (history.documentUses.get(mark.value) ?? []).map((use) => use.q.holder);
    const lots = reports.filter((report) => !members.has(report.maker)).map((r) => r.lot);
    for (const holder of unique(shown).sort()) {
      if (members.has(holder)) for (const lot of unique(lots)) yield { mark, holder, lot };
    }
  }
}

function* alarmsWithLots(history, firm, knownAt) {
  for (const { mark, holder, lot } of holdersAndLots(history, firm)) {
    const uses = usesOf(history, mark, knownAt);
    const mine = uses.filter((use) => use.party === holder);
    const theirs = uses.filter((use) => use.party === lot);
    if (mine.length && theirs.length) yield alarmOfUses(history, mark, mine, theirs, knownAt);
  }
}

/**
 * The alarms over reports on this lot, by opening. Among many lots with one report each has its
 * alarm with the first for which a laboratory vouches, so that a report copied a hundred times
 * makes a hundred alarms and not five thousand.
 * @param {History} history as `gatherReports` makes it
 * @param {string} lot
 * @param {number} knownAt
 * @returns {Alarm[]}
 */
export function lotAlarms(history, lot, knownAt) {
  const found = [];
  const own = new Map();
  for (const report of history.reports.get(lot) ?? []) {
    for (const mark of report.marks) own.set(markKey(mark), mark);
  }
  for (const mark of own.values()) {
    const uses = usesOf(history, mark, knownAt);
    const mine = uses.filter((use) => use.party === lot);
    if (!mine.length) continue; // recorded after what is known
    const firm = history.firm(makerOf(lot), knownAt);
    const lots = uses.filter((use) => isLot(use.party));
    const first = (lots.find((use) => use.by !== null) ?? lots[0]).party;
    for (const other of unique(uses.map((use) => use.party))) {
      if (other === lot || firm.includes(other)) continue;
      if (isLot(other) && first !== lot && first !== other) continue; // both have one with `first`
      const theirs = uses.filter((use) => use.party === other);
      found.push(alarmOfUses(history, mark, mine, theirs, knownAt));
    }
  }
  return found.sort(byOpening);
}

/**
 * Who uses the mark, oldest first.
 * @returns {Use[]}
 */
function usesOf(history, mark, knownAt) {
  const uses = [];
  for (const report of history.reportUses.get(markKey(mark))?.reports ?? []) {
    if (report.stated.recorded > knownAt) continue;
    const by = doubt(history, report, knownAt) === null ? report.stated.author : null;
    uses.push({ party: report.lot, stated: report.stated, by, qualification: "" });
  }
  if (mark.what === "document") {
    for (const { q, terms } of history.documentUses.get(mark.value) ?? []) {
      if (terms.stated.recorded > knownAt) continue;
      const by = voucher(history, q, terms.stated, knownAt);
      uses.push({ party: q.holder, stated: terms.stated, by, qualification: q.id });
    }
  }
  return uses.sort(bySequence);
}

/**
 * Documents are public once they are recorded, so where two different parties vouch, one of them
 * may have copied: the alarm then stops only what came later. One laboratory that vouches for both
 * contradicts itself, which stops both.
 * @param {History} history
 * @param {import("./history.js").Mark} mark
 * @param {Use[]} one
 * @param {Use[]} two
 * @param {number} knownAt
 * @returns {Alarm}
 */
function alarmOfUses(history, mark, one, two, knownAt) {
  const pair = [...one, ...two].sort(bySequence);
  const holders = [one[0].party, two[0].party].sort();
  const words = holders.map((party) => pair.find((use) => use.party === party && use.by !== null));
  let vouched = holders.filter((_, i) => words[i] !== undefined);
  if (vouched.length === 2 && words[0].by !== words[1].by) {
    vouched = [words[0].stated.sequence <= words[1].stated.sequence ? holders[0] : holders[1]];
  }
  const id = alarmId(mark, holders[0], holders[1]);
  return {
    id,
    mark,
    holders,
    qualifications: unique(pair.map((use) => use.qualification).filter(Boolean)),
    uses: unique(pair.map((use) => use.stated.sequence)),
    openedAt: later(one[0].stated, two[0].stated).recorded,
    vouched,
    closed: closingOf(history, id, pair.at(-1).stated.sequence, knownAt),
  };
}
