"""Compare one record with all others on the ledger, by ``ledger.matching``.

Rules this module keeps:

* Nothing is compared with everybody: all records are sorted once per position of the ledger by what
  they share, and what was found for one of them is kept until then.
* A decision that was signed with a compromised key does not count, as in ``History.firm``.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from weakref import WeakKeyDictionary

from api.access import Caller, SupplierRecord, may_see
from api.context import Context
from api.links.schemas import DecisionBody, ProposalBody, ProposalList, ReasonBody
from api.parameters import Asked
from api.suppliers.service import summary, visible
from api.wire import Position
from ledger.history import History, Link
from ledger.identifiers import Identifier
from ledger.index.records import OrganisationRecord
from ledger.index.repository import Index
from ledger.matching import Likeness, Party, Sieve
from ledger.typed_data import hexed

_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Everyone:
    """All records as parties, as of a position, and what was found for some of them."""

    position: int
    records: Mapping[bytes, OrganisationRecord]
    sieve: Sieve
    found: dict[bytes, list[tuple[bytes, Likeness]]] = field(default_factory=dict)

    def like(self, organisation: bytes) -> list[tuple[bytes, Likeness]]:
        """Who may be one firm with it, the likeliest first."""
        if organisation not in self.found:
            like = self.sieve.like(organisation.hex())
            self.found[organisation] = [(bytes.fromhex(key), likeness) for key, likeness in like]
        return self.found[organisation]


_guard = threading.Lock()
_last: WeakKeyDictionary[Index, _Everyone] = WeakKeyDictionary()


def _everyone(index: Index, position: int) -> _Everyone:
    """Made once per position, which takes long; one request makes it, others wait."""
    kept = _last.get(index)
    if kept is not None and kept.position == position:
        return kept
    with _guard:
        kept = _last.get(index)
        if kept is None or kept.position != position:
            kept = _last[index] = _gathered(index, position)
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
        borne = index.borne()
    sieve = Sieve(_party(record, borne.get(key, ())) for key, record in records.items())
    return _Everyone(position, records, sieve)


def _party(record: OrganisationRecord, borne: Sequence[tuple[str, str, str]]) -> Party:
    return Party(
        key=record.id.hex(),
        names=tuple(name for name in (record.name_zh, record.name_en) if name),
        identifiers=(Identifier(record.identifier_kind, record.identifier),),
        certificates=frozenset((kind, number) for kind, number, _ in borne if number),
        models=frozenset(model for _, _, model in borne if model),
    )


def proposals(context: Context, caller: Caller, organisation: bytes, asked: Asked) -> ProposalList:
    """The records that may be one firm with this one, and those about which that was decided."""
    return found(
        context, caller, organisation, asked, visible(context, caller, organisation, asked)
    )


def found(
    context: Context, caller: Caller, organisation: bytes, asked: Asked, history: History
) -> ProposalList:
    """The same for who has made sure that the caller may see the organisation; ``history`` is
    its own."""
    everyone = _everyone(context.workspace.index, history.position)
    decided = _decisions(history, organisation, asked.known_at)
    like = dict(everyone.like(organisation)) if organisation in everyone.records else {}
    told = [
        ProposalBody(
            supplier=summary(everyone.records[key]),
            score=likeness.score if likeness else 0,
            reasons=[
                ReasonBody(code=r.code, en=r.en, zh=r.zh)
                for r in (likeness.reasons if likeness else ())
            ],
            decided=_word(decided[key]) if key in decided else None,
            decision=_decision(decided[key]) if key in decided else None,
        )
        for key, likeness in [
            *like.items(),
            *((key, None) for key in decided if key not in like and key in everyone.records),
        ]
        if may_see(caller, SupplierRecord(key))
    ]
    return ProposalList(
        id=hexed(organisation), proposals=told, ledger=Position(position=history.position)
    )


def _decisions(history: History, organisation: bytes, known_at: int) -> dict[bytes, Link]:
    """The last decision known by then about each record together with this one."""
    latest: dict[bytes, Link] = {}
    for link in history.links:
        if organisation in link.pair and link.stated.recorded <= known_at:
            if history.suspicion(link.stated, known_at) is None:
                first, second = link.pair
                latest[second if first == organisation else first] = link
    return latest


def _word(link: Link) -> Literal["same", "different"]:
    return "same" if link.same else "different"


def _decision(link: Link) -> DecisionBody:
    return DecisionBody(
        same=link.same,
        reason=link.reason,
        author=hexed(link.stated.author),
        recorded=link.stated.recorded,
        sequence=link.stated.sequence,
    )
