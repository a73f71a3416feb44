"""A verdict in words, from the bytes that were answered; and the form by which it is asked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Request

from api.access import Caller, CallerRole
from api.context import Context
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.rendering import address
from api.parameters import DEFAULT_ZONE
from api.verdicts import service
from api.verdicts.schemas import VerdictRequest
from ledger.errors import RequestError
from ledger.index.store import KeptVerdict
from ledger.offer import LotName
from ledger.question import day_interval
from ledger.vocabulary import Clock

#: The fields of the form, as they come and go.
FIELDS = ("category", "model", "quantity", "unit", "deliver_on", "lots", "known_at", "clock")

#: Reasons about lots in which every number is an amount.
_COUNTED: Final = frozenset({"lots.enough", "lots.short", "lots.on-hand", "lots.arriving"})


def question_line(lexicon: Lexicon, question: Mapping[str, Any]) -> str:
    """The question in one line."""
    supplier = bytes.fromhex(question["organisation"][2:])
    named = lexicon.organisations([supplier])[question["organisation"]]
    return lexicon.t(
        "verdict.question",
        supplier=lexicon.name(named),
        product=lexicon.scope(question["category"], question["model"]),
        quantity=formats.number(question["quantity"]),
        unit=lexicon.unit(question["unit"]),
        day=lexicon.day(question["deliver_at"][0], question["zone"]),
    )


def shown(request: Request, caller: Caller, id_: bytes) -> dict[str, Any]:
    """What the page of a verdict shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    kept = service.kept(context, caller, id_)
    service.note_reading(context, caller, kept, "verdict.read")
    v = orjson.loads(kept.verdict)
    question, language = v["question"], lexicon.t.language
    supplier = question["organisation"]
    offered = v["lots"]["offered"] if "lots" in v else []
    involved = [bytes.fromhex(r["by"][2:]) for r in v["replies"]]
    involved.extend(bytes.fromhex(lot["maker"][2:]) for lot in offered)
    names = lexicon.organisations([bytes.fromhex(supplier[2:]), *involved])
    checks = [
        {
            **check,
            "title": check["title"][language],
            "reasons": [_reason(lexicon, r["code"], r[language]) for r in check["reasons"]],
        }
        for check in v["checks"]
        if offered or not check["code"].startswith("lots.")
    ]
    return {
        "v": v,
        # Whole histories of goods are for few; whoever sees all of them may take them.
        "evidence": ""
        if offered and caller.role is not CallerRole.AUDITOR
        else f"/verdicts/{v['id']}/evidence",
        "zone": question["zone"],
        "answer_text": v["answer_text"][language],
        "question_line": question_line(lexicon, question),
        "not_now": _not_now(lexicon, question, kept),
        "checks": checks,
        "offered": [{**lot, "unit_name": lexicon.unit(lot["unit"])} for lot in offered],
        "skipped": _numbers(v["checks"], checks),
        "would_change": [
            {"text": lexicon.reason(r[language]), "checks": r["checks"]} for r in v["would_change"]
        ],
        "decisive": [c for c in checks if c["result"] in ("invalid", "unknown")],
        "supplier": names[supplier],
        "supplier_address": "/suppliers/" + supplier,
        "names": names,
        "category_name": lexicon.category(question["category"]),
        "unit_name": lexicon.unit(question["unit"]),
        "person": kept.person,
        "asked_at": kept.asked_at,
        "permanent": str(request.url.replace(path="/verdicts/" + v["id"], query="")),
        "again": _again(question, offered),
    }


def _reason(lexicon: Lexicon, code: str, text: str) -> str:
    named = lexicon.reason(text)
    counted = code.startswith("capacity.") or code in _COUNTED
    return lexicon.amounts(named) if counted else named


def _numbers(every: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> str:
    """The numbers of the checks that are not shown: "18–33", or "" where all are."""
    left = [c["number"] for c in every[len(shown) :]]
    return f"{left[0]}–{left[-1]}" if left else ""


def _not_now(lexicon: Lexicon, question: Mapping[str, Any], kept: KeptVerdict) -> str:
    """A sentence where the verdict was not made as known when it was asked ("" where it was)."""
    # The chain's clock may be some seconds ahead of ours.
    if abs(question["known_at"] - kept.asked_at) <= 60 and question["clock"] == Clock.RECORDED:
        return ""
    return lexicon.t(
        "verdict.as-known",
        when=lexicon.instant(question["known_at"], question["zone"]),
        clock=lexicon.t.word("clock", question["clock"]),
    )


def _again(question: Mapping[str, Any], offered: Sequence[Mapping[str, Any]]) -> str:
    return address(
        "/verdicts/new",
        {
            "supplier": question["organisation"],
            "category": question["category"],
            "model": question["model"],
            "quantity": question["quantity"],
            "unit": question["unit"],
            "deliver_on": formats.iso_day(question["deliver_at"][0], question["zone"]),
            **({"lots": "\n".join(_line(lot) for lot in offered)} if offered else {}),
        },
    )


def _line(lot: Mapping[str, Any]) -> str:
    """The lot as it is typed into the form; what has no GTIN goes by its id."""
    return f"{lot['gtin']}:{lot['lot']}" if lot["gtin"] else str(lot["id"])


# ------------------------------------------------------------------------------ the form


def form(request: Request, supplier: bytes, values: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows, filled with ``values``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    named = next(iter(lexicon.organisations([supplier]).values()))
    held = context.workspace.index.qualifications_of(supplier)
    own = list(dict.fromkeys(q.category for q in held))
    others = [code for code in lexicon.categories if code not in own]
    groups = [(lexicon.t("ask.held"), own), (lexicon.t("ask.others"), others)]
    category = values.get("category") or (own[0] if own else "")
    filled = {name: values.get(name, "") for name in FIELDS}
    filled["category"] = category
    filled["unit"] = filled["unit"] or lexicon.unit_of(category)
    filled["clock"] = filled["clock"] or Clock.RECORDED.value
    now = context.now()
    return {
        "supplier": named,
        "values": filled,
        "categories": [
            {
                "label": label,
                "categories": [{"code": c, "name": lexicon.category(c)} for c in codes],
            }
            for label, codes in groups
            if codes
        ],
        "models": sorted({q.model for q in held if q.model}),
        "units": [{"code": code, "name": name} for code, name in lexicon.units()],
        "zone_offset": formats.offset(now, DEFAULT_ZONE),
    }


def asked(
    supplier: bytes, values: Mapping[str, str], quantity_fault: RequestError
) -> VerdictRequest:
    """The request that a filled form makes; ``quantity_fault`` where the quantity is no number."""
    quantity = formats.typed_number(values.get("quantity", ""))
    if quantity is None:
        raise quantity_fault
    # A day that is none is named here, by the field that it was typed into.
    day_interval(values.get("deliver_on", ""), DEFAULT_ZONE, "deliver_on")
    stated: dict[str, Any] = {
        "organisation": supplier,
        "category": values.get("category", ""),
        "model": values.get("model", "").strip(),
        "quantity": quantity,
        "unit": values.get("unit", ""),
        "deliver_on": values.get("deliver_on", ""),
        "clock": values.get("clock") or Clock.RECORDED.value,
    }
    lines = [line for line in values.get("lots", "").splitlines() if line.strip()]
    if lines:
        stated["lots"] = [LotName.read(line, place).to_json() for place, line in enumerate(lines)]
    if values.get("known_at"):
        stated["known_at"] = values["known_at"]
    return VerdictRequest(**stated)
