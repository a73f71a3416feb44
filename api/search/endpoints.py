from typing import Annotated, Any, Final

from fastapi import Query, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import SuppliersReader
from api.context import Joined
from api.parameters import Limit, MinPosition
from api.routing import router
from api.search import service
from api.search.schemas import SearchBody
from api.search.understanding import MAX_TYPED
from api.wire import POSITION_HEADERS, answer

routes = router("search")

_OK: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": POSITION_HEADERS}}


@routes.get(
    "/search",
    operation_id="search",
    summary="Find anything by what was typed, pasted or scanned",
    response_model=SearchBody,
    responses={**_OK, **problems.responses(401, 403)},
)
async def search(
    caller: SuppliersReader,
    context: Joined,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=MAX_TYPED,
            description="A name (a part, in either script, in pinyin or its initials), a credit "
            "code, a certificate number, a model, a lot number, a GTIN, the number of a logistic "
            "unit, a GS1 Digital Link, a link to a page of this service, or what a barcode scanner "
            "types (element strings with the separator U+001D, with or without symbology "
            "identifier, or in brackets).",
            examples=["(01)09520000000059(10)QL100-A"],
        ),
    ],
    limit: Limit = 20,
    cursor: Annotated[
        str | None,
        Query(
            pattern=r"^[0-8]\.(-1|[0-9]{1,15})$",
            description="`suppliers.next` of the page before.",
        ),
    ] = None,
    min_position: MinPosition = None,
) -> Response:
    """How the text was understood, what is wrong with it if anything, the one thing that it means
    if there is one, and what was found of each kind. Who may not read a kind finds none of it."""
    await context.reach(min_position)
    found = await run_in_threadpool(service.search, context, caller, q, limit, cursor)
    return answer(found, found.ledger.position)
