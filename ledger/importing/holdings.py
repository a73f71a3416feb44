"""What the ledger holds already, read from the index for a plan."""

from ledger.importing.issues import issue_key
from ledger.importing.mirror import Holdings, Listed, Recorded, holder_id
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
        listed = tuple(
            Listed(
                document="",
                row=0,
                row_hash=q.document,
                holder=Holder(
                    firms[q.holder].identifier, firms[q.holder].name_zh, firms[q.holder].name_en
                ),
                category=q.category,
                model=q.model,
                kind=q.kind,
                number=q.number,
                valid_from=q.valid_from,
                valid_until=q.valid_until,
                withdrawn_from=q.withdrawn_from,
                qualification=q.id,
                in_force=q.state is QualificationState.IN_FORCE,
            )
            for q in index.listed(name, author)
            if q.state is not QualificationState.DELISTED and q.holder in firms
        )
        holders = {holder_id(register, holder) for holder in reading.holders}
        return Holdings(
            organisations=frozenset(index.organisations(holders)),
            categories=frozenset(index.categories()),
            publications=tuple(
                Recorded(p.id, p.document, p.published) for p in index.publications(name, author)
            ),
            listed=listed,
            capacities=frozenset(index.capacities(name, author)),
        )


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
