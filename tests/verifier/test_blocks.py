"""Blocks that others sealed: the verifier in JavaScript reads a real chain of five validators."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.ethereum import decode, encode
from ledger.typed_data import hexed
from tests.support.node import NODE, needs_node
from tests.support.shared import SHARED

pytestmark = needs_node

_RUNNER = Path(__file__).parent / "headers.mjs"


@pytest.fixture(scope="module")
def headers() -> list[list[Any]]:
    """The headers of the chain, the genesis block's first."""
    folder = None if SHARED is None else SHARED / "conformance/bft-blocks"
    if folder is None or not folder.is_dir():
        pytest.skip("the real blocks are not beside this repository (../shared/conformance)")
    raw, found = (folder / "ibft.blocks").read_bytes(), []
    while raw:
        # Blocks stand one behind the other; each is a list of more than 255 bytes.
        width = raw[0] - 0xF7
        end = 1 + width + int.from_bytes(raw[1 : 1 + width], "big")
        found.append(decode(raw[:end])[0])
        raw = raw[end:]
    return found


def _validators(genesis: Sequence[bytes]) -> list[bytes]:
    """As anchors have them: sorted, which the genesis block's are not."""
    return sorted(decode(genesis[12][32:])[0])


def _checked(headers: Sequence[Sequence[Any]], validators: Sequence[bytes]) -> list[list[str]]:
    asked = {
        "headers": [b64encode(encode(list(h))).decode() for h in headers],
        "validators": [hexed(v) for v in validators],
    }
    done = subprocess.run(
        [str(NODE), str(_RUNNER)],
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_a_hundred_real_blocks_follow_one_another_and_are_sealed(headers: list[Any]) -> None:
    genesis, *others = headers
    found = _checked(others, _validators(genesis))
    assert len(found) == 100
    assert {result for _, result in found} == {"valid"}
    assert [hash_ for hash_, _ in found[:-1]] == [hexed(header[0]) for header in others[1:]]


def test_a_real_block_with_a_changed_seal_is_refused(headers: list[Any]) -> None:
    validators = _validators(headers[0])
    vanity, (listed, proposer, seals) = headers[1][12][:32], decode(headers[1][12][32:])
    fewer = vanity + encode([listed, proposer, seals[:3]])
    twice = vanity + encode([listed, proposer, [*seals[:3], seals[0]]])
    found = _checked(
        [[*headers[1][:12], extra, *headers[1][13:]] for extra in (fewer, twice)], validators
    )
    assert [code for _, code in found] == ["seal.quorum", "seal.signature"]


def test_a_real_block_of_other_validators_is_refused(headers: list[Any]) -> None:
    others = sorted([*_validators(headers[0])[1:], bytes(20)])
    assert _checked(headers[1:2], others) == [[None, "seal.key"]]
