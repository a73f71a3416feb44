"""A proposal that two records are one firm."""

from typing import Literal

from pydantic import Field

from api.suppliers.schemas import SupplierSummary
from api.wire import HexText, Position, Shape


class ReasonBody(Shape):
    code: str
    en: str
    zh: str


class ProposalBody(Shape):
    """`decided`: what a named person's entry says about the pair, if there is one."""

    supplier: SupplierSummary
    score: float = Field(ge=0, le=1)
    reasons: list[ReasonBody]
    decided: Literal["same", "different"] | None


class ProposalList(Shape):
    id: HexText
    proposals: list[ProposalBody]
    ledger: Position
