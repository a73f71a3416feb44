"""One question about a lot, answered whole."""

import json
import string
from collections.abc import Mapping
from typing import Any

import pytest

from ledger.errors import RequestError
from ledger.provenance import texts
from ledger.provenance.actors import ActorCode
from ledger.provenance.answer import MOST_INHERITED, Provenance, provenance
from ledger.provenance.assurance import Assurance, LinkKind
from ledger.provenance.custody import Act
from ledger.provenance.tracing import Cut, Direction
from ledger.provenance.writing import custody_json
from ledger.typed_data import BATCH_ACTIONS
from ledger.verdict_texts import Both
from ledger.vocabulary import Clock, InspectionResult, Role
from tests.support.batches import BatchWorld, MemoryGraph
from tests.support.world import instant

LATER = instant("2030-01-01")
LICENCE = "production-licence"


class Mill:
    """A mask of fabric of polymer of two plants, each with a licence; the first one's is then
    withdrawn with effect from before it made its polymer."""

    def __init__(self) -> None:
        world = self.world = BatchWorld()
        self.issuer = world.issuer("Licensing Office", LICENCE)
        self.lab = world.laboratory("Hill Laboratory", "YY 0469")
        world.category("polymer")
        world.require("polymer", LICENCE)
        self.plants = [world.organisation(f"Plant {i}", Role.SUPPLIER) for i in range(2)]
        self.maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
        self.licences = [world.issue(self.issuer, p, "polymer", LICENCE) for p in self.plants]
        world.now = instant("2020-05-01")
        self.polymers = [world.commission(p, "P-1", 100) for p in self.plants]
        for plant, polymer in zip(self.plants, self.polymers, strict=True):
            world.hand_over(plant, polymer, self.maker, 60)
        self.fabric = world.transform(
            self.maker, "F-1", 50, dict.fromkeys(self.polymers, 25), category="fabric"
        )
        self.mask = world.transform(self.maker, "M-1", 1000, {self.fabric: 20})
        self.before = world.size
        world.now = instant("2020-09-01")
        world.withdraw(self.issuer, self.licences[0], instant("2020-04-01"))

    def ask(
        self, lot: bytes, *, direction: Direction = Direction.BACK, upto: int | None = None,
        known_at: int = LATER, size: int = 1000, after: str | None = None, depth: int = 100,
    ) -> Provenance:  # fmt: skip
        graph, world = MemoryGraph(self.world), self.world
        return provenance(
            graph, world, world.founding, graph.number(lot), direction=direction,
            upto=world.size if upto is None else upto, known_at=known_at, size=size, after=after,
            depth=depth,
        )  # fmt: skip

    def number(self, lot: bytes) -> int:
        return MemoryGraph(self.world).number(lot)


@pytest.fixture
def mill() -> Mill:
    return Mill()


def inherited(answer: Provenance, lot: int) -> list[tuple[str, tuple[int, ...]]]:
    return [(s.finding.code, s.path) for s in answer.marks.get(lot, ())]


def test_a_licence_withdrawn_retroactively_marks_everything_derived_with_the_way(
    mill: Mill,
) -> None:
    answer = mill.ask(mill.mask)
    polymer, fabric, mask = (mill.number(x) for x in (mill.polymers[0], mill.fabric, mill.mask))
    assert inherited(answer, mask) == [
        ("maker.withdrawn-retroactively", (mask, fabric, polymer)),
    ]  # fmt: skip
    assert [f.lot for f in answer.against(mask)] == [polymer]
    assert answer.actors[polymer][0].code is ActorCode.WITHDRAWN_SINCE


def test_before_the_withdrawal_nothing_speaks_against_it(mill: Mill) -> None:
    answer = mill.ask(mill.mask, upto=mill.before, known_at=instant("2020-08-01"))
    assert answer.against(mill.number(mill.mask)) == ()


def test_forward_a_failed_lot_marks_what_was_made_of_it(mill: Mill) -> None:
    mill.world.inspect(mill.lab, mill.polymers[1], InspectionResult.FAILED)
    answer = mill.ask(mill.polymers[1], direction=Direction.FORWARD)
    polymer, fabric, mask = (mill.number(x) for x in (mill.polymers[1], mill.fabric, mill.mask))
    assert inherited(answer, mask) == [("inspection.failed", (mask, fabric, polymer))]


