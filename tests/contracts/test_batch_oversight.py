"""What was found about lots, and which must stand still; the cases are in batch_oversight.tree."""

from dataclasses import replace

import pytest
from eth_hash.auto import keccak

from ledger.typed_data import SignedEntry, Value
from ledger.vocabulary import NO_END, Role
from tests.support.batch_world import OVERSIGHT, STANDARD, BatchWorld
from tests.support.contract_world import AUTHORITIES, DAY, FOUNDED, NOBODY, REGISTER, account, org

FIRST, SECOND, _ = AUTHORITIES
BLOCKED = 8
#: Who may acknowledge: SUPPLIER, BUYER and STORE.
PARTY = 32 + 128 + 256
UNKNOWN = org("warehouse") + bytes(12)
STOPS = ["Hold", "Recall"]


@pytest.fixture
def world(batches: BatchWorld) -> BatchWorld:
    return batches


@pytest.fixture
def lot(world: BatchWorld) -> bytes:
    """Masks of the maker's, some of which the warehouse has."""
    made = world.made(world.found_goods(by="supplier"))
    world.hand_over(made, "supplier", "storekeeper")
    return made


def refuses(world: BatchWorld, entry: SignedEntry, name: str, /, **values: object) -> None:
    """The entry is refused by exactly this, and nothing changes."""
    error = world.refused(entry)
    assert (error.name, dict(error.values)) == (name, values)


def is_blocked(world: BatchWorld, lot: bytes) -> bool:
    return bool(world.lot(lot)[5] & BLOCKED)


def accredit(world: BatchWorld, organisation: str, kind: str, start: int, end: int) -> None:
    terms: dict[str, Value] = {"from": start, "until": end, "kind": kind}
    world.accepted(world.ruled("Accredit", organisation=org(organisation), **terms))


# ---------------------------------------------------------------- inspections


@pytest.mark.parametrize("result", [1, 2, 3])
def test_it_should_record_an_inspection_of_which_nothing_follows_on_chain(
    world: BatchWorld, lot: bytes, result: int
) -> None:
    before = world.storage()
    [recorded] = world.accepted(world.inspect(lot, result=result))

    assert (recorded.subject, recorded.author) == (lot, org("laboratory"))
    # Only the log and the used nonce moved.
    after = world.storage()
    assert {n for n in after if after[n] != before[n]} == {"EntryLog", OVERSIGHT}
    assert world.standings(lot) == 0
    world.accepted(world.alone("Dispense", "storekeeper", lot))


def test_it_should_take_a_sample_from_the_moment_the_lot_was_begun_until_the_report(
    world: BatchWorld, lot: bytes
) -> None:
    world.now += DAY
    for sampled in (FOUNDED, FOUNDED + 5, world.now):
        world.accepted(world.inspect(lot, sampledAt=sampled))


def test_it_should_refuse_an_inspection_before_the_lot_existed(
    world: BatchWorld, lot: bytes
) -> None:
    for sampled in (0, FOUNDED - 1):
        entry = world.inspect(lot, sampledAt=sampled)
        times = {"sampledAt": sampled, "madeAt": FOUNDED}
        refuses(world, entry, "OversightSampledBeforeMade", **times)


def test_it_should_refuse_a_sample_taken_after_the_inspection(
    world: BatchWorld, lot: bytes
) -> None:
    world.now += 60
    when = world.now - 10
    entry = world.inspect(lot, happenedAt=when, sampledAt=when + 1)
    refuses(world, entry, "OversightValueInvalid", field=4, value=when + 1)


def test_it_should_refuse_an_inspection_by_who_is_no_laboratory(
    world: BatchWorld, lot: bytes
) -> None:
    accredit(world, "inspectorate", STANDARD, 1, NO_END)
    for by in ("inspector", "supplier"):
        entry = world.inspect(lot, by=by)
        role = int(Role.LABORATORY)
        refuses(world, entry, "EntryRoleMissing", account=account(by), role=role)


