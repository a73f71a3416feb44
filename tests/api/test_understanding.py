"""What was typed, pasted or scanned is understood, or said to be wrong."""

import pytest
from hypothesis import given
from hypothesis.strategies import text

from api.search.understanding import MAX_TYPED, Form, understand

GTIN, LOT = "09520000000059", "QL100-A"
ELEMENTS = f"01{GTIN}1727123110{LOT}\x1d21ABC"


@pytest.mark.parametrize(
    "typed",
    [
        ELEMENTS,
        "]d2" + ELEMENTS,
        "]C1" + ELEMENTS,
        "]C1\x1d" + ELEMENTS,
        "]Q3" + ELEMENTS,
        ELEMENTS.replace("\x1d", "\u241d"),
        ELEMENTS.replace("\x1d", "<GS>"),
        ELEMENTS.replace("\x1d", "{GS}"),
        "]d2" + ELEMENTS + "\r\n",
        f"10{LOT}\x1d01{GTIN}",
        f"01{GTIN}10{LOT}",
        f"(01){GTIN}(17)271231(10){LOT}(21)ABC",
        f"(01) {GTIN} (10) {LOT}",
        f"（０１）{GTIN}（１０）{LOT}",
    ],
)
def test_what_a_scanner_types_is_a_product_and_a_lot(typed: str) -> None:
    found = understand(typed)
    assert (found.form, found.gtin, found.lot, found.faults) == (Form.SCAN, GTIN, LOT, ())


@pytest.mark.parametrize(
    "typed",
    [
        f"https://id.example.org/01/{GTIN}/10/{LOT}",
        f"https://id.example.org/01/9520000000059/10/{LOT}",
        f"HTTP://example.org:8080/shop/de/01/{GTIN}/10/{LOT}/21/5?17=271231&campaign=spring#top",
        f"https://example.org/01/{GTIN}?10={LOT}&17=271231",
        f"https://example.org/01/{GTIN}/10/%51L100%2DA",
        f"https://example.org/gtin/{GTIN}/lot/{LOT}",
        f"example.org/01/{GTIN}/10/{LOT}/",
        f"/01/{GTIN}/10/{LOT}",
        f"]Q1https://example.org/01/{GTIN}/10/{LOT}",
        f"https://example.org/01/{GTIN}/10/{LOT}?17=nonsense",
    ],
)
def test_a_digital_link_of_any_host_is_a_product_and_a_lot(typed: str) -> None:
    found = understand(typed)
    assert (found.form, found.gtin, found.lot, found.faults) == (Form.LINK, GTIN, LOT, ())


def test_a_lot_number_may_have_signs_that_links_and_brackets_use() -> None:
    assert understand(f"https://example.org/01/{GTIN}/10/MB%2F1%2B2").lot == "MB/1+2"
    assert understand(f"(01){GTIN}(10)QL(1)A").lot == "QL(1)A"


def test_what_else_a_code_says_is_told() -> None:
    found = understand("]d2" + ELEMENTS)
    assert [(e.ai, e.value, e.day) for e in found.elements] == [
        ("01", GTIN, ""), ("17", "271231", "2027-12-31"), ("10", LOT, ""), ("21", "ABC", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["9520000000059", "]E09520000000059", "9520 0000 00059", GTIN])
def test_digits_are_a_gtin_or_a_place(typed: str) -> None:
    found = understand(typed)
    assert (found.form, found.gtin) == (Form.CODE, GTIN)
    assert [i.kind for i in found.identifiers] == (["gln"] if typed != GTIN else [])


def test_a_product_and_a_lot_can_be_typed_with_a_colon() -> None:
    found = understand(f"9520000000059:{LOT}")
    assert (found.gtin, found.lot) == (GTIN, LOT)


@pytest.mark.parametrize(
    "typed",
    [
        "106141412345678908", "00106141412345678908", "(00)106141412345678908",
        "https://example.org/00/106141412345678908", "]C100106141412345678908",
    ],
)  # fmt: skip
def test_a_logistic_unit_is_known_by_its_number(typed: str) -> None:
    assert understand(typed).sscc == "106141412345678908"


@pytest.mark.parametrize(
    "typed", ["91990000MA0DEM0806", "91990000ma0dem0806", "９１９９ 0000 MA0DEM0806"]
)
def test_a_credit_code_names_an_organisation(typed: str) -> None:
    [found] = understand(typed).identifiers
    assert (found.kind, found.value) == ("uscc", "91990000MA0DEM0806")


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("http://127.0.0.1:80/suppliers/0x" + "5a" * 20 + "?at=2026", "/suppliers/0x" + "5a" * 20),
        ("https://suyuan.example.org/verdicts/0x" + "AB" * 32 + "/pdf", "/verdicts/0x" + "ab" * 32),
        ("/batches/0x" + "5a" * 32, "/batches/0x" + "5a" * 32),
        ("suyuan.example.org/v1/batches/0x" + "5a" * 32 + "/custody", "/batches/0x" + "5a" * 32),
        ("http://localhost:8080/entries/17", "/entries/17"),
        ("/reviews/0x" + "5a" * 32, "/reviews/0x" + "5a" * 32),
    ],
)  # fmt: skip
def test_a_link_to_a_page_of_this_service_is_that_page(typed: str, path: str) -> None:
    found = understand(typed)
    assert (found.form, found.path) == (Form.PAGE, path)


@pytest.mark.parametrize(
    ("typed", "code", "right"),
    [
        ("9520000000058", "gtin.check-digit", "'9'"),
        ("010952000000005810QL100-A", "gtin.check-digit", "'9'"),
        ("https://example.org/01/09520000000058/10/QL100-A", "gtin.check-digit", "'9'"),
        ("106141412345678909", "sscc.check-digit", "'8'"),
        ("91990000MA0DEM0807", "uscc.check-digit", "'6'"),
        ("91990000MA0DEM080", "uscc.length", "17"),
        ("91990000MA0DEM08066", "uscc.length", "19"),
        ("(00)12345", "sscc.length", "18"),
        ("12345678901", "code.length", "11"),
        (f"(01){GTIN}(10)" + "Q" * 21, "lot.characters", "20"),
        ("]d29912345", "scan.nothing", ""),
        ("https://example.org/news", "link.foreign", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_both_languages(typed: str, code: str, right: str) -> None:
    [fault] = understand(typed).faults
    assert fault.code == code
    assert right in fault.en
    assert right in fault.zh


def test_a_wrong_check_digit_is_never_mended() -> None:
    found = understand("010952000000005810QL100-A")
    assert (found.gtin, found.lot) == ("", LOT)


@pytest.mark.parametrize(
    "typed",
    [
        "青鸾", "QL-100", "MB/115", "示械注准20242140001", "qing luan", "20201232", "SC-0001",
        "0109520000000058", "a.b/c", "01/02", "A" * 500, "%", "<script>alert(1)</script>", "|",
        "https://[bad/01/1",
    ],
)  # fmt: skip
def test_anything_else_is_words(typed: str) -> None:
    found = understand(typed)
    assert found.form is Form.WORDS
    assert found.words == typed


def test_control_characters_are_spaces() -> None:
    assert understand("a\0b\x07\r\nc").words == "a b c"


@given(text(max_size=80))
def test_nothing_that_can_be_typed_is_an_error(typed: str) -> None:
    understand(typed)
    understand("01" + GTIN + typed)
    understand("https://example.org/01/" + typed)
    understand("(01)" + typed)
    understand("]d2" + typed)


def test_very_long_texts_are_cut() -> None:
    assert len(understand("鸾" * 10_000).words) <= MAX_TYPED
