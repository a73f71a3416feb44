"""Standings, single qualifications and verdicts without lots come out the same in the core's
judgements and in those of the browser's verifier, which share no line: every band, every reason
code, every entry, and every chain that is asked for."""

import pytest

from tests.verifier.asking import Ledger, Question, differences
from tests.verifier.random_world import RandomWorld


def told(seed: int, steps: int, count: int) -> tuple[Ledger, list[Question]]:
    life = RandomWorld(seed)
    ledger = Ledger.of_world(life.make(steps))
    return ledger, life.questions(count)


def test_random_ledgers_are_judged_the_same(deep: bool) -> None:
    worlds = 400 if deep else 8
    asked = [told(seed, 30 + seed * 37 % 150, 40) for seed in range(worlds)]
    assert differences(asked) == []
