"""Lots, their custody and the scope of a recall as JSON.

Ids are 0x hex, times seconds since 1970 UTC, quantities whole numbers of the lot's unit. What has a
code has its word in both languages beside it.
"""

from collections.abc import Iterable
from typing import Any

from ledger.provenance import texts
from ledger.provenance.acknowledging import Checked
from ledger.provenance.custody import Custody, Hop, Packed, Shipment, Stock
from ledger.provenance.model import Lot
from ledger.provenance.scope import FollowUp, LotScope, Scope
from ledger.recorded import RecordedEntry
from ledger.typed_data import hexed
from ledger.verdict_texts import Both


def both(text: Both) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def lot_json(lot: Lot) -> dict[str, Any]:
    """The lot as it is now; ``gtin`` has 14 digits, or is empty where there is none."""
    return {
        "number": lot.number,
        "id": hexed(lot.id),
        "maker": hexed(lot.maker),
        "gtin": f"{lot.gtin:014d}" if lot.gtin else "",
        "lot": lot.lot,
        "category": lot.category,
        "model": lot.model,
        "unit": lot.unit,
        "quantity": lot.quantity,
        "happened_at": lot.happened_at,
        "recorded_at": lot.recorded_at,
        "origin_not_shown": lot.origin_not_shown,
        "underrun": lot.underrun,
        "closed": lot.closed,
    }


def hop_json(hop: Hop) -> dict[str, Any]:
    """One act with both of its clocks; ``other`` and ``about`` are None where there is none."""
    return {
        "entry": hop.sequence,
        "act": hop.act.value,
        **both(texts.ACTS[hop.act.value]),
        "custodian": hexed(hop.custodian),
        "other": hexed(hop.other) if hop.other else None,
        "quantity": hop.quantity,
        "lost": hop.lost,
        "about": hexed(hop.about) if hop.about else None,
        "happened_at": hop.happened_at,
        "recorded_at": hop.recorded_at,
        "late": hop.late,
        "note": hop.note,
    }


def stock_json(stock: Stock) -> dict[str, Any]:
    return {
        "custodian": hexed(stock.custodian),
        "made": stock.made,
        "received": stock.received,
        "sent": stock.sent,
        "on_hand": stock.on_hand,
        "in_units": stock.in_units,
        "under_way_from": stock.under_way_from,
        "under_way_to": stock.under_way_to,
        "used": stock.used,
        "dispensed": stock.dispensed,
        "destroyed": stock.destroyed,
        "lost": stock.lost,
    }


def _shipment(s: Shipment) -> dict[str, Any]:
    return {
        "id": hexed(s.id),
        "sender": hexed(s.sender),
        "recipient": hexed(s.recipient),
        "quantity": s.quantity,
        "left": s.left,
        "purpose": s.purpose,
        "due": s.due,
        "accepted": s.accepted,
        "entries": list(s.entries),
    }


def _unit(u: Packed) -> dict[str, Any]:
    return {
        "unit": hexed(u.unit),
        "holder": hexed(u.holder),
        "quantity": u.quantity,
        "recipient": hexed(u.recipient) if u.recipient else None,
        "due": u.due if u.recipient else None,
    }


def custody_json(custody: Custody, *, hops: bool = True) -> dict[str, Any]:
    """Where a lot is; with its time line unless ``hops`` is False."""
    return {
        "lot": hexed(custody.lot),
        "made": custody.made,
        "custodians": [stock_json(s) for s in custody.stocks],
        "under_way": [_shipment(s) for s in custody.shipments],
        "units": [_unit(u) for u in custody.units],
    } | ({"hops": [hop_json(h) for h in custody.hops]} if hops else {})


def _scoped(one: LotScope) -> dict[str, Any]:
    return {
        **lot_json(one.lot),
        "depth": one.depth,
        "stops": list(one.stops),
        "custody": custody_json(one.custody, hops=False),
    }


def scope_json(scope: Scope) -> dict[str, Any]:
    """A page of the scope of a recall; complete to the entry before ``complete_to`` when no page
    says ``more``."""
    return {
        "roots": list(scope.roots),
        "complete_to": scope.complete_to,
        "position": scope.position,
        "more": scope.more,
        "continuation": scope.continuation,
        "lots": [_scoped(one) for one in scope.lots],
    }


def _checked(checked: Checked) -> dict[str, Any]:
    """An acknowledgement beside what the ledger says the custodian had."""
    a, text = checked.acknowledgement, texts.AGREEMENTS[checked.agreement.value]
    values = {
        "aside": a.set_aside,
        "gone": a.gone,
        "had": checked.there,
        "under_way": checked.under_way,
        "had_gone": checked.gone,
        "entry": checked.superseded_by,
    }
    return {
        "entry": a.sequence,
        "recall": a.recall,
        "custodian": hexed(a.custodian),
        "set_aside": a.set_aside,
        "gone": a.gone,
        "note": a.note,
        "happened_at": a.happened_at,
        "recorded_at": a.recorded_at,
        "had": a.had,
        "code": checked.agreement.value,
        "en": text.en.format_map(values),
        "zh": text.zh.format_map(values),
        "ledger_there": checked.there,
        "ledger_under_way": checked.under_way,
        "ledger_gone": checked.gone,
        "superseded_by": checked.superseded_by,
    }


def _call(recall: RecordedEntry, stands: bool) -> dict[str, Any]:
    """A recall of a lot, with what its author says; ``id`` is what an answer or a release names."""
    document = recall["document"]
    assert isinstance(document, bytes)
    return {
        "entry": recall.sequence,
        "id": hexed(recall.digest),
        "by": hexed(recall.author),
        "reason": recall["reason"],
        "document": hexed(document) if any(document) else None,
        "happened_at": recall["happenedAt"],
        "recorded_at": recall.recorded_at,
        "stands": stands,
    }


def follow_up_json(followed: FollowUp, acknowledged: Iterable[Checked]) -> dict[str, Any]:
    """How far the recall of one lot is: who answered, beside the books, and what those have who did
    not."""
    return {
        **lot_json(followed.lot),
        "recalls": list(followed.recalls),
        "released": list(followed.released),
        "calls": [_call(e, e.sequence not in followed.released) for e in followed.calls],
        "acknowledged": [_checked(c) for c in acknowledged],
        "missing": [stock_json(s) for s in followed.missing],
    }
