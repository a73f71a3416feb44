/**
 * Which entries a judgement takes: it asks for whole chains until nothing new turns up.
 *
 * What is asked for here is exactly what evidence must prove, no chain more and none less.
 */

import {
  alarmSubject,
  namedSubject,
  organisationSubject,
  REGISTER_PREFIX,
  registerSubject,
} from "../src/ids.js";
import { holdersAndLots, lotAlarms } from "./alarms.js";
import { createdQualification, fold, holderOf, inspectionOf, makerOf } from "./folding.js";
import { alarmId, marksOf } from "./history.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("../src/records.js").Records} Records */
/** @typedef {import("./folding.js").Founding} Founding */

/** What creates a qualification by which copies are recognised. */
const CLAIMING = new Set(["IssueQualification", "SubmitQualification"]);

class Gathering {
  /**
   * @param {Records} records
   * @param {number} position
   */
  constructor(records, position) {
    this.records = records;
    this.position = position;
    /** @type {Map<number, Recorded>} */
    this.entries = new Map();
    /** @type {Map<string, Recorded[]>} */
    this.chains = new Map();
    /** Organisations whose accounts, accreditations and links are needed.
     * @type {Set<string>} */
    this.authors = new Set();
  }

  /**
   * @param {Iterable<Recorded>} entries
   * @returns {Recorded[]} those before the position
   */
  add(entries) {
    const kept = [...entries].filter((e) => e.sequence < this.position);
    for (const e of kept) {
      this.entries.set(e.sequence, e);
      this.authors.add(e.author);
    }
    return kept;
  }

  /** @param {string} subject */
  chain(subject) {
    if (!this.chains.has(subject)) {
      this.chains.set(subject, this.add(this.records.bySubject(subject)));
    }
    return this.chains.get(subject);
  }

  /** @param {string} organisation */
  organisation(organisation) {
    return this.chain(organisationSubject(organisation));
  }

  /** Everybody who was ever decided to be one firm with it. */
  firm(organisation) {
    const firm = new Set([organisation]);
    for (const member of firm) {
      for (const e of this.organisation(member)) {
        if (e.action === "LinkOrganisations" && e.values.same) {
          firm.add(e.values.first).add(e.values.second);
        }
      }
    }
    return firm;
  }

  /** All qualifications of the firm: what creates one stands in its holder's chain, too. */
  held(firm) {
    for (const member of firm) {
      for (const e of this.organisation(member)) {
        const qualification = createdQualification(e);
        if (qualification !== null && firm.has(holderOf(e))) this.chain(qualification);
      }
    }
  }

  /** The category with every ancestor that it ever had. */
  category(category) {
    const seen = new Set([category]);
    for (const one of seen) {
      for (const e of this.chain(namedSubject("category", one))) {
        if (e.action === "SetCategory" && e.values.parent) seen.add(e.values.parent);
      }
    }
  }

  /** The qualifications of others, and the reports, with a document or number of this firm's. */
  copies() {
    const own = [...this.entries.values()];
    const kinds = new Map();
    for (const e of own) {
      const qualification = createdQualification(e);
      if (qualification !== null) kinds.set(qualification, e.values.kind);
    }
    for (const e of own) {
      let kind;
      if (CLAIMING.has(e.action)) kind = e.values.kind;
      else if (e.action === "EditQualification") kind = kinds.get(e.values.qualification);
      if (kind === undefined) continue;
      for (const mark of marksOf(kind, e.values.document, e.values.number)) {
        this.strangers(
          mark.what === "document"
            ? this.records.byDocument(mark.value)
            : this.records.byNumber(kind, e.values.number),
        );
      }
    }
  }

  /** What such entries are about: a qualification with its holder, or a lot's maker.
   * @param {Iterable<Recorded>} found */
  strangers(found) {
    for (const e of found) {
      if (e.action === "Inspect") {
        for (const kept of this.add([e])) this.authors.add(makerOf(kept.values.lot));
        continue;
      }
      let qualification = null;
      if (CLAIMING.has(e.action)) qualification = createdQualification(e);
      else if (e.action === "EditQualification") qualification = e.values.qualification;
      if (qualification === null || e.sequence >= this.position) continue;
      for (const step of this.chain(qualification)) {
        if (createdQualification(step) === qualification) this.organisation(holderOf(step));
      }
    }
  }

  /**
   * Whoever signed what was read, the registers that they mirror, the kinds, until nothing new
   * turns up. Every entry read may bring a new author, so it goes round until a round adds nothing.
   */
  settle() {
    for (let before = -1; before !== this.chains.size; ) {
      before = this.chains.size;
      const mirrors = new Set();
      for (const e of this.entries.values()) if ("publication" in e.values) mirrors.add(e.author);
      for (const author of [...this.authors]) {
        for (const e of this.organisation(author)) {
          const kind = e.action === "Accredit" ? e.values.kind : "";
          if (mirrors.has(author) && kind.startsWith(REGISTER_PREFIX)) {
            this.chain(registerSubject(author, kind));
          }
        }
      }
      for (const e of [...this.entries.values()]) {
        if (e.action === "SetRequirement" || createdQualification(e) !== null) {
          this.chain(namedSubject("kind", e.values.kind));
        }
      }
    }
  }

