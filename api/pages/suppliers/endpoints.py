"""The addresses of a supplier's pages."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import Query, Request, Response

from api.access import Caller, SupplierRecord, may_see
from api.context import Context
from api.evidence import service as evidences
from api.evidence.endpoints import file_of
from api.evidence.service import Wanted
from api.pages import rendering
from api.pages.clocks import clocks_of
from api.pages.lexicon import Lexicon
from api.pages.readers import BatchReader, EntryWriter, OwnForm, Reader
from api.pages.rendering import address, page, redirect
from api.pages.signing.offering import Draft, offered
from api.pages.suppliers import shown
from api.problems import not_found
from api.suppliers import service
from api.wire import OrganisationId
from ledger.alarms import Alarm, alarms
from ledger.errors import RequestError
from ledger.question import MAX_TEXT
from ledger.typed_data import hexed

routes = rendering.router()

_STYLES = ("suppliers.css",)


@routes.get("/suppliers/{id}")
def read_supplier(request: Request, id: OrganisationId, caller: Reader) -> Response:
    return _page(request, caller, id)


def _page(
    request: Request,
    caller: Caller,
    organisation: bytes,
    sent: Mapping[str, str] | None = None,
    problem: Mapping[str, Any] | None = None,
) -> Response:
    """The supplier's page; with the form that was ``sent`` and what is to be mended in it."""
    sent = sent or {"form": ""}
    return page(
        request,
        "suppliers/supplier.html",
        status=rendering.status_of(problem),
        styles=_STYLES,
        form="/suppliers/" + hexed(organisation),
        sent=sent,
        problem=problem,
        mend=_to_mend(request, sent["form"], problem.get("field", "")) if problem else None,
        opened=str(request.url),
        **shown.shown(request, caller, organisation),
    )


@routes.get("/suppliers/{id}/qualifications")
def read_qualifications(request: Request, id: OrganisationId, caller: Reader) -> Response:
    values = shown.every_qualification(request, caller, id)
    return page(request, "suppliers/qualifications.html", styles=_STYLES, **values)


@routes.get("/suppliers/{id}/batches")
def read_batches(
    request: Request,
    id: OrganisationId,
    caller: BatchReader,
    after: Annotated[int, Query(ge=-1, le=2**53)] = -1,
) -> Response:
    values = shown.every_batch(request, caller, id, after)
    return page(request, "suppliers/batches.html", styles=_STYLES, **values)


