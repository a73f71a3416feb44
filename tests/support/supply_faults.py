"""Entries that a supply network must not get onto the ledger, each with one thing wrong.

A fault is made of an entry that is right at this moment: *before* that entry, so that all it needs
is still there, or *after* it, when it would be the second time. The ledger refuses it with the one
error that stands beside it, and goes on as if it had never come.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger.typed_data import Part, Value
from tests.support.supply_firms import SURGICAL, Firm, Holding, Lot

_HOUR: Final = 3_600
_DAY: Final = 86_400
#: Later than this is too late; the network's ledger permits seven days.
LATEST: Final = 6 * _DAY


@dataclass(slots=True)
class Told:
    """An entry that is right: who says what, and what it is about.

    ``since`` is the first time at which it may have happened; ``holdings`` are those that it
    takes from or adds to, which show how things are now, not how they were.
    """

    firm: Firm
    action: str
    values: Mapping[str, Any]
    at: int
    since: int
    nonce: int
    happened: int
    deadline: int
    digest: bytes
    lot: Lot | None
    holdings: tuple[Holding, ...]
    #: A supplier without qualifications, a store, a laboratory accredited for nothing.
    unlicensed: Firm
    store: Firm
    laboratory: Firm


class Bad(NamedTuple):
    """What is said wrongly, by whom. The common fields are the scribe's unless they stand here."""

    firm: Firm
    action: str
    values: dict[str, Value]


Maker = Callable[[Told], Bad | None]


class Fault(NamedTuple):
    name: str
    refusal: str
    after: bool
    actions: frozenset[str]
    make: Maker


#: Every fault, by its name.
FAULTS: Final[dict[str, Fault]] = {}


def _fault(name: str, refusal: str, *actions: str, after: bool = False) -> Callable[[Maker], Maker]:
    def keep(make: Maker) -> Maker:
        FAULTS[name] = Fault(name, refusal, after, frozenset(actions), make)
        return make

    return keep


def _with(told: Told, /, **changed: Value) -> Bad:
    return Bad(told.firm, told.action, {**told.values, **changed})


# ---------------------------------------------------------------- whatever it is about

_ANY: Final = ("Commission", "Transform", "Ship", "Receive", "Dispense", "Inspect", "Aggregate")


@_fault("from the future", "EntryFromFuture", *_ANY)
def _future(told: Told) -> Bad | None:
    return _with(told, happenedAt=told.at + 2 * _HOUR)


@_fault("too late without the authority", "EntryTooLate", *_ANY)
def _too_late(told: Told) -> Bad | None:
    return _with(told, happenedAt=told.at - 8 * _DAY)


@_fault("after its deadline", "EntryExpired", *_ANY)
def _expired(told: Told) -> Bad | None:
    return _with(told, deadline=told.at - _HOUR)


@_fault("sent twice", "EntryNonceUsed", *_ANY, after=True)
def _again(told: Told) -> Bad | None:
    return _with(told, nonce=told.nonce, happenedAt=told.happened, deadline=told.deadline)


@_fault("by somebody without the role", "EntryRoleMissing", "Transform", "Ship", "Dispense")
def _no_role(told: Told) -> Bad | None:
    return Bad(told.laboratory, told.action, dict(told.values))


@_fault(
    "before this was there", "BatchTooEarly", "Transform", "Ship", "Receive", "Dispense", "Destroy"
)
def _too_early(told: Told) -> Bad | None:
    if told.at - told.since > LATEST:
        return None
    return _with(told, happenedAt=told.since - 1)


# ---------------------------------------------------------------- making


@_fault("overrun", "BatchOverrun", "Transform")
def _overrun(told: Told) -> Bad | None:
    return _with(told, quantity=told.values["quantity"] * 4 + 1)


@_fault("inputs used twice", "BatchStockShort", "Transform", after=True)
def _used_twice(told: Told) -> Bad | None:
    pairs = zip(told.values["inputs"], told.holdings, strict=True)
    return _with(told) if any(h.quantity < part.quantity for part, h in pairs) else None


@_fault("an input named twice", "BatchPartsWrong", "Transform")
def _named_twice(told: Told) -> Bad | None:
    first = told.values["inputs"][0]
    return _with(told, inputs=(first, first))


