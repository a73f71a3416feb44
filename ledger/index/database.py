"""The database: SQLite or PostgreSQL, chosen by the URL, with the same behaviour on both.

Rules this module keeps:

* One write transaction at a time, whole or not at all; a reader sees one state from its first
  statement to its last, and never waits for the writer.
* What was committed survives a crash of the process and of the machine.
* What goes wrong with the database itself is :class:`UnavailableError`. A broken constraint comes
  as SQLAlchemy's ``IntegrityError``: whoever writes knows what it means.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from ledger.errors import RequestError, UnavailableError

#: Seconds to wait for another process's write transaction.
LOCK_TIMEOUT: Final = 30

# Any number: it makes our lock on a PostgreSQL database one and the same in every process.
_ADVISORY_LOCK: Final = 0x5375_7975_616E
_WRITES: Final = "suyuan_writes"


class Database:
    """An open database. Safe to use from several threads.

    ``url``: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
    ``postgresql://user:password@host/name``. Nothing is read or written before the first use;
    :meth:`migrate` makes the tables.

    >>> with database.write() as session:
    ...     session.add(row)
    """

    def __init__(self, url: str) -> None:
        self._url = _checked(url)
        self._writing = threading.Lock()
        self.engine: Engine = create_engine(
            self._url,
            pool_size=8,
            max_overflow=56,
            pool_timeout=LOCK_TIMEOUT,
            **_options(self._url),
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _on_sqlite_connect)
            event.listen(self.engine, "begin", _on_sqlite_begin)

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver raises where it is used past SQLAlchemy."""
        return sqlite3.Error if self.is_sqlite else psycopg.Error

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one unchanging state of the database; nothing can be written."""
        options: dict[str, Any] = {}
        if not self.is_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with (
            _translated(),
            self.engine.connect().execution_options(**options) as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def driver(self) -> Iterator[Any]:
        """The driver's own connection, for a single statement that reads and needs no state of the
        database but its own: a tenth of what a session costs."""
        with _translated():
            connection = self.engine.raw_connection()
        try:
            yield connection.driver_connection
        finally:
            connection.close()  # back into the pool, which ends its transaction

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are committed together when the block ends without an error.

        Waits for other writers, also of other processes, up to ``LOCK_TIMEOUT`` seconds.
        Must not be opened again inside itself.
        """
        if not self._writing.acquire(timeout=LOCK_TIMEOUT):
            raise UnavailableError(
                f"another write has been going on for {LOCK_TIMEOUT} s", code="database.busy"
            )
        try:
            with (
                _translated(),
                self.engine.connect().execution_options(**{_WRITES: True}) as connection,
                connection.begin(),
                Session(connection, expire_on_commit=False) as session,
            ):
                if not self.is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
                yield session
                session.flush()
        finally:
            self._writing.release()

    def migrate(self) -> None:
        """Bring the tables to the newest form; whole or not at all, and nothing if they are."""
        with self.write() as session:
            upgrade(session.connection())

    def close(self) -> None:
        """Close all connections; they open again if the database is used once more."""
        self.engine.dispose()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to the revision within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", "ledger.index:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _checked(url: str) -> URL:
    try:
        found = make_url(url)
    except exc.ArgumentError:
        found = None
    # In memory every connection would have a database of its own.
    if found is not None and found.get_backend_name() == "sqlite":
        if found.database not in (None, "", ":memory:"):
            return found.set(drivername="sqlite+pysqlite")
    elif found is not None and found.get_backend_name() == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    raise RequestError(
        "the database must be sqlite:///file or postgresql://user:password@host/name",
        message_zh="数据库地址应为 sqlite:///文件 或 postgresql://用户:密码@主机/库名",
        field="database",
        code="database.url",
    )


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": LOCK_TIMEOUT}}
    # A connection that the server has dropped is noticed and replaced before it is used.
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}


def _on_sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin late, commit before DDL and leave reads outside of a transaction.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "mmap_size=268435456",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    # A deferred transaction that wants to write later fails at once when it is no longer newest.
    writes = connection.get_execution_options().get(_WRITES, False)
    if not writes:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    else:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    """The database's own failures as ours; programming mistakes stay what they are."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.InternalError) as error:
        raise _unavailable(error) from error
    except exc.TimeoutError as error:
        raise _unavailable(error) from error
    except exc.DatabaseError as error:
        if type(error) is not exc.DatabaseError:
            raise
        raise _unavailable(error) from error


def _unavailable(error: exc.SQLAlchemyError) -> UnavailableError:
    # The driver's own words only: SQLAlchemy adds the statement with its values.
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    return UnavailableError(f"the database does not answer: {cause}", code="database.unavailable")
