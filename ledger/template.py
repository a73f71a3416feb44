"""The issuer's template: a table of qualifications to issue, as CSV or XLSX.

One row is one qualification. ``write_template`` makes the empty workbook with a help sheet in
both languages; ``read_template`` reads it back, or a CSV with the same header.

Rules this module keeps:

* Nothing is guessed: an empty end of validity is unstated, and "none" is what says "without end".
* What users typed is text. A formula is never evaluated: in CSV it is the text it is, in a
  workbook, where only its last result could be read, the row is refused.
* A number in a column of identifiers has lost what a spreadsheet drops (leading zeros, digits
  from the 16th on); it is taken only where it can be the whole identifier.
* Each row stands or falls alone, and says in which column it is wrong.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import xlsxwriter

from ledger.catalogue import Catalogue
from ledger.days import iso_day, start_of_day
from ledger.errors import RequestError
from ledger.identifiers import Identifier, parse
from ledger.registers.model import MAX_MODEL, MAX_NUMBER, row_hash
from ledger.tabular import (
    MAX_RECORDS,
    Problem,
    Record,
    Severity,
    Table,
    check_size,
    is_formula,
    line,
    malformed,
    read_csv,
    require_columns,
    table,
)
from ledger.vocabulary import NO_END
from ledger.workbook import cell_text, read_workbook

#: Rows above the header that may hold a title.
MAX_TITLE_ROWS: Final = 10

_NO_END_WORDS: Final = frozenset({"none", "无", "长期", "无期限", "长期有效"})
_DOCUMENT: Final = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the template; the header may be its name or either title."""

    name: str
    title_zh: str
    title_en: str
    required: bool
    help_zh: str
    help_en: str


