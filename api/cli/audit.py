"""``suyuan audit``: that the database and the files say exactly what the ledger says."""

import argparse
import time
from pathlib import Path
from typing import Any

from api.cli.output import Output, printable
from ledger.audit import PARTS, Finding, audit
from ledger.errors import LedgerInUseError

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
            out.progress(f"{part}: {share}", f"{part}：{share}")

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
        looked_at = ", ".join(f"{count} {what}" for what, count in counts.items())
        lines.append(
            out.text(
                f"{part}: {looked_at}; {report.differences[part]} differences",
                f"{part}：{looked_at}；差异 {report.differences[part]} 处",
            )
        )
    lines += [out.text(*note) for note in report.notes]
    lines.append(
        out.text("Nothing differs.", "没有任何差异。")
        if report.is_clean
        else out.text(f"{found} differences.", f"共 {found} 处差异。")
    )
    out.answer(report.to_json(), lines)
    return 0 if report.is_clean else 1


def _line(finding: Finding, out: Output) -> str:
    values = ""
    if finding.expected is not None or finding.found is not None:
        values = out.text(
            f" (expected {finding.expected}, found {finding.found})",
            f"（应为 {finding.expected}，实为 {finding.found}）",
        )
    separator = out.text(": ", "：")
    return f"{finding.place}{separator}{out.text(finding.en, finding.zh)}{values}"
