"""From a signed entry to a leaf of the log: accepted, queued, carried, final or refused.

Rules this module keeps:

1. What was accepted is on disk, with the answer to the request that brought it (R1). From then on
   it ends as ``final`` or ``refused``, whatever crashes in between.
2. The same entry twice has the effect of once (R3). What was refused may be sent again: a refusal
   is not final before the entry's deadline, for what it lacked may come about.
3. A transaction is signed once. Its bytes are on disk before they are sent, and every sending is
   the same bytes (R4). Only a receipt says what became of it: an engine's "nonce too low" or a
   timeout says nothing (R7).
4. Entries are carried in the order in which they were accepted, so that one may build on an
   earlier one. When a transaction runs out of gas, its entries go first again in smaller batches;
   refusals in transactions that were under way behind it are not believed (``doubted``).
5. Before "refused" is said, the ledger's index is asked, up to the block of the refusal: an entry
   that is on the ledger already is final, whoever sent it. So a database restored from an old
   backup, and anybody else who relays, do no harm (R22).
6. A chain that does not answer changes nothing: what was accepted waits (R21).

:class:`Relay` is a state machine over the database; clock, chain, index and key are given to it.
One thread drives it by :meth:`Relay.step`; there must be one relay per relayer account.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol

from ledger.chain.codec import (
    ContractError,
    EntryRecorded,
    EntryRefused,
    decode_error,
    decode_event,
    packed_calldata,
)
from ledger.chain.deployment import Deployment
from ledger.chain.protocol import CallReverted, Handover, LedgerGateway, Receipt
from ledger.chain.relayer import Relayer
from ledger.errors import EvidenceError, RequestError, UnavailableError
from ledger.evidence.signed import LOG, ReceiptStatement
from ledger.index.idempotency import Answer, Once
from ledger.index.outbox import (
    Batch,
    EntryState,
    NewEntry,
    Outbox,
    OutboxEntry,
    OutboxTransaction,
    Outcome,
    QueueFullError,
    RefusedBecause,
    Signed,
    Waiting,
    signed_by,
)
from ledger.index.store import Store
from ledger.refusals import OUT_OF_GAS, Refusal, explain
from ledger.signing import Signer, recover
from ledger.typed_data import Entry, SignedEntry

#: Entries in one request at most.
MOST_ENTRIES: Final = 1_000
#: A text of an entry, in bytes of UTF-8, at most (the contracts' own limit).
LONGEST_TEXT: Final = 2_047
#: An entry that has waited so long, in seconds, is reported as delayed (R8).
DELAYED_AFTER: Final = 30.0
#: What is sent again when, and how long its nonce must be gone before a transaction is given up.
RESEND_PERIODS: Final = 3
SHORTEST_PATIENCE: Final = 1.0


class BusyError(UnavailableError):
    """Too much is waiting already (R20); try again after ``retry_after`` seconds."""

    code = "submission.busy"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LedgerIndex(Protocol):
    """What is asked of the index of the ledger."""

    def block_number(self) -> int:
        """The last block that it has read."""

    def sequences(self, digests: Sequence[bytes]) -> Mapping[bytes, int]:
        """The sequence numbers of those of these entries that are on the ledger, whoever signed."""

    def recorded(self, signed: Sequence[Signed]) -> Mapping[Signed, int]:
        """The sequence numbers of those entries that are on the ledger by just these signers."""


@dataclass(frozen=True, slots=True)
class EntryReceipt:
    """The service's signed promise: it took the entry, and by its deadline the entry is recorded in
    ``contract`` or refused. Who holds one proves that an entry was withheld."""

    contract: str
    statement: ReceiptStatement
    signature: bytes


@dataclass(frozen=True, slots=True)
class EntryStatus:
    """Where an entry stands. ``accepted_at``, ``transaction`` and ``block`` are None where it
    came to the ledger by another way. A refusal is not final before ``final_after`` (the entry's
    deadline): until then the same entry may be sent again. ``receipt`` is only told to who hands
    the entry in; :meth:`Submitter.receipt` finds it again."""

    digest: bytes
    state: EntryState
    accepted_at: float | None = None
    delayed: bool = False
    transaction: bytes | None = None
    block: int | None = None
    sequence: int | None = None
    refusal: Refusal | None = None
    final_after: int | None = None
    receipt: EntryReceipt | None = None


class Submitter:
    """Takes signed entries in. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        index: LedgerIndex,
        deployment: Deployment,
        *,
        clock: Callable[[], float],
        key: Callable[[], Signer],
    ) -> None:
        """``key`` gives the service's key, by which receipts are signed."""
        self._outbox = store.outbox
        self._index = index
        self._deployment = deployment
        self._clock = clock
        self._key = key

    def accept(
        self,
        entries: Sequence[SignedEntry],
        *,
        organisation: bytes | None = None,
        token: int | None = None,
        once: Once | None = None,
        answer: Callable[[Sequence[EntryStatus]], Answer] | None = None,
    ) -> list[EntryStatus]:
        """Accept all of these entries, or none, and say where each stands.

        ``organisation`` and ``token`` say who hands them in. ``answer`` makes the answer to the
        request ``once`` from the states; it is kept in the same transaction.
        :class:`RequestError` names the first entry, and its field, that can never be recorded;
        :class:`BusyError` if too much is waiting.
        """
        now = self._clock()
        checked = self._checked(entries, now)
        on_ledger = self._index.recorded([(e.digest, e.signer) for e in checked])

        def answered(found: Mapping[Signed, OutboxEntry]) -> list[EntryStatus]:
            states = {signed: _status(e, now) for signed, e in found.items()}
            for new in checked:
                kept = found.get((new.digest, new.signer))
                if kept is not None:
                    state = states[new.digest, new.signer]
                    states[new.digest, new.signer] = replace(state, receipt=self._given(new, kept))
            for signed, sequence in on_ledger.items():
                states[signed] = _on_ledger(signed[0], sequence, states.get(signed))
            return [states[e.digest, e.signer] for e in checked]

        try:
            found = self._outbox.accept(
                [
                    replace(e, receipt=self._sign(e, now))
                    for e in checked
                    if (e.digest, e.signer) not in on_ledger
                ],
                now=now,
                organisation=organisation,
                token=token,
                once=once,
                answer=None if answer is None else lambda rows: answer(answered(rows)),
            )
        except QueueFullError as full:
            raise BusyError(f"{full.queued} entries are waiting already", retry_after=5) from full
        return answered(found)

    def status(self, digests: Sequence[bytes]) -> dict[bytes, EntryStatus]:
        """Where these entries stand; unknown ones are left out."""
        now = self._clock()
        found = {d: _status(e, now) for d, e in self._outbox.entries(digests).items()}
        elsewhere = [d for d in digests if d not in found or found[d].state != "final"]
        for digest, sequence in self._index.sequences(elsewhere).items():
            found[digest] = _on_ledger(digest, sequence, found.get(digest))
        return found

    def receipt(self, digest: bytes) -> EntryReceipt | None:
        """The receipt that was given for the entry with this digest: the first, where several
        signed it. None for what was never accepted here, or before there were receipts."""
        entry = self._outbox.entries([digest]).get(digest)
        if entry is None or entry.receipt is None:
            return None
        signed = SignedEntry.unpack(entry.contract, entry.packed)
        account = recover(digest, signed.signatures[0])
        said = self._said(
            entry.contract, account, _nonce(signed.entry), digest, entry.deadline, entry.accepted_at
        )
        return EntryReceipt(entry.contract, said, entry.receipt)

    def _given(self, new: NewEntry, kept: OutboxEntry) -> EntryReceipt | None:
        """The receipt of an entry as it is kept."""
        if kept.receipt is None:
            return None
        said = self._said(
            new.contract, new.signer, new.nonce, new.digest, new.deadline, kept.accepted_at
        )
        return EntryReceipt(new.contract, said, kept.receipt)

    def _sign(self, new: NewEntry, now: float) -> bytes:
        """The service's promise about an entry that it takes now."""
        said = self._said(new.contract, new.signer, new.nonce, new.digest, new.deadline, now)
        return self._key().sign_digest(said.digest(self._deployment.domain(LOG)))

    def _said(
        self,
        contract: str,
        account: bytes,
        nonce: int,
        digest: bytes,
        deadline: int,
        accepted_at: float,
    ) -> ReceiptStatement:
        address = self._deployment.address(contract)
        return ReceiptStatement(address, account, nonce, digest, deadline, int(accepted_at))

    def _checked(self, entries: Sequence[SignedEntry], now: float) -> list[NewEntry]:
        if not 0 < len(entries) <= MOST_ENTRIES:
            raise RequestError(
                f"{len(entries)} entries; between 1 and {MOST_ENTRIES} can be handed in at once",
                message_zh=f"条目数为 {len(entries)}；每次可提交 1 至 {MOST_ENTRIES} 条",
                field="entries",
                code="submission.count",
                values={"limit": MOST_ENTRIES},
            )
        return [self._check(f"entries[{i}]", e, now) for i, e in enumerate(entries)]

    def _check(self, place: str, signed: SignedEntry, now: float) -> NewEntry:
        """What no contract would ever take is turned away here, with the field's name."""
        entry = signed.entry
        contract = entry.action.contract
        if contract not in self._deployment.contracts:
            raise RequestError(
                f"this ledger has no {contract}",
                message_zh=f"本账本没有 {contract} 合约",
                field=f"{place}.action",
                code="entry.contract",
            )
        for field in entry.action.fields:
            value = entry.values[field.name]
            if isinstance(value, str):
                if len(value.encode()) > LONGEST_TEXT or "\0" in value:
                    raise RequestError(
                        f"{field.name} is longer than {LONGEST_TEXT} bytes or contains NUL",
                        message_zh=f"{field.name} 超过 {LONGEST_TEXT} 字节或含有空字符",
                        field=f"{place}.{field.name}",
                        code="entry.text",
                        values={"limit": LONGEST_TEXT},
                    )
        deadline = entry.values["deadline"]
        assert isinstance(deadline, int)
        if deadline < now:
            raise RequestError(
                "the deadline of the entry has passed; it must be signed again",
                message_zh="条目的截止时间已过，须重新签名",
                field=f"{place}.deadline",
                code="entry.expired",
                values={"deadline": deadline},
            )
        digest = entry.digest(self._deployment.domain(contract))
        if not 0 < len(signed.signatures) < 256:
            raise self._signature(place, "there must be between 1 and 255", "数量须为 1 至 255 个")
        try:
            signers = [recover(digest, signature) for signature in signed.signatures]
        except EvidenceError as error:
            raise self._signature(place, "one is no valid signature", "其中有无效签名") from error
        return NewEntry(digest, signers[0], contract, signed.pack(), deadline, _nonce(entry))

    @staticmethod
    def _signature(place: str, english: str, chinese: str) -> RequestError:
        return RequestError(
            f"signatures: {english}",
            message_zh=f"签名：{chinese}",
            field=f"{place}.signatures",
            code="entry.signature",
        )


