"""The issuer's table: filled, read back, and refused cell by cell."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from ledger.catalogue import load
from ledger.days import SHANGHAI, start_of_day
from ledger.errors import RequestError
from ledger.identifiers import Identifier
from ledger.template import COLUMNS, Issue, TemplateReading, read_template, write_template
from ledger.vocabulary import NO_END
from tests.support.tables import csv_bytes

NAMES = tuple(column.name for column in COLUMNS)
ROW = {
    "holder_kind": "uscc",
    "holder": "91371100168371999W",
    "category": "mask.surgical",
    "model": "A-1",
    "kind": "cn-device-registration",
    "number": "鲁械注准20202140001",
    "valid_from": "2020-03-01",
    "valid_until": "2025-02-28",
    "document": "0x" + "ab" * 32,
}


def read_csv(*rows: dict[str, str]) -> TemplateReading:
    data = csv_bytes(NAMES, *({**ROW, **row} for row in rows))
    return read_template("issues.csv", data, load())


def workbook(*rows: dict[str, Any], title: bool = False) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    top = 0
    if title:
        sheet.merge_range(0, 0, 0, 3, "资质签发表")
        top = 1
    for index, column in enumerate(COLUMNS):
        sheet.write_string(top, index, column.title_zh if title else column.name)
    for number, row in enumerate(rows, start=top + 1):
        for index, name in enumerate(NAMES):
            value = {**ROW, **row}.get(name, "")
            if isinstance(value, datetime):
                sheet.write_datetime(number, index, value, day)
            elif isinstance(value, str) and value.startswith("="):
                sheet.write_formula(number, index, value)
            elif isinstance(value, str):
                sheet.write_string(number, index, value)
            else:
                sheet.write_number(number, index, value)
    book.close()
    return stream.getvalue()


def read_book(*rows: dict[str, Any], title: bool = False) -> TemplateReading:
    return read_template("issues.xlsx", workbook(*rows, title=title), load())


def only(found: TemplateReading) -> Issue:
    assert found.problems == ()
    (issue,) = found.issues
    return issue


@pytest.mark.parametrize("reader", [read_csv, read_book])
def test_a_filled_row_comes_back_as_one_qualification(
    reader: Callable[..., TemplateReading],
) -> None:
    issue = only(reader({}))
    assert issue.holder == Identifier("uscc", "91371100168371999W")
    assert (issue.category, issue.model, issue.kind, issue.number) == (
        "mask.surgical",
        "A-1",
        "cn-device-registration",
        "鲁械注准20202140001",
    )
    assert issue.valid_from == start_of_day(date(2020, 3, 1), SHANGHAI)
    assert issue.valid_until == start_of_day(date(2025, 3, 1), SHANGHAI), "the last day included"
    assert issue.document_hash == bytes.fromhex("ab" * 32)


def test_the_days_are_the_issuers() -> None:
    eastern = only(read_csv({"kind": "niosh-approval", "category": "mask.respirator.n95"}))
    assert eastern.valid_from - only(read_csv({})).valid_from == 13 * 3600


@pytest.mark.parametrize(
    ("text", "until"),
    [("none", NO_END), ("None", NO_END), ("长期", NO_END), ("", 0)],
)
def test_without_end_is_said_and_empty_is_unstated(text: str, until: int) -> None:
    assert only(read_csv({"valid_until": text})).valid_until == until


def test_an_empty_beginning_is_unstated() -> None:
    assert only(read_csv({"valid_from": ""})).valid_from == 0


def test_an_empty_model_is_the_whole_category() -> None:
    assert only(read_csv({"model": ""})).model == ""


def test_a_document_may_be_named_instead_of_hashed() -> None:
    issue = only(read_csv({"document": "registration.pdf"}))
    assert (issue.document_hash, issue.document_name) == (b"", "registration.pdf")


@pytest.mark.parametrize(
    ("change", "column", "code"),
    [
        pytest.param(
            {"holder": "91371100168371999X"}, "holder", "identifier.check-digit", id="check"
        ),
        pytest.param({"holder_kind": "name"}, "holder_kind", "identifier.kind", id="kind"),
        pytest.param({"category": "mask.unknown"}, "category", "category.unknown", id="category"),
        pytest.param({"kind": "unknown"}, "kind", "kind.unknown", id="kind of qualification"),
        pytest.param({"number": " "}, "number", "cell.missing", id="no number"),
        pytest.param({"holder": ""}, "holder", "cell.missing", id="no holder"),
        pytest.param({"valid_until": "2020-02-29"}, "valid_until", "date.reversed", id="reversed"),
        pytest.param({"valid_from": "03/01/2020"}, "valid_from", "date.form", id="American date"),
        pytest.param({"valid_from": "2021-02-29"}, "valid_from", "date.form", id="no such day"),
        pytest.param({"valid_until": "forever"}, "valid_until", "date.form", id="a word"),
        pytest.param({"model": "m" * 301}, "model", "cell.too-long", id="a long model"),
        pytest.param({"number": "n" * 101}, "number", "cell.too-long", id="a long number"),
    ],
)
@pytest.mark.parametrize("reader", [read_csv, read_book])
def test_a_row_with_one_thing_wrong_names_it_and_the_others_stand(
    reader: Callable[..., TemplateReading], change: dict[str, str], column: str, code: str
) -> None:
    found = reader(change, {"number": "another"})
    (problem,) = found.problems
    assert (problem.field, problem.code) == (f"row 2: {column}", code)
    assert problem.message_zh != problem.message
    assert [issue.row for issue in found.issues] == [3]


def test_the_same_qualification_twice_is_refused_the_second_time() -> None:
    found = read_csv({}, {"note": "again"})
    assert [issue.row for issue in found.issues] == [2]
    assert found.problems[0].code == "row.duplicate"


def test_a_row_with_too_many_cells_is_refused() -> None:
    data = csv_bytes(NAMES, ROW) + b"uscc,x,mask,,,,,,,,,more\n"
    found = read_template("issues.csv", data, load())
    assert (found.problems[0].field, found.problems[0].code) == ("row 3", "row.length")


def test_a_formula_in_csv_is_text_and_reported() -> None:
    found = read_csv({"model": "=1+1"})
    assert found.issues[0].model == "=1+1"
    assert (found.problems[0].field, found.problems[0].severity) == ("row 2: model", "warning")


def test_a_formula_in_a_workbook_is_refused_for_its_text_is_gone() -> None:
    found = read_book({"model": '=HYPERLINK("http://x","A-1")'})
    assert found.issues == ()
    assert (found.problems[0].field, found.problems[0].code) == ("row 2: model", "cell.formula")


def test_a_title_row_and_chinese_headers_are_understood() -> None:
    assert only(read_book({}, title=True)).row == 3


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(datetime(2020, 3, 1), id="a date cell"),
        pytest.param(43891, id="a serial number"),
        pytest.param("43891", id="a serial number as text"),
        pytest.param("2020/3/1", id="slashes"),
        pytest.param("20200301", id="eight digits"),
    ],
)
def test_a_spreadsheets_dates_are_read(value: Any) -> None:
    found = only(read_book({"valid_from": value}))
    assert found.valid_from == start_of_day(date(2020, 3, 1), SHANGHAI)


def test_an_identifier_that_became_a_number_is_refused_saying_why() -> None:
    found = read_book({"holder_kind": "gln", "holder": 12345678905})
    assert found.issues == ()
    assert found.problems[0].field == "row 2: holder"
    assert "leading zeros" in found.problems[0].message
    assert "前导零" in found.problems[0].message_zh


def test_a_leading_zero_in_text_stays() -> None:
    assert only(read_book({"number": "00123"})).number == "00123"


def test_a_chinese_spreadsheets_own_encoding_is_read() -> None:
    header = ",".join(column.title_zh for column in COLUMNS)
    cells = ",".join(ROW.get(name, "") for name in NAMES)
    data = f"{header}\r\n{cells}\r\n".encode("gb18030")
    assert only(read_template("issues.csv", data, load())).number == ROW["number"]


def test_the_empty_template_reads_back_without_rows_and_holds_no_formula() -> None:
    data = write_template(load())
    assert read_template("template.xlsx", data, load()) == TemplateReading((), ())
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["qualifications", "帮助 help", "代码 codes"]
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "file.malformed", id="empty"),
        pytest.param(b"PK\x03\x04broken", "file.malformed", id="a broken workbook"),
        pytest.param(b"a,b\n1,2\n", "file.columns", id="another table"),
        pytest.param("holder,持有人标识\n1,2\n".encode(), "file.malformed", id="two headers"),
    ],
)
def test_a_file_that_is_no_template_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_template("x", data, load())
    assert refused.value.code == code
    assert refused.value.field
