"""Passwords: what may be one (NIST SP 800-63B-4, 3.1.1), and how it is kept (argon2id, RFC 9106).

Rules this module keeps:

* A password is all that is asked for (there is no second factor), so it has at least
  :data:`SHORTEST` characters; up to :data:`LONGEST` of any kind are taken, none is demanded, and
  nothing has to be changed because time went by. Pasting is never hindered.
* What everybody would try first is refused with the reason: words that many passwords are made of,
  the names around the account, rows of keys, and repetitions do not count towards the length.
* A password is compared in one form of Unicode (NFKC), so that full-width digits and composed
  letters are what they look like.
* It is kept as argon2id with the second recommended parameters of RFC 9106 (64 MiB, 3 passes, 4
  lanes; OWASP asks for 19 MiB and 2), and made anew at the next sign-in when those change.
* Where there is no password to compare with, the same work is done for nothing.
* At most :data:`AT_ONCE` are worked on together: guessing costs memory, and must not cost all of
  it.
"""

import re
import secrets
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from ledger.errors import RequestError, UnavailableError

#: In characters, after normalisation.
SHORTEST: Final = 15
LONGEST: Final = 200
#: As many are looked at before normalisation, whose work grows with the square of the length.
_LONGEST_TYPED: Final = 4 * LONGEST
#: As many characters must be left when everything that is easily guessed is taken away.
LEFT: Final = 8
AT_ONCE: Final = 2
#: As many wait for their turn, each in a thread that nobody else has meanwhile; whoever comes then
#: is refused at once.
MOST_WAITING: Final = 8
#: Seconds for which a sign-in waits for its turn.
_PATIENCE: Final = 10.0

#: Words that the usual lists of stolen passwords are full of, and those of this service: few,
#: because a password of 15 characters that is on such a list is made of them.
_COMMON: Final = (
    *("password", "passwort", "passw0rd", "p@ssw0rd", "welcome", "letmein", "admin", "qwerty"),
    *("iloveyou", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "master"),
    *("superman", "shadow", "trustno1", "secret", "changeme", "default", "login", "user", "test"),
    *("woaini", "mima", "wodemima", "密码", "我爱你", "口令", "管理员", "用户"),
    *("suyuan", "溯源", "traceability", "supplier", "mask", "口罩", "防疫", "应急", "covid"),
)
#: Keys as they lie beside each other, digits and letters as they are counted.
_ROWS: Final = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
                "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp")  # fmt: skip
_IN_A_ROW: Final = 4


@dataclass(frozen=True, slots=True)
class Hashing:
    """argon2id's cost: passes, KiB of memory, lanes."""

    time_cost: int = RFC_9106_LOW_MEMORY.time_cost
    memory_cost: int = RFC_9106_LOW_MEMORY.memory_cost
    parallelism: int = RFC_9106_LOW_MEMORY.parallelism


class Passwords:
    """Makes and compares the kept form of passwords. Safe to use from several threads."""

    def __init__(self, hashing: Hashing) -> None:
        self._hasher = PasswordHasher(hashing.time_cost, hashing.memory_cost, hashing.parallelism)
        self._turns = _Turns()
        # A hash that no password has: as expensive as any other to compare with.
        salt, hashed = (b64encode(secrets.token_bytes(n)).rstrip(b"=").decode() for n in (16, 32))
        cost = f"m={hashing.memory_cost},t={hashing.time_cost},p={hashing.parallelism}"
        self._nobodys = f"$argon2id$v=19${cost}${salt}${hashed}"

    def hashed(self, password: str) -> str:
        """The form in which it is kept: argon2id with its parameters and a salt of its own."""
        with self._turns:
            return self._hasher.hash(normalised(password))

    def match(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; the same work where there is none to compare with, and for
        what is too long to be one. :class:`UnavailableError` if it had no turn."""
        if len(password) > _LONGEST_TYPED:
            kept, password = None, ""
        with self._turns:
            try:
                self._hasher.verify(kept or self._nobodys, normalised(password)[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


class _Turns:
    """:data:`AT_ONCE` at a time; a few wait, and everybody else is refused."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._places = threading.BoundedSemaphore(AT_ONCE + MOST_WAITING)

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise _too_many()
        if not self._free.acquire(timeout=_PATIENCE):
            self._places.release()
            raise _too_many()

    def __exit__(self, *_: object) -> None:
        self._free.release()
        self._places.release()


def _too_many() -> UnavailableError:
    return UnavailableError("too many are signing in at once", code="overloaded")


def normalised(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def check(password: str, around: Iterable[str]) -> None:
    """Refuse what is too short, too long or easily guessed; :class:`RequestError` says which.
    ``around`` are the names that belong to the account."""
    plain = normalised(password[: _LONGEST_TYPED + 1])
    if len(plain) < SHORTEST:
        raise _refused(
            "short",
            f"has {len(plain)} characters; at least {SHORTEST} are needed. A short sentence that "
            "only you know is easy to remember and hard to guess",
            f"只有 {len(plain)} 个字符，至少需要 {SHORTEST} 个。一句只有您知道的短话既好记又难猜",
        )
    if len(plain) > LONGEST or len(password) > _LONGEST_TYPED:
        raise _refused(
            "long",
            f"has more than {LONGEST} characters",
            f"超过 {LONGEST} 个字符",
        )
    if len(_unusual(plain, around)) < LEFT:
        raise _refused(
            "guessable",
            "is too easy to guess: take away common words, your own names, rows of keys and "
            f"repetitions, and fewer than {LEFT} characters are left. Add words that nobody would "
            "expect here",
            "太容易被猜到：除去常用词、您的姓名与单位、键盘顺序和重复部分后，"
            f"剩下不足 {LEFT} 个字符。请加入别人想不到的词",
        )


def _unusual(password: str, around: Iterable[str]) -> str:
    """What is left when everything that is tried first is taken away."""
    left = password.casefold()
    names = (part for name in around for part in re.split(r"[\W_]+", _plain(name)))
    words = {word for word in (*_COMMON, *names) if len(word) > 1}
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    for row in _ROWS:
        for keys in (row, row[::-1]):
            left = _without_rows(left, keys)
    left = re.sub(r"(19|20)\d\d", "", left)
    # A part that comes again and again counts once, signs between words do not.
    left = re.sub(r"(.+?)\1+", r"\1", left)
    return re.sub(r"[\W_]", "", left)


def _plain(name: str) -> str:
    """Names may be as long as somebody else likes."""
    return normalised(name[:_LONGEST_TYPED]).casefold()


def _without_rows(text: str, row: str) -> str:
    """The text without pieces of the row of four or more."""
    found, i = "", 0
    while i < len(text):
        n = 0
        while i + n < len(text) and text[i : i + n + 1] in row:
            n += 1
        if n >= _IN_A_ROW:
            i += n
        else:
            found += text[i]
            i += 1
    return found


def _refused(code: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"the password {english}",
        message_zh=f"密码{chinese}",
        field="password",
        code=f"password.{code}",
        values={"shortest": SHORTEST, "longest": LONGEST},
    )
