from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from api import problems
from api.accesses import service
from api.auth import Auditor
from api.context import Joined
from api.parameters import Limit, Zone
from api.routing import router
from api.wire import HexText, Moment, OrganisationId, Shape, answer, interval_of
from ledger.typed_data import hexed
from ledger.vocabulary import NO_END

routes = router("accesses")


class AccessBody(Shape):
    number: int
    at: int = Field(description="When, in seconds since 1970 (UTC); of several, the first.")
    organisation: HexText = Field(description="0x alone where nobody's is known.")
    person: str
    action: str
    subject: str
    times: int = Field(
        description="How often, from `at` on: failed sign-ins within an hour are counted together."
    )


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
    organisation: Annotated[
        OrganisationId | None, Query(description="Only by people of this one.")
    ] = None,
    person: Annotated[
        str | None, Query(max_length=120, description="Only by who has this in their name.")
    ] = None,
    action: Annotated[
        str | None, Query(max_length=60, description="Only this.", examples=["document.read"])
    ] = None,
    since: Annotated[
        Moment | None, Query(description="Only from this instant, or this day, on.")
    ] = None,
    until: Annotated[
        Moment | None, Query(description="Only up to this instant, or the end of this day.")
    ] = None,
    zone: Zone = "Asia/Shanghai",
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    limit: Limit = 50,
) -> Response:
    """Documents and verdicts that were read, where goods went; sign-ins, accounts and tokens that
    were made and ended; newest first."""
    start = 0 if since is None else interval_of(since, zone, "since")[0]
    end = NO_END if until is None else interval_of(until, zone, "until")[1]
    wanted = service.Filter(subject, organisation, person, action, (start, end))
    found, following = service.found(context, wanted, limit, before)
    body = AccessList(
        accesses=[
            AccessBody(
                number=number,
                at=a.at,
                organisation=hexed(a.organisation),
                person=a.person,
                action=a.action,
                subject=a.subject,
                times=a.times,
            )
            for number, a in found
        ],
        next=following,
    )
    return answer(body)
