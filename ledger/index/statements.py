"""Statements over many rows of raw values, past SQLAlchemy's own, which looks at every value again:
that is half the time of reading a ledger.

Rows are tuples in the order of a table's columns (or of a statement's places, written ``?``).
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection

from ledger.index.base import Row, table_of

Values: TypeAlias = tuple[Any, ...]

#: So many values stand in one list of a query.
_CHUNK: Final = 900


@cache
def _insertion(row: type[Row], place: str) -> str:
    columns = [f'"{c.name}"' for c in table_of(row).columns]
    places = ", ".join(place for _ in columns)
    return f'INSERT INTO "{row.__tablename__}" ({", ".join(columns)}) VALUES ({places})'


@cache
def _conflict(row: type[Row], changes: str | None) -> str:
    table = table_of(row)
    keys = [c.name for c in table.primary_key.columns]
    if changes is None:
        others = [c.name for c in table.columns if c.name not in keys]
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
    named = ", ".join(f'"{name}"' for name in keys)
    return f" ON CONFLICT ({named}) DO UPDATE SET {changes}"


def _place(connection: Connection) -> str:
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def insert(connection: Connection, row: type[Row], rows: Sequence[Values]) -> None:
    """Insert the rows."""
    if rows:
        connection.exec_driver_sql(_insertion(row, _place(connection)), list(rows))


def upsert(
    connection: Connection, row: type[Row], rows: Sequence[Values], changes: str | None = None
) -> None:
    """Insert, or change the row that has the primary key: every column, or as ``changes`` says."""
    if rows:
        statement = _insertion(row, _place(connection)) + _conflict(row, changes)
        connection.exec_driver_sql(statement, list(rows))


def each(connection: Connection, statement: str, rows: Sequence[Values]) -> None:
    """Run the statement once for each of these rows of values."""
    if rows:
        connection.exec_driver_sql(statement.replace("?", _place(connection)), list(rows))


def query(row: type[Row], key: str) -> str:
    """The query of all columns of the rows with certain values of one column (:func:`among`)."""
    columns = ", ".join(f'"{c.name}"' for c in table_of(row).columns)
    return f'SELECT {columns} FROM "{row.__tablename__}" WHERE "{key}"'


def among(connection: Connection, statement: str, keys: Collection[Any]) -> Iterator[Any]:
    """The rows of a query that ends before ``IN``, for these keys, whatever their number."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        places = ", ".join([_place(connection)] * len(chunk))
        yield from connection.exec_driver_sql(f"{statement} IN ({places})", tuple(chunk)).all()
