"""``suyuan disclose``: documents of fields of which any can be taken out."""

import argparse
import os
import secrets
from pathlib import Path
from typing import Any

import orjson

from api.cli.files import not_written, reading
from api.cli.output import Output
from ledger.disclosure import Disclosure
from ledger.errors import RequestError
from ledger.typed_data import hexed


def add(commands: Any) -> None:
    disclose = commands.add_parser(
        "disclose",
        help="make a document of fields, take fields out of a copy, show what one shows",
        description="A document of fields, each hashed with a salt of its own: a copy with fields "
        "taken out has the same hash, and what was taken out cannot be guessed.",
    )
    acts = disclose.add_subparsers(required=True, metavar="ACT")

    make = acts.add_parser("make", help="make the whole document of named texts")
    make.add_argument("fields", type=Path, help='JSON: {"name": "text", …}')
    make.add_argument("-o", "--out", type=Path, required=True, help="a new file; keep it well")
    make.set_defaults(run=_make)

    copy = acts.add_parser("copy", help="a copy from which fields are taken out")
    copy.add_argument("document", type=Path)
    copy.add_argument(
        "--without", action="append", required=True, metavar="NAME", help="may be given repeatedly"
    )
    copy.add_argument("-o", "--out", type=Path, required=True, help="a new file")
    copy.set_defaults(run=_copy)

    show = acts.add_parser("show", help="its hash, and the fields that it still shows")
    show.add_argument("document", type=Path)
    show.set_defaults(run=_show)


def _make(options: argparse.Namespace, out: Output) -> int:
    document = reading(options.fields, _parse_fields, "fields")
    _write(options.out, document)
    return _told(document, out)


def _parse_fields(raw: bytes) -> Disclosure:
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        raise RequestError(
            'must be JSON of the form {"name": "text"}',
            message_zh='须为 {"名称": "文本"} 形式的 JSON',
            field="fields",
            code="disclosure.form",
        )
    return Disclosure.of(fields, lambda: secrets.token_bytes(32))


def _copy(options: argparse.Namespace, out: Output) -> int:
    document = reading(options.document, _parse_document, "document").without(options.without)
    _write(options.out, document)
    return _told(document, out)


def _show(options: argparse.Namespace, out: Output) -> int:
    return _told(reading(options.document, _parse_document, "document"), out)


def _told(document: Disclosure, out: Output) -> int:
    taken_out = len(document.fields) - len(document.shown)
    out.answer(
        {"hash": hexed(document.hash), "shown": document.shown, "taken_out": taken_out},
        [
            hexed(document.hash),
            *(f"{name}: {value}" for name, value in document.shown.items()),
            out.text(f"Taken out: {taken_out}", f"已删去 {taken_out} 个字段"),
        ],
    )
    return 0


def _parse_document(raw: bytes) -> Disclosure:
    found = Disclosure.read(raw)
    if found is None:
        raise RequestError(
            "is no document of salted fields, or was altered",
            message_zh="不是加盐字段文件，或已被改动",
            field="document",
            code="disclosure.form",
        )
    return found


def _write(path: Path, document: Disclosure) -> None:
    """A new file: a whole document lost to a slip of the hand is lost with its salts."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with open(handle, "wb") as file:
            file.write(document.to_bytes())
    except FileExistsError:
        raise RequestError(
            f"out: {path} exists already",
            message_zh=f"out：{path} 已存在",
            field="out",
            code="disclosure.exists",
        ) from None
    except OSError as error:
        raise not_written(path, error, "out") from error
