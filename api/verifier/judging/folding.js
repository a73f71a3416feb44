/**
 * Recorded entries told as a history.
 *
 * The history follows from the set of entries alone: their order of arrival does not matter, one
 * handed over twice counts once, and what stands at or behind the position is left out.
 */

import { organisationId, organisationSubject, publicationId, REGISTER_PREFIX } from "../src/ids.js";
import { History, reportMarks } from "./history.js";
import { append, ORGANISATION, ROLE, STATE, WAY } from "./words.js";

/** @typedef {import("../src/records.js").Recorded} Recorded */
/** @typedef {import("./history.js").Stated} Stated */
/**
 * @typedef {Object} Founding what the deployment laid down, as the anchors have it
 * @property {string} organisation
 * @property {string} identifier_kind
 * @property {string} identifier
 * @property {string} name_zh
 * @property {string} name_en
 * @property {string[]} accounts
 * @property {number} quorum
 * @property {number} max_lateness in seconds
 * @property {number} founded_at
 */

const CREATING = new Map([
  ["IssueQualification", WAY.ISSUED],
  ["SubmitQualification", WAY.REVIEWED],
  ["WaiveQualification", WAY.WAIVED],
  ["MirrorQualification", WAY.MIRRORED],
]);

const STEPS = new Map([
  ["VerifyQualification", STATE.VERIFIED],
  ["EditQualification", STATE.EDITED],
  ["PublishQualification", STATE.IN_FORCE],
  ["RefuseQualification", STATE.REFUSED],
]);

const CHANGES = new Map([
  ["RestrictQualification", STATE.RESTRICTED],
  ["SuspendQualification", STATE.SUSPENDED],
  ["ReinstateQualification", STATE.IN_FORCE],
  ["WithdrawQualification", STATE.WITHDRAWN],
  ["SupersedeQualification", STATE.SUPERSEDED],
]);

/**
 * Who stated the entry and when; `published` where a register had published it before.
 * @param {Recorded} entry
 * @param {number|null} published
 * @returns {Stated}
 */
export function statedBy(entry, published = null) {
  return {
    sequence: entry.sequence,
    recorded: entry.recordedAt,
    published,
    author: entry.author,
    signers: entry.signers,
  };
}

/**
 * The holder of the qualification that this entry creates.
 * @param {Recorded} entry
 */
export const holderOf = (entry) =>
  entry.action === "SubmitQualification" ? entry.author : entry.values.holder;

/**
 * The id of the qualification that this entry creates, null if it creates none. Such an entry moves
 * two chains: the qualification's, whose subject is its id, and the holder's.
 * @param {Recorded} entry
 * @returns {string|null}
 */
export function createdQualification(entry) {
  if (!CREATING.has(entry.action)) return null;
  const holder = organisationSubject(holderOf(entry));
  return entry.subjects.find((subject) => subject !== holder) ?? null;
}

/**
 * The report that an `Inspect` entry states.
 * @param {Recorded} entry
 * @returns {import("./history.js").Inspection}
 */
export function inspectionOf(entry) {
  const { lot, sampledAt, happenedAt, result, document, standard, number } = entry.values;
  return {
    stated: statedBy(entry),
    digest: entry.digest,
    lot,
    maker: makerOf(lot),
    sampledAt,
    happenedAt,
    result,
    document,
    standard,
    number,
    marks: reportMarks(entry.author, standard, document, number),
  };
}

/** Who made a lot: its id begins with the 20 bytes of that organisation. */
export const makerOf = (lot) => lot.slice(0, 42);

/** A register's name without what stands before it on the ledger. */
const registerOf = (name) =>
  name.startsWith(REGISTER_PREFIX) ? name.slice(REGISTER_PREFIX.length) : name;

/**
 * Entries that are read without leaving a fact: no result rests on them. That the authority accepts
 * a register opens the ledger's own gate and makes nobody vouch for its rows; whether an account
 * could sign was the contracts' to check; a reply is shown beside what it answers.
 */
