"""The 12-digit statistical division code of China: five nested levels.

Province 2 digits, city 4, county 6, township 9, community 12 (the national statistics bureau's
codes; the first six digits are those of GB/T 2260). A shorter code is the same division with
zeros behind it. Whether a code is in use today is not decided here: the list changes yearly.

``divisions.tsv`` beside this module names provinces, cities and counties, today's and former ones
(``scripts/divisions`` makes it, and says of what). Townships and communities have no names here.

>>> division_names("420102000000").zh
'湖北省武汉市江岸区'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from ledger.errors import RequestError

#: Digits that are significant at each level, from province to community.
LEVELS: Final = (2, 4, 6, 9, 12)

_PROVINCES: Final = frozenset(
    f"{region}{number}"
    for region, count in ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5), (7, 1), (8, 2))
    for number in range(1, count + 1)
) | {"50"}
#: Prefecture-level cities without counties: their townships hang directly under the city, so
#: the county digits are zero (Jiayuguan, Dongguan, Zhongshan, Danzhou).
_WITHOUT_COUNTIES: Final = frozenset({"6202", "4419", "4420", "4604"})


def _refuse(text: str, en: str, zh: str) -> RequestError:
    return RequestError(
        f"division code {text!r}: {en}",
        message_zh=f"行政区划代码 {text!r}：{zh}",
        field="division",
        code="identifier.division",
    )


def parse_division(text: str) -> str:
    """The full 12 digits of a division given with 2, 4, 6, 9 or 12 digits.

    Raises ``RequestError`` where the length, a character, the province or the nesting is wrong.
    """
    if not (text.isascii() and text.isdigit()):
        raise _refuse(text, "only digits are allowed", "只能由数字组成")
    if len(text) not in LEVELS:
        raise _refuse(
            text,
            f"2, 4, 6, 9 or 12 digits are needed, {len(text)} were given",
            f"应为 2、4、6、9 或 12 位数字，现为 {len(text)} 位",
        )
    code = text.ljust(12, "0")
    if code[:2] not in _PROVINCES:
        raise _refuse(
            text,
            f"there is no province {code[:2]}",
            f"没有代码为 {code[:2]} 的省级区划",
        )
    parts = (code[2:4], code[4:6], code[6:9], code[9:12])
    filled = [int(part) != 0 for part in parts]
    if code[:4] in _WITHOUT_COUNTIES:
        filled[1] = filled[1] or filled[2]
    for above, below in pairwise(filled):
        if below and not above:
            raise _refuse(
                text,
                "a level is filled below an empty one (2 + 2 + 2 + 3 + 3 digits)",
                "上一级为空而下一级不为空（2 + 2 + 2 + 3 + 3 位）",
            )
    return code


def level(code: str) -> int:
    """How many digits of a full code are significant: 2, 4, 6, 9 or 12."""
    digits = len(code.rstrip("0"))
    return next(size for size in LEVELS if digits <= size)


def contains(outer: str, inner: str) -> bool:
    """Whether the full code ``inner`` lies in (or is) the division ``outer``."""
    return inner.startswith(outer[: level(outer)])


# ---------------------------------------------------------------------------------- names


@dataclass(frozen=True, slots=True)
class DivisionNames:
    """What a division is called, with all that it lies in: the largest first in Chinese, the
    smallest first in English. ``whole``: down to the level of the code, or to its county, below
    which nothing has a name here. ``former``: one of these names is no longer given."""

    zh: str
    en: str
    whole: bool
    former: bool


def division_names(code: str | int) -> DivisionNames | None:
    """The names of a division by its code of up to 12 digits; None where not even its province is
    known."""
    digits = f"{int(code):d}".ljust(12, "0")
    known = _names()
    levels = [digits[:length] for length in LEVELS[:3] if int(digits[length - 2 : length])]
    found = [known[level] for level in levels if level in known]
    if not found or digits[:2] not in known:
        return None
    # A heading of the list, which is no division ("directly under the city"), has no name.
    english = [en for _, en, _ in found]
    for place, (above, below) in enumerate(pairwise(english), start=1):
        if above == below:  # a county, or a city, of the same name as what it lies in
            english[place] += _KINDS.get(found[place][0][-1], "")
    return DivisionNames(
        "".join(zh for zh, _, _ in found),
        ", ".join(reversed(english)),
        levels[-1] in known,
        any(former for _, _, former in found),
    )


_KINDS: Final = {"市": " City", "县": " County", "区": " District"}


@cache
def _names() -> Mapping[str, tuple[str, str, bool]]:
    """Chinese name, English name, and whether it is a former one, by 2, 4 or 6 digits."""
    text = files(__package__).joinpath("divisions.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {code: (zh, en, bool(former)) for code, zh, en, *former in rows}
