"""What one caller may see of batches: looked up on the ledger, decided in ``api.access`` alone."""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Final

from api.access import BatchRecord, Caller, CallerRole, CustodyRecord, may_see
from ledger.history import History
from ledger.vocabulary import Role
from ledger.workspace import Workspace

#: So many lots are looked through for one that is the caller's, made of what it asks about. What
#: is not found by then is not shown.
MOST_DERIVED: Final = 20_000
#: Who is accredited for this kind may stop any lot (``IBatchOversight``).
OVERSIGHT: Final = "oversight"


class Sight:
    """One caller's view, as of ``now`` and ``position``, a size of the ledger.

    ``caller`` None is who holds the data directory: nothing is kept from it.
    """

    def __init__(
        self, workspace: Workspace, caller: Caller | None, now: int, position: int
    ) -> None:
        self._caller = caller
        self._workspace = workspace
        self._graph = workspace.index.lots
        self._now = now
        self._position = position

    @property
    def organisation(self) -> bytes | None:
        """Whose the caller is; None for who holds the data directory."""
        return None if self._caller is None else self._caller.organisation

    @property
    def position(self) -> int:
        return self._position

    @property
    def sees_all(self) -> bool:
        return self._caller is None or self._caller.role is CallerRole.AUDITOR

    @cached_property
    def _history(self) -> History | None:
        caller = self._caller
        return None if caller is None else self._workspace.history(caller.organisation, "")

    @cached_property
    def firm(self) -> frozenset[bytes]:
        """The records that are one with the caller's organisation."""
        if self._caller is None or self._history is None:
            return frozenset()
        return frozenset(self._history.firm(self._caller.organisation, self._now))

    @cached_property
    def oversees(self) -> bool:
        """Whether the caller's organisation may recall any lot."""
        if self._caller is None or self._history is None:
            return False
        own = self._caller.organisation
        found = self._history.organisations.get(own)
        is_authority = found is not None and bool(found.changes[-1].roles & Role.AUTHORITY)
        return is_authority or self._history.accredited(own, OVERSIGHT, self._now, self._now)

    # -- lots ----------------------------------------------------------------------------------

    def lots(self, numbers: Collection[int]) -> set[int]:
        """Those of these lots (their numbers) that the caller may see."""
        if self.sees_all or self._may_see(()):
            return set(numbers)
        derived, inputs = self._derived(numbers)
        parties = self._parties(derived)
        seen = {number for number in derived if self._may_see(parties.get(number, ()))}
        waiting = list(seen)
        while waiting:
            for one in inputs.get(waiting.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return seen.intersection(numbers)

    def own(self, numbers: Collection[int]) -> set[int]:
        """As :meth:`lots`, without what only went into the caller's: to go through many."""
        if self.sees_all or self._may_see(()):
            return set(numbers)
        return {n for n, found in self._parties(numbers).items() if self._may_see(found)}

    def _may_see(self, parties: Iterable[bytes]) -> bool:
        if self._caller is None:
            return True
        return may_see(self._caller, BatchRecord(frozenset(parties), self.firm))

    def _derived(self, numbers: Collection[int]) -> tuple[set[int], dict[int, set[int]]]:
        """These lots and what was made of them, and for each what it was made of among them."""
        found, level = set(numbers), set(numbers)
        inputs: dict[int, set[int]] = {}
        while level and len(found) <= MOST_DERIVED:
            following = set()
            for edge in self._graph.outputs_of(level, self._position):
                inputs.setdefault(edge.output, set()).add(edge.input)
                following.add(edge.output)
            level = following - found
            found |= level
        return found, inputs

    def _parties(self, numbers: Collection[int]) -> dict[int, set[bytes]]:
        """Who made each lot, and who has, had or is sent any of it."""
        found = {lot.number: {lot.maker} for lot in self._graph.lots(numbers)}
        for holding in self._graph.holdings(numbers):
            found[holding.lot].add(holding.custodian)
        for way in self._graph.under_way(numbers):
            found[way.lot].update((way.sender, way.recipient))
        return found

    # -- custody -------------------------------------------------------------------------------

    def deals(self, maker: bytes, *parties: bytes) -> bool:
        """Whether the caller may see what these have to do with a lot of the maker."""
        if self._caller is None:
            return True
        record = CustodyRecord(frozenset((maker, *parties)), self.firm, self.oversees)
        return may_see(self._caller, record)

    def may_sign_recall(self, maker: bytes) -> bool:
        """Whether the caller's organisation itself may recall this maker's lots."""
        return self.oversees or self.organisation == maker

    def may_recall(self, maker: bytes) -> bool:
        """Whether the caller may sign a recall of this maker's lots, or prepares it for who may."""
        return self._caller is None or self.sees_all or self.may_sign_recall(maker)
