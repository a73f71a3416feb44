"""Lists of relief goods: every trap in them, one row each."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.errors import RequestError
from ledger.relief import Direction, read_list
from tests.ledger.relief.workbooks import ISSUES, RECEIPTS, codes, issues, receipts, workbook

GOOD = ("样例甲公司", "医用外科口罩", "2000只/箱", "箱", 12)


def changed(**change: object) -> tuple[object, ...]:
    """The good row with one cell changed, by the name of what it says."""
    names = ("party", "item", "spec", "unit", "quantity")
    return tuple(change.get(name, value) for name, value in zip(names, GOOD, strict=True))


def test_a_row_states_who_gave_what_in_the_unit_that_it_was_counted_in() -> None:
    (found,) = receipts(GOOD).lines
    assert (found.party, found.item, found.spec, found.unit) == GOOD[:4]
    assert (found.quantity, found.row, found.marks) == (Decimal(12), 3, ())
    assert found.direction is Direction.RECEIVED


def test_a_list_of_recipients_is_a_list_of_issues() -> None:
    found = issues(GOOD)
    assert (len(found.received), len(found.issued)) == (0, 1)


def test_what_nobody_sees_is_no_content() -> None:
    (found,) = receipts(changed(item="医用\u200b外科口罩\xa0\xa0", spec="\u200b")).lines
    assert (found.item, found.spec) == ("医用外科口罩", "")


@pytest.mark.parametrize(
    ("written", "meant"),
    [(2.5, "2.5"), ("1,200", "1200"), ("３０", "30"), (" 7 ", "7"), (10**12, "1000000000000")],
)
def test_a_quantity_is_exact_however_it_is_typed(written: object, meant: str) -> None:
    assert receipts(changed(quantity=written)).lines[0].quantity == Decimal(meant)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (-3, "quantity.negative"),
        (0, "quantity.range"),
        (2**40, "quantity.range"),
        ("若干", "quantity.form"),
        ("10箱", "quantity.form"),
        ("1,20", "quantity.form"),
        (True, "quantity.form"),
        (date(2020, 1, 30), "quantity.form"),
    ],
)
def test_what_is_no_quantity_is_refused_and_named(written: object, code: str) -> None:
    (row,) = receipts(changed(quantity=written)).rows
    assert row.line is None
    assert codes(row) == [code]
    assert row.problems[0].field == "row 3: 数量总计"
    assert row.problems[0].message != row.problems[0].message_zh


@pytest.mark.parametrize(("written", "code"), [("", "quantity.unknown"), (1, "quantity.one")])
def test_an_empty_quantity_and_one_are_marked_as_perhaps_unknown(
    written: object, code: str
) -> None:
    (row,) = receipts(changed(quantity=written)).rows
    assert row.line is not None
    assert row.line.marks == ("amount-may-be-unknown",)
    assert codes(row) == [code]
    assert row.line.quantity == (None if written == "" else 1), "unknown is not nothing"


def test_a_merged_donor_gave_every_row_that_the_cell_spans() -> None:
    found = receipts(GOOD, changed(party=None), changed(party=None, item="口罩"), merged=["A3:A4"])
    assert [line.party for line in found.lines] == ["样例甲公司", "样例甲公司", ""]
    assert "party.missing" in codes(found.rows[2])
    assert "party-unknown" in found.lines[2].marks


def test_a_merged_quantity_counts_once() -> None:
    empty = (None, None, None, None, None)
    found = receipts(
        GOOD, ("定向捐赠", *empty[1:]), empty, GOOD, merged=["B3:B5", "D3:D5", "E3:E5"]
    )
    assert [line.row for line in found.lines] == [3, 6]
    assert [codes(row) for row in found.rows[1:3]] == [["row.continuation"], ["row.continuation"]]
    assert found.rows[1].problems[0].message.endswith("merged with row 3 and is counted there")


def test_text_merged_from_the_title_never_reaches_the_rows() -> None:
    data = workbook(changed(spec=None), merged=["A1:E1"])
    assert read_list("list.xlsx", data).lines[0].spec == ""


def test_two_rows_alike_are_two_donations_and_have_two_hashes() -> None:
    first, second = receipts(GOOD, GOOD).rows
    assert first.line is not None
    assert second.line is not None
    assert (first.line.marks, second.line.marks) == ((), ("repeated",))
    assert codes(second) == ["row.repeated"]
    assert first.hash != second.hash, "one document hash for two lots would be an alarm"


def test_a_hash_depends_on_what_the_row_says() -> None:
    assert receipts(GOOD).rows[0].hash == receipts(GOOD).rows[0].hash
    assert receipts(GOOD).rows[0].hash != receipts(changed(quantity=13)).rows[0].hash


def test_a_formula_states_nothing_and_names_its_cell() -> None:
    found = receipts(
        changed(quantity="=6*2"), changed(item='=HYPERLINK("http://x.invalid","口罩")')
    )
    assert [(row.line, codes(row)) for row in found.rows] == [
        (None, ["cell.formula"]),
        (None, ["cell.formula"]),
    ]
    assert [row.problems[0].column for row in found.rows] == ["数量总计", "入库物资"]


def test_a_cell_of_ten_thousand_characters_is_refused_and_not_cut() -> None:
    (row,) = receipts(changed(item="口" * 10_000)).rows
    assert (row.line, codes(row)) == (None, ["cell.too-long"])
    assert "10,000" in row.problems[0].message


def test_goods_without_a_name_are_refused() -> None:
    (row,) = receipts(changed(item=None)).rows
    assert (row.line, codes(row)) == (None, ["item.missing"])


def test_goods_without_a_unit_are_kept_and_reported() -> None:
    (row,) = receipts(changed(unit=None)).rows
    assert row.line is not None
    assert codes(row) == ["unit.missing"]


def test_a_closing_remark_is_no_goods_and_says_so() -> None:
    found = receipts(GOOD, ("以上为1月29日收到的物资", None, None, None, None))
    assert codes(found.rows[1]) == ["row.note"]


def test_days_outside_the_table_are_told_and_days_within_are_not() -> None:
    data = workbook(GOOD, (date(2020, 1, 31),), titles=[("清单",), (date(2020, 1, 30),)])
    (sheet,) = read_list("list.xlsx", data).sheets
    assert sheet.days == (date(2020, 1, 30), date(2020, 1, 31))
    assert [text for _, text in sheet.titles] == ["清单", "2020-01-30"]


def test_every_row_of_a_sheet_is_accounted_for() -> None:
    data = workbook(GOOD, (), ("备注",), GOOD, titles=[("清单",), ()])
    (sheet,) = read_list("list.xlsx", data).sheets
    there = [row for row, _ in sheet.titles] + [sheet.header, *sheet.blank]
    assert sorted(there + [row.number for row in sheet.rows]) == [1, 2, 3, 4, 5, 6, 7]


def test_a_second_sheet_is_read_and_an_empty_one_is_passed_over() -> None:
    found = read_list("two.xlsx", workbook(GOOD, more_sheets=[[], [ISSUES, GOOD]]))
    assert [sheet.direction for sheet in found.sheets] == [Direction.RECEIVED, Direction.ISSUED]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.malformed"),
        (b"PK\x03\x04 cut off", "file.malformed"),
        ("捐赠单位,品名\n".encode(), "file.malformed"),
        (workbook(), "file.empty"),
        (workbook(header=(), titles=()), "file.empty"),
        (workbook(GOOD, header=RECEIPTS[:4]), "file.columns"),
        (workbook(GOOD, header=(*RECEIPTS, "数量")), "file.columns"),
        (workbook(GOOD, header=(*RECEIPTS, "接收单位")), "file.columns"),
        (workbook(GOOD, titles=[("标题",)] * 20), "file.columns"),
        (workbook(GOOD, more_sheets=[[("说明",)]]), "file.columns"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_list("list.xlsx", data)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert refused.value.message_zh != str(refused.value)
