"""Reviews read from the index: what waits for which step, and who may take it.

Rules this module keeps:

* What is said of who may take a step are the contract's rules (``IQualificationRegistry``, actions
  6 to 9) told beforehand; the contract decides.
* Who judges others and auditors see every review, everybody else only their own organisation's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from api.access import Caller, ReviewRecord, may_see
from api.context import Context
from api.documents.service import JUDGING
from api.problems import not_found
from api.reviews.schemas import (
    AlarmBody,
    Counts,
    Obstacle,
    Queue,
    ReviewBody,
    ReviewDetail,
    ReviewList,
    StepBody,
    TermsBody,
    UseBody,
)
from api.wire import Position
from ledger.alarms import alarms
from ledger.errors import RequestError
from ledger.index.records import QualificationRecord
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from ledger.vocabulary import AccountState, OrganisationStatus, QualificationState, Role, Way

_S: Final = QualificationState
#: The states of what stands in a queue.
STATES: Final[Mapping[Queue, tuple[QualificationState, ...]]] = {
    Queue.VERIFY: (_S.SUBMITTED,),
    Queue.EDIT: (_S.VERIFIED,),
    Queue.PUBLISH: (_S.EDITED,),
    Queue.REFUSED: (_S.REFUSED,),
    Queue.PUBLISHED: (
        _S.IN_FORCE, _S.RESTRICTED, _S.SUSPENDED, _S.WITHDRAWN, _S.SUPERSEDED, _S.DELISTED,
    ),
}  # fmt: skip
#: The queues in which something waits.
OPEN: Final = (Queue.VERIFY, Queue.EDIT, Queue.PUBLISH)
_STEPS: Final = {
    "SubmitQualification": "submit",
    "VerifyQualification": "verify",
    "EditQualification": "edit",
    "PublishQualification": "publish",
    "RefuseQualification": "refuse",
}
#: Looking for what an organisation can do, so many reviews are read at most.
_READ: Final = 1000
_CHUNK: Final = 100


def reads_all(context: Context, caller: Caller) -> bool:
    """Whether the caller may see the reviews of others' submissions."""
    return may_see(caller, ReviewRecord(b"", _judges(context, caller)))


def _judges(context: Context, caller: Caller) -> frozenset[bytes]:
    found = context.workspace.index.organisation(caller.organisation)
    judging = found is not None and bool(found.roles & JUDGING)
    return frozenset({caller.organisation} if judging else ())


def listed(
    context: Context,
    caller: Caller,
    queues: Collection[Queue],
    *,
    doable: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> ReviewList:
    """Reviews in these queues, those submitted first first; ``doable``: only those in which the
    caller's organisation may take the next step."""
    index = context.workspace.index
    position = context.position
    holder = None if reads_all(context, caller) else caller.organisation
    states = [state for queue in queues for state in STATES[queue]]
    after = _after(cursor)
    found: list[ReviewBody] = []
    following: int | None = None
    reviewers = _reviewers(context, caller)
    with index.snapshot():
        counts = index.reviews(holder)
        read = 0
        while following is None:
            rows = index.in_review(states, holder, after, _CHUNK)
            read += len(rows)
            for row, body in zip(rows, _bodies(context, caller, reviewers, rows), strict=True):
                if len(found) == limit:
                    following = after
                    break
                if body.accounts or not doable:
                    found.append(body)
                after = row.sequence
            if len(rows) < _CHUNK:
                break
            if read >= _READ and following is None:
                following = after
    return ReviewList(
        reviews=found,
        next=None if following is None else str(following),
        counts=Counts(
            **{
                queue.value: sum(counts.get(s, 0) for s in states)
                for queue, states in STATES.items()
            }
        ),
        ledger=Position(position=position),
    )


def _after(cursor: str | None) -> int:
    if cursor is None:
        return -1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 15):
        raise RequestError(
            "this is no page of the list",
            message_zh="该分页标记不是列表给出的",
            field="cursor",
            code="reviews.page",
        )
    return int(cursor)


