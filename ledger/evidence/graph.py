"""Lots and what was made of what, read from the lots' own chains alone.

Rules this module keeps:

* A lot's id is the subject of its chain, so whoever has the heads can have proved to him that a
  chain is whole. Nothing else is asked of the records, so nothing here rests on an index.
* Lots are numbered by the entry that made them, the first of their chains. Where an edge leads, the
  chain at its other end is read for the number, whether or not that lot is asked about.
* Whether a lot ran under is known from the chains of the processes by which it was made and, only
  where one of them had a bound then, those of everything that went into that making.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import EvidenceError
from ledger.gathering import Records
from ledger.provenance.model import Edge, Lot
from ledger.provenance.yields import Goods, is_underrun
from ledger.recorded import RecordedEntry
from ledger.typed_data import Part, Value, hexed, named_subject

_MAKING = frozenset({"Commission", "Transform"})
#: What a maker does with a lot of its own so that it cannot grow any more; using it in making
#: another, and writing some of it off, besides.
_CLOSING = frozenset({"CloseLot", "Ship", "Dispense", "Destroy", "Aggregate"})


@dataclass(frozen=True, slots=True)
class _LotChain:
    id: bytes
    entries: Sequence[RecordedEntry]

    @property
    def first(self) -> RecordedEntry:
        return self.entries[0]

    @property
    def number(self) -> int:
        return self.first.sequence

    @property
    def goods(self) -> Goods:
        return str(self.first["category"]), str(self.first["unit"])

    def makes(self, e: RecordedEntry) -> bool:
        """Whether the entry made (some of) this lot."""
        return e.action in _MAKING and e.subjects[0] == self.id

    def closes(self, e: RecordedEntry) -> bool:
        if e.action == "Commission":
            return True
        if e.author != self.first.author:
            return False
        if e.action == "Transform":
            return e.subjects[0] != self.id
        return e.action in _CLOSING or (e.action == "Adjust" and not e["up"])


class ChainGraph:
    """Keeps :class:`ledger.offer.NamedLots` over records that are complete by subject.

    Entries from ``position`` on are not read. Lots that were not met yet, as a root by its id or at
    the end of an edge, have no number that this knows. What ``records`` raises goes through;
    :class:`EvidenceError` where chains do not fit together, as no contract writes them.
    """

    def __init__(self, records: Records, position: int) -> None:
        self._records = records
        self._position = position
        self._chains: dict[bytes, _LotChain | None] = {}
        self._by_number: dict[int, _LotChain] = {}
        self._processes: dict[str, Sequence[RecordedEntry]] = {}

    # ---- finding

    def by_ids(self, ids: Iterable[bytes]) -> Mapping[bytes, Lot]:
        """Those of these lots that are on the ledger, by id."""
        found = ((id_, self._chain(id_)) for id_ in dict.fromkeys(ids))
        return {id_: self._lot(chain) for id_, chain in found if chain is not None}

    # ---- the graph (ledger.provenance.model.Graph)

    def lots(self, numbers: Collection[int]) -> Sequence[Lot]:
        """Those of the lots with these numbers that were met, in the order of their numbers."""
        return [self._lot(chain) for chain in self._met(numbers)]

    def inputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        """Every edge into these lots, in the order of (output, sequence, input)."""
        found = [
            _edge(e, part, output.number, self._need(e, part.lot).number)
            for output in self._met(lots)
            for e in output.entries
            if e.sequence < upto and e.action == "Transform" and output.makes(e)
            for part in _inputs(e)
        ]
        return sorted(found, key=lambda edge: (edge.output, edge.sequence, edge.input))

    def outputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        """Every edge out of these lots, in the order of (input, sequence, output)."""
        found = [
            _edge(e, part, self._need(e, e.subjects[0]).number, input_.number)
            for input_ in self._met(lots)
            for e in input_.entries
            if e.sequence < upto and e.action == "Transform" and not input_.makes(e)
            for part in _inputs(e)
            if part.lot == input_.id
        ]
        return sorted(found, key=lambda edge: (edge.input, edge.sequence, edge.output))

    def about(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        """The entries of the oversight about these lots, in the order of the ledger."""
        return [e for e in self.chain(lots, upto) if e.entry.action.contract == "BatchOversight"]

    def chain(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        """Every entry that moved the chain of any of these lots, in the order of the ledger."""
        found = {e.sequence: e for c in self._met(lots) for e in c.entries if e.sequence < upto}
        return [found[sequence] for sequence in sorted(found)]

    # ---- reading

    def _chain(self, id_: bytes) -> _LotChain | None:
        if id_ not in self._chains:
            entries = [e for e in self._records.by_subject(id_) if e.sequence < self._position]
            chain = _LotChain(id_, sorted(entries, key=lambda e: e.sequence))
            is_lot = bool(entries) and chain.makes(chain.first)
            self._chains[id_] = chain if is_lot else None
            if is_lot:
                self._by_number[chain.number] = chain
        return self._chains[id_]

    def _need(self, e: RecordedEntry, id_: bytes) -> _LotChain:
        chain = self._chain(id_)
        if chain is None:
            raise EvidenceError(
                f"entry {e.sequence} ({e.action}): nobody made the lot {hexed(id_)}",
                code="lot.impossible",
            )
        return chain

    def _met(self, numbers: Collection[int]) -> list[_LotChain]:
        return [self._by_number[n] for n in sorted(set(numbers)) if n in self._by_number]

    def _lot(self, chain: _LotChain) -> Lot:
        first = chain.first
        making = [e for e in chain.entries if chain.makes(e)]
        # Each is looked at, so that what is read does not hang on what it says.
        underruns = {self._ran_under(e) for e in making if e.action == "Transform"}
        return Lot(
            chain.number,
            chain.id,
            first.author,
            _int(first["gtin"]),
            str(first["lot"]),
            str(first["category"]),
            str(first["model"]),
            str(first["unit"]),
            sum(_int(e["quantity"]) for e in making),
            _int(first["happenedAt"]),
            first.recorded_at,
            first.action == "Commission" and bool(first["originNotShown"]),
            True in underruns,
            any(chain.closes(e) for e in chain.entries),
        )

    def _ran_under(self, e: RecordedEntry) -> bool:
        bounds = self._bounds(str(e["process"]), e.sequence)
        if not any(most for most, _ in bounds.values()):
            return False
        given: dict[Goods, int] = {}
        for part in _inputs(e):
            goods = self._need(e, part.lot).goods
            given[goods] = given.get(goods, 0) + part.quantity
        return is_underrun(_int(e["quantity"]), given, bounds)

    def _bounds(self, process: str, before: int) -> Mapping[Goods, tuple[int, int]]:
        """(most, per) of each input as the authority had stated them before this entry."""
        if process not in self._processes:
            found = self._records.by_subject(named_subject("process", process))
            self._processes[process] = sorted(found, key=lambda e: e.sequence)
        bounds: dict[Goods, tuple[int, int]] = {}
        for e in self._processes[process]:
            if e.sequence < before and e.action == "SetIngredient":
                goods = str(e["input"]), str(e["inputUnit"])
                bounds[goods] = _int(e["most"]), _int(e["per"])
                if not bounds[goods][1]:
                    del bounds[goods]
        return bounds


def _edge(e: RecordedEntry, part: Part, output: int, input_: int) -> Edge:
    made, when = _int(e["quantity"]), _int(e["happenedAt"])
    return Edge(output, input_, e.sequence, part.quantity, made, when, e.recorded_at)


def _inputs(e: RecordedEntry) -> Iterable[Part]:
    inputs = e["inputs"]
    assert isinstance(inputs, tuple)
    return (part for part in inputs if isinstance(part, Part))


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value
