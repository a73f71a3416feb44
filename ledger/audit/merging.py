"""Two sorted streams of rows held against each other, without keeping either.

Both are sorted by their keys as SQLite sorts values: nothing, numbers, text, bytes. A row of the
found stream that stands out of order (its key was changed in place) is told as one that should not
be there, and does not spoil what follows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Values = Sequence[Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """``expected`` None: the row should not be there. ``found`` None: it is missing."""

    expected: Values | None
    found: Values | None


def differences(
    expected: Iterator[Values], found: Iterator[Values], key: Callable[[Values], Key]
) -> Iterator[Difference]:
    """Every row in which the two differ; rows of one key are the same row."""
    left, right = next(expected, None), next(found, None)
    ahead: list[Values | None] = []

    def following() -> Values | None:
        return ahead.pop() if ahead else next(found, None)

    while left is not None or right is not None:
        if left == right:
            left, right = next(expected, None), following()
        elif right is None:
            yield Difference(left, None)
            left = next(expected, None)
        elif left is None:
            yield Difference(None, right)
            right = following()
        elif key(left) == key(right):
            yield Difference(left, right)
            left, right = next(expected, None), following()
        elif before(key(right), key(left)):
            yield Difference(None, right)
            right = following()
        else:
            if not ahead:
                ahead.append(next(found, None))
            [coming] = ahead
            if coming is not None and before(key(coming), key(right)):
                yield Difference(None, right)
                right = following()
            else:
                yield Difference(left, None)
                left = next(expected, None)


def before(first: Key, second: Key) -> bool:
    """Whether the first key sorts before the second."""
    try:
        return first < second
    except TypeError:
        return [_rank(v) for v in first] < [_rank(v) for v in second]


def _rank(value: object) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    if isinstance(value, str):
        return (2, value.encode("utf-8", "surrogateescape"))
    return (3, value)


class ByNumber:
    """Rows sorted by a number in their first column, asked for number by number.

    ``stray`` is told every row whose number was not asked for, or that stands out of order.
    """

    def __init__(self, rows: Iterator[Values], stray: Callable[[Values], None]) -> None:
        self._rows = rows
        self._stray = stray
        self._next = next(rows, None)
        self._after = next(rows, None)

    def take(self, number: int) -> list[Values]:
        """The rows of this number; numbers are asked for in rising order."""
        taken = []
        while self._next is not None:
            row = self._next
            if type(row[0]) is int and row[0] == number:
                taken.append(row)
            elif type(row[0]) is int and row[0] > number and not self._out_of_order(row):
                break
            else:
                self._stray(row)
            self._advance()
        return taken

    def _out_of_order(self, row: Values) -> bool:
        return self._after is not None and before((self._after[0],), (row[0],))

    def finish(self) -> None:
        """Every row that is left is a stray."""
        while self._next is not None:
            self._stray(self._next)
            self._advance()

    def _advance(self) -> None:
        self._next = self._after
        self._after = next(self._rows, None)
