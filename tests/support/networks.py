"""A generated supply network in an index, as if its entries had been read and checked.

>>> with indexed_network(tmp_path, seed=1) as network:
...     network.index.lots.search("")
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.index import projection
from ledger.index.projection import Range, State
from ledger.index.repository import Index
from ledger.merkle import Frontier
from ledger.recorded import Founding
from tests.support.databases import new_database
from tests.support.supply_firms import IDENTIFIER_KIND
from tests.support.supply_network import (
    AUTHORITY,
    DAY,
    START,
    Network,
    Size,
    invented_account,
    recorded,
)


@dataclass(frozen=True)
class IndexedNetwork:
    """The index, of so many entries, and who founded the ledger."""

    index: Index
    size: int
    founding: Founding
    registry: bytes


_SIZE: Final = Size(firms=40, lots=40, downstream=0.3, late=0.2, failures=0.3)


@contextmanager
def indexed_network(
    folder: Path,
    seed: int,
) -> Iterator[IndexedNetwork]:
    """A network of this seed, from its first organisation to its end."""
    network = Network(_SIZE, seed)
    entries = list(recorded([*network.preparation(), *network.entries()]))
    founding = Founding(
        network.population.authority.id, IDENTIFIER_KIND, "authority", "虚构机关", "Authority",
        (invented_account(AUTHORITY),), 2, 7 * DAY, START - DAY,
    )  # fmt: skip
    contracts = {e.address: e.contract for e, _ in entries}
    last = entries[-1][0]
    with new_database("sqlite", folder) as database:
        before = State(1, bytes(32), 0, bytes(32), Frontier(), founding, contracts)
        before = projection.start(database, before)
        frontier = Frontier(len(entries), {})
        after = State(1, bytes(32), last.block_number, last.leaf, frontier, founding, contracts)
        assert projection.write(database, before, Range(entries), after) is after
        registry = next(a for a, name in contracts.items() if name == "ParticipantRegistry")
        yield IndexedNetwork(Index(database), len(entries), founding, registry)
