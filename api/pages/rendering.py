"""From values to a page: templates, the reader's language, headers, and failures as pages.

Rules this module keeps:

* Every value is escaped, and deceiving characters in it are shown (``formats.harmless``).
* A page loads nothing but our own files and cannot be framed. It runs no script unless it names
  one, and then only files of ours: nothing inline, nothing evaluated.
* A failure is told by the same function as in the JSON interface, and shown as a page.
* Pages are sent compressed; the form's value in them is masked anew each time, so that the length
  of a compressed page tells nothing about it (the BREACH attack).
"""

import gzip
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api import problems
from api.access import SCOPES_OF, CallerRole
from api.access import Scope as Permission
from api.language import Language, language_of
from api.pages import formats, navigation, session, shapes
from api.pages.wording import Wording, wording
from api.parameters import DEFAULT_ZONE
from api.problems import Unauthenticated
from api.routing import Routes
from ledger.errors import SuyuanError

_log = logging.getLogger("suyuan.pages")

LANGUAGE_COOKIE: Final = "suyuan_language"
_YEAR: Final = 365 * 86400

HEADERS: Final[Mapping[str, str]] = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
#: Fields that no page repeats.
_SECRETS: Final = frozenset({"password", "code"})
#: Of a form that is sent again in the other language, in characters.
_MOST_AGAIN: Final = 50_000
#: Where programs ask, whatever they say they take.
_FOR_PROGRAMS: Final = ("/v1/", "/health", "/metrics", "/openapi.json", "/static/")
#: The statuses of a form that is shown again, to be mended.
_MENDING: Final = (409, 422)
#: The pages whose facts are those of the ledger: they say so, and no other page does.
_FROM_LEDGER: Final = frozenset(
    {
        *("audit/account.html", "audit/alarms.html", "audit/compare.html"),
        *("batches/batch.html", "entries/entry.html", "home/results.html", "public/box.html"),
        *("qualifications/qualification.html", "reviews/review.html"),
        *("recalls/campaign.html", "recalls/hold.html", "recalls/list.html"),
        *("suppliers/batches.html", "suppliers/qualifications.html", "suppliers/supplier.html"),
    }
)
#: What is shorter is not worth compressing.
_COMPRESSED_FROM: Final = 1024


class StaticFile(NamedTuple):
    """A file that every page may load; ``compressed`` where that is shorter."""

    content: bytes
    compressed: bytes | None
    media_type: str
    version: str


@cache
def static_file(name: str) -> StaticFile | None:
    """A file of the folder ``static`` by its path in it; None if there is none of that name."""
    suffix = name.rpartition(".")[2]
    if suffix not in _TYPES or not re.fullmatch(r"([a-z0-9-]+/)*[a-z0-9-]+\.[a-z0-9]+", name):
        return None
    file = files(__package__).joinpath(f"static/{name}")
    if not file.is_file():
        return None
    content = file.read_bytes()
    packed = gzip.compress(content, 9, mtime=0)
    return StaticFile(
        content,
        packed if len(packed) < len(content) else None,
        _TYPES[suffix],
        hashlib.sha256(content).hexdigest()[:16],
    )


def takes_gzip(request: Request) -> bool:
    """Whether the browser understands gzip (all do; what asks for other things may not)."""
    offered = request.headers.get("accept-encoding", "").split(",")
    return any(coding.strip() in ("gzip", "gzip;q=1.0") for coding in offered)


def static_url(name: str) -> str:
    """The address of a static file; another one whenever its content changes."""
    found = static_file(name)
    assert found is not None, name
    return f"/static/{name}?v={found.version}"


class _Worded(Extension):
    """Puts sentences without values into a template while it is compiled, which is done once for
    each language: a page consists of them by half, and to look each up costs more than to send
    it."""

    _SAID: Final = re.compile(r"""\{\{ t\(["']([a-z0-9.-]+)["']\) \}\}""")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        language: Language = "zh" if self.environment.globals["language"] == "zh" else "en"
        texts = wording(language)

        def said(found: re.Match[str]) -> str:
            text = str(escape(formats.harmless(texts(found[1]))))
            return found[0] if "{" in text else text

        return self._SAID.sub(said, source)


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        auto_reload=False,
        extensions=[_Worded],
        undefined=StrictUndefined,
        finalize=formats.harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["language"] = language
    environment.globals["static_url"] = static_url
    environment.globals["sprite"] = shapes.SPRITE
    environment.globals["shape_of"] = shapes.shape
    environment.globals["shaped"] = shapes.shaped
    environment.filters["number"] = formats.number
    environment.filters["machine_time"] = formats.machine_time
    environment.tests["stated"] = formats.is_stated
    return environment


