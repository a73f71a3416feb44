"""Try mutants: compile each, and run the contracts' tests against what comes of it.

A worker imports all tests once and then forks for each mutant: the child puts the mutant's code in
the place of the committed artifacts, builds its own world from it and runs the tests until one
fails. Which tests go first changes nothing but the time it takes.
"""

import contextlib
import dataclasses
import os
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from ledger.chain.artifacts import Artifact, load_artifacts
from scripts._compile import ROOT
from tests.mutation.compiling import DoesNotCompile, Sources, compile_code
from tests.mutation.mutants import Mutant

#: What came of a mutant. ``same``: its code is the original's, byte by byte.
End = Literal["killed", "timeout", "survived", "same", "does not compile"]

#: Not among the tests: a snapshot of gas says nothing about behaviour, and the trees none at all.
LEFT_OUT: Final = ("test_gas.py", "test_trees.py")
#: Longest first: these come last.
LAST: Final = ("test_invariants.py",)
#: Seconds that one test may take, and that all may take, for one mutant on a busy machine.
TEST_PATIENCE: Final = 120
PATIENCE: Final = 900
#: The tests of what all contracts share are written against this one, so it is tried alone first.
FIRST: Final = "QualificationRegistry"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mutant; ``by`` is the first test that failed, or the compiler's words."""

    id: str
    end: End
    by: str
    seconds: float


class OriginalFails(Exception):
    """A test fails against the unchanged contracts, so nothing can be learnt."""


def tests_for(path: str) -> list[str]:
    """The tests to run for a mutant of the source at ``path``: its own first, the long last."""
    own = "".join(f"_{c.lower()}" if c.isupper() else c for c in Path(path).stem)
    names = [p.name for p in (ROOT / "tests/contracts").glob("test_*.py")]
    order = sorted(names, key=lambda n: (n in LAST, n != f"test{own}.py", n))
    return [f"tests/contracts/{n}" for n in order if n not in LEFT_OUT]


@dataclass
class Worker:
    """Tries one mutant after the other. ``original`` is the code of the unchanged sources."""

    sources: Sources
    original: Mapping[str, bytes]
    holders: Mapping[str, Sequence[str]]
    #: Tests that killed lately, the latest first: what kills one mutant often kills the next.
    killers: deque[str] = field(default_factory=lambda: deque(maxlen=60))

    def prepare(self) -> None:
        """Import the tests, so that each child finds them ready."""
        run_tests(["--collect-only", *tests_for("")], [])

    def check(self) -> None:
        """Raises :class:`OriginalFails` where a test fails without any change."""
        killer = self.tests_against("", dict(self.original))
        if killer is not None:
            raise OriginalFails(killer)

    def outcome(self, mutant: Mutant) -> Outcome:
        began = time.monotonic()
        end, by = self._try(mutant)
        return Outcome(mutant.id, end, by, round(time.monotonic() - began, 1))

    def _try(self, mutant: Mutant) -> tuple[End, str]:
        sources = {
            **self.sources,
            mutant.path: mutant.applied(self.sources[mutant.path]),
        }
        names = self.holders[mutant.path]
        alone = [FIRST] if FIRST in names else []
        changed: dict[str, bytes] = {}
        # The rest is compiled only for a mutant that lives on in the first.
        for part in (alone, [n for n in names if n not in alone]):
            if not part:
                continue
            try:
                code = compile_code(sources, part)
            except DoesNotCompile as problem:
                return "does not compile", str(problem)
            differs = {n: c for n, c in code.items() if c != self.original[n]}
            if not differs:
                continue
            changed |= differs
            killer = self.tests_against(mutant.path, changed)
            if killer is not None:
                return ("timeout", "") if killer == TOO_LONG else ("killed", killer)
        return ("survived", "") if changed else ("same", "")

    def tests_against(self, path: str, changed: Mapping[str, bytes]) -> str | None:
        """The first test that fails with this code in the place of the committed; None if none
        does."""
        killer = in_child(lambda: self._tests(path, changed))
        if killer and killer != TOO_LONG:
            with contextlib.suppress(ValueError):
                self.killers.remove(killer)
            self.killers.appendleft(killer)
        return killer or None

    def _tests(self, path: str, changed: Mapping[str, bytes]) -> str:
        artifacts = load_artifacts()
        assert isinstance(artifacts, dict)
        for name, code in changed.items():
            artifact: Artifact = artifacts[name]
            artifacts[name] = dataclasses.replace(artifact, bytecode=code)
        return run_tests(["-x", f"--timeout={TEST_PATIENCE}", *tests_for(path)], list(self.killers))


#: The answer of a child that did not end in time.
TOO_LONG: Final = "too long"


def in_child(work: Any, patience: float = PATIENCE) -> str:
    """What ``work()`` returns in a child of this process, or :data:`TOO_LONG`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            answer = work().encode()
            os.write(writing, b"ok " + answer)
        except BaseException as problem:
            os.write(writing, f"no {problem!r}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    ended = False
    try:
        deadline = time.monotonic() + patience
        while not ended and time.monotonic() < deadline:
            time.sleep(0.02)
            ended = os.waitpid(child, os.WNOHANG) != (0, 0)
        if not ended:
            return TOO_LONG
        answer = b"".join(iter(lambda: os.read(reading, 65_536), b"")).decode()
    finally:
        os.close(reading)
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if not answer.startswith("ok "):
        raise RuntimeError(f"the tests could not be run: {answer[:2_000]}")
    return answer.removeprefix("ok ")


class _Watch:
    """Puts the likely killers first and keeps the name of the first test that failed."""

    def __init__(self, killers: Sequence[str]) -> None:
        self.rank = {name: place for place, name in enumerate(killers)}
        self.killer = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.rank.get(item.nodeid, len(self.rank)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid


def run_tests(arguments: Sequence[str], killers: Sequence[str]) -> str:
    """Run pytest in this process; returns the first test that failed, or nothing."""
    watch = _Watch(killers)
    # Others lift it at import; the tests want it as a service has it.
    sys.setrecursionlimit(1_000)
    quiet = ["-q", "--no-header", "-p", "no:xdist", f"--rootdir={ROOT}"]
    with tempfile.TemporaryDirectory(prefix="suyuan-mutation-") as folder:
        words = Path(folder) / "words"
        folders = [f"--basetemp={folder}/tests", "-o", f"cache_dir={folder}/cache"]
        with (
            words.open("w+", encoding="utf-8") as file,
            contextlib.redirect_stdout(file),
            contextlib.redirect_stderr(file),
        ):
            code = pytest.main([*quiet, *folders, *arguments], [watch])
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(words.read_text(encoding="utf-8")[-2_000:])
    if code == pytest.ExitCode.TESTS_FAILED:
        assert watch.killer
        return watch.killer
    return ""


# -------------------------------------------------------------------------------- in a pool

_workers: list[Worker] = []


def start_worker(worker: Worker) -> None:
    """What a process of the pool does first."""
    worker.prepare()
    _workers.append(worker)


def check_original() -> None:
    _workers[0].check()


def try_mutant(mutant: Mutant) -> Outcome:
    return _workers[0].outcome(mutant)
