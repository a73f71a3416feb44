/**
 * What a bundle proves, as the judgements read it, and what they never asked for.
 */

import { createdQualification } from "../judging/folding.js";
import { marksOf } from "../judging/history.js";
import { hex, padStart, unhex } from "./bytes.js";
import { organisationSubject } from "./ids.js";
import { Missing } from "./records.js";

/** @typedef {import("./records.js").Recorded} Recorded */

/** The actions that tell of a document or number by which copies are recognised. */
const MARKING = ["IssueQualification", "SubmitQualification", "EditQualification", "Inspect"];

/**
 * The chain of the acts about the ledger itself, such as the permitted lateness.
 * @param {string} registry address of ``ParticipantRegistry``
 */
export function registrySubject(registry) {
  return hex(padStart(unhex(registry)));
}

/** Answers from what is proved; keeps ``Records``. */
export class Proven {
  /**
   * @param {Recorded[]} entries in order, all of the bundle
   * @param {string[]} subjects whose chains are proved to be whole
   * @param {Map<number, number>} times of the bare leaves, by sequence
   * @param {string} registry address of ``ParticipantRegistry``
   */
  constructor(entries, subjects, times, registry) {
    this.registry = registry;
    this.times = times;
    this.entries = new Map(entries.map((entry) => [entry.sequence, entry]));
    /** @type {Map<string, Recorded[]>} */
    this.chains = new Map(subjects.map((subject) => [subject, []]));
    /** @type {Map<string, Recorded[]>} */
    this.marks = new Map();
    /** Entries that stand in no chain. */
    this.loose = new Set();
    this.asked = new Set();
    this.told = new Set();
    this.timed = new Set();
    /** @type {Set<string>} */
    this.authors = new Set();
    this.sort(entries);
  }

  /** @param {Recorded[]} entries */
  sort(entries) {
    /** @type {Map<string, string>} */
    const kinds = new Map();
    for (const entry of entries) {
      const chains = [...new Set(entry.subjects)].filter((subject) => this.chains.has(subject));
      for (const subject of chains) this.chains.get(subject)?.push(entry);
      if (!chains.length) this.loose.add(entry.sequence);
      const qualification = createdQualification(entry);
      if (qualification !== null) kinds.set(qualification, entry.values.kind);
      for (const mark of marksOfEntry(entry, kinds)) {
        const known = this.marks.get(mark);
        if (known) known.push(entry);
        else this.marks.set(mark, [entry]);
      }
    }
  }

  /** @param {string} subject */
  bySubject(subject) {
    const chain = this.chains.get(subject);
    if (chain === undefined) throw new Missing(`the chain of ${subject}`);
    this.asked.add(subject);
    return this.answered(chain);
  }

  /** @param {string} document */
  byDocument(document) {
    return this.marked(marksOf("", document, ""));
  }

  /**
   * @param {string} kind
   * @param {string} number
   * @param {string} [author] if given, only reports of this laboratory
   */
  byNumber(kind, number, author) {
    const own = (e) => e.action === "Inspect" && e.author === author;
    return this.marked(marksOf(kind, "0x", number), author === undefined ? () => true : own);
  }

  /** @param {number} sequence */
  recordedAt(sequence) {
    this.timed.add(sequence);
    const recorded = this.entries.get(sequence)?.recordedAt ?? this.times.get(sequence);
    if (recorded === undefined) throw new Missing(`when entry ${sequence} was recorded`);
    return recorded;
  }

  /**
   * Only reports are taken as they are found: of what else is taken, the chain is asked for.
   * @param {{value: string}[]} marks
   * @param {(entry: Recorded) => boolean} wanted
   */
  marked(marks, wanted = () => true) {
    /** @type {Map<number, Recorded>} */
    const found = new Map();
    for (const { value } of marks) {
      for (const entry of (this.marks.get(value) ?? []).filter(wanted)) {
        found.set(entry.sequence, entry);
      }
    }
    const answered = [...found.values()].sort((a, b) => a.sequence - b.sequence);
    const reports = answered.filter((entry) => entry.action === "Inspect");
    for (const { sequence } of this.answered(reports)) this.told.add(sequence);
    return answered;
  }

  /** @param {Recorded[]} entries */
  answered(entries) {
    for (const { author } of entries) this.authors.add(author);
    return entries;
  }

  /**
   * Ask for the chains of whoever signed what was answered, for there it stands to whom an account
   * belongs, until nothing new turns up.
   */
  settle() {
    // A set also goes through what is added to it on the way.
    for (const author of this.authors) this.bySubject(organisationSubject(author));
  }

  /**
   * What nothing asked for up to now: chains by subject, and the sequences of entries that stand in
   * no chain and of bare leaves.
   * @param {Set<number | null>} ends bare leaves that end a chain
   * @returns {(string | number)[]}
   */
  superfluous(ends) {
    return [
      ...[...this.chains.keys()].filter((subject) => !this.asked.has(subject)),
      ...[...this.loose].filter((sequence) => !this.told.has(sequence)),
      ...[...this.times.keys()].filter(
        (sequence) => !this.timed.has(sequence) && !ends.has(sequence),
      ),
    ];
  }
}

/**
 * By what a copy of what this entry tells of is recognised.
 * @param {Recorded} entry
 * @param {Map<string, string>} kinds of the qualifications before it
 * @returns {Set<string>}
 */
function marksOfEntry({ action, values }, kinds) {
  if (!MARKING.includes(action)) return new Set();
  let { kind, number } = values;
  if (action === "Inspect") kind = values.standard;
  else if (action === "EditQualification") {
    // An edit does not say its kind; without it there is nothing to compare the number by.
    const known = kinds.get(values.qualification);
    kind = known ?? "";
    if (known === undefined) number = "";
  }
  return new Set(marksOf(kind, values.document, number).map((mark) => mark.value));
}

/**
 * The entries with ``author`` and ``late`` as the founding and the entries themselves make them. An
 * account belongs for ever to the organisation that it was added to.
 * @param {Omit<Recorded, "author" | "late">[]} entries in order
 * @param {import("./anchors.js").Founding} founding
 * @param {string} registry
 * @returns {Recorded[] | number} the sequence of one that is signed by nobody knows whom
 */
export function attributed(entries, founding, registry) {
  const owners = new Map(founding.accounts.map((account) => [account, founding.organisation]));
  const own = registrySubject(registry);
  let permitted = founding.max_lateness;
  const made = [];
  for (const entry of entries) {
    const { action, values, subjects, recordedAt } = entry;
    const author = owners.get(entry.signers[0]);
    if (author === undefined) return entry.sequence;
    made.push({ ...entry, author, late: values.happenedAt + permitted < recordedAt });
    if (action === "AddAccount") {
      if (!owners.has(values.account)) owners.set(values.account, values.organisation);
    } else if (action === "SetMaxLateness" && subjects.length === 1 && subjects[0] === own) {
      permitted = values.maxLateness;
    }
  }
  return made;
}
