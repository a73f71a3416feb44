"""Reading a supply network from its events into the index, against putting the same rows into the
same tables by ``sqlite3`` alone, as many of them in one transaction.

To read means: decode each event, unpack its entry, compute its digest, fold it, write its rows. The
indexer also recovers every signer and computes every leaf and root; what that costs is measured on
its own and stated, and the promise is about the rest. Waiting for the disk
is not counted: the seconds are the processor's.
"""

import gc
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from ledger.index.base import table_of
from ledger.index.database import Database
from ledger.index.repository import Index
from ledger.index.tables import PROJECTION
from ledger.indexing import Indexer
from ledger.merkle import Frontier, leaf_hash
from ledger.signing import recover
from ledger.typed_data import SignedEntry
from tests.benchmarks.filling import AT_ONCE, Packed, begin, opened, without_others, write
from tests.benchmarks.measuring import Figure
from tests.benchmarks.told_chain import ToldChain, deployment, network
from tests.support.supply_network import Size

SIZE = Size(firms=400, lots=8_000, downstream=0.3)
ROUNDS = 3
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536")

Rows = dict[str, list[tuple[Any, ...]]]


def measure(folder: Path) -> Iterator[Figure]:
    told, source = ToldChain(), network(SIZE, seed=7)
    told.tell(source, chain(source.preparation(), source.entries()))
    entries = told.frontier.size
    with without_others():
        first = _build(folder / "index.db", told)
        with opened(folder / "index.db") as database:
            rows, checked = _rows(database), _checked(database)
        # By turns, and the best of each: whatever else the machine does only ever adds.
        times = [
            (
                _build(folder / f"index{turn}.db", told),
                _seconds(lambda: _recover(told)),
                _seconds(lambda: _merkle(told)),
                _write(folder / f"rows{turn}.db", checked),
                _bare(folder / f"bare{turn}.db", rows, entries),
            )
            for turn in range(ROUNDS)
        ]
    built, recovering, merkle, writing, bare = (min(of_one) for of_one in zip(*times, strict=True))
    built = min(first, built)
    reading = built - recovering - merkle
    count = sum(len(of_one) for of_one in rows.values())
    what = f"{entries:,} entries, {count:,} rows of {source.lots:,} lots"
    yield Figure(f"{what}: bare SQLite inserts", count / bare, "rows/s")
    yield Figure("events to rows", count / reading, "rows/s")
    ratio = bare / reading
    yield Figure("events to rows ÷ bare inserts", ratio, "×", "at least 0.333", ratio >= 1 / 3)
    yield Figure("of that: checked entries to rows ÷ bare inserts", bare / writing, "×")
    yield Figure("beside it: recovering the signers", recovering / entries * 1e6, "µs an entry")
    yield Figure("beside it: leaves and roots of the log", merkle / entries * 1e6, "µs an entry")
    yield Figure("everything together", entries / built, "entries/s")
    yield Figure("everything together ÷ bare inserts", bare / built, "×")


def _build(path: Path, told: ToldChain) -> float:
    with opened(path) as database:
        database.migrate()
        gateway: Any = told
        indexer = Indexer(gateway, database, deployment())
        seconds = _seconds(indexer.sync)
        assert indexer.sync().root == told.frontier.root()
    return seconds


def _checked(database: Database) -> list[Packed]:
    """The entries as the indexer hands them on when it has checked them."""
    index = Index(database)
    return [
        (e, SignedEntry(e.entry, e.signatures).pack())
        for e in index.entries(0, index.position().size)
    ]


def _write(path: Path, entries: list[Packed]) -> float:
    with opened(path) as database:
        state = begin(database)

        def write_all() -> None:
            after = state
            for first in range(0, len(entries), AT_ONCE):
                after = write(database, after, entries[first : first + AT_ONCE])

        return _seconds(write_all)


def _recover(told: ToldChain) -> None:
    for digest, signature in told.signed:
        recover(digest, signature)


def _merkle(told: ToldChain) -> None:
    frontier = Frontier()
    for place, bound in enumerate(told.leaves):
        frontier.append(leaf_hash(*bound))
        if place % 100 == 99:
            frontier.root()


def _rows(database: Database) -> Rows:
    """All rows of the projection, those of one table in the order in which they came to be, as far
    as they tell."""
    found: Rows = {}
    with database.read() as session:
        for row in PROJECTION:
            table = table_of(row)
            names = [c.name for c in table.columns]
            raw = session.connection().execute(table.select()).all()
            values = [tuple(r) for r in raw]
            when = next((n for n in ("sequence", "number") if n in names), None)
            if when is not None:
                values.sort(key=itemgetter(names.index(when)))
            if values:
                found[table.name] = values
    return found


def _bare(path: Path, rows: Rows, entries: int) -> float:
    """Seconds to insert the rows into new tables, in as many transactions as the indexer makes."""
    with opened(path) as database:
        database.migrate()
    turns = -(-entries // AT_ONCE)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

        def insert() -> None:
            for turn in range(turns):
                connection.execute("BEGIN IMMEDIATE")
                for table, of_one in rows.items():
                    _insert(connection, table, _share(of_one, turn, turns))
                connection.execute("COMMIT")

        return _seconds(insert)


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        places = ",".join("?" for _ in rows[0])
        connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)


def _share(rows: Sequence[tuple[Any, ...]], turn: int, turns: int) -> Sequence[tuple[Any, ...]]:
    return rows[len(rows) * turn // turns : len(rows) * (turn + 1) // turns]


def _seconds(what: Callable[[], object]) -> float:
    """Seconds of the process's own time, which what else runs on the machine bends least. The
    indexer reads without the collector of garbage, so all else is measured without it, too."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        what()
        return time.process_time() - started
    finally:
        gc.enable()
