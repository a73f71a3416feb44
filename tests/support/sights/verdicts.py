"""What an officer sees who asks: the form, the verdict in its four answers, and then beside now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger import demo
from tests.support.sights.sight import Sight, visit

LOTS: Final = "9520000000059:QL100-A\n(01)09520000000059(10)QL100-B"


def ask(
    page: Page,
    office: demo.Office,
    model: str,
    quantity: str,
    days: int,
    lots: str = "",
    known_at: str = "",
) -> None:
    """Fill in the form and send it, as an officer does; ends on the verdict."""
    page.goto("/verdicts/new?supplier=0x" + office.id.hex())
    if page.locator("#product-other").count():
        page.check("#product-other")
    page.select_option("#category", demo.MASK)
    page.fill("#model", model)
    page.fill("#quantity", quantity)
    page.check("#day-other")
    page.fill("#deliver_on", day_in(days))
    page.fill("#lots", lots)
    if known_at:
        page.click("main summary")
        page.fill("#known_at", known_at)
    with page.expect_navigation():
        page.click("main form button")


def day_in(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def _asked(
    office: demo.Office,
    model: str,
    quantity: str,
    days: int,
    lots: str = "",
    known_at: str = "",
    then: str = "",
) -> Callable[[Page], None]:
    """``then``: what is opened beneath the verdict's address."""

    def go(page: Page) -> None:
        ask(page, office, model, quantity, days, lots, known_at)
        if then:
            page.goto(page.url + then)

    return go


SIGHTS: Final[dict[str, Sight]] = {
    "ask": Sight(visit("/verdicts/new?supplier=0x" + demo.QINGLUAN.id.hex())),
    "ask-mend": Sight(_asked(demo.QINGLUAN, "QL-100", "many", 7)),
    "ask-mend-lots": Sight(_asked(demo.QINGLUAN, "QL-100", "5", 7, LOTS + "\nQL100-C")),
    "ask-mend-past": Sight(_asked(demo.QINGLUAN, "QL-100", "5", -30)),
    "ask-of-one-without-records": Sight(
        visit("/verdicts/new?supplier=0x" + demo.AUTHORITY.id.hex())
    ),
    "verdict-buy": Sight(_asked(demo.QINGLUAN, "QL-100", "50,000", 7)),
    "verdict-conditions": Sight(_asked(demo.XUANGUI, "XG-1", "50000", 7)),
    "verdict-cannot-tell": Sight(_asked(demo.QINGLUAN, "QL-200", "50000", 7)),
    "verdict-do-not-buy": Sight(_asked(demo.BLUE_WHALE, "BW-3", "50000", 7)),
    "verdict-alarm": Sight(_asked(demo.RED_FOX, "FY-1", "50000", 7)),
    "verdict-lots": Sight(_asked(demo.QINGLUAN, "QL-100", "50000", 7, LOTS)),
    "verdict-lots-auditor": Sight(
        _asked(demo.QINGLUAN, "QL-100", "50000", 7, LOTS), CallerRole.AUDITOR
    ),
    "verdict-as-known-then": Sight(
        _asked(demo.BLUE_WHALE, "BW-3", "50000", 7, known_at=day_in(-20))
    ),
    "verdict-now": Sight(_asked(demo.QINGLUAN, "QL-100", "50,000", 7, then="/now")),
    "verdict-now-another": Sight(
        _asked(demo.BLUE_WHALE, "BW-3", "50000", 7, known_at=day_in(-20), then="/now")
    ),
    "verdict-printed": Sight(_asked(demo.BLUE_WHALE, "BW-3", "50000", 7), printed=True),
}
