"""Readings of Chinese names, and queries cut into syllables."""

import hashlib

import pytest
from pypinyin import Style, pinyin

from ledger.pinyin import MAX_CUTS, MAX_NAME, MAX_READINGS, cuts, initials, readings, spoken


def spelt(name: str) -> list[str]:
    return [" ".join(syllables) for syllables in readings(name)]


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("示例青鸾口罩厂", "shi li qing luan kou zhao chang"),
        ("重庆长安药业", "chong qing chang an yao ye"),
        ("厦门", "xia men"),
        ("六安", "lu an"),
        ("单县", "shan xian"),
        ("朝阳", "chao yang"),
        ("朝阳", "zhao yang"),
        ("曾氏医疗", "zeng shi yi liao"),
        ("仇氏", "qiu shi"),
        ("万俟", "mo qi"),
        ("绿洲女王", "lu zhou nu wang"),
        ("3m中国", "3m zhong guo"),
    ],
)
def test_a_name_has_the_readings_of_its_words_surnames_and_places(name: str, reading: str) -> None:
    assert reading in spelt(name)


def test_the_likeliest_reading_comes_first() -> None:
    assert spelt("重庆")[0] == "chong qing"


def test_a_name_without_chinese_has_no_reading() -> None:
    assert readings("blue whale 3m") == []
    assert readings("") == []


def test_a_name_of_many_readings_has_a_bound() -> None:
    many = "曾仇解单查朴" * 2_000
    assert len(readings(many)) == MAX_READINGS
    assert {len(reading) for reading in readings(many)} == {MAX_NAME}


@pytest.mark.parametrize(
    "query",
    ["qingluan", "qing luan", "Qīng Luán", "qing1luan2", "qing-luan", "qing'luan", "QINGLUAN"],
)
def test_a_spelling_is_cut_into_its_syllables_however_it_is_typed(query: str) -> None:
    assert cuts(query.casefold())[0] == ("qing", "luan")


@pytest.mark.parametrize("query", ["lü", "lv", "lyu", "lu", "lǜ"])
def test_u_is_compared_however_its_dots_are_typed(query: str) -> None:
    assert cuts(query)[0] == ("lu",)


def test_what_can_be_cut_in_two_ways_is_cut_in_both() -> None:
    assert {("xian",), ("xi", "an")} <= set(cuts("xian"))
    assert ("xian",) not in cuts("xi'an")


def test_the_last_syllable_may_be_unfinished_and_no_other() -> None:
    assert cuts("qingl")[0] == ("qing", "l")
    assert cuts("qin lu")[0] == ("qin", "lu")
    assert cuts("q luan") == ()


@pytest.mark.parametrize("query", ["hello", "ql", "青鸾", "", "sc-0001", "5", "qing鸾"])
def test_what_is_no_pinyin_is_not_cut(query: str) -> None:
    assert cuts(query) == ()


def test_letters_may_be_initials() -> None:
    assert initials("ql") == "ql"
    assert initials("q l") == "ql"
    for none in ("q", "青", "q7x", ""):
        assert initials(none) == ""


@pytest.mark.parametrize("query", ["xian" * 50, "xian" * 49 + "vvv", "a" * 200, "yuan" * 50])
def test_no_query_takes_long_to_cut(query: str) -> None:
    assert len(cuts(query)) <= MAX_CUTS


def test_the_dictionary_reads_as_it_did_when_the_index_was_written() -> None:
    """The index holds what the dictionary says. Where another version of it says something else,
    indexes that were written before must be brought up to date: write a migration as
    ``0006_spellings`` is one, then put the new value here."""
    said = hashlib.sha256()
    for code in range(0x4E00, 0x9FA6):
        [found] = pinyin(chr(code), style=Style.NORMAL, heteronym=True)
        said.update("/".join(found).encode())
    for place in ("重庆", "厦门", "六安", "朝阳", "蚌埠", "番禺", "东阿", "万俟"):
        said.update("".join(spoken(place)).encode())
    assert said.hexdigest()[:16] == "97e360e9c43de3e9"
