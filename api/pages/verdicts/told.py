"""What a kept verdict says, in words of one language: for the page and for the paper alike.

Made from the bytes that were answered; only the names of organisations, goods and kinds are those
of today. Nothing here depends on who reads.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from api.pages import formats
from api.pages.lexicon import Lexicon, Named
from api.pages.verdicts import dates
from ledger.checks import SENTENCES
from ledger.index.store import KeptVerdict
from ledger.vocabulary import Clock

#: Checks that belong together: the word of the group, its first and its last number.
GROUPS: Final = (
    ("identity", 1, 2),
    ("qualifications", 3, 9),
    ("vouching", 10, 13),
    ("capacity", 14, 15),
    ("alarms", 16, 17),
    ("goods", 18, 21),
    ("stopped", 22, 24),
    ("tested", 25, 28),
    ("origin", 29, 33),
)
#: What an answer without a fault rests on above all: these checks are told first.
_BEARING: Final = ("qualification.in-force", "capacity.enough", "lots.on-hand")
#: The results of checks that speak against buying.
FAILING: Final = ("invalid", "unknown")
#: The marks of a lot that nobody may deliver.
STOPPING: Final = frozenset({"recall", "hold"})
#: The answers that let somebody buy.
_YES: Final = ("buy", "buy-with-conditions")
#: So many offered lots are named in the question.
_LOTS_IN_LINE: Final = 3
#: Reasons about lots in which every number is an amount.
_COUNTED: Final = frozenset({"lots.enough", "lots.short", "lots.on-hand", "lots.arriving"})
#: "2 whole day(s)", as the ledger's English says it of any number.
_WHOLE_DAYS: Final = re.compile(r"(?<![0-9])([0-9,]+) whole day\(s\)")
_HASH: Final = re.compile(r"\b0x[0-9a-f]{64}\b")
#: The remedy that says "after that": the reason beside it says after what.
_NOT_YET: Final = "kind.not-yet"
#: Checks beside which a supplier's reply to an alarm is shown.
_ALARMED: Final = frozenset(
    {"alarms", "alarms.unreviewed", "lots.alarms", "lots.alarms-unreviewed"}
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody signed about an alarm or a refusal."""

    text: str
    by: Named
    recorded: int
    entry: int


@dataclass(frozen=True, slots=True)
class ToldCheck:
    """A check in words; ``result`` and ``weight`` are words of their enumerations."""

    number: int
    result: str
    weight: str
    title: str
    reasons: Sequence[str]
    entries: Sequence[int]
    replies: Sequence[Reply]


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together; ``failing`` of them do not hold, of ``unknown`` nobody can
    tell."""

    title: str
    checks: Sequence[ToldCheck]
    failing: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would change the answer, and the numbers of the checks that it would change."""

    text: str
    checks: Sequence[int]


@dataclass(frozen=True, slots=True)
class ToldAlarm:
    """One document or number used by two; ``closed`` says who closed it, "" while it is open."""

    sentence: str
    open: bool
    opened_at: int
    closed: str
    entries: Sequence[int]
    replies: Sequence[Reply]


@dataclass(frozen=True, slots=True)
class OfferedLot:
    """A lot that was offered; amounts are a dash where the lot was not known yet. ``stopped`` is
    recall, hold or ""; ``marked``: something else speaks against it."""

    id: str
    lot: str
    gtin: str
    maker: Named
    at_hand: str
    under_way: str
    stopped: str
    marked: bool
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """``v`` is the verdict as it was given. ``decided`` are the checks that made the answer what it
    is (of a plain yes: those that bear it), ``besides`` the others that do not hold; ``groups`` are
    all that apply, ``inapplicable`` those that do not, in a sentence; ``left_out`` the
    numbers of the checks on lots where none were offered. ``notices`` say what is unusual about
    the times in the question: not as known when it was asked (``as_known``), a delivery in the
    past."""

    v: Mapping[str, Any]
    supplier: Named
    question: str
    answer_text: str
    meaning: str
    notices: Sequence[str]
    as_known: bool
    decided_title: str
    decided: Sequence[ToldCheck]
    besides: Sequence[ToldCheck]
    remedies: Sequence[Remedy]
    groups: Sequence[Group]
    holding: int
    applying: int
    inapplicable: str
    left_out: str
    offered: Sequence[OfferedLot]
    traced: str
    alarms: Sequence[ToldAlarm]
    replies: Sequence[Reply]
    category: str
    quantity: str
    person: str
    asked_at: int

    @property
    def zone(self) -> str:
        zone: str = self.v["question"]["zone"]
        return zone


