"""Lots as the text of an entry: what is written is read again the same."""

import pytest

from ledger.recalls import LotReading, MentionKind, lot_texts, parse_lots, read_lots, same_lot
from ledger.recalls.texts import LONGEST

PUBLISHED = (
    "REF AB 100: Lot numbers NP-2406A, 17081557-21062362, Exp. 2021-05; Serial S1; "
    "UDI (01)09520000000059 (10)K/7; all lots made on line three"
)


def together(texts: tuple[str, ...]) -> LotReading:
    found = [read_lots(text) for text in texts]
    assert [(text.part, text.parts) for text in found] == [
        (number, len(texts)) for number in range(1, len(texts) + 1)
    ]
    return LotReading(
        tuple(mention for text in found for mention in text.reading.mentions),
        tuple(passage for text in found for passage in text.reading.unparsed),
    )


def values(reading: LotReading) -> list[tuple[MentionKind, str, str]]:
    return [(mention.kind, mention.start, mention.end) for mention in reading.mentions]


@pytest.mark.parametrize("longest", [LONGEST, 200, 80])
def test_what_is_written_is_read_again_in_any_number_of_parts(longest: int) -> None:
    reading = parse_lots(PUBLISHED)
    kinds = {mention.kind for mention in reading.mentions}
    assert len(kinds) >= 5, "the text names many kinds of things"
    texts = lot_texts(reading, longest)
    assert all(len(text.encode()) <= longest for text in texts)
    assert values(together(texts)) == values(reading)
    assert "".join(together(texts).unparsed) == "".join(reading.unparsed)


def test_a_range_holds_the_same_lots_when_it_is_read_again() -> None:
    [text] = lot_texts(parse_lots("Lot 17081557-21062362"))
    [mention] = read_lots(text).reading.mentions
    assert [same_lot(mention, lot) for lot in ("17081557", "19000000", "21062363")] == [
        True, True, False,
    ]  # fmt: skip


def test_nothing_read_is_written_as_one_empty_part() -> None:
    [text] = lot_texts(LotReading((), ()))
    assert read_lots(text).reading == LotReading((), ())


def test_a_passage_longer_than_a_text_is_cut_between_characters_and_kept_whole() -> None:
    passage = "封条破损" * 900
    texts = lot_texts(LotReading((), (passage,)))
    assert len(texts) > 1
    assert all(len(text.encode()) <= LONGEST for text in texts)
    assert "".join(together(texts).unparsed) == passage


@pytest.mark.parametrize(
    "text",
    [
        "Lot: A-1",
        "Lots, form 1, part 1 of 1: Lot A-1",
        "Lots, form 1, part 1 of 1:\nLot: A-1",
        "Lots, form 1, part 2 of 1:\nlot A-1",
        "Lots, form 2, part 1 of 1:\nlot A-1",
    ],
)
def test_a_text_of_another_form_is_read_as_a_registers_own_words(text: str) -> None:
    found = read_lots(text)
    assert (found.part, found.parts) == (1, 1)
    assert found.reading == parse_lots(text)
    assert (MentionKind.LOT, "A-1", "A-1") in values(found.reading)
