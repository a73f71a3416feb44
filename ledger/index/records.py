"""What the index tells of the ledger's organisations, accounts and qualifications.

Each record is how things stand after the last entry that was read. How they came about, and how
they stood at another time, is in the entries (:mod:`ledger.gathering`).
"""

from dataclasses import dataclass

from ledger.index.terms import TermField
from ledger.vocabulary import AccountState, OrganisationStatus, QualificationState, Role, Way


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """``sequence`` is the entry that made it, -1 for the first authority."""

    id: bytes
    sequence: int
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    roles: Role
    division: int
    status: OrganisationStatus


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account; what it may do is what ``roles`` and its organisation's have in common."""

    address: bytes
    organisation: bytes
    roles: Role
    state: AccountState


@dataclass(frozen=True, slots=True)
class QualificationRecord:
    """``state`` is the stored one: time comes on top of it. ``register`` (``register:…``) is empty
    and ``withdrawn_from`` 0 unless it is mirrored. Dates as in :mod:`ledger.vocabulary`."""

    id: bytes
    sequence: int
    holder: bytes
    author: bytes
    register: str
    category: str
    model: str
    kind: str
    number: str
    document: bytes
    valid_from: int
    valid_until: int
    withdrawn_from: int
    way: Way
    state: QualificationState


@dataclass(frozen=True, slots=True)
class PublicationRecord:
    """A publication of a register as a mirror recorded it; times in seconds, UTC."""

    id: bytes
    sequence: int
    author: bytes
    register: str
    published: int
    document: bytes
    rows_root: bytes
    title: str


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A category as its last entry, ``sequence``, has it; ``parent`` may be empty."""

    category: str
    sequence: int
    parent: str
    name_zh: str
    name_en: str
    unit: str
    codes: str
    raw_material: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """An organisation that was searched for, and by which of its texts it was found: in the form
    in which texts are compared, None where every organisation was asked for."""

    organisation: OrganisationRecord
    field: TermField | None
    text: str


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits, the best first; ``following`` asks for the next page, None at the end."""

    hits: tuple[Hit, ...]
    following: str | None