def told(lexicon: Lexicon, kept: KeptVerdict) -> Told:
    """The verdict in the lexicon's language."""
    v, t = orjson.loads(kept.verdict), lexicon.t
    question, language, answer = v["question"], lexicon.t.language, v["answer"]
    offered = v["lots"]["offered"] if "lots" in v else []
    names = lexicon.organisations(_involved(v, offered))
    replies = [(r["about"], _reply(r, names)) for r in v["replies"]]
    raised = {a["id"] for a in v["alarms"]}
    answers_to_alarms = [r for about, r in replies if about in raised]
    every = [
        _check(lexicon, c, answers_to_alarms if c["code"] in _ALARMED else ())
        for c in v["checks"]
        if offered or not c["code"].startswith("lots.")
    ]
    applying = [c for c in every if c.result != "skipped"]
    failing = [c for c in applying if c.result in FAILING]
    decided = _decisive(answer, failing)
    if not decided:
        bearing = {c["number"] for c in v["checks"] if c["code"] in _BEARING}
        decided = [c for c in applying if c.number in bearing]
    return Told(
        v=v,
        supplier=names[question["organisation"]],
        question=question_line(lexicon, question),
        answer_text=v["answer_text"][language],
        meaning=_meaning(lexicon, answer, bool(offered)),
        notices=_notices(lexicon, question, kept),
        as_known=_is_as_known(question, kept),
        decided_title=t.word("verdict.decisive", answer),
        decided=decided,
        besides=[c for c in failing if c not in decided],
        remedies=[_remedy(lexicon, r, v["checks"]) for r in v["would_change"]],
        groups=_groups(lexicon, applying),
        holding=len(applying) - len(failing),
        applying=len(applying),
        inapplicable=_inapplicable(lexicon, every),
        left_out=_numbers(v["checks"][len(every) :]),
        offered=[_lot(lexicon, lot, names) for lot in offered],
        traced=_traced(lexicon, v["lots"]) if offered else "",
        alarms=[_alarm(lexicon, a, question["organisation"], names, replies) for a in v["alarms"]],
        replies=[r for about, r in replies if about not in raised],
        category=lexicon.category(question["category"]),
        quantity=lexicon.amount(question["quantity"], question["unit"]),
        person=kept.person,
        asked_at=kept.asked_at,
    )


def _meaning(lexicon: Lexicon, answer: str, offered: bool) -> str:
    """What the answer means; of a yes that looked at no lots, that it did not."""
    meaning = lexicon.t.word("verdict.meaning", answer)
    if offered or answer not in _YES:
        return meaning
    return lexicon.t("verdict.meaning-no-lots", meaning=meaning)


def _inapplicable(lexicon: Lexicon, checks: Iterable[ToldCheck]) -> str:
    """The checks that do not apply, each reason once."""
    by_reason: dict[str, list[str]] = {}
    for c in checks:
        if c.result == "skipped" and c.reasons:
            by_reason.setdefault(c.reasons[0], []).append(f"{c.number} {c.title}")
    return {"zh": "；", "en": "; "}[lexicon.t.language].join(
        lexicon.t("verdict.inapplicable-one", checks=_listed(lexicon, titles), reason=reason)
        for reason, titles in by_reason.items()
    )


def _listed(lexicon: Lexicon, words: Iterable[str]) -> str:
    return lexicon.t("verdict.comma").join(words)


