"""One entry of the ledger, field by field as its author signed it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import Request

from api.access import Caller, Scope, may_see
from api.context import Context
from api.documents.service import readable
from api.entries import service
from api.entries.schemas import RecordedBody
from api.pages import formats
from api.pages.lexicon import Lexicon, Named
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

#: Fields that say nothing to people: they keep an entry from being sent twice, or late.
_TECHNICAL: Final = frozenset({"nonce", "deadline"})
#: An entry is about few things; of a unit's with many lots so many are told.
_MOST_CHAINS: Final = 6
#: So many entries that the reader may not see are passed over on the way to one that he may.
_MOST_PASSED: Final = 50


@dataclass(frozen=True)
class ShownField:
    """A field with its value in words; ``items`` instead where it is a list, each with fields of
    its own. ``code`` is what the entry itself has where the words name something by it."""

    label: str
    shown: str
    href: str = ""
    code: str = ""
    items: tuple[tuple["ShownField", ...], ...] = ()


def shown(request: Request, caller: Caller, sequence: int) -> dict[str, Any]:
    """What the page of an entry shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    found = service.find(context, caller, sequence)
    entry = found.recorded
    if entry is None:
        raise not_found("the entry", "该记录", "id", code="entry.unknown")
    names = lexicon.organisations([_raw(entry.author)])
    action = lexicon.t.word("action", entry.action)
    names_of_fields = [field.name for field in ACTIONS[entry.action].fields]
    told = _with_document(context, caller, lexicon, entry)
    said = list(zip(names_of_fields, told, strict=True))
    return {
        "entry": entry,
        "digest": found.digest,
        "position": found.ledger.position,
        "author": names[entry.author],
        "action_name": action,
        "sentence": lexicon.t(
            "entry.sentence",
            author=lexicon.name(names[entry.author]),
            when=lexicon.instant(entry.recorded_at),
            action=action,
        ),
        "fields": [field for name, field in said if name not in _TECHNICAL],
        "technical": [field for name, field in said if name in _TECHNICAL],
        "chains": list(_chains(context, caller, lexicon, entry)),
        "in_log": _in_log(context, lexicon, sequence),
    }


def _with_document(
    context: Context, caller: Caller, lexicon: Lexicon, entry: RecordedBody
) -> list[ShownField]:
    """The fields, its document leading to the file for those who may read that."""
    told = fields(lexicon, entry.action, entry.message)
    hash_ = str(entry.message.get("document", ""))
    if Scope.DOCUMENTS_READ not in caller.scopes or not _is_hash(hash_):
        return told
    if readable(context, caller, _raw(hash_)) is None:
        return told
    named = ShownField("", lexicon.t("entry.take-document"), "/documents/" + hash_, hash_)
    return [replace(named, label=f.label) if f.shown == hash_ else f for f in told]


def _chains(
    context: Context, caller: Caller, lexicon: Lexicon, entry: RecordedBody
) -> Iterator[dict[str, Any]]:
    """What the entry is about, each with the entries before and after this one about the same."""
    for subject in entry.subjects[:_MOST_CHAINS]:
        about = _about(lexicon, subject)
        if about is None:
            continue
        before, after = (
            _nearest(context, caller, _raw(subject), entry.sequence, side) for side in (0, 1)
        )
        yield {"about": replace(about, code=""), "before": before, "after": after}


def _nearest(
    context: Context, caller: Caller, subject: bytes, sequence: int, side: int
) -> int | None:
    """The nearest entry of the subject's chain before (0) or after (1) one that the reader may
    see, of so many as are looked at."""
    index = context.workspace.index
    for _ in range(_MOST_PASSED):
        number = index.neighbours(subject, sequence)[side]
        e = None if number is None else index.entry(number)
        if number is None or e is None:
            return None
        if may_see(caller, service.entry_record(context, e.digest, e)):
            return number
        sequence = number
    return None


def _about(lexicon: Lexicon, subject: str) -> ShownField | None:
    """An organisation, a qualification or a lot by its name; None for other subjects."""
    raw, index = _raw(subject), lexicon.context.workspace.index
    if not any(raw[20:]):
        organisation = index.organisation(raw[:20])
        if organisation is None:
            return None
        [named] = lexicon.organisations([organisation.id]).values()
        return ShownField("", lexicon.name(named), "/suppliers/" + named.id)
    if index.qualification(raw) is not None:
        return _qualification(lexicon, "", subject)
    return _lot(lexicon, "", subject) if index.lots.lot(raw) is not None else None


def _in_log(context: Context, lexicon: Lexicon, sequence: int) -> str:
    """Since which checkpoint nobody can take the entry out of the log."""
    kept = context.workspace.checkpoints.latest
    if kept is None or kept.size <= sequence:
        return lexicon.t("entry.not-in-checkpoint")
    return lexicon.t(
        "entry.in-checkpoint",
        size=formats.number(kept.size),
        when=lexicon.instant(kept.made_at),
    )


def fields(lexicon: Lexicon, action: str, message: Mapping[str, Any]) -> list[ShownField]:
    """Every field of an entry in words, in the order in which they are signed; ``message`` as its
    JSON has it."""
    ids = {_raw(str(message[name])) for name in _ORGANISATIONS & message.keys()}
    cited = message.get("cited")
    if isinstance(cited, list):
        ids.update(_raw(str(one["author"])) for one in cited)
    names = lexicon.organisations(ids)
    return [_field(lexicon, names, message, f.name) for f in ACTIONS[action].fields]


