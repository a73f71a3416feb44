"""Lots that travel together; the cases are in logistic_units.tree."""

import pytest
from eth_hash.auto import keccak

from ledger.typed_data import Part, SignedEntry, Value, unit_id
from ledger.vocabulary import Role
from tests.support.batch_world import SSCC, UNITS, BatchWorld
from tests.support.contract_world import DAY, account, org
from tests.support.raw_entries import signed_with

NONE, PACKED, UNDER_WAY, TAKEN_APART = range(4)
#: Who may have goods: SUPPLIER, BUYER and STORE.
CUSTODIAN = 32 + 128 + 256
UNKNOWN = keccak(b"no such unit")
PART_TYPE = keccak(b"Part(bytes32 lot,uint40 quantity)")


@pytest.fixture
def world(batches: BatchWorld) -> BatchWorld:
    return batches


def refuses(world: BatchWorld, entry: SignedEntry, name: str, /, **values: object) -> None:
    """The entry is refused by exactly this, and nothing changes."""
    error = world.refused(entry)
    assert (error.name, dict(error.values)) == (name, values)


def contents(*parts: Part) -> bytes:
    """The EIP-712 word of a list of parts."""
    hashes = [keccak(PART_TYPE + p.lot + p.quantity.to_bytes(32, "big")) for p in sorted(parts)]
    return keccak(b"".join(hashes))


def two_lots(world: BatchWorld) -> list[Part]:
    """Parts of two lots of the warehouse, one its own and one bought."""
    own = world.made(world.found_goods(lot="GIFT-1"))
    bought = world.made(world.found_goods(by="supplier", lot="GIFT-2"))
    world.hand_over(bought, "supplier", "storekeeper", 500)
    return sorted([Part(own, 30), Part(bought, 40)])


def packed(world: BatchWorld) -> tuple[bytes, list[Part]]:
    parts = two_lots(world)
    return world.packed("storekeeper", *parts), parts


def under_way(world: BatchWorld, **values: Value) -> tuple[bytes, list[Part]]:
    """A unit on its way from the warehouse to the store."""
    unit, parts = packed(world)
    world.accepted(world.of_unit("ShipUnit", "storekeeper", unit, parts, **values))
    return unit, parts


def on_hand(world: BatchWorld, custodian: str, parts: list[Part]) -> list[int]:
    return [world.stock(p.lot, custodian)[0] for p in parts]


# ---------------------------------------------------------------- packing


def test_it_should_pack_parts_of_ones_stock_which_are_nobodys_then(world: BatchWorld) -> None:
    parts = two_lots(world)
    before = on_hand(world, "warehouse", parts)
    world.now += 60
    [recorded] = world.accepted(world.aggregate("storekeeper", *parts))

    assert recorded.subject == unit_id(org("warehouse"), SSCC)
    assert world.unit(recorded.subject) == (
        org("warehouse"),
        world.now,
        PACKED,
        contents(*parts),
        bytes(20),
        0,
    )
    after = on_hand(world, "warehouse", parts)
    assert [b - a for a, b in zip(after, before, strict=True)] == [p.quantity for p in parts]


def test_it_should_move_the_chains_of_the_unit_and_of_every_lot_in_it(world: BatchWorld) -> None:
    unit, parts = packed(world)
    subjects = [unit, *(p.lot for p in parts)]
    heads = [{world.head(s) for s in subjects}]
    for action, by in [
        ("ShipUnit", "storekeeper"),
        ("ReceiveUnit", "shopkeeper"),
        ("TakeApart", "shopkeeper"),
    ]:
        world.accepted(world.of_unit(action, by, unit, parts))
        heads.append({world.head(s) for s in subjects})
    assert [len(h) for h in heads] == [1, 1, 1, 1]
    assert len(set.union(*heads)) == 4


def test_it_should_pack_eight_lots(world: BatchWorld) -> None:
    lots = [world.made(world.found_goods(lot=f"GIFT-{i}")) for i in range(8)]
    parts = [Part(lot, 1000) for lot in lots]
    unit = world.packed("storekeeper", *parts)

    assert on_hand(world, "warehouse", parts) == [0] * 8
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))
    assert on_hand(world, "warehouse", parts) == [1000] * 8


