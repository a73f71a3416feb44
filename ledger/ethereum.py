"""The bytes Ethereum hashes: RLP, tries, blooms, receipts, headers.

Both gateways need them: the embedded chain to make blocks, the JSON-RPC gateway to check what a
node says against the block's hash (R12). Written for speed where it matters: the embedded
chain's throughput rests on :func:`encode`, :func:`decode` and :class:`Trie`.

Sources: Ethereum Yellow Paper (Shanghai version) appendices B (RLP), C (hex-prefix), D (trie);
section 4.4.1 (receipts), 4.4.3 (bloom); EIP-2718 (typed receipts); EIP-1559, 4895, 4844, 4788 and
7685 (later header fields).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ledger.hashing import keccak

#: What RLP carries: bytes or a (nested) list of such. Not expressible exactly without recursion.
Item: TypeAlias = Any

EMPTY_ROOT: Final = keccak(b"\x80")
EMPTY_CODE: Final = keccak(b"")
EMPTY_UNCLES: Final = keccak(b"\xc0")


# --------------------------------------------------------------------------------------- RLP


def encode(item: Item) -> bytes:
    """RLP of bytes, or of a list or tuple of such."""
    if isinstance(item, bytes):
        size = len(item)
        if size == 1 and item[0] < 0x80:
            return item
        if size < 56:
            return bytes((0x80 + size,)) + item
        return _length(size, 0xB7) + item
    payload = b"".join(map(encode, item))
    size = len(payload)
    if size < 56:
        return bytes((0xC0 + size,)) + payload
    return _length(size, 0xF7) + payload


def _length(size: int, offset: int) -> bytes:
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((offset + len(digits),)) + digits


def decode(data: bytes) -> Item:
    """The inverse of :func:`encode`; raises ``ValueError`` for anything but canonical RLP."""
    item, end = _decode(data, 0, len(data))
    if end != len(data):
        raise ValueError("bytes after the end of the RLP item")
    return item


def _decode(data: bytes, start: int, limit: int) -> tuple[Item, int]:
    if start >= limit:
        raise ValueError("RLP ends early")
    first = data[start]
    if first < 0x80:
        return data[start : start + 1], start + 1
    is_list = first >= 0xC0
    size = first - (0xC0 if is_list else 0x80)
    begin = start + 1
    if size > 55:
        width = size - 55
        size = int.from_bytes(data[begin : begin + width], "big")
        if size < 56 or begin + width > limit or data[begin] == 0:
            raise ValueError("RLP length is not canonical")
        begin += width
    end = begin + size
    if end > limit:
        raise ValueError("RLP ends early")
    if not is_list:
        if size == 1 and data[begin] < 0x80:
            raise ValueError("RLP of a single byte is not canonical")
        return data[begin:end], end
    items = []
    while begin < end:
        item, begin = _decode(data, begin, end)
        items.append(item)
    return items, end


def integer(value: int) -> bytes:
    """The bytes RLP keeps of a non-negative integer: big-endian without leading zeros."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


# -------------------------------------------------------------------------------------- trie

#: A node as decoded RLP: 17 items (branch), 2 items (leaf or extension), or b"" for nothing.
Node: TypeAlias = Any

_NIBBLES: Final = tuple(bytes((b >> 4, b & 15)) for b in range(256))


def nibbles(key: bytes) -> bytes:
    """The key as half-bytes, one per byte."""
    return b"".join([_NIBBLES[b] for b in key])


def _pack(path: bytes, leaf: bool) -> bytes:
    """Hex-prefix encoding of a path of half-bytes."""
    flag = 2 if leaf else 0
    padded = bytes((flag + 1,)) + path if len(path) & 1 else bytes((flag, 0)) + path
    return bytes([(a << 4) | b for a, b in zip(padded[::2], padded[1::2], strict=True)])


def _unpack(packed: bytes) -> tuple[bytes, bool]:
    path = nibbles(packed)
    return path[1 if path[0] & 1 else 2 :], path[0] >= 2


def _common(left: bytes, right: bytes) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count


