"""Every page as it is looked at: what the pictures show, and what axe and the widths are tried on.

One module for each family of pages; a sight says who looks, and how the page is come to.
"""

from typing import Final

from tests.support.sights import (
    accounts,
    audit,
    batches,
    guides,
    home,
    public,
    recalls,
    records,
    reviews,
    signing,
    suppliers,
    verdicts,
    verify,
)
from tests.support.sights.sight import Sight

SIGHTS: Final[dict[str, Sight]] = {
    **home.SIGHTS,
    **suppliers.SIGHTS,
    **verdicts.SIGHTS,
    **records.SIGHTS,
    **batches.SIGHTS,
    **public.SIGHTS,
    **recalls.SIGHTS,
    **guides.SIGHTS,
    **accounts.SIGHTS,
    **reviews.SIGHTS,
    **signing.SIGHTS,
    **audit.SIGHTS,
    **verify.SIGHTS,
}
