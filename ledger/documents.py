"""Documents behind hashes: certificates, reports and published lists, kept as files.

The ledger holds a document's hash (``ledger.disclosure.document_hash``), never the document. A file
is named by that hash, so it is written once, and whoever reads it can tell at once whether it is
still what it was.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

from ledger.disclosure import Disclosure, document_hash
from ledger.errors import EvidenceError, RequestError, UnavailableError

#: Largest document, in bytes.
MAX_SIZE: Final = 20 * 1024 * 1024

#: How the name of a file ends that is being written.
_UNFINISHED: Final = ".new"


def check_not_empty(data: bytes) -> None:
    """:class:`RequestError` for a document of zero bytes: nothing can be stated by it."""
    if not data:
        raise RequestError(
            "the document has zero bytes",
            message_zh="文件为空（零字节）",
            field="document",
            code="document.empty",
        )


class DocumentStore:
    """The files below one directory, which is created where it is missing and belongs to one
    process at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        for left in root.glob(f"*{_UNFINISHED}"):  # by a crash
            left.unlink(missing_ok=True)

    def put(self, data: bytes) -> bytes:
        """Keep the document, on disk before this returns; the same bytes are kept once, and
        put right where their file was changed."""
        check_not_empty(data)
        if len(data) > MAX_SIZE:
            raise RequestError(
                f"the document has {len(data)} bytes; at most {MAX_SIZE} are kept",
                message_zh=f"文件有 {len(data)} 字节，上限为 {MAX_SIZE} 字节",
                field="document",
                code="document.too-large",
                values={"limit": MAX_SIZE},
            )
        digest = hash_of_whole(data)
        if digest is None:
            # It has the hash of the whole document, whose place it would take.
            raise RequestError(
                "fields were taken out of this document; keep the whole one",
                message_zh="此文件已删去部分字段，请保存完整文件",
                field="document",
                code="document.fields-taken-out",
            )
        path = self._path(digest)
        try:
            if not path.exists() or path.read_bytes() != data:
                path.parent.mkdir(exist_ok=True)
                self._write(path, data)
        except OSError as error:
            raise UnavailableError(f"the document could not be kept: {error}") from error
        return digest

    def _write(self, path: Path, data: bytes) -> None:
        handle, name = tempfile.mkstemp(_UNFINISHED, dir=self.root)
        try:
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        _sync_directory(path.parent)
        _sync_directory(self.root)

    def get(self, digest: bytes) -> bytes | None:
        """The document; None where it was never kept. A file that changed is ``EvidenceError``."""
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(f"the document could not be read: {error}") from error
        if hash_of_whole(data) != digest:
            raise EvidenceError(
                f"the file of document 0x{digest.hex()} is not what was kept",
                code="document.altered",
            )
        return data

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self.root / name[:2] / name[2:]


def hash_of_whole(data: bytes) -> bytes | None:
    """The document's hash; None where it is not whole: fields were taken out of it, or it is only
    what the hash of one with fields is made of."""
    disclosure = Disclosure.read(data)
    return (document_hash(data) or None) if disclosure is None or disclosure.is_whole else None


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
