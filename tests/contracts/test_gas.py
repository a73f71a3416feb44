"""What an entry of each action costs in a batch of 100, on the embedded chain (London rules).

The figures are committed in ``contracts/snapshots/gas.json`` and change only on purpose:
``SUYUAN_UPDATE_SNAPSHOTS=1`` writes them anew. *One signer* is one account with consecutive
nonces, *ten signers* are ten of one organisation with ten entries each, sorted by signer; all
have signed before, so that their nonces' words are in use. The authority's quorum is one.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from ledger.typed_data import ACTIONS, BATCH_ACTIONS
from scripts._compile import ROOT
from tests.benchmarks.gas import PROMISED
from tests.support.batch_gas_world import BatchGasWorld, found_batches
from tests.support.contract_world import ON_ETH_TESTER, ContractWorld, open_world
from tests.support.gas_world import GasWorld, found

pytestmark = pytest.mark.skipif(ON_ETH_TESTER, reason="its snapshot is of the embedded chain")

SNAPSHOT: Final = ROOT / "contracts/snapshots/gas.json"
MEASURED: Final = [a for a in ACTIONS if a != "AdmitContract"]  # nobody admits a hundred
_OF_BATCHES: Final = {a.name for a in BATCH_ACTIONS}
Templates = Mapping[bool, tuple[Path, ContractWorld]]


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The founded ledger without and with the contracts of batches."""
    founded = {}
    for with_batches in (False, True):
        path = tmp_path_factory.mktemp("gas") / "chain.db"
        world = found(path)
        if with_batches:
            found_batches(world)
        world.chain.close()
        founded[with_batches] = (path, world)
    return founded


@pytest.fixture
def measure(templates: Templates, tmp_path: Path) -> Callable[[str, int], int]:
    """Gas by entry of an action with so many signers, on a ledger of its own."""

    def measured(action: str, signers: int) -> int:
        with_batches = action in _OF_BATCHES
        source, template = templates[with_batches]
        path = tmp_path / f"{signers}.db"
        shutil.copy(source, path)
        world = open_world(path, template)
        try:
            kind = BatchGasWorld if with_batches else GasWorld
            return kind(world).measure(action, signers)
        finally:
            world.chain.close()

    return measured


def snapshot() -> Mapping[str, Mapping[str, int]]:
    if not SNAPSHOT.exists():
        return {}
    found: Mapping[str, Mapping[str, int]] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("action", MEASURED)
def test_an_entry_costs_what_the_snapshot_says(
    action: str, measure: Callable[[str, int], int]
) -> None:
    measured = {
        "oneSigner": measure(action, 1),
        "tenSigners": measure(action, 10),
    }
    if action == "DisableAccount":
        measured = {"hundredSigners": measured["oneSigner"]}
    if os.environ.get("SUYUAN_UPDATE_SNAPSHOTS") == "1":
        updated = {**snapshot(), action: measured}
        ordered = {name: updated[name] for name in ACTIONS if name in updated}
        SNAPSHOT.write_text(json.dumps(ordered, indent=2) + "\n", encoding="utf-8")
    assert snapshot().get(action) == measured, action


def test_the_snapshot_names_every_action_and_no_other() -> None:
    assert list(snapshot()) == MEASURED


@pytest.mark.parametrize("actions", PROMISED, ids="+".join)
def test_what_is_promised_is_kept_with_one_signer_and_with_ten(actions: tuple[str, ...]) -> None:
    for signers in ("oneSigner", "tenSigners"):
        assert sum(snapshot()[a][signers] for a in actions) <= PROMISED[actions], signers
