"""The addresses of a qualification's page."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.pages import rendering
from api.pages.qualifications import shown
from api.pages.readers import Reader
from api.pages.rendering import page
from api.wire import Hash

routes = rendering.router()


@routes.get("/qualifications/{id}")
def read_qualification(request: Request, id: Hash, caller: Reader) -> Response:
    return page(
        request,
        "qualifications/qualification.html",
        styles=("qualifications.css",),
        **shown.shown(request, caller, id),
    )


@routes.get("/qualifications/{id}/evidence")
def take_qualification_evidence(
    request: Request,
    id: Hash,
    caller: Reader,
    entry: Annotated[int | None, Query(ge=0, le=2**53 - 2)] = None,
) -> Response:
    """How it stands now, or stood when the entry was recorded, the entry included."""
    context = Context.of(request)
    return file_of(evidences.qualification(context, caller, id, entry, None, witnesses=False))
