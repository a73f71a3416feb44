"""Staff accounts: invited by operators, used by people.

Rules this module keeps:

* An account belongs to an organisation and a person and plays one role, by the same rule as a
  token (``api.tokens.service.check_role``); signed in, it is the same :class:`Caller`.
* An operator never knows a password: an account is made with a link that can be used once, within
  :data:`INVITED` seconds. Whoever opens it chooses a password, or binds their identity at the
  organisation's provider (``api.staff.oidc``). A forgotten password is a new link; until that is
  used, the old way in stays.
* Closing an account ends its sessions at once and forgets how it signed in; a new link opens it.
* Wrong name, wrong password, closed account and account without password are answered alike, after
  the same work, and throttled alike (``api.staff.guesses``).
* Everything that is done to accounts is in the access log, and so are sign-ins; what failed is
  counted there by the hour, without what was typed.

Not protected: there is no second factor, so whoever has somebody's password, or an open link, is
that person here. Organisations that need more have it at their own provider. What is typed is seen
by whoever controls the browser's machine. An operator can make an account for any organisation in
any role that it has on the ledger, and so read what those read; the access log, which auditors
read, shows it.
"""

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from api.access import Caller, CallerRole
from api.problems import Forbidden, Refused, not_found
from api.staff import passwords
from api.staff.guesses import Guesses, neighbourhood
from api.staff.oidc import NotVouched, OpenIdConnect, Provider
from api.staff.passwords import Hashing, Passwords
from api.staff.sessions import Sessions
from api.tokens.service import check_person, check_role
from ledger.errors import RequestError, UnavailableError
from ledger.index.repository import Index
from ledger.index.secrets import secret_hash
from ledger.index.staff import StaffAccount, StaffInvitation, StaffSession
from ledger.index.store import Access, Store

#: How long a link can be used, in seconds.
INVITED: Final = 72 * 3600
#: A login name's length, in characters.
SHORTEST_LOGIN: Final = 3
LONGEST_LOGIN: Final = 64
#: What was typed for one, with blanks and in any form of Unicode.
_LONGEST_TYPED: Final = 200
#: Failures alike within so many seconds are one row of the access log.
_TOGETHER: Final = 3600


class WrongPassword(Refused):
    """The name or the password is wrong; which, is not said."""

    status: ClassVar[int] = 401


class TooManyGuesses(Refused):
    """Wait so many seconds before the next try."""

    status: ClassVar[int] = 429

    def __init__(self, wait: int) -> None:
        super().__init__(
            f"too many tries; try again in {wait} seconds",
            message_zh=f"尝试次数过多；请在 {wait} 秒后再试",
            code="sign-in.throttled",
            values={"seconds": wait},
        )
        self.wait = wait

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait)}


@dataclass(frozen=True, slots=True)
class Visit:
    """From where somebody comes: the address ("" where only a proxy's is known, which everybody
    shares: then it is not counted), what the browser calls itself, and by which secret
    it is known from an earlier sign-in, and in which session it is ("" if there is none)."""

    address: str
    browser: str
    known: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody came in: the secret of the session, and by which the browser is known."""

    account: StaffAccount
    session: str
    known: str


@dataclass(frozen=True, slots=True)
class Invited:
    """An account with its link's secret, which is told this once."""

    account: StaffAccount
    secret: str
    expires_at: int


