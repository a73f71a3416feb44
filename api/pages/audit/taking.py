"""Evidence by names: what a form says becomes the question that ``/v1/…/evidence`` takes."""

import re
from collections.abc import Mapping
from typing import Final

from api.access import Caller
from api.context import Context
from api.evidence import service as evidences
from api.evidence.service import Evidence, Wanted
from api.pages.audit.faults import fault, interval, known_by
from api.search import service as searching
from ledger.provenance.tracing import Direction
from ledger.vocabulary import Clock

#: The kinds that have a form here, by the kinds of evidence; consistency stands with checkpoints.
KINDS: Final = ("verdict", "standing", "non-revocation", "trace", "entry")
_MOST: Final = 10


def taken(context: Context, caller: Caller, said: Mapping[str, str]) -> Evidence:
    """The evidence that the form asks for; a fault names the field to mend."""
    witnesses = bool(said.get("witnesses"))
    match said.get("kind"):
        case "entry":
            return evidences.entry(context, caller, _entry(said, "entry"), witnesses)
        case "standing":
            id_ = supplier(context, caller, said.get("supplier", ""))
            category, model = said.get("category", ""), said.get("model", "").strip()
            wanted = _wanted(context, said)
            return evidences.standing(context, caller, id_, category, model, wanted, witnesses)
        case "non-revocation":
            id_ = _qualification(context, caller, said.get("certificate", ""))
            as_of = _number(said, "as_of") if said.get("as_of") else None
            return evidences.qualification(context, caller, id_, as_of, None, witnesses)
        case "trace":
            id_ = _batch(context, caller, said.get("lot", ""))
            direction = Direction.FORWARD if said.get("direction") == "forward" else Direction.BACK
            wanted = Wanted(None, None, Clock.RECORDED)
            return evidences.trace(context, caller, id_, direction, wanted, witnesses)
        case _:
            id_ = _verdict(context, said.get("verdict", ""))
            return evidences.verdict(context, caller, id_, witnesses)


def _wanted(context: Context, said: Mapping[str, str]) -> Wanted:
    at, known_at = said.get("at", ""), said.get("known_at", "")
    clock = Clock.PUBLISHED if said.get("clock") == Clock.PUBLISHED else Clock.RECORDED
    return Wanted(
        interval(at, "at") if at else None,
        known_by(context.now(), known_at, "known_at") if known_at else None,
        clock,
    )


def supplier(context: Context, caller: Caller, text: str) -> bytes:
    """The one supplier that is meant; a fault of ``supplier`` otherwise."""
    if re.fullmatch("0x[0-9a-fA-F]{40}", text.strip()):
        return bytes.fromhex(text.strip()[2:])
    body = searching.search(context, caller, text, _MOST, None)
    if body.exact and body.exact.kind == "supplier":
        return _id_of(body.exact.path)
    ids = [hit.id for hit in body.suppliers.found]
    if not text.strip() or not ids:
        raise fault("no-supplier", "supplier", text)
    if len(ids) > 1:
        raise fault("many-suppliers", "supplier", text)
    return bytes.fromhex(ids[0][2:])


def _batch(context: Context, caller: Caller, text: str) -> bytes:
    if re.fullmatch("0x[0-9a-fA-F]{64}", text.strip()):
        return bytes.fromhex(text.strip()[2:])
    body = searching.search(context, caller, text, _MOST, None) if text.strip() else None
    if body is not None:
        if body.exact and body.exact.kind == "batch":
            return _id_of(body.exact.path)
        if len(body.batches.found) == 1 and not body.batches.more:
            return bytes.fromhex(body.batches.found[0].id[2:])
        if body.batches.found:
            raise fault("many-batches", "lot", text)
    raise fault("no-batch", "lot", text)


def _qualification(context: Context, caller: Caller, text: str) -> bytes:
    if re.fullmatch("0x[0-9a-fA-F]{64}", text.strip()):
        return bytes.fromhex(text.strip()[2:])
    if text.strip():
        found = searching.search(context, caller, text, _MOST, None).certificates.found
        if len(found) == 1:
            return bytes.fromhex(found[0].id[2:])
        if found:
            raise fault("many-qualifications", "certificate", text)
    raise fault("no-qualification", "certificate", text)


def _verdict(context: Context, text: str) -> bytes:
    typed = text.strip().rpartition("/")[2].lower()
    if re.fullmatch("0x[0-9a-f]{64}", typed):
        return bytes.fromhex(typed[2:])
    beginning = typed if typed.startswith("0x") else "0x" + typed
    if re.fullmatch("0x[0-9a-f]{6,63}", beginning):
        kept = context.workspace.store.verdict_like(beginning)
        if kept is not None:
            return bytes.fromhex(kept.id.partition(":")[0][2:])
    raise fault("no-verdict", "verdict", text)


def _entry(said: Mapping[str, str], field: str) -> bytes | int:
    text = said.get(field, "").strip()
    if re.fullmatch("0x[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text[2:])
    return _number(said, field)


def _number(said: Mapping[str, str], field: str) -> int:
    text = said.get(field, "").strip()
    if not re.fullmatch("[0-9]{1,15}", text) or not text.isascii():
        raise fault("no-entry", field, text)
    return int(text)


def _id_of(path: str) -> bytes:
    return bytes.fromhex(path.rpartition("/")[2].removeprefix("0x"))
