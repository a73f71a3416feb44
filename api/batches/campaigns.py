"""The recalls on the ledger as lists: campaigns, holds that stand, and what registers say.

Rules this module keeps:

* What the caller may not see is not in a list; of a campaign that it sees in part, what is left out
  is counted in ``withheld``.
* Answers are counted as ``api.batches.service`` tells them one by one, over the lots that the
  campaign names. A campaign of more lots than one page counts has ``None``: open it.
* A list can be short, even empty, and yet have a ``next``.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from api.access import Caller, SupplierRecord, may_see
from api.batches.service import Told, finished
from api.batches.sight import Sight
from ledger.index.lots import CampaignRecord, RecallRecord, Stop
from ledger.provenance.scope import FollowUp, follow_up_of
from ledger.provenance.writing import lot_json
from ledger.typed_data import hexed
from ledger.workspace import Workspace

#: Somebody who was asked has so many seconds before the answer is called overdue. The ledger sets
#: no time; a day is what China's rules for recalls of medical devices (2017, order 29) give for
#: telling everybody of the gravest ones.
ANSWERED_WITHIN: Final = 86_400
#: So many lots are named of each campaign.
_NAMED: Final = 5
#: So many lots are followed for one page of campaigns.
_FOLLOWED: Final = 1_000
#: So many are gone through for one page.
_SCANNED: Final = 500

_One = TypeVar("_One")


def campaigns(
    workspace: Workspace, sight: Sight, position: int, before: int | None, limit: int
) -> Told:
    """The campaigns of which the caller sees a lot, the last begun first, from before an entry."""
    graph = workspace.index.lots
    left = _FOLLOWED

    def told(one: CampaignRecord) -> Told | None:
        nonlocal left
        stops = [s for s in graph.campaign(one.campaign) if s.sequence < position]
        seen = sight.lots({stop.lot for stop in stops})
        if not seen:
            return None
        follows = len(seen) <= left
        left -= len(seen) if follows else 0
        return _campaign(workspace, sight, position, stops, seen, follows)

    found, following = _page(
        lambda last: graph.campaigns(last, limit + 1),
        lambda one: one.first,
        told,
        position if before is None else min(before, position),
        limit,
    )
    return finished(workspace, {"campaigns": found, "next": following}, None)


def _campaign(
    workspace: Workspace,
    sight: Sight,
    position: int,
    stops: list[Stop],
    seen: set[int],
    follows: bool,
) -> Told:
    graph = workspace.index.lots
    named = {stop.lot for stop in stops}
    shown = [stop for stop in stops if stop.lot in seen]
    first = workspace.index.entry(shown[0].sequence)
    assert first is not None
    lots = list(graph.lots(sorted(seen)))
    told = {
        "campaign": hexed(stops[0].campaign),
        "first": shown[0].sequence,
        "recorded_at": first.recorded_at,
        "reason": str(first["reason"]),
        "callers": [{"by": hexed(by)} for by in dict.fromkeys(stop.author for stop in shown)],
        "named": len(lots),
        "standing": len({stop.lot for stop in shown if stop.stands(position)}),
        "lots": [lot_json(lot) for lot in lots[:_NAMED]],
        "answered": None,
        "unanswered": None,
        "waiting_since": None,
    }
    withheld: Counter[str] = Counter(lots=len(named) - len(lots))
    if follows:
        recallers = {stop.lot: stop.author for stop in stops}
        followed = follow_up_of(graph, lots, stops[0].campaign, upto=position)
        told |= _counted(followed, recallers, sight, withheld)
    return told | {"withheld": {name: n for name, n in sorted(withheld.items()) if n}}


def _counted(
    followed: Iterable[FollowUp],
    recallers: dict[int, bytes],
    sight: Sight,
    withheld: Counter[str],
) -> Told:
    """How many were asked for a word on a lot and gave it, and since when the others are waited
    for. Of a recall that was released nobody is waited for."""
    answered, unanswered = 0, 0
    waiting: list[int] = []
    for one in followed:
        recaller = recallers[one.lot.number]
        said = {a.custodian for a in one.acknowledged}
        silent = [stock.custodian for stock in one.missing] if one.standing else []
        for custodians, name in ((said, "acknowledged"), (silent, "missing")):
            shown = [c for c in custodians if sight.deals(one.lot.maker, c, recaller)]
            withheld[name] += len(custodians) - len(shown)
            if name == "acknowledged":
                answered += len(shown)
            elif shown:
                unanswered += len(shown)
                waiting.append(one.standing[0].recorded_at)
    return {
        "answered": answered,
        "unanswered": unanswered,
        "waiting_since": min(waiting, default=None),
    }


# ------------------------------------------------------------------------------------- holds


def holds(
    workspace: Workspace, sight: Sight, position: int, before: int | None, limit: int
) -> Told:
    """The holds that stand of lots that the caller may see, the last set first."""
    index = workspace.index

    def told(stop: Stop) -> Told | None:
        if stop.lot not in sight.lots({stop.lot}):
            return None
        [lot] = index.lots.lots([stop.lot])
        entry = index.entry(stop.sequence)
        assert entry is not None
        return {
            "entry": stop.sequence,
            "id": hexed(stop.digest),
            "by": hexed(stop.author),
            "recorded_at": entry.recorded_at,
            "reason": str(entry["reason"]),
            "lot": lot_json(lot),
        }

    found, following = _page(
        lambda last: index.lots.holds(last, limit + 1),
        lambda stop: stop.sequence,
        told,
        position if before is None else min(before, position),
        limit,
    )
    return finished(workspace, {"holds": found, "next": following}, None)


# --------------------------------------------------------------------------------- registers


def mirrored(
    workspace: Workspace,
    caller: Caller,
    firm: frozenset[bytes],
    position: int,
    before: int | None,
    limit: int,
) -> Told:
    """What mirrors stated last of the recalls of registers about firms that the caller may see;
    ``firm`` are the records that are one with its organisation."""
    index = workspace.index
    # Whoever may see any firm is asked for none.
    own = None if may_see(caller, SupplierRecord(b"")) else firm | {caller.organisation}

    def told(recall: RecallRecord) -> Told | None:
        entry = index.entry(recall.sequence)
        one_with = (caller.organisation,) if recall.organisation in firm else ()
        if entry is None or not may_see(caller, SupplierRecord(recall.organisation, one_with)):
            return None
        return {
            "entry": recall.sequence,
            "organisation": hexed(recall.organisation),
            "by": hexed(recall.author),
            "register_name": recall.register,
            "number": recall.number,
            "product": str(entry["product"]),
            "reason": str(entry["reason"]),
            "initiated": recall.initiated,
            "ended": recall.ended,
            "recorded_at": entry.recorded_at,
        }

    found, following = _page(
        lambda last: index.lots.latest_mirrored_recalls(last, limit + 1, own),
        lambda recall: recall.sequence,
        told,
        position if before is None else min(before, position),
        limit,
    )
    return finished(workspace, {"recalls": found, "next": following}, None)


# ------------------------------------------------------------------------------------- pages


def _page(
    ask: Callable[[int], list[_One]],
    place: Callable[[_One], int],
    told: Callable[[_One], Told | None],
    before: int,
    limit: int,
) -> tuple[list[Any], int | None]:
    """A page of those that are told, newest first; before which to go on, None at the end."""
    found: list[Any] = []
    scanned = 0
    while scanned < _SCANNED:
        some = ask(before)
        for one in some:
            shown = told(one) if len(found) < limit else None
            if len(found) == limit:
                return found, before
            if shown is not None:
                found.append(shown)
            before = place(one)
        if len(some) <= limit:
            return found, None
        scanned += len(some)
    return found, before
