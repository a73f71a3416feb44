"""Lots that are recalled or held by now, told beside a kept verdict: the verdict itself stays as it
was given."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from api.access import Caller
from api.context import Context
from api.pages.lexicon import Lexicon
from api.pages.recent import Recent
from api.pages.verdicts.told import STOPPING
from api.verdicts.stopped import StoppedLot, stopped
from ledger.index.store import KeptVerdict
from ledger.typed_data import hexed

#: More stopped lots than these are only counted.
MOST: Final = 5
_STOPPED: Final = Recent(256)


def stopped_since(context: Context, caller: Caller, kept: KeptVerdict) -> tuple[StoppedLot, ...]:
    """Lots that are stopped now, of which the verdict does not say it: those offered that were not
    stopped then; where none were offered, all of the product."""
    q = orjson.loads(kept.question)
    supplier = bytes.fromhex(q["organisation"][2:])
    asked = (supplier, q["category"], q["model"])
    # What is stopped, and who may see it, changes with the ledger alone.
    key = (context.workspace.data, context.position, caller.organisation, caller.role, *asked)
    found: tuple[StoppedLot, ...] = _STOPPED.get(key, lambda: stopped(context, caller, *asked))
    if not found or not q.get("lots"):
        return found
    offered = orjson.loads(kept.verdict)["lots"]["offered"]
    sound = {lot["id"] for lot in offered if not STOPPING & set(lot["marks"])}
    return tuple(lot for lot in found if lot.id in sound)


def of_stopped(lexicon: Lexicon, stops: Sequence[StoppedLot]) -> dict[str, Any]:
    """The first of these lots as pages list them; of another maker's, what they are."""
    makers = lexicon.organisations({lot.maker for lot in stops if not lot.own})
    return {
        "stopped": [
            {
                "id": lot.id,
                "lot": lot.lot,
                "by": "recall" if lot.recalled else "hold",
                "of": ""
                if lot.own
                else lexicon.t(
                    "verdict.stopped-of",
                    product=lexicon.scope(lot.category, lot.model),
                    maker=lexicon.name(makers[hexed(lot.maker)]),
                ),
            }
            for lot in stops[:MOST]
        ],
        "stopped_more": max(0, len(stops) - MOST),
    }


def in_words(lexicon: Lexicon, stops: Sequence[StoppedLot], offered: bool) -> str:
    """The same in a sentence; "" where there are none."""
    t, found = lexicon.t, of_stopped(lexicon, stops)
    if not stops:
        return ""
    lots = [
        " ".join(filter(None, (lot["lot"], t.word("lot.stopped", lot["by"]), lot["of"])))
        for lot in found["stopped"]
    ]
    if found["stopped_more"]:
        lots.append(t.count("verdict.stopped-more", found["stopped_more"]))
    first = t("verdict.stopped-since") if offered else t("verdict.stopped")
    return t("verdict.stopped-paper", first=first, lots=t("verdict.comma").join(lots))
