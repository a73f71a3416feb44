"""Offered lots: checks 18 to 33 one by one, each on goods of which else nothing bad can be said."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ledger.errors import RequestError
from ledger.history import History
from ledger.lot_checks import MOST_REASONS
from ledger.lot_texts import LOT_TEXTS
from ledger.offer import LotName, Offer, gather_offer, known_size, resolve
from ledger.policy import LOT_CHECKS, Policy, canonical, default_policy, policies
from ledger.provenance.model import Lot
from ledger.question import MAX_LOTS, Question
from ledger.recorded import RecordedEntry
from ledger.standing import Result
from ledger.typed_data import Part, lot_id
from ledger.verdict import Answer, Verdict, decide
from ledger.verdict_texts import CHECKS
from ledger.vocabulary import Clock, InspectionResult, Role
from tests.support.batches import BatchWorld, MemoryGraph
from tests.support.world import NOTHING, Firm, document, instant

MASK, FABRIC, RESIN = "mask.surgical", "fabric.meltblown", "resin.polypropylene"
LICENCE, STANDARD = "production-licence", "YY 0469"
SHANGHAI = "Asia/Shanghai"
GTIN = 9520000000059
HOUR = 3600


class Shelf(MemoryGraph):
    """The graph, with lots found by name."""

    def by_ids(self, ids: Iterable[bytes]) -> Mapping[bytes, Lot]:
        self._catch_up()
        return {id_: self._lots[id_] for id_ in ids if id_ in self._lots}

    def find(self, gtin: int, lot: str) -> Sequence[Lot]:
        self._catch_up()
        return [found for found in self._lots.values() if (found.gtin, found.lot) == (gtin, lot)]


class Works:
    """Resin becomes fabric becomes masks, each by a licensed maker, the masks tested; 1,000 of
    them are with their maker. An hour passes before everything that is done."""

    def __init__(self) -> None:
        self.world = world = BatchWorld("2019-06-01")
        for category in (MASK, FABRIC, RESIN):
            world.category(category)
            world.require(category, LICENCE)
        self.bureau = world.issuer("Licensing Bureau", LICENCE)
        self.cracker = world.organisation("Blue Cracker", Role.SUPPLIER)
        self.weaver = world.organisation("Grey Weaver", Role.SUPPLIER)
        self.maker = world.organisation("Clear Brook", Role.SUPPLIER, "gln", "6900000000007")
        self.trader = world.organisation("Round Trader", Role.SUPPLIER, "gln", "6900000000014")
        self.auditor = world.organisation("Auditors", Role.AUDITOR)
        self.lab = world.laboratory("Hill Laboratory", STANDARD)
        world.now = instant("2020-01-01")
        self.licences = {
            firm.id: world.issue(
                self.bureau, firm, category, LICENCE, start=instant("2019-07-01"), number=firm.name
            )
            for firm, category in (
                (self.cracker, RESIN),
                (self.weaver, FABRIC),
                (self.maker, MASK),
                (self.trader, MASK),
            )
        }
        self.later().capacity(self.maker, MASK, 200)
        self.resin = self.later().commission(self.cracker, "R-1", 500, category=RESIN, unit="KGM")
        self.later().hand_over(self.cracker, self.resin, self.weaver, 500)
        self.fabric = self.later().transform(
            self.weaver, "F-1", 400, {self.resin: 100}, category=FABRIC, unit="KGM"
        )
        self.later().hand_over(self.weaver, self.fabric, self.maker, 400)
        self.mask = self.make("M-1")
        self.report = self.later().inspect(
            self.lab, self.mask, paper=document("HL-1"), number="HL-1"
        )

    def later(self) -> BatchWorld:
        self.world.now += HOUR
        return self.world

    def make(
        self, lot: str, quantity: int = 1_000, *, gtin: int = GTIN, model: str = "QL-100",
        unit: str = "H87", inputs: dict[bytes, int] | None = None, tested: bool = False,
        category: str = MASK,
    ) -> bytes:  # fmt: skip
        used = inputs or {self.fabric: 10}
        made = self.later().record(
            self.maker, "Transform", quantity=quantity, gtin=gtin, lot=lot, category=category,
            model=model, unit=unit, process="making", place="hall 2", cited=(),
            inputs=tuple(Part(i, used[i]) for i in sorted(used)),
        ).subjects[0]  # fmt: skip
        if tested:
            self.later().inspect(self.lab, made, number=f"HL-{lot}")
        return made

    def of(self, input_: bytes) -> bytes:
        """A tested lot made of one unit of this one, which its maker hands over."""
        made = next(e for e in self.world.entries if e.subjects[0] == input_)
        self.later().hand_over(Firm(made.author, "", made.signers[0]), input_, self.maker, 1)
        return self.make("M-2", inputs={input_: 1}, tested=True)

    def question(
        self, *lots: bytes, firm: Firm | None = None, quantity: int = 1_000, unit: str = "H87",
        model: str = "QL-100", known_at: str = "2021-01-01", at: str | None = "2020-06-01",
        deliver_on: str = "2020-06-10", clock: Clock = Clock.RECORDED,
    ) -> Question:  # fmt: skip
        return Question.for_day(
            (firm or self.maker).id, MASK, model, quantity, unit, deliver_on,
            known_at=instant(known_at), zone=SHANGHAI, clock=clock, lots=lots,
            at=None if at is None else instant(at, SHANGHAI),
        )  # fmt: skip

    def offer(
        self, question: Question, policy: Policy, position: int | None = None
    ) -> Offer | None:
        size = self.world.size if position is None else position

        def histories(organisation: bytes, category: str) -> History:
            return self.world.history(Firm(organisation, ""), category, size)

        return gather_offer(
            Shelf(self.world), self.world, self.world.founding, histories, question, policy, size
        )

    def ask(
        self, question: Question | None = None, policy: Policy | None = None,
        position: int | None = None,
    ) -> Verdict:  # fmt: skip
        question = question or self.question(self.mask)
        policy = policy or default_policy()
        history = self.world.history(Firm(question.organisation, ""), MASK, position)
        return decide(history, question, policy, self.offer(question, policy, position))


@pytest.fixture
def works() -> Works:
    return Works()


def results(verdict: Verdict) -> dict[str, Result]:
    """The checks that neither pass nor are skipped."""
    return {
        c.code: c.result for c in verdict.checks if c.result in (Result.INVALID, Result.UNKNOWN)
    }


def reasons(verdict: Verdict, check: str) -> set[str]:
    return {r.code for r in verdict.check(check).reasons}


def told(verdict: Verdict, check: str) -> str:
    return "; ".join(r.text("en") for r in verdict.check(check).reasons)


# ---------------------------------------------------------------- with and without lots


def test_lots_of_which_nothing_bad_can_be_said_are_bought(works: Works) -> None:
    verdict = works.ask()
    assert results(verdict) == {}
    assert verdict.answer is Answer.BUY
    assert verdict.to_json()["lots"]["upstream"] == 2


def test_without_offered_lots_their_checks_are_skipped_and_nothing_else_changes(
    works: Works,
) -> None:
    first, second = policies().values()
    question = works.question(quantity=100)
    old, new = works.ask(question, first), works.ask(question, second)
    assert [c.to_json() for c in new.checks][:17] == [c.to_json() for c in old.checks]
    assert {c.code for c in new.checks if c.number > 17} == set(LOT_CHECKS)
    assert {c.result for c in new.checks if c.number > 17} == {Result.SKIPPED}
    assert new.answer is old.answer
    assert "lots" not in new.to_json()
    assert "lots" not in question.to_json()


def test_a_policy_that_weighs_no_lots_is_not_asked_about_any(works: Works) -> None:
    with pytest.raises(RequestError) as refused:
        works.ask(policy=next(iter(policies().values())))
    assert refused.value.code == "question.lots.not-weighed"


def test_a_verdict_about_lots_is_made_again_to_the_byte_however_the_ledger_grew(
    works: Works,
) -> None:
    first = works.ask()
    works.make("M-2")
    works.world.record(
        works.maker, "Transform", quantity=500, gtin=GTIN, lot="M-1", category=MASK,
        model="QL-100", unit="H87", process="making", place="hall 2", cited=(),
        inputs=(Part(works.fabric, 5),),
    )  # fmt: skip
    works.later().hold(works.maker, works.mask)
    works.later().withdraw(works.bureau, works.licences[works.cracker.id], instant("2019-08-01"))
    again = works.ask(first.question, position=first.position)
    assert canonical(again.to_json()) == canonical(first.to_json())
    assert works.ask().answer is Answer.DO_NOT_BUY


def test_what_was_recorded_after_the_asker_knew_does_not_count(works: Works) -> None:
    works.world.now = instant("2020-03-01")
    works.world.recall(works.maker, works.mask)
    then, now = (works.ask(works.question(works.mask, known_at=day, at=None))
                 for day in ("2020-02-15", "2020-03-15"))  # fmt: skip
    assert then.answer is Answer.BUY
    assert now.answer is Answer.DO_NOT_BUY


def test_the_question_keeps_its_lots_and_the_order_of_naming_does_not_matter(
    works: Works,
) -> None:
    other = works.make("M-2", tested=True)
    one, two = works.question(works.mask, other), works.question(other, works.mask)
    assert one == two
    assert Question.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert works.ask(one).id == works.ask(two).id != works.ask().id


def test_everything_is_told_in_both_languages(works: Works) -> None:
    works.later().hold(works.cracker, works.resin)
    for check in json.loads(canonical(works.ask().to_json()))["checks"]:
        for reason in check["reasons"]:
            assert reason["en"]
            assert reason["zh"]
            assert "{" not in reason["en"] + reason["zh"]


def test_every_sentence_about_lots_exists_in_both_languages_with_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    for code, text in LOT_TEXTS.items():
        assert values(text.en) == values(text.zh), code
        assert bool(text.remedy_en) is bool(text.remedy_zh), code
    assert all(CHECKS[code].zh for code in LOT_CHECKS)


# ---------------------------------------------------------------- 18: which lots


@pytest.mark.parametrize(
    ("made", "result", "code"),
    [
        ({"category": FABRIC, "model": ""}, Result.INVALID, "lots.other-category"),
        ({"model": "QL-100G"}, Result.INVALID, "lots.other-model"),
        ({"model": ""}, Result.UNKNOWN, "lots.no-model"),
    ],
)
def test_a_lot_of_something_else_is_not_what_was_asked(
    works: Works, made: dict[str, Any], result: Result, code: str
) -> None:
    lot = works.make("M-2", tested=True, **made)
    verdict = works.ask(works.question(lot))
    assert verdict.check("lots.known").result is result
    assert reasons(verdict, "lots.known") == {code}


def test_a_lot_of_some_model_is_fine_where_no_model_is_asked(works: Works) -> None:
    assert works.ask(works.question(works.mask, model="")).check("lots.known").result is (
        Result.VALID
    )


def test_a_lot_that_was_not_yet_recorded_is_not_known(works: Works) -> None:
    verdict = works.ask(works.question(works.mask, known_at="2020-01-01", at=None))
    assert reasons(verdict, "lots.known") == {"lots.not-known"}
    assert verdict.check("lots.not-stopped").result is Result.SKIPPED
    assert verdict.answer is Answer.CANNOT_TELL


def test_a_lot_made_after_the_delivery_day_was_not_delivered(works: Works) -> None:
    works.world.now = instant("2020-07-01")
    verdict = works.ask(works.question(works.make("M-2", tested=True)))
    assert reasons(verdict, "lots.known") == {"lots.made-later"}
    assert verdict.answer is Answer.DO_NOT_BUY


# ---------------------------------------------------------------- 19, 20 and 15: how many


def test_more_than_the_supplier_has_is_not_bought_from_these_lots(works: Works) -> None:
    verdict = works.ask(works.question(works.mask, quantity=1_001))
    assert results(verdict) == {"lots.enough": Result.INVALID}
    assert "1000" in told(verdict, "lots.enough")
    assert verdict.answer is Answer.DO_NOT_BUY


def test_several_lots_are_added_up(works: Works) -> None:
    other = works.make("M-2", 500, tested=True)
    assert works.ask(works.question(works.mask, other, quantity=1_500)).answer is Answer.BUY


def test_what_is_gone_is_not_there(works: Works) -> None:
    works.later().dispense(works.maker, works.mask, 1)
    assert "lots.enough" in results(works.ask())


def test_what_stands_in_a_pallet_of_the_supplier_is_there(works: Works) -> None:
    works.later().pack(works.maker, 95200000000000011, {works.mask: 600})
    assert works.ask().answer is Answer.BUY


def test_what_is_under_way_to_the_supplier_is_told_apart_and_makes_a_condition(
    works: Works,
) -> None:
    works.later().hand_over(works.maker, works.mask, works.trader, 300)
    shipment = works.later().ship(works.maker, works.mask, works.trader, 700)
    question = works.question(works.mask, firm=works.trader, at=None)
    verdict = works.ask(question)
    assert verdict.check("lots.on-hand").result is Result.UNKNOWN
    assert "700 are still under way" in told(verdict, "lots.on-hand")
    assert verdict.check("lots.enough").result is Result.VALID
    works.later().receive(works.trader, shipment)
    assert works.ask(question).check("lots.on-hand").result is Result.VALID


def test_what_the_supplier_did_not_accept_is_not_under_way_to_it(works: Works) -> None:
    shipment = works.later().ship(works.maker, works.mask, works.trader, 1_000)
    works.later().receive(works.trader, shipment, 400)
    verdict = works.ask(works.question(works.mask, firm=works.trader, at=None))
    assert verdict.check("lots.enough").result is Result.INVALID


def test_who_holds_nothing_of_a_lot_cannot_deliver_it(works: Works) -> None:
    verdict = works.ask(works.question(works.mask, quantity=1, firm=works.trader, at=None))
    assert verdict.check("lots.enough").result is Result.INVALID


def test_records_of_one_firm_are_one_holder(works: Works) -> None:
    works.later().hand_over(works.maker, works.mask, works.trader, 1_000)
    works.later().link(works.auditor, works.maker, works.trader)
    assert works.ask().check("lots.enough").result is Result.VALID


def test_another_unit_without_a_conversion_is_not_known_to_be_enough(works: Works) -> None:
    lot = works.make("M-2", 20, unit="CT", tested=True)
    verdict = works.ask(works.question(lot))
    assert verdict.check("lots.enough").result is Result.UNKNOWN
    assert verdict.check("lots.on-hand").result is Result.SKIPPED
    both = works.ask(works.question(lot, works.mask))
    assert both.check("lots.enough").result is Result.VALID, "the pieces alone are enough"


def test_what_is_at_hand_need_not_be_made(works: Works) -> None:
    verdict = works.ask(works.question(works.mask, at="2020-06-09"))
    assert reasons(verdict, "capacity.enough") == {"capacity.from-stock"}
    assert verdict.check("capacity.stated").result is Result.SKIPPED
    assert works.ask(works.question(at="2020-06-09")).answer is Answer.DO_NOT_BUY


def test_what_is_at_hand_is_added_to_what_can_be_made(works: Works) -> None:
    works.later().dispense(works.maker, works.mask, 300)  # 700 left, 200 are made a day
    question = works.question(works.mask, at="2020-06-08")
    verdict = works.ask(question)
    assert "and 700 at hand make 1100" in told(verdict, "capacity.enough")
    late = works.ask(replace(question, at=instant("2020-06-09", SHANGHAI)))
    assert reasons(late, "capacity.enough") == {"capacity.short-with-stock"}


# ---------------------------------------------------------------- 21: how far


def test_a_trace_larger_than_its_limit_is_unknown_and_never_valid(works: Works) -> None:
    policy = Policy.from_json({**default_policy().document, "trace_lots": 1})
    verdict = works.ask(policy=policy)
    assert verdict.answer is Answer.CANNOT_TELL
    for code in ("traced", "not-stopped", "not-failed", "origin", "keys", "makers", "assurance"):
        assert verdict.check(f"lots.{code}").result is Result.UNKNOWN, code
    assert verdict.to_json()["lots"]["complete"] is False


def test_what_was_found_before_the_limit_still_refuses(works: Works) -> None:
    policy = Policy.from_json({**default_policy().document, "trace_lots": 1})
    works.later().hold(works.weaver, works.fabric)
    assert works.ask(policy=policy).answer is Answer.DO_NOT_BUY


def test_a_trace_as_large_as_its_limit_is_whole(works: Works) -> None:
    policy = Policy.from_json({**default_policy().document, "trace_lots": 2})
    assert works.ask(policy=policy).answer is Answer.BUY


# ---------------------------------------------------------------- 22 to 24: holds and recalls


@pytest.mark.parametrize("which", ["mask", "fabric", "resin"])
@pytest.mark.parametrize("step", ["hold", "recall"])
def test_a_hold_or_recall_of_the_lot_or_of_what_went_into_it_refuses_until_it_is_released(
    works: Works, step: str, which: str
) -> None:
    lot = getattr(works, which)
    by = {"mask": works.maker, "fabric": works.weaver, "resin": works.cracker}[which]
    stop = getattr(works.later(), step)(by, lot)
    verdict = works.ask()
    assert results(verdict) == {"lots.not-stopped": Result.INVALID}
    assert verdict.answer is Answer.DO_NOT_BUY
    assert stop.sequence in verdict.check("lots.not-stopped").entries
    works.later().release(by, stop)
    assert works.ask().answer is Answer.BUY


def test_the_reason_names_the_way_from_the_lot_to_what_speaks_against_it(works: Works) -> None:
    works.later().recall(works.cracker, works.resin)
    verdict = works.ask()
    assert "lot R-1 of Blue Cracker, which went into M-1 (M-1 ← F-1 ← R-1)" in (
        told(verdict, "lots.not-stopped")
    )
    made = {e.sequence for e in works.world.entries if e.action == "Transform"}
    assert made <= set(verdict.check("lots.not-stopped").entries), "the steps of the way"


def test_a_stop_of_another_lot_does_not_matter(works: Works) -> None:
    works.later().hold(works.maker, works.make("M-2"))
    assert works.ask().answer is Answer.BUY


def mirrored(works: Works, lots: str, ended: int = 0) -> RecordedEntry:
    """A register's recall of a firm that the auditors said is the maker."""
    world = works.later()
    mirror = world.mirror("List Keepers", "recalls")
    publication = world.publication(mirror, "recalls", world.now)
    listed = world.listed(mirror, "recalls", "CLEAR BROOK INC")
    world.link(works.auditor, works.maker, listed)
    return works.later().record(
        mirror, "MirrorRecall", organisation=listed.id, publication=publication,
        document=NOTHING, initiated=world.now, ended=ended, register="register:recalls",
        number="Z-1", product="masks", lots=lots, reason="torn",
    )  # fmt: skip


