"""The scope of a recall: everything derived, where it is, and who answered."""

import json

import pytest

from ledger.provenance.acknowledging import checked
from ledger.provenance.scope import (
    FollowUp,
    Scope,
    campaign_id,
    follow_up,
    recall_scope,
    recall_values,
)
from ledger.provenance.writing import follow_up_json, scope_json
from ledger.typed_data import Entry
from ledger.vocabulary import Role
from tests.support.batches import BatchWorld, MemoryGraph
from tests.support.world import NOTHING, Firm, document


class Street:
    """A roll of fabric, of which two mask lots were made; both went to stores."""

    def __init__(self) -> None:
        world = self.world = BatchWorld()
        self.weaver = world.organisation("Blue Hill Fabrics", Role.SUPPLIER)
        self.maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.stores = [world.organisation(f"Lane Store {i}", Role.STORE) for i in range(3)]
        self.fabric = world.commission(self.weaver, "F-1", 100, category="fabric")
        self.other = world.commission(self.weaver, "F-2", 100, category="fabric")
        world.hand_over(self.weaver, self.fabric, self.maker, 80)
        self.masks = [
            world.transform(self.maker, f"M-{i}", 1000, {self.fabric: 30}) for i in range(2)
        ]
        for store, mask in ((0, 0), (1, 1)):
            world.hand_over(self.maker, self.masks[mask], self.stores[store], 400)
        world.dispense(self.stores[0], self.masks[0], 150)
        world.destroy(self.stores[0], self.masks[0], 50)
        world.ship(self.maker, self.masks[0], self.stores[2], 100)

    @property
    def graph(self) -> MemoryGraph:
        return MemoryGraph(self.world)

    def number(self, lot: bytes) -> int:
        return self.graph.number(lot)

    def scope(self, size: int = 1000, after: str | None = None) -> Scope:
        return recall_scope(
            self.graph, [self.number(self.fabric)], upto=self.world.size, size=size, after=after
        )


@pytest.fixture
def street() -> Street:
    return Street()


def test_it_holds_the_lots_and_everything_made_of_them_and_nothing_else(street: Street) -> None:
    scope = street.scope()
    assert [one.lot.id for one in scope.lots] == [street.fabric, *street.masks]
    assert [one.depth for one in scope.lots] == [0, 1, 1]
    assert not scope.more


def test_it_says_to_where_it_is_complete(street: Street) -> None:
    size = street.world.size
    scope = street.scope()
    assert scope.complete_to == size
    street.world.transform(street.maker, "M-9", 10, {street.fabric: 5})
    earlier = recall_scope(street.graph, [street.number(street.fabric)], upto=size)
    assert earlier == scope


def test_it_tells_where_everything_is_and_what_became_of_it(street: Street) -> None:
    fabric, first, _ = street.scope().lots
    weaver, maker = fabric.stocks
    assert (weaver.on_hand, weaver.sent) == (20, 80)
    assert (maker.on_hand, maker.used) == (20, 60)
    store = first.custody.of(street.stores[0].id)
    assert (store.on_hand, store.dispensed, store.destroyed) == (200, 150, 50)
    assert first.custody.of(street.stores[2].id).under_way_to == 100
    assert first.custody.under_way == 100


def test_what_is_packed_is_told_with_its_unit(street: Street) -> None:
    unit = street.world.pack(street.maker, 1, {street.masks[0]: 200})
    first = street.scope().lots[1]
    assert [(u.unit, u.quantity) for u in first.custody.units] == [(unit, 200)]
    assert first.custody.of(street.maker.id).in_units == 200


def test_it_can_be_read_by_custodian(street: Street) -> None:
    by_custodian = street.scope().by_custodian()
    assert list(by_custodian) == [
        street.weaver.id, street.maker.id, *(s.id for s in (street.stores[0], street.stores[2])),
        street.stores[1].id,
    ]  # fmt: skip
    ((lot, stock),) = by_custodian[street.stores[1].id]
    assert (lot.id, stock.on_hand) == (street.masks[1], 400)


def test_a_scope_that_is_too_large_comes_in_pages(street: Street) -> None:
    first = street.scope(size=2)
    assert first.more
    second = street.scope(size=2, after=first.continuation)
    assert (second.position, second.more) == (2, False)
    assert (*first.lots, *second.lots) == street.scope().lots


def test_holds_and_recalls_that_stand_already_are_told(street: Street) -> None:
    held = street.world.hold(street.maker, street.masks[0])
    released = street.world.hold(street.maker, street.masks[1])
    street.world.release(street.maker, released)
    assert [one.stops for one in street.scope().lots] == [(), (held.sequence,), ()]


def test_its_recalls_name_each_lot_once_under_one_campaign(street: Street) -> None:
    scope = street.scope()
    campaign = campaign_id([street.fabric], scope.complete_to)
    values = recall_values(scope, campaign=campaign, document=document("notice"), reason="torn")
    entries = [Entry.of("Recall", nonce=0, happenedAt=0, deadline=0, **v) for v in values]
    assert [e.values["lot"] for e in entries] == [one.lot.id for one in scope.lots]
    assert {e.values["campaign"] for e in entries} == {campaign}
    assert {e.values["completeTo"] for e in entries} == {scope.complete_to}


def test_a_campaign_is_that_of_its_lots_and_position() -> None:
    one, other = document("one"), document("other")
    assert campaign_id([one, other], 7) == campaign_id([other, one], 7)
    assert campaign_id([one], 7) != campaign_id([one], 8) != campaign_id([other], 8)


