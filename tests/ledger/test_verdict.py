"""Verdicts: the checks one by one, the algebra, and bad questions."""

import json
from dataclasses import replace
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.checks import whole_days
from ledger.errors import RequestError
from ledger.policy import CHECKS, Policy, Weight, canonical, default_policy
from ledger.question import MAX_QUANTITY, Question
from ledger.standing import Result
from ledger.verdict import Answer, Verdict, decide, weigh
from ledger.verdict_texts import TEXTS
from ledger.vocabulary import NO_END, Clock, OrganisationStatus, Role
from tests.support.world import Firm, World, document, instant

MASK = "mask.surgical"
KIND = "test-report"
SHANGHAI = "Asia/Shanghai"


class Market:
    """A maker of which nothing bad can be said: registered, certified, able to deliver."""

    def __init__(self) -> None:
        self.world = world = World("2019-06-01")
        world.category("mask")
        world.category(MASK, "mask")
        world.require(MASK, KIND)
        self.maker = world.organisation("Clear Brook Masks", Role.SUPPLIER, "gln", "6900000000007")
        self.lab = world.issuer("Hill Laboratory", KIND)
        self.auditor = world.organisation("Auditors", Role.AUDITOR)
        world.now = instant("2020-01-01")
        world.capacity(self.maker, MASK, 20_000)

    def certify(self, model: str = "", end: int = NO_END, kind: str = KIND) -> bytes:
        return self.world.issue(
            self.lab, self.maker, MASK, kind, model=model, start=instant("2019-12-01"), end=end,
            number="R-1",
        )  # fmt: skip

    def question(
        self,
        firm: Firm | None = None,
        *,
        model: str = "M1",
        quantity: int = 50_000,
        unit: str = "H87",
        deliver_on: str = "2020-06-10",
        at: str | None = "2020-06-01",
        known_at: str = "2021-01-01",
    ) -> Question:
        return Question.for_day(
            (firm or self.maker).id, MASK, model, quantity, unit, deliver_on,
            known_at=instant(known_at), zone=SHANGHAI,
            at=None if at is None else instant(at, SHANGHAI),
        )  # fmt: skip

    def ask(self, question: Question | None = None, policy: Policy | None = None) -> Verdict:
        question = question or self.question()
        firm = Firm(question.organisation, "")
        history = self.world.history(firm, MASK)
        return decide(history, question, policy or default_policy())


@pytest.fixture
def market() -> Market:
    return Market()


def results(verdict: Verdict) -> dict[str, Result]:
    """The checks that neither pass nor are skipped."""
    return {
        c.code: c.result for c in verdict.checks if c.result in (Result.INVALID, Result.UNKNOWN)
    }


def reasons(verdict: Verdict, check: str) -> set[str]:
    return {r.code for r in verdict.check(check).reasons}


# ---------------------------------------------------------------- the answer


@given(st.lists(st.tuples(st.sampled_from(Result), st.sampled_from(Weight)), max_size=6))
def test_the_answer_depends_on_which_results_occur_and_not_on_their_order_or_number(
    checks: list[tuple[Result, Weight]],
) -> None:
    assert weigh(checks) is weigh(list(reversed(checks)) + checks)


def test_the_algebra_over_every_set_of_results() -> None:
    pairs = list(product(Result, Weight))
    for bits in range(1 << len(pairs)):
        checks = [pair for i, pair in enumerate(pairs) if bits >> i & 1]
        blocking = {r for r, w in checks if w is Weight.BLOCKING}
        other = {r for r, w in checks if w is Weight.ADVISORY}
        if Result.INVALID in blocking:
            expected = Answer.DO_NOT_BUY
        elif Result.UNKNOWN in blocking:
            expected = Answer.CANNOT_TELL
        elif other & {Result.INVALID, Result.UNKNOWN}:
            expected = Answer.CONDITIONS
        else:
            expected = Answer.BUY
        assert weigh(checks) is expected, checks


