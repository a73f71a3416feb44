"""What was read of a recall's lots, as the text of an entry, and read from it again.

An entry says what the mirror read, one thing on a line, so that a reader of the ledger has not to
read free text once more; what could not be read stands there as it was published::

    Lots, form 1, part 1 of 1:
    lot NP-2406A
    lot 17081557 to 21062362
    expiry 2021-05
    all
    unread made on line 3

Rules kept here:

* What is written is read again the same: every value, every range, every passage not understood.
* A text that the ledger cannot hold at once is written in parts, each a text of this form.
* A text of any other form is a register's own words, and read as such.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.recalls.lots import LotMention, LotReading, MentionKind, parse_lots

#: What the ledger takes as one text, in bytes of UTF-8.
LONGEST: Final = 2047

_HEAD: Final = re.compile(r"Lots, form 1, part ([1-9][0-9]{0,3}) of ([1-9][0-9]{0,3}):")
#: The longest head with its line break.
_HEAD_BYTES: Final = len("Lots, form 1, part 9999 of 9999:\n")
_TO: Final = " to "
_UNREAD: Final = "unread "
_ALL: Final = LotMention("all lots", MentionKind.ALL, "", "")
_VALUE_KINDS: Final = {kind.value: kind for kind in MentionKind if kind is not MentionKind.ALL}


@dataclass(frozen=True, slots=True)
class LotText:
    """The text of one entry, read; it is part ``part`` (from 1) of ``parts``."""

    reading: LotReading
    part: int = 1
    parts: int = 1


def lot_texts(reading: LotReading, longest: int = LONGEST) -> tuple[str, ...]:
    """The reading as texts of at most ``longest`` bytes, in the order of their parts."""
    room = longest - _HEAD_BYTES
    parts: list[list[str]] = [[]]
    filled = 0
    for line in _lines(reading, room):
        size = len(line.encode()) + 1
        if parts[-1] and filled + size > room:
            parts.append([])
            filled = 0
        parts[-1].append(line)
        filled += size
    return tuple(
        "\n".join((f"Lots, form 1, part {number} of {len(parts)}:", *lines))
        for number, lines in enumerate(parts, start=1)
    )


def _lines(reading: LotReading, room: int) -> Iterable[str]:
    for mention in reading.mentions:
        line = _line(mention)
        if len(line.encode()) < room:
            yield line
        else:  # no lot of goods is so long; it stays as text
            yield from _unread(mention.text, room)
    for passage in reading.unparsed:
        yield from _unread(passage, room)


def _line(mention: LotMention) -> str:
    if mention.kind is MentionKind.ALL:
        return mention.kind.value
    ends = (mention.start, mention.end) if mention.is_range else (mention.start,)
    return f"{mention.kind.value} {_TO.join(ends)}"


def _unread(passage: str, room: int) -> Iterable[str]:
    """A passage in lines that each fit, cut between characters."""
    line, size = "", len(_UNREAD) + 1
    for character in passage:
        width = len(character.encode())
        if size + width > room:
            yield _UNREAD + line
            line, size = "", len(_UNREAD) + 1
        line += character
        size += width
    if line:
        yield _UNREAD + line


@lru_cache(maxsize=1024)
def read_lots(text: str) -> LotText:
    """What the text of an entry names; one of another form than :func:`lot_texts` writes is read
    as a register's own words are."""
    head, *lines = text.split("\n")
    found = _HEAD.fullmatch(head)
    if found is None or int(found[1]) > int(found[2]):
        return LotText(parse_lots(text))
    mentions, unparsed = [], []
    for line in lines:
        mention = _mention(line)
        if mention is not None:
            mentions.append(mention)
        elif line.startswith(_UNREAD):
            unparsed.append(line.removeprefix(_UNREAD))
        else:
            return LotText(parse_lots(text))
    return LotText(LotReading(tuple(mentions), tuple(unparsed)), int(found[1]), int(found[2]))


def _mention(line: str) -> LotMention | None:
    word, _, value = line.partition(" ")
    if line == _ALL.kind.value:
        return _ALL
    kind = _VALUE_KINDS.get(word)
    start, _, end = value.partition(_TO)
    if kind is None or not start:
        return None
    return LotMention(f"{start}-{end}" if end else start, kind, start, end or start)
