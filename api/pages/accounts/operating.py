"""For operators: staff accounts, tokens for programs. For auditors: the access log."""

from typing import Annotated, Any, Final

from fastapi import Path, Query, Request, Response

from api.access import CallerRole
from api.accesses import service as accesses
from api.context import Context
from api.pages import rendering, session
from api.pages.accounts import looks, shown
from api.pages.audit.faults import interval
from api.pages.readers import Auditor, Operator, OwnForm
from api.pages.rendering import page, redirect
from api.staff.choosing import candidates, chosen
from api.staff.service import Invited
from api.tokens.service import issue, revoke
from ledger.errors import RequestError
from ledger.vocabulary import NO_END

routes = rendering.router()

_STYLES: Final = ("accounts.css",)
_PAGE: Final = 50
_MAX_NUMBER: Final = 2**31 - 1
#: A link that was just made, for the operator's own browser, so that its page can be loaded again
#: and read in the other language; the service itself keeps a hash only.
LINK_COOKIE: Final = "suyuan_link"
_LINK_SECONDS: Final = 15 * 60
#: For how many days a token may be made in the form.
DAYS: Final = (7, 30, 90, 180, 365)

AccountNumber = Annotated[int, Path(ge=1, le=_MAX_NUMBER)]


# ---------------------------------------------------------------------------------- tokens


# Before the accounts, whose numbers stand at the same place of the path.
@routes.get("/staff/tokens")
def tokens(
    request: Request,
    caller: Operator,
    revoked: Annotated[int | None, Query(ge=1, le=_MAX_NUMBER)] = None,
) -> Response:
    """``revoked``: the number of the token that was just revoked."""
    return _tokens_page(request, revoked=revoked)


@routes.post("/staff/tokens")
def make_token(request: Request, caller: Operator, form: OwnForm) -> Response:
    context = Context.of(request)
    try:
        organisation = chosen(context.workspace.index, form.get("organisation", ""))
        days = form.get("days", "")
        if days not in map(str, DAYS):
            raise RequestError(
                "choose how long it is valid",
                message_zh="请选择有效期",
                field="days",
                code="token.values",
            )
        made = issue(
            context.workspace,
            organisation,
            form.get("person", ""),
            _role(form),
            now=context.workspace.clock(),
            lifetime=int(days) * 86400,
        )
    except RequestError as failed:
        return _tokens_page(request, form, failed)
    context.note_access(caller, "token.create", str(made.id))
    return page(request, "accounts/token.html", styles=_STYLES, **shown.made_token(request, made))


@routes.get("/staff/tokens/{number}/revoke")
def ask_to_revoke(request: Request, caller: Operator, number: AccountNumber) -> Response:
    token = shown.token(request, number)
    return page(request, "accounts/revoke.html", styles=_STYLES, token=token)


@routes.post("/staff/tokens/{number}/revoke")
def revoke_token(
    request: Request, caller: Operator, number: AccountNumber, form: OwnForm
) -> Response:
    revoke(Context.of(request), caller, number)
    return redirect(f"/staff/tokens?revoked={number}")


def _tokens_page(
    request: Request,
    form: OwnForm | None = None,
    failed: RequestError | None = None,
    revoked: int | None = None,
) -> Response:
    return page(
        request,
        "accounts/tokens.html",
        status=422 if failed else 200,
        styles=_STYLES,
        days=DAYS,
        **shown.tokens(request, revoked),
        **_form(request, form, failed, ("organisation", "person", "role", "days")),
    )


# ----------------------------------------------------------------------------------- staff


@routes.get("/staff")
def staff(
    request: Request,
    caller: Operator,
    q: Annotated[str, Query(max_length=120)] = "",
    after: Annotated[int, Query(ge=0, le=_MAX_NUMBER)] = 0,
) -> Response:
    return _staff_page(request, q.strip(), after)


@routes.post("/staff")
def add(request: Request, caller: Operator, form: OwnForm) -> Response:
    context = Context.of(request)
    try:
        organisation = chosen(context.workspace.index, form.get("organisation", ""))
        invited = context.staff.create(
            organisation, form.get("person", ""), _role(form), form.get("login", ""), caller
        )
    except RequestError as failed:
        return _staff_page(request, "", 0, form, failed)
    return _to_link(request, invited)


@routes.get("/staff/{number}")
def member(request: Request, caller: Operator, number: AccountNumber, done: str = "") -> Response:
    """``done``: what was just done to the account."""
    return _member_page(request, number, done=done)


@routes.post("/staff/{number}/invitation")
def invite(request: Request, caller: Operator, number: AccountNumber, form: OwnForm) -> Response:
    try:
        invited = Context.of(request).staff.invite(number, caller)
    except RequestError as failed:
        if failed.code == "staff.unknown":
            raise
        return _member_page(request, number, failed)
    return _to_link(request, invited)


