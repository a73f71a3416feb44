"""The addresses of the review desk, and of a supplier's submission."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.access import Caller, CallerRole
from api.context import Context
from api.pages import rendering
from api.pages.lexicon import Lexicon
from api.pages.readers import EntryWriter, OwnForm, Reader
from api.pages.rendering import page
from api.pages.reviews import forms, shown, submitting
from api.pages.signing.offering import Draft, offered
from api.pages.signing.stamping import whole_sentence
from api.pages.uploading import OwnUpload, Uploaded
from api.reviews import service
from api.reviews.schemas import Queue
from api.wire import Hash
from ledger.errors import RequestError

routes = rendering.router()

_EMPTY: Final = {"note": "", "reason": "", "seen": ""}


@routes.get("/reviews")
def read_queues(
    request: Request,
    caller: Reader,
    step: Queue | None = None,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    return page(
        request,
        "reviews/desk.html",
        styles=("reviews.css",),
        **shown.desk(request, caller, step, cursor),
    )


@routes.get("/reviews/{id}")
def read_review(request: Request, id: Hash, caller: Reader) -> Response:
    return _review(request, caller, id, {}, None)


@routes.post("/reviews/{id}")
def judge(request: Request, id: Hash, caller: EntryWriter, form: OwnForm) -> Response:
    """Take the next step, or refuse: what is to be signed for it."""
    context, lexicon = Context.of(request), Lexicon.of(request)
    review = service.read(context, caller, id)
    refusing = form.get("do") == "refuse"
    try:
        if refusing:
            among = service.may_refuse(context, caller, review)
        else:
            among = review.accounts
        if not among:
            raise RequestError(
                "your organisation cannot take this step now",
                message_zh="贵机构目前不能办理这一步",
                field="do",
                code="review.obstacle",
            )
        if refusing:
            action, fields = forms.refusal(review, form)
        else:
            readable = shown.document(context, caller, review) is not None
            action, fields = forms.step(review, form, readable)
        return offered(
            request,
            caller,
            [Draft(action, fields)],
            title=lexicon.t.word("review.title", "refuse" if refusing else review.queue),
            back=request.url.path,
            among=[bytes.fromhex(account[2:]) for account in among],
        )
    except RequestError as error:
        return _review(request, caller, id, form, _told(request, error))


def _review(
    request: Request,
    caller: Caller,
    id_: bytes,
    form: Mapping[str, str],
    problem: Mapping[str, Any] | None,
) -> Response:
    """The page, with the form as it was sent and what is to be mended where something is."""
    context = Context.of(request)
    detail = service.read(context, caller, id_)
    return page(
        request,
        "reviews/review.html",
        status=rendering.status_of(problem),
        styles=("reviews.css",),
        policy="frame-src 'self'",
        problem=problem,
        faults=_by_field([problem] if problem else []),
        values={
            **shown.values_of(detail.terms),
            "note": "",
            "reason": "",
            "seen": "",
            **_sent(form),
        },
        refusing=form.get("do") == "refuse",
        may_refuse=bool(service.may_refuse(context, caller, detail)),
        **shown.item(request, caller, detail),
    )


def _sent(form: Mapping[str, str]) -> dict[str, str]:
    """The fields of the form, an unticked box too."""
    return {**form, "without_end": form.get("without_end", "")} if form else {}


# ------------------------------------------------------------------------------ submitting


@routes.get("/qualifications/new")
def submit_form(request: Request, caller: EntryWriter) -> Response:
    return _submission(request, caller, {}, ())


@routes.post("/qualifications/new")
async def submit(request: Request, caller: EntryWriter, sent: OwnUpload) -> Response:
    """Keep the document, and show what is to be signed for it."""
    return await run_in_threadpool(_offered, request, caller, sent.fields, sent.file("document"))


def _offered(request: Request, caller: Caller, form: Mapping[str, str], file: Uploaded) -> Response:
    context = Context.of(request)
    submitting.check_supplier(context, caller)
    faults = submitting.faults(context, caller, form, file)
    if faults:
        return _submission(request, caller, form, faults)
    try:
        return offered(
            request,
            caller,
            [Draft("SubmitQualification", submitting.submission(context, caller, form, file))],
            title=Lexicon.of(request).t("submit.title"),
            back="/reviews",
        )
    except RequestError as error:
        return _submission(request, caller, form, [error])


def _submission(
    request: Request, caller: Caller, form: Mapping[str, str], faults: Sequence[RequestError]
) -> Response:
    problems = [_told(request, fault) for fault in faults]
    return page(
        request,
        "reviews/submit.html",
        status=rendering.status_of(problems[0] if problems else None),
        styles=("reviews.css",),
        problems=problems,
        faults=_by_field(problems),
        **submitting.form(request, form),
        supplier=caller.role is CallerRole.SUPPLIER,
        role=Lexicon.of(request).t.word("caller", caller.role),
    )


def _told(request: Request, fault: RequestError) -> dict[str, Any]:
    """What is to be mended, as a sentence."""
    problem = rendering.problem_of(request, fault)
    language = rendering.reader_language(request)
    return {**problem, "detail": whole_sentence(problem["detail"], language)}


def _by_field(problems: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {problem["field"]: problem for problem in problems if problem["field"]}
