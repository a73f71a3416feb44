"""Signing in through an organisation's own OpenID Connect provider: a real one."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from httpx import Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from playwright.sync_api import Browser, expect

from api.access import CallerRole
from api.pages import session
from api.pages.accounts import away
from api.settings import ServerSettings
from api.staff import oidc
from api.staff.oidc import NotVouched, OpenIdConnect, Provider
from ledger.errors import RequestError, UnavailableError
from tests.api.pages.conftest import Visitor
from tests.support.browser import Site, reading, serving
from tests.support.oidc import CLIENT, SECRET, needs_provider, provider_of, sign_in_there
from tests.support.service import Service, office, running_service
from tests.support.staff import CHEAP, staff_of

PUBLIC = "http://127.0.0.1:9"
DISTRICT = office("district").id
BUYER = CallerRole.PROCUREMENT

pytestmark = needs_provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provider_of(DISTRICT, PUBLIC + oidc.RETURN_PATH) as running:
        yield running


@pytest.fixture(scope="module")
def organised(service: Service, provider: Provider) -> Iterator[Service]:
    """The same ledger served with the provider, beside the other service."""
    settings = ServerSettings(public_url=PUBLIC, providers=(provider,))
    with running_service(service.workspace, settings) as running:
        yield running


@pytest.fixture
def reader(organised: Service) -> Visitor:
    return Visitor(organised, "en")


def invite(service: Service, login: str, organisation: bytes = DISTRICT) -> str:
    """The secret of a link for a new account."""
    staff = staff_of(service.workspace)
    role = BUYER if organisation == DISTRICT else CallerRole.SUPPLIER
    return staff.create(organisation, "李薇 Li Wei", role, login, None).secret


def sent_to(answer: Response) -> str:
    """Where a page leads that goes on by itself; the link on it leads there, too."""
    assert answer.status_code == 200, answer.text
    url = answer.headers["refresh"].partition("url=")[2]
    assert f'href="{url}"'.replace("&", "&amp;") in answer.text
    return url


def set_out(reader: Visitor, target: str = "/") -> str:
    """Press the organisation's button; where the browser is sent."""
    form = reader.get(f"/sign-in?next={target}")
    return sent_to(reader.send("/sign-in/with", form, provider="0", next=target))


def set_out_invited(reader: Visitor, code: str) -> str:
    form = reader.get(f"/invitation?code={code}")
    return sent_to(reader.send("/invitation/with", form, provider="0", code=code))


def back(reader: Visitor, url: str) -> Response:
    """Come back to the service at this address."""
    assert url.startswith(PUBLIC), url
    return reader.get(url[len(PUBLIC) :])


def bound(organised: Service, login: str, who: str) -> None:
    """Somebody invited binds the identity ``who``."""
    newcomer = Visitor(organised, "en")
    code = invite(organised, login)
    answer = back(newcomer, sign_in_there(set_out_invited(newcomer, code), who))
    assert sent_to(answer) == "/"


