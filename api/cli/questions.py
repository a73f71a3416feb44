"""``suyuan search``, ``verdict`` and ``dependents``: asking a ledger."""

import argparse
import time
from dataclasses import replace
from itertools import groupby, islice
from typing import Any

from api.accounts.dependents import dependents_body
from api.cli.output import Output
from api.cli.where import add_where, client_of, workspace_of
from api.parameters import DEFAULT_ZONE
from api.wire import interval_of
from ledger.errors import RequestError
from ledger.offer import LotName, resolve
from ledger.question import Question
from ledger.replaying import shaken
from ledger.verdict import Answer
from ledger.vocabulary import Clock


def add(commands: Any) -> None:
    search = commands.add_parser("search", help="find suppliers by name, code, number or model")
    search.add_argument("text")
    search.add_argument("--limit", type=_limit, default=20, help="how many at most, 1 to 1000")
    add_where(search)
    search.set_defaults(run=_search)

    verdict = commands.add_parser("verdict", help="may I buy this from that supplier for that day?")
    verdict.add_argument("supplier", help="0x id, or text that finds exactly one supplier")
    verdict.add_argument("--category", required=True)
    verdict.add_argument("--model", default="")
    verdict.add_argument("--quantity", type=_whole, required=True)
    verdict.add_argument("--unit", default="H87", help="UN/ECE Rec. 20 code (default: H87, piece)")
    verdict.add_argument("--deliver-on", required=True, help="day of delivery, YYYY-MM-DD")
    verdict.add_argument("--zone", default="Asia/Shanghai", help="zone of that day")
    verdict.add_argument(
        "--lot",
        action="append",
        default=[],
        metavar="GTIN:LOT",
        help="a lot that is offered (GTIN may be empty; GTIN:LOT@0xMAKER where several made one of "
        "this name; or its 0x id); may be given several times",
    )
    verdict.add_argument("--known-at", type=_whole, help="seconds UTC; default: now")
    verdict.add_argument("--clock", choices=[c.value for c in Clock], default="recorded")
    add_where(verdict)
    verdict.set_defaults(run=_verdict)

    dependents = commands.add_parser(
        "dependents",
        help="what depends on an account's key from a time on?",
        description="Lists every entry, standing, lot and verdict that depends on what the account "
        "signed and was recorded from a time on, before or after its key is declared compromised.",
        epilog="Exit status: 0 when nothing depends on it; 1 when something does; 2 when it could "
        "not be carried out.",
    )
    dependents.add_argument("account", metavar="ADDRESS", help="0x and 40 hexadecimal digits")
    dependents.add_argument(
        "--since", required=True, metavar="TIME", help="seconds UTC, RFC 3339 instant or YYYY-MM-DD"
    )
    add_where(dependents)
    dependents.set_defaults(run=_dependents)


def _whole(text: str) -> int:
    if not text.lstrip("-").isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _limit(text: str) -> int:
    found = _whole(text)
    if not 1 <= found <= 1000:
        raise argparse.ArgumentTypeError("it must be from 1 to 1000")
    return found


def _search(options: argparse.Namespace, out: Output) -> int:
    found = _hits(options, options.text, options.limit)
    out.answer(
        found,
        [
            f"{o['organisation']}  {o['name_zh']} {o['name_en']}  "
            f"({o['identifier_kind']} {o['identifier']})"
            for o in found
        ],
    )
    return 0 if found else 1


def _hits(options: argparse.Namespace, text: str, limit: int) -> list[dict[str, str]]:
    client = client_of(options)
    if client is not None:
        with client:
            return [
                {
                    "organisation": told["id"],
                    "name_zh": told["name_zh"],
                    "name_en": told["name_en"],
                    "identifier_kind": told["identifier_kind"],
                    "identifier": told["identifier"],
                }
                for told in islice(client.search(text), limit)
            ]
    workspace = workspace_of(options)
    try:
        hits = workspace.index.search(text, limit=limit).hits
    finally:
        workspace.close()
    return [
        {
            "organisation": "0x" + o.id.hex(),
            "name_zh": o.name_zh,
            "name_en": o.name_en,
            "identifier_kind": o.identifier_kind,
            "identifier": o.identifier,
        }
        for o in (hit.organisation for hit in hits)
    ]


def _verdict(options: argparse.Namespace, out: Output) -> int:
    organisation = find_supplier(options)
    client = client_of(options)
    if client is not None:
        more: dict[str, Any] = {}
        if options.known_at is not None:
            more["known_at"] = options.known_at
        if options.lot:
            named = [LotName.read(text, place) for place, text in enumerate(options.lot)]
            more["lots"] = [name.to_json() for name in named]
        with client:
            told = client.verdict(
                organisation=organisation,
                category=options.category,
                model=options.model,
                quantity=options.quantity,
                unit=options.unit,
                deliver_on=options.deliver_on,
                zone=options.zone,
                clock=options.clock,
                **more,
            )
    else:
        told = _decide(options, organisation)
    out.answer(told, verdict_lines(told, out))
    return 0 if told["answer"] == Answer.BUY else 1


