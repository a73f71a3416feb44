"""The command line ``suyuan``: reads arguments, calls the ledger layer, prints what it says.

Exit status 0 only when the thing asked for is so (a verdict: buy; an import: no row refused; a
trace: all of it told; evidence: valid);
1 when it is not; 2 when it could not be carried out, with the reason and what would be right.

Only the module of the command that was asked for is imported: ``verify`` works where nothing but
the verification core's packages are installed, and none waits for what the others need.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from api.cli.output import Output
from ledger.errors import RequestError, SuyuanError

#: Which module has which command, in the order of the help.
COMMANDS: Final = {
    "demo": "demo",
    "deploy": "serving",
    "serve": "serving",
    "reindex": "serving",
    "tokens": "serving",
    "staff": "staff",
    "import": "importing",
    "record": "recording",
    "acts": "recording",
    "search": "questions",
    "verdict": "questions",
    "dependents": "questions",
    "trace": "tracing",
    "campaign": "tracing",
    "evidence": "evidence",
    "keys": "keys",
    "verify": "verify",
    "anchors": "witnessing",
    "checkpoint": "witnessing",
    "witness": "witnessing",
    "disclose": "disclosing",
    "audit": "audit",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    before, command = _split(given)
    common = _common().parse_known_args(before)[0]
    out = Output(common.json, common.lang)
    try:
        options = _parser(command).parse_args(given)
        status: int = options.run(options, out)
    except SuyuanError as error:
        out.fail(error)
        return 2
    except BrokenPipeError:
        # The reader of our output went away; that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _split(given: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """What stands before the command, and the command; None where none is named."""
    place = 0
    while place < len(given):
        word = given[place]
        if word in ("-h", "--help"):
            break
        if not word.startswith("-"):
            return given[:place], word
        place += 2 if word == "--lang" else 1
    return given[:place], None


def _common() -> argparse.ArgumentParser:
    """The options that stand before every command."""
    parser = argparse.ArgumentParser(prog="suyuan", add_help=False)
    parser.add_argument(
        "--lang", choices=("zh", "en"), default=_language(), help="language of the answers"
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    return parser


def _parser(command: str | None) -> argparse.ArgumentParser:
    """All that can be said to this command; where there is none of this name, to all of them."""
    parser = argparse.ArgumentParser(
        prog="suyuan",
        description="Suyuan 溯源: supplier qualifications on a ledger, verdicts before buying.",
        parents=[_common()],
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    if command in COMMANDS:
        _module(command, COMMANDS[command]).add(commands)
    else:
        for module in dict.fromkeys(COMMANDS.values()):
            with suppress(RequestError):
                _module(module, module).add(commands)
    return parser


def _module(command: str, name: str) -> Any:
    """The module of a command; :class:`RequestError` where packages that it needs are not there."""
    try:
        return import_module(f"api.cli.{name}")
    except ModuleNotFoundError as error:
        missing = str(error.name)
        if missing.split(".")[0] in ("api", "ledger"):
            raise
        raise RequestError(
            f"`suyuan {command}` needs packages that are not installed here ({missing}): install "
            "suyuan with its extra `service`; `suyuan verify` works without",
            message_zh=f"`suyuan {command}` 所需的软件包未安装（{missing}）："
            "请安装带 `service` 附加项的 suyuan；`suyuan verify` 无需这些软件包",
            code="cli.not-installed",
        ) from None


def _language() -> str:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "zh" if locale.startswith("zh") else "en"
