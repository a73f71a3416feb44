from typing import Annotated

from fastapi import Path, Query, Response

from api import problems
from api.auth import TokensAdmin
from api.context import Joined
from api.parameters import Limit
from api.routing import router
from api.staff.schemas import InvitedBody, RoleRequest, StaffBody, StaffList, StaffRequest
from api.staff.service import Invited
from api.wire import OrganisationId, answer
from ledger.index.staff import StaffAccount
from ledger.typed_data import hexed

routes = router("staff")

StaffId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@routes.post(
    "/staff",
    operation_id="create_staff_account",
    summary="Make a staff account",
    status_code=201,
    response_model=InvitedBody,
    responses=problems.responses(400, 401, 403, 413),
)
def create(body: StaffRequest, caller: TokensAdmin, context: Joined) -> Response:
    """The link with which the person chooses how to sign in is told this once; if it is lost, ask
    for another. No password is ever told or taken here."""
    staff = context.staff
    invited = staff.create(body.organisation, body.person, body.role, body.login, caller)
    return answer(_invited(invited), status=201)


@routes.get(
    "/staff",
    operation_id="list_staff_accounts",
    summary="Staff accounts",
    response_model=StaffList,
    responses=problems.responses(401, 403),
)
def list_all(
    caller: TokensAdmin,
    context: Joined,
    organisation: Annotated[OrganisationId | None, Query(description="Only of this one.")] = None,
    q: Annotated[
        str, Query(max_length=120, description="In the person's or the sign-in name.")
    ] = "",
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Limit = 50,
) -> Response:
    """Oldest first."""
    found = context.staff.book.accounts(organisation, q, limit=limit + 1, after=after)
    following = found[limit - 1].id if len(found) > limit else None
    return answer(StaffList(staff=[told(a) for a in found[:limit]], next=following))


@routes.get(
    "/staff/{id}",
    operation_id="read_staff_account",
    summary="One staff account",
    response_model=StaffBody,
    responses=problems.responses(401, 403, 404),
)
def read(id: StaffId, caller: TokensAdmin, context: Joined) -> Response:
    """As it is now; how it signs in is told, but nothing by which anybody could."""
    return answer(told(context.staff.account(id)))


@routes.post(
    "/staff/{id}/invitation",
    operation_id="invite_staff_account",
    summary="Invite again",
    status_code=201,
    response_model=InvitedBody,
    responses=problems.responses(401, 403, 404),
)
def invite(id: StaffId, caller: TokensAdmin, context: Joined) -> Response:
    """A new link in place of any other: for who lost the first, or the password. A disabled
    account is open again to whoever uses it."""
    return answer(_invited(context.staff.invite(id, caller)), status=201)


@routes.post(
    "/staff/{id}/role",
    operation_id="change_staff_role",
    summary="Another role for an account",
    response_model=StaffBody,
    responses=problems.responses(400, 401, 403, 404, 413),
)
def change_role(id: StaffId, body: RoleRequest, caller: TokensAdmin, context: Joined) -> Response:
    """From now on, for sessions that are open, too."""
    context.staff.change_role(id, body.role, caller)
    return answer(told(context.staff.account(id)))


@routes.delete(
    "/staff/{id}",
    operation_id="disable_staff_account",
    summary="Disable a staff account",
    status_code=204,
    responses=problems.responses(401, 403, 404),
)
def disable(id: StaffId, caller: TokensAdmin, context: Joined) -> Response:
    """Its sessions end now, and how it signed in is forgotten. Doing it again is 404."""
    context.staff.disable(id, caller)
    return Response(status_code=204)


def told(account: StaffAccount) -> StaffBody:
    """What may be told of an account."""
    by = "password" if account.password_hash else "provider" if account.issuer else None
    return StaffBody.model_validate(
        {
            "id": account.id,
            "login": account.login,
            "organisation": hexed(account.organisation),
            "person": account.person,
            "role": account.role,
            "state": account.state,
            "signs_in_by": by,
            "created_at": account.created_at,
            "disabled_at": account.disabled_at,
            "signed_in_at": account.signed_in_at,
        }
    )


def _invited(invited: Invited) -> InvitedBody:
    return InvitedBody(
        **told(invited.account).model_dump(),
        invitation=f"/invitation?code={invited.secret}",
        invitation_expires_at=invited.expires_at,
    )
