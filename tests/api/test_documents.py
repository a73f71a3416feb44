"""Documents: kept by hash, within limits, given to those who may have them."""

import secrets

import pytest
from eth_hash.auto import keccak

from api.access import CallerRole
from api.documents.service import disposition
from tests.api.test_entries import fresh, settled, signed
from tests.support.service import Service

PATH = "/v1/documents"
PDF = {"Content-Type": "application/pdf"}
SUPPLIER, BUYER, AUDITOR = CallerRole.SUPPLIER, CallerRole.PROCUREMENT, CallerRole.AUDITOR


def paper() -> bytes:
    return b"%PDF-1.7 " + secrets.token_bytes(32)


def test_a_document_is_named_by_its_hash_and_comes_back_as_it_was(service: Service) -> None:
    data = paper()
    kept = service.post(f"{PATH}?name=证书.pdf", SUPPLIER, content=data, headers=PDF)
    assert kept.status_code == 201, kept.text
    assert kept.json()["hash"] == "0x" + keccak(data).hex()
    fetched = service.get(kept.headers["Location"], SUPPLIER)
    assert fetched.content == data
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    again = service.post(f"{PATH}?name=other.pdf", SUPPLIER, content=data, headers=PDF)
    assert again.json() == kept.json()


def test_who_may_read_it_is_what_its_keeper_said(service: Service) -> None:
    for visibility, buyer, auditor in (
        ("private", 404, 200),
        ("parties", 404, 200),
        ("ledger", 200, 200),
    ):
        kept = service.post(
            f"{PATH}?visibility={visibility}", SUPPLIER, content=paper(), headers=PDF
        )
        where = kept.headers["Location"]
        assert service.get(where, BUYER).status_code == buyer, visibility
        assert service.get(where, AUDITOR).status_code == auditor, visibility


def test_knowing_a_hash_is_no_way_to_a_document(service: Service) -> None:
    kept = service.post(PATH, SUPPLIER, content=paper(), headers=PDF).headers["Location"]
    hidden, unknown = service.get(kept, BUYER), service.get(f"{PATH}/0x{'00' * 32}", BUYER)
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json() | {"instance": ""} == unknown.json() | {"instance": ""}


def cite(service: Service, who: str, digest: bytes) -> None:
    """A submission of this firm that cites the document is recorded."""
    entry = signed(
        service,
        "SubmitQualification",
        who,
        validFrom=1,
        validUntil=2**40 - 1,
        document=digest,
        category="mask.surgical",
        model="",
        kind="cn-device-registration",
        number=secrets.token_hex(8),
    )
    handed_in = service.post("/v1/entries", SUPPLIER, json=entry.to_json(), headers=fresh())
    href = handed_in.json()["entries"][0]["href"]
    assert settled(service, href, AUDITOR)["state"] == "final"


def test_citing_a_document_of_others_does_not_open_it(service: Service) -> None:
    data, baize = paper(), service.token(SUPPLIER, "baize")
    where = service.post(PATH, SUPPLIER, content=data, headers=PDF).headers["Location"]
    cite(service, "baize", keccak(data))
    assert service.get(where, baize).status_code == 404
    assert service.get(where, CallerRole.ISSUER).status_code == 404


def test_a_document_that_its_keeper_cites_is_read_by_who_judges_on_the_ledger(
    service: Service,
) -> None:
    data = paper()
    where = service.post(PATH, SUPPLIER, content=data, headers=PDF).headers["Location"]
    cite(service, "qingluan", keccak(data))
    for organisation, status in (("review-centre", 200), ("regulator", 200), ("mirror", 404)):
        token = service.token(CallerRole.ISSUER, organisation)
        assert service.get(where, token).status_code == status, organisation


def test_who_looked_is_written_down(service: Service) -> None:
    where = service.post(PATH, SUPPLIER, content=paper(), headers=PDF).headers["Location"]
    service.get(where, AUDITOR)
    subject = where.rpartition("/")[2]
    log = service.get(f"/v1/accesses?subject={subject}", AUDITOR).json()["accesses"]
    assert [a["action"] for a in log] == ["document.read"]


@pytest.mark.parametrize(
    ("data", "media_type", "status", "code"),
    [
        (b"", "application/pdf", 422, "document.empty"),
        (b"<html>", "text/html", 415, "document.media-type"),
        (b"<svg>", "image/svg+xml", 415, "document.media-type"),
        (b"x", "", 415, "document.media-type"),
        (b"MZ not a pdf", "application/pdf", 422, "document.not-its-type"),
    ],
)
def test_what_is_not_kept_is_said(
    service: Service, data: bytes, media_type: str, status: int, code: str
) -> None:
    refused = service.post(PATH, SUPPLIER, content=data, headers={"Content-Type": media_type})
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_document_that_is_too_large_is_refused_before_it_is_read(service: Service) -> None:
    size = service.app.state.context.settings.max_document + 1
    headers = {**PDF, "Content-Length": str(size)}
    refused = service.post(PATH, SUPPLIER, content=b"%PDF-", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "body.too-large")


@pytest.mark.parametrize(
    "name",
    ['a"; filename=evil.exe', "../../etc/passwd", "x\r\nSet-Cookie: a=b", "证书 α.pdf", "%00.pdf"],
)
def test_a_name_cannot_leave_its_header(name: str) -> None:
    told = disposition(name)
    assert told.isascii()
    assert "\r" not in told
    assert "\n" not in told
    assert told.count('"') == 2
