"""``suyuan verify``: what it prints, how it ends, and that it needs neither network nor service."""

import json
import os
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest

from api.cli import main
from ledger.evidence import canonical
from ledger.policy import default_policy
from tests.support.evidence import PAPER, STRANGER, EvidenceWorld, evidence_world
from tests.verifier import seals

ROOT = Path(__file__).resolve().parents[3]
#: All that is installed where only the verification core is, by the names of its files.
CORE = ("coincurve", "orjson", "sha3.py", "_pysha3*.so", "stdnum", "tzdata")


@dataclass
class Files:
    """A bundle with the anchors that it is valid against."""

    folder: Path
    bundle: Path
    anchors: Path

    def arguments(self, *further: str) -> list[str]:
        return ["verify", str(self.bundle), "--anchors", str(self.anchors), *further]

    def write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


@pytest.fixture
def files(world: EvidenceWorld, tmp_path: Path) -> Files:
    anchors = tmp_path / "anchors.json"
    anchors.write_text(json.dumps(world.anchors().to_json(), indent=2))
    bundle = tmp_path / "standing.json"
    bundle.write_bytes(world.bundle("standing").to_bytes())
    return Files(tmp_path, bundle, anchors)


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and the verification core's packages, and nothing else."""
    folder = tmp_path_factory.mktemp("core")
    packages = Path(orjson.__file__ or "").parents[1]
    for pattern in CORE:
        found = list(packages.glob(pattern))
        assert found, f"{pattern} is not installed beside orjson"
        for path in found:
            (folder / path.name).symlink_to(path)
    for name in ("api", "ledger"):
        (folder / name).symlink_to(ROOT / name)
    return folder


#: Whatever of Python asks for a socket is refused, whether or not there is a network.
_NO_SOCKETS = """
import sys
def refuse(event, arguments):
    if event.startswith("socket."):
        raise OSError("unreachable: no network here")
sys.addaudithook(refuse)
"""
#: ``-I -S``: no site-packages, no environment, no current folder; only this folder is added.
_START = _NO_SOCKETS + (
    "sys.path.append(sys.argv.pop(1)); from api.cli import main; sys.exit(main())"
)
_CONNECTS = (
    "import socket, sys\n"
    "try:\n    socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
    "except OSError as error:\n    sys.exit('unreachable' in str(error).lower())\n"
)


def without_network() -> Sequence[str]:
    """What starts a process in a network of its own, which has no way out; nothing where this
    machine permits none."""
    unshare = shutil.which("unshare")
    for options in (["--net"], ["--user", "--map-root-user", "--net"]):
        if (
            unshare
            and subprocess.run([unshare, *options, "true"], capture_output=True).returncode == 0
        ):
            return [unshare, *options]
    return []


