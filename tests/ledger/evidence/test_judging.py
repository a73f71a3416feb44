"""Whatever is answered over the ledger is answered the same over what was recorded of that answer,
and over nothing less."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from api.cli.demo import QUANTITY, QUESTIONS
from ledger import demo
from ledger.errors import RequestError
from ledger.evidence.graph import ChainGraph
from ledger.evidence.judging import answer
from ledger.evidence.sources import Missing, attributed, registry_subject
from ledger.gathering import gather
from ledger.history import History
from ledger.index.repository import Index
from ledger.indexing import Indexer
from ledger.offer import gather_offer, known_size
from ledger.policy import Policy, policies
from ledger.provenance.answer import MOST_ANSWERED, provenance
from ledger.provenance.tracing import Direction
from ledger.question import Question
from ledger.recorded import Founding
from ledger.standing import DAY
from ledger.typed_data import hexed
from ledger.verdict import Verdict, decide
from ledger.vocabulary import NO_END, Clock, Role
from ledger.workspace import Workspace
from tests.contracts.batch_life import BatchRun
from tests.support.batch_world import batch_world
from tests.support.batches import BatchWorld
from tests.support.databases import new_database
from tests.support.lot_life import deployment
from tests.support.muddle import CATEGORIES, Muddle, muddle
from tests.support.networks import IndexedNetwork, indexed_network
from tests.support.replaying import Content, Replay, bare
from tests.support.workspaces import BEGINNING, HandClock, new_data, opened
from tests.support.world import ADDRESSES

FRESHNESS: Final = {"default": 30 * DAY, "registers": {"east": 10 * DAY}}
SHANGHAI: Final = "Asia/Shanghai"
NEWEST: Final = list(policies().values())[-1]
EVERY_POLICY = pytest.mark.parametrize("policy", policies().values(), ids=lambda p: p.version)


def told(verdict: Verdict) -> dict[str, Any]:
    """What the service's own verdict says, without its words."""
    given = verdict.to_json()
    kept = ("number", "code", "weight", "result", "entries")
    checks = [
        {name: check[name] for name in kept} | {"reasons": [r["code"] for r in check["reasons"]]}
        for check in given["checks"]
    ]
    return {"id": given["id"], "answer": given["answer"], "checks": checks}


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer but for what commits it to its question."""
    return {name: value for name, value in answer.items() if name != "id"}


def claim(question: Question, policy: Policy, position: int) -> dict[str, Any]:
    return {"question": question.to_json(), "policy": policy.document, "position": position}


def served(
    index: Index, founding: Founding, question: Question, policy: Policy, position: int
) -> Verdict:
    """The verdict as the service makes it, lots read from the index's own tables."""

    def gathered(organisation: bytes, category: str) -> History:
        return gather(index, founding, organisation, category, position)

    history = gathered(question.organisation, question.category)
    offer = gather_offer(index.lots, index, founding, gathered, question, policy, position)
    return decide(history, question, policy, offer)


# ---- the demo


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    data = new_data(tmp_path_factory.mktemp("demo"), story=True)
    with opened(data, HandClock(BEGINNING + 180)) as found:
        yield found


@pytest.fixture(scope="module")
def replay(workspace: Workspace) -> Replay:
    return Replay.of(workspace.index)


def demo_questions(known_at: int, clock: Clock) -> Iterator[Question]:
    """What the demo asks: of its suppliers, and of its masks."""
    asked: list[tuple[bytes, str, str, tuple[bytes, ...]]] = [
        (office.id, demo.MASK, model, ()) for office, model, _ in QUESTIONS
    ]
    for lot in (demo.MASK_LOT, demo.OTHER_MASK_LOT):
        asked.append((lot.maker.id, lot.category, lot.model, (lot.id,)))
    asked.append((demo.QINGLUAN.id, demo.MASK, "", (demo.MASK_LOT.id, demo.OTHER_MASK_LOT.id)))
    for organisation, category, model, lots in asked:
        yield Question.for_day(
            organisation, category, model, QUANTITY, "H87", "2026-12-01",
            known_at=known_at, zone=SHANGHAI, clock=clock, lots=lots, at=known_at,
        )  # fmt: skip


