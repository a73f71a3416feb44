"""Signing in and out."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.context import Context
from api.pages import navigation, rendering, session
from api.pages.readers import OwnForm
from api.pages.rendering import page, redirect
from api.problems import Forbidden, Refused
from api.staff.service import SignedIn, TooManyGuesses, WrongPassword
from api.staff.sessions import caller_of

routes = rendering.router()


@routes.get("/sign-in")
def sign_in_form(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    return sign_in_page(request, session.own_path(next))


@routes.post("/sign-in")
def sign_in(request: Request, form: OwnForm) -> Response:
    target, login = session.own_path(form.get("next", "/")), form.get("login", "")
    staff = Context.of(request).staff
    try:
        signed = staff.sign_in(login, form.get("password", ""), session.visit(request))
    except (WrongPassword, TooManyGuesses, Forbidden) as refused:
        return sign_in_page(request, target, login, refused)
    return signed_in(request, signed, target)


@routes.post("/sign-out")
def sign_out(request: Request, form: OwnForm) -> Response:
    response = redirect("/sign-in")
    # What the browser kept of pages is nobody's business any more.
    response.headers["Clear-Site-Data"] = '"cache"'
    session.sign_out(request, response)
    return response


def sign_in_page(
    request: Request, target: str, login: str = "", refused: Refused | None = None
) -> Response:
    """The form, as it was filled in if it was refused."""
    return page(
        request,
        "accounts/sign_in.html",
        status=refused.status if refused else 200,
        headers=refused.headers() if refused else None,
        next=target,
        login=login[:200],
        problem=refused.message(rendering.reader_language(request)) if refused else "",
    )


def signed_in(request: Request, signed: SignedIn, target: str) -> Response:
    """Where somebody goes who came in: to what was asked for, or where the role begins."""
    if target == "/":
        target = navigation.start_of(caller_of(signed.account))
    response = redirect(target)
    session.sign_in(request, response, signed)
    return response
