"""The reports of audits, kept in the data directory so that auditors see them: one private file of
JSON for each run, the newest ones only.

What is kept is the word of whoever ran the audit on the machine of the service: it helps people to
look where something differs, and proves nothing to somebody who does not trust that machine.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from ledger.audit.report import PARTS, Report

FOLDER: Final = "audits"
FORMAT: Final = "suyuan audit kept 1"
#: So many runs are kept, and so many findings of each; all findings are counted.
RUNS: Final = 30
FINDINGS: Final = 500
#: What is larger was not written here, in bytes.
_LARGEST: Final = 4 * 1024 * 1024
_NAME: Final = re.compile(r"[0-9]{8}\.json")


@dataclass(frozen=True, slots=True)
class Run:
    """One audit. ``begun`` and ``ended`` in seconds since 1970, ``parts`` those that it was asked
    for, ``report`` as :meth:`Report.to_json` has it. ``held`` says whether checkpoints that others
    hold were compared, without which a ledger that was set back as a whole is not found."""

    number: int
    begun: int
    ended: int
    parts: tuple[str, ...]
    held: bool
    report: dict[str, Any]

    @property
    def not_checked(self) -> tuple[str, ...]:
        """The parts of an audit that this one did not come to look at."""
        checked = {part["part"] for part in self.report["parts"]}
        return tuple(part for part in PARTS if part not in checked)

    @property
    def differences(self) -> int:
        """How many differences were found, those included that are not kept."""
        return len(self.report["findings"]) + int(self.report["left_out"])


def keep(
    data: Path,
    report: Report,
    *,
    begun: float,
    ended: float,
    parts: Collection[str],
    held: bool,
) -> Run:
    """Keep what an audit of the data directory found, and forget the oldest beyond :data:`RUNS`.
    ``OSError`` where that cannot be written."""
    told = report.to_json()
    told["left_out"] += len(told["findings"][FINDINGS:])
    del told["findings"][FINDINGS:]
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    numbers = _numbers(folder)
    asked = tuple(part for part in PARTS if part in parts)
    run = Run(max(numbers, default=0) + 1, int(begun), int(ended), asked, held, told)
    _write(folder / f"{run.number:08d}.json", run)
    for number in sorted(numbers, reverse=True)[RUNS - 1 :]:
        (folder / f"{number:08d}.json").unlink(missing_ok=True)
    return run


def _write(path: Path, run: Run) -> None:
    """Write the file as a whole or not at all."""
    content = {
        "format": FORMAT,
        "begun": run.begun,
        "ended": run.ended,
        "parts": run.parts,
        "held": run.held,
        "report": run.report,
    }
    temporary = path.with_name(path.name + ".new")
    temporary.touch(mode=0o600)
    temporary.write_bytes(orjson.dumps(content))
    temporary.replace(path)


def runs(data: Path) -> Iterator[Run]:
    """The runs that were kept, the newest first; what cannot be read is left out."""
    for number in sorted(_numbers(data / FOLDER), reverse=True):
        found = run(data, number)
        if found is not None:
            yield found


def run(data: Path, number: int) -> Run | None:
    """The run of that number; None where there is none, or none that can be read."""
    path = data / FOLDER / f"{number:08d}.json"
    try:
        if path.stat().st_size > _LARGEST:
            return None
        content = orjson.loads(path.read_bytes())
        if content["format"] != FORMAT:
            return None
        found = Run(
            number,
            int(content["begun"]),
            int(content["ended"]),
            tuple(str(part) for part in content["parts"] if part in PARTS),
            bool(content["held"]),
            content["report"],
        )
        # Asked for here, so that nobody who reads it stumbles over what somebody wrote by hand.
        _ = found.not_checked, found.differences
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _numbers(folder: Path) -> list[int]:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    return [int(name.removesuffix(".json")) for name in names if _NAME.fullmatch(name)]
