"""The addresses of an entry's page."""

from typing import Annotated

from fastapi import Path, Request, Response

from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.pages import rendering
from api.pages.entries import shown
from api.pages.readers import EntryReader
from api.pages.rendering import page

routes = rendering.router()


@routes.get("/entries/{sequence}")
def read_entry(
    request: Request, sequence: Annotated[int, Path(ge=0, lt=2**48)], caller: EntryReader
) -> Response:
    return page(request, "entries/entry.html", **shown.shown(request, caller, sequence))


@routes.get("/entries/{sequence}/evidence")
def take_entry_evidence(
    request: Request, sequence: Annotated[int, Path(ge=0, lt=2**48)], caller: EntryReader
) -> Response:
    return file_of(evidences.entry(Context.of(request), caller, sequence, witnesses=False))
