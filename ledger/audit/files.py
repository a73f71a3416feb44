"""Opening what is audited without changing it: a damaged file is a finding and never a crash.

SQLite files are read past their write-ahead log where it is empty. One that a crash left behind is
read from a copy, because reading it means writing it back.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger.audit.report import Part
from ledger.chain.store import connect_unchanging

#: What SQLite keeps beside a database that was not closed.
_BESIDE = ("-wal", "-journal")


def settled(path: Path, scratch: Path) -> Path:
    """The file itself, or a copy of it with what a crash left beside it taken in."""
    left = [s for s in _BESIDE if _size(path.with_name(path.name + s))]
    if not left:
        return path
    copy = scratch / path.name
    shutil.copyfile(path, copy)
    for suffix in left:
        beside = path.name + suffix
        shutil.copyfile(path.with_name(beside), scratch / beside)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return copy


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that gives every stored value as it is, text that is none included."""
    with closing(connect_unchanging(path)) as connection:
        connection.text_factory = _text
        connection.execute("PRAGMA cache_size=-8192")
        yield connection


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def check_structure(connection: sqlite3.Connection, where: str, part: Part) -> bool:
    """What SQLite itself says of the file: every page, row and index entry where it belongs.
    Whether its tables can be read at all."""
    try:
        for (problem,) in connection.execute("PRAGMA integrity_check(1000)").fetchall():
            if problem != "ok":
                part.found(
                    "structure",
                    where,
                    f"the file is damaged: {problem}",
                    f"文件已损坏：{problem}",
                    found=problem,
                )
        for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
            part.found(
                "structure",
                str(table),
                f"row {rowid} refers to a row of {parent} that is not there",
                f"第 {rowid} 行引用了 {parent} 中不存在的行",
                row=rowid,
            )
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        unreadable(part, where, error)
        return False
    return True


def unreadable(part: Part, where: str, error: Exception) -> None:
    """It cannot be read, or not to its end."""
    part.found(
        "unreadable",
        where,
        f"cannot be read to its end: {error}",
        f"无法完整读取：{error}",
        found=str(error),
    )


def missing(part: Part, where: str) -> None:
    part.found("missing", where, "the file is missing", "文件缺失")
