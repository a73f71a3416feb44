"""For when a page is asked about: what its address says of the clocks."""

from typing import Final

from fastapi import Request

from ledger.question import wrong
from ledger.vocabulary import Clock

_NAMES: Final = ("at", "known_at", "clock")


def clocks_of(request: Request) -> dict[str, str]:
    """The clocks as they stand in the address, to be kept in links; what is usual is left out."""
    found = {name: request.query_params.get(name, "").strip() for name in _NAMES}
    if found["clock"] == Clock.RECORDED:
        found["clock"] = ""
    return {name: value for name, value in found.items() if value}


def stated_clock(request: Request) -> Clock:
    """What counts as known; :class:`RequestError` names ``clock``."""
    text = request.query_params.get("clock") or Clock.RECORDED.value
    if text not in set(Clock):
        raise wrong("clock", "must be recorded or published", "须为 recorded 或 published")
    return Clock(text)
