"""Relief goods: lists of receipts and issues, read, balanced and made ready for entries.

>>> from ledger.relief import balance, read_list, receipt_values

Pure: bytes in, values out; no network, no clock, nothing on the ledger.
"""

from ledger.relief.balance import Conversion, Figures, Flag, ItemBalance, Note, balance
from ledger.relief.entries import (
    IssueValues,
    ReceiptValues,
    issue_values,
    list_code,
    lot_text,
    receipt_values,
)
from ledger.relief.goods import SYNONYMS, UNITS, category_of, item_key, normal_unit
from ledger.relief.model import Direction, Line, ReliefList, Row, SheetReading
from ledger.relief.reading import read_list
from ledger.relief.report import balance_json, balance_lines

__all__ = [
    "SYNONYMS",
    "UNITS",
    "Conversion",
    "Direction",
    "Figures",
    "Flag",
    "IssueValues",
    "ItemBalance",
    "Line",
    "Note",
    "ReceiptValues",
    "ReliefList",
    "Row",
    "SheetReading",
    "balance",
    "balance_json",
    "balance_lines",
    "category_of",
    "issue_values",
    "item_key",
    "list_code",
    "lot_text",
    "normal_unit",
    "read_list",
    "receipt_values",
]
