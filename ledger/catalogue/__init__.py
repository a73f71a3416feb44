"""Product categories, kinds of qualification and processes: data that the authority writes onto
the ledger.

The catalogue shipped here is a proposal to start from: ``SetCategory``, ``SetRequirement`` and
``SetIngredient`` entries make it binding, and the ledger's own list is what rules afterwards. Codes
of public systems (HS, GB, YY, EN, ASTM, CFR) stand here only where they are known for certain.
Units are UN/ECE Recommendation 20 codes, packages those of Recommendation 21 with an X before
them; one unit is worth a number of another only where Recommendation 20 states it, so a carton is
worth nothing. What a process needs are usual orders of magnitude: a flat surgical mask has about
1 g of meltblown and two layers of spunbond.

Rules this module keeps: every code is unique and has a name in both languages; a parent exists
and no category is its own ancestor; every required kind exists; a category whose kinds are
alternatives is not expressible, so alternatives are categories of their own; a process names
categories and units that exist, and what it makes is never its own ingredient.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from ledger.errors import RequestError

_CODE: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_SYSTEMS: Final = frozenset({"HS", "UNSPSC", "GB", "YY", "EN", "ASTM", "CFR"})


@dataclass(frozen=True, slots=True)
class Names:
    """One name in both languages."""

    zh: str
    en: str

    def name(self, language: str) -> str:
        """The name in ``zh`` or, for every other language, in English."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Category:
    """A product scope. ``unit`` is its base unit (UN/ECE Rec 20); ``codes`` are (system, code).

    ``parent`` groups for people and hands its requirements on; that a qualification for the parent
    covers this category too is a condition of a verdict (check 9), never a matter of course.
    ``requires`` are the kinds that a supplier of it needs, all of them.
    """

    code: str
    parent: str
    names: Names
    unit: str
    raw_material: bool
    codes: tuple[tuple[str, str], ...]
    requires: tuple[str, ...]

    @property
    def codes_text(self) -> str:
        """The codes as ``SetCategory`` carries them: ``HS 6307.90; GB 2626-2019``."""
        return "; ".join(
            code if code.startswith(system) or system == "CFR" else f"{system} {code}"
            for system, code in self.codes
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of qualification: who issues it, in whose ``zone`` its days are counted (IANA).

    ``register`` names the register from which it can be mirrored, or is empty.
    """

    code: str
    names: Names
    issuer: Names
    zone: str
    register: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What a process uses up: at least ``least``, usually at most ``most`` (0: no bound), in
    ``unit``, for every ``per`` that it makes."""

    category: str
    unit: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Process:
    """How goods are made: ``per`` of the output, a ``category`` in a ``unit``, of what."""

    code: str
    names: Names
    category: str
    unit: str
    per: int
    ingredients: tuple[Ingredient, ...]


@dataclass(frozen=True)
class Catalogue:
    """Categories and kinds by their codes, parents before their children. ``conversions``: how
    many of a finer unit one of a unit is."""

    version: str
    categories: tuple[Category, ...]
    kinds: tuple[Kind, ...]
    units: Mapping[str, Names]
    conversions: Mapping[str, Mapping[str, int]]
    processes: tuple[Process, ...]

    @cached_property
    def _categories(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def _kinds(self) -> Mapping[str, Kind]:
        return {kind.code: kind for kind in self.kinds}

    def category(self, code: str) -> Category:
        """The category with this code; ``RequestError`` names the nearest codes if unknown."""
        if code not in self._categories:
            raise _unknown("category", "产品类别", code, self._categories)
        return self._categories[code]

    def kind(self, code: str) -> Kind:
        """The kind of qualification with this code; ``RequestError`` if unknown."""
        if code not in self._kinds:
            raise _unknown("kind", "资质种类", code, self._kinds)
        return self._kinds[code]

    def children(self, code: str) -> tuple[Category, ...]:
        """The categories directly under ``code`` (under the root for the empty code)."""
        return tuple(c for c in self.categories if c.parent == code)


def _unknown(field: str, field_zh: str, code: str, known: Iterable[str]) -> RequestError:
    near = [k for k in known if code.split(".")[0] and k.startswith(code.split(".")[0])]
    hint = f"; there are {', '.join(near)}" if near else ""
    hint_zh = f"；可用的有 {'、'.join(near)}" if near else ""
    return RequestError(
        f"unknown {field} {code!r}{hint}",
        message_zh=f"未知的{field_zh} {code!r}{hint_zh}",
        field=field,
        code=f"{field}.unknown",
    )


def _broken(where: str, en: str, zh: str) -> RequestError:
    return RequestError(
        f"catalogue, {where}: {en}",
        message_zh=f"目录 {where}：{zh}",
        field=where,
        code="catalogue.broken",
    )


def _names(where: str, data: Any) -> Names:
    zh, en = (data.get("zh"), data.get("en")) if isinstance(data, dict) else (None, None)
    if not (isinstance(zh, str) and zh.strip() and isinstance(en, str) and en.strip()):
        raise _broken(where, "a name is needed in zh and en", "须有中文和英文名称")
    return Names(zh, en)


def _code(where: str, data: Mapping[str, Any], seen: Iterable[str]) -> str:
    code = data.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise _broken(
            where,
            f"{code!r} is no code (lower-case words with dots or hyphens)",
            f"{code!r} 不是有效代码（小写字母数字，以点或连字符分隔）",
        )
    if code in seen:
        raise _broken(code, "stands there twice", "重复出现")
    return code


def _kind(index: int, data: Mapping[str, Any], seen: Iterable[str]) -> Kind:
    code = _code(f"kinds[{index}]", data, seen)
    zone = data.get("zone")
    try:
        ZoneInfo(str(zone))
    except (KeyError, ValueError, OSError) as error:
        raise _broken(code, f"{zone!r} is no time zone", f"{zone!r} 不是有效时区") from error
    return Kind(
        code,
        _names(code, data),
        _names(code, data.get("issuer")),
        str(zone),
        str(data.get("register", "")),
    )


def _codes(code: str, data: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for system, values in (data or {}).items():
        if system not in _SYSTEMS:
            raise _broken(code, f"unknown code system {system!r}", f"未知的编码体系 {system!r}")
        found += [(system, str(value)) for value in values]
    return tuple(found)


def _category(
    index: int,
    data: Mapping[str, Any],
    seen: Sequence[str],
    kinds: Iterable[str],
    units: Iterable[str],
) -> Category:
    code = _code(f"categories[{index}]", data, seen)
    parent, unit = str(data.get("parent", "")), str(data.get("unit", ""))
    if parent and parent not in seen:
        raise _broken(
            code,
            f"the parent {parent!r} does not stand before it",
            f"上级 {parent!r} 不在其前",
        )
    if unit not in units:
        raise _broken(code, f"unknown unit {unit!r}", f"未知的计量单位 {unit!r}")
    requires = tuple(data.get("requires", ()))
    for kind in requires:
        if kind not in kinds:
            raise _broken(code, f"unknown kind {kind!r}", f"未知的资质种类 {kind!r}")
    raw = data.get("raw_material", False)
    if not isinstance(raw, bool):
        raise _broken(
            code,
            "raw_material must be true or false",
            "raw_material 须为 true 或 false",
        )
    names = _names(code, data)
    return Category(
        code,
        parent,
        names,
        unit,
        raw,
        _codes(code, data.get("codes")),
        requires,
    )


def _conversions(data: Mapping[str, Any], units: Iterable[str]) -> Mapping[str, Mapping[str, int]]:
    for unit, finer in data.items():
        for code, count in finer.items():
            if unit not in units or code not in units or unit == code:
                raise _broken(
                    f"conversions.{unit}",
                    f"{unit} and {code} are no two known units",
                    f"{unit} 与 {code} 不是两个已知的计量单位",
                )
            _number(f"conversions.{unit}", code, count, least=2)
    return data


def _number(where: str, name: str, value: Any, *, least: int) -> int:
    if type(value) is not int or value < least:
        raise _broken(
            where,
            f"{name} must be a whole number from {least}",
            f"{name} 须为不小于 {least} 的整数",
        )
    return value


def _goods(
    code: str, data: Mapping[str, Any], categories: Iterable[str], units: Iterable[str]
) -> tuple[str, str]:
    category, unit = str(data.get("category")), str(data.get("unit"))
    if category not in categories:
        raise _broken(code, f"unknown category {category!r}", f"未知的产品类别 {category!r}")
    if unit not in units:
        raise _broken(code, f"unknown unit {unit!r}", f"未知的计量单位 {unit!r}")
    return category, unit


def _process(
    index: int,
    data: Mapping[str, Any],
    seen: Iterable[str],
    categories: Iterable[str],
    units: Iterable[str],
) -> Process:
    code = _code(f"processes[{index}]", data, seen)
    output = _goods(code, data, categories, units)
    ingredients: list[Ingredient] = []
    for row in data.get("ingredients", ()):
        goods = _goods(code, row, categories, units)
        least = _number(code, "least", row.get("least"), least=1)
        most = _number(code, "most", row.get("most", 0), least=0)
        if goods == output or goods in [(i.category, i.unit) for i in ingredients]:
            raise _broken(
                code,
                f"{goods[0]} is what it makes, or stands there twice",
                f"{goods[0]} 是其产出，或重复出现",
            )
        if 0 < most < least:
            raise _broken(code, "most is less than least", "most 小于 least")
        ingredients.append(Ingredient(*goods, least, most))
    if not ingredients:
        raise _broken(code, "a process needs an ingredient", "工艺须有投入物")
    per = _number(code, "per", data.get("per"), least=1)
    return Process(code, _names(code, data), *output, per, tuple(ingredients))


def parse(data: Mapping[str, Any]) -> Catalogue:
    """A catalogue from its JSON form; raises ``RequestError`` naming what breaks a rule."""
    if not isinstance(data.get("version"), str):
        raise _broken("version", "is missing", "缺失")
    units = {unit: _names(unit, names) for unit, names in data.get("units", {}).items()}
    kinds: dict[str, Kind] = {}
    for index, row in enumerate(data.get("kinds", ())):
        kind = _kind(index, row, kinds)
        kinds[kind.code] = kind
    categories: dict[str, Category] = {}
    for index, row in enumerate(data.get("categories", ())):
        category = _category(index, row, list(categories), kinds, units)
        categories[category.code] = category
    processes: dict[str, Process] = {}
    for index, row in enumerate(data.get("processes", ())):
        process = _process(index, row, processes, categories, units)
        processes[process.code] = process
    return Catalogue(
        data["version"],
        tuple(categories.values()),
        tuple(kinds.values()),
        units,
        _conversions(data.get("conversions", {}), units),
        tuple(processes.values()),
    )


@cache
def load() -> Catalogue:
    """The catalogue that comes with the distribution."""
    text = files(__name__).joinpath("catalogue.json").read_text(encoding="utf-8")
    return parse(json.loads(text))
