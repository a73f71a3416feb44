"""Signed entries as JSON: one schema per action, made from the actions themselves."""

from typing import Any, Final

from pydantic import Field

from api.wire import HexText, Position, Shape
from ledger.submission import LONGEST_TEXT, MOST_ENTRIES
from ledger.typed_data import ACTIONS, MOST_ITEMS, STRUCTS, Action
from ledger.typed_data import Field as EntryField


class RefusalTexts(Shape):
    en: str
    zh: str


class RefusalBody(Shape):
    """Why the contract refused an entry: its error with the values, and what that means."""

    name: str
    values: dict[str, Any]
    field: str | None
    detail: RefusalTexts


class RecordedBody(Shape):
    """An entry as the ledger recorded it; times are seconds since 1970 (UTC)."""

    sequence: int = Field(ge=0, description="Its leaf in the log, gapless from 0.")
    recorded_at: int
    block: int
    transaction: HexText
    contract: str
    author: HexText = Field(description="The organisation of the first signer.")
    signers: list[HexText]
    late: bool
    subjects: list[HexText]
    leaf: HexText
    action: str
    message: dict[str, str | bool | list[dict[str, str | bool]]]
    signatures: list[HexText]


class EntryBody(Shape):
    """Where an entry stands. What is `final` or `refused` after `final_after` stays so."""

    digest: HexText
    state: str = Field(
        description="queued → signed → sent → mined → final, or refused.",
        json_schema_extra={"enum": ["queued", "signed", "sent", "mined", "final", "refused"]},
    )
    delayed: bool = Field(description="It has been waiting for longer than it should.")
    accepted_at: float | None
    transaction: HexText | None
    block: int | None
    sequence: int | None = Field(description="Its place in the log, once final.")
    refusal: RefusalBody | None
    final_after: int | None = Field(
        description="Until then (the deadline) what was refused may be sent again."
    )
    recorded: RecordedBody | None
    ledger: Position


class ReceiptBody(Shape):
    """The service's promise: it took this entry, and by `deadline` it is recorded or refused.

    `signature` is over the EIP-712 struct `Receipt(address ledger,address account,uint64 nonce,
    bytes32 digest,uint40 deadline,uint40 acceptedAt)` in the domain of `EntryLog`. Keep it: with
    it you can prove that your entry was withheld.
    """

    contract: str = Field(description="The contract that records the entry: `ledger` by its name.")
    account: HexText = Field(description="Who signed the entry first.")
    nonce: str = Field(pattern="^(0|[1-9][0-9]*)$")
    digest: HexText
    deadline: int
    accepted_at: int
    signature: HexText


class AcceptedEntry(Shape):
    digest: HexText
    state: str
    href: str
    receipt: ReceiptBody | None = Field(
        description="None for what had come to the ledger by another way."
    )


class AcceptedBody(Shape):
    """The entries, in the order in which they came, are on disk and will be final or refused."""

    entries: list[AcceptedEntry]


# ------------------------------------------------------------------ what is taken, for OpenAPI

_EXAMPLES: Final[dict[str, str | bool]] = {
    "nonce": "0",
    "happenedAt": "1790000000",
    "deadline": "1790086400",
    "reason": "inspection found the line stopped",
}


def _field_schema(field: EntryField) -> dict[str, Any]:
    if field.type in STRUCTS:
        members = STRUCTS[field.type].fields
        return {
            "type": "array",
            "maxItems": MOST_ITEMS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [f.name for f in members],
                "properties": {f.name: _field_schema(f) for f in members},
            },
        }
    if field.type == "string":
        return {"type": "string", "maxLength": LONGEST_TEXT // 4}
    if field.type == "bool":
        return {"type": "boolean"}
    if field.type.startswith("uint"):
        digits = len(str((1 << int(field.type[4:])) - 1)) - 1
        return {
            "type": "string",
            "pattern": f"^(0|[1-9][0-9]{{0,{digits - 1}}})$",
            "description": f"{field.type} in decimal digits.",
        }
    length = 20 if field.type == "address" else int(field.type[5:])
    return {"type": "string", "pattern": f"^0x[0-9a-fA-F]{{{2 * length}}}$"}


def _action_schema(action: Action) -> dict[str, Any]:
    return {
        "title": action.name,
        "type": "object",
        "additionalProperties": False,
        "required": ["action", "message", "signatures"],
        "properties": {
            "action": {"const": action.name},
            "message": {
                "type": "object",
                "additionalProperties": False,
                "required": [f.name for f in action.fields],
                "properties": {f.name: _field_schema(f) for f in action.fields},
                "description": action.type_string,
            },
            "signatures": {
                "type": "array",
                "minItems": 1,
                "maxItems": 255,
                "items": {"type": "string", "pattern": "^0x[0-9a-fA-F]{128}$"},
                "description": "EIP-2098 signatures of the EIP-712 digest: the author's first, "
                "then the authority's where it is needed. Keys stay with the signers.",
            },
        },
    }


def _example() -> dict[str, Any]:
    action = ACTIONS["SuspendQualification"]
    values = {f.name: _EXAMPLES.get(f.name, "0x" + "00" * 32) for f in action.fields}
    return {"action": action.name, "message": values, "signatures": ["0x" + "5a" * 64]}


#: Components of the OpenAPI document: an entry is one of the actions.
ENTRY_SCHEMAS: Final[dict[str, Any]] = {
    "SignedEntry": {"oneOf": [_action_schema(a) for a in ACTIONS.values()]},
}

REQUEST_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "oneOf": [
                    {"$ref": "#/components/schemas/SignedEntry"},
                    {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/SignedEntry"},
                        "minItems": 1,
                        "maxItems": MOST_ENTRIES,
                    },
                ]
            },
            "example": _example(),
        }
    },
}
