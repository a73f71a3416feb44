"""The lineage of a lot as a picture: boxes with their words, ways with their quantities, each where
``api.pages.batches.drawing`` puts it. The table beneath the picture is made of the same."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from api.pages import formats
from api.pages.batches.drawing import BOX, Drawing, drawing
from api.pages.batches.lineage import Lineage, Opened, Told, View, Way
from ledger.provenance.findings import MARKS

if TYPE_CHECKING:
    from api.pages.batches.shown import Words

#: The look of a finding: what stops or speaks against, what is not known, what is to be minded.
_INVALID: Final = frozenset(MARKS) - {
    "origin-not-shown",
    "maker.qualification-doubted",
}
_UNKNOWN: Final = frozenset(
    {
        "origin-not-shown",
        "maker.unknown",
        "maker.qualification-doubted",
        "mirrored-recall.all-lots",
        "inspection.inconclusive",
        "inspection.doubted",
    }
)
_PLAIN: Final = frozenset({"remark", "alarm.closed", "alarm.claim", "corrected"})


def tone(code: str) -> str:
    """How a finding looks: invalid, unknown, caution, plain or valid."""
    if code in _INVALID or code == "custody.key-compromised":
        return "invalid"
    if code in _UNKNOWN:
        return "unknown"
    if code in _PLAIN:
        return "plain"
    return "valid" if code == "inspection.passed" else "caution"


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding in a box: shape and word, and where they stand."""

    tone: str
    word: str
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class ShownWay:
    """So much of one lot went into another; ``amount`` is with its unit. ``least``: the least
    assured link of a trace is on it."""

    source: int
    target: int
    source_lot: str
    source_href: str
    amount: str
    made: str
    assurance: str
    word: str
    links: list[Told]
    entries: tuple[int, ...]
    least: bool
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class ShownLot:
    """A lot as box and as row. ``short`` are the lines of the box, cut to its width; ``hidden`` is
    how many of its neighbours are not shown, ``beyond`` says that nobody looked for more.
    ``expand`` and ``fold`` are addresses, "" where there is nothing to open or to fold. It may
    inherit more than is told where ``partial``. Of goods whose origin is not shown ``maker`` is who
    put them on the ledger (``entered``), for nobody said who made them."""

    number: int
    lot: str
    href: str
    here: bool
    level: int
    level_word: str
    product: str
    maker: str
    entered: bool
    amount: str
    short: tuple[str, ...]
    marks: list[Mark]
    partial: bool
    origin: Told | None
    least: bool
    label: str
    hidden: int
    beyond: bool
    expand: str
    fold: str
    ways: list[ShownWay]
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """``box`` is the width of every box. ``kinds`` are the kinds of assurance in it. ``every`` and
    ``fewer`` are addresses, "" where there is no more or less to show; ``more`` lots are not
    shown."""

    width: int
    height: int
    box: int
    lots: list[ShownLot]
    ways: list[ShownWay]
    kinds: list[str]
    every: str
    fewer: str
    more: int


#: The first line of marks lies so far below the upper edge of its box; and each line is so high.
_HEAD: Final = 84
_LINE: Final = 19
_PADDING: Final = 10
_SHAPE: Final = 18


def picture(
    words: "Words", graph: Lineage, seen: View, opened: Opened, later: Mapping[int, str]
) -> Picture:
    """What is shown of the graph, drawn. ``later``: what has stopped lots since the time that is
    shown, "recall" or "hold"."""
    marks = {n: _marks(words, graph.lots[n], later.get(n)) for n in seen.lots}
    lines = {n: _lines_of(words, found, graph, n) for n, found in marks.items()}
    heights = {n: float(_HEAD + _LINE * count + 2) for n, (count, _) in lines.items()}
    amounts = {
        (w.source, w.target): words.amount(w.used, graph.lots[w.source]["unit"]) for w in seen.ways
    }
    drawn = drawing(heights, list(amounts), {pair: width_of(a, 13) for pair, a in amounts.items()})
    ways = [_way(words, graph, drawn, way, amounts) for way in seen.ways]
    into: dict[int, list[ShownWay]] = {}
    for way in ways:
        into.setdefault(way.target, []).append(way)

    lots = [
        _lot(words, graph, seen, drawn, opened, number, lines[number][1], into.get(number, []))
        for number in seen.lots
    ]
    more = len(graph.lots) - len(seen.lots)
    return Picture(
        drawn.width,
        drawn.height,
        BOX,
        lots,
        ways,
        [a for a in _ASSURANCES if a in {w.assurance for w in ways} | _origins(lots)],
        words.lineage(Opened(every=True)) if more and not opened.every else "",
        words.lineage(Opened()) if opened != Opened() else "",
        more,
    )


_ASSURANCES: Final = ("attested", "confirmed-by-receiver", "self-declared", "origin-not-shown")


def _origins(lots: Sequence[ShownLot]) -> set[str]:
    return {lot.origin["assurance"] for lot in lots if lot.origin}


def _marks(words: "Words", lot: Told, later: str | None) -> list[Mark]:
    """Every kind of finding of the lot once, the worst first."""
    order = ("invalid", "unknown", "caution", "valid", "plain")
    codes = dict.fromkeys(f["code"] for f in lot["findings"])
    t = words.lexicon.t
    found = [Mark(tone(code), t.word("mark", code)) for code in codes]
    if later is not None and later not in codes:
        word = t("lineage.recalled-later") if later == "recall" else t("lineage.held-later")
        found.append(Mark("invalid", word))
    return sorted(found, key=lambda m: order.index(m.tone))


