"""The demo's lists of donated goods: what of them is on the ledger, and what does not add up."""

from collections import Counter
from typing import Final

from api.cli.importing_goods import tell_balance
from api.cli.output import Output
from ledger import demo
from ledger.demo import relief
from ledger.importing.relief import lots_of
from ledger.relief import balance, receipt_values
from ledger.workspace import Workspace

#: What must come out: how many rows became lots, and how often something is to be looked at.
EXPECTED: Final = {
    "lots": 5,
    "amount-doubtful": 1,
    "issued-exceeds-received": 1,
    "units-not-addable": 1,
}


def keep(workspace: Workspace) -> None:
    """Keep the two files, so that what the entries say of rows can be proved."""
    for name, data in (
        (relief.RECEIPTS_NAME, relief.receipts_file()),
        (relief.ISSUES_NAME, relief.issues_file()),
    ):
        workspace.keep_document(data, name, demo.WAREHOUSE.id)


def tell(workspace: Workspace, out: Output) -> dict[str, int] | None:
    """Print what the lists come to; what came out, as :data:`EXPECTED`, or None where this demo
    was founded before it had lists."""
    received, issued = relief.lists()
    lots = workspace.index.lots.by_ids(lots_of([received], demo.WAREHOUSE.id))
    if not lots:
        return None
    usable, _ = receipt_values(received)
    rows, entered = len(received.received), len(lots)
    unclear, uncategorised = rows - len(usable), len(usable) - entered
    store = demo.WAREHOUSE
    out.say(
        f"\nA list of donated goods: of {rows} rows {entered} are lots of {store.name_en}, their "
        f"origin not shown; {unclear} has no unit that means one thing, {uncategorised} names no "
        "category. Against the list of what was given out:",
        f"\n捐赠物资清单：{rows} 行中 {entered} 行登记为{store.name_zh}的批次，来源未示；"
        f"{unclear} 行计量单位含义不明，{uncategorised} 行品类不明。与发放清单对照：",
    )
    items = balance(received.received, issued.issued)
    tell_balance(items, out)
    flags = Counter(flag.value for item in items for flag in item.flags)
    return {"lots": entered, **flags}
