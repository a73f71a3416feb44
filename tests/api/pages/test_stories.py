"""Whole stories in a real browser: by keyboard alone, on a phone and at a desk, in both languages.

Run with Chromium of the system; skipped where there is none.
"""

import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from ledger import demo
from tests.support.browser import (
    WIDTHS,
    Language,
    Site,
    browsing,
    chromium,
    reading,
    serving,
    sign_in,
)
from tests.support.pictures import LANGUAGES, SIGHTS, ask, supplier_path
from tests.support.service import found_world

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="no chromium on the PATH: apt install chromium"),
    # One world and one browser for all of them.
    pytest.mark.xdist_group("browser"),
]

EVERYWHERE = [
    pytest.param(language, width, id=f"{language}-{width}")
    for language in LANGUAGES
    for width in WIDTHS
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    workspace = found_world(tmp_path_factory.mktemp("site"), time.time)
    try:
        with serving(workspace) as running:
            yield running
    finally:
        workspace.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as running:
        yield running


def press_until(page: Page, found: Callable[[], bool], what: str) -> None:
    """Move on by the Tab key until the thing has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if found():
            return
    raise AssertionError(f"the keyboard does not reach {what}")


def reach(page: Page, selector: str) -> None:
    press_until(page, lambda: bool(page.locator(f"{selector}:focus").count()), selector)


def reach_link(page: Page, path: str) -> None:
    reach(page, f'a[href="{path}"]')


def type_day(page: Page, selector: str, day: str) -> None:
    """Type a day into a date field, in whatever order this browser has its parts."""
    year, month, date = day.split("-")
    for order in (month + date + year, date + month + year, year + month + date):
        reach(page, selector)
        page.keyboard.type(order)
        if page.locator(selector).input_value() == day:
            return
    raise AssertionError("the day cannot be typed")


def focus_is_seen(page: Page) -> bool:
    """The focused element has an outline of at least 2 px."""
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    return bool(width >= 2 and style != "none")


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_an_officer_verifies_a_supplier_before_purchase_by_keyboard_alone(
    site: Site, browser: Browser, language: Language, width: int
) -> None:
    with reading(browser, site, language, width) as page:
        keys = page.keyboard
        page.goto("/")
        assert "/sign-in" in page.url
        reach(page, "#token")
        keys.insert_text(site.token())
        keys.press("Enter")

        page.wait_for_selector("#q")
        reach(page, "#q")
        assert focus_is_seen(page), "focus"
        keys.insert_text("青鸾" if language == "zh" else "qingluan")
        keys.press("Enter")

        page.wait_for_selector("ol.results")
        reach_link(page, supplier_path(demo.QINGLUAN))
        assert focus_is_seen(page), "focus"
        keys.press("Enter")

        name = demo.QINGLUAN.name_zh if language == "zh" else demo.QINGLUAN.name_en
        expect(page.locator("h1")).to_have_text(name)
        reach(page, 'a[href*="model=QL-100"]')
        keys.press("Enter")

        page.wait_for_selector("#quantity")
        assert page.locator("#model").input_value() == "QL-100"
        assert page.locator("#category").input_value() == demo.MASK
        reach(page, "#quantity")
        keys.insert_text("50,000")
        type_day(page, "#deliver_on", _in_a_week())
        keys.press("Enter")

        page.wait_for_selector(".answer")
        expect(page.locator(".answer.buy .word")).to_have_text(
            {"zh": "可以采购", "en": "Buy"}[language]
        )
        assert re.search(r"/verdicts/0x[0-9a-f]{64}$", page.url), "permanent link"

        # The record behind a check is one step away.
        reach(page, 'table a[href^="/entries/"]')
        keys.press("Enter")
        page.wait_for_selector("#said")


def _in_a_week() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86400))


def test_the_first_stop_of_the_keyboard_skips_to_the_content(site: Site, browser: Browser) -> None:
    with reading(browser, site, "en", 1440) as page:
        page.goto("/sign-in")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "token"


def test_pages_work_with_scripts_switched_off(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False, locale="en-GB")
    try:
        page = context.new_page()
        sign_in(page, site.token())
        ask(page, demo.BLUE_WHALE, "BW-3", "50000", 7)
        expect(page.locator(".answer.do-not-buy .word")).to_have_text("Do not buy")
    finally:
        context.close()


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_every_page_is_accessible_fits_and_is_clean(
    site: Site, browser: Browser, language: Language, width: int
) -> None:
    # Its rules hardly depend on the language, and it takes its time: each width once.
    axe = Axe() if (language, width) in (("zh", 390), ("en", 1440)) else None
    with reading(browser, site, language, width) as page:
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        outside: list[str] = []
        page.on(
            "request",
            lambda r: None if r.url.startswith(site.address) else outside.append(r.url),
        )
        page.goto("/sign-in")
        _check(axe, page, "sign-in")
        sign_in(page, site.token())
        for name, go in SIGHTS.items():
            go(page)
            _check(axe, page, name)
        # A browser's own note of a 4xx answer, and its verbose advice, are no fault of the page.
        faults = [c for c in complaints if c.startswith(("error", "warning"))]
        assert not [c for c in faults if "Failed to load resource" not in c], "console"
        assert not outside, "resources from elsewhere"


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


def test_a_printed_verdict_is_the_verdict_and_no_forms(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "en", 1440) as page:
        sign_in(page, site.token())
        ask(page, demo.BLUE_WHALE, "BW-3", "50000", 7)
        page.wait_for_selector(".answer")
        page.emulate_media(media="print")
        expect(page.locator(".answer .word")).to_be_visible()
        expect(page.locator(".top nav")).to_be_hidden()
        expect(page.get_by_text("Ask the same again")).to_be_hidden()
        pdf = page.pdf(path=str(tmp_path / "verdict.pdf"), format="A4", prefer_css_page_size=True)
        assert pdf.startswith(b"%PDF")
