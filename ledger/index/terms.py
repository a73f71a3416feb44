"""The texts by which an organisation is found, in the one form in which they are compared.

Beside each text as it was stated stand the spellings of a Chinese name: its readings in pinyin, a
space before each syllable and a bar around each reading, and the initials of the likeliest
(:mod:`ledger.pinyin`). They follow from the text alone, so that old rows can be brought up to date
(:func:`brought_up_to_date`) and two indexes of one ledger are the same.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache
from typing import Any, Final

from ledger.hashing import keccak
from ledger.pinyin import readings


class TermField(IntEnum):
    """What a text is of the organisation; the order is that in which hits are shown."""

    IDENTIFIER = 0
    NUMBER = 1
    MODEL = 2
    NAME_ZH = 3
    NAME_EN = 4
    PINYIN = 5
    INITIALS = 6


#: The texts as they were stated; the others are spellings.
STATED: Final = frozenset({f for f in TermField if f <= TermField.NAME_EN})
#: Around each spelling: between two of them nothing is found.
BAR: Final = "|"


def normal(text: str) -> str:
    """Compatibility characters, case, and runs of white space become one (Unicode NFKC and case
    folding), and traditional characters simplified ones: what people take for the same is found.

    Characters are simplified one by one, so that a part of a text is a part of its normal form.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = " ".join(unicodedata.normalize("NFKC", folded).replace("\0", "").split())
    return plain if plain.isascii() else "".join(map(_simplified, plain))


@cache
def _simplified(character: str) -> str:
    return str(_converter().convert(character)) if character >= "\u2e80" else character


@cache
def _converter() -> Any:
    # Only who meets a Chinese character reads its tables.
    from opencc import OpenCC

    return OpenCC("t2s")


def term_key(text: str) -> bytes:
    """What stands for a normal text where it must be found whole, however long it is."""
    return keccak(text.encode())


def terms(organisation: bytes, texts: dict[TermField, str]) -> Iterator[dict[str, Any]]:
    """The rows of ``search_term`` for these texts, and for how a Chinese name among them is spelt;
    an empty one gives none."""
    for field, text in texts.items():
        shown = normal(text)
        if shown:
            yield _term(organisation, field, shown)
        if field is TermField.NAME_ZH:
            yield from _spellings(organisation, shown)


def brought_up_to_date(
    rows: Iterable[tuple[bytes, int, str]],
) -> dict[tuple[bytes, int, bytes], dict[str, Any]]:
    """The rows that :func:`terms` gives today for the stated texts (organisation, field, text) that
    an older version wrote, by their keys."""
    found = {}
    for organisation, field, text in rows:
        if field in STATED:
            for row in terms(organisation, {TermField(field): text}):
                found[organisation, row["field"], row["key"]] = row
    return found


def _spellings(organisation: bytes, name: str) -> Iterator[dict[str, Any]]:
    spelt = readings(name)
    if spelt:
        in_full = dict.fromkeys(" " + " ".join(syllables) for syllables in spelt)
        # Two or three letters are soon found in some rare reading: initials are of the likeliest.
        short = "".join(syllable[0] for syllable in spelt[0])
        yield _term(organisation, TermField.PINYIN, BAR + BAR.join(in_full) + BAR)
        yield _term(organisation, TermField.INITIALS, BAR + short + BAR)


def _term(organisation: bytes, field: TermField, text: str) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "field": int(field),
        "key": term_key(text),
        "text": text,
    }
