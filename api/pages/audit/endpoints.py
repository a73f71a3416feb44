"""The addresses of the audit desk."""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.checkpoints import service as checkpointing
from api.context import Context
from api.evidence.endpoints import file_of
from api.evidence.service import Evidence
from api.pages import rendering
from api.pages.audit import alarms, checkpoints, comparing, overview, runs, taking
from api.pages.audit.standing import standing
from api.pages.clocks import clocks_of
from api.pages.evidence.shown import kind_of
from api.pages.lexicon import Lexicon
from api.pages.readers import Auditor, OwnForm
from api.pages.rendering import page, redirect
from api.wire import AccountAddress
from ledger.errors import RequestError
from ledger.index.repository import MAX_SEARCH

routes = rendering.router()

Block = Annotated[int, Path(ge=0, le=2**53)]
_STYLES = ("audit.css",)


@routes.get("/audit")
def desk(
    request: Request, caller: Auditor, q: Annotated[str, Query(max_length=MAX_SEARCH)] = ""
) -> Response:
    text = q.strip()
    values: dict[str, Any] = {"text": text, "choices": None, "as_of": False}
    if text:
        exact, found = overview.found(request, caller, text)
        if exact:
            return redirect(exact)
        values |= found
    return page(
        request,
        "audit/desk.html",
        styles=_STYLES,
        rows=standing(Lexicon.of(request)),
        asked=clocks_of(request),
        **values,
    )


@routes.get("/audit/compare")
def compare(
    request: Request,
    caller: Auditor,
    supplier: Annotated[str, Query(max_length=MAX_SEARCH)] = "",
) -> Response:
    """One supplier at two moments."""
    query = request.query_params
    stated = {name: query.get(name, "") for name in ("supplier", "then", "now", "at", "clock")}
    values: dict[str, Any] = {"stated": stated, "found": None, "problem": None}
    if supplier.strip():
        try:
            id_ = taking.supplier(Context.of(request), caller, supplier)
            values["found"] = comparing.shown(request, caller, id_)
            stated["supplier"] = values["found"]["supplier"].identifier
        except RequestError as error:
            values["problem"] = rendering.problem_of(request, error)
    status = rendering.status_of(values["problem"])
    return page(request, "audit/compare.html", status=status, styles=_STYLES, **values)


@routes.get("/audit/checkpoints")
def list_checkpoints(
    request: Request,
    caller: Auditor,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> Response:
    return page(
        request,
        "audit/checkpoints.html",
        styles=_STYLES,
        problem=None,
        **checkpoints.shown(request, before),
    )


@routes.get("/audit/consistency")
def take_consistency(
    request: Request,
    caller: Auditor,
    since: Annotated[int, Query(ge=0, le=2**53)],
    block: Annotated[int, Query(ge=0, le=2**53)],
) -> Response:
    """That the log of the checkpoint at ``since`` is the beginning of the one at ``block``; both
    are numbers of blocks."""
    context = Context.of(request)
    earlier, later = (checkpointing.at(context, one) for one in (since, block))
    try:
        raw = checkpointing.evidence(context, later.block, earlier.size, witnesses=True)
    except RequestError as error:
        told = rendering.problem_of(request, error)
        return page(
            request,
            "audit/checkpoints.html",
            status=told["status"],
            styles=_STYLES,
            problem=told,
            **checkpoints.shown(request, None),
        )
    return file_of(Evidence(raw, f"consistency-{earlier.size}-{later.size}"))


@routes.get("/audit/checkpoints/{block}/file")
def take_checkpoint(request: Request, block: Block, caller: Auditor) -> Response:
    """The checkpoint as ``GET /v1/checkpoints/{block}`` gives it, as a file to keep."""
    found = checkpointing.at(Context.of(request), block)
    return file_of(Evidence(found.model_dump_json().encode(), f"checkpoint-{block}"))


@routes.get("/audit/runs")
def list_runs(request: Request, caller: Auditor) -> Response:
    return page(request, "audit/runs.html", styles=_STYLES, checked=None, **runs.listed(request))


@routes.post("/audit/runs")
async def check_now(request: Request, caller: Auditor, form: OwnForm) -> Response:
    """What a running service can compare of itself; shown and not kept."""
    checked = await run_in_threadpool(runs.checked, request, caller)
    listed = await run_in_threadpool(runs.listed, request)
    return await run_in_threadpool(
        page,
        request,
        "audit/runs.html",
        styles=_STYLES,
        form_page="/audit/runs",
        checked=checked,
        **listed,
    )


@routes.get("/audit/runs/{number}")
def read_run(
    request: Request, number: Annotated[int, Path(ge=1, lt=10**8)], caller: Auditor
) -> Response:
    return page(request, "audit/run.html", styles=_STYLES, **runs.shown(request, number))


@routes.get("/audit/alarms")
def list_alarms(request: Request, caller: Auditor) -> Response:
    return page(request, "audit/alarms.html", styles=_STYLES, **alarms.listed(request, caller))


@routes.get("/audit/accounts")
def find_account(
    request: Request,
    caller: Auditor,
    address: AccountAddress,
    since: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """From the form to the account's own page."""
    return redirect(
        rendering.address(f"/audit/accounts/0x{address.hex()}", {"since": since.strip()})
    )


@routes.get("/audit/accounts/{address}")
def read_account(
    request: Request,
    address: AccountAddress,
    caller: Auditor,
    since: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    found = alarms.dependents(request, caller, address, since)
    return page(request, "audit/account.html", styles=_STYLES, **found)


@routes.get("/audit/evidence")
def choose_evidence(request: Request, caller: Auditor) -> Response:
    return _choosing(request, {}, None)


@routes.get("/audit/evidence/file")
def take_evidence(request: Request, caller: Auditor) -> Response:
    """The file that a form of the page before asks for, or that page with what is to be mended."""
    said = dict(request.query_params)
    try:
        return file_of(taking.taken(Context.of(request), caller, said))
    except RequestError as error:
        return _choosing(request, said, rendering.problem_of(request, error))


def _choosing(request: Request, said: dict[str, str], told: dict[str, Any] | None) -> Response:
    lexicon = Lexicon.of(request)
    return page(
        request,
        "audit/evidence.html",
        status=rendering.status_of(told),
        styles=_STYLES,
        said=said,
        problem=told,
        kinds=[kind_of(lexicon.t, kind) for kind in taking.KINDS],
        categories=[{"code": c, "name": lexicon.category(c)} for c in lexicon.categories],
    )
