"""Evidence over HTTP and by command: as a file, for who may see every entry in it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.access import SCOPES_OF, Caller, CallerRole
from api.cli import main
from api.evidence.permission import permit_of
from api.problems import Forbidden
from ledger.demo import MASK, MASK_LOT
from ledger.evidence.report import Result
from ledger.evidence.schema import schema_bytes
from ledger.evidence.verification import verify
from ledger.typed_data import hexed
from tests.api.test_verdicts import question
from tests.support.service import Service, identity, office
from tests.support.workspaces import HandClock, new_data, opened

BUYER, AUDITOR, OPERATOR, SUPPLIER, ISSUER = (
    CallerRole.PROCUREMENT,
    CallerRole.AUDITOR,
    CallerRole.OPERATOR,
    CallerRole.SUPPLIER,
    CallerRole.ISSUER,
)
LOT = f"/v1/batches/{hexed(MASK_LOT.id)}/evidence"


def standing_of(supplier: str) -> str:
    return f"/v1/suppliers/{identity(supplier)}/evidence?category={MASK}"


def valid(service: Service, raw: bytes) -> bool:
    anchors = service.workspace.checkpoints.anchors()
    return verify(anchors, raw).result is Result.VALID


def a_verdict(service: Service, **changes: Any) -> str:
    made = service.post("/v1/verdicts", BUYER, json=question(**changes))
    return f"/v1/verdicts/{made.json()['id']}/evidence"


# ------------------------------------------------------------------------------ what is given


def test_an_entry_is_given_as_a_file_by_number_and_by_digest(service: Service) -> None:
    told = service.get("/v1/entries/20/evidence", BUYER)
    assert told.headers["content-type"] == "application/json"
    assert told.headers["content-disposition"] == 'attachment; filename="suyuan-entry-20.json"'
    assert valid(service, told.content)
    digest = service.get("/v1/entries/20", BUYER).json()["digest"]
    again = service.get(f"/v1/entries/{digest}/evidence", BUYER)
    assert again.json()["entries"] == told.json()["entries"]


@pytest.mark.parametrize(
    "query", ["", "&model=QL-100", "&known_at=2026-11-22", "&clock=published", "&witnesses=true"]
)
def test_a_standing_is_given_for_what_is_asked(service: Service, query: str) -> None:
    if "known_at" in query:
        query = f"&known_at={service.workspace.recorded_until}"
    told = service.get(standing_of("baize") + query, BUYER)
    assert told.status_code == 200, told.text
    assert told.json()["kind"] == "standing"
    assert valid(service, told.content)


def test_a_qualification_is_given_as_it_stood_at_an_entry(service: Service) -> None:
    held = service.get(f"/v1/suppliers/{identity('baize')}/qualifications", BUYER).json()
    one = held["qualifications"][0]
    path = f"/v1/qualifications/{one['id']}/evidence"
    now = service.get(path, BUYER)
    then = service.get(f"{path}?entry={one['sequence']}&at=1790000000", BUYER)
    assert now.json()["claim"]["position"] > then.json()["claim"]["position"]
    assert then.json()["claim"]["position"] == one["sequence"] + 1
    assert then.json()["claim"]["at"] == 1790000000
    assert valid(service, now.content)
    assert valid(service, then.content)
    before = service.get(f"{path}?entry={one['sequence'] - 1}", BUYER)
    assert (before.status_code, before.json()["code"]) == (422, "question.qualification.unknown")


@pytest.mark.parametrize("direction", ["back", "forward"])
def test_a_trace_is_given_whole_and_that_is_written_down(service: Service, direction: str) -> None:
    told = service.get(f"{LOT}?direction={direction}", AUDITOR)
    assert told.json()["claim"]["direction"] == direction
    assert valid(service, told.content)
    noted = service.get("/v1/accesses?limit=5", AUDITOR).json()["accesses"]
    assert "batch.evidence-taken" in {n["action"] for n in noted}


def test_a_verdict_is_given_with_what_it_rests_on(service: Service) -> None:
    told = service.get(a_verdict(service, quantity=41), BUYER)
    assert told.json()["claim"]["question"]["quantity"] == 41
    assert valid(service, told.content)


def test_the_schema_is_for_everybody(service: Service) -> None:
    told = service.get("/v1/evidence/schema")
    assert told.headers["content-type"] == "application/schema+json"
    assert told.content == schema_bytes()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/entries/900000/evidence", "entry.unknown"),
        ("/v1/entries/0x" + "ab" * 32 + "/evidence", "entry.unknown"),
        ("/v1/suppliers/0x" + "ab" * 20 + f"/evidence?category={MASK}", "supplier.unknown"),
        ("/v1/qualifications/0x" + "ab" * 32 + "/evidence", "qualification.unknown"),
        ("/v1/batches/0x" + "ab" * 32 + "/evidence", "batch.unknown"),
        ("/v1/verdicts/0x" + "ab" * 32 + "/evidence", "verdict.unknown"),
    ],
)
def test_of_what_is_not_there_nothing_is_given(service: Service, path: str, code: str) -> None:
    told = service.get(path, AUDITOR)
    assert (told.status_code, told.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "category"), ("?category=", "category"), ("?category=nothing.such", "category"),
     (f"?category={MASK}&known_at=2999-01-01", "known_at"), (f"?category={MASK}&at=x", "at"),
     (f"?category={MASK}&witness=true", "witness")],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused_by_its_field(
    service: Service, query: str, field: str
) -> None:
    told = service.get(f"/v1/suppliers/{identity('baize')}/evidence{query}", BUYER)
    assert (told.status_code, told.json()["field"]) == (422, field)


# ------------------------------------------------------------------------------ to whom


@pytest.mark.parametrize(
    ("role", "status"), [(BUYER, 200), (AUDITOR, 200), (ISSUER, 200), (SUPPLIER, 404)]
)
def test_the_standing_of_a_supplier_is_for_who_reads_the_ledger(
    service: Service, role: CallerRole, status: int
) -> None:
    assert service.get(standing_of("baize"), role).status_code == status


def test_a_supplier_takes_the_evidence_of_its_own_standing_to_others(service: Service) -> None:
    for name in ("qingluan", "baize", "canglong"):
        told = service.get(standing_of(name), service.token(SUPPLIER, name))
        assert told.status_code == 200, told.text
        assert valid(service, told.content)


def test_a_rivals_copy_of_a_suppliers_papers_is_no_part_of_its_standing(service: Service) -> None:
    told = service.get(standing_of("feiyu"), service.token(SUPPLIER, "feiyu"))
    actions = {e["action"] for e in told.json()["entries"]}
    assert told.status_code == 200
    assert "SubmitQualification" not in actions


def test_whoever_may_not_see_one_entry_gets_none_of_the_evidence(service: Service) -> None:
    context = service.app.state.context
    index = service.workspace.index
    [issued, *_] = [
        e for e in index.by_subject(office("baize").id.ljust(32, b"\0"))
        if e.action == "IssueQualification"
    ]  # fmt: skip

    def permit(name: str, role: CallerRole) -> None:
        caller = Caller("1", office(name).id, "somebody", role, SCOPES_OF[role])
        permit_of(context, caller)([issued])

    for name, role in (("baize", SUPPLIER), ("district", BUYER), ("audit-office", AUDITOR)):
        permit(name, role)
    with pytest.raises(Forbidden) as refused:
        permit("qingluan", SUPPLIER)
    assert refused.value.code == "evidence.entries"


@pytest.mark.parametrize(
    ("role", "name", "status"),
    [(AUDITOR, "audit-office", 200), (ISSUER, "authority", 200), (ISSUER, "regulator", 200),
     (ISSUER, "laboratory", 403), (BUYER, "district", 403), (SUPPLIER, "qingluan", 403),
     (SUPPLIER, "warehouse", 403), (SUPPLIER, "baize", 404)],
)  # fmt: skip
def test_whole_histories_of_goods_are_for_who_may_see_all_custody_in_them(
    service: Service, role: CallerRole, name: str, status: int
) -> None:
    told = service.get(LOT, service.token(role, name))
    assert told.status_code == status, told.text
    if status == 403:
        assert told.json()["code"] == "evidence.custody"
        assert "auditors" in told.json()["detail"]


def test_a_party_to_all_custody_of_its_goods_may_take_the_trace(service: Service) -> None:
    lots = service.get("/v1/batches?maker=" + identity("warehouse"), AUDITOR).json()["batches"]
    token = service.token(SUPPLIER, "warehouse")
    answers = {lot["id"]: service.get(f"/v1/batches/{lot['id']}/evidence", token) for lot in lots}
    assert 200 in {told.status_code for told in answers.values()}


def test_a_verdict_on_lots_is_for_who_may_see_all_their_custody(service: Service) -> None:
    lots = [{"gtin": f"{MASK_LOT.gtin:014d}", "lot": MASK_LOT.lot}]
    path = a_verdict(service, quantity=43, lots=lots)
    refused = service.get(path, BUYER)
    assert (refused.status_code, refused.json()["code"]) == (403, "evidence.custody")
    given = service.get(path, AUDITOR)
    assert valid(service, given.content)


def test_a_verdict_is_nobody_elses(service: Service) -> None:
    path = a_verdict(service, quantity=44)
    assert service.get(path, service.token(BUYER, "neighbour")).status_code == 404


# ------------------------------------------------------------------------------ by command

Suyuan = Callable[..., tuple[int, bytes]]


@pytest.fixture
def suyuan(capfdbinary: pytest.CaptureFixture[bytes]) -> Suyuan:
    """Run one command; its status and what it prints."""

    def run(*arguments: object) -> tuple[int, bytes]:
        capfdbinary.readouterr()
        status = main(["--lang", "en", *map(str, arguments)])
        return status, capfdbinary.readouterr().out

    return run


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_data(tmp_path_factory.mktemp("evidence"), story=True, is_live=True)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("entry", "20"), "entry"),
        (("standing", identity("baize"), "--category", MASK), "standing"),
        (("trace", f"{MASK_LOT.gtin}:{MASK_LOT.lot}"), "trace"),
        (("trace", f"{MASK_LOT.gtin}:{MASK_LOT.lot}", "--forward"), "trace"),
    ],
)
def test_a_command_prints_the_evidence_of_a_directory(
    suyuan: Suyuan, data: Path, arguments: tuple[str, ...], kind: str
) -> None:
    status, raw = suyuan("evidence", *arguments, "--data", data)
    assert status == 0
    assert json.loads(raw)["kind"] == kind
    with opened(data, HandClock(int(time.time()))) as workspace:
        assert verify(workspace.checkpoints.anchors(), raw).result is Result.VALID


def test_a_command_writes_a_new_file_only(suyuan: Suyuan, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "entry.json"
    assert suyuan("evidence", "entry", "20", "--data", data, "-o", file)[0] == 0
    raw = file.read_bytes()
    assert json.loads(raw)["claim"] == {"sequence": 20}
    assert suyuan("evidence", "entry", "21", "--data", data, "-o", file)[0] == 2
    assert file.read_bytes() == raw


@pytest.mark.parametrize(
    "arguments",
    [
        ("entry", "900000"),
        ("absence", "0x" + "ab" * 32),
        ("verdict", "0x" + "ab" * 32),
        ("qualification", "0x" + "ab" * 32),
        ("standing", identity("baize"), "--category", "nothing.such"),
    ],
)
def test_a_command_that_has_nothing_to_give_says_so_by_its_status(
    suyuan: Suyuan, data: Path, arguments: tuple[str, ...]
) -> None:
    assert suyuan("evidence", *arguments, "--data", data) == (2, b"")
