"""What a verdict is asked by, and the shape in which the ledger layer gives it."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.parameters import DEFAULT_ZONE
from api.wire import Hash, HexText, Moment, OrganisationId, Position, Shape
from ledger.question import MAX_LOTS, MAX_QUANTITY, MAX_TEXT
from ledger.vocabulary import Clock

_EXAMPLE_ORGANISATION = "0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"


class OfferedLot(Shape):
    """A lot that the supplier offers: by its id, or by what stands on the carton."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Hash | None = Field(default=None, description="The lot's id (32 bytes, 0x hex).")
    gtin: str = Field(
        default="", max_length=40, description="8, 12, 13 or 14 digits; empty where there is none."
    )
    lot: str = Field(default="", max_length=40, description="The batch or lot number, (10).")
    maker: OrganisationId | None = Field(
        default=None, description="Needed only where several makers use the same GTIN and number."
    )


class VerdictRequest(Shape):
    """A supplier, a product scope, a quantity and a day of delivery.

    Strings and numbers are taken as they are typed: "5" is no number here.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "organisation": _EXAMPLE_ORGANISATION,
                    "category": "mask.surgical",
                    "model": "QL-100",
                    "quantity": 50000,
                    "unit": "H87",
                    "deliver_on": "2026-12-01",
                    "zone": "Asia/Shanghai",
                },
                {
                    "organisation": _EXAMPLE_ORGANISATION,
                    "category": "mask.surgical",
                    "model": "QL-100",
                    "quantity": 20000,
                    "unit": "H87",
                    "deliver_on": "2026-12-01",
                    "zone": "Asia/Shanghai",
                    "lots": [{"gtin": "09520000000059", "lot": "QL100-A"}],
                },
            ]
        },
    )

    organisation: OrganisationId = Field(description="The supplier's id (20 bytes, 0x hex).")
    category: str = Field(min_length=1, max_length=MAX_TEXT, description="A category's code.")
    model: str = Field(default="", max_length=MAX_TEXT, description="Compared whole; may be empty.")
    quantity: int = Field(ge=1, le=MAX_QUANTITY)
    unit: str = Field(
        default="H87",
        min_length=1,
        max_length=MAX_TEXT,
        description="UN/ECE Recommendation 20; H87 is a piece.",
    )
    deliver_on: str = Field(
        min_length=10,
        max_length=10,
        description="The day of delivery, in `zone`.",
        json_schema_extra={"format": "date"},
    )
    zone: str = Field(default=DEFAULT_ZONE, min_length=1, max_length=64)
    at: Moment | None = Field(
        default=None,
        description="From when the supplier can work on the order. Left out: now, if the delivery "
        "is yet to come. null: the delivery is past or its time is not to be weighed.",
    )
    known_at: Moment | None = Field(
        default=None, description="As known at which instant, or by the end of which day; "
        "default: now."
    )  # fmt: skip
    clock: Clock = Field(default=Clock.RECORDED, strict=False)
    lots: list[OfferedLot] = Field(
        default_factory=list,
        description=f"The lots that the supplier offers, at most {MAX_LOTS}, each once. They are "
        "traced to their origin, and checks 18 to 33 are made.",
    )


class Texts(Shape):
    en: str
    zh: str


class QuestionBody(Shape):
    organisation: HexText
    category: str
    model: str
    quantity: int
    unit: str
    deliver_at: list[int] = Field(min_length=2, max_length=2)
    at: int | None
    known_at: int
    clock: Clock
    zone: str
    lots: list[HexText] = Field(
        default_factory=list, description="The ids of the offered lots; left out where none are."
    )


class OfferedLotBody(Shape):
    id: HexText
    number: int = Field(description="The entry that made it.")
    maker: HexText
    gtin: str
    lot: str
    category: str
    model: str
    unit: str
    at_hand: int | None = Field(
        description="What the supplier has of it; null where it was not known yet at `known_at`."
    )
    under_way: int | None = Field(description="What is under way to the supplier.")
    marks: list[str] = Field(description="What speaks against it or what it was made of.")


class OfferBody(Shape):
    """The lots that were offered, and how far they were traced."""

    offered: list[OfferedLotBody]
    upstream: int = Field(description="How many lots they were made of, all in all.")
    complete: bool = Field(description="Whether that is all of them.")
    complete_to: int = Field(description="The number of entries that had been recorded.")


class PolicyBody(Shape):
    version: str
    hash: HexText


class VerdictBody(Shape):
    """A verdict as the ledger layer gives it; instants are seconds since 1970 (UTC)."""

    id: HexText = Field(description="Commits to the question, the policy and the position.")
    answer: Literal["buy", "buy-with-conditions", "cannot-tell", "do-not-buy"]
    answer_text: Texts
    question: QuestionBody
    policy: PolicyBody
    ledger: Position
    checks: list[dict[str, Any]] = Field(description="Numbered checks, each with its reasons.")
    would_change: list[dict[str, Any]] = Field(description="What would change the answer.")
    qualifications: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    lots: OfferBody | None = Field(default=None, description="Left out where no lots are offered.")


class RecomputationBody(Shape):
    """A verdict made again from the ledger as it was then."""

    verdict: HexText
    same: bool = Field(description="Whether it came out the same, byte by byte.")
    answer: Literal["buy", "buy-with-conditions", "cannot-tell", "do-not-buy"]
    given: Literal["buy", "buy-with-conditions", "cannot-tell", "do-not-buy"]
    policy: PolicyBody
    ledger: Position
