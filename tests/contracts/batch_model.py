"""What the contracts of batches should decide, in plain Python: quantities in dictionaries, texts
whole, every rule by itself.

As in :mod:`tests.contracts.model` a refusal must name *one* of the rules that an entry breaks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from eth_hash.auto import keccak

from ledger.typed_data import Citation, Entry, Part, SignedEntry, lot_id, unit_id
from ledger.vocabulary import OrganisationStatus as Status
from ledger.vocabulary import Role
from tests.contracts.model import Act, Model

BATCHES: Final = "BatchLedger"
UNITS: Final = "LogisticUnits"
OVERSIGHT: Final = "BatchOversight"

CUSTODY: Final = Role.SUPPLIER | Role.STORE | Role.BUYER
LARGEST: Final = 2**40 - 1
PACKED, UNDER_WAY, APART = 1, 2, 3

#: GS1 General Specifications, figure 7.11-1: character set 82.
_LOT_NUMBER: Final = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""")

#: A category counted in a unit.
Goods: TypeAlias = tuple[str, str]


@dataclass
class Lot:
    maker: bytes
    number: str
    goods: Goods
    model: str
    #: When the first of it was made.
    begun: int
    open: bool
    shown: bool
    underrun: bool = False


@dataclass
class Stock:
    on_hand: int = 0
    lost: int = 0
    #: When the custodian first got some.
    since: int | None = None


@dataclass
class Parcel:
    left: int
    sent: int
    due: int
    answered: bool = False


@dataclass
class Unit:
    holder: bytes
    since: int
    parts: tuple[Part, ...]
    state: int = PACKED
    recipient: bytes = bytes(20)
    due: int = 0


@dataclass
class Process:
    output: Goods
    #: Input goods → least, most, per.
    ingredients: dict[Goods, tuple[int, int, int]] = field(default_factory=dict)


def has_check_digit(key: int) -> bool:
    """GS1: from the right, the check digit counts once and the digits before it thrice and once
    by turns; the sum ends in 0."""
    digits = [int(d) for d in reversed(str(key))]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


@dataclass
class BatchModel(Model):
    """All contracts."""

    #: How many entries the log has.
    size: int = 0
    lots: dict[bytes, Lot] = field(default_factory=dict)
    #: Lot and custodian → what he has of it.
    stocks: dict[tuple[bytes, bytes], Stock] = field(default_factory=dict)
    #: Shipment, lot, sender, recipient → what is not accounted for.
    parcels: dict[tuple[bytes, bytes, bytes, bytes], Parcel] = field(default_factory=dict)
    units: dict[bytes, Unit] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    #: Lot → the holds and recalls that stand: who set it, whether it is a recall.
    standing: dict[bytes, dict[bytes, tuple[bytes, bool]]] = field(default_factory=dict)

    def act(self, digest: bytes, signers: Sequence[bytes], author: bytes, authorities: int) -> Act:
        return BatchAct(self, digest, signers, author, authorities)

    def record(self, signed: SignedEntry, digest: bytes, signers: Sequence[bytes]) -> set[str]:
        broken = super().record(signed, digest, signers)
        self.size += not broken
        return broken

    def misshapen(self, entry: Entry) -> Iterable[str]:
        texts = [v for v in entry.values.values() if isinstance(v, str)]
        if any("\0" in text or len(text.encode()) > 2047 for text in texts):
            yield "EntryTextInvalid"
        number = entry.values.get("lot")
        if isinstance(number, str) and not _LOT_NUMBER.fullmatch(number):
            yield "BatchLotNumberInvalid"

    def blocked(self, lot: bytes) -> bool:
        return bool(self.standing.get(lot))

    def cited(self, model: str, citations: Sequence[Citation]) -> list[bytes]:
        """The qualifications that these name, for goods of this model."""
        return [
            id_
            for c in citations
            for id_, q in self.qualifications.items()
            if (q.author, q.digest, keccak(q.kind.encode())) == (c.author, c.digest, c.kind)
            and c.register == (keccak(q.register.encode()) if q.register else bytes(32))
            and q.model == ("" if c.any_model else model)
        ]


