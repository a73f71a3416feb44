"""Which entries a judgement over one supplier in one category needs.

:func:`gather` collects their closure and folds it; :func:`touches` says whether a later entry makes
a gathered history incomplete, so that it can be kept until then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from ledger.alarms import holders_and_lots, lot_alarms
from ledger.folding import created_qualification, fold, holder_of, inspection, raw
from ledger.history import History, alarm_id, marks
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import (
    REGISTER_PREFIX,
    alarm_subject,
    named_subject,
    organisation_subject,
    register_subject,
)


class Records(Protocol):
    """Where recorded entries are looked up. Each method may answer in any order; an unknown
    subject, document or number answers nothing."""

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        """Every entry that moved this chain (32 bytes)."""

    def by_document(self, document: bytes) -> Sequence[RecordedEntry]:
        """The entries that create or edit a qualification with this document hash (32 bytes), or
        report with it on a lot."""

    def by_number(
        self, kind: str, number: str, author: bytes | None = None
    ) -> Sequence[RecordedEntry]:
        """The entries that create a qualification of this kind with this number, or edit it to, or
        report under this standard and number on a lot; of an ``author``, if one is given, only its
        reports."""


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

    def firm(self, organisation: bytes, *, held: bool = True) -> set[bytes]:
        """Everyone ever decided to be one firm with it, with their qualifications' chains unless
        ``held`` is False."""
        firm, queue = {organisation}, [organisation]
        while queue:
            for e in self.organisation(queue.pop()):
                qualification = created_qualification(e)
                if qualification is not None and holder_of(e) in firm:
                    if held:
                        self.chain(qualification)
                elif e.action == "LinkOrganisations" and e["same"]:
                    for other in (raw(e["first"]), raw(e["second"])):
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

    def copies(self) -> None:
        """The qualifications of others that show a document or number of this firm's."""
        own = [e for e in self.entries.values() if created_qualification(e) is not None]
        kinds = {created_qualification(e): str(e["kind"]) for e in own}
        for e in list(self.entries.values()):
            if e.action in ("IssueQualification", "SubmitQualification"):
                kind = str(e["kind"])
            elif e.action == "EditQualification" and raw(e["qualification"]) in kinds:
                kind = kinds[raw(e["qualification"])]
            else:
                continue
            self.marks.update(_watched_marks(raw(e["document"]), str(e["number"])))
            for mark in marks(kind, raw(e["document"]), str(e["number"])):
                if mark.what == "document":
                    found = self.records.by_document(mark.value)
                else:
                    found = self.records.by_number(kind, str(e["number"]))
                self.strangers(found)

    def strangers(self, found: Iterable[RecordedEntry]) -> None:
        """Load the qualifications that these entries create or edit, with their holders, and the
        reports on lots among them, with the lots' makers."""
        for e in found:
            qualification = created_qualification(e)
            if e.action == "Inspect":
                self.authors.update(raw(o["lot"])[:20] for o in self.add([e]))
                continue
            if e.action == "EditQualification":
                qualification = raw(e["qualification"])
            elif e.action not in ("IssueQualification", "SubmitQualification"):
                continue
            if qualification is not None and e.sequence < self.position:
                for step in self.chain(qualification):
                    if created_qualification(step) == qualification:
                        self.organisation(holder_of(step))

    def settle_firms(self) -> None:
        """As :meth:`settle`, and whoever was ever decided to be one firm with any of them."""
        size = -1
        while size != len(self.authors):
            size = len(self.authors)
            self.settle()
            for e in list(self.entries.values()):
                if e.action == "LinkOrganisations" and e["same"]:
                    self.authors.update((raw(e["first"]), raw(e["second"])))

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
                        self.chain(register_subject(author, kind))
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
    facts, other holders' qualifications with the same document or number, reports on lots with
    the same document, and the alarms.

    ``position`` is the ledger's size: nothing from there on is read. What ``records`` raises goes
    through.
    """
    gathering = _Gathering(records, position)
    firm = gathering.firm(organisation)
    gathering.category(category)
    gathering.copies()
    gathering.settle()
    history = fold(gathering.entries.values(), founding, position)
    for mark, uses in history.shared_marks.items():
        holders = {q.holder for q, _ in uses}
        for mine in holders & firm:
            for other in holders - {mine}:
                gathering.chain(alarm_subject(alarm_id(mark, mine, other)))
    for mark, mine, lot in holders_and_lots(history, firm):
        gathering.chain(alarm_subject(alarm_id(mark, mine, lot)))
    gathering.settle()
    history = fold(gathering.entries.values(), founding, position)
    return replace(history, watched=frozenset(gathering.chains) | gathering.marks)


def gather_standing(
    records: Records, founding: Founding, organisation: bytes, category: str, position: int
) -> History:
    """As :func:`gather`, but without what others show of the same: enough for how the organisation
    stands in the category (``ledger.standing.standing``), not for alarms. Nothing is looked up but
    by its subject."""
    gathering = _Gathering(records, position)
    gathering.firm(organisation)
    gathering.category(category)
    gathering.settle()
    return fold(gathering.entries.values(), founding, position)


def gather_qualification(
    records: Records, founding: Founding, qualification: bytes, position: int
) -> History:
    """Collect and fold what bears on one qualification, whoever holds what else.

    That is: its chain, who signed it (with accounts, compromised keys and accreditations), its kind
    and, where it is mirrored, the register's publications and what the register says of the
    holder's firm, for one row may withdraw another. Of other qualifications the history holds at
    most how they began, which is all that matters of a row: the contracts let none be edited.
    """
    gathering = _Gathering(records, position)
    for e in gathering.chain(qualification):
        if e.action == "MirrorQualification" and created_qualification(e) == qualification:
            gathering.firm(holder_of(e), held=False)
    gathering.settle()
    return fold(gathering.entries.values(), founding, position)


def gather_reports(
    records: Records,
    founding: Founding,
    entries: Iterable[RecordedEntry],
    position: int,
    known_at: int,
) -> History:
    """Collect and fold what it takes to weigh these entries about lots, whatever they are, as known
    at ``known_at``.

    That is: who signed them and who made the lots (with accounts, compromised keys, accreditations
    and who is one firm with them), every other report and every qualification with the document or
    number of a report among them, the alarms over those with their closings, and the replies of
    all these. The history holds no more of anybody's qualifications.
    """
    given = [e for e in entries if e.sequence < position]
    gathering = _Gathering(records, position)
    gathering.authors.update(e.author for e in given)
    reports = gathering.add(e for e in given if e.action == "Inspect")
    lots = {raw(e["lot"]) for e in reports}
    gathering.authors.update(lot[:20] for lot in lots)
    for e in reports:
        own = inspection(e)
        for mark in own.marks:
            if mark.what == "document":
                gathering.strangers(records.by_document(own.document))
            else:
                # Every laboratory counts its own reports.
                gathering.strangers(records.by_number(own.standard, own.number, e.author))
    gathering.settle_firms()
    history = fold(gathering.entries.values(), founding, position)
    for lot in sorted(lots):
        for alarm in lot_alarms(history, lot, known_at):
            gathering.chain(alarm_subject(alarm.id))
    gathering.settle_firms()
    return fold(gathering.entries.values(), founding, position)


def reports_of(author: bytes, entries: Iterable[RecordedEntry]) -> list[RecordedEntry]:
    """Those of the entries that report on lots and are signed by this laboratory."""
    return [e for e in entries if e.action == "Inspect" and e.author == author]


#: The entries that show a document or number by which copies are recognised.
MARKING: Final = ("IssueQualification", "SubmitQualification", "EditQualification", "Inspect")


def touches(entry: RecordedEntry) -> frozenset[bytes]:
    """What this entry may change: a history that watches any of it must be gathered anew."""
    touched = set(entry.subjects)
    if entry.action in MARKING:
        touched.update(_watched_marks(raw(entry["document"]), str(entry["number"])))
    return frozenset(touched)


def _watched_marks(document: bytes, number: str) -> tuple[bytes, ...]:
    # An edit does not name its kind, so numbers are watched whatever their kind.
    return tuple(mark.value for mark in marks("", document, number))
