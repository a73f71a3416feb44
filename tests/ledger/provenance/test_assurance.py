"""How well each link is vouched for, and which is the weakest."""

from dataclasses import replace
from itertools import pairwise

import pytest

from ledger.provenance.answer import Provenance, provenance
from ledger.provenance.assurance import Assurance, Link, LinkKind, least_assured
from ledger.provenance.tracing import Direction
from ledger.vocabulary import NO_END, InspectionResult, Role
from tests.support.batches import BatchWorld, MemoryGraph
from tests.support.world import Firm, instant

ATTESTED, CONFIRMED = Assurance.ATTESTED, Assurance.CONFIRMED
SELF_DECLARED, NOT_SHOWN = Assurance.SELF_DECLARED, Assurance.ORIGIN_NOT_SHOWN


class Chain:
    """Polymer of one firm becomes a mask of another."""

    def __init__(self) -> None:
        self.world = BatchWorld()
        self.plant = self.world.organisation("Blue Hill Polymers", Role.SUPPLIER)
        self.trader = self.world.organisation("Long Road Trading", Role.SUPPLIER)
        self.maker = self.world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.lab = self.world.laboratory("Hill Laboratory", "YY 0469")
        self.polymer = self.world.commission(self.plant, "P-1", 100)

    def bring(self, *way: Firm) -> None:
        for giver, taker in pairwise(way):
            self.world.hand_over(giver, self.polymer, taker, 50)

    def mask(self) -> bytes:
        return self.world.transform(self.maker, "M-1", 10, {self.polymer: 5})

    def answer(self, lot: bytes) -> Provenance:
        graph, world = MemoryGraph(self.world), self.world
        return provenance(
            graph, world, world.founding, graph.number(lot), direction=Direction.BACK,
            upto=world.size, known_at=NO_END,
        )  # fmt: skip

    def links(self, lot: bytes, kind: LinkKind) -> list[Assurance]:
        return [link.assurance for link in self.answer(lot).links if link.kind is kind]


@pytest.fixture
def chain() -> Chain:
    return Chain()


def test_the_kinds_have_an_order() -> None:
    assert sorted(Assurance, key=lambda a: a.rank) == [
        ATTESTED, CONFIRMED, SELF_DECLARED, NOT_SHOWN,
    ]  # fmt: skip


def test_what_came_from_another_firm_is_confirmed_by_the_receiver(chain: Chain) -> None:
    chain.bring(chain.plant, chain.maker)
    mask = chain.mask()
    assert chain.links(mask, LinkKind.MAKING) == [CONFIRMED]
    assert chain.links(mask, LinkKind.HANDING_OVER) == [CONFIRMED]


def test_what_a_maker_both_made_and_used_is_self_declared(chain: Chain) -> None:
    chain.maker = chain.plant
    assert chain.links(chain.mask(), LinkKind.MAKING) == [SELF_DECLARED]
    assert chain.links(chain.mask(), LinkKind.HANDING_OVER) == []


def test_two_records_of_one_firm_confirm_nothing_to_each_other(chain: Chain) -> None:
    chain.world.link(chain.lab, chain.plant, chain.maker)
    chain.bring(chain.plant, chain.maker)
    mask = chain.mask()
    assert chain.links(mask, LinkKind.MAKING) == [SELF_DECLARED]
    assert chain.links(mask, LinkKind.HANDING_OVER) == [SELF_DECLARED]


def test_a_receipt_signed_with_a_stolen_key_confirms_nothing(chain: Chain) -> None:
    thief = chain.maker.second_account(2)
    chain.world.add_account(thief, Role.SUPPLIER)
    chain.bring(chain.plant, thief)
    chain.world.compromised(thief, since=1)
    assert chain.links(chain.mask(), LinkKind.MAKING) == [SELF_DECLARED]


def test_a_receipt_of_a_shipment_that_is_not_known_confirms_nothing(chain: Chain) -> None:
    chain.world.ship(chain.plant, chain.polymer, chain.maker, 50)
    never_sent = replace(chain.world.entries[-1], digest=b"\x07" * 32)
    chain.world.receive(chain.maker, never_sent)
    assert chain.links(chain.mask(), LinkKind.MAKING) == [SELF_DECLARED]


