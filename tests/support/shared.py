"""Where the real registers are, for the tests that read them when they are there.

They are published by others, large, and not part of this repository: they are looked for beside
it, in ``../shared``. A test that reads them is extra, and says why it was skipped.

>>> @needs_registers
... def test_every_row_of_the_list_is_read() -> None:
...     rows = read(register("niosh_n95_cel"))
"""

from pathlib import Path
from typing import Final

import pytest

_BESIDE: Final = Path(__file__).resolve().parents[3] / "shared"

#: The folder beside the repository (the registers are in its ``data``); None where there is none.
SHARED: Final[Path | None] = _BESIDE if (_BESIDE / "data").is_dir() else None

_REASON: Final = "the real registers are not beside this repository (../shared/data)"
needs_registers: Final = pytest.mark.skipif(SHARED is None, reason=_REASON)


def register(name: str) -> Path:
    """The folder of one register's files; skips the calling test where it is not there."""
    if SHARED is None or not (SHARED / "data" / name).is_dir():
        pytest.skip(f"{_REASON}: {name}")
    return SHARED / "data" / name
