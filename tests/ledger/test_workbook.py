"""Workbooks: cells, merged ranges and formulas as they are, and nothing huge out of little."""

import io
import re
import zipfile

import pytest
from openpyxl import Workbook

from ledger.errors import RequestError
from ledger.workbook import read_workbook


def book() -> Workbook:
    made = Workbook()
    first = made.active
    assert first is not None
    first.title = "一"
    first.append(["a", 2, ""])
    first.append(["b", None, 0.5])
    first.merge_cells("A1:A2")
    second = made.create_sheet("二")
    second["C3"] = "=1+1"
    return made


def saved(made: Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def altered(data: bytes, part: str, pattern: str, replacement: str) -> bytes:
    """The workbook with one part's text changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = re.sub(pattern, replacement, content.decode(), count=1).encode()
            new.writestr(name, content)
    return stream.getvalue()


def test_cells_stand_where_the_sheet_shows_them() -> None:
    first, second = read_workbook("book.xlsx", saved(book()))
    assert (first.name, second.name) == ("一", "二")
    assert first.cells == (("a", 2.0, ""), ("", "", 0.5))


def test_a_merged_cell_points_to_the_one_that_holds_the_value() -> None:
    first, _ = read_workbook("book.xlsx", saved(book()))
    assert first.merged == {(1, 0): (0, 0)}


def test_formulas_are_found_on_every_sheet() -> None:
    first, second = read_workbook("book.xlsx", saved(book()))
    assert (first.formulas, second.formulas) == (frozenset(), frozenset({(2, 2)}))


def test_a_formula_without_a_reference_is_found_where_it_stands() -> None:
    data = altered(saved(book()), "xl/worksheets/sheet2.xml", ' r="C3"', "")
    _, second = read_workbook("book.xlsx", data)
    assert second.formulas == {(2, 0)}


def test_a_sheet_that_spans_billions_of_cells_is_refused_before_it_is_read() -> None:
    made = book()
    made["二"]["XFD1048576"] = 1
    with pytest.raises(RequestError) as refused:
        read_workbook("book.xlsx", saved(made))
    assert refused.value.code == "file.too-large"
    assert "1,048,576 × 16,384" in str(refused.value)


def test_a_merged_range_over_the_whole_sheet_costs_no_more_than_the_sheet() -> None:
    data = altered(saved(book()), "xl/worksheets/sheet1.xml", "A1:A2", "A1:XFD1048576")
    first, _ = read_workbook("book.xlsx", data)
    assert len(first.merged) == 5, "two rows of three cells, less the first"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 cut off",
        saved(book())[:-400],
        altered(saved(book()), "xl/workbook.xml", "<sheets>", "<sheets"),
        altered(saved(book()), "xl/workbook.xml", "<sheet [^>]*/><sheet [^>]*/>", ""),
    ],
    ids=["empty", "no archive", "cut off", "broken part", "no sheets"],
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        read_workbook("book.xlsx", data)
    assert refused.value.code == "file.malformed"
    assert refused.value.message_zh != str(refused.value)
