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
* A try that could not be looked at, because too many were, is taken back.
* Names of accounts, names that nobody has, browsers and addresses are kept in books of their own:
  whoever has many addresses, or makes up many names, pushes no account's count out. (Names nobody
  has are throttled like others, so that it does not show which exist.)
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
FREE: Final = {"name": 5, "stranger": 5, "browser": 5, "address": 30}
#: In seconds.
LONGEST_WAIT: Final = 900
#: After so many seconds without a try one failure is forgotten.
FORGOTTEN: Final = {"name": 3600, "stranger": 3600, "browser": 3600, "address": 120}
#: Of each kind.
_MOST: Final = 20_000


@dataclass(slots=True)
class _Count:
    """``before``: the count and the time before the last try, to take that back once."""

    failures: int
    last: float
    before: tuple[int, float] | None = None


class Guesses:
    """Counts failures. Safe to use from several threads."""

    def __init__(self) -> None:
        self._books: dict[str, OrderedDict[str, _Count]] = {kind: OrderedDict() for kind in FREE}
        self._guard = threading.Lock()

    def begin(self, counted: list[tuple[str, str]], now: float) -> int:
        """Count a try under each of these, (kind, which); how many seconds too early it is, and
        then it is not counted and must not be looked at."""
        with self._guard:
            wait = max(self._wait(key, now) for key in counted)
            if wait:
                return wait
            for key in counted:
                kind, which = key
                book = self._books[kind]
                had = book.get(which)
                before = (had.failures, had.last) if had else (0, now)
                book[which] = _Count(self._failures(key, now) + 1, now, before)
                book.move_to_end(which)
                while len(book) > _MOST:
                    book.popitem(last=False)
            return 0

    def take_back(self, counted: list[tuple[str, str]]) -> None:
        """The try was not looked at: it is as if it had not been."""
        with self._guard:
            for kind, which in counted:
                count = self._books[kind].get(which)
                if count is None:
                    continue
                if count.before is None:
                    # Others came at the same time, and were taken back, too.
                    count.failures = max(0, count.failures - 1)
                else:
                    (count.failures, count.last), count.before = count.before, None

    def succeeded(self, counted: list[tuple[str, str]]) -> None:
        """It was no failure. Of an address only this try is taken back: somebody with an account
        of their own must not get new tries at others' with it."""
        with self._guard:
            for kind, which in counted:
                book = self._books[kind]
                if kind == "address" and which in book:
                    book[which].failures -= 1
                else:
                    book.pop(which, None)

    def _failures(self, key: tuple[str, str], now: float) -> int:
        """How many count still."""
        count = self._books[key[0]].get(key[1])
        if count is None:
            return 0
        return max(0, count.failures - int(max(0.0, now - count.last) / FORGOTTEN[key[0]]))

    def _wait(self, key: tuple[str, str], now: float) -> int:
        beyond = self._failures(key, now) - FREE[key[0]]
        if beyond < 0:
            return 0
        due = self._books[key[0]][key[1]].last + min(2.0 ** min(beyond, 16), LONGEST_WAIT)
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
