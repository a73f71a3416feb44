"""Lots read from their chains alone are those that the index has."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ledger.errors import EvidenceError
from ledger.evidence.graph import ChainGraph
from ledger.provenance.model import Lot
from ledger.vocabulary import Role
from tests.support.batches import BatchWorld
from tests.support.networks import IndexedNetwork, indexed_network
from tests.support.workspaces import new_data, opened


@pytest.fixture(scope="module", params=[1, 2])
def network(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IndexedNetwork]:
    with indexed_network(tmp_path_factory.mktemp("network"), request.param) as found:
        yield found


def lots_of(network: IndexedNetwork) -> list[Lot]:
    return network.index.lots.search("", limit=10_000)


def test_lots_are_those_of_the_index(network: IndexedNetwork) -> None:
    lots = lots_of(network)
    assert {lot.closed for lot in lots} == {lot.underrun for lot in lots} == {False, True}
    graph = ChainGraph(network.index, network.size)
    assert graph.by_ids([lot.id for lot in lots]) == {lot.id: lot for lot in lots}
    numbers = [lot.number for lot in lots]
    assert list(graph.lots(numbers)) == list(network.index.lots.lots(numbers))


@pytest.mark.parametrize("part", [1, 2, 3])
def test_edges_and_entries_are_those_of_the_index(network: IndexedNetwork, part: int) -> None:
    upto, chance, theirs = network.size // part, Random(part), network.index.lots
    lots = lots_of(network)
    ours = ChainGraph(network.index, network.size)
    ours.by_ids([lot.id for lot in lots])
    numbers = [lot.number for lot in lots if lot.number < upto]
    for some in (numbers, *(chance.sample(numbers, 5) for _ in range(8))):
        assert list(ours.inputs_of(some, upto)) == list(theirs.inputs_of(some, upto))
        assert list(ours.outputs_of(some, upto)) == list(theirs.outputs_of(some, upto))
        assert list(ours.chain(some, upto)) == list(theirs.chain(some, upto))
        assert list(ours.about(some, upto)) == list(theirs.about(some, upto))


def test_the_lots_of_the_demo_are_those_of_the_index(tmp_path: Path) -> None:
    with opened(new_data(tmp_path, story=True)) as workspace:
        lots = workspace.index.lots.search("", limit=100)
        assert any(lot.origin_not_shown for lot in lots)
        graph = ChainGraph(workspace.index, workspace.position)
        assert graph.by_ids([lot.id for lot in lots]) == {lot.id: lot for lot in lots}


class Making:
    """Two kilograms of polymer are ten pieces' worth."""

    def __init__(self) -> None:
        self.world = BatchWorld()
        self.maker = self.world.organisation("Clear Brook", Role.SUPPLIER)
        self.polymer = self.world.commission(self.maker, "P-1", 100, unit="KGM")

    def needs(self, most: int, per: int = 10) -> None:
        self.world.record(
            self.world.authority, "SetIngredient", least=1, most=most, per=per, process="making",
            category="mask.surgical", unit="H87", input="polymer", inputUnit="KGM",
        )  # fmt: skip

    def make(self, quantity: int, used: int) -> Lot:
        made = self.world.transform(self.maker, "M-1", quantity, {self.polymer: used})
        return self.lot(made)

    def lot(self, id_: bytes) -> Lot:
        return ChainGraph(self.world, self.world.size).by_ids([id_])[id_]


def test_as_much_as_a_process_should_need_is_no_underrun() -> None:
    making = Making()
    making.needs(2)
    assert not making.make(10, 2).underrun
    assert making.make(10, 3).underrun


def test_a_bound_counts_for_what_is_made_after_it() -> None:
    making = Making()
    assert not making.make(10, 50).underrun
    making.needs(2)
    assert not making.make(100, 20).underrun


@pytest.mark.parametrize(("most", "per"), [(0, 10), (2, 0)])
def test_a_bound_that_was_lifted_counts_no_more(most: int, per: int) -> None:
    making = Making()
    making.needs(2)
    making.needs(most, per)
    assert not making.make(10, 50).underrun


def test_a_lot_grows_until_its_maker_takes_from_it() -> None:
    making = Making()
    lot = making.make(10, 1)
    assert (lot.quantity, lot.closed) == (10, False)
    lot = making.make(5, 1)
    assert (lot.quantity, lot.closed) == (15, False)
    making.world.dispense(making.maker, lot.id, 1)
    assert making.lot(lot.id) == lot._replace(closed=True)


def test_what_lies_behind_the_position_is_not_read() -> None:
    making = Making()
    lot, position = making.make(10, 1), making.world.size
    making.make(5, 1)
    assert ChainGraph(making.world, position).by_ids([lot.id]) == {lot.id: lot}
    assert ChainGraph(making.world, lot.number).by_ids([lot.id]) == {}


def test_the_chain_of_something_else_is_no_lot() -> None:
    making = Making()
    subject = making.maker.id.ljust(32, b"\0")
    assert making.world.by_subject(subject)
    assert ChainGraph(making.world, making.world.size).by_ids([subject]) == {}


def test_an_input_that_nobody_made_was_written_by_no_contract() -> None:
    making = Making()
    making.polymer = b"\x01" * 32
    lot = making.make(10, 1)
    graph = ChainGraph(making.world, making.world.size)
    graph.by_ids([lot.id])
    with pytest.raises(EvidenceError, match="nobody made"):
        graph.inputs_of([lot.number], making.world.size)
