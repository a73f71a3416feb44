"""What is found as of a time."""

import re
from typing import Any

from fastapi import Request

from api.access import Caller
from api.context import Context
from api.entries import service as entries
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
