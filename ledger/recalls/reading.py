"""Recalls of devices as openFDA publishes them (enforcement reports, CSV).

Rules kept here:

* One record for each recall number. A second row under a number is refused: it repeats the first,
  or contradicts it and nobody can tell which holds.
* A date is a day in New York and becomes its first instant. 0 means unstated, never "not yet".
* The lots are what can be read out of free text, beside the text itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.days import NEW_YORK, iso_day, start_of_day
from ledger.hashing import keccak
from ledger.recalls.lots import LotReading, parse_lots
from ledger.registers.model import Document
from ledger.registers.reading import Draft, draft_of, usable
from ledger.tabular import Problem, Record, Severity, Table, read_csv, require_columns

#: The register's name, for accreditation and citation.
REGISTER: Final = "fda-recalls"
#: Columns that a file must have; further ones are kept in ``cells``.
COLUMNS: Final = (
    "recall_number", "recalling_firm", "product_description", "code_info", "product_quantity",
    "reason_for_recall", "classification", "status", "recall_initiation_date",
    "termination_date", "report_date",
)  # fmt: skip

_NUMBER: Final = re.compile(r"[A-Z]-[0-9]{3,4}-[0-9]{4}")
_CLASSES: Final = frozenset({"Class I", "Class II", "Class III"})
_STATUSES: Final = frozenset({"Ongoing", "Completed", "Terminated"})


@dataclass(frozen=True, slots=True)
class Recall:
    """One recall as the register states it. Texts are on one line and otherwise as published.

    ``initiated``, ``reported`` and ``ended`` are instants in UTC seconds, the first of their day
    in New York; 0 is unstated. ``code_info`` is the whole text about lots, of which ``lots`` is
    what could be read. ``quantity`` is text: units and figures are the firm's own. ``marks``:

    * ``ended-undated``: terminated or completed, without a day;
    * ``lots-unread``: part of ``code_info`` was not understood, and stands in ``lots.unparsed``;
    * ``range-undecidable``: nobody can tell from the text which lots lie in a range;
    * ``no-lots``: no lot and no "all lots" could be read, so nothing can be matched by lot.
    """

    document: str
    row: int
    row_hash: bytes
    number: str
    event: str
    firm: str
    product: str
    code_info: str
    quantity: str
    reason: str
    classification: str
    status: str
    initiated: int
    reported: int
    ended: int
    lots: LotReading
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One row of the file; ``recall`` is None where it states none, and ``problems`` say why."""

    number: int
    hash: bytes
    cells: Mapping[str, Any]
    recall: Recall | None
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Whether something of the row could not be taken over."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class RecallReading:
    """One file of recalls, row by row."""

    document: Document
    rows: tuple[RecallRow, ...]

    @property
    def recalls(self) -> tuple[Recall, ...]:
        return tuple(row.recall for row in self.rows if row.recall)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for row in self.rows for problem in row.problems)


def _instant(draft: Draft, column: str, *, needed: bool = False) -> int:
    """The first instant of the day in a cell; 0 and, where there should be one, a problem."""
    text = draft.text(column)
    day = iso_day(text)
    if day is not None and 1970 < day.year < 9999:
        return start_of_day(day, NEW_YORK)
    if text or needed:
        report = draft.error if needed else draft.warn
        report(
            column,
            "date.form" if text else "date.missing",
            f"{text[:40]!r} is no date (YYYYMMDD)" if text else "no day is stated",
            f"{text[:40]!r} 不是日期（年月日八位）" if text else "未写明日期",
        )
    return 0


def _number(draft: Draft) -> str:
    number = draft.text("recall_number")
    if not _NUMBER.fullmatch(number):
        draft.error(
            "recall_number",
            "number.form" if number else "number.missing",
            f"{number[:40]!r} is no recall number (like Z-1234-2020)",
            f"{number[:40]!r} 不是召回编号（如 Z-1234-2020）",
        )
    return number


def _known(draft: Draft, column: str, values: frozenset[str]) -> str:
    """The text of a cell with a closed set of values; a warning for any other."""
    text = draft.text(column)
    if text not in values:
        draft.warn(
            column,
            "value.unknown",
            f"{text[:40]!r} is none of {', '.join(sorted(values))}",
            f"{text[:40]!r} 不在 {'、'.join(sorted(values))} 之中",
        )
    return text


