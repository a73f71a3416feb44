"""Who had how much of a lot, and how it got there: a fold over the lot's chain.

Rules this module keeps:

* What was made of a lot is at all times what is on hand, at rest in logistic units, under way,
  used, dispensed, destroyed and lost, over all custodians (:attr:`Custody.accounted`).
* What is under way belongs to nobody's stock. A refused or unanswered rest comes back to the
  sender's books when it settles; what it reports lost on the way is its loss.
* ``lost`` is what is missing now: finding some of it again (an upward adjustment) takes it back.
* The state is that after the first ``upto`` entries of the log, so it can be had for any ``upto``.
  It cannot be had for a time in the world: entries arrive late and in any order, and only the
  order of the log is one in which no stock was ever negative. Every :class:`Hop` shows both times.
* A shipment is a digest with its sender and its recipient, for others may sign the same words. A
  colleague of the sender may do so once the first is over; what he sends is a shipment of its own.
* The contracts find a shipment by 10 bytes of a hash. Who tries 2**40 texts can have what he sent
  answered under a name by which less was sent, or nothing. Such an act counts in the stocks as
  everywhere; under that name less than nothing is left (:attr:`Shipment.left`), so that the sum
  over all shipments is what is under way.
* A chain in which somebody parts with what it did not have, or more arrives or comes back than was
  under way to the recipient, was not written by the contracts: :class:`EvidenceError`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from ledger.errors import EvidenceError
from ledger.provenance.model import Graph, Lot
from ledger.recorded import RecordedEntry
from ledger.typed_data import Part, Value, unit_id


class Act(StrEnum):
    """What happened to a quantity of a lot."""

    MADE = "made"
    SHIPPED = "shipped"
    RECEIVED = "received"
    SETTLED = "settled"
    PACKED = "packed"
    TAKEN_APART = "taken-apart"
    UNIT_SHIPPED = "unit-shipped"
    UNIT_RECEIVED = "unit-received"
    UNIT_REFUSED = "unit-refused"
    USED = "used"
    DISPENSED = "dispensed"
    DESTROYED = "destroyed"
    LOST = "lost"
    FOUND = "found"
    CLOSED = "closed"


class Hop(NamedTuple):
    """One act with both of its times.

    ``custodian`` is who says so. ``other`` is the other side (20 bytes), empty where there is
    none. ``about`` is the shipment (empty where nobody sent anything under the name that is given),
    the logistic unit or, for what was used, the lot made of it.
    ``quantity`` of RECEIVED is what was accepted, of SETTLED what came back, ``lost`` what of that
    was lost on the way. ``note`` is the reason, reference or place that was given.
    """

    sequence: int
    act: Act
    custodian: bytes
    other: bytes
    quantity: int
    lost: int
    about: bytes
    happened_at: int
    recorded_at: int
    late: bool
    note: str


@dataclass(frozen=True, slots=True)
class Stock:
    """One custodian's books of one lot, in the lot's unit.

    ``received`` is what it accepted, loose or in units; ``sent`` what it gave away, with what is
    under way and without what came back. ``under_way_from`` and ``under_way_to`` are not answered
    or not settled yet; ``in_units`` is at rest in logistic units that it holds.
    """

    custodian: bytes
    made: int
    received: int
    sent: int
    on_hand: int
    in_units: int
    under_way_from: int
    under_way_to: int
    used: int
    dispensed: int
    destroyed: int
    lost: int

    @property
    def there(self) -> int:
        """What it could still lay its hands on."""
        return self.on_hand + self.in_units


@dataclass(frozen=True, slots=True)
class Shipment:
    """A loose shipment. ``left`` is what nobody has accounted for, negative where more was than
    was sent by it; ``accepted`` is None while the recipient has not answered. ``entries`` are the
    sequence numbers that tell of it."""

    id: bytes
    sender: bytes
    recipient: bytes
    quantity: int
    left: int
    purpose: int
    due: int
    accepted: int | None
    entries: tuple[int, ...]

    @property
    def known(self) -> bool:
        """Whether the sender sent anything to the recipient under this name."""
        return self.quantity > 0


@dataclass(frozen=True, slots=True)
class Packed:
    """So much of the lot in a logistic unit that is not taken apart. ``recipient`` is empty while
    it is at rest."""

    unit: bytes
    holder: bytes
    quantity: int
    recipient: bytes
    due: int


@dataclass(frozen=True, slots=True)
class Custody:
    """Where a lot is. ``stocks`` in the order in which the custodians first had to do with it;
    ``shipments`` and ``units`` only those that are not over."""

    lot: bytes
    made: int
    stocks: tuple[Stock, ...]
    shipments: tuple[Shipment, ...]
    units: tuple[Packed, ...]
    hops: tuple[Hop, ...]

    @property
    def under_way(self) -> int:
        return sum(s.under_way_from for s in self.stocks)

    @property
    def accounted(self) -> int:
        """All that is on hand, in units, under way, used, dispensed, destroyed and lost."""
        return sum(
            s.on_hand + s.in_units + s.under_way_from + s.used + s.dispensed + s.destroyed + s.lost
            for s in self.stocks
        )

    def of(self, custodian: bytes) -> Stock:
        """The books of this custodian; empty ones where it never had any."""
        found = (s for s in self.stocks if s.custodian == custodian)
        return next(found, Stock(custodian, *(0,) * 11))


@dataclass
class _Books:
    made: int = 0
    received: int = 0
    sent: int = 0
    on_hand: int = 0
    in_units: int = 0
    under_way_from: int = 0
    under_way_to: int = 0
    used: int = 0
    dispensed: int = 0
    destroyed: int = 0
    lost: int = 0


#: Its digest, sender and recipient, by which the contracts know a shipment of a lot.
_Key: TypeAlias = tuple[bytes, bytes, bytes]


@dataclass
class _Parcel:
    quantity: int = 0
    left: int = 0
    purpose: int = 0
    due: int = 0
    accepted: int | None = None
    entries: list[int] = field(default_factory=list)


@dataclass
class _Unit:
    holder: bytes
    quantity: int
    recipient: bytes = b""
    due: int = 0


class _Fold:
    """Reads one lot's chain in the order of the ledger; one method per action."""

    def __init__(self, lot: bytes) -> None:
        self.lot = lot
        self.books: dict[bytes, _Books] = {}
        self.parcels: dict[_Key, _Parcel] = {}
        self.loose_to: dict[bytes, int] = {}
        self.units: dict[bytes, _Unit] = {}
        self.hops: list[Hop] = []

    def of(self, custodian: bytes) -> _Books:
        return self.books.setdefault(custodian, _Books())

    def hop(
        self,
        e: RecordedEntry,
        act: Act,
        quantity: int,
        *,
        other: bytes = b"",
        lost: int = 0,
        about: bytes = b"",
        note: str = "",
    ) -> None:
        self.hops.append(
            Hop(
                e.sequence,
                act,
                e.author,
                other,
                quantity,
                lost,
                about,
                _int(e["happenedAt"]),
                e.recorded_at,
                e.late,
                note,
            )
        )

    def take(self, e: RecordedEntry, quantity: int) -> _Books:
        books = self.of(e.author)
        if quantity > books.on_hand:
            raise _impossible(e, f"parts with {quantity} and has {books.on_hand}")
        books.on_hand -= quantity
        return books

    def part(self, e: RecordedEntry, name: str) -> int:
        """How much of this lot is among the parts."""
        parts = e[name]
        assert isinstance(parts, tuple)
        return sum(p.quantity for p in parts if isinstance(p, Part) and p.lot == self.lot)

    def read(self, e: RecordedEntry) -> None:
        reading = _READ.get(e.action)
        if reading is not None:  # what was found about it moves nothing
            reading(self, e)

    # ---- making

    def commission(self, e: RecordedEntry) -> None:
        self.make(e, str(e["place"]))

    def transform(self, e: RecordedEntry) -> None:
        if e.subjects[0] == self.lot:
            self.make(e, str(e["place"]))
            return
        quantity = self.part(e, "inputs")
        self.take(e, quantity).used += quantity
        self.hop(e, Act.USED, quantity, about=e.subjects[0], note=str(e["process"]))

    def make(self, e: RecordedEntry, place: str) -> None:
        quantity = _int(e["quantity"])
        books = self.of(e.author)
        books.made += quantity
        books.on_hand += quantity
        self.hop(e, Act.MADE, quantity, note=place)

    def close(self, e: RecordedEntry) -> None:
        self.hop(e, Act.CLOSED, 0)

    # ---- loose shipments

    def ship(self, e: RecordedEntry) -> None:
        quantity, recipient = _int(e["quantity"]), _raw(e["recipient"])
        books = self.take(e, quantity)
        books.sent += quantity
        books.under_way_from += quantity
        self.of(recipient).under_way_to += quantity
        self.loose_to[recipient] = self.loose_to.get(recipient, 0) + quantity
        key = (e.digest, e.author, recipient)
        parcel = self.parcels.get(key)
        if parcel is None or not parcel.left:
            parcel = self.parcels[key] = _Parcel()
        parcel.quantity += quantity
        parcel.left += quantity
        parcel.purpose, parcel.due, parcel.accepted = _int(e["purpose"]), _int(e["due"]), None
        parcel.entries.append(e.sequence)
        self.hop(
            e, Act.SHIPPED, quantity, other=recipient, about=e.digest, note=str(e["reference"])
        )

    def leave(self, e: RecordedEntry, sender: bytes, recipient: bytes, quantity: int) -> _Parcel:
        """So much of the shipment that the entry names is under way no more."""
        loose = self.loose_to.get(recipient, 0)
        if quantity > loose:
            raise _impossible(
                e, f"ends {quantity} of a shipment to one to whom {loose} is under way"
            )
        self.loose_to[recipient] = loose - quantity
        parcel = self.parcels.setdefault((_raw(e["shipment"]), sender, recipient), _Parcel())
        parcel.left -= quantity
        parcel.entries.append(e.sequence)
        self.of(sender).under_way_from -= quantity
        self.of(recipient).under_way_to -= quantity
        return parcel

    def receive(self, e: RecordedEntry) -> None:
        accepted, sender = _int(e["accepted"]), _raw(e["sender"])
        parcel = self.leave(e, sender, e.author, accepted)
        if parcel.quantity:
            parcel.accepted = (parcel.accepted or 0) + accepted
        books = self.of(e.author)
        books.received += accepted
        books.on_hand += accepted
        self.hop(
            e,
            Act.RECEIVED,
            accepted,
            other=sender,
            about=_raw(e["shipment"]) if parcel.quantity else b"",
            note=str(e["reason"]),
        )

    def settle(self, e: RecordedEntry) -> None:
        returned, lost, recipient = _int(e["returned"]), _int(e["lost"]), _raw(e["recipient"])
        parcel = self.leave(e, e.author, recipient, returned + lost)
        books = self.of(e.author)
        books.sent -= returned + lost
        books.on_hand += returned
        books.lost += lost
        self.hop(
            e,
            Act.SETTLED,
            returned + lost,
            other=recipient,
            lost=lost,
            about=_raw(e["shipment"]) if parcel.quantity else b"",
            note=str(e["reason"]),
        )

    # ---- logistic units

    def aggregate(self, e: RecordedEntry) -> None:
        quantity = self.part(e, "parts")
        self.take(e, quantity).in_units += quantity
        unit = unit_id(e.author, _int(e["sscc"]))
        self.units[unit] = _Unit(e.author, quantity)
        self.hop(e, Act.PACKED, quantity, about=unit)

    def unit(self, e: RecordedEntry) -> tuple[bytes, _Unit]:
        unit = _raw(e["unit"])
        if unit not in self.units:
            raise _impossible(e, "is about a unit that was not packed")
        return unit, self.units[unit]

    def arrive(self, u: _Unit) -> None:
        """The unit is under way no more; whose it is now, the caller says."""
        self.of(u.holder).under_way_from -= u.quantity
        self.of(u.recipient).under_way_to -= u.quantity
        u.recipient = b""

    def take_apart(self, e: RecordedEntry) -> None:
        unit, u = self.unit(e)
        if u.holder != e.author:
            raise _impossible(e, "takes another's unit apart")
        books = self.of(e.author)
        if u.recipient:
            books.sent -= u.quantity
            self.arrive(u)
        else:
            books.in_units -= u.quantity
        books.on_hand += u.quantity
        del self.units[unit]
        self.hop(e, Act.TAKEN_APART, u.quantity, about=unit)

    def ship_unit(self, e: RecordedEntry) -> None:
        unit, u = self.unit(e)
        if u.holder != e.author or u.recipient:
            raise _impossible(e, "ships a unit that it does not have")
        u.recipient, u.due = _raw(e["recipient"]), _int(e["due"])
        books = self.of(e.author)
        books.in_units -= u.quantity
        books.sent += u.quantity
        books.under_way_from += u.quantity
        self.of(u.recipient).under_way_to += u.quantity
        self.hop(e, Act.UNIT_SHIPPED, u.quantity, other=u.recipient, about=unit)

    def receive_unit(self, e: RecordedEntry) -> None:
        unit, u = self.unit(e)
        if u.recipient != e.author:
            raise _impossible(e, "receives what is not under way to it")
        sender = u.holder
        self.arrive(u)
        if e["accepted"]:
            u.holder = e.author
            self.of(e.author).received += u.quantity
        else:
            self.of(sender).sent -= u.quantity
        self.of(u.holder).in_units += u.quantity
        act = Act.UNIT_RECEIVED if e["accepted"] else Act.UNIT_REFUSED
        self.hop(e, act, u.quantity, other=sender, about=unit, note=str(e["reason"]))

    # ---- what a custodian does alone

    def adjust(self, e: RecordedEntry) -> None:
        quantity = _int(e["quantity"])
        if e["up"]:
            books = self.of(e.author)
            if quantity > books.lost:
                raise _impossible(e, f"finds {quantity} of {books.lost} lost")
            books.lost -= quantity
            books.on_hand += quantity
            self.hop(e, Act.FOUND, quantity, note=str(e["reason"]))
        else:
            self.take(e, quantity).lost += quantity
            self.hop(e, Act.LOST, quantity, note=str(e["reason"]))

    def dispense(self, e: RecordedEntry) -> None:
        quantity = _int(e["quantity"])
        self.take(e, quantity).dispensed += quantity
        self.hop(e, Act.DISPENSED, quantity, note=str(e["to"]))

    def destroy(self, e: RecordedEntry) -> None:
        quantity = _int(e["quantity"])
        self.take(e, quantity).destroyed += quantity
        self.hop(e, Act.DESTROYED, quantity, note=str(e["reason"]))

    def custody(self) -> Custody:
        return Custody(
            self.lot,
            sum(b.made for b in self.books.values()),
            tuple(Stock(custodian, **vars(b)) for custodian, b in self.books.items()),
            tuple(
                Shipment(
                    *key,
                    p.quantity,
                    p.left,
                    p.purpose,
                    p.due,
                    p.accepted,
                    tuple(p.entries),
                )
                for key, p in self.parcels.items()
                if p.left
            ),
            tuple(
                Packed(id_, u.holder, u.quantity, u.recipient, u.due)
                for id_, u in self.units.items()
            ),
            tuple(self.hops),
        )


