"""Organisations are found by traditional characters, by pinyin and by initials, too; lots by their
GTIN alone."""

import sqlalchemy as sa
from alembic import op

from ledger.index.terms import brought_up_to_date

revision = "0006_spellings"
down_revision = "0005_staff"
branch_labels = None
depends_on = None

#: So many organisations are brought up to date at once.
CHUNK = 1_000

INT16 = sa.SmallInteger()


def upgrade() -> None:
    op.create_index(op.f("ix_lot_gtin_number"), "lot", ["gtin", "number"], unique=False)
    _spell()


def _spell() -> None:
    """The terms that the index would write today, of those that it wrote before."""
    term = sa.table(
        "search_term",
        sa.column("organisation", sa.LargeBinary()),
        sa.column("field", INT16),
        sa.column("key", sa.LargeBinary()),
        sa.column("text", sa.String()),
    )
    connection = op.get_bind()
    last: bytes | None = None
    while True:
        some = sa.select(term.c.organisation).distinct().order_by(term.c.organisation).limit(CHUNK)
        if last is not None:
            some = some.where(term.c.organisation > last)
        organisations = list(connection.execute(some).scalars())
        if not organisations:
            return
        last = organisations[-1]
        here = term.c.organisation.between(organisations[0], last)
        query = sa.select(term.c.organisation, term.c.field, term.c.text).where(here)
        rows = brought_up_to_date(
            (bytes(row.organisation), row.field, row.text) for row in connection.execute(query)
        )
        connection.execute(term.delete().where(here))
        connection.execute(term.insert(), list(rows.values()))
