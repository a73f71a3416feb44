"""The pages' addresses. Each reads what was asked, calls the function of its page, and shows it."""

from collections.abc import Callable, Mapping
from typing import Annotated

import orjson
from fastapi import Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from api import problems
from api.access import Caller, Scope
from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.evidence.service import Wanted
from api.pages import entry, evidence, home, rendering, session, supplier, verdict
from api.pages.rendering import page, reader_language, redirect
from api.pages.wording import wording
from api.problems import not_found
from api.suppliers import service as suppliers
from api.verdicts import service as verdicts
from api.wire import Hash, OrganisationId
from ledger.errors import RequestError
from ledger.index.repository import MAX_SEARCH
from ledger.policy import canonical
from ledger.question import MAX_TEXT
from ledger.typed_data import hexed

routes = rendering.router()

_MOST_FIELDS = 40


def _signed_in(scope: Scope) -> Callable[[Request], Caller]:
    def needs(request: Request) -> Caller:
        return session.caller(request, scope)

    return needs


Reader = Annotated[Caller, Depends(_signed_in(Scope.SUPPLIERS_READ))]
VerdictReader = Annotated[Caller, Depends(_signed_in(Scope.VERDICTS_READ))]
VerdictAsker = Annotated[Caller, Depends(_signed_in(Scope.VERDICTS_WRITE))]
EntryReader = Annotated[Caller, Depends(_signed_in(Scope.ENTRIES_READ))]


async def _own_form(request: Request) -> dict[str, str]:
    """The fields of a form that one of our own pages sent."""
    sent = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    session.check_form(request, sent)
    return {name: value for name, value in sent.items() if isinstance(value, str)}


OwnForm = Annotated[Mapping[str, str], Depends(_own_form)]


# -------------------------------------------------------------------------------- finding


@routes.get("/")
def search(
    request: Request,
    caller: Reader,
    q: Annotated[str, Query(max_length=MAX_SEARCH)] = "",
    after: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    text = q.strip()
    hits, following = home.found(request, caller, text, after) if text else (None, None)
    return page(
        request,
        "home.html",
        text=text,
        after=after,
        hits=hits,
        following=following,
        recent=[] if text else home.recent(request, caller),
    )


@routes.get("/suppliers/{id}")
def read_supplier(request: Request, id: OrganisationId, caller: Reader) -> Response:
    return page(request, "supplier.html", **supplier.shown(request, caller, id))


@routes.get("/entries/{sequence}")
def read_entry(
    request: Request, sequence: Annotated[int, Path(ge=0, lt=2**48)], caller: EntryReader
) -> Response:
    return page(request, "entry.html", **entry.shown(request, caller, sequence))


# ------------------------------------------------------------------------------- verdicts


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
    suppliers.visible(Context.of(request), caller, organisation, supplier.asked_for(request))
    told = None if problem is None else orjson.loads(bytes(problem.body))
    return page(
        request,
        "verdict_form.html",
        status=200 if problem is None else problem.status_code,
        problem=told,
        **verdict.form(request, organisation, values),
    )


@routes.post("/verdicts")
async def ask(request: Request, caller: VerdictAsker, form: OwnForm) -> Response:
    """Decide, keep, and lead to the verdict's own address."""
    context = Context.of(request)
    organisation = _organisation(form.get("supplier", ""))
    try:
        asked = verdict.asked(organisation, form, _quantity_fault())
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
    return page(request, "verdict.html", **verdict.shown(request, caller, id))


# ------------------------------------------------------------------------------- evidence


@routes.get("/evidence")
def explain_evidence(request: Request) -> Response:
    """Open to everybody: whoever is given a file of evidence may look up what stands in it."""
    return page(request, "evidence.html", **evidence.shown(wording(reader_language(request))))


@routes.get("/entries/{sequence}/evidence")
def take_entry_evidence(
    request: Request, sequence: Annotated[int, Path(ge=0, lt=2**48)], caller: EntryReader
) -> Response:
    return file_of(evidences.entry(Context.of(request), caller, sequence, witnesses=False))


@routes.get("/suppliers/{id}/evidence")
def take_standing_evidence(
    request: Request,
    id: OrganisationId,
    caller: Reader,
    category: Annotated[str, Query(max_length=MAX_TEXT)],
    model: Annotated[str, Query(max_length=MAX_TEXT)] = "",
) -> Response:
    asked, stated = supplier.asked_for(request), supplier.clocks_of(request)
    wanted = Wanted(
        asked.at if "at" in stated else None,
        asked.known_at if "known_at" in stated else None,
        asked.clock,
    )
    context = Context.of(request)
    made = evidences.standing(context, caller, id, category, model, wanted, witnesses=False)
    return file_of(made)


@routes.get("/verdicts/{id}/evidence")
def take_verdict_evidence(request: Request, id: Hash, caller: VerdictReader) -> Response:
    return file_of(evidences.verdict(Context.of(request), caller, id, witnesses=False))


# ------------------------------------------------------------------------------ signing in


@routes.get("/sign-in")
def sign_in_form(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    return page(request, "sign_in.html", next=session.own_path(next), problem=None)


@routes.post("/sign-in")
def sign_in(request: Request, form: OwnForm) -> Response:
    context = Context.of(request)
    secret, target = form.get("token", "").strip(), session.own_path(form.get("next", "/"))
    if context.tokens.caller(secret, context.workspace.clock()) is None:
        problem = wording(rendering.reader_language(request))("sign-in.wrong")
        return page(request, "sign_in.html", status=401, next=target, problem=problem)
    response = redirect(target)
    session.sign_in(request, response, secret)
    return response


@routes.post("/sign-out")
def sign_out(request: Request, form: OwnForm) -> Response:
    response = redirect("/sign-in")
    session.sign_out(request, response)
    return response


# ----------------------------------------------------------------------------------- files


@routes.get("/static/{name}")
def static(name: str) -> Response:
    found = rendering.static_file(name)
    if found is None:
        raise not_found("the file", "该文件", "name", code="path.unknown")
    content, media_type, version = found
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{version}"'}
    return Response(content, headers=headers, media_type=media_type)
