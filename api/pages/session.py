"""Who looks at a page: signed in by an access token in a cookie, with forms that only our own
pages can have sent.

Rules this module keeps:

* The cookie carries the token, is unreadable for scripts, never leaves for other sites
  (``SameSite=Strict``), and is sent over https alone where the service is reached by https. It is
  taken by pages only: the JSON interface takes the Authorization header only, so that no other
  site can make a browser use it.
* A form carries a value that follows from a random cookie and the session (a signed double
  submit), masked anew on every page; without it, or when the browser itself says that another site
  sent it, nothing is done. Signing in is such a form, too, and gives a new random cookie: no
  session can be planted.
* Whoever is not signed in is sent to sign in and comes back to a path of this service only.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Request, Response

from api.access import Caller, Scope
from api.context import Context
from api.problems import Forbidden, Unauthenticated

SESSION_COOKIE: Final = "suyuan_session"
FORM_COOKIE: Final = "suyuan_form"
FORM_FIELD: Final = "form_token"
#: A session ends with its token, and at the latest after this many seconds.
SESSION_SECONDS: Final = 12 * 3600

#: Made anew at every start: forms that were open then have to be opened again.
_KEY: Final = secrets.token_bytes(32)


def caller(request: Request, scope: Scope) -> Caller:
    """Who is signed in, if the token has the scope; :class:`Unauthenticated` or
    :class:`Forbidden` otherwise."""
    found = signed_in(request)
    if found is None:
        raise Unauthenticated(
            "sign in first", message_zh="请先登录", field="token", code="token.missing"
        )
    if scope not in found.scopes:
        raise Forbidden(
            f"your token lacks the scope {scope.value}",
            message_zh=f"您的令牌缺少权限 {scope.value}",
            code="token.scope",
            values={"scope": scope.value, "role": found.role.value},
        )
    return found


def signed_in(request: Request) -> Caller | None:
    """Who is signed in, if anybody."""
    secret = request.cookies.get(SESSION_COOKIE)
    if not secret:
        return None
    context = Context.of(request)
    return context.tokens.caller(secret, context.workspace.clock())


def sign_in(request: Request, response: Response, secret: str) -> None:
    """Put the token into the cookie; who calls has made sure that it is valid."""
    _set(request, response, SESSION_COOKIE, secret, SESSION_SECONDS)
    _set(request, response, FORM_COOKIE, secrets.token_urlsafe(24), None)


def sign_out(request: Request, response: Response) -> None:
    for name in (SESSION_COOKIE, FORM_COOKIE):
        response.delete_cookie(
            name, path="/", secure=is_https(request), httponly=True, samesite="strict"
        )


def is_https(request: Request) -> bool:
    settings = Context.of(request).settings
    return settings.tls is not None or settings.behind_proxy or request.url.scheme == "https"


def _set(request: Request, response: Response, name: str, value: str, age: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=age,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="strict",
    )


# ----------------------------------------------------------------------------------- forms


def form_token(request: Request) -> tuple[str, str | None]:
    """The value for a form on this page, and the random cookie to set with it if there was none."""
    cookie = request.cookies.get(FORM_COOKIE)
    if cookie:
        return _masked(_token(request, cookie)), None
    fresh = secrets.token_urlsafe(24)
    return _masked(_token(request, fresh)), fresh


def keep_form_cookie(request: Request, response: Response, fresh: str) -> None:
    _set(request, response, FORM_COOKIE, fresh, None)


def check_form(request: Request, form: Mapping[str, Any]) -> None:
    """Refuse a form that one of our own pages did not send in this session."""
    cookie, sent = request.cookies.get(FORM_COOKIE, ""), form.get(FORM_FIELD)
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    right = isinstance(sent, str) and hmac.compare_digest(_unmasked(sent), _token(request, cookie))
    if foreign or not cookie or not right:
        raise Forbidden(
            "this form was not sent from an open page of yours; open it again and send it anew",
            message_zh="该表单不是从您打开的页面提交的；请重新打开页面后再提交",
            field=FORM_FIELD,
            code="form.foreign",
        )


def _token(request: Request, cookie: str) -> bytes:
    session = request.cookies.get(SESSION_COOKIE, "")
    message = f"{cookie}\0{session}".encode()
    return hmac.new(_KEY, message, hashlib.sha256).digest()


def _masked(token: bytes) -> str:
    """The token under a random mask, with the mask: another text each time."""
    mask = secrets.token_bytes(len(token))
    return (mask + bytes(a ^ b for a, b in zip(mask, token, strict=True))).hex()


def _unmasked(sent: str) -> bytes:
    """The token of a masked one; something that is none for what never was one."""
    try:
        raw = bytes.fromhex(sent)
    except ValueError:
        return b""
    half = len(raw) // 2
    return bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=False))


# ----------------------------------------------------------------------------- coming back


def way_back(request: Request) -> str:
    """The address of the sign-in page that leads back to what was asked for."""
    wanted = request.url.path
    if request.url.query:
        wanted += "?" + request.url.query
    return "/sign-in?next=" + quote(wanted if request.method == "GET" else "/", safe="/")


def own_path(target: str) -> str:
    """The target if it is a path of this service, else the home page: nobody is sent elsewhere."""
    parts = urlsplit(target)
    clean = not any(ord(c) < 33 or c == "\\" for c in target)
    if clean and not parts.scheme and not parts.netloc and target.startswith("/"):
        return target
    return "/"
