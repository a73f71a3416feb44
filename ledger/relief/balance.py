"""Received against issued, per item: what balances, and what does not, with the figures.

Rules kept here:

* Units as written are never added to each other. Where every line of an item can be counted in
  one unit, by its own unit or by what its own specification states, the item is counted in it and
  the rows that were converted are named.
* Cartons of different or unstated contents are counted as cartons, which says nothing about how
  much is in them; the item is marked.
* An amount that is unknown is added nowhere, and whatever it could change says so.
* These lists cover some days only. That more was issued than received is a fact about the lists:
  what was in stock before the first of them, and lists that are not here, are unknown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from ledger.relief.conversions import stated_contents
from ledger.relief.goods import category_of, item_key, normal_unit
from ledger.relief.model import Direction, Line

_PACKAGES: Final = frozenset({"箱", "小箱", "盒", "小盒", "包", "袋", "件", "桶", "罐", "套"})


class Flag(StrEnum):
    """Why an item does not simply balance.

    * UNITS_NOT_ADDABLE: its lines are in units between which nothing is stated.
    * ISSUED_EXCEEDS_RECEIVED: in the unit that all share, more was issued than received.
    * CONTENTS_DIFFER: packages are counted whose contents differ or are partly unstated.
    * AMOUNT_UNKNOWN: a line has no quantity.
    * AMOUNT_DOUBTFUL: a line has a quantity of 1, which often means that nobody counted.
    """

    UNITS_NOT_ADDABLE = "units-not-addable"
    ISSUED_EXCEEDS_RECEIVED = "issued-exceeds-received"
    CONTENTS_DIFFER = "contents-differ"
    AMOUNT_UNKNOWN = "amount-unknown"
    AMOUNT_DOUBTFUL = "amount-doubtful"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one item in one unit; ``difference`` is received less issued and may be negative."""

    unit: str
    received: Decimal
    issued: Decimal

    @property
    def difference(self) -> Decimal:
        return self.received - self.issued


@dataclass(frozen=True, slots=True)
class Conversion:
    """``line`` was counted in ``unit``: one of its own units holds ``contents`` of them."""

    line: Line
    unit: str
    contents: Decimal


@dataclass(frozen=True, slots=True)
class Note:
    """One flag with what it says about this item, in both languages."""

    flag: Flag
    message: str
    message_zh: str


@dataclass(frozen=True, slots=True)
class ItemBalance:
    """One item. ``item`` is its key, ``written`` every way in which the lists write it.

    ``figures`` has one element where the item can be added up (in ``figures[0].unit``), and one
    for each unit as written where it cannot.
    """

    item: str
    written: tuple[str, ...]
    category: str | None
    receipts: tuple[Line, ...]
    issues: tuple[Line, ...]
    figures: tuple[Figures, ...]
    conversions: tuple[Conversion, ...]
    notes: tuple[Note, ...]

    @property
    def flags(self) -> tuple[Flag, ...]:
        return tuple(note.flag for note in self.notes)

    @property
    def addable(self) -> bool:
        return Flag.UNITS_NOT_ADDABLE not in self.flags


def _ways(line: Line) -> Mapping[str, Decimal]:
    """Each unit in which the line can be counted → how many of it one unit as written holds."""
    unit = normal_unit(line.unit)
    return {unit: Decimal(1), **stated_contents(line.spec, unit)}


def _common(
    lines: list[Line], ways: list[Mapping[str, Decimal]], written: Counter[str]
) -> str | None:
    """The unit that all lines share; None where there is none.

    Of several, one whose packages all hold the same, then the one that most are written in.
    """
    shared = set.intersection(*(set(way) for way in ways)) if ways else set()
    shared.discard("")
    return min(
        shared,
        key=lambda unit: (_contents_differ(lines, unit), -written[unit], unit),
        default=None,
    )


def shown(amount: Decimal) -> str:
    """An amount for people, exact, with thousands set apart."""
    return f"{amount.normalize():,f}"


def _contents_differ(lines: list[Line], unit: str) -> bool:
    if unit not in _PACKAGES:
        return False
    contents = {
        tuple(sorted(stated_contents(line.spec, unit).items()))
        for line in lines
        if normal_unit(line.unit) == unit
    }
    return len(contents) > 1


