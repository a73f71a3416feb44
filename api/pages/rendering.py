"""From values to a page: templates, the reader's language, headers, and failures as pages.

Rules this module keeps:

* Every value is escaped, and deceiving characters in it are shown (``formats.harmless``).
* A page loads nothing but our style sheet and icon, runs no script, and cannot be framed.
* A failure is told by the same function as in the JSON interface, and shown as a page.
"""

import hashlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException

from api import problems
from api.language import Language, language_of
from api.pages import formats, session
from api.pages.wording import wording
from api.parameters import DEFAULT_ZONE
from api.problems import Unauthenticated
from ledger.errors import SuyuanError

_log = logging.getLogger("suyuan.pages")

LANGUAGE_COOKIE: Final = "suyuan_language"
_YEAR: Final = 365 * 86400

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}

_TYPES: Final[Mapping[str, str]] = {
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def static_file(name: str) -> tuple[bytes, str, str] | None:
    """Content, media type and version of a static file; None if there is none of that name."""
    if name not in _TYPES:
        return None
    content = files(__package__).joinpath(f"static/{name}").read_bytes()
    return content, _TYPES[name], hashlib.sha256(content).hexdigest()[:16]


def _static_url(name: str) -> str:
    found = static_file(name)
    assert found is not None, name
    return f"/static/{name}?v={found[2]}"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=formats.harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static_url"] = _static_url
    environment.filters["number"] = formats.number
    environment.filters["machine_time"] = formats.machine_time
    environment.tests["stated"] = formats.is_stated
    return environment


_TEMPLATES: Final = _environment()


# -------------------------------------------------------------------------------- language


def reader_language(request: Request) -> Language:
    """``?lang=`` first, then what was chosen before, then what the browser prefers."""
    asked = request.query_params.get("lang")
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    for wish in (asked, chosen):
        if wish == "zh":
            return "zh"
        if wish == "en":
            return "en"
    return language_of(request.scope)


def address(path: str, query: Mapping[str, Any]) -> str:
    """Path and query; what is None or empty is left out."""
    stated = {k: v for k, v in query.items() if v not in (None, "")}
    return f"{path}?{urlencode(stated)}" if stated else path


def _in_language(request: Request, language: str) -> str:
    """The address of this page in a language. What came by a form is not sent again."""
    if request.method != "GET":
        return address("/", {"lang": language})
    kept = {k: v for k, v in parse_qsl(request.url.query) if k != "lang"}
    return address(request.url.path, {**kept, "lang": language})


# ----------------------------------------------------------------------------------- pages


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    zone: str = DEFAULT_ZONE,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page made from a template. Times in it are shown in ``zone``."""
    language = reader_language(request)
    token, fresh = session.form_token(request)
    html = _TEMPLATES.get_template(template).render(
        t=wording(language),
        language=language,
        other_language={"zh": "en", "en": "zh"}[language],
        in_language=lambda wanted: _in_language(request, wanted),
        address=address,
        caller=session.signed_in(request),
        form_token=token,
        form_field=session.FORM_FIELD,
        zone=zone,
        instant=lambda seconds: formats.instant(seconds, zone),
        day=lambda seconds: formats.day(seconds, zone),
        offset=lambda seconds: formats.offset(seconds, zone),
        **values,
    )
    sent = {**HEADERS, "Content-Language": {"zh": "zh-CN", "en": "en"}[language], **(headers or {})}
    response = Response(html, status, sent, media_type="text/html; charset=utf-8")
    if fresh is not None:
        session.keep_form_cookie(request, response, fresh)
    if request.query_params.get("lang") in ("zh", "en"):
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR,
            path="/",
            secure=session.is_https(request),
            httponly=True,
            samesite="lax",
        )
    return response


def redirect(target: str) -> Response:
    """See Other: the browser asks for the target by GET."""
    return Response(status_code=303, headers={**HEADERS, "Location": target})


def failure(request: Request, problem: Response) -> Response:
    """A problem response of the JSON interface as a page."""
    told = orjson.loads(bytes(problem.body))
    kept = {k: v for k, v in problem.headers.items() if k == "retry-after"}
    return page(request, "failure.html", status=problem.status_code, headers=kept, problem=told)


class PageRoute(APIRoute):
    """Shows every failure as a page; sends whoever is not signed in to sign in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handler(request)
            except Unauthenticated:
                return redirect(session.way_back(request))
            except SuyuanError as error:
                return failure(request, problems.problem_of(scope_of(request), error))
            except RequestValidationError as error:
                complaints = problems.invalid_shape(scope_of(request), error.errors())
                return failure(request, complaints)
            except HTTPException as error:
                title = error.detail
                made = problems.render(
                    scope_of(request), error.status_code, "page", (str(title), str(title))
                )
                return failure(request, made)
            except Exception as error:
                # Nothing of what went wrong inside is told outside, but it is not lost.
                _log.error("%s %s", request.method, request.url.path, exc_info=error)
                unforeseen = problems.problem_of(scope_of(request), SuyuanError(""))
                return failure(request, unforeseen)

        return shown


def scope_of(request: Request) -> dict[str, Any]:
    """The request's scope, asking for problems in the language of the page."""
    wanted = f"lang={reader_language(request)}".encode()
    return {**request.scope, "query_string": wanted}


def router() -> APIRouter:
    return APIRouter(
        route_class=PageRoute, include_in_schema=False, default_response_class=Response
    )
