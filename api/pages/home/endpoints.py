"""The home page's address."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.pages import rendering
from api.pages.home import shown
from api.pages.readers import Reader
from api.pages.rendering import page
from ledger.index.repository import MAX_SEARCH

routes = rendering.router()


@routes.get("/")
def search(
    request: Request,
    caller: Reader,
    q: Annotated[str, Query(max_length=MAX_SEARCH)] = "",
    after: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    text = q.strip()
    hits, following = shown.found(request, caller, text, after) if text else (None, None)
    return page(
        request,
        "home/home.html",
        text=text,
        after=after,
        hits=hits,
        following=following,
        recent=[] if text else shown.recent(request, caller),
    )
