"""A file is handed in: evidence is verified, a document is found by its hash."""

import secrets
from typing import Any

import pytest

from api.access import CallerRole
from ledger.disclosure import Disclosure
from ledger.typed_data import hexed
from tests.support.service import Service, identity

PATH = "/v1/verifications"
BUYER, AUDITOR = CallerRole.PROCUREMENT, CallerRole.AUDITOR


def told(service: Service, data: bytes, caller: CallerRole = BUYER) -> dict[str, Any]:
    found = service.post(PATH, caller, content=data)
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


def codes(body: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in body["document"]["findings"]}


def paper(service: Service, maker: str, kind: str = "cn-device-registration") -> bytes:
    """The document of a qualification of the maker's."""
    workspace = service.workspace
    all_held = workspace.index.qualifications_of(bytes.fromhex(identity(maker)[2:]))
    [held, *_] = [q for q in all_held if q.kind == kind]
    found = workspace.documents.get(held.document)
    assert found is not None
    return found


def test_a_certificate_is_found_with_where_its_qualification_stands(service: Service) -> None:
    body = told(service, paper(service, "qingluan"))
    assert (body["what"], body["evidence"]) == ("document", None)
    document = body["document"]
    assert document["unaltered"]
    assert document["kept"]
    assert codes(body) == {"document.unaltered", "document.in-force"}
    [use, *_] = document["uses"]
    assert (use["what"], use["organisation"], use["status"]) == (
        "qualification",
        identity("qingluan"),
        "in-force",
    )


def test_one_changed_byte_makes_it_unknown(service: Service) -> None:
    raw = bytearray(paper(service, "qingluan"))
    raw[len(raw) // 2] ^= 1
    body = told(service, bytes(raw))
    assert codes(body) == {"document.unknown"}
    assert body["document"]["unaltered"] is None
    assert body["document"]["uses"] == []


def test_the_paper_of_what_was_withdrawn_is_not_in_force(service: Service) -> None:
    body = told(service, paper(service, "baize"))
    assert "document.not-in-force" in codes(body)
    assert {use["status"] for use in body["document"]["uses"]} <= {"withdrawn", "suspended"}


def test_a_file_that_two_use_says_so(service: Service) -> None:
    body = told(service, paper(service, "feiyu"))
    assert "document.used-by-others" in codes(body)
    assert {use["organisation"] for use in body["document"]["uses"]} == {
        identity("feiyu"),
        identity("red-fox"),
    }


def test_a_report_is_found_with_the_lot_that_it_is_about(service: Service) -> None:
    index = service.workspace.index
    [report, *_] = [
        e for e in index.entries(0, service.workspace.position) if e.action == "Inspect"
    ]
    document = report["document"]
    assert isinstance(document, bytes)
    data = service.workspace.documents.get(document)
    assert data is not None
    [use, *_] = told(service, data)["document"]["uses"]
    assert (use["what"], use["entry"], use["id"]) == (
        "report",
        report.sequence,
        hexed(report["lot"]),  # type: ignore[arg-type]
    )


def test_a_copy_with_fields_taken_out_is_the_document_that_was_stated(service: Service) -> None:
    whole = Disclosure.of({"price": "1.20", "model": "QL-100"}, lambda: secrets.token_bytes(32))
    service.submit(
        "qingluan", "SubmitQualification", validFrom=1, validUntil=2, document=whole.hash,
        category="mask.surgical", model="QL-100", kind="test-report", number=secrets.token_hex(4),
    )  # fmt: skip
    body = told(service, whole.without(["price"]).to_bytes())
    assert {"document.unaltered", "document.fields-taken-out"} <= codes(body)
    assert (body["document"]["shown"], body["document"]["taken_out"]) == ({"model": "QL-100"}, 1)


def test_a_supplier_learns_that_others_use_its_paper_but_not_who(service: Service) -> None:
    found = service.post(
        PATH, service.token(CallerRole.SUPPLIER, "feiyu"), content=paper(service, "feiyu")
    ).json()
    assert {use["organisation"] for use in found["document"]["uses"]} == {identity("feiyu")}
    assert found["document"]["withheld"] == 1
    assert "document.used-by-others" in codes(found)


def test_evidence_is_verified_and_what_is_wrong_with_it_is_told(service: Service) -> None:
    raw = service.workspace.evidence.entry(3)
    sound = told(service, raw)
    assert (sound["what"], sound["document"]) == ("evidence", None)
    assert sound["evidence"]["result"] == "valid"
    assert len(sound["evidence"]["checks"]) == 15
    for broken in (
        raw.replace(b'"sequence":3', b'"sequence":4'),
        raw.replace(b",", b",\n "),
        raw[:-20],
    ):
        assert told(service, broken)["evidence"]["result"] == "invalid"


@pytest.mark.parametrize("role", [None, CallerRole.OPERATOR])
def test_who_reads_no_documents_verifies_none(service: Service, role: CallerRole | None) -> None:
    assert service.post(PATH, role, content=b"x").status_code == (401 if role is None else 403)


def test_a_file_of_zero_bytes_or_too_many_is_refused(service: Service) -> None:
    empty = service.post(PATH, BUYER, content=b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "document.empty")
    assert service.post(PATH, BUYER, content=bytes(20 * 1024 * 1024 + 1)).status_code == 413


def test_large_evidence_is_to_be_verified_at_home(service: Service) -> None:
    raw = service.workspace.evidence.entry(3) + bytes(4 * 1024 * 1024)
    refused = service.post(PATH, BUYER, content=raw)
    assert (refused.status_code, refused.json()["code"]) == (422, "verification.too-large")
    assert "suyuan verify" in refused.json()["detail"]
