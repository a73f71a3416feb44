"""What is told of an organisation and of where it stands."""

from typing import Literal

from pydantic import Field

from api.wire import HexText, Position, Shape
from ledger.standing import Result, Status, Why
from ledger.vocabulary import Clock

StatusWord = Literal["listed", "active", "suspended", "closed"]
WayWord = Literal["issued", "reviewed", "waived", "mirrored"]


class FoundBy(Shape):
    """The text by which a search found it, in the form in which texts are compared."""

    field: str
    text: str


class SupplierSummary(Shape):
    """An organisation. A `listed` one has no account: others state things about it."""

    id: HexText
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    status: StatusWord
    roles: list[str]
    division: str = Field(description="12-digit statistical code; 0 where it is not stated.")


class SupplierHit(SupplierSummary):
    found_by: FoundBy | None


class SupplierList(Shape):
    suppliers: list[SupplierHit]
    next: str | None = Field(description="Send it as `cursor` for the next page.")
    ledger: Position


class AskedBody(Shape):
    """For when, as known when, by which clock; instants are seconds since 1970 (UTC)."""

    at: list[int] = Field(min_length=2, max_length=2, description="Half-open interval.")
    known_at: int
    clock: Clock


class DecisiveBody(Shape):
    """The stretch of a qualification's time that decides, and the entries that make it so."""

    qualification: HexText
    status: Status
    why: Why
    start: int
    end: int
    entries: list[int]


class KindBody(Shape):
    kind: str
    required: bool
    result: Result
    carriers: list[HexText]
    decisive: list[DecisiveBody]


class StandingBody(Shape):
    """Where the organisation stands for one category and model ("" for the category itself).

    `result` is over the required kinds or, where none is required, over all that are held.
    """

    category: str
    model: str
    result: Result
    kinds: list[KindBody]


class SupplierBody(SupplierSummary):
    """An organisation as known at an instant. `firm` are the records decided to be one with it."""

    asked: AskedBody
    firm: list[HexText]
    standings: list[StandingBody]
    ledger: Position


class QualificationSummary(Shape):
    """A qualification at the time asked for. Dates: 0 is unstated (unknown, not open)."""

    id: HexText
    holder: HexText
    author: HexText = Field(description="Who issued, submitted, waived or mirrored it.")
    way: WayWord
    register_name: str = Field(description="Of a mirrored one, else empty.")
    kind: str
    category: str
    model: str = Field(description="Empty where it covers its whole category.")
    number: str
    document: HexText | None
    valid_from: int
    valid_until: int
    status: Status
    why: Why
    result: Result
    recorded: int
    published: int | None
    sequence: int


class QualificationList(Shape):
    asked: AskedBody
    qualifications: list[QualificationSummary]
    ledger: Position


# ------------------------------------------------------------------------------------ alarms


class PartyBody(Shape):
    """One side of an alarm: a holder, or a lot of its maker."""

    organisation: HexText
    lot: HexText | None


class ReplyBody(Shape):
    """A signed answer to the alarm, by whoever wanted to say something."""

    text: str
    document: HexText | None
    author: HexText
    recorded: int
    sequence: int


class ClosingBody(Shape):
    """An auditor's signed word that the alarm is settled."""

    reason: str
    author: HexText
    recorded: int
    sequence: int


class AlarmBody(Shape):
    """One document, or one number, used by two parties.

    `stops`: it is open and speaks against this supplier; an open one that does not is a claim for
    which nobody but its maker vouches.
    """

    id: HexText
    what: Literal["document", "number"]
    shown: str = Field(description="The document's hash, or the kind and the number.")
    open: bool
    stops: bool
    opened_at: int
    parties: list[PartyBody] = Field(min_length=2, max_length=2)
    uses: list[int] = Field(description="The entries that use it, oldest first.")
    closed: ClosingBody | None
    replies: list[ReplyBody]


class AlarmList(Shape):
    id: HexText
    alarms: list[AlarmBody] = Field(description="By opening.")
    ledger: Position


# ---------------------------------------------------------------------------------- capacity


class CapacityBody(Shape):
    """Stated output per day in the unit; 0 means that the amount is unknown."""

    organisation: HexText
    category: str
    model: str
    per_day: int
    unit: str
    author: HexText = Field(description="Who stated it; a mirror, where it is a register's.")
    register_name: str = Field(description="Of a mirrored one, else empty.")
    published: int | None
    recorded: int
    sequence: int


class CapacityList(Shape):
    id: HexText
    capacities: list[CapacityBody]
    ledger: Position
