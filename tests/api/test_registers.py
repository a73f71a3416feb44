"""What a mirror has stated of a register, and whose an account is, as the service tells it."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.access import CallerRole
from api.app import create_app
from api.client import SuyuanClient
from api.tokens.service import issue
from ledger.errors import EvidenceError, UnavailableError
from ledger.importing.holdings import register_state
from ledger.importing.register_state import RegisterState
from ledger.registers import read
from ledger.workspace import Workspace
from tests.support.ledger import key
from tests.support.service import Service, identity, office
from tests.support.tables import csv_bytes
from tests.support.workspaces import author, mirrored, new_data, opened

MIRROR = "mirror"
PATH = "/v1/registers/fda-eua-china"


def client_of(service: Service) -> SuyuanClient:
    return SuyuanClient(
        "http://127.0.0.1",
        service.token(CallerRole.ISSUER, MIRROR),
        transport=service.client._transport,
    )


def resting(workspace: Workspace) -> SuyuanClient:
    """The mirror's client of an app without its background work: what waits goes on waiting."""
    secret = issue(
        workspace, office(MIRROR).id, "x", CallerRole.ISSUER,
        now=workspace.clock(), lifetime=60,
    ).secret  # fmt: skip
    return SuyuanClient(
        "http://127.0.0.1", secret, transport=TestClient(create_app(workspace))._transport
    )


LIST = csv_bytes(
    ("page_last_updated", "supplier_name", "private_label_note", "models_cell", "approval_number",
     "valve"),
    {"supplier_name": "Example Crane Masks", "models_cell": "EC-1, EC-2",
     "approval_number": "84A-9001", "valve": "No"},
)  # fmt: skip
FACTORIES = [
    {
        "name": "示例白鹭口罩有限公司",
        "province": "示例省",
        "date": "2020-01-26T16:00:00.000Z",
        "supplies": [{"specification": "医用外科口罩", "value": 20_000}],
        "qualification": "",
    }
]


def test_the_client_is_told_of_a_register_what_the_index_holds(tmp_path: Path) -> None:
    with opened(new_data(tmp_path)) as workspace:
        mirrored(workspace, read("niosh-n95", {"a.csv": LIST}, published=date(2020, 11, 20)))
        factories = {"factories.json": json.dumps(FACTORIES).encode()}
        mirrored(workspace, read("wuhan2020-factories", factories))
        told = {}
        for register in ("niosh-n95", "wuhan2020-factories", "fda-510k"):
            told[register] = resting(workspace).register_state(register, office(MIRROR).id)
            held = register_state(workspace.index, office(MIRROR).id, register)
            assert told[register] == held
        assert [row.model for row in told["niosh-n95"].rows] == ["EC-1", "EC-2"]
        assert [c.count for c in told["wuhan2020-factories"].capacities] == [1]
        assert not told["fda-510k"].publications


def test_a_mirror_that_stated_nothing_has_an_empty_register(service: Service) -> None:
    told = service.get(PATH, CallerRole.AUDITOR, params={"mirror": identity("regulator")}).json()
    assert (told["publications"], told["rows"], told["capacities"]) == ([], [], [])
    assert told["categories"]


def test_a_mirror_without_a_right_to_read_others_reads_what_is_its_own(service: Service) -> None:
    own = CallerRole.SUPPLIER
    assert service.get(PATH, own, params={"mirror": identity("qingluan")}).status_code == 200
    other = service.get(PATH, own, params={"mirror": identity("regulator")})
    assert (other.status_code, other.json()["code"]) == (404, "mirror.unknown")


@pytest.mark.parametrize(
    ("path", "mirror", "status", "field"),
    [
        ("/v1/registers/unheard-of", "0x" + "12" * 20, 422, "register"),
        (PATH, "0x12", 422, "mirror"),
        (PATH, "0x" + "12" * 20, 404, "mirror"),
    ],
)
def test_a_register_that_is_none_is_named(
    service: Service, path: str, mirror: str, status: int, field: str
) -> None:
    told = service.get(path, CallerRole.AUDITOR, params={"mirror": mirror})
    assert (told.status_code, told.json()["field"]) == (status, field)


def test_an_answer_about_another_register_is_no_evidence(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lying(index: object, mirror: bytes, register: str) -> RegisterState:
        held = register_state(service.workspace.index, mirror, register)
        return replace(held, register_name="niosh-n95")

    monkeypatch.setattr("api.registers.service.register_state", lying)
    with pytest.raises(EvidenceError) as bad:
        client_of(service).register_state("fda-eua-china", office(MIRROR).id)
    assert bad.value.code == "register.form"


def test_an_account_tells_whose_it_is_and_whether_that_is_the_askers(service: Service) -> None:
    path = "/v1/accounts/0x" + key("qingluan").address.hex()
    for caller, own in ((CallerRole.SUPPLIER, True), (CallerRole.AUDITOR, False)):
        told = service.get(path, caller).json()
        assert (told["organisation"], told["state"]) == (identity("qingluan"), "live")
        assert told["own"] is own


def test_an_account_that_nobody_has_is_unknown(service: Service) -> None:
    told = service.get("/v1/accounts/0x" + "12" * 20, CallerRole.AUDITOR)
    assert (told.status_code, told.json()["code"]) == (404, "account.unknown")


def test_no_plan_is_made_while_entries_are_on_their_way(tmp_path: Path) -> None:
    with opened(new_data(tmp_path)) as workspace:
        by, client = author(workspace, "mirror"), resting(workspace)
        client.await_idle(patience=0)
        entry = by.write(
            "ListOrganisation", identifierKind="register:niosh-n95", identifier="Example Crane",
            nameZh="", nameEn="Example Crane",
        )  # fmt: skip
        workspace.submitter.accept([by.sign(entry)])
        with pytest.raises(UnavailableError) as waiting:
            client.await_idle(patience=0)
        assert waiting.value.code == "entry.waiting"
