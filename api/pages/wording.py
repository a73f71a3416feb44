"""Every sentence of the pages in both languages, from ``texts/zh.json`` and ``texts/en.json``.

Names of categories and kinds come from the catalogue, reasons from the verdict itself; here stands
only what the pages say of their own accord. Keys are dotted; values stand in braces. What depends
on a closed set (a result, a role) is looked up by :meth:`Wording.word` under its family, so that
tests can see that every member of the set has its word.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from api.language import Language


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one language."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its values filled in; ``KeyError`` for a key that does not exist."""
        text = self.texts[key]
        return text.format(**values) if values else text

    def word(self, family: str, member: str) -> str:
        """The word for a member of a closed set."""
        return self.texts[f"{family}.{member}"]

    def word_or(self, family: str, member: str, otherwise: str) -> str:
        """The same for an open set, where what has no word is shown as it is."""
        return self.texts.get(f"{family}.{member}", otherwise)


@cache
def wording(language: Language) -> Wording:
    text = files(__package__).joinpath(f"texts/{language}.json").read_text(encoding="utf-8")
    return Wording(language, json.loads(text))
