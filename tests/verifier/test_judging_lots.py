"""Traces of lots and verdicts on offered lots come out the same in the core's judgements and in
those of the browser's verifier, which share no line: every lot, edge, finding, actor and link,
every reason code and entry, in the order of the answer, and every chain and time asked for."""

from pathlib import Path
from typing import Final

import pytest

from ledger.chain.embedded import EmbeddedChain
from ledger.index.repository import Index
from ledger.indexing import Indexer
from ledger.lot_texts import LOT_TEXTS
from ledger.provenance.texts import ACTORS, ASSURANCE, FINDINGS
from ledger.recorded import Founding
from ledger.typed_data import hexed
from ledger.vocabulary import Role
from tests.support.batch_world import batch_world
from tests.support.batches import BatchWorld
from tests.support.databases import new_database
from tests.support.lot_life import LotLife, deployment
from tests.support.muddle import muddle
from tests.support.supply_firms import IDENTIFIER_KIND
from tests.support.supply_network import (
    AUTHORITY,
    DAY,
    START,
    Network,
    Size,
    invented_account,
    recorded,
)
from tests.support.workspaces import new_data, opened
from tests.verifier.asking import Ledger, Question, by_python, differences
from tests.verifier.random_goods import Asking, RandomGoods

WHOLE: Final = {"at": None, "clock": "recorded", "freshness": {"default": 0, "registers": {}}}


def asked_about(ledger: Ledger, seed: int, count: int) -> tuple[Ledger, list[Question]]:
    return ledger, Asking(ledger, seed).some(count)


def whole_trace(ledger: Ledger, lot: bytes, direction: str) -> Question:
    """As of now, with nothing left out."""
    size, now = len(ledger.entries), ledger.entries[-1].recorded_at
    times = {"known_at": now, "position": size, "upto": size}
    return "trace", {"lot": hexed(lot), "direction": direction, **WHOLE, **times}


def of_network(size: Size, seed: int) -> tuple[Network, Ledger]:
    network = Network(size, seed)
    entries = [e for e, _ in recorded([*network.preparation(), *network.entries()])]
    return network, Ledger(
        Founding(
            network.population.authority.id, IDENTIFIER_KIND, "authority", "虚构机关", "Authority",
            (invented_account(AUTHORITY),), 1, 7 * DAY, START - DAY,
        ),
        next(e.address for e in entries if e.contract == "ParticipantRegistry"),
        entries,
    )  # fmt: skip


def test_random_goods_are_judged_the_same(deep: bool) -> None:
    seeds = range(300 if deep else 6)
    assert differences([asked_about(RandomGoods(s).make(220), s, 25) for s in seeds]) == []


@pytest.mark.deep
def test_random_goods_meet_everything_that_is_to_be_said_of_lots() -> None:
    met: set[str] = set()
    for seed in range(60):
        for found in by_python(*asked_about(RandomGoods(seed).make(220), seed, 60)):
            told = found.get("answer", {})
            lots = told.get("lots", [])
            met.update(f["code"] for lot in lots for f in (*lot["findings"], *lot["actors"]))
            met.update(link["assurance"] for link in told.get("links", []))
            met.update(code for check in told.get("checks", []) for code in check["reasons"])
    wanted = {*FINDINGS, *ACTORS, *ASSURANCE, *LOT_TEXTS}
    assert wanted - met == set()


def test_ledgers_in_which_nothing_makes_sense_are_judged_the_same(deep: bool) -> None:
    asked = [
        asked_about(Ledger.of_world(muddle(seed, 260 if deep else 130)), seed, 15)
        for seed in range(40 if deep else 3)
    ]
    assert differences(asked) == []


def test_the_goods_of_the_demo_are_judged_the_same(tmp_path: Path, deep: bool) -> None:
    with opened(new_data(tmp_path, story=True)) as workspace:
        ledger = Ledger.of_workspace(workspace)
    assert differences([asked_about(ledger, 1, 1_000 if deep else 60)]) == []


