"""What the generator of supply networks promises, and that the contracts see it the same way."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import pytest

from ledger.typed_data import Part, SignedEntry, moved_subjects
from tests.support.batch_world import BatchWorld, batch_world
from tests.support.contract_world import AUTHORITIES, account, signature
from tests.support.supply_faults import FAULTS
from tests.support.supply_network import AUTHORITY, Network, Size, Step, recorded

#: So many entries of a network travel in one transaction.
BATCH = 25


def told(size: Size, seed: int = 1) -> list[Step]:
    network = Network(size, seed)
    return [*network.preparation(), *network.entries()]


def summary(steps: list[Step]) -> str:
    """A hash over all that the steps say."""
    text = "\n".join(f"{s.at} {s.account} {s.entry.values} {s.refusal}" for s in steps)
    return hashlib.sha256(text.encode()).hexdigest()


def parents(steps: list[Step]) -> dict[bytes, set[bytes]]:
    """What each lot was made of, as the accepted entries say."""
    found: dict[bytes, set[bytes]] = {}
    for step in steps:
        if step.refusal is None and step.entry.action.name == "Transform":
            inputs = step.entry.values["inputs"]
            assert isinstance(inputs, tuple)
            lots = {part.lot for part in inputs if isinstance(part, Part)}
            found.setdefault(step.subjects[0], set()).update(lots)
    return found


def ancestors(of: bytes, made_of: dict[bytes, set[bytes]]) -> set[bytes]:
    found: set[bytes] = set()
    ahead = [of]
    while ahead:
        new = made_of.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return found


# ---------------------------------------------------------------- what it promises


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    size = Size(firms=60, lots=60, faults=0.2)
    assert summary(told(size)) == summary(told(size))
    assert summary(told(size)) != summary(told(size, seed=2))


def test_a_network_is_told_lazily() -> None:
    network = Network(Size(firms=60, lots=10**9), 1)
    assert len(list(islice(network.entries(), 2_000))) == 2_000
    assert network.lots < 2_000


def test_entries_come_in_the_order_of_the_ledger() -> None:
    times = [s.at for s in told(Size(firms=60, lots=60))]
    assert times == sorted(times)


def test_every_entry_has_the_form_of_its_action() -> None:
    for step in told(Size(firms=60, lots=60, faults=0.3)):
        signed = SignedEntry(step.entry, (bytes(64),))
        back = SignedEntry.unpack(step.entry.action.contract, signed.pack())
        assert dict(back.entry.values) == dict(step.entry.values)
        assert back.entry.body == step.entry.body


def test_no_digest_and_no_nonce_of_an_account_comes_twice_but_where_an_entry_is_sent_twice() -> (
    None
):
    steps = [s for s in told(Size(firms=60, lots=100, faults=0.2)) if s.fault != "sent twice"]
    assert len({s.digest for s in steps}) == len(steps)
    nonces = {(s.account, s.entry.action.contract, s.entry.values["nonce"]) for s in steps}
    assert len(nonces) == len(steps)


def test_the_deep_lot_has_exactly_the_ancestors_that_were_foretold() -> None:
    network = Network(Size(firms=60, lots=300, downstream=0, ancestors=1_000), 1)
    deep = network.deep
    assert deep is not None
    steps = [*network.preparation(), *network.entries()]
    assert ancestors(deep.id, parents(steps)) == deep.ancestors
    assert 1_000 <= len(deep.ancestors) < 1_128


def test_the_deep_lots_past_lies_spread_over_the_stream() -> None:
    network = Network(Size(firms=100, lots=4_000, downstream=0, ancestors=500), 1)
    deep = network.deep
    assert deep is not None
    steps = list(network.entries())
    places = [i for i, s in enumerate(steps) if s.subjects and s.subjects[0] in deep.ancestors]
    quarters = Counter(4 * place // len(steps) for place in places)
    assert all(quarters[i] > len(places) / 10 for i in range(4)), quarters


def test_without_faults_nothing_is_refused_and_with_them_as_much_as_was_asked_for() -> None:
    assert all(s.refusal is None for s in told(Size(firms=60, lots=100)))
    network = Network(Size(firms=60, lots=200, faults=0.1), 1)
    wrong = Counter(s.refusal is not None for s in network.entries())
    assert 0.08 < wrong[True] / wrong[False] < 0.12


def test_every_kind_of_fault_and_every_action_turns_up() -> None:
    network = Network(
        Size(firms=100, lots=1_000, faults=0.5, downstream=0.3, late=0.02, failures=0.2), 3
    )
    faults, actions, late = set(), set(), 0
    for step in network.entries():
        faults.add(step.fault)
        actions.add(step.entry.action.name)
        late += step.cosigned
    assert faults - {None} == set(FAULTS)
    assert late
    assert actions == {
        "Commission", "Transform", "Ship", "Receive", "Settle", "CloseLot", "Adjust", "Dispense",
        "Destroy", "Aggregate", "ShipUnit", "ReceiveUnit", "TakeApart", "Inspect", "Hold", "Recall",
        "Release", "Acknowledge", "Correct",
    }  # fmt: skip


def test_lots_fan_in_and_out_as_in_life() -> None:
    made_of = parents(told(Size(firms=300, lots=3_000, downstream=0)))
    fan_out = Counter(lot for lots in made_of.values() for lot in lots)
    # Masks are of meltblown, spunbond, wire and loops, of one or two lots each.
    assert 3 < sum(map(len, made_of.values())) / len(made_of) < 8
    # The tail is heavy: a lot of the largest makers is in very many others.
    assert max(fan_out.values()) > 5 * sum(fan_out.values()) / len(fan_out)


def test_stores_nest_in_the_five_levels_of_the_division_code() -> None:
    population = Network(Size(firms=500), 1).population
    digits = (2, 4, 6, 9, 12)
    levels = Counter(store.level for store in population.of("store"))
    assert set(levels) == {0, 1, 2, 3, 4}
    for store in population.of("store"):
        for child in store.children:
            n = digits[store.level]
            assert child.level == store.level + 1
            assert f"{child.division:012d}"[:n] == f"{store.division:012d}"[:n]


# ---------------------------------------------------------------- as if recorded


def test_what_is_as_if_recorded_has_no_gap_and_no_refused_entry() -> None:
    steps = told(Size(firms=60, lots=60, faults=0.3))
    entries = list(recorded(steps))
    assert [e.sequence for e, _ in entries] == list(range(len(entries)))
    assert len(entries) == sum(s.refusal is None for s in steps)
    assert len({e.leaf for e, _ in entries}) == len({e.digest for e, _ in entries}) == len(entries)
    blocks = [e.block_number for e, _ in entries]
    assert blocks == sorted(blocks)
    assert set(blocks) == set(range(1, blocks[-1] + 1))
    for entry, packed in entries:
        assert SignedEntry.unpack(entry.contract, packed).signatures == entry.signatures


def test_subjects_are_those_that_the_ledger_derives() -> None:
    for step in told(Size(firms=60, lots=100)):
        assert step.subjects == moved_subjects(step.entry, step.subjects[0], step.author)


# ---------------------------------------------------------------- before the contracts


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BatchWorld]:
    with batch_world(tmp_path) as made:
        yield made


def signed(world: BatchWorld, step: Step) -> SignedEntry:
    names = () if step.account == AUTHORITY else (step.account,)
    if step.cosigned:
        names = (*names, *AUTHORITIES[:2])
    digest = step.entry.digest(world.domain(step.entry.action.contract))
    return SignedEntry(step.entry, tuple(signature(name, digest) for name in names))


def check(world: BatchWorld, steps: Iterator[Step]) -> Counter[str]:
    """Record the steps at their times; what the contracts answer is what the network foretold.
    Returns how often each fault was among them, accepted entries under ``""``."""
    seen: Counter[str] = Counter()
    for (at, contract), group in groupby(steps, lambda s: (s.at, s.entry.action.contract)):
        world.now = at
        while batch := list(islice(group, BATCH)):
            made = world.record_bytes(contract, [signed(world, s).pack() for s in batch])
            refused = {r.index: r.error.name for r in made.refused}
            foretold = {i: s.refusal for i, s in enumerate(batch) if s.refusal is not None}
            assert refused == foretold, [batch[i] for i in refused.keys() ^ foretold.keys()]
            good = [s for s in batch if s.refusal is None]
            assert [r.author for r in made.recorded] == [s.author for s in good]
            assert [r.subject for r in made.recorded] == [s.subjects[0] for s in good]
            assert [r.late for r in made.recorded] == [
                s.cosigned and s.account != AUTHORITY for s in good
            ]
            seen.update(s.fault or "" for s in batch)
    return seen


def network_for(world: BatchWorld, size: Size, seed: int) -> Network:
    contracts = set(world.addresses) - {"EntryLog"}
    domains = {name: world.domain(name) for name in contracts}
    return Network(size, seed, domains=domains, account=account)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_contracts_accept_and_refuse_exactly_what_the_network_says(
    world: BatchWorld, seed: int
) -> None:
    network = network_for(
        world, Size(firms=30, lots=80, faults=0.8, downstream=0.2, late=0.02, failures=0.5), seed
    )
    assert set(check(world, network.preparation())) == {""}
    seen = check(world, islice(network.entries(), 800))
    assert seen[""] > 250
    assert len(seen) > 25


def test_the_contracts_accept_the_deep_lot(world: BatchWorld) -> None:
    network = network_for(world, Size(firms=30, lots=200, downstream=0, ancestors=80), 1)
    assert set(check(world, network.preparation())) == {""}
    assert set(check(world, network.entries())) == {""}
    deep = network.deep
    assert deep is not None
    _, _, on_hand, *_ = world.lot(deep.id)
    assert on_hand > 0


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(3))
def test_in_a_long_story_too(world: BatchWorld, seed: int) -> None:
    network = network_for(
        world, Size(firms=40, lots=150, faults=0.5, downstream=0.2, late=0.02, failures=0.3), seed
    )
    assert set(check(world, network.preparation())) == {""}
    seen = check(world, network.entries())
    assert seen[""] > 1_000
    assert len(seen) > 40
