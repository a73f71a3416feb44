from fastapi import Response

from api import problems
from api.auth import SuppliersReader
from api.context import Joined
from api.parameters import AskedFor
from api.qualifications import service
from api.qualifications.schemas import QualificationBody
from api.routing import router
from api.wire import POSITION_HEADERS, Hash, answer

routes = router("qualifications")


@routes.get(
    "/qualifications/{id}",
    operation_id="read_qualification",
    summary="A qualification with its history",
    response_model=QualificationBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403, 404)},
)
def read(id: Hash, caller: SuppliersReader, context: Joined, asked: AskedFor) -> Response:
    """Its whole timeline as known then, and the signed entries that it follows from."""
    found = service.read(context, caller, id, asked)
    return answer(found, found.ledger.position)
