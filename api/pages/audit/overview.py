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
from api.pages.verdicts.told import question_line
from api.problems import NotFound
from api.search import service as searching
from api.search.schemas import SearchBody, VerdictHit
from api.suppliers.schemas import SupplierHit
from ledger.verdict_texts import ANSWERS

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
        note = t("audit.runs-never")
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
    t = lexicon.t
    body = searching.search(lexicon.context, caller, text, MOST, None)
    clocks = clocks_of(request)
    choices = _choices(lexicon, body, clocks)
    record = _record(lexicon.context, caller, text)
    if record is not None:
        name = t("record.entry", number=record)
        link = _link(address(f"/entries/{record}", clocks), name)
        choices = [_group(t("audit.found-record"), [link]), *choices]
    links = [link["href"] for group in choices for link in group["links"]]
    exact = address(body.exact.path, clocks) if body.exact else ""
    if not exact and len(links) == 1:
        [exact] = links
    return exact, {"choices": choices, "as_of": bool(clocks)}


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
    suppliers = [
        _link(
            address(f"/suppliers/{hit.id}", clocks),
            _name(lexicon, hit),
            hit.identifier,
            compare=address("/audit/compare", {"supplier": hit.id}),
        )
        for hit in body.suppliers.found
    ]
    batches = [
        _link(
            address(f"/batches/{lot.id}", clocks), lot.lot, lexicon.scope(lot.category, lot.model)
        )
        for lot in body.batches.found
    ]
    certificates = [
        _link(
            address(f"/qualifications/{q.id}", clocks),
            f"{lexicon.kind(q.kind)} {q.number}".strip(),
            lexicon.scope(q.category, q.model),
        )
        for q in body.certificates.found
    ]
    verdicts = [_verdict(lexicon, v) for v in body.verdicts.found]
    groups = [
        _group(t("audit.found-suppliers"), suppliers, more=bool(body.suppliers.next)),
        _group(t("audit.found-batches"), batches, more=body.batches.more),
        _group(t("audit.found-certificates"), certificates, more=body.certificates.more),
        _group(t("audit.found-verdicts"), verdicts, more=body.verdicts.more)
        # A verdict was given once, and says so of itself: the clocks of the form change nothing.
        | {"as_given": True},
    ]
    return [group for group in groups if group["links"]]


def _verdict(lexicon: Lexicon, v: VerdictHit) -> dict[str, Any]:
    asked = v.model_dump(mode="json") | {"organisation": v.supplier}
    note = lexicon.t("audit.asked", when=lexicon.instant(v.asked_at))
    answer = getattr(ANSWERS[v.answer.value], lexicon.t.language)
    return _link(f"/verdicts/{v.id}", question_line(lexicon, asked), note) | {
        "state": v.answer.value,
        "word": answer,
    }


def _group(title: str, links: list[dict[str, Any]], more: bool = False) -> dict[str, Any]:
    """``more`` says that there are more than those listed."""
    return {"title": title, "links": links, "more": more, "as_given": False}


def _link(href: str, text: str, note: str = "", *, compare: str = "") -> dict[str, Any]:
    return {
        "href": href, "text": text, "note": note, "compare": compare, "state": "", "word": "",
    }  # fmt: skip


def _name(lexicon: Lexicon, hit: SupplierHit) -> str:
    return lexicon.name(Named(hit.id, hit.name_zh, hit.name_en, hit.identifier))
