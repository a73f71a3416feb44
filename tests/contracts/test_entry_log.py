"""The one log, and a later contract that joins it; the cases are in entry_log.tree."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import solcx
from eth_hash.auto import keccak

from ledger.chain.codec import packed_calldata
from ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash
from ledger.typed_data import COMMON, Action, Entry, Field, SignedEntry, Value
from scripts._compile import REMAPPINGS, ROOT
from tests.support.chains import Sender
from tests.support.contract_world import (
    CATEGORY,
    GAS,
    KIND,
    ContractWorld,
    account,
    calldata,
    create,
    create_code,
    empty_world,
    org,
    signature,
)

ONE, TWO, THREE = (keccak(bytes((i,))) for i in range(3))


# ---------------------------------------------------------------- the log alone


@dataclass
class Log:
    """An EntryLog whose registrar is a plain account: it may append what it likes."""

    world: ContractWorld
    registrar: Sender

    def append(self, *items: bytes, sender: Sender | None = None) -> Any:
        data = calldata("append(bytes32[])", [list(items)])
        raw = (sender or self.registrar).sign(self.world.addresses["EntryLog"], data, gas=GAS)
        [handover] = self.world.chain.send_raw_transactions([raw])
        return self.world.chain.receipt(handover.transaction_hash)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with empty_world(tmp_path) as world:
        made = create(world.chain, world.sender, "EntryLog", ())
        assert made.contract_address is not None
        world.addresses["EntryLog"] = made.contract_address
        yield Log(world, world.sender)


def item(digest: bytes, signers: bytes, *subjects: bytes) -> tuple[bytes, ...]:
    return (digest, signers, len(subjects).to_bytes(32, "big"), *subjects)


def raw_leaf(
    log: Log, sequence: int, digest: bytes, signers: bytes, *pairs: tuple[bytes, bytes]
) -> bytes:
    """As IEntryLog states it, word by word."""
    words = [
        sequence.to_bytes(32, "big"),
        log.world.now.to_bytes(32, "big"),
        log.registrar.address.rjust(32, b"\0"),
        digest,
        signers,
        len(pairs).to_bytes(32, "big"),
        *(word for pair in pairs for word in pair),
    ]
    return keccak(b"\0" + b"".join(words))


def test_it_should_be_empty_at_first(log: Log) -> None:
    assert log.world.size() == 0
    assert log.world.root() == EMPTY_ROOT
    assert log.world.head(ONE) == bytes(32)
    registrar = log.world.view("EntryLog", "registrar()", "address")
    assert bytes.fromhex(registrar[2:]) == log.registrar.address


def test_it_should_have_the_leaf_itself_as_the_root_of_one(log: Log) -> None:
    receipt = log.append(*item(TWO, THREE, ONE))

    leaf = raw_leaf(log, 0, TWO, THREE, (ONE, bytes(32)))
    assert log.world.root() == log.world.head(ONE) == leaf
    [event] = receipt.logs
    assert event.topics == (keccak(b"Appended(uint256,uint256,bytes32)"), bytes(32))
    assert event.data == (1).to_bytes(32, "big") + leaf


def test_it_should_bind_each_subject_with_its_head_before(log: Log) -> None:
    log.append(*item(TWO, THREE, ONE))
    first = log.world.head(ONE)
    log.append(*item(THREE, TWO, TWO, ONE))

    second = raw_leaf(log, 1, THREE, TWO, (TWO, bytes(32)), (ONE, first))
    assert log.world.head(ONE) == log.world.head(TWO) == second
    assert log.world.root() == node_hash(first, second)


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return keccak(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:]))


def test_it_should_have_the_root_of_rfc_6962_however_the_entries_are_split_into_batches(
    log: Log,
) -> None:
    """With changing numbers of subjects, so that one chain runs through all of them."""
    leaves: list[bytes] = []
    frontier = Frontier()
    heads: dict[bytes, bytes] = {}
    for count in [1, 1, 2, 3, 1, 8, 5, 16, 1, 31, 7, 64, 1, 2]:
        items: list[bytes] = []
        for _ in range(count):
            number = len(leaves)
            subjects = [keccak(b"s%d" % (number % 5)), keccak(b"t%d" % (number % 3))]
            subjects = subjects[: 1 + number % 2]
            digest = keccak(number.to_bytes(32, "big"))
            leaf = leaf_hash(
                number,
                log.world.now,
                log.registrar.address,
                digest,
                [log.registrar.address],
                subjects,
                [heads.get(s, bytes(32)) for s in subjects],
            )
            signers = keccak(log.registrar.address.rjust(32, b"\0"))
            items += item(digest, signers, *subjects)
            heads.update(dict.fromkeys(subjects, leaf))
            leaves.append(leaf)
            frontier.append(leaf)
        log.append(*items)
        assert log.world.size() == len(leaves)
        assert log.world.root() == naive_root(leaves) == frontier.root()
    for subject, head in heads.items():
        assert log.world.head(subject) == head


def test_it_should_keep_size_root_and_heads_where_proofs_look_for_them(log: Log) -> None:
    log.append(*item(TWO, THREE, ONE))
    address = log.world.addresses["EntryLog"]

    def slot(number: int) -> bytes:
        return log.world.chain.storage_at(address, number)

    assert int.from_bytes(slot(0), "big") == 1
    assert slot(1) == log.world.root()
    place = keccak(ONE + (2).to_bytes(32, "big"))
    assert slot(int.from_bytes(place, "big")) == log.world.head(ONE)


def test_it_should_refuse_to_append_for_who_was_never_admitted(log: Log) -> None:
    eve = Sender(secret=b"\x66" * 32)
    before = log.world.storage()

    receipt = log.append(*item(TWO, THREE, ONE), sender=eve)

    assert not receipt.succeeded
    assert log.world.storage() == before
    error = log.world.reverted("EntryLog", "append(bytes32[])", [TWO, THREE, bytes(32)])
    assert (error.name, error.values) == ("EntryLogNotAdmitted", {"caller": bytes(20)})


def test_it_should_refuse_to_admit_for_anybody_but_its_registrar(world: ContractWorld) -> None:
    error = world.reverted("EntryLog", "admit(address)", "0x" + account("eve").hex())

    assert (error.name, error.values) == ("EntryLogNotRegistrar", {"caller": bytes(20)})
    eve = Sender(secret=b"\x66" * 32)
    data = calldata("admit(address)", [eve.address])
    [handover] = world.chain.send_raw_transactions(
        [eve.sign(world.addresses["EntryLog"], data, gas=GAS)]
    )
    receipt = world.chain.receipt(handover.transaction_hash)
    assert receipt is not None
    assert not receipt.succeeded
    assert not world.view("EntryLog", "isAdmitted(address)", "bool", eve.address)


def test_it_should_admit_once_and_say_so_once(log: Log) -> None:
    address = log.world.addresses["EntryLog"]
    told = []
    for _ in range(2):
        data = calldata("admit(address)", [account("a contract")])
        raw = log.registrar.sign(address, data, gas=GAS)
        [handover] = log.world.chain.send_raw_transactions([raw])
        receipt = log.world.chain.receipt(handover.transaction_hash)
        assert receipt is not None
        assert receipt.succeeded
        told.append(len(receipt.logs))

    assert told == [1, 0]
    assert log.world.view("EntryLog", "isAdmitted(address)", "bool", account("a contract"))


# ---------------------------------------------------------------- a later contract

LATER = "LaterLedger"
FIELDS: Mapping[str, tuple[int, str]] = {
    "Note": (1, "bytes32 about,string text"),
    "Make": (2, "bytes20 issuer,bytes32 kind,bytes32 digest,string category"),
}


def later_action(name: str) -> Action:
    number, members = FIELDS[name]
    pairs = (m.split(" ") for m in f"{COMMON},{members}".split(","))
    return Action(LATER, number, name, tuple(Field(t, n) for t, n in pairs), False)


def later_entry(world: ContractWorld, name: str, by: str, **values: Value) -> SignedEntry:
    common: dict[str, Value] = {
        "nonce": world.nonce(LATER, by),
        "happenedAt": world.now,
        "deadline": world.now + 60,
    }
    entry = Entry(later_action(name), {**common, **values})
    digest = entry.digest(world.domain(LATER))
    return SignedEntry(entry, (signature(by, digest),))


def note(world: ContractWorld, by: str = "issuer", text: str = "later") -> SignedEntry:
    return later_entry(world, "Note", by, about=ONE, text=text)


@pytest.fixture(scope="module")
def compiled() -> Mapping[str, Any]:
    """The contract as py-solc-x makes it, with the settings of the others."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    path = f"tests/contracts/solidity/{LATER}.sol"
    config = json.loads((ROOT / "contracts/compiler.json").read_text(encoding="utf-8"))
    output = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {path: {"content": (ROOT / path).read_text(encoding="utf-8")}},
            "settings": {
                **config["settings"],
                "remappings": list(REMAPPINGS),
                "outputSelection": {path: {LATER: ["abi", "evm.bytecode.object"]}},
            },
        },
        base_path=ROOT,
        solc_binary=ROOT / "scripts/solc",
    )
    made: Mapping[str, Any] = output["contracts"][path][LATER]
    return made


