"""The compiled contracts, as they are shipped with the package (``artifacts/<Name>.json``).

Made from the sources by ``scripts/compile`` and compared with them by the tests.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Artifact:
    """One contract: its ABI and its creation code (without the constructor's arguments).

    ``runtime`` is the deployed code with zeros where immutables will stand, so it is *not* what
    a chain returns for a contract that has any.
    """

    name: str
    abi: tuple[Mapping[str, Any], ...]
    bytecode: bytes
    runtime: bytes

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Artifact":
        return cls(
            name=data["contractName"],
            abi=tuple(data["abi"]),
            bytecode=bytes.fromhex(data["bytecode"].removeprefix("0x")),
            runtime=bytes.fromhex(data["deployedBytecode"].removeprefix("0x")),
        )


@cache
def load_artifacts() -> Mapping[str, Artifact]:
    """All compiled contracts by name."""
    folder = resources.files("ledger.chain") / "artifacts"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".json"):
            artifact = Artifact.from_json(json.loads(entry.read_text("utf-8")))
            found[artifact.name] = artifact
    return found
