"""NIOSH's N95 list: every trap in it, one row each."""

import pytest

from ledger.days import NEW_YORK, start_of_day
from ledger.registers import RegisterReading, Row, Statement, read
from ledger.registers.models import obsolete_since
from ledger.vocabulary import WITHDRAWN_UNDATED
from tests.support.tables import csv_bytes

COLUMNS = (
    "page_last_updated", "supplier_cell", "supplier_name", "private_label_note", "models_cell",
    "approval_number", "valve",
)  # fmt: skip
PLAIN = {
    "page_last_updated": "June 19, 2020",
    "supplier_name": "3M Company",
    "models_cell": "8210",
    "approval_number": "84A-0007",
    "valve": "No",
}
NOTES = csv_bytes(
    ("note", "company", "phone"),
    {"note": "*E", "company": "Private label of Makrite Industries, Inc.", "phone": "800"},
)


def reading(*rows: dict[str, str]) -> RegisterReading:
    table = csv_bytes(COLUMNS, *({**PLAIN, **row} for row in rows))
    return read("niosh-n95", {"n95_2020-11-20.csv": table, "notes.csv": NOTES})


def row(**cells: str) -> Row:
    return reading(cells).rows[0]


def statement(**cells: str) -> Statement:
    (only,) = row(**cells).statements
    return only


def codes(of: Row) -> list[str]:
    return [problem.code for problem in of.problems]


def since(of: Row) -> dict[str, int]:
    return {s.model: s.withdrawn_from for s in of.statements}


def midnight(year: int, month: int, day: int) -> int:
    from datetime import date

    return start_of_day(date(year, month, day), NEW_YORK)


def test_a_row_with_three_models_makes_three_statements_with_one_hash() -> None:
    found = row(models_cell="8210\n8210 Plus\n8110S")
    assert [s.model for s in found.statements] == ["8210", "8210 Plus", "8110S"]
    assert {s.row_hash for s in found.statements} == {found.hash}
    assert found.number == 2, "the header is row 1"


def test_beginning_and_end_are_unstated() -> None:
    assert statement().terms == ("mask.respirator.n95", 0, 0, 0)


def test_fda_cleared_is_a_mark_and_no_part_of_the_model() -> None:
    found = statement(models_cell="1860 (FDA)")
    assert found.model == "1860"
    assert "fda-cleared" in found.marks
    assert statement(models_cell="2296A(FDA)").model == "2296A"


def test_obsolete_in_the_number_cell_withdraws_the_row_from_the_first_of_that_month() -> None:
    found = statement(approval_number="84A-5191\nObsolete 03/2013")
    assert (found.number, found.withdrawn_from) == ("84A-5191", midnight(2013, 3, 1))


