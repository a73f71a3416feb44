"""Audits that were run on the service's machine, and what it compares of itself while it runs."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from api.access import CallerRole
from api.cli import main
from ledger.audit import PARTS, Report, keeping
from ledger.audit.report import Finding, Part
from ledger.audit.running import look
from tests.support.service import Service
from tests.support.workspaces import new_data

AUDITOR = CallerRole.AUDITOR
WEEK = 7 * 86400


@pytest.fixture
def kept(service: Service) -> Any:
    """Keeps a report as an audit of this service's directory does; all are forgotten at the end."""
    data = service.workspace.data

    def keep(differences: int = 0, *, ago: int = 0, parts: tuple[str, ...] = PARTS) -> keeping.Run:
        report = Report()
        for part in parts:
            report.count(part, rows=3)
        for number in range(differences):
            Part("index", report).found(
                "missing", "entry", "it is missing", "缺失", row=number, expected={"a": 1}
            )
        ended = int(service.workspace.clock()) - ago
        return keeping.keep(data, report, begun=ended - 60, ended=ended, parts=parts, held=False)

    yield keep
    for path in (data / keeping.FOLDER).glob("*"):
        path.unlink()


def told(service: Service, path: str = "/v1/audits") -> dict[str, Any]:
    found = service.get(path, AUDITOR)
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


def test_that_there_was_never_an_audit_is_said(service: Service) -> None:
    assert told(service) == {"age": "never", "runs": []}


def test_the_newest_run_comes_first_and_says_what_it_looked_at(service: Service, kept: Any) -> None:
    kept(ago=WEEK + 10)
    kept(2, parts=("chain", "index"))
    body = told(service)
    assert body["age"] == "recent"
    assert [run["number"] for run in body["runs"]] == [2, 1]
    newest = body["runs"][0]
    assert (newest["result"], newest["differences"]) == ("differs", 2)
    assert newest["not_checked"] == ["documents", "verdicts", "checkpoints", "outbox"]
    assert newest["areas"][1] == {"part": "index", "differences": 2, "looked_at": {"rows": 3}}
    whole = told(service, "/v1/audits/2")
    assert [f["row"] for f in whole["found"]] == ["0", "1"]
    assert whole["notes"][0]["zh"]


def test_an_audit_of_more_than_a_week_ago_is_old(service: Service, kept: Any) -> None:
    kept(ago=WEEK + 10)
    assert told(service)["age"] == "old"
    kept(ago=WEEK - 10)
    assert told(service)["age"] == "recent"


def test_what_is_kept_is_bounded_and_its_owners_alone(service: Service, kept: Any) -> None:
    for _ in range(keeping.RUNS + 2):
        last = kept()
    many = kept(keeping.FINDINGS + 7)
    assert many.number == last.number + 1
    body = told(service)
    assert len(body["runs"]) == keeping.RUNS
    assert body["runs"][0]["differences"] == keeping.FINDINGS + 7
    whole = told(service, f"/v1/audits/{many.number}")
    assert (len(whole["found"]), whole["left_out"]) == (keeping.FINDINGS, 7)
    folder = service.workspace.data / keeping.FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b'{"format":"suyuan audit kept 1"}', b"\xff" * 100]
)
def test_what_somebody_else_wrote_there_is_left_out(
    service: Service, kept: Any, content: bytes
) -> None:
    kept()
    (service.workspace.data / keeping.FOLDER / "00000009.json").write_bytes(content)
    (service.workspace.data / keeping.FOLDER / "notes.txt").write_bytes(content)
    assert [run["number"] for run in told(service)["runs"]] == [1]
    assert service.get("/v1/audits/9", AUDITOR).status_code == 404


@pytest.mark.parametrize("role", [r for r in CallerRole if r is not AUDITOR])
def test_audits_are_for_auditors(service: Service, role: CallerRole) -> None:
    assert service.get("/v1/audits", role).status_code == 403
    assert service.get("/v1/audits/1", role).status_code == 403
    assert service.post("/v1/audits/check", role).status_code == 403


def test_an_audit_that_is_not_there_is_unknown(service: Service) -> None:
    missing = service.get("/v1/audits/77", AUDITOR)
    assert (missing.status_code, missing.json()["code"]) == (404, "audit.unknown")


# ------------------------------------------------------------------------------ while it runs


def test_a_running_service_compares_a_sample_and_finds_nothing(service: Service) -> None:
    found = service.post("/v1/audits/check", AUDITOR)
    assert found.status_code == 200, found.text
    body = found.json()
    assert body["found"] == []
    looked = {area["part"]: area["looked_at"] for area in body["areas"]}
    assert looked["documents"]["files"] > 5
    assert looked["index"]["entries"] > 100
    assert set(looked) == {"index", "documents", "verdicts", "checkpoints"}
    [(_, access)] = service.workspace.store.accesses(limit=1)
    assert access.action == "audit.checked"


def test_a_document_that_was_changed_on_disk_is_found_while_the_service_runs(
    service: Service,
) -> None:
    root = service.workspace.documents.root
    [path, *_] = sorted(p for p in root.glob("*/*") if len(p.name) == 62)
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"!")
        found: list[Finding] = look(service.workspace).findings
    finally:
        path.write_bytes(before)
    assert [f.code for f in found] == ["documents.altered"]
    assert path.name in found[0].where


# ------------------------------------------------------------------------------ the command


def test_the_command_keeps_its_report_for_auditors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = new_data(tmp_path, story=True)
    assert main(["--lang", "en", "audit", "--data", str(data), "--only", "documents"]) == 0
    assert "Kept as number 1" in capsys.readouterr().out
    assert main(["--json", "--lang", "zh", "audit", "--data", str(data), "--only", "index"]) == 0
    assert json.loads(capsys.readouterr().out)["result"] == "same"
    newest, first = keeping.runs(data)
    assert (newest.number, newest.parts, newest.differences) == (2, ("index",), 0)
    assert first.not_checked == tuple(part for part in PARTS if part != "documents")
    assert newest.begun <= newest.ended


def test_a_report_that_cannot_be_kept_is_told_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = new_data(tmp_path, story=True)
    (data / keeping.FOLDER).write_text("in the way")
    assert main(["--lang", "en", "audit", "--data", str(data), "--only", "documents"]) == 0
    told = capsys.readouterr().out
    assert "could not be kept" in told
    assert "Nothing differs." in told
