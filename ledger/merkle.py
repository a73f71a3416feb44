"""The log as a Merkle tree: leaves, frontier and root, as ``EntryLog`` computes them.

The shape is that of RFC 6962, section 2.1, with keccak-256 in place of SHA-256:
a leaf is hashed behind the byte 0x00, a node (left ‖ right) behind 0x01, and the root of n leaves
joins the largest complete subtree with the rest.
"""

from collections.abc import Iterable, Sequence

from ledger.hashing import keccak

#: The root of the empty log, as the contract has it.
EMPTY_ROOT = bytes(32)


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
    parts = [
        b"\0",
        sequence.to_bytes(32, "big"),
        recorded_at.to_bytes(32, "big"),
        contract.rjust(32, b"\0"),
        digest,
        signers_hash(signers),
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
    """

    def __init__(self, size: int = 0, nodes: dict[int, bytes] | None = None) -> None:
        self.size = size
        self.nodes = dict(nodes or {})

    def append(self, leaf: bytes) -> None:
        level = 0
        while self.size >> level & 1:
            leaf = node_hash(self.nodes.pop(level), leaf)
            level += 1
        self.nodes[level] = leaf
        self.size += 1

    def root(self) -> bytes:
        folded = b""
        for level in sorted(self.nodes):
            folded = node_hash(self.nodes[level], folded) if folded else self.nodes[level]
        return folded or EMPTY_ROOT
