"""Audits as they go over the wire."""

from typing import Any, Literal

from pydantic import Field

from api.wire import Shape

PartWord = Literal["chain", "index", "documents", "verdicts", "checkpoints", "outbox"]
Age = Literal["never", "old", "recent"]


class AreaBody(Shape):
    """One part of what was audited."""

    part: PartWord
    differences: int = Field(ge=0)
    looked_at: dict[str, int] = Field(description="How much of what was looked at.")


class NoteBody(Shape):
    en: str
    zh: str


class DifferenceBody(Shape):
    """One difference. `where` is a table, or a file by its path in the data directory; `row` names
    the row by its primary key, `field` the column."""

    part: PartWord
    code: str
    where: str
    row: str | None
    field: str | None
    expected: Any
    found: Any
    en: str
    zh: str


class RunSummary(Shape):
    """One run of `suyuan audit`: the word of who ran it on the service's machine."""

    number: int = Field(ge=1)
    begun: int
    ended: int
    asked: list[PartWord] = Field(description="The parts that it was asked for.")
    not_checked: list[PartWord] = Field(description="The parts that it did not look at.")
    with_checkpoints_of_others: bool = Field(
        description="Whether it compared checkpoints that others hold: only so a ledger that was "
        "set back as a whole is found."
    )
    result: Literal["same", "differs"]
    differences: int = Field(ge=0)
    areas: list[AreaBody]


class RunBody(RunSummary):
    notes: list[NoteBody] = Field(description="What no audit can check, and other remarks.")
    found: list[DifferenceBody]
    left_out: int = Field(ge=0, description="Differences that are counted and not listed.")


class RunList(Shape):
    """`age` says of the newest whether it is older than seven days, or never was."""

    age: Age
    runs: list[RunSummary] = Field(description="The newest first; the oldest are forgotten.")


class CheckBody(Shape):
    """What a running service compared of itself: a sample, and no audit."""

    checked_at: int
    areas: list[AreaBody]
    found: list[DifferenceBody]
    queued: int = Field(ge=0, description="Entries that wait to be carried to the chain.")
    under_way: int = Field(ge=0, description="Transactions whose end is not known yet.")
