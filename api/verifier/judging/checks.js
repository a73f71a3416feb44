/**
 * The checks of a verdict about the supplier, numbers 1 to 17: each looks at one thing. What their
 * results come to is decided in `verdict.js`.
 *
 * @typedef {{code: string, entries: number[]}} Reason
 * @typedef {{result: string, reason: Reason}} Part one of several things that a check looks at
 * @typedef {{result: string, reasons: Reason[]}} Found
 *
 * @typedef {Object} Check as it stands in the answer
 * @property {number} number
 * @property {string} code
 * @property {string} weight
 * @property {string} result
 * @property {string[]} reasons codes
 * @property {number[]} entries
 *
 * @typedef {Object} Given what a case is made of
 * @property {import("./history.js").History} history
 * @property {import("./question.js").Question} question
 * @property {import("./policy.js").Policy} policy
 * @property {import("./standing.js").Standing} standing
 * @property {import("./alarms.js").Alarm[]} alarms
 * @property {bigint} stock what the supplier has at hand of the lots that it offers
 * @property {number[]} stocked the entries that tell so
 */

import { stops } from "./alarms.js";
import { isListed, known } from "./history.js";
import { isIdentifier } from "./identifiers.js";
import { numberOf } from "./policy.js";
import { wholeDays } from "./question.js";
import { freshFor, lastListing, resultOf, STATUS, WHY, worstOf } from "./standing.js";
import { NO_END, ORGANISATION, RESULT, WAY } from "./words.js";

const { VALID, INVALID, UNKNOWN, SKIPPED } = RESULT;
const ADVERSE = [STATUS.SUSPENDED, STATUS.WITHDRAWN];

/** @returns {Part} */
export const part = (result, code, entries = []) => ({ result, reason: { code, entries } });

/** @returns {Found} */
export const only = (result, code, entries = []) => ({ result, reasons: [{ code, entries }] });

/**
 * The worst of several parts, with every reason that is as bad.
 * @param {Part[]} parts
 * @returns {Found}
 */
export function worst(parts) {
  const result = worstOf(parts.map((one) => one.result));
  const reasons = parts.filter((one) => one.result === result).map((one) => one.reason);
  return { result, reasons };
}

/**
 * @param {string} code
 * @param {import("./policy.js").Policy} policy
 * @param {Found} found
 * @returns {Check}
 */
export function toCheck(code, policy, { result, reasons }) {
  // What the deployment laid down (-1) is no entry.
  const entries = new Set(reasons.flatMap((reason) => reason.entries).filter((e) => e >= 0));
  return {
    number: numberOf(code),
    code,
    weight: policy.weights.get(code),
    result,
    reasons: reasons.map((reason) => reason.code),
    entries: [...entries].sort((a, b) => a - b),
  };
}

/** One question with what is needed to answer it. */
export class Case {
  /** @param {Given} given */
  constructor(given) {
    this.history = given.history;
    this.question = given.question;
    this.policy = given.policy;
    this.standing = given.standing;
    this.alarms = given.alarms;
    this.stock = given.stock;
    this.stocked = given.stocked;
    this.carried = this.standing.considered.flatMap((kind) =>
      kind.carriers.map((holding) => ({ kind, holding })),
    );
  }

  /**
   * What a check about the carriers comes to: what was found or, where nothing was, that it is
   * fine. Where nothing carries a kind, other checks say it.
   * @param {Part[]} parts
   * @param {string} fine
   * @returns {Found}
   */
  ofCarriers(parts, fine) {
    if (parts.length) return worst(parts);
    if (!this.carried.length) return only(SKIPPED, "qualification.no-carrier");
    return only(VALID, fine);
  }

  /** Every band of what carries, with its holding. */
  carriedBands() {
    return this.carried.flatMap(({ holding }) =>
      holding.bands.map((band) => ({ holding, band })),
    );
  }

  /** The last known publication that lists the row: when, and its entry if there is one. */
  published(q) {
    const { known_at, clock } = this.question;
    const last = lastListing(q, this.history, known_at, clock);
    return last === null ? [] : [last.stated.sequence];
  }

