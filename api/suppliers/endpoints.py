from typing import Annotated, Any, Final

from fastapi import Query, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import SuppliersReader
from api.context import Joined
from api.links import service as links
from api.links.schemas import ProposalList
from api.parameters import AskedFor, Limit, MinPosition
from api.routing import router
from api.suppliers import service
from api.suppliers.schemas import (
    AlarmList,
    CapacityList,
    QualificationList,
    SupplierBody,
    SupplierList,
)
from api.wire import POSITION_HEADERS, OrganisationId, answer
from ledger.index.repository import MAX_SEARCH

routes = router("suppliers")

_OK: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": POSITION_HEADERS}}


@routes.get(
    "/suppliers",
    operation_id="search_suppliers",
    summary="Find suppliers",
    response_model=SupplierList,
    responses={**_OK, **problems.responses(401, 403)},
)
async def search(
    caller: SuppliersReader,
    context: Joined,
    q: Annotated[
        str,
        Query(
            max_length=MAX_SEARCH,
            description="A part of a name (Chinese or English), an identifier, a certificate "
            "number or a model; empty for all.",
            examples=["青鸾"],
        ),
    ] = "",
    limit: Limit = 20,
    cursor: Annotated[
        str | None,
        Query(pattern=r"^[0-9]{1,2}\.(-1|[0-9]{1,15})$", description="`next` of the page before."),
    ] = None,
    min_position: MinPosition = None,
) -> Response:
    """The best answers first; a supplier's token finds its own organisation only."""
    await context.reach(min_position)
    found = await run_in_threadpool(service.search, context, caller, q, limit, cursor)
    return answer(found, found.ledger.position)


@routes.get(
    "/suppliers/{id}",
    operation_id="read_supplier",
    summary="A supplier with where it stands",
    response_model=SupplierBody,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
def read(id: OrganisationId, caller: SuppliersReader, context: Joined, asked: AskedFor) -> Response:
    """For each category and model that it holds something for, at the time asked for."""
    found = service.read(context, caller, id, asked)
    return answer(found, found.ledger.position)


@routes.get(
    "/suppliers/{id}/qualifications",
    operation_id="list_qualifications",
    summary="A supplier's qualifications",
    response_model=QualificationList,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
def qualifications(
    id: OrganisationId, caller: SuppliersReader, context: Joined, asked: AskedFor
) -> Response:
    """All that were known then, each with its status at the beginning of `at`."""
    found = service.qualifications(context, caller, id, asked)
    return answer(found, found.ledger.position)


@routes.get(
    "/suppliers/{id}/proposals",
    operation_id="propose_links",
    summary="Which other records may be the same firm",
    response_model=ProposalList,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
def proposals(
    id: OrganisationId, caller: SuppliersReader, context: Joined, asked: AskedFor
) -> Response:
    """Proposed with a score and its reasons; only a named person's entry makes them one."""
    found = links.proposals(context, caller, id, asked)
    return answer(found, found.ledger.position)


@routes.get(
    "/suppliers/{id}/alarms",
    operation_id="list_alarms",
    summary="Alarms that touch a supplier",
    response_model=AlarmList,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
def alarms(
    id: OrganisationId, caller: SuppliersReader, context: Joined, asked: AskedFor
) -> Response:
    """One document or number used by two, with what both sides said, as known at `known_at`."""
    found = service.list_alarms(context, caller, id, asked)
    return answer(found, found.ledger.position)


@routes.get(
    "/suppliers/{id}/capacities",
    operation_id="list_capacities",
    summary="What a supplier can make in a day",
    response_model=CapacityList,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
def capacities(
    id: OrganisationId, caller: SuppliersReader, context: Joined, asked: AskedFor
) -> Response:
    """As stated by the supplier itself, or by a register that was mirrored."""
    found = service.list_capacities(context, caller, id, asked)
    return answer(found, found.ledger.position)
