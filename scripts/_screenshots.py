"""``scripts/screenshots``: pictures of every page, made by the functions that the tests use."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.support.browser import chromium
from tests.support.pictures import take


def main() -> int:
    if chromium() is None:
        print("no chromium on the PATH; install Debian's package chromium", file=sys.stderr)
        return 1
    target = Path(sys.argv[1])
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as made:
        for path in take(Path(made), wanted):
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target / path.name)
            print(target / path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
