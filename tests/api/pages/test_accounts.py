"""Invitations, one's account, staff, tokens and the access log, as people meet them."""

import re
from html import unescape

import pytest
from httpx import Response

from api.access import CallerRole
from api.pages import session
from api.pages.accounts.shown import browser_name
from api.staff.guesses import FREE, Guesses
from api.staff.service import COMMAND_LINE
from ledger.index.store import Access
from tests.api.pages.conftest import Reader, Visitor
from tests.api.pages.test_pages import ask
from tests.support.ledger import key
from tests.support.service import Service
from tests.support.staff import PASSWORD

DISTRICT = "Yunmeng District Emergency Procurement Office, Example City"
NEW = "seven quiet herons at dusk"
OPERATOR = CallerRole.OPERATOR


def text(page: Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def invite(operator: Visitor, login: str, **changes: str) -> str:
    """The path of the link that the operator is shown."""
    form = {"organisation": DISTRICT, "person": "Li Wei", "login": login, "role": "procurement"}
    answer = operator.send("/staff", operator.get("/staff"), **{**form, **changes})
    assert answer.status_code == 303, answer.text
    answer = operator.get(answer.headers["location"])
    link = re.search(r'class="once">([^<]*)<', answer.text)
    assert link is not None
    return unescape(link[1]).removeprefix("http://127.0.0.1:8000")


def open_link(reader: Visitor, path: str, password: str = NEW, again: str = "") -> int:
    form = reader.get(path)
    sent = reader.send("/invitation", form, password=password, again=again or password)
    return sent.status_code


def test_somebody_is_invited_chooses_a_password_and_comes_back_with_it(visitor: Reader) -> None:
    path, person = invite(visitor(OPERATOR), "story.one"), visitor(None)
    shown = person.get(path).text
    assert DISTRICT in shown
    assert "story.one" in shown
    assert open_link(person, path) == 303
    assert person.get("/").status_code == 200
    person.send("/sign-out", person.get("/account"))
    form = person.get("/sign-in")
    assert person.send("/sign-in", form, login="Story.One", password=NEW).status_code == 303


def test_opening_a_link_uses_nothing_up_but_using_it_does(visitor: Reader) -> None:
    path, person = invite(visitor(OPERATOR), "story.two"), visitor(None)
    for _ in range(3):
        assert person.get(path).status_code == 200
    assert open_link(person, path) == 303
    late = visitor(None).get(path)
    assert late.status_code == 410
    assert "was used already" in late.text
    assert "new link" not in late.text
    assert 'class="button" href="/sign-in"' in late.text
    again = text(person.get(path))
    assert "You are signed in as Li Wei." in again
    assert "Sign in" not in again
    assert "Li Wei" not in late.text, "whoever has a used link learns nothing"


def test_a_link_says_how_long_it_is_good_and_what_becomes_of_who_is_signed_in(
    visitor: Reader,
) -> None:
    path, other = invite(visitor(OPERATOR), "story.four"), visitor()
    for person in (visitor(None), other):
        assert "The link can be used once, until" in person.get(path).text
    signed_in = other.client.cookies[session.SESSION_COOKIE]
    thief = visitor(None)
    thief.client.cookies.set(session.SESSION_COOKIE, signed_in, domain="testserver.local")
    told = "If you go on, that account is signed out here."
    assert told in other.get(path).text
    assert told not in visitor(None).get(path).text
    assert open_link(other, path) == 303
    assert "Li Wei" in other.get("/account").text
    assert thief.get("/account").status_code == 303, "the session before it has ended"


def test_a_new_link_for_who_is_signed_in_says_nothing_of_another(
    visitor: Reader, service: Service
) -> None:
    operator, person = visitor(OPERATOR), visitor(None)
    open_link(person, invite(operator, "story.five"))
    found = service.workspace.store.staff.by_login("story.five")
    assert found is not None
    member = f"/staff/{found.id}"
    answer = operator.send(f"{member}/invitation", operator.get(member))
    shown = operator.get(answer.headers["location"]).text
    link = re.search(r'class="once">([^<]*)<', shown)
    assert link is not None
    path = unescape(link[1]).removeprefix("http://127.0.0.1:8000")
    page = person.get(path).text
    assert "Choose the password with which" in page
    assert "signed out here" not in page


def test_a_newer_link_takes_the_place_of_the_older(visitor: Reader) -> None:
    operator = visitor(OPERATOR)
    old = invite(operator, "story.three")
    listed = operator.get("/staff?q=story.three").text
    number = re.search(r'href="/staff/(\d+)"><bdi>Li Wei</bdi>', listed)
    assert number is not None
    member = f"/staff/{number[1]}"
    operator.send(f"{member}/invitation", operator.get(member))
    assert visitor(None).get(old).status_code == 410
    assert visitor(None).get("/invitation?code=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("short", "", "at least 15"), (NEW, NEW + "x", "not the same"), ("password" * 3, "", "easy")],
)
def test_a_password_that_is_none_is_mended_and_the_link_stays_good(
    visitor: Reader, password: str, again: str, said: str
) -> None:
    person = visitor(None)
    path = invite(visitor(OPERATOR), f"mend.{len(password)}.{len(again)}")
    form = person.get(path)
    sent = person.send("/invitation", form, password=password, again=again or password)
    assert sent.status_code == 422
    assert said in sent.text
    assert 'aria-invalid="true"' in sent.text
    assert f'value="{password}"' not in sent.text
    assert open_link(person, path) == 303


def test_signing_in_gives_a_new_session_and_no_other_is_taken(visitor: Reader) -> None:
    reader, planted = visitor(None), "A" * 43
    reader.client.cookies.set(session.SESSION_COOKIE, planted, domain="testserver.local")
    assert reader.get("/account").status_code == 303
    assert reader.sign_in().status_code == 303
    first = reader.client.cookies[session.SESSION_COOKIE]
    assert first != planted
    reader.sign_in()
    assert reader.client.cookies[session.SESSION_COOKIE] not in (first, planted)


def test_a_session_that_was_ended_is_over_for_who_kept_the_cookie(visitor: Reader) -> None:
    reader, thief = visitor(), visitor(None)
    thief.client.cookies.update(reader.client.cookies)
    assert thief.get("/account").status_code == 200
    reader.send("/sign-out", reader.get("/account"))
    assert thief.get("/account").status_code == 303


def test_one_s_other_sessions_are_seen_and_ended(visitor: Reader, service: Service) -> None:
    here, there = visitor(CallerRole.ISSUER), visitor(CallerRole.ISSUER)
    page = here.get("/account").text
    numbers = re.findall(r'name="session" value="(\d+)"', page)
    assert numbers
    for number in numbers:
        form = here.get("/account")
        own = {session.FORM_FIELD: here.token(), "session": number}
        assert form.status_code == 200
        here.client.post("/account/sessions/end", data=own)
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_nobody_ends_somebody_else_s_session(visitor: Reader) -> None:
    mine, theirs = visitor(), visitor(CallerRole.ISSUER)
    own = {session.FORM_FIELD: mine.token()}
    for number in range(1, 200):
        mine.client.post("/account/sessions/end", data=own | {"session": str(number)})
    assert theirs.get("/account").status_code == 200


def test_a_changed_password_ends_every_other_session(visitor: Reader) -> None:
    path, here, there = invite(visitor(OPERATOR), "change.one"), visitor(None), visitor(None)
    open_link(here, path)
    there.send("/sign-in", there.get("/sign-in"), login="change.one", password=NEW)
    before, other = here.client.cookies[session.SESSION_COOKIE], "eleven loud geese before dawn"
    form = here.get("/account")
    wrong = here.send("/account/password", form, current="x", password=other, again=other)
    assert (wrong.status_code, "present password is wrong" in wrong.text) == (422, True)
    sent = here.send("/account/password", form, current=NEW, password=other, again=other)
    assert sent.status_code == 303
    assert here.get("/account").status_code == 200
    assert here.client.cookies[session.SESSION_COOKIE] != before
    assert there.get("/account").status_code == 303
    refused = there.send("/sign-in", there.get("/sign-in"), login="change.one", password=NEW)
    assert refused.status_code == 401


def test_a_disabled_person_is_signed_out_at_once(visitor: Reader, service: Service) -> None:
    operator, person = visitor(OPERATOR), visitor(None)
    open_link(person, invite(operator, "gone.one"))
    assert person.get("/account").status_code == 200
    found = service.workspace.store.staff.by_login("gone.one")
    assert found is not None
    member = f"/staff/{found.id}"
    assert operator.send(f"{member}/disable", operator.get(member)).status_code == 303
    assert person.get("/account").status_code == 303


def test_too_many_guesses_are_answered_kindly_with_when_to_come_back(
    visitor: Reader, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.app.state.context.staff, "_guesses", Guesses())
    reader = visitor(None)
    form = reader.get("/sign-in")
    sent = [
        reader.send("/sign-in", form, login="not.there", password="a wrong guess")
        for _ in range(FREE["name"] + 1)
    ]
    assert [s.status_code for s in sent] == [401] * FREE["name"] + [429]
    assert int(sent[-1].headers["retry-after"]) > 0
    assert "Too many tries" in sent[-1].text
    assert 'value="not.there"' in sent[-1].text


def test_an_operator_is_helped_to_name_the_organisation(visitor: Reader) -> None:
    operator = visitor(OPERATOR)
    fields = {"person": "Li Wei", "login": "helped.one", "role": "procurement"}
    several = operator.send("/staff", operator.get("/staff"), organisation="示例", **fields)
    assert several.status_code == 422
    assert several.text.count('<option value="0x') > 1
    assert 'value="helped.one"' in several.text
    none = operator.send("/staff", operator.get("/staff"), organisation="nobody", **fields)
    assert "no organisation that is registered" in none.text.lower()
    unfit = operator.send(
        "/staff", operator.get("/staff"), organisation=DISTRICT, **fields | {"role": "auditor"}
    )
    assert "Audit: the organisation would have to be auditor on the ledger" in unfit.text


def test_a_token_is_shown_once_works_and_is_revoked(visitor: Reader, service: Service) -> None:
    operator = visitor(OPERATOR)
    sent = operator.send(
        "/staff/tokens", operator.get("/staff/tokens"),
        organisation=DISTRICT, person="nightly", role="procurement", days="7",
    )  # fmt: skip
    secret = re.search(r"suyuan_[A-Za-z0-9_-]{43}", sent.text)
    assert secret is not None
    assert service.get("/v1/suppliers", secret[0]).status_code == 200
    listed = operator.get("/staff/tokens").text
    assert secret[0] not in listed
    number = max(map(int, re.findall(r"/staff/tokens/(\d+)/revoke", listed)))
    operator.send(f"/staff/tokens/{number}/revoke", operator.get("/staff/tokens"))
    assert service.get("/v1/suppliers", secret[0]).status_code == 401


def test_an_auditor_reads_who_did_what_and_asks_for_a_part_of_it(
    visitor: Reader, service: Service
) -> None:
    invite(visitor(OPERATOR), "logged.one", person="Zhuge Liang")
    auditor = visitor(CallerRole.AUDITOR)
    shown = auditor.get("/accesses?action=staff.create").text
    assert "made an account" in shown
    assert "Zhuge Liang" in shown
    assert "Example Province Emergency Materials Authority" in shown
    assert "signed in" not in shown.partition("<tbody>")[2]
    assert "Nothing fits" in auditor.get("/accesses?person=nobody+at+all").text
    mend = auditor.get("/accesses?since=soon")
    assert mend.status_code == 422
    assert "“soon” is no day" in mend.text


def test_the_access_log_calls_what_was_looked_at_by_its_name(
    visitor: Reader, service: Service
) -> None:
    auditor = visitor(CallerRole.AUDITOR)
    verdict = ask(visitor(CallerRole.PROCUREMENT, "en"), "qingluan").headers["location"]
    assert auditor.get(verdict).status_code == 200
    address = "0x" + key("regulator").address.hex()
    assert auditor.get(f"/audit/accounts/{address}?since=2020-01-01").status_code == 200
    auditor.send("/audit/runs", auditor.get("/audit/runs"))
    rows = auditor.get("/accesses").text.partition("<tbody>")[2]
    assert re.search(rf'<a href="{verdict}"><bdi>May I buy', rows)
    assert re.search(rf'<a href="/audit/accounts/{address}"><bdi>Key of [^0]', rows)
    assert "<bdi>This service</bdi>" in rows
    assert "<bdi>service</bdi>" not in rows


@pytest.mark.parametrize(("language", "shown"), [("en", "command line"), ("zh", "服务器命令行")])
def test_what_was_done_at_the_command_line_is_told_in_the_readers_language(
    visitor: Reader, service: Service, language: str, shown: str
) -> None:
    service.workspace.store.note_access(
        Access(int(service.workspace.clock()), b"", COMMAND_LINE, "token.create", "7")
    )
    rows = visitor(CallerRole.AUDITOR, language).get("/accesses").text.partition("<tbody>")[2]
    assert shown in rows
    assert COMMAND_LINE not in rows


def test_where_several_organisations_fit_none_is_chosen_beforehand(visitor: Reader) -> None:
    page = visitor(CallerRole.AUDITOR).get("/accesses?organisation=示例").text
    choice = page.partition('<select id="organisation"')[2].partition("</select>")[0]
    first = re.search('<option value="([^"]*)">([^<]*)', choice)
    assert first is not None
    assert first[1] == ""
    assert f"of {choice.count('<option') - 1} listed" in first[2]


def test_failed_sign_ins_are_in_the_log_without_what_was_typed(
    visitor: Reader, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.app.state.context.staff, "_guesses", Guesses())
    reader, login = visitor(None), service.login(CallerRole.SUPPLIER, "baize")
    for name in (login, "my secret typed as a name"):
        for _ in range(3):
            form = reader.get("/sign-in")
            reader.send("/sign-in", form, login=name, password="typed password")
    told = visitor(CallerRole.AUDITOR).get("/accesses").text
    assert "failed to sign in" in told
    assert re.search(r"\b([3-9]|[1-9][0-9]+) times within an hour", told)
    assert "typed" not in told.partition("<tbody>")[2]


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
         "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
         "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140 MicroMessenger/8.0", "WeChat, Android"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_a_short_name(called: str, name: str) -> None:
    assert browser_name(called) == name


def test_everybody_sees_who_they_are_and_as_what(visitor: Reader, service: Service) -> None:
    shown = visitor(CallerRole.AUDITOR).get("/account").text
    assert "Example Province Audit Office" in shown
    assert "Reads everything" in shown
    assert PASSWORD not in shown
