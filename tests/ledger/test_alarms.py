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


def stopped(street: Street, known_at: int = LATER) -> list[Firm]:
    """Whom the one alarm of the street speaks against."""
    ((mine,), (other,)) = (street.alarms(f, known_at) for f in (street.one, street.two))
    assert mine == other
    return [f for f in (street.one, street.two) if mine.stops(f.id)]


def test_a_submission_that_nobody_else_vouches_for_stops_only_who_made_it(street: Street) -> None:
    street.issue(street.one, PAPER)
    q = street.world.submit(street.two, MASK, KIND, paper=PAPER)
    assert stopped(street) == [street.two]
    for step in ("Verify", "Refuse"):
        street.world.review(street.reviewer, step, q)
        assert stopped(street) == [street.two]
    street.world.submit(street.two, MASK, KIND, paper=PAPER)
    assert stopped(street) == [street.two]


def test_who_submits_first_does_not_stop_whom_somebody_vouches_for(street: Street) -> None:
    street.world.submit(street.two, MASK, KIND, paper=PAPER)
    street.issue(street.one, PAPER)
    assert stopped(street) == [street.two]


def test_an_editor_does_not_vouch_yet(street: Street) -> None:
    street.issue(street.one, PAPER)
    q = street.world.submit(street.two, MASK, KIND, paper=document("own"))
    street.world.edit(street.reviewer, q, paper=PAPER)
    assert stopped(street) == [street.two]


def test_once_the_copy_is_published_the_alarm_stops_both(street: Street) -> None:
    street.issue(street.one, PAPER)
    q = street.world.submit(street.two, MASK, KIND, paper=PAPER)
    street.world.now += 1
    street.world.review(street.reviewer, "Publish", q)
    assert stopped(street, street.world.now - 1) == [street.two]
    assert stopped(street) == [street.one, street.two]


def test_what_was_edited_away_before_publication_is_not_vouched_for(street: Street) -> None:
    street.issue(street.one, PAPER)
    q = street.world.submit(street.two, MASK, KIND, paper=PAPER)
    street.world.edit(street.reviewer, q, paper=document("own"))
    street.world.review(street.reviewer, "Publish", q)
    assert stopped(street) == [street.two]


def test_two_issued_uses_stop_both_and_two_unreviewed_ones_too(street: Street) -> None:
    for firm in (street.one, street.two):
        street.world.submit(firm, MASK, KIND, paper=PAPER)
    assert stopped(street) == [street.one, street.two]
    for firm in (street.one, street.two):
        street.issue(firm, PAPER)
    assert stopped(street) == [street.one, street.two]


def test_nobody_vouches_for_itself(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.world.accredit(street.two, KIND)
    street.world.issue(street.two, street.two, MASK, KIND, paper=PAPER)
    assert stopped(street) == [street.two]


def test_nor_does_a_record_decided_to_be_the_same_firm(street: Street) -> None:
    sister = street.world.issuer("Copycat Laboratory", KIND)
    street.issue(street.one, PAPER)
    street.world.issue(sister, street.two, MASK, KIND, paper=PAPER)
    assert stopped(street) == [street.one, street.two]
    street.world.link(street.reviewer, street.two, sister)
    assert stopped(street) == [street.two]


def test_a_stolen_reviewers_key_vouches_for_nothing(street: Street) -> None:
    street.issue(street.one, PAPER)
    q = street.world.submit(street.two, MASK, KIND, paper=PAPER)
    street.world.review(street.reviewer, "Publish", q)
    street.world.compromised(street.reviewer, street.world.now)
    assert stopped(street) == [street.two]


def test_what_one_record_of_a_firm_was_issued_covers_its_other_record(street: Street) -> None:
    sister = street.world.organisation("Clear Brook Masks East", Role.SUPPLIER)
    street.world.link(street.reviewer, street.one, sister)
    street.issue(street.one, PAPER)
    street.world.submit(sister, MASK, KIND, paper=PAPER)
    street.world.submit(street.two, MASK, KIND, paper=PAPER)
    raised = street.alarms()
    assert len(raised) == 2
    assert {h for a in raised for h in a.holders if a.stops(h)} == {street.two.id}


def test_a_closed_alarm_stops_nobody(street: Street) -> None:
    street.issue(street.one, PAPER)
    street.world.submit(street.two, MASK, KIND, paper=PAPER)
    street.world.close_alarm(street.auditor, street.alarms()[0].id)
    assert stopped(street) == []


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
