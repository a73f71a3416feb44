"""The addresses by which a verdict is asked for, read and taken away."""

from collections.abc import Mapping
from typing import Annotated

import orjson
from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from api import problems
from api.access import Caller
from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.pages import rendering
from api.pages.readers import OwnForm, VerdictAsker, VerdictReader
from api.pages.rendering import page, redirect
from api.pages.suppliers.shown import asked_for
from api.pages.verdicts import shown
from api.pages.wording import wording
from api.problems import not_found
from api.suppliers import service as suppliers
from api.verdicts import service as verdicts
from api.wire import Hash
from ledger.errors import RequestError
from ledger.policy import canonical
from ledger.typed_data import hexed

routes = rendering.router()


@routes.get("/verdicts/new")
def ask_form(
    request: Request,
    caller: VerdictAsker,
    supplier: Annotated[str, Query(max_length=66)] = "",
) -> Response:
    return _form(request, caller, _organisation(supplier), request.query_params, None)


def _form(
    request: Request,
    caller: Caller,
    organisation: bytes,
    values: Mapping[str, str],
    problem: Response | None,
) -> Response:
    """The form, with what is to be mended where something is."""
    suppliers.visible(Context.of(request), caller, organisation, asked_for(request))
    told = None if problem is None else orjson.loads(bytes(problem.body))
    return page(
        request,
        "verdicts/form.html",
        status=200 if problem is None else problem.status_code,
        problem=told,
        **shown.form(request, organisation, values),
    )


@routes.post("/verdicts")
async def ask(request: Request, caller: VerdictAsker, form: OwnForm) -> Response:
    """Decide, keep, and lead to the verdict's own address."""
    context = Context.of(request)
    organisation = _organisation(form.get("supplier", ""))
    try:
        asked = shown.asked(organisation, form, _quantity_fault())
        question = await verdicts.asked(context, asked)
        made = await verdicts.decided(context, question)
    except ValidationError as error:
        complaints = [{**e, "loc": ("form", *e["loc"])} for e in error.errors()]
        problem = problems.invalid_shape(rendering.scope_of(request), complaints)
        return await run_in_threadpool(_form, request, caller, organisation, form, problem)
    except RequestError as error:
        problem = problems.problem_of(rendering.scope_of(request), error)
        return await run_in_threadpool(_form, request, caller, organisation, form, problem)
    raw = canonical(made.to_json())
    await run_in_threadpool(verdicts.keep, context, caller, made, raw, None)
    return redirect("/verdicts/" + hexed(made.id))


def _organisation(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 20:
        raise not_found("the supplier", "该供应商", "supplier", code="supplier.unknown")
    return raw


def _quantity_fault() -> RequestError:
    return RequestError(
        wording("en")("ask.quantity-whole"),
        message_zh=wording("zh")("ask.quantity-whole"),
        field="quantity",
        code="question.quantity",
    )


@routes.get("/verdicts/{id}")
def read_verdict(request: Request, id: Hash, caller: VerdictReader) -> Response:
    return page(request, "verdicts/verdict.html", **shown.shown(request, caller, id))


@routes.get("/verdicts/{id}/evidence")
def take_verdict_evidence(request: Request, id: Hash, caller: VerdictReader) -> Response:
    return file_of(evidences.verdict(Context.of(request), caller, id, witnesses=False))
