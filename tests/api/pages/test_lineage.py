"""What of a lineage is shown, and where it stands in the picture: without a ledger."""

from itertools import combinations, pairwise
from typing import Any

from api.pages.batches.drawing import BETWEEN, BOX, drawing
from api.pages.batches.lineage import AT_FIRST, MOST_DRAWN, Opened, lineage, view
from api.pages.batches.picture import fitted, tone, width_of
from ledger.provenance.texts import FINDINGS

Told = dict[str, Any]


def lot(number: int, depth: int, maker: str = "0x01") -> Told:
    return {"number": number, "depth": depth, "maker": maker}


def edge(source: int, target: int, entry: int, used: int = 5) -> Told:
    return {"input": source, "output": target, "entry": entry, "used": used, "made": 10}


def link(kind: str, about: int, assurance: str, **more: Any) -> Told:
    blank = {"input": None, "giver": None, "taker": "0x01", "entry": about}
    return {"kind": kind, "lot": about, "assurance": assurance, **blank, **more}


def trace(root: int, lots: list[Told], edges: list[Told], links: list[Told] | None = None) -> Told:
    found = links or []
    least = found[-1] if found else None
    return {
        "root": root,
        "lots": lots,
        "edges": edges,
        "more": False,
        "assurance": {"links": found, "least": least},
    }


def chain(steps: int) -> Told:
    """Lot 0 was made of 1, 1 of 2, and so on."""
    lots = [lot(n, n) for n in range(steps + 1)]
    return trace(0, lots, [edge(n + 1, n, n) for n in range(steps)])


def alone(root: int) -> Told:
    return trace(root, [lot(root, 0)], [])


def fan(leaves: int) -> Told:
    """So many lots were made of lot 0."""
    lots = [lot(0, 0), *(lot(n, 1) for n in range(1, leaves + 1))]
    return trace(0, lots, [edge(0, n, n) for n in range(1, leaves + 1)])


# ------------------------------------------------------------------------------ what is shown


def test_both_traces_become_one_graph_around_the_lot() -> None:
    back = trace(5, [lot(5, 0), lot(3, 1), lot(1, 2)], [edge(3, 5, 5), edge(1, 3, 3)])
    forward = trace(5, [lot(5, 0), lot(8, 1)], [edge(5, 8, 8)])
    graph = lineage(back, forward)
    assert graph.levels == {5: 0, 3: -1, 1: -2, 8: 1}
    assert [(w.source, w.target) for w in graph.ways] == [(1, 3), (3, 5), (5, 8)]
    assert view(graph, Opened()).lots == (1, 3, 5, 8), "what came first is first"


def test_what_went_into_a_lot_in_two_entries_is_one_way_with_their_sum() -> None:
    back = trace(5, [lot(5, 0), lot(3, 1)], [edge(3, 5, 5, 430), edge(3, 5, 9, 320)])
    [way] = lineage(back, alone(5)).ways
    assert (way.used, way.made, way.entries) == (750, 20, (5, 9))


def test_a_way_is_as_well_assured_as_its_least_assured_link() -> None:
    links = [
        link("making", 5, "attested", input=3, entry=5),
        link("handing-over", 3, "self-declared", giver="0x02", taker="0x01", entry=4),
        link("handing-over", 3, "confirmed-by-receiver", giver="0x02", taker="0x09", entry=2),
    ]
    back = trace(5, [lot(5, 0), lot(3, 1, "0x02")], [edge(3, 5, 5)], links)
    [way] = lineage(back, alone(5)).ways
    assert way.assurance == "self-declared"
    assert [one["entry"] for one in way.links] == [4, 5], "what went to others is another way"


def test_all_links_that_are_equally_weak_are_the_least_assured() -> None:
    links = [link("origin", n, grade) for n, grade in ((1, "self-declared"), (2, "attested"))]
    links.append(link("origin", 3, "self-declared"))
    told = trace(5, [lot(5, 0)], []) | {"assurance": {"links": links, "least": links[0]}}
    graph = lineage(told, alone(5))
    assert [[one["lot"] for one in some] for some in graph.least] == [[1, 3], []]
    assert [graph.is_least(one) for one in links] == [True, False, True]


def test_a_large_lineage_begins_with_the_nearest_and_says_how_many_are_behind() -> None:
    graph = lineage(chain(200), alone(0))
    seen = view(graph, Opened())
    assert len(seen.lots) == AT_FIRST
    assert seen.hidden == {AT_FIRST - 1: 1}
    assert len(view(graph, Opened(every=True)).lots) == 201