def _decide(options: argparse.Namespace, organisation: str) -> dict[str, Any]:
    now = int(time.time())
    question = Question.for_day(
        bytes.fromhex(organisation[2:]),
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
        question = replace(question, at=now)
    workspace = workspace_of(options)
    try:
        if options.lot:
            names = [LotName.read(text, place) for place, text in enumerate(options.lot)]
            question = replace(question, lots=resolve(workspace.index.lots, names))
        return workspace.decide(question).to_json()
    finally:
        workspace.close()


def verdict_lines(data: dict[str, Any], out: Output) -> list[str]:
    """The answer and each reason, in the language asked for."""
    marks = {"valid": "✓", "invalid": "✗", "unknown": "?", "skipped": "–"}
    lines = [data["answer_text"][out.language].upper()]

    def said(check: dict[str, Any]) -> tuple[str, str]:
        return marks[check["result"]], "; ".join(r[out.language] for r in check["reasons"])

    # What is skipped for one reason is told once.
    for (mark, reasons), group in groupby(data["checks"], key=said):
        numbers = [check["number"] for check in group]
        if mark == marks["skipped"] and len(numbers) > 1:
            lines.append(f"  {mark} {numbers[0]}–{numbers[-1]} {reasons}")
        else:
            lines.extend(f"  {mark} {number:>2} {reasons}" for number in numbers)
    return lines


def find_supplier(options: argparse.Namespace) -> str:
    """The 0x id of the one supplier that is meant."""
    text: str = options.supplier
    if text.startswith("0x") and len(text) == 42 and set(text[2:]) <= set("0123456789abcdef"):
        return text
    found = _hits(options, text, 6)
    if len(found) == 1:
        return found[0]["organisation"]
    names = ", ".join(f"{o['organisation']} {o['name_zh'] or o['name_en']}" for o in found[:5])
    raise RequestError(
        f"{text!r} finds {'several: ' + names if found else 'no supplier'}",
        message_zh=f"{text!r} {'对应多家：' + names if found else '未找到供应商'}",
        field="supplier",
        code="supplier.ambiguous" if found else "supplier.unknown",
    )


def _dependents(options: argparse.Namespace, out: Output) -> int:
    found = _found_dependents(options)
    entries, standings, lots, verdicts = (
        found[part] for part in ("entries", "standings", "lots", "verdicts")
    )
    through = out.text("through", "依据")
    out.answer(
        found,
        [
            *(
                f"{e['sequence']:>8}  {e['action']}  {e['because']}"
                + ("" if e["through"] == e["sequence"] else f" ({through} {e['through']})")
                for e in entries
            ),
            *(
                f"{s['organisation']}  {s['category']} {s['model']}: {s['now']} → {s['would_be']}"
                for s in standings
            ),
            *(f"{lot['gtin']}:{lot['lot']}  {lot['id']}" for lot in lots),
            *(f"{v['id']}: {v['answer']} → {v['would_be'] or '?'}" for v in verdicts),
            out.text(
                f"{len(entries)} entries, {len(standings)} standings, {len(lots)} lots, "
                f"{len(verdicts)} verdicts depend on it",
                f"{len(entries)} 条记录、{len(standings)} 项资格、{len(lots)} 个批次、"
                f"{len(verdicts)} 个结论依赖于此",
            ),
        ],
    )
    return 1 if entries else 0


def _found_dependents(options: argparse.Namespace) -> dict[str, Any]:
    client = client_of(options)
    if client is not None:
        with client:
            return client.dependents(options.account, options.since)
    digits = options.account.removeprefix("0x")
    if len(digits) != 40 or not set(digits.lower()) <= set("0123456789abcdef"):
        raise RequestError(
            f"account: {options.account[:60]!r} is no address (0x and 40 hexadecimal digits)",
            message_zh=f"account：{options.account[:60]!r} 不是地址（0x 加 40 位十六进制数字）",
            field="account",
            code="account.form",
        )
    since, _ = interval_of(options.since, DEFAULT_ZONE, "since")
    workspace = workspace_of(options)
    try:
        address = bytes.fromhex(digits)
        if workspace.index.account(address) is None:
            raise RequestError(
                "account: no such account is on the ledger",
                message_zh="account：账本上没有此账户",
                field="account",
                code="account.unknown",
            )
        found = dependents_body(shaken(workspace, address, since)).model_dump(mode="json")
    finally:
        workspace.close()
    return found
