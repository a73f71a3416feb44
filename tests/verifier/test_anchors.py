"""Both verifiers refuse the same anchors as their holder's mistake: what they say of policies."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import RequestError
from ledger.evidence.anchors import Anchors
from tests.support.evidence import EvidenceWorld
from tests.support.node import NODE, ROOT, needs_node

pytestmark = needs_node


def _wrong(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """The change of the first policy."""
    return lambda anchors: change(anchors["policies"][0])


FAULTS = {
    "no policies": lambda a: a.pop("policies"),
    "policies that are no list": lambda a: a.update(policies={}),
    "a policy that is a list": lambda a: a.update(policies=[[]]),
    "a policy that is nothing": lambda a: a.update(policies=[None]),
    "a policy without a version": _wrong(lambda p: p.pop("version")),
    "a policy with a member more": _wrong(lambda p: p.update(more=1)),
    "a policy without a check": _wrong(lambda p: p["checks"].pop("keys")),
    "a policy with another weight": _wrong(lambda p: p["checks"].update(keys="heavy")),
    "a policy whose freshness is a number": _wrong(lambda p: p.update(freshness_days=30)),
    "a policy of half a day": _wrong(lambda p: p["freshness_days"].update(default=0.5)),
    "a policy of registers in a list": _wrong(lambda p: p["freshness_days"].update(registers=[])),
    "a policy of a register for ever": _wrong(
        lambda p: p["freshness_days"].update(registers={"east": 36_501})
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_both_refuse(fault: str, evidence: EvidenceWorld, tmp_path: Path) -> None:
    anchors = json.loads(json.dumps(evidence.anchors().to_json()))
    bundle, file = tmp_path / "bundle.json", tmp_path / "anchors.json"
    bundle.write_bytes(evidence.bundle("entry").to_bytes())
    FAULTS[fault](anchors)
    file.write_text(json.dumps(anchors))
    with pytest.raises(RequestError) as refused:
        Anchors.parse(file.read_bytes())
    assert refused.value.code == "anchors.form"
    field = str(refused.value.field)
    assert field.startswith("anchors.policies")
    command = [
        str(part) for part in (NODE, ROOT / "api/verifier/cli.mjs", "--anchors", file, bundle)
    ]
    by_node = subprocess.run(command, capture_output=True, text=True, check=False)
    assert by_node.returncode == 2
    assert by_node.stderr.startswith(".".join(field.split(".")[:3]))


def test_anchors_are_read_as_they_were_written_whatever_their_form(evidence: EvidenceWorld) -> None:
    anchors = evidence.anchors()
    assert len(anchors.policies) > 1
    assert Anchors.parse(json.dumps(anchors.to_json(), indent=2).encode()) == anchors
