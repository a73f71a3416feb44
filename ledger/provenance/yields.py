"""Whether more went into a lot than its process should need (an *underrun*: less came out of it).

Said once, for the index and for who reads a lot's chain alone.
"""

from collections.abc import Mapping
from typing import TypeAlias

#: A category counted in a unit (UN/ECE Rec. 20).
Goods: TypeAlias = tuple[str, str]


def is_underrun(
    made: int, given: Mapping[Goods, int], bounds: Mapping[Goods, tuple[int, int]]
) -> bool:
    """Whether one making of ``made`` used more of any input than its bound.

    ``given`` says how much of each input went in. ``bounds`` are (most, per) by input: for ``per``
    of what is made, at most ``most`` of it should be needed; ``most`` 0 where there is no bound.
    """
    return any(
        most and given.get(goods, 0) * per > made * most for goods, (most, per) in bounds.items()
    )
