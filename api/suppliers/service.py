"""Suppliers read from the index, and judged by the ledger layer as of the clocks asked for.

The ledger's facts come from ``Workspace.history``; where something stands is decided in
``ledger.standing`` alone. Here it is put into words for the wire.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from api.access import Caller, CallerRole, QualificationRecord, SupplierRecord, may_see
from api.context import Context
from api.parameters import Asked
from api.problems import NotFound, not_found
from api.suppliers.schemas import (
    AlarmBody,
    AlarmList,
    AskedBody,
    CapacityBody,
    CapacityList,
    ClosingBody,
    DecisiveBody,
    FoundBy,
    KindBody,
    PartyBody,
    QualificationList,
    QualificationSummary,
    ReplyBody,
    StandingBody,
    SupplierBody,
    SupplierHit,
    SupplierList,
    SupplierSummary,
)
from api.wire import Position
from ledger.alarms import Alarm, alarms
from ledger.history import Capacity, History, Organisation, OrganisationChange, Qualification
from ledger.index.records import OrganisationRecord
from ledger.standing import (
    Band,
    KindStanding,
    Scope,
    Standing,
    bands,
    standing,
    status_at,
    terms_at,
)
from ledger.typed_data import hexed
from ledger.vocabulary import OrganisationStatus, Role
from ledger.workspace import Workspace


def role_words(roles: Role) -> list[str]:
    """The roles, each by its name in lower case."""
    return [str(r.name).lower() for r in Role if r in roles]


def asked_body(asked: Asked) -> AskedBody:
    return AskedBody(at=list(asked.at), known_at=asked.known_at, clock=asked.clock)


# --------------------------------------------------------------------------------- searching


def search(
    context: Context, caller: Caller, text: str, limit: int, cursor: str | None
) -> SupplierList:
    """A page of organisations that the caller may see."""
    position = context.position
    index = context.workspace.index
    only = caller.organisation if caller.role is CallerRole.SUPPLIER else None
    found = index.search(text, limit, cursor, only=only)
    return SupplierList(
        suppliers=[
            SupplierHit(
                **summary(hit.organisation).model_dump(),
                found_by=None
                if hit.field is None
                else FoundBy(field=hit.field.name.lower(), text=hit.text),
            )
            for hit in found.hits
            if may_see(caller, SupplierRecord(hit.organisation.id))
        ],
        next=found.following,
        ledger=Position(position=position),
    )


def summary(record: OrganisationRecord) -> SupplierSummary:
    """An organisation as it is now."""
    return SupplierSummary(
        id=hexed(record.id),
        identifier_kind=record.identifier_kind,
        identifier=record.identifier,
        name_zh=record.name_zh,
        name_en=record.name_en,
        status=_status(record.status),
        roles=role_words(record.roles),
        division=str(record.division),
    )


def _status(status: OrganisationStatus) -> str:
    return status.name.lower()


# ----------------------------------------------------------------------------------- reading


def _unknown() -> NotFound:
    return not_found("the supplier", "该供应商", "id", code="supplier.unknown")


@dataclass(frozen=True)
class Found:
    """An organisation as of the clocks asked for, for whoever tells of it.

    ``record`` is as it is now; ``history`` bears on it whatever the category; ``firm`` are the
    records that are one with it, itself first.
    """

    workspace: Workspace
    record: OrganisationRecord
    history: History
    firm: tuple[bytes, ...]
    asked: Asked

    @property
    def id(self) -> bytes:
        return self.record.id

    @cached_property
    def standings(self) -> tuple[tuple[Standing, History], ...]:
        """Where it stands in each scope that it holds, judged once, each with the history that it
        was judged by."""
        asked, freshness = self.asked, self.workspace.policy.freshness
        scopes = sorted(
            {
                (q.category, q.model)
                for member in self.firm
                for q in self.history.held.get(member, ())
                if q.stated.known(asked.known_at, asked.clock)
            }
        )
        found = []
        for category, of_category in groupby(scopes, key=lambda scope: scope[0]):
            history = self.workspace.history(self.id, category)
            for _, model in of_category:
                scope = Scope(category, model)
                judged = standing(
                    history, self.id, scope, asked.at, asked.known_at, asked.clock, freshness
                )
                found.append((judged, history))
        return tuple(found)

    @cached_property
    def timelines(self) -> tuple[tuple[Qualification, tuple[Band, ...]], ...]:
        """All qualifications of the firm that were known then, each with its bands, oldest first.
        Each was judged already for its own scope."""
        judged = {
            h.qualification.id: (h.qualification, h.timeline)
            for found, _ in self.standings
            for kind in (*found.required, *found.other)
            for h in kind.holdings
        }
        return tuple(sorted(judged.values(), key=lambda pair: pair[0].stated.sequence))


def visible(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> History:
    """The organisation's history, if it is on the ledger and the caller may see it."""
    return _seen(context, caller, organisation, asked)[1]


