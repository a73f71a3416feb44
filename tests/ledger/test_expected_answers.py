"""The questions whose answers are known beforehand, on rows like those of the public registers.

The rows are facts of the US lists of November 2020 (public domain): who, which model, what the list
says of it.
"""

from dataclasses import dataclass

import pytest

from ledger.policy import default_policy
from ledger.question import Question
from ledger.standing import DAY, Result
from ledger.verdict import Answer, Verdict, decide
from ledger.vocabulary import WITHDRAWN_UNDATED, Clock
from tests.support.world import Firm, World, instant

NEW_YORK = "America/New_York"
CHINA = "fda-eua-china"
IMPORTED = "fda-eua-imported"
NIOSH = "niosh-n95"
TODAY = instant("2026-11-22")


@dataclass
class Registers:
    world: World
    firms: dict[str, Firm]
    categories: dict[str, str]

    def ask(
        self,
        firm: str,
        model: str,
        deliver_on: str,
        *,
        zone: str = NEW_YORK,
        known_at: int = TODAY,
        clock: Clock = Clock.PUBLISHED,
    ) -> Verdict:
        category = self.categories[firm]
        question = Question.for_day(
            self.firms[firm].id, category, model, 1000, "H87", deliver_on,
            known_at=known_at, zone=zone, clock=clock,
        )  # fmt: skip
        history = self.world.history(self.firms[firm], category)
        return decide(history, question, default_policy())


@pytest.fixture(scope="module")
def registers() -> Registers:
    """The lists of 2020-11-20, recorded years later, and the revocation of 2021-07-06."""
    world = World("2026-11-01")
    n95, china, imported = "mask.n95", "mask.ffr.china", "mask.ffr.imported"
    for category, kind in ((n95, "niosh-approval"), (china, CHINA), (imported, IMPORTED)):
        world.category(category)
        world.require(category, kind)
    mirror = world.mirror("Open Registers", CHINA, IMPORTED, NIOSH)
    snapshot = instant("2020-11-20", NEW_YORK)
    lists = {r: world.publication(mirror, r, snapshot) for r in (CHINA, IMPORTED, NIOSH)}
    winner = world.listed(mirror, CHINA, "Winner Medical Co., Ltd")
    for model, withdrawn in (
        ("WN-N95FG", instant("2020-05-07", NEW_YORK)),
        ("WN-N95FW", 0),
        ("WN-N95FGIN", 0),
    ):
        world.row(mirror, lists[CHINA], winner, china, CHINA, model, withdrawn=withdrawn)
    foreign = world.listed(mirror, IMPORTED, "3M (imported)")
    world.row(mirror, lists[IMPORTED], foreign, imported, IMPORTED, "9320+")
    three_m = world.listed(mirror, NIOSH, "3M Company")
    for model in ("1860", "1860S"):
        world.row(mirror, lists[NIOSH], three_m, n95, "niosh-approval", model, number="84A-0006")
    obsolete = world.listed(mirror, NIOSH, "Obsolete Dust Masks")
    world.row(
        mirror, lists[NIOSH], obsolete, n95, "niosh-approval", "D95", number="84A-5191",
        withdrawn=instant("2013-04-01", NEW_YORK),
    )  # fmt: skip
    world.row(
        mirror, lists[NIOSH], obsolete, n95, "niosh-approval", "D96", number="84A-5192",
        withdrawn=WITHDRAWN_UNDATED,
    )  # fmt: skip
    for register in (CHINA, IMPORTED):
        notice = world.publication(mirror, register, instant("2021-06-30", NEW_YORK), rows=0)
        world.end_kind(mirror, notice, register, instant("2021-07-06", NEW_YORK))
    return Registers(
        world,
        {"Winner": winner, "Imported": foreign, "3M": three_m, "Obsolete": obsolete},
        {"Winner": china, "Imported": imported, "3M": n95, "Obsolete": n95},
    )


def reasons(verdict: Verdict, check: str) -> set[str]:
    return {r.code for r in verdict.check(check).reasons}


@pytest.mark.parametrize("day", ["2020-05-07", "2020-05-08", "2020-12-01", "2021-07-06"])
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Shanghai"])
def test_a_model_removed_from_the_list_is_refused_from_that_day_on(
    registers: Registers, day: str, zone: str
) -> None:
    verdict = registers.ask("Winner", "WN-N95FG", day, zone=zone)
    assert verdict.answer is Answer.DO_NOT_BUY
    assert reasons(verdict, "qualification.in-force") == {"kind.register-withdrew"}


