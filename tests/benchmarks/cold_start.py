"""From starting the process to its first answer, with 1,000 and with 100,000 entries recorded."""

import statistics
from collections.abc import Iterator
from pathlib import Path

from eth_hash.auto import keccak

from ledger import demo
from ledger.authoring import Author
from ledger.typed_data import SignedEntry
from ledger.vocabulary import NO_END
from tests.benchmarks.load import serving
from tests.benchmarks.measuring import Figure, found, recorded, signers

SMALL, LARGE = 1_000, 100_000
STARTS = 5


def measure(folder: Path) -> Iterator[Figure]:
    medians = []
    for entries in (SMALL, LARGE):
        data = folder / str(entries)
        data.mkdir(parents=True)
        _fill(data, entries)
        medians.append(statistics.median(_start(data) for _ in range(STARTS)))
        yield Figure(f"cold start with {entries:,} entries, median of {STARTS}", medians[-1], "s")
    ratio = medians[1] / medians[0]
    yield Figure("ratio", ratio, "×", "at most 2", ratio <= 2)


def _start(data: Path) -> float:
    with serving(data) as (_, seconds):
        return seconds


def _fill(data: Path, entries: int) -> None:
    """Issue qualifications until the ledger has so many entries."""
    keys = signers()
    workspace = found(data, keys)
    try:
        office = next(o for o in demo.OFFICES if o.key == "regulator")
        author = Author(
            keys["regulator"],
            office.id,
            workspace.domains,
            workspace.index.next_nonce,
            workspace.clock,
        )
        batch: list[SignedEntry] = []
        for number in range(entries - workspace.position):
            holder = demo.SUPPLIERS[number % len(demo.SUPPLIERS)]
            entry = author.write(
                "IssueQualification",
                holder=holder.id,
                validFrom=demo.REQUIRED_FROM,
                validUntil=NO_END,
                document=keccak(number.to_bytes(4, "big")),
                category=demo.MASK,
                model=f"M-{number}",
                kind="cn-device-registration",
                number=f"bench-{number}",
            )
            batch.append(author.sign(entry))
            if len(batch) == 5000:
                recorded(workspace, batch)
                batch = []
        recorded(workspace, batch)
    finally:
        workspace.close()
