"""The verifier in JavaScript and the one in Python share no code and say the same: the same result,
check by check, code by code."""

from typing import Any

import pytest

from ledger.evidence import canonical
from ledger.evidence.report import CODES
from ledger.evidence.verification import Verifier
from tests.support.evidence import EvidenceWorld
from tests.support.node import Verify, needs_node, outcome
from tests.verifier.cases import CASES

pytestmark = needs_node

#: Codes that stand for a check with nothing to do, or that was not reached.
_IDLE = {code for code in CODES if code.endswith(".none")} | {"not-reached"}


@pytest.mark.parametrize("sentence", CASES)
def test_both_say_the_same_of(sentence: str, evidence: EvidenceWorld, by_node: Verify) -> None:
    case = CASES[sentence](evidence)
    expected = Verifier(case.anchors).verify(case.data, case.documents).to_json()
    found = by_node(case.data, case.anchors, case.documents)
    assert outcome(found) == outcome(expected)
    assert _decisive(found) == case.code


def _decisive(report: dict[str, Any]) -> str | None:
    deciding = [c["code"] for c in report["checks"] if c["result"] == report["result"]]
    return None if report["result"] == "valid" else deciding[0]


def test_every_code_is_met_by_a_case(evidence: EvidenceWorld) -> None:
    assert set(CODES) - _IDLE - {make(evidence).code for make in CASES.values()} == set()


def test_what_was_seen_before_changes_nothing(evidence: EvidenceWorld, by_node: Verify) -> None:
    verifier = Verifier(evidence.anchors())
    bundle = evidence.bundle("standing").to_json()
    assert verifier.verify(canonical.dumps(bundle)).code is None
    del bundle["ledger"]["contracts"]["QualificationRegistry"]
    data = canonical.dumps(bundle)
    expected = verifier.verify(data).to_json()
    assert _decisive(expected) == "entry.form"
    assert outcome(by_node(data)) == outcome(expected)
