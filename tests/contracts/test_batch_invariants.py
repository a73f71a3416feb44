"""Random lives of goods against a model and against the plain sentences of INVARIANTS.md.

``pytest -s`` prints how often each action was recorded and each error refused an entry.
"""

from collections import Counter

import pytest

from ledger.chain.artifacts import load_artifacts
from ledger.typed_data import ACTIONS
from tests.contracts.batch_life import BatchRun, batch_life
from tests.contracts.batch_model import BATCHES, OVERSIGHT, UNITS

#: What may be done with a lot while a hold or a recall of it stands.
_GOES_ON = {
    "receipt",
    "receiving a unit",
    "settlement",
    "return",
    "quarantine",
    "shipping a unit",
    "packing",
    "unpacking",
    "destruction",
    "loss",
    "finding again",
}


def test_whatever_happens_to_goods_the_invariants_hold(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    accepted: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    while_blocked: Counter[str] = Counter()
    runs: list[BatchRun] = []
    for seed in range(8):
        run = batch_life(tmp_path_factory.mktemp("life"), seed, 300)
        accepted += run.accepted
        errors += run.errors
        while_blocked += run.laws.while_blocked
        runs.append(run)
    print_counts(accepted, errors, while_blocked)

    # Lives in which hardly anything happens show nothing.
    assert set(accepted) >= {a.name for a in ACTIONS.values() if a.contract in _OURS}
    assert set(errors) >= known_errors()
    assert set(while_blocked) == _GOES_ON
    assert accepted.total() > 4_000
    assert errors.total() > 4_000
    assert sum(run.unchanged for run in runs) > 300
    assert min(run.laws.generations() for run in runs) >= 4
    assert max(run.laws.generations() for run in runs) >= 8
    assert sum(run.laws.grown for run in runs) > 50
    assert all(len(run.laws.sent) > 40 for run in runs)
    assert all(len(run.laws.packed) > 15 for run in runs)


@pytest.mark.deep
@pytest.mark.parametrize("part", range(1, 11))
def test_whatever_happens_to_goods_for_long_the_invariants_hold(
    tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    for seed in range(10):
        batch_life(tmp_path_factory.mktemp("life"), 1_000 * part + seed, 800)


_OURS = (BATCHES, UNITS, OVERSIGHT)


def known_errors() -> set[str]:
    """What the three contracts can refuse an entry for, and what their gate can."""
    artifacts = load_artifacts()
    named = {e["name"] for c in _OURS for e in artifacts[c].abi if e["type"] == "error"}
    own = {n for n in named if n.startswith(("Batch", "Oversight", "Entry"))}
    return own | {"QualificationKindNotCovered"}


def print_counts(*counts: Counter[str]) -> None:
    for count in counts:
        print()
        for name, number in sorted(count.items()):
            print(f"{number:7d}  {name}")
