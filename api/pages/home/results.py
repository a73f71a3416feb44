"""What a search found of everything, where it led to no one thing."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from api.access import Caller, SupplierRecord, may_see
from api.batches.schemas import ListedBatch
from api.pages import days
from api.pages.formats import is_stated
from api.pages.lexicon import Lexicon
from api.pages.verdicts.told import question_line
from api.parameters import DEFAULT_ZONE
from api.search.schemas import SearchBody, UnitHit, VerdictHit
from api.search.understanding import MAX_TYPED, Form
from api.suppliers.schemas import FoundBy, SupplierHit
from ledger.index.terms import normal
from ledger.standing import Status
from ledger.typed_data import hexed
from ledger.verdict_texts import ANSWERS
from ledger.vocabulary import Clock

PAGE: Final = 20
#: What a hit does not show anyway, so that it has to be said by what it was found.
_HIDDEN: Final = frozenset({"number", "model", "pinyin", "initials"})
#: Notes after which the box in somebody's hands is not what is shown.
_DOUBTS: Final = frozenset(
    {"gtin.check-digit", "gtin.unread", "gtin.unknown", "lot.unknown", "lot.characters"}
)
#: What a search compares of a code.
_COMPARED: Final = ("00", "01", "10")


@dataclass(frozen=True)
class ShownHit:
    """One organisation found; ``identifier`` is empty where it would only repeat a name,
    ``matched`` and ``text`` where what was found is shown anyway."""

    id: str
    name_zh: str
    name_en: str
    identifier: str
    identifier_kind_name: str
    origin: str
    roles: list[str]
    matched: str
    text: str
    alarm: str


def results(
    request: Request, reader: Caller, typed: str, after: str | None, found: SearchBody
) -> dict[str, Any]:
    """What the page shows of a search that led to no one thing."""
    lexicon = Lexicon.of(request)
    language = lexicon.t.language
    names = found.organisations

    def name(id_: str) -> str:
        known = names.get(id_)
        return (known.zh if language == "zh" else known.en) if known else id_

    groups = {
        "suppliers": len(found.suppliers.found),
        "batches": len(found.batches.found),
        "units": len(found.units),
        "certificates": len(found.certificates.found),
        "verdicts": len(found.verdicts.found),
    }
    first = ["batches", "units", "suppliers", "certificates", "verdicts"]
    if found.understood.form is Form.WORDS:
        by = [hit.found_by.field for hit in found.suppliers.found if hit.found_by]
        # Where all were found by a number, the certificates are what was looked for.
        whole = set(by) == {"number"} and after is None
        rest = ["suppliers", "batches", "units", "verdicts"]
        first = ["certificates", *rest] if whole else [*rest[:1], "certificates", *rest[1:]]
    shown = [g for g in first if groups[g] and (after is None or g == "suppliers")]
    scanned = next((e.value for e in found.understood.elements if e.ai == "01"), "").zfill(14)
    unread = scanned if scanned.strip("0") and not found.understood.gtin else ""
    return {
        "searches": True,
        "text": typed.strip()[:MAX_TYPED],
        "longest": MAX_TYPED,
        "after": after,
        "read_as": _read_as(lexicon, found),
        "doubt": any(n.code in _DOUBTS for n in found.notes),
        "not_compared": _not_compared(lexicon, found),
        "notes": [n.zh + "。" if language == "zh" else _sentence(n.en) for n in found.notes],
        "groups": [(g, groups[g], _more(found, g)) for g in shown],
        "hits": [_hit(lexicon, hit, _alarm(found, hit.id)) for hit in found.suppliers.found],
        "following": found.suppliers.next,
        "lots": [_lot(lexicon, lot, name(lot.maker), unread) for lot in found.batches.found],
        "units": [_unit(lexicon, reader, u, name(u.packer)) for u in found.units],
        "certificates": [
            {
                "id": c.id,
                "kind": lexicon.kind(c.kind),
                "number": c.number,
                "product": lexicon.scope(c.category, c.model),
                "holder": name(c.holder),
                "supplier": c.holder,
                "result": "buy-with-conditions"
                if c.status is Status.RESTRICTED
                else c.result.value,
                "alarm": _alarm(found, c.id),
                "status": lexicon.t.word("status", c.status.value),
                "validity": _validity(lexicon, c.valid_from, c.valid_until),
            }
            for c in found.certificates.found
        ],
        "verdicts": [_verdict(lexicon, v) for v in found.verdicts.found],
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _more(found: SearchBody, group: str) -> bool:
    """Whether there is more of a group than is shown."""
    return {
        "suppliers": found.suppliers.next is not None,
        "verdicts": found.verdicts.more,
        "batches": found.batches.more,
        "certificates": found.certificates.more,
    }.get(group, False)


def _read_as(lexicon: Lexicon, found: SearchBody) -> list[tuple[str, str, bool]]:
    """What the text was understood to say, where it says more than words do, and whether that was
    read well."""
    t, understood = lexicon.t, found.understood
    if understood.elements:
        read = {"00": understood.sscc, "01": understood.gtin, "10": understood.lot}
        return [
            (t.word_or("ai", e.ai, f"({e.ai})"), e.day or e.value, bool(read.get(e.ai, True)))
            for e in understood.elements
        ]
    told = [(t.word_or("identifier", i.kind, i.kind), i.value) for i in understood.identifiers]
    if understood.gtin:
        told.append((t.word_or("ai", "01", "GTIN"), understood.gtin))
    if understood.sscc:
        told.append((t.word_or("ai", "00", "SSCC"), understood.sscc))
    return [(name, value, True) for name, value in told]


def _not_compared(lexicon: Lexicon, found: SearchBody) -> str:
    """What else the code says, which is shown and goes no further."""
    t = lexicon.t
    beyond = [e.ai for e in found.understood.elements if e.ai not in _COMPARED]
    named = [t.word_or("ai", ai, f"({ai})") for ai in dict.fromkeys(beyond)]
    return {"zh": "、", "en": ", "}[t.language].join(named)


def _validity(lexicon: Lexicon, start: int, end: int) -> str:
    """From when to when a certificate is valid, as it states itself."""
    t, language = lexicon.t, lexicon.t.language
    unstated = t("date.unstated")
    return t(
        "found.validity",
        start=days.beginning(start, DEFAULT_ZONE, language) if is_stated(start) else unstated,
        end=days.last(end, DEFAULT_ZONE, language)
        if is_stated(end)
        else t("date.without-end")
        if end
        else unstated,
    )


def _alarm(found: SearchBody, id_: str) -> str:
    """The state that an open alarm puts it into; "" for none."""
    if id_ not in found.alarmed:
        return ""
    return "invalid" if found.alarmed[id_] else "buy-with-conditions"


def _verdict(lexicon: Lexicon, v: VerdictHit) -> dict[str, Any]:
    t, asked = lexicon.t, v.model_dump(mode="json")
    # The chain's clock may be some seconds ahead of ours.
    as_known = abs(v.known_at - v.asked_at) > 60 or v.clock is not Clock.RECORDED
    said = [
        t("clocks.known-shown", when=lexicon.instant(v.known_at, v.zone)),
        t.word("clock", v.clock),
    ]
    return {
        "id": v.id,
        "answer": v.answer.value,
        "answer_text": getattr(ANSWERS[v.answer.value], t.language),
        "question_line": question_line(lexicon, {**asked, "organisation": v.supplier}),
        "as_known": {"zh": "；", "en": "; "}[t.language].join(said) if as_known else "",
        "asked_at": v.asked_at,
    }


def _unit(lexicon: Lexicon, reader: Caller, unit: UnitHit, packer: str) -> dict[str, Any]:
    ids = [bytes.fromhex(id_[2:]) for id_ in unit.lots]
    known = lexicon.context.workspace.index.lots.by_ids(ids)
    seen = may_see(reader, SupplierRecord(bytes.fromhex(unit.packer[2:])))
    return {
        "sscc": unit.sscc,
        "packer": packer,
        "packer_href": "/suppliers/" + unit.packer if seen else "",
        "state": lexicon.t.word("found.unit", unit.state),
        "is_open": unit.state == "taken-apart",
        "opened": unit.taken_apart_at,
        "lots": [(hexed(id_), known[id_].lot) for id_ in ids if id_ in known],
    }


def _lot(lexicon: Lexicon, lot: ListedBatch, maker: str, unread: str) -> dict[str, Any]:
    """``unread`` is the code of a product that was scanned and is none."""
    return {
        "other_product": bool(unread) and lot.gtin != unread,
        "id": lot.id,
        "lot": lot.lot,
        "gtin": lot.gtin,
        "product": lexicon.scope(lot.category, lot.model),
        "maker": maker,
        "quantity": lexicon.amount(lot.quantity, lot.unit),
        "made_at": lot.happened_at,
        "origin_not_shown": lot.origin_not_shown,
        "stopped": lot.stopped,
    }


def _as_written(lexicon: Lexicon, organisation: str, by: FoundBy) -> str:
    """The text that was found as it was recorded, for texts are compared in a form of their own;
    nothing for letters that are no text."""
    if by.field == "initials":
        return ""
    id_ = bytes.fromhex(organisation[2:])
    held = lexicon.context.workspace.history(id_, "").held.get(id_, ())
    texts = (text for q in held for text in (q.model, *(t.number for t in q.terms)))
    return next((text for text in texts if normal(text) == by.text), by.text)


def _hit(lexicon: Lexicon, hit: SupplierHit, alarm: str) -> ShownHit:
    by = hit.found_by
    # By what is shown anyway everybody sees it found.
    hidden = by is not None and by.field in _HIDDEN
    repeats = hit.identifier in (hit.name_zh, hit.name_en)
    return ShownHit(
        hit.id,
        hit.name_zh,
        hit.name_en,
        "" if repeats else hit.identifier,
        lexicon.identifier_kind(hit.identifier_kind),
        lexicon.origin(hit.identifier_kind),
        [lexicon.t.word("role", role) for role in hit.roles],
        lexicon.t.word("found", by.field) if by and hidden else "",
        _as_written(lexicon, hit.id, by) if by and hidden else "",
        alarm,
    )
