"""What is seen of recalls: the list, the scope before anybody decides, the answers."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger import demo
from ledger.demo.batches import OTHER_FABRIC
from tests.support.sights.sight import Sight, visit

_SCOPE: Final = "/recalls/new?batch=0x" + OTHER_FABRIC.id.hex()
_AGAIN: Final = "/recalls/new?batch=0x" + demo.FABRIC_LOT.id.hex()


def open_campaign(page: Page) -> None:
    """From the list into the recall of the demo's fabric."""
    page.goto("/recalls")
    with page.expect_navigation():
        page.locator("#campaigns ~ ul h3 a").last.click()


def _answered(aside: str, gone: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        open_campaign(page)
        page.locator("input[name^='aside-']").first.fill(aside)
        page.locator("input[name^='gone-']").first.fill(gone)
        with page.expect_navigation():
            page.locator("form.tasks button").click()

    return go


def _decided(page: Page) -> None:
    """Sent without the half of it."""
    page.goto(_SCOPE)
    page.fill("#wrong", "滤料不合格 The filter fails")
    page.click("details:has(#document) summary")
    page.fill("#document", "0x12")
    with page.expect_navigation():
        page.locator("button[value='sign']").click()


_ISSUER, _STORE = CallerRole.ISSUER, CallerRole.SUPPLIER

SIGHTS: Final[dict[str, Sight]] = {
    "recalls": Sight(visit("/recalls"), _ISSUER),
    "recalls-none": Sight(visit("/recalls"), _STORE, "baize"),
    "recall-new": Sight(visit("/recalls/new"), _ISSUER),
    "recall-which": Sight(
        visit("/recalls/new?find=QL100%0A09520000000058%3AQL100-A%0ANOWHERE"), _ISSUER
    ),
    "recall-scope": Sight(visit(_SCOPE), _ISSUER),
    "recall-scope-again": Sight(visit(_AGAIN), _ISSUER),
    "recall-scope-maker": Sight(visit(_SCOPE), _STORE, "fenghuang"),
    "recall-scope-buyer": Sight(visit(_SCOPE)),
    "recall-mend": Sight(_decided, _ISSUER),
    "recall-campaign": Sight(open_campaign, _ISSUER),
    "recall-campaign-store": Sight(open_campaign, _STORE, "community-2"),
    "recall-campaign-answered": Sight(open_campaign, _STORE, "community-1"),
    "recall-campaign-differs": Sight(_answered("31999", "8,000"), _STORE, "community-2"),
    "recall-campaign-printed": Sight(open_campaign, _ISSUER, printed=True),
    "recall-unknown": Sight(visit("/recalls/0x" + "5a" * 32), _ISSUER),
}
