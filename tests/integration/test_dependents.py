"""A key turns out to be bad from a time on: everything that rests on it is listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import demo
from ledger.demo.batches import MASK_LOT
from ledger.dependents import Because, Replay
from ledger.recorded import RecordedEntry
from ledger.replaying import shaken
from ledger.standing import Result
from ledger.workspace import Workspace
from tests.support.workspaces import (
    BEGINNING,
    HandClock,
    author,
    new_data,
    opened,
    recorded,
    signer,
)

LATER = BEGINNING + 3_600


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with opened(new_data(tmp_path, story=True), HandClock(LATER)) as workspace:
        yield workspace


def entries(workspace: Workspace) -> list[RecordedEntry]:
    return workspace.index.entries(0, workspace.position)


def replayed(workspace: Workspace, account: str, since: int = 0) -> Replay:
    replay = Replay(signer(account).address, since)
    for entry in entries(workspace):
        replay.read(entry)
    return replay


def test_everything_that_the_account_signed_is_listed_first_hand(workspace: Workspace) -> None:
    signed = [e.sequence for e in entries(workspace) if signer("regulator").address in e.signers]
    found = replayed(workspace, "regulator")
    own = [d for d in found.entries if d.because is Because.SIGNED]
    assert [d.sequence for d in own] == signed
    assert all(d.through == d.sequence for d in own)


def test_the_time_of_recording_counts(workspace: Workspace) -> None:
    [first, *_] = [e for e in entries(workspace) if signer("regulator").address in e.signers]
    found = replayed(workspace, "regulator", first.recorded_at + 1)
    assert all(d.sequence != first.sequence for d in found.entries)
    assert all(workspace.index.entry(d.sequence).recorded_at > first.recorded_at  # type: ignore[union-attr]
               for d in found.entries if d.because is Because.SIGNED)  # fmt: skip


def test_a_lot_depends_on_the_licence_that_its_maker_cited(workspace: Workspace) -> None:
    found = replayed(workspace, "regulator")
    made = next(e for e in entries(workspace) if e.subjects[0] == MASK_LOT.id)
    [depends] = [d for d in found.entries if d.sequence == made.sequence]
    assert depends.because is Because.QUALIFICATION
    assert MASK_LOT.id in found.lots


def test_what_was_made_of_a_lot_depends_on_whoever_made_the_lot(workspace: Workspace) -> None:
    found = replayed(workspace, "canglong")
    assert MASK_LOT.id in found.lots, "its polymer went into the fabric of the masks"
    assert {d.because for d in found.entries} >= {Because.SIGNED, Because.LOT}
    assert not found.qualifications


def test_whoever_the_authority_registered_depends_on_its_key(workspace: Workspace) -> None:
    found = replayed(workspace, "authority")
    assert demo.QINGLUAN.id in found.organisations
    assert len(found.entries) == workspace.position, "everybody was registered by it"


def test_a_key_that_signed_nothing_has_nothing_that_depends_on_it(workspace: Workspace) -> None:
    found = shaken(workspace, b"\x11" * 20, 0)
    assert (found.replay.entries, found.standings, found.lots, found.verdicts) == ([], (), (), ())


def test_the_standing_that_would_fall_is_the_one_that_falls_when_it_is_declared(
    workspace: Workspace,
) -> None:
    account = signer("regulator").address
    found = shaken(workspace, account, 0)
    shaky = {(s.organisation, s.scope.category): s for s in found.standings}
    canglong = shaky[demo.CANGLONG.id, "resin.polypropylene"]
    assert (canglong.now, canglong.would_be) == (Result.VALID, Result.UNKNOWN)
    authority = author(workspace, "authority")
    act = authority.write("DeclareCompromised", account=account, since=1, reason="stolen")
    recorded(workspace, authority, act)
    after = {(s.organisation, s.scope.category): s for s in shaken(workspace, account, 0).standings}
    assert {key: s.now for key, s in after.items()} == {key: s.would_be for key, s in shaky.items()}
