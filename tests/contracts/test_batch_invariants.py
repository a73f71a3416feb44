"""Random lives of goods against a model and against the plain sentences of INVARIANTS.md.

``pytest -s`` prints how often each action was recorded and each error refused an entry.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache

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


_SEEDS = range(8)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], BatchRun]:
    """The life of a seed, lived once: each has a test of its own and all of them another."""
    return cache(lambda seed: batch_life(tmp_path_factory.mktemp("life"), seed, 300))


@pytest.mark.parametrize("seed", _SEEDS)
def test_whatever_happens_to_goods_the_invariants_hold(
    lived: Callable[[int], BatchRun], seed: int
) -> None:
    run = lived(seed)
    assert len(run.laws.sent) > 40
    assert len(run.laws.packed) > 15
    assert run.laws.generations() >= 4


def test_the_lives_do_everything_and_are_refused_for_everything(
    lived: Callable[[int], BatchRun],
) -> None:
    runs = [lived(seed) for seed in _SEEDS]
    accepted = sum((run.accepted for run in runs), Counter[str]())
    errors = sum((run.errors for run in runs), Counter[str]())
    while_blocked = sum((run.laws.while_blocked for run in runs), Counter[str]())
    print_counts(accepted, errors, while_blocked)

    # Lives in which hardly anything happens show nothing.
    assert set(accepted) >= {a.name for a in ACTIONS.values() if a.contract in _OURS}
    assert set(errors) >= known_errors()
    assert set(while_blocked) == _GOES_ON
    assert accepted.total() > 4_000
    assert errors.total() > 4_000
    assert sum(run.unchanged for run in runs) > 300
    assert max(run.laws.generations() for run in runs) >= 8
    assert sum(run.laws.grown for run in runs) > 50


@pytest.mark.deep
@pytest.mark.parametrize("part", range(1, 51))
def test_whatever_happens_to_goods_for_long_the_invariants_hold(
    tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    for seed in range(2):
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
