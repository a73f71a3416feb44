"""The lists of the Wuhan Red Cross of January 2020: figures that must come out."""

from collections import Counter
from functools import cache

import pytest

from ledger.relief import (
    Flag,
    ItemBalance,
    ReliefList,
    balance,
    issue_values,
    read_list,
    receipt_values,
)
from tests.ledger.relief.workbooks import codes
from tests.support.shared import register

DISTRIBUTION = "wuhan_distribution_list_2020-01-30.xlsx"
ISSUE_7 = "wuhan_donations_issue7-2_2020-01-29.xlsx"
ISSUE_8 = "wuhan_donations_issue8-2_2020-01-30.xlsx"


def read(name: str) -> ReliefList:
    path = register("wuhan_redcross_2020") / name
    return _read(name, path.read_bytes())


@cache
def _read(name: str, data: bytes) -> ReliefList:
    return read_list(name, data)


def balances() -> dict[str, ItemBalance]:
    received = (*read(ISSUE_7).received, *read(ISSUE_8).received)
    return {item.item: item for item in balance(received, read(DISTRIBUTION).issued)}


def figures(item: ItemBalance) -> list[tuple[str, int, int]]:
    return [(f.unit, int(f.received), int(f.issued)) for f in item.figures]


@pytest.mark.parametrize(
    ("name", "height", "rows", "lines"),
    [(DISTRIBUTION, 206, 202, 202), (ISSUE_7, 150, 143, 138), (ISSUE_8, 204, 198, 196)],
)
def test_every_row_states_something_or_says_why_not(
    name: str, height: int, rows: int, lines: int
) -> None:
    found = read(name)
    (sheet,) = found.sheets
    assert (len(sheet.rows), len(found.lines)) == (rows, lines)
    there = [row for row, _ in sheet.titles] + [sheet.header, *sheet.blank]
    assert sorted(there + [row.number for row in sheet.rows]) == list(range(1, height + 1))
    for row in sheet.rows:
        assert row.line or row.problems, row.number
        assert not row.refused, row.problems
    assert len({row.hash for row in sheet.rows}) == rows


def test_rows_without_a_statement_are_exactly_the_remarks_and_the_merged_quantity() -> None:
    silent = [
        (row.number, codes(row)[0])
        for name in (ISSUE_7, ISSUE_8)
        for row in read(name).rows
        if row.line is None
    ]
    continued = [(number, "row.continuation") for number in (86, 87, 88, 89)]
    assert silent == [*continued, (150, "row.note"), (203, "row.note"), (204, "row.note")]


def test_every_recipient_and_donor_is_known_through_its_merged_cell() -> None:
    assert Counter(line.party for line in read(DISTRIBUTION).lines)["武汉市汉口医院"] == 25
    assert all(line.party for name in (ISSUE_7, ISSUE_8) for line in read(name).lines)


def test_what_balances_to_nothing_and_what_remains() -> None:
    found = balances()
    assert figures(found["带阀口罩kn95"]) == [("箱", 15, 15)]
    assert figures(found["洁康医用酒精75%"]) == [("箱", 19, 19)]
    assert figures(found["三氯异氰尿酸消毒片"]) == [("桶", 600, 348)]
    assert figures(found["连花清瘟胶囊"]) == [("箱", 507, 105)]
    assert figures(found["病人监护仪b125"]) == [("台", 100, 22)]


def test_masks_counted_in_cartons_bags_and_pieces_are_not_added() -> None:
    mask = balances()["医用口罩"]
    assert Flag.UNITS_NOT_ADDABLE in mask.flags
    assert figures(mask) == [("箱", 12, 0), ("袋", 2, 0), ("件", 0, 20)]
    assert figures(balances()["防护口罩"]) == [("包", 12500, 0), ("个", 0, 4500)]


def test_the_flags_of_all_items_are_these() -> None:
    found = balances()
    assert len(found) == 204
    assert Counter(flag for item in found.values() for flag in item.flags) == {
        Flag.AMOUNT_DOUBTFUL: 52,
        Flag.UNITS_NOT_ADDABLE: 18,
        Flag.ISSUED_EXCEEDS_RECEIVED: 16,
        Flag.CONTENTS_DIFFER: 10,
    }


def test_nothing_is_lost_or_made_by_balancing() -> None:
    lines = [line for item in balances().values() for line in (*item.receipts, *item.issues)]
    assert len(lines) == 138 + 196 + 202


def test_most_receipts_can_be_entered_and_most_issues_cannot() -> None:
    made = [receipt_values(read(name)) for name in (ISSUE_7, ISSUE_8)]
    assert [(len(values), len(problems)) for values, problems in made] == [(133, 5), (183, 13)]
    lots = [value for values, _ in made for value in values]
    assert len({value.lot for value in lots}) == len(lots)
    shipped, problems = issue_values(read(DISTRIBUTION).issued, lots)
    assert (len(shipped), len(problems)) == (45, 157)
    assert {problem.code for _, problem in problems} == {"unit.no-code"}, (
        "157 lines are in 件 or 桶"
    )
