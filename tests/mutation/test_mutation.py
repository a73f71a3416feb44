"""What the mutator makes, what it leaves alone, and that a broken rule is noticed."""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import pytest

from ledger.chain.artifacts import load_artifacts
from tests.mutation.__main__ import sample
from tests.mutation.compiling import holders, read_sources, syntax_trees
from tests.mutation.mutants import Mutant, mutants, named_numbers
from tests.mutation.results import RESULTS, UNEXPLAINED, section, with_section
from tests.mutation.trials import (
    TOO_LONG,
    Outcome,
    Worker,
    in_child,
    start_worker,
    try_mutant,
)

PATH = "contracts/Sample.sol"


def made_of(*body: str, before: str = "") -> list[Mutant]:
    """The mutants of a contract with these members."""
    lines = "\n    ".join(body)
    text = (
        f"// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n{before}"
        f"contract Sample {{\n    {lines}\n}}\n"
    )
    trees = syntax_trees({PATH: text})
    found = mutants(PATH, text, trees[PATH], named_numbers(trees))
    for mutant in found:
        assert mutant.applied(text) != text
    return found


def changes(found: Sequence[Mutant]) -> set[tuple[str, str]]:
    return {(m.old, m.new) for m in found}


def function(statements: str) -> str:
    return f"function f(uint256 a, bool b) external pure returns (uint256 c) {{ {statements} }}"


def test_a_condition_is_bent_in_each_way_that_a_test_should_notice() -> None:
    assert changes(made_of(function("if (a > 2 && b) c = a;"))) == {
        ("a > 2 && b", "true"),
        ("a > 2 && b", "false"),
        ("a > 2 && b", "(a > 2 || b)"),
        ("a > 2 && b", "(a > 2)"),
        ("a > 2 && b", "(b)"),
        (">", ">="),
        (">", "<="),
        ("2", "3"),
        ("c = a;", "{}"),
    }


def test_a_named_number_becomes_its_neighbour_of_the_same_type() -> None:
    found = made_of(
        "uint8 private constant OPEN = 4;",
        "uint8 private constant SHUT = 7;",
        "uint256 private constant OTHER = 9;",
        "function f() external pure returns (uint8) { return SHUT; }",
    )
    assert ("SHUT", "OPEN") in changes(found)
    assert not [m for m in found if "OTHER" in (m.old, m.new)]


def test_inline_assembly_is_changed_as_well() -> None:
    found = made_of(function('assembly ("memory-safe") { if lt(a, b) { c := add(a, 0x1f) } }'))
    assert changes(found) == {
        ("lt(a, b)", "0"),
        ("lt(a, b)", "1"),
        ("lt(a, b)", "iszero(gt(a, b))"),
        ("lt(a, b)", "iszero(lt(a, b))"),
        ("c := add(a, 0x1f)", "{}"),
        ("add", "sub"),
        ("0x1f", "0x20"),
    }


def test_comments_texts_and_types_are_left_alone() -> None:
    found = made_of(
        'string public constant TEXT = "1 + 1 == 2";',
        "uint256[2] private _pair;",
        "function f() external { _pair[0] /* a > 1 */ = /* true && 1 */ 7; }",
    )
    assert changes(found) == {
        ("0", "1"),
        ("7", "8"),
        ("_pair[0] /* a > 1 */ = /* true && 1 */ 7;", "{}"),
    }


def test_the_return_that_is_all_an_if_does_is_not_left_out() -> None:
    found = made_of(function("if (b) return a; if (b) { return a; } c = a; return c;"))
    assert [m.old for m in found if m.new == "{}"] == ["c = a;", "return c;"]


def test_how_a_loop_counts_on_is_left_alone() -> None:
    found = made_of(function("for (uint256 i = 0; i < a; ++i) c += i;"))
    assert changes(found) == {
        ("0", "1"),
        ("i < a", "false"),
        ("<", "<="),
        ("<", ">="),
        ("+=", "-="),
        ("c += i;", "{}"),
    }


def test_a_mutant_keeps_its_id_when_its_line_moves() -> None:
    body = function("if (b) c = a; else c = a; c = a;")
    moved = made_of(body, before="// 溯源, and a line more\n\n")
    assert [m.id for m in moved] == [m.id for m in made_of(body)]
    assert len({m.id for m in moved}) == len(moved)


def test_a_larger_sample_holds_the_smaller_one() -> None:
    found = made_of(function("if (a > 2 && b) c = a;"))
    assert set(sample(found, 3, seed=5)) < set(sample(found, 6, seed=5))
    assert sorted(m.id for m in sample(found, None, seed=5)) == sorted(m.id for m in found)


def test_a_source_is_tried_in_every_contract_that_has_its_code() -> None:
    trees = syntax_trees(read_sources())
    assert holders("contracts/EntryLog.sol", trees) == ["EntryLog", "ParticipantRegistry"]
    assert {"ParticipantRegistry", "QualificationRegistry"} <= set(
        holders("contracts/base/SignedEntries.sol", trees)
    )


def test_tests_that_do_not_end_are_ended() -> None:
    assert in_child(lambda: time.sleep(60), patience=0.2) == TOO_LONG


def test_tests_that_cannot_be_run_are_no_answer() -> None:
    def broken() -> str:
        raise LookupError("no such file")

    with pytest.raises(RuntimeError, match="no such file"):
        in_child(broken)


def test_a_contract_that_lets_a_nonce_be_used_twice_is_noticed() -> None:
    path = "contracts/base/SignedEntries.sol"
    sources = read_sources()
    trees = syntax_trees(sources)
    found = mutants(path, sources[path], trees[path], named_numbers(trees))
    used = "(used >> (nonce & 0xff)) & 1 == 1"
    [mutant] = [m for m in found if (m.old, m.new) == (used, "false")]
    original = {name: artifact.bytecode for name, artifact in load_artifacts().items()}
    worker = Worker(sources, original, {path: holders(path, trees)})
    # A process of its own, as in a run: this one is already in the middle of a test.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, start_worker, (worker,)) as pool:
        outcome = pool.submit(try_mutant, mutant).result()
    assert outcome.end == "killed"
    assert outcome.by.startswith("tests/contracts/test_signed_entries.py")


def test_a_new_section_takes_the_place_of_the_old_one_and_of_no_other() -> None:
    [mutant, *_] = found = made_of(function("c = a;"))
    outcomes = {mutant.id: Outcome(mutant.id, "survived", "", 1.0)}
    old = section("contracts/B.sol", found, [mutant], 1, outcomes, {}, "0a")
    other = section(
        "contracts/A.sol", found, [mutant], 1, outcomes, {mutant.id: "it is unused"}, "0a"
    )
    new = section(
        "contracts/B.sol", found, [mutant], 1, outcomes, {mutant.id: "nobody reads it"}, "0b"
    )

    table = with_section(
        with_section(with_section("", "# Top\n", old), "# Top\n", other), "# Top\n", new
    )

    assert table == "\n".join(["# Top\n", other, new])
    assert UNEXPLAINED in old
    assert UNEXPLAINED not in table


def test_every_survivor_in_the_committed_table_has_its_reason() -> None:
    assert UNEXPLAINED not in RESULTS.read_text(encoding="utf-8")
