"""What anybody who holds a box is told: the same as ``api.batches.service.public`` says, as one
state, and what to do now."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import Request

from api.batches import service
from api.batches.asking import Asking, Wanted, asking
from api.batches.links import Link
from api.context import Context
from api.pages import formats
from api.pages.lexicon import Lexicon
from api.parameters import DEFAULT_ZONE
from ledger.errors import RequestError

#: What a box can be, the worst first, with the shape and colour that it is shown by.
LOOKS: Final = {
    "recalled": "do-not-buy",
    "expired-before-made": "do-not-buy",
    "expired": "do-not-buy",
    "made-of-recalled": "buy-with-conditions",
    "made-of-held": "buy-with-conditions",
    "origin-not-shown": "cannot-tell",
    "not-looked-through": "cannot-tell",
    "fine": "buy",
    "unknown": "cannot-tell",
    "wrong-digits": "cannot-tell",
    "no-lot": "cannot-tell",
}

#: Where the groups of digits end under the bars, by how many digits there are.
_PRINTED: Final = {8: (4, 8), 12: (1, 6, 11, 12), 13: (1, 7, 13), 14: (1, 7, 13, 14)}


def shown(
    request: Request, link: Link, unreadable: RequestError | None = None
) -> tuple[int, dict[str, Any]]:
    """The status and what the page shows, also where there is no such box, or where the address is
    ``unreadable``."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    now = context.now()
    asked = asking(context.workspace, now, context.position, Wanted())
    status, fault = 200, ""
    batches: list[dict[str, Any]] = []
    if unreadable is not None:
        state, status, fault = "wrong-digits", 422, unreadable.message(lexicon.t.language)
    elif not link.gtin or not link.lot:
        state = "no-lot"
    else:
        try:
            told = service.public(context.workspace, link.gtin, link.lot, asked)
        except RequestError as error:
            fault = error.message(lexicon.t.language)
            state = "unknown" if error.code == "batch.unknown" else "wrong-digits"
            status = 404 if state == "unknown" else 422
        else:
            batches = [_batch(lexicon, told, one) for one in told["batches"]]
            state = min((b["state"] for b in batches), key=list(LOOKS).index)
    expires = link.expires
    expired = expires is not None and expires < _day_of(now)
    if expires is not None and expired and batches:
        made = [_made(context, asked, one) for one in batches]
        impossible = all(day is not None and expires < day for day in made)
        over = "expired-before-made" if impossible else "expired"
        state = min(state, over, key=list(LOOKS).index)
    t = lexicon.t
    return status, {
        "state": state,
        "look": LOOKS[state],
        "headline": t.word("box", state),
        "meaning": t.word("box.meaning", state),
        "steps": [
            t.word("box.first", state),
            t.word("box.second", state),
            t.word("box.third", state),
        ],
        # How a check digit is reckoned helps nobody who is afraid of a box: that comes second.
        "fault": t("box.fault") if state == "wrong-digits" else _sentence(fault),
        "fault_detail": _sentence(fault) if state == "wrong-digits" else "",
        "gtin": link.gtin,
        "gtin_groups": _groups(link.gtin),
        "gtin_typed": _groups(link.gtin).replace(" ", ""),
        "lot": link.lot,
        "serial": link.serial,
        "expires": "" if expires is None else _day(lexicon, expires),
        "expired": expired,
        "batches": batches,
        "asked_at": now,
    }


def _made(context: Context, asked: Asking, one: Mapping[str, Any]) -> date | None:
    """The day on which the first of a lot was made; None where nobody said when."""
    lot = context.workspace.index.lots.lot(bytes.fromhex(one["id"][2:]))
    if lot is None or one["origin_not_shown"]:
        return None
    return _day_of(service.begun(context.workspace, lot, asked))


def _batch(lexicon: Lexicon, told: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    language = lexicon.t.language
    names = told["organisations"]

    def name(organisation: str) -> dict[str, str]:
        return dict(names.get(organisation, {"zh": organisation, "en": organisation}))

    state = _state(one)
    return {
        "id": one["id"],
        "origin_not_shown": one["origin_not_shown"],
        "state": state,
        "look": LOOKS[state],
        "headline": lexicon.t.word("box", state),
        "maker": name(one["maker"])[language],
        "maker_other": name(one["maker"])["en" if language == "zh" else "zh"],
        "product": lexicon.category(one["category"]),
        "model": one["model"],
        "upstream": _sentence(one["upstream"][language]),
        "recalls": [
            {"text": _sentence(recall[language]), "at": recall["happened_at"]}
            for recall in one["recalls"]
        ],
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _state(one: dict[str, Any]) -> str:
    if one["recalled"]:
        return "recalled"
    match one["upstream"]["code"]:
        case "recalled":
            return "made-of-recalled"
        case "held":
            return "made-of-held"
    if one["origin_not_shown"]:
        return "origin-not-shown"
    return "not-looked-through" if one["upstream"]["code"] == "unknown" else "fine"


def _groups(gtin: str) -> str:
    """The digits as they stand under the bars of a box; what are no digits as they are."""
    plain = str(formats.harmless(gtin))
    if not (plain.isascii() and plain.isdigit()):
        return plain
    plain = plain[1:] if len(plain) == 14 and plain[0] == "0" else plain
    ends = _PRINTED.get(len(plain), (len(plain),))
    return " ".join(plain[a:b] for a, b in pairwise((0, *ends)))


def _day_of(instant: int) -> date:
    return datetime.fromtimestamp(instant, ZoneInfo(DEFAULT_ZONE)).date()


def _day(lexicon: Lexicon, day: date) -> str:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(DEFAULT_ZONE))
    return lexicon.day(int(noon.timestamp()))
