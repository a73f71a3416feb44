"""Signing in, invitations, accounts, tokens, the access log: what operators, auditors and the
invited see."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from tests.support.sights.sight import Sight, visit

_INVALID: Final = "/invitation?code=" + "A" * 43


def _refused(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#login", "li.wei")
    page.fill("#password", "not the password of anybody")
    with page.expect_navigation():
        page.click("main form button")


def invite(page: Page, login: str, person: str = "李薇 Li Wei") -> str:
    """Fill in the form for a new account, as an operator does; the link."""
    page.goto("/staff")
    _open_form(page)
    page.fill("#organisation", "示例市云梦区应急采购办公室")
    page.fill("#person", person)
    page.fill("#login", login)
    page.select_option("#role", "procurement")
    with page.expect_navigation():
        page.click("details.adding button")
    return page.locator("code.once").inner_text()


def _open_form(page: Page) -> None:
    if page.locator("details.adding").evaluate("d => !d.open"):
        page.click("details.adding summary")


def _name(beginning: str) -> str:
    """A login name that nobody has yet: pictures are taken in one world, again and again."""
    _taken.append(beginning)
    return f"{beginning}.{len(_taken)}"


_taken: Final[list[str]] = []


def _invited(page: Page) -> None:
    invite(page, _name("li.wei"))


def _open_invitation(page: Page) -> None:
    page.goto(invite(page, _name("wang.fang")))


def _short_password(page: Page) -> None:
    _open_invitation(page)
    page.evaluate("document.querySelectorAll('input').forEach(i => i.removeAttribute('minlength'))")
    for name in ("#password", "#again"):
        page.fill(name, "short")
    with page.expect_navigation():
        page.click("main form.card button")


def _used_invitation(page: Page) -> None:
    link = invite(page, _name("zhao.min"))
    page.goto(link)
    for name in ("#password", "#again"):
        page.fill(name, "seven quiet herons at dusk")
    with page.expect_navigation():
        page.click("main form.card button")
    page.goto(link)


def _member(page: Page) -> None:
    _invited(page)
    with page.expect_navigation():
        page.click("main a.button")


def _mend_staff(page: Page) -> None:
    page.goto("/staff")
    _open_form(page)
    page.fill("#organisation", "示例")
    page.fill("#person", "李薇")
    page.fill("#login", "li.wei")
    with page.expect_navigation():
        page.click("details.adding button")


def _token(page: Page) -> None:
    page.goto("/staff/tokens")
    _open_form(page)
    page.fill("#organisation", "示例省审计局")
    page.fill("#person", "nightly export")
    page.select_option("#role", "auditor")
    with page.expect_navigation():
        page.click("details.adding button")


def _after(first: Callable[[Page], None], path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        first(page)
        page.goto(path)

    return go


_OPERATOR: Final = CallerRole.OPERATOR
SIGHTS: Final[dict[str, Sight]] = {
    "sign-in": Sight(visit("/sign-in"), role=None),
    "sign-in-refused": Sight(_refused, role=None),
    "invitation": Sight(_open_invitation, _OPERATOR),
    "invitation-mend": Sight(_short_password, _OPERATOR),
    "invitation-used": Sight(_used_invitation, _OPERATOR),
    "invitation-unknown": Sight(visit(_INVALID), role=None),
    "account": Sight(visit("/account")),
    "staff": Sight(_after(_invited, "/staff"), _OPERATOR),
    "staff-nobody": Sight(visit("/staff?q=nobody"), _OPERATOR),
    "staff-mend": Sight(_mend_staff, _OPERATOR),
    "staff-invited": Sight(_invited, _OPERATOR),
    "staff-member": Sight(_member, _OPERATOR),
    "tokens": Sight(_after(_token, "/staff/tokens"), _OPERATOR),
    "token-made": Sight(_token, _OPERATOR),
    "accesses": Sight(visit("/accesses"), CallerRole.AUDITOR),
    "accesses-none": Sight(visit("/accesses?person=nobody+at+all"), CallerRole.AUDITOR),
    "accesses-mend": Sight(visit("/accesses?organisation=示例"), CallerRole.AUDITOR),
    "staff-forbidden": Sight(visit("/staff")),
}
