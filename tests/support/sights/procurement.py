"""What an officer sees of suppliers."""

from typing import Final

from ledger import demo
from tests.support.sights.sight import Sight, supplier_path, visit
from tests.support.sights.verdicts import day_in

SIGHTS: Final[dict[str, Sight]] = {
    "supplier": Sight(visit(supplier_path(demo.QINGLUAN))),
    "supplier-withdrawn": Sight(visit(supplier_path(demo.BAIZE))),
    "supplier-alarm": Sight(visit(supplier_path(demo.RED_FOX))),
    "supplier-another-time": Sight(
        visit(supplier_path(demo.BLUE_WHALE) + f"?at={day_in(-60)}&clock=published")
    ),
    "supplier-without-records": Sight(visit(supplier_path(demo.AUTHORITY))),
}