@pytest.mark.parametrize(
    ("by", "organisation", "standard"),
    [("makers tester", "maker", STANDARD), ("tester", "laboratory", "GB 2626-2019")],
)
def test_it_should_refuse_a_laboratory_without_accreditation_for_the_standard(
    world: BatchWorld, lot: bytes, by: str, organisation: str, standard: str
) -> None:
    refuses(
        world,
        world.inspect(lot, by=by, standard=standard),
        "OversightNotAccredited",
        organisation=org(organisation),
        kind=keccak(standard.encode()),
        time=world.now,
    )


def test_it_should_ask_for_accreditation_when_the_sample_was_taken_and_now(
    world: BatchWorld, lot: bytes
) -> None:
    world.now += DAY
    for start, end, sampled in [
        (FOUNDED + 10, NO_END, FOUNDED + 9),
        (FOUNDED, world.now, FOUNDED + 9),
        (FOUNDED, FOUNDED + 9, FOUNDED + 9),
        (world.now + 1, NO_END, world.now),
    ]:
        accredit(world, "laboratory", STANDARD, start, end)
        refuses(
            world,
            world.inspect(lot, sampledAt=sampled),
            "OversightNotAccredited",
            organisation=org("laboratory"),
            kind=keccak(STANDARD.encode()),
            time=sampled,
        )
    accredit(world, "laboratory", STANDARD, FOUNDED + 9, world.now + 1)
    world.accepted(world.inspect(lot, sampledAt=FOUNDED + 9))


def test_it_should_not_lend_one_laboratorys_accreditation_to_another_in_the_same_batch(
    world: BatchWorld, lot: bytes
) -> None:
    made = world.record(
        world.inspect(lot), world.inspect(lot, by="makers tester"), world.inspect(lot)
    )
    assert [r.index for r in made.refused] == [1]
    assert made.errors == ["OversightNotAccredited"]


def test_it_should_refuse_a_result_that_is_none(world: BatchWorld, lot: bytes) -> None:
    for result in (0, 4, 255):
        entry = world.inspect(lot, result=result)
        refuses(world, entry, "OversightValueInvalid", field=5, value=result)


def test_it_should_refuse_a_report_without_a_number(world: BatchWorld, lot: bytes) -> None:
    refuses(world, world.inspect(lot, number=""), "OversightTextMissing", field=8)


def test_it_should_refuse_what_is_said_of_a_lot_that_does_not_exist(world: BatchWorld) -> None:
    for entry in [
        world.inspect(UNKNOWN),
        world.stop("Hold", UNKNOWN),
        world.stop("Recall", UNKNOWN),
        world.release(UNKNOWN, bytes(32)),
        world.acknowledge(UNKNOWN, bytes(32)),
        world.correct(UNKNOWN, bytes(32)),
    ]:
        refuses(world, entry, "OversightLotUnknown", lot=UNKNOWN)


# ---------------------------------------------------------------- holds and recalls


@pytest.mark.parametrize("action", STOPS)
@pytest.mark.parametrize(
    ("names", "organisation"),
    [(("supplier",), "maker"), (("inspector",), "inspectorate"), ((FIRST, SECOND), "authority")],
)
def test_it_should_stop_a_lot_for_its_maker_an_overseer_or_the_authority(
    world: BatchWorld, lot: bytes, action: str, names: tuple[str, ...], organisation: str
) -> None:
    entry = world.stop(action, lot, *names[1:], by=names[0])
    [recorded] = world.accepted(entry)

    assert recorded.subject == lot
    digest = world.digest(entry)
    assert world.standing(lot, digest) == (org(organisation), action == "Recall")
    assert world.standings(lot) == 1
    assert is_blocked(world, lot)
    # The other bits of its state are as they were.
    assert world.lot(lot)[5] == 1 + 4 + BLOCKED


