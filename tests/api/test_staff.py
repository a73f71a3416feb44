"""Staff accounts: what a password may be, how often one may guess, how long a session lasts."""

import argparse
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from api.access import CallerRole
from api.cli import serving
from api.context import Context
from api.pages import session
from api.settings import ServerSettings
from api.staff import passwords
from api.staff.guesses import FREE, LONGEST_WAIT, Guesses, neighbourhood
from api.staff.passwords import Hashing, Passwords
from api.staff.service import SignedIn, Staff, TooManyGuesses, Visit, WrongPassword
from api.staff.sessions import IDLE, LONGEST
from ledger.errors import RequestError, SuyuanError, UnavailableError
from tests.support.service import Service, identity, office
from tests.support.staff import CHEAP, PASSWORD, staff_of

DISTRICT = office("district").id
BUYER = CallerRole.PROCUREMENT
HERE = Visit("192.0.2.1", "tests")


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(service: Service, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(service.workspace, "clock", made)
    return made


@pytest.fixture
def staff(service: Service) -> Staff:
    return staff_of(service.workspace)


def somebody(staff: Staff, login: str, password: str = PASSWORD) -> int:
    invited = staff.create(DISTRICT, "李薇 Li Wei", BUYER, login, None)
    staff.choose_password(invited.secret, password, HERE)
    return invited.account.id


# ------------------------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    "password",
    [
        "nine carved pebbles under a bridge",
        "昨夜雨疏风骤浓睡不消残酒试问卷帘人",
        "correct horse battery staple",
        "xK9#mQ2$vL7!pR4",
        "               spaces count too, if there are words",
    ],
)
def test_a_long_password_of_any_kind_is_taken(password: str) -> None:
    passwords.check(password, ("li.wei", "Li Wei", "Example City"))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short one", "short"),
        ("a" * 14, "short"),
        ("x" * 201, "long"),
        ("passwordpassword", "guessable"),
        ("123456789012345", "guessable"),
        ("qwertyuiopasdfgh", "guessable"),
        ("aaaaaaaaaaaaaaaaaaaa", "guessable"),
        ("abcabcabcabcabcabc", "guessable"),
        ("Suyuan2026!Suyuan2026!", "guessable"),
        ("li.wei-li.wei-2026", "guessable"),
        ("Example City Li Wei", "guessable"),
        ("1qaz2wsx3edc4rfv", "guessable"),
        ("ｐａｓｓｗｏｒｄ１２３４５６７８", "guessable"),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused_with_the_reason(
    password: str, code: str
) -> None:
    with pytest.raises(RequestError) as caught:
        passwords.check(password, ("li.wei", "Li Wei", "Example City"))
    assert caught.value.code == f"password.{code}"
    assert caught.value.message_zh
    assert password not in str(caught.value)


def test_a_password_is_kept_as_argon2id_of_rfc_9106_and_known_again_in_any_form() -> None:
    kept = Passwords(Hashing()).hashed("ｎine carved pebbles")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords(CHEAP).match(kept, "nine carved pebbles")
    assert not Passwords(CHEAP).match(kept, "nine carved pebble")


def test_without_a_password_to_compare_the_same_work_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    one = Passwords(CHEAP)
    real = one._hasher.verify

    def watched(_: object, kept: str, typed: str) -> bool:
        asked.append(kept)
        return real(kept, typed)

    monkeypatch.setattr(type(one._hasher), "verify", watched)
    assert not one.match(None, "anything")
    [kept] = asked
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_a_password_is_hashed_anew_when_the_parameters_change(staff: Staff) -> None:
    id_ = somebody(staff, "rehash.me")
    staff._passwords = Passwords(Hashing(time_cost=2, memory_cost=16, parallelism=1))
    staff.sign_in("rehash.me", PASSWORD, HERE)
    kept = staff.account(id_).password_hash
    assert kept is not None
    assert "m=16,t=2" in kept
    staff.sign_in("REHASH.me", PASSWORD, HERE)


# --------------------------------------------------------------------------------- guesses


