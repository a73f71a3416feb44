"""The dates in the reasons of a kept verdict, as the reader's language writes them.

A reason is kept as a sentence. Only what stands where its template has a date is a date: a lot or a
certificate may well be numbered 2026-05-07, and stays as it is.
"""

import re
from collections.abc import Sequence
from functools import cache
from string import Formatter
from typing import Final

from api.language import Language
from api.pages import formats
from ledger.checks import SENTENCES

#: The values of reasons that are days or instants.
_FIELDS: Final = frozenset(
    {"since", "until", "published", "recorded", "known_at", "made", "sampled", "ended"}
)
_DATE: Final = r"([0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2})?)"
#: Reasons quote what others wrote; longer ones are not searched.
_LONGEST: Final = 1_000


def written(code: str, text: str, language: Language) -> str:
    """The reason with its dates in the reader's form; as it is where it is not as its template."""
    for start, end in reversed(_spans(code, text, language)):
        text = text[:start] + formats.rewritten(text[start:end], language) + text[end:]
    return text


def last(code: str, texts: Sequence[str], language: Language) -> str:
    """The last of all dates in these reasons of one code, in the reader's form; "" for none."""
    found = [text[a:b] for text in texts for a, b in _spans(code, text, language)]
    return formats.rewritten(max(found), language) if found else ""


def _spans(code: str, text: str, language: Language) -> list[tuple[int, int]]:
    pattern = _pattern(code, language)
    if pattern is None or len(text) > _LONGEST:
        return []
    found = pattern.fullmatch(text)
    return [] if found is None else [found.span(n) for n in range(1, pattern.groups + 1)]


@cache
def _pattern(code: str, language: Language) -> re.Pattern[str] | None:
    """What a sentence of this code looks like; None where it has no date."""
    sentence = SENTENCES.get(code)
    if sentence is None:
        return None
    parts = list(Formatter().parse({"zh": sentence.zh, "en": sentence.en}[language]))
    if not any(name in _FIELDS for _, name, _, _ in parts):
        return None
    made = ""
    for literal, name, _, _ in parts:
        made += re.escape(literal)
        if name is not None:
            made += _DATE if name in _FIELDS else ".*?"
    return re.compile(made, re.DOTALL)
