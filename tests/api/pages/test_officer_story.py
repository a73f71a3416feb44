"""An officer verifies a supplier before a purchase: by keyboard alone, on a phone and at a desk, in
both languages; without scripts; on paper."""

import re
import time
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from api.access import CallerRole
from ledger import demo
from tests.support.browser import EVERYWHERE, Language, Site, reading, sign_in
from tests.support.keyboard import focus_is_seen, reach, reach_link, type_day
from tests.support.sights.sight import supplier_path
from tests.support.sights.verdicts import ask
from tests.support.staff import PASSWORD


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_an_officer_verifies_a_supplier_before_purchase_by_keyboard_alone(
    site: Site, browser: Browser, language: Language, width: int
) -> None:
    with reading(browser, site, language, width) as page:
        keys = page.keyboard
        page.goto("/")
        assert "/sign-in" in page.url
        reach(page, "#login")
        keys.insert_text(site.login())
        reach(page, "#password")
        keys.insert_text(PASSWORD)
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
        expect(page.locator('input[name="product"]:checked')).to_have_value(f"{demo.MASK}:QL-100")
        reach(page, "#quantity")
        keys.insert_text("50,000")
        _choose_a_week(page, quickly=width == 390)
        keys.press("Enter")

        page.wait_for_selector(".answer")
        expect(page.locator(".answer.buy .word")).to_have_text(
            {"zh": "可以采购", "en": "Buy"}[language]
        )
        assert re.search(r"/verdicts/0x[0-9a-f]{64}$", page.url), "permanent link"
        if width == 390:
            assert _ends(page, ".decisive li:first-child h3") <= 844, "the reason is in sight"

        # The paper for the file says the same, and leads back here.
        reach(page, 'a[href*="/pdf"]')
        assert focus_is_seen(page), "focus"
        target = page.locator("a:focus").get_attribute("href")
        paper = PdfReader(BytesIO(page.request.get(f"{site.address}{target}").body()))
        said = paper.pages[0].extract_text()
        assert {"zh": "可以采购", "en": "Buy"}[language] in said
        assert demo.QINGLUAN.name_zh in said
        assert page.url in str([a.get_object() for a in paper.pages[-1].get("/Annots", [])])

        # The record behind a check is one step away.
        reach(page, 'table a[href^="/entries/"]')
        keys.press("Enter")
        page.wait_for_selector("#said")


def _choose_a_week(page: Page, quickly: bool) -> None:
    """The day of delivery: one of those that are offered, or typed."""
    reach(page, 'input[name="day"]')
    if quickly:
        for _ in range(2):  # tomorrow, in three days, in a week
            page.keyboard.press("ArrowDown")
        return
    page.keyboard.press("ArrowUp")  # the last one: another day
    type_day(page, "#deliver_on", _in_a_week())


def _in_a_week() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86400))


def _ends(page: Page, selector: str) -> float:
    """How far down the page the thing reaches, in CSS pixels."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_the_first_stop_of_the_keyboard_skips_to_the_content(site: Site, browser: Browser) -> None:
    with reading(browser, site, "en", 1440) as page:
        page.goto("/sign-in")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "login"


def test_pages_work_with_scripts_switched_off(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False, locale="en-GB")
    try:
        page = context.new_page()
        sign_in(page, site)
        ask(page, demo.BLUE_WHALE, "BW-3", "50000", 7)
        expect(page.locator(".answer.do-not-buy .word")).to_have_text("Do not buy")
    finally:
        context.close()


def test_a_printed_verdict_is_the_verdict_and_no_forms(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "en", 1440, CallerRole.PROCUREMENT) as page:
        ask(page, demo.BLUE_WHALE, "BW-3", "50000", 7)
        page.wait_for_selector(".answer")
        page.emulate_media(media="print")
        expect(page.locator(".answer .word")).to_be_visible()
        expect(page.locator(".top nav:visible")).to_have_count(0)
        expect(page.get_by_text("Ask the same again")).to_be_hidden()
        pdf = page.pdf(path=str(tmp_path / "verdict.pdf"), format="A4", prefer_css_page_size=True)
        assert pdf.startswith(b"%PDF")
