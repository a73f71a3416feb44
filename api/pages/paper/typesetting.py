"""From data to a PDF: tagged, with its font inside, the same bytes for the same data.

Rules this module keeps:

* What is set goes in as JSON and is shown as text: nothing in it is ever read as markup.
* Every text is made fit first (:func:`fit`): deceiving characters are shown, what the font does not
  have becomes a box, long words can be broken, and endless texts are cut.
* At most one document is set at a time, beside the event loop, and a few may wait; the next is
  told to come back.
* The file is PDF/UA-1 (tagged, for screen readers) and PDF/A-2a (to be kept) at once.
"""

import asyncio
import json
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final, TypeVar

import typst

from api.pages.formats import harmless
from ledger.errors import UnavailableError

#: What stands for a character that the font does not have.
BOX: Final = "\N{WHITE SQUARE}"
#: Longer texts are cut: no paper has to hold a name of ten thousand characters.
LONGEST: Final = 2000
#: So many characters without a place to break a line are broken anyway.
_UNBROKEN: Final = re.compile(r"[!-~\u00a1-\u024f]{30}")
#: An id that stands alone has a line of its own, and is to be found by searching for it.
_ID: Final = re.compile(r"0x[0-9a-f]{64}")
_BREAK: Final = "\N{ZERO WIDTH SPACE}"
_MOST_WAITING: Final = 8


_press: Final = ThreadPoolExecutor(1, thread_name_prefix="paper")
_waiting: Final = threading.BoundedSemaphore(_MOST_WAITING)

Made = TypeVar("Made")


async def in_turn(make: Callable[[], Made]) -> Made:
    """What ``make`` makes, one after the other beside the event loop; :class:`UnavailableError`
    where too many wait already."""
    if not _waiting.acquire(blocking=False):
        raise UnavailableError("too many documents are being set", code="paper.busy")
    try:
        return await asyncio.get_running_loop().run_in_executor(_press, make)
    finally:
        _waiting.release()


def typeset(template: str, data: Any, pictures: Mapping[str, str], created: int) -> bytes:
    """The PDF of ``data`` by a template beside this module; ``pictures`` are SVG of our own making
    by name, ``created`` (seconds, UTC) is the date that the file states."""
    said = {
        "data": json.dumps(fitted(data), ensure_ascii=False),
        "pictures": json.dumps(dict(pictures)),
    }
    with _one_at_a_time:
        made = _compiler(template).compile(
            format="pdf",
            sys_inputs=said,
            # Tagged for screen readers, and to be kept.
            pdf_standards=["ua-1", "a-2a"],
            timestamp=created,
        )
    assert isinstance(made, bytes)
    return made


_one_at_a_time: Final = threading.Lock()
_kept_open: Final = ExitStack()


@cache
def _compiler(template: str) -> typst.Compiler:
    # A path for as long as the process lives, also where the package is not unpacked.
    folder = _kept_open.enter_context(as_file(files(__package__)))
    return typst.Compiler(
        input=str(folder / template),
        root=str(folder),
        font_paths=[str(folder)],
        ignore_system_fonts=True,
    )


def fitted(data: Any) -> Any:
    """The data with every text in it made fit."""
    if isinstance(data, str):
        return fit(data)
    if isinstance(data, dict):
        return {name: fitted(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [fitted(value) for value in data]
    return data


def fit(text: str) -> str:
    """The text as it can be set.

    >>> fit("a 😀")
    'a □'
    """
    if _ID.fullmatch(text):
        return text
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    shown: str = harmless(unicodedata.normalize("NFC", text))
    known = characters()
    shown = "".join(
        c if c in known else " " if c.isspace() else BOX
        for c in shown
        if not "\ufe00" <= c <= "\ufe0f"  # they choose among shapes of the one before
    )
    return _UNBROKEN.sub(lambda found: found[0] + _BREAK, shown)


@cache
def characters() -> frozenset[str]:
    """What the font has."""
    listed = files(__package__).joinpath("characters.txt")
    return frozenset(listed.read_bytes().decode())
