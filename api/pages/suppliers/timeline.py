"""Qualifications as bands over time: where each band begins and ends on the paper.

Everything is in hundredths of the width, so that the server draws once for every screen. Rules this
module keeps:

* Nothing is drawn as certain that is not: an unstated beginning is a band of the unknown from the
  left edge on, and what goes on beyond the drawing is marked as open.
* Neighbours that look the same are one band; what they rest on stands in the table beneath.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from api.language import Language
from api.pages import days
from ledger.standing import DAY, Band, Status
from ledger.vocabulary import NO_END

#: How a status looks: the name of a pattern and a colour.
LOOKS: Final[Mapping[Status, str]] = {
    Status.IN_FORCE: "in-force",
    Status.RESTRICTED: "restricted",
    Status.SUSPENDED: "suspended",
    Status.WITHDRAWN: "ended",
    Status.REFUSED: "ended",
    Status.EXPIRED: "over",
    Status.SUPERSEDED: "over",
    Status.NOT_YET: "not-yet",
    Status.UNKNOWN: "unknown",
    Status.DELISTED: "unknown",
    Status.UNDER_REVIEW: "unknown",
}
#: In the order of the legend.
EVERY_LOOK: Final = tuple(dict.fromkeys(LOOKS.values()))
#: What lies further from the present is beyond the drawing.
_HORIZON: Final = 12 * 366 * DAY
_MARGIN: Final = 0.04
_MOST_TICKS: Final = 6
#: So wide is the word of a mark on a narrow screen, in per cent.
_WORD: Final = 28
#: Years, or parts of a year in months, between two ticks.
_MONTHS: Final = (1, 3, 6, 12, 24, 60)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch that looks the same; ``start`` and ``end`` are instants, ``x`` and ``width`` per
    cent. ``cut``: it goes on beyond the drawing's right edge."""

    look: str
    status: Status
    start: int
    end: int
    x: str
    width: str
    cut: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """``anchor``: which end of the label stands at the tick."""

    x: str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that is looked at: ``name`` is the key of its word; the word stands in ``line`` (from
    0) beside the others, beside the mark's line, on the side where there is room."""

    name: str
    at: int
    x: str
    line: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``start`` to ``end`` (instants) on the drawing's width."""

    start: int
    end: int

    def place(self, instant: int) -> float:
        """How far from the left edge, in per cent; what lies outside is at the edge."""
        share = (instant - self.start) / (self.end - self.start)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def bars(self, timeline: Sequence[Band]) -> tuple[Bar, ...]:
        """A qualification's bands as they are drawn; those outside are left out."""
        merged: list[tuple[str, Status, int, int]] = []
        for band in timeline:
            if band.end <= self.start or band.start >= self.end:
                continue
            look = LOOKS[band.status]
            if merged and merged[-1][0] == look:
                merged[-1] = (*merged[-1][:3], band.end)
            else:
                merged.append((look, band.status, band.start, band.end))
        return tuple(
            Bar(
                look,
                status,
                start,
                end,
                f"{self.place(start):g}%",
                f"{max(round(self.place(end) - self.place(start), 2), 0.3):g}%",
                end > self.end,
            )
            for look, status, start, end in merged
        )

    def ticks(self, zone: str, language: Language) -> tuple[Tick, ...]:
        """Beginnings of years, or of months where the drawing is short."""
        local = ZoneInfo(zone)
        first = datetime.fromtimestamp(self.start, UTC).astimezone(local)
        last = datetime.fromtimestamp(self.end, UTC).astimezone(local)
        months = (last.year - first.year) * 12 + last.month - first.month
        step = next((m for m in _MONTHS if months // m <= _MOST_TICKS), 120)
        found: list[Tick] = []
        counted = first.year * 12 if step >= 12 else first.year * 12 + first.month - 1
        counted -= counted % step
        while True:
            counted += step
            begins = datetime(counted // 12, counted % 12 + 1, 1, tzinfo=local)
            instant = int(begins.timestamp())
            if instant >= self.end:
                return tuple(found)
            whole = step >= 12 or (begins.month == 1 and step > 1)
            label = f"{begins.year}" if whole else days.month(begins, language)
            place = self.place(instant)
            # A label in the middle of a tick at the edge would stick out of a narrow screen.
            if 3 <= place <= 97:
                anchor = "start" if place < 8 else "end" if place > 92 else "middle"
                found.append(Tick(f"{place:g}%", label, anchor))

    def marks(self, instants: Mapping[str, int]) -> tuple[Mark, ...]:
        """These instants by the keys of their words, each word on a line of its own and, where
        there is room, on the side on which no other mark's line goes through it."""
        made = []
        places = {name: self.place(at) for name, at in instants.items()}
        for line, (name, place) in enumerate(places.items()):
            crossed = any(0 < other - place < _WORD for other in places.values())
            anchor = "end" if place > 100 - _WORD or (crossed and place > _WORD) else "start"
            made.append(Mark(name, instants[name], f"{place:g}%", line, anchor))
        return tuple(made)


def axis(timelines: Iterable[Sequence[Band]], present: int, looked_at: Iterable[int]) -> Axis:
    """Wide enough for all that is stated within some years of the present, and for these instants
    that are looked at."""
    known = [
        edge
        for timeline in timelines
        for band in timeline
        for edge in (band.start, band.end)
        if 1 < edge < NO_END and abs(edge - present) <= _HORIZON
    ]
    points = [present, *looked_at, *known]
    first, last = min(points), max(points)
    # Some time around, where next to nothing is stated.
    room = max((last - first) * _MARGIN, 30 * DAY)
    return Axis(max(int(first - room), 2), min(int(last + room), NO_END - 1))
