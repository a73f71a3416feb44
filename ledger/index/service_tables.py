"""What the service keeps for itself; unlike the projection it cannot be made again from the chain.

Bytes are raw (digests 32, addresses and organisations 20). Times are seconds since 1970, UTC.
"""

from typing import Final

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from ledger.index.base import METADATA, Row


class OutboxTransaction(Row, table=True):
    """A transaction of the relayer. Its bytes are here before they are sent for the first time,
    and never change: every sending is the same bytes.

    ``state``: ``signed`` → ``sent`` → ``mined`` → ``final`` | ``reverted`` | ``replaced`` (its
    nonce went to another transaction, so it can never be mined). ``doubted``: an earlier
    transaction that was sent before it went back into the queue, so refusals in this one may only
    say that something was missing which is yet to come.
    """

    __tablename__ = "outbox_transaction"
    __table_args__ = (UniqueConstraint("chain_id", "sender", "nonce"),)

    id: int | None = Field(default=None, primary_key=True)
    chain_id: int = Field(sa_type=BigInteger)
    sender: bytes = Field(sa_type=LargeBinary)
    nonce: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary, unique=True)
    contract: str
    raw: bytes = Field(sa_type=LargeBinary)
    state: str = Field(index=True)
    doubted: bool = False
    signed_at: float
    first_sent: float | None = None
    last_sent: float | None = None
    block: int | None = Field(default=None, sa_type=BigInteger)


