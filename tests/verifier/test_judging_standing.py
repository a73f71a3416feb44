"""Standings, single qualifications and verdicts without lots come out the same in the core's
judgements and in those of the browser's verifier, which share no line: every band, every reason
code, every entry, and every chain that is asked for.

Ledgers are random ones in memory, the demo's story on its chain, and registers that were imported:
a few rows as they stand in the public lists and, with --deep, all of them.
"""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ledger.folding import created_qualification, holder_of
from ledger.policy import default_policy, policies
from ledger.registers import RegisterReading
from ledger.typed_data import hexed
from ledger.vocabulary import Role
from tests.integration.test_expected_answers import few, whole
from tests.support.workspaces import mirrored, new_data, opened
from tests.support.world import World
from tests.verifier.asking import Ledger, Question, by_python, differences
from tests.verifier.random_world import CHECKED, ZONES, RandomWorld

DAY = 86400


def test_random_ledgers_are_judged_the_same(deep: bool) -> None:
    asked = []
    for seed in range(200 if deep else 5):
        life = RandomWorld(seed)
        ledger = Ledger.of_world(life.make(30 + seed * 37 % 150))
        asked.append((ledger, life.questions(40)))
    assert differences(asked) == []


def test_the_story_of_the_demo_is_judged_the_same(tmp_path: Path, deep: bool) -> None:
    with opened(new_data(tmp_path, story=True)) as workspace:
        ledger = Ledger.of_workspace(workspace)
    assert differences([(ledger, about(ledger, 2_000 if deep else 150))]) == []


def test_imported_registers_are_judged_the_same(tmp_path: Path) -> None:
    assert differences_over(tmp_path, few().values(), 200) == []


NOBODY = "0x" + 20 * "99"
#: Changes to a verdict's question, each of which makes it one that cannot be judged.
UNFIT: dict[str, dict[str, Any]] = {
    "a lot list that should be left out": {"lots": []},
    "a member of no question": {"more": 1},
    "capital hex digits": {"organisation": NOBODY.replace("99", "AA")},
    "somebody not on the ledger": {"organisation": NOBODY},
    "a category of no catalogue": {"category": "mask.unheard-of"},
    "a text of control characters": {"model": "SM\n1"},
    "a text too long": {"unit": 201 * "H"},
    "no pieces": {"quantity": 0},
    "more pieces than are meant": {"quantity": 10**12 + 1},
    "a delivery that ends before it begins": {"deliver_at": [1_600_000_000, 1_600_000_000]},
    "a delivery beyond the calendar": {"deliver_at": [253370764800, 253370764801]},
    "an order behind the delivery": {"at": 1_700_000_000},
    "another clock": {"clock": "signed"},
    "an offset for a zone": {"zone": "+08:00"},
    "a zone in another case": {"zone": "asia/Shanghai"},
    "the machine's own zone": {"zone": "localtime"},
    "a zone that only ICU knows": {"zone": "SystemV/EST5"},
    "a short name of many zones": {"zone": "IST"},
    "no lot of the ledger": {"lots": ["0x" + 32 * "11"]},
}


def test_a_question_that_one_cannot_judge_neither_can() -> None:
    world = World()
    maker = world.organisation("Plain Example Masks", Role.SUPPLIER)
    world.category("mask")
    world.capacity(maker, "mask", 1000)
    fit = {
        "organisation": hexed(maker.id), "category": "mask", "model": "", "quantity": 1,
        "unit": "H87", "deliver_at": [1_600_000_000, 1_600_086_400], "at": 1_590_000_000,
        "known_at": world.now, "clock": "recorded", "zone": "Asia/Shanghai",
    }  # fmt: skip
    ledger, position = Ledger.of_world(world), len(world.entries)
    document = dict(default_policy().document)
    asked: list[Question] = [
        ("verdict", {"question": fit | change, "policy": document, "position": position})
        for change in ({}, *UNFIT.values())
    ]
    policies_unfit: tuple[dict[str, Any], ...] = (
        {"trace_lots": 0},
        {"version": ""},
        {"lapse_margin_days": 36501},
        {"freshness_days": {"default": 1}},
        {"checks": document["checks"] | {"keys": "harmless"}},
        {"checks": {"keys": "blocking"}},
        {"more": 1},
    )
    asked += [
        ("verdict", {"question": fit, "policy": document | change, "position": position})
        for change in policies_unfit
    ]
    assert differences([(ledger, asked)]) == []
    first, *others = by_python(ledger, asked)
    assert "answer" in first
    assert [other for other in others if other != {"error": "question"}] == []


