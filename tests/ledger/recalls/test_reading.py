"""Enforcement reports of openFDA: every trap in them, one record each."""

import pytest

from ledger.days import NEW_YORK, iso_day, start_of_day
from ledger.errors import RequestError
from ledger.recalls import COLUMNS, MentionKind, RecallReading, RecallRow, read_recalls
from tests.support.shared import register
from tests.support.tables import csv_bytes

RECORD = {
    "recall_number": "Z-0101-2031",
    "recalling_firm": "Sample Devices Inc.",
    "product_description": "Sample mask, 50 per box",
    "code_info": "Lot Numbers: A1001, A1002",
    "product_quantity": "120 boxes",
    "reason_for_recall": "The ear loop may tear.",
    "classification": "Class II",
    "status": "Terminated",
    "recall_initiation_date": "20310104",
    "termination_date": "20310701",
    "report_date": "20310120",
}


def reading(*changes: dict[str, str]) -> RecallReading:
    return read_recalls("recalls.csv", csv_bytes(COLUMNS, *({**RECORD, **c} for c in changes)))


def row(**change: str) -> RecallRow:
    return reading(change).rows[0]


def codes(of: RecallRow) -> list[str]:
    return [problem.code for problem in of.problems]


def instant(day: str) -> int:
    found = iso_day(day)
    assert found is not None
    return start_of_day(found, NEW_YORK)


def test_a_record_states_who_recalls_what_and_since_when() -> None:
    found = row().recall
    assert found is not None
    assert (found.number, found.firm) == ("Z-0101-2031", "Sample Devices Inc.")
    assert (found.quantity, found.classification) == ("120 boxes", "Class II")
    assert [m.start for m in found.lots.of(MentionKind.LOT)] == ["A1001", "A1002"]
    assert (found.marks, row().problems) == ((), ())


def test_a_date_is_the_first_instant_of_its_day_in_new_york() -> None:
    found = row().recall
    assert found is not None
    assert found.initiated == instant("2031-01-04")
    assert found.initiated % 86_400 == 5 * 3_600, "winter"
    assert found.ended % 86_400 == 4 * 3_600, "summer"


def test_further_lots_in_the_second_column_belong_to_the_text() -> None:
    data = csv_bytes((*COLUMNS, "more_code_info"), {**RECORD, "more_code_info": "Lot B7"})
    (found,) = read_recalls("recalls.csv", data).recalls
    assert found.code_info.endswith("A1002 Lot B7")
    assert len(found.lots.mentions) == 3


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"recall_number": ""}, "number.missing", "row 2: recall_number"),
        ({"recall_number": "Z-1"}, "number.form", "row 2: recall_number"),
        ({"recalling_firm": " \u200b"}, "firm.missing", "row 2: recalling_firm"),
        ({"recall_initiation_date": ""}, "date.missing", "row 2: recall_initiation_date"),
        ({"recall_initiation_date": "20310231"}, "date.form", "row 2: recall_initiation_date"),
        ({"code_info": "Lot 1" * 8_000}, "cell.too-long", "row 2: code_info"),
    ],
)
def test_a_row_without_a_recall_says_why(change: dict[str, str], code: str, field: str) -> None:
    found = row(**change)
    assert found.recall is None
    (problem,) = (p for p in found.problems if p.code == code)
    assert problem.field == field
    assert problem.message != problem.message_zh


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"termination_date": "soon"}, "date.form"),
        ({"termination_date": "20301231"}, "date.order"),
        ({"termination_date": ""}, "ended.undated"),
        ({"status": "Ongoing"}, "status.contradicted"),
        ({"status": "Paused", "termination_date": ""}, "value.unknown"),
        ({"classification": "Class IV"}, "value.unknown"),
        ({"code_info": "Lots A1001 and the blue ones"}, "lots.unread"),
        ({"code_info": ""}, "lots.none"),
        ({"code_info": "Lots NP-2406A to NP-2407F"}, "lots.range"),
        ({"product_description": '=HYPERLINK("http://x.invalid")'}, "cell.formula"),
    ],
)
def test_what_is_doubtful_is_reported_and_the_recall_stands(
    change: dict[str, str], code: str
) -> None:
    found = row(**change)
    assert found.recall is not None
    assert code in codes(found)


def test_an_undated_end_is_not_an_instant() -> None:
    found = row(termination_date="").recall
    assert found is not None
    assert (found.ended, found.marks) == (0, ("ended-undated",))


def test_a_cell_of_ten_thousand_characters_is_read() -> None:
    found = row(code_info="Lots " + ", ".join(str(n) for n in range(10_000, 11_400))).recall
    assert found is not None
    assert len(found.code_info) > 9_800
    assert len(found.lots.mentions) == 1_400


def test_a_number_that_stands_there_twice_is_stated_once() -> None:
    same, other = reading({}, {}), reading({}, {"reason_for_recall": "Another reason."})
    assert (len(same.recalls), codes(same.rows[1])) == (1, ["row.duplicate"])
    assert (len(other.recalls), codes(other.rows[1])) == (1, ["number.contradicted"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.malformed"),
        (csv_bytes(COLUMNS[1:], {}), "file.columns"),
        (b"PK\x03\x04\x00\xff\xfe", "file.encoding"),
    ],
)
def test_a_file_that_is_no_such_report_is_refused_as_a_whole(data: bytes, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_recalls("recalls.csv", data)
    assert refused.value.code == code


def test_every_record_of_the_real_file_is_one_recall() -> None:
    path = register("fda_recalls_enforcement") / "medical-device-recalls.csv"
    found = read_recalls(path.name, path.read_bytes())
    assert len(found.rows) == len(found.recalls) == 34
    assert len({recall.event for recall in found.recalls}) == 16
    assert not any(row.refused for row in found.rows)
    assert sum("no-lots" in recall.marks for recall in found.recalls) == 11
    assert sum("lots-unread" in recall.marks for recall in found.recalls) == 6
    assert sum(recall.ended == 0 for recall in found.recalls) == 3, "the ongoing ones"