def test_a_receipt_in_a_logistic_unit_confirms_too(chain: Chain) -> None:
    parts = {chain.polymer: 50}
    unit = chain.world.pack(chain.plant, 1, parts)
    chain.world.ship_unit(chain.plant, unit, chain.maker, parts)
    chain.world.receive_unit(chain.maker, unit, parts)
    chain.world.take_apart(chain.maker, unit, parts)
    assert chain.links(chain.mask(), LinkKind.MAKING) == [CONFIRMED]


def test_every_hand_on_the_way_is_a_link(chain: Chain) -> None:
    chain.bring(chain.plant, chain.trader, chain.maker)
    mask = chain.mask()
    hops = [x for x in chain.answer(mask).links if x.kind is LinkKind.HANDING_OVER]
    assert [(x.giver, x.taker) for x in hops] == [
        (chain.plant.id, chain.trader.id),
        (chain.trader.id, chain.maker.id),
    ]


def test_whom_else_the_material_went_to_does_not_matter(chain: Chain) -> None:
    chain.bring(chain.plant, chain.maker)
    chain.bring(chain.plant, chain.trader)
    mask = chain.mask()
    assert len(chain.links(mask, LinkKind.HANDING_OVER)) == 1


def test_what_was_received_after_it_was_used_does_not_confirm(chain: Chain) -> None:
    mask = chain.world.transform(chain.maker, "M-1", 10, {chain.polymer: 0})
    chain.bring(chain.plant, chain.maker)
    assert chain.links(mask, LinkKind.MAKING) == [SELF_DECLARED]


@pytest.mark.parametrize("end", ["output", "input"])
def test_a_passed_inspection_at_either_end_attests_the_making(chain: Chain, end: str) -> None:
    chain.bring(chain.plant, chain.maker)
    mask = chain.mask()
    report = chain.world.inspect(chain.lab, mask if end == "output" else chain.polymer)
    (making,) = (x for x in chain.answer(mask).links if x.kind is LinkKind.MAKING)
    assert (making.assurance, making.entries) == (ATTESTED, (report.sequence,))


def test_where_one_end_failed_nothing_is_attested(chain: Chain) -> None:
    chain.bring(chain.plant, chain.maker)
    mask = chain.mask()
    chain.world.inspect(chain.lab, chain.polymer)
    chain.world.inspect(chain.lab, mask, InspectionResult.FAILED)
    assert chain.links(mask, LinkKind.MAKING) == [CONFIRMED]


def test_a_doubted_report_attests_nothing(chain: Chain) -> None:
    chain.world.now = instant("2020-05-01")
    chain.bring(chain.plant, chain.maker)
    mask = chain.mask()
    chain.world.inspect(chain.lab, mask)
    chain.world.compromised(chain.lab, since=instant("2020-04-01"))
    assert chain.links(mask, LinkKind.MAKING) == [CONFIRMED]


def test_raw_material_is_self_declared_unless_attested(chain: Chain) -> None:
    assert chain.links(chain.polymer, LinkKind.ORIGIN) == [SELF_DECLARED]
    chain.world.inspect(chain.lab, chain.polymer)
    assert chain.links(chain.polymer, LinkKind.ORIGIN) == [ATTESTED]


def test_no_test_shows_an_origin_that_is_not_shown(chain: Chain) -> None:
    old = chain.world.commission(chain.plant, "OLD-1", 5, shown=False)
    chain.world.inspect(chain.lab, old)
    assert chain.links(old, LinkKind.ORIGIN) == [NOT_SHOWN]


def test_the_least_assured_link_of_the_whole_is_named(chain: Chain) -> None:
    chain.bring(chain.plant, chain.maker)
    old = chain.world.commission(chain.maker, "OLD-1", 5, shown=False)
    mask = chain.world.transform(chain.maker, "M-1", 10, {chain.polymer: 5, old: 5})
    least = chain.answer(mask).least
    assert least is not None
    assert (least.assurance, least.kind) == (NOT_SHOWN, LinkKind.ORIGIN)
    assert least.lot == MemoryGraph(chain.world).number(old)


def test_of_equally_weak_links_the_first_is_named() -> None:
    links = [
        Link(LinkKind.MAKING, kind, lot, 1, 1, b"", b"", ())
        for lot, kind in enumerate((CONFIRMED, SELF_DECLARED, SELF_DECLARED))
    ]
    assert least_assured(links) == links[1]
    assert least_assured([]) is None
