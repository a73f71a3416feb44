"""Which goods an item of a list means, and which unit: small explicit tables and nothing else.

Rules kept here:

* Two items are one only if they are written alike once width, case, white space and brackets'
  width are set aside, or if :data:`SYNONYMS` says so and why. Likeness is never guessed.
* A category is stated where the words leave no choice. "N95" in such a list is a claim and no
  approval, so it is a respirator and not an approved one; what is unclear has no category.
* A unit has a code only where one word means one thing. 件 is a piece of clothing and also a
  case: the distribution list of 30 January 2020 counts the same goggles, "200个/箱", in 箱 for
  one hospital and in 件 for the others. It has no code here.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Synonym:
    """``written`` (normal form) means ``item``; ``reason`` says who may think so, and why."""

    written: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, with its code; ``meaning`` is the name that the code list gives."""

    written: str
    code: str
    meaning: str


#: Every pair was read in the lists of 29 and 30 January 2020; rows are those of the lists.
SYNONYMS: Final[Mapping[str, Synonym]] = {
    s.written: s
    for s in (
        Synonym("84消费液", "84消毒液", "misprint: 消费 for 消毒, distribution list, row 15"),
        Synonym("医用性外科口罩", "医用外科口罩", "misprint: issue 8-2, row 137"),
        Synonym("口罩n95", "n95口罩", "the same two words in the other order"),
        Synonym("监护仪b850", "病人监护仪b850", "one model of one maker, issue 7-2, rows 8, 18"),
        Synonym(
            "护目镜(1*100)日本", "护目镜(日本)",
            "the bracket is the packing that both have as specification (80箱*100)",
        ),
        Synonym(
            "爱护佳tm免洗手消毒液9250p500ml", "爱护佳tm免洗手消毒液9250p",
            "the size stands in the item here and in the specification elsewhere",
        ),
        Synonym(
            "三氯异氰尿酸消毒片(万消灵)", "三氯异氰尿酸消毒片",
            "the bracket is a trade name of the same tablet",
        ),
        Synonym(
            "带阀口罩kn95()定向捐赠同济医院病理科", "带阀口罩kn95",
            "the rest names for whom it was given, issue 7-2, row 43",
        ),
        Synonym(
            "防护口罩(萌蒂制药)", "防护口罩",
            "the bracket is the donor of issue 8-2, row 11",
        ),
        Synonym(
            "检查手套(有粉光面抗拉强度大于等于14mpa)", "检查手套",
            "the bracket describes the quality, issue 8-2, row 24",
        ),
    )
}  # fmt: skip

#: UN/ECE Recommendation 20 (units): H87, PR, SET. Packages: Recommendation 21 with
#: the prefix X, as Recommendation 20 asks; its own CT, BX and PK are struck out of it. Not here,
#: since they mean several things: 件 (piece, case), 副 (pair, piece), 桶 (bucket, drum), 罐 (tin,
#: jar), 小箱 and 小盒 (some size of carton or box).
UNITS: Final[Mapping[str, Unit]] = {
    unit.written: unit
    for unit in (
        *(Unit(written, "H87", "piece") for written in ("只", "个", "支", "片", "枚", "台", "张")),
        Unit("双", "PR", "pair"),
        Unit("套", "SET", "set"),
        Unit("箱", "XCT", "carton"),
        Unit("盒", "XBX", "box"),
        Unit("包", "XPK", "package"),
        Unit("袋", "XBG", "bag"),
        Unit("瓶", "XBO", "bottle, non-protected, cylindrical"),
    )
}

#: Items (normal form) that are a category by their name.
CATEGORIES: Final[Mapping[str, str]] = {
    "医用外科口罩": "mask.surgical",
    "一次性医用口罩": "mask.medical-disposable",
    "一次性使用医用口罩": "mask.medical-disposable",
    "医用防护口罩": "mask.respirator.medical",
    "防护服": "clothing.protective",
    "护目镜": "goggles",
    "护目镜(日本)": "goggles",
    "医用护目镜": "goggles",
    "一次性医用橡胶检查手套": "gloves.examination",
    "带阀口罩kn95": "mask.respirator.kn95",
}
_MASK: Final = re.compile(r"口罩(?:[0-9]*|\([^()]*\))")
_DISINFECTANT: Final = re.compile(r"消毒液(?:[0-9]*|\([^()]*\))")


def normal_item(text: str) -> str:
    """An item in the form in which two are compared: NFKC, no white space, lower case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def item_key(text: str) -> str:
    """What an item is grouped by: its normal form, or what :data:`SYNONYMS` says it means."""
    normal = normal_item(text)
    return SYNONYMS[normal].item if normal in SYNONYMS else normal


def category_of(item: str) -> str | None:
    """The category of the catalogue that an item as written means; None where it is not plain.

    A word ending in 口罩 is a mask of some kind; the kind is stated only where the whole item is
    the name of one. N95 and KN95 before it are what the list claims about it.
    """
    key = item_key(item)
    if key in CATEGORIES:
        return CATEGORIES[key]
    head, mask, tail = key.rpartition("口罩")
    if mask and _MASK.fullmatch(mask + tail):
        if "kn95" in head:
            return "mask.respirator.kn95"
        return "mask.respirator" if "n95" in head else "mask"
    _, found, tail = key.rpartition("消毒液")
    if found and _DISINFECTANT.fullmatch(found + tail):
        return "disinfectant"
    return None


def normal_unit(text: str) -> str:
    """A unit in the form in which two are compared."""
    return normal_item(text)
