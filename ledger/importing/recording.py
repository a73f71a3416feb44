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
            if idle > PATIENCE:
                raise UnavailableError(f"the ledger does not move; {len(entries) - done} wait")
            workspace.pause(idle)
        done += len(digests)
        progress(done, len(entries))
        yield from (known[d] for d in digests)