_TEMPLATES: Final[Mapping[Language, Environment]] = {
    "zh": _environment("zh"),
    "en": _environment("en"),
}


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


class OtherLanguage(NamedTuple):
    """How the reader gets this page in the other language: by its address; or by sending the same
    ``fields`` there again, where it says what is to be mended in a form; or not at all, and then
    the address opens ``beside`` it, so that what is seen or typed here is not lost."""

    address: str
    fields: Mapping[str, str] | None = None
    encoding: str = ""
    beside: bool = False


def _switch(request: Request, status: int, language: Language, form_page: str) -> OtherLanguage:
    if request.method == "GET":
        return OtherLanguage(_with_language(str(request.url), language))
    sent: Mapping[str, str] | None = getattr(request.state, "sent", None)
    if sent is not None and 400 <= status < 500:
        fields = {k: v for k, v in sent.items() if k != session.FORM_FIELD}
        if not _SECRETS & fields.keys() and sum(map(len, fields.values())) <= _MOST_AGAIN:
            # Each form is read only as its own page sends it.
            encoding = request.headers.get("content-type", "").partition(";")[0]
            return OtherLanguage(_with_language(str(request.url), language), fields, encoding)
    at_hand = form_page or session.nearest_page(request)
    return OtherLanguage(_with_language(at_hand, language), beside=True)


def _with_language(url: str, language: Language) -> str:
    """The path and query of an address of ours, asking for a language."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query) if k != "lang"]  # some stand there often
    return f"{parts.path}?{urlencode([*kept, ('lang', language)])}"


# ----------------------------------------------------------------------------------- pages


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    zone: str = DEFAULT_ZONE,
    headers: Mapping[str, str] | None = None,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    policy: str = "",
    form_page: str = "",
    keepable: bool = False,
    **values: Any,
) -> Response:
    """The page made from a template. Times in it are shown in ``zone``. ``form_page`` is the page
    with the form that this one answers, where that is not at the same address or above it.

    ``keepable``: the browser may keep it until somebody signs out. Without that no browser can go
    back to the answer to a form; so where a form is to be mended, it always may.

    ``styles`` and ``scripts`` (ES modules) are files of the folder ``static`` beside the common
    style sheet; ``policy`` is what the content security policy allows more.
    """
    language = reader_language(request)
    other: Language = "en" if language == "zh" else "zh"
    token, fresh = session.form_token(request)
    signed_in = session.signed_in(request)
    html = (
        _TEMPLATES[language]
        .get_template(template)
        .render(
            **_said(language, zone),
            other_tag={"zh": "zh-CN", "en": "en"}[other],
            switch=_switch(request, status, other, form_page),
            caller=signed_in,
            signing_in=request.url.path.startswith("/sign-in"),
            from_ledger=template in _FROM_LEDGER,
            places=navigation.places(signed_in, request.url.path),
            styles=styles,
            scripts=scripts,
            form_token=token,
            form_field=session.FORM_FIELD,
            **values,
        )
    )
    allowed = [_POLICY, *(["script-src 'self'"] if scripts else []), *([policy] if policy else [])]
    sent = {
        **HEADERS,
        "Content-Security-Policy": "; ".join(allowed),
        "Content-Language": {"zh": "zh-CN", "en": "en"}[language],
        **(headers or {}),
    }
    if keepable or (request.method == "POST" and status in _MENDING):
        sent["Cache-Control"] = "private, no-cache"
    content = html.encode()
    if len(content) >= _COMPRESSED_FROM and takes_gzip(request):
        content = gzip.compress(content, 1, mtime=0)
        sent["Content-Encoding"] = "gzip"
    response = Response(content, status, sent, media_type="text/html; charset=utf-8")
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


def part(language: Language, template: str, zone: str = DEFAULT_ZONE, **values: Any) -> Markup:
    """A piece of a page that is the same for everybody who may read it: it can be kept."""
    said = _TEMPLATES[language].get_template(template).render(**_said(language, zone), **values)
    return Markup(said)  # made by a template, which escapes


def _said(language: Language, zone: str) -> dict[str, Any]:
    """What every template says things with."""
    return {
        "t": wording(language),
        "language": language,
        "address": address,
        "zone": zone,
        "instant": lambda seconds: formats.instant(seconds, zone, language),
        "day": lambda seconds: formats.day(seconds, zone, language),
        "offset": lambda seconds: formats.offset(seconds, zone),
    }


def told_by(problem: Response) -> dict[str, Any]:
    """What a problem response of the JSON interface says."""
    told: dict[str, Any] = orjson.loads(bytes(problem.body))
    return told


def problem_of(request: Request, error: SuyuanError) -> dict[str, Any]:
    """What programs are told of the error, in the reader's language: for a page that shows its form
    again with the fault at its field."""
    return told_by(problems.problem_of(scope_of(request), error))


def status_of(problem: Mapping[str, Any] | None) -> int:
    """The status of a page that shows this problem, or none."""
    status: int = 200 if problem is None else problem["status"]
    return status


def redirect(target: str) -> Response:
    """See Other: the browser asks for the target by GET."""
    return Response(status_code=303, headers={**HEADERS, "Location": target})


def refusal(scope: Scope, problem: Response) -> Awaitable[Response] | None:
    """The page that says why a body was not even read; None where no person in a browser sent
    it."""
    request = Request(scope)
    if not _by_a_person(request):
        return None
    return run_in_threadpool(failure, request, problem)


def _by_a_person(request: Request) -> bool:
    """Whether somebody in a browser asked for a page."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return wants_page and not request.url.path.startswith(_FOR_PROGRAMS)


