"""Rows of the access log in words."""

import re
from collections.abc import Iterable
from typing import Any, Final

import orjson
from fastapi import Request

from api.access import Caller
from api.context import Context
from api.documents.service import readable_among
from api.pages.lexicon import Lexicon
from api.pages.verdicts.told import question_line
from api.staff.service import COMMAND_LINE
from ledger.index.store import Access
from ledger.typed_data import hexed

#: Where a subject can be looked at, by how its action begins.
_PLACES: Final = {
    "verdict.": "/verdicts/",
    "batch.": "/batches/",
    "dependents.": "/audit/accounts/",
}
#: What was looked at, by the first word of its action, with what it is called.
_Names = dict[tuple[str, str], str]


def accesses(
    request: Request, caller: Caller, rows: Iterable[tuple[int, Access]]
) -> dict[str, Any]:
    """The rows, and the actions that there are to choose from."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    found = list(rows)
    named = lexicon.organisations(a.organisation for _, a in found if a.organisation)
    actions = context.workspace.store.access_actions()
    choices = [(action, lexicon.t.word_or("access", action, action)) for action in actions]
    called = _called(lexicon, caller, {(_about(a), a.subject) for _, a in found})
    return {
        "rows": [
            {
                "at": a.at,
                "person": lexicon.t("accesses.command-line")
                if a.person == COMMAND_LINE
                else a.person,
                "organisation": named.get(hexed(a.organisation)),
                "action": lexicon.t.word_or("access", a.action, a.action),
                "subject": _subject(lexicon, a),
                "is_code": _is_code(a.subject),
                "href": _place(a),
                "called": called.get((_about(a), a.subject), ""),
                "times": a.times,
            }
            for _, a in found
        ],
        "actions": sorted(choices, key=lambda choice: choice[1]),
    }


def _called(lexicon: Lexicon, caller: Caller, wanted: set[tuple[str, str]]) -> _Names:
    """What people call these subjects: a lot by its number and maker, a document by its file's
    name where the reader may know it, a verdict by its question, a key by whose it is, an account
    by its person, a token by who answers for it. What has no such name is left out."""
    context = lexicon.context
    hashes: dict[str, list[bytes]] = {}
    for about, subject in wanted:
        if _is_hash(subject):
            hashes.setdefault(about, []).append(bytes.fromhex(subject[2:]))
    called: _Names = {}
    lots = context.workspace.index.lots.by_ids(hashes.get("batch", []))
    makers = lexicon.organisations(lot.maker for lot in lots.values())
    for id_, lot in lots.items():
        called["batch", hexed(id_)] = f"{lot.lot} · {lexicon.name(makers[hexed(lot.maker)])}"
    for digest, document in readable_among(context, caller, hashes.get("document", [])).items():
        called["document", hexed(digest)] = document.name
    for id_ in hashes.get("verdict", []):
        kept = context.workspace.store.verdict_like(f"{hexed(id_)}:")
        if kept is not None:
            asked = orjson.loads(kept.verdict)["question"]
            called["verdict", hexed(id_)] = question_line(lexicon, asked)
    tokens = {str(t.id): t.person for t in context.workspace.store.tokens()}
    for about, subject in wanted:
        name = ""
        if about == "token":
            name = tokens.get(subject, "")
        elif about == "dependents" and re.fullmatch(r"0x[0-9a-f]{40}", subject):
            name = _key_of(lexicon, subject)
        elif _staff_number(subject) is not None:
            account = context.staff.book.account(_staff_number(subject) or 0)
            name = account.person if account else ""
        if name:
            called[about, subject] = name
    return called


def _key_of(lexicon: Lexicon, address: str) -> str:
    account = lexicon.context.workspace.index.account(bytes.fromhex(address[2:]))
    if account is None:
        return ""
    [owner] = lexicon.organisations([account.organisation]).values()
    return lexicon.t("accesses.key-of", owner=lexicon.name(owner))


def _subject(lexicon: Lexicon, access: Access) -> str:
    """The subject itself: what is only a number says of what."""
    t, number = lexicon.t, _staff_number(access.subject)
    if number is not None:
        return t("accesses.account", number=number)
    if _about(access) == "token" and access.subject.isdigit():
        return t("accesses.token", number=access.subject)
    if access.subject == "service":
        return t("accesses.service")
    return access.subject


def _staff_number(subject: str) -> int | None:
    found = re.fullmatch(r"staff-([0-9]{1,12})", subject, re.ASCII)
    return int(found[1]) if found else None


def _about(access: Access) -> str:
    return access.action.partition(".")[0]


def _is_code(subject: str) -> bool:
    return subject.startswith("0x")


def _is_hash(subject: str) -> bool:
    return re.fullmatch(r"0x[0-9a-f]{64}", subject) is not None


def _place(access: Access) -> str:
    """Where the subject can be looked at; "" where there is no page."""
    if not _is_code(access.subject):
        return ""
    begun = (place for sign, place in _PLACES.items() if access.action.startswith(sign))
    return next((place + access.subject for place in begun), "")
