"""What a register says, before anything of it becomes an entry on the ledger.

A reading is made of rows; each row carries its hash, its statements and what is wrong with it,
so that nothing is dropped silently: a row without a statement has a problem that says why.

Dates are instants in UTC seconds; 0 means unstated, which is unknown and never "open".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.hashing import keccak
from ledger.tabular import Problem, Severity

#: Longest holder name, model and number that a statement may carry, in characters.
MAX_NAME: Final = 200
MAX_MODEL: Final = 300
MAX_NUMBER: Final = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """A firm as the register names it. Two spellings are two holders; linking is for people.

    ``identifier`` is unique within the register and becomes the identifier of a listed
    organisation of kind ``register:<register>``. Registers that give firms no number are
    keyed by the name exactly as printed (white space and invisible characters aside).
    """

    identifier: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The register says that ``holder`` has a qualification of ``kind`` for this scope.

    ``model`` is a designation as written, never a pattern. ``withdrawn_from`` is 0 where nothing
    says so, ``vocabulary.WITHDRAWN_UNDATED`` where the register says it without a day.
    ``marks`` are codes of what else the row says about it (``fda-cleared``, ``special-number``).
    """

    document: str
    row: int
    row_hash: bytes
    holder: Holder
    category: str
    model: str
    kind: str
    number: str
    valid_from: int
    valid_until: int
    withdrawn_from: int
    marks: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same statement in a later publication; letter case aside."""
        return (
            self.holder.identifier,
            self.model.casefold(),
            self.kind,
            self.number.casefold(),
        )

    @property
    def terms(self) -> tuple[str, int, int, int]:
        """What a later publication may say differently about the same statement."""
        return (self.category, self.valid_from, self.valid_until, self.withdrawn_from)


@dataclass(frozen=True, slots=True)
class CapacityStatement:
    """The register says what ``holder`` makes in a day; ``per_day`` 0 means amount unknown.

    ``unit`` is a UN/ECE Rec 20 code; ``stated`` is the product as the register words it.
    """

    document: str
    row: int
    row_hash: bytes
    holder: Holder
    category: str
    per_day: int
    unit: str
    stated: str


@dataclass(frozen=True, slots=True)
class Relation:
    """The register says that ``holder`` sells the goods of ``other`` under its own label.

    It is no identity: a private label and its maker are two firms.
    """

    document: str
    row: int
    holder: Holder
    other: str
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one document, with all it says. ``cells`` are untouched."""

    document: str
    number: int
    hash: bytes
    cells: Mapping[str, Any]
    holder: Holder | None
    statements: tuple[Statement, ...]
    capacities: tuple[CapacityStatement, ...]
    relations: tuple[Relation, ...]
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Whether something of the row could not be taken over."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the publication: its name, keccak-256 of its bytes and its size in bytes."""

    name: str
    hash: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Publication:
    """One edition of a register.

    ``published`` is the first instant of its day in the issuer's zone. ``hash`` is the hash of
    the only document, or keccak-256 over the documents' hashes in ascending order: what the files
    are called makes no difference.
    """

    register: str
    title: str
    published: int
    documents: tuple[Document, ...]

    @property
    def hash(self) -> bytes:
        if len(self.documents) == 1:
            return self.documents[0].hash
        return keccak(b"".join(sorted(document.hash for document in self.documents)))


@dataclass(frozen=True, slots=True)
class RegisterReading:
    """Everything one publication says, row by row in the order of its documents."""

    publication: Publication
    rows: tuple[Row, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(s for row in self.rows for s in row.statements)

    @property
    def capacities(self) -> tuple[CapacityStatement, ...]:
        return tuple(c for row in self.rows for c in row.capacities)

    @property
    def relations(self) -> tuple[Relation, ...]:
        return tuple(r for row in self.rows for r in row.relations)

    @property
    def problems(self) -> tuple[tuple[str, Problem], ...]:
        """Every problem with the name of its document."""
        return tuple((row.document, p) for row in self.rows for p in row.problems)

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Every firm that is named, once, in the order of appearance."""
        return tuple(dict.fromkeys(row.holder for row in self.rows if row.holder))


def row_hash(cells: Mapping[str, Any]) -> bytes:
    """keccak-256 of the row's canonical JSON: keys sorted, no white space, UTF-8 (RFC 8785).

    RFC 8785 sorts by UTF-16 code units and writes numbers as ECMAScript does; the column names
    and integers of these registers make no difference to that.
    """
    text = json.dumps(cells, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return keccak(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A later publication against an earlier one of the same register.

    ``changed`` pairs what was said (old) with what is said now (new) under the same key.
    ``gone`` is no longer listed, which is not the same as withdrawn.
    """

    added: tuple[Statement, ...]
    unchanged: tuple[Statement, ...]
    changed: tuple[tuple[Statement, Statement], ...]
    gone: tuple[Statement, ...]


def compare(old: tuple[Statement, ...], new: tuple[Statement, ...]) -> Comparison:
    """What a later publication adds, keeps, changes and no longer lists.

    Statements are matched by ``Statement.key``. Where one publication says two things under one
    key, each is matched with its equal first, so that only real differences remain.
    """
    before: dict[tuple[str, str, str, str], list[Statement]] = {}
    for statement in old:
        before.setdefault(statement.key, []).append(statement)
    unchanged, rest = [], []
    for statement in new:
        same = [s for s in before.get(statement.key, ()) if s.terms == statement.terms]
        if same:
            before[statement.key].remove(same[0])
            unchanged.append(statement)
        else:
            rest.append(statement)
    added, changed = [], []
    for statement in rest:
        earlier = before.get(statement.key)
        if earlier:
            changed.append((earlier.pop(0), statement))
        else:
            added.append(statement)
    gone = [statement for left in before.values() for statement in left]
    return Comparison(tuple(added), tuple(unchanged), tuple(changed), tuple(gone))
