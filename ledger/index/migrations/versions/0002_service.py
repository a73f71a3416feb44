"""What the service keeps for itself: outbox, nonce book, answers, tokens, documents, verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0002_service"
down_revision = "0001_projection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_record"),
    )
    op.create_index("ix_access_record_subject_at", "access_record", ["subject", "at"])
    op.create_table(
        "idempotency_answer",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency_answer"),
    )
    op.create_index("ix_idempotency_answer_answered_at", "idempotency_answer", ["answered_at"])
    op.create_table(
        "nonce_book",
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain_id", "sender", name="pk_nonce_book"),
    )
    op.create_table(
        "outbox_transaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.Column("signed_at", sa.Float(), nullable=False),
        sa.Column("first_sent", sa.Float(), nullable=True),
        sa.Column("last_sent", sa.Float(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_transaction"),
        sa.UniqueConstraint(
            "chain_id", "sender", "nonce", name="uq_outbox_transaction_chain_id_sender_nonce"
        ),
        sa.UniqueConstraint("hash", name="uq_outbox_transaction_hash"),
    )
    op.create_index("ix_outbox_transaction_state", "outbox_transaction", ["state"])
    op.create_table(
        "service_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_service_token"),
        sa.UniqueConstraint("secret_hash", name="uq_service_token_secret_hash"),
    )
    op.create_index("ix_service_token_organisation", "service_token", ["organisation"])
    op.create_table(
        "stored_document",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "organisation", name="pk_stored_document"),
    )
    op.create_table(
        "stored_verdict",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("policy_hash", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.LargeBinary(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stored_verdict"),
    )
    op.create_index(
        "ix_stored_verdict_organisation_asked_at", "stored_verdict", ["organisation", "asked_at"]
    )
    op.create_table(
        "outbox_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("packed_hash", sa.LargeBinary(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("batch_limit", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.Float(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.Integer(), nullable=True),
        sa.Column("carrier", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["carrier"],
            ["outbox_transaction.id"],
            name="fk_outbox_entry_carrier_outbox_transaction",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_entry"),
        sa.UniqueConstraint("digest", "packed_hash", name="uq_outbox_entry_digest_packed_hash"),
    )
    op.create_index("ix_outbox_entry_carrier", "outbox_entry", ["carrier"])
    op.create_index("ix_outbox_entry_state_id", "outbox_entry", ["state", "id"])