@pytest.mark.parametrize("action", STOPS)
def test_it_should_refuse_to_stop_a_lot_for_whoever_has_no_right(
    world: BatchWorld, lot: bytes, action: str
) -> None:
    for names, organisation in [
        (("storekeeper",), "warehouse"),  # has some of it
        (("second supplier",), "weaver"),
        (("tester",), "laboratory"),
        (("auditor",), "office"),
        (("makers tester",), "maker"),  # of the maker, but may have no goods
        ((FIRST,), "authority"),  # fewer than the quorum
        (("storekeeper", FIRST), "warehouse"),
        (("storekeeper", FIRST, SECOND), "warehouse"),
    ]:
        entry = world.stop(action, lot, *names[1:], by=names[0])
        right = {"lot": lot, "organisation": org(organisation)}
        refuses(world, entry, "OversightNoRight", **right)


@pytest.mark.parametrize("action", STOPS)
def test_it_should_ask_the_overseer_for_accreditation_now(
    world: BatchWorld, lot: bytes, action: str
) -> None:
    for start, end in [(world.now + 1, NO_END), (1, world.now)]:
        accredit(world, "inspectorate", "oversight", start, end)
        entry = world.stop(action, lot)
        right = {"lot": lot, "organisation": org("inspectorate")}
        refuses(world, entry, "OversightNoRight", **right)
    accredit(world, "inspectorate", "oversight", world.now, world.now + 1)
    world.accepted(world.stop(action, lot))


@pytest.mark.parametrize(("action", "field"), [("Hold", 5), ("Recall", 7)])
def test_it_should_refuse_to_stop_a_lot_without_a_reason(
    world: BatchWorld, lot: bytes, action: str, field: int
) -> None:
    entry = world.stop(action, lot, reason="")
    refuses(world, entry, "OversightTextMissing", field=field)


def test_it_should_refuse_a_recall_over_more_entries_than_there_are(
    world: BatchWorld, lot: bytes
) -> None:
    size = world.size()
    for many in (size + 1, 2**64 - 1):
        entry = world.stop("Recall", lot, completeTo=many)
        refuses(world, entry, "OversightValueInvalid", field=4, value=many)
    for many in (0, size):
        world.accepted(world.stop("Recall", lot, completeTo=many))
    # Entries of the same batch count too.
    size = world.size()
    made = world.record(
        world.stop("Recall", lot, completeTo=size + 1),
        world.inspect(lot),
        world.stop("Recall", lot, completeTo=size + 1),
    )
    assert [r.index for r in made.refused] == [0]


def test_it_should_stop_a_lot_until_every_hold_and_recall_is_released(
    world: BatchWorld, lot: bytes
) -> None:
    stops = [world.stopped("Hold", lot), world.stopped("Hold", lot), world.stopped("Recall", lot)]
    for left, stop in zip((2, 1, 0), stops, strict=True):
        assert is_blocked(world, lot)
        world.accepted(world.release(lot, stop))
        assert world.standings(lot) == left
        assert world.standing(lot, stop) == (NOBODY, False)
    assert not is_blocked(world, lot)
    world.accepted(world.alone("Dispense", "storekeeper", lot))
    again = world.stopped("Hold", lot)
    assert is_blocked(world, lot)
    world.accepted(world.release(lot, again))


@pytest.mark.parametrize("action", STOPS)
def test_it_should_refuse_a_copy_that_would_take_a_stop_from_its_author(
    world: BatchWorld, lot: bytes, action: str
) -> None:
    original = world.stop(action, lot, nonce=700)
    world.accepted(original)
    digest = world.digest(original)
    for names in (("supplier",), (FIRST, SECOND)):
        copy = world.sign(original.entry, *names)
        refuses(world, copy, "OversightStandsAlready", lot=lot, digest=digest)
    world.accepted(world.release(lot, digest))
    assert not is_blocked(world, lot)
    assert world.standings(lot) == 0


