"""What was made of what, and who has it; the cases are in batch_ledger.tree."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_hash.auto import keccak

from ledger.chain.artifacts import load_artifacts
from ledger.chain.codec import packed_calldata
from ledger.merkle import EMPTY_ROOT
from ledger.typed_data import Part, SignedEntry, Value, goods, lot_id, named_subject
from ledger.vocabulary import NO_END, Role
from tests.support.batch_world import (
    BATCHES,
    FABRIC,
    FABRIC_GTIN,
    OVERSIGHT,
    RAW,
    RAW_GTIN,
    SEWING,
    SPINNING,
    UNITS,
    BatchWorld,
    deploy_batches,
)
from tests.support.contract_world import (
    AUTHORITIES,
    CATEGORY,
    DAY,
    FOUNDED,
    GAS,
    KIND,
    MAX_LATENESS,
    NOBODY,
    ContractWorld,
    LogModel,
    account,
    calldata,
    org,
    outcome,
)
from tests.support.raw_entries import signed_with

MADE, OPEN, NOT_SHOWN, BLOCKED, UNDERRUN = 1, 2, 4, 8, 16
LARGEST = 2**40 - 1
#: Who may have goods: SUPPLIER, BUYER and STORE.
CUSTODIAN = 32 + 128 + 256
UNKNOWN_LOT = org("refinery") + bytes(12)
PARTS = "(bytes32,uint40)[]"


@pytest.fixture
def world(batches: BatchWorld) -> BatchWorld:
    return batches


def refuses(world: BatchWorld, entry: SignedEntry, name: str, /, **values: object) -> None:
    """The entry is refused by exactly this, and nothing changes."""
    error = world.refused(entry)
    assert (error.name, dict(error.values)) == (name, values)


def spun(world: BatchWorld, quantity: int = 100) -> bytes:
    """A lot of fabric that is still open."""
    return world.transformed(Part(world.polymer_at_weaver(), 110), quantity=quantity)


def masks(world: BatchWorld) -> bytes:
    """1,000 masks at their maker's, of fabric that was handed over."""
    fabric = spun(world)
    world.hand_over(fabric, "second supplier", "supplier", 50)
    return world.made(world.sew(Part(fabric, 3)))


# ---------------------------------------------------------------- the contracts


def test_it_should_make_the_two_contracts_that_it_lets_in(world: BatchWorld) -> None:
    for name in (UNITS, OVERSIGHT):
        assert world.view(name, "ledger()", "address") == "0x" + world.addresses[BATCHES].hex()
    registry = world.view(BATCHES, "qualifications()", "address")
    assert registry == "0x" + world.addresses["QualificationRegistry"].hex()


@pytest.mark.parametrize("name", [BATCHES, UNITS, OVERSIGHT])
def test_it_should_append_nothing_before_the_authority_admits_the_contract(
    world: BatchWorld, name: str
) -> None:
    addresses = deploy_batches(world)  # others, beside those that are admitted
    if name != BATCHES:
        world.accepted(world.ruled("AdmitContract", ledger=addresses[0], name=BATCHES))
        lot = world.made(world.found_goods())
        entry = {
            UNITS: world.aggregate("storekeeper", Part(lot, 1)),
            OVERSIGHT: world.correct(lot, bytes(32)),
        }[name]
    else:
        entry = world.found_goods()
    before = world.storage()
    receipt = world.send(name, packed_calldata([entry.pack()]))

    assert not receipt.succeeded
    assert world.storage() == before


def strangers_call(world: BatchWorld, signature: str, values: list[object]) -> None:
    before = world.storage()
    receipt = world.send(BATCHES, calldata(signature, values), gas=GAS)
    assert not receipt.succeeded
    assert world.storage() == before


def test_it_should_let_only_the_oversight_block_lots(world: BatchWorld) -> None:
    lot = world.commissioned()
    for blocked in (True, False):
        error = world.reverted(BATCHES, "setBlocked(bytes32,bool)", lot, blocked)
        assert (error.name, dict(error.values)) == ("BatchNotOversight", {"caller": NOBODY})
        strangers_call(world, "setBlocked(bytes32,bool)", [lot, blocked])


@pytest.mark.parametrize("door", ["setAside", "putBack"])
def test_it_should_let_only_the_logistic_units_set_goods_aside_and_put_them_back(
    world: BatchWorld, door: str
) -> None:
    lot = world.commissioned()
    signature = f"{door}(bytes20,uint256,{PARTS})"
    values: list[object] = [org("refinery"), world.now, [(lot, 10)]]

    error = world.reverted(BATCHES, signature, *values)

    assert (error.name, dict(error.values)) == ("BatchNotUnits", {"caller": NOBODY})
    strangers_call(world, signature, values)


def test_it_should_have_no_other_way_to_write(world: BatchWorld) -> None:
    doors = {BATCHES: ["record", "putBack", "setAside", "setBlocked"]}
    for name in (BATCHES, UNITS, OVERSIGHT):
        writing = [
            e["name"]
            for e in load_artifacts()[name].abi
            if e["type"] == "function" and e["stateMutability"] not in ("view", "pure")
        ]
        assert sorted(writing) == sorted(doors.get(name, ["record"])), name
        [handover] = world.chain.send_raw_transactions(
            [world.sender.sign(world.addresses[name], b"", value=0)]
        )
        receipt = world.chain.receipt(handover.transaction_hash)
        assert receipt is not None
        assert not receipt.succeeded


# ---------------------------------------------------------------- commission


def test_it_should_make_a_lot_of_raw_material_by_a_licensed_supplier(world: BatchWorld) -> None:
    [recorded] = world.accepted(world.commission(quantity=700, model="grade 1"))

    lot = lot_id(org("refinery"), RAW_GTIN, "PP-1")
    assert recorded.subject == lot
    assert recorded.author == org("refinery")
    model = keccak(b"grade 1")[:6]
    assert world.lot(lot) == (goods(RAW, "KGM"), model, 700, 0, world.now, MADE)
    assert world.stock(lot, "refinery") == (700, 0, world.now)
    assert world.stock(lot, "weaver") == (0, 0, 0)
    assert world.head(lot) != bytes(32)


def test_it_should_make_lots_up_to_the_largest_quantity_and_gtin(world: BatchWorld) -> None:
    lot = world.commissioned(quantity=LARGEST, gtin=99_999_999_999_997)
    assert world.lot(lot)[2] == LARGEST


def test_it_should_refuse_a_lot_that_was_made_before(world: BatchWorld) -> None:
    lot = world.commissioned()
    for values in ({}, {"quantity": 1}, {"category": CATEGORY, "originNotShown": True}):
        again = world.commission(**values)
        refuses(world, again, "BatchLotExists", lot=lot)
    fabric = world.transformed(Part(world.polymer_at_weaver(lot="PP-2"), 110))
    again = world.found_goods(by="second supplier", gtin=FABRIC_GTIN, lot="MB-1")
    refuses(world, again, "BatchLotExists", lot=fabric)


def test_it_should_tell_lots_apart_by_maker_gtin_and_number(world: BatchWorld) -> None:
    lots = {
        world.commissioned(),
        world.commissioned(lot="PP-2"),
        world.commissioned(gtin=FABRIC_GTIN),
        world.commissioned(by="second polymer maker"),
    }
    assert len(lots) == 4


def test_it_should_refuse_a_maker_who_is_no_supplier(world: BatchWorld) -> None:
    for by, role in [("storekeeper", 32), ("clerk", 32), ("tester", CUSTODIAN)]:
        entry = world.commission(by=by)
        refuses(world, entry, "EntryRoleMissing", account=account(by), role=role)


def test_it_should_refuse_a_category_that_was_never_set(world: BatchWorld) -> None:
    key = keccak(b"polymer.unheard-of")
    for shown in (world.commission, world.found_goods):
        entry = shown(category="polymer.unheard-of")
        refuses(world, entry, "BatchCategoryUnknown", category=key)


