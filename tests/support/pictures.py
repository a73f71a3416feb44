"""Every page in both languages and at both widths, as it looks over the invented world."""

import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.browser import (
    LANGUAGES,
    WIDTHS,
    Language,
    Site,
    browsing,
    picture,
    reading,
    serving,
)
from tests.support.service import found_world
from tests.support.sights import SIGHTS
from tests.support.sights.sight import Sight


def take(folder: Path, wanted: str = "") -> Iterator[Path]:
    """Make a world, look at everything (or at the sights whose name begins so), and give the
    pictures' files one by one."""
    workspace = found_world(folder / "world", time.time)
    try:
        with serving(workspace) as site, browsing() as browser:
            for language in LANGUAGES:
                for width in WIDTHS:
                    for name, sight in SIGHTS.items():
                        if name.startswith(wanted):
                            path = folder / f"{name}-{language}-{width}.png"
                            _take(browser, site, sight, language, width, path)
                            yield path
    finally:
        workspace.close()


def _take(
    browser: Browser, site: Site, sight: Sight, language: Language, width: int, path: Path
) -> None:
    with reading(browser, site, language, width, sight.role, sight.office) as page:
        sight.go(page)
        if sight.printed:
            page.emulate_media(media="print")
        picture(page, path)
