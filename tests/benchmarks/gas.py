"""Gas per signed entry, from the reviewed snapshot; exact, so nothing is run here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks.measuring import Figure

SNAPSHOT = Path(__file__).parents[2] / "contracts" / "snapshots" / "gas.json"

#: What entries may cost, together where more than one is named, in a batch of 100.
PROMISED: Final = {
    ("IssueQualification",): 72_000,
    ("Commission",): 80_000,
    ("Ship", "Receive"): 97_000,
    ("Transform",): 130_000,
}
WAYS = {
    "oneSigner": "one account",
    "tenSigners": "ten accounts",
    "hundredSigners": "a hundred accounts",
}


def measure(folder: Path) -> Iterator[Figure]:
    snapshot = json.loads(SNAPSHOT.read_text())
    for action, ways in snapshot.items():
        for way, gas in ways.items():
            if (action,) not in PROMISED:
                yield Figure(f"{action}, {WAYS[way]}", gas, "gas")
    for actions, most in PROMISED.items():
        for way in ("oneSigner", "tenSigners"):
            gas = sum(snapshot[action][way] for action in actions)
            name = f"{' + '.join(actions)}, {WAYS[way]}"
            yield Figure(name, gas, "gas", f"at most {most:,}", gas <= most)
