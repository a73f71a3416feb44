"""Reading the projection: every question that is asked of the ledger in SQL.

Rules this module keeps:

* What is not on the ledger, as far as it was read, is None or empty, never an error.
* An entry is built from the bytes that were signed, so that what is judged is what was checked.
* Searching finds the same on every database engine, in the same order.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, literal, or_, select

from ledger.errors import RequestError, UnavailableError
from ledger.gathering import reports_of
from ledger.history import marks
from ledger.identifiers import recognise
from ledger.index import projection
from ledger.index import tables as t
from ledger.index.base import table_of
from ledger.index.database import Database
from ledger.index.log_tree import LogTree
from ledger.index.lots import LotGraph
from ledger.index.projection import Position, Refusal, State
from ledger.index.reader import Reader
from ledger.index.records import (
    AccountRecord,
    CategoryRecord,
    Hit,
    Hits,
    OrganisationRecord,
    PublicationRecord,
    QualificationRecord,
)
from ledger.index.terms import BAR, STATED, TermField, normal, term_key
from ledger.pinyin import cuts, initials
from ledger.recorded import Founding, RecordedEntry
from ledger.typed_data import organisation_id
from ledger.vocabulary import AccountState, OrganisationStatus, QualificationState, Role, Way

#: Longest text that can be searched for, in characters.
MAX_SEARCH: Final = 200
#: So many words of a search are looked for each somewhere.
_MAX_WORDS: Final = 5
#: The rank of an organisation in which only the words of a search stand.
_ONLY_WORDS: Final = 8

_CHUNK: Final = 500
_entry: Final = table_of(t.EntryRow)
_subject: Final = table_of(t.SubjectRow)
_mark: Final = table_of(t.MarkRow)
_organisation: Final = table_of(t.OrganisationRow)
_account: Final = table_of(t.AccountRow)
_qualification: Final = table_of(t.QualificationRow)
_publication: Final = table_of(t.PublicationRow)
_category: Final = table_of(t.CategoryRow)
_capacity: Final = table_of(t.CapacityRow)
_term: Final = table_of(t.TermRow)
_refusal: Final = table_of(t.RefusalRow)
_nonce: Final = table_of(t.NonceRow)
_contract: Final = table_of(t.ContractRow)


class Index:
    """The index of one ledger, for reading. Keeps :class:`ledger.gathering.Records`.

    Safe to use from several threads. Every method raises
    :class:`~ledger.errors.UnavailableError` while the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._reader = Reader(database)
        #: Lots, what was made of what, and what was found about it.
        self.lots = LotGraph(self._reader)
        #: The log as a tree: proofs that an entry is in it, and that it only grew.
        self.log = LogTree(self._reader)

    @property
    def is_local(self) -> bool:
        """Whether reading one entry needs no other process, and so is done in microseconds."""
        return self._reader.is_sqlite

    def snapshot(self) -> AbstractContextManager[None]:
        """Within it all reads of this thread see one state of the ledger, and are faster."""
        return self._reader.snapshot()

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        return self._reader.rows(query)

    def _row(self, query: Select[Any]) -> Any:
        return self._reader.row(query)

    def _recorded(self, query: Select[Any]) -> list[RecordedEntry]:
        return self._reader.recorded(query)

    # -- the ledger as a whole -----------------------------------------------------------------

    def state(self) -> State:
        """The identity of the ledger and how far it was read."""
        with self.snapshot():
            found = projection.state_in(self._reader.session)
        if found is None:
            raise UnavailableError("nothing of the ledger was read yet", code="index.empty")
        return found

    def position(self) -> Position:
        return self.state().position

    def block_number(self) -> int:
        """The last block that was read."""
        return self.state().block_number

    def founding(self) -> Founding:
        found = self.state().founding
        if found is None:
            raise UnavailableError("the ledger's founding was not read yet", code="index.empty")
        return found

    def counts(self) -> dict[str, int]:
        """How many there are of each: entries, organisations, qualifications and so on."""
        tables = (_entry, _organisation, _account, _qualification, _publication, _refusal)
        with self.snapshot():
            return {
                table.name: self._row(select(func.count()).select_from(table))[0]
                for table in tables
            }

    # -- entries -------------------------------------------------------------------------------

    def entry(self, sequence: int) -> RecordedEntry | None:
        found = self._reader.entries_where('"sequence" = ?', (sequence,))
        return found[0] if found else None

    def recorded_at(self, sequence: int) -> int | None:
        """The block time (seconds, UTC) of the entry with this number."""
        row = self._row(select(_entry.c.recorded_at).where(_entry.c.sequence == sequence))
        return None if row is None else int(row.recorded_at)

    def entry_by_digest(self, digest: bytes) -> RecordedEntry | None:
        """The entry with this digest; the first, where several signed the same words."""
        condition = '"digest" = ? ORDER BY "sequence" LIMIT 1'
        found = self._reader.entries_where(condition, (digest,))
        return found[0] if found else None

    def entries(self, first: int, limit: int) -> list[RecordedEntry]:
        """The entries from the sequence number ``first`` on, at most ``limit``, in order."""
        query = select(_entry).where(_entry.c.sequence >= first)
        return self._recorded(query.order_by(_entry.c.sequence).limit(limit))

    def sequences(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """The sequence numbers of those of these entries that are on the ledger; the first, where
        several signed the same words."""
        found = {}
        with self.snapshot():
            for chunk in _chunks(digests):
                query = select(_entry.c.digest, _entry.c.sequence).where(_entry.c.digest.in_(chunk))
                rows = self._rows(query.order_by(_entry.c.sequence.desc()))
                found.update({row.digest: row.sequence for row in rows})
        return found

    def recorded(self, signed: Sequence[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], int]:
        """The sequence numbers of those entries that are on the ledger with this digest, signed
        first by this account."""
        found = {}
        wanted = set(signed)
        with self.snapshot():
            for chunk in _chunks(list({digest for digest, _ in signed})):
                columns = (_entry.c.digest, _entry.c.signers, _entry.c.sequence)
                rows = self._rows(select(*columns).where(_entry.c.digest.in_(chunk)))
                for row in rows:
                    key = (bytes(row.digest), bytes(row.signers[:20]))
                    if key in wanted:
                        found[key] = row.sequence
        return found

    def by_subject(self, subject: bytes) -> list[RecordedEntry]:
        """Every entry that moved this chain (32 bytes), in order."""
        query = select(_entry).join(_subject, _subject.c.sequence == _entry.c.sequence)
        return self._recorded(
            query.where(_subject.c.subject == subject).order_by(_entry.c.sequence)
        )

    def by_subjects(self, subjects: Iterable[bytes]) -> dict[bytes, list[RecordedEntry]]:
        """Every entry that moved these chains, in order, by chain; unknown ones are empty."""
        found: dict[bytes, list[RecordedEntry]] = {subject: [] for subject in subjects}
        with self.snapshot():
            for chunk in _chunks(list(found)):
                query = select(_entry).join(_subject, _subject.c.sequence == _entry.c.sequence)
                query = query.where(_subject.c.subject.in_(chunk)).distinct()
                wanted = set(chunk)
                for e in self._recorded(query.order_by(_entry.c.sequence)):
                    for subject in wanted.intersection(e.subjects):
                        found[subject].append(e)
        return found

    def neighbours(self, subject: bytes, sequence: int) -> tuple[int | None, int | None]:
        """The entries just before and after this one in the subject's chain."""
        chain = _subject.c.subject == subject
        before = select(func.max(_subject.c.sequence)).where(chain, _subject.c.sequence < sequence)
        after = select(func.min(_subject.c.sequence)).where(chain, _subject.c.sequence > sequence)
        found = [self._row(query) for query in (before, after)]
        earlier, later = (None if row is None else row[0] for row in found)
        return earlier, later

    def by_document(self, document: bytes) -> list[RecordedEntry]:
        """The entries that create or edit a qualification with this document hash (32 bytes)."""
        return self._marked("", document, "")

    def by_number(self, kind: str, number: str, author: bytes | None = None) -> list[RecordedEntry]:
        """The entries that create a qualification of this kind with this number, or edit it to, or
        report under this standard and number; of an ``author``, if given, only its reports."""
        found = self._marked(kind, b"", number)
        return found if author is None else reports_of(author, found)

    def _marked(self, kind: str, document: bytes, number: str) -> list[RecordedEntry]:
        values = [mark.value for mark in marks(kind, document, number)]
        if not values:
            return []
        query = select(_entry).join(_mark, _mark.c.sequence == _entry.c.sequence)
        return self._recorded(query.where(_mark.c.mark.in_(values)).order_by(_entry.c.sequence))

    def shared_marks(self, limit: int) -> list[list[RecordedEntry]]:
        """The entries behind each mark (a document, a number) that more than one entry states, in
        order; the marks whose last use is the newest first, at most ``limit`` of them."""
        last = func.max(_mark.c.sequence)
        grouped = select(_mark.c.mark).group_by(_mark.c.mark).having(func.count() > 1)
        found = []
        with self.snapshot():
            for row in self._rows(grouped.order_by(last.desc()).limit(limit)):
                query = select(_entry).join(_mark, _mark.c.sequence == _entry.c.sequence)
                query = query.where(_mark.c.mark == row.mark).order_by(_entry.c.sequence)
                found.append(self._recorded(query))
        return found

    def refusals(self, digest: bytes) -> list[Refusal]:
        """Every refusal of this entry, the newest last."""
        query = select(_refusal).where(_refusal.c.digest == digest)
        order = (_refusal.c.block_number, _refusal.c.transaction_hash, _refusal.c.log_index)
        return [Refusal(**row._mapping) for row in self._rows(query.order_by(*order))]

    # -- who and what --------------------------------------------------------------------------

    def organisation(self, id_: bytes) -> OrganisationRecord | None:
        row = self._row(select(_organisation).where(_organisation.c.id == id_))
        return None if row is None else _organisation_record(row)

    def organisations(self, ids: Iterable[bytes]) -> dict[bytes, OrganisationRecord]:
        """Those of these organisations that are on the ledger, by id."""
        found = {}
        with self.snapshot():
            for chunk in _chunks(list(ids)):
                for row in self._rows(select(_organisation).where(_organisation.c.id.in_(chunk))):
                    found[row.id] = _organisation_record(row)
        return found

    def listed_organisations(self, register: str) -> list[OrganisationRecord]:
        """The firms that mirrors of this register (``register:…``) listed, in order."""
        query = select(_organisation).where(_organisation.c.identifier_kind == register)
        rows = self._rows(query.order_by(_organisation.c.sequence))
        return [_organisation_record(row) for row in rows]

    def account(self, address: bytes) -> AccountRecord | None:
        row = self._row(select(_account).where(_account.c.address == address))
        return None if row is None else _account_record(row)

    def accounts_of(self, organisation: bytes) -> list[AccountRecord]:
        """Every account that the organisation ever had, in the order of their addresses."""
        query = select(_account).where(_account.c.organisation == organisation)
        return [_account_record(row) for row in self._rows(query.order_by(_account.c.address))]

    def accounts_in(self, state: AccountState, limit: int) -> list[AccountRecord]:
        """The accounts that are in this state, by their addresses."""
        query = select(_account).where(_account.c.state == int(state))
        rows = self._rows(query.order_by(_account.c.address).limit(limit))
        return [_account_record(row) for row in rows]

    def next_nonce(self, contract: str, account: bytes) -> int:
        """The lowest nonce above all that the account used in the contract of this name; those
        from 2**62 on, which authors choose for themselves, do not count."""
        query = select(_nonce.c.next).join(_contract, _contract.c.address == _nonce.c.contract)
        row = self._row(query.where(_contract.c.name == contract, _nonce.c.account == account))
        return 0 if row is None else int(row[0])

    def qualification(self, id_: bytes) -> QualificationRecord | None:
        row = self._row(select(_qualification).where(_qualification.c.id == id_))
        return None if row is None else _qualification_record(row)

    def qualifications_of(self, organisation: bytes) -> list[QualificationRecord]:
        """All qualifications that the organisation ever got, in order."""
        query = select(_qualification).where(_qualification.c.holder == organisation)
        rows = self._rows(query.order_by(_qualification.c.sequence))
        return [_qualification_record(row) for row in rows]

    def borne(self) -> dict[bytes, list[tuple[str, str, str]]]:
        """Kind, number and model of every qualification there is, by holder."""
        columns = (_qualification.c.holder, _qualification.c.kind)
        query = select(*columns, _qualification.c.number, _qualification.c.model)
        found: dict[bytes, list[tuple[str, str, str]]] = {}
        for row in self._rows(query.order_by(_qualification.c.sequence)):
            found.setdefault(row.holder, []).append((row.kind, row.number, row.model))
        return found

    def in_review(
        self,
        states: Collection[QualificationState],
        holder: bytes | None = None,
        after: int = -1,
        limit: int = 50,
    ) -> list[QualificationRecord]:
        """The qualifications that came by review and stand so, those submitted first first, behind
        the sequence number ``after``; ``holder``: of this organisation only."""
        query = select(_qualification).where(
            _qualification.c.way == int(Way.REVIEWED),
            _qualification.c.state.in_([int(state) for state in states]),
            _qualification.c.sequence > after,
        )
        if holder is not None:
            query = query.where(_qualification.c.holder == holder)
        rows = self._rows(query.order_by(_qualification.c.sequence).limit(limit))
        return [_qualification_record(row) for row in rows]

    def reviews(self, holder: bytes | None = None) -> dict[QualificationState, int]:
        """How many qualifications came by review, by the state in which they are."""
        query = select(_qualification.c.state, func.count()).where(
            _qualification.c.way == int(Way.REVIEWED)
        )
        if holder is not None:
            query = query.where(_qualification.c.holder == holder)
        rows = self._rows(query.group_by(_qualification.c.state))
        return {QualificationState(row[0]): int(row[1]) for row in rows}

    def listed(self, register: str, author: bytes | None = None) -> list[QualificationRecord]:
        """All mirrored qualifications of a register (``register:…``), delisted ones too, in
        order; ``author``: those of this mirror only."""
        query = select(_qualification).where(_qualification.c.register_name == register)
        if author is not None:
            query = query.where(_qualification.c.author == author)
        rows = self._rows(query.order_by(_qualification.c.sequence))
        return [_qualification_record(row) for row in rows]

    def publications(self, register: str, author: bytes | None = None) -> list[PublicationRecord]:
        """The recorded publications of a register (``register:…``), in order of recording."""
        query = select(_publication).where(_publication.c.register_name == register)
        if author is not None:
            query = query.where(_publication.c.author == author)
        rows = self._rows(query.order_by(_publication.c.sequence))
        return [_publication_record(row) for row in rows]

    def publication(self, id_: bytes) -> PublicationRecord | None:
        row = self._row(select(_publication).where(_publication.c.id == id_))
        return None if row is None else _publication_record(row)

    def publishing(self, document: bytes) -> list[int]:
        """The entries, by number, that record a publication of a register with this hash."""
        query = select(_publication.c.sequence).where(_publication.c.document == document)
        return [row.sequence for row in self._rows(query.order_by(_publication.c.sequence))]

    def capacities(
        self, register: str, author: bytes | None = None
    ) -> Counter[tuple[bytes, bytes]]:
        """How many capacities mirrors stated from this register, by organisation and row hash: a
        row may state several."""
        query = select(_capacity).where(_capacity.c.register_name == register)
        if author is not None:
            query = query.where(_capacity.c.author == author)
        return Counter((row.organisation, row.document) for row in self._rows(query))

    def categories(self) -> dict[str, CategoryRecord]:
        """Every category that the authority set, by its code."""
        rows = self._rows(select(_category).order_by(_category.c.sequence))
        return {row.category: CategoryRecord(**row._mapping) for row in rows}

    # -- searching -----------------------------------------------------------------------------

    def search(
        self, text: str, limit: int = 20, after: str | None = None, *, only: bytes | None = None
    ) -> Hits:
        """Organisations by a part of a name, an identifier, a certificate number or a model, or by
        how a Chinese name is spelt in pinyin or its initials.

        Case, full-width forms, runs of white space, traditional or simplified characters and tones
        do not count. First come those whose identifier or number is the text, then whole names and
        models, then beginnings, then parts, then spellings in the same order, and last those in
        which only its words stand, each somewhere; among equals the older. An empty text finds
        all. ``after`` is the ``following`` of the page before, ``only`` the one organisation that
        is searched.
        """
        wanted = normal(text)
        if len(wanted) > MAX_SEARCH:
            raise RequestError(
                f"at most {MAX_SEARCH} characters can be searched for",
                message_zh=f"搜索内容最多 {MAX_SEARCH} 个字符",
                field="q",
                code="search.length",
            )
        rank, sequence = _cursor(after)
        if "\0" in text or any(unicodedata.category(c) == "Cc" for c in wanted):
            raise RequestError(
                "q: must not contain control characters",
                message_zh="q：不得含有控制字符",
                field="q",
                code="search.characters",
            )
        searched = _Wanted.of(wanted)
        with self.snapshot():
            if wanted:
                query = _matches(text, searched, rank, sequence)
            else:
                query = select(_organisation, literal(0).label("rank"))
                query = query.where(_organisation.c.sequence > sequence)
                query = query.order_by(_organisation.c.sequence)
            if only is not None:
                query = query.where(_organisation.c.id == only)
            rows = self._rows(query.limit(limit + 1))
            page = rows[:limit]
            shown = self._shown_terms(searched, [row.id for row in page]) if wanted else {}
        following = f"{page[-1].rank}.{page[-1].sequence}" if len(rows) > limit else None
        hits = []
        for row in page:
            organisation = _organisation_record(row)
            if wanted:
                found = shown.get(row.id, (TermField.IDENTIFIER, normal(organisation.identifier)))
                hits.append(Hit(organisation, *found))
            else:
                hits.append(Hit(organisation, None, ""))
        return Hits(tuple(hits), following)

    def _shown_terms(
        self, searched: "_Wanted", organisations: Sequence[bytes]
    ) -> Mapping[bytes, tuple[TermField, str]]:
        """The best text of each organisation that contains what was searched for."""
        best: dict[bytes, tuple[int, int, str]] = {}
        for chunk in _chunks(organisations):
            query = select(_term, searched.rank().label("rank")).where(
                _term.c.organisation.in_(chunk), searched.found_in_part()
            )
            for row in self._rows(query):
                found = (row.rank, row.field, row.text)
                best[row.organisation] = min(best.get(row.organisation, found), found)
        return {
            id_: (TermField(field), searched.shown(TermField(field), text))
            for id_, (_, field, text) in best.items()
        }

    def numbered(self, text: str, limit: int = 20) -> list[QualificationRecord]:
        """The qualifications whose number contains the text, those whose number it is first, then
        those that it begins, then the newer ones."""
        wanted = normal(text)
        if not wanted or len(wanted) > MAX_SEARCH:
            return []
        searched = _Wanted(wanted)
        holders = (
            select(_term.c.organisation, func.min(searched.rank()).label("rank"))
            .where(_term.c.field == int(TermField.NUMBER), searched.found())
            .group_by(_term.c.organisation)
            .order_by("rank", _term.c.organisation)
            .limit(limit)
        )
        found: list[tuple[int, int, QualificationRecord]] = []
        with self.snapshot():
            for row in self._rows(holders):
                for q in self.qualifications_of(row.organisation):
                    number = normal(q.number)
                    if wanted in number:
                        rank = 0 if number == wanted else 1 if number.startswith(wanted) else 2
                        found.append((rank, -q.sequence, q))
        return [q for _, _, q in sorted(found, key=lambda f: f[:2])[:limit]]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is searched for in ``search_term``: a normal text, the beginnings of syllables that it
    may spell, the initials that it may be, and its words where it has several."""

    text: str
    syllables: tuple[str, ...] = ()
    initials: str = ""
    words: tuple["_Wanted", ...] = ()

    @classmethod
    def of(cls, wanted: str, *, whole: bool = True) -> "_Wanted":
        # A single letter begins a syllable of nearly every name.
        spelt = tuple(" " + " ".join(cut) for cut in cuts(wanted)) if len(wanted) > 1 else ()
        # What can be read as pinyin from end to end is not taken for words that stand apart.
        words = tuple(dict.fromkeys(wanted.split())) if whole and not spelt else ()
        apart = tuple(cls.of(word, whole=False) for word in words[:_MAX_WORDS])
        return cls(wanted, spelt, initials(wanted), apart if len(words) > 1 else ())

    def found(self) -> Any:
        """Whether the term contains all of it, as it stands or as it is spelt."""
        field, text = _term.c.field, _term.c.text
        stated = field <= int(TermField.NAME_EN)
        ways = [and_(stated, text.contains(self.text, autoescape=True))]
        if self.syllables:
            spelt = or_(*(text.contains(cut, autoescape=True) for cut in self.syllables))
            ways.append(and_(field == int(TermField.PINYIN), spelt))
        if self.initials:
            short = text.contains(self.initials, autoescape=True)
            ways.append(and_(field == int(TermField.INITIALS), short))
        return or_(*ways)

    def found_in_part(self) -> Any:
        """Whether the term contains all of it or one of its words."""
        return or_(self.found(), *(word.found() for word in self.words))

    def rank(self) -> Any:
        """How well a term answers that contains all of it: 0 an identifier or number, 1 another
        whole text, 2 its beginning, 3 a part of it, 4 and 5 the same of pinyin, 6 and 7 of
        initials, 8 any other."""
        field, text = _term.c.field, _term.c.text
        whole = _term.c.key == term_key(self.text)
        stated = field <= int(TermField.NAME_EN)
        cases = [
            (and_(whole, field <= int(TermField.NUMBER)), 0),
            (and_(whole, stated), 1),
            (and_(stated, text.startswith(self.text, autoescape=True)), 2),
            (and_(stated, text.contains(self.text, autoescape=True)), 3),
        ]
        spellings = [(TermField.PINYIN, self.syllables)]
        if self.initials:
            spellings.append((TermField.INITIALS, (self.initials,)))
        for base, (spelling, ways) in zip((4, 6), spellings, strict=False):
            for rank, bar in ((base, BAR), (base + 1, "")):
                for way in ways:
                    there = text.contains(bar + way, autoescape=True)
                    cases.append((and_(field == int(spelling), there), rank))
        return case(*cases, else_=_ONLY_WORDS)

    def shown(self, field: TermField, text: str) -> str:
        """What of a term's text is shown: of spellings the one that was found."""
        if field in STATED:
            return text
        ways = self.syllables if field is TermField.PINYIN else (self.initials,)
        every = [w for one in (self, *self.words) for w in (*one.syllables, one.initials) if w]
        spellings = [s for s in text.split(BAR) if s]
        for way in (*ways, *every):
            for spelling in spellings:
                if way and way in spelling:
                    return spelling.strip()
        return spellings[0].strip()


def _matches(text: str, searched: _Wanted, rank: int, sequence: int) -> Select[Any]:
    """The organisations that are found, best first, behind this rank and sequence."""
    named = [organisation_id(i.kind, i.value) for i in recognise(text)]
    is_named = _term.c.organisation.in_(named)
    best = func.min(case((is_named, 0), else_=searched.rank())).label("rank")
    query = (
        select(_term.c.organisation, best)
        .where(or_(searched.found_in_part(), is_named))
        .group_by(_term.c.organisation)
    )
    if searched.words:
        every = [func.max(case((word.found(), 1), else_=0)) == 1 for word in searched.words]
        query = query.having(or_(best < _ONLY_WORDS, and_(*every)))
    found = query.subquery()
    older = and_(found.c.rank == rank, _organisation.c.sequence > sequence)
    return (
        select(_organisation, found.c.rank)
        .join(found, found.c.organisation == _organisation.c.id)
        .where(or_(found.c.rank > rank, older))
        .order_by(found.c.rank, _organisation.c.sequence)
    )


def _cursor(after: str | None) -> tuple[int, int]:
    if after is None:
        return (-1, -2)
    form = re.fullmatch("([0-8])\\.(-1|[0-9]{1,18})", after)
    if form is None:
        raise RequestError(
            "this is no page that a search gave",
            message_zh="该分页标记不是搜索结果给出的",
            field="after",
            code="search.page",
        )
    return int(form[1]), int(form[2])


def _chunks(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _organisation_record(row: Any) -> OrganisationRecord:
    return OrganisationRecord(
        row.id,
        row.sequence,
        row.identifier_kind,
        row.identifier,
        row.name_zh,
        row.name_en,
        Role(row.roles),
        row.division,
        OrganisationStatus(row.status),
    )


def _account_record(row: Any) -> AccountRecord:
    return AccountRecord(row.address, row.organisation, Role(row.roles), AccountState(row.state))


def _qualification_record(row: Any) -> QualificationRecord:
    return QualificationRecord(
        row.id,
        row.sequence,
        row.holder,
        row.author,
        row.register_name,
        row.category,
        row.model,
        row.kind,
        row.number,
        row.document,
        row.valid_from,
        row.valid_until,
        row.withdrawn_from,
        Way(row.way),
        QualificationState(row.state),
    )


def _publication_record(row: Any) -> PublicationRecord:
    return PublicationRecord(
        row.id,
        row.sequence,
        row.author,
        row.register_name,
        row.published,
        row.document,
        row.rows_root,
        row.title,
    )
