"""Tables as people send them: bytes in, clean text out, and what is wrong with which row.

Rules this module keeps:

* Nothing is evaluated. A formula cell is the text that it was typed as.
* Nothing is guessed silently: a row that does not fit its header is reported, never shifted.
* Every limit has a figure and an error that names it.

A row is counted as a spreadsheet shows it: the header is row 1, the first record row 2, however
many lines a quoted cell spans.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ledger.errors import RequestError

#: Largest file that is read, in bytes (16 MiB; the longest real register has 0.4 MB).
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
#: Most records of one file.
MAX_RECORDS: Final = 200_000
#: Longest cell, in characters: what a spreadsheet itself can hold.
MAX_CELL: Final = 32_767

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Severity(StrEnum):
    """ERROR: the row or cell states nothing. WARNING: it does, and a person should look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one place of a table, in both languages, with a stable code."""

    row: int
    column: str
    severity: Severity
    code: str
    message: str
    message_zh: str

    @property
    def field(self) -> str:
        return place(self.row, self.column)


@dataclass(frozen=True, slots=True)
class Record:
    """One record under its header, untouched: cell text, or the values of a JSON object.

    ``fault`` says why it cannot be used.
    """

    row: int
    cells: Mapping[str, Any]
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` as the header names them, cleaned."""

    name: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]


def place(row: int, column: str) -> str:
    """How a cell is named in every message and ``field``."""
    return f"row {row}: {column}" if column else f"row {row}"


def clean(text: str) -> str:
    """Text without what nobody sees: invisible and control characters, outer white space.

    Line breaks inside stay, as ``\\n``; every other run of white space becomes one space.
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", text)
    lines = (" ".join(_CONTROL.sub(" ", line).split()) for line in text.split("\n"))
    return "\n".join(lines).strip()


def line(text: str) -> str:
    """:func:`clean`, and line breaks become spaces too."""
    return " ".join(clean(text).split())


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula (``=HYPERLINK(…)``)."""
    return text.lstrip().startswith("=") and len(text.strip()) > 1


def malformed(name: str, en: str, zh: str, code: str = "file.malformed") -> RequestError:
    """The error for a file that cannot be read as what it claims to be."""
    return RequestError(
        f"{name}: {en}",
        message_zh=f"{name}：{zh}",
        field="file",
        code=code,
        values={"file": name},
    )


def check_size(name: str, data: bytes) -> None:
    """Raise ``RequestError`` for an empty file or one over :data:`MAX_FILE_BYTES`."""
    if not data:
        raise malformed(name, "the file is empty", "文件为空")
    if len(data) > MAX_FILE_BYTES:
        raise malformed(
            name,
            f"{len(data):,} bytes are more than the {MAX_FILE_BYTES:,} that are read",
            f"文件大小 {len(data):,} 字节，超过上限 {MAX_FILE_BYTES:,} 字节",
            "file.too-large",
        )


def decode(name: str, data: bytes) -> str:
    """The text of a file: UTF-16 and UTF-8 by their marks, else UTF-8, else GB 18030.

    GB 18030 is what a Chinese spreadsheet writes when it saves CSV without being asked.
    """
    check_size(name, data)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise malformed(
        name,
        "neither UTF-8 nor UTF-16 nor GB 18030 text",
        "既不是 UTF-8、UTF-16，也不是 GB 18030 编码的文本",
        "file.encoding",
    )


def _too_many(name: str) -> RequestError:
    return malformed(
        name,
        f"more than {MAX_RECORDS:,} records",
        f"记录数超过上限 {MAX_RECORDS:,}",
        "file.too-many-records",
    )


def read_csv(name: str, data: bytes) -> Table:
    """A comma-separated file (RFC 4180) whose first row names the columns.

    Raises ``RequestError`` where the file as a whole cannot be read; a single bad record comes
    back with its ``fault``.
    """
    text = decode(name, data)
    if text.count("\n") > 64 * MAX_RECORDS:
        raise _too_many(name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
            if len(rows) > MAX_RECORDS + 1:
                raise _too_many(name)
    except csv.Error as error:
        raise malformed(
            name,
            f"not a readable CSV file near line {reader.line_num}: {error}",
            f"第 {reader.line_num} 行附近不是可读的 CSV：{error}",
        ) from error
    return table(name, rows)


def table(name: str, rows: Iterable[list[str]], *, first_row: int = 1) -> Table:
    """Rows of cells under their header, which is the first of them; blank rows are passed over.

    ``first_row`` is the number that the header's row has in the file.
    """
    iterator = iter(rows)
    header = next(iterator, [])
    columns = tuple(line(cell) for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not columns:
        raise malformed(name, "the first row names no columns", "首行没有列名")
    twice = [c for i, c in enumerate(columns) if c and c in columns[:i]]
    if twice:
        raise malformed(
            name,
            f"the column {twice[0]!r} stands there twice",
            f"列 {twice[0]!r} 出现了两次",
        )
    records = []
    for row, cells in enumerate(iterator, start=first_row + 1):
        if any(cell.strip() for cell in cells):
            records.append(_record(row, columns, cells))
    return Table(name, columns, tuple(records))


def _record(row: int, columns: tuple[str, ...], cells: list[str]) -> Record:
    extra = [cell for cell in cells[len(columns) :] if cell.strip()]
    padded = cells[: len(columns)] + [""] * (len(columns) - len(cells))
    named = {column: cell for column, cell in zip(columns, padded, strict=True) if column}
    fault = None
    if extra or len(cells) < len(columns):
        fault = Problem(
            row,
            "",
            Severity.ERROR,
            "row.length",
            f"the row has {len(cells)} cells under {len(columns)} columns",
            f"该行有 {len(cells)} 个单元格，而表头有 {len(columns)} 列",
        )
    for column, cell in named.items():
        if len(cell) > MAX_CELL:
            fault = Problem(
                row,
                column,
                Severity.ERROR,
                "cell.too-long",
                f"{len(cell):,} characters are more than the {MAX_CELL:,} of a cell",
                f"单元格有 {len(cell):,} 个字符，超过上限 {MAX_CELL:,}",
            )
    return Record(row, named, fault)


def require_columns(found: Table, wanted: Iterable[str]) -> None:
    """Raise ``RequestError`` naming the columns that are missing from the header."""
    missing = [column for column in wanted if column not in found.columns]
    if missing:
        raise RequestError(
            f"{found.name}: the column {missing[0]!r} is missing "
            f"(the file has {', '.join(found.columns)[:300]})",
            message_zh=f"{found.name}：缺少列 {missing[0]!r}"
            f"（文件中的列：{', '.join(found.columns)[:300]}）",
            field=missing[0],
            code="file.columns",
            values={"missing": tuple(missing), "file": found.name},
        )