@EVERY_POLICY
@pytest.mark.parametrize("clock", Clock)
@pytest.mark.parametrize("earlier", [0, 60, 121])
@pytest.mark.parametrize("unread", [0, 30])
def test_every_verdict_of_the_demo_is_judged_as_the_service_did(
    workspace: Workspace, replay: Replay, policy: Policy, clock: Clock, earlier: int, unread: int
) -> None:
    position = workspace.position - unread
    questions = list(demo_questions(workspace.recorded_until - earlier, clock))
    answers = set()
    for question in questions:
        if question.lots and not policy.trace_lots:
            continue
        kept = served(workspace.index, replay.founding, question, policy, position)
        found, _ = replay.replayed("verdict", claim(question, policy, position))
        assert found == told(kept)
        answers.add(found["answer"])
    assert answers


def test_the_verdict_that_the_service_gives_now_is_the_one_that_is_judged_again(
    workspace: Workspace, replay: Replay
) -> None:
    [*_, question] = demo_questions(workspace.recorded_until, Clock.RECORDED)
    given = workspace.decide(question)
    found, _ = replay.replayed("verdict", claim(question, given.policy, workspace.position))
    assert found == told(given)


@pytest.mark.parametrize("direction", Direction)
def test_every_trace_of_the_demo_is_judged_as_the_service_did(
    workspace: Workspace, replay: Replay, direction: Direction
) -> None:
    index, position = workspace.index, workspace.position
    known_at = workspace.recorded_until
    for lot in index.lots.search("", limit=100):
        found, _ = replay.replayed("trace", trace_question(lot.id, direction, known_at, position))
        kept = provenance(
            index.lots, index, replay.founding, lot.number, direction=direction, upto=position,
            known_at=known_at, size=MOST_ANSWERED,
        )  # fmt: skip
        assert without_id(found) == kept.codes()
        assert_told_alike(found, kept.to_json())


def assert_told_alike(found: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """The codes are those of the answer with words."""
    for ours, theirs in zip(found["lots"], given["lots"], strict=True):
        assert ours.keys() <= theirs.keys()
        for name in ours.keys() - {"findings", "inherits", "actors"}:
            assert ours[name] == theirs[name], name
        for name in ("findings", "inherits", "actors"):
            for one, other in zip(ours[name], theirs[name], strict=True):
                assert one == {key: other[key] for key in one}
    links = given["assurance"]["links"]
    assert found["links"] == [{key: link[key] for key in ours} for ours, link in zip(
        found["links"], links, strict=True)]  # fmt: skip
    assert found["edges"] == given["edges"]
    if found["least"] is not None:
        assert links[found["least"]] == given["assurance"]["least"]


def trace_question(
    lot: bytes, direction: Direction, known_at: int, position: int, upto: int | None = None
) -> dict[str, Any]:
    return {
        "lot": hexed(lot), "direction": direction.value, "at": None, "known_at": known_at,
        "clock": "recorded", "position": position, "freshness": FRESHNESS,
        "upto": position if upto is None else upto,
    }  # fmt: skip


def test_who_signed_in_the_demo_is_worked_out_as_the_index_has_it(
    workspace: Workspace, replay: Replay
) -> None:
    entries = workspace.index.entries(0, workspace.position)
    found = attributed(map(bare, entries), replay.founding, replay.registry)
    assert [(e.author, e.late) for e in found] == [(e.author, e.late) for e in entries]


# ---- supply networks


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedNetwork]:
    with indexed_network(tmp_path_factory.mktemp("network"), 3) as found:
        yield found


def test_traces_of_a_network_are_judged_as_the_service_did(network: IndexedNetwork) -> None:
    index, chance = network.index, Random(1)
    replay = Replay(index, network.founding, network.registry)
    seen: set[str] = set()
    lots = index.lots.search("", limit=10_000)
    telling = next(lot for lot in lots if lot.underrun)
    for lot in (telling, *chance.sample(lots, 6)):
        upto = network.size
        if lot is not telling:
            upto = chance.randint(lot.number + 1, network.size)
        known_at = index.recorded_at(upto - 1)
        assert known_at is not None
        upto = known_size(index, known_at, network.size)
        for direction in Direction:
            at = chance.choice([None, known_at - 5 * DAY])
            question = trace_question(lot.id, direction, known_at, network.size, upto)
            found, _ = replay.replayed("trace", {**question, "at": at})
            kept = provenance(
                index.lots, index, network.founding, lot.number, direction=direction, upto=upto,
                known_at=known_at, at=NO_END if at is None else at, size=MOST_ANSWERED,
                position=network.size,
            )  # fmt: skip
            assert without_id(found) == kept.codes()
            seen.update(f["code"] for lot in found["lots"] for f in lot["findings"])
    assert "underrun" in seen


