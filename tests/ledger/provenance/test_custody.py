"""Who has how much of a lot, and how it got there."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import EvidenceError
from ledger.provenance.custody import Act, Custody, Stock
from ledger.recorded import RecordedEntry
from ledger.vocabulary import Role
from tests.support.batches import BatchWorld
from tests.support.world import Firm


class Road:
    """A maker with 100 of a lot, a carrier's customer, a store."""

    def __init__(self) -> None:
        self.world = BatchWorld()
        self.maker = self.world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.trader = self.world.organisation("Long Road Trading", Role.SUPPLIER)
        self.store = self.world.organisation("Lane Store", Role.STORE)
        self.lot = self.world.commission(self.maker, "M-1", 100)

    @property
    def custody(self) -> Custody:
        return self.world.custody(self.lot)

    def of(self, firm: Firm) -> Stock:
        return self.custody.of(firm.id)


@pytest.fixture
def road() -> Road:
    return Road()


def test_what_was_made_is_on_hand(road: Road) -> None:
    assert road.of(road.maker).on_hand == road.of(road.maker).made == road.custody.made == 100


def test_a_stranger_has_empty_books(road: Road) -> None:
    stranger = road.of(road.store)
    assert stranger.there == stranger.received == 0
    assert [s.custodian for s in road.custody.stocks] == [road.maker.id]


def test_a_lot_that_grows_has_more_on_hand() -> None:
    road = Road()
    mask = road.world.transform(road.maker, "K-1", 10, {road.lot: 5})
    road.world.transform(road.maker, "K-1", 7, {road.lot: 5})
    assert road.world.custody(mask).of(road.maker.id).on_hand == 17
    assert road.of(road.maker).used == 10
    assert road.of(road.maker).on_hand == 90


def test_what_is_shipped_is_under_way_and_nobodys_stock(road: Road) -> None:
    shipment = road.world.ship(road.maker, road.lot, road.trader, 40)
    assert (road.of(road.maker).on_hand, road.of(road.maker).under_way_from) == (60, 40)
    assert (road.of(road.trader).on_hand, road.of(road.trader).under_way_to) == (0, 40)
    (under_way,) = road.custody.shipments
    assert (under_way.id, under_way.left, under_way.accepted) == (shipment.digest, 40, None)


def test_what_is_accepted_is_the_receivers_and_the_shipment_is_over(road: Road) -> None:
    road.world.hand_over(road.maker, road.lot, road.trader, 40)
    assert (road.of(road.trader).on_hand, road.of(road.trader).received) == (40, 40)
    assert (road.of(road.maker).sent, road.of(road.maker).under_way_from) == (40, 0)
    assert road.custody.shipments == ()


def test_what_is_not_accepted_stays_under_way_until_it_is_settled(road: Road) -> None:
    shipment = road.world.ship(road.maker, road.lot, road.trader, 40)
    road.world.receive(road.trader, shipment, 30)
    assert road.of(road.maker).under_way_from == 10
    assert road.custody.shipments[0].accepted == 30
    road.world.settle(shipment, returned=7, lost=3)
    maker = road.of(road.maker)
    assert (maker.on_hand, maker.lost, maker.sent, maker.under_way_from) == (67, 3, 30, 0)
    assert road.custody.shipments == ()


def test_a_shipment_may_be_settled_in_parts(road: Road) -> None:
    shipment = road.world.ship(road.maker, road.lot, road.trader, 40)
    road.world.settle(shipment, returned=15, lost=0)
    assert (road.of(road.maker).on_hand, road.of(road.maker).under_way_from) == (75, 25)


def test_what_is_dispensed_destroyed_or_lost_is_gone_and_counted(road: Road) -> None:
    road.world.dispense(road.maker, road.lot, 10)
    road.world.destroy(road.maker, road.lot, 20)
    road.world.adjust(road.maker, road.lot, 30)
    maker = road.of(road.maker)
    assert (maker.on_hand, maker.dispensed, maker.destroyed, maker.lost) == (40, 10, 20, 30)


def test_what_is_found_again_is_no_longer_lost(road: Road) -> None:
    road.world.adjust(road.maker, road.lot, 30)
    road.world.adjust(road.maker, road.lot, 12, up=True)
    assert (road.of(road.maker).on_hand, road.of(road.maker).lost) == (82, 18)
    road.world.adjust(road.maker, road.lot, 18, up=True)
    assert (road.of(road.maker).on_hand, road.of(road.maker).lost) == (100, 0)


