"""May this supplier deliver this, so many, on that day? Numbered checks and one answer.

Rules this module keeps:

* :func:`decide` is pure: the same history, offer, question and policy give the same verdict, byte
  by byte. The verdict's id commits to the question, the policy and the ledger's position, from
  which history and offer follow, so anybody can make it again.
* The answer follows from the checks alone (:func:`weigh`): a blocking check invalid → do not buy;
  else a blocking one unknown → cannot tell; else any other invalid or unknown → buy with
  conditions; else buy. Unknown never counts as valid.
* Mirrored facts alone never give "buy": check 10 (vouching) is unknown for them, whatever the
  policy says.
* What must hold on the delivery day must hold throughout that day in the asker's zone.
* Nothing recorded for a required kind is unknown, not invalid: the ledger does not know what it
  was not told. Either way there is no buying on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ledger import lot_checks
from ledger.alarms import Alarm, alarms, lot_alarms
from ledger.checks import Case, Check, run
from ledger.hashing import keccak
from ledger.history import History, Reply
from ledger.offer import Offer
from ledger.policy import Policy, Weight, canonical
from ledger.question import Question, wrong
from ledger.standing import Holding, KindStanding, Result, Scope, Standing, standing
from ledger.typed_data import hexed
from ledger.verdict_texts import ANSWERS


class Answer(StrEnum):
    BUY = "buy"
    CONDITIONS = "buy-with-conditions"
    CANNOT_TELL = "cannot-tell"
    DO_NOT_BUY = "do-not-buy"


def weigh(checks: Iterable[tuple[Result, Weight]]) -> Answer:
    """The algebra of verdicts.md over (result, weight) pairs."""
    seen = set(checks)
    if (Result.INVALID, Weight.BLOCKING) in seen:
        return Answer.DO_NOT_BUY
    if (Result.UNKNOWN, Weight.BLOCKING) in seen:
        return Answer.CANNOT_TELL
    if any(result in (Result.INVALID, Result.UNKNOWN) for result, _ in seen):
        return Answer.CONDITIONS
    return Answer.BUY


@dataclass(frozen=True)
class Verdict:
    """A question answered. ``position`` is the ledger's size that it was answered from."""

    question: Question
    policy: Policy
    position: int
    answer: Answer
    checks: tuple[Check, ...]
    standing: Standing
    alarms: tuple[Alarm, ...]
    replies: tuple[Reply, ...]
    offer: Offer | None = None

    @cached_property
    def id(self) -> bytes:
        """Commits to the question, the policy and the position (32 bytes)."""
        return verdict_id(self.question, self.policy.hash, self.position)

    def check(self, code: str) -> Check:
        return next(c for c in self.checks if c.code == code)

    def codes(self) -> dict[str, Any]:
        """What it says without words: evidence states this, and who verifies compares it."""
        return {
            "id": hexed(self.id),
            "answer": self.answer.value,
            "checks": [c.codes() for c in self.checks],
        }

    def to_json(self) -> dict[str, Any]:
        """The whole verdict; ``policy.canonical`` of it is the same for the same verdict."""
        answer = ANSWERS[self.answer.value]
        failing = [c for c in self.checks if c.result in (Result.INVALID, Result.UNKNOWN)]
        offered = {} if self.offer is None else {"lots": self._lots(self.offer)}
        return {
            **offered,
            "id": "0x" + self.id.hex(),
            "answer": self.answer.value,
            "answer_text": {"en": answer.en, "zh": answer.zh},
            "question": self.question.to_json(),
            "policy": {"version": self.policy.version, "hash": "0x" + self.policy.hash.hex()},
            "ledger": {"position": self.position},
            "checks": [c.to_json() for c in self.checks],
            "would_change": _remedies(failing),
            "qualifications": [
                _holding_json(k, h, h in k.carriers)
                for k in self.standing.considered
                for h in k.holdings
            ],
            "alarms": [_alarm_json(a) for a in self.alarms],
            "replies": [_reply_json(r) for r in self.replies],
        }

    def _lots(self, offer: Offer) -> dict[str, Any]:
        """What was offered, and how far it was traced."""
        firm = self.standing.firm
        told = []
        for lot in (*offer.offered, *offer.later):
            known = lot.number in offer.lots
            stock = offer.stock(lot, firm) if known else None
            told.append(
                {
                    "id": hexed(lot.id),
                    "number": lot.number,
                    "maker": hexed(lot.maker),
                    "gtin": f"{lot.gtin:014d}" if lot.gtin else "",
                    "lot": lot.lot,
                    "category": lot.category,
                    "model": lot.model,
                    "unit": lot.unit,
                    "at_hand": stock.there if stock else None,
                    "under_way": stock.arriving if stock else None,
                    "marks": sorted(
                        {
                            f.code
                            for number in offer.lots
                            if lot.number in offer.derived[number]
                            for f in offer.findings[number]
                            if f.mark
                        }
                    ),
                }
            )
        return {
            "offered": told,
            "upstream": len(offer.lots) - len(offer.offered),
            "complete": offer.complete,
            "complete_to": offer.upto,
        }


