"""The service's checkpoints, and those that others hold, against the ledger.

What others hold is the only thing that finds a backup restored as a whole, or a second history: a
ledger agrees with itself however old it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from ledger.audit.report import Part, Progress
from ledger.chain.deployment import Deployment
from ledger.chain.protocol import LedgerGateway
from ledger.errors import EvidenceError, RequestError, SuyuanError
from ledger.ethereum import Trie, decode, encode, integer
from ledger.evidence import canonical
from ledger.evidence.anchors import FORMAT, Anchors
from ledger.evidence.bundle import Checkpoint
from ledger.evidence.headers import Header
from ledger.evidence.signed import LOG, CheckpointStatement, WitnessedStatement, domain
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT
from ledger.hashing import keccak
from ledger.index.raw import Source, service_form
from ledger.index.repository import Index
from ledger.merkle import EMPTY_ROOT
from ledger.signing import recover
from ledger.typed_data import hexed

#: Longest file of others' checkpoints, in bytes, and how deep one may stand in it.
MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_DEPTH: Final = 64
#: Blocks that are looked through for one whose number is not stated.
_MOST_BLOCKS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Held:
    """A checkpoint that somebody holds: ``block`` is the number of its block where it is stated,
    ``block_hash`` empty where it is not. ``place`` is where it stands in the file."""

    place: str
    size: int
    root: bytes
    block: int | None = None
    block_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Brought:
    """What an auditor brings along: checkpoints, and the service's ``keys`` (addresses of 20
    bytes) where the file is one of anchors."""

    held: Sequence[Held]
    keys: frozenset[bytes]


def read_brought(path: Path) -> Brought:
    """Every checkpoint that a JSON file holds, in whatever stands around it: anchors, a witness's
    own file, checkpoints as the service gives them, or bundles. :class:`RequestError` where there
    is none in it, or where it is one of anchors and no good."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"it is longer than {MAX_BYTES} bytes")
        content = orjson.loads(data)
        found = list(_held(content, "", 0))
        if not found:
            raise ValueError("it holds no checkpoint")
        keys = _keys(content)
    except (OSError, ValueError, SuyuanError) as error:
        raise RequestError(
            f"{path}: {error}",
            message_zh=f"{path}：无法读取检查点：{error}",
            field="checkpoints",
            code="audit.checkpoints",
        ) from error
    return Brought(found, keys)


def _keys(content: Any) -> frozenset[bytes]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return frozenset()
    anchors = Anchors.from_json(content)
    sealing = anchors.seal.accounts if anchors.seal.rule == "service" else ()
    return frozenset((*sealing, *anchors.receipts))


def _held(value: Any, place: str, depth: int) -> Iterator[Held]:
    if depth > _MAX_DEPTH:
        raise ValueError("it is nested too deep")
    if isinstance(value, dict):
        size, root = value.get("size"), value.get("root")
        if type(size) is int and isinstance(root, str):
            if "header" in value:
                made = Checkpoint.from_json(value)
                header = Header.parse(made.header, made.seal.rule)
                yield Held(place or "/", made.size, made.root, header.number, header.hash)
            else:
                hash_ = value.get("block_hash")
                number = value.get("block_number")
                yield Held(
                    place or "/",
                    size,
                    _bytes(root),
                    number if type(number) is int else None,
                    _bytes(hash_) if isinstance(hash_, str) else b"",
                )
            return
        for name, inside in value.items():
            yield from _held(inside, f"{place}/{name}", depth + 1)
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _held(inside, f"{place}/{number}", depth + 1)


def _bytes(text: str) -> bytes:
    raw = bytes.fromhex(text.removeprefix("0x"))
    if len(raw) != 32:
        raise ValueError(f"{text[:80]!r} is not 32 bytes")
    return raw


