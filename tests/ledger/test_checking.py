"""Entries about goods are looked at before anybody signs them."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from ledger.catalogue import load
from ledger.checking import check_message
from ledger.errors import RequestError

NOW: Final = 1_795_305_600
DAY: Final = 86_400
LOTS: Final = ["0x" + f"{n:02x}" * 32 for n in (1, 2, 3)]

COMMISSION: Final[Mapping[str, Any]] = {
    "nonce": "0", "happenedAt": str(NOW - 100), "deadline": str(NOW + DAY),
    "quantity": "4000", "gtin": "09520000000011", "originNotShown": False,
    "document": "0x" + "00" * 32, "lot": "CL-7042", "category": "resin.polypropylene",
    "model": "", "unit": "KGM", "place": "", "origin": "", "cited": [],
}  # fmt: skip
TRANSFORM: Final[Mapping[str, Any]] = {
    "nonce": "0", "happenedAt": str(NOW - 100), "deadline": str(NOW + DAY),
    "quantity": "1000", "gtin": "9520000000035", "lot": "MB/115", "category": "fabric.meltblown",
    "model": "", "unit": "KGM", "process": "meltblowing", "place": "",
    "inputs": [{"lot": lot, "quantity": "500"} for lot in LOTS], "cited": [],
}  # fmt: skip
SHIP: Final[Mapping[str, Any]] = {
    "nonce": 0, "happenedAt": NOW, "deadline": NOW + DAY, "lot": LOTS[0],
    "recipient": "0x" + "05" * 20, "quantity": 5, "due": NOW + DAY, "purpose": 0, "reference": "",
}  # fmt: skip
INSPECT: Final[Mapping[str, Any]] = {
    "nonce": 0, "happenedAt": NOW, "deadline": NOW + DAY, "lot": LOTS[0], "sampledAt": NOW,
    "result": 1, "document": "0x" + "00" * 32, "standard": "test-report", "number": "1",
}  # fmt: skip
AGGREGATE: Final[Mapping[str, Any]] = {
    "nonce": 0, "happenedAt": NOW, "deadline": NOW + DAY, "sscc": "095200000000000011",
    "parts": [{"lot": LOTS[0], "quantity": 1}],
}  # fmt: skip
GOOD: Final[Mapping[str, Mapping[str, Any]]] = {
    "Commission": COMMISSION, "Transform": TRANSFORM, "Ship": SHIP, "Inspect": INSPECT,
    "Aggregate": AGGREGATE,
}  # fmt: skip


def refused(action: str, **changes: Any) -> RequestError:
    with pytest.raises(RequestError) as error:
        check_message(action, {**GOOD[action], **changes}, load(), NOW, 7 * DAY)
    assert error.value.message_zh != str(error.value)
    return error.value


@pytest.mark.parametrize("action", GOOD)
def test_a_good_entry_passes(action: str) -> None:
    check_message(action, GOOD[action], load(), NOW, 7 * DAY)


def test_entries_about_anything_else_are_not_its_business() -> None:
    check_message("StateCapacity", {"unit": "nothing", "happenedAt": 0}, load(), NOW, 1)
    check_message("Unheard", {"gtin": 1}, load(), NOW)


@pytest.mark.parametrize(
    ("action", "changes", "field"),
    [
        ("Commission", {"gtin": "09520000000012"}, "gtin"),
        ("Commission", {"gtin": "195200000000119"}, "gtin"),
        ("Commission", {"gtin": 0}, "gtin"),
        ("Commission", {"lot": ""}, "lot"),
        ("Commission", {"lot": "L" * 21}, "lot"),
        ("Commission", {"lot": "CL 7042"}, "lot"),
        ("Commission", {"lot": "批7042"}, "lot"),
        ("Commission", {"lot": "CL#7042"}, "lot"),
        ("Commission", {"unit": "kg"}, "unit"),
        ("Commission", {"unit": ""}, "unit"),
        ("Commission", {"happenedAt": NOW + 601}, "happenedAt"),
        ("Commission", {"happenedAt": NOW - 7 * DAY - 1}, "happenedAt"),
        ("Commission", {"quantity": "0.5"}, "quantity"),
        ("Commission", {"quantity": 1.5}, "quantity"),
        ("Commission", {"quantity": "1e-9"}, "quantity"),
        ("Transform", {"quantity": "-3"}, "quantity"),
        ("Transform", {"gtin": "0"}, "gtin"),
        ("Transform", {"inputs": []}, "inputs"),
        ("Transform", {"inputs": [{"lot": LOTS[0], "quantity": "0"}]}, "inputs[0].quantity"),
        ("Transform", {"inputs": [{"lot": LOTS[0], "quantity": "0.5"}]}, "inputs[0].quantity"),
        ("Transform", {"inputs": [{"lot": LOTS[0], "quantity": 1}] * 2}, "inputs[1].lot"),
        (
            "Transform",
            {"inputs": [{"lot": lot, "quantity": 1} for lot in reversed(LOTS)]},
            "inputs[1].lot",
        ),
        ("Ship", {"due": NOW}, "due"),
        ("Inspect", {"sampledAt": NOW + 1}, "sampledAt"),
        ("Aggregate", {"sscc": "095200000000000012"}, "sscc"),
        ("Aggregate", {"sscc": 0}, "sscc"),
        ("Aggregate", {"sscc": "1" + "0" * 18}, "sscc"),
    ],
)
def test_what_can_never_be_right_is_named(action: str, changes: dict[str, Any], field: str) -> None:
    assert refused(action, **changes).field == field


@pytest.mark.parametrize(
    ("amount", "unit", "right"),
    [
        ("0.5", "KGM", "500 GRM"),
        (0.25, "KGM", "250 GRM"),
        ("1.5", "TNE", "1500 KGM"),
        ("0.0005", "TNE", "500 GRM"),
        ("0.001", "LTR", "1 MLT"),
    ],
)
def test_a_fraction_is_told_the_finer_unit_in_which_it_is_whole(
    amount: object, unit: str, right: str
) -> None:
    error = refused("Commission", quantity=amount, unit=unit)
    assert error.field == "quantity"
    assert error.values["expected"] == right
    number, code = right.split()
    assert f"use {code}, {number}" in str(error)
    assert f"请用 {code}，{number}" in error.message_zh


def test_a_carton_is_worth_nothing_stated() -> None:
    assert "expected" not in refused("Commission", quantity="0.5", unit="XCT").values


def test_the_right_check_digits_are_named() -> None:
    assert refused("Commission", gtin="09520000000012").values["expected"] == "09520000000011"
    wrong = refused("Aggregate", sscc="095200000000000012")
    assert wrong.values["expected"] == "095200000000000011"


def test_goods_of_unknown_origin_may_have_no_trade_number() -> None:
    message = {**COMMISSION, "gtin": 0, "originNotShown": True}
    check_message("Commission", message, load(), NOW)


def test_how_late_is_too_late_may_be_left_to_the_ledger() -> None:
    check_message("Commission", {**COMMISSION, "happenedAt": 1}, load(), NOW)


@pytest.mark.parametrize("missing", ["quantity", "gtin", "lot", "unit", "happenedAt"])
def test_what_is_missing_is_left_to_the_type(missing: str) -> None:
    rest = {name: value for name, value in COMMISSION.items() if name != missing}
    check_message("Commission", rest, load(), NOW)
