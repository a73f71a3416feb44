"""What the ledger needs of a chain, and nothing more.

Two gateways keep this protocol: :mod:`ledger.chain.embedded` and :mod:`ledger.chain.json_rpc`.
Every method raises :class:`~ledger.errors.ChainUnavailableError` when the chain does not answer
and :class:`~ledger.errors.ForeignLedgerError` when it is not the chain that was pinned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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


@dataclass(frozen=True, slots=True)
class EngineProfile:
    """What is true of the engine behind a gateway (R10: finality is a rule, not a tag).

    ``confirmations``: blocks on top of a block before it is final (0: at once).
    ``max_fee_per_gas`` and ``priority_fee_per_gas`` in wei; ``gas_limit`` per transaction.
    """

    name: str
    confirmations: int
    max_fee_per_gas: int
    priority_fee_per_gas: int
    gas_limit: int
    block_period: float


class LedgerGateway(Protocol):
    """One chain. Safe to call from several threads; one thread sends."""

    @property
    def profile(self) -> EngineProfile: ...

    def chain_id(self) -> int: ...

    def genesis_hash(self) -> bytes: ...

    def head(self) -> Block:
        """The newest block."""

    def final_head(self) -> Block:
        """The newest block that is final by the engine's rule."""

    def block(self, number: int) -> Block | None: ...

    def code(self, address: bytes) -> bytes: ...

    def call(self, to: bytes, data: bytes, block_number: int | None = None) -> bytes:
        """``eth_call``; raises :class:`CallReverted` with the revert data."""

    def transaction_count(self, address: bytes) -> int:
        """The number of mined transactions of the sender."""

    def send_raw_transactions(self, raws: Sequence[bytes]) -> list[bytes]:
        """Hand over signed transactions, in order; returns their hashes.

        A transaction that the chain already knows or has mined counts as handed over (R7).
        The embedded chain mines them into one block before it returns.
        """

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        """None while the transaction is not mined."""

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        """All events of these contracts in the blocks ``first`` to ``last``, both included,
        checked against the blocks (R12): every block's bloom and hash, no gap, no stranger."""

    def storage_at(self, address: bytes, slot: int, block_number: int | None = None) -> bytes: ...

    def close(self) -> None: ...


class CallReverted(Exception):
    """The call ran and was refused by the contract; ``data`` is the ABI-encoded error."""

    def __init__(self, data: bytes) -> None:
        super().__init__("0x" + data.hex())
        self.data = data
