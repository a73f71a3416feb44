"""Recording many entries through an open workspace, in order, with progress."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ledger.errors import UnavailableError
from ledger.submission import EntryStatus
from ledger.typed_data import SignedEntry
from ledger.workspace import Workspace

#: So many entries are handed in before the ledger is moved on.
CHUNK: Final = 1000
#: Rounds without any movement after which the ledger counts as stuck.
PATIENCE: Final = 600


def finish(workspace: Workspace) -> None:
    """Move the ledger until nothing waits any more. To be done before a plan is made: what an
    interrupted run left waiting is not on the ledger yet, so it would be planned again."""
    idle = 0
    while True:
        idle = 0 if workspace.pump() else idle + 1
        health = workspace.relay.health()
        if not (health.queued or health.under_way):
            return
        _be_patient(idle, health.queued)
        workspace.pause(idle)


def record(
    workspace: Workspace,
    entries: Sequence[SignedEntry],
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Iterator[EntryStatus]:
    """Hand in the entries and move the ledger until each is final or refused; yields where each
    stands, in order. What was accepted goes on later if this is interrupted."""
    done = 0
    for start in range(0, len(entries), CHUNK):
        statuses = workspace.submitter.accept(entries[start : start + CHUNK])
        digests = [status.digest for status in statuses]
        idle = 0
        while True:
            idle = 0 if workspace.pump() else idle + 1
            known = workspace.submitter.status(digests)
            if all(known[d].state in ("final", "refused") for d in digests):
                break
            _be_patient(idle, len(entries) - done)
            workspace.pause(idle)
        done += len(digests)
        progress(done, len(entries))
        yield from (known[d] for d in digests)


def _be_patient(idle: int, waiting: int) -> None:
    if idle > PATIENCE:
        raise UnavailableError(f"the ledger does not move; {waiting} entries wait")
