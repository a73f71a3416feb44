"""Evidence out of a ledger at work: every kind holds before the verifier, proves no more and no
less than it says, and shows nobody's business but what its answer rests on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema_rs import validator_for
from sqlalchemy import text

from ledger import demo
from ledger.authoring import Author
from ledger.chain.protocol import AccountProof
from ledger.demo.batches import MASK_LOT
from ledger.errors import ChainUnavailableError, EvidenceError, RequestError
from ledger.evidence.bundle import Bundle, Witness
from ledger.evidence.report import Report, Result
from ledger.evidence.schema import schema
from ledger.evidence.verification import verify
from ledger.index.idempotency import Answer, Once
from ledger.policy import default_policy
from ledger.provenance.tracing import Direction
from ledger.question import Question
from ledger.recorded import RecordedEntry
from ledger.typed_data import Entry, hexed
from ledger.vocabulary import NO_END, Clock
from ledger.workspace import Settings, Workspace
from tests.support.databases import new_url
from tests.support.workspaces import (
    BEGINNING,
    CHAIN_ID,
    HandClock,
    author,
    new_data,
    opened,
    recorded,
    signer,
)

LATER = BEGINNING + 3_600
DAY = 86_400
SCOPE = (demo.QINGLUAN.id, demo.MASK, "QL-100")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(LATER)


@pytest.fixture
def workspace(tmp_path: Path, clock: HandClock) -> Iterator[Workspace]:
    with opened(new_data(tmp_path, story=True), clock) as workspace:
        yield workspace


def question(**changes: Any) -> Question:
    asked = Question(
        demo.QINGLUAN.id, demo.MASK, "QL-100", 50_000, "H87", (LATER, LATER + DAY), LATER,
        LATER, Clock.RECORDED, "Asia/Shanghai", (),
    )  # fmt: skip
    return replace(asked, **changes)


def licence(workspace: Workspace) -> RecordedEntry:
    """The first licence that was issued to Qingluan."""
    chain = workspace.index.by_subject(demo.QINGLUAN.id.ljust(32, b"\0"))
    return next(e for e in chain if e.action == "IssueQualification")


def made(workspace: Workspace) -> Mapping[str, bytes]:
    """A bundle of each kind about the story of the demo."""
    evidence, position = workspace.evidence, workspace.position
    issued = licence(workspace)
    first = workspace.checkpoint()
    by = author(workspace, "regulator")
    recorded(workspace, by, licensing(by, "A-LATER-ONE"))
    return {
        "entry": evidence.entry(issued.sequence),
        "standing": evidence.standing(*SCOPE),
        "non-revocation": evidence.non_revocation(issued.subjects[0], entry=issued.sequence),
        "trace": evidence.trace(MASK_LOT.id, Direction.BACK),
        "verdict": evidence.verdict(question(known_at=LATER - 1), default_policy(), position),
        "absence": evidence.absence(
            "QualificationRegistry", signer("regulator").address, 2**63 + 5
        ),
        "consistency": evidence.consistency(workspace.checkpoint(), first.size),
    }


def licensing(by: Author, number: str) -> Entry:
    return by.write(
        "IssueQualification",
        holder=demo.BAIZE.id,
        validFrom=BEGINNING - DAY,
        validUntil=NO_END,
        document=bytes(32),
        category=demo.MASK,
        model="",
        kind="cn-production-licence",
        number=number,
    )


def checked(workspace: Workspace, raw: bytes) -> Report:
    """What a verifier says of the bytes that holds the anchors of this ledger as it is now."""
    return verify(workspace.checkpoints.anchors(), raw)


def told(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(raw)
    return found


def test_a_bundle_of_every_kind_is_valid_canonical_and_fits_the_schema(
    workspace: Workspace,
) -> None:
    validator = validator_for(dict(schema()))
    for kind, raw in made(workspace).items():
        report = checked(workspace, raw)
        assert (report.kind, report.result, report.code) == (kind, Result.VALID, None)
        assert orjson.dumps(told(raw), option=orjson.OPT_SORT_KEYS) == raw
        assert not list(validator.iter_errors(told(raw))), kind


def test_the_schema_misses_any_member_that_is_not_there(workspace: Workspace) -> None:
    validator = validator_for(dict(schema()))
    bundle = told(workspace.evidence.entry(3))
    for member in schema()["required"]:
        assert not validator.is_valid({n: v for n, v in bundle.items() if n != member}), member


def test_every_entry_of_the_ledger_can_be_taken_away(workspace: Workspace) -> None:
    for sequence in range(workspace.position):
        raw = workspace.evidence.entry(sequence)
        assert checked(workspace, raw).result is Result.VALID
        assert len(raw) < 8 * 1024


def test_every_lot_can_be_traced_away_both_ways(workspace: Workspace) -> None:
    lots = {e.subjects[0] for e in workspace.index.entries(0, workspace.position)
            if e.action in ("Commission", "Transform")}  # fmt: skip
    for lot in lots:
        for direction in Direction:
            raw = workspace.evidence.trace(lot, direction)  # verified before it is handed out
            assert told(raw)["claim"]["answer"]["lots"]


def test_an_entry_that_travelled_with_many_shows_none_of_them(workspace: Workspace) -> None:
    by = author(workspace, "regulator")
    written = [licensing(by, f"TOGETHER-{n:03}") for n in range(60)]
    statuses = recorded(workspace, by, *written)
    numbers = [s.sequence for s in statuses]
    entries = [e for n in numbers if (e := workspace.index.entry(n or 0)) is not None]
    assert max(_together(entries).values()) > 30
    raw = workspace.evidence.entry(entries[17].sequence)
    assert raw.count(b"TOGETHER-") == 1
    assert b"TOGETHER-017" in raw
    others = [e for e in entries if e is not entries[17]]
    assert not any(hexed(e.digest).encode() in raw for e in others)
    assert len(raw) < 8 * 1024


def _together(entries: list[RecordedEntry]) -> dict[bytes, int]:
    counts: dict[bytes, int] = {}
    for e in entries:
        counts[e.transaction_hash] = counts.get(e.transaction_hash, 0) + 1
    return counts


# ------------------------------------------------------------------------------ as known then


def suspend(workspace: Workspace, qualification: bytes) -> int:
    by = author(workspace, "regulator")
    entry = by.write(
        "SuspendQualification", qualification=qualification, document=bytes(32), reason="a reason"
    )
    [status] = recorded(workspace, by, entry)
    assert status.sequence is not None
    return status.sequence


def test_a_later_suspension_ends_what_was_claimed_of_a_licence(
    workspace: Workspace, clock: HandClock
) -> None:
    issued = licence(workspace)
    before = workspace.evidence.non_revocation(issued.subjects[0])
    assert told(before)["claim"]["answer"]["holding"]["result"] == "valid"
    clock.tick()
    suspend(workspace, issued.subjects[0])
    clock.tick()
    after = workspace.evidence.non_revocation(issued.subjects[0])
    assert told(after)["claim"]["answer"]["holding"]["status"] == "suspended"
    # What it was then stays proved, as of its checkpoint …
    assert checked(workspace, before).result is Result.VALID
    # … but nobody can show the old history at a newer checkpoint.
    newer = Bundle.parse(after)
    old = Bundle.parse(before)
    claimed = replace(newer, claim=old.claim, entries=old.entries)
    report = checked(workspace, claimed.to_bytes())
    assert (report.result, report.code) == (Result.INVALID, "chain.head")


def test_how_a_licence_stood_at_an_entry_ends_in_a_bare_leaf(
    workspace: Workspace, clock: HandClock
) -> None:
    issued = licence(workspace)
    clock.tick()
    suspension = suspend(workspace, issued.subjects[0])
    raw = workspace.evidence.non_revocation(issued.subjects[0], entry=suspension - 1)
    bundle = told(raw)
    assert bundle["claim"]["position"] == suspension
    assert bundle["claim"]["answer"]["holding"]["status"] == "in-force"
    [chain] = [c for c in bundle["chains"] if c["subject"] == hexed(issued.subjects[0])]
    assert chain["next"] == suspension
    assert suspension in {leaf["sequence"] for leaf in bundle["leaves"]}
    assert b"SuspendQualification" not in raw
    at = workspace.evidence.non_revocation(issued.subjects[0], entry=suspension)
    assert told(at)["claim"]["answer"]["holding"]["status"] == "suspended"


@pytest.mark.parametrize("kind", ["standing", "trace"])
def test_what_was_known_at_a_past_time_rests_on_what_was_recorded_by_then(
    workspace: Workspace, clock: HandClock, kind: str
) -> None:
    known_at = int(clock())
    position = workspace.position
    clock.tick()
    suspend(workspace, licence(workspace).subjects[0])
    clock.tick()
    raw = (
        workspace.evidence.standing(*SCOPE, known_at=known_at)
        if kind == "standing"
        else workspace.evidence.trace(MASK_LOT.id, Direction.BACK, known_at=known_at)
    )
    bundle = told(raw)
    assert bundle["claim"]["position"] == position
    assert {c["next"] for c in bundle["chains"]} == {None, position}
    assert all(e["sequence"] < position for e in bundle["entries"])
    assert b"SuspendQualification" not in raw


def test_by_the_clock_of_publication_what_was_recorded_later_is_in_it(
    workspace: Workspace, clock: HandClock
) -> None:
    known_at = BEGINNING
    clock.tick()
    raw = workspace.evidence.standing(*SCOPE, known_at=known_at, clock=Clock.PUBLISHED)
    assert told(raw)["claim"]["position"] == workspace.position
    assert {c["next"] for c in told(raw)["chains"]} == {None}


def test_a_verdict_overtaken_in_its_own_second_is_not_proved(workspace: Workspace) -> None:
    position = workspace.position
    suspend(workspace, licence(workspace).subjects[0])
    with pytest.raises(RequestError) as refused:
        workspace.evidence.verdict(question(), default_policy(), position)
    assert refused.value.code == "evidence.overtaken"


def test_a_verdict_on_lots_rests_on_their_histories(workspace: Workspace) -> None:
    raw = workspace.evidence.verdict(
        question(lots=(MASK_LOT.id,)), default_policy(), workspace.position
    )
    given = workspace.decide(question(lots=(MASK_LOT.id,)))
    answer = told(raw)["claim"]["answer"]
    assert (answer["id"], answer["answer"]) == (hexed(given.id), given.answer.value)
    assert any(e["action"] == "Transform" for e in told(raw)["entries"])


def test_what_may_not_be_shown_is_not_made(workspace: Workspace) -> None:
    class Kept(Exception):
        pass

    def refuse(entries: Any) -> None:
        assert len(list(entries)) > 5
        raise Kept

    for make in _judged(workspace):
        with pytest.raises(Kept):
            make(refuse)


def _judged(workspace: Workspace) -> Iterator[Callable[[Any], bytes]]:
    evidence = workspace.evidence
    yield lambda permit: evidence.standing(*SCOPE, permit=permit)
    yield lambda permit: evidence.non_revocation(licence(workspace).subjects[0], permit=permit)
    yield lambda permit: evidence.trace(MASK_LOT.id, Direction.BACK, permit=permit)
    yield lambda permit: evidence.verdict(
        question(), default_policy(), workspace.position, permit=permit
    )


# ------------------------------------------------------------------------------ withheld


def test_an_entry_that_was_taken_and_never_recorded_is_shown_to_be_withheld(
    workspace: Workspace, clock: HandClock
) -> None:
    by = author(workspace, "regulator")
    signed = by.sign(licensing(by, "FORGOTTEN"))
    [status] = workspace.submitter.accept(
        [signed],
        organisation=by.organisation,
        token=None,
        once=Once("0x", "forgotten", bytes(32)),
        answer=lambda _: Answer(202, b"{}"),
    )
    with pytest.raises(RequestError) as early:
        workspace.withheld(status.digest)
    assert early.value.code == "evidence.not-yet"
    deadline = signed.entry.values["deadline"]
    assert isinstance(deadline, int)
    clock.now = deadline + 1
    raw = workspace.withheld(status.digest)
    claim = told(raw)["claim"]
    assert claim["digest"] == hexed(status.digest)
    assert claim["receipt"]["deadline"] == deadline
    assert checked(workspace, raw).result is Result.VALID


def test_what_was_recorded_cannot_be_shown_to_be_missing(workspace: Workspace) -> None:
    e = licence(workspace)
    nonce = e["nonce"]
    assert isinstance(nonce, int)
    with pytest.raises(RequestError) as refused:
        workspace.evidence.absence(e.contract, e.signers[0], nonce)
    assert refused.value.code == "evidence.recorded"


@pytest.mark.parametrize("contract", ["EntryLog", "Nobody"])
def test_absence_is_of_a_contract_that_takes_entries(workspace: Workspace, contract: str) -> None:
    with pytest.raises(RequestError) as refused:
        workspace.evidence.absence(contract, bytes(20), 1)
    assert refused.value.code == "evidence.contract"


def test_of_an_entry_that_is_not_there_nothing_is_proved(workspace: Workspace) -> None:
    with pytest.raises(RequestError) as refused:
        workspace.evidence.entry(10**6)
    assert refused.value.code == "entry.unknown"
    with pytest.raises(RequestError) as refused:
        workspace.evidence.non_revocation(licence(workspace).subjects[0], entry=10**6)
    assert refused.value.code == "entry.unknown"


# ------------------------------------------------------------------------------ around it


def test_countersignatures_are_added_where_they_are_asked_for(workspace: Workspace) -> None:
    kept = workspace.checkpoint()
    said = Witness(bytes(19) + b"w", 0, bytes(32), LATER, bytes(64))
    workspace.store.checkpoints.countersign(
        kept.block_number, said, now=LATER, once=Once("0x", "w", bytes(32)),
        answer=lambda _: Answer(201, b"{}"),
    )  # fmt: skip

    def entry(witnesses: bool) -> bytes:
        return workspace.evidence.entry(3, witnesses=witnesses)

    def standing(witnesses: bool) -> bytes:
        return workspace.evidence.standing(*SCOPE, witnesses=witnesses)

    for make in (entry, standing):
        assert told(make(False))["checkpoint"]["witnesses"] == []
        assert told(make(True))["checkpoint"]["witnesses"] == [said.to_json()]
        assert told(make(False))["checkpoint"]["witnesses"] == []


def test_a_service_opened_again_adds_no_countersignature_by_itself(
    workspace: Workspace, clock: HandClock
) -> None:
    kept = workspace.checkpoint()
    said = Witness(bytes(19) + b"w", 0, bytes(32), LATER, bytes(64))
    workspace.store.checkpoints.countersign(
        kept.block_number, said, now=LATER, answer=lambda _: Answer(201, b"{}")
    )
    workspace.close()
    with opened(workspace.data, clock) as again:
        assert told(again.evidence.entry(3))["checkpoint"]["witnesses"] == []
        # Nothing was recorded since, so this is the same checkpoint.
        assert again.checkpoints.make().checkpoint.witnesses == ()
        shown = told(again.evidence.entry(3, witnesses=True))["checkpoint"]["witnesses"]
        assert shown == [said.to_json()]


def test_where_the_node_forgot_a_state_a_new_checkpoint_is_made(
    workspace: Workspace, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = workspace.checkpoint()
    clock.tick()
    by = author(workspace, "regulator")
    recorded(workspace, by, licensing(by, "NEWER"))
    whole = workspace.gateway.proof

    def forgetful(address: bytes, slots: Any, block_number: int | None = None) -> AccountProof:
        if block_number == old.block_number:
            raise ChainUnavailableError("missing trie node")
        return whole(address, slots, block_number)

    monkeypatch.setattr(workspace.gateway, "proof", forgetful)
    asked = question(known_at=LATER - 1)
    raw = workspace.evidence.verdict(asked, default_policy(), old.size)
    assert told(raw)["checkpoint"]["size"] == old.size + 1


def test_evidence_from_an_index_that_lost_something_is_never_handed_out(
    workspace: Workspace,
) -> None:
    subject = demo.QINGLUAN.id.ljust(32, b"\0")
    with workspace.database.write() as session:
        session.connection().execute(
            text('DELETE FROM "subject_entry" WHERE "subject" = :s AND "sequence" = :n'),
            {"s": subject, "n": licence(workspace).sequence},
        )
    with pytest.raises(EvidenceError) as found:
        workspace.evidence.standing(*SCOPE)
    assert found.value.code in ("chain.broken", "complete.missing")


def test_postgresql_gives_the_same_evidence(workspace: Workspace, tmp_path: Path) -> None:
    issued = licence(workspace).sequence
    (tmp_path / "other").mkdir()
    data = new_data(tmp_path / "other", story=True)
    Settings(chain_id=CHAIN_ID, database_url=new_url("postgresql", tmp_path)).save(
        data / "settings.json"
    )
    workspace.checkpoints.make()
    with opened(data, HandClock(LATER)) as other:
        other.checkpoints.make()
        for first, second in zip(_three(workspace, issued), _three(other, issued), strict=True):
            # Each service has its own key.
            assert first.pop("checkpoint")["root"] == second.pop("checkpoint")["root"]
            assert first == second


def _three(workspace: Workspace, entry: int) -> Iterator[dict[str, Any]]:
    yield told(workspace.evidence.entry(entry))
    yield told(workspace.evidence.standing(*SCOPE))
    yield told(workspace.evidence.trace(MASK_LOT.id, Direction.BACK))
