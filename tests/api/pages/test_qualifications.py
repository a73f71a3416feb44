"""The page of one qualification: how it stands, when, by which records, and its document."""

import pytest

from api.access import CallerRole
from ledger import demo
from tests.api.pages.conftest import Reader
from tests.api.pages.test_verify import said
from tests.support.service import Service


def _withdrawn(service: Service) -> str:
    held = service.workspace.index.qualifications_of(demo.BAIZE.id)
    return next("0x" + q.id.hex() for q in held if q.model == "BZ-95")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Withdrawn", "What happened, step by step"]), ("zh", ["已撤销", "经过"])],
)
def test_a_qualification_is_told_step_by_step_with_its_records(
    visitor: Reader, service: Service, language: str, words: list[str]
) -> None:
    id_ = _withdrawn(service)
    page = visitor(CallerRole.PROCUREMENT, language).get(f"/qualifications/{id_}")
    assert page.status_code == 200
    shown = said(page)
    assert all(word in shown for word in words)
    for entry in service.workspace.index.by_subject(bytes.fromhex(id_[2:])):
        assert f'href="/entries/{entry.sequence}"' in page.text
    assert f'href="/qualifications/{id_}/evidence"' in page.text


def test_its_evidence_and_its_document_can_be_taken(visitor: Reader, service: Service) -> None:
    id_ = _withdrawn(service)
    reader = visitor(CallerRole.AUDITOR, "en")
    first = service.workspace.index.by_subject(bytes.fromhex(id_[2:]))[0].sequence
    for query in ("", f"?entry={first}"):
        file = reader.get(f"/qualifications/{id_}/evidence{query}")
        assert file.json()["kind"] == "non-revocation"
    record = service.workspace.index.qualification(bytes.fromhex(id_[2:]))
    assert record is not None
    path = "/documents/0x" + record.document.hex()
    assert f'href="{path}"' in reader.get(f"/qualifications/{id_}").text
    document = reader.get(path)
    assert document.content == service.workspace.documents.get(record.document)
    assert document.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in document.headers["content-security-policy"]


def test_whoever_may_not_see_it_learns_nothing(visitor: Reader, service: Service) -> None:
    foreign = visitor(CallerRole.SUPPLIER, "en", "feiyu")
    for path in (f"/qualifications/{_withdrawn(service)}", "/qualifications/0x" + "5a" * 32):
        assert foreign.get(path).status_code == 404


def test_new_is_no_id_of_a_qualification(visitor: Reader) -> None:
    reader = visitor(CallerRole.SUPPLIER, "en")
    assert reader.get("/qualifications/new").status_code == 200
    assert reader.get("/qualifications/later").status_code == 422