def test_it_can_be_written(street: Street) -> None:
    street.world.pack(street.maker, 1, {street.masks[0]: 200})
    written = json.loads(json.dumps(scope_json(street.scope(size=2))))
    assert (written["complete_to"], written["more"]) == (street.world.size, True)
    assert written["continuation"] == street.scope(size=2).continuation
    fabric, mask = written["lots"]
    assert [c["on_hand"] for c in fabric["custody"]["custodians"]] == [20, 20]
    (under_way,) = mask["custody"]["under_way"]
    assert (under_way["recipient"], under_way["left"]) == ("0x" + street.stores[2].id.hex(), 100)
    assert [u["quantity"] for u in mask["custody"]["units"]] == [200]
    assert "hops" not in mask["custody"]


class TestFollowingUp:
    CAMPAIGN = document("campaign")

    def recall(self, street: Street) -> None:
        for one in street.scope().lots:
            street.world.recall(street.weaver, one.lot.id, self.CAMPAIGN, street.world.size)

    def follow(self, street: Street) -> tuple[FollowUp, ...]:
        return follow_up(street.graph, street.scope(), self.CAMPAIGN)

    def missing(self, followed: FollowUp) -> list[bytes]:
        return [s.custodian for s in followed.missing]

    def test_before_it_is_recalled_nobody_is_asked(self, street: Street) -> None:
        assert [(f.recalls, f.missing) for f in self.follow(street)] == [((), ())] * 3

    def test_everybody_who_had_some_or_to_whom_some_is_under_way_is_asked(
        self, street: Street
    ) -> None:
        self.recall(street)
        fabric, first, second = self.follow(street)
        assert self.missing(fabric) == [street.maker.id]
        assert self.missing(first) == [
            street.maker.id, street.stores[0].id, street.stores[2].id,
        ]  # fmt: skip
        assert self.missing(second) == [street.maker.id, street.stores[1].id]

    def test_who_answered_is_told_with_what_and_when(self, street: Street) -> None:
        self.recall(street)
        recall = next(
            e for e in street.world.entries if e.action == "Recall" and e["lot"] == street.masks[0]
        )
        street.world.now += 3600
        street.world.acknowledge(street.stores[0], recall, 200, 200)
        followed = self.follow(street)[1]
        (told,) = followed.acknowledged
        assert (told.custodian, told.set_aside, told.gone) == (street.stores[0].id, 200, 200)
        assert (told.recall, told.recorded_at) == (recall.sequence, street.world.now)
        assert told.had
        assert street.stores[0].id not in self.missing(followed)

    def test_it_can_be_written(self, street: Street) -> None:
        self.recall(street)
        street.world.acknowledge(street.maker, street.world.entries[-1], 600)
        one, followed = street.scope().lots[2], self.follow(street)[2]
        answers = checked(followed, one.custody, one.chain)
        written = json.loads(json.dumps(follow_up_json(followed, answers)))
        assert [a["set_aside"] for a in written["acknowledged"]] == [600]
        assert [m["on_hand"] for m in written["missing"]] == [400]

    def test_who_never_had_any_may_answer_and_is_shown_as_such(self, street: Street) -> None:
        self.recall(street)
        recall = street.world.entries[-1]
        street.world.acknowledge(street.stores[0], recall, 5)
        (told,) = self.follow(street)[2].acknowledged
        assert not told.had

    def test_an_answer_to_another_campaign_does_not_count(self, street: Street) -> None:
        self.recall(street)
        other = street.world.recall(street.maker, street.fabric, document("another"))
        street.world.acknowledge(street.maker, other, 5)
        assert self.missing(self.follow(street)[0]) == [street.maker.id]

    def test_a_released_recall_is_told(self, street: Street) -> None:
        self.recall(street)
        recall = street.world.entries[-1]
        street.world.release(street.weaver, recall)
        followed = self.follow(street)[2]
        assert followed.recalls == followed.released == (recall.sequence,)

    def test_a_recall_signed_again_after_its_release_is_to_be_answered_anew(
        self, street: Street
    ) -> None:
        self.recall(street)
        first = street.world.entries[-1]
        street.world.acknowledge(street.maker, first, 5)
        street.world.release(street.weaver, first)
        again = street.world.copied(street.weaver.second_account(2), first)
        followed = self.follow(street)[2]
        assert followed.recalls == (first.sequence, again.sequence)
        assert followed.released == (first.sequence,)
        assert [a.recall for a in followed.acknowledged] == [first.sequence]
        assert street.maker.id in self.missing(followed)
        street.world.acknowledge(street.maker, again, 5)
        followed = self.follow(street)[2]
        assert [a.recall for a in followed.acknowledged] == [first.sequence, again.sequence]
        assert street.maker.id not in self.missing(followed)
        assert street.scope().lots[2].stops == (again.sequence,)

    def test_a_lot_made_since_was_not_named_yet(self, street: Street) -> None:
        self.recall(street)
        street.world.transform(street.maker, "M-9", 10, {street.fabric: 5})
        assert [bool(f.recalls) for f in self.follow(street)] == [True, True, True, False]

    def test_it_can_be_read_as_of_any_position(self, street: Street) -> None:
        self.recall(street)
        scope, size = street.scope(), street.world.size
        street.world.acknowledge(street.maker, street.world.entries[-1], 5)
        before = follow_up(street.graph, scope, self.CAMPAIGN, upto=size)
        after = follow_up(street.graph, scope, self.CAMPAIGN, upto=street.world.size)
        assert (len(before[2].acknowledged), len(after[2].acknowledged)) == (0, 1)


def test_a_firm_without_any_of_it_has_empty_books(street: Street) -> None:
    stranger: Firm = street.world.organisation("Nobody", Role.STORE)
    assert street.scope().lots[0].custody.of(stranger.id).there == 0
    assert NOTHING not in street.scope().by_custodian()
