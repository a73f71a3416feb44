"""What the ledger holds already, read from the index for a plan."""

from collections.abc import Iterable
from dataclasses import replace

from ledger.importing.issues import issue_key
from ledger.importing.mirror import Holdings, Listed, Recorded, holder_id
from ledger.index.records import OrganisationRecord, QualificationRecord
from ledger.index.repository import Index
from ledger.registers import Holder, RegisterReading
from ledger.template import TemplateReading
from ledger.typed_data import REGISTER_PREFIX, organisation_id
from ledger.vocabulary import QualificationState


def mirror_holdings(index: Index, author: bytes, reading: RegisterReading) -> Holdings:
    """What this mirror (20-byte id of its organisation) has stated of the register so far."""
    register = reading.publication.register
    name = REGISTER_PREFIX + register
    with index.snapshot():
        firms = {firm.id: firm for firm in index.listed_organisations(name)}
        qualifications = index.listed(name, author)
        holdings = Holdings(
            organisations=frozenset(
                index.organisations({holder_id(register, holder) for holder in reading.holders})
            ),
            categories=frozenset(index.categories()),
            publications=tuple(
                Recorded(p.id, p.sequence, p.document, p.published, any(p.rows_root))
                for p in index.publications(name, author)
            ),
            listed=tuple(_listed(q, firms[q.holder]) for q in qualifications),
            capacities=index.capacities(name, author),
        )
        return replace(holdings, overdue=_overdue(index, holdings, qualifications, reading))


def _listed(q: QualificationRecord, firm: OrganisationRecord) -> Listed:
    return Listed(
        document="",
        row=0,
        row_hash=q.document,
        holder=Holder(firm.identifier, firm.name_zh, firm.name_en),
        category=q.category,
        model=q.model,
        kind=q.kind,
        number=q.number,
        valid_from=q.valid_from,
        valid_until=q.valid_until,
        withdrawn_from=q.withdrawn_from,
        qualification=q.id,
        state=q.state,
    )


def _overdue(
    index: Index,
    holdings: Holdings,
    qualifications: Iterable[QualificationRecord],
    reading: RegisterReading,
) -> frozenset[bytes]:
    own = holdings.recorded(reading.publication.hash)
    if own is None or not any(
        p.sequence < own.sequence for p in holdings.later(reading.publication)
    ):
        return frozenset()
    found = set()
    for q in qualifications:
        if q.sequence > own.sequence and q.state is QualificationState.IN_FORCE:
            entry = index.entry(q.sequence)
            if entry is not None and entry["publication"] == own.id:
                found.add(q.id)
    return frozenset(found)


def organisations_of(index: Index, reading: TemplateReading) -> frozenset[bytes]:
    """Those holders of the table that the ledger knows."""
    wanted = {organisation_id(i.holder.kind, i.holder.value) for i in reading.issues}
    return frozenset(index.organisations(wanted))


def issued_keys(index: Index, author: bytes, reading: TemplateReading) -> frozenset[bytes]:
    """The issues that the ledger holds of this issuer for the holders of the table."""
    return frozenset(
        issue_key(q.holder, q.category, q.model, q.kind, q.number)
        for holder in organisations_of(index, reading)
        for q in index.qualifications_of(holder)
        if q.author == author
    )
