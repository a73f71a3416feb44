"""The command line: what it prints, what it leaves behind, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from eth_hash.auto import keccak
from fastapi import FastAPI

from api.access import CallerRole
from api.app import create_app
from api.cli import main
from api.tokens.service import issue
from ledger import demo
from ledger.demo.batches import OTHER_MASK_LOT
from ledger.keystore import load_key, read_password, write_secret
from ledger.registers import read
from ledger.typed_data import REGISTER_PREFIX, Entry
from ledger.workspace import Workspace
from scripts._setup import PYTHON_STAMP, python_stamp, read_stamp
from tests.support.listening import listening
from tests.support.tables import csv_bytes
from tests.support.workspaces import (
    author,
    cheap_keys,
    key_file,
    new_data,
    opened,
    planned,
    recorded,
    signer,
)

ROOT = Path(__file__).resolve().parents[2]
NIOSH_COLUMNS = (
    "page_last_updated", "supplier_name", "private_label_note", "models_cell", "approval_number",
    "valve",
)  # fmt: skip
ISSUE_COLUMNS = (
    "holder_kind", "holder", "category", "model", "kind", "number", "valid_from", "valid_until",
    "document",
)  # fmt: skip


@dataclass
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.err)["error"]
        return told


@pytest.fixture
def suyuan(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run one command in this process; keys that it makes are cheap."""

    def run(*arguments: object, lang: str = "en", as_json: bool = False) -> Said:
        capsys.readouterr()
        given = ["--lang", lang, *(["--json"] if as_json else []), *map(str, arguments)]
        with cheap_keys():
            try:
                status = main(given)
            except SystemExit as end:  # what argparse does
                status = int(end.code or 0)
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The whole invented world, founded just now; not open."""
    return new_data(tmp_path, story=True, is_live=True)


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# ------------------------------------------------------------------------------------------- keys


def test_a_new_key_is_private_and_says_its_address(suyuan: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    said = suyuan("keys", "new", file, as_json=True)
    password = tmp_path / "mine.json.password"
    for path in (file, password):
        assert path.stat().st_mode & 0o777 == 0o600
    made = load_key(file, read_password(password))
    assert (said.status, said.json) == (0, {"address": "0x" + made.address.hex()})
    assert suyuan("keys", "address", "--key", file).out.strip() == said.json["address"]


def test_no_command_ever_shows_a_private_key_or_a_password(suyuan: Any, tmp_path: Path) -> None:
    file = key_file(tmp_path, "mirror")
    said = suyuan("keys", "address", "--key", file)
    assert said.out.strip() == "0x" + signer("mirror").address.hex()
    assert "not secret" not in said.out + said.err


def test_a_key_file_is_never_overwritten(suyuan: Any, tmp_path: Path) -> None:
    file = key_file(tmp_path, "mirror")
    before = file.read_bytes()
    (tmp_path / "mirror.json.password").unlink()
    said = suyuan("keys", "new", file, as_json=True)
    assert (said.status, said.problem["code"]) == (2, "keystore.exists")
    assert file.read_bytes() == before
    assert not (tmp_path / "mirror.json.password").exists()


@pytest.mark.parametrize("which", ["mirror.json", "mirror.json.password"])
def test_a_key_or_password_that_others_can_read_is_refused(
    suyuan: Any, tmp_path: Path, which: str
) -> None:
    file = key_file(tmp_path, "mirror")
    (tmp_path / which).chmod(0o640)
    said = suyuan("keys", "address", "--key", file)
    assert said.status == 2
    assert which in said.err
    assert "chmod 600" in said.err
    assert "chmod 600" in suyuan("keys", "address", "--key", file, lang="zh").err


def test_a_key_file_that_cannot_be_read_is_named(suyuan: Any, tmp_path: Path) -> None:
    absent = suyuan("keys", "address", "--key", tmp_path / "absent.json")
    assert absent.status == 2
    assert "absent.json" in absent.err
    file = key_file(tmp_path, "mirror")
    file.unlink()
    file.mkdir(mode=0o700)
    unreadable = suyuan("keys", "address", "--key", file)
    assert unreadable.status == 2
    assert "mirror.json cannot be read" in unreadable.err


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"another password\n", "keystore.password"), (b"\n", "keystore.password")],
)
def test_a_wrong_password_opens_nothing(
    suyuan: Any, tmp_path: Path, content: bytes, code: str
) -> None:
    file = key_file(tmp_path, "mirror")
    write(tmp_path / "mirror.json.password", content)
    said = suyuan("keys", "address", "--key", file, as_json=True)
    assert (said.status, said.problem["code"]) == (2, code)
    assert "another password" not in said.err


def test_a_file_that_is_no_key_is_named(suyuan: Any, tmp_path: Path) -> None:
    file = key_file(tmp_path, "mirror")
    write(file, b"{}")
    said = suyuan("keys", "address", "--key", file, as_json=True)
    assert (said.status, said.problem["code"]) == (2, "keystore.form")
    assert str(file) in said.problem["message"]


# ----------------------------------------------------------------------------------------- deploy


def founding(**changes: object) -> str:
    terms: dict[str, object] = {
        "identifier_kind": "uscc",
        "identifier": demo.AUTHORITY.uscc,
        "name_zh": "示例主管机关",
        "name_en": "Example authority",
        "accounts": ["0x" + signer("authority").address.hex()],
        "quorum": 1,
        "max_lateness": 604800,
    }
    return json.dumps(terms | changes)


def deploy(suyuan: Any, folder: Path, terms: str, *more: object) -> Said:
    file = write(folder / "founding.json", terms)
    said: Said = suyuan(
        "deploy", "--data", folder / "new", "--founding", file, "--chain-id", 77, *more,
        as_json=True,
    )  # fmt: skip
    return said


def test_a_ledger_is_deployed_once(suyuan: Any, tmp_path: Path) -> None:
    said = deploy(suyuan, tmp_path, founding())
    assert said.status == 0
    assert set(said.json["contracts"]) == {
        "EntryLog", "ParticipantRegistry", "QualificationRegistry",
        "BatchLedger", "BatchOversight", "LogisticUnits",
    }  # fmt: skip
    with opened(tmp_path / "new") as workspace:
        assert workspace.index.founding().accounts == (signer("authority").address,)
    again = deploy(suyuan, tmp_path, founding())
    assert (again.status, again.problem["code"]) == (2, "workspace.exists")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identifier": "91990000MA0DEM0139"}, None),
        ({"quorum": 2}, "accounts"),
        ({"quorum": 0}, "accounts"),
        ({"accounts": ["0x12"]}, "accounts"),
        ({"accounts": []}, "accounts"),
        ({"accounts": ["0x" + "11" * 20] * 2, "quorum": 2}, "accounts"),
        ({"accounts": None}, "founding"),
        ({"quorum": "many"}, "founding"),
    ],
)
def test_a_wrong_founding_file_founds_nothing(
    suyuan: Any, tmp_path: Path, changes: dict[str, object], field: str | None
) -> None:
    said = deploy(suyuan, tmp_path, founding(**changes))
    assert said.status == 2
    if field is not None:
        assert said.problem["field"] == field
    assert not (tmp_path / "new" / "deployment.json").exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (("--profile", "anvil"), "profile"),
        (("--rpc-url", "http://127.0.0.1:1"), "profile"),
        (("--database-url", "mysql://host/name"), "database"),
    ],
)
def test_a_wrong_setting_founds_nothing(
    suyuan: Any, tmp_path: Path, more: tuple[str, ...], field: str
) -> None:
    said = deploy(suyuan, tmp_path, founding(), *more)
    assert (said.status, said.problem["field"]) == (2, field)


# ----------------------------------------------------------------------------------------- import


def niosh_file(folder: Path, *rows: tuple[str, str, str], name: str = "n95_2020-11-20.csv") -> Path:
    content = csv_bytes(
        NIOSH_COLUMNS,
        *(
            {"supplier_name": s, "models_cell": m, "approval_number": n, "valve": "No"}
            for s, m, n in rows
        ),
    )
    return write(folder / name, content)


ROWS = (("Example Crane Masks", "EC-1", "84A-9001"), ("Example Heron Goods", "EH-1", "84A-9002"))
BAD_ROW = ("Example Ibis Company", "EI-1", "84-95")


def imported(data: Path) -> list[str]:
    with opened(data) as workspace:
        return [q.model for q in workspace.index.listed(REGISTER_PREFIX + "niosh-n95")]


def test_a_register_is_imported_and_the_second_run_finds_nothing_new(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, *ROWS)
    first = suyuan("import", "niosh-n95", file, "--data", data, "--key", key, as_json=True)
    assert first.status == 0
    [told] = first.json
    assert (told["source"], told["entries"], told["dry_run"]) == ("niosh-n95", 5, False)
    assert (told["rows"]["added"], told["rows"]["refused"]) == (2, 0)
    assert imported(data) == ["EC-1", "EH-1"]
    again = suyuan("import", "niosh-n95", file, "--data", data, "--key", key, as_json=True)
    [told] = again.json
    assert (again.status, told["entries"], told["rows"]["unchanged"]) == (0, 0, 2)


def test_a_dry_run_shows_each_row_and_records_nothing(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, *ROWS)
    options = ("--data", data, "--key", key, "--dry-run", "--report")
    papers = sorted((data / "documents").rglob("*"))
    english = suyuan("import", "niosh-n95", file, *options)
    assert english.status == 0
    assert f"added: {file.name} row 2: Example Crane Masks · EC-1 · 84A-9001" in english.out
    assert "新增" in suyuan("import", "niosh-n95", file, *options, lang="zh").out
    assert imported(data) == []
    assert sorted((data / "documents").rglob("*")) == papers


def test_a_refused_row_is_named_and_decides_the_exit_status(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, *ROWS, BAD_ROW)
    options = ("import", "niosh-n95", file, "--data", data, "--key", key)
    said = suyuan(*options)
    assert said.status == 1
    assert "row 4: approval_number" in said.out
    assert imported(data) == ["EC-1", "EH-1"]
    [told] = suyuan(*options, as_json=True).json
    [line] = told["lines"]
    assert (line["row"], line["problem"]["column"]) == (4, "approval_number")
    assert line["problem"]["zh"] != line["problem"]["en"]


def test_the_files_of_a_folder_are_sorted_into_their_registers(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    key, folder = key_file(tmp_path, "mirror"), tmp_path / "folder"
    (folder / "deeper").mkdir(parents=True)
    niosh_file(folder / "deeper", *ROWS)
    eua = ("list_title", "Manufacturer", "Respirator Model(s)", "Country of Manufacture",
           "Instructions for Use")  # fmt: skip
    write(
        folder / "exhibit_2020-11-20.csv",
        csv_bytes(eua, {"Manufacturer": "Example Puffin", "Respirator Model(s)": "EP-1"}),
    )
    write(folder / "other.csv", "a,b\n1,2\n")
    said = suyuan("import", "folder", folder, "--data", data, "--key", key, as_json=True)
    assert said.status == 0
    assert {told["source"] for told in said.json} == {"niosh-n95", "fda-eua-imported"}
    one = folder / "deeper" / "n95_2020-11-20.csv"
    [again] = suyuan("import", "niosh-n95", one, "--data", data, "--key", key, as_json=True).json
    assert again["entries"] == 0, "the same files by another way"


def test_two_files_of_one_name_are_both_read(suyuan: Any, data: Path, tmp_path: Path) -> None:
    key = key_file(tmp_path, "mirror")
    files = []
    for name, row in zip("ab", ROWS, strict=True):
        (tmp_path / name).mkdir()
        files.append(niosh_file(tmp_path / name, row))
    suyuan("import", "niosh-n95", *files, "--data", data, "--key", key)
    assert imported(data) == ["EC-1", "EH-1"]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", None),
        (b"\xff\xfe\xfa\x00\x01", None),
        (b'a,"b\n', None),
        (b"supplier_name,models_cell\nExample,EX-1\n", "page_last_updated"),
    ],
)
def test_a_malformed_file_imports_nothing(
    suyuan: Any, data: Path, tmp_path: Path, content: bytes, field: str | None
) -> None:
    key, file = key_file(tmp_path, "mirror"), write(tmp_path / "list_2020-11-20.csv", content)
    said = suyuan("import", "niosh-n95", file, "--data", data, "--key", key, as_json=True)
    assert said.status == 2
    assert "list_2020-11-20.csv" in said.problem["message"]
    if field is not None:
        assert said.problem["field"] == field
    assert imported(data) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("import", "niosh-n95", "absent.csv"), "file"),
        (("import", "folder", "absent"), "folder"),
        (("import", "niosh-n95", "{list}", "--published", "20 November"), "published"),
    ],
)
def test_what_cannot_be_imported_is_named(
    suyuan: Any, data: Path, tmp_path: Path, arguments: Sequence[str], field: str
) -> None:
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, *ROWS)
    given = [a.replace("{list}", str(file)) for a in arguments]
    for lang in ("en", "zh"):
        said = suyuan(*given, "--data", data, "--key", key, lang=lang, as_json=True)
        assert (said.status, said.problem["field"]) == (2, field)


def test_a_key_that_is_no_account_records_nothing(suyuan: Any, data: Path, tmp_path: Path) -> None:
    suyuan("keys", "new", tmp_path / "stranger.json")
    file = niosh_file(tmp_path, *ROWS)
    said = suyuan(
        "import", "niosh-n95", file, "--data", data, "--key", tmp_path / "stranger.json",
        as_json=True,
    )  # fmt: skip
    assert (said.status, said.problem["field"]) == (2, "key")


@pytest.mark.parametrize(
    ("action", "values", "word"),
    [
        ("RemoveAccount", {"reason": "left"}, "removed"),
        ("DeclareCompromised", {"reason": "stolen", "since": 1_600_000_000}, "compromised"),
    ],
)
def test_a_key_whose_account_ended_is_told_before_anything_is_sent(
    suyuan: Any, data: Path, tmp_path: Path, action: str, values: dict[str, Any], word: str
) -> None:
    with opened(data) as workspace:
        workspace.clock = time.time
        by = author(workspace, "authority")
        recorded(workspace, by, by.write(action, account=signer("mirror").address, **values))
        before = workspace.index.position()
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, *ROWS)
    for lang in ("en", "zh"):
        said = suyuan(
            "import", "niosh-n95", file, "--data", data, "--key", key, lang=lang, as_json=True
        )
        assert (said.status, said.problem["field"]) == (2, "key")
        assert (word in said.problem["message"]) == (lang == "en")
    with opened(data) as workspace:
        assert workspace.index.position() == before


def test_a_row_with_too_many_cells_is_refused_and_the_others_stand(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, *ROWS)
    file.write_bytes(file.read_bytes() + b"x,y,z," * 9 + b"\n" + b"x" * 40_000 + b",,,,,\n")
    said = suyuan("import", "niosh-n95", file, "--data", data, "--key", key, as_json=True)
    [told] = said.json
    assert said.status == 1
    assert [(x["row"], x["problem"]["code"]) for x in told["lines"]] == [
        (4, "row.length"), (5, "cell.too-long"),
    ]  # fmt: skip
    assert imported(data) == ["EC-1", "EH-1"]


def test_entries_of_the_wrong_role_are_refused_one_by_one(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    key, file = key_file(tmp_path, "regulator"), niosh_file(tmp_path, *ROWS)
    said = suyuan("import", "niosh-n95", file, "--data", data, "--key", key, as_json=True)
    [told] = said.json
    assert said.status == 1
    assert len(told["refused_entries"]) == 5
    assert all(r["reason"]["en"] != r["reason"]["zh"] for r in told["refused_entries"])
    assert (told["rows"]["added"], told["rows"]["refused"]) == (0, 2), "what became of the rows"
    assert any(" row 2: " in r["where"] for r in told["refused_entries"])
    plain = suyuan("import", "niosh-n95", file, "--data", data, "--key", key)
    assert "0 entries recorded" in plain.out


def test_the_template_is_written_filled_and_issued(suyuan: Any, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "issues.xlsx"
    assert suyuan("import", "template", file).status == 0
    exists = suyuan("import", "template", file, as_json=True)
    assert (exists.status, exists.problem["field"]) == (2, "file")

    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    row = {
        "holder_kind": "uscc", "holder": demo.QINGLUAN.uscc, "category": "mask.surgical",
        "model": "QL-7", "kind": "cn-device-registration", "number": "示械注准20262140007",
        "valid_from": "2026-01-01", "valid_until": "none", "document": "certificate.pdf",
    }  # fmt: skip
    names = [str(cell.value) for cell in sheet[1]]
    for wanted in (row, row | {"holder": "9199"}):
        sheet.append([wanted.get(name, "") for name in names])
    sheet.append([(row | {"model": '="QL-" & 8'}).get(name, "") for name in names])
    book.save(file)
    papers = tmp_path / "papers"
    papers.mkdir()
    write(papers / "certificate.pdf", b"an example certificate")
    key = key_file(tmp_path, "regulator")
    options = ("import", "issues", file, "--documents", papers, "--data", data, "--key", key)

    first = suyuan(*options, as_json=True)
    [told] = first.json
    assert (first.status, told["entries"], told["rows"]["added"]) == (1, 1, 1)
    assert [(x["row"], x["problem"]["column"]) for x in told["lines"]] == [
        (3, "holder"), (4, "model"),
    ]  # fmt: skip
    assert told["lines"][1]["problem"]["code"] == "cell.formula"
    with opened(data) as workspace:
        [issued] = [
            q for q in workspace.index.qualifications_of(demo.QINGLUAN.id) if q.model == "QL-7"
        ]
        assert workspace.documents.get(issued.document) == b"an example certificate"
    [again] = suyuan(*options, as_json=True).json
    assert (again["entries"], again["rows"]["unchanged"]) == (0, 1)


# ------------------------------------------------------------------ import through a service


@dataclass
class Served:
    """The ledger of ``data`` as a running service holds it."""

    workspace: Workspace
    app: FastAPI
    url: str
    folder: Path

    def options(self, account: str, role: CallerRole = CallerRole.ISSUER, office: str = "") -> Any:
        """Server, token and key for an account; the token of its office, or of another one."""
        found = next(o for o in demo.ALL if (office or account) in (o.key, *o.accounts))
        secret = issue(
            self.workspace, found.id, "example person", role, now=time.time(), lifetime=3600
        ).secret
        token = self.folder / f"{account}.token"
        token.unlink(missing_ok=True)
        write_secret(token, secret.encode())
        return (
            "--server", self.url, "--token-file", token, "--key", key_file(self.folder, account),
        )  # fmt: skip

    def handed_in(self) -> int:
        """How many requests brought entries."""
        measures = self.app.state.context.measures
        found: int = measures.requests["POST", "/v1/entries", 202]
        return found


@pytest.fixture
def served(data: Path, tmp_path: Path) -> Iterator[Served]:
    workspace = Workspace.open(data, clock=time.time)
    try:
        app = create_app(workspace)
        with listening(app) as url:
            yield Served(workspace, app, url, tmp_path)
    finally:
        workspace.close()


def test_a_register_is_imported_through_a_running_service_and_only_once(
    suyuan: Any, served: Served, tmp_path: Path
) -> None:
    file, options = niosh_file(tmp_path, *ROWS, BAD_ROW), served.options("mirror")
    command = ("import", "niosh-n95", file, *options)
    before = served.workspace.index.position()

    dry = suyuan(*command, "--dry-run", as_json=True)
    [told] = dry.json
    assert (dry.status, told["entries"], told["rows"]["added"]) == (1, 5, 2)
    assert served.workspace.index.position() == before
    assert served.workspace.documents.get(keccak(file.read_bytes())) is None

    first = suyuan(*command, as_json=True)
    [told] = first.json
    assert first.status == 1, "a row is refused"
    assert (told["entries"], told["refused_entries"], told["dry_run"]) == (5, [], False)
    assert [line["problem"]["column"] for line in told["lines"]] == ["approval_number"]
    listed = served.workspace.index.listed(REGISTER_PREFIX + "niosh-n95")
    assert [q.model for q in listed] == ["EC-1", "EH-1"]
    assert served.workspace.documents.get(keccak(file.read_bytes())) == file.read_bytes()

    [again] = suyuan(*command, as_json=True).json
    assert (again["entries"], again["rows"]["unchanged"]) == (0, 2)
    assert served.handed_in() == 1


def test_what_a_later_list_has_no_longer_is_delisted_through_a_service(
    suyuan: Any, served: Served, tmp_path: Path
) -> None:
    options = served.options("mirror")
    suyuan("import", "niosh-n95", niosh_file(tmp_path, *ROWS), *options)
    later = niosh_file(tmp_path, ROWS[0], name="n95_2020-12-18.csv")
    [told] = suyuan("import", "niosh-n95", later, *options, as_json=True).json
    assert (told["rows"]["unchanged"], told["rows"]["gone"]) == (1, 1)
    listed = served.workspace.index.listed(REGISTER_PREFIX + "niosh-n95")
    assert [q.state.name for q in listed] == ["IN_FORCE", "DELISTED"]


def test_what_an_interrupted_import_left_waiting_is_not_handed_in_again(
    suyuan: Any, served: Served, tmp_path: Path
) -> None:
    file = niosh_file(tmp_path, *ROWS)
    reading = read("niosh-n95", {file.name: file.read_bytes()})
    plan, by = planned(served.workspace, reading), author(served.workspace, "mirror")
    assert len(plan.entries) == 5
    served.workspace.submitter.accept([by.sign(entry) for entry in plan.entries])
    served.workspace.wake()
    said = suyuan("import", "niosh-n95", file, *served.options("mirror"), as_json=True)
    [told] = said.json
    assert (said.status, told["entries"], told["rows"]["unchanged"]) == (0, 0, 2)


def test_many_entries_are_handed_in_by_several_requests(
    suyuan: Any, served: Served, tmp_path: Path
) -> None:
    models = ", ".join(f"EC-{n}" for n in range(501))
    file = niosh_file(tmp_path, ("Example Crane Masks", models, "84A-9001"))
    said = suyuan("import", "niosh-n95", file, *served.options("mirror"), as_json=True)
    [told] = said.json
    assert (said.status, told["entries"], told["refused_entries"]) == (0, 503, [])
    assert served.handed_in() == 2
    assert len(served.workspace.index.listed(REGISTER_PREFIX + "niosh-n95")) == 501


@pytest.mark.parametrize(
    ("role", "office", "code", "word"),
    [
        (CallerRole.OPERATOR, "", "token.scope", "entries:read"),
        (CallerRole.ISSUER, "regulator", "import.token", "another organisation"),
        (CallerRole.SUPPLIER, "qingluan", "import.account", "no account"),
    ],
)
def test_a_token_that_does_not_fit_the_key_imports_nothing(
    suyuan: Any, served: Served, tmp_path: Path, role: CallerRole, office: str, code: str, word: str
) -> None:
    before = served.workspace.index.position()
    options = served.options("mirror", role, office)
    for lang in ("en", "zh"):
        said = suyuan(
            "import", "niosh-n95", niosh_file(tmp_path, *ROWS), *options, lang=lang, as_json=True
        )
        assert (said.status, said.problem["code"]) == (2, code)
        assert word in said.problem["message"] or lang == "zh"
        assert bool(re.search("[\u4e00-\u9fff]", said.problem["message"])) == (lang == "zh")
    assert served.workspace.index.position() == before


def test_entries_of_the_wrong_role_are_refused_one_by_one_through_a_service(
    suyuan: Any, served: Served, tmp_path: Path
) -> None:
    file = niosh_file(tmp_path, *ROWS)
    said = suyuan("import", "niosh-n95", file, *served.options("regulator"), as_json=True)
    [told] = said.json
    assert said.status == 1
    assert len(told["refused_entries"]) == 5
    assert all(r["reason"]["en"] != r["reason"]["zh"] for r in told["refused_entries"])
    assert (told["rows"]["added"], told["rows"]["refused"]) == (0, 2), "what became of the rows"
    assert any(" row 2: " in r["where"] for r in told["refused_entries"])


def test_a_table_is_issued_through_a_service_and_only_once(
    suyuan: Any, served: Served, tmp_path: Path
) -> None:
    row = {
        "holder_kind": "uscc", "holder": demo.QINGLUAN.uscc, "category": "mask.surgical",
        "model": "QL-7", "kind": "cn-device-registration", "number": "示械注准20262140007",
        "valid_from": "2026-01-01", "valid_until": "none", "document": "certificate.pdf",
    }  # fmt: skip
    unknown = row | {"holder": "91371100168371999W"}
    file = write(tmp_path / "issues.csv", csv_bytes(ISSUE_COLUMNS, row, unknown))
    papers = tmp_path / "papers"
    papers.mkdir()
    write(papers / "certificate.pdf", b"%PDF- an example certificate")
    command = ("import", "issues", file, "--documents", papers, *served.options("regulator"))

    first = suyuan(*command, as_json=True)
    [told] = first.json
    assert (first.status, told["entries"], told["rows"]["added"]) == (1, 1, 1)
    assert [line["problem"]["code"] for line in told["lines"]] == ["holder.unknown"]
    [issued] = [
        q for q in served.workspace.index.qualifications_of(demo.QINGLUAN.id) if q.model == "QL-7"
    ]
    assert served.workspace.documents.get(issued.document) == b"%PDF- an example certificate"
    [again] = suyuan(*command, as_json=True).json
    assert (again["entries"], again["rows"]["unchanged"]) == (0, 1)


# ----------------------------------------------------------------------------- search and verdict


def test_a_supplier_is_found_by_name_code_and_certificate(suyuan: Any, data: Path) -> None:
    for text in ("青鸾", "qingluan", demo.QINGLUAN.uscc, "示械注准20242140001"):
        found = suyuan("search", text, "--data", data, as_json=True)
        assert found.status == 0
        assert [o["organisation"] for o in found.json] == ["0x" + demo.QINGLUAN.id.hex()], text
    nothing = suyuan("search", "nobody at all", "--data", data, as_json=True)
    assert (nothing.status, nothing.json) == (1, [])


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many"])
def test_a_limit_that_is_none_is_refused(suyuan: Any, data: Path, limit: str) -> None:
    assert suyuan("search", "青鸾", "--data", data, "--limit", limit).status == 2


def ask(suyuan: Any, data: Path, supplier: str, model: str, *more: object, **how: Any) -> Said:
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 5 * 86400))
    said: Said = suyuan(
        "verdict", supplier, "--category", demo.MASK, "--model", model, "--quantity", 50_000,
        "--deliver-on", day, "--data", data, *more, **how,
    )  # fmt: skip
    return said


@pytest.mark.parametrize(
    ("supplier", "model", "answer", "status"),
    [
        ("青鸾", "QL-100", "buy", 0),
        ("玄龟", "XG-1", "buy-with-conditions", 1),
        ("blue whale", "BW-3", "do-not-buy", 1),
        ("青鸾", "QL-999", "cannot-tell", 1),
    ],
)
def test_only_buy_ends_with_zero(
    suyuan: Any, data: Path, supplier: str, model: str, answer: str, status: int
) -> None:
    told = ask(suyuan, data, supplier, model, as_json=True)
    assert (told.json["answer"], told.status) == (answer, status)
    plain = ask(suyuan, data, supplier, model)
    assert plain.status == status
    assert plain.out.splitlines()[0] == told.json["answer_text"]["en"].upper()
    chinese = ask(suyuan, data, supplier, model, lang="zh")
    assert chinese.out.splitlines()[0] == told.json["answer_text"]["zh"]


@pytest.mark.parametrize(
    ("lots", "answer"),
    [
        (("09520000000059:QL100-B",), "buy-with-conditions"),
        (("09520000000059:QL100-A", "09520000000059:QL100-B"), "do-not-buy"),
        ((f"9520000000059:QL100-B@0x{demo.QINGLUAN.id.hex()}",), "buy-with-conditions"),
        (("0x" + OTHER_MASK_LOT.id.hex(),), "buy-with-conditions"),
    ],
)
def test_offered_lots_are_weighed(
    suyuan: Any, data: Path, lots: tuple[str, ...], answer: str
) -> None:
    options = [word for lot in lots for word in ("--lot", lot)]
    told = ask(suyuan, data, "青鸾", "QL-100", *options, as_json=True).json
    assert told["answer"] == answer
    assert len(told["question"]["lots"]) == len(lots)
    chinese = ask(suyuan, data, "青鸾", "QL-100", *options, lang="zh").out
    assert "QL100-B" in chinese


def test_lots_are_offered_through_a_running_service(suyuan: Any, served: Served) -> None:
    server = served.options("district", CallerRole.PROCUREMENT)[:4]
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 5 * 86400))
    asked = (
        "verdict", "0x" + demo.QINGLUAN.id.hex(), "--category", demo.MASK, "--model", "QL-100",
        "--quantity", 50_000, "--deliver-on", day, *server, "--lot",
    )  # fmt: skip
    maker = "@0x" + demo.QINGLUAN.id.hex()
    for lot in ("0x" + OTHER_MASK_LOT.id.hex(), "09520000000059:QL100-B" + maker):
        told = suyuan(*asked, lot, as_json=True).json
        assert told["answer"] == "buy-with-conditions"
        assert told["question"]["lots"] == ["0x" + OTHER_MASK_LOT.id.hex()]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (("--quantity", 0), "quantity"),
        (("--quantity", -5), "quantity"),
        (("--quantity", 10**30), "quantity"),
        (("--deliver-on", "Friday"), "deliver_on"),
        (("--deliver-on", "2026-02-30"), "deliver_on"),
        (("--zone", "Atlantis"), "zone"),
        (("--category", "mask.unheard-of"), "category"),
        (("--category", "c" * 300), "category"),
        (("--model", "m" * 300), "model"),
        (("--unit", ""), "unit"),
        (("--known-at", -1), "known_at"),
        (("--lot", "09520000000058:QL100-B"), "lots.0.gtin"),
        (("--lot", "QL100-B"), "lots.0"),
        (("--lot", "0x12"), "lots.0"),
        (("--lot", ":QL100-B@0x12"), "lots.0"),
        (("--lot", "09520000000059:QL100-B") * 2, "lots.1"),
        (("--lot", "09520000000059:QL100-C"), "lots.0"),
    ],
)
def test_a_question_that_cannot_be_meant_names_its_field_in_both_languages(
    suyuan: Any, data: Path, more: Sequence[object], field: str
) -> None:
    messages = set()
    for lang in ("en", "zh"):
        said = ask(suyuan, data, "青鸾", "QL-100", *more, lang=lang, as_json=True)
        assert (said.status, said.problem["field"]) == (2, field)
        messages.add(said.problem["message"])
    assert len(messages) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("示例", "supplier.ambiguous"),
        ("nobody at all", "supplier.unknown"),
        ("0x12", "supplier.unknown"),
    ],
)
def test_a_supplier_that_is_not_one_is_asked_back(
    suyuan: Any, data: Path, text: str, code: str
) -> None:
    said = ask(suyuan, data, text, "QL-100", as_json=True)
    assert (said.status, said.problem["code"]) == (2, code)
    assert said.problem["field"] == "supplier"


def test_an_organisation_that_is_not_on_the_ledger_is_named(suyuan: Any, data: Path) -> None:
    said = ask(suyuan, data, "0x" + "11" * 20, "QL-100", as_json=True)
    assert (said.status, said.problem["field"]) == (2, "organisation")


# ----------------------------------------------------------------------------------------- record


def capacity(data: Path, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "organisation": demo.QINGLUAN.id, "publication": bytes(32), "document": bytes(32),
        "perDay": 70_000, "category": demo.MASK, "model": "", "unit": "H87",
    }  # fmt: skip
    with opened(data) as workspace:
        workspace.clock = time.time
        return author(workspace, "qingluan").write("StateCapacity", **(values | changes))


def test_an_entry_from_a_file_is_signed_and_recorded_once(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "entry.json", json.dumps(capacity(data).to_json()))
    key = key_file(tmp_path, "qingluan")
    first = suyuan("record", file, "--data", data, "--key", key, as_json=True)
    assert (first.status, first.json["state"]) == (0, "final")
    again = suyuan("record", file, "--data", data, "--key", key, as_json=True)
    assert (again.status, again.json["sequence"]) == (0, first.json["sequence"])


def test_an_entry_of_the_wrong_role_is_refused_with_its_reason(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "entry.json", json.dumps(capacity(data).to_json()))
    key = key_file(tmp_path, "laboratory")
    for lang in ("en", "zh"):
        said = suyuan("record", file, "--data", data, "--key", key, lang=lang)
        assert said.status == 1
        assert bool(re.search("[\u4e00-\u9fff]", said.out)) == (lang == "zh")


def test_an_entry_whose_deadline_has_passed_is_never_handed_in(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    entry = capacity(data, deadline=1_600_000_000)
    file = write(tmp_path / "entry.json", json.dumps(entry.to_json()))
    key = key_file(tmp_path, "qingluan")
    said = suyuan("record", file, "--data", data, "--key", key, as_json=True)
    assert (said.status, said.problem["code"]) == (2, "entry.expired")


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "7", "null", "{}", '{"action": 5, "message": {}}',
        '{"action": "Unheard", "message": {}}', '{"action": "StateCapacity", "message": []}',
        '{"action": "StateCapacity", "message": {"perDay": "many"}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_file_that_is_no_entry_is_refused(
    suyuan: Any, data: Path, tmp_path: Path, content: str
) -> None:
    file = write(tmp_path / "entry.json", content)
    key = key_file(tmp_path, "qingluan")
    said = suyuan("record", file, "--data", data, "--key", key, as_json=True)
    assert said.status == 2
    assert said.problem["field"]


# ------------------------------------------------------------------------------- running a ledger


def test_the_index_made_again_is_the_same(suyuan: Any, data: Path) -> None:
    with opened(data) as workspace:
        entries = workspace.index.position().size
    said = suyuan("reindex", "--data", data, as_json=True)
    assert said.status == 0
    assert (said.json["same"], said.json["entries"]) == (True, entries)
    assert suyuan("reindex", "--data", data, as_json=True).json == said.json


def test_a_token_is_shown_once_and_kept_as_a_hash(suyuan: Any, data: Path) -> None:
    said = suyuan(
        "tokens", "--data", data, "--organisation", "0x" + demo.QINGLUAN.id.hex(),
        "--person", "example person", "--role", "supplier", as_json=True,
    )  # fmt: skip
    assert said.status == 0
    secret = said.json["token"]
    with opened(data) as workspace:
        workspace.clock = time.time
        found = workspace.store.find_token(secret, now=time.time())
        assert found is not None
        assert found.organisation == demo.QINGLUAN.id
    for file in data.glob("service.sqlite*"):
        assert secret.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("changes", "field"),
    [(("--organisation", "0x12"), "organisation"), (("--days", "0"), "days")],
)
def test_a_token_for_nobody_is_not_made(
    suyuan: Any, data: Path, changes: tuple[str, str], field: str
) -> None:
    said = suyuan(
        "tokens", "--data", data, "--organisation", "0x" + demo.QINGLUAN.id.hex(),
        "--person", "example person", "--role", "supplier", *changes, as_json=True,
    )  # fmt: skip
    assert (said.status, said.problem["field"]) == (2, field)


def test_a_directory_in_use_names_the_process_and_a_way_out(suyuan: Any, data: Path) -> None:
    with opened(data):
        said = suyuan("search", "青鸾", "--data", data)
    assert said.status == 2
    assert f"held by process {os.getpid()}" in said.err
    assert "--server" in said.err


@pytest.mark.parametrize("command", ["search", "reindex"])
def test_a_directory_without_a_ledger_is_named(suyuan: Any, tmp_path: Path, command: str) -> None:
    text = ("青鸾",) if command == "search" else ()
    said = suyuan(command, *text, "--data", tmp_path / "nowhere", as_json=True)
    assert (said.status, said.problem["code"]) == (2, "workspace.missing")
    assert not (tmp_path / "nowhere").exists()


def test_what_a_register_calls_a_firm_cannot_steer_the_terminal(
    suyuan: Any, data: Path, tmp_path: Path
) -> None:
    evil = "Example \x1b[31mRed\u202e Masks"
    key, file = key_file(tmp_path, "mirror"), niosh_file(tmp_path, (evil, "EC-1", "84A-9001"))
    said = suyuan("import", "niosh-n95", file, "--data", data, "--key", key, "--report")
    listed = suyuan("search", "masks", "--data", data)
    for text in (said.out, said.err, listed.out, listed.err):
        assert "\x1b" not in text
        assert "\u202e" not in text


# ------------------------------------------------------------------------------ as a real process


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_command_runs_as_a_process_and_takes_its_language_from_the_locale(data: Path) -> None:
    english = run("search", "nobody", "--data", data.parent / "nowhere", LC_ALL="C.UTF-8")
    chinese = run("search", "nobody", "--data", data.parent / "nowhere", LC_ALL="zh_CN.UTF-8")
    assert english.returncode == chinese.returncode == 2
    assert "is no data directory" in english.stderr
    assert "不是账本数据目录" in chinese.stderr
    found = run("--json", "search", "青鸾", "--data", data)
    assert found.returncode == 0
    assert json.loads(found.stdout)[0]["name_zh"] == demo.QINGLUAN.name_zh


def test_a_command_without_sense_says_how_it_is_used() -> None:
    said = run("buy", "everything")
    assert said.returncode == 2
    assert "usage: suyuan" in said.stderr


# ------------------------------------------------------------------------------------- the demo


#: The command as people give it, unless it would first set up an environment that is not its own.
_DEMO = (
    [str(ROOT / "scripts" / "demo")]
    if read_stamp(PYTHON_STAMP) == python_stamp("dev")
    else [sys.executable, "-m", "api.cli", "demo"]
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def demo_command(data: Path, *more: object) -> list[str]:
    return [*_DEMO, "--data", str(data), "--port", str(free_port()), *map(str, more)]


def run_demo(data: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        demo_command(data, *more), cwd=ROOT, env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, timeout=130,
    )  # fmt: skip


@pytest.mark.timeout(280)
def test_the_demo_checks_itself_and_goes_on_with_the_same_data(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    first = run_demo(data, "--check")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Check passed." in first.stdout
    assert first.stdout.count("May I buy") == 5, "three makers, two lots"
    pinned = (data / "deployment.json").read_bytes()
    again = run_demo(data, "--check")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Founding" not in again.stdout
    assert (data / "deployment.json").read_bytes() == pinned


@pytest.mark.timeout(280)
def test_a_demo_that_was_stopped_while_it_was_founded_begins_anew(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    process = subprocess.Popen(
        demo_command(data), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        end = time.monotonic() + 100
        while not list(tmp_path.glob(".demo-*/deployment.json")):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not data.exists()
    said = run_demo(data, "--check")
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_demo_leaves_a_folder_of_something_else_alone(suyuan: Any, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine.txt", "mine")
    said = suyuan("demo", "--data", tmp_path, "--check", as_json=True)
    assert (said.status, said.problem["field"]) == (2, "data")
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]
