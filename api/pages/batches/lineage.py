"""What of a lot's traces is shown: one graph out of both directions, and the part that is open.

Rules this module keeps:

* Nothing is said that the two traces (``api.batches.service.traced``) do not say.
* Every lot has one level: so many steps upstream (negative) or downstream of the lot in the middle,
  the shortest way. The order of lots is by level, then number; picture and table share it.
* At first the nearest :data:`AT_FIRST` lots are shown. A lot can be opened (all its neighbours away
  from the middle are shown too) and folded (what is only reached through it is not).
* One picture carries at most :data:`MOST_DRAWN` lots. What lies behind them is not lost: any lot
  can be made the middle of a picture of its own.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from ledger.provenance.assurance import Assurance, LinkKind

Told = dict[str, Any]

#: So many lots are shown before anything is opened.
AT_FIRST: Final = 40
#: So many lots one picture carries, and so many are asked for in each direction.
MOST_DRAWN: Final = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """What the reader opened and folded, as the address says it."""

    every: bool = False
    expanded: frozenset[int] = frozenset()
    folded: frozenset[int] = frozenset()

    @classmethod
    def read(cls, expand: str, fold: str) -> "Opened":
        """From ``expand`` ("all", or numbers of lots) and ``fold``; what is neither is left out."""
        return cls("all" in expand.split(","), _numbers(expand), _numbers(fold))

    def opening(self, number: int) -> "Opened":
        return Opened(self.every, self.expanded | {number}, self.folded - {number})

    def folding(self, number: int) -> "Opened":
        return Opened(self.every, self.expanded - {number}, self.folded | {number})

    def query(self) -> dict[str, str]:
        every = ["all"] if self.every else []
        return {
            "expand": ",".join([*every, *map(str, sorted(self.expanded))]),
            "fold": ",".join(map(str, sorted(self.folded))),
        }


def _numbers(text: str) -> frozenset[int]:
    parts = text.split(",")[: MOST_DRAWN + 1]
    return frozenset(int(p) for p in parts if p.isascii() and p.isdigit() and len(p) <= 15)


@dataclass(frozen=True, slots=True)
class Way:
    """What of one lot (its number) went into another, over all entries: ``used`` in the unit of the
    one, ``made`` in that of the other. ``links`` are the making of each entry and the handings over
    on the way; ``assurance`` is that of the least assured of them."""

    source: int
    target: int
    used: int
    made: int
    entries: tuple[int, ...]
    links: tuple[Told, ...]
    assurance: Assurance


@dataclass(frozen=True)
class Lineage:
    """Both traces of the lot ``root`` as one graph.

    ``lots`` are as the traces tell them and ``levels`` where they stand, both by number.
    ``origins`` are the links by which lots that were not made of others came onto the ledger.
    ``least`` are the least assured links, back and forward: all that are equally weak, none where
    that trace has none. In ``frontier`` are the lots behind which nobody looked; ``whole_back``
    says that all was looked at that the lot was made of.
    """

    root: int
    lots: Mapping[int, Told]
    levels: Mapping[int, int]
    ways: tuple[Way, ...]
    origins: Mapping[int, Told]
    least: tuple[tuple[Told, ...], tuple[Told, ...]]
    frontier: frozenset[int] = field(default_factory=frozenset)
    whole_back: bool = True

    @cached_property
    def order(self) -> list[int]:
        """All lots, the nearest first."""
        return sorted(self.lots, key=lambda n: (abs(self.levels[n]), self.levels[n], n))

    @cached_property
    def outward(self) -> Mapping[int, Sequence[int]]:
        """The neighbours of each lot that lie farther from the middle."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for way in self.ways:
            one, other = self.levels[way.source], self.levels[way.target]
            if other <= 0 and way.source not in found[way.target] and one < other:
                found[way.target].append(way.source)
            if one >= 0 and way.target not in found[way.source] and other > one:
                found[way.source].append(way.target)
        return found

    @cached_property
    def _weakest(self) -> frozenset[tuple[Any, ...]]:
        return frozenset(_of_link(link) for links in self.least for link in links)

    def is_least(self, link: Told) -> bool:
        return _of_link(link) in self._weakest

    def is_partial(self, number: int) -> bool:
        """Whether the lot may have come by ways that were not looked at: then it may inherit more
        than is told here."""
        return self.levels[number] > 0 or not self.whole_back or self.lots[number]["inherits_more"]


@dataclass(frozen=True)
class View:
    """The part that is shown: ``lots`` (numbers) in their order, the ways between them, and how
    many neighbours of each are not shown."""

    lots: tuple[int, ...]
    ways: tuple[Way, ...]
    hidden: Mapping[int, int]
    open: Collection[int]


