"""Whatever the bytes are: a code comes out, soon, and nothing breaks."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.evidence import canonical
from ledger.evidence.bundle import KINDS
from ledger.evidence.report import Result
from ledger.evidence.verification import Verifier
from tests.support.evidence import EvidenceWorld


@pytest.fixture(scope="module")
def written(world: EvidenceWorld) -> dict[str, bytes]:
    """A valid bundle of each kind."""
    return {kind: world.bundle(kind).to_bytes() for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_counts(verifier: Verifier, written: dict[str, bytes], kind: str) -> None:
    """The lowest bit of each byte turned over."""
    data = written[kind]
    assert verifier.verify(data).code is None
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        assert verifier.verify(bytes(changed)).code, data[place - 30 : place + 10]


@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_bundle_is_refused(
    verifier: Verifier, written: dict[str, bytes], kind: str
) -> None:
    data = written[kind]
    for end in range(0, len(data), 97):
        assert verifier.verify(data[:end]).code == "form.json"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "form.json"),
        (b"null", "form.version"),
        (b"[]", "form.version"),
        (b"{}", "form.version"),
        (b"0", "form.version"),
        (b"-0", "form.json"),
        (b"-1", "form.json"),
        (b"1.0", "form.json"),
        (b"1.5", "form.json"),
        (b"1e3", "form.json"),
        (b"9007199254740992", "form.json"),
        (b"18446744073709551616", "form.json"),
        (b"1" * 400, "form.json"),
        (b"NaN", "form.json"),
        (b"Infinity", "form.json"),
        (b'"\xff"', "form.json"),
        (b'"\xed\xa0\x80"', "form.json"),
        (b'"\\ud800"', "form.json"),
        (b'"\\u0041"', "form.json"),
        (b'"\\/"', "form.json"),
        (b'"\\u001F"', "form.json"),
        (b"\xef\xbb\xbf{}", "form.json"),
        (b"{} ", "form.json"),
        (b"{}{}", "form.json"),
        (b'{"b":1,"a":2}', "form.json"),
        (b'{"a":1,"a":1}', "form.json"),
        (b"[" * 64 + b"]" * 64, "form.version"),
        (b"[" * 65 + b"]" * 65, "form.json"),
        (b"[" * 100_000 + b"]" * 100_000, "form.json"),
        (b"[" * 500_000, "form.json"),
        (b"[" * 500_001, "form.size"),
        (b"[" * 250_000 + b"{" * 250_001, "form.size"),
        (b'"' + b"[" * 500_000 + b'"', "form.version"),
        (b'"' + b"[" * 500_001 + b'"', "form.size"),
        (b'"' + b"," * 2_000_000 + b'"', "form.version"),
        (b'"' + b"," * 2_000_001 + b'"', "form.size"),
        (b'{"a":' * 100_000, "form.json"),
        (b" " * (canonical.MAX_BYTES + 1), "form.size"),
        (b" " * canonical.MAX_BYTES, "form.json"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_another_form_than_the_canonical_is_refused(
    verifier: Verifier, data: bytes, expected: str
) -> None:
    assert verifier.verify(data).code == expected


def test_duplicate_members_are_refused_wherever_they_stand(
    verifier: Verifier, written: dict[str, bytes]
) -> None:
    data = written["entry"]
    for member in (b'"format":"suyuan evidence 1",', b'"leaves":[],'):
        assert verifier.verify(data.replace(member, member + member)).code == "form.json"


def test_numbers_out_of_range_are_refused(verifier: Verifier, written: dict[str, bytes]) -> None:
    data = written["entry"]
    for number in (b"-1", b"9007199254740992", b"12.0", b"1e2", b"99999999999999999999"):
        assert verifier.verify(data.replace(b'"sequence":12', b'"sequence":' + number)).code in (
            "form.json",
        )


def test_100_megabytes_are_refused_at_once(verifier: Verifier) -> None:
    data = b"[" + b"0," * 50_000_000 + b"0]"
    began = time.perf_counter()
    assert verifier.verify(data).code == "form.size"
    assert time.perf_counter() - began < 1


# ------------------------------------------------------------------------------------- fuzzing

ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**53) | st.text(max_size=8) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUIET
@given(st.binary(max_size=300))
def test_no_bytes_break_it(verifier: Verifier, data: bytes) -> None:
    assert verifier.verify(data).result is Result.INVALID


@QUIET
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_no_piece_put_into_a_bundle_breaks_it(
    verifier: Verifier, written: dict[str, bytes], data: st.DataObject, kind: str
) -> None:
    """Some member, however deep, becomes something else; the rest is canonical and sealed."""
    value = canonical.loads(written[kind])
    holder = value
    for _ in range(data.draw(st.integers(0, 5))):
        inner = [
            item
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, dict | list) and item
        ]
        if not inner:
            break
        holder = data.draw(st.sampled_from(inner))
    places = sorted(holder) if isinstance(holder, dict) else range(len(holder))
    place = data.draw(st.sampled_from(list(places)))
    before, holder[place] = holder[place], data.draw(ANY)
    try:
        raw = canonical.dumps(value)
    except TypeError:
        return
    report = verifier.verify(raw)
    assert report.result is not Result.SKIPPED
    assert (report.code is None) <= (before == holder[place])


@QUIET
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_no_bytes_put_into_a_bundle_break_it(
    verifier: Verifier, written: dict[str, bytes], data: st.DataObject, kind: str
) -> None:
    whole = written[kind]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    changed = whole[:start] + data.draw(st.binary(max_size=40)) + whole[end:]
    report = verifier.verify(changed)
    assert (report.code is None) <= (changed == whole)
