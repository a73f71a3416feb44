"""Lots in the index: the graph that tracing reads, and how lots are found.

Rules this module keeps:

* A step of a trace is one query, however many lots it starts from, and reads nothing but the edges
  that it returns.
* ``upto`` is a number of log entries: of edges and entries only those before it count. A
  :class:`Lot` itself, and everything else here, is as the whole index has it.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Select, func, or_, select

from ledger.index import batch_tables as t
from ledger.index.base import Row, table_of
from ledger.index.reader import Reader
from ledger.index.tables import EntryRow
from ledger.provenance.model import Edge, Lot
from ledger.recorded import RecordedEntry

_lot: Final = table_of(t.LotRow)
_stock: Final = table_of(t.StockRow)
_parcel: Final = table_of(t.ParcelRow)
_unit: Final = table_of(t.UnitRow)
_unit_part: Final = table_of(t.UnitPartRow)
_stop: Final = table_of(t.StopRow)
_recall: Final = table_of(t.MirroredRecallRow)
_ingredient: Final = table_of(t.IngredientRow)


def _columns(row: type[Row], alias: str) -> str:
    return ", ".join(f'{alias}."{c.name}"' for c in table_of(row).columns)


# ``#`` stands for a list of numbers; the database unpacks it, so that the statement stays the same.
_EDGE: Final = '"output", "input", "sequence", "used", "made", "happened_at", "recorded_at"'
#: As ``Edge._make``, whose check of the length costs more than making one.
_EDGE_OF: Final[Callable[[tuple[Any, ...]], Edge]] = partial(tuple.__new__, Edge)

_INPUTS: Final = (
    f'SELECT {_EDGE} FROM "lot_edge" WHERE "output" IN (#) AND "sequence" < ?'
    ' ORDER BY "output", "sequence", "input"'
)
_OUTPUTS: Final = (
    f'SELECT {_EDGE} FROM "lot_edge" WHERE "input" IN (#) AND "sequence" < ?'
    ' ORDER BY "input", "sequence", "output"'
)
_LOTS: Final = (
    f'SELECT {_columns(t.LotRow, "l")} FROM "lot" l WHERE l."number" IN (#) ORDER BY l."number"'
)
_ABOUT: Final = (
    f'SELECT {_columns(EntryRow, "e")} FROM "entry" e WHERE e."sequence" IN ('
    'SELECT n."sequence" FROM "lot_notice" n WHERE n."lot" IN (#) AND n."sequence" < ?)'
    ' ORDER BY e."sequence"'
)
_CHAIN: Final = (
    f'SELECT {_columns(EntryRow, "e")} FROM "entry" e WHERE e."sequence" IN ('
    'SELECT s."sequence" FROM "lot" l JOIN "subject_entry" s ON s."subject" = l."id"'
    ' WHERE l."number" IN (#) AND s."sequence" < ?) ORDER BY e."sequence"'
)
_STOCKS: Final = f'SELECT {_columns(t.StockRow, "s")} FROM "lot_stock" s WHERE s."lot" IN (#)'
_AT_REST: Final = (
    'SELECT u."holder", p."lot", sum(p."quantity") FROM "unit_part" p'
    ' JOIN "logistic_unit" u ON u."sequence" = p."unit"'
    ' WHERE p."lot" IN (#) AND u."state" = 1 GROUP BY u."holder", p."lot"'
)
_STOPS: Final = (
    f'SELECT {_columns(t.StopRow, "s")} FROM "stop" s WHERE s."lot" IN (#)'
    ' ORDER BY s."lot", s."sequence"'
)
_UNDER_WAY: Final = (
    'SELECT p."lot", p."sender", p."recipient", p."quantity", p."sent_at", p."due", p."purpose",'
    ' p."answered", p."sequence", p."shipment" FROM "parcel" p WHERE '
)
_TRAVELLING: Final = (
    'SELECT p."lot", u."holder", u."recipient", p."quantity", u."since", u."due", u."purpose",'
    ' u."sequence", u."id" FROM "unit_part" p JOIN "logistic_unit" u ON u."sequence" = p."unit"'
    ' WHERE u."state" = 2 AND '
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What one custodian has of a lot (``lot`` is its number) after all entries of the index, and
    what became of the rest in its hands, in the lot's unit.

    ``in_units`` is at rest in logistic units that it holds. What is under way is a
    :class:`UnderWay`.
    """

    custodian: bytes
    lot: int
    on_hand: int
    lost: int
    used: int
    dispensed: int
    destroyed: int
    in_units: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """So much of a lot is between two custodians and not accounted for.

    ``sequence`` is the entry of a loose shipment, whose digest is ``shipment``; for what travels
    in a logistic unit, ``unit`` is its id and ``sequence`` the entry that packed it. ``answered``
    means that the recipient did not accept this rest.
    """

    lot: int
    sender: bytes
    recipient: bytes
    quantity: int
    sent_at: int
    due: int
    purpose: int
    answered: bool
    sequence: int
    shipment: bytes
    unit: bytes


