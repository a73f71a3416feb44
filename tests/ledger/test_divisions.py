"""What divisions are called in both languages."""

import re
from importlib.resources import files

import pytest

from ledger.divisions import LEVELS, division_names, parse_division


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        pytest.param("420102000000", "湖北省武汉市江岸区", "Jiang'an, Wuhan, Hubei", id="county"),
        pytest.param("420100000000", "湖北省武汉市", "Wuhan, Hubei", id="city"),
        pytest.param("42", "湖北省", "Hubei", id="province, as short as it may be"),
        pytest.param("110101000000", "北京市东城区", "Dongcheng, Beijing", id="municipality"),
        pytest.param("429004000000", "湖北省仙桃市", "Xiantao, Hubei", id="under its province"),
        pytest.param("441900003001", "广东省东莞市", "Dongguan, Guangdong", id="no counties"),
        pytest.param("220200000000", "吉林省吉林市", "Jilin City, Jilin", id="one name twice"),
        pytest.param("430121000000", "湖南省长沙市长沙县", "Changsha County, Changsha, Hunan",
                     id="a county named as its city"),
        pytest.param("371722000000", "山东省菏泽市单县", "Shan County, Heze, Shandong",
                     id="a name of one character, with its own reading"),
        pytest.param("540202000000", "西藏自治区日喀则市桑珠孜区", "Sangzhuzi, Xigazê, Tibet",
                     id="a Tibetan name, and pinyin below it"),
        pytest.param("150622000000", "内蒙古自治区鄂尔多斯市准格尔旗",
                     "Zhunge'er, Ordos, Inner Mongolia", id="a Mongol name"),
        pytest.param("653101000000", "新疆维吾尔自治区喀什地区喀什市", "Kashi, Kashgar, Xinjiang",
                     id="an Uyghur name"),
        pytest.param("610000000000", "陕西省", "Shaanxi", id="Shaanxi is not Shanxi"),
        pytest.param("340800000000", "安徽省安庆市", "Anqing, Anhui", id="of two vowels"),
    ],
)  # fmt: skip
def test_a_division_is_called_with_all_that_it_lies_in(code: str, zh: str, en: str) -> None:
    names = division_names(code)
    assert names is not None
    assert (names.zh, names.en, names.whole, names.former) == (zh, en, True, False)


def test_what_has_no_name_is_named_as_far_as_its_code_is_known() -> None:
    names = division_names("420199000000")
    assert names is not None
    assert (names.zh, names.whole) == ("湖北省武汉市", False)
    assert division_names("990102001001") is None
    assert division_names(0) is None


def test_a_code_that_is_no_longer_given_has_its_last_name_and_says_so() -> None:
    names = division_names(320125000000)
    assert names is not None
    assert (names.zh, names.former) == ("江苏省南京市高淳县", True)


def test_every_code_of_the_list_is_one_that_identifiers_accept() -> None:
    text = files("ledger").joinpath("divisions.tsv").read_text(encoding="utf-8")
    head: list[str] = []
    rows: list[str] = []
    for line in text.splitlines():
        (head if line.startswith("#") else rows).append(line)
    assert "30 June 2023" in " ".join(head)
    for row in rows:
        code, zh, en, *former = row.split("\t")
        assert len(code) in LEVELS[:3]
        assert former in ([], ["-"])
        assert re.fullmatch(r"[\u4e00-\u9fff]+", zh), zh
        assert re.fullmatch(r"[A-Za-zê' ÜüÊ-]+", en), (zh, en)
        if not former:
            parse_division(code)
    assert len(rows) > 3800
