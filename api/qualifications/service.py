"""One qualification, judged as of the clocks asked for."""

from api.access import Caller, QualificationRecord, may_see
from api.context import Context
from api.entries.service import recorded_body
from api.parameters import Asked
from api.problems import not_found
from api.qualifications.schemas import BandBody, QualificationBody
from api.suppliers.service import asked_body, qualification_summary
from api.wire import Position
from ledger.standing import bands
from ledger.vocabulary import Clock


def read(context: Context, caller: Caller, qualification: bytes, asked: Asked) -> QualificationBody:
    """The qualification, if it was known then and the caller may see it."""
    workspace = context.workspace
    unknown = not_found("the qualification", "该资质", "id", code="qualification.unknown")
    record = workspace.index.qualification(qualification)
    if record is None or not may_see(caller, QualificationRecord(record.holder, record.author)):
        raise unknown
    history = workspace.history(record.holder, record.category)
    q = history.qualifications[qualification]
    timeline = bands(q, history, asked.known_at, asked.clock, workspace.policy.freshness)
    if not timeline:
        raise unknown
    entries = [
        e
        for e in workspace.index.by_subject(qualification)
        if e.sequence < history.position
        and (e.recorded_at <= asked.known_at or asked.clock is Clock.PUBLISHED)
    ]
    return QualificationBody(
        **qualification_summary(q, timeline, asked).model_dump(),
        asked=asked_body(asked),
        bands=[
            BandBody(
                start=b.start,
                end=b.end,
                status=b.status,
                why=b.why,
                result=b.status.result,
                entries=list(b.rests),
            )
            for b in timeline
        ],
        history=[recorded_body(e) for e in entries],
        ledger=Position(position=history.position),
    )
