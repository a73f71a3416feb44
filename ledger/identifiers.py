"""Identifiers of organisations, goods and places: their one normal form and their check digits.

Rules this module keeps:

* What people type (full-width digits, spaces, hyphens, lower case, zero-width characters) comes
  to one form; two spellings of one identifier can never become two organisations.
* A wrong check digit is refused and the right one is named, so that the typist sees which
  character to look at. It is a request error: the caller can mend it.

=========  ==========================================================================
uscc       unified social credit code, GB 32100-2015, with the organisation code of
           GB 11714-1997 inside (characters 9 to 17)
gln        GS1 global location number, 13 digits
gtin       GS1 trade item number; 8, 12, 13 or 14 digits, kept with 14
lei        legal entity identifier, ISO 17442
division   12-digit statistical division code, see ``ledger.divisions``
register:… what a mirrored register calls a firm; text without a check
=========  ==========================================================================

>>> parse("uscc", " ９１３７１１００１６８３７１９９９w ")
Identifier(kind='uscc', value='91371100168371999W')
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from stdnum import ean, lei
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iso7064 import mod_97_10

from ledger.divisions import parse_division
from ledger.errors import RequestError

#: The kinds that have a form of their own; ``register:<register>`` comes beside them.
KINDS: Final = ("uscc", "gln", "gtin", "lei", "division")

#: Longest identifier of a register, in characters.
MAX_REGISTER_IDENTIFIER: Final = 200

_NAMES: Final = {
    "uscc": ("unified social credit code", "统一社会信用代码"),
    "gln": ("GLN", "全球参与方位置码（GLN）"),
    "gtin": ("GTIN", "全球贸易项目代码（GTIN）"),
    "lei": ("LEI", "法人机构识别编码（LEI）"),
}
_IGNORED: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff.‐-―-]+")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """An identifier in its normal form; equal identifiers mean the same thing."""

    kind: str
    value: str


def _refuse(
    kind: str, what: str, text: str, en: str, zh: str, expected: str | None = None
) -> RequestError:
    name_en, name_zh = _NAMES[kind]
    return RequestError(
        f"{name_en} {text!r}: {en}",
        message_zh=f"{name_zh} {text!r}：{zh}",
        field=kind,
        code=f"identifier.{what}",
        values={} if expected is None else {"expected": expected},
    )


def _normal(text: str) -> str:
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).upper()


def _check_length(kind: str, value: str, lengths: tuple[int, ...]) -> None:
    if len(value) not in lengths:
        wanted = ", ".join(map(str, lengths))
        raise _refuse(
            kind,
            "length",
            value,
            f"{wanted} characters are needed, {len(value)} were given",
            f"应为 {wanted} 个字符，现为 {len(value)} 个",
        )


def _check_digits(kind: str, value: str) -> None:
    if not (value.isascii() and value.isdigit()):
        raise _refuse(kind, "character", value, "only digits are allowed", "只能由数字组成")


def _check_digit_is(kind: str, value: str, position: int, right: str) -> None:
    if value[position] != right:
        mended = value[:position] + right + value[position + 1 :]
        raise _refuse(
            kind,
            "check-digit",
            value,
            f"the check digit (character {position + 1}) is {value[position]!r}, "
            f"for these characters it would be {right!r}",
            f"校验码（第 {position + 1} 位）为 {value[position]!r}，按其余各位计算应为 {right!r}",
            mended,
        )


def organisation_check_digit(code: str) -> str:
    """The ninth character of an organisation code, from its first eight (GB 11714-1997)."""
    total = sum(
        weight * _ORGANISATION_ALPHABET.index(character)
        for weight, character in zip(_ORGANISATION_WEIGHTS, code[:8], strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def _parse_uscc(value: str) -> str:
    _check_length("uscc", value, (18,))
    for position, character in enumerate(value):
        if character not in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            raise _refuse(
                "uscc",
                "character",
                value,
                f"character {position + 1}, {character!r}, never stands in such a code "
                "(digits and letters except I, O, S, V, Z)",
                f"第 {position + 1} 位 {character!r} 不会出现在该代码中"
                "（只用数字和除 I、O、S、V、Z 以外的字母）",
            )
    right = organisation_check_digit(value[8:16])
    if value[16] != right and uscc.calc_check_digit(value[:17]) == value[17]:
        # The outer digit was made for a wrong inner one: this code was never issued.
        stem = value[:16] + right
        raise _refuse(
            "uscc",
            "organisation-code",
            value,
            f"the organisation code inside (characters 9 to 17) ends in {value[16]!r}, "
            f"for these characters it would be {right!r} (GB 11714)",
            f"其中的组织机构代码（第 9 至 17 位）校验码为 {value[16]!r}，"
            f"按其余各位计算应为 {right!r}（GB 11714）",
            stem + uscc.calc_check_digit(stem),
        )
    try:
        uscc.validate(value)
    except InvalidChecksum:
        _check_digit_is("uscc", value, 17, uscc.calc_check_digit(value[:17]))
        raise
    except ValidationError as error:
        raise _refuse(
            "uscc",
            "character",
            value,
            "characters 3 to 8, the registration office, must be digits",
            "第 3 至 8 位为登记机关区划，必须是数字",
        ) from error
    return value


def _parse_gln(value: str) -> str:
    _check_digits("gln", value)
    _check_length("gln", value, (13,))
    _check_digit_is("gln", value, 12, ean.calc_check_digit(value[:12]))
    return value


def _parse_gtin(value: str) -> str:
    _check_digits("gtin", value)
    _check_length("gtin", value, (8, 12, 13, 14))
    _check_digit_is("gtin", value, len(value) - 1, ean.calc_check_digit(value[:-1].zfill(13)))
    return value.zfill(14)


def _parse_lei(value: str) -> str:
    _check_length("lei", value, (20,))
    if not (value.isascii() and value.isalnum() and value[18:].isdigit()):
        raise _refuse(
            "lei",
            "character",
            value,
            "18 letters or digits and then two digits are needed",
            "应为 18 位字母或数字加 2 位数字",
        )
    if not lei.is_valid(value):
        right = mod_97_10.calc_check_digits(value[:18])
        raise _refuse(
            "lei",
            "check-digit",
            value,
            f"the check digits are {value[18:]!r}, for these characters they would be {right!r}",
            f"校验码为 {value[18:]!r}，按其余各位计算应为 {right!r}",
            value[:18] + right,
        )
    return value


def _parse_register(kind: str, text: str) -> str:
    value = " ".join(unicodedata.normalize("NFC", text).split())
    if not value or len(value) > MAX_REGISTER_IDENTIFIER or kind == "register:":
        raise RequestError(
            f"an identifier of {kind!r} has 1 to {MAX_REGISTER_IDENTIFIER} characters",
            message_zh=f"{kind!r} 的标识应为 1 至 {MAX_REGISTER_IDENTIFIER} 个字符",
            field="identifier",
            code="identifier.length",
        )
    return value


def parse(kind: str, text: str) -> Identifier:
    """The identifier that ``text`` means.

    Raises ``RequestError`` (``field`` is the kind; ``values["expected"]`` the mended text where
    only a check digit is wrong).
    """
    if kind.startswith("register:"):
        return Identifier(kind, _parse_register(kind, text))
    value = _normal(text)
    if kind == "uscc":
        return Identifier(kind, _parse_uscc(value))
    if kind == "gln":
        return Identifier(kind, _parse_gln(value))
    if kind == "gtin":
        return Identifier(kind, _parse_gtin(value))
    if kind == "lei":
        return Identifier(kind, _parse_lei(value))
    if kind == "division":
        return Identifier(kind, parse_division(value))
    raise RequestError(
        f"unknown kind of identifier {kind!r}; known are {', '.join(KINDS)}",
        message_zh=f"未知的标识种类 {kind!r}；可用的有 {'、'.join(KINDS)}",
        field="identifierKind",
        code="identifier.kind",
    )


def recognise(text: str) -> tuple[Identifier, ...]:
    """Every identifier that a search string may be, the likelier first; none for a plain word.

    Thirteen digits may name a place or a product, so more than one answer is normal.
    A division is only recognised when all 12 digits are given.
    """
    found = []
    for kind in ("uscc", "lei", "gln", "gtin", "division"):
        if kind == "division" and len(_normal(text)) != 12:
            continue
        try:
            found.append(parse(kind, text))
        except RequestError:
            continue
    return tuple(found)
