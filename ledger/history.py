"""What the ledger was told about one supplier and one category, as typed facts.

:func:`fold` turns recorded entries into a :class:`History`; :func:`gather` first collects the
entries it takes. Rules this module keeps:

* A history is a pure function of the set of entries, their order of arrival does not matter:
  facts stand in the order of their sequence numbers.
* Every fact keeps who stated it and both dates (recorded by a block, published by a register), so
  that each question chooses what counts as known; nothing is decided here.
* Entries from ``position`` on are left out, so an old answer can be computed again.

Times are seconds since 1970, UTC; intervals are half-open.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from eth_hash.auto import keccak

from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import (
    Value,
    alarm_subject,
    named_subject,
    organisation_id,
    organisation_subject,
    publication_id,
    register_subject,
)
from ledger.vocabulary import (
    AccountState,
    Clock,
    OrganisationStatus,
    QualificationState,
    Role,
    Way,
)

#: An accreditation for a register is one for the kind ``register:<name>``.
REGISTER_PREFIX = "register:"


@dataclass(frozen=True, slots=True)
class Stated:
    """Who stated a fact, and when it could be known.

    ``sequence`` is -1 for what the deployment laid down. ``published`` is the day of the register
    for a mirrored fact, else None.
    """

    sequence: int
    recorded: int
    published: int | None
    author: bytes
    signers: tuple[bytes, ...]

    def known(self, known_at: int, clock: Clock) -> bool:
        """Whether the fact counts as known at ``known_at`` by this clock."""
        if self.recorded <= known_at:
            return True
        return (
            clock is Clock.PUBLISHED and self.published is not None and self.published <= known_at
        )


@dataclass(frozen=True, slots=True)
class OrganisationChange:
    stated: Stated
    status: OrganisationStatus
    roles: Role
    reason: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation; ``changes`` starts with how it came onto the ledger."""

    id: bytes
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    changes: tuple[OrganisationChange, ...]

    def name(self, language: str) -> str:
        first, second = self.name_en, self.name_zh
        return (second or first) if language == "zh" else (first or second)

    @property
    def listed(self) -> bool:
        return self.changes[0].status is OrganisationStatus.LISTED


@dataclass(frozen=True, slots=True)
class AccountChange:
    stated: Stated
    state: AccountState


@dataclass(frozen=True, slots=True)
class Compromise:
    """The account was declared compromised from ``since`` on."""

    stated: Stated
    since: int
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account, the organisation that it belongs to for ever, and what became of it."""

    address: bytes
    organisation: bytes
    roles: Role
    changes: tuple[AccountChange, ...]
    compromises: tuple[Compromise, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """Something holds from ``start`` to ``end``, said by one entry."""

    stated: Stated
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """A person's decision that two records are, or are not, one firm; ``pair`` is sorted."""

    stated: Stated
    pair: tuple[bytes, bytes]
    same: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CategoryStatement:
    stated: Stated
    parent: str
    name_zh: str
    name_en: str
    unit: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The authority's word whether mirrored rows of a register count for a kind."""

    stated: Stated
    accepted: bool


@dataclass(frozen=True, slots=True)
class KindEnding:
    """A register's kind of qualification ended as a whole, with effect from ``effective``; a later
    statement about the same register and kind takes its place."""

    stated: Stated
    register: str
    publication: bytes
    effective: int
    reason: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A register's publication as a mirror recorded it; ``rows`` is 0 for a mere notice."""

    id: bytes
    stated: Stated
    register: str
    published: int
    rows: int
    document: bytes
    title: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a qualification says of itself; 0 in a date means that it is not stated."""

    stated: Stated
    valid_from: int
    valid_until: int
    document: bytes
    number: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of review; ``state`` is what it led to, ``account`` who signed it."""

    stated: Stated
    state: QualificationState
    account: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a qualification; ``effective`` is the recording for all but withdrawals."""

    stated: Stated
    state: QualificationState
    effective: int
    reason: str
    successor: bytes


@dataclass(frozen=True, slots=True)
class Delisting:
    """The register's publication of ``published`` no longer lists the row."""

    stated: Stated
    published: int
    reason: str


