"""Each tree beside the tests names every case of one contract; each leaf is exactly one test.

A leaf "it should refuse X" of ``some.tree`` is ``test_it_should_refuse_x`` of ``test_some.py``.
"""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TREES = sorted(HERE.glob("*.tree"))


@pytest.mark.parametrize("tree", TREES, ids=lambda t: t.stem)
def test_every_leaf_of_the_tree_is_a_test_and_every_test_a_leaf(tree: Path) -> None:
    leaves = re.findall(r"[├└]── (it should .*)", tree.read_text(encoding="utf-8"))
    wanted = [
        "test_" + re.sub(r"[^a-z0-9]+", "_", leaf.lower().replace("'", "")).strip("_")
        for leaf in leaves
    ]
    code = (HERE / f"test_{tree.stem}.py").read_text(encoding="utf-8")
    found = re.findall(r"^def (test_\w+)\(", code, re.MULTILINE)
    assert sorted(wanted) == sorted(found)
    assert len(set(wanted)) == len(wanted)


def test_there_is_a_tree_for_each_contract_and_for_what_they_share() -> None:
    assert [t.stem for t in TREES] == [
        "batch_ledger",
        "batch_oversight",
        "entry_log",
        "logistic_units",
        "participant_registry",
        "qualification_registry",
        "signed_entries",
    ]
