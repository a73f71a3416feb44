"""What stays on a supplier's page until something is recorded about it, or time goes on.

A page about now says the same as a second ago nearly always, and to everybody who may read the same
of it; so its large parts are made once. Rules this module keeps:

* A part is kept with the very histories that it was told from, and told anew when one of them is
  another. It is not shown past the first instant at which anything in it begins or ends, nor past
  midnight.
* What depends on who reads is part of the key, or is no such part.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from markupsafe import Markup

from api.suppliers.service import Found
from ledger.history import History
from ledger.index.repository import Index
from ledger.standing import DAY

#: So many suppliers' parts are kept, of about 100 kB at most.
MOST: Final = 200


@dataclass
class Still:
    """The parts: where it stands, what it is and makes, and its time line by which of its
    ``documents`` (hashes) are open to the reader."""

    standing: Markup
    about: Markup
    documents: frozenset[bytes]
    over_time: dict[frozenset[bytes], Markup] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kept:
    still: Still
    told_from: tuple[History, ...]
    until: int


_guard = threading.Lock()
_kept: WeakKeyDictionary[Index, OrderedDict[Hashable, _Kept]] = WeakKeyDictionary()


def find(found: Found, key: Hashable, now: int) -> Still | None:
    """The parts as they were made, if they still hold now."""
    with _guard:
        every = _kept.get(found.workspace.index)
        kept = None if every is None else every.get(key)
        if every is not None and kept is not None:
            every.move_to_end(key)
    if kept is None or now >= kept.until:
        return None
    first, *others = kept.told_from
    if not _same(first, found.history):
        return None
    history = found.workspace.history
    current = (history(found.id, category) for category in _categories(found))
    if not all(_same(a, b) for a, b in zip(others, current, strict=True)):
        return None
    return kept.still


def keep(found: Found, key: Hashable, now: int, still: Still) -> None:
    """Keep what was made for as long as nothing in it begins or ends."""
    histories = (
        found.history,
        *(found.workspace.history(found.id, category) for category in _categories(found)),
    )
    kept = _Kept(still, histories, _until(found, now))
    with _guard:
        every = _kept.setdefault(found.workspace.index, OrderedDict())
        every[key] = kept
        while len(every) > MOST:
            every.popitem(last=False)


def _same(one: History, other: History) -> bool:
    """Whether they were gathered as one: a history that is moved to a later position shares what
    it was gathered from."""
    return one.qualifications is other.qualifications and one.accounts is other.accounts


def _categories(found: Found) -> list[str]:
    """The categories in which the firm holds something."""
    held = found.history.held
    return sorted({q.category for member in found.firm for q in held.get(member, ())})


def _until(found: Found, now: int) -> int:
    """The first instant at which something that is shown may be another."""
    # Midnight comes at another time in every zone; an hour is short enough for all of them.
    ends = [now - now % 3600 + 3600]
    ends.extend(
        _later(now, (e for _, bands in found.timelines for b in bands for e in (b.start, b.end)))
    )
    for _, history in found.standings:
        for periods in history.requirements.values():
            ends.extend(_later(now, (edge for p in periods for edge in (p.start, p.end))))
    return min(ends)


def _later(now: int, edges: Iterable[int]) -> Iterable[int]:
    return (edge for edge in edges if now < edge <= now + DAY)
