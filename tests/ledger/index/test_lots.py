"""Batches in the index: rows equal what the contracts keep, after a busy life of lots."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import UnavailableError
from ledger.index import projection
from ledger.index.database import Database
from ledger.index.lots import LotGraph
from ledger.index.repository import Index
from ledger.indexing import Indexer
from ledger.provenance.custody import custody
from ledger.provenance.model import Edge, Lot
from ledger.provenance.tracing import trace_back, trace_forward
from ledger.recorded import RecordedEntry
from ledger.typed_data import Part, SignedEntry, goods, lot_id, unit_id
from tests.support.batch_world import (
    RAW,
    RAW_GTIN,
    SEWING,
    SPINNING,
    STANDARD,
    BatchWorld,
    batch_world,
)
from tests.support.contract_world import KIND, REGISTER, org
from tests.support.databases import DATABASES, new_database
from tests.support.lot_life import LotLife, deployment
from tests.support.stock_chain import StockChain

CUSTODIANS: Final = ("refinery", "weaver", "maker", "warehouse", "store")
OPEN, NOT_SHOWN, BLOCKED, UNDERRUN = 2, 4, 8, 16


@dataclass(frozen=True)
class Lived:
    """The world after its life, and the digest of its index."""

    world: BatchWorld
    life: LotLife
    truth: bytes

    def indexer(self, database: Database) -> Indexer:
        chain: Any = self.world.chain
        return Indexer(chain, database, deployment(self.world))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("life")
    with batch_world(folder) as world, new_database("sqlite", folder) as database:
        life = LotLife(world, seed=20)
        life.live(400)
        world.accepted(
            world.act(
                "RecordPublication", "mirror",
                published=world.now, document=keccak(b"list"), rows=1, rowsRoot=bytes(32),
                register=REGISTER, title="recalls",
            ),
            world.mirror_recall(),
        )  # fmt: skip
        assert set(life.done) >= {
            *("Commission", "Transform", "Ship", "Receive", "Settle", "Adjust", "Dispense"),
            *("Destroy", "SetIngredient", "Aggregate", "TakeApart", "ShipUnit", "ReceiveUnit"),
            *("Inspect", "Hold", "Recall", "Release", "Acknowledge", "Correct"),
        }  # fmt: skip
        found = Lived(world, life, b"")
        found.indexer(database).sync()
        yield Lived(world, life, projection.digest(database))


@pytest.fixture(scope="module", params=DATABASES)
def read(
    request: pytest.FixtureRequest, lived: Lived, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with new_database(request.param, tmp_path_factory.mktemp("read")) as database:
        lived.indexer(database).sync()
        yield database


@pytest.fixture
def index(read: Database) -> Index:
    return Index(read)


@pytest.fixture
def graph(index: Index) -> LotGraph:
    return index.lots


@pytest.fixture
def lots(graph: LotGraph, lived: Lived) -> list[Lot]:
    found = graph.by_ids(lived.life.lots)
    assert set(found) == set(lived.life.lots)
    return list(found.values())


def entries_of(index: Index) -> list[RecordedEntry]:
    return index.entries(0, 10_000)


def edges_of(entries: list[RecordedEntry], graph: LotGraph) -> list[Edge]:
    """The edges that the entries tell of, worked out anew."""
    found = []
    for e in entries:
        if e.action == "Transform":
            numbers = {i: lot.number for i, lot in graph.by_ids(e.subjects).items()}
            values: Any = e.entry.values
            for part in values["inputs"]:
                edge = (numbers[e.subjects[0]], numbers[part.lot], e.sequence, part.quantity)
                found.append(Edge(*edge, values["quantity"], values["happenedAt"], e.recorded_at))
    return found


# ---- the same rows, however they came


def test_every_database_holds_the_same_rows(read: Database, lived: Lived) -> None:
    assert projection.digest(read) == lived.truth


@settings(max_examples=5)
@given(cuts=st.lists(st.integers(20, 500), max_size=8))
def test_it_does_not_matter_in_which_pieces_batches_are_read(lived: Lived, cuts: list[int]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        new_database("sqlite", Path(folder)) as database,
    ):
        for cut in sorted(cuts):
            lived.indexer(database).sync(until=cut)
        lived.indexer(database).sync()
        assert projection.digest(database) == lived.truth


def test_batches_read_block_by_block_and_then_anew_are_the_same(
    lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.indexing._EVENTS", 2)
    with new_database("postgresql", tmp_path) as database:
        lived.indexer(database).sync()
        assert projection.digest(database) == lived.truth
        lived.indexer(database).rebuild()
        assert projection.digest(database) == lived.truth


def test_the_digest_of_what_travelled_is_that_of_the_entry(lived: Lived, index: Index) -> None:
    for e in entries_of(index):
        domain = lived.world.domain(e.contract)
        packed = SignedEntry(e.entry, e.signatures).pack()
        assert SignedEntry.unpack_digested(domain, packed)[1] == e.digest == e.entry.digest(domain)


# ---- what the contracts keep


def test_a_lot_is_as_the_contract_has_it(lived: Lived, graph: LotGraph, lots: list[Lot]) -> None:
    stopped = {s.lot for s in graph.stops([lot.number for lot in lots]) if s.released is None}
    for lot in lots:
        key, model, _, _, _, state = lived.world.lot(lot.id)
        assert key == goods(lot.category, lot.unit)
        assert model == keccak(lot.model.encode())[:6]
        assert lot.id == lot_id(lot.maker, lot.gtin, lot.lot)
        assert lot.closed == (not state & OPEN)
        assert lot.origin_not_shown == bool(state & NOT_SHOWN)
        assert lot.underrun == bool(state & UNDERRUN)
        assert (lot.number in stopped) == bool(state & BLOCKED)
    assert {lot.closed for lot in lots} == {lot.underrun for lot in lots} == {True, False}


def test_a_stock_is_as_the_contract_has_it(lived: Lived, graph: LotGraph, lots: list[Lot]) -> None:
    held = {(h.lot, h.custodian): h for h in graph.holdings([lot.number for lot in lots])}
    for lot in lots:
        for name in CUSTODIANS:
            found = held.get((lot.number, org(name)))
            ours = (found.on_hand, found.lost) if found else (0, 0)
            assert ours == lived.world.stock(lot.id, name)[:2]


def test_all_that_was_made_of_a_lot_is_somewhere(graph: LotGraph, lots: list[Lot]) -> None:
    numbers = [lot.number for lot in lots]
    where = dict.fromkeys(numbers, 0)
    for h in graph.holdings(numbers):
        where[h.lot] += h.on_hand + h.in_units + h.lost + h.used + h.dispensed + h.destroyed
    for way in graph.under_way(numbers):
        where[way.lot] += way.quantity
    assert where == {lot.number: lot.quantity for lot in lots}


def test_holdings_are_those_that_the_chain_of_the_lot_tells(
    index: Index, graph: LotGraph, lots: list[Lot]
) -> None:
    size = index.position().size
    for lot in lots:
        told = custody(lot.id, graph.chain([lot.number], size))
        held = {h.custodian: h for h in graph.holdings([lot.number])}
        for stock in told.stocks:
            h = held.get(stock.custodian)
            ours = (h.on_hand, h.in_units, h.lost, h.used, h.dispensed, h.destroyed) if h else None
            assert (ours or (0,) * 6) == (
                stock.on_hand, stock.in_units, stock.lost, stock.used, stock.dispensed,
                stock.destroyed,
            )  # fmt: skip
        ways = graph.under_way([lot.number])
        assert sum(way.quantity for way in ways) == told.under_way


def test_a_parcel_is_as_the_contract_has_it(lived: Lived, graph: LotGraph, lots: list[Lot]) -> None:
    ways = {w.shipment: w for w in graph.under_way([lot.number for lot in lots]) if w.shipment}
    seen = set()
    for shipment, _ in lived.life.shipments:
        quantity, sent_at, due, answered = lived.world.parcel(shipment)
        way = ways.pop(lived.world.digest(shipment), None)
        seen.add(way is not None)
        if quantity == 0:
            assert way is None
        else:
            assert way is not None
            assert (way.quantity, way.sent_at, way.due) == (quantity, sent_at, due)
            assert way.answered is answered
    assert ways == {}
    assert seen == {True, False}


def test_a_unit_is_as_the_contract_has_it(lived: Lived, index: Index) -> None:
    graph = index.lots
    part_type = keccak(b"Part(bytes32 lot,uint40 quantity)")
    assert lived.life.units
    packed = [e for e in entries_of(index) if e.action == "Aggregate"]
    for e in packed:
        unit = graph.unit(e.subjects[0])
        assert unit is not None
        holder, since, state, contents, recipient, due = lived.world.unit(unit.id)
        assert (unit.holder, unit.since, unit.state, unit.due) == (holder, since, state, due)
        assert unit.recipient.ljust(20, b"\0") == recipient
        assert unit.id == unit_id(unit.packer, unit.sscc)
        assert unit in graph.units(unit.sscc)
        if state == 3:
            assert unit.parts == ()
            continue
        ids = {lot.number: lot.id for lot in graph.lots([n for n, _ in unit.parts])}
        parts = sorted(Part(ids[number], quantity) for number, quantity in unit.parts)
        hashes = (keccak(part_type + p.lot + p.quantity.to_bytes(32, "big")) for p in parts)
        assert keccak(b"".join(hashes)) == contents


def test_a_process_is_as_the_contract_has_it(lived: Lived, graph: LotGraph) -> None:
    for name in (SPINNING, SEWING, "calendering"):
        output, inputs = lived.world.process(name)
        found = graph.ingredients(name)
        assert {(goods(i.input, i.input_unit), i.least, i.most, i.per) for i in found} == {
            (bytes(key), least, most, per) for key, least, most, per in inputs
        }
        assert {goods(i.category, i.unit) for i in found} <= {output}
    assert {i.process for i in graph.ingredients()} >= {SPINNING, SEWING}


def test_a_hold_or_recall_stands_as_in_the_contract(
    lived: Lived, graph: LotGraph, lots: list[Lot]
) -> None:
    ids = {lot.number: lot.id for lot in lots}
    stops = graph.stops(list(ids))
    assert {s.digest for s in stops} == {digest for _, digest, _ in lived.life.stops}
    for s in stops:
        author, recall = lived.world.standing(ids[s.lot], s.digest)
        assert (author, recall) == (
            (s.author, s.recall) if s.released is None else (bytes(20), False)
        )
        assert not s.stands(s.sequence)
        assert s.stands(s.sequence + 1)
        if s.released is not None:
            assert s.stands(s.released)
            assert not s.stands(s.released + 1)
    assert {s.released is None for s in stops} == {True, False}
    recalls = sorted((s for s in stops if s.recall), key=lambda s: s.sequence)
    assert graph.campaign(keccak(b"campaign")) == recalls


@pytest.mark.parametrize("kind", DATABASES)
def test_the_same_words_signed_by_two_are_two_entries(kind: str, tmp_path: Path) -> None:
    own = 1 << 62
    with batch_world(tmp_path) as world, new_database(kind, tmp_path) as database:
        lot = world.polymer_at_weaver()
        world.hand_over(lot, "second supplier", "supplier", 500)
        words = world.ship(lot, "supplier", "storekeeper", 40, nonce=own).entry
        first, second = world.sign(words, "supplier"), world.sign(words, "second supplier")
        world.accepted(first, second, world.receive(second, "storekeeper", accepted=30))
        held = world.stop("Hold", lot, nonce=own)
        world.accepted(held, world.release(lot, world.digest(held)))
        world.now += 1
        Lived(world, LotLife(world, 0), b"").indexer(database).sync()
        index = Index(database)
        size = index.position().size
        entry = index.entry_by_digest(world.digest(first))
        assert entry is not None
        assert index.sequences([entry.digest]) == {entry.digest: entry.sequence}
        number = index.lots.by_ids([lot])[lot].number
        ways = index.lots.under_way([number])
        assert [(w.sender, w.quantity, w.answered) for w in ways] == [
            (org("maker"), 40, False), (org("weaver"), 10, True)
        ]  # fmt: skip
        assert [e.digest for e in index.entries(0, size)].count(entry.digest) == 2


# ---- the graph


def test_edges_are_those_of_the_transformations(index: Index, graph: LotGraph) -> None:
    edges = edges_of(entries_of(index), graph)
    assert len(edges) > 10
    size = index.position().size
    outputs, inputs = {e.output for e in edges}, {e.input for e in edges}
    by_output = sorted(edges, key=lambda e: (e.output, e.sequence, e.input))
    by_input = sorted(edges, key=lambda e: (e.input, e.sequence, e.output))
    assert graph.inputs_of(outputs, size) == by_output
    assert graph.outputs_of(inputs, size) == by_input
    assert graph.inputs_of([], size) == graph.outputs_of([], size) == []


def test_only_the_first_entries_count(index: Index, graph: LotGraph) -> None:
    edges = edges_of(entries_of(index), graph)
    for upto in (edges[0].sequence, edges[3].sequence, edges[-1].sequence):
        outputs = {e.output for e in edges}
        assert {e.sequence for e in graph.inputs_of(outputs, upto)} == {
            e.sequence for e in edges if e.sequence < upto
        }


def test_what_was_found_about_lots_is_the_oversights_entries(
    index: Index, graph: LotGraph, lots: list[Lot]
) -> None:
    entries = [e for e in entries_of(index) if e.contract == "BatchOversight"]
    about = [e for e in entries if e.action != "MirrorRecall"]
    numbers = [lot.number for lot in lots]
    assert graph.about(numbers, index.position().size) == about
    assert graph.about(numbers, about[3].sequence) == about[:3]


def test_the_chains_of_lots_are_whole(index: Index, graph: LotGraph, lots: list[Lot]) -> None:
    size = index.position().size
    for lot in lots[:5]:
        assert graph.chain([lot.number], size) == index.by_subject(lot.id)
    some = [lot.id for lot in lots[:5]]
    assert graph.chain([lot.number for lot in lots[:5]], 150) == [
        e for e in entries_of(index) if set(some).intersection(e.subjects) and e.sequence < 150
    ]


def test_a_graph_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with (
        new_database("sqlite", tmp_path, migrated=False) as database,
        pytest.raises(UnavailableError),
    ):
        Index(database).lots.inputs_of([1], 10)


def test_a_trace_leads_back_and_forth(index: Index, graph: LotGraph) -> None:
    size = index.position().size
    edge = edges_of(entries_of(index), graph)[0]
    assert edge.input in trace_back(graph, edge.output, upto=size).lots
    assert edge.output in trace_forward(graph, edge.input, upto=size).lots


# ---- finding


def test_a_lot_is_found_by_its_id_its_gtin_and_number_and_its_maker(
    graph: LotGraph, lots: list[Lot]
) -> None:
    for lot in lots:
        assert graph.lot(lot.id) == lot
        assert lot in graph.find(lot.gtin, lot.lot)
    assert graph.lot(bytes(32)) is None
    assert graph.find(RAW_GTIN, "none") == []
    assert graph.lots([lot.number for lot in lots]) == sorted(lots, key=lambda lot: lot.number)


def test_lots_are_listed_page_by_page(graph: LotGraph, lots: list[Lot]) -> None:
    mine = sorted((lot for lot in lots if lot.maker == org("refinery")), key=lambda x: x.number)
    assert graph.lots_of(org("refinery")) == mine
    first = graph.lots_of(org("refinery"), limit=2)
    assert first + graph.lots_of(org("refinery"), after=first[-1].number) == mine


def test_a_lot_is_searched_for_by_the_beginning_of_its_number(
    graph: LotGraph, lots: list[Lot]
) -> None:
    ours = sorted((lot for lot in lots if lot.lot.startswith("PP-1")), key=lambda x: x.number)
    assert len(ours) > 1
    assert graph.search("PP-1") == ours
    assert graph.search("PP-1", after=ours[0].number, limit=1) == ours[1:2]
    assert graph.search("pp-1") == graph.search("%") == graph.search("P_") == []
    assert len(graph.search("", limit=3)) == 3


def test_what_a_custodian_has_is_found_by_its_goods(
    lived: Lived, graph: LotGraph, lots: list[Lot]
) -> None:
    for name in CUSTODIANS:
        found = graph.stock_of(org(name))
        has = {lot.id for lot in lots if lived.world.stock(lot.id, name)[0]}
        assert {lot.id for lot, h in found if h.on_hand} == has
        assert all(h.on_hand + h.in_units > 0 for _, h in found)
        raw = [(lot, h) for lot, h in found if lot.category == RAW]
        assert graph.stock_of(org(name), RAW) == graph.stock_of(org(name), RAW, "") == raw
        assert graph.stock_of(org(name), RAW, "another model") == []


def test_what_is_under_way_is_found_by_either_side(graph: LotGraph, lots: list[Lot]) -> None:
    ways = graph.under_way([lot.number for lot in lots])
    assert ways
    for name in CUSTODIANS:
        sides = [w for w in ways if org(name) in (w.sender, w.recipient)]
        assert graph.under_way_of(org(name)) == sides


def test_a_report_on_a_lot_is_found_by_its_number_and_its_document(index: Index) -> None:
    reports = [e for e in entries_of(index) if e.action == "Inspect"]
    assert index.by_document(keccak(b"report")) == reports
    assert index.by_number(STANDARD, str(reports[0]["number"])) == reports[:1]


def test_mirrored_recalls_are_found_by_register_and_organisation(index: Index) -> None:
    [recall] = index.lots.mirrored_recalls()
    assert recall.number == "Z-0001-2020"
    assert index.lots.mirrored_recalls(REGISTER, org("maker")) == [recall]
    assert index.lots.mirrored_recalls("register:another") == []
    assert index.lots.mirrored_recalls(organisation=org("weaver")) == []


@pytest.fixture
def batches(tmp_path: Path) -> Iterator[BatchWorld]:
    with batch_world(tmp_path) as world:
        yield world


@pytest.mark.parametrize("action", ["Inspect", "SubmitQualification"])
def test_a_document_that_is_its_numbers_hash_stops_no_index(
    batches: BatchWorld, tmp_path: Path, action: str
) -> None:
    """Whoever states a document may state any hash, also the one by which its number is found."""
    if action == "Inspect":
        lot = batches.commissioned(quantity=1000)
        clash = keccak(keccak(STANDARD.encode()) + keccak(b"N-1"))
        entry = batches.inspect(lot, number="N-1", document=clash)
    else:
        clash = keccak(keccak(KIND.encode()) + keccak(b"N-1"))
        entry = batches.submit(number="N-1", document=clash)
    [made] = batches.accepted(entry)
    with new_database("sqlite", tmp_path) as database:
        assert not isinstance(batches.chain, StockChain)
        Indexer(batches.chain, database, deployment(batches)).sync()
        assert Index(database).position().size == made.sequence + 1
