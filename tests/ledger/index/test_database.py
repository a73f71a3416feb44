"""The database behaves the same, whichever it is."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from ledger.errors import RequestError, UnavailableError
from ledger.index import service_tables
from ledger.index.base import METADATA, table_of
from ledger.index.database import Database
from ledger.index.tables import ContractRow
from tests.support.databases import DATABASES, new_database, new_url


def names(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.connection().execute(table_of(ContractRow).select())
        return sorted(row.name for row in rows)


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    assert service_tables.OutboxEntry.__tablename__ in METADATA.tables
    with database.write() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session.add(ContractRow(address=b"1", name="kept"))
    database.migrate()
    assert names(database) == ["kept"]


def test_a_failed_write_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(ContractRow(address=b"1", name="lost"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(database) == []


def test_a_failed_migration_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.execute(text("CREATE TABLE half (way INTEGER)"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.read() as session:
        assert not inspect(session.connection()).has_table("half")


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    with database.read() as session:
        query = text("SELECT count(*) FROM contract")
        before = session.execute(query).scalar_one()
        with database.write() as writing:
            writing.add(ContractRow(address=b"1", name="new"))
        assert session.execute(query).scalar_one() == before
    assert names(database) == ["new"]


def test_writers_take_turns(database: Database) -> None:
    with database.write() as session:
        session.add(ContractRow(address=b"1", name="0"))

    def add_one() -> None:
        for _ in range(10):
            with database.write() as session:
                row = session.get_one(ContractRow, b"1")
                row.name = str(int(row.name) + 1)
                session.add(row)

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(database) == ["40"]


def test_nothing_can_be_written_while_reading(database: Database) -> None:
    with pytest.raises(UnavailableError), database.read() as session:
        session.execute(text("DELETE FROM contract"))


def test_a_broken_constraint_is_told_to_the_writer(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.connection().execute(
            table_of(ContractRow).insert(),
            [{"address": b"1", "name": "a"}, {"address": b"1", "name": "b"}],
        )
    assert names(database) == []


@pytest.mark.parametrize(
    "url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://host/db", "/tmp/x.db"]
)
def test_an_unusable_url_is_the_callers_mistake(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        Database(url)
    assert caught.value.field == "database"


def test_a_database_that_is_not_there_cannot_be_asked() -> None:
    database = Database("postgresql://nobody:secret@127.0.0.1:1/nothing")
    with pytest.raises(UnavailableError) as caught, database.read() as session:
        session.execute(text("SELECT 1"))
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(database)


def test_a_file_that_is_no_database_cannot_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "no.db"
    path.write_bytes(b"something else altogether" * 100)
    with pytest.raises(UnavailableError):
        Database(f"sqlite:///{path}").migrate()


def test_another_process_that_writes_is_waited_for_and_then_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.index.database.LOCK_TIMEOUT", 0.1)
    url = new_url("sqlite", tmp_path)
    Database(url).migrate()
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(UnavailableError, match="locked"), Database(url).write():
        pass
    other.close()


def test_what_was_committed_is_written_through(tmp_path: Path) -> None:
    with new_database("sqlite", tmp_path) as database, database.write() as session:
        assert session.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert session.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


@pytest.mark.parametrize("kind", DATABASES)
def test_the_whole_schema_can_be_made_from_nothing(kind: str, tmp_path: Path) -> None:
    with new_database(kind, tmp_path, migrated=False) as database:
        database.migrate()
        assert names(database) == []