@dataclass(frozen=True, slots=True)
class Stop:
    """A hold or a recall of a lot, set by the entry ``sequence`` whose digest is ``digest``.

    ``released`` is the sequence number of the entry that released it, None while it stands.
    ``campaign`` is zeros for a hold.
    """

    lot: int
    sequence: int
    digest: bytes
    author: bytes
    recall: bool
    campaign: bytes
    released: int | None

    def stands(self, upto: int) -> bool:
        """Whether it stood after the first ``upto`` entries."""
        return self.sequence < upto and (self.released is None or self.released >= upto)


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """A logistic unit; fields as in :class:`~ledger.index.batch_tables.UnitRow`. ``parts`` are
    (lot, quantity), none once it is taken apart."""

    id: bytes
    sequence: int
    packer: bytes
    sscc: int
    holder: bytes
    since: int
    state: int
    recipient: bytes
    due: int
    purpose: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Ingredient:
    """``per`` of the output (``category`` in ``unit``) needs at least ``least`` of the input and
    should need at most ``most`` (0: no bound)."""

    process: str
    input: str
    input_unit: str
    sequence: int
    category: str
    unit: str
    least: int
    most: int
    per: int


@dataclass(frozen=True, slots=True)
class RecallRecord:
    """A recall that a register tells of; the register's texts are in the entry ``sequence``."""

    sequence: int
    organisation: bytes
    author: bytes
    publication: bytes
    register: str
    number: str
    document: bytes
    initiated: int
    ended: int


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """Recalls that carry one ``campaign`` (32 bytes; zeros: those that carry none). ``first`` is
    the first recall's entry."""

    campaign: bytes
    first: int


