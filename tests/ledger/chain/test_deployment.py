"""Deploying, pinning and relaying, with the real contracts, on every gateway."""

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.artifacts import load_artifacts
from ledger.chain.codec import (
    RECORD_SELECTOR,
    Appended,
    AuthorityFounded,
    ContractAdmitted,
    EntryRecorded,
    EntryRefused,
    decode_error,
    decode_event,
    record_calldata,
)
from ledger.chain.deployment import DeployedContract, Deployment, FoundingTerms, deploy
from ledger.chain.profiles import ANVIL, BESU_QBFT, EMBEDDED, PROFILES
from ledger.chain.protocol import LedgerGateway
from ledger.chain.relayer import Deployer, Relayer
from ledger.errors import EvidenceError, ForeignLedgerError, RequestError
from ledger.typed_data import Entry, SignedEntry, organisation_id
from tests.support.chains import CHAIN_ID, Key, calldata, hand_over

AUTHORITY = Key(b"\x21" * 32)
RELAYER = Key(b"\x42" * 32)
TERMS = FoundingTerms(
    "test", "0001", "测试监管局", "Test Authority", (AUTHORITY.address,), 1, 7 * 86400
)


@pytest.fixture
def deployment(chain: LedgerGateway) -> Deployment:
    deployer = Deployer(RELAYER, chain_id=CHAIN_ID, profile=chain.profile)
    return deploy(chain, load_artifacts(), TERMS, deployer)


def send(chain: LedgerGateway, deployment: Deployment, name: str, *entries: SignedEntry) -> list[
    object
]:  # fmt: skip
    """Relay entries to a contract; gives the events of the transaction."""
    relayer = Relayer(
        RELAYER, chain_id=CHAIN_ID, profile=chain.profile, contracts=deployment.addresses
    )
    raw = relayer.sign(
        deployment.address(name),
        record_calldata(entries),
        nonce=chain.transaction_count(relayer.address),
    )
    [handover] = hand_over(chain, [raw])
    assert handover.refusal is None, handover.refusal
    receipt = chain.receipt(handover.transaction_hash)
    assert receipt is not None
    assert receipt.succeeded
    return [decode_event(log) for log in receipt.logs]


def signed(deployment: Deployment, entry: Entry) -> SignedEntry:
    digest = entry.digest(deployment.domain(entry.action.contract))
    return SignedEntry(entry, (AUTHORITY.sign_digest(digest),))


def admission(deployment: Deployment, nonce: int = 0) -> SignedEntry:
    now = int(time.time())
    return signed(
        deployment,
        Entry.of(
            "AdmitContract",
            nonce=nonce, happenedAt=now, deadline=now + 600,
            ledger=deployment.address("QualificationRegistry"), name="QualificationRegistry",
        ),
    )  # fmt: skip


# ------------------------------------------------------------------------------------ deploying


def test_a_new_ledger_is_deployed_and_its_founding_can_be_read(
    chain: LedgerGateway, deployment: Deployment
) -> None:
    assert set(deployment.contracts) == {
        "EntryLog", "ParticipantRegistry", "QualificationRegistry",
        "BatchLedger", "BatchOversight", "LogisticUnits",
    }  # fmt: skip
    assert set(deployment.ledgers) == set(deployment.contracts) - {"EntryLog"}
    assert set(deployment.waiting(chain)) == set(deployment.ledgers) - {"ParticipantRegistry"}
    deployment.verify(chain)
    logs = chain.logs(deployment.first_block, chain.head().number, deployment.addresses)
    events = [decode_event(log) for log in logs]
    [founded] = [e for e in events if isinstance(e, AuthorityFounded)]
    assert founded.organisation == organisation_id("test", "0001")
    assert (founded.name_zh, founded.accounts) == ("测试监管局", (AUTHORITY.address,))
    assert (founded.quorum, founded.max_lateness) == (1, 7 * 86400)
    [admitted] = [e for e in events if isinstance(e, ContractAdmitted)]
    assert admitted.ledger == deployment.address("ParticipantRegistry")


