"""Each check finds just its fault: one thing is broken in a valid bundle, one code comes out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.ethereum import decode, encode
from ledger.evidence import canonical, signed
from ledger.evidence.anchors import Anchors, PinnedCheckpoint, SealAnchor
from ledger.evidence.bundle import (
    KINDS,
    AbsenceClaim,
    BareLeaf,
    Bundle,
    Chain,
    Checkpoint,
    ConsistencyClaim,
    JudgedClaim,
    LedgerName,
    Seal,
    ShownEntry,
)
from ledger.evidence.canonical import difference
from ledger.evidence.headers import Header
from ledger.evidence.report import CHECKS, CODES, NAMES, Result
from ledger.evidence.verification import Verifier, verify
from tests.support.evidence import (
    PAPER,
    SERVICE,
    STRANGER,
    WITNESS,
    EvidenceWorld,
    evidence_world,
)

NOTHING = bytes(32)


def code(anchors: Anchors, bundle: Bundle, *documents: bytes) -> str | None:
    """The code that decides; the report's form is looked at on the way."""
    report = verify(anchors, bundle.to_bytes(), documents)
    assert [finding.number for finding in report.findings] == list(range(1, 16))
    results = [finding.result for finding in report.findings]
    if Result.INVALID in results:
        later = report.findings[results.index(Result.INVALID) + 1 :]
        assert {finding.code for finding in later} <= {"not-reached"}
        assert report.to_json()["shown"] == {}
    return report.code


def sealed(
    world: EvidenceWorld, checkpoint: Checkpoint, *signers: Any, **changes: Any
) -> Checkpoint:
    """The checkpoint with these changes, signed anew (by the service unless told otherwise)."""
    changed = replace(checkpoint, **changes)
    block = Header.parse(changed.header, "service")
    statement = signed.CheckpointStatement(
        changed.size, changed.root, block.number, block.hash, changed.made_at
    )
    digest = statement.digest(world.domain)
    signatures = tuple(s.sign_digest(digest) for s in signers or (SERVICE,))
    return replace(changed, seal=Seal("service", signatures))


def with_field(header: bytes, place: int, value: bytes) -> bytes:
    fields = decode(header)
    fields[place] = value
    return encode(fields)


def entry_changed(bundle: Bundle, place: int, **changes: Any) -> Bundle:
    entries = list(bundle.entries)
    entries[place] = replace(entries[place], **changes)
    return replace(bundle, entries=tuple(entries))


@pytest.fixture(scope="module")
def valid(world: EvidenceWorld) -> dict[str, Bundle]:
    """A valid bundle of each kind."""
    return {kind: world.bundle(kind) for kind in KINDS}


@pytest.fixture(scope="module")
def anchors(world: EvidenceWorld) -> Anchors:
    return world.anchors()


# --------------------------------------------------------------------------------- what is valid


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_as_it_should_be_is_valid(
    anchors: Anchors, valid: dict[str, Bundle], kind: str
) -> None:
    report = verify(anchors, valid[kind].to_bytes())
    assert report.result is Result.VALID
    assert report.kind == kind
    assert report.to_json()["shown"]["checkpoint"]["size"] == valid[kind].checkpoint.size


@pytest.mark.parametrize("kind", KINDS)
def test_a_bundle_is_written_as_it_was_read(valid: dict[str, Bundle], kind: str) -> None:
    data = valid[kind].to_bytes()
    assert Bundle.parse(data) == valid[kind]
    assert Bundle.parse(data).to_bytes() == data


