"""The scope of a recall: everything made of some lots, where it is now, and who answered.

Rules this module keeps:

* The scope holds the chosen lots and everything derived from them in the first ``upto`` entries of
  the log, and says so (``complete_to``). What is made later is not in it: ask again and compare.
* A large scope comes in pages (:attr:`Scope.continuation`), never cut in silence. All pages of
  one scope have the same campaign.
* Nothing propagates on the ledger: a recall names single lots. :func:`recall_values` gives the
  entries that name all lots of a page, one for each. Who has the right to recall a lot is its
  maker, an organisation accredited for ``oversight``, or the authority; that is for who signs.
* Asked to acknowledge is everybody who ever had some of a lot, or to whom some is under way, but
  not who recalled it. An acknowledgement of somebody who never had any is shown as such.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ledger.hashing import keccak
from ledger.provenance.custody import Custody, Stock, chains, custody
from ledger.provenance.model import Graph, Lot
from ledger.provenance.tracing import MOST_DEPTH, Direction, trace
from ledger.recorded import RecordedEntry
from ledger.typed_data import Value


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody's word on a recall of a lot: what it set aside, and what was gone already.

    ``had``: the ledger says that it ever had some of the lot, or that some is under way to it.
    """

    sequence: int
    recall: int
    custodian: bytes
    set_aside: int
    gone: int
    note: str
    happened_at: int
    recorded_at: int
    had: bool


@dataclass(frozen=True, slots=True)
class LotScope:
    """A lot of the scope. ``stops`` are the sequence numbers of the holds and recalls of it that
    stand, of any campaign; ``chain`` are the entries that all this was read from."""

    lot: Lot
    depth: int
    custody: Custody
    stops: tuple[int, ...]
    chain: Sequence[RecordedEntry]

    @property
    def stocks(self) -> tuple[Stock, ...]:
        """The books of each custodian."""
        return self.custody.stocks


@dataclass(frozen=True, slots=True)
class Scope:
    """A page of the scope of a recall of ``roots`` (lots' numbers), complete up to the entry before
    ``complete_to`` once all pages are read; ``position`` is the place of its first lot."""

    roots: tuple[int, ...]
    complete_to: int
    position: int
    lots: tuple[LotScope, ...]
    continuation: str | None

    @property
    def more(self) -> bool:
        return self.continuation is not None

    def by_custodian(self) -> dict[bytes, tuple[tuple[Lot, Stock], ...]]:
        """What each custodian has or had of the lots of this page."""
        found: dict[bytes, list[tuple[Lot, Stock]]] = {}
        for one in self.lots:
            for stock in one.stocks:
                found.setdefault(stock.custodian, []).append((one.lot, stock))
        return {custodian: tuple(stocks) for custodian, stocks in found.items()}


def recall_scope(
    graph: Graph,
    lots: Collection[int],
    *,
    upto: int,
    size: int = 1000,
    after: str | None = None,
) -> Scope:
    """A page of at most ``size`` lots of the scope of these (their numbers).

    :class:`RequestError` as for :func:`ledger.provenance.tracing.trace`.
    """
    page = trace(
        graph, Direction.FORWARD, lots, upto=upto, depth=MOST_DEPTH, size=size, after=after
    )
    depths = page.depths
    found = {lot.number: lot for lot in graph.lots(page.lots)}
    told = chains(graph, list(found.values()), upto)
    return Scope(
        page.roots,
        upto,
        page.position,
        tuple(
            LotScope(
                found[number],
                depths[number],
                custody(found[number].id, told[number]),
                tuple(e.sequence for e in _standing(told[number])),
                told[number],
            )
            for number in page.lots
        ),
        page.continuation,
    )


def _standing(chain: Iterable[RecordedEntry]) -> Iterable[RecordedEntry]:
    """The holds and recalls among a lot's entries that were not released."""
    stops: dict[bytes, RecordedEntry] = {}
    for e in chain:
        if e.action in ("Hold", "Recall"):
            stops[e.digest] = e
        elif e.action == "Release":
            stops.pop(_raw(e["hold"]), None)
    return stops.values()


def campaign_id(lots: Iterable[bytes], complete_to: int) -> bytes:
    """The id that all recalls of one scope carry, from the ids of the lots it was computed for and
    the position it was computed to (32 bytes)."""
    return keccak(b"recall campaign" + b"".join(sorted(lots)) + complete_to.to_bytes(32, "big"))


