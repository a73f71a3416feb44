"""What a search found, told so that nothing is taken for more than it is."""

import re
from urllib.parse import quote

from api.access import CallerRole
from tests.api.pages.conftest import Reader, Visitor
from tests.api.pages.test_pages import text
from tests.api.test_verdicts import question
from tests.support.service import Service


def results(reader: Visitor, typed: str) -> str:
    page = reader.get("/?q=" + quote(typed))
    assert page.status_code == 200
    return text(page)


def test_what_a_code_says_beyond_product_and_lot_is_said_not_to_be_checked(
    visitor: Reader,
) -> None:
    page = results(visitor(), "(01)09520000000059(17)271231(10)QL100(21)A1")
    assert "The code also states: Expires on, Serial number." in page
    assert "Do not use the goods before this is cleared up" in page
    assert "No recall or hold known" in page, "of the other lot"


def test_a_product_code_that_was_read_wrongly_is_marked_and_so_is_what_differs_from_it(
    visitor: Reader,
) -> None:
    page = results(visitor(), "010952000000005810QL100-A")
    assert "Read as Product (GTIN) 09520000000058 wrong Lot QL100-A" in page
    assert "Not the product code that was scanned" in page
    right = results(visitor(), "9520000000059")
    assert "Not the product code that was scanned" not in right


def test_a_copied_certificate_and_its_holders_are_marked(visitor: Reader) -> None:
    page = results(visitor(), "示械注准20242140005")
    assert page.count("Open alarm: somebody else uses the same number or document") == 2
    assert page.count("Open alarm, a condition only: somebody else uses the same") == 2
    assert "Open alarm" not in results(visitor(), "示械注准20242140001")


def test_verdicts_found_are_told_apart_by_what_was_asked_and_are_not_counted_as_all(
    visitor: Reader, service: Service
) -> None:
    for quantity in range(50_001, 50_008):
        asked = question(quantity=quantity)
        given = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=asked)
        assert given.status_code in (200, 201), given.text
    page = results(visitor(), "qingluan")
    assert "newest 5" in page
    assert len(set(re.findall(r"May I buy (50,00[1-7]) pieces", page))) == 5


def test_a_model_is_shown_as_it_is_written(visitor: Reader) -> None:
    assert "Found by its model QL-100" in results(visitor(), "ql-1")


def test_a_certificate_shows_the_last_day_on_which_it_counts(visitor: Reader) -> None:
    page = results(visitor(), "示械注准20242140001")
    assert re.search(r"valid: \d{1,2} \w{3} \d{4}(, \d\d:\d\d)? to \d{1,2} \w{3} \d{4}", page)
