"""A random life of a ledger with batches: goods are made, handed on, stopped and used up by entries
that are mostly of sense, each of which may be spoilt in one place.

An entry is thought of in the state before its transaction, so that entries of one batch get into
each other's way.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from eth_hash.auto import keccak

from ledger.typed_data import (
    ACTIONS,
    Citation,
    Entry,
    Part,
    SignedEntry,
    Value,
    goods,
    lot_id,
    unit_id,
)
from ledger.vocabulary import NO_END, Role
from ledger.vocabulary import QualificationState as State
from tests.contracts.batch_model import (
    BATCHES,
    CUSTODY,
    LARGEST,
    OVERSIGHT,
    PACKED,
    UNDER_WAY,
    UNITS,
    BatchModel,
    Goods,
    Lot,
    has_check_digit,
)
from tests.contracts.laws import Laws
from tests.contracts.life import BY_ADDRESS, QUALIFICATIONS, Run
from tests.contracts.model import PARTICIPANTS
from tests.support.batch_world import (
    BATCH_CAST,
    FABRIC,
    FABRIC_GTIN,
    MASK_GTIN,
    RAW,
    RAW_GTIN,
    SEWING,
    SPINNING,
    STANDARD,
    BatchWorld,
    batch_world,
)
from tests.support.contract_world import (
    AUTHORITIES,
    CAST,
    CATEGORY,
    DAY,
    KIND,
    MAX_LATENESS,
    MIRRORED_KIND,
    REGISTER,
    Recorded,
    account,
    calldata,
    org,
    recover,
)

NAMES: Final = [*CAST, *BATCH_CAST, *AUTHORITIES, "eve"]
#: A colleague of the storekeeper's, who may sign the same words as he.
COLLEAGUE: Final = "second storekeeper"
MEMBERS: Final = {
    COLLEAGUE: "warehouse",
    **{name: cast[0] for name, cast in {**CAST, **BATCH_CAST}.items()},
}
#: Who may have goods: organisation → its account.
PARTIES: Final = {
    org(MEMBERS[n]): n for n, (_, held) in {**CAST, **BATCH_CAST}.items() if held & CUSTODY
}
MAKERS: Final = [org(n) for n in ("refinery", "cracker", "weaver", "maker")]
#: Processes that lead back, so that only time keeps lots from being made of themselves.
REGRINDING: Final = "regrinding"
LAYERING: Final = "layering"
BLENDING: Final = "blending"
PROCESSES: Final[dict[str, tuple[Goods, list[Goods]]]] = {
    SPINNING: ((FABRIC, "KGM"), [(RAW, "KGM")]),
    SEWING: ((CATEGORY, "H87"), [(FABRIC, "KGM")]),
    REGRINDING: ((RAW, "KGM"), [(FABRIC, "KGM"), (RAW, "KGM")]),
    LAYERING: ((FABRIC, "KGM"), [(FABRIC, "KGM")]),
    BLENDING: ((RAW, "GRM"), [(RAW, u) for u in ("KGM", "GRM", "TNE", "MGM", "LTR")]),
}
#: Organisation → its name in the cast.
PARTY_NAMES: Final = {id_: MEMBERS[name] for id_, name in PARTIES.items()}
GTINS: Final = {RAW: RAW_GTIN, FABRIC: FABRIC_GTIN, CATEGORY: MASK_GTIN}
TEXTS: Final = ["", "", "", "x", "as counted", "口罩", "a\0b", "长" * 700]
NUMBERS: Final = ["", "A" * 20, "A" * 21, "B 1", "批", "L-1", "a\0"]

_SHOWN: Final[dict[str, Value]] = {"originNotShown": False, "lot": "LAST-3"}

#: How often each action is thought of.
WEIGHTS: Final = {
    "Commission": 8,
    "Transform": 20,
    "Ship": 16,
    "Receive": 18,
    "Settle": 8,
    "CloseLot": 2,
    "Adjust": 8,
    "Dispense": 3,
    "Destroy": 3,
    "SetIngredient": 3,
    "Aggregate": 6,
    "TakeApart": 6,
    "ShipUnit": 9,
    "ReceiveUnit": 9,
    "Inspect": 4,
    "Hold": 3,
    "Recall": 3,
    "Release": 7,
    "Acknowledge": 3,
    "Correct": 2,
    "MirrorRecall": 2,
}


def _accredited(who: str, kind: str, until: int) -> dict[str, Value]:
    return {"organisation": org(who), "from": 1, "until": until, "kind": kind}


def sscc(number: int) -> int:
    """The n-th SSCC with a right check digit."""
    start = 395_212_340_000_000_000 + 10 * number
    return next(k for k in range(start, start + 10) if has_check_digit(k))


@dataclass
class BatchRun(Run):
    """One random life of a ledger with all contracts."""

    contracts: ClassVar[Sequence[str]] = (PARTICIPANTS, QUALIFICATIONS, BATCHES, UNITS, OVERSIGHT)

    world: BatchWorld
    model: BatchModel = field(init=False)
    laws: Laws = field(init=False)
    used_nonces: int = 1_000

    def __post_init__(self) -> None:
        self.laws = Laws(self.world)
        super().__post_init__()
        self._begin()

    def new_model(self) -> BatchModel:
        return BatchModel(self.world.now, 2, MAX_LATENESS)

    def recorded(self, signed: SignedEntry, found: Recorded) -> None:
        self.laws.follow(signed, found)

    def _begin(self) -> None:
        """Licences for more than one stage, and processes that lead back to what went in."""
        self.do(
            "AddAccount",
            *AUTHORITIES[:2],
            organisation=org("warehouse"),
            account=account(COLLEAGUE),
            roles=int(Role.STORE),
            person=keccak(COLLEAGUE.encode()),
        )
        for name in ("weaver", "maker", "refinery"):
            for category in (RAW, FABRIC):
                self.do("IssueQualification", "licensor", **self.licence(org(name), category, ""))
        for process, (output, inputs) in PROCESSES.items():
            for input_ in inputs:
                if process in (REGRINDING, LAYERING, BLENDING):
                    per = 100 // len(inputs)
                    self.rule(process, output, input_, 100 // per, 0, 100)

    def rule(
        self, process: str, output: Goods, input_: Goods, least: int, most: int, per: int
    ) -> None:
        values: dict[str, Value] = {
            "least": least,
            "most": most,
            "per": per,
            "process": process,
            "category": output[0],
            "unit": output[1],
            "input": input_[0],
            "inputUnit": input_[1],
        }
        self.do("SetIngredient", *AUTHORITIES[:2], **values)

    def do(self, action: str, *names: str, **values: Value) -> SignedEntry:
        """An entry that has to be recorded, in a transaction of its own."""
        signed = self.world.sign(self.usually(action, values), *names)
        before = self.accepted[action]
        self.send(signed.entry.action.contract, [(signed.pack(), signed)])
        assert self.accepted[action] == before + 1
        return signed

    def usually(self, action: str, values: dict[str, Value]) -> Entry:
        """The entry with these values, happening now."""
        self.used_nonces += 1
        now = self.world.now
        common: dict[str, Value] = {
            "nonce": self.used_nonces,
            "happenedAt": now,
            "deadline": now + DAY,
        }
        return Entry.of(action, **{**common, **values})

    # ------------------------------------------------------------ what there is

    def some(self, values: Sequence[Any]) -> Any:
        return self.pick(values) if values else None

    def stocks(self, *, blocked: bool | None = None) -> list[tuple[bytes, bytes, int]]:
        """Lot, custodian, how much."""
        return [
            (lot, who, stock.on_hand)
            for (lot, who), stock in self.model.stocks.items()
            if stock.on_hand and who in PARTIES and blocked in (None, self.model.blocked(lot))
        ]

    def amount(self, of: int) -> int:
        """Some of it, mostly not all."""
        return int(self.pick([of, max(1, of // 2), max(1, of // 3), max(1, of // 10), 1]))

    def citations(self, holder: bytes, category: str, model: str) -> tuple[Citation, ...]:
        """All that may open the gate, the best first; at most three."""
        found = [
            (q.state != State.IN_FORCE or q.valid_until <= self.world.now, q)
            for q in self.model.qualifications.values()
            if (q.holder, q.category) == (holder, category) and q.model in ("", model)
        ]
        self.chance.shuffle(found)
        return tuple(
            Citation(
                q.author,
                keccak(q.register.encode()) if q.register else bytes(32),
                keccak(q.kind.encode()),
                q.digest,
                q.model == "",
            )
            for _, q in sorted(found, key=lambda f: f[0])[:3]
        )

    # ------------------------------------------------------------ what could be done

    def Commission(self) -> tuple[str, dict[str, Value]]:
        shown = self.chance.randrange(4) > 0
        who = self.pick(MAKERS[:3]) if shown else self.pick(list(PARTIES))
        category = RAW if shown else self.pick([RAW, FABRIC, CATEGORY])
        unit = "H87" if category == CATEGORY else self.pick(["KGM", "KGM", "KGM", "GRM"])
        model = self.pick(["", "", "M1"])
        return PARTIES[who], {
            "quantity": self.pick([1000, 5000, 90_000, LARGEST if self.odds(9) else 300]),
            "gtin": GTINS[category] if shown or self.odds(2) else 0,
            "originNotShown": not shown,
            "document": bytes(32),
            "lot": f"C-{self.chance.randrange(60)}",
            "category": category,
            "model": model,
            "unit": unit,
            "place": "",
            "origin": "",
            "cited": self.citations(who, category, model) if shown else (),
        }

    def Transform(self) -> tuple[str, dict[str, Value]] | None:
        free = [s for s in self.stocks(blocked=False) if s[1] in MAKERS]
        possible = [
            (name, maker)
            for name, process in self.model.processes.items()
            for maker in MAKERS
            if process.ingredients.keys()
            <= {self.model.lots[lot].goods for lot, by, _ in free if by == maker}
        ]
        name, who = self.some(possible) or (self.pick(list(PROCESSES)), self.pick(MAKERS))
        known = self.model.processes[name]
        if not known.ingredients and self.chance.randrange(12):
            return None
        category, unit = known.output
        open_ = [
            lot
            for lot in self.model.lots.values()
            if lot.open and lot.maker == who and lot.goods == known.output
        ]
        number, model = f"T-{self.chance.randrange(60)}", ""
        if open_ and self.chance.randrange(3):
            lot = self.pick(open_)
            number, model = lot.number, lot.model
        inputs: dict[bytes, int] = {}
        for kind in known.ingredients:
            has = [s for s in free if s[1] == who and self.model.lots[s[0]].goods == kind]
            self.chance.shuffle(has)
            for found, _, on_hand in has[: self.pick([1, 1, 2, 3])]:
                inputs[found] = self.amount(on_hand)
        return PARTIES[who], {
            "quantity": max(1, min(LARGEST, self.yielded(known.ingredients, inputs))),
            "gtin": GTINS[category],
            "lot": number,
            "category": category,
            "model": model,
            "unit": unit,
            "process": name,
            "place": "",
            "inputs": tuple(Part(*i) for i in sorted(inputs.items())),
            "cited": self.citations(who, category, model),
        }

    def yielded(
        self, ingredients: dict[Goods, tuple[int, int, int]], inputs: dict[bytes, int]
    ) -> int:
        """What just comes out of so much, or one more, or less."""
        outs = [
            sum(q for lot, q in inputs.items() if self.model.lots[lot].goods == kind) * per // least
            for kind, (least, _, per) in ingredients.items()
        ]
        most = min(outs, default=1)
        return int(self.pick([most, most, most * 9 // 10, most // 3, most + self.odds(3)]))

    def sending(self, who: bytes, lots: Sequence[bytes]) -> dict[str, Value]:
        now = self.world.now
        others = [p for p in PARTIES if p != who]
        kinds = {self.model.lots[lot].goods[0] for lot in lots}
        if RAW in kinds:
            others += [org("weaver")] * 6 * (who != org("weaver"))
        if FABRIC in kinds:
            others += [org("maker")] * 6 * (who != org("maker"))
        blocked = any(self.model.blocked(lot) for lot in lots)
        return {
            "recipient": self.pick(others),
            "due": now + self.pick([60, DAY // 2, DAY, 3 * DAY]),
            "purpose": self.pick([0, 1, 2, 1, 2] if blocked else [0, 0, 0, 0, 1, 2]),
        }

    def Ship(self) -> tuple[str, dict[str, Value]] | None:
        if not self.stocks():
            return None
        lot, who, on_hand = self.pick(self.stocks())
        values = self.sending(who, [lot])
        return PARTIES[who], {
            **values,
            "lot": lot,
            "quantity": self.amount(on_hand),
            "reference": "",
        }

    def Receive(self) -> tuple[str, dict[str, Value]] | None:
        known = [(k, p) for k, p in self.model.parcels.items() if not p.answered]
        known = known or list(self.model.parcels.items())
        if not known:
            return None
        (shipment, lot, sender, recipient), parcel = self.pick(known)
        return PARTIES[recipient], {
            "lot": lot,
            "shipment": shipment,
            "sender": sender,
            "accepted": self.pick([parcel.left, parcel.left, self.amount(parcel.left), 0]),
            "reason": "as counted",
        }

    def Settle(self) -> tuple[str, dict[str, Value]] | None:
        due = [
            (k, p)
            for k, p in self.model.parcels.items()
            if p.answered or p.due <= self.world.now or self.odds(8)
        ]
        if not due:
            return None
        (shipment, lot, sender, recipient), parcel = self.pick(due)
        settled = self.amount(parcel.left)
        lost = self.pick([0, 0, settled, settled // 2])
        return PARTIES[sender], {
            "lot": lot,
            "shipment": shipment,
            "recipient": recipient,
            "returned": settled - lost,
            "lost": lost,
            "reason": "as agreed",
        }

    def CloseLot(self) -> tuple[str, dict[str, Value]] | None:
        known = [(i, lot) for i, lot in self.model.lots.items() if lot.open or self.odds(12)]
        if not known:
            return None
        id_, lot = self.pick(known)
        return PARTIES[lot.maker], {"lot": id_}

    def Adjust(self) -> tuple[str, dict[str, Value]] | None:
        lost = [(*k, s.lost) for k, s in self.model.stocks.items() if s.lost]
        up = bool(lost) and self.odds(2)
        found = self.pick(lost) if up else self.some(self.stocks())
        if found is None:
            return None
        lot, who, most = found
        quantity = min(LARGEST, self.amount(most) + self.odds(10))
        return PARTIES[who], {"lot": lot, "quantity": quantity, "up": up, "reason": "counted"}

    def Dispense(self) -> tuple[str, dict[str, Value]] | None:
        if not self.stocks():
            return None
        lot, who, on_hand = self.pick(self.stocks())
        return PARTIES[who], {"lot": lot, "quantity": self.amount(on_hand), "to": ""}

    def Destroy(self) -> tuple[str, dict[str, Value]] | None:
        found = self.Dispense()
        if found is None:
            return None
        who, values = found
        del values["to"]
        return who, {**values, "reason": "burnt"}

    def SetIngredient(self) -> tuple[str, dict[str, Value]]:
        process = self.pick([BLENDING, BLENDING, *PROCESSES])
        output, inputs = PROCESSES[process]
        least = self.pick([1, 50, 100, 3])
        others = [(c, u) for c in GTINS for u in ("KGM", "GRM", "H87", "TNE")]
        input_ = self.pick(inputs if process != BLENDING or self.odds(3) else others)
        per = self.pick([100, 100, 1000, 0])
        if process != BLENDING and self.odds(2):
            per = 100
        return AUTHORITIES[0], {
            "least": least,
            "most": self.pick([0, least, least + 20]),
            "per": per,
            "process": process,
            "category": output[0],
            "unit": output[1],
            "input": input_[0],
            "inputUnit": input_[1],
        }

    def Aggregate(self) -> tuple[str, dict[str, Value]]:
        who = (self.some(self.stocks()) or (b"", self.pick(list(PARTIES)), 0))[1]
        has = [s for s in self.stocks() if s[1] == who]
        self.chance.shuffle(has)
        parts = [Part(lot, self.amount(q)) for lot, _, q in has[: self.chance.randrange(1, 5)]]
        number = sscc(self.chance.randrange(60))
        return PARTIES[who], {"sscc": number, "parts": tuple(sorted(parts))}

    def units(self, *states: int) -> list[bytes]:
        known = [i for i, u in self.model.units.items() if u.state in states]
        return known if self.chance.randrange(12) else list(self.model.units)

    def TakeApart(self) -> tuple[str, dict[str, Value]] | None:
        id_ = self.some(self.units(PACKED, UNDER_WAY))
        if id_ is None:
            return None
        unit = self.model.units[id_]
        return PARTIES[unit.holder], {"unit": id_, "parts": unit.parts}

    def ShipUnit(self) -> tuple[str, dict[str, Value]] | None:
        id_ = self.some(self.units(PACKED))
        if id_ is None:
            return None
        unit = self.model.units[id_]
        values = self.sending(unit.holder, [p.lot for p in unit.parts])
        return PARTIES[unit.holder], {**values, "unit": id_, "parts": unit.parts}

    def ReceiveUnit(self) -> tuple[str, dict[str, Value]] | None:
        id_ = self.some(self.units(UNDER_WAY))
        if id_ is None or self.model.units[id_].recipient not in PARTIES:
            return None
        unit = self.model.units[id_]
        return PARTIES[unit.recipient], {
            "unit": id_,
            "accepted": self.chance.randrange(4) > 0,
            "reason": "as counted",
            "parts": unit.parts,
        }

    def any_lot(self) -> tuple[bytes, Lot] | None:
        found: tuple[bytes, Lot] | None = self.some(list(self.model.lots.items())[-20:])
        return found

    def Inspect(self) -> tuple[str, dict[str, Value]] | None:
        found = self.any_lot()
        if found is None:
            return None
        id_, lot = found
        return self.pick(["tester", "tester", "tester", "makers tester"]), {
            "lot": id_,
            "sampledAt": self.pick([self.world.now, lot.begun, lot.begun, lot.begun - 1]),
            "result": self.pick([1, 2, 3]),
            "document": bytes(32),
            "standard": STANDARD,
            "number": "TR-1",
        }

    def Hold(self) -> tuple[str, dict[str, Value]] | None:
        found = self.any_lot()
        if found is None:
            return None
        id_, lot = found
        who = self.pick(["inspector", PARTIES[lot.maker], AUTHORITIES[0], PARTIES[lot.maker]])
        return who, {"lot": id_, "document": bytes(32), "reason": "filters too little"}

    def Recall(self) -> tuple[str, dict[str, Value]] | None:
        found = self.Hold()
        if found is None:
            return None
        who, values = found
        size = self.model.size + self.pick([0, 0, -1, 30 if self.odds(5) else 0])
        return who, {**values, "completeTo": size, "campaign": bytes(32)}

    def stops(self) -> list[tuple[bytes, bytes, bytes, bool]]:
        """Lot, hold or recall, who set it, whether it is a recall."""
        known = self.model.standing.items()
        return [(lot, d, *by) for lot, stops in known for d, by in stops.items()]

    def Release(self) -> tuple[str, dict[str, Value]] | None:
        found = self.some(self.stops())
        if found is None:
            return None
        lot, digest, author, _ = found
        who = PARTIES.get(author) or (
            "inspector" if author == org("inspectorate") else AUTHORITIES[0]
        )
        if self.odds(4):
            who = AUTHORITIES[0]
        values: dict[str, Value] = {
            "lot": lot,
            "hold": digest,
            "document": bytes(32),
            "reason": "tested again",
        }
        return who, values

    def Acknowledge(self) -> tuple[str, dict[str, Value]] | None:
        recalls = [s for s in self.stops() if s[3]] or self.stops()
        found = self.some(recalls)
        if found is None:
            return None
        values: dict[str, Value] = {
            "lot": found[0],
            "recall": found[1],
            "setAside": 1,
            "gone": 2,
            "note": "",
        }
        return self.pick(list(PARTIES.values())), values

    def Correct(self) -> tuple[str, dict[str, Value]]:
        found = self.any_lot()
        values: dict[str, Value] = {
            "lot": found[0] if found else keccak(b"no lot"),
            "entry": keccak(b"an entry"),
            "document": bytes(32),
            "text": "wrong",
        }
        return self.pick(list(MEMBERS)), values

    def MirrorRecall(self) -> tuple[str, dict[str, Value]]:
        now = self.world.now
        return self.pick(["mirror", "mirror", "second mirror"]), {
            "organisation": self.pick(MAKERS),
            "publication": bytes(32),
            "document": bytes(32),
            "initiated": now - DAY,
            "ended": self.pick([0, now, now - 2 * DAY if self.odds(5) else 0]),
            "register": REGISTER,
            "number": "Z-1",
            "product": "",
            "lots": "",
            "reason": "",
        }

    # ------------------------------------------------------------ what the registries do meanwhile

    def licence(self, holder: bytes, category: str, model: str) -> dict[str, Value]:
        now = self.world.now
        return {
            "holder": holder,
            "validFrom": now - 10 * DAY,
            "validUntil": now + self.pick([30 * DAY, 30 * DAY, DAY, NO_END - now]),
            "document": bytes(32),
            "category": category,
            "model": model,
            "kind": KIND,
            "number": "",
        }

    def of_participants(self) -> tuple[str, tuple[str, ...], dict[str, Value]]:
        two = AUTHORITIES[:2]
        if self.odds(3):
            who, kind = self.pick([("laboratory", STANDARD), ("inspectorate", "oversight")])
            until = self.pick([NO_END, NO_END, NO_END, self.world.now + 60])
            return "Accredit", two, _accredited(who, kind, until)
        known = self.model.organisations
        shut = [o for o in PARTIES if known[o].status != 2]
        who_ = self.pick(shut) if shut and self.chance.randrange(4) else self.pick(list(PARTIES))
        values: dict[str, Value] = {
            "organisation": who_,
            "status": 2 if who_ in shut else self.pick([2, 3]),
            "roles": known[who_].roles,
            "division": 0,
            "reason": "",
        }
        return "ChangeOrganisation", two, values

    def of_qualifications(self) -> tuple[str, tuple[str, ...], dict[str, Value]]:
        now, two = self.world.now, AUTHORITIES[:2]
        holder, category = self.pick(MAKERS), self.pick([RAW, FABRIC, CATEGORY])
        model = self.pick(["", "", "M1"])
        which = self.chance.randrange(9)
        if which < 3:
            return "IssueQualification", ("licensor",), self.licence(holder, category, model)
        if which == 3:
            id_, q = self.pick(list(self.model.qualifications.items()))
            name = "mirror" if q.register else "licensor"
            change: dict[str, Value] = {"qualification": id_, "document": bytes(32), "reason": "x"}
            action = self.pick(["WithdrawQualification", "SuspendQualification"])
            if action == "WithdrawQualification":
                change["effective"] = now + self.pick([0, -DAY, DAY])
            return action, (name,), change
        if which == 4:
            mirror: dict[str, Value] = {"register": REGISTER, "kind": MIRRORED_KIND}
            return "AcceptMirror", two, {"accepted": self.chance.randrange(3) > 0, **mirror}
        if which == 5:
            return "RecordPublication", ("mirror",), self._published()
        if which == 6 and self.model.publications:
            mirrored = self.licence(holder, category, model)
            publication = self.pick(list(self.model.publications))
            extra: dict[str, Value] = {"publication": publication, "withdrawnFrom": 0}
            return (
                "MirrorQualification",
                ("mirror",),
                {
                    **mirrored,
                    **extra,
                    "kind": MIRRORED_KIND,
                },
            )
        if which == 7:
            kinds = {"kind": self.pick([KIND, MIRRORED_KIND]), "category": category}
            until = self.pick([NO_END, now + DAY, 2])
            from_: dict[str, Value] = {"from": 1, "until": until}
            return "SetRequirement", two, {**kinds, **from_}
        raw = category == RAW or self.odds(3)
        return "SetCategory", two, self._category(category, raw=raw)

    # ------------------------------------------------------------ random entries

    def next_contract(self) -> str:
        """The contract to which the next transaction goes."""
        if any(self.model.organisations[o].status != 2 for o in PARTIES) and self.odds(4):
            return PARTICIPANTS
        among = [BATCHES] * 24 + [UNITS] * 7 + [OVERSIGHT] * 7 + [QUALIFICATIONS] * 2
        return str(self.pick([*among, PARTICIPANTS]))

    def entry(self, contract: str) -> SignedEntry:
        if contract in (PARTICIPANTS, QUALIFICATIONS):
            thought = self.of_participants() if contract == PARTICIPANTS else None
            action, names, values = thought or self.of_qualifications()
            return self.world.sign(self.usually(action, values), *names)
        if self.odds(14) and (copy := self.copied(contract)):
            return copy
        actions = [a.name for a in ACTIONS.values() if a.contract == contract]
        found: tuple[str, dict[str, Value]] | None = None
        while found is None:
            [action] = self.chance.choices(actions, [WEIGHTS[a] for a in actions])
            found = getattr(self, action)()
        who, values = found
        now = self.world.now
        values["happenedAt"] = now - self.pick([0, 0, 0, 0, 0, 60, 3600, -600, DAY])
        if self.chance.randrange(4) == 0:
            self.spoil(action, values)
        entry = self.usually(action, values)
        return self.world.sign(entry, *self.signers(action, who, entry))

    def copied(self, contract: str) -> SignedEntry | None:
        """What somebody else signs of words that were recorded; for the most part a colleague."""
        known = [s for c, _, s in self.past[-40:] if c == contract and s is not None]
        if not known:
            return None
        signed = self.pick(known)
        author = recover(self.world.digest(signed), signed.signatures[0])
        members = [n for n, o in MEMBERS.items() if o == MEMBERS.get(BY_ADDRESS[author])]
        who = self.pick([*members, *members, self.pick(NAMES)])
        return self.world.sign(signed.entry, who, *AUTHORITIES[: 2 * self.odds(9)])

    def signers(self, action: str, who: str, entry: Entry) -> list[str]:
        two = list(AUTHORITIES)
        self.chance.shuffle(two)
        if self.odds(16):
            who = self.pick(NAMES)
        if who in AUTHORITIES or ACTIONS[action].authority:
            return two[: self.pick([1, 2, 2, 2, 2, 2, 2, 3])]
        if entry.values["happenedAt"] < self.world.now - MAX_LATENESS:  # type: ignore[operator]
            return [who, *two[: self.pick([0, 1, 2, 2])]]
        if self.odds(30):
            return [who, *two[: self.pick([1, 2])]]
        if self.odds(60):
            return [who, self.pick([who, "eve", "auditor"])]
        return [who]

    def spoil(self, action: str, values: dict[str, Value]) -> None:
        """Change one thing, mostly for the worse."""
        name = self.pick([*(f.name for f in ACTIONS[action].fields), "nonce", "happenedAt"])
        [f] = [f for f in ACTIONS[action].fields if f.name == name]
        values[name] = self.junk(action, f.name, f.type, values)

    def junk(self, action: str, name: str, kind: str, values: dict[str, Value]) -> Value:
        now = self.world.now
        value: Any = values.get(name)
        match name:
            case "nonce":
                return int(self.chance.randrange(1_000, self.used_nonces + 1))
            case "happenedAt":
                late = [now - MAX_LATENESS - 1, now - MAX_LATENESS - DAY]
                return int(self.pick([now - 2 * DAY, now - 5 * DAY, now + 600, now + 601, *late]))
            case "deadline":
                return int(self.pick([now, now - 1]))
            case "due" | "sampledAt":
                return int(self.pick([0, now, now - DAY, values["happenedAt"], now + DAY]))
            case "lot" if kind == "string":
                return str(self.pick(NUMBERS))
            case "gtin":
                return int(self.pick([0, value + 1, RAW_GTIN, 2**48 - 1, 10**14 + 1]))
            case "sscc":
                return int(self.pick([0, value + 1, 10**18 + 8, 2**64 - 1]))
            case "category" | "input":
                return str(self.pick([*GTINS, "unknown", ""]))
            case "unit" | "inputUnit":
                if kind == "bytes32":
                    return bytes(self.pick([*self.model.units, bytes(32)]))
                return str(self.pick(["", "KGM", "H87", "GRM"]))
            case "process":
                return str(self.pick([*PROCESSES, "unknown", ""]))
            case "register":
                return str(self.pick(["register:another", ""]))
            case "standard":
                return str(self.pick(["another", ""]))
            case "lot":
                return bytes(self.pick([*self.model.lots, bytes(32), keccak(b"no lot")]))
            case "shipment":
                known = [k[0] for k in self.model.parcels]
                return bytes(self.pick([*known, bytes(32), *self.laws.sent]))
            case "hold" | "recall":
                return bytes(self.pick([*(s[1] for s in self.stops()), bytes(32)]))
            case "recipient" | "sender" | "organisation":
                return bytes(self.pick([*self.model.organisations, org("a stranger")]))
            case "purpose" | "result":
                return int(self.pick([0, 1, 2, 3, 4, 255]))
            case "inputs" | "parts":
                return self.other_parts(value)
            case "cited":
                return self.other_citations(value)
        if kind == "bool":
            return not value
        if kind == "string":
            return str(self.pick(TEXTS))
        if kind.startswith("uint"):
            wide = (1 << int(kind[4:])) - 1
            return int(self.pick([0, value + 1, 2 * value, wide]) & wide)
        return keccak(b"something")[: int(kind[5:])]

    def other_parts(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        changed = list(parts) or [Part(bytes(32), 1)]
        some = self.chance.randrange(len(changed))
        lot, quantity = changed[some]
        others = [*self.model.lots, bytes(32), keccak(b"no lot")]
        match self.chance.randrange(7):
            case 0:
                changed = []
            case 1:
                changed.append(changed[some])
            case 2:
                changed.reverse()
            case 3:
                changed[some] = Part(lot, self.pick([0, min(LARGEST, quantity + 1), LARGEST]))
            case 4:
                changed[some] = Part(self.pick(others), quantity)
                changed.sort()
            case 5:
                changed = sorted([*changed, Part(self.pick(others), 1)])
            case 6:
                del changed[some]
        return tuple(changed[:8])

    def other_citations(self, cited: Sequence[Citation]) -> tuple[Citation, ...]:
        known = list(self.model.qualifications.values())
        q = self.pick(known)
        foreign = Citation(q.author, bytes(32), keccak(q.kind.encode()), q.digest, q.model == "")
        if not cited or self.odds(2):
            return (foreign,) if self.odds(2) else ()
        c = cited[0]
        return self.pick(  # type: ignore[no-any-return]
            [
                (c._replace(any_model=not c.any_model),),
                (c._replace(digest=q.digest),),
                (c._replace(author=org("institute")),),
                (c._replace(kind=keccak(b"another")),),
                (c._replace(register=keccak(REGISTER.encode())),),
                (c,) * 8,
            ]
        )

    def step(self) -> None:
        world = self.world
        world.now += self.pick([0, 0, 1, 60, 3600, DAY // 8])
        self.model.now = world.now
        contract = self.next_contract()
        most = 3 if contract in (PARTICIPANTS, QUALIFICATIONS) else 8
        self.send(contract, [self.packed(contract) for _ in range(self.chance.randrange(1, most))])
        self.laws.check()

    # ------------------------------------------------------------ what chance seldom hits on

    def seldom(self) -> None:
        """Entries that break rules which chance seldom breaks, where this life has got to."""
        for name in PARTIES:
            if self.model.organisations[name].status != 2:
                self.do("ChangeOrganisation", *AUTHORITIES[:2], **self._opened(name))
        makers, stores = "polymer maker", "storekeeper"
        here, there = org("refinery"), org("warehouse")
        raw: dict[str, Value] = {
            "quantity": 50,
            "gtin": RAW_GTIN,
            "originNotShown": True,
            "document": bytes(32),
            "lot": "LAST-1",
            "category": RAW,
            "model": "",
            "unit": "KGM",
            "place": "",
            "origin": "",
            "cited": (),
        }
        self.do("Commission", makers, **raw)
        lot = lot_id(here, RAW_GTIN, "LAST-1")
        nowhere = keccak(b"no lot")
        hold: dict[str, Value] = {"lot": lot, "document": bytes(32), "reason": "", "hold": nowhere}
        send: dict[str, Value] = {
            "lot": lot,
            "recipient": there,
            "quantity": 10,
            "due": self.world.now + 60,
            "purpose": 0,
            "reference": "",
        }
        rule: dict[str, Value] = {
            "least": 1,
            "most": 0,
            "per": 1,
            "process": "mixing",
            "category": RAW,
            "unit": "LTR",
            "input": RAW,
            "inputUnit": "U0",
        }
        two = AUTHORITIES[:2]
        for number in range(8):
            self.do("SetIngredient", *two, **{**rule, "inputUnit": f"U{number}"})
        dried = {k: v for k, v in rule.items() if k != "process"} | {"inputUnit": "KGM"}
        sent = self.do("Ship", makers, **send)
        shipment = self.world.digest(sent)
        answer: dict[str, Value] = {"lot": lot, "shipment": shipment, "reason": ""}
        receipt: dict[str, Value] = {**answer, "sender": here}
        settled: dict[str, Value] = {**answer, "recipient": there, "returned": 10, "lost": 0}
        made: dict[str, Value] = {
            **{k: raw[k] for k in ("gtin", "category", "model", "place")},
            "quantity": 10,
            "lot": "LAST-2",
            "unit": "LTR",
            "process": "drying",
            "inputs": (Part(lot, 10),),
            "cited": (),
        }
        for kind in (KIND, MIRRORED_KIND):
            self.do("SetRequirement", *two, **{**self._free(RAW), "kind": kind})
        self.do("SetCategory", *two, **self._category(CATEGORY, raw=False))
        self.do("SetIngredient", *two, **dried, process="drying")
        self.do("Transform", makers, **made)
        self.do("Commission", makers, **{**raw, "lot": "LAST-5", "unit": "GRM"})
        other = lot_id(here, RAW_GTIN, "LAST-5")
        mixed = tuple(sorted([Part(lot, 10), Part(other, 1)]))
        number, packed = sscc(99), (Part(other, 5),)
        unit: dict[str, Value] = {"unit": unit_id(here, number), "parts": packed}
        way: dict[str, Value] = {k: send[k] for k in ("recipient", "due", "purpose")}
        self.do("Aggregate", makers, sscc=number, parts=packed)
        self.do("ShipUnit", makers, **unit, **way)
        for who, kind in [("laboratory", STANDARD), ("copyist", REGISTER), ("observer", REGISTER)]:
            self.do("Accredit", *two, **_accredited(who, kind, NO_END))
        self.do("RecordPublication", "second mirror", **self._published())
        self.do("Accredit", *two, **_accredited("copyist", REGISTER, 2))
        self.do("Accredit", *two, **_accredited("inspectorate", "oversight", NO_END))
        drying = {**rule, "process": "drying", "inputUnit": "KGM"}
        recall = {**self.MirrorRecall()[1], "ended": 0}
        about: dict[str, Value] = {"lot": lot, "document": bytes(32)}
        sampled: dict[str, Value] = {"sampledAt": self.world.now, "result": 1}
        report = {**about, **sampled, "standard": STANDARD, "number": ""}
        remark = {**about, "entry": nowhere, "text": ""}
        rows: list[tuple[str, str | tuple[str, ...], str, dict[str, Value]]] = [
            ("BatchNotRawMaterial", makers, "Commission", {**raw, **_SHOWN, "category": CATEGORY}),
            (
                "BatchCategoryUnknown",
                makers,
                "Commission",
                {**raw, "lot": "N", "category": "unknown"},
            ),
            ("BatchLotNumberInvalid", makers, "Commission", {**raw, "lot": "L 1"}),
            ("BatchTextMissing", makers, "Commission", {**raw, "lot": "N", "unit": ""}),
            ("BatchLotExists", makers, "Commission", raw),
            ("BatchProcessFull", two, "SetIngredient", rule | {"inputUnit": "U8"}),
            ("BatchProcessForeign", two, "SetIngredient", rule | {"unit": "KGM"}),
            ("BatchProcessUnknown", makers, "Transform", {**made, "process": "none"}),
            ("BatchProcessForeign", makers, "Transform", {**made, "unit": "KGM"}),
            ("BatchGoodsWrong", makers, "Transform", {**made, "model": "M9"}),
            ("BatchMadeOfItself", makers, "Transform", {**made, "lot": "LAST-1"}),
            ("BatchToOneself", makers, "Ship", {**send, "recipient": here}),
            ("BatchRecipientUnfit", makers, "Ship", {**send, "recipient": org("panel")}),
            ("BatchStockShort", makers, "Ship", {**send, "quantity": 101}),
            ("BatchLotUnknown", makers, "Ship", {**send, "lot": nowhere}),
            ("BatchMoreThanSent", stores, "Receive", {**receipt, "accepted": 11}),
            ("BatchTextMissing", stores, "Receive", {**receipt, "accepted": 9}),
            ("BatchNotDue", makers, "Settle", settled),
            ("BatchNothingUnderWay", makers, "Receive", {**receipt, "accepted": 10}),
            ("BatchNotMaker", stores, "CloseLot", {"lot": lot_id(here, RAW_GTIN, "LAST-2")}),
            ("BatchLotClosed", makers, "CloseLot", {"lot": lot}),
            ("OversightTextMissing", makers, "Hold", {k: hold[k] for k in list(hold)[:3]}),
            ("OversightNotStanding", makers, "Release", hold),
            ("OversightNoRight", stores, "Hold", {k: hold[k] for k in list(hold)[:3]}),
            ("OversightLotUnknown", "inspector", "Release", {**hold, "lot": nowhere}),
            ("OversightFirmUnknown", "mirror", "MirrorRecall", self._strange()),
            ("OversightTextMissing", "mirror", "MirrorRecall", {**recall, "number": ""}),
            ("OversightNotAccredited", "second mirror", "MirrorRecall", recall),
            ("OversightTextMissing", "tester", "Inspect", report),
            ("OversightTextMissing", stores, "Correct", remark),
            ("BatchCategoryUnknown", two, "SetIngredient", drying | {"input": "unknown"}),
            ("BatchTextMissing", two, "SetIngredient", drying | {"inputUnit": ""}),
            ("BatchValueInvalid", two, "SetIngredient", rule | {"least": 0}),
            ("BatchValueInvalid", two, "SetIngredient", rule | {"least": 2, "most": 1}),
            ("BatchGoodsWrong", makers, "Transform", {**made, "lot": "LAST-6", "inputs": mixed}),
            ("BatchValueInvalid", makers, "Ship", {**send, "quantity": 0}),
            ("BatchLotUnknown", makers, "CloseLot", {"lot": nowhere}),
            ("BatchTextMissing", stores, "ReceiveUnit", {**unit, "accepted": False, "reason": ""}),
        ]
        if (org("observer"), REGISTER) not in self.model.publications.values():
            self.do("RecordPublication", "mirror", **self._published())
        for error, names, action, values in rows:
            self.dont(error, action, *((names,) if isinstance(names, str) else names), **values)
        self.do("Commission", stores, **{**raw, "lot": "LAST-7"})
        held = lot_id(there, RAW_GTIN, "LAST-7")
        self.copy(
            "BatchUnderWayAlready",
            self.do("Ship", stores, **{**send, "lot": held, "recipient": here}),
        )
        reason: dict[str, Value] = {"document": bytes(32), "reason": "counted again"}
        self.copy("OversightStandsAlready", self.do("Hold", stores, lot=held, **reason))
        self.laws.check()

    def dont(self, error: str, action: str, *names: str, **values: Value) -> None:
        """An entry that has to be refused for this, in a transaction of its own."""
        signed = self.world.sign(self.usually(action, values), *names)
        before = self.errors[error]
        self.send(signed.entry.action.contract, [(signed.pack(), signed)])
        assert self.errors[error] == before + 1, (error, action)

    def _category(self, category: str, *, raw: bool) -> dict[str, Value]:
        names: dict[str, Value] = dict.fromkeys(("parent", "nameZh", "nameEn", "codes"), "")
        return {"rawMaterial": raw, "category": category, "unit": "KGM", **names}

    def copy(self, error: str, signed: SignedEntry) -> None:
        """The same words, signed by a colleague, are refused for this."""
        copy = self.world.sign(signed.entry, COLLEAGUE)
        before = self.errors[error]
        self.send(signed.entry.action.contract, [(copy.pack(), copy)])
        assert self.errors[error] == before + 1, error

    def _published(self) -> dict[str, Value]:
        return {
            "published": self.world.now - DAY,
            "document": bytes(32),
            "rows": 1,
            "rowsRoot": bytes(32),
            "register": REGISTER,
            "title": "",
        }

    def _opened(self, who: bytes) -> dict[str, Value]:
        roles = self.model.organisations[who].roles
        return {"organisation": who, "status": 2, "roles": roles, "division": 0, "reason": ""}

    def _free(self, category: str) -> dict[str, Value]:
        """What was required is not any more."""
        return {"from": 1, "until": 2, "category": category}

    def _strange(self) -> dict[str, Value]:
        return {**self.MirrorRecall()[1], "organisation": org("a stranger")}

    # ------------------------------------------------------------ all of the state

    def check_goods(self) -> None:
        """Everything about goods that can be read says what the model says."""
        world, model = self.world, self.model
        assert self.log.frontier.size == model.size
        for id_, lot in model.lots.items():
            stock = model.stocks[id_, lot.maker]
            goods_, model_, on_hand, lost, begun, state = world.lot(id_)
            assert goods_ == goods(*lot.goods)
            assert model_ == keccak(lot.model.encode())[:6]
            assert (on_hand, lost, begun) == (stock.on_hand, stock.lost, lot.begun)
            blocked = model.blocked(id_)
            assert state == (
                1 + 2 * lot.open + 4 * (not lot.shown) + 8 * blocked + 16 * lot.underrun
            )
            assert world.standings(id_) == len(model.standing.get(id_, {}))
        for (id_, who), stock in model.stocks.items():
            has = world.stock(id_, PARTY_NAMES[who])
            assert has == (stock.on_hand, stock.lost, stock.since or 0)
        for key, parcel in model.parcels.items():
            assert world.view(
                BATCHES,
                "parcel(bytes32,bytes32,bytes20,bytes20)",
                "uint40,uint40,uint40,bool",
                *key,
            ) == (parcel.left, parcel.sent, parcel.due, parcel.answered)
        for id_, unit in model.units.items():
            holder, since, state, _, recipient, due = world.unit(id_)
            assert (holder, since, state) == (unit.holder, unit.since, unit.state)
            assert (recipient, due) == (unit.recipient, unit.due)
        for id_, stops in model.standing.items():
            for digest, by in stops.items():
                assert world.standing(id_, digest) == by
        for name, process in model.processes.items():
            output, ingredients = world.process(name)
            assert output == goods(*process.output)
            assert {i[0]: tuple(i[1:]) for i in ingredients} == {
                goods(*kind): figures for kind, figures in process.ingredients.items()
            }

    def check_doors(self) -> None:
        """38: called by anybody, the doors between the contracts stay shut."""
        lot = next(iter(self.model.lots), bytes(32))
        part = [(lot, 1)]
        doors: list[tuple[str, str, list[object]]] = [
            ("BatchNotOversight", "setBlocked(bytes32,bool)", [lot, True]),
            ("BatchNotOversight", "setBlocked(bytes32,bool)", [lot, False]),
            (
                "BatchNotUnits",
                "setAside(bytes20,uint256,(bytes32,uint40)[])",
                [lot[:20], self.world.now, part],
            ),
            (
                "BatchNotUnits",
                "putBack(bytes20,uint256,(bytes32,uint40)[])",
                [lot[:20], self.world.now, part],
            ),
        ]
        before = self.world.storage()
        for error, signature, values in doors:
            assert self.world.reverted(BATCHES, signature, *values).name == error
            self.errors[error] += 1
            assert not self.world.send(BATCHES, calldata(signature, values)).succeeded
        assert self.world.storage() == before


def batch_life(folder: Path, seed: int, steps: int) -> BatchRun:
    """A life of all contracts from this seed, of so many transactions."""
    with batch_world(folder) as world:
        run = BatchRun(world, random.Random(seed))
        for number in range(steps):
            run.step()
            if number % 50 == 49:
                run.check_goods()
                run.laws.check_all()
        run.seldom()
        run.check_everything()
        run.check_goods()
        run.laws.check_all()
        run.check_doors()
        return run
