"""The main pages as Lighthouse sees them: a phone of the middle class on a slow line.

Lighthouse is an npm package of its own here, for it is large and only this needs it: it is set up
by the lock beside this file when the benchmark is run for the first time.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from api.access import CallerRole
from ledger import demo
from tests.benchmarks.measuring import Figure
from tests.support.browser import Site, browsing, chromium, reading, serving
from tests.support.service import found_world
from tests.support.sights.sight import supplier_path
from tests.support.sights.verdicts import ask

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[2]
#: What each category must reach, of 100.
LEAST: Final = 95


def measure(folder: Path) -> Iterator[Figure]:
    chrome = chromium()
    if chrome is None:
        raise SystemExit("no chromium on the PATH: apt install chromium")
    _set_up()
    folder.mkdir(parents=True)
    workspace = found_world(folder / "world")
    try:
        with serving(workspace) as site:
            cookie, verdict = _signed_in(site)
            for name, path in (
                ("home", "/"),
                ("supplier", supplier_path(demo.QINGLUAN)),
                ("verdict", verdict),
                ("batch", "/batches/0x" + demo.MASK_LOT.id.hex()),
            ):
                yield from _scores(name, site.address + path, cookie, chrome)
    finally:
        workspace.close()


def _signed_in(site: Site) -> tuple[str, str]:
    """The cookies of an officer, and the path of a verdict of hers."""
    with (
        browsing() as browser,
        reading(browser, site, "zh", 390, CallerRole.PROCUREMENT) as page,
    ):
        ask(page, demo.QINGLUAN, "QL-100", "50000", 7)
        cookies = page.context.cookies()
        path = page.url.removeprefix(site.address)
    return "; ".join(f"{c.get('name')}={c.get('value')}" for c in cookies), path


def _set_up() -> None:
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        npm = str(ROOT / ".venv" / "bin" / "npm")
        subprocess.run([npm, "ci", "--ignore-scripts"], cwd=HERE, env=_environment(), check=True)


def _environment() -> dict[str, str]:
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}


def _scores(name: str, url: str, cookie: str, chrome: str) -> Iterator[Figure]:
    said = subprocess.run(
        ["node", "measure.mjs", url, cookie, chrome],
        cwd=HERE,
        env=_environment(),
        capture_output=True,
        text=True,
    )
    if said.returncode:
        raise SystemExit(f"Lighthouse failed on {name}: {said.stderr.strip()}")
    found = json.loads(said.stdout)
    if found["address"] != url:
        raise SystemExit(f"Lighthouse was led from {url} to {found['address']}")
    for category, score in found["scores"].items():
        promise = f"at least {LEAST}"
        yield Figure(f"{name}: {category}", score, "of 100", promise, score >= LEAST)
    for fault in found["faults"]:
        print(f"    {name}: {fault}", flush=True)
