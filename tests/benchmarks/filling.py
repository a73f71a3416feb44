"""An index filled with a generated supply network, without a chain: as if its entries had been
read and checked."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from ledger.index import projection
from ledger.index.database import Database
from ledger.index.projection import Range, State
from ledger.merkle import Frontier
from ledger.recorded import RecordedEntry

#: About as many entries as the indexer reads at once.
AT_ONCE = 8_000

Packed = tuple[RecordedEntry, bytes]


def begin(database: Database) -> State:
    """Make the tables and the state of a ledger of which nothing was read."""
    database.migrate()
    return projection.start(
        database,
        State(1234, bytes(32), 0, bytes(32), Frontier(), None, {b"\\1" * 20: "BatchLedger"}),
    )


def write(database: Database, state: State, entries: list[Packed]) -> State:
    """Write one range of entries, all in one transaction."""
    last = entries[-1][0]
    frontier = Frontier(last.sequence + 1, {})
    after = State(1234, bytes(32), last.block_number, last.leaf, frontier, None, state.contracts)
    written = projection.write(database, state, Range(entries), after)
    assert written is after
    return after


def fill(database: Database, entries: Iterable[Packed]) -> int:
    """Write all; how many entries there were."""
    state, count = begin(database), 0
    source: Iterator[Packed] = iter(entries)
    while some := list(islice(source, AT_ONCE)):
        state = write(database, state, some)
        count += len(some)
    return count


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """A SQLite database at the path; closed at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.close()


@contextmanager
def without_others() -> Iterator[None]:
    """What was made before is not looked at by the collector of garbage, which would bill it to
    whatever is measured."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
