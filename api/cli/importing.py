"""``suyuan import``: mirror public registers, or issue what a table of one's own says.

The plan is made and shown first; ``--dry-run`` stops there. A second run finds nothing to do, and
an interrupted one goes on where it stopped. Signs with the key given, on this machine, wherever the
ledger is.
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from eth_hash.auto import keccak

from api.cli.importers import Importer, Settled, importer_of
from api.cli.keys import add_key_options
from api.cli.output import Output
from api.cli.where import add_where
from ledger.catalogue import load as load_catalogue
from ledger.days import iso_day
from ledger.errors import RequestError
from ledger.importing.issues import plan_issues
from ledger.importing.mirror import plan_mirror
from ledger.importing.register_state import holdings_of
from ledger.importing.report import Line, Outcome, Plan
from ledger.registers import REGISTERS, read, sort_files
from ledger.template import read_template, write_template
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


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "import", help="mirror a public register, or issue what a table says"
    )
    sources = parser.add_subparsers(required=True, metavar="SOURCE")
    for register, reader in REGISTERS.items():
        source = sources.add_parser(register, help=reader.name_en)
        source.add_argument("files", nargs="+", type=Path, help="the files of one publication")
        source.add_argument(
            "--published", help="day of publication, YYYY-MM-DD, if they do not say"
        )
        _add_recording(source)
        source.set_defaults(run=_mirror, register=register)
    folder = sources.add_parser("folder", help="every register whose files lie in a folder")
    folder.add_argument("folder", type=Path)
    folder.add_argument("--published", help="day of publication, YYYY-MM-DD, if files do not say")
    _add_recording(folder)
    folder.set_defaults(run=_folder)
    issues = sources.add_parser("issues", help="an issuer's own table (see `template`)")
    issues.add_argument("file", type=Path, help="CSV or XLSX")
    issues.add_argument("--documents", type=Path, help="folder with the files that rows name")
    _add_recording(issues)
    issues.set_defaults(run=_issues)
    template = sources.add_parser("template", help="write the empty table for `issues`")
    template.add_argument("file", type=Path, help="XLSX file to write")
    template.set_defaults(run=_template)


def _add_recording(parser: argparse.ArgumentParser) -> None:
    add_where(parser)
    add_key_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="plan and report, record nothing")
    parser.add_argument("--report", action="store_true", help="show every row, not only problems")


def _mirror(options: argparse.Namespace, out: Output) -> int:
    names = [path.name for path in options.files]
    unique = len(set(names)) == len(names)
    files = {path.name if unique else str(path): _read(path) for path in options.files}
    return _with_author(options, out, {options.register: files})


def _folder(options: argparse.Namespace, out: Output) -> int:
    if not options.folder.is_dir():
        raise RequestError(
            f"{options.folder} is no folder",
            message_zh=f"{options.folder} 不是文件夹",
            field="folder",
            code="import.folder",
        )
    files = {
        str(path.relative_to(options.folder)): _read(path)
        for path in sorted(options.folder.rglob("*"))
        if path.is_file() and path.suffix in (".csv", ".json")
    }
    found = sort_files(files)
    if not found:
        raise RequestError(
            f"no file in {options.folder} is one of a known register",
            message_zh=f"{options.folder} 中没有已知名录的文件",
            field="folder",
            code="import.folder",
        )
    return _with_author(options, out, found)


def _with_author(
    options: argparse.Namespace, out: Output, found: Mapping[str, Mapping[str, bytes]]
) -> int:
    published = None if options.published is None else iso_day(options.published)
    if options.published is not None and published is None:
        raise RequestError(
            f"{options.published!r} is no day, YYYY-MM-DD",
            message_zh=f"{options.published!r} 不是 YYYY-MM-DD 格式的日期",
            field="published",
            code="import.published",
        )
    done = []
    with importer_of(options) as importer:
        for register, files in found.items():
            reading = read(register, files, published=published)
            holdings = holdings_of(importer.register_state(register), reading)
            plan = plan_mirror(reading, holdings, importer.author)
            if not options.dry_run:
                for name, data in files.items():
                    importer.keep(name, data)
            done.append(_carry_out(register, plan, importer, options, out))
    return _answer(done, out)


def _issues(options: argparse.Namespace, out: Output) -> int:
    with importer_of(options) as importer:
        reading = read_template(options.file.name, _read(options.file), importer.catalogue)
        documents = {}
        for issue in reading.issues:
            path = options.documents and options.documents / Path(issue.document_name).name
            if issue.document_name and path and path.is_file():
                data = _read(path)
                documents[issue.document_name] = keccak(data)
                if not options.dry_run:
                    importer.keep(path.name, data)
        issued = importer.issued(reading)
        plan = plan_issues(
            options.file.name,
            reading,
            documents,
            issued.keys,
            issued.organisations,
            importer.author,
        )
        done = _carry_out("issues", plan, importer, options, out)
    return _answer([done], out)


def _carry_out(
    name: str,
    plan: Plan,
    importer: Importer,
    options: argparse.Namespace,
    out: Output,
) -> dict[str, Any]:
    """Show the plan and, unless this is a dry run, record it; what became of it."""
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

        signed = [importer.author.sign(entry) for entry in plan.entries]
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


def _answer(done: list[dict[str, Any]], out: Output) -> int:
    """All of it as one JSON document, for programs; 1 if a row or an entry was refused."""
    out.answer(done, [])
    return int(any(d["rows"][Outcome.REFUSED.value] or d["refused_entries"] for d in done))


def _template(options: argparse.Namespace, out: Output) -> int:
    data = write_template(load_catalogue())
    try:
        with options.file.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise RequestError(
            f"{options.file}: {error.strerror}",
            message_zh=f"{options.file}：无法写入（{error.strerror}）",
            field="file",
            code="import.file",
        ) from error
    out.say(f"{options.file} written", f"已写入 {options.file}")
    return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(
            f"{path}: {error.strerror}",
            message_zh=f"{path}：无法读取（{error.strerror}）",
            field="file",
            code="import.file",
        ) from error
