"""What the ledger holds already, read from the index for a plan."""

from ledger.importing.issues import issue_key
from ledger.importing.mirror import Holdings, Recorded
from ledger.importing.register_state import (
    CapacityCount,
    Firm,
    MirroredRecall,
    MirroredRow,
    RegisterState,
    holdings_of,
)
from ledger.index.repository import Index
from ledger.registers import RegisterReading
from ledger.template import TemplateReading
from ledger.typed_data import REGISTER_PREFIX, organisation_id


def register_state(index: Index, mirror: bytes, register: str) -> RegisterState:
    """What this mirror (20-byte id of its organisation) has stated of the register so far."""
    name = REGISTER_PREFIX + register
    with index.snapshot():
        qualifications = index.listed(name, mirror)
        chains = index.by_subjects(q.id for q in qualifications)
        rows = []
        for q in qualifications:
            publication = chains[q.id][0]["publication"]
            assert isinstance(publication, bytes)
            rows.append(
                MirroredRow(
                    qualification=q.id,
                    sequence=q.sequence,
                    publication=publication,
                    state=q.state,
                    holder=q.holder,
                    document=q.document,
                    category=q.category,
                    model=q.model,
                    kind=q.kind,
                    number=q.number,
                    valid_from=q.valid_from,
                    valid_until=q.valid_until,
                    withdrawn_from=q.withdrawn_from,
                )
            )
        return RegisterState(
            register_name=register,
            mirror=mirror,
            firms=tuple(
                Firm(f.id, f.identifier, f.name_zh, f.name_en)
                for f in index.listed_organisations(name)
            ),
            publications=tuple(
                Recorded(p.id, p.sequence, p.document, p.published, any(p.rows_root))
                for p in index.publications(name, mirror)
            ),
            rows=tuple(rows),
            capacities=tuple(
                CapacityCount(organisation, document, count)
                for (organisation, document), count in index.capacities(name, mirror).items()
            ),
            recalls=tuple(
                MirroredRecall(r.sequence, r.organisation, r.publication, r.document, r.number)
                for r in index.lots.mirrored_recalls(name)
                if r.author == mirror
            ),
            categories=tuple(index.categories()),
        )


def mirror_holdings(index: Index, mirror: bytes, reading: RegisterReading) -> Holdings:
    """What a plan of this mirror for this publication needs to know of the ledger."""
    return holdings_of(register_state(index, mirror, reading.publication.register), reading)


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
