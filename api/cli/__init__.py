"""The command line ``suyuan``: reads arguments, calls the ledger layer, prints what it says.

Exit status 0 only when the thing asked for is so (a verdict: buy; an import: no row refused; a
trace: all of it told);
1 when it is not; 2 when it could not be carried out, with the reason and what would be right.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from api.cli import audit, demo, importing, keys, questions, recording, serving, tracing, witnessing
from api.cli.output import Output
from ledger.errors import SuyuanError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    out = Output(options.json, options.lang)
    try:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="suyuan",
        description="Suyuan 溯源: supplier qualifications on a ledger, verdicts before buying.",
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default=_language(), help="language of the answers"
    )
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (
        demo,
        serving,
        importing,
        recording,
        questions,
        tracing,
        keys,
        witnessing,
        audit,
    ):
        module.add(commands)
    return parser


def _language() -> str:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "zh" if locale.startswith("zh") else "en"