def _nonce(entry: Entry) -> int:
    nonce = entry.values["nonce"]
    assert isinstance(nonce, int)
    return nonce


def _status(entry: OutboxEntry, now: float) -> EntryStatus:
    refusal = None
    if entry.refusal is not None:
        signed = SignedEntry.unpack(entry.contract, entry.packed)
        refusal = explain(entry.refusal.name, entry.refusal.values, signed.entry)
    return EntryStatus(
        digest=entry.digest,
        state=entry.state,
        accepted_at=entry.accepted_at,
        delayed=entry.state in ("queued", "signed", "sent")
        and now - entry.accepted_at > DELAYED_AFTER,
        transaction=entry.transaction,
        block=entry.block,
        sequence=entry.sequence,
        refusal=refusal,
        final_after=None if refusal is None else entry.deadline,
    )


def _on_ledger(digest: bytes, sequence: int, known: EntryStatus | None) -> EntryStatus:
    if known is not None and known.state == "final":
        return known
    accepted = None if known is None else known.accepted_at
    return EntryStatus(digest, "final", accepted_at=accepted, sequence=sequence)


# --------------------------------------------------------------------------------------- relay


@dataclass(frozen=True, slots=True)
class RelayHealth:
    """``queued`` entries wait; ``under_way`` transactions have no known end, the oldest since
    ``oldest`` (seconds since 1970); ``trouble`` is what the chain last said against one."""

    queued: int
    under_way: int
    oldest: float | None
    trouble: str | None