def changed(url: str, **parameters: str | None) -> str:
    """The address with other parameters; None: without."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **parameters}
    return parts._replace(
        query=urlencode({k: v for k, v in query.items() if v is not None})
    ).geturl()


# --------------------------------------------------------------------------- how it goes well


def test_an_invited_person_binds_their_identity_and_signs_in_with_it(
    organised: Service, reader: Visitor
) -> None:
    bound(organised, "oidc.one", "li.wei")
    assert reader.get("/account").status_code == 303
    answer = back(reader, sign_in_there(set_out(reader, "/account"), "li.wei"))
    assert sent_to(answer) == "/account"
    shown = reader.get("/account").text
    assert "李薇 Li Wei" in shown
    assert "through my organisation" in shown
    assert 'name="current"' not in shown, "there is no password to change"


def test_the_browser_is_sent_with_pkce_state_and_nonce_to_the_exact_address(
    reader: Visitor, provider: Provider
) -> None:
    url = set_out(reader)
    asked = dict(parse_qsl(urlsplit(url).query))
    assert url.startswith(provider.issuer + "/")
    assert asked["redirect_uri"] == f"{PUBLIC}/sign-in/return/{oidc.slug(provider)}"
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) == 43 for name in ("code_challenge", "state", "nonce"))
    assert asked["state"] not in reader.client.cookies[away.COOKIE]


def test_every_setting_out_is_another_one(reader: Visitor) -> None:
    first, second = (dict(parse_qsl(urlsplit(set_out(reader)).query)) for _ in range(2))
    for name in ("code_challenge", "state", "nonce"):
        assert first[name] != second[name]


def test_of_what_the_provider_gives_only_the_identity_is_kept(organised: Service) -> None:
    bound(organised, "oidc.kept", "kept.person")
    found = organised.workspace.store.staff.by_login("oidc.kept")
    assert found is not None
    assert found.subject == "kept.person"
    assert found.password_hash is None
    files = organised.workspace.data.glob("service.sqlite*")
    assert b"id_token" not in b"".join(p.read_bytes() for p in files)


# ------------------------------------------------------------------------- what does not hold


def refused(reader: Visitor, answer: Response, said: str = "did not confirm") -> None:
    assert answer.status_code == 403
    assert said in answer.text
    assert session.SESSION_COOKIE not in reader.client.cookies
    assert reader.get("/account").status_code == 303


def test_an_identity_that_is_bound_to_nobody_is_refused_with_words(reader: Visitor) -> None:
    answer = back(reader, sign_in_there(set_out(reader), "a stranger"))
    refused(reader, answer, "no account here belongs to that identity")


@pytest.mark.parametrize("state", ["x", "", None])
def test_an_answer_with_another_state_is_refused(
    organised: Service, reader: Visitor, state: str | None
) -> None:
    url = sign_in_there(set_out(reader), "li.wei")
    refused(reader, back(reader, changed(url, state=state)))


def test_an_answer_to_another_browser_is_refused(organised: Service, reader: Visitor) -> None:
    bound(organised, "oidc.other", "other.browser")
    other = Visitor(organised, "en")
    url = sign_in_there(set_out(other), "other.browser")
    refused(reader, back(reader, url), "was not begun in this browser")
    set_out(reader)
    refused(reader, back(reader, url))


def test_an_id_token_with_another_nonce_is_refused(organised: Service, reader: Visitor) -> None:
    bound(organised, "oidc.nonce", "nonce.person")
    away_url = changed(set_out(reader), nonce="n" * 43)
    refused(reader, back(reader, sign_in_there(away_url, "nonce.person")))


def test_a_code_that_was_asked_for_with_another_challenge_is_refused(
    organised: Service, reader: Visitor
) -> None:
    bound(organised, "oidc.pkce", "pkce.person")
    away_url = changed(set_out(reader), code_challenge="c" * 43)
    refused(reader, back(reader, sign_in_there(away_url, "pkce.person")))


def test_a_code_is_worth_nothing_the_second_time(organised: Service, reader: Visitor) -> None:
    bound(organised, "oidc.twice", "twice.person")
    away_url = set_out(reader)
    cookie = reader.client.cookies[away.COOKIE]
    url = sign_in_there(away_url, "twice.person")
    assert sent_to(back(reader, url)) == "/"
    again = Visitor(organised, "en")
    refused(again, back(again, url), "was not begun in this browser")
    again.client.cookies.set(away.COOKIE, cookie)
    refused(again, back(again, url))


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_an_answer_in_another_issuers_name_is_refused(
    organised: Service, reader: Visitor, iss: str | None
) -> None:
    url = sign_in_there(set_out(reader), "li.wei")
    assert "iss=" in url
    refused(reader, back(reader, changed(url, iss=iss)))


@pytest.mark.parametrize("where", ["", "/", "/0", "/" + "0" * 16])
def test_an_answer_on_another_providers_way_back_is_refused_and_its_code_goes_nowhere(
    organised: Service,
    reader: Visitor,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    url = sign_in_there(set_out(reader), "li.wei")
    sent: list[object] = []
    monkeypatch.setattr(OpenIdConnect, "_exchange", lambda *given: sent.append(given))
    answer = back(reader, url.replace("/" + oidc.slug(provider), where))
    assert answer.status_code in (403, 404)
    assert sent == []
    assert session.SESSION_COOKIE not in reader.client.cookies


def test_every_provider_has_a_way_back_of_its_own_that_stays() -> None:
    other = replace(MADE_UP, issuer="https://other.example")
    first, second = (
        OpenIdConnect(listed, "https://here.example", lambda: NOW)
        for listed in ((MADE_UP, other), (other, MADE_UP))
    )
    assert first.redirect_uri(MADE_UP) != first.redirect_uri(other)
    assert first.redirect_uri(MADE_UP) == second.redirect_uri(MADE_UP)


def test_an_answer_that_comes_too_late_is_refused(
    organised: Service, reader: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sign_in_there(set_out(reader), "li.wei")
    monkeypatch.setattr(organised.workspace, "clock", lambda: time.time() + 601)
    refused(reader, back(reader, url), "too long ago")


def test_an_altered_cookie_is_no_errand(organised: Service, reader: Visitor) -> None:
    url = sign_in_there(set_out(reader), "li.wei")
    written, _, signature = reader.client.cookies[away.COOKIE].partition(".")
    reader.client.cookies.clear()
    reader.client.cookies.set(away.COOKIE, f"{written[:-4]}AAAA.{signature}")
    refused(reader, back(reader, url), "was not begun in this browser")


def test_what_the_provider_refuses_is_told_kindly(reader: Visitor) -> None:
    url = changed(set_out(reader), prompt="none")
    answer = back(reader, sign_in_there(url, "nobody"))
    refused(reader, answer)


def test_a_provider_vouches_for_its_own_organisation_only(
    organised: Service, reader: Visitor, provider: Provider
) -> None:
    factory = office("qingluan").id
    code = invite(organised, "oidc.factory", factory)
    page = reader.get(f"/invitation?code={code}")
    assert "/invitation/with" not in page.text, "nothing is offered"
    url = sent_to(reader.send("/invitation/with", page, provider="0", code=code))
    answer = back(reader, sign_in_there(url, "factory.person"))
    assert answer.status_code == 404
    # Even where it was bound by some other way, it does not count.
    book = organised.workspace.store.staff
    assert book.accept_with_identity(_hash(code), provider.issuer, "factory.person", time.time())
    answer = back(reader, sign_in_there(set_out(reader), "factory.person"))
    refused(reader, answer, "no account here belongs to that identity")


def _hash(code: str) -> bytes:
    from ledger.index.secrets import secret_hash

    return secret_hash(code)


def test_an_identity_is_bound_to_one_account(organised: Service, reader: Visitor) -> None:
    bound(organised, "oidc.first", "one.person")
    code = invite(organised, "oidc.second")
    url = sign_in_there(set_out_invited(reader, code), "one.person")
    answer = back(reader, url)
    assert (answer.status_code, "another account" in answer.text) == (403, True)
    assert 'name="again"' in reader.get(f"/invitation?code={code}").text, "the link is still good"


def test_a_used_invitation_binds_nothing(organised: Service, reader: Visitor) -> None:
    code = invite(organised, "oidc.used")
    url = sign_in_there(set_out_invited(reader, code), "late.person")
    other = Visitor(organised, "en")
    form = other.get(f"/invitation?code={code}")
    password = "seven quiet herons at dusk"
    assert other.send("/invitation", form, password=password, again=password).status_code == 303
    assert back(reader, url).status_code == 404


def test_a_disabled_account_is_not_found_by_its_identity(
    organised: Service, reader: Visitor
) -> None:
    bound(organised, "oidc.gone", "gone.person")
    staff = organised.app.state.context.staff
    staff.disable(staff.book.by_login("oidc.gone").id, None)
    refused(
        reader,
        back(reader, sign_in_there(set_out(reader), "gone.person")),
        "no account here belongs",
    )


# ---------------------------------------------------------------------------- provider down


def test_where_the_provider_does_not_answer_the_page_says_so_and_what_else_there_is(
    service: Service,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{closed.getsockname()[1]}"
    down = Provider(DISTRICT, "示例登录", "Example sign-in", issuer, CLIENT, SECRET)
    settings = ServerSettings(public_url=PUBLIC, providers=(down,))
    with running_service(service.workspace, settings) as organised:
        reader = Visitor(organised, "en")
        form = reader.get("/sign-in")
        answer = reader.send("/sign-in/with", form, provider="0")
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "does not answer" in answer.text
        assert 'name="password"' in answer.text
        assert issuer not in unescape(answer.text)


# ------------------------------------------------------------------------------- ID tokens

KEY = ECKey.generate_key("P-256", parameters={"kid": "mine"})
OTHER = ECKey.generate_key("P-256", parameters={"kid": "mine"})
NONCE = "n" * 43
NOW = 1_800_000_000
MADE_UP = Provider(DISTRICT, "", "Made up", "https://issuer.example", CLIENT, SECRET)
CLAIMS = {
    "iss": MADE_UP.issuer, "aud": CLIENT, "sub": "somebody", "nonce": NONCE,
    "iat": NOW - 5, "exp": NOW + 300,
}  # fmt: skip


def verified(token: str) -> str:
    known = oidc._Told({}, KeySet([KEY]), time.monotonic())
    asked = OpenIdConnect((MADE_UP,), "https://here.example", lambda: NOW)
    asked._told[MADE_UP.issuer] = known
    return asked._verified(MADE_UP, known, token, NONCE)


def test_an_id_token_that_holds_tells_who_it_is() -> None:
    assert verified(jwt.encode({"alg": "ES256", "kid": "mine"}, CLAIMS, KEY)) == "somebody"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"aud": CLIENT, "azp": "another"},
        {"iss": "https://evil.example"},
        {"iss": "https://issuer.example/"},
        {"exp": NOW - 120},
        {"iat": NOW + 600},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
    ],
)
def test_an_id_token_that_does_not_hold_tells_nothing(claims: dict[str, object]) -> None:
    made = {k: v for k, v in {**CLAIMS, **claims}.items() if v is not None}
    with pytest.raises(NotVouched):
        verified(jwt.encode({"alg": "ES256", "kid": "mine"}, made, KEY))


def test_an_id_token_must_be_signed_by_a_public_key_of_the_issuer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing_new(*_: object) -> oidc._Told:
        return oidc._Told({}, KeySet([KEY]), 0)

    monkeypatch.setattr(OpenIdConnect, "_ask", nothing_new)
    secret = OctKey.import_key(SECRET.encode() * 4, {"kid": "mine"})
    signed = jwt.encode({"alg": "ES256", "kid": "mine"}, CLAIMS, KEY)
    header, body, _ = signed.split(".")
    for token in (
        jwt.encode({"alg": "ES256", "kid": "mine"}, CLAIMS, OTHER),
        jwt.encode({"alg": "ES256", "kid": "unknown"}, CLAIMS, OTHER),
        jwt.encode({"alg": "HS256", "kid": "mine"}, CLAIMS, secret),
        "eyJhbGciOiJub25lIn0." + body + ".",
        f"{header}.{body}.",
        "nonsense",
    ):
        with pytest.raises(NotVouched):
            verified(token)


# -------------------------------------------------------------------------------- settings


def unsafe(providers: tuple[Provider, ...], public_url: str) -> str | None:
    with pytest.raises(RequestError) as caught:
        ServerSettings(providers=providers, public_url=public_url).check()
    return caught.value.field


def test_settings_that_are_unsafe_are_refused_by_name() -> None:
    good = "https://here.example"
    ServerSettings(providers=(MADE_UP,), public_url=good).check()
    ServerSettings(providers=(MADE_UP,), public_url="http://127.0.0.1:8000").check()
    assert unsafe((MADE_UP,), "") == "public_url"
    for url in ("http://here.example", good + "/path", "https://u:p@here.example", "ftp://x"):
        assert unsafe((MADE_UP,), url) == "public_url"
    assert unsafe((MADE_UP, replace(MADE_UP, client_id="x")), good) == "oidc[1].issuer"


def test_a_secret_is_in_no_text() -> None:
    assert SECRET not in repr(MADE_UP)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://issuer.example/auth"},
        {"token_endpoint": None},
        {"jwks_uri": "ftp://issuer.example/keys"},
    ],
)
def test_a_provider_that_describes_itself_unsafely_is_not_used(
    monkeypatch: pytest.MonkeyPatch, metadata: dict[str, object]
) -> None:
    base = MADE_UP.issuer
    told = {
        "issuer": base, "authorization_endpoint": base + "/auth",
        "token_endpoint": base + "/token", "jwks_uri": base + "/keys", **metadata,
    }  # fmt: skip
    monkeypatch.setattr(OpenIdConnect, "_get", lambda *_: told)
    with pytest.raises(UnavailableError):
        OpenIdConnect((MADE_UP,), "https://here.example", lambda: NOW).address(MADE_UP, "seed")


# ------------------------------------------------------------------------------ in a browser


def test_somebody_invited_signs_in_through_their_organisation_in_a_browser(
    site: Site, browser: Browser
) -> None:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    public = f"http://127.0.0.1:{port}"
    workspace = site.workspace
    secret = staff_of(workspace).create(DISTRICT, "李薇", BUYER, "browser.li", None).secret
    with provider_of(DISTRICT, public + oidc.RETURN_PATH) as provider:
        settings = ServerSettings(public_url=public, providers=(provider,), hashing=CHEAP)
        with serving(workspace, settings, port) as running:
            with reading(browser, running, "zh", 390) as page:
                page.goto(f"/invitation?code={secret}")
                page.click("text=用示例登录账号登录")
                page.fill("[name=who]", "li.wei")
                page.click("text=Sign in")
                page.wait_for_selector("#q")
            with reading(browser, running, "en", 1440) as page:
                page.goto("/account")
                page.click("text=Sign in with Example sign-in")
                page.fill("[name=who]", "li.wei")
                page.click("text=Sign in")
                page.wait_for_selector("#sessions")
                expect(page.locator("main")).to_contain_text("李薇")
                assert re.search(r"/account$", page.url)
