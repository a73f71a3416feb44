"""How often passwords may be guessed, without a stranger being able to lock a person out.

Rules this module keeps:

* Failures are counted for the login name and for the address they come from, known or not. Some
  are free; from then on the next try has to wait, twice as long each time, at most
  :data:`LONGEST_WAIT` seconds. A try that comes too early is not looked at and counts for nothing.
* A browser in which somebody signed in to the account before is counted by itself, and by nothing
  else: whoever guesses at a name elsewhere does not keep its owner out of their usual browser.
  From a new browser the owner may have to wait while somebody keeps guessing; signing in through
  the organisation and an operator's new invitation always work.
* At the longest wait there are about a hundred tries a day for a name, from wherever they come.
* A try is counted before it is looked at, so that many at once are no way round.
* It is kept in memory, and bounded: a restart forgets it. What was tried stands in the access log.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

#: Failures that cost nothing: of one name or browser, and of one address, behind which there may
#: be a whole office.
FREE: Final = {"name": 5, "browser": 5, "address": 30}
#: In seconds.
LONGEST_WAIT: Final = 900
#: After so many seconds without a try one failure is forgotten.
FORGOTTEN: Final = {"name": 3600, "browser": 3600, "address": 120}
_MOST: Final = 20_000


@dataclass(slots=True)
class _Count:
    failures: int
    last: float


class Guesses:
    """Counts failures. Safe to use from several threads."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._guard = threading.Lock()

    def begin(self, counted: list[tuple[str, str]], now: float) -> int:
        """Count a try under each of these, (kind, which); how many seconds too early it is, and
        then it is not counted and must not be looked at."""
        with self._guard:
            wait = max(self._wait(key, now) for key in counted)
            if wait:
                return wait
            for key in counted:
                self._counts[key] = _Count(self._failures(key, now) + 1, now)
                self._counts.move_to_end(key)
            while len(self._counts) > _MOST:
                self._counts.popitem(last=False)
            return 0

    def succeeded(self, counted: list[tuple[str, str]]) -> None:
        """It was no failure. Of an address only this try is taken back: somebody with an account
        of their own must not get new tries at others' with it."""
        with self._guard:
            for key in counted:
                if key[0] == "address" and key in self._counts:
                    self._counts[key].failures -= 1
                else:
                    self._counts.pop(key, None)

    def _failures(self, key: tuple[str, str], now: float) -> int:
        """How many count still."""
        count = self._counts.get(key)
        if count is None:
            return 0
        return max(0, count.failures - int(max(0.0, now - count.last) / FORGOTTEN[key[0]]))

    def _wait(self, key: tuple[str, str], now: float) -> int:
        beyond = self._failures(key, now) - FREE[key[0]]
        if beyond < 0:
            return 0
        due = self._counts[key].last + min(2.0 ** min(beyond, 16), LONGEST_WAIT)
        return max(0, ceil(due - now))


def neighbourhood(address: str) -> str:
    """An address as it is counted: of IPv6 the /64 that one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))
