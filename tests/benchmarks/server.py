"""The service with two endpoints beside its own, to measure against: one that answers a constant,
one that does a single durable insert. Run as a process of its own by the benchmarks."""

import sys
import time
from pathlib import Path

import uvicorn
from fastapi import Response

from api.app import create_app
from api.auth import VerdictsAsker
from api.context import Joined
from api.settings import ServerSettings
from ledger.index.store import Access
from ledger.workspace import Workspace

CONSTANT = b'{"answer":"constant"}'


def main() -> None:
    data, port = Path(sys.argv[1]), int(sys.argv[2])
    workspace = Workspace.open(data, clock=time.time)
    app = create_app(workspace, ServerSettings(port=port))

    @app.post("/bench/constant")
    async def constant(caller: VerdictsAsker) -> Response:
        return Response(CONSTANT, media_type="application/json")

    @app.post("/bench/insert")
    async def insert(caller: VerdictsAsker, context: Joined) -> Response:
        access = Access(int(time.time()), caller.organisation, caller.person, "bench", "nothing")
        context.workspace.store.note_access(access)
        return Response(CONSTANT, media_type="application/json")

    try:
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
    finally:
        workspace.close()


main()
