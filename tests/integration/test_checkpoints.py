"""What the service signs about the log, what it never signs, and what a witness finds."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import validator_for

from api.cli import main
from ledger import demo
from ledger.chain.protocol import AccountProof
from ledger.checkpointing import CHECKPOINT_PERIOD, Checkpoints
from ledger.errors import ChainUnavailableError, EvidenceError, RequestError, UnavailableError
from ledger.evidence.bundle import Bundle, ConsistencyClaim
from ledger.evidence.report import Result
from ledger.evidence.signed import CheckpointStatement
from ledger.evidence.slots import head_slot
from ledger.evidence.verification import verify
from ledger.index import projection
from ledger.index.checkpoints import KeptCheckpoint
from ledger.index.database import Database
from ledger.merkle import verify_consistency
from ledger.signing import recover
from ledger.vocabulary import NO_END
from ledger.witnessing import Seen, countersign, examine
from ledger.workspace import Settings, Workspace
from tests.support.anvil import Anvil, anvil
from tests.support.workspaces import (
    BEGINNING,
    CHAIN_ID,
    HandClock,
    author,
    found,
    key_file,
    new_data,
    opened,
    recorded,
    signer,
)

LATER = CHECKPOINT_PERIOD + 1


def happen(workspace: Workspace, *numbers: str) -> None:
    """The regulator licences Qingluan under these numbers."""
    by = author(workspace, "regulator")
    for number in numbers:
        entry = by.write(
            "IssueQualification",
            holder=demo.QINGLUAN.id,
            validFrom=BEGINNING - 86400,
            validUntil=NO_END,
            document=bytes(32),
            category=demo.MASK,
            model="",
            kind="cn-production-licence",
            number=number,
        )
        recorded(workspace, by, entry)


def seen(kept: KeptCheckpoint) -> Seen:
    return Seen(kept.checkpoint, kept.nodes)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(BEGINNING + LATER)


@pytest.fixture
def workspace(tmp_path: Path, clock: HandClock) -> Iterator[Workspace]:
    with opened(new_data(tmp_path), clock) as workspace:
        yield workspace


# ------------------------------------------------------------------------------------ what is made


def test_a_checkpoint_is_the_log_of_a_block_sealed_by_the_services_own_key(
    workspace: Workspace,
) -> None:
    happen(workspace, "1")
    made, position = workspace.checkpoint(), workspace.index.position()
    assert (made.size, made.root) == (position.size, position.root)
    assert (made.block_number, made.block_hash) == (position.block_number, position.block_hash)
    said = CheckpointStatement(
        made.size, made.root, made.block_number, made.block_hash, made.made_at
    )
    [signature] = made.checkpoint.seal.signatures
    account = recover(said.digest(workspace.deployment.domain("EntryLog")), signature)
    assert account == workspace.service_key().address
    assert account != workspace.relayer.address


def test_what_is_recorded_while_it_is_made_comes_after_it(
    workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(workspace, "1")
    prove = workspace.gateway.proof

    def slowly(*asked: Any) -> AccountProof:
        proof = prove(*asked)
        monkeypatch.undo()
        clock.now += 1
        happen(workspace, "2")
        clock.now += 2
        return proof

    workspace.checkpoints._period = 10**9
    monkeypatch.setattr(workspace.gateway, "proof", slowly)
    made = workspace.checkpoints.make()
    [meanwhile] = workspace.index.entries(made.size, 10)
    assert made.made_at < meanwhile.recorded_at


def test_the_services_key_is_its_own_alone_and_outlives_the_process(
    workspace: Workspace, tmp_path: Path
) -> None:
    address = workspace.service_key().address
    data = workspace.data
    for name in ("checkpoint.json", "checkpoint.password"):
        assert (data / "keys" / name).stat().st_mode & 0o777 == 0o600
    workspace.close()
    with opened(data) as again:
        assert again.service_key().address == address


def test_every_checkpoint_verifies_against_the_anchors_as_an_extension_of_every_earlier_one(
    workspace: Workspace, clock: HandClock
) -> None:
    made = [workspace.checkpoint()]
    for number in "123456789":
        happen(workspace, number)
        made.append(workspace.checkpoint())
    assert [m.size for m in made] == [made[0].size + i for i in range(10)]
    anchors = replace(workspace.checkpoints.anchors(), checkpoints=())
    for later in made:
        for earlier in made:
            if earlier.size <= later.size:
                bundle = workspace.checkpoints.consistency(earlier, later)
                report = verify(anchors, bundle.to_bytes())
                assert report.result is Result.VALID, report.code


def test_after_a_restart_the_next_checkpoint_extends_the_last(tmp_path: Path) -> None:
    data = new_data(tmp_path)
    with opened(data) as workspace:
        happen(workspace, "1")
        before = workspace.checkpoint()
    with opened(data) as workspace:
        assert workspace.checkpoints.latest == before
        happen(workspace, "2")
        after = workspace.checkpoint()
        path = workspace.index.log.consistency(before.size, after.size)
        assert verify_consistency(before.size, before.root, after.size, after.root, path)


# ------------------------------------------------------------------------------------------- when


def test_one_is_made_with_the_first_entry_and_then_no_more_than_every_half_minute(
    workspace: Workspace, clock: HandClock
) -> None:
    def latest() -> KeptCheckpoint:
        found = workspace.checkpoints.latest
        assert found is not None
        return found

    happen(workspace, "1")
    first = latest()
    assert (first.size, first.made_at) == (workspace.position, int(clock.now))
    happen(workspace, "2")
    assert latest() == first
    clock.now += LATER
    workspace.pump()
    assert latest().size == first.size + 1
    clock.now += LATER
    workspace.pump()
    assert latest().made_at < clock.now, "nothing happened that could be said"


def test_the_latest_serves_until_an_entry_comes_or_somebody_asks_about_later(
    workspace: Workspace, clock: HandClock
) -> None:
    happen(workspace, "1")
    first = workspace.checkpoint()
    assert workspace.checkpoint(first.made_at) == first
    happen(workspace, "2")
    assert workspace.checkpoint(size=first.size) == first
    second = workspace.checkpoint()
    assert second.size == first.size + 1
    clock.now += 5
    third = workspace.checkpoint(int(clock.now))
    assert (third.size, third.block_hash) == (second.size, second.block_hash)
    assert third.made_at == clock.now
    assert workspace.store.checkpoints.at(third.block_number) == third


def test_what_is_yet_to_come_is_in_no_checkpoint(workspace: Workspace, clock: HandClock) -> None:
    for size, known_at in ((workspace.position + 1, None), (None, int(clock.now) + 1)):
        with pytest.raises(UnavailableError) as caught:
            workspace.checkpoint(known_at, size=size)
        assert caught.value.code == "checkpoint.not-yet"


def test_two_writers_keep_one_line_of_checkpoints(workspace: Workspace, clock: HandClock) -> None:
    def another() -> Checkpoints:
        return Checkpoints(
            workspace.gateway,
            workspace.indexer,
            workspace.index,
            workspace.store.checkpoints,
            workspace.deployment,
            key=workspace.service_key,
            clock=clock,
        )

    wrong: list[Exception] = []

    def write(one: Checkpoints) -> None:
        try:
            for _ in range(20):
                one.make()
        except Exception as error:
            wrong.append(error)

    writers = [threading.Thread(target=write, args=(another(),)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for number in "12345":
        happen(workspace, number)
        clock.now += 1
    for writer in writers:
        writer.join()
    assert not wrong
    kept = workspace.store.checkpoints.page(100)
    sizes = [k.size for k in reversed(kept)]
    assert sizes == sorted(sizes)
    assert len({k.block_number for k in kept}) == len(kept)


def test_a_writer_that_was_overtaken_keeps_nothing(workspace: Workspace) -> None:
    book = workspace.store.checkpoints
    before = workspace.checkpoint()
    happen(workspace, "1")
    workspace.checkpoint()
    late = replace(before, block_number=before.block_number + 1000)
    assert not book.add(late, before)
    assert not book.add(late, None)
    assert book.at(late.block_number) is None


# --------------------------------------------------------------------------------- forgotten state


class Forgetful:
    """A gateway to a node that has forgotten every state but the head's."""

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway

    def proof(self, address: bytes, slots: Any, block: int | None = None) -> AccountProof:
        if block != self._gateway.head().number:
            raise ChainUnavailableError("missing trie node")
        proof: AccountProof = self._gateway.proof(address, slots, block)
        return proof

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)


