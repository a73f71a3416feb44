"""The same questions asked of the two implementations of the judgements, which share nothing: the
core's in Python, and the browser's verifier in JavaScript, run by Node.

>>> ledger = Ledger.of_world(world)
>>> differences([(ledger, [("standing", {...}), ...])])
[]
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from ledger.errors import EvidenceError, RequestError
from ledger.evidence.judging import answer
from ledger.evidence.sources import Missing, Proven
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import hexed
from ledger.workspace import Workspace
from tests.support.world import World

#: A kind of claim, and its members but for the answer.
Question: TypeAlias = tuple[str, Mapping[str, Any]]

_RUNNER: Final = Path(__file__).parent / "judge.mjs"
_REGISTRY: Final = b"\x11" * 20


@dataclass(frozen=True)
class Ledger:
    """Everything that a ledger recorded, with the address of its ``ParticipantRegistry``."""

    founding: Founding
    registry: bytes
    entries: Sequence[RecordedEntry]

    @classmethod
    def of_world(cls, world: World) -> "Ledger":
        return cls(world.founding, _REGISTRY, world.entries)

    @classmethod
    def of_workspace(cls, workspace: Workspace) -> "Ledger":
        size = workspace.index.position().size
        registry = workspace.domains["ParticipantRegistry"].address
        return cls(workspace.index.founding(), registry, workspace.index.entries(0, size))

    def to_json(self) -> dict[str, Any]:
        return {
            "registry": hexed(self.registry),
            "founding": _plain(asdict(self.founding)),
            "entries": [_entry_json(e) for e in self.entries],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hexed(value)
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _entry_json(e: RecordedEntry) -> dict[str, Any]:
    return {
        **e.entry.to_json(),
        "sequence": e.sequence,
        "recordedAt": e.recorded_at,
        "contract": e.contract,
        "address": hexed(e.address),
        "signers": _plain(e.signers),
        "author": hexed(e.author),
        "late": e.late,
        "digest": hexed(e.digest),
        "subjects": _plain(e.subjects),
        "previous": _plain(e.previous),
        "leaf": hexed(e.leaf),
    }


class _Whole(Proven):
    """All of a ledger up to a position: what has no chain there has an empty one."""

    def __init__(self, ledger: Ledger, position: int) -> None:
        entries = ledger.entries[:position]
        subjects = {subject for e in entries for subject in e.subjects}
        super().__init__(entries, subjects, {}, ledger.registry)
        self.asked: set[bytes] = set()
        self.timed: set[int] = set()

    def recorded_at(self, sequence: int) -> int:
        self.timed.add(sequence)
        return super().recorded_at(sequence)

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        self.asked.add(subject)
        if subject not in self._chains:
            return ()
        return super().by_subject(subject)


def by_python(ledger: Ledger, questions: Iterable[Question]) -> list[dict[str, Any]]:
    """What the core answers, and which chains and times it asked for."""
    whole: Callable[[int], _Whole] = cache(lambda position: _Whole(ledger, position))
    found: list[dict[str, Any]] = []
    for kind, question in questions:
        records = whole(question["position"])
        records.asked, records.timed = set(), set()
        try:
            told = answer(kind, question, records, ledger.founding)
        except Missing:
            raise
        except (RequestError, EvidenceError):  # both verifiers say claim.question
            found.append({"error": "question"})
        else:
            asked, timed = sorted(map(hexed, records.asked)), sorted(records.timed)
            found.append({"answer": told, "asked": asked, "timed": timed})
    return found


def by_node(asked: Sequence[tuple[Ledger, Sequence[Question]]]) -> list[list[dict[str, Any]]]:
    """What the browser's verifier answers, in one run of Node."""
    told = [{**ledger.to_json(), "questions": questions} for ledger, questions in asked]
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        node = Path(sys.executable).parent / "node"
        done = subprocess.run(
            [node, _RUNNER, file.name],
            capture_output=True,
            encoding="utf-8",
            timeout=900,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    found: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return found


def differences(asked: Sequence[tuple[Ledger, Sequence[Question]]]) -> list[str]:
    """Where the two differ: the question and the member, at most one per question."""
    found = []
    for (ledger, questions), theirs in zip(asked, by_node(asked), strict=True):
        ours = by_python(ledger, questions)
        for question, one, other in zip(questions, ours, theirs, strict=True):
            place = first_difference(json.loads(json.dumps(one)), other)
            if place is not None:
                found.append(f"{json.dumps(question, ensure_ascii=False)}: {place}")
    return found


def first_difference(one: Any, other: Any, where: str = "") -> str | None:
    """The JSON pointer of the first member in which two values differ, with both; None if none."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{where}/{name}", one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{where}/{i}", *pair) for i, pair in enumerate(zip(one, other, strict=True))]
    else:
        same = type(one) is type(other) and one == other
        return None if same else f"{where}: Python {one!r:.300}, JavaScript {other!r:.300}"
    for place, first, second in pairs:
        found = first_difference(first, second, place)
        if found is not None:
            return found
    return None
