"""The checks of a verdict about the lots that are offered: numbers 18 to 33.

Rules this module keeps:

* Without offered lots every one of them is skipped, and nothing else changes.
* What is said of a lot counts for the offered lots and for everything that they were made of; the
  reason then names the way from the one to the other. Where the trace was too large to be followed
  to its end, a check that found nothing wrong is unknown: what was not looked at is not in order.
* A hold, a recall and a failed inspection are about the material, so they refuse what was made of
  it as well. A later report that passed does not lift a failed one by itself, for then one would
  ask laboratories until one passes: the laboratory that found it failing, or the authority, must
  have corrected that report, and the same laboratory must have passed it since
  (``ledger.provenance.findings``). A failed report that is doubted refuses nothing, but it leaves
  unknown what it would have refused until a later one that counts passes the lot.
* A recall that a register tells of refuses a lot when it names both its number and its GTIN. By
  the number alone it is not known whether these goods are meant, for a firm may use a number twice;
  nor whether goods of a recall that has ended were put right. Unknown stops the purchase too, but
  asks for an answer instead of being one.
* Who made something must have been qualified when it happened, as known now. That it was not yet
  shown then is a condition.
* What is under way to the supplier is not there: it makes the quantity possible, with a condition.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Final

from ledger.checks import Case, Check, Found, Reason, Value, worst
from ledger.offer import Amounts, Offer, RecallWord
from ledger.policy import Weight
from ledger.provenance.actors import Actor
from ledger.provenance.assurance import Assurance, LinkKind
from ledger.provenance.findings import Finding
from ledger.provenance.model import Lot
from ledger.provenance.texts import ASSURANCE, DOUBTS, LINKS, REPORT_MARKS
from ledger.standing import Result
from ledger.typed_data import ACTIONS
from ledger.verdict_texts import Both

#: So many reasons of one check are told; the rest is counted.
MOST_REASONS: Final = 12
#: So many lots of a way are named; the middle of a longer one is left out.
_LONGEST_WAY: Final = 8
_OVERSIGHT: Final = "BatchOversight"
_NO_OFFER: Final[Found] = (Result.SKIPPED, (Reason("lots.none", {}, ()),))

Part = tuple[Result, Reason]


def run(case: Case, offer: Offer | None) -> tuple[Check, ...]:
    """Make the checks about lots that the policy has, in the order of their numbers."""
    if offer is None:
        return _skipped(case.policy.lot_weights)
    weights, reading = case.policy.weights, _LotCase(case, offer)
    return tuple(Check(code, weights[code], *_few(check(reading))) for code, check in _RUN.items())


@dataclass(frozen=True, slots=True)
class _Skipped(Check):
    """A check that is skipped for everybody alike, and so told only once."""

    told: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return dict(self.told)


@lru_cache(maxsize=8)
def _skipped(weights: tuple[tuple[str, Weight], ...]) -> tuple[Check, ...]:
    made = [Check(code, weight, *_NO_OFFER) for code, weight in weights]
    return tuple(_Skipped(c.code, c.weight, *_NO_OFFER, c.to_json()) for c in made)


def _few(found: Found) -> Found:
    result, reasons = found
    if len(reasons) <= MOST_REASONS:
        return found
    rest = reasons[MOST_REASONS:]
    entries = tuple(sorted({e for reason in rest for e in reason.entries}))
    counted = Reason("lots.more", {"count": len(rest)}, entries)
    return result, (*reasons[:MOST_REASONS], counted)


@dataclass(frozen=True)
class _LotCase:
    """The question with its lots; each method makes one check."""

    case: Case
    offer: Offer

    # ---- words

    def name(self, who: bytes) -> Both:
        """An organisation, or a lot, by its name."""
        if len(who) == 32:
            known = next((lot for lot in self.offer.lots.values() if lot.id == who), None)
            maker = self.name(who[:20])
            shown = known.lot if known else "0x" + who.hex()
            return Both(f"lot {shown} of {maker.en}", f"{maker.zh}的批次 {shown}")
        found = self.offer.reports.organisations.get(who)
        return Both(found.name("en"), found.name("zh")) if found else self.case.name(who)

    def values(self, lot: Lot, **more: Value) -> dict[str, Value]:
        return {"lot": lot.lot, **more}

    def way(self, number: int) -> str:
        """The lots from an offered one to this one."""
        told = [self.offer.lots[n].lot for n in self.offer.paths[number]]
        if len(told) > _LONGEST_WAY:
            half = _LONGEST_WAY // 2
            told = [*told[:half], "…", *told[-half:]]
        return " ← ".join(told)

    def of(
        self,
        result: Result,
        code: str,
        number: int,
        values: Mapping[str, Value],
        entries: Iterable[int],
    ) -> Part:
        """A reason about a lot of the trace; one that went into an offered lot is told with the
        way and with all offered lots that it went into."""
        lot = self.offer.lots[number]
        told = {**values, "lot": lot.lot}
        if number in {offered.number for offered in self.offer.offered}:
            told["where"] = Both(f"lot {lot.lot}", f"批次 {lot.lot}")
            return result, Reason(code, told, tuple(entries))
        into = [self.offer.lots[n].lot for n in self.offer.derived[number]]
        shown = ", ".join(into[:5]) + (" …" if len(into) > 5 else "")
        way, maker = self.way(number), self.name(lot.maker)
        told["where"] = Both(
            f"lot {lot.lot} of {maker.en}, which went into {shown} ({way})",
            f"{maker.zh}的批次 {lot.lot}（用于 {shown}；{way}）",
        )
        links = set(pairwise(self.offer.paths[number]))
        steps = {e.sequence for e in self.offer.edges if (e.output, e.input) in links}
        return result, Reason(code, told, tuple(sorted({*entries, *steps})))

    def found(self, *codes: str) -> list[Finding]:
        """The findings with these codes about any lot of the trace, in its order."""
        return [f for own in self.offer.findings.values() for f in own if f.code in codes]

    def against(self, finding: Finding, code: str, result: Result) -> Part:
        told = dict(finding.values)
        values: dict[str, Value] = {
            key: value for key, value in told.items() if isinstance(value, str)
        }
        values["by"] = self.name(finding.author) if finding.author else Both("–", "–")
        values["since"] = self.case.when(finding.recorded_at)
        if "why" in told:
            values["why"] = DOUBTS[str(told["why"])]
        if "what" in told:
            values["what"] = REPORT_MARKS[str(told["what"])]
        other = told.get("other")
        if isinstance(other, bytes):
            values["other"] = self.name(other)
        sampled = told.get("sampled")
        if isinstance(sampled, int):
            values["sampled"] = self.case.when(sampled)
        return self.of(result, code, finding.lot, values, finding.entries)

    def settled(self, parts: list[Part], fine: str) -> Found:
        """The worst of the parts; where there are none, that all is fine, if all was looked at."""
        if not self.offer.offered:
            return Result.SKIPPED, (Reason("lots.not-yet", {}, ()),)
        if not self.offer.complete and all(result is not Result.INVALID for result, _ in parts):
            parts = [*parts, (Result.UNKNOWN, self.cut())]
        return worst(parts) if parts else (Result.VALID, (Reason(fine, {}, ()),))

    def cut(self) -> Reason:
        return Reason("lots.trace-cut", {"limit": self.case.policy.trace_lots}, ())

    # ---- 18 to 21: which lots, how many, and whether all of it was looked at

    def known(self) -> Found:
        parts = [self.one_known(lot) for lot in self.offer.offered]
        for lot in self.offer.later:
            told = self.values(lot, known_at=self.case.when(self.offer.known_at))
            parts.append((Result.UNKNOWN, Reason("lots.not-known", told, ())))
        return worst(parts)

    def one_known(self, lot: Lot) -> Part:
        q = self.case.question
        entries = (lot.number,)
        if lot.category != q.category:
            told = self.values(lot, category=lot.category, asked=q.category)
            return Result.INVALID, Reason("lots.other-category", told, entries)
        if q.model and lot.model and lot.model != q.model:
            told = self.values(lot, model=lot.model, asked=q.model)
            return Result.INVALID, Reason("lots.other-model", told, entries)
        if lot.happened_at >= q.deliver_at[1]:
            told = self.values(lot, made=self.case.when(lot.happened_at))
            return Result.INVALID, Reason("lots.made-later", told, entries)
        if q.model and not lot.model:
            told = self.values(lot, asked=q.model)
            return Result.UNKNOWN, Reason("lots.no-model", told, entries)
        told = self.values(lot, maker=self.name(lot.maker), made=self.case.when(lot.happened_at))
        return Result.VALID, Reason("lots.known", told, entries)

    @cached_property
    def amounts(self) -> Amounts:
        q = self.case.question
        return self.offer.amounts(self.case.standing.firm, q.category, q.model, q.unit)

    def told_amounts(self) -> dict[str, Value]:
        q = self.case.question
        return {
            "there": self.amounts.there,
            "arriving": self.amounts.arriving,
            "quantity": q.quantity,
            "unit": q.unit,
        }

    def enough(self) -> Found:
        if not self.offer.offered:
            return Result.SKIPPED, (Reason("lots.not-yet", {}, ()),)
        amounts, entries = self.amounts, self.amounts.entries
        if amounts.there + amounts.arriving >= self.case.question.quantity:
            return Result.VALID, (Reason("lots.enough", self.told_amounts(), entries),)
        if amounts.otherwise:
            told: dict[str, Value] = {
                "lots": ", ".join(f"{lot.lot} ({lot.unit})" for lot in amounts.otherwise[:5]),
                **self.told_amounts(),
            }
            return Result.UNKNOWN, (Reason("lots.unit", told, entries),)
        return Result.INVALID, (Reason("lots.short", self.told_amounts(), entries),)

    def on_hand(self) -> Found:
        result, reasons = self.enough()
        if result is not Result.VALID:
            return Result.SKIPPED, (Reason("lots.see-quantity", {}, reasons[0].entries),)
        entries = self.amounts.entries
        if self.amounts.there >= self.case.question.quantity:
            return Result.VALID, (Reason("lots.on-hand", self.told_amounts(), entries),)
        return Result.UNKNOWN, (Reason("lots.arriving", self.told_amounts(), entries),)

    def traced(self) -> Found:
        if not self.offer.offered:
            return Result.SKIPPED, (Reason("lots.not-yet", {}, ()),)
        if not self.offer.complete:
            return Result.UNKNOWN, (self.cut(),)
        told: dict[str, Value] = {
            "count": len(self.offer.lots) - len(self.offer.offered),
            "links": len(self.offer.edges),
            # The last entry that was read; `upto` is how many were.
            "upto": self.offer.upto - 1,
        }
        return Result.VALID, (Reason("lots.traced", told, ()),)

    # ---- 22 to 24: holds and recalls

    def not_stopped(self) -> Found:
        parts = [
            self.against(f, f"lots.{f.code}", Result.INVALID) for f in self.found("hold", "recall")
        ]
        return self.settled(parts, "lots.not-stopped")

    def said(self, word: RecallWord, code: str, result: Result) -> Part:
        r = word.recall
        told: dict[str, Value] = {
            "register": r.register,
            "number": r.number,
            "product": _short(r.product),
            "by": self.name(r.organisation),
            "since": self.case.when(r.initiated),
            "ended": self.case.when(r.ended),
            "text": _short(r.lots),
        }
        return self.of(result, code, word.lot, told, (r.stated.sequence,))

    def not_recalled(self) -> Found:
        parts = []
        for word in self.offer.recalls:
            if word.named:
                if word.recall.ended and word.recall.ended <= self.offer.known_at:
                    parts.append(self.said(word, "lots.recall-ended", Result.UNKNOWN))
                elif word.same_goods:
                    parts.append(self.said(word, "lots.listed-recall", Result.INVALID))
                else:
                    parts.append(self.said(word, "lots.recall-of-number", Result.UNKNOWN))
        return self.settled(parts, "lots.not-recalled")

    def recalls_decided(self) -> Found:
        parts = [
            self.said(word, "lots.recall-undecided", Result.UNKNOWN)
            for word in self.offer.recalls
            if not word.named
        ]
        return self.settled(parts, "lots.recalls-decided")

    # ---- 25 to 28: inspections and alarms over them

    def tested(self) -> Found:
        if not self.offer.offered:
            return Result.SKIPPED, (Reason("lots.not-yet", {}, ()),)
        parts: list[Part] = []
        for lot in self.offer.offered:
            own = self.offer.findings[lot.number]
            passed = [f for f in own if f.code == "inspection.passed"]
            if passed:
                parts.extend(self.against(f, "lots.passed", Result.VALID) for f in passed)
                continue
            doubted = [
                f for f in own
                if f.code == "inspection.doubted" and f.values["result"] == "passed"
            ]  # fmt: skip
            for f in doubted:
                parts.append(self.against(f, "lots.passed-doubted", Result.UNKNOWN))
            if not doubted:
                told = self.values(lot)
                parts.append((Result.UNKNOWN, Reason("lots.untested", told, (lot.number,))))
        return worst(parts)

    def not_failed(self) -> Found:
        parts = [
            self.against(f, "lots.failed", Result.INVALID) for f in self.found("inspection.failed")
        ]
        parts.extend(
            self.against(f, "lots.failed-doubted", Result.UNKNOWN)
            for f in self.found("inspection.doubted")
            if f.values["result"] == "failed" and not self.answered(f)
        )
        return self.settled(parts, "lots.not-failed")

    def answered(self, doubted: Finding) -> bool:
        """Whether a later report that counts found the lot passing under the same standard."""
        return any(
            f.code == "inspection.passed"
            and f.values["standard"] == doubted.values["standard"]
            and f.entries[0] > doubted.entries[0]
            for f in self.offer.findings[doubted.lot]
        )

    def alarms(self) -> Found:
        parts = [self.against(f, "lots.alarm", Result.INVALID) for f in self.found("alarm.open")]
        return self.settled(parts, "lots.no-alarm")

    def unreviewed(self) -> Found:
        parts = [self.against(f, "lots.claim", Result.INVALID) for f in self.found("alarm.claim")]
        return self.settled(parts, "lots.no-claim")

    # ---- 29 to 33: where it comes from, and who says so

    def origin(self) -> Found:
        parts = [
            self.of(Result.UNKNOWN, "lots.no-origin", number, {}, (number,))
            for number, lot in self.offer.lots.items()
            if lot.origin_not_shown
        ]
        return self.settled(parts, "lots.origin")

    def keys(self) -> Found:
        """Keys behind what was made, and behind how the offered lots themselves came to be where
        they are; of what was made of others' goods on their way to others nothing follows. Whether
        a report counts whose laboratory's key was stolen, checks 25 and 26 say."""
        offered = {lot.number for lot in self.offer.offered}
        parts = [
            self.against(f, "lots.key", Result.UNKNOWN)
            for f in self.found("maker.key-compromised", "custody.key-compromised")
            if f.code == "maker.key-compromised"
            or (f.lot in offered and ACTIONS[str(f.values["action"])].contract != _OVERSIGHT)
        ]
        return self.settled(parts, "lots.keys")

    def makers(self) -> Found:
        parts = []
        for number in self.offer.lots:
            for actor, now in self.offer.judged(number):
                code = _MAKERS.get((actor.then is Result.VALID, now))
                if code is not None:
                    parts.append(self.by(actor, code, now, number))
        return self.settled(parts, "lots.makers")

    def by(self, actor: Actor, code: str, result: Result, number: int) -> Part:
        told: dict[str, Value] = {
            "by": self.name(actor.organisation),
            "made": self.case.when(actor.happened_at),
            "category": self.offer.lots[number].category,
        }
        return self.of(result, code, number, told, (actor.sequence, *actor.entries))

    def makers_then(self) -> Found:
        parts = []
        for number in self.offer.lots:
            for actor, now in self.offer.judged(number):
                if actor.then is Result.SKIPPED and now is Result.SKIPPED:
                    parts.append(self.by(actor, "lots.nothing-required", Result.UNKNOWN, number))
                elif actor.then in (Result.INVALID, Result.UNKNOWN):
                    parts.append(self.by(actor, "lots.not-shown-then", actor.then, number))
        return self.settled(parts, "lots.makers-then")

    def assurance(self) -> Found:
        if not self.offer.offered:
            return Result.SKIPPED, (Reason("lots.not-yet", {}, ()),)
        least = self.offer.least
        if least is None or not self.offer.complete:
            return Result.UNKNOWN, (self.cut(),)
        told: dict[str, Value] = {
            "kind": LINKS[least.kind.value],
            "assurance": ASSURANCE[least.assurance.value],
            "taker": self.name(least.taker),
        }
        entries = (least.sequence, *least.entries)
        shown = least.assurance is not Assurance.ORIGIN_NOT_SHOWN
        number = least.lot
        if least.kind is LinkKind.MAKING and least.input is not None:
            told["input"] = self.offer.lots[least.input].lot
            part = self.of(Result.VALID, "lots.least-making", number, told, entries)
        else:
            result = Result.VALID if shown else Result.UNKNOWN
            part = self.of(result, "lots.least", number, told, entries)
        return part[0], (part[1],)


