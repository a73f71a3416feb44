"""What is true of each engine that the ledger runs on (R10).

``embedded``: this process makes the blocks; each is final at once.
``anvil``: a development node, for tests; mines at once and never reorganises by itself. Start it
with a base fee of zero.
``besu-qbft``: Hyperledger Besu with QBFT, the engine for production: a block that has its seals
is final (tags such as ``finalized`` do not work there), fees are zero (``zeroBaseFee`` and
``min-gas-price=0``), the block hash leaves out round and seals.
"""

from collections.abc import Mapping
from typing import Final

from ledger.chain.protocol import EngineProfile

#: EIP-7825: newer engines take no transaction with more gas than this.
TRANSACTION_GAS_LIMIT: Final = 1 << 24

EMBEDDED: Final = EngineProfile(
    name="embedded",
    confirmations=0,
    max_fee_per_gas=0,
    priority_fee_per_gas=0,
    gas_limit=TRANSACTION_GAS_LIMIT,
    block_period=0.0,
)
ANVIL: Final = EngineProfile(
    name="anvil",
    confirmations=0,
    max_fee_per_gas=0,
    priority_fee_per_gas=0,
    gas_limit=TRANSACTION_GAS_LIMIT,
    block_period=0.0,
)
BESU_QBFT: Final = EngineProfile(
    name="besu-qbft",
    confirmations=0,
    max_fee_per_gas=0,
    priority_fee_per_gas=0,
    gas_limit=TRANSACTION_GAS_LIMIT,
    block_period=2.0,
    transaction_type=0,
    header_hash="qbft",
)

PROFILES: Final[Mapping[str, EngineProfile]] = {p.name: p for p in (EMBEDDED, ANVIL, BESU_QBFT)}
