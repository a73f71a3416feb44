"""The guides, as everybody sees them, and what only their pictures show."""

from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from api.pages.guides.shown import GUIDES
from ledger import demo
from tests.support.sights.batches import batch_path
from tests.support.sights.reviews import SIGHTS as REVIEWS
from tests.support.sights.sight import Sight, visit


def _traced(page: Page) -> None:
    """The whole way of the masks, in a picture."""
    page.goto(batch_path(demo.MASK_LOT) + "#lineage")
    page.click("#tools [data-do=fit]")


def _inviting(page: Page) -> None:
    page.goto("/staff")
    page.click("details.adding summary")
    page.fill("#organisation", "示例市云梦区应急采购办公室")
    page.fill("#person", "李薇 Li Wei")
    page.fill("#login", "li.wei")


def _refusing(page: Page) -> None:
    """What a reviewer signs who refuses the copied certificate."""
    REVIEWS["review"].go(page)
    page.locator("details.refuse").evaluate("d => { d.open = true; }")
    page.fill("#reason", "此编号属于另一家企业。The number is another firm's.")
    with page.expect_navigation():
        page.click(".refuse button")


SIGHTS: Final[dict[str, Sight]] = {
    "batch-traced": Sight(_traced, CallerRole.AUDITOR),
    "review-refusing": Sight(_refusing, CallerRole.ISSUER, "review-centre"),
    "staff-inviting": Sight(_inviting, CallerRole.OPERATOR),
    "guides": Sight(visit("/guides"), role=None),
    **{f"guide-{name}": Sight(visit(f"/guides/{name}"), role=None) for name in GUIDES},
}
