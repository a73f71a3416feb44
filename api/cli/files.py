"""Files that commands read and write: every failure names the file, in both languages."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from ledger.errors import EvidenceError, RequestError
from ledger.evidence.report import CODES

T = TypeVar("T")

#: Why files cannot be read or written, where it is one of the usual reasons.
_REASONS: Final = (
    (FileNotFoundError, "no such file or folder", "没有此文件或目录"),
    (PermissionError, "you may not", "没有权限"),
    (IsADirectoryError, "it is a folder", "是目录"),
)


def reading(path: Path, parse: Callable[[bytes], T], field: str) -> T:
    """What ``parse`` makes of the file; :class:`RequestError` for the option ``field`` where that
    cannot be read, or for the member that is wrong in it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        english, chinese = _why(error)
        raise _failure(
            path, f"cannot be read: {english}", f"无法读取：{chinese}", field, "cli.file"
        ) from error
    try:
        return parse(raw)
    except RequestError as error:
        member = error.field or field
        raise _failure(path, str(error), error.message_zh, member, error.code) from error
    except EvidenceError as error:
        texts = CODES.get(error.code)
        chinese = "格式不正确" if texts is None else texts.zh
        raise _failure(path, str(error), chinese, field, error.code) from error


def write(path: Path, content: bytes, field: str) -> None:
    """Write the file as a whole or not at all, and so that it survives a crash;
    :class:`RequestError` for the option ``field`` where it cannot be written."""
    temporary = path.with_name(path.name + ".new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise not_written(path, error, field) from error


def not_written(path: Path, error: OSError, field: str) -> RequestError:
    """The file cannot be written, and why."""
    english, chinese = _why(error)
    return _failure(
        path, f"cannot be written: {english}", f"无法写入：{chinese}", field, "cli.file"
    )


def _why(error: OSError) -> tuple[str, str]:
    for kind, english, chinese in _REASONS:
        if isinstance(error, kind):
            return english, chinese
    return error.strerror or "no reason given", f"系统错误 {error.errno}"


def _failure(path: Path, english: str, chinese: str, field: str, code: str) -> RequestError:
    return RequestError(
        f"{path}: {english}", message_zh=f"{path}：{chinese}", field=field, code=code
    )
