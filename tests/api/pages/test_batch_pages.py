"""The page of a batch, as it is sent: what it says, to whom, and for which time."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from httpx import Response
from playwright.sync_api import Browser

from api.access import CallerRole
from ledger import demo
from ledger.demo.batches import DONATED, FIRST_RESIN
from ledger.typed_data import lot_id
from tests.api.pages.conftest import Reader
from tests.support.browser import Site, reading
from tests.support.service import Service
from tests.support.sights.batches import SIGHTS, batch_path

MASKS = batch_path(demo.MASK_LOT)
AUDITOR, SUPPLIER, BUYER = CallerRole.AUDITOR, CallerRole.SUPPLIER, CallerRole.PROCUREMENT


def text(page: Response) -> str:
    """What is read on the page."""
    body = page.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def told(service: Service, lot: Any, tail: str, role: CallerRole = AUDITOR) -> Any:
    answer = service.get("/v1" + batch_path(lot) + tail, role)
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_recalled_batch_says_so_before_everything_else(visitor: Reader, language: str) -> None:
    page = visitor(BUYER, language).get(MASKS)
    assert page.status_code == 200
    assert page.text.index('class="answer do-not-buy stop"') < page.text.index('id="what"')
    assert {"en": "Recalled", "zh": "已召回"}[language] in text(page)
    assert "使用无证企业树脂" in text(page)
    paper = page.text.partition('class="on-paper"')[2].partition("</p>")[0]
    assert MASKS in paper, "where it is to be looked up again"
    assert len(page.content) < 150_000


def test_the_page_says_what_the_json_says(service: Service, visitor: Reader) -> None:
    page = visitor(AUDITOR).get(MASKS)
    shown = text(page)
    back = told(service, demo.MASK_LOT, "/trace-back")
    for lot in back["lots"]:
        assert f'id="n{lot["number"]}"' in page.text
        assert f"{lot['quantity']:,}" in shown
    for edge in back["edges"]:
        assert f'data-from="{edge["input"]}" data-to="{edge["output"]}"' in page.text
    facts = told(service, demo.MASK_LOT, "")
    for finding in facts["findings"]:
        assert finding["en"] in shown
    custody = told(service, demo.MASK_LOT, "/custody")
    assert page.text.count('<li class="act-') == len(custody["hops"])
    for stock in custody["custodians"]:
        assert f"{stock['on_hand'] + stock['in_units']:,}" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_it_inherits_is_told_with_the_way_to_it(visitor: Reader, language: str) -> None:
    assert "QL100-A ← MB-115 ← ZH-0318" in text(visitor(BUYER, language).get(MASKS))


def test_how_the_maker_stood_then_and_now_is_shown_apart(visitor: Reader) -> None:
    shown = text(visitor(AUDITOR).get(batch_path(demo.SECOND_RESIN)))
    assert "Valid Invalid" in shown, "then and now"
    assert "qualified as known then, not as known now" in shown


def test_goods_of_unknown_origin_say_so_in_plain_words(visitor: Reader) -> None:
    shown = text(visitor(BUYER).get(batch_path(DONATED)))
    assert "Origin not shown" in shown
    assert "No later test puts that right" in shown


def test_nobody_is_called_the_maker_of_goods_of_unknown_origin(visitor: Reader) -> None:
    page = visitor(AUDITOR).get(batch_path(DONATED))
    shown = text(page)
    name = demo.WAREHOUSE.name_en
    assert f"Put on the ledger by {name}" in shown
    assert f"Made by {name}" not in shown
    assert f"{name} made" not in unescape(page.text)
    assert "Quantity taken in 10,000 pieces" in shown
    assert "taken onto the ledger 10,000 pieces" in shown, "not made"


def test_of_links_equally_weak_all_are_named_and_first_what_carries_a_mark(visitor: Reader) -> None:
    shown = text(visitor(AUDITOR).get(MASKS))
    told = shown[shown.index("Least assured in its origin: self-declared") :]
    bad, good = told.index("how lot ZH-0318"), told.index("how lot CL-7042")
    assert bad < told.index("Withdrawn retroactively") < good


def test_what_went_into_a_lot_is_called_by_its_number(visitor: Reader) -> None:
    shown = text(visitor(AUDITOR).get(MASKS))
    assert "Recalled: lot MB-115, which went into it" in shown
    assert "Withdrawn retroactively: lot ZH-0318, which went into it" in shown


def test_of_a_lot_that_came_by_other_ways_too_nobody_says_that_it_inherits_no_more(
    visitor: Reader,
) -> None:
    whole, part = (text(visitor(AUDITOR).get(path)) for path in (MASKS, batch_path(FIRST_RESIN)))
    assert "inherits 2 marks" in whole
    assert "inherits at least 1 mark" in part
    assert "none in this picture" in part
    assert "inherits at least" not in whole, "all that it was made of is in the picture"


# ------------------------------------------------------------------------------ who sees what


def test_a_store_sees_its_own_part_and_is_told_how_much_is_left_out(visitor: Reader) -> None:
    page = visitor(SUPPLIER, office="community-1").get(MASKS)
    shown = text(page)
    assert "You are not allowed to see everything of this lot" in shown
    assert "keepers (" in shown
    assert "47,500 pieces" in shown, "its own"
    assert "32,000 pieces" not in shown, "a neighbour's"
    assert "/recalls/new" not in page.text
    assert "/verdicts/new" not in page.text
    assert "evidence?direction" not in page.text


def test_what_one_may_not_see_is_as_if_it_were_not(visitor: Reader) -> None:
    reader = visitor(SUPPLIER, office="community-1")
    for path in (batch_path(demo.OTHER_MASK_LOT), "/batches/0x" + "5a" * 32):
        page = reader.get(path)
        assert page.status_code == 404
        assert "batch.unknown" in page.text


@pytest.mark.parametrize(
    ("role", "office", "recalls", "asks", "takes"),
    [
        (AUDITOR, "", True, True, True),
        (BUYER, "", False, True, False),
        (SUPPLIER, "qingluan", True, False, False),
        (CallerRole.ISSUER, "regulator", True, False, False),
    ],
)
def test_everybody_is_offered_what_is_theirs_to_do(
    visitor: Reader, role: CallerRole, office: str, recalls: bool, asks: bool, takes: bool
) -> None:
    page = visitor(role, office=office).get(MASKS).text
    assert ("/recalls/new?batch=0x" + demo.MASK_LOT.id.hex() in page) is recalls
    assert ("/verdicts/new?supplier=" in page) is asks
    assert ("evidence?direction=back" in page) is takes


def test_that_the_way_of_goods_was_read_is_in_the_access_log(
    service: Service, visitor: Reader
) -> None:
    visitor(BUYER).get(batch_path(FIRST_RESIN))
    log = service.get("/v1/accesses", AUDITOR).json()
    subject = "0x" + FIRST_RESIN.id.hex()
    assert any(
        (one["action"], one["subject"]) == ("batch.custody-read", subject)
        for one in log["accesses"]
    )


def test_nobody_who_is_not_signed_in_sees_a_batch(visitor: Reader) -> None:
    page = visitor(None).get(MASKS)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("role", "office", "owes"),
    [(SUPPLIER, "community-2", True), (SUPPLIER, "community-1", False), (BUYER, "", False)],
)
def test_who_has_of_a_recalled_lot_is_asked_for_the_answer_that_is_missing(
    visitor: Reader, role: CallerRole, office: str, owes: bool
) -> None:
    shown = text(visitor(role, office=office).get(MASKS))
    assert ("Answer this recall" in shown) is owes
    assert ("Who has answered" in shown) is not owes
    assert "Recall this lot" not in shown, "it is recalled"


def test_an_entry_tells_amounts_in_their_units_and_the_nearest_others_that_one_may_see(
    service: Service, visitor: Reader
) -> None:
    number = told(service, demo.MASK_LOT, "")["number"]
    shown = text(visitor(BUYER).get(f"/entries/{number}"))
    assert "400,000 pieces" in shown
    assert "430 kg" in shown
    chains = shown.partition("The nearest other entries")[2]
    assert "MB-115" in chains
    assert re.search(r"MB-115 · GTIN \S+ · [^#]*? \d+ \d+ ", chains), "one before and one after"
    assert "none that you may see" in chains, "before the first of the lot itself"


# ------------------------------------------------------------------------------ another time


def _day(days: float) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def test_another_time_is_always_said_and_stays_in_the_links(visitor: Reader) -> None:
    page = visitor(BUYER).get(f"{MASKS}?at={_day(1)}&clock=published")
    assert "This is not the present state" in text(page)
    assert "what registers had published counts, too" in text(page)
    lots = re.findall(r'class="lot" href="([^"]*)"', page.text)
    assert lots
    assert all(f"at={_day(1)}" in link and "clock=published" in link for link in lots)


def test_what_was_recalled_since_the_time_shown_is_marked_and_nothing_is_said_of_the_present(
    visitor: Reader,
) -> None:
    page = visitor(BUYER).get(f"{MASKS}?at={_day(-2.5)}")
    shown = text(page)
    assert "Recalled later" in shown.partition("MB-115 Meltblown")[2]
    assert "Holds and recalls since then" in shown
    assert "a hold or recall of a later day is not among it" in shown
    assert "By the time that is shown no laboratory had reported" in shown
    assert "is now" not in shown
    assert "Recalled later" not in text(visitor(BUYER).get(MASKS))


def test_a_time_before_the_lot_says_since_when_it_is_there_and_what_stops_it_now(
    visitor: Reader,
) -> None:
    page = visitor(BUYER).get(f"{MASKS}?at={_day(-900)}")
    shown = text(page)
    assert 'class="answer do-not-buy stop"' in page.text
    assert "the first of it was made on" in shown
    assert f'<a href="{MASKS}">' in page.text, "back to now"
    assert "it was recorded on" in text(visitor(BUYER).get(f"{MASKS}?known_at={_day(-900)}"))


@pytest.mark.parametrize(
    ("query", "field", "status"),
    [
        (f"at={_day(-900)}", "at", 422),
        ("at=yesterday", "at", 422),
        (f"known_at={_day(-900)}", "known_at", 422),
        (f"known_at={_day(900)}", "known_at", 422),
        ("clock=sundial", "clock", 422),
    ],
)
def test_a_time_that_cannot_be_is_mended_on_the_page(
    visitor: Reader, query: str, field: str, status: int
) -> None:
    page = visitor(BUYER, "zh").get(f"{MASKS}?{query}")
    assert page.status_code == status
    assert 'role="alert"' in page.text
    assert "QL100-A" in text(page)
    if field != "clock":
        assert f'id="{field}-error"' in page.text
        assert f'value="{query.partition("=")[2]}"' in page.text, "what was typed"


# ------------------------------------------------------------------------------ names that harm


def test_names_with_markup_and_tricks_do_no_harm(service: Service, visitor: Reader) -> None:
    nasty = '"><svg/onload=alert(1)>'
    service.submit(
        "warehouse", "Commission", quantity=7, gtin=0, originNotShown=True, document=bytes(32),
        lot="A&B<C>", category=demo.MASK, model=nasty, unit="H87",
        place="", origin="<b>\u202egnp.exe", cited=(),
    )  # fmt: skip
    path = "/batches/0x" + lot_id(demo.WAREHOUSE.id, 0, "A&B<C>").hex()
    page = visitor(AUDITOR).get(path)
    assert page.status_code == 200
    assert "<svg/onload" not in page.text
    assert "\u202e" not in page.text
    assert "A&amp;B&lt;C&gt;" in page.text


@pytest.mark.parametrize("query", ["expand=<b>", "fold=0,1,99999999", "rows=0", "rows=x", "hops=x"])
def test_nonsense_in_the_address_is_passed_over_or_named(visitor: Reader, query: str) -> None:
    page = visitor(AUDITOR).get(f"{MASKS}?{query}")
    assert page.status_code == (422 if query.startswith("hops") else 200)
    assert "<b>" not in page.text


def test_no_line_runs_through_a_quantity_and_a_phone_sees_the_lot_with_what_went_into_it(
    site: Site, browser: Browser
) -> None:
    with reading(browser, site, "zh", 390, CallerRole.AUDITOR) as page:
        SIGHTS["batch-recalled"].go(page)
        # Whatever is drawn later lies above: the quantities come after every line.
        order = page.locator(".picture > g.way[data-from], .picture > g.said").evaluate_all(
            "all => all.map(one => one.classList[0])"
        )
        assert order == sorted(order, reverse=True)
        frame = page.locator("#frame").bounding_box()
        assert frame is not None
        here = (page.locator(".lot.here").get_attribute("id") or "")[1:]
        makers = page.locator(f'.way[data-to="{here}"]').evaluate_all(
            "all => all.map(one => one.dataset.from)"
        )
        assert len(makers) > 1
        for number in (here, *makers):
            box = page.locator(f"#n{number} rect").bounding_box()
            assert box is not None
            assert frame["x"] <= box["x"]
            assert box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_a_logistic_unit_that_was_taken_apart_leads_to_what_was_in_it(visitor: Reader) -> None:
    page = visitor(AUDITOR).get("/?q=(00)095200000000000011")
    shown = text(page)
    assert f'<a href="{MASKS}">Lot QL100-A, which was in it</a>' in page.text
    assert re.search(r"[Tt]aken apart · \d+ \w+ \d{4}", shown), "when"
    assert "scan the boxes that were inside" in shown
