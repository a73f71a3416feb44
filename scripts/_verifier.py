"""Write or compare what is committed of the browser's verifier, but made from something else.

* ``api/verifier/src/action-table.js``: the EIP-712 types of all actions, from the service's own.
  Both verifiers must have the same types as the contracts; all else they do each for itself.
* ``api/verifier/src/report-texts.js``: numbers, codes and sentences of the report, from the
  service's own, so that both verifiers say the same.
* ``api/verifier/src/zones.js``: the names of time zones, from the data base that the service has.
* ``api/verifier/verify.html``: the page, by ``api/verifier/build.mjs`` from the sources beside it.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.evidence.report import CHECKS, CODES, LIMITS, Texts
from ledger.question import ZONES
from ledger.typed_data import ACTIONS

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = Path("api/verifier/src/action-table.js")
TEXTS: Final = Path("api/verifier/src/report-texts.js")
ZONE_NAMES: Final = Path("api/verifier/src/zones.js")
PAGE: Final = Path("api/verifier/verify.html")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/verifier", description="Build the verifier.")
    parser.add_argument("--check", action="store_true", help="compare only; fail on a difference")
    check: bool = parser.parse_args(arguments).check
    # In this order: the page is made of the others.
    made = ((TABLE, table), (TEXTS, texts), (ZONE_NAMES, zones), (PAGE, page))
    stale = [path for path, make in made if brought_up_to_date(path, make(), check)]
    for name in stale:
        print(f"{name} {'is not fresh: run scripts/verifier' if check else 'was written'}")
    return 1 if check and stale else 0


def brought_up_to_date(path: Path, text: str, check: bool) -> bool:
    """Whether the file differs from the text; unless only checking, it is then written."""
    target = ROOT / path
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    if not check:
        target.write_text(text, encoding="utf-8")
    return True


def table() -> str:
    """The table of actions as a JavaScript module."""
    rows = [
        json.dumps([a.contract, a.number, a.authority, a.type_string]) for a in ACTIONS.values()
    ]
    return "\n".join(
        [
            "/**",
            " * Contract, number, whether the authority must sign, EIP-712 type of each action.",
            " * Written by scripts/verifier: change the types there, not here.",
            " * @type {[string, number, boolean, string][]}",
            " */",
            "export const TABLE = [",
            *(f"  {row}," for row in rows),
            "];",
            "",
        ]
    )


def texts() -> str:
    """What the report says, as a JavaScript module."""
    return "\n".join(
        [
            "/**",
            " * What the report of a verification says. Written by scripts/verifier.",
            " * @typedef {{en: string, zh: string}} Texts",
            " */",
            *_texts("CHECKS", "The checks in order: what holds where one is valid.", CHECKS),
            *_texts("CODES", "What each code means.", CODES),
            *_texts("LIMITS", "What evidence does not prove.", LIMITS),
            "",
        ]
    )


def _texts(name: str, meaning: str, found: Mapping[str, Texts]) -> list[str]:
    rows = [
        f"  [{json.dumps(key)}, {json.dumps(t._asdict(), ensure_ascii=False)}],"
        for key, t in found.items()
    ]
    return [
        "",
        f"/** {meaning} @type {{ReadonlyMap<string, Texts>}} */",
        f"export const {name} = new Map([",
        *rows,
        "]);",
    ]


def zones() -> str:
    """The names of time zones as a JavaScript module."""
    return "\n".join(
        [
            "/** The names of the IANA time zones. Written by scripts/verifier. */",
            "export const ZONES = new Set([",
            *(f"  {json.dumps(name)}," for name in sorted(ZONES)),
            "]);",
            "",
        ]
    )


def page() -> str:
    """The page as ``build.mjs`` makes it of the sources that are there now."""
    return subprocess.run(
        [node(), ROOT / "api/verifier/build.mjs"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout


def node() -> str:
    """Node of the virtual environment that runs this."""
    return str(Path(sys.executable).parent / "node")


if __name__ == "__main__":
    sys.exit(main())
