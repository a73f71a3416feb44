"""What the service keeps for itself: outbox, tokens, documents, verdicts, who looked at what.

Every method is one transaction. Nothing here decides who may do what.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from ledger.index.checkpoints import CheckpointBook
from ledger.index.database import Database
from ledger.index.idempotency import Answer, InProgress, Once, in_progress, recall, remember
from ledger.index.outbox import Outbox
from ledger.index.secrets import secret_hash
from ledger.index.service_tables import ACCESSES, ANSWERS, DOCUMENTS, TOKENS, VERDICTS
from ledger.index.staff import StaffBook

_DAY: Final = 86_400

# Made once: to make such a statement costs more than to execute it.
_KEEP_VERDICT: Final = {
    dialect.__name__.rpartition(".")[2]: dialect.insert(VERDICTS).on_conflict_do_nothing(
        index_elements=[VERDICTS.c.id]
    )
    for dialect in (sqlite, postgresql)
}


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, without its secret. ``last_used`` is a day's first second."""

    id: int
    organisation: bytes
    person: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used: int | None

    def is_valid(self, now: float) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Document:
    """Who keeps a document (``hash`` is its keccak-256), and who may see it."""

    hash: bytes
    organisation: bytes
    person: str
    size: int
    media_type: str
    name: str
    visibility: str
    stored_at: int


