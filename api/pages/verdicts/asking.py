"""The form by which a verdict is asked: what it offers, and the request that it makes."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from fastapi import Request

from api.batches.scanned import scanned
from api.context import Context
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.pages.wording import wording
from api.parameters import DEFAULT_ZONE
from api.verdicts.schemas import VerdictRequest
from ledger.errors import RequestError
from ledger.offer import LotName
from ledger.question import day_interval
from ledger.vocabulary import Clock

#: The fields of the form, as they come and go. ``product`` and ``day`` are quick choices; what is
#: none of them stands in the fields of its own.
FIELDS: Final = (
    *("product", "category", "model", "quantity", "unit", "day", "deliver_on"),
    *("past", "lots", "known_at", "clock"),
)
#: What each field is called on the form: the key of its word.
LABELS: Final[Mapping[str, str]] = {
    "product": "ask.product",
    "category": "ask.category",
    "model": "ask.model",
    "quantity": "ask.quantity",
    "unit": "ask.unit",
    "day": "ask.deliver-on",
    "deliver_on": "ask.deliver-on",
    "past": "ask.deliver-on",
    "lots": "ask.lots",
    "known_at": "clocks.known-at",
    "clock": "clocks.clock",
}
#: A quick choice that says: see the fields of its own.
OTHER: Final = "other"
#: The days of delivery that are offered, counted from today.
_DAYS: Final = (1, 3, 7, 14, 30)
#: More products than these are no quick choice: the fields find them sooner.
_MOST_PRODUCTS: Final = 12


def form(request: Request, supplier: bytes, values: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows, filled with ``values``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    named = next(iter(lexicon.organisations([supplier]).values()))
    held = context.workspace.index.qualifications_of(supplier)
    own = list(dict.fromkeys(q.category for q in held))
    others = [code for code in lexicon.categories if code not in own]
    groups = [(lexicon.t("ask.held"), own), (lexicon.t("ask.others"), others)]
    scopes = sorted({(q.category, q.model) for q in held})
    products = scopes if len(scopes) <= _MOST_PRODUCTS else []
    days = _days(lexicon, context.now())
    filled = _filled(lexicon, values, products, [d["value"] for d in days], own)
    return {
        "supplier": named,
        "known": bool(held),
        "values": filled,
        "past": filled["day"] == OTHER and _is_past(filled["deliver_on"], context.now()),
        "products": [
            {"value": f"{category}:{model}", "name": lexicon.scope(category, model)}
            for category, model in products
        ],
        "days": days,
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
        "zone_offset": formats.offset(context.now(), DEFAULT_ZONE),
        "other": OTHER,
    }


def _filled(
    lexicon: Lexicon,
    values: Mapping[str, str],
    products: list[tuple[str, str]],
    days: list[str],
    own: list[str],
) -> dict[str, str]:
    """Every field with its value: as it was sent, or as the address fills it."""
    filled = {name: values.get(name, "") for name in FIELDS}
    stated = (filled["category"], filled["model"])
    if not filled["product"]:
        if not stated[0]:
            filled["product"] = ":".join(products[0]) if len(products) == 1 else ""
        else:
            filled["product"] = ":".join(stated) if stated in products else OTHER
    if filled["day"] not in ("", OTHER, *days):
        # A form that was left open: what was a near day then is one of its own now.
        filled["day"], filled["deliver_on"] = OTHER, filled["day"]
    if not filled["day"] and filled["deliver_on"]:
        filled["day"] = filled["deliver_on"] if filled["deliver_on"] in days else OTHER
    chosen, _, _ = filled["product"].partition(":")
    category = filled["category"] or (chosen if chosen != OTHER else "") or (own or [""])[0]
    filled["category"] = category
    filled["unit"] = filled["unit"] or lexicon.unit_of(category)
    filled["clock"] = filled["clock"] or Clock.RECORDED.value
    return filled


def _days(lexicon: Lexicon, now: int) -> list[dict[str, str]]:
    t, today = lexicon.t, date.fromisoformat(formats.iso_day(now, DEFAULT_ZONE))
    found = []
    for days in _DAYS:
        on = today + timedelta(days=days)
        shown = t(
            "ask.day-shown",
            day=lexicon.day(now + days * 86400),
            weekday=formats.weekday(on, t.language),
        )
        name = t("ask.day-tomorrow") if days == 1 else t("ask.day-in", days=days)
        found.append({"value": on.isoformat(), "name": name, "shown": shown})
    return found


def _is_past(day: str, now: int) -> bool:
    """Whether the day (YYYY-MM-DD) is over where the form's days are counted; no day is not."""
    try:
        return date.fromisoformat(day) < date.fromisoformat(formats.iso_day(now, DEFAULT_ZONE))
    except ValueError:
        return False


