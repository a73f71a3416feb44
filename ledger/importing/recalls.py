"""Mirroring a register of recalls: one publication against what the ledger holds of it.

Rules this module keeps:

* The entries are the mirror's own statements, never the register's. Firms become listed
  organisations, the publication is recorded with the Merkle root of its rows, and every recall is
  an entry with the hash of its row: several, numbered as parts, where its lots need more room.
* A row that reads as the ledger last stated the recall is not said again; one that reads
  differently is stated anew, and counts from then on (:mod:`ledger.recalls.standing`).
* A publication that is older than one the ledger has adds recalls that the ledger has nothing of.
* A publication that shows a recall no longer ends nothing and records nothing: such lists are
  extracts. That it is missing is reported.
* A text that is longer than the ledger takes is cut, says so at its end, and is reported.
"""

from datetime import date
from typing import Final

from ledger.authoring import Author
from ledger.days import NEW_YORK, start_of_day
from ledger.importing.register_state import MirroredRecall, RegisterState
from ledger.importing.report import Line, Outcome, Plan, problem_lines
from ledger.merkle import Frontier
from ledger.recalls import REGISTER, Recall, RecallReading, lot_texts
from ledger.recalls.texts import LONGEST
from ledger.tabular import Problem, Severity
from ledger.typed_data import REGISTER_PREFIX, Entry, organisation_id, publication_id

NAME: Final = REGISTER_PREFIX + REGISTER
_CUT: Final = " […]"


def firm_id(name: str) -> bytes:
    """The id of the listed organisation that stands for a firm of this register, by its name."""
    return organisation_id(NAME, name)


def plan_recalls(
    reading: RecallReading, published: date, state: RegisterState, author: Author
) -> Plan:
    """The entries that bring the ledger to what this publication says, and the report.
    ``published`` is a day in New York; the files do not say it."""
    planning = _Planning(reading, start_of_day(published, NEW_YORK), state, author)
    planning.publication()
    for recall in reading.recalls:
        planning.recall(recall)
    planning.no_longer_shown()
    entries = (*planning.firms, *planning.publications, *planning.entries)
    return Plan(entries, tuple(planning.lines), planning.stated_in)


class _Planning:
    def __init__(
        self, reading: RecallReading, published: int, state: RegisterState, author: Author
    ) -> None:
        self.reading = reading
        self.published = published
        self.state = state
        self.author = author
        self.known = {firm.id for firm in state.firms}
        self.published_at = {p.id: p.published for p in state.publications}
        self.is_older = any(published < known for known in self.published_at.values())
        document = reading.document.hash
        self.own = next((p.id for p in state.publications if p.document == document), b"")
        self.held: dict[str, dict[bytes, list[MirroredRecall]]] = {}
        for held in state.recalls:
            self.held.setdefault(held.number, {}).setdefault(held.publication, []).append(held)
        self.firms: list[Entry] = []
        self.publications: list[Entry] = []
        self.entries: list[Entry] = []
        self.stated_in: dict[bytes, int] = {}
        self.lines = problem_lines(reading.document.name, reading.problems)

    def publication(self) -> None:
        """Record the publication where the ledger does not have it yet."""
        if self.own:
            return
        tree = Frontier()
        for row in self.reading.rows:
            tree.append(row.hash)
        entry = self.author.write(
            "RecordPublication",
            published=self.published,
            document=self.reading.document.hash,
            rows=tree.size,
            rowsRoot=tree.root(),
            register=NAME,
            title=f"openFDA device enforcement reports, {self.reading.document.name}",
        )
        self.publications.append(entry)
        self.own = publication_id(self.author.organisation, self.author.digest(entry))

    def recall(self, recall: Recall) -> None:
        """What of this recall is still missing on the ledger, and its line of the report."""
        texts = lot_texts(recall.lots)
        held = self.held.get(recall.number, {})
        what = f"{recall.number} · {recall.firm}"
        if len(texts) > 1:
            what += f" · {len(texts)} parts"
        # What an interrupted import of this publication left undone is gone on with.
        begun = [e for e in held.get(self.own, ()) if e.document == recall.row_hash]
        if begun:
            outcome = Outcome.ADDED if len(begun) < len(texts) else Outcome.UNCHANGED
        elif held:
            is_same = self.is_older or self._last(held) == recall.row_hash
            outcome = Outcome.UNCHANGED if is_same else Outcome.CHANGED
        else:
            outcome = Outcome.ADDED
        missing = () if outcome is Outcome.UNCHANGED else texts[len(begun) :]
        self._state(recall, missing)
        self._line(outcome, recall, what, len(missing))

    def no_longer_shown(self) -> None:
        """Recalls that the ledger has and this publication, if it is the latest, does not show."""
        shown = {recall.number for recall in self.reading.recalls}
        for number in self.held:
            if number not in shown and not self.is_older:
                self.lines.append(Line(Outcome.GONE, "", 0, number))

    def _last(self, held: dict[bytes, list[MirroredRecall]]) -> bytes:
        """The hash of the row by which the ledger states the recall now."""
        statements = (e for entries in held.values() for e in entries)
        last = max(statements, key=lambda e: (self.published_at[e.publication], e.sequence))
        return last.document

    def _state(self, recall: Recall, texts: tuple[str, ...]) -> None:
        for text in texts:
            self.entries.append(
                self.author.write(
                    "MirrorRecall",
                    organisation=self._firm(recall.firm),
                    publication=self.own,
                    document=recall.row_hash,
                    initiated=recall.initiated,
                    # An end before the beginning is a slip of the register; it ends nothing.
                    ended=recall.ended if recall.ended >= recall.initiated else 0,
                    register=NAME,
                    number=recall.number,
                    product=self._fitting(recall, "product_description", recall.product),
                    lots=text,
                    reason=self._fitting(recall, "reason_for_recall", recall.reason),
                )
            )

    def _firm(self, name: str) -> bytes:
        id_ = firm_id(name)
        if id_ not in self.known:
            self.known.add(id_)
            self.firms.append(
                self.author.write(
                    "ListOrganisation",
                    identifierKind=NAME,
                    identifier=name,
                    nameZh="",
                    nameEn=name,
                )
            )
        return id_

    def _fitting(self, recall: Recall, column: str, text: str) -> str:
        if len(text.encode()) <= LONGEST:
            return text
        kept = text.encode()[: LONGEST - len(_CUT.encode())].decode(errors="ignore") + _CUT
        problem = Problem(
            recall.row,
            column,
            Severity.WARNING,
            "text.cut",
            f"{len(text):,} characters are more than the ledger takes; the entry has the first "
            f"{len(kept) - len(_CUT):,}",
            f"共 {len(text):,} 个字符，超出账本上限；条目只载前 {len(kept) - len(_CUT):,} 个",
        )
        line = Line(Outcome.NOTICE, recall.document, recall.row, column, problem)
        if line not in self.lines:  # once for all parts
            self.lines.append(line)
        return kept

    def _line(self, outcome: Outcome, recall: Recall, what: str, entries: int) -> None:
        """A line of the report, and how many of the last entries carry it out."""
        for entry in self.entries[len(self.entries) - entries :]:
            self.stated_in[entry.body] = len(self.lines)
        self.lines.append(Line(outcome, recall.document, recall.row, what))
