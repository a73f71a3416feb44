"""A ledger in memory, so that scenarios read as sentences.

Real entries with real ids and subjects; sequence and time are the builder's. No rule of the
contracts is enforced here: a scenario may also tell what a contract would refuse.

>>> world = World()
>>> maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
>>> world.category("mask.surgical")
>>> world.require("mask.surgical", "test-report")
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from eth_hash.auto import keccak

from ledger.gathering import gather, reports_of
from ledger.history import History, alarm_id, marks
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import (
    Domain,
    Entry,
    Value,
    alarm_subject,
    lot_id,
    moved_subjects,
    named_subject,
    organisation_id,
    organisation_subject,
    publication_id,
    qualification_id,
    register_subject,
    unit_id,
)
from ledger.vocabulary import NO_END, OrganisationStatus, Role

NOTHING = bytes(32)
_CREATING = (
    "IssueQualification",
    "SubmitQualification",
    "WaiveQualification",
    "MirrorQualification",
)
ADDRESSES = {
    "ParticipantRegistry": keccak(b"participants")[:20],
    "QualificationRegistry": keccak(b"qualifications")[:20],
    "BatchLedger": keccak(b"batches")[:20],
    "LogisticUnits": keccak(b"units")[:20],
    "BatchOversight": keccak(b"oversight")[:20],
}
_LOTS = ("BatchLedger", "LogisticUnits", "BatchOversight")


def instant(text: str, zone: str = "UTC") -> int:
    """The instant of an ISO date or date and time in the zone."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def document(name: str) -> bytes:
    """The hash of a document that is called so."""
    return keccak(name.encode())


@dataclass(frozen=True)
class Firm:
    """Somebody on the ledger; ``account`` signs for it (none for a listed one)."""

    id: bytes
    name: str
    account: bytes = b""

    def second_account(self, number: int) -> "Firm":
        """The same organisation, signing with another of its accounts."""
        return replace(self, account=_account(f"{self.name} {number}"))


def _account(name: str) -> bytes:
    return keccak(b"account" + name.encode())[:20]


