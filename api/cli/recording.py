"""``suyuan record`` and ``suyuan acts``: sign entries from a file and record them."""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from api.cli.importers import Importer, Settled, importer_of
from api.cli.keys import add_key_options, password_beside
from api.cli.output import Output
from api.cli.serving import add_data_option
from api.cli.where import add_where
from ledger.catalogue.acts import acts, subject_of
from ledger.chain.deployment import BATCHES
from ledger.checking import check_message
from ledger.days import SHANGHAI, iso_day, start_of_day
from ledger.errors import RequestError
from ledger.keystore import load_key, read_password
from ledger.signing import Signer
from ledger.typed_data import ACTIONS, Citation, Entry, lot_id, unit_id
from ledger.workspace import Workspace


def add(commands: Any) -> None:
    entries = commands.add_parser(
        "record",
        help="sign entries from a JSON file and record them",
        description="Each entry is {action, message: {…}} with the fields of its type (see "
        "contracts/interfaces/); nonce, happenedAt and deadline are filled in where they are not "
        "given, and what a maker of a lot cites is found where `cited` is not. Integers may be "
        "numbers or decimal strings, bytes are 0x hex.",
    )
    entries.add_argument("file", type=Path, help="one entry, or a list of them")
    entries.add_argument(
        "--also",
        type=Path,
        action="append",
        default=[],
        metavar="KEY",
        help="another key file that signs beside the author, for acts of the authority; its "
        "password lies in KEY.password; may be repeated",
    )
    add_where(entries)
    add_key_options(entries)
    entries.set_defaults(run=_record)

    first = commands.add_parser(
        "acts",
        help="the acts that a ledger still needs of its authority, as a file for `record`",
        description="Admits every contract that is deployed and not admitted; sets the categories, "
        "requirements and processes of the catalogue that the ledger has none of.",
    )
    add_data_option(first)
    first.add_argument(
        "--required-from", default="2020-01-01", help="day from which requirements hold"
    )
    first.set_defaults(run=_acts)


def _record(options: argparse.Namespace, out: Output) -> int:
    items = _read(options.file)
    beside = [load_key(key, read_password(password_beside(key))) for key in options.also]
    with importer_of(options) as ledger:
        author = ledger.author
        lateness = None if beside else ledger.max_lateness()
        signed = []
        for index, item in enumerate(items):
            try:
                entry = _entry(item, ledger, lateness, beside)
            except RequestError as error:
                raise _at(index, error) if len(items) > 1 else error from None
            signed.append(author.sign(entry, *beside))
        settled = list(
            ledger.record(
                signed,
                lambda done, of: out.progress(f"{done} of {of} entries", f"{done}/{of} 条"),
            )
        )
    out.progress("", "")
    made = [_made(entry.entry, ledger.author.organisation) for entry in signed]
    told = [{**_told(entry), **ids} for entry, ids in zip(settled, made, strict=True)]
    lines = [
        out.text(*entry.refusal)
        if entry.refusal
        else out.text(
            " ".join((f"entry {entry.sequence}", *ids.values())),
            " ".join((f"第 {entry.sequence} 号条目", *ids.values())),
        )
        for entry, ids in zip(settled, made, strict=True)
    ]
    out.answer(told[0] if len(told) == 1 else told, lines)
    return 1 if any(entry.refusal for entry in settled) else 0


def _entry(
    item: Mapping[str, Any], ledger: Importer, lateness: int | None, beside: Sequence[Signer]
) -> Entry:
    """The entry, stamped and checked; a maker's citations are found where they are not given."""
    action, message = item.get("action"), item.get("message")
    if not (isinstance(action, str) and action in ACTIONS and isinstance(message, Mapping)):
        return Entry.from_json(item)
    message = {**ledger.author.stamp(action, *beside), **message}
    check_message(action, message, ledger.catalogue, int(time.time()), lateness)
    makes = "cited" in {field.name for field in ACTIONS[action].fields}
    if makes and "cited" not in message:
        cited: tuple[Citation, ...] = ()
        message["cited"] = []
        draft = Entry.from_json({"action": action, "message": message})
        if not draft.values.get("originNotShown"):
            category, model = (str(draft.values[name]) for name in ("category", "model"))
            cited = ledger.citations(category, model, int(str(draft.values["happenedAt"])))
        return Entry.of(action, **{**draft.values, "cited": cited})
    return Entry.from_json({"action": action, "message": message})


def _at(index: int, error: RequestError) -> RequestError:
    """The same error with the place of its entry in the file."""
    place = f"entries[{index}]"
    return RequestError(
        f"{place}: {error}",
        message_zh=f"{place}：{error.message_zh}",
        field=place if error.field is None else f"{place}.{error.field}",
        code=error.code,
        values=error.values,
    )


def _made(entry: Entry, author: bytes) -> dict[str, str]:
    """The id of the lot or logistic unit that the entry makes, by which later entries name it."""
    values = entry.values
    match entry.action.name:
        case "Commission" | "Transform":
            id_ = lot_id(author, int(str(values["gtin"])), str(values["lot"]))
            return {"lot": "0x" + id_.hex()}
        case "Aggregate":
            return {"unit": "0x" + unit_id(author, int(str(values["sscc"]))).hex()}
        case _:
            return {}


def _told(entry: Settled) -> dict[str, Any]:
    reason = entry.refusal and {"en": entry.refusal[0], "zh": entry.refusal[1]}
    return {
        "digest": entry.digest,
        "state": "refused" if entry.refusal else "final",
        "sequence": entry.sequence,
        "reason": reason,
    }


def _read(path: Path) -> list[Mapping[str, Any]]:
    try:
        data = json.loads(path.read_text())
        items = data if isinstance(data, list) else [data]
        if not items or not all(isinstance(item, Mapping) for item in items):
            raise ValueError("there is no entry in it")
    except (OSError, ValueError, RecursionError) as error:
        raise RequestError(
            f"{path}: {error}",
            message_zh=f"{path}：{error}",
            field="file",
            code="entry.file",
        ) from error
    return items


def _acts(options: argparse.Namespace, out: Output) -> int:
    """What is deployed and not admitted, then what of the catalogue nobody has set."""
    day = iso_day(options.required_from)
    if day is None:
        raise RequestError(
            f"{options.required_from!r} is no day, YYYY-MM-DD",
            message_zh=f"{options.required_from!r} 不是 YYYY-MM-DD 格式的日期",
            field="required-from",
            code="acts.day",
        )
    workspace = Workspace.open(options.data, clock=time.time)
    try:
        found = [
            {
                "action": "AdmitContract",
                "message": {
                    "ledger": "0x" + workspace.deployment.address(name).hex(),
                    "name": name,
                },
            }
            for name in workspace.deployment.waiting(workspace.gateway)
        ]
        found += [
            {"action": action, "message": fields}
            for action, fields in acts(workspace.catalogue, start_of_day(day, SHANGHAI))
            if not _is_set(workspace, action, fields)
        ]
    finally:
        workspace.close()
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


def _is_set(workspace: Workspace, action: str, fields: Mapping[str, Any]) -> bool:
    """Whether the ledger has an act about the same; what the authority set stays as it is."""
    if action == "SetIngredient" and BATCHES not in workspace.deployment.contracts:
        return True
    same = {"SetRequirement": ("kind",), "SetIngredient": ("input", "inputUnit")}.get(action, ())
    return any(
        entry.action == action and all(entry[name] == fields[name] for name in same)
        for entry in workspace.index.by_subject(subject_of(action, fields))
    )