def test_it_should_stop_this_lot_and_no_other(world: BatchWorld, lot: bytes) -> None:
    other = world.made(world.found_goods(by="supplier", lot="GIFT-2"))
    world.stopped("Hold", lot)
    assert not is_blocked(world, other)
    assert world.standings(other) == 0


# ---------------------------------------------------------------- releases


@pytest.mark.parametrize("action", STOPS)
@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("supplier", ("supplier",)),
        ("inspector", ("inspector",)),
        ("supplier", (FIRST, SECOND)),
        ("inspector", (FIRST, SECOND)),
    ],
)
def test_it_should_release_for_who_set_it_and_for_the_authority(
    world: BatchWorld, lot: bytes, action: str, by: str, names: tuple[str, ...]
) -> None:
    stop = world.stopped(action, lot, by=by)
    [recorded] = world.accepted(world.release(lot, stop, *names[1:], by=names[0]))

    assert recorded.subject == lot
    assert not is_blocked(world, lot)


def test_it_should_refuse_to_release_what_another_set(world: BatchWorld, lot: bytes) -> None:
    by_inspector = world.stopped("Hold", lot)
    by_maker = world.stopped("Hold", lot, by="supplier", reason="of our own accord")
    for stop, names, organisation in [
        (by_inspector, ("supplier",), "maker"),
        (by_inspector, ("storekeeper",), "warehouse"),
        (by_inspector, (FIRST,), "authority"),
        (by_inspector, ("supplier", FIRST, SECOND), "maker"),
        (by_maker, ("inspector",), "inspectorate"),
        (by_maker, ("makers tester",), "maker"),
    ]:
        entry = world.release(lot, stop, *names[1:], by=names[0])
        right = {"lot": lot, "organisation": org(organisation)}
        refuses(world, entry, "OversightNoRight", **right)


def test_it_should_refuse_one_account_what_a_quorum_of_its_organisation_set(
    world: BatchWorld, lot: bytes
) -> None:
    authority = world.actor(FIRST)[0]
    accredit(world, "authority", "oversight", 1, NO_END)
    hold = world.stop("Hold", lot, SECOND, by=FIRST)
    world.accepted(hold)
    entry = world.release(lot, world.digest(hold), by=FIRST)
    refuses(world, entry, "OversightNoRight", lot=lot, organisation=authority)
    world.accepted(world.release(lot, world.digest(hold), SECOND, by=FIRST))
    assert not is_blocked(world, lot)


def test_it_should_refuse_a_former_overseer_who_may_have_goods(
    world: BatchWorld, lot: bytes
) -> None:
    inspectorate = org("inspectorate")
    world.accepted(
        world.ruled(
            "ChangeOrganisation",
            organisation=inspectorate,
            status=2,
            roles=int(Role.AUDITOR | Role.STORE),
            division=0,
            reason="keeps samples, too",
        ),
        world.add_account("keeper of samples", inspectorate, Role.STORE),
    )
    stop = world.stopped("Hold", lot)
    accredit(world, "inspectorate", "oversight", 1, world.now)
    entry = world.release(lot, stop, by="keeper of samples")
    refuses(world, entry, "OversightNoRight", lot=lot, organisation=inspectorate)


def test_it_should_refuse_to_release_for_an_overseer_who_is_none_any_more(
    world: BatchWorld, lot: bytes
) -> None:
    stop = world.stopped("Hold", lot)
    accredit(world, "inspectorate", "oversight", 1, world.now)
    entry = world.release(lot, stop)
    refuses(world, entry, "OversightNoRight", lot=lot, organisation=org("inspectorate"))
    world.accepted(world.release(lot, stop, SECOND, by=FIRST))


def test_it_should_refuse_to_release_what_does_not_stand(world: BatchWorld, lot: bytes) -> None:
    other = world.made(world.found_goods(by="supplier", lot="GIFT-2"))
    stop, elsewhere = world.stopped("Hold", lot), world.stopped("Hold", other)
    inspection = world.inspect(lot)
    world.accepted(inspection)
    for wrong in (bytes(32), elsewhere, world.digest(inspection)):
        entry = world.release(lot, wrong)
        refuses(world, entry, "OversightNotStanding", lot=lot, digest=wrong)
    world.accepted(world.release(lot, stop))
    refuses(world, world.release(lot, stop), "OversightNotStanding", lot=lot, digest=stop)


