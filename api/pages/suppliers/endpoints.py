"""The addresses of a supplier's pages."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.evidence.service import Wanted
from api.pages import rendering
from api.pages.readers import Reader
from api.pages.rendering import page
from api.pages.suppliers import shown
from api.wire import OrganisationId
from ledger.question import MAX_TEXT

routes = rendering.router()


@routes.get("/suppliers/{id}")
def read_supplier(request: Request, id: OrganisationId, caller: Reader) -> Response:
    return page(request, "suppliers/supplier.html", **shown.shown(request, caller, id))


@routes.get("/suppliers/{id}/evidence")
def take_standing_evidence(
    request: Request,
    id: OrganisationId,
    caller: Reader,
    category: Annotated[str, Query(max_length=MAX_TEXT)],
    model: Annotated[str, Query(max_length=MAX_TEXT)] = "",
) -> Response:
    asked, stated = shown.asked_for(request), shown.clocks_of(request)
    wanted = Wanted(
        asked.at if "at" in stated else None,
        asked.known_at if "known_at" in stated else None,
        asked.clock,
    )
    context = Context.of(request)
    made = evidences.standing(context, caller, id, category, model, wanted, witnesses=False)
    return file_of(made)