class Trie:
    """A Merkle-Patricia trie that is changed by whole batches.

    Every touched node is decoded, encoded and hashed once per batch, however many keys pass
    through it. Nodes are content-addressed: nothing is ever deleted, so old roots stay readable.
    ``load`` gives the decoded node of a hash; new nodes come out of :meth:`update`. Keys must
    be free of prefixes of one another (equal length, or RLP integers).
    """

    def __init__(self, load: Callable[[bytes], Node]) -> None:
        self._load = load

    def get(self, root: bytes, key: bytes) -> bytes:
        """The value, or ``b""`` if there is none."""
        if root == EMPTY_ROOT:
            return b""
        path = nibbles(key)
        node = self._load(root)
        at = 0
        while node:
            if len(node) == 17:
                child = node[path[at]]
                at += 1
            else:
                part, leaf = _unpack(node[0])
                if leaf:
                    return bytes(node[1]) if part == path[at:] else b""
                if path[at : at + len(part)] != part:
                    return b""
                at += len(part)
                child = node[1]
            node = self._open(child)
        return b""

    def prove(self, root: bytes, key: bytes) -> tuple[bytes, ...]:
        """The RLP of the nodes on the way to the key, root first; they prove absence, too.

        A node that stands inside its parent (shorter than 32 bytes) is not listed again.
        """
        if root == EMPTY_ROOT:
            return ()
        path = nibbles(key)
        reference: Node = root
        at = 0
        proof = []
        while reference:
            node = self._open(reference)
            if isinstance(reference, bytes):
                proof.append(encode(node))
            if len(node) == 17:
                reference = node[path[at]]
                at += 1
            else:
                part, leaf = _unpack(node[0])
                if leaf or path[at : at + len(part)] != part:
                    break
                at += len(part)
                reference = node[1]
        return tuple(proof)

    def update(
        self, root: bytes, changes: Mapping[bytes, bytes]
    ) -> tuple[bytes, dict[bytes, Node]]:
        """Set (or with ``b""`` remove) all keys; the new root and the new nodes by hash."""
        made: dict[bytes, Node] = {}
        items = sorted((nibbles(key), value) for key, value in changes.items())
        top = self._put(b"" if root == EMPTY_ROOT else self._load(root), items, 0, made)
        if not top:
            return EMPTY_ROOT, made
        digest = keccak(encode(top))
        made[digest] = top
        return digest, made

    def _open(self, reference: Node) -> Node:
        if isinstance(reference, bytes) and reference:
            return self._load(reference)
        return reference

    def _put(
        self, node: Node, items: list[tuple[bytes, bytes]], at: int, made: dict[bytes, Node]
    ) -> Node:
        """The node after the changes, not yet hashed; the first ``at`` half-bytes are passed."""
        if not items:
            return node
        if not node:
            return self._grow([i for i in items if i[1]], at, made)
        if len(node) == 17:
            return self._put_branch(node, items, at, made)
        part, leaf = _unpack(node[0])
        if leaf:
            key = items[0][0][:at] + part
            merged = {key: node[1], **dict(items)}
            return self._grow(sorted(i for i in merged.items() if i[1]), at, made)
        split = len(part)
        for key, value in items:
            fork = _common(part, key[at:])
            if fork < split and value:
                split = fork
        if split == len(part):
            inside = [i for i in items if i[0].startswith(part, at)]
            child = self._put(self._open(node[1]), inside, at + len(part), made)
            return self._extend(part, child, made)
        branch: list[Node] = [b""] * 17
        rest = part[split + 1 :]
        branch[part[split]] = [_pack(rest, False), node[1]] if rest else self._open(node[1])
        return self._extend(
            part[:split],
            self._put_branch(
                branch, [i for i in items if i[0].startswith(part[:split], at)], at + split, made
            ),
            made,
        )

    def _put_branch(
        self, node: Node, items: list[tuple[bytes, bytes]], at: int, made: dict[bytes, Node]
    ) -> Node:
        children: list[Node] = list(node)
        groups: dict[int, list[tuple[bytes, bytes]]] = {}
        for item in items:
            groups.setdefault(item[0][at], []).append(item)
        for digit, group in groups.items():
            children[digit] = self._put(self._open(children[digit]), group, at + 1, made)
        left = [digit for digit in range(16) if children[digit]]
        if not left:
            return b""
        if len(left) == 1:
            return self._extend(bytes(left), self._open(children[left[0]]), made)
        for digit in left:
            children[digit] = self._seal(children[digit], made)
        return children

    def _grow(self, items: list[tuple[bytes, bytes]], at: int, made: dict[bytes, Node]) -> Node:
        """A new subtree of these (sorted, non-empty) values."""
        if not items:
            return b""
        first, value = items[0]
        if len(items) == 1:
            return [_pack(first[at:], True), value]
        shared = _common(first[at:], items[-1][0][at:])
        branch: list[Node] = [b""] * 17
        return self._extend(
            first[at : at + shared], self._put_branch(branch, items, at + shared, made), made
        )

    def _extend(self, part: bytes, child: Node, made: dict[bytes, Node]) -> Node:
        """Put a path before a node, joining it with the node's own path if it has one."""
        if not part or not child:
            return child
        if len(child) == 17:
            return [_pack(part, False), self._seal(child, made)]
        rest, leaf = _unpack(child[0])
        return [_pack(part + rest, leaf), child[1]]

    @staticmethod
    def _seal(node: Node, made: dict[bytes, Node]) -> Node:
        """The reference to a node: its hash, or the node itself if shorter than 32 bytes."""
        if isinstance(node, bytes):
            return node
        raw = encode(node)
        if len(raw) < 32:
            return node
        digest = keccak(raw)
        made[digest] = node
        return digest


