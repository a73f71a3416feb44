"""What every import does with its plan: show it, record it unless it is a dry run, and answer."""

import argparse
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from api.cli.importers import Importer, Settled
from api.cli.keys import add_key_options
from api.cli.output import Output
from api.cli.where import add_where
from ledger.days import iso_day
from ledger.errors import RequestError
from ledger.importing.report import Line, Outcome, Plan
from ledger.signing import Signer
from ledger.typed_data import Entry

#: The outcome of a row, in Chinese.
_IN_CHINESE: Final[Mapping[str, str]] = {
    Outcome.ADDED: "新增",
    Outcome.UNCHANGED: "不变",
    Outcome.CHANGED: "变更",
    Outcome.GONE: "不再列出",
    Outcome.NOTICE: "提示",
    Outcome.REFUSED: "拒绝",
}


def add_recording(parser: argparse.ArgumentParser) -> None:
    """Where to record and as whom, and whether to."""
    add_where(parser)
    add_key_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="plan and report, record nothing")
    parser.add_argument("--report", action="store_true", help="show every row, not only problems")


def carry_out(
    name: str,
    plan: Plan,
    importer: Importer,
    options: argparse.Namespace,
    out: Output,
    beside: Sequence[Signer] = (),
) -> dict[str, Any]:
    """Show the plan and, unless this is a dry run, record it; what became of it. ``beside`` sign
    every entry beside the author."""
    shown = [line for line in plan.lines if options.report or line.outcome is Outcome.REFUSED]
    for line in shown:
        if line.problem is not None:
            where = f"{line.document} {line.problem.field}"
            out.say(
                f"{line.outcome}: {where}: {line.problem.message}",
                f"{_IN_CHINESE[line.outcome]}：{where}：{line.problem.message_zh}",
            )
        else:
            where = f"{line.document} row {line.row}: " if line.row else ""
            out.say(
                f"{line.outcome}: {where}{line.what}",
                f"{_IN_CHINESE[line.outcome]}：{where}{line.what}",
            )
    refused: list[dict[str, Any]] = []
    failed: list[Entry] = []
    if not options.dry_run and plan.entries:
        started = time.monotonic()

        def progress(done: int, of: int) -> None:
            out.progress(f"{name}: {done} of {of} entries", f"{name}：{done}/{of} 条")

        signed = [importer.author.sign(entry, *beside) for entry in plan.entries]
        for entry, settled in zip(plan.entries, importer.record(signed, progress), strict=True):
            if settled.refusal is not None:
                failed.append(entry)
                refused.append(_refused(settled, plan.line_of(entry), entry))
        out.progress("", "")
        seconds = time.monotonic() - started
        taken = len(plan.entries) - len(refused)
        out.say(
            f"{name}: {taken} entries recorded in {seconds:.1f} s",
            f"{name}：{taken} 条已上链，用时 {seconds:.1f} 秒",
        )
        for one in refused:
            out.say(
                f"refused: {one['where']}: {one['reason']['en']}",
                f"{_IN_CHINESE[Outcome.REFUSED]}：{one['where']}：{one['reason']['zh']}",
            )
    counts = plan.counts(failed)
    out.say(
        f"{name}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()),
        f"{name}：" + "，".join(f"{_IN_CHINESE[o]} {count}" for o, count in counts.items()),
    )
    return {
        "source": name,
        "dry_run": options.dry_run,
        "entries": len(plan.entries),
        "rows": counts,
        "lines": [line.to_json() for line in shown],
        "refused_entries": refused,
    }


def _refused(settled: Settled, line: Line | None, entry: Entry) -> dict[str, Any]:
    """What the ledger did not take: the row it stands in, or the action that prepares rows."""
    assert settled.refusal is not None
    english, chinese = settled.refusal
    where = entry.action.name
    if line is not None:
        where = f"{line.document} row {line.row}: {line.what}" if line.row else line.what
    return {
        "digest": settled.digest,
        "where": where,
        "reason": {"en": english, "zh": chinese},
    }


def answer(done: list[dict[str, Any]], out: Output) -> int:
    """All of it as one JSON document, for programs; 1 if a row or an entry was refused."""
    out.answer(done, [])
    return int(any(d["rows"][Outcome.REFUSED.value] or d["refused_entries"] for d in done))


def read_file(path: Path) -> bytes:
    """The bytes of a file; :class:`RequestError` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"{path}: {error.strerror}",
            message_zh=f"{path}：无法读取（{error.strerror}）",
            field="file",
            code="import.file",
        ) from error


def day_of(text: str, option: str) -> date:
    """The day, YYYY-MM-DD, that an option names."""
    day = iso_day(text)
    if day is None:
        raise RequestError(
            f"{text!r} is no day, YYYY-MM-DD",
            message_zh=f"{text!r} 不是 YYYY-MM-DD 格式的日期",
            field=option,
            code=f"import.{option}",
        )
    return day
