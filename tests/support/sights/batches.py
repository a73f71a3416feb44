"""What is seen of a batch: by officers, auditors, suppliers; now and then; on paper."""

from datetime import UTC, datetime, timedelta
from typing import Final

from api.access import CallerRole
from ledger import demo
from ledger.demo.batches import DONATED, FIRST_RESIN, LotName
from tests.support.sights.sight import Sight, visit


def batch_path(lot: LotName) -> str:
    return "/batches/0x" + lot.id.hex()


def _day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


_MASKS: Final = batch_path(demo.MASK_LOT)

SIGHTS: Final[dict[str, Sight]] = {
    "batch": Sight(visit(batch_path(demo.OTHER_MASK_LOT))),
    "batch-recalled": Sight(visit(_MASKS), role=CallerRole.AUDITOR),
    "batch-resin": Sight(visit(batch_path(FIRST_RESIN)), role=CallerRole.AUDITOR),
    "batch-donated": Sight(visit(batch_path(DONATED)), role=CallerRole.AUDITOR),
    "batch-restricted": Sight(visit(_MASKS), role=CallerRole.SUPPLIER, office="community-1"),
    "batch-not-now": Sight(visit(f"{_MASKS}?at={_day(-3)}&clock=published")),
    "batch-not-yet": Sight(visit(f"{_MASKS}?at={_day(-300)}")),
    "batch-unknown": Sight(visit("/batches/0x" + "5a" * 32)),
    "batch-printed": Sight(visit(_MASKS), role=CallerRole.AUDITOR, printed=True),
}
