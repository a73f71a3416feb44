"""Proposals that two firms are one: measured on labelled pairs, never certain by name."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.identifiers import Identifier
from ledger.matching import THRESHOLD, Likeness, Party, Sieve, compare, propose

PAIRS = Path(__file__).parents[1] / "vectors" / "firm_pairs.csv"
#: Floors that a change must not fall below; at the time of writing 1.00 and 0.98 were measured.
PRECISION, RECALL = 0.97, 0.94

SANQI_ZH = "日照三奇医疗卫生用品有限公司"
SANQI_EN = "Rizhao Sanqi Medical & Health Articles Co., Ltd"


def firm(*names: str, key: str = "", label_of: Iterable[str] = (), **more: frozenset[str]) -> Party:
    return Party(
        key or names[0], names, label_of=tuple(label_of), models=more.get("models", frozenset())
    )


def codes(likeness: Likeness) -> list[str]:
    return [reason.code for reason in likeness.reasons]


def test_precision_and_recall_on_the_labelled_pairs_stay_above_their_floors() -> None:
    with PAIRS.open(encoding="utf-8", newline="") as stream:
        pairs = list(csv.DictReader(stream))
    proposed = {
        i for i, p in enumerate(pairs) if compare(firm(p["first"]), firm(p["second"])).proposed
    }
    same = {i for i, p in enumerate(pairs) if p["same"] == "yes"}
    assert len(pairs) >= 70
    assert all(p["why"] for p in pairs), "every label has its reason"
    assert 40 <= len(same) <= len(pairs) - 40, "both answers are there in numbers"
    hits = len(proposed & same)
    precision, recall = hits / len(proposed), hits / len(same)
    assert precision >= PRECISION, [pairs[i] for i in proposed - same]
    assert recall >= RECALL, [pairs[i] for i in same - proposed]


def test_a_chinese_and_an_english_name_meet_by_pinyin_and_trade_words() -> None:
    likeness = compare(firm(SANQI_ZH), firm(SANQI_EN))
    assert likeness.proposed
    assert "name.languages" in codes(likeness)
    assert likeness.score <= 0.92


def test_names_alone_are_never_certain() -> None:
    assert compare(firm(SANQI_EN), firm(SANQI_EN)).score < 1


def test_every_reason_is_given_in_both_languages() -> None:
    for reason in compare(firm(SANQI_ZH), firm(SANQI_EN)).reasons:
        assert reason.en != reason.zh


def test_equal_identifiers_are_certain_whatever_the_names() -> None:
    code = (Identifier("uscc", "91371100168371999W"),)
    likeness = compare(Party("a", ("甲",), code), Party("b", (SANQI_EN,), code))
    assert (likeness.score, codes(likeness)) == (1.0, ["identifier.same"])


def test_different_credit_codes_are_two_firms_whatever_the_names() -> None:
    a = Party("a", (SANQI_ZH,), (Identifier("uscc", "91371100168371999W"),))
    b = Party("b", (SANQI_ZH,), (Identifier("uscc", "91440300279422189D"),))
    assert (compare(a, b).score, codes(compare(a, b))) == (0.0, ["identifier.differs"])


def test_two_location_numbers_may_belong_to_one_firm() -> None:
    a = Party("a", (SANQI_ZH,), (Identifier("gln", "6901234567892"),))
    b = Party("b", (SANQI_ZH,), (Identifier("gln", "6901234500001"),))
    assert compare(a, b).proposed


def test_a_shared_certificate_supports_a_likeness_and_does_not_make_one() -> None:
    number = frozenset({("fda-510k", "K111111")})
    near = compare(
        Party("a", ("Sunwell Medline Products Co.",), certificates=number),
        Party("b", ("Sunwell Medline Supplies Works Co.",), certificates=number),
    )
    assert "certificate.same" in codes(near)
    far = compare(
        Party("a", ("Alpha Zenit Ltd",), certificates=number),
        Party("b", ("Borealis Quux Ltd",), certificates=number),
    )
    assert far.score == 0


def test_a_private_label_is_never_proposed_as_its_maker() -> None:
    number = frozenset({("niosh-approval", "84A-5411")})
    maker = Party("m", ("Makrite Industries, Inc.",), certificates=number)
    label = Party(
        "l",
        ("Makrite Industrial Corp.",),
        certificates=number,
        label_of=("Makrite Industries, Inc.",),
    )
    likeness = compare(maker, label)
    assert not likeness.proposed
    assert "private-label" in codes(likeness)


def test_a_model_that_everybody_has_is_no_evidence() -> None:
    a, b = (
        firm("Sample One Ltd", models=frozenset({"KN95"})),
        firm("Sample One Products Ltd", models=frozenset({"KN95"})),
    )
    assert "model.same" not in codes(compare(a, b))


def test_one_city_and_trade_are_no_likeness() -> None:
    assert compare(firm("上海捷诺生物科技有限公司"), firm("上海辉睿生物科技有限公司")).score == 0


def test_an_alias_in_the_name_counts() -> None:
    long = firm("Creative Concepts Manufacturing Ltd. aka Huizhou RD Plastic Co., Ltd")
    assert compare(long, firm("Huizhou RD Plastic Company Limited")).proposed


def test_a_certificate_of_many_leads_to_no_proposals() -> None:
    number = frozenset({("niosh-approval", "84A-5411")})
    parties = [Party(f"{i}", (f"Firm{i} Sample Ltd",), certificates=number) for i in range(5)]
    assert propose(parties) == ()


def test_proposals_name_each_pair_once_and_the_likeliest_first() -> None:
    code = (Identifier("uscc", "91371100168371999W"),)
    parties = [
        Party("zh", (SANQI_ZH,), code),
        Party("code", (), code),
        Party("en", (SANQI_EN,)),
        Party("other", ("Hangzhou San Qiang Safety Protection Products Co., Ltd.",)),
    ]
    found = propose(parties)
    assert [(p.first, p.second) for p in found] == [("code", "zh"), ("en", "zh")]
    assert found[0].likeness.score == 1.0 > found[1].likeness.score >= THRESHOLD


def test_blocking_loses_none_of_the_pairs_that_all_pairs_would_find() -> None:
    with PAIRS.open(encoding="utf-8", newline="") as stream:
        names = sorted({p[side] for p in csv.DictReader(stream) for side in ("first", "second")})
    parties = [firm(name) for name in names]
    everything = {
        tuple(sorted((a.key, b.key)))
        for i, a in enumerate(parties)
        for b in parties[i + 1 :]
        if compare(a, b).proposed
    }
    assert {(p.first, p.second) for p in propose(parties)} == everything


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_between_nothing_and_certain(a: str, b: str) -> None:
    one, other = (
        compare(firm(a, key="a"), firm(b, key="b")),
        compare(firm(b, key="b"), firm(a, key="a")),
    )
    assert one.score == pytest.approx(other.score)
    assert 0 <= one.score < 1


def test_asked_of_one_party_the_same_is_proposed_as_of_all() -> None:
    everyone = [
        firm(SANQI_ZH, key="a"),
        firm(SANQI_EN, key="b"),
        firm("Rizhao Sanqi Medical", key="c"),
        firm("Shandong Haier Medical Device Co., Ltd.", key="d"),
    ]
    sieve = Sieve(everyone)
    found = {
        tuple(sorted((party.key, other)))
        for party in everyone
        for other, _ in sieve.like(party.key)
    }
    assert found == {(p.first, p.second) for p in propose(everyone)}
    assert ("a", "b") in found
    assert sieve.like("d") == []
