"""A ledger founded before there were batches: they are deployed beside, and nothing changes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import demo
from ledger.catalogue.acts import acts
from ledger.chain.deployment import BATCHES, deploy_registries
from ledger.citing import citations
from ledger.demo.batches import FIRST_RESIN
from ledger.errors import ChainUnavailableError, RequestError, UnavailableError
from ledger.index.projection import digest
from ledger.question import Question
from ledger.recorded import RecordedEntry
from ledger.typed_data import ACTIONS, Entry
from ledger.workspace import Settings, Workspace
from tests.support.anvil import anvil
from tests.support.workspaces import (
    BEGINNING,
    CHAIN_ID,
    HandClock,
    author,
    found,
    opened,
    recorded,
)

OF_BATCHES = {"BatchLedger", "BatchOversight", "LogisticUnits"}
QUESTIONS = [(demo.QINGLUAN, "QL-100"), (demo.BLUE_WHALE, "BW-3"), (demo.BAIZE, "BZ-95")]


@pytest.fixture(params=["embedded", "anvil"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The invented world's qualifications on the three first contracts alone."""
    data = tmp_path / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.workspace.deploy", deploy_registries)
        if request.param == "embedded":
            found(data, chapters=99)
            yield data
            return
        with anvil(chain_id=CHAIN_ID, timestamp=BEGINNING) as node:
            found(data, chapters=99, settings=Settings(CHAIN_ID, "anvil", node.url))
            yield data


def at_rest(workspace: Workspace) -> Workspace:
    """The same, when nothing is under way to the chain any more: a node takes its time."""
    for _ in range(200):
        if not workspace.relay.health().under_way:
            return workspace
        workspace.pump()
        time.sleep(0.05)
    raise AssertionError("entries are still under way")


def everything(workspace: Workspace) -> list[RecordedEntry]:
    return workspace.index.entries(0, 10_000)


def answers(workspace: Workspace) -> list[bytes]:
    at = BEGINNING + 3_600
    return [
        repr(
            workspace.decide(
                Question.for_day(
                    office.id, demo.MASK, model, 1_000, "H87", "2026-11-27",
                    known_at=at, zone="Asia/Shanghai", at=at,
                )
            ).to_json()
        ).encode()
        for office, model in QUESTIONS
    ]  # fmt: skip


def admissions(workspace: Workspace) -> list[Entry]:
    by = author(workspace, "authority")
    return [
        by.write("AdmitContract", ledger=workspace.deployment.address(name), name=name)
        for name in workspace.deployment.waiting(workspace.gateway)
    ]


def processes(workspace: Workspace) -> list[Entry]:
    by = author(workspace, "authority")
    return [
        by.write(action, **fields)
        for action, fields in acts(workspace.catalogue, BEGINNING)
        if ACTIONS[action].contract == BATCHES
    ]


def commission(workspace: Workspace) -> Entry:
    lot = FIRST_RESIN
    now = int(workspace.clock())
    cited = citations(
        workspace.history(lot.maker.id, lot.category), lot.maker.id, lot.category, "",
        at=now, now=now, digest_of=lambda n: everything(workspace)[n].digest,
    )  # fmt: skip
    return author(workspace, lot.maker.key).write(
        "Commission", quantity=10, gtin=lot.gtin, originNotShown=False, document=bytes(32),
        lot=lot.lot, category=lot.category, model="", unit=lot.unit, place="", origin="",
        cited=cited,
    )  # fmt: skip


def test_batches_join_a_ledger_that_holds_qualifications(old: Path) -> None:
    with opened(old) as workspace:
        assert BATCHES not in workspace.deployment.contracts
        entries, told = everything(at_rest(workspace)), answers(workspace)
        workspace.add_batches()
    with opened(old) as workspace:
        assert set(workspace.deployment.waiting(workspace.gateway)) == OF_BATCHES
        assert set(workspace.domains) >= OF_BATCHES
        assert (everything(workspace), answers(workspace)) == (entries, told)
        recorded(workspace, author(workspace, "authority"), *admissions(workspace))
        assert workspace.deployment.waiting(workspace.gateway) == ()
        recorded(workspace, author(workspace, "authority"), *processes(workspace))
        recorded(workspace, author(workspace, "canglong"), commission(workspace))
        [made] = workspace.index.by_subject(FIRST_RESIN.id)
        assert (made.action, made["quantity"]) == ("Commission", 10)
        assert everything(workspace)[: len(entries)] == entries
        before = digest(workspace.database)
        workspace.indexer.rebuild()
        assert digest(workspace.database) == before


def test_batches_are_added_once(old: Path) -> None:
    with opened(old) as workspace:
        at_rest(workspace).add_batches()
    with opened(old) as workspace, pytest.raises(RequestError) as error:
        workspace.add_batches()
    assert (error.value.code, error.value.field) == ("workspace.deployed", "add")


def test_an_index_that_ran_past_the_new_contracts_is_read_again(old: Path) -> None:
    """Whoever reads on between the deployment and the next opening has not heard them."""
    with opened(old) as workspace:
        at_rest(workspace).add_batches()
        workspace.indexer.sync()
    with opened(old) as workspace:
        assert len(everything(workspace)) == workspace.index.position().size
        recorded(workspace, author(workspace, "authority"), *admissions(workspace))


def test_nothing_is_deployed_while_entries_are_under_way(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(old, HandClock()) as workspace:
        before = (old / "deployment.json").read_bytes()
        entry = author(workspace, "authority").write("SetQuorum", quorum=1)
        workspace.submitter.accept([author(workspace, "authority").sign(entry)])

        def silent(raws: object) -> None:
            raise ChainUnavailableError("no answer")

        monkeypatch.setattr(workspace.gateway, "send_raw_transactions", silent)
        with pytest.raises(ChainUnavailableError):
            workspace.relay.step()
        with pytest.raises(UnavailableError, match="under way"):
            workspace.add_batches()
        assert (old / "deployment.json").read_bytes() == before
