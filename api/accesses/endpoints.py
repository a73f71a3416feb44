from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from api import problems
from api.auth import Auditor
from api.context import Joined
from api.parameters import Limit
from api.routing import router
from api.wire import HexText, Shape, answer
from ledger.typed_data import hexed

routes = router("accesses")


class AccessBody(Shape):
    number: int
    at: int
    organisation: HexText
    person: str
    action: str
    subject: str


class AccessList(Shape):
    accesses: list[AccessBody]
    next: int | None = Field(description="Send it as `before` for the next page.")


@routes.get(
    "/accesses",
    operation_id="list_accesses",
    summary="Who looked at what",
    response_model=AccessList,
    responses=problems.responses(401, 403),
)
def list_all(
    caller: Auditor,
    context: Joined,
    subject: Annotated[
        str | None, Query(max_length=100, description="Only looks at this: a hash or an id.")
    ] = None,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    limit: Limit = 50,
) -> Response:
    """Documents and verdicts that were read, tokens that were made and revoked; newest first."""
    found = context.workspace.store.accesses(subject=subject, limit=limit, before=before)
    body = AccessList(
        accesses=[
            AccessBody(
                number=number,
                at=a.at,
                organisation=hexed(a.organisation),
                person=a.person,
                action=a.action,
                subject=a.subject,
            )
            for number, a in found
        ],
        next=found[-1][0] if len(found) == limit else None,
    )
    return answer(body)
