"""What people are told when something cannot be shown or done, and what programs are told."""

from urllib.parse import quote

import pytest

from api.access import CallerRole
from tests.api.pages.conftest import Reader
from tests.api.pages.test_pages import text
from tests.support.service import identity

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nothing", "/review", "/search", "/suppliers/x/y/z", "/favicon"])
@pytest.mark.parametrize(("language", "said"), [("en", "no such page"), ("zh", "没有这个页面")])
def test_a_person_at_an_unknown_address_sees_a_page_with_the_way_home(
    visitor: Reader, path: str, language: str, said: str
) -> None:
    reader = visitor(language=language)
    page = reader.client.get(path, headers=BROWSER)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert said in text(page)
    assert '<a class="button" href="/">' in page.text


@pytest.mark.parametrize("path", ["/v1/nothing", "/openapi.json/x", "/health/x"])
def test_programs_keep_their_problem_whatever_they_say_they_take(
    visitor: Reader, path: str
) -> None:
    answer = visitor().client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_does_not_ask_for_a_page_gets_a_problem(visitor: Reader) -> None:
    answer = visitor().client.get("/nothing", headers={"Accept": "application/json"})
    assert answer.json()["code"] == "path.unknown"


def test_the_wrong_way_to_a_page_is_a_page(visitor: Reader) -> None:
    page = visitor().client.post("/guides", headers=BROWSER)
    assert page.status_code == 405
    assert page.headers["allow"] == "GET"
    assert "no such page" in text(page)


def test_who_may_not_see_a_page_is_told_who_may_and_whom_to_ask(visitor: Reader) -> None:
    page = visitor(CallerRole.SUPPLIER).get("/audit")
    assert page.status_code == 403
    said = text(page).partition("For the people who run this service")[0]
    assert "This is for: Audit. You are signed in as: Supplier or store." in said
    assert "ask the people who run this service" in said
    assert "audit:read" not in said
    assert "mend" not in said


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("/suppliers/0x12", 422, "not complete"), ("/suppliers/0x" + "5a" * 20, 404, "Not found")],
)
def test_failures_do_not_speak_of_tokens_and_digits(
    visitor: Reader, path: str, status: int, said: str
) -> None:
    page = visitor().get(path)
    assert page.status_code == status
    shown = text(page).partition("For the people who run this service")[0]
    assert said in shown
    assert "token" not in shown
    assert "hex" not in shown


def test_a_session_that_ended_says_so_and_leads_back_to_the_form(visitor: Reader) -> None:
    reader = visitor()
    path = "/verdicts/new"
    reader.client.cookies.set("suyuan_session", "A" * 43, domain="testserver.local")
    sent = reader.client.post("/staff/5/role", data={"role": "x"})
    assert sent.headers["location"] == "/sign-in?next=/staff/5&ended=form"
    page = text(reader.get(sent.headers["location"]))
    assert "Your session has ended" in page
    assert "type it again" in page
    firm = "?supplier=" + identity("qingluan")
    sent = reader.client.post(path + firm, data={"quantity": "5"})
    back = f"/verdicts/new{quote(firm)}"
    assert sent.headers["location"] == f"/sign-in?next={back}&ended=form", "and to its supplier"
    asked = reader.get(path)
    assert asked.headers["location"] == "/sign-in?next=/verdicts/new&ended=page"
    assert "type it again" not in text(reader.get(asked.headers["location"]))
    stranger = visitor(None)
    assert "ended" not in stranger.get(path).headers["location"]