  // ---- 1 and 2: the organisation

  /** @returns {Found} */
  identity() {
    const { organisation: asked, known_at } = this.question;
    for (const member of this.standing.firm) {
      const organisation = this.history.organisations.get(member);
      if (!organisation || isListed(organisation) || !this.isKnown(organisation)) continue;
      const entries = [organisation.changes[0].stated.sequence];
      const { identifierKind: kind, identifier } = organisation;
      if (!this.policy.checkedIdentifiers.includes(kind)) {
        return only(UNKNOWN, "identity.unchecked", entries);
      }
      if (!isIdentifier(kind, identifier)) return only(INVALID, "identity.check-digit", entries);
      if (member === asked) return only(VALID, "identity.checked", entries);
      const links = this.history.links.filter(
        (link) => link.same && link.pair.includes(member) && link.stated.recorded <= known_at,
      );
      const told = links.map((link) => link.stated.sequence);
      return only(VALID, "identity.linked", [...entries, ...told]);
    }
    const organisation = this.history.organisations.get(asked);
    if (!this.isKnown(organisation)) return only(UNKNOWN, "identity.not-known");
    return only(UNKNOWN, "identity.listed", [organisation.changes[0].stated.sequence]);
  }

  /** Recorded by then; or listed, and a register had published something about it by then. */
  isKnown(organisation) {
    const { known_at, clock } = this.question;
    if (organisation.changes[0].stated.recorded <= known_at) return true;
    const held = this.history.held.get(organisation.id) ?? [];
    return isListed(organisation) && held.some((q) => known(q.stated, known_at, clock));
  }

  /** @returns {Found} */
  active() {
    const parts = [];
    for (const member of this.standing.firm) {
      const organisation = this.history.organisations.get(member);
      if (organisation && this.isKnown(organisation)) parts.push(this.memberActive(organisation));
      else if (member === this.question.organisation) {
        parts.push(part(UNKNOWN, "organisation.not-known"));
      }
    }
    return worst(parts);
  }

  /** A change of status counts from its recording; before the first it was as it was registered. */
  memberActive(organisation) {
    const changes = organisation.changes.filter(
      (change, i) => i === 0 || change.stated.recorded <= this.question.known_at,
    );
    for (const [i, { status, stated }] of changes.entries()) {
      const until = changes[i + 1]?.stated.recorded ?? NO_END;
      const inside = stated.recorded < this.standing.end && this.standing.start < until;
      if (!inside) continue;
      const entries = [stated.sequence];
      if (status === ORGANISATION.SUSPENDED) {
        return part(INVALID, "organisation.suspended", entries);
      }
      if (status === ORGANISATION.CLOSED) return part(INVALID, "organisation.closed", entries);
    }
    const entries = [changes.at(-1).stated.sequence];
    return isListed(organisation)
      ? part(SKIPPED, "organisation.listed", entries)
      : part(VALID, "organisation.active", entries);
  }

  // ---- 3 and 4: the required kinds

  /** @returns {Found} */
  inForce() {
    const parts = this.standing.considered.flatMap((kind) =>
      this.kindReasons(kind).map((reason) => ({ result: kind.result, reason })),
    );
    if (!this.standing.required.length) parts.push(part(UNKNOWN, "requirements.none"));
    return worst(parts);
  }

  /** @returns {Reason[]} why the kind comes to what it does */
  kindReasons(kind) {
    const required = kind.requirement ? [kind.requirement.stated.sequence] : [];
    if (kind.carriers.length) {
      return kind.carriers.flatMap((holding) =>
        holding.bands
          .filter((band) => resultOf(band.status) === VALID)
          .map((band) => this.bandReason(holding, band, required)),
      );
    }
    if (kind.decisive.length) {
      const [{ holding, band }] = kind.decisive;
      return [this.bandReason(holding, band, required)];
    }
    if (kind.elsewhere.length) {
      const some = kind.elsewhere.slice(0, 5).map((q) => q.stated.sequence);
      return [{ code: "kind.elsewhere", entries: [...required, ...some] }];
    }
    return [{ code: "kind.none", entries: required }];
  }