def test_a_supplier_of_which_nothing_bad_can_be_said_is_bought_from(market: Market) -> None:
    market.certify()
    verdict = market.ask()
    assert results(verdict) == {}
    assert verdict.answer is Answer.BUY


def test_every_check_is_made_and_numbered(market: Market) -> None:
    verdict = market.ask()
    assert {c.code: c.number for c in verdict.checks} == dict(CHECKS)
    assert [c.number for c in verdict.checks] == list(range(1, 34))
    assert all(c.reasons for c in verdict.checks)


def test_the_same_question_gives_the_same_verdict_to_the_byte(market: Market) -> None:
    market.certify()
    first = market.ask()
    market.world.now += 86400
    market.certify(end=instant("2020-03-01"))
    again = decide(
        market.world.history(market.maker, MASK, first.position), first.question, first.policy
    )
    assert canonical(again.to_json()) == canonical(first.to_json())
    assert again.id == first.id
    assert market.ask().id != first.id, "the ledger has grown"


def test_the_id_commits_to_question_policy_and_position(market: Market) -> None:
    verdict = market.ask()
    policy = Policy.from_json({**default_policy().document, "version": "3"})
    assert market.ask(policy=policy).id != verdict.id
    assert market.ask(market.question(quantity=50_001)).id != verdict.id


def test_a_verdict_is_told_in_both_languages(market: Market) -> None:
    market.certify()
    told = json.loads(canonical(market.ask().to_json()))
    assert told["answer_text"] == {"en": "Buy", "zh": "可以采购"}
    for check in told["checks"]:
        for reason in check["reasons"]:
            assert reason["en"]
            assert reason["zh"]
            assert "{" not in reason["en"] + reason["zh"]


def test_every_sentence_exists_in_both_languages_with_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    for code, text in TEXTS.items():
        assert values(text.en) == values(text.zh), code
        assert bool(text.remedy_en) is bool(text.remedy_zh), code
        assert values(text.remedy_en) == values(text.remedy_zh), code


# ---------------------------------------------------------------- the required kinds


def test_a_missing_certificate_cannot_be_told_and_the_remedy_is_named(market: Market) -> None:
    verdict = market.ask()
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.none"}
    assert [told["checks"] for told in verdict.to_json()["would_change"]] == [[3]]


def test_every_required_kind_is_needed(market: Market) -> None:
    market.certify()
    market.world.require(MASK, "cn-production-licence")
    assert results(market.ask()) == {"qualification.in-force": Result.UNKNOWN}


def test_a_certificate_that_lapses_during_the_delivery_day_does_not_do(market: Market) -> None:
    market.certify(end=instant("2020-06-10T23:59:59", SHANGHAI))
    verdict = market.ask()
    assert verdict.answer is Answer.DO_NOT_BUY
    assert reasons(verdict, "qualification.in-force") == {"kind.lapses"}


def test_a_certificate_that_lapses_as_the_delivery_day_ends_does(market: Market) -> None:
    market.certify(end=instant("2020-06-11", SHANGHAI))
    verdict = market.ask()
    assert verdict.check("qualification.in-force").result is Result.VALID
    assert results(verdict) == {"qualification.margin": Result.INVALID}
    assert verdict.answer is Answer.CONDITIONS


def test_a_suspended_certificate_is_not_bought_on(market: Market) -> None:
    q = market.certify()
    market.world.change(market.lab, "Suspend", q)
    verdict = market.ask()
    assert verdict.answer is Answer.DO_NOT_BUY
    assert reasons(verdict, "qualification.nothing-against") == {"kind.suspended"}
    assert "inspection" in verdict.check("qualification.in-force").reasons[0].text("en")


def test_a_restriction_is_a_condition(market: Market) -> None:
    market.world.change(market.lab, "Restrict", market.certify())
    assert results(market.ask()) == {"qualification.unrestricted": Result.INVALID}


