"""An overseer recalls a lot: finds it, sees what it reaches, decides and signs with a key file; a
store answers in its page; the overseer sees it answered, and whoever scans a box reads it."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.access import CallerRole
from ledger.demo.batches import DONATED, OTHER_FABRIC, OTHER_MASK_LOT, LotName
from tests.support.browser import Language, Site, reading
from tests.support.service import office
from tests.support.signing import key_file, sign_with_file


@dataclass(frozen=True)
class Story:
    """What is recalled, how it is typed, what is reached; who answers, and for which lot."""

    start: LotName
    typed: str
    reached: tuple[LotName, ...]
    asked: int
    store: str
    answered: LotName
    there: str


#: Nothing of the one is made of the other: both stories happen in one world.
FABRIC = Story(
    OTHER_FABRIC, "010952000000003510MB-116", (OTHER_FABRIC, OTHER_MASK_LOT), 5,
    "community-3", OTHER_MASK_LOT, "30,000",
)  # fmt: skip
DONATION = Story(DONATED, "DONATED-1", (DONATED,), 2, "community-2", DONATED, "2,000")


@pytest.mark.parametrize(
    ("language", "width", "story"),
    [
        pytest.param("en", 1440, FABRIC, id="en-1440"),
        pytest.param("zh", 390, DONATION, id="zh-390"),
    ],
)
def test_an_overseer_recalls_a_lot_and_a_store_answers(
    site: Site, browser: Browser, tmp_path: Path, language: Language, width: int, story: Story
) -> None:
    with reading(browser, site, language, width, CallerRole.ISSUER) as page:
        _choose(page, story)
        _see_the_scope(page, story)
        _decide(page, tmp_path)
        expect(page.locator("h1")).to_contain_text(str(len(story.reached)))
        sign_with_file(page, key_file(tmp_path, "regulator"))
        campaign = _go_on(page)
        assert re.fullmatch(r"/recalls/0x[0-9a-f]{64}", campaign)
        expect(page.locator(".legend")).to_have_text(
            {"en": f"{story.asked} not given yet", "zh": f"{story.asked} 项未答复"}[language]
        )

    with reading(browser, site, language, width, CallerRole.SUPPLIER, story.store) as page:
        page.goto("/recalls")
        page.click(f'a[href="{campaign}"]')
        # What it has to do comes first.
        expect(page.locator("main h2").first).to_have_id("tasks")
        task = page.locator("fieldset.task", has_text=story.answered.lot)
        expect(task).to_contain_text(story.there)
        task.locator("input[name^='aside-']").fill(story.there)
        task.locator("input[name^='gone-']").fill("0")
        task.locator("input[name^='note-']").fill("locked away 已锁入库房")
        with page.expect_navigation():
            page.click("form.tasks button")
        sign_with_file(page, key_file(tmp_path, story.store))
        assert _go_on(page) == campaign
        answered = page.locator("fieldset.task", has_text=story.answered.lot)
        expect(answered.locator(".state.valid")).to_be_visible()

    with reading(browser, site, language, width, CallerRole.ISSUER) as page:
        page.goto(campaign)
        name = office(story.store).name_zh if language == "zh" else office(story.store).name_en
        row = page.locator("table.answers tbody tr", has_text=name)
        expect(row.locator(".state.valid")).to_be_visible()
        expect(row).to_contain_text("locked away 已锁入库房")
        # Who has not answered stands first.
        expect(page.locator("table.answers tbody tr").first).not_to_contain_text(name)
        expect(page.locator(".legend li")).to_have_text(
            {
                "en": ["1 given", f"{story.asked - 1} not given yet"],
                "zh": ["1 项已答复", f"{story.asked - 1} 项未答复"],
            }[language]
        )

    if story.answered.gtin:
        with reading(browser, site, language, width) as page:
            page.goto(f"/01/{story.answered.gtin:014d}/10/{story.answered.lot}")
            expect(page.locator("main")).to_contain_text(
                {"en": "The filter fails", "zh": "滤料不合格"}[language]
            )


def _choose(page: Page, story: Story) -> None:
    page.goto("/recalls")
    page.click('a[href="/recalls/new"]')
    page.fill("#find", story.typed)
    with page.expect_navigation():
        page.click("form.find button")
    if not page.locator("#reach").count():  # several begin like this
        page.locator("#find-open .chosen > li button").first.click()
    expect(page.locator(".chosen").first).to_contain_text(story.start.lot)


def _see_the_scope(page: Page, story: Story) -> None:
    reach = page.locator("section", has=page.locator("#reach"))
    for lot in story.reached:
        expect(reach).to_contain_text(lot.lot)
    expect(reach).to_contain_text(story.there)


def _decide(page: Page, folder: Path) -> None:
    notice = folder / "notice.txt"
    notice.write_text("召回通知 Recall notice\n", encoding="utf-8")
    page.fill("#wrong", "滤料不合格 The filter fails")
    page.fill("#act", "各物资站隔离并答复 Stores set it aside and answer")
    page.set_input_files("#notice", str(notice))
    with page.expect_navigation():
        page.click("button[value='sign']")


def _go_on(page: Page) -> str:
    """From the outcome, once all is recorded, to where it leads; the path there."""
    expect(page.locator(".outcomes .state.valid").first).to_be_visible(timeout=30_000)
    with page.expect_navigation():
        page.locator("main a.button").last.click()
    return page.evaluate("location.pathname")  # type: ignore[no-any-return]
