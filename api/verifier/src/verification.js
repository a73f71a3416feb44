/**
 * The verification of a bundle: fifteen numbered checks, each of which stands on those before it.
 * After the first that fails the later ones are not reached.
 */

import { answer } from "../judging/index.js";
import { QuestionError } from "../judging/question.js";
import { ACTIONS } from "./actions.js";
import { FormError, JUDGED, readBundle } from "./bundle.js";
import { hex, unhex, word, ZERO } from "./bytes.js";
import { byCodePoint, write } from "./canonical.js";
import { entryDigest, EntryForm, leafHash, readMessage, signersHash } from "./entries.js";
import { documentHash } from "./disclosure.js";
import { keccakOf, recover } from "./hashing.js";
import {
  checkClique,
  checkIbft,
  checkQbft,
  checkService,
  HeaderError,
  readHeader,
} from "./headers.js";
import { movedSubjects, organisationId } from "./ids.js";
import { remembering } from "./memory.js";
import { extendsLog, isIncluded } from "./merkle.js";
import { attributed, Proven } from "./proven.js";
import { Missing } from "./records.js";
import { CHECKS, CODES, LIMITS } from "./report-texts.js";
import { checkpointDigest, logDomain, receiptDigest, witnessedDigest } from "./statements.js";
import { accountAt, Nodes, NotProved, slotAt } from "./trie.js";

export const FORMAT = "suyuan verification 1";

/**
 * @typedef {import("./bundle.js").Bundle} Bundle
 * @typedef {import("./bundle.js").Checkpoint} Checkpoint
 * @typedef {import("./bundle.js").ShownEntry} ShownEntry
 * @typedef {import("./bundle.js").BareLeaf} BareLeaf
 * @typedef {import("./anchors.js").Anchors} Anchors
 * @typedef {import("./headers.js").Header} Header
 * @typedef {import("./records.js").Recorded} Recorded
 * @typedef {Omit<Recorded, "author" | "late">} Unattributed
 *
 * @typedef {object} Finding
 * @property {"valid" | "invalid" | "skipped" | "unknown"} result
 * @property {string | null} code null where it is valid
 * @property {string} [detail] for whoever looks for the fault
 */