def test_where_the_node_forgot_the_state_a_new_checkpoint_is_made(
    workspace: Workspace, clock: HandClock
) -> None:
    gateway: Any = Forgetful(workspace.gateway)
    checkpoints = Checkpoints(
        gateway,
        workspace.indexer,
        workspace.index,
        workspace.store.checkpoints,
        workspace.deployment,
        key=workspace.service_key,
        clock=clock,
    )
    before = checkpoints.make()
    happen(workspace, "1")
    subject = workspace.index.qualifications_of(demo.QINGLUAN.id)[0].id
    after, proof = checkpoints.proved([head_slot(subject)])
    assert after.block_number > before.block_number
    assert proof.block_hash == after.block_hash
    assert proof.storage[0].value.to_bytes(32, "big") == workspace.index.log.node(0, after.size - 1)


def test_a_node_that_is_away_leaves_the_last_checkpoint_and_is_asked_again(
    workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(workspace, "1")
    before = workspace.checkpoints.latest
    clock.now += LATER
    with monkeypatch.context() as patch:

        def away(*_: Any) -> AccountProof:
            raise ChainUnavailableError("the chain does not answer")

        patch.setattr(workspace.gateway, "proof", away)
        happen(workspace, "2")
        assert workspace.checkpoints.latest == before
        assert isinstance(workspace.checkpoints.trouble, ChainUnavailableError)
    clock.now += LATER
    workspace.pump()
    assert workspace.checkpoints.trouble is None
    assert workspace.checkpoint().size == workspace.position


# ----------------------------------------------------------------------------- rewritten histories


@dataclass
class World:
    """A data directory whose chain can be set back to how it was at the beginning."""

    data: Path
    set_back: Callable[[], None]

    def __post_init__(self) -> None:
        shutil.copytree(self.data, self._copy)

    @property
    def _copy(self) -> Path:
        return self.data.with_name("copy")

    def restore_everything(self) -> None:
        """As somebody would who puts an old backup of everything in place."""
        self.set_back()
        for name in ("service.sqlite", "service.sqlite-wal", "service.sqlite-shm"):
            (self.data / name).unlink(missing_ok=True)
        shutil.copy(self._copy / "service.sqlite", self.data)

    def forget_the_index(self) -> None:
        """As somebody would who has set the chain back and wants it to work again."""
        database = Database(f"sqlite:///{self.data / 'service.sqlite'}")
        projection.drop(database)
        database.close()


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if getattr(request, "param", "embedded") == "embedded":
        yield _embedded(tmp_path)
        return
    with anvil(chain_id=CHAIN_ID, timestamp=BEGINNING) as node:
        data = tmp_path / "data"
        found(data, chapters=2, settings=Settings(CHAIN_ID, "anvil", node.url))
        yield World(data, _reverting(node))


#: A test that is worth founding a ledger on a node for.
on_both = pytest.mark.parametrize("world", ["embedded", "anvil"], indirect=True)


def _embedded(folder: Path) -> World:
    data = new_data(folder)
    chain = data / "chain.sqlite"
    shutil.copy(chain, folder / "old")

    def restore() -> None:
        for name in ("-wal", "-shm"):
            Path(f"{chain}{name}").unlink(missing_ok=True)
        shutil.copy(folder / "old", chain)

    return World(data, restore)


def _reverting(node: Anvil) -> Callable[[], None]:
    snapshot = node.ask("evm_snapshot")

    def revert() -> None:
        assert node.ask("evm_revert", snapshot) is True

    return revert


@on_both
def test_a_chain_that_was_set_back_is_refused_and_nothing_signed(world: World) -> None:
    with opened(world.data, HandClock(BEGINNING + LATER)) as workspace:
        happen(workspace, "1", "2")
        last = workspace.checkpoint()
    world.set_back()
    world.forget_the_index()
    with opened(world.data, HandClock(BEGINNING + 2 * LATER)) as workspace:
        with pytest.raises(EvidenceError) as caught:
            workspace.checkpoint()
        assert caught.value.code == "checkpoint.rollback"
        workspace.checkpoints.step(10**6)
        assert isinstance(workspace.checkpoints.trouble, EvidenceError)
        assert workspace.store.checkpoints.latest() == last


def test_a_chain_that_grew_again_in_another_way_is_refused_and_nothing_signed(
    world: World,
) -> None:
    with opened(world.data, HandClock(BEGINNING + LATER)) as workspace:
        happen(workspace, "1")
        last = workspace.checkpoint()
    # The relay would bring back what it knows: here it knows of nothing, and the book remembers.
    world.restore_everything()
    with opened(world.data, HandClock(BEGINNING + 2 * LATER)) as workspace:
        book = workspace.store.checkpoints
        assert book.add(last, book.latest())
        happen(workspace, "another 1", "another 2")
        with pytest.raises(EvidenceError) as caught:
            workspace.checkpoint()
        assert caught.value.code == "checkpoint.fork"
        trouble = workspace.checkpoints.trouble
        assert trouble is not None
        assert trouble.code == "checkpoint.fork"
        assert workspace.store.checkpoints.latest() == last


def test_a_state_that_the_entries_do_not_come_to_is_never_signed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = workspace.gateway.proof

    def lying(address: bytes, slots: Any, block: int | None = None) -> AccountProof:
        proof = real(address, slots, block)
        size, root = proof.storage
        return replace(proof, storage=(size, replace(root, value=root.value ^ 1)))

    monkeypatch.setattr(workspace.gateway, "proof", lying)
    with pytest.raises(EvidenceError) as caught:
        workspace.checkpoint(fresh=True)
    assert caught.value.code == "checkpoint.state"


# ---------------------------------------------------------------------------------------- witnesses


def test_a_witness_countersigns_what_extends_what_it_saw(workspace: Workspace) -> None:
    anchors = replace(workspace.checkpoints.anchors(), checkpoints=())
    first = workspace.checkpoint()
    assert examine(anchors, None, seen(first), b"").result is Result.VALID
    happen(workspace, "1", "2")
    second = workspace.checkpoint()
    path = workspace.index.log.consistency(first.size, second.size)
    assert examine(anchors, seen(first), seen(second), path).result is Result.VALID
    witness, block = countersign(anchors, seen(first), seen(second), signer("regulator"), 5)
    assert block == second.block_number
    assert (witness.previous_size, witness.previous_root) == (first.size, first.root)


def test_a_witness_finds_a_log_that_was_set_back(world: World) -> None:
    with opened(world.data, HandClock(BEGINNING + LATER)) as workspace:
        happen(workspace, "1", "2")
        before = seen(workspace.checkpoint())
        anchors = replace(workspace.checkpoints.anchors(), checkpoints=())
    world.restore_everything()
    with opened(world.data, HandClock(BEGINNING + 2 * LATER)) as workspace:
        happen(workspace, "1")
        after = seen(workspace.checkpoint())
    assert examine(anchors, None, after, b"").result is Result.VALID, "sealed as ever"
    report = examine(anchors, before, after, b"")
    assert (report.result, report.code) == (Result.INVALID, "history.rollback")


@on_both
@pytest.mark.parametrize("entries", [2, 3])
def test_a_witness_finds_two_histories(world: World, entries: int) -> None:
    with opened(world.data, HandClock(BEGINNING + LATER)) as workspace:
        happen(workspace, "1", "2")
        before = seen(workspace.checkpoint())
        anchors = replace(workspace.checkpoints.anchors(), checkpoints=())
    world.restore_everything()
    with opened(world.data, HandClock(BEGINNING + 2 * LATER)) as workspace:
        happen(workspace, *(f"another {i}" for i in range(entries)))
        after = seen(workspace.checkpoint())
        path = workspace.index.log.consistency(before.checkpoint.size, after.checkpoint.size)
    report = examine(anchors, before, after, path)
    code = "history.fork" if entries == 2 else "history.path"
    assert (report.result, report.code) == (Result.INVALID, code)


def test_a_checkpoint_without_its_proof_is_no_witnesss_business(workspace: Workspace) -> None:
    shown = seen(workspace.checkpoint())
    with pytest.raises(EvidenceError) as caught:
        examine(workspace.checkpoints.anchors(), None, replace(shown, nodes=()), b"")
    assert caught.value.code == "state.node"


def test_what_a_witness_remembers_is_read_again_as_it_was(workspace: Workspace) -> None:
    shown = seen(workspace.checkpoint())
    assert Seen.loads(shown.dumps()) == shown
    for broken in (b"", b"[]", b'{"format":"suyuan witness 1"}', shown.dumps()[:-20]):
        with pytest.raises(RequestError) as caught:
            Seen.loads(broken)
        assert caught.value.code == "witness.state"


def test_growth_that_our_own_verifier_refuses_is_not_handed_out(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = workspace.checkpoint()
    happen(workspace, "1")
    second, real = workspace.checkpoint(), workspace.checkpoints.consistency

    def broken(earlier: KeptCheckpoint, later: KeptCheckpoint) -> Bundle:
        return replace(real(earlier, later), claim=ConsistencyClaim(earlier.checkpoint, bytes(32)))

    monkeypatch.setattr(workspace.checkpoints, "consistency", broken)
    with pytest.raises(EvidenceError) as caught:
        workspace.evidence.consistency(second, first.size)
    assert caught.value.code == "history.path"


def test_the_anchors_of_a_ledger_are_of_the_form_that_is_written_down(workspace: Workspace) -> None:
    schema = files("ledger.evidence").joinpath("anchors.schema.json").read_bytes()
    validator_for(json.loads(schema)).validate(workspace.checkpoints.anchors().to_json())


def test_a_witness_by_file_keeps_both_checkpoints_of_a_rewritten_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = _embedded(tmp_path)
    key, state, out = key_file(tmp_path, "regulator"), tmp_path / "memory", tmp_path / "signed"
    anchors, bundle = tmp_path / "anchors.json", tmp_path / "bundle"

    def witness() -> int:
        return main(
            [
                *("--json", "witness", f"--bundle={bundle}", f"--out={out}"),
                *(f"--anchors={anchors}", f"--key={key}", f"--state={state}"),
            ]
        )

    def write_bundle(workspace: Workspace, since: int) -> None:
        bundle.write_bytes(workspace.evidence.consistency(workspace.checkpoint(), since))

    with opened(world.data, HandClock(BEGINNING + LATER)) as workspace:
        first = workspace.checkpoint()
        write_bundle(workspace, first.size)
    assert main(["anchors", f"--data={world.data}", f"--out={anchors}"]) == 0
    assert witness() == 0
    with opened(world.data, HandClock(BEGINNING + LATER)) as workspace:
        happen(workspace, "1", "2")
        write_bundle(workspace, first.size)
        last = workspace.checkpoint()
    assert witness() == 0
    told = json.loads(out.read_bytes())
    assert (told["previous_size"], told["block"]) == (first.size, last.block_number)
    world.restore_everything()
    with opened(world.data, HandClock(BEGINNING + 2 * LATER)) as workspace:
        happen(workspace, "another")
        rewritten = workspace.checkpoint()
        write_bundle(workspace, rewritten.size)
    capsys.readouterr()
    remembered = state.read_bytes()
    assert witness() == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["code"] == "history.rollback"
    proof = json.loads(Path(answer["contradiction"]).read_bytes())
    assert proof["earlier"]["checkpoint"] == last.checkpoint.to_json()
    assert proof["later"]["checkpoint"] == rewritten.checkpoint.to_json()
    assert state.read_bytes() == remembered, "what was seen was seen"
