"""The form of the anchors file as a JSON Schema: what it takes, the reader takes."""

from importlib.resources import files
from typing import Any

import orjson
import pytest
from jsonschema_rs import validator_for

from ledger.errors import RequestError
from ledger.evidence.anchors import Anchors, NamedWitness, PinnedCheckpoint
from tests.support.evidence import STRANGER, EvidenceWorld

SCHEMA: dict[str, Any] = orjson.loads(
    files("ledger.evidence").joinpath("anchors.schema.json").read_bytes()
)
MEMBERS = (
    *("format", "chain_id", "genesis", "contracts", "founding", "seal", "receipts", "witnesses"),
    *("witness_quorum", "checkpoints", "policies"),
)


@pytest.fixture
def anchors(world: EvidenceWorld) -> dict[str, Any]:
    told = world.anchors().to_json()
    told["witnesses"] = [{"account": "0x" + STRANGER.address.hex(), "name": "见证方"}]
    told["checkpoints"] = [{"size": 1, "root": "0x" + "11" * 32, "block_hash": "0x" + "22" * 32}]
    return told


def refuses(told: Any) -> None:
    assert not validator_for(SCHEMA).is_valid(told)
    with pytest.raises(RequestError):
        Anchors.from_json(told)


def test_it_is_a_schema() -> None:
    validator_for({"$ref": "https://json-schema.org/draft/2020-12/schema"}).validate(SCHEMA)


def test_it_takes_anchors_with_everything_in_them(anchors: dict[str, Any]) -> None:
    validator_for(SCHEMA).validate(anchors)
    read = Anchors.from_json(anchors)
    assert read.witnesses == (NamedWitness(STRANGER.address, "见证方"),)
    assert read.checkpoints == (PinnedCheckpoint(1, b"\x11" * 32, b"\x22" * 32),)


@pytest.mark.parametrize("seal", ["clique", "qbft", "ibft"])
def test_it_takes_every_rule_of_seals(anchors: dict[str, Any], seal: str) -> None:
    member = "signers" if seal == "clique" else "validators"
    told = anchors | {"seal": {"rule": seal, member: ["0x" + STRANGER.address.hex()]}}
    validator_for(SCHEMA).validate(told)
    assert Anchors.from_json(told).seal.rule == seal


@pytest.mark.parametrize("member", MEMBERS)
def test_no_member_may_be_missing(anchors: dict[str, Any], member: str) -> None:
    refuses({name: value for name, value in anchors.items() if name != member})


def test_its_members_are_these(anchors: dict[str, Any]) -> None:
    assert tuple(SCHEMA["required"]) == tuple(SCHEMA["properties"]) == MEMBERS == tuple(anchors)


@pytest.mark.parametrize(
    "change",
    [
        {"further": 1},
        {"format": "suyuan anchors 2"},
        {"chain_id": -1},
        {"genesis": "0x11"},
        {"contracts": {}},
        {"seal": {"rule": "service", "keys": [], "quorum": 1}},
        {"seal": {"rule": "nobody"}},
        {"receipts": ["0x11"]},
        {"witness_quorum": "1"},
        {"checkpoints": [{}]},
        {"policies": [1]},
    ],
)
def test_what_is_wrong_is_wrong_for_both(anchors: dict[str, Any], change: dict[str, Any]) -> None:
    refuses(anchors | change)
