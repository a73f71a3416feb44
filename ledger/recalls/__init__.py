"""Recalls that a register publishes: read, with their lots as far as the text gives them.

>>> from ledger.recalls import parse_lots, same_lot
>>> (lot,) = parse_lots("Lot #: 12-345").mentions
>>> same_lot(lot, "12 345"), same_lot(lot, "12-3456")
(True, False)

Pure: bytes in, values out; no network, no clock, nothing on the ledger.
"""

from ledger.recalls.lots import LotMention, LotReading, MentionKind, parse_lots, same_lot
from ledger.recalls.reading import (
    COLUMNS,
    REGISTER,
    Recall,
    RecallReading,
    RecallRow,
    read_recalls,
)
from ledger.recalls.texts import LotText, lot_texts, read_lots

__all__ = [
    "COLUMNS",
    "REGISTER",
    "LotMention",
    "LotReading",
    "LotText",
    "MentionKind",
    "Recall",
    "RecallReading",
    "RecallRow",
    "lot_texts",
    "parse_lots",
    "read_lots",
    "read_recalls",
    "same_lot",
]
