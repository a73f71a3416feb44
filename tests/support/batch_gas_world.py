"""A hundred good entries of each action of the contracts of batches, as dear as they come in life.

Every entry is about another lot; who ships and who uses up did not make the lots; who receives
never had any of them; what is transformed is of another model each, under licences of its own. So
hardly a word that an entry reads or writes was touched by the entry before it. Only who commissions
does so under the same two licences, without a document: with licences and a model of its own for
each lot, a document and a long place it costs about 5,100 more.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from eth_hash.auto import keccak

from ledger.typed_data import Citation, Part, SignedEntry, Value, lot_id, unit_id
from ledger.vocabulary import NO_END, Role
from tests.support.batch_world import deploy_batches
from tests.support.contract_world import DAY, FOUNDED, KIND, REGISTER, ContractWorld, org
from tests.support.gas_world import BATCH, GasWorld, firm, let_in

_ROLES: Final = {
    "refinery": Role.SUPPLIER,
    "weaver": Role.SUPPLIER,
    "depot": Role.STORE,
    "laboratory": Role.LABORATORY,
}
_RAW: Final = "resin.polypropylene"
_FABRIC: Final = "fabric.meltblown"
_PROCESS: Final = "melt-blowing"
_STANDARD: Final = "YY 0469-2011"
_SECOND_KIND: Final = "cn-test-report"
_RAW_GTIN: Final = 9_521_234_000_013
_FABRIC_GTIN: Final = 9_521_234_000_020
#: So much of each lot is handed over before it is measured what becomes of it.
_QUANTITY: Final = 1_000


def _sscc(number: int) -> int:
    key = 39_521_234_000_000_000 + number
    digits = [int(d) for d in reversed(str(key))]
    total = sum(d * (1 if place % 2 else 3) for place, d in enumerate(digits))
    return key * 10 + -total % 10


class BatchGasWorld(GasWorld):
    """The ledger of :func:`found_batches`."""

    signers: ClassVar[Mapping[str, str]] = {
        "Commission": "refinery",
        "Transform": "weaver",
        "Ship": "weaver",
        "Receive": "depot",
        "Settle": "weaver",
        "CloseLot": "weaver",
        "Adjust": "weaver",
        "Dispense": "weaver",
        "Destroy": "weaver",
        "Aggregate": "weaver",
        "TakeApart": "weaver",
        "ShipUnit": "weaver",
        "ReceiveUnit": "depot",
        "Inspect": "laboratory",
        "Hold": "refinery",
        "Recall": "refinery",
        "Release": "refinery",
        "Acknowledge": "depot",
        "Correct": "depot",
        "MirrorRecall": "observer",
    }

    # ------------------------------------------------------------ preparing

    def _prepared(self, action: str, organisation: str, values: list[dict[str, Value]]) -> None:
        """As many batches as a block's gas asks for."""
        for start in range(0, len(values), BATCH):
            self.prepared(action, organisation, values[start : start + BATCH])

    def _digests(
        self, action: str, organisation: str, values: list[dict[str, Value]]
    ) -> list[bytes]:
        entries = [self.act(action, f"{organisation} preparer", **v) for v in values]
        self.world.accepted(*entries)
        return [self.world.digest(e) for e in entries]

    def _licensed(self, holder: str, category: str) -> list[tuple[Citation, ...]]:
        """For each of a hundred models the citations of both required kinds."""
        found: list[list[Citation]] = [[] for _ in range(BATCH)]
        for kind in (KIND, _SECOND_KIND):
            terms = [
                {
                    **self.terms(i),
                    "holder": org(holder),
                    "category": category,
                    "model": f"M-{i}",
                    "kind": kind,
                }
                for i in range(BATCH)
            ]
            for i, digest in enumerate(self._digests("IssueQualification", "bureau", terms)):
                word = keccak(kind.encode())
                found[i].append(Citation(org("bureau"), bytes(32), word, digest, False))
        return [tuple(c) for c in found]

    def _lots(self, count: int = BATCH) -> list[bytes]:
        """Lots of the refinery; their origin is not shown, which lets them be made freely."""
        values = [
            {**_goods_found(), "lot": f"PP-20200123-{i:04d}", "quantity": 10 * _QUANTITY}
            for i in range(count)
        ]
        self._prepared("Commission", "refinery", values)
        return [lot_id(org("refinery"), 0, str(v["lot"])) for v in values]

    def _at_weaver(self, count: int = BATCH) -> list[bytes]:
        """Lots of the refinery of which the weaver has some."""
        lots = sorted(self._lots(count))
        for start in range(0, count, BATCH):
            some = lots[start : start + BATCH]
            shipments = self._digests(
                "Ship", "refinery", [self._shipment(i, "weaver") for i in some]
            )
            self._prepared("Receive", "weaver", self._receipts(some, shipments, "refinery"))
        return lots

    def _shipment(self, lot: bytes, to: str) -> dict[str, Value]:
        return {
            "lot": lot,
            "recipient": org(to),
            "quantity": _QUANTITY,
            "due": FOUNDED + 7 * DAY,
            "purpose": 0,
            "reference": "DN-2020-00001",
        }

    def _receipts(
        self, lots: list[bytes], shipments: list[bytes], sender: str, accepted: int = _QUANTITY
    ) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"sender": org(sender), "accepted": accepted}
        given["reason"] = "" if accepted == _QUANTITY else "wet"
        pairs = zip(lots, shipments, strict=True)
        return [{**given, "lot": lot, "shipment": s} for lot, s in pairs]

    def _under_way(self) -> tuple[list[bytes], list[bytes]]:
        """Lots and shipments from the weaver to the depot."""
        lots = self._at_weaver()
        values = [self._shipment(lot, "depot") for lot in lots]
        return lots, self._digests("Ship", "weaver", values)

    # ------------------------------------------------------------ making and custody

    def _Commission(self) -> list[dict[str, Value]]:
        """A hundred lots of a maker under its two licences for the category."""
        terms = {**self.terms(0), "holder": org("refinery"), "category": _RAW, "model": ""}
        digests = self._digests(
            "IssueQualification", "bureau", [{**terms, "kind": k} for k in (KIND, _SECOND_KIND)]
        )
        cited = tuple(
            Citation(org("bureau"), bytes(32), keccak(kind.encode()), digest, True)
            for kind, digest in zip((KIND, _SECOND_KIND), digests, strict=True)
        )
        given: dict[str, Value] = {
            "quantity": _QUANTITY,
            "gtin": _RAW_GTIN,
            "originNotShown": False,
            "document": bytes(32),
            "category": _RAW,
            "model": "",
            "unit": "KGM",
            "place": "9521234000013",
            "origin": "",
            "cited": cited,
        }
        return [{**given, "lot": f"PP200123-{i:04d}"} for i in range(BATCH)]

    def _Transform(self) -> list[dict[str, Value]]:
        lots = self._at_weaver(2 * BATCH)
        pairs = zip(lots[:BATCH], lots[BATCH:], strict=True)
        licences = self._licensed("weaver", _FABRIC)
        given: dict[str, Value] = {
            "quantity": _QUANTITY,
            "gtin": _FABRIC_GTIN,
            "category": _FABRIC,
            "unit": "KGM",
            "process": _PROCESS,
            "place": "urn:epc:id:sgln:952123400.002.0",
        }
        return [
            {
                **given,
                "lot": f"MB-20200123-{i:04d}",
                "model": f"M-{i}",
                "inputs": (Part(a, 500), Part(b, 600)),
                "cited": cited,
            }
            for i, ((a, b), cited) in enumerate(zip(pairs, licences, strict=True))
        ]

    def _Ship(self) -> list[dict[str, Value]]:
        """To a hundred firms."""
        return [
            {**self._shipment(lot, "depot"), "recipient": firm(i)}
            for i, lot in enumerate(self._at_weaver())
        ]

    def _Receive(self) -> list[dict[str, Value]]:
        lots, shipments = self._under_way()
        return self._receipts(lots, shipments, "weaver")

    def _Settle(self) -> list[dict[str, Value]]:
        lots, shipments = self._under_way()
        receipts = self._receipts(lots, shipments, "weaver", accepted=_QUANTITY - 30)
        self._prepared("Receive", "depot", receipts)
        given: dict[str, Value] = {"recipient": org("depot"), "returned": 20, "lost": 10}
        given["reason"] = "wet; ten were thrown away"
        pairs = zip(lots, shipments, strict=True)
        return [{**given, "lot": lot, "shipment": s} for lot, s in pairs]

    def _CloseLot(self) -> list[dict[str, Value]]:
        values = self._Transform()
        self._prepared("Transform", "weaver", values)
        lots = [lot_id(org("weaver"), _FABRIC_GTIN, str(v["lot"])) for v in values]
        return [{"lot": lot} for lot in lots]

    def _alone(self, **given: Value) -> list[dict[str, Value]]:
        return [{**given, "lot": lot, "quantity": 10} for lot in self._at_weaver()]

    def _Adjust(self) -> list[dict[str, Value]]:
        return self._alone(up=False, reason="counted")

    def _Dispense(self) -> list[dict[str, Value]]:
        return self._alone(to="ward 3")

    def _Destroy(self) -> list[dict[str, Value]]:
        return self._alone(reason="burnt")

    def _SetIngredient(self) -> list[dict[str, Value]]:
        return [{**_ingredient(), "process": f"{_PROCESS} {i}"} for i in range(BATCH)]

    # ------------------------------------------------------------ logistic units

    def _packed(self) -> list[tuple[bytes, tuple[Part, ...]]]:
        """Units of the weaver, of two lots each, and what is in them."""
        values = self._Aggregate()
        self._prepared("Aggregate", "weaver", values)
        found = []
        for value in values:
            sscc, parts = value["sscc"], value["parts"]
            assert isinstance(sscc, int)
            assert isinstance(parts, tuple)
            listed = tuple(p for p in parts if isinstance(p, Part))
            found.append((unit_id(org("weaver"), sscc), listed))
        return found

    def _Aggregate(self) -> list[dict[str, Value]]:
        lots = self._at_weaver(2 * BATCH)
        pairs = zip(lots[:BATCH], lots[BATCH:], strict=True)
        return [
            {"sscc": _sscc(i), "parts": (Part(a, 500), Part(b, 600))}
            for i, (a, b) in enumerate(pairs)
        ]

    def _TakeApart(self) -> list[dict[str, Value]]:
        return [{"unit": unit, "parts": parts} for unit, parts in self._packed()]

    def _ShipUnit(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"due": FOUNDED + 7 * DAY, "purpose": 0}
        return [
            {**given, "recipient": firm(i), "unit": unit, "parts": parts}
            for i, (unit, parts) in enumerate(self._packed())
        ]

    def _ReceiveUnit(self) -> list[dict[str, Value]]:
        units = self._packed()
        given: dict[str, Value] = {"recipient": org("depot"), "due": FOUNDED + 7 * DAY}
        self._prepared(
            "ShipUnit",
            "weaver",
            [{**given, "purpose": 0, "unit": unit, "parts": parts} for unit, parts in units],
        )
        return [
            {"unit": unit, "parts": parts, "accepted": True, "reason": ""} for unit, parts in units
        ]

    # ------------------------------------------------------------ oversight

    def _Inspect(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {
            "sampledAt": FOUNDED,
            "result": 1,
            "document": keccak(b"report"),
            "standard": _STANDARD,
        }
        return [
            {**given, "lot": lot, "number": f"TR-2020-{i:05d}"}
            for i, lot in enumerate(self._lots())
        ]

    def _Hold(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"document": keccak(b"order"), "reason": "filters too little"}
        return [{**given, "lot": lot} for lot in self._lots()]

    def _Recall(self) -> list[dict[str, Value]]:
        campaign: dict[str, Value] = {"completeTo": 1, "campaign": keccak(b"campaign")}
        return [{**v, **campaign} for v in self._Hold()]

    def _Release(self) -> list[dict[str, Value]]:
        values = self._Hold()
        holds = self._digests("Hold", "refinery", values)
        given: dict[str, Value] = {"document": bytes(32), "reason": "tested again"}
        pairs = zip(values, holds, strict=True)
        return [{**given, "lot": value["lot"], "hold": hold} for value, hold in pairs]

    def _Acknowledge(self) -> list[dict[str, Value]]:
        values = self._Recall()
        recalls = self._digests("Recall", "refinery", values)
        given: dict[str, Value] = {"setAside": 40, "gone": 60, "note": ""}
        pairs = zip(values, recalls, strict=True)
        return [{**given, "lot": value["lot"], "recall": recall} for value, recall in pairs]

    def _Correct(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"entry": keccak(b"entry"), "document": bytes(32)}
        given["text"] = "the certificate names another lot"
        return [{**given, "lot": lot} for lot in self._lots()]

    def _MirrorRecall(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {
            "publication": self.publication(),
            "document": keccak(b"row"),
            "initiated": FOUNDED - DAY,
            "ended": 0,
            "register": REGISTER,
            "product": "Surgical mask, three layers",
            "lots": "SM-20200123-1, SM-20200123-2",
            "reason": "filters too little",
        }
        return [
            {**given, "organisation": firm(i), "number": f"Z-{i:04d}-2020"} for i in range(BATCH)
        ]


def _goods_found() -> dict[str, Value]:
    return {
        "quantity": _QUANTITY,
        "gtin": 0,
        "originNotShown": True,
        "document": bytes(32),
        "category": _RAW,
        "model": "",
        "unit": "KGM",
        "place": "",
        "origin": "a donation",
        "cited": (),
    }


def _ingredient() -> dict[str, Value]:
    return {
        "least": 100,
        "most": 120,
        "per": 100,
        "process": _PROCESS,
        "category": _FABRIC,
        "unit": "KGM",
        "input": _RAW,
        "inputUnit": "KGM",
    }


def found_batches(world: ContractWorld) -> None:
    """Add the contracts of batches to the founded ledger of a :class:`GasWorld`; afterwards every
    account has signed for each of them."""
    made = GasWorld(world)

    def ruled(action: str, **values: Value) -> SignedEntry:
        return world.act(action, "authority preparer", **values)

    accredited = [("bureau", _SECOND_KIND), ("laboratory", _STANDARD)]
    terms: dict[str, Value] = {"from": 1, "until": NO_END}
    category: dict[str, Value] = {"parent": "", "nameZh": "", "nameEn": "", "unit": "KGM"}
    world.accepted(
        *let_in(world, _ROLES),
        *(ruled("Accredit", **terms, organisation=org(o), kind=k) for o, k in accredited),
        *(
            ruled("SetCategory", **category, codes="{}", category=c, rawMaterial=c == _RAW)
            for c in (_RAW, _FABRIC)
        ),
        *(
            ruled("SetRequirement", **terms, category=c, kind=k)
            for c in (_RAW, _FABRIC)
            for k in (KIND, _SECOND_KIND)
        ),
    )
    for address, name in zip(
        deploy_batches(world), ("BatchLedger", "LogisticUnits", "BatchOversight"), strict=True
    ):
        world.accepted(ruled("AdmitContract", ledger=address, name=name))
    world.accepted(ruled("SetIngredient", **_ingredient()))
    for member in made.accounts("authority"):
        world.accepted(world.act("SetIngredient", member, **_ingredient()))
    for name in ("refinery", "weaver", "depot"):
        for member in made.accounts(name):
            world.accepted(
                world.act("Commission", member, **_goods_found(), lot=member.replace(" ", "-"))
            )
            lot = lot_id(org(name), 0, member.replace(" ", "-"))
            values: dict[str, Value] = {
                "sscc": _sscc(1000 + int(member[-1])),
                "parts": (Part(lot, 1),),
            }
            world.accepted(world.act("Aggregate", member, **values))
    for name in ("refinery", "depot", "laboratory", "observer"):
        for member in made.accounts(name):
            values = {"entry": bytes(32), "document": bytes(32), "text": "hello"}
            lot = lot_id(org("refinery"), 0, "refinery-0")
            world.accepted(world.act("Correct", member, **values, lot=lot))
