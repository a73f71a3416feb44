"""The home page: one search field, what it finds, and the verdicts of late."""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import Request

from api.access import Caller, Scope, StoredVerdict, may_see
from api.context import Context
from api.pages.lexicon import Lexicon
from api.pages.verdicts.shown import question_line
from api.suppliers import service
from api.suppliers.schemas import SupplierHit
from ledger.typed_data import REGISTER_PREFIX

PAGE: Final = 20
_RECENT: Final = 5
#: What a hit does not show anyway, so that the text found has to be shown.
_HIDDEN: Final = frozenset({"number", "model"})


@dataclass(frozen=True)
class ShownHit:
    """One organisation found; ``identifier`` is empty where it would only repeat a name, ``text``
    where what was found is shown anyway."""

    id: str
    name_zh: str
    name_en: str
    identifier: str
    identifier_kind_name: str
    origin: str
    matched: str
    text: str


def found(
    request: Request, caller: Caller, text: str, after: str | None
) -> tuple[list[ShownHit], str | None]:
    """A page of hits, and what asks for the next page."""
    lexicon = Lexicon.of(request)
    page = service.search(lexicon.context, caller, text, PAGE, after)
    return [_shown(lexicon, hit) for hit in page.suppliers], page.next


def _shown(lexicon: Lexicon, hit: SupplierHit) -> ShownHit:
    by, listed = hit.found_by, hit.identifier_kind.startswith(REGISTER_PREFIX)
    matched = ""
    if by is not None:
        # What a register calls a firm is a name.
        a_name = listed and by.field == "identifier"
        matched = lexicon.t("found.name") if a_name else lexicon.t.word("found", by.field)
    repeats = hit.identifier in (hit.name_zh, hit.name_en)
    return ShownHit(
        hit.id,
        hit.name_zh,
        hit.name_en,
        "" if repeats else hit.identifier,
        lexicon.identifier_kind(hit.identifier_kind),
        lexicon.origin(hit.identifier_kind),
        matched,
        by.text if by and by.field in _HIDDEN else "",
    )


def recent(request: Request, caller: Caller) -> list[dict[str, Any]]:
    """The newest verdicts of the caller's organisation, if the caller may read any."""
    if Scope.VERDICTS_READ not in caller.scopes:
        return []
    lexicon = Lexicon.of(request)
    kept = Context.of(request).workspace.store.verdicts(caller.organisation, limit=_RECENT)
    return [
        {
            "id": given["id"],
            "answer": given["answer"],
            "answer_text": given["answer_text"][lexicon.t.language],
            "question_line": question_line(lexicon, given["question"]),
            "asked_at": v.asked_at,
        }
        for v in kept
        if may_see(caller, StoredVerdict(frozenset({v.organisation})))
        for given in [orjson.loads(v.verdict)]
    ]
