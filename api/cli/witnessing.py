"""``suyuan anchors``, ``checkpoint``, ``witness``: what to trust, and watching that history stays.

A witness that reaches the service needs nothing but ``suyuan witness --server``. Elsewhere files go
to and fro: ``suyuan checkpoint -o`` makes what the witness looks at, ``suyuan witness --bundle -o``
signs it, ``suyuan checkpoint --import`` takes the signature in.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any, Final

import orjson

from api.checkpoints.service import take
from api.cli.files import reading, write
from api.cli.keys import add_key_options, signer_of
from api.cli.output import Output
from api.cli.where import add_where, client_of, workspace_of
from api.client import SuyuanClient
from ledger.errors import EvidenceError, RequestError
from ledger.evidence.anchors import Anchors
from ledger.evidence.bundle import Bundle, ConsistencyClaim
from ledger.evidence.fingerprint import fingerprint
from ledger.evidence.report import CODES, Result
from ledger.signing import Signer
from ledger.witnessing import (
    BROKEN,
    Before,
    Contradiction,
    Countersignature,
    Seen,
    before,
    countersign,
    examine,
)

_MEMBERS: Final = """\
members of the file (JSON; ledger/evidence/anchors.schema.json has their forms):
  format          always "suyuan anchors 1"
  chain_id        chain id
  genesis         hash of the chain's first block
  contracts       each contract's address, and the keccak-256 of its code (code_hash)
  founding        what the ledger was founded with: the authority, its names, its accounts, how
                  many of them must sign (quorum), how late entries may be (max_lateness, seconds)
  seal            whose word a checkpoint counts by: rule "service" with keys and quorum, "clique"
                  with signers, "qbft" or "ibft" with validators
  receipts        keys that sign receipts for accepted entries
  witnesses       account and name of each witness whose countersignature counts for you: add them
  witness_quorum  how many of these must have countersigned (0: none need)
  checkpoints     what you know the log was: size, root and block_hash; later ones must extend them
  policies        the policies that you let verdicts be judged by