class Relay:
    """Carries what was accepted to the chain; see the module for what it promises.

    ``batch_size``: entries in one transaction at most. ``in_flight``: transactions under way at
    once at most; the embedded chain mines them into one block.
    """

    #: What an entry takes at most, all rules and a new subject's storage included; measured, and
    #: wrong only at the price of a transaction that runs out of gas and is split.
    GAS_PER_ENTRY: Final = 100_000
    GAS_PER_BYTE: Final = 30
    GAS_PER_TRANSACTION: Final = 100_000

    def __init__(
        self,
        store: Store,
        index: LedgerIndex,
        gateway: LedgerGateway,
        deployment: Deployment,
        relayer: Relayer,
        *,
        clock: Callable[[], float],
        batch_size: int = 100,
        in_flight: int = 4,
    ) -> None:
        if batch_size < 1 or in_flight < 1:
            raise ValueError("at least one entry and one transaction")
        self._outbox: Outbox = store.outbox
        self._index = index
        self._gateway = gateway
        self._deployment = deployment
        self._relayer = relayer
        self._clock = clock
        self._batch_size = batch_size
        self._in_flight = in_flight
        self._patience = max(SHORTEST_PATIENCE, RESEND_PERIODS * gateway.profile.block_period)
        self._caught_up = False
        self._nonce_gone: dict[int, float] = {}
        self._trouble: str | None = None

    @property
    def _account(self) -> tuple[int, bytes]:
        return self._deployment.chain_id, self._relayer.address

    def health(self) -> RelayHealth:
        """How the relay stands."""
        # The queue first: what is signed in between is counted twice and never overlooked.
        queued = self._outbox.queue_length()
        under_way = self._outbox.open_transactions(*self._account)
        return RelayHealth(
            queued,
            len(under_way),
            min((t.signed_at for t in under_way), default=None),
            self._trouble,
        )

    def step(self) -> bool:
        """Take everything one step further; whether anything moved, so that another step at once
        is worth while.

        :class:`UnavailableError` if chain or database do not answer: nothing is lost, call again
        later. May be given up at any point, also by a crash of the process.
        """
        if not self._caught_up:
            self._outbox.catch_up(
                *self._account, self._gateway.transaction_count(self._relayer.address)
            )
            self._caught_up = True
        before = self._outbox.open_transactions(*self._account)
        under_way = self._look_up(before)
        signed = self._sign(self._in_flight - len(under_way))
        under_way += signed
        now = self._clock()
        if any(self._is_due(t, now) for t in under_way):
            # All of them, in order: what one node has dropped, the next would wait for.
            unmined = [t for t in under_way if t.state != "mined"]
            is_stuck = self._send(unmined) or any(t.state == "sent" for t in unmined)
            if is_stuck and self._fill_gap(unmined[0]):
                self._send(unmined)
            under_way = self._look_up(under_way)
            sent = {t.id for t in unmined} & {t.id for t in under_way if t.state != "mined"}
            if sent:
                self._outbox.mark_sent(sent, now=now)
        return bool(signed) or len(under_way) < len(before)

    # -- sending -----------------------------------------------------------------------------

    def _sign(self, room: int) -> list[OutboxTransaction]:
        """Put what waits into at most ``room`` transactions."""
        if room < 1:
            return []
        waiting = self._outbox.queued(self._batch_size * room)
        batches = [self._batch(b[0].contract, b) for b in self._batches(waiting)][:room]
        if not batches:
            return []
        return self._outbox.sign(*self._account, batches, now=self._clock())

    def _batches(self, waiting: Sequence[Waiting]) -> Iterator[list[Waiting]]:
        """Cut the queue, in order, where contract, size or gas say so."""
        budget = self._gateway.profile.gas_limit - self.GAS_PER_TRANSACTION
        batch: list[Waiting] = []
        gas, limit = 0, self._batch_size
        for entry in waiting:
            cost = self.GAS_PER_ENTRY + self.GAS_PER_BYTE * len(entry.packed)
            if batch and (
                entry.contract != batch[0].contract
                or len(batch) >= min(limit, entry.batch_limit)
                or gas + cost > budget
            ):
                yield batch
                batch, gas, limit = [], 0, self._batch_size
            batch.append(entry)
            gas += cost
            limit = min(limit, entry.batch_limit)
        if batch:
            yield batch

    def _batch(self, contract: str, entries: Sequence[Waiting]) -> Batch:
        to = self._deployment.address(contract)
        data = packed_calldata([e.packed for e in entries])
        return Batch(
            contract, tuple(e.id for e in entries), lambda n: self._relayer.sign(to, data, nonce=n)
        )

    def _is_due(self, transaction: OutboxTransaction, now: float) -> bool:
        if transaction.state == "mined":
            return False
        last = transaction.last_sent
        # A clock that was set back must not keep anything from being sent.
        return transaction.state == "signed" or last is None or abs(now - last) >= self._patience

    def _send(self, transactions: Sequence[OutboxTransaction]) -> bool:
        """Hand them over; whether the chain misses one that goes before."""
        handovers = self._gateway.send_raw_transactions([t.raw for t in transactions])
        self._trouble = None
        for transaction, handover in zip(transactions, handovers, strict=True):
            self._note(transaction, handover)
        return any(h.refusal is not None and h.refusal.code == "nonce-gap" for h in handovers)

    def _fill_gap(self, lowest: OutboxTransaction) -> bool:
        """Send again what stands between the chain's count and the lowest nonce under way, if
        anything does: the chain, or this database, was set back (R22). A nonce of which nothing
        is known here gets a transaction that carries nothing."""
        count = self._gateway.transaction_count(self._relayer.address)
        empty = self._batch(lowest.contract, ())
        now = self._clock()
        missing = range(count, lowest.nonce)
        raws = [self._outbox.fill(*self._account, n, empty, now=now) for n in missing]
        if raws:
            self._gateway.send_raw_transactions(raws)
        return bool(raws)

    def _note(self, transaction: OutboxTransaction, handover: Handover) -> None:
        refusal = handover.refusal
        if refusal is None:
            self._nonce_gone.pop(transaction.id, None)
        elif refusal.code == "nonce-used":
            # Mined, or replaced: its receipt will tell, or be missing for too long.
            self._nonce_gone.setdefault(transaction.id, self._clock())
        elif self._trouble is None:
            self._trouble = f"nonce {transaction.nonce}: {refusal.message}"

    # -- what became of it -------------------------------------------------------------------

    def _look_up(self, transactions: Sequence[OutboxTransaction]) -> list[OutboxTransaction]:
        """Settle what is final; the rest, as it stands now."""
        left: list[OutboxTransaction] = []
        final = None
        doubted = False
        for transaction in transactions:
            if doubted:
                transaction = replace(transaction, doubted=True)
            receipt = self._gateway.receipt(transaction.hash)
            if receipt is None:
                if self._is_replaced(transaction):
                    self._give_up(transaction)
                    doubted = True
                elif transaction.state == "mined":  # its block was given up by the chain
                    left.append(replace(transaction, state="signed", block=None))
                else:
                    left.append(transaction)
                continue
            self._nonce_gone.pop(transaction.id, None)
            if final is None:
                final = self._gateway.final_head().number
            outcome = None
            if receipt.block_number <= final:
                outcome = self._outcome(transaction, receipt, is_first=not left)
            if outcome is not None:
                self._outbox.settle(transaction, outcome, now=self._clock())
                doubted = doubted or outcome.doubt_later
                continue
            if (transaction.state, transaction.block) != ("mined", receipt.block_number):
                self._outbox.mark_mined(transaction.id, receipt.block_number, now=self._clock())
            left.append(replace(transaction, state="mined", block=receipt.block_number))
        return left

    def _is_replaced(self, transaction: OutboxTransaction) -> bool:
        """Whether its nonce has been another transaction's for so long that it is not a node
        that lags behind another. Were that wrong after all, rule 5 would make it good."""
        since = self._nonce_gone.get(transaction.id)
        return since is not None and self._clock() - since >= self._patience

    def _give_up(self, transaction: OutboxTransaction) -> None:
        entries = self._outbox.carried_by(transaction.id)
        requeued = [(e.id, e.batch_limit) for e in entries]
        self._outbox.settle(
            transaction,
            Outcome("replaced", None, requeued=requeued, doubt_later=True),
            now=self._clock(),
        )
        del self._nonce_gone[transaction.id]
        self._caught_up = False

    def _outcome(
        self, transaction: OutboxTransaction, receipt: Receipt, *, is_first: bool
    ) -> Outcome | None:
        """What became of each entry; None while a refusal cannot be judged: the end of an earlier
        transaction is not known (rule 4), or the index has not read so far (rule 5)."""
        entries = self._outbox.carried_by(transaction.id)
        if not receipt.succeeded:
            return self._reverted(transaction, receipt, entries)
        recorded, refused = self._results(transaction, receipt, entries)
        if not refused:
            return Outcome("final", receipt.block_number, recorded)
        if not is_first or self._index.block_number() < receipt.block_number:
            return None
        signed = {e.id: (e.digest, signed_by(e.digest, e.packed)) for e, _ in refused}
        on_ledger = self._index.recorded(list(signed.values()))
        elsewhere = [(i, on_ledger[key]) for i, key in signed.items() if key in on_ledger]
        truly = [(e, reason) for e, reason in refused if signed[e.id] not in on_ledger]
        if transaction.doubted:
            requeued = [(e.id, e.batch_limit) for e, _ in truly]
            return Outcome("final", receipt.block_number, recorded, elsewhere, requeued=requeued)
        return Outcome(
            "final",
            receipt.block_number,
            recorded,
            elsewhere,
            [(e.id, _because(decode_error(reason))) for e, reason in truly],
        )

    def _results(
        self, transaction: OutboxTransaction, receipt: Receipt, entries: Sequence[Waiting]
    ) -> tuple[list[tuple[int, int]], list[tuple[Waiting, bytes]]]:
        """The entries that were recorded, with their sequence, and those refused, with why."""
        address = self._deployment.address(transaction.contract)
        sequences: dict[bytes, list[int]] = {}
        reasons: dict[int, bytes] = {}
        for log in receipt.logs:
            if log.address != address:
                continue
            event = decode_event(log)
            if isinstance(event, EntryRecorded):
                sequences.setdefault(event.packed, []).append(event.sequence)
            elif isinstance(event, EntryRefused):
                reasons[event.index] = event.reason
        recorded, refused = [], []
        for position, entry in enumerate(entries):
            if position in reasons:
                refused.append((entry, reasons.pop(position)))
            elif sequences.get(entry.packed):
                recorded.append((entry.id, sequences[entry.packed].pop(0)))
            else:
                break
        if len(recorded) + len(refused) != len(entries) or reasons:
            raise EvidenceError(
                f"the receipt of 0x{transaction.hash.hex()} does not fit what it carried",
                code="ledger.receipt",
            )
        return recorded, refused

    def _reverted(
        self, transaction: OutboxTransaction, receipt: Receipt, entries: Sequence[Waiting]
    ) -> Outcome:
        """A transaction failed as a whole: a contract that may not write, or too little gas."""
        settle = partial(Outcome, "reverted", receipt.block_number)
        error = self._why(transaction, entries)
        if error is not None and error.name.startswith("EntryLog"):
            # True of the contract, not of an entry: smaller batches would not help.
            return settle(refused=[(e.id, _because(error)) for e in entries])
        if len(entries) == 1:
            reason = RefusedBecause(OUT_OF_GAS, {}) if error is None else _because(error)
            return settle(refused=[(entries[0].id, reason)], doubt_later=True)
        limit = len(entries) // 2
        return settle(requeued=[(e.id, limit) for e in entries], doubt_later=True)

    def _why(
        self, transaction: OutboxTransaction, entries: Sequence[Waiting]
    ) -> ContractError | None:
        data = packed_calldata([e.packed for e in entries])
        try:
            self._gateway.call(self._deployment.address(transaction.contract), data)
        except CallReverted as reverted:
            return decode_error(reverted.data) if reverted.data else None
        return None


def _because(error: ContractError) -> RefusedBecause:
    values: dict[str, Any] = {
        name: "0x" + value.hex() if isinstance(value, bytes) else value
        for name, value in error.values.items()
    }
    return RefusedBecause(error.name, values)
