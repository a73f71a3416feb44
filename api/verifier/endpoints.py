"""The verifier's page to take away. What it is good for is not to need this service."""

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import Response

from api.routing import router

routes = router("verifier", prefix="")

#: It is taken away, not opened here: an auditor who has it from us should compare it with another
#: copy, and this service's own pages run no scripts.
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Disposition": 'attachment; filename="suyuan-verifier.html"',
    "Cache-Control": "public, max-age=300",
}


@routes.get("/verifier.html", include_in_schema=False)
def page() -> Response:
    """Public."""
    return Response(_page(), headers=_HEADERS)


@cache
def _page() -> bytes:
    return files(__package__).joinpath("verify.html").read_bytes()