def test_an_entry_goes_to_the_contract_and_comes_back_as_an_event(
    chain: LedgerGateway, deployment: Deployment
) -> None:
    entry = admission(deployment)
    events = send(chain, deployment, "ParticipantRegistry", entry)
    [recorded] = [e for e in events if isinstance(e, EntryRecorded)]
    assert SignedEntry.unpack("ParticipantRegistry", recorded.packed) == entry
    assert recorded.author == organisation_id("test", "0001")
    assert recorded.sequence == 0
    assert recorded.subject == recorded.log.topics[2]
    [appended] = [e for e in events if isinstance(e, Appended)]
    assert (appended.first_sequence, appended.count) == (0, 1)
    log = deployment.address("EntryLog")
    assert chain.storage_at(log, 0) == (1).to_bytes(32, "big")
    assert chain.storage_at(log, 1) == appended.root
    assert chain.proof(log, [1]).storage[0].value == int.from_bytes(appended.root, "big")


def test_a_refused_entry_comes_back_with_the_name_of_its_reason(
    chain: LedgerGateway, deployment: Deployment
) -> None:
    entry = admission(deployment)
    bent = dataclasses.replace(entry, signatures=(Key(b"\x05" * 32).sign_digest(b"\x01" * 32),))
    events = send(chain, deployment, "ParticipantRegistry", bent, entry)
    [refused] = [e for e in events if isinstance(e, EntryRefused)]
    assert refused.index == 0
    assert refused.digest == entry.entry.digest(deployment.domain("ParticipantRegistry"))
    assert decode_error(refused.reason).name == "EntrySignerNotLive"
    assert [e.sequence for e in events if isinstance(e, EntryRecorded)] == [0]


def test_an_unreachable_quorum_is_refused_when_deploying(chain: LedgerGateway) -> None:
    deployer = Deployer(RELAYER, chain_id=CHAIN_ID, profile=chain.profile)
    with pytest.raises(EvidenceError, match="constructor of ParticipantRegistry"):
        deploy(chain, load_artifacts(), dataclasses.replace(TERMS, quorum=2), deployer)


# -------------------------------------------------------------------------------------- pinning

PINNED = Deployment(
    CHAIN_ID,
    b"\x11" * 32,
    {
        name: DeployedContract(name, bytes([i]) * 20, bytes([i]) * 32, i)
        for i, name in enumerate(("EntryLog", "ParticipantRegistry"), 1)
    },
)


def _with_contract(deployment: Deployment, **changes: object) -> Deployment:
    contracts = dict(deployment.contracts)
    contracts["EntryLog"] = dataclasses.replace(contracts["EntryLog"], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(deployment, contracts=contracts)


FOREIGN: dict[str, tuple[Callable[[Deployment], Deployment], str]] = {
    "chain id": (lambda d: dataclasses.replace(d, chain_id=7), "the chain id is 1234"),
    "genesis": (lambda d: dataclasses.replace(d, genesis_hash=bytes(32)), "the genesis hash is"),
    "code": (lambda d: _with_contract(d, code_hash=bytes(32)), "EntryLog: there is other code"),
    "no contract": (lambda d: _with_contract(d, address=bytes(20)), "EntryLog: there is no contr"),
}


@pytest.mark.parametrize(("change", "message"), FOREIGN.values(), ids=FOREIGN.keys())
def test_a_chain_that_differs_from_what_is_pinned_is_foreign(
    chain: LedgerGateway, deployment: Deployment, change: Callable[[Deployment], Deployment],
    message: str,
) -> None:  # fmt: skip
    with pytest.raises(ForeignLedgerError, match=message):
        change(deployment).verify(chain)


def test_the_file_is_canonical_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    PINNED.save(path)
    assert Deployment.load(path) == PINNED
    assert path.read_bytes() == PINNED.to_json()
    assert list(tmp_path.iterdir()) == [path]
    assert json.loads(path.read_bytes())["contracts"]["EntryLog"]["block"] == 1


def test_the_file_names_what_stands_where() -> None:
    assert PINNED.name_of(b"\x02" * 20) == "ParticipantRegistry"
    assert PINNED.name_of(b"\x03" * 20) is None
    assert PINNED.addresses == (b"\x01" * 20, b"\x02" * 20)
    assert PINNED.first_block == 1
    assert PINNED.domain("EntryLog").address == b"\x01" * 20


def test_a_contract_can_be_added_beside_the_others_but_not_replaced() -> None:
    added = DeployedContract("BatchLedger", b"\x09" * 20, b"\x09" * 32, 90)
    assert PINNED.with_contract(added).contracts["BatchLedger"] == added
    with pytest.raises(ValueError, match="deployed already"):
        PINNED.with_contract(PINNED.contracts["EntryLog"])


BROKEN: dict[str, Callable[[dict[str, object]], object]] = {
    "another version": lambda d: d | {"version": 2},
    "no version": lambda d: {k: v for k, v in d.items() if k != "version"},
    "a short hash": lambda d: d | {"genesisHash": "0x11"},
    "a hash that is no text": lambda d: d | {"genesisHash": 7},
    "a chain id in words": lambda d: d | {"chainId": "one"},
    "a chain id that is a flag": lambda d: d | {"chainId": True},
    "no contracts": lambda d: d | {"contracts": {}},
    "contracts in a list": lambda d: d | {"contracts": [1]},
    "a list": lambda d: [d],
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_bad_evidence(change: Callable[[dict[str, object]], object]) -> None:
    raw = json.dumps(change(json.loads(PINNED.to_json()))).encode()
    with pytest.raises(EvidenceError, match="deployment file"):
        Deployment.from_json(raw)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"null"])
