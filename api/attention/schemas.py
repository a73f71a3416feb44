"""What needs attention: one matter after the other, the most pressing first."""

from typing import Final, Literal, get_args

from pydantic import ConfigDict, Field

from api.batches.schemas import NamesBody
from api.wire import HexText, Position, Shape
from ledger.verdict import Answer

#: What a matter is; :class:`MatterBody` says which members go with it.
Code = Literal[
    "verdict-changed",
    "supplier-alarm",
    "supplier-recall",
    "supplier-recall-listed",
    "supplier-licence-ends",
    "own-licence-ends",
    "own-licence-stopped",
    "own-alarm",
    "own-recall",
    "recall-unanswered",
    "arrival",
    "arrival-late",
    "review-verify",
    "review-edit",
    "review-publish",
    "alarm-document",
    "alarm-number",
    "recall-waits",
    "checkpoint-unwitnessed",
    "checkpoint-none",
    "health",
    "queue",
]
CODES: Final[tuple[str, ...]] = get_args(Code)


class MatterBody(Shape):
    """One thing to look at. Members that its code does not use are null.

    `since` is when it began, as far as that is known; `until` a time it runs towards: the end of a
    licence, the delivery day, the day by which goods are due. `asked_at` is when a verdict was
    asked for: when its answer became another is not known. `count` is of batches, reviews,
    custodians or entries.
    """

    code: Code
    path: str = Field(description="The page to go to.")
    since: int | None = None
    until: int | None = None
    asked_at: int | None = None
    organisation: HexText | None = Field(
        default=None, description="The supplier, the sender, or one side of an alarm."
    )
    other: HexText | None = Field(default=None, description="The other side of an alarm.")
    category: str | None = None
    model: str | None = None
    kind: str | None = None
    number: str | None = None
    status: str | None = Field(default=None, description="Of a qualification, or of the service.")
    lot: str | None = None
    quantity: int | None = None
    unit: str | None = None
    count: int | None = None
    before: Answer | None = Field(default=None, description="As the verdict was given.")
    now: Answer | None = Field(default=None, description="As it would be given now.")


class AttentionBody(Shape):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "matters": [
                        {
                            "code": "supplier-alarm",
                            "path": "/suppliers/0x" + "5a" * 20,
                            "since": 1795309200,
                            "organisation": "0x" + "5a" * 20,
                        }
                    ],
                    "complete": True,
                    "at": 1795395600,
                    "organisations": {
                        "0x" + "5a" * 20: {"en": "Example Masks", "zh": "示例口罩厂"}
                    },
                    "ledger": {"position": 104},
                }
            ]
        },
    )

    matters: list[MatterBody]
    complete: bool = Field(
        description="False where there was more than is looked through: newer verdicts, alarms and "
        "recalls were."
    )
    at: int = Field(description="As of when.")
    organisations: dict[str, NamesBody] = Field(description="Names of those mentioned, by id.")
    ledger: Position