def lineage(back: Told, forward: Told) -> Lineage:
    """One graph of the two traces of one lot."""
    lots: dict[int, Told] = {}
    levels: dict[int, int] = {}
    frontier: set[int] = set()
    for trace, sign in ((back, -1), (forward, 1)):
        deepest = max((lot["depth"] for lot in trace["lots"]), default=0)
        for lot in trace["lots"]:
            if lot["number"] not in lots:
                lots[lot["number"]] = lot
                levels[lot["number"]] = sign * lot["depth"]
            # The last level of a page may be cut, and with it what leads there.
            if trace["more"] and lot["depth"] >= deepest - 1:
                frontier.add(lot["number"])
    links = _distinct([*back["assurance"]["links"], *forward["assurance"]["links"]])
    edges = _distinct([*back["edges"], *forward["edges"]])
    return Lineage(
        back["root"],
        lots,
        levels,
        _ways(edges, links, lots),
        {link["lot"]: link for link in links if link["kind"] == LinkKind.ORIGIN},
        (_least(back["assurance"]), _least(forward["assurance"])),
        frozenset(frontier),
        not back["more"],
    )


def _least(told: Told) -> tuple[Told, ...]:
    if told["least"] is None:
        return ()
    weakest = told["least"]["assurance"]
    return tuple(link for link in told["links"] if link["assurance"] == weakest)


def _of_link(link: Told) -> tuple[Any, ...]:
    return tuple(link[name] for name in ("kind", "lot", "input", "entry", "giver", "taker"))


def _distinct(told: Sequence[Told]) -> list[Told]:
    """Each once: the two traces share what is about the lot in the middle."""
    found: dict[tuple[Any, ...], Told] = {}
    names = ("kind", "lot", "input", "output", "entry", "giver", "taker")
    for one in told:
        found.setdefault(tuple(one.get(name) for name in names), one)
    return list(found.values())


def _ways(
    edges: Sequence[Told], links: Sequence[Told], lots: Mapping[int, Told]
) -> tuple[Way, ...]:
    makings: defaultdict[tuple[int, int], list[Told]] = defaultdict(list)
    handings: defaultdict[int, list[Told]] = defaultdict(list)
    for link in links:
        if link["kind"] == LinkKind.MAKING:
            makings[link["input"], link["lot"]].append(link)
        elif link["kind"] == LinkKind.HANDING_OVER:
            handings[link["lot"]].append(link)
    pairs: defaultdict[tuple[int, int], list[Told]] = defaultdict(list)
    for edge in edges:
        if edge["input"] in lots and edge["output"] in lots:
            pairs[edge["input"], edge["output"]].append(edge)
    found = []
    for (source, target), some in sorted(pairs.items()):
        last = max(edge["entry"] for edge in some)
        own = [
            *_handed(handings[source], lots[source]["maker"], lots[target]["maker"], last),
            *makings[source, target],
        ]
        ranked = [Assurance(link["assurance"]) for link in own]
        found.append(
            Way(
                source,
                target,
                sum(edge["used"] for edge in some),
                sum(edge["made"] for edge in some),
                tuple(sorted(edge["entry"] for edge in some)),
                tuple(own),
                # Where none is told, nobody but the maker says so.
                max(ranked, key=lambda a: a.rank, default=Assurance.SELF_DECLARED),
            )
        )
    return tuple(found)


def _handed(links: Sequence[Told], origin: str, maker: str, before: int) -> list[Told]:
    """The handings over by which a lot came from its maker to who used it, oldest first."""
    wanted, found = {maker}, []
    for link in sorted(links, key=lambda link: -int(link["entry"])):
        if link["entry"] < before and link["taker"] in wanted and maker != origin:
            found.append(link)
            if link["giver"] != origin:
                wanted.add(link["giver"])
    return found[::-1]


def view(graph: Lineage, opened: Opened) -> View:
    """What is shown of it."""
    most = MOST_DRAWN if opened.every else AT_FIRST
    wanted = set(graph.order[:most])
    for number in sorted(opened.expanded & graph.lots.keys()):
        wanted.update((number, *graph.outward.get(number, ())))
    # What is only reached through a folded lot, or was never reached, is not shown.
    reached, level = {graph.root}, [graph.root]
    while level:
        following = []
        for number in level:
            if number not in opened.folded:
                following += [n for n in graph.outward.get(number, ()) if n in wanted]
        level = [n for n in dict.fromkeys(following) if n not in reached]
        reached.update(level)
    near = [n for n in graph.order if n in reached][:MOST_DRAWN]
    shown = set(near)
    ways = tuple(w for w in graph.ways if w.source in shown and w.target in shown)
    hidden = {n: sum(o not in shown for o in graph.outward.get(n, ())) for n in near}
    is_open = {n for n in near if graph.outward.get(n) and hidden[n] < len(graph.outward[n])}
    order = sorted(near, key=lambda n: (graph.levels[n], n))
    return View(tuple(order), ways, {n: k for n, k in hidden.items() if k}, is_open)
