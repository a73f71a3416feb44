"""The volunteers' list of manufacturers: every trap in it, one record each."""

import json
from datetime import date
from typing import Any

import pytest

from ledger.days import SHANGHAI, start_of_day
from ledger.registers import RegisterReading, Row, read

RECORD: dict[str, Any] = {
    "id": 2,
    "province": "上海",
    "city": "上海市",
    "name": "上海样例生物科技有限公司",
    "supplies": [{"key": "检测产品类产能", "specification": "核酸检测试剂盒", "value": 5000}],
    "qualification": "国械注准20203400057",
    "date": "2020-01-25T16:00:00.000Z",
}


def reading(*changes: dict[str, Any]) -> RegisterReading:
    records = [{**RECORD, **change} for change in changes]
    data = json.dumps(records, ensure_ascii=False).encode()
    return read("wuhan2020-factories", {"factories.json": data})


def row(**change: Any) -> Row:
    return reading(change).rows[0]


def codes(of: Row) -> list[str]:
    return [problem.code for problem in of.problems]


def supply(product: str, value: Any) -> dict[str, Any]:
    return {"key": "口罩类产能", "specification": product, "value": value}


def test_a_registration_is_stated_for_the_product_as_worded_and_without_dates() -> None:
    (found,) = row().statements
    assert (found.kind, found.number) == ("cn-device-registration", "国械注准20203400057")
    assert (found.category, found.model) == ("test-kit.nucleic-acid", "核酸检测试剂盒")
    assert (found.valid_from, found.valid_until) == (0, 0), "the year in the number is no date"


@pytest.mark.parametrize("number", ["苏泰械备20150182号", "沪奉械备20180202号", "湘长械备20150021"])
def test_a_filing_is_less_than_a_registration(number: str) -> None:
    assert row(qualification=number).statements[0].kind == "cn-device-filing"


@pytest.mark.parametrize("value", [1, None])
def test_one_or_nothing_is_an_unknown_amount_and_not_one_piece(value: int | None) -> None:
    found = row(supplies=[supply("医用口罩", value)])
    assert found.capacities[0].per_day == 0
    assert "capacity.unknown" in codes(found)


def test_a_stated_amount_is_kept_with_its_product() -> None:
    (found,) = row(supplies=[supply("一次性医用口罩", 1_000_000)]).capacities
    assert (found.per_day, found.unit, found.category, found.stated) == (
        1_000_000,
        "H87",
        "mask.medical-disposable",
        "一次性医用口罩",
    )


@pytest.mark.parametrize("value", [0, -5, 2.5, "1000", True, 10**30])
def test_what_is_no_amount_is_refused(value: Any) -> None:
    found = row(supplies=[supply("医用口罩", value)])
    assert found.capacities == ()
    assert "capacity.value" in codes(found)


def test_n95_in_a_chinese_list_is_no_niosh_category() -> None:
    assert row(supplies=[supply("N95", 50_000)]).capacities[0].category == "mask.respirator"


def test_a_number_of_white_space_is_no_number() -> None:
    found = row(qualification="\n")
    assert found.statements == ()
    assert codes(found) == ["number.missing"]
    assert found.capacities, "what it makes is stated all the same"


def test_a_number_of_unknown_form_is_refused() -> None:
    found = row(qualification="ABC-1")
    assert found.statements == ()
    assert found.problems[0].field == "row 1: qualification"


def test_one_number_for_two_products_is_stated_for_neither() -> None:
    found = row(supplies=[supply("核酸检测试剂盒", 1), supply("实时荧光定量PCR系统", 1)])
    assert found.statements == ()
    assert len(found.capacities) == 2
    assert "number.ambiguous" in codes(found)


def test_white_space_around_a_name_makes_no_second_firm() -> None:
    found = reading({}, {"name": "上海样例生物科技有限公司 \t", "id": 3})
    assert len(found.holders) == 1


def test_the_same_firm_in_two_provinces_is_one_holder_and_reported() -> None:
    found = reading({"province": "陕西"}, {"province": "山西", "id": 19})
    assert len(found.holders) == 1
    assert len(found.statements) == 1
    assert codes(found.rows[1]) == ["province.contradicted", "statement.repeated"]


@pytest.mark.parametrize("name", ["华大基因", "中电科光电科技有限公"])
def test_a_short_or_cut_off_name_is_marked(name: str) -> None:
    found = row(name=name)
    assert "name.short" in codes(found)
    assert found.statements[0].marks == ("name-incomplete",)
    assert found.statements[0].holder.name_zh == name


def test_an_empty_day_is_reported_and_local_midnight_is_the_next_day() -> None:
    found = reading({}, {"date": ""})
    assert codes(found.rows[1])[0] == "date.missing"
    assert found.publication.published == start_of_day(date(2020, 1, 26), SHANGHAI)


def test_a_product_without_a_category_is_refused_and_the_others_stay() -> None:
    found = row(supplies=[supply("干冰", 10), supply("医用口罩", 10)], qualification="")
    assert [c.stated for c in found.capacities] == ["医用口罩"]
    assert codes(found)[0] == "product.unknown"