  /** As `settle`, with everybody who was ever decided to be one firm with any of them. */
  settleFirms() {
    for (let before = -1; before !== this.authors.size; ) {
      before = this.authors.size;
      this.settle();
      for (const e of this.entries.values()) {
        if (e.action === "LinkOrganisations" && e.values.same) {
          this.authors.add(e.values.first).add(e.values.second);
        }
      }
    }
  }
}

/**
 * All that a judgement over the organisation in the category needs: its firm with their
 * qualifications, who signed any of it, the category with its ancestors and requirements, the
 * kinds, the publications behind mirrored facts, the copies, and the alarms over them.
 * @param {Records} records
 * @param {Founding} founding
 * @param {string} organisation
 * @param {string} category
 * @param {number} position how many entries of the log are looked at
 */
export function gather(records, founding, organisation, category, position) {
  const gathering = new Gathering(records, position);
  const firm = gathering.firm(organisation);
  gathering.held(firm);
  gathering.category(category);
  gathering.copies();
  gathering.settle();
  // Which alarms there are follows from what was read; each has a chain with its closings.
  const history = fold(gathering.entries.values(), founding, position);
  for (const { mark, uses } of history.sharedMarks) {
    const holders = new Set(uses.map((use) => use.q.holder));
    for (const mine of holders) {
      if (!firm.has(mine)) continue;
      for (const other of holders) {
        if (other !== mine) gathering.chain(alarmSubject(alarmId(mark, mine, other)));
      }
    }
  }
  for (const { mark, holder, lot } of holdersAndLots(history, firm)) {
    gathering.chain(alarmSubject(alarmId(mark, holder, lot)));
  }
  gathering.settle();
  return fold(gathering.entries.values(), founding, position);
}

/**
 * The same without what others show of it: enough for how the organisation stands in the category,
 * not for alarms. Nothing is looked up but by its subject.
 * @param {Records} records
 * @param {Founding} founding
 * @param {string} organisation
 * @param {string} category
 * @param {number} position how many entries of the log are looked at
 */
export function gatherStanding(records, founding, organisation, category, position) {
  const gathering = new Gathering(records, position);
  gathering.held(gathering.firm(organisation));
  gathering.category(category);
  gathering.settle();
  return fold(gathering.entries.values(), founding, position);
}

/**
 * All that bears on one qualification, whoever holds what else. Where it is mirrored that includes
 * what the register says of the holder's firm, for one row may withdraw another.
 * @param {Records} records
 * @param {Founding} founding
 * @param {string} qualification
 * @param {number} position
 */
export function gatherQualification(records, founding, qualification, position) {
  const gathering = new Gathering(records, position);
  for (const e of gathering.chain(qualification)) {
    if (e.action === "MirrorQualification" && createdQualification(e) === qualification) {
      gathering.firm(holderOf(e));
    }
  }
  gathering.settle();
  return fold(gathering.entries.values(), founding, position);
}

/**
 * All that it takes to weigh entries about lots: who signed them and made the lots, every other
 * report and qualification with a document or number of a report among them, and the alarms.
 * @param {Records} records
 * @param {Founding} founding
 * @param {Iterable<Recorded>} entries
 * @param {number} position
 * @param {number} knownAt
 */
export function gatherReports(records, founding, entries, position, knownAt) {
  const given = [...entries].filter((e) => e.sequence < position);
  const gathering = new Gathering(records, position);
  for (const e of given) gathering.authors.add(e.author);
  const reports = gathering.add(given.filter((e) => e.action === "Inspect"));
  const lots = new Set(reports.map((e) => e.values.lot));
  for (const lot of lots) gathering.authors.add(makerOf(lot));
  for (const e of reports) {
    for (const mark of inspectionOf(e).marks) {
      if (mark.what === "document") {
        gathering.strangers(records.byDocument(e.values.document));
      } else {
        // Every laboratory counts its own reports.
        const { standard, number } = e.values;
        gathering.strangers(records.byNumber(standard, number, e.author));
      }
    }
  }
  gathering.settleFirms();
  const history = fold(gathering.entries.values(), founding, position);
  for (const lot of [...lots].sort()) {
    for (const alarm of lotAlarms(history, lot, knownAt)) {
      gathering.chain(alarmSubject(alarm.id));
    }
  }
  gathering.settleFirms();
  return fold(gathering.entries.values(), founding, position);
}
