"""One SQLite file that holds an embedded chain: one transaction per block, one process.

Rules this module keeps:

* A block, its state, transactions, receipts and events are written in ONE SQLite commit (WAL,
  ``synchronous=FULL``): after a crash a block is there as a whole or not at all.
* A block is only visible to readers, also in this process, once it is on disk.
* The file belongs to one process (``flock`` on ``<file>.lock``, which names the holder).
* Opening costs the same however long the chain is.

Trie nodes and contract code are kept by their hash and never deleted, so every state since the
genesis stays readable; that costs a few kilobytes per entry.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.errors import ChainUnavailableError, ForeignLedgerError, LedgerInUseError
from ledger.ethereum import Node, decode, encode

#: Marks the file as ours ("SYUN") in SQLite's header, so that no other database is taken for it.
APPLICATION_ID: Final = 0x5359554E
FORMAT: Final = 1

_SCHEMA: Final = """
CREATE TABLE content (hash BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE block (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, header BLOB NOT NULL
);
CREATE TABLE txn (
    block INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE,
    raw BLOB NOT NULL, succeeded INTEGER NOT NULL, gas_used INTEGER NOT NULL, created BLOB,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE TABLE event (
    block INTEGER NOT NULL, position INTEGER NOT NULL, txn INTEGER NOT NULL,
    address BLOB NOT NULL, topics BLOB NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event; ``position`` counts within the block, ``txn`` is its transaction's."""

    block: int
    position: int
    txn: int
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """A mined transaction; ``created`` is the address of the contract it made, if any."""

    block: int
    position: int
    hash: bytes
    raw: bytes
    succeeded: bool
    gas_used: int
    created: bytes | None


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block with its header in RLP."""

    number: int
    hash: bytes
    header: bytes


class ProcessLock:
    """An exclusive lock on a path for the life of this process, naming its holder."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise LedgerInUseError(
                f"the ledger {path.with_suffix('').name} is held by process {holder}"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)


class ChainStore:
    """The file. One thread writes (:meth:`commit`); any thread reads.

    ``read_only``: the file is never written, and read past SQLite's write-ahead log; its caller
    sees to it that nobody writes meanwhile.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._lock = None if read_only else ProcessLock(path.with_name(path.name + ".lock"))
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._closed = False
        # Decoded trie nodes in two generations: the older one is dropped when the newer is full.
        self._nodes: dict[bytes, Node] = {}
        self._older: dict[bytes, Node] = {}
        self._codes: dict[bytes, bytes] = {}
        try:
            self._writer = self._connect()
            with _translated(path):
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> sqlite3.Connection:
        with _translated(self._path):
            if self._read_only:
                connection = connect_unchanging(self._path)
            else:
                connection = sqlite3.connect(
                    self._path, isolation_level=None, check_same_thread=False, timeout=10
                )
            with self._guard:
                self._connections.append(connection)
            if not self._read_only:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA mmap_size=268435456")
                connection.execute("PRAGMA cache_size=-65536")
            return connection

    def _prepare(self) -> None:
        (application,) = self._writer.execute("PRAGMA application_id").fetchone()
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        (tables,) = self._writer.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (application, version) == (APPLICATION_ID, FORMAT):
            return
        if application or version or tables:
            raise ForeignLedgerError(f"{self._path} is not an embedded ledger of this format")
        self._writer.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id={APPLICATION_ID};"
            f"PRAGMA user_version={FORMAT}; COMMIT;"
        )

    @property
    def _reader(self) -> sqlite3.Connection:
        """This thread's connection; in WAL mode it sees the last committed block."""
        if self._closed:
            raise ChainUnavailableError(f"the ledger {self._path.name} is closed")
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    def close(self) -> None:
        with self._guard:
            if self._closed:
                return
            self._closed = True
            for connection in self._connections:
                connection.close()
        if self._lock is not None:
            self._lock.release()

    # ---------------------------------------------------------------------------- content

    def node(self, digest: bytes) -> Node:
        """The decoded trie node of that hash."""
        found = self._nodes.get(digest)
        if found is None:
            found = self._older.get(digest)
            if found is None:
                found = decode(self.content(digest))
            self._remember(digest, found)
        return found

    def code(self, digest: bytes) -> bytes:
        """Contract code by its hash; the same object each time, so that its hash is cached."""
        found = self._codes.get(digest)
        if found is None:
            if len(self._codes) >= 256:
                self._codes.clear()
            found = self._codes[digest] = self.content(digest)
        return found

    def content(self, digest: bytes) -> bytes:
        """A trie node or contract code, by its hash."""
        with _translated(self._path):
            row = self._reader.execute(
                "SELECT data FROM content WHERE hash=?", (digest,)
            ).fetchone()
        if row is None:
            raise ChainUnavailableError(f"{self._path.name} lacks the content {digest.hex()}")
        return bytes(row[0])

    def _remember(self, digest: bytes, node: Node) -> None:
        if len(self._nodes) >= 40_000:
            self._older = self._nodes
            self._nodes = {}
        self._nodes[digest] = node

    # ------------------------------------------------------------------------------ blocks

    def last_block(self) -> StoredBlock | None:
        return self._block("ORDER BY number DESC LIMIT 1", ())

    def block(self, number: int) -> StoredBlock | None:
        return self._block("WHERE number=?", (number,))

    def _block(self, condition: str, values: tuple[int, ...]) -> StoredBlock | None:
        with _translated(self._path):
            row = self._reader.execute(
                f"SELECT number, hash, header FROM block {condition}", values
            ).fetchone()
        return None if row is None else StoredBlock(*row)

    def block_hashes(self, first: int, last: int) -> dict[int, bytes]:
        with _translated(self._path):
            return dict(
                self._reader.execute(
                    "SELECT number, hash FROM block WHERE number BETWEEN ? AND ?", (first, last)
                )
            )

    def block_hashes_before(self, number: int) -> Iterator[bytes]:
        """The hashes of the blocks below ``number``, newest first."""
        # All at once: a cursor left half-read would hold this connection at an old state.
        query = "SELECT hash FROM block WHERE number<? ORDER BY number DESC LIMIT 256"
        with _translated(self._path):
            rows = self._reader.execute(query, (number,)).fetchall()
        for (digest,) in rows:
            yield digest

    def transaction(self, digest: bytes) -> StoredTransaction | None:
        with _translated(self._path):
            row = self._reader.execute(
                "SELECT block, position, hash, raw, succeeded, gas_used, created"
                " FROM txn WHERE hash=?",
                (digest,),
            ).fetchone()
        if row is None:
            return None
        block, position, found, raw, succeeded, gas_used, created = row
        return StoredTransaction(block, position, found, raw, bool(succeeded), gas_used, created)

    def transaction_hashes(self, first: int, last: int) -> dict[tuple[int, int], bytes]:
        """The hashes of all transactions of these blocks, by block and position."""
        with _translated(self._path):
            return {
                (block, position): digest
                for block, position, digest in self._reader.execute(
                    "SELECT block, position, hash FROM txn WHERE block BETWEEN ? AND ?",
                    (first, last),
                )
            }

    def events(
        self,
        first: int,
        last: int,
        *,
        addresses: Sequence[bytes] | None = None,
        txn: int | None = None,
    ) -> list[StoredEvent]:
        """The events of these blocks in order; of some contracts or one transaction only."""
        query = (
            "SELECT block, position, txn, address, topics, data FROM event"
            " WHERE block BETWEEN ? AND ?"
        )
        values: list[int | bytes] = [first, last]
        if addresses is not None:
            query += f" AND address IN ({','.join('?' * len(addresses))})"
            values += addresses
        if txn is not None:
            query += " AND txn=?"
            values.append(txn)
        with _translated(self._path):
            rows = self._reader.execute(query + " ORDER BY block, position", values).fetchall()
        return [
            StoredEvent(
                block,
                position,
                txn_,
                address,
                tuple(topics[i : i + 32] for i in range(0, len(topics), 32)),
                data,
            )
            for block, position, txn_, address, topics, data in rows
        ]

    def commit(
        self,
        block: StoredBlock,
        nodes: Mapping[bytes, Node],
        codes: Mapping[bytes, bytes],
        transactions: Sequence[StoredTransaction],
        events: Sequence[StoredEvent],
    ) -> None:
        """Write one block with everything that belongs to it, durably, or nothing of it."""
        if self._closed:
            raise ChainUnavailableError(f"the ledger {self._path.name} is closed")
        # Sorted by hash: neighbouring rows share pages, which halves the writes of large blocks.
        content = sorted([(h, encode(n)) for h, n in nodes.items()] + list(codes.items()))
        connection = self._writer
        with _translated(self._path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany("INSERT OR IGNORE INTO content VALUES (?,?)", content)
                connection.execute(
                    "INSERT INTO block VALUES (?,?,?)", (block.number, block.hash, block.header)
                )
                connection.executemany(
                    "INSERT INTO txn VALUES (?,?,?,?,?,?,?)",
                    [
                        (t.block, t.position, t.hash, t.raw, t.succeeded, t.gas_used, t.created)
                        for t in transactions
                    ],
                )
                connection.executemany(
                    "INSERT INTO event VALUES (?,?,?,?,?,?)",
                    [
                        (e.block, e.position, e.txn, e.address, b"".join(e.topics), e.data)
                        for e in events
                    ],
                )
                connection.execute("COMMIT")
            except BaseException:
                connection.rollback()
                raise
        for digest, node in nodes.items():
            self._remember(digest, node)


def connect_unchanging(path: Path) -> sqlite3.Connection:
    """A connection to a SQLite file that nobody writes: it changes nothing, not even beside it."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's failures as ours: the file is no ledger, or it cannot be read or written now."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ChainUnavailableError(f"{path}: {error}") from error
    except sqlite3.ProgrammingError as error:  # a connection closed by another thread
        raise ChainUnavailableError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ForeignLedgerError(f"{path} is damaged or not a ledger: {error}") from error
