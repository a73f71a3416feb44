"""An account at work: stamping and signing its entries."""

from collections.abc import Mapping

import pytest

from ledger.authoring import DEADLINE, Author
from ledger.errors import RequestError
from ledger.signing import Signer, recover
from ledger.typed_data import Domain

ORGANISATION = b"\x05" * 20
DOMAINS: Mapping[str, Domain] = {
    name: Domain(name, 77, bytes([number]) * 20)
    for number, name in enumerate(("ParticipantRegistry", "QualificationRegistry"), start=1)
}


class Clock:
    now = 1_700_000_000.9

    def __call__(self) -> float:
        return self.now


def author(used: int = 0) -> tuple[Author, Clock, list[tuple[str, bytes]]]:
    """An author whose account used so many nonces; its clock; what was asked of the ledger."""
    asked: list[tuple[str, bytes]] = []

    def next_nonce(contract: str, account: bytes) -> int:
        asked.append((contract, account))
        return used

    clock = Clock()
    return Author(Signer(b"\x07" * 32), ORGANISATION, DOMAINS, next_nonce, clock), clock, asked


def test_an_entry_claims_the_time_of_the_clock_and_waits_at_most_a_day() -> None:
    by, clock, _ = author()
    first = by.write("DisableAccount", reason="lost")
    clock.now += 100
    second = by.write("DisableAccount", reason="lost")
    assert first.values["happenedAt"] == 1_700_000_000
    assert first.values["deadline"] == 1_700_000_000 + DEADLINE
    assert second.values["happenedAt"] == 1_700_000_100


def test_nonces_follow_one_another_from_what_the_ledger_knows() -> None:
    by, _, asked = author(used=41)
    nonces = [by.write("DisableAccount", reason="").values["nonce"] for _ in range(3)]
    assert nonces == [41, 42, 43]
    assert asked == [("ParticipantRegistry", by.signer.address)], "asked once, then counted"


def test_each_contract_has_nonces_of_its_own() -> None:
    by, _, _ = author(used=3)
    by.write("DisableAccount", reason="")
    reply = by.write("Reply", about=bytes(32), document=bytes(32), text="")
    assert reply.values["nonce"] == 3


def test_what_is_stated_goes_before_what_is_stamped() -> None:
    by, _, _ = author()
    entry = by.write("DisableAccount", reason="", happenedAt=5, deadline=6, nonce=1 << 62)
    assert [entry.values[n] for n in ("happenedAt", "deadline", "nonce")] == [5, 6, 1 << 62]


def test_a_nonce_of_ones_own_choice_leaves_the_count_alone() -> None:
    by, _, _ = author(used=2)
    by.write("DisableAccount", reason="", nonce=1 << 62)
    assert by.write("DisableAccount", reason="").values["nonce"] == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": 5}, "reason"),
        ({}, "reason"),
        ({"reason": "", "colour": "red"}, "colour"),
        ({"reason": "", "deadline": -1}, "deadline"),
        ({"reason": "", "deadline": 1 << 40}, "deadline"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_uses_no_nonce(
    values: dict[str, object], field: str
) -> None:
    by, _, _ = author()
    with pytest.raises(RequestError) as error:
        by.write("DisableAccount", **values)  # type: ignore[arg-type]
    assert error.value.field is not None
    assert field in error.value.field
    assert by.write("DisableAccount", reason="").values["nonce"] == 0


def test_the_author_signs_first_and_the_others_in_their_order() -> None:
    by, _, _ = author()
    others = [Signer(bytes([n]) * 32) for n in (8, 9)]
    signed = by.sign(by.write("DisableAccount", reason="lost"), *others)
    digest = by.digest(signed.entry)
    assert digest == signed.entry.digest(DOMAINS["ParticipantRegistry"])
    assert [recover(digest, s) for s in signed.signatures] == [
        by.signer.address,
        *(other.address for other in others),
    ]


def test_an_entry_for_one_chain_is_signed_by_nobody_on_another() -> None:
    by, _, _ = author()
    signed = by.sign(by.write("DisableAccount", reason=""))
    foreign = Domain("ParticipantRegistry", 78, DOMAINS["ParticipantRegistry"].address)
    assert recover(signed.entry.digest(foreign), signed.signatures[0]) != by.signer.address