@dataclass(frozen=True)
class Qualification:
    """A qualification with everything that happened to it.

    ``terms`` starts with the terms at its creation; later ones are the editor's. ``register`` and
    ``withdrawn_from`` are of mirrored ones only. ``model`` is "" where it covers its category.
    """

    id: bytes
    stated: Stated
    way: Way
    holder: bytes
    category: str
    model: str
    kind: str
    terms: tuple[Terms, ...]
    publication: bytes
    register: str
    withdrawn_from: int
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]
    delistings: tuple[Delisting, ...]

    @property
    def author(self) -> bytes:
        return self.stated.author

    @property
    def number(self) -> str:
        return self.terms[-1].number

    def covers(self, categories: Iterable[str], model: str) -> bool:
        """Whether it covers the model (compared whole) in the first of these categories.

        ``categories`` is the category asked and its ancestors: a qualification for a parent
        category covers its children.
        """
        return (not self.model or self.model == model) and self.category in categories


@dataclass(frozen=True, slots=True)
class Capacity:
    """Stated output per day, in ``unit``; ``per_day`` 0 means that the amount is unknown."""

    stated: Stated
    organisation: bytes
    register: str
    document: bytes
    per_day: int
    category: str
    model: str
    unit: str


@dataclass(frozen=True, slots=True)
class AlarmClosing:
    stated: Stated
    account: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A signed answer to an alarm, a qualification's refusal or a verdict."""

    stated: Stated
    about: bytes
    document: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A document, or a kind and number, by which a qualification can be recognised."""

    what: str
    value: bytes
    shown: str


@dataclass(frozen=True)
class History:
    """Everything needed to judge, folded. ``position`` is the number of entries of the ledger
    that it stands on (the log's size): entries from there on are not in it.

    ``watched`` says what it was gathered from: as long as no later entry :func:`touches` any of
    it, the history is still complete and can be moved :meth:`at` a later position.
    """

    position: int
    organisations: Mapping[bytes, Organisation]
    accounts: Mapping[bytes, Account]
    accreditations: Mapping[tuple[bytes, str], tuple[Period, ...]]
    links: tuple[Link, ...]
    categories: Mapping[str, tuple[CategoryStatement, ...]]
    requirements: Mapping[tuple[str, str], tuple[Period, ...]]
    acceptances: Mapping[tuple[str, str], tuple[Acceptance, ...]]
    endings: Mapping[str, tuple[KindEnding, ...]]
    publications: Mapping[bytes, Publication]
    qualifications: Mapping[bytes, Qualification]
    capacities: tuple[Capacity, ...]
    closings: Mapping[bytes, tuple[AlarmClosing, ...]]
    replies: tuple[Reply, ...]
    watched: frozenset[bytes] = field(default=frozenset(), compare=False)

    def at(self, position: int) -> "History":
        """The same history at a later position; for the caller who knows that nothing in between
        touches what it watches."""
        moved = copy(self)  # with what is worked out already
        object.__setattr__(moved, "position", position)
        return moved

    @cached_property
    def held(self) -> Mapping[bytes, tuple[Qualification, ...]]:
        """The qualifications by holder, oldest first."""
        held: dict[bytes, list[Qualification]] = {}
        for q in self.qualifications.values():
            held.setdefault(q.holder, []).append(q)
        return {holder: tuple(qs) for holder, qs in held.items()}

    @cached_property
    def issues(self) -> Mapping[tuple[bytes, str], tuple[Publication, ...]]:
        """The publications that list rows, by mirror and register, oldest first. A notice without
        rows says nothing of the rows, so it does not keep them fresh."""
        issues: dict[tuple[bytes, str], list[Publication]] = {}
        for p in sorted(self.publications.values(), key=lambda p: (p.published, p.id)):
            if p.rows:
                issues.setdefault((p.stated.author, p.register), []).append(p)
        return {key: tuple(ps) for key, ps in issues.items()}

    @cached_property
    def removed(self) -> Mapping[tuple[bytes, str, str, str, str], tuple[Qualification, ...]]:
        """The rows that a register lists as withdrawn, by mirror, register, kind, model, number."""
        removed: dict[tuple[bytes, str, str, str, str], list[Qualification]] = {}
        for q in self.qualifications.values():
            if q.withdrawn_from:
                key = (q.author, q.register, q.kind, q.model, q.number)
                removed.setdefault(key, []).append(q)
        return {key: tuple(qs) for key, qs in removed.items()}

    @cached_property
    def shared_marks(self) -> Mapping[Mark, tuple[tuple[Qualification, Stated], ...]]:
        """Marks used for several holders, each use with the entry that made it, oldest first.

        Mirrored ones are left out: registers list one number under many private labels. Waivers
        are left out: one notice of the authority may cover many firms.
        """
        uses: dict[Mark, list[tuple[Qualification, Stated]]] = {}
        for q in self.qualifications.values():
            if q.way in (Way.ISSUED, Way.REVIEWED):
                for terms in q.terms:
                    for mark in marks(q.kind, terms.document, terms.number):
                        uses.setdefault(mark, []).append((q, terms.stated))
        return {
            mark: tuple(sorted(found, key=lambda use: use[1].sequence))
            for mark, found in uses.items()
            if len({q.holder for q, _ in found}) > 1
        }

    @cached_property
    def compromised(self) -> Mapping[bytes, tuple[Compromise, ...]]:
        return {a.address: a.compromises for a in self.accounts.values() if a.compromises}

    def suspicion(self, stated: Stated, known_at: int) -> Compromise | None:
        """The declaration that makes this entry suspect, if one is known.

        Recording counts, not the claimed time: a thief can backdate. What a register published
        before ``known_at`` may have been recorded later; then all later declarations count.
        """
        if not self.compromised:
            return None
        hindsight = stated.recorded > known_at
        for signer in stated.signers:
            for c in self.compromised.get(signer, ()):
                inside = c.since <= stated.recorded and stated.sequence < c.stated.sequence
                if inside and (hindsight or c.stated.recorded <= known_at):
                    return c
        return None

    def accredited(self, organisation: bytes, kind: str, at: int, known_at: int) -> bool:
        """Whether the organisation was accredited for the kind at ``at``, as known at ``known_at``.

        The latest accreditation that begins by ``at`` decides, so that a renewal does not erase
        the past and an earlier end does. One signed with a compromised key does not count.
        """
        for period in reversed(self.accreditations.get((organisation, kind), ())):
            known = period.stated.recorded <= known_at and period.start <= at
            if known and self.suspicion(period.stated, known_at) is None:
                return at < period.end
        return False

    def firm(self, organisation: bytes, known_at: int) -> tuple[bytes, ...]:
        """The organisation first, then those decided by ``known_at`` to be the same firm. A
        decision signed with a compromised key does not count."""
        if not self.links:
            return (organisation,)
        latest: dict[tuple[bytes, bytes], bool] = {}
        for link in self.links:
            if link.stated.recorded <= known_at and not self.suspicion(link.stated, known_at):
                latest[link.pair] = link.same
        firm, queue = {organisation}, [organisation]
        while queue:
            one = queue.pop()
            for pair, same in latest.items():
                if same and one in pair:
                    other = pair[1] if pair[0] == one else pair[0]
                    if other not in firm:
                        firm.add(other)
                        queue.append(other)
        return (organisation, *sorted(firm - {organisation}))

    def lineage(self, category: str, known_at: int) -> tuple[str, ...]:
        """The category and its ancestors as known at ``known_at``, nearest first."""
        line = [category]
        while True:
            known = [s for s in self.categories.get(line[-1], ()) if s.stated.recorded <= known_at]
            if not known or not known[-1].parent or known[-1].parent in line:
                return tuple(line)
            line.append(known[-1].parent)

    def category_known(self, category: str, known_at: int) -> bool:
        return any(s.stated.recorded <= known_at for s in self.categories.get(category, ()))

    def required_kinds(
        self, lineage: Sequence[str], start: int, end: int, known_at: int
    ) -> tuple[tuple[str, Period], ...]:
        """The kinds that the categories require on any instant of the interval, by name.

        A category needs what its ancestors need. The latest requirement that begins by an instant
        decides for it; one with no stated end holds until another entry ends it.
        """
        found: dict[str, Period] = {}
        for (category, kind), periods in self.requirements.items():
            if category not in lineage:
                continue
            limit = end
            for p in reversed([p for p in periods if p.stated.recorded <= known_at]):
                first = max(start, p.start)
                if first < limit and (p.end == 0 or first < p.end):
                    found.setdefault(kind, p)
                    break
                limit = min(limit, p.start)
                if limit <= start:
                    break
        return tuple(sorted(found.items()))

    def acceptance(self, register: str, kind: str, known_at: int) -> Acceptance | None:
        """The authority's latest word on mirrored rows of the register for the kind."""
        for a in reversed(self.acceptances.get((register, kind), ())):
            if a.stated.recorded <= known_at:
                return a
        return None


def marks(kind: str, document: bytes, number: str) -> tuple[Mark, ...]:
    """By what a qualification with these terms can be recognised as a copy."""
    found = []
    if any(document):
        found.append(Mark("document", document, "0x" + document.hex()))
    if number.strip():
        value = keccak(keccak(kind.encode()) + keccak(number.encode()))
        found.append(Mark("number", value, f"{kind} {number}"))
    return tuple(found)


def touches(entry: RecordedEntry) -> frozenset[bytes]:
    """What this entry may change: a history that watches any of it must be gathered anew."""
    touched = set(entry.subjects)
    if entry.action in ("IssueQualification", "SubmitQualification", "EditQualification"):
        touched.update(_watched_marks(_bytes(entry["document"]), str(entry["number"])))
    return frozenset(touched)


def _watched_marks(document: bytes, number: str) -> tuple[bytes, ...]:
    # An edit does not name its kind, so numbers are watched whatever their kind.
    return tuple(mark.value for mark in marks("", document, number))


def alarm_id(mark: Mark, first: bytes, second: bytes) -> bytes:
    """The id of the alarm that two holders use one mark; the same whichever came first."""
    holders = sorted((first, second))
    return keccak(
        keccak(b"alarm")
        + keccak(mark.what.encode())
        + mark.value
        + b"".join(h.ljust(32, b"\0") for h in holders)
    )


# ------------------------------------------------------------------------------ folding


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


def _bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value


def created_qualification(entry: RecordedEntry) -> bytes | None:
    """The id of the qualification that this entry creates; None if it creates none.

    Such an entry moves two chains: the qualification's, whose name is its id, and the holder's.
    """
    if entry.action not in _CREATING:
        return None
    holder = organisation_subject(_holder(entry))
    return next(subject for subject in entry.subjects if subject != holder)


def _holder(entry: RecordedEntry) -> bytes:
    return entry.author if entry.action == "SubmitQualification" else _bytes(entry["holder"])


def _stated(entry: RecordedEntry, published: int | None = None) -> Stated:
    return Stated(entry.sequence, entry.recorded_at, published, entry.author, entry.signers)


def _terms(entry: RecordedEntry, stated: Stated) -> Terms:
    # A waiver has no number: the notice behind `document` is what it rests on.
    number = "" if entry.action == "WaiveQualification" else str(entry["number"])
    return Terms(
        stated,
        _int(entry["validFrom"]),
        _int(entry["validUntil"]),
        _bytes(entry["document"]),
        number,
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

    def published(self, entry: RecordedEntry) -> int | None:
        publication = self.publications.get(_bytes(entry["publication"]))
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
        stated = _stated(e, self.published(e) if way is Way.MIRRORED else None)
        qualification = created_qualification(e)
        assert qualification is not None
        self.making[qualification] = _Making(e, way, _holder(e), [_terms(e, stated)])

    def _change(self, e: RecordedEntry) -> None:
        making = self.making.get(_bytes(e["qualification"]))
        if making is None:  # somebody else's chain, of which only this entry was met
            return
        stated = _stated(e)
        if e.action == "DelistQualification":
            published = self.published(e)
            stated = _stated(e, published)
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
                successor = _bytes(e["successor"])
            making.changes.append(
                Change(stated, _CHANGES[e.action], effective, str(e["reason"]), successor)
            )

    def _participant(self, e: RecordedEntry) -> None:
        stated = _stated(e)
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
                old = self.organisations.get(_bytes(e["organisation"]))
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
                address = _bytes(e["account"])
                self.accounts[address] = Account(
                    address,
                    _bytes(e["organisation"]),
                    Role(_int(e["roles"])),
                    (AccountChange(stated, AccountState.LIVE),),
                    (),
                )
            case "RemoveAccount":
                self._account(_bytes(e["account"]), AccountChange(stated, AccountState.REMOVED))
            case "DisableAccount":
                self._account(e.signers[0], AccountChange(stated, AccountState.DISABLED))
            case "DeclareCompromised":
                self._account(
                    _bytes(e["account"]),
                    AccountChange(stated, AccountState.COMPROMISED),
                    Compromise(stated, _int(e["since"]), str(e["reason"])),
                )
            case "Accredit":
                key = (_bytes(e["organisation"]), str(e["kind"]))
                period = Period(stated, _int(e["from"]), _int(e["until"]))
                self.accreditations[key] = (*self.accreditations.get(key, ()), period)
            case "LinkOrganisations":
                first, second = sorted((_bytes(e["first"]), _bytes(e["second"])))
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
        stated = _stated(e)
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
                key = (str(e["register"]), str(e["kind"]))
                word = Acceptance(stated, bool(e["accepted"]))
                self.acceptances[key] = (*self.acceptances.get(key, ()), word)
            case "RecordPublication":
                made = publication_id(e.author, e.digest)
                published = _int(e["published"])
                self.publications[made] = Publication(
                    made,
                    _stated(e, published),
                    str(e["register"]),
                    published,
                    _int(e["rows"]),
                    _bytes(e["document"]),
                    str(e["title"]),
                )
            case "EndKind":
                kind = str(e["kind"])
                publication = self.publications.get(_bytes(e["publication"]))
                ending = KindEnding(
                    _stated(e, publication.published if publication else None),
                    publication.register if publication else "",
                    _bytes(e["publication"]),
                    _int(e["effective"]),
                    str(e["reason"]),
                )
                self.endings[kind] = (*self.endings.get(kind, ()), ending)
            case "StateCapacity":
                publication = self.publications.get(_bytes(e["publication"]))
                self.capacities.append(
                    Capacity(
                        _stated(e, publication.published if publication else None),
                        _bytes(e["organisation"]),
                        publication.register if publication else "",
                        _bytes(e["document"]),
                        _int(e["perDay"]),
                        str(e["category"]),
                        str(e["model"]),
                        str(e["unit"]),
                    )
                )
            case "CloseAlarm":
                alarm = _bytes(e["alarm"])
                closing = AlarmClosing(stated, e.signers[0], str(e["reason"]))
                self.closings[alarm] = (*self.closings.get(alarm, ()), closing)
            case "Reply":
                self.replies.append(
                    Reply(stated, _bytes(e["about"]), _bytes(e["document"]), str(e["text"]))
                )
            case other:
                raise ValueError(f"no reading for the action {other}")

    def _qualification(self, id_: bytes, m: _Making) -> Qualification:
        e = m.created
        mirrored = m.way is Way.MIRRORED
        publication = self.publications.get(_bytes(e["publication"])) if mirrored else None
        return Qualification(
            id_,
            m.terms[0].stated,
            m.way,
            m.holder,
            str(e["category"]),
            str(e["model"]),
            str(e["kind"]),
            tuple(m.terms),
            _bytes(e["publication"]) if mirrored else b"",
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


# ------------------------------------------------------------------------------ gathering


class Records(Protocol):
    """Where recorded entries are looked up. Each method may answer in any order; an unknown
    subject, document or number answers nothing."""

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        """Every entry that moved this chain (32 bytes)."""

    def by_document(self, document: bytes) -> Sequence[RecordedEntry]:
        """The entries that create or edit a qualification with this document hash (32 bytes)."""

    def by_number(self, kind: str, number: str) -> Sequence[RecordedEntry]:
        """The entries that create a qualification of this kind with this number, or edit it to."""


class _Gathering:
    def __init__(self, records: Records, position: int) -> None:
        self.records = records
        self.position = position
        self.entries: dict[int, RecordedEntry] = {}
        self.chains: dict[bytes, list[RecordedEntry]] = {}
        self.marks: set[bytes] = set()
        self.authors: set[bytes] = set()

    def add(self, entries: Iterable[RecordedEntry]) -> list[RecordedEntry]:
        kept = [e for e in entries if e.sequence < self.position]
        for e in kept:
            self.entries[e.sequence] = e
            self.authors.add(e.author)
        return kept

    def chain(self, subject: bytes) -> list[RecordedEntry]:
        if subject not in self.chains:
            self.chains[subject] = self.add(self.records.by_subject(subject))
        return self.chains[subject]

    def organisation(self, organisation: bytes) -> list[RecordedEntry]:
        return self.chain(organisation_subject(organisation))

    def firm(self, organisation: bytes) -> set[bytes]:
        """Everyone ever decided to be one firm with it, with their qualifications' chains."""
        firm, queue = {organisation}, [organisation]
        while queue:
            for e in self.organisation(queue.pop()):
                qualification = created_qualification(e)
                if qualification is not None and _holder(e) in firm:
                    self.chain(qualification)
                elif e.action == "LinkOrganisations" and e["same"]:
                    for other in (_bytes(e["first"]), _bytes(e["second"])):
                        if other not in firm:
                            firm.add(other)
                            queue.append(other)
        return firm

    def category(self, category: str) -> None:
        seen, queue = {category}, [category]
        while queue:
            for e in self.chain(named_subject("category", queue.pop())):
                if e.action == "SetCategory" and e["parent"] and str(e["parent"]) not in seen:
                    seen.add(str(e["parent"]))
                    queue.append(str(e["parent"]))

    def copies(self, firm: set[bytes]) -> None:
        """The qualifications of others that show a document or number of this firm's."""
        own = [e for e in self.entries.values() if created_qualification(e) is not None]
        kinds = {created_qualification(e): str(e["kind"]) for e in own}
        for e in list(self.entries.values()):
            if e.action in ("IssueQualification", "SubmitQualification"):
                kind = str(e["kind"])
            elif e.action == "EditQualification" and _bytes(e["qualification"]) in kinds:
                kind = kinds[_bytes(e["qualification"])]
            else:
                continue
            self.marks.update(_watched_marks(_bytes(e["document"]), str(e["number"])))
            for mark in marks(kind, _bytes(e["document"]), str(e["number"])):
                if mark.what == "document":
                    found = self.records.by_document(mark.value)
                else:
                    found = self.records.by_number(kind, str(e["number"]))
                self._strangers(found, firm)

    def _strangers(self, found: Iterable[RecordedEntry], firm: set[bytes]) -> None:
        for e in found:
            qualification = created_qualification(e)
            if e.action == "EditQualification":
                qualification = _bytes(e["qualification"])
            elif e.action not in ("IssueQualification", "SubmitQualification"):
                continue
            if qualification is not None and e.sequence < self.position:
                for step in self.chain(qualification):
                    if created_qualification(step) == qualification:
                        self.organisation(_holder(step))

    def settle(self) -> None:
        """Load whoever signed what was loaded, what registers they mirror, and which kinds ended,
        until nothing new turns up."""
        size = -1
        while size != len(self.chains):
            size = len(self.chains)
            mirrors = {e.author for e in self.entries.values() if "publication" in e.entry.values}
            for author in list(self.authors):
                for e in self.organisation(author):
                    kind = str(e["kind"]) if e.action == "Accredit" else ""
                    if author in mirrors and kind.startswith(REGISTER_PREFIX):
                        self.chain(register_subject(author, kind[len(REGISTER_PREFIX) :]))
            for e in list(self.entries.values()):
                if e.action == "SetRequirement" or created_qualification(e) is not None:
                    self.chain(named_subject("kind", str(e["kind"])))


def gather(
    records: Records,
    founding: Founding,
    organisation: bytes,
    category: str,
    position: int,
) -> History:
    """Collect and fold all that a judgement over the organisation in the category needs.

    That is the closure of: the organisation and everyone linked to it, all their qualifications,
    who signed any of it (with accreditations, accounts and compromised keys), the category with
    its ancestors and requirements, the kinds, the publications of the registers behind mirrored
    facts, other holders' qualifications with the same document or number, and the alarms.

    ``position`` is the ledger's size: nothing from there on is read. What ``records`` raises goes
    through.
    """
    gathering = _Gathering(records, position)
    firm = gathering.firm(organisation)
    gathering.category(category)
    gathering.copies(firm)
    gathering.settle()
    history = fold(gathering.entries.values(), founding, position)
    for mark, uses in history.shared_marks.items():
        holders = {q.holder for q, _ in uses}
        for mine in holders & firm:
            for other in holders - {mine}:
                gathering.chain(alarm_subject(alarm_id(mark, mine, other)))
    gathering.settle()
    history = fold(gathering.entries.values(), founding, position)
    return replace(history, watched=frozenset(gathering.chains) | gathering.marks)
