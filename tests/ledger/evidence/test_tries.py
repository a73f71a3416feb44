"""State proofs and RLP, compared with the libraries ``trie`` and ``rlp``, which others wrote."""

from contextlib import suppress
from typing import Any

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from ledger.errors import EvidenceError
from ledger.ethereum import EMPTY_ROOT, decode, encode
from ledger.evidence.tries import NodePool
from ledger.hashing import keccak

ITEMS: Any = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=5))


@given(ITEMS)
def test_rlp_is_that_of_the_independent_library(item: Any) -> None:
    assert encode(item) == rlp.encode(item)
    assert decode(rlp.encode(item)) == rlp.decode(rlp.encode(item))


@pytest.mark.parametrize(
    ("item", "encoded"),
    [
        (b"dog", "83646f67"),
        ([b"cat", b"dog"], "c88363617483646f67"),
        (b"", "80"),
        ([], "c0"),
        (b"\x0f", "0f"),
        (b"\x04\x00", "820400"),
        ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
        (
            b"Lorem ipsum dolor sit amet, consectetur adipisicing elit",
            "b838" + b"Lorem ipsum dolor sit amet, consectetur adipisicing elit".hex(),
        ),
    ],
)
def test_rlp_has_the_published_examples(item: Any, encoded: str) -> None:
    assert encode(item).hex() == encoded
    assert decode(bytes.fromhex(encoded)) == item


@st.composite
def tries(draw: st.DrawFn) -> tuple[HexaryTrie, list[bytes], list[bytes]]:
    """A trie, keys that it has, and keys that it may not have."""
    trie: Any = HexaryTrie({})
    numbers = draw(st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True))
    for number in numbers:
        value = draw(st.binary(min_size=1, max_size=40))
        trie.set(keccak(b"%d" % number), value)
    strangers = draw(st.lists(st.integers(401, 900), max_size=4, unique=True))
    return trie, [keccak(b"%d" % n) for n in numbers[:4]], [keccak(b"%d" % n) for n in strangers]


def nodes_for(trie: Any, keys: list[bytes]) -> list[bytes]:
    """The nodes in the order of the first visit, without those inside of their parents."""
    found: dict[bytes, None] = {}
    for key in keys:
        for place, node in enumerate(trie.get_proof(key)):
            raw = rlp.encode(node)
            if place == 0 or len(raw) >= 32:
                found[raw] = None
    return list(found)


@given(tries())
def test_what_is_there_and_what_is_not_is_proved(
    made: tuple[HexaryTrie, list[bytes], list[bytes]],
) -> None:
    trie, there, not_there = made
    keys = [*there, *not_there]
    pool = NodePool(nodes_for(trie, keys))
    assert [pool.get(trie.root_hash, key) for key in keys] == [trie.get(key) for key in keys]
    pool.finish()


@given(tries(), st.data())
def test_a_node_left_out_doubled_or_changed_is_found(
    made: tuple[HexaryTrie, list[bytes], list[bytes]], data: st.DataObject
) -> None:
    trie, there, _ = made
    nodes = nodes_for(trie, there)
    place = data.draw(st.integers(0, len(nodes) - 1))
    bit = data.draw(st.integers(0, 8 * len(nodes[place]) - 1))
    flipped = bytearray(nodes[place])
    flipped[bit // 8] ^= 1 << bit % 8
    for changed in (
        nodes[:place] + nodes[place + 1 :],
        [*nodes[: place + 1], *nodes[place:]],
        [*nodes[:place], bytes(flipped), *nodes[place + 1 :]],
    ):
        with pytest.raises(EvidenceError) as refused:
            walk(changed, trie.root_hash, there)
        assert refused.value.code == "state.node"


def walk(nodes: list[bytes], root: bytes, keys: list[bytes]) -> None:
    pool = NodePool(nodes)
    for key in keys:
        pool.get(root, key)
    pool.finish()


def test_an_empty_trie_has_nothing_and_needs_no_nodes() -> None:
    pool = NodePool([])
    assert pool.get(EMPTY_ROOT, bytes(32)) == b""
    pool.finish()


@pytest.mark.parametrize(
    "node",
    [
        b"",
        b"\xc0",
        encode([b"\x20", b"x", b"y"]),
        encode([[], b"x"]),
        encode([b"", b"x"]),
        encode([b"\x41", b"x"]),
        encode([b"\x01", b"x"]),
        encode([b"\x00", bytes(32)]),
        encode([b"\x10", b"x"]),
        encode([b""] * 16),
        encode([b"x"] * 17),
        b"\xc1" * 60,
    ],
)
def test_a_malformed_node_is_refused_whatever_its_hash_is(node: bytes) -> None:
    with pytest.raises(EvidenceError) as refused:
        NodePool([node]).get(keccak(node), bytes(32))
    assert refused.value.code == "state.node"


@given(st.binary(max_size=200))
def test_no_bytes_break_the_walk(node: bytes) -> None:
    with suppress(EvidenceError):
        NodePool([node]).storage(keccak(node), 7)
