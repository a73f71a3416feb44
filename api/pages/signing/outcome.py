"""What became of entries that were signed: where each stands, in words."""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from api.access import Caller
from api.context import Context
from api.entries import service
from api.pages.entries.shown import ShownField, fields
from api.pages.lexicon import Lexicon
from api.pages.signing.stamping import MOST, sentence
from api.problems import NotFound, not_found
from ledger.typed_data import hexed

#: An answer waits so long for entries that are on their way, in seconds: mostly they are final
#: by then.
PATIENCE: Final = 4.0
_LOOK_AGAIN: Final = 0.05

Stand = Literal["recorded", "refused", "waiting", "unknown"]


@dataclass(frozen=True)
class ShownOutcome:
    """Where one entry stands. ``unknown``: it has not come here (yet)."""

    digest: str
    stand: Stand
    action: str = ""
    subject: str = ""
    sequence: int | None = None
    reason: str = ""
    fields: Sequence[ShownField] = ()


def written(digests: Sequence[bytes]) -> str:
    """The digests as they stand in the address of the page."""
    return base64.urlsafe_b64encode(b"".join(digests)).decode().rstrip("=")


def read(text: str) -> list[bytes]:
    """The inverse; what is none is answered as a page that does not exist."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or len(raw) % 32 or len(raw) > 32 * MOST:
        raise not_found("the page", "该页面", "entries", code="path.unknown")
    return [raw[i : i + 32] for i in range(0, len(raw), 32)]


async def outcomes(request: Request, caller: Caller, digests: Sequence[bytes]) -> dict[str, Any]:
    """What the page shows, once nothing is on its way any more, or after some seconds."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while True:
        found = await run_in_threadpool(
            lambda: [_outcome(request, caller, digest) for digest in digests]
        )
        stands = [one.stand for one in found]
        if "waiting" not in stands or loop.time() >= until:
            break
        await asyncio.sleep(_LOOK_AGAIN)
    return {
        "outcomes": found,
        "recorded": stands.count("recorded"),
        "refused": stands.count("refused"),
        "waiting": stands.count("waiting"),
        "unknown": stands.count("unknown"),
    }


def _outcome(request: Request, caller: Caller, digest: bytes) -> ShownOutcome:
    lexicon = Lexicon.of(request)
    try:
        found = service.find(Context.of(request), caller, digest)
    except NotFound:
        return ShownOutcome(hexed(digest), "unknown")
    if found.recorded is not None:
        action, message = found.recorded.action, found.recorded.message
        shown = fields(lexicon, action, message)
        return ShownOutcome(
            hexed(digest),
            "recorded",
            sentence(lexicon.t.word("action", action)),
            next((field.shown for field in shown if field.code), ""),
            found.recorded.sequence,
        )
    if found.refusal is not None:
        reason = {"en": found.refusal.detail.en, "zh": found.refusal.detail.zh}
        return ShownOutcome(
            hexed(digest), "refused", reason=lexicon.reason(reason[lexicon.t.language])
        )
    return ShownOutcome(hexed(digest), "waiting")
