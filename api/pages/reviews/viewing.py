"""Documents shown beside a form: as pictures, in the browser's own reader of PDF, or as plain text.

Rules this module keeps:

* What others handed in is never shown as a page: no HTML, no SVG, nothing that runs. Text is plain
  text, whatever it calls itself, and is shown sandboxed.
* Only pages of ours may frame it, for who may read it; every look is written down, and a file that
  is not what was kept any more is not shown (``ledger.documents``).
"""

from collections.abc import Mapping
from typing import Final, Literal

from fastapi import Request, Response

from api.context import Context
from api.documents.service import fetch
from api.pages import rendering
from api.pages.readers import DocumentReader
from api.problems import UnsupportedMedia
from api.wire import Hash

routes = rendering.router()

_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})
_TEXTS: Final = frozenset({"text/plain", "text/csv", "application/json"})

Way = Literal["picture", "pdf", "text", ""]

_FRAMED: Final = "frame-ancestors 'self'"
_POLICIES: Final[Mapping[Way, str]] = {
    "picture": f"sandbox; default-src 'none'; style-src 'unsafe-inline'; {_FRAMED}",
    # The browsers' readers of PDF do not work in a sandbox; they keep what runs in one to itself.
    "pdf": f"default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; {_FRAMED}",
    "text": f"sandbox; default-src 'none'; {_FRAMED}",
}


def viewed_as(media_type: str) -> Way:
    """How a document of this media type is shown; "" where it can only be taken away."""
    if media_type in _PICTURES:
        return "picture"
    if media_type == "application/pdf":
        return "pdf"
    return "text" if media_type in _TEXTS else ""


@routes.get("/documents/{hash}/view")
def view_document(request: Request, hash: Hash, caller: DocumentReader) -> Response:
    document, data = fetch(Context.of(request), caller, hash)
    way = viewed_as(document.media_type)
    if not way:
        raise UnsupportedMedia(
            "this document cannot be shown here; take it away and open it",
            message_zh="此文件无法在此显示，请下载后打开",
            field="hash",
            code="document.not-shown",
        )
    shown = "text/plain; charset=utf-8" if way == "text" else document.media_type
    headers = {
        **rendering.HEADERS,
        "Content-Disposition": "inline",
        "Content-Security-Policy": _POLICIES[way],
        "X-Frame-Options": "SAMEORIGIN",
    }
    # Bytes, with the type set apart: none is guessed and no character set is added.
    return Response(data, headers={**headers, "Content-Type": shown})
