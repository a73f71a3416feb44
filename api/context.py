"""What the endpoints work with: the ledger, the settings, tokens and staff, the measures."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from api.access import Caller
from api.edge import Measures
from api.settings import ServerSettings
from ledger.errors import UnavailableError
from ledger.hosts import is_loopback
from ledger.index.store import Access
from ledger.workspace import Workspace

if TYPE_CHECKING:
    from api.auth import Tokens
    from api.staff.service import Staff

#: How often a waiting read looks again, in seconds.
_LOOK_AGAIN = 0.02


@dataclass(frozen=True)
class Context:
    """Joined in ``api.app``; one for the life of the app."""

    workspace: Workspace
    settings: ServerSettings
    tokens: Tokens
    measures: Measures
    staff: Staff

    @classmethod
    def of(cls, request: Request) -> Context:
        found = request.app.state.context
        assert isinstance(found, cls)
        return found

    @property
    def position(self) -> int:
        """How many entries of the ledger are readable now."""
        return self.workspace.position

    def public(self, request: Request) -> str:
        """What people's browsers call this service, without a slash at the end: for links that are
        sent, printed or registered. It is ``public_url``; without that, what the request calls
        this host only where TLS is ours or it is this machine, because whoever asks can call it
        anything."""
        if self.settings.public_url:
            return self.settings.public_url.rstrip("/")
        if self.settings.tls or is_loopback(request.url.hostname or ""):
            return str(request.base_url).rstrip("/")
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"http://{host}:{self.settings.port}"

    def now(self) -> int:
        """The clock's second, or the last block's if that is ahead of it (many blocks in a short
        time are): what was recorded is known."""
        return max(int(self.workspace.clock()), self.workspace.recorded_until)

    def note_access(self, caller: Caller, action: str, subject: str) -> None:
        """Write down that the caller looked at or changed something."""
        self.workspace.store.note_access(
            Access(int(self.workspace.clock()), caller.organisation, caller.person, action, subject)
        )

    async def reach(self, position: int | None) -> None:
        """Wait until the ledger is readable up to the position, or say that it is not (R14)."""
        if position is None or self.position >= position:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + self.settings.patience
        while self.position < position:
            if loop.time() >= until:
                raise UnavailableError(
                    f"the ledger is readable up to {self.position}, not yet to {position}",
                    code="position.not-reached",
                )
            await asyncio.sleep(_LOOK_AGAIN)


async def _context(request: Request) -> Context:
    return Context.of(request)


Joined = Annotated[Context, Depends(_context)]
