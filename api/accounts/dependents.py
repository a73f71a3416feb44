"""What depends on an account's key, as it goes over the wire."""

from typing import Literal

from pydantic import Field

from api.wire import HexText, Position, Shape
from ledger.replaying import Shaken
from ledger.typed_data import hexed

Answers = Literal["buy", "buy-with-conditions", "cannot-tell", "do-not-buy"]
Results = Literal["valid", "invalid", "unknown", "skipped"]


class DependentEntry(Shape):
    sequence: int
    action: str
    because: Literal[
        "signed",
        "account-added",
        "organisation-registered",
        "accreditation",
        "qualification",
        "publication",
        "lot",
        "entry",
    ]
    through: int = Field(description="The entry on which it depends at once; itself if signed.")


class DependentStanding(Shape):
    organisation: HexText
    category: str
    model: str
    entry: int = Field(description="The first entry by which a qualification of it depends.")
    now: Results
    would_be: Results


class DependentLot(Shape):
    id: HexText
    number: int
    gtin: str
    lot: str
    maker: HexText
    entry: int = Field(description="The first entry by which it depends.")


class DependentVerdict(Shape):
    id: HexText
    organisation: HexText = Field(description="Who asked for it.")
    answer: Answers
    would_be: Answers | None = Field(
        description="What it would be; null where the service lacks the policy it was made by."
    )
    entries: list[int] = Field(description="Those of its entries that depend.")


class DependentsBody(Shape):
    """Everything that depends on what the account signed and was recorded from `since` on. What
    the authority laid down for all is told only where the account signed it."""

    account: HexText
    since: int
    entries: list[DependentEntry]
    standings: list[DependentStanding]
    lots: list[DependentLot]
    verdicts: list[DependentVerdict]
    ledger: Position


def dependents_body(found: Shaken) -> DependentsBody:
    replay = found.replay
    return DependentsBody(
        account=hexed(replay.account),
        since=replay.since,
        entries=[
            DependentEntry(
                sequence=d.sequence, action=d.action, because=d.because.value, through=d.through
            )
            for d in replay.entries
        ],
        standings=[
            DependentStanding(
                organisation=hexed(s.organisation),
                category=s.scope.category,
                model=s.scope.model,
                entry=s.entry,
                now=s.now.value,
                would_be=s.would_be.value,
            )
            for s in found.standings
        ],
        lots=[
            DependentLot(
                id=hexed(lot.id),
                number=lot.number,
                gtin=f"{lot.gtin:014d}" if lot.gtin else "",
                lot=lot.lot,
                maker=hexed(lot.maker),
                entry=entry,
            )
            for lot, entry in found.lots
        ],
        verdicts=[
            DependentVerdict(
                id=v.id,
                organisation=hexed(v.organisation),
                answer=v.answer.value,
                would_be=v.would_be.value if v.would_be else None,
                entries=list(v.entries),
            )
            for v in found.verdicts
        ],
        ledger=Position(position=found.position),
    )
