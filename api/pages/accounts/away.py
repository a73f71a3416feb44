"""What a browser keeps while it is away at its organisation's provider: why it went, and the seed
to which the answer must fit.

The cookie is signed with a key of this process, comes along when the provider sends the browser
back (``SameSite=Lax``: another site begins that way), is good for ten minutes, and is taken away
with the answer. Nothing of it is kept here, so that nobody can fill our memory by setting out.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Final

import orjson
from fastapi import Request, Response

from api.context import Context
from api.pages import session

COOKIE: Final = "suyuan_away"
_SECONDS: Final = 600
_KEY: Final = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Errand:
    """Gone to the provider with this number to come back to ``target``; to use an invitation, if
    there is one (hex of its hash)."""

    provider: int
    seed: str
    target: str
    invitation: str


def begun(provider: int, target: str, invitation: str = "") -> Errand:
    return Errand(provider, secrets.token_urlsafe(32), target, invitation)


def keep(request: Request, response: Response, errand: Errand) -> None:
    until = int(Context.of(request).workspace.clock()) + _SECONDS
    written = urlsafe_b64encode(orjson.dumps({**asdict(errand), "until": until})).decode()
    value = f"{written}.{_signed(written)}"
    session.keep(request, response, COOKIE, value, age=_SECONDS, across=True)


def kept(request: Request) -> Errand | None:
    """Why this browser went away; None if it did not, or too long ago."""
    written, _, signature = session.cookie(request, COOKIE).partition(".")
    if not hmac.compare_digest(signature.encode(), _signed(written).encode()):
        return None
    read = orjson.loads(urlsafe_b64decode(written))
    if Context.of(request).workspace.clock() >= read.pop("until"):
        return None
    return Errand(**read)


def _signed(written: str) -> str:
    return hmac.new(_KEY, written.encode(), hashlib.sha256).hexdigest()
