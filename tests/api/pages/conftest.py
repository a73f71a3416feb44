"""Readers of the pages: each with a cookie jar of their own, signed in as a person would.

``visitor`` asks the app directly and shares one world with all tests; ``site`` is the same service
on a port, over a world of the module's own, for readers with a real ``browser``.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from httpx import Response
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from api.access import CallerRole
from api.pages.session import FORM_FIELD
from ledger.workspace import Workspace
from tests.support.browser import Site, browsing, chromium, serving
from tests.support.service import Service, found_world
from tests.support.staff import PASSWORD

Reader = Callable[..., "Visitor"]


class Visitor:
    """A browser without scripts, as far as requests are concerned; follows no redirects."""

    def __init__(self, service: Service, language: str) -> None:
        self.service = service
        self.client = TestClient(
            service.app,
            follow_redirects=False,
            headers={"Accept-Language": language},
            raise_server_exceptions=False,
        )

    def get(self, path: str) -> Response:
        answer: Response = self.client.get(path)
        return answer

    def send(self, path: str, page: Response, /, **fields: str) -> Response:
        """Send the form on the page as a browser would: with its hidden fields and cookies."""
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
        data = {name: unescape(value) for name, value in hidden} | fields
        own = {"Sec-Fetch-Site": "same-origin"}
        answer: Response = self.client.post(path, data=data, headers=own)
        return answer

    def token(self) -> str:
        """What a form of ours carries, as this reader's open pages have it."""
        found = re.search(rf'name="{FORM_FIELD}" value="([^"]*)"', self.get("/sign-in").text)
        assert found is not None
        return found[1]

    def sign_in(
        self, role: CallerRole = CallerRole.PROCUREMENT, office: str = "", target: str = "/"
    ) -> Response:
        """By the form, as somebody of the office (its key; default: the role's usual one)."""
        form = self.get(f"/sign-in?next={target}")
        assert form.status_code == 200
        login = self.service.login(role, office)
        return self.send("/sign-in", form, login=login, password=PASSWORD)


@pytest.fixture
def visitor(service: Service) -> Reader:
    """Somebody with a browser; signed in if a role is given, for the office (the key of an office
    of the demo) or the role's usual one."""

    def come(
        role: CallerRole | None = CallerRole.PROCUREMENT, language: str = "en", office: str = ""
    ) -> Visitor:
        made = Visitor(service, language)
        if role is not None:
            assert made.sign_in(role, office).status_code == 303
        return made

    return come


# ----------------------------------------------------------------------------- a real browser


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the invented world, nothing of it open: to be copied."""
    folder = tmp_path_factory.mktemp("founded") / "world"
    found_world(folder, time.time).close()
    return folder


@pytest.fixture(scope="module")
def site(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("site") / "world"
    shutil.copytree(founded, data)
    workspace = Workspace.open(data, clock=time.time)
    try:
        with serving(workspace) as running:
            yield running
    finally:
        workspace.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("no chromium on the PATH: apt install chromium")
    with browsing() as running:
        yield running
