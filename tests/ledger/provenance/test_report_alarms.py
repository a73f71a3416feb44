"""Alarms over reports: one report on two lots, one document of two parties."""

import pytest

from ledger.alarms import Alarm, alarms, lot_alarms
from ledger.gathering import touches
from ledger.history import alarm_id
from ledger.policy import default_policy
from ledger.question import Question
from ledger.standing import Result
from ledger.verdict import decide
from ledger.vocabulary import Role
from tests.support.batches import BatchWorld
from tests.support.world import Firm, document, instant

LATER = instant("2030-01-01")
STANDARD = "YY 0469"
PAPER = document("report")


class Street:
    """Two makers with a lot each, two laboratories, an auditor."""

    def __init__(self) -> None:
        self.world = BatchWorld()
        self.one = self.world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.two = self.world.organisation("Copycat", Role.SUPPLIER)
        self.lab = self.world.laboratory("Hill Laboratory", STANDARD)
        self.other_lab = self.world.laboratory("Valley Laboratory", STANDARD)
        self.auditor = self.world.organisation("Auditors", Role.AUDITOR)
        self.first = self.world.commission(self.one, "M-1", 100)
        self.second = self.world.commission(self.two, "C-1", 100)

    def alarms(self, lot: bytes, known_at: int = LATER) -> tuple[Alarm, ...]:
        return lot_alarms(self.world.reports(lot, known_at), lot, known_at)

    def stopped(self, known_at: int = LATER) -> list[bytes]:
        """Which lots the one alarm between the two lots speaks against."""
        ((mine,), (other,)) = (self.alarms(lot, known_at) for lot in (self.first, self.second))
        assert mine == other
        return [lot for lot in (self.first, self.second) if mine.stops(lot)]


@pytest.fixture
def street() -> Street:
    return Street()


def test_one_report_number_on_two_lots_is_a_laboratory_contradicting_itself(
    street: Street,
) -> None:
    street.world.inspect(street.lab, street.first, number="R-1")
    street.world.now = opened = instant("2020-05-01")
    street.world.inspect(street.lab, street.second, number="R-1")
    (alarm,) = street.alarms(street.first)
    assert (alarm.mark.what, alarm.mark.shown) == ("report", "YY 0469 R-1")
    assert alarm.opened_at == opened
    assert alarm.id == alarm_id(alarm.mark, street.second, street.first)
    assert street.stopped() == [street.first, street.second]


def test_two_lots_of_one_maker_are_two_lots(street: Street) -> None:
    third = street.world.commission(street.one, "M-2", 100)
    street.world.inspect(street.lab, street.first, number="R-1")
    street.world.inspect(street.lab, third, number="R-1")
    (alarm,) = street.alarms(third)
    assert set(alarm.holders) == {street.first, third}


def test_reporting_again_on_the_same_lot_raises_nothing(street: Street) -> None:
    street.world.inspect(street.lab, street.first, number="R-1", paper=PAPER)
    street.world.inspect(street.lab, street.first, number="R-1", paper=PAPER)
    assert street.alarms(street.first) == ()


def test_two_laboratories_may_use_the_same_number(street: Street) -> None:
    street.world.inspect(street.lab, street.first, number="R-1")
    street.world.inspect(street.other_lab, street.second, number="R-1")
    assert street.alarms(street.first) == ()


def test_one_laboratory_may_use_a_number_under_two_standards(street: Street) -> None:
    street.world.accredit(street.lab, "GB 19083")
    street.world.inspect(street.lab, street.first, number="R-1")
    street.world.inspect(street.lab, street.second, number="R-1", standard="GB 19083")
    assert street.alarms(street.first) == ()


def test_reports_without_document_and_number_share_nothing(street: Street) -> None:
    street.world.inspect(street.lab, street.first)
    street.world.inspect(street.lab, street.second)
    assert street.alarms(street.first) == ()


def test_another_laboratorys_document_stops_only_the_lot_it_was_copied_to(street: Street) -> None:
    street.world.inspect(street.lab, street.first, paper=PAPER)
    street.world.inspect(street.other_lab, street.second, paper=PAPER)
    assert street.stopped() == [street.second]


def test_the_laboratory_of_the_makers_own_firm_vouches_for_nothing(street: Street) -> None:
    street.world.link(street.auditor, street.one, street.other_lab)
    street.world.inspect(street.other_lab, street.first, paper=PAPER)
    street.world.inspect(street.lab, street.second, paper=PAPER)
    assert street.stopped() == [street.first]


