"""Conversions that a specification itself states: ``2000只/箱`` says what one 箱 holds.

Read are products of counts over a container, alone or in a chain, and ``1袋30只``:

=====================  =====================================
``2000只/箱``          1 箱 = 2000 只
``50枚*40盒/箱``       1 箱 = 40 盒 = 2000 枚
``12*25只/箱``         1 箱 = 300 只
``10盒/箱，10支/盒``   1 箱 = 10 盒, 1 盒 = 10 支: 100 支
``1袋30只``            1 袋 = 30 只
=====================  =====================================

Everything else (``700/箱`` without a unit, ``500ml*30瓶`` without a container, dimensions) states
none. A conversion holds for its own row only: other rows' cartons may be packed otherwise.
"""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

#: Words that count, in the longest form first. Sizes by weight or volume are no count.
_COUNTS: Final = "小盒|小箱|[只个支片枚双副套件包盒袋瓶箱粒桶张台板罐]"
_FACTOR: Final = rf"([0-9]{{1,9}})({_COUNTS})?"
_PRODUCT: Final = re.compile(rf"{_FACTOR}(?:[*x×]{_FACTOR}){{0,4}}/({_COUNTS})")
_FACTORS: Final = re.compile(_FACTOR)
_ONE_HOLDS: Final = re.compile(rf"1({_COUNTS})([0-9]{{1,9}})({_COUNTS})")
#: Longer specifications state no conversion that a person would rely on.
_MAX_SPEC: Final = 60


def _steps(spec: str) -> list[tuple[str, str, Decimal]] | None:
    """(container, unit, how many in one); None where a part is no statement of that form."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", spec)).casefold()
    if not text or len(text) > _MAX_SPEC:
        return None
    steps = []
    for part in re.split("[,;、]", text):
        one = _ONE_HOLDS.fullmatch(part)
        if one:
            steps.append((one[1], one[3], Decimal(one[2])))
            continue
        product = _PRODUCT.fullmatch(part)
        if not product:
            return None
        held = list(_FACTORS.finditer(part.rpartition("/")[0]))
        container = product[product.re.groups]
        amount = Decimal(1)
        # From the container inwards: 50枚*40盒/箱 is 40 盒, each of 50 枚.
        for factor in reversed(held):
            amount *= Decimal(factor[1])
            if factor[2]:
                steps.append((container, factor[2], amount))
        if amount == 0 or not any(factor[2] for factor in held):
            return None
        if not held[0][2] and steps[-1][2] != amount:
            # 12*25只/箱: the unit stands at the last factor only and is what is counted.
            steps[-1] = (container, steps[-1][1], amount)
    if len({(container, held) for container, held, _ in steps}) < len(steps):
        return None  # Two figures for one thing contradict each other.
    return steps


def stated_contents(spec: str, unit: str) -> Mapping[str, Decimal]:
    """What one ``unit`` holds by the specification: other unit → how many; empty if unstated.

    >>> dict(stated_contents("50枚*40盒/箱", "箱"))
    {'盒': Decimal('40'), '枚': Decimal('2000')}
    """
    steps = _steps(spec)
    found: dict[str, Decimal] = {}
    if not steps:
        return found
    reached = {unit: Decimal(1)}
    while True:
        fresh = {
            held: reached[container] * amount
            for container, held, amount in steps
            if container in reached and held not in reached
        }
        if not fresh:
            break
        reached |= fresh
        found |= fresh
    return found
