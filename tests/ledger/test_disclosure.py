"""Documents of which fields can be taken out."""

import secrets

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.disclosure import MAX_FIELDS, Disclosure, document_hash
from ledger.errors import RequestError
from ledger.hashing import keccak
from ledger.merkle import Frontier

FIELDS = {"buyer": "示例医院", "price": "1.20", "quantity": "50000"}


def whole() -> Disclosure:
    return Disclosure.of(FIELDS, lambda: secrets.token_bytes(32))


def test_a_copy_with_fields_taken_out_has_the_same_hash() -> None:
    document = whole()
    copy = Disclosure.read(document.without(["price", "quantity"]).to_bytes())
    assert copy is not None
    assert (copy.hash, copy.shown, copy.is_whole) == (document.hash, {"buyer": "示例医院"}, False)
    assert document_hash(copy.to_bytes()) == document_hash(document.to_bytes()) == document.hash


def test_a_copy_tells_nothing_of_what_was_taken_out() -> None:
    raw = whole().without(["price"]).to_bytes()
    assert b"price" not in raw
    assert b"1.20" not in raw


def test_the_same_value_has_another_leaf_in_another_document() -> None:
    first, second = whole(), whole()
    assert {f.leaf for f in first.fields}.isdisjoint(f.leaf for f in second.fields)
    assert first.hash != second.hash


@given(st.data())
def test_no_changed_field_keeps_the_hash(data: st.DataObject) -> None:
    document = Disclosure.of(FIELDS, lambda: b"\7" * 32)
    raw = bytearray(document.to_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    assert document_hash(bytes(raw)) != document.hash


@pytest.mark.parametrize(
    ("why", "change"),
    {
        "a space": lambda raw: raw.replace(b",", b", ", 1),
        "a field twice": lambda raw: raw.replace(b'"price"', b'"buyer"'),
        "no fields": lambda _: b'{"fields":[],"format":"suyuan disclosure 1"}',
        "another format": lambda raw: raw.replace(b"disclosure 1", b"disclosure 2"),
        "a number for a value": lambda raw: raw.replace(b'"1.20"', b"1"),
        "a short salt": lambda raw: raw.replace(b'"0x07', b'"0x', 1),
        "hex in capitals": lambda raw: raw.replace(b"0x07", b"0X07", 1),
        "its end missing": lambda raw: raw[:-1],
        "a list of lists": lambda _: b'{"fields":[[' + b"[" * 5000,
    }.items(),
)
def test_what_is_not_exactly_such_a_document_is_a_file_like_any_other(why, change) -> None:  # type: ignore[no-untyped-def]
    document = Disclosure.of(FIELDS, lambda: b"\7" * 32)
    raw = change(document.to_bytes())
    assert Disclosure.read(raw) is None, why
    assert document_hash(raw) == keccak(raw)


def test_a_file_cannot_pose_as_the_inside_of_such_a_document() -> None:
    document = whole()
    leaves = [f.leaf for f in document.fields[:2]]
    assert document_hash(b"\x01" + leaves[0] + leaves[1]) != document.hash


def test_what_its_hash_is_made_of_is_nobodys_document() -> None:
    document = whole()
    log = Frontier()
    for field in document.fields:
        log.append(field.leaf)
    preimage = b"suyuan disclosure 1" + (3).to_bytes(8, "big") + log.root()
    assert keccak(preimage) == document.hash
    assert document_hash(preimage) == b""
    assert document_hash(preimage + b"\n") == keccak(preimage + b"\n")


def test_what_cannot_be_taken_out_or_made_is_named() -> None:
    with pytest.raises(RequestError, match="no field 'prise'"):
        whole().without(["prise"])
    with pytest.raises(RequestError, match=r"fields\.price: must be a text"):
        Disclosure.of(orjson.loads(b'{"price":1}'), lambda: b"\7" * 32)
    with pytest.raises(RequestError, match="must be 1 to"):
        Disclosure.of({}, lambda: b"\7" * 32)
    with pytest.raises(RequestError, match="must be 1 to"):
        Disclosure.of({str(i): "" for i in range(MAX_FIELDS + 1)}, lambda: b"\7" * 32)
