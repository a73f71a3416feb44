"""Timelines and standing: what holds at an instant, as known at another."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.folding import fold
from ledger.history import History
from ledger.policy import default_policy
from ledger.question import Question
from ledger.standing import (
    DAY,
    Freshness,
    KindStanding,
    Result,
    Scope,
    Standing,
    Status,
    Why,
    bands,
    standing,
    status_at,
)
from ledger.verdict import decide
from ledger.vocabulary import NO_END, Clock, Role
from tests.support.world import Firm, World, instant

MASK = "mask.surgical"
KIND = "test-report"
LATER = instant("2030-01-01")
_FRESHNESS = Freshness()


class Town:
    """A maker, a laboratory that issues, a category that needs one kind."""

    def __init__(self) -> None:
        self.world = World("2019-01-01")
        self.world.category("mask")
        self.world.category(MASK, "mask")
        self.world.require(MASK, KIND)
        self.maker = self.world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.lab = self.world.issuer("Hill Laboratory", KIND, "cn-production-licence")
        self.world.now = instant("2020-01-01")

    def issue(self, start: str = "2020-01-01", end: str = "2021-01-01", model: str = "") -> bytes:
        return self.world.issue(
            self.lab, self.maker, MASK, KIND, model=model, start=instant(start), end=instant(end)
        )

    def history(self) -> History:
        return self.world.history(self.maker, MASK)

    def status(self, qualification: bytes, at: str, known_at: int = LATER) -> Status:
        history = self.history()
        timeline = bands(history.qualifications[qualification], history, known_at, Clock.RECORDED)
        return status_at(timeline, instant(at)).status

    def standing(
        self, at: str, until: str | None = None, model: str = "M1", known_at: int = LATER
    ) -> Standing:
        where = instant(at) if until is None else (instant(at), instant(until))
        scope = Scope(MASK, model)
        return standing(self.history(), self.maker.id, scope, where, known_at, Clock.RECORDED)

    def kind(
        self, at: str, until: str | None = None, model: str = "M1", known_at: int = LATER
    ) -> KindStanding:
        return self.standing(at, until, model, known_at).required[0]


@pytest.fixture
def town() -> Town:
    return Town()


# ---------------------------------------------------------------- the period


def test_a_period_includes_its_first_instant_and_excludes_its_last(town: Town) -> None:
    q = town.issue("2020-02-01", "2021-02-01")
    assert town.status(q, "2020-01-31T23:59:59") is Status.NOT_YET
    assert town.status(q, "2020-02-01") is Status.IN_FORCE
    assert town.status(q, "2021-01-31T23:59:59") is Status.IN_FORCE
    assert town.status(q, "2021-02-01") is Status.EXPIRED


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (0, 0, Why.UNSTATED_PERIOD),
        (0, instant("2022-01-01"), Why.UNSTATED_BEGINNING),
        (instant("2020-01-01"), 0, Why.UNSTATED_END),
    ],
)
def test_an_unstated_date_is_unknown_and_not_open(
    town: Town, start: int, end: int, why: Why
) -> None:
    q = town.world.issue(town.lab, town.maker, MASK, KIND, start=start, end=end)
    history = town.history()
    timeline = bands(history.qualifications[q], history, LATER, Clock.RECORDED)
    band = status_at(timeline, instant("2021-06-01"))
    assert (band.status, band.why) == (Status.UNKNOWN, why)


def test_a_stated_no_end_holds_without_end(town: Town) -> None:
    q = town.world.issue(town.lab, town.maker, MASK, KIND, end=NO_END)
    assert town.status(q, "2900-01-01") is Status.IN_FORCE


def test_a_lapsed_licence_is_never_shown_as_valid(town: Town) -> None:
    town.issue("2020-01-01", "2020-06-01")
    kind = town.kind("2020-05-31", "2020-06-02")
    assert kind.result is Result.INVALID
    assert kind.decisive[0][1].status is Status.EXPIRED


# ---------------------------------------------------------------- changes


@pytest.mark.parametrize(
    ("step", "status"), [("Suspend", Status.SUSPENDED), ("Restrict", Status.RESTRICTED)]
)
def test_a_suspension_or_restriction_holds_from_its_recording_to_the_reinstatement(
    town: Town, step: str, status: Status
) -> None:
    q = town.issue()
    town.world.now = instant("2020-03-01")
    town.world.change(town.lab, step, q)
    town.world.now = instant("2020-04-01")
    town.world.change(town.lab, "Reinstate", q)
    assert town.status(q, "2020-02-29T23:59:59") is Status.IN_FORCE
    assert town.status(q, "2020-03-01") is status
    assert town.status(q, "2020-03-31T23:59:59") is status
    assert town.status(q, "2020-04-01") is Status.IN_FORCE


def test_a_withdrawal_holds_from_its_effective_date_even_before_its_recording(town: Town) -> None:
    q = town.issue()
    town.world.now = instant("2020-09-01")
    town.world.withdraw(town.lab, q, instant("2020-05-01"))
    assert town.status(q, "2020-04-30T23:59:59") is Status.IN_FORCE
    assert town.status(q, "2020-05-01") is Status.WITHDRAWN
    assert town.status(q, "2022-01-01") is Status.WITHDRAWN


def test_a_retroactive_withdrawal_was_not_known_before_it_was_recorded(town: Town) -> None:
    q = town.issue()
    town.world.now = instant("2020-09-01")
    town.world.withdraw(town.lab, q, instant("2020-05-01"))
    before = instant("2020-08-31")
    assert town.status(q, "2020-06-01", known_at=before) is Status.IN_FORCE


def test_a_withdrawal_after_the_expiry_leaves_it_expired(town: Town) -> None:
    q = town.issue(end="2020-03-01")
    town.world.withdraw(town.lab, q, instant("2020-05-01"))
    assert town.status(q, "2020-04-01") is Status.EXPIRED
    assert town.status(q, "2020-06-01") is Status.EXPIRED


def test_the_earliest_of_several_withdrawals_counts(town: Town) -> None:
    q = town.issue()
    town.world.withdraw(town.lab, q, instant("2020-08-01"))
    town.world.withdraw(town.lab, q, instant("2020-05-01"))
    assert town.status(q, "2020-06-01") is Status.WITHDRAWN


def test_the_successor_carries_from_the_recording_of_the_supersession(town: Town) -> None:
    old = town.issue()
    new = town.issue("2020-06-01", "2022-01-01")
    town.world.now = instant("2020-07-01")
    town.world.supersede(town.lab, old, new)
    assert town.status(old, "2020-06-30") is Status.IN_FORCE
    assert town.status(old, "2020-07-01") is Status.SUPERSEDED
    kind = town.kind("2020-07-02")
    assert [h.qualification.id for h in kind.carriers] == [new]


def test_a_waiver_ends_when_it_says(town: Town) -> None:
    town.world.waive(town.maker, MASK, KIND, instant("2020-03-01"))
    assert town.kind("2020-02-29").result is Result.VALID
    assert town.kind("2020-03-01").result is Result.INVALID


# ---------------------------------------------------------------- review


def test_a_submission_is_under_review_until_the_third_step(town: Town) -> None:
    reviewer = town.world.organisation("Reviewers", Role.REVIEWER)
    q = town.world.submit(town.maker, MASK, KIND, end=instant("2021-01-01"))
    town.world.review(reviewer, "Verify", q)
    town.world.edit(reviewer.second_account(2), q, end=instant("2020-09-01"))
    assert town.status(q, "2020-06-01") is Status.UNDER_REVIEW
    assert town.kind("2020-06-01").result is Result.UNKNOWN
    town.world.review(reviewer.second_account(3), "Publish", q)
    assert town.status(q, "2020-06-01") is Status.IN_FORCE
    assert town.status(q, "2020-09-01") is Status.EXPIRED, "the edited end"


def test_a_refused_submission_is_invalid(town: Town) -> None:
    reviewer = town.world.organisation("Reviewers", Role.REVIEWER)
    q = town.world.submit(town.maker, MASK, KIND)
    town.world.review(reviewer, "Refuse", q)
    assert town.kind("2020-06-01").decisive[0][1].status is Status.REFUSED


# ---------------------------------------------------------------- mirrors


class Register:
    """A register that is published every now and then."""

    def __init__(self, town: Town) -> None:
        self.town, self.world = town, town.world
        self.mirror = self.world.mirror("Open Registers", "list")
        self.firm = self.world.listed(self.mirror, "list", "Clear Brook")
        self.world.now = instant("2020-06-01")

    def publish(self, day: str, rows: int = 1) -> bytes:
        return self.world.publication(self.mirror, "list", instant(day), rows)

    def row(self, publication: bytes, model: str = "M1", *, withdrawn: int = 0) -> bytes:
        return self.world.row(
            self.mirror, publication, self.firm, MASK, KIND, model, withdrawn=withdrawn
        )

    def at(self, q: bytes, at: str, freshness: Freshness = _FRESHNESS) -> tuple[Status, Why]:
        history = self.world.history(self.firm, MASK)
        timeline = bands(history.qualifications[q], history, LATER, Clock.PUBLISHED, freshness)
        band = status_at(timeline, instant(at))
        return band.status, band.why


@pytest.fixture
def register(town: Town) -> Register:
    return Register(town)


def test_a_listed_row_holds_from_its_publication_while_it_is_fresh(register: Register) -> None:
    q = register.row(register.publish("2020-04-01"))
    assert register.at(q, "2020-03-31") == (Status.UNKNOWN, Why.UNSTATED_BEGINNING)
    assert register.at(q, "2020-04-01") == (Status.IN_FORCE, Why.LISTED)
    assert register.at(q, "2020-04-30T23:59:59") == (Status.IN_FORCE, Why.LISTED)
    assert register.at(q, "2020-05-01") == (Status.UNKNOWN, Why.STALE)


def test_a_later_publication_keeps_a_listed_row_fresh(register: Register) -> None:
    q = register.row(register.publish("2020-04-01"))
    register.publish("2020-06-01")
    assert register.at(q, "2020-06-30") == (Status.IN_FORCE, Why.LISTED)


def test_a_notice_without_rows_keeps_nothing_fresh(register: Register) -> None:
    q = register.row(register.publish("2020-04-01"))
    register.publish("2020-06-01", rows=0)
    assert register.at(q, "2020-06-02") == (Status.UNKNOWN, Why.STALE)


def test_each_register_has_its_own_freshness(register: Register) -> None:
    q = register.row(register.publish("2020-04-01"))
    freshness = Freshness(default=DAY, registers={"list": 60 * DAY})
    assert register.at(q, "2020-05-30", freshness) == (Status.IN_FORCE, Why.LISTED)


def test_no_longer_listed_is_unknown_and_not_withdrawn(register: Register) -> None:
    q = register.row(register.publish("2020-04-01"))
    register.world.delist(register.mirror, q, register.publish("2020-04-20"))
    assert register.at(q, "2020-04-19")[0] is Status.IN_FORCE
    assert register.at(q, "2020-04-20")[0] is Status.DELISTED
    assert Status.DELISTED.result is Result.UNKNOWN


def test_a_row_that_says_withdrawn_beats_an_older_row_that_says_authorised(
    register: Register,
) -> None:
    authorised = register.row(register.publish("2020-04-01"))
    second = register.publish("2020-04-20")
    register.row(second, withdrawn=instant("2020-04-10"))
    register.world.delist(register.mirror, authorised, second)
    assert register.at(authorised, "2020-04-09")[0] is Status.IN_FORCE
    assert register.at(authorised, "2020-04-10")[0] is Status.WITHDRAWN


def test_a_row_that_is_listed_again_later_holds_again(register: Register) -> None:
    register.row(register.publish("2020-04-01"), withdrawn=instant("2020-03-10"))
    again = register.row(register.publish("2020-05-20"))
    assert register.at(again, "2020-05-21") == (Status.IN_FORCE, Why.LISTED)


def test_the_end_of_a_kind_ends_it_for_this_register_only(register: Register) -> None:
    publication = register.publish("2020-04-01")
    q = register.row(publication)
    issued = register.town.issue()
    register.world.end_kind(register.mirror, publication, KIND, instant("2020-04-15"))
    assert register.at(q, "2020-04-14T23:59:59")[0] is Status.IN_FORCE
    assert register.at(q, "2020-04-15") == (Status.WITHDRAWN, Why.KIND_ENDED)
    assert register.town.status(issued, "2020-05-01") is Status.IN_FORCE


def test_of_several_words_on_the_end_of_a_kind_the_earliest_end_holds(
    register: Register,
) -> None:
    publication = register.publish("2020-04-01")
    q = register.row(publication)
    register.world.end_kind(register.mirror, publication, KIND, instant("2020-04-10"))
    register.world.end_kind(register.mirror, publication, KIND, instant("2020-04-15"))
    assert register.at(q, "2020-04-12")[0] is Status.WITHDRAWN
    register.world.end_kind(register.mirror, publication, KIND, instant("2020-04-05"))
    assert register.at(q, "2020-04-06")[0] is Status.WITHDRAWN


# ---------------------------------------------------------------- standing


def test_where_nothing_is_required_what_is_held_never_makes_a_standing_valid(town: Town) -> None:
    issued = town.world.issue(
        town.lab, town.maker, "mask", KIND, start=instant("2020-01-01"), end=instant("2021-01-01")
    )

    def result() -> Result:
        history = town.world.history(town.maker, "mask")
        at = instant("2020-06-01")
        scope = Scope("mask", "")
        return standing(history, town.maker.id, scope, at, LATER, Clock.RECORDED).result

    assert result() is Result.UNKNOWN
    town.world.withdraw(town.lab, issued, instant("2020-05-01"))
    assert result() is Result.INVALID


def test_a_model_is_compared_whole(town: Town) -> None:
    q = town.issue(model="WN-1")
    assert town.kind("2020-06-01", model="WN-1").result is Result.VALID
    for model in ("WN-", "WN-11", "wn-1", ""):
        kind = town.kind("2020-06-01", model=model)
        assert kind.result is Result.UNKNOWN, model
        assert [e.id for e in kind.elsewhere] == [q]


def test_a_qualification_for_the_category_covers_its_models(town: Town) -> None:
    town.issue(model="")
    assert town.kind("2020-06-01", model="anything").result is Result.VALID


def test_a_qualification_for_the_parent_covers_but_the_exact_one_is_preferred(town: Town) -> None:
    parent = town.world.issue(town.lab, town.maker, "mask", KIND)
    assert town.kind("2020-06-01").carriers[0].qualification.id == parent
    assert not town.kind("2020-06-01").carriers[0].exact
    exact = town.issue()
    assert town.kind("2020-06-01").carriers[0].qualification.id == exact


def test_a_qualification_for_a_child_does_not_cover_its_parent(town: Town) -> None:
    town.world.require("mask", KIND)
    town.issue()
    history = town.world.history(town.maker, "mask")
    where = standing(
        history, town.maker.id, Scope("mask", ""), instant("2020-06-01"), LATER, Clock.RECORDED
    )
    assert where.required[0].result is Result.UNKNOWN


def test_a_shorter_certificate_still_counts_when_the_longer_is_withdrawn(town: Town) -> None:
    short = town.issue(end="2020-09-01")
    long = town.issue(end="2025-01-01")
    town.world.withdraw(town.lab, long, instant("2020-02-01"))
    kind = town.kind("2020-06-01")
    assert [h.qualification.id for h in kind.carriers] == [short]


def test_one_certificate_may_take_over_from_another_within_the_interval(town: Town) -> None:
    first = town.issue("2020-01-01", "2020-06-01T12:00:00")
    second = town.issue("2020-06-01T12:00:00", "2021-01-01")
    kind = town.kind("2020-06-01", "2020-06-02")
    assert kind.result is Result.VALID
    assert [h.qualification.id for h in kind.carriers] == [first, second]


def test_a_gap_of_a_second_between_two_certificates_is_a_gap(town: Town) -> None:
    town.issue("2020-01-01", "2020-06-01T12:00:00")
    town.issue("2020-06-01T12:00:01", "2021-01-01")
    assert town.kind("2020-06-01", "2020-06-02").result is Result.INVALID


def test_nothing_recorded_is_unknown(town: Town) -> None:
    kind = town.kind("2020-06-01")
    assert (kind.result, kind.holdings) == (Result.UNKNOWN, ())


def test_a_linked_record_counts_until_the_link_is_taken_back(town: Town) -> None:
    twin = town.world.organisation("Clear Brook (old register)", Role.SUPPLIER)
    reviewer = town.world.organisation("Reviewers", Role.REVIEWER)
    town.world.issue(town.lab, twin, MASK, KIND)
    assert town.kind("2020-06-01").result is Result.UNKNOWN
    town.world.now = instant("2020-02-01")
    town.world.link(reviewer, twin, town.maker)
    assert town.kind("2020-06-01").result is Result.VALID
    assert town.kind("2020-06-01", known_at=instant("2020-01-31")).result is Result.UNKNOWN
    town.world.now = instant("2020-03-01")
    town.world.link(reviewer, town.maker, twin, same=False)
    assert town.kind("2020-06-01").result is Result.UNKNOWN


def test_links_reach_further_than_one_step(town: Town) -> None:
    reviewer = town.world.organisation("Reviewers", Role.REVIEWER)
    chain = [town.maker]
    for i in range(3):
        chain.append(town.world.organisation(f"Record {i}", Role.SUPPLIER))
        town.world.link(reviewer, chain[-2], chain[-1])
    town.world.issue(town.lab, chain[-1], MASK, KIND)
    assert town.kind("2020-06-01").result is Result.VALID


def test_a_requirement_counts_only_while_it_stands(town: Town) -> None:
    licence = "cn-production-licence"
    town.world.require(MASK, licence, start=instant("2020-03-01"), end=instant("2020-05-01"))

    def kinds(at: str) -> list[str]:
        return [k.kind for k in town.standing(at).required]

    assert kinds("2020-02-29T23:59:59") == [KIND]
    assert kinds("2020-03-01") == [licence, KIND]
    assert kinds("2020-05-01") == [KIND]


def test_a_later_word_on_a_requirement_counts_from_its_beginning(town: Town) -> None:
    town.world.require(MASK, KIND, start=instant("2020-03-01"), end=instant("2020-03-01") + 1)
    assert [k.kind for k in town.standing("2020-02-01").required] == [KIND]
    assert town.standing("2020-04-01").required == ()


def test_a_category_needs_what_its_parent_needs(town: Town) -> None:
    town.world.require("mask", "business-licence")
    assert [k.kind for k in town.standing("2020-02-01").required] == ["business-licence", KIND]


# ---------------------------------------------------------------- accreditation and keys


def test_an_issuer_is_accredited_when_it_issued_or_not_at_all(town: Town) -> None:
    town.issue()
    assert town.kind("2020-06-01").carriers[0].accredited is True
    town.world.now = instant("2020-05-01")
    town.world.accredit(town.lab, KIND, 1, instant("2019-06-01"))
    assert town.kind("2020-06-01").carriers[0].accredited is False, "it had ended before"


def test_a_renewed_accreditation_does_not_erase_the_earlier_one(town: Town) -> None:
    town.issue()
    town.world.accredit(town.lab, KIND, instant("2021-01-01"), instant("2022-01-01"))
    assert town.kind("2020-06-01").carriers[0].accredited is True


@pytest.mark.parametrize(
    ("since", "suspect"), [("2020-01-01", True), ("2020-01-01T00:00:01", False)]
)
def test_what_a_compromised_key_recorded_since_then_is_suspect(
    town: Town, since: str, suspect: bool
) -> None:
    town.issue()
    town.world.now = instant("2020-02-01")
    town.world.compromised(town.lab, instant(since))
    town.world.now = instant("2020-03-01")
    assert (town.kind("2020-06-01").carriers[0].suspicion is not None) is suspect
    before = town.kind("2020-06-01", known_at=instant("2020-01-31"))
    assert before.carriers[0].suspicion is None, "not known yet"


def test_a_sound_certificate_is_preferred_to_a_suspect_one(town: Town) -> None:
    other = town.world.issuer("Valley Laboratory", KIND)
    town.issue(end="2029-01-01")
    sound = town.world.issue(other, town.maker, MASK, KIND, end=instant("2020-12-01"))
    town.world.compromised(town.lab, instant("2019-12-01"))
    assert town.kind("2020-06-01").carriers[0].qualification.id == sound


# ---------------------------------------------------------------- properties

_DAY0 = instant("2020-01-01")
_WHAT = [
    "issue",
    "suspend",
    "reinstate",
    "restrict",
    "withdraw",
    "supersede",
    "publish",
    "row",
    "removed",
    "delist",
    "end",
    "link",
    "accredit",
    "compromise",
    "require",
]
_steps = st.lists(
    st.tuples(st.sampled_from(_WHAT), st.integers(0, 3), st.integers(0, 60), st.integers(0, 60)),
    max_size=14,
)


def _told(steps: list[tuple[str, int, int, int]]) -> tuple[World, Firm, list[int]]:
    """A ledger that tells these steps, a day apart; and how many entries it had after each."""
    town = Town()
    world = town.world
    reviewer = world.organisation("Reviewers", Role.REVIEWER)
    mirror = world.mirror("Open Registers", "list")
    twin = world.listed(mirror, "list", "Clear Brook")
    issued: list[bytes] = []
    rows: list[bytes] = []
    publications: list[bytes] = []
    sizes = [len(world.entries)]

    def one(things: list[bytes], which: int) -> bytes:
        return things[which % len(things)] if things else b""

    for what, which, a, b in steps:
        world.now += DAY
        start, end = _DAY0 + a * DAY, _DAY0 + b * DAY
        q, p, r = one(issued, which), one(publications, a), one(rows, which)
        if what == "issue":
            begins, ends = (start if which else 0), (max(end, start + DAY) if which % 2 else 0)
            model = ["", "M1"][which % 2]
            issued.append(
                world.issue(town.lab, town.maker, MASK, KIND, start=begins, end=ends, model=model)
            )
        elif what in ("suspend", "reinstate", "restrict") and q:
            world.change(town.lab, what.capitalize(), q)
        elif what == "withdraw" and q:
            world.withdraw(town.lab, q, effective=start + 1)
        elif what == "supersede" and q:
            world.supersede(town.lab, q, successor=issued[-1])
        elif what == "publish":
            publications.append(world.publication(mirror, "list", start, rows=which))
        elif what in ("row", "removed") and p:
            gone = end if what == "removed" else 0
            rows.append(world.row(mirror, p, twin, MASK, KIND, "M1", withdrawn=gone))
        elif what == "delist" and p and r:
            world.delist(mirror, r, p)
        elif what == "end" and p:
            world.end_kind(mirror, p, KIND, end + 1)
        elif what == "link":
            world.link(reviewer, town.maker, twin, same=which > 0)
        elif what == "accredit":
            world.accredit(town.lab, KIND, start, end)
        elif what == "compromise":
            world.compromised(town.lab, start)
        elif what == "require":
            world.require(MASK, "other-kind", start=start + 1, end=end + 1)
        sizes.append(len(world.entries))
    return world, town.maker, sizes


def _everything(history: History, firm: Firm, known_at: int, clock: Clock) -> list[object]:
    """Every status, standing and verdict that can be asked, on two months of days."""
    timelines = [
        (q.id, bands(q, history, known_at, clock)) for q in history.qualifications.values()
    ]
    found: list[object] = [(id_, timeline) for id_, timeline in timelines if timeline]
    for day in range(0, 70, 7):
        at = _DAY0 + day * DAY
        where = standing(history, firm.id, Scope(MASK, "M1"), (at, at + DAY), known_at, clock)
        for k in (*where.required, *where.other):
            found.append((k.kind, k.result, [h.qualification.id for h in k.carriers]))
            found.append([(h.qualification.id, h.accredited, h.suspicion) for h in k.holdings])
    question = Question(
        firm.id, MASK, "M1", 10, "H87", (_DAY0, _DAY0 + 30 * DAY), None, known_at, clock, "UTC"
    )
    verdict = decide(history, question, default_policy())
    found.append(verdict.answer)
    found.append([(c.code, c.result, [r.text("en") for r in c.reasons]) for c in verdict.checks])
    return found


@given(_steps, st.integers(0, 14))
def test_what_is_recorded_later_never_changes_what_was_known_earlier(
    steps: list[tuple[str, int, int, int]], cut: int
) -> None:
    world, firm, sizes = _told(steps)
    kept = sizes[: cut + 1][-1]
    known_at = world.entries[kept - 1].recorded_at
    full = fold(world.entries, world.founding, len(world.entries))
    short = fold(world.entries, world.founding, kept)
    clock = Clock.RECORDED
    assert _everything(full, firm, known_at, clock) == _everything(short, firm, known_at, clock)


@given(_steps, st.sampled_from(Clock))
def test_gathering_finds_all_that_the_whole_ledger_would_tell(
    steps: list[tuple[str, int, int, int]], clock: Clock
) -> None:
    world, firm, _ = _told(steps)
    whole = fold(world.entries, world.founding, len(world.entries))
    gathered = world.history(firm, MASK)
    for day in range(0, 70, 7):
        where = (_DAY0 + day * DAY, _DAY0 + (day + 1) * DAY)
        asked = (firm.id, Scope(MASK, "M1"), where, LATER, clock)
        assert standing(gathered, *asked) == standing(whole, *asked)


@given(_steps, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(
    steps: list[tuple[str, int, int, int]], random: Random
) -> None:
    world, _, _ = _told(steps)
    shuffled = list(world.entries)
    random.shuffle(shuffled)
    size = len(world.entries)
    assert fold(shuffled, world.founding, size) == fold(world.entries, world.founding, size)
    assert fold(shuffled + shuffled, world.founding, size) == fold(
        world.entries, world.founding, size
    )


@given(_steps, st.sampled_from(Clock))
def test_a_timeline_is_one_unbroken_row_of_half_open_bands(
    steps: list[tuple[str, int, int, int]], clock: Clock
) -> None:
    world, firm, _ = _told(steps)
    history = world.history(firm, MASK)
    for q in history.qualifications.values():
        timeline = bands(q, history, LATER, clock)
        assert timeline[0].start == 0
        assert timeline[-1].end == NO_END
        for one, two in pairwise(timeline):
            assert one.start < one.end == two.start
        for band in timeline:
            assert band.rests
            assert all(0 <= s < len(world.entries) for s in band.rests)


@given(_steps, st.sampled_from(Clock), st.integers(0, 70), st.integers(1, 5))
def test_valid_needs_a_carrier_in_force_at_every_instant(
    steps: list[tuple[str, int, int, int]], clock: Clock, day: int, length: int
) -> None:
    world, firm, _ = _told(steps)
    history = world.history(firm, MASK)
    start, end = _DAY0 + day * DAY, _DAY0 + (day + length) * DAY
    where = standing(history, firm.id, Scope(MASK, "M1"), (start, end), LATER, clock)
    for kind in (*where.required, *where.other):
        assert bool(kind.carriers) is (kind.result is Result.VALID)
        for at in range(start, end, DAY // 2):
            now = {status_at(h.timeline, at).status for h in kind.carriers}
            if kind.carriers:
                assert now & {Status.IN_FORCE, Status.RESTRICTED}


@given(_steps)
def test_only_a_withdrawal_reaches_back_before_its_recording(
    steps: list[tuple[str, int, int, int]],
) -> None:
    world, firm, _ = _told(steps)
    history = world.history(firm, MASK)
    for q in history.qualifications.values():
        for band in bands(q, history, LATER, Clock.RECORDED):
            if band.status in (Status.SUSPENDED, Status.RESTRICTED, Status.SUPERSEDED):
                recorded = max(world.entries[s].recorded_at for s in band.rests)
                assert band.start >= recorded