def test_the_day_of_obsolescence_is_a_day_in_new_york() -> None:
    assert midnight(2013, 3, 1) == 1362114000, "2013-03-01T05:00:00Z"
    assert midnight(2009, 7, 1) == 1246420800, "2009-07-01T04:00:00Z, summer time"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("7152 Obsolete 10/8/2015", {"7152": midnight(2015, 10, 8)}, id="with a day"),
        pytest.param("354A N95\nDiscontinued/Obsolete", {"354A N95": 1}, id="without a date"),
        pytest.param("A2320\nInactive 8/2009", {"A2320": midnight(2009, 8, 1)}, id="inactive"),
        pytest.param("SH1\nObsolete 13/2009", {"SH1": 1}, id="no such month"),
        pytest.param(
            "AP0028 Obsolete 02/10/2016\nAP0028-3",
            {"AP0028": midnight(2016, 2, 10), "AP0028-3": 0},
            id="the withdrawn model is the beginning of another",
        ),
        pytest.param(
            "KFD-100-Active\nKFD-200-Obsolete 7/2009",
            {"KFD-100": 0, "KFD-200": midnight(2009, 7, 1)},
            id="one active, one obsolete",
        ),
        pytest.param(
            "2734 Obsolete\n2735\n2737-OV/AG Obsolete 7/2009",
            {"2734": 1, "2735": 0, "2737-OV/AG": midnight(2009, 7, 1)},
            id="each line for itself",
        ),
        pytest.param(
            "1511 (FDA)\n1512 (FDA)\nObsolete 08/2009",
            {"1511": midnight(2009, 8, 1), "1512": midnight(2009, 8, 1)},
            id="a line of its own means the models above it",
        ),
        pytest.param(
            "9710 (972 Obsolete 10/2010)",
            {"9710": 0, "972": midnight(2010, 10, 1)},
            id="another model in brackets",
        ),
        pytest.param(
            "X-plore 1350\n(p/n 39 51 385 and 39 51 359)\n(p/n 39 51 222 and 39 51 232\n"
            "Obsolete 10/2010)",
            {
                "X-plore 1350 (p/n 39 51 385 and 39 51 359)": 0,
                "X-plore 1350 (p/n 39 51 222 and 39 51 232)": midnight(2010, 10, 1),
            },
            id="only some part numbers",
        ),
        pytest.param(
            "2735OV\n2737OV\nDiscontinued/Obsolete353A N95",
            {"2735OV": 1, "2737OV": 1, "353A N95": 0},
            id="the next model glued to the marker",
        ),
    ],
)
def test_an_obsolete_marker_withdraws_what_it_is_about_and_nothing_else(
    cell: str, expected: dict[str, int]
) -> None:
    assert since(row(models_cell=cell)) == expected


def test_a_marker_below_several_models_is_reported_for_a_person() -> None:
    assert "obsolete.scope" in codes(row(models_cell="KFD-105\nKFD-205\nObsolete 7/2009"))


def test_a_stated_day_counts_before_an_unstated_one() -> None:
    found = statement(models_cell="DD01-N95 obs", approval_number="84A-5191\nObsolete 03/2013")
    assert (found.model, found.withdrawn_from) == ("DD01-N95", midnight(2013, 3, 1))
    assert obsolete_since(None) == WITHDRAWN_UNDATED == 1


@pytest.mark.parametrize(
    ("cell", "models"),
    [
        pytest.param("46827 & 76827 (FDA)", ["46827", "76827"], id="ampersand"),
        pytest.param("A8107, A8107O", ["A8107", "A8107O"], id="comma"),
        pytest.param("9500-N95 / N95-001 (FDA)", ["9500-N95", "N95-001"], id="slash"),
        pytest.param("N9501 S, M, L", ["N9501 S, M, L"], id="sizes are no models"),
        pytest.param("1895N/V", ["1895N/V"], id="a slash inside a model"),
        pytest.param(
            "M9910CV and RD9910CV\n(RDL Brand)", ["M9910CV", "RD9910CV (RDL Brand)"], id="brand"
        ),
        pytest.param("NON27501 (formerly NON24501)", ["NON27501"], id="a former number"),
    ],
)
def test_several_models_in_one_line_are_split_only_where_each_is_plainly_one(
    cell: str, models: list[str]
) -> None:
    assert [s.model for s in row(models_cell=cell).statements] == models


def test_an_empty_model_cell_states_nothing_instead_of_everything() -> None:
    found = row(models_cell="")
    assert found.refused
    assert found.statements == ()
    assert codes(found) == ["model.missing"]


def test_a_placeholder_number_states_nothing() -> None:
    found = row(approval_number="84A-000000")
    assert found.statements == ()
    assert codes(found) == ["number.placeholder"]
    assert found.problems[0].field == "row 2: approval_number"


def test_a_special_number_is_stated_and_flagged() -> None:
    found = row(approval_number="84A-PH17")
    assert codes(found) == ["number.special"]
    assert (found.statements[0].number, found.statements[0].marks[-1]) == (
        "84A-PH17",
        "special-number",
    )


def test_a_lower_case_number_is_stated_as_written_and_compared_without_case() -> None:
    lower, upper = statement(approval_number="84a-7285"), statement(approval_number="84A-7285")
    assert lower.number == "84a-7285"
    assert lower.key == upper.key


