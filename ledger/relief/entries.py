"""Lines of relief lists as the values of entries: commissions without origin, and shipments.

A receipt becomes one lot whose origin is not shown; what a line does not say becomes a problem
and never a value. Nothing is signed or written here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.relief.goods import UNITS, category_of, item_key, normal_unit
from ledger.relief.model import Direction, Line, ReliefList
from ledger.tabular import Problem, Severity

#: GS1 AI encodable character set 82 (General Specifications, section 7.11), at most 20 of them:
#: what a batch or lot number, AI (10), may hold.
LOT_TEXT: Final = re.compile(r"""[A-Za-z0-9!"%&'()*+,\-./_:;<=>?]{1,20}""")


@dataclass(frozen=True, slots=True)
class ReceiptValues:
    """What a ``Commission`` with ``originNotShown`` takes from one receipt line.

    ``quantity`` is a whole number of ``unit`` (UN/ECE code); ``category`` is None where the item
    does not plainly say one, and then no entry can be made before a person states it. ``gtin`` is
    always 0. ``document`` is the row's hash. ``marks`` are those of the line.
    """

    line: Line
    quantity: int
    unit: str
    category: str | None
    lot: str
    model: str
    origin: str
    document: bytes
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssueValues:
    """What a ``Ship`` takes from one issue line.

    ``sources`` are the receipts of the same item in the same unit, in the order of the lists:
    which of them the goods were taken from is not stated. ``reference`` names the row.
    """

    line: Line
    recipient: str
    quantity: int
    unit: str
    category: str | None
    reference: str
    document: bytes
    sources: tuple[ReceiptValues, ...]
    marks: tuple[str, ...]


def list_code(document: bytes) -> str:
    """A short name of a list for lot texts: RC and the first four bytes of its file's hash."""
    return "RC" + document[:4].hex().upper()


def lot_text(code: str, sheet: int, row: int) -> str:
    """The lot of a row: ``RC1A2B3C4D-143``; the second sheet's rows are ``RC1A2B3C4D.2-143``."""
    text = f"{code}-{row}" if sheet == 1 else f"{code}.{sheet}-{row}"
    if not LOT_TEXT.fullmatch(text):
        raise ValueError(f"{text!r} is no lot of at most 20 characters of GS1 set 82")
    return text


def _amount(line: Line) -> tuple[int, str] | Problem:
    """Quantity and unit code of a line, or why it has none."""
    unit = UNITS.get(normal_unit(line.unit))
    if line.quantity is None:
        return Problem(
            line.row, "quantity", Severity.ERROR, "quantity.unknown",
            "no quantity is stated, so there is nothing to enter", "未写明数量，无法登记",
        )  # fmt: skip
    if unit is None:
        return Problem(
            line.row,
            "unit",
            Severity.ERROR,
            "unit.no-code",
            f"the unit {line.unit[:20]!r} has no one UN/ECE code; no entry is made",
            f"计量单位 {line.unit[:20]!r} 没有唯一对应的 UN/ECE 代码，不予登记",
        )
    if line.quantity != line.quantity.to_integral_value():
        return Problem(
            line.row,
            "quantity",
            Severity.ERROR,
            "quantity.fraction",
            f"{line.quantity} {line.unit} is no whole number; a finer unit is needed",
            f"{line.quantity} {line.unit} 不是整数，需用更小的计量单位",
        )
    return int(line.quantity), unit.code


def _receipt(line: Line, lot: str) -> ReceiptValues | Problem:
    amount = _amount(line)
    if isinstance(amount, Problem):
        return amount
    donor = line.party or "捐赠方不详 / donor unknown"
    return ReceiptValues(
        line=line,
        quantity=amount[0],
        unit=amount[1],
        category=category_of(line.item),
        lot=lot,
        model=" ".join(filter(None, (line.item, line.spec))),
        origin=f"捐赠 / donated: {donor}",
        document=line.row_hash,
        marks=line.marks,
    )


def receipt_values(found: ReliefList) -> tuple[tuple[ReceiptValues, ...], tuple[Problem, ...]]:
    """The values of every receipt line that has a quantity and a unit with a code.

    The problems name the row and ``quantity`` or ``unit`` of each line that has none.
    """
    code = list_code(found.document.hash)
    values, problems = [], []
    for number, sheet in enumerate(found.sheets, start=1):
        for row in sheet.rows:
            if row.line is None or row.line.direction is not Direction.RECEIVED:
                continue
            made = _receipt(row.line, lot_text(code, number, row.number))
            if isinstance(made, Problem):
                problems.append(made)
            else:
                values.append(made)
    return tuple(values), tuple(problems)


def issue_values(
    issues: Iterable[Line], receipts: Sequence[ReceiptValues]
) -> tuple[tuple[IssueValues, ...], tuple[tuple[Line, Problem], ...]]:
    """The values of every issue line that has a recipient, a quantity and a unit with a code.

    ``receipts`` are the lots that exist. A line without any source among them is given too, with
    no ``sources``: its goods came from somewhere that these lists do not show.
    """
    by_goods: dict[tuple[str, str], list[ReceiptValues]] = {}
    for receipt in receipts:
        key = (item_key(receipt.line.item), normal_unit(receipt.line.unit))
        by_goods.setdefault(key, []).append(receipt)
    values, problems = [], []
    for line in issues:
        amount = _amount(line)
        if isinstance(amount, Problem):
            problems.append((line, amount))
        elif not line.party:
            problem = Problem(
                line.row, "recipient", Severity.ERROR, "party.missing",
                "nobody is named as recipient", "未写明接收方",
            )  # fmt: skip
            problems.append((line, problem))
        else:
            sources = by_goods.get((item_key(line.item), normal_unit(line.unit)), [])
            values.append(
                IssueValues(
                    line, line.party, *amount, category_of(line.item), line.place, line.row_hash,
                    tuple(sources), line.marks,
                )
            )  # fmt: skip
    return tuple(values), tuple(problems)