class BatchAct(Act):
    """The rules of the actions on batches."""

    m: BatchModel

    def party(self) -> Iterator[str]:
        yield from self.role(CUSTODY)

    # ------------------------------------------------------------ stocks

    def take(self, lot: bytes, quantity: int, when: int, *, blocked: bool = False) -> Iterator[str]:
        """What forbids the author to part with so much; ``blocked`` says that blocked goods go."""
        if lot not in self.m.lots:
            yield "BatchLotUnknown"
            return
        stock = self.m.stocks.get((lot, self.author), Stock())
        if self.m.blocked(lot) and not blocked:
            yield "BatchBlocked"
        if quantity > stock.on_hand:
            yield "BatchStockShort"
        if stock.since is not None and when < stock.since:
            yield "BatchTooEarly"

    def taken(self, lot: bytes, quantity: int) -> None:
        self.m.stocks[lot, self.author].on_hand -= quantity
        if self.m.lots[lot].maker == self.author:
            self.m.lots[lot].open = False

    def given(self, lot: bytes, quantity: int, when: int) -> None:
        stock = self.m.stocks.setdefault((lot, self.author), Stock())
        stock.on_hand += quantity
        if stock.since is None:
            stock.since = when

    def lose(self, lot: bytes, quantity: int) -> None:
        self.taken(lot, quantity)
        self.m.stocks[lot, self.author].lost += quantity

    def parts(self, parts: Sequence[Part]) -> Iterator[str]:
        lots = [bytes(32), *(p.lot for p in parts)]
        if not parts or lots != sorted(set(lots)) or any(p.quantity == 0 for p in parts):
            yield "BatchPartsWrong"

    # ------------------------------------------------------------ making

    def _gate(self, v: Mapping[str, Any]) -> Iterator[str]:
        cited = self.m.cited(v["model"], v["cited"])
        scope = (v["category"], v["model"], v["happenedAt"])
        if not self.m.gate(self.author, *scope, cited):
            yield "QualificationKindNotCovered"

    def _quantity(self, v: Mapping[str, Any], *, unnumbered: bool) -> Iterator[str]:
        if v["quantity"] == 0:
            yield "BatchValueInvalid"
        if v["gtin"] >= 10**14 or not has_check_digit(v["gtin"]):
            yield "BatchValueInvalid"
        if v["gtin"] == 0 and not unnumbered:
            yield "BatchValueInvalid"
        if not v["unit"]:
            yield "BatchTextMissing"

    def Commission(self, v: Mapping[str, Any]) -> Iterator[str]:
        unshown = v["originNotShown"]
        yield from self.role(CUSTODY if unshown else Role.SUPPLIER)
        yield from self._quantity(v, unnumbered=unshown)
        if v["category"] not in self.m.categories:
            yield "BatchCategoryUnknown"
        elif not unshown and not self.m.categories[v["category"]]:
            yield "BatchNotRawMaterial"
        if not unshown:
            yield from self._gate(v)
        id_ = lot_id(self.author, v["gtin"], v["lot"])
        if id_ in self.m.lots:
            yield "BatchLotExists"

        def apply() -> None:
            goods = (v["category"], v["unit"])
            what = (v["lot"], goods, v["model"], v["happenedAt"])
            self.m.lots[id_] = Lot(self.author, *what, open=False, shown=not unshown)
            self.m.stocks[id_, self.author] = Stock(v["quantity"], 0, v["happenedAt"])

        self.apply = apply

    def Transform(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.SUPPLIER)
        yield from self._quantity(v, unnumbered=False)
        yield from self._gate(v)
        id_ = lot_id(self.author, v["gtin"], v["lot"])
        inputs: Sequence[Part] = v["inputs"]
        yield from self.parts(inputs)
        for part in inputs:
            if part.lot == id_:
                yield "BatchMadeOfItself"
            yield from self.take(part.lot, part.quantity, v["happenedAt"])
        goods = (v["category"], v["unit"])
        process = self.m.processes.get(v["process"])
        if process is None or not process.ingredients:
            yield "BatchProcessUnknown"
            return
        if process.output != goods:
            yield "BatchProcessForeign"
        went_in: dict[Goods, int] = {}
        for part in inputs:
            if part.lot in self.m.lots:
                kind = self.m.lots[part.lot].goods
                went_in[kind] = went_in.get(kind, 0) + part.quantity
        if not went_in.keys() <= process.ingredients.keys():
            yield "BatchGoodsWrong"
        underrun = False
        for kind, (least, most, per) in process.ingredients.items():
            if went_in.get(kind, 0) * per < v["quantity"] * least:
                yield "BatchOverrun"
            underrun |= most > 0 and went_in.get(kind, 0) * per > v["quantity"] * most
        old = self.m.lots.get(id_)
        if old is not None:
            yield from self._grown(old, id_, goods, v)

        def apply() -> None:
            for part in inputs:
                self.taken(part.lot, part.quantity)
            what = (v["lot"], goods, v["model"], v["happenedAt"])
            lot = self.m.lots.setdefault(id_, Lot(self.author, *what, open=True, shown=True))
            lot.underrun |= underrun
            lot.begun = min(lot.begun, v["happenedAt"])
            stock = self.m.stocks.setdefault((id_, self.author), Stock())
            stock.on_hand += v["quantity"]
            stock.since = lot.begun

        self.apply = apply

    def _grown(self, old: Lot, id_: bytes, goods: Goods, v: Mapping[str, Any]) -> Iterator[str]:
        if not old.open:
            yield "BatchLotClosed"
        if self.m.blocked(id_):
            yield "BatchBlocked"
        if (old.goods, old.model) != (goods, v["model"]):
            yield "BatchGoodsWrong"
        if self.m.stocks[id_, self.author].on_hand + v["quantity"] > LARGEST:
            yield "BatchValueInvalid"

    def CloseLot(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        lot = self.m.lots.get(v["lot"])
        if lot is None:
            yield "BatchLotUnknown"
            return
        if lot.maker != self.author:
            yield "BatchNotMaker"
        if not lot.open:
            yield "BatchLotClosed"
        if v["happenedAt"] < lot.begun:
            yield "BatchTooEarly"
        self.apply = lambda: setattr(lot, "open", False)

    def SetIngredient(self, v: Mapping[str, Any]) -> Iterator[str]:
        least, most, per = v["least"], v["most"], v["per"]
        output, input_ = (v["category"], v["unit"]), (v["input"], v["inputUnit"])
        for category, unit in (output, input_):
            if category not in self.m.categories:
                yield "BatchCategoryUnknown"
            if not unit:
                yield "BatchTextMissing"
        if per and (not least or 0 < most < least):
            yield "BatchValueInvalid"
        process = self.m.processes.get(v["process"]) or Process(output)
        if process.ingredients and process.output != output:
            yield "BatchProcessForeign"
        if not per and input_ not in process.ingredients:
            yield "BatchValueInvalid"
        if per and input_ not in process.ingredients and len(process.ingredients) == 8:
            yield "BatchProcessFull"

        def apply() -> None:
            process.output = output
            if per:
                process.ingredients[input_] = (least, most, per)
            else:
                del process.ingredients[input_]
            self.m.processes[v["process"]] = process

        self.apply = apply

    # ------------------------------------------------------------ handing over

    def _sent(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["recipient"] == self.author:
            yield "BatchToOneself"
        if v["due"] <= v["happenedAt"] or v["purpose"] > 2:
            yield "BatchValueInvalid"
        found = self.m.organisations.get(v["recipient"])
        if found is None or found.status != Status.ACTIVE or not found.roles & CUSTODY:
            yield "BatchRecipientUnfit"

    def Ship(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        yield from self._sent(v)
        if v["quantity"] == 0:
            yield "BatchValueInvalid"
        yield from self.take(v["lot"], v["quantity"], v["happenedAt"], blocked=v["purpose"] > 0)
        key = (self.digest, v["lot"], self.author, v["recipient"])
        if key in self.m.parcels:
            yield "BatchUnderWayAlready"

        def apply() -> None:
            self.taken(v["lot"], v["quantity"])
            self.m.parcels[key] = Parcel(v["quantity"], v["happenedAt"], v["due"])

        self.apply = apply

    def Receive(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        key = (v["shipment"], v["lot"], v["sender"], self.author)
        parcel = self.m.parcels.get(key)
        if parcel is None or parcel.answered:
            yield "BatchNothingUnderWay"
            return
        if v["happenedAt"] < parcel.sent:
            yield "BatchTooEarly"
        if v["accepted"] > parcel.left:
            yield "BatchMoreThanSent"
        if v["accepted"] < parcel.left and not v["reason"]:
            yield "BatchTextMissing"

        def apply() -> None:
            parcel.left -= v["accepted"]
            parcel.answered = True
            if not parcel.left:
                del self.m.parcels[key]
            if v["accepted"]:
                self.given(v["lot"], v["accepted"], v["happenedAt"])

        self.apply = apply

    def Settle(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        key = (v["shipment"], v["lot"], self.author, v["recipient"])
        parcel = self.m.parcels.get(key)
        if parcel is None:
            yield "BatchNothingUnderWay"
            return
        settled = v["returned"] + v["lost"]
        if not parcel.answered and self.m.now < parcel.due:
            yield "BatchNotDue"
        if v["happenedAt"] < parcel.sent:
            yield "BatchTooEarly"
        if settled == 0:
            yield "BatchValueInvalid"
        if settled > parcel.left:
            yield "BatchMoreThanSent"
        if v["lost"] and not v["reason"]:
            yield "BatchTextMissing"

        def apply() -> None:
            parcel.left -= settled
            parcel.answered = True
            if not parcel.left:
                del self.m.parcels[key]
            self.given(v["lot"], settled, v["happenedAt"])
            if v["lost"]:
                self.lose(v["lot"], v["lost"])

        self.apply = apply

    # ------------------------------------------------------------ alone

    def Adjust(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        lot, quantity = v["lot"], v["quantity"]
        if quantity == 0:
            yield "BatchValueInvalid"
        if not v["reason"]:
            yield "BatchTextMissing"
        if not v["up"]:
            yield from self.take(lot, quantity, v["happenedAt"], blocked=True)
            self.apply = lambda: self.lose(lot, quantity)
            return
        yield from self.take(lot, 0, v["happenedAt"], blocked=True)
        stock = self.m.stocks.get((lot, self.author), Stock())
        if quantity > stock.lost:
            yield "BatchNotLost"

        def apply() -> None:
            stock.lost -= quantity
            stock.on_hand += quantity

        self.apply = apply

    def Dispense(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._used_up(v, blocked=False)

    def Destroy(self, v: Mapping[str, Any]) -> Iterator[str]:
        if not v["reason"]:
            yield "BatchTextMissing"
        yield from self._used_up(v, blocked=True)

    def _used_up(self, v: Mapping[str, Any], *, blocked: bool) -> Iterator[str]:
        yield from self.party()
        if v["quantity"] == 0:
            yield "BatchValueInvalid"
        yield from self.take(v["lot"], v["quantity"], v["happenedAt"], blocked=blocked)
        self.apply = lambda: self.taken(v["lot"], v["quantity"])

    # ------------------------------------------------------------ units

    def Aggregate(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        if not 0 < v["sscc"] < 10**18 or not has_check_digit(v["sscc"]):
            yield "BatchValueInvalid"
        id_ = unit_id(self.author, v["sscc"])
        if id_ in self.m.units:
            yield "BatchUnitWrong"
        yield from self.parts(v["parts"])
        for part in v["parts"]:
            yield from self.take(part.lot, part.quantity, v["happenedAt"], blocked=True)

        def apply() -> None:
            for part in v["parts"]:
                self.taken(part.lot, part.quantity)
            self.m.units[id_] = Unit(self.author, v["happenedAt"], v["parts"])

        self.apply = apply

    def _unit(self, v: Mapping[str, Any], states: set[int], who: str) -> Iterator[str]:
        unit = self.m.units.get(v["unit"])
        if unit is None or unit.state not in states:
            yield "BatchUnitWrong"
        if unit is None:
            return
        if unit.parts != v["parts"]:
            yield "BatchUnitContents"
        if v["happenedAt"] < unit.since:
            yield "BatchTooEarly"
        if getattr(unit, who) != self.author:
            yield "BatchNotHolder"

    def TakeApart(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        unit = self.m.units.get(v["unit"])
        overdue = unit is not None and self.m.now >= unit.due
        yield from self._unit(v, {PACKED, UNDER_WAY} if overdue else {PACKED}, "holder")
        if unit is None:
            return

        def apply() -> None:
            unit.state = APART
            for part in unit.parts:
                self.given(part.lot, part.quantity, v["happenedAt"])

        self.apply = apply

    def ShipUnit(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        yield from self._sent(v)
        yield from self._unit(v, {PACKED}, "holder")
        unit = self.m.units.get(v["unit"])
        if unit is None:
            return
        if v["purpose"] == 0 and any(self.m.blocked(p.lot) for p in unit.parts):
            yield "BatchBlocked"

        def apply() -> None:
            unit.state, unit.since = UNDER_WAY, v["happenedAt"]
            unit.recipient, unit.due = v["recipient"], v["due"]

        self.apply = apply

    def ReceiveUnit(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.party()
        if not v["accepted"] and not v["reason"]:
            yield "BatchTextMissing"
        yield from self._unit(v, {UNDER_WAY}, "recipient")
        unit = self.m.units.get(v["unit"])
        if unit is None:
            return

        def apply() -> None:
            unit.state, unit.since = PACKED, v["happenedAt"]
            if v["accepted"]:
                unit.holder = self.author

        self.apply = apply

    # ------------------------------------------------------------ findings

    def _about(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["lot"] not in self.m.lots:
            yield "OversightLotUnknown"

    def Inspect(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.LABORATORY)
        yield from self._about(v)
        if v["sampledAt"] > v["happenedAt"] or v["result"] not in (1, 2, 3):
            yield "OversightValueInvalid"
        if not v["number"]:
            yield "OversightTextMissing"
        lot = self.m.lots.get(v["lot"])
        if lot is not None and v["sampledAt"] < lot.begun:
            yield "OversightSampledBeforeMade"
        for time in (v["sampledAt"], self.m.now):
            if not self.m.accredited(self.author, v["standard"], time):
                yield "OversightNotAccredited"

    def _oversees(self) -> bool:
        return self.m.accredited(self.author, "oversight", self.m.now)

    def Hold(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._stop(v, recall=False)

    def Recall(self, v: Mapping[str, Any]) -> Iterator[str]:
        if v["completeTo"] > self.m.size:
            yield "OversightValueInvalid"
        yield from self._stop(v, recall=True)

    def _stop(self, v: Mapping[str, Any], *, recall: bool) -> Iterator[str]:
        yield from self._about(v)
        lot = self.m.lots.get(v["lot"])
        makes = lot is not None and lot.maker == self.author
        makes = makes and self.m.has(self.signers[0], CUSTODY)
        if not (self.quorate or makes or self._oversees()):
            yield "OversightNoRight"
        if not v["reason"]:
            yield "OversightTextMissing"
        if self.digest in self.m.standing.get(v["lot"], {}):
            yield "OversightStandsAlready"
        put = {self.digest: (self.author, recall)}
        self.apply = lambda: self.m.standing.setdefault(v["lot"], {}).update(put)

    def Release(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._about(v)
        stops = self.m.standing.get(v["lot"], {})
        if v["hold"] not in stops:
            yield "OversightNotStanding"
            return
        own = stops[v["hold"]][0] == self.author
        entitled = self.m.has(self.signers[0], CUSTODY) or self._oversees()
        if not self.quorate and not (own and entitled):
            yield "OversightNoRight"
        if not v["reason"]:
            yield "OversightTextMissing"
        self.apply = lambda: stops.pop(v["hold"])

    def Acknowledge(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._about(v)
        yield from self.party()
        if not self.m.standing.get(v["lot"], {}).get(v["recall"], (b"", False))[1]:
            yield "OversightNotStanding"

    def Correct(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self._about(v)
        if not v["text"]:
            yield "OversightTextMissing"

    def MirrorRecall(self, v: Mapping[str, Any]) -> Iterator[str]:
        yield from self.role(Role.MIRROR)
        if not self.m.accredited(self.author, v["register"], self.m.now):
            yield "OversightNotAccredited"
        if (self.author, v["register"]) not in self.m.publications.values():
            yield "OversightNothingPublished"
        if v["organisation"] not in self.m.organisations:
            yield "OversightFirmUnknown"
        if not v["number"]:
            yield "OversightTextMissing"
        if 0 < v["ended"] < v["initiated"]:
            yield "OversightValueInvalid"