def test_a_registers_recall_by_number_and_gtin_refuses(works: Works) -> None:
    entry = mirrored(works, f"UDI-DI 0{GTIN}, Lot M-1")
    verdict = works.ask()
    assert results(verdict) == {"lots.not-recalled": Result.INVALID}
    assert reasons(verdict, "lots.not-recalled") == {"lots.listed-recall"}
    assert verdict.check("lots.not-recalled").entries == (entry.sequence,)


def test_a_registers_recall_by_number_alone_cannot_be_told(works: Works) -> None:
    mirrored(works, "Lot M-1")
    verdict = works.ask()
    assert reasons(verdict, "lots.not-recalled") == {"lots.recall-of-number"}
    assert verdict.answer is Answer.CANNOT_TELL


def test_an_ended_recall_cannot_be_told(works: Works) -> None:
    mirrored(works, f"UDI-DI 0{GTIN}, Lot M-1", ended=instant("2020-03-01"))
    verdict = works.ask()
    assert reasons(verdict, "lots.not-recalled") == {"lots.recall-ended"}
    assert verdict.answer is Answer.CANNOT_TELL


@pytest.mark.parametrize("lots", ["Lot M-10", "Lot M", "Lot XM-1"])
def test_a_recalled_lot_is_compared_whole(works: Works, lots: str) -> None:
    mirrored(works, lots)
    assert works.ask().answer is Answer.BUY


