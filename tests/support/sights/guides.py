"""The guides, as everybody sees them."""

from typing import Final

from api.pages.guides.shown import GUIDES
from tests.support.sights.sight import Sight, visit

SIGHTS: Final[dict[str, Sight]] = {
    "guides": Sight(visit("/guides"), role=None),
    **{f"guide-{name}": Sight(visit(f"/guides/{name}"), role=None) for name in GUIDES},
}
