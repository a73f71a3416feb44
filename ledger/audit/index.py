"""The index against the ledger: made again from the chain in a database beside the live one, and
compared row by row.

The indexer recovers every signature and computes every digest, leaf, head and root as it reads
(:mod:`ledger.indexing`), so that what is compared with is what the chain proves. Both databases are
compared as they were after the live one's last block; how far that one lags behind is told then.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.audit import files
from ledger.audit.merging import Difference, Values, differences
from ledger.audit.report import Part, Progress
from ledger.chain.deployment import Deployment
from ledger.chain.protocol import LedgerGateway
from ledger.errors import EvidenceError, UnavailableError
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT
from ledger.index.database import Database
from ledger.index.projection import Position
from ledger.index.raw import Form, Source, projection_forms, sqlite
from ledger.index.repository import Index
from ledger.indexing import Indexer

#: Blocks that are read between two words about progress.
_STRIDE: Final = 500


class Rebuilt:
    """The index made again in a database of its own."""

    def __init__(
        self, path: Path, gateway: LedgerGateway, deployment: Deployment, progress: Progress
    ) -> None:
        self.path = path
        self.database = Database(f"sqlite:///{path}")
        self.database.migrate()
        self.index = Index(self.database)
        self._indexer = Indexer(gateway, self.database, deployment)
        self._gateway = gateway
        self._progress = progress
        #: Why the chain could not be read further, if it could not.
        self.trouble: Exception | None = None

    def read(self, until: int | None = None) -> Position | None:
        """Read on, up to that block or the end; None where nothing at all could be read."""
        position: Position | None = None
        try:
            head = self._gateway.final_head().number
            last = head if until is None else min(until, head)
            position = self._indexer.sync(until=0)
            while position.block_number < last and self.trouble is None:
                position = self._indexer.sync(until=min(last, position.block_number + _STRIDE))
                self._progress("index", position.block_number, head)
        except UnavailableError as error:
            if error.code == "database.unavailable":
                raise
            self.trouble = error
        except Exception as error:  # a damaged file may hold any bytes in any place
            self.trouble = error
        return position

    @contextmanager
    def source(self) -> Iterator[Source]:
        with sqlite(self.path) as source:
            yield source

    def close(self) -> None:
        self.database.close()


@dataclass(frozen=True, slots=True)
class LivePosition:
    """How far the live index says that it has read."""

    block_number: int
    block_hash: bytes
    size: int


def live_position(live: Source) -> LivePosition | None:
    """None where it does not say, or says no such thing."""
    try:
        query = 'SELECT "block_number", "block_hash", "size" FROM "ledger" ORDER BY "id"'
        for number, digest, size in live.rows(query):
            if type(number) is int and type(digest) is bytes and type(size) is int:
                return LivePosition(number, digest, size)
    except live.errors:
        pass
    return None


def check(
    live: Source,
    rebuilt: Rebuilt,
    gateway: LedgerGateway,
    deployment: Deployment,
    part: Part,
    progress: Progress,
    *,
    alone: bool,
) -> None:
    """Compare everything. ``alone``: nobody else writes to the chain, so a live index that lags
    behind it is not as the service left it."""
    stated = live_position(live)
    head = gateway.final_head()
    until = None
    if stated is not None:
        _check_place(stated, gateway, part)
        until = stated.block_number if stated.block_number <= head.number else None
    rebuilt.read(until)
    if rebuilt.trouble is None:
        compare(rebuilt, live, part, progress)
    position = rebuilt.read()
    if rebuilt.trouble is not None:
        unreadable(rebuilt.trouble, part)
        return
    assert position is not None
    part.count(entries=position.size)
    if stated is not None and stated.size < position.size and until is not None:
        behind = position.size - stated.size
        english = f"the index lacks the last {behind} entries of the chain"
        chinese = f"索引缺少链上最后 {behind} 条条目"
        if alone:
            part.found(
                "behind",
                "ledger",
                f"{english}: a backup restored, or a crash; opening the ledger reads them",
                f"{chinese}：可能恢复了备份或曾崩溃；打开账本时会补读",
                row=1,
                field="size",
                expected=position.size,
                found=stated.size,
            )
        else:
            part.report.notes.append((english, chinese))
    log = deployment.address("EntryLog")
    for field, slot, expected in (
        ("size", SIZE_SLOT, position.size.to_bytes(32, "big")),
        ("root", ROOT_SLOT, position.root),
    ):
        found = gateway.storage_at(log, slot, position.block_number)
        if found != expected:
            part.found(
                "log",
                "EntryLog",
                f"the contract's {field} of the log is not that of the entries",
                f"合约中日志的 {field} 与条目推算结果不符",
                field=field,
                expected=expected,
                found=found,
            )


def _check_place(stated: LivePosition, gateway: LedgerGateway, part: Part) -> None:
    head = gateway.final_head().number
    if stated.block_number > head:
        part.found(
            "ahead",
            "ledger",
            f"the chain ends at block {head}, the index has read block {stated.block_number}: "
            "the chain is older than the index",
            f"链止于区块 {head}，而索引已读至区块 {stated.block_number}：链比索引旧",
            row=1,
            field="block_number",
            expected=head,
            found=stated.block_number,
        )
        return
    block = gateway.block(stated.block_number) if stated.block_number >= 0 else None
    if block is None or block.hash != stated.block_hash:
        part.found(
            "other-history",
            "ledger",
            f"block {stated.block_number} of the chain is not the one that the index has read",
            f"链上区块 {stated.block_number} 不是索引曾读到的区块",
            row=1,
            field="block_hash",
            expected=None if block is None else block.hash,
            found=stated.block_hash,
        )


def unreadable(trouble: Exception | None, part: Part) -> None:
    said = str(trouble) if isinstance(trouble, EvidenceError) else repr(trouble)
    part.found(
        "rebuild",
        "chain",
        f"the index cannot be made again from the chain: {said}",
        f"无法由链重建索引：{said}",
        found=said,
    )


def compare(rebuilt: Rebuilt, live: Source, part: Part, progress: Progress) -> None:
    """Every difference between the two projections."""
    count, forms = 0, projection_forms()
    with rebuilt.source() as expected:
        if live.is_sqlite:
            _compare_schema(expected, live, part)
        for place, form in enumerate(forms):
            try:
                count += _compare_table(form, expected, live, part)
            except live.errors as error:
                files.unreadable(part, form.name, error)
            progress("index", place + 1, len(forms))
    part.count(rows=count)


def _compare_table(form: Form, expected: Source, live: Source, part: Part) -> int:
    """How many rows the live table has, up to where it can be read."""
    count = 0

    def counted(rows: Iterator[Values]) -> Iterator[Values]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    wanted = expected.rows(form.query(is_sqlite=expected.is_sqlite))
    found = counted(live.rows(form.query(is_sqlite=live.is_sqlite)))
    for difference in differences(wanted, found, form.key):
        _tell(form, difference, part)
    return count


def _tell(form: Form, difference: Difference, part: Part) -> None:
    expected, found = difference.expected, difference.found
    if expected is None:
        assert found is not None
        part.found(
            "added",
            form.name,
            "the ledger has nothing that this row would follow from",
            "账本中没有任何内容可推出该行",
            row=form.key(found),
            found=dict(zip(form.columns, found, strict=True)),
        )
    elif found is None:
        part.found(
            "lacking",
            form.name,
            "the row that follows from the ledger is missing",
            "缺少由账本推出的该行",
            row=form.key(expected),
            expected=dict(zip(form.columns, expected, strict=True)),
        )
    else:
        for name, wanted, stored in zip(form.columns, expected, found, strict=True):
            if wanted != stored:
                part.found(
                    "value",
                    form.name,
                    "the value is not the one that follows from the ledger",
                    "该值与账本推算结果不符",
                    row=form.key(expected),
                    field=name,
                    expected=wanted,
                    found=stored,
                )


_SCHEMA: Final = (
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    " ORDER BY type, name"
)


def _compare_schema(expected: Source, live: Source, part: Part) -> None:
    """The tables and their indexes are those that this version makes."""
    try:
        for d in differences(
            expected.rows(_SCHEMA), live.rows(_SCHEMA), lambda row: tuple(row[:2])
        ):
            row = d.expected or d.found
            assert row is not None
            part.found(
                "schema",
                "sqlite_master",
                f"the {row[0]} {row[1]} is not as this version makes it: another version's "
                "database, or a damaged one",
                f"{row[1]} 与本版本所建不符：数据库属于其他版本或已损坏",
                row=tuple(row[:2]),
                field="sql",
                expected=d.expected and d.expected[2],
                found=d.found and d.found[2],
            )
    except live.errors as error:
        files.unreadable(part, "sqlite_master", error)