def test_it_should_close_a_lot_that_its_maker_packs(world: BatchWorld) -> None:
    fabric = world.transformed(Part(world.polymer_at_weaver(), 110))
    assert world.lot(fabric)[5] == 3
    world.packed("second supplier", Part(fabric, 1))
    assert world.lot(fabric)[5] == 1


def test_it_should_let_each_organisation_use_a_number_once(world: BatchWorld) -> None:
    unit, parts = packed(world)
    again = world.aggregate("storekeeper", Part(parts[0].lot, 1))
    refuses(world, again, "BatchUnitWrong", unit=unit, state=PACKED)
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))
    again = world.aggregate("storekeeper", Part(parts[0].lot, 1))
    refuses(world, again, "BatchUnitWrong", unit=unit, state=TAKEN_APART)
    gift = world.made(world.found_goods(by="shopkeeper"))
    assert world.packed("shopkeeper", Part(gift, 1)) != unit


@pytest.mark.parametrize("digit", range(10))
def test_it_should_refuse_an_sscc_with_a_wrong_check_digit(world: BatchWorld, digit: int) -> None:
    lot = world.made(world.found_goods())
    sscc = SSCC // 10 * 10 + digit
    entry = world.aggregate("storekeeper", Part(lot, 1), sscc=sscc)
    if sscc == SSCC:
        world.accepted(entry)
    else:
        refuses(world, entry, "BatchValueInvalid", field=3, value=sscc)


def test_it_should_refuse_an_sscc_of_more_than_eighteen_digits_or_none(world: BatchWorld) -> None:
    lot = world.made(world.found_goods())
    # Their check digits are right.
    for sscc in (0, 1_000_000_000_000_000_009, 1_000_000_000_000_000_016):
        entry = world.aggregate("storekeeper", Part(lot, 1), sscc=sscc)
        refuses(world, entry, "BatchValueInvalid", field=3, value=sscc)
    largest = world.aggregate("storekeeper", Part(lot, 1), sscc=999_999_999_999_999_995)
    world.accepted(largest)


def test_it_should_refuse_parts_that_are_none_of_nothing_out_of_order_or_twice(
    world: BatchWorld,
) -> None:
    one, two = two_lots(world)
    bad = [
        (),
        (one, two._replace(quantity=0)),
        (one._replace(quantity=0), two),
        (two, one),
        (one, one),
        (Part(bytes(32), 1),),
    ]
    for parts in bad:
        refuses(world, world.aggregate("storekeeper", parts=parts), "BatchPartsWrong")


def test_it_should_refuse_to_pack_more_than_is_there_and_pack_none_of_it(
    world: BatchWorld,
) -> None:
    parts = two_lots(world)
    for part in parts:
        left = world.stock(part.lot, "warehouse")[0]
        [other] = [p for p in parts if p != part]
        refuses(
            world,
            world.aggregate("storekeeper", other, part._replace(quantity=left + 1)),
            "BatchStockShort",
            lot=part.lot,
            custodian=org("warehouse"),
            wanted=left + 1,
            onHand=left,
        )


def test_it_should_refuse_to_pack_what_does_not_exist(world: BatchWorld) -> None:
    entry = world.aggregate("storekeeper", *two_lots(world), Part(UNKNOWN, 1))
    refuses(world, entry, "BatchLotUnknown", lot=UNKNOWN)


def test_it_should_refuse_to_pack_what_was_packed_before(world: BatchWorld) -> None:
    gift = world.made(world.found_goods(quantity=10))
    world.packed("storekeeper", Part(gift, 10))
    refuses(
        world,
        world.aggregate("storekeeper", Part(gift, 1), sscc=395_212_340_000_000_021),
        "BatchStockShort",
        lot=gift,
        custodian=org("warehouse"),
        wanted=1,
        onHand=0,
    )