def test_what_is_as_of_an_earlier_position_says_so_and_what_came_next(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    earlier = verify(anchors, valid["non-revocation"].to_bytes())
    assert "limit.known" in earlier.limits
    assert earlier.to_json()["shown"]["later"] == world.suspension
    latest = verify(anchors, valid["standing"].to_bytes())
    assert "limit.known" not in latest.limits
    assert latest.to_json()["shown"]["later"] is None


def test_each_check_and_code_is_said_in_both_languages() -> None:
    assert len(NAMES) == 15
    for texts in (*CHECKS.values(), *CODES.values()):
        assert texts.en
        assert texts.zh


def test_many_entries_at_one_checkpoint_are_each_reported_as_they_would_be_alone(
    world: EvidenceWorld, anchors: Anchors
) -> None:
    verifier = Verifier(anchors)
    for sequence in range(len(world.records)):
        data = world.entry_bundle(sequence).to_bytes()
        assert verifier.verify(data).to_json() == verify(anchors, data).to_json()


def test_a_known_checkpoint_lends_its_word_to_no_altered_entry(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    verifier = Verifier(anchors)
    assert verifier.verify(valid["entry"].to_bytes()).code is None
    for changed in (
        entry_changed(valid["entry"], 0, recorded_at=1),
        entry_changed(valid["entry"], 0, path=b""),
        entry_changed(valid["entry"], 0, action="CloseLot"),
    ):
        again = verifier.verify(changed.to_bytes())
        assert again.code is not None
        assert again.to_json() == verify(anchors, changed.to_bytes()).to_json()


# ------------------------------------------------------------------------------------- 1: form


def altered(bundle: Bundle, change: Callable[[dict[str, Any]], object]) -> bytes:
    data = canonical.loads(bundle.to_bytes())
    change(data)
    return canonical.dumps(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("leaves"),
        lambda d: d.update(further=1),
        lambda d: d.update(nodes={}),
        lambda d: d["checkpoint"].update(size="1"),
        lambda d: d["checkpoint"].update(size=True),
        lambda d: d["checkpoint"].update(root=d["checkpoint"]["root"].upper()),
        lambda d: d["checkpoint"].update(root=d["checkpoint"]["root"][:-2]),
        lambda d: d["checkpoint"].update(header=d["checkpoint"]["header"].rstrip("=") + "\n"),
        lambda d: d["checkpoint"]["seal"].update(rule="word of honour"),
        lambda d: d["checkpoint"]["seal"].update(signatures=[]),
        lambda d: d["entries"].reverse(),
        lambda d: d["entries"].append(d["entries"][-1]),
        lambda d: d["chains"].reverse(),
        lambda d: d["entries"][0].update(message=[]),
        lambda d: d["entries"][0]["previous"].append("0x" + "00" * 32),
        lambda d: d["ledger"]["contracts"].pop("EntryLog"),
        lambda d: d["claim"].update(clock="broken"),
        lambda d: d["claim"].update(answer=[]),
        lambda d: d["claim"]["freshness"].pop("default"),
    ],
)
def test_another_form_is_refused(
    anchors: Anchors, valid: dict[str, Bundle], change: Callable[[dict[str, Any]], object]
) -> None:
    report = verify(anchors, altered(valid["standing"], change))
    assert (report.kind, report.code) == (None, "form.schema")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format="suyuan evidence 2"),
        lambda d: d.update(kind="rumour"),
        lambda d: d.update(kind=[]),
        lambda d: d.pop("kind"),
        lambda d: d.pop("format"),
    ],
)
def test_an_unknown_format_or_kind_is_refused(
    anchors: Anchors, valid: dict[str, Bundle], change: Callable[[dict[str, Any]], object]
) -> None:
    assert verify(anchors, altered(valid["entry"], change)).code == "form.version"


