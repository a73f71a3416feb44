"""How the index is read: one state of the ledger for as long as a reader needs it, and entries
built from the bytes that were signed."""

import threading
from collections import OrderedDict, namedtuple
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Select, select
from sqlmodel import Session

from ledger.errors import UnavailableError
from ledger.index import tables as t
from ledger.index.base import table_of
from ledger.index.database import Database
from ledger.recorded import RecordedEntry
from ledger.typed_data import SignedEntry

#: Entries kept ready; about 3 kB each.
_KEPT: Final = 5_000

_contract: Final = table_of(t.ContractRow)
_COLUMNS: Final = tuple(c.name for c in table_of(t.EntryRow).columns)
_ENTRIES: Final = f'SELECT {", ".join(_COLUMNS)} FROM "entry"'
#: A row of the table ``entry`` (its fields are the table's, so that no type can be written here).
_EntryTuple: Final = namedtuple("_EntryTuple", _COLUMNS)  # type: ignore[misc]


class Reader:
    """Reads of one database. Safe to use from several threads.

    Every method raises :class:`~ledger.errors.UnavailableError` while the database does not
    answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._local = threading.local()
        self._guard = threading.Lock()
        self._entries: OrderedDict[bytes, RecordedEntry] = OrderedDict()
        self._contracts: dict[bytes, str] = {}

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it all reads of this thread see one state of the ledger, and are faster."""
        if getattr(self._local, "session", None) is not None:
            yield
            return
        with self._database.read() as session:
            self._local.session = session
            try:
                yield
            finally:
                self._local.session = None

    @property
    def session(self) -> Session:
        """The session of the snapshot that this thread is in."""
        session: Session = self._local.session
        return session

    @property
    def connection(self) -> Connection:
        return self.session.connection()

    @property
    def is_sqlite(self) -> bool:
        return self._database.is_sqlite

    def tuples(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """The rows of a statement in the driver's own SQL, as plain tuples, past SQLAlchemy: what
        that wraps around each query and each row is most of what a step of a trace costs."""
        if getattr(self._local, "session", None) is None:
            with self._database.driver() as driver:
                return self._fetched(driver, statement, values)
        return self._fetched(self.connection.connection.driver_connection, statement, values)

    def _fetched(
        self, driver: Any, statement: str, values: tuple[Any, ...]
    ) -> list[tuple[Any, ...]]:
        try:
            return list(driver.execute(statement, values).fetchall())
        except self._database.driver_error as error:
            raise UnavailableError(
                f"the database does not answer: {error}", code="database.unavailable"
            ) from error

    def rows(self, query: Select[Any]) -> Sequence[Any]:
        with self.snapshot():
            return self.connection.execute(query).all()

    def row(self, query: Select[Any]) -> Any:
        found = self.rows(query)
        return found[0] if found else None

    def entries_where(self, condition: str, values: tuple[Any, ...]) -> list[RecordedEntry]:
        """The entries that meet a condition in the driver's own SQL, a ``?`` for each value; past
        SQLAlchemy as :meth:`tuples`."""
        place = condition if self.is_sqlite else condition.replace("?", "%s")
        rows = self.tuples(f"{_ENTRIES} WHERE {place}", values)
        return self.built(_EntryTuple(*row) for row in rows)

    def recorded(self, query: Select[Any]) -> list[RecordedEntry]:
        """The entries whose whole rows the query selects."""
        with self.snapshot():
            return self.built(self.rows(query))

    def built(self, rows: Iterable[Any]) -> list[RecordedEntry]:
        """The entries of these rows of the table ``entry``."""
        found = list(rows)
        if any(row.contract not in self._contracts for row in found):
            known = self.rows(select(_contract))
            self._contracts = {row.address: row.name for row in known}
        return [self._built(row) for row in found]

    def _built(self, row: Any) -> RecordedEntry:
        # A leaf binds everything about its entry, so what is kept by it never goes stale.
        with self._guard:
            kept = self._entries.get(row.leaf)
            if kept is not None:
                self._entries.move_to_end(row.leaf)
                return kept
        contract = self._contracts[row.contract]
        signed = SignedEntry.unpack(contract, row.packed)
        made = RecordedEntry(
            row.sequence,
            row.recorded_at,
            row.block_number,
            row.transaction_hash,
            contract,
            row.contract,
            signed.entry,
            signed.signatures,
            _split(row.signers, 20),
            row.author,
            bool(row.late),
            row.digest,
            _split(row.subjects, 32),
            _split(row.previous, 32),
            row.leaf,
        )
        with self._guard:
            self._entries[row.leaf] = made
            while len(self._entries) > _KEPT:
                self._entries.popitem(last=False)
        return made


def _split(joined: bytes, width: int) -> tuple[bytes, ...]:
    return tuple(joined[i : i + width] for i in range(0, len(joined), width))
