"""Judging twice: over the index, and over nothing but what was recorded of that.

>>> with opened(new_data(tmp_path, story=True)) as workspace:
...     replay = Replay.of(workspace.index)
...     answer, content = replay.replayed("standing", question)
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger.evidence.judging import answer
from ledger.evidence.sources import Proven, Recorder, attributed
from ledger.index.repository import Index
from ledger.offer import Entries
from ledger.recorded import Founding, RecordedEntry


@dataclass(frozen=True)
class Content:
    """What evidence for one answer would hold: all of it, as a reader of the evidence has it."""

    entries: tuple[RecordedEntry, ...]
    subjects: frozenset[bytes]
    times: Mapping[int, int]
    registry: bytes
    founding: Founding

    def proven(self, *, without: Collection[bytes] = (), untimed: int | None = None) -> Proven:
        """The records that it makes; some chains not proved to be whole, or one time not told."""
        return Proven(
            attributed(self.entries, self.founding, self.registry),
            self.subjects.difference(without),
            {sequence: at for sequence, at in self.times.items() if sequence != untimed},
            self.registry,
        )

    def replayed(self, kind: str, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer that it gives, all of it used up by that."""
        proven = self.proven()
        found = answer(kind, question, proven, self.founding)
        unused = proven.superfluous()
        assert (unused.subjects, unused.entries, unused.times) == ((), (), ())
        return found


def bare(entry: RecordedEntry) -> RecordedEntry:
    """The entry without what evidence does not state."""
    return replace(entry, author=b"", late=False, block_number=-1, transaction_hash=b"")


@dataclass(frozen=True)
class Replay:
    """Judges over these records of one ledger."""

    records: Entries
    founding: Founding
    registry: bytes

    @classmethod
    def of(cls, index: Index) -> "Replay":
        contracts = {name: address for address, name in index.state().contracts.items()}
        return cls(index, index.founding(), contracts["ParticipantRegistry"])

    def recorded(self, kind: str, question: Mapping[str, Any]) -> tuple[dict[str, Any], Content]:
        """The answer, and what evidence for it would hold."""
        recorder = Recorder(self.records, self.registry, question["position"])
        found = answer(kind, question, recorder, self.founding)
        times: dict[int, int] = {}
        for sequence in recorder.times - recorder.entries.keys():
            recorded_at = self.records.recorded_at(sequence)
            assert recorded_at is not None
            times[sequence] = recorded_at
        content = Content(
            tuple(bare(recorder.entries[n]) for n in sorted(recorder.entries)),
            frozenset(recorder.subjects),
            times,
            self.registry,
            self.founding,
        )
        return found, content

    def replayed(self, kind: str, question: Mapping[str, Any]) -> tuple[dict[str, Any], Content]:
        """The same, asserting that the content alone answers the same and is used up by it."""
        found, content = self.recorded(kind, question)
        assert content.replayed(kind, question) == found
        return found, content