  /** @returns {Reason} what the band says */
  bandReason(holding, band, more = []) {
    const entries = [...more, ...band.rests];
    const { status, why } = band;
    if (status === STATUS.IN_FORCE && why === WHY.LISTED) {
      return { code: "kind.listed", entries: [...entries, ...this.published(holding.q)] };
    }
    let said = status;
    if (status === STATUS.WITHDRAWN) said = why === WHY.STATED ? "withdrawn" : why;
    else if (status === STATUS.UNKNOWN) said = why;
    else if (status === STATUS.EXPIRED && band.start > this.standing.start) said = "lapses";
    return { code: `kind.${said}`, entries };
  }

  /** @returns {Found} */
  nothingAgainst() {
    const { considered } = this.standing;
    const parts = [];
    for (const kind of considered) {
      if (kind.result === VALID) continue;
      // No kind that is not valid has a carrier.
      for (const holding of kind.others) {
        for (const band of holding.bands) {
          if (!ADVERSE.includes(band.status)) continue;
          parts.push({ result: kind.result, reason: this.bandReason(holding, band) });
        }
      }
    }
    if (parts.length) return worst(parts);
    if (!considered.some((kind) => kind.carriers.length + kind.others.length)) {
      return only(SKIPPED, "qualification.no-carrier");
    }
    return only(VALID, "against.none");
  }

  // ---- 5 to 9: conditions on what carries

  /** @returns {Found} */
  unrestricted() {
    const parts = this.carriedBands()
      .filter(({ band }) => band.status === STATUS.RESTRICTED)
      .map(({ band }) => part(INVALID, "restricted", band.rests));
    return this.ofCarriers(parts, "unrestricted");
  }

  /**
   * What was suspended or withdrawn after the carrier was stated speaks against it; what was
   * withdrawn before is what the carrier replaced.
   * @returns {Found}
   */
  uncontradicted() {
    const { considered, other } = this.standing;
    const parts = [];
    for (const kind of new Set([...considered, ...other])) {
      // Where a kind that counts has no carrier, checks 3 and 4 say it.
      if (considered.includes(kind) && !kind.carriers.length) continue;
      const since = Math.max(-1, ...kind.carriers.map((holding) => holding.q.stated.sequence));
      for (const band of kind.others.flatMap((holding) => holding.bands)) {
        if (ADVERSE.includes(band.status) && band.rests.at(-1) > since) {
          parts.push(part(INVALID, "contradicted", band.rests));
        }
      }
    }
    return parts.length ? worst(parts) : only(VALID, "uncontradicted");
  }

  /** @returns {Found} */
  periodStated() {
    const parts = this.carriedBands()
      .filter(({ band }) => band.why === WHY.LISTED)
      .map(({ holding, band }) =>
        part(UNKNOWN, "period.unstated", [...band.rests, ...this.published(holding.q)]),
      );
    return this.ofCarriers(parts, "period.stated");
  }

  /** @returns {Found} */
  margin() {
    const { end } = this.standing;
    const parts = this.carried
      .flatMap(({ holding }) => holding.timeline)
      .filter((band) => end <= band.start && band.start < end + this.policy.lapseMargin)
      .filter((band) => resultOf(band.status) === INVALID)
      .map((band) => part(INVALID, "margin.short", band.rests));
    return this.ofCarriers(parts, "margin.kept");
  }

  /** @returns {Found} */
  exact() {
    const parts = this.carried
      .filter(({ holding }) => !holding.exact)
      .map(({ holding }) => part(UNKNOWN, "scope.parent", [holding.q.stated.sequence]));
    return this.ofCarriers(parts, "scope.exact");
  }

  // ---- 10 to 13: who stands behind it

