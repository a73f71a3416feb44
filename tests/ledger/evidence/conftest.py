from collections.abc import Iterator

import pytest

from ledger.evidence.verification import Verifier
from tests.support.evidence import EvidenceWorld, evidence_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EvidenceWorld]:
    """A small ledger; tests change nothing in it."""
    with evidence_world(tmp_path_factory.mktemp("evidence")) as made:
        yield made


@pytest.fixture(scope="session")
def verifier(world: EvidenceWorld) -> Verifier:
    return Verifier(world.anchors())
