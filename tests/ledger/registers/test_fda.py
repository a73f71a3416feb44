"""FDA's authorisation lists and 510(k) clearances: every trap in them, one row each."""

from datetime import date
from typing import Any

import pytest

from ledger.days import NEW_YORK, start_of_day
from ledger.registers import REVOKED_FROM, RegisterReading, Row, read
from tests.support.tables import csv_bytes

AUTHORISED = ("list_title", "Manufacturer", "Respirator Model(s)", "Instructions for Use", "links")
REMOVED = (
    "list_title", "Date No longer Authorized", "Manufacturer",
    "Respirator Model(s) No Longer Authorized", "links",
)  # fmt: skip
IMPORTED = (*AUTHORISED[:3], "Country of Manufacture", *AUTHORISED[3:])
PRODUCT = "Authorized Product Name (including model numbers)"
SURGICAL = ("list_title", "Date of Addition", "Manufacturer", PRODUCT, "links")
CLEARANCE = {
    "k_number": "K202354",
    "applicant": "Sample Medical Co., Ltd.",
    "country_code": "CN",
    "device_name": "Surgical Mask",
    "product_code": "FXX",
    "date_received": "2020-08-19",
    "decision_date": "2020-09-08",
    "decision_code": "SESE",
}


def midnight(year: int, month: int, day: int) -> int:
    return start_of_day(date(year, month, day), NEW_YORK)


def china(
    authorised: tuple[str, str] = ("Winner Medical Co., Ltd", "WN-N95FW, WN-N95FGIN"),
    removed: tuple[str, str, str] = ("05/07/2020", "Winner Medical Co. Ltd.", "WN-N95FG"),
) -> RegisterReading:
    return read(
        "fda-eua-china",
        {
            "2020-11-20_a.csv": csv_bytes(
                AUTHORISED,
                {"Manufacturer": authorised[0], "Respirator Model(s)": authorised[1]},
            ),
            "2020-11-20_r.csv": csv_bytes(
                REMOVED,
                dict(zip(REMOVED[1:4], removed, strict=True)),
            ),
        },
    )


def test_a_removed_model_does_not_touch_the_authorised_one_that_begins_like_it() -> None:
    since = {s.model: s.withdrawn_from for s in china().statements}
    assert since == {"WN-N95FW": 0, "WN-N95FGIN": 0, "WN-N95FG": midnight(2020, 5, 7)}


def test_the_removal_begins_with_its_day_in_new_york() -> None:
    assert midnight(2020, 5, 7) == 1588824000, "2020-05-07T04:00:00Z"


def test_the_beginning_of_an_authorisation_is_unstated() -> None:
    assert {(s.valid_from, s.valid_until) for s in china().statements} == {(0, 0)}


def test_slightly_different_names_on_both_lists_are_two_holders() -> None:
    assert [h.identifier for h in china().holders] == [
        "Winner Medical Co., Ltd",
        "Winner Medical Co. Ltd.",
    ]


def test_both_lists_are_needed_to_read_the_register() -> None:
    from ledger.errors import RequestError

    table = csv_bytes(AUTHORISED, {"Manufacturer": "X", "Respirator Model(s)": "KN95"})
    with pytest.raises(RequestError) as refused:
        read("fda-eua-china", {"a.csv": table})
    assert (refused.value.code, refused.value.values["role"]) == ("file.missing", "removed")


@pytest.mark.parametrize(
    ("cell", "models"),
    [
        pytest.param("9501, 9501+, 9501V+", ["9501", "9501+", "9501V+"], id="commas"),
        pytest.param("ZK601; ZK626", ["ZK601", "ZK626"], id="semicolons"),
        pytest.param("B702\nB702V", ["B702", "B702V"], id="lines"),
        pytest.param("D13003 and D13003AC", ["D13003", "D13003AC"], id="and"),
        pytest.param("\u200bCD9501", ["CD9501"], id="a zero-width space before it"),
        pytest.param("9420 (FFP2), 9450B", ["9420 (FFP2)", "9450B"], id="brackets stay"),
        pytest.param("X1 (see notes, page 2)", ["X1 (see notes, page 2)"], id="notes stay"),
        pytest.param("KF-A F10(SC)", ["KF-A F10(SC)"], id="brackets without space"),
        pytest.param("02676", ["02676"], id="a leading zero stays"),
        pytest.param("35.005", ["35.005"], id="no number is made of it"),
    ],
)
def test_models_of_a_respirator_list_are_separated_as_written(cell: str, models: list[str]) -> None:
    found = china(authorised=("Sample Co.", cell))
    assert [s.model for s in found.rows[0].statements] == models


def test_invisible_characters_make_no_second_firm() -> None:
    found = china(authorised=("Sample Co., Ltd\u200b.", "A1"))
    assert found.holders[0].identifier == "Sample Co., Ltd."


def test_an_unreadable_day_refuses_its_row_naming_the_column() -> None:
    found = china(removed=("2020-05-07", "Sample Co.", "A1"))
    (problem,) = found.rows[1].problems
    assert problem.field == "row 2: Date No longer Authorized"
    assert found.rows[1].statements == ()


def test_the_imported_list_is_a_register_of_its_own() -> None:
    table = csv_bytes(
        IMPORTED,
        {"Manufacturer": "3M", "Respirator Model(s)": "9320+", "Country of Manufacture": "UK"},
    )
    (found,) = read("fda-eua-imported", {"2020-11-20.csv": table}).statements
    assert (found.category, found.kind, found.model) == (
        "mask.respirator.eua-imported",
        "fda-eua-imported",
        "9320+",
    )


