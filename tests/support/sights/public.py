"""What somebody sees who scanned a box, or typed its number: nobody is signed in."""

from typing import Final
from urllib.parse import quote

from ledger import demo
from ledger.demo.batches import LotName
from tests.support.sights.sight import Sight, visit


def box_path(lot: LotName) -> str:
    return f"/01/{lot.gtin:014d}/10/{quote(lot.lot, safe='')}"


SIGHTS: Final[dict[str, Sight]] = {
    "box": Sight(visit(box_path(demo.OTHER_MASK_LOT) + "/21/000815?17=301231"), role=None),
    "box-recalled": Sight(visit(box_path(demo.MASK_LOT)), role=None),
    "box-expired": Sight(visit(box_path(demo.OTHER_MASK_LOT) + "?17=200131"), role=None),
    "box-unknown": Sight(visit("/01/09520000000059/10/QL100-Z"), role=None),
    "box-wrong-digit": Sight(visit("/01/09520000000058/10/QL100-A"), role=None),
    "box-without-lot": Sight(visit("/01/09520000000059"), role=None),
}
