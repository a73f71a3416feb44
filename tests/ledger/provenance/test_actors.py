"""Was who made a lot qualified: as known then, and as known now."""

import pytest

from ledger.gathering import gather_reports
from ledger.provenance.actors import Actor, ActorCode, Actors
from ledger.standing import Result
from ledger.vocabulary import NO_END, Role
from tests.support.batches import BatchWorld, MemoryGraph
from tests.support.world import instant

POLYMER = "polymer"
LICENCE = "production-licence"
MADE = instant("2020-05-01")
NEXT_YEAR = instant("2021-01-01")


class Plant:
    """A maker of polymer, which needs a licence; what it makes on 1 May 2020."""

    def __init__(self) -> None:
        self.world = BatchWorld()
        self.issuer = self.world.issuer("Licensing Office", LICENCE)
        self.maker = self.world.organisation("Blue Hill Polymers", Role.SUPPLIER)
        self.store = self.world.organisation("Lane Store", Role.STORE)
        self.world.category(POLYMER)
        self.lot = b""

    def make(self, *, required: bool = True, licence: bool = True) -> bytes:
        if required:
            self.world.require(POLYMER, LICENCE)
        made = b""
        if licence:
            made = self.world.issue(self.issuer, self.maker, POLYMER, LICENCE)
        self.world.now = MADE
        self.lot = self.world.commission(self.maker, "P-1", 100)
        self.world.now = NEXT_YEAR
        return made

    def actors(self, known_at: int = NO_END) -> tuple[Actor, ...]:
        world, graph = self.world, MemoryGraph(self.world)
        chain = world.by_subject(self.lot)
        reports = gather_reports(world, world.founding, chain, world.size, known_at)
        judge = Actors(
            lambda who, category: next(
                world.history(f, category) for f in (self.maker, self.store) if f.id == who
            ),
            reports,
            known_at,
        )
        (lot,) = graph.lots([graph.number(self.lot)])
        return tuple(judge.of(e, lot) for e in chain)

    def maker_is(self, known_at: int = NO_END) -> tuple[Result, Result, ActorCode]:
        actor = self.actors(known_at)[0]
        assert actor.making
        return actor.then, actor.now, actor.code


@pytest.fixture
def plant() -> Plant:
    return Plant()


VALID, INVALID, UNKNOWN = Result.VALID, Result.INVALID, Result.UNKNOWN


def test_who_had_what_it_needed_was_qualified_then_and_now(plant: Plant) -> None:
    plant.make()
    assert plant.maker_is() == (VALID, VALID, ActorCode.QUALIFIED)


def test_a_licence_withdrawn_from_before_the_making_was_there_then_and_is_not_now(
    plant: Plant,
) -> None:
    licence = plant.make()
    withdrawal = plant.world.withdraw(plant.issuer, licence, instant("2020-04-01"))
    assert plant.maker_is() == (VALID, INVALID, ActorCode.WITHDRAWN_SINCE)
    assert withdrawal.sequence in plant.actors()[0].entries


def test_before_the_withdrawal_was_recorded_nobody_knew(plant: Plant) -> None:
    licence = plant.make()
    plant.world.withdraw(plant.issuer, licence, instant("2020-04-01"))
    assert plant.maker_is(NEXT_YEAR - 1) == (VALID, VALID, ActorCode.QUALIFIED)


def test_a_licence_withdrawn_from_after_the_making_changes_nothing(plant: Plant) -> None:
    licence = plant.make()
    plant.world.withdraw(plant.issuer, licence, instant("2020-06-01"))
    assert plant.maker_is() == (VALID, VALID, ActorCode.QUALIFIED)


def test_who_had_nothing_then_and_has_nothing_now_is_not_known_to_be_qualified(
    plant: Plant,
) -> None:
    plant.make(licence=False)
    assert plant.maker_is() == (UNKNOWN, UNKNOWN, ActorCode.UNKNOWN)


def test_what_was_recorded_later_for_that_day_counts_now(plant: Plant) -> None:
    plant.make(licence=False)
    plant.world.issue(plant.issuer, plant.maker, POLYMER, LICENCE)
    assert plant.maker_is() == (UNKNOWN, VALID, ActorCode.SHOWN_SINCE)


