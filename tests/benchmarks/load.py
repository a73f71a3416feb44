"""A load of requests over a number of connections, and how long each took.

Speaks HTTP/1.1 over plain sockets, so that the client costs little beside the server.
"""

import asyncio
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path) -> Iterator[tuple[int, float]]:
    """The benchmark's server over a data directory: its port, and seconds until it answered."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", str(data), str(port)], cwd=ROOT
    )
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError("the server ended")
            try:
                if asyncio.run(_once(port, request("GET", "/health", "", b""))) == 200:
                    break
            except OSError:
                time.sleep(0.01)
        yield port, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(timeout=30)


def request(method: str, path: str, token: str, body: bytes, key: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: application/json")
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def median_latency(
    port: int, make: Callable[[int], bytes], *, connections: int = 8, requests: int = 3000
) -> float:
    """The median over all requests, in seconds; every answer must be 200 or 201."""
    return asyncio.run(_load(port, make, connections, requests))


async def _load(port: int, make: Callable[[int], bytes], connections: int, requests: int) -> float:
    numbers = iter(range(requests))
    taken: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            raw = make(number)
            started = time.perf_counter()
            writer.write(raw)
            status = await _answer(reader)
            taken.append(time.perf_counter() - started)
            if status not in (200, 201):
                raise RuntimeError(f"answered {status}")
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    # The first tenth warms caches up.
    return statistics.median(taken[requests // 10 :])


async def _once(port: int, raw: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    status = await _answer(reader)
    writer.close()
    return status


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])