#: By whether the maker was qualified as known then, and how it stands as known now.
_MAKERS: Final[Mapping[tuple[bool, Result], str]] = {
    (True, Result.INVALID): "lots.maker-withdrawn",
    (True, Result.UNKNOWN): "lots.maker-doubted",
    (False, Result.INVALID): "lots.maker-not-qualified",
    (False, Result.UNKNOWN): "lots.maker-unknown",
}


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


_RUN: Final[Mapping[str, Callable[[_LotCase], Found]]] = {
    "lots.known": _LotCase.known,
    "lots.enough": _LotCase.enough,
    "lots.on-hand": _LotCase.on_hand,
    "lots.traced": _LotCase.traced,
    "lots.not-stopped": _LotCase.not_stopped,
    "lots.not-recalled": _LotCase.not_recalled,
    "lots.recalls-decided": _LotCase.recalls_decided,
    "lots.tested": _LotCase.tested,
    "lots.not-failed": _LotCase.not_failed,
    "lots.alarms": _LotCase.alarms,
    "lots.alarms-unreviewed": _LotCase.unreviewed,
    "lots.origin": _LotCase.origin,
    "lots.keys": _LotCase.keys,
    "lots.makers": _LotCase.makers,
    "lots.makers-then": _LotCase.makers_then,
    "lots.assurance": _LotCase.assurance,
}
