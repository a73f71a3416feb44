"""Parameters that many endpoints share: the two clocks, pages, and requests made once."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Query

from api.access import Caller
from api.context import Joined
from api.wire import Moment, interval_of
from ledger.errors import RequestError
from ledger.index.idempotency import Once
from ledger.vocabulary import Clock

#: In whose days a day is meant where nobody says otherwise.
DEFAULT_ZONE: Final = "Asia/Shanghai"

Zone = Annotated[
    str,
    Query(
        min_length=1,
        max_length=64,
        description="IANA time zone in which days are meant.",
        examples=["Asia/Shanghai"],
    ),
]
MinPosition = Annotated[
    int | None,
    Query(
        ge=0,
        le=2**53,
        description="Answer only from a ledger with at least so many entries: waits a little, "
        "then 503. Read your own writes by the `sequence` of your entry plus one.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many per page.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """For when (half-open interval), as known when, by which clock."""

    at: tuple[int, int]
    known_at: int
    clock: Clock


async def _asked(
    context: Joined,
    at: Annotated[
        Moment | None,
        Query(description="For which instant or day; default: now."),
    ] = None,
    known_at: Annotated[
        Moment | None,
        Query(description="As known at which instant, or by the end of which day; default: now."),
    ] = None,
    clock: Annotated[
        Clock,
        Query(
            description="`recorded`: known is what was on this ledger. `published`: what a "
            "mirrored register had published counts too."
        ),
    ] = Clock.RECORDED,
    zone: Zone = DEFAULT_ZONE,
    min_position: MinPosition = None,
) -> Asked:
    await context.reach(min_position)
    now = context.now()
    interval = (now, now + 1) if at is None else interval_of(at, zone, "at")
    return Asked(interval, known_until(context.now(), known_at, zone), clock)


AskedFor = Annotated[Asked, Depends(_asked)]


def known_until(now: int, known_at: int | str | None, zone: str) -> int:
    """The instant up to which things count as known (of a day: its last second, at most now)."""
    if known_at is None:
        return now
    start, end = interval_of(known_at, zone, "known_at")
    if start > now:
        raise RequestError(
            "known_at: lies in the future",
            message_zh="known_at：在未来",
            field="known_at",
            code="question.known-at",
            values={"now": now},
        )
    return min(end - 1, now)


# -------------------------------------------------------------------------------- once only

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="The same key with the same request gives the same answer and has the effect "
        "of one; with another request it is refused.",
        examples=["5f0c7a52-8d0e-4f6e-9d3c-0f4b2b6f8a11"],
    ),
]
RequiredIdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Needed: the same key with the same request gives the same answer and has the "
        "effect of one; with another request it is refused.",
        examples=["5f0c7a52-8d0e-4f6e-9d3c-0f4b2b6f8a11"],
    ),
]


def once(caller: Caller, key: str, operation: str, body: bytes) -> Once:
    """The request as the store knows it again: per organisation, operation and bytes."""
    asked = hashlib.sha256(operation.encode() + b"\0" + body).digest()
    return Once("0x" + caller.organisation.hex(), key, asked)
