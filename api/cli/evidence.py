"""``suyuan evidence``: take an answer away as a file that can be checked without this ledger."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from api.cli.files import not_written
from api.cli.output import Output
from api.cli.questions import find_supplier
from api.cli.tracing import lot_of, named_lot
from api.cli.where import add_where, client_of, workspace_of
from api.parameters import DEFAULT_ZONE, known_until
from api.verdicts.service import made_by
from api.wire import interval_of
from ledger.errors import RequestError
from ledger.provenance.tracing import Direction
from ledger.vocabulary import NO_END, Clock
from ledger.workspace import Workspace

_STATUS: Final = "Exit status: 0 only when the evidence was written; 2 when it could not be made."


def add(commands: Any) -> None:
    evidence = commands.add_parser(
        "evidence",
        help="take an answer away as a file that can be checked without this ledger",
        description="Writes one bundle of evidence, which `suyuan verify` and the verifier's page "
        "check against the anchors, without network.",
        epilog=_STATUS,
    )
    kinds = evidence.add_subparsers(required=True, metavar="KIND")

    entry = _kind(kinds, "entry", "an entry is in the log", _entry)
    entry.add_argument("entry", metavar="N|0x…", type=_entry_id, help="its number or digest")

    standing = _kind(kinds, "standing", "how a supplier stands", _standing)
    standing.add_argument("supplier", help="0x id, or text that finds exactly one supplier")
    standing.add_argument("--category", required=True)
    standing.add_argument("--model", default="", help="default: the category itself")
    _add_clocks(standing)

    qualification = _kind(
        kinds, "qualification", "how a qualification stood at an entry", _qualification
    )
    qualification.add_argument("qualification", metavar="0x…", type=_hash)
    qualification.add_argument(
        "--entry", type=_whole, metavar="N", help="when this entry was recorded; default: now"
    )

    trace = _kind(kinds, "trace", "what a lot was made of, or what was made of it", _trace)
    trace.add_argument("lot", metavar="LOT", help="GTIN:LOT, GTIN:LOT@0xMAKER, or its 0x id")
    trace.add_argument("--forward", action="store_true", help="what was made of it")
    _add_clocks(trace)

    verdict = _kind(kinds, "verdict", "what a verdict that was kept rests on", _verdict)
    verdict.add_argument("verdict", metavar="ID", type=_hash)

    absence = _kind(
        kinds, "absence", "an accepted entry was not recorded by its deadline", _absence
    )
    absence.add_argument("digest", metavar="0x…", type=_hash, help="the entry's digest")


def _kind(
    kinds: Any,
    name: str,
    what: str,
    make: Callable[[argparse.Namespace], bytes],
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(
        name, help=f"that {what}" if name in ("entry", "absence") else what, epilog=_STATUS
    )
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="a new file; default: standard output"
    )
    parser.add_argument(
        "--witnesses", action="store_true", help="with the checkpoint's countersignatures"
    )
    add_where(parser)
    parser.set_defaults(run=_run, make=make)
    return parser


def _add_clocks(parser: argparse.ArgumentParser) -> None:
    when = "seconds UTC, an RFC 3339 instant, or a day"
    parser.add_argument("--at", metavar="TIME", help=f"for when: {when}")
    parser.add_argument("--known-at", metavar="TIME", help=f"as known then: {when}; default: now")
    parser.add_argument("--clock", choices=[c.value for c in Clock], default="recorded")
    parser.add_argument("--zone", default=DEFAULT_ZONE, help="zone of days")


def _run(options: argparse.Namespace, out: Output) -> int:
    if options.out is not None and options.out.exists():
        raise RequestError(
            f"{options.out} is there already",
            message_zh=f"{options.out} 已存在",
            field="out",
            code="evidence.output",
        )
    raw: bytes = options.make(options)
    if options.out is None:
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return 0
    try:
        with options.out.open("xb") as file:
            file.write(raw)
    except OSError as error:
        raise not_written(options.out, error, "out") from error
    told = {"file": str(options.out), "bytes": len(raw)}
    line = out.text(
        f"{len(raw):,} bytes in {options.out}", f"已写入 {options.out}，{len(raw):,} 字节"
    )
    out.answer(told, [line])
    return 0


def _made(
    options: argparse.Namespace,
    of: str,
    asked: dict[str, Any],
    make: Callable[[Workspace], bytes],
) -> bytes:
    """From the service that is named, or made here of the data directory."""
    client = client_of(options)
    if client is not None:
        sent = {name: str(value) for name, value in asked.items() if value is not None}
        if options.witnesses:
            sent["witnesses"] = "true"
        with client:
            return client.evidence(of, **sent)
    workspace = workspace_of(options)
    try:
        return make(workspace)
    finally:
        workspace.close()


# ------------------------------------------------------------------------------ the kinds


def _entry(options: argparse.Namespace) -> bytes:
    wanted: int | bytes = options.entry

    def make(workspace: Workspace) -> bytes:
        number = wanted
        if isinstance(number, bytes):
            found = workspace.index.entry_by_digest(number)
            if found is None:
                return workspace.withheld(number, witnesses=options.witnesses)
            number = found.sequence
        return workspace.evidence.entry(number, witnesses=options.witnesses)

    of = wanted if isinstance(wanted, int) else "0x" + wanted.hex()
    return _made(options, f"entries/{of}", {}, make)


def _absence(options: argparse.Namespace) -> bytes:
    digest: bytes = options.digest

    def make(workspace: Workspace) -> bytes:
        recorded = workspace.index.entry_by_digest(digest)
        if recorded is not None:
            raise _is_recorded(recorded.sequence)
        return workspace.withheld(digest, witnesses=options.witnesses)

    raw = _made(options, f"entries/0x{digest.hex()}", {}, make)
    told = orjson.loads(raw)
    if told["kind"] != "absence":
        raise _is_recorded(told["claim"]["sequence"])
    return raw


def _is_recorded(sequence: int) -> RequestError:
    return RequestError(
        f"digest: this is entry {sequence} of the ledger",
        message_zh=f"digest：该条记录已入账，序号 {sequence}",
        field="digest",
        code="evidence.recorded",
    )


def _standing(options: argparse.Namespace) -> bytes:
    supplier = find_supplier(options)
    asked = {"category": options.category, "model": options.model, **_clocks(options)}

    def make(workspace: Workspace) -> bytes:
        return workspace.evidence.standing(
            bytes.fromhex(supplier[2:]),
            options.category,
            options.model,
            at=_interval(options),
            known_at=_known_at(options, workspace),
            clock=Clock(options.clock),
            witnesses=options.witnesses,
        )

    return _made(options, f"suppliers/{supplier}", asked, make)


def _qualification(options: argparse.Namespace) -> bytes:
    id_: bytes = options.qualification

    def make(workspace: Workspace) -> bytes:
        return workspace.evidence.non_revocation(
            id_, entry=options.entry, witnesses=options.witnesses
        )

    return _made(options, f"qualifications/0x{id_.hex()}", {"entry": options.entry}, make)


def _trace(options: argparse.Namespace) -> bytes:
    lot = lot_of(options, named_lot(options.lot))
    direction = Direction.FORWARD if options.forward else Direction.BACK

    def make(workspace: Workspace) -> bytes:
        interval = _interval(options)
        return workspace.evidence.trace(
            bytes.fromhex(lot[2:]),
            direction,
            at=NO_END if interval is None else interval[1] - 1,
            known_at=_known_at(options, workspace),
            clock=Clock(options.clock),
            witnesses=options.witnesses,
        )

    asked = {"direction": direction.value, **_clocks(options)}
    return _made(options, f"batches/{lot}", asked, make)


def _verdict(options: argparse.Namespace) -> bytes:
    id_ = "0x" + options.verdict.hex()

    def make(workspace: Workspace) -> bytes:
        found = workspace.store.verdict_like(f"{id_}:")
        if found is None:
            raise RequestError(
                "verdict: none of this id was kept here",
                message_zh="verdict：此处未保存该结论",
                field="verdict",
                code="verdict.unknown",
            )
        question, policy = made_by(found)
        return workspace.evidence.verdict(
            question, policy, found.position, witnesses=options.witnesses
        )

    return _made(options, f"verdicts/{id_}", {}, make)


# ------------------------------------------------------------------------------ arguments


def _clocks(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "at": options.at,
        "known_at": options.known_at,
        "clock": options.clock,
        "zone": options.zone,
    }


def _interval(options: argparse.Namespace) -> tuple[int, int] | None:
    return None if options.at is None else interval_of(options.at, options.zone, "at")


def _known_at(options: argparse.Namespace, workspace: Workspace) -> int | None:
    if options.known_at is None:
        return None
    now = max(int(time.time()), workspace.recorded_until)
    return known_until(now, options.known_at, options.zone)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an entry")
    return int(text)


def _hash(text: str) -> bytes:
    digits = text.removeprefix("0x")
    if len(digits) != 64 or not set(digits.lower()) <= set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"{text!r} is not 0x and 64 hexadecimal digits")
    return bytes.fromhex(digits)


def _entry_id(text: str) -> int | bytes:
    return _hash(text) if text.startswith("0x") else _whole(text)