def test_a_withdrawn_duplicate_is_a_condition_where_another_still_stands(market: Market) -> None:
    market.certify()
    market.world.withdraw(market.lab, market.certify(model="M1"), instant("2020-02-01"))
    assert results(market.ask()) == {"qualification.uncontradicted": Result.INVALID}


def test_a_renewal_after_a_withdrawal_is_not_held_against_it(market: Market) -> None:
    market.world.withdraw(market.lab, market.certify(), instant("2020-02-01"))
    market.certify()
    assert market.ask().answer is Answer.BUY


@pytest.mark.parametrize(
    ("end", "told"),
    [("2022-01-01", "valid until: 2021-12-31)"), ("2022-01-01T09:30", "2022-01-01 09:30+08:00)")],
)
def test_a_validity_is_told_by_its_last_day_or_by_its_very_end(
    market: Market, end: str, told: str
) -> None:
    market.certify(end=instant(end, SHANGHAI))
    [reason] = market.ask().check("qualification.in-force").reasons
    assert told in reason.text("en")


def test_a_category_without_stated_requirements_cannot_be_told(market: Market) -> None:
    market.certify()
    verdict = market.ask(market.question(known_at="2019-05-31"))
    assert verdict.answer is Answer.CANNOT_TELL
    assert "requirements.none" in reasons(verdict, "qualification.in-force")


def test_what_is_withdrawn_is_refused_even_where_nobody_stated_requirements() -> None:
    market = Market()
    market.world.entries = [e for e in market.world.entries if e.action != "SetRequirement"]
    market.world.withdraw(market.lab, market.certify(), instant("2020-02-01"))
    assert market.ask().answer is Answer.DO_NOT_BUY


def test_a_certificate_for_the_parent_category_is_a_condition(market: Market) -> None:
    market.world.issue(market.lab, market.maker, "mask", KIND)
    assert results(market.ask()) == {"scope.exact": Result.UNKNOWN}


# ---------------------------------------------------------------- who


@pytest.mark.parametrize("status", [OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED])
def test_a_suspended_or_closed_organisation_is_not_bought_from(
    market: Market, status: OrganisationStatus
) -> None:
    market.certify()
    market.world.status(market.maker, status, "bankrupt")
    verdict = market.ask()
    assert verdict.answer is Answer.DO_NOT_BUY
    assert results(verdict) == {"organisation.active": Result.INVALID}


def test_a_suspension_that_was_lifted_before_the_delivery_does_not_count(market: Market) -> None:
    market.certify()
    market.world.status(market.maker, OrganisationStatus.SUSPENDED)
    market.world.now = instant("2020-06-01")
    market.world.status(market.maker, OrganisationStatus.ACTIVE)
    assert market.ask().answer is Answer.BUY


def test_an_identifier_with_a_wrong_check_digit_is_a_condition(market: Market) -> None:
    firm = market.world.organisation("Typo", Role.SUPPLIER, "gln", "6900000000008")
    verdict = market.ask(market.question(firm))
    assert verdict.check("identity").result is Result.INVALID


def test_an_identifier_that_nobody_checks_is_a_condition(market: Market) -> None:
    firm = market.world.organisation("Unchecked", Role.SUPPLIER)
    assert reasons(market.ask(market.question(firm)), "identity") == {"identity.unchecked"}


def test_of_a_firm_that_was_not_known_then_no_later_record_speaks(market: Market) -> None:
    verdict = market.ask(market.question(known_at="2019-01-01"))
    assert reasons(verdict, "identity") == {"identity.not-known"}
    assert reasons(verdict, "organisation.active") == {"organisation.not-known"}
    assert not verdict.check("identity").entries


def test_a_listed_firm_is_identified_by_its_link(market: Market) -> None:
    mirror = market.world.mirror("Open Registers", "list")
    listed = market.world.listed(mirror, "list", "Clear Brook")
    reviewer = market.world.organisation("Reviewers", Role.REVIEWER)
    assert reasons(market.ask(market.question(listed)), "identity") == {"identity.listed"}
    market.world.link(reviewer, listed, market.maker)
    verdict = market.ask(market.question(listed))
    assert reasons(verdict, "identity") == {"identity.linked"}
    assert "Reviewers" in verdict.check("identity").reasons[0].text("en")


