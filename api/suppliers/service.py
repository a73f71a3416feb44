"""Suppliers read from the index, and judged by the ledger layer as of the clocks asked for.

The ledger's facts come from ``Workspace.history``; where something stands is decided in
``ledger.standing`` alone. Here it is put into words for the wire.
"""

from collections.abc import Iterable

from api.access import Caller, CallerRole, QualificationRecord, SupplierRecord, may_see
from api.context import Context
from api.parameters import Asked
from api.problems import NotFound, not_found
from api.suppliers.schemas import (
    AskedBody,
    DecisiveBody,
    FoundBy,
    KindBody,
    QualificationList,
    QualificationSummary,
    StandingBody,
    SupplierBody,
    SupplierHit,
    SupplierList,
    SupplierSummary,
)
from api.wire import Position
from ledger.history import History, Organisation, Qualification
from ledger.index.records import Hit, Hits, OrganisationRecord
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
    if caller.role is CallerRole.SUPPLIER:
        own = index.organisation(caller.organisation)
        found = Hits(() if own is None else (Hit(own, None, ""),), None)
    else:
        found = index.search(text, limit, cursor)
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


def histories(context: Context, organisation: bytes) -> dict[str, History]:
    """The history for each category in which the organisation, or its firm, holds something;
    at least one, under "" where it holds nothing."""
    workspace = context.workspace
    first = workspace.history(organisation, "")
    held = {q.category for qs in first.held.values() for q in qs}
    found = {category: workspace.history(organisation, category) for category in sorted(held)}
    return found or {"": first}


def visible(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> History:
    """The organisation's history, if it is on the ledger and the caller may see it."""
    if context.workspace.index.organisation(organisation) is None:
        raise _unknown()
    history = context.workspace.history(organisation, "")
    firm = history.firm(organisation, asked.known_at)
    if not may_see(caller, SupplierRecord(organisation, firm)):
        raise _unknown()
    return history


def read(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> SupplierBody:
    """The organisation with where it stands in each scope that it holds."""
    history = visible(context, caller, organisation, asked)
    record = context.workspace.index.organisation(organisation)
    assert record is not None
    firm = history.firm(organisation, asked.known_at)
    standings = [
        _standing_body(_standing(context, by_category, organisation, category, model, asked))
        for category, by_category in histories(context, organisation).items()
        for model in _models(by_category, firm, category, asked)
    ]
    known = _as_known(summary(record), history.organisations[organisation], asked)
    return SupplierBody(
        **known.model_dump(),
        asked=asked_body(asked),
        firm=[hexed(f) for f in firm],
        standings=standings,
        ledger=Position(position=history.position),
    )


def _as_known(now: SupplierSummary, organisation: Organisation, asked: Asked) -> SupplierSummary:
    changes = [c for c in organisation.changes if c.stated.recorded <= asked.known_at]
    last = changes[-1] if changes else organisation.changes[0]
    return now.model_copy(
        update={"status": _status(last.status), "roles": role_words(last.roles)},
    )


def _models(history: History, firm: Iterable[bytes], category: str, asked: Asked) -> list[str]:
    return sorted(
        {
            q.model
            for member in firm
            for q in history.held.get(member, ())
            if q.category == category and q.stated.known(asked.known_at, asked.clock)
        }
    )


def _standing(
    context: Context,
    history: History,
    organisation: bytes,
    category: str,
    model: str,
    asked: Asked,
) -> Standing:
    return standing(
        history,
        organisation,
        Scope(category, model),
        asked.at,
        asked.known_at,
        asked.clock,
        context.workspace.policy.freshness,
    )


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
    history = visible(context, caller, organisation, asked)
    found = []
    for member in history.firm(organisation, asked.known_at):
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
