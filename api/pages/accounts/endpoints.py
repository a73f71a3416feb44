"""Signing in and out."""

from typing import Annotated

from fastapi import Query, Request, Response

from api.context import Context
from api.pages import rendering, session
from api.pages.readers import OwnForm
from api.pages.rendering import page, redirect
from api.pages.wording import wording

routes = rendering.router()


@routes.get("/sign-in")
def sign_in_form(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    return page(request, "accounts/sign_in.html", next=session.own_path(next), problem=None)


@routes.post("/sign-in")
def sign_in(request: Request, form: OwnForm) -> Response:
    context = Context.of(request)
    secret, target = form.get("token", "").strip(), session.own_path(form.get("next", "/"))
    if context.tokens.caller(secret, context.workspace.clock()) is None:
        problem = wording(rendering.reader_language(request))("sign-in.wrong")
        return page(request, "accounts/sign_in.html", status=401, next=target, problem=problem)
    response = redirect(target)
    session.sign_in(request, response, secret)
    return response


@routes.post("/sign-out")
def sign_out(request: Request, form: OwnForm) -> Response:
    response = redirect("/sign-in")
    session.sign_out(request, response)
    return response
