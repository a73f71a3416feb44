from typing import Any, Final

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.attention import service
from api.attention.schemas import AttentionBody
from api.auth import AnyCaller
from api.context import Joined
from api.parameters import MinPosition
from api.routing import router
from api.wire import POSITION_HEADERS, answer

routes = router("attention")

_OK: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": POSITION_HEADERS}}


@routes.get(
    "/attention",
    operation_id="read_attention",
    summary="What needs attention now",
    response_model=AttentionBody,
    responses={**_OK, **problems.responses(401, 403)},
)
async def attention(
    caller: AnyCaller, context: Joined, min_position: MinPosition = None
) -> Response:
    """For a buyer: answers that would be others now, and what became of the suppliers asked about.
    For suppliers and stores: their own licences, alarms, recalls to answer and goods on their way.
    For issuers and reviewers: reviews that wait, recalls of theirs that are not answered. For
    auditors: open alarms, unanswered recalls, checkpoints that nobody has witnessed. For
    operators: what keeps the ledger from moving. Of what the token may not read, nothing."""
    await context.reach(min_position)
    found = await run_in_threadpool(service.attention, context, caller)
    return answer(found, found.ledger.position)