def test_what_had_expired_does_not_qualify(plant: Plant) -> None:
    plant.world.issue(plant.issuer, plant.maker, POLYMER, LICENCE, end=instant("2020-04-01"))
    plant.make(licence=False)
    assert plant.maker_is() == (INVALID, INVALID, ActorCode.NOT_QUALIFIED)


def test_where_nothing_is_required_nobody_is_asked(plant: Plant) -> None:
    plant.make(required=False, licence=False)
    assert plant.maker_is() == (Result.SKIPPED, Result.SKIPPED, ActorCode.NOT_REQUIRED)


def test_an_event_signed_with_a_stolen_key_is_nobodys_word(plant: Plant) -> None:
    plant.make()
    plant.world.compromised(plant.maker, since=instant("2020-04-01"))
    assert plant.maker_is() == (VALID, VALID, ActorCode.KEY_COMPROMISED)


def test_a_key_stolen_after_the_event_was_recorded_leaves_it_standing(plant: Plant) -> None:
    plant.make()
    plant.world.compromised(plant.maker, since=instant("2020-06-01"))
    assert plant.maker_is() == (VALID, VALID, ActorCode.QUALIFIED)


def test_a_licence_signed_with_a_stolen_key_is_in_doubt(plant: Plant) -> None:
    plant.make()
    plant.world.compromised(plant.issuer, since=instant("2019-01-01"))
    assert plant.maker_is() == (VALID, UNKNOWN, ActorCode.DOUBTED_SINCE)


def test_a_licence_of_who_was_never_accredited_does_not_qualify(plant: Plant) -> None:
    stranger = plant.world.organisation("Unasked Office", Role.ISSUER)
    plant.world.issue(stranger, plant.maker, POLYMER, LICENCE)
    plant.make(licence=False)
    assert plant.maker_is()[2] is ActorCode.NOT_QUALIFIED


def test_goods_whose_origin_is_not_shown_need_no_licence(plant: Plant) -> None:
    plant.world.require(POLYMER, LICENCE)
    plant.lot = plant.world.commission(plant.maker, "OLD-1", 5, shown=False)
    assert plant.maker_is()[2] is ActorCode.NOT_REQUIRED


def test_handing_over_needs_no_licence(plant: Plant) -> None:
    plant.make()
    plant.world.hand_over(plant.maker, plant.lot, plant.store, 10)
    _, shipped, received = plant.actors()
    assert [a.code for a in (shipped, received)] == [ActorCode.NOT_REQUIRED] * 2
    assert received.organisation == plant.store.id
    assert not shipped.making


def test_who_uses_a_lot_up_is_judged_for_what_it_makes_of_it(plant: Plant) -> None:
    plant.make()
    plant.world.transform(plant.maker, "F-1", 5, {plant.lot: 5}, category="fabric")
    used = plant.actors()[-1]
    assert (used.action, used.making, used.code) == ("Transform", False, ActorCode.NOT_REQUIRED)


def test_of_several_required_kinds_the_worst_decides(plant: Plant) -> None:
    plant.world.require(POLYMER, "registration")
    plant.world.accredit(plant.issuer, "registration")
    registration = plant.world.issue(plant.issuer, plant.maker, POLYMER, "registration")
    plant.make()
    plant.world.withdraw(plant.issuer, registration, instant("2020-04-01"))
    assert plant.maker_is() == (VALID, INVALID, ActorCode.WITHDRAWN_SINCE)


def test_where_several_kinds_are_as_bad_it_rests_on_all_of_them(plant: Plant) -> None:
    plant.world.require(POLYMER, "registration")
    plant.world.accredit(plant.issuer, "registration")
    registration = plant.world.issue(plant.issuer, plant.maker, POLYMER, "registration")
    licence = plant.make()
    withdrawals = {
        plant.world.withdraw(plant.issuer, q, instant("2020-04-01")).sequence
        for q in (registration, licence)
    }
    assert withdrawals <= set(plant.actors()[0].entries)