class LotGraph:
    """Reads lots; keeps :class:`ledger.provenance.model.Graph`. Threads may share it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        if reader.is_sqlite:
            self._list, self._place = "SELECT value FROM json_each(?)", "?"
        else:
            self._list, self._place = "SELECT json_array_elements_text(?)::bigint", "%s"

    def _ask(self, statement: str, numbers: Collection[int], *values: int) -> Sequence[Any]:
        """The rows of a statement with a list of numbers."""
        if not numbers:
            return ()
        return self._run(statement, (json.dumps(sorted(numbers)), *values))

    def _run(self, statement: str, values: tuple[Any, ...]) -> Sequence[Any]:
        with self._reader.snapshot():
            return self._reader.connection.exec_driver_sql(self._native(statement), values).all()

    def _native(self, statement: str) -> str:
        """The statement with lists and places as this database writes them."""
        return statement.replace("#", self._list).replace("?", self._place)

    # -- the graph -----------------------------------------------------------------------------

    def inputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        """Every edge into these lots, in the order of (output, sequence, input)."""
        return self._edges(_INPUTS, lots, upto)

    def outputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        """Every edge out of these lots, in the order of (input, sequence, output)."""
        return self._edges(_OUTPUTS, lots, upto)

    def _edges(self, statement: str, lots: Collection[int], upto: int) -> list[Edge]:
        if not lots:
            return []
        rows = self._reader.tuples(self._native(statement), (json.dumps(sorted(lots)), upto))
        return list(map(_EDGE_OF, rows))

    def lots(self, numbers: Collection[int]) -> Sequence[Lot]:
        """The lots with these numbers, in the order of their numbers."""
        return _lots(self._ask(_LOTS, numbers))

    def about(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        """The entries of the oversight about these lots, in the order of the ledger."""
        with self._reader.snapshot():
            return self._reader.built(self._ask(_ABOUT, lots, upto))

    def chain(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        """Every entry that moved the chain of any of these lots, in the order of the ledger."""
        with self._reader.snapshot():
            return self._reader.built(self._ask(_CHAIN, lots, upto))

    # -- finding -------------------------------------------------------------------------------

    def lot(self, id_: bytes) -> Lot | None:
        """The lot with this id (32 bytes)."""
        return next(iter(self._found(select(_lot).where(_lot.c.id == id_))), None)

    def by_ids(self, ids: Iterable[bytes]) -> dict[bytes, Lot]:
        """Those of these lots that are on the ledger, by id."""
        found = {}
        wanted = sorted(set(ids))
        with self._reader.snapshot():
            for start in range(0, len(wanted), 500):
                chunk = wanted[start : start + 500]
                for lot in self._found(select(_lot).where(_lot.c.id.in_(chunk))):
                    found[lot.id] = lot
        return found

    def find(self, gtin: int, lot: str) -> list[Lot]:
        """The lots with this GTIN and number, whoever made them, in order."""
        query = select(_lot).where(_lot.c.lot == lot, _lot.c.gtin == gtin)
        return self._found(query.order_by(_lot.c.number))

    def search(self, text: str, after: int = -1, limit: int = 20) -> list[Lot]:
        """The lots whose number (GS1's, so case counts) begins with the text, in the order of
        their entries; ``after`` is the ``number`` of the last lot of the page before."""
        query = select(_lot).where(_lot.c.number > after).order_by(_lot.c.number).limit(limit)
        if text:
            # "~" is behind every character that a lot number may have.
            query = query.where(_lot.c.lot >= text, _lot.c.lot < text + "~")
        return self._found(query)

    def of_gtin(self, gtin: int, after: int = -1, limit: int = 20) -> list[Lot]:
        """The lots of this GTIN, the newest of them first; ``after`` is the ``number`` of the last
        lot of the page before, -1 for the first page."""
        query = select(_lot).where(_lot.c.gtin == gtin).order_by(_lot.c.number.desc()).limit(limit)
        return self._found(query if after < 0 else query.where(_lot.c.number < after))

    def lots_of(self, organisation: bytes, after: int = -1, limit: int = 100) -> list[Lot]:
        """The lots that the organisation made, in order; ``after`` as for :meth:`search`."""
        query = select(_lot).where(_lot.c.maker == organisation, _lot.c.number > after)
        return self._found(query.order_by(_lot.c.number).limit(limit))

    def _found(self, query: Select[Any]) -> list[Lot]:
        return _lots(self._reader.rows(query))

    # -- where things are ----------------------------------------------------------------------

    def holdings(self, lots: Collection[int]) -> list[Holding]:
        """Who has, or had, any of these lots, by lot and custodian."""
        with self._reader.snapshot():
            stocks: dict[tuple[int, bytes], Any] = {
                (row.lot, row.custodian): row for row in self._ask(_STOCKS, lots)
            }
            at_rest = {(row[1], row[0]): int(row[2]) for row in self._ask(_AT_REST, lots)}
        found = []
        for lot, custodian in sorted(stocks.keys() | at_rest.keys()):
            # Of a unit somebody may have had nothing loose.
            row = stocks.get((lot, custodian), (custodian, lot, 0, 0, 0, 0, 0))
            found.append(Holding(*(*row, at_rest.get((lot, custodian), 0))))
        return found

    def stock_of(
        self, custodian: bytes, category: str | None = None, model: str | None = None
    ) -> list[tuple[Lot, Holding]]:
        """The lots of which the custodian has something on hand or in units at rest, with how much
        it has; only those of the category (itself) and the model, where given."""
        packed = select(_unit_part.c.lot).join(_unit, _unit.c.sequence == _unit_part.c.unit)
        packed = packed.where(_unit.c.holder == custodian, _unit.c.state == 1)
        query = select(_lot).join(_stock, _stock.c.lot == _lot.c.number)
        query = query.where(_stock.c.custodian == custodian, _stock.c.on_hand > 0)
        others = select(_lot).where(_lot.c.number.in_(packed))
        if category is not None:
            query = query.where(_lot.c.category == category)
            others = others.where(_lot.c.category == category)
        if model is not None:
            query = query.where(_lot.c.model == model)
            others = others.where(_lot.c.model == model)
        with self._reader.snapshot():
            lots = {lot.number: lot for lot in (*self._found(query), *self._found(others))}
            found = {h.lot: h for h in self.holdings(lots) if h.custodian == custodian}
        return [(lots[number], found[number]) for number in sorted(lots)]

    def under_way(self, lots: Collection[int]) -> list[UnderWay]:
        """What of these lots is under way, in the order of the entries."""
        with self._reader.snapshot():
            loose = self._ask(_UNDER_WAY + 'p."lot" IN (#)', lots)
            packed = self._ask(_TRAVELLING + 'p."lot" IN (#)', lots)
        return _under_way(loose, packed)

    def under_way_of(self, organisation: bytes) -> list[UnderWay]:
        """What is under way from or to the organisation, in the order of the entries."""
        both = (organisation, organisation)
        with self._reader.snapshot():
            loose = self._run(_UNDER_WAY + '(p."sender" = ? OR p."recipient" = ?)', both)
            packed = self._run(_TRAVELLING + '(u."holder" = ? OR u."recipient" = ?)', both)
        return _under_way(loose, packed)

    def unit(self, id_: bytes) -> UnitRecord | None:
        """The logistic unit with this id."""
        return next(iter(self._units(select(_unit).where(_unit.c.id == id_))), None)

    def units(self, sscc: int) -> list[UnitRecord]:
        """The units of this number, whoever packed them, in order."""
        return self._units(select(_unit).where(_unit.c.sscc == sscc).order_by(_unit.c.sequence))

    def _units(self, query: Select[Any]) -> list[UnitRecord]:
        with self._reader.snapshot():
            return [
                UnitRecord(*(*row, self._parts(row.sequence))) for row in self._reader.rows(query)
            ]

    def _parts(self, unit: int) -> tuple[tuple[int, int], ...]:
        query = select(_unit_part.c.lot, _unit_part.c.quantity).where(_unit_part.c.unit == unit)
        return tuple((row.lot, row.quantity) for row in self._reader.rows(query.order_by("lot")))

    # -- what speaks against them --------------------------------------------------------------

    def stops(self, lots: Collection[int]) -> list[Stop]:
        """The holds and recalls of these lots, also those that are released, by lot and entry."""
        return [_stop_record(row) for row in self._ask(_STOPS, lots)]

    def campaign(self, campaign: bytes) -> list[Stop]:
        """The recalls of one campaign (32 bytes), in the order of the ledger."""
        query = select(_stop).where(_stop.c.campaign == campaign, _stop.c.recall)
        return [_stop_record(row) for row in self._reader.rows(query.order_by(_stop.c.sequence))]

    def recalled_of(
        self, *, makers: Collection[bytes] = (), custodian: bytes | None = None
    ) -> list[Stop]:
        """The recalls that stand of lots that one of these made, or that the custodian has or had
        any of or is sent, in the order of the ledger."""
        named = [_stop.c.lot.in_(select(_lot.c.number).where(_lot.c.maker.in_(sorted(makers))))]
        if custodian is not None:
            has = select(_stock.c.lot).where(_stock.c.custodian == custodian)
            sent = select(_parcel.c.lot).where(_parcel.c.recipient == custodian)
            packed = select(_unit_part.c.lot).join(_unit, _unit.c.sequence == _unit_part.c.unit)
            with_it = or_(_unit.c.holder == custodian, _unit.c.recipient == custodian)
            named += [_stop.c.lot.in_(lots) for lots in (has, sent, packed.where(with_it))]
        query = select(_stop).where(_stop.c.recall, _stop.c.released < 0, or_(*named))
        return [_stop_record(r) for r in self._reader.rows(query.order_by(_stop.c.sequence))]

    def campaigns(self, before: int, limit: int) -> list[CampaignRecord]:
        """The campaigns begun before the entry ``before``, the last begun first."""
        first = func.min(_stop.c.sequence).label("first")
        query = select(_stop.c.campaign, first).where(_stop.c.recall).group_by(_stop.c.campaign)
        query = query.having(first < before).order_by(first.desc()).limit(limit)
        return [CampaignRecord(row.campaign, row.first) for row in self._reader.rows(query)]

    def holds(self, before: int, limit: int) -> list[Stop]:
        """The holds before the entry ``before`` that are not released, the last set first."""
        query = select(_stop).where(
            _stop.c.recall.is_(False), _stop.c.released < 0, _stop.c.sequence < before
        )
        query = query.order_by(_stop.c.sequence.desc()).limit(limit)
        return [_stop_record(row) for row in self._reader.rows(query)]

    def latest_mirrored_recalls(
        self, before: int, limit: int, organisations: Collection[bytes] | None = None
    ) -> list[RecallRecord]:
        """What mirrors stated last of each recall of a register, of these organisations or of all;
        only where that was before the entry ``before``, the last stated first."""
        same = (_recall.c.author, _recall.c.register_name, _recall.c.number, _recall.c.organisation)
        last = select(func.max(_recall.c.sequence)).group_by(*same)
        query = select(_recall).where(_recall.c.sequence.in_(last), _recall.c.sequence < before)
        if organisations is not None:
            query = query.where(_recall.c.organisation.in_(sorted(organisations)))
        query = query.order_by(_recall.c.sequence.desc()).limit(limit)
        return [RecallRecord(*row) for row in self._reader.rows(query)]

    def mirrored_recalls(
        self, register: str | None = None, organisation: bytes | None = None
    ) -> list[RecallRecord]:
        """The mirrored recalls, of a register (``register:…``) or an organisation where given, in
        the order of the ledger."""
        query = select(_recall).order_by(_recall.c.sequence)
        if register is not None:
            query = query.where(_recall.c.register_name == register)
        if organisation is not None:
            query = query.where(_recall.c.organisation == organisation)
        return [RecallRecord(*row) for row in self._reader.rows(query)]

    def ingredients(self, process: str | None = None) -> list[Ingredient]:
        """What processes need now, of one or of all, by process and input."""
        query = select(_ingredient)
        if process is not None:
            query = query.where(_ingredient.c.process == process)
        rows = [Ingredient(*row) for row in self._reader.rows(query)]
        return sorted(rows, key=lambda i: (i.process, i.input, i.input_unit))


def _lots(rows: Iterable[Any]) -> list[Lot]:
    return [Lot(*row[:11], *map(bool, row[11:])) for row in rows]


def _under_way(loose: Iterable[Any], packed: Iterable[Any]) -> list[UnderWay]:
    found = []
    for *way, answered, sequence, shipment in loose:
        found.append(UnderWay(*(*way, bool(answered), sequence, shipment, b"")))
    for *way, sequence, unit in packed:
        found.append(UnderWay(*(*way, False, sequence, b"", unit)))
    return sorted(found, key=lambda u: (u.sequence, u.lot))


def _stop_record(row: Any) -> Stop:
    released = None if row.released < 0 else row.released
    return Stop(
        row.lot, row.sequence, row.digest, row.author, bool(row.recall), row.campaign, released
    )
