"""The sentences 21 to 37 of ``INVARIANTS.md``, told from nothing but what was recorded.

The model says what the contracts should decide; here nothing is decided. Each recorded entry is
added to sums and lists, and may not say what a sentence forbids. So a rule that contract and model
both got wrong in the same way still shows.
"""

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from eth_hash.auto import keccak

from ledger.typed_data import Citation, Part, SignedEntry, goods, lot_id, unit_id
from ledger.vocabulary import OrganisationStatus as Status
from ledger.vocabulary import Role
from tests.support.batch_world import BATCHES, BatchWorld
from tests.support.contract_world import Recorded

_MADE, _OPEN, _NOT_SHOWN, _BLOCKED, _UNDERRUN = 1, 2, 4, 8, 16
_CUSTODY: Final = Role.SUPPLIER | Role.STORE | Role.BUYER
_GATE: Final = "gate(bytes20,bytes32,bytes32,uint256,(bytes20,bytes32,bytes32,bytes32,bool)[])"


@dataclass
class Sent:
    """A shipment, as its entries tell it."""

    lot: bytes
    sender: bytes
    recipient: bytes
    quantity: int
    at: int
    due: int
    left: int
    answered: bool = False
    settled: bool = False


@dataclass
class Packed:
    """A logistic unit, as its entries tell it."""

    parts: tuple[Part, ...]
    holder: bytes
    at: int
    #: To whom it is under way.
    recipient: bytes | None = None
    due: int = 0
    apart: bool = False


