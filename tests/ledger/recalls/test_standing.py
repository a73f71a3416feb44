"""Which of a mirror's statements about one recall counts."""

from dataclasses import replace

import pytest

from ledger.history import History, MirroredRecall, Stated
from ledger.recalls import LotReading, lot_texts, parse_lots
from ledger.recalls.standing import standing_recalls
from ledger.vocabulary import Clock

FIRM, MIRROR = b"f" * 20, b"m" * 20
JANUARY, MARCH = 1_000, 3_000
LATER = 10_000


@pytest.fixture
def history() -> History:
    """A ledger of which nothing else is known."""
    return History(0, {}, {}, {}, (), {}, {}, {}, {}, {}, {}, (), {}, ())


def stated(sequence: int, published: int, lots: str, row: bytes = b"r") -> MirroredRecall:
    return MirroredRecall(
        Stated(sequence, 5_000 + sequence, published, MIRROR, (b"a" * 20,)), FIRM,
        published.to_bytes(32, "big"), row * 32, 900, 0, "recalls", "Z-1", "masks", lots, "torn",
    )  # fmt: skip


def names(history: History, *recalls: MirroredRecall, known_at: int = LATER) -> list[list[str]]:
    found = standing_recalls(replace(history, recalls=recalls), known_at, Clock.RECORDED)
    return [[mention.start for mention in one.lots.mentions] for one in found]


def test_the_statement_of_the_latest_publication_counts(history: History) -> None:
    january, march = stated(1, JANUARY, "Lot A-1"), stated(2, MARCH, "Lot A-1, B-2", b"s")
    assert names(history, january, march) == [["A-1", "B-2"]]
    assert names(history, replace(march, stated=replace(march.stated, sequence=0)), january) == [
        ["A-1", "B-2"]
    ], "whenever it was recorded"


def test_before_the_later_statement_was_known_the_earlier_one_counts(history: History) -> None:
    january, march = stated(1, JANUARY, "Lot A-1"), stated(2, MARCH, "Lot B-2", b"s")
    assert names(history, january, march, known_at=5_001) == [["A-1"]]


def test_a_statement_counts_when_all_of_its_parts_are_there(history: History) -> None:
    before = stated(1, JANUARY, "Lot A-1")
    many = LotReading(parse_lots("Lots 1001, 1002, 1003, 1004, 1005, 1006").mentions, ())
    texts = lot_texts(many, 60)
    assert len(texts) > 1
    parts = [stated(2 + i, MARCH, text, b"s") for i, text in enumerate(texts)]
    assert names(history, before, *parts[:-1]) == [["A-1"]]
    assert names(history, before, *parts) == [[f"100{i}" for i in range(1, 7)]]
    assert names(history, *parts[1:]) == []


def test_recalls_with_other_numbers_firms_or_mirrors_are_other_recalls(history: History) -> None:
    one = stated(1, JANUARY, "Lot A-1")
    others = (
        replace(stated(2, MARCH, "Lot B-1"), number="Z-2"),
        replace(stated(3, MARCH, "Lot B-2"), organisation=b"g" * 20),
        replace(stated(4, MARCH, "Lot B-3"), register="others"),
    )
    assert names(history, one, *others) == [["A-1"], ["B-1"], ["B-2"], ["B-3"]]


def test_two_texts_under_one_row_both_count(history: History) -> None:
    assert names(history, stated(1, JANUARY, "Lot A-1"), stated(2, JANUARY, "Lot A-2")) == [
        ["A-1", "A-2"]
    ]
