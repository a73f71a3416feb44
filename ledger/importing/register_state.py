"""What a ledger holds of a register, as a value that can travel; what a plan takes from it is pure.

Whoever reads a ledger through a service plans on another machine than the one that holds it. So
what the index says is put into a :class:`RegisterState` first, and both ways of importing plan from
that.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any, Final, Self, TypeAlias, TypeVar

from ledger.errors import EvidenceError
from ledger.importing.mirror import Holdings, Listed, Recorded
from ledger.registers import Holder, RegisterReading
from ledger.vocabulary import QualificationState


@dataclass(frozen=True, slots=True)
class Firm:
    """A listed organisation of the register, whichever mirror listed it."""

    id: bytes
    identifier: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class MirroredRow:
    """A mirrored qualification: its entry at ``sequence`` names ``publication`` and carries the
    row's hash as ``document``. Dates as in :mod:`ledger.vocabulary`."""

    qualification: bytes
    sequence: int
    publication: bytes
    state: QualificationState
    holder: bytes
    document: bytes
    category: str
    model: str
    kind: str
    number: str
    valid_from: int
    valid_until: int
    withdrawn_from: int


@dataclass(frozen=True, slots=True)
class CapacityCount:
    """How many capacities one row (``document`` is its hash) states for an organisation."""

    organisation: bytes
    document: bytes
    count: int


@dataclass(frozen=True, slots=True)
class MirroredRecall:
    """One entry that states a recall of the register, or a part of it; ``document`` is the row's
    hash."""

    sequence: int
    organisation: bytes
    publication: bytes
    document: bytes
    number: str


@dataclass(frozen=True, slots=True)
class RegisterState:
    """What the ledger holds of the register as the mirror (20-byte id) states it, in the order of
    recording; ``categories`` are the codes of all that the authority set."""

    register_name: str
    mirror: bytes
    firms: tuple[Firm, ...]
    publications: tuple[Recorded, ...]
    rows: tuple[MirroredRow, ...]
    capacities: tuple[CapacityCount, ...]
    recalls: tuple[MirroredRecall, ...]
    categories: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Bytes as 0x hex, states in lower case, everything else as it is."""
        return _members_of(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Exactly what :meth:`to_json` makes; all else raises :class:`EvidenceError`."""
        state = _made(cls, data, "register", _STATE)
        firms = {firm.id for firm in state.firms}
        if any(row.holder not in firms for row in state.rows):
            raise _malformed("register.rows")
        publications = {publication.id for publication in state.publications}
        if any(recall.publication not in publications for recall in state.recalls):
            raise _malformed("register.recalls")
        return state


def holdings_of(state: RegisterState, reading: RegisterReading) -> Holdings:
    """What a plan for this publication needs to know of the ledger."""
    firms = {firm.id: firm for firm in state.firms}
    holdings = Holdings(
        organisations=frozenset(firms),
        categories=frozenset(state.categories),
        publications=state.publications,
        listed=tuple(_listed(row, firms[row.holder]) for row in state.rows),
        capacities={(c.organisation, c.document): c.count for c in state.capacities},
    )
    return replace(holdings, overdue=_overdue(state, holdings, reading))


def _listed(row: MirroredRow, firm: Firm) -> Listed:
    return Listed(
        document="",
        row=0,
        row_hash=row.document,
        holder=Holder(firm.identifier, firm.name_zh, firm.name_en),
        category=row.category,
        model=row.model,
        kind=row.kind,
        number=row.number,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        withdrawn_from=row.withdrawn_from,
        qualification=row.qualification,
        state=row.state,
    )


def _overdue(
    state: RegisterState, holdings: Holdings, reading: RegisterReading
) -> frozenset[bytes]:
    own = holdings.recorded(reading.publication.hash)
    if own is None or not any(
        p.sequence < own.sequence for p in holdings.later(reading.publication)
    ):
        return frozenset()
    return frozenset(
        row.qualification
        for row in state.rows
        if row.sequence > own.sequence
        and row.state is QualificationState.IN_FORCE
        and row.publication == own.id
    )


# ----------------------------------------------------------------------------------------- JSON

_T = TypeVar("_T")
_Reader: TypeAlias = Callable[[Any, str], Any]


def _members_of(value: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, str | int):
        return value
    return _members_of(value)


def _malformed(where: str) -> EvidenceError:
    return EvidenceError(f"{where} is not what a register's state has there", code="register.form")


def _made(cls: type[_T], data: Any, where: str, readers: Mapping[str, _Reader]) -> _T:
    if not isinstance(data, dict) or set(data) != set(readers):
        raise _malformed(where)
    return cls(**{name: read(data[name], f"{where}.{name}") for name, read in readers.items()})


def _hex(length: int) -> _Reader:
    form = re.compile(f"0x[0-9a-f]{{{2 * length}}}")

    def read(value: Any, where: str) -> bytes:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise _malformed(where)
        return bytes.fromhex(value[2:])

    return read


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _malformed(where)
    return value


def _number(value: Any, where: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise _malformed(where)
    return value


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _malformed(where)
    return value


def _state(value: Any, where: str) -> QualificationState:
    for state in QualificationState:
        if value == state.name.lower():
            return state
    raise _malformed(where)


def _list(read: _Reader) -> _Reader:
    def read_all(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _malformed(where)
        return tuple(read(item, f"{where}[{i}]") for i, item in enumerate(value))

    return read_all


def _record(cls: type[Any], readers: Mapping[str, _Reader]) -> _Reader:
    return lambda value, where: _made(cls, value, where, readers)


_STATE: Final[Mapping[str, _Reader]] = {
    "register_name": _text,
    "mirror": _hex(20),
    "firms": _list(
        _record(Firm, {"id": _hex(20), "identifier": _text, "name_zh": _text, "name_en": _text})
    ),
    "publications": _list(
        _record(
            Recorded,
            {
                "id": _hex(32),
                "sequence": _number,
                "document": _hex(32),
                "published": _number,
                "lists_rows": _truth,
            },
        )
    ),
    "rows": _list(
        _record(
            MirroredRow,
            {
                "qualification": _hex(32),
                "sequence": _number,
                "publication": _hex(32),
                "state": _state,
                "holder": _hex(20),
                "document": _hex(32),
                "category": _text,
                "model": _text,
                "kind": _text,
                "number": _text,
                "valid_from": _number,
                "valid_until": _number,
                "withdrawn_from": _number,
            },
        )
    ),
    "capacities": _list(
        _record(CapacityCount, {"organisation": _hex(20), "document": _hex(32), "count": _number})
    ),
    "recalls": _list(
        _record(
            MirroredRecall,
            {
                "sequence": _number,
                "organisation": _hex(20),
                "publication": _hex(32),
                "document": _hex(32),
                "number": _text,
            },
        )
    ),
    "categories": _list(_text),
}