def test_what_is_no_json_is_bad_evidence(raw: bytes) -> None:
    with pytest.raises(EvidenceError):
        Deployment.from_json(raw)


# ------------------------------------------------------------------------------------- relaying

LISTED = b"\x61" * 20


def relayer(profile_name: str = "embedded") -> Relayer:
    profile = PROFILES[profile_name]
    return Relayer(RELAYER, chain_id=CHAIN_ID, profile=profile, contracts=[LISTED])


@given(st.binary(max_size=300), st.integers(0, 2**40), st.sampled_from(sorted(PROFILES)))
def test_a_relayed_transaction_is_signed_as_eth_account_signs_it(
    rest: bytes, nonce: int, profile_name: str
) -> None:
    profile = PROFILES[profile_name]
    data = RECORD_SELECTOR + rest
    raw = relayer(profile_name).sign(LISTED, data, nonce=nonce)
    fields = {
        "chainId": CHAIN_ID, "nonce": nonce, "gas": profile.gas_limit, "to": LISTED, "value": 0,
        "data": data,
    }  # fmt: skip
    if profile.transaction_type == 2:
        fields |= {"type": 2, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0}
    else:
        fields |= {"gasPrice": 0}
    assert raw == bytes(Account.sign_transaction(fields, RELAYER.secret).raw_transaction)


def test_the_relayer_sends_to_listed_contracts_only() -> None:
    with pytest.raises(RequestError) as refused:
        relayer().sign(b"\x62" * 20, RECORD_SELECTOR, nonce=0)
    assert refused.value.field == "to"
    with pytest.raises(RequestError):
        relayer().sign(b"", RECORD_SELECTOR, nonce=0)


@pytest.mark.parametrize("data", [b"", RECORD_SELECTOR[:3], calldata("admit(address)", bytes(20))])
def test_the_relayer_calls_record_only(data: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        relayer().sign(LISTED, data, nonce=0)
    assert refused.value.field == "data"


def test_the_relayer_never_gives_more_gas_than_the_engine_takes() -> None:
    for asked, given_ in ((None, 1 << 24), (1 << 40, 1 << 24), (90_000, 90_000)):
        raw = relayer().sign(LISTED, RECORD_SELECTOR, nonce=0, gas=asked)
        expected = relayer().sign(LISTED, RECORD_SELECTOR, nonce=0, gas=given_)
        assert raw == expected


def test_every_engine_has_a_profile_of_its_own() -> None:
    assert set(PROFILES.values()) == {EMBEDDED, ANVIL, BESU_QBFT}
    assert all(name == profile.name for name, profile in PROFILES.items())
