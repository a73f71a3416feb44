from typing import Any, Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import DocumentsReader
from api.context import Joined
from api.routing import router
from api.verifications import service
from api.verifications.schemas import VerificationBody
from api.wire import POSITION_HEADERS, Position, answer

routes = router("verifications")

_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {"schema": {}},
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary", "minLength": 1}
        },
    },
}


@routes.post(
    "/verifications",
    operation_id="verify_file",
    summary="What is this file, and is it unaltered?",
    response_model=VerificationBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(400, 401, 403, 413)},
    openapi_extra={"requestBody": _BODY},
)
async def verify(request: Request, caller: DocumentsReader, context: Joined) -> Response:
    """The body is the file, of any type, and is not kept. An evidence bundle is verified; of any
    other file it is told which qualification, report or publication names it, whether that is in
    force, and whether others use the same file. A failed verification is a 200 with its report."""
    data = await request.body()
    position = context.position
    if service.is_evidence(data):
        report = await run_in_threadpool(service.evidence_report, context, data)
        body = VerificationBody(
            what="evidence", evidence=report, document=None, ledger=Position(position=position)
        )
    else:
        document = await run_in_threadpool(service.document_report, context, caller, data)
        body = VerificationBody(
            what="document", evidence=None, document=document, ledger=Position(position=position)
        )
    return answer(body, position)
