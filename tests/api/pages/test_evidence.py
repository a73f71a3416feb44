"""The page that explains the fields of evidence, and the files that pages give out."""

import re
from html import unescape

import pytest
from httpx import Response

from api.access import CallerRole
from api.pages.evidence.shown import KINDS, NOT_REACHED, check_of
from ledger.demo import MASK
from ledger.evidence.report import CHECKS, CODES, LIMITS
from ledger.evidence.schema import parts
from tests.api.pages.conftest import Reader, Visitor
from tests.api.pages.test_pages import ask
from tests.support.service import identity


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_explains_every_field_to_everybody(visitor: Reader, language: str) -> None:
    page = visitor(None, language).get("/evidence")
    assert page.status_code == 200
    shown = unescape(page.text)
    for part in parts():
        assert f'id="{part.name}"' in shown
        for member in part.members:
            assert getattr(member.description, language).replace("`", "") in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_check_code_and_limit_stands_on_the_page(visitor: Reader, language: str) -> None:
    told = {**CHECKS, **CODES, **LIMITS}
    anchors = [*(f"check-{name}" for name in CHECKS), *CODES, *LIMITS]
    shown = unescape(visitor(None, language).get("/evidence").text)
    for anchor in anchors:
        assert shown.count(f'id="{anchor}"') == 1, anchor
    for number, name in enumerate(CHECKS, 1):
        assert re.search(rf">{number}\. [^<]+<span class=\"code soft\">{name}<", shown), name
    for code, text in told.items():
        assert getattr(text, language) in shown, code


def test_every_code_belongs_to_a_check() -> None:
    assert {check_of(code) for code in CODES} == {*CHECKS, NOT_REACHED}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_kinds_and_checks_come_before_the_fields(visitor: Reader, language: str) -> None:
    shown = visitor(None, language).get("/evidence").text
    wanted = ['id="kinds"', 'id="trust"', 'id="checks"', 'id="limits"', 'id="fields"', 'id="forms"']
    assert sorted(wanted, key=shown.index) == wanted
    for kind in KINDS:
        assert f'href="#claim-{kind}"' in shown


def test_what_to_trust_is_public_and_linked(visitor: Reader) -> None:
    anybody = visitor(None, "en")
    page = anybody.get("/evidence")
    for path in ("/v1/anchors", "/v1/checkpoints", "/v1/evidence/schema", "/verifier.html"):
        assert f'href="{path}"' in page.text
        assert anybody.get(path).status_code == 200, path


@pytest.mark.parametrize("path", ["/", "/suppliers/" + identity("qingluan"), "/entries/20"])
def test_pages_that_lead_to_evidence_lead_to_the_verifier_and_the_explanation(
    visitor: Reader, path: str
) -> None:
    page = visitor(CallerRole.PROCUREMENT, "en").get(path).text
    assert 'href="/verifier.html"' in page
    assert 'href="/evidence"' in page


def _links(page: Response) -> list[str]:
    return [unescape(found) for found in re.findall(r'<a href="([^"]*/evidence[^"]*)"', page.text)]


def _taken(reader: Visitor, address: str, kind: str) -> None:
    file = reader.get(address)
    assert file.status_code == 200, file.text
    assert file.headers["content-disposition"].startswith('attachment; filename="suyuan-')
    assert file.json()["kind"] == kind


def test_the_pages_lead_to_files_of_evidence(visitor: Reader) -> None:
    reader = visitor(CallerRole.PROCUREMENT, "en")
    [entry] = [link for link in _links(reader.get("/entries/20")) if link != "/evidence"]
    _taken(reader, entry, "entry")
    [standing, *_] = _links(reader.get("/suppliers/" + identity("qingluan")))
    _taken(reader, standing, "standing")
    verdict = ask(reader, "qingluan").headers["location"]
    page = reader.get(verdict)
    assert 'href="/verifier.html"' in page.text
    [taken] = [link for link in _links(page) if link != "/evidence"]
    _taken(reader, taken, "verdict")


def test_whom_a_file_is_not_for_is_told_whom_it_is_for(visitor: Reader) -> None:
    maker = visitor(CallerRole.SUPPLIER, "en")
    assert maker.get(f"/suppliers/{identity('baize')}/evidence?category={MASK}").status_code == 404
    foreign = maker.get("/verdicts/0x" + "00" * 32 + "/evidence")
    assert foreign.status_code == 403