  /**
   * What is only mirrored or waived nobody vouches for: whatever the policy says, it never makes a
   * plain "buy".
   * @returns {Found}
   */
  vouching() {
    const parts = this.carried.map(({ holding: { q } }) => {
      const reviewed = q.way === WAY.REVIEWED ? q.steps.map((step) => step.stated.sequence) : [];
      const result = q.way === WAY.ISSUED || q.way === WAY.REVIEWED ? VALID : UNKNOWN;
      return part(result, `vouching.${q.way}`, [q.stated.sequence, ...reviewed]);
    });
    return this.ofCarriers(parts, "");
  }

  /** @returns {Found} */
  accredited() {
    const parts = this.carried.map(({ holding }) => {
      const entries = [holding.q.stated.sequence];
      if (holding.accredited === null) return part(SKIPPED, "accreditation.not-needed", entries);
      return holding.accredited
        ? part(VALID, "accredited", entries)
        : part(INVALID, "not-accredited", entries);
    });
    return this.ofCarriers(parts, "");
  }

  /** @returns {Found} */
  keys() {
    const parts = this.carried
      .filter(({ holding }) => holding.suspicion !== null)
      .map(({ holding: { bands, suspicion } }) =>
        part(UNKNOWN, "keys.suspect", [...bands[0].rests, suspicion.stated.sequence]),
      );
    return this.ofCarriers(parts, "keys.sound");
  }

  /** @returns {Found} */
  fresh() {
    const parts = [];
    for (const kind of this.standing.considered) {
      const stale = kind.decisive.find(({ band }) => band.why === WHY.STALE);
      if (stale) parts.push(part(UNKNOWN, "mirror.stale", stale.band.rests));
      for (const { q } of kind.carriers) {
        if (q.way === WAY.MIRRORED) parts.push(part(VALID, "mirror.fresh", this.published(q)));
      }
    }
    return parts.length ? worst(parts) : only(SKIPPED, "mirror.none");
  }

  // ---- 14 and 15: capacity

  /** The latest known statement for the model or, failing that, for its whole category. */
  capacity() {
    const { category, model, known_at, clock } = this.question;
    const ours = this.history.capacities.filter(
      (c) =>
        c.category === category &&
        this.standing.firm.includes(c.organisation) &&
        known(c.stated, known_at, clock) &&
        this.history.suspicion(c.stated, known_at) === null,
    );
    const lastFor = (wanted) => ours.findLast((c) => c.model === wanted);
    return lastFor(model) ?? lastFor("");
  }

  /** Units per day, null where they are not known, and why. */
  amount() {
    const c = this.capacity();
    if (!c) return { perDay: null, reason: { code: "capacity.none", entries: [] } };
    const entries = [c.stated.sequence];
    const unknown = (code) => ({ perDay: null, reason: { code, entries } });
    if (c.perDay === 0n) return unknown("capacity.unknown");
    if (c.unit !== this.question.unit) return unknown("capacity.unit");
    if (c.register && c.stated.published !== null && this.isStale(c)) {
      return unknown("capacity.stale");
    }
    return { perDay: c.perDay, reason: { code: "capacity.stated", entries } };
  }

  /** Whether the register that stated the capacity is too old on the day of delivery. */
  isStale(c) {
    const { known_at, clock } = this.question;
    const issues = this.history.issues.get(c.stated.author + c.register) ?? [];
    const days = issues.filter((p) => known(p.stated, known_at, clock)).map((p) => p.published);
    const latest = Math.max(c.stated.published, ...days);
    return this.standing.end > latest + freshFor(this.policy.freshness, c.register);
  }

  /** The quantity with the policy's margin, rounded up. */
  get needed() {
    const hundredfold = BigInt(this.question.quantity) * BigInt(100 + this.policy.capacityMargin);
    return (hundredfold + 99n) / 100n;
  }

  /** The offered lots at hand are enough, so that nothing need be made. */
  get fromStock() {
    return this.stock > 0n && this.stock >= this.needed;
  }

  /** @returns {Found} */
  capacityStated() {
    if (this.fromStock) return only(SKIPPED, "capacity.from-stock", this.stocked);
    const { perDay, reason } = this.amount();
    return { result: perDay === null ? UNKNOWN : VALID, reasons: [reason] };
  }

