"""Write or compare the committed vectors of evidence (``tests/support/vectors.py``)."""

import argparse
import sys
from pathlib import Path
from typing import Final

from tests.support.vectors import vectors

FOLDER: Final = Path(__file__).resolve().parent.parent / "tests/vectors/evidence"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/vectors", description="Make the vectors.")
    parser.add_argument("--check", action="store_true", help="compare only; fail on a difference")
    check: bool = parser.parse_args(arguments).check
    made = vectors()
    there = {file.name for file in FOLDER.glob("*")} if FOLDER.exists() else set()
    stale = sorted(there - made.keys())
    for name, data in made.items():
        file = FOLDER / name
        if name not in there or file.read_bytes() != data:
            stale.append(name)
            if not check:
                FOLDER.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
    for name in stale:
        print(f"tests/vectors/evidence/{name} {'is not fresh' if check else 'was written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