# ---------------------------------------------------------------- who vouches


def test_mirrored_facts_alone_never_give_buy_whatever_the_policy_says(market: Market) -> None:
    mirror = market.world.mirror("Open Registers", "list")
    publication = market.world.publication(mirror, "list", instant("2020-06-01"))
    market.world.row(
        mirror, publication, market.maker, MASK, KIND, "M1", start=instant("2020-01-01"),
        end=instant("2022-01-01"),
    )  # fmt: skip
    weights = dict.fromkeys(CHECKS, "advisory")
    lenient = Policy.from_json({**default_policy().document, "checks": weights})
    verdict = market.ask(policy=lenient)
    assert results(verdict) == {"vouching": Result.UNKNOWN}
    assert verdict.answer is Answer.CONDITIONS


def test_an_emergency_waiver_is_a_condition(market: Market) -> None:
    market.world.waive(market.maker, MASK, KIND, instant("2021-01-01"))
    verdict = market.ask()
    assert results(verdict) == {"vouching": Result.UNKNOWN}
    assert reasons(verdict, "vouching") == {"vouching.waived"}


def test_a_reviewed_certificate_vouches(market: Market) -> None:
    reviewer = market.world.organisation("Reviewers", Role.REVIEWER)
    q = market.world.submit(market.maker, MASK, KIND)
    market.world.review(reviewer, "Verify", q)
    market.world.edit(reviewer.second_account(2), q)
    market.world.review(reviewer.second_account(3), "Publish", q)
    verdict = market.ask()
    assert verdict.answer is Answer.BUY
    assert reasons(verdict, "vouching") == {"vouching.reviewed"}
    assert verdict.check("issuer.accredited").result is Result.SKIPPED


def test_an_issuer_without_accreditation_is_not_believed(market: Market) -> None:
    market.certify(kind=KIND)
    market.world.accredit(market.lab, KIND, 1, instant("2019-06-02"))
    verdict = market.ask()
    assert verdict.answer is Answer.DO_NOT_BUY
    assert results(verdict) == {"issuer.accredited": Result.INVALID}


def test_a_compromised_key_leaves_nothing_to_tell(market: Market) -> None:
    market.certify()
    declared = market.world.compromised(market.lab, instant("2019-12-31"))
    verdict = market.ask()
    assert verdict.answer is Answer.CANNOT_TELL
    assert results(verdict) == {"keys": Result.UNKNOWN}
    assert declared.sequence in verdict.check("keys").entries


# ---------------------------------------------------------------- capacity


def test_20000_a_day_do_not_make_50000_by_tomorrow(market: Market) -> None:
    market.certify()
    verdict = market.ask(market.question(at="2020-06-09"))
    assert verdict.answer is Answer.DO_NOT_BUY
    assert results(verdict) == {"capacity.enough": Result.INVALID}
    said = verdict.check("capacity.enough").reasons[0]
    assert (said.values["days"], said.values["total"], said.values["enough"]) == (1, 20_000, 3)


@pytest.mark.parametrize(
    ("quantity", "at", "enough"),
    [(60_000, "2020-06-07", True), (60_001, "2020-06-07", False), (60_000, "2020-06-08", False)],
)
def test_capacity_times_whole_days_is_compared_with_the_quantity(
    market: Market, quantity: int, at: str, enough: bool
) -> None:
    market.certify()
    verdict = market.ask(market.question(quantity=quantity, at=at))
    assert (verdict.check("capacity.enough").result is Result.VALID) is enough


def test_a_day_that_has_begun_is_no_whole_day() -> None:
    zone = market_zone()
    start, end = instant("2020-06-01T00:00:01", SHANGHAI), instant("2020-06-03", SHANGHAI)
    assert whole_days(start - 1, end, zone) == 2
    assert whole_days(start, end, zone) == 1
    assert whole_days(end, start, zone) == 0


