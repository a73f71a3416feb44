"""``suyuan import``: mirror public registers, or issue what a table of one's own says.

The plan is made and shown first; ``--dry-run`` stops there. A second run finds nothing to do, and
an interrupted one goes on where it stopped. Signs with the key given, on this machine.
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak

from api.cli.keys import add_key_options, signer_of
from api.cli.output import Output
from api.cli.serving import add_data_option
from ledger.authoring import Author
from ledger.days import iso_day
from ledger.errors import RequestError, UnavailableError
from ledger.importing.holdings import issued_keys, mirror_holdings, organisations_of
from ledger.importing.issues import plan_issues
from ledger.importing.mirror import plan_mirror
from ledger.importing.recording import finish, record
from ledger.importing.report import Outcome, Plan
from ledger.registers import REGISTERS, read, sort_files
from ledger.template import read_template, write_template
from ledger.workspace import Workspace


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
    add_data_option(parser)
    add_key_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="plan and report, record nothing")
    parser.add_argument("--report", action="store_true", help="show every row, not only problems")


def _mirror(options: argparse.Namespace, out: Output) -> int:
    files = {path.name: _read(path) for path in options.files}
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
    workspace, author = _open(options)
    status = 0
    try:
        for register, files in found.items():
            reading = read(register, files, published=published)
            holdings = mirror_holdings(workspace.index, author.organisation, reading)
            plan = plan_mirror(reading, holdings, author)
            if not options.dry_run:
                for name, data in files.items():
                    _keep(workspace, author, name, data)
            status |= _carry_out(register, plan, workspace, author, options, out)
    finally:
        workspace.close()
    return status


def _issues(options: argparse.Namespace, out: Output) -> int:
    workspace, author = _open(options)
    try:
        reading = read_template(options.file.name, _read(options.file), workspace.catalogue)
        documents = {}
        for issue in reading.issues:
            path = options.documents and options.documents / Path(issue.document_name).name
            if issue.document_name and path and path.is_file():
                data = _read(path)
                documents[issue.document_name] = keccak(data)
                if not options.dry_run:
                    _keep(workspace, author, path.name, data)
        plan = plan_issues(
            options.file.name,
            reading,
            documents,
            issued_keys(workspace.index, author.organisation, reading),
            organisations_of(workspace.index, reading),
            author,
        )
        return _carry_out("issues", plan, workspace, author, options, out)
    finally:
        workspace.close()


def _carry_out(
    name: str,
    plan: Plan,
    workspace: Workspace,
    author: Author,
    options: argparse.Namespace,
    out: Output,
) -> int:
    """Show the plan and, unless this is a dry run, record it; 1 if rows were refused."""
    shown = [line for line in plan.lines if options.report or line.outcome is Outcome.REFUSED]
    for line in shown:
        if line.problem is not None:
            where = f"{line.document} {line.problem.field}"
            out.say(
                f"{line.outcome}: {where}: {line.problem.message}",
                f"{line.outcome}：{where}：{line.problem.message_zh}",
            )
        else:
            out.say(f"{line.outcome}: {line.what}", f"{line.outcome}：{line.what}")
    refused: list[dict[str, Any]] = []
    if not options.dry_run and plan.entries:
        started = time.monotonic()

        def progress(done: int, of: int) -> None:
            out.progress(f"{name}: {done} of {of} entries", f"{name}：{done}/{of} 条")

        for status in record(workspace, [author.sign(e) for e in plan.entries], progress):
            if status.refusal is not None:
                refused.append(
                    {"digest": "0x" + status.digest.hex(), "reason": status.refusal.message}
                )
        out.progress("", "")
        seconds = time.monotonic() - started
        out.say(
            f"{name}: {len(plan.entries)} entries recorded in {seconds:.1f} s",
            f"{name}：{len(plan.entries)} 条已上链，用时 {seconds:.1f} 秒",
        )
    counts = plan.counts()
    summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    out.answer(
        {
            "source": name,
            "dry_run": options.dry_run,
            "entries": len(plan.entries),
            "rows": counts,
            "lines": [line.to_json() for line in shown],
            "refused_entries": refused,
        },
        [f"{name}: {summary}", *(f"{r['digest']}: {r['reason']}" for r in refused)],
    )
    return 1 if counts[Outcome.REFUSED.value] or refused else 0


def _template(options: argparse.Namespace, out: Output) -> int:
    from ledger.catalogue import load

    data = write_template(load())
    try:
        with options.file.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise UnavailableError(f"{options.file}: {error.strerror}") from error
    out.say(f"{options.file} written", f"已写入 {options.file}")
    return 0


def _open(options: argparse.Namespace) -> tuple[Workspace, Author]:
    signer = signer_of(options)
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        finish(workspace)
        account = workspace.index.account(signer.address)
        if account is None:
            raise RequestError(
                f"0x{signer.address.hex()} is no account on this ledger",
                message_zh=f"0x{signer.address.hex()} 不是本账本上的账户",
                field="key",
                code="import.account",
            )
    except BaseException:
        workspace.close()
        raise
    return workspace, Author(
        signer, account.organisation, workspace.domains, workspace.index.next_nonce, time.time
    )


def _keep(workspace: Workspace, author: Author, name: str, data: bytes) -> None:
    workspace.keep_document(data, name, author.organisation)


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