@_fault("made of itself", "BatchMadeOfItself", "Transform")
def _of_itself(told: Told) -> Bad | None:
    return None if told.lot is None else _with(told, inputs=(Part(told.lot.id, 1),))


@_fault("a unit without conversion", "BatchProcessForeign", "Transform")
def _unit(told: Told) -> Bad | None:
    return _with(told, unit="CT")


@_fault("an unknown process", "BatchProcessUnknown", "Transform")
def _process(told: Told) -> Bad | None:
    return _with(told, process="network.by-magic")


@_fault("an unqualified maker", "QualificationKindNotCovered", "Commission", "Transform")
def _unqualified(told: Told) -> Bad | None:
    if told.values.get("originNotShown"):
        return None
    return Bad(told.unlicensed, told.action, dict(told.values))


@_fault("no citation", "QualificationKindNotCovered", "Commission", "Transform")
def _uncited(told: Told) -> Bad | None:
    return None if told.values.get("originNotShown") else _with(told, cited=())


@_fault("a wrong check digit", "BatchValueInvalid", "Commission", "Transform")
def _check_digit(told: Told) -> Bad | None:
    return _with(told, gtin=told.values["gtin"] + 1)


@_fault("lot characters outside GS1's", "BatchLotNumberInvalid", "Commission", "Transform")
def _characters(told: Told) -> Bad | None:
    return _with(told, lot="批 " + told.values["lot"][:8])


@_fault("a lot commissioned twice", "BatchLotExists", "Commission", after=True)
def _twice(told: Told) -> Bad | None:
    return _with(told, quantity=told.values["quantity"] + 1)


@_fault("made goods as raw material", "BatchNotRawMaterial", "Commission")
def _not_raw(told: Told) -> Bad | None:
    if told.values["originNotShown"]:
        return None
    return _with(told, category=SURGICAL.category, unit=SURGICAL.unit)


@_fault("growing a closed lot", "BatchLotClosed", "Transform")
def _closed(told: Told) -> Bad | None:
    text = told.firm.closed_lot
    return _with(told, lot=text) if text and told.lot is not None else None


@_fault("growing with another model", "BatchGoodsWrong", "Transform")
def _model(told: Told) -> Bad | None:
    # A certificate for one model would not cover the other, which is another fault.
    of_a_model = any(not c.any_model for c in told.values["cited"])
    if told.lot is None or not told.lot.is_open or of_a_model:
        return None
    return _with(told, model="another")


@_fault("closed twice", "BatchLotClosed", "CloseLot", after=True)
def _closed_twice(told: Told) -> Bad | None:
    return _with(told)


@_fault("closed by a stranger", "BatchNotMaker", "CloseLot")
def _foreign_close(told: Told) -> Bad | None:
    return Bad(told.store, told.action, dict(told.values))


# ---------------------------------------------------------------- custody


@_fault("to oneself", "BatchToOneself", "Ship")
def _to_oneself(told: Told) -> Bad | None:
    return _with(told, recipient=told.firm.id)


@_fault("to a stranger", "BatchRecipientUnfit", "Ship")
def _to_a_stranger(told: Told) -> Bad | None:
    return _with(told, recipient=b"nobody".ljust(20, b"\0"))


@_fault("to somebody who has no goods", "BatchRecipientUnfit", "Ship")
def _to_a_laboratory(told: Told) -> Bad | None:
    return _with(told, recipient=told.laboratory.id)


@_fault("more than there is", "BatchStockShort", "Ship", "Dispense", "Destroy")
def _more(told: Told) -> Bad | None:
    # How much there is now: the entry itself has not come yet.
    return _with(told, quantity=told.holdings[0].quantity + 1)


@_fault("the same goods sent twice", "BatchStockShort", "Ship", "Dispense", after=True)
def _sent_twice(told: Told) -> Bad | None:
    return _with(told) if told.holdings[0].quantity < told.values["quantity"] else None


@_fault("a shipment that was due before it left", "BatchValueInvalid", "Ship")
def _due(told: Told) -> Bad | None:
    return _with(told, due=1)


