"""``suyuan audit``: that the database and the files say exactly what the ledger says."""

import argparse
import time
from pathlib import Path
from typing import Any, Final

from api.cli.output import Output, printable
from ledger.audit import PARTS, Finding, audit
from ledger.errors import LedgerInUseError

#: What the parts of an audit are called in 中文.
_PARTS_ZH: Final = {
    "chain": "链",
    "index": "索引",
    "documents": "文件",
    "verdicts": "结论",
    "checkpoints": "检查点",
    "outbox": "发件箱",
}
#: What was looked at, by the report's word for it: one of it and many in English, and in 中文.
_LOOKED_AT: Final = {
    "contents": ("stored content", "stored contents", "存储内容"),
    "blocks": ("block", "blocks", "区块"),
    "transactions": ("transaction", "transactions", "交易"),
    "events": ("event", "events", "事件"),
    "rows": ("row", "rows", "数据行"),
    "entries": ("entry", "entries", "条目"),
    "files": ("file", "files", "文件"),
    "verdicts": ("verdict", "verdicts", "结论"),
    "held": ("checkpoint held by others", "checkpoints held by others", "他方所持检查点"),
    "checkpoints": ("checkpoint", "checkpoints", "检查点"),
    "countersignatures": ("countersignature", "countersignatures", "见证签名"),
}

#: Seconds between two words about progress.
_PERIOD = 0.5


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "audit",
        help="check that index, documents, verdicts and chain file say what the ledger says",
        description="Checks the chain whole, makes the index again beside the live one and "
        "compares every row, hashes every document, makes every verdict again, and holds outbox "
        "and checkpoints against the ledger. It changes nothing. The service must be stopped. "
        "Exit status 0 only when nothing differs, 1 when something does, 2 when the audit could "
        "not be carried out.",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", required=True, help="the ledger's data directory"
    )
    parser.add_argument(
        "--checkpoints",
        type=Path,
        metavar="FILE",
        help="checkpoints that others hold: a witness's file, or anchors; with them a backup "
        "restored as a whole, or a second history, is found",
    )
    parser.add_argument(
        "--only", metavar="PART,…", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace, out: Output) -> int:
    told = 0.0

    def progress(part: str, done: int, of: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now >= told + _PERIOD:
            told = now
            share = f"{done} / {of}" if of else str(done)
            out.progress(f"{part}: {share}", f"{_PARTS_ZH[part]}：{share}")

    def tell(finding: Finding) -> None:
        if not out.as_json:
            out.progress("", "")
            print(printable(_line(finding, out)), flush=True)

    try:
        report = audit(
            options.data,
            clock=time.time,
            parts=[part for part in options.only.split(",") if part],
            checkpoints=options.checkpoints,
            progress=progress,
            tell=tell,
        )
    except LedgerInUseError as error:
        raise LedgerInUseError(f"{error}; stop it first: what moves cannot be compared") from error
    finally:
        out.progress("", "")
    found = report.differences.total()
    lines = []
    for part, counts in report.counts.items():
        differing = report.differences[part]
        english = ", ".join(_counted(n, *_LOOKED_AT[what][:2]) for what, n in counts.items())
        chinese = "，".join(f"{_LOOKED_AT[what][2]} {n}" for what, n in counts.items())
        lines.append(
            out.text(
                f"{part}: {english}; {_differences(differing)}",
                f"{_PARTS_ZH[part]}：{chinese}；差异 {differing} 处",
            )
        )
    lines += [out.text(*note) for note in report.notes]
    lines.append(
        out.text("Nothing differs.", "没有任何差异。")
        if report.is_clean
        else out.text(f"{_differences(found)}.", f"共 {found} 处差异。")
    )
    out.answer(report.to_json(), lines)
    return 0 if report.is_clean else 1


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _differences(number: int) -> str:
    return _counted(number, "difference", "differences")


def _line(finding: Finding, out: Output) -> str:
    place = finding.place
    if out.language == "zh":
        place = _PARTS_ZH[finding.part] + "：" + place.partition(": ")[2]
    return f"{place}{out.text(': ', '：')}{out.text(finding.en, finding.zh)}{_values(finding, out)}"


def _values(finding: Finding, out: Output) -> str:
    """What was expected and found. Not the whole of a row that is missing or added, whose key
    stands before, and not what the text says already."""
    expected, found = finding.expected, finding.found
    if finding.field is None and (isinstance(expected, dict) or isinstance(found, dict)):
        return ""
    if expected is None and (found is None or str(found) in finding.en):
        return ""
    return out.text(
        f" (expected {_value(expected, out)}, found {_value(found, out)})",
        f"（应为 {_value(expected, out)}，实为 {_value(found, out)}）",
    )


def _value(value: Any, out: Output) -> str:
    if value is None:
        return out.text("nothing", "无")
    if isinstance(value, list):
        return out.text(" or ", " 或 ").join(str(item) for item in value)
    return str(value) or '""'