def test_after_some_failures_each_next_try_waits_twice_as_long() -> None:
    guesses, key, now = Guesses(), [("name", "li")], 0.0
    waits = []
    for _ in range(FREE["name"] + 12):
        wait = guesses.begin(key, now)
        waits.append(wait)
        if wait:
            assert guesses.begin(key, now + wait - 1) > 0
            now += wait
            assert guesses.begin(key, now) == 0
    assert waits[: FREE["name"]] == [0] * FREE["name"]
    assert waits[FREE["name"] : FREE["name"] + 4] == [1, 2, 4, 8]
    assert max(waits) == LONGEST_WAIT


def test_a_success_forgives_the_name_but_the_address_only_that_try() -> None:
    guesses, name, address = Guesses(), ("name", "li"), ("address", "192.0.2.1")
    for _ in range(4):
        guesses.begin([name, address], 0)
    guesses.succeeded([name, address])
    assert guesses._failures(name, 0) == 0
    assert guesses._failures(address, 0) == 3
    assert guesses._failures(address, 360) == 0, "and they are forgotten with time"


def test_an_address_is_counted_with_its_neighbours() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1")
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("::ffff:192.0.2.7") == "192.0.2.7"
    assert neighbourhood("testclient") == "testclient"


@pytest.mark.parametrize("login", ["throttled.one", "nobody.at.all"])
def test_names_that_exist_and_that_do_not_are_refused_and_throttled_alike(
    staff: Staff, login: str
) -> None:
    if login.startswith("throttled"):
        somebody(staff, login)
    said: list[type[SuyuanError]] = []
    for n in range(FREE["name"] + 1):
        with pytest.raises((WrongPassword, TooManyGuesses)) as caught:
            staff.sign_in(login, "wrong password, and long", Visit(f"192.0.2.{n}", ""))
        said.append(caught.type)
    assert said == [WrongPassword] * FREE["name"] + [TooManyGuesses]


def test_a_stranger_who_guesses_does_not_keep_somebody_out_of_their_browser(staff: Staff) -> None:
    somebody(staff, "at.work")
    known = staff.sign_in("at.work", PASSWORD, HERE).known
    for n in range(20):
        with pytest.raises((WrongPassword, TooManyGuesses)):
            staff.sign_in("at.work", "guess number " + str(n) * 5, Visit(f"198.51.100.{n}", ""))
    with pytest.raises(TooManyGuesses):
        staff.sign_in("at.work", PASSWORD, HERE)
    assert staff.sign_in("at.work", PASSWORD, Visit(HERE.address, "", known)).account
    with pytest.raises(TooManyGuesses):
        staff.sign_in("at.work", PASSWORD, Visit("203.0.113.1", "", "made up"))


