"""State proofs: a pool of trie nodes, walked from a root by hash.

Source: Ethereum Yellow Paper (Shanghai version), appendices C (hex-prefix encoding) and D (trie),
and section 4.1 (accounts). Keys of state and storage tries are keccak-256 of what they stand for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.errors import EvidenceError
from ledger.ethereum import EMPTY_CODE, EMPTY_ROOT, decode, nibbles
from ledger.hashing import keccak


@dataclass(frozen=True, slots=True)
class Account:
    """What the state has of an account, as far as evidence needs it. An account that is not there
    has no storage and no code."""

    storage_root: bytes
    code_hash: bytes


class NodePool:
    """The nodes that some walks pass, each once, in the order of the first visit.

    A node that is not the next one when it is first needed, or is malformed, is
    :class:`EvidenceError` with the code ``state.node``; so is one that is left over
    (:meth:`finish`). Absence is proved, too: the walk ends where the key would have gone on.
    """

    def __init__(self, nodes: Sequence[bytes]) -> None:
        self._nodes = nodes
        self._next = 0
        self._visited: dict[bytes, Any] = {}

    def account(self, state_root: bytes, address: bytes) -> Account:
        """The account at this address (20 bytes)."""
        raw = self.get(state_root, keccak(address))
        if not raw:
            return Account(EMPTY_ROOT, EMPTY_CODE)
        match _decoded(raw):
            case [bytes(), bytes(), bytes(storage_root), bytes(code_hash)]:
                return Account(storage_root, code_hash)
        raise _wrong("an account is malformed")

    def storage(self, storage_root: bytes, slot: int) -> int:
        """The word in a storage slot, 0 where none is kept."""
        raw = self.get(storage_root, keccak(slot.to_bytes(32, "big")))
        if not raw:
            return 0
        value = _decoded(raw)
        if not isinstance(value, bytes) or not 0 < len(value) <= 32 or value[0] == 0:
            raise _wrong("a word of the storage is malformed")
        return int.from_bytes(value, "big")

    def get(self, root: bytes, key: bytes) -> bytes:
        """The value under the key (32 bytes), or ``b""`` if there is none."""
        if root == EMPTY_ROOT:
            return b""
        path = nibbles(key)
        node, at = self._node(root), 0
        while True:
            if len(node) == 17:
                if at == len(path):
                    raise _wrong("a branch stands behind the end of the key")
                reference, at = node[path[at]], at + 1
            else:
                part, leaf = _unpacked(node[0])
                if leaf:
                    return _value(node[1]) if part == path[at:] else b""
                if path[at : at + len(part)] != part:
                    return b""
                reference, at = node[1], at + len(part)
            if not reference:
                return b""
            node = _formed(reference) if isinstance(reference, list) else self._node(reference)

    def finish(self) -> None:
        """That every node was needed."""
        if self._next < len(self._nodes):
            raise _wrong(f"node {self._next} is not needed where it stands")

    def _node(self, digest: bytes) -> Any:
        node = self._visited.get(digest)
        if node is None:
            if self._next == len(self._nodes):
                raise _wrong("a node is missing")
            raw = self._nodes[self._next]
            if keccak(raw) != digest:
                raise _wrong(f"node {self._next} is not the one that is needed next")
            self._next += 1
            node = self._visited[digest] = _formed(_decoded(raw))
        return node


def _decoded(raw: bytes) -> Any:
    try:
        return decode(raw)
    except (ValueError, RecursionError):
        raise _wrong("it is not canonical RLP") from None


def _formed(node: Any) -> Any:
    """That it is a branch (17 items), or a leaf or an extension (2, the first a path)."""
    if not isinstance(node, list) or len(node) not in (2, 17):
        raise _wrong("a node is malformed")
    if len(node) == 2 and not isinstance(node[0], bytes):
        raise _wrong("a node has no path")
    return node


def _unpacked(packed: bytes) -> tuple[bytes, bool]:
    """The half-bytes of a hex-prefix path, and whether it is a leaf's."""
    path = nibbles(packed)
    if not path or path[0] > 3 or (not path[0] & 1 and path[1]):
        raise _wrong("a path is malformed")
    part = path[1 if path[0] & 1 else 2 :]
    if path[0] < 2 and not part:
        raise _wrong("an extension has no path")
    return part, path[0] >= 2


def _value(value: Any) -> bytes:
    if not isinstance(value, bytes) or not value:
        raise _wrong("a leaf has no value")
    return value


def _wrong(message: str) -> EvidenceError:
    return EvidenceError(message, code="state.node")
