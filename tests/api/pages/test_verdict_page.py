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
from api.pages.verdicts.told import told
from api.pages.wording import wording
from ledger import demo
from ledger.demo.batches import MASK_LOT
from ledger.index.store import KeptVerdict
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import Service, identity

RECALLED = "09520000000059:QL100-A"


def text(page: Response | str) -> str:
    raw = page if isinstance(page, str) else page.text
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", raw)))


def day(days: int) -> str:
    # Days of the form are those of its zone.
    return f"{datetime.now(UTC) + timedelta(hours=8, days=days):%Y-%m-%d}"


def ask(reader: Visitor, office: str, **fields: str) -> Response:
    form = reader.get(f"/verdicts/new?supplier={identity(office)}")
    return reader.send("/verdicts", form, **{"quantity": "50000", "unit": "H87", **fields})


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
    assert "all 16 checks hold" in section(page, "checks")


def test_what_would_change_the_answer_names_the_checks(visitor: Reader) -> None:
    page = verdict(visitor(), "blue-whale", "BW-3")
    assert "Ask for a qualification that is in force. (check 3)" in section(page, "change")


def test_offered_lots_lead_to_their_batches(visitor: Reader) -> None:
    page = verdict(visitor(), "qingluan", "QL-100", lots=RECALLED)
    assert f'href="/batches/0x{MASK_LOT.id.hex()}"' in page.text
    assert "something speaks against it" in section(page, "offered")


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
    assert f"http://testserver/verdicts/{id_}" in proof


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
    )


# ------------------------------------------------------------------------------ kept for again


def test_a_page_that_is_shown_again_is_each_readers_own(visitor: Reader) -> None:
    officer, auditor = visitor(), visitor(CallerRole.AUDITOR)
    first = verdict(officer, "qingluan", "QL-100", lots=RECALLED)
    path = f"/verdicts/{found_id(first)}"
    for _ in range(2):
        assert "for auditors to take" in text(officer.get(path))
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


# ------------------------------------------------------------------------------ then and now


def test_asked_now_it_is_the_same(visitor: Reader) -> None:
    reader = visitor()
    page = verdict(reader, "qingluan", "QL-100")
    now = reader.get(f"/verdicts/{found_id(page)}/now")
    assert now.status_code == 200
    assert "the answer is the same, and so is the result of every check" in text(now)
    assert "byte for byte" in text(now)


def test_what_changed_since_is_named(visitor: Reader) -> None:
    reader = visitor()
    page = verdict(reader, "blue-whale", "BW-3", known_at=day(-20))
    assert "not as known when it was asked" in text(page)
    now = reader.get(f"/verdicts/{found_id(page)}/now")
    assert "the answer is another one" in text(now)
    assert 'class="answer cannot-tell"' in now.text
    assert 'class="answer do-not-buy"' in now.text
    assert "expired on" in section(now, "changed")


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