def test_a_report_with_a_stolen_key_stops_only_the_lot_it_is_about(street: Street) -> None:
    street.world.inspect(street.lab, street.second, number="R-1")
    street.world.now = instant("2020-01-01")
    street.world.inspect(street.lab, street.first, number="R-1")
    assert street.stopped() == [street.first, street.second]
    street.world.compromised(street.lab, since=instant("2019-12-01"))
    assert street.stopped() == [street.first]


def test_before_the_declaration_is_known_the_stolen_key_counts(street: Street) -> None:
    street.world.inspect(street.lab, street.second, number="R-1")
    street.world.now = instant("2020-01-01")
    street.world.inspect(street.lab, street.first, number="R-1")
    street.world.now = instant("2020-02-01")
    street.world.compromised(street.lab, since=instant("2019-12-01"))
    known = instant("2020-01-15")
    assert street.stopped(known) == [street.first, street.second]


def test_a_laboratory_without_accreditation_vouches_for_nothing(street: Street) -> None:
    stranger = street.world.organisation("Roadside Testing", Role.LABORATORY)
    street.world.inspect(stranger, street.first, paper=PAPER)
    street.world.inspect(street.lab, street.second, paper=PAPER)
    assert street.stopped() == [street.first]


def test_a_licence_shown_as_a_report_on_anothers_lot_stops_the_lot(street: Street) -> None:
    issuer = street.world.issuer("Licensing Office", "production-licence")
    street.world.category("mask.surgical")
    street.world.issue(issuer, street.one, "mask.surgical", "production-licence", paper=PAPER)
    street.world.inspect(street.lab, street.second, paper=PAPER)
    (alarm,) = street.alarms(street.second)
    assert set(alarm.holders) == {street.one.id, street.second}
    assert alarm.stops(street.second)
    assert not alarm.stops(street.one.id)


def test_a_report_claimed_as_ones_own_licence_does_not_stop_the_lot(street: Street) -> None:
    street.world.inspect(street.lab, street.first, paper=PAPER)
    street.world.category("mask.surgical")
    street.world.submit(street.two, "mask.surgical", "test-report", paper=PAPER)
    (alarm,) = street.alarms(street.first)
    assert alarm.open
    assert not alarm.stops(street.first)
    assert alarm.stops(street.two.id)


def test_a_maker_may_show_its_own_report_with_its_qualification(street: Street) -> None:
    issuer = street.world.issuer("Licensing Office", "test-report")
    street.world.category("mask.surgical")
    street.world.issue(issuer, street.one, "mask.surgical", "test-report", paper=PAPER)
    street.world.inspect(street.lab, street.first, paper=PAPER)
    assert street.alarms(street.first) == ()


def test_many_lots_with_one_report_have_an_alarm_each_with_the_first(street: Street) -> None:
    lots = [street.world.commission(street.one, f"X-{i}", 1) for i in range(6)]
    for lot in lots:
        street.world.inspect(street.lab, lot, number="R-1")
    assert len(street.alarms(lots[0])) == 5
    for lot in lots[1:]:
        (alarm,) = street.alarms(lot)
        assert set(alarm.holders) == {lots[0], lot}
        assert alarm.stops(lot)


def test_a_first_use_with_a_stolen_key_does_not_hide_that_the_others_contradict(
    street: Street,
) -> None:
    thief_time = street.world.now = instant("2019-06-01")
    third = street.world.commission(street.one, "M-3", 1)
    stolen = street.lab.second_account(2)
    street.world.add_account(stolen, Role.LABORATORY)
    street.world.inspect(stolen, street.first, number="R-1")
    for lot in (street.second, third):
        street.world.inspect(street.lab, lot, number="R-1")
    street.world.compromised(stolen, since=thief_time)
    between = next(a for a in street.alarms(third) if street.second in a.holders)
    assert between.stops(third)
    assert between.stops(street.second)
    with_the_first = next(a for a in street.alarms(street.second) if street.first in a.holders)
    assert not with_the_first.stops(street.second)


class TestClosing:
    @pytest.fixture
    def alarm(self, street: Street) -> Alarm:
        street.world.inspect(street.lab, street.first, number="R-1")
        street.world.inspect(street.lab, street.second, number="R-1")
        return street.alarms(street.first)[0]

    def test_an_auditor_closes_it_and_is_named(self, street: Street, alarm: Alarm) -> None:
        street.world.close_alarm(street.auditor, alarm.id)
        (closed,) = street.alarms(street.second)
        assert closed.closed is not None
        assert closed.closed.stated.author == street.auditor.id
        assert street.stopped() == []

    def test_nobody_else_closes_it(self, street: Street, alarm: Alarm) -> None:
        closer: Firm = street.lab
        street.world.close_alarm(closer, alarm.id)
        assert street.alarms(street.first)[0].open

    def test_it_is_open_while_the_closing_is_not_known(self, street: Street, alarm: Alarm) -> None:
        before = street.world.now
        street.world.now += 86400
        street.world.close_alarm(street.auditor, alarm.id)
        assert street.alarms(street.first, before)[0].open

    def test_a_use_after_the_closing_opens_it_again(self, street: Street, alarm: Alarm) -> None:
        street.world.close_alarm(street.auditor, alarm.id)
        street.world.inspect(street.lab, street.second, number="R-1")
        assert street.alarms(street.first)[0].open

    def test_the_maker_of_the_other_lot_may_reply(self, street: Street, alarm: Alarm) -> None:
        street.world.reply(street.two, alarm.id, "the laboratory mixed up its numbers")
        (found,) = street.alarms(street.first)
        assert [r.stated.author for r in found.replies] == [street.two.id]


