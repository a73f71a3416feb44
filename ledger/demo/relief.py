"""Two short lists of relief goods, invented like their donors, as the workbooks that people send.

What they show happened to real lists: cartons and pieces of one thing, goods of which more went out
than came in, goods counted in one unit and handed out in another, and a 1 that nobody counted.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from ledger.relief import ReliefList, read_list

RECEIPTS_NAME: Final = "示例接收清单.xlsx"
ISSUES_NAME: Final = "示例发放清单.xlsx"

_Row = tuple[str, str, str, str, int]

#: Donor, goods, specification, unit, quantity.
_RECEIPTS: Final[Sequence[_Row]] = (
    ("示例白鹿商会", "医用外科口罩", "2000只/箱", "箱", 10),
    ("示例青鸟基金会", "医用外科口罩", "", "只", 5000),
    ("示例青鸟基金会", "N95口罩", "", "个", 1200),
    ("示例白鹿商会", "防护服", "", "套", 300),
    ("示例精卫互助会", "护目镜", "", "件", 40),
    ("示例精卫互助会", "84消毒液", "", "瓶", 1),
    ("示例白鹿商会", "示例草药茶", "", "袋", 60),
)
#: Recipient, goods, specification, unit, quantity.
_ISSUES: Final[Sequence[_Row]] = (
    ("示例第一医院", "医用外科口罩", "", "只", 24_000),
    ("示例第一医院", "N95口罩", "", "个", 700),
    ("示例第二医院", "N95口罩", "", "个", 500),
    ("示例第二医院", "防护服", "", "套", 360),
    ("示例第二医院", "护目镜", "", "个", 30),
)
_GOODS: Final = ("品名", "规格", "计量单位", "数量")


def receipts_file() -> bytes:
    """The list of what was received: always the same bytes."""
    return _workbook("示例接收清单（虚构） Example list, invented", "捐赠单位", _RECEIPTS)


def issues_file() -> bytes:
    """The list of what was issued: always the same bytes."""
    return _workbook("示例发放清单（虚构） Example list, invented", "接收单位", _ISSUES)


def lists() -> tuple[ReliefList, ReliefList]:
    """What was received and what was issued, read."""
    return read_list(RECEIPTS_NAME, receipts_file()), read_list(ISSUES_NAME, issues_file())


def _workbook(title: str, party: str, rows: Sequence[_Row]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": datetime(2020, 1, 1)})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, (title,))
    sheet.write_row(1, 0, (party, *_GOODS))
    for number, row in enumerate(rows, start=2):
        sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()
