"""Compare one record with all others on the ledger, by ``ledger.matching``."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from api.access import Caller, SupplierRecord, may_see
from api.context import Context
from api.links.schemas import ProposalBody, ProposalList, ReasonBody
from api.parameters import Asked
from api.suppliers.service import summary, visible
from api.wire import Position
from ledger.history import History
from ledger.identifiers import Identifier
from ledger.index.records import OrganisationRecord
from ledger.index.repository import Index
from ledger.matching import MAX_SHARED_CERTIFICATE, Party, compare
from ledger.typed_data import hexed

_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Everyone:
    """All records as parties, as of a position; ``common`` certificates identify nobody."""

    position: int
    records: Mapping[bytes, OrganisationRecord]
    parties: Mapping[bytes, Party]
    common: frozenset[tuple[str, str]]


_guard = threading.Lock()
_last: dict[int, _Everyone] = {}


def _everyone(index: Index, position: int) -> _Everyone:
    """Made once per position, which takes long; one request makes it, others wait."""
    with _guard:
        kept = _last.get(id(index))
        if kept is None or kept.position != position:
            kept = _last[id(index)] = _gathered(index, position)
        return kept


def _gathered(index: Index, position: int) -> _Everyone:
    records: dict[bytes, OrganisationRecord] = {}
    with index.snapshot():
        following: str | None = None
        while True:
            page = index.search("", _PAGE, following)
            records.update({hit.organisation.id: hit.organisation for hit in page.hits})
            following = page.following
            if following is None:
                break
        parties = {key: _party(index, record) for key, record in records.items()}
    bearers = Counter(c for p in parties.values() for c in p.certificates)
    common = frozenset(c for c, n in bearers.items() if n > MAX_SHARED_CERTIFICATE)
    return _Everyone(position, records, parties, common)


def _party(index: Index, record: OrganisationRecord) -> Party:
    held = index.qualifications_of(record.id)
    return Party(
        key=record.id.hex(),
        names=tuple(name for name in (record.name_zh, record.name_en) if name),
        identifiers=(Identifier(record.identifier_kind, record.identifier),),
        certificates=frozenset((q.kind, q.number) for q in held if q.number),
        models=frozenset(q.model for q in held if q.model),
    )


def proposals(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> ProposalList:
    """The records that may be one firm with this one, the likeliest first."""
    history = visible(context, caller, organisation, asked)
    everyone = _everyone(context.workspace.index, history.position)
    mine = everyone.parties[organisation]
    found = []
    for key, other in everyone.parties.items():
        if key == organisation or not may_see(caller, SupplierRecord(key)):
            continue
        likeness = compare(mine, other, common=everyone.common)
        if likeness.proposed:
            found.append(
                ProposalBody(
                    supplier=summary(everyone.records[key]),
                    score=likeness.score,
                    reasons=[ReasonBody(code=r.code, en=r.en, zh=r.zh) for r in likeness.reasons],
                    decided=_decided(history, organisation, key, asked.known_at),
                )
            )
    found.sort(key=lambda p: (-p.score, p.supplier.id))
    return ProposalList(
        id=hexed(organisation), proposals=found, ledger=Position(position=history.position)
    )


def _decided(
    history: History, first: bytes, second: bytes, known_at: int
) -> Literal["same", "different"] | None:
    pair = tuple(sorted((first, second)))
    for link in reversed(history.links):
        if link.pair == pair and link.stated.recorded <= known_at:
            return "same" if link.same else "different"
    return None
