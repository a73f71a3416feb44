"""The form of evidence is written down once, and every member of it is explained."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema_rs import validator_for

from ledger.evidence.schema import parts, schema, schema_bytes


def members(value: Any, where: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every member that the schema declares, wherever it stands, with its own schema."""
    if isinstance(value, dict):
        for name, declared in value.get("properties", {}).items():
            if set(declared) - {"const", "$ref"}:
                yield f"{where}/{name}", declared
        for name, inner in value.items():
            yield from members(inner, f"{where}/{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from members(inner, f"{where}/{place}")


def test_the_schema_is_a_schema() -> None:
    validator_for({"$ref": "https://json-schema.org/draft/2020-12/schema"}).validate(dict(schema()))
    assert schema_bytes().isascii() is False  # the Chinese stands there readable


def test_every_member_of_the_format_is_explained_in_both_languages() -> None:
    declared = list(members(dict(schema())))
    assert len(declared) > 150
    for where, one in (*declared, *((name, d) for name, d in schema()["$defs"].items())):
        for text in (one["title"], one["description"]):
            assert text.strip(), where
        for text in (one["x-zh"]["title"], one["x-zh"]["description"]):
            assert text == "GTIN" or any("\u4e00" <= c <= "\u9fff" for c in text), where


def test_the_explanation_leaves_out_no_member() -> None:
    told = {part.name: {m.name for m in part.members} for part in parts()}
    for name, definition in schema()["$defs"].items():
        forms = (definition, *definition.get("oneOf", ()))
        assert told[name] == {m for form in forms for m in form.get("properties", {})}, name
    assert told["bundle"] == set(schema()["required"])


def test_what_a_member_refers_to_is_explained_too() -> None:
    told = {part.name for part in parts()}
    for part in parts():
        assert {m.form for m in part.members if m.refers} <= told, part.name


@pytest.mark.parametrize("name", sorted(schema()["$defs"]))
def test_no_object_of_the_format_takes_a_member_that_it_does_not_name(name: str) -> None:
    definition = schema()["$defs"][name]
    for form in (definition, *definition.get("oneOf", ())):
        if "properties" in form:
            assert form["additionalProperties"] is False
