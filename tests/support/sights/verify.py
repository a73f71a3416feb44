"""What somebody sees who has a file in hand."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from tests.support.sights.sight import Sight, visit


def hand_in(page: Page, name: str, data: bytes) -> None:
    """Pick the file on the page and send it, as a person does; ends on the answer."""
    page.goto("/verify")
    page.set_input_files("#file", {"name": name, "mimeType": "application/pdf", "buffer": data})
    with page.expect_navigation():
        page.click("main form button")


def taken(page: Page, path: str) -> bytes:
    """A file that a page of the service gives out."""
    answer = page.request.get(path)
    assert answer.ok, answer.text()
    return answer.body()


def _evidence(path: str, old: bytes = b"", new: bytes = b"") -> Callable[[Page], None]:
    def go(page: Page) -> None:
        data = taken(page, path)
        hand_in(page, "evidence.json", data.replace(old, new, 1) if old else data)

    return go


def _file(name: str, data: bytes) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        hand_in(page, name, data)

    return go


def _certificate(page: Page) -> None:
    page.goto("/audit?q=示械注准20242140003")
    page.goto(page.locator('a[href^="/qualifications/"]').first.get_attribute("href") or "")
    document = page.locator('a[href^="/documents/"]').get_attribute("href")
    assert document
    hand_in(page, "certificate.pdf", taken(page, document))


def _nothing(page: Page) -> None:
    page.goto("/verify")
    page.evaluate("document.querySelector('#file').required = false")
    with page.expect_navigation():
        page.click("main form button")


SIGHTS: Final[dict[str, Sight]] = {
    "verify": Sight(visit("/verify")),
    "verify-evidence": Sight(_evidence("/entries/70/evidence")),
    "verify-altered": Sight(
        _evidence("/entries/70/evidence", b'"recorded_at":1', b'"recorded_at":2')
    ),
    "verify-certificate": Sight(_certificate, role=CallerRole.AUDITOR),
    "verify-unknown": Sight(
        _file("扫描件 " + "long name " * 15 + ".pdf", b"%PDF- a scan of our own")
    ),
    "verify-nothing-picked": Sight(_nothing),
    "verify-too-large": Sight(_file("large.bin", bytes(21 * 1024 * 1024))),
    "verify-forbidden": Sight(visit("/verify"), role=CallerRole.OPERATOR),
}
