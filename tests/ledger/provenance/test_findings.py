"""What speaks for and against a lot, and what follows the material."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.alarms import lot_alarms
from ledger.provenance import texts
from ledger.provenance.actors import Actor, ActorCode
from ledger.provenance.findings import MARKS, Finding, findings_of, spread
from ledger.provenance.model import Edge
from ledger.recorded import RecordedEntry
from ledger.standing import Result
from ledger.vocabulary import InspectionResult, Role
from tests.support.batches import BatchWorld, MemoryGraph
from tests.support.world import Firm, document, instant

LATER = instant("2030-01-01")
PASSED, FAILED = InspectionResult.PASSED, InspectionResult.FAILED


class Hall:
    """A maker with a lot, a laboratory, an overseer, a stranger."""

    def __init__(self) -> None:
        self.world = BatchWorld()
        self.maker = self.world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.lab = self.world.laboratory("Hill Laboratory", "YY 0469")
        self.stranger = self.world.organisation("Somebody Else", Role.SUPPLIER)
        self.lot = self.world.commission(self.maker, "M-1", 100)

    def found(self, known_at: int = LATER) -> tuple[Finding, ...]:
        return self.world.findings(self.lot, known_at)

    def codes(self, known_at: int = LATER) -> list[str]:
        return [f.code for f in self.found(known_at)]


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_nothing_is_found_about_a_lot_of_which_nobody_said_anything(hall: Hall) -> None:
    assert hall.codes() == []


def test_a_passed_report_is_no_mark_and_a_failed_one_is(hall: Hall) -> None:
    passed = hall.world.inspect(hall.lab, hall.lot, PASSED, number="R-1")
    failed = hall.world.inspect(hall.lab, hall.lot, FAILED, number="R-2")
    first, second = hall.found()
    assert (first.code, first.mark, first.entries) == (
        "inspection.passed", False, (passed.sequence,),
    )  # fmt: skip
    assert (second.code, second.mark, second.author) == ("inspection.failed", True, hall.lab.id)
    assert second.entries == (failed.sequence,)


def test_an_inconclusive_report_is_only_told(hall: Hall) -> None:
    hall.world.inspect(hall.lab, hall.lot, InspectionResult.INCONCLUSIVE)
    assert hall.codes() == ["inspection.inconclusive"]


def test_a_failed_report_stands_although_another_passed_later(hall: Hall) -> None:
    other = hall.world.laboratory("Valley Laboratory", "YY 0469")
    hall.world.inspect(hall.lab, hall.lot, FAILED)
    hall.world.inspect(other, hall.lot, PASSED)
    assert hall.codes() == ["inspection.failed", "inspection.passed"]


@pytest.mark.parametrize("result", [PASSED, FAILED])
def test_a_report_signed_with_a_compromised_key_counts_neither_way(
    hall: Hall, result: InspectionResult
) -> None:
    hall.world.now = instant("2020-05-01")
    hall.world.inspect(hall.lab, hall.lot, result)
    hall.world.now = instant("2020-06-01")
    hall.world.compromised(hall.lab, since=instant("2020-04-01"))
    (before,) = hall.found(instant("2020-05-15"))
    (doubted,) = hall.found()
    assert before.code == f"inspection.{result.name.lower()}"
    assert (doubted.code, doubted.values["why"], doubted.mark) == (
        "inspection.doubted", "key", False,
    )  # fmt: skip


def test_a_report_of_a_laboratory_whose_accreditation_fell_for_that_day_is_doubted(
    hall: Hall,
) -> None:
    hall.world.now = instant("2020-05-01")
    hall.world.inspect(hall.lab, hall.lot, PASSED)
    hall.world.now = instant("2020-06-01")
    hall.world.accredit(hall.lab, "YY 0469", end=instant("2020-04-01"))
    assert hall.codes(instant("2020-05-15")) == ["inspection.passed"]
    assert [f.values.get("why") for f in hall.found()] == ["accreditation"]


def test_an_accreditation_that_ended_after_the_sampling_leaves_the_report_standing(
    hall: Hall,
) -> None:
    hall.world.now = instant("2020-05-01")
    hall.world.inspect(hall.lab, hall.lot, PASSED)
    hall.world.accredit(hall.lab, "YY 0469", end=instant("2020-06-01"))
    assert hall.codes() == ["inspection.passed"]


def test_a_report_of_the_makers_own_firm_is_doubted(hall: Hall) -> None:
    hall.world.link(hall.stranger, hall.lab, hall.maker)
    hall.world.inspect(hall.lab, hall.lot, PASSED)
    assert [f.values.get("why") for f in hall.found()] == ["own"]


def test_a_passed_report_that_its_laboratory_corrected_counts_no_more(hall: Hall) -> None:
    report = hall.world.inspect(hall.lab, hall.lot, PASSED)
    correction = hall.world.correct(hall.lab, hall.lot, report)
    taken_back = hall.found()[0]
    assert taken_back.code == "inspection.taken-back"
    assert taken_back.entries == (report.sequence, correction.sequence)


def test_a_failed_report_that_its_laboratory_corrected_still_speaks(hall: Hall) -> None:
    report = hall.world.inspect(hall.lab, hall.lot, FAILED)
    hall.world.correct(hall.lab, hall.lot, report)
    assert hall.codes() == ["inspection.failed", "corrected"]


def test_a_failed_report_is_overturned_by_a_correction_and_a_new_report(hall: Hall) -> None:
    report = hall.world.inspect(hall.lab, hall.lot, FAILED)
    hall.world.correct(hall.lab, hall.lot, report)
    hall.world.inspect(hall.lab, hall.lot, PASSED)
    assert hall.codes() == ["inspection.overturned", "corrected", "inspection.passed"]


def test_a_new_report_of_another_laboratory_overturns_nothing(hall: Hall) -> None:
    other = hall.world.laboratory("Valley Laboratory", "YY 0469")
    report = hall.world.inspect(hall.lab, hall.lot, FAILED)
    hall.world.correct(hall.lab, hall.lot, report)
    hall.world.inspect(other, hall.lot, PASSED)
    assert "inspection.failed" in hall.codes()


def test_a_correction_by_a_stranger_is_a_remark_and_changes_nothing(hall: Hall) -> None:
    report = hall.world.inspect(hall.lab, hall.lot, PASSED)
    hall.world.correct(hall.stranger, hall.lot, report)
    assert hall.codes() == ["inspection.passed", "remark"]


def test_a_correction_by_the_authority_counts(hall: Hall) -> None:
    report = hall.world.inspect(hall.lab, hall.lot, PASSED)
    hall.world.correct(hall.world.authority, hall.lot, report)
    assert hall.codes() == ["inspection.taken-back", "corrected"]


def test_a_correction_with_a_compromised_key_is_a_remark(hall: Hall) -> None:
    report = hall.world.inspect(hall.lab, hall.lot, PASSED)
    thief = hall.lab.second_account(2)
    hall.world.add_account(thief, Role.LABORATORY)
    hall.world.correct(thief, hall.lot, report)
    hall.world.compromised(thief, since=1)
    assert hall.codes() == ["inspection.passed", "remark"]


@pytest.mark.parametrize("stop", ["hold", "recall"])
def test_a_hold_or_recall_is_a_mark_until_it_is_released(hall: Hall, stop: str) -> None:
    entry = getattr(hall.world, stop)(hall.maker, hall.lot)
    (standing,) = hall.found()
    assert (standing.code, standing.mark) == (stop, True)
    release = hall.world.release(hall.maker, entry)
    (released,) = hall.found()
    assert (released.code, released.mark) == (f"{stop}.released", False)
    assert released.entries == (entry.sequence, release.sequence)


def test_a_release_with_a_compromised_key_releases_nothing(hall: Hall) -> None:
    entry = hall.world.hold(hall.maker, hall.lot)
    hall.world.now = instant("2020-01-01")
    hall.world.release(hall.maker, entry)
    hall.world.compromised(hall.maker, since=instant("2019-12-01"))
    assert hall.codes() == ["hold"]


def test_of_two_holds_each_stands_for_itself(hall: Hall) -> None:
    first = hall.world.hold(hall.maker, hall.lot)
    hall.world.hold(hall.maker, hall.lot)
    hall.world.release(hall.maker, first)
    assert hall.codes() == ["hold.released", "hold"]


class TestTheSameWords:
    """Two accounts that sign the same words make two entries of one digest."""

    @pytest.fixture
    def rival(self, hall: Hall) -> Firm:
        return hall.world.laboratory("Valley Laboratory", "YY 0469")

    @pytest.fixture
    def report(self, hall: Hall, rival: Firm) -> RecordedEntry:
        return hall.world.inspect(hall.lab, hall.lot, PASSED)

    def of(self, hall: Hall, entry: RecordedEntry) -> Finding:
        """The finding that this entry is the first behind."""
        return next(f for f in hall.found() if f.entries[0] == entry.sequence)

    def test_a_report_stays_taken_back_when_another_laboratory_copies_it(
        self, hall: Hall, rival: Firm, report: RecordedEntry
    ) -> None:
        correction = hall.world.correct(hall.lab, hall.lot, report)
        copy = hall.world.copied(rival, report)
        assert self.of(hall, report).code == "inspection.taken-back"
        assert self.of(hall, copy).code == "inspection.passed"
        corrected = next(f for f in hall.found() if f.code == "corrected")
        assert corrected.entries == (report.sequence, correction.sequence)

    def test_whoever_copies_a_report_takes_back_his_copy_only(
        self, hall: Hall, rival: Firm, report: RecordedEntry
    ) -> None:
        copy = hall.world.copied(rival, report)
        correction = hall.world.correct(rival, hall.lot, report)
        assert self.of(hall, report).code == "inspection.passed"
        assert self.of(hall, copy).entries == (copy.sequence, correction.sequence)
        assert self.of(hall, copy).code == "inspection.taken-back"

    def test_what_the_authority_corrects_are_the_words_whoever_signed_them(
        self, hall: Hall, rival: Firm, report: RecordedEntry
    ) -> None:
        hall.world.copied(rival, report)
        hall.world.correct(hall.world.authority, hall.lot, report)
        assert hall.codes() == ["inspection.taken-back"] * 2 + ["corrected"]

    def test_a_colleague_who_signs_them_again_does_not_bring_a_passed_report_back(
        self, hall: Hall, report: RecordedEntry
    ) -> None:
        hall.world.correct(hall.lab, hall.lot, report)
        hall.world.copied(hall.lab.second_account(2), report)
        assert "inspection.passed" not in hall.codes()

    def test_a_failed_report_signed_again_after_its_correction_stands(self, hall: Hall) -> None:
        failed = hall.world.inspect(hall.lab, hall.lot, FAILED)
        hall.world.correct(hall.lab, hall.lot, failed)
        hall.world.inspect(hall.lab, hall.lot, PASSED)
        again = hall.world.copied(hall.lab.second_account(2), failed)
        assert self.of(hall, failed).code == "inspection.overturned"
        finding = self.of(hall, again)
        assert (finding.code, finding.entries) == ("inspection.failed", (again.sequence,))

    def test_another_laboratory_that_copies_the_new_report_does_not_save_it(
        self, hall: Hall, rival: Firm
    ) -> None:
        failed = hall.world.inspect(hall.lab, hall.lot, FAILED)
        hall.world.correct(hall.lab, hall.lot, failed)
        passed = hall.world.inspect(hall.lab, hall.lot, PASSED)
        hall.world.correct(hall.lab, hall.lot, passed)
        hall.world.copied(rival, passed)
        assert self.of(hall, failed).code == "inspection.failed"

    @pytest.mark.parametrize("stop", ["hold", "recall"])
    def test_a_stop_signed_again_after_its_release_stands(self, hall: Hall, stop: str) -> None:
        first = getattr(hall.world, stop)(hall.maker, hall.lot)
        release = hall.world.release(hall.maker, first)
        again = hall.world.copied(hall.maker.second_account(2), first)
        released, standing = hall.found()
        assert (released.code, standing.code) == (f"{stop}.released", stop)
        assert released.entries == (first.sequence, release.sequence)
        assert standing.entries == (again.sequence,)
        hall.world.release(hall.maker, first)
        assert hall.codes() == [f"{stop}.released"] * 2
        assert hall.found()[0].entries == (first.sequence, release.sequence)

    def test_the_maker_does_not_release_anothers_hold_by_a_copy_of_it(self, hall: Hall) -> None:
        first = hall.world.hold(hall.stranger, hall.lot)
        hall.world.now = instant("2020-01-01")
        hall.world.release(hall.stranger, first)
        hall.world.copied(hall.maker, first)
        hall.world.release(hall.maker, first)
        hall.world.compromised(hall.stranger, since=instant("2019-12-01"))
        assert [f.code for f in hall.found() if f.author == hall.stranger.id] == ["hold"]
        assert [f.code for f in hall.found() if f.author == hall.maker.id] == ["hold.released"]

    @pytest.mark.parametrize("by", ["author", "authority"])
    def test_a_release_that_a_thief_signed_is_mended_by_stopping_and_releasing_again(
        self, hall: Hall, by: str
    ) -> None:
        thief = hall.stranger.second_account(2)
        hall.world.add_account(thief, Role.SUPPLIER)
        first = hall.world.hold(hall.stranger, hall.lot)
        hall.world.release(thief, first)
        hall.world.compromised(thief, since=1)
        assert hall.codes() == ["hold"]
        hall.world.copied(hall.stranger.second_account(3), first)
        hall.world.release(hall.stranger if by == "author" else hall.world.authority, first)
        assert hall.codes() == ["hold.released"] * 2


def test_an_origin_that_is_not_shown_is_a_mark(hall: Hall) -> None:
    hall.lot = hall.world.commission(hall.maker, "OLD-1", 5, shown=False)
    (found,) = hall.found()
    assert (found.code, found.mark) == ("origin-not-shown", True)


def test_an_underrun_concerns_the_lot_alone(hall: Hall) -> None:
    hall.lot = hall.world.transform(hall.maker, "K-1", 5, {hall.lot: 50})
    hall.world.underruns.add(hall.lot)
    (found,) = hall.found()
    assert (found.code, found.mark) == ("underrun", False)


def test_a_late_entry_is_told(hall: Hall) -> None:
    hall.world.make_late(hall.world.by_subject(hall.lot)[0])
    (found,) = hall.found()
    assert (found.code, found.mark, found.values) == (
        "entry.late", False, {"action": "Commission"},
    )  # fmt: skip


def test_an_open_alarm_that_speaks_against_the_lot_is_a_mark(hall: Hall) -> None:
    auditor = hall.world.organisation("Auditors", Role.AUDITOR)
    other = hall.world.commission(hall.stranger, "X-1", 5)
    hall.world.inspect(hall.lab, hall.lot, number="R-1")
    hall.world.inspect(hall.lab, other, number="R-1")
    alarm = next(f for f in hall.found() if f.code == "alarm.open")
    assert alarm.mark
    assert alarm.values["other"] == other
    (raised,) = lot_alarms(hall.world.reports(hall.lot, LATER), hall.lot, LATER)
    hall.world.close_alarm(auditor, raised.id)
    assert "alarm.open" not in hall.codes()
    assert "alarm.closed" in hall.codes()


def test_an_alarm_that_speaks_against_the_other_lot_is_only_told(hall: Hall) -> None:
    rival = hall.world.laboratory("Valley Laboratory", "YY 0469")
    other = hall.world.commission(hall.stranger, "X-1", 5)
    hall.world.inspect(hall.lab, hall.lot, paper=document("report"))
    hall.world.inspect(rival, other, paper=document("report"))
    claim = next(f for f in hall.found() if f.code.startswith("alarm"))
    assert (claim.code, claim.mark) == ("alarm.claim", False)


class TestMirroredRecalls:
    @pytest.fixture
    def mirror(self, hall: Hall) -> Firm:
        return hall.world.mirror("Recall Mirror", "recalls")

    def recall(self, hall: Hall, mirror: Firm, firm: Firm, lots: str) -> None:
        publication = hall.world.publication(mirror, "recalls", hall.world.now)
        hall.world.mirror_recall(mirror, publication, firm, lots)
        # What moves the lot's chain leads to its maker; here its making does.

    def test_one_that_names_the_lot_is_a_mark(self, hall: Hall, mirror: Firm) -> None:
        self.recall(hall, mirror, hall.maker, "Lot numbers: M-1, M-7")
        (found,) = hall.found()
        assert (found.code, found.mark) == ("mirrored-recall", True)

    def test_one_that_names_other_lots_says_nothing_of_it(self, hall: Hall, mirror: Firm) -> None:
        self.recall(hall, mirror, hall.maker, "Lot numbers: M-11, M-7")
        assert hall.codes() == []

    def test_all_lots_of_some_product_is_a_remark(self, hall: Hall, mirror: Firm) -> None:
        self.recall(hall, mirror, hall.maker, "All lots")
        (found,) = hall.found()
        assert (found.code, found.mark) == ("mirrored-recall.all-lots", False)

    def test_one_of_a_record_decided_to_be_the_makers_firm_counts(
        self, hall: Hall, mirror: Firm
    ) -> None:
        listed = hall.world.listed(mirror, "recalls", "CLEAR BROOK")
        hall.world.link(hall.stranger, hall.maker, listed)
        self.recall(hall, mirror, listed, "Lot: M-1")
        assert hall.codes() == ["mirrored-recall"]

    def test_one_that_is_not_known_yet_does_not_count(self, hall: Hall, mirror: Firm) -> None:
        before = hall.world.now
        hall.world.now += 86400
        self.recall(hall, mirror, hall.maker, "Lot: M-1")
        assert hall.codes(before) == []


@pytest.mark.parametrize(
    ("code", "making", "finding"),
    [
        (ActorCode.WITHDRAWN_SINCE, True, "maker.withdrawn-retroactively"),
        (ActorCode.NOT_QUALIFIED, True, "maker.not-qualified"),
        (ActorCode.DOUBTED_SINCE, True, "maker.qualification-doubted"),
        (ActorCode.UNKNOWN, True, "maker.unknown"),
        (ActorCode.KEY_COMPROMISED, True, "maker.key-compromised"),
        (ActorCode.KEY_COMPROMISED, False, "custody.key-compromised"),
    ],
)
def test_what_its_authors_turn_out_to_be_is_found(
    hall: Hall, code: ActorCode, making: bool, finding: str
) -> None:
    (lot,) = MemoryGraph(hall.world).lots([hall.world.size - 1])
    actor = Actor(
        lot.number, "Commission", making, hall.maker.id, lot.happened_at, lot.recorded_at, False,
        Result.VALID, Result.INVALID, code, (3,),
    )  # fmt: skip
    history = hall.world.reports(hall.lot, LATER)
    (found,) = findings_of(lot, (), history, (actor,), LATER)
    assert found.code == finding
    assert found.mark == (making and code is not ActorCode.UNKNOWN)
    assert found.entries == (3, lot.number)
    assert findings_of(lot, (), history, (actor,), LATER, at=lot.happened_at - 1) == ()


def test_what_happened_after_at_is_left_out(hall: Hall) -> None:
    hall.world.now += 86400
    hall.world.hold(hall.maker, hall.lot)
    (lot,) = MemoryGraph(hall.world).lots([MemoryGraph(hall.world).number(hall.lot)])
    history = hall.world.reports(hall.lot, LATER)
    chain = hall.world.by_subject(hall.lot)
    assert findings_of(lot, chain, history, (), LATER, at=hall.world.now - 1) == ()


def test_every_mark_has_its_sentence() -> None:
    assert set(texts.FINDINGS) >= MARKS


# ------------------------------------------------------------------------------ spreading


def edge(output: int, source: int) -> Edge:
    return Edge(output, source, 100, 1, 1, 0, 0)


def mark(lot: int, code: str = "hold") -> Finding:
    return Finding(lot, code, b"", 0, 0, (lot,), {})


#: 5 is a mask of fabric 3 and 4, which are of polymer 1 and 2.
EDGES = [edge(3, 1), edge(4, 2), edge(5, 3), edge(5, 4), edge(4, 1)]


def test_a_mark_spreads_to_everything_derived_with_the_way_it_came() -> None:
    found = spread(EDGES, {2: [mark(2)]})
    assert {lot: [s.path for s in spreads] for lot, spreads in found.items()} == {
        4: [(4, 2)],
        5: [(5, 4, 2)],
    }


def test_of_equally_short_ways_that_of_the_lowest_numbers_is_told() -> None:
    (spread_to,) = spread(EDGES, {1: [mark(1)]})[5]
    assert spread_to.path == (5, 3, 1)


def test_the_shortest_way_is_told() -> None:
    (spread_to,) = spread([*EDGES, edge(5, 1)], {1: [mark(1)]})[5]
    assert spread_to.path == (5, 1)


def test_what_concerns_the_lot_alone_does_not_spread() -> None:
    assert spread(EDGES, {1: [mark(1, "underrun")]}) == {}


def test_the_lots_own_marks_are_not_inherited_by_it() -> None:
    found = spread(EDGES, {5: [mark(5)], 3: [mark(3)]})
    assert [s.finding.lot for s in found[5]] == [3]


def test_several_marks_come_the_nearest_first() -> None:
    found = spread(EDGES, {1: [mark(1)], 2: [mark(2)], 4: [mark(4), mark(4, "recall")]})
    assert [(s.finding.lot, s.finding.code) for s in found[5]] == [
        (4, "hold"), (4, "recall"), (1, "hold"), (2, "hold"),
    ]  # fmt: skip


def test_it_can_be_worked_out_for_chosen_lots_only() -> None:
    assert list(spread(EDGES, {1: [mark(1)]}, lots={3})) == [3]


def distances(pairs: set[tuple[int, int]], lot: int) -> dict[int, int]:
    """How far upstream of the lot each other one is."""
    found, level, far = dict[int, int](), {lot}, 0
    while level:
        far += 1
        level = {i for o, i in pairs if o in level} - found.keys()
        found |= dict.fromkeys(level, far)
    return found


@given(
    st.sets(st.tuples(st.integers(1, 9), st.integers(0, 8)).filter(lambda p: p[0] > p[1])),
    st.sets(st.integers(0, 9)),
)
def test_every_mark_upstream_is_inherited_by_a_shortest_way_and_no_other(
    pairs: set[tuple[int, int]], marked: set[int]
) -> None:
    found = spread([edge(*p) for p in pairs], {lot: [mark(lot)] for lot in marked})
    for lot in range(10):
        upstream = {s: d for s, d in distances(pairs, lot).items() if s in marked}
        told = found.get(lot, ())
        assert {s.finding.lot: len(s.path) - 1 for s in told} == upstream
        for s in told:
            assert (s.path[0], s.path[-1]) == (lot, s.finding.lot)
            assert pairs.issuperset(pairwise(s.path))
