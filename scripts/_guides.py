"""``scripts/guides``: make the pictures of the guides anew, of the pages as they are now."""

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.support.browser import browsing, chromium, serving
from tests.support.guides import SHOWN, STATIC, fingerprints, take
from tests.support.service import found_world


def main() -> int:
    if chromium() is None:
        print("no chromium on the PATH; install Debian's package chromium", file=sys.stderr)
        return 1
    shown: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as made:
        workspace = found_world(Path(made) / "world", time.time)
        try:
            with serving(workspace) as site, browsing() as browser:
                for file, fingerprint, page in fingerprints(browser, site):
                    take(page, file)
                    shown[file] = fingerprint
                    print(f"{file}: {(STATIC / file).stat().st_size} bytes", flush=True)
        finally:
            workspace.close()
    for old in (STATIC / "guides").iterdir():
        if f"guides/{old.name}" not in shown:
            old.unlink()
    SHOWN.write_text(json.dumps(shown, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
