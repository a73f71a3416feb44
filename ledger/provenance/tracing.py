"""Where a lot came from and what became of it: a walk over lots, level by level.

Rules this module keeps:

* Each lot stands in a trace once, at the length of the shortest way to it, in the order of
  (depth, number). The roots have depth 0.
* A page carries the lots of a stretch of that order, and the edges whose later end (in that order)
  is one of *them*. So no edge leads to a lot that was not shown yet, however many lots one lot is
  part of, and pages laid side by side are the whole trace, in the same order.
* Nothing is cut in silence: :attr:`Trace.cut` says whether the depth or the size asked for left
  something out. After a cut by size :attr:`Trace.continuation` leads on. After one by depth there
  is nothing to continue: ask again with more depth.
* A continuation pins what it continues: the direction, the roots, ``upto`` and ``at``. The walk
  starts again at the roots and skips, so a continued page costs what lies before it, too.
* Two clocks: ``upto`` (only the first so many entries of the log count: what was known), and
  ``at`` (only what happened by then counts).

>>> read_continuation("no token")
Traceback (most recent call last):
...
ledger.errors.RequestError: after: this is no continuation of a trace
"""

import base64
import binascii
import struct
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.provenance.model import Edge, Graph
from ledger.vocabulary import NO_END

#: The most lots of one page, and the greatest depth, that may be asked for.
MOST_SIZE: Final = 20_000
MOST_DEPTH: Final = 100_000


#: More entries than any ledger has.
_EVERY: Final = 2**53


class Direction(StrEnum):
    """BACK: from a lot to what it was made of. FORWARD: to what was made of it."""

    BACK = "back"
    FORWARD = "forward"


class Cut(StrEnum):
    """By which limit something was left out."""

    SIZE = "size"
    DEPTH = "depth"


