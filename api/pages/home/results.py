"""What a search found of everything, where it led to no one thing."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request

from api.batches.schemas import ListedBatch
from api.pages.lexicon import Lexicon
from api.search.schemas import SearchBody
from api.search.understanding import MAX_TYPED, Form
from api.suppliers.schemas import SupplierHit
from ledger.typed_data import REGISTER_PREFIX
from ledger.verdict_texts import ANSWERS

PAGE: Final = 20
#: What a hit does not show anyway, so that the text found has to be shown.
_HIDDEN: Final = frozenset({"number", "model", "pinyin", "initials"})


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
    roles: list[str]
    matched: str
    text: str


def results(request: Request, typed: str, after: str | None, found: SearchBody) -> dict[str, Any]:
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
        "verdicts": len(found.verdicts),
    }
    first = ["batches", "units", "suppliers", "certificates", "verdicts"]
    if found.understood.form is Form.WORDS:
        by = [hit.found_by.field for hit in found.suppliers.found if hit.found_by]
        # Where all were found by a number, the certificates are what was looked for.
        whole = set(by) == {"number"} and after is None
        rest = ["suppliers", "batches", "units", "verdicts"]
        first = ["certificates", *rest] if whole else [*rest[:1], "certificates", *rest[1:]]
    shown = [g for g in first if groups[g] and (after is None or g == "suppliers")]
    return {
        "searches": True,
        "text": typed.strip()[:MAX_TYPED],
        "longest": MAX_TYPED,
        "after": after,
        "read_as": _read_as(lexicon, found),
        "notes": [n.zh + "。" if language == "zh" else _sentence(n.en) for n in found.notes],
        "groups": [(g, groups[g], _more(found, g)) for g in shown],
        "hits": [_hit(lexicon, hit) for hit in found.suppliers.found],
        "following": found.suppliers.next,
        "lots": [_lot(lexicon, lot, name(lot.maker)) for lot in found.batches.found],
        "units": [
            {
                "sscc": u.sscc,
                "packer": name(u.packer),
                "state": lexicon.t.word("found.unit", u.state),
                "lots": u.lots,
            }
            for u in found.units
        ],
        "certificates": [
            {
                "id": c.id,
                "kind": lexicon.kind(c.kind),
                "number": c.number,
                "product": lexicon.scope(c.category, c.model),
                "holder": name(c.holder),
                "supplier": c.holder,
                "result": c.result.value,
                "status": lexicon.t.word("status", c.status.value),
                "valid_from": c.valid_from,
                "valid_until": c.valid_until,
            }
            for c in found.certificates.found
        ],
        "verdicts": [
            {
                "id": v.id,
                "answer": v.answer.value,
                "answer_text": getattr(ANSWERS[v.answer.value], language),
                "supplier": name(v.supplier),
                "product": lexicon.scope(v.category, v.model),
                "day": lexicon.day(v.deliver_at[0]),
                "asked_at": v.asked_at,
            }
            for v in found.verdicts
        ],
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _more(found: SearchBody, group: str) -> bool:
    """Whether there is more of a group than is shown."""
    return {
        "suppliers": found.suppliers.next is not None,
        "batches": found.batches.more,
        "certificates": found.certificates.more,
    }.get(group, False)


def _read_as(lexicon: Lexicon, found: SearchBody) -> list[tuple[str, str]]:
    """What the text was understood to say, where it says more than words do."""
    t, understood = lexicon.t, found.understood
    if understood.elements:
        return [(t.word_or("ai", e.ai, f"({e.ai})"), e.day or e.value) for e in understood.elements]
    told = [(t.word_or("identifier", i.kind, i.kind), i.value) for i in understood.identifiers]
    if understood.gtin:
        told.append((t.word_or("ai", "01", "GTIN"), understood.gtin))
    if understood.sscc:
        told.append((t.word_or("ai", "00", "SSCC"), understood.sscc))
    return told


def _lot(lexicon: Lexicon, lot: ListedBatch, maker: str) -> dict[str, Any]:
    return {
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


def _hit(lexicon: Lexicon, hit: SupplierHit) -> ShownHit:
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
        [lexicon.t.word("role", role) for role in hit.roles],
        matched,
        by.text if by and by.field in _HIDDEN else "",
    )
