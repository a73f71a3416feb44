"""``suyuan trace`` and ``campaign``: what lots are made of, where they went, and their recalls."""

import argparse
import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.batches import service
from api.batches.asking import Asking, Wanted, asking
from api.batches.sight import Sight
from api.cli.output import Output
from api.cli.where import add_where, client_of, workspace_of
from api.client import SuyuanClient
from api.parameters import DEFAULT_ZONE
from ledger.checking import check_lot
from ledger.errors import RequestError
from ledger.offer import LotName, resolve
from ledger.provenance.answer import MOST_ANSWERED, MOST_ANSWERED_DEPTH
from ledger.provenance.model import Lot
from ledger.provenance.tracing import Direction
from ledger.question import MAX_TEXT
from ledger.vocabulary import Clock
from ledger.workspace import Workspace

_STATUS: Final = (
    "Exit status: 0 when the lot is known and all that was asked for is told; 1 when there is more "
    "(--after, --depth) or something may not be seen with this token, both of which are said; 2 "
    "when it could not be carried out: no such lot, a wrong check digit, a continuation of another "
    "question. What speaks against a lot does not change the status."
)

Told = dict[str, Any]


def add(commands: Any) -> None:
    trace = commands.add_parser(
        "trace",
        help="what was this lot made of, what became of it, where is it?",
        description="Traces a lot back to its raw materials, or: forward to what was made of it, "
        "through every hand, or to all that a recall of it reaches.",
        epilog=_STATUS,
    )
    trace.add_argument(
        "lot",
        metavar="LOT",
        help="GTIN:LOT (the GTIN may be empty; GTIN:LOT@0xMAKER where several made one of this "
        "name), or its 0x id",
    )
    what = trace.add_mutually_exclusive_group()
    what.add_argument("--forward", action="store_true", help="what was made of it")
    what.add_argument("--custody", action="store_true", help="who had how much of it, act by act")
    what.add_argument(
        "--recall-scope", action="store_true", help="everything that a recall of it reaches"
    )
    trace.add_argument("--at", metavar="TIME", help="only what happened by then (traces)")
    trace.add_argument("--clock", choices=[c.value for c in Clock], help="(traces)")
    trace.add_argument(
        "--depth",
        type=_within(0, MOST_ANSWERED_DEPTH),
        default=MOST_ANSWERED_DEPTH,
        help="at most so many steps from the lot (traces)",
    )
    _add_paging(trace)
    trace.add_argument(
        "--entries",
        type=Path,
        metavar="FILE",
        help="with --recall-scope: go through all pages and write the Recall entries to this new "
        "file, which `suyuan record` signs; nothing is recalled before",
    )
    trace.add_argument("--reason", default="", help="with --entries: stands in each of them")
    add_where(trace)
    trace.set_defaults(run=_trace)

    campaign = commands.add_parser(
        "campaign",
        help="who has answered the recalls of a campaign?",
        description="For each lot that the campaign recalled, and what was made of it: who "
        "acknowledged, and who is yet to. The campaign's 0x id stands in each of its Recall "
        "entries.",
        epilog="Exit status: 0 when all is told and everybody has answered for every lot; 1 when "
        "not, or when somebody's answer is not what the ledger says it had; 2 "
        "when it could not be found out.",
    )
    campaign.add_argument("campaign", metavar="ID")
    _add_paging(campaign)
    add_where(campaign)
    campaign.set_defaults(run=_campaign)


def _add_paging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--known-at",
        metavar="TIME",
        help="as known then: seconds UTC, an RFC 3339 instant, or a day; default: now",
    )
    parser.add_argument(
        "--size", type=_within(1, MOST_ANSWERED), default=100, help="lots (or acts) per page"
    )
    parser.add_argument("--after", metavar="CONTINUATION", help="of the page before")
    parser.add_argument("--zone", default=DEFAULT_ZONE, help="zone of days and shown times")


