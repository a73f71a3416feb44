"""The checks of a verdict: each looks at one thing and says valid, invalid, unknown or skipped.

Each check is a method of :class:`Case`; :func:`run` makes them all, in the order of their
numbers. What the results come to is not decided here (``ledger.verdict``).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from ledger import identifiers
from ledger.alarms import Alarm
from ledger.errors import RequestError
from ledger.history import Capacity, History, Organisation, Qualification
from ledger.lot_texts import LOT_TEXTS
from ledger.policy import CHECKS as NUMBERS
from ledger.policy import Policy, Weight
from ledger.question import Question
from ledger.standing import (
    DAY,
    Band,
    Holding,
    KindStanding,
    Result,
    Standing,
    Status,
    Why,
    last_listing,
)
from ledger.verdict_texts import CHECKS, GATES, MARKS, STATUS, TEXTS, Both
from ledger.vocabulary import NO_END, OrganisationStatus, Way

SENTENCES: Final = {**TEXTS, **LOT_TEXTS}

Value: TypeAlias = str | int | Both
Values: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a check came out so; ``code`` is a key of :data:`SENTENCES`. ``entries`` are the
    sequence numbers that it rests on."""

    code: str
    values: Values
    entries: tuple[int, ...]

    def text(self, language: str) -> str:
        """The reason in ``zh`` or, for every other language, in English."""
        text = SENTENCES[self.code]
        return _fill(text.zh if language == "zh" else text.en, self.values, language)

    def remedy(self, language: str) -> str:
        """What would change it; "" where nothing would."""
        text = SENTENCES[self.code]
        return _fill(text.remedy_zh if language == "zh" else text.remedy_en, self.values, language)


