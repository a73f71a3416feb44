"""The embedded chain: py-evm over one SQLite file, in this process, crash-safe.

What it is and promises:

* London rules, zero fees, no account funded, no keys of its own. Every block is made by this
  process for the transactions handed over at once; every block is final.
* :meth:`EmbeddedChain.send_raw_transactions` returns when the block is on disk. A crash before
  loses the whole block, a crash after loses nothing (:mod:`ledger.chain.store`).
* **Block time is the clock's**, never ahead of it and never before the parent's. Several blocks
  in one second carry the same time. Ethereum's consensus wants each block later than its parent;
  keeping to that would let a busy chain run ahead of the clock without bound, and the times on
  this ledger are evidence, while nobody else ever imports its blocks. Should the clock be set
  back, block time stands still until it has caught up.
* Transactions must name this chain's id: one without (before EIP-155) or for another chain is
  refused, though its signature and nonce may be right.
* Blocks are real ones: header, transactions root, receipts root and state root are Ethereum's,
  so inclusion and state proofs (EIP-1186) can be checked by anyone. They carry no seal: trust in
  a block hash comes from elsewhere (a pinned or signed checkpoint).
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eth_typing import Address
from eth_utils.exceptions import ValidationError

from ledger.chain.profiles import EMBEDDED, TRANSACTION_GAS_LIMIT
from ledger.chain.protocol import (
    AccountProof,
    Block,
    CallReverted,
    EngineProfile,
    Handover,
    Log,
    Receipt,
    Refusal,
    RefusalCode,
    StorageProof,
)
from ledger.chain.pyevm import (
    ComputationAPI,
    ExecutionContext,
    LondonTransactionBuilder,
    LondonVM,
    Message,
    Revert,
    SignedTransactionAPI,
    VMError,
)
from ledger.chain.state import Account, LedgerState, slot_key
from ledger.chain.store import (
    ChainStore,
    StoredBlock,
    StoredEvent,
    StoredTransaction,
)
from ledger.chain.vm import BLOCK_GAS_LIMIT, LedgerVMState, context
from ledger.errors import ChainUnavailableError, ForeignLedgerError
from ledger.ethereum import (
    EMPTY_ROOT,
    EMPTY_UNCLES,
    Trie,
    bloom,
    decode,
    encode,
    integer,
    ordered_root,
    receipt_bytes,
)
from ledger.hashing import keccak

_CALLER: Final = Address(bytes(20))


class _Refused(Exception):
    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(code, message)


@dataclass(frozen=True, slots=True)
class _Header:
    """The fields of a header that differ from block to block here."""

    number: int
    hash: bytes
    parent_hash: bytes
    time: int
    state_root: bytes
    raw: bytes

    @classmethod
    def of(cls, stored: StoredBlock) -> "_Header":
        fields = decode(stored.header)
        return cls(
            stored.number,
            stored.hash,
            fields[0],
            int.from_bytes(fields[11], "big"),
            fields[3],
            stored.header,
        )

    @property
    def block(self) -> Block:
        return Block(self.number, self.hash, self.parent_hash, self.time)


def _header_bytes(
    *,
    parent: bytes,
    number: int,
    time: int,
    state_root: bytes,
    transactions: Sequence[bytes] = (),
    receipts: Sequence[bytes] = (),
    bits: int = 0,
    gas_used: int = 0,
    extra: bytes = b"",
) -> bytes:
    return encode(
        [
            parent,
            EMPTY_UNCLES,
            bytes(20),
            state_root,
            ordered_root(transactions),
            ordered_root(receipts),
            bits.to_bytes(256, "big"),
            integer(1),
            integer(number),
            integer(BLOCK_GAS_LIMIT),
            integer(gas_used),
            integer(time),
            extra,
            bytes(32),
            bytes(8),
            integer(0),  # base fee
        ]
    )


class EmbeddedChain:
    """A :class:`~ledger.chain.protocol.LedgerGateway` in one file.

    ``path``: the SQLite file; its directory must exist. ``clock``: seconds since 1970, UTC.

    A file that is not there is created, for ``chain_id``, with a genesis block of
    ``genesis_time`` (default: the clock) and ``salt`` (at most 32 bytes; gives two ledgers of
    one moment different genesis hashes) - unless ``genesis_hash`` pins an existing chain: then
    a missing file is a lost ledger, and :class:`ForeignLedgerError`, as is a file of another
    chain id or genesis. A file that another process holds raises
    :class:`~ledger.errors.LedgerInUseError`, which names that process. ``read_only``: an existing
    file that nobody writes meanwhile is only read (:class:`~ledger.chain.store.ChainStore`).
    """

    def __init__(
        self,
        path: Path,
        *,
        chain_id: int,
        clock: Callable[[], float],
        genesis_hash: bytes | None = None,
        genesis_time: int | None = None,
        salt: bytes = b"",
        read_only: bool = False,
    ) -> None:
        if genesis_hash is not None and not path.exists():
            raise ForeignLedgerError(f"the chain file {path} of this ledger is missing")
        if not 0 < chain_id < 1 << 63:
            raise ValueError("chain id out of range")
        if len(salt) > 32:
            raise ValueError("salt is longer than 32 bytes")
        self._chain_id = chain_id
        self._clock = clock
        self._sending = threading.Lock()
        self._state: LedgerVMState | None = None
        self._store = ChainStore(path, read_only=read_only)
        try:
            genesis = self._store.block(0)
            if genesis is None:
                # The chain id stands in the genesis block (difficulty and limits do not vary).
                raw = _header_bytes(
                    parent=keccak(b"suyuan" + integer(chain_id)),
                    number=0,
                    time=int(clock()) if genesis_time is None else genesis_time,
                    state_root=EMPTY_ROOT,
                    extra=salt,
                )
                genesis = StoredBlock(0, keccak(raw), raw)
                self._store.commit(genesis, {}, {}, [], [])
            head = self._store.last_block()
            assert head is not None
            self._genesis = _Header.of(genesis)
            self._head = _Header.of(head)
            if self._genesis.parent_hash != keccak(b"suyuan" + integer(chain_id)):
                raise ForeignLedgerError(f"{path} belongs to another chain than {chain_id}")
            if genesis_hash is not None and genesis_hash != genesis.hash:
                raise ForeignLedgerError(
                    f"{path} has genesis 0x{genesis.hash.hex()}, not 0x{genesis_hash.hex()}"
                )
        except BaseException:
            self._store.close()
            raise

    # -- what kind of chain ------------------------------------------------------------------

    @property
    def profile(self) -> EngineProfile:
        return EMBEDDED

    def chain_id(self) -> int:
        return self._chain_id

    def genesis_hash(self) -> bytes:
        return self._genesis.hash

    def close(self) -> None:
        """Release the file. A second call does nothing."""
        with self._sending:
            self._state = None
            self._store.close()

    # -- blocks ------------------------------------------------------------------------------

    def head(self) -> Block:
        return self._head.block

    def final_head(self) -> Block:
        return self._head.block

    def block(self, number: int) -> Block | None:
        stored = self._store.block(number) if number >= 0 else None
        return None if stored is None else _Header.of(stored).block

    def _header(self, number: int | None) -> _Header:
        head = self._head
        if number is None or number == head.number:
            return head
        stored = self._store.block(number) if 0 <= number < head.number else None
        if stored is None:
            raise ChainUnavailableError(f"no block {number}: the head is {head.number}")
        return _Header.of(stored)

    # -- state -------------------------------------------------------------------------------

    def _state_at(self, number: int | None) -> LedgerState:
        return LedgerState(self._store, self._header(number).state_root)  # type: ignore[arg-type]

    def code(self, address: bytes, block_number: int | None = None) -> bytes:
        return self._state_at(block_number).get_code(Address(address))

    def storage_at(self, address: bytes, slot: int, block_number: int | None = None) -> bytes:
        return self._state_at(block_number).get_storage(Address(address), slot).to_bytes(32, "big")

    def transaction_count(self, address: bytes) -> int:
        return self._state_at(None).get_nonce(Address(address))

    def call(self, to: bytes, data: bytes, block_number: int | None = None) -> bytes:
        header = self._header(block_number)
        state = LedgerVMState.at(
            self._store, header.state_root, self._context(header.number, header.time)
        )
        try:
            computation = self._run(state, to, data)
        except RecursionError as error:
            raise CallReverted(b"") from error
        if computation.is_error:
            raised = computation.error
            output = computation.output if isinstance(raised, Revert) else b""
            raise CallReverted(output) from raised
        return computation.output

    @staticmethod
    def _run(state: LedgerVMState, to: bytes, data: bytes) -> ComputationAPI:
        return state.computation_class.apply_message(
            state,
            Message(
                gas=TRANSACTION_GAS_LIMIT,
                to=Address(to),
                sender=_CALLER,
                value=0,
                data=data,
                code=state.get_code(Address(to)),
            ),
            state.get_transaction_context_class()(gas_price=0, origin=_CALLER),
        )

    def proof(
        self, address: bytes, slots: Sequence[int], block_number: int | None = None
    ) -> AccountProof:
        header = self._header(block_number)
        trie = Trie(self._store.node)
        key = keccak(address)
        raw = trie.get(header.state_root, key)
        account = Account.from_bytes(raw) if raw else Account()
        storage = []
        for slot in slots:
            value = trie.get(account.storage_root, slot_key(slot))
            storage.append(
                StorageProof(
                    slot,
                    int.from_bytes(decode(value), "big") if value else 0,
                    trie.prove(account.storage_root, slot_key(slot)),
                )
            )
        return AccountProof(
            address=address,
            block_number=header.number,
            block_hash=header.hash,
            header=header.raw,
            sealed_header=header.raw,
            state_root=header.state_root,
            nonce=account.nonce,
            balance=account.balance,
            code_hash=account.code_hash,
            storage_root=account.storage_root,
            nodes=trie.prove(header.state_root, key),
            storage=tuple(storage),
        )

    # -- transactions and events -------------------------------------------------------------

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        found = self._store.transaction(transaction_hash)
        if found is None:
            return None
        block = self._store.block(found.block)
        assert block is not None
        events = self._store.events(found.block, found.block, txn=found.position)
        return Receipt(
            transaction_hash=found.hash,
            block_number=found.block,
            block_hash=block.hash,
            succeeded=found.succeeded,
            gas_used=found.gas_used,
            contract_address=found.created,
            logs=tuple(_log(e, block.hash, found.hash) for e in events),
        )

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        if first < 0 or last > self._head.number:
            raise ChainUnavailableError(
                f"blocks {first} to {last} asked for, the head is {self._head.number}"
            )
        events = self._store.events(first, last, addresses=addresses)
        if not events:
            return []
        hashes = self._store.transaction_hashes(events[0].block, events[-1].block)
        blocks = self._store.block_hashes(events[0].block, events[-1].block)
        return [_log(e, blocks[e.block], hashes[e.block, e.txn]) for e in events]

    # -- making blocks -----------------------------------------------------------------------

    def _context(self, number: int, time: int) -> ExecutionContext:
        return context(number, time, self._chain_id, self._store.block_hashes_before(number))

    def send_raw_transactions(self, raws: Sequence[bytes]) -> list[Handover]:
        """Mine into one block, in order, all transactions that can be; see the protocol.

        No block is made when none can be. Failing *inside* a contract is no refusal: such a
        transaction is mined with a receipt that says so.
        """
        with self._sending:
            try:
                return self._mine(raws)
            except BaseException:
                self._state = None  # half-applied: read it afresh from the last block on disk
                raise

    def _mine(self, raws: Sequence[bytes]) -> list[Handover]:
        parent = self._head
        number = parent.number + 1
        time = max(parent.time, int(self._clock()))
        state = self._state
        if state is None:
            state = LedgerVMState.at(self._store, parent.state_root, self._context(number, time))
            self._state = state
        else:
            state.execution_context = self._context(number, time)

        handovers: list[Handover] = []
        taken: dict[bytes, None] = {}
        transactions: list[StoredTransaction] = []
        receipts: list[bytes] = []
        events: list[StoredEvent] = []
        gas_used = 0
        for raw in raws:
            digest = keccak(raw)
            if digest in taken or self._store.transaction(digest) is not None:
                handovers.append(Handover(digest))
                continue
            try:
                transaction, computation = self._apply(state, raw)
            except _Refused as refused:
                handovers.append(Handover(digest, refused.refusal))
                continue
            taken[digest] = None
            handovers.append(Handover(digest))
            gas = LondonVM.finalize_gas_used(transaction, computation)
            gas_used += gas
            position = len(transactions)
            logs = [
                (bytes(address), tuple(t.to_bytes(32, "big") for t in topics), bytes(data))
                for address, topics, data in computation.get_log_entries()
            ]
            for log in logs:
                events.append(StoredEvent(number, len(events), position, *log))
            created = computation.msg.storage_address if computation.msg.is_create else None
            succeeded = computation.is_success
            transactions.append(
                StoredTransaction(number, position, digest, raw, succeeded, gas, created)
            )
            kind = raw[0] if raw[0] < 0x80 else 0
            receipts.append(receipt_bytes(kind, succeeded, gas_used, logs))
        if not transactions:
            return handovers

        folded = state.ledger.fold()
        raw_header = _header_bytes(
            parent=parent.hash,
            number=number,
            time=time,
            state_root=folded.root,
            transactions=[t.raw for t in transactions],
            receipts=receipts,
            bits=bloom((e.address, e.topics) for e in events),
            gas_used=gas_used,
        )
        block = StoredBlock(number, keccak(raw_header), raw_header)
        self._store.commit(block, folded.nodes, folded.codes, transactions, events)
        state.ledger.trim()
        self._head = _Header.of(block)
        return handovers

    def _apply(
        self, state: LedgerVMState, raw: bytes
    ) -> tuple[SignedTransactionAPI, ComputationAPI]:
        transaction = _decoded(raw)
        chain_id = transaction.chain_id
        if chain_id != self._chain_id:
            raise _Refused(
                "foreign-chain",
                f"the transaction names chain {chain_id}, this is chain {self._chain_id}",
            )
        if transaction.gas > TRANSACTION_GAS_LIMIT:
            raise _Refused("gas", f"{transaction.gas} gas, at most {TRANSACTION_GAS_LIMIT}")
        if transaction.gas < transaction.intrinsic_gas:
            raise _Refused("gas", f"{transaction.gas} gas, needs {transaction.intrinsic_gas}")
        try:
            sender = transaction.sender
            transaction.validate()
        except Exception as error:  # eth-keys and py-evm raise several unrelated kinds
            raise _Refused("malformed", f"the signature or a field is invalid: {error}") from error
        nonce = state.get_nonce(sender)
        if transaction.nonce != nonce:
            raise _Refused(
                "nonce-used" if transaction.nonce < nonce else "nonce-gap",
                f"nonce {transaction.nonce}, the sender's next is {nonce}",
            )
        state.lock_changes()
        checkpoint = state.ledger.record()
        try:
            return transaction, state.apply_transaction(transaction)
        except (ValidationError, VMError) as error:
            state.ledger.discard(checkpoint)
            code: RefusalCode = "funds" if "balance" in str(error) else "refused"
            raise _Refused(code, str(error)) from error
        except RecursionError as error:
            state.ledger.discard(checkpoint)
            raise _Refused("refused", "calls nest too deep for this engine") from error


def _decoded(raw: bytes) -> SignedTransactionAPI:
    try:
        transaction = LondonTransactionBuilder.decode(raw)
        if transaction.encode() == raw:
            return transaction
    except Exception as error:  # rlp, eth-utils and py-evm raise a dozen unrelated kinds
        raise _Refused("malformed", f"not a transaction: {error}") from error
    raise _Refused("malformed", "not the canonical encoding of a transaction")


def _log(event: StoredEvent, block_hash: bytes, transaction_hash: bytes) -> Log:
    return Log(
        block_number=event.block,
        block_hash=block_hash,
        transaction_hash=transaction_hash,
        transaction_index=event.txn,
        log_index=event.position,
        address=event.address,
        topics=event.topics,
        data=event.data,
    )
