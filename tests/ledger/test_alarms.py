"""Alarms: one document or number, two holders."""

import pytest

from ledger.alarms import Alarm, alarms
from ledger.vocabulary import OrganisationStatus, Role
from tests.support.world import NOTHING, Firm, World, alarm_over_document, document, instant

MASK = "mask.surgical"
KIND = "test-report"
LATER = instant("2030-01-01")
PAPER = document("report")


class Street:
    """Two makers, a laboratory, an auditor."""

    def __init__(self) -> None:
        self.world = World("2019-01-01")
        self.world.category(MASK)
        self.lab = self.world.issuer("Hill Laboratory", KIND)
        self.one = self.world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.two = self.world.organisation("Copycat", Role.SUPPLIER)
        self.auditor = self.world.organisation("Auditors", Role.AUDITOR)
        self.reviewer = self.world.organisation("Reviewers", Role.REVIEWER)

    def issue(self, holder: Firm, paper: bytes = NOTHING, number: str = "") -> bytes:
        return self.world.issue(self.lab, holder, MASK, KIND, paper=paper, number=number)

    def alarms(self, firm: Firm | None = None, known_at: int = LATER) -> tuple[Alarm, ...]:
        firm = firm or self.one
        return alarms(self.world.history(firm, MASK), firm.id, known_at)


@pytest.fixture
def street() -> Street:
    return Street()


def test_a_document_of_two_holders_raises_the_same_alarm_for_both(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.world.now = opened = instant("2020-05-01")
    street.world.submit(street.two, MASK, KIND, paper=PAPER)
    (alarm,) = street.alarms()
    assert alarm.open
    assert alarm.opened_at == opened
    assert alarm.id == alarm_over_document(PAPER, street.two, street.one)
    assert street.alarms(street.two) == (alarm,)


def test_a_number_of_the_same_kind_raises_an_alarm(street: Street) -> None:
    street.issue(street.one, number="2020-17")
    street.issue(street.two, number="2020-17")
    assert [a.mark.what for a in street.alarms()] == ["number"]


def test_a_number_of_another_kind_raises_none(street: Street) -> None:
    street.issue(street.one, number="2020-17")
    street.world.issue(street.lab, street.two, MASK, "other-kind", number="2020-17")
    assert street.alarms() == ()


def test_an_edit_that_brings_in_a_copied_document_raises_an_alarm(street: Street) -> None:
    street.issue(street.one, PAPER)
    q = street.world.submit(street.two, MASK, KIND, paper=document("own"))
    assert street.alarms() == ()
    street.world.edit(street.reviewer, q, paper=PAPER)
    assert len(street.alarms()) == 1
    assert len(street.alarms(street.two)) == 1


@pytest.mark.parametrize("number", ["", "  "])
def test_no_document_and_no_number_raise_none(street: Street, number: str) -> None:
    street.issue(street.one, number=number)
    street.issue(street.two, number=number)
    assert street.alarms() == ()


def test_one_holder_may_use_its_document_twice(street: Street) -> None:
    street.issue(street.one, PAPER, "1")
    street.issue(street.one, PAPER, "1")
    assert street.alarms() == ()


def test_registers_may_list_one_number_under_many_names(street: Street) -> None:
    mirror = street.world.mirror("Open Registers", "list")
    publication = street.world.publication(mirror, "list", instant("2019-01-01"))
    for firm in (street.one, street.two):
        street.world.row(mirror, publication, firm, MASK, KIND, "M1", number="84A-5411")
    assert street.alarms() == ()


def test_one_notice_may_waive_for_many(street: Street) -> None:
    for firm in (street.one, street.two):
        street.world.waive(firm, MASK, KIND, LATER, paper=PAPER)
    assert street.alarms() == ()


def test_an_alarm_is_known_from_the_second_recording_on(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.world.now = instant("2020-05-01")
    street.issue(street.two, PAPER)
    assert street.alarms(known_at=instant("2020-05-01") - 1) == ()
    assert len(street.alarms(known_at=instant("2020-05-01"))) == 1


def test_two_records_of_one_firm_are_one_holder(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.issue(street.two, PAPER)
    street.world.link(street.reviewer, street.one, street.two)
    assert street.alarms() == ()
    street.world.link(street.reviewer, street.one, street.two, same=False)
    assert len(street.alarms()) == 1


def test_an_auditor_closes_an_alarm_and_a_new_use_opens_it_again(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.issue(street.two, PAPER)
    street.world.close_alarm(street.auditor, street.alarms()[0].id)
    assert not street.alarms()[0].open
    street.issue(street.two, PAPER)
    assert street.alarms()[0].open


def test_only_an_auditor_closes_an_alarm(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.issue(street.two, PAPER)
    street.world.close_alarm(street.two, street.alarms()[0].id)
    assert street.alarms()[0].open


def test_a_suspended_auditor_closes_nothing(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.issue(street.two, PAPER)
    street.world.status(street.auditor, OrganisationStatus.SUSPENDED)
    street.world.close_alarm(street.auditor, street.alarms()[0].id)
    assert street.alarms()[0].open


def test_a_stolen_auditors_key_closes_nothing(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.issue(street.two, PAPER)
    street.world.close_alarm(street.auditor, street.alarms()[0].id)
    street.world.compromised(street.auditor, street.world.now)
    assert street.alarms()[0].open


def test_a_third_holder_raises_an_alarm_of_its_own(street: Street) -> None:
    third = street.world.organisation("Third", Role.SUPPLIER)
    for firm in (street.one, street.two, third):
        street.issue(firm, PAPER)
    assert len({a.id for a in street.alarms()}) == 2
    assert len({a.id for f in (street.one, street.two, third) for a in street.alarms(f)}) == 3


def test_a_reply_is_shown_beside_the_alarm(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.issue(street.two, PAPER)
    street.world.reply(street.two, street.alarms()[0].id, "We bought the design.")
    assert [r.text for r in street.alarms()[0].replies] == ["We bought the design."]