def _no_node(digest: bytes) -> Node:
    raise KeyError(digest)


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The root of the trie of a block's transactions or receipts, by RLP of their index."""
    changes = {encode(integer(i)): value for i, value in enumerate(values)}
    return Trie(_no_node).update(EMPTY_ROOT, changes)[0]


# ----------------------------------------------------------------------- blooms and receipts

_bloom_bits: dict[bytes, int] = {}


def _bits(word: bytes) -> int:
    bits = _bloom_bits.get(word)
    if bits is None:
        digest = keccak(word)
        bits = 0
        for i in (0, 2, 4):
            bits |= 1 << (int.from_bytes(digest[i : i + 2], "big") & 2047)
        if len(_bloom_bits) > 4096:
            _bloom_bits.clear()
        _bloom_bits[word] = bits
    return bits


def bloom(logs: Iterable[tuple[bytes, Sequence[bytes]]]) -> int:
    """The bloom filter over (address, topics) of events, as a 2048-bit integer."""
    bits = 0
    for address, topics in logs:
        bits |= _bits(address)
        for topic in topics:
            bits |= _bits(topic)
    return bits


def may_contain(filter_bits: int, address: bytes) -> bool:
    """False if certainly no event of this address is in the block."""
    bits = _bits(address)
    return filter_bits & bits == bits


def receipt_bytes(
    kind: int,
    succeeded: bool,
    cumulative_gas: int,
    logs: Sequence[tuple[bytes, Sequence[bytes], bytes]],
) -> bytes:
    """What stands in the receipts trie; ``kind`` is the transaction's type (0: legacy)."""
    body = encode(
        [
            b"\x01" if succeeded else b"",
            integer(cumulative_gas),
            bloom((address, topics) for address, topics, _ in logs).to_bytes(256, "big"),
            [[address, list(topics), data] for address, topics, data in logs],
        ]
    )
    return bytes((kind,)) + body if kind else body


# ----------------------------------------------------------------------------------- headers


def sealed_header(fields: Sequence[bytes], rule: str) -> bytes:
    """The RLP of a header in the form whose keccak-256 is the block's hash.

    ``rule`` ``keccak``: as it stands. ``qbft``: with round 0 and without the commit seals in
    ``extraData`` (field 12), except for the genesis block (QBFT specification, EEA).
    """
    if rule == "qbft" and fields[8]:
        vanity, validators, vote = decode(fields[12])[:3]
        extra = encode([vanity, validators, vote, b"", []])
        fields = [*fields[:12], extra, *fields[13:]]
    return encode(list(fields))


# ------------------------------------------------------------------------------ transactions


def transaction_chain_id(raw: bytes) -> int | None:
    """The chain a signed transaction is for; None for one that any chain would take.

    Reads types 1 and 2 (EIP-2930, EIP-1559) and legacy ones (EIP-155: the id stands in ``v``);
    raises ``ValueError`` for anything else.
    """
    kind = raw[0] if raw else 0
    if kind in (1, 2):
        fields = decode(raw[1:])
        if isinstance(fields, list) and len(fields) == 10 + kind and isinstance(fields[0], bytes):
            return int.from_bytes(fields[0], "big")
    elif kind >= 0xC0:
        fields = decode(raw)
        if len(fields) == 9 and isinstance(fields[6], bytes):
            v = int.from_bytes(fields[6], "big")
            return (v - 35) // 2 if v >= 35 else None
    raise ValueError("not a transaction of type 0, 1 or 2")


def contract_address(sender: bytes, nonce: int) -> bytes:
    """Where a contract created by this sender's transaction comes to stand."""
    return keccak(encode([sender, integer(nonce)]))[12:]
