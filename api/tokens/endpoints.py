from typing import Annotated

from fastapi import Path, Query, Response

from api import problems
from api.auth import TokensAdmin
from api.context import Joined
from api.routing import router
from api.tokens import service
from api.tokens.schemas import NewTokenBody, TokenList, TokenRequest
from api.wire import OrganisationId, answer

routes = router("tokens")


@routes.post(
    "/tokens",
    operation_id="create_token",
    summary="Make a token",
    status_code=201,
    response_model=NewTokenBody,
    responses=problems.responses(400, 401, 403, 413),
)
def create(body: TokenRequest, caller: TokensAdmin, context: Joined) -> Response:
    """The secret is told this once. If the answer is lost, revoke the token and make another."""
    workspace = context.workspace
    made = service.issue(
        workspace,
        body.organisation,
        body.person,
        body.role,
        now=workspace.clock(),
        lifetime=body.lifetime,
        scopes=body.scopes,
    )
    context.note_access(caller, "token.create", str(made.id))
    return answer(made, status=201)


@routes.get(
    "/tokens",
    operation_id="list_tokens",
    summary="All tokens, without their secrets",
    response_model=TokenList,
    responses=problems.responses(401, 403),
)
def list_all(
    caller: TokensAdmin,
    context: Joined,
    organisation: Annotated[OrganisationId | None, Query(description="Only of this one.")] = None,
) -> Response:
    """Oldest first."""
    found = context.workspace.store.tokens(organisation)
    return answer(TokenList(tokens=[service.told(t) for t in found]))


@routes.delete(
    "/tokens/{id}",
    operation_id="revoke_token",
    summary="Revoke a token",
    status_code=204,
    responses=problems.responses(401, 403, 404),
)
def revoke(
    id: Annotated[int, Path(ge=1, le=2**53)], caller: TokensAdmin, context: Joined
) -> Response:
    """It is refused from now on. Revoking it again is 404: there is no such valid token."""
    service.revoke(context, caller, id)
    return Response(status_code=204)
