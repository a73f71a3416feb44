"""Amounts of lots, added up by what they are amounts of: kilograms and pieces do not add."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.lexicon import Lexicon


@dataclass
class Amounts:
    """What became of some goods, in their unit. ``there`` is on hand and in logistic units,
    ``under_way`` between two custodians, ``used`` went into other lots, ``gone`` was handed out,
    destroyed or lost. What is :attr:`hidden` may be any of these."""

    made: int = 0
    there: int = 0
    under_way: int = 0
    used: int = 0
    gone: int = 0

    @property
    def hidden(self) -> int:
        """What was made and is in none of the books that the caller is shown."""
        return self.made - self.there - self.under_way - self.used - self.gone

    def add(self, custody: Mapping[str, Any]) -> None:
        """Add a lot, as far as its custody is told."""
        self.made += custody["made"]
        for stock in custody["custodians"]:
            self.there += stock["on_hand"] + stock["in_units"]
            self.under_way += stock["under_way_from"]
            self.used += stock["used"]
            self.gone += gone(stock)


def gone(stock: Mapping[str, Any]) -> int:
    """What a custodian had and has no more, but what it made other lots of."""
    found: int = stock["dispensed"] + stock["destroyed"] + stock["lost"]
    return found


def there(stock: Mapping[str, Any]) -> int:
    found: int = stock["on_hand"] + stock["in_units"]
    return found


@dataclass
class Goods:
    """What some lots are: a product in a unit."""

    category: str
    model: str
    unit: str


def of_goods(lots: Iterable[Mapping[str, Any]]) -> list[tuple[Goods, int, Amounts]]:
    """The lots added up by product, each with how many lots they are, in the order they came."""
    found: dict[tuple[str, str, str], tuple[int, Amounts]] = {}
    for lot in lots:
        key = (lot["category"], lot["model"], lot["unit"])
        count, amounts = found.get(key, (0, Amounts()))
        amounts.add(lot["custody"])
        found[key] = (count + 1, amounts)
    return [(Goods(*key), count, amounts) for key, (count, amounts) in found.items()]


def listed(lexicon: Lexicon, amounts: Sequence[tuple[int, str]]) -> str:
    """Several amounts in one line, those of one unit added up, the units in one order everywhere;
    nothing is a dash."""
    sums: dict[str, int] = {}
    for quantity, unit in amounts:
        sums[unit] = sums.get(unit, 0) + quantity
    separator = {"zh": "、", "en": ", "}[lexicon.t.language]
    return separator.join(lexicon.amount(n, unit) for unit, n in sorted(sums.items())) or "–"
