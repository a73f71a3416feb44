"""The desk itself: how things stand, and what is found as of a time."""

import re
from typing import Any

from fastapi import Request

from api.access import Caller
from api.alarms import service as alarms
from api.audits import service as audits
from api.context import Context
from api.entries import service as entries
from api.pages import formats
from api.pages.clocks import clocks_of
from api.pages.lexicon import Lexicon, Named
from api.pages.rendering import address
from api.problems import NotFound
from api.search import service as searching
from api.search.schemas import SearchBody
from api.suppliers.schemas import SupplierHit

#: So many of each kind are listed where a text means several things.
MOST = 10


def standing(request: Request) -> list[dict[str, Any]]:
    """What an auditor looks at first, each with its state (a word of ``Result``) and its page."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    return [
        _audited(context, lexicon),
        _checkpoint(context, lexicon),
        _alarms(context, lexicon),
        _keys(context, lexicon),
    ]


def _audited(context: Context, lexicon: Lexicon) -> dict[str, Any]:
    t, found = lexicon.t, audits.runs(context)
    row = {"area": t("audit.last-audit"), "href": "/audit/runs"}
    if found.age == "never":
        note = t("audit.last-audit.never-why")
        return row | {"state": "unknown", "word": t("audit.last-audit.never"), "note": note}
    newest = found.runs[0]
    note = t("audit.last-audit.when", when=lexicon.instant(newest.ended))
    if newest.result == "differs":
        state, word = "invalid", t("audit.last-audit.differs")
    elif found.age == "old":
        state, word = "unknown", t("audit.last-audit.old")
    elif newest.not_checked:
        state, word = "unknown", t("audit.result.partly")
    else:
        state, word = "valid", t("audit.last-audit.same")
    return row | {"state": state, "word": word, "note": note}


def _checkpoint(context: Context, lexicon: Lexicon) -> dict[str, Any]:
    t, newest = lexicon.t, context.workspace.store.checkpoints.latest()
    row = {"area": t("audit.newest-checkpoint"), "href": "/audit/checkpoints"}
    if newest is None:
        return row | {"state": "unknown", "word": t("audit.checkpoint.none"), "note": ""}
    note = t(
        "audit.checkpoint.size",
        size=formats.number(newest.size),
        when=lexicon.instant(newest.made_at),
    )
    if newest.checkpoint.witnesses:
        return row | {"state": "valid", "word": t("audit.checkpoint.witnessed"), "note": note}
    return row | {"state": "unknown", "word": t("audit.checkpoint.alone"), "note": note}


def _alarms(context: Context, lexicon: Lexicon) -> dict[str, Any]:
    t, found = lexicon.t, alarms.open_alarms(context)
    row = {"area": t("audit.open-alarms"), "href": "/audit/alarms"}
    note = "" if found.complete else t("audit.incomplete")
    if found.alarms:
        word = t.count("audit.alarms.some", len(found.alarms))
        return row | {"state": "invalid", "word": word, "note": note}
    state = "valid" if found.complete else "unknown"
    return row | {"state": state, "word": t("audit.alarms.none"), "note": note}


def _keys(context: Context, lexicon: Lexicon) -> dict[str, Any]:
    t, found = lexicon.t, alarms.compromises(context).compromises
    row = {"area": t("audit.bad-keys"), "href": "/audit/alarms#keys", "note": ""}
    if found:
        return row | {"state": "invalid", "word": t.count("audit.keys.some", len(found))}
    return row | {"state": "valid", "word": t("audit.keys.none")}


# ------------------------------------------------------------------------------ as of a time


def found(request: Request, caller: Caller, text: str) -> tuple[str, dict[str, Any]]:
    """The address of the page that is meant ("" where several are), and what there is to choose
    from."""
    lexicon = Lexicon.of(request)
    body = searching.search(lexicon.context, caller, text, MOST, None)
    clocks = clocks_of(request)
    choices = _choices(lexicon, body, clocks)
    record = _record(lexicon.context, caller, text)
    if record is not None:
        link = {
            "href": address(f"/entries/{record}", clocks),
            "text": lexicon.t("record.entry", number=record),
            "note": "",
            "compare": "",
        }
        choices = [{"title": lexicon.t("audit.found-record"), "links": [link]}, *choices]
    links = [choice["href"] for group in choices for choice in group["links"]]
    exact = address(body.exact.path, clocks) if body.exact else ""
    if not exact and len(links) == 1:
        [exact] = links
    more = bool(body.suppliers.next) or body.batches.more or body.certificates.more
    return exact, {"choices": choices, "more": more}


def _record(context: Context, caller: Caller, text: str) -> int | None:
    """The record whose number the text is, if it is on the ledger for this caller."""
    if not re.fullmatch("#?[0-9]{1,12}", text, re.ASCII):
        return None
    number = int(text.removeprefix("#"))
    try:
        entries.find(context, caller, number)
    except NotFound:
        return None
    return number


def _choices(lexicon: Lexicon, body: SearchBody, clocks: dict[str, str]) -> list[dict[str, Any]]:
    t = lexicon.t
    groups = [
        {
            "title": t("audit.found-suppliers"),
            "links": [
                {
                    "href": address(f"/suppliers/{hit.id}", clocks),
                    "text": _name(lexicon, hit),
                    "note": hit.identifier,
                    "compare": address("/audit/compare", {"supplier": hit.id}),
                }
                for hit in body.suppliers.found
            ],
        },
        {
            "title": t("audit.found-batches"),
            "links": [
                {
                    "href": address(f"/batches/{lot.id}", clocks),
                    "text": lot.lot,
                    "note": lexicon.scope(lot.category, lot.model),
                    "compare": "",
                }
                for lot in body.batches.found
            ],
        },
        {
            "title": t("audit.found-certificates"),
            "links": [
                {
                    "href": address(f"/qualifications/{q.id}", clocks),
                    "text": f"{lexicon.kind(q.kind)} {q.number}".strip(),
                    "note": lexicon.scope(q.category, q.model),
                    "compare": "",
                }
                for q in body.certificates.found
            ],
        },
        {
            "title": t("audit.found-verdicts"),
            "links": [
                {
                    "href": f"/verdicts/{v.id}",
                    "text": lexicon.scope(v.category, v.model),
                    "note": lexicon.instant(v.asked_at),
                    "compare": "",
                }
                for v in body.verdicts
            ],
        },
    ]
    return [group for group in groups if group["links"]]


def _name(lexicon: Lexicon, hit: SupplierHit) -> str:
    return lexicon.name(Named(hit.id, hit.name_zh, hit.name_en, hit.identifier))