def test_a_recall_of_all_lots_of_something_is_a_condition(works: Works) -> None:
    mirrored(works, "All lots")
    assert results(works.ask()) == {"lots.recalls-decided": Result.UNKNOWN}


def test_a_recall_of_somebody_else_does_not_matter(works: Works) -> None:
    world = works.later()
    mirror = world.mirror("List Keepers", "recalls")
    publication = world.publication(mirror, "recalls", world.now)
    stranger = world.listed(mirror, "recalls", "CLEAR BOOK INC")
    works.later().mirror_recall(mirror, publication, stranger, "Lot M-1")
    assert works.ask().answer is Answer.BUY


def test_a_recall_that_was_published_and_mirrored_later_counts_by_its_clock(
    works: Works,
) -> None:
    world = works.world
    mirror = world.mirror("List Keepers", "recalls")
    world.now = instant("2020-08-01")
    published = world.publication(mirror, "recalls", instant("2020-04-01"))
    world.mirror_recall(mirror, published, works.maker, f"UDI-DI 0{GTIN}, Lot M-1")
    question = works.question(works.mask, known_at="2020-05-01", at=None)
    assert works.ask(question).answer is Answer.BUY
    assert works.ask(replace(question, clock=Clock.PUBLISHED)).answer is Answer.DO_NOT_BUY