def test_it_should_refuse_to_pack_before_the_parts_were_there(world: BatchWorld) -> None:
    gift = world.made(world.found_goods())
    entry = world.aggregate("storekeeper", Part(gift, 1), happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=gift, since=world.now)


def test_it_should_pack_a_held_lot(world: BatchWorld) -> None:
    gift = world.made(world.found_goods())
    world.stopped("Hold", gift)
    world.accepted(world.aggregate("storekeeper", Part(gift, 1)))


@pytest.mark.parametrize("action", ["Aggregate", "TakeApart", "ShipUnit", "ReceiveUnit"])
def test_it_should_refuse_units_of_who_may_have_no_goods(world: BatchWorld, action: str) -> None:
    unit, parts = packed(world)
    for by in ("tester", "makers tester"):
        entry = (
            world.aggregate(by, *parts)
            if action == "Aggregate"
            else world.of_unit(action, by, unit, parts)
        )
        refuses(world, entry, "EntryRoleMissing", account=account(by), role=CUSTODIAN)


# ---------------------------------------------------------------- taking apart


def test_it_should_put_the_parts_back_into_the_holders_stock(world: BatchWorld) -> None:
    unit, parts = packed(world)
    before = on_hand(world, "warehouse", parts)
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))

    after = on_hand(world, "warehouse", parts)
    assert [a - b for a, b in zip(after, before, strict=True)] == [p.quantity for p in parts]
    assert world.unit(unit)[2] == TAKEN_APART


def test_it_should_remember_since_when_the_holder_has_the_parts(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    world.now += 60
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))
    world.now += 60
    world.accepted(world.of_unit("TakeApart", "shopkeeper", unit, parts))

    assert [world.stock(p.lot, "store") for p in parts] == [
        (p.quantity, 0, world.now) for p in parts
    ]


def test_it_should_refuse_to_take_apart_what_another_has(world: BatchWorld) -> None:
    unit, parts = packed(world)
    entry = world.of_unit("TakeApart", "shopkeeper", unit, parts)
    refuses(world, entry, "BatchNotHolder", unit=unit, organisation=org("store"))


def test_it_should_refuse_to_take_apart_twice_or_what_does_not_exist(world: BatchWorld) -> None:
    unit, parts = packed(world)
    entry = world.of_unit("TakeApart", "storekeeper", UNKNOWN, parts)
    refuses(world, entry, "BatchUnitWrong", unit=UNKNOWN, state=NONE)
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))
    entry = world.of_unit("TakeApart", "storekeeper", unit, parts)
    refuses(world, entry, "BatchUnitWrong", unit=unit, state=TAKEN_APART)


def other_contents(parts: list[Part]) -> list[list[Part]]:
    one, two = parts
    return [
        [],
        [one],
        [two],
        [one._replace(quantity=one.quantity + 1), two],
        [one, two._replace(quantity=two.quantity - 1)],
        [one, two._replace(lot=UNKNOWN)],
        [*parts, Part(b"\xff" * 32, 1)],
    ]


def test_it_should_refuse_other_parts_than_were_packed(world: BatchWorld) -> None:
    unit, parts = packed(world)
    for wrong in other_contents(parts):
        for action in ("TakeApart", "ShipUnit"):
            entry = world.of_unit(action, "storekeeper", unit, wrong)
            refuses(world, entry, "BatchUnitContents", unit=unit)
    turned = world.of_unit("TakeApart", "storekeeper", unit, [], parts=(parts[1], parts[0]))
    refuses(world, turned, "BatchUnitContents", unit=unit)
    world.accepted(world.of_unit("ShipUnit", "storekeeper", unit, parts))
    for wrong in other_contents(parts):
        entry = world.of_unit("ReceiveUnit", "shopkeeper", unit, wrong)
        refuses(world, entry, "BatchUnitContents", unit=unit)


def test_it_should_refuse_to_take_apart_before_it_was_packed(world: BatchWorld) -> None:
    unit, parts = packed(world)
    entry = world.of_unit("TakeApart", "storekeeper", unit, parts, happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=unit, since=world.now)


