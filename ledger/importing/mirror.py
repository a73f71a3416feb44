"""Mirroring a register: one publication against what the ledger holds of this register.

Rules this module keeps:

* The entries are the mirror's own statements, never the register's: firms become listed
  organisations, the publication is recorded with its hash and the Merkle root of its rows, and
  every (row, model) is one entry that carries the row's hash.
* What the ledger already says is not said again; what a later publication lists no longer is
  delisted, which is no withdrawal; what it says differently is stated anew and the old delisted.
* An older publication that arrives after a newer one adds what the ledger has never held, delisted
  at once by the next publication; it takes nothing away.
* Public facts that no list states (an authorisation revoked as a whole) are recorded as notices:
  publications without rows, which keep nothing fresh.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.authoring import Author
from ledger.days import start_of_day
from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.importing.report import Line, Outcome, Plan, problem_lines
from ledger.merkle import Frontier
from ledger.registers import (
    REGISTERS,
    REVOKED_FROM,
    CapacityStatement,
    Holder,
    Publication,
    RegisterReading,
    Statement,
    compare,
)
from ledger.typed_data import (
    REGISTER_PREFIX,
    Entry,
    organisation_id,
    publication_id,
    qualification_id,
    register_subject,
)
from ledger.vocabulary import QualificationState


@dataclass(frozen=True, slots=True)
class Listed(Statement):
    """A statement as the ledger holds it; ``qualification`` is its id there, ``state`` says
    whether it can still be delisted, or has been."""

    qualification: bytes = b""
    state: QualificationState = QualificationState.IN_FORCE


@dataclass(frozen=True, slots=True)
class Recorded:
    """A publication on the ledger, its entry at ``sequence``; ``document`` is the hash of what was
    published. A notice lists no rows, so it is neither older nor newer than a list."""

    id: bytes
    sequence: int
    document: bytes
    published: int
    lists_rows: bool


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the ledger holds of one register as this mirror states it.

    ``capacities``: how many capacities are stated, by organisation and row hash. ``overdue``: ids
    of qualifications that were stated from the publication in hand after a later one was recorded,
    and that an import which was interrupted did not come to delist.
    """

    organisations: frozenset[bytes]
    categories: frozenset[str]
    publications: tuple[Recorded, ...]
    listed: tuple[Listed, ...]
    capacities: Mapping[tuple[bytes, bytes], int]
    overdue: frozenset[bytes] = frozenset()

    def recorded(self, document: bytes) -> Recorded | None:
        """The publication with this hash, where the ledger has it."""
        return next((p for p in self.publications if p.document == document), None)

    def later(self, publication: Publication) -> tuple[Recorded, ...]:
        """The lists that were published after it, the next one first; where it is recorded
        itself, of those the ones that were recorded before it come first."""
        own = self.recorded(publication.hash)
        since = None if own is None else own.sequence
        later = [p for p in self.publications if p.lists_rows]
        later = [p for p in later if p.published > publication.published]
        late = [p for p in later if since is not None and p.sequence < since]
        return tuple(sorted(late or later, key=lambda p: p.published))


@dataclass(frozen=True, slots=True)
class _Revocation:
    published: date
    title: str


#: FDA revoked both authorisations on this day (public; the lists of 2020 cannot say so).
_REVOCATIONS: Final[Mapping[str, _Revocation]] = {
    kind: _Revocation(
        date(2021, 6, 30),
        "FDA revoked the emergency use authorisation for respirators without NIOSH approval "
        f"({kind}), effective 2021-07-06",
    )
    for kind in ("fda-eua-china", "fda-eua-imported")
}


def holder_id(register: str, holder: Holder) -> bytes:
    """The id of the listed organisation that stands for a firm of this register."""
    return organisation_id(REGISTER_PREFIX + register, holder.identifier)


def plan_mirror(reading: RegisterReading, holdings: Holdings, author: Author) -> Plan:
    """The entries that bring the ledger to what this publication says, and the report."""
    planning = _Planning(reading, holdings, author)
    planning.rows()
    planning.notices()
    entries = tuple(planning.firms + planning.entries)
    return Plan(entries, tuple(planning.lines), planning.stated_in)


