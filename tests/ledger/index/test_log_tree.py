"""The index has every path of the log, and tells that it has lost a part of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from ledger.errors import EvidenceError
from ledger.hashing import keccak
from ledger.index import tables as t
from ledger.index.base import table_of
from ledger.index.database import Database, upgrade
from ledger.index.log_tree import LogTree
from ledger.index.reader import Reader
from ledger.index.repository import Index
from ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    inclusion_path,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.support.databases import DATABASES, new_database

SIZE = 300


def leaf(sequence: int) -> bytes:
    return keccak(sequence.to_bytes(32, "big"))


def write(database: Database, first: int, end: int, frontier: Frontier) -> None:
    """Entries of which nothing but number and leaf matters, with their log nodes."""
    before = len(frontier.completed)
    with database.write() as session:
        for sequence in range(first, end):
            frontier.append(leaf(sequence))
            row = t.EntryRow(
                sequence=sequence,
                block_number=1,
                recorded_at=1,
                transaction_hash=b"",
                contract=b"",
                action=1,
                author=b"",
                signers=b"",
                late=False,
                digest=leaf(sequence),
                subjects=b"",
                previous=b"",
                leaf=leaf(sequence),
                packed=b"",
            )
            session.add(row)
        for level, number, root in frontier.completed[before:]:
            session.add(t.LogNodeRow(level=level, number=number, hash=root))


@pytest.fixture(scope="module", params=DATABASES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A log of 300 entries; for looking only."""
    with new_database(request.param, tmp_path_factory.mktemp("log")) as database:
        write(database, 0, SIZE, Frontier())
        yield database


@pytest.fixture(scope="module")
def roots() -> list[bytes]:
    """The root of each size."""
    frontier, found = Frontier(), [EMPTY_ROOT]
    for sequence in range(SIZE):
        frontier.append(leaf(sequence))
        found.append(frontier.root())
    return found


def test_every_entry_has_a_path_to_the_root_of_every_later_size(
    filled: Database, roots: list[bytes]
) -> None:
    log = LogTree(Reader(filled))
    for size in (1, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 272, SIZE):
        assert log.root(size) == roots[size]
        for sequence in range(size):
            path = log.inclusion(sequence, size)
            assert verify_inclusion(leaf(sequence), sequence, size, path, roots[size])


def test_every_size_is_shown_to_extend_every_smaller_one(
    filled: Database, roots: list[bytes]
) -> None:
    log = LogTree(Reader(filled))
    for new in (0, 1, 16, 17, 256, 257, SIZE):
        for old in range(new + 1):
            path = log.consistency(old, new)
            assert verify_consistency(old, roots[old], new, roots[new], path)


def test_what_was_kept_of_the_edge_grows_with_the_log(tmp_path: Path, roots: list[bytes]) -> None:
    with new_database("sqlite", tmp_path) as database:
        log, frontier, size = LogTree(Reader(database)), Frontier(), 0
        for step in (1, 2, 14, 16, 30, 200):
            write(database, size, size + step, frontier)
            size += step
            assert log.root(size) == roots[size]
            path = log.inclusion(size - 1, size)
            assert verify_inclusion(leaf(size - 1), size - 1, size, path, roots[size])


def test_a_size_beyond_the_log_has_no_paths(filled: Database) -> None:
    log = LogTree(Reader(filled))
    for size in (SIZE + 1, 2 * SIZE):
        with pytest.raises(ValueError, match="no complete subtree"):
            log.inclusion(0, size)


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("row", [t.EntryRow, t.LogNodeRow])
def test_a_lost_row_is_noticed(kind: str, row: type, tmp_path: Path) -> None:
    with new_database(kind, tmp_path) as database:
        write(database, 0, SIZE, Frontier())
        column = "sequence" if row is t.EntryRow else "number"
        with database.write() as session:
            session.connection().execute(delete(table_of(row)).where(text(f"{column} = 3")))
        with pytest.raises(EvidenceError, match="has lost entries"):
            LogTree(Reader(database)).inclusion(2 if row is t.EntryRow else 255, SIZE)


@pytest.mark.parametrize("kind", DATABASES)
def test_an_older_database_gets_the_nodes_of_what_it_has_read(kind: str, tmp_path: Path) -> None:
    with new_database(kind, tmp_path) as whole, new_database(kind, tmp_path) as old:
        write(whole, 0, SIZE, Frontier())
        write(old, 0, SIZE, Frontier())
        with old.write() as session:
            # As it was before the migration.
            for statement in BEFORE:
                session.connection().execute(text(statement))
            upgrade(session.connection(), "0004_evidence")
        nodes = 'SELECT "level", "number", "hash" FROM "log_node" ORDER BY 1, 2'
        assert Reader(old).tuples(nodes, ()) == Reader(whole).tuples(nodes, ())


BEFORE = (
    "DROP TABLE log_node",
    "DROP TABLE checkpoint_witness",
    "DROP TABLE checkpoint",
    "ALTER TABLE outbox_entry DROP COLUMN receipt",
    "UPDATE alembic_version SET version_num = '0003_batches'",
)


def test_the_paths_of_a_real_ledger_lead_to_its_root(read: Database) -> None:
    index = Index(read)
    position = index.position()
    assert index.log.root(position.size) == position.root
    for entry in index.entries(0, position.size):
        path = index.log.inclusion(entry.sequence, position.size)
        assert verify_inclusion(entry.leaf, entry.sequence, position.size, path, position.root)


def test_the_nodes_are_those_of_the_definition(filled: Database) -> None:
    def node(level: int, number: int) -> bytes:
        if not level:
            return leaf(number)
        return node_hash(node(level - 1, 2 * number), node(level - 1, 2 * number + 1))

    log = LogTree(Reader(filled))
    for sequence in range(0, SIZE, 7):
        assert log.inclusion(sequence, SIZE) == inclusion_path(sequence, SIZE, node)
