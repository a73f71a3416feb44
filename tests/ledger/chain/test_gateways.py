"""One suite over every gateway: what the ledger may rely on, whatever the engine."""

import time

import pytest
import rlp
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

from ledger.chain.protocol import AccountProof, CallReverted, LedgerGateway
from ledger.errors import ChainUnavailableError
from tests.support.chains import CHAIN_ID, PROBE, Probe, Sender, calldata, hand_over


def test_the_genesis_block_is_block_zero(chain: LedgerGateway) -> None:
    genesis = chain.block(0)
    assert genesis is not None
    assert genesis.hash == chain.genesis_hash()
    assert chain.chain_id() == CHAIN_ID


def test_blocks_link_to_their_parents_up_to_the_head(probe: Probe) -> None:
    for i in range(3):
        probe.note(i, i)
    head = probe.chain.head()
    assert probe.chain.final_head() == head
    for number in range(1, head.number + 1):
        block, parent = probe.chain.block(number), probe.chain.block(number - 1)
        assert block is not None
        assert parent is not None
        assert block.parent_hash == parent.hash
        assert block.time >= parent.time
    assert probe.chain.block(head.number + 1) is None
    assert probe.chain.block(-1) is None


def test_a_block_carries_the_time_of_the_clock(probe: Probe) -> None:
    time.sleep(1.1)
    probe.note(1, 1)
    assert abs(probe.chain.head().time - time.time()) < 5


def test_deployed_code_is_what_the_compiler_made(probe: Probe) -> None:
    assert probe.chain.code(probe.address) == bytes.fromhex(PROBE["deployedBytecode"][2:])
    assert probe.chain.code(b"\x01" * 20) == b""
    assert probe.chain.code(probe.address, 0) == b""


def test_what_is_recorded_is_read_back(probe: Probe) -> None:
    probe.note(5, 77)
    assert probe.count() == 1
    assert probe.chain.storage_at(probe.address, 0) == (1).to_bytes(32, "big")


def test_old_state_stays_readable(probe: Probe) -> None:
    probe.note(5, 77)
    before = probe.chain.head().number
    probe.note(5, 78)
    slot = int.from_bytes(keccak((5).to_bytes(32, "big") + (1).to_bytes(32, "big")), "big")
    assert int.from_bytes(probe.chain.storage_at(probe.address, slot, before), "big") == 77
    assert int.from_bytes(probe.chain.storage_at(probe.address, slot), "big") == 78
    old = probe.chain.call(probe.address, calldata("count()"), before)
    assert int.from_bytes(old, "big") == 1


def test_a_block_beyond_the_head_cannot_be_asked_about(probe: Probe) -> None:
    beyond = probe.chain.head().number + 1
    with pytest.raises(ChainUnavailableError):
        probe.chain.storage_at(probe.address, 0, beyond)
    with pytest.raises(ChainUnavailableError):
        probe.chain.logs(0, beyond, [probe.address])


def test_a_refused_call_gives_the_contracts_reason(probe: Probe) -> None:
    with pytest.raises(CallReverted) as refused:
        probe.chain.call(probe.address, calldata("refuse(uint256)", 42))
    assert refused.value.data == calldata("ProbeRefused(uint256,string)", 42, "because")


def test_a_receipt_tells_success_and_the_events(probe: Probe) -> None:
    digest = probe.note(3, 4, "four")
    receipt = probe.chain.receipt(digest)
    assert receipt is not None
    assert receipt.succeeded
    assert receipt.gas_used > 21_000
    block = probe.chain.block(receipt.block_number)
    assert block is not None
    assert block.hash == receipt.block_hash
    [log] = receipt.logs
    assert log.address == probe.address
    assert log.topics == (
        keccak(b"Noted(uint256,address,uint256,string)"),
        (3).to_bytes(32, "big"),
        probe.sender.address.rjust(32, b"\0"),
    )
    assert (log.transaction_hash, log.block_hash) == (digest, block.hash)


