"""The address at which a file is verified."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from api.context import Context
from api.pages import rendering
from api.pages.formats import megabytes
from api.pages.readers import DocumentReader
from api.pages.rendering import page, reader_language
from api.pages.uploading import OwnUpload
from api.pages.verify import shown
from api.pages.wording import wording
from api.verifications import service
from ledger.errors import RequestError

routes = rendering.router()


@routes.get("/verify")
def pick(request: Request, caller: DocumentReader) -> Response:
    return _page(request)


@routes.post("/verify")
async def verify(request: Request, caller: DocumentReader, form: OwnUpload) -> Response:
    """Nothing of the file is kept or logged; the answer is the page itself, so that no address
    leads to it afterwards."""
    picked = form.file("file")
    try:
        if not picked.name and not picked.data:
            raise _fault("none")
        values = await run_in_threadpool(shown.shown, request, caller, picked)
    except RequestError as error:
        if error.code == "verification.too-large":
            error = _fault("evidence-too-large", most=megabytes(service.MAX_EVIDENCE))
        problem = rendering.problem_of(request, error)
        return await run_in_threadpool(_page, request, problem=problem)
    return await run_in_threadpool(_page, request, **values)


def _page(request: Request, problem: Mapping[str, Any] | None = None, **values: Any) -> Response:
    t = wording(reader_language(request))
    hint = t(
        "verify.file-hint",
        evidence=megabytes(service.MAX_EVIDENCE),
        most=megabytes(Context.of(request).settings.max_document),
    )
    return page(
        request,
        "verify/verify.html",
        status=rendering.status_of(problem),
        styles=("verify.css",),
        form_page="/verify",
        problem=problem,
        **{"name": "", "evidence": None, "document": None, "hint": hint, **values},
    )


def _fault(what: str, **values: str) -> RequestError:
    return RequestError(
        wording("en").word("verify.fault", what).format(**values),
        message_zh=wording("zh").word("verify.fault", what).format(**values),
        field="file",
        code=f"verify.{what}",
    )