class OutboxEntry(Row, table=True):
    """A signed entry that was accepted for relaying; ``id`` is the order of acceptance.

    One row per form in which it came: the same message with other signatures is another row with
    the same ``digest`` (an act that lacked a signature can be sent again with it, and nobody can
    block a message by handing in a copy with a broken signature first).

    ``state``: ``queued`` → ``carried`` (its ``carrier``, the transaction that it is at ``position``
    of, knows how far) → ``final`` | ``refused``.
    ``receipt``: the service's signature over its promise that by the deadline it will be recorded
    or refused; None for what was accepted before there were receipts.
    ``batch_limit``: in batches of at most how many it may travel. ``sequence`` is its leaf, once
    final; ``refusal`` is JSON ``{"name": …, "values": {…}}``.
    """

    __tablename__ = "outbox_entry"
    __table_args__ = (
        UniqueConstraint("digest", "packed_hash"),
        Index("ix_outbox_entry_state_id", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    digest: bytes = Field(sa_type=LargeBinary)
    packed_hash: bytes = Field(sa_type=LargeBinary)
    contract: str
    packed: bytes = Field(sa_type=LargeBinary)
    deadline: int = Field(sa_type=BigInteger)
    state: str
    batch_limit: int
    accepted_at: float
    organisation: bytes | None = Field(default=None, sa_type=LargeBinary)
    token: int | None = None
    carrier: int | None = Field(default=None, foreign_key="outbox_transaction.id", index=True)
    position: int | None = None
    sequence: int | None = Field(default=None, sa_type=BigInteger)
    refusal: str | None = None
    receipt: bytes | None = Field(default=None, sa_type=LargeBinary)


class NonceBook(Row, table=True):
    """The next nonce of each sender (R5); a nonce is handed out with the transaction it is for."""

    __tablename__ = "nonce_book"

    chain_id: int = Field(sa_type=BigInteger, primary_key=True)
    sender: bytes = Field(sa_type=LargeBinary, primary_key=True)
    next: int = Field(sa_type=BigInteger)


class IdempotencyAnswer(Row, table=True):
    """What a mutating request was answered, written in the transaction that did what it asked."""

    __tablename__ = "idempotency_answer"

    owner: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: bytes = Field(sa_type=LargeBinary)
    status: int
    body: bytes = Field(sa_type=LargeBinary)
    answered_at: float = Field(index=True)


class ServiceToken(Row, table=True):
    """An access token of a person of an organisation; only its SHA-256 is kept (it is 256 random
    bits, so nothing slower is needed). ``last_used`` is the day's first second."""

    __tablename__ = "service_token"

    id: int | None = Field(default=None, primary_key=True)
    secret_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    organisation: bytes = Field(sa_type=LargeBinary, index=True)
    person: str
    scopes: str
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    last_used: int | None = Field(default=None, sa_type=BigInteger)


class StoredDocument(Row, table=True):
    """Who keeps a document here, and who may see it. The same bytes may be kept by several."""

    __tablename__ = "stored_document"

    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    organisation: bytes = Field(sa_type=LargeBinary, primary_key=True)
    person: str
    size: int = Field(sa_type=BigInteger)
    media_type: str
    name: str
    visibility: str
    stored_at: int = Field(sa_type=BigInteger)


class StoredVerdict(Row, table=True):
    """A verdict as it was given, with what it was asked and by which policy."""

    __tablename__ = "stored_verdict"
    __table_args__ = (Index("ix_stored_verdict_organisation_asked_at", "organisation", "asked_at"),)

    id: str = Field(primary_key=True)
    question: bytes = Field(sa_type=LargeBinary)
    policy_hash: bytes = Field(sa_type=LargeBinary)
    position: int = Field(sa_type=BigInteger)
    verdict: bytes = Field(sa_type=LargeBinary)
    organisation: bytes = Field(sa_type=LargeBinary)
    person: str
    asked_at: int = Field(sa_type=BigInteger)


class AccessRecord(Row, table=True):
    """Who looked at what, when. What comes in masses (failed sign-ins) is one row an hour: ``at``
    is the first of ``times``."""

    __tablename__ = "access_record"
    __table_args__ = (
        Index("ix_access_record_subject_at", "subject", "at"),
        Index("ix_access_record_organisation_id", "organisation", "id"),
        Index("ix_access_record_action_id", "action", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger, index=True)
    organisation: bytes = Field(sa_type=LargeBinary)
    person: str
    action: str
    subject: str
    times: int = Field(default=1, sa_column_kwargs={"server_default": "1"})


class StaffAccount(Row, table=True):
    """Somebody of an organisation who works with the pages, by the ``login`` name (unique).

    ``password_hash`` (argon2id, with its parameters) or ``issuer`` and ``subject`` (who vouches,
    and as what) say how they sign in; neither, that they were invited and have not come yet.
    ``signed_in_at``: the last time.
    """

    __tablename__ = "staff_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    organisation: bytes = Field(sa_type=LargeBinary, index=True)
    person: str
    role: str
    password_hash: str | None = None
    issuer: str | None = None
    subject: str | None = None
    created_at: int = Field(sa_type=BigInteger)
    disabled_at: int | None = Field(default=None, sa_type=BigInteger)
    signed_in_at: int | None = Field(default=None, sa_type=BigInteger)


class StaffInvitation(Row, table=True):
    """A link with which its account chooses how to sign in, once. ``ended_at``: when it was used
    (``used``), or a newer one took its place."""

    __tablename__ = "staff_invitation"

    secret_hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    account: int = Field(foreign_key="staff_account.id", index=True)
    made_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    used: bool = False


class StaffSession(Row, table=True):
    """Somebody is signed in, in one browser. Of the cookie's 256 random bits only the SHA-256 is
    kept. ``seen_at`` is written at most once a minute; ``browser`` is what it called itself."""

    __tablename__ = "staff_session"

    id: int | None = Field(default=None, primary_key=True)
    secret_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    account: int = Field(foreign_key="staff_account.id", index=True)
    begun_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    browser: str


class KnownBrowser(Row, table=True):
    """A browser in which somebody signed in to this account before: its guesses are counted apart
    from everybody else's. It lets nobody in."""

    __tablename__ = "known_browser"

    id: int | None = Field(default=None, primary_key=True)
    secret_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    account: int = Field(foreign_key="staff_account.id", index=True)
    made_at: int = Field(sa_type=BigInteger)


class CheckpointRow(Row, table=True):
    """A checkpoint of the log after a block: ``checkpoint`` is its canonical JSON without
    witnesses, ``nodes`` the RLP of three lists of trie nodes: of ``EntryLog``'s account, of the
    log's size and of its root."""

    __tablename__ = "checkpoint"

    block_number: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    size: int = Field(sa_type=BigInteger, index=True)
    root: bytes = Field(sa_type=LargeBinary)
    block_hash: bytes = Field(sa_type=LargeBinary)
    block_time: int = Field(sa_type=BigInteger)
    made_at: int = Field(sa_type=BigInteger)
    checkpoint: bytes = Field(sa_type=LargeBinary)
    nodes: bytes = Field(sa_type=LargeBinary)


class CheckpointWitness(Row, table=True):
    """An account checked that the checkpoint extends what it had seen, and signed that."""

    __tablename__ = "checkpoint_witness"

    block_number: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="checkpoint.block_number"
    )
    account: bytes = Field(primary_key=True, sa_type=LargeBinary)
    previous_size: int = Field(sa_type=BigInteger)
    previous_root: bytes = Field(sa_type=LargeBinary)
    witnessed_at: int = Field(sa_type=BigInteger)
    signature: bytes = Field(sa_type=LargeBinary)
    received_at: int = Field(sa_type=BigInteger)


TRANSACTIONS: Final = METADATA.tables["outbox_transaction"]
ENTRIES: Final = METADATA.tables["outbox_entry"]
NONCES: Final = METADATA.tables["nonce_book"]
ANSWERS: Final = METADATA.tables["idempotency_answer"]
TOKENS: Final = METADATA.tables["service_token"]
DOCUMENTS: Final = METADATA.tables["stored_document"]
VERDICTS: Final = METADATA.tables["stored_verdict"]
ACCESSES: Final = METADATA.tables["access_record"]
CHECKPOINTS: Final = METADATA.tables["checkpoint"]
WITNESSES: Final = METADATA.tables["checkpoint_witness"]
STAFF: Final = METADATA.tables["staff_account"]
INVITATIONS: Final = METADATA.tables["staff_invitation"]
SESSIONS: Final = METADATA.tables["staff_session"]
BROWSERS: Final = METADATA.tables["known_browser"]
