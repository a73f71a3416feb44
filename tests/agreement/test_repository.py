"""What is true of the files of the repository as a whole."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "package-lock.json")
COMMANDS = sorted(p.name for p in (ROOT / "scripts").iterdir() if p.is_file() and not p.suffix)


def tracked() -> list[Path]:
    """Files that are committed or about to be; all files where this is no clone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("this is not a git clone, so what belongs to the repository is not known")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"https?://(?!opencollective|github\.com/sponsors)\S+", _without(text)) == []
    assert "--index-url" not in text
    assert '"resolved"' not in text


def _without(lock: str) -> str:
    """A lock file without its funding notes, which are the packages' own words."""
    if not lock.startswith("{"):
        return lock
    packages = json.loads(lock)["packages"]
    return json.dumps([{**p, "funding": None} for p in packages.values()])


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_every_locked_python_package_carries_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8").strip())
    assert [e for e in entries if "--hash=sha256:" not in e] == []


def test_every_locked_npm_package_carries_a_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    # Native code for other platforms may be out of reach where the lock file is made.
    here = {n: p for n, p in packages.items() if n and _fits_linux_on_x86_64(p)}
    assert [n for n, p in here.items() if "integrity" not in p] == []


def _fits_linux_on_x86_64(package: dict[str, list[str]]) -> bool:
    return "linux" in package.get("os", ["linux"]) and "x64" in package.get("cpu", ["x64"])


def test_tests_run_with_the_versions_that_the_demo_runs_with() -> None:
    runtime, dev = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.M))
        for lock in LOCKS[:2]
    )
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_stated_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["project"]["dependencies"]
    for lock, wanted in (
        ("requirements.lock", needed + project["project"]["optional-dependencies"]["service"]),
        ("requirements-dev.lock", project["dependency-groups"]["dev"]),
    ):
        text = (ROOT / lock).read_text(encoding="utf-8")
        names = [re.match(r"[\w-]+", requirement) for requirement in wanted]
        missing = [n[0] for n in names if n and not re.search(rf"^{n[0]}==", text, re.M)]
        assert missing == [], lock


def test_no_file_names_the_place_where_it_was_written() -> None:
    # Put together here, for this file is read as well.
    places = ["/" + "work" + "/", "." + "library", "/root" + "/", "/home" + "/"]
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)} names {place}" for place in places if place in text]
    assert found == []


@pytest.mark.parametrize("command", [*COMMANDS, "../.ci/run"])
def test_a_command_can_be_executed(command: str) -> None:
    path = ROOT / "scripts" / command
    assert path.stat().st_mode & 0o111, f"{command} is not executable"
    assert path.read_text(encoding="utf-8").startswith("#!/usr/bin/env "), command


def test_every_command_that_the_documents_name_exists() -> None:
    missing = []
    for document in ROOT.glob("*.md"):
        text = document.read_text(encoding="utf-8")
        for name in re.findall(r"(?<![\w/.-])scripts/([\w-]+)", text):
            if name not in COMMANDS:
                missing.append(f"{document.name} names scripts/{name}")
    assert missing == []


def test_every_file_that_the_documents_link_to_exists() -> None:
    missing = []
    for document in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            if path and "://" not in path and not (ROOT / path).exists():
                missing.append(f"{document.name} links to {target}")
    assert missing == []
