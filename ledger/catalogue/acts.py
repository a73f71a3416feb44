"""The catalogue as acts of the authority: what it signs to set categories and requirements."""

from collections.abc import Iterator

from ledger.catalogue import Catalogue
from ledger.typed_data import Value
from ledger.vocabulary import NO_END


def acts(catalogue: Catalogue, required_from: int) -> Iterator[tuple[str, dict[str, Value]]]:
    """(action, fields) in the order in which they must be recorded: a parent before its children,
    every category before what it requires. Requirements hold from ``required_from`` (UTC seconds)
    without end."""
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
