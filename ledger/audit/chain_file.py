"""The file of the embedded chain, all of it: nothing is believed that can be computed.

What is checked: every node and code against its hash; every block's hash, number and parent; its
transactions against the transactions root, their senders and nonces; status, gas and events against
the receipts root and the bloom; every state complete from its root. What is not: that the contracts
led from one state to the next, for nothing is run again. What they recorded is judged by the
index's own reading (:mod:`ledger.audit.index`).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.audit import files, transactions
from ledger.audit.merging import ByNumber, Values
from ledger.audit.report import Part, Progress
from ledger.audit.states import Names
from ledger.chain.deployment import Deployment
from ledger.chain.store import APPLICATION_ID, FORMAT
from ledger.errors import EvidenceError
from ledger.ethereum import (
    bloom,
    contract_address,
    decode,
    integer,
    ordered_root,
    receipt_bytes,
)
from ledger.hashing import keccak

#: How the file is called in a data directory.
FILE: Final = "chain.sqlite"

_HEADER_FIELDS: Final = 16


def check(
    path: Path, deployment: Deployment, scratch: Path, part: Part, progress: Progress
) -> None:
    """Check the file at the path, which nobody writes meanwhile; ``scratch`` is a folder to work
    in."""
    try:
        with files.reading(path) as connection:
            if files.check_structure(connection, FILE, part):
                _Checking(connection, deployment, scratch, part, progress).run()
    except sqlite3.Error as error:
        files.unreadable(part, FILE, error)


@dataclass(frozen=True, slots=True)
class _Block:
    """The fields of a header that are checked."""

    hash: bytes
    parent: bytes
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes
    bloom: bytes
    number: int
    gas_used: int
    time: int

    @classmethod
    def of(cls, header: bytes) -> "_Block":
        fields = decode(header)
        if not isinstance(fields, list) or len(fields) != _HEADER_FIELDS:
            raise ValueError("a header has 16 fields")
        if not all(isinstance(f, bytes) for f in fields):
            raise ValueError("a header's fields are bytes")
        if any(len(fields[i]) != 32 for i in (0, 3, 4, 5)):
            raise ValueError("a header's hashes have 32 bytes")
        return cls(
            hash=keccak(header),
            parent=fields[0],
            state_root=fields[3],
            transactions_root=fields[4],
            receipts_root=fields[5],
            bloom=fields[6],
            number=int.from_bytes(fields[8], "big"),
            gas_used=int.from_bytes(fields[10], "big"),
            time=int.from_bytes(fields[11], "big"),
        )


class _Checking:
    def __init__(
        self,
        connection: sqlite3.Connection,
        deployment: Deployment,
        scratch: Path,
        part: Part,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._deployment = deployment
        self._part = part
        self._progress = progress
        self._names = Names(scratch / "names")
        self._nonces: dict[bytes, int] = {}

    def run(self) -> None:
        marks = tuple(
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if marks != (APPLICATION_ID, FORMAT):
            self._found(
                "format",
                FILE,
                "the file is not marked as an embedded ledger of this format",
                "文件未标明为本格式的内置账本",
                expected=(APPLICATION_ID, FORMAT),
                found=marks,
            )
        for step, table in (
            (self._check_contents, "content"),
            (self._check_blocks, "block"),
            (self._check_states, "content"),
        ):
            try:
                step()
            except sqlite3.Error as error:
                files.unreadable(self._part, table, error)

    def _found(self, code: str, where: str, en: str, zh: str, **more: Any) -> None:
        self._part.found(code, where, en, zh, **more)

    # -- nodes and codes

    def _check_contents(self) -> None:
        count = 0
        for digest, data in self._connection.execute("SELECT hash, data FROM content"):
            count += 1
            if type(data) is not bytes or keccak(data) != digest:
                self._found(
                    "content",
                    "content",
                    "the stored bytes are not those of their hash",
                    "存储内容与其哈希不符",
                    row=digest,
                    field="data",
                    expected=digest,
                    found=keccak(data) if type(data) is bytes else data,
                )
            else:
                self._names.add_from(data)
        self._part.count(contents=count)

    def _check_states(self) -> None:
        for digest in self._names.lacking(self._stored):
            self._found(
                "state",
                "content",
                "a node or code that a state names is missing",
                "状态所引用的节点或代码缺失",
                row=digest,
                expected=digest,
            )

    def _stored(self, first: bytes, before: bytes | None) -> Iterator[bytes]:
        query, values = "SELECT hash FROM content WHERE hash >= ?", [first]
        if before is not None:
            query, values = query + " AND hash < ?", [first, before]
        for (digest,) in self._connection.execute(query, values):
            yield digest

    # -- blocks

    def _check_blocks(self) -> None:
        txns = ByNumber(
            self._rows("txn", "block, position, hash, raw, succeeded, gas_used, created"),
            self._stray("txn"),
        )
        events = ByNumber(
            self._rows("event", "block, position, txn, address, topics, data"),
            self._stray("event"),
        )
        parent: _Block | None = None
        due = blocks = transacted = happened = 0
        (last,) = self._connection.execute("SELECT max(number) FROM block").fetchone()
        for number, digest, header in self._connection.execute(
            "SELECT number, hash, header FROM block ORDER BY number"
        ):
            if number != due:
                self._found(
                    "block-missing",
                    "block",
                    f"blocks {due} to {number - 1} are missing",
                    f"缺少区块 {due} 至 {number - 1}",
                    row=due,
                    expected=due,
                    found=number,
                )
            due = number + 1
            block = self._header(number, digest, header)
            its_txns, its_events = txns.take(number), events.take(number)
            blocks, transacted = blocks + 1, transacted + len(its_txns)
            happened += len(its_events)
            if block is not None:
                self._check_link(number, block, parent)
                raws = self._check_transactions(number, block, its_txns)
                if raws is not None:
                    self._check_receipts(number, block, its_txns, its_events, raws)
                self._names.add_root(block.state_root)
                parent = block
            self._progress("chain", number, last or 0)
        if not blocks:
            self._found("block-missing", "block", "there is no block", "没有任何区块")
        txns.finish()
        events.finish()
        self._part.count(blocks=blocks, transactions=transacted, events=happened)

    def _rows(self, table: str, columns: str) -> Iterator[Values]:
        query = f"SELECT {columns} FROM {table} ORDER BY block, position"
        return iter(self._connection.execute(query))

    def _stray(self, table: str) -> Any:
        def told(row: Sequence[Any]) -> None:
            self._found(
                "stray",
                table,
                "this row belongs to no block of the chain",
                "该行不属于链上的任何区块",
                row=tuple(row[:2]),
                field="block",
                found=row[0],
            )

        return told

    def _header(self, number: int, digest: object, header: object) -> _Block | None:
        try:
            if not isinstance(header, bytes):
                raise ValueError("a header is bytes")
            block = _Block.of(header)
        except (ValueError, TypeError, IndexError) as error:
            self._found(
                "header",
                "block",
                f"the header cannot be read: {error}",
                f"区块头无法解析：{error}",
                row=number,
                field="header",
                found=header,
            )
            return None
        if block.hash != digest:
            self._found(
                "hash",
                "block",
                "the hash is not that of the header",
                "哈希与区块头不符",
                row=number,
                field="hash",
                expected=block.hash,
                found=digest,
            )
        return block

    def _check_link(self, number: int, block: _Block, parent: _Block | None) -> None:
        wanted: list[tuple[str, object, object]] = [("number", number, block.number)]
        if number == 0:
            origin = keccak(b"suyuan" + integer(self._deployment.chain_id))
            wanted += [
                ("parent", origin, block.parent),
                ("hash", self._deployment.genesis_hash, block.hash),
            ]
        elif parent is not None:
            wanted += [
                ("parent", parent.hash, block.parent),
                ("time", parent.time, min(block.time, parent.time)),
            ]
        for field, expected, found in wanted:
            if expected != found:
                self._differs(number, field, expected, found)

    def _differs(self, number: int, field: str, expected: object, found: object) -> None:
        self._found(
            field.replace("_", "-"),
            "block",
            f"the header's {field.replace('_', ' ')} is not what follows from what is stored",
            f"区块头的 {field} 与存储内容推算结果不符",
            row=number,
            field=field,
            expected=expected,
            found=found,
        )

    def _check_transactions(
        self, number: int, block: _Block, rows: list[Values]
    ) -> list[bytes] | None:
        """The transactions' bytes; None where they cannot even be read."""
        raws = []
        for place, (_, position, digest, raw, succeeded, gas_used, created) in enumerate(rows):
            row = (number, position)
            if type(raw) is not bytes:
                self._column("txn", row, "raw", "bytes", raw)
                return None
            raws.append(raw)
            if position != place:
                self._column("txn", row, "position", place, position)
            if keccak(raw) != digest:
                self._column("txn", row, "hash", keccak(raw), digest)
            if type(succeeded) is not int or succeeded not in (0, 1):
                self._column("txn", row, "succeeded", (0, 1), succeeded)
                return None
            if type(gas_used) is not int or gas_used < 0:
                self._column("txn", row, "gas_used", "a number", gas_used)
                return None
            self._check_sender(row, raw, created)
        root = ordered_root(raws)
        if root != block.transactions_root:
            self._differs(number, "transactions_root", root, block.transactions_root)
        return raws

    def _check_sender(self, row: tuple[int, int], raw: bytes, created: object) -> None:
        try:
            sent = transactions.read(raw)
        except EvidenceError as error:
            self._found(
                "sender",
                "txn",
                f"its sender cannot be recovered: {error}",
                f"无法恢复交易发送者：{error}",
                row=row,
                field="raw",
                found=raw,
            )
            return
        if sent.chain_id != self._deployment.chain_id:
            self._column("txn", row, "raw", self._deployment.chain_id, sent.chain_id)
        due = self._nonces.get(sent.sender, 0)
        if sent.nonce != due:
            self._found(
                "nonce",
                "txn",
                "the sender's nonces do not follow on one another",
                "发送者的 nonce 不连续",
                row=row,
                field="raw",
                expected=due,
                found=sent.nonce,
            )
        self._nonces[sent.sender] = sent.nonce + 1
        address = None if sent.to else contract_address(sent.sender, sent.nonce)
        if created != address:
            self._column("txn", row, "created", address, created)

    def _column(
        self, table: str, row: tuple[object, ...], field: str, expected: object, found: object
    ) -> None:
        self._found(
            "column",
            table,
            "the stored value is not what follows from the rest",
            "存储值与其余内容推算结果不符",
            row=row,
            field=field,
            expected=expected,
            found=found,
        )

    def _check_receipts(
        self,
        number: int,
        block: _Block,
        txns: list[Values],
        events: list[Values],
        raws: list[bytes],
    ) -> None:
        logs: list[list[tuple[bytes, tuple[bytes, ...], bytes]]] = [[] for _ in txns]
        last = 0
        for place, (_, position, txn, address, topics, data) in enumerate(events):
            row = (number, position)
            if position != place:
                self._column("event", row, "position", place, position)
            if type(txn) is not int or not last <= txn < len(txns):
                self._column("event", row, "txn", f"{last} to {len(txns) - 1}", txn)
                return
            last = txn
            for field, value in (("address", address), ("topics", topics), ("data", data)):
                if type(value) is not bytes:
                    self._column("event", row, field, "bytes", value)
                    return
            words = tuple([topics[i : i + 32] for i in range(0, len(topics), 32)])
            logs[txn].append((address, words, data))
        receipts, gas = [], 0
        for raw, txn_row, of_one in zip(raws, txns, logs, strict=True):
            gas += txn_row[5]
            kind = raw[0] if raw and raw[0] < 0x80 else 0
            receipts.append(receipt_bytes(kind, bool(txn_row[4]), gas, of_one))
        root = ordered_root(receipts)
        if root != block.receipts_root:
            self._differs(number, "receipts_root", root, block.receipts_root)
        if gas != block.gas_used:
            self._differs(number, "gas_used", gas, block.gas_used)
        bits = bloom((a, t) for of_one in logs for a, t, _ in of_one).to_bytes(256, "big")
        if bits != block.bloom:
            self._differs(number, "bloom", bits, block.bloom)
