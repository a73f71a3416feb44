"""The small ledger that the verifiers' tests share, and the verifier in JavaScript."""

from collections.abc import Iterator

import pytest

from tests.support.evidence import EvidenceWorld, evidence_world
from tests.support.node import Verify, node_verifier


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EvidenceWorld]:
    """A ledger with valid bundles of each kind."""
    with evidence_world(tmp_path_factory.mktemp("evidence")) as world:
        yield world


@pytest.fixture(scope="session")
def by_node(evidence: EvidenceWorld) -> Iterator[Verify]:
    """The verifier in JavaScript, with the ledger's anchors."""
    with node_verifier(evidence.anchors()) as verify:
        yield verify
