"""Lots of a supplier against which a recall or a hold stands: what a verdict that was asked without
lots says nothing of."""

from typing import NamedTuple

from api.access import Caller, Scope
from api.batches.sight import Sight
from api.context import Context
from ledger.typed_data import hexed


class StoppedLot(NamedTuple):
    """A lot by its id (hex) and its number; ``recalled``: else it is held; ``own``: the supplier's
    firm made it, and not only keeps or used it."""

    id: str
    lot: str
    recalled: bool
    own: bool
    maker: bytes
    category: str
    model: str


def stopped(
    context: Context, caller: Caller, supplier: bytes, category: str = "", model: str = ""
) -> tuple[StoppedLot, ...]:
    """What the caller may see of them, in the ledger's order: recalled lots that the supplier's
    firm made or has to do with, and held ones that it has; of the category and the model, where
    they are given. As of now, whatever the time that a verdict is about."""
    if Scope.BATCHES_READ not in caller.scopes:
        return ()
    graph, now = context.workspace.index.lots, context.now()
    firm = context.workspace.history(supplier, category).firm(supplier, now)
    stock = [
        lot.number
        for member in firm
        for lot, _ in graph.stock_of(member, category or None, model or None)
    ]
    stops = [
        *(stop for member in firm for stop in graph.recalled_of(makers=firm, custodian=member)),
        *(stop for stop in graph.stops(stock) if stop.released is None),
    ]
    if not stops:
        return ()
    recalled = {stop.lot for stop in stops if stop.recall}
    seen = Sight(context.workspace, caller, now, context.position).lots({s.lot for s in stops})
    return tuple(
        StoppedLot(
            hexed(lot.id),
            lot.lot,
            lot.number in recalled,
            lot.maker in firm,
            lot.maker,
            lot.category,
            lot.model,
        )
        for lot in graph.lots(sorted(seen))
        if category in ("", lot.category) and model in ("", lot.model)
    )
