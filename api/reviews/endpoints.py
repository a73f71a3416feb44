from typing import Annotated

from fastapi import Query, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import SuppliersReader
from api.context import Joined
from api.parameters import Limit, MinPosition
from api.reviews import service
from api.reviews.schemas import Queue, ReviewDetail, ReviewList
from api.routing import router
from api.wire import POSITION_HEADERS, Hash, answer

routes = router("reviews")


@routes.get(
    "/reviews",
    operation_id="list_reviews",
    summary="Qualifications in review",
    response_model=ReviewList,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403)},
)
async def listed(
    caller: SuppliersReader,
    context: Joined,
    step: Annotated[
        Queue | None,
        Query(description="Which step comes next, or how it ended; default: what waits."),
    ] = None,
    doable: Annotated[
        bool,
        Query(description="Only those in which the token's organisation may take the next step."),
    ] = False,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
    min_position: MinPosition = None,
) -> Response:
    """Those submitted first first. Who judges others and auditors see all, others their own."""
    await context.reach(min_position)
    queues = service.OPEN if step is None else (step,)
    found = await run_in_threadpool(
        service.listed, context, caller, queues, doable=doable, limit=limit, cursor=cursor
    )
    return answer(found, found.ledger.position)


@routes.get(
    "/reviews/{id}",
    operation_id="read_review",
    summary="A review with what else bears on it",
    response_model=ReviewDetail,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403, 404)},
)
def read(id: Hash, caller: SuppliersReader, context: Joined) -> Response:
    """Its steps with their notes, what was submitted against what was edited, and who else uses
    the same number or document."""
    found = service.read(context, caller, id)
    return answer(found, found.ledger.position)
