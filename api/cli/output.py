"""How answers and failures are printed: for people, or as JSON for programs."""

import json
import sys
import unicodedata
from typing import Any

from ledger.errors import RequestError, SuyuanError


class Output:
    """``as_json``: answers are JSON on standard output, one document or one per line."""

    def __init__(self, as_json: bool, language: str) -> None:
        self.as_json = as_json
        self.language = language

    def text(self, english: str, chinese: str) -> str:
        return chinese if self.language == "zh" else english

    def say(self, english: str, chinese: str) -> None:
        """A line for people; nothing where the answer is JSON."""
        if not self.as_json:
            print(printable(self.text(english, chinese)), flush=True)

    def answer(self, data: Any, lines: list[str]) -> None:
        """The answer itself: ``data`` as JSON, or ``lines`` for people."""
        if self.as_json:
            print(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                print(printable(line))

    def progress(self, english: str, chinese: str) -> None:
        """How far long work has come, on standard error; in place on a terminal."""
        if sys.stderr.isatty():
            print("\r\x1b[2K" + self.text(english, chinese), end="", file=sys.stderr, flush=True)

    def fail(self, error: SuyuanError) -> None:
        """Say on standard error what is wrong."""
        request = error if isinstance(error, RequestError) else None
        message = request.message(self.language) if request else str(error)
        if self.as_json:
            problem = {"code": error.code, "message": message}
            if request and request.field:
                problem["field"] = request.field
            print(json.dumps({"error": problem}, ensure_ascii=False), file=sys.stderr)
        else:
            field = request.field if request else None
            named = message.startswith(f"{field} ") or any(
                f"{field}{mark}" in message for mark in (":", "：")
            )
            place = f"{field}: " if field and not named else ""
            print(f"suyuan: {place}{printable(message)}", file=sys.stderr)


def printable(text: str) -> str:
    """Without control and direction characters: what a register says must not steer a terminal."""
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "\ufffd"
        for c in text
    )