def test_a_transaction_that_a_contract_refuses_is_mined_as_failed(probe: Probe) -> None:
    receipt = probe.chain.receipt(probe.send("refuse(uint256)", 1))
    assert receipt is not None
    assert not receipt.succeeded
    assert receipt.logs == ()
    assert probe.count() == 0


def test_what_reverts_inside_a_call_leaves_what_is_around_it(probe: Probe) -> None:
    probe.send("attempt(uint256)", 9)
    assert probe.count() == 1


def test_an_unknown_transaction_has_no_receipt(chain: LedgerGateway) -> None:
    assert chain.receipt(b"\x05" * 32) is None


def test_the_transaction_count_is_the_next_nonce(probe: Probe) -> None:
    probe.note(1, 1)
    assert probe.chain.transaction_count(probe.sender.address) == 2
    assert probe.chain.transaction_count(b"\x09" * 20) == 0


def test_handing_over_twice_has_the_effect_of_once(probe: Probe) -> None:
    raw = probe.sender.sign(probe.address, calldata("note(uint256,uint256,string)", 1, 2, "x"))
    [first] = hand_over(probe.chain, [raw])
    [again] = hand_over(probe.chain, [raw])
    assert first == again
    assert first.refusal is None
    assert probe.count() == 1


def test_a_bad_transaction_spoils_nothing_for_the_others(probe: Probe) -> None:
    good = [
        probe.sender.sign(probe.address, calldata("note(uint256,uint256,string)", i, i, "x"))
        for i in range(2)
    ]
    bad = b"\x02" + good[0][1:-1]
    handovers = hand_over(probe.chain, [good[0], bad, good[1]])
    assert [h.refusal is None for h in handovers] == [True, False, True]
    assert handovers[1].refusal is not None
    assert handovers[1].refusal.code == "malformed"
    assert [h.transaction_hash for h in handovers] == [keccak(r) for r in (good[0], bad, good[1])]
    assert probe.count() == 2


def test_a_used_nonce_is_refused(probe: Probe) -> None:
    probe.note(1, 1)
    raw = probe.sender.sign(probe.address, calldata("count()"), nonce=0)
    [handover] = hand_over(probe.chain, [raw])
    assert handover.refusal is not None
    assert handover.refusal.code == "nonce-used"


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_a_transaction_for_another_chain_is_refused(probe: Probe, kind: int) -> None:
    fees: dict[str, int | None] = {
        "type": kind,
        "gasPrice": 0,
        "maxFeePerGas": None,
        "maxPriorityFeePerGas": None,
    }
    changes: dict[str, int | None] = {"type": 2} if kind == 2 else fees
    if kind == 0:
        changes["type"] = None
    stranger = Sender(chain_id=CHAIN_ID + 1)
    raw = stranger.sign(probe.address, calldata("count()"), nonce=1, **changes)
    [handover] = hand_over(probe.chain, [raw])
    assert handover.refusal is not None
    assert handover.refusal.code == "foreign-chain"
    assert probe.chain.transaction_count(probe.sender.address) == 1


def test_a_transaction_that_names_no_chain_is_refused(probe: Probe) -> None:
    raw = rlp.encode([b"\x01", b"", b"\x10\x00\x00", probe.address, b"", b"", b"\x1b", b"\x01"*32,
                      b"\x01" * 32])  # fmt: skip
    [handover] = hand_over(probe.chain, [raw])
    assert handover.refusal is not None
    assert handover.refusal.code == "foreign-chain"


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_transactions_of_every_kind_are_mined(probe: Probe, kind: int) -> None:
    changes: dict[str, object] = {}
    if kind < 2:
        changes = {"gasPrice": 0, "maxFeePerGas": None, "maxPriorityFeePerGas": None}
        changes["type"] = kind or None
    digest = probe.send("note(uint256,uint256,string)", 1, 2, "x", **changes)
    receipt = probe.chain.receipt(digest)
    assert receipt is not None
    assert receipt.succeeded