def test_every_page_tells_what_it_adds_for_the_root(mill: Mill) -> None:
    whole = mill.ask(mill.mask)
    mask = mill.number(mill.mask)
    after, told = None, list[tuple[str, tuple[int, ...]]]()
    for _ in range(4):
        page = mill.ask(mill.mask, size=1, after=after)
        told += inherited(page, mask)
        after = page.trace.continuation
    assert after is None
    assert told == inherited(whole, mask)


@pytest.mark.parametrize("many", [MOST_INHERITED, MOST_INHERITED + 1])
def test_of_what_other_lots_inherit_the_nearest_is_told_and_whether_there_is_more(
    many: int,
) -> None:
    world = BatchWorld()
    maker = world.organisation("Clear Brook Masks", Role.SUPPLIER)
    old = [world.commission(maker, f"OLD-{i}", 5, shown=False) for i in range(many)]
    fabric = world.transform(maker, "F-1", 50, dict.fromkeys(old[:8], 1))
    for at in range(8, many, 8):
        world.transform(maker, "F-1", 50, dict.fromkeys(old[at : at + 8], 1))
    mask = world.transform(maker, "M-1", 50, {fabric: 1})
    graph = MemoryGraph(world)
    answer = provenance(
        graph, world, world.founding, graph.number(mask), direction=Direction.BACK,
        upto=world.size, known_at=LATER,
    )  # fmt: skip
    root, inner = answer.to_json()["lots"][:2]
    assert (len(root["inherits"]), root["inherits_more"]) == (many, False)
    assert (len(inner["inherits"]), inner["inherits_more"]) == (
        MOST_INHERITED, many > MOST_INHERITED,
    )  # fmt: skip
    assert set(inner["inherits"][0]) == {"lot", "code", "path"}


@pytest.mark.parametrize(("field", "value"), [("size", 2001), ("depth", 1001), ("size", 0)])
def test_an_answer_has_limits_and_names_them(mill: Mill, field: str, value: int) -> None:
    asked = {"size": 10, "depth": 10, field: value}
    with pytest.raises(RequestError) as raised:
        mill.ask(mill.mask, size=asked["size"], depth=asked["depth"])
    assert raised.value.field == field


def test_an_answer_can_be_written_and_says_both_clocks(mill: Mill) -> None:
    mill.world.inspect(mill.lab, mill.mask, number="R-1")
    answer = mill.ask(mill.mask)
    written = json.loads(json.dumps(answer.to_json("Asia/Shanghai")))
    assert written["clocks"] == {
        "complete_to": mill.world.size, "position": mill.world.size, "known_at": LATER,
        "clock": "recorded", "at": None,
    }  # fmt: skip
    assert [lot["lot"] for lot in written["lots"]] == ["M-1", "F-1", "P-1", "P-1"]
    assert written["lots"][0]["findings"][0]["en"] == (
        "Hill Laboratory found it passing by YY 0469, report R-1, sampled 2020-09-01"
    )
    (mark,) = written["lots"][0]["inherits"]
    assert mark["en"] == (
        "Plant 0 was qualified for the commissioning of 2020-05-01 as known then, and was not as "
        "known now"
    )
    assert mark["zh"].startswith("按当时所知Plant 0具备")
    assert written["assurance"]["least"]["assurance"] == "self-declared"
    assert written["organisations"]["0x" + mill.maker.id.hex()]["en"] == "Clear Brook Masks"


def test_what_happened_after_at_is_not_told(mill: Mill) -> None:
    made, at = mill.number(mill.mask), instant("2020-06-01")
    mill.world.hold(mill.maker, mill.mask)
    graph, world = MemoryGraph(mill.world), mill.world
    answer = provenance(
        graph, world, world.founding, made, direction=Direction.BACK, upto=world.size,
        known_at=LATER, at=at,
    )  # fmt: skip
    assert [a.action for a in answer.actors[made]] == ["Transform"]
    assert answer.findings[made] == ()
    assert answer.to_json()["clocks"]["at"] == at


