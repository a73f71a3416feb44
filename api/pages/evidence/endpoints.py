"""The address of the explanation of evidence."""

from fastapi import Request, Response

from api.pages import rendering
from api.pages.evidence import shown
from api.pages.rendering import page, reader_language
from api.pages.wording import wording

routes = rendering.router()


@routes.get("/evidence")
def explain_evidence(request: Request) -> Response:
    """Open to everybody: whoever is given a file of evidence may look up what stands in it."""
    told = shown.shown(wording(reader_language(request)))
    return page(request, "evidence/evidence.html", styles=("evidence.css",), **told)
