"""The stages of ``scripts/test``, one after the other; each runs even if one before it failed.

pytest comes last, so that its closing line is the last line when all is well. Where another stage
failed, a line of the same form says which.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser")


@dataclass(frozen=True)
class Stage:
    name: str
    command: Sequence[str]


def main(arguments: Sequence[str]) -> int:
    deep = "--deep" in arguments
    chosen = [a for a in arguments if a != "--deep"]
    environment = os.environ | {
        "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true",
        "SUYUAN_DEEP": "1" if deep else "0",
    }
    if not any(map(shutil.which, BROWSERS)):
        print("note: chromium is not installed, so the page tests will be skipped", flush=True)
    began = time.monotonic()
    failed = []
    for stage in stages(deep, chosen):
        print(f"\n##### {stage.name} #####", flush=True)
        started = time.monotonic()
        if subprocess.run(stage.command, cwd=ROOT, env=environment).returncode:
            failed.append(stage.name)
        elif stage.name != "pytest":
            print(f"ok ({time.monotonic() - started:.1f} s)", flush=True)
    others = [name for name in failed if name != "pytest"]
    if others:
        count = f"{len(failed)} stage{'s' if len(failed) > 1 else ''} failed: {', '.join(failed)}"
        print(f"\n===== {count} in {time.monotonic() - began:.2f}s =====")
    return 1 if failed else 0


def stages(deep: bool, chosen: Sequence[str]) -> list[Stage]:
    """All stages; only pytest where it was given arguments of its own."""
    python = sys.executable
    hardhat = [str(ROOT / "node_modules/.bin/hardhat")]
    solhint = str(ROOT / "node_modules/.bin/solhint")
    pytest = [python, "-m", "pytest", *(["--deep", "--timeout=0"] if deep else []), *chosen]
    if chosen:
        return [Stage("pytest", pytest)]
    on_eth_tester = ["env", "SUYUAN_CONTRACTS_ON=eth-tester", *pytest, "tests/contracts"]
    return [
        Stage("ruff check", [python, "-m", "ruff", "check", "."]),
        Stage("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        Stage("mypy", [python, "-m", "mypy"]),
        Stage(
            "solhint", [solhint, "--disc", "--noPoster", "--max-warnings=0", "contracts/**/*.sol"]
        ),
        Stage("artifacts are fresh", [python, "-m", "scripts._compile", "--check"]),
        Stage("Solidity tests", [*hardhat, "test", "solidity"]),
        # The long runs of random entries stay with the faster chain.
        Stage(
            "contracts on stock eth-tester",
            [*on_eth_tester, "-n", "2", "-q", "--ignore-glob=*/test_*invariants.py"],
        ),
        Stage("pytest", [*pytest, "-n", "2", "--dist", "worksteal"]),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
