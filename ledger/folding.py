"""Recorded entries told as a history.

Rules this module keeps:

* A history is a pure function of the set of entries; their order of arrival does not matter.
* Entries from ``position`` on are left out, so an old answer can be computed again.
* An entry that cannot be read is a mistake of the program, never left out in silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.history import (
    Acceptance,
    Account,
    AccountChange,
    AlarmClosing,
    Capacity,
    CategoryStatement,
    Change,
    Compromise,
    Delisting,
    History,
    Inspection,
    KindEnding,
    Link,
    MirroredRecall,
    Organisation,
    OrganisationChange,
    Period,
    Publication,
    Qualification,
    Reply,
    Stated,
    Step,
    Terms,
)
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import (
    REGISTER_PREFIX,
    Value,
    organisation_id,
    organisation_subject,
    publication_id,
)
from ledger.vocabulary import (
    AccountState,
    InspectionResult,
    OrganisationStatus,
    QualificationState,
    Role,
    Way,
)


@dataclass
class _Making:
    """A qualification while its entries are being read."""

    created: RecordedEntry
    way: Way
    holder: bytes
    terms: list[Terms]
    steps: list[Step] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    delistings: list[Delisting] = field(default_factory=list)


_CREATING = {
    "IssueQualification": Way.ISSUED,
    "SubmitQualification": Way.REVIEWED,
    "WaiveQualification": Way.WAIVED,
    "MirrorQualification": Way.MIRRORED,
}
_STEPS = {
    "VerifyQualification": QualificationState.VERIFIED,
    "EditQualification": QualificationState.EDITED,
    "PublishQualification": QualificationState.IN_FORCE,
    "RefuseQualification": QualificationState.REFUSED,
}
_CHANGES = {
    "RestrictQualification": QualificationState.RESTRICTED,
    "SuspendQualification": QualificationState.SUSPENDED,
    "ReinstateQualification": QualificationState.IN_FORCE,
    "WithdrawQualification": QualificationState.WITHDRAWN,
    "SupersedeQualification": QualificationState.SUPERSEDED,
}


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def raw(value: Value) -> bytes:
    """The value of a field that is bytes."""
    assert isinstance(value, bytes)
    return value


def _register(entry: RecordedEntry) -> str:
    """The register's name, without what stands before it on the ledger."""
    return str(entry["register"]).removeprefix(REGISTER_PREFIX)


def created_qualification(entry: RecordedEntry) -> bytes | None:
    """The id of the qualification that this entry creates; None if it creates none.

    Such an entry moves two chains: the qualification's, whose name is its id, and the holder's.
    """
    if entry.action not in _CREATING:
        return None
    holder = organisation_subject(holder_of(entry))
    return next(subject for subject in entry.subjects if subject != holder)


def holder_of(entry: RecordedEntry) -> bytes:
    """The holder of the qualification that this entry creates."""
    return entry.author if entry.action == "SubmitQualification" else raw(entry["holder"])


def stated_by(entry: RecordedEntry, published: int | None = None) -> Stated:
    """Who stated the entry and when; ``published`` where a register had published it before."""
    return Stated(entry.sequence, entry.recorded_at, published, entry.author, entry.signers)


def _terms(entry: RecordedEntry, stated: Stated) -> Terms:
    # A waiver has no number: the notice behind `document` is what it rests on.
    number = "" if entry.action == "WaiveQualification" else str(entry["number"])
    return Terms(
        stated,
        _int(entry["validFrom"]),
        _int(entry["validUntil"]),
        raw(entry["document"]),
        number,
    )


def inspection(entry: RecordedEntry) -> Inspection:
    """The report that this ``Inspect`` entry states."""
    return Inspection(
        stated_by(entry),
        entry.digest,
        raw(entry["lot"]),
        _int(entry["sampledAt"]),
        _int(entry["happenedAt"]),
        InspectionResult(_int(entry["result"])),
        raw(entry["document"]),
        str(entry["standard"]),
        str(entry["number"]),
    )


