"""What a register reader is: which documents it needs, and how they become rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from ledger.registers.model import Row
from ledger.tabular import Table


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of document of a register, known by the columns that it must have."""

    role: str
    columns: tuple[str, ...]
    load: Callable[[str, bytes], Table]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a publication; ``stated_day`` is the latest day that the documents name."""

    title: str
    rows: tuple[Row, ...]
    stated_day: date | None


@dataclass(frozen=True, slots=True)
class Reader:
    """A register: its names, the zone of its days, how long a mirror of it stays fresh.

    ``content`` gets the tables of each role of ``shapes`` (an empty tuple where none came).
    """

    register: str
    name_zh: str
    name_en: str
    zone: str
    freshness_days: int
    kinds: tuple[str, ...]
    shapes: tuple[Shape, ...]
    content: Callable[[Mapping[str, tuple[Table, ...]]], Content]
