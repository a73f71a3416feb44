"""The index says what the chain recorded, all of it, once, and believes nothing else."""

import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.chain.deployment import Deployment
from ledger.chain.protocol import Block, LedgerGateway, Log
from ledger.errors import EvidenceError, ForeignLedgerError, UnavailableError
from ledger.index import projection
from ledger.index.database import Database
from ledger.index.repository import Index
from ledger.indexing import Indexer
from tests.support.databases import new_database, new_url
from tests.support.ledger import embedded_ledger
from tests.support.lying import LyingGateway
from tests.support.told import Told

ROOT = Path(__file__).resolve().parents[3]


def indexer(told: Told, database: Database, **lies: Any) -> Indexer:
    gateway: Any = told.ledger.gateway
    if lies:
        gateway = LyingGateway(gateway, **lies)
    return Indexer(gateway, database, told.ledger.deployment)


@pytest.fixture(scope="module")
def truth(told: Told, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The digest of the index of the told ledger."""
    with new_database("sqlite", tmp_path_factory.mktemp("truth")) as database:
        indexer(told, database).sync()
        return projection.digest(database)


# ---- what is read


def test_the_index_holds_every_entry_of_the_log(told: Told, read: Database) -> None:
    gateway, deployment = told.ledger.gateway, told.ledger.deployment
    position = Index(read).position()
    assert position.size == int.from_bytes(
        gateway.storage_at(deployment.address("EntryLog"), 0), "big"
    )
    assert position.root == gateway.storage_at(deployment.address("EntryLog"), 1)
    assert position.block_number == gateway.final_head().number
    assert [e.sequence for e in Index(read).entries(0, 1000)] == list(range(position.size))


def test_every_database_holds_the_same_rows(read: Database, truth: bytes) -> None:
    assert projection.digest(read) == truth


def test_a_rebuilt_index_is_the_same(told: Told, database: Database, truth: bytes) -> None:
    reading = indexer(told, database)
    first = reading.sync()
    assert reading.rebuild() == first
    assert projection.digest(database) == truth


def test_reading_again_changes_nothing(told: Told, database: Database, truth: bytes) -> None:
    assert indexer(told, database).sync() == indexer(told, database).sync()
    assert projection.digest(database) == truth


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, 40), max_size=8))
def test_it_does_not_matter_in_which_pieces_the_chain_is_read(
    told: Told, truth: bytes, cuts: list[int]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        new_database("sqlite", Path(folder)) as database,
    ):
        for cut in sorted(cuts):
            indexer(told, database).sync(until=cut)
        indexer(told, database).sync()
        assert projection.digest(database) == truth


def test_many_events_are_read_in_several_ranges(
    told: Told, database: Database, truth: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.indexing._EVENTS", 2)
    indexer(told, database).sync()
    assert projection.digest(database) == truth


def test_blocks_that_are_not_final_are_not_read(told: Told, database: Database) -> None:
    final = told.ledger.gateway.final_head().number - 3
    assert indexer(told, database, final=final).sync().block_number == final


def test_what_other_contracts_say_is_not_heard(
    told: Told, database: Database, truth: bytes
) -> None:
    def parroted(logs: list[Log]) -> list[Log]:
        return [said for log in logs for said in (replace(log, address=b"\x99" * 20), log)]

    indexer(told, database, logs=parroted).sync()
    assert projection.digest(database) == truth


def test_several_readers_write_every_entry_once(
    told: Told, database: Database, truth: bytes
) -> None:
    failures: list[BaseException] = []

    def read() -> None:
        try:
            reading = indexer(told, database)
            for number in range(told.ledger.gateway.final_head().number + 1):
                reading.sync(until=number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert projection.digest(database) == truth


def test_a_reader_notices_that_the_index_was_dropped(told: Told, database: Database) -> None:
    indexer(told, database).sync(until=5)

    def drop(logs: list[Log]) -> list[Log]:
        projection.drop(database)
        return logs

    with pytest.raises(UnavailableError) as caught:
        indexer(told, database, logs=drop).sync()
    assert caught.value.code == "index.dropped"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_reader_that_is_killed_loses_and_repeats_nothing(
    told: Told, truth: bytes, tmp_path: Path, kind: str
) -> None:
    chain = tmp_path / "chain.db"
    source = told.ledger.gateway._store._path  # type: ignore[attr-defined]
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(chain)) as new:
        old.backup(new)
    told.ledger.deployment.save(tmp_path / "deployment.json")
    url = new_url(kind, tmp_path)
    database = Database(url)
    database.migrate()
    chance = random.Random(kind)
    script = [sys.executable, "-m", "tests.support.index_writer"]
    killed, done = 0, False
    while not done:
        with subprocess.Popen(
            [*script, str(chain), str(tmp_path / "deployment.json"), url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(6, 20)):
                done = not process.stdout.readline()
            if not done:
                process.send_signal(signal.SIGKILL)
                killed += 1
    assert process.returncode == 0
    assert killed > 1
    assert projection.digest(database) == truth
    database.close()


# ---- lies


def recorded(log: Log) -> bool:
    return len(log.topics) == 4


def appended(log: Log) -> bool:
    return len(log.topics) == 2 and len(log.data) == 64


def change_first(
    which: Callable[[Log], bool], change: Callable[[Log], Log | None]
) -> Callable[[list[Log]], list[Log]]:
    """The lie that changes (or, for None, hides) the third such event of those that are read."""

    def lie(logs: list[Log]) -> list[Log]:
        chosen = [log for log in logs if which(log)]
        if len(chosen) < 3:
            return logs
        said = change(chosen[2])
        return [x for log in logs if (x := said if log is chosen[2] else log) is not None]

    return lie


def flip_last_text_byte(log: Log) -> Log:
    data = bytearray(log.data)
    end = 64 + int.from_bytes(data[32:64], "big")
    data[end - 1] ^= 1
    return replace(log, data=bytes(data))


def with_words(log: Log, index: int, value: int) -> Log:
    start = 32 * index
    return replace(log, data=log.data[:start] + value.to_bytes(32, "big") + log.data[start + 32 :])


def with_topic(log: Log, index: int, value: bytes) -> Log:
    topics = list(log.topics)
    topics[index] = value
    return replace(log, topics=tuple(topics))


LIES: dict[str, Callable[[list[Log]], list[Log]]] = {
    "an altered entry": change_first(recorded, flip_last_text_byte),
    "an entry cut short": change_first(
        recorded, lambda log: with_words(log, 1, 9)
    ),
    "a hidden entry": change_first(recorded, lambda log: None),
    "another sequence number": change_first(
        recorded, lambda log: with_topic(log, 1, (77).to_bytes(32, "big"))
    ),
    "another subject": change_first(recorded, lambda log: with_topic(log, 2, b"\x01" * 32)),
    "another author": change_first(recorded, lambda log: with_topic(log, 3, b"\x01" * 32)),
    "another root": change_first(
        appended, lambda log: replace(log, data=log.data[:32] + b"\x01" * 32)
    ),
    "another count": change_first(
        appended, lambda log: with_words(log, 0, 5)
    ),
    "a hidden root": change_first(appended, lambda log: None),
    "another block": change_first(recorded, lambda log: replace(log, block_hash=b"\x01" * 32)),
    "another contract": change_first(
        recorded, lambda log: replace(log, address=log.address[::-1])
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", list(LIES))
def test_a_lie_about_the_events_is_not_believed(
    told: Told, database: Database, truth: bytes, lie: str
) -> None:
    indexer(told, database).sync(until=3)
    before = projection.digest(database)
    with pytest.raises(EvidenceError):
        indexer(told, database, logs=LIES[lie]).sync()
    assert projection.digest(database) == before
    indexer(told, database).sync()
    assert projection.digest(database) == truth


def test_a_transaction_that_is_hidden_leaves_a_gap(told: Told, database: Database) -> None:
    def hide(logs: list[Log]) -> list[Log]:
        hidden = [log for log in logs if recorded(log)][2].transaction_hash
        return [log for log in logs if log.transaction_hash != hidden]

    with pytest.raises(EvidenceError, match="appends leaf"):
        indexer(told, database, logs=hide).sync()


def test_a_block_with_another_time_has_another_root(told: Told, database: Database) -> None:
    def later(block: Block) -> Block:
        return replace(block, time=block.time + 1)

    with pytest.raises(EvidenceError, match="root"):
        indexer(told, database, block=later).sync()


def test_a_chain_that_changed_behind_the_cursor_is_reported(told: Told, database: Database) -> None:
    indexer(told, database).sync(until=6)

    def other(block: Block) -> Block:
        return replace(block, hash=b"\x01" * 32) if block.number == 6 else block

    with pytest.raises(EvidenceError) as caught:
        indexer(told, database, block=other).sync()
    assert caught.value.code == "ledger.reorganised"


def test_a_block_must_follow_on_the_one_before(told: Told, database: Database) -> None:
    indexer(told, database).sync(until=6)

    def other(block: Block) -> Block:
        return replace(block, parent_hash=b"\x01" * 32) if block.number == 7 else block

    with pytest.raises(EvidenceError, match="block 7 does not follow"):
        indexer(told, database, block=other).sync()


# ---- whose ledger


def test_a_database_of_another_ledger_is_refused(
    told: Told, database: Database, tmp_path: Path
) -> None:
    indexer(told, database).sync()
    before = projection.digest(database)
    with (
        embedded_ledger(tmp_path / "other.db") as other,
        pytest.raises(ForeignLedgerError, match="genesis"),
    ):
        Indexer(other.gateway, database, other.deployment).sync()
    assert projection.digest(database) == before


def test_a_chain_that_is_not_the_deployments_is_refused(
    told: Told, database: Database, tmp_path: Path
) -> None:
    with embedded_ledger(tmp_path / "other.db") as other, pytest.raises(ForeignLedgerError):
        Indexer(other.gateway, database, told.ledger.deployment).sync()


def test_a_database_of_other_contracts_is_refused(told: Told, database: Database) -> None:
    indexer(told, database).sync()
    known = told.ledger.deployment
    moved = replace(known.contracts["QualificationRegistry"], address=b"\x01" * 20)
    other = replace(known, contracts={**known.contracts, "QualificationRegistry": moved})
    with pytest.raises(ForeignLedgerError, match="QualificationRegistry"):
        Indexer(told.ledger.gateway, database, other).sync()


def without_qualifications(told: Told) -> Deployment:
    known = told.ledger.deployment
    left = {n: c for n, c in known.contracts.items() if n != "QualificationRegistry"}
    return replace(known, contracts=left)


def test_a_contract_that_the_deployment_file_lacks_is_named(told: Told, database: Database) -> None:
    gateway: LedgerGateway = told.ledger.gateway
    with pytest.raises(EvidenceError, match="QualificationRegistry at 0x") as caught:
        Indexer(gateway, database, without_qualifications(told)).sync()
    assert caught.value.code == "ledger.contract-unknown"


def test_a_contract_that_is_named_later_is_read_from_its_beginning(
    told: Told, database: Database, truth: bytes
) -> None:
    reading = Indexer(told.ledger.gateway, database, without_qualifications(told))
    with pytest.raises(EvidenceError):
        reading.sync()
    indexer(told, database).sync()
    assert projection.digest(database) == truth


def test_an_admitted_contract_of_an_unknown_kind_is_named(told: Told, database: Database) -> None:
    known = told.ledger.deployment
    renamed = replace(known.contracts["QualificationRegistry"], name="BatchLedger")
    contracts = {**without_qualifications(told).contracts, "BatchLedger": renamed}
    reading = Indexer(told.ledger.gateway, database, replace(known, contracts=contracts))
    with pytest.raises(EvidenceError, match="BatchLedger"):
        reading.sync()
