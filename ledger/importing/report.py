"""What an import did, or would do, row by row."""

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
    """The entries still missing, in the order in which they must be recorded, and the report."""

    entries: tuple[Entry, ...]
    lines: tuple[Line, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(line.outcome is outcome for line in self.lines)

    def counts(self) -> dict[str, int]:
        return {outcome.value: self.count(outcome) for outcome in Outcome}


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
