"""What stands around every page: the places, who is signed in, what the page rests on."""

import pytest
from playwright.sync_api import Browser

from api.access import CallerRole
from api.pages import formats, rendering
from tests.api.pages.conftest import Reader
from tests.support.browser import EVERYWHERE, Language, Site, reading
from tests.support.service import identity

SAID = "rest on signed records of the ledger"


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/guides", None),
        ("/guides/officer", CallerRole.AUDITOR),
        ("/sign-in", None),
        ("/invitation?code=" + "A" * 43, None),
        ("/nowhere", CallerRole.PROCUREMENT),
        ("/", CallerRole.OPERATOR),
        ("/recalls/new", CallerRole.ISSUER),
        ("/staff", CallerRole.OPERATOR),
    ],
)
def test_a_page_that_shows_nothing_of_the_ledger_claims_no_signed_records(
    visitor: Reader, path: str, role: CallerRole | None
) -> None:
    assert SAID not in visitor(role).get(path).text


def test_a_page_of_facts_says_that_they_rest_on_signed_records(visitor: Reader) -> None:
    assert SAID in visitor().get("/suppliers/" + identity("qingluan")).text
    for name in rendering._FROM_LEDGER:
        assert rendering._TEMPLATES["en"].get_template(name), name


def test_whoever_is_not_signed_in_can_sign_in_from_every_page(visitor: Reader) -> None:
    offered = '<a href="/sign-in">'
    stranger = visitor(None)
    for path in ("/guides", "/guides/officer", "/invitation?code=" + "A" * 43):
        assert offered in stranger.get(path).text, path
    assert offered not in stranger.get("/sign-in").text
    assert offered not in visitor().get("/guides").text


def test_no_line_breaks_between_a_time_and_its_zone() -> None:
    shown = formats.instant(1_700_000_000, "Asia/Shanghai", "en")
    assert shown == "15 Nov 2023, 06:13:20\N{NO-BREAK SPACE}UTC+08:00"


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_all_places_are_seen_and_the_name_is_whole_where_there_is_room(
    site: Site, browser: Browser, language: Language, width: int
) -> None:
    with reading(browser, site, language, width, CallerRole.AUDITOR) as page:
        page.goto("/guides")
        unseen = page.locator(".places a").evaluate_all(
            """all => all.filter((one) => {
              const { left, right } = one.getBoundingClientRect();
              return left < 0 || right > document.documentElement.clientWidth;
            }).length"""
        )
        assert unseen == 0, "places out of sight"
        cut = page.locator(".who bdi").evaluate("b => b.scrollWidth > b.clientWidth")
        assert not cut or width == 390, "name"
