"""Offered lots on the pages: typed as they stand on the carton, shown with what was found."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from httpx import Response

from ledger import demo
from ledger.demo.batches import MASK_LOT, OTHER_MASK_LOT
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import identity

GOOD, RECALLED = "09520000000059:QL100-B", "09520000000059:QL100-A"


def text(page: Response) -> str:
    """What is read on the page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def ask(reader: Visitor, lots: str, office: str = "qingluan") -> Response:
    form = reader.get(f"/verdicts/new?supplier={identity(office)}")
    values = {
        "category": demo.MASK,
        "model": "QL-100",
        "quantity": "50,000",
        "unit": "H87",
        "deliver_on": f"{datetime.now(UTC) + timedelta(days=6):%Y-%m-%d}",
        "known_at": "",
        "clock": "recorded",
        "lots": lots,
    }
    return reader.send("/verdicts/new", form, **values)


def verdict(reader: Visitor, lots: str) -> Response:
    sent = ask(reader, lots)
    assert sent.status_code == 303, text(sent)
    return reader.get(sent.headers["location"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lot_is_shown_with_what_is_at_hand_and_every_check(
    visitor: Reader, language: str
) -> None:
    page = verdict(visitor(language=language), GOOD)
    told = text(page)
    assert {"en": "Buy with conditions", "zh": "附条件采购"}[language] in told
    assert {"en": "100,000 pieces", "zh": "100,000 只（件）"}[language] in told
    assert {"en": "At hand", "zh": "在手"}[language] in told
    rows = {int(n) for n in re.findall(r'<tr id="check-(\d+)"', page.text)}
    said = {"en": "Do not apply", "zh": "不适用"}[language]
    sentence = re.search(f"<p[^>]*>{said}(.*?)</p>", page.text)
    assert sentence is not None
    skipped = {int(n) for n in re.findall(r"(?:^|[:：;；] ?|, |、)(\d+) ", sentence[1])}
    assert rows | skipped == set(range(1, 34))
    assert rows.isdisjoint(skipped)
    assert "H87" not in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_way_to_what_speaks_against_a_lot_is_shown(visitor: Reader, language: str) -> None:
    page = verdict(visitor(language=language), RECALLED)
    assert {"en": "Do not buy", "zh": "不要采购"}[language] in text(page)
    assert "QL100-A ← MB-115 ← ZH-0318" in text(page)


@pytest.mark.parametrize(
    "lots",
    [
        f"{GOOD}\r\n\r\n{RECALLED}\n",
        " 9520000000059：QL100-B \n" + RECALLED,
        f"0x{OTHER_MASK_LOT.id.hex()}\n0x{MASK_LOT.id.hex()}",
        f"{GOOD}@0x{demo.QINGLUAN.id.hex()}\n{RECALLED}",
        "QL100-A\nQL100-B",
    ],
)
def test_lots_are_read_as_people_type_them(visitor: Reader, lots: str) -> None:
    told = text(verdict(visitor(), lots))
    assert "QL100-A" in told
    assert "QL100-B" in told


@pytest.mark.parametrize(
    ("lots", "words"),
    [
        ("QL100-X", "is no GTIN and lot number"),
        ("09520000000058:QL100-B", "check digit"),
        ("09520000000059:QL100-C", "no such lot is on the ledger"),
        (f"{GOOD}\n{GOOD}", "is offered twice"),
        ("\n".join(f":{n}" for n in range(21)), "at most 20"),
        ("0x12", "is no id of 32 bytes"),
        (f":{'9' * 50}", "at most 40"),
    ],
)
def test_a_badly_named_lot_is_told_beside_the_field_and_nothing_typed_is_lost(
    visitor: Reader, lots: str, words: str
) -> None:
    page = ask(visitor(), lots)
    assert page.status_code == 422
    assert words in text(page)
    assert re.search(r'id="lots"[^>]*aria-invalid="true"', page.text), "marked field"
    assert lots.splitlines()[0] in page.text


def test_asking_again_keeps_the_lots(visitor: Reader) -> None:
    reader = visitor()
    page = verdict(reader, GOOD)
    again = re.search(r'class="button second" href="(/verdicts/new[^"]+)"', page.text)
    assert again is not None
    form = reader.get(again[1].replace("&amp;", "&"))
    assert GOOD in form.text


def test_lots_come_back_as_they_were_typed_whatever_a_browser_makes_of_lines(
    visitor: Reader,
) -> None:
    sent = ask(visitor(), f"{GOOD}\r\n(01)09520000000059\x1d(10)QL100-B\r\nnot one")
    assert sent.status_code == 422
    assert "\ufffd" not in sent.text
    assert f"{GOOD}\n(01)09520000000059\u241d(10)QL100-B\nnot one</textarea>" in sent.text
