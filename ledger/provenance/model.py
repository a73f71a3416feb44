"""Lots and what was made of what, as the index has them."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from ledger.recorded import RecordedEntry

# Named tuples, for a trace makes thousands of them: a row becomes one without running Python.


class Lot(NamedTuple):
    """A lot with what its entries up to now made of it.

    ``number`` is the sequence number of the entry that made it. ``quantity`` is all that was made
    of it, in whole ``unit`` (UN/ECE Rec. 20). ``happened_at`` and ``recorded_at`` are those of
    that first entry. ``gtin`` is 0 where there is none. ``closed`` says that it cannot grow.
    """

    number: int
    id: bytes
    maker: bytes
    gtin: int
    lot: str
    category: str
    model: str
    unit: str
    quantity: int
    happened_at: int
    recorded_at: int
    origin_not_shown: bool
    underrun: bool
    closed: bool


class Edge(NamedTuple):
    """In the entry ``sequence``, ``used`` of the lot ``input`` went into ``made`` of ``output``.

    Lots are named by their numbers. One entry has an edge for each input; all of them say ``made``.
    """

    output: int
    input: int
    sequence: int
    used: int
    made: int
    happened_at: int
    recorded_at: int


class Graph(Protocol):
    """What tracing reads. ``upto`` is a number of log entries: only the first so many count."""

    def inputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        """Every edge into these lots, in the order of (output, sequence, input)."""
        ...

    def outputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        """Every edge out of these lots, in the order of (input, sequence, output)."""
        ...

    def lots(self, numbers: Collection[int]) -> Sequence[Lot]:
        """The lots with these numbers, in the order of their numbers."""
        ...

    def about(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        """What was found about these lots, in the order of the ledger: inspections, holds, recalls,
        releases, acknowledgements and corrections (the entries of ``BatchOversight``)."""
        ...

    def chain(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        """Every entry that moved the chain of any of these lots, in the order of the ledger."""
        ...
