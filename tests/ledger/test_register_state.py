"""What a ledger holds of a register: as JSON and back, and what a plan takes from it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.days import start_of_day
from ledger.errors import EvidenceError
from ledger.importing.mirror import Recorded, holder_id
from ledger.importing.register_state import (
    CapacityCount,
    Firm,
    MirroredRecall,
    MirroredRow,
    RegisterState,
    holdings_of,
)
from ledger.registers import RegisterReading, read
from ledger.vocabulary import QualificationState
from tests.support.tables import csv_bytes

NIOSH = "niosh-n95"
NOVEMBER, DECEMBER = date(2020, 11, 20), date(2020, 12, 18)
COLUMNS = (
    "page_last_updated", "supplier_name", "private_label_note", "models_cell", "approval_number",
    "valve",
)  # fmt: skip


def published(day: date) -> RegisterReading:
    row = {
        "supplier_name": "Example Crane Masks", "models_cell": "EC-1",
        "approval_number": "84A-9001", "valve": "No",
    }  # fmt: skip
    return read(NIOSH, {"list.csv": csv_bytes(COLUMNS, row)}, published=day)


READING = published(NOVEMBER)
[CRANE] = READING.holders
FIRM = Firm(holder_id(NIOSH, CRANE), CRANE.identifier, CRANE.name_zh, CRANE.name_en)
OWN = Recorded(
    b"o" * 32, 8, READING.publication.hash, start_of_day(NOVEMBER, "America/New_York"), True
)
LATER = Recorded(b"l" * 32, 7, b"d" * 32, start_of_day(DECEMBER, "America/New_York"), True)
ROW = MirroredRow(
    qualification=b"q" * 32,
    sequence=9,
    publication=OWN.id,
    state=QualificationState.IN_FORCE,
    holder=FIRM.id,
    document=READING.rows[0].hash,
    category="mask.respirator.n95",
    model="EC-1",
    kind="niosh-approval",
    number="84A-9001",
    valid_from=0,
    valid_until=0,
    withdrawn_from=0,
)
STATE = RegisterState(
    register_name=NIOSH,
    mirror=b"m" * 20,
    firms=(FIRM,),
    publications=(LATER, OWN),
    rows=(ROW,),
    capacities=(CapacityCount(FIRM.id, b"r" * 32, 2),),
    recalls=(MirroredRecall(11, FIRM.id, OWN.id, b"r" * 32, "Z-0001-2020"),),
    categories=("mask.respirator.n95", "mask.surgical"),
)


def test_a_state_is_the_same_after_a_journey_as_json() -> None:
    assert RegisterState.from_json(json.loads(json.dumps(STATE.to_json()))) == STATE


def test_a_plan_finds_in_it_what_the_ledger_holds() -> None:
    holdings = holdings_of(STATE, READING)
    assert holdings.organisations == {FIRM.id}
    assert holdings.categories == {"mask.respirator.n95", "mask.surgical"}
    assert holdings.recorded(READING.publication.hash) == OWN
    assert holdings.capacities == {(FIRM.id, b"r" * 32): 2}
    [listed] = holdings.listed
    [stated] = READING.statements
    assert (listed.key, listed.terms, listed.row_hash) == (
        stated.key, stated.terms, stated.row_hash,
    )  # fmt: skip
    assert (listed.qualification, listed.state) == (ROW.qualification, ROW.state)


def test_a_row_that_an_interrupted_late_import_left_in_force_is_overdue() -> None:
    assert holdings_of(STATE, READING).overdue == {ROW.qualification}


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (replace(STATE, publications=(OWN,)), "no later list"),
        (replace(STATE, publications=(OWN, replace(LATER, sequence=10))), "recorded in order"),
        (replace(STATE, publications=(replace(LATER, lists_rows=False), OWN)), "a notice"),
        (replace(STATE, publications=(LATER,), rows=()), "not recorded yet"),
        (replace(STATE, rows=(replace(ROW, publication=LATER.id),)), "of the later list"),
        (replace(STATE, rows=(replace(ROW, state=QualificationState.DELISTED),)), "delisted"),
        (replace(STATE, rows=(replace(ROW, sequence=5),)), "stated before"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_nothing_else_is_overdue(state: RegisterState, why: str) -> None:
    assert holdings_of(state, READING).overdue == frozenset(), why


def change(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(data: dict[str, Any]) -> None:
        *path, last = place.split(".")
        at: Any = data
        for step in path:
            at = at[int(step)] if step.isdigit() else at[step]
        at[last] = value

    return apply


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        ("extra", 1, "register"),
        ("mirror", "0x12", "register.mirror"),
        ("mirror", "0x" + "AB" * 20, "register.mirror"),
        ("firms", {}, "register.firms"),
        ("firms.0.id", None, "register.firms[0].id"),
        ("firms.0.id", "0x" + "99" * 20, "register.rows"),
        ("firms.0.name_zh", 7, "register.firms[0].name_zh"),
        ("publications.1.sequence", -1, "register.publications[1].sequence"),
        ("publications.1.lists_rows", 1, "register.publications[1].lists_rows"),
        ("rows.0.sequence", True, "register.rows[0].sequence"),
        ("rows.0.sequence", "9", "register.rows[0].sequence"),
        ("rows.0.valid_until", 1 << 63, "register.rows[0].valid_until"),
        ("rows.0.state", "IN_FORCE", "register.rows[0].state"),
        ("rows.0.state", 5, "register.rows[0].state"),
        ("rows.0.more", "", "register.rows[0]"),
        ("capacities.0.count", 1.5, "register.capacities[0].count"),
        ("recalls.0.publication", "0x" + "99" * 32, "register.recalls"),
        ("recalls.0.number", 1, "register.recalls[0].number"),
        ("recalls.0.organisation", "0x" + "12" * 32, "register.recalls[0].organisation"),
        ("categories", ["mask.surgical", None], "register.categories[1]"),
    ],
)
def test_what_is_not_exactly_a_state_is_no_evidence(place: str, value: Any, named: str) -> None:
    data = STATE.to_json()
    change(place, value)(data)
    with pytest.raises(EvidenceError) as bad:
        RegisterState.from_json(data)
    assert bad.value.code == "register.form"
    assert str(bad.value).startswith(f"{named} is not")


@pytest.mark.parametrize("member", list(STATE.to_json()))
def test_no_member_of_a_state_may_be_missing(member: str) -> None:
    data = STATE.to_json()
    del data[member]
    with pytest.raises(EvidenceError):
        RegisterState.from_json(data)


@pytest.mark.parametrize("data", [None, [], "state", 7])
def test_what_is_no_object_is_no_state(data: Any) -> None:
    with pytest.raises(EvidenceError):
        RegisterState.from_json(data)