def install(app: FastAPI) -> None:
    """Let whoever asks in a browser for an address that there is not be answered by a page."""

    async def shown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if not _by_a_person(request):
            return problems.of_http(request.scope, error)
        problem = problems.of_http(scope_of(request), error)
        return await run_in_threadpool(failure, request, problem)

    app.add_exception_handler(HTTPException, shown)


def failure(request: Request, problem: Response) -> Response:
    """A problem response of the JSON interface as a page, in words for people; what programs are
    told stands in small print."""
    told = told_by(problem)
    t = wording(reader_language(request))
    kind = _kind_of_failure(request, told)
    kept = {k: v for k, v in problem.headers.items() if k in ("retry-after", "allow")}
    return page(
        request,
        "failure.html",
        status=problem.status_code,
        headers=kept,
        problem=told,
        kind=kind,
        lead=_lead(t, kind, told),
    )


def _kind_of_failure(request: Request, told: Mapping[str, Any]) -> str:
    """What a person can do about it."""
    match told["status"]:
        case 403:
            return "form" if told["code"] == "form.foreign" else "forbidden"
        case 404:
            return "nowhere" if told["code"] == "path.unknown" else "not-found"
        case 405:
            return "nowhere"
        case 422 if request.method == "GET" and told["code"].startswith("shape."):
            return "address"
        case 408 | 429 | 503:
            return "wait"
        case 500:
            return "broken"
        case _:
            return "mend"


def _lead(t: Wording, kind: str, told: Mapping[str, Any]) -> str:
    """What is wrong, in a sentence."""
    if told["code"] == "token.scope":
        needed, role = Permission(told["values"]["scope"]), told["values"]["role"]
        who = [t.word("caller", r) for r in CallerRole if needed in SCOPES_OF[r]]
        between = {"zh": "；", "en": "; "}[t.language]
        return t("failure.readers", who=between.join(who), role=t.word("caller", role))
    if told["code"] == "body.too-large":
        return t("failure.too-large", most=formats.megabytes(told["values"]["limit"]))
    if kind in ("nowhere", "address") or told["code"] == "internal":
        return t.word("failure.lead", kind)
    said = str(told["detail"])
    end = "" if said[-1:] in ".。!?！？" else {"zh": "。", "en": "."}[t.language]
    return said[:1].upper() + said[1:] + end


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
                return failure(request, problems.of_http(scope_of(request), error))
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


def router() -> Routes:
    return Routes(route_class=PageRoute, include_in_schema=False, default_response_class=Response)
