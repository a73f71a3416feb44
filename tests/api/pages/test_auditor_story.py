"""An auditor traces a batch of masks to its origin: by keyboard alone, on a phone and at a desk, in
both languages; without scripts, too; and with three hundred lots."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from api.access import CallerRole
from ledger import demo
from ledger.demo.batches import FIRST_RESIN
from ledger.evidence.report import Result
from ledger.evidence.verification import verify
from tests.support.browser import EVERYWHERE, Language, Site, reading
from tests.support.keyboard import focus_is_seen, reach, reach_link
from tests.support.large_lineage import LARGE, make_large
from tests.support.sights.batches import batch_path

AUDITOR = CallerRole.AUDITOR


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_an_auditor_traces_masks_to_the_polymer_by_keyboard_alone(
    site: Site, browser: Browser, language: Language, width: int, tmp_path: Path
) -> None:
    with reading(browser, site, language, width, AUDITOR) as page:
        keys = page.keyboard
        page.goto("/")
        reach(page, "#q")
        keys.insert_text("QL100-")
        keys.press("Enter")
        page.wait_for_selector("ul.results")
        reach_link(page, batch_path(demo.MASK_LOT))
        keys.press("Enter")
        expect(page.locator(".answer.stop .word")).to_have_text(
            {"zh": "已召回", "en": "Recalled"}[language]
        )
        expect(page.locator(".least-assured").first).to_contain_text(
            {"zh": "自我声明", "en": "self-declared"}[language]
        )

        # Into the picture, along the lines to what came first.
        reach(page, ".picture .here")
        keys.press("ArrowLeft")
        for key in ("ArrowUp", "ArrowDown"):
            if _focused(page) != "MB-115":
                keys.press(key)
        assert _focused(page) == "MB-115"
        expect(page.locator("#detail")).to_contain_text({"zh": "600千克", "en": "600 kg"}[language])
        keys.press("ArrowLeft")
        first = _focused(page)
        assert first in ("CL-7042", "ZH-0318")
        assert page.locator(".picture .lot:focus").bounding_box() is not None
        keys.press("Enter")

        page.wait_for_url(re.compile("/batches/0x[0-9a-f]{64}$"))
        expect(page.locator("h1")).to_contain_text(first)

        # The evidence of it is one step away, and proves itself.
        reach_link(page, page.url.removeprefix(site.address) + "/evidence?direction=back")
        assert focus_is_seen(page), "focus"
        with page.expect_download() as taken:
            keys.press("Enter")
        file = tmp_path / "trace.json"
        taken.value.save_as(file)
        told = verify(site.workspace.checkpoints.anchors(), file.read_bytes())
        assert (told.kind, told.result) == ("trace", Result.VALID)


def _focused(page: Page) -> str:
    return page.locator(".picture .lot:focus .name").text_content() or ""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("lot", [demo.MASK_LOT, FIRST_RESIN], ids=lambda lot: lot.lot)
def test_the_table_is_the_picture(
    site: Site, browser: Browser, language: Language, lot: Any
) -> None:
    with reading(browser, site, language, 1440, AUDITOR) as page:
        page.goto(batch_path(lot))
        _compare(page)


def _compare(page: Page) -> None:
    """The same lots in the same order with the same marks, the same ways with the same amounts."""
    drawn = page.evaluate(
        """() => ({
          lots: [...document.querySelectorAll(".picture .lot")].map(a => ({
            number: a.id.slice(1),
            marks: [...a.querySelectorAll(".mark")].map(
              m => m.classList[1] + m.querySelector("text").textContent),
          })),
          ways: [...document.querySelectorAll(".picture .way[data-from]")].map(w => [
            `${w.dataset.from}-${w.dataset.to}`, document.querySelector(
              `.picture .said[data-way="${w.dataset.from}-${w.dataset.to}"] text`).textContent,
            w.classList[1], w.classList.contains("least")]).sort(),
        })"""
    )
    told = page.evaluate(
        """() => ({
          lots: [...document.querySelectorAll("table.lineage tr[data-lot]")].map(row => ({
            number: row.dataset.lot,
            marks: [...row.querySelectorAll(".mark")].map(
              m => m.classList[1] + m.querySelector("span").textContent),
          })),
          ways: [...document.querySelectorAll("table.lineage li[data-way]")].map(w => [
            w.dataset.way, w.querySelector(".amount").textContent,
            w.querySelector(".assurance").classList[1], !!w.querySelector(".least")]).sort(),
        })"""
    )
    assert drawn == told
    assert len(drawn["lots"]) > 1
    assert drawn["ways"]


# ------------------------------------------------------------------------------ without scripts


def test_without_scripts_every_lot_is_a_link_and_more_is_a_link(
    large: Site, browser: Browser
) -> None:
    with reading(browser, large, "en", 390, AUDITOR) as page:
        cookies: Any = page.context.cookies()
    context = browser.new_context(base_url=large.address, java_script_enabled=False, locale="en-GB")
    try:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(batch_path(LARGE))
        assert page.locator(".picture a.lot").count() == 40
        page.click("text=Show all that one picture can carry")
        assert page.locator(".picture a.lot").count() == 300
        expect(page.locator("#tools")).to_be_hidden()
    finally:
        context.close()


# ------------------------------------------------------------------------------ three hundred


@pytest.fixture(scope="module")
def large(site: Site) -> Site:
    """The site with a lot of masks behind which are hundreds of lots."""
    make_large(site.workspace)
    return site


def test_what_is_behind_a_lot_is_opened_and_folded_in_place(large: Site, browser: Browser) -> None:
    with reading(browser, large, "en", 1440, AUDITOR) as page:
        page.goto(batch_path(LARGE))
        expect(page.locator(".picture a.lot")).to_have_count(40)
        page.locator(".picture .here").focus()
        page.keyboard.press(" ")
        expect(page.locator(".picture a.lot")).to_have_count(101)
        expect(page.locator("#said")).to_have_text("101 lots are shown")
        assert page.locator(".picture .lot:focus").count() == 1, "the focus stays"
        assert "expand=" in page.url
        page.keyboard.press(" ")
        expect(page.locator(".picture a.lot")).to_have_count(1)
        page.go_back()
        expect(page.locator(".picture a.lot")).to_have_count(101)


@pytest.mark.parametrize("width", [390, 1440])
def test_three_hundred_lots_are_drawn_and_accessible(
    large: Site, browser: Browser, width: int
) -> None:
    with reading(browser, large, "en", width, AUDITOR) as page:
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(batch_path(LARGE) + "?expand=all")
        expect(page.locator(".picture a.lot")).to_have_count(300)
        overhang = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overhang <= 0
        page.keyboard.press("Tab")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert not complaints
        # The table is paged, the picture is not.
        expect(page.locator("table.lineage tr[data-lot]")).to_have_count(100)
        page.click("nav[aria-label='Pages of the table'] a:has-text('3')")
        expect(page.locator("table.lineage tr[data-lot]")).to_have_count(100)
        expect(page.locator("table.lineage tr[data-lot]").last).to_contain_text(LARGE.lot)


def test_what_was_dragged_is_not_opened(site: Site, browser: Browser) -> None:
    with reading(browser, site, "en", 390, AUDITOR) as page:
        page.goto(batch_path(demo.MASK_LOT))
        page.locator("#frame").scroll_into_view_if_needed()
        box = page.locator("#frame").bounding_box()
        assert box is not None
        before = page.evaluate("document.querySelector('#frame').scrollLeft")
        page.mouse.move(box["x"] + 60, box["y"] + 90)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 95, steps=4)
        page.mouse.up()
        assert page.evaluate("document.querySelector('#frame').scrollLeft") < before
        assert page.url.endswith(batch_path(demo.MASK_LOT))


def test_a_printed_batch_is_the_picture_and_the_table_without_tools(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    with reading(browser, site, "zh", 1440, AUDITOR) as page:
        page.goto(batch_path(demo.MASK_LOT))
        page.emulate_media(media="print")
        expect(page.locator(".picture")).to_be_visible()
        expect(page.locator("table.lineage")).to_be_visible()
        for hidden in ("#tools", "#detail", ".picture .toggle >> nth=0", "form >> nth=0"):
            expect(page.locator(hidden)).to_be_hidden()
        page.pdf(path=str(tmp_path / "batch.pdf"), format="A4", prefer_css_page_size=True)
