from typing import Annotated, Final

from fastapi import Path, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.audits import service
from api.audits.schemas import CheckBody, RunBody, RunList
from api.auth import Auditor
from api.context import Joined
from api.routing import router
from api.wire import answer

routes = router("audits")

_DENIED: Final = (401, 403)


@routes.get(
    "/audits",
    operation_id="list_audits",
    summary="Audits of this service",
    response_model=RunList,
    responses=problems.responses(*_DENIED),
)
def list_all(caller: Auditor, context: Joined) -> Response:
    """What `suyuan audit` found, run by run. It stops the service, reads the chain whole, makes the
    index again and compares. The reports are the word of who ran it on the service's machine."""
    return answer(service.runs(context))


@routes.get(
    "/audits/{number}",
    operation_id="read_audit",
    summary="One audit with its differences",
    response_model=RunBody,
    responses=problems.responses(*_DENIED, 404),
)
def read(
    number: Annotated[int, Path(ge=1, lt=10**8)], caller: Auditor, context: Joined
) -> Response:
    """Every difference with the record that it is about, as far as they were kept."""
    return answer(service.run(context, number))


@routes.post(
    "/audits/check",
    operation_id="check_service",
    summary="Compare what a running service can",
    response_model=CheckBody,
    responses=problems.responses(*_DENIED),
)
async def check(caller: Auditor, context: Joined) -> Response:
    """A sample of the documents hashed again, the newest checkpoints and the chain's own state held
    against the index, some verdicts made again. It is bounded, changes nothing, is not kept, and is
    no audit: that is `suyuan audit`. That it was asked for is in the access log."""
    return answer(await run_in_threadpool(service.check, context, caller))
