"""The contracts of batches on a ledger that already holds qualifications, with a cast that makes,
hands over, stores, tests and recalls.

Two processes of invented figures lead from polymer to masks. The makers' licences are issued before
the contracts of batches are deployed, as it is in life; each maker cites his own.

>>> with batch_world(tmp_path) as world:
...     polymer = world.commissioned(quantity=1000)
...     world.hand_over(polymer, "polymer maker", "second supplier", 400)
...     fabric = world.transformed(Part(polymer, 110), quantity=100)
...     assert world.stock(fabric, "weaver") == (100, 0, world.now)
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from eth_hash.auto import keccak

from ledger.typed_data import (
    ACTIONS,
    Citation,
    Part,
    SignedEntry,
    Value,
    lot_id,
    unit_id,
)
from ledger.vocabulary import NO_END, Role
from tests.support.contract_world import (
    CAST,
    CATEGORY,
    DAY,
    FOUNDED,
    KIND,
    ContractWorld,
    account,
    copy_as,
    create,
    found,
    open_as,
    org,
    recover,
)

BATCHES: Final = "BatchLedger"
UNITS: Final = "LogisticUnits"
OVERSIGHT: Final = "BatchOversight"

#: A raw material, and what is made of it; masks (``CATEGORY``) are made of that.
RAW: Final = "polymer.polypropylene"
FABRIC: Final = "fabric.meltblown"
STANDARD: Final = "YY 0469-2011"
SPINNING: Final = "melt-blowing"
SEWING: Final = "mask-making"
#: GTINs and an SSCC with right check digits, of a prefix that GS1 keeps for demonstrations.
RAW_GTIN: Final = 9_521_234_000_013
FABRIC_GTIN: Final = 9_521_234_000_020
MASK_GTIN: Final = 9_521_234_000_037
SSCC: Final = 395_212_340_000_000_014

#: Who is in the cast beside those of the registries: account → organisation and role. The maker
#: of fabric is ``second supplier`` (``weaver``), the maker of masks ``supplier`` (``maker``).
BATCH_CAST: Final[Mapping[str, tuple[str, Role]]] = {
    "polymer maker": ("refinery", Role.SUPPLIER),
    "second polymer maker": ("cracker", Role.SUPPLIER),
    "storekeeper": ("warehouse", Role.STORE),
    "shopkeeper": ("store", Role.STORE),
    "second shopkeeper": ("second store", Role.STORE),
    "tester": ("laboratory", Role.LABORATORY),
    "inspector": ("inspectorate", Role.AUDITOR),
    # Another account of the bureau, so that the issuer's nonces are all unused.
    "licensor": ("bureau", Role.ISSUER),
    # Of the maker's organisation, but without a role in which goods are had.
    "makers tester": ("maker", Role.LABORATORY),
}
_BATCH_ORGANISATIONS: Final[Mapping[str, Role]] = {
    "refinery": Role.SUPPLIER,
    "cracker": Role.SUPPLIER,
    "warehouse": Role.STORE,
    "store": Role.STORE,
    "second store": Role.STORE,
    "laboratory": Role.LABORATORY,
    "inspectorate": Role.AUDITOR,
}
_LICENSED: Final = [("refinery", RAW), ("cracker", RAW), ("weaver", FABRIC), ("maker", CATEGORY)]


def organisation(name: str) -> str:
    """The organisation of an account of either cast."""
    return (CAST.get(name) or BATCH_CAST[name])[0]


def role(name: str) -> Role:
    """The role of an account of either cast."""
    return (CAST.get(name) or BATCH_CAST[name])[1]


def issued_citation(author: bytes, kind: str, digest: bytes, *, any_model: bool = True) -> Citation:
    """The citation of a qualification that no register mirrors."""
    return Citation(author, bytes(32), keccak(kind.encode()), digest, any_model)


@dataclass
class BatchWorld(ContractWorld):
    """A founded ledger with the contracts of batches."""

    #: Organisation → the citation of its licence to make what it makes in this cast.
    licences: dict[str, Citation] = field(default_factory=dict)

    # ---------------------------------------------------------------- making

    def licence(self, holder: str, category: str, **values: Value) -> Citation:
        """Have a licence issued, and cite it."""
        entry = self.issue(by="licensor", holder=org(holder), category=category, **values)
        self.accepted(entry)
        model, kind = entry.entry.values["model"], entry.entry.values["kind"]
        assert isinstance(kind, str)
        return issued_citation(org("bureau"), kind, self.digest(entry), any_model=model == "")

    def commission(self, *, by: str = "polymer maker", **values: Value) -> SignedEntry:
        licence = self.licences.get(organisation(by))
        given: dict[str, Value] = {
            "quantity": 1000,
            "gtin": RAW_GTIN,
            "originNotShown": False,
            "document": keccak(b"certificate of analysis"),
            "lot": "PP-1",
            "category": RAW,
            "model": "",
            "unit": "KGM",
            "place": "Hall 1",
            "origin": "",
            "cited": (licence,) if licence else (),
        }
        return self.act("Commission", by, **{**given, **values})

    def commissioned(self, *, by: str = "polymer maker", **values: Value) -> bytes:
        """The id of a lot that was commissioned by this."""
        return self.made(self.commission(by=by, **values))

    def found_goods(self, *, by: str = "storekeeper", **values: Value) -> SignedEntry:
        """A commission of masks whose origin is not shown."""
        given: dict[str, Value] = {
            "gtin": 0,
            "originNotShown": True,
            "lot": "GIFT-1",
            "category": CATEGORY,
            "unit": "H87",
            "origin": "a donation",
            "cited": (),
        }
        return self.commission(by=by, **{**given, **values})

    def transform(self, *inputs: Part, by: str = "second supplier", **values: Value) -> SignedEntry:
        """Fabric of polymer; the inputs come in the order of their lots, as they must."""
        licence = self.licences.get(organisation(by))
        given: dict[str, Value] = {
            "quantity": 100,
            "gtin": FABRIC_GTIN,
            "lot": "MB-1",
            "category": FABRIC,
            "model": "",
            "unit": "KGM",
            "process": SPINNING,
            "place": "Line 1",
            "inputs": tuple(sorted(inputs)),
            "cited": (licence,) if licence else (),
        }
        return self.act("Transform", by, **{**given, **values})

    def sew(self, *inputs: Part, by: str = "supplier", **values: Value) -> SignedEntry:
        """Masks of fabric."""
        given: dict[str, Value] = {
            "quantity": 1000,
            "gtin": MASK_GTIN,
            "lot": "SM-1",
            "category": CATEGORY,
            "unit": "H87",
            "process": SEWING,
        }
        return self.transform(*inputs, by=by, **{**given, **values})

    def transformed(self, *inputs: Part, by: str = "second supplier", **values: Value) -> bytes:
        """The id of the lot of fabric that was made of these."""
        return self.made(self.transform(*inputs, by=by, **values))

    def made(self, entry: SignedEntry) -> bytes:
        """Record what makes a lot; returns the lot's id."""
        [recorded] = self.accepted(entry)
        gtin, number = entry.entry.values["gtin"], entry.entry.values["lot"]
        assert isinstance(gtin, int)
        assert isinstance(number, str)
        assert recorded.subject == lot_id(recorded.author, gtin, number)
        return recorded.subject

    def polymer_at_weaver(self, quantity: int = 1000, lot: str = "PP-1") -> bytes:
        """A lot of polymer, all of which the maker of fabric has."""
        id_ = self.commissioned(quantity=quantity, lot=lot)
        self.hand_over(id_, "polymer maker", "second supplier", quantity)
        return id_

    def set_ingredient(self, **values: Value) -> SignedEntry:
        """Of the process that makes fabric: 100 kg need at least 100 kg of polymer, at most 120."""
        given: dict[str, Value] = {
            "least": 100,
            "most": 120,
            "per": 100,
            "process": SPINNING,
            "category": FABRIC,
            "unit": "KGM",
            "input": RAW,
            "inputUnit": "KGM",
        }
        return self.ruled("SetIngredient", **{**given, **values})

    # ---------------------------------------------------------------- custody

    def ship(
        self, lot: bytes, by: str, to: str, quantity: int = 100, /, **values: Value
    ) -> SignedEntry:
        """``to`` names an account of the receiving organisation."""
        given: dict[str, Value] = {
            "lot": lot,
            "recipient": org(organisation(to)),
            "quantity": quantity,
            "due": self.now + 7 * DAY,
            "purpose": 0,
            "reference": "DN-1",
        }
        return self.act("Ship", by, **{**given, **values})

    def receive(self, shipment: SignedEntry, by: str, /, **values: Value) -> SignedEntry:
        """The receipt of a shipment that was recorded; all of it unless ``accepted`` says less."""
        sent: Mapping[str, Any] = shipment.entry.values
        given: dict[str, Value] = {
            "lot": sent["lot"],
            "shipment": self.digest(shipment),
            "sender": self._author(shipment),
            "accepted": sent["quantity"],
            "reason": "as counted",
        }
        return self.act("Receive", by, **{**given, **values})

    def settle(self, shipment: SignedEntry, by: str, /, **values: Value) -> SignedEntry:
        """The sender's account of what was not accepted; nothing returned or lost unless said."""
        sent: Mapping[str, Any] = shipment.entry.values
        given: dict[str, Value] = {
            "lot": sent["lot"],
            "shipment": self.digest(shipment),
            "recipient": sent["recipient"],
            "returned": 0,
            "lost": 0,
            "reason": "as agreed",
        }
        return self.act("Settle", by, **{**given, **values})

    def shipped(
        self, lot: bytes, by: str, to: str, quantity: int = 100, /, **values: Value
    ) -> SignedEntry:
        """A shipment that was recorded."""
        shipment = self.ship(lot, by, to, quantity, **values)
        self.accepted(shipment)
        return shipment

    def hand_over(self, lot: bytes, by: str, to: str, quantity: int = 100) -> None:
        """Ship and receive all of it."""
        shipment = self.shipped(lot, by, to, quantity)
        self.accepted(self.receive(shipment, to))

    def alone(self, action: str, by: str, lot: bytes, /, **values: Value) -> SignedEntry:
        """What a custodian does alone: CloseLot, Adjust, Dispense, Destroy; 10 unless said."""
        given: dict[str, Value] = {
            "lot": lot,
            "quantity": 10,
            "up": False,
            "reason": "as counted",
            "to": "ward 3",
            **values,
        }
        names = {f.name for f in ACTIONS[action].fields}
        return self.act(action, by, **{k: v for k, v in given.items() if k in names})

    # ---------------------------------------------------------------- logistic units

    def aggregate(self, by: str, /, *parts: Part, **values: Value) -> SignedEntry:
        given: dict[str, Value] = {"sscc": SSCC, "parts": tuple(sorted(parts))}
        return self.act("Aggregate", by, **{**given, **values})

    def packed(self, by: str, /, *parts: Part, sscc: int = SSCC) -> bytes:
        """The id of a unit that was packed of these."""
        [recorded] = self.accepted(self.aggregate(by, *parts, sscc=sscc))
        assert recorded.subject == unit_id(org(organisation(by)), sscc)
        return recorded.subject

    def of_unit(
        self, action: str, by: str, unit: bytes, parts: Sequence[Part], /, **values: Value
    ) -> SignedEntry:
        """TakeApart, ShipUnit (to the shopkeeper unless said) or ReceiveUnit."""
        given: dict[str, Value] = {
            "unit": unit,
            "recipient": org("store"),
            "due": self.now + 7 * DAY,
            "purpose": 0,
            "accepted": True,
            "reason": "",
            "parts": tuple(sorted(parts)),
            **values,
        }
        names = {f.name for f in ACTIONS[action].fields}
        return self.act(action, by, **{k: v for k, v in given.items() if k in names})

    # ---------------------------------------------------------------- oversight

    def inspect(self, lot: bytes, *, by: str = "tester", **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "lot": lot,
            "sampledAt": self.now,
            "result": 1,
            "document": keccak(b"report"),
            "standard": STANDARD,
            "number": "TR-2020-1",
        }
        return self.act("Inspect", by, **{**given, **values})

    def stop(
        self, action: str, lot: bytes, *beside: str, by: str = "inspector", **values: Value
    ) -> SignedEntry:
        """Hold or Recall."""
        given: dict[str, Value] = {
            "lot": lot,
            "document": keccak(b"order"),
            "reason": "filters too little",
            "completeTo": self.size(),
            "campaign": keccak(b"campaign"),
            **values,
        }
        names = {f.name for f in ACTIONS[action].fields}
        return self.act(action, by, *beside, **{k: v for k, v in given.items() if k in names})

    def stopped(self, action: str, lot: bytes, *, by: str = "inspector", **values: Value) -> bytes:
        """The id of a hold or recall that was recorded."""
        entry = self.stop(action, lot, by=by, **values)
        self.accepted(entry)
        return self.digest(entry)

    def release(
        self, lot: bytes, hold: bytes, *beside: str, by: str = "inspector", **values: Value
    ) -> SignedEntry:
        given: dict[str, Value] = {
            "lot": lot,
            "hold": hold,
            "document": bytes(32),
            "reason": "tested again",
        }
        return self.act("Release", by, *beside, **{**given, **values})

    def acknowledge(
        self, lot: bytes, recall: bytes, *, by: str = "shopkeeper", **values: Value
    ) -> SignedEntry:
        given: dict[str, Value] = {
            "lot": lot,
            "recall": recall,
            "setAside": 40,
            "gone": 60,
            "note": "",
        }
        return self.act("Acknowledge", by, **{**given, **values})

    def correct(
        self, lot: bytes, entry: bytes, *, by: str = "storekeeper", **values: Value
    ) -> SignedEntry:
        given: dict[str, Value] = {
            "lot": lot,
            "entry": entry,
            "document": bytes(32),
            "text": "the certificate names another lot",
        }
        return self.act("Correct", by, **{**given, **values})

    def mirror_recall(self, *, by: str = "mirror", **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "organisation": org("maker"),
            "publication": keccak(b"publication"),
            "document": keccak(b"row"),
            "initiated": FOUNDED - DAY,
            "ended": 0,
            "register": "register:niosh-n95",
            "number": "Z-0001-2020",
            "product": "Surgical mask",
            "lots": "SM-1, SM-2",
            "reason": "filters too little",
        }
        return self.act("MirrorRecall", by, **{**given, **values})

    # ---------------------------------------------------------------- reading

    def lot(self, id_: bytes) -> tuple[bytes, bytes, int, int, int, int]:
        """Goods, model, what its maker has and lost, when it was begun, state."""
        returns = "bytes10,bytes6,uint40,uint40,uint8"
        goods, model, *rest = self.view(BATCHES, "lot(bytes32)", returns, id_)
        on_hand, made_at, state = rest
        _, lost, _ = self.view(
            BATCHES, "stock(bytes32,bytes20)", "uint40,uint40,uint40", id_, id_[:20]
        )
        return (bytes(goods), bytes(model), on_hand, lost, made_at, state)

    def stock(self, lot: bytes, custodian: str) -> tuple[int, int, int]:
        """What an organisation of the cast has and lost, and since when."""
        found: tuple[int, int, int] = self.view(
            BATCHES, "stock(bytes32,bytes20)", "uint40,uint40,uint40", lot, org(custodian)
        )
        return found

    def parcel(self, shipment: SignedEntry) -> tuple[int, int, int, bool]:
        """What is not accounted for, when it was sent and due, whether it was answered."""
        sent: Mapping[str, Any] = shipment.entry.values
        found: tuple[int, int, int, bool] = self.view(
            BATCHES,
            "parcel(bytes32,bytes32,bytes20,bytes20)",
            "uint40,uint40,uint40,bool",
            self.digest(shipment),
            sent["lot"],
            self._author(shipment),
            sent["recipient"],
        )
        return found

    def process(self, name: str) -> tuple[bytes, list[tuple[bytes, int, int, int]]]:
        """The output goods, and for each ingredient its goods, least, most and per."""
        output, *lists = self.view(
            BATCHES,
            "process(bytes32)",
            "bytes10,bytes10[],uint40[],uint40[],uint40[]",
            keccak(name.encode()),
        )
        return bytes(output), list(zip(*lists, strict=True))

    def unit(self, id_: bytes) -> tuple[bytes, int, int, bytes, bytes, int]:
        """Holder, since when, state, hash of the parts, to whom it was last sent, due when."""
        returns = "bytes20,uint40,uint8,bytes32,bytes20,uint40"
        holder, since, state, contents, recipient, due = self.view(
            UNITS, "unit(bytes32)", returns, id_
        )
        return (bytes(holder), since, state, bytes(contents), bytes(recipient), due)

    def standing(self, lot: bytes, digest: bytes) -> tuple[bytes, bool]:
        """Who set the hold or recall, and whether it is a recall."""
        author, recall = self.view(
            OVERSIGHT, "standing(bytes32,bytes32)", "bytes20,bool", lot, digest
        )
        return (bytes(author), recall)

    def standings(self, lot: bytes) -> int:
        """How many holds and recalls stand."""
        return int(self.view(OVERSIGHT, "standings(bytes32)", "uint256", lot))

    def _author(self, signed: SignedEntry) -> bytes:
        """The organisation of the cast whose account signed first."""
        signer = recover(self.digest(signed), signed.signatures[0])
        [name] = [n for n in {**CAST, **BATCH_CAST} if account(n) == signer]
        return org(organisation(name))