@routes.get("/suppliers/{id}/ask")
def ask(
    id: OrganisationId,
    caller: Reader,
    scope: Annotated[str, Query(max_length=2 * MAX_TEXT + 1)] = "",
    quantity: Annotated[str, Query(max_length=40)] = "",
    deliver_on: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """To the form of a verdict, with what was filled in here; ``scope`` is a category, a space and
    a model."""
    category, _, model = scope.partition(" ")
    asked = {"supplier": hexed(id), "category": category, "model": model}
    return redirect(
        address("/verdicts/new", {**asked, "quantity": quantity, "deliver_on": deliver_on})
    )


@routes.get("/suppliers/{id}/evidence")
def take_standing_evidence(
    request: Request,
    id: OrganisationId,
    caller: Reader,
    category: Annotated[str, Query(max_length=MAX_TEXT)],
    model: Annotated[str, Query(max_length=MAX_TEXT)] = "",
) -> Response:
    asked, stated = shown.asked_for(request), clocks_of(request)
    wanted = Wanted(
        asked.at if "at" in stated else None,
        asked.known_at if "known_at" in stated else None,
        asked.clock,
    )
    context = Context.of(request)
    made = evidences.standing(context, caller, id, category, model, wanted, witnesses=False)
    return file_of(made)


# ------------------------------------------------------------------------------ what is signed


@routes.post("/suppliers/{id}/links")
def decide_link(
    request: Request, id: OrganisationId, caller: EntryWriter, form: OwnForm
) -> Response:
    """That two records are, or are not, one firm."""
    lexicon, other = Lexicon.of(request), _raw(form.get("other", ""), 20)
    service.visible(lexicon.context, caller, id, shown.asked_for(request))
    index = lexicon.context.workspace.index
    known = index.organisation(other) if other and other != id else None
    if known is None or not may_see(caller, SupplierRecord(known.id)):
        raise not_found("the supplier", "该供应商", "other", code="supplier.unknown")
    sent = {**form, "form": "link-" + hexed(known.id)[2:10]}
    if form.get("same") not in ("same", "different"):
        fault = _fault("same", "say whether it is the same firm", "请选择是否为同一企业")
        return _mend(request, caller, id, sent, fault)
    fields: dict[str, Any] = {
        "first": id,
        "second": known.id,
        "same": form["same"] == "same",
        "reason": form.get("reason", "").strip(),
    }
    title = lexicon.t("link.signing", one=_name(lexicon, id), other=_name(lexicon, known.id))
    drafts = [Draft("LinkOrganisations", fields)]
    return _offered(request, caller, id, sent, drafts, "reason", title, "links")


@routes.post("/suppliers/{id}/replies")
def reply(request: Request, id: OrganisationId, caller: EntryWriter, form: OwnForm) -> Response:
    """A signed answer to an alarm."""
    alarm, sent = _alarm(request, caller, id, form, "reply-")
    fields: dict[str, Any] = {
        "about": alarm.id,
        "document": bytes(32),
        "text": form.get("text", "").strip(),
    }
    title = Lexicon.of(request).t("reply.signing", **_about(request, alarm))
    return _offered(request, caller, id, sent, [Draft("Reply", fields)], "text", title, "alarms")


@routes.post("/suppliers/{id}/closings")
def close_alarm(
    request: Request, id: OrganisationId, caller: EntryWriter, form: OwnForm
) -> Response:
    """An auditor's word that an alarm is settled."""
    alarm, sent = _alarm(request, caller, id, form, "close-")
    fields: dict[str, Any] = {"alarm": alarm.id, "reason": form.get("reason", "").strip()}
    drafts = [Draft("CloseAlarm", fields)]
    title = Lexicon.of(request).t("alarm.signing", **_about(request, alarm))
    return _offered(request, caller, id, sent, drafts, "reason", title, "alarms")


def _about(request: Request, alarm: Alarm) -> dict[str, str]:
    """What the alarm is about, and who its parties are: its id says nothing to a person."""
    lexicon = Lexicon.of(request)
    mark = alarm.mark
    by_number = mark.what == "number"
    what = lexicon.mark(mark.what, mark.shown) if by_number else lexicon.t("alarm.one-document")
    one, other = (_name(lexicon, holder[:20]) for holder in alarm.holders)
    return {"what": what, "parties": lexicon.t("alarm.and", one=one, other=other)}


def _alarm(
    request: Request, caller: Caller, organisation: bytes, form: Mapping[str, str], kind: str
) -> tuple[Alarm, dict[str, str]]:
    """The alarm of this supplier that the form is about."""
    context, asked = Context.of(request), shown.asked_for(request)
    history = service.visible(context, caller, organisation, asked)
    wanted = _raw(form.get("alarm", ""), 32)
    every = alarms(history, organisation, asked.known_at)
    found = next((alarm for alarm in every if alarm.id == wanted), None)
    if found is None:
        raise not_found("the alarm", "该警报", "alarm", code="alarm.unknown")
    return found, {**form, "form": kind + hexed(wanted)[2:10]}


def _offered(
    request: Request,
    caller: Caller,
    organisation: bytes,
    sent: Mapping[str, str],
    drafts: Sequence[Draft],
    said: str,
    title: str,
    section: str,
) -> Response:
    """To the page on which it is signed, if it says something in the field ``said``."""
    try:
        if not drafts[0].fields[said]:
            raise _fault(said, "say why, in a few words", "请简要说明")
        back = f"/suppliers/{hexed(organisation)}#{section}"
        return offered(request, caller, drafts, title=title, back=back)
    except RequestError as error:
        return _mend(request, caller, organisation, sent, error)


#: The fields of each form, by the names of their labels.
_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "link": {"": "link.decide", "same": "link.question", "reason": "link.reason"},
    "reply": {"": "reply.write", "text": "reply.text"},
    "close": {"": "alarm.close", "reason": "alarm.close-reason"},
}


def _to_mend(request: Request, form: str, field: str) -> dict[str, str]:
    """Where on the page what is to be mended stands, and what it is called there."""
    t, labels = Lexicon.of(request).t, _LABELS[form.partition("-")[0]]
    if field not in labels or not field:
        return {"field": form, "label": t(labels[""])}
    return {"field": f"{form}-{field}", "label": f"{t(labels[''])} – {t(labels[field])}"}


def _mend(
    request: Request,
    caller: Caller,
    organisation: bytes,
    sent: Mapping[str, str],
    fault: RequestError,
) -> Response:
    problem = rendering.problem_of(request, fault)
    return _page(request, caller, organisation, sent, problem)


def _fault(field: str, english: str, chinese: str) -> RequestError:
    return RequestError(english, message_zh=chinese, field=field, code=f"form.{field}")


def _raw(text: str, length: int) -> bytes:
    """The bytes of a hex id; none for what is no id."""
    try:
        found = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return b""
    return found if len(found) == length else b""


def _name(lexicon: Lexicon, organisation: bytes) -> str:
    return lexicon.name(lexicon.organisations([organisation])[hexed(organisation)])
