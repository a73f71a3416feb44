"""A real browser at the real service: a server on this machine's own port, and Chromium.

The browser is the system's (Debian's ``chromium``), so that nothing is fetched; where there is
none, tests are skipped and say so.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.access import CallerRole
from api.app import create_app
from api.settings import ServerSettings
from ledger.workspace import Workspace
from tests.support.listening import listening
from tests.support.service import OFFICE_OF
from tests.support.service import office as office_of
from tests.support.staff import CHEAP, PASSWORD, account

Language = Literal["zh", "en"]
#: A phone and a desk, in CSS pixels.
WIDTHS: Final = {390: 844, 1440: 900}
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
#: Both languages on a phone and at a desk, for tests.
EVERYWHERE: Final = [
    pytest.param(language, width, id=f"{language}-{width}")
    for language in LANGUAGES
    for width in WIDTHS
]
_LOCALES: Final = {"zh": "zh-CN", "en": "en-GB"}


def chromium() -> str | None:
    """Where Chromium is on this machine; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Site:
    """The running service."""

    workspace: Workspace
    address: str
    #: The cookies of who is signed in, so that not every reader has to do it anew.
    sessions: dict[tuple[CallerRole, str], Any] = field(default_factory=dict)

    def login(self, role: CallerRole = CallerRole.PROCUREMENT, office: str = "") -> str:
        """The login name of somebody of the office, who has :data:`PASSWORD`."""
        organisation = office_of(office or OFFICE_OF[role]).id
        return account(self.workspace, organisation, role, "陈采购 Chen Cai")


@contextmanager
def serving(
    workspace: Workspace, settings: ServerSettings | None = None, port: int = 0
) -> Iterator[Site]:
    """The service over the workspace on a port of its own, on this machine only."""
    app = create_app(workspace, settings or ServerSettings(hashing=CHEAP))
    with listening(app, port) as address:
        yield Site(workspace, address)


@contextmanager
def browsing() -> Iterator[Browser]:
    path = chromium()
    assert path is not None
    # A container's root has no sandbox to lose.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def reading(
    browser: Browser,
    site: Site,
    language: Language,
    width: int,
    role: CallerRole | None = None,
    office: str = "",
) -> Iterator[Page]:
    """A fresh reader of this language, signed in if a role is given (with ``office``, the key of
    an office of the demo, or the role's usual one)."""
    context: BrowserContext = browser.new_context(
        base_url=site.address,
        locale=_LOCALES[language],
        viewport={"width": width, "height": WIDTHS[width]},
    )
    context.set_default_timeout(15_000)
    try:
        page = context.new_page()
        if role is not None:
            _sign_in_once(page, site, role, office or OFFICE_OF[role])
        yield page
    finally:
        context.close()


def _sign_in_once(page: Page, site: Site, role: CallerRole, office: str) -> None:
    """Signed in by the form the first time, by the cookies it gave from then on, as long as their
    session goes on (it ends when the same browser signs in as somebody else)."""
    who = (role, office)
    if who in site.sessions:
        page.context.add_cookies(site.sessions[who])
        if page.request.get("/account", max_redirects=0).status == 200:
            return
        page.context.clear_cookies()
    sign_in(page, site, role, office)
    site.sessions[who] = page.context.cookies()


def sign_in(
    page: Page,
    site: Site,
    role: CallerRole = CallerRole.PROCUREMENT,
    office: str = "",
    target: str = "/sign-in",
) -> None:
    """Fill in the form to which the target leads who is not signed in."""
    page.goto(target)
    page.fill("#login", site.login(role, office))
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click("main button")


def picture(page: Page, path: Path) -> None:
    """The whole page as an image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path), full_page=True)