@_fault("settled before it was due", "BatchNotDue", "Ship", after=True)
def _early_settlement(told: Told) -> Bad | None:
    v = told.values
    settled = {"lot": v["lot"], "shipment": told.digest, "recipient": v["recipient"]}
    return Bad(
        told.firm, "Settle", {**settled, "returned": v["quantity"], "lost": 0, "reason": "back"}
    )


@_fault("received by somebody else", "BatchNothingUnderWay", "Receive")
def _other_recipient(told: Told) -> Bad | None:
    return None if told.store is told.firm else Bad(told.store, told.action, dict(told.values))


@_fault("more received than sent", "BatchMoreThanSent", "Receive")
def _more_than_sent(told: Told) -> Bad | None:
    # Only a receipt of all says by itself how much was sent.
    return None if told.values["reason"] else _with(told, accepted=told.values["accepted"] + 1)


@_fault("received twice", "BatchNothingUnderWay", "Receive", after=True)
def _received_twice(told: Told) -> Bad | None:
    return _with(told)


@_fault("less accepted without a reason", "BatchTextMissing", "Receive")
def _no_reason(told: Told) -> Bad | None:
    accepted = told.values["accepted"]
    return _with(told, accepted=accepted - 1, reason="") if accepted else None


@_fault("found again without a loss", "BatchNotLost", "Dispense", "Ship")
def _not_lost(told: Told) -> Bad | None:
    values = {"lot": told.values["lot"], "quantity": told.holdings[0].lost + 1, "up": True}
    return Bad(told.firm, "Adjust", {**values, "reason": "counted again"})


# ---------------------------------------------------------------- logistic units


@_fault("an SSCC with a wrong check digit", "BatchValueInvalid", "Aggregate")
def _sscc(told: Told) -> Bad | None:
    return _with(told, sscc=told.values["sscc"] + 1)


@_fault("a unit packed twice", "BatchUnitWrong", "Aggregate", after=True)
def _packed_twice(told: Told) -> Bad | None:
    return _with(told)


@_fault("other contents than packed", "BatchUnitContents", "ShipUnit", "ReceiveUnit", "TakeApart")
def _contents(told: Told) -> Bad | None:
    first, *rest = told.values["parts"]
    return _with(told, parts=(Part(first.lot, first.quantity + 1), *rest))


@_fault("a unit received by somebody else", "BatchNotHolder", "ReceiveUnit")
def _unit_elsewhere(told: Told) -> Bad | None:
    return Bad(told.unlicensed, told.action, dict(told.values))


# ---------------------------------------------------------------- oversight


@_fault("sampled before the lot was begun", "OversightSampledBeforeMade", "Inspect")
def _sampled_early(told: Told) -> Bad | None:
    return None if told.lot is None else _with(told, sampledAt=told.lot.made_at - 1)


@_fault("tested by a laboratory that is not accredited", "OversightNotAccredited", "Inspect")
def _not_accredited(told: Told) -> Bad | None:
    return Bad(told.laboratory, told.action, dict(told.values))


@_fault("a result that is none", "OversightValueInvalid", "Inspect")
def _result(told: Told) -> Bad | None:
    return _with(told, result=4)


@_fault("stopped by somebody without the right", "OversightNoRight", "Hold", "Recall")
def _no_right(told: Told) -> Bad | None:
    return Bad(told.store, told.action, dict(told.values))


@_fault("handed out while it stands still", "BatchBlocked", "Hold", "Recall", after=True)
def _while_held(told: Told) -> Bad | None:
    return Bad(told.firm, "Dispense", {"lot": told.values["lot"], "quantity": 1, "to": "a clinic"})


@_fault("released twice", "OversightNotStanding", "Release", after=True)
def _released_twice(told: Told) -> Bad | None:
    return _with(told)


#: The faults that can be made of an entry of an action, before it and after it.
OF_ACTION: Final[dict[tuple[str, bool], tuple[Fault, ...]]] = {
    (action, after): tuple(f for f in FAULTS.values() if action in f.actions and f.after is after)
    for action in {a for f in FAULTS.values() for a in f.actions}
    for after in (False, True)
}
