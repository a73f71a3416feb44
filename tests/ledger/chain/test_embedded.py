"""What only the embedded chain promises: durability, one process, an honest clock, speed."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from ledger.chain.embedded import EmbeddedChain
from ledger.chain.protocol import CallReverted
from ledger.errors import ChainUnavailableError, ForeignLedgerError, LedgerInUseError
from ledger.ethereum import decode
from tests.support.chains import (
    CHAIN_ID,
    Probe,
    Sender,
    calldata,
    deploy_probe,
    hand_over,
    open_embedded_chain,
)

ROOT = Path(__file__).resolve().parents[3]
OpenEmbedded = Callable[..., EmbeddedChain]


# ---------------------------------------------------------------------- opening and reopening


def test_a_reopened_chain_continues_where_it_was(open_embedded: OpenEmbedded) -> None:
    chain = open_embedded()
    probe = deploy_probe(chain, Sender())
    digest = probe.note(1, 2)
    head, receipt = chain.head(), chain.receipt(digest)
    chain.close()
    again = open_embedded(genesis_hash=chain.genesis_hash())
    assert again.head() == head
    assert again.receipt(digest) == receipt
    reopened = Probe(again, probe.sender, probe.address)
    assert reopened.count() == 1
    reopened.note(2, 3)
    assert reopened.count() == 2
    assert again.head().parent_hash == head.hash


def test_a_chain_of_another_id_is_foreign(open_embedded: OpenEmbedded) -> None:
    open_embedded().close()
    with pytest.raises(ForeignLedgerError, match="another chain"):
        open_embedded(chain_id=CHAIN_ID + 1)


def test_a_chain_of_another_genesis_is_foreign(open_embedded: OpenEmbedded) -> None:
    open_embedded().close()
    with pytest.raises(ForeignLedgerError, match="genesis"):
        open_embedded(genesis_hash=b"\x01" * 32)


def test_a_pinned_chain_that_is_gone_is_not_quietly_made_anew(
    open_embedded: OpenEmbedded, tmp_path: Path
) -> None:
    with pytest.raises(ForeignLedgerError, match="missing"):
        open_embedded(genesis_hash=b"\x01" * 32)
    assert list(tmp_path.iterdir()) == []


def test_two_ledgers_of_one_moment_differ_by_their_salt(tmp_path: Path) -> None:
    hashes = set()
    for salt in (b"", b"one", b"two"):
        chain = open_embedded_chain(
            tmp_path / f"chain{salt.hex()}", genesis_time=1_600_000_000, salt=salt
        )
        hashes.add(chain.genesis_hash())
        genesis = chain.block(0)
        assert genesis is not None
        assert genesis.time == 1_600_000_000
        chain.close()
    assert len(hashes) == 3


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one" * 40]
)
def test_a_file_that_is_no_ledger_is_refused(
    open_embedded: OpenEmbedded, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "chain.db").write_bytes(content)
    with pytest.raises(ForeignLedgerError):
        open_embedded()
    assert (tmp_path / "chain.db").read_bytes() == content


def test_another_database_is_not_taken_for_a_ledger(
    open_embedded: OpenEmbedded, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "chain.db") as other:
        other.execute("CREATE TABLE customers(name)")
    other.close()
    with pytest.raises(ForeignLedgerError, match="not an embedded ledger"):
        open_embedded()


def test_a_second_process_is_refused_and_told_who_holds_the_ledger(
    open_embedded: OpenEmbedded, tmp_path: Path
) -> None:
    open_embedded()
    code = (
        "import sys,time; from pathlib import Path\n"
        "from ledger.chain.embedded import EmbeddedChain\n"
        "from ledger.errors import LedgerInUseError\n"
        "try: EmbeddedChain(Path(sys.argv[1]), chain_id=1234, clock=time.time)\n"
        "except LedgerInUseError as error: print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "chain.db")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"held by process {os.getpid()}" in answer.stdout


def test_a_second_opening_in_the_same_process_is_refused(open_embedded: OpenEmbedded) -> None:
    open_embedded()
    with pytest.raises(LedgerInUseError):
        open_embedded()


def test_a_closed_chain_says_so(open_embedded: OpenEmbedded) -> None:
    chain = open_embedded()
    probe = deploy_probe(chain, Sender())
    chain.close()
    chain.close()
    with pytest.raises(ChainUnavailableError, match="closed"):
        probe.count()
    with pytest.raises(ChainUnavailableError, match="closed"):
        probe.note(1, 1)


def test_opening_reads_no_more_of_a_longer_chain(
    open_embedded: OpenEmbedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    connect = sqlite3.connect

    def tracing(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = connect(*arguments, **options)  # type: ignore[call-overload]
        connection.set_trace_callback(statements.append)
        assert isinstance(connection, sqlite3.Connection)
        return connection

    probe = deploy_probe(open_embedded(), Sender())
    counts = []
    for _ in range(2):
        assert isinstance(probe.chain, EmbeddedChain)
        probe.chain.close()
        with monkeypatch.context() as patched:
            patched.setattr(sqlite3, "connect", tracing)
            statements.clear()
            probe.chain = open_embedded()
            counts.append(len(statements))
        for i in range(30):
            probe.note(i, i)
    assert counts[0] == counts[1] < 25


# ------------------------------------------------------------------------------------ the clock


def test_block_time_is_the_clocks_and_never_runs_ahead(open_embedded: OpenEmbedded) -> None:
    now = [1_700_000_000.9]
    probe = deploy_probe(open_embedded(clock=lambda: now[0]), Sender())
    times = []
    for step in (0, 0, 0, 1, 3600):
        now[0] += step
        probe.note(1, 1)
        times.append(probe.chain.head().time - 1_700_000_000)
    assert times == [0, 0, 0, 1, 3601]


def test_a_clock_set_back_never_makes_a_block_older_than_its_parent(
    open_embedded: OpenEmbedded,
) -> None:
    now = [1_700_000_000.0]
    probe = deploy_probe(open_embedded(clock=lambda: now[0]), Sender())
    now[0] -= 500
    probe.note(1, 1)
    assert probe.chain.head().time == 1_700_000_000
    now[0] += 501
    probe.note(1, 1)
    assert probe.chain.head().time == 1_700_000_001


# -------------------------------------------------------------------------------------- blocks


def test_what_is_handed_over_at_once_is_one_block(open_embedded: OpenEmbedded) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    raws = [probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", i, 1))
            for i in range(20)]  # fmt: skip
    hand_over(probe.chain, raws)
    assert probe.chain.head().number == 2
    logs = probe.chain.logs(2, 2, [probe.address])
    assert [log.log_index for log in logs] == list(range(20))
    assert [log.transaction_index for log in logs] == list(range(20))


def test_no_block_is_made_of_nothing(open_embedded: OpenEmbedded) -> None:
    chain = open_embedded()
    assert chain.send_raw_transactions([]) == []
    chain.send_raw_transactions([b"\x01", b""])
    assert chain.head().number == 0


def test_a_gap_in_the_nonces_is_refused_and_heals(open_embedded: OpenEmbedded) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    first, second = [
        probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", i, 1)) for i in range(2)
    ]
    [early] = hand_over(probe.chain, [second])
    assert early.refusal is not None
    assert early.refusal.code == "nonce-gap"
    assert [h.refusal for h in hand_over(probe.chain, [first, second])] == [None, None]


def test_the_same_transaction_twice_in_one_block_is_mined_once(
    open_embedded: OpenEmbedded,
) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    raw = probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", 1, 1))
    first, second = hand_over(probe.chain, [raw, raw])
    assert first == second
    assert probe.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gas": 20_999}, "gas"),
        ({"gas": (1 << 24) + 1}, "gas"),
        ({"value": 1}, "funds"),
        ({"maxFeePerGas": 5, "maxPriorityFeePerGas": 5}, "funds"),
    ],
)
def test_a_transaction_that_cannot_run_is_refused_and_changes_nothing(
    open_embedded: OpenEmbedded, changes: dict[str, int], code: str
) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    raw = probe.sender.sign(probe.address, calldata("count()"), nonce=1, **changes)
    [handover] = hand_over(probe.chain, [raw])
    assert handover.refusal is not None
    assert handover.refusal.code == code
    assert probe.chain.head().number == 1
    assert probe.chain.transaction_count(probe.sender.address) == 1


def test_every_single_byte_change_of_a_transaction_is_refused_or_another_senders(
    open_embedded: OpenEmbedded,
) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    raw = probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", 1, 1))
    for at in range(len(raw)):
        bent = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        probe.chain.send_raw_transactions([bent])
        assert probe.chain.transaction_count(probe.sender.address) == 1, at
    assert probe.count() == 0


def test_a_header_binds_its_chain_and_hashes_to_the_block(open_embedded: OpenEmbedded) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    head = probe.chain.head()
    proof = probe.chain.proof(probe.address, [])
    fields = decode(proof.header)
    assert keccak(proof.header) == head.hash
    assert fields[0] == head.parent_hash
    assert int.from_bytes(fields[8], "big") == head.number
    assert len(fields) == 16


def test_a_call_that_never_ends_is_refused(open_embedded: OpenEmbedded) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    with pytest.raises(CallReverted) as refused:
        probe.chain.call(probe.address, calldata("fill(uint256,uint256)", 0, 1 << 60))
    assert refused.value.data == b""


def test_calls_that_nest_too_deep_are_refused_and_change_nothing(
    open_embedded: OpenEmbedded,
) -> None:
    chain = open_embedded()
    sender = Sender()
    # Calls itself with all its gas: CALL(gas, address(this), 0, 0, 0, 0, 0).
    code = bytes.fromhex("6000600060006000600030 5a f1 00".replace(" ", ""))
    creation = bytes([0x60 + len(code) - 1]) + code + bytes.fromhex("600052")
    creation += bytes([0x60, len(code), 0x60, 32 - len(code), 0xF3])
    [made] = hand_over(chain, [sender.sign(None, creation)])
    receipt = chain.receipt(made.transaction_hash)
    assert receipt is not None
    assert receipt.contract_address is not None
    assert chain.code(receipt.contract_address) == code
    [deep] = hand_over(chain, [sender.sign(receipt.contract_address, b"", gas=16_000_000)])
    assert deep.refusal is not None
    assert "too deep" in deep.refusal.message
    assert chain.transaction_count(sender.address) == 1
    with pytest.raises(CallReverted):
        chain.call(receipt.contract_address, b"")


def test_readers_are_served_while_blocks_are_made(open_embedded: OpenEmbedded) -> None:
    probe = deploy_probe(open_embedded(), Sender())
    chain = probe.chain

    def read() -> int:
        seen = 0
        for _ in range(150):
            head = chain.head()
            block = chain.block(head.number)
            assert block == head
            count = int.from_bytes(chain.storage_at(probe.address, 0, head.number), "big")
            assert count == head.number - 1, "state and block belong together"
            assert len(chain.logs(0, head.number, [probe.address])) == count
            seen = max(seen, count)
        return seen

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for i in range(60):
            probe.note(i, i)
        for reader in readers:
            assert reader.result() >= 0
    assert probe.count() == 60


@pytest.mark.parametrize("module", ["ledger.chain.embedded", "ledger.keystore", "api.cli"])
def test_importing_the_engine_leaves_deep_json_harmless(module: str) -> None:
    code = (
        f"import json, {module}\n"
        "try: json.loads('[' * 200_000)\n"
        "except RecursionError: print('refused')\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "refused\n"


# ------------------------------------------------------------------------------------- crashes


def _consistent(chain: EmbeddedChain, address: bytes) -> int:
    """Check the whole chain against itself; gives the contract's counter."""
    head = chain.head()
    parent = chain.block(0)
    assert parent is not None
    count = 0
    events = chain.logs(0, head.number, [address])
    for number in range(1, head.number + 1):
        block = chain.block(number)
        assert block is not None
        assert block.parent_hash == parent.hash
        proof = chain.proof(address, [0], number)
        assert keccak(proof.header) == block.hash
        count += sum(1 for e in events if e.block_number == number)
        assert proof.storage[0].value == count
        parent = block
    for event in events[-20:]:
        receipt = chain.receipt(event.transaction_hash)
        assert receipt is not None
        assert event in receipt.logs
    return count


