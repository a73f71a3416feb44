"""The committed table: one section for each mutated source, written anew by each run of it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.mutation.mutants import OPERATORS, RULES, Mutant
from tests.mutation.trials import LEFT_OUT, Outcome

FOLDER: Final = Path(__file__).resolve().parent
RESULTS: Final = FOLDER / "RESULTS.md"
#: Mutant → why no rule is broken by it, written by whoever looked at it.
REASONS: Final = FOLDER / "reasons.json"
UNEXPLAINED: Final = "**not looked at yet**"
_ENDS: Final = ("does not compile", "same", "killed", "timeout", "survived")


def heading(compiler: str) -> str:
    """What stands above the sections."""
    operators = "\n".join(f"| {name} | {what} |" for name, what in OPERATORS.items())
    rules = "\n".join(f"* {rule}" for rule in RULES)
    return f"""# What the contracts' tests notice

One small change at a time is made in a contract, and the contracts' tests run against it: what they
do not notice stands below, each with the reason why it breaks no rule. Made and written by
`python -m tests.mutation`, a mutator of our own on the compiler's syntax tree (solc {compiler},
the settings of `contracts/compiler.json`). *slither-mutate* needs a native solc, compiles and tests
in place, one mutant after the other, and draws no sample; *universalmutator* works on lines of text
and made 11,000 mutants of one contract, most of them in comments, types and texts.

| operator | change |
|---|---|
{operators}

{rules}

The tests are those of `tests/contracts/` except {" and ".join(f"`{n}`" for n in LEFT_OUT)} (a
snapshot of gas says nothing about behaviour), on the embedded chain. *same*: the compiler makes the
same bytes of it. *timeout*: the tests did not end in time, which counts as noticed.
"""


def section(
    path: str,
    made: Sequence[Mutant],
    sampled: Sequence[Mutant],
    seed: int | None,
    outcomes: Mapping[str, Outcome],
    reasons: Mapping[str, str],
    digest: str,
) -> str:
    """The section of one source, of whose ``made`` mutants the ``sampled`` ones were tried, when
    all sources together had this digest."""
    chosen = "all of them" if seed is None else f"a sample of {len(sampled)} by seed {seed}"
    option = "" if seed is None else f" --sample {len(sampled)} --seed {seed}"
    lines = [
        f"## {path}",
        "",
        f"{len(made)} mutants, tried {chosen}: `python -m tests.mutation {path}{option}`, when the",
        f"sources were `{digest}`",
        "",
        "| operator | made | tried | " + " | ".join(_ENDS) + " |",
        "|---|" + "---|" * (2 + len(_ENDS)),
    ]
    ends = Counter((m.operator, outcomes[m.id].end) for m in sampled)
    all_made, tried = (Counter(m.operator for m in group) for group in (made, sampled))
    for operator in OPERATORS:
        if all_made[operator]:
            counts = [all_made[operator], tried[operator], *(ends[operator, e] for e in _ENDS)]
            lines.append(f"| {operator} | " + " | ".join(map(str, counts)) + " |")
    totals = [sum(n for (_, e), n in ends.items() if e == end) for end in _ENDS]
    lines.append(f"| **all** | {len(made)} | {len(sampled)} | {' | '.join(map(str, totals))} |")
    alive = [m for m in sampled if outcomes[m.id].end == "survived"]
    if alive:
        lines += ["", "| survivor | where | change | why no rule is broken |", "|---|---|---|---|"]
    for m in sorted(alive, key=lambda m: m.start):
        change = f"{_code(m.old)} → {_code(m.new)}"
        reason = reasons.get(m.id, UNEXPLAINED)
        lines.append(f"| {m.id} | {m.function}, line {m.line} | {change} | {reason} |")
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    short = " ".join(text.split())
    short = short if len(short) <= 90 else short[:60] + " … " + short[-25:]
    return "`" + short.replace("|", "\\|") + "`"


def with_section(table: str, top: str, new: str) -> str:
    """The table with its heading and one section written anew; sections are sorted."""
    parts = [f"## {part.strip()}\n" for part in table.split("\n## ")[1:]]
    name = new.partition("\n")[0]
    kept = [part for part in parts if part.partition("\n")[0] != name]
    return "\n".join([top, *sorted([*kept, new])])


def read_reasons() -> dict[str, str]:
    found: dict[str, str] = json.loads(REASONS.read_text(encoding="utf-8"))
    return found
