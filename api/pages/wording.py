"""Every sentence of the pages in both languages, from the gettext catalogues beside this module.

``locale/<language>/LC_MESSAGES/<family>.po`` holds what one family of pages says; a sentence is
called by a dotted key of its own, which is the ``msgid`` of both catalogues (English is as much a
translation of the key as Chinese is). They are read as they are, so there is nothing to compile.

Names of categories and kinds come from the catalogue of goods, reasons from the verdict itself;
here stands only what the pages say of their own accord. Values stand in braces; a sentence that
depends on how many there are has its plural forms. What depends on a closed set (a result, a role)
is looked up by :meth:`Wording.word` under its family, so that tests can see that every member of
the set has its word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from api.language import Language
from api.pages.formats import number

#: The name of each language's catalogues.
LOCALES: Final[Mapping[Language, str]] = {"zh": "zh_Hans", "en": "en"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one language; ``counted`` are those with plural forms, the form for one first
    where the language has one."""

    language: Language
    texts: Mapping[str, str]
    counted: Mapping[str, tuple[str, ...]]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its values filled in; ``KeyError`` for a key that does not exist."""
        text = self.texts[key]
        return text.format(**values) if values else text

    def count(self, key: str, count: int, **values: object) -> str:
        """The sentence for so many; ``{count}`` in it is the number in groups."""
        forms = self.counted[key]
        text = forms[0] if count == 1 else forms[-1]
        return text.format(count=number(count), **values)

    def word(self, family: str, member: str) -> str:
        """The word for a member of a closed set."""
        return self.texts[f"{family}.{member}"]

    def word_or(self, family: str, member: str, otherwise: str) -> str:
        """The same for an open set, where what has no word is shown as it is."""
        return self.texts.get(f"{family}.{member}", otherwise)


def catalogues(language: Language) -> dict[str, Catalog]:
    """The catalogues of a language as they were read, by the name of their family."""
    folder = files(__package__).joinpath(f"locale/{language}/LC_MESSAGES")
    return {
        file.name.removesuffix(".po"): read_po(
            BytesIO(file.read_bytes()), locale=LOCALES[language], abort_invalid=True
        )
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".po")
    }


@cache
def wording(language: Language) -> Wording:
    texts: dict[str, str] = {}
    counted: dict[str, tuple[str, ...]] = {}
    for catalogue in catalogues(language).values():
        for message in catalogue:
            if not isinstance(message.id, str):
                counted[message.id[0]] = tuple(message.string or ())
            elif message.id:
                texts[message.id] = str(message.string)
    return Wording(language, texts, counted)
