"""``suyuan audit``: that the database and the files say exactly what the ledger says."""

import argparse
import time
from pathlib import Path
from typing import Any

from api.cli.output import Output, printable
from ledger.audit import PARTS, Finding, Report, audit
from ledger.audit.keeping import keep
from ledger.audit.report import TITLES, looked_at
from ledger.errors import LedgerInUseError

#: Seconds between two words about progress.
_PERIOD = 0.5


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "audit",
        help="check that index, documents, verdicts and chain file say what the ledger says",
        description="Checks the chain whole, makes the index again beside the live one and "
        "compares every row, hashes every document, makes every verdict again, and holds outbox "
        "and checkpoints against the ledger. It changes nothing of all that; its report is kept "
        "in the directory, for auditors to see. The service must be stopped. "
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
            out.progress(f"{part}: {share}", f"{TITLES[part].zh}：{share}")

    def tell(finding: Finding) -> None:
        if not out.as_json:
            out.progress("", "")
            print(printable(_line(finding, out)), flush=True)

    parts = [part for part in options.only.split(",") if part]
    begun = time.time()
    try:
        report = audit(
            options.data,
            clock=time.time,
            parts=parts,
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
        english = ", ".join(looked_at(what, n).en for what, n in counts.items())
        chinese = "，".join(looked_at(what, n).zh for what, n in counts.items())
        lines.append(
            out.text(
                f"{part}: {english}; {_differences(differing)}",
                f"{TITLES[part].zh}：{chinese}；差异 {differing} 处",
            )
        )
    lines += [out.text(*note) for note in report.notes]
    lines.append(_kept(options, out, report, parts, begun))
    lines.append(
        out.text("Nothing differs.", "没有任何差异。")
        if report.is_clean
        else out.text(f"{_differences(found)}.", f"共 {found} 处差异。")
    )
    out.answer(report.to_json(), lines)
    return 0 if report.is_clean else 1


def _kept(
    options: argparse.Namespace, out: Output, report: Report, parts: list[str], begun: float
) -> str:
    """Keep the report; a sentence about that."""
    held = options.checkpoints is not None
    try:
        run = keep(options.data, report, begun=begun, ended=time.time(), parts=parts, held=held)
    except OSError as error:
        return out.text(
            f"This report could not be kept in {options.data}: {error.strerror}.",
            f"本报告未能保存到 {options.data}：{error.strerror}。",
        )
    return out.text(
        f"Kept as number {run.number}; auditors see it at the audit desk.",
        f"已存为第 {run.number} 次审计；审计方可在审计台查看。",
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _differences(number: int) -> str:
    return _counted(number, "difference", "differences")


def _line(finding: Finding, out: Output) -> str:
    place = finding.place
    if out.language == "zh":
        place = TITLES[finding.part].zh + "：" + place.partition(": ")[2]
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
