"""Stock eth-tester as a chain for the contracts' tests: py-evm as released, nothing of ours in it.

``SUYUAN_CONTRACTS_ON=eth-tester`` runs ``tests/contracts`` on it, to show that what the contracts
do does not rest on the embedded chain's own interpreter. It knows what those tests need of a
gateway and no more. Everything goes into eth-tester's pending block, whose time follows the clock
and whose base fee is nothing: a block could not be mined twice within one second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.vm.forks.london import LondonVM
from eth_tester.backends.pyevm.main import get_default_genesis_params, setup_tester_chain
from eth_typing import Address

from ledger.chain.protocol import Block, CallReverted, Handover, Log, Receipt
from tests.support.chains import CHAIN_ID

#: Who asks where nobody in particular does.
_NOBODY = bytes(20)
_GAS_LIMIT = 1 << 40


@dataclass(frozen=True)
class Root:
    """The root of an account's storage, where a gateway gives a whole proof."""

    storage_root: bytes


class StockChain:
    """``clock`` gives the time of the next block, in seconds. ``founded``: a chain to go on from,
    which stays as it is."""

    def __init__(self, clock: Callable[[], float], founded: "StockChain | None" = None) -> None:
        self._clock = clock
        self._receipts: dict[bytes, Receipt] = {}
        if founded is None:
            self._chain: Any = _genesis(int(clock()))
        else:
            kept = founded._chain
            database = AtomicDB(MemoryDB(dict(kept.chaindb.db.wrapped_db.kv_store)))
            self._chain = type(kept)(database, kept.header)
            self._receipts = dict(founded._receipts)

    def close(self) -> None:
        """Nothing is kept."""

    def send_raw_transactions(self, raws: Sequence[bytes]) -> list[Handover]:
        """Carry out each at once."""
        self._move_on()
        handovers = []
        for raw in raws:
            transaction = self._chain.get_transaction_builder().decode(raw)
            before = self._chain.header.gas_used
            _, receipt, computation = self._chain.apply_transaction(transaction)
            hash_ = bytes(transaction.hash)
            self._receipts[hash_] = Receipt(
                transaction_hash=hash_,
                block_number=self._chain.header.block_number,
                block_hash=b"",
                succeeded=not computation.is_error,
                gas_used=receipt.gas_used - before,
                contract_address=None if transaction.to else computation.msg.storage_address,
                logs=tuple(
                    Log(
                        block_number=self._chain.header.block_number,
                        block_hash=b"",
                        transaction_hash=hash_,
                        transaction_index=0,
                        log_index=index,
                        address=log.address,
                        topics=tuple(t.to_bytes(32, "big") for t in log.topics),
                        data=log.data,
                    )
                    for index, log in enumerate(receipt.logs)
                ),
            )
            handovers.append(Handover(hash_, None))
        return handovers

    def receipt(self, transaction_hash: bytes) -> Receipt | None:
        return self._receipts.get(transaction_hash)

    def head(self) -> Block:
        """The pending block, in which the newest transactions are."""
        header = self._chain.header
        return Block(header.block_number, b"", header.parent_hash, header.timestamp)

    def logs(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        return [
            log
            for receipt in self._receipts.values()
            if first <= receipt.block_number <= last
            for log in receipt.logs
            if log.address in addresses
        ]

    def storage_at(self, address: bytes, slot: int, block_number: int | None = None) -> bytes:
        value: int = self._vm.state.get_storage(address, slot)
        return value.to_bytes(32, "big")

    def code(self, address: bytes, block_number: int | None = None) -> bytes:
        return bytes(self._vm.state.get_code(address))

    @property
    def _vm(self) -> Any:
        return self._chain.get_vm(self._chain.header)

    def call(self, to: bytes, data: bytes, block_number: int | None = None) -> bytes:
        self._move_on()
        vm = self._vm
        computation = vm.execute_bytecode(
            origin=Address(_NOBODY),
            gas_price=0,
            gas=50_000_000,
            to=Address(to),
            sender=Address(_NOBODY),
            value=0,
            data=data,
            code=vm.state.get_code(to),
        )
        if computation.is_error:
            raise CallReverted(computation.output)
        return bytes(computation.output)

    def proof(self, address: bytes, slots: Sequence[int]) -> Root:
        account = self._vm.state._account_db._get_account(address)
        return Root(account.storage_root)

    def _move_on(self) -> None:
        time = int(self._clock())
        self._chain.header = self._chain.header.copy(timestamp=time, base_fee_per_gas=0)


def _genesis(time: int) -> Any:
    parameters = get_default_genesis_params(
        {"gas_limit": _GAS_LIMIT, "timestamp": time - 1, "difficulty": 131_072}
    )
    _, chain = setup_tester_chain(parameters, None, 1, ((0, LondonVM),))
    type(chain).chain_id = CHAIN_ID
    return chain
