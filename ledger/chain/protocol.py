"""What the ledger needs of a chain, and nothing more.

Two gateways keep this protocol: :mod:`ledger.chain.embedded` and :mod:`ledger.chain.json_rpc`.
Every method raises :class:`~ledger.errors.ChainUnavailableError` when the chain does not answer
and :class:`~ledger.errors.ForeignLedgerError` when it is not the chain that was pinned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Block:
    """The head of a block; ``time`` in seconds since 1970, UTC."""

    number: int
    hash: bytes
    parent_hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Log:
    """One event of one contract, with where it stands."""

    block_number: int
    block_hash: bytes
    transaction_hash: bytes
    transaction_index: int
    log_index: int
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a transaction; ``succeeded`` is the receipt's status."""

    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int
    contract_address: bytes | None
    logs: tuple[Log, ...]


#: Why a chain will not mine a raw transaction as it stands. ``nonce-gap`` may heal when the
#: missing ones arrive; ``nonce-used`` never does: another transaction took the nonce.
RefusalCode = Literal[
    "malformed", "foreign-chain", "nonce-used", "nonce-gap", "gas", "funds", "refused"
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one transaction was not taken; ``message`` is the engine's own, in English."""

    code: RefusalCode
    message: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of one raw transaction: taken (or mined before) if ``refusal`` is None."""

    transaction_hash: bytes
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class StorageProof:
    """One storage slot with the trie nodes (RLP, root first) that prove its value."""

    slot: int
    value: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AccountProof:
    """An account and some of its slots at a block, as in EIP-1186.

    ``header`` is the RLP of the block's header in the form whose keccak-256 is ``block_hash``
    by the engine's rule, ``sealed_header`` the one with the engine's seals in it, if it has any;
    both hold ``state_root``, which ``nodes`` (RLP, root first) lead from
    to the account, and ``storage_root`` leads to the slots. ``nodes`` prove absence, too.
    """

    address: bytes
    block_number: int
    block_hash: bytes
    header: bytes
    sealed_header: bytes
    state_root: bytes
    nonce: int
    balance: int
    code_hash: bytes
    storage_root: bytes
    nodes: tuple[bytes, ...]
    storage: tuple[StorageProof, ...]


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """What is true of the engine behind a gateway (R10: finality is a rule, not a tag).

    ``confirmations``: blocks on top of a block before it is final (0: at once).
    ``max_fee_per_gas`` and ``priority_fee_per_gas`` in wei; ``gas_limit`` per transaction.
    ``block_period`` in seconds (0: a block whenever there is something to mine).
    ``transaction_type``: 2 (EIP-1559) or 0 (legacy with EIP-155).
    ``header_hash``: ``keccak`` of the header, or ``qbft``: without round and seals.
    """

    name: str
    confirmations: int
    max_fee_per_gas: int
    priority_fee_per_gas: int
    gas_limit: int
    block_period: float
    transaction_type: Literal[0, 2] = 2
    header_hash: Literal["keccak", "qbft"] = "keccak"


class CallReverted(Exception):
    """The call ran and was refused by the contract; ``data`` is the ABI-encoded error."""

    def __init__(self, data: bytes) -> None:
        super().__init__("0x" + data.hex())
        self.data = data


class LedgerGateway(Protocol):
    """One chain. Safe to call from several threads; one thread sends.

    ``block_number=None`` means the head. Asking for a block that does not exist raises
    :class:`~ledger.errors.ChainUnavailableError`, except in :meth:`block`.
    """

    @property
    def profile(self) -> EngineProfile: ...

    def chain_id(self) -> int: ...

    def genesis_hash(self) -> bytes: ...

    def head(self) -> Block:
        """The newest block."""

    def final_head(self) -> Block:
        """The newest block that is final by the engine's rule."""

    def block(self, number: int) -> Block | None:
        """The canonical block of that number, or None beyond the head."""

    def code(self, address: bytes, block_number: int | None = None) -> bytes: ...

    def call(self, to: bytes, data: bytes, block_number: int | None = None) -> bytes:
        """``eth_call``; raises :class:`CallReverted` with the revert data."""

    def transaction_count(self, address: bytes) -> int:
        """The number of mined transactions of the sender: its next nonce."""

    def send_raw_transactions(self, raws: Sequence[bytes]) -> list[Handover]:
        """Hand over signed transactions, in order; one answer for each, in the same order.

        A transaction that the chain already knows or has mined counts as taken (R7). One that
        is refused spoils nothing for the others. Handing the same bytes over again is safe.
        The embedded chain mines all that it takes into one block before it returns.
        """

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        """None while the transaction is not mined."""

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        """All events of these contracts in the blocks ``first`` to ``last``, both included,
        checked against the blocks (R12): every block's bloom and hash, no gap, no stranger.
        ``last`` must not lie beyond the head."""

    def storage_at(self, address: bytes, slot: int, block_number: int | None = None) -> bytes:
        """The 32 bytes of a storage slot."""

    def proof(
        self, address: bytes, slots: Sequence[int], block_number: int | None = None
    ) -> AccountProof:
        """``eth_getProof`` with the header it hangs on. Nodes forget old states: ask early."""

    def close(self) -> None: ...
