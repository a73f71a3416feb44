"""Who looks at a page: signed in by a secret in a cookie, with forms that only our own pages can
have sent.

Rules this module keeps:

* The cookie names a session that is kept here (``api.staff.sessions``), is unreadable for scripts,
  never leaves for other sites (``SameSite=Strict``), and where the service is reached by https is
  sent by https alone and set by this host alone (``__Host-``). It is taken by pages only: the JSON
  interface takes the Authorization header only, so that no other site can make a browser use it,
  and pages take no token.
* A form carries a value that follows from a random cookie and the session (a signed double
  submit), masked anew on every page; without it, or when the browser itself says that another site
  sent it, nothing is done. Signing in is such a form, too, and gives a new secret and a new random
  cookie: no session can be planted.
* Whoever is not signed in is sent to sign in and comes back to a path of this service only.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from starlette.routing import Match

from api.access import Caller, Scope
from api.context import Context
from api.problems import Forbidden, Unauthenticated
from api.staff.service import SignedIn, Visit
from ledger.index.staff import StaffAccount, StaffSession

SESSION_COOKIE: Final = "suyuan_session"
FORM_COOKIE: Final = "suyuan_form"
#: By which a browser is known in which somebody signed in before; it lets nobody in.
BROWSER_COOKIE: Final = "suyuan_browser"
FORM_FIELD: Final = "form_token"
_KNOWN_SECONDS: Final = 400 * 86400

#: Made anew at every start: forms that were open then have to be opened again.
_KEY: Final = secrets.token_bytes(32)


def caller(request: Request, scope: Scope) -> Caller:
    """Who is signed in, if the role has the scope; :class:`Unauthenticated` or
    :class:`Forbidden` otherwise."""
    found = anybody(request)
    if scope not in found.scopes:
        raise Forbidden(
            f"your role does not have the permission {scope.value}",
            message_zh=f"您的角色没有权限 {scope.value}",
            code="token.scope",
            values={"scope": scope.value, "role": found.role.value},
        )
    return found


def anybody(request: Request) -> Caller:
    """Who is signed in, in whatever role; :class:`Unauthenticated` if nobody is."""
    found = signed_in(request)
    if found is None:
        raise _nobody()
    return found


def signed_in(request: Request) -> Caller | None:
    """Who is signed in, if anybody."""
    given = secret(request)
    if not given:
        return None
    context = Context.of(request)
    return context.staff.sessions.caller(given, context.workspace.clock())


def is_believed(request: Request) -> bool:
    """Whether who is signed in is known without asking the database."""
    return Context.of(request).staff.sessions.believes(secret(request))


def _nobody() -> Unauthenticated:
    return Unauthenticated("sign in first", message_zh="请先登录", code="token.missing")


def current(request: Request) -> tuple[StaffSession, StaffAccount]:
    """This browser's session, and whose it is; :class:`Unauthenticated` without one."""
    context = Context.of(request)
    found = context.staff.sessions.current(secret(request), context.workspace.clock())
    if found is None:
        raise _nobody()
    return found


def visit(request: Request) -> Visit:
    """From where somebody comes who wants to sign in."""
    address = request.client.host if request.client else ""
    if Context.of(request).settings.behind_proxy:
        # Of a proxy that is trusted, the server has put in what it says. Any other's own address
        # is everybody's.
        named = request.headers.get("x-forwarded-for", "").split(",")
        if address not in (name.strip() for name in named):
            address = ""
    return Visit(
        address,
        request.headers.get("user-agent", ""),
        cookie(request, BROWSER_COOKIE)[:100],
        secret(request)[:100],
    )


def sign_in(request: Request, response: Response, signed: SignedIn) -> None:
    """Give the browser its new session."""
    keep(request, response, SESSION_COOKIE, signed.session)
    keep(request, response, FORM_COOKIE, secrets.token_urlsafe(24))
    keep(request, response, BROWSER_COOKIE, signed.known, age=_KNOWN_SECONDS)


