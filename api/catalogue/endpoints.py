from fastapi import Response

from api import problems
from api.catalogue import service
from api.catalogue.schemas import CatalogueBody
from api.context import Joined
from api.routing import router
from api.wire import POSITION_HEADERS, answer

routes = router("catalogue")


@routes.get(
    "/catalogue",
    operation_id="read_catalogue",
    summary="Categories and kinds of qualification",
    response_model=CatalogueBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses()},
)
def read(context: Joined) -> Response:
    """Public: what can be asked for, and what a supplier of it needs."""
    found = service.read(context)
    return answer(found, found.ledger.position)
