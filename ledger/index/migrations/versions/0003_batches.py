"""Batches: lots, what was made of what, who has it, and what was found about it."""

import sqlalchemy as sa
from alembic import op

revision = "0003_batches"
down_revision = "0002_service"
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GS1_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    # Two may sign the same words: their entries have one digest.
    with op.batch_alter_table("entry") as entry:
        entry.drop_constraint("uq_entry_digest", type_="unique")
        entry.create_index(op.f("ix_entry_digest"), ["digest"])
    op.create_table(
        "ingredient",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("input", sa.String(), nullable=False),
        sa.Column("input_unit", sa.String(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("least", INT64, nullable=False),
        sa.Column("most", INT64, nullable=False),
        sa.Column("per", INT64, nullable=False),
        sa.PrimaryKeyConstraint("process", "input", "input_unit", name=op.f("pk_ingredient")),
    )
    op.create_table(
        "logistic_unit",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("packer", sa.LargeBinary(), nullable=False),
        sa.Column("sscc", INT64, nullable=False),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        sa.Column("since", INT64, nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("due", INT64, nullable=False),
        sa.Column("purpose", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistic_unit")),
        sa.UniqueConstraint("sequence", name=op.f("uq_logistic_unit_sequence")),
    )
    op.create_index(op.f("ix_logistic_unit_holder"), "logistic_unit", ["holder"], unique=False)
    op.create_index(
        op.f("ix_logistic_unit_recipient"), "logistic_unit", ["recipient"], unique=False
    )
    op.create_index(op.f("ix_logistic_unit_sscc"), "logistic_unit", ["sscc"], unique=False)
    op.create_table(
        "lot",
        sa.Column("number", INT64, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("maker", sa.LargeBinary(), nullable=False),
        sa.Column("gtin", INT64, nullable=False),
        sa.Column("lot", GS1_TEXT, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("quantity", INT64, nullable=False),
        sa.Column("happened_at", INT64, nullable=False),
        sa.Column("recorded_at", INT64, nullable=False),
        sa.Column("origin_not_shown", sa.Boolean(), nullable=False),
        sa.Column("underrun", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_lot")),
        sa.UniqueConstraint("id", name=op.f("uq_lot_id")),
    )
    op.create_index(op.f("ix_lot_category_number"), "lot", ["category", "number"], unique=False)
    op.create_index(op.f("ix_lot_lot_gtin"), "lot", ["lot", "gtin"], unique=False)
    op.create_index(op.f("ix_lot_maker_number"), "lot", ["maker", "number"], unique=False)
    op.create_table(
        "lot_edge",
        sa.Column("output", INT64, autoincrement=False, nullable=False),
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.Column("input", INT64, autoincrement=False, nullable=False),
        sa.Column("used", INT64, nullable=False),
        sa.Column("made", INT64, nullable=False),
        sa.Column("happened_at", INT64, nullable=False),
        sa.Column("recorded_at", INT64, nullable=False),
        sa.PrimaryKeyConstraint("output", "sequence", "input", name=op.f("pk_lot_edge")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_lot_edge_input",
        "lot_edge",
        ["input", "sequence", "output", "used", "made", "happened_at", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "lot_notice",
        sa.Column("lot", INT64, autoincrement=False, nullable=False),
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.Column("action", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "sequence", name=op.f("pk_lot_notice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lot_stock",
        sa.Column("custodian", sa.LargeBinary(), nullable=False),
        sa.Column("lot", INT64, autoincrement=False, nullable=False),
        sa.Column("on_hand", INT64, nullable=False),
        sa.Column("lost", INT64, nullable=False),
        sa.Column("used", INT64, nullable=False),
        sa.Column("dispensed", INT64, nullable=False),
        sa.Column("destroyed", INT64, nullable=False),
        sa.PrimaryKeyConstraint("custodian", "lot", name=op.f("pk_lot_stock")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_lot_stock_lot"), "lot_stock", ["lot"], unique=False)
    op.create_table(
        "parcel",
        sa.Column("shipment", sa.LargeBinary(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("lot", INT64, nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("quantity", INT64, nullable=False),
        sa.Column("sent_at", INT64, nullable=False),
        sa.Column("due", INT64, nullable=False),
        sa.Column("purpose", sa.SmallInteger(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shipment", "sender", name=op.f("pk_parcel")),
    )
    op.create_index(op.f("ix_parcel_lot"), "parcel", ["lot"], unique=False)
    op.create_index(op.f("ix_parcel_recipient"), "parcel", ["recipient"], unique=False)
    op.create_index(op.f("ix_parcel_sender"), "parcel", ["sender"], unique=False)
    op.create_table(
        "recall_mirror",
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("publication", sa.LargeBinary(), nullable=False),
        sa.Column("register_name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("initiated", INT64, nullable=False),
        sa.Column("ended", INT64, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_recall_mirror")),
    )
    op.create_index(
        op.f("ix_recall_mirror_organisation"), "recall_mirror", ["organisation"], unique=False
    )
    op.create_index(
        op.f("ix_recall_mirror_register_name_sequence"),
        "recall_mirror",
        ["register_name", "sequence"],
        unique=False,
    )
    op.create_table(
        "stop",
        sa.Column("lot", INT64, autoincrement=False, nullable=False),
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("recall", sa.Boolean(), nullable=False),
        sa.Column("campaign", sa.LargeBinary(), nullable=False),
        sa.Column("released", INT64, nullable=False),
        sa.PrimaryKeyConstraint("lot", "sequence", name=op.f("pk_stop")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_stop_campaign"), "stop", ["campaign"], unique=False)
    op.create_table(
        "unit_part",
        sa.Column("unit", INT64, autoincrement=False, nullable=False),
        sa.Column("lot", INT64, autoincrement=False, nullable=False),
        sa.Column("quantity", INT64, nullable=False),
        sa.PrimaryKeyConstraint("unit", "lot", name=op.f("pk_unit_part")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_unit_part_lot"), "unit_part", ["lot"], unique=False)
