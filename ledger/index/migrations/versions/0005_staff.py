"""Staff accounts with their invitations, sessions and known browsers; counts in the access log."""

import sqlalchemy as sa
from alembic import op

revision = "0005_staff"
down_revision = "0004_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "access_record", sa.Column("times", sa.Integer(), nullable=False, server_default="1")
    )
    op.create_index(op.f("ix_access_record_at"), "access_record", ["at"], unique=False)
    for column in ("organisation", "action"):
        op.create_index(
            f"ix_access_record_{column}_id", "access_record", [column, "id"], unique=False
        )
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_staff_account_issuer_subject")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_account_login")),
    )
    op.create_index(
        op.f("ix_staff_account_organisation"), "staff_account", ["organisation"], unique=False
    )
    op.create_table(
        "staff_invitation",
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        _account("staff_invitation"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_staff_invitation")),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        _account("staff_session"),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_staff_session_secret_hash")),
    )
    op.create_index(
        op.f("ix_staff_session_expires_at"), "staff_session", ["expires_at"], unique=False
    )
    op.create_table(
        "known_browser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        _account("known_browser"),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_browser")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_known_browser_secret_hash")),
    )
    for table in ("staff_invitation", "staff_session", "known_browser"):
        op.create_index(op.f(f"ix_{table}_account"), table, ["account"], unique=False)


def _account(table: str) -> sa.Column[int]:
    named = op.f(f"fk_{table}_account_staff_account")
    return sa.Column(
        "account", sa.Integer(), sa.ForeignKey("staff_account.id", name=named), nullable=False
    )
