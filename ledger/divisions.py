"""The 12-digit statistical division code of China: five nested levels.

Province 2 digits, city 4, county 6, township 9, community 12 (the national statistics bureau's
codes; the first six digits are those of GB/T 2260). A shorter code is the same division with
zeros behind it. Whether a code is in use today is not decided here: the list changes yearly.
"""

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
