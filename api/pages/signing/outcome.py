"""What became of entries that were signed: where each stands, in words."""

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from api.access import Caller
from api.context import Context
from api.entries import service
from api.pages import navigation
from api.pages.entries.shown import fields
from api.pages.lexicon import Lexicon
from api.pages.signing.stamping import MOST, sentence, whole_sentence
from api.problems import NotFound, not_found
from ledger.typed_data import SignedEntry, hexed

#: An answer waits so long for entries that are on their way, in seconds: mostly they are final
#: by then.
PATIENCE: Final = 4.0
_LOOK_AGAIN: Final = 0.05
#: What tells two entries of one action apart where they are about nothing that has a name.
_TELLING: Final = ("number", "lot", "identifier", "text", "reason", "note")
_LONGEST_GIST: Final = 60
#: An id or a hash: people compare its ends.
_LONG: Final = re.compile(r"0x([0-9a-f]{4})[0-9a-f]{32,}([0-9a-f]{4})")

Stand = Literal["recorded", "refused", "waiting", "unknown"]


@dataclass(frozen=True)
class ShownOutcome:
    """Where one entry stands. ``unknown``: it has not come here (yet), so nothing is known of it.
    ``exact`` is the reason with its ids unabridged."""

    digest: str
    stand: Stand
    action: str = ""
    gist: str = ""
    sequence: int | None = None
    recorded_at: int = 0
    reason: str = ""
    exact: str = ""


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
    context, lexicon = Context.of(request), Lexicon.of(request)
    try:
        found = service.find(context, caller, digest)
    except NotFound:
        return ShownOutcome(hexed(digest), "unknown")
    if found.recorded is not None:
        action, gist = _named(lexicon, found.recorded.action, found.recorded.message)
        return ShownOutcome(
            hexed(digest),
            "recorded",
            action,
            gist,
            found.recorded.sequence,
            found.recorded.recorded_at,
        )
    held = context.workspace.store.outbox.entries([digest])[digest]
    told = SignedEntry.unpack(held.contract, held.packed).entry.to_json()
    action, gist = _named(lexicon, told["action"], told["message"])
    if found.refusal is None:
        return ShownOutcome(hexed(digest), "waiting", action, gist)
    language = lexicon.t.language
    said = {"en": found.refusal.detail.en, "zh": found.refusal.detail.zh}[language]
    exact = whole_sentence(lexicon.reason(said), language)
    reason = _LONG.sub(r"0x\1…\2", exact)
    return ShownOutcome(
        hexed(digest),
        "refused",
        action,
        gist,
        reason=reason,
        exact=exact if exact != reason else "",
    )


def _named(lexicon: Lexicon, action: str, message: Mapping[str, Any]) -> tuple[str, str]:
    """What the entry does, and what it is about or how it begins."""
    about = next((f.shown for f in fields(lexicon, action, message) if f.code), "")
    gist = about or next((str(message[n]) for n in _TELLING if message.get(n)), "")
    if len(gist) > _LONGEST_GIST and not about:
        gist = gist[:_LONGEST_GIST].rstrip() + "…"
    return sentence(lexicon.t.word("action", action)), gist


def way_back(lexicon: Lexicon, caller: Caller, back: str) -> str:
    """What the link to ``back`` is called: by the place that it is, where it is one."""
    found = (p for p in navigation.places(caller, back) if p.path == back)
    place = next(found, None)
    t = lexicon.t
    return t("outcome.back") if place is None else t("outcome.back-to", place=t(place.name))
