"""A qualification in words, by the function of ``GET /v1/qualifications/{id}``."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from fastapi import Request

from api.access import Caller, Scope
from api.context import Context
from api.documents.service import readable
from api.entries.schemas import RecordedBody
from api.pages import formats
from api.pages.clocks import clocks_of
from api.pages.lexicon import Lexicon, Named
from api.pages.suppliers.shown import asked_for
from api.parameters import DEFAULT_ZONE, Asked
from api.qualifications import service
from api.qualifications.schemas import BandBody, QualificationBody
from ledger.days import start_of_day
from ledger.standing import Result, Status
from ledger.vocabulary import NO_END

#: The fields in which whoever takes a step says why, or what is to be known of it.
_SAID: Final = ("reason", "note", "number")
#: The steps of a review, which have the names that they have on the review desk.
_REVIEW: Final = frozenset({"submit", "verify", "edit", "publish", "refuse"})
#: What time alone does. It alarms nobody before or after the time that is looked at.
_BY_TIME: Final = frozenset({Status.NOT_YET, Status.EXPIRED})


class Moment(NamedTuple):
    """A boundary of a stretch of time: a day where the boundary lies between two days, else an
    instant. ``seconds`` lies in what is ``said``."""

    seconds: int
    said: str


def shown(request: Request, caller: Caller, id_: bytes) -> dict[str, Any]:
    """What the page of a qualification shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    asked = asked_for(request)
    q = service.read(context, caller, id_, asked)
    involved = {q.holder, q.author, *(step.author for step in q.history)}
    names = lexicon.organisations([bytes.fromhex(one[2:]) for one in involved])
    clocks = clocks_of(request)
    return {
        "q": q,
        "kind": lexicon.kind(q.kind),
        "product": lexicon.scope(q.category, q.model),
        "holder": names[q.holder],
        "author": names[q.author],
        "register": lexicon.register(q.register_name) if q.register_name else "",
        "state": lexicon.status(q.status),
        "why": lexicon.t.word("qualification.why", q.why) if q.why != "stated" else "",
        "standing": _standing(lexicon, q.bands, asked.at[0]),
        "bands": [_band(lexicon, band, asked) for band in q.bands],
        "valid_from": _stated(lexicon, q.valid_from, beginning),
        "valid_until": _stated(lexicon, q.valid_until, ending),
        "steps": [_step(lexicon, names, step) for step in q.history],
        "document": _document(context, caller, q),
        "clocks": clocks,
        "here": f"/qualifications/{q.id}",
        "not_now": _not_now(lexicon, q, clocks),
    }


def beginning(lexicon: Lexicon, seconds: int) -> Moment:
    """From when on."""
    said = lexicon.day(seconds) if _begins_a_day(seconds) else lexicon.instant(seconds)
    return Moment(seconds, said)


def ending(lexicon: Lexicon, seconds: int) -> Moment:
    """Until when: the ledger keeps the first instant after it, papers name the last day."""
    if not _begins_a_day(seconds):
        return Moment(seconds, lexicon.instant(seconds))
    last = seconds - 1
    return Moment(last, lexicon.t("qualification.last-day", day=lexicon.day(last)))


def _begins_a_day(seconds: int) -> bool:
    day = date.fromisoformat(formats.iso_day(seconds, DEFAULT_ZONE))
    return start_of_day(day, DEFAULT_ZONE) == seconds


def _stated(lexicon: Lexicon, seconds: int, told: Callable[[Lexicon, int], Moment]) -> Moment | str:
    """What is unstated is never shown as open."""
    if seconds >= NO_END:
        return lexicon.t("date.without-end")
    return told(lexicon, seconds) if seconds else lexicon.t("date.unstated")


def _standing(lexicon: Lexicon, bands: Sequence[BandBody], at: int) -> list[str]:
    """Since when it stands as it does at the instant, until when, and how from then on."""
    here = next(i for i, band in enumerate(bands) if band.start <= at < band.end)
    status, first, last = bands[here].status, here, here
    while first and bands[first - 1].status is status:
        first -= 1
    while last + 1 < len(bands) and bands[last + 1].status is status:
        last += 1
    said = []
    if bands[first].start:
        said.append(
            lexicon.t("qualification.since", when=beginning(lexicon, bands[first].start).said)
        )
    if bands[last].end < NO_END:
        until = ending(lexicon, bands[last].end).said
        then = lexicon.status(bands[last + 1].status)
        said.append(lexicon.t("qualification.until", when=until, status=then))
    return said


def _band(lexicon: Lexicon, band: BandBody, asked: Asked) -> dict[str, Any]:
    """A stretch of time; ``start`` and ``end`` are None where there is none."""
    here = band.start <= asked.at[0] < band.end
    return {
        "start": beginning(lexicon, band.start) if band.start else None,
        "end": ending(lexicon, band.end) if band.end < NO_END else None,
        "result": band.result if here or band.status not in _BY_TIME else Result.SKIPPED,
        "status": lexicon.status(band.status),
        "why": lexicon.t.word("qualification.why", band.why) if band.why != "stated" else "",
        "entries": band.entries,
        "here": here,
    }


def _step(lexicon: Lexicon, names: Mapping[str, Named], step: RecordedBody) -> dict[str, Any]:
    message = step.message
    said = [str(message[name]) for name in _SAID if message.get(name)]
    effective = ""
    if "effective" in message:
        when = int(str(message["effective"]))
        effective = (
            lexicon.t("qualification.effective", when=beginning(lexicon, when).said)
            if formats.is_stated(when)
            else lexicon.t("qualification.effective-undated")
        )
    in_review = step.action.removesuffix("Qualification").lower()
    return {
        "entry": step.sequence,
        "action": (
            lexicon.t.word("review.step", in_review)
            if in_review in _REVIEW
            else lexicon.t.word("action", step.action)
        ),
        "author": names[step.author],
        "accounts": [f"{account[:6]}…{account[-4:]}" for account in step.signers],
        "recorded_at": step.recorded_at,
        "late": step.late,
        "said": said,
        "effective": effective,
    }


def _document(context: Context, caller: Caller, q: QualificationBody) -> dict[str, Any] | None:
    if q.document is None:
        return None
    reads = Scope.DOCUMENTS_READ in caller.scopes
    kept = readable(context, caller, bytes.fromhex(q.document[2:])) if reads else None
    return {"hash": q.document, "href": f"/documents/{q.document}" if kept else ""}


def _not_now(lexicon: Lexicon, q: QualificationBody, clocks: Mapping[str, str]) -> str:
    """What is shown instead of the present, in a sentence ("" for the present)."""
    if not clocks:
        return ""
    parts = []
    if "at" in clocks:
        at = q.asked.at[0]
        parts.append(
            lexicon.t(
                "clocks.at-shown",
                day=lexicon.day(at),
                zone=DEFAULT_ZONE,
                offset=formats.offset(at, DEFAULT_ZONE),
            )
        )
    parts.append(lexicon.t("clocks.known-shown", when=lexicon.instant(q.asked.known_at)))
    parts.append(lexicon.t.word("clock", q.asked.clock))
    separator = {"zh": "；", "en": "; "}[lexicon.t.language]
    return lexicon.t("clocks.notice") + " " + separator.join(parts)
