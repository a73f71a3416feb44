"""A qualification in words, by the function of ``GET /v1/qualifications/{id}``."""

from collections.abc import Mapping
from typing import Any, Final

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
from ledger.vocabulary import NO_END

#: The fields in which whoever takes a step says why, or what is to be known of it.
_SAID: Final = ("reason", "note", "number")


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
        "bands": [_band(lexicon, band, asked) for band in q.bands],
        "steps": [_step(lexicon, names, step) for step in q.history],
        "document": _document(context, caller, q),
        "clocks": clocks,
        "here": f"/qualifications/{q.id}",
        "not_now": _not_now(lexicon, q, clocks),
    }


def _band(lexicon: Lexicon, band: BandBody, asked: Asked) -> dict[str, Any]:
    """A stretch of time; ``start`` and ``end`` are None where there is none."""
    return {
        "start": band.start or None,
        "end": band.end if band.end < NO_END else None,
        "result": band.result,
        "status": lexicon.status(band.status),
        "why": lexicon.t.word("qualification.why", band.why) if band.why != "stated" else "",
        "entries": band.entries,
        "here": band.start <= asked.at[0] < band.end,
    }


def _step(lexicon: Lexicon, names: Mapping[str, Named], step: RecordedBody) -> dict[str, Any]:
    message = step.message
    said = [str(message[name]) for name in _SAID if message.get(name)]
    effective = ""
    if "effective" in message:
        when = int(str(message["effective"]))
        effective = (
            lexicon.t("qualification.effective", when=lexicon.instant(when))
            if formats.is_stated(when)
            else lexicon.t("qualification.effective-undated")
        )
    return {
        "entry": step.sequence,
        "action": lexicon.t.word("action", step.action),
        "author": names[step.author],
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
