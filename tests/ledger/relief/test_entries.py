"""Lines as the values of entries: nothing that the list does not say."""

import pytest

from ledger.catalogue import load
from ledger.relief import UNITS, category_of, issue_values, lot_text, receipt_values
from ledger.relief.entries import LOT_TEXT
from ledger.relief.goods import CATEGORIES
from tests.ledger.relief.workbooks import issues, receipts

GOOD = ("样例甲公司", "医用外科口罩", "2000只/箱", "箱", 12)


def test_a_receipt_becomes_one_lot_without_origin() -> None:
    found = receipts(GOOD)
    (values,), problems = receipt_values(found)
    assert problems == ()
    assert (values.quantity, values.unit, values.category) == (12, "XCT", "mask.surgical")
    assert values.document == found.rows[0].hash
    assert "样例甲公司" in values.origin
    assert LOT_TEXT.fullmatch(values.lot)
    assert values.lot.endswith("-3")


def test_two_rows_alike_become_two_lots() -> None:
    (first, second), _ = receipt_values(receipts(GOOD, GOOD))
    assert first.lot != second.lot
    assert first.document != second.document
    assert second.marks == ("repeated",)


def test_the_longest_row_number_fits_into_a_lot() -> None:
    assert len(lot_text("RC0123ABCD", 2, 1_048_576)) == 20
    with pytest.raises(ValueError, match="at most 20"):
        lot_text("RC0123ABCD", 12, 1_048_576)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ((*GOOD[:4], ""), "quantity.unknown", "row 3: quantity"),
        ((*GOOD[:4], 2.5), "quantity.fraction", "row 3: quantity"),
        ((*GOOD[:3], "件", 12), "unit.no-code", "row 3: unit"),
        ((*GOOD[:3], "桶", 12), "unit.no-code", "row 3: unit"),
        ((*GOOD[:3], "", 12), "unit.no-code", "row 3: unit"),
    ],
)
def test_what_the_line_does_not_say_is_a_problem_and_no_entry(
    row: tuple[object, ...], code: str, field: str
) -> None:
    values, (problem,) = receipt_values(receipts(row))
    assert values == ()
    assert (problem.code, problem.field) == (code, field)
    assert problem.message != problem.message_zh


def test_an_issue_names_the_receipts_that_it_may_have_come_from_and_chooses_none() -> None:
    lots, _ = receipt_values(receipts(GOOD, GOOD, (*GOOD[:3], "只", 40)))
    (values,), problems = issue_values(issues(("样例医院", *GOOD[1:])).issued, lots)
    assert problems == ()
    assert (values.recipient, values.quantity, values.unit) == ("样例医院", 12, "XCT")
    assert [source.lot for source in values.sources] == [lots[0].lot, lots[1].lot]


def test_an_issue_to_nobody_is_no_shipment() -> None:
    values, ((_, problem),) = issue_values(issues(("", *GOOD[1:])).issued, ())
    assert values == ()
    assert problem.code == "party.missing"


def test_an_issue_without_any_receipt_has_no_source() -> None:
    (values,), _ = issue_values(issues(("样例医院", *GOOD[1:])).issued, ())
    assert values.sources == ()


@pytest.mark.parametrize(
    ("item", "category"),
    [
        ("医用外科口罩", "mask.surgical"),
        ("一次性医用口罩", "mask.medical-disposable"),
        ("口罩", "mask"),
        ("外科口罩", "mask"),
        ("N95口罩", "mask.respirator"),
        ("8210PLUS N95 口罩", "mask.respirator"),
        ("口罩N95", "mask.respirator"),
        ("带阀口罩 KN95", "mask.respirator.kn95"),
        ("口罩（日本）", "mask"),
        ("84消毒液", "disinfectant"),
        ("护目镜", "goggles"),
        ("口罩等防护用品（市红十字会转运）", None),
        ("手套、口套", None),
        ("玻璃面罩", None),
        ("消毒液喷雾器", None),
    ],
)
def test_a_category_is_stated_only_where_the_words_leave_no_choice(
    item: str, category: str | None
) -> None:
    assert category_of(item) == category


def test_n95_in_a_list_is_never_an_approval() -> None:
    assert category_of("N95口罩") != "mask.respirator.n95"


def test_every_category_named_here_is_in_the_catalogue() -> None:
    known = {category.code for category in load().categories}
    assert {*CATEGORIES.values(), "mask", "mask.respirator", "disinfectant"} <= known


def test_a_word_that_means_several_things_has_no_code() -> None:
    assert not {"件", "副", "桶", "罐", "小箱"} & set(UNITS)


def test_every_unit_code_named_here_is_in_the_catalogue() -> None:
    assert {unit.code for unit in UNITS.values()} <= set(load().units)
