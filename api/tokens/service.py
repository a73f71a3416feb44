"""Making and revoking tokens; also for the command line, which works on the open ledger."""

from collections.abc import Iterable, Mapping
from typing import Final
from unicodedata import category

from api.access import SCOPES_OF, Caller, CallerRole, Scope
from api.auth import caller_of, kept_scopes, new_secret
from api.context import Context
from api.problems import not_found
from api.tokens.schemas import MAX_PERSON, NewTokenBody, TokenBody
from ledger.errors import RequestError
from ledger.index.repository import Index
from ledger.index.store import Token
from ledger.typed_data import hexed
from ledger.vocabulary import OrganisationStatus, Role
from ledger.workspace import Workspace

#: What an organisation must be on the ledger, one of these, for its people to have the role.
ROLES_OF: Final[Mapping[CallerRole, Role]] = {
    CallerRole.PROCUREMENT: Role.BUYER,
    CallerRole.AUDITOR: Role.AUDITOR,
    CallerRole.SUPPLIER: Role.SUPPLIER | Role.STORE,
    CallerRole.ISSUER: (
        Role.AUTHORITY | Role.ISSUER | Role.LABORATORY | Role.REVIEWER | Role.MIRROR
    ),
}


def issue(
    workspace: Workspace,
    organisation: bytes,
    person: str,
    role: CallerRole,
    *,
    now: float,
    lifetime: int,
    scopes: Iterable[Scope] | None = None,
) -> NewTokenBody:
    """Make a token that expires after ``lifetime`` seconds; its secret is in the answer only.

    :class:`RequestError` names ``organisation`` if it is not registered on the ledger, ``role`` if
    it is not there what the role asks for (an operator's may be any), ``person`` or ``scopes``.
    """
    check_role(workspace.index, organisation, role)
    check_person(person)
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
    token = workspace.store.create_token(
        secret,
        organisation=organisation,
        person=person,
        scopes=kept_scopes(role, wanted),
        now=now,
        expires_at=int(now) + lifetime,
    )
    return NewTokenBody(**told(token).model_dump(), secret=secret)


def check_person(person: str) -> None:
    """Refuse what is no name of a person."""
    if not 1 <= len(person.strip()) <= MAX_PERSON or any(category(c) == "Cc" for c in person):
        raise RequestError(
            f"person: must have 1 to {MAX_PERSON} characters and no control characters",
            message_zh=f"person：须为 1 至 {MAX_PERSON} 个字符，且不含控制字符",
            field="person",
            code="token.person",
        )


def check_role(index: Index, organisation: bytes, role: CallerRole) -> None:
    """Refuse a role for people of an organisation that is not on the ledger what it asks for;
    :class:`RequestError` as for :func:`issue`."""
    found = index.organisation(organisation)
    if found is None or found.status is OrganisationStatus.LISTED:
        raise RequestError(
            "organisation: is not registered on the ledger",
            message_zh="organisation：账本上没有登记此组织",
            field="organisation",
            code="token.organisation",
        )
    asked = ROLES_OF.get(role)
    if asked is not None and not found.roles & asked:
        names = [r.name for r in asked if r.name]
        raise RequestError(
            f"role: {role} needs an organisation that is {' or '.join(names)} on the ledger; "
            "this one is not",
            message_zh=f"role：{role} 要求该组织在账本上具有 {'、'.join(names)} 角色；此组织没有",
            field="role",
            code="token.role",
            values={
                "role": role.value,
                "needed": names,
                "roles": [r.name for r in found.roles if r.name],
            },
        )


def revoke(context: Context, by: Caller, id_: int) -> None:
    """Refuse the token from now on; :class:`NotFound` if there is no such valid one."""
    workspace = context.workspace
    if not workspace.store.revoke_token(id_, now=workspace.clock()):
        raise not_found("the token", "该令牌", "id", code="token.unknown")
    context.tokens.forget()
    context.note_access(by, "token.revoke", str(id_))


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
