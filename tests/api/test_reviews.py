"""Reviews over HTTP: what waits for which step, who may take it, and who may see it."""

import pytest

from api.access import CallerRole
from tests.support.service import Service, identity

AUDITOR, BUYER, ISSUER, SUPPLIER = (
    CallerRole.AUDITOR,
    CallerRole.PROCUREMENT,
    CallerRole.ISSUER,
    CallerRole.SUPPLIER,
)
COPIED = "示械注准20242140005"


@pytest.fixture
def copied(service: Service) -> str:
    """The id of what the red fox submitted, which waits for its verification."""
    every = service.get("/v1/reviews?step=verify", AUDITOR).json()["reviews"]
    [found] = [r for r in every if r["terms"]["number"] == COPIED]
    return str(found["qualification"])


def test_auditors_and_who_judges_see_every_queue(service: Service, copied: str) -> None:
    for caller in (service.tokens[AUDITOR], service.token(ISSUER, "review-centre")):
        told = service.get("/v1/reviews", caller).json()
        assert copied in [r["qualification"] for r in told["reviews"]]
        assert told["counts"]["published"] >= 1
        assert [r["steps"][0]["action"] for r in told["reviews"]] == ["submit"] * len(
            told["reviews"]
        )


def test_a_supplier_sees_its_own_and_a_buyer_none(service: Service, copied: str) -> None:
    own = service.get("/v1/reviews", service.token(SUPPLIER, "red-fox")).json()
    assert [r["holder"] for r in own["reviews"]] == [identity("red-fox")]
    for caller in (service.tokens[BUYER], service.token(SUPPLIER, "canglong")):
        told = service.get("/v1/reviews", caller).json()
        assert told["reviews"] == []
        assert set(told["counts"].values()) == {0}
        assert service.get(f"/v1/reviews/{copied}", caller).status_code == 404


def test_who_may_take_the_next_step_is_told_beforehand(service: Service, copied: str) -> None:
    centre = service.get(f"/v1/reviews/{copied}", service.token(ISSUER, "review-centre")).json()
    assert len(centre["accounts"]) == 2
    assert centre["obstacle"] is None
    fox = service.get(f"/v1/reviews/{copied}", service.token(SUPPLIER, "red-fox")).json()
    assert (fox["accounts"], fox["obstacle"]) == ([], "submitter")
    regulator = service.get(f"/v1/reviews/{copied}", service.token(ISSUER, "regulator")).json()
    assert (regulator["accounts"], regulator["obstacle"]) == ([], "no-reviewer")
    [published] = service.get("/v1/reviews?step=published", AUDITOR).json()["reviews"][:1]
    assert published["obstacle"] == "ended"
    assert [s["action"] for s in published["steps"]] == ["submit", "verify", "edit", "publish"]


def test_what_an_organisation_can_do_now_is_found(service: Service, copied: str) -> None:
    centre = service.token(ISSUER, "review-centre")
    told = service.get("/v1/reviews?doable=true", centre).json()
    assert copied in [r["qualification"] for r in told["reviews"]]
    assert service.get("/v1/reviews?doable=true", AUDITOR).json()["reviews"] == []


def test_other_uses_and_alarms_stand_beside_a_review(service: Service, copied: str) -> None:
    told = service.get(f"/v1/reviews/{copied}", AUDITOR).json()
    assert {tuple(u["same"]) for u in told["uses"]} == {("number", "document")}
    assert {u["holder"] for u in told["uses"]} == {identity("feiyu")}
    assert {a["what"] for a in told["alarms"]} == {"number", "document"}
    assert all(a["open"] for a in told["alarms"])


def test_pages_of_a_queue_follow_each_other_and_wrong_ones_are_named(service: Service) -> None:
    every = service.get("/v1/reviews?step=published", AUDITOR).json()["reviews"]
    first = service.get("/v1/reviews?step=published&limit=1", AUDITOR).json()
    assert [first["reviews"][0]["qualification"]] == [every[0]["qualification"]]
    assert (first["next"] is None) == (len(every) == 1)
    wrong = service.get("/v1/reviews?cursor=abc", AUDITOR)
    assert wrong.status_code == 422
    assert wrong.json()["code"] == "reviews.page"


def test_what_came_by_no_review_is_none(service: Service) -> None:
    held = service.get(f"/v1/suppliers/{identity('baize')}/qualifications", AUDITOR).json()
    issued = held["qualifications"][0]["id"]
    assert service.get(f"/v1/reviews/{issued}", AUDITOR).status_code == 404
