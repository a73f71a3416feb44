"""The catalogue that comes along, and what a broken one is refused for."""

import copy
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from ledger.catalogue import load, parse
from ledger.catalogue.acts import acts
from ledger.errors import RequestError
from ledger.registers import REGISTERS

DATA = json.loads(files("ledger.catalogue").joinpath("catalogue.json").read_text("utf-8"))


def test_the_catalogue_names_everything_in_both_languages() -> None:
    catalogue = load()
    names = [c.names for c in catalogue.categories] + [k.names for k in catalogue.kinds]
    for both in names:
        assert both.name("zh") != both.name("en")
    assert catalogue.category("mask.respirator.n95").names.zh == "N95 防护口罩（NIOSH 批准）"
    assert catalogue.kind("niosh-approval").zone == "America/New_York"


def test_public_codes_are_carried_with_their_system() -> None:
    assert load().category("mask.surgical").codes_text == "HS 6307.90; YY 0469-2011"
    assert load().category("mask.respirator.n95").codes_text == "HS 6307.90; 42 CFR 84"


def test_conversions_are_those_of_the_units_themselves() -> None:
    assert load().conversions["KGM"]["GRM"] == 1_000
    assert (
        load().conversions["TNE"]["KGM"] * load().conversions["KGM"]["GRM"]
        == (load().conversions["TNE"]["GRM"])
    )
    assert "XCT" not in load().conversions, "nobody knows what a carton holds"


def test_a_tonne_of_meltblown_gives_at_most_a_million_masks() -> None:
    [process] = [p for p in load().processes if p.category == "mask.surgical"]
    [meltblown] = [i for i in process.ingredients if i.category == "fabric.meltblown"]
    assert (meltblown.unit, process.unit) == ("KGM", "H87")
    assert process.per / meltblown.least == 1_000, "masks for a kilogram, without any loss"
    assert process.per / meltblown.most == 800, "with the usual loss"


def test_the_acts_name_what_they_rest_on_first() -> None:
    known: set[str] = set()
    for action, fields in acts(load(), 1):
        if action == "SetCategory":
            assert fields["parent"] in ("", *known)
            known.add(str(fields["category"]))
        else:
            assert fields["category"] in known
            assert fields.get("input", fields["category"]) in known
    assert {a for a, _ in acts(load(), 1)} == {"SetCategory", "SetRequirement", "SetIngredient"}


def test_no_supplier_needs_more_than_three_kinds() -> None:
    assert max(len(c.requires) for c in load().categories) <= 3


def test_only_resin_enters_as_raw_material() -> None:
    assert [c.code for c in load().categories if c.raw_material] == ["resin.polypropylene"]


def test_every_register_states_kinds_of_the_catalogue() -> None:
    for reader in REGISTERS.values():
        for kind in reader.kinds:
            assert load().kind(kind).register == reader.register
            assert load().kind(kind).zone == reader.zone


def test_an_unknown_code_is_refused_with_the_near_ones() -> None:
    with pytest.raises(RequestError, match=r"mask\.surgical") as refused:
        load().category("mask.surgial")
    assert (refused.value.field, refused.value.code) == ("category", "category.unknown")
    with pytest.raises(RequestError) as refused:
        load().kind("driving-licence")
    assert refused.value.field == "kind"


def test_children_stand_under_their_parent() -> None:
    assert "mask.respirator.n95" in [c.code for c in load().children("mask.respirator")]


def _set(path: list[Any], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        target: Any = data
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_set(["version"], None), id="no version"),
        pytest.param(_set(["categories", 0, "zh"], ""), id="no Chinese name"),
        pytest.param(_set(["categories", 0, "code"], "Mask"), id="a code in capitals"),
        pytest.param(_set(["categories", 1, "code"], "mask"), id="a code twice"),
        pytest.param(_set(["categories", 0, "parent"], "mask.surgical"), id="a parent after it"),
        pytest.param(_set(["categories", 0, "unit"], "XYZ"), id="an unknown unit"),
        pytest.param(_set(["categories", 0, "requires"], ["nothing"]), id="an unknown kind"),
        pytest.param(_set(["categories", 0, "raw_material"], "yes"), id="a word for a truth"),
        pytest.param(_set(["categories", 0, "codes"], {"ABC": ["1"]}), id="an unknown system"),
        pytest.param(_set(["processes", 0, "category"], "nothing"), id="a process of nothing"),
        pytest.param(_set(["processes", 0, "unit"], "XYZ"), id="a process in no unit"),
        pytest.param(_set(["processes", 0, "per"], 0), id="a process per nothing"),
        pytest.param(_set(["processes", 0, "ingredients"], []), id="a process without input"),
        pytest.param(
            _set(["processes", 0, "ingredients", 0, "category"], "fabric.meltblown"),
            id="a process that makes its own input",
        ),
        pytest.param(_set(["processes", 0, "ingredients", 0, "least"], 0), id="least of nothing"),
        pytest.param(_set(["processes", 0, "ingredients", 0, "most"], 1), id="most below least"),
        pytest.param(_set(["processes", 1, "code"], "meltblowing"), id="a process twice"),
        pytest.param(_set(["conversions", "KGM"], {"XYZ": 1000}), id="a conversion to no unit"),
        pytest.param(_set(["conversions", "KGM"], {"KGM": 1000}), id="a conversion to itself"),
        pytest.param(_set(["conversions", "KGM"], {"GRM": 1.5}), id="a broken conversion"),
        pytest.param(_set(["kinds", 0, "zone"], "Asia/Nowhere"), id="an unknown zone"),
        pytest.param(_set(["kinds", 0, "issuer"], {"en": "x"}), id="an issuer in one language"),
    ],
)
def test_a_broken_catalogue_is_refused_naming_the_place(
    change: Callable[[dict[str, Any]], None],
) -> None:
    data = copy.deepcopy(DATA)
    change(data)
    with pytest.raises(RequestError) as refused:
        parse(data)
    assert refused.value.code == "catalogue.broken"
    assert refused.value.field