def test_it_should_let_the_sender_take_apart_what_nobody_answered_in_time(
    world: BatchWorld,
) -> None:
    unit, parts = under_way(world)
    before = on_hand(world, "warehouse", parts)
    due = world.now + 7 * DAY
    world.now = due - 1
    entry = world.of_unit("TakeApart", "storekeeper", unit, parts)
    refuses(world, entry, "BatchUnitWrong", unit=unit, state=UNDER_WAY)
    world.now = due
    entry = world.of_unit("TakeApart", "shopkeeper", unit, parts)
    refuses(world, entry, "BatchNotHolder", unit=unit, organisation=org("store"))
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))
    after = on_hand(world, "warehouse", parts)
    assert [a - b for a, b in zip(after, before, strict=True)] == [p.quantity for p in parts]
    late = world.of_unit("ReceiveUnit", "shopkeeper", unit, parts)
    refuses(world, late, "BatchUnitWrong", unit=unit, state=TAKEN_APART)


def test_it_should_take_apart_a_unit_with_a_held_lot(world: BatchWorld) -> None:
    unit, parts = packed(world)
    world.stopped("Recall", parts[1].lot)
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))


# ---------------------------------------------------------------- handing over


def test_it_should_put_the_unit_under_way(world: BatchWorld) -> None:
    unit, parts = packed(world)
    world.now += 60
    world.accepted(world.of_unit("ShipUnit", "storekeeper", unit, parts))

    assert world.unit(unit) == (
        org("warehouse"),
        world.now,
        UNDER_WAY,
        contents(*parts),
        org("store"),
        world.now + 7 * DAY,
    )


def test_it_should_refuse_to_ship_a_unit_to_oneself_or_a_stranger(world: BatchWorld) -> None:
    unit, parts = packed(world)
    own = org("warehouse")
    entry = world.of_unit("ShipUnit", "storekeeper", unit, parts, recipient=own)
    refuses(world, entry, "BatchToOneself", organisation=own)
    for recipient, status, roles in [
        (org("nobody"), 0, 0),
        (org("laboratory"), 2, int(Role.LABORATORY)),
    ]:
        refuses(
            world,
            world.of_unit("ShipUnit", "storekeeper", unit, parts, recipient=recipient),
            "BatchRecipientUnfit",
            organisation=recipient,
            status=status,
            roles=roles,
        )


def test_it_should_refuse_to_ship_a_unit_due_when_it_leaves_or_for_no_purpose(
    world: BatchWorld,
) -> None:
    unit, parts = packed(world)
    for field, values in [(5, {"due": world.now}), (6, {"purpose": 3})]:
        [value] = values.values()
        entry = world.of_unit("ShipUnit", "storekeeper", unit, parts, **values)
        refuses(world, entry, "BatchValueInvalid", field=field, value=value)


def test_it_should_refuse_to_ship_a_unit_that_another_has(world: BatchWorld) -> None:
    unit, parts = packed(world)
    entry = world.of_unit("ShipUnit", "supplier", unit, parts)
    refuses(world, entry, "BatchNotHolder", unit=unit, organisation=org("maker"))


def test_it_should_refuse_to_ship_a_unit_that_is_not_packed(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    entry = world.of_unit("ShipUnit", "storekeeper", UNKNOWN, parts)
    refuses(world, entry, "BatchUnitWrong", unit=UNKNOWN, state=NONE)
    entry = world.of_unit("ShipUnit", "storekeeper", unit, parts)
    refuses(world, entry, "BatchUnitWrong", unit=unit, state=UNDER_WAY)
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))
    world.accepted(world.of_unit("TakeApart", "shopkeeper", unit, parts))
    entry = world.of_unit("ShipUnit", "shopkeeper", unit, parts, recipient=org("maker"))
    refuses(world, entry, "BatchUnitWrong", unit=unit, state=TAKEN_APART)


def test_it_should_refuse_to_ship_a_unit_before_it_was_packed(world: BatchWorld) -> None:
    unit, parts = packed(world)
    entry = world.of_unit("ShipUnit", "storekeeper", unit, parts, happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=unit, since=world.now)