const SILENT = new Set([
  "SetQuorum",
  "SetMaxLateness",
  "AdmitContract",
  "RemoveAccount",
  "DisableAccount",
  "AcceptMirror",
  "Reply",
]);

class Folding {
  /** @param {Founding} founding */
  constructor(founding) {
    // The founding says what no entry can: who the first authority is, and its accounts.
    const ground = {
      sequence: -1,
      recorded: founding.founded_at,
      published: null,
      author: founding.organisation,
      signers: founding.accounts,
    };
    const { AUTHORITY } = ROLE;
    this.organisations = new Map([
      [
        founding.organisation,
        {
          id: founding.organisation,
          identifierKind: founding.identifier_kind,
          identifier: founding.identifier,
          changes: [{ stated: ground, status: ORGANISATION.ACTIVE, roles: AUTHORITY }],
        },
      ],
    ]);
    this.accounts = new Map();
    for (const address of founding.accounts) {
      this._addAccount(address, founding.organisation, AUTHORITY);
    }
    this.accreditations = new Map();
    this.links = [];
    this.categories = new Map();
    this.requirements = new Map();
    this.endings = new Map();
    this.publications = new Map();
    this.qualifications = new Map();
    this.capacities = [];
    this.closings = new Map();
    this.inspections = [];
    this.recalls = [];
  }

  /** @param {Recorded} e */
  read(e) {
    if (CREATING.has(e.action)) this._create(e);
    else if (STEPS.has(e.action)) this._step(e);
    else if (CHANGES.has(e.action)) this._change(e);
    else if (Object.hasOwn(READERS, e.action)) READERS[e.action].call(this, e, e.values, statedBy(e));
    else if (!SILENT.has(e.action)) throw new Error(`no reading for the action ${e.action}`);
  }

  /** The publication that the entry refers to, where it was met. */
  _publication(e) {
    return this.publications.get(e.values.publication);
  }

  _create(e) {
    const id = createdQualification(e);
    // A colleague may sign the same words later; what became of the qualification since stays.
    if (this.qualifications.has(id)) return;
    const v = e.values;
    const way = CREATING.get(e.action);
    const mirrored = way === WAY.MIRRORED;
    const publication = mirrored ? this._publication(e) : undefined;
    const stated = statedBy(e, publication?.published ?? null);
    this.qualifications.set(id, {
      id,
      stated,
      way,
      holder: holderOf(e),
      author: e.author,
      category: v.category,
      model: v.model,
      kind: v.kind,
      terms: [termsOf(e, stated)],
      get number() {
        return this.terms.at(-1).number;
      },
      publication: mirrored ? v.publication : "",
      register: publication?.register ?? "",
      withdrawnFrom: mirrored ? v.withdrawnFrom : 0,
      steps: [],
      changes: [],
      delistings: [],
    });
  }

  /** The qualification that the entry is about; none where only this entry of its chain was met. */
  _meant(e) {
    return this.qualifications.get(e.values.qualification);
  }

  _step(e) {
    const q = this._meant(e);
    if (!q) return;
    const stated = statedBy(e);
    q.steps.push({ stated, state: STEPS.get(e.action) });
    if (e.action === "EditQualification") q.terms.push(termsOf(e, stated));
  }

  _change(e) {
    const q = this._meant(e);
    if (!q) return;
    // Only a withdrawal may say from when it counts.
    const stated = e.action === "WithdrawQualification" ? e.values.effective : 0;
    q.changes.push({
      stated: statedBy(e),
      state: CHANGES.get(e.action),
      effective: stated || e.recordedAt,
    });
  }

  _addOrganisation(v, stated, status, roles) {
    const id = organisationId(v.identifierKind, v.identifier);
    this.organisations.set(id, {
      id,
      identifierKind: v.identifierKind,
      identifier: v.identifier,
      changes: [{ stated, status, roles }],
    });
  }

  _addAccount(address, organisation, roles) {
    this.accounts.set(address, { address, organisation, roles, compromises: [] });
  }
}