def test_verdicts_on_lots_of_a_network_are_judged_as_the_service_did(
    network: IndexedNetwork,
) -> None:
    index, chance = network.index, Random(2)
    replay = Replay(index, network.founding, network.registry)
    masks = [lot for lot in index.lots.search("", limit=10_000) if lot.category.startswith("mask")]
    for lot in chance.sample(masks, 5):
        position = chance.choice([network.size, network.size - 100])
        last = index.recorded_at(position - 1)
        assert last is not None
        question = Question.for_day(
            lot.maker, lot.category, lot.model, 1_000, lot.unit, "2020-12-01", zone=SHANGHAI,
            known_at=last - chance.choice([0, 5 * DAY]), lots=(lot.id,) * (lot.number < position),
        )  # fmt: skip
        kept = served(index, network.founding, question, NEWEST, position)
        found, _ = replay.replayed("verdict", claim(question, NEWEST, position))
        assert found == told(kept)


# ---- ledgers on which everything happens


@pytest.fixture(scope="module", params=[10, 23])
def world(request: pytest.FixtureRequest) -> Muddle:
    return muddle(request.param)


def over(world: BatchWorld) -> Replay:
    return Replay(world, world.founding, ADDRESSES["ParticipantRegistry"])


def questions(world: Muddle, chance: Random, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """So many questions of each kind."""
    for _ in range(count):
        position = chance.choice([world.size, chance.randrange(world.size // 2, world.size)])
        last = world.recorded_at(position - 1)
        assert last is not None
        known_at = last + chance.choice([0, 0, -5, 1]) * DAY
        clock, at = chance.choice(list(Clock)), last + chance.randrange(-60, 60) * DAY
        common = {
            "known_at": known_at, "clock": clock.value, "position": position,
            "freshness": FRESHNESS,
        }  # fmt: skip
        firm = chance.choice(world.firms)
        yield "standing", {
            **common, "organisation": hexed(firm.id), "category": chance.choice(CATEGORIES),
            "model": chance.choice(["", "M"]), "at": [at, at + chance.choice([1, 20 * DAY])],
        }  # fmt: skip
        held = hexed(chance.choice(world.held))
        bare = {name: value for name, value in common.items() if name != "clock"}
        yield "non-revocation", {**bare, "qualification": held, "at": at}
        upto = known_size(world, known_at, position)
        lot, owner, _ = chance.choice(world.made)
        yield "trace", {
            **common, "lot": hexed(lot), "upto": upto, "at": chance.choice([None, at]),
            "direction": chance.choice(list(Direction)).value,
        }  # fmt: skip
        asked = Question.for_day(
            owner.id, chance.choice(CATEGORIES), "", 1_000, "H87", "2020-06-01", zone=SHANGHAI,
            known_at=known_at, clock=clock, lots=chance.choice([(), (lot,)]),
        )  # fmt: skip
        yield "verdict", claim(asked, NEWEST, position)


def judged(
    world: Muddle, chance: Random, count: int, *kinds: str
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], Content]]:
    """Those of so many questions (of these kinds, where any are given) that can be judged, with
    their answers and what evidence for these would hold."""
    for kind, question in questions(world, chance, count):
        if kinds and kind not in kinds:
            continue
        try:
            found, content = over(world).recorded(kind, question)
        except RequestError:  # about somebody or something that was not there yet
            continue
        yield kind, question, found, content


def test_what_was_recorded_of_an_answer_gives_the_same_answer_and_is_used_up(
    world: Muddle,
) -> None:
    seen = set()
    for kind, question, found, content in judged(world, Random(1), 5):
        assert content.replayed(kind, question) == found
        seen.add(kind)
    assert seen == {"standing", "non-revocation", "trace", "verdict"}


def test_what_others_show_of_the_same_does_not_matter_to_how_somebody_stands(
    world: Muddle,
) -> None:
    """The service gathers that, too, and keeps it; standings and makers are judged without it."""
    seen = set()
    for kind, question, found, _ in judged(world, Random(6), 8, "standing", "trace", "verdict"):
        assert found == with_everything(world, kind, question)
        seen.add(kind)
    assert len(seen) == 3


def with_everything(world: Muddle, kind: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer from all that the service gathers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.evidence.judging.gather_standing", gather)
        return over(world).recorded(kind, question)[0]


def test_no_chain_can_be_left_out(world: Muddle) -> None:
    chance = Random(2)
    for kind, question, _, content in judged(world, chance, 3):
        for subject in chance.sample(sorted(content.subjects), 3):
            with pytest.raises(Missing):
                answer(kind, question, content.proven(without=[subject]), world.founding)


def test_what_is_recorded_later_changes_no_answer_at_an_earlier_position(world: Muddle) -> None:
    grown = muddle(world.seed)
    before = list(judged(grown, Random(3), 2))
    for _ in range(60):
        grown.act()
    for kind, question, found, content in before:
        assert over(grown).recorded(kind, question) == (found, content)


def test_an_entry_from_behind_the_position_is_not_looked_at(world: Muddle) -> None:
    for kind, question, found, content in judged(world, Random(5), 1):
        later = replace(content.entries[-1], sequence=question["position"], digest=bytes(32))
        grown = replace(content, entries=(*content.entries, later))
        assert answer(kind, question, grown.proven(), world.founding) == found


def test_one_qualification_alone_stands_as_it_does_among_all_of_its_holder(world: Muddle) -> None:
    ways = set()
    for _, question, found, _ in judged(world, Random(4), 40, "non-revocation"):
        alone = found["holding"]
        whole, _ = over(world).recorded(
            "standing",
            {
                **question, "clock": "recorded", "organisation": alone["holder"],
                "category": alone["category"], "model": alone["model"],
                "at": [question["at"], question["at"] + 1],
            },
        )  # fmt: skip
        [among] = [h for h in whole["holdings"] if h["id"] == alone["id"]]
        assert among == alone
        ways.add(alone["way"])
    assert {"issued", "reviewed", "mirrored"} <= ways


# ---- lives on the real contracts


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(3))
def test_lives_on_the_contracts_are_judged_again_too(tmp_path: Path, seed: int) -> None:
    with batch_world(tmp_path) as world, new_database("sqlite", tmp_path) as database:
        run = BatchRun(world, Random(seed))
        for _ in range(400):
            run.step()
        chain: Any = world.chain
        Indexer(chain, database, deployment(world)).sync()
        index = Index(database)
        replay, entries = Replay.of(index), index.entries(0, 10_000)
        found = attributed(map(bare, entries), replay.founding, replay.registry)
        assert [(e.author, e.late) for e in found] == [(e.author, e.late) for e in entries]
        lots = index.lots.search("", limit=1_000)
        known_at, size = entries[-1].recorded_at, len(entries)
        graph = ChainGraph(index, size)
        assert graph.by_ids([lot.id for lot in lots]) == {lot.id: lot for lot in lots}
        for lot in lots:
            for direction in Direction:
                question = trace_question(lot.id, direction, known_at, size)
                kept = provenance(
                    index.lots, index, replay.founding, lot.number, direction=direction,
                    upto=size, known_at=known_at, size=MOST_ANSWERED,
                )  # fmt: skip
                assert without_id(replay.replayed("trace", question)[0]) == kept.codes()


# ---- questions that cannot be judged


@pytest.fixture(scope="module")
def plain() -> tuple[BatchWorld, dict[str, dict[str, Any]]]:
    """A small ledger, and a good question of each kind."""
    world = BatchWorld()
    world.category("mask")
    bureau = world.issuer("Bureau", "licence")
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    licence = world.issue(bureau, maker, "mask", "licence")
    lot = world.commission(maker, "A1", 10, category="mask")
    world.now += DAY
    world.reply(maker, licence, "so it is")
    common: dict[str, Any] = {
        "known_at": world.now, "position": world.size, "freshness": FRESHNESS
    }  # fmt: skip
    asked = Question.for_day(
        maker.id, "mask", "", 10, "H87", "2019-06-01", zone=SHANGHAI, known_at=world.now
    )
    return world, {
        "standing": {
            **common, "organisation": hexed(maker.id), "category": "mask", "model": "",
            "at": [world.now, world.now + 1], "clock": "recorded",
        },
        "non-revocation": {**common, "qualification": hexed(licence), "at": world.now},
        "trace": trace_question(lot, Direction.BACK, world.now, world.size),
        "verdict": claim(asked, NEWEST, world.size),
    }  # fmt: skip


def test_a_trace_asks_how_late_entries_may_be() -> None:
    world = BatchWorld()
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    world.now += 9 * DAY
    lot = world.commission(maker, "A1", 10, happenedAt=world.now - 8 * DAY)
    world.make_late(world.entries[-1])
    question = trace_question(lot, Direction.BACK, world.now, world.size)
    found, content = over(world).replayed("trace", question)
    assert "entry.late" in [f["code"] for f in found["lots"][0]["findings"]]
    chain = registry_subject(ADDRESSES["ParticipantRegistry"])
    with pytest.raises(Missing, match=chain.hex()):
        answer("trace", question, content.proven(without=[chain]), world.founding)


@pytest.mark.parametrize("kind", ["trace", "verdict"])
def test_no_time_can_be_left_out(kind: str) -> None:
    world = BatchWorld()
    world.category("mask")
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    lot = world.commission(maker, "A1", 10, category="mask")
    known_at, upto = world.now, world.size
    world.now += DAY
    world.category("hat")
    asked = Question.for_day(
        maker.id, "mask", "", 10, "H87", "2019-06-01", zone=SHANGHAI, known_at=known_at, lots=(lot,)
    )
    question = {
        "trace": trace_question(lot, Direction.BACK, known_at, world.size, upto),
        "verdict": claim(asked, NEWEST, world.size),
    }[kind]
    found, content = over(world).recorded(kind, question)
    assert content.replayed(kind, question) == found
    assert set(content.times) == {upto}
    with pytest.raises(Missing, match=f"when entry {upto} was recorded"):
        answer(kind, question, content.proven(untimed=upto), world.founding)


def test_the_good_questions_are_judged(
    plain: tuple[BatchWorld, dict[str, dict[str, Any]]],
) -> None:
    world, good = plain
    answers = {kind: over(world).replayed(kind, question)[0] for kind, question in good.items()}
    assert answers["non-revocation"]["holding"]["status"] == "in-force"
    assert [lot["quantity"] for lot in answers["trace"]["lots"]] == [10]
    assert answers["standing"]["holdings"] == [answers["non-revocation"]["holding"]]


ABSENT = "0x" + "11" * 32
BAD: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("standing", {"organisation": "0x" + "11" * 20}, "organisation"),
    ("standing", {"organisation": "0x11"}, "organisation"),
    ("standing", {"category": "hat"}, "category"),
    ("standing", {"category": 3}, "category"),
    ("standing", {"at": [5, 5]}, "at"),
    ("standing", {"at": [0, NO_END + 1]}, "at"),
    ("standing", {"at": 5}, "at"),
    ("standing", {"clock": "sundial"}, "clock"),
    ("standing", {"known_at": -1}, "known_at"),
    ("standing", {"known_at": True}, "known_at"),
    ("standing", {"position": None}, "position"),
    ("standing", {"freshness": 30}, "freshness"),
    ("standing", {"freshness": {"default": 30}}, "registers"),
    ("non-revocation", {"qualification": ABSENT}, "qualification"),
    ("non-revocation", {"known_at": 5}, "qualification"),
    ("non-revocation", {"at": NO_END}, "at"),
    ("trace", {"lot": ABSENT}, "lot"),
    ("trace", {"direction": "up"}, "direction"),
    ("trace", {"upto": 3}, "upto"),
    ("trace", {"upto": 2**52}, "upto"),
    ("trace", {"known_at": 5}, "upto"),
    ("verdict", {"question": 1}, "question"),
    ("verdict", {"policy": {}}, "capacity_margin_percent"),
]


@pytest.mark.parametrize(("kind", "wrong", "field"), BAD)
def test_a_question_that_cannot_be_judged_names_what_is_wrong(
    plain: tuple[BatchWorld, dict[str, dict[str, Any]]],
    kind: str,
    wrong: dict[str, Any],
    field: str,
) -> None:
    world, good = plain
    with pytest.raises(RequestError) as caught:
        over(world).recorded(kind, {**good[kind], **wrong})
    assert caught.value.field == field
    assert caught.value.message_zh


@pytest.mark.parametrize("kind", ["entry", "absence", "consistency"])
def test_what_is_proved_without_judging_has_no_answer(
    plain: tuple[BatchWorld, dict[str, dict[str, Any]]], kind: str
) -> None:
    world, good = plain
    with pytest.raises(RequestError) as caught:
        over(world).recorded(kind, good["standing"])
    assert caught.value.field == "kind"


def test_a_trace_of_too_many_lots_is_not_told_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    world = BatchWorld()
    maker = world.organisation("Clear Brook", Role.SUPPLIER)
    first = world.commission(maker, "A0", 1_000)
    for number in range(3):
        world.transform(maker, f"B{number}", 10, {first: 10})
    question = trace_question(first, Direction.FORWARD, world.now, world.size)
    monkeypatch.setattr("ledger.evidence.judging.MOST_ANSWERED", 4)
    assert len(over(world).replayed("trace", question)[0]["lots"]) == 4
    monkeypatch.setattr("ledger.evidence.judging.MOST_ANSWERED", 3)
    with pytest.raises(RequestError, match="more than 3 lots") as caught:
        over(world).recorded("trace", question)
    assert caught.value.field == "lot"
