"""Reading the ledger from the chain into the index, believing nothing that can be recomputed.

Rules this module keeps:

* Only final blocks are read, each once: rows and cursor are written in one transaction per range,
  so that a crash at any moment loses nothing and repeats nothing.
* Every digest, signer, leaf and root is computed from the entry's own bytes and compared with
  what the chain says (R12). What does not fit is :class:`EvidenceError`, and nothing of its range
  is written.
* What other contracts say is not heard.
"""

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from ledger.chain.codec import (
    Appended,
    AuthorityFounded,
    ContractAdmitted,
    EntryAdmittedLate,
    EntryRecorded,
    EntryRefused,
    decode_error,
    decode_event,
)
from ledger.chain.deployment import Deployment
from ledger.chain.protocol import Block, LedgerGateway, Log
from ledger.errors import (
    ChainUnavailableError,
    EvidenceError,
    ForeignLedgerError,
    UnavailableError,
)
from ledger.index import projection
from ledger.index.database import Database
from ledger.index.projection import Known, Position, Range, Refusal, State
from ledger.merkle import Frontier, leaf_hash
from ledger.recorded import Founding, RecordedEntry
from ledger.signing import recover
from ledger.typed_data import SignedEntry, moved_subjects, organisation_id

#: Events per range that are aimed at: enough that what many of them change is written but once, few
#: enough for memory (some 5 kB each). A range has at most twice as many, unless one block has.
_EVENTS: Final = 10_000
_MOST_BLOCKS: Final = 5_000
#: The head of a subject that no entry has moved yet.
_NO_LEAF: Final = bytes(32)


