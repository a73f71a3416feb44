"""What an officer sees: search, suppliers, the question and its verdict."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.sync_api import Page

from ledger import demo
from tests.support.sights.sight import Sight, supplier_path, visit


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


def _asked(
    office: demo.Office, model: str, quantity: str, days: int, lots: str = ""
) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        ask(page, office, model, quantity, days, lots)

    return go


SIGHTS: Final[dict[str, Sight]] = {
    "home": Sight(visit("/")),
    "results": Sight(visit("/?q=示例")),
    "nothing-found": Sight(visit("/?q=nobody")),
    "supplier": Sight(visit(supplier_path(demo.QINGLUAN))),
    "supplier-withdrawn": Sight(visit(supplier_path(demo.BAIZE))),
    "supplier-alarm": Sight(visit(supplier_path(demo.RED_FOX))),
    "supplier-another-time": Sight(
        visit(supplier_path(demo.BLUE_WHALE) + f"?at={day_in(-60)}&clock=published")
    ),
    "supplier-without-records": Sight(visit(supplier_path(demo.AUTHORITY))),
    "ask": Sight(visit("/verdicts/new?supplier=0x" + demo.QINGLUAN.id.hex())),
    "ask-mend": Sight(_asked(demo.QINGLUAN, "QL-100", "many", 7)),
    "verdict-buy": Sight(_asked(demo.QINGLUAN, "QL-100", "50,000", 7)),
    "verdict-conditions": Sight(_asked(demo.XUANGUI, "XG-1", "50000", 7)),
    "verdict-cannot-tell": Sight(_asked(demo.QINGLUAN, "QL-200", "50000", 7)),
    "verdict-do-not-buy": Sight(_asked(demo.BLUE_WHALE, "BW-3", "50000", 7)),
    "verdict-lots": Sight(
        _asked(demo.QINGLUAN, "QL-100", "50000", 7, "9520000000059:QL100-A\n9520000000059:QL100-B")
    ),
    "verdict-printed": Sight(_asked(demo.BLUE_WHALE, "BW-3", "50000", 7), printed=True),
}
