"""A proposal that two records are one firm."""

from typing import Literal

from pydantic import Field

from api.suppliers.schemas import SupplierSummary
from api.wire import HexText, Position, Shape


class ReasonBody(Shape):
    code: str
    en: str
    zh: str


class DecisionBody(Shape):
    """A person's signed word whether two records are one firm; the last one stands."""

    same: bool
    reason: str
    author: HexText = Field(description="The organisation whose account signed it.")
    recorded: int
    sequence: int


class ProposalBody(Shape):
    """`decided`: what a named person's entry says about the pair, if there is one; `decision` is
    that entry. What was decided is told with no likeness, too (`score` 0)."""

    supplier: SupplierSummary
    score: float = Field(ge=0, le=1)
    reasons: list[ReasonBody]
    decided: Literal["same", "different"] | None
    decision: DecisionBody | None


class ProposalList(Shape):
    id: HexText
    proposals: list[ProposalBody]
    ledger: Position