def read(context: Context, caller: Caller, qualification: bytes) -> ReviewDetail:
    """One review with what else bears on it, if the caller may see it."""
    workspace = context.workspace
    index = workspace.index
    row = index.qualification(qualification)
    position = context.position
    seen = row is not None and may_see(caller, ReviewRecord(row.holder, _judges(context, caller)))
    if row is None or not seen or row.way is not Way.REVIEWED:
        raise not_found("the review", "该审核", "id", code="review.unknown")
    with index.snapshot():
        [body] = _bodies(context, caller, _reviewers(context, caller), [row])
        chain = index.by_subject(qualification)
        first = next(e for e in chain if e.action == "SubmitQualification")
        history = workspace.history(row.holder, row.category)
        raised = alarms(history, row.holder, context.now())
        return ReviewDetail(
            **body.model_dump(),
            submitted=_terms_of(first),
            uses=_uses(context, row, chain),
            alarms=[
                AlarmBody(
                    id=hexed(a.id),
                    what=a.mark.what,
                    open=a.open,
                    parties=[hexed(party) for party in a.holders],
                    opened_at=a.opened_at,
                )
                for a in raised
                if qualification in a.qualifications
            ],
            ledger=Position(position=position),
        )


def alarmed(context: Context, bodies: Iterable[ReviewBody]) -> frozenset[str]:
    """Those of these reviews that an open alarm touches."""
    workspace, now = context.workspace, context.now()
    index = workspace.index
    every = {bytes.fromhex(body.qualification[2:]): body for body in bodies}
    found: set[str] = set()
    with index.snapshot():
        for id_, chain in index.by_subjects(every).items():
            body = every[id_]
            if not any(_used_elsewhere(context, body.kind, entry) for entry in chain):
                continue  # most: no history needs to be read for it
            holder = bytes.fromhex(body.holder[2:])
            raised = alarms(workspace.history(holder, body.category), holder, now)
            if any(alarm.open and id_ in alarm.qualifications for alarm in raised):
                found.add(body.qualification)
    return frozenset(found)


def _used_elsewhere(context: Context, kind: str, entry: RecordedEntry) -> bool:
    """Whether another subject has the number or the document that the entry states."""
    if "number" not in entry.entry.values:
        return False
    index, document = context.workspace.index, entry["document"]
    assert isinstance(document, bytes)
    uses = (*index.by_number(kind, str(entry["number"])), *index.by_document(document))
    return any(use.subjects[0] != entry.subjects[0] for use in uses)


# ---------------------------------------------------------------------------- who may do it


def _reviewers(context: Context, caller: Caller) -> list[bytes]:
    """The live accounts of the caller's organisation that act as reviewers."""
    index = context.workspace.index
    own = index.organisation(caller.organisation)
    if own is None or own.status is not OrganisationStatus.ACTIVE or not own.roles & Role.REVIEWER:
        return []
    return [
        account.address
        for account in index.accounts_of(caller.organisation)
        if account.state is AccountState.LIVE and account.roles & Role.REVIEWER
    ]


def refusers(body: ReviewBody, caller: Caller, reviewers: Sequence[bytes]) -> list[str]:
    """The accounts that may refuse it: any reviewer's but the submitter's own."""
    if body.queue not in OPEN or body.holder == hexed(caller.organisation):
        return []
    return [hexed(account) for account in reviewers]


def is_reviewer(context: Context, caller: Caller) -> bool:
    """Whether anybody of the caller's organisation can ever take a step."""
    return bool(_reviewers(context, caller))


def may_refuse(context: Context, caller: Caller, body: ReviewBody) -> list[str]:
    """The accounts of the caller's organisation that may refuse it now."""
    return refusers(body, caller, _reviewers(context, caller))


def able(context: Context, body: ReviewBody) -> list[bytes]:
    """The organisations that may take the next step, the first that came onto the ledger first."""
    index = context.workspace.index
    row = index.qualification(bytes.fromhex(body.qualification[2:]))
    assert row is not None
    reviewers: dict[bytes, list[bytes]] = {}
    for account in index.accounts_in(AccountState.LIVE, _READ):
        if account.roles & Role.REVIEWER:
            reviewers.setdefault(account.organisation, []).append(account.address)
    found = sorted(index.organisations(reviewers).values(), key=lambda o: o.sequence)
    return [
        o.id
        for o in found
        if o.status is OrganisationStatus.ACTIVE
        and o.roles & Role.REVIEWER
        and _permitted(o.id, reviewers[o.id], row, body.steps)[0]
    ]


