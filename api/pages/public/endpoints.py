"""The addresses that stand on boxes, for people; programs get the JSON of the same address."""

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.routing import Match

from api.batches.endpoints import target_of
from api.batches.links import Link, prefers_page, read_link
from api.pages import rendering
from api.pages.public import shown
from api.pages.rendering import PageRoute, page, redirect
from ledger.errors import RequestError

#: One address, two answers: which one is in what the reader asks for.
VARY: Final = "Accept, " + rendering.HEADERS["Vary"]


class ForPeople(PageRoute):
    """Answers only who would rather have a page; the address is another's for everybody else."""

    def matches(self, scope: Any) -> tuple[Match, Any]:
        if scope["type"] == "http" and not prefers_page(_accepted(scope)):
            return Match.NONE, {}
        return super().matches(scope)


def _accepted(scope: Any) -> str:
    found = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"]
    return ",".join(found)


routes = APIRouter(route_class=ForPeople, include_in_schema=False, default_response_class=Response)


@routes.get("/01")
def find_box(
    request: Request,
    gtin: Annotated[str, Query(max_length=200)] = "",
    lot: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """What was typed from a box leads to its address."""
    if gtin.strip() and lot.strip():
        return redirect(f"/01/{quote(gtin.strip(), safe='')}/10/{quote(lot.strip(), safe='')}")
    return _box(request, Link(gtin.strip(), lot.strip()))


@routes.get("/01/{rest:path}")
async def read_box(request: Request, rest: str) -> Response:
    try:
        link = read_link(target_of(request))
    except RequestError as error:
        return await run_in_threadpool(_box, request, Link(rest.partition("/")[0]), error)
    return await run_in_threadpool(_box, request, link)


def _box(request: Request, link: Link, fault: RequestError | None = None) -> Response:
    status, values = shown.shown(request, link, fault)
    return page(
        request,
        "public/box.html",
        status=status,
        styles=("public.css",),
        headers={"Vary": VARY},
        **values,
    )
