"""What the service builds, the verifier in JavaScript verifies: evidence of the invented world."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from ledger import demo
from ledger.errors import RequestError
from ledger.evidence.verification import Verifier
from ledger.workspace import Workspace
from tests.support.node import NODE, ROOT, needs_node, node_verifier, outcome
from tests.support.service import found_world

pytestmark = needs_node


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    found = found_world(tmp_path_factory.mktemp("built"))
    try:
        yield found
    finally:
        found.close()


def _bundles(workspace: Workspace) -> Iterator[tuple[str, bytes]]:
    """Every standing and every qualification of the world, and some of its entries."""
    evidence, index = workspace.evidence, workspace.index
    for sequence in range(0, index.position().size, 7):
        yield f"entry {sequence}", evidence.entry(sequence)
    for office in demo.ALL:
        with suppress(RequestError):  # it never had anything to do with masks
            yield office.key, evidence.standing(office.id, demo.MASK, "")
        for held in index.qualifications_of(office.id):
            last = index.by_subject(held.id)[-1].sequence
            yield f"{office.key} {last}", evidence.non_revocation(held.id, entry=last)


def test_both_verify_what_the_service_builds(workspace: Workspace) -> None:
    anchors = workspace.checkpoints.anchors()
    ours = Verifier(anchors)
    kinds = set()
    with node_verifier(anchors) as theirs:
        for name, data in _bundles(workspace):
            expected = ours.verify(data).to_json()
            assert outcome(theirs(data)) == outcome(expected), name
            assert expected["result"] == "valid", name
            kinds.add(expected["kind"])
    assert kinds == {"entry", "standing", "non-revocation"}


def test_evidence_kept_as_a_file_is_verified_by_command(
    workspace: Workspace, tmp_path: Path
) -> None:
    bundle, anchors = tmp_path / "bundle.json", tmp_path / "anchors.json"
    data = workspace.evidence.entry(20)
    anchors.write_text(json.dumps(workspace.checkpoints.anchors().to_json()), encoding="utf-8")
    for content, status, word in (
        (data, 0, "VALID"),
        (data.replace(b'"nonce":"', b'"nonce":"1', 1), 1, "INVALID"),
    ):
        bundle.write_bytes(content)
        done = _command(bundle, "--anchors", anchors)
        assert (done.returncode, done.stdout.splitlines()[0]) == (status, word)
    assert _command(bundle, "--anchors", bundle).returncode == 2
    assert _command(bundle).returncode == 2


def test_the_service_hands_the_page_out_to_be_kept(workspace: Workspace) -> None:
    found = TestClient(create_app(workspace)).get("/verifier.html")
    assert found.status_code == 200
    assert found.content == (ROOT / "api/verifier/verify.html").read_bytes()
    assert found.headers["content-disposition"].startswith("attachment; ")


def _command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NODE), str(ROOT / "api/verifier/cli.mjs"), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
