"""What a mirror has stated of a register."""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from api.wire import HexText, Position, Shape

StateWord = Literal[
    "none", "submitted", "verified", "edited", "refused", "in_force", "restricted", "suspended",
    "withdrawn", "superseded", "delisted",
]  # fmt: skip


class FirmBody(Shape):
    """A listed organisation of the register, whichever mirror listed it."""

    id: HexText
    identifier: str
    name_zh: str
    name_en: str


class PublicationBody(Shape):
    """A recorded publication; a notice lists no rows."""

    id: HexText
    sequence: int
    document: HexText = Field(description="Hash of what was published.")
    published: int = Field(description="Seconds since 1970 (UTC).")
    lists_rows: bool


class RowBody(Shape):
    """A mirrored qualification. Dates: 0 is unstated (unknown, not open)."""

    qualification: HexText
    sequence: int
    publication: HexText
    state: StateWord = Field(description="As stored: time comes on top of it.")
    holder: HexText
    document: HexText = Field(description="Hash of the row.")
    category: str
    model: str
    kind: str
    number: str
    valid_from: int
    valid_until: int
    withdrawn_from: int


class CapacityBody(Shape):
    """How many capacities one row states for an organisation."""

    organisation: HexText
    document: HexText = Field(description="Hash of the row.")
    count: int


class RecallBody(Shape):
    """An entry that states a recall of the register, or a part of it."""

    sequence: int
    organisation: HexText
    publication: HexText
    document: HexText = Field(description="Hash of the row.")
    number: str


_EXAMPLE: Final[dict[str, Any]] = {
    "register_name": "niosh-n95",
    "mirror": "0x" + "5a" * 20,
    "firms": [
        {
            "id": "0x" + "f1" * 20,
            "identifier": "Example Crane Masks",
            "name_zh": "",
            "name_en": "Example Crane Masks",
        }
    ],
    "publications": [
        {
            "id": "0x" + "b1" * 32,
            "sequence": 41,
            "document": "0x" + "d1" * 32,
            "published": 1605848400,
            "lists_rows": True,
        }
    ],
    "rows": [
        {
            "qualification": "0x" + "c1" * 32,
            "sequence": 42,
            "publication": "0x" + "b1" * 32,
            "state": "in_force",
            "holder": "0x" + "f1" * 20,
            "document": "0x" + "d2" * 32,
            "category": "mask.respirator.n95",
            "model": "EC-1",
            "kind": "niosh-approval",
            "number": "84A-9001",
            "valid_from": 0,
            "valid_until": 0,
            "withdrawn_from": 0,
        }
    ],
    "capacities": [],
    "recalls": [],
    "categories": ["mask.respirator.n95"],
    "ledger": {"position": 43},
}


class RegisterBody(Shape):
    """Everything that a mirror has stated of a register, in the order of recording;
    `categories` are all that the authority set."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    register_name: str
    mirror: HexText
    firms: list[FirmBody]
    publications: list[PublicationBody]
    rows: list[RowBody]
    capacities: list[CapacityBody]
    recalls: list[RecallBody]
    categories: list[str]
    ledger: Position