def test_it_should_refuse_to_release_without_a_reason(world: BatchWorld, lot: bytes) -> None:
    stop = world.stopped("Hold", lot)
    entry = world.release(lot, stop, reason="")
    refuses(world, entry, "OversightTextMissing", field=6)


# ---------------------------------------------------------------- acknowledgements


@pytest.mark.parametrize("by", ["shopkeeper", "supplier", "clerk"])
def test_it_should_record_who_acknowledges_a_recall(world: BatchWorld, lot: bytes, by: str) -> None:
    recall = world.stopped("Recall", lot)
    [recorded] = world.accepted(world.acknowledge(lot, recall, by=by))

    assert recorded.subject == lot
    assert world.standings(lot) == 1


def test_it_should_refuse_to_acknowledge_for_who_may_have_no_goods(
    world: BatchWorld, lot: bytes
) -> None:
    recall = world.stopped("Recall", lot)
    for by in ("tester", "makers tester", "inspector"):
        entry = world.acknowledge(lot, recall, by=by)
        refuses(world, entry, "EntryRoleMissing", account=account(by), role=PARTY)


def test_it_should_refuse_to_acknowledge_what_is_no_standing_recall_of_the_lot(
    world: BatchWorld, lot: bytes
) -> None:
    other = world.made(world.found_goods(by="supplier", lot="GIFT-2"))
    hold, recall = world.stopped("Hold", lot), world.stopped("Recall", lot)
    elsewhere = world.stopped("Recall", other)
    world.accepted(world.release(lot, recall))
    for wrong in (hold, recall, elsewhere, bytes(32)):
        entry = world.acknowledge(lot, wrong)
        refuses(world, entry, "OversightNotStanding", lot=lot, digest=wrong)


# ---------------------------------------------------------------- corrections


@pytest.mark.parametrize("by", ["storekeeper", "tester", "auditor", "issuer", FIRST])
def test_it_should_record_a_correction_by_any_live_account(
    world: BatchWorld, lot: bytes, by: str
) -> None:
    [recorded] = world.accepted(world.correct(lot, keccak(b"entry"), by=by))
    assert recorded.subject == lot


def test_it_should_refuse_a_correction_that_says_nothing(world: BatchWorld, lot: bytes) -> None:
    entry = world.correct(lot, keccak(b"entry"), text="")
    refuses(world, entry, "OversightTextMissing", field=6)


def test_it_should_refuse_a_correction_by_who_has_no_account(world: BatchWorld, lot: bytes) -> None:
    entry = world.correct(lot, keccak(b"entry"), by="eve")
    refuses(world, entry, "EntrySignerNotLive", account=account("eve"))


# ---------------------------------------------------------------- mirrored recalls


def test_it_should_record_what_a_register_says_of_a_firms_recall(world: BatchWorld) -> None:
    world.accepted(world.publish())
    [recorded] = world.accepted(world.mirror_recall())

    assert recorded.subject == org("maker").ljust(32, b"\0")
    assert world.head(org("maker")) == world.head(recorded.subject) != bytes(32)


def test_it_should_mirror_recalls_of_firms_that_are_only_listed(world: BatchWorld) -> None:
    world.accepted(world.publish())
    listed: dict[str, Value] = {"identifierKind": REGISTER, "identifier": "X", "nameZh": ""}
    [recorded] = world.accepted(world.act("ListOrganisation", "mirror", **listed, nameEn="X"))
    world.accepted(world.mirror_recall(organisation=recorded.subject[:20]))