@pytest.fixture
def later(world: ContractWorld, compiled: Mapping[str, Any]) -> ContractWorld:
    """A ledger with data, beside which the later contract was deployed, not yet admitted."""
    world.accepted(world.issue(), world.submit())
    made = create_code(
        world.chain,
        world.sender,
        bytes.fromhex(compiled["evm"]["bytecode"]["object"]),
        compiled["abi"],
        (world.addresses["QualificationRegistry"],),
    )
    assert made.contract_address is not None
    world.addresses[LATER] = made.contract_address
    return world


def admit(world: ContractWorld) -> None:
    world.accepted(world.ruled("AdmitContract", ledger=world.addresses[LATER], name=LATER))


def test_it_should_let_a_later_contract_join_the_same_log_on_a_chain_with_data(
    later: ContractWorld,
) -> None:
    size = later.size()
    qualifications = later.storage()["QualificationRegistry"]
    admit(later)

    made = later.record(note(later), note(later, by="eve"), note(later, by="supplier"))

    assert later.storage()["QualificationRegistry"] == qualifications
    assert [r.sequence for r in made.recorded] == [size + 1, size + 2]
    assert made.errors == ["EntrySignerNotLive"]
    assert later.head(ONE) != bytes(32)
    [issued] = later.accepted(later.issue())
    assert issued.sequence == size + 3


