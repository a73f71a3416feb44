from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.access import Visibility
from api.auth import DocumentsReader, DocumentsWriter
from api.context import Joined
from api.documents import service
from api.documents.schemas import DocumentBody
from api.routing import router
from api.wire import Hash, answer
from ledger.index.store import Document
from ledger.typed_data import hexed

routes = router("documents")

_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
_CONTENT: Final[dict[str, Any]] = {
    media_type: {"schema": {}} if media_type == "application/json" else _BINARY
    for media_type in service.MEDIA_TYPES
}
_BODY: Final[dict[str, Any]] = {"required": True, "content": _CONTENT}


def _told(document: Document) -> DocumentBody:
    return DocumentBody(
        hash=hexed(document.hash),
        size=document.size,
        media_type=document.media_type,
        name=document.name,
        visibility=Visibility(document.visibility),
        stored_at=document.stored_at,
    )


@routes.post(
    "/documents",
    operation_id="store_document",
    summary="Store a document",
    status_code=201,
    response_model=DocumentBody,
    responses={
        201: {
            "description": "Kept",
            "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is."}},
        },
        **problems.responses(400, 401, 403, 413, 415),
    },
    openapi_extra={"requestBody": _BODY},
)
async def store(
    request: Request,
    caller: DocumentsWriter,
    context: Joined,
    name: Annotated[str, Query(max_length=200, description="The file's name.")] = "document",
    visibility: Annotated[
        Visibility,
        Query(description="Who else may read it: auditors; also parties; everyone with a token."),
    ] = Visibility.PARTIES,
) -> Response:
    """The body is the document. It is named by its hash, so storing it twice keeps one."""
    media_type = service.media_type_of(request)
    data = await request.body()
    kept = await run_in_threadpool(
        service.keep, context, caller, data, media_type, name, visibility
    )
    headers = {"Location": f"/v1/documents/{hexed(kept.hash)}"}
    return answer(_told(kept), status=201, headers=headers)


@routes.get(
    "/documents/{hash}",
    operation_id="fetch_document",
    summary="Fetch a document by its hash",
    response_class=Response,
    responses={
        200: {
            "description": "The document as it was stored",
            "content": _CONTENT,
            "headers": {
                "Content-Disposition": {
                    "schema": {"type": "string"},
                    "description": "Always an attachment.",
                }
            },
        },
        **problems.responses(401, 403, 404),
    },
)
def fetch(hash: Hash, caller: DocumentsReader, context: Joined) -> Response:
    """For who keeps it, who its visibility lets in, and auditors; every look is written down."""
    return file_of(*service.fetch(context, caller, hash))


def file_of(document: Document, data: bytes) -> Response:
    """The document as a file that no browser runs."""
    return Response(
        data,
        media_type=None,
        headers={
            "Content-Type": service.served_as(document.media_type),
            "Content-Disposition": service.disposition(document.name),
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