def asked(
    supplier: bytes, values: Mapping[str, str], now: int, named: Callable[[str], bytes | None]
) -> VerdictRequest:
    """The request that a filled form makes; :class:`RequestError` names the field at fault.
    ``named`` gives the one lot that a lot number without a GTIN can mean, if there is just one.

    The ledger may be asked about a day that is past; the form asks back, for it may be a slip."""
    category, model = _product(values)
    quantity = formats.typed_number(values.get("quantity", ""))
    if quantity is None:
        raise _fault(
            "quantity", wording("en")("ask.quantity-whole"), wording("zh")("ask.quantity-whole")
        )
    deliver_on = _day(values)
    # A day that is none is named here, by the field that it was typed into.
    day_interval(deliver_on, DEFAULT_ZONE, "deliver_on")
    if _is_past(deliver_on, now) and not values.get("past"):
        raise _fault("deliver_on", wording("en")("ask.past-fault"), wording("zh")("ask.past-fault"))
    stated: dict[str, Any] = {
        "organisation": supplier,
        "category": category,
        "model": model,
        "quantity": quantity,
        "unit": values.get("unit", ""),
        "deliver_on": deliver_on,
        "clock": values.get("clock") or Clock.RECORDED.value,
    }
    lots = [_lot(line, place, named) for place, line in enumerate(lines(values))]
    if lots:
        stated["lots"] = [lot.to_json() for lot in lots]
    if values.get("known_at"):
        stated["known_at"] = values["known_at"]
    return VerdictRequest(**stated)


def _product(values: Mapping[str, str]) -> tuple[str, str]:
    chosen = values.get("product", "")
    if chosen and chosen != OTHER:
        category, _, model = chosen.partition(":")
        return category, model
    if not chosen and not values.get("category"):
        raise _fault(
            "product", wording("en")("ask.product-pick"), wording("zh")("ask.product-pick")
        )
    return values.get("category", ""), values.get("model", "").strip()


def _day(values: Mapping[str, str]) -> str:
    chosen = values.get("day", "")
    if chosen and chosen != OTHER:
        return chosen
    if not chosen and not values.get("deliver_on"):
        raise _fault("day", wording("en")("ask.day-pick"), wording("zh")("ask.day-pick"))
    return values.get("deliver_on", "")


def lines(values: Mapping[str, str]) -> list[str]:
    """The lots as they were typed, one a line."""
    return [line for line in values.get("lots", "").splitlines() if line.strip()]


def line_of(values: Mapping[str, str], place: int) -> int:
    """On which line, counted from 1, the lot of that place was typed."""
    numbered = enumerate(values.get("lots", "").splitlines(), 1)
    return [number for number, line in numbered if line.strip()][place]


def _lot(line: str, place: int, named: Callable[[str], bytes | None]) -> LotName:
    """The lot that a line names: typed, scanned, or pasted."""
    try:
        found = scanned(line)
    except RequestError as error:
        if error.code != "lots.scan":
            return LotName.read(line, place)  # raises the same for this place
        raise RequestError(
            error.message("en").replace("find", f"lots.{place}", 1),
            message_zh=error.message("zh").replace("find", f"lots.{place}", 1),
            field=f"lots.{place}",
            code=error.code,
        ) from None
    if found:
        return found
    alone = None if ":" in line or "：" in line else named(line.strip())
    return LotName(id=alone) if alone else LotName.read(line, place)


def _fault(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(english, message_zh=chinese, field=field, code=f"question.{field}")
