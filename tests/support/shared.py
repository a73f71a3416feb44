"""Where the real registers are, for the tests that read them when they are there.

They are published by others, large, and not part of this repository. They are looked for in
``../shared/data`` and, where it is set, in the directory that ``SUYUAN_REGISTERS`` names.

>>> @needs_registers
... def test_every_row_of_the_list_is_read() -> None:
...     rows = read(register("niosh_n95_cel"))
"""

import os
from pathlib import Path
from typing import Final

import pytest

_BESIDE: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
_GIVEN: Final = os.environ.get("SUYUAN_REGISTERS")

#: The directory of the registers, or None where there is none.
SHARED: Final[Path | None] = next(
    (p for p in (Path(_GIVEN) if _GIVEN else None, _BESIDE) if p is not None and p.is_dir()), None
)

needs_registers: Final = pytest.mark.skipif(
    SHARED is None, reason="the real registers are not beside this repository (../shared/data)"
)


def register(name: str) -> Path:
    """The directory of one register's files; skips the calling test where it is not there."""
    if SHARED is None or not (SHARED / name).is_dir():
        pytest.skip(f"the register {name} is not beside this repository (../shared/data)")
    return SHARED / name