def market_zone() -> ZoneInfo:
    return ZoneInfo(SHANGHAI)


def test_no_statement_of_capacity_is_a_condition(market: Market) -> None:
    firm = market.world.organisation("Other", Role.SUPPLIER, "gln", "6901234567892")
    market.world.issue(market.lab, firm, MASK, KIND)
    assert reasons(market.ask(market.question(firm)), "capacity.stated") == {"capacity.none"}


def test_an_amount_of_0_is_an_unknown_amount(market: Market) -> None:
    market.certify()
    market.world.capacity(market.maker, MASK, 0)
    verdict = market.ask()
    assert results(verdict) == {"capacity.stated": Result.UNKNOWN}
    assert verdict.answer is Answer.CONDITIONS


def test_another_unit_cannot_be_compared(market: Market) -> None:
    market.certify()
    verdict = market.ask(market.question(unit="CT"))
    assert reasons(verdict, "capacity.stated") == {"capacity.unit"}
    assert verdict.check("capacity.enough").result is Result.SKIPPED


def test_capacity_for_the_model_counts_before_that_for_the_category(market: Market) -> None:
    market.certify()
    market.world.capacity(market.maker, MASK, 100, model="M1")
    market.world.capacity(market.maker, MASK, 90_000)
    assert results(market.ask()) == {"capacity.enough": Result.INVALID}
    assert results(market.ask(market.question(model="M2"))) == {}


def test_without_an_instant_of_ordering_capacity_is_not_weighed_against_time(
    market: Market,
) -> None:
    market.certify()
    verdict = market.ask(market.question(at=None))
    assert reasons(verdict, "capacity.enough") == {"capacity.no-order-day"}
    assert verdict.answer is Answer.BUY


# ---------------------------------------------------------------- alarms


def test_a_copied_certificate_stops_both_until_an_auditor_signs(market: Market) -> None:
    paper = document("report")
    other = market.world.organisation("Copycat", Role.SUPPLIER)
    market.world.issue(market.lab, market.maker, MASK, KIND, paper=paper)
    market.world.issue(market.lab, other, MASK, KIND, paper=paper)
    verdict = market.ask()
    assert verdict.answer is Answer.DO_NOT_BUY
    assert results(verdict) == {"alarms": Result.INVALID}
    assert market.ask(market.question(other)).check("alarms").result is Result.INVALID
    market.world.reply(market.maker, verdict.alarms[0].id, "The report is ours.")
    assert [r["text"] for r in market.ask().to_json()["replies"]] == ["The report is ours."]
    market.world.close_alarm(market.auditor, verdict.alarms[0].id)
    closed = market.ask()
    assert closed.answer is Answer.BUY
    assert reasons(closed, "alarms") == {"alarm.closed"}


def test_a_competitors_mere_submission_is_a_condition_and_stops_the_competitor(
    market: Market,
) -> None:
    paper = document("report")
    rival = market.world.organisation("Copycat", Role.SUPPLIER)
    reviewer = market.world.organisation("Reviewers", Role.REVIEWER)
    market.world.issue(market.lab, market.maker, MASK, KIND, paper=paper)
    claim = market.world.submit(rival, MASK, KIND, paper=paper)
    told = market.world.entries[-1].sequence
    verdict = market.ask()
    assert verdict.answer is Answer.CONDITIONS
    assert results(verdict) == {"alarms.unreviewed": Result.INVALID}
    assert reasons(verdict, "alarms") == {"alarm.does-not-stop"}
    check = verdict.check("alarms.unreviewed")
    assert (check.number, check.weight, check.entries) == (17, Weight.ADVISORY, (told,))
    assert "Copycat" in check.reasons[0].text("en")
    assert "Copycat" in check.reasons[0].text("zh")
    assert [r["checks"] for r in verdict.to_json()["would_change"]] == [[17]]
    against = market.ask(market.question(rival))
    assert against.answer is Answer.DO_NOT_BUY
    assert against.check("alarms").result is Result.INVALID
    assert reasons(against, "alarms.unreviewed") == {"alarms.no-claim"}

    market.world.review(reviewer, "Publish", claim)
    for firm in (market.maker, rival):
        both = market.ask(market.question(firm))
        assert both.answer is Answer.DO_NOT_BUY
        assert both.check("alarms").result is Result.INVALID
        assert both.check("alarms.unreviewed").result is Result.VALID


