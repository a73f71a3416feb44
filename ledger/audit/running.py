"""What a running service can compare of itself without stopping: a sample, bounded, and no audit.

It holds against each other what is read in moments: stored documents and the hashes that they are
named by, the log in the index and in the chain's own state, checkpoints and the log, verdicts and
what they come to when they are made again. An audit does all of it, and from the chain's beginning.
"""

import secrets
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.audit import documents, verdicts
from ledger.audit.report import Part, Report
from ledger.errors import EvidenceError
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT

if TYPE_CHECKING:
    from ledger.workspace import Workspace

#: So many documents and so many bytes of them are hashed at most.
DOCUMENTS: Final = 50
_BYTES: Final = 100 * 1024 * 1024
#: So many verdicts are made again.
VERDICTS: Final = 5
#: So many of the newest checkpoints are compared.
CHECKPOINTS: Final = 50

_chance: Final = secrets.SystemRandom()


def look(workspace: "Workspace") -> Report:
    """Compare a sample; :class:`~ledger.errors.UnavailableError` where the database does not
    answer."""
    report = Report(notes=[])
    _index(workspace, Part("index", report))
    _documents(workspace, Part("documents", report))
    _verdicts(workspace, Part("verdicts", report))
    _checkpoints(workspace, Part("checkpoints", report))
    return report


def _index(workspace: "Workspace", part: Part) -> None:
    """The log as the chain's state has it, and as the index computed it from every entry."""
    block = workspace.index.block_number()
    proof = workspace.checkpoints.proof((SIZE_SLOT, ROOT_SLOT), block)
    size, root = (slot.value for slot in proof.storage)
    position = workspace.index.position().size
    if size > position:
        part.found(
            "behind",
            "ledger",
            f"the chain has {size} entries at block {block}, the index has {position}",
            f"链在区块 {block} 处有 {size} 条条目，索引有 {position} 条",
            expected=size,
            found=position,
        )
    else:
        computed = workspace.index.log.root(size)
        if computed != root.to_bytes(32, "big"):
            part.found(
                "root",
                "ledger",
                f"the root of the first {size} entries in the index is not the chain's",
                f"索引中前 {size} 条条目的根与链上的不符",
                expected=root.to_bytes(32, "big"),
                found=computed,
            )
    part.count(entries=size)


def _documents(workspace: "Workspace", part: Part) -> None:
    root, checked, read = workspace.documents.root, 0, 0
    for path in _some(root):
        digest = bytes.fromhex(path.parent.name + path.name)
        size = documents.check_file(digest, path, root, part)
        if not workspace.store.documents(digest):
            documents.unnoted(digest, path, root, part)
        checked, read = checked + 1, read + (size or 0)
        if checked == DOCUMENTS or read > _BYTES:
            break
    part.count(files=checked)


def _some(root: Path) -> Iterator[Path]:
    """Documents' files, drawn by chance."""
    folders = [f for f in root.iterdir() if documents.FOLDER.fullmatch(f.name)]
    for folder in _chance.sample(folders, len(folders)):
        files = [f for f in folder.iterdir() if documents.FILE.fullmatch(f.name)]
        yield from _chance.sample(files, len(files))


def _verdicts(workspace: "Workspace", part: Part) -> None:
    # Ids are hashes: those behind a random one are a random few.
    start = "0x" + secrets.token_hex(32)
    some = list(islice(workspace.store.every_verdict(start), VERDICTS))
    more = islice(workspace.store.every_verdict(), VERDICTS - len(some))
    kept = {verdict.id: verdict for verdict in (*some, *more)}
    for verdict in kept.values():
        verdicts.check_one(asdict(verdict), workspace.index, workspace.position, part)
    part.count(verdicts=len(kept))


def _checkpoints(workspace: "Workspace", part: Part) -> None:
    kept = workspace.store.checkpoints.page(CHECKPOINTS)
    for checkpoint in kept:
        try:
            computed = workspace.index.log.root(checkpoint.size)
        except (ValueError, EvidenceError):
            computed = b""  # the index has not so many entries, or lost some
        if computed != checkpoint.root:
            part.found(
                "root",
                "checkpoint",
                "the log in the index does not come to what this checkpoint says",
                "索引中的日志与此检查点不符",
                row=checkpoint.block_number,
                field="root",
                expected=checkpoint.root,
                found=computed,
            )
    part.count(checkpoints=len(kept))
