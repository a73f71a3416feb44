"""What a question about a batch pins down, so that its pages belong together.

A continuation of this service is ``TOKEN.KNOWN_AT.POSITION.CLOCK``: that of the ledger layer (or of
a list) and the clocks of the first page. Who continues need not repeat them; who repeats them
otherwise asks another question, and is told so.
"""

from dataclasses import dataclass
from typing import Final

from api.parameters import known_until
from api.wire import interval_of
from ledger.errors import RequestError
from ledger.offer import known_size
from ledger.provenance import texts
from ledger.provenance.tracing import read_continuation
from ledger.provenance.writing import both
from ledger.question import zone_of
from ledger.vocabulary import NO_END, Clock
from ledger.workspace import Workspace

#: Longest continuation that is taken, in characters.
MAX_CONTINUATION: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """As it was asked: moments as typed, None where nothing was said."""

    at: int | str | None = None
    known_at: int | str | None = None
    clock: Clock | None = None
    zone: str = "Asia/Shanghai"
    depth: int = 1000
    size: int = 100
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """As it is answered. ``upto``: so many entries were recorded by ``known_at``, of the
    ``position`` that are readable. ``at``: what happened later is left out. ``after`` is the
    continuation of the ledger layer."""

    at: int
    known_at: int
    clock: Clock
    zone: str
    depth: int
    size: int
    after: str | None
    upto: int
    position: int

    def continued(self, token: str | None) -> str | None:
        """The continuation to hand out, from that of the ledger layer."""
        if token is None:
            return None
        return f"{token}.{self.known_at}.{self.position}.{self.clock.value}"

    def clocks(self) -> dict[str, int | str | dict[str, str] | None]:
        """``note``: what of the answer does not follow ``at``, in words."""
        return {
            "complete_to": self.upto,
            "position": self.position,
            "known_at": self.known_at,
            "clock": self.clock.value,
            "at": self.at if self.at < NO_END else None,
            "note": both(texts.NOT_AT) if self.at < NO_END else None,
        }


def asking(workspace: Workspace, now: int, position: int, wanted: Wanted) -> Asking:
    """The question that is meant, ``now`` (seconds, UTC) and on so many entries.

    :class:`RequestError` names ``at``, ``known_at``, ``zone`` or ``after``.
    """
    zone_of(wanted.zone)
    at = NO_END if wanted.at is None else interval_of(wanted.at, wanted.zone, "at")[1] - 1
    if wanted.after is not None:
        return _continued(workspace, now, position, wanted, at)
    known_at = known_until(now, wanted.known_at, wanted.zone)
    return Asking(
        at,
        known_at,
        wanted.clock or Clock.RECORDED,
        wanted.zone,
        wanted.depth,
        wanted.size,
        None,
        known_size(workspace.index, known_at, position),
        position,
    )


def _continued(workspace: Workspace, now: int, position: int, wanted: Wanted, at: int) -> Asking:
    assert wanted.after is not None
    token, known_at, pinned, clock = _parts(wanted.after)
    if known_at > now or pinned > position:
        raise _no_continuation()
    upto = known_size(workspace.index, known_at, pinned)
    continued = None if token.startswith(PLACE) else read_continuation(token)
    if wanted.known_at is not None:
        first, end = interval_of(wanted.known_at, wanted.zone, "known_at")
        if not first <= known_at < end:
            raise other_question("known_at", "time of knowing", "知悉时间")
    if wanted.clock not in (None, clock):
        raise other_question("clock", "clock", "时钟")
    if continued is not None:
        if wanted.at is not None and continued.at != at:
            raise other_question("at", "time", "时间")
        at = continued.at
    return Asking(
        at, known_at, clock, wanted.zone, wanted.depth, wanted.size, token, upto, pinned
    )  # fmt: skip


def _parts(after: str) -> tuple[str, int, int, Clock]:
    token, *rest = after.split(".")
    if len(rest) != 3 or not all(n.isascii() and n.isdigit() and len(n) <= 15 for n in rest[:2]):
        raise _no_continuation()
    if rest[2] not in set(Clock):
        raise _no_continuation()
    return token, int(rest[0]), int(rest[1]), Clock(rest[2])


# -- continuations of lists --------------------------------------------------------------------

#: How the continuation of a list begins, with the lot and the place in the list behind it.
PLACE: Final = "place-"


def place_token(lot: int, place: int) -> str:
    return f"{PLACE}{lot}-{place}"


def place_of(asked: Asking, lot: int) -> int:
    """The place in the list from which to go on; :class:`RequestError` for ``after`` if it is of
    another lot, or of no list."""
    if asked.after is None:
        return 0
    numbers = asked.after.removeprefix(PLACE).split("-")
    if not asked.after.startswith(PLACE) or len(numbers) != 2 or not all(map(_is_number, numbers)):
        raise _no_continuation()
    if int(numbers[0]) != lot:
        raise other_question("lot", "lot", "批次")
    return int(numbers[1])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


def other_question(differs: str, english: str, chinese: str) -> RequestError:
    return RequestError(
        f"after: continues a question with another {english}",
        message_zh=f"after：该续查标记属于另一个问题（{chinese}不同）",
        field="after",
        code="trace.continuation",
        values={"differs": differs},
    )


def _no_continuation() -> RequestError:
    return RequestError(
        "after: this is no continuation of this question",
        message_zh="after：不是该问题的续查标记",
        field="after",
        code="trace.continuation",
    )
