"""Bundles torn in every way: no verifier breaks, none hangs, and both find the same."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.evidence.bundle import KINDS
from ledger.evidence.verification import Verifier
from tests.support.evidence import EvidenceWorld
from tests.support.node import Verify, needs_node, outcome

pytestmark = needs_node

#: As many as the profile wants, five times: one takes ten milliseconds.
_MANY: Final = settings().max_examples * 5

#: What takes the place of a value.
_OTHERS: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2**53 - 1, 2**53, 2**64, 1.5, "", "0", "0x", [], {}, [[]]),
    *("0x" + "00" * 20, "0x" + "00" * 32, "0x" + "ff" * 64, "AA==", "AB==", "口罩", "\U0001f637"),
    *("__proto__", "constructor", "toString", {"__proto__": 1}, "\x00", "entry", "service"),
)
_NAMES: Final = ("__proto__", "constructor", "path", "answer", "kind", "zz", "")


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every value within another, as the way to it."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = [at] if at else []
    for key, item in items:
        found += _places(item, (*at, key))
    return found


def _torn(value: Any, chance: random.Random) -> Any:
    """A copy with one thing changed somewhere."""
    made = deepcopy(value)
    *way, last = chance.choice(_places(made))
    holder = made
    for key in way:
        holder = holder[key]
    _CHANGES[chance.randrange(len(_CHANGES))](holder, last, chance)
    return made


def _replace(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = deepcopy(chance.choice(_OTHERS))


def _shift(holder: Any, key: Any, chance: random.Random) -> None:
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + chance.choice((-1, 1, 60, -60, 86400, 1 << 40))
    elif isinstance(value, str) and value:
        place = chance.randrange(len(value))
        letter = chance.choice("0123456789abcdefABCDEF=+/ x口")
        holder[key] = value[:place] + letter + value[place + 1 :]
    elif isinstance(value, list) and len(value) > 1:
        chance.shuffle(value)


def _drop(holder: Any, key: Any, chance: random.Random) -> None:
    del holder[key]


def _double(holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, list):
        holder.insert(key, deepcopy(holder[key]))
    else:
        holder[chance.choice(_NAMES)] = deepcopy(holder[key])


def _swap(holder: Any, key: Any, chance: random.Random) -> None:
    other = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]


_CHANGES: Final[tuple[Callable[[Any, Any, random.Random], None], ...]] = (
    *(_replace, _shift, _shift, _shift, _drop, _double, _swap),
)


class _Originals(list[Any]):
    """Valid bundles as JSON."""

    def __repr__(self) -> str:
        return "a bundle of each kind"


@pytest.fixture(scope="module")
def originals(evidence: EvidenceWorld) -> _Originals:
    return _Originals(evidence.bundle(kind).to_json() for kind in KINDS)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=_MANY)
def test_both_find_the_same_in_torn_bundles(
    seed: int, evidence: EvidenceWorld, originals: _Originals, by_node: Verify
) -> None:
    chance = random.Random(seed)
    torn = _torn(chance.choice(originals), chance)
    if chance.random() < 0.3:
        torn = _torn(torn, chance)
    _same(_written(torn), evidence, by_node)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=_MANY)
def test_both_find_the_same_in_claims_that_nobody_made(
    seed: int, evidence: EvidenceWorld, originals: _Originals, by_node: Verify
) -> None:
    chance = random.Random(seed)
    original = chance.choice([o for o in originals if "answer" in o["claim"]])
    claim = _torn(original["claim"], chance)
    _same(_written({**original, "claim": claim}), evidence, by_node)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes, evidence: EvidenceWorld, by_node: Verify) -> None:
    _same(data, evidence, by_node)


def _written(value: Any) -> bytes:
    """Canonical, but for numbers that are not."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def _same(data: bytes, evidence: EvidenceWorld, by_node: Verify) -> None:
    expected = Verifier(evidence.anchors()).verify(data).to_json()
    assert outcome(by_node(data)) == outcome(expected)