def question_line(lexicon: Lexicon, question: Mapping[str, Any]) -> str:
    """The question in one line."""
    supplier = bytes.fromhex(question["organisation"][2:])
    named = lexicon.organisations([supplier])[question["organisation"]]
    values = {
        "supplier": lexicon.name(named),
        "product": lexicon.scope(question["category"], question["model"]),
        "quantity": lexicon.amount(question["quantity"], question["unit"]),
        "day": lexicon.day(question["deliver_at"][0], question["zone"]),
    }
    if not question.get("lots"):
        return lexicon.t("verdict.question", **values)
    return lexicon.t("verdict.question-lots", lots=_lots_line(lexicon, question["lots"]), **values)


def _lots_line(lexicon: Lexicon, lots: Sequence[str]) -> str:
    """The offered lots in a few words: the first few of them, and how many more."""
    graph, names = lexicon.context.workspace.index.lots, []
    for id_ in lots[:_LOTS_IN_LINE]:
        found = graph.lot(bytes.fromhex(id_[2:]))
        # Somebody else's evidence may be about a lot that this ledger does not have.
        names.append(found.lot if found else id_[:10] + "…" + id_[-6:])
    if len(lots) == 1:
        return lexicon.t("verdict.question-lot", lot=names[0])
    named, more = _listed(lexicon, names), len(lots) - len(names)
    if not more:
        return lexicon.t("verdict.question-several-lots", lots=named)
    return lexicon.t.count("verdict.question-more-lots", more, lots=named)


def _involved(v: Mapping[str, Any], offered: Iterable[Mapping[str, Any]]) -> set[bytes]:
    """The ids of all organisations that the verdict names by their ids."""
    found = {v["question"]["organisation"]}
    found.update(r["by"] for r in v["replies"])
    found.update(lot["maker"] for lot in offered)
    for alarm in v["alarms"]:
        found.update(h for h in alarm["holders"] if len(h) == 42)
        if alarm["closed"] is not None:
            found.add(alarm["closed"]["by"])
    return {bytes.fromhex(id_[2:]) for id_ in found}


def _check(lexicon: Lexicon, c: Mapping[str, Any], replies: Sequence[Reply]) -> ToldCheck:
    language = lexicon.t.language
    return ToldCheck(
        c["number"],
        c["result"],
        c["weight"],
        c["title"][language],
        [reason_text(lexicon, r["code"], r[language]) for r in c["reasons"]],
        c["entries"],
        replies,
    )


def _decisive(answer: str, failing: Sequence[ToldCheck]) -> list[ToldCheck]:
    """The failing checks from which the answer follows."""
    wanted = {"do-not-buy": "invalid", "cannot-tell": "unknown"}.get(answer)
    if wanted is None:
        return list(failing)
    return [c for c in failing if c.weight == "blocking" and c.result == wanted]


def _groups(lexicon: Lexicon, checks: Sequence[ToldCheck]) -> list[Group]:
    found = []
    for word, first, last in GROUPS:
        among = [c for c in checks if first <= c.number <= last]
        if among:
            title, results = lexicon.t.word("verdict.group", word), [c.result for c in among]
            failing, unknown = results.count("invalid"), results.count("unknown")
            found.append(Group(title, among, failing, unknown))
    return found


def reason_text(lexicon: Lexicon, code: str, text: str) -> str:
    """A reason of the ledger layer with days, amounts and names as people write them."""
    # A whole hash helps nobody who reads; the records have it.
    short = _HASH.sub(lambda found: f"{found[0][:10]}…{found[0][-4:]}", text)
    dated = dates.written(code, short, lexicon.t.language)
    counted = code.startswith("capacity.") or code in _COUNTED
    # The year of a date is no amount.
    return _amounts(lexicon, short) if counted and dated == short else lexicon.reason(dated)


def _amounts(lexicon: Lexicon, text: str) -> str:
    """A sentence in which every number is an amount, as people write it."""
    grouped = lexicon.amounts(lexicon.reason(text))
    return _WHOLE_DAYS.sub(
        lambda found: f"{found[1]} whole day" + ("" if found[1] == "1" else "s"), grouped
    )


