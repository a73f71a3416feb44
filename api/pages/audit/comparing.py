"""A supplier at two moments: what differs, and which record made it so.

Both sides are what ``GET /v1/suppliers/{id}`` and its lists answer for their clocks; here they are
only held against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.access import Caller
from api.context import Context
from api.pages.audit.faults import interval, known_by
from api.pages.lexicon import Lexicon, Named
from api.parameters import Asked
from api.suppliers import service
from api.suppliers.service import Found, find
from ledger.alarms import Alarm, alarms
from ledger.question import wrong
from ledger.standing import status_at
from ledger.vocabulary import Clock


@dataclass(frozen=True)
class Side:
    """How one thing was at one moment: ``state`` is a word of ``Result``, ``word`` says it."""

    state: str
    word: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One thing that was not the same at both moments; None where it was not known. ``entries``
    are the records that made the difference; none where time alone did."""

    subject: str
    name: str
    href: str
    first: Side | None
    second: Side | None

    @property
    def entries(self) -> list[int]:
        before = set(self.first.entries) if self.first else set()
        after = set(self.second.entries) if self.second else set()
        return sorted(after - before) or sorted(before - after)


def asked(request: Request, field: str) -> Asked:
    """One of the moments that the form states; ``field`` is ``then`` or ``now``."""
    context, query = Context.of(request), request.query_params
    now, text = context.now(), query.get("clock") or Clock.RECORDED.value
    if text not in set(Clock):
        raise wrong("clock", "must be recorded or published", "须为 recorded 或 published")
    stated, at = query.get(field, ""), query.get("at", "")
    known_at = known_by(now, stated, field) if stated else now
    moment = interval(at, "at") if at else (known_at, known_at + 1)
    return Asked(moment, known_at, Clock(text))


def shown(request: Request, caller: Caller, organisation: bytes) -> dict[str, Any]:
    """What differs between the two moments."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    moments = [asked(request, "then"), asked(request, "now")]
    first, second = (find(context, caller, organisation, moment) for moment in moments)
    differences: list[Difference] = []
    same = 0
    for told in (_organisation, _standings, _qualifications, _alarms):
        before, after = told(lexicon, first), told(lexicon, second)
        for key in dict.fromkeys([*before, *after]):
            one, two = before.get(key), after.get(key)
            if _says(one) == _says(two):
                same += 1
                continue
            subject, name, href, _ = two or one or ("", "", "", None)
            differences.append(Difference(subject, name, href, one and one[3], two and two[3]))
    record = first.record
    return {
        "supplier": Named(
            "0x" + record.id.hex(), record.name_zh, record.name_en, record.identifier
        ),
        "moments": moments,
        "differences": differences,
        "same": lexicon.t.count("audit.compare-same", same) if same else "",
    }


#: What it is, its name, its page, and how it is.
_Told = tuple[str, str, str, Side | None]


def _says(told: _Told | None) -> tuple[str, str] | None:
    return None if told is None or told[3] is None else (told[3].state, told[3].word)


def _organisation(lexicon: Lexicon, found: Found) -> Mapping[Any, _Told]:
    t, changed = lexicon.t, service.as_known(found.history.organisations[found.id], found.asked)
    status = changed.status.name.lower()
    state = {"active": "valid", "listed": "valid"}.get(status, "invalid")
    firm = len(found.firm) - 1
    word = t.word("organisation", status) + (f" · +{firm}" if firm else "")
    side = Side(state, word, (changed.stated.sequence,) if changed.stated.sequence >= 0 else ())
    return {"organisation": (t("audit.compare-organisation"), "", "", side)}


def _standings(lexicon: Lexicon, found: Found) -> Mapping[Any, _Told]:
    t, told = lexicon.t, {}
    for standing, _ in found.standings:
        rests = {
            entry
            for kind in standing.considered
            for holding in kind.holdings
            for band in holding.bands
            for entry in band.rests
        }
        result = standing.result.value
        scope = (standing.scope.category, standing.scope.model)
        side = Side(result, t.word("result", result), tuple(sorted(rests)))
        told[scope] = (t("audit.compare-standing"), lexicon.scope(*scope), "", side)
    return told


def _qualifications(lexicon: Lexicon, found: Found) -> Mapping[Any, _Told]:
    told = {}
    for q, timeline in found.timelines:
        band = status_at(timeline, found.asked.at[0])
        side = Side(band.status.result.value, lexicon.status(band.status), band.rests)
        name = f"{lexicon.kind(q.kind)} {q.number}".strip()
        told[q.id] = (
            lexicon.t("audit.compare-qualification"),
            name,
            "/qualifications/0x" + q.id.hex(),
            side,
        )
    return told


def _alarms(lexicon: Lexicon, found: Found) -> Mapping[Any, _Told]:
    return {
        alarm.id: _alarm(lexicon, found, alarm)
        for alarm in alarms(found.history, found.id, found.asked.known_at)
    }


def _alarm(lexicon: Lexicon, found: Found, alarm: Alarm) -> _Told:
    t = lexicon.t
    stops = any(alarm.stops(holder) for holder in alarm.holders if holder in found.firm)
    state = "invalid" if stops else "unknown" if alarm.open else "skipped"
    closed = () if alarm.closed is None else (alarm.closed.stated.sequence,)
    word = t.word("audit.compare-alarm", "open" if alarm.open else "closed")
    shown = lexicon.mark(alarm.mark.what, alarm.mark.shown)
    return (t("audit.compare-alarm"), shown, "", Side(state, word, (*alarm.uses, *closed)))
