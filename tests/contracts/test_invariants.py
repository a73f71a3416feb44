"""Random entries, good and bad, against a model; what is checked stands in INVARIANTS.md."""

from collections import Counter
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from ledger.merkle import EMPTY_ROOT, node_hash
from ledger.typed_data import ACTIONS
from tests.contracts.life import Run, life
from tests.support.contract_world import LogModel


def test_whatever_is_sent_the_invariants_hold(tmp_path_factory: pytest.TempPathFactory) -> None:
    total: Counter[str] = Counter()
    refused = 0
    for seed in range(12):
        run = life(tmp_path_factory.mktemp("life"), seed, 50)
        total += run.accepted
        refused += run.errors.total()

    # Lives in which hardly anything is recorded show nothing.
    actions = {a.name for a in ACTIONS.values() if a.contract in Run.contracts}
    assert set(total) >= actions - {"AdmitContract"}
    assert total.total() > 1_000
    assert refused > 1_000


@pytest.mark.deep
@pytest.mark.parametrize("part", range(1, 11))
def test_whatever_is_sent_for_long_the_invariants_hold(
    tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    for seed in range(20):
        life(tmp_path_factory.mktemp("life"), 1_000 * part + seed, 200)


def test_the_frontier_gives_the_root_of_the_whole_tree_at_every_size(tmp_path: Path) -> None:
    """The model of the log itself, against RFC 6962 as it is written."""
    log = LogModel()
    leaves: list[bytes] = []
    assert log.frontier.root() == EMPTY_ROOT
    for number in range(130):
        leaves.append(keccak(number.to_bytes(2, "big")))
        log.frontier.append(leaves[-1])
        assert log.frontier.root() == whole_root(leaves)


def whole_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(whole_root(leaves[:split]), whole_root(leaves[split:]))
