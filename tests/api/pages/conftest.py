"""Readers of the pages: each with a cookie jar of their own, signed in as a person would."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from httpx import Response
from starlette.testclient import TestClient

from api.access import CallerRole
from tests.support.service import Service

Reader = Callable[..., "Visitor"]


class Visitor:
    """A browser without scripts, as far as requests are concerned; follows no redirects."""

    def __init__(self, service: Service, language: str) -> None:
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

    def sign_in(self, token: str, target: str = "/") -> Response:
        form = self.get(f"/sign-in?next={target}")
        assert form.status_code == 200
        return self.send("/sign-in", form, token=token)


@pytest.fixture
def visitor(service: Service) -> Reader:
    """Somebody with a browser; signed in if a role is given."""

    def come(role: CallerRole | None = CallerRole.PROCUREMENT, language: str = "en") -> Visitor:
        made = Visitor(service, language)
        if role is not None:
            assert made.sign_in(service.tokens[role]).status_code == 303
        return made

    return come