@pytest.mark.deep
def test_whole_registers_are_judged_the_same(tmp_path: Path) -> None:
    assert differences_over(tmp_path, whole().values(), 3_000) == []


def differences_over(folder: Path, readings: Iterable[RegisterReading], count: int) -> list[str]:
    with opened(new_data(folder)) as workspace:
        for reading in readings:
            mirrored(workspace, reading)
        ledger = Ledger.of_workspace(workspace)
    return differences([(ledger, about(ledger, count))])


def about(ledger: Ledger, count: int) -> list[Question]:
    """Questions about whoever holds anything on the ledger: for what they hold and for what they
    do not, around the instants that stand in entries."""
    pick = random.Random(1)
    creating = [e for e in ledger.entries if created_qualification(e) is not None]
    categories = [str(e["category"]) for e in ledger.entries if e.action == "SetCategory"]
    firms = [holder_of(e) for e in creating] + [e.author for e in ledger.entries]
    told = ("validFrom", "validUntil", "published", "effective", "withdrawnFrom", "from", "since")
    instants = [e.recorded_at for e in ledger.entries]
    for e in ledger.entries:
        values = (e.entry.values.get(name) for name in told)
        instants += [v for v in values if isinstance(v, int) and 1 < v < 2 * 10**9]
    size = len(ledger.entries)

    def common() -> dict[str, Any]:
        held = pick.choice(creating)
        firm, category, model = holder_of(held), str(held["category"]), str(held["model"])
        change = pick.random()
        if change < 0.2:
            firm = pick.choice(firms)
        elif change < 0.4:
            category = pick.choice(categories)
        elif change < 0.6:
            model = pick.choice((model + "1", model[:-1]))
        return {
            "organisation": hexed(firm),
            "category": category,
            "model": model,
            "known_at": pick.choice((instants[size - 1] + DAY, pick.choice(instants))),
            "clock": pick.choice(("recorded", "published", "published")),
        }

    def interval() -> list[int]:
        start = pick.choice(instants) + pick.choice((-DAY, -1, 0, DAY))
        return [start, start + pick.choice((1, DAY))]

    def freshness() -> dict[str, Any]:
        return {"default": pick.choice((0, 30, 4000)) * DAY, "registers": {"niosh-n95": DAY}}

    def standing() -> Question:
        asked = {"at": interval(), "position": size, "freshness": freshness()}
        return "standing", {**common(), **asked}

    def non_revocation() -> Question:
        found = hexed(created_qualification(pick.choice(creating)) or b"")
        asked = {"at": interval()[0], "known_at": instants[size - 1], "position": size}
        return "non-revocation", {"qualification": found, **asked, "freshness": freshness()}

    def verdict() -> Question:
        start, end = interval()
        question = {
            **common(),
            "quantity": pick.choice((1000, 50_000, 10_000_000)),
            "unit": "H87",
            "deliver_at": [start, end],
            "at": pick.choice((None, start - 20 * DAY)),
            "zone": pick.choice(ZONES),
        }
        policy = dict(pick.choice(list(policies().values())).document)
        policy["checked_identifiers"] = list(CHECKED)
        policy["freshness_days"] = {"default": pick.choice((30, 4000)), "registers": {}}
        position = pick.choice((size, size, size // 2))
        return "verdict", {"question": question, "policy": policy, "position": position}

    return [pick.choice((standing, non_revocation, verdict, verdict))() for _ in range(count)]
