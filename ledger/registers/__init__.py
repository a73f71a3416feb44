"""Public registers, read: bytes in, statements out. No network, no clock, nothing on the ledger.

>>> sorted(REGISTERS)[:3]
['fda-510k', 'fda-eua-china', 'fda-eua-imported']

``read`` takes the files of one publication; which is which is seen from their columns.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from ledger.days import iso_day, start_of_day
from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.registers.fda_510k import FDA_510K
from ledger.registers.fda_eua import CHINA, IMPORTED, REVOKED_FROM, SURGICAL
from ledger.registers.model import (
    CapacityStatement,
    Comparison,
    Document,
    Holder,
    Publication,
    RegisterReading,
    Relation,
    Row,
    Statement,
    compare,
    row_hash,
)
from ledger.registers.niosh import NIOSH
from ledger.registers.reader import Reader, Shape
from ledger.registers.wuhan2020 import WUHAN2020
from ledger.tabular import Table, check_size, malformed

__all__ = [
    "REGISTERS",
    "REVOKED_FROM",
    "CapacityStatement",
    "Comparison",
    "Document",
    "Holder",
    "Publication",
    "Reader",
    "RegisterReading",
    "Relation",
    "Row",
    "Statement",
    "compare",
    "read",
    "row_hash",
    "sort_files",
]

#: Every register that can be read, by its name.
REGISTERS: Final[Mapping[str, Reader]] = {
    reader.register: reader for reader in (NIOSH, CHINA, IMPORTED, SURGICAL, FDA_510K, WUHAN2020)
}

_DAY_IN_NAME: Final = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


def _reader(register: str) -> Reader:
    if register not in REGISTERS:
        raise RequestError(
            f"unknown register {register!r}; there are {', '.join(REGISTERS)}",
            message_zh=f"未知的名录 {register!r}；可用的有 {'、'.join(REGISTERS)}",
            field="register",
            code="register.unknown",
        )
    return REGISTERS[register]


def _shape_of(
    name: str, data: bytes, shapes: list[tuple[Reader, Shape]]
) -> tuple[Reader, Shape, Table] | None:
    """The shape with the most columns that fits: a longer header is the more telling."""
    tables: dict[Callable[[str, bytes], Table], Table | None] = {}
    for reader, shape in sorted(shapes, key=lambda pair: -len(pair[1].columns)):
        if shape.load not in tables:
            try:
                tables[shape.load] = shape.load(name, data)
            except RequestError:
                tables[shape.load] = None
        table = tables[shape.load]
        if table is not None and set(shape.columns) <= set(table.columns):
            return reader, shape, table
    return None


_ALL_SHAPES: Final = [(reader, shape) for reader in REGISTERS.values() for shape in reader.shapes]


def sort_files(files: Mapping[str, bytes]) -> Mapping[str, Mapping[str, bytes]]:
    """The files of each register, known by their columns; files of no register fall away."""
    found: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        shape = _shape_of(name, data, _ALL_SHAPES)
        if shape is not None:
            found.setdefault(shape[0].register, {})[name] = data
    return found


def _tables(reader: Reader, files: Mapping[str, bytes]) -> dict[str, tuple[Table, ...]]:
    tables: dict[str, list[Table]] = {shape.role: [] for shape in reader.shapes}
    for name in sorted(files):
        check_size(name, files[name])
        found = _shape_of(name, files[name], _ALL_SHAPES)
        if found is None:
            _explain(reader, name, files[name])
        elif found[0] is not reader:
            raise malformed(
                name,
                f"this is a file of {found[0].register!r}, not of {reader.register!r}",
                f"这是名录 {found[0].register!r} 的文件，不属于 {reader.register!r}",
                "file.other-register",
            )
        else:
            tables[found[1].role].append(found[2])
    for shape in reader.shapes:
        if shape.required and not any(table.records for table in tables[shape.role]):
            raise RequestError(
                f"{reader.register}: the file {shape.role!r} is missing or holds no records "
                f"(its columns: {', '.join(shape.columns)})",
                message_zh=f"{reader.register}：缺少文件 {shape.role!r} 或其中没有记录"
                f"（列：{', '.join(shape.columns)}）",
                field="files",
                code="file.missing",
                values={"role": shape.role},
            )
    return {role: tuple(found_tables) for role, found_tables in tables.items()}


def _explain(reader: Reader, name: str, data: bytes) -> None:
    """Raise why the file cannot be read as any document of the register."""
    main = reader.shapes[0]
    table = main.load(name, data)
    missing = [column for column in main.columns if column not in table.columns]
    raise RequestError(
        f"{name}: no document of {reader.register!r}; the column {missing[0]!r} is missing "
        f"(the file has {', '.join(table.columns)[:300]})",
        message_zh=f"{name}：不是 {reader.register!r} 的文件，缺少列 {missing[0]!r}"
        f"（文件中的列：{', '.join(table.columns)[:300]}）",
        field=missing[0],
        code="file.columns",
        values={"missing": tuple(missing), "file": name},
    )


def _published(reader: Reader, files: Mapping[str, bytes], stated: date | None) -> date:
    """The day in the files' names, else the latest that they state."""
    in_names = [iso_day(day) for name in files for day in _DAY_IN_NAME.findall(name)]
    named = [day for day in in_names if day is not None]
    day = max(named, default=stated)
    if day is None:
        raise RequestError(
            f"{reader.register}: the day of publication is neither in a file's name nor stated "
            "in the files; give it",
            message_zh=f"{reader.register}：文件名和文件内容中都没有发布日期，请指定",
            field="published",
            code="publication.day",
        )
    return day


def read(
    register: str, files: Mapping[str, bytes], *, published: date | None = None
) -> RegisterReading:
    """One publication of a register.

    ``files`` are its documents, by file name. ``published`` is the day on which the register
    said this; without it, the latest day (YYYY-MM-DD) in the files' names counts, else the
    latest day that the documents themselves name.

    Raises ``RequestError`` naming the file (``values["file"]``) or column that is wrong; what is
    wrong in single rows stands in the reading.
    """
    reader = _reader(register)
    content = reader.content(_tables(reader, files))
    day = published or _published(reader, files, content.stated_day)
    publication = Publication(
        register,
        content.title,
        start_of_day(day, reader.zone),
        tuple(Document(name, keccak(files[name]), len(files[name])) for name in sorted(files)),
    )
    return RegisterReading(publication, content.rows)
