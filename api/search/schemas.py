"""What a search answers: how the text was understood, and what was found, in groups."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.batches.schemas import ListedBatch, NamesBody
from api.search.understanding import Form
from api.suppliers.schemas import QualificationSummary, SupplierHit
from api.wire import HexText, Position, Shape
from ledger.verdict import Answer
from ledger.vocabulary import Clock


class ElementBody(Shape):
    """An element string of GS1."""

    ai: str = Field(description="GS1 application identifier.", examples=["10"])
    value: str
    day: str = Field(description="YYYY-MM-DD where the value is a day, else empty.")


class CodeBody(Shape):
    """A code that names an organisation, in its normal form."""

    kind: Literal["uscc", "lei", "gln"]
    value: str


class UnderstoodBody(Shape):
    """How the text was read; what it does not say is empty."""

    form: Form = Field(
        description="`page`: a link to a page of this service. `link`: a GS1 Digital Link. `scan`: "
        "what a barcode scanner types. `code`: a code by itself. `words`: anything else."
    )
    words: str = Field(description="What names, numbers and models were searched for.")
    gtin: str = Field(description="14 digits, with a right check digit.")
    lot: str
    sscc: str = Field(description="18 digits, with a right check digit.")
    identifiers: list[CodeBody]
    elements: list[ElementBody] = Field(description="Everything that the code says.")


class NoteBody(NamesBody):
    """What is wrong with what was typed, or what was searched for instead."""

    code: str


class ExactBody(Shape):
    """The one thing that was meant; a page goes straight there."""

    kind: Literal["page", "supplier", "batch", "verdict", "entry"]
    path: str = Field(description="Of its page on this service.")


class SupplierHits(Shape):
    found: list[SupplierHit]
    next: str | None = Field(description="Send it as `cursor` for the next page of suppliers.")


class BatchHits(Shape):
    found: list[ListedBatch]
    more: bool


class UnitHit(Shape):
    """A logistic unit of this number; its state is as of now."""

    sscc: str
    packer: HexText
    state: Literal["packed", "under-way", "taken-apart"]
    lots: list[HexText] = Field(
        description="The batches that are in it, or were when it was taken apart, as far as the "
        "caller may see them."
    )
    taken_apart_at: int | None = Field(
        description="When it was taken apart (seconds, UTC); null where it was not."
    )


class CertificateHits(Shape):
    found: list[QualificationSummary]
    more: bool


class VerdictHit(Shape):
    """What was asked, as known when, and what it came to."""

    id: HexText
    supplier: HexText
    category: str
    model: str
    quantity: int
    unit: str
    lots: list[HexText]
    answer: Answer
    deliver_at: list[int]
    zone: str
    known_at: int
    clock: Clock
    asked_at: int


class VerdictHits(Shape):
    found: list[VerdictHit]
    more: bool = Field(description="There are older ones, or there may be.")


class SearchBody(Shape):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "understood": {
                        "form": "scan",
                        "words": "",
                        "gtin": "09520000000059",
                        "lot": "QL100-A",
                        "sscc": "",
                        "identifiers": [],
                        "elements": [
                            {"ai": "01", "value": "09520000000059", "day": ""},
                            {"ai": "10", "value": "QL100-A", "day": ""},
                        ],
                    },
                    "notes": [
                        {"code": "lot.unknown", "en": "no batch …", "zh": "账本上没有……"},
                    ],
                    "exact": {"kind": "batch", "path": "/batches/0x" + "5a" * 32},
                    "suppliers": {"found": [], "next": "3.17"},
                    "batches": {"found": [], "more": False},
                    "units": [],
                    "certificates": {"found": [], "more": False},
                    "verdicts": {"found": [], "more": False},
                    "alarmed": {"0x" + "5a" * 20: True},
                    "organisations": {
                        "0x" + "5a" * 20: {"en": "Example Masks", "zh": "示例口罩厂"}
                    },
                    "ledger": {"position": 104},
                }
            ]
        },
    )

    understood: UnderstoodBody
    notes: list[NoteBody]
    exact: ExactBody | None
    suppliers: SupplierHits
    batches: BatchHits
    units: list[UnitHit]
    certificates: CertificateHits
    verdicts: VerdictHits = Field(
        description="The newest of the caller's organisation about the suppliers found."
    )
    alarmed: dict[HexText, bool] = Field(
        description="Of the suppliers and the certificates found those with an open alarm, by id: "
        "whether one speaks against them (true), or all are only conditions (false)."
    )
    organisations: dict[str, NamesBody] = Field(description="Names of those mentioned, by id.")
    ledger: Position
