"""Lots out of free text: measured against what a person reads, and each rule on its own."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.recalls import LotMention, MentionKind, parse_lots, same_lot

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "recall_lots.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]

Said = tuple[str, str, str]


def read(text: str) -> set[Said]:
    return {(m.kind.value, m.start, m.end) for m in parse_lots(text).mentions}


def labelled(case: dict[str, Any]) -> set[Said]:
    return {(kind, start, end) for kind, start, end in case["mentions"]}


def measured(source: str, kind: str) -> tuple[int, int, int]:
    """(right, wrong, missed) over all texts of one source."""
    right = wrong = missed = 0
    for case in CASES:
        if case["source"] == source:
            found = {said for said in read(case["text"]) if said[0] == kind}
            wanted = {said for said in labelled(case) if said[0] == kind}
            right += len(found & wanted)
            wrong += len(found - wanted)
            missed += len(wanted - found)
    return right, wrong, missed


@pytest.mark.parametrize(
    ("source", "kind", "figures"),
    [
        ("openFDA", "lot", (152, 0, 0)),
        ("openFDA", "serial", (74, 0, 0)),
        ("openFDA", "catalogue", (24, 0, 2)),
        ("openFDA", "expiry", (38, 0, 0)),
        ("openFDA", "udi", (3, 0, 0)),
        ("constructed", "lot", (36, 0, 0)),
        ("constructed", "all", (4, 0, 0)),
        ("openFDA drugs, first", "lot", (177, 1, 1)),
        ("openFDA drugs, first", "expiry", (68, 1, 0)),
        ("openFDA drugs, second", "lot", (87, 0, 0)),
        ("openFDA drugs, second", "catalogue", (0, 0, 5)),
    ],
)
def test_precision_and_recall_are_at_least_what_was_measured(
    source: str, kind: str, figures: tuple[int, int, int]
) -> None:
    right, wrong, missed = measured(source, kind)
    print(f"{source}: {kind}: {right} right, {wrong} wrong, {missed} missed")
    assert right >= figures[0], "recall"
    assert wrong <= figures[1], "precision"
    assert missed <= figures[2], "recall"


def test_the_sample_is_as_large_as_it_says() -> None:
    assert Counter(case["source"] for case in CASES) == {
        "openFDA": 34,
        "constructed": 30,
        "openFDA drugs, first": 22,
        "openFDA drugs, second": 24,
    }


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["source"] == "constructed"], ids=lambda c: str(c["case"])
)
def test_a_constructed_text_is_read_as_a_person_reads_it(case: dict[str, Any]) -> None:
    assert read(case["text"]) == labelled(case)


@pytest.mark.parametrize("case", CASES, ids=lambda c: str(c["id"]))
def test_whatever_a_person_finds_is_read_or_shown_as_not_understood(case: dict[str, Any]) -> None:
    found = parse_lots(case["text"])
    shown = " ".join((*found.unparsed, *(m.text for m in found.mentions)))
    for kind, start, end in labelled(case) - read(case["text"]):
        assert start in shown, (kind, start)
        assert end in shown, (kind, end)


@given(st.text(alphabet="Lotexp .,:;()/-#0129ABZ批号至", max_size=60))
def test_no_number_of_a_text_is_ever_dropped(text: str) -> None:
    found = parse_lots(text)
    shown = "".join((*found.unparsed, *(m.text for m in found.mentions)))
    # Ordinals of a list have one or two digits and may go.
    for number in set("".join(c if c in "0129" else " " for c in text).split()):
        if len(number) > 2:
            assert number in shown, (text, number)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lot AB 1234", {("lot", "AB 1234", "AB 1234")}),
        ("LOT SERIES 1234", set()),
        ("LOT NOT APPLICABLE", set()),
        ("Lot: UNKNOWN", set()),
        ("Lot numbers: ALL", {("all", "", "")}),
        ("Lot 1234, UPC 012345678905", {("lot", "1234", "1234")}),
        ("Lot 1234; questions: call 1-800-555-0100", {("lot", "1234", "1234")}),
        ("NDC 12345-678-90, Lot 77B", {("lot", "77B", "77B")}),
        ("part of 3 shipments of the product 12 weeks ago", set()),
        ("Part No. 12-9", {("catalogue", "12-9", "12-9")}),
        ("Lots beginning with 12", set()),
        ("Lot 1234 shipped from 2019 to 2020", {("lot", "1234", "1234")}),
        ("Lot 1234, Mfg. date 01/05/2020", {("lot", "1234", "1234")}),
        ("Lot 1234 Exp 31/31/2020", {("lot", "1234", "1234")}),
        ("UDI 06901234567892", {("udi", "06901234567892", "06901234567892")}),
        ("UPC: 1234", set()),
    ],
)
def test_a_word_in_the_way_makes_no_lot(text: str, said: set[Said]) -> None:
    assert read(text) == said


@pytest.mark.parametrize("text", ["(17)❶❶❶❶❶❶", "(17)٢٥٠١٣١", "(01)٠٠٠٠٠٠٠٠٠٠٠٠٠٠"])
def test_element_strings_have_the_digits_of_gs1_and_no_others(text: str) -> None:
    assert read(text) == set()
    assert text in "".join(parse_lots(text).unparsed), "given back, and nothing breaks"


def test_prose_is_given_back_whole() -> None:
    found = parse_lots("All lots except those that carry a blue dot, see letter 4455")
    assert [m.kind for m in found.mentions] == [MentionKind.ALL]
    assert found.all_lots
    assert "4455" in found.unparsed[-1], "what is excepted is no recalled lot"


def test_a_text_too_long_is_given_back_and_not_read() -> None:
    text = "Lot 1234 " * 20_000
    assert parse_lots(text).mentions == ()
    assert parse_lots(text).unparsed == (text.strip(),)


def test_nothing_is_named_twice() -> None:
    assert len(parse_lots("Lots 1001, 1002, 1001").mentions) == 2


def lot(text: str) -> LotMention:
    (mention,) = parse_lots(f"Lot: {text}").of(MentionKind.LOT)
    return mention


@pytest.mark.parametrize("same", ["5290-S19785", "5290S19785", "5290 s19785", "５２９０－S19785"])
def test_case_spaces_and_hyphens_make_no_other_lot(same: str) -> None:
    assert same_lot(lot("5290-S19785"), same)


@pytest.mark.parametrize("other", ["5290-S1978", "5290-S197850", "S19785", "5290/S19785", ""])
def test_a_part_of_a_lot_is_another_lot(other: str) -> None:
    assert not same_lot(lot("5290-S19785"), other)


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("LOT1234", True), ("lot-1240", True), ("LOT1250", True), ("LOT1251", False),
        ("LOT124", False), ("LOT12400", False), ("1240", False), ("LOTX1240", False),
    ],
)  # fmt: skip
def test_a_range_holds_what_has_its_form_and_lies_between(text: str, within: bool) -> None:
    assert same_lot(lot("LOT1234 through LOT1250"), text) is within


def test_a_range_that_is_a_lot_as_written_still_names_that_lot() -> None:
    assert same_lot(lot("20200101-20200131"), "20200101-20200131")


def test_a_range_whose_ends_differ_in_form_tells_only_its_ends_and_says_so() -> None:
    unclear = lot("NP-2406A to NP-2407F")
    assert not unclear.decidable
    assert same_lot(unclear, "np2406a")
    assert not same_lot(unclear, "NP-2406C")
    assert lot("24A01-24A45").decidable
    assert same_lot(lot("24A01-24A45"), "24A30")


def test_a_serial_number_and_all_lots_name_no_one_lot() -> None:
    (serial,) = parse_lots("Serial: 20201").mentions
    (every,) = parse_lots("All lots").mentions
    assert not same_lot(serial, "20201")
    assert not same_lot(every, "20201")
