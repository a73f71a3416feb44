"""What balances between receipts and issues, and what is said of what does not."""

from decimal import Decimal

import pytest

from ledger.relief import Flag, ItemBalance, balance
from ledger.relief.conversions import stated_contents
from tests.ledger.relief.workbooks import issues, receipts


def row(item: str, quantity: object, unit: str = "箱", spec: str = "") -> tuple[object, ...]:
    return ("样例单位", item, spec, unit, quantity)


def balanced(
    received: list[tuple[object, ...]], issued: list[tuple[object, ...]]
) -> tuple[ItemBalance, ...]:
    return balance(
        receipts(*received).received if received else (), issues(*issued).issued if issued else ()
    )


def figures(found: ItemBalance) -> list[tuple[str, int, int, int]]:
    return [(f.unit, int(f.received), int(f.issued), int(f.difference)) for f in found.figures]


def test_one_unit_is_added_and_subtracted() -> None:
    (found,) = balanced([row("口罩", 30), row("口罩", 12)], [row("口罩", 40)])
    assert figures(found) == [("箱", 42, 40, 2)]
    assert found.notes == ()


def test_width_case_and_spaces_make_no_second_item_and_likeness_makes_no_first() -> None:
    found = balanced([row("口罩（ N95 ）", 3), row("口罩(n95)", 4), row("N95防护口罩", 5)], [])
    assert [int(item.figures[0].received) for item in found] == [7, 5]


def test_a_known_misprint_is_the_same_item_and_both_spellings_are_shown() -> None:
    (found,) = balanced([row("84消毒液", 41)], [row("84消费液", 20)])
    assert found.written == ("84消毒液", "84消费液")
    assert figures(found) == [("箱", 41, 20, 21)]


def test_units_without_a_stated_conversion_are_never_added() -> None:
    (found,) = balanced([row("护目镜", 8, "箱"), row("护目镜", 25, "个")], [row("护目镜", 7, "件")])
    assert found.flags == (Flag.UNITS_NOT_ADDABLE,)
    assert figures(found) == [("箱", 8, 0, 8), ("个", 25, 0, 25), ("件", 0, 7, -7)]
    assert "件: 0 received, 7 issued" in found.notes[0].message
    assert "件：接收 0，发放 7" in found.notes[0].message_zh


def test_pieces_by_two_names_are_two_units_too() -> None:
    (found,) = balanced([row("口罩", 8, "只"), row("口罩", 9, "个")], [])
    assert Flag.UNITS_NOT_ADDABLE in found.flags


def test_a_conversion_that_its_own_row_states_is_used_and_the_row_is_named() -> None:
    (found,) = balanced([row("口罩", 2, spec="2000只/箱")], [row("口罩", 500, "只")])
    assert figures(found) == [("只", 4000, 500, 3500)]
    ((conversion),) = found.conversions
    assert (conversion.line.row, conversion.unit, conversion.contents) == (3, "只", Decimal(2000))


def test_a_conversion_of_one_row_says_nothing_about_another() -> None:
    (found,) = balanced([row("口罩", 2, spec="2000只/箱"), row("口罩", 3)], [row("口罩", 5, "只")])
    assert Flag.UNITS_NOT_ADDABLE in found.flags


def test_cartons_of_different_contents_are_counted_and_marked() -> None:
    (found,) = balanced([row("口罩", 2, spec="2000只/箱"), row("口罩", 3, spec="300只/箱")], [])
    assert (figures(found)[0][0], found.flags) == ("只", ()), "both state pieces: no cartons needed"
    (found,) = balanced([row("口罩", 2, spec="2000只/箱"), row("口罩", 3, spec="大箱")], [])
    assert (figures(found), found.flags) == ([("箱", 5, 0, 5)], (Flag.CONTENTS_DIFFER,))


def test_more_issued_than_received_is_a_fact_about_the_lists_and_says_what_is_unknown() -> None:
    (found,) = balanced([row("防护服", 6)], [row("防护服", 10)])
    (note,) = found.notes
    assert note.flag is Flag.ISSUED_EXCEEDS_RECEIVED
    for figure in ("10 箱 issued", "6 received", "4 more", "in stock before", "not here"):
        assert figure in note.message, figure
    for figure in ("发放 10", "接收 6", "超出清单所载 4", "库存", "未在此处的清单"):
        assert figure in note.message_zh, figure


def test_nothing_is_said_to_exceed_where_units_cannot_be_added() -> None:
    (found,) = balanced([row("防护服", 6)], [row("防护服", 9000, "件")])
    assert Flag.ISSUED_EXCEEDS_RECEIVED not in found.flags


def test_an_unknown_amount_is_added_nowhere_and_named() -> None:
    (found,) = balanced([row("口罩", ""), row("口罩", 5)], [row("口罩", 2)])
    assert figures(found) == [("箱", 5, 2, 3)]
    assert found.flags == (Flag.AMOUNT_UNKNOWN,)
    assert "receipts.xlsx, Sheet, row 3" in found.notes[0].message


def test_an_item_of_unknown_amounts_only_has_no_figures() -> None:
    (found,) = balanced([row("口罩", "")], [])
    assert (found.figures, found.flags) == ((), (Flag.AMOUNT_UNKNOWN,))


def test_a_quantity_of_one_is_added_and_doubted() -> None:
    (found,) = balanced([row("口罩", 1)], [])
    assert (figures(found), found.flags) == ([("箱", 1, 0, 1)], (Flag.AMOUNT_DOUBTFUL,))


@pytest.mark.parametrize(
    ("spec", "unit", "contents"),
    [
        ("2000只/箱", "箱", {"只": 2000}),
        ("50枚*40盒/箱", "箱", {"盒": 40, "枚": 2000}),
        ("12*25只/箱", "箱", {"只": 300}),
        ("10盒/箱，10支/盒", "箱", {"盒": 10, "支": 100}),
        ("1袋30只", "袋", {"只": 30}),
        ("２４粒Ｘ１０小盒Ｘ４０／箱", "箱", {"小盒": 400, "粒": 9600}),
        ("2000只/箱", "件", {}),
        ("700/箱", "箱", {}),
        ("100支*盒/箱", "箱", {}),
        ("500ml*30瓶", "件", {}),
        ("52*25.5*35", "箱", {}),
        ("10只/箱，20只/箱", "箱", {}),
        ("0只/箱", "箱", {}),
        ("大箱", "箱", {}),
        ("", "箱", {}),
    ],
)
def test_a_specification_states_what_a_container_holds_or_nothing(
    spec: str, unit: str, contents: dict[str, int]
) -> None:
    assert stated_contents(spec, unit) == {k: Decimal(v) for k, v in contents.items()}