@dataclass(frozen=True, slots=True)
class KeptVerdict:
    """A verdict as given: ``question`` and ``verdict`` are JSON; ``position`` is how many entries
    the ledger had, ``policy_hash`` names the policy that it was decided by."""

    id: str
    question: bytes
    policy_hash: bytes
    position: int
    verdict: bytes
    organisation: bytes
    person: str
    asked_at: int


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody looked at something, so many ``times`` from ``at`` on."""

    at: int
    organisation: bytes
    person: str
    action: str
    subject: str
    times: int = 1


class Store:
    """See the module; ``outbox`` keeps the accepted entries and their transactions,
    ``checkpoints`` what the log was at which block, ``staff`` who signs in to the pages."""

    def __init__(self, database: Database, *, queue_limit: int = 20_000) -> None:
        self._database = database
        self._in_progress = InProgress()
        self.outbox = Outbox(database, queue_limit=queue_limit)
        self.checkpoints = CheckpointBook(database)
        self.staff = StaffBook(database)

    # -- requests ----------------------------------------------------------------------------

    @contextmanager
    def once(self, once: Once) -> Iterator[Answer | None]:
        """Work on a request: yields the answer that it got before, or None to do it now.

        Who does it passes ``once`` and the answer on to the method that writes.
        :class:`~ledger.errors.RequestError` ``idempotency.reused`` (the key was used for another
        request) or ``idempotency.in-progress``.
        """
        with self._in_progress.working_on(once):
            with self._database.read() as session:
                answer = recall(session, once)
            try:
                yield answer
            except IntegrityError as error:
                # Another process was quicker: its answer is there, or it is somebody else's error.
                with self._database.read() as session:
                    if recall(session, once) is None:
                        raise
                raise in_progress(once) from error

    def forget_answers(self, before: float) -> int:
        """Forget the answers given before that time; how many there were."""
        with self._database.write() as session:
            statement = delete(ANSWERS).where(ANSWERS.c.answered_at < before)
            return session.connection().execute(statement).rowcount

    # -- tokens ------------------------------------------------------------------------------

    def create_token(
        self,
        secret: str,
        *,
        organisation: bytes,
        person: str,
        scopes: Sequence[str],
        now: float,
        expires_at: int | None = None,
    ) -> Token:
        """Keep a new token; ``secret`` (256 random bits, as text) itself is not kept."""
        with self._database.write() as session:
            row = session.execute(
                insert(TOKENS)
                .values(
                    secret_hash=secret_hash(secret),
                    organisation=organisation,
                    person=person,
                    scopes=" ".join(scopes),
                    created_at=int(now),
                    expires_at=expires_at,
                )
                .returning(*TOKENS.c)
            )
            return _token(row.mappings().one())

    def find_token(self, secret: str, *, now: float) -> Token | None:
        """The token with that secret, valid or not; notes on which day it was last used."""
        with self._database.read() as session:
            found = session.execute(
                select(TOKENS).where(TOKENS.c.secret_hash == secret_hash(secret))
            )
            row = found.mappings().first()
        if row is None:
            return None
        token = _token(row)
        today = int(now) // _DAY * _DAY
        if token.is_valid(now) and token.last_used != today:
            with self._database.write() as session:
                session.execute(
                    update(TOKENS).where(TOKENS.c.id == token.id).values(last_used=today)
                )
        return token

    def tokens(self, organisation: bytes | None = None) -> list[Token]:
        """All tokens, or those of one organisation, oldest first."""
        query = select(TOKENS).order_by(TOKENS.c.id)
        if organisation is not None:
            query = query.where(TOKENS.c.organisation == organisation)
        with self._database.read() as session:
            return [_token(row) for row in session.execute(query).mappings()]

    def revoke_token(self, token: int, *, now: float) -> bool:
        """Whether there was such a token, not yet revoked."""
        with self._database.write() as session:
            changed = session.connection().execute(
                update(TOKENS)
                .where(TOKENS.c.id == token, TOKENS.c.revoked_at.is_(None))
                .values(revoked_at=int(now))
            )
            return changed.rowcount == 1

    # -- verdicts ----------------------------------------------------------------------------

    def put_verdict(
        self, verdict: KeptVerdict, *, once: Once | None = None, answer: Answer | None = None
    ) -> Answer | None:
        """Keep a verdict, and the answer of the request that asked for it with it. One that is
        kept already stays as it is.

        Returns the answer that the request got before, if it was answered: then nothing is kept.
        :class:`~ledger.errors.RequestError` as for :meth:`once`.
        """
        statement = _KEEP_VERDICT["sqlite" if self._database.is_sqlite else "postgresql"]
        with self._database.write() as session:
            if once is not None:
                earlier = recall(session, once)
                if earlier is not None:
                    return earlier
            session.execute(
                statement,
                {
                    "id": verdict.id,
                    "question": verdict.question,
                    "policy_hash": verdict.policy_hash,
                    "position": verdict.position,
                    "verdict": verdict.verdict,
                    "organisation": verdict.organisation,
                    "person": verdict.person,
                    "asked_at": verdict.asked_at,
                },
            )
            if once is not None and answer is not None:
                remember(session, once, answer, verdict.asked_at)
        return None

    def verdict(self, verdict: str) -> KeptVerdict | None:
        """The verdict as it was given."""
        with self._database.read() as session:
            found = session.execute(select(VERDICTS).where(VERDICTS.c.id == verdict))
            row = found.mappings().first()
        return None if row is None else KeptVerdict(**row)

    def verdict_like(self, beginning: str) -> KeptVerdict | None:
        """The first verdict whose id begins so."""
        with self._database.read() as session:
            found = session.execute(
                select(VERDICTS)
                .where(VERDICTS.c.id.startswith(beginning, autoescape=True))
                .order_by(VERDICTS.c.id)
                .limit(1)
            )
            row = found.mappings().first()
        return None if row is None else KeptVerdict(**row)

    def verdicts(self, organisation: bytes, *, limit: int = 100) -> list[KeptVerdict]:
        """The newest verdicts that an organisation asked for, newest first."""
        query = (
            select(VERDICTS)
            .where(VERDICTS.c.organisation == organisation)
            .order_by(VERDICTS.c.asked_at.desc(), VERDICTS.c.id)
            .limit(limit)
        )
        with self._database.read() as session:
            return [KeptVerdict(**row) for row in session.execute(query).mappings()]

    def every_verdict(self, after: str = "") -> Iterator[KeptVerdict]:
        """All verdicts ever kept, by their ids; one at a time. ``after``: those of higher ids."""
        last = after
        while True:
            query = select(VERDICTS).where(VERDICTS.c.id > last).order_by(VERDICTS.c.id).limit(100)
            with self._database.read() as session:
                found = [KeptVerdict(**row) for row in session.execute(query).mappings()]
            if not found:
                return
            yield from found
            last = found[-1].id

    # -- documents ---------------------------------------------------------------------------

    def put_document(
        self, document: Document, *, once: Once | None = None, answer: Answer | None = None
    ) -> Document:
        """Note who keeps a document; the same organisation's second note changes nothing, and
        the first is returned."""
        with self._database.write() as session:
            found = session.execute(
                select(DOCUMENTS).where(
                    DOCUMENTS.c.hash == document.hash,
                    DOCUMENTS.c.organisation == document.organisation,
                )
            )
            row = found.mappings().first()
            if row is None:
                session.execute(
                    insert(DOCUMENTS).values(
                        hash=document.hash,
                        organisation=document.organisation,
                        person=document.person,
                        size=document.size,
                        media_type=document.media_type,
                        name=document.name,
                        visibility=document.visibility,
                        stored_at=document.stored_at,
                    )
                )
            if once is not None and answer is not None:
                remember(session, once, answer, document.stored_at)
            return document if row is None else Document(**row)

    def documents(self, digest: bytes) -> list[Document]:
        """All who keep this document, the first first."""
        query = select(DOCUMENTS).where(DOCUMENTS.c.hash == digest).order_by(DOCUMENTS.c.stored_at)
        with self._database.read() as session:
            return [Document(**row) for row in session.execute(query).mappings()]

    def kept_among(self, digests: Sequence[bytes]) -> list[Document]:
        """All who keep any of these documents (some hundreds at most), the first first; past
        SQLAlchemy, which would take longer than the database does."""
        names = [column.name for column in DOCUMENTS.c]
        place = "?" if self._database.is_sqlite else "%s"
        statement = (
            f"SELECT {', '.join(names)} FROM {DOCUMENTS.name} "
            f"WHERE hash IN ({', '.join([place] * len(digests))}) ORDER BY stored_at"
        )
        with self._database.driver() as driver:
            rows = driver.execute(statement, tuple(digests)).fetchall()
        return [Document(**dict(zip(names, row, strict=True))) for row in rows]

    # -- who looked --------------------------------------------------------------------------

    def note_access(self, access: Access) -> None:
        """Write down that somebody looked at something."""
        with self._database.write() as session:
            session.execute(insert(ACCESSES).values(**asdict(access)))

    def note_repeated(self, access: Access, within: int) -> None:
        """The same, but what was noted alike in the last ``within`` seconds is only counted on, so
        that nobody can fill the log."""
        _row = ACCESSES.c
        query = (
            select(_row.id)
            .where(
                _row.organisation == access.organisation,
                _row.person == access.person,
                _row.action == access.action,
                _row.subject == access.subject,
                _row.at > access.at - within,
            )
            .order_by(_row.id.desc())
            .limit(1)
        )
        with self._database.write() as session:
            found = session.execute(query).scalar()
            if found is None:
                session.execute(insert(ACCESSES).values(**asdict(access)))
            else:
                more = _row.times + access.times
                session.execute(update(ACCESSES).where(_row.id == found).values(times=more))

    def accesses(
        self,
        *,
        subject: str | None = None,
        organisation: bytes | None = None,
        person: str | None = None,
        action: str | None = None,
        at: tuple[int, int] | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[tuple[int, Access]]:
        """The newest looks, newest first, each with its number: of one subject, of one
        organisation, of persons with ``person`` in their name, of one action, begun in the
        half-open interval ``at``; ``before``: only those with a smaller number, to page on."""
        _row = ACCESSES.c
        query = select(ACCESSES).order_by(_row.id.desc()).limit(limit)
        exactly = {"subject": subject, "organisation": organisation, "action": action}
        for name, wanted in exactly.items():
            if wanted is not None:
                query = query.where(_row[name] == wanted)
        if person is not None:
            query = query.where(_row.person.contains(person, autoescape=True))
        if at is not None:
            query = query.where(_row.at >= at[0], _row.at < at[1])
        if before is not None:
            query = query.where(_row.id < before)
        with self._database.read() as session:
            return [
                (
                    row.id,
                    Access(
                        row.at, row.organisation, row.person, row.action, row.subject, row.times
                    ),
                )
                for row in session.execute(query)
            ]

    def access_actions(self) -> list[str]:
        """What was ever done, each action once."""
        query = select(ACCESSES.c.action).distinct().order_by(ACCESSES.c.action)
        with self._database.read() as session:
            return list(session.execute(query).scalars())


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        organisation=row["organisation"],
        person=row["person"],
        scopes=tuple(row["scopes"].split()),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used=row["last_used"],
    )
