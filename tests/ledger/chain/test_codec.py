"""What travels to and from the contracts, held against eth-abi and the shipped ABI."""

import pytest
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.artifacts import Artifact, load_artifacts
from ledger.chain.codec import (
    EVENTS,
    RECORD_SELECTOR,
    Appended,
    AuthorityFounded,
    ContractAdmitted,
    EntryAdmittedLate,
    EntryRecorded,
    EntryRefused,
    decode_error,
    decode_event,
    errors_of,
    packed_calldata,
    record_calldata,
)
from ledger.chain.protocol import Log
from ledger.errors import EvidenceError
from ledger.typed_data import Entry, SignedEntry
from tests.support.chains import PROBE, calldata

words = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, 2**256 - 1)


def log(signature: str, indexed: list[bytes], data: bytes) -> Log:
    topics = (keccak(signature.encode()), *indexed)
    return Log(7, b"\x07" * 32, b"\x08" * 32, 0, 3, b"\x09" * 20, topics, data)


RECORDED, LATE, REFUSED, APPENDED, ADMITTED, FOUNDED = EVENTS


@given(st.lists(st.binary(max_size=300), max_size=12))
def test_the_call_of_record_is_what_eth_abi_makes(packed: list[bytes]) -> None:
    data = packed_calldata(packed)
    assert data == RECORD_SELECTOR + abi_encode(["bytes[]"], [packed])


def test_signed_entries_travel_packed() -> None:
    entry = Entry.of("DisableAccount", nonce=1, happenedAt=2, deadline=3, reason="lost")
    signed = SignedEntry(entry, (b"\x05" * 64,))
    [travelled] = abi_decode(["bytes[]"], record_calldata([signed])[4:])[0]
    assert SignedEntry.unpack("ParticipantRegistry", travelled) == signed


@given(numbers, words, words, st.binary(max_size=400))
def test_a_recorded_entry_is_read_as_eth_abi_writes_it(
    sequence: int, subject: bytes, author: bytes, packed: bytes
) -> None:
    author = author[:20].ljust(32, b"\0")
    topics = [sequence.to_bytes(32, "big"), subject, author]
    found = log(RECORDED, topics, abi_encode(["bytes"], [packed]))
    assert decode_event(found) == EntryRecorded(found, sequence, subject, author[:20], packed)


@given(numbers)
def test_an_entry_admitted_late_is_read(sequence: int) -> None:
    found = log(LATE, [sequence.to_bytes(32, "big")], b"")
    assert decode_event(found) == EntryAdmittedLate(found, sequence)


@given(words, numbers, st.binary(max_size=200))
def test_a_refused_entry_is_read(digest: bytes, index: int, reason: bytes) -> None:
    found = log(REFUSED, [digest], abi_encode(["uint256", "bytes"], [index, reason]))
    assert decode_event(found) == EntryRefused(found, digest, index, reason)


@given(numbers, numbers, words)
def test_an_append_to_the_log_is_read(first: int, count: int, root: bytes) -> None:
    data = abi_encode(["uint256", "bytes32"], [count, root])
    found = log(APPENDED, [first.to_bytes(32, "big")], data)
    assert decode_event(found) == Appended(found, first, count, root)


def test_an_admitted_contract_is_read() -> None:
    found = log(ADMITTED, [b"\x05" * 20 + b"\x06" * 12], b"")
    assert decode_event(found) == ContractAdmitted(found, b"\x05" * 8 + b"\x06" * 12)


def test_the_founding_of_the_authority_is_read() -> None:
    accounts = [b"\x01" * 20, b"\x02" * 20]
    data = abi_encode(
        ["string", "string", "string", "string", "address[]", "uint256", "uint64"],
        ["usci", "91…", "监管局", "Authority", accounts, 2, 604800],
    )
    found = log(FOUNDED, [b"\x07" * 20 + bytes(12)], data)
    assert decode_event(found) == AuthorityFounded(
        found, b"\x07" * 20, "usci", "91…", "监管局", "Authority", tuple(accounts), 2, 604800
    )


def test_events_of_other_kinds_are_passed_over() -> None:
    assert decode_event(log("Other(uint256)", [], b"")) is None
    assert decode_event(Log(1, b"", b"", 0, 0, b"", (), b"")) is None


@given(st.integers(0, 400), st.binary(min_size=32, max_size=32))
def test_a_damaged_event_is_bad_evidence_or_another_value(cut: int, word: bytes) -> None:
    data = abi_encode(["bytes"], [b"\x02" * 100])
    short = log(RECORDED, [bytes(32)] * 3, data[: min(cut, 163)])
    with pytest.raises(EvidenceError):
        decode_event(short)
    at = cut % (len(data) - 31)
    bent = log(RECORDED, [bytes(32)] * 3, data[:at] + word + data[at + 32 :])
    try:
        event = decode_event(bent)
    except EvidenceError:
        return
    assert isinstance(event, EntryRecorded)


def test_an_event_with_too_few_topics_is_bad_evidence() -> None:
    with pytest.raises(EvidenceError):
        decode_event(log(RECORDED, [bytes(32)], bytes(256)))


def test_a_refusal_is_named_with_its_values() -> None:
    errors = errors_of([Artifact.from_json(PROBE)])
    error = decode_error(calldata("ProbeRefused(uint256,string)", 42, "because"), errors)
    assert (error.name, error.values) == ("ProbeRefused", {"value": 42, "why": "because"})
    assert str(error) == "ProbeRefused(value=42, why=because)"


def test_soliditys_own_errors_are_named() -> None:
    assert decode_error(calldata("Panic(uint256)", 0x11)).values == {"code": 0x11}
    assert decode_error(calldata("Error(string)", "no")).values == {"message": "no"}


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x02\x03\x04", keccak(b"Error(string)")[:7]])
def test_unknown_refusals_keep_their_bytes(data: bytes) -> None:
    assert decode_error(data).values == {"data": data}
    assert decode_error(data).name == "UnknownError"


def test_the_shipped_contracts_emit_the_events_that_are_followed() -> None:
    shipped = {
        f"{e['name']}({','.join(i['type'] for i in e['inputs'])})": sum(
            i["indexed"] for i in e["inputs"]
        )
        for artifact in load_artifacts().values()
        for e in artifact.abi
        if e["type"] == "event"
    }
    for signature, (indexed, _) in EVENTS.items():
        assert shipped[signature] == indexed, signature


def test_the_shipped_contracts_take_entries_by_record() -> None:
    for name in ("ParticipantRegistry", "QualificationRegistry"):
        [record] = [e for e in load_artifacts()[name].abi if e.get("name") == "record"]
        assert [i["type"] for i in record["inputs"]] == ["bytes[]"]


def test_refusals_of_the_shipped_contracts_are_named() -> None:
    account = b"\x03" * 20
    error = decode_error(calldata("EntryNonceUsed(address,uint256)", account, 9))
    assert (error.name, error.values) == ("EntryNonceUsed", {"account": account, "nonce": 9})
