"""The tables of the projection: what a reader of the chain's events can look up.

Everything here follows from the events of final blocks, so that it can be dropped and made again;
two databases that read the same blocks hold the same rows (:mod:`ledger.index.projection`). Ids,
hashes and addresses are raw bytes; times are seconds, UTC.

Numbers on the ledger may have 64 bits, more than a database's signed ones: a column holds only
what is smaller by the contracts' own rules.
"""

from typing import Final

from sqlalchemy import Index, SmallInteger
from sqlmodel import Field

from ledger.index.base import KEYED, Row, entry_key, int16, int64
from ledger.index.batch_tables import BATCH_TABLES


class LedgerRow(Row, table=True):
    """The one ledger that this database is of, and how far it was read.

    ``block_number`` and ``block_hash`` are the last block that was read. ``size``, ``root`` and
    ``frontier`` are the log's after it; ``frontier`` joins the complete subtrees' roots, those of
    fewer leaves first. ``founding`` is JSON; empty until its event was read.
    """

    __tablename__ = "ledger"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    chain_id: int = int64()
    genesis_hash: bytes
    block_number: int = int64()
    block_hash: bytes
    size: int = int64()
    root: bytes
    frontier: bytes
    founding: bytes


class ContractRow(Row, table=True):
    """A contract whose events are read."""

    __tablename__ = "contract"

    address: bytes = Field(primary_key=True)
    name: str


class AdmittedRow(Row, table=True):
    """A contract that may append to the log, whether its events are read or not."""

    __tablename__ = "admitted"

    address: bytes = Field(primary_key=True)
    block_number: int = int64()
    name: str


class EntryRow(Row, table=True):
    """One leaf of the log. ``signers``, ``subjects`` and ``previous`` are joined (20, 32 and 32
    bytes each); ``packed`` is the entry as it travelled. Entries with one ``digest`` are the same
    words, signed by several."""

    __tablename__ = "entry"

    sequence: int = entry_key()
    block_number: int = int64()
    recorded_at: int = int64()
    transaction_hash: bytes
    contract: bytes
    action: int = int16()
    author: bytes
    signers: bytes
    late: bool
    digest: bytes = Field(index=True)
    subjects: bytes
    previous: bytes
    leaf: bytes
    packed: bytes


class LogNodeRow(Row, table=True):
    """The root of a complete subtree of the log: of the leaves from ``number`` << ``level`` on,
    2**level of them. Kept at every fourth level above the leaves, which are in the entries."""

    __tablename__ = "log_node"
    __table_args__ = (KEYED,)

    level: int = Field(primary_key=True, sa_type=SmallInteger)
    number: int = entry_key()
    hash: bytes


class SubjectRow(Row, table=True):
    """An entry moved the chain of a subject."""

    __tablename__ = "subject_entry"
    __table_args__ = (KEYED,)

    subject: bytes = Field(primary_key=True)
    sequence: int = entry_key()


class HeadRow(Row, table=True):
    """The last leaf of a subject's chain."""

    __tablename__ = "head"
    __table_args__ = (KEYED,)

    subject: bytes = Field(primary_key=True)
    leaf: bytes


class MarkRow(Row, table=True):
    """An entry states a document or a number for a qualification, or of a report on a lot
    (:func:`ledger.history.marks`; a report's kind is the standard)."""

    __tablename__ = "mark"
    __table_args__ = (KEYED,)

    mark: bytes = Field(primary_key=True)
    sequence: int = entry_key()


class NonceRow(Row, table=True):
    """The lowest nonce above all that the account used in the contract."""

    __tablename__ = "nonce"
    __table_args__ = (KEYED,)

    contract: bytes = Field(primary_key=True)
    account: bytes = Field(primary_key=True)
    next: int = int64()


class AccountRow(Row, table=True):
    """An account; ``state`` is an :class:`~ledger.vocabulary.AccountState`."""

    __tablename__ = "account"
    __table_args__ = (KEYED,)

    address: bytes = Field(primary_key=True)
    organisation: bytes = Field(index=True)
    roles: int
    state: int = int16()


class OrganisationRow(Row, table=True):
    """An organisation; ``sequence`` is the entry that made it, -1 for the first authority."""

    __tablename__ = "organisation"

    id: bytes = Field(primary_key=True)
    sequence: int = int64(unique=True)
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    roles: int
    division: int = int64()
    status: int = int16()


class PublicationRow(Row, table=True):
    """A publication of a register that a mirror recorded."""

    __tablename__ = "publication"

    id: bytes = Field(primary_key=True)
    sequence: int = int64(unique=True)
    author: bytes
    register_name: str
    published: int = int64()
    document: bytes
    rows_root: bytes
    title: str


class QualificationRow(Row, table=True):
    """A qualification with the terms and the state that its last entry gave it.

    ``author`` is the organisation that signed the entry that made it. ``register_name`` is empty
    and ``withdrawn_from`` 0 unless it is mirrored; the latter is what the register says then.
    """

    __tablename__ = "qualification"
    __table_args__ = (Index(None, "holder", "sequence"), Index(None, "register_name", "sequence"))

    id: bytes = Field(primary_key=True)
    sequence: int = int64(unique=True)
    holder: bytes
    author: bytes
    register_name: str
    category: str
    model: str
    kind: str
    number: str
    document: bytes
    valid_from: int = int64()
    valid_until: int = int64()
    withdrawn_from: int = int64()
    way: int = int16()
    state: int = int16()


class CategoryRow(Row, table=True):
    """A category as its last entry, ``sequence``, has it."""

    __tablename__ = "category"

    category: str = Field(primary_key=True)
    sequence: int = int64()
    parent: str
    name_zh: str
    name_en: str
    unit: str
    codes: str
    raw_material: bool


class CapacityRow(Row, table=True):
    """A capacity of an organisation as ``author`` stated it; ``document`` is the row's hash where
    a register says it, and ``register_name`` is empty where none does."""

    __tablename__ = "capacity"
    __table_args__ = (Index(None, "register_name", "sequence"),)

    sequence: int = entry_key()
    organisation: bytes
    author: bytes
    register_name: str
    document: bytes


class TermRow(Row, table=True):
    """A text by which an organisation is found, or how one is spelt
    (:mod:`ledger.index.terms`); ``key`` is the keccak-256 of ``text``."""

    __tablename__ = "search_term"
    __table_args__ = (KEYED,)

    organisation: bytes = Field(primary_key=True)
    field: int = Field(primary_key=True, sa_type=SmallInteger)
    key: bytes = Field(primary_key=True, index=True)
    text: str


class RefusalRow(Row, table=True):
    """A contract refused an entry. ``reason`` is the ABI-encoded error, ``error`` its name."""

    __tablename__ = "refusal"

    transaction_hash: bytes = Field(primary_key=True)
    log_index: int = Field(primary_key=True)
    block_number: int = int64()
    contract: bytes
    position: int
    digest: bytes = Field(index=True)
    error: str
    reason: bytes


#: Every table of the projection, in an order that suits reading.
PROJECTION: Final[tuple[type[Row], ...]] = (
    LedgerRow,
    ContractRow,
    AdmittedRow,
    EntryRow,
    LogNodeRow,
    SubjectRow,
    HeadRow,
    MarkRow,
    NonceRow,
    AccountRow,
    OrganisationRow,
    PublicationRow,
    QualificationRow,
    CategoryRow,
    CapacityRow,
    TermRow,
    RefusalRow,
    *BATCH_TABLES,
)