COLUMNS: Final = (
    Column(
        "holder_kind",
        "持有人标识种类",
        "Kind of holder identifier",
        True,
        "uscc（统一社会信用代码）、gln 或 lei",
        "uscc (unified social credit code), gln or lei",
    ),
    Column(
        "holder",
        "持有人标识",
        "Holder identifier",
        True,
        "按上列种类填写；单元格设为文本格式",
        "As the column before says; format the cell as text",
    ),
    Column(
        "category",
        "产品类别",
        "Product category",
        True,
        "目录中的类别代码，例如 mask.surgical",
        "A category code of the catalogue, such as mask.surgical",
    ),
    Column(
        "model",
        "型号",
        "Model",
        False,
        "一个型号；留空表示该类别的全部型号",
        "One model; empty means every model of the category",
    ),
    Column(
        "kind",
        "资质种类",
        "Kind of qualification",
        True,
        "目录中的资质代码，例如 cn-device-registration",
        "A kind code of the catalogue, such as cn-device-registration",
    ),
    Column(
        "number",
        "编号",
        "Number",
        True,
        "证书或报告的编号，按原文填写",
        "Number of the certificate or report, as it is written",
    ),
    Column(
        "valid_from",
        "生效日期",
        "Valid from",
        False,
        "年-月-日，当日零时起（发证机关当地时间）；留空表示未写明",
        "YYYY-MM-DD, from the day's beginning in the issuer's zone; empty means unstated",
    ),
    Column(
        "valid_until",
        "有效期至",
        "Valid until",
        False,
        "年-月-日，含当日；none 或 长期 表示无期限；留空表示未写明",
        "YYYY-MM-DD, that day included; none means without end; empty means unstated",
    ),
    Column(
        "document",
        "文件",
        "Document",
        False,
        "文件名，或其 keccak-256 值（64 位十六进制）",
        "File name, or its keccak-256 (64 hexadecimal digits)",
    ),
    Column("note", "备注", "Note", False, "不写入账本", "Is not written to the ledger"),
)
_BY_HEADER: Final = {
    header.casefold(): column.name
    for column in COLUMNS
    for header in (column.name, column.title_zh, column.title_en)
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One qualification to issue, from one row. Instants in UTC seconds, 0 unstated.

    ``valid_until`` is the first instant after the last day, or ``NO_END``. ``document_hash`` is
    empty where the row names a file instead (``document_name``), or neither.
    """

    row: int
    row_hash: bytes
    holder: Identifier
    category: str
    model: str
    kind: str
    number: str
    valid_from: int
    valid_until: int
    document_hash: bytes
    document_name: str
    note: str


@dataclass(frozen=True, slots=True)
class TemplateReading:
    """The rows that can be issued, and every problem with its row and column."""

    issues: tuple[Issue, ...]
    problems: tuple[Problem, ...]


def _read_workbook(name: str, data: bytes) -> tuple[Table, Mapping[int, frozenset[str]]]:
    """The first sheet, and for each row the columns that held numbers."""
    sheet = read_workbook(name, data)[0]
    grid = sheet.cells
    if len(grid) > MAX_RECORDS + MAX_TITLE_ROWS:
        raise malformed(
            name, f"more than {MAX_RECORDS:,} records", f"记录数超过上限 {MAX_RECORDS:,}",
            "file.too-many-records",
        )  # fmt: skip
    texts = [[cell_text(value) for value in cells] for cells in grid]
    top = _header_row(texts)
    found = _renamed(table(name, texts[top:], first_row=top + 1))
    numbers: dict[int, frozenset[str]] = {}
    records = []
    for record in found.records:
        cells = grid[record.row - 1]
        numbers[record.row] = frozenset(
            column
            for column, value in zip(found.columns, cells, strict=False)
            if isinstance(value, int | float) and not isinstance(value, bool)
        )
        records.append(_without_formulas(record, found.columns, sheet.formulas))
    return replace(found, records=tuple(records)), numbers


def _without_formulas(
    record: Record, columns: tuple[str, ...], formulas: frozenset[tuple[int, int]]
) -> Record:
    for index, column in enumerate(columns):
        if (record.row - 1, index) in formulas:
            fault = Problem(
                record.row,
                column,
                Severity.ERROR,
                "cell.formula",
                "the cell holds a formula; put its value there as text",
                "单元格内是公式，请改为文本形式的值",
            )
            return replace(record, fault=fault)
    return record


def _header_row(rows: list[list[str]]) -> int:
    """Index of the row that names the columns: title rows above it are passed over."""
    for index, cells in enumerate(rows[:MAX_TITLE_ROWS]):
        if sum(line(cell).casefold() in _BY_HEADER for cell in cells) >= 3:
            return index
    return 0


def _renamed(found: Table) -> Table:
    names = tuple(_BY_HEADER.get(column.casefold(), column) for column in found.columns)
    for index, column in enumerate(names):
        if column in names[:index]:
            raise malformed(
                found.name,
                f"the column {column!r} stands there under two headers",
                f"列 {column!r} 有两个表头",
            )
    pairs = dict(zip(found.columns, names, strict=True))
    records = tuple(
        replace(record, cells={pairs[c]: text for c, text in record.cells.items()})
        for record in found.records
    )
    return Table(found.name, names, records)


def _problem(record: Record, error: RequestError, column: str) -> Problem:
    return Problem(record.row, column, Severity.ERROR, error.code, str(error), error.message_zh)


class _RowError(Exception):
    def __init__(self, column: str, code: str, en: str, zh: str) -> None:
        self.column, self.code, self.en, self.zh = column, code, en, zh


def _day(column: str, text: str, numeric: bool) -> date | None:
    """The day in a cell: a written date, or a spreadsheet's serial number of one."""
    if not text:
        return None
    day = iso_day(text.removesuffix(" 00:00:00"))
    if day is None and re.fullmatch(r"[0-9]{5}(?:\.0+)?", text) and (numeric or len(text) == 5):
        # Serial 1 is 1900-01-01 and a day that never was, 1900-02-29, is counted.
        day = date(1899, 12, 30) + timedelta(days=int(float(text)))
    if day is None or not 1970 < day.year < 9999:
        raise _RowError(
            column,
            "date.form",
            f"{text[:40]!r} is no date (YYYY-MM-DD, from 1971 on)",
            f"{text[:40]!r} 不是日期（年-月-日，1971 年起）",
        )
    return day


def _required(cells: Mapping[str, str]) -> None:
    for column in COLUMNS:
        if column.required and not cells.get(column.name):
            raise _RowError(
                column.name,
                "cell.missing",
                f"{column.title_en} is missing",
                f"缺少{column.title_zh}",
            )
    for name, most in (("model", MAX_MODEL), ("number", MAX_NUMBER)):
        if len(cells.get(name, "")) > most:
            raise _RowError(
                name,
                "cell.too-long",
                f"{len(cells[name])} characters, at most {most} are taken",
                f"有 {len(cells[name])} 个字符，上限为 {most}",
            )


def _issue(
    record: Record, cells: Mapping[str, str], numbers: frozenset[str], catalogue: Catalogue
) -> Issue:
    _required(cells)
    holder_kind = cells["holder_kind"].casefold()
    if holder_kind not in ("uscc", "gln", "lei"):
        raise _RowError(
            "holder_kind",
            "identifier.kind",
            f"{cells['holder_kind'][:40]!r} is none of uscc, gln, lei",
            f"{cells['holder_kind'][:40]!r} 不是 uscc、gln、lei 之一",
        )
    holder = parse(holder_kind, cells["holder"])
    category, kind = catalogue.category(cells["category"]), catalogue.kind(cells["kind"])
    first = _day("valid_from", cells.get("valid_from", ""), "valid_from" in numbers)
    end_text = cells.get("valid_until", "")
    last = None
    if end_text.casefold() not in _NO_END_WORDS:
        last = _day("valid_until", end_text, "valid_until" in numbers)
    if first and last and last < first:
        raise _RowError(
            "valid_until",
            "date.reversed",
            f"the end {last} lies before the beginning {first}",
            f"有效期至 {last} 早于生效日期 {first}",
        )
    until = 0
    if last:
        until = start_of_day(last + timedelta(days=1), kind.zone)
    elif end_text:
        until = NO_END
    document = cells.get("document", "")
    digest = _DOCUMENT.fullmatch(document)
    return Issue(
        record.row,
        row_hash(record.cells),
        holder,
        category.code,
        cells.get("model", ""),
        kind.code,
        cells["number"],
        start_of_day(first, kind.zone) if first else 0,
        until,
        bytes.fromhex(digest[1]) if digest else b"",
        "" if digest else document,
        cells.get("note", ""),
    )


_COLUMN_OF_FIELD: Final = {"category": "category", "kind": "kind"}


def _formula_warnings(record: Record) -> Iterator[Problem]:
    for column, cell in record.cells.items():
        if is_formula(str(cell)):
            yield Problem(
                record.row,
                column,
                Severity.WARNING,
                "cell.formula",
                "the cell holds a formula; it is taken as the text that it is",
                "单元格内是公式，按文本原样读取，不作计算",
            )


def read_template(name: str, data: bytes, catalogue: Catalogue) -> TemplateReading:
    """Read a filled template; ``name`` only serves messages, the format is seen from the bytes.

    Raises ``RequestError`` for a file that is no template at all; what is wrong in a row stands
    in ``problems`` and keeps that row out.
    """
    check_size(name, data)
    numbers: Mapping[int, frozenset[str]] = {}
    if data[:2] == b"PK":
        found, numbers = _read_workbook(name, data)
    else:
        found = _renamed(read_csv(name, data))
    require_columns(found, (column.name for column in COLUMNS if column.required))
    issues: list[Issue] = []
    problems: list[Problem] = []
    rows_seen: dict[tuple[Identifier, str, str, str, str], int] = {}
    for record in found.records:
        if record.fault:
            problems.append(record.fault)
            continue
        problems += _formula_warnings(record)
        cells = {column: line(str(cell)) for column, cell in record.cells.items()}
        try:
            issue = _issue(record, cells, numbers.get(record.row, frozenset()), catalogue)
        except _RowError as error:
            problems.append(
                Problem(record.row, error.column, Severity.ERROR, error.code, error.en, error.zh)
            )
            continue
        except RequestError as error:
            column = _COLUMN_OF_FIELD.get(error.field or "", "holder")
            problems.append(_problem(record, _lost_digits(error, record, numbers), column))
            continue
        key = (issue.holder, issue.category, issue.model, issue.kind, issue.number)
        first = rows_seen.setdefault(key, record.row)
        if first != record.row:
            problems.append(
                Problem(
                    record.row,
                    "number",
                    Severity.ERROR,
                    "row.duplicate",
                    f"row {first} already states this qualification",
                    f"第 {first} 行已有同一资质",
                )
            )
            continue
        issues.append(issue)
    return TemplateReading(tuple(issues), tuple(problems))


def _lost_digits(
    error: RequestError, record: Record, numbers: Mapping[int, frozenset[str]]
) -> RequestError:
    """Add why, where a spreadsheet made a number of an identifier and so changed it."""
    if "holder" not in numbers.get(record.row, frozenset()) or error.field in _COLUMN_OF_FIELD:
        return error
    return RequestError(
        f"{error}; the cell is a number, which drops leading zeros and long digits: "
        "format it as text and type it again",
        message_zh=f"{error.message_zh}；该单元格为数字格式，会丢失前导零和长位数，"
        "请设为文本格式后重新输入",
        field=error.field,
        code=error.code,
        values=error.values,
    )


def write_template(catalogue: Catalogue) -> bytes:
    """The empty template as a workbook: the table, the help, and the catalogue's codes.

    All cells are written as text, so that no catalogue name can become a formula.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": datetime(2020, 1, 1)})
    head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF4"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("qualifications")
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(COLUMNS):
        sheet.set_column(index, index, 24, text)
        sheet.write_string(0, index, column.name, head)
    guide = book.add_worksheet("帮助 help")
    guide.set_column(0, 3, 22)
    guide.set_column(4, 5, 70)
    titles = ("column", "名称", "Title", "必填 required", "说明", "Meaning")
    for index, title in enumerate(titles):
        guide.write_string(0, index, title, head)
    for row, column in enumerate(COLUMNS, start=1):
        needed = "是 yes" if column.required else "否 no"
        values = (column.name, column.title_zh, column.title_en, needed, column.help_zh,
                  column.help_en)  # fmt: skip
        for index, value in enumerate(values):
            guide.write_string(row, index, value)
    codes = book.add_worksheet("代码 codes")
    codes.set_column(0, 2, 44)
    for index, title in enumerate(("code", "中文", "English")):
        codes.write_string(0, index, title, head)
    known = [(c.code, c.names) for c in catalogue.categories]
    known += [(k.code, k.names) for k in catalogue.kinds]
    for row, (code, names) in enumerate(known, start=1):
        for index, value in enumerate((code, names.zh, names.en)):
            codes.write_string(row, index, value)
    book.close()
    return stream.getvalue()
