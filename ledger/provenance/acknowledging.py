"""Whether what somebody acknowledged of a recalled lot is what the ledger says that it had.

Rules this module keeps:

* Of several acknowledgements of one custodian and lot the last counts; the earlier are superseded.
* What it set aside is compared with what was there, in its logistic units and under way to it; what
  it says is gone with what it used, dispensed, destroyed and lost. Both must be the same.
* The books may be those at the acknowledgement or those of now: who returns what it set aside told
  the truth, and so did who recorded afterwards what was gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.provenance.custody import Custody, Stock, custody
from ledger.provenance.scope import Acknowledgement, FollowUp
from ledger.recorded import RecordedEntry


class Agreement(StrEnum):
    """How an acknowledgement stands to the custodian's books on the ledger. UNDER_WAY: it answers
    for what was there and not for what is on its way to it."""

    AGREES = "agrees"
    UNDER_WAY = "under-way"
    DIFFERS = "differs"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Checked:
    """An acknowledgement beside the books. ``there``, ``under_way`` and ``gone`` are the ledger's,
    in the lot's unit: of now where these agree, else as the books were when it was recorded.
    ``superseded_by`` is the sequence number of the custodian's next acknowledgement of the lot,
    None for its last."""

    acknowledgement: Acknowledgement
    agreement: Agreement
    there: int
    under_way: int
    gone: int
    superseded_by: int | None


def checked(
    followed: FollowUp, books: Custody, chain: Sequence[RecordedEntry]
) -> tuple[Checked, ...]:
    """Each acknowledgement of the lot against its ``books`` of now and, where these differ, against
    its ``chain`` as it was then."""
    following: dict[bytes, int] = {}
    found = []
    for one in reversed(followed.acknowledged):
        superseded = following.get(one.custodian)
        following[one.custodian] = one.sequence
        had = _had(books, one.custodian)
        agreement = _agreement(one, *had)
        if agreement is not Agreement.AGREES:
            before = [e for e in chain if e.sequence < one.sequence]
            had = _had(custody(followed.lot.id, before), one.custodian)
            agreement = _agreement(one, *had)
        if superseded is not None:
            agreement = Agreement.SUPERSEDED
        found.append(Checked(one, agreement, *had, superseded))
    return tuple(reversed(found))


def _agreement(one: Acknowledgement, there: int, under_way: int, gone: int) -> Agreement:
    if (one.set_aside, one.gone) == (there + under_way, gone):
        return Agreement.AGREES
    return Agreement.UNDER_WAY if (one.set_aside, one.gone) == (there, gone) else Agreement.DIFFERS


def _had(books: Custody, custodian: bytes) -> tuple[int, int, int]:
    """What the custodian has, what is on its way to it, and what it had and is gone."""
    stock = next((s for s in books.stocks if s.custodian == custodian), None)
    return (0, 0, 0) if stock is None else (stock.there, stock.under_way_to, _gone(stock))


def _gone(stock: Stock) -> int:
    return stock.used + stock.dispensed + stock.destroyed + stock.lost
