"""The page of a verdict: what decided first, everything behind it in reach, then beside now; and
the form with its quick choices."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import orjson
import pytest
from fastapi import Request
from httpx import Response

from api.access import CallerRole
from api.context import Context
from api.pages.lexicon import Lexicon
from api.pages.recent import Recent
from api.pages.rendering import part
from api.pages.verdicts import dates, stops
from api.pages.verdicts.told import told
from api.pages.wording import wording
from api.verdicts.stopped import StoppedLot
from ledger import demo
from ledger.demo.batches import MASK_LOT
from ledger.index.store import KeptVerdict
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import Service, identity

RECALLED, GOOD = "09520000000059:QL100-A", "09520000000059:QL100-B"


def text(page: Response | str) -> str:
    raw = page if isinstance(page, str) else page.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", raw)))


def day(days: int) -> str:
    # Days of the form are those of its zone.
    return f"{datetime.now(UTC) + timedelta(hours=8, days=days):%Y-%m-%d}"


def ask(reader: Visitor, office: str, **fields: str) -> Response:
    form = reader.get(f"/verdicts/new?supplier={identity(office)}")
    return reader.send("/verdicts/new", form, **{"quantity": "50000", "unit": "H87", **fields})


def verdict(reader: Visitor, office: str, model: str, **fields: str) -> Response:
    sent = ask(reader, office, product=f"{demo.MASK}:{model}", day=day(7), **fields)
    assert sent.status_code == 303, text(sent)
    return reader.get(sent.headers["location"])


def section(page: Response, name: str) -> str:
    found = re.search(rf'aria-labelledby="{name}">(.*?)</section>', page.text, flags=re.S)
    assert found is not None, name
    return text(found[1])


# -------------------------------------------------------------------------------- what is told


def test_what_decided_comes_first_and_nothing_else_with_it(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100", lots=RECALLED)
    why = section(page, "decided")
    assert "No hold or recall" in why
    assert "recalled by Example Province Drug Administration" in why
    # What is only a condition stands apart.
    assert "third party" not in why
    assert page.text.index('id="decided"') < page.text.index('id="change"')
    assert page.text.index('id="change"') < page.text.index('id="checks"')


def test_a_yes_says_what_it_rests_on(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100")
    assert "in force, reviewed" in section(page, "decided")
    assert "All 16 checks passed" in section(page, "checks")


def test_what_would_change_the_answer_names_the_checks(visitor: Reader) -> None:
    page = verdict(visitor(), "blue-whale", "BW-3")
    assert "Ask for a qualification that is in force. (check 3)" in section(page, "change")


def test_offered_lots_lead_to_their_batches(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100", lots=RECALLED)
    assert f'href="/batches/0x{MASK_LOT.id.hex()}"' in page.text
    assert "QL100-A Recalled" in section(page, "offered")


@pytest.mark.parametrize(
    ("lots", "said"),
    [
        ("", "May I buy 50,000 pieces of Surgical mask (China), model QL-100 from"),
        (RECALLED, "model QL-100 (lot QL100-A) from"),
        (f"{GOOD}\n{RECALLED}", "(lots QL100-B, QL100-A) from"),
    ],
)
def test_the_question_names_the_lots_that_were_offered(
    visitor: Reader, lots: str, said: str
) -> None:
    reader = visitor()
    page = verdict(reader, "qingluan", "QL-100", lots=lots)
    for place in ("title", "h1"):
        found = re.search(rf"<{place}[^>]*>(.*?)</{place}>", page.text, flags=re.S)
        assert found is not None
        assert said in text(found[1])
    assert said in text(reader.get("/"))


def test_a_check_holds_or_does_not_and_is_never_called_valid(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100", lots=RECALLED)
    assert "No hold or recall Failed" in section(page, "decided")
    said = set(re.findall(r'class="state[^"]*">.*?<span[^>]*>([^<]+)</span>', page.text, re.S))
    assert "Passed" in said
    assert not said & {"Valid", "Invalid", "Unknown"}


@pytest.mark.parametrize(
    ("office", "model", "said"),
    [
        ("qingluan", "QL-200", "Qualifications 1 cannot be told"),
        ("blue-whale", "BW-3", "Qualifications 1 failed"),
    ],
)
def test_what_nobody_can_tell_is_not_counted_as_failing(
    visitor: Reader, office: str, model: str, said: str
) -> None:
    assert said in section(verdict(visitor(), office, model), "checks")


def test_only_who_can_take_the_file_is_told_how_to_verify_it(visitor: Reader) -> None:
    officer, auditor = visitor(), visitor(CallerRole.AUDITOR)
    path = f"/verdicts/{found_id(verdict(officer, 'qingluan', 'QL-100', lots=RECALLED))}"
    assert "suyuan verify" in section(auditor.get(path), "evidence")
    theirs = section(officer.get(path), "evidence")
    assert "suyuan verify" not in theirs
    assert "give your auditor this page’s permanent link" in theirs


# ------------------------------------------------------------------------- stopped lots


def test_a_yes_without_lots_tells_of_lots_that_are_recalled(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100")
    notice = re.search(r'<div class="notice stopped".*?</div>', page.text, flags=re.S)
    assert notice is not None
    assert page.text.index('class="answer buy"') < notice.start()
    assert "QL100-A Recalled" in text(notice[0])
    assert "QL100-B" not in notice[0]
    assert f'href="/batches/0x{MASK_LOT.id.hex()}"' in notice[0]
    again = re.search(r'href="(/verdicts/new[^"]+#lots)"', notice[0])
    assert again is not None
    form = visitor().get(unescape(again[1]))
    assert f'value="{demo.MASK}:QL-100" checked' in form.text


@pytest.mark.parametrize(
    ("office", "model", "lots"), [("blue-whale", "BW-3", ""), ("qingluan", "QL-100", RECALLED)]
)
def test_nothing_is_told_of_stopped_lots_where_none_are_or_lots_were_offered(
    visitor: Reader, office: str, model: str, lots: str
) -> None:
    page = verdict(visitor(), office, model, lots=lots)
    assert 'class="notice stopped"' not in page.text


def test_a_recalled_lot_of_another_product_is_told_on_the_form_alone(visitor: Reader) -> None:
    reader = visitor()
    assert 'class="notice stopped"' not in verdict(reader, "qingluan", "QL-200").text
    form = reader.get(f"/verdicts/new?supplier={identity('qingluan')}")
    assert "QL100-A Recalled" in text(form)
    other = reader.get(f"/verdicts/new?supplier={identity('blue-whale')}")
    assert "QL100-A Recalled" not in text(other)


# ------------------------------------------------------------------------- days and amounts


def test_a_delivery_in_the_past_is_asked_back_and_then_told(visitor: Reader) -> None:
    reader = visitor()
    fields = {"product": f"{demo.MASK}:QL-100", "day": "other", "deliver_on": day(-30)}
    asked_back = ask(reader, "qingluan", **fields)
    assert asked_back.status_code == 422
    assert "lies in the past" in text(asked_back)
    assert 'name="past" value="yes">' in asked_back.text
    assert f'value="{day(-30)}"' in asked_back.text
    meant = ask(reader, "qingluan", past="yes", **fields)
    assert meant.status_code == 303
    page = reader.get(meant.headers["location"])
    assert "already past when this was asked" in text(page)
    assert "already past" not in text(verdict(reader, "qingluan", "QL-100"))


def test_today_is_not_past_and_a_day_of_an_old_form_is(visitor: Reader) -> None:
    reader, product = visitor(), f"{demo.MASK}:QL-100"
    assert ask(reader, "qingluan", product=product, day=day(0)).status_code == 303
    assert 'name="past"' not in reader.get(f"/verdicts/new?supplier={identity('qingluan')}").text
    stale = ask(reader, "qingluan", product=product, day=day(-1))
    assert stale.status_code == 422
    assert 'id="day-other" checked' in stale.text
    assert 'name="past"' in stale.text


def test_what_to_wait_for_has_a_date(service: Service) -> None:
    v = answered(service, "blue-whale", "BW-3")
    reason = {
        "code": "kind.not-yet",
        "en": "cn.nmpa.registration: not in force before 2027-03-04",
        "zh": "cn.nmpa.registration：2027-03-04 之前尚未生效",
    }
    v["checks"][2]["reasons"] = [reason]
    v["would_change"] = [{"checks": [3], "en": "Deliver after that.", "zh": "请在此之后交货。"}]
    page = text(rendered(service, v))
    assert "Deliver after that. (Not before 4 Mar 2027.)" in page


def test_amounts_of_days_and_goods_are_as_people_write_them(service: Service) -> None:
    v = answered(service, "blue-whale", "BW-3")
    capacity = next(c for c in v["checks"] if c["code"] == "capacity.enough")
    capacity["reasons"] = [
        {"code": "capacity.short", "en": "1 whole day(s) at 120000 a day make 120000 H87; 5 are"}
    ]
    told_ = "Order at most 120000, or give 1834 whole day(s)."
    v["would_change"] = [{"checks": [capacity["number"]], "en": told_, "zh": "x"}]
    page = text(rendered(service, v))
    assert "1 whole day at 120,000 a day make 120,000 pieces" in page
    assert "Order at most 120,000, or give 1,834 whole days." in page


@pytest.mark.parametrize(
    ("code", "reason", "shown"),
    [
        ("kind.expired", "x: expired on 2026-05-07", "x: expired on 7 May 2026"),
        (
            "kind.expired",
            "x: expired on 2026-05-07 11:14+08:00",
            "x: expired on 7 May 2026, 11:14 UTC+08:00",
        ),
        # What only looks like a date, is none or comes otherwise stays as it was said.
        ("kind.refused", "x: refused in review: see 2026-05-07", None),
        ("kind.expired", "x: expired on 2026-99-99", None),
        ("kind.expired", "x: expired some day, 2026-05-07", None),
        ("no.such", "on 2026-05-07", None),
        ("kind.expired", "x" * 10_000 + ": expired on 2026-05-07", None),
    ],
)
def test_dates_in_reasons_are_as_the_reader_writes_them(
    code: str, reason: str, shown: str | None
) -> None:
    assert dates.written(code, reason, "en") == (reason if shown is None else shown)


def test_dates_in_chinese_reasons_are_chinese() -> None:
    said = dates.written("kind.expired", "x：已于 2026-05-07 11:14+08:00 到期", "zh")
    assert said == "x：已于 2026年5月7日 11:14 UTC+08:00 到期"


def test_every_record_behind_it_is_in_one_place(visitor: Reader, service: Service) -> None:
    page = verdict(visitor(), "blue-whale", "BW-3")
    id_ = found_id(page)
    told_ = service.get(f"/v1/verdicts/{id_}", CallerRole.PROCUREMENT).json()
    proof = section(page, "evidence")
    for number in {n for c in told_["checks"] for n in c["entries"]}:
        assert re.search(rf"\b{number}\b", proof)
    assert f"suyuan verify suyuan-verdict-{id_[2:18]}.json" in proof
    assert told_["policy"]["hash"] in proof
    assert "/verifier.html" in page.text
    assert f"http://127.0.0.1:8000/verdicts/{id_}" in proof


def found_id(page: Response) -> str:
    found = re.search(r"/verdicts/(0x[0-9a-f]{64})", page.text)
    assert found is not None
    return found[1]


def test_the_auditors_file_is_named_as_the_page_says(visitor: Reader) -> None:
    reader = visitor()
    page = verdict(reader, "blue-whale", "BW-3")
    named = re.search(r"suyuan-verdict-[0-9a-f]{16}\.json", page.text)
    assert named is not None
    file = reader.get(f"/verdicts/{found_id(page)}/evidence")
    assert named[0] in file.headers["content-disposition"]


def test_the_code_is_for_those_who_may_read_the_verdict(visitor: Reader) -> None:
    reader = visitor()
    path = f"/verdicts/{found_id(verdict(reader, 'blue-whale', 'BW-3'))}/qr.svg"
    assert reader.get(path).headers["content-type"] == "image/svg+xml"
    stranger = visitor(None)
    stranger.sign_in(office="neighbour")
    assert stranger.get(path).status_code == 404


def test_a_signed_reply_stands_beside_the_alarm(service: Service) -> None:
    """Beside the check that fails, and in the list of alarms; whatever stands in it is text."""
    v = answered(service, "red-fox", "FY-1")
    reply = "<script>alert(1)</script> \u202eours"
    v["replies"] = [
        {
            "about": v["alarms"][0]["id"],
            "by": identity("red-fox"),
            "text": reply,
            "recorded": 1_700_000_000,
            "entry": 7,
        }
    ]
    page = rendered(service, v)
    assert "<script>" not in page
    assert "\u202e" not in page
    assert page.count("alert(1)") == page.count('class="reply"') >= 2
    assert page.index('class="reply"') < page.index('id="checks"')


def answered(service: Service, office: str, model: str) -> dict[str, Any]:
    question = {
        "organisation": identity(office),
        "category": demo.MASK,
        "model": model,
        "quantity": 50_000,
        "unit": "H87",
        "deliver_on": day(7),
    }
    answer = service.post("/v1/verdicts", CallerRole.PROCUREMENT, json=question)
    made: dict[str, Any] = answer.json()
    return made


def rendered(service: Service, v: dict[str, Any]) -> str:
    """What the page would say of this verdict."""
    context = Context.of(Request({"type": "http", "app": service.app, "headers": []}))
    kept = KeptVerdict(
        id=v["id"] + ":00",
        question=b"",
        policy_hash=bytes(32),
        position=1,
        verdict=orjson.dumps(v),
        organisation=bytes(20),
        person="Chen",
        asked_at=v["question"]["known_at"],
    )
    found = told(Lexicon(context, wording("en")), kept)
    return part(
        "en",
        "verdicts/told.html",
        found.zone,
        told=found,
        v=found.v,
        here="/verdicts/" + v["id"],
        evidence=True,
        evidence_name="x.json",
        command="x",
        entries=[],
        policy=None,
        permanent="x",
        again="x",
        stopped=(),
        stopped_more=0,
    )


# ------------------------------------------------------------------------------ kept for again


def test_a_page_that_is_shown_again_is_each_readers_own(visitor: Reader) -> None:
    officer, auditor = visitor(), visitor(CallerRole.AUDITOR)
    first = verdict(officer, "qingluan", "QL-100", lots=RECALLED)
    path = f"/verdicts/{found_id(first)}"
    for _ in range(2):
        assert "give your auditor" in text(officer.get(path))
        assert f'href="{path}/evidence"' in auditor.get(path).text
        assert "不要采购" in visitor(language="zh").get(path).text
    # The form's value of the frame is never kept.
    tokens = re.findall(r'name="form_token" value="(\w+)"', officer.get(path).text)
    again = re.findall(r'name="form_token" value="(\w+)"', officer.get(path).text)
    assert tokens
    assert tokens != again


def test_the_least_recently_shown_goes_first() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name

    recent = Recent(2)
    for name in ("a", "b", "a", "c", "a", "b"):
        assert recent.get(name, lambda name=name: make(name)) == name  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_a_lot_recalled_since_is_told_beside_the_answer_that_knew_nothing_of_it(
    visitor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, good = visitor(), demo.OTHER_MASK_LOT
    page = verdict(reader, "qingluan", "QL-100", lots=GOOD)
    assert "since this verdict was given" not in text(page)
    since = StoppedLot(
        "0x" + good.id.hex(), good.lot, True, True, demo.QINGLUAN.id, demo.MASK, "QL-100"
    )
    monkeypatch.setattr(stops, "_STOPPED", Recent(1))
    monkeypatch.setattr(stops, "stopped", lambda *_: (since,))
    for path in ("", "/now"):
        said = text(reader.get(f"/verdicts/{found_id(page)}{path}"))
        assert "Recalled or held since this verdict was given: QL100-B Recalled" in said


# ------------------------------------------------------------------------------ then and now


def test_asked_now_it_is_the_same(visitor: Reader) -> None:
    reader = visitor()
    page = verdict(reader, "qingluan", "QL-100")
    now = reader.get(f"/verdicts/{found_id(page)}/now")
    assert now.status_code == 200
    said = text(now)
    assert "the answer is the same, and so is the result of every check with its reason" in said
    assert "byte for byte" in text(now)
    assert "made, keeps or used: QL100-A Recalled" in text(now), "as beside the verdict"


def test_what_changed_since_is_named(visitor: Reader) -> None:
    reader = visitor()
    page = verdict(reader, "blue-whale", "BW-3", known_at=day(-20))
    assert "not as known when it was asked" in text(page)
    now = reader.get(f"/verdicts/{found_id(page)}/now")
    assert "the answer is another one" in text(now)
    assert 'class="answer cannot-tell"' in now.text
    assert 'class="answer do-not-buy"' in now.text
    assert "expired on" in section(now, "changed")
    assert "Then, as known at" in text(now)
    assert "known only from" not in text(page), "nothing of what was recorded later"


def test_a_hash_in_a_reason_is_short(visitor: Reader) -> None:
    said = text(verdict(visitor(), "red-fox", "FY-1"))
    assert re.search(r"0x[0-9a-f]{8}…[0-9a-f]{4}\b", said)
    assert not re.search(r"document 0x[0-9a-f]{64}", said)


def test_a_yes_without_lots_says_that_it_looked_at_none(visitor: Reader) -> None:
    said = text(verdict(visitor(), "qingluan", "QL-100"))
    assert "Every check that was made passed" in said
    assert "No particular lots were looked at." in said


def test_a_stopped_lot_of_another_maker_is_told_as_such(visitor: Reader) -> None:
    form = text(visitor().get("/verdicts/new?supplier=" + identity("qingluan")))
    assert "QL100-A Recalled" in form
    assert "MB-115 Recalled (Meltblown nonwoven" in form


def test_of_whom_nothing_is_recorded_the_form_says_so(visitor: Reader) -> None:
    form = visitor().get("/verdicts/new?supplier=" + identity("regulator"))
    assert "The ledger has no qualification of this organisation." in text(form)
    assert '<option value="">choose a category</option>' in form.text


def test_somebody_elses_verdict_is_not_compared(visitor: Reader) -> None:
    path = f"/verdicts/{found_id(verdict(visitor(), 'qingluan', 'QL-100'))}/now"
    stranger = visitor(None)
    stranger.sign_in(office="neighbour")
    assert stranger.get(path).status_code == 404


# ------------------------------------------------------------------------------ the form


def test_products_it_holds_and_near_days_are_quick_choices(visitor: Reader) -> None:
    form = visitor().get(f"/verdicts/new?supplier={identity('qingluan')}")
    assert f'name="product" value="{demo.MASK}:QL-100"' in form.text
    for days in (1, 3, 7, 14, 30):
        assert f'name="day" value="{day(days)}"' in form.text


def test_the_address_fills_the_quick_choices(visitor: Reader) -> None:
    asked = f"/verdicts/new?supplier={identity('qingluan')}&category={demo.MASK}"
    held = visitor().get(f"{asked}&model=QL-100&deliver_on={day(7)}")
    assert f'value="{demo.MASK}:QL-100" checked' in held.text
    assert f'name="day" value="{day(7)}" checked' in held.text
    other = visitor().get(f"{asked}&model=ZZ-9&deliver_on={day(8)}")
    assert re.search(r'id="product-other" checked', other.text)
    assert re.search(r'id="day-other" checked', other.text)
    assert 'value="ZZ-9"' in other.text
    assert f'value="{day(8)}"' in other.text


def test_a_product_of_its_own_counts_only_where_it_is_chosen(visitor: Reader) -> None:
    fields = {"category": demo.MASK, "model": "ZZ-9", "deliver_on": day(9)}
    reader = visitor()
    other = ask(reader, "qingluan", product="other", day="other", **fields)
    assert "ZZ-9" in text(reader.get(other.headers["location"]))
    quick = ask(reader, "qingluan", product=f"{demo.MASK}:QL-100", day=day(7), **fields)
    page = text(reader.get(quick.headers["location"]))
    assert "ZZ-9" not in page
    assert "QL-100" in page


@pytest.mark.parametrize(
    "line",
    [
        "(01)09520000000059(10)QL100-A",
        "]C1010952000000005910QL100-A",
        "https://id.gs1.org/01/09520000000059/10/QL100-A",
    ],
)
def test_a_lot_is_taken_as_a_scanner_types_it(visitor: Reader, line: str) -> None:
    page = verdict(visitor(), "qingluan", "QL-100", lots=line)
    assert "QL100-A" in section(page, "offered")


def test_the_line_of_a_bad_lot_is_named(visitor: Reader) -> None:
    lots = f"\n{RECALLED}\n\n]C10109520000000059\n"
    page = ask(visitor(), "qingluan", product=f"{demo.MASK}:QL-100", day=day(7), lots=lots)
    assert page.status_code == 422
    assert "Line 4:" in text(page)
    assert "]C10109520000000059" in page.text
    assert f'name="day" value="{day(7)}" checked' in page.text
