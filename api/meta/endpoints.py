from fastapi import Response

from api import problems
from api.auth import Operator
from api.context import Joined
from api.meta import service
from api.meta.schemas import HealthBody, LedgerBody
from api.routing import router
from api.wire import POSITION_HEADERS, answer

routes = router("service", prefix="")


@routes.get(
    "/health",
    operation_id="health",
    summary="Whether it works",
    response_model=HealthBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses()},
)
def health(context: Joined) -> Response:
    """Public. 200 while reading works, also when the chain does not; 503 when it does not."""
    found = service.health(context)
    return answer(found, found.ledger.position)


@routes.get(
    "/metrics",
    operation_id="metrics",
    summary="Measures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus text",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems.responses(401, 403),
    },
)
def metrics(caller: Operator, context: Joined) -> Response:
    """Counts and durations by route, and how far the ledger is."""
    text = "\n".join(service.metrics(context)) + "\n"
    return Response(text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


@routes.get(
    "/v1/ledger",
    operation_id="read_ledger",
    summary="Which ledger this is, and what to sign with",
    response_model=LedgerBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses()},
)
def ledger(context: Joined) -> Response:
    """Public: the pinned chain and contracts, the EIP-712 domains and types."""
    found = service.ledger(context)
    return answer(found, found.ledger.position)
