"""What gas is measured with: a ledger in which every organisation has ten accounts, and a hundred
good entries of each of the registries' actions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from eth_hash.auto import keccak

from ledger.typed_data import SignedEntry, Value, organisation_id, publication_id
from ledger.vocabulary import NO_END, Role
from tests.support.contract_world import (
    CATEGORY,
    FOUNDED,
    KIND,
    MIRRORED_KIND,
    REGISTER,
    ContractWorld,
    account,
    deploy_registries,
    founding_arguments,
    open_world,
    org,
)

BATCH: Final = 100

_ROLES: Final = {
    "bureau": Role.ISSUER,
    "panel": Role.REVIEWER,
    "college": Role.REVIEWER,
    "observer": Role.MIRROR,
    "maker": Role.SUPPLIER,
    "office": Role.AUDITOR,
}


def firm(number: int) -> bytes:
    return organisation_id("invented", f"H{number:05d}")


@dataclass
class GasWorld:
    """A founded ledger in which every organisation has ten accounts and one that prepares."""

    #: Who signs each action; the authority signs the others.
    signers: ClassVar[Mapping[str, str]] = {
        "ListOrganisation": "observer",
        "DisableAccount": "crowd",
        "LinkOrganisations": "panel",
        "IssueQualification": "bureau",
        "SubmitQualification": "maker",
        "VerifyQualification": "panel",
        "EditQualification": "college",
        "PublishQualification": "college",
        "RefuseQualification": "panel",
        "RecordPublication": "observer",
        "MirrorQualification": "observer",
        "DelistQualification": "observer",
        "EndKind": "observer",
        "RestrictQualification": "bureau",
        "SuspendQualification": "bureau",
        "ReinstateQualification": "bureau",
        "WithdrawQualification": "bureau",
        "SupersedeQualification": "bureau",
        "StateCapacity": "maker",
        "CloseAlarm": "office",
        "Reply": "maker",
    }

    world: ContractWorld

    def accounts(self, organisation: str) -> list[str]:
        return [f"{organisation} {number}" for number in range(10)]

    def act(self, action: str, by: str, **values: Value) -> SignedEntry:
        return self.world.act(action, by, **values)

    def prepared(self, action: str, organisation: str, values: list[dict[str, Value]]) -> None:
        preparer = f"{organisation} preparer"
        self.world.accepted(*(self.act(action, preparer, **v) for v in values))

    def terms(self, number: int) -> dict[str, Value]:
        return {
            "validFrom": 1_600_000_000,
            "validUntil": 1_900_000_000,
            "document": keccak(b"%d" % number),
            "category": CATEGORY,
            "model": f"SM-{number}",
            "kind": KIND,
            "number": f"LIC-2020-{number:05d}",
        }

    def made(self, action: str, organisation: str, values: list[dict[str, Value]]) -> list[bytes]:
        """The ids of qualifications that were made by these."""
        preparer = f"{organisation} preparer"
        entries = [self.act(action, preparer, **v) for v in values]
        return [r.subject for r in self.world.accepted(*entries)]

    def issued(self, count: int = BATCH) -> list[bytes]:
        values = [{**self.terms(i), "holder": firm(i % BATCH)} for i in range(count)]
        return self.made("IssueQualification", "bureau", values)

    def submitted(self) -> list[bytes]:
        return self.made("SubmitQualification", "maker", [self.terms(i) for i in range(BATCH)])

    def step(self, action: str, organisation: str, ids: list[bytes]) -> list[bytes]:
        given: dict[str, Value] = {"document": keccak(b"decision")}
        if action == "EditQualification":
            given |= {"validFrom": 1_600_000_000, "validUntil": 1_900_000_000, "number": "R-1"}
        text = "note" if action[:4] in ("Veri", "Edit", "Publ") else "reason"
        values = [{**given, "qualification": i, text: "as decided"} for i in ids]
        self.prepared(action, organisation, values)
        return ids

    def publication(self) -> bytes:
        entry = self.act("RecordPublication", "observer preparer", **self.published(0))
        self.world.accepted(entry)
        return publication_id(org("observer"), self.world.digest(entry))

    def published(self, number: int) -> dict[str, Value]:
        return {
            "published": FOUNDED - 86_400,
            "document": keccak(b"list %d" % number),
            "rows": 1_345,
            "rowsRoot": keccak(b"rows %d" % number),
            "register": REGISTER,
            "title": "N95 respirators: approved makers and models",
        }

    def row(self, number: int, publication: bytes) -> dict[str, Value]:
        return {
            "holder": firm(number),
            "validFrom": 0,
            "validUntil": 0,
            "document": keccak(b"row %d" % number),
            "publication": publication,
            "withdrawnFrom": 0,
            "category": CATEGORY,
            "model": f"SM-{number}",
            "kind": MIRRORED_KIND,
            "number": f"TC-84A-{number:04d}",
        }

    # ------------------------------------------------------------ 100 entries of each action

    def values(self, action: str) -> list[dict[str, Value]]:
        """What is stated by 100 good entries of the action, after what they need is prepared."""
        make: Callable[[], list[dict[str, Value]]] = getattr(self, f"_{action}")
        return make()

    def _RegisterOrganisation(self) -> list[dict[str, Value]]:
        return [self.registration(f"N{i:05d}") for i in range(BATCH)]

    def registration(self, code: str) -> dict[str, Value]:
        return {
            "roles": int(Role.SUPPLIER),
            "division": 420_100_000_000,
            "identifierKind": "invented",
            "identifier": code,
            "nameZh": "虚构口罩制造厂" + code,
            "nameEn": "Invented Mask Works " + code,
        }

    def _ListOrganisation(self) -> list[dict[str, Value]]:
        names = [f"Invented Respirators {i}, Inc." for i in range(BATCH)]
        kind = {"identifierKind": REGISTER, "nameZh": ""}
        return [{**kind, "identifier": n, "nameEn": n} for n in names]

    def _ChangeOrganisation(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {
            "status": 2,
            "roles": 32,
            "division": 110_000_000_000,
            "reason": "moved",
        }
        return [{**given, "organisation": firm(i)} for i in range(BATCH)]

    def _added(self) -> list[dict[str, Value]]:
        return [
            {
                "organisation": firm(i),
                "account": account(f"member {i}"),
                "roles": int(Role.SUPPLIER),
                "person": keccak(b"person %d" % i),
            }
            for i in range(BATCH)
        ]

    def _AddAccount(self) -> list[dict[str, Value]]:
        return self._added()

    def _RemoveAccount(self) -> list[dict[str, Value]]:
        self.prepared("AddAccount", "authority", self._added())
        return [{"account": account(f"member {i}"), "reason": "left"} for i in range(BATCH)]

    def _DisableAccount(self) -> list[dict[str, Value]]:
        members: list[dict[str, Value]] = [
            {**v, "account": account(f"crowd {i}")} for i, v in enumerate(self._added())
        ]
        self.prepared("AddAccount", "authority", members)
        return [{"reason": "lost phone"}] * BATCH

    def _DeclareCompromised(self) -> list[dict[str, Value]]:
        self.prepared("AddAccount", "authority", self._added())
        given: dict[str, Value] = {"since": FOUNDED - 86_400, "reason": "stolen"}
        return [{**given, "account": account(f"member {i}")} for i in range(BATCH)]

    def _Accredit(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"from": 1, "until": NO_END, "kind": KIND}
        return [{**given, "organisation": firm(i)} for i in range(BATCH)]

    def _LinkOrganisations(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"same": True, "reason": "the same code"}
        return [{**given, "first": firm(i), "second": firm(99 - i)} for i in range(BATCH)]

    def _SetQuorum(self) -> list[dict[str, Value]]:
        return [{"quorum": 1}] * BATCH

    def _SetMaxLateness(self) -> list[dict[str, Value]]:
        return [{"maxLateness": 86_400 + i} for i in range(BATCH)]

    def _SetCategory(self) -> list[dict[str, Value]]:
        names = {"nameZh": "医用外科口罩", "nameEn": "Surgical mask", "unit": "H87"}
        given: dict[str, Value] = {"rawMaterial": False, "parent": "", "codes": "{}", **names}
        return [{**given, "category": f"mask.sort-{i}"} for i in range(BATCH)]

    def _SetRequirement(self) -> list[dict[str, Value]]:
        self.prepared("SetCategory", "authority", self._SetCategory())
        given: dict[str, Value] = {"from": 1, "until": NO_END, "kind": KIND}
        return [{**given, "category": f"mask.sort-{i}"} for i in range(BATCH)]

    def _AcceptMirror(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"accepted": True, "register": REGISTER}
        return [{**given, "kind": f"kind-{i}"} for i in range(BATCH)]

    def _IssueQualification(self) -> list[dict[str, Value]]:
        return [{**self.terms(i), "holder": firm(i)} for i in range(BATCH)]

    def _SubmitQualification(self) -> list[dict[str, Value]]:
        return [self.terms(i) for i in range(BATCH)]

    def _about(self, ids: list[bytes], text: str, **more: Value) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"document": keccak(b"decision"), text: "as decided", **more}
        return [{**given, "qualification": i} for i in ids]

    def _VerifyQualification(self) -> list[dict[str, Value]]:
        return self._about(self.submitted(), "note")

    def _EditQualification(self) -> list[dict[str, Value]]:
        ids = self.step("VerifyQualification", "panel", self.submitted())
        dates: dict[str, Value] = {"validFrom": 1_600_000_000, "validUntil": 1_900_000_000}
        return self._about(ids, "note", number="R-1", **dates)

    def _PublishQualification(self) -> list[dict[str, Value]]:
        ids = self.step("VerifyQualification", "panel", self.submitted())
        # The preparer of the panel verified; another of the panel edits.
        values = self._about(
            ids, "note", number="R-1", validFrom=1_600_000_000, validUntil=1_900_000_000
        )
        self.world.accepted(*(self.act("EditQualification", "panel 0", **v) for v in values))
        return self._about(ids, "note")

    def _RefuseQualification(self) -> list[dict[str, Value]]:
        return self._about(self.submitted(), "reason")

    def _WaiveQualification(self) -> list[dict[str, Value]]:
        found = []
        for i in range(BATCH):
            terms = {**self.terms(i), "holder": firm(i), "reason": "shortage"}
            del terms["number"]
            found.append(terms)
        return found

    def _RecordPublication(self) -> list[dict[str, Value]]:
        return [self.published(i) for i in range(BATCH)]

    def _MirrorQualification(self) -> list[dict[str, Value]]:
        publication = self.publication()
        return [self.row(i, publication) for i in range(BATCH)]

    def _DelistQualification(self) -> list[dict[str, Value]]:
        publication = self.publication()
        rows = [self.row(i, publication) for i in range(BATCH)]
        ids = self.made("MirrorQualification", "observer", rows)
        given: dict[str, Value] = {"publication": publication, "reason": "no longer listed"}
        return [{**given, "qualification": i} for i in ids]

    def _EndKind(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"publication": self.publication(), "reason": "revoked"}
        return [{**given, "effective": FOUNDED, "kind": f"kind-{i}"} for i in range(BATCH)]

    def _RestrictQualification(self) -> list[dict[str, Value]]:
        return self._about(self.issued(), "reason")

    def _SuspendQualification(self) -> list[dict[str, Value]]:
        return self._about(self.issued(), "reason")

    def _ReinstateQualification(self) -> list[dict[str, Value]]:
        return self._about(self.step("SuspendQualification", "bureau", self.issued()), "reason")

    def _WithdrawQualification(self) -> list[dict[str, Value]]:
        return self._about(self.issued(), "reason", effective=FOUNDED)

    def _SupersedeQualification(self) -> list[dict[str, Value]]:
        ids = self.issued(2 * BATCH)
        pairs = zip(ids[:BATCH], ids[BATCH:], strict=True)
        return [{"qualification": a, "successor": b, "reason": "renewed"} for a, b in pairs]

    def _StateCapacity(self) -> list[dict[str, Value]]:
        given: dict[str, Value] = {"publication": bytes(32), "document": keccak(b"statement")}
        given |= {"organisation": org("maker"), "category": CATEGORY, "unit": "H87"}
        return [{**given, "perDay": 20_000 + i, "model": f"SM-{i}"} for i in range(BATCH)]

    def _CloseAlarm(self) -> list[dict[str, Value]]:
        return [{"alarm": keccak(b"alarm %d" % i), "reason": "explained"} for i in range(BATCH)]

    def _Reply(self) -> list[dict[str, Value]]:
        return [
            {"about": keccak(b"%d" % i), "document": bytes(32), "text": "we object"}
            for i in range(BATCH)
        ]

    # ------------------------------------------------------------ measuring

    def measure(self, action: str, signers: int) -> int:
        """Gas of the whole transaction by entry, rounded up."""
        organisation = self.signers.get(action, "authority")
        values = self.values(action)
        if organisation == "crowd":
            names = [f"crowd {i}" for i in range(BATCH)]
        else:
            accounts = self.accounts(organisation)
            names = [accounts[i * signers // BATCH] for i in range(BATCH)]
        batch = [self.act(action, n, **v) for n, v in zip(names, values, strict=True)]
        made = self.world.record(*batch)
        assert not made.refused, made.refused[0].error
        return -(-made.receipt.gas_used // BATCH)


def let_in(world: ContractWorld, roles: Mapping[str, Role]) -> list[SignedEntry]:
    """The entries by which these organisations get eleven accounts each."""
    made = GasWorld(world)
    entries = []
    for name, role in roles.items():
        terms = {**made.registration(name), "identifier": name, "roles": int(role)}
        entries.append(world.act("RegisterOrganisation", "authority preparer", **terms))
        for member in [*made.accounts(name), f"{name} preparer"]:
            values: dict[str, Value] = {
                "organisation": org(name),
                "account": account(member),
                "roles": int(role),
                "person": keccak(member.encode()),
            }
            entries.append(world.act("AddAccount", "authority preparer", **values))
    return entries


def found(path: Path) -> ContractWorld:
    """The ledger of a :class:`GasWorld`, in which every account has signed before."""
    world = open_world(path)
    names = GasWorld(world).accounts("authority")
    terms = founding_arguments([account(n) for n in [*names, "authority preparer"]], 1)
    deploy_registries(world, terms)

    def ruled(action: str, **values: Value) -> SignedEntry:
        return world.act(action, "authority preparer", **values)

    made = GasWorld(world)
    world.accepted(
        ruled(
            "AdmitContract",
            ledger=world.addresses["QualificationRegistry"],
            name="QualificationRegistry",
        )
    )
    firms = [made.registration(f"H{i:05d}") for i in range(BATCH)]
    world.accepted(*(ruled("RegisterOrganisation", **v) for v in firms))
    entries = let_in(world, _ROLES)
    for name, kind in [("bureau", KIND), ("observer", REGISTER)]:
        terms_of: dict[str, Value] = {"from": 1, "until": NO_END, "kind": kind}
        entries.append(ruled("Accredit", organisation=org(name), **terms_of))
    world.accepted(*entries)
    category = {**made._SetCategory()[0], "category": CATEGORY}
    world.accepted(ruled("SetCategory", **category))
    for name in ["authority", *_ROLES]:
        for member in made.accounts(name):
            world.accepted(
                world.act("Reply", member, about=bytes(32), document=bytes(32), text="hello")
            )
            if name == "authority":
                world.accepted(world.act("SetMaxLateness", member, maxLateness=604_800))
    for member in made.accounts("panel"):
        world.accepted(
            world.act(
                "LinkOrganisations", member, first=firm(0), second=firm(1), same=False, reason=""
            )
        )
    for member in made.accounts("observer"):
        values = {"identifierKind": REGISTER, "nameZh": "", "nameEn": member, "identifier": member}
        world.accepted(world.act("ListOrganisation", member, **values))
    return world
