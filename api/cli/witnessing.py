"""``suyuan anchors`` and ``suyuan witness``: what to trust, and watching that history stays."""

import argparse
import os
import time
from pathlib import Path
from typing import Any

import orjson

from api.cli.carrying_out import read_file
from api.cli.keys import add_key_options, signer_of
from api.cli.output import Output
from api.cli.where import client_of, workspace_of
from api.client import SuyuanClient
from ledger.errors import RequestError, UnavailableError
from ledger.evidence.anchors import Anchors
from ledger.evidence.bundle import Bundle, ConsistencyClaim, Witness
from ledger.evidence.report import CODES, Report, Result
from ledger.signing import Signer
from ledger.witnessing import BROKEN, Contradiction, Seen, countersign, examine


def add(commands: Any) -> None:
    anchors = commands.add_parser(
        "anchors",
        help="write down what evidence of this ledger is verified against",
        description="Chain, contracts, founding and keys of the ledger. Whoever verifies evidence "
        "must have these by another way than the service that hands out the evidence: in print, "
        "from the authority, from a witness; or must at least compare them so.",
    )
    anchors.add_argument("--data", type=Path, required=True, metavar="DIR")
    anchors.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    anchors.set_defaults(run=_anchors)

    witness = commands.add_parser(
        "witness",
        help="check that the log only grew since the last time, and countersign that",
        description="Takes the newest checkpoint, verifies seal, state proof and consistency with "
        "the checkpoint in the state file, signs, and remembers. Exit status 1 if the checkpoint "
        "does not hold; where history was set back or rewritten, both checkpoints are written "
        "beside the state file as proof.",
    )
    where = witness.add_mutually_exclusive_group(required=True)
    where.add_argument("--server", metavar="URL", help="a running service")
    where.add_argument("--bundle", type=Path, metavar="FILE", help="a consistency bundle")
    witness.add_argument("--token-file", type=Path, metavar="FILE", help="access token (mode 0600)")
    witness.add_argument("--out", type=Path, metavar="FILE", help="with --bundle: the signature")
    witness.add_argument("--anchors", type=Path, required=True, metavar="FILE")
    witness.add_argument("--state", type=Path, required=True, metavar="FILE", help="the memory")
    add_key_options(witness)
    witness.set_defaults(run=_witness)


def _anchors(options: argparse.Namespace, out: Output) -> int:
    workspace = workspace_of(options)
    try:
        anchors = workspace.checkpoints.anchors()
    finally:
        workspace.close()
    text = orjson.dumps(anchors.to_json(), option=orjson.OPT_INDENT_2) + b"\n"
    if options.out is None:
        print(text.decode(), end="")
        return 0
    _write(options.out, text)
    out.say(
        f"{options.out}: compare it by another way before you trust it.",
        f"{options.out}：请先通过其他途径核对，再予信任。",
    )
    return 0


def _witness(options: argparse.Namespace, out: Output) -> int:
    if (options.bundle is None) != (options.out is None):
        raise RequestError(
            "--bundle and --out go together",
            message_zh="--bundle 须与 --out 同用",
            field="out",
            code="witness.options",
        )
    anchors = Anchors.parse(read_file(options.anchors))
    signer = signer_of(options)
    seen = Seen.loads(read_file(options.state)) if options.state.exists() else None
    client = client_of(options)
    if client is None:
        return _by_file(options, anchors, signer, seen, out)
    with client:
        return _by_service(options, client, anchors, signer, seen, out)


def _by_service(
    options: argparse.Namespace,
    client: SuyuanClient,
    anchors: Anchors,
    signer: Signer,
    seen: Seen | None,
    out: Output,
) -> int:
    told = client.checkpoint()
    shown = Seen.from_json(told)
    path = b""
    if seen is not None and seen.checkpoint.size < shown.checkpoint.size:
        path = client.consistency(int(told["block"]), seen.checkpoint.size)
    report = examine(anchors, seen, shown, path)
    if report.result is not Result.VALID:
        return _refuse(options, seen, shown, report, out)
    witness, block = countersign(anchors, seen, shown, signer, int(time.time()))
    # Remembered first: what was seen was seen, also if the service does not take the signature.
    _write(options.state, shown.dumps())
    client.countersign(block, witness)
    _tell(witness, block, shown, out)
    return 0


def _by_file(
    options: argparse.Namespace,
    anchors: Anchors,
    signer: Signer,
    seen: Seen | None,
    out: Output,
) -> int:
    bundle = Bundle.parse(read_file(options.bundle))
    claim = bundle.claim
    if not isinstance(claim, ConsistencyClaim):
        raise RequestError(
            "a witness needs a bundle of the kind consistency",
            message_zh="见证须用 consistency 类证据包",
            field="bundle",
            code="witness.kind",
        )
    shown = Seen.from_json(bundle.to_json())
    if seen is not None and claim.earlier.size != seen.checkpoint.size:
        if shown.checkpoint.size >= seen.checkpoint.size:
            raise RequestError(
                f"the bundle must begin at {seen.checkpoint.size} entries, which you saw last",
                message_zh=f"证据包须从您上次所见的 {seen.checkpoint.size} 条条目开始",
                field="bundle",
                code="witness.since",
            )
    # What the bundle calls earlier proves nothing here: the witness's own memory takes its place.
    report = examine(anchors, seen, shown, claim.path if seen is not None else b"")
    if report.result is not Result.VALID:
        return _refuse(options, seen, shown, report, out)
    witness, block = countersign(anchors, seen, shown, signer, int(time.time()))
    _write(options.state, shown.dumps())
    _write(options.out, orjson.dumps({"block": block, **witness.to_json()}) + b"\n")
    _tell(witness, block, shown, out)
    return 0


def _refuse(
    options: argparse.Namespace, seen: Seen | None, shown: Seen, report: Report, out: Output
) -> int:
    code = report.code or ""
    texts = CODES[code]
    data = {"result": report.result.value, "code": code}
    lines = [out.text(f"Not countersigned: {texts.en}", f"未副署：{texts.zh}")]
    if seen is not None and code in BROKEN:
        file = options.state.with_name(f"{options.state.name}.{int(time.time())}.contradiction")
        _write(file, Contradiction(seen, shown, code).dumps())
        data["contradiction"] = str(file)
        lines.append(
            out.text(
                f"Both checkpoints, each sealed, are in {file}: keep it and show it.",
                f"两份各有封印的检查点已写入 {file}：请妥善保存并出示。",
            )
        )
    out.answer(data, lines)
    return 1


def _tell(witness: Witness, block: int, shown: Seen, out: Output) -> None:
    size = shown.checkpoint.size
    out.answer(
        {"block": block, "size": size, **witness.to_json()},
        [
            out.text(
                f"Countersigned: block {block}, {size} entries, which extend the "
                f"{witness.previous_size} seen before.",
                f"已副署：区块 {block}，共 {size} 条条目，与此前所见的 {witness.previous_size} "
                "条一致。",
            )
        ],
    )


def _write(path: Path, content: bytes) -> None:
    """Write the file as a whole or not at all, and so that it survives a crash."""
    temporary = path.with_name(path.name + ".new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise UnavailableError(f"{path} cannot be written: {error.strerror}") from error