_READ: Final = {
    "Commission": _Fold.commission,
    "Transform": _Fold.transform,
    "Ship": _Fold.ship,
    "Receive": _Fold.receive,
    "Settle": _Fold.settle,
    "CloseLot": _Fold.close,
    "Adjust": _Fold.adjust,
    "Dispense": _Fold.dispense,
    "Destroy": _Fold.destroy,
    "Aggregate": _Fold.aggregate,
    "TakeApart": _Fold.take_apart,
    "ShipUnit": _Fold.ship_unit,
    "ReceiveUnit": _Fold.receive_unit,
}


def custody(lot: bytes, chain: Iterable[RecordedEntry]) -> Custody:
    """Where the lot (its id) is after these entries: its whole chain up to some position, in the
    order of the ledger. :class:`EvidenceError` where they do not fit together."""
    reading = _Fold(lot)
    for entry in chain:
        reading.read(entry)
    return reading.custody()


def chains(graph: Graph, lots: Collection[Lot], upto: int) -> Mapping[int, Sequence[RecordedEntry]]:
    """The chain of each lot, by its number. What ``graph`` raises goes through."""
    numbers = {lot.id: lot.number for lot in lots}
    found: dict[int, list[RecordedEntry]] = {lot.number: [] for lot in lots}
    for entry in graph.chain(list(found), upto) if found else ():
        for subject in entry.subjects:
            if subject in numbers:
                found[numbers[subject]].append(entry)
    return found


def _impossible(e: RecordedEntry, english: str) -> EvidenceError:
    return EvidenceError(f"entry {e.sequence} ({e.action}): {english}", code="custody.impossible")


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _raw(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
