"""Choosing the lots that a recall starts from, out of what somebody types, pastes or scans."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from api.batches import service
from api.batches.scanned import scanned
from api.batches.sight import Sight
from api.pages.wording import Wording
from ledger.errors import RequestError
from ledger.workspace import Workspace

#: So many lines are looked up at once.
MOST_LINES: Final = 50
#: So many lots are shown of those whose number begins as a line does.
_CANDIDATES: Final = 10
#: How a complaint about another form's fields begins.
_FIELD: Final = re.compile(r"^(?:(?:lots\.[0-9]+|lot|gtin|find)(?:: |：))+")


@dataclass
class Line:
    """A line that names no single lot: what is wrong with it, or the lots that it could mean."""

    text: str
    fault: str = ""
    candidates: Sequence[Any] = ()
    more: bool = False


@dataclass
class Found:
    """``lots`` are named by a line each; ``open`` are the lines that are not."""

    lots: list[Any] = field(default_factory=list)
    open: list[Line] = field(default_factory=list)


def look_up(workspace: Workspace, sight: Sight, t: Wording, typed: Sequence[str]) -> Found:
    """What some lines name, of the lots that the caller may see."""
    found = Found()
    lines = [line.strip() for line in typed]
    for line in lines[:MOST_LINES]:
        try:
            _look_up(workspace, sight, t, line, found)
        except RequestError as error:
            told = error.message_zh if t.language == "zh" else str(error)
            # The field that it names is of another form; the line is named instead.
            found.open.append(Line(line, _FIELD.sub("", told)))
    for line in lines[MOST_LINES:]:
        found.open.append(Line(line, t("recall.too-many-lines", count=MOST_LINES)))
    return found


def _look_up(workspace: Workspace, sight: Sight, t: Wording, line: str, found: Found) -> None:
    name = scanned(line)
    if name is not None and name.id:
        lot = workspace.index.lots.lot(name.id)
        seen = lot is not None and lot.number in sight.lots({lot.number})
        some = [lot] if lot is not None and seen else []
        named = service.summaries(workspace, sight.position, some)
    elif name is not None:
        named = _find(workspace, sight, gtin=name.gtin, lot=name.lot, maker=name.maker or None)
        if not named and _otherwise(
            line,
            (
                _find(workspace, sight, gtin=name.gtin, lot=lot, maker=name.maker or None)
                for lot in _cases(name.lot)
            ),
            found,
        ):
            return
    else:
        named = _find(workspace, sight, lot=line) if len(line) <= 20 else []
        if not named and len(line) <= 20:
            begun = (_find(workspace, sight, text=text) for text in (line, *_cases(line)))
            if _otherwise(line, begun, found):
                return
    if len(named) == 1:
        found.lots += named
    elif named:
        found.open.append(Line(line, "", named[:_CANDIDATES], len(named) > _CANDIDATES))
    else:
        found.open.append(Line(line, t("recall.nothing-found")))


def _cases(text: str) -> list[str]:
    """The text in the cases that it was not typed in: case counts, and few people know."""
    return [other for other in (text.upper(), text.lower()) if other != text]


def _otherwise(line: str, tries: Iterable[list[Any]], found: Found) -> bool:
    """Offer the first lots there are that the line could mean; whether there are any."""
    named = next(filter(None, tries), [])
    if named:
        found.open.append(Line(line, "", named[:_CANDIDATES], len(named) > _CANDIDATES))
    return bool(named)


def _find(
    workspace: Workspace,
    sight: Sight,
    *,
    gtin: str | None = None,
    lot: str | None = None,
    maker: bytes | None = None,
    text: str = "",
) -> list[Any]:
    told = service.find(
        workspace,
        sight,
        gtin=gtin,
        lot=lot,
        maker=maker,
        text=text,
        after=-1,
        limit=_CANDIDATES + 1,
    )
    found: list[Any] = told["batches"]
    return found
