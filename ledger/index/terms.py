"""The texts by which an organisation is found, in the one form in which they are compared."""

import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from ledger.hashing import keccak


class TermField(IntEnum):
    """What a text is of the organisation; the order is that in which hits are shown."""

    IDENTIFIER = 0
    NUMBER = 1
    MODEL = 2
    NAME_ZH = 3
    NAME_EN = 4


def normal(text: str) -> str:
    """Compatibility characters, case, and runs of white space become one (Unicode NFKC and case
    folding): what people see as the same is found."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).replace("\0", "").split())


def term_key(text: str) -> bytes:
    """What stands for a normal text where it must be found whole, however long it is."""
    return keccak(text.encode())


def terms(organisation: bytes, texts: dict[TermField, str]) -> Iterator[dict[str, Any]]:
    """The rows of ``search_term`` for these texts; an empty one gives none."""
    for field, text in texts.items():
        shown = normal(text)
        if shown:
            yield {
                "organisation": organisation,
                "field": int(field),
                "key": term_key(shown),
                "text": shown,
            }
