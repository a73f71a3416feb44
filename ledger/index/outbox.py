"""The outbox: accepted entries and the transactions that carry them, in the database.

Every method is one transaction, whole or not at all. Which steps are taken when is decided in
:mod:`ledger.submission`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlmodel import Session

from ledger.hashing import keccak
from ledger.index.database import Database
from ledger.index.idempotency import Answer, Once, recall, remember
from ledger.index.service_tables import ENTRIES, NONCES, TRANSACTIONS
from ledger.signing import recover

EntryState: TypeAlias = Literal["queued", "signed", "sent", "mined", "final", "refused"]
TransactionState: TypeAlias = Literal["signed", "sent", "mined", "final", "reverted", "replaced"]

#: States of a transaction of which the end is not known yet.
OPEN: Final = ("signed", "sent", "mined")

#: Of several forms of one message, the one that got furthest tells its state.
_RANK: Final = {"final": 3, "carried": 2, "queued": 1, "refused": 0}
_CHUNK: Final = 500


class QueueFullError(Exception):
    """There is no room for that many entries more; nothing was accepted."""

    def __init__(self, queued: int) -> None:
        super().__init__(f"{queued} entries are waiting")
        self.queued = queued


#: Two accounts may sign the same words: an entry is its digest and the account that signed first.
Signed = tuple[bytes, bytes]


def signed_by(digest: bytes, packed: bytes) -> bytes:
    """The account of the first signature of an entry as it travels."""
    return recover(digest, packed[2:66])


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be accepted, as it travels; ``signer`` is the account that signed first,
    ``receipt`` the service's signature over its promise."""

    digest: bytes
    signer: bytes
    contract: str
    packed: bytes
    deadline: int
    nonce: int
    receipt: bytes | None = None