def test_what_is_packed_is_at_hand_but_not_on_hand(road: Road) -> None:
    unit = road.world.pack(road.maker, 1, {road.lot: 25})
    maker = road.of(road.maker)
    assert (maker.on_hand, maker.in_units, maker.there) == (75, 25, 100)
    (packed,) = road.custody.units
    assert (packed.unit, packed.holder, packed.quantity) == (unit, road.maker.id, 25)


def test_a_unit_travels_and_is_taken_apart_by_who_has_it(road: Road) -> None:
    parts = {road.lot: 25}
    unit = road.world.pack(road.maker, 1, parts)
    road.world.ship_unit(road.maker, unit, road.trader, parts)
    assert (road.of(road.maker).under_way_from, road.of(road.trader).under_way_to) == (25, 25)
    road.world.receive_unit(road.trader, unit, parts)
    assert (road.of(road.trader).in_units, road.of(road.trader).received) == (25, 25)
    road.world.take_apart(road.trader, unit, parts)
    assert (road.of(road.trader).on_hand, road.custody.units) == (25, ())
    assert road.of(road.maker).sent == 25


def test_a_unit_that_is_refused_is_the_senders_again(road: Road) -> None:
    parts = {road.lot: 25}
    unit = road.world.pack(road.maker, 1, parts)
    road.world.ship_unit(road.maker, unit, road.trader, parts)
    road.world.receive_unit(road.trader, unit, parts, accepted=False)
    assert (road.of(road.maker).in_units, road.of(road.maker).sent) == (25, 0)
    assert road.of(road.trader).received == 0


def test_a_sender_takes_apart_what_never_arrived(road: Road) -> None:
    parts = {road.lot: 25}
    unit = road.world.pack(road.maker, 1, parts)
    road.world.ship_unit(road.maker, unit, road.trader, parts)
    road.world.take_apart(road.maker, unit, parts)
    maker = road.of(road.maker)
    assert (maker.on_hand, maker.under_way_from, maker.sent) == (100, 0, 0)
    assert road.of(road.trader).under_way_to == 0


def test_only_the_parts_of_this_lot_count(road: Road) -> None:
    other = road.world.commission(road.maker, "M-2", 50)
    road.world.pack(road.maker, 1, {road.lot: 25, other: 30})
    assert road.of(road.maker).in_units == 25
    assert road.world.custody(other).of(road.maker.id).in_units == 30


def test_the_time_line_has_both_clocks_and_both_sides(road: Road) -> None:
    road.world.now += 86400
    shipment = road.world.ship(road.maker, road.lot, road.trader, 40)
    road.world.now += 86400
    road.world.record(
        road.trader, "Receive", lot=road.lot, shipment=shipment.digest, sender=road.maker.id,
        accepted=40, reason="", happenedAt=road.world.now - 3600,
    )  # fmt: skip
    made, shipped, received = road.custody.hops
    assert [h.act for h in (made, shipped, received)] == [Act.MADE, Act.SHIPPED, Act.RECEIVED]
    assert (shipped.custodian, shipped.other) == (road.maker.id, road.trader.id)
    assert (received.custodian, received.other) == (road.trader.id, road.maker.id)
    assert shipped.about == received.about == shipment.digest
    assert received.happened_at == received.recorded_at - 3600


def test_what_was_found_about_a_lot_moves_nothing(road: Road) -> None:
    before = road.custody
    road.world.hold(road.maker, road.lot)
    assert road.custody == before


def test_it_can_be_had_as_of_any_earlier_entry(road: Road) -> None:
    shipment = road.world.ship(road.maker, road.lot, road.trader, 40)
    receipt = road.world.receive(road.trader, shipment)
    earlier = road.world.custody(road.lot, receipt.sequence)
    assert earlier.of(road.trader.id).under_way_to == 40
    assert earlier.of(road.trader.id).on_hand == 0


@pytest.mark.parametrize("act", ["dispense", "destroy", "adjust"])
def test_a_chain_in_which_somebody_parts_with_what_he_has_not_is_no_evidence(
    road: Road, act: str
) -> None:
    getattr(road.world, act)(road.maker, road.lot, 101)
    with pytest.raises(EvidenceError, match="parts with 101 and has 100"):
        _ = road.custody


def test_finding_more_than_was_lost_is_no_evidence(road: Road) -> None:
    road.world.adjust(road.maker, road.lot, 5)
    road.world.adjust(road.maker, road.lot, 6, up=True)
    with pytest.raises(EvidenceError, match="finds 6 of 5 lost"):
        _ = road.custody


def test_receiving_more_than_was_ever_under_way_is_no_evidence(road: Road) -> None:
    shipment = road.world.ship(road.maker, road.lot, road.trader, 40)
    road.world.receive(road.trader, shipment, 30)
    road.world.receive(road.trader, shipment, 30)
    with pytest.raises(EvidenceError, match="30 of a shipment to one to whom 10 is under way"):
        _ = road.custody


