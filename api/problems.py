"""Every failure as RFC 9457 ``application/problem+json``, in the language asked for.

Rules this module keeps:

* One table says which failure is which status; endpoints raise and never build error answers.
* A problem names its stable ``code``, the ``field`` to mend and the ``values`` a program needs.
* What went wrong inside is never told outside: an unexpected error says only that it happened.
* ``503`` and ``429`` carry ``Retry-After``; ``401`` carries ``WWW-Authenticate``.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.language import language_of
from ledger.errors import EvidenceError, RequestError, SuyuanError, UnavailableError

_log = logging.getLogger("suyuan.api")

MEDIA_TYPE: Final = "application/problem+json"
#: Seconds after which a caller may try again when nothing better is known.
RETRY_AFTER: Final = 1

_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("The request is malformed", "请求格式有误"),
    401: ("A valid token is needed", "需要有效的令牌"),
    403: ("This token may not do that", "此令牌无权进行该操作"),
    404: ("There is no such thing, or not for this token", "不存在，或此令牌不可见"),
    405: ("This method is not offered here", "此处不支持该方法"),
    406: ("Not available in the form asked for", "无法以所请求的格式提供"),
    408: ("The body arrived too slowly", "请求内容传输过慢"),
    409: ("The request conflicts with what is already there", "请求与已有内容冲突"),
    413: ("The body is too large", "请求内容过大"),
    415: ("This media type is not taken", "不接受该媒体类型"),
    422: ("The request cannot be carried out as it stands", "请求无法按原样执行"),
    429: ("Too many requests", "请求过多"),
    500: ("Something here is wrong", "服务内部出错"),
    503: ("This cannot be found out at the moment", "目前无法查明"),
}


class Problem(BaseModel):
    """A failure as RFC 9457 tells it; ``code`` is stable, ``detail`` is for people."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A URN made of the code: the kind of problem.")
    title: str = Field(description="The kind of failure in a few words, in the language asked.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong and how to mend it, in the language asked.")
    instance: str = Field(description="The path that was asked.")
    code: str = Field(description="Stable and dotted; programs look at this.")
    field: str | None = Field(default=None, description="The field, parameter or row to mend.")
    values: dict[str, Any] = Field(description="Limits, figures and identifiers for programs.")


class Refused(RequestError):
    """A request that is refused with a status of its own; subclasses say which."""

    status: ClassVar[int] = 422

    def headers(self) -> dict[str, str]:
        return {}


class Unauthenticated(Refused):
    status = 401

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="suyuan"'}


class Forbidden(Refused):
    status = 403


class NotFound(Refused):
    status = 404


class Conflict(Refused):
    status = 409


class UnsupportedMedia(Refused):
    status = 415


_KEY: Final = "Idempotency-Key"
_NO_KEY: Final = "idempotency.missing"
_MISSING_KEY: Final = (
    "this request needs an Idempotency-Key, so that it can be sent twice and done once",
    "该请求需要 Idempotency-Key 标头，以便重复发送而只执行一次",
)

#: Codes of the ledger layer that are something else than 422.
_STATUS_OF_CODE: Final[Mapping[str, int]] = {
    "idempotency.in-progress": 409,
    "idempotency.missing": 400,
    "evidence.not-yet": 409,
    "evidence.overtaken": 409,
}


def missing_key() -> RequestError:
    """A request that changes something came without its Idempotency-Key."""
    english, chinese = _MISSING_KEY
    return RequestError(english, message_zh=chinese, field=_KEY, code=_NO_KEY)


def not_found(what: str, what_zh: str, field: str, *, code: str) -> NotFound:
    """The thing named by ``field`` does not exist, or the caller may not know that it does."""
    return NotFound(f"{what} is not known", message_zh=f"未找到{what_zh}", field=field, code=code)


# ------------------------------------------------------------------------------- rendering


def body_too_large(scope: Mapping[str, Any], limit: int) -> Response:
    return render(
        scope,
        413,
        "body.too-large",
        (f"at most {limit} bytes are taken here", f"此处最多接受 {limit} 字节"),
        values={"limit": limit},
    )


def body_too_slow(scope: Mapping[str, Any], seconds: float) -> Response:
    return render(
        scope,
        408,
        "body.too-slow",
        (
            f"the body did not arrive within {seconds:g} seconds",
            f"请求内容未在 {seconds:g} 秒内送达",
        ),
        values={"seconds": seconds},
        headers={"Connection": "close"},
    )


