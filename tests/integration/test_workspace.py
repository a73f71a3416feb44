"""A data directory opened, held, closed, copied and mixed up."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger import demo
from ledger.errors import (
    ChainUnavailableError,
    EvidenceError,
    ForeignLedgerError,
    LedgerInUseError,
    RequestError,
    SuyuanError,
    UnavailableError,
)
from ledger.gathering import gather
from ledger.history import History
from ledger.importing.recording import finish
from ledger.index.idempotency import Answer, Once
from ledger.index.projection import digest
from ledger.typed_data import Entry, SignedEntry
from ledger.vocabulary import NO_END, Role
from ledger.workspace import Settings, Workspace
from tests.support.anvil import anvil
from tests.support.databases import new_url
from tests.support.workspaces import (
    BEGINNING,
    CHAIN_ID,
    HandClock,
    author,
    cheap_keys,
    found,
    new_data,
    opened,
    recorded,
    signers,
)

MASK = demo.MASK
LICENCE = "cn-production-licence"


def issue(workspace: Workspace, number: str = "licence 1", **changes: Any) -> Entry:
    """An entry by which the regulator licences Qingluan."""
    values: dict[str, Any] = {
        "holder": demo.QINGLUAN.id, "validFrom": BEGINNING - 86400, "validUntil": NO_END,
        "document": bytes(32), "category": MASK, "model": "", "kind": LICENCE, "number": number,
    }  # fmt: skip
    return author(workspace, "regulator").write("IssueQualification", **(values | changes))


def signed(workspace: Workspace, *entries: Entry) -> list[SignedEntry]:
    by = author(workspace, "regulator")
    return [by.sign(entry) for entry in entries]


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return new_data(tmp_path)


# ------------------------------------------------------------------------------ making and opening


def test_what_was_recorded_is_there_when_the_directory_is_opened_again(data: Path) -> None:
    with opened(data) as workspace:
        recorded(workspace, author(workspace, "regulator"), issue(workspace))
        before = (workspace.index.position(), digest(workspace.database))
    with opened(data) as workspace:
        assert (workspace.index.position(), digest(workspace.database)) == before
        [held] = workspace.index.qualifications_of(demo.QINGLUAN.id)
        assert held.number == "licence 1"


def test_keys_and_their_folder_are_the_owners_alone(data: Path) -> None:
    for name in ("relayer.json", "relayer.password"):
        assert (data / "keys" / name).stat().st_mode & 0o777 == 0o600
    assert (data / "keys").stat().st_mode & 0o777 == 0o700


def test_a_ledger_is_never_founded_over_another(data: Path) -> None:
    before = (data / "deployment.json").read_bytes()
    with pytest.raises(RequestError) as error:
        Workspace.create(
            data, Settings(chain_id=CHAIN_ID), demo.founding(signers()), clock=HandClock()
        )
    assert (error.value.code, error.value.field) == ("workspace.exists", "data")
    assert (data / "deployment.json").read_bytes() == before


def test_a_founding_that_came_to_nothing_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    data = tmp_path / "data"
    with monkeypatch.context() as patch:
        patch.setattr(Settings, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            found(data, chapters=0)
    assert not (data / "deployment.json").exists()
    found(data, chapters=1)
    with opened(data) as workspace:
        assert workspace.index.position().size > 0


def test_a_founding_password_without_a_key_is_taken_up(tmp_path: Path) -> None:
    keys = tmp_path / "data" / "keys"
    keys.mkdir(parents=True, mode=0o700)
    password = keys / "relayer.password"
    password.write_text("left by a crash\n")
    password.chmod(0o600)
    found(tmp_path / "data", chapters=0)
    assert password.read_text() == "left by a crash\n"


def test_terms_that_the_contract_refuses_found_nothing(tmp_path: Path) -> None:
    terms = replace(demo.founding(signers()), quorum=2)
    with cheap_keys(), pytest.raises(EvidenceError) as error:
        Workspace.create(tmp_path / "data", Settings(CHAIN_ID), terms, clock=HandClock())
    assert error.value.code == "ledger.deployment"
    assert not (tmp_path / "data" / "deployment.json").exists()


def test_a_directory_without_a_ledger_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as error:
        Workspace.open(tmp_path / "nowhere", clock=HandClock())
    assert (error.value.code, error.value.field) == ("workspace.missing", "data")
    assert str(tmp_path / "nowhere") in str(error.value)
    assert "suyuan deploy" in error.value.message_zh


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("not json", "settings"),
        ("[]", "settings"),
        ("{}", "settings"),
        ('{"chain_id": 4321, "colour": "red"}', "settings"),
        ('{"chain_id": "4321"}', "chain_id"),
        ('{"chain_id": 0}', "chain_id"),
        ('{"chain_id": true}', "chain_id"),
        ('{"chain_id": 4321, "profile": "unheard-of"}', "profile"),
        ('{"chain_id": 4321, "rpc_url": "http://127.0.0.1:1"}', "profile"),
        ('{"chain_id": 4321, "profile": "anvil"}', "profile"),
        ('{"chain_id": 4321, "database_url": 7}', "database_url"),
        ('{"chain_id": 4321, "database_url": "mysql://host/name"}', "database"),
    ],
)
def test_a_wrong_setting_is_named(data: Path, content: str, field: str) -> None:
    (data / "settings.json").write_text(content)
    with pytest.raises(RequestError) as error:
        Workspace.open(data, clock=HandClock())
    assert error.value.field == field
    assert error.value.message_zh != str(error.value)


def test_a_missing_or_damaged_pin_is_no_ledger(data: Path) -> None:
    pin = data / "deployment.json"
    pin.write_text("{}")
    with pytest.raises(EvidenceError) as damaged:
        Workspace.open(data, clock=HandClock())
    assert damaged.value.code == "ledger.deployment"
    pin.unlink()
    with pytest.raises(UnavailableError, match=r"deployment\.json"):
        Workspace.open(data, clock=HandClock())


@pytest.mark.parametrize("name", ["relayer.json", "relayer.password"])
def test_a_key_file_that_others_can_read_opens_nothing(data: Path, name: str) -> None:
    (data / "keys" / name).chmod(0o644)
    with pytest.raises(RequestError) as error:
        Workspace.open(data, clock=HandClock())
    assert error.value.code == "keystore.mode"
    (data / "keys" / name).chmod(0o600)
    with opened(data):
        pass


# ------------------------------------------------------------------------------- one process only


def test_a_second_process_is_told_which_one_holds_the_directory(data: Path) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from ledger.errors import LedgerInUseError\n"
        "from ledger.workspace import Workspace\n"
        "try: Workspace.open(Path(sys.argv[1]), clock=time.time)\n"
        "except LedgerInUseError as error: print(error)\n"
    )
    with opened(data):
        told = subprocess.run(
            [sys.executable, "-c", program, str(data)],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    assert f"held by process {os.getpid()}" in told.stdout
    assert told.stderr == ""


def test_a_second_opening_is_refused_and_the_first_goes_on(data: Path) -> None:
    with opened(data) as workspace:
        with pytest.raises(LedgerInUseError):
            Workspace.open(data, clock=HandClock())
        with pytest.raises(LedgerInUseError):
            Workspace.create(data, Settings(CHAIN_ID), demo.founding(signers()), clock=HandClock())
        recorded(workspace, author(workspace, "regulator"), issue(workspace))
    with opened(data) as workspace:
        assert len(workspace.index.qualifications_of(demo.QINGLUAN.id)) == 1


def test_a_ledger_on_a_node_is_held_by_one_process_too(tmp_path: Path) -> None:
    with anvil(chain_id=CHAIN_ID, timestamp=BEGINNING) as node:
        data = tmp_path / "data"
        found(data, chapters=0, settings=Settings(CHAIN_ID, "anvil", node.url))
        with opened(data), pytest.raises(LedgerInUseError, match=str(os.getpid())):
            Workspace.open(data, clock=HandClock())


# ------------------------------------------------------------------------------- something foreign


def failed(data: Path) -> SuyuanError:
    """The error with which opening the directory fails; it must not stay held."""
    errors = []
    for _ in range(2):
        with pytest.raises(SuyuanError) as error:
            Workspace.open(data, clock=HandClock())
        errors.append(error.value)
    assert type(errors[0]) is type(errors[1]), "the first failure left something open"
    return errors[0]


def test_a_missing_chain_file_is_a_lost_ledger_not_a_new_one(data: Path) -> None:
    (data / "chain.sqlite").unlink()
    error = failed(data)
    assert isinstance(error, ForeignLedgerError)
    assert "missing" in str(error)
    assert not (data / "chain.sqlite").exists()


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another ledger, on a chain of its own."""
    data = tmp_path / "other"
    found(data, chapters=1, settings=Settings(chain_id=CHAIN_ID + 1))
    return data


