"""A trace back over 1,000 ancestors, in indexes of 10,000 to 1,000,000 lots with their events.

Held against the bare recursive query that fetches the same edges from the same file (``sqlite3``,
nothing around it), and against a walk without an index: web3.py asks a node on this machine for
each lot by ``eth_call`` and, as no contract keeps what a lot was made of, for the entry that made
it by ``eth_getLogs`` with the lot as topic. The node's chain is short, which is in its favour.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from eth_hash.auto import keccak
from web3 import Web3

from ledger.chain.artifacts import load_artifacts
from ledger.index.repository import Index
from ledger.provenance.tracing import Trace, trace_back
from ledger.typed_data import SignedEntry
from ledger.vocabulary import Role
from tests.benchmarks.filling import fill, opened, without_others
from tests.benchmarks.measuring import Figure
from tests.support.anvil import anvil
from tests.support.chains import open_rpc
from tests.support.ledger import NOTHING, open_ledger
from tests.support.supply_network import Network, Size, recorded

LOTS = (10_000, 100_000, 1_000_000)
ANCESTORS = 1_000
ROUNDS = 41
#: Lots on the node's chain.
WALKED = 20

_BARE = """
WITH RECURSIVE back(lot) AS (
    VALUES (?)
    UNION
    SELECT e.input FROM back JOIN lot_edge e ON e.output = back.lot AND e.sequence < ?
)
SELECT e.output, e.input, e.sequence, e.used, e.made, e.happened_at, e.recorded_at
FROM back JOIN lot_edge e ON e.output = back.lot AND e.sequence < ?
"""
_PRAGMAS = ("mmap_size=268435456", "cache_size=-65536", "query_only=ON")


def measure(folder: Path) -> Iterator[Figure]:
    traces: dict[int, float] = {}
    step = _step()
    for lots in LOTS:
        path = folder / f"{lots}.db"
        network = Network(_size(lots), seed=7)
        with opened(path) as database:
            started = time.perf_counter()
            upto = fill(database, recorded(network.entries()))
            seconds = time.perf_counter() - started
            assert network.deep is not None
            yield Figure(
                f"an index of {network.lots:,} lots and {upto:,} entries, generated and written",
                seconds,
                "s",
            )
            ours, bare, found = _compare(path, Index(database), network.deep.id, upto)
        traces[lots] = ours
        count = f"{len(found.lots) - 1:,} ancestors, {len(found.edges):,} edges"
        yield Figure(f"trace back over {count}, best of {ROUNDS}", ours * 1000, "ms")
        yield Figure("the bare recursive query for the same edges", bare * 1000, "ms")
        if lots == LOTS[-1]:
            yield Figure("trace ÷ bare query", ours / bare, "×", "at most 1.5", ours / bare <= 1.5)
            walk = step * len(found.lots)
            yield Figure("eth_call and eth_getLogs for each of these lots", walk * 1000, "ms")
            yield Figure("walk ÷ trace", walk / ours, "×", "at least 100", walk / ours >= 100)
        else:
            yield Figure("trace ÷ bare query", ours / bare, "×")
    slowest = max(traces.values()) / min(traces.values())
    sizes = ", ".join(f"{lots:,}" for lots in LOTS)
    yield Figure(
        f"slowest ÷ fastest trace at {sizes} lots", slowest, "×", "at most 1.5", slowest <= 1.5
    )


def _size(lots: int) -> Size:
    firms = min(3_000, max(300, lots // 30))
    return Size(firms=firms, lots=lots, downstream=0.0, ancestors=ANCESTORS)


def _compare(path: Path, index: Index, deep: bytes, upto: int) -> tuple[float, float, Trace]:
    """Seconds of the trace and of the bare query, each the best of some rounds by turns: others at
    work on the machine only ever add to either."""
    lot = index.lots.lot(deep)
    assert lot is not None
    number = lot.number

    def ours() -> Trace:
        with index.snapshot():
            return trace_back(index.lots, number, upto=upto, size=2 * ANCESTORS)

    with closing(sqlite3.connect(path, isolation_level=None)) as connection, without_others():
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

        def bare() -> list[tuple[int, ...]]:
            return connection.execute(_BARE, (number, upto, upto)).fetchall()

        found = ours()
        assert not found.more
        assert set(found.edges) == set(bare())
        times = [(_seconds(ours), _seconds(bare)) for _ in range(ROUNDS)]
    return min(t for t, _ in times), min(t for _, t in times), found


def _step() -> float:
    """Seconds per lot of a walk without an index, over JSON-RPC from a node on this machine."""
    with anvil() as node:
        gateway = open_rpc(node.url)
        ledger = open_ledger(gateway, now=lambda: gateway.head().time, with_batches=True)
        ledger.category("mask")
        store = ledger.organisation("Corner Store", Role.STORE)
        lots = [
            ledger.act(
                "Commission", store,
                quantity=1, gtin=0, originNotShown=True, document=NOTHING, lot=f"GIFT-{n}",
                category="mask", model="", unit="H87", place="", origin="a donation", cited=(),
            ).subject
            for n in range(WALKED)
        ]  # fmt: skip
        web3 = Web3(Web3.HTTPProvider(node.url))
        address = Web3.to_checksum_address(ledger.deployment.address("BatchLedger"))
        contract = web3.eth.contract(address, abi=list(load_artifacts()["BatchLedger"].abi))
        topic = "0x" + keccak(b"EntryRecorded(uint256,bytes32,bytes20,bytes)").hex()

        def walk() -> None:
            for lot in lots:
                assert contract.functions.lot(lot).call()[2] == 1
                [log] = web3.eth.get_logs(
                    {
                        "address": address,
                        "fromBlock": 0,
                        "topics": [topic, None, "0x" + lot.hex()],
                    }
                )
                event = contract.events.EntryRecorded().process_log(log)
                SignedEntry.unpack("BatchLedger", event["args"]["entry"])

        return min(_seconds(walk) for _ in range(5)) / len(lots)


def _seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started