def _rows(lines: Iterable[Line]) -> tuple[str, str]:
    places = [(line.place, line.place_zh) for line in lines]
    more = len(places) - 3
    en, zh = "; ".join(p[0] for p in places[:3]), "；".join(p[1] for p in places[:3])
    return (f"{en} and {more} more", f"{zh} 等共 {more + 3} 行") if more > 0 else (en, zh)


def _notes(
    item: str, lines: list[Line], figures: tuple[Figures, ...], common: str | None
) -> tuple[Note, ...]:
    notes = []
    if common is None:
        each = "; ".join(
            f"{f.unit or '(none)'}: {shown(f.received)} received, {shown(f.issued)} issued"
            for f in figures
        )
        each_zh = "；".join(
            f"{f.unit or '（未写明）'}：接收 {shown(f.received)}，发放 {shown(f.issued)}"
            for f in figures
        )
        notes.append(
            Note(
                Flag.UNITS_NOT_ADDABLE,
                f"{item}: the units cannot be added, no conversion is stated ({each})",
                f"{item}：计量单位不能相加，清单未写明换算关系（{each_zh}）",
            )
        )
    elif figures and figures[0].difference < 0:
        f = figures[0]
        notes.append(
            Note(
                Flag.ISSUED_EXCEEDS_RECEIVED,
                f"{item}: {shown(f.issued)} {f.unit} issued, {shown(f.received)} received, "
                f"{shown(-f.difference)} more than these lists show; what was in stock before "
                "the first list, and lists that are not here, are unknown",
                f"{item}：发放 {shown(f.issued)} {f.unit}，接收 {shown(f.received)} {f.unit}，"
                f"超出清单所载 {shown(-f.difference)} {f.unit}；"
                "首份清单之前的库存以及未在此处的清单情况不明",
            )
        )
    differ = [f.unit for f in figures if _contents_differ(lines, f.unit)]
    if differ:
        units = "、".join(differ)
        notes.append(
            Note(
                Flag.CONTENTS_DIFFER,
                f"{item}: {units} are counted whose contents differ or are not all stated",
                f"{item}：所计的{units}内装数量不同或未全部写明",
            )
        )
    unknown = [line for line in lines if line.quantity is None]
    if unknown:
        en, zh = _rows(unknown)
        notes.append(
            Note(
                Flag.AMOUNT_UNKNOWN,
                f"{item}: no amount is stated by {en}; it is added nowhere",
                f"{item}：{zh}未写明数量，未计入",
            )
        )
    ones = [line for line in lines if line.quantity == 1]
    if ones:
        en, zh = _rows(ones)
        notes.append(
            Note(
                Flag.AMOUNT_DOUBTFUL,
                f"{item}: a quantity of 1 may mean that nobody counted: {en}",
                f"{item}：数量 1 可能表示未清点：{zh}",
            )
        )
    return tuple(notes)


def _balance(item: str, lines: list[Line]) -> ItemBalance:
    known = [line for line in lines if line.quantity is not None]
    ways = [_ways(line) for line in known]
    common = _common(known, ways, Counter(normal_unit(line.unit) for line in known))
    sums: dict[str, dict[Direction, Decimal]] = {}
    conversions = []
    for line, way in zip(known, ways, strict=True):
        unit = normal_unit(line.unit) if common is None else common
        if unit != normal_unit(line.unit):
            conversions.append(Conversion(line, unit, way[unit]))
        both = sums.setdefault(unit, dict.fromkeys(Direction, Decimal(0)))
        assert line.quantity is not None
        both[line.direction] += line.quantity * way[unit]
    figures = tuple(
        Figures(unit, both[Direction.RECEIVED], both[Direction.ISSUED])
        for unit, both in sums.items()
    )
    return ItemBalance(
        item=item,
        written=tuple(dict.fromkeys(line.item for line in lines)),
        category=category_of(lines[0].item),
        receipts=tuple(line for line in lines if line.direction is Direction.RECEIVED),
        issues=tuple(line for line in lines if line.direction is Direction.ISSUED),
        figures=figures,
        conversions=tuple(conversions),
        notes=_notes(item, lines, figures, common if known else ""),
    )


def balance(receipts: Iterable[Line], issues: Iterable[Line]) -> tuple[ItemBalance, ...]:
    """Every item that is received or issued, in the order of its first line.

    Lines are grouped by ``goods.item_key``; the direction of each line is its own.
    """
    by_item: dict[str, list[Line]] = {}
    for line in (*receipts, *issues):
        by_item.setdefault(item_key(line.item), []).append(line)
    return tuple(_balance(item, lines) for item, lines in by_item.items())
