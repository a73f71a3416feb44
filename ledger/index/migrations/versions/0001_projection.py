"""The projection of the chain's events."""

import sqlalchemy as sa
from alembic import op

revision = "0001_projection"
down_revision = None
branch_labels = None
depends_on = None

INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_account")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_account_organisation"), "account", ["organisation"], unique=False)
    op.create_table(
        "admitted",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("block_number", INT64, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_admitted")),
    )
    op.create_table(
        "capacity",
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("register_name", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_capacity")),
    )
    op.create_index(
        op.f("ix_capacity_register_name_sequence"),
        "capacity",
        ["register_name", "sequence"],
        unique=False,
    )
    op.create_table(
        "category",
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("codes", sa.String(), nullable=False),
        sa.Column("raw_material", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_category")),
    )
    op.create_table(
        "contract",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_contract")),
    )
    op.create_table(
        "entry",
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.Column("block_number", INT64, nullable=False),
        sa.Column("recorded_at", INT64, nullable=False),
        sa.Column("transaction_hash", sa.LargeBinary(), nullable=False),
        sa.Column("contract", sa.LargeBinary(), nullable=False),
        sa.Column("action", sa.SmallInteger(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("signers", sa.LargeBinary(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subjects", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_entry")),
        sa.UniqueConstraint("digest", name=op.f("uq_entry_digest")),
    )
    op.create_table(
        "head",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_head")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain_id", INT64, nullable=False),
        sa.Column("genesis_hash", sa.LargeBinary(), nullable=False),
        sa.Column("block_number", INT64, nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("size", INT64, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("founding", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_table(
        "mark",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("mark", "sequence", name=op.f("pk_mark")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nonce",
        sa.Column("contract", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("next", INT64, nullable=False),
        sa.PrimaryKeyConstraint("contract", "account", name=op.f("pk_nonce")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("identifier_kind", sa.String(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("roles", sa.Integer(), nullable=False),
        sa.Column("division", INT64, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("sequence", name=op.f("uq_organisation_sequence")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("register_name", sa.String(), nullable=False),
        sa.Column("published", INT64, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("rows_root", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("sequence", name=op.f("uq_publication_sequence")),
    )
    op.create_table(
        "qualification",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, nullable=False),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("register_name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", INT64, nullable=False),
        sa.Column("valid_until", INT64, nullable=False),
        sa.Column("withdrawn_from", INT64, nullable=False),
        sa.Column("way", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("sequence", name=op.f("uq_qualification_sequence")),
    )
    op.create_index(
        op.f("ix_qualification_holder_sequence"),
        "qualification",
        ["holder", "sequence"],
        unique=False,
    )
    op.create_index(
        op.f("ix_qualification_register_name_sequence"),
        "qualification",
        ["register_name", "sequence"],
        unique=False,
    )
    op.create_table(
        "refusal",
        sa.Column("transaction_hash", sa.LargeBinary(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_number", INT64, nullable=False),
        sa.Column("contract", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_hash", "log_index", name=op.f("pk_refusal")),
    )
    op.create_index(op.f("ix_refusal_digest"), "refusal", ["digest"], unique=False)
    op.create_table(
        "search_term",
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("field", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "field", "key", name=op.f("pk_search_term")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_search_term_key"), "search_term", ["key"], unique=False)
    op.create_table(
        "subject_entry",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", INT64, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "sequence", name=op.f("pk_subject_entry")),
        sqlite_with_rowid=False,
    )