def _seen(
    context: Context, caller: Caller, organisation: bytes, asked: Asked
) -> tuple[OrganisationRecord, History, tuple[bytes, ...]]:
    record = context.workspace.index.organisation(organisation)
    if record is None:
        raise _unknown()
    history = context.workspace.history(organisation, "")
    firm = history.firm(organisation, asked.known_at)
    if not may_see(caller, SupplierRecord(organisation, firm)):
        raise _unknown()
    return record, history, firm


def find(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> Found:
    """The organisation as of the clocks asked for, for those who may see it."""
    return Found(context.workspace, *_seen(context, caller, organisation, asked), asked)


def told(found: Found) -> SupplierBody:
    """What was found, as it goes over the wire."""
    known = _as_known(summary(found.record), found.history.organisations[found.id], found.asked)
    return SupplierBody(
        **known.model_dump(),
        asked=asked_body(found.asked),
        firm=[hexed(f) for f in found.firm],
        standings=[_standing_body(one) for one, _ in found.standings],
        ledger=Position(position=found.history.position),
    )


def read(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> SupplierBody:
    """The organisation with where it stands in each scope that it holds."""
    return told(find(context, caller, organisation, asked))


def _as_known(now: SupplierSummary, organisation: Organisation, asked: Asked) -> SupplierSummary:
    last = as_known(organisation, asked)
    return now.model_copy(
        update={"status": _status(last.status), "roles": role_words(last.roles)},
    )


def as_known(organisation: Organisation, asked: Asked) -> OrganisationChange:
    """The last change of the organisation that was recorded by then; the first, if none was."""
    changes = [c for c in organisation.changes if c.stated.recorded <= asked.known_at]
    return changes[-1] if changes else organisation.changes[0]


def _standing_body(found: Standing) -> StandingBody:
    return StandingBody(
        category=found.scope.category,
        model=found.scope.model,
        result=found.result,
        kinds=[
            *(_kind_body(k, True) for k in found.required),
            *(_kind_body(k, False) for k in found.other),
        ],
    )


def _kind_body(kind: KindStanding, required: bool) -> KindBody:
    return KindBody(
        kind=kind.kind,
        required=required,
        result=kind.result,
        carriers=[hexed(h.qualification.id) for h in kind.carriers],
        decisive=[
            DecisiveBody(
                qualification=hexed(h.qualification.id),
                status=band.status,
                why=band.why,
                start=band.start,
                end=band.end,
                entries=list(band.rests),
            )
            for h, band in kind.decisive
        ],
    )


# ---------------------------------------------------------------------------- qualifications


def qualifications(
    context: Context, caller: Caller, organisation: bytes, asked: Asked
) -> QualificationList:
    """All qualifications of the organisation and its firm that were known then."""
    _, history, firm = _seen(context, caller, organisation, asked)
    found = []
    for member in firm:
        for q in history.held.get(member, ()):
            timeline = bands(
                q, history, asked.known_at, asked.clock, context.workspace.policy.freshness
            )
            if timeline and may_see(caller, QualificationRecord(q.holder, q.author)):
                found.append(qualification_summary(q, timeline, asked))
    return QualificationList(
        asked=asked_body(asked),
        qualifications=found,
        ledger=Position(position=history.position),
    )


def qualification_summary(
    q: Qualification, timeline: tuple[Band, ...], asked: Asked
) -> QualificationSummary:
    """The qualification at the beginning of the time asked for."""
    terms = terms_at(q, asked.known_at, asked.clock)
    band = status_at(timeline, asked.at[0])
    return QualificationSummary(
        id=hexed(q.id),
        holder=hexed(q.holder),
        author=hexed(q.author),
        way=q.way.name.lower(),
        register_name=q.register,
        kind=q.kind,
        category=q.category,
        model=q.model,
        number=terms.number,
        document=hexed(terms.document) if any(terms.document) else None,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        status=band.status,
        why=band.why,
        result=band.status.result,
        recorded=q.stated.recorded,
        published=q.stated.published,
        sequence=q.stated.sequence,
    )


# ----------------------------------------------------------------------- alarms and capacity


def list_alarms(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> AlarmList:
    """The alarms that touch the organisation or its firm, as known then, with what both sides
    said."""
    _, history, firm = _seen(context, caller, organisation, asked)
    raised = alarms(history, organisation, asked.known_at)
    return AlarmList(
        id=hexed(organisation),
        alarms=[_alarm_body(alarm, firm) for alarm in raised],
        ledger=Position(position=history.position),
    )


def capacities_of(history: History, firm: Sequence[bytes], asked: Asked) -> list[Capacity]:
    """What was stated by then that the firm can make."""
    return [
        c
        for c in history.capacities
        if c.organisation in firm and c.stated.known(asked.known_at, asked.clock)
    ]


def stops(alarm: Alarm, firm: Sequence[bytes]) -> bool:
    """Whether the alarm speaks against any of these."""
    return any(alarm.stops(holder) for holder in alarm.holders if holder in firm)


def _alarm_body(alarm: Alarm, firm: Sequence[bytes]) -> AlarmBody:
    closed = alarm.closed
    return AlarmBody(
        id=hexed(alarm.id),
        what=alarm.mark.what,
        shown=alarm.mark.shown,
        open=alarm.open,
        stops=stops(alarm, firm),
        opened_at=alarm.opened_at,
        parties=[
            PartyBody(organisation=hexed(h[:20]), lot=hexed(h) if len(h) == 32 else None)
            for h in alarm.holders
        ],
        uses=list(alarm.uses),
        closed=None
        if closed is None
        else ClosingBody(
            reason=closed.reason,
            author=hexed(closed.stated.author),
            recorded=closed.stated.recorded,
            sequence=closed.stated.sequence,
        ),
        replies=[
            ReplyBody(
                text=reply.text,
                document=hexed(reply.document) if any(reply.document) else None,
                author=hexed(reply.stated.author),
                recorded=reply.stated.recorded,
                sequence=reply.stated.sequence,
            )
            for reply in alarm.replies
        ],
    )


def list_capacities(
    context: Context, caller: Caller, organisation: bytes, asked: Asked
) -> CapacityList:
    """What was stated that the firm can make in a day, by whomever."""
    _, history, firm = _seen(context, caller, organisation, asked)
    return CapacityList(
        id=hexed(organisation),
        capacities=[
            CapacityBody(
                organisation=hexed(c.organisation),
                category=c.category,
                model=c.model,
                per_day=c.per_day,
                unit=c.unit,
                author=hexed(c.stated.author),
                register_name=c.register,
                published=c.stated.published,
                recorded=c.stated.recorded,
                sequence=c.stated.sequence,
            )
            for c in capacities_of(history, firm, asked)
        ],
        ledger=Position(position=history.position),
    )
