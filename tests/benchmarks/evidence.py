"""Evidence of entries: how many bundles a second come out of the index on one core, how many over
HTTP beside a constant endpoint of the same app in the same run, and how large they are in a ledger
of a million entries."""

import gc
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak

from api.access import CallerRole
from api.cli.serving import make_token
from ledger import demo
from ledger.ethereum import EMPTY_ROOT, Node, Trie, encode
from ledger.evidence import canonical
from ledger.evidence.bundle import Bundle, base64
from ledger.evidence.slots import ROOT_SLOT
from ledger.index.checkpoints import in_order
from ledger.submission import LONGEST_TEXT
from ledger.typed_data import Entry, hexed
from ledger.vocabulary import NO_END
from ledger.workspace import Workspace
from tests.benchmarks import long_ledger
from tests.benchmarks.load import median_latency, request, serving
from tests.benchmarks.measuring import Figure

#: Entries of the ledger that bundles are made of.
ENTRIES = 10_000
#: Bundles made one after another, in no order.
MADE = 20_000
#: How large the ledger is of which sizes are told, and how many bytes a usual entry's may be there.
LARGE = 1_000_000
MOST = 8 * 1024
#: Ledgers of that size whose tries are looked at.
SEEDS = 5


def measure(folder: Path) -> Iterator[Figure]:
    long_ledger.make(folder, ENTRIES)
    workspace = Workspace.open(folder, clock=time.time)
    try:
        rate = _rate(workspace)
        sizes = _sizes(workspace)
        district = next(o for o in demo.OFFICES if o.key == "district")
        token = make_token(workspace, hexed(district.id), "bench", CallerRole.PROCUREMENT, 1)
    finally:
        workspace.close()
    what = "entry bundles out of the index, one core, in no order"
    yield Figure(what, rate, "a second", "at least 2,000", rate >= 2_000)
    usual, largest, worst = sizes
    yield Figure("a usual entry's bundle at 1,000,000 entries", usual, "bytes", "at most 8,192",
                 usual <= MOST)  # fmt: skip
    yield Figure("the largest of them", largest, "bytes", "at most 8,192", largest <= MOST)
    yield Figure("one with five texts as long as any may be", worst, "bytes")

    def evidence(number: int) -> bytes:
        return request("GET", f"/v1/entries/{number * 7919 % ENTRIES}/evidence", token, b"")

    with serving(folder) as (port, _):
        median_latency(port, evidence, requests=500)
        constant = median_latency(port, lambda _: request("POST", "/bench/constant", token, b"{}"))
        served = median_latency(port, evidence)
        constant = min(
            constant,
            median_latency(port, lambda _: request("POST", "/bench/constant", token, b"{}")),
        )
    yield Figure("a constant endpoint, median of 8 connections", constant * 1000, "ms")
    yield Figure("an entry's evidence over HTTP", served * 1000, "ms")
    ratio = constant / served
    yield Figure("its rate ÷ the constant's", ratio, "×", "at least 0.5", ratio >= 0.5)


def _rate(workspace: Workspace) -> float:
    """Bundles a second of the process's own time, in no order: most entries and many paths are not
    at hand."""
    numbers = random.Random(1).choices(range(workspace.position), k=MADE)
    workspace.evidence.entry(0)
    gc.collect()
    started = time.process_time()
    for number in numbers:
        workspace.evidence.entry(number)
    return MADE / (time.process_time() - started)


def _sizes(workspace: Workspace) -> tuple[float, float, float]:
    """Bytes of bundles as they would be in the large ledger: median, largest, and the worst.

    Only what grows with the ledger is put in its place: numbers, the path, and the proof of the
    root among the heads of as many subjects. The worst has five texts as long as any may be.
    """
    kept = workspace.checkpoint()
    proofs = sorted((_root_proof(seed) for seed in range(SEEDS)), key=lambda p: sum(map(len, p)))
    usual, deepest = (
        [base64(node) for node in in_order(kept.account_nodes, proof)]
        for proof in (proofs[SEEDS // 2], proofs[-1])
    )
    told = [
        Bundle.parse(workspace.evidence.entry(number)).to_json()
        for number in range(0, workspace.position, 37)
    ]
    sizes = sorted(_grown(bundle, usual) for bundle in told)
    largest = max(_grown(bundle, deepest) for bundle in told)
    text = "x" * LONGEST_TEXT
    recall = Entry.of(
        "MirrorRecall", nonce=2**64 - 1, happenedAt=NO_END, deadline=NO_END, initiated=NO_END,
        ended=NO_END, organisation=bytes(20), publication=bytes(32), document=bytes(32),
        register=text, number=text, product=text, lots=text, reason=text,
    )  # fmt: skip
    told[-1]["entries"][0].update(recall.to_json())
    return sizes[len(sizes) // 2], largest, _grown(told[-1], deepest)


def _grown(bundle: dict[str, Any], nodes: list[str]) -> int:
    """Bytes of the bundle with what grows with the ledger in its place."""
    [entry] = bundle["entries"]
    entry["path"] = base64(bytes(32 * (LARGE - 1).bit_length()))
    entry["sequence"] = bundle["claim"]["sequence"] = LARGE - 1
    bundle["checkpoint"]["size"] = LARGE
    bundle["nodes"] = nodes
    return len(canonical.dumps(bundle))


def _root_proof(seed: int) -> tuple[bytes, ...]:
    """The nodes that prove the log's root among the heads of so many subjects.

    Keys are hashes, so the first three nodes are full branches of hashes; below them only the keys
    that begin as that of the root matter, and of these a real trie is made.
    """
    wanted = keccak(ROOT_SLOT.to_bytes(32, "big"))
    beginning = (wanted[0], wanted[1] >> 4)
    heads = (keccak(seed.to_bytes(8, "big") + n.to_bytes(24, "big")) for n in range(LARGE))
    near = [key for key in heads if (key[0], key[1] >> 4) == beginning]
    full = encode([bytes(32)] * 16 + [b""])
    nodes: dict[bytes, Node] = {}
    trie = Trie(nodes.__getitem__)
    word = encode(b"\xff" * 32)
    root, made = trie.update(EMPTY_ROOT, dict.fromkeys((*near, wanted), word))
    nodes.update(made)
    # The first node only leads past the shared beginning.
    return full + b"\0", full + b"\1", full + b"\2", *trie.prove(root, wanted)[1:]
