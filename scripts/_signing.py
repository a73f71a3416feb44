"""Write or compare the one script of the signing page, which is committed.

It is made by ``api/pages/signing/browser/build.mjs`` from the sources beside that, from the
verifier's own, and from two libraries of which the lock file has the hashes.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from scripts._verifier import ROOT, brought_up_to_date, node

SCRIPT: Final = Path("api/pages/static/signing.js")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/signing", description="Build the script.")
    parser.add_argument("--check", action="store_true", help="compare only; fail on a difference")
    check: bool = parser.parse_args(arguments).check
    stale = brought_up_to_date(SCRIPT, script(), check)
    if stale:
        print(f"{SCRIPT} {'is not fresh: run scripts/signing' if check else 'was written'}")
    return 1 if check and stale else 0


def script() -> str:
    """The script as it is made of the sources that are there now."""
    return subprocess.run(
        [node(), ROOT / "api/pages/signing/browser/build.mjs"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
