"""Refusals of entries about goods, in words: the figures in clear, the field to mend named."""

from typing import Any, Final

import pytest
from eth_hash.auto import keccak

from ledger.refusals import Refusal, explain
from ledger.typed_data import ACTIONS, Entry, Part, Value, goods, lot_id
from ledger.vocabulary import Role

MAKER: Final = b"\x05" * 20
LOT: Final = lot_id(MAKER, 9520000000011, "A")
INPUTS: Final = (Part(b"\x01" * 32, 5), Part(b"\x02" * 32, 6))


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


def entry(action: str, **values: Value) -> Entry:
    """An entry of the action, empty but for these values."""
    empty: dict[str, Value] = {}
    for field in ACTIONS[action].fields:
        if field.type.endswith("[]"):
            empty[field.name] = ()
        elif field.type == "string":
            empty[field.name] = ""
        elif field.type == "bool":
            empty[field.name] = False
        elif field.type.startswith("uint"):
            empty[field.name] = 0
        else:
            empty[field.name] = bytes(20 if field.type in ("address", "bytes20") else 32)
    return Entry.of(action, **(empty | values))


def told(name: str, action: str, values: dict[str, Any], **fields: Value) -> Refusal:
    refusal = explain(name, values, entry(action, **fields))
    assert refusal.message != refusal.message_zh
    return refusal


def test_an_overrun_says_what_was_needed_and_what_was_given() -> None:
    values = {
        "input": hexed(goods("fabric.meltblown", "KGM")),
        "quantity": 60_000, "given": 50, "needed": 60,
    }  # fmt: skip
    refusal = told("BatchOverrun", "Transform", values)
    assert refusal.field == "quantity"
    assert refusal.message == (
        "60000 cannot come out of what went in: so much needs at least 60 of 'fabric.meltblown' "
        "(KGM), 50 was given"
    )
    for figure in ("60000", "60", "50", "fabric.meltblown"):
        assert figure in refusal.message_zh


def test_goods_that_the_catalogue_lacks_are_shown_as_they_are() -> None:
    values = {"input": "0x" + "ab" * 10, "quantity": 2, "given": 0, "needed": 1}
    assert "0x" + "ab" * 10 in told("BatchOverrun", "Transform", values).message


@pytest.mark.parametrize(
    ("name", "action", "lot", "field"),
    [
        ("BatchLotUnknown", "Transform", INPUTS[1].lot, "inputs[1]"),
        ("BatchBlocked", "Transform", INPUTS[0].lot, "inputs[0]"),
        ("BatchLotClosed", "Transform", LOT, "lot"),
        ("BatchGoodsWrong", "Transform", INPUTS[0].lot, "inputs[0]"),
        ("BatchGoodsWrong", "Transform", LOT, "lot"),
        ("BatchBlocked", "Ship", LOT, "lot"),
        ("BatchBlocked", "ShipUnit", INPUTS[1].lot, "parts[1]"),
    ],
)
def test_a_lot_is_named_where_the_entry_names_it(
    name: str, action: str, lot: bytes, field: str
) -> None:
    lists = {f.name: INPUTS for f in ACTIONS[action].fields if f.type == "Part[]"}
    assert told(name, action, {"lot": hexed(lot)}, **lists).field == field


@pytest.mark.parametrize(
    ("action", "fields", "field"),
    [("Ship", {}, "quantity"), ("Transform", {"inputs": INPUTS}, "inputs[0]")],
)
def test_short_stock_says_how_much_there_is(
    action: str, fields: dict[str, Value], field: str
) -> None:
    lot = INPUTS[0].lot
    values = {"lot": hexed(lot), "custodian": hexed(MAKER), "wanted": 50, "onHand": 7}
    refusal = told("BatchStockShort", action, values, **fields)
    assert refusal.field == field
    for message in (refusal.message, refusal.message_zh):
        assert "50" in message
        assert " 7" in message


@pytest.mark.parametrize(
    ("action", "place", "name"),
    [("Commission", 4, "gtin"), ("Transform", 3, "quantity"), ("Ship", 6, "due"), ("Inspect", 4,
    "sampledAt"), ("Aggregate", 3, "sscc")],
)  # fmt: skip
def test_a_field_is_named_by_its_place_in_the_type(action: str, place: int, name: str) -> None:
    error = "OversightValueInvalid" if action == "Inspect" else "BatchValueInvalid"
    refusal = told(error, action, {"field": place, "value": 9})
    assert refusal.field == name
    assert refusal.message.startswith(name)


@pytest.mark.parametrize(
    ("action", "place", "checked"),
    [("Commission", 4, True), ("Aggregate", 3, True), ("Transform", 3, False), ("Ship", 6, False)],
)
def test_a_check_digit_is_spoken_of_where_the_field_has_one(
    action: str, place: int, checked: bool
) -> None:
    refusal = told("BatchValueInvalid", action, {"field": place, "value": 7})
    assert ("check digit" in refusal.message) is checked
    assert ("校验码" in refusal.message_zh) is checked


def test_who_may_release_is_said_the_same_in_both_languages() -> None:
    values = {"lot": hexed(LOT), "organisation": hexed(MAKER)}
    refusal = told("OversightNoRight", "Release", values)
    assert "an account of the organisation that set it" in refusal.message
    assert "what a quorum set only a quorum ends" in refusal.message
    assert "作出机构的账户" in refusal.message_zh
    assert "只能以法定签名数解除" in refusal.message_zh


def test_texts_behind_hashes_are_shown() -> None:
    process = hexed(keccak(b"folding"))
    refusal = told("BatchProcessUnknown", "Transform", {"process": process}, process="folding")
    assert "'folding'" in refusal.message


def test_a_recipient_is_told_by_its_status_and_roles() -> None:
    values = {"organisation": hexed(MAKER), "status": 3, "roles": int(Role.AUDITOR | Role.ISSUER)}
    refusal = told("BatchRecipientUnfit", "Ship", values)
    assert refusal.field == "recipient"
    assert "suspended" in refusal.message
    assert "ISSUER, AUDITOR" in refusal.message


@pytest.mark.parametrize(("state", "word"), [(0, "unknown"), (2, "under way"), (3, "taken apart")])
def test_a_logistic_unit_has_states_of_its_own(state: int, word: str) -> None:
    refusal = told("BatchUnitWrong", "ShipUnit", {"unit": "0x" + "11" * 32, "state": state})
    assert f"is {word}" in refusal.message


@pytest.mark.parametrize(("action", "field"), [("Release", "hold"), ("Acknowledge", "recall")])
def test_what_does_not_stand_is_named_as_the_action_names_it(action: str, field: str) -> None:
    values = {"lot": hexed(LOT), "digest": "0x" + "77" * 32}
    assert told("OversightNotStanding", action, values).field == field


@pytest.mark.parametrize(
    ("action", "field"), [("Inspect", "standard"), ("MirrorRecall", "register")]
)
def test_the_accreditation_that_is_missing_is_named(action: str, field: str) -> None:
    values = {"organisation": hexed(MAKER), "kind": "0x" + "77" * 32, "time": 1_795_305_600}
    refusal = told("OversightNotAccredited", action, values)
    assert refusal.field == field
    assert "2026-11-22 00:00:00 UTC" in refusal.message
