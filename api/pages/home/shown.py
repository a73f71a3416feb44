"""The home page: what needs attention, and the verdicts of late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import Request

from api.access import Caller, CallerRole, Scope, StoredVerdict, may_see
from api.attention import service as attentive
from api.attention.schemas import MatterBody
from api.batches.schemas import NamesBody
from api.pages import formats
from api.pages.home import operating
from api.pages.lexicon import Lexicon
from api.pages.verdicts.told import question_line
from api.search.understanding import MAX_TYPED
from ledger.verdict import Answer
from ledger.verdict_texts import ANSWERS
from ledger.vocabulary import Clock

_RECENT: Final = 5
_BUYING: Final = frozenset({Answer.BUY, Answer.CONDITIONS})
#: How pressing a matter is, where it is not the most pressing there is.
_TONES: Final[Mapping[str, str]] = {
    "supplier-licence-ends": "soon",
    "own-licence-ends": "soon",
    "arrival-late": "soon",
    "recall-waits": "soon",
    "alarm-document": "soon",
    "alarm-number": "soon",
    "checkpoint-none": "soon",
    "queue": "soon",
    "arrival": "open",
    "review-verify": "open",
    "review-edit": "open",
    "review-publish": "open",
    "checkpoint-unwitnessed": "open",
}


# ---------------------------------------------------------------------------------- attention


@dataclass(frozen=True)
class ShownMatter:
    """One thing to look at: its tone ("now", "soon" or "open") with the word for it, what it is
    about, a sentence, and since when it is so, or when it was asked for; "" if neither is known."""

    tone: str
    about: str
    sentence: str
    path: str
    when: str


def home(request: Request, caller: Caller) -> dict[str, Any]:
    """What the page shows to whoever asked for nothing."""
    lexicon = Lexicon.of(request)
    found = attentive.attention(lexicon.context, caller)
    matters = [_matter(lexicon, m, found.organisations) for m in found.matters]
    return {
        "searches": Scope.SUPPLIERS_READ in caller.scopes,
        "text": "",
        "longest": MAX_TYPED,
        "role": caller.role.value,
        "matters": matters,
        "complete": found.complete,
        "as_of": found.at,
        "recent": _recent(lexicon, caller, found.matters),
        "service": operating.rows(lexicon) if caller.role is CallerRole.OPERATOR else [],
    }


def _matter(lexicon: Lexicon, m: MatterBody, organisations: Mapping[str, NamesBody]) -> ShownMatter:
    t = lexicon.t

    def name(id_: str | None) -> str:
        found = organisations.get(id_ or "")
        return (found.zh if t.language == "zh" else found.en) if found else id_ or ""

    values: dict[str, str] = {
        "supplier": name(m.organisation),
        "other": name(m.other),
        "product": lexicon.scope(m.category, m.model or "") if m.category else "",
        "kind": lexicon.kind(m.kind) if m.kind else "",
        "number": _number(lexicon, m),
        "lot": m.lot or "",
        "quantity": _quantity(lexicon, m),
        "count": "" if m.count is None else formats.number(m.count),
        "until": lexicon.day(m.until) if m.until else "",
        "status": _status(lexicon, m),
        "before": _answer(lexicon, m.before),
        "now": _answer(lexicon, m.now),
    }
    return ShownMatter(
        _TONES.get(m.code, "now"),
        t.word("attention.about", m.code),
        t.word("attention", m.code).format(**values),
        m.path,
        _when(lexicon, m),
    )


def _when(lexicon: Lexicon, m: MatterBody) -> str:
    if m.asked_at is not None:
        return lexicon.t("verdict.asked", when=lexicon.instant(m.asked_at))
    return "" if m.since is None else lexicon.t("attention.since", when=lexicon.instant(m.since))


def _number(lexicon: Lexicon, m: MatterBody) -> str:
    return lexicon.mark("number", m.number or "") if m.code == "alarm-number" else m.number or ""


def _quantity(lexicon: Lexicon, m: MatterBody) -> str:
    if m.quantity is None:
        return ""
    return lexicon.amount(m.quantity, m.unit or "H87")


def _status(lexicon: Lexicon, m: MatterBody) -> str:
    if m.status is None:
        return ""
    if m.code == "health":
        return lexicon.t.word_or("health", m.status, m.status)
    return lexicon.t.word("status", m.status)


def _answer(lexicon: Lexicon, answer: str | None) -> str:
    if answer is None:
        return ""
    found = ANSWERS[answer]
    return found.zh if lexicon.t.language == "zh" else found.en


def _recent(
    lexicon: Lexicon, caller: Caller, matters: Sequence[MatterBody]
) -> list[dict[str, Any]]:
    """The newest verdicts of the caller's organisation, if the caller may read any. Those that say
    to buy from somebody of whom the matters above tell a recall, say so."""
    if Scope.VERDICTS_READ not in caller.scopes:
        return []
    recalled = {m.organisation for m in matters if m.code == "supplier-recall"}
    kept = lexicon.context.workspace.store.verdicts(caller.organisation, limit=_RECENT)
    return [
        {
            "id": given["id"],
            "answer": given["answer"],
            "answer_text": given["answer_text"][lexicon.t.language],
            "question_line": question_line(lexicon, asked),
            "as_known": _as_known(lexicon, asked, v.asked_at),
            "recalled": given["answer"] in _BUYING and asked["organisation"] in recalled,
            "asked_at": v.asked_at,
        }
        for v in kept
        if may_see(caller, StoredVerdict(frozenset({v.organisation})))
        for given in [orjson.loads(v.verdict)]
        for asked in [given["question"]]
    ]


def _as_known(lexicon: Lexicon, question: Mapping[str, Any], asked_at: int) -> str:
    """What counted as known, where that was not all that was recorded when it was asked."""
    known, clock = question["known_at"], question["clock"]
    # The chain's clock may be some seconds ahead of ours.
    if abs(known - asked_at) <= 60 and clock == Clock.RECORDED:
        return ""
    when = lexicon.instant(known, question["zone"])
    return lexicon.t("home.as-known", when=when, clock=lexicon.t.word("clock", clock))