/** @returns {import("./history.js").Terms} */
function termsOf({ action, values }, stated) {
  return {
    stated,
    validFrom: values.validFrom,
    validUntil: values.validUntil,
    document: values.document,
    // A waiver has no number: it rests on the notice behind its document.
    number: action === "WaiveQualification" ? "" : values.number,
  };
}

/** What every other action adds. Each is called with the entry, its values and who stated it. */
const READERS = {
  RegisterOrganisation(e, v, stated) {
    this._addOrganisation(v, stated, ORGANISATION.ACTIVE, v.roles);
  },
  ListOrganisation(e, v, stated) {
    this._addOrganisation(v, stated, ORGANISATION.LISTED, 0);
  },
  ChangeOrganisation(e, v, stated) {
    const changed = this.organisations.get(v.organisation);
    changed?.changes.push({ stated, status: v.status, roles: v.roles });
  },
  AddAccount(e, v) {
    this._addAccount(v.account, v.organisation, v.roles);
  },
  DeclareCompromised(e, v, stated) {
    this.accounts.get(v.account)?.compromises.push({ stated, since: v.since });
  },
  Accredit(e, v, stated) {
    const period = { stated, start: v.from, end: v.until };
    append(this.accreditations, v.organisation + v.kind, period);
  },
  LinkOrganisations(e, v, stated) {
    this.links.push({ stated, pair: [v.first, v.second].sort(), same: v.same });
  },
  SetCategory(e, v, stated) {
    append(this.categories, v.category, { stated, parent: v.parent });
  },
  SetRequirement(e, v, stated) {
    const key = JSON.stringify([v.category, v.kind]);
    if (!this.requirements.has(key)) {
      this.requirements.set(key, { category: v.category, kind: v.kind, periods: [] });
    }
    this.requirements.get(key).periods.push({ stated, start: v.from, end: v.until });
  },
  RecordPublication(e, v) {
    const id = publicationId(e.author, e.digest);
    // A colleague may sign the same words; they were known from the first time on.
    if (this.publications.has(id)) return;
    this.publications.set(id, {
      id,
      stated: statedBy(e, v.published),
      register: registerOf(v.register),
      published: v.published,
      rows: v.rows,
    });
  },
  DelistQualification(e) {
    const published = this._publication(e)?.published ?? null;
    this._meant(e)?.delistings.push({
      stated: statedBy(e, published),
      published: published ?? e.recordedAt,
    });
  },
  EndKind(e, v) {
    const publication = this._publication(e);
    append(this.endings, v.kind, {
      stated: statedBy(e, publication?.published ?? null),
      register: publication?.register ?? "",
      effective: v.effective,
    });
  },
  StateCapacity(e, v) {
    const publication = this._publication(e);
    this.capacities.push({
      stated: statedBy(e, publication?.published ?? null),
      organisation: v.organisation,
      register: publication?.register ?? "",
      perDay: v.perDay,
      category: v.category,
      model: v.model,
      unit: v.unit,
    });
  },
  CloseAlarm(e, v, stated) {
    append(this.closings, v.alarm, { stated, account: e.signers[0] });
  },
  Inspect(e) {
    this.inspections.push(inspectionOf(e));
  },
  MirrorRecall(e, v) {
    const publication = this._publication(e);
    this.recalls.push({
      stated: statedBy(e, publication?.published ?? null),
      organisation: v.organisation,
      publication: v.publication,
      document: v.document,
      initiated: v.initiated,
      ended: v.ended,
      register: registerOf(v.register),
      number: v.number,
      product: v.product,
      lots: v.lots,
      reason: v.reason,
    });
  },
};

/**
 * The history that these entries tell. Changes of qualifications whose creation is not among the
 * entries are left out: they are of somebody else's, of which only this entry was met.
 * @param {Iterable<Recorded>} entries
 * @param {Founding} founding
 * @param {number} position
 */
export function fold(entries, founding, position) {
  const found = new Map();
  for (const e of entries) if (e.sequence < position) found.set(e.sequence, e);
  const folding = new Folding(founding);
  for (const sequence of [...found.keys()].sort((a, b) => a - b)) {
    folding.read(found.get(sequence));
  }
  return new History(position, folding);
}