def test_a_lot_is_opened_and_folded() -> None:
    graph = lineage(alone(0), fan(100))
    seen = view(graph, Opened())
    assert seen.hidden == {0: 61}
    opened = Opened().opening(0)
    assert len(view(graph, opened).lots) == 101
    folded = view(graph, opened.folding(0))
    assert folded.lots == (0,)
    assert folded.hidden == {0: 100}


def test_what_is_only_reached_through_a_folded_lot_is_folded_with_it() -> None:
    graph = lineage(chain(5), alone(0))
    assert view(graph, Opened().folding(2)).lots == (2, 1, 0)


def test_one_picture_carries_no_more_than_it_can() -> None:
    graph = lineage(alone(0), fan(MOST_DRAWN + 50))
    assert len(view(graph, Opened(every=True).opening(0)).lots) == MOST_DRAWN


def test_what_is_opened_stands_in_the_address_and_nonsense_there_is_nothing() -> None:
    opened = Opened(True, frozenset({7, 3}), frozenset({5}))
    assert opened.query() == {"expand": "all,3,7", "fold": "5"}
    assert Opened.read(**opened.query()) == opened
    assert Opened.read("x,-1,²,1e3," + "9" * 40, "<b>") == Opened()


def test_where_the_trace_was_cut_nobody_says_that_there_is_no_more() -> None:
    graph = lineage(chain(4) | {"more": True}, alone(0))
    assert graph.frontier == {3, 4}


# ------------------------------------------------------------------------------ where it stands


def _drawn(edges: list[tuple[int, int]], height: float = 100) -> Any:
    numbers = {n for e in edges for n in e}
    return drawing(dict.fromkeys(sorted(numbers), height), edges, dict.fromkeys(edges, 60.0))


def test_what_came_first_stands_left_and_boxes_never_overlap() -> None:
    edges = [(1, 3), (2, 3), (1, 4), (3, 5), (4, 5), (1, 5), (5, 6), (5, 7)]
    drawn = _drawn(edges)
    for source, target in edges:
        assert drawn.boxes[source].x + BOX + BETWEEN <= drawn.boxes[target].x
    for one, other in combinations(drawn.boxes.values(), 2):
        apart = abs(one.x - other.x) >= BOX or abs(one.y - other.y) >= one.height
        assert apart
    assert all(box.x + BOX < drawn.width and box.y > 0 for box in drawn.boxes.values())
    assert all(box.y + box.height < drawn.height for box in drawn.boxes.values())


def test_the_same_lineage_is_always_drawn_the_same() -> None:
    edges = [(a, b) for a in range(20) for b in range(20, 35) if (a * b) % 3 == 0]
    assert _drawn(edges) == _drawn(edges[::-1]) == _drawn(edges)


def test_a_single_lot_and_lots_without_a_way_between_them_are_drawn() -> None:
    assert drawing({7: 90.0}, [], {}).boxes.keys() == {7}
    drawn = drawing({1: 90.0, 2: 90.0, 3: 90.0}, [(1, 2)], {(1, 2): 50.0})
    assert len({(box.x, box.y) for box in drawn.boxes.values()}) == 3


def test_a_way_back_to_what_came_first_is_drawn_too() -> None:
    drawn = _drawn([(1, 2), (2, 3), (3, 1)])
    assert len(drawn.lines) == 3


def test_the_quantities_of_a_fan_do_not_lie_upon_each_other() -> None:
    drawn = _drawn([(0, n) for n in range(1, 30)])
    places = sorted(line.label[1] for line in drawn.lines.values())
    assert all(b - a > 14 for a, b in pairwise(places))


# ------------------------------------------------------------------------------ its words


def test_texts_fit_their_box_and_are_cut_where_they_do_not() -> None:
    for text in ("QL100-A", "示例青鸾口罩厂" * 20, "W" * 10_000, "a b " * 99):
        shown = fitted(text, 188, 13)
        assert width_of(shown, 13) <= 188
        assert shown == text or shown.endswith("…")
    assert "\u202e" not in fitted("a\u202eb", 188, 13), "what deceives is shown"


def test_every_finding_has_a_look() -> None:
    looks = {code: tone(code) for code in FINDINGS}
    assert set(looks.values()) == {"invalid", "unknown", "caution", "plain", "valid"}
    assert looks["recall"] == looks["inspection.failed"] == "invalid"
    assert looks["origin-not-shown"] == "unknown"
    assert looks["inspection.passed"] == "valid"
