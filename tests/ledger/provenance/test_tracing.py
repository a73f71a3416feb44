"""Walking from a lot to what it was made of, and to what was made of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import RequestError
from ledger.provenance.model import Edge, Graph, Lot
from ledger.provenance.tracing import (
    MOST_DEPTH,
    MOST_SIZE,
    Cut,
    Direction,
    Trace,
    before,
    pages,
    read_continuation,
    trace,
    trace_back,
    trace_forward,
)
from ledger.recorded import RecordedEntry

FAR = 10**6


@dataclass(frozen=True)
class Drawn:
    """A graph drawn as (output, input) pairs; the one with the index i is that of entry 20 + i, and
    happened at that second."""

    pairs: Sequence[tuple[int, int]]

    def __post_init__(self) -> None:
        into: dict[int, list[Edge]] = {}
        out_of: dict[int, list[Edge]] = {}
        for i, (output, source) in enumerate(self.pairs):
            edge = Edge(output, source, 20 + i, 1, 10, 20 + i, 20 + i)
            into.setdefault(output, []).append(edge)
            out_of.setdefault(source, []).append(edge)
        object.__setattr__(self, "into", into)
        object.__setattr__(self, "out_of", out_of)

    into: dict[int, list[Edge]] = None  # type: ignore[assignment]
    out_of: dict[int, list[Edge]] = None  # type: ignore[assignment]

    def inputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        return [e for n in sorted(lots) for e in self.into.get(n, ()) if e.sequence < upto]

    def outputs_of(self, lots: Collection[int], upto: int) -> Sequence[Edge]:
        return [e for n in sorted(lots) for e in self.out_of.get(n, ()) if e.sequence < upto]

    def lots(self, numbers: Collection[int]) -> Sequence[Lot]:
        raise NotImplementedError("a trace names lots by their numbers")

    def about(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        raise NotImplementedError("a trace looks at edges only")

    def chain(self, lots: Collection[int], upto: int) -> Sequence[RecordedEntry]:
        raise NotImplementedError("a trace looks at edges only")


#: 1 and 2 are polymers, 3 fabric of both, 4 fabric of 2, 5 a mask of 3, 4 and, again, 2.
MASK = Drawn([(3, 1), (3, 2), (4, 2), (5, 3), (5, 4), (5, 2)])


def shown(page: Trace) -> list[tuple[int, int]]:
    return [(e.output, e.input) for e in page.edges]


def test_a_lot_is_shown_once_at_its_shortest_distance_in_the_order_of_depth_and_number() -> None:
    page = trace_back(MASK, 5, upto=FAR)
    assert page.depths == {5: 0, 2: 1, 3: 1, 4: 1, 1: 2}
    assert page.lots == (5, 2, 3, 4, 1)
    assert not page.more


def test_every_edge_among_the_lots_is_shown_with_its_quantities() -> None:
    page = trace_back(MASK, 5, upto=FAR)
    assert sorted(shown(page)) == sorted(MASK.pairs)
    assert {(e.used, e.made) for e in page.edges} == {(1, 10)}


def test_forward_goes_the_other_way() -> None:
    page = trace_forward(MASK, 1, upto=FAR)
    assert page.depths == {1: 0, 3: 1, 5: 2}
    assert shown(page) == [(3, 1), (5, 3)]


def test_a_lot_made_of_nothing_is_its_own_trace() -> None:
    page = trace_back(MASK, 1, upto=FAR)
    assert (page.lots, page.edges, page.more) == ((1,), (), False)


def test_entries_from_upto_on_do_not_count() -> None:
    upto = 20 + MASK.pairs.index((5, 2))
    assert trace_back(MASK, 5, upto=upto).depths == {5: 0, 3: 1, 4: 1, 1: 2, 2: 2}
    with pytest.raises(RequestError) as raised:
        trace_back(MASK, 5, upto=5)
    assert raised.value.field == "lot"


def test_what_happened_after_at_does_not_count() -> None:
    at = 20 + MASK.pairs.index((5, 3))
    assert trace_back(MASK, 5, upto=FAR, at=at).depths == {5: 0, 3: 1, 1: 2, 2: 2}


def test_a_limit_of_depth_is_told_and_nothing_is_to_be_continued() -> None:
    page = trace_back(MASK, 5, upto=FAR, depth=1)
    assert page.lots == (5, 2, 3, 4)
    assert page.cut is Cut.DEPTH
    assert page.continuation is None
    assert sorted(shown(page)) == [(3, 2), (4, 2), (5, 2), (5, 3), (5, 4)]


def test_a_depth_that_reaches_everything_cuts_nothing() -> None:
    assert trace_back(MASK, 5, upto=FAR, depth=2).cut is None


def test_a_limit_of_size_is_told_and_can_be_continued() -> None:
    first = trace_back(MASK, 5, upto=FAR, size=3)
    assert first.lots == (5, 2, 3)
    assert first.cut is Cut.SIZE
    second = trace_back(MASK, 5, upto=FAR, size=3, after=first.continuation)
    assert second.position == 3
    assert second.lots == (4, 1)
    assert not second.more
    assert sorted(shown(first) + shown(second)) == sorted(MASK.pairs)


def test_no_edge_leads_to_a_lot_that_was_not_shown_yet() -> None:
    wide = Drawn([(n, 1) for n in range(2, 500)])
    first = trace_forward(wide, 1, upto=FAR, size=10)
    assert len(first.edges) == 9
    assert {e.output for e in first.edges} <= set(first.lots)


def test_a_page_that_ends_with_a_level_says_whether_there_is_another_level() -> None:
    assert trace_back(MASK, 5, upto=FAR, size=4).cut is Cut.SIZE
    assert trace_back(MASK, 5, upto=FAR, size=5).cut is None


def test_several_lots_are_traced_together() -> None:
    page = trace(MASK, Direction.FORWARD, (4, 3), upto=FAR)
    assert page.roots == (3, 4)
    assert page.depths == {3: 0, 4: 0, 5: 1}


def continuation() -> str:
    page = trace_back(MASK, 5, upto=100, at=50, size=1)
    assert page.continuation is not None
    return page.continuation


def test_a_continuation_says_with_which_clocks_to_go_on() -> None:
    pinned = read_continuation(continuation())
    assert (pinned.direction, pinned.upto, pinned.at, pinned.position) == (
        Direction.BACK, 100, 50, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("differs", "asked"),
    [
        ("upto", {"upto": 99}),
        ("at", {"at": 49}),
        ("lot", {"lot": 4}),
        ("direction", {"direction": Direction.FORWARD}),
    ],
)
def test_a_continuation_of_another_question_is_refused(
    differs: str, asked: dict[str, int | Direction]
) -> None:
    question: dict[str, int | Direction] = {
        "lot": 5, "upto": 100, "at": 50, "direction": Direction.BACK, **asked
    }  # fmt: skip
    direction, lot = question.pop("direction"), question.pop("lot")
    assert isinstance(direction, Direction)
    assert isinstance(lot, int)
    clocks = {k: int(v) for k, v in question.items()}
    with pytest.raises(RequestError) as raised:
        trace(MASK, direction, (lot,), after=continuation(), **clocks)
    assert raised.value.field == "after"
    assert raised.value.values == {"differs": differs}


@pytest.mark.parametrize("token", ["", "x", "溯源", "AAAA" * 12])
def test_what_is_no_continuation_is_refused(token: str) -> None:
    with pytest.raises(RequestError) as raised:
        trace_back(MASK, 5, upto=FAR, after=token)
    assert raised.value.field == "after"


def test_a_continuation_with_one_character_changed_is_refused() -> None:
    token = continuation()
    with pytest.raises(RequestError):
        read_continuation(("B" if token[5] == "A" else "A").join((token[:5], token[6:])))


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", 0), ("size", MOST_SIZE + 1), ("depth", -1), ("depth", MOST_DEPTH + 1), ("at", -1)],
)
def test_a_limit_out_of_range_names_its_field(field: str, value: int) -> None:
    asked = {"upto": FAR, field: value}
    with pytest.raises(RequestError) as raised:
        trace(MASK, Direction.BACK, (5,), after=None, **asked)
    assert raised.value.field == field
    assert raised.value.message_zh


def test_a_hundred_thousand_ancestors_give_an_honest_part_and_all_of_it_in_pages() -> None:
    """A lot of 100 lots, each of 1,000 others."""
    pairs = [(200_000, 150_000 + i) for i in range(100)]
    pairs += [(150_000 + i, 1000 * i + k) for i in range(100) for k in range(1000)]
    graph = Drawn(pairs)
    first = trace_back(graph, 200_000, upto=FAR, size=1000)
    assert len(first.lots) == 1000
    assert len(first.edges) == 999
    assert first.cut is Cut.SIZE
    whole = list(pages(graph, Direction.BACK, (200_000,), upto=FAR))
    assert [len(page.lots) for page in whole] == [20_000] * 5 + [101]
    assert sum(len(page.edges) for page in whole) == len(pairs)
    assert not whole[-1].more


# ------------------------------------------------------------------------------ properties


@st.composite
def drawings(draw: st.DrawFn) -> Graph:
    """Any graph in which what is made has a higher number than what it is made of."""
    size = draw(st.integers(1, 14))
    pairs = [(o, i) for o in range(size) for i in range(o)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=40)) if pairs else []
    return Drawn([(o + 1, i + 1) for o, i in chosen])


@given(drawings(), st.integers(1, 14), st.integers(1, 5), st.sampled_from(Direction))
def test_pages_laid_side_by_side_are_the_whole_trace(
    graph: Graph, lot: int, size: int, direction: Direction
) -> None:
    whole = trace(graph, direction, (lot,), upto=FAR)
    after, lots, edges, depths = None, list[int](), list[Edge](), dict[int, int]()
    while True:
        page = trace(graph, direction, (lot,), upto=FAR, size=size, after=after)
        assert before(graph, page) == tuple(edges)
        lots += page.lots
        edges += page.edges
        depths |= page.depths
        after = page.continuation
        assert page.more == (after is not None)
        if after is None:
            break
        assert len(page.lots) == size
    assert (tuple(lots), tuple(edges), depths) == (whole.lots, whole.edges, whole.depths)


@given(drawings(), st.integers(1, 14), st.integers(1, 14))
def test_forward_is_the_converse_of_backward(graph: Graph, one: int, other: int) -> None:
    back = trace_back(graph, one, upto=FAR)
    forward = trace_forward(graph, other, upto=FAR)
    assert (other in back.lots) == (one in forward.lots)
    if other in back.lots:
        assert back.depths[other] == forward.depths[one]


@given(drawings(), st.integers(1, 14), st.integers(0, 6))
def test_a_depth_shows_just_the_lots_within_it_and_the_edges_among_them(
    graph: Graph, lot: int, depth: int
) -> None:
    whole = trace_back(graph, lot, upto=FAR)
    page = trace_back(graph, lot, upto=FAR, depth=depth)
    within = [n for n, d in whole.depths.items() if d <= depth]
    assert list(page.lots) == within
    assert sorted(page.edges) == sorted(
        e for e in whole.edges if e.output in within and e.input in within
    )
    assert page.more == (len(within) < len(whole.lots))


@given(drawings(), st.integers(1, 14), st.integers(20, 60))
def test_a_trace_does_not_change_when_the_ledger_grows(graph: Graph, lot: int, upto: int) -> None:
    assert isinstance(graph, Drawn)
    shorter = Drawn(graph.pairs[: upto - 20])
    assert trace_back(graph, lot, upto=upto) == trace_back(shorter, lot, upto=upto)