# ---------------------------------------------------------------- 25 to 28: inspections


def test_a_lot_that_nobody_tested_is_a_condition(works: Works) -> None:
    verdict = works.ask(works.question(works.make("M-2")))
    assert results(verdict) == {"lots.tested": Result.UNKNOWN}
    assert verdict.answer is Answer.CONDITIONS


def test_every_offered_lot_must_be_tested(works: Works) -> None:
    verdict = works.ask(works.question(works.mask, works.make("M-2")))
    assert "lot M-2" in told(verdict, "lots.tested")


def test_a_laboratory_of_the_makers_own_does_not_do(works: Works) -> None:
    works.later().link(works.auditor, works.maker, works.lab)
    verdict = works.ask()
    assert reasons(verdict, "lots.tested") == {"lots.passed-doubted"}
    assert "belongs to the maker's firm" in told(verdict, "lots.tested")


@pytest.mark.parametrize("which", ["mask", "fabric", "resin"])
def test_a_failed_inspection_refuses_whatever_passes_later(works: Works, which: str) -> None:
    lot = getattr(works, which)
    works.later().inspect(works.lab, lot, InspectionResult.FAILED, number="HL-2")
    other = works.later().laboratory("Kind Laboratory", STANDARD)
    works.later().inspect(other, lot, number="KL-1")
    verdict = works.ask()
    assert results(verdict)["lots.not-failed"] is Result.INVALID
    assert verdict.answer is Answer.DO_NOT_BUY


