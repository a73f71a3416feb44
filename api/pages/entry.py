"""One entry of the ledger, field by field as its author signed it."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from api.access import Caller
from api.context import Context
from api.entries import service
from api.entries.schemas import RecordedBody
from api.pages import formats
from api.pages.lexicon import Lexicon, Named
from api.parameters import DEFAULT_ZONE
from api.problems import not_found
from ledger.typed_data import ACTIONS
from ledger.vocabulary import WITHDRAWN_UNDATED, OrganisationStatus, Role

_ORGANISATIONS: Final = frozenset(
    {"organisation", "holder", "first", "second", "recipient", "sender"}
)
_INSTANTS: Final = frozenset(
    {
        "happenedAt", "deadline", "since", "from", "until", "validFrom", "validUntil",
        "published", "effective", "withdrawnFrom", "due", "sampledAt", "initiated", "ended",
    }
)  # fmt: skip
#: Numbers that are counted, and not codes.
_COUNTS: Final = frozenset(
    {
        "rows", "perDay", "maxLateness", "quorum", "quantity", "returned", "lost", "setAside",
        "gone", "least", "most", "per", "completeTo",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ShownField:
    label: str
    shown: str
    href: str = ""


def shown(request: Request, caller: Caller, sequence: int) -> dict[str, Any]:
    """What the page of an entry shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    found = service.find(context, caller, sequence)
    entry = found.recorded
    if entry is None:
        raise not_found("the entry", "该条目", "id", code="entry.unknown")
    message = entry.message
    ids = {_raw(entry.author)}
    ids.update(_raw(str(message[name])) for name in _ORGANISATIONS & message.keys())
    names = lexicon.organisations(ids)
    action = lexicon.t.word("action", entry.action)
    return {
        "entry": entry,
        "digest": found.digest,
        "position": found.ledger.position,
        "author": names[entry.author],
        "action_name": action,
        "sentence": lexicon.t(
            "entry.sentence",
            author=lexicon.name(names[entry.author]),
            when=formats.instant(entry.recorded_at, DEFAULT_ZONE),
            action=action,
        ),
        "fields": [_field(lexicon, names, entry, f.name) for f in ACTIONS[entry.action].fields],
    }


def _field(lexicon: Lexicon, names: dict[str, Named], entry: RecordedBody, name: str) -> ShownField:
    t, value = lexicon.t, entry.message[name]
    text = str(value)
    label = t.word("field", name)
    if isinstance(value, bool):
        return ShownField(label, t("value.yes") if value else t("value.no"))
    if isinstance(value, list):
        items = (" ".join(str(part) for part in item.values()) for item in value)
        return ShownField(label, "; ".join(items) or t("value.none"))
    if name in _ORGANISATIONS:
        return ShownField(label, lexicon.name(names[text]), "/suppliers/" + text)
    if name in _INSTANTS:
        return ShownField(label, _instant(lexicon, name, int(text)))
    if name in _COUNTS:
        return ShownField(label, formats.number(int(text)))
    if text == "" or text == "0x" + "00" * 32:
        return ShownField(label, t("value.none"))
    match name:
        case "roles":
            return ShownField(label, _roles(lexicon, Role(int(text))))
        case "status":
            word = OrganisationStatus(int(text)).name.lower()
            return ShownField(label, t.word("organisation", word))
        case "category" | "parent" | "input":
            return ShownField(label, f"{lexicon.category(text)} ({text})")
        case "kind":
            return ShownField(label, _kind(lexicon, text))
        case "unit" | "inputUnit" if not text.startswith("0x"):
            return ShownField(label, f"{lexicon.unit(text)} ({text})")
        case "register":
            return ShownField(label, lexicon.register(text))
        case "identifierKind":
            return ShownField(label, f"{lexicon.identifier_kind(text)} ({text})")
        case _:
            return ShownField(label, text)


def _kind(lexicon: Lexicon, code: str) -> str:
    named = lexicon.kind(code)
    return code if named == code else f"{named} ({code})"


def _roles(lexicon: Lexicon, roles: Role) -> str:
    separator = {"zh": "、", "en": ", "}[lexicon.t.language]
    return separator.join(
        lexicon.t.word("role", str(role.name).lower()) for role in Role if role in roles
    )


def _instant(lexicon: Lexicon, name: str, seconds: int) -> str:
    if name == "withdrawnFrom":
        if seconds == 0:
            return lexicon.t("value.none")
        if seconds == WITHDRAWN_UNDATED:
            return lexicon.t("date.withdrawn-undated")
    if seconds == 0:
        return lexicon.t("date.unstated")
    if not formats.is_stated(seconds):
        return lexicon.t("date.without-end")
    return formats.instant(seconds, DEFAULT_ZONE)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