def _remedy(
    lexicon: Lexicon, remedy: Mapping[str, Any], checks: Iterable[Mapping[str, Any]]
) -> Remedy:
    language, numbers = lexicon.t.language, remedy["checks"]
    changed, text = [c for c in checks if c["number"] in numbers], remedy[language]
    if all(c["code"].startswith("capacity.") for c in changed):
        return Remedy(_amounts(lexicon, text), numbers)
    shown, waits = lexicon.reason(text), SENTENCES[_NOT_YET]
    if text == {"zh": waits.remedy_zh, "en": waits.remedy_en}[language]:
        reasons = [r[language] for c in changed for r in c["reasons"] if r["code"] == _NOT_YET]
        day = dates.last(_NOT_YET, reasons, language)
        if day:
            shown = lexicon.t("verdict.remedy-day", remedy=shown, day=day)
    return Remedy(shown, numbers)


def _numbers(left: Sequence[Mapping[str, Any]]) -> str:
    """The numbers of the checks: "18–33", or "" where there are none."""
    return f"{left[0]['number']}–{left[-1]['number']}" if left else ""


def _notices(lexicon: Lexicon, question: Mapping[str, Any], kept: KeptVerdict) -> list[str]:
    past = kept.asked_at >= question["deliver_at"][1]
    said = (lexicon.t("verdict.delivery-past") if past else "", _not_now(lexicon, question, kept))
    return [sentence for sentence in said if sentence]


def _not_now(lexicon: Lexicon, question: Mapping[str, Any], kept: KeptVerdict) -> str:
    if not _is_as_known(question, kept):
        return ""
    return lexicon.t(
        "verdict.as-known",
        when=lexicon.instant(question["known_at"], question["zone"]),
        clock=lexicon.t.word("clock", question["clock"]),
        asked=lexicon.instant(kept.asked_at, question["zone"]),
    )


def _is_as_known(question: Mapping[str, Any], kept: KeptVerdict) -> bool:
    # The chain's clock may be some seconds ahead of ours.
    now = abs(question["known_at"] - kept.asked_at) <= 60
    return not now or question["clock"] != Clock.RECORDED


def _lot(lexicon: Lexicon, lot: Mapping[str, Any], names: Mapping[str, Named]) -> OfferedLot:
    return OfferedLot(
        lot["id"],
        lot["lot"],
        lot["gtin"],
        names[lot["maker"]],
        _amount(lexicon, lot["at_hand"], lot["unit"]),
        _amount(lexicon, lot["under_way"], lot["unit"]),
        next((mark for mark in sorted(STOPPING, reverse=True) if mark in lot["marks"]), ""),
        bool(lot["marks"]),
        lot["number"],
    )


def _amount(lexicon: Lexicon, quantity: int | None, unit: str) -> str:
    return "–" if quantity is None else lexicon.amount(quantity, unit)


def _traced(lexicon: Lexicon, lots: Mapping[str, Any]) -> str:
    upstream = formats.number(lots["upstream"])
    if not lots["complete"]:
        return lexicon.t("verdict.lots-cut", count=upstream)
    return lexicon.t(
        "verdict.lots-traced", count=upstream, entries=formats.number(lots["complete_to"])
    )


def _reply(r: Mapping[str, Any], names: Mapping[str, Named]) -> Reply:
    return Reply(r["text"], names[r["by"]], r["recorded"], r["entry"])


def _alarm(
    lexicon: Lexicon,
    alarm: Mapping[str, Any],
    supplier: str,
    names: Mapping[str, Named],
    replies: Iterable[tuple[str, Reply]],
) -> ToldAlarm:
    t, closed = lexicon.t, alarm["closed"]
    shown = lexicon.mark(alarm["mark"], alarm["shown"])
    users = ", ".join(
        lexicon.name(names[h]) if h in names else t("verdict.lot-by-id", id=h[:10] + "…" + h[-6:])
        for h in alarm["holders"]
        if h != supplier
    )
    return ToldAlarm(
        t.word("verdict.mark", alarm["mark"]).format(shown=shown, other=users),
        closed is None,
        alarm["opened_at"],
        ""
        if closed is None
        else t(
            "alarm.closed-by",
            by=lexicon.name(names[closed["by"]]),
            when=lexicon.instant(closed["at"]),
            reason=closed["reason"],
        ),
        [*alarm["entries"], *([] if closed is None else [closed["entry"]])],
        [r for about, r in replies if about == alarm["id"]],
    )
