"""A verdict in words, from the bytes that were answered; and the form by which it is asked."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request

from api.access import Caller
from api.context import Context
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.rendering import address
from api.parameters import DEFAULT_ZONE
from api.verdicts import service
from api.verdicts.schemas import VerdictRequest
from ledger.errors import RequestError
from ledger.index.store import KeptVerdict
from ledger.question import day_interval
from ledger.vocabulary import Clock

#: The fields of the form, as they come and go.
FIELDS = ("category", "model", "quantity", "unit", "deliver_on", "known_at", "clock")


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
        day=formats.day(question["deliver_at"][0], question["zone"]),
    )


def shown(request: Request, caller: Caller, id_: bytes) -> dict[str, Any]:
    """What the page of a verdict shows, for those who may see it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    kept = service.kept(context, caller, id_)
    service.note_reading(context, caller, kept, "verdict.read")
    v = orjson.loads(kept.verdict)
    question, language = v["question"], lexicon.t.language
    supplier = question["organisation"]
    involved = [bytes.fromhex(r["by"][2:]) for r in v["replies"]]
    names = lexicon.organisations([bytes.fromhex(supplier[2:]), *involved])
    checks = [
        {
            **check,
            "title": check["title"][language],
            "reasons": [_reason(lexicon, r["code"], r[language]) for r in check["reasons"]],
        }
        for check in v["checks"]
    ]
    return {
        "v": v,
        "zone": question["zone"],
        "answer_text": v["answer_text"][language],
        "question_line": question_line(lexicon, question),
        "not_now": _not_now(lexicon, question, kept),
        "checks": checks,
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
        "again": _again(question),
    }


def _reason(lexicon: Lexicon, code: str, text: str) -> str:
    named = lexicon.reason(text)
    return lexicon.amounts(named) if code.startswith("capacity.") else named


def _not_now(lexicon: Lexicon, question: Mapping[str, Any], kept: KeptVerdict) -> str:
    """A sentence where the verdict was not made as known when it was asked ("" where it was)."""
    # The chain's clock may be some seconds ahead of ours.
    if abs(question["known_at"] - kept.asked_at) <= 60 and question["clock"] == Clock.RECORDED:
        return ""
    return lexicon.t(
        "verdict.as-known",
        when=formats.instant(question["known_at"], question["zone"]),
        clock=lexicon.t.word("clock", question["clock"]),
    )


def _again(question: Mapping[str, Any]) -> str:
    return address(
        "/verdicts/new",
        {
            "supplier": question["organisation"],
            "category": question["category"],
            "model": question["model"],
            "quantity": question["quantity"],
            "unit": question["unit"],
            "deliver_on": formats.day(question["deliver_at"][0], question["zone"]),
        },
    )


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
    if values.get("known_at"):
        stated["known_at"] = values["known_at"]
    return VerdictRequest(**stated)