def test_a_failed_inspection_is_overturned_by_a_correction_and_a_new_report_of_the_same(
    works: Works,
) -> None:
    failed = works.later().inspect(works.lab, works.mask, InspectionResult.FAILED, number="HL-2")
    works.later().correct(works.lab, works.mask, failed)
    assert works.ask().answer is Answer.DO_NOT_BUY
    works.later().inspect(works.lab, works.mask, number="HL-3")
    assert works.ask().answer is Answer.BUY


def test_a_failed_report_with_a_stolen_key_leaves_it_unknown_until_it_is_tested_anew(
    works: Works,
) -> None:
    other = works.later().laboratory("Sad Laboratory", STANDARD)
    since = works.world.now + 1
    works.later().inspect(other, works.mask, InspectionResult.FAILED, number="SL-1")
    works.later().compromised(other, since)
    assert results(works.ask()) == {"lots.not-failed": Result.UNKNOWN}
    works.later().inspect(works.lab, works.mask, number="HL-2")
    assert works.ask().answer is Answer.BUY


def test_one_report_for_two_lots_refuses_both_until_an_auditor_closes_the_alarm(
    works: Works,
) -> None:
    works.later().inspect(works.lab, works.make("M-2"), number="HL-1")
    verdict = works.ask()
    assert results(verdict) == {"lots.alarms": Result.INVALID}
    [alarm] = verdict.alarms
    works.later().reply(works.maker, alarm.id, "a slip of the laboratory")
    works.later().close_alarm(works.auditor, alarm.id)
    after = works.ask()
    assert after.answer is Answer.BUY
    assert [r.text for r in after.replies] == ["a slip of the laboratory"]