def deploy_batches(world: ContractWorld) -> list[bytes]:
    """Deploy the contracts of batches beside the registries; they are not admitted yet. Returns
    the addresses in the order in which they are admitted."""
    registry = world.addresses["QualificationRegistry"]
    made = create(world.chain, world.sender, BATCHES, (registry,))
    assert made.contract_address is not None
    world.addresses[BATCHES] = made.contract_address
    for name, view in [(UNITS, "units()"), (OVERSIGHT, "oversight()")]:
        world.addresses[name] = bytes.fromhex(world.view(BATCHES, view, "address")[2:])
    return [world.addresses[name] for name in (BATCHES, UNITS, OVERSIGHT)]


def _found_batches(world: BatchWorld) -> None:
    found(world)
    world.accepted(
        *(world.register(name, held) for name, held in _BATCH_ORGANISATIONS.items()),
        world.ruled(
            "ChangeOrganisation",
            organisation=org("maker"),
            status=2,
            roles=int(Role.SUPPLIER | Role.LABORATORY),
            division=420100000000,
            reason="tests its own masks",
        ),
        *(world.add_account(name, org(of), held) for name, (of, held) in BATCH_CAST.items()),
        *(
            world.ruled("Accredit", organisation=org(o), **{"from": 1}, until=NO_END, kind=kind)
            for o, kind in [("laboratory", STANDARD), ("inspectorate", "oversight")]
        ),
        world.set_category(RAW, "聚丙烯", "Polypropylene", rawMaterial=True, unit="KGM"),
        world.set_category(FABRIC, "熔喷布", "Melt-blown fabric", unit="KGM"),
    )
    for holder, category in _LICENSED:
        world.licences[holder] = world.licence(holder, category)
    world.require(KIND, RAW)
    world.require(KIND, FABRIC)
    addresses = deploy_batches(world)
    world.accepted(
        *(
            world.ruled("AdmitContract", ledger=a, name=name)
            for a, name in zip(addresses, (BATCHES, UNITS, OVERSIGHT), strict=True)
        ),
        world.set_ingredient(),
        world.set_ingredient(
            least=3,
            most=4,
            per=1000,
            process=SEWING,
            category=CATEGORY,
            unit="H87",
            input=FABRIC,
        ),
    )


@cache
def _template() -> tuple[Path, BatchWorld]:
    path = Path(tempfile.mkdtemp(prefix="suyuan-batches-")) / "chain.db"
    world = open_as(BatchWorld, path)
    _found_batches(world)
    world.chain.close()
    return path, world


@contextmanager
def batch_world(folder: Path) -> Iterator[BatchWorld]:
    """A founded ledger with the contracts of batches, of its own below ``folder``."""
    file, template = _template()
    world = copy_as(BatchWorld, folder, file, template)
    world.licences = dict(template.licences)
    try:
        yield world
    finally:
        world.chain.close()
