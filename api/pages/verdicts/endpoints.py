"""The addresses by which a verdict is asked for, read and taken away."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from api import problems
from api.access import Caller, Scope
from api.batches import service as batches
from api.batches.sight import Sight
from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.pages import rendering
from api.pages.lexicon import Lexicon
from api.pages.readers import OwnForm, VerdictAsker, VerdictReader
from api.pages.rendering import page, reader_language, redirect
from api.pages.suppliers.shown import asked_for
from api.pages.verdicts import asking, paper, shown, stops
from api.pages.wording import wording
from api.problems import not_found
from api.suppliers import service as suppliers
from api.verdicts import service as verdicts
from api.verdicts.schemas import VerdictRequest
from api.verdicts.stopped import stopped
from api.wire import Hash
from ledger.errors import RequestError
from ledger.policy import canonical
from ledger.typed_data import hexed

routes = rendering.router()

_STYLES = ("verdicts.css",)
#: A lot number has at most so many characters (GS1 AI 10).
_LONGEST_LOT: Final = 20


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
    problem: Mapping[str, Any] | None,
) -> Response:
    """The form, with what is to be mended where something is."""
    context = Context.of(request)
    suppliers.visible(context, caller, organisation, asked_for(request))
    fault = None if problem is None else _fault(request, values, problem)
    return page(
        request,
        "verdicts/form.html",
        status=rendering.status_of(problem),
        styles=_STYLES,
        form_page=rendering.address("/verdicts/new", {"supplier": hexed(organisation)}),
        fault=fault,
        **stops.of_stopped(Lexicon.of(request), stopped(context, caller, organisation)),
        **asking.form(request, organisation, values),
    )


def _fault(
    request: Request, values: Mapping[str, str], told: Mapping[str, Any]
) -> dict[str, str | None]:
    """What is wrong with which field of the form, in the reader's language."""
    t = wording(reader_language(request))
    field, text = told["field"] or "", told["detail"]
    for mark in (": ", "："):
        text = text.removeprefix(field + mark)
    name, _, place = field.partition(".")
    if name == "lots" and place.isdigit():
        line = asking.line_of(values, int(place))
        text = t("ask.line", number=line, fault=text)
    label = asking.LABELS.get(name)
    return {"field": name, "text": text, "label": label and t(label)}


@routes.post("/verdicts/new")
async def ask(request: Request, caller: VerdictAsker, form: OwnForm) -> Response:
    """Decide, keep, and lead to the verdict's own address."""
    context = Context.of(request)
    organisation = _organisation(form.get("supplier", ""))
    try:
        wanted = await run_in_threadpool(_wanted, context, caller, organisation, form)
        question = await verdicts.asked(context, wanted)
        made = await verdicts.decided(context, question)
    except ValidationError as error:
        complaints = [{**e, "loc": ("form", *e["loc"])} for e in error.errors()]
        problem = rendering.told_by(problems.invalid_shape(rendering.scope_of(request), complaints))
        return await run_in_threadpool(_form, request, caller, organisation, form, problem)
    except RequestError as error:
        problem = rendering.problem_of(request, error)
        return await run_in_threadpool(_form, request, caller, organisation, form, problem)
    raw = canonical(made.to_json())
    await run_in_threadpool(verdicts.keep, context, caller, made, raw, None)
    return redirect("/verdicts/" + hexed(made.id))


def _wanted(
    context: Context, caller: Caller, supplier: bytes, form: Mapping[str, str]
) -> VerdictRequest:
    def named(lot: str) -> bytes | None:
        if Scope.BATCHES_READ not in caller.scopes or len(lot) > _LONGEST_LOT:
            return None
        sight = Sight(context.workspace, caller, context.now(), context.position)
        found, _ = batches.lots(context.workspace, sight, lot=lot, limit=2)
        return found[0].id if len(found) == 1 else None

    return asking.asked(supplier, form, context.now(), named)


def _organisation(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 20:
        raise not_found("the supplier", "该供应商", "supplier", code="supplier.unknown")
    return raw


@routes.get("/verdicts/{id}")
def read_verdict(request: Request, id: Hash, caller: VerdictReader) -> Response:
    said = shown.shown(request, caller, id)
    return page(request, "verdicts/verdict.html", styles=_STYLES, **said)


@routes.get("/verdicts/{id}/now")
def compare_with_now(request: Request, id: Hash, caller: VerdictReader) -> Response:
    said = shown.compared(request, caller, id)
    return page(request, "verdicts/now.html", styles=_STYLES, **said)


@routes.get("/verdicts/{id}/pdf")
async def print_verdict(request: Request, id: Hash, caller: VerdictReader) -> Response:
    context = Context.of(request)
    kept = await run_in_threadpool(paper.taken, context, caller, id)
    made = await paper.printed(
        context, caller, kept, reader_language(request), paper.live(request, kept)
    )
    made.headers.update(rendering.HEADERS)
    return made


@routes.get("/verdicts/{id}/qr.svg")
def draw_address(request: Request, id: Hash, caller: VerdictReader) -> Response:
    """The permanent address as a QR code."""
    kept = verdicts.kept(Context.of(request), caller, id)
    drawn = paper.code(paper.live(request, kept))
    return Response(drawn, headers=rendering.HEADERS, media_type="image/svg+xml")


@routes.get("/verdicts/{id}/evidence")
def take_verdict_evidence(request: Request, id: Hash, caller: VerdictReader) -> Response:
    return file_of(evidences.verdict(Context.of(request), caller, id, witnesses=False))