  /**
   * What is made on whole days of the asker's zone between the order and the delivery, and what is
   * at hand of the lots that are offered.
   * @returns {Found}
   */
  capacityEnough() {
    const { at, deliver_at, zone } = this.question;
    if (this.fromStock) return only(VALID, "capacity.from-stock", this.stocked);
    const { perDay, reason } = this.amount();
    if (perDay === null) return only(SKIPPED, "capacity.not-known", reason.entries);
    if (at === null) return only(SKIPPED, "capacity.no-order-day");
    const total = BigInt(wholeDays(at, deliver_at[0], zone)) * perDay + this.stock;
    const [suffix, stocked] = this.stock > 0n ? ["-with-stock", this.stocked] : ["", []];
    const entries = [...reason.entries, ...stocked];
    return total < this.needed
      ? only(INVALID, `capacity.short${suffix}`, entries)
      : only(VALID, `capacity.enough${suffix}`, entries);
  }

  // ---- 16 and 17: alarms

  /** The party of an alarm that belongs to the firm asked about, and the other one. */
  parties({ holders: [first, second] }) {
    return this.standing.firm.includes(first) ? [first, second] : [second, first];
  }

  /** @returns {Found} */
  openAlarms() {
    if (!this.alarms.length) return only(VALID, "alarms.none");
    return worst(
      this.alarms.map((alarm) => {
        if (alarm.closed !== null) {
          const entries = [...alarm.uses, alarm.closed.stated.sequence];
          return part(VALID, "alarm.closed", entries);
        }
        return stops(alarm, this.parties(alarm)[0])
          ? part(INVALID, "alarm.open", alarm.uses)
          : part(VALID, "alarm.does-not-stop", alarm.uses);
      }),
    );
  }

  /**
   * What somebody claims whom nobody bears out is told, and no more: else every supplier could
   * stop every other by submitting its number.
   * @returns {Found}
   */
  unreviewed() {
    const parts = [];
    for (const alarm of this.alarms) {
      const [mine, other] = this.parties(alarm);
      if (alarm.closed !== null || stops(alarm, mine)) continue;
      parts.push(part(INVALID, "alarm.unreviewed", this.claims(alarm, other)));
    }
    return parts.length ? worst(parts) : only(VALID, "alarms.no-claim");
  }

  /** The entries by which the other party claims the mark. */
  claims(alarm, other) {
    const reports = (this.history.reports.get(other) ?? [])
      .map((report) => report.stated.sequence)
      .filter((sequence) => alarm.uses.includes(sequence));
    const shown = alarm.qualifications
      .map((id) => this.history.qualifications.get(id))
      .filter((q) => q.holder === other)
      .flatMap((q) => [q.stated, ...q.steps.map((step) => step.stated)])
      .filter((stated) => stated.recorded <= this.question.known_at)
      .map((stated) => stated.sequence);
    return [...reports, ...shown];
  }
}

/** In the order of their numbers. */
const RUN = new Map([
  ["identity", Case.prototype.identity],
  ["organisation.active", Case.prototype.active],
  ["qualification.in-force", Case.prototype.inForce],
  ["qualification.nothing-against", Case.prototype.nothingAgainst],
  ["qualification.unrestricted", Case.prototype.unrestricted],
  ["qualification.uncontradicted", Case.prototype.uncontradicted],
  ["qualification.period-stated", Case.prototype.periodStated],
  ["qualification.margin", Case.prototype.margin],
  ["scope.exact", Case.prototype.exact],
  ["vouching", Case.prototype.vouching],
  ["issuer.accredited", Case.prototype.accredited],
  ["keys", Case.prototype.keys],
  ["mirror.fresh", Case.prototype.fresh],
  ["capacity.stated", Case.prototype.capacityStated],
  ["capacity.enough", Case.prototype.capacityEnough],
  ["alarms", Case.prototype.openAlarms],
  ["alarms.unreviewed", Case.prototype.unreviewed],
]);

/**
 * @param {Case} one
 * @returns {Check[]}
 */
export function supplierChecks(one) {
  return [...RUN].map(([code, check]) => toCheck(code, one.policy, check.call(one)));
}
