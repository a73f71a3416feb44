"""The whole real registers: figures that must come out, and nothing dropped."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ledger.matching import Party, propose
from ledger.registers import RegisterReading, Row, Statement, read, sort_files
from tests.support.shared import register

FOLDERS = {
    "niosh-n95": "niosh_n95_cel",
    "fda-eua-china": "fda_eua_respirators",
    "fda-eua-imported": "fda_eua_respirators",
    "fda-eua-surgical": "fda_eua_respirators",
    "fda-510k": "fda_510k_ppe",
    "wuhan2020-factories": "wuhan2020",
}


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.suffix == ".csv" or path.name == "factories.json"
    }


def reading(name: str) -> RegisterReading:
    return read(name, sort_files(_files(register(FOLDERS[name])))[name])


def _cells(row: Row, column: str) -> str:
    return str(row.cells[column])


def of(found: RegisterReading, holder: str) -> dict[str, Statement]:
    return {s.model: s for s in found.statements if s.holder.identifier == holder}


@pytest.mark.parametrize(
    ("name", "rows", "statements", "holders"),
    [
        ("niosh-n95", 1345, 1644, 378),
        ("fda-eua-china", 221, 320, 221),
        ("fda-eua-imported", 14, 15, 11),
        ("fda-eua-surgical", 10, 14, 10),
        ("fda-510k", 282, 282, 181),
        ("wuhan2020-factories", 21, 14, 20),
    ],
)
def test_every_row_of_a_register_states_something_or_says_why_not(
    name: str, rows: int, statements: int, holders: int
) -> None:
    found = reading(name)
    assert (len(found.rows), len(found.statements), len(found.holders)) == (
        rows,
        statements,
        holders,
    )
    for row in found.rows:
        assert row.statements or row.capacities or row.problems, row.number
    assert not any(problem.message_zh == problem.message for _, problem in found.problems)


def test_niosh_refuses_exactly_the_placeholder_and_the_empty_cell() -> None:
    found = reading("niosh-n95")
    refused = [(r.number, r.problems[0].code) for r in found.rows if r.refused]
    assert refused == [(109, "number.placeholder"), (198, "model.missing")]


def test_niosh_numbers_belong_to_many_and_identify_nobody() -> None:
    found = reading("niosh-n95")
    bearers = Counter(n for n, _ in {(s.number, s.holder) for s in found.statements})
    assert bearers["84A-5411"] >= 60


def test_niosh_obsolete_models_are_withdrawn_and_no_others() -> None:
    found = reading("niosh-n95")
    withdrawn = [s for s in found.statements if s.withdrawn_from]
    assert len(withdrawn) == 65, "counted by hand in the 42 rows that say so"
    says_so = re.compile("obs|inactive|discontinued", re.IGNORECASE)
    rows = {r.number for r in found.rows if says_so.search(_cells(r, "approval_number"))}
    rows |= {r.number for r in found.rows if says_so.search(_cells(r, "models_cell"))}
    assert {s.row for s in withdrawn} == rows
    assert of(found, "Livingstone International Pty, Ltd.")["AP0028-3"].withdrawn_from == 0
    assert of(found, "Dräger Safety AG & Company, KGaA")["1750 CS"].withdrawn_from == 0


def test_winner_stands_on_both_lists_and_only_one_model_is_removed() -> None:
    found = reading("fda-eua-china")
    authorised, removed = of(found, "Winner Medical Co., Ltd"), of(found, "Winner Medical Co. Ltd.")
    assert {m: s.withdrawn_from for m, s in authorised.items()} == {"WN-N95FW": 0, "WN-N95FGIN": 0}
    assert {m: s.withdrawn_from for m, s in removed.items()} == {"WN-N95FG": 1588824000}


def test_the_1860_of_3m_is_stated_under_its_number_with_unstated_dates() -> None:
    found = of(reading("niosh-n95"), "3M Company")["1860"]
    assert (found.number, found.terms) == ("84A-0006", ("mask.respirator.n95", 0, 0, 0))


def test_the_firms_of_all_registers_are_proposed_by_their_names_in_two_languages() -> None:
    parties = []
    for name in FOLDERS:
        found = reading(name)
        for holder in found.holders:
            mine = [s for s in found.statements if s.holder == holder]
            parties.append(
                Party(
                    f"{name} {holder.identifier}",
                    tuple(filter(None, (holder.name_zh, holder.name_en))),
                    certificates=frozenset((s.kind, s.number) for s in mine if s.number),
                    models=frozenset(s.model for s in mine),
                    label_of=tuple({r.other for r in found.relations if r.holder == holder}),
                )
            )
    pairs = {(p.first, p.second) for p in propose(parties)}
    sanqi = (
        "fda-eua-china Rizhao Sanqi Medical & Health Articles Co., Ltd",
        "niosh-n95 Rizhao Sanqi Medical & Health Articles Company, Ltd.",
        "wuhan2020-factories 日照三奇医疗卫生用品有限公司",
    )
    assert {(sanqi[0], sanqi[1]), (sanqi[0], sanqi[2]), (sanqi[1], sanqi[2])} <= pairs
    assert len(pairs) < 120, "a proposal is for a person to read"