def test_a_try_that_could_not_be_looked_at_is_no_wrong_guess(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody(staff, "in.a.storm")
    monkeypatch.setattr(passwords, "_PATIENCE", 0.0)
    with staff._passwords._turns, staff._passwords._turns:
        for _ in range(3 * FREE["name"]):
            with pytest.raises(UnavailableError):
                staff.sign_in("in.a.storm", PASSWORD, HERE)
    assert staff.sign_in("in.a.storm", PASSWORD, HERE).account


def test_a_try_that_is_taken_back_leaves_the_wait_as_it_was() -> None:
    guesses, key = Guesses(), [("name", "li")]
    for _ in range(FREE["name"]):
        guesses.begin(key, 0)
    assert guesses.begin(key, 0) == 1
    assert guesses.begin(key, 1) == 0
    guesses.take_back(key)
    assert guesses.begin(key, 1) == 0
    assert guesses.begin(key, 1) == 2


def test_when_a_few_wait_for_their_turn_the_next_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = Passwords(CHEAP)
    with ExitStack() as held, ThreadPoolExecutor(passwords.MOST_WAITING) as waiting:
        for _ in range(passwords.AT_ONCE):
            held.enter_context(one._turns)
        tried = [waiting.submit(one.match, None, "x") for _ in range(passwords.MOST_WAITING)]
        while one._turns._places._value:
            time.sleep(0.001)
        # It does not wait: nobody goes while this is asked.
        with pytest.raises(UnavailableError):
            one.match(None, "x")
        held.close()
        assert [t.result() for t in tried] == [False] * passwords.MOST_WAITING


def test_who_has_many_addresses_or_makes_up_names_pushes_no_accounts_count_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.staff.guesses._MOST", 10)
    guesses = Guesses()
    for _ in range(FREE["name"]):
        guesses.begin([("name", "li")], 0)
    for n in range(100):
        guesses.begin([("stranger", str(n)), ("address", str(n))], 0)
    assert guesses.begin([("name", "li")], 0) == 1
    assert all(len(book) <= 10 for book in guesses._books.values())


def test_behind_a_proxy_that_is_not_known_nobody_is_kept_out_for_the_others(staff: Staff) -> None:
    somebody(staff, "behind.a.proxy")
    nowhere = Visit("", "tests")
    for n in range(2 * FREE["address"]):
        with pytest.raises(WrongPassword):
            staff.sign_in(f"nobody {n}", "wrong password, and long", nowhere)
    assert staff.sign_in("behind.a.proxy", PASSWORD, nowhere).account


def test_what_is_too_long_is_wrong_and_is_not_normalised(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody(staff, "long.one")
    longest: list[int] = []
    real = unicodedata.normalize

    def watched(form: Any, text: str) -> str:
        longest.append(len(text))
        return real(form, text)

    monkeypatch.setattr("api.staff.service.unicodedata.normalize", watched)
    marks = "a" + "\u0301\u0327" * 60_000
    for login, password in ((marks, PASSWORD), ("long.one", PASSWORD + marks)):
        with pytest.raises(WrongPassword):
            staff.sign_in(login, password, HERE)
    with pytest.raises(RequestError):
        passwords.check(marks, (marks,))
    passwords.check(PASSWORD, (marks,))
    with pytest.raises(RequestError) as caught:
        staff.create(DISTRICT, "Li", BUYER, marks, None)
    assert caught.value.field == "login"
    assert max(longest) <= 4 * passwords.LONGEST + 1


# -------------------------------------------------------------------------------- sessions


@pytest.mark.parametrize("how", ["sign-in", "change"])
def test_a_password_that_is_reset_while_it_is_compared_lets_nobody_in(
    staff: Staff, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    id_ = somebody(staff, f"reset.{how}")
    link = staff.invite(id_, None).secret
    real, new = Passwords.match, "seven quiet herons at dusk"

    def tried() -> SignedIn:
        if how == "sign-in":
            return staff.sign_in(f"reset.{how}", PASSWORD, HERE)
        return staff.change_password(id_, PASSWORD, "eleven brass kettles sing", HERE)

    def slowly(self: Passwords, kept: str | None, password: str) -> bool:
        found = real(self, kept, password)
        staff.choose_password(link, new, Visit("192.0.2.9", "the owner"))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Passwords, "match", slowly)
        with pytest.raises(RequestError) as caught:
            tried()
    assert caught.value.code in ("sign-in.wrong", "password.current")
    assert [s.browser for s in staff.book.sessions(id_)] == ["the owner"]
    assert staff.sign_in(f"reset.{how}", new, HERE).account


def test_signing_in_again_in_the_same_browser_ends_its_earlier_session(
    staff: Staff, clock: Clock
) -> None:
    id_ = somebody(staff, "again.here")
    first = staff.sign_in("again.here", PASSWORD, HERE).session
    assert staff.sessions.caller(first, clock.now)
    again = replace(HERE, session=first)
    second = staff.sign_in("again.here", PASSWORD, again).session
    assert staff.sessions.caller(first, clock.now) is None
    assert staff.sessions.caller(second, clock.now)
    assert len(staff.book.sessions(id_)) == 2, "and the one of the invitation, elsewhere"


def test_a_session_ends_when_nothing_is_read_and_at_the_latest_after_half_a_day(
    staff: Staff, clock: Clock
) -> None:
    somebody(staff, "idle.one")
    secret = staff.sign_in("idle.one", PASSWORD, HERE).session
    begun = clock.now
    for _ in range(LONGEST // IDLE):
        clock.now += IDLE - 1
        staff.sessions.forget()
        assert staff.sessions.caller(secret, clock.now) is not None
    clock.now = begun + LONGEST
    staff.sessions.forget()
    assert staff.sessions.caller(secret, clock.now) is None
    secret = staff.sign_in("idle.one", PASSWORD, HERE).session
    assert staff.sessions.caller(secret, clock.now + IDLE) is None


def test_a_session_that_was_looked_up_is_not_looked_up_for_each_page(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody(staff, "cheap.one")
    secret = staff.sign_in("cheap.one", PASSWORD, HERE).session
    looked: list[str] = []
    real = staff.book.session

    def watched(secret: str) -> Any:
        looked.append(secret)
        return real(secret)

    monkeypatch.setattr(staff.book, "session", watched)
    monkeypatch.setattr("api.staff.sessions.time.monotonic", lambda: 1000.0)
    for _ in range(50):
        assert staff.sessions.caller(secret, time.time())
    assert len(looked) == 1


def test_a_new_role_counts_at_once(staff: Staff, clock: Clock) -> None:
    id_ = somebody(staff, "two.roles")
    secret = staff.sign_in("two.roles", PASSWORD, HERE).session
    assert staff.sessions.caller(secret, clock.now).role is BUYER  # type: ignore[union-attr]
    staff.change_role(id_, CallerRole.OPERATOR, None)
    assert staff.sessions.caller(secret, clock.now).role is CallerRole.OPERATOR  # type: ignore[union-attr]
    with pytest.raises(RequestError) as caught:
        staff.change_role(id_, CallerRole.AUDITOR, None)
    assert caught.value.code == "token.role"


def test_an_organisation_that_lost_its_role_on_the_ledger_has_no_sessions(
    staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody(staff, "lost.role")
    secret = staff.sign_in("lost.role", PASSWORD, HERE).session
    monkeypatch.setattr(staff._index, "organisation", lambda _: None)
    staff.sessions.forget()
    assert staff.sessions.caller(secret, clock.now) is None
    with pytest.raises(RequestError, match="not on the ledger what"):
        staff.sign_in("lost.role", PASSWORD, HERE)


# ------------------------------------------------------------------------- how it is reached


def asked(service: Service, settings: ServerSettings, host: str, **headers: str) -> Request:
    """A request of this host, as the app with the settings has it."""
    context = replace(service.app.state.context, settings=settings)
    app = SimpleNamespace(state=SimpleNamespace(context=context))
    sent = {"host": host, **headers}
    return Request(
        {
            "type": "http", "scheme": "http", "method": "GET", "path": "/", "query_string": b"",
            "client": ("192.0.2.1", 1), "app": app,
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in sent.items()],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "host", "told"),
    [
        (ServerSettings(public_url="https://here.example"), "evil.example", "https://here.example"),
        (ServerSettings(), "localhost:9000", "http://localhost:9000"),
        (ServerSettings(), "evil.example", "http://127.0.0.1:8000"),
        (ServerSettings(host="::1"), "127.0.0.1.evil.example", "http://[::1]:8000"),
        (ServerSettings(tls=(Path("c"), Path("k"))), "here.example", "http://here.example"),
    ],
)
def test_links_are_made_of_the_public_address_and_of_no_strange_hosts_name(
    service: Service, settings: ServerSettings, host: str, told: str
) -> None:
    assert Context.of(asked(service, settings, host)).public(asked(service, settings, host)) == told


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "address"),
    [
        (False, "", "192.0.2.1"),
        (True, "198.51.100.7, 192.0.2.1", "192.0.2.1"),
        (True, "198.51.100.7", ""),
        (True, "", ""),
    ],
)
def test_the_address_of_a_proxy_that_everybody_shares_is_nobodys(
    service: Service, behind_proxy: bool, forwarded: str, address: str
) -> None:
    settings = ServerSettings(behind_proxy=behind_proxy, public_url="https://here.example")
    request = asked(service, settings, "here.example", x_forwarded_for=forwarded)
    assert session.visit(request).address == address


def test_proxies_are_named_on_the_command_line_and_told_to_the_server(service: Service) -> None:
    parser = argparse.ArgumentParser()
    serving.add_server_options(parser)
    options = ["--behind-proxy", "--public-url", "https://here.example", "--trusted-proxy"]
    settings = serving.server_settings(parser.parse_args([*options, "10.0.0.0/8"]))
    running = serving.server(service.workspace, replace(settings, hashing=CHEAP))
    assert running.config.forwarded_allow_ips == ["127.0.0.1", "::1", "10.0.0.0/8"]
    assert running.config.proxy_headers


# ---------------------------------------------------------------------------- over HTTP


def made(service: Service, login: str, **changes: Any) -> Any:
    body = {
        "organisation": identity("district"), "person": "Li Wei 李薇", "role": "procurement",
        "login": login, **changes,
    }  # fmt: skip
    return service.post("/v1/staff", CallerRole.OPERATOR, json=body)


def test_an_operator_makes_an_account_and_never_learns_a_password(service: Service) -> None:
    told = made(service, "http.one").json()
    assert told["state"] == "invited"
    assert told["invitation"].startswith("/invitation?code=")
    listed = service.get("/v1/staff?q=http.one", CallerRole.OPERATOR).json()["staff"]
    assert [a["id"] for a in listed] == [told["id"]]
    assert "invitation" not in listed[0]
    one = service.get(f"/v1/staff/{told['id']}", CallerRole.OPERATOR).json()
    assert one == listed[0]
    code = told["invitation"].partition("=")[2].encode()
    kept = b"".join(p.read_bytes() for p in service.workspace.data.glob("service.sqlite*"))
    assert code not in kept


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": "a b c"}, "login"),
        ({"login": "LI.WEI.TWICE"}, "login"),
        ({"role": "auditor"}, "role"),
        ({"role": "king"}, "role"),
        ({"organisation": "0x" + "00" * 20}, "organisation"),
        ({"person": " "}, "person"),
        ({"password": "1234"}, "password"),
    ],
)
def test_what_is_wrong_with_an_account_is_named(
    service: Service, changes: dict[str, str], field: str
) -> None:
    made(service, "li.wei.twice")
    refused = made(service, **{"login": "li.wei.new", **changes})
    assert (refused.status_code, refused.json()["field"]) == (422, field)


