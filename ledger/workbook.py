"""Workbooks (XLSX) as people send them: bytes in, sheets of cells out.

Rules this module keeps:

* Nothing is evaluated: which cells hold formulas is said beside their last results, and who
  reads decides what that means.
* What is small on disk and huge in memory is refused by a figure: unpacked size, and cells that a
  sheet spans.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree import ElementTree

import python_calamine

from ledger.tabular import check_size, malformed

#: Largest size of a workbook's parts once unpacked, in bytes.
MAX_UNPACKED: Final = 128 * 1024 * 1024
#: Most cells that a sheet may span, from its first cell to its last, empty ones included.
MAX_SPAN: Final = 8_000_000

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``cells[row][column]`` counts from 0 at the sheet's own first cell (A1).

    A cell is "", text, a number, a truth value or a date, as its format says. ``formulas`` are
    (row, column) of cells that hold one. ``merged`` maps every cell of a merged range except its
    first to that first, which alone holds the value.
    """

    name: str
    cells: tuple[tuple[object, ...], ...]
    formulas: frozenset[tuple[int, int]]
    merged: Mapping[tuple[int, int], tuple[int, int]]


def cell_text(value: object) -> str:
    """A cell as the text that a person would have typed."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _position(reference: str, row: int, column: int) -> tuple[int, int]:
    """(row, column) from 0 of a reference like B7; the next free cell where there is none."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return row, column
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return int(found[2]) - 1, number - 1


def _local(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → part of the archive, from the workbook's relations."""
    relations = {
        element.get("Id", ""): element.get("Target", "")
        for element in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    found = {}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        if _local(element) == "sheet":
            target = relations.get(element.get(_RELATION, ""), "")
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            found[element.get("name", "")] = part
    return found


def _formulas(name: str, archive: zipfile.ZipFile, part: str) -> frozenset[tuple[int, int]]:
    """The cells of one sheet that hold formulas; refuses a sheet that spans too much."""
    found = set()
    last_row = last_column = row = 0
    with archive.open(part) as stream:
        for _event, element in ElementTree.iterparse(stream):
            if _local(element) != "row":
                continue
            row, column = int(element.get("r") or row + 1), 0
            for cell in element:
                at = _position(cell.get("r", ""), row - 1, column)
                column = at[1] + 1
                last_row, last_column = max(last_row, at[0] + 1), max(last_column, column)
                if any(_local(child) == "f" for child in cell):
                    found.add(at)
            element.clear()
    if last_row * last_column > MAX_SPAN:
        raise malformed(
            name,
            f"a sheet spans {last_row:,} × {last_column:,} cells, at most {MAX_SPAN:,} are read",
            f"工作表跨越 {last_row:,} × {last_column:,} 个单元格，上限为 {MAX_SPAN:,}",
            "file.too-large",
        )
    return frozenset(found)


def _all_formulas(name: str, data: bytes) -> dict[str, frozenset[tuple[int, int]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
            raise malformed(
                name,
                f"unpacks to more than {MAX_UNPACKED:,} bytes",
                f"解压后超过 {MAX_UNPACKED:,} 字节",
                "file.too-large",
            )
        there = set(archive.namelist())
        return {
            title: _formulas(name, archive, part)
            for title, part in _parts(archive).items()
            if part in there
        }


def _merged(
    name: str, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]], rows: int, columns: int
) -> Mapping[tuple[int, int], tuple[int, int]]:
    found: dict[tuple[int, int], tuple[int, int]] = {}
    left_over = MAX_SPAN
    for (top, left), (bottom, right) in ranges:
        bottom, right = min(bottom, rows - 1), min(right, columns - 1)
        left_over -= max(0, bottom - top + 1) * max(0, right - left + 1)
        if left_over < 0:
            raise malformed(
                name,
                f"more than {MAX_SPAN:,} cells are merged",
                f"合并的单元格超过 {MAX_SPAN:,} 个",
                "file.too-large",
            )
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    found[row, column] = (top, left)
    return found


def read_workbook(name: str, data: bytes) -> tuple[Sheet, ...]:
    """The sheets of a workbook in their order.

    Raises ``RequestError`` (``file.malformed``, ``file.too-large``) where it cannot be read.
    """
    check_size(name, data)
    try:
        formulas = _all_formulas(name, data)
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            sheets = []
            for title in book.sheet_names:
                if title not in formulas:
                    continue
                sheet = book.get_sheet_by_name(title)
                grid = sheet.to_python(skip_empty_area=False)
                cells = tuple(tuple(row) for row in grid)
                width = max(map(len, cells), default=0)
                merged = _merged(name, sheet.merged_cell_ranges or [], len(cells), width)
                sheets.append(Sheet(title, cells, formulas[title], merged))
    except (
        python_calamine.CalamineError, zipfile.BadZipFile, ElementTree.ParseError,
        KeyError, NotImplementedError, OSError, ValueError,
    ) as error:  # fmt: skip
        raise malformed(
            name, f"not a readable workbook: {error}", f"不是可读的工作簿：{error}"
        ) from error
    if not sheets:
        raise malformed(name, "the workbook has no sheet", "工作簿中没有工作表")
    return tuple(sheets)
