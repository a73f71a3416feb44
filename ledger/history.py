"""What the ledger was told about one supplier and one category, as typed facts.

``ledger.folding`` makes a :class:`History` out of recorded entries, ``ledger.gathering`` finds the
entries that it takes. Rules this module keeps:

* Every fact keeps who stated it and both dates (recorded by a block, published by a register), so
  that each question chooses what counts as known; nothing is decided here.
* Facts stand in the order of their sequence numbers.

Times are seconds since 1970, UTC; intervals are half-open.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

from ledger.hashing import keccak
from ledger.vocabulary import (
    AccountState,
    Clock,
    InspectionResult,
    OrganisationStatus,
    QualificationState,
    Role,
    Way,
)


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
class Inspection:
    """A laboratory's report on a lot; ``lot`` is the lot's id, ``digest`` the entry's.

    The laboratory is the author. ``standard`` is the kind for which it must be accredited.
    """

    stated: Stated
    digest: bytes
    lot: bytes
    sampled_at: int
    happened_at: int
    result: InspectionResult
    document: bytes
    standard: str
    number: str

    @property
    def maker(self) -> bytes:
        """The organisation that made the lot."""
        return self.lot[:20]

    @property
    def marks(self) -> tuple["Mark", ...]:
        """By what it can be recognised: its document, and its number among those of the same
        laboratory and standard. Every laboratory counts its own reports."""
        found = list(marks("", self.document, ""))
        if self.number.strip():
            value = keccak(
                self.stated.author.ljust(32, b"\0")
                + keccak(self.standard.encode())
                + keccak(self.number.encode())
            )
            found.append(Mark("report", value, f"{self.standard} {self.number}"))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class MirroredRecall:
    """A register says that the firm recalls these lots; ``ended`` is 0 where no end is stated.
    ``lots`` is the register's own text."""

    stated: Stated
    organisation: bytes
    publication: bytes
    document: bytes
    initiated: int
    ended: int
    register: str
    number: str
    product: str
    lots: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A document, or a kind and number, by which a qualification or a report can be recognised."""

    what: str
    value: bytes
    shown: str


@dataclass(frozen=True)
class History:
    """Everything needed to judge, folded. ``position`` is the number of entries of the ledger
    that it stands on (the log's size): entries from there on are not in it.

    ``watched`` says what it was gathered from: as long as no later entry touches
    (``ledger.gathering.touches``) any of it, the history is still complete and can be moved
    :meth:`at` a later position.
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
    inspections: tuple[Inspection, ...] = ()
    recalls: tuple[MirroredRecall, ...] = ()

    def at(self, position: int) -> "History":
        """The same history at a later position; for the caller who knows that nothing in between
        touches what it watches."""
        moved = copy(self)  # with what is worked out already
        object.__setattr__(moved, "position", position)
        return moved

    def supposing(self, account: bytes, since: int) -> "History":
        """The same history, had the account been declared compromised from ``since`` on, and had
        this been known all along."""
        found = self.accounts.get(account)
        if found is None:
            return self
        nobody = Stated(self.position, 0, None, b"", ())
        compromises = (*found.compromises, Compromise(nobody, since, ""))
        accounts = {**self.accounts, account: replace(found, compromises=compromises)}
        return replace(self, accounts=accounts)

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
    def reports(self) -> Mapping[bytes, tuple[Inspection, ...]]:
        """The reports by lot, oldest first."""
        found: dict[bytes, list[Inspection]] = {}
        for report in self.inspections:
            found.setdefault(report.lot, []).append(report)
        return {lot: tuple(reports) for lot, reports in found.items()}

    @cached_property
    def report_uses(self) -> Mapping[Mark, tuple[Inspection, ...]]:
        """The reports by what they can be recognised by, oldest first."""
        found: dict[Mark, list[Inspection]] = {}
        for report in self.inspections:
            for mark in report.marks:
                found.setdefault(mark, []).append(report)
        return {mark: tuple(reports) for mark, reports in found.items()}

    @cached_property
    def document_uses(self) -> Mapping[bytes, tuple[tuple[Qualification, Terms], ...]]:
        """The qualifications that show a document, with the terms that do; mirrored ones and
        waivers left out, as in :attr:`shared_marks`."""
        found: dict[bytes, list[tuple[Qualification, Terms]]] = {}
        for q in self.qualifications.values():
            if q.way in (Way.ISSUED, Way.REVIEWED):
                for terms in q.terms:
                    found.setdefault(terms.document, []).append((q, terms))
        return {document: tuple(uses) for document, uses in found.items()}

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


def alarm_id(mark: Mark, first: bytes, second: bytes) -> bytes:
    """The id of the alarm that two parties use one mark; the same whichever came first. A party is
    the holder of a qualification or, for a report, a lot (its id)."""
    holders = sorted((first, second))
    return keccak(
        keccak(b"alarm")
        + keccak(mark.what.encode())
        + mark.value
        + b"".join(h.ljust(32, b"\0") for h in holders)
    )