@dataclass(frozen=True, slots=True)
class Level:
    """Lots (their numbers, ascending) at one distance from the roots."""

    depth: int
    lots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """One page of a trace. ``position`` is the place of its first lot in the whole order.

    ``edges`` have one end on this page and the other on this or an earlier one, in the order of
    the later end, then of their own fields. ``cut`` is None when nothing was left out behind this
    page.
    """

    direction: Direction
    roots: tuple[int, ...]
    upto: int
    at: int
    position: int
    levels: tuple[Level, ...]
    edges: tuple[Edge, ...]
    cut: Cut | None
    continuation: str | None

    @property
    def more(self) -> bool:
        """Whether lots were left out behind this page."""
        return self.cut is not None

    @property
    def lots(self) -> tuple[int, ...]:
        """The numbers of the page's lots, in the order of the trace."""
        return tuple(number for level in self.levels for number in level.lots)

    @property
    def depths(self) -> dict[int, int]:
        """The depth of each lot of the page, in the order of the trace."""
        return {number: level.depth for level in self.levels for number in level.lots}


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a continuation pins; ``roots`` is a digest of their numbers (8 bytes)."""

    direction: Direction
    roots: bytes
    upto: int
    at: int
    position: int


def trace_back(
    graph: Graph,
    lot: int,
    *,
    upto: int,
    at: int = NO_END,
    depth: int = MOST_DEPTH,
    size: int = 1000,
    after: str | None = None,
) -> Trace:
    """What the lot (its number) was made of; see :func:`trace`."""
    return trace(
        graph, Direction.BACK, (lot,), upto=upto, at=at, depth=depth, size=size, after=after
    )


def trace_forward(
    graph: Graph,
    lot: int,
    *,
    upto: int,
    at: int = NO_END,
    depth: int = MOST_DEPTH,
    size: int = 1000,
    after: str | None = None,
) -> Trace:
    """What was made of the lot (its number); see :func:`trace`."""
    return trace(
        graph, Direction.FORWARD, (lot,), upto=upto, at=at, depth=depth, size=size, after=after
    )


def trace(
    graph: Graph,
    direction: Direction,
    lots: Collection[int],
    *,
    upto: int,
    at: int = NO_END,
    depth: int = MOST_DEPTH,
    size: int = 1000,
    after: str | None = None,
) -> Trace:
    """A page of at most ``size`` lots, at most ``depth`` steps from ``lots`` (their numbers).

    ``after`` is the continuation of the page before. :class:`RequestError` names the argument at
    fault: ``size`` or ``depth`` out of range, a ``lot`` that ``upto`` does not reach, an ``after``
    that is no continuation or one of another question. What ``graph`` raises goes through.
    """
    within("size", size, 1, MOST_SIZE)
    within("depth", depth, 0, MOST_DEPTH)
    within("at", at, 0, NO_END)
    roots = tuple(sorted(set(lots)))
    if not roots or roots[0] < 0 or roots[-1] >= upto:
        raise _wrong(
            "lot",
            f"was not on the ledger in its first {upto} entries",
            f"在账本前 {upto} 条记录中不存在",
        )
    start = _position(after, direction, roots, upto, at) if after is not None else 0
    walk = _Walk(graph, direction, upto, at, start, start + size)
    cut = walk.go(roots, depth)
    continuation = None
    if cut is Cut.SIZE:
        continuation = _token(Continuation(direction, _digest(roots), upto, at, start + size))
    return walk.trace(roots, cut, continuation)


def before(graph: Graph, page: Trace) -> tuple[Edge, ...]:
    """The edges of all pages before this one."""
    walk = _Walk(graph, page.direction, page.upto, page.at, 0, page.position)
    if page.position:
        walk.go(page.roots, MOST_DEPTH)
    return walk.edges


def made_since(graph: Graph, lots: Collection[int], *, upto: int, at: int) -> Counter[int]:
    """What was made of each lot (by its number) that ``upto`` or ``at`` leaves out: a lot's
    ``quantity`` is all that was ever made of it."""
    # An entry has an edge for each input, and all of them say the same.
    later = {
        (e.output, e.sequence): e.made
        for e in graph.inputs_of(lots, _EVERY)
        if e.sequence >= upto or e.happened_at > at
    }
    found: Counter[int] = Counter()
    for (number, _), made in later.items():
        found[number] += made
    return found


def pages(
    graph: Graph, direction: Direction, lots: Collection[int], *, upto: int, at: int = NO_END
) -> Iterator[Trace]:
    """The whole trace, page by page, however large. Later pages walk again from the roots."""
    after = None
    while True:
        page = trace(graph, direction, lots, upto=upto, at=at, size=MOST_SIZE, after=after)
        yield page
        after = page.continuation
        if after is None:
            return


def read_continuation(token: str) -> Continuation:
    """What the token pins; :class:`RequestError` for ``after`` if it is none.

    Who continues asks with the ``upto`` and ``at`` of the token, not with those of today.
    """
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
        body, check = raw[:-4], raw[-4:]
        if check != keccak(body)[:4]:
            raise ValueError
        forward, roots, upto, at, position = _PINNED.unpack(body)
    except (ValueError, binascii.Error, struct.error):
        raise _wrong("after", "this is no continuation of a trace", "不是追溯的续查标记") from None
    direction = Direction.FORWARD if forward else Direction.BACK
    return Continuation(direction, roots, upto, at, position)


# ------------------------------------------------------------------------------ the walk


class _Walk:
    """Goes level by level and keeps what lies at the places from ``start`` to ``stop``."""

    def __init__(
        self, graph: Graph, direction: Direction, upto: int, at: int, start: int, stop: int
    ) -> None:
        self.back = direction is Direction.BACK
        self.direction = direction
        self.step = graph.inputs_of if self.back else graph.outputs_of
        self.upto = upto
        self.at = at
        self.start = start
        self.stop = stop
        self.levels: list[Level] = []
        self.kept: defaultdict[int, list[Edge]] = defaultdict(list)  # by the place of the later end

    def go(self, roots: tuple[int, ...], depth: int) -> Cut | None:
        """Walk at most ``depth`` steps; says what cut the walk short."""
        start, stop = self.start, self.stop
        place = {number: i for i, number in enumerate(roots)}
        level: Sequence[int] = roots
        first = 0  # the place of the first lot of the level
        for d in range(depth + 1):
            last = first + len(level)
            own = level[max(start - first, 0) : max(stop - first, 0)]
            if own:
                self.levels.append(Level(d, tuple(own)))
            if last > stop:
                # The page ends within the level: what lies behind need not be asked about.
                self._keep(self._edges(level[: max(stop - first, 0)]), place)
                return Cut.SIZE
            edges = self._edges(level)
            reached = {e.input for e in edges} if self.back else {e.output for e in edges}
            following = sorted(reached.difference(place))
            if d < depth:
                place.update(zip(following, range(last, last + len(following)), strict=True))
            self._keep(edges, place)
            if not following:
                return None
            first, level = last, following
        return Cut.DEPTH

    def _edges(self, level: Sequence[int]) -> Sequence[Edge]:
        edges = self.step(level, self.upto) if level else ()
        return [e for e in edges if e.happened_at <= self.at] if self.at < NO_END else edges

    def _keep(self, edges: Sequence[Edge], place: Mapping[int, int]) -> None:
        start, stop, kept, place_of = self.start, self.stop, self.kept, place.get
        for e in edges:
            # An end that was not reached, for want of depth, has no place.
            one, two = place_of(e.output, stop), place_of(e.input, stop)
            later = one if one > two else two
            if start <= later < stop:
                kept[later].append(e)

    @property
    def edges(self) -> tuple[Edge, ...]:
        # Of one place there are few: to sort these is cheaper than to sort all.
        return tuple(e for _, edges in sorted(self.kept.items()) for e in sorted(edges))

    def trace(self, roots: tuple[int, ...], cut: Cut | None, continuation: str | None) -> Trace:
        return Trace(
            self.direction,
            roots,
            self.upto,
            self.at,
            self.start,
            tuple(self.levels),
            self.edges,
            cut,
            continuation,
        )


# ------------------------------------------------------------------------------ continuations

_PINNED: Final = struct.Struct(">B8sQQQ")


def _digest(roots: tuple[int, ...]) -> bytes:
    return keccak(b"".join(n.to_bytes(8, "big") for n in roots))[:8]


def _token(c: Continuation) -> str:
    forward = c.direction is Direction.FORWARD
    body = _PINNED.pack(forward, c.roots, c.upto, c.at, c.position)
    return base64.urlsafe_b64encode(body + keccak(body)[:4]).decode().rstrip("=")


def _position(after: str, direction: Direction, roots: tuple[int, ...], upto: int, at: int) -> int:
    pinned = read_continuation(after)
    for field, same, english, chinese in (
        ("direction", pinned.direction is direction, "direction", "方向"),
        ("lot", pinned.roots == _digest(roots), "lot", "批次"),
        ("upto", pinned.upto == upto, "number of entries known", "已知记录数"),
        ("at", pinned.at == at, "time", "时间"),
    ):
        if not same:
            raise RequestError(
                f"after: continues a question with another {english}",
                message_zh=f"after：该续查标记属于另一个问题（{chinese}不同）",
                field="after",
                code="trace.continuation",
                values={"differs": field},
            )
    return pinned.position


def within(field: str, value: int, least: int, most: int) -> None:
    """:class:`RequestError` that names the argument ``field`` unless its value lies between these,
    both included."""
    if not least <= value <= most:
        raise _wrong(field, f"must lie from {least} to {most}", f"须在 {least} 到 {most} 之间")


def _wrong(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code=f"trace.{'continuation' if field == 'after' else field}",
    )
