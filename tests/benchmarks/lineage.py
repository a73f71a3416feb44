"""The page of a lot with three hundred lots behind it, in Chromium on this machine: from the moment
the address is gone to until the picture is painted. The lots and their shipments are on the ledger
of the invented world; page and service share the machine with the browser.

Painted: style sheets and the page are there, every box is in the document, and two frames later.
"""

import gzip
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from api.access import CallerRole
from tests.benchmarks.measuring import Figure
from tests.support.browser import Site, browsing, reading, serving
from tests.support.large_lineage import LARGE, make_large
from tests.support.service import found_world
from tests.support.sights.batches import batch_path

LOTS: Final = 300
_ROUNDS: Final = 5

_PAINTED: Final = """
addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.paintedAt = performance.now();
})));
"""
#: Waits for it. (Playwright's own way to wait evaluates a text, which the page forbids.)
_WHEN: Final = """() => new Promise((found) => {
  const look = () => (window.paintedAt ? found(window.paintedAt) : setTimeout(look, 5));
  look();
})"""


def measure(folder: Path) -> Iterator[Figure]:
    workspace = found_world(folder / "world", time.time)
    try:
        make_large(workspace, LOTS)
        with serving(workspace) as site, browsing() as browser:
            yield from _figures(browser, site)
    finally:
        workspace.close()


def _figures(browser: Browser, site: Site) -> Iterator[Figure]:
    path = batch_path(LARGE)
    with reading(browser, site, "zh", 1440, CallerRole.AUDITOR) as page:
        page.add_init_script(_PAINTED)
        for what, query in (("the first 40 lots", ""), (f"{LOTS} lots", "?expand=all")):
            drawn, server = _rounds(page, path + query)
            content = page.request.get(path + query).body()
            yield Figure(f"{what}: page, uncompressed", len(content) / 1000, "kB")
            packed = len(gzip.compress(content, 1, mtime=0)) / 1000
            yield Figure(f"{what}: page, compressed as sent", packed, "kB")
            yield Figure(f"{what}: of that the service, median", server, "ms")
            if query:
                lots = page.locator(".picture a.lot").count()
                assert lots == LOTS, lots
                yield Figure(
                    f"{what}: painted, median of {_ROUNDS}", drawn, "ms", "at most 1000",
                    drawn <= 1000,
                )  # fmt: skip
            else:
                yield Figure(f"{what}: painted, median of {_ROUNDS}", drawn, "ms")


def _rounds(page: Page, path: str) -> tuple[float, float]:
    """Milliseconds to the painted picture, and of these the service's; medians, after one visit."""
    drawn, server = [], []
    for _ in range(_ROUNDS + 1):
        page.goto(path)
        drawn.append(page.evaluate(_WHEN))
        server.append(
            page.evaluate(
                """() => {
                  const [visit] = performance.getEntriesByType("navigation");
                  return visit.responseStart - visit.requestStart;
                }"""
            )
        )
    return statistics.median(drawn[1:]), statistics.median(server[1:])
