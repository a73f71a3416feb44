"""The page that explains the fields of evidence, and the files that pages give out."""

from html import unescape

import pytest

from ledger.evidence.schema import parts
from tests.api.pages.conftest import Reader


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_explains_every_field_to_everybody(visitor: Reader, language: str) -> None:
    page = visitor(None, language).get("/evidence")
    assert page.status_code == 200
    shown = unescape(page.text)
    for part in parts():
        assert f'id="{part.name}"' in shown
        for member in part.members:
            assert getattr(member.description, language).replace("`", "") in shown