def test_logs_are_complete_in_order_and_only_of_the_contracts_asked_for(probe: Probe) -> None:
    other = Probe(probe.chain, probe.sender, b"")
    raw = probe.sender.sign(None, bytes.fromhex(PROBE["bytecode"][2:]))
    [handover] = hand_over(probe.chain, [raw])
    receipt = probe.chain.receipt(handover.transaction_hash)
    assert receipt is not None
    assert receipt.contract_address is not None
    other.address = receipt.contract_address
    raws = [
        (probe if i % 3 else other).sender.sign(
            (probe if i % 3 else other).address,
            calldata("note(uint256,uint256,string)", i, i, "x" * i),
        )
        for i in range(12)
    ]
    hashes = [h.transaction_hash for h in hand_over(probe.chain, raws)]
    head = probe.chain.head().number
    both = probe.chain.logs(0, head, [probe.address, other.address])
    assert [log.transaction_hash for log in both] == hashes
    assert sorted(both, key=lambda log: (log.block_number, log.log_index)) == both
    mine = probe.chain.logs(0, head, [probe.address])
    assert mine == [log for log in both if log.address == probe.address]
    assert probe.chain.logs(0, head, [b"\x03" * 20]) == []
    for log in both:
        block = probe.chain.block(log.block_number)
        assert block is not None
        assert block.hash == log.block_hash
        receipt = probe.chain.receipt(log.transaction_hash)
        assert receipt is not None
        assert log in receipt.logs


def _from_proof(root: bytes, key: bytes, nodes: tuple[bytes, ...]) -> bytes:
    found: bytes = HexaryTrie.get_from_proof(  # type: ignore[no-untyped-call]
        root, key, [rlp.decode(n) for n in nodes]
    )
    return found


def _check(proof: AccountProof) -> list[int]:
    """Verify with the trie library, from the block's hash down; gives the slots' values."""
    assert keccak(proof.header) == proof.block_hash
    assert rlp.decode(proof.header)[3] == proof.state_root
    account = _from_proof(proof.state_root, keccak(proof.address), proof.nodes)
    if not account:
        assert proof.nonce == proof.balance == 0
        return []
    assert rlp.decode(account)[2:] == [proof.storage_root, proof.code_hash]
    values = []
    for slot in proof.storage:
        raw = _from_proof(
            proof.storage_root,
            keccak(slot.slot.to_bytes(32, "big")),
            slot.nodes,
        )
        value = int.from_bytes(rlp.decode(raw), "big") if raw else 0
        assert value == slot.value
        values.append(value)
    return values


def test_a_state_proof_leads_from_the_block_hash_to_the_value(probe: Probe) -> None:
    probe.send("fill(uint256,uint256)", 0, 20)
    head = probe.chain.head()
    slot = int.from_bytes(keccak((7).to_bytes(32, "big") + (1).to_bytes(32, "big")), "big")
    proof = probe.chain.proof(probe.address, [0, slot, 5])
    assert proof.block_hash == head.hash
    count, value, absent = _check(proof)
    expected = keccak((7).to_bytes(32, "big") + head.time.to_bytes(32, "big"))
    assert (count, value, absent) == (20, int.from_bytes(expected, "big"), 0)


def test_a_state_proof_of_an_older_block_shows_the_older_value(probe: Probe) -> None:
    probe.note(1, 1)
    before = probe.chain.head()
    probe.note(2, 2)
    proof = probe.chain.proof(probe.address, [0], before.number)
    assert proof.block_hash == before.hash
    assert _check(proof) == [1]
    assert _check(probe.chain.proof(probe.address, [0])) == [2]


def test_the_absence_of_an_account_is_proved_too(probe: Probe) -> None:
    assert _check(probe.chain.proof(b"\x31" * 20, [])) == []


def test_a_contract_can_read_earlier_block_hashes(probe: Probe) -> None:
    probe.note(1, 1)
    head = probe.chain.head()
    answer = probe.chain.call(probe.address, calldata("earlier(uint256)", 1))
    assert answer[:32] == head.parent_hash
    assert int.from_bytes(answer[64:], "big") == CHAIN_ID