@dataclass(frozen=True, slots=True)
class RefusedBecause:
    """The contract's error: its name and values (bytes as 0x hex)."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """Where an accepted entry stands. ``transaction`` is the hash of the one that carries or
    recorded it, ``sent_at`` its first sending, ``sequence`` the entry's leaf once final."""

    id: int
    digest: bytes
    contract: str
    packed: bytes
    deadline: int
    accepted_at: float
    state: EntryState
    transaction: bytes | None
    sent_at: float | None
    block: int | None
    sequence: int | None
    refusal: RefusedBecause | None
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that is queued or carried, with how many may travel together with it at most."""

    id: int
    digest: bytes
    contract: str
    packed: bytes
    batch_limit: int


@dataclass(frozen=True, slots=True)
class OutboxTransaction:
    """A transaction of the relayer whose end is not known yet."""

    id: int
    nonce: int
    hash: bytes
    contract: str
    raw: bytes
    state: TransactionState
    doubted: bool
    signed_at: float
    last_sent: float | None
    block: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that go into one transaction, in order, and how its bytes are made for a nonce."""

    contract: str
    entries: tuple[int, ...]
    sign: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction and, by their ids, of its entries.

    ``recorded``: (entry, sequence) in this transaction; ``elsewhere``: the same, recorded by
    another. ``refused``: with the contract's reason. ``requeued``: (entry, batch limit).
    ``doubt_later``: refusals in the transactions after it are not to be believed.
    """

    state: TransactionState
    block: int | None
    recorded: Sequence[tuple[int, int]] = ()
    elsewhere: Sequence[tuple[int, int]] = ()
    refused: Sequence[tuple[int, RefusedBecause]] = ()
    requeued: Sequence[tuple[int, int]] = ()
    doubt_later: bool = False


_NO_LIMIT: Final = 1 << 20


def _chunks(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


class Outbox:
    """See the module. ``queue_limit``: how many entries may wait before others are turned away."""

    def __init__(self, database: Database, *, queue_limit: int = 20_000) -> None:
        self._database = database
        self.queue_limit = queue_limit

    # -- entries -----------------------------------------------------------------------------

    def accept(
        self,
        entries: Sequence[NewEntry],
        *,
        now: float,
        organisation: bytes | None = None,
        token: int | None = None,
        once: Once | None = None,
        answer: Callable[[Mapping[Signed, OutboxEntry]], Answer] | None = None,
    ) -> dict[Signed, OutboxEntry]:
        """Queue what is new and what was refused before, and say where each entry stands.

        With ``once`` the answer made from that is written along (R1); a request that was answered
        before changes nothing. :class:`QueueFullError` if there is no room.
        """
        with self._database.write() as session:
            digests = list(dict.fromkeys(e.digest for e in entries))
            if once is not None and recall(session, once) is not None:
                return _states(session, digests, entries)
            known: dict[tuple[bytes, bytes], tuple[int, str]] = {}
            final: set[Signed] = set()
            for some in _chunks(digests):
                table = ENTRIES.c
                for row in session.execute(
                    select(
                        table.id, table.digest, table.packed_hash, table.packed, table.state
                    ).where(table.digest.in_(some))
                ):
                    known[row.digest, row.packed_hash] = (row.id, row.state)
                    if row.state == "final":
                        final.add((row.digest, signed_by(row.digest, row.packed)))
            new: dict[tuple[bytes, bytes], dict[str, Any]] = {}
            again: set[int] = set()
            for entry in entries:
                key = (entry.digest, keccak(entry.packed))
                if (entry.digest, entry.signer) in final or key in new:
                    continue
                if key in known:
                    if known[key][1] == "refused":
                        again.add(known[key][0])
                    continue
                new[key] = {
                    "digest": entry.digest,
                    "packed_hash": key[1],
                    "contract": entry.contract,
                    "packed": entry.packed,
                    "deadline": entry.deadline,
                    "state": "queued",
                    "batch_limit": _NO_LIMIT,
                    "accepted_at": now,
                    "organisation": organisation,
                    "token": token,
                    "receipt": entry.receipt,
                }
            if new or again:
                queued = _queue_length(session)
                if queued + len(new) + len(again) > self.queue_limit:
                    raise QueueFullError(queued)
            if new:
                session.execute(insert(ENTRIES), list(new.values()))
            _requeue(session, [(i, _NO_LIMIT) for i in again])
            found = _states(session, digests, entries)
            if once is not None and answer is not None:
                remember(session, once, answer(found), now)
            return found

    def entries(self, digests: Sequence[bytes]) -> dict[bytes, OutboxEntry]:
        """Where these entries stand; those that were never accepted here are left out. Where
        several signed the same words, the one that got furthest tells."""
        with self._database.read() as session:
            return {d: _entry(_furthest(rows)) for d, rows in _rows(session, digests).items()}

    def senders(self, digest: bytes) -> frozenset[bytes]:
        """The organisations that handed this entry in, in whatever form."""
        table = ENTRIES.c
        with self._database.read() as session:
            found = session.execute(select(table.organisation).where(table.digest == digest))
            return frozenset(bytes(row.organisation) for row in found if row.organisation)

    def under_way(self, contract: str, position: int) -> Iterator[bytes]:
        """The entries for this contract, packed, of which an index that read the ledger up to
        ``position`` knows nothing yet and that were not refused."""
        table = ENTRIES.c
        unread = or_(
            table.state.in_(("queued", "carried")),
            and_(table.state == "final", table.sequence >= position),
        )
        query = select(table.packed).where(table.contract == contract, unread)
        with self._database.read() as session:
            yield from session.execute(query).scalars()

    def queue_length(self) -> int:
        """How many entries wait to be put into a transaction."""
        with self._database.read() as session:
            return _queue_length(session)

    def queued(self, limit: int) -> list[Waiting]:
        """The entries that wait, in the order of their acceptance."""
        table = ENTRIES.c
        with self._database.read() as session:
            return _waiting(
                session,
                select(table.id, table.digest, table.contract, table.packed, table.batch_limit)
                .where(table.state == "queued")
                .order_by(table.id)
                .limit(limit),
            )

    # -- transactions ------------------------------------------------------------------------

    def sign(
        self, chain_id: int, sender: bytes, batches: Sequence[Batch], *, now: float
    ) -> list[OutboxTransaction]:
        """Give each batch the next nonce, have it signed, and keep its bytes and what it carries.

        If signing fails nothing has happened, and no nonce is missing (R4, R5).
        """
        with self._database.write() as session:
            first = _next_nonce(session, chain_id, sender)
            made = [
                _keep(session, chain_id, sender, first + i, batch, now)
                for i, batch in enumerate(batches)
            ]
            _set_next_nonce(session, chain_id, sender, first + len(made))
        return made

    def fill(self, chain_id: int, sender: bytes, nonce: int, batch: Batch, *, now: float) -> bytes:
        """The bytes of the transaction with this nonce, whatever became of it; where none is
        known (the database was set back) one is made."""
        table = TRANSACTIONS.c
        with self._database.write() as session:
            raw = session.execute(
                select(table.raw).where(
                    table.chain_id == chain_id, table.sender == sender, table.nonce == nonce
                )
            ).scalar()
            if raw is not None:
                return bytes(raw)
            return _keep(session, chain_id, sender, nonce, batch, now).raw

    def catch_up(self, chain_id: int, sender: bytes, mined: int) -> None:
        """The chain has mined so many of the sender's transactions: hand out no nonce below (a
        database that was restored from a backup does not know them all)."""
        with self._database.read() as session:
            if _next_nonce(session, chain_id, sender) >= mined:
                return
        with self._database.write() as session:
            following = max(mined, _next_nonce(session, chain_id, sender))
            _set_next_nonce(session, chain_id, sender, following)

    def open_transactions(self, chain_id: int, sender: bytes) -> list[OutboxTransaction]:
        """The transactions whose end is not known yet, by nonce."""
        table = TRANSACTIONS.c
        with self._database.read() as session:
            return [
                OutboxTransaction(*row)
                for row in session.execute(
                    select(
                        table.id,
                        table.nonce,
                        table.hash,
                        table.contract,
                        table.raw,
                        table.state,
                        table.doubted,
                        table.signed_at,
                        table.last_sent,
                        table.block,
                    )
                    .where(
                        table.state.in_(OPEN), table.chain_id == chain_id, table.sender == sender
                    )
                    .order_by(table.nonce)
                )
            ]

    def carried_by(self, transaction: int) -> list[Waiting]:
        """The entries of a transaction, in the order in which it carries them."""
        table = ENTRIES.c
        with self._database.read() as session:
            return _waiting(
                session,
                select(table.id, table.digest, table.contract, table.packed, table.batch_limit)
                .where(table.carrier == transaction, table.state == "carried")
                .order_by(table.position),
            )

    def mark_sent(self, transactions: Iterable[int], *, now: float) -> None:
        """They have been handed over (again); ``mined`` ones have lost their block."""
        table = TRANSACTIONS.c
        with self._database.write() as session:
            session.execute(
                update(TRANSACTIONS)
                .where(table.id.in_(list(transactions)))
                .values(
                    state="sent",
                    block=None,
                    last_sent=now,
                    first_sent=func.coalesce(table.first_sent, now),
                )
            )

    def mark_mined(self, transaction: int, block: int, *, now: float) -> None:
        """It is in a block that is not final yet, or of which not all is known yet."""
        table = TRANSACTIONS.c
        with self._database.write() as session:
            session.execute(
                update(TRANSACTIONS)
                .where(table.id == transaction)
                .values(state="mined", block=block, first_sent=func.coalesce(table.first_sent, now))
            )

    def settle(self, transaction: OutboxTransaction, outcome: Outcome, *, now: float) -> None:
        """Write what became of a transaction and of all its entries."""
        table = TRANSACTIONS.c
        with self._database.write() as session:
            session.execute(
                update(TRANSACTIONS)
                .where(table.id == transaction.id)
                .values(
                    state=outcome.state,
                    block=outcome.block,
                    first_sent=func.coalesce(table.first_sent, now),
                )
            )
            if outcome.doubt_later:
                mine = select(table.chain_id, table.sender).where(table.id == transaction.id)
                chain_id, sender = session.execute(mine).one()
                session.execute(
                    update(TRANSACTIONS)
                    .where(
                        table.chain_id == chain_id,
                        table.sender == sender,
                        table.nonce > transaction.nonce,
                        table.state.in_(OPEN),
                    )
                    .values(doubted=True)
                )
            _update_entries(session, {"state": "final"}, ["sequence"], outcome.recorded)
            _update_entries(
                session, {"state": "final", "carrier": None}, ["sequence"], outcome.elsewhere
            )
            _update_entries(
                session,
                {"state": "refused"},
                ["refusal"],
                [(key, _to_json(refused)) for key, refused in outcome.refused],
            )
            _requeue(session, outcome.requeued)


# ------------------------------------------------------------------------------------ within


def _queue_length(session: Session) -> int:
    query = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.state == "queued")
    return int(session.execute(query).scalar_one())


def _waiting(session: Session, query: Any) -> list[Waiting]:
    return [Waiting(*row) for row in session.execute(query)]


def _rows(session: Session, digests: Sequence[bytes]) -> dict[bytes, list[Any]]:
    entry, carrier = ENTRIES.c, TRANSACTIONS.c
    query = select(
        entry.id,
        entry.digest,
        entry.contract,
        entry.packed,
        entry.deadline,
        entry.accepted_at,
        entry.state,
        entry.sequence,
        entry.refusal,
        entry.receipt,
        carrier.state.label("carrier_state"),
        carrier.hash,
        carrier.first_sent,
        carrier.block,
    ).join_from(ENTRIES, TRANSACTIONS, entry.carrier == carrier.id, isouter=True)
    found: dict[bytes, list[Any]] = {}
    for some in _chunks(digests):
        for row in session.execute(query.where(entry.digest.in_(some)).order_by(entry.id)):
            found.setdefault(row.digest, []).append(row)
    return found


def _furthest(rows: Sequence[Any]) -> Any:
    best = rows[0]
    for row in rows[1:]:
        if _RANK[best.state] <= _RANK[row.state]:
            best = row
    return best


def _states(
    session: Session, digests: Sequence[bytes], entries: Sequence[NewEntry]
) -> dict[Signed, OutboxEntry]:
    rows = _rows(session, digests)
    found = {}
    for entry in entries:
        own = [
            row
            for row in rows.get(entry.digest, ())
            if row.packed == entry.packed or signed_by(row.digest, row.packed) == entry.signer
        ]
        if own:
            found[entry.digest, entry.signer] = _entry(_furthest(own))
    return found


def _entry(row: Any) -> OutboxEntry:
    return OutboxEntry(
        id=row.id,
        digest=row.digest,
        contract=row.contract,
        packed=row.packed,
        deadline=row.deadline,
        accepted_at=row.accepted_at,
        state=row.carrier_state if row.state == "carried" else row.state,
        transaction=row.hash,
        sent_at=row.first_sent,
        block=row.block,
        sequence=row.sequence,
        refusal=None if row.refusal is None else _from_json(row.refusal),
        receipt=row.receipt,
    )


def _update_entries(
    session: Session,
    fixed: Mapping[str, Any],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """One UPDATE per row (id, then the columns' values), sent together."""
    if rows:
        statement = (
            update(ENTRIES)
            .where(ENTRIES.c.id == bindparam("entry"))
            .values(**fixed, **{c: bindparam(f"new_{c}") for c in columns})
        )
        names = ["entry", *(f"new_{c}" for c in columns)]
        session.connection().execute(
            statement, [dict(zip(names, row, strict=True)) for row in rows]
        )


def _keep(
    session: Session, chain_id: int, sender: bytes, nonce: int, batch: Batch, now: float
) -> OutboxTransaction:
    raw = batch.sign(nonce)
    digest = keccak(raw)
    key = session.execute(
        insert(TRANSACTIONS)
        .values(
            chain_id=chain_id,
            sender=sender,
            nonce=nonce,
            hash=digest,
            contract=batch.contract,
            raw=raw,
            state="signed",
            doubted=False,
            signed_at=now,
        )
        .returning(TRANSACTIONS.c.id)
    ).scalar_one()
    _update_entries(
        session,
        {"state": "carried", "carrier": key},
        ["position"],
        [(entry, position) for position, entry in enumerate(batch.entries)],
    )
    return OutboxTransaction(
        key, nonce, digest, batch.contract, raw, "signed", False, now, None, None
    )


def _requeue(session: Session, rows: Sequence[tuple[int, int]]) -> None:
    nowhere = {"state": "queued", "carrier": None, "position": None, "refusal": None}
    _update_entries(session, nowhere, ["batch_limit"], rows)


def _next_nonce(session: Session, chain_id: int, sender: bytes) -> int:
    table = NONCES.c
    found = session.execute(
        select(table.next).where(table.chain_id == chain_id, table.sender == sender)
    ).scalar()
    return 0 if found is None else int(found)


def _set_next_nonce(session: Session, chain_id: int, sender: bytes, nonce: int) -> None:
    table = NONCES.c
    changed = session.connection().execute(
        update(NONCES).where(table.chain_id == chain_id, table.sender == sender).values(next=nonce)
    )
    if changed.rowcount == 0:
        session.execute(insert(NONCES).values(chain_id=chain_id, sender=sender, next=nonce))


def _to_json(refused: RefusedBecause) -> str:
    return json.dumps({"name": refused.name, "values": dict(refused.values)}, ensure_ascii=False)


def _from_json(text: str) -> RefusedBecause:
    data = json.loads(text)
    return RefusedBecause(data["name"], data["values"])