def test_it_should_revert_every_batch_of_a_contract_that_was_not_admitted(
    later: ContractWorld,
) -> None:
    before = later.storage()
    receipt = later.send(LATER, packed_calldata([note(later).pack()]))

    assert not receipt.succeeded
    assert receipt.logs == ()
    assert later.storage() == before
    error = later.reverted(LATER, "record(bytes[])", [note(later).pack()])
    assert (error.name, error.values) == (
        "EntryLogNotAdmitted",
        {"caller": later.addresses[LATER]},
    )


def test_it_should_refuse_by_the_later_contracts_own_error(later: ContractWorld) -> None:
    admit(later)
    made = later.record(note(later, text=""), note(later))

    assert len(made.recorded) == 1
    [refused] = made.refused
    assert refused.error.values == {"data": keccak(b"LaterNothingToSay()")[:4]}


def test_it_should_not_take_an_entry_of_one_contract_in_another(later: ContractWorld) -> None:
    admit(later)
    signed = note(later)
    foreign = later.record_bytes("QualificationRegistry", [signed.pack()])
    backwards = later.record_bytes(LATER, [later.issue().pack()])

    assert (foreign.errors, backwards.errors) == (["EntryMalformed"], ["EntryMalformed"])


def test_it_should_open_the_gate_to_the_later_contract_by_citation(later: ContractWorld) -> None:
    admit(later)
    later.require()
    issued = later.issue()
    later.accepted(issued)
    cited: dict[str, Value] = {
        "issuer": org("bureau"),
        "kind": keccak(KIND.encode()),
        "digest": later.digest(issued),
        "category": CATEGORY,
    }

    made = later.record(
        later_entry(later, "Make", "supplier", **cited),
        later_entry(later, "Make", "second supplier", **cited),
        later_entry(later, "Make", "supplier", **{**cited, "digest": ONE}),
        later_entry(later, "Make", "issuer", **cited),
    )

    assert [r.author for r in made.recorded] == [org("maker")]
    assert made.errors == ["QualificationKindNotCovered"] * 2 + ["EntryRoleMissing"]
    assert later.view(LATER, "made(bytes20)", "uint256", org("maker")) == 1