def test_an_alarm_over_a_report_on_an_input_refuses(works: Works) -> None:
    works.later().inspect(works.lab, works.fabric, number="HL-1")
    works.later().inspect(works.lab, works.make("M-2"), number="HL-1")
    other = works.make("M-3", tested=True)
    assert results(works.ask(works.question(other))) == {"lots.alarms": Result.INVALID}


def test_who_copies_a_report_later_makes_a_condition_and_no_more(works: Works) -> None:
    other = works.later().laboratory("Copying Laboratory", STANDARD)
    works.later().inspect(other, works.make("M-2"), number="CL-1", paper=document("HL-1"))
    assert results(works.ask()) == {"lots.alarms-unreviewed": Result.INVALID}


# ---------------------------------------------------------------- 29 to 33: where from, by whom


def test_an_origin_that_is_not_shown_is_a_condition_for_everything_made_of_it(
    works: Works,
) -> None:
    loops = works.later().commission(works.maker, "LOOPS", 9, category=FABRIC, shown=False)
    lot = works.make("M-2", inputs={works.fabric: 1, loops: 1}, tested=True)
    verdict = works.ask(works.question(lot))
    assert results(verdict) == {
        "lots.origin": Result.UNKNOWN,
        "lots.assurance": Result.UNKNOWN,
    }
    assert "M-2 ← LOOPS" in told(verdict, "lots.origin")
    assert verdict.answer is Answer.CONDITIONS


