"""Writing the projection: final entries in, rows out; all of a range or nothing.

Rules this module keeps:

* The rows follow from the entries alone, whatever ranges these came in: two databases that read
  the same blocks have the same :func:`digest`.
* It trusts its caller (:mod:`ledger.indexing`) that the entries are what the chain recorded, and
  decides nothing that the contracts did not decide before.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, delete, select
from sqlmodel import Session

from ledger.hashing import keccak
from ledger.history import marks
from ledger.index import statements
from ledger.index import tables as t
from ledger.index.base import Row, table_of
from ledger.index.batch_rows import BATCH_CONTRACTS, BatchReading
from ledger.index.database import Database
from ledger.index.statements import Values
from ledger.index.terms import TermField, terms
from ledger.merkle import Frontier
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import organisation_id, publication_id
from ledger.vocabulary import AccountState, OrganisationStatus, QualificationState, Role, Way

#: Nonces from here on are for those who choose their own: they are never handed out.
OWN_NONCES: Final = 1 << 62

_CHUNK: Final = 1000
_HEADS: Final = 'SELECT subject, leaf FROM "head" WHERE subject'
_OWNERS: Final = 'SELECT address, organisation FROM "account" WHERE address'
_Values = dict[str, Any]

_WAYS: Final = {
    "IssueQualification": (Way.ISSUED, QualificationState.IN_FORCE),
    "SubmitQualification": (Way.REVIEWED, QualificationState.SUBMITTED),
    "WaiveQualification": (Way.WAIVED, QualificationState.IN_FORCE),
    "MirrorQualification": (Way.MIRRORED, QualificationState.IN_FORCE),
}
_STATES: Final = {
    "VerifyQualification": QualificationState.VERIFIED,
    "EditQualification": QualificationState.EDITED,
    "PublishQualification": QualificationState.IN_FORCE,
    "RefuseQualification": QualificationState.REFUSED,
    "DelistQualification": QualificationState.DELISTED,
    "RestrictQualification": QualificationState.RESTRICTED,
    "SuspendQualification": QualificationState.SUSPENDED,
    "ReinstateQualification": QualificationState.IN_FORCE,
    "WithdrawQualification": QualificationState.WITHDRAWN,
    "SupersedeQualification": QualificationState.SUPERSEDED,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A contract refused the entry at ``position`` of its batch; ``error`` is the name of the
    ABI-encoded ``reason``. The digest may be refused again, and may be recorded yet."""

    transaction_hash: bytes
    log_index: int
    block_number: int
    contract: bytes
    position: int
    digest: bytes
    error: str
    reason: bytes


@dataclass(frozen=True, slots=True)
class Position:
    """How far the index has read: the last block, and the log's size and root after it."""

    block_number: int
    block_hash: bytes
    size: int
    root: bytes


@dataclass(frozen=True)
class State:
    """How far a ledger was read: the last block, the log after it, and who founded the ledger."""

    chain_id: int
    genesis_hash: bytes
    block_number: int
    block_hash: bytes
    frontier: Frontier
    founding: Founding | None
    contracts: Mapping[bytes, str]

    @property
    def position(self) -> Position:
        frontier = self.frontier
        return Position(self.block_number, self.block_hash, frontier.size, frontier.root())