def sign_out(request: Request, response: Response) -> None:
    """End this browser's session, here and there."""
    context = Context.of(request)
    found = context.staff.sessions.current(secret(request), context.workspace.clock())
    if found is not None:
        context.staff.sign_out(*found)
    for name in (SESSION_COOKIE, FORM_COOKIE):
        drop(request, response, name)


# --------------------------------------------------------------------------------- cookies


def cookie(request: Request, name: str) -> str:
    """What the browser has under this name; "" if nothing."""
    return request.cookies.get(cookie_name(request, name), "")


def cookie_name(request: Request, name: str) -> str:
    """The name as browsers know it: by https it says that only this host may have set it."""
    return f"__Host-{name}" if is_https(request) else name


def keep(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    age: int | None = None,
    across: bool = False,
) -> None:
    """Let the browser keep it for ``age`` seconds, or until it is closed. ``across``: it comes
    along, too, when another site sends the reader here."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=age,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax" if across else "strict",
    )


def drop(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(
        cookie_name(request, name),
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="strict",
    )


def is_https(request: Request) -> bool:
    settings = Context.of(request).settings
    return settings.tls is not None or settings.behind_proxy or request.url.scheme == "https"


# ----------------------------------------------------------------------------------- forms


def form_token(request: Request) -> tuple[str, str | None]:
    """The value for a form on this page, and the random cookie to set with it if there was none."""
    kept = cookie(request, FORM_COOKIE)
    if kept:
        return _masked(_token(request, kept)), None
    fresh = secrets.token_urlsafe(24)
    return _masked(_token(request, fresh)), fresh


def keep_form_cookie(request: Request, response: Response, fresh: str) -> None:
    keep(request, response, FORM_COOKIE, fresh)


def check_form(request: Request, form: Mapping[str, Any]) -> None:
    """Refuse a form that one of our own pages did not send in this session."""
    kept, sent = cookie(request, FORM_COOKIE), form.get(FORM_FIELD)
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    right = isinstance(sent, str) and hmac.compare_digest(_unmasked(sent), _token(request, kept))
    if foreign or not kept or not right:
        raise Forbidden(
            "this form was not sent from an open page of yours; open it again and send it anew",
            message_zh="该表单不是从您打开的页面提交的；请重新打开页面后再提交",
            field=FORM_FIELD,
            code="form.foreign",
        )


def _token(request: Request, kept: str) -> bytes:
    message = f"{kept}\0{secret(request)}".encode()
    return hmac.new(_KEY, message, hashlib.sha256).digest()


def secret(request: Request) -> str:
    """The secret of the browser's session; "" without one."""
    return cookie(request, SESSION_COOKIE)


def seal(secret: str, content: bytes) -> str:
    """What tells a page's own content when a form brings it back: of this service, since it was
    started, and for the session with this secret (the session cookie's value)."""
    return hmac.new(_KEY, f"seal\0{secret}\0".encode() + content, hashlib.sha256).hexdigest()


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
    """The address of the sign-in page that leads back to what was asked for, or to the page of the
    form that was sent. Who was signed in before is told that the session has ended."""
    path, ended = request.url.path, ""
    wanted = path if request.method == "GET" else nearest_page(request)
    if request.url.query and wanted == path:
        wanted += "?" + request.url.query
    if secret(request):
        ended = "&ended=" + ("page" if request.method == "GET" else "form")
    return "/sign-in?next=" + quote(wanted, safe="/") + ended


def nearest_page(request: Request) -> str:
    """The first address, from this one upwards, that a reader can open: where a form stands that
    was sent here."""
    path = request.url.path
    while path:
        scope = {**request.scope, "method": "GET", "path": path}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            return path
        path = path.rpartition("/")[0]
    return "/"


def own_path(target: str) -> str:
    """The target if it is a path of this service, else the home page: nobody is sent elsewhere."""
    parts = urlsplit(target)
    clean = not any(ord(c) < 33 or c == "\\" for c in target)
    # Browsers read any number of slashes as the beginning of a host.
    inside = target.startswith("/") and not target.startswith("//")
    if clean and inside and not parts.scheme and not parts.netloc:
        return quote(target, safe="/?&=%:@!$'()*+,;~[]#")
    return "/"
