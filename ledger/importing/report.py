"""What an import did, or would do, row by row."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ledger.tabular import Problem, Severity
from ledger.typed_data import Entry


class Outcome(StrEnum):
    ADDED = "added"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"
    NOTICE = "notice"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of the file, or of the ledger where the file lists it no longer.

    ``document`` and ``row`` say where it stands (row 0: not in the file); ``what`` names it.
    """

    outcome: Outcome
    document: str
    row: int
    what: str
    problem: Problem | None = None

    def to_json(self) -> dict[str, Any]:
        line: dict[str, Any] = {
            "outcome": self.outcome.value,
            "document": self.document,
            "row": self.row,
            "what": self.what,
        }
        if self.problem is not None:
            line["problem"] = {
                "severity": self.problem.severity.value,
                "column": self.problem.column,
                "code": self.problem.code,
                "en": self.problem.message,
                "zh": self.problem.message_zh,
            }
        return line


@dataclass(frozen=True, slots=True)
class Plan:
    """The entries still missing, in the order in which they must be recorded, and the report.

    ``stated_in``: by the body of an entry, the place of the line that it carries out.
    """

    entries: tuple[Entry, ...]
    lines: tuple[Line, ...]
    stated_in: Mapping[bytes, int]

    def line_of(self, entry: Entry) -> Line | None:
        """The line that the entry carries out; None for what only prepares others (a firm, the
        publication)."""
        index = self.stated_in.get(entry.body)
        return None if index is None else self.lines[index]

    def count(self, outcome: Outcome) -> int:
        """How many lines the plan has with this outcome."""
        return self.counts()[outcome.value]

    def counts(self, refused: Collection[Entry] = ()) -> dict[str, int]:
        """How many lines came to which outcome, those of the ``refused`` entries being refused."""
        failed = {self.stated_in.get(entry.body) for entry in refused}
        found = Counter(
            Outcome.REFUSED if index in failed else line.outcome
            for index, line in enumerate(self.lines)
        )
        return {outcome.value: found[outcome] for outcome in Outcome}


def problem_lines(document: str, problems: tuple[Problem, ...]) -> list[Line]:
    """Refused rows, and remarks on rows that were taken all the same."""
    return [
        Line(
            Outcome.REFUSED if p.severity is Severity.ERROR else Outcome.NOTICE,
            document,
            p.row,
            p.column,
            p,
        )
        for p in problems
    ]