def test_goods_without_a_past_are_offered_with_a_condition(works: Works) -> None:
    lot = works.later().commission(
        works.maker, "GIFT", 1_000, category=MASK, model="QL-100", shown=False
    )
    works.later().inspect(works.lab, lot, number="HL-9")
    verdict = works.ask(works.question(lot))
    assert verdict.answer is Answer.CONDITIONS
    assert set(results(verdict)) == {"lots.origin", "lots.assurance"}


@pytest.mark.parametrize("who", ["cracker", "weaver"])
def test_a_licence_upstream_that_is_withdrawn_retroactively_turns_the_answer(
    works: Works, who: str
) -> None:
    works.later().withdraw(
        works.bureau, works.licences[getattr(works, who).id], instant("2019-08-01")
    )
    verdict = works.ask()
    assert results(verdict) == {"lots.makers": Result.INVALID}
    assert reasons(verdict, "lots.makers") == {"lots.maker-withdrawn"}
    assert verdict.check("lots.makers-then").result is Result.VALID
    assert verdict.answer is Answer.DO_NOT_BUY


def test_a_licence_that_is_withdrawn_for_the_future_leaves_what_was_made_under_it(
    works: Works,
) -> None:
    works.later().withdraw(works.bureau, works.licences[works.cracker.id], 0)
    assert works.ask().answer is Answer.BUY


def test_who_never_had_a_licence_is_told_as_then_and_as_now(works: Works) -> None:
    stranger = works.later().organisation("No Licence", Role.SUPPLIER)
    wire = works.later().commission(stranger, "W-1", 9, category=RESIN)
    verdict = works.ask(works.question(works.of(wire)))
    assert results(verdict) == {
        "lots.makers": Result.UNKNOWN,
        "lots.makers-then": Result.UNKNOWN,
    }
    assert verdict.answer is Answer.CANNOT_TELL


def test_a_licence_shown_afterwards_is_a_condition(works: Works) -> None:
    stranger = works.later().organisation("Late Papers", Role.SUPPLIER)
    wire = works.later().commission(stranger, "W-1", 9, category=RESIN)
    works.later().issue(works.bureau, stranger, RESIN, LICENCE, start=instant("2019-07-01"))
    verdict = works.ask(works.question(works.of(wire)))
    assert results(verdict) == {"lots.makers-then": Result.UNKNOWN}


def test_a_category_upstream_that_needs_nothing_stated_is_a_condition(works: Works) -> None:
    works.later().category("wire")
    wire = works.later().commission(works.cracker, "W-1", 9, category="wire")
    verdict = works.ask(works.question(works.of(wire)))
    assert reasons(verdict, "lots.makers-then") == {"lots.nothing-required"}
    assert verdict.answer is Answer.CONDITIONS


def test_a_stolen_key_upstream_cannot_be_told(works: Works) -> None:
    works.later().compromised(works.weaver, instant("2020-01-01"))
    verdict = works.ask()
    assert results(verdict) == {"lots.keys": Result.UNKNOWN}
    assert "F-1" in told(verdict, "lots.keys")
    assert verdict.answer is Answer.CANNOT_TELL


def test_a_stolen_key_in_the_custody_of_the_lot_itself_cannot_be_told(works: Works) -> None:
    since = works.world.now + 1
    works.later().hand_over(works.maker, works.mask, works.trader, 1_000)
    works.later().compromised(works.trader, since)
    verdict = works.ask(works.question(works.mask, firm=works.trader, at=None))
    assert verdict.check("lots.keys").result is Result.UNKNOWN


