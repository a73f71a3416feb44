"""Offline verification of entry bundles at one checkpoint, against bare coincurve recovery with the
keccak-256 hashes that cannot be left out, on the same entries, in the same process and run."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from coincurve import PublicKey

from ledger.evidence.bundle import Bundle, EntryClaim
from ledger.evidence.report import Result
from ledger.evidence.verification import Verifier
from ledger.hashing import keccak
from ledger.recorded import RecordedEntry
from ledger.typed_data import Domain, SignedEntry
from ledger.vocabulary import NO_END
from tests.benchmarks.measuring import Figure
from tests.support.evidence import KIND, RAW, EvidenceWorld, evidence_world, inclusion

#: So many entries are recorded, and so many of them proved.
RECORDED: Final = 2_000
PROVED: Final = 400
_ROUNDS: Final = 7


def measure(folder: Path) -> Iterator[Figure]:
    folder.mkdir(parents=True)
    with evidence_world(folder, more=qualifications) as world:
        bundles = proved(world)
        verifier = Verifier(world.anchors())
        for data in bundles:
            assert verifier.verify(data).result is Result.VALID
        entries = [world.records[-1 - n] for n in range(PROVED)]
        bare = [necessary(world, entry, data) for entry, data in zip(entries, bundles, strict=True)]

        def verify() -> None:
            for data in bundles:
                verifier.verify(data)

        def recover() -> None:
            for work in bare:
                work()

        # One after the other, so that both see the same machine.
        spent = [(_seconds(verify), _seconds(recover)) for _ in range(_ROUNDS)]
        ratio = statistics.median(base / whole for whole, base in spent)
        yield Figure("bytes of an entry bundle", statistics.mean(map(len, bundles)), "B")
        yield Figure(
            "recovery and necessary hashes alone", PROVED / min(b for _, b in spent), "entries/s"
        )
        yield Figure("entry bundles verified", PROVED / min(w for w, _ in spent), "bundles/s")
        yield Figure("… as a part of the former", ratio, "×", "≥ 0.5", ratio >= 0.5)
        fresh = world.anchors()
        cold = _seconds(lambda: [Verifier(fresh).verify(data) for data in bundles[:100]])
        yield Figure("entry bundles, each at a checkpoint not seen before", 100 / cold, "bundles/s")


def qualifications(world: EvidenceWorld) -> None:
    """Many qualifications of one issuer, by the hundred."""
    entries: list[SignedEntry] = [
        world.ledger.signed(
            "IssueQualification", world.issuer,
            holder=world.maker.id, category=RAW, model=f"M-{n % 40}", kind=KIND,
            number=f"NP-{n:05}", document=keccak(b"paper %d" % n), validFrom=1_600_000_000,
            validUntil=NO_END,
        )
        for n in range(RECORDED)
    ]  # fmt: skip
    for start in range(0, RECORDED, 100):
        world.clock[0] += 1
        world.ledger.record(*entries[start : start + 100])


def proved(world: EvidenceWorld) -> list[bytes]:
    """The bundles of the last entries, all at one checkpoint."""
    last = len(world.records) - 1
    first = world.entry_bundle(last)
    leaves = [entry.leaf for entry in world.records]
    made = []
    for sequence in range(last, last - PROVED, -1):
        shown = replace(world.shown(sequence), path=inclusion(sequence, leaves))
        made.append(replace(first, entries=(shown,), claim=EntryClaim(sequence)).to_bytes())
    return made


def necessary(world: EvidenceWorld, entry: RecordedEntry, data: bytes) -> Callable[[], None]:
    """What has to be computed for an entry whatever else is done: the hashes of its texts, its
    struct, its digest, the recovered key, its signers and its leaf, and of the path to the root."""
    values = entry.entry.values.values()
    texts = [value.encode() for value in values if isinstance(value, str)]
    struct = entry.entry.action.type_hash + entry.entry.body
    contract = entry.contract
    separator = Domain(contract, world.ledger.deployment.chain_id, entry.address).separator
    before = b"\x19\x01" + separator
    signatures = [_plain(signature) for signature in entry.signatures]
    leaf_words = bytes(1 + 32 * (5 + 2 * len(entry.subjects)))
    path = Bundle.parse(data).entries[0].path or b""
    siblings = [path[i : i + 32] for i in range(0, len(path), 32)]

    def work() -> None:
        for text in texts:
            keccak(text)
        digest = keccak(before + keccak(struct))
        signers = b""
        for signature in signatures:
            key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
            signers += bytes(12) + keccak(key.format(compressed=False)[1:])[12:]
        keccak(signers)
        node = keccak(leaf_words)
        for sibling in siblings:
            node = keccak(b"\x01" + node + sibling)

    return work


def _plain(signature: bytes) -> bytes:
    """r ‖ s ‖ v of an EIP-2098 signature."""
    vs = int.from_bytes(signature[32:], "big")
    return signature[:32] + (vs & ((1 << 255) - 1)).to_bytes(32, "big") + bytes((vs >> 255,))


def _seconds(work: Callable[[], Any] | Callable[[], Sequence[Any]]) -> float:
    """The processor's time: others on the machine are not counted."""
    started = time.process_time()
    work()
    return time.process_time() - started
