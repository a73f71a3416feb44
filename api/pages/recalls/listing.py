"""The list of recalls: what stands, who is waited for, what registers say; and one hold."""

from collections.abc import Mapping
from typing import Any, Final

from api.batches.campaigns import ANSWERED_WITHIN
from api.pages.lexicon import Lexicon
from api.pages.recalls.scoping import Recalling
from ledger.index.lots import Stop
from ledger.provenance.model import Lot
from ledger.provenance.writing import lot_json
from ledger.typed_data import hexed
from ledger.vocabulary import Role

_DAY: Final = 86_400
_LONG: Final = 300


def shown(
    lexicon: Lexicon,
    recalling: Recalling,
    told: Mapping[str, Any],
    held: Mapping[str, Any],
    mirrored: Mapping[str, Any],
) -> dict[str, Any]:
    """What the page shows; the three are the answers of ``api.batches.campaigns``."""
    organisations = {
        bytes.fromhex(id_[2:]) for one in (told, held, mirrored) for id_ in one["organisations"]
    }
    return {
        "names": lexicon.organisations(organisations),
        "campaigns": [_campaign(lexicon, recalling.now, one) for one in told["campaigns"]],
        "next": told["next"],
        "holds": [_held(lexicon, one) for one in held["holds"]],
        "more_holds": held["next"] is not None,
        "mirrored": [
            {
                **one,
                "register": lexicon.register(one["register_name"]),
                "reason": _cut(one["reason"]),
            }
            for one in mirrored["recalls"]
        ],
        "mirrored_next": mirrored["next"],
        "may_recall": may_start(recalling),
    }


def may_start(recalling: Recalling) -> bool:
    """Whether the caller's organisation could recall some lot: by its office, or as a maker."""
    if recalling.sight.oversees:
        return True
    own = recalling.workspace.index.organisation(recalling.caller.organisation)
    return own is not None and bool(own.roles & (Role.SUPPLIER | Role.STORE))


def _campaign(lexicon: Lexicon, now: int, one: Mapping[str, Any]) -> dict[str, Any]:
    since = one["waiting_since"]
    late = 0 if since is None else now - since - ANSWERED_WITHIN
    hidden = hidden_answers(one["withheld"])
    if one["standing"] == 0:
        state = "released"
    elif one["unanswered"] is None:
        state = "uncounted"
    elif late > 0:
        state = "overdue"
    elif one["unanswered"]:
        state = "open"
    elif hidden or one["withheld"].get("lots"):
        state = "unseen"
    elif not one["answered"]:
        state = "nobody"
    else:
        state = "done"
    shapes = {
        "released": "skipped",
        "uncounted": "unknown",
        "overdue": "invalid",
        "open": "unknown",
        "unseen": "unknown",
        "nobody": "skipped",
        "done": "valid",
    }
    return {
        **one,
        "is_campaign": int(one["campaign"], 16) != 0,
        "state": state,
        "shape": shapes[state],
        "word": lexicon.t.word("recall.state", state),
        "overdue_days": max(0, -(-late // _DAY)),
        "reason": _cut(one["reason"]),
        "lots": [
            {**lot, "category_name": lexicon.category(lot["category"])} for lot in one["lots"]
        ],
        "unnamed": one["named"] - len(one["lots"]),
        "hidden": hidden,
    }


def hidden_answers(withheld: Mapping[str, int]) -> int:
    """How many answers, given or owed, the caller may not see."""
    return sum(withheld.get(name, 0) for name in ("acknowledged", "missing"))


def _held(lexicon: Lexicon, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "reason": _cut(one["reason"]),
        "category_name": lexicon.category(one["lot"]["category"]),
    }


def _cut(text: str) -> str:
    """A long text as far as a list has room for it."""
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def hold(lexicon: Lexicon, recalling: Recalling, stop: Stop, lot: Lot) -> dict[str, Any]:
    """What the page of one hold shows."""
    entry = recalling.workspace.index.entry(stop.sequence)
    assert entry is not None
    document = entry["document"]
    assert isinstance(document, bytes)
    return {
        "names": lexicon.organisations([stop.author, lot.maker]),
        "by": hexed(stop.author),
        "entry": stop.sequence,
        "released": stop.released,
        "lot": {**lot_json(lot), "category_name": lexicon.category(lot.category)},
        "reason": str(entry["reason"]),
        "document": hexed(document) if any(document) else None,
        "recorded_at": entry.recorded_at,
        "may_release": stop.released is None and stop.author == recalling.caller.organisation,
    }
