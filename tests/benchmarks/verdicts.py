"""``POST /v1/verdicts`` with all registers loaded, 8 connections: kept against one durable insert,
not kept against a constant, in the same process and run."""

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from api.access import CallerRole
from api.cli.serving import make_token
from ledger import demo
from tests.benchmarks.load import median_latency, request, serving
from tests.benchmarks.measuring import (
    Figure,
    found,
    mirror,
    recorded,
    register_entries,
    signers,
)

#: So many suppliers are asked about in turn.
SUPPLIERS = 200


def measure(folder: Path) -> Iterator[Figure]:
    keys = signers()
    workspace = found(folder, keys)
    author = mirror(workspace, keys)
    recorded(workspace, [author.sign(e) for e in register_entries(workspace, author)])
    district = next(o for o in demo.OFFICES if o.key == "district")
    token = make_token(workspace, "0x" + district.id.hex(), "bench", CallerRole.PROCUREMENT, 1)
    rows = workspace.index.listed("register:niosh-n95")
    asked = list({row.holder: row for row in rows}.values())[:SUPPLIERS]
    workspace.close()
    bodies = [
        json.dumps(
            {
                "organisation": "0x" + row.holder.hex(),
                "category": row.category,
                "model": row.model,
                "quantity": 50_000,
                "unit": "H87",
                "deliver_on": "2020-12-01",
                "zone": "Asia/Shanghai",
                "clock": "published",
            }
        ).encode()
        for row in asked
    ]

    def verdict(path: str, keep: bool) -> Callable[[int], bytes]:
        def make(number: int) -> bytes:
            key = secrets.token_hex(16) if keep else ""
            return request("POST", path, token, bodies[number % len(bodies)], key)

        return make

    def plain(path: str) -> Callable[[int], bytes]:
        return lambda _: request("POST", path, token, b"{}")

    with serving(folder) as (port, _):
        median_latency(port, verdict("/v1/verdicts?store=false", False), requests=SUPPLIERS * 2)
        constant = median_latency(port, plain("/bench/constant"))
        insert = median_latency(port, plain("/bench/insert"))
        unkept = median_latency(port, verdict("/v1/verdicts?store=false", False))
        kept = median_latency(port, verdict("/v1/verdicts", True))
    for what, seconds in (
        ("a constant endpoint of the same app, median of 8 connections", constant),
        ("an endpoint that does one durable insert", insert),
        ("a verdict, not kept", unkept),
        ("a verdict, kept durably", kept),
    ):
        yield Figure(what, seconds * 1000, "ms")
    yield Figure("not kept ÷ constant", unkept / constant, "×", "at most 4", unkept / constant <= 4)
    yield Figure("kept ÷ insert", kept / insert, "×", "at most 3", kept / insert <= 3)