def _lines_of(
    words: "Words", marks: Sequence[Mark], graph: Lineage, number: int
) -> tuple[int, list[Mark]]:
    """The marks set in lines of a box, with how many lines they take."""
    inherited = len(graph.lots[number]["inherits"])
    found = list(marks)
    if inherited:
        t = words.lexicon.t
        found.append(
            Mark(
                "caution",
                t.count("lineage.inherits-some", inherited)
                if graph.is_partial(number)
                else t.count("lineage.inherits", inherited),
            )
        )
    placed, x, y, room = [], 0, 0, BOX - 2 * _PADDING
    for mark in found:
        width = _SHAPE + int(width_of(mark.word, 13))
        if x and x + width > room:
            x, y = 0, y + 1
        placed.append(Mark(mark.tone, fitted(mark.word, room - _SHAPE, 13), _PADDING + x, y))
        x += width + 8
    return (y + 1 if placed else 0), [
        Mark(m.tone, m.word, m.x, _HEAD + _LINE * m.y) for m in placed
    ]


def _way(
    words: "Words",
    graph: Lineage,
    drawn: Drawing,
    way: Way,
    amounts: Mapping[tuple[int, int], str],
) -> ShownWay:
    source, target = graph.lots[way.source], graph.lots[way.target]
    line = drawn.lines[way.source, way.target]
    return ShownWay(
        way.source,
        way.target,
        source["lot"],
        words.batch(source["id"]),
        amounts[way.source, way.target],
        words.amount(way.made, target["unit"]),
        way.assurance.value,
        words.lexicon.t.word("assurance", way.assurance.value),
        [
            {
                "kind": link["kind"],
                "giver": words.name(link["giver"]),
                "taker": words.name(link["taker"]),
                "assurance": link["assurance"],
                "word": words.lexicon.t.word("assurance", link["assurance"]),
                "entry": link["entry"],
            }
            for link in way.links
        ],
        way.entries,
        any(graph.is_least(link) for link in way.links),
        line.path,
        round(line.label[0], 1),
        round(line.label[1], 1),
    )


def _lot(
    words: "Words",
    graph: Lineage,
    seen: View,
    drawn: Drawing,
    opened: Opened,
    number: int,
    marks: list[Mark],
    ways: list[ShownWay],
) -> ShownLot:
    lot, lexicon, level = graph.lots[number], words.lexicon, graph.levels[number]
    box, t = drawn.boxes[number], words.lexicon.t
    category = lexicon.category(lot["category"])
    product = f"{category} {lot['model']}".rstrip()
    maker, amount = words.name(lot["maker"]), words.amount(lot["quantity"], lot["unit"])
    entered = lot["origin_not_shown"]
    who = t("lineage.entered-by", who=maker) if entered else maker
    origin = graph.origins.get(number)
    hidden = seen.hidden.get(number, 0)
    room = BOX - 2 * _PADDING
    return ShownLot(
        number,
        lot["lot"],
        words.batch(lot["id"]),
        number == graph.root,
        level,
        level_word(words, level),
        product,
        maker,
        entered,
        amount,
        (
            fitted(lot["lot"], room, 16),
            _product(category, lot["model"], room),
            *(fitted(x, room, 13) for x in (who, amount)),
        ),
        marks,
        graph.is_partial(number),
        None
        if origin is None
        else {
            "assurance": origin["assurance"],
            "word": t.word("assurance", origin["assurance"]),
            "entry": origin["entry"],
        },
        origin is not None and graph.is_least(origin),
        _label(words, graph, number, (product, maker, amount), marks, ways),
        hidden,
        number in graph.frontier,
        words.lineage(opened.opening(number)) if hidden else "",
        words.lineage(opened.folding(number)) if number in seen.open else "",
        ways,
        round(box.x, 1),
        round(box.y, 1),
        box.height,
    )


def level_word(words: "Words", level: int) -> str:
    """Where a lot stands: before, at or after the one in the middle."""
    t = words.lexicon.t
    if level == 0:
        return t("lineage.here")
    if level < 0:
        return t.count("lineage.before", -level)
    return t.count("lineage.after", level)


def _label(
    words: "Words",
    graph: Lineage,
    number: int,
    said: Sequence[str],
    marks: Sequence[Mark],
    ways: Sequence[ShownWay],
) -> str:
    """All that a box says, and what was made into it, for who does not see it; one thing a line."""
    t, lot = words.lexicon.t, graph.lots[number]
    product, maker, amount = said
    lines = [
        t("lineage.box", lot=lot["lot"], level=level_word(words, graph.levels[number])),
        product,
        t("lineage.box-entered", maker=maker, amount=amount)
        if lot["origin_not_shown"]
        else t("lineage.box-made", maker=maker, amount=amount),
    ]
    if marks:
        lines.append({"zh": "、", "en": ", "}[t.language].join(mark.word for mark in marks))
    lines += [
        t("lineage.box-from", lot=way.source_lot, amount=way.amount, assurance=way.word)
        for way in ways
    ]
    return "\n".join(lines)


# ------------------------------------------------------------------------------ widths of texts


def width_of(text: str, size: int) -> float:
    """About how wide a text is, in pixels: nobody measures it before it is drawn."""
    return sum(_width(character) for character in text) * size


@cache
def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.66 if character.isupper() or character.isdigit() else 0.58


def _product(category: str, model: str, room: float) -> str:
    """What it is, in one line; where that is too long the category is cut, and not the model."""
    if not model:
        return fitted(category, room, 13)
    left = room - width_of(f" {model}", 13)
    return fitted(f"{fitted(category, max(left, room / 3), 13)} {model}", room, 13)


def fitted(text: str, room: float, size: int) -> str:
    """The text, cut with an ellipsis where it would be wider than the room."""
    shown = str(formats.harmless(text))
    if width_of(shown, size) <= room:
        return shown
    kept, left = [], room - size
    for character in shown:
        left -= _width(character) * size
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"
