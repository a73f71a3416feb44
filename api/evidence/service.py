"""Evidence for those who ask by HTTP: what is meant, who may have it, and under which name.

Rules this module keeps:

* Nothing is decided here of what evidence proves; ``ledger.bundling`` makes it.
* Who may not see the thing itself is told that there is none; who may see the thing, but not every
  entry that the evidence holds, is told who may (``api.evidence.permission``).
"""

from typing import NamedTuple

from api.access import Caller, EntryRecord, QualificationRecord, may_see
from api.batches import service as batches
from api.batches.sight import Sight
from api.context import Context
from api.entries.service import CUSTODY, about, entry_record
from api.evidence.permission import permit_of
from api.parameters import Asked
from api.problems import not_found
from api.suppliers.service import visible
from api.verdicts import service as verdicts
from ledger.provenance.tracing import Direction
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from ledger.vocabulary import NO_END, Clock


class Evidence(NamedTuple):
    """A bundle's bytes, and what of: for the name of its file."""

    raw: bytes
    of: str


class Wanted(NamedTuple):
    """For when (half-open interval), as known when, by which clock; None: as of the newest
    checkpoint."""

    at: tuple[int, int] | None
    known_at: int | None
    clock: Clock


def entry(context: Context, caller: Caller, reference: bytes | int, witnesses: bool) -> Evidence:
    """That the entry was recorded or, where its deadline passed without that, that it was not."""
    index = context.workspace.index
    if isinstance(reference, int):
        e = index.entry(reference)
    else:
        e = index.entry_by_digest(reference)
        if e is None:
            return _absence(context, caller, reference, witnesses)
    if e is None or not _may_read(context, caller, e):
        raise _unknown_entry()
    raw = context.workspace.evidence.of(e, witnesses=witnesses)
    return Evidence(raw, f"entry-{e.sequence}")


def is_at_hand(context: Context, reference: bytes | int, witnesses: bool) -> bool:
    """Whether the evidence of this entry is made in microseconds, without waiting for anybody."""
    if witnesses or not isinstance(reference, int):
        return False
    workspace = context.workspace
    return workspace.index.is_local and workspace.evidence.is_ready(reference)


def _may_read(context: Context, caller: Caller, e: RecordedEntry) -> bool:
    # Who handed it in is looked up only for whom that would make the difference.
    found = EntryRecord(e.author, about(e), recorded=True, custody=e.action in CUSTODY)
    return may_see(caller, found) or may_see(caller, entry_record(context, e.digest, e))


def _absence(context: Context, caller: Caller, digest: bytes, witnesses: bool) -> Evidence:
    workspace = context.workspace
    accepted = workspace.store.outbox.entries([digest])
    if not accepted or not may_see(caller, entry_record(context, digest, None)):
        raise _unknown_entry()
    return Evidence(workspace.withheld(digest, witnesses=witnesses), f"absence-{digest[:8].hex()}")


def _unknown_entry() -> Exception:
    return not_found("the entry", "该条目", "id", code="entry.unknown")


def standing(
    context: Context,
    caller: Caller,
    organisation: bytes,
    category: str,
    model: str,
    wanted: Wanted,
    witnesses: bool,
) -> Evidence:
    """How the supplier stands, with everything that bears on it."""
    now = context.now()
    visible(context, caller, organisation, Asked((now, now + 1), now, wanted.clock))
    raw = context.workspace.evidence.standing(
        organisation,
        category,
        model,
        at=wanted.at,
        known_at=wanted.known_at,
        clock=wanted.clock,
        witnesses=witnesses,
        permit=permit_of(context, caller),
    )
    return Evidence(raw, f"standing-{organisation[:8].hex()}")


def qualification(
    context: Context,
    caller: Caller,
    id_: bytes,
    entry: int | None,
    at: int | None,
    witnesses: bool,
) -> Evidence:
    """How the qualification stood when the entry was recorded, or stands now."""
    record = context.workspace.index.qualification(id_)
    if record is None or not may_see(caller, QualificationRecord(record.holder, record.author)):
        raise not_found("the qualification", "该资质", "id", code="qualification.unknown")
    raw = context.workspace.evidence.non_revocation(
        id_, entry=entry, at=at, witnesses=witnesses, permit=permit_of(context, caller)
    )
    return Evidence(raw, f"qualification-{id_[:8].hex()}")


def trace(
    context: Context,
    caller: Caller,
    id_: bytes,
    direction: Direction,
    wanted: Wanted,
    witnesses: bool,
) -> Evidence:
    """The whole trace of the batch. That it was taken is in the access log."""
    workspace, position = context.workspace, context.position
    sight = Sight(workspace, caller, context.now(), position)
    lot = batches.batch(workspace, sight, position, id_)
    raw = workspace.evidence.trace(
        lot.id,
        direction,
        at=NO_END if wanted.at is None else wanted.at[1] - 1,
        known_at=wanted.known_at,
        clock=wanted.clock,
        witnesses=witnesses,
        permit=permit_of(context, caller),
    )
    context.note_access(caller, "batch.evidence-taken", hexed(id_))
    return Evidence(raw, f"trace-{direction.value}-{id_[20:28].hex()}")


def verdict(context: Context, caller: Caller, id_: bytes, witnesses: bool) -> Evidence:
    """What a verdict that was kept rests on."""
    found = verdicts.kept(context, caller, id_)
    question, policy = verdicts.made_by(found)
    raw = context.workspace.evidence.verdict(
        question,
        policy,
        found.position,
        witnesses=witnesses,
        permit=permit_of(context, caller),
    )
    verdicts.note_reading(context, caller, found, "verdict.evidence-taken")
    return Evidence(raw, f"verdict-{id_[:8].hex()}")