def test_a_database_of_another_chain_is_refused_and_left_alone(data: Path, other: Path) -> None:
    for file in other.glob("service.sqlite*"):
        shutil.copy(file, data / file.name)
    before = rows(data)
    assert isinstance(failed(data), ForeignLedgerError)
    assert rows(data) == before


def rows(data: Path) -> list[Any]:
    connection = sqlite3.connect(data / "service.sqlite")
    try:
        return connection.execute("SELECT * FROM entry ORDER BY sequence").fetchall()
    finally:
        connection.close()


def test_a_chain_of_another_ledger_is_refused(data: Path, other: Path) -> None:
    for file in other.glob("chain.sqlite*"):
        shutil.copy(file, data / file.name)
    assert isinstance(failed(data), ForeignLedgerError)


def test_a_pin_of_another_ledger_is_refused(data: Path, other: Path) -> None:
    shutil.copy(other / "deployment.json", data / "deployment.json")
    assert isinstance(failed(data), ForeignLedgerError)


def test_a_contract_that_is_not_the_pinned_one_is_named(data: Path) -> None:
    pin = json.loads((data / "deployment.json").read_bytes())
    pin["contracts"]["QualificationRegistry"]["codeHash"] = "0x" + "00" * 32
    (data / "deployment.json").write_text(json.dumps(pin))
    error = failed(data)
    assert isinstance(error, ForeignLedgerError)
    assert "QualificationRegistry" in str(error)


