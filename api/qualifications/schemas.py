"""A qualification with its timeline and the entries behind it."""

from pydantic import Field

from api.entries.schemas import RecordedBody
from api.suppliers.schemas import AskedBody, QualificationSummary
from api.wire import Position, Shape
from ledger.standing import Result, Status, Why


class BandBody(Shape):
    """From `start` (included) to `end` (excluded) it stands so; `entries` make it so."""

    start: int
    end: int
    status: Status
    why: Why
    result: Result
    entries: list[int]


class QualificationBody(QualificationSummary):
    asked: AskedBody
    bands: list[BandBody] = Field(description="Without a gap, from 0 to 2^40-1.")
    history: list[RecordedBody] = Field(description="Its entries that were recorded by then.")
    ledger: Position
