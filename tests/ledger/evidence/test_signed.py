"""Signed statements, against the published example of EIP-712."""

from dataclasses import replace

import pytest

from ledger.evidence.signed import (
    CheckpointStatement,
    ReceiptStatement,
    WitnessedStatement,
    domain,
)
from ledger.hashing import keccak
from ledger.signing import Signer, recover
from ledger.typed_data import Domain

LOG = domain(1234, b"\x11" * 20)
ROOT = b"\x22" * 32
BLOCK = b"\x33" * 32


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def test_the_published_example_of_eip_712_comes_out() -> None:
    """ "Ether Mail" of the EIP: domain, struct, digest and the cow's signature."""
    separator = keccak(
        keccak(
            b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        )
        + keccak(b"Ether Mail")
        + keccak(b"1")
        + word(1)
        + bytes.fromhex("cc" * 20).rjust(32, b"\0")
    )
    assert separator.hex() == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"
    person = keccak(b"Person(string name,address wallet)")
    cow = bytes.fromhex("cd2a3d9f938e13cd947ec05abc7fe734df8dd826")
    bob = bytes.fromhex("bb" * 20)
    mail = keccak(
        keccak(b"Mail(Person from,Person to,string contents)Person(string name,address wallet)")
        + keccak(person + keccak(b"Cow") + cow.rjust(32, b"\0"))
        + keccak(person + keccak(b"Bob") + bob.rjust(32, b"\0"))
        + keccak(b"Hello, Bob!")
    )
    assert mail.hex() == "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
    digest = keccak(b"\x19\x01" + separator + mail)
    assert digest.hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
    r = bytes.fromhex("4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d")
    s = bytes.fromhex("07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562")
    v = 28
    compact = r + bytes((s[0] | (v - 27) << 7,)) + s[1:]
    assert recover(digest, compact) == cow
    assert Signer(keccak(b"cow")).address == cow


def test_each_statement_is_hashed_as_its_type_says() -> None:
    cases: list[tuple[CheckpointStatement | WitnessedStatement | ReceiptStatement, str, bytes]] = [
        (
            CheckpointStatement(5, ROOT, 9, BLOCK, 1_700_000_000),
            "Checkpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash,"
            "uint40 madeAt)",
            word(5) + ROOT + word(9) + BLOCK + word(1_700_000_000),
        ),
        (
            WitnessedStatement(5, ROOT, 9, BLOCK, 3, bytes(32), 1_700_000_001),
            "WitnessedCheckpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash,"
            "uint64 previousSize,bytes32 previousRoot,uint40 witnessedAt)",
            word(5) + ROOT + word(9) + BLOCK + word(3) + bytes(32) + word(1_700_000_001),
        ),
        (
            ReceiptStatement(b"\x44" * 20, b"\x55" * 20, 7, ROOT, 60, 50),
            "Receipt(address ledger,address account,uint64 nonce,bytes32 digest,uint40 deadline,"
            "uint40 acceptedAt)",
            (b"\x44" * 20).rjust(32, b"\0")
            + (b"\x55" * 20).rjust(32, b"\0")
            + word(7)
            + ROOT
            + word(60)
            + word(50),
        ),
    ]
    for statement, type_string, words in cases:
        struct = keccak(keccak(type_string.encode()) + words)
        assert statement.digest(LOG) == keccak(b"\x19\x01" + LOG.separator + struct)


def test_a_statement_holds_for_one_ledger_only() -> None:
    statement = CheckpointStatement(5, ROOT, 9, BLOCK, 1)
    others = {
        statement.digest(where)
        for where in (LOG, domain(1235, LOG.address), domain(1234, b"\x12" * 20))
    }
    assert len(others) == 3
    assert replace(statement, size=6).digest(LOG) not in others
    with pytest.raises(ValueError, match="EntryLog"):
        statement.digest(Domain("BatchLedger", 1234, LOG.address))
