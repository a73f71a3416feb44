"""What needs attention, for each role: there as long as it is so, bounded, and nobody else's."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from api.access import CallerRole, Scope
from api.attention import service as attentive
from ledger.policy import canonical
from ledger.workspace import Workspace
from tests.api.test_verdicts import question
from tests.support.service import Service, found_world, identity, office, running_service

QINGLUAN = identity("qingluan")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A world of its own: what others record would be something to attend to."""
    workspace = found_world(tmp_path_factory.mktemp("attention") / "world")
    try:
        with running_service(workspace) as running:
            yield running
    finally:
        workspace.close()


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    attentive._kept.clear()
    yield
    attentive._kept.clear()


def matters(service: Service, caller: CallerRole | str) -> list[dict[str, Any]]:
    answer = service.get("/v1/attention", caller)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["matters"]
    return found


def codes(service: Service, caller: CallerRole | str) -> list[str]:
    return [m["code"] for m in matters(service, caller)]


def of(service: Service, role: CallerRole, name: str) -> str:
    return service.token(role, name)


@pytest.fixture
def asked(service: Service) -> str:
    """A neighbour's token, who has asked about Qingluan."""
    token = of(service, CallerRole.PROCUREMENT, "neighbour")
    assert service.post("/v1/verdicts", token, json=question()).status_code == 201
    return token


def test_a_verdict_that_would_be_another_now_is_named(service: Service, asked: str) -> None:
    store, own = service.workspace.store, office("neighbour").id
    assert "verdict-changed" not in codes(service, asked)
    kept = store.verdicts(own)[0]
    given = orjson.loads(kept.verdict) | {"answer": "do-not-buy"}
    other = orjson.loads(kept.question) | {"quantity": 4_321}
    store.put_verdict(
        replace(
            kept,
            id="0x" + "7e" * 32 + ":" + own.hex(),
            question=canonical(other),
            verdict=canonical(given),
        )
    )
    [changed] = [m for m in matters(service, asked) if m["code"] == "verdict-changed"]
    assert (changed["before"], changed["organisation"]) == ("do-not-buy", QINGLUAN)
    assert changed["now"] != "do-not-buy"
    assert changed["path"] == "/verdicts/0x" + "7e" * 32
    told = (changed["since"], changed["asked_at"])
    assert told == (None, kept.asked_at), "when the answer became another is not known"


def test_a_recall_of_a_supplier_that_was_asked_about_is_named(service: Service, asked: str) -> None:
    [found] = [m for m in matters(service, asked) if m["code"] == "supplier-recall"]
    assert (found["organisation"], found["count"]) == (QINGLUAN, 1)
    assert found["path"].startswith("/recalls/0x")
    assert found["since"]


def test_what_an_answer_rests_on_and_ends_soon_is_named(
    service: Service, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "supplier-licence-ends" not in codes(service, asked)
    monkeypatch.setattr(attentive, "NEAR", 20 * 365 * 86_400)
    attentive._kept.clear()
    found = [m for m in matters(service, asked) if m["code"] == "supplier-licence-ends"]
    assert found
    assert all(m["until"] and m["kind"] and m["number"] for m in found)


def test_deciding_again_is_bounded_and_says_so(
    service: Service, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = question() | {"quantity": 777}
    assert service.post("/v1/verdicts", asked, json=body).status_code == 201
    assert service.get("/v1/attention", asked).json()["complete"] is True
    attentive._kept.clear()
    monkeypatch.setattr(attentive, "DECIDED", 1)
    assert service.get("/v1/attention", asked).json()["complete"] is False
    attentive._kept.clear()
    monkeypatch.setattr(attentive, "PATIENCE", -1)
    assert service.get("/v1/attention", asked).json()["complete"] is False


def test_nothing_is_decided_twice_while_the_ledger_stands_still(
    service: Service, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = matters(service, asked)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Workspace, "decide", never)
    assert matters(service, asked) == first


def test_a_supplier_is_told_of_its_own(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    [recalled] = matters(service, CallerRole.SUPPLIER)
    assert (recalled["code"], recalled["lot"], recalled["count"]) == ("own-recall", "QL100-A", 1)
    assert codes(service, of(service, CallerRole.SUPPLIER, "red-fox")) == ["own-alarm"]
    [stopped] = matters(service, of(service, CallerRole.SUPPLIER, "baize"))
    assert (stopped["code"], stopped["status"]) == ("own-licence-stopped", "withdrawn")
    monkeypatch.setattr(attentive, "NEAR", 20 * 365 * 86_400)
    attentive._kept.clear()
    assert "own-licence-ends" in codes(service, CallerRole.SUPPLIER)


def test_a_store_is_told_of_recalls_to_answer_and_goods_on_their_way(service: Service) -> None:
    [recall] = matters(service, of(service, CallerRole.SUPPLIER, "warehouse"))
    assert (recall["code"], recall["lot"]) == ("recall-unanswered", "QL100-A")
    lots = service.workspace.index.lots
    lot = lots.search("QL100-A")[0]
    coming = [w for w in lots.under_way([lot.number]) if not w.answered]
    assert coming
    for way in coming:
        store = next(o for o in _offices() if o.id == way.recipient)
        told = matters(service, of(service, CallerRole.SUPPLIER, store.key))
        assert {"arrival", "arrival-late"} & {m["code"] for m in told}


def _offices() -> list[Any]:
    from ledger import demo

    return list(demo.ALL)


def test_reviewers_see_what_they_can_do(service: Service) -> None:
    for name in ("review-centre", "health-commission"):
        [found] = matters(service, of(service, CallerRole.ISSUER, name))
        assert (found["code"], found["count"], found["path"]) == ("review-verify", 1, "/reviews")


def test_who_called_a_recall_sees_who_has_not_answered(service: Service) -> None:
    [found] = matters(service, CallerRole.ISSUER)
    assert (found["code"], found["count"]) == ("recall-waits", 2)


def test_auditors_see_alarms_recalls_and_checkpoints_that_nobody_witnessed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attentive, "WITNESSED_WITHIN", -60)
    service.workspace.checkpoint()
    found = codes(service, CallerRole.AUDITOR)
    assert {"alarm-document", "alarm-number", "recall-waits"} & set(found)
    assert "checkpoint-unwitnessed" in found


def test_operators_see_why_the_ledger_does_not_move(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert codes(service, CallerRole.OPERATOR) == []
    monkeypatch.setattr("api.meta.service._SLOW", -1.0)
    monkeypatch.setattr(service.workspace, "trouble", RuntimeError("secret path"))
    [found] = matters(service, CallerRole.OPERATOR)
    assert (found["code"], found["status"]) == ("health", "internal")


def test_a_token_is_told_nothing_of_what_it_may_not_read(service: Service, asked: str) -> None:
    token = service.token(CallerRole.PROCUREMENT, "neighbour", scopes={Scope.SUPPLIERS_READ})
    assert codes(service, token) == []
    store = service.token(CallerRole.SUPPLIER, "warehouse", scopes={Scope.SUPPLIERS_READ})
    assert codes(service, store) == []


def test_nobody_is_told_anything_without_a_token(service: Service) -> None:
    assert service.get("/v1/attention").status_code == 401
