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
from typing import Final, Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.access import CallerRole
from api.app import create_app
from api.tokens.service import issue
from ledger import demo
from ledger.workspace import Workspace
from tests.support.listening import listening

Language = Literal["zh", "en"]
#: A phone and a desk, in CSS pixels.
WIDTHS: Final = {390: 844, 1440: 900}
_LOCALES: Final = {"zh": "zh-CN", "en": "en-GB"}


def chromium() -> str | None:
    """Where Chromium is on this machine; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Site:
    """The running service. ``token`` makes a token for somebody of the office."""

    workspace: Workspace
    address: str
    tokens: dict[CallerRole, str] = field(default_factory=dict)

    def token(self, role: CallerRole = CallerRole.PROCUREMENT, office: str = "district") -> str:
        if role not in self.tokens:
            organisation = next(o for o in demo.ALL if o.key == office).id
            issued = issue(
                self.workspace,
                organisation,
                "陈采购 Chen Cai",
                role,
                now=self.workspace.clock(),
                lifetime=86400,
            )
            self.tokens[role] = issued.secret
        return self.tokens[role]


@contextmanager
def serving(workspace: Workspace) -> Iterator[Site]:
    """The service over the workspace on a port of its own, on this machine only."""
    with listening(create_app(workspace)) as address:
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
def reading(browser: Browser, site: Site, language: Language, width: int) -> Iterator[Page]:
    """A fresh reader of this language. Tests look into pages by scripts; pages have none."""
    context: BrowserContext = browser.new_context(
        base_url=site.address,
        locale=_LOCALES[language],
        viewport={"width": width, "height": WIDTHS[width]},
    )
    context.set_default_timeout(15_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def sign_in(page: Page, token: str, target: str = "/") -> None:
    page.goto(target)
    page.fill("#token", token)
    with page.expect_navigation():
        page.click("main button")


def picture(page: Page, path: Path) -> None:
    """The whole page as an image."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path), full_page=True)
