"""People at the review desk: a supplier submits, reviewers take their steps."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from ledger import demo

#: The number of the certificate that is submitted.
NUMBER: Final = "示械注准20252149001"


def certificate(browser: Browser, folder: Path, text: str = NUMBER) -> Path:
    """A PDF that says this, as an office would print it."""
    path = folder / "certificate.pdf"
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_content(f"<h1>Example certificate 示例证书</h1><p>{text}</p>")
        path.write_bytes(page.pdf(format="A4"))
    finally:
        context.close()
    return path


def fill_in_submission(page: Page, document: Path, number: str = NUMBER) -> None:
    """The whole form, and send it: ends on the signing page if nothing is wrong."""
    page.goto("/qualifications/new")
    page.select_option("#category", demo.MASK)
    page.fill("#model", "BW-3")
    page.select_option("#kind", "cn-production-licence")
    page.fill("#number", number)
    page.fill("#valid_from", "2026-01-01")
    page.fill("#valid_until", "2030-12-31")
    page.set_input_files("#document", str(document))
    with page.expect_navigation():
        page.click("main form .wide button")


def open_review(page: Page, number: str = NUMBER) -> None:
    """From the desk to the review of this number."""
    page.goto("/reviews")
    with page.expect_navigation():
        page.click(f'table a:has-text("{number}")')


def go_on(page: Page) -> None:
    """Send the form of the step, to the signing page."""
    with page.expect_navigation():
        page.click(".act button")


def use_account(page: Page, address: bytes) -> None:
    """Choose which account signs, where there are several."""
    wanted = f'input[name="account"][value="0x{address.hex()}"]'
    if page.locator(wanted).get_attribute("type") != "radio" or page.locator(wanted).is_checked():
        return
    page.check(wanted)
