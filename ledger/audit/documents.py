"""The documents' files against what is noted of them: each is there, is what its name says, and
nobody's is there besides."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ledger.audit.merging import Values
from ledger.audit.report import Part, Progress
from ledger.documents import MAX_SIZE, hash_of_whole
from ledger.index.raw import Source, service_form

#: Who else than its keeper may read a document, in the words of the table.
VISIBILITIES: Final = ("private", "parties", "ledger")

FOLDER: Final = re.compile("[0-9a-f]{2}")
FILE: Final = re.compile("[0-9a-f]{62}")
_READ: Final = ("hash", "organisation", "size", "visibility")


def check(root: Path, live: Source, part: Part, progress: Progress) -> None:
    """Compare the folder with the table ``stored_document``. Both are read in the order of the
    hashes, so that neither is kept."""
    form = service_form("stored_document")
    place = {name: form.columns.index(name) for name in _READ}
    noted_rows = _readable(live.rows(form.query(is_sqlite=live.is_sqlite)), place, part)
    rows = _Noted(noted_rows, place["hash"])
    checked = 0
    for digest, path in _files(root, part):
        noted = rows.up_to(digest, part)
        checked += 1
        progress("documents", checked, 0)
        size = check_file(digest, path, root, part)
        if not noted:
            unnoted(digest, path, root, part)
        for row in noted:
            stated = row[place["size"]]
            if size is not None and stated != size:
                part.found(
                    "size",
                    "stored_document",
                    "the document has another size than noted",
                    "文件大小与记录不符",
                    row=(digest, row[place["organisation"]]),
                    field="size",
                    expected=size,
                    found=stated,
                )
    rows.up_to(None, part)
    part.count(files=checked, rows=rows.count)


def _readable(rows: Iterator[Values], place: Mapping[str, int], part: Part) -> Iterator[Values]:
    """The rows; those that do not say who may read the document are findings."""
    for row in rows:
        said = row[place["visibility"]]
        if said not in VISIBILITIES:
            part.found(
                "visibility",
                "stored_document",
                "this is no word for who may read the document",
                "该值不是有效的可见范围",
                row=(row[place["hash"]], row[place["organisation"]]),
                field="visibility",
                expected=VISIBILITIES,
                found=said,
            )
        yield row


class _Noted:
    """The table's rows by hash; those that are passed over have no file."""

    def __init__(self, rows: Iterator[Values], place: int) -> None:
        self._rows = rows
        self._place = place
        self._next = next(rows, None)
        self.count = 0

    def up_to(self, digest: bytes | None, part: Part) -> list[Values]:
        """The rows of this hash; all that come before it are findings."""
        found = []
        while self._next is not None:
            row, hash_ = self._next, self._next[self._place]
            if hash_ == digest:
                found.append(row)
            elif digest is not None and type(hash_) is bytes and hash_ > digest:
                break
            else:
                part.found(
                    "file-missing",
                    "stored_document",
                    "the document that this row notes has no file",
                    "该行记录的文件不存在",
                    row=hash_,
                    field="hash",
                    expected=hash_,
                )
            self.count += 1
            self._next = next(self._rows, None)
        return found


def _files(root: Path, part: Part) -> Iterator[tuple[bytes, Path]]:
    """Every document's file with the hash that it is named by, in order; all else is a finding."""
    for folder in _children(root, root, part):
        if folder.is_symlink() or not folder.is_dir() or not FOLDER.fullmatch(folder.name):
            unfinished = folder.name.endswith(".new")
            part.found(
                "unfinished" if unfinished else "stranger",
                _name(root, folder),
                "a document was being written here when the service stopped"
                if unfinished
                else "this is no document",
                "服务停止时正在写入的文件" if unfinished else "这不是文档文件",
            )
            continue
        for path in _children(folder, root, part):
            if path.is_symlink() or not path.is_file() or not FILE.fullmatch(path.name):
                part.found("stranger", _name(root, path), "this is no document", "这不是文档文件")
            else:
                yield bytes.fromhex(folder.name + path.name), path


def _children(folder: Path, root: Path, part: Part) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        _unreadable(part, _name(root, folder), error)
        return []


def check_file(digest: bytes, path: Path, root: Path, part: Part) -> int | None:
    """Compare the file with the hash that it is named by. Its size, None where it cannot be
    read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        _unreadable(part, _name(root, path), error)
        return None
    found: dict[str, Any] = {"row": digest, "expected": digest, "found": hash_of_whole(data)}
    if not data:
        part.found("empty", _name(root, path), "the file has zero bytes", "文件为零字节", **found)
    elif len(data) > MAX_SIZE:
        part.found(
            "large",
            _name(root, path),
            f"the file has more than {MAX_SIZE} bytes, more than are ever kept",
            f"文件超过上限 {MAX_SIZE} 字节",
            row=digest,
        )
    elif found["found"] != digest:
        part.found(
            "altered",
            _name(root, path),
            "the file's bytes are not those that it is named by",
            "文件内容与其名称（哈希）不符",
            **found,
        )
    return len(data)


def unnoted(digest: bytes, path: Path, root: Path, part: Part) -> None:
    """The file is there, and nobody is noted to keep it."""
    part.found(
        "unknown",
        _name(root, path),
        "nobody is noted to keep this document",
        "没有任何保存者的记录",
        row=digest,
    )


def _unreadable(part: Part, where: str, error: OSError) -> None:
    part.found(
        "unreadable",
        where,
        f"cannot be read: {error.strerror}",
        f"无法读取：{error.strerror}",
        found=error.strerror,
    )


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root.parent).as_posix()
