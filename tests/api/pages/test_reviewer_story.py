"""A supplier submits a qualification; three reviewers of two organisations verify, edit and publish
it, each signing with a key file in the page; then the supplier stands otherwise.

The whole story runs once; in the other languages and widths as far as the first signature."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.access import CallerRole
from ledger import demo
from tests.support.browser import Language, Site, reading
from tests.support.ledger import key
from tests.support.reviewing import (
    NUMBER,
    certificate,
    fill_in_submission,
    go_on,
    open_review,
    use_account,
)
from tests.support.sights.sight import supplier_path
from tests.support.signing import key_file, sign_with_file


def test_a_supplier_submits_three_people_review_and_it_counts(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    _submitted(site, browser, "zh", 390, tmp_path, NUMBER)

    with reading(browser, site, "zh", 1440, CallerRole.PROCUREMENT) as page:
        page.goto(supplier_path(demo.BLUE_WHALE))
        before = page.locator("main").inner_text()

    with reading(browser, site, "zh", 1440, CallerRole.ISSUER, "review-centre") as page:
        open_review(page)
        # The document stands beside the form.
        paper = page.locator("iframe.paper").bounding_box()
        form = page.locator(".act").bounding_box()
        assert paper is not None
        assert form is not None
        assert paper["x"] + paper["width"] <= form["x"]
        page.fill("#note", "已与登记系统核对 <b>=1+1</b>")
        go_on(page)
        _sign(page, tmp_path, "reviewer-verifies")

        open_review(page)
        page.fill("#number", NUMBER + "甲")
        go_on(page)
        # Who verified may not edit: only the other account is offered.
        assert "0x" + key("reviewer-verifies").address.hex() not in page.content()
        _sign(page, tmp_path, "reviewer-edits")

        # Two of one organisation: a third of it would be refused, and is told so beforehand.
        page.click("main a.button")
        expect(page.locator(".act form")).to_have_count(0)
        expect(page.locator(".act")).to_contain_text("须由另一家机构公布")

    with reading(browser, site, "zh", 390, CallerRole.ISSUER, "health-commission") as page:
        open_review(page)
        changed = page.locator("tr.changed")
        expect(changed.locator("del")).to_have_text(NUMBER)
        expect(changed.locator("ins")).to_have_text(NUMBER + "甲")
        expect(page.locator("blockquote")).to_have_text("已与登记系统核对 <b>=1+1</b>")
        # One above the other on a phone.
        paper = page.locator("iframe.paper").bounding_box()
        form = page.locator(".act").bounding_box()
        assert paper is not None
        assert form is not None
        assert paper["y"] + paper["height"] <= form["y"]
        go_on(page)
        _sign(page, tmp_path, "reviewer-publishes")
        page.click("main a.button")
        expect(page.locator(".kind-name .state.valid").first).to_be_visible()

    with reading(browser, site, "zh", 1440, CallerRole.PROCUREMENT) as page:
        page.goto(supplier_path(demo.BLUE_WHALE))
        assert NUMBER + "甲" in page.content()
        assert page.locator("main").inner_text() != before


@pytest.mark.parametrize(("language", "width"), [("zh", 1440), ("en", 390), ("en", 1440)])
def test_a_submission_is_signed_and_waits_for_its_reviewers(
    site: Site, browser: Browser, tmp_path: Path, language: Language, width: int
) -> None:
    number = f"{NUMBER}-{language}-{width}"
    _submitted(site, browser, language, width, tmp_path, number)
    with reading(browser, site, language, width, CallerRole.ISSUER, "health-commission") as page:
        open_review(page, number)
        go_on(page)
        _sign(page, tmp_path, "reviewer-publishes")
        expect(page.locator(".outcomes .state.valid")).to_have_count(1)


def test_a_refusal_says_why_to_the_supplier(site: Site, browser: Browser, tmp_path: Path) -> None:
    number = NUMBER + "-refused"
    _submitted(site, browser, "en", 1440, tmp_path, number)
    with reading(browser, site, "en", 1440, CallerRole.ISSUER, "review-centre") as page:
        open_review(page, number)
        page.click(".refuse summary")
        page.fill("#reason", "   ")
        with page.expect_navigation():
            page.click(".refuse button")
        # The form comes back, with the field named.
        expect(page.locator("#reason-fault")).to_contain_text("Say why")
        expect(page.locator("main [role=alert] a")).to_have_attribute("href", "#reason")
        page.fill("#reason", "The scan shows another firm.\n\u202eIt \x3cscript\x3e is not yours.")
        with page.expect_navigation():
            page.click(".refuse button")
        use_account(page, key("reviewer-edits").address)
        sign_with_file(page, key_file(tmp_path, "reviewer-edits"))
    with reading(browser, site, "en", 1440, CallerRole.SUPPLIER, "blue-whale") as page:
        page.goto("/reviews?step=refused")
        page.click(f'table a:has-text("{number}")')
        note = page.locator(".refused blockquote")
        expect(note).to_contain_text("The scan shows another firm.")
        expect(note).to_contain_text("\ufffdIt <script> is not yours.")


def _submitted(
    site: Site, browser: Browser, language: Language, width: int, folder: Path, number: str
) -> None:
    with reading(browser, site, language, width, CallerRole.SUPPLIER, "blue-whale") as page:
        fill_in_submission(page, certificate(browser, folder, number), number)
        expect(page.locator(".said")).to_contain_text(number)
        _sign(page, folder, "blue-whale")
        page.click("main a.button")
        expect(page.locator("table").first).to_contain_text(number)


def _sign(page: Page, folder: Path, name: str) -> None:
    use_account(page, key(name).address)
    sign_with_file(page, key_file(folder, name))
    expect(page.locator(".outcomes .state.valid")).to_have_count(1)
