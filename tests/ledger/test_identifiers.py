"""Identifiers: one form, and the right check digit named where it is wrong."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.divisions import contains, level, parse_division
from ledger.errors import RequestError
from ledger.identifiers import Identifier, organisation_check_digit, parse, recognise
from tests.support.shared import needs_registers, register

USCC = "91371100168371999W"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        pytest.param("uscc", USCC, USCC, id="as it is printed"),
        pytest.param("uscc", " 91371100 168371999w ", USCC, id="spaces and lower case"),
        pytest.param("uscc", "９１３７１１００１６８３７１９９９Ｗ", USCC, id="full width"),
        pytest.param("uscc", "\u200b91371100-168371999-W\ufeff", USCC, id="invisible and hyphens"),
        pytest.param("gln", "690 1234 56789 2", "6901234567892", id="a GLN in groups"),
        pytest.param("gtin", "96385074", "00000096385074", id="a GTIN-8 is kept with 14 digits"),
        pytest.param("lei", "529900t8bm49aursdo55", "529900T8BM49AURSDO55", id="a lower-case LEI"),
        pytest.param("division", "3711", "371100000000", id="a city's division is filled up"),
        pytest.param("register:niosh-n95", " 3M  Company ", "3M Company", id="a register's name"),
    ],
)
def test_every_spelling_comes_to_one_form(kind: str, text: str, value: str) -> None:
    assert parse(kind, text) == Identifier(kind, value)


@pytest.mark.parametrize(
    ("kind", "text", "code", "expected"),
    [
        pytest.param("uscc", USCC[:-1] + "X", "check-digit", USCC, id="the last of a credit code"),
        pytest.param("gln", "6901234567890", "check-digit", "6901234567892", id="of a GLN"),
        pytest.param("gtin", "96385075", "check-digit", "96385074", id="of a GTIN"),
        pytest.param(
            "lei", "529900T8BM49AURSDO56", "check-digit", "529900T8BM49AURSDO55", id="of a LEI"
        ),
    ],
)
def test_a_wrong_check_digit_is_refused_and_the_right_one_named(
    kind: str, text: str, code: str, expected: str
) -> None:
    with pytest.raises(RequestError) as refused:
        parse(kind, text)
    error = refused.value
    assert (error.field, error.code) == (kind, f"identifier.{code}")
    assert error.values["expected"] == expected
    assert parse(kind, expected).value.endswith(expected), "the mended text is right"
    assert "校验码" in error.message_zh


def test_a_credit_code_made_around_a_wrong_organisation_code_is_refused() -> None:
    from stdnum.cn import uscc

    wrong = USCC[:16] + ("1" if USCC[16] != "1" else "2")
    wrong += uscc.calc_check_digit(wrong)
    assert uscc.is_valid(wrong), "the outer check digit alone would let it through"
    with pytest.raises(RequestError, match="GB 11714") as refused:
        parse("uscc", wrong)
    assert refused.value.values["expected"] == USCC


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        pytest.param("uscc", USCC[:-1], "identifier.length", id="a character short"),
        pytest.param("uscc", "9137110O168371999W", "identifier.character", id="O for zero"),
        pytest.param("gln", "69012345678AB", "identifier.character", id="letters in a GLN"),
        pytest.param("gtin", "123456789", "identifier.length", id="nine digits"),
        pytest.param("lei", "529900T8BM49AURSDOXX", "identifier.character", id="LEI end"),
        pytest.param("passport", "X", "identifier.kind", id="unknown kind"),
        pytest.param("register:niosh-n95", " ", "identifier.length", id="an empty name"),
        pytest.param("register:niosh-n95", "x" * 201, "identifier.length", id="a long name"),
        pytest.param("division", "991100", "identifier.division", id="no such province"),
        pytest.param("division", "37110", "identifier.division", id="five digits"),
        pytest.param("division", "37110A", "identifier.division", id="a letter"),
        pytest.param("division", "370002", "identifier.division", id="a county without a city"),
        pytest.param("division", "371100001000", "identifier.division", id="township, no county"),
    ],
)
def test_what_is_no_identifier_is_refused(kind: str, text: str, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        parse(kind, text)
    assert refused.value.code == code
    assert refused.value.field
    assert refused.value.message_zh


def test_a_city_without_counties_has_townships_all_the_same() -> None:
    assert parse_division("441900003000") == "441900003000"


def test_divisions_nest_by_their_levels() -> None:
    assert [level(parse_division(c)) for c in ("37", "3711", "371102", "371102001")] == [2, 4, 6, 9]
    assert contains("371100000000", "371102001001")
    assert not contains("371100000000", "370202000000")
    assert contains("371102000000", "371102000000")


def test_a_search_string_is_recognised_as_every_identifier_it_may_be() -> None:
    assert [i.kind for i in recognise(USCC.lower())] == ["uscc"]
    assert [i.kind for i in recognise("6901234567892")] == ["gln", "gtin"]
    assert [i.kind for i in recognise("371102000000")] == ["division"]
    assert recognise("3M 1860") == ()
    assert recognise("3711") == (), "four digits are too little to be a division"


@given(st.text(max_size=30))
def test_no_text_breaks_recognition(text: str) -> None:
    for identifier in recognise(text):
        assert parse(identifier.kind, identifier.value) == identifier


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
def test_the_inner_check_digit_is_one_of_eleven(code: str) -> None:
    assert organisation_check_digit(code) in "0123456789X"


@needs_registers
def test_all_real_credit_codes_pass_and_the_office_may_lie_elsewhere_than_the_seat() -> None:
    text = (register("uscc_cn_companies") / "uscc_sample_20.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 20
    assert all(parse("uscc", row["uscc"]).value == row["uscc"] for row in rows)


@pytest.mark.parametrize(
    ("uscc", "office", "seat"),
    [
        pytest.param("914405007254810917", "440500", "320500", id="sits in Suzhou"),
        pytest.param("91110106335516068G", "110106", "440300", id="sits in Shenzhen"),
        pytest.param("912112233993842441", "211223", "520000", id="sits in Guizhou"),
    ],
)
def test_the_register_office_in_a_credit_code_is_not_taken_for_the_seat(
    uscc: str, office: str, seat: str
) -> None:
    """No division is derived from a code: it is stated by whoever registers the firm."""
    value = parse("uscc", uscc).value
    assert value[2:8] == office
    assert not contains(parse_division(seat), parse_division(office))