The fingerprint (on standard error) is that of all but `checkpoints`: have it read out to you.
"""


def add(commands: Any) -> None:
    anchors = commands.add_parser(
        "anchors",
        help="write down what evidence of this ledger is verified against",
        description="Chain, contracts, founding and keys of the ledger. Whoever verifies evidence "
        "must have these by another way than the service that hands out the evidence: in print, "
        "from the authority, from a witness; or must at least compare them so.",
        epilog=_MEMBERS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    anchors.add_argument("--data", type=Path, required=True, metavar="DIR")
    _add_out(anchors, "default: standard output")
    anchors.set_defaults(run=_anchors)

    checkpoint = commands.add_parser(
        "checkpoint",
        help="make what a witness looks at, or take its countersignature in",
        description="Writes evidence that the log of the newest checkpoint extends an earlier "
        "one, for `suyuan witness --bundle`; with --import, takes in the file that `suyuan "
        "witness --out` wrote.",
    )
    add_where(checkpoint)
    what = checkpoint.add_mutually_exclusive_group()
    what.add_argument(
        "--since",
        type=_whole,
        metavar="SIZE",
        help="entries of the checkpoint that the witness saw last; default: the newest",
    )
    what.add_argument(
        "--import", dest="signature", type=Path, metavar="FILE", help="a countersignature"
    )
    _add_out(checkpoint, "where the evidence goes; default: standard output")
    checkpoint.set_defaults(run=_checkpoint)

    witness = commands.add_parser(
        "witness",
        help="check that the log only grew since the last time, and countersign that",
        description="Takes the newest checkpoint, verifies seal, state proof and consistency with "
        "the checkpoint in the state file (the first time: with the newest that the anchors pin), "
        "signs, and remembers. Exit status 1 if the checkpoint does not hold; where history was "
        "set back or rewritten, both checkpoints are written beside the state file as proof.",
    )
    where = witness.add_mutually_exclusive_group(required=True)
    where.add_argument("--server", metavar="URL", help="a running service")
    where.add_argument("--bundle", type=Path, metavar="FILE", help="what `suyuan checkpoint` wrote")
    witness.add_argument("--token-file", type=Path, metavar="FILE", help="access token (mode 0600)")
    _add_out(witness, "with --bundle: the countersignature, for `suyuan checkpoint --import`")
    witness.add_argument("--anchors", type=Path, required=True, metavar="FILE")
    witness.add_argument("--state", type=Path, required=True, metavar="FILE", help="the memory")
    add_key_options(witness)
    witness.set_defaults(run=_witness)


def _add_out(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help=what)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of entries")
    return int(text)


# ------------------------------------------------------------------------------- what to trust


def _anchors(options: argparse.Namespace, out: Output) -> int:
    workspace = workspace_of(options)
    try:
        anchors = workspace.checkpoints.anchors()
    finally:
        workspace.close()
    mark = fingerprint(anchors)
    text = orjson.dumps(anchors.to_json(), option=orjson.OPT_INDENT_2) + b"\n"
    if options.out is not None:
        write(options.out, text, "out")
        told = {"file": str(options.out), "fingerprint": mark}
        line = out.text(
            f"{options.out}: compare it by another way before you trust it.",
            f"{options.out}：请先通过其他途径核对，再予信任。",
        )
        out.answer(told, [line])
    elif out.as_json:
        out.answer({"anchors": anchors.to_json(), "fingerprint": mark}, [])
    else:
        print(text.decode(), end="")
    if not out.as_json:
        # Beside the file, which may be going to standard output.
        print(out.text(f"fingerprint: {mark}", f"指纹：{mark}"), file=sys.stderr)
    return 0


# ----------------------------------------------------------------------- the operator's side


def _checkpoint(options: argparse.Namespace, out: Output) -> int:
    if options.signature is not None:
        if options.out is not None:
            raise RequestError(
                "--import writes nothing: leave --out away",
                message_zh="--import 不写文件：请去掉 --out",
                field="out",
                code="checkpoint.options",
            )
        return _import(options, out)
    block, size, raw = _growth(options)
    if options.out is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return 0
    write(options.out, raw, "out")
    since = size if options.since is None else options.since
    line = out.text(
        f"{options.out}: block {block}, {size} entries, from {since} on.",
        f"{options.out}：区块 {block}，共 {size} 条条目，自 {since} 条起。",
    )
    out.answer({"file": str(options.out), "block": block, "size": size, "since": since}, [line])
    return 0


def _growth(options: argparse.Namespace) -> tuple[int, int, bytes]:
    """Block and size of the newest checkpoint, and the bundle from ``--since`` up to it."""
    client = client_of(options)
    if client is not None:
        with client:
            told = client.checkpoint()
            block, size = int(told["block"]), int(told["size"])
            since = size if options.since is None else options.since
            return block, size, client.evidence(f"checkpoints/{block}", since=str(since))
    workspace = workspace_of(options)
    try:
        newest = workspace.checkpoint()
        since = newest.size if options.since is None else options.since
        raw = workspace.evidence.consistency(newest, since)
    finally:
        workspace.close()
    return newest.block_number, newest.size, raw


def _import(options: argparse.Namespace, out: Output) -> int:
    said = reading(options.signature, Countersignature.loads, "import")
    client = client_of(options)
    if client is not None:
        with client:
            told = client.countersign(said.block, said.witness)
    else:
        told = _taken(options, said)
    line = out.text(
        f"Kept: {told['account']} countersigned block {told['block']}.",
        f"已保存：{told['account']} 对区块 {told['block']} 的副署。",
    )
    out.answer(told, [line])
    return 0


def _taken(options: argparse.Namespace, said: Countersignature) -> dict[str, Any]:
    workspace = workspace_of(options)
    try:
        kept = workspace.store.checkpoints.at(said.block)
        if kept is None:
            raise RequestError(
                f"there is no checkpoint at block {said.block}",
                message_zh=f"区块 {said.block} 没有检查点",
                field="block",
                code="checkpoint.unknown",
            )
        told: dict[str, Any] = orjson.loads(take(workspace, kept, said.witness).body)
        return told
    finally:
        workspace.close()


# ------------------------------------------------------------------------- the witness's side


def _witness(options: argparse.Namespace, out: Output) -> int:
    if (options.bundle is None) != (options.out is None):
        raise RequestError(
            "--bundle and --out go together",
            message_zh="--bundle 须与 --out 同用",
            field="out",
            code="witness.options",
        )
    anchors = reading(options.anchors, Anchors.parse, "anchors")
    signer = signer_of(options)
    memory = reading(options.state, Seen.loads, "state") if options.state.exists() else None
    seen = before(anchors, memory)
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
    seen: Before | None,
    out: Output,
) -> int:
    told = client.checkpoint()
    shown = Seen.from_json(told)
    path = b""
    if seen is not None and seen.size < shown.size:
        path = client.consistency(int(told["block"]), seen.size)
    said = _said(options, anchors, signer, seen, shown, path, out)
    if said is None:
        return 1
    # Remembered first: what was seen was seen, also if the service does not take the signature.
    write(options.state, shown.dumps(), "state")
    client.countersign(said.block, said.witness)
    _tell(said, seen, shown, out)
    return 0


def _by_file(
    options: argparse.Namespace,
    anchors: Anchors,
    signer: Signer,
    seen: Before | None,
    out: Output,
) -> int:
    bundle = reading(options.bundle, Bundle.parse, "bundle")
    claim = bundle.claim
    if not isinstance(claim, ConsistencyClaim):
        raise RequestError(
            "a witness needs a bundle of the kind consistency, as `suyuan checkpoint` writes it",
            message_zh="见证须用 `suyuan checkpoint` 写出的一致性证据包",
            field="bundle",
            code="witness.kind",
        )
    shown = Seen.from_json(bundle.to_json())
    if seen is not None and claim.earlier.size != seen.size <= shown.size:
        raise RequestError(
            f"the bundle must begin at {seen.size} entries, which you saw last: have it made with "
            f"`suyuan checkpoint --since {seen.size}`",
            message_zh=f"证据包须从您上次所见的 {seen.size} 条条目开始："
            f"请用 `suyuan checkpoint --since {seen.size}` 生成",
            field="bundle",
            code="witness.since",
            values={"since": seen.size},
        )
    # What the bundle calls earlier proves nothing here: what the witness itself knows takes its
    # place.
    said = _said(options, anchors, signer, seen, shown, b"" if seen is None else claim.path, out)
    if said is None:
        return 1
    write(options.state, shown.dumps(), "state")
    write(options.out, said.dumps(), "out")
    _tell(said, seen, shown, out)
    return 0


def _said(
    options: argparse.Namespace,
    anchors: Anchors,
    signer: Signer,
    seen: Before | None,
    shown: Seen,
    path: bytes,
    out: Output,
) -> Countersignature | None:
    """The countersignature; None, and the reason told, where the checkpoint does not hold."""
    try:
        report = examine(anchors, seen, shown, path)
        result, code = report.result, report.code
    except EvidenceError as error:
        result, code = Result.INVALID, error.code
    if code is not None:
        _refuse(options, seen, shown, result, code, out)
        return None
    witness, block = countersign(anchors, seen, shown, signer, int(time.time()))
    return Countersignature(block, witness)


def _refuse(
    options: argparse.Namespace,
    seen: Before | None,
    shown: Seen,
    result: Result,
    code: str,
    out: Output,
) -> None:
    texts = CODES[code]
    data = {"result": result.value, "code": code}
    lines = [out.text(f"Not countersigned: {texts.en}", f"未副署：{texts.zh}")]
    if seen is not None and code in BROKEN:
        file = options.state.with_name(f"{options.state.name}.{int(time.time())}.contradiction")
        write(file, Contradiction(seen, shown, code).dumps(), "state")
        data["contradiction"] = str(file)
        lines.append(
            out.text(
                f"Both checkpoints, each sealed, are in {file}: keep it and show it.",
                f"两份各有封印的检查点已写入 {file}：请妥善保存并出示。",
            )
            if isinstance(seen, Seen)
            else out.text(
                f"The sealed checkpoint and the one that your anchors pin are in {file}: keep it "
                "with the anchors and show both.",
                f"有封印的检查点与信任锚所固定的检查点已写入 {file}："
                "请与信任锚文件一并保存并出示。",
            )
        )
    out.answer(data, lines)


def _tell(said: Countersignature, seen: Before | None, shown: Seen, out: Output) -> None:
    block, size = said.block, shown.size
    if seen is None:
        line = out.text(
            f"Countersigned: block {block}, {size} entries: the first checkpoint that you see; "
            "there is nothing to compare it with.",
            f"已副署：区块 {block}，共 {size} 条条目：这是您所见的第一个检查点，尚无可比对者。",
        )
    else:
        line = out.text(
            f"Countersigned: block {block}, {size} entries, which extend the {seen.size} "
            f"{'seen' if isinstance(seen, Seen) else 'pinned in your anchors'} before.",
            f"已副署：区块 {block}，共 {size} 条条目，与"
            f"{'此前所见' if isinstance(seen, Seen) else '信任锚所固定'}的 {seen.size} 条一致。",
        )
    out.answer({"size": size, **said.to_json()}, [line])
