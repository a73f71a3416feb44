"""Where things stand in a picture of lots: columns from what came first to what was made of it.

The layers and the order within them are those of ``fast_sugiyama`` (few crossings, the same for the
same graph); sizes are ours. Lengths are CSS pixels at full size, y grows downwards.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from fast_sugiyama import from_edges

#: A box, and the room between two columns, in which quantities stand.
BOX: Final = 224
BETWEEN: Final = 124
_ROW: Final = 18
#: Room on the left, for how lots came onto the ledger, and on the right.
_LEFT: Final = 58
_RIGHT: Final = 22
#: The layout's own unit; halves of it occur.
_SPACING: Final = 72.0
#: From so many ways on, the slowest refinement of the layout is left out.
_MANY: Final = 400
#: Where along a way its quantity may stand: the nearest free place is taken.
_PLACES: Final = (0.5, 0.36, 0.64, 0.25, 0.75)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Left upper corner and height; the width is :data:`BOX`."""

    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A way as an SVG path, and where its label stands in the middle."""

    path: str
    label: Point


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: Mapping[int, Box]
    lines: Mapping[tuple[int, int], Line]


def drawing(
    heights: Mapping[int, float],
    edges: Sequence[tuple[int, int]],
    labels: Mapping[tuple[int, int], float],
) -> Drawing:
    """Boxes of these heights (by number), the ways between them, and the widths of their labels."""
    columns, bends = _layers(list(heights), edges)
    pitch = max(heights.values()) + _ROW
    boxes: dict[int, Box] = {}
    points: dict[int, Point] = {}
    deepest = max(column for column, _ in columns.values())
    for number, (column, place) in columns.items():
        x = _LEFT + (deepest - column) * (BOX + BETWEEN)
        y = _ROW + place * pitch
        if number in heights:
            boxes[number] = Box(x, y + (pitch - _ROW - heights[number]) / 2, heights[number])
        else:
            points[number] = (x + BOX / 2, y + pitch / 2)
    lines = _lines(edges, bends, boxes, points, labels)
    return Drawing(
        int(_LEFT + _RIGHT + (deepest + 1) * BOX + deepest * BETWEEN),
        int(max(box.y + box.height for box in boxes.values()) + _ROW),
        boxes,
        lines,
    )


_Bends = dict[tuple[int, int], list[int]]


def _layers(
    numbers: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[dict[int, tuple[int, float]], _Bends]:
    """The layer of each lot (0 is the last) and its place within it, in rows; and the bends through
    which ways go that lead over several layers (numbered below 0), which have places, too."""
    joined = sorted({number for edge in edges for number in edge})
    place = {number: i for i, number in enumerate(joined)}
    found: dict[int, tuple[int, float]] = {}
    bends: _Bends = {}
    offset = 0.0
    parts = from_edges(
        sorted((place[a], place[b]) for a, b in edges),
        vertex_spacing=_SPACING,
        dummy_vertices=True,
        transpose=len(edges) < _MANY,
        check_layout=False,
    )
    # A bend has a number behind the last of the lots.
    for positions, width, _, pieces in sorted(parts, key=lambda part: min(part[0])):
        places = {int(n): at for n, at in positions}
        names = {n: joined[n] for n in places if n < len(joined)}
        for n in sorted(places.keys() - names.keys()):
            names[n] = -1 - len(found) - len(names)
        least = min(x for x, _ in places.values())
        for n, (x, y) in places.items():
            found[names[n]] = (round(y / _SPACING), offset + (x - least) / _SPACING)
        bends |= _bends([(names[int(a)], names[int(b)]) for a, b in pieces or ()])
        offset += width / _SPACING + 1
    for number in numbers:
        if number not in found:
            found[number] = (0, offset)
            offset += 1
    return found, bends


def _bends(pieces: Sequence[tuple[int, int]]) -> _Bends:
    """The pieces of ways put together again: the bends between one lot and the next."""
    following: defaultdict[int, list[int]] = defaultdict(list)
    for start, end in sorted(pieces):
        following[start].append(end)
    found: _Bends = {}
    for start in [n for n in following if n >= 0]:
        for step in following[start]:
            way, end = [], step
            while end < 0:
                way.append(end)
                [end] = following[end]
            if way:
                found[start, end] = way
    return found


def _lines(
    edges: Sequence[tuple[int, int]],
    bends: _Bends,
    boxes: Mapping[int, Box],
    points: Mapping[int, Point],
    labels: Mapping[tuple[int, int], float],
) -> dict[tuple[int, int], Line]:
    found = {}
    taken: defaultdict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for source, target in sorted(edges):
        start, end = boxes[source], boxes[target]
        over = bends.get((source, target)) or bends.get((target, source), [])[::-1]
        way: list[Point] = [(start.x + BOX, start.middle)]
        for bend in over:
            x, y = points[bend]
            way += [(x - BOX / 2, y), (x + BOX / 2, y)]
        way.append((end.x, end.middle))
        path = f"M{_n(way[0][0])} {_n(way[0][1])}"
        for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(way)):
            if i % 2 or y0 == y1:
                path += f"L{_n(x1)} {_n(y1)}"
            else:
                half = (x0 + x1) / 2
                path += f"C{_n(half)} {_n(y0)} {_n(half)} {_n(y1)} {_n(x1)} {_n(y1)}"
        label = _label(way[0], way[1], labels[source, target], taken)
        found[source, target] = Line(path, label)
    return found


def _label(
    start: Point,
    end: Point,
    width: float,
    taken: defaultdict[int, list[tuple[float, float, float]]],
) -> Point:
    """A free place on the first stretch of a way, or its middle where none is."""
    gap = taken[int(start[0])]
    for t in _PLACES:
        x = start[0] + (end[0] - start[0]) * (1.5 * t - 1.5 * t * t + t**3)
        y = start[1] + (end[1] - start[1]) * (3 * t * t - 2 * t**3)
        low = start[0] + width / 2 + 2
        x = min(max(x, low), max(low, end[0] - width / 2 - 2))
        if all(abs(y - oy) > 15 or abs(x - ox) > (width + ow) / 2 + 4 for ox, oy, ow in gap):
            gap.append((x, y, width))
            return x, y
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    gap.append((x, y, width))
    return x, y


def _n(value: float) -> str:
    """A coordinate, as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")