def test_settings_of_another_chain_are_refused(data: Path) -> None:
    Settings(chain_id=CHAIN_ID + 1).save(data / "settings.json")
    assert isinstance(failed(data), ForeignLedgerError)


# -------------------------------------------------------------------------------- kept histories


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with opened(new_data(tmp_path, story=True)) as opened_workspace:
        yield opened_workspace


def fresh(workspace: Workspace, organisation: bytes, category: str = MASK) -> History:
    index = workspace.index
    return gather(index, index.founding(), organisation, category, index.position().size)


def test_a_history_is_kept_while_nothing_touches_it(workspace: Workspace) -> None:
    kept = workspace.history(demo.QINGLUAN.id, MASK)
    assert workspace.is_ready(demo.QINGLUAN.id, MASK)
    recorded(
        workspace, author(workspace, "regulator"),
        issue(workspace, holder=demo.FEIYU.id, number="another's"),
    )  # fmt: skip
    assert workspace.is_ready(demo.QINGLUAN.id, MASK)
    later = workspace.history(demo.QINGLUAN.id, MASK)
    assert later == fresh(workspace, demo.QINGLUAN.id)
    assert later.position == kept.position + 1
    assert not workspace.is_ready(demo.FEIYU.id, MASK)


def test_every_kept_history_is_what_a_fresh_one_would_be(workspace: Workspace) -> None:
    """One change after another, each of another kind; after each, all suppliers are compared."""
    by = {name: author(workspace, name) for name in demo.ACCOUNTS}
    [held, *_] = workspace.index.qualifications_of(demo.QINGLUAN.id)
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("regulator", "SuspendQualification",
         {"qualification": held.id, "document": bytes(32), "reason": "seen"}),
        ("regulator", "ReinstateQualification",
         {"qualification": held.id, "document": bytes(32), "reason": "mended"}),
        ("authority", "ChangeOrganisation",
         {"organisation": demo.FEIYU.id, "status": 2, "roles": int(Role.SUPPLIER), "division": 0,
          "reason": "under inquiry"}),
        ("authority", "SetRequirement",
         {"from": BEGINNING, "until": NO_END, "category": MASK, "kind": "test-report"}),
        ("baize", "StateCapacity",
         {"organisation": demo.BAIZE.id, "publication": bytes(32), "document": bytes(32),
          "perDay": 7, "category": MASK, "model": "", "unit": "H87"}),
        ("reviewer-verifies", "LinkOrganisations",
         {"first": demo.QINGLUAN.id, "second": demo.BAIZE.id, "same": True, "reason": "one"}),
        ("baize", "StateCapacity",
         {"organisation": demo.BAIZE.id, "publication": bytes(32), "document": bytes(32),
          "perDay": 8, "category": MASK, "model": "", "unit": "H87"}),
        ("authority", "Accredit",
         {"organisation": demo.OFFICES[0].id, "from": 1, "until": BEGINNING,
          "kind": "cn-production-licence"}),
        ("authority", "DeclareCompromised",
         {"account": by["laboratory"].signer.address, "since": BEGINNING, "reason": "stolen"}),
    ]  # fmt: skip
    suppliers = [office.id for office in demo.SUPPLIERS]
    for supplier in suppliers:
        workspace.history(supplier, MASK)
    for who, action, values in changes:
        recorded(workspace, by[who], by[who].write(action, **values))
        for supplier in suppliers:
            assert workspace.history(supplier, MASK) == fresh(workspace, supplier), action


