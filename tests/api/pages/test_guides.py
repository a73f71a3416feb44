"""The guides: open to everybody, whole, and with pictures of the pages as they are."""

import re

import pytest
from playwright.sync_api import Browser

from api.pages.guides.shown import GUIDES
from tests.api.pages.conftest import Reader
from tests.support.browser import Site
from tests.support.guides import PICTURES, STATIC, fingerprints, kept


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_guide_is_open_to_everybody_and_leads_to_the_others(
    visitor: Reader, language: str
) -> None:
    reader = visitor(None, language)
    listed = re.findall(r'href="(/guides/[a-z]+)"', reader.get("/guides").text)
    assert listed == [f"/guides/{name}" for name in GUIDES]
    for path in listed:
        answer = reader.get(path)
        assert answer.status_code == 200
        others = set(re.findall(r'href="(/guides/[a-z]+)"', answer.text))
        assert others == set(listed) - {path}


def test_a_guide_that_there_is_not_is_not_found(visitor: Reader) -> None:
    assert visitor(None).get("/guides/nobody").status_code == 404


def test_a_guide_with_its_pictures_is_light() -> None:
    for steps in GUIDES.values():
        files = [STATIC / f"guides/{s.picture}-zh.webp" for s in steps if s.picture]
        assert sum(file.stat().st_size for file in files) < 150_000


def test_no_picture_is_stale(site: Site, browser: Browser) -> None:
    """Where this fails, look at the pages and run ``scripts/guides``."""
    now = {file: shown for file, shown, _ in fingerprints(browser, site)}
    assert now == kept()
    assert len(now) == 2 * len(PICTURES)
