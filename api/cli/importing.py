"""``suyuan import``: mirror public registers, or issue what a table of one's own says.

Recalls and lists of relief goods: :mod:`api.cli.importing_goods`.

The plan is made and shown first; ``--dry-run`` stops there. A second run finds nothing to do, and
an interrupted one goes on where it stopped. Signs with the key given, on this machine, wherever the
ledger is.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.cli import importing_goods
from api.cli.carrying_out import add_recording, answer, carry_out, day_of, read_file
from api.cli.importers import importer_of
from api.cli.output import Output
from ledger.catalogue import load as load_catalogue
from ledger.disclosure import document_hash
from ledger.errors import RequestError
from ledger.importing.issues import plan_issues
from ledger.importing.mirror import plan_mirror
from ledger.importing.register_state import holdings_of
from ledger.registers import REGISTERS, read, sort_files
from ledger.template import read_template, write_template


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
        add_recording(source)
        source.set_defaults(run=_mirror, register=register)
    folder = sources.add_parser("folder", help="every register whose files lie in a folder")
    folder.add_argument("folder", type=Path)
    folder.add_argument("--published", help="day of publication, YYYY-MM-DD, if files do not say")
    add_recording(folder)
    folder.set_defaults(run=_folder)
    issues = sources.add_parser("issues", help="an issuer's own table (see `template`)")
    issues.add_argument("file", type=Path, help="CSV or XLSX")
    issues.add_argument("--documents", type=Path, help="folder with the files that rows name")
    add_recording(issues)
    issues.set_defaults(run=_issues)
    importing_goods.add(sources)
    template = sources.add_parser("template", help="write the empty table for `issues`")
    template.add_argument("file", type=Path, help="XLSX file to write")
    template.set_defaults(run=_template)


def _mirror(options: argparse.Namespace, out: Output) -> int:
    names = [path.name for path in options.files]
    unique = len(set(names)) == len(names)
    files = {path.name if unique else str(path): read_file(path) for path in options.files}
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
        str(path.relative_to(options.folder)): read_file(path)
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
    published = None if options.published is None else day_of(options.published, "published")
    done = []
    with importer_of(options) as importer:
        for register, files in found.items():
            reading = read(register, files, published=published)
            holdings = holdings_of(importer.register_state(register), reading)
            plan = plan_mirror(reading, holdings, importer.author)
            if not options.dry_run:
                for name, data in files.items():
                    importer.keep(name, data)
            done.append(carry_out(register, plan, importer, options, out))
    return answer(done, out)


def _issues(options: argparse.Namespace, out: Output) -> int:
    with importer_of(options) as importer:
        reading = read_template(options.file.name, read_file(options.file), importer.catalogue)
        documents = {}
        for issue in reading.issues:
            path = options.documents and options.documents / Path(issue.document_name).name
            if issue.document_name and path and path.is_file():
                data = read_file(path)
                documents[issue.document_name] = document_hash(data)
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
        done = carry_out("issues", plan, importer, options, out)
    return answer([done], out)


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