@pytest.mark.parametrize("place", [0, 1])
def test_it_should_ship_a_unit_with_a_held_lot_only_back_or_into_quarantine(
    world: BatchWorld, place: int
) -> None:
    unit, parts = packed(world)
    held = parts[place].lot
    world.stopped("Hold", held)
    entry = world.of_unit("ShipUnit", "storekeeper", unit, parts)
    refuses(world, entry, "BatchBlocked", lot=held)
    world.accepted(world.of_unit("ShipUnit", "storekeeper", unit, parts, purpose=1))
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))
    home: dict[str, Value] = {"recipient": org("warehouse"), "purpose": 2}
    world.accepted(world.of_unit("ShipUnit", "shopkeeper", unit, parts, **home))


# ---------------------------------------------------------------- receiving


def test_it_should_give_the_whole_unit_to_the_recipient(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    world.now += 60
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))

    assert world.unit(unit)[:3] == (org("store"), world.now, PACKED)
    assert on_hand(world, "store", parts) == [0, 0]
    world.accepted(world.of_unit("TakeApart", "shopkeeper", unit, parts))
    assert on_hand(world, "store", parts) == [p.quantity for p in parts]


def test_it_should_give_back_what_the_recipient_refuses_for_a_reason(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    entry = world.of_unit("ReceiveUnit", "shopkeeper", unit, parts, accepted=False)
    refuses(world, entry, "BatchTextMissing", field=5)
    world.now += 60
    world.accepted(
        world.of_unit("ReceiveUnit", "shopkeeper", unit, parts, accepted=False, reason="wet")
    )
    assert world.unit(unit)[:3] == (org("warehouse"), world.now, PACKED)
    world.accepted(world.of_unit("TakeApart", "storekeeper", unit, parts))


def test_it_should_refuse_an_answer_that_is_neither_yes_nor_no(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    entry = world.of_unit("ReceiveUnit", "shopkeeper", unit, parts, reason="wet")
    for flag in (2, 255):
        raw = signed_with(world, "ReceiveUnit", "shopkeeper", entry.entry.values, accepted=flag)
        error = world.refused_bytes(UNITS, raw).error
        assert (error.name, dict(error.values)) == (
            "BatchValueInvalid",
            {"field": 4, "value": flag},
        )


def test_it_should_refuse_a_unit_that_is_not_on_its_way_to_this_recipient(
    world: BatchWorld,
) -> None:
    unit, parts = under_way(world)
    for by, organisation in [("storekeeper", "warehouse"), ("second shopkeeper", "second store")]:
        entry = world.of_unit("ReceiveUnit", by, unit, parts)
        refuses(world, entry, "BatchNotHolder", unit=unit, organisation=org(organisation))


@pytest.mark.parametrize("accepted", [True, False])
def test_it_should_refuse_to_receive_a_unit_twice_or_unsent(
    world: BatchWorld, accepted: bool
) -> None:
    unit, parts = packed(world)
    answer: dict[str, Value] = {"accepted": accepted, "reason": "as seen"}
    entry = world.of_unit("ReceiveUnit", "shopkeeper", unit, parts, **answer)
    refuses(world, entry, "BatchUnitWrong", unit=unit, state=PACKED)
    world.accepted(world.of_unit("ShipUnit", "storekeeper", unit, parts))
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts, **answer))
    entry = world.of_unit("ReceiveUnit", "shopkeeper", unit, parts)
    refuses(world, entry, "BatchUnitWrong", unit=unit, state=PACKED)


def test_it_should_refuse_to_receive_a_unit_before_it_was_sent(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    entry = world.of_unit("ReceiveUnit", "shopkeeper", unit, parts, happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=unit, since=world.now)


def test_it_should_receive_a_unit_late_that_the_sender_has_not_taken_apart(
    world: BatchWorld,
) -> None:
    unit, parts = under_way(world)
    world.now += 30 * DAY
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))
    assert world.unit(unit)[0] == org("store")


def test_it_should_receive_a_unit_with_a_held_lot(world: BatchWorld) -> None:
    unit, parts = under_way(world)
    world.stopped("Hold", parts[0].lot)
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))
