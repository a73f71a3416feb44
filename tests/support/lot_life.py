"""A busy life of lots on the real contracts: whatever is allowed happens, in a seeded order.

>>> with batch_world(tmp_path) as world:
...     life = LotLife(world, seed=1)
...     life.live(400)
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eth_hash.auto import keccak

from ledger.chain.deployment import DeployedContract, Deployment
from ledger.chain.embedded import EmbeddedChain
from ledger.typed_data import Part, SignedEntry
from tests.support.batch_world import (
    RAW,
    SPINNING,
    SSCC,
    BatchWorld,
    organisation,
)
from tests.support.contract_world import DAY, org

_CUSTODIANS = ("polymer maker", "second supplier", "supplier", "storekeeper", "shopkeeper")


def deployment(world: BatchWorld) -> Deployment:
    """The contracts of this world, as a deployment file names them."""
    assert isinstance(world.chain, EmbeddedChain)
    return Deployment(
        world.chain.chain_id(),
        world.chain.genesis_hash(),
        {
            name: DeployedContract(name, address, keccak(world.chain.code(address)), 1)
            for name, address in world.addresses.items()
        },
    )


@dataclass
class LotLife:
    """Who has what is asked of the contracts themselves; what they refuse did not happen."""

    world: BatchWorld
    seed: int
    lots: list[bytes] = field(default_factory=list)
    shipments: list[tuple[SignedEntry, str]] = field(default_factory=list)
    units: list[tuple[bytes, str, tuple[Part, ...], str]] = field(default_factory=list)
    stops: list[tuple[bytes, bytes, bool]] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def live(self, acts: int) -> None:
        """Try so many acts."""
        usual: list[tuple[int, Callable[[], SignedEntry | None]]] = [
            (12, self._commission), (4, self._gift), (36, self._spin), (20, self._sew),
            (20, self._ship), (18, self._receive), (6, self._settle), (2, self._close),
            (8, self._alone), (3, self._ingredient), (6, self._pack), (8, self._of_unit),
            (9, self._notice), (3, self._stop), (4, self._release),
        ]  # fmt: skip
        weights, kinds = [w for w, _ in usual], [k for _, k in usual]
        for _ in range(acts):
            self.world.now += self.chance.randrange(1, 4000)
            entry = self.chance.choices(kinds, weights)[0]()
            if entry is not None:
                self._record(entry)

    def _record(self, entry: SignedEntry) -> None:
        made = self.world.record(entry)
        if not made.recorded:
            return
        name, values = entry.entry.action.name, entry.entry.values
        digest = self.world.digest(entry)
        self.done[name] = self.done.get(name, 0) + 1
        subject, author = made.recorded[0].subject, made.recorded[0].author
        if name in ("Commission", "Transform") and subject not in self.lots:
            self.lots.append(subject)
        elif name == "Ship":
            self.shipments.append((entry, _custodian(values["recipient"])))
        elif name == "Aggregate":
            self.units.append((subject, _custodian(author), _parts(values["parts"]), ""))
        elif name in ("TakeApart", "ShipUnit", "ReceiveUnit"):
            at = next(i for i, u in enumerate(self.units) if u[0] == subject)
            unit, holder, parts, to = self.units.pop(at)
            if name == "ShipUnit":
                self.units.append((unit, holder, parts, _custodian(values["recipient"])))
            elif name == "ReceiveUnit":
                self.units.append((unit, to if values["accepted"] else holder, parts, ""))
        elif name in ("Hold", "Recall"):
            self.stops.append((subject, digest, name == "Recall"))

    # -- acts

    def _quantity(self, most: int) -> int:
        return self.chance.choice([1, most, max(1, most // 2), max(1, most // 3)])

    def _owned(self, custodian: str) -> list[tuple[bytes, int]]:
        of = organisation(custodian)
        found = ((lot, self.world.stock(lot, of)[0]) for lot in self.lots)
        return [(lot, quantity) for lot, quantity in found if quantity]

    def _some(self, custodian: str, most: int) -> list[Part]:
        owned = self._owned(custodian)
        chosen = self.chance.sample(owned, min(len(owned), self.chance.randint(1, most)))
        return [Part(lot, self._quantity(quantity)) for lot, quantity in chosen]

    def _number(self, kind: str) -> str:
        """Of a new lot, or of one that may still be open."""
        made = len(self.lots)
        return f"{kind}-{self.chance.choice([made, made, max(0, made - 1), made // 2])}"

    def _commission(self) -> SignedEntry:
        number = f"PP-{len(self.lots)}"
        return self.world.commission(quantity=self.chance.randint(100, 2000), lot=number)

    def _gift(self) -> SignedEntry:
        number, by = f"GIFT-{len(self.lots)}", self.chance.choice(["storekeeper", "shopkeeper"])
        return self.world.found_goods(by=by, lot=number, quantity=self.chance.randint(10, 500))

    def _spin(self) -> SignedEntry | None:
        parts = self._some("second supplier", 3)
        if not parts:
            return None
        given = sum(p.quantity for p in parts)
        quantity = max(1, given * self.chance.choice([100, 95, 60]) // 100)
        number = self._number("MB")
        return self.world.transform(*parts, quantity=quantity, lot=number)

    def _sew(self) -> SignedEntry | None:
        parts = self._some("supplier", 2)
        if not parts:
            return None
        number = self._number("SM")
        quantity = max(1, sum(p.quantity for p in parts) * self.chance.choice([333, 200, 100]))
        return self.world.sew(*parts, quantity=quantity, lot=number)

    def _ship(self) -> SignedEntry | None:
        by, to = self.chance.sample((*_CUSTODIANS, "polymer maker", "polymer maker"), 2)
        # What is made further on is mostly wanted further on.
        to = {"polymer maker": "second supplier", "second supplier": "supplier"}.get(by, to)
        parts = self._some(by, 1)
        if not parts or by == to:
            return None
        [part] = parts
        return self.world.ship(
            part.lot, by, to, part.quantity,
            purpose=self.chance.choice([0, 0, 0, 1, 2]), due=self.world.now + DAY,
        )  # fmt: skip

    def _receive(self) -> SignedEntry | None:
        if not self.shipments:
            return None
        shipment, to = self.chance.choice(self.shipments[-8:])
        sent: Any = shipment.entry.values["quantity"]
        accepted = self.chance.choice([sent, sent, sent, sent // 2, 0])
        return self.world.receive(shipment, to, accepted=accepted)

    def _settle(self) -> SignedEntry | None:
        if not self.shipments:
            return None
        shipment, _ = self.chance.choice(self.shipments)
        left = self.world.parcel(shipment)[0]
        by = _custodian(self.world._author(shipment))
        lost = self.chance.choice([0, left, left // 2])
        returned = self.chance.choice([left - lost, (left - lost) // 2])
        return self.world.settle(shipment, by, returned=returned, lost=lost)

    def _close(self) -> SignedEntry | None:
        return self._about("CloseLot", "second supplier")

    def _alone(self) -> SignedEntry | None:
        action = self.chance.choice(["Adjust", "Adjust", "Dispense", "Destroy"])
        by = self.chance.choice(_CUSTODIANS)
        parts = self._some(by, 1)
        if not parts:
            return None
        [part] = parts
        return self.world.alone(
            action, by, part.lot,
            quantity=max(1, part.quantity // 4), up=self.chance.random() < 0.5,
        )  # fmt: skip

    def _about(self, action: str, by: str) -> SignedEntry | None:
        return self.world.alone(action, by, self.chance.choice(self.lots)) if self.lots else None

    def _ingredient(self) -> SignedEntry:
        least = self.chance.choice([90, 100, 110])
        change = self.chance.choice(["own", "own", "other", "none"])
        values: dict[str, Any] = {"least": least, "most": self.chance.choice([0, least + 10])}
        if change != "own":
            values.update(process="calendering", input=RAW, per=0 if change == "none" else 100)
        else:
            values.update(process=SPINNING)
        return self.world.set_ingredient(**values)

    def _pack(self) -> SignedEntry | None:
        by = self.chance.choice(_CUSTODIANS)
        parts = self._some(by, 3)
        if not parts:
            return None
        return self.world.aggregate(by, *parts, sscc=_sscc(len(self.units) + self.world.size()))

    def _of_unit(self) -> SignedEntry | None:
        if not self.units:
            return None
        unit, holder, parts, to = self.chance.choice(self.units)
        if to:
            accepted = self.chance.random() < 0.7
            if self.chance.random() < 0.2:
                return self.world.of_unit("TakeApart", holder, unit, parts)
            return self.world.of_unit(
                "ReceiveUnit", to, unit, parts, accepted=accepted, reason="as counted"
            )
        if self.chance.random() < 0.4:
            return self.world.of_unit("TakeApart", holder, unit, parts)
        other = self.chance.choice([c for c in _CUSTODIANS if c != holder])
        return self.world.of_unit(
            "ShipUnit", holder, unit, parts,
            recipient=org(organisation(other)), due=self.world.now + DAY,
        )  # fmt: skip

    def _notice(self) -> SignedEntry | None:
        if not self.lots:
            return None
        lot = self.chance.choice(self.lots)
        recalls = [(at, digest) for at, digest, recall in self.stops if recall]
        choice = self.chance.random()
        if choice < 0.4:
            return self.world.inspect(lot, number=f"TR-{self.world.size()}")
        if choice < 0.7 and recalls:
            return self.world.acknowledge(*self.chance.choice(recalls))
        return self.world.correct(lot, bytes(32))

    def _stop(self) -> SignedEntry | None:
        if not self.lots:
            return None
        action = self.chance.choice(["Hold", "Recall"])
        return self.world.stop(action, self.chance.choice(self.lots))

    def _release(self) -> SignedEntry | None:
        if not self.stops:
            return None
        lot, digest, _ = self.chance.choice(self.stops)
        return self.world.release(lot, digest)


def _custodian(id_: object) -> str:
    return next(name for name in _CUSTODIANS if org(organisation(name)) == id_)


def _parts(value: object) -> tuple[Part, ...]:
    assert isinstance(value, tuple)
    return value


def _sscc(number: int) -> int:
    """A serial shipping container code with its check digit (GS1 General Specifications, 7.9)."""
    digits = SSCC // 10_000_000 * 1_000_000 + number
    weighed = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(str(digits))))
    return digits * 10 + -weighed % 10
