"""``scripts/bench``: run the benchmarks, print a table, write it as JSON with ``--json FILE``."""

import argparse
import json
import platform
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import (
    audit,
    cold_start,
    evidence,
    gas,
    index_build,
    lighthouse,
    lineage,
    pages,
    recording,
    tracing,
    verdicts,
    verifying,
)
from tests.benchmarks.measuring import Figure

BENCHMARKS = {
    "gas": gas.measure,
    "recording": recording.measure,
    "verdicts": verdicts.measure,
    "pages": pages.measure,
    "lineage": lineage.measure,
    "lighthouse": lighthouse.measure,
    "cold-start": cold_start.measure,
    "index-build": index_build.measure,
    "tracing": tracing.measure,
    "evidence": evidence.measure,
    "verifying": verifying.measure,
    "audit": audit.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="default: all")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder:
        for name in options.names or BENCHMARKS:
            print(f"— {name} —", flush=True)
            for figure in BENCHMARKS[name](Path(folder) / name):
                figures.append(figure)
                print(figure, flush=True)
    if options.json:
        data = {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "figures": [figure.to_json() for figure in figures],
        }
        options.json.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    return 0


sys.exit(main())