def test_it_should_stop_no_lot_by_a_mirrored_recall(world: BatchWorld, lot: bytes) -> None:
    world.accepted(world.publish())
    world.accepted(world.mirror_recall(lots="GIFT-1"))
    assert not is_blocked(world, lot)
    assert world.standings(lot) == 0


def test_it_should_refuse_a_mirrored_recall_by_who_is_no_mirror(world: BatchWorld) -> None:
    world.accepted(world.publish())
    accredit(world, "bureau", REGISTER, 1, NO_END)
    entry = world.mirror_recall(by="issuer")
    role = int(Role.MIRROR)
    refuses(world, entry, "EntryRoleMissing", account=account("issuer"), role=role)


def test_it_should_refuse_a_mirror_without_accreditation_for_the_register(
    world: BatchWorld,
) -> None:
    world.accepted(world.publish())
    values: dict[str, object] = {"organisation": org("observer"), "time": world.now}
    entry = world.mirror_recall(register="register:other")
    refuses(world, entry, "OversightNotAccredited", **values, kind=keccak(b"register:other"))
    accredit(world, "observer", REGISTER, 1, world.now)
    entry = world.mirror_recall()
    refuses(world, entry, "OversightNotAccredited", **values, kind=keccak(REGISTER.encode()))


def test_it_should_refuse_a_mirror_that_published_nothing_of_the_register(
    world: BatchWorld,
) -> None:
    world.accepted(world.publish())
    entry = world.mirror_recall(by="second mirror")
    refuses(world, entry, "OversightNothingPublished", register=keccak(REGISTER.encode()))
    world.accepted(world.publish(by="second mirror"))
    world.accepted(world.mirror_recall(by="second mirror"))


def test_it_should_refuse_a_mirrored_recall_of_a_firm_that_was_never_registered(
    world: BatchWorld,
) -> None:
    world.accepted(world.publish())
    for firm in (org("nobody"), bytes(20)):
        entry = world.mirror_recall(organisation=firm)
        refuses(world, entry, "OversightFirmUnknown", organisation=firm)


def test_it_should_refuse_a_mirrored_recall_without_a_number(world: BatchWorld) -> None:
    world.accepted(world.publish())
    refuses(world, world.mirror_recall(number=""), "OversightTextMissing", field=9)


def test_it_should_refuse_a_mirrored_recall_that_ended_before_it_began(world: BatchWorld) -> None:
    world.accepted(world.publish())
    begun = FOUNDED - DAY
    entry = world.mirror_recall(initiated=begun, ended=begun - 1)
    refuses(world, entry, "OversightValueInvalid", field=7, value=begun - 1)
    for ended in (0, begun, begun + 1):
        world.accepted(world.mirror_recall(initiated=begun, ended=ended))


# ---------------------------------------------------------------- what moves them


def test_it_should_move_the_lots_chain_by_everything_that_is_said_of_it(
    world: BatchWorld, lot: bytes
) -> None:
    heads = {world.head(lot)}
    recall = world.stop("Recall", lot)
    entries = [
        world.inspect(lot),
        recall,
        world.acknowledge(lot, world.digest(recall)),
        world.correct(lot, world.digest(recall)),
        world.release(lot, world.digest(recall)),
    ]
    for entry in entries:
        world.accepted(entry)
        heads.add(world.head(lot))
    assert len(heads) == 1 + len(entries)


def test_it_should_take_the_maker_of_a_lot_from_its_id_alone(world: BatchWorld, lot: bytes) -> None:
    assert lot[:20] == org("maker")
    theirs = world.made(world.found_goods(by="storekeeper"))
    entry = world.stop("Hold", theirs, by="supplier")
    refuses(world, entry, "OversightNoRight", lot=theirs, organisation=org("maker"))
    copied = world.stop("Hold", lot, by="supplier").entry
    signed = world.sign(replace(copied, values={**copied.values, "nonce": 999}), "storekeeper")
    refuses(world, signed, "OversightNoRight", lot=lot, organisation=org("warehouse"))
