"""The checkpoints that the service made, with what proves them, and who countersigned them.

They are kept because nodes forget old states: nothing about a checkpoint is asked of a node again.
Every method is one transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Select, func, insert, select
from sqlmodel import Session

from ledger.ethereum import decode, encode
from ledger.evidence import canonical
from ledger.evidence.bundle import Checkpoint, Witness
from ledger.index.database import Database
from ledger.index.idempotency import Answer, Once, recall, remember
from ledger.index.service_tables import CHECKPOINTS, WITNESSES

_row: Final = CHECKPOINTS.c
_witness: Final = WITNESSES.c


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint with its block and the trie nodes (RLP, root first) that prove ``EntryLog``'s
    account in the block's state, and size and root of the log in the account's storage.

    ``block_time`` in seconds since 1970, UTC.
    """

    checkpoint: Checkpoint
    block_number: int
    block_hash: bytes
    block_time: int
    account_nodes: tuple[bytes, ...]
    size_nodes: tuple[bytes, ...]
    root_nodes: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        return self.checkpoint.root

    @property
    def made_at(self) -> int:
        return self.checkpoint.made_at

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """The nodes of all three, each once, in the order in which a verifier first visits them."""
        return in_order(self.account_nodes, self.size_nodes, self.root_nodes)


def without_witnesses(kept: KeptCheckpoint) -> KeptCheckpoint:
    """The checkpoint without what others said of it."""
    return replace(kept, checkpoint=replace(kept.checkpoint, witnesses=()))


def in_order(*proofs: Iterable[bytes]) -> tuple[bytes, ...]:
    """The nodes of several proofs, each once, in the order of the first visit."""
    return tuple(dict.fromkeys(node for proof in proofs for node in proof))


class CheckpointBook:
    """The service's checkpoints. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self) -> KeptCheckpoint | None:
        """The one at the highest block."""
        return next(iter(self._found(select(CHECKPOINTS).limit(1))), None)

    def at(self, block: int) -> KeptCheckpoint | None:
        """The one at this block."""
        query = select(CHECKPOINTS).where(_row.block_number == block)
        return next(iter(self._found(query)), None)

    def of_size(self, size: int, until: int) -> KeptCheckpoint | None:
        """The last one of a log of this size at the block ``until`` or below."""
        here = _row.size == size, _row.block_number <= until
        return next(iter(self._found(select(CHECKPOINTS).where(*here).limit(1))), None)

    def sizes_near(self, size: int, until: int) -> list[int]:
        """The next smaller and the next larger size of those at the block ``until`` or below."""
        here = _row.block_number <= until
        below = select(func.max(_row.size)).where(here, _row.size < size)
        above = select(func.min(_row.size)).where(here, _row.size > size)
        with self._database.read() as session:
            found = [session.execute(query).scalar() for query in (below, above)]
        return [size for size in found if size is not None]

    def page(self, limit: int, before: int | None = None) -> list[KeptCheckpoint]:
        """The newest, newest first; ``before``: only those at lower blocks."""
        query = select(CHECKPOINTS).limit(limit)
        if before is not None:
            query = query.where(_row.block_number < before)
        return self._found(query)

    def add(self, kept: KeptCheckpoint, after: KeptCheckpoint | None) -> bool:
        """Keep a checkpoint that was found to extend ``after``, the latest then. False, and nothing
        kept, if that is the latest no more: another writer was faster.

        One at the block of the latest says the same later: it takes its place, and what witnesses
        said of that block stays.
        """
        values = {
            "block_number": kept.block_number,
            "size": kept.size,
            "root": kept.root,
            "block_hash": kept.block_hash,
            "block_time": kept.block_time,
            "made_at": kept.made_at,
            "checkpoint": canonical.dumps(replace(kept.checkpoint, witnesses=()).to_json()),
            "nodes": encode([kept.account_nodes, kept.size_nodes, kept.root_nodes]),
        }
        with self._database.write() as session:
            newest = select(_row.block_number, _row.made_at)
            found = session.execute(newest.order_by(_row.block_number.desc()).limit(1)).first()
            known = None if after is None else (after.block_number, after.made_at)
            if (None if found is None else tuple(found)) != known:
                return False
            if after is not None and after.block_number == kept.block_number:
                here = _row.block_number == kept.block_number
                session.execute(CHECKPOINTS.update().where(here).values(**values))
            else:
                session.execute(insert(CHECKPOINTS).values(**values))
        return True

    def countersign(
        self,
        block: int,
        witness: Witness,
        *,
        now: float,
        answer: Callable[[Witness], Answer],
        once: Once | None = None,
    ) -> Answer:
        """Keep a countersignature of the checkpoint at this block; what its bringer is answered,
        now or when the request came first (None: it is no request, and not remembered). Who
        countersigned this block before has said so: the first word stays, and is what ``answer``
        is made of.
        """
        with self._database.write() as session:
            earlier = None if once is None else recall(session, once)
            if earlier is not None:
                return earlier
            mine = select(WITNESSES).where(
                _witness.block_number == block, _witness.account == witness.account
            )
            said = session.execute(mine).first()
            if said is not None:
                witness = _said(said)
            else:
                session.execute(
                    insert(WITNESSES).values(
                        block_number=block,
                        account=witness.account,
                        previous_size=witness.previous_size,
                        previous_root=witness.previous_root,
                        witnessed_at=witness.witnessed_at,
                        signature=witness.signature,
                        received_at=int(now),
                    )
                )
            told = answer(witness)
            if once is not None:
                remember(session, once, told, now)
        return told

    def _found(self, query: Select[Any]) -> list[KeptCheckpoint]:
        with self._database.read() as session:
            rows = session.execute(query.order_by(_row.block_number.desc())).all()
            witnesses = _witnesses(session, [row.block_number for row in rows])
        return [_kept(row, witnesses.get(row.block_number, ())) for row in rows]


def _witnesses(session: Session, blocks: list[int]) -> dict[int, tuple[Witness, ...]]:
    query = (
        select(WITNESSES)
        .where(_witness.block_number.in_(blocks))
        .order_by(_witness.block_number, _witness.account)
    )
    found: dict[int, list[Witness]] = {}
    for row in session.execute(query):
        found.setdefault(row.block_number, []).append(_said(row))
    return {block: tuple(of_one) for block, of_one in found.items()}


def _said(row: Any) -> Witness:
    return Witness(
        bytes(row.account),
        row.previous_size,
        bytes(row.previous_root),
        row.witnessed_at,
        bytes(row.signature),
    )


def _kept(row: Any, witnesses: tuple[Witness, ...]) -> KeptCheckpoint:
    made = Checkpoint.from_json(canonical.loads(bytes(row.checkpoint)))
    account, size, root = decode(bytes(row.nodes))
    return KeptCheckpoint(
        replace(made, witnesses=witnesses),
        row.block_number,
        bytes(row.block_hash),
        row.block_time,
        tuple(account),
        tuple(size),
        tuple(root),
    )