def test_a_claim_that_an_auditor_signed_off_is_no_condition(market: Market) -> None:
    paper = document("report")
    rival = market.world.organisation("Copycat", Role.SUPPLIER)
    market.world.issue(market.lab, market.maker, MASK, KIND, paper=paper)
    market.world.submit(rival, MASK, KIND, paper=paper)
    market.world.close_alarm(market.auditor, market.ask().alarms[0].id)
    assert market.ask().answer is Answer.BUY
    market.world.submit(rival, MASK, KIND, paper=paper)
    assert results(market.ask()) == {"alarms.unreviewed": Result.INVALID}


# ---------------------------------------------------------------- bad questions


@pytest.mark.parametrize("quantity", [0, -1, MAX_QUANTITY + 1, 10**30, True, 1.5, "7"])
def test_a_quantity_that_cannot_be_meant_is_refused(market: Market, quantity: int) -> None:
    with pytest.raises(RequestError) as refused:
        market.question(quantity=quantity)
    assert refused.value.field == "quantity"
    assert refused.value.message_zh


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("organisation", b"short"),
        ("category", ""),
        ("model", "M" * 201),
        ("unit", ""),
        ("deliver_at", (5, 5)),
        ("deliver_at", (6, 5)),
        ("deliver_at", (-1, 5)),
        ("at", instant("2020-06-11", SHANGHAI)),
        ("known_at", -1),
        ("known_at", NO_END),
        ("clock", "sundial"),
        ("zone", "Mars/Olympus"),
        ("zone", "../etc/passwd"),
    ],
)
def test_a_bad_question_names_the_field(market: Market, field: str, wrong: Any) -> None:
    with pytest.raises(RequestError) as refused:
        replace(market.question(), **{field: wrong})
    assert refused.value.field == field


@pytest.mark.parametrize("day", ["2020-02-30", "tomorrow", "", "10/06/2020", "0001-01-01"])
def test_a_day_that_does_not_exist_is_refused(market: Market, day: str) -> None:
    with pytest.raises(RequestError) as refused:
        market.question(deliver_on=day)
    assert refused.value.field == "deliver_on"


@pytest.mark.parametrize("field", ["organisation", "category"])
def test_what_is_not_on_the_ledger_is_refused_by_name(market: Market, field: str) -> None:
    wrong: Any = {"organisation": b"\x01" * 20, "category": "mask.unheard-of"}[field]
    question = replace(market.question(), **{field: wrong})
    with pytest.raises(RequestError) as refused:
        decide(market.world.history(market.maker, MASK), question, default_policy())
    assert refused.value.field == field


def test_a_question_survives_its_json(market: Market) -> None:
    question = replace(market.question(), clock=Clock.PUBLISHED)
    assert Question.from_json(json.loads(canonical(question.to_json()))) == question


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("organisation", "0xzz"), ("organisation", 7), ("deliver_at", 5), ("clock", "x")],
)
def test_a_question_that_is_no_question_is_refused(market: Market, field: str, wrong: Any) -> None:
    with pytest.raises(RequestError) as refused:
        Question.from_json({**market.question().to_json(), field: wrong})
    assert refused.value.field == field


def test_a_question_with_a_field_missing_is_refused(market: Market) -> None:
    told = market.question().to_json()
    del told["unit"]
    with pytest.raises(RequestError) as refused:
        Question.from_json(told)
    assert refused.value.field == "unit"