def test_an_account_is_disabled_and_invited_again(service: Service) -> None:
    id_ = made(service, "http.two").json()["id"]
    path = f"/v1/staff/{id_}"
    assert service.ask("DELETE", path, CallerRole.OPERATOR).status_code == 204
    assert service.ask("DELETE", path, CallerRole.OPERATOR).status_code == 404
    assert service.get(path, CallerRole.OPERATOR).json()["state"] == "disabled"
    again = service.post(f"{path}/invitation", CallerRole.OPERATOR)
    assert (again.status_code, again.json()["state"]) == (201, "invited")
    role = service.post(f"{path}/role", CallerRole.OPERATOR, json={"role": "operator"})
    assert role.json()["role"] == "operator"
    log = service.get(f"/v1/accesses?subject=staff-{id_}", CallerRole.AUDITOR).json()["accesses"]
    assert [a["action"] for a in log] == [
        "staff.role", "staff.invite", "staff.disable", "staff.invite", "staff.create",
    ]  # fmt: skip
    assert {a["organisation"] for a in log} == {identity("authority")}


def test_the_access_log_is_asked_by_organisation_person_action_and_day(service: Service) -> None:
    def asked(query: str) -> list[Any]:
        told = service.get(f"/v1/accesses?{query}", CallerRole.AUDITOR).json()
        return list(told["accesses"])

    made(service, "http.three")
    found = asked(f"organisation={identity('authority')}&action=staff.create&person=operator")
    assert found
    assert {a["action"] for a in found} == {"staff.create"}
    assert asked("since=2099-01-01") == []
    assert asked("until=2001-01-01") == []
    refused = service.get("/v1/accesses?since=soon", CallerRole.AUDITOR)
    assert (refused.status_code, refused.json()["field"]) == (422, "since")
