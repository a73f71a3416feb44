"""What is told of a review."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from api.wire import HexText, Position, Shape


class Queue(StrEnum):
    """Where a review stands: which step comes next, or how it ended."""

    VERIFY = "verify"
    EDIT = "edit"
    PUBLISH = "publish"
    REFUSED = "refused"
    PUBLISHED = "published"


#: Why the caller's organisation cannot take the next step.
Obstacle = Literal["ended", "no-reviewer", "submitter", "repeated", "one-organisation"]


class StepBody(Shape):
    """A step that was taken; the first one is the submission."""

    action: Literal["submit", "verify", "edit", "publish", "refuse"]
    author: HexText
    account: HexText
    recorded: int = Field(description="Seconds since 1970 (UTC).")
    sequence: int
    note: str = Field(description="The note, or the reason of a refusal.")


class TermsBody(Shape):
    """What a submission or its edit states; 0 is unstated, 2^40-1 without end."""

    number: str
    valid_from: int
    valid_until: int
    document: HexText | None


class ReviewBody(Shape):
    """A qualification that came by review."""

    qualification: HexText
    queue: Queue
    holder: HexText
    category: str
    model: str
    kind: str
    terms: TermsBody
    steps: list[StepBody] = Field(min_length=1)
    waiting_since: int = Field(description="When the last step was recorded.")
    accounts: list[HexText] = Field(
        description="Accounts of the token's organisation that may take the next step."
    )
    obstacle: Obstacle | None = Field(description="Why there is none; null where there is one.")


class Counts(Shape):
    """How many there are in each queue, of those that the caller may see."""

    verify: int
    edit: int
    publish: int
    refused: int
    published: int


class ReviewList(Shape):
    reviews: list[ReviewBody]
    next: str | None = Field(description="Send it as `cursor` for the next page.")
    counts: Counts
    ledger: Position


class UseBody(Shape):
    """Another qualification or report that uses the same number or document."""

    same: list[Literal["number", "document"]] = Field(min_length=1)
    action: str
    author: HexText
    holder: HexText | None
    register_name: str = Field(description="Empty unless a register lists it.")
    category: str
    model: str
    number: str
    recorded: int
    sequence: int


class AlarmBody(Shape):
    """One number or document, used for two holders."""

    id: HexText
    what: Literal["document", "number", "report"]
    open: bool
    parties: list[HexText] = Field(description="Organisations (20 bytes) or lots (32).")
    opened_at: int


class ReviewDetail(ReviewBody):
    submitted: TermsBody = Field(description="As the holder submitted it; `terms` as edited.")
    uses: list[UseBody]
    alarms: list[AlarmBody]
    ledger: Position
