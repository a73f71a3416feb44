"""Alarms and bad keys as they go over the wire."""

from typing import Literal

from pydantic import Field

from api.wire import HexText, Position, Shape


class SideBody(Shape):
    """One side of an alarm: a holder, or a lot of its maker. `stopped`: the alarm speaks against
    it; a side that is not stopped has somebody else who vouches for its use."""

    organisation: HexText
    lot: HexText | None
    stopped: bool


class OpenAlarmBody(Shape):
    """One document, or one number, used by two parties, which no auditor has settled."""

    id: HexText
    what: Literal["document", "number"]
    shown: str = Field(description="The document's hash, or the kind and the number.")
    opened_at: int
    sides: list[SideBody] = Field(min_length=2, max_length=2)
    uses: list[int] = Field(description="The entries that use it, oldest first.")
    replies: int = Field(ge=0, description="How many signed replies there are.")


class OpenAlarmList(Shape):
    alarms: list[OpenAlarmBody] = Field(description="The newest first.")
    complete: bool = Field(description="False where there is more than is looked through.")
    ledger: Position


class CompromiseBody(Shape):
    """A key that the authority, or its owner's organisation, declared bad from `since` on."""

    account: HexText
    organisation: HexText
    since: int
    reason: str
    recorded_at: int
    entry: int


class CompromiseList(Shape):
    compromises: list[CompromiseBody] = Field(description="The newest declaration first.")
    complete: bool
    ledger: Position