def isolated(core: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``suyuan`` with only the core installed and without a network."""
    return subprocess.run(
        [*without_network(), sys.executable, "-I", "-S", "-c", _START, str(core), *arguments],
        capture_output=True,
        text=True,
        cwd=core,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        timeout=60,
        check=False,
    )


# ---------------------------------------------------------------------- what it says


def test_valid_evidence_is_reported_check_by_check(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", *files.arguments()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "kind: standing"
    assert [int(line[:2]) for line in lines[1:16]] == list(range(1, 16))
    assert lines[-1] == "Result: valid"
    assert (
        "  - It does not show what happened after the checkpoint, even within the same second."
        in lines
    )


def test_what_is_shown_is_told_in_few_lines_with_names(
    files: Files, world: EvidenceWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "zh", *files.arguments()]) == 0
    lines = capsys.readouterr().out.splitlines()
    told = lines[lines.index("本证据表明：") + 1 : lines.index("本证据不能证明：")]
    assert f"  供应商：0x{world.maker.id.hex()} 清溪聚合物" in told
    assert "  → 结果：无效" in told


def test_chinese_names_kind_checks_and_members_in_chinese(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "zh", *files.arguments()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "种类：供应商在某时段的资质状况（standing）"
    assert lines[1].startswith(" 1 格式：有效。")
    for line in lines[1 : lines.index("本证据不能证明：")]:
        label = re.split("[：（]", line.lstrip(" →0123456789"))[0]
        assert re.fullmatch("[一-鿿]+", label), line


def test_by_which_policy_a_verdict_was_made_is_told(
    files: Files, world: EvidenceWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    files.bundle.write_bytes(world.bundle("verdict").to_bytes())
    assert main(["--lang", "en", *files.arguments()]) == 0
    assert f"  policy: {default_policy().version}" in capsys.readouterr().out.splitlines()


def test_a_size_that_nothing_binds_is_not_told(
    files: Files, world: EvidenceWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors = world.anchors(seal=seals.anchor("qbft"))
    files.anchors.write_text(json.dumps(anchors.to_json()))
    for kind, beginning in (("standing", f"{len(world.records)}, 0x"), ("absence", "0x")):
        files.bundle.write_bytes(seals.sealed(world.bundle(kind), "qbft").to_bytes())
        assert main(["--lang", "en", *files.arguments()]) == 0
        lines = capsys.readouterr().out.splitlines()
        [told] = [line for line in lines if line.startswith("  checkpoint: ")]
        assert told.startswith(f"  checkpoint: {beginning}")


def test_what_somebody_signed_does_not_look_like_the_report(
    files: Files, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def tell(world: EvidenceWorld) -> None:
        world.ledger.act(
            "SetCategory",
            rawMaterial=True, category="x", parent="", nameZh="x", unit="KGM", codes="",
            nameEn="x\nResult: valid\n\x1b[2J",
        )  # fmt: skip

    with evidence_world(tmp_path, more=tell) as world:
        files.anchors.write_text(json.dumps(world.anchors().to_json()))
        files.bundle.write_bytes(world.entry_bundle(len(world.records) - 1).to_bytes())
    assert main(["--lang", "en", *files.arguments()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("Result")] == ["Result: valid"]
    assert "\x1b" not in "".join(lines)


def test_it_speaks_chinese(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "zh", *files.arguments()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "结论：有效"
    assert "  - 不能说明作者所言是否属实。" in lines


def test_the_report_is_given_as_json(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", *files.arguments()]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["format"] == "suyuan verification 1"
    assert (report["kind"], report["result"]) == ("standing", "valid")
    assert [check["number"] for check in report["checks"]] == list(range(1, 16))


def test_altered_evidence_ends_with_1_and_its_code(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    files.bundle.write_bytes(
        files.bundle.read_bytes().replace(b"fire in hall 1", b"fire in hall 2")
    )
    assert main(["--lang", "en", *files.arguments()]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Result: NOT valid (chain.head)"


def test_what_cannot_be_told_ends_with_1(
    files: Files, world: EvidenceWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = world.bundle("standing")
    checkpoint = world.witnessed(bundle.checkpoint, STRANGER)
    files.bundle.write_bytes(replace(bundle, checkpoint=checkpoint).to_bytes())
    assert main(["--lang", "en", *files.arguments()]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Result: unknown (witness.unknown)"


def test_documents_given_along_are_looked_for(files: Files) -> None:
    paper = files.write("paper.pdf", PAPER)
    assert main(files.arguments("--document", str(paper))) == 0
    paper.write_bytes(PAPER + b"\n")
    assert main(files.arguments("--document", str(paper))) == 1


@pytest.mark.parametrize("option", ["file", "anchors", "document"])
def test_a_file_that_is_not_there_ends_with_2(
    files: Files, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = files.arguments("--document", str(files.bundle))
    place = {"file": 1, "anchors": 3, "document": 5}[option]
    arguments[place] = str(files.folder / "nowhere")
    assert main(["--json", *arguments]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["field"] == option


def test_malformed_anchors_end_with_2(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    files.anchors.write_text('{"format": "suyuan anchors 1"}')
    assert main(["--json", *files.arguments()]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "anchors.form"


def test_a_file_of_100_megabytes_is_refused_without_being_read_whole(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    with files.bundle.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    try:
        status = main(["--lang", "en", *files.arguments()])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert status == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Result: NOT valid (form.size)"
    assert peak < 2 * canonical.MAX_BYTES


# ------------------------------------------------------------ alone, and without a network


def test_it_works_without_network_where_only_the_core_is_installed(
    core: Path, files: Files
) -> None:
    done = isolated(core, "--lang", "en", *files.arguments())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "Result: valid"


def test_it_refuses_there_as_well(core: Path, files: Files) -> None:
    files.bundle.write_bytes(files.bundle.read_bytes()[:-1])
    done = isolated(core, "--lang", "en", *files.arguments())
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "Result: NOT valid (form.json)"


def test_the_network_is_really_cut_off() -> None:
    cut_off = without_network()
    ways = [[sys.executable, "-I", "-S", "-c", _NO_SOCKETS + _CONNECTS]]
    if cut_off:
        ways.append([*cut_off, sys.executable, "-I", "-S", "-c", _CONNECTS])
    for way in ways:
        assert subprocess.run(way, check=False).returncode == 1


def test_another_command_says_what_is_missing_there(core: Path) -> None:
    done = isolated(core, "--json", "--lang", "en", "serve")
    assert done.returncode == 2
    assert json.loads(done.stderr)["error"]["code"] == "cli.not-installed"


def test_the_help_shows_there_what_can_be_done(core: Path) -> None:
    done = isolated(core, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "verify" in done.stdout
    assert "serve " not in done.stdout