class World:
    """The ledger so far. ``now`` is the time of the next block; tests set it."""

    def __init__(self, founded: str = "2019-01-01") -> None:
        self.now = instant(founded)
        self.entries: list[RecordedEntry] = []
        self.registers: dict[bytes, str] = {}
        self.kinds: dict[bytes, str] = {}
        self.authority = Firm(
            organisation_id("demo", "authority"), "Authority", _account("Authority")
        )
        self.founding = Founding(
            self.authority.id, "demo", "authority", "示范主管机构", "Authority",
            (self.authority.account,), 1, 7 * 86400, self.now,
        )  # fmt: skip

    # ---- recording

    def record(self, by: Firm, name: str, /, **values: Value) -> RecordedEntry:
        """One more entry, in a block of its own at ``now``."""
        sequence = len(self.entries)
        common: dict[str, Value] = {
            "nonce": sequence, "happenedAt": self.now, "deadline": self.now + 3600
        }  # fmt: skip
        entry = Entry.of(name, **{**common, **values})
        contract = entry.action.contract
        digest = entry.digest(Domain(contract, 1, ADDRESSES[contract]))
        recorded = RecordedEntry(
            sequence=sequence,
            recorded_at=self.now,
            block_number=sequence + 1,
            transaction_hash=keccak(b"transaction" + sequence.to_bytes(8, "big")),
            contract=contract,
            address=ADDRESSES[contract],
            entry=entry,
            signatures=(bytes(64),),
            signers=(by.account,),
            author=by.id,
            late=False,
            digest=digest,
            subjects=self._subjects(by, entry, digest),
            previous=(),
            leaf=keccak(b"leaf" + sequence.to_bytes(8, "big")),
        )
        self.entries.append(recorded)
        return recorded

    def _subjects(self, by: Firm, entry: Entry, digest: bytes) -> tuple[bytes, ...]:
        name, v = entry.action.name, entry.values
        if entry.action.contract in _LOTS:
            return moved_subjects(entry, self._first_of_lots(by, name, v), by.id)
        if name in _CREATING:
            holder = by.id if name == "SubmitQualification" else _raw(v["holder"])
            source = by.id
            if name == "MirrorQualification":
                source = register_subject(by.id, self.registers[_raw(v["publication"])])
            made = qualification_id(
                source, holder, str(v["category"]), str(v["model"]), str(v["kind"]), digest
            )
            self.kinds[made] = str(v["kind"])
            return (made, organisation_subject(holder))
        if name == "SupersedeQualification":
            return (_raw(v["qualification"]), _raw(v["successor"]))
        if "qualification" in v:
            return (_raw(v["qualification"]),)
        if name in ("RegisterOrganisation", "ListOrganisation"):
            made = organisation_id(str(v["identifierKind"]), str(v["identifier"]))
            return (organisation_subject(made),)
        if name == "LinkOrganisations":
            return (organisation_subject(_raw(v["first"])), organisation_subject(_raw(v["second"])))
        if name in ("RemoveAccount", "DeclareCompromised"):
            owner = next(
                _raw(e["organisation"])
                for e in self.entries
                if e.action == "AddAccount" and e["account"] == v["account"]
            )
            return (organisation_subject(owner),)
        if name in ("SetCategory", "SetRequirement"):
            return (named_subject("category", str(v["category"])),)
        if name in ("AcceptMirror", "EndKind"):
            return (named_subject("kind", str(v["kind"])),)
        if name == "RecordPublication":
            self.registers[publication_id(by.id, digest)] = str(v["register"])
            return (register_subject(by.id, str(v["register"])),)
        if name == "CloseAlarm":
            return (alarm_subject(_raw(v["alarm"])),)
        if name in ("DisableAccount", "Reply"):
            return (organisation_subject(by.id),)
        return (organisation_subject(_raw(v["organisation"])),)

    def _first_of_lots(self, by: Firm, name: str, v: Mapping[str, Value]) -> bytes:
        if name in ("Commission", "Transform"):
            assert isinstance(v["gtin"], int)
            return lot_id(by.id, v["gtin"], str(v["lot"]))
        if name == "Aggregate":
            assert isinstance(v["sscc"], int)
            return unit_id(by.id, v["sscc"])
        if name == "SetIngredient":
            return named_subject("process", str(v["process"]))
        if name == "MirrorRecall":
            return organisation_subject(_raw(v["organisation"]))
        return _raw(v["unit" if "unit" in v else "lot"])

    # ---- participants

    def organisation(
        self, name: str, roles: Role, kind: str = "demo", identifier: str = ""
    ) -> Firm:
        """Register somebody with one account that carries all its roles."""
        identifier = identifier or name
        firm = Firm(organisation_id(kind, identifier), name, _account(name))
        self.record(
            self.authority, "RegisterOrganisation", roles=int(roles), division=0,
            identifierKind=kind, identifier=identifier, nameZh="", nameEn=name,
        )  # fmt: skip
        self.add_account(firm, roles)
        return firm

    def add_account(self, firm: Firm, roles: Role) -> None:
        self.record(
            self.authority, "AddAccount", organisation=firm.id, account=firm.account,
            roles=int(roles), person=NOTHING,
        )  # fmt: skip

    def listed(self, mirror: Firm, register: str, name: str) -> Firm:
        """A firm that is known only from a register, by the name there."""
        kind = f"register:{register}"
        self.record(
            mirror, "ListOrganisation", identifierKind=kind, identifier=name, nameZh="",
            nameEn=name,
        )  # fmt: skip
        return Firm(organisation_id(kind, name), name)

    def status(self, firm: Firm, status: OrganisationStatus, reason: str = "") -> RecordedEntry:
        return self.record(
            self.authority, "ChangeOrganisation", organisation=firm.id, status=int(status),
            roles=0, division=0, reason=reason,
        )  # fmt: skip

    def accredit(self, firm: Firm, kind: str, start: int = 1, end: int = NO_END) -> RecordedEntry:
        values: dict[str, Value] = {
            "organisation": firm.id, "from": start, "until": end, "kind": kind
        }  # fmt: skip
        return self.record(self.authority, "Accredit", **values)

    def link(self, by: Firm, first: Firm, second: Firm, same: bool = True) -> RecordedEntry:
        return self.record(
            by, "LinkOrganisations", first=first.id, second=second.id, same=same, reason="compared"
        )

    def compromised(self, firm: Firm, since: int) -> RecordedEntry:
        return self.record(
            self.authority, "DeclareCompromised", account=firm.account, since=since,
            reason="stolen",
        )  # fmt: skip

    def issuer(self, name: str, *kinds: str) -> Firm:
        firm = self.organisation(name, Role.ISSUER)
        for kind in kinds:
            self.accredit(firm, kind)
        return firm

    def mirror(self, name: str, *registers: str) -> Firm:
        firm = self.organisation(name, Role.MIRROR)
        for register in registers:
            self.accredit(firm, f"register:{register}")
        return firm

    # ---- catalogue

    def category(self, category: str, parent: str = "") -> None:
        self.record(
            self.authority, "SetCategory", rawMaterial=False, category=category, parent=parent,
            nameZh=category, nameEn=category, unit="H87", codes="",
        )  # fmt: skip

    def require(self, category: str, *kinds: str, start: int = 1, end: int = NO_END) -> None:
        for kind in kinds:
            values: dict[str, Value] = {
                "from": start, "until": end, "category": category, "kind": kind
            }  # fmt: skip
            self.record(self.authority, "SetRequirement", **values)

    # ---- qualifications

    def issue(
        self, issuer: Firm, holder: Firm, category: str, kind: str, *, model: str = "",
        start: int = 1, end: int = NO_END, number: str = "", paper: bytes = NOTHING,
    ) -> bytes:  # fmt: skip
        """Issue a qualification; returns its id."""
        return self.record(
            issuer, "IssueQualification", holder=holder.id, validFrom=start, validUntil=end,
            document=paper, category=category, model=model, kind=kind, number=number,
        ).subjects[0]  # fmt: skip

    def submit(
        self, holder: Firm, category: str, kind: str, *, model: str = "", start: int = 1,
        end: int = NO_END, number: str = "", paper: bytes = NOTHING,
    ) -> bytes:  # fmt: skip
        return self.record(
            holder, "SubmitQualification", validFrom=start, validUntil=end, document=paper,
            category=category, model=model, kind=kind, number=number,
        ).subjects[0]  # fmt: skip

    def edit(
        self, reviewer: Firm, qualification: bytes, start: int = 1, end: int = NO_END,
        number: str = "", paper: bytes = NOTHING,
    ) -> RecordedEntry:  # fmt: skip
        return self.record(
            reviewer, "EditQualification", qualification=qualification, validFrom=start,
            validUntil=end, document=paper, number=number, note="edited",
        )  # fmt: skip

    def review(self, reviewer: Firm, step: str, qualification: bytes) -> RecordedEntry:
        """Verify, Publish or Refuse."""
        values: dict[str, Value] = {"qualification": qualification, "document": NOTHING}
        values["reason" if step == "Refuse" else "note"] = "reviewed"
        return self.record(reviewer, f"{step}Qualification", **values)

    def waive(
        self, holder: Firm, category: str, kind: str, end: int, *, start: int = 1,
        paper: bytes = NOTHING,
    ) -> bytes:  # fmt: skip
        return self.record(
            self.authority, "WaiveQualification", holder=holder.id, validFrom=start,
            validUntil=end, document=paper, category=category, model="", kind=kind,
            reason="emergency",
        ).subjects[0]  # fmt: skip

    def change(self, by: Firm, step: str, qualification: bytes) -> RecordedEntry:
        """Suspend, Restrict or Reinstate."""
        return self.record(
            by, f"{step}Qualification", qualification=qualification, document=NOTHING,
            reason="inspection",
        )  # fmt: skip

    def withdraw(self, by: Firm, qualification: bytes, effective: int) -> RecordedEntry:
        return self.record(
            by, "WithdrawQualification", qualification=qualification, document=NOTHING,
            effective=effective, reason="fraud",
        )  # fmt: skip

    def supersede(self, by: Firm, qualification: bytes, successor: bytes) -> RecordedEntry:
        return self.record(
            by, "SupersedeQualification", qualification=qualification, successor=successor,
            reason="renewed",
        )  # fmt: skip

    # ---- mirrors

    def publication(self, mirror: Firm, register: str, published: int, rows: int = 1) -> bytes:
        entry = self.record(
            mirror, "RecordPublication", published=published, document=document(register),
            rows=rows, rowsRoot=NOTHING, register=f"register:{register}", title=register,
        )  # fmt: skip
        return publication_id(mirror.id, entry.digest)

    def row(
        self, mirror: Firm, publication: bytes, holder: Firm, category: str, kind: str,
        model: str, *, start: int = 0, end: int = 0, withdrawn: int = 0, number: str = "",
    ) -> bytes:  # fmt: skip
        """One row and model of a register."""
        return self.record(
            mirror, "MirrorQualification", holder=holder.id, validFrom=start, validUntil=end,
            document=document(model), publication=publication, withdrawnFrom=withdrawn,
            category=category, model=model, kind=kind, number=number,
        ).subjects[0]  # fmt: skip

    def delist(self, mirror: Firm, qualification: bytes, publication: bytes) -> RecordedEntry:
        return self.record(
            mirror, "DelistQualification", qualification=qualification, publication=publication,
            reason="gone",
        )  # fmt: skip

    def end_kind(
        self, mirror: Firm, publication: bytes, kind: str, effective: int
    ) -> RecordedEntry:
        return self.record(
            mirror, "EndKind", publication=publication, effective=effective, kind=kind,
            reason="revoked",
        )  # fmt: skip

    # ---- statements

    def capacity(
        self, firm: Firm, category: str, per_day: int, *, model: str = "", unit: str = "H87"
    ) -> RecordedEntry:
        return self.record(
            firm, "StateCapacity", organisation=firm.id, publication=NOTHING, document=NOTHING,
            perDay=per_day, category=category, model=model, unit=unit,
        )  # fmt: skip

    def close_alarm(self, auditor: Firm, alarm: bytes) -> RecordedEntry:
        return self.record(auditor, "CloseAlarm", alarm=alarm, reason="a typing mistake")

    def reply(self, firm: Firm, about: bytes, text: str) -> RecordedEntry:
        return self.record(firm, "Reply", about=about, document=NOTHING, text=text)

    # ---- reading (ledger.offer.Entries)

    def recorded_at(self, sequence: int) -> int | None:
        inside = 0 <= sequence < len(self.entries)
        return self.entries[sequence].recorded_at if inside else None

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        return [e for e in self.entries if subject in e.subjects]

    def by_document(self, document: bytes) -> Sequence[RecordedEntry]:
        return [
            e
            for e in self.entries
            if (e.action in _CREATING or e.action in ("EditQualification", "Inspect"))
            and e["document"] == document
        ]

    def by_number(
        self, kind: str, number: str, author: bytes | None = None
    ) -> Sequence[RecordedEntry]:
        found = [
            e
            for e in self.entries
            if "number" in e.entry.values and e["number"] == number and self._kind(e) == kind
        ]
        return found if author is None else reports_of(author, found)

    def _kind(self, e: RecordedEntry) -> str:
        if e.action == "Inspect":
            return str(e["standard"])
        if e.action == "MirrorRecall":
            return ""
        return self.kinds[e.subjects[0] if e.action in _CREATING else _raw(e["qualification"])]

    def history(
        self, firm: Firm, category: str = "mask.surgical", position: int | None = None
    ) -> History:
        where = len(self.entries) if position is None else position
        return gather(self, self.founding, firm.id, category, where)


def alarm_over_document(paper: bytes, first: Firm, second: Firm) -> bytes:
    return alarm_id(marks("", paper, "")[0], first.id, second.id)


def _raw(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
