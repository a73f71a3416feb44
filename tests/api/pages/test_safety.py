"""Who gets in, what a foreign page can do, and what a hostile name can do: nothing."""

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from api.access import CallerRole
from api.app import create_app
from api.pages import formats, session
from api.settings import ServerSettings
from ledger import demo
from ledger.authoring import Author
from ledger.importing.recording import record
from ledger.typed_data import organisation_id
from tests.api.pages.conftest import Reader, Visitor
from tests.support.ledger import key
from tests.support.service import Service, identity
from tests.support.staff import PASSWORD

BUYER = CallerRole.PROCUREMENT
#: A file of ours, and nothing else, may be a script.
OWN_SCRIPT = r' type="module" src="/static/[a-z/-]+\.js\?v=[0-9a-f]+"></script>'
QINGLUAN = "/suppliers/" + identity("qingluan")
PAGES = ["/", "/?q=a", QINGLUAN, "/entries/1", f"/verdicts/new?supplier={identity('qingluan')}"]


# ----------------------------------------------------------------------------- signing in


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(visitor: Reader, path: str) -> None:
    answer = visitor(None).get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_signing_in_leads_back_to_the_page_asked_for(visitor: Reader, service: Service) -> None:
    reader = visitor(None)
    path = reader.get("/?q=青鸾").headers["location"]
    form = reader.get(path)
    sent = reader.send("/sign-in", form, login=service.login(BUYER), password=PASSWORD)
    assert sent.headers["location"] == "/?q=%E9%9D%92%E9%B8%BE"
    assert reader.get(sent.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "////evil.example/x",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\r\nX: y",
    ],
)
def test_nobody_is_sent_to_another_site(visitor: Reader, service: Service, target: str) -> None:
    reader = visitor(None)
    form = reader.client.get("/sign-in", params={"next": target})
    assert form.status_code == 200
    login = service.login(BUYER)
    sent = reader.send("/sign-in", form, login=login, password=PASSWORD, next=target)
    assert sent.headers["location"] == "/"


def test_a_wrong_password_is_refused_without_being_shown(visitor: Reader, service: Service) -> None:
    reader, login = visitor(None), service.login(BUYER)
    wrong = "not the password of anybody"
    answer = reader.send("/sign-in", reader.get("/sign-in"), login=login, password=wrong)
    assert answer.status_code == 401
    assert wrong not in answer.text
    assert login in answer.text, "what need not be typed again stays"
    assert session.SESSION_COOKIE not in reader.client.cookies


def test_the_cookie_is_for_this_site_and_no_script(visitor: Reader, service: Service) -> None:
    reader = visitor(None)
    sent = reader.sign_in()
    for cookie in sent.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert "Secure" not in cookie  # plain http on this machine alone


def test_the_cookie_is_sent_by_https_alone_where_there_is_https(service: Service) -> None:
    app = create_app(
        service.workspace, ServerSettings(behind_proxy=True, public_url="https://testserver")
    )
    reader = Visitor(service, "en")
    reader.client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    sent = reader.sign_in()
    assert sent.status_code == 303
    assert all("; Secure" in c for c in sent.headers.get_list("set-cookie"))


def test_signing_out_ends_it(visitor: Reader) -> None:
    reader = visitor()
    assert reader.get("/").status_code == 200
    assert reader.send("/sign-out", reader.get("/")).status_code == 303
    assert reader.get("/").status_code == 303


def test_a_token_is_for_programs_and_signs_nobody_in(visitor: Reader, service: Service) -> None:
    reader, token = visitor(None), service.tokens[BUYER]
    form = reader.get("/sign-in")
    for fields in ({"token": token}, {"login": token, "password": token}):
        assert reader.send("/sign-in", form, **fields).status_code == 401
    reader.client.cookies.set(session.SESSION_COOKIE, token)
    assert reader.get("/").status_code == 303


def test_the_json_interface_does_not_take_the_cookie(visitor: Reader) -> None:
    assert visitor().get("/v1/suppliers").status_code == 401


def test_signing_in_gives_new_form_tokens(visitor: Reader, service: Service) -> None:
    reader = visitor(None)
    before = reader.get("/sign-in")
    planted = reader.client.cookies[session.FORM_COOKIE]
    reader.send("/sign-in", before, login=service.login(BUYER), password=PASSWORD)
    assert reader.client.cookies[session.FORM_COOKIE] != planted


# ---------------------------------------------------------------------- who may see what


@pytest.mark.parametrize("path", [p for p in PAGES if p != "/"])
def test_an_operator_reads_no_supplier(visitor: Reader, path: str) -> None:
    answer = visitor(CallerRole.OPERATOR).get(path)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")


def test_a_supplier_sees_itself_and_nobody_else(visitor: Reader) -> None:
    reader = visitor(CallerRole.SUPPLIER)
    assert reader.get(QINGLUAN).status_code == 200
    assert reader.get("/suppliers/" + identity("baize")).status_code == 404
    assert reader.get(f"/verdicts/new?supplier={identity('qingluan')}").status_code == 403


# ------------------------------------------------------------------------- foreign forms


def _fields(**changes: str) -> dict[str, str]:
    return {
        "supplier": identity("qingluan"), "category": demo.MASK, "model": "QL-100",
        "quantity": "1", "unit": "H87", "deliver_on": "2027-01-01", **changes,
    }  # fmt: skip


def _token(reader: Visitor) -> str:
    found = re.search(rf'name="{session.FORM_FIELD}" value="([^"]*)"', reader.get("/").text)
    assert found is not None
    return found[1]


def test_a_form_without_its_token_does_nothing(visitor: Reader) -> None:
    assert visitor().client.post("/verdicts/new", data=_fields()).status_code == 403