class _Fold:
    """Reads entries in the order of the ledger; one method per group of actions."""

    def __init__(self, founding: Founding) -> None:
        ground = Stated(-1, founding.founded_at, None, founding.organisation, founding.accounts)
        self.organisations = {
            founding.organisation: Organisation(
                founding.organisation,
                founding.identifier_kind,
                founding.identifier,
                founding.name_zh,
                founding.name_en,
                (OrganisationChange(ground, OrganisationStatus.ACTIVE, Role.AUTHORITY, ""),),
            )
        }
        self.accounts = {
            address: Account(
                address,
                founding.organisation,
                Role.AUTHORITY,
                (AccountChange(ground, AccountState.LIVE),),
                (),
            )
            for address in founding.accounts
        }
        self.accreditations: dict[tuple[bytes, str], tuple[Period, ...]] = {}
        self.links: list[Link] = []
        self.categories: dict[str, tuple[CategoryStatement, ...]] = {}
        self.requirements: dict[tuple[str, str], tuple[Period, ...]] = {}
        self.acceptances: dict[tuple[str, str], tuple[Acceptance, ...]] = {}
        self.endings: dict[str, tuple[KindEnding, ...]] = {}
        self.publications: dict[bytes, Publication] = {}
        self.making: dict[bytes, _Making] = {}
        self.capacities: list[Capacity] = []
        self.closings: dict[bytes, tuple[AlarmClosing, ...]] = {}
        self.replies: list[Reply] = []
        self.inspections: list[Inspection] = []
        self.recalls: list[MirroredRecall] = []

    def published(self, entry: RecordedEntry) -> int | None:
        publication = self.publications.get(raw(entry["publication"]))
        return publication.published if publication else None

    def read(self, e: RecordedEntry) -> None:
        action = e.action
        if action in _CREATING:
            self._create(e)
        elif action in _STEPS or action in _CHANGES or action == "DelistQualification":
            self._change(e)
        elif e.entry.action.contract == "ParticipantRegistry":
            self._participant(e)
        else:
            self._statement(e)

    def _create(self, e: RecordedEntry) -> None:
        way = _CREATING[e.action]
        stated = stated_by(e, self.published(e) if way is Way.MIRRORED else None)
        qualification = created_qualification(e)
        assert qualification is not None
        # A colleague may sign the same words; what became of the qualification since stays.
        making = _Making(e, way, holder_of(e), [_terms(e, stated)])
        self.making.setdefault(qualification, making)

    def _change(self, e: RecordedEntry) -> None:
        making = self.making.get(raw(e["qualification"]))
        if making is None:  # somebody else's chain, of which only this entry was met
            return
        stated = stated_by(e)
        if e.action == "DelistQualification":
            published = self.published(e)
            stated = stated_by(e, published)
            at = e.recorded_at if published is None else published
            making.delistings.append(Delisting(stated, at, str(e["reason"])))
        elif e.action in _STEPS:
            said = "reason" if e.action == "RefuseQualification" else "note"
            making.steps.append(Step(stated, _STEPS[e.action], e.signers[0], str(e[said])))
            if e.action == "EditQualification":
                making.terms.append(_terms(e, stated))
        else:
            effective, successor = e.recorded_at, b""
            if e.action == "WithdrawQualification":
                effective = _int(e["effective"]) or e.recorded_at
            elif e.action == "SupersedeQualification":
                successor = raw(e["successor"])
            making.changes.append(
                Change(stated, _CHANGES[e.action], effective, str(e["reason"]), successor)
            )

    def _participant(self, e: RecordedEntry) -> None:
        stated = stated_by(e)
        match e.action:
            case "RegisterOrganisation" | "ListOrganisation":
                listed = e.action == "ListOrganisation"
                change = OrganisationChange(
                    stated,
                    OrganisationStatus.LISTED if listed else OrganisationStatus.ACTIVE,
                    Role(0) if listed else Role(_int(e["roles"])),
                    "",
                )
                made = organisation_id(str(e["identifierKind"]), str(e["identifier"]))
                self.organisations[made] = Organisation(
                    made,
                    str(e["identifierKind"]),
                    str(e["identifier"]),
                    str(e["nameZh"]),
                    str(e["nameEn"]),
                    (change,),
                )
            case "ChangeOrganisation":
                old = self.organisations.get(raw(e["organisation"]))
                if old is not None:
                    change = OrganisationChange(
                        stated,
                        OrganisationStatus(_int(e["status"])),
                        Role(_int(e["roles"])),
                        str(e["reason"]),
                    )
                    self.organisations[old.id] = Organisation(
                        old.id,
                        old.identifier_kind,
                        old.identifier,
                        old.name_zh,
                        old.name_en,
                        (*old.changes, change),
                    )
            case "AddAccount":
                address = raw(e["account"])
                self.accounts[address] = Account(
                    address,
                    raw(e["organisation"]),
                    Role(_int(e["roles"])),
                    (AccountChange(stated, AccountState.LIVE),),
                    (),
                )
            case "RemoveAccount":
                self._account(raw(e["account"]), AccountChange(stated, AccountState.REMOVED))
            case "DisableAccount":
                self._account(e.signers[0], AccountChange(stated, AccountState.DISABLED))
            case "DeclareCompromised":
                self._account(
                    raw(e["account"]),
                    AccountChange(stated, AccountState.COMPROMISED),
                    Compromise(stated, _int(e["since"]), str(e["reason"])),
                )
            case "Accredit":
                key = (raw(e["organisation"]), str(e["kind"]))
                period = Period(stated, _int(e["from"]), _int(e["until"]))
                self.accreditations[key] = (*self.accreditations.get(key, ()), period)
            case "LinkOrganisations":
                first, second = sorted((raw(e["first"]), raw(e["second"])))
                self.links.append(Link(stated, (first, second), bool(e["same"]), str(e["reason"])))
            case _:  # quorum, lateness, admitted contracts: nothing that a judgement rests on
                pass

    def _account(
        self, address: bytes, change: AccountChange, compromise: Compromise | None = None
    ) -> None:
        old = self.accounts.get(address)
        if old is not None:
            self.accounts[address] = Account(
                address,
                old.organisation,
                old.roles,
                (*old.changes, change),
                (*old.compromises, compromise) if compromise else old.compromises,
            )

    def _statement(self, e: RecordedEntry) -> None:
        stated = stated_by(e)
        match e.action:
            case "SetCategory":
                said = CategoryStatement(
                    stated, str(e["parent"]), str(e["nameZh"]), str(e["nameEn"]), str(e["unit"])
                )
                name = str(e["category"])
                self.categories[name] = (*self.categories.get(name, ()), said)
            case "SetRequirement":
                key = (str(e["category"]), str(e["kind"]))
                period = Period(stated, _int(e["from"]), _int(e["until"]))
                self.requirements[key] = (*self.requirements.get(key, ()), period)
            case "AcceptMirror":
                key = (_register(e), str(e["kind"]))
                word = Acceptance(stated, bool(e["accepted"]))
                self.acceptances[key] = (*self.acceptances.get(key, ()), word)
            case "RecordPublication":
                made = publication_id(e.author, e.digest)
                published = _int(e["published"])
                known = Publication(
                    made,
                    stated_by(e, published),
                    _register(e),
                    published,
                    _int(e["rows"]),
                    raw(e["document"]),
                    str(e["title"]),
                )
                # A colleague may sign the same words; they were known from the first time on.
                self.publications.setdefault(made, known)
            case "EndKind":
                kind = str(e["kind"])
                publication = self.publications.get(raw(e["publication"]))
                ending = KindEnding(
                    stated_by(e, publication.published if publication else None),
                    publication.register if publication else "",
                    raw(e["publication"]),
                    _int(e["effective"]),
                    str(e["reason"]),
                )
                self.endings[kind] = (*self.endings.get(kind, ()), ending)
            case "StateCapacity":
                publication = self.publications.get(raw(e["publication"]))
                self.capacities.append(
                    Capacity(
                        stated_by(e, publication.published if publication else None),
                        raw(e["organisation"]),
                        publication.register if publication else "",
                        raw(e["document"]),
                        _int(e["perDay"]),
                        str(e["category"]),
                        str(e["model"]),
                        str(e["unit"]),
                    )
                )
            case "CloseAlarm":
                alarm = raw(e["alarm"])
                closing = AlarmClosing(stated, e.signers[0], str(e["reason"]))
                self.closings[alarm] = (*self.closings.get(alarm, ()), closing)
            case "Reply":
                self.replies.append(
                    Reply(stated, raw(e["about"]), raw(e["document"]), str(e["text"]))
                )
            case "Inspect":
                self.inspections.append(inspection(e))
            case "MirrorRecall":
                publication = self.publications.get(raw(e["publication"]))
                self.recalls.append(
                    MirroredRecall(
                        stated_by(e, publication.published if publication else None),
                        raw(e["organisation"]),
                        raw(e["publication"]),
                        raw(e["document"]),
                        _int(e["initiated"]),
                        _int(e["ended"]),
                        _register(e),
                        str(e["number"]),
                        str(e["product"]),
                        str(e["lots"]),
                        str(e["reason"]),
                    )
                )
            case other:
                raise ValueError(f"no reading for the action {other}")

    def _qualification(self, id_: bytes, m: _Making) -> Qualification:
        e = m.created
        mirrored = m.way is Way.MIRRORED
        publication = self.publications.get(raw(e["publication"])) if mirrored else None
        return Qualification(
            id_,
            m.terms[0].stated,
            m.way,
            m.holder,
            str(e["category"]),
            str(e["model"]),
            str(e["kind"]),
            tuple(m.terms),
            raw(e["publication"]) if mirrored else b"",
            publication.register if publication else "",
            _int(e["withdrawnFrom"]) if mirrored else 0,
            tuple(m.steps),
            tuple(m.changes),
            tuple(m.delistings),
        )

    def history(self, position: int) -> History:
        return History(
            position,
            self.organisations,
            self.accounts,
            self.accreditations,
            tuple(self.links),
            self.categories,
            self.requirements,
            self.acceptances,
            self.endings,
            self.publications,
            {id_: self._qualification(id_, m) for id_, m in self.making.items()},
            tuple(self.capacities),
            self.closings,
            tuple(self.replies),
            inspections=tuple(self.inspections),
            recalls=tuple(self.recalls),
        )


def fold(entries: Iterable[RecordedEntry], founding: Founding, position: int) -> History:
    """The history that these entries tell, in whatever order they are handed over.

    An entry may be handed over twice. Entries with a sequence of ``position`` or more are left
    out. Changes of qualifications whose creating entry is not among the entries are left out.
    """
    reading = _Fold(founding)
    found = {e.sequence: e for e in entries if e.sequence < position}
    for sequence in sorted(found):
        reading.read(found[sequence])
    return reading.history(position)
