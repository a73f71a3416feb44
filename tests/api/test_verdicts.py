"""Verdicts over HTTP: asked, kept as given, read by those who asked, made again."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.access import CallerRole
from api.verdicts.schemas import VerdictBody
from ledger.demo.batches import MASK_LOT, OTHER_MASK_LOT, LotName
from tests.support.service import Service, identity

PATH = "/v1/verdicts"
BUYER, AUDITOR = CallerRole.PROCUREMENT, CallerRole.AUDITOR


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


def question(**changes: Any) -> dict[str, Any]:
    asked = {
        "organisation": identity("qingluan"),
        "category": "mask.surgical",
        "model": "QL-100",
        "quantity": 50_000,
        "deliver_on": in_days(6),
    }
    return {k: v for k, v in (asked | changes).items() if v is not None}


@pytest.mark.parametrize(
    ("maker", "model", "answer"),
    [
        ("qingluan", "QL-100", "buy"),
        ("xuangui", "XG-1", "buy-with-conditions"),
        ("blue-whale", "BW-3", "do-not-buy"),
        ("feiyu", "FY-1", "buy-with-conditions"),
        ("red-fox", "FY-1", "do-not-buy"),
    ],
)
def test_the_world_gets_its_answers(service: Service, maker: str, model: str, answer: str) -> None:
    asked = question(organisation=identity(maker), model=model)
    given = service.post(PATH, BUYER, json=asked)
    assert given.status_code == 201, given.text
    assert VerdictBody.model_validate_json(given.content).answer == answer
    assert given.headers["Suyuan-Ledger-Position"] == str(given.json()["ledger"]["position"])


def test_who_copied_a_number_is_stopped_and_who_was_copied_is_not(service: Service) -> None:
    def failing(maker: str) -> set[int]:
        asked = question(organisation=identity(maker), model="FY-1")
        checks = service.post(PATH, BUYER, json=asked).json()["checks"]
        return {c["number"] for c in checks if c["result"] == "invalid"} & {16, 17}

    assert failing("feiyu") == {17}
    assert failing("red-fox") == {16}


def test_a_kept_verdict_is_read_again_byte_for_byte(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question())
    read = service.get(given.headers["Location"], BUYER)
    assert read.status_code == 200
    assert read.content == given.content


def test_a_verdict_that_is_not_to_be_kept_is_the_same_and_is_not_there(service: Service) -> None:
    known = int(time.time()) - 1
    asked = question(known_at=known, at=known, quantity=777)
    unkept = service.post(f"{PATH}?store=false", BUYER, json=asked)
    assert unkept.status_code == 200
    assert service.get(f"{PATH}/{unkept.json()['id']}", BUYER).status_code == 404
    assert service.post(PATH, BUYER, json=asked).content == unkept.content


def test_the_same_question_from_two_offices_is_kept_for_each(service: Service) -> None:
    known = int(time.time()) - 1
    asked = question(known_at=known, at=known, quantity=4321)
    first = service.post(PATH, BUYER, json=asked)
    other = service.token(CallerRole.PROCUREMENT, "neighbour")
    assert service.get(first.headers["Location"], other).status_code == 404
    second = service.post(PATH, other, json=asked)
    assert (second.status_code, second.content) == (201, first.content)
    assert service.get(first.headers["Location"], other).content == first.content
    assert service.get(first.headers["Location"], BUYER).content == first.content


def test_an_auditor_reads_every_verdict_and_it_is_written_down(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question(quantity=1234))
    assert service.get(given.headers["Location"], AUDITOR).content == given.content
    log = service.get(f"/v1/accesses?subject={given.json()['id']}", AUDITOR).json()["accesses"]
    assert [(a["action"], a["organisation"]) for a in log] == [
        ("verdict.read", identity("audit-office"))
    ]


def test_a_verdict_is_made_again_and_comes_out_the_same(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question(quantity=999))
    again = service.post(given.headers["Location"] + "/recomputations", BUYER)
    assert again.status_code == 200
    told = again.json()
    assert (told["same"], told["answer"], told["given"]) == (True, "buy", "buy")


def test_making_another_s_verdict_again_is_written_down(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question(quantity=998))
    where = given.headers["Location"]
    for caller in (BUYER, AUDITOR):
        assert service.post(where + "/recomputations", caller).status_code == 200
    subject = where.rpartition("/")[2]
    log = service.get(f"/v1/accesses?subject={subject}", AUDITOR).json()["accesses"]
    assert [a["action"] for a in log] == ["verdict.recomputed"]


def test_a_verdict_to_be_kept_needs_a_key_and_one_that_is_not_does_not(service: Service) -> None:
    refused = service.post(PATH, BUYER, json=question(), headers={})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency.missing")
    unkept = service.post(f"{PATH}?store=false", BUYER, json=question(), headers={})
    assert unkept.status_code == 200


def test_sent_twice_under_one_key_it_is_answered_once(service: Service) -> None:
    headers = {"Idempotency-Key": "verdict-1"}
    first = service.post(PATH, BUYER, json=question(), headers=headers)
    time.sleep(1.1)  # "now" would be another second
    again = service.post(PATH, BUYER, json=question(), headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    other = service.post(PATH, BUYER, json=question(quantity=5), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.reused")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"quantity": 0}, "quantity", "shape.greater-than-equal"),
        ({"quantity": -5}, "quantity", "shape.greater-than-equal"),
        ({"quantity": 10**30}, "quantity", "shape.less-than-equal"),
        ({"quantity": "5"}, "quantity", "shape.int-type"),
        ({"quantity": 1.5}, "quantity", "shape.int-type"),
        ({"quantity": None}, "quantity", "shape.missing"),
        ({"category": "mask.nonsense"}, "category", "question.category"),
        ({"category": ""}, "category", "shape.string-too-short"),
        ({"organisation": "0x" + "00" * 20}, "organisation", "question.organisation"),
        ({"organisation": "91990000MA0DEM0806"}, "organisation", "shape.value-error"),
        ({"deliver_on": "2026-02-30"}, "deliver_on", "question.deliver-on"),
        ({"deliver_on": "tomorrow!!"}, "deliver_on", "question.deliver-on"),
        ({"zone": "Mars/Olympus"}, "zone", "question.zone"),
        ({"known_at": "2199-01-01"}, "known_at", "question.known-at"),
        ({"known_at": 10**15}, "known_at", "question.known-at"),
        ({"at": "2199-01-01"}, "at", "question.at"),
        ({"model": "QL\x00100"}, "model", "question.model"),
        ({"unit": "boxes"}, "unit", "question.unit"),
        ({"clock": "sundial"}, "clock", "shape.enum"),
        ({"suplier": "x"}, "suplier", "shape.extra-forbidden"),
    ],
)
def test_a_question_that_cannot_be_meant_names_its_field(
    service: Service, changes: dict[str, Any], field: str, code: str
) -> None:
    asked = {**question(), **changes}
    asked = {k: v for k, v in asked.items() if v is not None}
    refused = service.post(PATH, BUYER, json=asked)
    assert refused.status_code == 422, refused.text
    assert (refused.json()["field"], refused.json()["code"]) == (field, code)
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        ({"quantity": 0}, "greater than or equal to 1", "不得小于 1"),
        ({"organisation": "x"}, "organisation: must be 0x and 40", "须为 0x 加 40 位十六进制"),
        ({"known_at": True}, "known_at: must be seconds", "须为 1970 年以来的秒数"),
        ({"clock": "sundial"}, "'recorded' or 'published'", "须为以下之一：'recorded'"),
        ({"unit": "boxes"}, "H87 (piece), KGM", "H87（只（件））"),
    ],
)
def test_what_is_right_is_said_in_both_languages(
    service: Service, changes: dict[str, Any], english: str, chinese: str
) -> None:
    asked = {**question(), **changes}
    for lang, words in (("en", english), ("zh", chinese)):
        detail = service.post(f"{PATH}?lang={lang}", BUYER, json=asked).json()["detail"]
        assert words in detail
        assert "Value error" not in detail


@pytest.mark.parametrize("body", ["{", "", '{"quantity": }'])
def test_what_is_no_json_is_said_of_the_body(service: Service, body: str) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "x"}
    refused = service.post(PATH, BUYER, content=body, headers=headers)
    assert (refused.status_code, refused.json()["field"]) == (422, "body")


def test_a_delivery_that_is_past_is_judged_without_weighing_time(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question(deliver_on=in_days(-5)))
    assert given.json()["question"]["at"] is None


def test_what_was_not_yet_recorded_does_not_count(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question(known_at="2020-01-01"))
    assert given.status_code == 201, given.text
    assert given.json()["answer"] != "buy"


# ---------------------------------------------------------------- offered lots


def named(lot: LotName) -> dict[str, str]:
    return {"gtin": f"{lot.gtin:014d}", "lot": lot.lot}


def failing(given: dict[str, Any]) -> dict[int, str]:
    bad = ("invalid", "unknown")
    return {c["number"]: c["result"] for c in given["checks"] if c["result"] in bad}


def test_a_lot_of_good_resin_that_nobody_tested_is_bought_with_that_condition(
    service: Service,
) -> None:
    given = service.post(PATH, BUYER, json=question(lots=[named(OTHER_MASK_LOT)]))
    assert given.status_code == 201, given.text
    told = VerdictBody.model_validate_json(given.content)
    assert (told.answer, failing(given.json())) == ("buy-with-conditions", {25: "unknown"})
    assert told.lots is not None
    [lot] = told.lots.offered
    assert (lot.lot, lot.at_hand, lot.under_way) == ("QL100-B", 100_000, 0)
    assert told.question.lots == [lot.id]


def test_a_recalled_lot_of_resin_whose_licence_was_withdrawn_is_not_bought(
    service: Service,
) -> None:
    given = service.post(PATH, BUYER, json=question(lots=[named(MASK_LOT)])).json()
    assert given["answer"] == "do-not-buy"
    assert {number for number, result in failing(given).items() if result == "invalid"} == {22, 31}
    assert {"recall", "maker.withdrawn-retroactively"} <= set(given["lots"]["offered"][0]["marks"])
    said = next(c for c in given["checks"] if c["number"] == 31)["reasons"][0]
    assert "QL100-A ← MB-115 ← ZH-0318" in said["en"]
    assert "QL100-A ← MB-115 ← ZH-0318" in said["zh"]


def test_a_verdict_about_lots_is_made_again_and_comes_out_the_same(service: Service) -> None:
    given = service.post(PATH, BUYER, json=question(lots=[named(OTHER_MASK_LOT)], quantity=997))
    again = service.post(given.headers["Location"] + "/recomputations", BUYER).json()
    assert (again["same"], again["answer"]) == (True, "buy-with-conditions")


def test_a_lot_may_be_named_by_its_id(service: Service) -> None:
    by_id = {"id": "0x" + OTHER_MASK_LOT.id.hex()}
    given = service.post(f"{PATH}?store=false", BUYER, json=question(lots=[by_id]))
    assert given.json()["question"]["lots"] == [by_id["id"]]


def test_nothing_offered_is_the_same_as_no_lots(service: Service) -> None:
    given = service.post(f"{PATH}?store=false", BUYER, json=question(lots=[])).json()
    assert given["answer"] == "buy"
    assert "lots" not in given
    assert {c["result"] for c in given["checks"] if c["number"] > 17} == {"skipped"}


@pytest.mark.parametrize(
    ("lots", "code", "field"),
    [
        ([{"gtin": "09520000000058", "lot": "QL100-B"}], "identifier.check-digit", "lots.0.gtin"),
        ([{"gtin": "", "lot": "QL100-B"}], "question.lots.unknown", "lots.0"),
        ([{"id": "0x" + 32 * "00"}], "question.lots.unknown", "lots.0"),
        ([named(MASK_LOT), named(MASK_LOT)], "question.lots.twice", "lots.1"),
        ([{"lot": str(n)} for n in range(21)], "question.lots.many", "lots"),
        ([{"gtin": "09520000000059"}], "question.lots.form", "lots.0"),
        ([{"lot": "A", "id": "0x" + 32 * "00"}], "question.lots.form", "lots.0"),
        ([{"lot": "A", "colour": "red"}], "shape.extra-forbidden", "lots.0.colour"),
        ("QL100-B", "shape.list-type", "lots"),
    ],
)
def test_a_badly_named_lot_is_refused_in_both_languages(
    service: Service, lots: Any, code: str, field: str
) -> None:
    refused = service.post(PATH, BUYER, json=question(lots=lots))
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["field"]) == (code, field)
    chinese = service.post(f"{PATH}?lang=zh", BUYER, json=question(lots=lots)).json()
    assert any("\u4e00" <= c <= "\u9fff" for c in chinese["detail"])