def test_a_removed_model_is_refused_today_although_the_list_is_old(registers: Registers) -> None:
    assert registers.ask("Winner", "WN-N95FG", "2026-11-22").answer is Answer.DO_NOT_BUY


@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Shanghai"])
def test_a_removed_model_is_not_refused_for_the_day_before(registers: Registers, zone: str) -> None:
    verdict = registers.ask("Winner", "WN-N95FG", "2020-05-06", zone=zone)
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.unstated-beginning"}
    assert verdict.check("qualification.nothing-against").result is Result.VALID


@pytest.mark.parametrize("model", ["WN-N95FGIN", "WN-N95FW"])
def test_the_removal_of_a_model_does_not_touch_one_that_it_is_a_prefix_of(
    registers: Registers, model: str
) -> None:
    verdict = registers.ask("Winner", model, "2020-12-01")
    assert verdict.answer is Answer.CONDITIONS
    assert verdict.check("qualification.in-force").result is Result.VALID
    assert reasons(verdict, "vouching") == {"vouching.mirrored"}
    assert reasons(verdict, "qualification.period-stated") == {"period.unstated"}


def test_a_prefix_of_an_authorised_model_is_not_authorised(registers: Registers) -> None:
    verdict = registers.ask("Winner", "WN-N95F", "2020-12-01")
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.elsewhere"}


@pytest.mark.parametrize(
    ("firm", "model"), [("Winner", "WN-N95FW"), ("Winner", "WN-N95FGIN"), ("Imported", "9320+")]
)
@pytest.mark.parametrize("day", ["2021-07-06", "2021-07-07", "2026-11-22"])
def test_both_revoked_lists_are_refused_from_the_day_of_the_revocation(
    registers: Registers, firm: str, model: str, day: str
) -> None:
    verdict = registers.ask(firm, model, day)
    assert verdict.answer is Answer.DO_NOT_BUY
    assert reasons(verdict, "qualification.in-force") == {"kind.kind-ended"}


def test_the_day_before_the_revocation_the_list_is_merely_too_old(registers: Registers) -> None:
    verdict = registers.ask("Winner", "WN-N95FW", "2021-07-05")
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "mirror.fresh") == {"mirror.stale"}


def test_a_mirrored_approval_is_bought_with_conditions_at_best(registers: Registers) -> None:
    verdict = registers.ask("3M", "1860", "2020-12-01")
    assert verdict.answer is Answer.CONDITIONS
    assert reasons(verdict, "identity") == {"identity.listed"}


def test_an_old_mirror_tells_nothing_about_today(registers: Registers) -> None:
    verdict = registers.ask("3M", "1860", "2026-11-22")
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.stale"}


@pytest.mark.parametrize("model", ["D95", "D96"])
def test_an_obsolete_approval_is_refused(registers: Registers, model: str) -> None:
    assert registers.ask("Obsolete", model, "2020-12-01").answer is Answer.DO_NOT_BUY


def test_a_withdrawal_without_a_day_is_unknown_before_the_list_said_so(
    registers: Registers,
) -> None:
    verdict = registers.ask("Obsolete", "D96", "2020-11-18")
    assert verdict.answer is Answer.CANNOT_TELL
    assert reasons(verdict, "qualification.in-force") == {"kind.undated-withdrawal"}


def test_the_clock_of_recording_knows_nothing_of_what_was_mirrored_later(
    registers: Registers,
) -> None:
    then = instant("2020-12-01")
    late = registers.ask("3M", "1860", "2020-12-01", known_at=then, clock=Clock.RECORDED)
    assert late.answer is Answer.CANNOT_TELL
    assert reasons(late, "organisation.active") == {"organisation.not-known"}


def test_by_the_published_clock_what_is_published_after_is_not_known(
    registers: Registers,
) -> None:
    before = instant("2020-11-19", NEW_YORK)
    history = registers.world.history(registers.firms["3M"], "mask.n95")
    held = history.held[registers.firms["3M"].id][0].stated
    assert not held.known(before, Clock.PUBLISHED)
    assert held.known(before + DAY, Clock.PUBLISHED)
    assert not held.known(before + DAY, Clock.RECORDED)
