"""The catalogue as acts of the authority: what it signs to set categories, requirements and
processes."""

from collections.abc import Iterator, Mapping

from ledger.catalogue import Catalogue
from ledger.typed_data import Value, named_subject
from ledger.vocabulary import NO_END


def acts(catalogue: Catalogue, required_from: int) -> Iterator[tuple[str, dict[str, Value]]]:
    """(action, fields) in the order in which they must be recorded: a parent before its children,
    every category before what it requires and before the processes that name it. Requirements
    hold from ``required_from`` (UTC seconds) without end."""
    for category in catalogue.categories:
        yield (
            "SetCategory",
            {
                "rawMaterial": category.raw_material,
                "category": category.code,
                "parent": category.parent,
                "nameZh": category.names.zh,
                "nameEn": category.names.en,
                "unit": category.unit,
                "codes": category.codes_text,
            },
        )
    for category in catalogue.categories:
        for kind in category.requires:
            yield (
                "SetRequirement",
                {"from": required_from, "until": NO_END, "category": category.code, "kind": kind},
            )
    for process in catalogue.processes:
        for ingredient in process.ingredients:
            yield (
                "SetIngredient",
                {
                    "least": ingredient.least,
                    "most": ingredient.most,
                    "per": process.per,
                    "process": process.code,
                    "category": process.category,
                    "unit": process.unit,
                    "input": ingredient.category,
                    "inputUnit": ingredient.unit,
                },
            )


def subject_of(action: str, fields: Mapping[str, Value]) -> bytes:
    """The chain that an act of the catalogue moves: that of its category or process."""
    kind = "process" if action == "SetIngredient" else "category"
    return named_subject(kind, str(fields[kind]))
