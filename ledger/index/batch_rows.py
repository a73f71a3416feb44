"""Batch entries in, rows out: what the contracts keep of lots, computed from the entries alone.

Rules this module keeps:

* It does what the contracts did (``IBatchLedger``, ``ILogisticUnits``, ``IBatchOversight``) and
  checks nothing again: a recorded entry was allowed.
* What a range needs of earlier ones is loaded at once before it, and written once behind it. Stocks
  are not even loaded: their rows are what the entries add to them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from ledger.history import marks
from ledger.index import batch_tables as t
from ledger.index import statements
from ledger.index.statements import Values
from ledger.index.tables import MarkRow
from ledger.provenance.yields import is_underrun
from ledger.recorded import RecordedEntry

#: The contracts whose entries are read here.
BATCH_CONTRACTS: Final = frozenset(("BatchLedger", "LogisticUnits", "BatchOversight"))

_LOTS: Final = 'SELECT id, number, category, unit, underrun, closed FROM "lot" WHERE id'
_PARCELS: Final = statements.query(t.ParcelRow, "shipment")
_UNITS: Final = statements.query(t.UnitRow, "id")
_INGREDIENTS: Final = statements.query(t.IngredientRow, "process")

_GROW: Final = 'UPDATE "lot" SET quantity = quantity + ?, underrun = ?, closed = ? WHERE number = ?'
_RELEASE: Final = 'UPDATE "stop" SET released = ? WHERE lot = ? AND digest = ? AND released < 0'
_SETTLED: Final = 'DELETE FROM "parcel" WHERE shipment = ? AND sender = ?'
_TAKEN_APART: Final = 'DELETE FROM "unit_part" WHERE unit = ?'
_TAKEN_OUT: Final = 'DELETE FROM "ingredient" WHERE process = ? AND input = ? AND input_unit = ?'
_ADD_STOCK: Final = ", ".join(
    f'"{name}" = "lot_stock"."{name}" + excluded."{name}"'
    for name in ("on_hand", "lost", "used", "dispensed", "destroyed")
)

# The places of what changes in a stock.
_ON_HAND, _LOST, _USED, _DISPENSED, _DESTROYED = range(5)

_PACKED, _UNDER_WAY, _TAKEN = 1, 2, 3


class _Lot:
    """A lot as far as other entries depend on it; ``made`` is the beginning of its row where this
    range made it, None where it was there before."""

    __slots__ = ("changed", "closed", "goods", "made", "maker", "number", "quantity", "underrun")

    def __init__(
        self,
        number: int,
        maker: bytes,
        goods: tuple[str, str],
        underrun: bool,
        closed: bool,
        quantity: int = 0,
        made: Values | None = None,
    ) -> None:
        self.number = number
        self.maker = maker
        self.goods = goods
        self.underrun = underrun
        self.closed = closed
        self.quantity = quantity
        self.made = made
        self.changed = False


class BatchReading:
    """The rows that follow from the batch entries of a range."""

    def __init__(self, connection: Connection, entries: Iterable[RecordedEntry]) -> None:
        self._acts: dict[str, Callable[[RecordedEntry, Mapping[str, Any]], None]] = {
            "Commission": self._commission,
            "Transform": self._transform,
            "Ship": self._ship,
            "Receive": self._receive,
            "Settle": self._settle,
            "CloseLot": self._close_lot,
            "Adjust": self._adjust,
            "Dispense": self._dispense,
            "Destroy": self._destroy,
            "SetIngredient": self._set_ingredient,
            "Aggregate": self._aggregate,
            "TakeApart": self._take_apart,
            "ShipUnit": self._ship_unit,
            "ReceiveUnit": self._receive_unit,
            "Inspect": self._inspect,
            "Hold": self._stop,
            "Recall": self._stop,
            "Release": self._release,
            "Acknowledge": self._notice,
            "Correct": self._notice,
            "MirrorRecall": self._mirror_recall,
        }
        self._lots: dict[bytes, _Lot] = {}
        self._stocks: dict[tuple[bytes, int], list[int]] = {}
        self._parcels: dict[tuple[bytes, bytes], list[Any]] = {}
        self._units: dict[bytes, list[Any]] = {}
        self._ingredients: dict[str, dict[tuple[str, str], Values]] = {}
        self._edges: list[Values] = []
        self._unit_parts: dict[int, list[Values]] = {}
        self._notices: list[Values] = []
        self._stops: list[list[Any]] = []
        self._standing: dict[tuple[int, bytes], list[Any]] = {}
        self._recalls: list[Values] = []
        self._marks: list[Values] = []
        self._settled: list[Values] = []
        self._taken_apart: list[Values] = []
        self._taken_out: list[Values] = []
        self._released: list[Values] = []
        self._begun: set[tuple[bytes, bytes]] = set()
        self._load(connection, entries)

    # -- before and behind the entries

    def _load(self, connection: Connection, entries: Iterable[RecordedEntry]) -> None:
        lots: set[bytes] = set()
        shipments: set[bytes] = set()
        units: set[bytes] = set()
        processes: set[str] = set()
        for e in entries:
            action = e.entry.action.name
            match e.contract:
                case "BatchLedger" if action != "SetIngredient":
                    lots.update(e.subjects)
                    if action in ("Receive", "Settle"):
                        shipments.add(_raw(e["shipment"]))
                    elif action == "Transform":
                        processes.add(str(e["process"]))
                case "BatchLedger":
                    processes.add(str(e["process"]))
                case "LogisticUnits":
                    units.add(e.subjects[0])
                    lots.update(e.subjects[1:])
                case "BatchOversight" if action != "MirrorRecall":
                    lots.add(e.subjects[0])
        for row in statements.among(connection, _LOTS, lots):
            id_, number, category, unit, underrun, closed = row
            goods = (category, unit)
            self._lots[id_] = _Lot(number, id_[:20], goods, bool(underrun), bool(closed))
        for row in statements.among(connection, _PARCELS, shipments):
            self._parcels[row[0], row[1]] = list(row)
        for row in statements.among(connection, _UNITS, units):
            self._units[row[0]] = list(row)
        for row in statements.among(connection, _INGREDIENTS, processes):
            self._ingredients.setdefault(row[0], {})[row[1], row[2]] = tuple(row)
        self._begun.update(self._parcels)

    def write(self, connection: Connection) -> None:
        """Write everything."""
        made, grown = [], []
        for lot in self._lots.values():
            if lot.made is not None:
                changing = (lot.underrun, lot.closed)
                made.append((*lot.made[:8], lot.quantity, *lot.made[8:], *changing))
            elif lot.changed:
                grown.append((lot.quantity, lot.underrun, lot.closed, lot.number))
        statements.insert(connection, t.LotRow, made)
        statements.each(connection, _GROW, grown)
        statements.insert(connection, t.EdgeRow, self._edges)
        stocks = [(*key, *change) for key, change in sorted(self._stocks.items())]
        statements.upsert(connection, t.StockRow, stocks, _ADD_STOCK)
        statements.each(connection, _SETTLED, self._settled)
        statements.upsert(connection, t.ParcelRow, [tuple(p) for p in self._parcels.values()])
        statements.upsert(connection, t.UnitRow, [tuple(u) for u in self._units.values()])
        statements.each(connection, _TAKEN_APART, self._taken_apart)
        parts = [part for of_one in self._unit_parts.values() for part in of_one]
        statements.insert(connection, t.UnitPartRow, parts)
        statements.insert(connection, t.NoticeRow, self._notices)
        statements.insert(connection, MarkRow, self._marks)
        statements.each(connection, _RELEASE, self._released)
        statements.insert(connection, t.StopRow, [tuple(s) for s in self._stops])
        statements.each(connection, _TAKEN_OUT, self._taken_out)
        ingredients = [row for of_one in self._ingredients.values() for row in of_one.values()]
        statements.upsert(connection, t.IngredientRow, ingredients)
        statements.insert(connection, t.MirroredRecallRow, self._recalls)

    def read(self, e: RecordedEntry) -> None:
        """Take in one entry of these contracts."""
        self._acts[e.entry.action.name](e, e.entry.values)

    # -- stocks

    def _change(self, custodian: bytes, lot: _Lot, place: int, quantity: int) -> None:
        """Take so much from what the custodian has of the lot to another place of its stock; a
        maker's first taking closes the lot."""
        stock = self._stock(custodian, lot)
        stock[_ON_HAND] -= quantity
        stock[place] += quantity
        self._close(custodian, lot)

    def _take(self, custodian: bytes, lot: _Lot, quantity: int) -> None:
        self._stock(custodian, lot)[_ON_HAND] -= quantity
        self._close(custodian, lot)

    def _give(self, custodian: bytes, lot: _Lot, quantity: int) -> None:
        self._stock(custodian, lot)[_ON_HAND] += quantity

    def _stock(self, custodian: bytes, lot: _Lot) -> list[int]:
        key = (custodian, lot.number)
        found = self._stocks.get(key)
        if found is None:
            found = self._stocks[key] = [0, 0, 0, 0, 0]
        return found

    def _close(self, custodian: bytes, lot: _Lot) -> None:
        if not lot.closed and custodian == lot.maker:
            lot.closed = lot.changed = True

    # -- making

    def _make(self, e: RecordedEntry, v: Mapping[str, Any], not_shown: bool, closed: bool) -> _Lot:
        number, goods = e.sequence, (v["category"], v["unit"])
        begun = (
            number,
            e.subjects[0],
            e.author,
            v["gtin"],
            v["lot"],
            v["category"],
            v["model"],
            v["unit"],
            v["happenedAt"],
            e.recorded_at,
            not_shown,
        )
        made = _Lot(number, e.author, goods, False, closed, made=begun)
        self._lots[e.subjects[0]] = made
        return made

    def _commission(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        lot = self._make(e, v, v["originNotShown"], True)
        lot.quantity = v["quantity"]
        self._give(e.author, lot, v["quantity"])

    def _transform(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        lot = self._lots.get(e.subjects[0]) or self._make(e, v, False, False)
        quantity = v["quantity"]
        lot.quantity += quantity
        lot.changed = True
        given: dict[tuple[str, str], int] = {}
        when, recorded = v["happenedAt"], e.recorded_at
        for part in v["inputs"]:
            used = self._lots[part.lot]
            given[used.goods] = given.get(used.goods, 0) + part.quantity
            self._change(e.author, used, _USED, part.quantity)
            self._edges.append(
                (lot.number, e.sequence, used.number, part.quantity, quantity, when, recorded)
            )
        needed = self._ingredients.get(v["process"], {})
        if is_underrun(quantity, given, {goods: row[-2:] for goods, row in needed.items()}):
            lot.underrun = True
        self._give(e.author, lot, quantity)

    def _close_lot(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._close(e.author, self._lots[v["lot"]])

    def _set_ingredient(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        needed = self._ingredients.setdefault(v["process"], {})
        input_goods = (v["input"], v["inputUnit"])
        if v["per"] == 0:
            needed.pop(input_goods, None)
            self._taken_out.append((v["process"], *input_goods))
            return
        needed[input_goods] = (
            v["process"],
            *input_goods,
            e.sequence,
            v["category"],
            v["unit"],
            v["least"],
            v["most"],
            v["per"],
        )

    # -- handing over

    def _ship(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        lot = self._lots[v["lot"]]
        self._take(e.author, lot, v["quantity"])
        self._parcels[e.digest, e.author] = [
            e.digest,
            e.author,
            e.sequence,
            lot.number,
            v["recipient"],
            v["quantity"],
            v["happenedAt"],
            v["due"],
            v["purpose"],
            False,
        ]

    def _receive(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        accepted = v["accepted"]
        self._account_for(v["shipment"], v["sender"], accepted)
        if accepted:
            self._give(e.author, self._lots[v["lot"]], accepted)

    def _settle(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        returned, lost = v["returned"], v["lost"]
        self._account_for(v["shipment"], e.author, returned + lost)
        stock = self._stock(e.author, self._lots[v["lot"]])
        stock[_ON_HAND] += returned
        stock[_LOST] += lost

    def _account_for(self, shipment: bytes, sender: bytes, quantity: int) -> None:
        key = (shipment, sender)
        parcel = self._parcels.get(key)
        if parcel is None:
            # A sender who tried 2**40 pairs may answer for his shipment under another word, for the
            # contract knows it by 10 bytes of a hash: what is here stays under way for ever.
            return
        parcel[5] -= quantity
        parcel[9] = True
        if parcel[5] == 0:
            del self._parcels[key]
            if key in self._begun:
                self._begun.remove(key)
                self._settled.append(key)

    # -- what a custodian does alone

    def _adjust(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        lot = self._lots[v["lot"]]
        if v["up"]:
            stock = self._stock(e.author, lot)
            stock[_LOST] -= v["quantity"]
            stock[_ON_HAND] += v["quantity"]
        else:
            self._change(e.author, lot, _LOST, v["quantity"])

    def _dispense(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._change(e.author, self._lots[v["lot"]], _DISPENSED, v["quantity"])

    def _destroy(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._change(e.author, self._lots[v["lot"]], _DESTROYED, v["quantity"])

    # -- logistic units

    def _aggregate(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        number, when = e.sequence, v["happenedAt"]
        self._units[e.subjects[0]] = [
            e.subjects[0],
            number,
            e.author,
            v["sscc"],
            e.author,
            when,
            _PACKED,
            b"",
            0,
            0,
        ]
        parts = self._unit_parts[number] = []
        for part in v["parts"]:
            lot = self._lots[part.lot]
            self._take(e.author, lot, part.quantity)
            parts.append((number, lot.number, part.quantity))

    def _take_apart(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        unit = self._units[v["unit"]]
        unit[6] = _TAKEN
        if self._unit_parts.pop(unit[1], None) is None:
            self._taken_apart.append((unit[1],))
        for part in v["parts"]:
            self._give(e.author, self._lots[part.lot], part.quantity)

    def _ship_unit(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        unit = self._units[v["unit"]]
        unit[5:] = [v["happenedAt"], _UNDER_WAY, v["recipient"], v["due"], v["purpose"]]

    def _receive_unit(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        unit = self._units[v["unit"]]
        if v["accepted"]:
            unit[4] = e.author
        unit[5:7] = [v["happenedAt"], _PACKED]

    # -- oversight

    def _inspect(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._notice(e, v)
        # Whoever chooses the document can choose the number's hash for it.
        for value in {mark.value for mark in marks(v["standard"], v["document"], v["number"])}:
            self._marks.append((value, e.sequence))

    def _notice(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._notices.append((self._lots[v["lot"]].number, e.sequence, e.entry.action.number))

    def _stop(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._notice(e, v)
        number, campaign = self._lots[v["lot"]].number, v.get("campaign")
        stop = [
            number,
            e.sequence,
            e.digest,
            e.author,
            campaign is not None,
            campaign or bytes(32),
            -1,
        ]
        self._stops.append(stop)
        self._standing[number, e.digest] = stop

    def _release(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._notice(e, v)
        number = self._lots[v["lot"]].number
        stop = self._standing.pop((number, v["hold"]), None)
        if stop is not None:
            stop[6] = e.sequence
        else:
            self._released.append((e.sequence, number, v["hold"]))

    def _mirror_recall(self, e: RecordedEntry, v: Mapping[str, Any]) -> None:
        self._recalls.append(
            (
                e.sequence,
                v["organisation"],
                e.author,
                v["publication"],
                v["register"],
                v["number"],
                v["document"],
                v["initiated"],
                v["ended"],
            )
        )


def _raw(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
