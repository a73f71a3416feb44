"""What lists of relief goods say, before anything of it becomes an entry on the ledger.

A list names goods received from donors or issued to recipients, row by row, in whatever units
people counted. Nothing is filled in: what a row does not say is unknown here too, and a row that
states nothing carries the problem that says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ledger.registers.model import Document
from ledger.tabular import Problem, Severity


class Direction(StrEnum):
    """RECEIVED: the party is the donor. ISSUED: it is the recipient."""

    RECEIVED = "received"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a list: these goods came from, or went to, this party.

    ``item``, ``spec`` and ``unit`` are as written, without what nobody sees. ``quantity`` is in
    ``unit`` and exact; None means that no amount is stated, which is unknown and never nothing.
    ``row_hash`` is unique to the row (see :func:`ledger.relief.reading.hash_of`). ``marks``:

    * ``amount-may-be-unknown``: the quantity is 1 or empty, which in such lists often means that
      nobody counted;
    * ``repeated``: an earlier row says the same word for word; both count;
    * ``party-unknown``: no donor or recipient is named.
    """

    document: str
    sheet: str
    row: int
    row_hash: bytes
    direction: Direction
    party: str
    item: str
    spec: str
    unit: str
    quantity: Decimal | None
    marks: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands, for people: ``list.xlsx, Sheet1, row 12``."""
        return f"{self.document}, {self.sheet}, row {self.row}"

    @property
    def place_zh(self) -> str:
        return f"{self.document}，工作表 {self.sheet}，第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header that holds anything. ``cells`` are the texts, by their headers.

    ``line`` is None where it states nothing, and then ``problems`` say why.
    """

    document: str
    sheet: str
    number: int
    hash: bytes
    cells: Mapping[str, str]
    line: Line | None
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Whether something of the row could not be taken over."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class SheetReading:
    """One sheet: ``titles`` are (row, text) above the header, ``header`` its row number.

    ``days`` are the full dates that stand outside the table (in a title or under it); which day
    they mean, of printing or of receipt, the list does not say. ``blank`` are the empty rows:
    titles, header, rows and blank rows together are every row of the sheet.
    """

    name: str
    direction: Direction
    titles: tuple[tuple[int, str], ...]
    header: int
    rows: tuple[Row, ...]
    blank: tuple[int, ...]
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ReliefList:
    """One file: a list of goods received or of goods issued."""

    document: Document
    sheets: tuple[SheetReading, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for sheet in self.sheets for row in sheet.rows)

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(row.line for row in self.rows if row.line)

    @property
    def received(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.direction is Direction.RECEIVED)

    @property
    def issued(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.direction is Direction.ISSUED)

    @property
    def problems(self) -> tuple[tuple[str, Problem], ...]:
        """Every problem with the name of its sheet."""
        return tuple((row.sheet, problem) for row in self.rows for problem in row.problems)
