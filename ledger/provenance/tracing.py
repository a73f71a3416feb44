"""Where a lot came from and what became of it: a walk over lots, level by level.

Rules this module keeps:

* Each lot stands in a trace once, at the length of the shortest way to it, in the order of
  (depth, number). The roots have depth 0.
* A page carries the lots of a stretch of that order and every edge that leaves one of *them* in
  the direction of the trace, so pages laid side by side are the whole trace, in the same order. An
  edge may therefore lead to a lot of the next page.
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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eth_hash.auto import keccak

from ledger.errors import RequestError
from ledger.provenance.model import Edge, Graph
from ledger.vocabulary import NO_END

#: The most lots of one page, and the greatest depth, that may be asked for.
MOST_SIZE: Final = 20_000
MOST_DEPTH: Final = 100_000


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

    ``edges`` are those that leave a lot of this page (inputs of it backward, outputs forward), by
    that lot's place, then by sequence and the other end. ``cut`` is None when nothing was left
    out behind this page.
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
    _within("size", size, 1, MOST_SIZE)
    _within("depth", depth, 0, MOST_DEPTH)
    _within("at", at, 0, NO_END)
    roots = tuple(sorted(set(lots)))
    if not roots or roots[0] < 0 or roots[-1] >= upto:
        raise _wrong(
            "lot",
            f"was not on the ledger in its first {upto} entries",
            f"在账本前 {upto} 条记录中不存在",
        )
    start = _position(after, direction, roots, upto, at) if after is not None else 0
    levels, edges, cut = _walk(graph, direction, roots, upto, at, depth, start, start + size)
    continuation = None
    if cut is Cut.SIZE:
        continuation = _token(Continuation(direction, _digest(roots), upto, at, start + size))
    return Trace(direction, roots, upto, at, start, levels, edges, cut, continuation)


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


def _walk(
    graph: Graph,
    direction: Direction,
    roots: tuple[int, ...],
    upto: int,
    at: int,
    depth: int,
    start: int,
    stop: int,
) -> tuple[tuple[Level, ...], tuple[Edge, ...], Cut | None]:
    """The lots at the places from ``start`` to ``stop`` (excluded) of the order, their edges, and
    what cut the walk short."""
    back = direction is Direction.BACK
    step = graph.inputs_of if back else graph.outputs_of
    seen = set(roots)
    level: Sequence[int] = roots
    levels: list[Level] = []
    edges: list[Edge] = []
    first = 0  # the place of the first lot of the level
    for d in range(depth + 1):
        last = first + len(level)
        own = level[max(start - first, 0) : stop - first]
        if own:
            levels.append(Level(d, tuple(own)))
        # Where the page ends within the level, the rest of the level need not be asked about.
        asked = own if last > stop else level
        found = step(asked, upto) if asked else ()
        if at < NO_END:
            found = [e for e in found if e.happened_at <= at]
        if len(own) == len(asked):
            edges.extend(found)
        elif own:
            mine = set(own)
            edges.extend(e for e in found if (e.output if back else e.input) in mine)
        if last > stop:
            return tuple(levels), tuple(edges), Cut.SIZE
        reached = {e.input for e in found} if back else {e.output for e in found}
        reached -= seen
        if not reached:
            return tuple(levels), tuple(edges), None
        seen |= reached
        first, level = last, sorted(reached)
    return tuple(levels), tuple(edges), Cut.DEPTH


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


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise _wrong(field, f"must lie from {least} to {most}", f"须在 {least} 到 {most} 之间")


def _wrong(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code=f"trace.{'continuation' if field == 'after' else field}",
    )
