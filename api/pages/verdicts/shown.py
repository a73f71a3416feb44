"""The page of a kept verdict, and the same question asked once more.

A kept verdict never changes, so what its page says is made once for each language and shown again;
only who reads it, and the form's value of the frame, are of each request. A new entry of the ledger
may rename somebody, so it is made anew after each. What is said of today (lots that are stopped by
now, of which the verdict does not speak) is looked up for each reader.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from fastapi import Request
from markupsafe import Markup

from api.access import Caller, CallerRole
from api.context import Context
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.recent import Recent
from api.pages.rendering import address, part
from api.pages.verdicts.paper import live
from api.pages.verdicts.stops import of_stopped, stopped_since
from api.pages.verdicts.told import Told, reason_text, told
from api.verdicts import service
from api.verdicts.schemas import OfferedLot, VerdictRequest
from api.verdicts.stopped import StoppedLot
from ledger.errors import RequestError
from ledger.index.store import KeptVerdict
from ledger.policy import policies
from ledger.vocabulary import Clock

#: A page takes some 40 kB.
_PAGES: Final = Recent(256)


class Page(NamedTuple):
    """What does not depend on who reads it."""

    title: str
    zone: str
    body: Markup


def shown(request: Request, caller: Caller, id_: bytes) -> dict[str, Any]:
    """What the page of a verdict shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    kept = service.kept(context, caller, id_)
    service.note_reading(context, caller, kept, "verdict.read")
    permanent, auditor = live(request, kept), caller.role is CallerRole.AUDITOR
    # The position is read first: what is made after it may only be newer.
    position, stops = context.position, stopped_since(context, caller, kept)
    key = (context.workspace.data, position, kept.id, lexicon.t.language, permanent, auditor, stops)
    page: Page = _PAGES.get(key, lambda: _page(lexicon, kept, permanent, auditor, stops))
    return page._asdict()


def _page(
    lexicon: Lexicon,
    kept: KeptVerdict,
    permanent: str,
    auditor: bool,
    stops: Sequence[StoppedLot],
) -> Page:
    found = told(lexicon, kept)
    entries = sorted({e for c in found.v["checks"] for e in c["entries"]})
    name = f"suyuan-verdict-{found.v['id'][2:18]}.json"
    policy = policies().get(kept.policy_hash)
    body = part(
        lexicon.t.language,
        "verdicts/told.html",
        found.zone,
        told=found,
        v=found.v,
        here="/verdicts/" + found.v["id"],
        # Whole histories of goods are for few; whoever sees all of them may take them.
        evidence=auditor or not found.offered,
        evidence_name=name,
        command="suyuan verify " + name,
        entries=entries,
        policy=policy,
        permanent=permanent,
        again=again(found),
        **of_stopped(lexicon, stops),
    )
    return Page(f"{found.answer_text} – {found.question}", found.zone, body)


def again(found: Told) -> str:
    """The form, filled with the same question."""
    q = found.v["question"]
    lines = [f"{lot.gtin}:{lot.lot}" if lot.gtin else lot.id for lot in found.offered]
    return address(
        "/verdicts/new",
        {
            "supplier": q["organisation"],
            "category": q["category"],
            "model": q["model"],
            "quantity": q["quantity"],
            "unit": q["unit"],
            "deliver_on": formats.iso_day(q["deliver_at"][0], q["zone"]),
            "clock": q["clock"] if q["clock"] != Clock.RECORDED else "",
            "lots": "\n".join(lines),
        },
    )


# ----------------------------------------------------------------------------- then and now


def compared(request: Request, caller: Caller, id_: bytes) -> dict[str, Any]:
    """The verdict made again from the ledger as it was, and its question asked now (nothing of it
    is kept)."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    kept = service.kept(context, caller, id_)
    made_again = service.recompute(context, kept)
    service.note_reading(context, caller, kept, "verdict.recomputed")
    found, now = told(lexicon, kept), context.now()
    unanswerable, answer, answer_text, changed = "", "", "", list[dict[str, Any]]()
    try:
        verdict = context.workspace.decide(service.question_of(context, _asked_now(found)))
    except RequestError as error:
        unanswerable = error.message(lexicon.t.language)
    else:
        said = verdict.to_json()
        answer, answer_text = said["answer"], said["answer_text"][lexicon.t.language]
        changed = _changed(found.v["checks"], said["checks"], lexicon)
    stops = stopped_since(context, caller, kept)
    known = found.v["question"]["known_at"]
    return {
        "told": found,
        "v": found.v,
        "zone": found.zone,
        "as_known": known if found.as_known else None,
        **of_stopped(lexicon, stops),
        "here": "/verdicts/" + found.v["id"],
        "reproduced": made_again.same,
        "unanswerable": unanswerable,
        "answer_now": answer,
        "answer_now_text": answer_text,
        "changed": changed,
        "now": now,
        "again": again(found),
    }


def _asked_now(found: Told) -> VerdictRequest:
    q = found.v["question"]
    return VerdictRequest(
        organisation=bytes.fromhex(q["organisation"][2:]),
        category=q["category"],
        model=q["model"],
        quantity=q["quantity"],
        unit=q["unit"],
        deliver_on=formats.iso_day(q["deliver_at"][0], q["zone"]),
        zone=q["zone"],
        clock=q["clock"],
        lots=[OfferedLot(id=bytes.fromhex(lot[2:])) for lot in q.get("lots", ())],
    )


def _changed(
    then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], lexicon: Lexicon
) -> list[dict[str, Any]]:
    """The checks that come out otherwise now or for another reason, with the reasons of now."""
    before, language = {c["code"]: c for c in then}, lexicon.t.language
    return [
        {
            "number": c["number"],
            "title": c["title"][language],
            "then": before[c["code"]]["result"],
            "now": c["result"],
            "reasons": [reason_text(lexicon, r["code"], r[language]) for r in c["reasons"]],
            "entries": c["entries"],
        }
        for c in now
        if c["code"] in before and _told_by(before[c["code"]]) != _told_by(c)
    ]


def _told_by(check: Mapping[str, Any]) -> tuple[str, set[str]]:
    return check["result"], {reason["code"] for reason in check["reasons"]}