/** A check that fails. */
class Fault extends Error {
  /**
   * @param {string} code
   * @param {string} [detail]
   */
  constructor(code, detail = "") {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * @param {boolean} fine
 * @param {string} code of the fault where it is not
 * @param {string} [detail]
 */
function must(fine, code, detail) {
  if (!fine) throw new Fault(code, detail);
}

/** @type {Finding} */
const VALID = { result: "valid", code: null };

/**
 * @param {string} code
 * @returns {Finding}
 */
const skipped = (code) => ({ result: "skipped", code });

/**
 * @param {string} code
 * @returns {Finding}
 */
const unknown = (code) => ({ result: "unknown", code });

/** The kinds that prove of the log's state its root alone. */
const ROOT_ONLY = ["entry", "absence"];

// Places in the contracts' storage: contracts/snapshots/storage-layout.json.
const SIZE_SLOT = ZERO;
const ROOT_SLOT = hex(word(1));
const HEADS = word(2);
const USED_NONCES = word(2);

/**
 * Where ``EntryLog`` keeps the last leaf of a subject's chain.
 * @param {string} subject
 */
function headSlot(subject) {
  return hex(keccakOf(unhex(subject), HEADS));
}

/**
 * Where a contract notes, 256 in a word, which nonces an account used.
 * @param {string} account
 * @param {bigint} nonce
 */
function nonceSlot(account, nonce) {
  return hex(keccakOf(word(BigInt(account) | ((nonce >> 8n) << 160n)), USED_NONCES));
}

/** Stands for the author's organisation where it is not known. */
const NOBODY = `0x${"00".repeat(20)}`;

/** One bundle under examination, and what the checks up to now made of it. */
class Case {
  /**
   * @param {Bundle} bundle
   * @param {Anchors} anchors
   * @param {Uint8Array[]} documents
   */
  constructor(bundle, anchors, documents) {
    this.bundle = bundle;
    this.anchors = anchors;
    this.documents = documents;
    this.log = logDomain(anchors.chain_id, contractOf(anchors, "EntryLog").address);
    /** The bundle's own checkpoint first. */
    this.checkpoints = [bundle.checkpoint];
    if (bundle.kind === "consistency") this.checkpoints.push(bundle.claim.earlier);
    /** @type {Header[]} the blocks of the checkpoints */
    this.blocks = [];
    /** @type {Map<string, string>} proved ends of chains, by subject */
    this.heads = new Map();
    /** The word of the state in which the nonce of a proof of absence stands. */
    this.nonces = ZERO;
    /** @type {Unattributed[]} */
    this.entries = [];
    /** @type {Proven | null} */
    this.records = null;
    /** @type {any} what came out when the claim was judged again; null if it cannot be judged */
    this.answer = null;
    this.problem = "";
  }

  /**
   * Whether somebody in the anchors vouches for the log's size: the service signs it; elsewhere the
   * state proves it, but for an entry or an absence of the state the root alone is proved.
   * @returns {boolean}
   */
  get hasSize() {
    const { kind, checkpoint } = this.bundle;
    return checkpoint.seal.rule === "service" || !ROOT_ONLY.includes(kind);
  }

  /** @returns {boolean} */
  get judged() {
    return JUDGED.includes(this.bundle.kind);
  }

  // -- 2

  /** @returns {Finding} */
  ledger() {
    const { ledger } = this.bundle;
    const { anchors } = this;
    const same = ledger.chain_id === anchors.chain_id && ledger.genesis === anchors.genesis;
    must(same, "ledger.chain", "another chain id or genesis block");
    let strange = false;
    for (const [name, address] of Object.entries(ledger.contracts)) {
      const anchored = anchors.contracts.get(name);
      if (anchored === undefined) strange = true;
      else must(anchored.address === address, "ledger.contracts", name);
    }
    return strange ? unknown("ledger.contract-unknown") : VALID;
  }

  // -- 3

  /** @returns {Finding} */
  header() {
    this.blocks = this.checkpoints.map(({ header, seal }) => readHeader(header, seal.rule));
    return VALID;
  }

  // -- 4

  /** @returns {Finding} */
  seal() {
    this.checkpoints.forEach((checkpoint, i) => this.checkSeal(checkpoint, this.blocks[i]));
    return VALID;
  }

  /**
   * @param {Checkpoint} checkpoint
   * @param {Header} block
   */
  checkSeal(checkpoint, block) {
    const { rule, signatures, headers } = checkpoint.seal;
    const anchor = this.anchors.seal;
    must(rule === anchor.rule, "seal.rule", `${rule}, not ${anchor.rule}`);
    if (rule === "service") {
      const digest = checkpointDigest(this.log, checkpoint, block);
      checkService(digest, signatures, anchor.accounts, anchor.quorum);
    } else if (rule === "clique") checkClique(block, headers, anchor.accounts);
    else if (rule === "qbft") checkQbft(block, anchor.accounts);
    else checkIbft(block, anchor.accounts);
    const made = BigInt(checkpoint.made_at);
    const fits = rule === "service" ? made >= block.time : made === block.time;
    must(fits, "seal.time", `made at ${made}`);
  }

  // -- 5

  /** @returns {Finding} */
  witnesses() {
    const known = new Set(this.anchors.witnesses.map((witness) => witness.account));
    const wanted = this.anchors.witness_quorum;
    let some = false;
    let strange = false;
    this.checkpoints.forEach((checkpoint, i) => {
      for (const witness of checkpoint.witnesses) {
        const digest = witnessedDigest(this.log, checkpoint, this.blocks[i], witness);
        const fine = recover(digest, witness.signature) === witness.account;
        must(fine, "witness.signature", witness.account);
      }
      const all = checkpoint.witnesses.length;
      const found = checkpoint.witnesses.filter(({ account }) => known.has(account)).length;
      must(found >= wanted, "witness.quorum", `${found} of ${wanted}`);
      some ||= all > 0;
      // Beside somebody who is known, strangers neither help nor harm.
      strange ||= found === 0 && all > 0;
    });
    if (strange) return unknown("witness.unknown");
    return some ? VALID : skipped("witness.none");
  }

  // -- 6

  /** @returns {Finding} */
  state() {
    const { kind, ledger, nodes: listed, chains, claim } = this.bundle;
    const nodes = new Nodes(listed);
    const onlyRoot = ROOT_ONLY.includes(kind);
    this.checkpoints.forEach(({ size, root }, i) => {
      const storage = this.storageOf(nodes, this.blocks[i], ledger.contracts.EntryLog, "EntryLog");
      const fits = onlyRoot || slotAt(nodes, storage, SIZE_SLOT) === hex(word(size));
      must(fits, "state.size", "the size differs");
      must(slotAt(nodes, storage, ROOT_SLOT) === root, "state.root", "the root differs");
      for (const { subject, next } of chains) {
        if (next === null) this.heads.set(subject, slotAt(nodes, storage, headSlot(subject)));
      }
    });
    if (kind === "absence") {
      const address = ledger.contracts[claim.contract];
      const storage = this.storageOf(nodes, this.blocks[0], address, claim.contract);
      this.nonces = slotAt(nodes, storage, nonceSlot(claim.account, claim.nonce));
    }
    must(nodes.allSeen, "state.node", `node ${nodes.next} is not needed where it stands`);
    return VALID;
  }

  /**
   * The storage root of a contract whose code is the one in the anchors, if it is there.
   * @param {Nodes} nodes
   * @param {Header} block
   * @param {string} address
   * @param {string} name
   */
  storageOf(nodes, block, address, name) {
    const { storageRoot, codeHash } = accountAt(nodes, block.stateRoot, address);
    const anchored = this.anchors.contracts.get(name);
    must(anchored === undefined || anchored.code_hash === codeHash, "state.code", name);
    return storageRoot;
  }

  // -- 7

  /** @returns {Finding} */
  history() {
    let compared = false;
    this.checkpoints.forEach(({ size, root }, i) => {
      for (const pinned of this.anchors.checkpoints) {
        const sized = pinned.size === size;
        // Of a size that anybody may have written, no two histories follow.
        if (pinned.block_hash !== this.blocks[i].hash && !(sized && this.hasSize)) continue;
        compared = true;
        must(sized && pinned.root === root, "history.fork", `at ${pinned.size} entries`);
      }
    });
    if (this.bundle.kind === "consistency") {
      this.checkExtension();
      return VALID;
    }
    return compared ? VALID : skipped("history.none");
  }

  checkExtension() {
    const { checkpoint, claim } = this.bundle;
    const { size, root } = checkpoint;
    const { earlier, path } = claim;
    must(earlier.size <= size, "history.rollback", `${earlier.size} before, now ${size}`);
    const forked = earlier.size === size && earlier.root !== root;
    must(!forked, "history.fork", `at ${size} entries`);
    const fits = extendsLog(earlier.size, unhex(earlier.root), size, unhex(root), path);
    must(fits, "history.path", "the path does not fit");
  }

  // -- 8

  /** @returns {Finding} */
  readEntries() {
    const { ledger, entries } = this.bundle;
    // An entry's path has no part in this, and goes so that the rest is recognised.
    this.entries = entries.map(({ path, ...shown }) => recorded(JSON.stringify([ledger, shown])));
    return this.entries.length ? VALID : skipped("entry.none");
  }

  // -- 9

  /** @returns {Finding} */
  inclusion() {
    const { checkpoint, entries, leaves } = this.bundle;
    const shown = [
      ...entries.map(({ path, sequence }, i) => ({ path, sequence, leaf: this.entries[i].leaf })),
      ...leaves.map((leaf) => ({ ...leaf, leaf: bareHash(leaf) })),
    ];
    const root = unhex(checkpoint.root);
    let some = false;
    for (const { path, sequence, leaf } of shown) {
      if (path === null) continue;
      some = true;
      const fits = isIncluded(unhex(leaf), sequence, checkpoint.size, path, root);
      must(fits, "inclusion.path", `leaf ${sequence}`);
    }
    return some ? VALID : skipped("inclusion.none");
  }

  // -- 10

  /** @returns {Finding} */
  chains() {
    const { entries, leaves, chains, claim } = this.bundle;
    if (!this.judged) return skipped("chain.none");
    /** @type {Map<string, Unattributed[]>} */
    const named = new Map(chains.map(({ subject }) => [subject, []]));
    this.entries.forEach((entry, i) => {
      must(entry.sequence < claim.position, "chain.position", `entry ${entry.sequence}`);
      const ways = [...new Set(entry.subjects)].filter((subject) => named.has(subject));
      const proved = ways.length > 0 || entries[i].path !== null;
      must(proved, "chain.unproved", `entry ${entry.sequence}`);
      for (const subject of ways) named.get(subject)?.push(entry);
    });
    const bare = new Map(leaves.map((leaf) => [leaf.sequence, leaf]));
    for (const { subject, next } of chains) {
      const last = followed(subject, named.get(subject) ?? []);
      if (next === null) {
        must(this.heads.get(subject) === last, "chain.head", subject);
        continue;
      }
      must(next >= claim.position, "chain.position", subject);
      const following = bare.get(next);
      const follows = following !== undefined && previousOf(following, subject) === last;
      must(follows, "chain.next", subject);
    }
    return chains.length ? VALID : skipped("chain.none");
  }

  // -- 11

  /** @returns {Finding} */
  authors() {
    if (!this.judged) return skipped("author.none");
    const { chains, leaves } = this.bundle;
    const registry = contractOf(this.anchors, "ParticipantRegistry").address;
    const entries = attributed(this.entries, this.anchors.founding, registry);
    if (typeof entries === "number") throw new Fault("author.unknown", `entry ${entries}`);
    this.records = new Proven(
      entries,
      chains.map(({ subject }) => subject),
      new Map(leaves.map((leaf) => [leaf.sequence, leaf.recorded_at])),
      registry,
    );
    return VALID;
  }

  // -- 12

  /**
   * Judges the claim; what comes out is compared later.
   * @returns {Finding}
   */
  complete() {
    const { kind, claim, chains } = this.bundle;
    if (this.records === null) return skipped("complete.none");
    const { answer: _, ...question } = claim;
    let judged;
    try {
      judged = answer(kind, question, this.records, this.anchors.founding);
      this.records.settle();
    } catch (problem) {
      if (problem instanceof Missing) throw new Fault("complete.missing", problem.message);
      if (!(problem instanceof QuestionError)) throw problem;
      this.problem = problem.message;
      return VALID;
    }
    this.answer = judged;
    const ends = new Set(chains.map(({ next }) => next));
    const idle = this.records.superfluous(ends);
    must(idle.length === 0, "complete.superfluous", String(idle[0]));
    return VALID;
  }

  // -- 13

  /** @returns {Finding} */
  known() {
    if (this.judged) this.checkReach();
    else if (this.bundle.kind === "absence") this.checkAbsence();
    else return skipped("known.none");
    return VALID;
  }

  /**
   * That the checkpoint reaches the claim's time and position, and that no chain was cut off before
   * that time. Non-revocation is claimed at a position within a block, so what comes next in a
   * chain may be of the same time.
   */
  checkReach() {
    const { kind, claim, checkpoint, leaves, chains } = this.bundle;
    const knownAt = kind === "verdict" ? claim.question.known_at : claim.known_at;
    must(knownAt <= checkpoint.made_at, "known.late", `known at ${knownAt}`);
    must(claim.position <= checkpoint.size, "known.position", `position ${claim.position}`);
    const recorded = new Map(leaves.map((leaf) => [leaf.sequence, leaf.recorded_at]));
    const earliest = kind === "non-revocation" ? knownAt : knownAt + 1;
    for (const { next } of chains) {
      const fits = next === null || Number(recorded.get(next)) >= earliest;
      must(fits, "known.position", `leaf ${next}`);
    }
  }

  checkAbsence() {
    const { ledger, claim, checkpoint } = this.bundle;
    const { contract, account, nonce, receipt } = claim;
    const used = (BigInt(this.nonces) >> (nonce & 255n)) & 1n;
    must(used === 0n, "absence.recorded", `nonce ${nonce}`);
    if (receipt === null) return;
    const digest = receiptDigest(this.log, ledger.contracts[contract], account, nonce, receipt);
    const signer = recover(digest, receipt.signature);
    const promised = signer !== null && this.anchors.receipts.includes(signer);
    must(promised, "absence.receipt", "signed by somebody else");
    must(receipt.deadline < checkpoint.made_at, "absence.deadline", `deadline ${receipt.deadline}`);
  }

  // -- 14

  /** @returns {Finding} */
  recomputed() {
    if (!this.judged) return skipped("claim.none");
    must(this.answer !== null, "claim.question", this.problem);
    const where = difference(this.bundle.claim.answer, this.answer);
    must(where === null, "claim.differs", where || "/");
    // Whoever makes evidence may judge by rules of their own; they are not the reader's.
    const { kind, claim } = this.bundle;
    const by = write(kind === "verdict" ? claim.policy : claim.freshness);
    const known = this.anchors.policies.some(
      ({ text, freshness }) => by === (kind === "verdict" ? text : freshness),
    );
    return known ? VALID : unknown("claim.policy");
  }

  // -- 15

  /** @returns {Finding} */
  document() {
    if (!this.documents.length) return skipped("document.none");
    const named = new Set(this.entries.map(({ values }) => values.document));
    this.documents.forEach((document, i) => {
      // Nothing is a document of zero bytes, whatever an entry names.
      const found = document.length > 0 && named.has(documentHash(document));
      must(found, "document.unknown", `document ${i + 1}`);
    });
    return VALID;
  }

  // -- all of them

  /** @returns {any} in short, what the bundle shows; no size where nothing binds it */
  shown() {
    const { kind, checkpoint, stated } = this.bundle;
    const [block] = this.blocks;
    const shown = {
      checkpoint: {
        size: this.hasSize ? checkpoint.size : null,
        block_number: Number(block.number),
        block_hash: block.hash,
        made_at: checkpoint.made_at,
      },
      claim: stated,
    };
    if (this.judged) return { ...shown, organisations: this.named(), later: this.later() };
    if (kind !== "entry") return shown;
    const [entry] = this.entries;
    const [{ action, message }] = this.bundle.entries;
    const { recordedAt: recorded_at, digest, signers } = entry;
    return { ...shown, entry: { action, message, recorded_at, digest, signers } };
  }

  /** The first entry that bears on the answer and came too late for it; null where none did. */
  later() {
    const found = this.bundle.chains.map(({ next }) => next).filter((next) => next !== null);
    return found.length ? found.reduce((least, next) => Math.min(least, next)) : null;
  }

  /** The names of the organisations whose registration is shown, by id. */
  named() {
    const registrations = this.entries.filter(
      ({ action }) => action === "RegisterOrganisation" || action === "ListOrganisation",
    );
    return Object.fromEntries(
      registrations.map(({ values: { identifierKind, identifier, nameEn, nameZh } }) => [
        organisationId(identifierKind, identifier),
        { en: nameEn, zh: nameZh },
      ]),
    );
  }
}

/** The checks behind the first, in their order. @type {((one: Case) => Finding)[]} */
const FURTHER = [
  (one) => one.ledger(),
  (one) => one.header(),
  (one) => one.seal(),
  (one) => one.witnesses(),
  (one) => one.state(),
  (one) => one.history(),
  (one) => one.readEntries(),
  (one) => one.inclusion(),
  (one) => one.chains(),
  (one) => one.authors(),
  (one) => one.complete(),
  (one) => one.known(),
  (one) => one.recomputed(),
  (one) => one.document(),
];

/**
 * Check a bundle against anchors, and whether it names each of the documents.
 * @param {Uint8Array} bytes of the bundle
 * @param {Anchors} anchors
 * @param {Uint8Array[]} [documents]
 * @returns {any} the report
 */
export function verify(bytes, anchors, documents = []) {
  let bundle;
  try {
    bundle = readBundle(bytes);
  } catch (problem) {
    if (!(problem instanceof FormError)) throw problem;
    return report(null, [{ result: "invalid", code: problem.code }], {});
  }
  const one = new Case(bundle, anchors, documents);
  const findings = [VALID];
  for (const check of FURTHER) {
    const finding = run(check, one);
    findings.push(finding);
    if (finding.result === "invalid") return report(bundle.kind, findings, {});
  }
  return report(bundle.kind, findings, one.shown());
}

/**
 * @param {(one: Case) => Finding} check
 * @param {Case} one
 * @returns {Finding}
 */
function run(check, one) {
  try {
    return check(one);
  } catch (problem) {
    if (problem instanceof Fault) {
      return { result: "invalid", code: problem.code, detail: problem.detail };
    }
    if (problem instanceof HeaderError) return { result: "invalid", code: problem.code };
    if (problem instanceof NotProved) {
      return { result: "invalid", code: "state.node", detail: problem.message };
    }
    throw problem;
  }
}

/**
 * @param {string | null} kind
 * @param {Finding[]} findings
 * @param {any} shown
 */
function report(kind, findings, shown) {
  const checks = [...CHECKS].map(([name, holds], i) => {
    const { result, code, detail } = findings[i] ?? skipped("not-reached");
    const { en, zh } = (code === null ? holds : CODES.get(code)) ?? holds;
    return {
      number: i + 1,
      ...{ name, result, code },
      en: detail ? `${en} (${detail})` : en,
      zh: detail ? `${zh}（${detail}）` : zh,
    };
  });
  const found = new Set(findings.map((finding) => finding.result));
  const result = found.has("invalid") ? "invalid" : found.has("unknown") ? "unknown" : "valid";
  const earlier = shown.claim?.position < shown.checkpoint?.size ? ["limit.known"] : [];
  const codes = [...ALWAYS, ...earlier, ...(FOR_KIND.get(kind) ?? [])];
  const limits = codes.map((code) => ({ code, ...LIMITS.get(code) }));
  return { format: FORMAT, kind, result, checks, limits, shown };
}

/** What no evidence proves, then what single kinds do not. */
const ALWAYS = ["limit.after", "limit.truth", "limit.anchor", "limit.rules"];
/** @type {ReadonlyMap<string | null, string[]>} */
const FOR_KIND = new Map([
  ["standing", ["limit.copies"]],
  ["verdict", ["limit.copies"]],
  ["trace", ["limit.copies"]],
  ["entry", ["limit.author"]],
  ["absence", ["limit.refusal"]],
]);

// ---------------------------------------------------------------------------------- single steps

/**
 * A contract that anchors always have.
 * @param {Anchors} anchors
 * @param {string} name
 */
function contractOf(anchors, name) {
  return /** @type {{address: string, code_hash: string}} */ (anchors.contracts.get(name));
}

/**
 * An entry as it was recorded, if its leaf is in the log, from the JSON of the ledger's name and the
 * entry. A fault is returned, not thrown, so that it is remembered, too.
 */
const recordedOrNot = remembering((text) => {
  /** @type {[Bundle["ledger"], Omit<ShownEntry, "path">]} */
  const [ledger, shown] = JSON.parse(text);
  try {
    return recordedNow(ledger, shown);
  } catch (problem) {
    if (problem instanceof Fault) return problem;
    if (problem instanceof EntryForm) {
      return new Fault("entry.form", `entry ${shown.sequence}: ${problem.message}`);
    }
    throw problem;
  }
});

/**
 * @param {string} text
 * @returns {Unattributed}
 */
function recorded(text) {
  const found = recordedOrNot(text);
  if (found instanceof Fault) throw found;
  return found;
}

/**
 * @param {Bundle["ledger"]} ledger
 * @param {Omit<ShownEntry, "path">} shown
 * @returns {Unattributed}
 */
function recordedNow(ledger, shown) {
  const { action, sequence, recorded_at: recordedAt, subjects, previous } = shown;
  const values = readMessage(action, shown.message);
  const { contract } = /** @type {import("./actions.js").Action} */ (ACTIONS.get(action));
  must(Object.hasOwn(ledger.contracts, contract), "entry.form", `entry ${sequence}: ${contract}`);
  const address = ledger.contracts[contract];
  must(moves(shown, values), "entry.form", `entry ${sequence}: subjects`);
  const digest = entryDigest(action, values, ledger.chain_id, address);
  const signers = shown.signatures.map((signature) => {
    const signer = recover(digest, signature);
    if (signer === null) throw new Fault("entry.signature", `entry ${sequence}`);
    return signer;
  });
  const bound = { sequence, recordedAt, address, digest, subjects, previous };
  const leaf = leafHash({ ...bound, signers: signersHash(signers) });
  return { ...bound, contract, action, values, signers, leaf };
}

/**
 * Whether an entry moves what its action moves. The first subject its contract alone knows, and
 * whoever submits a qualification is not known yet.
 * @param {Omit<ShownEntry, "path">} shown
 * @param {Record<string, any>} values
 * @returns {boolean}
 */
function moves({ action, subjects }, values) {
  const moved = movedSubjects(action, values, subjects[0], NOBODY);
  if (moved.length !== subjects.length) return false;
  return moved.every((subject, i) => subject === subjects[i] || subject === ZERO);
}

/**
 * @param {BareLeaf} leaf
 * @returns {string}
 */
function bareHash(leaf) {
  return leafHash({ ...leaf, recordedAt: leaf.recorded_at, address: leaf.contract });
}

/**
 * The last leaf of a chain, each of whose entries must follow the one before.
 * @param {string} subject
 * @param {Unattributed[]} chain
 * @returns {string}
 */
function followed(subject, chain) {
  let last = ZERO;
  chain.forEach((entry, i) => {
    const follows = previousOf(entry, subject) === last;
    must(follows, i ? "chain.broken" : "chain.beginning", `entry ${entry.sequence}`);
    last = entry.leaf;
  });
  return last;
}

/**
 * The head of a chain before a leaf; null where that does not move it.
 * @param {{subjects: string[], previous: string[]}} leaf
 * @param {string} subject
 * @returns {string | null}
 */
function previousOf({ subjects, previous }, subject) {
  const place = subjects.indexOf(subject);
  return place < 0 ? null : previous[place];
}

/**
 * Where two JSON values first differ, as a JSON pointer (RFC 6901); null where they are the same.
 * @param {any} left
 * @param {any} right
 * @returns {string | null}
 */
function difference(left, right) {
  if (typeOf(left) !== typeOf(right)) return "";
  if (Array.isArray(left)) {
    const shorter = Math.min(left.length, right.length);
    for (let i = 0; i < shorter; i++) {
      const deeper = difference(left[i], right[i]);
      if (deeper !== null) return `/${i}${deeper}`;
    }
    return left.length === right.length ? null : `/${shorter}`;
  }
  if (typeOf(left) === "object") {
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    for (const name of [...names].sort(byCodePoint)) {
      const place = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (!Object.hasOwn(left, name) || !Object.hasOwn(right, name)) return place;
      const deeper = difference(left[name], right[name]);
      if (deeper !== null) return place + deeper;
    }
    return null;
  }
  return left === right ? null : "";
}

/**
 * @param {any} value
 * @returns {string}
 */
function typeOf(value) {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
