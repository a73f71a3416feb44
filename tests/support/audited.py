"""A ledger that has something of everything an audit looks at, and ways to damage a copy of it.

>>> data = copied(tmp_path)
>>> flip(data / "chain.sqlite", 5000)
>>> assert found(data)
"""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ledger import demo
from ledger.audit import Finding, audit
from ledger.demo.batches import DONATED, MASK_LOT
from ledger.hashing import keccak
from ledger.importing.recording import record
from ledger.index.store import KeptVerdict
from ledger.policy import canonical
from ledger.question import Question
from ledger.typed_data import Part, hexed, publication_id
from ledger.witnessing import Seen, countersign
from ledger.workspace import Workspace
from tests.support.workspaces import (
    BEGINNING,
    HandClock,
    author,
    cheap_keys,
    new_data,
    opened,
    recorded,
    signer,
)

NOW = BEGINNING + 600
REGISTER = "register:niosh-n95"


def copied(folder: Path) -> Path:
    """A data directory of its own below the folder, clean and closed."""
    data = folder / "data"
    shutil.copytree(_template(), data)
    return data


def found(data: Path, *parts: str, **options: Any) -> list[Finding]:
    """What an audit finds, of these parts only if any are named."""
    if parts:
        options["parts"] = parts
    return audit(data, clock=HandClock(NOW), **options).findings


def flip(path: Path, place: int, bit: int = 0) -> None:
    """Turn one bit of the file round."""
    with path.open("r+b") as file:
        file.seek(place)
        [byte] = file.read(1)
        file.seek(place)
        file.write(bytes((byte ^ 1 << bit,)))


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """Write into a SQLite file past everything that keeps it in order."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


@cache
def _template() -> Path:
    home = Path(tempfile.mkdtemp(prefix="suyuan-audited-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    data = new_data(home, story=True)
    with cheap_keys(), opened(data, HandClock(NOW)) as workspace:
        _live_on(workspace)
    return data


def _live_on(workspace: Workspace) -> None:
    """What the demo's story has none of: mirrored recalls, packed goods, refusals, verdicts."""
    mirror, store = author(workspace, "mirror"), author(workspace, "warehouse")
    publication = mirror.write(
        "RecordPublication",
        published=BEGINNING - 86_400,
        document=keccak(b"list"),
        rows=1,
        rowsRoot=keccak(b"rows"),
        register=REGISTER,
        title="An invented list",
    )
    recorded(workspace, mirror, publication)
    recall = mirror.write(
        "MirrorRecall",
        organisation=demo.QINGLUAN.id,
        publication=publication_id(mirror.organisation, mirror.digest(publication)),
        document=keccak(b"row"),
        initiated=BEGINNING - 86_400,
        ended=0,
        register=REGISTER,
        number="Z-0001",
        product="An invented mask",
        lots="A, B",
        reason="filters too little",
    )
    recorded(workspace, mirror, recall)
    packed = store.write("Aggregate", sscc=95200000000000103, parts=(Part(DONATED.id, 10),))
    recorded(workspace, store, packed)
    too_much = store.write("Aggregate", sscc=95200000000000110, parts=(Part(DONATED.id, 1 << 39),))
    [refused] = record(workspace, [store.sign(too_much)])
    assert refused.state == "refused"
    for lots in ((), (MASK_LOT.id,)):
        _keep_verdict(workspace, lots)
    _witness(workspace)


def _keep_verdict(workspace: Workspace, lots: tuple[bytes, ...]) -> None:
    question = Question.for_day(
        demo.QINGLUAN.id,
        demo.MASK,
        "QL-100",
        1_000,
        "H87",
        "2026-12-01",
        known_at=NOW,
        zone="Asia/Shanghai",
        at=NOW,
        lots=lots,
    )
    verdict = workspace.decide(question)
    asker = demo.AUTHORITY.id
    workspace.store.put_verdict(
        KeptVerdict(
            id=f"{hexed(verdict.id)}:{asker.hex()}",
            question=canonical(question.to_json()),
            policy_hash=verdict.policy.hash,
            position=verdict.position,
            verdict=canonical(verdict.to_json()),
            organisation=asker,
            person="buyer 7",
            asked_at=NOW,
        )
    )


def _witness(workspace: Workspace) -> None:
    kept = workspace.checkpoint()
    shown = Seen(kept.checkpoint, kept.nodes)
    anchors = workspace.checkpoints.anchors()
    witness, block = countersign(anchors, None, shown, signer("mirror"), NOW)
    with changing(workspace.data / "service.sqlite") as connection:
        connection.execute(
            "INSERT INTO checkpoint_witness VALUES (?,?,?,?,?,?,?)",
            (
                block,
                witness.account,
                witness.previous_size,
                witness.previous_root,
                witness.witnessed_at,
                witness.signature,
                NOW,
            ),
        )