# ------------------------------------------------------------------------------ the same words


def test_shipments_of_two_senders_in_the_same_words_are_two(road: Road) -> None:
    road.world.hand_over(road.maker, road.lot, road.trader, 50)
    first = road.world.ship(road.maker, road.lot, road.store, 20)
    copy = road.world.copied(road.trader, first)
    assert copy.digest == first.digest
    assert [(s.sender, s.left) for s in road.custody.shipments] == [
        (road.maker.id, 20),
        (road.trader.id, 20),
    ]
    road.world.receive(road.store, first)
    assert [s.sender for s in road.custody.shipments] == [road.trader.id]
    road.world.receive(road.store, copy)
    assert road.custody.shipments == ()
    assert road.of(road.store).on_hand == 40
    assert [s.under_way_from for s in road.custody.stocks] == [0, 0, 0]


def test_the_copy_is_settled_by_who_sent_it(road: Road) -> None:
    road.world.hand_over(road.maker, road.lot, road.trader, 50)
    first = road.world.ship(road.maker, road.lot, road.store, 20)
    road.world.settle(road.world.copied(road.trader, first), returned=15, lost=5)
    assert (road.of(road.trader).on_hand, road.of(road.trader).lost) == (45, 5)
    (under_way,) = road.custody.shipments
    assert (under_way.sender, under_way.left) == (road.maker.id, 20)


def test_what_a_colleague_sends_in_the_same_words_later_is_another_shipment(road: Road) -> None:
    first = road.world.ship(road.maker, road.lot, road.store, 20)
    road.world.receive(road.store, first)
    copy = road.world.copied(road.maker.second_account(2), first)
    (under_way,) = road.custody.shipments
    assert (under_way.quantity, under_way.left, under_way.accepted) == (20, 20, None)
    assert under_way.entries == (copy.sequence,)
    road.world.receive(road.store, copy, 12)
    (under_way,) = road.custody.shipments
    assert (under_way.left, under_way.accepted) == (8, 12)
    assert road.of(road.store).on_hand == 32


class TestAShipmentThatIsNotKnown:
    """Somebody found two texts between which the contracts cannot tell, and answers for what he
    sent by the one under the name of the other."""

    @pytest.fixture
    def never_sent(self, road: Road) -> RecordedEntry:
        """As if the maker had sent 30 by this, too."""
        road.world.ship(road.maker, road.lot, road.trader, 30)
        return replace(road.world.entries.pop(), digest=b"\x07" * 32)

    def test_settling_it_counts_in_the_stocks(self, road: Road, never_sent: RecordedEntry) -> None:
        road.world.ship(road.maker, road.lot, road.trader, 40)
        road.world.settle(never_sent, returned=25, lost=5)
        maker = road.of(road.maker)
        assert (maker.on_hand, maker.lost, maker.sent, maker.under_way_from) == (85, 5, 10, 10)
        assert road.of(road.trader).under_way_to == 10
        assert road.custody.accounted == 100

    def test_receiving_it_counts_in_the_stocks(self, road: Road, never_sent: RecordedEntry) -> None:
        road.world.ship(road.maker, road.lot, road.trader, 40)
        road.world.receive(road.trader, never_sent, 30)
        assert (road.of(road.trader).on_hand, road.of(road.trader).under_way_to) == (30, 10)
        assert road.custody.accounted == 100

    def test_it_is_shown_as_unknown_and_what_is_left_adds_up(
        self, road: Road, never_sent: RecordedEntry
    ) -> None:
        sent = road.world.ship(road.maker, road.lot, road.trader, 40)
        received = road.world.receive(road.trader, never_sent, 30)
        known, unknown = road.custody.shipments
        assert (known.id, known.known, known.left) == (sent.digest, True, 40)
        assert (unknown.id, unknown.known, unknown.left) == (never_sent.digest, False, -30)
        assert (unknown.quantity, unknown.accepted) == (0, None)
        assert unknown.entries == (received.sequence,)
        assert road.custody.hops[-1].about == b""

    def test_more_may_come_back_under_a_known_name_than_was_sent_by_it(self, road: Road) -> None:
        road.world.ship(road.maker, road.lot, road.trader, 40)
        small = road.world.ship(road.maker, road.lot, road.trader, 1)
        road.world.settle(small, returned=40, lost=0)
        assert [s.left for s in road.custody.shipments] == [40, -39]
        assert (road.of(road.maker).on_hand, road.custody.under_way) == (99, 1)

    def test_more_than_is_under_way_to_the_recipient_is_no_evidence(
        self, road: Road, never_sent: RecordedEntry
    ) -> None:
        road.world.ship(road.maker, road.lot, road.trader, 29)
        road.world.settle(never_sent, returned=30, lost=0)
        with pytest.raises(EvidenceError, match="30 of a shipment to one to whom 29 is under way"):
            _ = road.custody


