"""Names of what the ledger only has codes for, in the reader's language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fastapi import Request

from api.context import Context
from api.pages import formats
from api.pages.recent import Recent
from api.pages.rendering import reader_language
from api.pages.wording import Wording, wording
from api.parameters import DEFAULT_ZONE
from ledger.catalogue import Names
from ledger.divisions import division_names
from ledger.hashing import keccak
from ledger.index.records import CategoryRecord
from ledger.registers import REGISTERS
from ledger.standing import Status
from ledger.typed_data import REGISTER_PREFIX, hexed

#: What may be a code in a reason of the ledger layer: a kind, a category, a register, a kind of
#: identifier, or a number with the code of its unit.
_CODE: Final = re.compile(
    r"(?P<amount>[0-9]+) (?P<unit>[A-Z][A-Z0-9]{1,2})(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9.-])(?P<word>[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*)(?![A-Za-z0-9])"
)

_NUMBER: Final = re.compile(r"(?<![0-9,.:+-])[0-9]{4,15}(?![0-9:-]|[.,][0-9])")


#: The categories of a few ledgers, as they are at a position.
_CATEGORIES: Final = Recent(8)


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation as pages name it: ``id`` is hex."""

    id: str
    name_zh: str
    name_en: str
    identifier: str


@dataclass(frozen=True)
class Lexicon:
    """The words of one request; the ledger's own names of categories come first."""

    context: Context
    t: Wording

    @classmethod
    def of(cls, request: Request) -> "Lexicon":
        return cls(Context.of(request), wording(reader_language(request)))

    @cached_property
    def categories(self) -> Mapping[str, CategoryRecord]:
        """The categories that the authority set; read once for a position of the ledger."""
        workspace = self.context.workspace
        found: Mapping[str, CategoryRecord] = _CATEGORIES.get(
            (workspace.data, self.context.position), workspace.index.categories
        )
        return found

    def category(self, code: str) -> str:
        found = self.categories.get(code)
        return self._one(Names(found.name_zh, found.name_en), code) if found else code

    def unit_of(self, category: str) -> str:
        """The code of the category's base unit; pieces where it is not known."""
        found = self.categories.get(category)
        return found.unit if found else "H87"

    def units(self) -> list[tuple[str, str]]:
        units = self.context.workspace.catalogue.units
        return [(code, self._one(names, code)) for code, names in units.items()]

    def amount(self, quantity: int, unit: str) -> str:
        """A quantity with its unit, as the reader writes it: 1,880 kg, 700,000 pieces."""
        if unit in formats.MEASURES:
            return formats.measured(quantity, unit, self.t.language)
        if f"unit.{unit}" in self.t.counted:
            return self.t.count(f"unit.{unit}", quantity)
        return self.t("quantity.with-unit", quantity=formats.number(quantity), unit=self.unit(unit))

    def unit(self, code: str) -> str:
        names = self.context.workspace.catalogue.units.get(code)
        return self._one(names, code) if names else code

    @cached_property
    def _kinds(self) -> Mapping[str, Names]:
        return {k.code: k.names for k in self.context.workspace.catalogue.kinds}

    def kind(self, code: str) -> str:
        names = self._kinds.get(code)
        return self._one(names, code) if names else code

    def mark(self, what: str, shown: str) -> str:
        """What two holders share (``ledger.history.Mark``): a number with its kind in words, or a
        document's hash."""
        if what != "number":
            return shown
        kind, _, number = shown.partition(" ")
        return f"{self.kind(kind)} {number}"

    def kind_of_hash(self, hashed: str) -> str:
        """The name of the kind whose keccak-256 this is (0x hex); the hash where none is known."""
        return next((self.kind(c) for c in self._kinds if _hash_of(c) == hashed), hashed)

    def register_of_hash(self, hashed: str) -> str:
        """The name of the register by the keccak-256 of its full name; the hash otherwise."""
        found = (self.register(r) for r in REGISTERS if _hash_of(REGISTER_PREFIX + r) == hashed)
        return next(found, hashed)

    def reason(self, text: str) -> str:
        """A reason of the ledger layer with its codes called by their names."""

        def named(found: re.Match[str]) -> str:
            if found["unit"]:
                if found["unit"] not in self.context.workspace.catalogue.units:
                    return found[0]
                return self.amount(int(found["amount"]), found["unit"])
            # A kind and the register that it is mirrored from may have one code: a reason begins
            # with the kind that it is about.
            word, begins = found["word"], found.start() == 0
            if begins and word in self._kinds:
                return self.kind(word)
            return self._named_code(word)

        return _CODE.sub(named, text)

    def amounts(self, text: str) -> str:
        """A reason about quantities with its numbers in groups; dates stay as they are."""
        return _NUMBER.sub(lambda found: formats.number(int(found[0])), text)

    def _named_code(self, word: str) -> str:
        """The name of a code that is no ordinary word; everything else as it is."""
        register = self.t.word_or("register", word, "")
        if register or word in self._kinds:
            return register or self.kind(word)
        if "." in word and word in self.categories:
            return self.category(word)
        return self.t.word_or("identifier", word, word)

    def register(self, name: str) -> str:
        plain = name.removeprefix(REGISTER_PREFIX)
        return self.t.word_or("register", plain, plain)

    def identifier_kind(self, kind: str) -> str:
        if kind.startswith(REGISTER_PREFIX):
            return self.t("identifier.of-register")
        return self.t.word_or("identifier", kind, kind)

    def origin(self, identifier_kind: str) -> str:
        """How the organisation came onto the ledger."""
        if identifier_kind.startswith(REGISTER_PREFIX):
            return self.t("origin.listed", register=self.register(identifier_kind))
        return self.t("origin.registered")

    def scope(self, category: str, model: str) -> str:
        """A category and a model in words."""
        name = self.category(category)
        if not model:
            return self.t("scope.without-model", category=name)
        return self.t("scope.with-model", category=name, model=model)

    def status(self, status: Status) -> str:
        return self.t.word("status", status.value)

    def division(self, code: int | str) -> str:
        """A division by its code of up to 12 digits (0: none is stated) with all that it lies in;
        as far as it has a name."""
        shown = str(code)
        if not int(code):
            return self.t("division.unstated")
        found = division_names(code)
        if found is None:
            return self.t("division.unknown", code=shown)
        name = {"zh": found.zh, "en": found.en}[self.t.language]
        if not found.whole:
            return self.t("division.partly", name=name, code=shown)
        return self.t("division.former", name=name) if found.former else name

    def organisations(self, ids: Iterable[bytes]) -> dict[str, Named]:
        """The names of these organisations by hex id; one that is unknown is called by its id."""
        wanted = set(ids)
        known = self.context.workspace.index.organisations(wanted)
        named = {}
        for id_ in wanted:
            text = hexed(id_)
            o = known.get(id_)
            named[text] = (
                Named(text, o.name_zh, o.name_en, o.identifier) if o else Named(text, "", "", text)
            )
        return named

    def name(self, o: Named) -> str:
        first, second = (
            (o.name_zh, o.name_en) if self.t.language == "zh" else (o.name_en, o.name_zh)
        )
        return first or second or o.identifier

    def instant(self, seconds: int, zone: str = DEFAULT_ZONE) -> str:
        """An instant with its zone, as the reader's language writes it."""
        return formats.instant(seconds, zone, self.t.language)

    def day(self, seconds: int, zone: str = DEFAULT_ZONE) -> str:
        """The day of an instant, as the reader's language writes it."""
        return formats.day(seconds, zone, self.t.language)

    def _one(self, names: Names, code: str) -> str:
        return names.name(self.t.language) or names.zh or names.en or code


def _hash_of(text: str) -> str:
    return hexed(keccak(text.encode()))