def test_no_acknowledged_block_is_lost_by_kill_9(
    open_embedded: OpenEmbedded, tmp_path: Path, deep: bool
) -> None:
    chain = open_embedded()
    probe = deploy_probe(chain, Sender())
    chain.close()
    nonce = 1
    dice = random.Random(20200123)
    for _ in range(120 if deep else 6):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.support.chain_writer", str(tmp_path / "chain.db"),
             probe.address.hex(), str(nonce)],
            cwd=ROOT, stdout=subprocess.PIPE,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(dice.uniform(0.0, 0.4))
            writer.send_signal(signal.SIGKILL)
            acknowledged = writer.stdout.read().split(b"\n")
        block, count = (int(n) for n in (acknowledged[-2:-1] or [b"0 0"])[0].split())
        again = open_embedded()
        assert again.head().number >= block
        found = _consistent(again, probe.address)
        assert found >= count
        nonce = again.transaction_count(probe.sender.address)
        assert found == nonce - 1, "each mined transaction counted once"
        again.close()


def test_a_block_that_cannot_be_written_leaves_the_chain_as_it_was(
    open_embedded: OpenEmbedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = open_embedded()
    probe = deploy_probe(chain, Sender())
    probe.note(1, 1)
    before = chain.head()
    with monkeypatch.context() as patched:

        def fail(*_: object) -> None:
            raise ChainUnavailableError("disk full")

        patched.setattr(chain._store, "commit", fail)
        raw = probe.sender.sign(probe.address, calldata("note(uint256,uint256,string)", 5, 5, "x"))
        with pytest.raises(ChainUnavailableError, match="disk full"):
            chain.send_raw_transactions([raw])
    assert chain.head() == before
    assert probe.count() == 1
    assert hand_over(chain, [raw])[0].refusal is None
    assert _consistent(chain, probe.address) == 2


def test_a_full_disk_is_unavailable_and_loses_nothing(open_embedded: OpenEmbedded) -> None:
    chain = open_embedded()
    probe = deploy_probe(chain, Sender())
    (pages,) = chain._store._writer.execute("PRAGMA page_count").fetchone()
    chain._store._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    raw = probe.sender.sign(probe.address, calldata("fill(uint256,uint256)", 0, 60))
    with pytest.raises(ChainUnavailableError):
        chain.send_raw_transactions([raw])
    chain._store._writer.execute(f"PRAGMA max_page_count={pages + 10_000}")
    assert hand_over(chain, [raw])[0].refusal is None
    assert probe.count() == 60


def test_the_lock_file_names_the_holder_only_while_it_holds(
    open_embedded: OpenEmbedded, tmp_path: Path
) -> None:
    chain = open_embedded()
    assert json.loads((tmp_path / "chain.db.lock").read_text()) == os.getpid()
    chain.close()
    open_embedded().close()