def _field(
    lexicon: Lexicon, names: Mapping[str, Named], message: Mapping[str, Any], name: str
) -> ShownField:
    t, value = lexicon.t, message[name]
    text = str(value)
    label = t.word("field", name)
    if isinstance(value, bool):
        return ShownField(label, t("value.yes") if value else t("value.no"))
    if isinstance(value, list):
        shown = _citation if name == "cited" else _part
        items = tuple(shown(lexicon, names, item) for item in value)
        return ShownField(label, "" if items else t("value.none"), items=items)
    if name in _ORGANISATIONS:
        return ShownField(label, lexicon.name(names[text]), "/suppliers/" + text)
    if name in _INSTANTS:
        return ShownField(label, _instant(lexicon, name, int(text)))
    if name in _COUNTS:
        unit = _unit_of(lexicon, message, name)
        counted = lexicon.amount(int(text), unit) if unit else formats.number(int(text))
        return ShownField(label, counted)
    if text == "" or text == "0x" + "00" * 32:
        return ShownField(label, t("value.none"))
    match name:
        case "qualification" | "successor":
            return _qualification(lexicon, label, text)
        case "lot" if _is_hash(text):
            return _lot(lexicon, label, text)
        case "roles":
            return ShownField(label, _roles(lexicon, Role(int(text))))
        case "status":
            word = OrganisationStatus(int(text)).name.lower()
            return ShownField(label, t.word("organisation", word))
        case "category" | "parent" | "input":
            return _named(label, lexicon.category(text), text)
        case "kind":
            return _named(label, lexicon.kind(text), text)
        case "unit" | "inputUnit" if not text.startswith("0x"):
            return _named(label, lexicon.unit(text), text)
        case "division":
            named = lexicon.division(text)
            return _named(label, named, named if text == "0" or text in named else text)
        case "register":
            return ShownField(label, lexicon.register(text))
        case "identifierKind":
            return _named(label, lexicon.identifier_kind(text), text)
        case _:
            return ShownField(label, text)


def _qualification(lexicon: Lexicon, label: str, text: str) -> ShownField:
    """A qualification by its kind, number and holder; its id where the ledger has none such."""
    found = lexicon.context.workspace.index.qualification(_raw(text))
    if found is None:
        return ShownField(label, text)
    [holder] = lexicon.organisations([found.holder]).values()
    parts = (lexicon.kind(found.kind), found.number, lexicon.name(holder))
    shown = " · ".join(part for part in parts if part)
    return ShownField(label, shown, "/qualifications/" + text, text)


def _lot(lexicon: Lexicon, label: str, text: str) -> ShownField:
    """A lot by its number and its maker; its id where the ledger has none such."""
    id_ = _raw(text)
    found = lexicon.context.workspace.index.lots.by_ids([id_]).get(id_)
    if found is None:
        return ShownField(label, text)
    [maker] = lexicon.organisations([found.maker]).values()
    gtin = f"GTIN {found.gtin:014d}" if found.gtin else ""
    shown = " · ".join(part for part in (found.lot, gtin, lexicon.name(maker)) if part)
    return ShownField(label, shown, "/batches/" + text, text)


def _citation(
    lexicon: Lexicon, names: Mapping[str, Named], cited: Mapping[str, Any]
) -> tuple[ShownField, ...]:
    """A qualification relied on. The entry has hashes of its kind and register; those that are
    known are called by their names."""
    t, author, digest = lexicon.t, str(cited["author"]), str(cited["digest"])
    kind, register = str(cited["kind"]), str(cited["register"])
    fields = [
        ShownField(t.word("field", "kind"), lexicon.kind_of_hash(kind)),
        ShownField(
            t("entry.cited-author"), lexicon.name(names[author]), href="/suppliers/" + author
        ),
    ]
    if int(register, 16):
        fields.append(ShownField(t.word("field", "register"), lexicon.register_of_hash(register)))
    any_model = t("value.yes") if cited["anyModel"] else t("value.no")
    fields.append(ShownField(t("entry.cited-any-model"), any_model))
    index = lexicon.context.workspace.index
    sequence = index.sequences([_raw(digest)]).get(_raw(digest))
    fields.append(
        ShownField(t.word("field", "entry"), digest)
        if sequence is None
        else ShownField(
            t.word("field", "entry"),
            t("record.entry", number=sequence),
            href=f"/entries/{sequence}",
        )
    )
    return tuple(fields)


def _part(
    lexicon: Lexicon, _names: Mapping[str, Named], part: Mapping[str, Any]
) -> tuple[ShownField, ...]:
    """So much of one lot."""
    t, unit = lexicon.t, _unit_of_lot(lexicon, part)
    quantity = int(part["quantity"])
    return (
        _lot(lexicon, t.word("field", "lot"), str(part["lot"])),
        ShownField(
            t.word("field", "quantity"),
            lexicon.amount(quantity, unit) if unit else formats.number(quantity),
        ),
    )


def _named(label: str, named: str, code: str) -> ShownField:
    return ShownField(label, named, code="" if named == code else code)


#: The numbers of an entry that are so much of a lot, and of which lot or unit.
_OF_A_LOT: Final = frozenset({"quantity", "returned", "lost", "setAside", "gone"})


def _unit_of(lexicon: Lexicon, message: Mapping[str, Any], name: str) -> str:
    """The code of the unit in which a number of an entry counts; "" where there is none."""
    match name:
        case "least" | "most":
            return str(message["inputUnit"])
        case "per" | "perDay":
            return str(message["unit"])
    if name not in _OF_A_LOT:
        return ""
    return str(message["unit"]) if "unit" in message else _unit_of_lot(lexicon, message)


def _unit_of_lot(lexicon: Lexicon, message: Mapping[str, Any]) -> str:
    id_ = _raw(str(message["lot"]))
    found = lexicon.context.workspace.index.lots.by_ids([id_]).get(id_)
    return found.unit if found else ""


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
    return lexicon.instant(seconds)


def _is_hash(text: str) -> bool:
    return len(text) == 66 and text.startswith("0x")


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])
