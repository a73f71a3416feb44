"""A random life of a ledger: entries good and bad, each judged by the contracts and by a model.

What is checked stands in ``INVARIANTS.md``; the numbers beside the assertions are of its sentences.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Final

from eth_hash.auto import keccak

from ledger.typed_data import ACTIONS, Action, Entry, Field, SignedEntry, Value
from ledger.vocabulary import NO_END, Role
from ledger.vocabulary import AccountState as Account
from ledger.vocabulary import OrganisationStatus as Status
from ledger.vocabulary import QualificationState as State
from tests.contracts.model import PARTICIPANTS, Act, Model
from tests.support.batch_world import BATCH_CAST
from tests.support.contract_world import (
    AUTHORITIES,
    CAST,
    CATEGORY,
    DAY,
    KIND,
    MAX_LATENESS,
    REGISTER,
    ContractWorld,
    LogModel,
    Recorded,
    account,
    contract_world,
    org,
    outcome,
    recover,
    signature,
)

QUALIFICATIONS: Final = "QualificationRegistry"
NAMES: Final = [*CAST, *AUTHORITIES, "eve", "newcomer", "jack", "insider"]
BY_ADDRESS: Final = {account(name): name for name in [*NAMES, *BATCH_CAST, "second storekeeper"]}
TEXTS: Final = ["", "x", "许可证", "SM-1", "SM-11"]
KINDS: Final = [KIND, KIND, KIND, "test-report", REGISTER, ""]
CATEGORIES: Final = [CATEGORY, CATEGORY, CATEGORY, "mask", "mask.n95", ""]
REGISTERS: Final = [REGISTER, REGISTER, "register:another", KIND]
#: Invariant 15: the edges of a qualification's states.
EDGES: Final = {
    State.NONE: {State.SUBMITTED, State.IN_FORCE, State.WITHDRAWN},
    State.SUBMITTED: {State.VERIFIED, State.REFUSED},
    State.VERIFIED: {State.EDITED, State.REFUSED},
    State.EDITED: {State.IN_FORCE, State.REFUSED},
    State.REFUSED: set(),
    State.IN_FORCE: {
        State.RESTRICTED,
        State.SUSPENDED,
        State.WITHDRAWN,
        State.SUPERSEDED,
        State.DELISTED,
    },
    State.RESTRICTED: {State.IN_FORCE, State.SUSPENDED, State.WITHDRAWN, State.SUPERSEDED},
    State.SUSPENDED: {State.IN_FORCE, State.WITHDRAWN},
    State.WITHDRAWN: {State.WITHDRAWN},
    State.SUPERSEDED: {State.WITHDRAWN},
    State.DELISTED: {State.WITHDRAWN},
}
#: Who is likely to be allowed an action; one in five entries is signed by anybody.
LIKELY: Final = {
    "ListOrganisation": ["mirror", "second mirror"],
    "LinkOrganisations": ["verifier", "publisher"],
    "IssueQualification": ["issuer", "second issuer"],
    "SubmitQualification": ["supplier", "second supplier"],
    "VerifyQualification": ["verifier", "editor", "publisher"],
    "EditQualification": ["verifier", "editor", "publisher"],
    "PublishQualification": ["second editor", "verifier", "publisher"],
    "RefuseQualification": ["verifier", "publisher"],
    "RecordPublication": ["mirror", "second mirror"],
    "MirrorQualification": ["mirror", "second mirror"],
    "DelistQualification": ["mirror", "second mirror"],
    "EndKind": ["mirror"],
    "StateCapacity": ["supplier", "second supplier", "mirror"],
    "CloseAlarm": ["auditor"],
}
_CHANGES: Final = [a for a in ACTIONS if a.endswith("Qualification") and a not in LIKELY]
#: Acts that would soon leave nobody to sign are rarer than others.
_RARE: Final = {
    "ChangeOrganisation",
    "RemoveAccount",
    "DisableAccount",
    "DeclareCompromised",
    "SetQuorum",
    "SetMaxLateness",
    "AdmitContract",
    "Accredit",
    "EndKind",
}


@dataclass
class Run:
    """One random life of a ledger."""

    #: The contracts that take entries.
    contracts: ClassVar[Sequence[str]] = (PARTICIPANTS, QUALIFICATIONS)

    world: ContractWorld
    chance: random.Random
    model: Model = field(init=False)
    log: LogModel = field(default_factory=LogModel)
    leaves: list[bytes] = field(default_factory=list)
    #: Packed entries that were recorded, for replays and altered copies.
    past: list[tuple[str, bytes, SignedEntry | None]] = field(default_factory=list)
    states: dict[bytes, int] = field(default_factory=dict)
    withdrawn: dict[bytes, int] = field(default_factory=dict)
    #: How often each action was recorded.
    accepted: Counter[str] = field(default_factory=Counter)
    #: How often each error refused an entry.
    errors: Counter[str] = field(default_factory=Counter)
    #: Transactions of which every entry was refused.
    unchanged: int = 0
    #: Whether the entry that is being made takes values that are usually good.
    sensible: bool = False

    def __post_init__(self) -> None:
        """Follow the founding, so that the model knows what the chain does."""
        world = self.world
        self.model = self.new_model()
        self.model.contracts = set(world.addresses.values())
        self.model.admitted = {world.addresses[PARTICIPANTS]}
        founded = Entry.of(
            "RegisterOrganisation",
            nonce=0,
            happenedAt=0,
            deadline=0,
            roles=int(Role.AUTHORITY),
            division=0,
            identifierKind="invented",
            identifier="authority",
            nameZh="虚构机关",
            nameEn="",
        )
        act = Act(self.model, b"", [], b"", 0)
        assert not set(act.RegisterOrganisation(founded.values))
        act.apply()
        for name in AUTHORITIES:
            values: dict[str, Value] = {
                "organisation": self.authority,
                "account": account(name),
                "roles": int(Role.AUTHORITY),
            }
            act = Act(self.model, b"", [], b"", 0)
            assert not set(act.AddAccount(values))
            act.apply()
        for number in range(1, world.chain.head().number + 1):
            for contract in self.contracts:
                logs = world.chain.logs(number, number, [world.addresses[contract]])
                for digest in dict.fromkeys(log.transaction_hash for log in logs):
                    receipt = world.chain.receipt(digest)
                    assert receipt is not None
                    made = outcome(receipt)
                    for recorded in made.recorded:
                        signed = SignedEntry.unpack(contract, recorded.packed)
                        self.judge(signed, accept=True)
                        self.recorded(signed, recorded)
                    self.log.follow(world, contract, made)

    def new_model(self) -> Model:
        """What the contracts should decide, before anything was recorded."""
        return Model(self.world.now, 2, MAX_LATENESS)

    @property
    def usual(self) -> dict[str, list[Value]]:
        now = self.world.now
        return {
            "happenedAt": [now, now, now - 60],
            "deadline": [now + DAY],
            "validFrom": [now - 10 * DAY, now - 10 * DAY, 1, 0],
            "validUntil": [now + 10 * DAY, now + 10 * DAY, NO_END, now + DAY, 0],
            "from": [1],
            "until": [NO_END],
            "published": [now - DAY],
            "since": [now - DAY, now],
            "effective": [now, now, now - DAY, now + 2 * DAY],
            "withdrawnFrom": [0, 0, 0, now, now + DAY],
            "category": [CATEGORY, CATEGORY, "mask"],
            "parent": ["", CATEGORY],
            "kind": [KIND],
            "register": [REGISTER],
            "identifierKind": [REGISTER],
            "identifier": [f"firm {self.chance.randrange(500)}"],
            "nameEn": ["Firm"],
            "division": [0],
            "status": [2, 2, 2, 3],
            "holder": [org("maker"), org("weaver")],
            "reason": ["as decided"],
            "unit": ["H87"],
        }

    @property
    def authority(self) -> bytes:
        return self.world.actor(AUTHORITIES[0])[0]

    def judge(self, signed: SignedEntry, *, accept: bool = False) -> set[str]:
        digest = self.world.digest(signed)
        signers = [recover(digest, s) for s in signed.signatures]
        broken = self.model.record(signed, digest, signers)
        assert not (accept and broken), broken
        return broken

    # ------------------------------------------------------------ random entries

    def pick(self, values: Sequence[Any]) -> Any:
        return values[self.chance.randrange(len(values))]

    def odds(self, one_in: int) -> bool:
        return self.chance.randrange(one_in) == 0

    def value(self, action: Action, f: Field) -> Any:
        """Something for this field: mostly of some sense, at times of none."""
        now, chance = self.world.now, self.chance
        if self.sensible and f.name in self.usual:
            return self.pick(self.usual[f.name])
        time = chance.randrange(-40, 41) * DAY // 4 + now
        match f.name:
            case "nonce":
                return chance.randrange(600)
            case "happenedAt":
                if self.odds(12):
                    return now - MAX_LATENESS - chance.randrange(3 * DAY)
                return now + self.pick([0, 0, 0, -DAY, -60, 600, 601 if self.odds(9) else 1])
            case "deadline":
                return now + self.pick([0, DAY, DAY, DAY, -1 if self.odds(9) else 60])
            case "organisation" | "holder" | "first" | "second":
                return self.pick([*self.model.organisations, org("a stranger")])
            case "account":
                return account(self.pick(NAMES)) if chance.randrange(30) else bytes(20)
            case "ledger":
                return self.pick([*self.world.addresses.values(), account("eve")])
            case "roles":
                return chance.randrange(512) | self.pick([0, 2, 8, 16, 32])
            case "status":
                return self.pick([2, 2, 2, 2, 3, 4, 1])
            case "quorum":
                return self.pick([1, 2, 2, 2, 3, 4, 0])
            case "maxLateness":
                return self.pick([MAX_LATENESS, MAX_LATENESS, DAY])
            case "qualification" | "successor":
                known = list(self.model.qualifications)
                if self.sensible and f.name == "qualification":
                    known = self.ready(action.name) or known
                return self.pick(known[-12:] or [bytes(32)]) if chance.randrange(20) else bytes(32)
            case "publication":
                known = [*self.model.publications, bytes(32)]
                return self.pick(known[:-1][-6:] if self.sensible and known[1:] else known)
            case "identifierKind":
                return self.pick(["invented", REGISTER, ""])
            case "identifier":
                return self.pick(["maker", f"firm {chance.randrange(50)}", ""])
            case "from" | "validFrom":
                return self.pick([0, 1, time, time])
            case "until" | "validUntil":
                return self.pick([0, NO_END, now + 30 * DAY, time, time])
            case "effective" | "withdrawnFrom" | "since" | "published":
                return self.pick([0, 1, now, now - DAY, time])
            case "category" | "parent":
                return self.pick(CATEGORIES)
            case "kind":
                return self.pick(KINDS)
            case "register":
                return self.pick(REGISTERS)
        if f.type == "bool":
            return bool(chance.randrange(2))
        if f.type == "string":
            return self.pick(TEXTS)
        if f.type.startswith("uint"):
            return chance.randrange(10**12 + 3)
        return keccak(bytes((chance.randrange(3),)))[: int(f.type[5:])]

    def ready(self, action: str) -> list[bytes]:
        """The qualifications that are in a state in which this can be done."""
        starts = {
            "VerifyQualification": {State.SUBMITTED},
            "EditQualification": {State.VERIFIED},
            "PublishQualification": {State.EDITED},
            "RefuseQualification": {State.SUBMITTED, State.VERIFIED, State.EDITED},
            "ReinstateQualification": {State.RESTRICTED, State.SUSPENDED},
            "DelistQualification": {State.IN_FORCE},
            "SupersedeQualification": {State.IN_FORCE, State.RESTRICTED},
        }.get(action, set(State))
        mirrored = {4} if action == "DelistQualification" else {1, 2, 3, 4}
        return [
            i
            for i, q in self.model.qualifications.items()
            if q.state in starts and q.way in mirrored
        ]

    def entry(self, contract: str) -> SignedEntry:
        actions = [a for a in ACTIONS.values() if a.contract == contract]
        action: Action = self.pick(actions)
        self.sensible = self.chance.randrange(4) > 0
        if action.name in _RARE and self.chance.randrange(3):
            action = ACTIONS["Accredit" if contract == PARTICIPANTS else "IssueQualification"]
        entry = Entry.of(action.name, **{f.name: self.value(action, f) for f in action.fields})
        names = list(AUTHORITIES)
        self.chance.shuffle(names)
        if action.authority or (action.name in _CHANGES and self.odds(3)):
            signers = names[: self.pick([1, 2, 2, 2, 3])]
        elif self.odds(5):
            signers = [self.pick(NAMES)]
        else:
            signers = [self.pick(LIKELY.get(action.name) or list(CAST))]
        if self.odds(12):
            signers += names[: self.chance.randrange(3)]
        if self.odds(40):
            signers.append(self.pick(NAMES))
        if action.name in _CHANGES and not action.authority and self.odds(2):
            signers = self.issuers(entry) or signers
        return self.world.sign(entry, *signers)

    def issuers(self, entry: Entry) -> list[str]:
        """Somebody of the organisation that may change the qualification, if there is one."""
        qualification: Any = entry.values["qualification"]
        q = self.model.qualifications.get(qualification)
        members = [
            BY_ADDRESS[a]
            for a, m in self.model.accounts.items()
            if q is not None and m.organisation == q.issuer and a in BY_ADDRESS
        ]
        return [self.pick(members)] if members else []

    def packed(self, contract: str) -> tuple[bytes, SignedEntry | None]:
        """An entry, or None beside bytes that can never be recorded."""
        known = [(p, s) for c, p, s in self.past[-40:] if c == contract]
        if known and self.odds(10):
            return self.pick(known)  # type: ignore[no-any-return]
        signed = self.entry(contract)
        raw = bytearray(signed.pack())
        if self.chance.randrange(12):
            return bytes(raw), signed
        match self.chance.randrange(4):
            case 0:
                raw[self.chance.randrange(len(raw))] ^= 1 << self.chance.randrange(8)
            case 1:
                del raw[self.chance.randrange(len(raw)) :]
            case 2:
                raw += bytes(1 + self.chance.randrange(40))
            case 3:
                raw[2:66] = signature(self.pick(NAMES), keccak(bytes(raw)))
        return bytes(raw), None

    # ------------------------------------------------------------ one transaction

    def step(self) -> None:
        world = self.world
        world.now += self.pick([0, 0, 1, 60, DAY // 2])
        self.model.now = world.now
        contract = self.next_contract()
        batch = [self.packed(contract) for _ in range(self.chance.randrange(1, 16))]
        self.send(contract, batch)

    def next_contract(self) -> str:
        """The contract to which the next transaction goes."""
        return str(self.pick([PARTICIPANTS, QUALIFICATIONS, QUALIFICATIONS, QUALIFICATIONS]))

    def send(self, contract: str, batch: Sequence[tuple[bytes, SignedEntry | None]]) -> None:
        """One transaction, looked at from all sides."""
        world = self.world
        before, accounts = world.storage(), self.frozen()

        made = world.record_bytes(contract, [raw for raw, _ in batch])

        refused = {r.index: r.error.name for r in made.refused}
        self.errors.update(refused.values())
        recorded = iter(made.recorded)
        for index, (raw, signed) in enumerate(batch):
            if signed is None:  # 9
                assert index in refused, "an altered entry was recorded"
                continue
            broken = self.judge(signed)
            if index in refused:
                assert refused[index] in broken, (refused[index], broken, signed.entry)  # 5
                continue
            assert not broken, (broken, signed.entry)
            found = next(recorded)
            assert found.packed == raw
            assert found.late == self.model.late  # 10
            self.past.append((contract, raw, signed))
            self.recorded(signed, found)
            self.accepted[signed.entry.action.name] += 1
        assert next(recorded, None) is None
        assert len(made.recorded) + len(made.refused) == len(batch)
        if not made.recorded:  # 4, 6
            assert world.storage() == before
            self.unchanged += 1
            assert made.root is None
        self.log.follow(world, contract, made)  # 1: no gap
        if made.recorded:
            assert made.root == self.log.frontier.root()
        assert world.size() == self.log.frontier.size
        assert world.root() == self.log.frontier.root()  # 2
        self.check_edges()
        self.check_people(accounts)

    def recorded(self, signed: SignedEntry, found: Recorded) -> None:
        """What a kind of life adds for each entry that was recorded."""

    def frozen(self) -> dict[bytes, tuple[bytes, int, int]]:
        return {a: (m.organisation, m.state, m.since) for a, m in self.model.accounts.items()}

    def check_edges(self) -> None:
        for id_, q in self.model.qualifications.items():
            old = self.states.get(id_, State.NONE)
            if q.state != old:
                # Several steps may lie in one batch.
                assert q.state in reachable(old), (old, q.state)  # 15, 16
            self.states[id_] = q.state
            if q.withdrawn is not None:
                assert q.withdrawn <= self.withdrawn.get(id_, NO_END)
                self.withdrawn[id_] = q.withdrawn
            if q.way == 2 and len(q.steps) == 3:  # 17
                who = [self.model.accounts[s].organisation for s in q.steps]
                assert len(set(q.steps)) == 3
                assert len(set(who)) > 1
                assert q.submitter not in who

    def check_people(self, before: dict[bytes, tuple[bytes, int, int]]) -> None:
        live = self.model.authority_accounts()
        assert live >= self.model.quorum >= 1  # 11
        for address, (organisation, state, since) in before.items():  # 12
            now = self.model.accounts[address]
            assert now.organisation == organisation
            if state != Account.LIVE:
                assert now.state in (state, Account.COMPROMISED)
            if state == Account.COMPROMISED:
                assert now.since <= since

    # ------------------------------------------------------------ all of the state

    def check_everything(self) -> None:
        """Every word that can be read says what the model says."""
        world, model = self.world, self.model
        assert world.limits() == (model.quorum, model.max_lateness)
        count = world.view(PARTICIPANTS, "authorityAccounts()", "uint256")
        assert count == model.authority_accounts()  # 11
        for id_, o in model.organisations.items():
            assert world.organisation(id_) == (o.status, o.roles, o.division)
            if o.status == Status.LISTED:  # 13
                assert o.roles == 0
                assert all(m.organisation != id_ for m in model.accounts.values())
        for address, m in model.accounts.items():
            assert world.account_state(BY_ADDRESS[address]) == (m.state, m.since)
        for (id_, kind), dates in model.accreditations.items():
            assert world.accreditation(id_, kind) == dates
        for id_, q in model.qualifications.items():
            issuer, since, until, state, way = world.qualification(id_)
            assert (issuer, state, way) == (q.issuer, q.state, q.way)
            if q.withdrawn is None:
                assert (since, until) == (q.valid_from, q.valid_until)
            else:
                assert until == min(q.withdrawn, q.valid_until or q.withdrawn)
        for subject, head in self.log.heads.items():  # 3
            assert world.head(subject) == head
        assert world.head(keccak(b"nobody")) == bytes(32)
        for contract, address, nonce in model.used:  # 7
            assert world.is_nonce_used(contract, BY_ADDRESS[address], nonce)
        for _ in range(20):
            self.check_gate()

    def check_gate(self) -> None:  # 20
        known = list(self.model.qualifications)
        if not known:
            return
        cited = [self.pick(known) for _ in range(self.chance.randrange(4))]
        about = self.model.qualifications[cited[0] if cited else self.pick(known)]
        model = self.pick(["", about.model, "SM-1"])
        time = self.pick([self.world.now, about.valid_from, about.valid_until, 1])
        citations = []
        for id_ in cited:
            q = self.model.qualifications[id_]
            register = keccak(q.register.encode()) if q.register else bytes(32)
            kind = keccak(q.kind.encode())
            citations.append((q.author, register, kind, q.digest, q.model == ""))
        refusal = self.world.view(
            QUALIFICATIONS,
            "gate(bytes20,bytes32,bytes32,uint256,(bytes20,bytes32,bytes32,bytes32,bool)[])",
            "bytes",
            about.holder,
            keccak(about.category.encode()),
            keccak(model.encode()),
            time,
            citations,
        )
        # The time of a call is that of the last block.
        asked = replace(self.model, now=self.world.chain.head().time)
        assert (refusal == b"") == asked.gate(about.holder, about.category, model, time, cited)


def reachable(state: int) -> set[State]:
    found: set[State] = set()
    ahead = set(EDGES[State(state)])
    while ahead:
        following = ahead.pop()
        if following not in found:
            found.add(following)
            ahead |= EDGES[following]
    return found


def life(folder: Path, seed: int, steps: int) -> Run:
    """A life of both registries from this seed, of so many transactions."""
    with contract_world(folder) as world:
        run = Run(world, random.Random(seed))
        for number in range(steps):
            run.step()
            if number % 10 == 9:
                run.check_everything()
        run.check_everything()
        return run
