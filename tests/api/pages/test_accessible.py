"""Every page that there is: accessible, as wide as the screen, and clean.

Run with Chromium of the system; skipped where there is none.
"""

import os
from itertools import pairwise
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.support.browser import EVERYWHERE, Language, Site, reading
from tests.support.sights import SIGHTS

#: Every sight in each language and at each width, the other pairs in the deep run.
_DEEP: Final = os.environ.get("SUYUAN_DEEP") == "1"
_LOOKED_AT: Final = EVERYWHERE if _DEEP else [EVERYWHERE[0], EVERYWHERE[-1]]
#: As many sights as one test looks at.
_ROUND: Final = 12
_ROUNDS: Final = [list(SIGHTS)[i : i + _ROUND] for i in range(0, len(SIGHTS), _ROUND)]


@pytest.mark.parametrize("names", _ROUNDS, ids=lambda names: f"{names[0]}…{names[-1]}")
@pytest.mark.parametrize(("language", "width"), _LOOKED_AT)
def test_every_page_is_accessible_fits_and_is_clean(
    site: Site, browser: Browser, language: Language, width: int, names: list[str]
) -> None:
    # Its rules hardly depend on language and width, and it takes its time.
    axe = Axe() if _DEEP or width == 390 else None
    for name in names:
        sight = SIGHTS[name]
        with reading(browser, site, language, width, sight.role, sight.office) as page:
            complaints, asked = _watched(page)
            sight.go(page)
            _check(axe, page, name)
        # A browser's own note of a 4xx answer, and its verbose advice, are no fault of the page.
        faults = [c for c in complaints if c.startswith(("error", "warning"))]
        assert not [c for c in faults if "Failed to load resource" not in c], f"{name}: console"
        assert not [url for url in asked if not url.startswith(site.address)], f"{name}: outside"


def _watched(page: Page) -> tuple[list[str], list[str]]:
    """What the browser says of the page, and every address that it asks for."""
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    # Its own reader of PDF asks for the browser's own files.
    own = ("chrome-extension://", "chrome://")
    page.on(
        "request",
        lambda request: None if request.url.startswith(own) else asked.append(request.url),
    )
    return complaints, asked


def _check(axe: Axe | None, page: Page, name: str) -> None:
    if axe is not None:
        found = axe.run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    overhang = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overhang <= 0, f"{name} is wider than the screen by {overhang} px"
    levels = [int(tag[1]) for tag in page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName)"
    )]  # fmt: skip
    assert levels[0] == 1, f"{name}: first heading"
    assert levels.count(1) == 1, f"{name}: one main heading"
    assert all(b - a <= 1 for a, b in pairwise(levels)), f"{name}: headings"