def test_a_list_of_another_register_is_refused_by_name() -> None:
    from ledger.errors import RequestError

    table = csv_bytes(IMPORTED, {"Manufacturer": "3M", "Respirator Model(s)": "9320+"})
    with pytest.raises(RequestError, match="fda-eua-imported") as refused:
        read("fda-eua-china", {"2020-11-20.csv": table})
    assert refused.value.code == "file.other-register"


def surgical(product: str, day: str = "08/08/2020") -> Row:
    table = csv_bytes(
        SURGICAL, {"Date of Addition": day, "Manufacturer": "Sample LLC", PRODUCT: product}
    )
    return read("fda-eua-surgical", {"2020-11-20.csv": table}).rows[0]


@pytest.mark.parametrize(
    ("product", "models"),
    [
        pytest.param("Sample Surgical Mask model #OR2159", ["OR2159"], id="a number on the line"),
        pytest.param("Level 3 Mask (Model # SMS2020)", ["SMS2020"], id="in brackets"),
        pytest.param(
            "Mask, Earloop\nModel #: B ECO01\nMask, Tie-on\nModel #: B ECO02",
            ["B ECO01", "B ECO02"],
            id="on the line after",
        ),
        pytest.param("Mask 01, Small and Large", ["Mask 01, Small and Large"], id="no number"),
        pytest.param(
            "Sharp MQ-3050\nFoxconn MQ-3050", ["Sharp MQ-3050", "Foxconn MQ-3050"], id="two"
        ),
    ],
)
def test_a_surgical_mask_is_known_by_its_model_number_or_else_its_name(
    product: str, models: list[str]
) -> None:
    found = surgical(product)
    assert [s.model for s in found.statements] == models


def test_a_surgical_mask_is_authorised_from_its_day_of_addition() -> None:
    (found,) = surgical("Mask").statements
    assert (found.valid_from, found.valid_until) == (midnight(2020, 8, 8), 0)


def clearance(**changes: str) -> Row:
    cells: dict[str, Any] = {**CLEARANCE, **changes}
    return read("fda-510k", {"510k_2020-11-28.csv": csv_bytes(tuple(CLEARANCE), cells)}).rows[0]


def test_a_clearance_begins_on_its_decision_day_and_has_no_end() -> None:
    (found,) = clearance().statements
    assert (found.valid_from, found.valid_until) == (midnight(2020, 9, 8), 0)
    assert (found.number, found.model) == ("K202354", "Surgical Mask")


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("FXX", "mask.surgical.fda"),
        ("OUK", "mask.surgical.fda"),
        ("MSH", "mask.respirator.n95-surgical"),
        ("ONT", "mask.respirator.n95-surgical"),
        ("OXZ", "mask.children.fda"),
    ],
)
def test_the_product_code_decides_the_category(code: str, category: str) -> None:
    assert clearance(product_code=code).statements[0].category == category


def test_a_name_of_fifty_characters_is_marked_as_perhaps_cut_off() -> None:
    found = clearance(applicant="JINGZHOU HAIXIN GREEN CROSS MEDICAL PRODUCTS CO.,L")
    assert "name-truncated" in found.statements[0].marks
    assert [p.code for p in found.problems] == ["name.truncated"]


def test_the_country_is_the_applicants_and_only_a_mark() -> None:
    assert "applicant country US" in clearance(country_code="US").statements[0].marks


def test_a_device_that_is_no_mask_is_reported_whatever_its_product_code() -> None:
    found = clearance(device_name="PERITONEAL DIALYSIS COIL CATHETER")
    assert [p.code for p in found.problems] == ["device.other"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"k_number": "202354"}, "number.form", id="no K"),
        pytest.param({"product_code": "ZZZ"}, "product-code.unknown", id="another product"),
        pytest.param({"device_name": ""}, "model.missing", id="no device"),
        pytest.param({"decision_code": "NSE"}, "decision.not-cleared", id="not cleared"),
        pytest.param({"decision_date": "09/08/2020"}, "date.form", id="an American date"),
        pytest.param({"decision_date": "2020-08-18"}, "date.reversed", id="before its receipt"),
        pytest.param({"applicant": ""}, "holder.missing", id="no applicant"),
    ],
)
def test_a_clearance_with_one_thing_wrong_states_nothing(change: dict[str, str], code: str) -> None:
    found = clearance(**change)
    assert found.statements == ()
    assert [p.code for p in found.problems] == [code]


def test_one_applicant_in_two_spellings_is_two_holders() -> None:
    table = csv_bytes(
        tuple(CLEARANCE),
        {**CLEARANCE, "applicant": "CROSSTEX INTL."},
        {**CLEARANCE, "applicant": "CROSSTEX INTERNATIONAL", "k_number": "K111343"},
    )
    assert len(read("fda-510k", {"2020-11-28.csv": table}).holders) == 2


def test_both_authorisations_of_other_respirators_ended_and_that_of_surgical_masks_did_not() -> (
    None
):
    assert {kind: start_of_day(day, NEW_YORK) for kind, day in REVOKED_FROM.items()} == {
        "fda-eua-china": midnight(2021, 7, 6),
        "fda-eua-imported": midnight(2021, 7, 6),
    }
    assert midnight(2021, 7, 6) == 1625544000, "2021-07-06T04:00:00Z"