def recall_values(
    scope: Scope, *, campaign: bytes, document: bytes, reason: str
) -> tuple[dict[str, Value], ...]:
    """The fields of one ``Recall`` entry for each lot of the page, in its order: all but ``nonce``,
    ``happenedAt`` and ``deadline``, which are the signer's.

    ``campaign`` is :func:`campaign_id`'s, ``document`` the hash of the notice (zeros for none).
    """
    return tuple(
        {
            "lot": one.lot.id,
            "completeTo": scope.complete_to,
            "campaign": campaign,
            "document": document,
            "reason": reason,
        }
        for one in scope.lots
    )


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How far the recall of one lot is. ``calls`` are the campaign's recalls of it (none: the lot
    was not named yet), ``released`` the sequence numbers of those that were released.
    ``acknowledged`` is in the order of the ledger; ``missing`` are those asked who said nothing,
    with what the ledger says they have."""

    lot: Lot
    calls: tuple[RecordedEntry, ...]
    released: tuple[int, ...]
    acknowledged: tuple[Acknowledgement, ...]
    missing: tuple[Stock, ...]

    @property
    def recalls(self) -> tuple[int, ...]:
        """The sequence numbers of the recalls."""
        return tuple(e.sequence for e in self.calls)

    @property
    def standing(self) -> tuple[RecordedEntry, ...]:
        """The recalls that were not released."""
        return tuple(e for e in self.calls if e.sequence not in self.released)


def follow_up(
    graph: Graph, scope: Scope, campaign: bytes, *, upto: int | None = None
) -> tuple[FollowUp, ...]:
    """For each lot of the page whether it was recalled in this campaign, and who answered.

    An answer to a recall that was released is none to another that stands.

    Read up to ``upto``, by default the position of the scope. A scope asked for anew shows lots
    made since; those have no ``recalls``.
    """
    if upto is None:
        return tuple(_of_lot(one.lot, one.chain, one.stocks, campaign) for one in scope.lots)
    return follow_up_of(graph, [one.lot for one in scope.lots], campaign, upto=upto)


def follow_up_of(
    graph: Graph, lots: Sequence[Lot], campaign: bytes, *, upto: int
) -> tuple[FollowUp, ...]:
    """As :func:`follow_up` for these lots alone, without what was made of them."""
    told = chains(graph, lots, upto)
    return tuple(
        _of_lot(lot, told[lot.number], custody(lot.id, told[lot.number]).stocks, campaign)
        for lot in lots
    )


def _of_lot(
    lot: Lot, chain: Sequence[RecordedEntry], stocks: Iterable[Stock], campaign: bytes
) -> FollowUp:
    told = _Campaign(chain, campaign)
    asked = {s.custodian: s for s in stocks if s.made or s.received or s.under_way_to}
    acknowledged = tuple(
        Acknowledgement(
            e.sequence,
            recall.sequence,
            e.author,
            _int(e["setAside"]),
            _int(e["gone"]),
            str(e["note"]),
            _int(e["happenedAt"]),
            e.recorded_at,
            e.author in asked,
        )
        for e, recall in told.answers
    )
    answered = told.answered()
    return FollowUp(
        lot,
        tuple(told.recalls),
        tuple(e.sequence for e in told.released),
        acknowledged,
        tuple(s for custodian, s in asked.items() if told.recalls and custodian not in answered),
    )


class _Campaign:
    """The recalls of one lot in one campaign, with what was answered to each.

    A digest names the recall that stands under it at the time: once that is released, the same
    words may be signed again.
    """

    def __init__(self, chain: Iterable[RecordedEntry], campaign: bytes) -> None:
        self.recalls: list[RecordedEntry] = []
        self.released: list[RecordedEntry] = []
        self.answers: list[tuple[RecordedEntry, RecordedEntry]] = []
        standing: dict[bytes, RecordedEntry] = {}
        for e in chain:
            if e.action == "Recall" and e["campaign"] == campaign:
                self.recalls.append(e)
                standing[e.digest] = e
            elif e.action == "Release" and e["hold"] in standing:
                self.released.append(standing.pop(_raw(e["hold"])))
            elif e.action == "Acknowledge" and e["recall"] in standing:
                self.answers.append((e, standing[_raw(e["recall"])]))
        self._standing = {e.sequence for e in standing.values()}

    def answered(self) -> set[bytes]:
        """Who has said something to a recall that stands, or set it; where all are released, to
        any."""
        said = [*((e.author, r) for e, r in self.answers), *((r.author, r) for r in self.recalls)]
        counts = self._standing or {r.sequence for r in self.recalls}
        return {author for author, recall in said if recall.sequence in counts}


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _raw(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