def test_the_same_question_has_the_same_answer(mill: Mill) -> None:
    first = mill.ask(mill.mask, upto=mill.before).to_json()
    mill.world.hold(mill.maker, mill.mask)
    assert mill.ask(mill.mask, upto=mill.before).to_json() == first


def test_by_the_clock_of_publication_a_recall_counts_before_it_was_recorded(mill: Mill) -> None:
    mirror = mill.world.mirror("Recall Mirror", "recalls")
    upto, published = mill.world.size, mill.world.now
    mill.world.now += 90 * 86400
    publication = mill.world.publication(mirror, "recalls", published)
    mill.world.mirror_recall(mirror, publication, mill.maker, "Lot: M-1")
    graph, mask = MemoryGraph(mill.world), mill.number(mill.mask)

    def codes(clock: Clock) -> list[str]:
        answer = provenance(
            graph, mill.world, mill.world.founding, mask, direction=Direction.BACK, upto=upto,
            known_at=published, clock=clock, position=mill.world.size,
        )  # fmt: skip
        return [f.code for f in answer.findings[mask]]

    assert codes(Clock.PUBLISHED) == ["mirrored-recall"]
    assert codes(Clock.RECORDED) == []


def test_what_was_cut_is_told_in_both_languages(mill: Mill) -> None:
    by_size = mill.ask(mill.mask, size=1).to_json()
    assert by_size["more"]
    assert by_size["cut"]["by"] == "size"
    assert by_size["continuation"]
    by_depth = mill.ask(mill.mask, depth=1).to_json()
    assert by_depth["cut"]["by"] == "depth"
    assert by_depth["continuation"] is None
    assert mill.ask(mill.mask).to_json()["cut"] is None


def test_a_continued_page_names_the_lots_of_earlier_pages_that_its_edges_touch(
    mill: Mill,
) -> None:
    first = mill.ask(mill.mask, size=2)
    second = mill.ask(mill.mask, size=2, after=first.trace.continuation).to_json()
    assert [lot["lot"] for lot in second["earlier"]] == ["F-1", "M-1"]
    assert {e["output"] for e in second["edges"]} == {mill.number(mill.fabric)}


def test_the_other_lot_of_an_alarm_is_named_by_its_maker(mill: Mill) -> None:
    other = mill.world.commission(mill.plants[1], "X-1", 5)
    for lot in (mill.mask, other):
        mill.world.inspect(mill.lab, lot, number="R-1")
    found = mill.ask(mill.mask).to_json()["lots"][0]["findings"]
    alarm = next(f for f in found if f["code"] == "alarm.open")
    assert alarm["en"].endswith(f"is also used for lot 0x{other.hex()} of Plant 1")


def test_a_hop_has_both_of_its_clocks(mill: Mill) -> None:
    custody = mill.world.custody(mill.polymers[0])
    hop, written = custody.hops[1], custody_json(custody)["hops"][1]
    assert (written["act"], written["quantity"]) == ("shipped", 60)
    assert (written["happened_at"], written["recorded_at"]) == (hop.happened_at, hop.recorded_at)


# ------------------------------------------------------------------------------ the sentences


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


TABLES: dict[str, Mapping[str, Both]] = {
    name: {"": table} if isinstance(table, Both) else table
    for name, table in vars(texts).items()
    if name.isupper()
}


@pytest.mark.parametrize("table", TABLES)
def test_both_languages_say_the_same_things(table: str) -> None:
    for code, text in TABLES[table].items():
        assert text.zh, code
        assert slots(text.en) == slots(text.zh), code
        assert any("\u4e00" <= c <= "\u9fff" for c in text.zh), code


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (texts.ACTORS, ActorCode),
        (texts.ASSURANCE, Assurance),
        (texts.LINKS, LinkKind),
        (texts.ACTS, Act),
        (texts.CUTS, Cut),
        (texts.RESULTS, [r.name.lower() for r in InspectionResult]),
        (texts.ACTIONS, [a.name for a in BATCH_ACTIONS if a.name not in (
            "SetIngredient", "MirrorRecall")]),
    ],
)  # fmt: skip
def test_every_code_has_its_sentence(table: Mapping[str, Both], codes: Any) -> None:
    assert set(table) == {str(c) for c in codes}
