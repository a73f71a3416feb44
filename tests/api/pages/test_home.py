"""The home page: one field that understands everything, and what needs attention today."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from httpx import Response
from playwright.sync_api import Browser

from api.access import CallerRole
from ledger import demo
from ledger.demo import MASK_LOT
from tests.api.pages.conftest import Reader
from tests.api.test_verdicts import question
from tests.support.browser import EVERYWHERE, Language, Site, reading
from tests.support.service import Service, identity

QINGLUAN = "/suppliers/" + identity("qingluan")
BATCH = "/batches/0x" + MASK_LOT.id.hex()
BOX = "]d201095200000000591727123110QL100-A\x1d21ABC"


def text(page: Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        (BOX, BATCH),
        (BOX.replace("\x1d", "\u241d"), BATCH),
        ("https://id.example.org/01/9520000000059/10/QL100-A?17=271231", BATCH),
        ("91990000MA0DEM0806", QINGLUAN),
        (f"http://127.0.0.1:8080{QINGLUAN}?clock=published", QINGLUAN),
    ],
)
def test_what_is_exact_leads_straight_there(visitor: Reader, typed: str, target: str) -> None:
    answer = visitor().get("/?q=" + quote(typed))
    assert (answer.status_code, answer.headers["location"]) == (303, target)


@pytest.mark.parametrize("typed", ["qingluan", "qing luan", "青鸞", "slqlkzc"])
def test_a_name_in_any_spelling_shows_the_supplier(visitor: Reader, typed: str) -> None:
    page = visitor().get("/?q=" + quote(typed))
    assert QINGLUAN in page.text


def test_a_hit_by_pinyin_shows_how_it_is_read(visitor: Reader) -> None:
    page = text(visitor().get("/?q=qing+luan"))
    assert "Found by its pinyin shi li qing luan kou zhao chang" in page


def test_several_kinds_of_hits_stand_in_groups(visitor: Reader) -> None:
    page = visitor().get("/?q=QL").text
    for group in ("suppliers", "batches"):
        assert f'<h2 id="{group}">' in page
        assert f'href="#{group}"' in page
    assert BATCH in page


def test_a_certificate_is_shown_with_its_state_and_its_holder(visitor: Reader) -> None:
    page = visitor().get("/?q=" + quote("示械注准20242140001")).text
    shown = re.search(r'<h2 id="certificates">.*?</section>', page, flags=re.S)
    assert shown
    assert re.search(r'class="state (in)?valid"', shown[0])
    assert QINGLUAN in shown[0]


def test_what_was_understood_and_what_is_wrong_is_said(visitor: Reader) -> None:
    page = text(visitor().get("/?q=010952000000005810QL100-A"))
    assert "Read as Product (GTIN) 09520000000058 wrong Lot QL100-A" in page
    assert "would be '9'" in page
    assert "batches of any product with the lot number QL100-A were searched for instead." in page
    chinese = text(visitor(language="zh").get("/?q=010952000000005810QL100-A"))
    assert "读作 产品（GTIN） 09520000000058 有误 批号 QL100-A" in chinese


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>", "\u202egnp.exe", "示" * 300, "x" * 10_000, "a\0b", "%", "'\"",
        "=cmd|' /C calc'!A0", "https://[bad/01/1", "(01)(10)", "]d2", "//", "/01/x/10/y",
    ],
)  # fmt: skip
def test_hostile_texts_are_answered_with_a_page(visitor: Reader, typed: str) -> None:
    page = visitor().get("/?q=" + quote(typed))
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text
    assert len(page.text) < 150_000


def test_a_page_that_no_search_gave_is_refused(visitor: Reader) -> None:
    assert visitor().get("/?q=a&after=nonsense").status_code == 422


def test_a_supplier_searches_only_its_own(visitor: Reader) -> None:
    reader = visitor(CallerRole.SUPPLIER)
    assert "Nothing was found" in text(reader.get("/?q=" + quote("白泽")))
    assert QINGLUAN in reader.get("/?q=qingluan").text


# ---------------------------------------------------------------------------------- attention


@pytest.mark.parametrize(
    ("role", "office", "said"),
    [
        (CallerRole.AUDITOR, "", "use the same number"),
        (CallerRole.AUDITOR, "", "holders who have not answered"),
        (CallerRole.SUPPLIER, "", "Lot QL100-A, which you made, is under recall."),
        (CallerRole.SUPPLIER, "warehouse", "Lot QL100-A is recalled: say how much"),
        (CallerRole.SUPPLIER, "red-fox", "Say why, in a signed reply"),
        (CallerRole.SUPPLIER, "baize", "Withdrawn"),
        (CallerRole.ISSUER, "review-centre", "Submissions that you can verify: 1."),
        (CallerRole.ISSUER, "", "holders who have not answered"),
        (CallerRole.OPERATOR, "", "Nothing needs your attention"),
    ],
)
def test_every_role_sees_what_needs_its_attention(
    visitor: Reader, role: CallerRole, office: str, said: str
) -> None:
    page = text(visitor(role, office=office).get("/"))
    assert said in page
    assert "As of " in page


def test_a_verdict_of_late_says_what_was_known_and_which_lots_to_mind(
    visitor: Reader, service: Service
) -> None:
    reader = visitor(CallerRole.PROCUREMENT, office="neighbour")
    token = service.token(CallerRole.PROCUREMENT, "neighbour")
    for known in ({}, {"known_at": int(service.workspace.clock()) - 20 * 86_400}):
        assert (
            service.post("/v1/verdicts", token, json=question(quantity=4_711, **known)).status_code
            == 201
        )
    shown = re.search(r'<h2 id="recent">.*?</section>', reader.get("/").text, flags=re.S)
    assert shown
    every = re.findall(r"<li>.*?</li>", shown[0], flags=re.S)
    lines = [line for line in every if "4,711" in line]
    now, before = sorted(lines, key=lambda line: "As known at" in line)
    assert "As known at" in before
    assert "As known at" not in now
    assert 'class="state buy"' in now
    assert "Lots of this supplier are under recall" in now


def test_an_operator_sees_how_the_service_stands(
    visitor: Reader, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = visitor(CallerRole.OPERATOR)
    page = text(reader.get("/"))
    assert "It works" in page
    assert f"The ledger has {service.workspace.position} records" in page
    assert "Audit of this service No audit is kept" in page
    assert "Newest checkpoint" in page
    for path in ("/staff", "/staff/tokens", "/guides/operator"):
        assert f'href="{path}"' in reader.get("/").text
    monkeypatch.setattr(service.workspace, "trouble", RuntimeError("secret path"))
    page = text(reader.get("/"))
    assert "Something is wrong" in page
    assert "It works" not in page
    assert "secret path" not in page


@pytest.mark.parametrize(
    ("role", "office", "said", "not_said"),
    [
        (CallerRole.PROCUREMENT, "", "get a verdict that you can file", "hand in"),
        (CallerRole.SUPPLIER, "", "Under “Our submissions” you hand in", "get a verdict"),
        (CallerRole.SUPPLIER, "warehouse", "answer with your signature", "get a verdict"),
        (CallerRole.ISSUER, "review-centre", "Under “Review desk” you take up", "get a verdict"),
    ],
)
def test_how_it_works_is_told_for_the_reader_s_own_work(
    visitor: Reader, role: CallerRole, office: str, said: str, not_said: str
) -> None:
    page = text(visitor(role, office=office).get("/"))
    assert said in page
    assert not_said not in page


def test_every_matter_leads_somewhere(visitor: Reader) -> None:
    for role, office in (
        (CallerRole.AUDITOR, ""), (CallerRole.SUPPLIER, ""), (CallerRole.SUPPLIER, "warehouse"),
        (CallerRole.SUPPLIER, "baize"), (CallerRole.ISSUER, "review-centre"),
    ):  # fmt: skip
        reader = visitor(role, office=office)
        shown = re.search(r'<ul class="matters">.*?</ul>', reader.get("/").text, flags=re.S)
        assert shown
        for path in re.findall(r'href="([^"]+)"', shown[0]):
            assert reader.get(path).status_code == 200, path


def test_an_operator_has_no_search(visitor: Reader) -> None:
    reader = visitor(CallerRole.OPERATOR)
    assert 'name="q"' not in reader.get("/").text
    assert reader.get("/?q=a").status_code == 403


# --------------------------------------------------------------------------------- a scanner


@pytest.mark.parametrize(("language", "width"), EVERYWHERE)
def test_a_scanner_that_is_a_keyboard_lands_on_the_batch(
    browser: Browser, site: Site, language: Language, width: int
) -> None:
    with reading(browser, site, language, width, CallerRole.PROCUREMENT) as page:
        page.goto("/")
        # The field waits for it: nobody clicks. A separator comes as Ctrl+].
        before, after = BOX.split("\x1d")
        page.keyboard.type(before)
        page.keyboard.press("Control+]")
        page.keyboard.type(after)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith(BATCH)


def test_without_scripts_a_scanned_box_is_found_as_well(browser: Browser, site: Site) -> None:
    with reading(browser, site, "en", 390, CallerRole.PROCUREMENT) as signed_in:
        cookies = signed_in.context.cookies()
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    try:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/")
        page.fill("#q", BOX.replace("\x1d", ""))
        page.keyboard.press("Enter")
        page.wait_for_url("**" + BATCH)
    finally:
        context.close()


def test_the_demo_has_what_is_scanned() -> None:
    assert (MASK_LOT.gtin, MASK_LOT.lot, MASK_LOT.maker) == (
        9520000000059,
        "QL100-A",
        demo.QINGLUAN,
    )
