"""The log as a Merkle tree: leaves, frontier and root, as ``EntryLog`` computes them.

The shape is that of RFC 6962, section 2.1, with keccak-256 in place of SHA-256:
a leaf is hashed behind the byte 0x00, a node (left ‖ right) behind 0x01, and the root of n leaves
joins the largest complete subtree with the rest.

Proofs are those of its sections 2.1.1 (a leaf is in the log) and 2.1.2 (a log extends another),
checked by the procedures of RFC 9162, sections 2.1.3.2 and 2.1.4.2. A path is its hashes, 32 bytes
each, one after another, the lowest first.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ledger.hashing import keccak

#: The root of the empty log, as the contract has it.
EMPTY_ROOT = bytes(32)

#: The hash of a complete subtree by level and number: that of the leaves from number << level up
#: to (number + 1) << level. Level 0 are the leaves.
NodeReader = Callable[[int, int], bytes]

#: The roots of complete subtrees are kept at every so many levels; those between are computed.
KEPT_LEVELS: Final = 4


def signers_hash(signers: Iterable[bytes]) -> bytes:
    """The keccak-256 of the signers' 20-byte addresses, one word each, the author first."""
    return keccak(b"".join([signer.rjust(32, b"\0") for signer in signers]))


def leaf_hash(
    sequence: int,
    recorded_at: int,
    contract: bytes,
    digest: bytes,
    signers: Sequence[bytes],
    subjects: Sequence[bytes],
    previous: Sequence[bytes],
) -> bytes:
    """The leaf of an entry: what it binds stands in ``IEntryLog``.

    ``recorded_at`` is the block time; ``previous`` the head of each subject before this entry.
    """
    hashed = signers_hash(signers)
    return bare_leaf_hash(sequence, recorded_at, contract, digest, hashed, subjects, previous)


def bare_leaf_hash(
    sequence: int,
    recorded_at: int,
    contract: bytes,
    digest: bytes,
    signers: bytes,
    subjects: Sequence[bytes],
    previous: Sequence[bytes],
) -> bytes:
    """The same leaf where only the hash of the signers is known (:func:`signers_hash`)."""
    parts = [
        b"\0",
        sequence.to_bytes(32, "big"),
        recorded_at.to_bytes(32, "big"),
        contract.rjust(32, b"\0"),
        digest,
        signers,
        len(subjects).to_bytes(32, "big"),
    ]
    for subject, head in zip(subjects, previous, strict=True):
        parts += (subject, head)
    return keccak(b"".join(parts))


def node_hash(left: bytes, right: bytes) -> bytes:
    return keccak(b"\x01" + left + right)


class Frontier:
    """The complete subtrees of a growing log: all that is needed to append and to know the root.

    ``nodes[l]`` is the root of the complete subtree of 2**l leaves where bit l of ``size`` is set.
    ``completed`` lists what was completed here at every fourth level above the leaves: level,
    number and root.
    """

    def __init__(self, size: int = 0, nodes: dict[int, bytes] | None = None) -> None:
        self.size = size
        self.nodes = dict(nodes or {})
        self.completed: list[tuple[int, int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        level = 0
        while self.size >> level & 1:
            leaf = node_hash(self.nodes.pop(level), leaf)
            level += 1
            if level % KEPT_LEVELS == 0:
                self.completed.append((level, self.size >> level, leaf))
        self.nodes[level] = leaf
        self.size += 1

    def root(self) -> bytes:
        folded = b""
        for level in sorted(self.nodes):
            folded = node_hash(self.nodes[level], folded) if folded else self.nodes[level]
        return folded or EMPTY_ROOT


# --------------------------------------------------------------------------------------- proofs


def log_root(size: int, node: NodeReader) -> bytes:
    """The root of the log's first ``size`` leaves."""
    return _edge(0, 0, size, node) or EMPTY_ROOT


def inclusion_path(index: int, size: int, node: NodeReader) -> bytes:
    """The path from leaf ``index`` to the root of the log's first ``size`` leaves.

    Source: RFC 6962, section 2.1.1. ``ValueError`` unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a log of {size} leaves has no leaf {index}")
    return b"".join(_siblings(0, index, size, node))


def consistency_path(old: int, new: int, node: NodeReader) -> bytes:
    """The path that shows that the log of ``new`` leaves begins with that of ``old`` leaves.

    Source: RFC 6962, section 2.1.2. It is empty where there is nothing to show: for the empty log
    and for the same log. ``ValueError`` unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a log of {new} leaves does not extend one of {old}")
    if old in (0, new):
        return b""
    level, number = _last_subtree(old)
    path = _siblings(level, number, new, node)
    # A power of two is one subtree, whose root the reader holds: it is the old root.
    return b"".join([node(level, number), *path] if number else path)


def verify_inclusion(leaf: bytes, index: int, size: int, path: bytes, root: bytes) -> bool:
    """Whether the path leads from leaf ``index`` to the root of a log of ``size`` leaves.

    Source: RFC 9162, section 2.1.3.2. A path of another length is refused.
    """
    if not 0 <= index < size or len(path) % 32:
        return False
    folded, number, last = leaf, index, size - 1
    for sibling in _hashes(path):
        if last == 0:
            return False
        if number & 1 or number == last:
            # The nodes at the right edge without a sibling are passed on to the level above.
            while not number & 1:
                number >>= 1
                last >>= 1
            folded = node_hash(sibling, folded)
        else:
            folded = node_hash(folded, sibling)
        number >>= 1
        last >>= 1
    return last == 0 and folded == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: bytes
) -> bool:
    """Whether the path shows that the new log begins with the old one.

    Source: RFC 9162, section 2.1.4.2. Every log extends the empty one, and each log itself: with an
    empty path, and with no other. A path of another length is refused.
    """
    if not 0 <= old_size <= new_size or len(path) % 32:
        return False
    if old_size == 0:
        empty = new_root == EMPTY_ROOT if new_size == 0 else True
        return not path and old_root == EMPTY_ROOT and empty
    if old_size == new_size:
        return not path and old_root == new_root
    level, number = _last_subtree(old_size)
    last = (new_size - 1) >> level
    hashes = _hashes(path)
    if number == 0:
        hashes = [old_root, *hashes]
    if not hashes:
        return False
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            while not number & 1:
                number >>= 1
                last >>= 1
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
        number >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


def _last_subtree(size: int) -> tuple[int, int]:
    """Level and number of the smallest complete subtree at the right edge of a log."""
    level = (size & -size).bit_length() - 1
    return level, (size >> level) - 1


def _siblings(level: int, number: int, size: int, node: NodeReader) -> list[bytes]:
    """What is missing from a complete subtree to the root of the log, the lowest first."""
    found = []
    last = (size - 1) >> level
    while last:
        sibling = number ^ 1
        if sibling < last:
            found.append(node(level, sibling))
        elif sibling == last:
            found.append(_edge(level, sibling, size, node))
        number >>= 1
        last >>= 1
        level += 1
    return found


def _edge(level: int, number: int, size: int, node: NodeReader) -> bytes:
    """The root of the leaves from number << level to the end of the log; 2**level at most."""
    end, rest = size, size - (number << level)
    folded = b""
    while rest:
        step = (rest & -rest).bit_length() - 1
        end -= 1 << step
        complete = node(step, end >> step)
        folded = node_hash(complete, folded) if folded else complete
        rest -= 1 << step
    return folded


def _hashes(path: bytes) -> list[bytes]:
    return [path[start : start + 32] for start in range(0, len(path), 32)]
