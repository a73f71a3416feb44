"""A supplier's page: read from afar, over time, and acted upon by who may."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from api.access import CallerRole
from api.pages import days
from api.pages.suppliers.shown import MOST_SCOPES
from api.pages.suppliers.timeline import Axis, axis
from ledger import demo
from ledger.standing import DAY, Band, Status, Why
from ledger.vocabulary import NO_END
from tests.api.pages.conftest import Reader
from tests.api.pages.test_pages import text
from tests.support.crowd import CROWDED, MODELS, TWIN
from tests.support.service import Service, identity

CROWD = "/suppliers/0x" + CROWDED.hex()
QINGLUAN = "/suppliers/" + identity("qingluan")


def day_in(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


# ---------------------------------------------------------------------------------- reading


def test_a_supplier_is_said_to_be_where_its_division_lies(visitor: Reader) -> None:
    assert "Jiang'an, Wuhan, Hubei" in text(visitor().get(CROWD))
    assert "湖北省武汉市江岸区" in text(visitor(language="zh").get(CROWD))


def test_each_product_says_in_one_line_how_it_stands_until_when_and_why(visitor: Reader) -> None:
    page = text(visitor().get("/suppliers/" + identity("baize")))
    assert re.search(
        r"model BZ-95 Invalid since \d{1,2} \w{3} \d{4}, \d\d:\d\d .{1,80}: Withdrawn", page
    ), page
    assert re.search(
        r"BZ-95G Valid until \d{1,2} \w{3} \d{4}, \d\d:\d\d All 2 required qualifications are in",
        page,
    )
    general = page.index("none for all models; see each model")
    assert general > page.index("model BZ-95G"), "that there is none for all models stands last"


def test_many_products_fit_and_can_be_searched(visitor: Reader) -> None:
    reader = visitor()
    page = reader.get(CROWD)
    assert page.text.count('<td class="big">') == MOST_SCOPES
    assert page.text.count("<option") >= MODELS, "all can be asked about"
    assert len(page.content) < 150_000
    assert f"1 to {MOST_SCOPES} of {MODELS}" in text(page)
    # All of them, each once, page by page.
    shown, path = list[str](), CROWD
    while True:
        page = reader.get(path)
        shown += re.findall(
            r'<th scope="row"><bdi>([^<]*)</bdi></th>\s*<td class="big">', page.text
        )
        following = re.search(r'rel="next" href="([^"]*)#standing"', page.text)
        if following is None:
            break
        path = unescape(following[1])
    assert len(shown) == len(set(shown)) == MODELS
    # What is searched for is searched for among all of them.
    some = reader.get(CROWD + "?product=bc-04")
    assert some.text.count('<td class="big">') == 10
    assert f"10 of {MODELS} products found. Show all" in text(some)
    none = reader.get(CROWD + "?product=<b>")
    assert "No product of this supplier has “<b>” in its name" in text(none)
    assert "ask-scope" not in none.text, "nothing is asked about no product"


def test_what_is_restricted_has_the_sign_of_a_warning(visitor: Reader) -> None:
    page = visitor().get(CROWD + "/qualifications").text
    signs = set(re.findall(r'class="state ([a-z-]+)">(?:(?!</span>).)*<span>In force with', page))
    assert signs == {"buy-with-conditions"}
    [kind] = re.findall(
        r'<p class="kind-name">.*?</p>', visitor().get(CROWD + "?product=041").text
    )[:1]
    assert 'class="state buy-with-conditions"' in kind


def test_what_cannot_be_told_says_why(visitor: Reader) -> None:
    page = text(visitor().get(CROWD + "?product=BC-018"))
    assert ": no beginning is stated" in page


def test_a_supplier_without_records_is_asked_about_nothing(visitor: Reader) -> None:
    page = visitor().get("/suppliers/" + identity("authority"))
    assert "this is no basis for buying" in text(page)
    assert "deliver_on" not in page.text
    assert "/ask" not in page.text


def test_an_open_alarm_is_told_before_anything_else(visitor: Reader) -> None:
    page = text(visitor().get("/suppliers/" + identity("red-fox")))
    told = page.index("2 open alarms speak against this supplier")
    assert told < page.index("Where it stands, product by product")
    assert "2 open alarms besides" in page
    other = text(visitor().get("/suppliers/" + identity("feiyu")))
    assert "speak against this supplier" not in other
    assert "Nobody else vouches for the use by Red Fox" in other
    assert "Somebody else vouches for its use. For it the alarm is only a condition." in other


def test_the_time_line_is_told_as_a_table_too(visitor: Reader) -> None:
    page = text(visitor().get("/suppliers/" + identity("blue-whale")))
    ends = re.search(
        r"In force: .{6,12}, ..:.. to (.{6,12}, ..:..) Expired: from (.{6,18}) on", page
    )
    assert ends is not None
    assert ends[1] == ends[2], "within a day: both say the time"


def test_the_last_day_of_a_validity_is_not_yet_a_day_of_having_expired() -> None:
    midnight, noon = 1_799_942_400, 1_799_985_600  # 2027-01-15 in Shanghai
    assert days.last(midnight, "Asia/Shanghai", "en") == "14 Jan 2027"
    assert days.beginning(midnight, "Asia/Shanghai", "en") == "15 Jan 2027"
    assert days.last(noon, "Asia/Shanghai", "en") == "15 Jan 2027, 12:00"
    assert days.beginning(noon, "Asia/Shanghai", "zh") == "2027年1月15日 12:00"


def test_all_qualifications_stand_on_pages_of_their_own(visitor: Reader) -> None:
    reader = visitor()
    page = reader.get(CROWD + "/qualifications")
    assert f"1 to 50 of {MODELS}" in text(page)
    assert "Suspended" in text(page)
    assert "Withdrawn" in text(page)
    assert f"51 to {MODELS} of {MODELS}" in text(reader.get(CROWD + "/qualifications?from=50"))


def test_a_chosen_day_and_a_delivery_day_are_marked(visitor: Reader) -> None:
    reader = visitor()
    assert "delivery day" not in text(reader.get(QINGLUAN)).partition("In a table")[0][-900:]
    page = reader.get(f"{QINGLUAN}?at={day_in(-3)}&deliver_on={day_in(9)}").text
    for mark in ("today", "chosen", "delivery"):
        assert f'class="mark {mark}"' in page


def test_documents_are_offered_to_those_who_may_read_them(visitor: Reader) -> None:
    reader = visitor()
    documents = re.findall(r'href="(/documents/0x[0-9a-f]{64})"', reader.get(QINGLUAN).text)
    assert documents
    assert reader.get(documents[0]).status_code == 200
    assert "not kept here, or not open to you" in text(reader.get(CROWD))


def test_the_question_goes_to_the_form_of_a_verdict_filled_in(visitor: Reader) -> None:
    reader = visitor()
    page = reader.get(QINGLUAN).text
    scope = re.search(r'<option value="([^"]*QL-100)">', page)
    assert scope is not None
    query = f"scope={scope[1].replace(' ', '+')}&quantity=50,000&deliver_on={day_in(5)}"
    sent = reader.get(f"{QINGLUAN}/ask?{query}")
    assert sent.status_code == 303
    form = reader.get(sent.headers["location"]).text
    assert "50,000" in form
    assert day_in(5) in form
    assert "QL-100" in form


def test_the_goods_it_made_lead_to_their_pages(visitor: Reader) -> None:
    page = visitor().get(QINGLUAN).text
    assert f'href="/batches/0x{demo.MASK_LOT.id.hex()}"' in page


def test_the_page_is_kept_and_told_anew_when_something_is_recorded(
    visitor: Reader, service: Service
) -> None:
    reader = visitor()
    first = text(reader.get("/suppliers/" + identity("xuangui")))
    again = text(reader.get("/suppliers/" + identity("xuangui")))
    # Beneath stands when it was read.
    assert again.partition("This page tells")[0] == first.partition("This page tells")[0]
    service.submit(
        "xuangui", "StateCapacity", organisation=demo.XUANGUI.id, publication=bytes(32),
        document=bytes(32), perDay=31_234, category=demo.MASK, model="", unit="H87",
    )  # fmt: skip
    assert "31,234" in text(reader.get("/suppliers/" + identity("xuangui")))


def test_what_alarms_and_capacities_are_stands_in_the_json(service: Service) -> None:
    [first, *_] = service.get(
        f"/v1/suppliers/{identity('red-fox')}/alarms", CallerRole.PROCUREMENT
    ).json()["alarms"]
    assert first["open"]
    assert first["stops"]
    assert {p["organisation"] for p in first["parties"]} == {
        identity("red-fox"), identity("feiyu"),
    }  # fmt: skip
    [stated, *_] = service.get(
        f"/v1/suppliers/{identity('qingluan')}/capacities", CallerRole.PROCUREMENT
    ).json()["capacities"]
    assert stated["per_day"] == 60_000


# ----------------------------------------------------------------------------------- signing


def test_a_reviewer_decides_about_a_link_and_signs_it(visitor: Reader) -> None:
    reader = visitor(CallerRole.ISSUER, office="review-centre")
    page = reader.get(CROWD)
    assert "Decide whether it is the same firm" in text(page)
    other = "0x" + TWIN.hex()
    sent = reader.send(CROWD + "/links", page, other=other, same="same", reason="one address")
    assert sent.status_code == 200
    assert "one address" in text(sent)
    missing = reader.send(CROWD + "/links", page, other=other, same="same", reason=" ")
    assert missing.status_code == 422
    assert "say why" in text(missing)
    assert re.search(r'value="same" required checked', missing.text)
    named = re.search(r'<a href="#(link-[0-9a-f]{8}-reason)">([^<]*)</a>', missing.text)
    assert named is not None
    assert named[2] == "Decide whether it is the same firm – Your reasons"
    assert f'<textarea id="{named[1]}"' in missing.text
    assert reader.send(CROWD + "/links", page, other="0x" + "5a" * 20).status_code == 404


def test_others_see_the_proposal_without_the_form(visitor: Reader) -> None:
    page = text(visitor().get(CROWD))
    assert "not decided" in page
    assert "Decide whether it is the same firm" not in page


def test_only_the_supplier_replies_and_only_an_auditor_closes(visitor: Reader) -> None:
    fox = "/suppliers/" + identity("red-fox")
    officer = text(visitor().get(fox))
    assert "Reply to this alarm" not in officer
    assert "Close this alarm" not in officer
    own = visitor(CallerRole.SUPPLIER, office="red-fox")
    page = own.get(fox)
    assert "Reply to this alarm" in text(page)
    alarm = re.search(r'name="alarm" value="(0x[0-9a-f]{64})"', page.text)
    assert alarm is not None
    sent = own.send(fox + "/replies", page, alarm=alarm[1], text="We were licensed by them.")
    assert "We were licensed by them." in text(sent)
    assert own.send(fox + "/replies", page, alarm="0x" + "00" * 32, text="x").status_code == 404
    auditor = visitor(CallerRole.AUDITOR)
    assert "Close this alarm" in text(auditor.get(fox))
    closing = auditor.send(fox + "/closings", auditor.get(fox), alarm=alarm[1], reason="settled")
    assert "settled" in text(closing)
    for party in (demo.RED_FOX, demo.FEIYU):
        assert party.name_en in text(closing), "an alarm's id says nothing to who signs"
    assert f'value="{fox}#alarms"' in closing.text, "where one comes back to"


@pytest.mark.parametrize("path", ["links", "replies", "closings"])
def test_a_form_of_another_site_does_nothing(visitor: Reader, path: str) -> None:
    reader = visitor(CallerRole.ISSUER, office="review-centre")
    answer = reader.client.post(f"{CROWD}/{path}", data={"reason": "x"})
    assert answer.status_code == 403


# ---------------------------------------------------------------------------------- drawing


def band(start: int, end: int, status: Status) -> Band:
    return Band(start, end, status, Why.STATED, ())


def test_what_is_not_stated_is_drawn_as_unknown_from_the_edge_on() -> None:
    now = 1_800_000_000
    line = (band(0, now, Status.UNKNOWN), band(now, NO_END, Status.EXPIRED))
    drawn = axis([line], now, [now])
    first, last = drawn.bars(line)
    assert (first.look, first.x) == ("unknown", "0%")
    assert (last.look, last.cut) == ("over", True)


def test_neighbours_that_look_the_same_are_one_bar() -> None:
    line = (band(0, 50, Status.NOT_YET), band(50, 60, Status.IN_FORCE),
            band(60, 70, Status.IN_FORCE), band(70, NO_END, Status.WITHDRAWN))  # fmt: skip
    assert [b.look for b in Axis(0, 100).bars(line)] == ["not-yet", "in-force", "ended"]


def test_the_axis_holds_the_present_and_no_end_of_time() -> None:
    now = 1_800_000_000
    line = (band(0, now - 99 * 365 * DAY, Status.NOT_YET), band(now, NO_END, Status.IN_FORCE))
    drawn = axis([line], now, [now, now + 5 * DAY])
    assert drawn.start < now < drawn.end < now + 90 * DAY
    assert drawn.ticks("Asia/Shanghai", "en")


def test_the_short_form_starts_with_what_can_be_answered(visitor: Reader) -> None:
    page = visitor().get("/suppliers/" + identity("baize")).text
    first = page.partition('<select id="ask-scope"')[2].partition("</option>")[0]
    assert "BZ-95G" in first


def test_the_short_form_marks_its_day_and_keeps_what_was_typed(visitor: Reader) -> None:
    page = visitor().get(f"{QINGLUAN}?quantity=5000&deliver_on={day_in(9)}&scope=x").text
    assert f'formaction="{QINGLUAN}#timeline"' in page
    assert 'class="mark delivery"' in page
    assert 'value="5000"' in page
