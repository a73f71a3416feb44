"""The virtual machine of the embedded chain: py-evm with London rules.

London, because the contracts are compiled for it: what the tests run is what every permissioned
engine from London on runs. Fees are zero for ever (as on a Besu network with ``zeroBaseFee``), so
nobody needs a balance and the relayer no funding.
"""

from collections.abc import Iterable

from eth_typing import Address, BlockNumber, Hash32

from ledger.chain.interpreter import LedgerComputation
from ledger.chain.pyevm import ExecutionContext, LondonState
from ledger.chain.state import LedgerState
from ledger.chain.store import ChainStore

#: Per block; large enough never to matter, for a block holds what was handed over at once.
BLOCK_GAS_LIMIT = 1 << 40


class LedgerVMState(LondonState):
    """London's rules over :class:`~ledger.chain.state.LedgerState`."""

    account_db_class = LedgerState
    computation_class = LedgerComputation

    @classmethod
    def at(cls, store: ChainStore, root: bytes, context: ExecutionContext) -> "LedgerVMState":
        return cls(store, context, Hash32(root))  # type: ignore[arg-type]

    @property
    def ledger(self) -> LedgerState:
        assert isinstance(self._account_db, LedgerState)
        return self._account_db


def context(number: int, time: int, chain_id: int, ancestors: Iterable[bytes]) -> ExecutionContext:
    """What the block-reading opcodes see; ``ancestors`` are block hashes, newest first."""
    return ExecutionContext(
        coinbase=Address(bytes(20)),
        timestamp=time,
        block_number=BlockNumber(number),
        difficulty=1,
        mix_hash=Hash32(bytes(32)),
        gas_limit=BLOCK_GAS_LIMIT,
        prev_hashes=(Hash32(h) for h in ancestors),
        chain_id=chain_id,
        base_fee_per_gas=0,
    )
