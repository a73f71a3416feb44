"""The pictures of the guides: made of the pages as the tests see them, and known to be stale.

A picture differs from machine to machine (fonts), so what is compared is what it shows: the content
of the page, without what is another in every world (times, hashes), and the style sheets.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from api.pages.guides.shown import GUIDES, PICTURE, picture_file
from tests.support.browser import LANGUAGES, Language, Site, reading
from tests.support.sights import SIGHTS

STATIC: Final = Path(__file__).parents[2] / "api/pages/static"
#: What each picture shows, by its file.
SHOWN: Final = STATIC.parent / "guides/pictures.json"
PICTURES: Final = sorted({s.picture for steps in GUIDES.values() for s in steps if s.picture})

#: Other in every world: hashes and ids, forms' values, and everything that counts time.
_CHANGING: Final = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\?v=[0-9a-f]+|\bentries=[\w-]+|[0-9]+")
_WAITING: Final = re.compile("不到一分钟|less than a minute| ?(?:分钟|小时|minutes?|hours?)")
_MONTHS: Final = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b")


def kept() -> dict[str, str]:
    """The fingerprints of the pictures as they were made."""
    found: dict[str, str] = json.loads(SHOWN.read_text(encoding="utf-8"))
    return found


def fingerprints(browser: Browser, site: Site) -> Iterator[tuple[str, str, Page]]:
    """Every picture's file, with what it would show now, and the page to take it of."""
    for language in LANGUAGES:
        for name in PICTURES:
            yield from _one(browser, site, language, name)


def _one(
    browser: Browser, site: Site, language: Language, name: str
) -> Iterator[tuple[str, str, Page]]:
    sight = SIGHTS[name]
    with reading(browser, site, language, 1440, sight.role, sight.office) as page:
        page.set_viewport_size({"width": PICTURE[0], "height": PICTURE[1]})
        sight.go(page)
        content = page.locator("main").evaluate("main => main.outerHTML")
        plain = _WAITING.sub("", _MONTHS.sub("", _CHANGING.sub("", content)))
        styles = [
            (STATIC / link).read_text(encoding="utf-8")
            for link in page.locator("link[rel=stylesheet]").evaluate_all(
                "all => all.map(one => new URL(one.href).pathname.slice('/static/'.length))"
            )
        ]
        shown = hashlib.sha256("\0".join([plain, *styles]).encode()).hexdigest()
        yield picture_file(name, language), shown, page


def take(page: Page, file: str) -> None:
    """The part of the page that is seen first, from what its address names or its main content
    on."""
    page.evaluate(
        "(document.querySelector(':target') ?? document.querySelector('main')).scrollIntoView()"
    )
    made = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 55}
    )
    path = STATIC / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(base64.b64decode(made["data"]))