def _permitted(
    organisation: bytes,
    reviewers: Sequence[bytes],
    row: QualificationRecord,
    steps: Sequence[StepBody],
) -> tuple[list[str], Obstacle | None]:
    """The organisation's accounts that may take the next step; why there is none."""
    queue = queue_of(row.state)
    if queue not in OPEN:
        return [], "ended"
    if row.holder == organisation:
        return [], "submitter"
    if not reviewers:
        return [], "no-reviewer"
    taken = [step for step in steps if step.action in ("verify", "edit")]
    free = [hexed(a) for a in reviewers if hexed(a) not in {step.account for step in taken}]
    own = hexed(organisation)
    if queue is Queue.PUBLISH and all(step.author == own for step in taken):
        return [], "one-organisation"
    return (free, None) if free else ([], "repeated")


def queue_of(state: QualificationState) -> Queue:
    return next(queue for queue, states in STATES.items() if state in states)


# ------------------------------------------------------------------------------- into words


def _bodies(
    context: Context,
    caller: Caller,
    reviewers: Sequence[bytes],
    rows: Sequence[QualificationRecord],
) -> list[ReviewBody]:
    chains = context.workspace.index.by_subjects(row.id for row in rows)
    return [_body(caller, reviewers, row, chains[row.id]) for row in rows]


def _body(
    caller: Caller,
    reviewers: Sequence[bytes],
    row: QualificationRecord,
    chain: Iterable[RecordedEntry],
) -> ReviewBody:
    steps = [_step(entry) for entry in chain if entry.action in _STEPS]
    accounts, obstacle = _permitted(caller.organisation, reviewers, row, steps)
    return ReviewBody(
        qualification=hexed(row.id),
        queue=queue_of(row.state),
        holder=hexed(row.holder),
        category=row.category,
        model=row.model,
        kind=row.kind,
        terms=_terms(row.number, row.valid_from, row.valid_until, row.document),
        steps=steps,
        waiting_since=steps[-1].recorded,
        accounts=accounts,
        obstacle=obstacle,
    )


def _step(entry: RecordedEntry) -> StepBody:
    values = entry.entry.values
    return StepBody(
        action=_STEPS[entry.action],
        author=hexed(entry.author),
        account=hexed(entry.signers[0]),
        recorded=entry.recorded_at,
        sequence=entry.sequence,
        note=str(values.get("note", values.get("reason", ""))),
    )


def _terms(number: str, valid_from: int, valid_until: int, document: bytes) -> TermsBody:
    return TermsBody(
        number=number,
        valid_from=valid_from,
        valid_until=valid_until,
        document=hexed(document) if any(document) else None,
    )


def _terms_of(entry: RecordedEntry) -> TermsBody:
    document = entry["document"]
    assert isinstance(document, bytes)
    return _terms(
        str(entry["number"]),
        int(str(entry["validFrom"])),
        int(str(entry["validUntil"])),
        document,
    )


def _uses(
    context: Context, row: QualificationRecord, chain: Sequence[RecordedEntry]
) -> list[UseBody]:
    """Other entries that state the same number of this kind, or the same document: qualifications,
    rows of registers, reports."""
    index = context.workspace.index
    own = {entry.sequence for entry in chain}
    found: dict[int, tuple[RecordedEntry, list[str]]] = {}
    marked = (
        ("number", index.by_number(row.kind, row.number)),
        ("document", index.by_document(row.document)),
    )
    for what, entries in marked:
        for entry in entries:
            if entry.sequence not in own:
                found.setdefault(entry.sequence, (entry, []))[1].append(what)
    return [_use(context, entry, same) for _, (entry, same) in sorted(found.items())]


def _use(context: Context, entry: RecordedEntry, same: list[str]) -> UseBody:
    values = entry.entry.values
    qualification = context.workspace.index.qualification(entry.subjects[0])
    holder = None if qualification is None else qualification.holder
    return UseBody.model_validate(
        {
            "same": same,
            "action": entry.action,
            "author": hexed(entry.author),
            "holder": None if holder is None else hexed(holder),
            "register_name": "" if qualification is None else qualification.register,
            "category": "" if qualification is None else qualification.category,
            "model": "" if qualification is None else qualification.model,
            "number": str(values.get("number", "")),
            "recorded": entry.recorded_at,
            "sequence": entry.sequence,
        }
    )
