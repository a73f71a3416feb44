"""Files as they come: malformed ones, publications and their comparison, nothing dropped."""

import json
from dataclasses import replace
from datetime import date

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from ledger import tabular
from ledger.errors import RequestError
from ledger.registers import REGISTERS, Statement, compare, read, row_hash, sort_files
from ledger.vocabulary import WITHDRAWN_UNDATED
from tests.ledger.registers.test_fda import AUTHORISED, CLEARANCE, REMOVED
from tests.ledger.registers.test_niosh import COLUMNS, NOTES, PLAIN
from tests.support.tables import csv_bytes

LIST = csv_bytes(COLUMNS, PLAIN)
DAY = date(2020, 11, 20)


def test_a_publication_bears_the_hash_of_its_only_document() -> None:
    publication = read("niosh-n95", {"list.csv": LIST}, published=DAY).publication
    assert publication.hash == keccak(LIST)
    assert publication.documents[0].size == len(LIST)


def test_a_publication_of_two_documents_bears_the_hash_of_their_hashes() -> None:
    files = {"b.csv": NOTES, "a.csv": LIST}
    publication = read("niosh-n95", files, published=DAY).publication
    assert [d.name for d in publication.documents] == ["a.csv", "b.csv"]
    assert publication.hash == keccak(keccak(LIST) + keccak(NOTES))


def test_a_row_hash_is_that_of_its_canonical_json() -> None:
    cells = {"b": "天", "a": "x\ny"}
    assert row_hash(cells) == keccak('{"a":"x\\ny","b":"天"}'.encode())
    assert row_hash({"a": "x\ny", "b": "天"}) == row_hash(cells)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xef\xbb\xbf" + LIST, id="a UTF-8 mark"),
        pytest.param(LIST.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(LIST.replace(b"\n", b"\r\n"), id="Windows line ends"),
        pytest.param(LIST.replace(b"3M Company", b"\xe2\x80\x8b3M\xc2\xa0Company "), id="no-break"),
    ],
)
def test_marks_and_invisible_characters_change_no_holder(data: bytes) -> None:
    found = read("niosh-n95", {"list.csv": data}, published=DAY)
    assert [h.identifier for h in found.holders] == ["3M Company"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "file.malformed", id="empty"),
        pytest.param(b"\n\n", "file.malformed", id="blank"),
        pytest.param(b'a,b\n"x', "file.malformed", id="an open quote"),
        pytest.param(b"a,a\n1,2", "file.malformed", id="a column twice"),
        pytest.param(b"supplier,model\nx,y", "file.columns", id="other columns"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\xff\xff", "file", id="a picture"),
        pytest.param(NOTES, "file.missing", id="only the notes"),
    ],
)
def test_a_file_that_is_no_list_is_refused_saying_what_is_wrong(data: bytes, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        read("niosh-n95", {"list.csv": data}, published=DAY)
    assert refused.value.code.startswith(code)
    assert refused.value.field
    assert refused.value.message_zh


@pytest.mark.parametrize("data", [b"{}", b"[1]", b"[", b"[" * 50_000])
def test_json_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        read("wuhan2020-factories", {"factories.json": data}, published=DAY)
    assert refused.value.code.startswith("file.")


def test_a_file_over_the_limit_is_refused_with_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MAX_FILE_BYTES", 100)
    with pytest.raises(RequestError, match="more than the 100") as refused:
        read("niosh-n95", {"list.csv": LIST}, published=DAY)
    assert refused.value.code == "file.too-large"


def test_too_many_records_are_refused_with_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MAX_RECORDS", 2)
    data = csv_bytes(COLUMNS, PLAIN, PLAIN, PLAIN)
    with pytest.raises(RequestError, match="more than 2 records"):
        read("niosh-n95", {"list.csv": data}, published=DAY)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param(b"x,y\n", "row.length", id="too short"),
        pytest.param(b",".join([b"x"] * 9) + b"\n", "row.length", id="too long"),
        pytest.param(b"a,b,c,d," + b"m" * 40_000 + b",84A-0001,No\n", "cell.too-long", id="a cell"),
    ],
)
def test_a_row_that_does_not_fit_its_header_is_reported_and_never_shifted(
    line: bytes, code: str
) -> None:
    found = read("niosh-n95", {"list.csv": LIST + line}, published=DAY)
    assert [len(row.statements) for row in found.rows] == [1, 0]
    assert found.rows[1].problems[0].code == code
    assert found.rows[1].problems[0].field.startswith("row 3")


