"""Bearer tokens on requests: who calls, and whether the token may do what is asked.

A token is ``suyuan_`` and 43 characters of base64url (32 random bytes). Only its SHA-256 is kept
and looked up, so the time it takes says nothing about any token. What was found is believed for
:data:`BELIEVED` seconds; revoking a token here takes effect at once.
"""

import re
import secrets
import threading
import time
from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from api.access import SCOPES_OF, Caller, CallerRole, Scope
from api.context import Context
from api.problems import Forbidden, Unauthenticated
from ledger.index.secrets import secret_hash
from ledger.index.store import Store, Token

PREFIX: Final = "suyuan_"
#: For how many seconds a token that was looked up is not looked up again.
BELIEVED: Final = 1.0
_MAX_CACHED: Final = 10_000
_FORM: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_ROLE: Final = "role:"


def new_secret() -> str:
    """A token's secret: 256 random bits behind a prefix by which leaks can be searched for."""
    return PREFIX + secrets.token_urlsafe(32)


def kept_scopes(role: CallerRole, scopes: Iterable[Scope]) -> tuple[str, ...]:
    """Role and scopes as the store keeps them; scopes beyond the role's are ``ValueError``."""
    wanted = set(scopes)
    if not wanted <= SCOPES_OF[role]:
        raise ValueError("the role does not have these scopes")
    return (_ROLE + role, *sorted(wanted))


def caller_of(token: Token) -> Caller:
    """As whom the token is used. What a role has lost since is lost for its tokens, too."""
    role = next(CallerRole(s[len(_ROLE) :]) for s in token.scopes if s.startswith(_ROLE))
    scopes = frozenset(Scope(s) for s in token.scopes if s in set(Scope)) & SCOPES_OF[role]
    return Caller(str(token.id), token.organisation, token.person, role, scopes)


class Tokens:
    """Finds callers by their secrets. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[bytes, tuple[float, Caller, int | None]] = {}
        self._guard = threading.Lock()

    def caller(self, secret: str, now: float) -> Caller | None:
        """The caller with a valid token of this secret at ``now``, else None."""
        if not _FORM.fullmatch(secret):
            return None
        key = secret_hash(secret)
        fresh = time.monotonic() - BELIEVED
        known = self._found.get(key)
        if known is None or known[0] < fresh:
            token = self._store.find_token(secret, now=now)
            if token is None or token.revoked_at is not None:
                with self._guard:
                    self._found.pop(key, None)
                return None
            known = (time.monotonic(), caller_of(token), token.expires_at)
            with self._guard:
                if len(self._found) >= _MAX_CACHED:
                    self._found.clear()
                self._found[key] = known
        _, caller, expires_at = known
        return None if expires_at is not None and now >= expires_at else caller

    def forget(self) -> None:
        """Look every token up again: one was revoked."""
        with self._guard:
            self._found.clear()


def secret_in(request: Request) -> str | None:
    """The token of the Authorization header; None without one."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def caller_from(request: Request) -> Caller:
    """Who calls; :class:`Unauthenticated` without a valid token."""
    context = Context.of(request)
    secret = secret_in(request)
    if not secret:
        raise Unauthenticated(
            "send a token: Authorization: Bearer suyuan_…",
            message_zh="请发送令牌：Authorization: Bearer suyuan_…",
            field="Authorization",
            code="token.missing",
        )
    caller = context.tokens.caller(secret, context.workspace.clock())
    if caller is None:
        raise Unauthenticated(
            "the token is unknown, revoked or expired",
            message_zh="令牌不存在、已撤销或已过期",
            field="Authorization",
            code="token.invalid",
        )
    return caller


class _Needs(SecurityBase):
    """The caller with a token that has the scope, or with any token where none is named."""

    def __init__(self, scope: Scope | None = None) -> None:
        self.scope = scope
        self.model = HTTPBearer(
            description="A token of a person of an organisation, with scopes; made by an operator."
        )
        self.scheme_name = "token"

    async def __call__(self, request: Request) -> Caller:
        caller = caller_from(request)
        if self.scope is not None and self.scope not in caller.scopes:
            raise Forbidden(
                f"the token lacks the scope {self.scope}",
                message_zh=f"令牌缺少权限 {self.scope}",
                code="token.scope",
                values={"scope": self.scope.value, "role": caller.role.value},
            )
        return caller


def _needs(scope: Scope) -> Any:
    return Security(_Needs(scope), scopes=[scope.value])


#: Whoever has a token; what it may not read is left out of the answer.
AnyCaller = Annotated[Caller, Security(_Needs(), scopes=[])]
SuppliersReader = Annotated[Caller, _needs(Scope.SUPPLIERS_READ)]
VerdictsReader = Annotated[Caller, _needs(Scope.VERDICTS_READ)]
VerdictsAsker = Annotated[Caller, _needs(Scope.VERDICTS_WRITE)]
BatchesReader = Annotated[Caller, _needs(Scope.BATCHES_READ)]
EntriesReader = Annotated[Caller, _needs(Scope.ENTRIES_READ)]
EntriesWriter = Annotated[Caller, _needs(Scope.ENTRIES_WRITE)]
DocumentsReader = Annotated[Caller, _needs(Scope.DOCUMENTS_READ)]
DocumentsWriter = Annotated[Caller, _needs(Scope.DOCUMENTS_WRITE)]
TokensAdmin = Annotated[Caller, _needs(Scope.TOKENS_ADMIN)]
Operator = Annotated[Caller, _needs(Scope.OPERATIONS_READ)]
Auditor = Annotated[Caller, _needs(Scope.AUDIT_READ)]
