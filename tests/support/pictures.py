"""Every page in both languages and at both widths, as it looks over the invented world."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from ledger import demo
from tests.support.browser import (
    WIDTHS,
    Language,
    Site,
    browsing,
    picture,
    reading,
    serving,
    sign_in,
)
from tests.support.service import found_world

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")


def supplier_path(office: demo.Office) -> str:
    return "/suppliers/0x" + office.id.hex()


def ask(
    page: Page, office: demo.Office, model: str, quantity: str, days: int, lots: str = ""
) -> None:
    """Fill in the form and send it, as an officer does; ends on the verdict."""
    page.goto("/verdicts/new?supplier=0x" + office.id.hex())
    page.select_option("#category", demo.MASK)
    page.fill("#model", model)
    page.fill("#quantity", quantity)
    page.fill("#deliver_on", day_in(days))
    page.fill("#lots", lots)
    with page.expect_navigation():
        page.click("main form button")


def day_in(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def _visit(path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)

    return go


def _asked(
    office: demo.Office, model: str, quantity: str, days: int, lots: str = ""
) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        ask(page, office, model, quantity, days, lots)

    return go


#: What is to be seen, by the name of the picture.
SIGHTS: Final[dict[str, Callable[[Page], None]]] = {
    "home": _visit("/"),
    "results": _visit("/?q=示例"),
    "nothing-found": _visit("/?q=nobody"),
    "supplier": _visit(supplier_path(demo.QINGLUAN)),
    "supplier-withdrawn": _visit(supplier_path(demo.BAIZE)),
    "supplier-alarm": _visit(supplier_path(demo.RED_FOX)),
    "supplier-another-time": _visit(
        supplier_path(demo.BLUE_WHALE) + f"?at={day_in(-60)}&clock=published"
    ),
    "supplier-without-records": _visit(supplier_path(demo.AUTHORITY)),
    "ask": _visit("/verdicts/new?supplier=0x" + demo.QINGLUAN.id.hex()),
    "ask-mend": _asked(demo.QINGLUAN, "QL-100", "many", 7),
    "verdict-buy": _asked(demo.QINGLUAN, "QL-100", "50,000", 7),
    "verdict-conditions": _asked(demo.XUANGUI, "XG-1", "50000", 7),
    "verdict-cannot-tell": _asked(demo.QINGLUAN, "QL-200", "50000", 7),
    "verdict-do-not-buy": _asked(demo.BLUE_WHALE, "BW-3", "50000", 7),
    "verdict-lots": _asked(
        demo.QINGLUAN, "QL-100", "50000", 7, "9520000000059:QL100-A\n9520000000059:QL100-B"
    ),
    "entry": _visit("/entries/70"),
    "entry-of-a-batch": _visit("/entries/175"),
    "evidence": _visit("/evidence"),
    "failure": _visit("/suppliers/0x" + "5a" * 20),
}


def take(folder: Path) -> Iterator[Path]:
    """Make a world, look at everything, and give the pictures' files one by one."""
    data = folder / "world"
    workspace = found_world(data, time.time)
    try:
        with serving(workspace) as site, browsing() as browser:
            for language in LANGUAGES:
                for width in WIDTHS:
                    with reading(browser, site, language, width) as page:
                        yield from _take(page, site, folder, f"{language}-{width}")
    finally:
        workspace.close()


def _take(page: Page, site: Site, folder: Path, suffix: str) -> Iterator[Path]:
    def made(name: str) -> Path:
        path = folder / f"{name}-{suffix}.png"
        picture(page, path)
        return path

    page.goto("/sign-in")
    yield made("sign-in")
    sign_in(page, site.token())
    for name, go in SIGHTS.items():
        go(page)
        yield made(name)
    SIGHTS["verdict-do-not-buy"](page)
    page.emulate_media(media="print")
    yield made("verdict-printed")
    page.emulate_media(media="screen")