def test_a_form_with_another_sessions_token_does_nothing(visitor: Reader) -> None:
    mine, theirs = visitor(), visitor(CallerRole.AUDITOR)
    sent = mine.client.post("/verdicts/new", data=_fields(form_token=_token(theirs)))
    assert sent.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_that_the_browser_calls_foreign_does_nothing(visitor: Reader, site: str) -> None:
    reader = visitor()
    sent = reader.client.post(
        "/verdicts/new",
        data=_fields(form_token=_token(reader)),
        headers={"Sec-Fetch-Site": site},
    )
    assert sent.status_code == 403


def test_the_same_form_from_its_own_page_is_taken(visitor: Reader) -> None:
    reader = visitor()
    sent = reader.client.post("/verdicts/new", data=_fields(form_token=_token(reader)))
    assert sent.status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_signing_in_and_out_are_forms_of_ours_too(
    visitor: Reader, service: Service, path: str
) -> None:
    reader = visitor()
    sent = {"login": service.login(CallerRole.AUDITOR), "password": PASSWORD}
    assert reader.client.post(path, data=sent).status_code == 403
    assert reader.get("/").status_code == 200


# -------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "path", ["/sign-in", "/", QINGLUAN, "/suppliers/0x" + "5a" * 20, "/nothing"]
)
def test_every_page_carries_the_headers(visitor: Reader, path: str) -> None:
    headers = visitor().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy or "script" not in policy
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_no_script_no_inline_style_and_nothing_from_elsewhere(
    visitor: Reader, path: str
) -> None:
    html = visitor().get(path).text
    assert not re.search(rf"<script(?!{OWN_SCRIPT})", html)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html)
    assert not re.search(r'(?:src|href|action)="(?!/|#)', html)
    assert len(html) < 150_000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"login=" + b"a" * 300_000),
        ("application/x-www-form-urlencoded", b"&a=b" * 1_000),
        ("application/x-www-form-urlencoded", b"login=\xff"),
        ("text/plain", b"login=a"),
        ("multipart/form-data; boundary=b; charset=punycode", b"--b--\r\n"),
        ("", b"login=a"),
    ],
    ids=["too long", "too many fields", "no UTF-8", "plain text", "in parts", "of no kind"],
)
def test_a_form_that_no_page_of_ours_sends_is_not_even_read(
    visitor: Reader, kind: str, body: bytes
) -> None:
    answer = visitor(None).client.post("/sign-in", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert (
        "The form cannot be read" in unescape(answer.text)
        or "the form cannot be read" in answer.text
    )


def test_a_file_in_a_form_of_another_character_set_is_not_read(visitor: Reader) -> None:
    kind = "multipart/form-data; boundary=b; charset=punycode"
    body = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nabc\r\n--b--\r\n'
    answer = visitor().client.post("/verify", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422
    assert "the form cannot be read" in answer.text


@pytest.mark.parametrize("typed", ["5" * 61, "1" + "\u0301\u0327" * 20_000])
def test_a_number_longer_than_any_is_none(typed: str) -> None:
    assert formats.typed_number(typed) is None


def test_files_of_ours_are_kept_by_browsers_and_others_are_not_there(visitor: Reader) -> None:
    reader = visitor(None)
    link = re.search(r'href="(/static/style\.css\?v=\w+)"', reader.get("/sign-in").text)
    assert link is not None
    style = reader.get(link[1])
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    assert reader.get("/static/wording.py").status_code == 404
    assert reader.get("/static/..%2fwording.py").status_code == 404


# --------------------------------------------------------------------------- hostile names

HOSTILE = "<script>alert(1)</script>\u202eKSAM\u200b\"'&{{7*7}}"


def test_a_hostile_name_is_text_and_shows_its_tricks(visitor: Reader, service: Service) -> None:
    workspace, office = service.workspace, demo.AUTHORITY
    author = Author(
        key("authority"),
        office.id,
        workspace.domains,
        workspace.index.next_nonce,
        workspace.clock,
    )
    entry = author.write(
        "RegisterOrganisation",
        roles=0,
        division=0,
        identifierKind="demo",
        identifier="hostile",
        nameZh="",
        nameEn=HOSTILE,
    )
    [status] = record(workspace, [author.sign(entry)])
    assert status.refusal is None
    reader = visitor()
    for path in ("/?q=script", "/suppliers/0x" + organisation_id("demo", "hostile").hex()):
        html = reader.get(path).text
        assert not re.search(rf"<script(?!{OWN_SCRIPT})", html)
        assert "\u202e" not in html
        assert "\u200b" not in html
        assert "KSAM" in html
        assert "{{7*7}}" in unescape(html), "not evaluated"


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\u061c", "\0", "\x1b", "\ufeff"]
)
def test_characters_that_deceive_are_made_visible(character: str) -> None:
    assert formats.harmless(f"a{character}b") == "a\ufffdb"


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("示例青鸾口罩厂", "Société Générale d'Équipement", "שלום", "مصنع", "A\nB", "👷🏽"):
        assert formats.harmless(name) == name


def test_a_search_of_ten_thousand_characters_is_refused_kindly(visitor: Reader) -> None:
    answer = visitor().get("/?q=" + "x" * 10_000)
    assert answer.status_code == 200
    assert len(answer.text) < 20_000
    assert "200 characters" in answer.text


def test_what_nobody_foresaw_is_a_page_that_tells_nothing(
    visitor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password is 1234")

    reader = visitor()
    monkeypatch.setattr("api.pages.suppliers.shown.shown", broken)
    answer = reader.get(QINGLUAN)
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "1234" not in answer.text
