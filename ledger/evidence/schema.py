"""The form of evidence as a JSON Schema, and what each member means, in both languages.

``schema.json`` (JSON Schema 2020-12) is the one place where that stands: English in ``title`` and
``description``, Chinese in ``x-zh``, which validators pass over. The page that explains the fields
is made from it.

>>> parts()[0].members[0].name
'format'
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from ledger.verdict_texts import Both

_DEFINED: Final = "#/$defs/"
#: What the claim of each kind is called among the definitions.
_CLAIM: Final = "claim-"


@cache
def schema_bytes() -> bytes:
    """``schema.json`` as it stands."""
    return files(__package__).joinpath("schema.json").read_bytes()


@cache
def schema() -> Mapping[str, Any]:
    """The schema of a bundle."""
    found: Mapping[str, Any] = orjson.loads(schema_bytes())
    return found


@dataclass(frozen=True, slots=True)
class Explained:
    """A member of an object. ``form`` is what it holds, as a type's name or the name of a part;
    ``refers`` says which. ``many`` says that it is a list of these."""

    name: str
    title: Both
    description: Both
    form: str
    refers: bool
    many: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Part:
    """An object of the format with its members, or a form that values have (no members)."""

    name: str
    title: Both
    description: Both
    members: tuple[Explained, ...]


@cache
def parts() -> tuple[Part, ...]:
    """Everything that stands in a bundle: the bundle, its claims, its objects, its plain forms."""
    whole = schema()
    found = [*_parts("bundle", whole)]
    definitions = whole["$defs"]
    claims = {name: d for name, d in definitions.items() if name.startswith(_CLAIM)}
    others = {name: d for name, d in definitions.items() if name not in claims}
    for name, definition in (*claims.items(), *others.items()):
        found.extend(_parts(name, definition))
    return tuple(sorted(found, key=lambda part: not part.members))


def title_of(part: str, member: str = "") -> Both | None:
    """What the part, or a member of it, is called; None where there is none of that name."""
    found = next((p for p in parts() if p.name == part), None)
    if found is None or not member:
        return None if found is None else found.title
    return next((m.title for m in found.members if m.name == member), None)


def _parts(name: str, definition: Mapping[str, Any]) -> Iterator[Part]:
    """The object, and those that stand in its members without a name of their own."""
    members: dict[str, Explained] = {}
    unnamed: list[tuple[str, Mapping[str, Any]]] = []
    for form in (definition, *definition.get("oneOf", ())):
        required = form.get("required", ())
        for member, value in form.get("properties", {}).items():
            if member in members:
                continue  # the rule of a seal is explained with the first
            inner = _inner(value)
            if "properties" in inner:
                unnamed.append((f"{name}.{member}", {**value, **inner}))
            members[member] = _explained(name, member, value, member not in required)
    yield Part(name, *_texts(definition), tuple(members.values()))
    for inner_name, inner in unnamed:
        yield from _parts(inner_name, inner)


def _explained(of: str, name: str, value: Mapping[str, Any], optional: bool) -> Explained:
    inner = _inner(value)
    many = "items" in value
    if "$ref" in inner:
        form, refers = inner["$ref"].removeprefix(_DEFINED), True
    elif "properties" in inner:
        form, refers = f"{of}.{name}", True
    else:
        form, refers = str(inner.get("type", "string")), False
    return Explained(name, *_texts(value), form, refers, many, optional)


def _inner(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the value is where it is there, or what its items are."""
    if "items" in value:
        return _inner(value["items"])
    if "oneOf" in value:
        return _inner(next(form for form in value["oneOf"] if form.get("type") != "null"))
    return value


def _texts(value: Mapping[str, Any]) -> tuple[Both, Both]:
    chinese = value["x-zh"]
    return (
        Both(value["title"], chinese["title"]),
        Both(value["description"], chinese["description"]),
    )
