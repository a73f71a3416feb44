"""Who signs in to the pages: staff accounts, their invitations, sessions and known browsers.

Every method is one transaction. Nothing here decides who may do what. Secrets are 256 random bits
as text, of which only the hash is kept. Times are seconds since 1970, UTC.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from ledger.index.database import Database
from ledger.index.secrets import secret_hash
from ledger.index.service_tables import BROWSERS, INVITATIONS, SESSIONS, STAFF

_account: Final = STAFF.c
_invitation: Final = INVITATIONS.c
_session: Final = SESSIONS.c
_browser: Final = BROWSERS.c

#: As many browsers of an account are known, and as many sessions open; beyond, the oldest go.
MOST_BROWSERS: Final = 20


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """Somebody of an organisation; ``role`` is what it plays here. See the table for the rest."""

    id: int
    login: str
    organisation: bytes
    person: str
    role: str
    password_hash: str | None
    issuer: str | None
    subject: str | None
    created_at: int
    disabled_at: int | None
    signed_in_at: int | None

    @property
    def state(self) -> str:
        """``disabled``, ``active``, or ``invited``: has not chosen yet how to sign in."""
        if self.disabled_at is not None:
            return "disabled"
        return "active" if self.password_hash or self.issuer else "invited"


@dataclass(frozen=True, slots=True)
class StaffInvitation:
    """A link for an account; ``expires_at`` is the first second when it is too late."""

    secret_hash: bytes
    account: int
    made_at: int
    expires_at: int
    ended_at: int | None
    used: bool

    def state(self, now: float) -> str:
        """``open``, ``used``, ``replaced`` by a newer one, or ``expired``."""
        if self.ended_at is not None:
            return "used" if self.used else "replaced"
        return "open" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class StaffSession:
    """An account is signed in, in a browser that called itself ``browser``."""

    id: int
    account: int
    begun_at: int
    seen_at: int
    expires_at: int
    browser: str


class StaffBook:
    """Staff and how they come in. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- accounts ----------------------------------------------------------------------------

    def add(
        self, login: str, organisation: bytes, person: str, role: str, now: float
    ) -> StaffAccount | None:
        """A new account that nobody can use yet; None if the login name is taken."""
        with self._database.write() as session:
            if session.execute(select(_account.id).where(_account.login == login)).first():
                return None
            made = insert(STAFF).values(
                login=login,
                organisation=organisation,
                person=person,
                role=role,
                created_at=int(now),
            )
            return _staff(session.execute(made.returning(*_account)).one())

    def account(self, id_: int) -> StaffAccount | None:
        return self._found(_account.id == id_)

    def by_login(self, login: str) -> StaffAccount | None:
        return self._found(_account.login == login)

    def by_identity(self, issuer: str, subject: str) -> StaffAccount | None:
        """Whose identity at a provider this is."""
        return self._found(_account.issuer == issuer, _account.subject == subject)

    def accounts(
        self,
        organisation: bytes | None = None,
        text: str = "",
        *,
        limit: int = 100,
        after: int = 0,
    ) -> list[StaffAccount]:
        """By number, above ``after``: all, of one organisation, or with the text in the person's
        or the login name."""
        query = select(STAFF).where(_account.id > after).order_by(_account.id).limit(limit)
        if organisation is not None:
            query = query.where(_account.organisation == organisation)
        if text:
            found = (c.icontains(text, autoescape=True) for c in (_account.person, _account.login))
            query = query.where(or_(*found))
        with self._database.read() as session:
            return [_staff(row) for row in session.execute(query)]

    def organisations(self) -> list[bytes]:
        """The organisations that have staff here."""
        with self._database.read() as session:
            return list(session.execute(select(_account.organisation).distinct()).scalars())

    def change_role(self, id_: int, role: str) -> bool:
        """Whether there is such an account that had another role."""
        with self._database.write() as session:
            return _changed(session, _account.id == id_, _account.role != role, role=role)

    def disable(self, id_: int, now: float) -> bool:
        """Close an account: sessions and invitations end, and how it signed in is forgotten.
        Whether it was open."""
        with self._database.write() as session:
            closed = _changed(
                session,
                _account.id == id_,
                _account.disabled_at.is_(None),
                disabled_at=int(now),
                password_hash=None,
                issuer=None,
                subject=None,
            )
            if closed:
                _end_invitations(session, id_, now)
                _forget_sessions(session, id_)
            return closed

    def set_password(self, id_: int, earlier: str, password_hash: str) -> bool:
        """Another password for an open account whose password is kept as ``earlier`` still; every
        session ends."""
        with self._database.write() as session:
            done = _changed(
                session,
                _account.id == id_,
                _account.disabled_at.is_(None),
                _account.password_hash == earlier,
                password_hash=password_hash,
            )
            if done:
                _forget_sessions(session, id_)
            return done

    def rehash(self, id_: int, earlier: str, password_hash: str) -> bool:
        """The same password by newer parameters, unless it was changed meanwhile."""
        with self._database.write() as session:
            return _changed(
                session,
                _account.id == id_,
                _account.password_hash == earlier,
                password_hash=password_hash,
            )

    def _found(self, *where: ColumnElement[bool]) -> StaffAccount | None:
        with self._database.read() as session:
            row = session.execute(select(STAFF).where(*where)).first()
        return None if row is None else _staff(row)

    # -- invitations -------------------------------------------------------------------------

    def invite(self, id_: int, secret: str, now: float, expires_at: int) -> bool:
        """A new link for the account takes the place of any other; one that was closed is open
        again for whoever has it. False if there is no such account."""
        with self._database.write() as session:
            if not _changed(session, _account.id == id_, disabled_at=None):
                return False
            _end_invitations(session, id_, now)
            session.execute(
                insert(INVITATIONS).values(
                    secret_hash=secret_hash(secret),
                    account=id_,
                    made_at=int(now),
                    expires_at=expires_at,
                )
            )
            return True

    def invitation(self, secret: str) -> tuple[StaffInvitation, StaffAccount] | None:
        """The link with this secret, open or not, and whose it is."""
        return self.invitation_by_hash(secret_hash(secret))

    def invitation_by_hash(self, hashed: bytes) -> tuple[StaffInvitation, StaffAccount] | None:
        """The same by what is kept of the secret."""
        query = (
            select(INVITATIONS, *(c.label(f"staff_{c.name}") for c in _account))
            .join(STAFF, _account.id == _invitation.account)
            .where(_invitation.secret_hash == hashed)
        )
        with self._database.read() as session:
            row = session.execute(query).first()
        if row is None:
            return None
        return StaffInvitation(*row[:6]), StaffAccount(*row[6:])

    def last_invitation(self, id_: int) -> StaffInvitation | None:
        """The newest link of an account."""
        query = select(INVITATIONS).where(_invitation.account == id_)
        newest = query.order_by(_invitation.made_at.desc(), _invitation.ended_at.is_(None).desc())
        with self._database.read() as session:
            row = session.execute(newest.limit(1)).first()
        return None if row is None else StaffInvitation(*row)

    def accept_with_password(self, invitation: bytes, password_hash: str, now: float) -> int | None:
        """The account that the open link with this hash is for signs in by this password from now
        on, and by nothing else; what sessions it had end. None if the link is not open."""
        chosen = {"password_hash": password_hash, "issuer": None, "subject": None}
        with self._database.write() as session:
            return _accept(session, invitation, now, chosen)

    def accept_with_identity(
        self, invitation: bytes, issuer: str, subject: str, now: float
    ) -> int | None:
        """The same by an identity at a provider; None, too, if that is somebody else's."""
        chosen = {"password_hash": None, "issuer": issuer, "subject": subject}
        try:
            with self._database.write() as session:
                return _accept(session, invitation, now, chosen)
        except IntegrityError:
            return None

    # -- sessions ----------------------------------------------------------------------------

    def open_session(
        self,
        found: StaffAccount,
        secret: str,
        now: float,
        expires_at: int,
        browser: str,
        earlier: str = "",
    ) -> StaffSession | None:
        """Somebody signed in to the account as it was ``found`` to be; what expired anywhere goes,
        and so does the session that the browser had, by the secret ``earlier``. None, and nothing
        is done, if the account is closed or comes in by something else meanwhile."""
        id_ = found.id
        with self._database.write() as session:
            # In this order: writing takes the account's row, so that no reset comes between.
            unchanged = _changed(
                session,
                _account.id == id_,
                _account.disabled_at.is_(None),
                _account.password_hash.is_not_distinct_from(found.password_hash),
                _account.issuer.is_not_distinct_from(found.issuer),
                _account.subject.is_not_distinct_from(found.subject),
                signed_in_at=int(now),
            )
            if not unchanged:
                return None
            over = _session.expires_at <= int(now)
            had = _session.secret_hash == secret_hash(earlier)
            session.execute(delete(SESSIONS).where(or_(over, had)))
            made = insert(SESSIONS).values(
                secret_hash=secret_hash(secret),
                account=id_,
                begun_at=int(now),
                seen_at=int(now),
                expires_at=expires_at,
                browser=browser,
            )
            opened = _open(session.execute(made.returning(*_session)).one())
            _keep_newest(session, SESSIONS, id_)
            return opened

    def session(self, secret: str) -> tuple[StaffSession, StaffAccount] | None:
        """The session with this secret, over or not, and whose it is."""
        query = (
            select(SESSIONS, *(c.label(f"staff_{c.name}") for c in _account))
            .join(STAFF, _account.id == _session.account)
            .where(_session.secret_hash == secret_hash(secret))
        )
        with self._database.read() as session:
            row = session.execute(query).first()
        if row is None:
            return None
        id_, _, *rest = row[:7]
        return StaffSession(id_, *rest), StaffAccount(*row[7:])

    def seen(self, session_id: int, now: float) -> None:
        """The session is in use."""
        with self._database.write() as session:
            mine = update(SESSIONS).where(_session.id == session_id)
            session.execute(mine.values(seen_at=int(now)))

    def sessions(self, id_: int) -> list[StaffSession]:
        """The account's sessions, over or not, newest first."""
        query = select(SESSIONS).where(_session.account == id_).order_by(_session.id.desc())
        with self._database.read() as session:
            return [_open(row) for row in session.execute(query)]

    def end_session(self, session_id: int, id_: int) -> bool:
        """Whether the account had this session."""
        with self._database.write() as session:
            mine = _session.id == session_id, _session.account == id_
            ended = session.connection().execute(delete(SESSIONS).where(*mine))
            return ended.rowcount == 1

    # -- browsers ----------------------------------------------------------------------------

    def know_browser(self, id_: int, secret: str, now: float) -> None:
        """Somebody signed in to the account in the browser that has this secret."""
        with self._database.write() as session:
            session.execute(
                insert(BROWSERS).values(
                    secret_hash=secret_hash(secret), account=id_, made_at=int(now)
                )
            )
            _keep_newest(session, BROWSERS, id_)

    def knows_browser(self, id_: int, secret: str) -> bool:
        """Whether somebody did."""
        mine = _browser.secret_hash == secret_hash(secret), _browser.account == id_
        with self._database.read() as session:
            return session.execute(select(_browser.id).where(*mine)).first() is not None