def test_an_entry_is_not_shown_a_second_time_as_a_leaf(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["standing"]
    leaf = world.bare(bundle.entries[0].sequence, bundle.checkpoint.size)
    assert code(anchors, replace(bundle, leaves=(leaf,))) == "form.schema"


def test_a_single_entry_has_no_company(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    bundle, other = valid["entry"], valid["standing"]
    for changed in (
        replace(bundle, entries=()),
        replace(bundle, entries=(replace(bundle.entries[0], path=None),)),
        replace(bundle, chains=other.chains),
        replace(bundle, entries=other.entries),
        replace(valid["consistency"], entries=bundle.entries),
    ):
        assert code(anchors, changed) == "form.schema"


# ------------------------------------------------------------------------------- 2: the ledger


def test_another_chain_is_refused(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    bundle = valid["entry"]
    for ledger in (
        replace(bundle.ledger, chain_id=1),
        replace(bundle.ledger, genesis=NOTHING),
    ):
        assert code(anchors, replace(bundle, ledger=ledger)) == "ledger.chain"


def test_another_contract_is_refused(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    bundle = valid["entry"]
    contracts = {**bundle.ledger.contracts, "EntryLog": bytes(20)}
    changed = replace(bundle, ledger=replace(bundle.ledger, contracts=contracts))
    assert code(anchors, changed) == "ledger.contracts"


def test_a_contract_that_the_anchors_do_not_know_leaves_it_open(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["entry"]
    contracts = {**bundle.ledger.contracts, "Successor": bytes(20)}
    changed = replace(bundle, ledger=replace(bundle.ledger, contracts=contracts))
    report = verify(anchors, changed.to_bytes())
    assert (report.result, report.code) == (Result.UNKNOWN, "ledger.contract-unknown")


# -------------------------------------------------------------------------- 3 and 4: the block


def test_a_malformed_header_is_refused(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    header = valid["entry"].checkpoint.header
    for broken in (
        b"",
        header[:-1],
        header + b"\0",
        encode(decode(header)[:14]),
        with_field(header, 0, bytes(31)),
        with_field(header, 8, b"\0\1"),
        encode([[], *decode(header)[1:]]),
    ):
        checkpoint = replace(valid["entry"].checkpoint, header=broken)
        assert code(anchors, replace(valid["entry"], checkpoint=checkpoint)) == "header.malformed"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda w, c: replace(c, seal=Seal("qbft")), "header.malformed"),
        (lambda w, c: replace(c, seal=Seal("clique")), "seal.rule"),
        (lambda w, c: replace(c, seal=Seal("service", (bytes(64),))), "seal.signature"),
        (lambda w, c: sealed(w, c, SERVICE, SERVICE), "seal.signature"),
        (lambda w, c: sealed(w, c, STRANGER), "seal.key"),
        (lambda w, c: sealed(w, c, SERVICE, STRANGER), "seal.key"),
        (lambda w, c: replace(c, made_at=c.made_at + 1), "seal.key"),
        (lambda w, c: replace(c, size=c.size - 1), "seal.key"),
        (lambda w, c: sealed(w, c, made_at=1), "seal.time"),
    ],
)
def test_a_bad_seal_is_refused(
    world: EvidenceWorld,
    anchors: Anchors,
    valid: dict[str, Bundle],
    change: Callable[[EvidenceWorld, Checkpoint], Checkpoint],
    expected: str,
) -> None:
    bundle = valid["entry"]
    assert code(anchors, replace(bundle, checkpoint=change(world, bundle.checkpoint))) == expected


def test_as_many_keys_as_the_anchors_want_must_seal(
    world: EvidenceWorld, valid: dict[str, Bundle]
) -> None:
    both = SealAnchor("service", tuple(sorted((SERVICE.address, STRANGER.address))), 2)
    anchors, bundle = world.anchors(seal=both), valid["entry"]
    assert code(anchors, bundle) == "seal.quorum"
    checkpoint = sealed(world, bundle.checkpoint, SERVICE, STRANGER)
    assert code(anchors, replace(bundle, checkpoint=checkpoint)) is None


# -------------------------------------------------------------------------------- 5: witnesses


def test_a_known_witness_counts(world: EvidenceWorld, valid: dict[str, Bundle]) -> None:
    bundle = valid["entry"]
    anchors = world.anchors(witness_quorum=1)
    assert code(anchors, bundle) == "witness.quorum"
    witnessed = replace(bundle, checkpoint=world.witnessed(bundle.checkpoint, WITNESS))
    assert code(anchors, witnessed) is None


def test_an_unknown_witness_does_not_count(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["entry"]
    witnessed = replace(bundle, checkpoint=world.witnessed(bundle.checkpoint, STRANGER))
    assert verify(anchors, witnessed.to_bytes()).result is Result.UNKNOWN
    assert code(anchors, witnessed) == "witness.unknown"
    assert code(world.anchors(witness_quorum=1), witnessed) == "witness.quorum"


def test_a_countersignature_binds_what_the_witness_had_seen(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["entry"]
    checkpoint = world.witnessed(bundle.checkpoint, WITNESS)
    for changes in ({"previous_size": 1}, {"witnessed_at": 1}, {"signature": bytes(64)}):
        witness = replace(checkpoint.witnesses[0], **changes)
        changed = replace(bundle, checkpoint=replace(checkpoint, witnesses=(witness,)))
        assert code(anchors, changed) == "witness.signature"


# ------------------------------------------------------------------------------------ 6: state


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_is_needed_where_it_stands(
    anchors: Anchors, valid: dict[str, Bundle], kind: str
) -> None:
    bundle = valid[kind]
    nodes = bundle.nodes
    for changed in (
        nodes[:-1],
        (*nodes, nodes[0]),
        (*nodes, b"\xc0"),
        nodes[::-1],
        (nodes[0] + b"\0", *nodes[1:]),
    ):
        assert code(anchors, replace(bundle, nodes=changed)) == "state.node"


def test_the_state_must_have_the_size_and_the_root(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["standing"]
    root = sealed(world, bundle.checkpoint, root=NOTHING)
    assert code(anchors, replace(bundle, checkpoint=root)) == "state.root"
    size = sealed(world, bundle.checkpoint, size=bundle.checkpoint.size + 1)
    assert code(anchors, replace(bundle, checkpoint=size)) == "state.size"


def test_the_log_must_have_the_code_of_the_anchors(
    world: EvidenceWorld, valid: dict[str, Bundle]
) -> None:
    contracts = dict(world.anchors().contracts)
    contracts["EntryLog"] = replace(contracts["EntryLog"], code_hash=NOTHING)
    assert code(world.anchors(contracts=contracts), valid["entry"]) == "state.code"


# ---------------------------------------------------------------------------------- 7: history


def test_a_checkpoint_that_was_seen_before_must_agree(
    world: EvidenceWorld, valid: dict[str, Bundle]
) -> None:
    bundle, checkpoint = valid["entry"], valid["entry"].checkpoint
    block = Header.parse(checkpoint.header, "service").hash
    for pinned, expected in (
        (PinnedCheckpoint(checkpoint.size, checkpoint.root, block), None),
        (PinnedCheckpoint(checkpoint.size, NOTHING, NOTHING), "history.fork"),
        (PinnedCheckpoint(checkpoint.size + 1, NOTHING, block), "history.fork"),
        (PinnedCheckpoint(checkpoint.size - 1, NOTHING, NOTHING), None),
    ):
        assert code(world.anchors(checkpoints=(pinned,)), bundle) == expected


def test_a_rollback_and_a_second_history_are_found(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["consistency"]
    claim = bundle.claim
    assert isinstance(claim, ConsistencyClaim)
    nodes = dict.fromkeys(
        (
            *world.nodes(world.block_with(5), ("EntryLog", (0, 1))),
            *world.nodes(world.ledger.gateway.head().number, ("EntryLog", (0, 1))),
        )
    )
    turned = replace(
        bundle,
        checkpoint=claim.earlier,
        nodes=tuple(nodes),
        claim=replace(claim, earlier=bundle.checkpoint),
    )
    assert code(anchors, turned) == "history.rollback"
    assert code(anchors, replace(bundle, claim=replace(claim, path=b""))) == "history.path"
    earlier = PinnedCheckpoint(claim.earlier.size, NOTHING, NOTHING)
    assert code(world.anchors(checkpoints=(earlier,)), bundle) == "history.fork"


def test_both_checkpoints_of_a_consistency_proof_are_looked_at(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["consistency"]
    claim = bundle.claim
    assert isinstance(claim, ConsistencyClaim)
    for earlier, expected in (
        (replace(claim.earlier, header=b""), "header.malformed"),
        (sealed(world, claim.earlier, STRANGER), "seal.key"),
        (world.witnessed(claim.earlier, STRANGER), "witness.unknown"),
        (sealed(world, claim.earlier, root=NOTHING), "state.root"),
    ):
        changed = replace(bundle, claim=replace(claim, earlier=earlier))
        assert code(anchors, changed) == expected


# ---------------------------------------------------------------------- 8 and 9: single entries


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "Wish"},
        {"message": {}},
        {"subjects": (NOTHING, NOTHING), "previous": (NOTHING, NOTHING)},
    ],
)
def test_an_entry_has_the_form_of_its_action(
    anchors: Anchors, valid: dict[str, Bundle], changes: dict[str, Any]
) -> None:
    assert code(anchors, entry_changed(valid["entry"], 0, **changes)) == "entry.form"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonce", 0),
        ("nonce", "00"),
        ("nonce", "-1"),
        ("nonce", "+1"),
        ("nonce", "٣"),
        ("nonce", "1_0"),
        ("nonce", str(2**64)),
        ("happenedAt", str(2**40)),
        ("qualification", "0x11"),
        ("qualification", "0X" + "11" * 32),
        ("qualification", "0x" + "AA" * 32),
        ("qualification", "0x" + "11 " * 21 + "1"),
        ("reason", 1),
        ("reason", None),
        ("further", "x"),
    ],
)
def test_a_value_is_written_in_one_way(
    anchors: Anchors, valid: dict[str, Bundle], name: str, value: Any
) -> None:
    message = {**valid["entry"].entries[0].message, name: value}
    assert code(anchors, entry_changed(valid["entry"], 0, message=message)) == "entry.form"


def test_an_entry_for_a_contract_that_is_not_named_is_refused(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["entry"]
    contracts = dict(bundle.ledger.contracts)
    del contracts["QualificationRegistry"]
    changed = replace(bundle, ledger=replace(bundle.ledger, contracts=contracts))
    assert code(anchors, changed) == "entry.form"


def test_a_signature_that_is_none_is_refused(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    changed = entry_changed(valid["entry"], 0, signatures=(b"\xff" * 64,))
    assert code(anchors, changed) == "entry.signature"


@pytest.mark.parametrize(
    "change",
    [
        lambda e: {"recorded_at": e.recorded_at + 1},
        lambda e: {"previous": (NOTHING,)},
        lambda e: {"subjects": (NOTHING,)},
        lambda e: {"signatures": (*e.signatures, e.signatures[0])},
        lambda e: {"path": e.path + NOTHING},
        lambda e: {"path": e.path[32:]},
        lambda e: {"message": {**e.message, "reason": "another"}},
    ],
)
def test_an_altered_entry_is_not_in_the_log(
    anchors: Anchors, valid: dict[str, Bundle], change: Callable[[ShownEntry], dict[str, Any]]
) -> None:
    entry = valid["entry"].entries[0]
    assert code(anchors, entry_changed(valid["entry"], 0, **change(entry))) == "inclusion.path"


# ---------------------------------------------------------------------------------- 10: chains


def chain_of(bundle: Bundle, length: int) -> tuple[bytes, list[int]]:
    """A subject that at least so many entries of the bundle name, and their places."""
    for chain in bundle.chains:
        places = [i for i, e in enumerate(bundle.entries) if chain.subject in e.subjects]
        if len(places) >= length:
            return chain.subject, places
    raise AssertionError(f"no chain of {length}")


def without(bundle: Bundle, place: int) -> Bundle:
    entries = bundle.entries[:place] + bundle.entries[place + 1 :]
    return replace(bundle, entries=entries)


def test_a_chain_without_its_first_entry_is_refused(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    _, places = chain_of(valid["standing"], 3)
    assert code(anchors, without(valid["standing"], places[0])) == "chain.beginning"


def test_a_chain_without_an_entry_in_its_middle_is_refused(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    _, places = chain_of(valid["standing"], 3)
    assert code(anchors, without(valid["standing"], places[1])) == "chain.broken"


def test_a_later_suspension_cannot_be_left_out(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    entries = valid["standing"].entries
    [place] = [i for i, e in enumerate(entries) if e.action == "SuspendQualification"]
    assert code(anchors, without(valid["standing"], place)) == "chain.head"


def test_swapped_heads_are_refused(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    """Two entries of a chain each with the other's previous head."""
    bundle = valid["standing"]
    subject, places = chain_of(bundle, 3)
    first, second = (bundle.entries[i] for i in places[1:3])

    def with_head_of(entry: ShownEntry, other: ShownEntry) -> ShownEntry:
        previous = list(entry.previous)
        previous[entry.subjects.index(subject)] = other.previous[other.subjects.index(subject)]
        return replace(entry, previous=tuple(previous))

    entries = list(bundle.entries)
    entries[places[1]] = with_head_of(first, second)
    entries[places[2]] = with_head_of(second, first)
    assert code(anchors, replace(bundle, entries=tuple(entries))) == "chain.broken"


def test_an_entry_in_no_chain_and_without_path_proves_nothing(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["non-revocation"]
    shown = {e.sequence for e in bundle.entries}
    subjects = {chain.subject for chain in bundle.chains}
    stranger = next(
        e.sequence
        for e in world.records
        if e.sequence not in shown and not subjects & set(e.subjects)
    )
    entries = sorted((*bundle.entries, world.shown(stranger)), key=lambda e: e.sequence)
    assert code(anchors, replace(bundle, entries=tuple(entries))) == "chain.unproved"


def next_of(bundle: Bundle, number: int | None) -> Bundle:
    """The bundle with another ``next`` where one was."""
    chains = tuple(Chain(c.subject, number) if c.next is not None else c for c in bundle.chains)
    return replace(bundle, chains=chains)


def test_what_comes_next_must_follow(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["non-revocation"]
    assert [c.next for c in bundle.chains if c.next is not None] == [world.suspension]
    # Not there, and another leaf that does not name the subject.
    assert code(anchors, next_of(bundle, world.suspension + 7)) == "chain.next"
    assert code(anchors, next_of(bundle, world.suspension - 1)) == "chain.position"
    assert code(anchors, replace(bundle, leaves=())) == "chain.next"


def test_an_entry_behind_the_position_is_refused(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["standing"]
    claim = bundle.claim
    assert isinstance(claim, JudgedClaim)
    question = {**claim.question, "position": bundle.entries[-1].sequence}
    changed = replace(bundle, claim=replace(claim, question=question))
    assert code(anchors, changed) == "chain.position"


def test_a_bare_leaf_must_be_in_the_log(anchors: Anchors, valid: dict[str, Bundle]) -> None:
    bundle = valid["non-revocation"]
    changes: list[dict[str, Any]] = [
        {"recorded_at": 1},
        {"contract": bytes(20)},
        {"digest": NOTHING},
        {"signers": NOTHING},
        {"path": b""},
    ]
    for change in changes:
        leaf: BareLeaf = replace(bundle.leaves[0], **change)
        assert code(anchors, replace(bundle, leaves=(leaf,))) == "inclusion.path"


# ------------------------------------------------------------------- 11 to 14: what is claimed


def asked(bundle: Bundle, **changes: Any) -> Bundle:
    claim = bundle.claim
    assert isinstance(claim, JudgedClaim)
    return replace(bundle, claim=replace(claim, question={**claim.question, **changes}))


def test_the_anchors_say_who_the_first_authority_is(
    world: EvidenceWorld, valid: dict[str, Bundle]
) -> None:
    founding = replace(world.anchors().founding, accounts=())
    assert code(world.anchors(founding=founding), valid["standing"]) == "author.unknown"


def test_a_question_about_somebody_else_is_not_answered_by_this(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    changed = asked(valid["standing"], organisation="0x" + "11" * 20)
    assert code(anchors, changed) == "complete.missing"


def test_what_the_answer_does_not_rest_on_is_refused(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["non-revocation"]
    spare = world.bare(world.suspension - 1, bundle.checkpoint.size)
    leaves = tuple(sorted((*bundle.leaves, spare), key=lambda leaf: leaf.sequence))
    shown = {e.sequence for e in bundle.entries}
    if spare.sequence not in shown:
        assert code(anchors, replace(bundle, leaves=leaves)) == "complete.superfluous"


def test_a_checkpoint_does_not_reach_into_the_future(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["standing"]
    late = asked(bundle, known_at=bundle.checkpoint.made_at + 1)
    assert code(anchors, late) == "known.late"
    far = asked(bundle, position=bundle.checkpoint.size + 1)
    assert code(anchors, far) == "known.position"


def test_a_chain_is_not_cut_off_before_the_time_of_knowing(
    world: EvidenceWorld, anchors: Anchors
) -> None:
    """The suspension is left out by a position before it, though it was known by then."""
    question = world.standing_question(position=world.suspension)
    assert code(anchors, world.judged_bundle("standing", question)) == "known.position"
    before = world.records[world.suspension].recorded_at - 1
    honest = world.standing_question(position=world.suspension, known_at=before)
    assert code(anchors, world.judged_bundle("standing", honest)) is None


def test_an_old_claim_holds_and_the_same_claim_of_today_does_not(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    old = valid["non-revocation"]
    today = world.non_revocation_question(
        position=len(world.records), known_at=world.now, at=world.now
    )
    new = world.judged_bundle("non-revocation", today)
    assert isinstance(old.claim, JudgedClaim)
    assert isinstance(new.claim, JudgedClaim)
    assert old.claim.answer != new.claim.answer
    lie = replace(new, claim=replace(new.claim, answer=old.claim.answer))
    assert code(anchors, old) is None
    assert code(anchors, new) is None
    assert code(anchors, lie) == "claim.differs"


@pytest.mark.parametrize("kind", ["standing", "non-revocation", "trace", "verdict"])
def test_another_answer_than_the_recomputed_is_refused(
    anchors: Anchors, valid: dict[str, Bundle], kind: str
) -> None:
    claim = valid[kind].claim
    assert isinstance(claim, JudgedClaim)
    further = {**claim.answer, "further": 1}
    changed = replace(valid[kind], claim=replace(claim, answer=further))
    report = verify(anchors, changed.to_bytes())
    assert report.code == "claim.differs"
    assert report.findings[13].detail == "/further"


def test_a_question_that_cannot_be_judged_is_refused(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    assert code(anchors, asked(valid["standing"], at=[5, 5])) == "claim.question"


def test_the_first_difference_is_named_by_its_place() -> None:
    assert difference({"a": [1, {"b/c~": 2}]}, {"a": [1, {"b/c~": 3}]}) == "/a/1/b~1c~0"
    assert difference([1], [1, 2]) == "/1"
    assert difference(1, True) == ""
    assert difference({"a": None}, {"a": None}) is None


# -------------------------------------------------------------------------------- 13: absence


def test_an_entry_that_was_recorded_is_not_absent(world: EvidenceWorld, anchors: Anchors) -> None:
    issuer = world.issuer.signer.address
    registry = world.ledger.deployment.address("QualificationRegistry")
    used = [
        e
        for e in world.records
        if e.signers[0] == issuer and e.address == registry and e.action == "IssueQualification"
    ]
    nonce = used[0]["nonce"]
    assert isinstance(nonce, int)
    there = world.absence_bundle(
        nonce=nonce, account=issuer, with_receipt=False, contract="QualificationRegistry"
    )
    assert code(anchors, there) == "absence.recorded"
    missing = world.absence_bundle(
        nonce=nonce + 200, account=issuer, with_receipt=False, contract="QualificationRegistry"
    )
    assert code(anchors, missing) is None


def test_a_receipt_must_be_the_services_own(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["absence"]
    claim = bundle.claim
    assert isinstance(claim, AbsenceClaim)
    assert claim.receipt is not None
    for changes in ({"deadline": 1}, {"accepted_at": 1}, {"signature": bytes(64)}):
        receipt = replace(claim.receipt, **changes)
        changed = replace(bundle, claim=replace(claim, receipt=receipt))
        assert code(anchors, changed) == "absence.receipt"
    assert code(world.anchors(receipts=()), bundle) == "absence.receipt"
    assert code(anchors, replace(bundle, claim=replace(claim, digest=NOTHING))) == "form.schema"


def test_before_its_deadline_nothing_is_missing(
    world: EvidenceWorld, anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["absence"]
    claim = bundle.claim
    assert isinstance(claim, AbsenceClaim)
    assert claim.receipt is not None
    deadline = bundle.checkpoint.made_at
    statement = world.receipt_statement(claim.receipt.digest, deadline, claim.receipt.accepted_at)
    signature = SERVICE.sign_digest(statement.digest(world.domain))
    receipt = replace(claim.receipt, deadline=deadline, signature=signature)
    changed = replace(bundle, claim=replace(claim, receipt=receipt))
    assert code(anchors, changed) == "absence.deadline"


# ------------------------------------------------------------------------------- 15: documents


def test_a_document_is_named_by_an_entry_unaltered(
    anchors: Anchors, valid: dict[str, Bundle]
) -> None:
    bundle = valid["standing"]
    assert code(anchors, bundle, PAPER) is None
    assert code(anchors, bundle, PAPER + b" ") == "document.unknown"
    assert code(anchors, bundle, PAPER, b"another") == "document.unknown"
    assert code(anchors, bundle, b"") == "document.unknown"


# ------------------------------------------------------------------------------- another ledger


def test_a_forged_private_chain_is_refused(
    anchors: Anchors, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Everything holds there, under the same chain id and with the same addresses; what is not
    there is the genesis and the seal of the one that the anchors are of."""
    with evidence_world(tmp_path_factory.mktemp("forged")) as forged:
        for kind in KINDS:
            bundle = forged.bundle(kind)
            assert code(forged.anchors(), bundle) is None
            disguised = replace(
                bundle,
                ledger=LedgerName(
                    anchors.chain_id,
                    anchors.genesis,
                    {name: c.address for name, c in anchors.contracts.items()},
                ),
                checkpoint=sealed(forged, bundle.checkpoint, STRANGER),
            )
            assert code(anchors, disguised) == "seal.key"


def test_a_bundle_of_another_chain_is_refused(
    anchors: Anchors, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with evidence_world(tmp_path_factory.mktemp("other"), chain_id=4321) as other:
        assert code(anchors, other.bundle("entry")) == "ledger.chain"
