"""The addresses of the guides: open to everybody."""

from fastapi import Request, Response

from api.pages import rendering
from api.pages.guides import shown
from api.pages.rendering import page, reader_language
from api.pages.wording import wording
from api.problems import not_found

routes = rendering.router()


@routes.get("/guides")
def list_guides(request: Request) -> Response:
    guides = shown.contents(wording(reader_language(request)))
    return page(request, "guides/guides.html", guides=guides)


@routes.get("/guides/{name}")
def read_guide(request: Request, name: str) -> Response:
    if name not in shown.GUIDES:
        raise not_found("the guide", "该指南", "name", code="guide.unknown")
    told = shown.shown(wording(reader_language(request)), name)
    return page(request, "guides/guide.html", **told)