@dataclass
class Range:
    """What some blocks brought, in the order of the ledger: entries with their packed form, and
    contracts with the block and the name that they were admitted in and by."""

    entries: list[tuple[RecordedEntry, bytes]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    admitted: list[tuple[bytes, int, str]] = field(default_factory=list)
    founding: Founding | None = None


def load_state(database: Database) -> State | None:
    """Where reading stands; None in a database that has read nothing yet."""
    with database.read() as session:
        return state_in(session)


def start(database: Database, state: State) -> State:
    """Make the database this ledger's, unless another was faster; the state that it has now."""
    with database.write() as session:
        found = state_in(session)
        if found is None:
            _save_state(session, state)
        return found or state


def write(database: Database, before: State, found: Range, after: State) -> State | None:
    """Write all rows that follow from the range, and the state after it, in one transaction.

    Gives the state that the database has then. Where that was not ``before`` any more, because
    another reader was faster, nothing is written; None if the projection was dropped.
    """
    with database.write() as session:
        known = state_in(session)
        if known is None or known.block_hash != before.block_hash:
            return known
        _apply(session, found)
        statements.insert(session.connection(), t.LogNodeRow, after.frontier.completed)
        _save_state(session, after)
    return after


def drop(database: Database) -> None:
    """Drop every row of the projection."""
    with database.write() as session:
        for row in t.PROJECTION:
            session.connection().execute(delete(table_of(row)))


@dataclass(frozen=True, slots=True)
class Known:
    """What a range is checked against: the last leaf of each subject and the organisation of each
    account, as far as there is one, and the name by which each contract was admitted."""

    heads: dict[bytes, bytes]
    organisations: dict[bytes, bytes]
    admitted: dict[bytes, str]


def known(
    database: Database, state: State, subjects: Collection[bytes], accounts: Collection[bytes]
) -> Known | None:
    """What is known of these in the state; None where the database has gone on from it."""
    with database.read() as session:
        now = state_in(session)
        if now is None or now.block_hash != state.block_hash:
            return None
        connection = session.connection()
        contracts = connection.execute(select(table_of(t.AdmittedRow)))
        return Known(
            dict(statements.among(connection, _HEADS, subjects)),
            dict(statements.among(connection, _OWNERS, accounts)),
            {row.address: row.name for row in contracts},
        )


def digest(database: Database) -> bytes:
    """A hash over every row of the projection, the same on every database engine."""
    parts = []
    with database.read() as session:
        for row in sorted(t.PROJECTION, key=lambda r: str(r.__tablename__)):
            table = table_of(row)
            query = select(table).order_by(*table.primary_key.columns)
            rows = session.connection().execution_options(yield_per=_CHUNK).execute(query)
            whole = keccak(b"")
            for values in rows:
                whole = keccak(whole + b"".join(_canonical(v) for v in values))
            parts.append(keccak(table.name.encode()) + whole)
    return keccak(b"".join(parts))


def _canonical(value: object) -> bytes:
    """A value with its kind and length, so that no two rows read the same."""
    if isinstance(value, bytes | memoryview):
        kind, raw = b"b", bytes(value)
    elif isinstance(value, str):
        kind, raw = b"s", value.encode()
    else:
        assert isinstance(value, int)
        kind, raw = b"i", str(int(value)).encode()
    return kind + len(raw).to_bytes(4, "big") + raw


# ------------------------------------------------------------------------------------ state


def state_in(session: Session) -> State | None:
    """Where reading stands, as this session sees it."""
    row = session.get(t.LedgerRow, 1)
    if row is None:
        return None
    contracts = session.connection().execute(select(table_of(t.ContractRow)))
    levels = [level for level in range(64) if row.size >> level & 1]
    nodes = {level: row.frontier[32 * i : 32 * i + 32] for i, level in enumerate(levels)}
    return State(
        row.chain_id,
        row.genesis_hash,
        row.block_number,
        row.block_hash,
        Frontier(row.size, nodes),
        _founding(row.founding),
        {contract.address: contract.name for contract in contracts},
    )


def _save_state(session: Session, state: State) -> None:
    frontier = state.frontier
    values = {
        "id": 1,
        "chain_id": state.chain_id,
        "genesis_hash": state.genesis_hash,
        "block_number": state.block_number,
        "block_hash": state.block_hash,
        "size": frontier.size,
        "root": frontier.root(),
        "frontier": b"".join(frontier.nodes[level] for level in sorted(frontier.nodes)),
        "founding": _founding_bytes(state.founding),
    }
    _upsert(session, t.LedgerRow, [values])
    rows = [{"address": a, "name": n} for a, n in state.contracts.items()]
    _upsert(session, t.ContractRow, rows)


# ------------------------------------------------------------------------------------- rows


def _apply(session: Session, found: Range) -> None:
    connection = session.connection()
    entries = [e for e, _ in found.entries]
    statements.insert(
        connection, t.EntryRow, [_entry_row(e, packed) for e, packed in found.entries]
    )
    # In the order of the keys: neighbours in the tree are then written together.
    moved = sorted({(s, e.sequence) for e in entries for s in e.subjects})
    statements.insert(connection, t.SubjectRow, moved)
    last = {subject: e.leaf for e in entries for subject in e.subjects}
    statements.upsert(connection, t.HeadRow, sorted(last.items()))
    _write_nonces(connection, entries)
    of_batches = [e for e in entries if e.contract in BATCH_CONTRACTS]
    others = [e for e in entries if e.contract not in BATCH_CONTRACTS]
    reading, batches = _Reading(session, others), BatchReading(connection, of_batches)
    if found.founding is not None:
        reading.found(found.founding)
    for e in others:
        reading.read(e)
    for e in of_batches:
        batches.read(e)
    reading.write(session)
    batches.write(connection)
    _insert(session, t.RefusalRow, [_refusal_values(r) for r in found.refusals])
    statements.insert(connection, t.AdmittedRow, found.admitted)


def _entry_row(e: RecordedEntry, packed: bytes) -> Values:
    return (
        e.sequence,
        e.block_number,
        e.recorded_at,
        e.transaction_hash,
        e.address,
        e.entry.action.number,
        e.author,
        b"".join(e.signers),
        e.late,
        e.digest,
        b"".join(e.subjects),
        b"".join(e.previous),
        e.leaf,
        packed,
    )


def _refusal_values(r: Refusal) -> _Values:
    return {
        "transaction_hash": r.transaction_hash,
        "log_index": r.log_index,
        "block_number": r.block_number,
        "contract": r.contract,
        "position": r.position,
        "digest": r.digest,
        "error": r.error,
        "reason": r.reason,
    }


def _write_nonces(connection: Connection, entries: Sequence[RecordedEntry]) -> None:
    following: dict[tuple[bytes, bytes], int] = {}
    for e in entries:
        nonce: Any = e.entry.values["nonce"]
        if nonce < OWN_NONCES:
            for signer in e.signers:
                spot = (e.address, signer)
                if nonce >= following.get(spot, 0):
                    following[spot] = nonce + 1
    statements.upsert(
        connection,
        t.NonceRow,
        [(*spot, nonce) for spot, nonce in following.items()],
        '"next" = CASE WHEN excluded."next" > nonce."next" '
        'THEN excluded."next" ELSE nonce."next" END',
    )


class _Reading:
    """The rows that change: what the entries need is loaded first, at once, and written last."""

    def __init__(self, session: Session, entries: Sequence[RecordedEntry]) -> None:
        changed = [e for e in entries if e.action == "ChangeOrganisation"]
        self.organisations = _load(session, t.OrganisationRow, _named(changed, "organisation"))
        addresses = {e.signers[0] for e in entries if e.action == "DisableAccount"}
        self.accounts = _load(session, t.AccountRow, addresses | _named(entries, "account"))
        self.known = _load(session, t.PublicationRow, _named(entries, "publication"))
        self.publications: dict[bytes, _Values] = {}
        self.qualifications = _load(session, t.QualificationRow, _named(entries, "qualification"))
        self.categories: dict[str, _Values] = {}
        self.capacities: list[_Values] = []
        self.marks: list[_Values] = []
        self.terms: dict[tuple[bytes, int, bytes], _Values] = {}

    def write(self, session: Session) -> None:
        _upsert(session, t.OrganisationRow, list(self.organisations.values()))
        _upsert(session, t.AccountRow, list(self.accounts.values()))
        _insert(session, t.PublicationRow, list(self.publications.values()))
        _upsert(session, t.QualificationRow, list(self.qualifications.values()))
        _upsert(session, t.CategoryRow, list(self.categories.values()))
        _insert(session, t.CapacityRow, self.capacities)
        _insert(session, t.MarkRow, self.marks)
        _upsert(session, t.TermRow, list(self.terms.values()))

    def found(self, founding: Founding) -> None:
        self._organisation(
            -1,
            founding.identifier_kind,
            founding.identifier,
            founding.name_zh,
            founding.name_en,
            OrganisationStatus.ACTIVE,
            int(Role.AUTHORITY),
            0,
        )
        for address in founding.accounts:
            self._account(address, founding.organisation, int(Role.AUTHORITY))

    def read(self, e: RecordedEntry) -> None:
        values: Mapping[str, Any] = e.entry.values
        match e.action:
            case "RegisterOrganisation" | "ListOrganisation":
                registered = e.action == "RegisterOrganisation"
                self._organisation(
                    e.sequence,
                    values["identifierKind"],
                    values["identifier"],
                    values["nameZh"],
                    values["nameEn"],
                    OrganisationStatus.ACTIVE if registered else OrganisationStatus.LISTED,
                    values["roles"] if registered else 0,
                    values["division"] if registered else 0,
                )
            case "ChangeOrganisation":
                self.organisations[values["organisation"]].update(
                    status=values["status"], roles=values["roles"], division=values["division"]
                )
            case "AddAccount":
                self._account(values["account"], values["organisation"], values["roles"])
            case "RemoveAccount":
                self.accounts[values["account"]]["state"] = int(AccountState.REMOVED)
            case "DisableAccount":
                self.accounts[e.signers[0]]["state"] = int(AccountState.DISABLED)
            case "DeclareCompromised":
                self.accounts[values["account"]]["state"] = int(AccountState.COMPROMISED)
            case "RecordPublication":
                self._publication(e, values)
            case "SetCategory":
                self.categories[values["category"]] = {
                    "category": values["category"],
                    "sequence": e.sequence,
                    "parent": values["parent"],
                    "name_zh": values["nameZh"],
                    "name_en": values["nameEn"],
                    "unit": values["unit"],
                    "codes": values["codes"],
                    "raw_material": values["rawMaterial"],
                }
            case "StateCapacity":
                self._capacity(e, values)
            case action if action in _WAYS:
                self._qualification(e, values)
            case action if action in _STATES:
                self._change(e, values)
            case _:  # nothing that is looked up but by its subject
                pass

    def _organisation(
        self,
        sequence: int,
        identifier_kind: str,
        identifier: str,
        name_zh: str,
        name_en: str,
        status: int,
        roles: int,
        division: int,
    ) -> None:
        made = organisation_id(identifier_kind, identifier)
        self.organisations[made] = {
            "id": made,
            "sequence": sequence,
            "identifier_kind": identifier_kind,
            "identifier": identifier,
            "name_zh": name_zh,
            "name_en": name_en,
            "roles": roles,
            "division": division,
            "status": int(status),
        }
        self._terms(
            made,
            {
                TermField.IDENTIFIER: identifier,
                TermField.NAME_ZH: name_zh,
                TermField.NAME_EN: name_en,
            },
        )

    def _account(self, address: bytes, organisation: bytes, roles: int) -> None:
        self.accounts[address] = {
            "address": address,
            "organisation": organisation,
            "roles": roles,
            "state": int(AccountState.LIVE),
        }

    def _publication(self, e: RecordedEntry, values: Mapping[str, Any]) -> None:
        made = publication_id(e.author, e.digest)
        self.publications[made] = {
            "id": made,
            "sequence": e.sequence,
            "author": e.author,
            "register_name": values["register"],
            "published": values["published"],
            "document": values["document"],
            "rows_root": values["rowsRoot"],
            "title": values["title"],
        }

    def _qualification(self, e: RecordedEntry, values: Mapping[str, Any]) -> None:
        way, state = _WAYS[e.action]
        register = ""
        if way is Way.MIRRORED:
            register = self._register(values["publication"])
            if values["withdrawnFrom"]:
                state = QualificationState.WITHDRAWN
        made = e.subjects[0]
        number = values.get("number", "")  # a waiver has none
        self.qualifications[made] = {
            "id": made,
            "sequence": e.sequence,
            "holder": values.get("holder", e.author),
            "author": e.author,
            "register_name": register,
            "category": values["category"],
            "model": values["model"],
            "kind": values["kind"],
            "number": number,
            "document": values["document"],
            "valid_from": values["validFrom"],
            "valid_until": values["validUntil"],
            "withdrawn_from": values.get("withdrawnFrom", 0),
            "way": int(way),
            "state": int(state),
        }
        self._terms(
            self.qualifications[made]["holder"],
            {TermField.NUMBER: number, TermField.MODEL: values["model"]},
        )
        self._marks(e.sequence, values["kind"], values["document"], number)

    def _capacity(self, e: RecordedEntry, values: Mapping[str, Any]) -> None:
        publication = values["publication"]
        self.capacities.append(
            {
                "sequence": e.sequence,
                "organisation": values["organisation"],
                "author": e.author,
                "register_name": self._register(publication) if any(publication) else "",
                "document": values["document"],
            }
        )

    def _register(self, publication: bytes) -> str:
        row = self.publications.get(publication) or self.known[publication]
        return str(row["register_name"])

    def _change(self, e: RecordedEntry, values: Mapping[str, Any]) -> None:
        row = self.qualifications[values["qualification"]]
        row["state"] = int(_STATES[e.action])
        if e.action == "EditQualification":
            row.update(
                number=values["number"],
                document=values["document"],
                valid_from=values["validFrom"],
                valid_until=values["validUntil"],
            )
            self._terms(row["holder"], {TermField.NUMBER: values["number"]})
            self._marks(e.sequence, row["kind"], values["document"], values["number"])

    def _marks(self, sequence: int, kind: str, document: bytes, number: str) -> None:
        # Whoever chooses the document can choose the number's hash for it.
        for value in {mark.value for mark in marks(kind, document, number)}:
            self.marks.append({"mark": value, "sequence": sequence})

    def _terms(self, organisation: bytes, texts: dict[TermField, str]) -> None:
        for row in terms(organisation, texts):
            self.terms[organisation, row["field"], row["key"]] = row


def _named(entries: Iterable[RecordedEntry], member: str) -> set[bytes]:
    """The ids that stand in this field of the entries."""
    found = (e.entry.values.get(member) for e in entries)
    return {value for value in found if isinstance(value, bytes)}


# ------------------------------------------------------------------------------- the founding


def _founding_bytes(founding: Founding | None) -> bytes:
    if founding is None:
        return b""
    content = {
        "organisation": founding.organisation.hex(),
        "identifierKind": founding.identifier_kind,
        "identifier": founding.identifier,
        "nameZh": founding.name_zh,
        "nameEn": founding.name_en,
        "accounts": [a.hex() for a in founding.accounts],
        "quorum": founding.quorum,
        "maxLateness": founding.max_lateness,
        "foundedAt": founding.founded_at,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _founding(raw: bytes) -> Founding | None:
    if not raw:
        return None
    content = json.loads(raw)
    return Founding(
        bytes.fromhex(content["organisation"]),
        content["identifierKind"],
        content["identifier"],
        content["nameZh"],
        content["nameEn"],
        tuple(bytes.fromhex(a) for a in content["accounts"]),
        content["quorum"],
        content["maxLateness"],
        content["foundedAt"],
    )


# -------------------------------------------------------------------------------- statements


def _load(session: Session, row: type[Row], keys: Iterable[bytes]) -> dict[bytes, _Values]:
    """The rows with these primary keys, by key."""
    table = table_of(row)
    (key,) = table.primary_key.columns
    wanted = sorted(set(keys))
    found: dict[bytes, _Values] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(table).where(key.in_(wanted[start : start + _CHUNK]))
        for values in session.connection().execute(query).mappings():
            found[values[key.name]] = dict(values)
    return found


def _insert(session: Session, row: type[Row], rows: Sequence[_Values]) -> None:
    statements.insert(session.connection(), row, _tuples(row, rows))


def _upsert(session: Session, row: type[Row], rows: Sequence[_Values]) -> None:
    statements.upsert(session.connection(), row, _tuples(row, rows))


def _tuples(row: type[Row], rows: Sequence[_Values]) -> list[Values]:
    values = itemgetter(*(c.name for c in table_of(row).columns))
    return [values(r) for r in rows]
