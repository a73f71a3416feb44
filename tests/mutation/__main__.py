"""``python -m tests.mutation FILE …``: try the mutants of these sources and write the table.

What came of each mutant is written to ``.cache/mutation/`` as it goes, so that a run that was
stopped goes on where it was. ``--again`` tries the survivors anew, after tests were added.
"""

import argparse
import dataclasses
import hashlib
import json
import multiprocessing
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from pathlib import Path

from scripts._compile import ROOT
from tests.mutation.compiling import compile_code, holders, read_sources, syntax_trees
from tests.mutation.mutants import Mutant, mutants, named_numbers
from tests.mutation.results import RESULTS, heading, read_reasons, section, with_section
from tests.mutation.trials import (
    OriginalFails,
    Outcome,
    Worker,
    check_original,
    start_worker,
    try_mutant,
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="FILE", help="as contracts/EntryLog.sol")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants of each file, not all")
    parser.add_argument("--seed", type=int, default=1, help="which sample (default: 1)")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time (default: 1)")
    parser.add_argument("--again", action="store_true", help="try survivors anew")
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    options = parser.parse_args(arguments)

    sources = read_sources()
    if unknown := [p for p in options.paths if p not in sources]:
        parser.error(f"no source of a contract: {', '.join(unknown)}")
    trees = syntax_trees(sources)
    constants = named_numbers(trees)
    made = {p: mutants(p, sources[p], trees[p], constants) for p in options.paths}
    drawn = {p: sample(found, options.sample, options.seed) for p, found in made.items()}
    if options.list:
        for m in [m for chosen in drawn.values() for m in chosen]:
            print(f"{m.id} {m.path}:{m.line} {m.function}: {m.operator}: {m.old!r} → {m.new!r}")
        return 0

    digest = _digest(sources.values())
    log = ROOT / ".cache/mutation" / f"{digest}.jsonl"
    outcomes = dict(read(log))
    if options.again:
        outcomes = {k: o for k, o in outcomes.items() if o.end != "survived"}
    waiting = [m for chosen in drawn.values() for m in chosen if m.id not in outcomes]
    holding = {p: holders(p, trees) for p in options.paths}
    if waiting:
        names = sorted({n for found in holding.values() for n in found})
        worker = Worker(sources, compile_code(sources, names), holding)
        log.parent.mkdir(parents=True, exist_ok=True)
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(options.jobs, context, start_worker, (worker,))
        try:
            pool.submit(check_original).result()
            outcomes |= tried(pool, waiting, log)
        except OriginalFails as problem:
            print(f"{problem} fails without any change", file=sys.stderr)
            return 1
        finally:
            # Who stops a run waits for the mutants in hand, not for all of them.
            pool.shutdown(cancel_futures=True)

    compiler = json.loads((ROOT / "contracts/compiler.json").read_text("utf-8"))["version"]
    seed = None if options.sample is None else options.seed
    for path in options.paths:
        part = section(path, made[path], drawn[path], seed, outcomes, read_reasons(), digest)
        table = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(with_section(table, heading(compiler), part), encoding="utf-8")
    alive = [m for chosen in drawn.values() for m in chosen if outcomes[m.id].end == "survived"]
    print(f"{sum(map(len, drawn.values()))} mutants, {len(alive)} survived")
    return 0


def tried(pool: Executor, waiting: Sequence[Mutant], log: Path) -> dict[str, Outcome]:
    """Try these mutants; writes and tells what came of each as soon as it is known."""
    found = {}
    by_id = {m.id: m for m in waiting}
    with log.open("a", encoding="utf-8") as file:
        for done in as_completed([pool.submit(try_mutant, m) for m in waiting]):
            outcome = done.result()
            found[outcome.id] = outcome
            print(json.dumps(dataclasses.asdict(outcome)), file=file, flush=True)
            m = by_id[outcome.id]
            said = f"{outcome.end} {outcome.by}".strip()
            print(
                f"{m.id} {m.path}:{m.line} {m.operator}: {said} ({outcome.seconds} s)", flush=True
            )
    return found


def sample(found: list[Mutant], size: int | None, seed: int) -> list[Mutant]:
    """So many of the mutants, drawn by the seed, a larger sample holding the smaller ones; all of
    them without a size."""
    drawn = list(found)
    random.Random(seed).shuffle(drawn)
    return drawn[:size]


def read(log: Path) -> Iterator[tuple[str, Outcome]]:
    """What came of the mutants that were tried before; the last word on each counts."""
    if not log.exists():
        return
    for line in log.read_text(encoding="utf-8").splitlines():
        outcome = Outcome(**json.loads(line))
        yield outcome.id, outcome


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
