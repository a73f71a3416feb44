"""Suppliers and qualifications: found in both languages, read by two clocks."""

import pytest

from api.access import CallerRole
from tests.support.service import Service, identity

BUYER = CallerRole.PROCUREMENT


@pytest.mark.parametrize(
    ("text", "found_by"),
    [
        ("青鸾", "name_zh"),
        ("qingluan EXAMPLE", "name_en"),
        ("91990000MA0DEM0806", "identifier"),
        ("示械注准20242140001", "number"),
        ("QL-100", "model"),
    ],
)
def test_a_supplier_is_found_by_whatever_is_known_of_it(
    service: Service, text: str, found_by: str
) -> None:
    told = service.get("/v1/suppliers", BUYER, params={"q": text}).json()
    [first, *_] = told["suppliers"]
    assert first["id"] == identity("qingluan")
    assert first["found_by"]["field"] == found_by


def test_pages_show_everybody_once(service: Service) -> None:
    seen: list[str] = []
    query: dict[str, str] = {"limit": "4"}
    while True:
        page = service.get("/v1/suppliers", BUYER, params=query).json()
        seen += [s["id"] for s in page["suppliers"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(seen) == len(set(seen)) >= 14


def test_a_suppliers_token_finds_only_itself(service: Service) -> None:
    told = service.get("/v1/suppliers", CallerRole.SUPPLIER).json()
    assert [s["id"] for s in told["suppliers"]] == [identity("qingluan")]
    hidden = service.get(f"/v1/suppliers/{identity('baize')}", CallerRole.SUPPLIER)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "supplier.unknown")


def test_a_supplier_is_shown_with_where_it_stands_in_each_scope(service: Service) -> None:
    told = service.get(f"/v1/suppliers/{identity('blue-whale')}", BUYER).json()
    [whole, model] = told["standings"]
    assert (whole["model"], model["model"]) == ("", "BW-3")
    assert model["result"] == "invalid"
    lapsed = next(k for k in model["kinds"] if k["kind"] == "cn-production-licence")
    assert (lapsed["required"], lapsed["result"]) == (True, "invalid")
    assert lapsed["decisive"][0]["status"] == "expired"


def test_a_lapsed_licence_stood_while_it_ran(service: Service) -> None:
    path = f"/v1/suppliers/{identity('blue-whale')}/qualifications"
    now = {q["kind"]: q["status"] for q in service.get(path, BUYER).json()["qualifications"]}
    assert now["cn-production-licence"] == "expired"
    earlier = service.get(path, BUYER, params={"at": "2026-01-15"}).json()["qualifications"]
    assert {q["kind"]: q["status"] for q in earlier}["cn-production-licence"] == "in-force"


def test_before_anything_was_recorded_nothing_is_known(service: Service) -> None:
    path = f"/v1/suppliers/{identity('qingluan')}"
    told = service.get(path, BUYER, params={"known_at": "2020-01-01"}).json()
    assert told["standings"] == []
    listed = service.get(path + "/qualifications", BUYER, params={"known_at": "2020-01-01"})
    assert listed.json()["qualifications"] == []


def test_a_qualification_shows_its_bands_and_the_signed_entries_behind_them(
    service: Service,
) -> None:
    held = service.get(f"/v1/suppliers/{identity('qingluan')}/qualifications", BUYER).json()
    reviewed = next(q for q in held["qualifications"] if q["way"] == "reviewed")
    told = service.get(f"/v1/qualifications/{reviewed['id']}", BUYER).json()
    assert [e["action"] for e in told["history"]] == [
        "SubmitQualification",
        "VerifyQualification",
        "EditQualification",
        "PublishQualification",
    ]
    assert told["bands"][0]["start"] == 0
    assert told["bands"][-1]["end"] == 2**40 - 1
    for before, after in zip(told["bands"], told["bands"][1:], strict=False):
        assert before["end"] == after["start"]
    unknown = service.get(
        f"/v1/qualifications/{reviewed['id']}", BUYER, params={"known_at": "2020-01-01"}
    )
    assert unknown.status_code == 404


@pytest.mark.parametrize("at", ["2026-01-15", "2026-01-15T08:00:00+08:00", "1768435200"])
def test_an_instant_may_be_a_day_a_time_or_seconds(service: Service, at: str) -> None:
    told = service.get(f"/v1/suppliers/{identity('qingluan')}", BUYER, params={"at": at})
    assert told.status_code == 200
    start, end = told.json()["asked"]["at"]
    assert end - start == (86400 if len(at) == 10 and "-" in at else 1)


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("know_at=2020-01-01", "know_at", "parameter.unknown"),
        ("at=2020-01-01&at=2021-01-01", "at", "parameter.repeated"),
        ("at=yesterday", "at", "question.at"),
        ("at=2020-13-01", "at", "question.at"),
        ("at=2020-01-01T00:00:00", "at", "question.at"),
        ("at=9999999999999999", "at", "question.at"),
        ("known_at=2199-01-01", "known_at", "question.known-at"),
        ("zone=Nowhere&at=2020-01-01", "zone", "question.zone"),
        ("clock=both", "clock", "shape.enum"),
        ("min_position=-1", "min_position", "shape.greater-than-equal"),
        ("lang=fr", "lang", "parameter.lang"),
    ],
)
def test_a_parameter_that_cannot_be_meant_is_named(
    service: Service, query: str, field: str, code: str
) -> None:
    refused = service.get(f"/v1/suppliers/{identity('qingluan')}?{query}", BUYER)
    assert refused.status_code == 422, refused.text
    assert (refused.json()["field"], refused.json()["code"]) == (field, code)


def test_an_answer_from_a_ledger_that_is_too_short_is_refused_after_a_while(
    service: Service,
) -> None:
    refused = service.get("/v1/suppliers?min_position=999999", BUYER)
    assert (refused.status_code, refused.json()["code"]) == (503, "position.not-reached")
    assert int(refused.headers["Retry-After"]) >= 1


def test_no_firm_of_the_world_is_proposed_to_be_another(service: Service) -> None:
    told = service.get(f"/v1/suppliers/{identity('red-fox')}/proposals", BUYER)
    assert (told.status_code, told.json()["proposals"]) == (200, [])


@pytest.mark.parametrize("typed", ["%00", "a%00b", "%07", "a%C2%9Bb"])
def test_control_characters_are_not_searched_for(service: Service, typed: str) -> None:
    refused = service.get(f"/v1/suppliers?q={typed}", CallerRole.PROCUREMENT)
    assert (refused.status_code, refused.json()["field"]) == (422, "q")