def test_it_should_refuse_to_make_out_of_nothing_what_is_no_raw_material(
    world: BatchWorld,
) -> None:
    entry = world.commission(by="second supplier", category=FABRIC)
    refuses(world, entry, "BatchNotRawMaterial", category=keccak(FABRIC.encode()))


def no_citation(world: BatchWorld) -> SignedEntry:
    return world.commission(cited=())


def anothers_licence(world: BatchWorld) -> SignedEntry:
    return world.commission(cited=(world.licences["cracker"],))


def licence_for_something_else(world: BatchWorld) -> SignedEntry:
    return world.commission(cited=(world.licence("refinery", FABRIC),))


def licence_for_another_model(world: BatchWorld) -> SignedEntry:
    return world.commission(model="grade 1", cited=(world.licence("refinery", RAW, model="2"),))


def one_model_cited_for_all(world: BatchWorld) -> SignedEntry:
    licence = world.licence("refinery", RAW, model="grade 1")
    return world.commission(model="grade 1", cited=(licence._replace(any_model=True),))


def licence_of_no_register(world: BatchWorld) -> SignedEntry:
    licence = world.licences["refinery"]
    return world.commission(cited=(licence._replace(register=keccak(b"register")),))


def licence_of_another_author(world: BatchWorld) -> SignedEntry:
    return world.commission(cited=(world.licences["refinery"]._replace(author=org("institute")),))


def licence_that_begins_later(world: BatchWorld) -> SignedEntry:
    return world.commission(cited=(world.licence("refinery", RAW, validFrom=world.now + 1),))


def licence_that_ended(world: BatchWorld) -> SignedEntry:
    return world.commission(cited=(world.licence("refinery", RAW, validUntil=world.now),))


@pytest.mark.parametrize(
    "bad",
    [
        no_citation,
        anothers_licence,
        licence_for_something_else,
        licence_for_another_model,
        one_model_cited_for_all,
        licence_of_no_register,
        licence_of_another_author,
        licence_that_begins_later,
        licence_that_ended,
    ],
)
def test_it_should_refuse_a_maker_whose_citations_do_not_open_the_gate(
    world: BatchWorld, bad: Callable[[BatchWorld], SignedEntry]
) -> None:
    refuses(
        world,
        bad(world),
        "QualificationKindNotCovered",
        category=keccak(RAW.encode()),
        kind=keccak(KIND.encode()),
        time=world.now,
    )


def test_it_should_ask_for_every_kind_that_the_category_requires(world: BatchWorld) -> None:
    second = "cn-test-report"
    world.accepted(
        world.ruled(
            "Accredit", organisation=org("bureau"), **{"from": 1}, until=NO_END, kind=second
        )
    )
    world.require(second, RAW)
    refuses(
        world,
        world.commission(),
        "QualificationKindNotCovered",
        category=keccak(RAW.encode()),
        kind=keccak(second.encode()),
        time=world.now,
    )
    report = world.licence("refinery", RAW, kind=second)
    # In any order, beside what nobody asked for.
    beside = world.licences["cracker"]
    world.accepted(world.commission(cited=(beside, report, world.licences["refinery"])))


def test_it_should_open_the_gate_by_a_licence_for_the_model(world: BatchWorld) -> None:
    licence = world.licence("refinery", RAW, model="grade 1")
    assert not licence.any_model
    world.accepted(world.commission(model="grade 1", cited=(licence,)))


def test_it_should_look_at_the_gate_at_the_time_of_making(world: BatchWorld) -> None:
    ended = world.licence("refinery", RAW, validUntil=world.now)
    world.accepted(world.commission(happenedAt=world.now - 1, cited=(ended,)))


def test_it_should_refuse_a_quantity_of_nothing(world: BatchWorld) -> None:
    refuses(world, world.commission(quantity=0), "BatchValueInvalid", field=3, value=0)


@pytest.mark.parametrize("digit", range(10))
def test_it_should_refuse_a_gtin_with_a_wrong_check_digit(world: BatchWorld, digit: int) -> None:
    gtin = RAW_GTIN // 10 * 10 + digit
    for make in (world.commission, world.found_goods):
        entry = make(gtin=gtin)
        if gtin == RAW_GTIN:
            world.accepted(entry)
        else:
            refuses(world, entry, "BatchValueInvalid", field=4, value=gtin)


def test_it_should_refuse_a_gtin_of_more_than_fourteen_digits_or_none(world: BatchWorld) -> None:
    # Their check digits are right.
    for gtin in (100_000_000_000_009, 2**48 - 3, 0):
        refuses(world, world.commission(gtin=gtin), "BatchValueInvalid", field=4, value=gtin)


SET_82 = "".join(
    chr(c) for c in range(33, 127) if chr(c) not in "#$@[\\]^`{|}~"
)  # GS1 General Specifications, figure 7.11-1


def test_it_should_take_every_character_of_set_82_in_a_lot_number(world: BatchWorld) -> None:
    assert len(SET_82) == 82
    for start in range(0, 82, 20):
        world.accepted(world.commission(lot=SET_82[start : start + 20]))


@pytest.mark.parametrize(
    "number",
    ["", "X" * 21, *(f"PP{c}1" for c in " #$@[\\]^`{|}~\x7f\t\n\x80ÿ"), "批-1", "PP-1 ", "é"],
)
def test_it_should_refuse_a_lot_number_that_gs1_does_not_allow(
    world: BatchWorld, number: str
) -> None:
    made = [world.commission(lot=number), world.found_goods(lot=number)]
    for entry in [*made, world.transform(Part(UNKNOWN_LOT, 1), lot=number)]:
        refuses(world, entry, "BatchLotNumberInvalid")


def test_it_should_refuse_a_lot_counted_in_no_unit(world: BatchWorld) -> None:
    for make in (world.commission, world.found_goods):
        refuses(world, make(unit=""), "BatchTextMissing", field=10)


def test_it_should_refuse_what_happened_in_the_future_or_too_long_ago(world: BatchWorld) -> None:
    soon = world.now + 601
    entry = world.commission(happenedAt=soon)
    refuses(world, entry, "EntryFromFuture", happenedAt=soon, blockTime=world.now)
    oldest = world.now - MAX_LATENESS
    entry = world.commission(happenedAt=oldest - 1)
    refuses(world, entry, "EntryTooLate", happenedAt=oldest - 1, earliest=oldest)
    world.accepted(world.commission(happenedAt=oldest))


# ---------------------------------------------------------------- origin not shown


@pytest.mark.parametrize("by", ["storekeeper", "clerk", "supplier"])
def test_it_should_make_goods_of_unknown_origin_by_whoever_may_have_goods(
    world: BatchWorld, by: str
) -> None:
    world.require(KIND, CATEGORY)
    lot = world.made(world.found_goods(by=by))

    assert world.lot(lot)[5] == MADE + NOT_SHOWN


def test_it_should_mark_raw_material_of_unknown_origin_too(world: BatchWorld) -> None:
    lot = world.made(world.commission(originNotShown=True, cited=()))
    assert world.lot(lot)[5] == MADE + NOT_SHOWN


def test_it_should_refuse_goods_of_unknown_origin_from_who_may_have_none(
    world: BatchWorld,
) -> None:
    for by in ("tester", "issuer", "makers tester"):
        entry = world.found_goods(by=by)
        refuses(world, entry, "EntryRoleMissing", account=account(by), role=CUSTODIAN)


