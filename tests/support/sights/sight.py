"""Somebody looks at a page."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from api.access import CallerRole
from ledger import demo


@dataclass(frozen=True, slots=True)
class Sight:
    """``go`` leads a reader to the page; ``role`` None is somebody who is not signed in, ``office``
    the organisation (the key of an office of the demo) whose person looks, where it is not the
    role's usual one. ``printed``: as it comes out on paper."""

    go: Callable[[Page], None]
    role: CallerRole | None = CallerRole.PROCUREMENT
    office: str = ""
    printed: bool = False


def visit(path: str) -> Callable[[Page], None]:
    """Open the path."""

    def go(page: Page) -> None:
        page.goto(path)

    return go


def supplier_path(office: demo.Office) -> str:
    return "/suppliers/0x" + office.id.hex()
