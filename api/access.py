"""Who may do and see what: scopes of a token, and one function over everything that is shown.

Rules this module keeps:

* A token belongs to an organisation and a person, plays one role and has some of its scopes.
* :func:`may_see` alone answers whether a caller may see a thing; every query asks it.
* What a caller may not see is answered as if it did not exist, so that nothing leaks by asking.
* An operator's token reads no supplier and no verdict. It makes tokens, though: whoever holds it
  can make one that reads, for an organisation that has the role on the ledger, and that is in the
  access log, which auditors read.
* A batch is seen by its *parties*: who made it, has or had any of it, or made something of it, and
  with it everything that it was made of. Buyers and who judges others see every batch they can
  name, with who made what of what, but where it went only as far as they are a party to that.
* Where a batch went is seen whole by auditors, by whoever may recall anything (the authority and
  who is accredited for oversight), and by its maker, who owes its recall.
* Of a list or a trace, what may not be seen is left out and counted (``api.batches``).
* From evidence nothing can be left out: it is given to who may see every entry in it
  (``api.evidence``). There the acts about who takes part and by which rules count as seen by
  everybody who reads the ledger, for nothing is proved without them.
* Public, without a token: that a batch is on the ledger, who made it, and whether it is recalled.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias


class Scope(StrEnum):
    """What a token may do; the word before the colon is the resource."""

    SUPPLIERS_READ = "suppliers:read"
    VERDICTS_READ = "verdicts:read"
    VERDICTS_WRITE = "verdicts:write"
    BATCHES_READ = "batches:read"
    ENTRIES_READ = "entries:read"
    ENTRIES_WRITE = "entries:write"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    TOKENS_ADMIN = "tokens:admin"
    OPERATIONS_READ = "operations:read"
    AUDIT_READ = "audit:read"


class CallerRole(StrEnum):
    """As whom a token is used.

    PROCUREMENT buys and asks for verdicts. AUDITOR reads everything on the ledger and all
    verdicts. OPERATOR runs the service. SUPPLIER sees itself, and the goods that it makes or keeps:
    a supplier or a store. ISSUER stands for all who state or judge something of others: issuers,
    laboratories, reviewers, mirrors and the authority.

    A token is only made for an organisation that is this on the ledger; an operator's may be any
    that is registered. What the organisation loses there later is not taken from its tokens: they
    are revoked, or expire.
    """

    PROCUREMENT = "procurement"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SUPPLIER = "supplier"
    ISSUER = "issuer"


_SIGNING: Final = frozenset(
    {
        Scope.SUPPLIERS_READ,
        Scope.BATCHES_READ,
        Scope.ENTRIES_READ,
        Scope.ENTRIES_WRITE,
        Scope.DOCUMENTS_READ,
        Scope.DOCUMENTS_WRITE,
    }
)

#: The scopes that a token of a role has, and beyond which none can be given to it.
SCOPES_OF: Final[Mapping[CallerRole, frozenset[Scope]]] = {
    CallerRole.PROCUREMENT: _SIGNING | {Scope.VERDICTS_READ, Scope.VERDICTS_WRITE},
    CallerRole.AUDITOR: _SIGNING | {Scope.VERDICTS_READ, Scope.VERDICTS_WRITE, Scope.AUDIT_READ},
    CallerRole.OPERATOR: frozenset({Scope.TOKENS_ADMIN, Scope.OPERATIONS_READ}),
    CallerRole.SUPPLIER: _SIGNING,
    CallerRole.ISSUER: _SIGNING,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the token's id, its organisation (20 bytes), the person, role and scopes."""

    token: str
    organisation: bytes
    person: str
    role: CallerRole
    scopes: frozenset[Scope]


class Visibility(StrEnum):
    """Who else than its owner may read a document.

    PRIVATE: auditors. PARTIES: also the holders and authors of entries that cite it and are by
    or about its owner, and who judges these. LEDGER: everyone with a token that reads documents.
    """

    PRIVATE = "private"
    PARTIES = "parties"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class SupplierRecord:
    """An organisation with its qualifications; ``firm`` are the records that are one with it."""

    organisation: bytes
    firm: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class QualificationRecord:
    """A qualification with its holder and whoever stated it."""

    holder: bytes
    author: bytes


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A qualification in review: its holder, and who judges what others submit."""

    holder: bytes
    judges: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict, by the organisations that asked for it."""

    askers: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """An entry under way or recorded: whose account signed it first, whom it is about, and who
    handed it in here. ``custody``: it tells where goods went, and so is no more public than that.
    ``common``: as part of evidence, it says who takes part, or by which rules.
    """

    author: bytes | None
    about: frozenset[bytes]
    recorded: bool
    senders: frozenset[bytes] = frozenset()
    custody: bool = False
    common: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document with its owners, the parties to the entries of theirs that cite it, and the
    organisations that judge such entries."""

    owners: frozenset[bytes]
    visibility: Visibility
    parties: frozenset[bytes]
    judges: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch. ``parties`` made it, have or had any of it, or did so with something made of it;
    ``firm`` are the records that are one with the caller's."""

    parties: frozenset[bytes]
    firm: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class CustodyRecord:
    """One act in a batch's custody, or what one custodian has of it. ``parties`` are those who deal
    with each other in it, and the batch's maker; ``firm`` as for batches. ``overseen``: the caller
    may recall any batch."""

    parties: frozenset[bytes]
    firm: frozenset[bytes] = frozenset()
    overseen: bool = False


Thing: TypeAlias = (
    SupplierRecord
    | QualificationRecord
    | ReviewRecord
    | StoredVerdict
    | EntryRecord
    | DocumentRecord
    | BatchRecord
    | CustodyRecord
)


def may_see(caller: Caller, thing: Thing) -> bool:
    """Whether the caller may see the thing at all."""
    own, role = caller.organisation, caller.role
    if role is CallerRole.OPERATOR:
        return False
    if role is CallerRole.AUDITOR:
        return True
    reads_ledger = role in (CallerRole.PROCUREMENT, CallerRole.ISSUER)
    match thing:
        case SupplierRecord():
            return reads_ledger or own == thing.organisation or own in thing.firm
        case QualificationRecord():
            return reads_ledger or own in (thing.holder, thing.author)
        case ReviewRecord():
            return own == thing.holder or (role is CallerRole.ISSUER and own in thing.judges)
        case StoredVerdict():
            return own in thing.askers
        case EntryRecord():
            if own == thing.author or own in thing.about or own in thing.senders:
                return True
            if thing.common:
                return thing.recorded
            return thing.recorded and reads_ledger and not thing.custody
        case BatchRecord():
            return reads_ledger or not thing.parties.isdisjoint({own, *thing.firm})
        case CustodyRecord():
            if thing.overseen and role is CallerRole.ISSUER:
                return True
            return not thing.parties.isdisjoint({own, *thing.firm})
        case DocumentRecord():
            if own in thing.owners or thing.visibility is Visibility.LEDGER:
                return True
            if thing.visibility is Visibility.PRIVATE:
                return False
            return own in thing.parties or (role is CallerRole.ISSUER and own in thing.judges)