def _fill(template: str, values: Values, language: str) -> str:
    if not values or "{" not in template:
        return template
    zh = language == "zh"
    return template.format_map(
        {k: (v.zh if zh else v.en) if isinstance(v, Both) else v for k, v in values.items()}
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered check of the verdict."""

    code: str
    weight: Weight
    result: Result
    reasons: tuple[Reason, ...]

    @property
    def number(self) -> int:
        return NUMBERS[self.code]

    @property
    def entries(self) -> tuple[int, ...]:
        """The sequence numbers of the entries that it rests on, sorted."""
        return tuple(sorted({e for r in self.reasons for e in r.entries if e >= 0}))

    def codes(self) -> dict[str, Any]:
        """What it says without words: evidence states this, and who verifies compares it."""
        return {
            "number": self.number,
            "code": self.code,
            "weight": self.weight.value,
            "result": self.result.value,
            "reasons": [r.code for r in self.reasons],
            "entries": list(self.entries),
        }

    def to_json(self) -> dict[str, Any]:
        title = CHECKS[self.code]
        return {
            **self.codes(),
            "title": {"en": title.en, "zh": title.zh},
            "reasons": [
                {"code": r.code, "en": r.text("en"), "zh": r.text("zh")} for r in self.reasons
            ],
        }


Found = tuple[Result, tuple[Reason, ...]]

_SEVERITY: Final = {Result.SKIPPED: 0, Result.VALID: 1, Result.UNKNOWN: 2, Result.INVALID: 3}


def worst(found: Iterable[tuple[Result, Reason]]) -> Found:
    """One check from several parts: the worst result, and every reason that is as bad."""
    parts = list(found)
    worst = max((r for r, _ in parts), key=_SEVERITY.__getitem__)
    return worst, tuple(reason for result, reason in parts if result is worst)


@lru_cache(maxsize=4096)
def _identifier_fault(kind: str, identifier: str) -> Both | None:
    """What is wrong with the identifier; None if its check digits are right."""
    try:
        identifiers.parse(kind, identifier)
    except RequestError as fault:
        return Both(str(fault), fault.message_zh)
    return None


#: The end of the year 9998: what lies later no calendar here can show in every zone.
_LAST_SHOWN: Final = 253370764800


@dataclass(frozen=True)
class Case:
    """One question with what is needed to answer it; each method makes one check. ``stock`` is
    what the supplier has at hand of the lots that it offers, told by the entries ``stocked``."""

    history: History
    question: Question
    policy: Policy
    standing: Standing
    alarms: tuple[Alarm, ...]
    zone: ZoneInfo
    stock: int = 0
    stocked: tuple[int, ...] = ()

    # ---- words

    @cached_property
    def _written(self) -> dict[int, str]:
        return {}

    def when(self, instant: int) -> Value:
        """The instant as a day of the asker's zone, with the time where it is not its beginning."""
        if instant >= NO_END:
            return Both("without end", "无期限")
        if instant == 0:
            return Both("not stated", "未载明")
        if instant not in self._written:
            shown = str(instant)
            if instant < _LAST_SHOWN:
                local = datetime.fromtimestamp(instant, self.zone)
                shown = local.isoformat(" ", "minutes")
                if shown[11:16] == "00:00":
                    shown = shown[:10]
            self._written[instant] = shown
        return self._written[instant]

    def last(self, end: int) -> Value:
        """The last day on which counts what ends at this instant, as papers name it; the instant
        where it lies within a day."""
        shown = self.when(end)
        if isinstance(shown, str) and len(shown) == len("2020-12-31"):
            return datetime.fromtimestamp(end - 1, self.zone).date().isoformat()
        return shown

    def name(self, organisation: bytes) -> Both:
        """What it is called; for the id of a lot, whose lot it is."""
        if len(organisation) == 32:
            maker, lot = self.name(organisation[:20]), "0x" + organisation.hex()
            return Both(f"a report on lot {lot} of {maker.en}", f"{maker.zh}批次 {lot} 的检验报告")
        found = self.history.organisations.get(organisation)
        if found is None:
            shown = "0x" + organisation.hex()
            return Both(shown, shown)
        return Both(found.name("en"), found.name("zh"))

    @cached_property
    def carried(self) -> tuple[tuple[KindStanding, Holding], ...]:
        return tuple((k, h) for k in self.standing.considered for h in k.carriers)

    def no_carrier(self) -> Found:
        return Result.SKIPPED, (Reason("qualification.no-carrier", {}, ()),)

    @cached_property
    def _listings(self) -> dict[bytes, tuple[int, tuple[int, ...]]]:
        return {}

    def published(self, q: Qualification) -> tuple[int, tuple[int, ...]]:
        """The last publication that lists the row: its day and its entry."""
        if q.id not in self._listings:
            last = last_listing(q, self.history, self.question.known_at, self.question.clock)
            if last is None:
                self._listings[q.id] = (q.stated.published or q.stated.recorded, ())
            else:
                self._listings[q.id] = (last.published, (last.stated.sequence,))
        return self._listings[q.id]

    # ---- 1 and 2: the organisation

    def identity(self) -> Found:
        q = self.question
        for member in self.standing.firm:
            organisation = self.history.organisations.get(member)
            if organisation is None or organisation.listed or not self.is_known(organisation):
                continue
            entries: tuple[int, ...] = (organisation.changes[0].stated.sequence,)
            values: dict[str, Value] = {
                "kind": organisation.identifier_kind,
                "identifier": organisation.identifier,
            }
            if organisation.identifier_kind not in self.policy.checked_identifiers:
                return Result.UNKNOWN, (Reason("identity.unchecked", values, entries),)
            fault = _identifier_fault(organisation.identifier_kind, organisation.identifier)
            if fault is not None:
                values["fault"] = fault
                return Result.INVALID, (Reason("identity.check-digit", values, entries),)
            if member == q.organisation:
                return Result.VALID, (Reason("identity.checked", values, entries),)
            links = [
                link
                for link in self.history.links
                if link.same and member in link.pair and link.stated.recorded <= q.known_at
            ]
            values["name"] = self.name(member)
            values["by"] = self.name(links[-1].stated.author)
            entries = (*entries, *(link.stated.sequence for link in links))
            return Result.VALID, (Reason("identity.linked", values, entries),)
        asked = self.history.organisations[q.organisation]
        if not self.is_known(asked):
            values = {"known_at": self.when(q.known_at)}
            return Result.UNKNOWN, (Reason("identity.not-known", values, ()),)
        register = asked.identifier_kind.removeprefix("register:")
        entries = (asked.changes[0].stated.sequence,)
        return Result.UNKNOWN, (Reason("identity.listed", {"register": register}, entries),)

    def is_known(self, organisation: Organisation) -> bool:
        """Recorded by then, or listed and stated about by a register that had published by then."""
        q = self.question
        if organisation.changes[0].stated.recorded <= q.known_at:
            return True
        return organisation.listed and any(
            h.stated.known(q.known_at, q.clock) for h in self.history.held.get(organisation.id, ())
        )

    def active(self) -> Found:
        q = self.question
        parts: list[tuple[Result, Reason]] = []
        for member in self.standing.firm:
            organisation = self.history.organisations.get(member)
            if organisation is None or not self.is_known(organisation):
                if member == q.organisation:
                    values: dict[str, Value] = {"known_at": self.when(q.known_at)}
                    parts.append((Result.UNKNOWN, Reason("organisation.not-known", values, ())))
                continue
            parts.append(self.member_active(organisation))
        return worst(parts)

    def member_active(self, organisation: Organisation) -> tuple[Result, Reason]:
        """A change of status takes effect when it is recorded; before the first the organisation
        was what it was registered as."""
        known = [
            c
            for i, c in enumerate(organisation.changes)
            if i == 0 or c.stated.recorded <= self.question.known_at
        ]
        name = self.name(organisation.id)
        for i, c in enumerate(known):
            if c.status not in (OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED):
                continue
            until = known[i + 1].stated.recorded if i + 1 < len(known) else NO_END
            if c.stated.recorded < self.standing.end and self.standing.start < until:
                values: dict[str, Value] = {
                    "name": name,
                    "since": self.when(c.stated.recorded),
                    "reason": c.reason,
                }
                code = f"organisation.{c.status.name.lower()}"
                return Result.INVALID, Reason(code, values, (c.stated.sequence,))
        entries = (known[-1].stated.sequence,)
        if organisation.listed:
            return Result.SKIPPED, Reason("organisation.listed", {}, entries)
        return Result.VALID, Reason("organisation.active", {"name": name}, entries)

    # ---- 3 and 4: the required kinds

    def in_force(self) -> Found:
        parts = [(k.result, r) for k in self.standing.considered for r in self.kind_reasons(k)]
        if not self.standing.required:
            values: dict[str, Value] = {
                "category": self.question.category,
                "known_at": self.when(self.question.known_at),
            }
            parts.append((Result.UNKNOWN, Reason("requirements.none", values, ())))
        return worst(parts)

    def kind_reasons(self, k: KindStanding) -> tuple[Reason, ...]:
        required = (k.requirement.stated.sequence,) if k.requirement else ()
        if k.carriers:
            return tuple(
                self.band_reason(k.kind, h, b, required)
                for h in k.carriers
                for b in h.bands
                if b.status.result is Result.VALID
            )
        if k.decisive:
            h, band = k.decisive[0]
            return (self.band_reason(k.kind, h, band, required),)
        if k.elsewhere:
            models = list(dict.fromkeys(q.model or q.category for q in k.elsewhere))
            shown = ", ".join(models[:5]) + (" …" if len(models) > 5 else "")
            entries = tuple(q.stated.sequence for q in k.elsewhere[:5])
            values: dict[str, Value] = {"kind": k.kind, "models": shown}
            return (Reason("kind.elsewhere", values, (*required, *entries)),)
        return (Reason("kind.none", {"kind": k.kind}, required),)

    def band_reason(self, kind: str, h: Holding, band: Band, more: tuple[int, ...]) -> Reason:
        q = h.qualification
        values: dict[str, Value] = {
            "kind": kind,
            "since": self.when(band.start),
            "number": h.terms.number or "–",
            "register": q.register,
        }
        entries = (*more, *band.rests)
        status, why = band.status, band.why
        if status is Status.IN_FORCE and why is Why.LISTED:
            published, listing = self.published(q)
            values["published"] = self.when(published)
            values["way"] = self.way(q)
            return Reason("kind.listed", values, (*entries, *listing))
        if status in (Status.IN_FORCE, Status.RESTRICTED):
            values["until"] = self.last(h.terms.valid_until)
            values["way"] = self.way(q)
            return Reason(f"kind.{status.value}", values, entries)
        if status is Status.WITHDRAWN:
            values["reason"] = self.said(q, band)
            code = "withdrawn" if why is Why.STATED else why.value
            return Reason(f"kind.{code}", values, entries)
        if status is Status.UNKNOWN:
            if why is Why.STALE:
                values["published"] = self.when(self.published(q)[0])
            return Reason(f"kind.{why.value}", values, entries)
        if status is Status.NOT_YET:
            values["until"] = self.when(h.terms.valid_from)
        if status is Status.EXPIRED and band.start > self.standing.start:
            return Reason("kind.lapses", values, entries)
        if status in (Status.SUSPENDED, Status.SUPERSEDED, Status.REFUSED):
            values["reason"] = self.said(q, band)
        return Reason(f"kind.{status.value}", values, entries)

    def way(self, q: Qualification) -> Both:
        author = self.name(q.author)
        match q.way:
            case Way.ISSUED:
                return Both(f"issued by {author.en}", f"由{author.zh}签发")
            case Way.REVIEWED:
                by = self.name(q.steps[-1].stated.author)
                return Both(f"reviewed, published by {by.en}", f"经审核，由{by.zh}公布")
            case Way.WAIVED:
                return Both(f"waived by {author.en}", f"由{author.zh}豁免")
            case Way.MIRRORED:
                return Both(f"mirrored by {author.en}", f"由{author.zh}转录")
            case Way.NONE:
                raise ValueError("a qualification came by some way")

    def said(self, q: Qualification, band: Band) -> str:
        """The reason that was signed with what the band rests on."""
        said = {c.stated.sequence: c.reason for c in q.changes}
        said.update((e.stated.sequence, e.reason) for e in self.history.endings.get(q.kind, ()))
        said.update((s.stated.sequence, s.note) for s in q.steps)
        return said.get(band.rests[-1], "")

    def nothing_against(self) -> Found:
        parts: list[tuple[Result, Reason]] = []
        for k in self.standing.considered:
            if k.result is Result.VALID:
                continue
            for h in k.holdings:
                for b in h.bands:
                    if b.status in (Status.SUSPENDED, Status.WITHDRAWN):
                        parts.append((k.result, self.band_reason(k.kind, h, b, ())))
        if parts:
            return worst(parts)
        if not any(k.holdings for k in self.standing.considered):
            return self.no_carrier()
        return Result.VALID, (Reason("against.none", {}, ()),)

    # ---- 5 to 9: conditions on what carries

    def unrestricted(self) -> Found:
        parts: list[tuple[Result, Reason]] = []
        for k, h in self.carried:
            for b in h.bands:
                if b.status is Status.RESTRICTED:
                    values: dict[str, Value] = {
                        "kind": k.kind,
                        "since": self.when(b.start),
                        "reason": self.said(h.qualification, b),
                    }
                    parts.append((Result.INVALID, Reason("restricted", values, b.rests)))
        if parts:
            return worst(parts)
        if not self.carried:
            return self.no_carrier()
        return Result.VALID, (Reason("unrestricted", {}, ()),)

    def uncontradicted(self) -> Found:
        """What was suspended or withdrawn after the carrier was stated speaks against it; what was
        withdrawn before is what the carrier replaced."""
        parts: list[tuple[Result, Reason]] = []
        considered = self.standing.considered
        for k in (*considered, *(o for o in self.standing.other if o not in considered)):
            since = max((h.qualification.stated.sequence for h in k.carriers), default=-1)
            if k in considered and not k.carriers:
                continue  # checks 3 and 4 say it
            for h in k.others:
                for b in h.bands:
                    adverse = b.status in (Status.SUSPENDED, Status.WITHDRAWN)
                    if adverse and b.rests[-1] > since:
                        values: dict[str, Value] = {
                            "kind": k.kind,
                            "number": h.terms.number or "–",
                            "status": STATUS[b.status.value],
                            "since": self.when(b.start),
                        }
                        parts.append((Result.INVALID, Reason("contradicted", values, b.rests)))
        if parts:
            return worst(parts)
        return Result.VALID, (Reason("uncontradicted", {}, ()),)

    def period_stated(self) -> Found:
        parts: list[tuple[Result, Reason]] = []
        for k, h in self.carried:
            for b in h.bands:
                if b.why is Why.LISTED:
                    published, listing = self.published(h.qualification)
                    values: dict[str, Value] = {
                        "kind": k.kind,
                        "register": h.qualification.register,
                        "published": self.when(published),
                    }
                    reason = Reason("period.unstated", values, (*b.rests, *listing))
                    parts.append((Result.UNKNOWN, reason))
        if parts:
            return worst(parts)
        if not self.carried:
            return self.no_carrier()
        return Result.VALID, (Reason("period.stated", {}, ()),)

    def margin(self) -> Found:
        end = self.standing.end
        parts: list[tuple[Result, Reason]] = []
        days = self.policy.lapse_margin // DAY
        for k, h in self.carried:
            for b in h.timeline:
                if end <= b.start < end + self.policy.lapse_margin:
                    if b.status.result is Result.INVALID:
                        values: dict[str, Value] = {
                            "kind": k.kind,
                            "status": STATUS[b.status.value],
                            "since": self.when(b.start),
                            "days": days,
                        }
                        parts.append((Result.INVALID, Reason("margin.short", values, b.rests)))
        if parts:
            return worst(parts)
        if not self.carried:
            return self.no_carrier()
        return Result.VALID, (Reason("margin.kept", {"days": days}, ()),)

    def exact(self) -> Found:
        if not self.carried:
            return self.no_carrier()
        category = self.question.category
        parts = [
            (
                Result.UNKNOWN,
                Reason(
                    "scope.parent",
                    {"kind": k.kind, "parent": h.qualification.category, "category": category},
                    (h.qualification.stated.sequence,),
                ),
            )
            for k, h in self.carried
            if not h.exact
        ]
        if parts:
            return worst(parts)
        return Result.VALID, (Reason("scope.exact", {"category": category}, ()),)

    # ---- 10 to 13: who stands behind it

    def vouching(self) -> Found:
        if not self.carried:
            return self.no_carrier()
        return worst(self.voucher(k.kind, h.qualification) for k, h in self.carried)

    def voucher(self, kind: str, q: Qualification) -> tuple[Result, Reason]:
        values: dict[str, Value] = {"kind": kind, "author": self.name(q.author)}
        entries: tuple[int, ...] = (q.stated.sequence,)
        match q.way:
            case Way.ISSUED:
                return Result.VALID, Reason("vouching.issued", values, entries)
            case Way.REVIEWED:
                values["author"] = self.name(q.steps[-1].stated.author)
                entries = (*entries, *(s.stated.sequence for s in q.steps))
                return Result.VALID, Reason("vouching.reviewed", values, entries)
            case Way.WAIVED:
                return Result.UNKNOWN, Reason("vouching.waived", values, entries)
            case Way.MIRRORED:
                values["register"] = q.register
                values["published"] = self.when(q.stated.published or 0)
                values["recorded"] = self.when(q.stated.recorded)
                word = self.history.acceptance(q.register, q.kind, self.question.known_at)
                values["gate"] = GATES[word is not None and word.accepted]
                return Result.UNKNOWN, Reason("vouching.mirrored", values, entries)
            case Way.NONE:
                raise ValueError("a qualification came by some way")

    def accredited(self) -> Found:
        if not self.carried:
            return self.no_carrier()
        parts: list[tuple[Result, Reason]] = []
        for k, h in self.carried:
            entries = (h.qualification.stated.sequence,)
            values: dict[str, Value] = {"kind": k.kind, "author": self.name(h.qualification.author)}
            if h.accredited is None:
                reason = Reason("accreditation.not-needed", {}, entries)
                parts.append((Result.SKIPPED, reason))
            elif h.accredited:
                parts.append((Result.VALID, Reason("accredited", values, entries)))
            else:
                parts.append((Result.INVALID, Reason("not-accredited", values, entries)))
        return worst(parts)

    def keys(self) -> Found:
        parts: list[tuple[Result, Reason]] = []
        for k, h in self.carried:
            if h.suspicion is not None:
                values: dict[str, Value] = {"kind": k.kind, "since": self.when(h.suspicion.since)}
                entries = (*h.bands[0].rests, h.suspicion.stated.sequence)
                parts.append((Result.UNKNOWN, Reason("keys.suspect", values, entries)))
        if parts:
            return worst(parts)
        if not self.carried:
            return self.no_carrier()
        return Result.VALID, (Reason("keys.sound", {}, ()),)

    def fresh(self) -> Found:
        parts: list[tuple[Result, Reason]] = []
        for k in self.standing.considered:
            stale = [(h, b) for h, b in k.decisive if b.why is Why.STALE]
            for h, b in stale[:1]:
                published, _ = self.published(h.qualification)
                register = h.qualification.register
                values: dict[str, Value] = {
                    "kind": k.kind,
                    "register": register,
                    "published": self.when(published),
                    "days": self.policy.freshness.of(register) // DAY,
                }
                parts.append((Result.UNKNOWN, Reason("mirror.stale", values, b.rests)))
            for h in k.carriers:
                if h.qualification.way is Way.MIRRORED:
                    published, listing = self.published(h.qualification)
                    values = {
                        "kind": k.kind,
                        "register": h.qualification.register,
                        "published": self.when(published),
                    }
                    parts.append((Result.VALID, Reason("mirror.fresh", values, listing)))
        if parts:
            return worst(parts)
        return Result.SKIPPED, (Reason("mirror.none", {}, ()),)

    # ---- 14 and 15: capacity

    @cached_property
    def capacity(self) -> Capacity | None:
        """The latest known statement for the model or, failing that, for its whole category."""
        q = self.question
        found: dict[str, Capacity] = {}
        for c in self.history.capacities:
            if (
                c.category == q.category
                and c.model in (q.model, "")
                and c.organisation in self.standing.firm
                and c.stated.known(q.known_at, q.clock)
                and self.history.suspicion(c.stated, q.known_at) is None
            ):
                found[c.model] = c
        return found.get(q.model, found.get(""))

    def amount(self) -> tuple[int | None, Reason]:
        """Units per day, None where they are not known, and why."""
        c, q = self.capacity, self.question
        if c is None:
            return None, Reason("capacity.none", {}, ())
        entries = (c.stated.sequence,)
        if c.per_day == 0:
            return None, Reason("capacity.unknown", {}, entries)
        if c.unit != q.unit:
            return None, Reason("capacity.unit", {"stated": c.unit, "unit": q.unit}, entries)
        if c.register and c.stated.published is not None:
            latest = c.stated.published
            for p in self.history.issues.get((c.stated.author, c.register), ()):
                if p.stated.known(q.known_at, q.clock):
                    latest = max(latest, p.published)
            if self.standing.end > latest + self.policy.freshness.of(c.register):
                return None, Reason("capacity.stale", {"published": self.when(latest)}, entries)
        values: dict[str, Value] = {
            "per_day": c.per_day,
            "unit": c.unit,
            "author": self.name(c.stated.author),
            "recorded": self.when(c.stated.recorded),
        }
        return c.per_day, Reason("capacity.stated", values, entries)

    @property
    def needed(self) -> int:
        """The quantity with the policy's margin."""
        return -(-self.question.quantity * (100 + self.policy.capacity_margin) // 100)

    def from_stock(self) -> Reason | None:
        """That the offered lots at hand are enough, so that none need be made; None if not."""
        if not self.stock or self.stock < self.needed:
            return None
        values: dict[str, Value] = {
            "stock": self.stock, "quantity": self.needed, "unit": self.question.unit
        }  # fmt: skip
        return Reason("capacity.from-stock", values, self.stocked)

    def capacity_stated(self) -> Found:
        stocked = self.from_stock()
        if stocked is not None:
            return Result.SKIPPED, (stocked,)
        amount, reason = self.amount()
        return (Result.UNKNOWN if amount is None else Result.VALID), (reason,)

    def capacity_enough(self) -> Found:
        """What is made on whole days of the asker's zone between the order and the delivery, and
        what the supplier has at hand of the lots that it offers."""
        q = self.question
        stocked = self.from_stock()
        if stocked is not None:
            return Result.VALID, (stocked,)
        amount, reason = self.amount()
        if amount is None:
            return Result.SKIPPED, (Reason("capacity.not-known", {}, reason.entries),)
        if q.at is None:
            return Result.SKIPPED, (Reason("capacity.no-order-day", {}, ()),)
        days = whole_days(q.at, q.deliver_at[0], self.zone)
        total = days * amount + self.stock
        values: dict[str, Value] = {
            "days": days,
            "per_day": amount,
            "total": total,
            "unit": q.unit,
            "quantity": self.needed,
            "enough": -(-(self.needed - self.stock) // amount),
        }
        entries, with_stock = reason.entries, ""
        if self.stock:
            values["stock"] = self.stock
            entries, with_stock = (*entries, *self.stocked), "-with-stock"
        if total < self.needed:
            return Result.INVALID, (Reason(f"capacity.short{with_stock}", values, entries),)
        return Result.VALID, (Reason(f"capacity.enough{with_stock}", values, entries),)

    # ---- 16 and 17: alarms

    def parties(self, a: Alarm) -> tuple[bytes, bytes]:
        """Its holder that belongs to the firm asked about, and the other one."""
        first, second = a.holders
        return (first, second) if first in self.standing.firm else (second, first)

    def shared(self, a: Alarm) -> dict[str, Value]:
        return {
            "what": MARKS[a.mark.what],
            "shown": a.mark.shown,
            "other": self.name(self.parties(a)[1]),
        }

    def alarm(self) -> Found:
        if not self.alarms:
            return Result.VALID, (Reason("alarms.none", {}, ()),)
        parts: list[tuple[Result, Reason]] = []
        for a in self.alarms:
            values = self.shared(a)
            if a.closed is None:
                values["since"] = self.when(a.opened_at)
                if a.stops(self.parties(a)[0]):
                    parts.append((Result.INVALID, Reason("alarm.open", values, a.uses)))
                else:
                    parts.append((Result.VALID, Reason("alarm.does-not-stop", values, a.uses)))
            else:
                values["since"] = self.when(a.closed.stated.recorded)
                values["by"] = self.name(a.closed.stated.author)
                values["reason"] = a.closed.reason
                entries = (*a.uses, a.closed.stated.sequence)
                parts.append((Result.VALID, Reason("alarm.closed", values, entries)))
        return worst(parts)

    def unreviewed(self) -> Found:
        """What somebody claims whom nobody bears out is told, and no more: else every supplier
        could stop every other by submitting its number."""
        parts: list[tuple[Result, Reason]] = []
        for a in self.alarms:
            mine, other = self.parties(a)
            if not a.open or a.stops(mine):
                continue
            values = {**self.shared(a), "since": self.when(a.opened_at)}
            claims = [
                r.stated.sequence
                for r in self.history.reports.get(other, ())
                if r.stated.sequence in a.uses
            ]
            claims += [
                stated.sequence
                for q in map(self.history.qualifications.__getitem__, a.qualifications)
                if q.holder == other
                for stated in (q.stated, *(s.stated for s in q.steps))
                if stated.recorded <= self.question.known_at
            ]
            parts.append((Result.INVALID, Reason("alarm.unreviewed", values, tuple(claims))))
        if parts:
            return worst(parts)
        return Result.VALID, (Reason("alarms.no-claim", {}, ()),)


_RUN: Final[Mapping[str, Callable[[Case], Found]]] = {
    "identity": Case.identity,
    "organisation.active": Case.active,
    "qualification.in-force": Case.in_force,
    "qualification.nothing-against": Case.nothing_against,
    "qualification.unrestricted": Case.unrestricted,
    "qualification.uncontradicted": Case.uncontradicted,
    "qualification.period-stated": Case.period_stated,
    "qualification.margin": Case.margin,
    "scope.exact": Case.exact,
    "vouching": Case.vouching,
    "issuer.accredited": Case.accredited,
    "keys": Case.keys,
    "mirror.fresh": Case.fresh,
    "capacity.stated": Case.capacity_stated,
    "capacity.enough": Case.capacity_enough,
    "alarms": Case.alarm,
    "alarms.unreviewed": Case.unreviewed,
}


def run(case: Case) -> tuple[Check, ...]:
    """Make every check, in the order of their numbers."""
    made = []
    for code, check in _RUN.items():
        result, reasons = check(case)
        made.append(Check(code, case.policy.weights[code], result, reasons))
    return tuple(made)


def whole_days(start: int, end: int, zone: ZoneInfo) -> int:
    """The calendar days of the zone that lie wholly between two instants."""
    first = datetime.fromtimestamp(start, zone)
    last = datetime.fromtimestamp(end, zone)
    begun = (first.hour, first.minute, first.second) != (0, 0, 0)
    return max(0, (last.date() - first.date()).days - begun)
