"""Sessions: who is signed in to the pages, kept here, named by a secret in the browser.

Rules this module keeps:

* The secret is 256 random bits, made at every sign-in; only its SHA-256 is kept.
* A session ends after :data:`IDLE` seconds without a page, after :data:`LONGEST` seconds in any
  case, by signing out, when it is ended from another browser, when the account is closed, gets
  another password or way to sign in, or when its organisation is on the ledger no more what the
  account's role asks for.
* What was looked up is believed for :data:`BELIEVED` seconds, so that a page costs little; what is
  done here takes effect at once, what the ledger says within that time.
"""

import re
import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

from api.access import SCOPES_OF, Caller, CallerRole
from ledger.index.secrets import secret_hash
from ledger.index.staff import StaffAccount, StaffBook, StaffSession

IDLE: Final = 2 * 3600
LONGEST: Final = 12 * 3600
BELIEVED: Final = 1.0
#: That a session is in use is written down at most this often, in seconds.
_NOTED: Final = 60
_MAX_CACHED: Final = 10_000
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_BROWSER: Final = 200


class Sessions:
    """Opens sessions and finds callers by them. Safe to use from several threads.

    ``is_fit`` says whether an account may be used as the ledger stands.
    """

    def __init__(self, book: StaffBook, is_fit: Callable[[StaffAccount], bool]) -> None:
        self._book = book
        self._is_fit = is_fit
        self._found: dict[bytes, tuple[float, Caller, float]] = {}
        self._changes = 0
        self._guard = threading.Lock()

    def open(
        self, account: StaffAccount, now: float, browser: str, earlier: str = ""
    ) -> str | None:
        """Sign the account in; the secret for the browser, which called itself so and whose
        session ``earlier`` ends. None if the account, or how it comes in, is not any more what was
        found when somebody proved to be its person."""
        secret, until = secrets.token_urlsafe(32), int(now) + LONGEST
        opened = self._book.open_session(
            account, secret, now, until, browser[:_MAX_BROWSER], earlier
        )
        self.forget()
        return None if opened is None else secret

    def caller(self, secret: str, now: float) -> Caller | None:
        """Who is signed in by this secret at ``now``; None if nobody is any more."""
        if not _FORM.fullmatch(secret):
            return None
        key = secret_hash(secret)
        known = self._believed(key)
        if known is None:
            changes = self._changes
            found = self.current(secret, now)
            if found is None:
                return None
            session, account = found
            known = (time.monotonic(), caller_of(account), _over(session, now))
            with self._guard:
                # What ended while it was looked up must not be believed.
                if changes == self._changes:
                    if len(self._found) >= _MAX_CACHED:
                        self._found.clear()
                    self._found[key] = known
        _, caller, over = known
        return caller if now < over else None

    def believes(self, secret: str) -> bool:
        """Whether :meth:`caller` knows without asking the database."""
        return self._believed(secret_hash(secret)) is not None

    def _believed(self, key: bytes) -> tuple[float, Caller, float] | None:
        known = self._found.get(key)
        return None if known is None or known[0] < time.monotonic() - BELIEVED else known

    def current(self, secret: str, now: float) -> tuple[StaffSession, StaffAccount] | None:
        """The session of this secret, if it is not over, and whose it is."""
        found = self._book.session(secret)
        if found is None:
            return None
        session, account = found
        over = now >= session.expires_at or now >= session.seen_at + IDLE
        if over or account.state != "active" or not self._is_fit(account):
            return None
        if now >= session.seen_at + _NOTED:
            self._book.seen(session.id, now)
        return session, account

    def of(self, account: int, now: float) -> list[StaffSession]:
        """The account's sessions that are not over, newest first."""
        return [s for s in self._book.sessions(account) if now < _over(s, s.seen_at)]

    def forget(self) -> None:
        """Look every session up again: something changed."""
        with self._guard:
            self._changes += 1
            self._found.clear()


def _over(session: StaffSession, seen: float) -> float:
    return min(session.expires_at, seen + IDLE)


def caller_of(account: StaffAccount) -> Caller:
    """As whom somebody of the account is signed in: with all that the role has."""
    role = CallerRole(account.role)
    return Caller(
        f"staff-{account.id}", account.organisation, account.person, role, SCOPES_OF[role]
    )