def _changed(session: Session, *where: ColumnElement[bool], **values: Any) -> bool:
    """Whether exactly one account was changed."""
    statement = update(STAFF).where(*where).values(**values)
    return session.connection().execute(statement).rowcount == 1


def _end_invitations(session: Session, id_: int, now: float) -> None:
    mine = _invitation.account == id_, _invitation.ended_at.is_(None)
    session.execute(update(INVITATIONS).where(*mine).values(ended_at=int(now)))


def _forget_sessions(session: Session, id_: int) -> None:
    session.execute(delete(SESSIONS).where(_session.account == id_))
    session.execute(delete(BROWSERS).where(_browser.account == id_))


def _accept(
    session: Session, invitation: bytes, now: float, chosen: dict[str, str | None]
) -> int | None:
    is_open = (
        _invitation.secret_hash == invitation,
        _invitation.ended_at.is_(None),
        _invitation.expires_at > int(now),
    )
    used = update(INVITATIONS).where(*is_open).values(ended_at=int(now), used=True)
    id_: int | None = session.execute(used.returning(_invitation.account)).scalar()
    if id_ is None:
        return None
    session.execute(update(STAFF).where(_account.id == id_).values(**chosen))
    _forget_sessions(session, id_)
    return id_


def _keep_newest(session: Session, table: Any, id_: int) -> None:
    newest = select(table.c.id).where(table.c.account == id_).order_by(table.c.id.desc())
    kept = newest.limit(MOST_BROWSERS)
    session.execute(delete(table).where(table.c.account == id_, table.c.id.not_in(kept)))


def _staff(row: Any) -> StaffAccount:
    return StaffAccount(*row)


def _open(row: Any) -> StaffSession:
    id_, _, *rest = row
    return StaffSession(id_, *rest)
