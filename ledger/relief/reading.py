"""Lists of relief goods in workbooks: bytes in, lines out, and what is wrong with which row.

Rules kept here:

* The header is found by its words; what stands above it is a title, an empty row is empty.
* A merged donor, recipient, item, specification or unit counts for every row that it spans. A
  merged **quantity** counts once, in its first row: the rows below are its continuation.
* A formula states nothing: only its last result could be read.
* A row that repeats another is a second donation as far as anybody can tell. It is marked and
  counted; hence a row's hash names its place, so that no two rows have one hash.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from ledger.hashing import keccak
from ledger.registers.model import Document, row_hash
from ledger.relief.model import Direction, Line, ReliefList, Row, SheetReading
from ledger.tabular import (
    MAX_RECORDS,
    Problem,
    Severity,
    is_formula,
    line,
    malformed,
)
from ledger.workbook import Sheet, cell_text, read_workbook

#: Rows in which the header must stand.
MAX_TITLE_ROWS: Final = 20
#: Longest text of one cell that a line takes over, in characters.
MAX_TEXT: Final = 200
#: What the ledger holds as a quantity (uint40).
MAX_QUANTITY: Final = (1 << 40) - 1

#: Header as printed → what the column says.
HEADERS: Final[Mapping[str, str]] = {
    "捐赠单位": "donor",
    "捐赠方": "donor",
    "接收单位": "recipient",
    "受赠单位": "recipient",
    "品名": "item",
    "入库物资": "item",
    "物资名称": "item",
    "规格": "spec",
    "规格型号": "spec",
    "计量单位": "unit",
    "单位": "unit",
    "数量": "quantity",
    "数量总计": "quantity",
}
_NEEDED: Final[tuple[str, ...]] = ("item", "unit", "quantity")
_FILLED: Final[tuple[str, ...]] = ("donor", "recipient", "item", "spec", "unit")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,9})?")

_Cell = tuple[int, int]


def hash_of(document: bytes, sheet: str, number: int, cells: Mapping[str, str]) -> bytes:
    """keccak-256 of the canonical JSON of a row with its place.

    ``document`` is the hash of the file's bytes, ``cells`` the texts by their headers. The place
    is in it because two donations may be written alike.
    """
    return row_hash(
        {"cells": dict(cells), "document": "0x" + document.hex(), "row": number, "sheet": sheet}
    )


@dataclass
class _Header:
    row: int
    columns: dict[str, int]
    printed: dict[int, str]
    direction: Direction


@dataclass
class _Draft:
    """A row while it is being read; columns are named as they are printed."""

    number: int
    header: _Header
    problems: list[Problem] = field(default_factory=list)

    def _add(self, role: str, severity: Severity, code: str, en: str, zh: str) -> None:
        column = self.header.printed[self.header.columns[role]] if role else ""
        self.problems.append(Problem(self.number, column, severity, code, en, zh))

    def error(self, role: str, code: str, en: str, zh: str) -> None:
        self._add(role, Severity.ERROR, code, en, zh)

    def warn(self, role: str, code: str, en: str, zh: str) -> None:
        self._add(role, Severity.WARNING, code, en, zh)

    @property
    def refused(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def _header(name: str, sheet: Sheet) -> _Header | None:
    """The header of a sheet; None where there is none."""
    for row, cells in enumerate(sheet.cells[:MAX_TITLE_ROWS]):
        columns: dict[str, int] = {}
        printed: dict[int, str] = {}
        for column, value in enumerate(cells):
            text = line(cell_text(value))
            role = HEADERS.get(unicodedata.normalize("NFKC", text).replace(" ", ""))
            if text:
                printed[column] = text
            if role in columns:
                raise malformed(
                    name,
                    f"{sheet.name}, row {row + 1}: two columns say {role!r}",
                    f"工作表 {sheet.name} 第 {row + 1} 行：有两列表示 {text!r}",
                    "file.columns",
                )
            if role:
                columns[role] = column
        parties = [role for role in ("donor", "recipient") if role in columns]
        if len(parties) == 1 and all(role in columns for role in _NEEDED):
            received = parties == ["donor"]
            return _Header(
                row, columns, printed, Direction.RECEIVED if received else Direction.ISSUED
            )
    return None


def _value(sheet: Sheet, at: _Cell) -> object:
    row, column = at
    cells = sheet.cells[row]
    return cells[column] if column < len(cells) else ""


def _filled(sheet: Sheet, at: _Cell, first: int) -> str:
    """The text of a cell, or of the merged range that it lies in (not from above the table)."""
    text = line(cell_text(_value(sheet, at)))
    anchor = sheet.merged.get(at)
    if text or anchor is None or anchor[0] < first or anchor[1] != at[1]:
        return text
    return line(cell_text(_value(sheet, anchor)))


def _quantity(draft: _Draft, value: object) -> Decimal | None:
    """The amount; None and a warning where it is unknown, None and an error where it is none."""
    text = unicodedata.normalize("NFKC", line(cell_text(value)))
    if not text:
        draft.warn(
            "quantity",
            "quantity.unknown",
            "no quantity is stated: the amount is unknown",
            "未写明数量：数量不详",
        )
        return None
    if not _NUMBER.fullmatch(text):
        draft.error(
            "quantity",
            "quantity.form",
            f"{text[:40]!r} is no quantity",
            f"{text[:40]!r} 不是数量",
        )
        return None
    amount = Decimal(text.replace(",", ""))
    if amount < 0:
        draft.error(
            "quantity", "quantity.negative",
            f"{text} is negative; a return belongs into a list of its own",
            f"{text} 为负数；退回应另列清单",
        )  # fmt: skip
        return None
    if amount == 0 or amount > MAX_QUANTITY:
        draft.error(
            "quantity",
            "quantity.range",
            f"{text} is not more than 0 and at most {MAX_QUANTITY:,}",
            f"{text} 须大于 0 且不超过 {MAX_QUANTITY:,}",
        )
        return None
    if amount == 1:
        draft.warn(
            "quantity", "quantity.one",
            "a quantity of 1 often means that the amount is unknown",
            "数量为 1 常常表示数量不详",
        )  # fmt: skip
    return amount


def _formulas(draft: _Draft, sheet: Sheet, row: int) -> None:
    for role, column in draft.header.columns.items():
        value = _value(sheet, (row, column))
        if (row, column) in sheet.formulas or (isinstance(value, str) and is_formula(value)):
            draft.error(
                role,
                "cell.formula",
                "the cell holds a formula; put its value there",
                "单元格内是公式，请改为其值",
            )


def _too_long(draft: _Draft, texts: Mapping[str, str]) -> None:
    for role, text in texts.items():
        if len(text) > MAX_TEXT:
            draft.error(
                role,
                "cell.too-long",
                f"{len(text):,} characters are more than the {MAX_TEXT} that are taken",
                f"有 {len(text):,} 个字符，超过上限 {MAX_TEXT}",
            )


def _states_nothing(draft: _Draft, sheet: Sheet, row: int, texts: Mapping[str, str]) -> bool:
    """Say why the row is no statement, where it is none: a continuation or a note."""
    columns = draft.header.columns
    at = (row, columns["quantity"])
    anchor = sheet.merged.get(at)
    if anchor is not None and draft.header.row < anchor[0] < row:
        draft.warn(
            "quantity",
            "row.continuation",
            f"the quantity is merged with row {anchor[0] + 1} and is counted there",
            f"数量与第 {anchor[0] + 1} 行合并，计入该行",
        )
        return True
    own = [column for column, value in enumerate(sheet.cells[row]) if line(cell_text(value))]
    if texts["item"] and (texts["unit"] or line(cell_text(_value(sheet, at)))):
        return False
    if len(own) == 1:
        draft.warn(
            "",
            "row.note",
            "the row holds a remark and no goods",
            "该行是说明文字，不含物资",
        )
        return True
    return False


def _line(draft: _Draft, sheet: Sheet, row: int, place: tuple[str, bytes]) -> Line | None:
    header, first = draft.header, draft.header.row + 1
    _formulas(draft, sheet, row)
    texts = {
        role: _filled(sheet, (row, header.columns[role]), first)
        for role in _FILLED
        if role in header.columns
    }
    if draft.refused or _states_nothing(draft, sheet, row, texts):
        return None
    _too_long(draft, texts)
    party_role = "donor" if header.direction is Direction.RECEIVED else "recipient"
    marks = []
    if not texts["item"]:
        draft.error("item", "item.missing", "the goods are not named", "未写明品名")
    if not texts["unit"]:
        draft.warn(
            "unit",
            "unit.missing",
            "no unit is stated: the quantity counts something unknown",
            "未写明计量单位：数量所计何物不详",
        )
    if not texts[party_role]:
        marks.append("party-unknown")
        draft.warn(
            party_role,
            "party.missing",
            "nobody is named as donor or recipient",
            "未写明捐赠方或接收方",
        )
    quantity = _quantity(draft, _value(sheet, (row, header.columns["quantity"])))
    if draft.refused:
        return None
    if quantity is None or quantity == 1:
        marks.append("amount-may-be-unknown")
    document, digest = place
    return Line(
        document, sheet.name, row + 1, digest, header.direction, texts[party_role],
        texts["item"], texts.get("spec", ""), texts["unit"], quantity, tuple(marks),
    )  # fmt: skip


def _repeated(draft: _Draft, found: Line, seen: dict[tuple[object, ...], int]) -> Line:
    key = (found.party, found.item, found.spec, found.unit, found.quantity)
    first = seen.setdefault(key, found.row)
    if first == found.row:
        return found
    draft.warn(
        "",
        "row.repeated",
        f"the row says the same as row {first}; both are counted",
        f"该行与第 {first} 行相同，两行均计入",
    )
    return Line(
        found.document, found.sheet, found.row, found.row_hash, found.direction, found.party,
        found.item, found.spec, found.unit, found.quantity, (*found.marks, "repeated"),
    )  # fmt: skip


def _read_sheet(document: Document, sheet: Sheet, header: _Header) -> SheetReading:
    titles, rows, blank, days = [], [], [], []
    seen: dict[tuple[object, ...], int] = {}
    for row, values in enumerate(sheet.cells):
        cells = {
            header.printed.get(column) or f"#{column + 1}": cell_text(value)
            for column, value in enumerate(values)
            if line(cell_text(value))
        }
        there = {column for column, v in enumerate(values) if line(cell_text(v))}
        if not there and not any((row, c) in sheet.formulas for c in header.columns.values()):
            # A row inside of a merged quantity is empty to the eye only.
            if row <= header.row or (row, header.columns["quantity"]) not in sheet.merged:
                blank.append(row + 1)
                continue
        goods = {c for role, c in header.columns.items() if role in _NEEDED}
        if row < header.row or (row > header.row and not there & goods):
            days += [_day(v) for v in values if isinstance(v, date)]
        if row < header.row:
            titles.append((row + 1, " ".join(line(cell_text(v)) for v in values).strip()))
        if row <= header.row:
            continue
        draft = _Draft(row + 1, header)
        digest = hash_of(document.hash, sheet.name, row + 1, cells)
        found = _line(draft, sheet, row, (document.name, digest))
        if found is not None:
            found = _repeated(draft, found, seen)
        rows.append(
            Row(document.name, sheet.name, row + 1, digest, cells, found, tuple(draft.problems))
        )
    return SheetReading(
        sheet.name, header.direction, tuple(titles), header.row + 1, tuple(rows), tuple(blank),
        tuple(days),
    )  # fmt: skip


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def read_list(name: str, data: bytes) -> ReliefList:
    """One list of goods received or issued, from the bytes of its workbook.

    Raises ``RequestError`` where the file as a whole cannot be read (no workbook, no sheet with
    a header, a sheet with text but without a header); what is wrong in single rows stands in the
    rows.
    """
    document = Document(name, keccak(data), len(data))
    found = []
    for sheet in read_workbook(name, data):
        header = _header(name, sheet)
        if len(sheet.cells) > MAX_RECORDS + MAX_TITLE_ROWS:
            raise malformed(
                name, f"more than {MAX_RECORDS:,} records", f"记录数超过上限 {MAX_RECORDS:,}",
                "file.too-many-records",
            )  # fmt: skip
        if header is not None:
            found.append(_read_sheet(document, sheet, header))
        elif any(line(cell_text(value)) for cells in sheet.cells for value in cells):
            raise malformed(
                name,
                f"{sheet.name}: no header with item, unit, quantity and a donor or recipient "
                f"(品名, 计量单位, 数量, 捐赠单位 or 接收单位) in the first {MAX_TITLE_ROWS} rows",
                f"工作表 {sheet.name}：前 {MAX_TITLE_ROWS} 行中没有包含品名、计量单位、数量"
                "以及捐赠单位或接收单位的表头",
                "file.columns",
            )
    if not any(sheet.rows for sheet in found):
        raise malformed(name, "the list holds no rows", "清单中没有任何行", "file.empty")
    return ReliefList(document, tuple(found))
