"""What every table shares: one collection of tables, and names for all constraints.

Named constraints are what lets a migration change them on SQLite and PostgreSQL alike.
"""

from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, Integer, MetaData, SmallInteger, Table
from sqlmodel import Field, SQLModel

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """Base of every table's class."""

    metadata: ClassVar[MetaData] = METADATA


def table_of(row: type[Row]) -> Table:
    """The table behind a row's class, for statements over many rows."""
    return METADATA.tables[str(row.__tablename__)]


# SQLite's own 64-bit integer is called INTEGER, and is fastest as a primary key.
_INT64: Final[Any] = BigInteger().with_variant(Integer, "sqlite")

#: A table whose rows are found by a hash needs no row numbers beside it.
KEYED: Final = {"sqlite_with_rowid": False}


def int64(**options: Any) -> Any:
    """A column of signed 64-bit integers."""
    return Field(sa_type=_INT64, **options)


def entry_key() -> Any:
    """A column of the primary key that holds the sequence number of an entry."""
    return int64(primary_key=True, sa_column_kwargs={"autoincrement": False})


def int16() -> Any:
    """A column of small integers."""
    return Field(sa_type=SmallInteger)
