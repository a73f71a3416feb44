"""What stands between the socket and the endpoints, as plain ASGI: headers, admission, measures.

Rules this module keeps:

* Every answer forbids sniffing, framing and referrers, and caching where it does not say so.
* At most so many requests are worked on at once; the next is answered 503 with ``Retry-After``
  at once instead of making all of them slow (R20). Health is always answered.
* A request is worked on once its body is here, and a body has a limit and a deadline.
* A request is measured under its route's template, never under the path asked, so that the number
  of series is bounded.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeAlias

from fastapi import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems

#: Sent with every answer (OWASP secure headers; the pages set their own policy for scripts).
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_DEFAULTS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_ALWAYS: Final = ("/health", "/metrics")


class SecurityHeaders:
    """Adds the headers; what an endpoint set itself stays where only a default stands against."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self._fixed: tuple[tuple[bytes, bytes], ...] = _HEADERS
        if https:
            self._fixed = (*_HEADERS, (b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                present = {name for name, _ in headers}
                headers += self._fixed
                headers += [pair for pair in _DEFAULTS if pair[0] not in present]
            await send(message)

        await self.app(scope, receive, with_headers)


class Admission:
    """Lets in at most ``limit`` requests at once."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self.limit = limit
        self.in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self.app(scope, receive, send)
            return
        if self.in_progress >= self.limit:
            await problems.overloaded(scope)(scope, receive, send)
            return
        self.in_progress += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.in_progress -= 1


#: Upper bounds of the histogram's buckets, in seconds.
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Measures:
    """Counts and durations of requests since the start."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        self.requests[method, route, status] += 1
        self._seconds += seconds
        place = next((i for i, bound in enumerate(BUCKETS) if seconds <= bound), len(BUCKETS))
        self._buckets[place] += 1

    def lines(self) -> Iterable[str]:
        """Prometheus text (version 0.0.4)."""
        yield "# TYPE suyuan_http_requests_total counter"
        for (method, route, status), count in sorted(self.requests.items()):
            yield (
                f'suyuan_http_requests_total{{method="{method}",route="{route}",'
                f'status="{status}"}} {count}'
            )
        yield "# TYPE suyuan_http_request_seconds histogram"
        total = 0
        for bound, count in zip((*BUCKETS, "+Inf"), self._buckets, strict=True):
            total += count
            yield f'suyuan_http_request_seconds_bucket{{le="{bound}"}} {total}'
        yield f"suyuan_http_request_seconds_sum {self._seconds:.6f}"
        yield f"suyuan_http_request_seconds_count {total}"


class Measured:
    """Measures every request that passes."""

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        self.app = app
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = scope.get("route")
            template = getattr(route, "path", "none")
            method = scope["method"] if template != "none" else "any"
            self.measures.add(method, template, status, time.perf_counter() - begun)


#: From a refusal to the page that says it, where there is one.
Shown: TypeAlias = Callable[[Scope, Response], Awaitable[Response] | None]


class Bodies:
    """Reads each request's body before the request is let in, so that who sends slowly takes no
    place from others.

    A body may have ``limit`` bytes and take ``deadline`` seconds; at the paths of ``larger`` as
    many bytes as that says, and time in proportion. Of each kind so many bytes as ``at_once``
    full bodies have are held together; the next is answered 503.

    ``shown`` makes a page of a refusal where a person in a browser sent the body, None elsewhere.
    What they still send is then taken off the line, up to some limit, and dropped: a browser that
    is answered while it sends shows the answer to nobody.
    """

    #: Of a body that is too large so many times the limit are read before it is answered.
    DROPPED: Final = 5

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int,
        larger: Mapping[str, int],
        deadline: float,
        at_once: int = 8,
        shown: Callable[[Scope, Response], Awaitable[Response] | None] = lambda scope, refusal: (
            None
        ),
    ) -> None:
        self.app = app
        self.shown = shown
        self.limit = limit
        self.larger = larger
        self.deadline = deadline
        self.at_once = at_once
        self.held: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        limit = self.larger.get(scope["path"], self.limit)
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value) > limit:
                await self._refuse(limit, scope, receive, send)
                return
        chunks: list[bytes] = []
        try:
            stopped = await self._read(scope, receive, limit, chunks)
            if stopped is not None:
                await stopped(scope, receive, send)
                return
            body = b"".join(chunks)
            waiting = True

            async def again() -> Message:
                nonlocal waiting
                if waiting:
                    waiting = False
                    return {"type": "http.request", "body": body, "more_body": False}
                return await receive()

            await self.app(scope, again, send)
        finally:
            self.held[limit] -= sum(map(len, chunks))

    async def _read(
        self, scope: Scope, receive: Receive, limit: int, chunks: list[bytes]
    ) -> ASGIApp | None:
        """Read the body into ``chunks``; what to answer if that is not to be had."""
        seconds = self.deadline * limit / self.limit
        taken = 0
        try:
            async with asyncio.timeout(seconds):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return _nobody
                    chunk = message.get("body", b"")
                    chunks.append(chunk)
                    taken += len(chunk)
                    self.held[limit] += len(chunk)
                    if taken > limit:
                        return partial(self._refuse, limit)
                    if self.held[limit] > limit * self.at_once:
                        return problems.overloaded(scope)
                    more = message.get("more_body", False)
        except TimeoutError:
            return problems.body_too_slow(scope, seconds)
        return None

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer that the body is too large."""
        refusal = problems.body_too_large(scope, limit)
        page = self.shown(scope, refusal)
        if page is not None:
            await self._drop(receive, limit)
            refusal = await page
        await refusal(scope, receive, send)

    async def _drop(self, receive: Receive, limit: int) -> None:
        dropped = 0
        try:
            async with asyncio.timeout(self.deadline * limit / self.limit):
                while dropped <= limit * self.DROPPED:
                    message = await receive()
                    dropped += len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return
        except TimeoutError:
            return


async def _nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """Nothing is answered to who has hung up."""
