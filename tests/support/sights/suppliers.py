"""What everybody sees of suppliers."""

from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger import demo
from tests.support.crowd import CROWDED
from tests.support.sights.sight import Sight, supplier_path, visit
from tests.support.sights.verdicts import day_in

_CROWDED: Final = "/suppliers/0x" + CROWDED.hex()


def _mend(page: Page) -> None:
    """Send a decision without its reason."""
    page.goto(_CROWDED)
    page.eval_on_selector_all(".proposals textarea", "all => all.forEach(t => t.required = false)")
    page.click(".proposals summary")
    page.check(".proposals input[value=same]")
    with page.expect_navigation():
        page.click(".proposals form button")


def _unfolded(page: Page) -> None:
    page.goto(supplier_path(demo.BAIZE))
    page.click(".standing summary >> nth=0")


SIGHTS: Final[dict[str, Sight]] = {
    "supplier": Sight(visit(supplier_path(demo.QINGLUAN))),
    "supplier-withdrawn": Sight(visit(supplier_path(demo.BAIZE))),
    "supplier-unfolded": Sight(_unfolded),
    "supplier-alarm": Sight(visit(supplier_path(demo.RED_FOX))),
    "supplier-alarm-own": Sight(
        visit(supplier_path(demo.RED_FOX)), CallerRole.SUPPLIER, office="red-fox"
    ),
    "supplier-alarm-auditor": Sight(visit(supplier_path(demo.FEIYU)), CallerRole.AUDITOR),
    "supplier-another-time": Sight(
        visit(supplier_path(demo.BLUE_WHALE) + f"?at={day_in(-60)}&clock=published")
    ),
    "supplier-delivery-day": Sight(
        visit(supplier_path(demo.BLUE_WHALE) + f"?deliver_on={day_in(30)}")
    ),
    "supplier-without-records": Sight(visit(supplier_path(demo.AUTHORITY))),
    "supplier-many": Sight(visit(_CROWDED)),
    "supplier-many-found": Sight(visit(_CROWDED + "?product=BC-04")),
    "supplier-many-none": Sight(visit(_CROWDED + "?product=nothing")),
    "supplier-qualifications": Sight(visit(_CROWDED + "/qualifications")),
    "supplier-batches": Sight(visit(supplier_path(demo.QINGLUAN) + "/batches")),
    "supplier-links": Sight(visit(_CROWDED), CallerRole.ISSUER, office="review-centre"),
    "supplier-links-mend": Sight(_mend, CallerRole.ISSUER, office="review-centre"),
    "supplier-printed": Sight(visit(supplier_path(demo.BLUE_WHALE)), printed=True),
}
