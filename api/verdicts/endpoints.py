from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import VerdictsAsker, VerdictsReader
from api.context import Joined
from api.language import language_of
from api.pages.verdicts import paper
from api.parameters import IdempotencyKey, MinPosition, once
from api.routing import router
from api.verdicts import service
from api.verdicts.schemas import RecomputationBody, VerdictBody, VerdictRequest
from api.wire import POSITION_HEADERS, Hash, answer
from ledger.policy import canonical
from ledger.typed_data import hexed

routes = router("verdicts")

_LOCATION: Final[dict[str, Any]] = {
    "Location": {"description": "Where it can be read again.", "schema": {"type": "string"}},
    **POSITION_HEADERS,
}


@routes.post(
    "/verdicts",
    operation_id="ask_verdict",
    summary="Ask for a verdict",
    status_code=service.CREATED,
    response_model=VerdictBody,
    responses={
        200: {
            "model": VerdictBody,
            "description": "Computed without keeping it (`store=false`)",
            "headers": POSITION_HEADERS,
        },
        201: {"description": "Decided, and kept for the organisation", "headers": _LOCATION},
        **problems.responses(400, 401, 403, 409, 413),
    },
)
async def ask(
    request: Request,
    body: VerdictRequest,
    caller: VerdictsAsker,
    context: Joined,
    store: Annotated[
        bool, Query(description="false: decide only; nothing is kept and no key is needed.")
    ] = True,
    min_position: MinPosition = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """May this supplier deliver this, so many, on that day?

    A verdict that is kept needs an Idempotency-Key: under the same key the first answer is given
    again, whatever the clock says meanwhile. `lots` are traced to their origin: what was found of
    them, and of everything that they were made of, counts.
    """
    await context.reach(min_position)
    question = await service.asked(context, body)
    if not store:
        verdict = await service.decided(context, question)
        return answer(canonical(verdict.to_json()), verdict.position)
    if idempotency_key is None:
        raise problems.missing_key()
    asked = once(caller, idempotency_key, "ask_verdict", await request.body())
    verdict = await service.decided(context, question)
    raw = canonical(verdict.to_json())
    earlier = service.keep(context, caller, verdict, raw, asked)
    if earlier is not None:
        return _created(earlier.body, *service.told(earlier.body))
    return _created(raw, hexed(verdict.id), verdict.position)


def _created(raw: bytes, verdict: str, position: int) -> Response:
    headers = {"Location": f"/v1/verdicts/{verdict}"}
    return answer(raw, position, status=service.CREATED, headers=headers)


@routes.get(
    "/verdicts/{id}",
    operation_id="read_verdict",
    summary="A verdict as it was given",
    response_model=VerdictBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403, 404)},
)
def read(id: Hash, caller: VerdictsReader, context: Joined) -> Response:
    """Byte for byte what was answered, for the organisation that asked and for auditors."""
    found = service.kept(context, caller, id)
    service.note_reading(context, caller, found, "verdict.read")
    return answer(found.verdict, found.position)


@routes.get(
    "/verdicts/{id}/pdf",
    operation_id="print_verdict",
    summary="A verdict on paper",
    response_class=Response,
    responses={
        200: {
            "description": "The verdict as a PDF (PDF/UA-1 and PDF/A-2a), with the way back to the "
            "live record",
            "headers": {
                "Content-Disposition": {
                    "description": "The name of the file.",
                    "schema": {"type": "string"},
                },
                "Content-Language": {
                    "description": "The language that it is written in: question, answer and "
                    "names stand in the other, too.",
                    "schema": {"type": "string"},
                },
            },
            "content": {paper.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems.responses(401, 403, 404),
    },
)
async def print_pdf(
    request: Request, id: Hash, caller: VerdictsReader, context: Joined
) -> Response:
    """In the language asked for, for the organisation that asked and for auditors. It is a print of
    the record: the live record decides."""
    found = await run_in_threadpool(paper.taken, context, caller, id)
    language = language_of(request.scope)
    return await paper.printed(context, caller, found, language, paper.live(request, found))


@routes.post(
    "/verdicts/{id}/recomputations",
    operation_id="recompute_verdict",
    summary="Make a verdict again from the ledger",
    response_model=RecomputationBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403, 404, 409)},
)
def recompute(id: Hash, caller: VerdictsReader, context: Joined) -> Response:
    """From the ledger up to the verdict's position, by its policy; says whether it is the same.

    Nothing of it is kept, so it can be repeated; that somebody else's was made again is noted.
    """
    found = service.kept(context, caller, id)
    made = service.recompute(context, found)
    service.note_reading(context, caller, found, "verdict.recomputed")
    return answer(made, found.position)
