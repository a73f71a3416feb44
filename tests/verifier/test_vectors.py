"""The committed vectors are what the script makes, and both verifiers say of each what it says."""

import json
from typing import Any

import pytest

from ledger.evidence import canonical
from ledger.evidence.anchors import Anchors
from ledger.evidence.bundle import KINDS
from ledger.evidence.verification import Verifier
from ledger.hashing import keccak
from ledger.typed_data import hexed
from scripts._vectors import FOLDER, main
from tests.support.node import needs_node, node_verifier, outcome
from tests.support.vectors import laid_over


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_bytes())


def test_the_script_makes_what_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_each_preimage_has_its_hash() -> None:
    found = read("preimages.json")
    assert len(found) > 40
    for row in found:
        assert hexed(keccak(bytes.fromhex(row["preimage"][2:]))) == row["keccak256"], row["what"]


def test_every_fault_is_refused_but_that_a_contract_is_not_named_which_nothing_rests_on() -> None:
    for kind in KINDS:
        found = read(f"{kind}.faults.json")
        assert len(found) > 40, kind
        sound = [fault for fault in found if fault["code"] is None]
        assert {fault["fault"] for fault in sound} <= {"removed"}, kind
        assert {fault["at"].rpartition("/")[0] for fault in sound} <= {"/ledger/contracts"}, kind


@needs_node
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_both_verifiers_say_of_each_fault_what_it_says(kind: str) -> None:
    anchors = Anchors.from_json(read("anchors.json"))
    raw = (FOLDER / f"{kind}.json").read_bytes()
    verifier = Verifier(anchors)
    with node_verifier(anchors) as by_node:
        assert outcome(by_node(raw)) == outcome(verifier.verify(raw).to_json())
        assert by_node(raw)["result"] == "valid"
        for fault in read(f"{kind}.faults.json"):
            data = canonical.dumps(laid_over(json.loads(raw), fault))
            assert hexed(keccak(data)) == fault["keccak256"]
            report = verifier.verify(data)
            assert report.code == fault["code"], fault
            assert outcome(by_node(data)) == outcome(report.to_json()), fault