class Staff:
    """Everything about staff accounts. Safe to use from several threads; ``clock`` in seconds."""

    def __init__(
        self,
        store: Store,
        index: Index,
        clock: Callable[[], float],
        hashing: Hashing,
        oidc: OpenIdConnect,
    ) -> None:
        self.book = store.staff
        self.oidc = oidc
        self._store = store
        self._index = index
        self._clock = clock
        self._passwords = Passwords(hashing)
        self._guesses = Guesses()
        self.sessions = Sessions(self.book, self._is_fit)

    # -- by operators ------------------------------------------------------------------------

    def create(
        self, organisation: bytes, person: str, role: CallerRole, login: str, by: Caller | None
    ) -> Invited:
        """A new account with its link. :class:`RequestError` names the field that is wrong.

        ``by`` is the operator, None on the command line.
        """
        check_role(self._index, organisation, role)
        check_person(person)
        made = self.book.add(
            login_name(login), organisation, person.strip(), role.value, self._clock()
        )
        if made is None:
            raise RequestError(
                "login: somebody has this name already",
                message_zh="login：该登录名已被使用",
                field="login",
                code="staff.login-taken",
            )
        self._note(by, "staff.create", made.id)
        return self.invite(made.id, by)

    def invite(self, id_: int, by: Caller | None) -> Invited:
        """A new link for an account, in place of any other. One that was closed is open again to
        whoever has the link; any other stays as it is until the link is used."""
        account = self.account(id_)
        check_role(self._index, account.organisation, CallerRole(account.role))
        secret, now = secrets.token_urlsafe(32), self._clock()
        expires_at = int(now) + INVITED
        self.book.invite(id_, secret, now, expires_at)
        self._note(by, "staff.invite", id_)
        return Invited(self.account(id_), secret, expires_at)

    def disable(self, id_: int, by: Caller | None) -> None:
        """Close an account; its sessions end. :class:`NotFound` if there is none that is open."""
        if not self.book.disable(id_, self._clock()):
            raise _unknown()
        self.sessions.forget()
        self._note(by, "staff.disable", id_)

    def change_role(self, id_: int, role: CallerRole, by: Caller | None) -> None:
        """Another role for an account, from now on; nothing happens if it has that already."""
        account = self.account(id_)
        check_role(self._index, account.organisation, role)
        if self.book.change_role(id_, role.value):
            self.sessions.forget()
            self._note(by, "staff.role", id_)

    def account(self, id_: int) -> StaffAccount:
        """:class:`NotFound` if there is none."""
        found = self.book.account(id_)
        if found is None:
            raise _unknown()
        return found

    # -- by people ---------------------------------------------------------------------------

    def sign_in(self, login: str, password: str, visit: Visit) -> SignedIn:
        """:class:`WrongPassword`, or :class:`TooManyGuesses` before it is looked at; who has the
        right password learns that the organisation is not what the account needs."""
        now, name = self._clock(), _normalised(login)
        account = self.book.by_login(name)
        known = self.book.knows_browser(account.id if account else 0, visit.known)
        if known:
            counted = [("browser", _hash(visit.known))]
        else:
            counted = [("name" if account else "stranger", _hash(name))]
            if visit.address:
                counted.append(("address", neighbourhood(visit.address)))
        kept = account.password_hash if account else None
        matched = self._matches(counted, now, kept, password)
        if not matched or account is None or kept is None:
            self._note_failure(account, now)
            raise _wrong_password()
        self._guesses.succeeded(counted)
        if self._passwords.outdated(kept):
            # Where too many wait it is done another time.
            with suppress(UnavailableError):
                hashed = self._passwords.hashed(password)
                if self.book.rehash(account.id, kept, hashed):
                    account = replace(account, password_hash=hashed)
        return self.let_in(account, visit, now)

    def let_in(self, account: StaffAccount, visit: Visit, now: float) -> SignedIn:
        """Open a session for who was found to be the person of the account as it is given;
        :class:`WrongPassword` if what was proved does not open it any more."""
        if not self._is_fit(account):
            self._note_failure(account, now)
            raise Forbidden(
                "your organisation is not on the ledger what this account needs any more; ask the "
                "people who run this service",
                message_zh="您的单位在账本上已不具备此账户所需的角色；请联系服务运营人员",
                code="sign-in.organisation",
            )
        session = self.sessions.open(account, now, visit.browser, visit.session)
        if session is None:
            self._note_failure(account, now)
            raise _wrong_password()
        known = visit.known
        if not self.book.knows_browser(account.id, known):
            known = secrets.token_urlsafe(32)
            self.book.know_browser(account.id, known, now)
        self.note(account, "sign-in")
        return SignedIn(account, session, known)

    def invitation(self, secret: str) -> tuple[str, StaffAccount] | None:
        """What became of a link (``open``, ``used``, ``replaced``, ``expired``), and whose it is;
        None if there never was such a link."""
        found = self.book.invitation(secret)
        return None if found is None else (found[0].state(self._clock()), found[1])

    def last_invitation(self, id_: int) -> tuple[str, StaffInvitation] | None:
        found = self.book.last_invitation(id_)
        return None if found is None else (found.state(self._clock()), found)

    def choose_password(self, secret: str, password: str, visit: Visit) -> SignedIn:
        """Use an open link; :class:`NotFound` if it is not, :class:`RequestError` for a password
        that is none."""
        found = self.invitation(secret)
        if found is None or found[0] != "open":
            raise _no_invitation()
        self._check_password(found[1], password)
        kept, now = self._passwords.hashed(password), self._clock()
        used = self.book.accept_with_password(secret_hash(secret), kept, now)
        return self._used(used, visit, now, password_hash=kept)

    def sign_in_as(self, provider: Provider, subject: str, visit: Visit) -> SignedIn:
        """Who the provider vouches for; :class:`NotVouched` if no open account of its organisation
        is bound to that identity."""
        now, account = self._clock(), self.book.by_identity(provider.issuer, subject)
        if account is None or account.organisation != provider.organisation:
            self.note_stranger(provider.organisation, provider.issuer)
            raise NotVouched(
                "your organisation confirmed who you are, but no account here belongs to that "
                "identity; ask the people who run this service for an invitation",
                message_zh="您的单位已确认您的身份，但此处没有与之绑定的账户；请向本服务的运营人员索取邀请",
                code="oidc.unknown",
            )
        return self.let_in(account, visit, now)

    def bind(self, invitation: bytes, provider: Provider, subject: str, visit: Visit) -> SignedIn:
        """Use an open link (by its secret's hash) of an account of the provider's organisation for
        an identity there."""
        now, found = self._clock(), self.book.invitation_by_hash(invitation)
        if found is None or found[1].organisation != provider.organisation:
            raise _no_invitation()
        if self.book.by_identity(provider.issuer, subject) is not None:
            raise NotVouched(
                "this identity belongs to another account here; sign in with it, or use another",
                message_zh="该身份已绑定此处的另一账户；请直接登录，或改用其他身份",
                code="oidc.bound",
            )
        used = self.book.accept_with_identity(invitation, provider.issuer, subject, now)
        return self._used(used, visit, now, issuer=provider.issuer, subject=subject)

    def _used(
        self,
        account: int | None,
        visit: Visit,
        now: float,
        *,
        password_hash: str | None = None,
        issuer: str | None = None,
        subject: str | None = None,
    ) -> SignedIn:
        """Come in by what was just chosen, if nothing else was chosen since."""
        if account is None:
            raise _no_invitation()
        self.sessions.forget()
        found = replace(
            self.account(account), password_hash=password_hash, issuer=issuer, subject=subject
        )
        self.note(found, "invitation.use")
        return self.let_in(found, visit, now)

    def change_password(self, id_: int, current: str, new: str, visit: Visit) -> SignedIn:
        """Another password; every session ends, and this browser has a new one."""
        now, account = self._clock(), self.account(id_)
        counted = [("browser", f"account {id_}")]
        kept = account.password_hash
        if not self._matches(counted, now, kept, current) or kept is None:
            self._note_failure(account, now)
            raise _not_present()
        self._guesses.succeeded(counted)
        self._check_password(account, new)
        hashed = self._passwords.hashed(new)
        if not self.book.set_password(id_, kept, hashed):
            raise _not_present()
        self.sessions.forget()
        self.note(account, "password.change")
        return self.let_in(replace(account, password_hash=hashed), visit, now)

    def sign_out(self, session: StaffSession, account: StaffAccount) -> None:
        """End the session in the browser that it is in."""
        self.book.end_session(session.id, account.id)
        self.sessions.forget()
        self.note(account, "sign-out")

    def end_session(self, account: StaffAccount, session_id: int) -> bool:
        """End one of the account's own sessions; whether it was one."""
        ended = self.book.end_session(session_id, account.id)
        if ended:
            self.sessions.forget()
            self.note(account, "session.end")
        return ended

    # -- within ------------------------------------------------------------------------------

    def note(self, account: StaffAccount, action: str) -> None:
        """Write down what somebody did with their own account."""
        self._store.note_access(
            Access(
                int(self._clock()),
                account.organisation,
                account.person,
                action,
                subject_of(account.id),
            )
        )

    def note_stranger(self, organisation: bytes, subject: str) -> None:
        """Somebody came whom nobody here knows; counted by the hour."""
        now = int(self._clock())
        unknown = Access(now, organisation, "", "sign-in.unknown", subject)
        self._store.note_repeated(unknown, _TOGETHER)

    def _note(self, by: Caller | None, action: str, id_: int) -> None:
        organisation, person = (by.organisation, by.person) if by else (b"", COMMAND_LINE)
        now = int(self._clock())
        self._store.note_access(Access(now, organisation, person, action, subject_of(id_)))

    def _note_failure(self, account: StaffAccount | None, now: float) -> None:
        if account is None:
            self.note_stranger(b"", "")
            return
        failed = Access(
            int(now),
            account.organisation,
            account.person,
            "sign-in.failed",
            subject_of(account.id),
        )
        self._store.note_repeated(failed, _TOGETHER)

    def _matches(
        self, counted: list[tuple[str, str]], now: float, kept: str | None, password: str
    ) -> bool:
        """Whether it is the password, counted as a try; one that had no turn is none."""
        wait = self._guesses.begin(counted, now)
        if wait:
            raise TooManyGuesses(wait)
        try:
            return self._passwords.match(kept, password)
        except UnavailableError:
            self._guesses.take_back(counted)
            raise

    def _check_password(self, account: StaffAccount, password: str) -> None:
        found = self._index.organisation(account.organisation)
        names = (found.name_zh, found.name_en, found.identifier) if found else ()
        passwords.check(password, (account.login, account.person, *names))

    def _is_fit(self, account: StaffAccount) -> bool:
        try:
            check_role(self._index, account.organisation, CallerRole(account.role))
        except RequestError:
            return False
        return True


