"""The embedded chain keeps the rules of stock py-evm: the same state, receipts, gas and events."""

import itertools
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from eth.abc import BlockHeaderAPI
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB
from eth.db.trie import make_trie_root_and_nodes
from eth.vm.forks.london import LondonVM
from eth.vm.forks.london.blocks import LondonBlockHeader
from eth.vm.forks.london.state import LondonState
from eth.vm.forks.london.transactions import LondonTransactionBuilder
from eth_hash.auto import keccak
from eth_typing import BlockNumber, Hash32
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.chain.embedded import EmbeddedChain
from ledger.chain.vm import context
from ledger.ethereum import EMPTY_ROOT, contract_address, decode
from tests.support.chains import PROBE, Sender, calldata, open_embedded_chain

SIGNED = Sender()
DIGEST = keccak(b"anything")


def _signature() -> tuple[int, bytes, bytes]:
    from coincurve import PrivateKey

    raw = PrivateKey(SIGNED.secret).sign_recoverable(DIGEST, hasher=None)
    return 27 + raw[64], raw[:32], raw[32:64]


small = st.integers(0, 12)
calls = st.one_of(
    st.tuples(
        st.just("note(uint256,uint256,string)"), st.tuples(small, small, st.text(max_size=40))
    ),
    st.tuples(st.just("fill(uint256,uint256)"), st.tuples(small, small)),
    st.tuples(st.just("clear(uint256,uint256)"), st.tuples(small, small)),
    st.tuples(st.just("refuse(uint256)"), st.tuples(small)),
    st.tuples(st.just("attempt(uint256)"), st.tuples(small)),
    st.tuples(st.just("spawn(bytes32)"), st.tuples(small.map(lambda n: n.to_bytes(32, "big")))),
    st.tuples(
        st.just("recover(bytes32,uint8,bytes32,bytes32)"),
        st.sampled_from([(DIGEST, *_signature()), (DIGEST, 27, b"\x01" * 32, b"\xff" * 32)]),
    ),
    st.tuples(st.just("earlier(uint256)"), st.tuples(small)),
    st.tuples(st.just("nothing()"), st.just(())),
)
transactions = st.tuples(calls, st.sampled_from([40_000, 75_000, 120_000, 2_000_000]))


def stock(chain: EmbeddedChain, blocks: list[list[bytes]]) -> None:
    """Run the same transactions through py-evm as it comes, and compare what each block states."""
    database = AtomicDB(MemoryDB())
    root = EMPTY_ROOT
    for number, raws in enumerate(blocks, 1):
        block = chain.block(number)
        assert block is not None
        ancestors = [chain.block(n) for n in range(number - 1, -1, -1)]
        state = LondonState(
            database,
            context(number, block.time, chain.chain_id(), [b.hash for b in ancestors if b]),
            Hash32(root),
        )
        header: BlockHeaderAPI = LondonBlockHeader(
            difficulty=1, block_number=BlockNumber(number), gas_limit=1 << 40, timestamp=0
        )
        receipts = []
        for raw in raws:
            transaction = LondonTransactionBuilder.decode(raw)
            state.lock_changes()
            computation = state.apply_transaction(transaction)
            receipt = LondonVM.make_receipt(header, transaction, computation, state)
            header = header.copy(gas_used=receipt.gas_used)
            receipts.append(receipt)
        state.persist()
        root = state.state_root
        ours = decode(chain.proof(bytes(20), [], number).header)
        assert int.from_bytes(ours[10], "big") == header.gas_used, "gas used"
        assert ours[5] == make_trie_root_and_nodes(receipts)[0], "receipts root"
        assert ours[3] == root, "state root"


@given(st.lists(st.lists(transactions, min_size=1, max_size=6), min_size=1, max_size=5))
@settings(max_examples=settings().max_examples // 2)
def test_blocks_state_what_stock_py_evm_computes(
    plan: list[list[tuple[tuple[str, tuple[object, ...]], int]]],
) -> None:
    sender = Sender()
    address = contract_address(sender.address, 0)
    created = [sender.sign(None, bytes.fromhex(PROBE["bytecode"][2:]))]
    blocks = [created] + [
        [sender.sign(address, calldata(name, *values), gas=gas) for (name, values), gas in block]
        for block in plan
    ]
    ticks = itertools.count(int(time.time()), 7)
    with TemporaryDirectory() as folder:
        chain = open_embedded_chain(Path(folder) / "chain.db", clock=lambda: next(ticks))
        for raws in blocks:
            assert all(h.refusal is None for h in chain.send_raw_transactions(raws))
        stock(chain, blocks)
        chain.close()