def test_what_was_indexed_before_an_interruption_is_not_overlooked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index may have read on although the round that read it failed in the end."""
    workspace.history(demo.QINGLUAN.id, MASK)
    real = workspace.indexer.sync

    def broken() -> None:
        real()
        raise ChainUnavailableError("gone after the first blocks were read")

    workspace.submitter.accept(signed(workspace, issue(workspace)))
    with monkeypatch.context() as patch:
        patch.setattr(workspace.indexer, "sync", broken)
        with pytest.raises(ChainUnavailableError):
            workspace.pump()
    workspace.pump()
    assert workspace.position == workspace.index.position().size
    history = workspace.history(demo.QINGLUAN.id, MASK)
    assert history == fresh(workspace, demo.QINGLUAN.id)


# ----------------------------------------------------------------------------- the background work


def test_the_background_work_records_what_is_accepted(data: Path) -> None:
    with opened(data) as workspace:
        workspace.start()
        workspace.start()
        entries = signed(workspace, issue(workspace))
        [status] = workspace.submitter.accept(entries)
        workspace.wake()
        until(lambda: workspace.submitter.status([status.digest])[status.digest].state == "final")
        until(lambda: workspace.position == workspace.index.position().size)
        workspace.stop()
        workspace.stop()
        assert workspace.trouble is None


def test_a_chain_that_stalls_is_seen_and_nothing_accepted_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with anvil(chain_id=CHAIN_ID, timestamp=BEGINNING) as node:
        data = tmp_path / "data"
        found(data, chapters=2, settings=Settings(CHAIN_ID, "anvil", node.url))
        with opened(data, HandClock()) as workspace:
            finish(workspace)
            workspace.start()
            node.stall()
            try:
                entries = signed(workspace, issue(workspace))
                [status] = workspace.submitter.accept(entries)
                workspace.wake()
                until(lambda: workspace.trouble is not None, 60)
                assert isinstance(workspace.trouble, ChainUnavailableError)
                waiting = workspace.submitter.status([status.digest])[status.digest]
                assert waiting.state in ("queued", "signed", "sent")
                health = workspace.relay.health()
                # Counted twice if it is signed between the two looks, never overlooked.
                assert (health.queued, health.under_way) in ((1, 0), (0, 1), (1, 1))
            finally:
                node.go_on()
            until(
                lambda: workspace.submitter.status([status.digest])[status.digest].state == "final",
                60,
            )
            until(lambda: workspace.trouble is None)
            assert len(workspace.index.qualifications_of(demo.QINGLUAN.id)) == 1
    assert "the ledger does not move" in caplog.text
    assert "the ledger moves on again" in caplog.text


def test_what_is_wrong_with_the_chain_itself_is_seen_and_ends_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(data) as workspace:
        real = workspace.indexer.sync

        def lying() -> None:
            raise EvidenceError("a root that is none", code="ledger.root")

        monkeypatch.setattr(workspace.indexer, "sync", lying)
        workspace.start()
        until(lambda: workspace.trouble is not None)
        assert isinstance(workspace.trouble, EvidenceError)
        monkeypatch.setattr(workspace.indexer, "sync", real)
        until(lambda: workspace.trouble is None)
    assert caplog.text.count("the ledger does not move: a root that is none") == 1


# ------------------------------------------------------------------------------- restored copies


def test_a_database_restored_from_an_old_copy_catches_up(data: Path, tmp_path: Path) -> None:
    """The chain went on; nothing is recorded twice, and what is signed anew is recorded (R22)."""
    with opened(data) as workspace:
        first = signed(workspace, issue(workspace, "licence 1"))
        workspace.submitter.accept(first)
    for file in data.glob("service.sqlite*"):
        shutil.copy(file, tmp_path / file.name)
    with opened(data) as workspace:
        finish(workspace)
        recorded(workspace, author(workspace, "regulator"), issue(workspace, "licence 2"))
        before = workspace.index.position()
    for file in data.glob("service.sqlite*"):
        file.unlink()
    for file in tmp_path.glob("service.sqlite*"):
        shutil.copy(file, data / file.name)
    with opened(data) as workspace:
        finish(workspace)
        after = workspace.index.position()
        assert (after.size, after.root) == (before.size, before.root)
        [digest_] = [e.entry.digest(workspace.domains["QualificationRegistry"]) for e in first]
        assert workspace.submitter.status([digest_])[digest_].state == "final"
        recorded(workspace, author(workspace, "regulator"), issue(workspace, "licence 3"))
        held = workspace.index.qualifications_of(demo.QINGLUAN.id)
        assert [q.number for q in held] == ["licence 1", "licence 2", "licence 3"]


def test_a_lost_database_is_made_again_from_the_chain(data: Path) -> None:
    with opened(data) as workspace:
        before = digest(workspace.database)
    for file in data.glob("service.sqlite*"):
        file.unlink()
    with opened(data) as workspace:
        assert digest(workspace.database) == before
        recorded(workspace, author(workspace, "regulator"), issue(workspace))


def test_a_ledger_keeps_its_index_on_postgresql(tmp_path: Path) -> None:
    data = tmp_path / "data"
    url = new_url("postgresql", tmp_path)
    found(data, chapters=2, settings=Settings(CHAIN_ID, database_url=url))
    with opened(data) as workspace:
        recorded(workspace, author(workspace, "regulator"), issue(workspace))
        assert len(workspace.index.qualifications_of(demo.QINGLUAN.id)) == 1
    assert not (data / "service.sqlite").exists()


def test_answers_to_requests_are_forgotten_after_a_week(tmp_path: Path) -> None:
    clock = HandClock()
    first, second = (Once("0xbuyer", key, bytes(32)) for key in ("first", "second"))

    def remembered(workspace: Workspace, once: Once) -> bool:
        with workspace.store.once(once) as earlier:
            return earlier is not None

    with opened(new_data(tmp_path), clock) as workspace:
        for once, days in ((first, 0), (second, 2)):
            clock.now += days * 86400
            workspace.submitter.accept(
                signed(workspace, issue(workspace, once.key)),
                once=once,
                answer=lambda _: Answer(202, b"{}"),
            )
        clock.now += 6 * 86400
        workspace.start()
        until(lambda: not remembered(workspace, first))
        assert remembered(workspace, second)
