"""Small workbooks for tests: a list of receipts or issues, with one thing changed in it."""

import io
from collections.abc import Sequence

from openpyxl import Workbook

from ledger.relief import ReliefList, Row, read_list

RECEIPTS = ("捐赠单位", "入库物资", "规格型号", "计量单位", "数量总计")
ISSUES = ("接收单位", "品名", "规格", "计量单位", "数量")

Cells = Sequence[object]


def workbook(
    *rows: Cells,
    header: Cells = RECEIPTS,
    titles: Sequence[Cells] = (("接收物资公示",),),
    merged: Sequence[str] = (),
    more_sheets: Sequence[Sequence[Cells]] = (),
) -> bytes:
    """The bytes of a workbook: titles, the header, the rows; then further sheets as they are."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (*titles, header, *rows):
        sheet.append(list(cells))
    for span in merged:
        sheet.merge_cells(span)
    for content in more_sheets:
        another = book.create_sheet()
        for cells in content:
            another.append(list(cells))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def receipts(*rows: Cells, merged: Sequence[str] = ()) -> ReliefList:
    return read_list("receipts.xlsx", workbook(*rows, merged=merged))


def issues(*rows: Cells) -> ReliefList:
    return read_list("issues.xlsx", workbook(*rows, header=ISSUES))


def codes(row: Row) -> list[str]:
    return [problem.code for problem in row.problems]