def _within(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return read


# ------------------------------------------------------------------------------ asking


class _Service:
    """A running service, which knows what the token may see."""

    def __init__(self, client: SuyuanClient) -> None:
        self._client = client

    def lot(self, name: LotName) -> str:
        if name.id:
            return "0x" + name.id.hex()
        # An empty GTIN is sent, too: it means goods that have none.
        wanted = name.to_json()
        found = list(self._client.batches(**wanted))
        if len(found) == 1:
            return str(found[0]["id"])
        makers = ", ".join(one["maker"] for one in found[:5])
        raise RequestError(
            f"lot: several made one of this name; say whose: {makers}"
            if found
            else "lot: no such lot is known",
            message_zh=f"lot：有多家生产了同名批次，请指明生产者：{makers}"
            if found
            else "lot：未找到此批次",
            field="lot",
            code="lot.several" if found else "batch.unknown",
        )

    def ask(self, what: str, lot: str, asked: Mapping[str, Any], after: str | None) -> Told:
        asks: dict[str, Callable[..., Told]] = {
            "back": self._client.trace_back,
            "forward": self._client.trace_forward,
            "custody": self._client.custody,
            "scope": self._client.recall_scope,
            "campaign": self._client.campaign,
        }
        sent = {**asked, "after": after}
        return asks[what](lot, **{name: str(v) for name, v in sent.items() if v is not None})


class _Directory:
    """A data directory; nothing in it is kept from who holds it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._now = max(int(time.time()), workspace.recorded_until)
        self._position = workspace.position
        self._sight = Sight(workspace, None, self._now, self._position)

    def lot(self, name: LotName) -> str:
        try:
            [id_] = resolve(self._workspace.index.lots, [name])
        except RequestError as error:
            raise _of_lot(error) from error
        return "0x" + id_.hex()

    def ask(self, what: str, lot: str, asked: Mapping[str, Any], after: str | None) -> Told:
        asked = dict(asked)
        reason = asked.pop("reason", "")
        clock = asked.pop("clock", None)
        wanted = Wanted(**asked, clock=Clock(clock) if clock else None, after=after)
        question = asking(self._workspace, self._now, self._position, wanted)
        id_ = _id(lot, "campaign" if what == "campaign" else "lot")
        if what == "campaign":
            return service.answered(self._workspace, self._sight, id_, question)
        found = service.batch(self._workspace, self._sight, self._position, id_)
        return self._told(what, found, question, reason)

    def _told(self, what: str, lot: Lot, question: Asking, reason: str) -> Told:
        workspace, sight = self._workspace, self._sight
        match what:
            case "custody":
                return service.followed(workspace, sight, lot, question)
            case "scope":
                return service.scoped(workspace, sight, lot, question, reason=reason)
            case _:
                return service.traced(workspace, sight, lot, Direction(what), question)


@contextmanager
def _ledger(options: argparse.Namespace) -> Iterator[_Service | _Directory]:
    client = client_of(options)
    if client is not None:
        with client:
            yield _Service(client)
        return
    workspace = workspace_of(options)
    try:
        yield _Directory(workspace)
    finally:
        workspace.close()


def lot_of(options: argparse.Namespace, name: LotName) -> str:
    """The 0x id of the lot of this name, on the ledger that the options name."""
    with _ledger(options) as ledger:
        return ledger.lot(name)


def named_lot(text: str) -> LotName:
    """The lot that an argument means."""
    try:
        name = LotName.read(text, 0)
    except RequestError as error:
        raise _of_lot(error) from error
    if name.lot:
        check_lot(name.lot)
    return name


def _of_lot(error: RequestError) -> RequestError:
    """The same error about the one lot of the command."""
    field = (error.field or "lot").replace("lots.0", "lot")
    return RequestError(
        str(error).replace("lots.0", "lot"),
        message_zh=error.message_zh.replace("lots.0", "lot"),
        field=field,
        code=error.code,
        values=error.values,
    )


def _id(text: str, field: str) -> bytes:
    try:
        found = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        found = b""
    if len(found) != 32 or not text.startswith("0x"):
        raise RequestError(
            f"{field}: {text[:80]!r} is no id of 32 bytes in 0x hex",
            message_zh=f"{field}：{text[:80]!r} 不是 32 字节的 0x 十六进制标识",
            field=field,
            code="batch.id",
        )
    return found


# ------------------------------------------------------------------------------ answering


def _trace(options: argparse.Namespace, out: Output) -> int:
    asked = {"known_at": options.known_at, "size": options.size, "zone": options.zone}
    what = "back"
    if options.custody:
        what = "custody"
    elif options.recall_scope:
        what = "scope"
    elif options.forward:
        what = "forward"
    _check(options, what)
    if what in ("back", "forward"):
        asked |= {"at": options.at, "clock": options.clock, "depth": options.depth}
    if options.entries is not None:
        asked["reason"] = options.reason
    name = named_lot(options.lot)
    with _ledger(options) as ledger:
        lot = ledger.lot(name)
        told = ledger.ask(what, lot, asked, options.after)
        if options.entries is not None:
            _read_on(told, lambda after: ledger.ask(what, lot, asked, after))
    if options.entries is not None:
        _write(options.entries, told["recalls"])
        told |= _warning(told)
    show = {"custody": _custody_lines, "scope": _scope_lines}.get(what, _trace_lines)
    page = _Page(told, options.zone, out)
    out.answer(told, _flat([*show(page), *page.end()]))
    return 1 if told["more"] or told["withheld"] else 0


def _check(options: argparse.Namespace, what: str) -> None:
    """:class:`RequestError` for an option that does not go with what is asked."""
    traces = what in ("back", "forward")
    for name, given, fits in (
        ("at", options.at is not None, traces),
        ("clock", options.clock is not None, traces),
        ("depth", options.depth != MOST_ANSWERED_DEPTH, traces),
        ("entries", options.entries is not None, what == "scope" and options.after is None),
        ("reason", bool(options.reason), options.entries is not None),
    ):
        if given and not fits:
            raise _unfit(name, "does not go with what is asked", "与所问内容不符")
    if options.entries is not None and not options.reason.strip():
        raise _unfit("reason", "is needed with --entries", "使用 --entries 时必填")
    if len(options.reason) > MAX_TEXT:
        raise _unfit("reason", f"at most {MAX_TEXT} characters", f"最多 {MAX_TEXT} 个字符")
    if options.entries is not None and options.entries.exists():
        raise _unfit("entries", "the file is there already", "文件已存在")


def _unfit(name: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"{name}: {english}", message_zh=f"{name}：{chinese}", field=name, code="trace.options"
    )


def _read_on(told: Told, ask: Callable[[str], Told]) -> None:
    """Lay the following pages of a scope beside the first."""
    while told["continuation"] is not None:
        page = ask(told["continuation"])
        told["lots"] += page["lots"]
        told["recalls"] += page["recalls"]
        told["standing"] += page["standing"]
        told["organisations"] |= page["organisations"]
        for name, count in page["withheld"].items():
            told["withheld"][name] = told["withheld"].get(name, 0) + count
        told |= {name: page[name] for name in ("more", "continuation")}


def _warning(told: Told) -> Told:
    """Whoever signs the file recalls these a second time; empty where there are none."""
    again = len({one["lot"] for one in told["standing"]})
    if not again:
        return {}
    return {
        "warning": {
            "en": f"Warning: already recalled: {again} of these lots; who signs this file recalls "
            "them once more, in another campaign",
            "zh": f"警告：其中 {again} 个批次已被召回；签署此文件即在另一活动中再次召回",
        }
    }


def _write(path: Path, entries: Sequence[Told]) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(entries, file, ensure_ascii=False, indent=1)
    except OSError as error:
        raise _unfit("entries", str(error), str(error)) from error


def _campaign(options: argparse.Namespace, out: Output) -> int:
    asked = {"known_at": options.known_at, "size": options.size, "zone": options.zone}
    _id(options.campaign, "campaign")
    with _ledger(options) as ledger:
        told = ledger.ask("campaign", options.campaign, asked, options.after)
    page = _Page(told, options.zone, out)
    out.answer(told, _flat([*_campaign_lines(page), *page.end()]))
    settled = all(
        lot["recalls"]
        and not lot["missing"]
        and all(answer["code"] in ("agrees", "superseded") for answer in lot["acknowledged"])
        for lot in told["lots"]
    )
    return 0 if settled and not told["more"] and not told["withheld"] else 1


# ------------------------------------------------------------------------------ printing


def _flat(lines: Sequence[str]) -> list[str]:
    """One line each: what somebody gave as a reason must not look like a line of ours."""
    return [line.replace("\n", " ") for line in lines]


class _Page:
    """An answer to be printed."""

    def __init__(self, told: Told, zone: str, out: Output) -> None:
        self.told = told
        self.out = out
        self._zone = ZoneInfo(zone)

    def text(self, english: str, chinese: str) -> str:
        return self.out.text(english, chinese)

    def word(self, told: Mapping[str, str]) -> str:
        return told[self.out.language]

    def name(self, organisation: str | None) -> str:
        if organisation is None:
            return "–"
        found = self.told["organisations"].get(organisation)
        return organisation if found is None else self.word(found)

    def time(self, instant: int) -> str:
        return datetime.fromtimestamp(instant, self._zone).strftime("%Y-%m-%d %H:%M")

    def clocks(self) -> list[str]:
        clocks = self.told["clocks"]
        last, known = clocks["complete_to"] - 1, self.time(clocks["known_at"])
        lines = [
            self.text(
                f"As known {known}, complete up to entry {last}.",
                f"截至 {known} 所知，完整至第 {last} 号条目。",
            )
        ]
        if clocks.get("at") is not None:
            at = self.time(clocks["at"])
            lines.append(self.text(f"Only what happened by {at}.", f"仅计 {at} 之前发生的。"))
            lines.append(self.word(clocks["note"]))
        return lines

    def end(self) -> list[str]:
        """What is missing, and how to get it."""
        lines = []
        for name, count in self.told["withheld"].items():
            english, chinese = _WITHHELD.get(name, (name, name))
            lines.append(
                self.text(f"Not shown to you: {count} {english}", f"无权查看：{chinese} {count}")
            )
        if self.told["continuation"] is not None:
            after = self.told["continuation"]
            lines.append(self.text(f"There is more: --after {after}", f"后面还有：--after {after}"))
        elif self.told["more"]:
            lines.append(self.text("There is more, deeper: --depth", "更深处还有：--depth"))
        return lines


_WITHHELD: Final = {
    "lots": ("lots", "批次"),
    "edges": ("steps between lots", "批次间的关系"),
    "links": ("links", "环节"),
    "marks": ("marks", "标记"),
    "actors": ("entries by others", "他方条目"),
    "findings": ("findings about entries by others", "他方条目的记录"),
    "custodians": ("custodians", "持有方"),
    "under_way": ("shipments under way", "在途发运"),
    "units": ("logistic units", "物流单元"),
    "hops": ("acts of custody", "流转动作"),
    "acknowledged": ("acknowledgements", "确认"),
    "missing": ("who have not answered", "未答复方"),
}


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows with their columns under each other; wide characters count twice."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _trace_lines(page: _Page) -> list[str]:
    told = page.told
    back = told["direction"] == "back"
    used: dict[int, int] = {}
    for edge in told["edges"]:
        which = edge["input"] if back else edge["output"]
        used[which] = used.get(which, 0) + edge["used"]
    rows = [
        [
            page.text("lot", "批次"),
            page.text("goods", "品类"),
            page.text("made", "产量"),
            page.text("used", "用量") if back else page.text("took", "投入"),
            page.text("maker", "生产者"),
            page.text("qualified then / now", "当时资质／现时资质"),
            page.text("against it", "不利记录"),
        ]
    ]
    names = {lot["number"]: lot["lot"] for lot in (*told["earlier"], *told["lots"])}
    for lot in told["lots"]:
        own = [f["code"] for f in lot["findings"] if f["mark"]]
        inherited = len(lot["inherits"])
        if inherited:
            plus = "+" if lot["inherits_more"] else ""
            own.append(page.text(f"{inherited}{plus} upstream", f"上游 {inherited}{plus} 项"))
        made = next((a for a in lot["actors"] if a["making"]), None)
        rows.append(
            [
                "  " * min(lot["depth"], 10) + lot["lot"],
                lot["category"],
                f"{lot['quantity']:,} {lot['unit']}",
                f"{used[lot['number']]:,}" if lot["number"] in used else "",
                page.name(lot["maker"]),
                "" if made is None else f"{_RESULTS[made['then']]} / {_RESULTS[made['now']]}",
                ", ".join(own),
            ]
        )
    lines = [*page.clocks(), *table(rows)]
    colon = page.text(": ", "：")
    for lot in (*told["lots"], *told["earlier"]):
        if lot["number"] != told["root"]:
            continue
        for finding in lot["findings"]:
            sign = "✗" if finding["mark"] else "·"
            lines.append(f"{sign} {lot['lot']}{colon}{page.word(finding)}")
        for mark in lot["inherits"]:
            way = " ← ".join(names.get(n, str(n)) for n in mark["path"])
            lines.append(f"✗ {way}{colon}{page.word(mark)}")
    least = told["assurance"]["least"]
    if least is not None:
        lines.append(
            page.text("Least assured: ", "保证最弱的环节：")
            + f"{names.get(least['lot'], least['lot'])}{page.text(', ', '，')}{page.word(least)}"
        )
    return lines


_RESULTS: Final = {"valid": "✓", "invalid": "✗", "unknown": "?", "skipped": "–"}

_BOOKS: Final = (
    ("made", "made", "生产"),
    ("received", "received", "接收"),
    ("sent", "sent", "发出"),
    ("on_hand", "on hand", "现存"),
    ("in_units", "in units", "在单元中"),
    ("under_way_to", "under way to it", "在途"),
    ("used", "used", "用去"),
    ("dispensed", "handed out", "已发放"),
    ("destroyed", "destroyed", "已销毁"),
    ("lost", "lost", "损失"),
)


def _books(page: _Page, rows: Sequence[tuple[str, Told]], first: Sequence[str]) -> list[str]:
    """Custodians' books, one per row; columns in which nobody has anything are left out."""
    shown = [column for column in _BOOKS if any(books[column[0]] for _, books in rows)]
    heading = [*first, *(page.text(english, chinese) for _, english, chinese in shown)]
    body = [
        [*([lot] if len(first) == 2 else []), page.name(books["custodian"])]
        + [f"{books[name]:,}" if books[name] else "–" for name, _, _ in shown]
        for lot, books in rows
    ]
    return table([heading, *body])


def _custody_lines(page: _Page) -> list[str]:
    told = page.told
    lot = told["lot"]
    custodian = page.text("custodian", "持有方")
    lines = [
        *page.clocks(),
        page.text(
            f"Lot {lot['lot']} of {page.name(lot['maker'])}: {told['made']:,} {lot['unit']}",
            f"{page.name(lot['maker'])}批次 {lot['lot']}：{told['made']:,} {lot['unit']}",
        ),
        *_books(page, [("", books) for books in told["custodians"]], [custodian]),
    ]
    rows = [
        [
            page.text("entry", "条目"),
            page.text("happened", "发生"),
            page.text("recorded", "记录"),
            page.text("act", "动作"),
            page.text("by", "由"),
            page.text("other side", "对方"),
            page.text("quantity", "数量"),
            page.text("note", "说明"),
        ]
    ]
    for hop in told["hops"]:
        late = page.text(" late", " 迟") if hop["late"] else ""
        lost = page.text(f", {hop['lost']:,} lost", f"，损失 {hop['lost']:,}")
        rows.append(
            [
                str(hop["entry"]),
                page.time(hop["happened_at"]),
                page.time(hop["recorded_at"]) + late,
                page.word(hop),
                page.name(hop["custodian"]),
                page.name(hop["other"]),
                f"{hop['quantity']:,}" + (lost if hop["lost"] else ""),
                hop["note"],
            ]
        )
    return [*lines, *(table(rows) if told["hops"] else [])]


def _scope_lines(page: _Page) -> list[str]:
    told = page.told
    numbers = {lot["number"]: lot["lot"] for lot in told["lots"]}
    rows = [
        ("  " * min(lot["depth"], 10) + lot["lot"], books)
        for lot in told["lots"]
        for books in lot["custody"]["custodians"]
    ]
    heading = [page.text("lot", "批次"), page.text("custodian", "持有方")]
    return [
        *page.clocks(),
        *_books(page, rows, heading),
        *(
            f"! {numbers[one['lot']]}{page.text(': ', '：')}{page.word(one)}"
            for one in told["standing"]
        ),
        page.text(
            f"{len(told['lots'])} lots, {len(told['recalls'])} entries to sign; once signed they "
            f"are the new campaign {told['campaign']}",
            f"{len(told['lots'])} 个批次，{len(told['recalls'])} 条待签召回；签署后为新活动 "
            f"{told['campaign']}",
        ),
        *([page.word(told["warning"])] if "warning" in told else []),
    ]


#: The sign before an acknowledgement, by how it stands to the books.
_AGREEMENTS: Final = {"agrees": "✓", "under-way": "…", "differs": "✗", "superseded": "·"}


def _campaign_lines(page: _Page) -> list[str]:
    lines = page.clocks()
    for lot in page.told["lots"]:
        unnamed = page.text(" (not recalled)", "（未召回）") if not lot["recalls"] else ""
        lines.append(f"{lot['lot']} {page.name(lot['maker'])}{unnamed}")
        for answer in lot["acknowledged"]:
            when = page.time(answer["recorded_at"])
            sign = _AGREEMENTS[answer["code"]]
            lines.append(
                page.text(
                    f"  {sign} {page.name(answer['custodian'])}, {when}: "
                    f"{answer['set_aside']:,} set aside, {answer['gone']:,} gone",
                    f"  {sign} {page.name(answer['custodian'])}，{when}：封存 "
                    f"{answer['set_aside']:,}，已流出 {answer['gone']:,}",
                )
            )
            if answer["code"] != "agrees":
                lines.append(f"    {page.word(answer)}")
        for books in lot["missing"]:
            there = books["on_hand"] + books["in_units"]
            lines.append(
                page.text(
                    f"  ✗ {page.name(books['custodian'])} has not answered: {there:,} there, "
                    f"{books['under_way_to']:,} under way to it, {books['dispensed']:,} handed out",
                    f"  ✗ {page.name(books['custodian'])}未答复：现存 {there:,}，在途 "
                    f"{books['under_way_to']:,}，已发放 {books['dispensed']:,}",
                )
            )
    return lines
