"""The page that explains the fields of evidence, and the files that pages give out."""

import re
from html import unescape

import pytest
from httpx import Response

from api.access import CallerRole
from ledger.demo import MASK
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
    [taken] = [link for link in _links(reader.get(verdict)) if link != "/evidence"]
    _taken(reader, taken, "verdict")


def test_whom_a_file_is_not_for_is_told_whom_it_is_for(visitor: Reader) -> None:
    maker = visitor(CallerRole.SUPPLIER, "en")
    assert maker.get(f"/suppliers/{identity('baize')}/evidence?category={MASK}").status_code == 404
    foreign = maker.get("/verdicts/0x" + "00" * 32 + "/evidence")
    assert foreign.status_code == 403
