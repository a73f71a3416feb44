"""Gas per signed entry, from the reviewed snapshot; exact, so nothing is run here."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measuring import Figure

SNAPSHOT = Path(__file__).parents[2] / "contracts" / "snapshots" / "gas.json"


def measure(folder: Path) -> Iterator[Figure]:
    data = json.loads(SNAPSHOT.read_text())
    for name, value in _flat("", data):
        promised = name.startswith("IssueQualification") and name.endswith(ONE_SIGNER)
        yield Figure(
            name,
            value,
            "gas",
            "at most 72,000" if promised else "",
            value <= 72_000 if promised else None,
        )


ONE_SIGNER = "one signer"


def _flat(prefix: str, data: object) -> Iterator[tuple[str, float]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _flat(f"{prefix}{' · ' if prefix else ''}{key}", value)
    elif isinstance(data, int | float):
        yield prefix, float(data)
