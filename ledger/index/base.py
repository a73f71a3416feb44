"""What every table shares: one collection of tables, and names for all constraints.

Named constraints are what lets a migration change them on SQLite and PostgreSQL alike.
"""

from typing import ClassVar, Final

from sqlalchemy import MetaData, Table
from sqlmodel import SQLModel

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