def _lots(draft: Draft, text: str, marks: list[str]) -> LotReading:
    found = parse_lots(text)
    if found.unparsed:
        marks.append("lots-unread")
        shown = " | ".join(found.unparsed)[:300]
        draft.warn(
            "code_info",
            "lots.unread",
            f"not understood: {shown}",
            f"未能识别：{shown}",
        )
    unclear = [mention.text for mention in found.mentions if not mention.decidable]
    if unclear:
        marks.append("range-undecidable")
        shown = " | ".join(unclear)[:300]
        draft.warn(
            "code_info",
            "lots.range",
            f"which lots lie between cannot be told: {shown}",
            f"无法判断区间内包含哪些批号：{shown}",
        )
    if not any(mention.kind in ("lot", "all") for mention in found.mentions):
        marks.append("no-lots")
        draft.warn(
            "code_info",
            "lots.none",
            "no lot could be read, so nothing can be matched by lot",
            "未能读出任何批号，无法按批号匹配",
        )
    return found


def _read_row(draft: Draft) -> Recall | None:
    number = _number(draft)
    firm = draft.text("recalling_firm")
    if not firm:
        draft.error("recalling_firm", "firm.missing", "the firm is not named", "未写明企业名称")
    initiated = _instant(draft, "recall_initiation_date", needed=True)
    reported = _instant(draft, "report_date")
    ended = _instant(draft, "termination_date")
    classification = _known(draft, "classification", _CLASSES)
    status = _known(draft, "status", _STATUSES)
    if not usable(draft):
        return None
    marks: list[str] = []
    if ended and ended < initiated:
        draft.warn(
            "termination_date",
            "date.order",
            "the recall ends before it begins",
            "召回结束日期早于开始日期",
        )
    if ended and status == "Ongoing":
        draft.warn(
            "status",
            "status.contradicted",
            "ongoing, and yet a day of termination is stated",
            "状态为进行中，却写有结束日期",
        )
    if status in ("Terminated", "Completed") and not ended:
        marks.append("ended-undated")
        draft.warn(
            "termination_date",
            "ended.undated",
            f"{status.lower()}, without a day",
            "已结束，但未写明日期",
        )
    text = " ".join(filter(None, (draft.text("code_info"), draft.text("more_code_info"))))
    lots = _lots(draft, text, marks)
    return Recall(
        draft.document, draft.number, draft.hash, number, draft.text("event_id"), firm,
        draft.text("product_description"), text, draft.text("product_quantity"),
        draft.text("reason_for_recall"), classification, status, initiated, reported, ended,
        lots, tuple(marks),
    )  # fmt: skip


def _row(table: Table, record: Record, seen: dict[str, tuple[int, bytes]]) -> RecallRow:
    draft = draft_of(table, record)
    recall = _read_row(draft) if usable(draft) else None
    if recall is not None:
        row, digest = seen.setdefault(recall.number, (draft.number, draft.hash))
        if row != draft.number:
            same = digest == draft.hash
            draft.error(
                "recall_number",
                "row.duplicate" if same else "number.contradicted",
                f"row {row} has the same number and says "
                + ("the same; it is stated once" if same else "something else; this is left out"),
                f"第 {row} 行编号相同，"
                + ("内容一致，只记一次" if same else "内容不同，本行不予采用"),
            )
            recall = None
    return RecallRow(draft.number, draft.hash, draft.cells, recall, tuple(draft.problems))


def read_recalls(name: str, data: bytes) -> RecallReading:
    """One file of enforcement reports, from its bytes.

    Raises ``RequestError`` where the file cannot be read or a column is missing; what is wrong
    in single rows stands in the rows.
    """
    table = read_csv(name, data)
    require_columns(table, COLUMNS)
    seen: dict[str, tuple[int, bytes]] = {}
    rows = tuple(_row(table, record, seen) for record in table.records)
    return RecallReading(Document(name, keccak(data), len(data)), rows)
