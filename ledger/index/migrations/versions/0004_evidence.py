"""The log as a tree, the checkpoints that commit to it, and receipts for accepted entries."""

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
    op.create_table(
        "checkpoint",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
        sa.Column("nodes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", name=op.f("pk_checkpoint")),
    )
    op.create_index(op.f("ix_checkpoint_size"), "checkpoint", ["size"], unique=False)
    op.create_table(
        "checkpoint_witness",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("previous_size", sa.BigInteger(), nullable=False),
        sa.Column("previous_root", sa.LargeBinary(), nullable=False),
        sa.Column("witnessed_at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_number"],
            ["checkpoint.block_number"],
            name=op.f("fk_checkpoint_witness_block_number_checkpoint"),
        ),
        sa.PrimaryKeyConstraint("block_number", "account", name=op.f("pk_checkpoint_witness")),
    )
    op.add_column("outbox_entry", sa.Column("receipt", sa.LargeBinary(), nullable=True))


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
