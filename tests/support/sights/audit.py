"""What an auditor sees at the desk."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger import demo
from tests.support.ledger import key
from tests.support.sights.sight import Sight, visit
from tests.support.sights.verdicts import day_in


def _desk(path: str) -> Sight:
    return Sight(visit(path), role=CallerRole.AUDITOR)


def _checked(page: Page) -> None:
    page.goto("/audit/runs")
    with page.expect_navigation():
        page.click("main form button")


def _certificate(number: str) -> Callable[[Page], None]:
    """To the page of the qualification of that number."""

    def go(page: Page) -> None:
        page.goto("/audit?q=" + number)
        page.goto(page.locator('a[href^="/qualifications/"]').first.get_attribute("href") or "")

    return go


_REGULATOR: Final = "0x" + key("regulator").address.hex()

SIGHTS: Final[dict[str, Sight]] = {
    "audit": _desk("/audit"),
    "audit-choice": _desk("/audit?q=示例&at=" + day_in(-1)),
    "audit-nothing-found": _desk("/audit?q=nobody at all"),
    "audit-compare": _desk("/audit/compare"),
    "audit-compared": _desk(
        f"/audit/compare?supplier=0x{demo.BAIZE.id.hex()}&then={day_in(-30)}&at={day_in(0)}"
    ),
    "audit-compare-mend": _desk(f"/audit/compare?supplier=示例&then={day_in(-30)}"),
    "audit-checkpoints": _desk("/audit/checkpoints"),
    "audit-never-run": _desk("/audit/runs"),
    "audit-checked": Sight(_checked, role=CallerRole.AUDITOR),
    "audit-alarms": _desk("/audit/alarms"),
    "audit-account": _desk(f"/audit/accounts/{_REGULATOR}?since=2020-01-01"),
    "audit-account-nothing": _desk(f"/audit/accounts/{_REGULATOR}?since=2100-01-01"),
    "audit-evidence": _desk("/audit/evidence"),
    "audit-evidence-mend": _desk("/audit/evidence/file?kind=trace&lot=nothing"),
    "audit-forbidden": Sight(visit("/audit")),
    "qualification": Sight(_certificate("示械注准20242140003"), role=CallerRole.AUDITOR),
    "qualification-reviewed": Sight(_certificate("示械注准20242140001"), role=CallerRole.AUDITOR),
    "qualification-unknown": Sight(visit("/qualifications/0x" + "5a" * 32)),
}