def test_a_mirrored_recall_in_a_firms_chain_disturbs_no_judgement_over_it(street: Street) -> None:
    mirror = street.world.mirror("Recall Mirror", "recalls")
    publication = street.world.publication(mirror, "recalls", instant("2020-01-01"))
    street.world.category("mask.surgical")
    street.world.mirror_recall(mirror, publication, street.one, "Lot M-1")
    (recall,) = street.world.history(street.one).recalls
    assert (recall.register, recall.lots) == ("recalls", "Lot M-1")
    assert recall.stated.published == instant("2020-01-01")


class TestTheVerdictOverTheFirm:
    """What a report on another's lot does to the firm whose qualification has its document."""

    @pytest.fixture
    def street(self) -> Street:
        street = Street()
        street.world.category("mask.surgical")
        return street

    def of_firm(self, street: Street, firm: Firm) -> tuple[Alarm, ...]:
        return alarms(street.world.history(firm), firm.id, LATER)

    def test_a_report_shown_as_ones_own_qualification_stops_the_firm(self, street: Street) -> None:
        street.world.inspect(street.lab, street.first, paper=PAPER)
        street.world.submit(street.two, "mask.surgical", "test-report", paper=PAPER)
        (alarm,) = self.of_firm(street, street.two)
        assert alarm == street.alarms(street.first)[0]
        assert alarm.stops(street.two.id)

    def test_a_licence_copied_onto_anothers_lot_does_not_stop_its_firm(
        self, street: Street
    ) -> None:
        issuer = street.world.issuer("Licensing Office", "production-licence")
        street.world.issue(issuer, street.one, "mask.surgical", "production-licence", paper=PAPER)
        street.world.inspect(street.lab, street.second, paper=PAPER)
        (alarm,) = self.of_firm(street, street.one)
        assert alarm.open
        assert not alarm.stops(street.one.id)

    def test_a_report_on_the_firms_own_lot_raises_nothing(self, street: Street) -> None:
        street.world.inspect(street.lab, street.first, paper=PAPER)
        street.world.submit(street.one, "mask.surgical", "test-report", paper=PAPER)
        assert self.of_firm(street, street.one) == ()

    def test_an_auditor_closes_it_for_the_firm_and_for_the_lot(self, street: Street) -> None:
        street.world.inspect(street.lab, street.first, paper=PAPER)
        street.world.submit(street.two, "mask.surgical", "test-report", paper=PAPER)
        street.world.close_alarm(street.auditor, self.of_firm(street, street.two)[0].id)
        assert not self.of_firm(street, street.two)[0].open
        assert not street.alarms(street.first)[0].open

    def test_a_history_kept_before_the_report_is_touched_by_it(self, street: Street) -> None:
        street.world.submit(street.two, "mask.surgical", "test-report", paper=PAPER)
        kept = street.world.history(street.two)
        report = street.world.inspect(street.lab, street.first, paper=PAPER)
        assert touches(report) & kept.watched

    def test_the_verdict_names_the_report_and_the_entries(self, street: Street) -> None:
        issuer = street.world.issuer("Licensing Office", "production-licence")
        street.world.require("mask.surgical", "production-licence")
        street.world.issue(issuer, street.one, "mask.surgical", "production-licence", paper=PAPER)
        report = street.world.inspect(street.lab, street.second, paper=PAPER)
        question = Question.for_day(
            street.one.id, "mask.surgical", "", 1000, "H87", "2020-06-01",
            known_at=LATER, zone="Asia/Shanghai",
        )  # fmt: skip
        verdict = decide(street.world.history(street.one), question, default_policy())
        unreviewed = verdict.check("alarms.unreviewed")
        assert unreviewed.entries == (report.sequence,)
        (reason,) = unreviewed.reasons
        assert reason.text("en").startswith(f"a report on lot 0x{street.second.hex()} of Copycat")
        assert verdict.check("alarms").result is Result.VALID
