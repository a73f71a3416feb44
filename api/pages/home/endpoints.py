"""The home page's address: a search, or what needs attention."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query, Request, Response

from api.access import Scope
from api.context import Context
from api.pages import rendering, session
from api.pages.home import results, shown
from api.pages.readers import Anybody
from api.pages.rendering import page, redirect
from api.search import service as search

routes = rendering.router()

_FILES: Final[Mapping[str, Any]] = {
    "styles": ("home.css", "results.css"),
    "scripts": ("home.js",),
}


@routes.get("/")
def home(
    request: Request,
    caller: Anybody,
    q: str = "",
    after: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    if not q.strip():
        return page(request, "home/home.html", **shown.home(request, caller), **_FILES)
    reader = session.caller(request, Scope.SUPPLIERS_READ)
    found = search.search(Context.of(request), reader, q, results.PAGE, after)
    if found.exact is not None and after is None:
        return redirect(found.exact.path)
    return page(
        request, "home/results.html", **results.results(request, reader, q, after, found), **_FILES
    )