def test_an_unknown_register_and_a_missing_day_are_refused() -> None:
    with pytest.raises(RequestError) as refused:
        read("niosh", {})
    assert refused.value.field == "register"
    with pytest.raises(RequestError) as refused:
        read("fda-510k", {"list.csv": csv_bytes(tuple(CLEARANCE), CLEARANCE)})
    assert (refused.value.field, refused.value.code) == ("published", "publication.day")


def test_files_are_sorted_to_their_registers_by_their_columns() -> None:
    files = {
        "1.csv": LIST,
        "2.csv": NOTES,
        "3.csv": csv_bytes(AUTHORISED, {"Manufacturer": "X"}),
        "4.csv": csv_bytes(REMOVED, {"Manufacturer": "X"}),
        "5.csv": b"uscc,company_name\n1,2\n",
        "6.bin": b"\x00\x01",
    }
    found = sort_files(files)
    assert {r: sorted(f) for r, f in found.items()} == {
        "niosh-n95": ["1.csv", "2.csv"],
        "fda-eua-china": ["3.csv", "4.csv"],
    }


def _statements(*models: str) -> tuple[Statement, ...]:
    cells = {**PLAIN, "models_cell": "\n".join(models)}
    files = {"list.csv": csv_bytes(COLUMNS, cells)}
    return read("niosh-n95", files, published=DAY).statements


def test_a_later_publication_adds_keeps_changes_and_drops() -> None:
    old = _statements("8210", "8110S", "7048")
    new = _statements("8210", "8110S Obsolete", "9105")
    found = compare(old, new)
    assert [s.model for s in found.added] == ["9105"]
    assert [s.model for s in found.unchanged] == ["8210"]
    assert [(a.withdrawn_from, b.withdrawn_from) for a, b in found.changed] == [
        (0, WITHDRAWN_UNDATED)
    ]
    assert [s.model for s in found.gone] == ["7048"], "no longer listed, which is not withdrawn"


def test_an_equal_publication_brings_nothing_new_whatever_the_order() -> None:
    old = _statements("8210", "8110S", "7048")
    found = compare(old, tuple(reversed(old)))
    assert len(found.unchanged) == 3
    assert (found.added, found.changed, found.gone) == ((), (), ())


def test_two_statements_under_one_key_are_matched_with_their_equals() -> None:
    (one,) = _statements("8210")
    other = replace(one, withdrawn_from=5)
    assert compare((one, other), (other, one)).unchanged == (other, one)
    assert compare((one, other), (other,)).gone == (one,)


@given(
    st.lists(st.sampled_from(["1860", "8210", "9105", "1870", "8511"]), unique=True),
    st.lists(st.sampled_from(["1860", "8210", "9105", "1870", "8511"]), unique=True),
)
def test_a_comparison_accounts_for_every_statement_once(a: list[str], b: list[str]) -> None:
    (template,) = _statements("8210")
    old = tuple(replace(template, model=m) for m in a)
    new = tuple(replace(template, model=m) for m in b)
    found = compare(old, new)
    assert len(found.added) + len(found.unchanged) + len(found.changed) == len(new)
    assert len(found.gone) + len(found.unchanged) + len(found.changed) == len(old)
    assert {s.model for s in found.gone} == set(a) - set(b)


@given(st.text(max_size=200), st.sampled_from(["84A-0001", "84A-0001 Obsolete", "x"]))
def test_no_cell_breaks_the_reader_and_no_row_is_dropped(models: str, number: str) -> None:
    cells = {**PLAIN, "models_cell": models, "approval_number": number}
    data = csv_bytes(COLUMNS, cells) + b'"p","s","n","","1",84A-0002,No\n'
    try:
        found = read("niosh-n95", {"list.csv": data}, published=DAY)
    except RequestError:
        return
    for row in found.rows:
        assert row.statements or row.problems


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["specification", "value"]), inner)
        ),
    )
)
def test_no_json_value_breaks_the_reader(value: object) -> None:
    record = {"name": value, "supplies": value, "qualification": value, "date": value}
    fixed = {"name": "甲公司", "supplies": [value], "qualification": "x", "date": ""}
    data = json.dumps([record, fixed]).encode()
    for row in read("wuhan2020-factories", {"f.json": data}, published=DAY).rows:
        assert row.problems


def test_every_register_has_names_in_both_languages_and_a_zone() -> None:
    for register, reader in REGISTERS.items():
        assert reader.register == register
        assert reader.name_zh != reader.name_en
        assert reader.zone
        assert reader.freshness_days > 0
