"""The addresses of a batch's page."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.evidence.service import Wanted
from api.pages import rendering
from api.pages.batches import shown
from api.pages.clocks import clocks_of, stated_clock
from api.pages.readers import BatchReader
from api.pages.rendering import page
from api.parameters import DEFAULT_ZONE, known_until
from api.wire import BatchId, interval_of
from ledger.errors import RequestError
from ledger.provenance.tracing import Direction

routes = rendering.router()

#: The picture asks this service for what is opened in it.
_POLICY = "connect-src 'self'"


@routes.get("/batches/{id}")
def read_batch(request: Request, id: BatchId, caller: BatchReader) -> Response:
    problem = None
    try:
        values: dict[str, Any] = shown.shown(request, caller, id)
    except RequestError as error:
        if not shown.is_of_clocks(error):
            raise
        problem = rendering.problem_of(request, error)
        values = shown.mending(request, caller, id, error, problem)
    return page(
        request,
        "batches/batch.html",
        status=rendering.status_of(problem),
        styles=("batches.css",),
        scripts=("batches.js",),
        policy=_POLICY,
        page_address=str(request.url),
        **values,
    )


@routes.get("/batches/{id}/evidence")
def take_trace_evidence(
    request: Request,
    id: BatchId,
    caller: BatchReader,
    direction: Annotated[Direction, Query()] = Direction.BACK,
) -> Response:
    context, clocks = Context.of(request), clocks_of(request)
    at, known_at = clocks.get("at"), clocks.get("known_at")
    wanted = Wanted(
        interval_of(at, DEFAULT_ZONE, "at") if at else None,
        known_until(context.now(), known_at, DEFAULT_ZONE) if known_at else None,
        stated_clock(request),
    )
    return file_of(evidences.trace(context, caller, id, direction, wanted, witnesses=False))
