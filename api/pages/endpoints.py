"""All pages joined, and the files that they load."""

from typing import Final

from fastapi import Request, Response

from api.pages import rendering
from api.pages.accounts.endpoints import routes as accounts
from api.pages.accounts.operating import routes as operating
from api.pages.audit.endpoints import routes as audit
from api.pages.batches.endpoints import routes as batches
from api.pages.documents.endpoints import routes as documents
from api.pages.entries.endpoints import routes as entries
from api.pages.evidence.endpoints import routes as evidence
from api.pages.guides.endpoints import routes as guides
from api.pages.home.endpoints import routes as home
from api.pages.qualifications.endpoints import routes as qualifications
from api.pages.recalls.endpoints import routes as recalls
from api.pages.reviews.endpoints import routes as reviews
from api.pages.reviews.viewing import routes as viewing
from api.pages.signing.endpoints import routes as signing
from api.pages.suppliers.endpoints import routes as suppliers
from api.pages.verdicts.endpoints import routes as verdicts
from api.pages.verify.endpoints import routes as verify
from api.problems import not_found

_files: Final = rendering.router()

#: Every family's routes.
ROUTES: Final = (
    home,
    suppliers,
    verdicts,
    batches,
    entries,
    evidence,
    accounts,
    operating,
    recalls,
    signing,
    viewing,
    reviews,
    guides,
    documents,
    qualifications,  # after those with a word in the place of the id
    verify,
    audit,
    _files,
)


@_files.get("/static/{name:path}")
def static(request: Request, name: str) -> Response:
    found = rendering.static_file(name)
    if found is None:
        raise not_found("the file", "该文件", "name", code="path.unknown")
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{found.version}"',
        "Vary": "Accept-Encoding",
    }
    content = found.content
    if found.compressed is not None and rendering.takes_gzip(request):
        content, headers["Content-Encoding"] = found.compressed, "gzip"
    return Response(content, headers=headers, media_type=found.media_type)
