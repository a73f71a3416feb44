"""Rows as the database holds them, streamed past SQLAlchemy: for whoever compares or checks all of
them.

SQLite and PostgreSQL give the same rows in the same order: bytes and text by their bytes' values,
whatever the database's collation.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
from sqlalchemy import String

from ledger.errors import UnavailableError
from ledger.index import service_tables as s
from ledger.index.base import Row, table_of
from ledger.index.database import Database
from ledger.index.tables import PROJECTION

#: Rows that are fetched at once from a server.
_FETCHED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Form:
    """A table's columns, and the places of its primary key among them, in the key's order."""

    name: str
    columns: tuple[str, ...]
    keys: tuple[int, ...]
    _texts: frozenset[str]

    def key(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """The primary key of a row of all columns."""
        return tuple([row[place] for place in self.keys])

    def query(self, *, is_sqlite: bool) -> str:
        """All rows, all columns, by primary key."""
        order = [
            f'"{name}" COLLATE "C"' if name in self._texts and not is_sqlite else f'"{name}"'
            for name in (self.columns[place] for place in self.keys)
        ]
        names = ", ".join(f'"{name}"' for name in self.columns)
        return f'SELECT {names} FROM "{self.name}" ORDER BY {", ".join(order)}'


class Source(Protocol):
    """A database that is read as it is."""

    is_sqlite: bool
    #: What reading may raise.
    errors: tuple[type[Exception], ...]

    def rows(self, query: str) -> Iterator[Sequence[Any]]:
        """The rows of a query, as they come."""


class SqliteSource:
    """``connection``: to a file that nobody writes meanwhile."""

    is_sqlite = True
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str) -> Iterator[Sequence[Any]]:
        return iter(self._connection.execute(query))


class PostgresSource:
    """``connection``: within a transaction that sees one state of the database."""

    is_sqlite = False
    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._connection = connection

    def rows(self, query: str) -> Iterator[Sequence[Any]]:
        with self._connection.cursor(name="rows") as cursor:
            cursor.itersize = _FETCHED
            cursor.execute(query.encode())
            yield from cursor


@contextmanager
def postgres(url: str) -> Iterator[PostgresSource]:
    """One state of the PostgreSQL database, read only."""
    database = Database(url)
    try:
        target = database.engine.url.set(drivername="postgresql")
        with psycopg.connect(target.render_as_string(hide_password=False)) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield PostgresSource(connection)
    except psycopg.OperationalError as error:
        raise UnavailableError(
            f"the database does not answer: {error}", code="database.unavailable"
        ) from error
    finally:
        database.close()


@contextmanager
def sqlite(path: Path) -> Iterator[SqliteSource]:
    """A SQLite file that this process made, while it is open elsewhere, too."""
    with closing(sqlite3.connect(path)) as connection:
        yield SqliteSource(connection)


@cache
def projection_forms() -> tuple[Form, ...]:
    """The tables that follow from the ledger."""
    return tuple(_form(row) for row in PROJECTION)


@cache
def service_form(name: str) -> Form:
    """A table of :mod:`ledger.index.service_tables`, by its name."""
    rows = (
        *(s.OutboxTransaction, s.OutboxEntry, s.NonceBook, s.StoredDocument, s.StoredVerdict),
        *(s.CheckpointRow, s.CheckpointWitness),
    )
    return next(_form(row) for row in rows if row.__tablename__ == name)


def _form(row: type[Row]) -> Form:
    table = table_of(row)
    names = tuple(c.name for c in table.columns)
    texts = frozenset(c.name for c in table.columns if isinstance(c.type, String))
    return Form(
        table.name, names, tuple(names.index(c.name) for c in table.primary_key.columns), texts
    )