@dataclass
class Laws:
    world: BatchWorld
    #: What was made of each lot, and what is no more: used, dispensed, destroyed.
    made: Counter[bytes] = field(default_factory=Counter)
    gone: Counter[bytes] = field(default_factory=Counter)
    #: Lot and custodian → what he lost and did not find again.
    lost: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    #: Lot and custodian → when he first had some.
    had: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    goods: dict[bytes, tuple[bytes, bytes, bool]] = field(default_factory=dict)
    never_grow: set[bytes] = field(default_factory=set)
    underrun: set[bytes] = field(default_factory=set)
    inputs: dict[bytes, set[bytes]] = field(default_factory=dict)
    sent: dict[bytes, Sent] = field(default_factory=dict)
    packed: dict[bytes, Packed] = field(default_factory=dict)
    #: Process → its output, and for each input goods least, most, per.
    processes: dict[str, tuple[bytes, dict[bytes, tuple[int, int, int]]]] = field(
        default_factory=dict
    )
    #: Lot → hold or recall → who set it.
    standing: dict[bytes, dict[bytes, bytes]] = field(default_factory=dict)
    #: The lots that the last entries touched.
    touched: set[bytes] = field(default_factory=set)
    #: What was done with lots while they were blocked.
    while_blocked: Counter[str] = field(default_factory=Counter)
    grown: int = 0

    def follow(self, signed: SignedEntry, recorded: Recorded) -> None:
        """One recorded entry."""
        told = getattr(self, signed.entry.action.name, None)
        if told is not None:
            told(signed.entry.values, recorded.author, self.world.digest(signed))

    # ------------------------------------------------------------ what happens to stocks

    def _blocked(self, lot: bytes, what: str, *, allowed: bool) -> None:
        self.touched.add(lot)
        if self.standing.get(lot):
            assert allowed, f"{what} while a hold or recall stands"  # 34
            self.while_blocked[what] += 1

    def _parted(self, lot: bytes, who: bytes, when: int) -> None:
        assert (lot, who) in self.had, "parted with what he never had"
        assert when >= self.had[lot, who]  # 30
        if lot[:20] == who:
            self.never_grow.add(lot)

    def _got(self, lot: bytes, who: bytes, when: int) -> None:
        self.touched.add(lot)
        self.had.setdefault((lot, who), when)

    # ------------------------------------------------------------ making

    def _new(self, v: Any, author: bytes, *, shown: bool) -> bytes:
        id_ = lot_id(author, v["gtin"], v["lot"])
        self.touched.add(id_)
        self.made[id_] += v["quantity"]
        what = (goods(v["category"], v["unit"]), keccak(v["model"].encode())[:6], shown)
        assert self.goods.setdefault(id_, what) == what  # 24
        self.had[id_, author] = min(self.had.get((id_, author), v["happenedAt"]), v["happenedAt"])
        if shown:  # 26
            refusal = self.world.view(
                "QualificationRegistry",
                _GATE,
                "bytes",
                author,
                keccak(v["category"].encode()),
                keccak(v["model"].encode()),
                v["happenedAt"],
                [Citation(*c) for c in v["cited"]],
            )
            assert refusal == b""
        return id_

    def Commission(self, v: Any, author: bytes, digest: bytes) -> None:
        id_ = lot_id(author, v["gtin"], v["lot"])
        assert id_ not in self.made  # 25
        if not v["originNotShown"]:
            category = keccak(v["category"].encode())
            registry = "QualificationRegistry"
            found = self.world.view(registry, "category(bytes32)", "bool,bool", category)
            assert found == (True, True)  # 25
        self._new(v, author, shown=not v["originNotShown"])
        self.never_grow.add(id_)

    def Transform(self, v: Any, author: bytes, digest: bytes) -> None:
        id_ = lot_id(author, v["gtin"], v["lot"])
        assert id_ not in self.never_grow  # 24
        self.grown += id_ in self.made
        self._blocked(id_, "growth", allowed=False)
        self._new(v, author, shown=True)
        output, ingredients = self.processes[v["process"]]
        assert output == self.goods[id_][0]
        went_in: Counter[bytes] = Counter()
        for part in v["inputs"]:
            self._blocked(part.lot, "use", allowed=False)
            self._parted(part.lot, author, v["happenedAt"])
            self.gone[part.lot] += part.quantity
            went_in[self.goods[part.lot][0]] += part.quantity
            self.inputs.setdefault(id_, set()).add(part.lot)
        assert set(went_in) <= set(ingredients)  # 28
        for kind, (least, most, per) in ingredients.items():
            each = Fraction(went_in[kind], v["quantity"])
            assert each >= Fraction(least, per)  # 28
            if most and each > Fraction(most, per):
                self.underrun.add(id_)

    def CloseLot(self, v: Any, author: bytes, digest: bytes) -> None:
        assert v["lot"][:20] == author  # 24
        assert v["happenedAt"] >= self.had[v["lot"], author]  # 30
        assert v["lot"] not in self.never_grow
        self.never_grow.add(v["lot"])
        self.touched.add(v["lot"])

    def SetIngredient(self, v: Any, author: bytes, digest: bytes) -> None:
        status, roles, _ = self.world.organisation(author)
        assert status == Status.ACTIVE  # 27
        assert roles & Role.AUTHORITY
        output, kind = goods(v["category"], v["unit"]), goods(v["input"], v["inputUnit"])
        before, ingredients = self.processes.get(v["process"], (output, {}))
        if ingredients:
            assert output == before
        if v["per"]:
            ingredients[kind] = (v["least"], v["most"], v["per"])
        else:
            del ingredients[kind]
        assert len(ingredients) <= 8
        self.processes[v["process"]] = (output, ingredients)

    # ------------------------------------------------------------ handing over

    def _recipient(self, v: Any, author: bytes) -> None:
        status, roles, _ = self.world.organisation(v["recipient"])
        assert v["recipient"] != author  # 33
        assert status == Status.ACTIVE
        assert roles & _CUSTODY

    def Ship(self, v: Any, author: bytes, digest: bytes) -> None:
        self._recipient(v, author)
        purpose = ("shipment", "return", "quarantine")[v["purpose"]]
        self._blocked(v["lot"], purpose, allowed=v["purpose"] > 0)
        self._parted(v["lot"], author, v["happenedAt"])
        times = (v["happenedAt"], v["due"])
        amount = v["quantity"]
        self.sent[digest] = Sent(v["lot"], author, v["recipient"], amount, *times, amount)

    def Receive(self, v: Any, author: bytes, digest: bytes) -> None:
        sent = self.sent[v["shipment"]]
        assert (v["lot"], v["sender"], author) == (sent.lot, sent.sender, sent.recipient)  # 31
        assert not sent.answered
        assert not sent.settled
        assert v["happenedAt"] >= sent.at  # 30
        sent.answered = True
        sent.left -= v["accepted"]
        assert sent.left >= 0
        self._blocked(v["lot"], "receipt", allowed=True)
        if v["accepted"]:
            self._got(v["lot"], author, v["happenedAt"])

    def Settle(self, v: Any, author: bytes, digest: bytes) -> None:
        sent = self.sent[v["shipment"]]
        assert (v["lot"], author, v["recipient"]) == (sent.lot, sent.sender, sent.recipient)  # 31
        assert sent.answered or self.world.now >= sent.due
        assert v["happenedAt"] >= sent.at  # 30
        sent.settled = True
        sent.left -= v["returned"] + v["lost"]
        assert sent.left >= 0
        self._blocked(v["lot"], "settlement", allowed=True)
        self.lost[v["lot"], author] += v["lost"]

    # ------------------------------------------------------------ alone

    def Adjust(self, v: Any, author: bytes, digest: bytes) -> None:
        what = "finding again" if v["up"] else "loss"
        self._blocked(v["lot"], what, allowed=True)
        self._parted(v["lot"], author, v["happenedAt"])
        self.lost[v["lot"], author] += -v["quantity"] if v["up"] else v["quantity"]
        assert self.lost[v["lot"], author] >= 0  # 29

    def Dispense(self, v: Any, author: bytes, digest: bytes) -> None:
        self._blocked(v["lot"], "dispensing", allowed=False)
        self._parted(v["lot"], author, v["happenedAt"])
        self.gone[v["lot"]] += v["quantity"]

    def Destroy(self, v: Any, author: bytes, digest: bytes) -> None:
        self._blocked(v["lot"], "destruction", allowed=True)
        self._parted(v["lot"], author, v["happenedAt"])
        self.gone[v["lot"]] += v["quantity"]

    # ------------------------------------------------------------ units

    def Aggregate(self, v: Any, author: bytes, digest: bytes) -> None:
        id_ = unit_id(author, v["sscc"])
        assert id_ not in self.packed  # 32
        for part in v["parts"]:
            self._blocked(part.lot, "packing", allowed=True)
            self._parted(part.lot, author, v["happenedAt"])
        self.packed[id_] = Packed(v["parts"], author, v["happenedAt"])

    def _known(self, v: Any) -> Packed:
        unit = self.packed[v["unit"]]
        assert unit.parts == v["parts"]  # 32
        assert not unit.apart
        assert v["happenedAt"] >= unit.at  # 30
        unit.at = v["happenedAt"]
        return unit

    def TakeApart(self, v: Any, author: bytes, digest: bytes) -> None:
        unit = self._known(v)
        assert unit.holder == author  # 32
        assert unit.recipient is None or self.world.now >= unit.due
        unit.apart = True
        for part in unit.parts:
            self._blocked(part.lot, "unpacking", allowed=True)
            self._got(part.lot, author, v["happenedAt"])

    def ShipUnit(self, v: Any, author: bytes, digest: bytes) -> None:
        unit = self._known(v)
        assert (unit.holder, unit.recipient) == (author, None)  # 32
        self._recipient(v, author)
        for part in unit.parts:
            self._blocked(part.lot, "shipping a unit", allowed=v["purpose"] > 0)
        unit.recipient, unit.due = v["recipient"], v["due"]

    def ReceiveUnit(self, v: Any, author: bytes, digest: bytes) -> None:
        unit = self._known(v)
        assert unit.recipient == author  # 32
        unit.recipient = None
        if v["accepted"]:
            unit.holder = author
        for part in unit.parts:
            self._blocked(part.lot, "receiving a unit", allowed=True)

    # ------------------------------------------------------------ findings

    def Inspect(self, v: Any, author: bytes, digest: bytes) -> None:
        since, until = self.world.accreditation(author, v["standard"])
        assert since <= v["sampledAt"] < until  # 37
        assert since <= self.world.now < until
        assert self.had[v["lot"], v["lot"][:20]] <= v["sampledAt"] <= v["happenedAt"]
        assert self.world.organisation(author)[1] & Role.LABORATORY

    def _entitled(self, author: bytes, *others: bytes) -> None:  # 36
        since, until = self.world.accreditation(author, "oversight")
        assert (
            author in others
            or since <= self.world.now < until
            or self.world.organisation(author)[1] & Role.AUTHORITY
        )

    def Hold(self, v: Any, author: bytes, digest: bytes) -> None:
        assert v["lot"] in self.made
        self._entitled(author, v["lot"][:20])
        self.standing.setdefault(v["lot"], {})[digest] = author
        self.touched.add(v["lot"])

    Recall = Hold

    def Release(self, v: Any, author: bytes, digest: bytes) -> None:
        by = self.standing[v["lot"]].pop(v["hold"])
        assert author == by or self.world.organisation(author)[1] & Role.AUTHORITY  # 36
        self.touched.add(v["lot"])

    # ------------------------------------------------------------ the whole

    def check(self) -> None:
        """What the contract says of the lots touched since the last check."""
        for lot in self.touched & self.made.keys():
            self._check_lot(lot)
        self.touched.clear()

    def check_all(self) -> None:
        self.touched |= self.made.keys()
        self.check()
        self.generations()  # 23
        for shipment, sent in self.sent.items():
            if sent.left:
                assert self._left(shipment, sent) == sent.left

    def _left(self, shipment: bytes, sent: Sent) -> int:
        found = self.world.view(
            BATCHES,
            "parcel(bytes32,bytes32,bytes20,bytes20)",
            "uint40,uint40,uint40,bool",
            shipment,
            sent.lot,
            sent.sender,
            sent.recipient,
        )
        return int(found[0])

    def _check_lot(self, lot: bytes) -> None:
        goods_, model, _, _, begun, state = self.world.lot(lot)
        shown = not state & _NOT_SHOWN
        assert state & _MADE
        assert (goods_, model, shown) == self.goods[lot]  # 24
        assert bool(state & _UNDERRUN) == (lot in self.underrun)  # 24, 28
        assert bool(state & _OPEN) == (lot not in self.never_grow)  # 24
        assert begun == self.had[lot, lot[:20]]
        stops = self.standing.get(lot, {})
        assert bool(state & _BLOCKED) == bool(stops)  # 35
        assert self.world.standings(lot) == len(stops)
        for digest, author in stops.items():
            assert self.world.standing(lot, digest)[0] == author

        on_hand = 0
        for custodian in (who for known, who in self.had if known == lot):
            has, lost, since = self._stock(lot, custodian)
            assert has + lost <= self.made[lot]  # 22
            assert lost == self.lost[lot, custodian]
            assert since == self.had[lot, custodian]
            on_hand += has + lost
        under_way = sum(
            self._left(shipment, sent)
            for shipment, sent in self.sent.items()
            if sent.lot == lot and sent.left
        )
        in_units = sum(
            part.quantity
            for unit in self.packed.values()
            for part in unit.parts
            if not unit.apart and part.lot == lot
        )
        assert self.made[lot] == on_hand + under_way + in_units + self.gone[lot]  # 21

    def _stock(self, lot: bytes, custodian: bytes) -> tuple[int, int, int]:
        found: tuple[int, int, int] = self.world.view(
            BATCHES, "stock(bytes32,bytes20)", "uint40,uint40,uint40", lot, custodian
        )
        return found

    def generations(self) -> int:
        """How many stages of making follow each other, at most."""
        waiting = {lot: self.inputs.get(lot, set()) for lot in self.made}
        count = 0
        while waiting:
            ready = {lot for lot, inputs in waiting.items() if not inputs & waiting.keys()}
            assert ready, "a lot is among what it was made of"
            for lot in ready:
                del waiting[lot]
            count += 1
        return count
