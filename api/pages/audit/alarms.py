"""Open alarms and bad keys, and everything that rests on a key."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Request

from api.access import Caller
from api.accounts.dependents import (
    DependentsBody,
    DependentStanding,
    DependentVerdict,
    dependents_body,
)
from api.alarms import service
from api.alarms.schemas import OpenAlarmBody
from api.context import Context
from api.documents.service import readable_among
from api.pages.lexicon import Lexicon
from api.pages.signing.stamping import accounts
from api.pages.verdicts.told import question_line
from api.parameters import DEFAULT_ZONE
from api.problems import not_found
from api.wire import interval_of
from ledger.index.store import Document
from ledger.replaying import shaken
from ledger.typed_data import hexed
from ledger.verdict_texts import ANSWERS

#: So many of each kind of what rests on a key are listed; all are counted.
MOST: Final = 80


def listed(request: Request, caller: Caller) -> dict[str, Any]:
    """All open alarms and all keys that were declared bad, by the functions of ``/v1``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    alarms, keys = service.open_alarms(context), service.compromises(context)
    ids = {side.organisation for alarm in alarms.alarms for side in alarm.sides}
    ids |= {key.organisation for key in keys.compromises}
    documents = [bytes.fromhex(a.shown[2:]) for a in alarms.alarms if a.what == "document"]
    readable = readable_among(context, caller, documents)
    return {
        "alarms": [
            {
                "title": lexicon.t.word("audit.alarm", alarm.what),
                "shown": _shown(lexicon, readable, alarm),
                "hash": alarm.shown if alarm.what == "document" else "",
                "anchor": f"#alarm-{alarm.id[2:10]}",
                "sides": alarm.sides,
                "opened_at": alarm.opened_at,
                "uses": alarm.uses,
                "replies": lexicon.t.count("audit.alarm-replies", alarm.replies)
                if alarm.replies
                else "",
            }
            for alarm in alarms.alarms
        ],
        "may_close": bool(accounts(context, caller.organisation, ["CloseAlarm"])),
        "complete": alarms.complete and keys.complete,
        "keys": keys.compromises,
        "names": lexicon.organisations([bytes.fromhex(id_[2:]) for id_ in ids]),
    }


def _shown(lexicon: Lexicon, readable: Mapping[bytes, Document], alarm: OpenAlarmBody) -> str:
    """What is used twice, by its name: a document's file name is told to who may read it."""
    if alarm.what == "number":
        return lexicon.mark(alarm.what, alarm.shown)
    kept = readable.get(bytes.fromhex(alarm.shown[2:]))
    return kept.name if kept else lexicon.t("audit.alarm-document", hash=alarm.shown[:10])


def dependents(request: Request, caller: Caller, address: bytes, since: str) -> dict[str, Any]:
    """What rests on the key, by the function of ``GET /v1/accounts/{address}/dependents``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    account = context.workspace.index.account(address)
    if account is None:
        raise not_found("the account", "该账户", "address", code="account.unknown")
    start = interval_of(since, DEFAULT_ZONE, "since")[0] if since else _declared(context, address)
    context.note_access(caller, "dependents.read", hexed(address))
    body = dependents_body(shaken(context.workspace, address, start))
    return {
        "account": hexed(address),
        "state": lexicon.t.word("audit.account", account.state.name.lower()),
        "is_bad": account.state.name == "COMPROMISED",
        "since": start,
        "since_day": since,
        "since_future": start > context.now(),
        "organisation": next(iter(lexicon.organisations([account.organisation]).values())),
        **_told(lexicon, body),
    }


def _declared(context: Context, address: bytes) -> int:
    """Since when the key is declared bad; from the beginning where it is not."""
    found = {key.account: key.since for key in service.compromises(context).compromises}
    return found.get(hexed(address), 0)


def _told(lexicon: Lexicon, body: DependentsBody) -> dict[str, Any]:
    t = lexicon.t
    ids = {s.organisation for s in body.standings} | {lot.maker for lot in body.lots}
    names = lexicon.organisations([bytes.fromhex(id_[2:]) for id_ in ids])

    def order(s: DependentStanding) -> tuple[bool, str]:
        return s.would_be == s.now, lexicon.name(names[s.organisation])

    return {
        "names": names,
        "standings": [
            {
                "organisation": s.organisation,
                "product": lexicon.scope(s.category, s.model),
                "now": s.now,
                "would_be": s.would_be,
                "entry": s.entry,
            }
            for s in sorted(body.standings, key=order)[:MOST]
        ],
        "verdicts": _verdicts(lexicon, body.verdicts),
        "lots": body.lots[:MOST],
        "entries": [
            {
                "sequence": e.sequence,
                "action": t.word("action", e.action),
                "because": t.word("audit.because", e.because),
                "through": e.through,
            }
            for e in body.entries[:MOST]
        ],
        "cut": {
            name: _cut(lexicon, found)
            for name, found in (
                ("standings", body.standings),
                ("verdicts", body.verdicts),
                ("lots", body.lots),
                ("entries", body.entries),
            )
        },
        "counts": {
            "standings": len(body.standings),
            "verdicts": len(body.verdicts),
            "lots": len(body.lots),
            "entries": len(body.entries),
        },
    }


def _verdicts(lexicon: Lexicon, found: Iterable[DependentVerdict]) -> list[dict[str, Any]]:
    """What each was asked, those first that would be answered otherwise, or nobody can say."""
    store, language = lexicon.context.workspace.store, lexicon.t.language
    shown = []
    for v in sorted(found, key=lambda v: v.would_be == v.answer)[:MOST]:
        kept = store.verdict(f"{v.id}:{v.organisation[2:]}")
        shown.append(
            {
                "id": v.id,
                "question_line": question_line(lexicon, orjson.loads(kept.verdict)["question"])
                if kept
                else v.id,
                "asked_at": kept.asked_at if kept else None,
                "answer": v.answer,
                "answer_text": getattr(ANSWERS[v.answer], language),
                "would_be": v.would_be,
                "would_be_text": getattr(ANSWERS[v.would_be], language) if v.would_be else "",
                "entries": v.entries[:10],
            }
        )
    return shown


def _cut(lexicon: Lexicon, found: Sequence[Any]) -> str:
    if len(found) <= MOST:
        return ""
    return lexicon.t("audit.cut", count=MOST, all=len(found))
