"""What is said of an item's balance: for programs, and for people in both languages."""

from typing import Any

from ledger.relief.balance import Figures, ItemBalance, shown


def balance_json(item: ItemBalance) -> dict[str, Any]:
    """Amounts are decimal strings, exact; ``flags`` are empty where the item simply balances."""
    return {
        "item": item.item,
        "written": list(item.written),
        "category": item.category,
        "receipts": len(item.receipts),
        "issues": len(item.issues),
        "addable": item.addable,
        "figures": [
            {
                "unit": f.unit,
                "received": str(f.received),
                "issued": str(f.issued),
                "difference": str(f.difference),
            }
            for f in item.figures
        ],
        "converted": [
            {
                "document": c.line.document,
                "sheet": c.line.sheet,
                "row": c.line.row,
                "from": c.line.unit,
                "to": c.unit,
                "contents": str(c.contents),
            }
            for c in item.conversions
        ],
        "flags": [
            {"code": note.flag.value, "en": note.message, "zh": note.message_zh}
            for note in item.notes
        ],
    }


def balance_lines(item: ItemBalance) -> list[tuple[str, str]]:
    """Lines in English and Chinese: the figures, then why they do not simply balance. Units that
    cannot be added have their figures in the note."""
    lines = [_figures(item.item, f) for f in item.figures if item.addable]
    return [*lines, *((f"  ! {n.message}", f"  ！{n.message_zh}") for n in item.notes)]


def _figures(item: str, f: Figures) -> tuple[str, str]:
    received, issued, left = shown(f.received), shown(f.issued), shown(f.difference)
    return (
        f"{item}: {received} {f.unit} received, {issued} issued, difference {left}",
        f"{item}：接收 {received} {f.unit}，发放 {issued}，差额 {left}",
    )
