"""``suyuan verify``: check evidence without network, service or data directory.

Nothing is imported but the verification core, so it works where only that is installed.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from api.cli.output import Output
from ledger.errors import RequestError, UnavailableError
from ledger.evidence.anchors import Anchors
from ledger.evidence.canonical import MAX_BYTES
from ledger.evidence.fingerprint import fingerprint
from ledger.evidence.report import LIMITS, Finding, Report, Result
from ledger.evidence.schema import title_of
from ledger.evidence.verification import verify
from ledger.verdict_texts import ANSWERS
from ledger.vocabulary import NO_END

#: What is read of a file at most: one byte more than any evidence has tells that it is too long.
_MOST: Final = MAX_BYTES + 1
#: Documents are larger than evidence; pictures and scans have their place.
_MOST_OF_DOCUMENT: Final = 1024 * 1024 * 1024

#: Members that are instants.
_INSTANTS: Final = ("at", "known_at", "deliver_at", "made_at", "recorded_at")

#: What members are called in 中文 that the schema of evidence does not name so.
_OWN_ZH: Final = {
    "result": "结果",
    "answer": "答案",
    "lots": "批次数",
    "marks": "标记",
    "policy": "策略版本",
    "signers": "签名账户",
    "digest": "摘要",
}

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
    anchors = _anchors(options.anchors)
    data = _read("file", options.file, _MOST)
    documents = [_document(path) for path in options.document]
    report = verify(anchors, data, documents)
    out.answer(report.to_json(), _lines(report, fingerprint(anchors), out))
    return 0 if report.result is Result.VALID else 1


def _anchors(path: Path) -> Anchors:
    raw = _read("anchors", path, _MOST)
    try:
        return Anchors.parse(raw)
    except RequestError as error:
        raise RequestError(
            f"{path}: {error}",
            message_zh=f"{path}：{error.message_zh}",
            field=error.field,
            code=error.code,
        ) from error


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


def _lines(report: Report, anchors: str, out: Output) -> list[str]:
    kind = out.text("kind", "种类")
    colon = out.text(": ", "：")
    lines = []
    if report.kind is not None:
        title = title_of(f"claim-{report.kind}")
        named = out.text(report.kind, f"{title.zh if title else ''}（{report.kind}）")
        lines.append(f"{kind}{colon}{named}")
    lines += [_line(finding, out) for finding in report.findings]
    said = report.to_json()["shown"]
    if said:
        lines.append(out.text("What it shows:", "本证据表明："))
        # On one line each: what somebody signed must not look like lines of this report.
        lines += [
            f"  {_member(name, report.kind, out)}{colon}{' '.join(value.split())}"
            for name, value in _told(said, out)
        ]
    lines.append(out.text("What this does not prove:", "本证据不能证明："))
    lines += [f"  - {out.text(*LIMITS[code])}" for code in report.limits]
    result = out.text(*_RESULTS[report.result])
    code = "" if report.code is None else f" ({report.code})"
    lines.append(out.text(f"anchors: {anchors}", f"信任锚指纹：{anchors}"))
    return [*lines, out.text(f"Result: {result}{code}", f"结论：{result}{code}")]


def _member(name: str, kind: str | None, out: Output) -> str:
    """What a member is called: by its own name in English, which programs and schema have, too."""
    if out.language == "en":
        return name
    arrow = "→ " if name.startswith("→ ") else ""
    plain = name.removeprefix(arrow)
    if plain in _OWN_ZH:
        return arrow + _OWN_ZH[plain]
    for part in (f"claim-{kind}", "question", "entry", "bundle"):
        found = title_of(part, plain)
        if found is not None:
            return arrow + found.zh
    return name


def _told(shown: dict[str, Any], out: Output) -> Iterator[tuple[str, str]]:
    """What was asked, how it was answered, and as of which checkpoint."""
    claim = dict(shown["claim"])
    answer = claim.pop("answer", {})
    names = shown.get("organisations", {})
    asked = {**claim.pop("question", {}), **claim}
    for name, value in asked.items():
        if isinstance(value, str | int) and value != "":
            named = names.get(value, {}).get(out.language)
            yield name, f"{value} {named}" if named else _instant(name, value)
        elif name in _INSTANTS and isinstance(value, list):
            yield name, " – ".join(_instant(name, one) for one in value)
    if "policy" in claim:
        yield "policy", claim["policy"]["version"]
    for name, value in shown.get("entry", {}).items():
        written = isinstance(value, dict | list)
        yield name, json.dumps(value, ensure_ascii=False) if written else _instant(name, value)
    for name in ("answer", "result"):
        if name in answer:
            yield "→ " + name, _word(str(answer[name]), out)
    if "holding" in answer:
        result = _word(answer["holding"]["result"], out)
        yield "→ result", f"{result} ({answer['holding']['status']})"
    for check in answer.get("checks", ()):
        if check["result"] in ("invalid", "unknown"):
            reasons = ", ".join(check["reasons"])
            yield f"→ {check['number']}", f"{check['code']} {check['result']} ({reasons})"
    if "lots" in answer:
        yield "→ lots", str(len(answer["lots"]))
        marks = {f["code"] for lot in answer["lots"] for f in lot["findings"] if f["mark"]}
        yield "→ marks", ", ".join(sorted(marks)) or "–"
    if shown.get("later") is not None:
        yield out.text("not counted: entry", "未计入的后续记录"), str(shown["later"])
    checkpoint = shown["checkpoint"]
    made_at = _instant("made_at", checkpoint["made_at"])
    size = "" if checkpoint["size"] is None else f"{checkpoint['size']}, "
    yield "checkpoint", f"{size}{checkpoint['block_hash']}, {made_at}"


def _word(value: str, out: Output) -> str:
    """A result or an answer: in English as evidence writes it."""
    if out.language == "en":
        return value
    answer = ANSWERS.get(value)
    return _RESULTS[Result(value)][1] if answer is None else answer.zh


def _instant(name: str, value: str | int) -> str:
    if name in _INSTANTS and isinstance(value, int) and value < NO_END:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%SZ}"
    return str(value)


def _line(finding: Finding, out: Output) -> str:
    result = out.text(*_RESULTS[finding.result])
    said = finding.to_json()
    code = "" if finding.code is None else f" [{finding.code}]"
    name = out.text(f"{finding.name:<11} ", finding.title.zh + "：")
    return f"{finding.number:>2} {name}{result}{code}{out.text(': ', '。')}{said[out.language]}"
