"""``suyuan import relief-lists`` and ``suyuan import fda-recalls``: lists about goods."""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from api.cli.carrying_out import add_recording, answer, carry_out, day_of, read_file
from api.cli.importers import Importer, importer_of
from api.cli.keys import password_beside
from api.cli.output import Output
from ledger import recalls
from ledger.chain.deployment import BATCHES
from ledger.checking import check_message
from ledger.days import SHANGHAI, start_of_day
from ledger.errors import RequestError
from ledger.importing.recalls import plan_recalls
from ledger.importing.relief import lots_of, plan_relief
from ledger.keystore import load_key, read_password
from ledger.relief import Direction, ItemBalance, ReliefList, balance, balance_json, balance_lines
from ledger.relief import read_list as read_relief_list


def add(sources: Any) -> None:
    relief = sources.add_parser(
        "relief-lists",
        help="lists of relief goods received: one lot without shown origin for each usable row",
        description="Signed by the organisation that received the goods. The lists do not say when "
        "that was, so --happened-at does; what lies further back than the ledger lets in needs the "
        "authority beside (--also) and stays marked late. Issues are only compared with the "
        "receipts: nothing of them is recorded.",
    )
    relief.add_argument("receipts", nargs="+", type=Path, help="XLSX lists of goods received")
    relief.add_argument(
        "--issues", nargs="+", type=Path, default=[], help="XLSX lists of goods issued"
    )
    relief.add_argument(
        "--happened-at", required=True, metavar="DAY", help="day of receipt, YYYY-MM-DD (Shanghai)"
    )
    relief.add_argument("--place", default="", help="where the goods were received")
    relief.add_argument(
        "--also",
        type=Path,
        action="append",
        default=[],
        metavar="KEY",
        help="key file of the authority that signs beside; its password lies in KEY.password; may "
        "be repeated",
    )
    add_recording(relief)
    relief.set_defaults(run=_relief)
    recalled = sources.add_parser(
        recalls.REGISTER, help="recalls of devices, openFDA enforcement reports (CSV)"
    )
    recalled.add_argument("file", type=Path, help="the file of one publication")
    recalled.add_argument(
        "--published", required=True, help="day of publication, YYYY-MM-DD; the file does not say"
    )
    add_recording(recalled)
    recalled.set_defaults(run=_recalls)


def _recalls(options: argparse.Namespace, out: Output) -> int:
    published = day_of(options.published, "published")
    data = read_file(options.file)
    reading = recalls.read_recalls(options.file.name, data)
    with importer_of(options) as importer:
        _need_batches(importer)
        state = importer.register_state(recalls.REGISTER)
        plan = plan_recalls(reading, published, state, importer.author)
        if not options.dry_run:
            importer.keep(options.file.name, data)
        done = carry_out(recalls.REGISTER, plan, importer, options, out)
    return answer([done], out)


def _relief(options: argparse.Namespace, out: Output) -> int:
    happened_at = start_of_day(day_of(options.happened_at, "happened-at"), SHANGHAI)
    receipts = _lists(options.receipts, Direction.RECEIVED)
    issues = _lists(options.issues, Direction.ISSUED)
    beside = [load_key(key, read_password(password_beside(key))) for key in options.also]
    lists, given = [found for found, _ in receipts], [found for found, _ in issues]
    with importer_of(options) as importer:
        _need_batches(importer)
        lateness = None if beside else importer.max_lateness()
        now = int(time.time())
        check_message("Commission", {"happenedAt": happened_at}, importer.catalogue, now, lateness)
        held = importer.existing(lots_of(lists, importer.author.organisation))
        plan = plan_relief(lists, given, happened_at, options.place, held, importer.author, beside)
        if not options.dry_run:
            for found, data in (*receipts, *issues):
                importer.keep(found.document.name, data)
        done = carry_out("relief-lists", plan, importer, options, out, beside)
    items = balance(
        (line for found in lists for line in found.received),
        (line for found in given for line in found.issued),
    )
    tell_balance(items, out)
    return answer([{**done, "balance": [balance_json(item) for item in items]}], out)


def tell_balance(items: Iterable[ItemBalance], out: Output) -> None:
    """What balances and what does not, item by item."""
    known = list(items)
    for item in known:
        for english, chinese in balance_lines(item):
            out.say(english, chinese)
    flagged = sum(bool(item.notes) for item in known)
    kept = sum(not item.notes and not item.issues for item in known)
    covered = len(known) - flagged - kept
    out.say(
        f"{len(known)} items: of {covered} no more was issued than received, {kept} were not "
        f"issued in these lists, {flagged} need a look",
        f"共 {len(known)} 种物资：{covered} 种发放不超过接收，{kept} 种在这些清单中未发放，"
        f"{flagged} 种有待核对",
    )


def _lists(paths: Iterable[Path], direction: Direction) -> list[tuple[ReliefList, bytes]]:
    """The lists with their bytes; :class:`RequestError` for one of the other direction."""
    found = []
    for path in paths:
        data = read_file(path)
        read = read_relief_list(path.name, data)
        if any(sheet.direction is not direction for sheet in read.sheets):
            received = direction is Direction.RECEIVED
            raise RequestError(
                f"{path}: this is not only a list of goods {direction}",
                message_zh=f"{path}：此文件不只是物资{'接收' if received else '发放'}清单",
                field="receipts" if received else "issues",
                code="relief.direction",
            )
        found.append((read, data))
    return found


def _need_batches(importer: Importer) -> None:
    if BATCHES not in importer.author.contracts:
        raise RequestError(
            "this ledger has no contracts for goods; deploy and admit them first",
            message_zh="本账本尚无批次合约，请先部署并准入",
            field="data",
            code="import.batches",
        )
