"""Making and revoking tokens; also for the command line, which works on the open ledger."""

from collections.abc import Iterable

from api.access import SCOPES_OF, CallerRole, Scope
from api.auth import caller_of, kept_scopes, new_secret
from api.tokens.schemas import NewTokenBody, TokenBody
from api.wire import hexed
from ledger.errors import RequestError
from ledger.index.store import Store, Token


def issue(
    store: Store,
    organisation: bytes,
    person: str,
    role: CallerRole,
    *,
    now: float,
    lifetime: int,
    scopes: Iterable[Scope] | None = None,
) -> NewTokenBody:
    """Make a token that expires after ``lifetime`` seconds; its secret is in the answer only."""
    wanted = set(SCOPES_OF[role]) if scopes is None else set(scopes)
    beyond = sorted(wanted - SCOPES_OF[role])
    if beyond:
        raise RequestError(
            f"scopes: the role {role} does not have {', '.join(beyond)}",
            message_zh=f"scopes：角色 {role} 没有权限 {'、'.join(beyond)}",
            field="scopes",
            code="token.scopes",
            values={"known": sorted(SCOPES_OF[role])},
        )
    secret = new_secret()
    token = store.create_token(
        secret,
        organisation=organisation,
        person=person,
        scopes=kept_scopes(role, wanted),
        now=now,
        expires_at=int(now) + lifetime,
    )
    return NewTokenBody(**told(token).model_dump(), secret=secret)


def told(token: Token) -> TokenBody:
    """What may be told of a token."""
    caller = caller_of(token)
    return TokenBody(
        id=token.id,
        organisation=hexed(token.organisation),
        person=token.person,
        role=caller.role,
        scopes=sorted(caller.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used=token.last_used,
    )
