"""What somebody sees who signs: what is signed, and what became of it."""

import time
from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page

from api.access import CallerRole
from ledger.typed_data import Entry
from tests.support.ledger import key
from tests.support.sights.sight import Sight
from tests.support.signing import Wallet, ask_to_sign

#: The chain of the invented world.
_CHAIN: Final = 20200123


def _reply(text: str) -> Entry:
    now = int(time.time())
    return Entry.of(
        "Reply",
        nonce=0,
        happenedAt=now,
        deadline=now + 60,
        about=bytes(32),
        document=bytes(32),
        text=text,
    )


def _withdrawal() -> Entry:
    """What the ledger refuses: there is no such qualification."""
    now = int(time.time())
    return Entry.of(
        "WithdrawQualification",
        nonce=0,
        happenedAt=now,
        deadline=now + 60,
        qualification=bytes(31) + b"\1",
        document=bytes(32),
        effective=now,
        reason="The register no longer lists it 名录已不再列出",
    )


_LONG: Final = "The certificate was renewed in time. 证书已按时换发，原件随附。" * 8


def _asked(*entries: Entry) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto("/reviews")
        ask_to_sign(page, entries, back="/reviews", title="签名答复 Signed reply")

    return go


def _told(asked: Callable[[Page], None]) -> Callable[[Page], None]:
    """Signed by something that does not hold the key: what is said then."""

    def go(page: Page) -> None:
        asked(page)
        stranger = "0x" + key("red-fox").sign_digest(bytes(32)).hex()
        with page.expect_navigation():
            page.evaluate(
                """(signature) => { const form = document.querySelector("#signing");
                     form.elements.signatures.value = JSON.stringify([signature]);
                     form.submit(); }""",
                stranger,
            )

    return go


def _signed(*entries: Entry) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        Wallet("qingluan", _CHAIN).plug_in(page)
        _asked(*entries)(page)
        with page.expect_navigation(url="**/signing/outcome**"):
            page.click("#wallets button")

    return go


def _not_yet(page: Page) -> None:
    _asked(_reply("By command 用命令行"))(page)
    page.goto(page.locator('a[href^="/signing/outcome"]').get_attribute("href") or "")


_SUPPLIER: Final = CallerRole.SUPPLIER
SIGHTS: Final[dict[str, Sight]] = {
    "signing": Sight(_asked(_reply(_LONG)), _SUPPLIER),
    "signing-several": Sight(_asked(*(_reply(f"{n}. {_LONG}") for n in range(5))), _SUPPLIER),
    "signing-nobody-may": Sight(_asked(_reply("…")), CallerRole.PROCUREMENT, "neighbour"),
    "signing-not-theirs": Sight(_told(_asked(_reply("…"))), _SUPPLIER),
    "signing-recorded": Sight(_signed(_reply(_LONG), _reply("2")), _SUPPLIER),
    "signing-refused": Sight(_signed(_withdrawal()), _SUPPLIER),
    "signing-not-yet": Sight(_not_yet, _SUPPLIER),
}
