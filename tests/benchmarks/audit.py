"""A full audit of a real ledger: entries a second of one core's time, and how much more memory ten
times as many entries take.

Every entry was recorded by the contracts on the embedded chain, a hundred in a block. All parts are
checked. The processor's time is counted, of the audit alone; memory is the most that its process
had that is not a mapped file.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks import long_ledger
from tests.benchmarks.measuring import Figure

SMALL, LARGE = 10_000, 100_000

#: Audits a directory in a process of its own and says what that took. SQLite maps files into
#: memory, which is the system's cache; only what is of no file is counted.
_AUDIT = """
import json, sys, threading, time
from pathlib import Path
from ledger.audit import audit
peak, over = 0.0, threading.Event()
def look():
    global peak
    while not over.wait(0.02):
        status = Path("/proc/self/status").read_text()
        kilobytes = int(status.partition("RssAnon:")[2].split()[0])
        peak = max(peak, kilobytes / 1024)
looking = threading.Thread(target=look)
looking.start()
started = time.process_time()
report = audit(Path(sys.argv[1]), clock=time.time)
seconds = time.process_time() - started
over.set()
looking.join()
told = {"seconds": seconds, "peak": peak, "counts": report.counts,
        "findings": [f.to_json() for f in report.findings[:3]]}
print(json.dumps(told))
"""


def measure(folder: Path) -> Iterator[Figure]:
    small, large = (_audited(folder / str(n), n) for n in (SMALL, LARGE))
    counts = large["counts"]
    entries = counts["index"]["entries"]
    rate = entries / large["seconds"]
    what = (
        f"{entries:,} entries, {counts['chain']['contents']:,} nodes, "
        f"{counts['index']['rows']:,} rows: full audit"
    )
    yield Figure(what, rate, "entries/s", "at least 2,500 a core", rate >= 2_500)
    yield Figure(f"peak memory at {SMALL:,} entries", small["peak"], "MiB")
    growth = large["peak"] / small["peak"]
    yield Figure(f"peak memory at {LARGE:,} entries", large["peak"], "MiB")
    yield Figure("ten times the entries take so much memory", growth, "×", "flat", growth < 1.5)


def _audited(data: Path, entries: int) -> dict[str, Any]:
    data.parent.mkdir(parents=True, exist_ok=True)
    long_ledger.make(data, entries)
    done = subprocess.run(
        [sys.executable, "-c", _AUDIT, str(data)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if told["findings"]:
        raise RuntimeError(f"the audit found {told['findings']}")
    return told
