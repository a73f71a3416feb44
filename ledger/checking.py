"""What is wrong with an entry about goods, said before anybody signs it, with the field's name.

The contracts refuse all of this too, with a code, after the relay; here it is said at once, in both
languages, and with what would be right. What only the ledger can know (stock, holds, who may)
stays with the contracts. Sources: GS1 General Specifications, sections 7.9 (check digits) and 7.11
(character set 82, batch or lot number); UN/ECE Recommendation 20 as far as the catalogue has it.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from stdnum import ean

from ledger.catalogue import Catalogue
from ledger.errors import RequestError
from ledger.identifiers import parse
from ledger.typed_data import ACTIONS

#: The contracts that these checks are for.
_CONTRACTS: Final = frozenset({"BatchLedger", "LogisticUnits", "BatchOversight"})
#: An entry may claim a time so many seconds after its recording (``ISignedEntries``).
_AHEAD: Final = 600
_LONGEST_LOT: Final = 20
#: GS1 AI encodable character set 82.
CHARACTER_SET_82: Final = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
_QUANTITIES: Final = frozenset(
    {"quantity", "accepted", "returned", "lost", "setAside", "gone", "least", "most", "per"}
)


def check_message(
    action: str,
    message: Mapping[str, Any],
    catalogue: Catalogue,
    now: int,
    max_lateness: int | None = None,
) -> None:
    """Check the fields of an entry, as its JSON has them, that is to be signed ``now`` (seconds,
    UTC) and may lie ``max_lateness`` seconds back (None: any time). What is missing or of another
    type is left to :meth:`ledger.typed_data.Entry.from_json`.

    :class:`RequestError` names the first field that can never be right.
    """
    known = ACTIONS.get(action)
    if known is None or known.contract not in _CONTRACTS:
        return
    for name in ("unit", "inputUnit"):
        if known.contract == "BatchLedger" and isinstance(message.get(name), str):
            _check_unit(name, message[name], catalogue)
    for name in sorted(_QUANTITIES & message.keys()):
        _check_quantity(name, message[name], message.get("unit"), catalogue)
    if "gtin" in message:
        _check_gtin(message["gtin"], message.get("originNotShown") is True)
    if action in ("Commission", "Transform") and isinstance(message.get("lot"), str):
        check_lot(message["lot"])
    if "sscc" in message:
        _check_sscc(message["sscc"])
    for name in ("inputs", "parts"):
        if isinstance(message.get(name), list):
            _check_parts(name, message[name], catalogue)
    _check_times(message, now, max_lateness)


def _check_times(message: Mapping[str, Any], now: int, max_lateness: int | None) -> None:
    happened = _whole(message.get("happenedAt"))
    if happened is None:
        return
    if happened > now + _AHEAD:
        raise _wrong(
            "happenedAt",
            f"{happened} lies more than 10 minutes ahead of now, {now}",
            f"{happened} 比现在（{now}）晚超过 10 分钟",
        )
    if max_lateness is not None and happened < now - max_lateness:
        raise _wrong(
            "happenedAt",
            f"{happened} lies more than {max_lateness} seconds back; the authority must sign for "
            "so late an entry",
            f"{happened} 距今超过 {max_lateness} 秒；如此迟的条目须由主管机构附签",
        )
    due, sampled = _whole(message.get("due")), _whole(message.get("sampledAt"))
    if due is not None and due <= happened:
        raise _wrong(
            "due",
            f"{due} does not lie after the sending, {happened}",
            f"{due} 不晚于发货时间 {happened}",
        )
    if sampled is not None and sampled > happened:
        raise _wrong(
            "sampledAt",
            f"{sampled} lies after the inspection, {happened}",
            f"{sampled} 晚于检验时间 {happened}",
        )


def _check_unit(name: str, unit: str, catalogue: Catalogue) -> None:
    if unit not in catalogue.units:
        known = ", ".join(catalogue.units)
        raise _wrong(
            name,
            f"{unit!r} is none of the known units of UN/ECE Recommendation 20: {known}",
            f"{unit!r} 不是此处已知的 UN/ECE 第 20 号建议书计量单位；已知的有 {known}",
        )


def _check_quantity(name: str, value: Any, unit: Any, catalogue: Catalogue) -> None:
    if _whole(value) is not None or isinstance(value, bool):
        return
    try:
        amount = Fraction(Decimal(str(value)))
    except (InvalidOperation, ValueError, OverflowError):
        return
    finer = catalogue.conversions.get(unit, {}) if isinstance(unit, str) else {}
    for code, count in finer.items():
        if amount > 0 and (amount * count).denominator == 1:
            right = amount * count
            raise _wrong(
                name,
                f"{value} {unit}: quantities are whole numbers; use {code}, {right}",
                f"{value} {unit}：数量须为整数；请用 {code}，{right}",
                expected=f"{right} {code}",
            )
    raise _wrong(
        name,
        f"{value}: quantities are whole numbers of the lot's unit, from 0",
        f"{value}：数量须为批次计量单位的非负整数",
    )


def _check_gtin(value: Any, may_be_none: bool) -> None:
    number = _whole(value)
    if number is None:
        return
    if number == 0:
        if not may_be_none:
            raise _wrong(
                "gtin",
                "only goods whose origin is not shown may have none",
                "只有来源未示的货物可以没有 GTIN",
            )
        return
    try:
        parse("gtin", str(number).zfill(14))
    except RequestError as error:
        raise _wrong("gtin", str(error), error.message_zh, **error.values) from error


def _check_sscc(value: Any) -> None:
    number = _whole(value)
    if number is None:
        return
    text = str(number).zfill(18)
    if number == 0 or len(text) != 18:
        raise _wrong("sscc", f"{value}: an SSCC has 18 digits", f"{value}：SSCC 为 18 位数字")
    right = ean.calc_check_digit(text[:-1])
    if text[-1] != right:
        raise _wrong(
            "sscc",
            f"{text}: the check digit is {text[-1]}, for these digits it would be {right}",
            f"{text}：校验码为 {text[-1]}，按其余各位计算应为 {right}",
            expected=text[:-1] + right,
        )


def check_lot(lot: str) -> None:
    """:class:`RequestError` unless this can be a batch or lot number (GS1 AI 10)."""
    if not 1 <= len(lot) <= _LONGEST_LOT:
        raise _wrong(
            "lot",
            f"a lot number has 1 to {_LONGEST_LOT} characters, this has {len(lot)}",
            f"批号应为 1 至 {_LONGEST_LOT} 个字符，现为 {len(lot)} 个",
        )
    for position, character in enumerate(lot, start=1):
        if character not in CHARACTER_SET_82:
            raise _wrong(
                "lot",
                f"character {position}, {character!r}, is none of GS1's character set 82",
                f"第 {position} 个字符 {character!r} 不在 GS1 字符集 82 中",
            )


def _check_parts(name: str, items: Iterable[Any], catalogue: Catalogue) -> None:
    last = ""
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            return
        place = f"{name}[{index}]"
        _check_quantity(f"{place}.quantity", item.get("quantity"), None, catalogue)
        if _whole(item.get("quantity")) == 0:
            raise _wrong(f"{place}.quantity", "a part of nothing", "数量不能为零")
        lot = str(item.get("lot")).lower()
        if lot <= last:
            raise _wrong(
                f"{place}.lot",
                "the lots come in the order of their ids, each once",
                "批次须按标识排序，互不重复",
            )
        last = lot
    if not last:
        raise _wrong(name, "at least one part is needed", "至少须有一项")


def _whole(value: Any) -> int | None:
    """The whole number that a JSON value is, as entries take it; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return None


def _wrong(field: str, english: str, chinese: str, **values: Any) -> RequestError:
    return RequestError(
        f"{field}: {english}",
        message_zh=f"{field}：{chinese}",
        field=field,
        code="entry.goods",
        values=values,
    )