class Indexer:
    """Keeps the index of one ledger. Safe to call from several threads and processes: each range
    is written once.

    The database becomes that ledger's with the first :meth:`sync`; one that holds another's is
    :class:`ForeignLedgerError`.
    """

    def __init__(self, gateway: LedgerGateway, database: Database, deployment: Deployment) -> None:
        self._gateway = gateway
        self._database = database
        self._deployment = deployment
        self._reading = threading.Lock()
        self._blocks = 16

    def sync(self, until: int | None = None) -> Position:
        """Read all final blocks after the cursor, up to block ``until`` at most.

        Raises :class:`EvidenceError` where the chain contradicts itself or what was read before;
        everything before that range stays written.
        """
        with self._reading:
            state = self._begin()
            while True:
                final = self._gateway.final_head().number
                last = final if until is None else min(until, final)
                if state.block_number >= last:
                    return state.position
                with _no_collecting():
                    state = self._read_range(state, last)

    def rebuild(self) -> Position:
        """Drop the projection and read the whole chain again; a reader sees it grow."""
        with self._reading:
            projection.drop(self._database)
        return self.sync()

    # -- the beginning -------------------------------------------------------------------------

    def _begin(self) -> State:
        self._check_chain()
        state = projection.load_state(self._database)
        if state is None:
            return self._start()
        self._check_identity(state)
        found = self._gateway.block(state.block_number)
        if found is None or found.hash != state.block_hash:
            raise EvidenceError(
                f"block {state.block_number}, which was final when it was read, is no longer part "
                "of the chain: find out why before the index is rebuilt from the chain as it is",
                code="ledger.reorganised",
            )
        contracts = self._deployment.contracts.values()
        added = [c for c in contracts if c.address not in state.contracts]
        if any(c.block <= state.block_number for c in added):
            # Their refusals in the blocks behind us were not heard.
            projection.drop(self._database)
            return self._start()
        return replace(state, contracts=self._contracts())

    def _start(self) -> State:
        first = self._deployment.first_block
        self._deployment.verify(self._gateway)
        before = self._block(first - 1)
        state = State(
            self._deployment.chain_id,
            self._deployment.genesis_hash,
            before.number,
            before.hash,
            Frontier(),
            None,
            self._contracts(),
        )
        return projection.start(self._database, state)

    def _contracts(self) -> dict[bytes, str]:
        return {c.address: c.name for c in self._deployment.contracts.values()}

    def _check_chain(self) -> None:
        if self._gateway.chain_id() != self._deployment.chain_id:
            raise ForeignLedgerError("the chain's id is not the ledger's")
        if self._gateway.genesis_hash() != self._deployment.genesis_hash:
            raise ForeignLedgerError("the chain's genesis block is not the ledger's")

    def _check_identity(self, state: State) -> None:
        deployment = self._deployment
        if (state.chain_id, state.genesis_hash) != (deployment.chain_id, deployment.genesis_hash):
            raise ForeignLedgerError(
                f"the database is of the chain {state.chain_id} with the genesis block "
                f"0x{state.genesis_hash.hex()}, the ledger is on another"
            )
        for address, name in state.contracts.items():
            if deployment.name_of(address) != name:
                raise ForeignLedgerError(
                    f"the database is of the ledger whose {name} stands at 0x{address.hex()}"
                )

    def _block(self, number: int) -> Block:
        found = self._gateway.block(number)
        if found is None:
            raise ChainUnavailableError(f"block {number} cannot be read")
        return found

    # -- one range -----------------------------------------------------------------------------

    def _read_range(self, state: State, last: int) -> State:
        """Read and write some blocks after the state, at most up to ``last``; the state after."""
        first = state.block_number + 1
        end = min(last, state.block_number + self._blocks)
        logs = self._gateway.logs(first, end, self._deployment.addresses)
        while len(logs) > 2 * _EVENTS and end > first:
            end = first + (end - first) // 2
            logs = [log for log in logs if log.block_number <= end]
        self._adapt(end - first + 1, len(logs))
        if self._block(first).parent_hash != state.block_hash:
            raise EvidenceError(
                f"block {first} does not follow on block {state.block_number} as it was read",
                code="ledger.reorganised",
            )
        closing = self._block(end)
        reading = _Reading(self._deployment, state)
        for number, in_block in groupby(logs, key=lambda log: log.block_number):
            reading.decode(self._block(number), list(in_block))
        known = projection.known(self._database, state, reading.subjects, reading.accounts)
        if known is None:
            return self._caught_up(projection.load_state(self._database))
        reading.check(known)
        after = replace(
            state,
            block_number=closing.number,
            block_hash=closing.hash,
            frontier=reading.frontier,
            founding=state.founding or reading.found.founding,
        )
        return self._caught_up(projection.write(self._database, state, reading.found, after))

    def _caught_up(self, found: State | None) -> State:
        """Where to go on, maybe behind what another reader wrote meanwhile."""
        if found is None:
            raise UnavailableError("the index was dropped while it was read", code="index.dropped")
        return found

    def _adapt(self, blocks: int, events: int) -> None:
        """Choose how many blocks to read at once, from what these brought."""
        if events < _EVENTS // 2:
            self._blocks = min(_MOST_BLOCKS, max(self._blocks, 2 * blocks))
        elif events > 2 * _EVENTS:
            self._blocks = max(1, blocks // 2)


@dataclass(slots=True)
class _Decoded:
    """An entry as its own bytes tell it; ``subjects`` is proved by the log's root later."""

    block: Block
    event: EntryRecorded
    contract: str
    signed: SignedEntry
    digest: bytes
    signers: tuple[bytes, ...]
    subjects: tuple[bytes, ...]
    late: bool = False


@dataclass(slots=True)
class _Appending:
    """One call of the log: what it says, and the entries that were recorded before it."""

    event: Appended
    entries: list[_Decoded]


@dataclass
class _Reading:
    """Some blocks' events: decoded first, then checked against what was known before."""

    deployment: Deployment
    state: State
    found: Range = field(default_factory=Range)
    subjects: set[bytes] = field(default_factory=set)
    accounts: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.frontier = Frontier(self.state.frontier.size, self.state.frontier.nodes)
        self._names = {c.address: c.name for c in self.deployment.contracts.values()}
        self._domains = {name: self.deployment.domain(name) for name in self.deployment.contracts}
        self._appendings: list[_Appending] = []
        self._admitted: list[tuple[bytes, int]] = []

    # -- decoding

    def decode(self, block: Block, logs: Sequence[Log]) -> None:
        """Decode the events of one block."""
        for _, of_one in groupby(logs, key=lambda log: log.transaction_index):
            pending: list[_Decoded] = []
            for log in of_one:
                if log.address in self._names:
                    if log.block_hash != block.hash:
                        raise _bad(log, "stands in another block than it says")
                    self._event(block, log, pending)
            if pending:
                raise _bad(pending[0].event.log, "records an entry that no leaf was appended for")

    def _event(self, block: Block, log: Log, pending: list[_Decoded]) -> None:
        emitter = self._names[log.address]
        event = decode_event(log)
        match event:
            case EntryRecorded() if emitter != "EntryLog":
                pending.append(self._entry(block, event, emitter))
            case EntryAdmittedLate():
                if not pending or pending[-1].event.sequence != event.sequence:
                    raise _bad(log, f"calls entry {event.sequence} late, which it did not record")
                pending[-1].late = True
            case EntryRefused():
                self.found.refusals.append(_refusal(event))
            case Appended() if emitter == "EntryLog":
                self._appendings.append(_Appending(event, pending.copy()))
                pending.clear()
            case ContractAdmitted() if emitter == "EntryLog":
                self._admitted.append((event.ledger, block.number))
            case AuthorityFounded() if emitter == "ParticipantRegistry":
                self._found(block, event)
            case None:
                pass
            case _:
                raise _bad(log, f"is none that {emitter} emits")

    def _entry(self, block: Block, event: EntryRecorded, contract: str) -> _Decoded:
        try:
            signed, digest = SignedEntry.unpack_digested(self._domains[contract], event.packed)
        except ValueError as error:
            raise _bad(
                event.log, f"holds an entry of {contract} that cannot be read: {error}"
            ) from error
        signers = tuple([recover(digest, s) for s in signed.signatures])
        subjects = moved_subjects(signed.entry, event.subject, event.author)
        self.subjects.update(subjects)
        self.accounts.add(signers[0])
        return _Decoded(block, event, contract, signed, digest, signers, subjects)

    def _found(self, block: Block, event: AuthorityFounded) -> None:
        if self.state.founding or self.found.founding:
            raise _bad(event.log, "founds the ledger a second time")
        if event.organisation != organisation_id(event.identifier_kind, event.identifier):
            raise _bad(event.log, "names the founder by an id that is not its own")
        self.found.founding = Founding(
            event.organisation,
            event.identifier_kind,
            event.identifier,
            event.name_zh,
            event.name_en,
            event.accounts,
            event.quorum,
            event.max_lateness,
            block.time,
        )

    # -- checking

    def check(self, known: Known) -> None:
        """Check everything decoded against the log's roots. ``known`` is what was known of
        ``subjects`` and ``accounts`` before this range."""
        heads, organisations, admitted = known.heads, known.organisations, known.admitted
        if self.found.founding is not None:
            for account in self.found.founding.accounts:
                organisations[account] = self.found.founding.organisation
        names: dict[bytes, str] = {}
        for appending in self._appendings:
            for decoded in appending.entries:
                values = decoded.signed.entry.values
                if decoded.signed.entry.action.name == "AdmitContract":
                    names[_raw(values["ledger"])] = str(values["name"])
        for address, block in self._admitted:
            self.found.admitted.append((address, block, names.get(address, "")))
            admitted.setdefault(address, names.get(address, ""))
        for appending in self._appendings:
            self._check_appending(appending, heads, organisations, admitted)

    def _check_appending(
        self,
        appending: _Appending,
        heads: dict[bytes, bytes],
        organisations: dict[bytes, bytes],
        admitted: dict[bytes, str],
    ) -> None:
        said, entries = appending.event, appending.entries
        if said.first_sequence != self.frontier.size:
            raise _bad(
                said.log, f"appends leaf {said.first_sequence} after leaf {self.frontier.size - 1}"
            )
        if said.count != len(entries):
            raise self._gap(said, len(entries), admitted)
        for decoded in entries:
            self._check_entry(decoded, heads, organisations)
        if self.frontier.root() != said.root:
            raise _bad(said.log, "states a root that its entries do not have")

    def _check_entry(
        self, decoded: _Decoded, heads: dict[bytes, bytes], organisations: dict[bytes, bytes]
    ) -> None:
        event, entry = decoded.event, decoded.signed.entry
        if event.sequence != self.frontier.size:
            raise _bad(
                event.log, f"records entry {event.sequence} where {self.frontier.size} is due"
            )
        if organisations.get(decoded.signers[0]) != event.author:
            raise _bad(event.log, "names an author whose account did not sign")
        if entry.action.name == "AddAccount":
            organisations[_raw(entry.values["account"])] = _raw(entry.values["organisation"])
        previous = tuple([heads.get(s, _NO_LEAF) for s in decoded.subjects])
        leaf = leaf_hash(
            event.sequence,
            decoded.block.time,
            event.log.address,
            decoded.digest,
            decoded.signers,
            decoded.subjects,
            previous,
        )
        for subject in decoded.subjects:
            heads[subject] = leaf
        self.frontier.append(leaf)
        recorded = RecordedEntry(
            event.sequence,
            decoded.block.time,
            decoded.block.number,
            event.log.transaction_hash,
            decoded.contract,
            event.log.address,
            entry,
            decoded.signed.signatures,
            decoded.signers,
            event.author,
            decoded.late,
            decoded.digest,
            decoded.subjects,
            previous,
            leaf,
        )
        self.found.entries.append((recorded, event.packed))

    def _gap(self, said: Appended, seen: int, admitted: dict[bytes, str]) -> EvidenceError:
        unknown = [
            f"{name or 'a contract'} at 0x{address.hex()}"
            for address, name in sorted(admitted.items())
            if address not in self._names
        ]
        if unknown:
            return EvidenceError(
                f"entries from {said.first_sequence} on are of a contract that the authority "
                f"admitted and the deployment file lacks: {', '.join(unknown)}",
                code="ledger.contract-unknown",
            )
        return _bad(said.log, f"appends {said.count} leaves for {seen} recorded entries")


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Python's search for cycles, of which a range has none, is put off: it would look through all
    that was decoded again and again, a tenth of all the time. Two that do this at once may only
    end it early."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _raw(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _refusal(event: EntryRefused) -> Refusal:
    log = event.log
    return Refusal(
        log.transaction_hash,
        log.log_index,
        log.block_number,
        log.address,
        event.index,
        event.digest,
        decode_error(event.reason).name,
        event.reason,
    )


def _bad(log: Log, what: str) -> EvidenceError:
    return EvidenceError(
        f"event {log.log_index} of block {log.block_number} {what}", code="ledger.event"
    )