def overloaded(scope: Mapping[str, Any]) -> Response:
    return render(
        scope, 503, "overloaded", ("too much is asked at once; try again", "请求过多，请稍后再试")
    )


def render(
    scope: Mapping[str, Any],
    status: int,
    code: str,
    detail: tuple[str, str],
    *,
    field: str | None = None,
    values: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem response; ``detail`` is in English and Chinese, the request's language chooses."""
    which = 1 if language_of(scope) == "zh" else 0
    title = _TITLES.get(status) or (HTTPStatus(status).phrase,) * 2
    body = {
        "type": f"urn:suyuan:problem:{code}",
        "title": title[which],
        "status": status,
        "detail": detail[which],
        "instance": scope.get("path", ""),
        "code": code,
        "field": field,
        "values": _plain(values or {}),
    }
    sent = {"Content-Language": ("en", "zh")[which], **(headers or {})}
    if status in (429, 503):
        sent.setdefault("Retry-After", str(RETRY_AFTER))
    return Response(
        orjson.dumps(body, default=str), status_code=status, headers=sent, media_type=MEDIA_TYPE
    )


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 53:
        return str(value)  # JSON readers lose digits beyond 2**53
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    return value


def problem_of(scope: Mapping[str, Any], error: SuyuanError) -> Response:
    """The response for a failure of the ledger layer or of the API itself."""
    match error:
        case RequestError():
            status, headers = _STATUS_OF_CODE.get(error.code, 422), {}
            if isinstance(error, Refused):
                status, headers = error.status, error.headers()
            return render(
                scope,
                status,
                error.code,
                (error.message("en"), error.message("zh")),
                field=error.field,
                values=error.values,
                headers=headers,
            )
        case UnavailableError():
            _log.warning("%s: %s", error.code, error)
            return render(
                scope,
                503,
                error.code,
                (f"{error}; try again later", f"目前无法查明：{error}；请稍后再试"),
                headers={"Retry-After": str(getattr(error, "retry_after", RETRY_AFTER))},
            )
        case EvidenceError():
            _log.error("%s: %s", error.code, error)
            return render(
                scope,
                500,
                error.code,
                (
                    f"the evidence here does not hold, so nothing is answered from it: {error}",
                    f"此处的证据不成立，因此不据此作答：{error}",
                ),
            )
        case _:
            return _unexpected(scope)


def _unexpected(scope: Mapping[str, Any]) -> Response:
    return render(
        scope,
        500,
        "internal",
        (
            "an error that nobody foresaw; it is in the service's log",
            "发生了未预料的错误，已记入服务日志",
        ),
    )


#: What pydantic's most frequent complaints are called in Chinese; the braces are its figures.
_COMPLAINTS_ZH: Final[Mapping[str, str]] = {
    "missing": "缺失",
    "extra_forbidden": "未知字段",
    "json_invalid": "不是有效的 JSON",
    "string_type": "须为文字",
    "string_too_short": "至少须有 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "须符合格式 {pattern}",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "greater_than": "须大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "须小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "enum": "须为以下之一：{expected}",
    "literal_error": "须为以下之一：{expected}",
    "list_type": "须为列表",
    "dict_type": "须为对象",
    "model_attributes_type": "须为 JSON 对象（Content-Type: application/json）",
    "too_short": "至少须有 {min_length} 个元素",
    "too_long": "最多 {max_length} 个元素",
}


class Unfit(ValueError):
    """A value that is not of its form: what is right, in both languages."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.message_zh = chinese


def _texts(complaint: Mapping[str, Any]) -> tuple[str, str]:
    """A complaint of pydantic's in English and in Chinese."""
    figures = complaint.get("ctx", {})
    error = figures.get("error")
    if isinstance(error, Unfit):
        return str(error), error.message_zh
    chinese = _COMPLAINTS_ZH.get(str(complaint["type"]), "值无效")
    return str(complaint["msg"]), chinese.format_map(figures)


def _field_of(location: Sequence[Any]) -> str | None:
    parts = [str(p) for p in location[1:]] or [str(p) for p in location]
    return ".".join(parts) or None


def invalid_shape(scope: Mapping[str, Any], complaints: Sequence[Mapping[str, Any]]) -> Response:
    """422 for input of the wrong shape; names the first field, and all of them in ``values``."""
    found = []
    for c in complaints:
        where = str(c["loc"][0]) if c.get("loc") else "body"
        # Of what is no JSON the location is a place in the text, not a field.
        field = "body" if c["type"] == "json_invalid" else _field_of(c.get("loc", ()))
        english, chinese = _texts(c)
        code = f"shape.{str(c['type']).replace('_', '-')}"
        found.append({"in": where, "field": field, "code": code, "en": english, "zh": chinese})
    first = found[0]
    if first["code"] == "shape.missing" and str(first["field"]).lower() == "idempotency-key":
        return render(
            scope,
            400,
            _NO_KEY,
            _MISSING_KEY,
            field=_KEY,
        )
    return render(
        scope,
        422,
        str(first["code"]),
        (f"{first['field']}: {first['en']}", f"{first['field']}：{first['zh']}"),
        field=first["field"],
        values={"errors": found[:20]},
    )


_PHRASES: Final[Mapping[int, tuple[str, tuple[str, str]]]] = {
    400: ("body.unreadable", ("the body cannot be read", "无法读取请求内容")),
    404: ("path.unknown", ("there is nothing at this path", "该路径下没有内容")),
    405: ("method.not-offered", ("see the Allow header", "允许的方法见 Allow 标头")),
}


def of_http(scope: Mapping[str, Any], error: HTTPException) -> Response:
    """The response for what the framework refuses: an unknown path or method, an unreadable
    body."""
    code, detail = _PHRASES.get(
        error.status_code, (f"http.{error.status_code}", (str(error.detail),) * 2)
    )
    return render(scope, error.status_code, code, detail, headers=error.headers)


def install(app: FastAPI) -> None:
    """Let every failure of the app leave it as a problem."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, SuyuanError)
        return problem_of(request.scope, error)

    async def shape(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid_shape(request.scope, error.errors())

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return of_http(request.scope, error)

    async def unexpected(request: Request, error: Exception) -> Response:
        _log.error("%s %s", request.method, request.url.path, exc_info=error)
        return _unexpected(request.scope)

    app.add_exception_handler(SuyuanError, ours)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


# -------------------------------------------------------------------------------- OpenAPI

_EXAMPLES: Final[Mapping[int, tuple[str, str, str | None]]] = {
    400: ("idempotency.missing", "this request needs an Idempotency-Key", "Idempotency-Key"),
    401: ("token.missing", "send a token: Authorization: Bearer …", "Authorization"),
    403: ("token.scope", "the token lacks the scope verdicts:write", None),
    404: ("supplier.unknown", "the supplier is not known", "id"),
    408: ("body.too-slow", "the body did not arrive within 10 seconds", None),
    409: ("idempotency.in-progress", "the same request is being carried out", "Idempotency-Key"),
    413: ("body.too-large", "the body is larger than is taken here", None),
    415: ("document.media-type", "text/html is not taken; send application/pdf", "Content-Type"),
    422: ("shape.missing", "quantity: Field required", "quantity"),
    429: ("overloaded", "too much is asked at once; try again", None),
    500: ("internal", "an error that nobody foresaw; it is in the service's log", None),
    503: ("chain.unavailable", "the node did not answer; try again later", None),
}

_HEADERS: Final[Mapping[int, tuple[str, str, str]]] = {
    401: ("WWW-Authenticate", "string", "The scheme to sign in by."),
    429: ("Retry-After", "integer", "Seconds after which to try again."),
    503: ("Retry-After", "integer", "Seconds after which to try again."),
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of an endpoint for its ``responses=``, each with an example.

    Every endpoint can be overloaded (503), refuse a parameter that it does not know (422) or
    fail (500), and one that takes a body (413) can wait for it in vain (408), so these need not
    be named.
    """
    declared: dict[int | str, dict[str, Any]] = {}
    late = {408} if 413 in statuses else set()
    for status in sorted({*statuses, *late, 422, 500, 503}):
        code, detail, field = _EXAMPLES[status]
        example = {
            "type": f"urn:suyuan:problem:{code}",
            "title": _TITLES[status][0],
            "status": status,
            "detail": detail,
            "instance": "/v1/…",
            "code": code,
            "field": field,
            "values": {},
        }
        declared[status] = {
            "description": _TITLES[status][0],
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": example,
                }
            },
        }
        if status in _HEADERS:
            name, kind, text = _HEADERS[status]
            declared[status]["headers"] = {
                name: {"description": text, "schema": {"type": kind}},
            }
    return declared