class Checking:
    """``index`` is the one made again from the chain, of ``size`` entries."""

    def __init__(
        self,
        index: Index,
        size: int,
        gateway: LedgerGateway,
        deployment: Deployment,
        part: Part,
    ) -> None:
        self._index = index
        self._size = size
        self._gateway = gateway
        self._log = domain(deployment.chain_id, deployment.address(LOG))
        self._address = deployment.address(LOG)
        self._part = part

    # -- what others hold

    def check_held(self, held: Sequence[Held], where: str) -> None:
        """Hold the ledger against what others hold of it."""
        for one in held:
            self._check_log(one, where, one.place)
        self._part.count(held=len(held))

    def _check_log(self, held: Held, where: str, row: object) -> None:
        """That the ledger begins with the log of the checkpoint, and has its block."""
        if held.size > self._size:
            self._part.found(
                "older",
                where,
                f"the ledger has {self._size} entries, this checkpoint {held.size}: an old backup "
                "was restored, or entries were taken away",
                f"账本有 {self._size} 条条目，而该检查点有 {held.size} 条："
                "恢复了旧备份，或条目被删除",
                row=row,
                field="size",
                expected=held.size,
                found=self._size,
            )
            return
        root = self._index.log.root(held.size) if held.size else EMPTY_ROOT
        if root != held.root:
            self._part.found(
                "fork",
                where,
                f"the first {held.size} entries of the ledger have another root: there are two "
                "histories",
                f"账本前 {held.size} 条条目的根不同：存在两个历史",
                row=row,
                field="root",
                expected=held.root,
                found=root,
            )
            return
        if held.block_hash and not self._has_block(held):
            self._part.found(
                "block",
                where,
                "the chain does not have the block of this checkpoint: there are two histories",
                "链上没有该检查点的区块：存在两个历史",
                row=row,
                field="block_hash",
                expected=held.block_hash,
            )

    def _has_block(self, held: Held) -> bool:
        if held.block is not None:
            block = self._gateway.block(held.block)
            return block is not None and block.hash == held.block_hash
        last = self._index.entry(held.size - 1) if held.size else None
        following = self._index.entry(held.size)
        first = 0 if last is None else last.block_number
        end = self._gateway.final_head().number if following is None else following.block_number
        for number in range(first, min(end, first + _MOST_BLOCKS) + 1):
            block = self._gateway.block(number)
            if block is not None and block.hash == held.block_hash:
                return True
        return end - first > _MOST_BLOCKS  # too many to look through

    # -- the service's own

    def check_kept(self, live: Source, keys: frozenset[bytes], progress: Progress) -> None:
        """Check the tables ``checkpoint`` and ``checkpoint_witness``. ``keys``: the addresses of
        the service's, none where nothing tells them."""
        kept: dict[int, Checkpoint] = {}
        before: Checkpoint | None = None
        for row in _rows(live, "checkpoint"):
            number = row["block_number"]
            try:
                made = self._check_kept(row, keys)
            except (SuyuanError, ValueError, TypeError, KeyError, IndexError) as error:
                self._wrong("checkpoint", number, "checkpoint", "form", str(error))
                continue
            if before is not None and made.size < before.size:
                self._wrong("checkpoint", number, "size", "order", "it is smaller than the last")
            before = made
            kept[number] = made
            progress("checkpoints", len(kept), 0)
        witnessed = 0
        for row in _rows(live, "checkpoint_witness"):
            witnessed += 1
            number = row["block_number"]
            try:
                self._check_witness(row, kept.get(number))
            except (SuyuanError, ValueError, TypeError, OverflowError) as error:
                place = (number, row["account"])
                self._wrong("checkpoint_witness", place, "signature", "witness", str(error))
        self._part.count(checkpoints=len(kept), countersignatures=witnessed)

    def _wrong(self, table: str, row: object, field: str, code: str, why: str) -> None:
        self._part.found(
            code,
            table,
            f"the checkpoint or what is said of it does not hold: {why}",
            f"检查点或其附记不成立：{why}",
            row=row,
            field=field,
            found=why,
        )

    def _check_kept(self, row: Mapping[str, Any], keys: frozenset[bytes]) -> Checkpoint:
        number = row["block_number"]
        made = Checkpoint.from_json(canonical.loads(row["checkpoint"]))
        header = Header.parse(made.header, made.seal.rule)
        stated = {
            "block_number": header.number,
            "size": made.size,
            "root": made.root,
            "block_hash": header.hash,
            "block_time": header.time,
            "made_at": made.made_at,
        }
        for field, expected in stated.items():
            if row[field] != expected:
                self._part.found(
                    "column",
                    "checkpoint",
                    "the column is not what the checkpoint says",
                    "该列与检查点内容不符",
                    row=number,
                    field=field,
                    expected=expected,
                    found=row[field],
                )
        held = Held("", made.size, made.root, header.number, header.hash)
        self._check_log(held, "checkpoint", number)
        if made.witnesses:
            raise EvidenceError("witnesses stand in a table of their own")
        nodes = self._proof(row["nodes"], header.state_root, made)
        if nodes != row["nodes"]:
            raise EvidenceError("the kept nodes do not prove size and root in the block's state")
        said = CheckpointStatement(made.size, made.root, header.number, header.hash, made.made_at)
        for signature in made.seal.signatures:
            found = recover(said.digest(self._log), signature)
            if keys and found not in keys:
                known = ", ".join(hexed(key) for key in sorted(keys))
                raise EvidenceError(f"it is signed by {hexed(found)}, the service's key is {known}")
        return made

    def _proof(self, raw: bytes, state_root: bytes, made: Checkpoint) -> bytes:
        """The nodes that prove the checkpoint, out of those that are kept."""
        lists: Any = decode(raw)
        stored = {keccak(node): node for some in lists for node in some}
        trie = Trie(lambda digest: decode(stored[digest]))
        _, _, storage, _ = decode(trie.get(state_root, keccak(self._address)))
        proofs = [trie.prove(state_root, keccak(self._address))]
        for slot, value in ((SIZE_SLOT, made.size), (ROOT_SLOT, int.from_bytes(made.root, "big"))):
            key = keccak(slot.to_bytes(32, "big"))
            if trie.get(storage, key) != (encode(integer(value)) if value else b""):
                raise EvidenceError("the block's state says another size or root")
            proofs.append(trie.prove(storage, key))
        return encode([list(proof) for proof in proofs])

    def _check_witness(self, row: Mapping[str, Any], made: Checkpoint | None) -> None:
        if made is None:
            raise EvidenceError("the checkpoint that it is of does not hold itself, or is gone")
        header = Header.parse(made.header, made.seal.rule)
        said = WitnessedStatement(
            made.size,
            made.root,
            header.number,
            header.hash,
            row["previous_size"],
            row["previous_root"],
            row["witnessed_at"],
        )
        if recover(said.digest(self._log), row["signature"]) != row["account"]:
            raise EvidenceError("its signature is not the witness's")
        if row["previous_size"] > made.size:
            raise EvidenceError("the witness had seen a larger log")
        if row["previous_size"] <= self._size:
            size = row["previous_size"]
            root = self._index.log.root(size) if size else EMPTY_ROOT
            if root != row["previous_root"]:
                raise EvidenceError("the witness had seen another history")


def _rows(live: Source, table: str) -> Iterator[Mapping[str, Any]]:
    form = service_form(table)
    for row in live.rows(form.query(is_sqlite=live.is_sqlite)):
        yield dict(zip(form.columns, row, strict=True))
