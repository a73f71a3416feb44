"""The form of evidence, as the OpenAPI document has it."""

import json
from typing import Any, Final

from ledger.evidence.schema import schema_bytes

NAME: Final = "EvidenceBundle"
_HASH: Final = "0x" + "5a" * 32
_ADDRESS: Final = "0x" + "5a" * 20
_SIGNATURE: Final = "0x" + "5a" * 64

EXAMPLE: Final[dict[str, Any]] = {
    "chains": [],
    "checkpoint": {
        "header": "+QH8oA==",
        "made_at": 1790000060,
        "root": _HASH,
        "seal": {"rule": "service", "signatures": [_SIGNATURE]},
        "size": 215,
        "witnesses": [],
    },
    "claim": {"sequence": 17},
    "entries": [
        {
            "action": "DisableAccount",
            "message": {
                "deadline": "1790086400",
                "happenedAt": "1790000000",
                "nonce": "0",
                "reason": "lost phone",
            },
            "path": "",
            "previous": [_HASH],
            "recorded_at": 1790000010,
            "sequence": 17,
            "signatures": [_SIGNATURE],
            "subjects": [_HASH],
        }
    ],
    "format": "suyuan evidence 1",
    "kind": "entry",
    "leaves": [],
    "ledger": {
        "chain_id": 4711,
        "contracts": {"EntryLog": _ADDRESS, "ParticipantRegistry": _ADDRESS},
        "genesis": _HASH,
    },
    "nodes": ["+FE="],
}


def component() -> dict[str, Any]:
    """The schema of a bundle as a component of an OpenAPI document."""
    text = schema_bytes().decode().replace('"#/$defs/', f'"#/components/schemas/{NAME}/$defs/')
    made: dict[str, Any] = json.loads(text)
    for name in ("$schema", "$id"):
        del made[name]
    return {**made, "examples": [EXAMPLE]}
