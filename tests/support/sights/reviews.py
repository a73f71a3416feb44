"""What reviewers, suppliers and auditors see of reviews."""

import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger.demo import MASK
from tests.support.reviewing import NUMBER, certificate
from tests.support.sights.sight import Sight, visit
from tests.support.signing import Wallet

_CHAIN: Final = 20200123
_SUPPLIER: Final = CallerRole.SUPPLIER
_ISSUER: Final = CallerRole.ISSUER
#: The copied certificate that the invented world has in its first queue.
_COPIED: Final = "示械注准20242140005"


def _open(number: str, step: str = "verify") -> "_Go":
    return _Go(number, step)


class _Go:
    """From the queue to the review of this number."""

    def __init__(self, number: str, step: str) -> None:
        self.number = number
        self.step = step

    def __call__(self, page: Page) -> None:
        page.goto(f"/reviews?step={self.step}")
        with page.expect_navigation():
            page.click(f'table a:has-text("{self.number}") >> nth=0')
        page.wait_for_load_state("networkidle")


def _refused_without_reason(page: Page) -> None:
    _open(_COPIED)(page)
    page.locator("details.refuse").evaluate("d => { d.open = true; }")
    page.fill("#reason", " ")
    with page.expect_navigation():
        page.click(".refuse button")


def _fill(page: Page, until: str = "2030-12-31") -> None:
    page.goto("/qualifications/new")
    page.select_option("#category", MASK)
    page.fill("#model", "BW-7")
    page.select_option("#kind", "cn-production-licence")
    page.fill("#number", NUMBER)
    page.fill("#valid_from", "2026-01-01")
    page.fill("#valid_until", until)
    with tempfile.TemporaryDirectory() as folder:
        browser = page.context.browser
        assert browser is not None
        page.set_input_files("#document", str(certificate(browser, Path(folder))))
        with page.expect_navigation():
            page.click("main form .wide button")


def _to_mend(page: Page) -> None:
    _fill(page, "2020-12-31")


def _with_a_document(page: Page) -> None:
    """Submitted, if it was not before, and looked at by a colleague of the holder's."""
    page.goto("/reviews?step=verify")
    if page.locator(f'table a:has-text("{NUMBER}")').count() == 0:
        Wallet("blue-whale", _CHAIN).plug_in(page)
        _fill(page)
        with page.expect_navigation(url="**/signing/outcome**"):
            page.click("#wallets button")
    _open(NUMBER)(page)


SIGHTS: Final[dict[str, Sight]] = {
    "reviews": Sight(visit("/reviews"), _ISSUER, "review-centre"),
    "reviews-empty": Sight(visit("/reviews?step=refused"), _ISSUER, "review-centre"),
    "reviews-audited": Sight(visit("/reviews?step=published"), CallerRole.AUDITOR),
    "reviews-own": Sight(visit("/reviews"), _SUPPLIER),
    "reviews-none": Sight(visit("/reviews"), _SUPPLIER, "baize"),
    "review": Sight(_open(_COPIED), _ISSUER, "review-centre"),
    "review-refuse-mend": Sight(_refused_without_reason, _ISSUER, "review-centre"),
    "review-not-for-you": Sight(_open(_COPIED), _ISSUER, "regulator"),
    "review-published": Sight(_open("示械注准20242140001", "published"), CallerRole.AUDITOR),
    "review-with-document": Sight(_with_a_document, _SUPPLIER, "blue-whale"),
    "review-unknown": Sight(visit("/reviews/0x" + "5a" * 32), _SUPPLIER),
    "submit": Sight(visit("/qualifications/new"), _SUPPLIER),
    "submit-mend": Sight(_to_mend, _SUPPLIER, "blue-whale"),
    "submit-not-a-supplier": Sight(visit("/qualifications/new")),
}
