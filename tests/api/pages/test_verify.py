"""A file in hand at `/verify`: what it is said to be, and every way in which it can be no good."""

import logging
import re
import tempfile
from html import unescape
from typing import Any

import pytest
from httpx import Response

from api.access import CallerRole
from ledger import demo
from ledger.demo import MASK_LOT
from ledger.disclosure import Disclosure
from ledger.provenance.tracing import Direction
from tests.api.pages.conftest import Reader, Visitor
from tests.support.service import Service, identity

LANGUAGES = ("en", "zh")


def verified(reader: Visitor, data: bytes, name: str = "file.bin") -> Response:
    """The page that answers the form with this file in it."""
    form = reader.get("/verify")
    assert form.status_code == 200
    token = re.findall(r'name="form_token" value="([^"]*)"', form.text)[0]
    answer: Response = reader.client.post(
        "/verify",
        data={"form_token": token},
        files={"file": (name, data, "application/octet-stream")},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return answer


def said(page: Response) -> str:
    """What a reader sees of the page."""
    body = page.text[page.text.index("<main") :]
    return " ".join(unescape(re.sub("<[^>]*>", " ", body)).split())


def paper(service: Service, maker: str, kind: str = "cn-device-registration") -> bytes:
    workspace = service.workspace
    all_held = workspace.index.qualifications_of(bytes.fromhex(identity(maker)[2:]))
    [held, *_] = [q for q in all_held if q.kind == kind]
    found = workspace.documents.get(held.document)
    assert found is not None
    return found


def bundles(service: Service) -> dict[str, bytes]:
    evidence, index = service.workspace.evidence, service.workspace.index
    [held, *_] = index.qualifications_of(demo.BAIZE.id)
    return {
        "entry": evidence.entry(20),
        "standing": evidence.standing(demo.QINGLUAN.id, demo.MASK, "QL-100"),
        "non-revocation": evidence.non_revocation(held.id),
        "trace": evidence.trace(MASK_LOT.id, Direction.BACK),
    }


# ------------------------------------------------------------------------------ evidence


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_evidence_is_told_in_words(
    visitor: Reader, service: Service, language: str
) -> None:
    reader = visitor(CallerRole.PROCUREMENT, language)
    wanted = {
        "en": ["The evidence holds", "The fifteen checks", "What it does not prove"],
        "zh": ["证据成立，未被改动", "十五项核验", "它不能证明什么"],
    }[language]
    for kind, raw in bundles(service).items():
        page = verified(reader, raw, f"{kind}.json")
        assert page.status_code == 200, kind
        shown = said(page)
        for words in wanted:
            assert words in shown, kind
        assert page.text.count('<td class="soft number">') == 15
        assert "0x" not in re.sub(r"0x[0-9a-f]{40}", "", shown) or kind == "entry", kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_changed_byte_is_refused_with_the_check_named_and_what_to_do(
    visitor: Reader, service: Service, language: str
) -> None:
    raw = service.workspace.evidence.entry(20)
    at = raw.index(b'"recorded_at":') + 15
    altered = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
    page = verified(visitor(CallerRole.AUDITOR, language), altered)
    assert page.status_code == 200
    shown = said(page)
    assert {"en": "The evidence does not hold", "zh": "无效"}[language] in shown
    assert {"en": "What to do", "zh": "怎么办"}[language] in shown
    assert 'class="answer invalid"' in page.text
    assert 'href="/evidence#' in page.text


def test_the_page_says_that_the_own_machine_is_the_better_place(
    visitor: Reader, service: Service
) -> None:
    for page in (
        visitor(CallerRole.PROCUREMENT, "en").get("/verify"),
        verified(visitor(CallerRole.PROCUREMENT, "en"), service.workspace.evidence.entry(20)),
    ):
        assert 'href="/verifier.html"' in page.text
        assert "needs nobody's word" in said(page)


# ------------------------------------------------------------------------------ documents


def test_a_certificate_is_found_with_whose_it_is(visitor: Reader, service: Service) -> None:
    page = verified(visitor(CallerRole.PROCUREMENT, "en"), paper(service, "qingluan"), "a.pdf")
    shown = said(page)
    assert "Known, and in force" in shown
    assert demo.QINGLUAN.name_en in shown
    assert 'href="/qualifications/0x' in page.text
    assert 'class="answer valid"' in page.text


def test_the_paper_of_what_was_withdrawn_is_known_but_not_in_force(
    visitor: Reader, service: Service
) -> None:
    page = verified(visitor(CallerRole.PROCUREMENT, "zh"), paper(service, "baize"))
    assert "已登记，但资质无效" in said(page)
    assert 'class="answer invalid"' in page.text


def test_a_paper_that_two_use_raises_its_alarm(visitor: Reader, service: Service) -> None:
    shown = said(verified(visitor(CallerRole.PROCUREMENT, "en"), paper(service, "feiyu")))
    assert "used by several" in shown
    assert demo.FEIYU.name_en in shown
    assert demo.RED_FOX.name_en in shown


def test_a_supplier_learns_that_there_are_others_but_not_who(
    visitor: Reader, service: Service
) -> None:
    reader = visitor(CallerRole.SUPPLIER, "en", "feiyu")
    shown = said(verified(reader, paper(service, "feiyu")))
    assert "1 further use is not shown to you" in shown
    assert demo.RED_FOX.name_en not in shown


def test_a_file_that_nobody_stated_is_not_called_forged(visitor: Reader) -> None:
    page = verified(visitor(CallerRole.PROCUREMENT, "en"), b"%PDF- somebody's own", "x.pdf")
    assert page.status_code == 200
    assert "does not mean that it is forged" in said(page)
    assert 'class="answer unknown"' in page.text


def test_a_copy_with_fields_taken_out_shows_the_rest(visitor: Reader, service: Service) -> None:
    whole = Disclosure.of({"price": "9.99", "note": "<b>hi"}, lambda: bytes(32))
    page = verified(visitor(CallerRole.PROCUREMENT, "en"), whole.without(["price"]).to_bytes())
    assert "1 field was taken out" in said(page)
    assert "&lt;b&gt;hi" in page.text
    assert "9.99" not in page.text


# ------------------------------------------------------------------------------ no good


@pytest.mark.parametrize(
    ("data", "name", "status", "english", "chinese"),
    [
        (b"", "", 422, "Choose a file first.", "请先选择文件。"),
        (b"", "empty.pdf", 422, "zero bytes", "零字节"),
        (
            b'{"format":"suyuan evidence 1"}' + bytes(4 * 1024 * 1024),
            "large.json",
            422,
            "larger than 4 MB",
            "超过 4 MB",
        ),
        (bytes(20 * 1024 * 1024 + 70_000), "huge.bin", 413, "larger than 20 MB", "超过 20 MB"),
    ],
    ids=["none", "empty", "large", "huge"],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_looked_at_is_told_kindly(
    visitor: Reader, language: str, data: bytes, name: str, status: int, english: str, chinese: str
) -> None:
    reader = visitor(CallerRole.PROCUREMENT, language)
    reader.client.headers["Accept"] = "text/html"
    page = verified(reader, data, name)
    assert page.status_code == status
    assert "<h1>" in page.text
    assert {"en": english, "zh": chinese}[language] in said(page)
    if status == 422:
        assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize(
    "data",
    [
        b'{"hello": "world"}',
        b"[" * 200_000,
        b"PK\x03\x04" + bytes(1000),
        b"\x1f\x8b" + bytes(1000),
        "名".encode("utf-16"),
        b"\0",
    ],
)
def test_whatever_else_comes_is_just_a_file_that_is_not_known(visitor: Reader, data: bytes) -> None:
    page = verified(visitor(CallerRole.PROCUREMENT, "en"), data)
    assert page.status_code == 200
    assert "Not known here" in said(page)


@pytest.mark.parametrize(
    "data",
    [
        b'{"format":"suyuan evidence 1"}',
        b'{"format":"suyuan evidence 1","kind":' + b"[" * 100_000,
        b'{"a":"suyuan evidence',
        b'{"format":"suyuan evidence 99"}',
    ],
)
def test_what_only_looks_like_evidence_is_not_valid(visitor: Reader, data: bytes) -> None:
    page = verified(visitor(CallerRole.PROCUREMENT, "en"), data)
    assert page.status_code == 200
    assert "The evidence does not hold" in said(page)


def test_names_of_files_do_no_harm(visitor: Reader) -> None:
    reader = visitor(CallerRole.PROCUREMENT, "en")
    page = verified(reader, b"x", "<script>alert(1)</script>\u202egpj.exe" + "n" * 1_000)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    assert "n" * 201 not in page.text


@pytest.mark.parametrize("role", [CallerRole.OPERATOR])
def test_who_reads_no_documents_verifies_none(visitor: Reader, role: CallerRole) -> None:
    assert visitor(role, "en").get("/verify").status_code == 403


def test_only_our_own_form_is_taken(visitor: Reader) -> None:
    reader = visitor(CallerRole.PROCUREMENT, "en")

    def sent(**request: Any) -> Response:
        answer: Response = reader.client.post("/verify", **request)
        return answer

    form = reader.get("/verify")
    token = re.findall(r'name="form_token" value="([^"]*)"', form.text)[0]
    files = {"file": ("a", b"x", "text/plain")}
    assert sent(files=files).status_code == 403
    assert sent(files=files, data={"form_token": "00"}).status_code == 403
    foreign = sent(
        files=files, data={"form_token": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert sent(data={"form_token": token}).status_code == 422  # no file can be in it
    broken = sent(content=b"--x\r\n", headers={"Content-Type": "multipart/form-data; boundary=y"})
    assert broken.status_code in (403, 422)
    many = [("file", ("a", b"x", "text/plain")), ("more", ("b", b"x", "text/plain"))]
    assert sent(files=many, data={"form_token": token}).status_code == 422


def test_nothing_of_a_file_is_kept_on_disk_in_logs_or_in_the_access_log(
    visitor: Reader,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file was written")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", never)
    secret = b"price list of 2026 " * 200_000
    reader = visitor(CallerRole.PROCUREMENT, "en")
    before = service.workspace.store.accesses(limit=1)
    with caplog.at_level(logging.DEBUG):
        page = verified(reader, secret, "prices-2026.txt")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert service.workspace.store.accesses(limit=1) == before
    assert "price" not in caplog.text
