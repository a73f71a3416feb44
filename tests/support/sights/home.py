"""The home page as each role has it, and every way a search can end."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger import demo
from tests.support.sights.sight import Sight, visit
from tests.support.sights.verdicts import ask, day_in

_SCAN: Final = "(01)09520000000059(17)271231(10)QL100(21)A1"


def _after_asking(page: Page) -> None:
    """An officer who has asked: about a supplier whose goods are recalled, and about another, once
    more as it was known earlier."""
    ask(page, demo.QINGLUAN, "QL-100", "50,000", 20)
    ask(page, demo.BLUE_WHALE, "BW-3", "20,000", 9)
    ask(page, demo.BLUE_WHALE, "BW-3", "20,000", 9, known_at=day_in(-20))
    page.goto("/")


def _typed(text: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto("/")
        page.fill("#q", text)
        with page.expect_navigation():
            page.click("[role=search] button")

    return go


SIGHTS: Final[dict[str, Sight]] = {
    "home": Sight(visit("/")),
    "home-after-asking": Sight(_after_asking),
    "home-auditor": Sight(visit("/"), CallerRole.AUDITOR),
    "home-supplier": Sight(visit("/"), CallerRole.SUPPLIER),
    "home-supplier-alarm": Sight(visit("/"), CallerRole.SUPPLIER, "red-fox"),
    "home-supplier-withdrawn": Sight(visit("/"), CallerRole.SUPPLIER, "baize"),
    "home-store": Sight(visit("/"), CallerRole.SUPPLIER, "warehouse"),
    "home-reviewer": Sight(visit("/"), CallerRole.ISSUER, "review-centre"),
    "home-issuer": Sight(visit("/"), CallerRole.ISSUER),
    "home-operator": Sight(visit("/"), CallerRole.OPERATOR),
    "results": Sight(visit("/?q=示例")),
    "results-pinyin": Sight(_typed("qing luan")),
    "results-groups": Sight(_typed("QL")),
    "results-certificate": Sight(_typed("示械注准2024")),
    "scan-unknown-lot": Sight(_typed(_SCAN)),
    "scan-wrong-check-digit": Sight(_typed("010952000000005810QL100-A")),
    "code-wrong-check-digit": Sight(_typed("91990000MA0DEM0807")),
    "unit-found": Sight(_typed("(00)095200000000000011"), CallerRole.AUDITOR),
    "nothing-found": Sight(_typed("nobody")),
    "nothing-found-long": Sight(_typed("示例口罩" * 60)),
}
