"""The address of a document."""

from fastapi import Request, Response

from api.context import Context
from api.documents.endpoints import file_of
from api.documents.service import fetch
from api.pages import rendering
from api.pages.readers import DocumentReader
from api.wire import Hash

routes = rendering.router()


@routes.get("/documents/{hash}")
def take_document(request: Request, hash: Hash, caller: DocumentReader) -> Response:
    """Always as a file: what others handed in is never shown as a page of ours. Every look is
    written down."""
    return file_of(*fetch(Context.of(request), caller, hash))