def test_goods_that_the_contracts_handed_on_are_judged_the_same(tmp_path: Path, deep: bool) -> None:
    with batch_world(tmp_path) as world, new_database("sqlite", tmp_path) as database:
        LotLife(world, seed=3).live(600 if deep else 100)
        chain = world.chain
        assert isinstance(chain, EmbeddedChain)
        Indexer(chain, database, deployment(world)).sync()
        index = Index(database)
        entries = index.entries(0, 100_000)
        ledger = Ledger(index.founding(), world.addresses["ParticipantRegistry"], entries)
        assert differences([asked_about(ledger, 1, 800 if deep else 50)]) == []


def test_a_supply_network_is_judged_the_same(deep: bool) -> None:
    size = Size(firms=40, lots=400 if deep else 40, downstream=0.3, late=0.05, failures=0.3)
    asked = [asked_about(of_network(size, s)[1], s, 30) for s in range(20 if deep else 1)]
    assert differences(asked) == []


@pytest.mark.deep
def test_a_deep_past_is_traced_the_same() -> None:
    size = Size(firms=60, lots=1_900, ancestors=1_700, downstream=0.02, failures=0.05)
    network, ledger = of_network(size, 5)
    assert network.deep is not None
    back = whole_trace(ledger, network.deep.id, "back")
    first = next(e.subjects[0] for e in ledger.entries if e.action == "Commission")
    assert differences([(ledger, [back, whole_trace(ledger, first, "forward")])]) == []
    (found,) = by_python(ledger, [back])
    assert len(found["answer"]["lots"]) > 1_700


# ------------------------------------------------------------------------------ limits


def test_a_trace_of_a_thousand_steps_is_told_and_a_longer_one_refused() -> None:
    world = BatchWorld()
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    world.category("mask.surgical")
    lots = [world.commission(maker, "L-0", 10_000)]
    for number in range(1, 1_002):
        lots.append(world.transform(maker, f"L-{number}", 10, {lots[-1]: 1}))
    ledger = Ledger.of_world(world)
    questions = [
        whole_trace(ledger, lots[-2], "back"),
        whole_trace(ledger, lots[-1], "back"),
        whole_trace(ledger, lots[1], "forward"),
        whole_trace(ledger, lots[0], "forward"),
    ]
    assert differences([(ledger, questions)]) == []
    told, refused, *_ = by_python(ledger, questions)
    assert len(told["answer"]["lots"]) == 1_001
    assert refused == {"error": "question"}


def test_two_thousand_lots_are_told_and_more_refused() -> None:
    world = BatchWorld()
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    world.category("mask.surgical")
    resin, more = (world.commission(maker, name, 10_000) for name in ("R-1", "R-2"))
    for number in range(1_999):
        world.transform(maker, f"L-{number}", 1, {resin: 1, more: 1})
    world.transform(maker, "L-2000", 1, {more: 1})
    ledger = Ledger.of_world(world)
    questions = [whole_trace(ledger, lot, "forward") for lot in (resin, more)]
    assert differences([(ledger, questions)]) == []
    told, refused = by_python(ledger, questions)
    assert len(told["answer"]["lots"]) == 2_000
    assert refused == {"error": "question"}


def test_of_other_lots_than_the_one_asked_about_only_the_nearest_marks_are_told() -> None:
    world = BatchWorld()
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    world.category("mask.surgical")
    found = [world.commission(maker, f"S-{n}", 10, shown=False) for n in range(56)]
    for start in range(0, 56, 8):
        made = world.transform(maker, "M-1", 10, dict.fromkeys(found[start : start + 8], 1))
    last = world.transform(maker, "M-2", 10, {made: 5})
    ledger = Ledger.of_world(world)
    questions = [whole_trace(ledger, last, "back"), whole_trace(ledger, found[0], "forward")]
    assert differences([(ledger, questions)]) == []
    root, middle, *_ = by_python(ledger, questions)[0]["answer"]["lots"]
    assert (len(root["inherits"]), len(middle["inherits"])) == (56, 50)
