"""How well each link of a trace is vouched for, and which is the weakest.

The kinds, from the best down, and what they do *not* say:

* ``attested``: an accredited laboratory that does not belong to the maker's firm found the goods
  passing at one end of the link, and none found them failing at either. It vouches for goods, not
  that these were made of those: nobody on the ledger watches that.
* ``confirmed-by-receiver``: two different firms signed that the goods went from one to the other.
  It says nothing of what the goods are.
* ``self-declared``: only one firm says so. What a maker both made and used is of this kind, and so
  is whatever was signed with a key declared compromised, or by two records of one firm.
* ``origin-not-shown``: the goods came onto the ledger with nothing said that could be held against
  anybody. No later test lifts that.

The links of a trace:

* *origin*: how a lot that was not made of others came onto the ledger. Attested if the lot is,
  else self-declared, or origin not shown.
* *making*: one entry that made one lot of another. Attested if either lot is; confirmed if the
  maker had received the input from another firm before; else self-declared.
* *handing over*: each receipt on the way on which the input came from its maker to whoever used it.
  Whom else the input was sent to does not matter to what was made of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.folding import stated_by
from ledger.history import History
from ledger.provenance.custody import Act, Custody, Hop
from ledger.provenance.findings import Finding
from ledger.provenance.model import Edge, Lot
from ledger.recorded import RecordedEntry


class Assurance(StrEnum):
    """Kinds of assurance, the best first."""

    ATTESTED = "attested"
    CONFIRMED = "confirmed-by-receiver"
    SELF_DECLARED = "self-declared"
    ORIGIN_NOT_SHOWN = "origin-not-shown"

    @property
    def rank(self) -> int:
        """0 for the best kind; the higher, the less assured."""
        return _ORDER[self]


_ORDER: Final = {kind: rank for rank, kind in enumerate(Assurance)}


class LinkKind(StrEnum):
    ORIGIN = "origin"
    MAKING = "making"
    HANDING_OVER = "handing-over"


@dataclass(frozen=True, slots=True)
class Link:
    """One link. ``lot`` is the lot that came about or was handed over (its number), ``input`` what
    it was made of (making only). ``sequence`` is the entry that is the link, ``entries`` are those
    on which its assurance rests besides. ``giver`` is empty but for handing over."""

    kind: LinkKind
    assurance: Assurance
    lot: int
    input: int | None
    sequence: int
    giver: bytes
    taker: bytes
    entries: tuple[int, ...]


class Assessor:
    """Tells how the links between lots are vouched for, as known at ``known_at``.

    All mappings are by the lots' numbers and must have every lot that the edges name:
    ``custodies`` and ``chains`` up to the trace's position, ``findings`` as
    :func:`ledger.provenance.findings.findings_of` has them. ``history`` is from
    ``ledger.gathering.gather_reports`` over the chains.
    """

    def __init__(
        self,
        lots: Mapping[int, Lot],
        chains: Mapping[int, Sequence[RecordedEntry]],
        custodies: Mapping[int, Custody],
        findings: Mapping[int, Sequence[Finding]],
        history: History,
        known_at: int,
    ) -> None:
        self._lots = lots
        self._chains = chains
        self._entries = {e.sequence: e for chain in chains.values() for e in chain}
        self._custodies = custodies
        self._findings = findings
        self._history = history
        self._known_at = known_at

    def links(self, lots: Iterable[int], edges: Iterable[Edge]) -> tuple[Link, ...]:
        """The links of these lots (their numbers, in the order of the trace) and edges, in that
        order: each lot's origin, then each edge with the way of its input."""
        found = [link for number in lots for link in self._origin(number)]
        ways: dict[tuple[int, int], Link] = {}
        for edge in edges:
            received = self._way(edge)
            found.append(self._making(edge, received))
            for hop in received:
                if (edge.input, hop.sequence) not in ways:
                    ways[edge.input, hop.sequence] = self._handing_over(edge.input, hop)
        return (*found, *ways.values())

    def of_hop(self, hop: Hop) -> Assurance:
        """How an act in the lot's custody is vouched for: only what another firm received, and the
        one that it names had sent, is more than somebody's own word."""
        both = hop.act in (Act.RECEIVED, Act.UNIT_RECEIVED) and hop.quantity and hop.about
        if both and not self._one_firm(hop.custodian, hop.other) and self._sound(hop.sequence):
            return Assurance.CONFIRMED
        return Assurance.SELF_DECLARED

    def _origin(self, number: int) -> Iterable[Link]:
        lot = self._lots[number]
        first = next(iter(self._chains[number]), None)
        if first is None or first.action != "Commission":
            return
        assurance, entries = Assurance.SELF_DECLARED, self._attesting(number)
        if lot.origin_not_shown:
            assurance, entries = Assurance.ORIGIN_NOT_SHOWN, ()
        elif entries and self._sound(number):
            assurance = Assurance.ATTESTED
        yield Link(LinkKind.ORIGIN, assurance, number, None, number, b"", lot.maker, entries)

    def _making(self, edge: Edge, received: Sequence[Hop]) -> Link:
        maker = self._lots[edge.output].maker
        entries = self._attesting(edge.output, edge.input)
        assurance = Assurance.SELF_DECLARED
        if self._sound(edge.sequence):
            if entries:
                assurance = Assurance.ATTESTED
            else:
                confirming = [
                    hop.sequence
                    for hop in received
                    if hop.custodian == maker and self.of_hop(hop) is Assurance.CONFIRMED
                ]
                if confirming:
                    assurance, entries = Assurance.CONFIRMED, (confirming[-1],)
        return Link(
            LinkKind.MAKING,
            assurance,
            edge.output,
            edge.input,
            edge.sequence,
            b"",
            maker,
            tuple(sorted(entries)),
        )

    def _handing_over(self, lot: int, hop: Hop) -> Link:
        return Link(
            LinkKind.HANDING_OVER,
            self.of_hop(hop),
            lot,
            None,
            hop.sequence,
            hop.other,
            hop.custodian,
            (),
        )

    def _way(self, edge: Edge) -> tuple[Hop, ...]:
        """Every receipt by which the input may have come to the maker of the output, oldest first:
        its own, and those of whoever it had it from."""
        maker, origin = self._lots[edge.output].maker, self._lots[edge.input].maker
        if maker == origin:
            return ()
        found: list[Hop] = []
        wanted = {maker}
        for hop in reversed(self._custodies[edge.input].hops):
            if hop.sequence < edge.sequence and hop.custodian in wanted and hop.quantity:
                if hop.act in (Act.RECEIVED, Act.UNIT_RECEIVED):
                    found.append(hop)
                    if hop.other != origin:
                        wanted.add(hop.other)
        return tuple(reversed(found))

    def _attesting(self, *numbers: int) -> tuple[int, ...]:
        """The passed reports on these lots, empty where one of them failed."""
        found = [f for number in numbers for f in self._findings.get(number, ())]
        if any(f.code == "inspection.failed" for f in found):
            return ()
        return tuple(f.entries[0] for f in found if f.code == "inspection.passed")

    def _one_firm(self, first: bytes, second: bytes) -> bool:
        return second in self._history.firm(first, self._known_at)

    def _sound(self, sequence: int) -> bool:
        """Whether no key behind the entry is known to be compromised."""
        stated = stated_by(self._entries[sequence])
        return self._history.suspicion(stated, self._known_at) is None


def least_assured(links: Iterable[Link]) -> Link | None:
    """The weakest link, of equally weak ones the first; None where there are none."""
    return max(links, key=lambda link: link.assurance.rank, default=None)
