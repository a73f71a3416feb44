"""The open alarms of the whole ledger, and the keys that were declared bad, for auditors."""

import time
from collections.abc import Iterator

import pytest

from api.access import CallerRole
from ledger import demo
from ledger.authoring import Author
from ledger.importing.recording import record
from ledger.index.repository import Index
from tests.support.ledger import key
from tests.support.service import Service, found_world, identity, running_service

AUDITOR = CallerRole.AUDITOR


def test_every_open_alarm_is_told_with_both_sides_and_whom_it_stops(service: Service) -> None:
    found = service.get("/v1/alarms", AUDITOR)
    assert found.status_code == 200, found.text
    body = found.json()
    assert body["complete"]
    both = {identity("feiyu"), identity("red-fox")}
    copied = [a for a in body["alarms"] if {s["organisation"] for s in a["sides"]} == both]
    assert {a["what"] for a in copied} == {"document", "number"}
    for alarm in copied:
        stopped = {s["organisation"]: s["stopped"] for s in alarm["sides"]}
        # Somebody else vouches for Feiyu's use; the copy is what is stopped.
        assert stopped == {identity("feiyu"): False, identity("red-fox"): True}
        assert len(alarm["uses"]) >= 2
    times = [a["opened_at"] for a in body["alarms"]]
    assert times == sorted(times, reverse=True)


def test_they_are_those_that_each_supplier_is_told_of(service: Service) -> None:
    every = {a["id"] for a in service.get("/v1/alarms", AUDITOR).json()["alarms"]}
    told = set()
    for office in demo.SUPPLIERS:
        found = service.get(f"/v1/suppliers/0x{office.id.hex()}/alarms", AUDITOR).json()
        told |= {a["id"] for a in found["alarms"] if a["open"]}
    assert told
    assert told <= every


def test_where_more_is_shared_than_is_looked_through_it_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Index.shared_marks
    monkeypatch.setattr(Index, "shared_marks", lambda index, limit: real(index, limit) * limit)
    assert not service.get("/v1/alarms", AUDITOR).json()["complete"]


@pytest.mark.parametrize("path", ["/v1/alarms", "/v1/compromises"])
@pytest.mark.parametrize("role", [r for r in CallerRole if r is not AUDITOR])
def test_they_are_for_auditors(service: Service, role: CallerRole, path: str) -> None:
    assert service.get(path, role).status_code == 403


@pytest.fixture(scope="module")
def shaken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A world in which the laboratory's key was stolen."""
    workspace = found_world(tmp_path_factory.mktemp("shaken") / "world", time.time)
    authority = Author(
        key("authority"),
        demo.AUTHORITY.id,
        workspace.domains,
        workspace.index.next_nonce,
        workspace.clock,
    )
    stolen = authority.write(
        "DeclareCompromised", account=key("laboratory").address, since=1, reason="stolen 被盗"
    )
    [status] = record(workspace, [authority.sign(stolen)])
    assert status.refusal is None, status
    with running_service(workspace) as service:
        yield service
    workspace.close()


def test_a_key_declared_bad_is_told_with_since_when_and_why(
    service: Service, shaken: Service
) -> None:
    assert service.get("/v1/compromises", AUDITOR).json()["compromises"] == []
    [told] = shaken.get("/v1/compromises", AUDITOR).json()["compromises"]
    assert told["account"] == "0x" + key("laboratory").address.hex()
    assert (told["since"], told["reason"]) == (1, "stolen 被盗")
    assert told["organisation"] == identity("laboratory")
    entry = shaken.get(f"/v1/entries/{told['entry']}", AUDITOR).json()
    assert entry["recorded"]["action"] == "DeclareCompromised"