def test_it_should_never_let_goods_of_unknown_origin_grow(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    lot = world.made(
        world.found_goods(
            by="second supplier", category=FABRIC, unit="KGM", gtin=FABRIC_GTIN, lot="MB-1"
        )
    )
    refuses(world, world.transform(Part(polymer, 110)), "BatchLotClosed", lot=lot)


def test_it_should_refuse_a_mark_that_is_neither_true_nor_false(world: BatchWorld) -> None:
    before = world.storage()
    for flag in (2, 255):
        values = world.found_goods().entry.values
        raw = signed_with(world, "Commission", "storekeeper", values, originNotShown=flag)
        error = world.refused_bytes(BATCHES, raw).error
        assert (error.name, dict(error.values)) == (
            "BatchValueInvalid",
            {"field": 5, "value": flag},
        )
    assert world.storage() == before


# ---------------------------------------------------------------- transform


def test_it_should_make_a_lot_of_what_it_uses_up(world: BatchWorld) -> None:
    one, two = world.polymer_at_weaver(), world.polymer_at_weaver(lot="PP-2")
    world.now += 60
    fabric = world.transformed(Part(one, 60), Part(two, 50), model="fine")

    model = keccak(b"fine")[:6]
    assert world.lot(fabric) == (goods(FABRIC, "KGM"), model, 100, 0, world.now, MADE + OPEN)
    assert world.stock(one, "weaver") == (940, 0, FOUNDED)
    assert world.stock(two, "weaver") == (950, 0, FOUNDED)
    assert world.lot(one)[2] == 0


def test_it_should_move_the_chains_of_the_lot_and_of_every_lot_used(world: BatchWorld) -> None:
    one, two = world.polymer_at_weaver(), world.polymer_at_weaver(lot="PP-2")
    fabric = world.transformed(Part(one, 60), Part(two, 50))

    assert world.head(fabric) == world.head(one) == world.head(two) != bytes(32)


def test_it_should_make_masks_of_eight_lots_of_fabric(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    parts = []
    for number in range(8):
        fabric = world.transformed(Part(polymer, 100), lot=f"MB-{number}")
        world.hand_over(fabric, "second supplier", "supplier", 100)
        parts.append(Part(fabric, 3))
    lot = world.made(world.sew(*parts, quantity=8000))

    assert world.lot(lot)[2] == 8000
    assert len({world.head(s) for s in [lot, *(p.lot for p in parts)]}) == 1


def test_it_should_refuse_to_transform_for_who_is_no_supplier(world: BatchWorld) -> None:
    polymer = world.commissioned()
    world.hand_over(polymer, "polymer maker", "storekeeper")
    entry = world.transform(Part(polymer, 100), by="storekeeper")
    refuses(world, entry, "EntryRoleMissing", account=account("storekeeper"), role=32)


def test_it_should_ask_the_maker_for_the_kinds_that_the_made_category_requires(
    world: BatchWorld,
) -> None:
    part = Part(world.polymer_at_weaver(), 110)
    for cited in ((), (world.licences["maker"],), (world.licence("weaver", RAW),)):
        refuses(
            world,
            world.transform(part, cited=cited),
            "QualificationKindNotCovered",
            category=keccak(FABRIC.encode()),
            kind=keccak(KIND.encode()),
            time=world.now,
        )


def test_it_should_refuse_to_make_nothing(world: BatchWorld) -> None:
    part = Part(world.polymer_at_weaver(), 110)
    refuses(world, world.transform(part, quantity=0), "BatchValueInvalid", field=3, value=0)


def test_it_should_refuse_to_make_a_lot_without_a_gtin_or_with_a_wrong_one(
    world: BatchWorld,
) -> None:
    part = Part(world.polymer_at_weaver(), 110)
    for gtin in (0, FABRIC_GTIN + 1, 100_000_000_000_009):
        entry = world.transform(part, gtin=gtin)
        refuses(world, entry, "BatchValueInvalid", field=4, value=gtin)


def test_it_should_refuse_inputs_that_are_none_of_nothing_out_of_order_or_twice(
    world: BatchWorld,
) -> None:
    one, two = sorted([world.polymer_at_weaver(), world.polymer_at_weaver(lot="PP-2")])
    bad = [
        (),
        (Part(one, 110), Part(two, 0)),
        (Part(one, 0), Part(two, 110)),
        (Part(two, 55), Part(one, 55)),
        (Part(one, 55), Part(one, 55)),
        (Part(bytes(32), 110),),
    ]
    for inputs in bad:
        refuses(world, world.transform(inputs=inputs), "BatchPartsWrong")


def test_it_should_refuse_a_lot_among_its_own_inputs(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    world.accepted(world.set_ingredient(input=FABRIC))
    fabric = lot_id(org("weaver"), FABRIC_GTIN, "MB-1")
    entry = world.transform(Part(polymer, 110), Part(fabric, 110))
    refuses(world, entry, "BatchMadeOfItself", lot=fabric)


def test_it_should_refuse_to_make_a_lot_of_what_was_made_of_it(world: BatchWorld) -> None:
    fabric = spun(world)
    world.accepted(
        world.ruled("SetIngredient", **_ingredient("felting", "KGM", FABRIC, FABRIC)),
        world.ruled("SetIngredient", **_ingredient(SPINNING, "KGM", FABRIC, FABRIC, least=1)),
    )
    felt = world.transformed(Part(fabric, 50), quantity=50, lot="FELT-1", process="felting")
    polymer = lot_id(org("refinery"), RAW_GTIN, "PP-1")
    entry = world.transform(Part(polymer, 110), Part(felt, 50))
    refuses(world, entry, "BatchLotClosed", lot=fabric)


def _ingredient(
    process: str, unit: str, category: str, input_: str, least: int = 100
) -> dict[str, Value]:
    given: dict[str, Value] = {"process": process, "category": category, "unit": unit}
    return {**given, "input": input_, "inputUnit": "KGM", "least": least, "most": 0, "per": 100}


def test_it_should_refuse_to_use_a_lot_that_does_not_exist(world: BatchWorld) -> None:
    refuses(world, world.transform(Part(UNKNOWN_LOT, 110)), "BatchLotUnknown", lot=UNKNOWN_LOT)


def test_it_should_refuse_to_use_more_than_it_has(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver(105)
    refuses(
        world,
        world.transform(Part(polymer, 106)),
        "BatchStockShort",
        lot=polymer,
        custodian=org("weaver"),
        wanted=106,
        onHand=105,
    )
    world.accepted(world.transform(Part(polymer, 105)))


def test_it_should_refuse_to_use_what_another_has(world: BatchWorld) -> None:
    polymer = world.commissioned()
    refuses(
        world,
        world.transform(Part(polymer, 110)),
        "BatchStockShort",
        lot=polymer,
        custodian=org("weaver"),
        wanted=110,
        onHand=0,
    )


def test_it_should_refuse_to_use_a_lot_before_it_was_there(world: BatchWorld) -> None:
    world.now += DAY
    polymer = world.commissioned(happenedAt=world.now - 10)
    shipment = world.shipped(polymer, "polymer maker", "second supplier", 500)
    world.accepted(world.receive(shipment, "second supplier"))
    early = world.transform(Part(polymer, 110), happenedAt=world.now - 1)
    refuses(world, early, "BatchTooEarly", subject=polymer, since=world.now)
    # The maker himself, who has had it since it was begun.
    licence = world.licence("refinery", FABRIC)
    by, cited = "polymer maker", (licence,)
    when = world.now - 10
    early = world.transform(Part(polymer, 110), by=by, cited=cited, happenedAt=when - 1)
    refuses(world, early, "BatchTooEarly", subject=polymer, since=when)
    world.accepted(world.transform(Part(polymer, 110), by=by, cited=cited, happenedAt=when))


def test_it_should_refuse_to_use_a_lot_that_is_held(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    world.stopped("Hold", polymer)
    refuses(world, world.transform(Part(polymer, 110)), "BatchBlocked", lot=polymer)


def test_it_should_refuse_a_process_that_has_no_ingredients(world: BatchWorld) -> None:
    entry = world.transform(Part(world.polymer_at_weaver(), 110), process="alchemy")
    refuses(world, entry, "BatchProcessUnknown", process=keccak(b"alchemy"))


def test_it_should_refuse_a_process_that_makes_other_goods(world: BatchWorld) -> None:
    part = Part(world.polymer_at_weaver(), 110)
    other_process = {"process": SEWING}
    other_unit = {"unit": "GRM"}
    no_unit = {"unit": ""}
    for values in (other_process, other_unit, no_unit):
        name = values.get("process", SPINNING)
        entry = world.transform(part, **values)
        refuses(world, entry, "BatchProcessForeign", process=keccak(name.encode()))


def test_it_should_refuse_an_input_whose_unit_has_no_conversion(world: BatchWorld) -> None:
    grams = world.commissioned(unit="GRM", quantity=200_000)
    world.hand_over(grams, "polymer maker", "second supplier", 200_000)
    kilograms = world.polymer_at_weaver(lot="PP-2")
    # Alone its goods are missing; beside enough of the right unit they are refused.
    error = world.refused(world.transform(Part(grams, 110_000)))
    assert error.name == "BatchOverrun"
    entry = world.transform(Part(kilograms, 110), Part(grams, 110_000))
    refuses(world, entry, "BatchGoodsWrong", lot=grams)


def test_it_should_refuse_an_input_that_is_no_ingredient(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    gift = world.made(world.found_goods(by="second supplier"))
    entry = world.transform(Part(polymer, 110), Part(gift, 1))
    refuses(world, entry, "BatchGoodsWrong", lot=gift)


@pytest.mark.parametrize(
    ("quantity", "given", "needed"), [(101, 100, 101), (100, 99, 100), (900, 1, 900)]
)
def test_it_should_refuse_more_out_than_in_with_the_figures(
    world: BatchWorld, quantity: int, given: int, needed: int
) -> None:
    part = Part(world.polymer_at_weaver(), given)
    refuses(
        world,
        world.transform(part, quantity=quantity),
        "BatchOverrun",
        input=goods(RAW, "KGM"),
        quantity=quantity,
        given=given,
        needed=needed,
    )


def test_it_should_round_what_is_needed_up_and_never_in_the_makers_favour(
    world: BatchWorld,
) -> None:
    fabric = spun(world)
    world.hand_over(fabric, "second supplier", "supplier", 50)
    refuses(
        world,
        world.sew(Part(fabric, 3), quantity=1001),
        "BatchOverrun",
        input=goods(FABRIC, "KGM"),
        quantity=1001,
        given=3,
        needed=4,
    )
    world.accepted(world.sew(Part(fabric, 3), quantity=1000))


def test_it_should_add_up_the_inputs_of_the_same_goods(world: BatchWorld) -> None:
    one, two = world.polymer_at_weaver(), world.polymer_at_weaver(lot="PP-2")
    refuses(
        world,
        world.transform(Part(one, 50), Part(two, 49)),
        "BatchOverrun",
        input=goods(RAW, "KGM"),
        quantity=100,
        given=99,
        needed=100,
    )
    world.accepted(world.transform(Part(one, 50), Part(two, 50)))


def test_it_should_ask_for_every_ingredient_of_the_process(world: BatchWorld) -> None:
    world.accepted(world.set_ingredient(input=CATEGORY, inputUnit="H87", least=1, most=0))
    polymer = world.polymer_at_weaver()
    refuses(
        world,
        world.transform(Part(polymer, 110)),
        "BatchOverrun",
        input=goods(CATEGORY, "H87"),
        quantity=100,
        given=0,
        needed=1,
    )
    gift = world.made(world.found_goods(by="second supplier"))
    world.accepted(world.transform(Part(polymer, 110), Part(gift, 1)))


@pytest.mark.parametrize(("given", "state"), [(100, 3), (120, 3), (121, 19), (1000, 19)])
def test_it_should_mark_the_lot_where_more_was_used_than_is_usual(
    world: BatchWorld, given: int, state: int
) -> None:
    fabric = world.transformed(Part(world.polymer_at_weaver(), given))
    assert world.lot(fabric)[5] == state


def test_it_should_mark_no_lot_where_the_usual_loss_has_no_bound(world: BatchWorld) -> None:
    world.accepted(world.set_ingredient(most=0))
    fabric = world.transformed(Part(world.polymer_at_weaver(), 1000), quantity=1)
    assert world.lot(fabric)[5] == MADE + OPEN


# ---------------------------------------------------------------- open lots


def test_it_should_let_an_open_lot_grow_and_begin_at_its_earliest_shift(
    world: BatchWorld,
) -> None:
    world.now += DAY
    polymer = world.commissioned(happenedAt=world.now - 100)
    shipment = world.ship(
        polymer, "polymer maker", "second supplier", 1000, happenedAt=world.now - 90
    )
    world.accepted(shipment)
    world.accepted(world.receive(shipment, "second supplier", happenedAt=world.now - 80))
    fabric = world.transformed(Part(polymer, 110), happenedAt=world.now - 50)
    for when, begun in [(10, 50), (70, 70), (60, 70)]:
        world.accepted(world.transform(Part(polymer, 110), happenedAt=world.now - when))
        assert world.lot(fabric)[4] == world.now - begun
    assert world.lot(fabric)[2] == 400
    assert world.stock(polymer, "weaver")[0] == 560


def test_it_should_keep_the_mark_of_a_shift_that_used_too_much(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    fabric = world.transformed(Part(polymer, 200))
    world.accepted(world.transform(Part(polymer, 100)))
    assert world.lot(fabric)[5] == MADE + OPEN + UNDERRUN


def test_it_should_keep_the_mark_when_the_lot_is_closed(world: BatchWorld) -> None:
    fabric = world.transformed(Part(world.polymer_at_weaver(), 200))
    world.accepted(world.alone("CloseLot", "second supplier", fabric))
    assert world.lot(fabric)[5] == MADE + UNDERRUN


def closed_by_its_maker(world: BatchWorld, fabric: bytes) -> None:
    world.accepted(world.alone("CloseLot", "second supplier", fabric))


def closed_by_shipping(world: BatchWorld, fabric: bytes) -> None:
    world.shipped(fabric, "second supplier", "supplier", 1)


def closed_by_coming_back(world: BatchWorld, fabric: bytes) -> None:
    shipment = world.shipped(fabric, "second supplier", "supplier", 1)
    world.accepted(world.receive(shipment, "supplier", accepted=0))
    world.accepted(world.settle(shipment, "second supplier", returned=1))


def closed_by_dispensing(world: BatchWorld, fabric: bytes) -> None:
    world.accepted(world.alone("Dispense", "second supplier", fabric))


def closed_by_destruction(world: BatchWorld, fabric: bytes) -> None:
    world.accepted(world.alone("Destroy", "second supplier", fabric))


def closed_by_a_loss(world: BatchWorld, fabric: bytes) -> None:
    world.accepted(world.alone("Adjust", "second supplier", fabric))


def closed_by_a_loss_made_good(world: BatchWorld, fabric: bytes) -> None:
    world.accepted(
        world.alone("Adjust", "second supplier", fabric),
        world.alone("Adjust", "second supplier", fabric, up=True),
    )


def closed_by_packing(world: BatchWorld, fabric: bytes) -> None:
    unit = world.packed("second supplier", Part(fabric, 10))
    world.accepted(world.of_unit("TakeApart", "second supplier", unit, [Part(fabric, 10)]))


@pytest.mark.parametrize(
    "close",
    [
        closed_by_its_maker,
        closed_by_shipping,
        closed_by_coming_back,
        closed_by_dispensing,
        closed_by_destruction,
        closed_by_a_loss,
        closed_by_a_loss_made_good,
        closed_by_packing,
    ],
)
def test_it_should_never_let_a_lot_grow_that_was_moved_used_or_closed(
    world: BatchWorld, close: Callable[[BatchWorld, bytes], None]
) -> None:
    fabric = spun(world)
    close(world, fabric)
    assert not world.lot(fabric)[5] & OPEN
    polymer = lot_id(org("refinery"), RAW_GTIN, "PP-1")

    refuses(world, world.transform(Part(polymer, 110)), "BatchLotClosed", lot=fabric)


def test_it_should_let_no_commissioned_lot_grow(world: BatchWorld) -> None:
    world.accepted(
        world.ruled("SetIngredient", **_ingredient("blending", "KGM", RAW, RAW)),
    )
    polymer = world.commissioned()
    more = world.commissioned(lot="PP-2")
    values: dict[str, Value] = {"gtin": RAW_GTIN, "lot": "PP-1", "category": RAW}
    entry = world.transform(Part(more, 110), by="polymer maker", process="blending", **values)
    refuses(world, entry, "BatchLotClosed", lot=polymer)


def test_it_should_refuse_to_let_a_lot_of_other_goods_or_another_model_grow(
    world: BatchWorld,
) -> None:
    fabric = spun(world)
    polymer = lot_id(org("refinery"), RAW_GTIN, "PP-1")
    entry = world.transform(Part(polymer, 110), model="fine")
    refuses(world, entry, "BatchGoodsWrong", lot=fabric)
    world.accepted(world.ruled("SetIngredient", **_ingredient("felting", "GRM", FABRIC, RAW)))
    entry = world.transform(Part(polymer, 110), unit="GRM", process="felting")
    refuses(world, entry, "BatchGoodsWrong", lot=fabric)


def test_it_should_refuse_to_let_a_lot_grow_that_is_held(world: BatchWorld) -> None:
    fabric = spun(world)
    hold = world.stopped("Hold", fabric)
    polymer = lot_id(org("refinery"), RAW_GTIN, "PP-1")
    refuses(world, world.transform(Part(polymer, 110)), "BatchBlocked", lot=fabric)
    world.accepted(world.release(fabric, hold))
    world.accepted(world.transform(Part(polymer, 110)))


def test_it_should_refuse_to_let_a_lot_grow_beyond_the_largest_quantity(
    world: BatchWorld,
) -> None:
    one = world.polymer_at_weaver(LARGEST)
    two = world.polymer_at_weaver(10, lot="PP-2")
    world.transformed(Part(one, LARGEST), quantity=LARGEST - 5)
    entry = world.transform(Part(two, 6), quantity=6)
    refuses(world, entry, "BatchValueInvalid", field=3, value=LARGEST + 1)
    world.accepted(world.transform(Part(two, 6), quantity=5))


def test_it_should_close_a_lot_for_its_maker_once(world: BatchWorld) -> None:
    fabric = spun(world)
    world.accepted(world.alone("CloseLot", "second supplier", fabric))
    assert world.lot(fabric)[5] == MADE
    again = world.alone("CloseLot", "second supplier", fabric)
    refuses(world, again, "BatchLotClosed", lot=fabric)


def test_it_should_refuse_to_close_a_lot_that_never_was_open(world: BatchWorld) -> None:
    polymer = world.commissioned()
    entry = world.alone("CloseLot", "polymer maker", polymer)
    refuses(world, entry, "BatchLotClosed", lot=polymer)


def test_it_should_refuse_to_close_anothers_lot_or_none(world: BatchWorld) -> None:
    fabric = spun(world)
    entry = world.alone("CloseLot", "supplier", fabric)
    refuses(world, entry, "BatchNotMaker", lot=fabric, organisation=org("maker"))
    entry = world.alone("CloseLot", "polymer maker", UNKNOWN_LOT)
    refuses(world, entry, "BatchLotUnknown", lot=UNKNOWN_LOT)


def test_it_should_refuse_to_close_a_lot_before_it_was_begun(world: BatchWorld) -> None:
    fabric = spun(world)
    entry = world.alone("CloseLot", "second supplier", fabric, happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=fabric, since=world.now)


# ---------------------------------------------------------------- shipping


def test_it_should_put_what_was_shipped_under_way(world: BatchWorld) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper", 400)

    assert world.parcel(shipment) == (400, world.now, world.now + 7 * DAY, False)
    assert world.stock(lot, "maker") == (600, 0, world.now)
    assert world.stock(lot, "warehouse") == (0, 0, 0)


def test_it_should_let_whoever_has_some_ship_it_on(world: BatchWorld) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper", 400)
    world.hand_over(lot, "storekeeper", "clerk", 300)
    world.hand_over(lot, "clerk", "supplier", 200)

    held = [world.stock(lot, o)[0] for o in ("maker", "warehouse", "bureau")]
    assert held == [800, 100, 100]


def test_it_should_refuse_a_shipment_to_oneself(world: BatchWorld) -> None:
    lot = masks(world)
    entry = world.ship(lot, "supplier", "supplier")
    refuses(world, entry, "BatchToOneself", organisation=org("maker"))


def test_it_should_refuse_a_shipment_to_a_stranger(world: BatchWorld) -> None:
    lot = masks(world)
    listed: dict[str, Value] = {"identifierKind": "register:niosh-n95", "identifier": "X"}
    entry = world.act("ListOrganisation", "mirror", **listed, nameZh="", nameEn="X")
    [recorded] = world.accepted(entry)
    suspended = world.ruled(
        "ChangeOrganisation",
        organisation=org("second store"),
        status=3,
        roles=int(Role.STORE),
        division=420100000000,
        reason="closed",
    )
    world.accepted(suspended)
    for recipient, status, roles in [
        (org("nobody"), 0, 0),
        (recorded.subject[:20], 1, 0),
        (org("second store"), 3, 256),
        (org("laboratory"), 2, 4),
        (bytes(20), 0, 0),
    ]:
        refuses(
            world,
            world.ship(lot, "supplier", "storekeeper", recipient=recipient),
            "BatchRecipientUnfit",
            organisation=recipient,
            status=status,
            roles=roles,
        )


def test_it_should_refuse_to_ship_nothing_or_more_than_is_there(world: BatchWorld) -> None:
    lot = masks(world)
    entry = world.ship(lot, "supplier", "storekeeper", 0)
    refuses(world, entry, "BatchValueInvalid", field=5, value=0)
    short: dict[str, object] = {"lot": lot, "custodian": org("maker")}
    entry = world.ship(lot, "supplier", "storekeeper", 1001)
    refuses(world, entry, "BatchStockShort", **short, wanted=1001, onHand=1000)
    entry = world.ship(lot, "storekeeper", "supplier", 1)
    short["custodian"] = org("warehouse")
    refuses(world, entry, "BatchStockShort", **short, wanted=1, onHand=0)
    entry = world.ship(UNKNOWN_LOT, "supplier", "storekeeper", 1)
    refuses(world, entry, "BatchLotUnknown", lot=UNKNOWN_LOT)


def test_it_should_refuse_a_shipment_that_is_due_when_it_leaves(world: BatchWorld) -> None:
    lot = masks(world)
    for due in (0, world.now - 1, world.now):
        entry = world.ship(lot, "supplier", "storekeeper", due=due)
        refuses(world, entry, "BatchValueInvalid", field=6, value=due)
    world.accepted(world.ship(lot, "supplier", "storekeeper", due=world.now + 1))


def test_it_should_refuse_a_purpose_that_is_none(world: BatchWorld) -> None:
    lot = masks(world)
    for purpose in (3, 255):
        entry = world.ship(lot, "supplier", "storekeeper", purpose=purpose)
        refuses(world, entry, "BatchValueInvalid", field=7, value=purpose)


def test_it_should_refuse_to_ship_before_one_had_it(world: BatchWorld) -> None:
    lot = masks(world)
    entry = world.ship(lot, "supplier", "storekeeper", happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=lot, since=world.now)
    since = world.now
    world.now += 60
    shipment = world.ship(lot, "supplier", "storekeeper", happenedAt=since + 10)
    world.accepted(shipment)
    world.accepted(world.receive(shipment, "storekeeper", happenedAt=since + 30))
    entry = world.ship(lot, "storekeeper", "shopkeeper", happenedAt=since + 29)
    refuses(world, entry, "BatchTooEarly", subject=lot, since=since + 30)
    world.accepted(world.ship(lot, "storekeeper", "shopkeeper", happenedAt=since + 30))


def test_it_should_ship_a_held_lot_only_back_or_into_quarantine(world: BatchWorld) -> None:
    lot = masks(world)
    world.stopped("Hold", lot)
    entry = world.ship(lot, "supplier", "storekeeper", purpose=0)
    refuses(world, entry, "BatchBlocked", lot=lot)
    for purpose in (1, 2):
        world.accepted(world.ship(lot, "supplier", "storekeeper", purpose=purpose))


def test_it_should_refuse_the_same_words_again_while_any_of_it_is_under_way(
    world: BatchWorld,
) -> None:
    """Else the copy overwrites what its sender must still account for, and goods vanish."""
    lot = masks(world)
    world.accepted(world.add_account("colleague", org("maker"), Role.SUPPLIER))
    # In the recipient's slot; beside it; as a rest after an answer.
    first = world.shipped(lot, "supplier", "storekeeper", 100)
    second = world.shipped(lot, "supplier", "storekeeper", 200)
    for shipment in (first, second):
        digest = world.digest(shipment)
        copy = world.sign(shipment.entry, "colleague")
        refuses(world, copy, "BatchUnderWayAlready", shipment=digest)
    world.accepted(world.receive(first, "storekeeper", accepted=60))
    for shipment in (first, second):
        digest = world.digest(shipment)
        copy = world.sign(shipment.entry, "colleague")
        refuses(world, copy, "BatchUnderWayAlready", shipment=digest)


def test_it_should_refuse_to_ship_for_who_may_have_no_goods(world: BatchWorld) -> None:
    lot = masks(world)
    entry = world.ship(lot, "makers tester", "storekeeper")
    signer = account("makers tester")
    refuses(world, entry, "EntryRoleMissing", account=signer, role=CUSTODIAN)


# ---------------------------------------------------------------- receiving


def test_it_should_give_all_to_the_recipient(world: BatchWorld) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper", 400)
    world.now += 60
    world.accepted(world.receive(shipment, "storekeeper", reason=""))

    assert world.stock(lot, "warehouse") == (400, 0, world.now)
    assert world.parcel(shipment) == (0, 0, 0, False)


@pytest.mark.parametrize("accepted", [0, 1, 99])
def test_it_should_give_a_part_or_none_and_keep_the_rest_for_the_sender(
    world: BatchWorld, accepted: int
) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    world.accepted(world.receive(shipment, "storekeeper", accepted=accepted))

    sent = (world.now, world.now + 7 * DAY)
    assert world.parcel(shipment) == (100 - accepted, *sent, True)
    assert world.stock(lot, "warehouse") == (accepted, 0, world.now if accepted else 0)
    assert world.stock(lot, "maker")[0] == 900


def test_it_should_remember_since_when_the_recipient_first_had_the_lot(world: BatchWorld) -> None:
    lot = masks(world)
    for minutes in (0, 10):
        world.now = FOUNDED + 60 * minutes
        world.hand_over(lot, "supplier", "storekeeper")
    assert world.stock(lot, "warehouse") == (200, 0, FOUNDED)


def test_it_should_refuse_to_accept_less_without_a_reason(world: BatchWorld) -> None:
    shipment = world.shipped(masks(world), "supplier", "storekeeper")
    for accepted in (0, 99):
        entry = world.receive(shipment, "storekeeper", accepted=accepted, reason="")
        refuses(world, entry, "BatchTextMissing", field=7)


def test_it_should_refuse_to_receive_more_than_was_sent(world: BatchWorld) -> None:
    shipment = world.shipped(masks(world), "supplier", "storekeeper")
    for accepted in (101, LARGEST):
        refuses(
            world,
            world.receive(shipment, "storekeeper", accepted=accepted),
            "BatchMoreThanSent",
            shipment=world.digest(shipment),
            wanted=accepted,
            underWay=100,
        )


@pytest.mark.parametrize("accepted", [0, 60, 100])
def test_it_should_refuse_to_receive_twice(world: BatchWorld, accepted: int) -> None:
    shipment = world.shipped(masks(world), "supplier", "storekeeper")
    world.accepted(world.receive(shipment, "storekeeper", accepted=accepted))
    for again in (0, 1, 40, 100):
        entry = world.receive(shipment, "storekeeper", accepted=again)
        refuses(world, entry, "BatchNothingUnderWay", shipment=world.digest(shipment))


def test_it_should_refuse_a_receipt_of_what_is_not_under_way_to_this_recipient(
    world: BatchWorld,
) -> None:
    lot, other = masks(world), world.made(world.found_goods())
    shipment = world.shipped(lot, "supplier", "storekeeper")
    digest = world.digest(shipment)
    bad = [
        (digest, world.receive(shipment, "shopkeeper")),
        (digest, world.receive(shipment, "supplier")),
        (digest, world.receive(shipment, "storekeeper", sender=org("weaver"))),
        (digest, world.receive(shipment, "storekeeper", lot=other)),
        (bytes(32), world.receive(shipment, "storekeeper", shipment=bytes(32))),
    ]
    for named, entry in bad:
        refuses(world, entry, "BatchNothingUnderWay", shipment=named)
    world.accepted(world.receive(shipment, "storekeeper"))


def test_it_should_refuse_to_receive_before_it_was_sent(world: BatchWorld) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    entry = world.receive(shipment, "storekeeper", happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=lot, since=world.now)


def test_it_should_receive_what_is_under_way_while_the_lot_is_held(world: BatchWorld) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    world.stopped("Recall", lot)
    world.accepted(world.receive(shipment, "storekeeper"))
    assert world.stock(lot, "warehouse")[0] == 100


def test_it_should_receive_late_what_the_sender_has_not_settled(world: BatchWorld) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    world.now += 30 * DAY
    world.accepted(world.receive(shipment, "storekeeper"))
    assert world.stock(lot, "warehouse")[0] == 100


def test_it_should_refuse_to_receive_for_who_may_have_no_goods(world: BatchWorld) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper")
    shipment = world.shipped(lot, "storekeeper", "supplier", 50)
    entry = world.receive(shipment, "makers tester")
    signer = account("makers tester")
    refuses(world, entry, "EntryRoleMissing", account=signer, role=CUSTODIAN)


# ---------------------------------------------------------------- settling


def partly_accepted(world: BatchWorld) -> tuple[bytes, SignedEntry]:
    """100 of 1,000 masks were sent to the warehouse, which took 60."""
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    world.accepted(world.receive(shipment, "storekeeper", accepted=60))
    return lot, shipment


def test_it_should_settle_in_parts_what_came_back_and_what_was_lost(world: BatchWorld) -> None:
    lot, shipment = partly_accepted(world)
    world.accepted(world.settle(shipment, "supplier", returned=10, lost=5))
    assert world.parcel(shipment)[0] == 25
    assert world.stock(lot, "maker") == (910, 5, world.now)
    world.accepted(world.settle(shipment, "supplier", lost=25))
    assert world.parcel(shipment) == (0, 0, 0, False)
    assert world.stock(lot, "maker") == (910, 30, world.now)
    entry = world.settle(shipment, "supplier", returned=1)
    refuses(world, entry, "BatchNothingUnderWay", shipment=world.digest(shipment))


def test_it_should_settle_for_a_sender_who_is_not_the_maker(world: BatchWorld) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper")
    since = world.now
    world.now += 60
    shipment = world.shipped(lot, "storekeeper", "shopkeeper", 50)
    world.accepted(world.receive(shipment, "shopkeeper", accepted=0))
    world.accepted(world.settle(shipment, "storekeeper", returned=30, lost=20))

    assert world.stock(lot, "warehouse") == (80, 20, since)
    assert world.stock(lot, "store") == (0, 0, 0)


def test_it_should_refuse_to_settle_before_the_answer_or_the_day(world: BatchWorld) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    due = world.now + 7 * DAY
    world.now = due - 1
    entry = world.settle(shipment, "supplier", returned=100)
    refuses(world, entry, "BatchNotDue", shipment=world.digest(shipment), due=due)
    world.now = due
    world.accepted(world.settle(shipment, "supplier", returned=100))
    assert world.stock(lot, "maker")[0] == 1000


def test_it_should_let_nobody_receive_what_the_sender_began_to_settle(world: BatchWorld) -> None:
    shipment = world.shipped(masks(world), "supplier", "storekeeper")
    world.now += 7 * DAY
    world.accepted(world.settle(shipment, "supplier", lost=1))
    assert world.parcel(shipment)[3]
    entry = world.receive(shipment, "storekeeper", accepted=99)
    refuses(world, entry, "BatchNothingUnderWay", shipment=world.digest(shipment))


def test_it_should_refuse_to_settle_nothing_or_more_than_is_left(world: BatchWorld) -> None:
    _, shipment = partly_accepted(world)
    entry = world.settle(shipment, "supplier")
    refuses(world, entry, "BatchValueInvalid", field=6, value=0)
    for returned, lost in [(41, 0), (0, 41), (20, 21), (LARGEST, LARGEST)]:
        refuses(
            world,
            world.settle(shipment, "supplier", returned=returned, lost=lost),
            "BatchMoreThanSent",
            shipment=world.digest(shipment),
            wanted=returned + lost,
            underWay=40,
        )


def test_it_should_refuse_to_settle_anothers_shipment(world: BatchWorld) -> None:
    lot, shipment = partly_accepted(world)
    other = world.made(world.found_goods(by="supplier"))
    digest = world.digest(shipment)
    bad = [
        world.settle(shipment, "storekeeper", returned=1),
        world.settle(shipment, "shopkeeper", returned=1),
        world.settle(shipment, "supplier", returned=1, recipient=org("store")),
        world.settle(shipment, "supplier", returned=1, lot=other),
    ]
    for entry in bad:
        refuses(world, entry, "BatchNothingUnderWay", shipment=digest)
    assert world.stock(lot, "maker")[0] == 900


def test_it_should_refuse_a_loss_without_a_reason(world: BatchWorld) -> None:
    _, shipment = partly_accepted(world)
    entry = world.settle(shipment, "supplier", lost=1, reason="")
    refuses(world, entry, "BatchTextMissing", field=8)
    world.accepted(world.settle(shipment, "supplier", returned=1, reason=""))


def test_it_should_refuse_to_settle_before_it_was_sent(world: BatchWorld) -> None:
    lot, shipment = partly_accepted(world)
    entry = world.settle(shipment, "supplier", returned=1, happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=lot, since=world.now)


def test_it_should_settle_what_comes_back_while_the_lot_is_held(world: BatchWorld) -> None:
    lot, shipment = partly_accepted(world)
    world.stopped("Hold", lot)
    world.accepted(world.settle(shipment, "supplier", returned=40))
    assert world.stock(lot, "maker")[0] == 940


# ---------------------------------------------------------------- what a custodian does alone


@pytest.mark.parametrize(
    ("action", "maker", "store"),
    [
        ("Adjust", (890, 10), (90, 10)),
        ("Dispense", (890, 0), (90, 0)),
        ("Destroy", (890, 0), (90, 0)),
    ],
)
def test_it_should_take_what_is_lost_handed_out_or_destroyed_from_the_custodians_stock(
    world: BatchWorld, action: str, maker: tuple[int, int], store: tuple[int, int]
) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper")
    world.accepted(world.alone(action, "supplier", lot), world.alone(action, "storekeeper", lot))

    assert world.stock(lot, "maker")[:2] == maker
    assert world.stock(lot, "warehouse")[:2] == store


def test_it_should_adjust_up_what_this_custodian_lost_of_this_lot(world: BatchWorld) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper")
    for by in ("supplier", "storekeeper"):
        world.accepted(world.alone("Adjust", by, lot, quantity=7))
        world.accepted(world.alone("Adjust", by, lot, quantity=4, up=True))
    assert world.stock(lot, "maker")[:2] == (897, 3)
    assert world.stock(lot, "warehouse")[:2] == (97, 3)


def test_it_should_refuse_to_adjust_up_what_was_never_lost(world: BatchWorld) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper")
    world.accepted(world.alone("Adjust", "supplier", lot, quantity=7))
    # Neither more than one lost oneself, nor what another lost, nor what was destroyed.
    world.accepted(world.alone("Destroy", "storekeeper", lot))
    for by, organisation, lost in [("supplier", "maker", 7), ("storekeeper", "warehouse", 0)]:
        refuses(
            world,
            world.alone("Adjust", by, lot, quantity=lost + 1, up=True),
            "BatchNotLost",
            lot=lot,
            custodian=org(organisation),
            wanted=lost + 1,
            lost=lost,
        )
    refuses(
        world,
        world.alone("Adjust", "supplier", UNKNOWN_LOT, quantity=1, up=True),
        "BatchNotLost",
        lot=UNKNOWN_LOT,
        custodian=org("maker"),
        wanted=1,
        lost=0,
    )


ALONE = ["Adjust", "Dispense", "Destroy"]


@pytest.mark.parametrize("action", ALONE)
def test_it_should_refuse_to_change_by_nothing(world: BatchWorld, action: str) -> None:
    lot = masks(world)
    ups = (False, True) if action == "Adjust" else (False,)
    for up in ups:
        entry = world.alone(action, "supplier", lot, quantity=0, up=up)
        refuses(world, entry, "BatchValueInvalid", field=4, value=0)


@pytest.mark.parametrize("action", ALONE)
def test_it_should_refuse_to_lose_hand_out_or_destroy_more_than_is_there(
    world: BatchWorld, action: str
) -> None:
    lot = masks(world)
    world.hand_over(lot, "supplier", "storekeeper")
    for by, organisation, left in [
        ("supplier", "maker", 900),
        ("storekeeper", "warehouse", 100),
        ("shopkeeper", "store", 0),
    ]:
        refuses(
            world,
            world.alone(action, by, lot, quantity=left + 1),
            "BatchStockShort",
            lot=lot,
            custodian=org(organisation),
            wanted=left + 1,
            onHand=left,
        )
    refuses(world, world.alone(action, "supplier", UNKNOWN_LOT), "BatchLotUnknown", lot=UNKNOWN_LOT)


@pytest.mark.parametrize(("action", "field"), [("Adjust", 6), ("Destroy", 5)])
def test_it_should_refuse_a_loss_or_destruction_without_a_reason(
    world: BatchWorld, action: str, field: int
) -> None:
    lot = masks(world)
    entry = world.alone(action, "supplier", lot, reason="")
    refuses(world, entry, "BatchTextMissing", field=field)


def test_it_should_refuse_to_adjust_up_without_a_reason(world: BatchWorld) -> None:
    lot = masks(world)
    world.accepted(world.alone("Adjust", "supplier", lot))
    entry = world.alone("Adjust", "supplier", lot, up=True, reason="")
    refuses(world, entry, "BatchTextMissing", field=6)


@pytest.mark.parametrize("action", ALONE)
def test_it_should_refuse_to_change_a_lot_before_one_had_it(world: BatchWorld, action: str) -> None:
    lot = masks(world)
    entry = world.alone(action, "supplier", lot, happenedAt=world.now - 1)
    refuses(world, entry, "BatchTooEarly", subject=lot, since=world.now)
    if action == "Adjust":
        world.accepted(world.alone(action, "supplier", lot))
        entry = world.alone(action, "supplier", lot, up=True, happenedAt=world.now - 1)
        refuses(world, entry, "BatchTooEarly", subject=lot, since=world.now)


def test_it_should_hand_out_nothing_of_a_held_lot_but_record_losses_and_destruction(
    world: BatchWorld,
) -> None:
    lot = masks(world)
    world.stopped("Hold", lot)
    refuses(world, world.alone("Dispense", "supplier", lot), "BatchBlocked", lot=lot)
    world.accepted(
        world.alone("Adjust", "supplier", lot),
        world.alone("Adjust", "supplier", lot, up=True),
        world.alone("Destroy", "supplier", lot),
    )


def test_it_should_refuse_a_direction_that_is_neither_up_nor_down(world: BatchWorld) -> None:
    values = world.alone("Adjust", "supplier", masks(world)).entry.values
    for flag in (2, 255):
        raw = signed_with(world, "Adjust", "supplier", values, up=flag)
        error = world.refused_bytes(BATCHES, raw).error
        assert (error.name, dict(error.values)) == (
            "BatchValueInvalid",
            {"field": 5, "value": flag},
        )


@pytest.mark.parametrize("action", [*ALONE, "CloseLot"])
def test_it_should_refuse_changes_by_who_may_have_no_goods(world: BatchWorld, action: str) -> None:
    lot = masks(world)
    for by in ("makers tester", "tester"):
        entry = world.alone(action, by, lot)
        refuses(world, entry, "EntryRoleMissing", account=account(by), role=CUSTODIAN)


# ---------------------------------------------------------------- processes


def test_it_should_set_and_restate_an_ingredient(world: BatchWorld) -> None:
    world.accepted(world.set_ingredient(least=90, most=0, per=100))
    assert world.process(SPINNING) == (goods(FABRIC, "KGM"), [(goods(RAW, "KGM"), 90, 0, 100)])
    [recorded] = world.accepted(world.set_ingredient(input=CATEGORY, inputUnit="H87"))

    assert recorded.subject == named_subject("process", SPINNING)
    assert world.process(SPINNING)[1] == [
        (goods(RAW, "KGM"), 90, 0, 100),
        (goods(CATEGORY, "H87"), 100, 120, 100),
    ]


def test_it_should_take_an_ingredient_out_and_let_an_empty_process_make_other_goods(
    world: BatchWorld,
) -> None:
    masks_too: dict[str, Value] = {"input": CATEGORY, "inputUnit": "H87"}
    world.accepted(world.set_ingredient(**masks_too))
    # What takes it out states no bounds, whatever stands in their place.
    world.accepted(world.set_ingredient(least=100, most=99, per=0))
    assert world.process(SPINNING)[1] == [(goods(CATEGORY, "H87"), 100, 120, 100)]
    world.accepted(world.set_ingredient(**masks_too, per=0))
    assert world.process(SPINNING)[1] == []
    world.accepted(world.set_ingredient(category=CATEGORY, unit="H87"))
    assert world.process(SPINNING)[0] == goods(CATEGORY, "H87")


def test_it_should_refuse_to_take_out_what_is_no_ingredient(world: BatchWorld) -> None:
    entry = world.set_ingredient(input=CATEGORY, inputUnit="H87", per=0)
    refuses(world, entry, "BatchValueInvalid", field=5, value=0)


def test_it_should_keep_the_goods_of_a_process_while_it_has_ingredients(
    world: BatchWorld,
) -> None:
    for values in ({"unit": "GRM"}, {"category": CATEGORY}, {"unit": "GRM", "per": 0}):
        entry = world.set_ingredient(**values)
        refuses(world, entry, "BatchProcessForeign", process=keccak(SPINNING.encode()))


def test_it_should_refuse_a_ninth_ingredient_but_still_replace_the_eight(
    world: BatchWorld,
) -> None:
    for number in range(7):
        world.accepted(world.set_ingredient(inputUnit=f"X{number}"))
    entry = world.set_ingredient(inputUnit="X7")
    refuses(world, entry, "BatchProcessFull", process=keccak(SPINNING.encode()))
    world.accepted(world.set_ingredient(inputUnit="X6", least=1))
    assert len(world.process(SPINNING)[1]) == 8


def test_it_should_refuse_an_ingredient_of_nothing_or_with_bounds_reversed(
    world: BatchWorld,
) -> None:
    entry = world.set_ingredient(least=0)
    refuses(world, entry, "BatchValueInvalid", field=3, value=0)
    entry = world.set_ingredient(least=100, most=99)
    refuses(world, entry, "BatchValueInvalid", field=4, value=99)
    world.accepted(world.set_ingredient(least=100, most=100))


def test_it_should_refuse_a_process_of_unknown_goods_or_without_units(
    world: BatchWorld,
) -> None:
    for field in ("category", "input"):
        entry = world.set_ingredient(**{field: "no.such"})
        refuses(world, entry, "BatchCategoryUnknown", category=keccak(b"no.such"))
    for field, place in [("unit", 8), ("inputUnit", 10)]:
        entry = world.set_ingredient(**{field: ""})
        refuses(world, entry, "BatchTextMissing", field=place)


def test_it_should_let_the_authority_alone_set_processes(world: BatchWorld) -> None:
    entry = world.set_ingredient().entry
    for names in (("supplier",), ("inspector",), (AUTHORITIES[0], "supplier")):
        values = {**entry.values, "nonce": world.nonce(BATCHES, *names)}
        signed = world.sign(replace(entry, values=values), *names)
        outsider = next(n for n in names if n not in AUTHORITIES)
        refuses(world, signed, "EntrySignerNotAuthority", account=account(outsider))
    values = {**entry.values, "nonce": world.nonce(BATCHES, AUTHORITIES[0])}
    signed = world.sign(replace(entry, values=values), AUTHORITIES[0])
    refuses(world, signed, "EntryQuorumNotMet", given=1, needed=2)


def test_it_should_apply_the_process_as_it_is_when_recorded(world: BatchWorld) -> None:
    polymer = world.polymer_at_weaver()
    world.now += 60
    world.accepted(world.set_ingredient(least=110))
    entry = world.transform(Part(polymer, 100), happenedAt=world.now - 60)
    assert world.refused(entry).name == "BatchOverrun"


# ---------------------------------------------------------------- the log over them


def test_it_should_keep_root_and_heads_that_anybody_can_recompute_from_the_events(
    world: BatchWorld,
) -> None:
    lot = masks(world)
    shipment = world.shipped(lot, "supplier", "storekeeper")
    world.accepted(world.receive(shipment, "storekeeper", accepted=60))
    world.accepted(world.settle(shipment, "supplier", returned=30, lost=10))
    world.accepted(world.alone("Dispense", "storekeeper", lot))
    parts = [Part(lot, 20)]
    unit = world.packed("storekeeper", *parts)
    world.accepted(world.of_unit("ShipUnit", "storekeeper", unit, parts))
    world.accepted(world.of_unit("ReceiveUnit", "shopkeeper", unit, parts))
    world.accepted(world.of_unit("TakeApart", "shopkeeper", unit, parts))
    recall = world.stopped("Recall", lot)
    world.accepted(world.inspect(lot), world.acknowledge(lot, recall), world.correct(lot, recall))
    world.accepted(world.publish())
    world.accepted(world.release(lot, recall), world.mirror_recall())

    model = LogModel()
    follow(world, model)
    assert model.frontier.size == world.size()
    assert model.frontier.root() == world.root() != EMPTY_ROOT
    for subject, head in model.heads.items():
        assert world.head(subject) == head


def follow(world: ContractWorld, model: LogModel) -> None:
    contracts = {a: n for n, a in world.addresses.items() if n != "EntryLog"}
    for block in range(1, world.chain.head().number + 1):
        logs = world.chain.logs(block, block, list(contracts))
        for digest, name in {log.transaction_hash: contracts[log.address] for log in logs}.items():
            receipt = world.chain.receipt(digest)
            assert receipt is not None
            model.follow(world, name, outcome(receipt))
