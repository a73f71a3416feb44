"""No byte of a bundle can be changed unnoticed by the verifier in JavaScript, and what it says of a
change is what the other says."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ledger.evidence.bundle import KINDS, Bundle
from ledger.evidence.report import CODES
from ledger.evidence.verification import Verifier
from tests.support.evidence import EvidenceWorld
from tests.support.node import NODE, Verify, needs_node, outcome

pytestmark = needs_node

_RUNNER = Path(__file__).parent / "bytes.mjs"


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_counts(kind: str, evidence: EvidenceWorld, tmp_path: Path) -> None:
    anchors, bundle = tmp_path / "anchors.json", tmp_path / "bundle.json"
    anchors.write_text(json.dumps(evidence.anchors().to_json()), encoding="utf-8")
    data = evidence.bundle(kind).to_bytes()
    bundle.write_bytes(data)
    done = subprocess.run(
        [NODE, _RUNNER, anchors, bundle],
        capture_output=True,
        encoding="utf-8",
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["changed"] == len(data)
    assert set(found["codes"]) <= CODES.keys()
    assert [data[place - 40 : place + 10] for place in found["valid"]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_both_find_the_same_in_changed_bytes(
    kind: str, evidence: EvidenceWorld, by_node: Verify, deep: bool
) -> None:
    verifier = Verifier(evidence.anchors())
    data = evidence.bundle(kind).to_bytes()
    for place in range(0, len(data), 1 if deep else 1 + len(data) // 120):
        for change in (1, 16):
            changed = bytearray(data)
            changed[place] ^= change
            expected = verifier.verify(bytes(changed)).to_json()
            found = by_node(bytes(changed))
            assert outcome(found) == outcome(expected), (place, change)


def test_a_bundle_that_ends_early_is_refused(evidence: EvidenceWorld, by_node: Verify) -> None:
    data = evidence.bundle("entry").to_bytes()
    assert isinstance(Bundle.parse(data), Bundle)
    for size in range(0, len(data), 7):
        assert by_node(data[:size])["result"] == "invalid"