# ------------------------------------------------------------------------------ a property

ACTS = ("make", "ship", "receive", "settle", "use", "dispense", "destroy", "lose", "find",
        "pack", "ship unit", "receive unit", "take apart")  # fmt: skip


@dataclass
class Model:
    """Random acts that the contracts would allow, on one lot of which anybody may have some."""

    road: Road
    data: st.DataObject
    lots: int = 0

    def stock(self) -> tuple[Firm, int]:
        firms = [self.road.maker, self.road.trader, self.road.store]
        firm = self.data.draw(st.sampled_from(firms))
        have = self.road.of(firm).on_hand
        return firm, self.data.draw(st.integers(1, have)) if have else 0

    def act(self, act: str) -> None:
        road, world, draw = self.road, self.road.world, self.data.draw
        self.lots += 1
        custody = road.custody
        by_id = {f.id: f for f in (road.maker, road.trader, road.store)}
        firm, quantity = self.stock()
        if act == "make":
            self.road.world.commission(road.maker, "M-1", draw(st.integers(1, 50)))
        elif act in ("ship", "use", "dispense", "destroy", "lose", "pack"):
            if not quantity:
                return
            if act == "ship":
                other = draw(st.sampled_from([f for f in by_id.values() if f != firm]))
                world.ship(firm, road.lot, other, quantity)
            elif act == "use":
                world.transform(firm, f"K-{self.lots}", 1, {road.lot: quantity})
            elif act == "pack":
                world.pack(firm, self.lots, {road.lot: quantity})
            elif act == "lose":
                world.adjust(firm, road.lot, quantity)
            else:
                getattr(world, act)(firm, road.lot, quantity)
        elif act == "find":
            if lost := road.of(firm).lost:
                world.adjust(firm, road.lot, draw(st.integers(1, lost)), up=True)
        elif act in ("receive", "settle") and custody.shipments:
            parcel = draw(st.sampled_from(custody.shipments))
            shipment = next(e for e in world.entries if e.digest == parcel.id)
            if act == "settle":
                settled = draw(st.integers(1, parcel.left))
                lost = draw(st.integers(0, settled))
                world.settle(shipment, settled - lost, lost)
            elif len(parcel.entries) == 1:
                world.receive(by_id[parcel.recipient], shipment, draw(st.integers(0, parcel.left)))
        elif act.endswith(("unit", "apart")) and custody.units:
            unit = draw(st.sampled_from(custody.units))
            parts, holder = {road.lot: unit.quantity}, by_id[unit.holder]
            if act == "take apart":
                world.take_apart(holder, unit.unit, parts)
            elif act == "receive unit" and unit.recipient:
                accepted = draw(st.booleans())
                world.receive_unit(by_id[unit.recipient], unit.unit, parts, accepted)
            elif act == "ship unit" and not unit.recipient:
                other = draw(st.sampled_from([f for f in by_id.values() if f != holder]))
                world.ship_unit(holder, unit.unit, other, parts)


@settings(max_examples=60)
@given(st.data())
def test_whatever_happens_every_piece_is_accounted_for_at_every_position(
    data: st.DataObject,
) -> None:
    road = Road()
    model = Model(road, data)
    first = road.world.size
    for act in data.draw(st.lists(st.sampled_from(ACTS), min_size=5, max_size=25)):
        model.act(act)
    for upto in range(first, road.world.size + 1):
        custody = road.world.custody(road.lot, upto)
        assert custody.accounted == custody.made
        for s in custody.stocks:
            assert min(vars_of(s)) >= 0
            assert s.made + s.received - s.sent == (
                s.on_hand + s.in_units + s.used + s.dispensed + s.destroyed + s.lost
            )
        assert sum(s.under_way_from for s in custody.stocks) == (
            sum(p.left for p in custody.shipments)
            + sum(u.quantity for u in custody.units if u.recipient)
        )
        assert sum(s.under_way_to for s in custody.stocks) == custody.under_way


def vars_of(s: Stock) -> tuple[int, ...]:
    return (
        s.made, s.received, s.sent, s.on_hand, s.in_units, s.under_way_from, s.under_way_to,
        s.used, s.dispensed, s.destroyed, s.lost,
    )  # fmt: skip