#: Who is named in the access log where an account or a token is made without a caller.
COMMAND_LINE: Final = "suyuan (command line)"


def subject_of(id_: int) -> str:
    """An account as the access log names it."""
    return f"staff-{id_}"


def login_name(text: str) -> str:
    """A login name in its one form; :class:`RequestError` for what is none."""
    name = _normalised(text)
    fits = SHORTEST_LOGIN <= len(name) <= LONGEST_LOGIN
    if not fits or not all(c.isalnum() or c in "._-@" for c in name):
        raise RequestError(
            f"login: must have {SHORTEST_LOGIN} to {LONGEST_LOGIN} letters, digits, dots, hyphens, "
            "underscores or @",
            message_zh=f"login：须为 {SHORTEST_LOGIN} 至 {LONGEST_LOGIN} 个字母、数字、汉字、点、"
            "连字符、下划线或 @",
            field="login",
            code="staff.login",
        )
    return name


def _normalised(login: str) -> str:
    """The one form of what was typed; "" for what is too long to be a name: to normalise takes
    time that grows with the square of the length."""
    if len(login) > _LONGEST_TYPED:
        return ""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _wrong_password() -> WrongPassword:
    return WrongPassword(
        "the name or the password is wrong",
        message_zh="登录名或密码有误",
        field="password",
        code="sign-in.wrong",
    )


def _not_present() -> RequestError:
    return RequestError(
        "the present password is wrong",
        message_zh="当前密码有误",
        field="current",
        code="password.current",
    )


def _unknown() -> Refused:
    return not_found("the account", "该账户", "id", code="staff.unknown")


def _no_invitation() -> Refused:
    return not_found("the invitation", "该邀请", "code", code="invitation.unknown")
