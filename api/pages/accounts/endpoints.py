"""Signing in and out, with a password or through one's organisation; invitations; one's account."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query, Request, Response

from api.context import Context
from api.pages import navigation, rendering, session
from api.pages.accounts import away, shown
from api.pages.accounts.operating import LINK_COOKIE
from api.pages.readers import Anybody, OwnForm
from api.pages.rendering import page, reader_language, redirect
from api.pages.wording import wording
from api.problems import Forbidden, NotFound, Refused
from api.staff import oidc
from api.staff.oidc import RETURN_PATH, NotVouched
from api.staff.service import SignedIn, TooManyGuesses, WrongPassword
from api.staff.sessions import caller_of
from ledger.errors import RequestError, SuyuanError, UnavailableError
from ledger.index.secrets import secret_hash

routes = rendering.router()

_STYLES: Final = ("accounts.css",)
_MAX_CODE: Final = 100
#: Seconds after which to try again where a provider does not answer.
_PROVIDER_DOWN: Final = 60


# --------------------------------------------------------------------------------- sign-in


@routes.get("/sign-in")
def sign_in_form(
    request: Request, next: Annotated[str, Query(max_length=2000)] = "/", ended: str = ""
) -> Response:
    """``ended``: a session has, when somebody asked for a "page" or sent a "form"."""
    told = ended if ended in ("page", "form") else ""
    return _sign_in_page(request, session.own_path(next), ended=told)


@routes.post("/sign-in")
def sign_in(request: Request, form: OwnForm) -> Response:
    target, login = session.own_path(form.get("next", "/")), form.get("login", "")
    staff = Context.of(request).staff
    try:
        signed = staff.sign_in(login, form.get("password", ""), session.visit(request))
    except (WrongPassword, TooManyGuesses, Forbidden) as refused:
        return _sign_in_page(request, target, login, refused)
    return _come_in(request, signed, target)


@routes.post("/sign-out")
def sign_out(request: Request, form: OwnForm) -> Response:
    response = redirect("/sign-in")
    # What the browser kept of pages is nobody's business any more.
    response.headers["Clear-Site-Data"] = '"cache"'
    session.sign_out(request, response)
    session.drop(request, response, LINK_COOKIE)
    return response


def _sign_in_page(
    request: Request,
    target: str,
    login: str = "",
    failed: SuyuanError | None = None,
    ended: str = "",
) -> Response:
    """The form, as it was filled in if it was refused."""
    return page(
        request,
        "accounts/sign_in.html",
        styles=_STYLES,
        providers=shown.providers(request),
        next=target,
        login=login[:200],
        ended=ended,
        form_page=rendering.address("/sign-in", {"next": target}),
        problem=_said(request, failed),
        mistyped=isinstance(failed, WrongPassword),
        **_answered(failed),
    )


def _said(request: Request, failed: SuyuanError | None) -> str:
    if failed is None:
        return ""
    if isinstance(failed, RequestError):
        return shown.said(request, failed)
    return wording(reader_language(request))("sign-in.provider-down")


def _answered(failed: SuyuanError | None) -> dict[str, Any]:
    """Status and headers of a page that says what failed."""
    if isinstance(failed, Refused):
        return {"status": failed.status, "headers": failed.headers()}
    if isinstance(failed, RequestError):
        return {"status": 422}
    if failed is not None:
        return {"status": 503, "headers": {"Retry-After": str(_PROVIDER_DOWN)}}
    return {}


def _come_in(request: Request, signed: SignedIn, target: str) -> Response:
    response = redirect(_beginning(signed, target))
    session.sign_in(request, response, signed)
    return response


def _beginning(signed: SignedIn, target: str) -> str:
    """Where somebody goes who came in: to what was asked for, or where the role begins."""
    return navigation.start_of(caller_of(signed.account)) if target == "/" else target


# ------------------------------------------------------------------ through an organisation


@routes.post("/sign-in/with")
def sign_in_with(request: Request, form: OwnForm) -> Response:
    target = session.own_path(form.get("next", "/"))
    number = shown.provider_number(request, form.get("provider", ""))
    try:
        return _send_away(request, away.begun(number, target))
    except UnavailableError as failed:
        return _sign_in_page(request, target, failed=failed)


@routes.get(RETURN_PATH + "/{provider}")
def come_back(request: Request, provider: str) -> Response:
    """From the provider, by its redirect; the browser's cookie says to what this is the answer. It
    must come on the way back of the provider that was asked (``oidc.slug``)."""
    staff, errand = Context.of(request).staff, away.kept(request)
    asked = staff.oidc.providers[errand.provider] if errand else None
    target = errand.target if errand else "/"
    try:
        if errand is None or asked is None or oidc.slug(asked) != provider:
            raise NotVouched(
                "this sign-in was not begun in this browser, or too long ago; begin again",
                message_zh="该登录不是从此浏览器开始的，或已超时；请重新开始",
                code="oidc.errand",
            )
        subject = staff.oidc.subject(asked, errand.seed, dict(request.query_params))
        visit = session.visit(request)
        if errand.invitation:
            invitation = bytes.fromhex(errand.invitation)
            signed = staff.bind(invitation, asked, subject, visit)
        else:
            signed = staff.sign_in_as(asked, subject, visit)
    except (Refused, UnavailableError) as failed:
        response = _sign_in_page(request, target, failed=failed)
    else:
        # A cookie of this site alone is not sent on a way that another site began: it ends here,
        # and the page goes on by itself.
        response = _onward(request, _beginning(signed, target))
        session.sign_in(request, response, signed)
    session.drop(request, response, away.COOKIE)
    return response


def _send_away(request: Request, errand: away.Errand) -> Response:
    asking = Context.of(request).staff.oidc
    provider = asking.providers[errand.provider]
    response = _onward(request, asking.address(provider, errand.seed), provider.issuer)
    away.keep(request, response, errand)
    return response


def _onward(request: Request, url: str, issuer: str = "") -> Response:
    """A page that goes on by itself, with a link where a browser does not. (A redirect would do
    for most; of one that answers a form, browsers ask whether the form may lead there.)"""
    return page(
        request,
        "accounts/onward.html",
        headers={"Refresh": f"0; url={url}"},
        url=url,
        issuer=issuer,
    )


# ----------------------------------------------------------------------------- invitations


@routes.get("/invitation")
def invitation(
    request: Request, code: Annotated[str, Query(max_length=_MAX_CODE)] = ""
) -> Response:
    """Opening the link uses nothing up: programs that look into mail do that, too."""
    return _invitation_page(request, code)


def _check_again(password: str, form: Mapping[str, str]) -> None:
    """What is not seen is typed twice."""
    if password != form.get("again", ""):
        raise RequestError(
            "the two passwords are not the same",
            message_zh="两次输入的密码不一致",
            field="again",
            code="password.again",
        )


@routes.post("/invitation")
def use_invitation(request: Request, form: OwnForm) -> Response:
    code, password = form.get("code", ""), form.get("password", "")
    try:
        _check_again(password, form)
        visit = session.visit(request)
        signed = Context.of(request).staff.choose_password(code, password, visit)
    except NotFound:
        return _invitation_page(request, code)
    except RequestError as failed:
        return _invitation_page(request, code, failed)
    return _come_in(request, signed, "/")


@routes.post("/invitation/with")
def use_invitation_with(request: Request, form: OwnForm) -> Response:
    """The invited person's identity at the organisation's provider is bound to the account."""
    code = form.get("code", "")
    number = shown.provider_number(request, form.get("provider", ""))
    hashed = secret_hash(code).hex()
    try:
        return _send_away(request, away.begun(number, "/", hashed))
    except UnavailableError as failed:
        return _invitation_page(request, code, failed)


def _invitation_page(request: Request, code: str, failed: SuyuanError | None = None) -> Response:
    invited = shown.invitation(request, code)
    answered = _answered(failed)
    if invited["state"] != "open":
        answered = {"status": 404 if invited["state"] == "unknown" else 410}
    return page(
        request,
        "accounts/invitation.html",
        styles=_STYLES,
        form_page=rendering.address("/invitation", {"code": code}),
        code=code,
        problem=_said(request, failed),
        field=failed.field if isinstance(failed, RequestError) else None,
        **invited,
        **answered,
    )


# --------------------------------------------------------------------------------- account


@routes.get("/account")
def account(request: Request, caller: Anybody) -> Response:
    return _account_page(request)


@routes.post("/account/password")
def change_password(request: Request, caller: Anybody, form: OwnForm) -> Response:
    _, mine = session.current(request)
    new = form.get("password", "")
    try:
        _check_again(new, form)
        visit = session.visit(request)
        signed = Context.of(request).staff.change_password(
            mine.id, form.get("current", ""), new, visit
        )
    except RequestError as failed:
        return _account_page(request, failed)
    response = redirect("/account?changed=yes")
    session.sign_in(request, response, signed)
    return response


@routes.post("/account/sessions/end")
def end_session(request: Request, caller: Anybody, form: OwnForm) -> Response:
    """One of one's own; a number that is none of these does nothing."""
    _, mine = session.current(request)
    number = form.get("session", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        Context.of(request).staff.end_session(mine, int(number))
    return redirect("/account")


def _account_page(request: Request, failed: RequestError | None = None) -> Response:
    return page(
        request,
        "accounts/account.html",
        styles=_STYLES,
        problem=_said(request, failed),
        field=failed.field if failed else None,
        changed=request.query_params.get("changed") == "yes" and failed is None,
        **shown.account(request),
        **_answered(failed),
    )