def test_the_least_assured_link_is_named_and_refuses_nothing(works: Works) -> None:
    verdict = works.ask()
    assert verdict.check("lots.assurance").result is Result.VALID
    assert "lot R-1" in told(verdict, "lots.assurance")
    assert "self-declared" in told(verdict, "lots.assurance")


def test_a_check_tells_so_many_reasons_and_counts_the_rest(works: Works) -> None:
    for number in range(MOST_REASONS + 3):
        works.later().hold(works.maker, works.mask)
        assert number < 100
    check = works.ask().check("lots.not-stopped")
    assert len(check.reasons) == MOST_REASONS + 1
    assert check.reasons[-1].text("en") == "and 3 more of this kind"
    assert len(check.entries) == MOST_REASONS + 3, "none of them is left out of the entries"


# ---------------------------------------------------------------- naming lots


def test_a_lot_is_found_by_gtin_and_number_or_by_its_id(works: Works) -> None:
    shelf = Shelf(works.world)
    for name in (
        LotName(gtin="09520000000059", lot="M-1"),
        LotName(gtin="9520000000059", lot="M-1"),
        LotName(id=works.mask),
        LotName(gtin="09520000000059", lot="M-1", maker=works.maker.id),
    ):
        assert resolve(shelf, [name]) == (works.mask,)
    assert resolve(shelf, [LotName(lot="R-1")]) == (works.resin,), "it has no GTIN"


@pytest.mark.parametrize(
    ("names", "code", "field"),
    [
        ([LotName(gtin="09520000000058", lot="M-1")], "identifier.check-digit", "lots.0.gtin"),
        ([LotName(gtin="09520000000059", lot="M-2")], "question.lots.unknown", "lots.0"),
        ([LotName(gtin="09520000000059", lot="m-1")], "question.lots.unknown", "lots.0"),
        ([LotName(gtin="09520000000059")], "question.lots.form", "lots.0"),
        ([LotName(id=bytes(32), lot="M-1")], "question.lots.form", "lots.0"),
        ([LotName(id=bytes(32))], "question.lots.unknown", "lots.0"),
        ([LotName(lot="M-1", maker=bytes(20))], "question.lots.unknown", "lots.0"),
        ([LotName(lot="R-1"), LotName(lot="R-1")], "question.lots.twice", "lots.1"),
        ([LotName(lot=str(n)) for n in range(MAX_LOTS + 1)], "question.lots.many", "lots"),
    ],
)
def test_a_badly_named_lot_is_refused_by_its_place(
    works: Works, names: list[LotName], code: str, field: str
) -> None:
    with pytest.raises(RequestError) as refused:
        resolve(Shelf(works.world), names)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_where_several_makers_use_one_name_the_maker_must_be_said(works: Works) -> None:
    works.world.commission(works.trader, "M-1", 5, category=MASK, gtin=GTIN)
    shelf = Shelf(works.world)
    with pytest.raises(RequestError) as refused:
        resolve(shelf, [LotName(gtin=str(GTIN), lot="M-1")])
    assert refused.value.code == "question.lots.several"
    named = LotName(gtin=str(GTIN), lot="M-1", maker=works.trader.id)
    assert resolve(shelf, [named]) == (lot_id(works.trader.id, GTIN, "M-1"),)


@pytest.mark.parametrize(
    ("lots", "code"),
    [
        ((b"short",), "question.lots"),
        ((bytes(32), bytes(32)), "question.lots.twice"),
        (tuple(bytes([n]) * 32 for n in range(MAX_LOTS + 1)), "question.lots.many"),
        ((bytes(32),), "question.lots.unknown"),
    ],
)
def test_bad_lots_of_a_question_are_named(works: Works, lots: tuple[bytes, ...], code: str) -> None:
    with pytest.raises(RequestError) as refused:
        works.ask(works.question(*lots))
    assert refused.value.code == code


def test_how_many_entries_were_known_follows_from_their_times(works: Works) -> None:
    entries, size = works.world.entries, works.world.size
    for e in entries:
        expected = sum(other.recorded_at <= e.recorded_at for other in entries)
        assert known_size(works.world, e.recorded_at, size) == expected
    assert known_size(works.world, 0, size) == 0
    assert known_size(works.world, entries[-1].recorded_at - 1, size) < size