class _Planning:
    def __init__(self, reading: RegisterReading, holdings: Holdings, author: Author) -> None:
        self.reading = reading
        self.holdings = holdings
        self.author = author
        self.register = reading.publication.register
        self.name = REGISTER_PREFIX + self.register
        self.known = set(holdings.organisations)
        self.capacities = dict(holdings.capacities)
        self.firms: list[Entry] = []
        self.entries: list[Entry] = []
        self.lines: list[Line] = []
        self.stated_in: dict[bytes, int] = {}
        for document, problem in reading.problems:
            self.lines += problem_lines(document, (problem,))

    def rows(self) -> None:
        later = self.holdings.later(self.reading.publication)
        publication = self._publication()
        if later:
            self._older_rows(publication, later[0].id)
        else:
            self._newest_rows(publication)
        for capacity in self.reading.capacities:
            self._capacity(publication, capacity)

    def _newest_rows(self, publication: bytes) -> None:
        held = [s for s in self.holdings.listed if s.state is not QualificationState.DELISTED]
        difference = compare(tuple(held), self.reading.statements)
        # What is gone comes first: the publication that stands now must not vouch for it.
        for old in difference.gone:
            delisted = self._gone(old, publication, "no longer listed")
            if delisted:
                self._line(Outcome.GONE, old, *delisted)
        for statement in difference.unchanged:
            self._line(Outcome.UNCHANGED, statement)
        for old, statement in difference.changed:
            delisted = self._gone(old, publication, "stated anew in this publication")
            mirrored = self._mirror(publication, statement)
            self._line(Outcome.CHANGED, statement, *delisted, mirrored)
        for statement in difference.added:
            self._line(Outcome.ADDED, statement, self._mirror(publication, statement))

    def _older_rows(self, publication: bytes, successor: bytes) -> None:
        """Each row that the ledger never held, and at once that the next list has it no longer."""
        difference = compare(self.holdings.listed, self.reading.statements)
        reason = "not listed so in the next publication"
        for held in self.holdings.listed:
            if held.qualification in self.holdings.overdue:
                self._delist(held.qualification, successor, reason)
        for statement in difference.unchanged:
            self._line(Outcome.UNCHANGED, statement)
        for statement in (*difference.added, *(new for _, new in difference.changed)):
            mirrored = self._mirror(publication, statement)
            self._line(Outcome.ADDED, statement, mirrored)
            if not statement.withdrawn_from:
                self._delist(self._created(mirrored, statement), successor, reason)

    def notices(self) -> None:
        """The revocations that concern this register's kinds, each recorded once."""
        documents = {p.document for p in self.holdings.publications}
        reader = REGISTERS[self.register]
        for kind in reader.kinds:
            effective = REVOKED_FROM.get(kind)
            if effective is None:
                continue
            notice = _REVOCATIONS[kind]
            document = keccak(notice.title.encode())
            if document in documents:
                continue
            publication = self._record(
                start_of_day(notice.published, reader.zone), document, 0, bytes(32), notice.title
            )
            ended = self.author.write(
                "EndKind",
                publication=publication,
                effective=start_of_day(effective, reader.zone),
                kind=kind,
                reason=notice.title,
            )
            self.entries.append(ended)
            self._report(Line(Outcome.NOTICE, "", 0, notice.title), ended)

    # -- single entries ----------------------------------------------------------------------

    def _publication(self) -> bytes:
        """The publication's id, recording it where the ledger does not have it yet."""
        publication = self.reading.publication
        known = self.holdings.recorded(publication.hash)
        if known is not None:
            return known.id
        tree = Frontier()
        for row in self.reading.rows:
            tree.append(row.hash)
        return self._record(
            publication.published, publication.hash, tree.size, tree.root(), publication.title
        )

    def _record(self, published: int, document: bytes, rows: int, root: bytes, title: str) -> bytes:
        entry = self.author.write(
            "RecordPublication",
            published=published,
            document=document,
            rows=rows,
            rowsRoot=root,
            register=self.name,
            title=title,
        )
        self.entries.append(entry)
        return publication_id(self.author.organisation, self.author.digest(entry))

    def _firm(self, holder: Holder) -> bytes:
        id_ = holder_id(self.register, holder)
        if id_ not in self.known:
            self.known.add(id_)
            self.firms.append(
                self.author.write(
                    "ListOrganisation",
                    identifierKind=self.name,
                    identifier=holder.identifier,
                    nameZh=holder.name_zh,
                    nameEn=holder.name_en,
                )
            )
        return id_

    def _mirror(self, publication: bytes, s: Statement) -> Entry:
        self._check_category(s.category)
        entry = self.author.write(
            "MirrorQualification",
            holder=self._firm(s.holder),
            validFrom=s.valid_from,
            validUntil=s.valid_until,
            document=s.row_hash,
            publication=publication,
            withdrawnFrom=s.withdrawn_from,
            category=s.category,
            model=s.model,
            kind=s.kind,
            number=s.number,
        )
        self.entries.append(entry)
        return entry

    def _created(self, entry: Entry, s: Statement) -> bytes:
        return qualification_id(
            register_subject(self.author.organisation, self.name),
            holder_id(self.register, s.holder),
            s.category,
            s.model,
            s.kind,
            self.author.digest(entry),
        )

    def _gone(self, old: Statement, publication: bytes, reason: str) -> list[Entry]:
        """Delist what the ledger holds; what is withdrawn stays as it is."""
        if not isinstance(old, Listed) or old.state is not QualificationState.IN_FORCE:
            return []
        return [self._delist(old.qualification, publication, reason)]

    def _delist(self, qualification: bytes, publication: bytes, reason: str) -> Entry:
        entry = self.author.write(
            "DelistQualification",
            qualification=qualification,
            publication=publication,
            reason=reason,
        )
        self.entries.append(entry)
        return entry

    def _capacity(self, publication: bytes, c: CapacityStatement) -> None:
        organisation = holder_id(self.register, c.holder)
        what = f"{c.holder.identifier}: {c.stated}"
        key = (organisation, c.row_hash)
        if self.capacities.get(key):
            self.capacities[key] -= 1
            self.lines.append(Line(Outcome.UNCHANGED, c.document, c.row, what))
            return
        self._check_category(c.category)
        stated = self.author.write(
            "StateCapacity",
            organisation=self._firm(c.holder),
            publication=publication,
            document=c.row_hash,
            perDay=c.per_day,
            category=c.category,
            model="",
            unit=c.unit,
        )
        self.entries.append(stated)
        self._report(Line(Outcome.ADDED, c.document, c.row, what), stated)

    def _check_category(self, category: str) -> None:
        if category not in self.holdings.categories:
            raise RequestError(
                f"the ledger does not know the category {category}; the authority must set it",
                message_zh=f"账本上没有品类 {category}，须由主管机关先行设立",
                field="category",
                code="category.unknown",
                values={"category": category},
            )

    def _line(self, outcome: Outcome, s: Statement, *entries: Entry) -> None:
        what = " · ".join(part for part in (s.holder.identifier, s.model, s.number) if part)
        self._report(Line(outcome, s.document, s.row, what), *entries)

    def _report(self, line: Line, *entries: Entry) -> None:
        """A line of the report, and the entries that carry it out."""
        self.stated_in.update({entry.body: len(self.lines) for entry in entries})
        self.lines.append(line)
