"""Headers and seals: real IBFT blocks, and chains sealed here by known keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
import rlp

from ledger.errors import EvidenceError
from ledger.ethereum import EMPTY_UNCLES, encode, integer
from ledger.evidence.headers import (
    BFT_MIX,
    Header,
    check_clique,
    check_ibft,
    check_qbft,
    quorum,
)
from ledger.hashing import keccak
from ledger.signing import Signer
from tests.support.ledger import key
from tests.support.shared import SHARED

SIGNERS = sorted((key(f"signer {n}") for n in range(5)), key=lambda s: s.address)
ADDRESSES = [s.address for s in SIGNERS]
STRANGER = key("a stranger")


def seal(signer: Signer, digest: bytes) -> bytes:
    """r ‖ s ‖ v, as engines write it."""
    compact = signer.sign_digest(digest)
    vs = int.from_bytes(compact[32:], "big")
    plain = (vs & ((1 << 255) - 1)).to_bytes(32, "big")
    return compact[:32] + plain + bytes((vs >> 255,))


def fields(number: int, parent: bytes = bytes(32)) -> list[bytes]:
    """A header of London without seals."""
    return [
        parent, EMPTY_UNCLES, bytes(20), b"\1" * 32, b"\2" * 32, b"\3" * 32, bytes(256),
        b"\1", integer(number), integer(30_000_000), b"", integer(1_000 + number), bytes(32),
        bytes(32), bytes(8), b"\7",
    ]  # fmt: skip


# --------------------------------------------------------------------------------- real blocks


def blocks() -> list[Header]:
    """101 blocks of a real chain with five validators, which others made."""
    if SHARED is None or not (SHARED / "conformance" / "bft-blocks").is_dir():
        pytest.skip("the real IBFT blocks are not beside this repository (../shared)")
    data = (SHARED / "conformance" / "bft-blocks" / "ibft.blocks").read_bytes()
    found = []
    while data:
        block = rlp.decode(data, strict=False)
        found.append(Header.parse(rlp.encode(block[0]), "ibft"))
        data = data[len(rlp.encode(block)) :]
    return found


def validators_of(header: Header) -> list[bytes]:
    return sorted(rlp.decode(header.fields[12][32:])[0])


def test_real_blocks_follow_each_other_and_are_sealed() -> None:
    chain = blocks()
    assert [header.number for header in chain] == list(range(101))
    validators = validators_of(chain[0])
    assert len(validators) == 5
    for before, header in pairwise(chain):
        assert header.fields[0] == before.hash
        check_ibft(header, validators)


def test_a_real_block_is_not_sealed_by_others_nor_under_another_state() -> None:
    header = blocks()[50]
    validators = validators_of(header)
    with pytest.raises(EvidenceError) as refused:
        check_ibft(header, validators[:4])
    assert refused.value.code == "seal.key"
    changed = [*header.fields]
    changed[3] = bytes(32)
    with pytest.raises(EvidenceError) as refused:
        check_ibft(Header.parse(encode(changed), "ibft"), validators)
    assert refused.value.code in ("seal.key", "seal.signature")


# ------------------------------------------------------------------------------------- clique


def clique(signer: Signer, of: Sequence[bytes], listed: bytes = b"") -> bytes:
    """The header, sealed (EIP-225)."""
    made = list(of)
    made[12] = bytes(32) + listed
    return encode([*made[:12], made[12] + seal(signer, keccak(encode(made))), *made[13:]])


@dataclass(frozen=True)
class Sealed:
    """A sealed header with those that follow it, each by the signer whose turn it is."""

    headers: tuple[bytes, ...]

    @classmethod
    def chain(cls, count: int = 3, first: int = 10) -> "Sealed":
        return cls(()).then(count, first)

    def then(self, count: int, first: int) -> "Sealed":
        made = list(self.headers)
        for number in range(first, first + count):
            parent = keccak(made[-1]) if made else bytes(32)
            at = fields(number, parent)
            at[7] = b"\2"
            made.append(clique(SIGNERS[number % 5], at))
        return Sealed(tuple(made))

    def with_last(self, change: Callable[[list[bytes]], None], signer: Signer) -> "Sealed":
        """The last header changed and sealed anew by this signer."""
        at = list(rlp.decode(self.headers[-1]))
        at[12] = bytes(32)
        change(at)
        return replace(self, headers=(*self.headers[:-1], clique(signer, at)))

    def code(self) -> str | None:
        first, *others = self.headers
        try:
            check_clique(Header.parse(first, "clique"), others, ADDRESSES)
        except EvidenceError as error:
            return error.code
        return None


def put(place: int, value: bytes) -> Callable[[list[bytes]], None]:
    def change(at: list[bytes]) -> None:
        at[place] = value

    return change


def test_more_than_half_of_the_signers_make_a_block_final() -> None:
    assert Sealed.chain(3).code() is None
    assert Sealed.chain(5).code() is None
    assert Sealed.chain(2).code() == "seal.quorum"
    assert Sealed.chain(1).code() == "seal.quorum"


@pytest.mark.parametrize(
    ("change", "signer", "expected"),
    [
        (put(0, bytes(32)), SIGNERS[2], "seal.signature"),  # another parent
        (put(8, integer(13)), SIGNERS[3], "seal.signature"),  # a number left out
        (put(11, integer(999)), SIGNERS[2], "seal.signature"),  # back in time
        (put(1, bytes(32)), SIGNERS[2], "seal.signature"),  # uncles
        (put(13, b"\1" * 32), SIGNERS[2], "seal.signature"),  # a mix hash
        (put(14, b"\1" * 8), SIGNERS[2], "seal.signature"),  # no vote
        (put(7, b"\1"), SIGNERS[2], "seal.signature"),  # in turn, but not said so
        (put(7, b"\2"), SIGNERS[3], "seal.signature"),  # out of turn, but said so
        (put(7, b"\1"), SIGNERS[1], "seal.signature"),  # sealed the one before
        (put(7, b"\1"), STRANGER, "seal.key"),
    ],
)
def test_a_header_that_breaks_a_rule_of_clique_seals_nothing(
    change: Callable[[list[bytes]], None], signer: Signer, expected: str
) -> None:
    assert Sealed.chain(3).with_last(change, signer).code() == expected


def test_a_signer_out_of_turn_counts() -> None:
    assert Sealed.chain(3).with_last(put(7, b"\1"), SIGNERS[4]).code() is None


def test_a_header_that_lists_the_signers_lists_those_of_the_anchors() -> None:
    at = fields(10)
    at[7] = b"\2"
    good = Sealed((clique(SIGNERS[0], at, b"".join(ADDRESSES)),)).then(2, 11)
    assert good.code() is None
    other = Sealed((clique(SIGNERS[0], at, b"".join(ADDRESSES[:4])),)).then(2, 11)
    assert other.code() == "seal.key"


def test_a_header_without_a_seal_seals_nothing() -> None:
    at = fields(10)
    assert Sealed((encode(at),)).code() == "seal.signature"
    assert Sealed((*Sealed.chain(3).headers[:2], b"\xc0")).code() == "seal.signature"


def test_one_signer_alone_is_enough_for_itself() -> None:
    at = fields(10)
    at[7] = b"\2"
    header = Header.parse(clique(SIGNERS[0], at), "clique")
    check_clique(header, [], ADDRESSES[:1])


# --------------------------------------------------------------------------------- qbft, ibft


def qbft(
    sealers: Sequence[Signer],
    *,
    listed: Sequence[bytes] = ADDRESSES,
    rounds: int = 3,
    miner: bytes = ADDRESSES[0],
    mix: bytes = BFT_MIX,
) -> Header:
    at = fields(10)
    at[2], at[13] = miner, mix
    extra = [bytes(32), list(listed), [], integer(rounds)]
    at[12] = encode([*extra, []])
    digest = keccak(encode(at))
    at[12] = encode([*extra, [seal(s, digest) for s in sealers]])
    return Header.parse(encode(at), "qbft")


def ibft(sealers: Sequence[Signer], proposer: Signer = SIGNERS[0]) -> Header:
    at = fields(10)
    at[13] = BFT_MIX
    at[12] = bytes(32) + encode([ADDRESSES, b"", []])
    proposed = seal(proposer, keccak(keccak(encode(at))))
    at[12] = bytes(32) + encode([ADDRESSES, proposed, []])
    digest = keccak(keccak(encode(at)) + b"\2")
    at[12] = bytes(32) + encode([ADDRESSES, proposed, [seal(s, digest) for s in sealers]])
    return Header.parse(encode(at), "ibft")


def refusal(check: Callable[[], None]) -> str | None:
    try:
        check()
    except EvidenceError as error:
        return error.code
    return None


def test_two_thirds_of_the_validators_commit() -> None:
    assert [quorum(n) for n in (1, 2, 3, 4, 5, 6, 7, 10)] == [1, 2, 2, 3, 4, 4, 5, 7]


def test_a_block_has_the_same_hash_whatever_its_round_and_seals() -> None:
    assert qbft(SIGNERS, rounds=0).hash == qbft(SIGNERS[:4], rounds=7).hash
    assert ibft(SIGNERS).hash == ibft(SIGNERS[:4]).hash


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (qbft(SIGNERS), None),
        (qbft(SIGNERS[1:]), None),
        (qbft(SIGNERS, listed=()), None),
        (qbft(SIGNERS[:3]), "seal.quorum"),
        (qbft([*SIGNERS[:3], SIGNERS[0]]), "seal.signature"),
        (qbft([*SIGNERS, STRANGER]), "seal.key"),
        (qbft(SIGNERS, listed=ADDRESSES[:4]), "seal.key"),
        (qbft(SIGNERS, miner=STRANGER.address), "seal.key"),
        (qbft(SIGNERS, mix=bytes(32)), "seal.signature"),
    ],
)
def test_a_qbft_block_is_sealed_by_its_rule(header: Header, expected: str | None) -> None:
    assert refusal(lambda: check_qbft(header, ADDRESSES)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (ibft(SIGNERS), None),
        (ibft(SIGNERS[1:]), None),
        (ibft(SIGNERS[:3]), "seal.quorum"),
        (ibft([*SIGNERS[:4], SIGNERS[0]]), "seal.signature"),
        (ibft([*SIGNERS, STRANGER]), "seal.key"),
        (ibft(SIGNERS, STRANGER), "seal.key"),
    ],
)
def test_an_ibft_block_is_sealed_by_its_rule(header: Header, expected: str | None) -> None:
    assert refusal(lambda: check_ibft(header, ADDRESSES)) == expected


def test_the_seals_of_another_round_are_others() -> None:
    sealed, other = qbft(SIGNERS, rounds=1), qbft(SIGNERS, rounds=2)
    vanity, validators, vote, _, seals = rlp.decode(sealed.fields[12])
    moved = list(other.fields)
    moved[12] = encode([vanity, validators, vote, b"\2", seals])
    header = Header.parse(encode(moved), "qbft")
    assert header.hash == sealed.hash
    assert refusal(lambda: check_qbft(header, ADDRESSES)) == "seal.key"


@pytest.mark.parametrize("rule", ["qbft", "ibft"])
@pytest.mark.parametrize("extra", [b"", bytes(32), bytes(40), b"\xc0", bytes(32) + b"\xc0"])
def test_extra_data_of_another_form_is_malformed(rule: str, extra: bytes) -> None:
    at = fields(10)
    at[12] = extra
    with pytest.raises(EvidenceError) as refused:
        Header.parse(encode(at), rule)
    assert refused.value.code == "header.malformed"
