"""The log as a tree, and the checkpoints that commit to it."""

import sqlalchemy as sa
from alembic import op

from ledger.merkle import Frontier

revision = "0004_evidence"
down_revision = "0003_batches"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: So many rows are written at once.
CHUNK = 10_000


def upgrade() -> None:
    log_node = op.create_table(
        "log_node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", INT64, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_log_node")),
        sqlite_with_rowid=False,
    )
    assert log_node is not None
    _fill(log_node)


def _fill(log_node: sa.Table) -> None:
    """The nodes of what was read before there was this table."""
    connection = op.get_bind()
    entry = sa.table("entry", sa.column("sequence"), sa.column("leaf"))
    frontier = Frontier()
    while True:
        here = entry.c.sequence.between(frontier.size, frontier.size + CHUNK - 1)
        query = sa.select(entry.c.leaf).where(here).order_by(entry.c.sequence)
        leaves = connection.execute(query).scalars().all()
        for leaf in leaves:
            frontier.append(bytes(leaf))
        if frontier.completed:
            rows = [{"level": v, "number": n, "hash": h} for v, n, h in frontier.completed]
            connection.execute(log_node.insert(), rows)
            frontier.completed.clear()
        if len(leaves) < CHUNK:
            return