@routes.get("/staff/{number}/link")
def link(request: Request, caller: Operator, number: AccountNumber) -> Response:
    """The link that was just made for this account, as long as this browser has it."""
    kept = session.cookie(request, LINK_COOKIE)
    made = shown.invited(request, number, kept)
    if made is None:
        return redirect(f"/staff/{number}")
    return page(request, "accounts/invited.html", styles=_STYLES, **made)


@routes.post("/staff/{number}/role")
def change_role(
    request: Request, caller: Operator, number: AccountNumber, form: OwnForm
) -> Response:
    try:
        Context.of(request).staff.change_role(number, _role(form), caller)
    except RequestError as failed:
        if failed.code == "staff.unknown":
            raise
        return _member_page(request, number, failed)
    return redirect(f"/staff/{number}?done=role")


@routes.get("/staff/{number}/disable")
def ask_to_disable(request: Request, caller: Operator, number: AccountNumber) -> Response:
    told = shown.member(request, number)
    return page(request, "accounts/disable.html", styles=_STYLES, **told)


@routes.post("/staff/{number}/disable")
def disable(request: Request, caller: Operator, number: AccountNumber, form: OwnForm) -> Response:
    Context.of(request).staff.disable(number, caller)
    return redirect(f"/staff/{number}?done=disabled")


def _role(form: OwnForm) -> CallerRole:
    try:
        return CallerRole(form.get("role", ""))
    except ValueError:
        raise RequestError(
            "choose a role", message_zh="请选择角色", field="role", code="staff.role"
        ) from None


def _staff_page(
    request: Request,
    q: str,
    after: int,
    form: OwnForm | None = None,
    failed: RequestError | None = None,
) -> Response:
    return page(
        request,
        "accounts/staff.html",
        status=422 if failed else 200,
        styles=_STYLES,
        q=q,
        **shown.staff(request, q, after, _PAGE),
        **_form(request, form, failed, ("organisation", "person", "role", "login")),
    )


def _member_page(
    request: Request, number: int, failed: RequestError | None = None, done: str = ""
) -> Response:
    told = shown.member(request, number)
    right = {"disabled": told["member"]["state"] == "disabled", "role": True}
    return page(
        request,
        "accounts/member.html",
        status=422 if failed else 200,
        styles=_STYLES,
        **told,
        done=done if right.get(done) and failed is None else "",
        problem=shown.said(request, failed) if failed else "",
    )


def _to_link(request: Request, invited: Invited) -> Response:
    """To the page of the link, which this browser alone can show, and not for long."""
    response = redirect(f"/staff/{invited.account.id}/link")
    session.keep(request, response, LINK_COOKIE, invited.secret, age=_LINK_SECONDS)
    return response


def _form(
    request: Request,
    form: OwnForm | None,
    failed: RequestError | None,
    names: tuple[str, ...],
) -> dict[str, Any]:
    """A form as it was filled in, what is wrong with it, and which organisations may be meant."""
    values = {name: (form or {}).get(name, "")[:400] for name in names}
    several = failed is not None and failed.code == "staff.organisation"
    index = Context.of(request).workspace.index
    return {
        "values": values,
        "problem": shown.said(request, failed) if failed else "",
        "field": failed.field if failed else None,
        "several": candidates(index, values["organisation"]) if several else [],
        "roles": list(CallerRole),
    }


# ------------------------------------------------------------------------------ access log


@routes.get("/accesses")
def access_log(
    request: Request,
    caller: Auditor,
    person: Annotated[str, Query(max_length=120)] = "",
    organisation: Annotated[str, Query(max_length=200)] = "",
    action: Annotated[str, Query(max_length=60)] = "",
    subject: Annotated[str, Query(max_length=100)] = "",
    since: Annotated[str, Query(max_length=20)] = "",
    until: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> Response:
    context, failed = Context.of(request), None
    values = {
        "person": person.strip(), "organisation": organisation.strip(), "action": action,
        "subject": subject.strip(), "since": since.strip(), "until": until.strip(),
    }  # fmt: skip
    try:
        start = interval(values["since"], "since")[0] if values["since"] else 0
        end = interval(values["until"], "until")[1] if values["until"] else NO_END
        of_one = chosen(context.workspace.index, organisation) if values["organisation"] else None
        wanted = accesses.Filter(values["subject"], of_one, values["person"], action, (start, end))
        rows, following = accesses.found(context, wanted, _PAGE, before)
    except RequestError as error:
        failed, rows, following = error, [], None
    several = failed is not None and failed.field == "organisation"
    return page(
        request,
        "accounts/accesses.html",
        status=422 if failed else 200,
        styles=_STYLES,
        values=values,
        asked={k: v for k, v in values.items() if v},
        before=before,
        following=following,
        problem=shown.said(request, failed) if failed else "",
        field=failed.field if failed else None,
        several=candidates(context.workspace.index, organisation) if several else [],
        **looks.accesses(request, caller, rows),
    )
