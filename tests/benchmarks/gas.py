"""Gas per signed entry, from the reviewed snapshot; exact, so nothing is run here."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measuring import Figure

SNAPSHOT = Path(__file__).parents[2] / "contracts" / "snapshots" / "gas.json"


def measure(folder: Path) -> Iterator[Figure]:
    for action, ways in json.loads(SNAPSHOT.read_text()).items():
        for way, gas in ways.items():
            if action == "IssueQualification":
                promise, kept = f"at most {PROMISED:,}", gas <= PROMISED
                yield Figure(f"{action}, {WAYS[way]}", gas, "gas", promise, kept)
            else:
                yield Figure(f"{action}, {WAYS[way]}", gas, "gas")


PROMISED = 72_000
WAYS = {
    "oneSigner": "one account",
    "tenSigners": "ten accounts",
    "hundredSigners": "a hundred accounts",
}
