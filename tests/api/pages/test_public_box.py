"""Somebody scanned a box: told at a glance what it is and what to do, and nothing commercial."""

import re
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from httpx import Response

from ledger import demo
from ledger.typed_data import lot_id
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import Service
from tests.support.sights.public import box_path

PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FINE, RECALLED = box_path(demo.OTHER_MASK_LOT), box_path(demo.MASK_LOT)


def text(page: Response) -> str:
    body = page.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def scan(reader: Visitor, path: str) -> Response:
    answer: Response = reader.client.get(path, headers=PAGE)
    return answer


@pytest.fixture(params=["en", "zh"])
def anybody(visitor: Reader, request: pytest.FixtureRequest) -> Visitor:
    """Somebody of either language who is not signed in."""
    return visitor(None, request.param)


def test_a_box_that_is_fine_says_by_whom_it_was_made_and_what_to_compare(anybody: Visitor) -> None:
    page = scan(anybody, FINE)
    assert page.status_code == 200
    assert "answer box buy" in page.text
    told = text(page)
    assert demo.QINGLUAN.name_zh in told
    assert demo.QINGLUAN.name_en in told
    steps = page.text.partition('class="steps"')[2].partition("</ol>")[0]
    assert steps.count("<li>") == 3


def test_a_recalled_box_says_so_first_and_who_recalls_it(anybody: Visitor) -> None:
    page = scan(anybody, RECALLED)
    assert "answer box do-not-buy" in page.text
    first = re.search(r"<h1[^>]*>([^<]*)<", page.text)
    assert first is not None
    assert first[1] in ("Recalled: do not use it", "已召回：请勿使用")
    assert "使用无证企业树脂" in text(page), "the reason that was signed"


def test_nothing_of_stock_buyers_or_persons_is_on_the_page(anybody: Visitor) -> None:
    for path in (FINE, RECALLED):
        told = text(scan(anybody, path))
        for hidden in (demo.WAREHOUSE, *demo.COMMUNITIES, demo.FENGHUANG):
            assert hidden.name_zh not in told
            assert hidden.name_en not in told
        for quantity in ("700,000", "200,000", "陈采购"):
            assert quantity not in told


def test_a_box_that_is_not_on_the_ledger_is_not_called_fake(visitor: Reader) -> None:
    page = scan(visitor(None), "/01/09520000000059/10/NOWHERE")
    assert page.status_code == 404
    assert "We do not know this box" in text(page)
    assert "does not mean that it is fake" in text(page)
    assert "9 520000 000059" in text(page), "as under the bars"
    assert 'value="NOWHERE"' in page.text, "to be mended"


@pytest.mark.parametrize("path", ["/01/09520000000058/10/QL100-A", "/01/12/10/A", "/01/x/99/y"])
def test_a_number_that_cannot_be_is_told_to_be_misread(anybody: Visitor, path: str) -> None:
    page = scan(anybody, path)
    assert page.status_code == 422
    assert "answer box cannot-tell" in page.text
    assert "field-error" in page.text


def test_a_link_without_a_lot_asks_for_it(visitor: Reader) -> None:
    reader = visitor(None)
    page = scan(reader, "/01/09520000000059/21/7")
    assert page.status_code == 200
    assert "The lot number is missing" in text(page)
    sent = scan(reader, "/01?gtin=9520000000059&lot=QL100-A")
    assert (sent.status_code, sent.headers["location"]) == (303, "/01/9520000000059/10/QL100-A")
    odd = scan(reader, "/01?gtin=9520000000059&lot=A/1?x")
    assert odd.headers["location"] == "/01/9520000000059/10/A%2F1%3Fx"


def test_a_box_whose_own_code_says_that_it_is_over_is_not_used(visitor: Reader) -> None:
    reader = visitor(None)
    yesterday = f"{datetime.now(ZoneInfo('Asia/Shanghai')) - timedelta(days=1):%y%m%d}"
    told = text(scan(reader, f"{FINE}?17={yesterday}"))
    assert "Expired: do not use it" in told
    assert "do not use it before you have an answer" in told, "where the print says otherwise"
    assert "Recalled: do not use it" in text(scan(reader, RECALLED + "?17=200131")), "worse"
    assert "Known, and not recalled" in text(scan(reader, FINE + "?17=400131"))


def test_a_code_that_expired_before_the_lot_was_made_is_called_wrong(visitor: Reader) -> None:
    page = scan(visitor(None), FINE + "?17=200131")
    assert "answer box do-not-buy" in page.text
    assert "Wrong code, perhaps forged: do not use it" in text(page)


def test_known_is_not_called_good_and_what_was_not_checked_is_said(anybody: Visitor) -> None:
    banner, _, rest = text(scan(anybody, FINE + "/21/000815")).partition("1.")
    told = banner + rest
    assert "not a proof that it is good" in told or "这不等于证明其合格" in told
    assert "this number was not checked" in told or "序列号未核对" in told


def test_what_was_made_of_something_recalled_is_put_aside(
    visitor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.batches.service._PUBLIC", frozenset())
    assert "Do not use it for now" in text(scan(visitor(None), RECALLED))
    monkeypatch.setattr("api.batches.service._MOST_BEHIND", 1)
    assert "not everything could be looked at" in text(scan(visitor(None), FINE))


def test_two_makers_with_the_same_numbers_are_both_shown(service: Service, visitor: Reader) -> None:
    gtin, lot = demo.OTHER_MASK_LOT.gtin, "TWICE-1"
    for firm in ("qingluan", "warehouse"):
        service.submit(
            firm, "Commission", quantity=10, originNotShown=True, document=bytes(32),
            category=demo.MASK, model="", unit="H87", place="", origin="", cited=(),
            gtin=gtin, lot=lot,
        )  # fmt: skip
    told = text(scan(visitor(None), f"/01/{gtin:014d}/10/{lot}"))
    assert "Several makers use this number" in told
    assert f"Put on the ledger by: {demo.WAREHOUSE.name_en}" in told, "its origin is not shown"
    assert demo.QINGLUAN.name_en in told
    assert demo.WAREHOUSE.name_en in told
    assert lot_id(demo.QINGLUAN.id, gtin, lot).hex() not in told


def test_what_is_typed_and_what_a_link_says_does_no_harm(visitor: Reader) -> None:
    reader = visitor(None)
    for path in (
        "/01/%3Cscript%3E/10/%3Cb%3E",
        "/01/09520000000059/10/%E2%80%AEcba",
        "/01?gtin=%3Cscript%3E",
        "/01/" + "9" * 3_000 + "/10/" + "x" * 3_000,
        "/01/09520000000059/10/A%0d%0aSet-Cookie:%20x=1",
        "/01/09520000000059/10/%ff%fe",
    ):
        page = scan(reader, path)
        assert page.status_code in (200, 404, 422), path
        assert "<script" not in page.text
        assert "\u202e" not in page.text
        assert "x=1" not in str(page.headers.get("set-cookie", ""))


def test_the_other_language_is_one_step_away_and_keeps_the_link(visitor: Reader) -> None:
    page = scan(visitor(None), FINE + "/21/7?17=400131")
    [other] = set(re.findall(r'href="([^"]*lang=zh)"', page.text))
    assert unescape(other) == FINE + "/21/7?17=400131&lang=zh"
    assert "有记录" in text(scan(visitor(None), unescape(other)))
