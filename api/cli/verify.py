"""``suyuan verify``: check evidence without network, service or data directory.

Nothing is imported but the verification core, so it works where only that is installed.
"""

import argparse
from pathlib import Path
from typing import Any, Final

from api.cli.output import Output
from ledger.errors import RequestError, UnavailableError
from ledger.evidence.anchors import Anchors
from ledger.evidence.canonical import MAX_BYTES
from ledger.evidence.report import LIMITS, Finding, Report, Result
from ledger.evidence.verification import verify

#: What is read of a file at most: one byte more than any evidence has tells that it is too long.
_MOST: Final = MAX_BYTES + 1
#: Documents are larger than evidence; pictures and scans have their place.
_MOST_OF_DOCUMENT: Final = 1024 * 1024 * 1024

_RESULTS: Final = {
    Result.VALID: ("valid", "有效"),
    Result.INVALID: ("NOT valid", "无效"),
    Result.UNKNOWN: ("unknown", "无法确定"),
    Result.SKIPPED: ("skipped", "跳过"),
}


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "verify",
        help="check evidence from a file, without network",
        description="Checks an evidence bundle against anchors that you hold already, and says "
        "what it does not prove. Nothing is sent anywhere.",
        epilog="Exit status: 0 when the evidence is valid; 1 when it is not, or when that cannot "
        "be told with these anchors; 2 when the command could not be carried out.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the evidence bundle")
    parser.add_argument(
        "--anchors",
        type=Path,
        metavar="FILE",
        default=Path("anchors.json"),
        help="what you trust (default: anchors.json): keys, contracts and checkpoints that you "
        "got from elsewhere than the evidence",
    )
    parser.add_argument(
        "--document",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="a document that the evidence should name, unaltered; may be given repeatedly",
    )
    parser.set_defaults(run=_verify)


def _verify(options: argparse.Namespace, out: Output) -> int:
    anchors = Anchors.parse(_read("anchors", options.anchors, _MOST))
    data = _read("file", options.file, _MOST)
    documents = [_document(path) for path in options.document]
    report = verify(anchors, data, documents)
    out.answer(report.to_json(), _lines(report, out))
    return 0 if report.result is Result.VALID else 1


def _read(field: str, path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except IsADirectoryError:
        raise RequestError(
            f"{path} is a folder", message_zh=f"{path} 是文件夹", field=field, code="cli.file"
        ) from None
    except FileNotFoundError:
        raise RequestError(
            f"there is no file {path}",
            message_zh=f"没有文件 {path}",
            field=field,
            code="cli.file",
        ) from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from None


def _document(path: Path) -> bytes:
    data = _read("document", path, _MOST_OF_DOCUMENT + 1)
    if len(data) > _MOST_OF_DOCUMENT:
        raise RequestError(
            f"{path} is longer than a document may be ({_MOST_OF_DOCUMENT} bytes)",
            message_zh=f"{path} 超过文件长度上限（{_MOST_OF_DOCUMENT} 字节）",
            field="document",
            code="cli.file",
        )
    return data


def _lines(report: Report, out: Output) -> list[str]:
    kind = out.text("kind", "种类")
    lines = [] if report.kind is None else [f"{kind}: {report.kind}"]
    lines += [_line(finding, out) for finding in report.findings]
    lines.append(out.text("What this does not prove:", "本证据不能证明："))
    lines += [f"  - {out.text(*LIMITS[code])}" for code in report.limits]
    result = out.text(*_RESULTS[report.result])
    code = "" if report.code is None else f" ({report.code})"
    return [*lines, out.text(f"Result: {result}{code}", f"结论：{result}{code}")]


def _line(finding: Finding, out: Output) -> str:
    result = out.text(*_RESULTS[finding.result])
    said = finding.to_json()
    code = "" if finding.code is None else f" [{finding.code}]"
    return f"{finding.number:>2} {finding.name:<11} {result}{code}: {said[out.language]}"
