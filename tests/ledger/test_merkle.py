"""Proofs over the log: every leaf, every pair of sizes, every way to break one."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.hashing import keccak
from ledger.merkle import (
    EMPTY_ROOT,
    KEPT_LEVELS,
    Frontier,
    consistency_path,
    inclusion_path,
    log_root,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

#: What github.com/transparency-dev/merkle computes; ``tests/vectors/merkle`` is how it was asked.
VECTORS = Path(__file__).resolve().parents[1] / "vectors/merkle.json"

MOST = 70
LEAVES = [keccak(b"\0" + bytes([i])) for i in range(MOST)]


@cache
def tree(first: int, end: int) -> bytes:
    """MTH(D[first:end]), as section 2.1 of RFC 6962 defines it."""
    if end - first == 1:
        return LEAVES[first]
    middle = 1
    while 2 * middle < end - first:
        middle *= 2
    return node_hash(tree(first, first + middle), tree(first + middle, end))


def path_of(index: int, first: int, end: int) -> bytes:
    """PATH(m, D[n]), as section 2.1.1 of RFC 6962 defines it."""
    if end - first == 1:
        return b""
    middle = 1
    while 2 * middle < end - first:
        middle *= 2
    if index < middle:
        return path_of(index, first, first + middle) + tree(first + middle, end)
    return path_of(index - middle, first + middle, end) + tree(first, first + middle)


def proof_of(old: int, first: int, end: int, whole: bool) -> bytes:
    """SUBPROOF(m, D[n], b), as section 2.1.2 of RFC 6962 defines it."""
    if old == end - first:
        return b"" if whole else tree(first, end)
    middle = 1
    while 2 * middle < end - first:
        middle *= 2
    if old <= middle:
        return proof_of(old, first, first + middle, whole) + tree(first + middle, end)
    left = tree(first, first + middle)
    return proof_of(old - middle, first + middle, end, False) + left


def node(level: int, number: int) -> bytes:
    assert (number + 1) << level <= MOST, "asked for a subtree that is not complete"
    return tree(number << level, (number + 1) << level)


def root(size: int) -> bytes:
    return tree(0, size) if size else EMPTY_ROOT


SIZES = range(1, MOST + 1)


def test_the_root_is_that_of_the_frontier() -> None:
    frontier = Frontier()
    for size in range(MOST + 1):
        assert log_root(size, node) == frontier.root() == root(size)
        if size < MOST:
            frontier.append(LEAVES[size])


def test_a_frontier_tells_what_it_completed_at_every_fourth_level() -> None:
    frontier = Frontier()
    for leaf in LEAVES:
        frontier.append(leaf)
    assert KEPT_LEVELS == 4
    assert frontier.completed == [(4, number, node(4, number)) for number in range(4)]


def test_paths_are_those_of_the_definition() -> None:
    for size in SIZES:
        for index in range(size):
            assert inclusion_path(index, size, node) == path_of(index, 0, size)
        for old in range(1, size):
            assert consistency_path(old, size, node) == proof_of(old, 0, size, True)


def test_every_leaf_is_proved_in_every_log_that_has_it() -> None:
    for size in SIZES:
        for index in range(size):
            path = inclusion_path(index, size, node)
            assert verify_inclusion(LEAVES[index], index, size, path, root(size))


def test_every_log_extends_every_shorter_one() -> None:
    for new in range(MOST + 1):
        for old in range(new + 1):
            path = consistency_path(old, new, node)
            assert verify_consistency(old, root(old), new, root(new), path)


def test_a_path_proves_nothing_about_another_leaf_place_size_or_root() -> None:
    for size in range(2, 34):
        for index in range(size):
            path = inclusion_path(index, size, node)
            other = (index + 1) % size
            assert not verify_inclusion(LEAVES[other], index, size, path, root(size))
            assert not verify_inclusion(LEAVES[index], other, size, path, root(size))
            assert not verify_inclusion(LEAVES[index], index, size, path, root(size + 1))
            assert not verify_inclusion(LEAVES[index], index, size + 1, path, root(size + 1))


@pytest.mark.parametrize("change", ["longer", "shorter", "torn"])
def test_a_path_of_another_length_is_refused(change: str) -> None:
    def changed(path: bytes) -> bytes:
        return {"longer": path + LEAVES[0], "shorter": path[:-32], "torn": path[:-1]}[change]

    for new in range(2, 34):
        for index in range(new):
            path = changed(inclusion_path(index, new, node))
            assert not verify_inclusion(LEAVES[index], index, new, path, root(new))
        for old in range(1, new):
            path = changed(consistency_path(old, new, node))
            assert not verify_consistency(old, root(old), new, root(new), path)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_changed_byte_of_a_path_is_noticed(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    by = data.draw(st.integers(1, 255))

    def flipped(path: bytes) -> bytes:
        place = data.draw(st.integers(0, len(path) - 1))
        return path[:place] + bytes([path[place] ^ by]) + path[place + 1 :]

    path = flipped(inclusion_path(old, new, node))
    assert not verify_inclusion(LEAVES[old], old, new, path, root(new))
    path = flipped(consistency_path(old, new, node))
    assert not verify_consistency(old, root(old), new, root(new), path)


def test_a_log_with_another_past_is_no_extension() -> None:
    for new in range(2, 34):
        for old in range(1, new):
            path = consistency_path(old, new, node)
            assert not verify_consistency(old, LEAVES[0][::-1], new, root(new), path)
            assert not verify_consistency(old, root(old), new, LEAVES[0][::-1], path)


def test_the_empty_log_and_the_same_log_need_no_path_and_take_none() -> None:
    some = LEAVES[1]
    assert verify_consistency(0, EMPTY_ROOT, 5, root(5), b"")
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, b"")
    assert not verify_consistency(0, EMPTY_ROOT, 5, root(5), some)
    assert not verify_consistency(0, some, 5, root(5), b"")
    assert not verify_consistency(0, EMPTY_ROOT, 0, some, b"")
    assert verify_consistency(5, root(5), 5, root(5), b"")
    assert not verify_consistency(5, root(5), 5, root(5), some)
    assert not verify_consistency(5, root(5), 5, some, b"")


def test_a_log_that_shrank_extends_nothing() -> None:
    assert not verify_consistency(5, root(5), 4, root(4), b"")
    with pytest.raises(ValueError, match="does not extend"):
        consistency_path(5, 4, node)


def test_a_leaf_beyond_the_log_has_no_path() -> None:
    for index in (-1, 5):
        assert not verify_inclusion(LEAVES[0], index, 5, b"", root(5))
        with pytest.raises(ValueError, match="has no leaf"):
            inclusion_path(index, 5, node)


# ---- against an independent library


def test_an_independent_library_computes_the_same_roots_and_paths() -> None:
    told = json.loads(VECTORS.read_text())["vectors"]
    assert [vector["size"] for vector in told] == list(SIZES)
    for vector in told:
        size = vector["size"]
        inclusion = [inclusion_path(index, size, node) for index in range(size)]
        consistency = [consistency_path(old, size, node) for old in range(1, size)]
        assert hexed(root(size)) == vector["root"]
        assert hexed(keccak(b"".join(inclusion))) == vector["inclusion_digest"]
        assert hexed(keccak(b"".join(consistency))) == vector["consistency_digest"]
        if "inclusion" in vector:
            assert [hexed(path) for path in inclusion] == vector["inclusion"]
            assert [hexed(path) for path in consistency] == vector.get("consistency", [])


def hexed(data: bytes) -> str:
    return "0x" + data.hex()