def _remedies(failing: list[Check]) -> list[dict[str, Any]]:
    """What would change the answer, each once, with the checks that it would change."""
    found: dict[str, dict[str, Any]] = {}
    for check in failing:
        for reason in check.reasons:
            english = reason.remedy("en")
            if english:
                told = found.setdefault(
                    english, {"checks": [], "en": english, "zh": reason.remedy("zh")}
                )
                if check.number not in told["checks"]:
                    told["checks"].append(check.number)
    return list(found.values())


def verdict_id(question: Question, policy_hash: bytes, position: int) -> bytes:
    """keccak-256 over the canonical question, the policy's hash and the ledger's position."""
    return keccak(
        b"suyuan verdict 1"
        + policy_hash
        + position.to_bytes(32, "big")
        + keccak(canonical(question.to_json()))
    )


def _holding_json(kind: KindStanding, h: Holding, carries: bool) -> dict[str, Any]:
    q = h.qualification
    band = h.worst()
    return {
        "id": hexed(q.id),
        "kind": kind.kind,
        "holder": hexed(q.holder),
        "author": hexed(q.author),
        "category": q.category,
        "model": q.model,
        "number": h.terms.number,
        "way": q.way.name.lower(),
        "register": q.register,
        "carries": carries,
        "status": band.status.value,
        "why": band.why.value,
        "valid_from": h.terms.valid_from,
        "valid_until": h.terms.valid_until,
        "recorded": q.stated.recorded,
        "published": q.stated.published,
        "entries": list(band.rests),
    }


def _alarm_json(a: Alarm) -> dict[str, Any]:
    return {
        "id": hexed(a.id),
        "mark": a.mark.what,
        "shown": a.mark.shown,
        "holders": [hexed(h) for h in a.holders],
        "opened_at": a.opened_at,
        "entries": list(a.uses),
        "vouched": [hexed(h) for h in a.vouched],
        "closed": None
        if a.closed is None
        else {
            "by": hexed(a.closed.stated.author),
            "account": hexed(a.closed.account),
            "at": a.closed.stated.recorded,
            "reason": a.closed.reason,
            "entry": a.closed.stated.sequence,
        },
    }


def _reply_json(r: Reply) -> dict[str, Any]:
    return {
        "about": hexed(r.about),
        "by": hexed(r.stated.author),
        "text": r.text,
        "document": hexed(r.document),
        "recorded": r.stated.recorded,
        "entry": r.stated.sequence,
    }


def check_known(history: History, organisation: bytes, category: str) -> None:
    """:class:`RequestError` unless the ledger knows of both."""
    if organisation not in history.organisations:
        raise wrong("organisation", "is not on the ledger", "账本上没有此组织")
    if category not in history.categories:
        raise wrong(
            "category",
            f"{category[:60]!r} is not in the catalogue",
            f"目录中没有 {category[:60]!r}",
        )


def decide(
    history: History, question: Question, policy: Policy, offer: Offer | None = None
) -> Verdict:
    """Answer the question from the history by the policy; ``offer`` is what
    :func:`ledger.offer.gather_offer` read for the question's lots.

    Raises :class:`RequestError` where the organisation or the category is not in the history, or
    where lots are offered of which the policy, or the caller, knows nothing.
    """
    if question.lots and offer is None:
        raise wrong(
            "lots",
            f"policy {policy.version} weighs no lots",
            f"策略 {policy.version} 不评估批次",
            "not-weighed",
        )
    check_known(history, question.organisation, question.category)
    where = standing(
        history,
        question.organisation,
        Scope(question.category, question.model),
        question.deliver_at,
        question.known_at,
        question.clock,
        policy.freshness,
    )
    raised = alarms(history, question.organisation, question.known_at)
    stock, stocked = 0, tuple[int, ...]()
    if offer is not None:
        amounts = offer.amounts(where.firm, question.category, question.model, question.unit)
        stock, stocked = amounts.there, amounts.entries
    zone = ZoneInfo(question.zone)
    case = Case(history, question, policy, where, raised, zone, stock, stocked)
    checks = (*run(case), *lot_checks.run(case, offer))
    if offer is not None:
        raised = (*raised, *_lot_alarms(offer))
    return Verdict(
        question,
        policy,
        history.position,
        weigh((c.result, c.weight) for c in checks),
        checks,
        where,
        raised,
        _replies(history, question, where, raised, () if offer is None else offer.reports.replies),
        offer,
    )


def _lot_alarms(offer: Offer) -> tuple[Alarm, ...]:
    """The alarms over reports on the offered lots and on what they were made of, each once."""
    found = {
        alarm.id: alarm
        for lot in offer.lots.values()
        for alarm in lot_alarms(offer.reports, lot.id, offer.known_at)
    }
    return tuple(sorted(found.values(), key=lambda a: (a.opened_at, a.id)))


def _replies(
    history: History,
    question: Question,
    where: Standing,
    raised: tuple[Alarm, ...],
    to_reports: tuple[Reply, ...],
) -> tuple[Reply, ...]:
    """The signed replies to what the verdict shows."""
    told = {r.stated.sequence: r for r in (*history.replies, *to_reports)}
    if not told:
        return ()
    about = {a.id for a in raised}
    about.update(h.qualification.id for k in where.considered for h in k.holdings)
    return tuple(
        told[sequence]
        for sequence in sorted(told)
        if told[sequence].about in about and told[sequence].stated.recorded <= question.known_at
    )
