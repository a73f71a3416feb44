"""RLP, tries, blooms and transactions, held against the libraries that everybody uses."""

import pytest
import rlp
from eth_bloom.bloom import BloomFilter
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from ledger.ethereum import (
    EMPTY_ROOT,
    Node,
    Trie,
    bloom,
    decode,
    encode,
    integer,
    may_contain,
    ordered_root,
    sealed_header,
    transaction_chain_id,
)
from tests.support.chains import Sender

items = st.recursive(st.binary(max_size=70), lambda inner: st.lists(inner, max_size=20))


@given(items)
def test_rlp_is_what_the_library_makes_and_reads_back(item: Node) -> None:
    raw = encode(item)
    assert raw == rlp.encode(item)
    assert decode(raw) == item


@given(st.binary(max_size=80))
def test_only_canonical_rlp_is_read(raw: bytes) -> None:
    try:
        expected = rlp.decode(raw, strict=True)
    except rlp.exceptions.DecodingError:
        with pytest.raises(ValueError, match=r"RLP|end"):
            decode(raw)
    else:
        assert decode(raw) == expected


# Few distinct keys with long common beginnings, so that branches collapse and paths split.
keys = st.binary(min_size=3, max_size=3).map(lambda b: bytes(x & 0x11 for x in b))
values = st.one_of(st.just(b""), st.binary(min_size=1, max_size=4), st.just(b"v" * 40))
batches = st.lists(st.dictionaries(keys, values, max_size=12), min_size=1, max_size=6)


@given(batches)
def test_a_trie_changed_by_batches_has_the_root_of_the_libraries_trie(
    changes: list[dict[bytes, bytes]],
) -> None:
    nodes: dict[bytes, Node] = {}
    ours = Trie(nodes.__getitem__)
    theirs = HexaryTrie({})
    root = EMPTY_ROOT
    content: dict[bytes, bytes] = {}
    for batch in changes:
        root, made = ours.update(root, batch)
        nodes.update(made)
        for key, value in batch.items():
            theirs[key] = value
            content[key] = value
        assert root == theirs.root_hash
        for key, value in content.items():
            assert ours.get(root, key) == value


@given(batches, keys)
def test_a_trie_proof_convinces_the_library_of_presence_and_of_absence(
    changes: list[dict[bytes, bytes]], asked: bytes
) -> None:
    nodes: dict[bytes, Node] = {}
    trie = Trie(nodes.__getitem__)
    root = EMPTY_ROOT
    for batch in changes:
        root, made = trie.update(root, batch)
        nodes.update(made)
    if root == EMPTY_ROOT:
        assert trie.prove(root, asked) == ()
        return
    proof = [rlp.decode(node) for node in trie.prove(root, asked)]
    found = HexaryTrie.get_from_proof(root, asked, proof)  # type: ignore[no-untyped-call]
    assert found == trie.get(root, asked)


@pytest.mark.parametrize("count", [0, 1, 2, 17, 127, 128, 129, 300])
def test_the_root_of_a_blocks_receipts_is_the_libraries(count: int) -> None:
    theirs = HexaryTrie({})
    values = [bytes([i % 251]) * (i % 90 + 1) for i in range(count)]
    for i, value in enumerate(values):
        theirs[rlp.encode(i)] = value
    assert ordered_root(values) == theirs.root_hash


@given(st.lists(st.tuples(st.binary(min_size=20, max_size=20), st.lists(st.binary(min_size=32,
       max_size=32), max_size=4)), max_size=5))  # fmt: skip
def test_the_bloom_filter_is_the_libraries(logs: list[tuple[bytes, list[bytes]]]) -> None:
    theirs = BloomFilter()
    for address, topics in logs:
        for word in (address, *topics):
            theirs.add(word)
    assert bloom(logs) == int(theirs)
    for address, _ in logs:
        assert may_contain(bloom(logs), address)
    assert not may_contain(0, b"\x01" * 20)


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_chain_that_a_transaction_names_is_read_from_its_bytes(kind: int) -> None:
    changes: dict[str, int | None] = {}
    if kind < 2:
        changes = {"gasPrice": 0, "maxFeePerGas": None, "maxPriorityFeePerGas": None}
        changes["type"] = kind or None
    assert transaction_chain_id(Sender(chain_id=77).sign(b"\x01" * 20, b"", **changes)) == 77


@pytest.mark.parametrize("raw", [b"", b"\x02", b"\x03\xc0", b"\xc0", b"\x7f", b"\x02\xc1\xc0"])
def test_what_is_no_transaction_is_not_read_as_one(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"transaction|RLP"):
        transaction_chain_id(raw)


def test_a_qbft_header_is_hashed_without_round_and_seals() -> None:
    validators = [b"\x11" * 20, b"\x22" * 20]
    sealed = encode([bytes(32), validators, b"", integer(3), [b"\x01" * 65, b"\x02" * 65]])
    bare = encode([bytes(32), validators, b"", b"", []])
    header = [bytes([i]) for i in range(16)]
    with_seals = [*header[:12], sealed, *header[13:]]
    assert sealed_header(with_seals, "qbft") == encode([*header[:12], bare, *header[13:]])
    assert sealed_header(with_seals, "keccak") == encode(with_seals)
    genesis = [*with_seals[:8], b"", *with_seals[9:]]
    assert sealed_header(genesis, "qbft") == encode(genesis)
    assert keccak(sealed_header(genesis, "qbft")) != keccak(sealed_header(with_seals, "qbft"))
