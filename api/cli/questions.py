"""``suyuan search``, ``verdict`` and ``record``: asking an open ledger, and writing to it."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from api.cli.keys import add_key_options, signer_of
from api.cli.output import Output
from api.cli.serving import add_data_option
from ledger.errors import RequestError
from ledger.importing.recording import record
from ledger.question import Question
from ledger.typed_data import Entry, SignedEntry
from ledger.verdict import Answer, Verdict
from ledger.vocabulary import Clock
from ledger.workspace import Workspace


def add(commands: Any) -> None:
    search = commands.add_parser("search", help="find suppliers by name, code, number or model")
    search.add_argument("text")
    search.add_argument("--limit", type=int, default=20)
    add_data_option(search)
    search.set_defaults(run=_search)

    verdict = commands.add_parser("verdict", help="may I buy this from that supplier for that day?")
    verdict.add_argument("supplier", help="0x id, or text that finds exactly one supplier")
    verdict.add_argument("--category", required=True)
    verdict.add_argument("--model", default="")
    verdict.add_argument("--quantity", type=_whole, required=True)
    verdict.add_argument("--unit", default="H87", help="UN/ECE Rec. 20 code (default: H87, piece)")
    verdict.add_argument("--deliver-on", required=True, help="day of delivery, YYYY-MM-DD")
    verdict.add_argument("--zone", default="Asia/Shanghai", help="zone of that day")
    verdict.add_argument("--known-at", type=_whole, help="seconds UTC; default: now")
    verdict.add_argument("--clock", choices=[c.value for c in Clock], default="recorded")
    add_data_option(verdict)
    verdict.set_defaults(run=_verdict)

    entries = commands.add_parser("record", help="sign an entry from a JSON file and record it")
    entries.add_argument("file", type=Path, help='{"action": …, "message": {…}}')
    add_data_option(entries)
    add_key_options(entries)
    entries.set_defaults(run=_record)


def _whole(text: str) -> int:
    if not text.lstrip("-").isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _search(options: argparse.Namespace, out: Output) -> int:
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        hits = workspace.index.search(options.text, limit=options.limit).hits
        found = [hit.organisation for hit in hits]
    finally:
        workspace.close()
    out.answer(
        [
            {
                "organisation": "0x" + o.id.hex(),
                "name_zh": o.name_zh,
                "name_en": o.name_en,
                "identifier_kind": o.identifier_kind,
                "identifier": o.identifier,
            }
            for o in found
        ],
        [
            f"0x{o.id.hex()}  {o.name_zh} {o.name_en}  ({o.identifier_kind} {o.identifier})"
            for o in found
        ],
    )
    return 0 if found else 1


def _verdict(options: argparse.Namespace, out: Output) -> int:
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        organisation = _find(workspace, options.supplier)
        now = int(time.time())
        question = Question.for_day(
            organisation,
            options.category,
            options.model,
            options.quantity,
            options.unit,
            options.deliver_on,
            known_at=now if options.known_at is None else options.known_at,
            zone=options.zone,
            clock=Clock(options.clock),
        )
        # Work on the order starts now, unless the day is past and the question is about then.
        if question.deliver_at[1] > now:
            question = Question.from_json({**question.to_json(), "at": now})
        verdict = workspace.decide(question)
    finally:
        workspace.close()
    out.answer(verdict.to_json(), verdict_lines(verdict, out))
    return 0 if verdict.answer is Answer.BUY else 1


def verdict_lines(verdict: Verdict, out: Output) -> list[str]:
    """The answer and each reason, in the language asked for."""
    data = verdict.to_json()
    marks = {"valid": "✓", "invalid": "✗", "unknown": "?", "skipped": "–"}
    lines = [data["answer_text"][out.language].upper()]
    for check in data["checks"]:
        reasons = "; ".join(r[out.language] for r in check["reasons"])
        lines.append(f"  {marks[check['result']]} {check['number']:>2} {reasons}")
    return lines


def _find(workspace: Workspace, text: str) -> bytes:
    if text.startswith("0x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            pass
    found = [hit.organisation for hit in workspace.index.search(text, limit=6).hits]
    if len(found) == 1:
        return found[0].id
    names = ", ".join(f"0x{o.id.hex()} {o.name_zh or o.name_en}" for o in found[:5])
    raise RequestError(
        f"{text!r} finds {'several: ' + names if found else 'no supplier'}",
        message_zh=f"{text!r} {'对应多家：' + names if found else '未找到供应商'}",
        field="supplier",
        code="supplier.ambiguous" if found else "supplier.unknown",
    )


def _record(options: argparse.Namespace, out: Output) -> int:
    signer = signer_of(options)
    try:
        data = json.loads(options.file.read_text())
        entry = Entry.from_json(data)
    except (OSError, ValueError, AttributeError) as error:
        raise RequestError(
            f"{options.file}: {error}",
            message_zh=f"{options.file}：{error}",
            field="file",
            code="entry.file",
        ) from error
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        digest = entry.digest(workspace.domains[entry.action.contract])
        [status] = record(workspace, [SignedEntry(entry, (signer.sign_digest(digest),))])
    finally:
        workspace.close()
    refusal = status.refusal
    out.answer(
        {
            "digest": "0x" + digest.hex(),
            "state": status.state,
            "sequence": status.sequence,
            "reason": refusal and {"en": refusal.message, "zh": refusal.message_zh},
        },
        [refusal.in_language(out.language)]
        if refusal
        else [out.text(f"entry {status.sequence}", f"第 {status.sequence} 号条目")],
    )
    return 0 if status.state == "final" else 1