def test_what_is_no_number_is_refused_naming_the_cell() -> None:
    found = row(approval_number="see website")
    assert found.statements == ()
    assert found.problems[0].field == "row 2: approval_number"
    assert found.problems[0].message_zh


@pytest.mark.parametrize(
    ("cell", "mark"),
    [("Yes", "valve"), ("No", "no-valve"), ("N", "no-valve"), ("NO", "no-valve")],
)
def test_the_valve_is_read_however_it_is_written(cell: str, mark: str) -> None:
    assert mark in statement(valve=cell).marks


def test_an_unstated_valve_is_reported_and_not_assumed() -> None:
    found = row(valve="")
    assert codes(found) == ["valve.unstated"]
    assert not {"valve", "no-valve"} & set(found.statements[0].marks)


def test_a_row_word_for_word_the_same_is_stated_once() -> None:
    found = reading({}, {})
    assert [len(r.statements) for r in found.rows] == [1, 0]
    assert codes(found.rows[1]) == ["row.duplicate"]


def test_a_statement_repeated_by_another_row_is_stated_once() -> None:
    found = reading({}, {"supplier_cell": "other telephone"})
    assert len(found.statements) == 1
    assert codes(found.rows[1]) == ["statement.repeated"]


def test_two_rows_that_contradict_each_other_are_both_stated_and_marked() -> None:
    found = reading({}, {"models_cell": "8210 Obsolete 08/2009"})
    assert [s.withdrawn_from for s in found.statements] == [0, midnight(2009, 8, 1)]
    assert "contradicted" in found.statements[1].marks
    assert codes(found.rows[1]) == ["statement.contradicted"]


def test_names_that_differ_in_punctuation_are_two_holders() -> None:
    found = reading(
        {"supplier_name": "Crews, Inc. (MCR Safety)"}, {"supplier_name": "Crews Inc. (MCR Safety)"}
    )
    assert [h.identifier for h in found.holders] == [
        "Crews, Inc. (MCR Safety)",
        "Crews Inc. (MCR Safety)",
    ]


def test_one_number_on_two_suppliers_makes_them_no_relatives() -> None:
    found = reading(
        {"supplier_name": "Ammex Corporation", "approval_number": "84A-5411"},
        {"supplier_name": "Makrite Industries, Inc.", "approval_number": "84A-5411"},
    )
    assert len({s.holder for s in found.statements}) == 2
    assert found.relations == ()


def test_a_private_label_is_a_relation_to_the_real_maker() -> None:
    found = row(supplier_name="Ammex Corporation", private_label_note="E")
    (relation,) = found.relations
    assert (relation.holder.name_en, relation.other, relation.note) == (
        "Ammex Corporation",
        "Makrite Industries, Inc.",
        "*E",
    )
    assert "private-label" in found.statements[0].marks


def test_a_note_without_explanation_is_reported() -> None:
    found = row(private_label_note="XX")
    assert codes(found) == ["note.unknown"]
    assert found.relations == ()


def test_a_name_too_long_refuses_its_row_only() -> None:
    found = reading({"supplier_name": "x" * 201}, {})
    assert codes(found.rows[0]) == ["holder.too-long"]
    assert len(found.rows[1].statements) == 1


def test_a_model_too_long_is_refused() -> None:
    assert codes(row(models_cell="x" * 301)) == ["model.too-long"]


def test_a_formula_cell_is_text() -> None:
    found = row(models_cell='=HYPERLINK("http://x","1860")')
    assert found.statements[0].model == '=HYPERLINK("http://x","1860")'
    assert codes(found) == ["cell.formula"]


def test_the_publication_bears_the_day_in_the_file_name_or_the_latest_page() -> None:
    assert reading({}).publication.published == midnight(2020, 11, 20)
    table = csv_bytes(COLUMNS, PLAIN, {**PLAIN, "page_last_updated": "November 19, 2020"})
    assert read("niosh-n95", {"list.csv": table}).publication.published == midnight(2020, 11, 19)
