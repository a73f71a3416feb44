from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import Field

from api import problems
from api.auth import EntriesReader
from api.context import Joined
from api.routing import router
from api.wire import (
    POSITION_HEADERS,
    AccountAddress,
    HexText,
    Position,
    Shape,
    answer,
    hexed,
)

routes = router("accounts")

Contract = Literal["ParticipantRegistry", "QualificationRegistry"]


class NonceBody(Shape):
    """The lowest nonce above all that the account has used in the contract, as recorded."""

    address: HexText
    contract: Contract
    next: str = Field(pattern="^[0-9]+$", description="In decimal digits (up to 64 bits).")
    ledger: Position


_OK: dict[int | str, dict[str, Any]] = {200: {"headers": POSITION_HEADERS}}


@routes.get(
    "/accounts/{address}/nonce",
    operation_id="next_nonce",
    summary="The next nonce of an account in a contract",
    response_model=NonceBody,
    responses={**_OK, **problems.responses(401, 403)},
)
def next_nonce(
    address: AccountAddress,
    caller: EntriesReader,
    context: Joined,
    contract: Annotated[Contract, Query(description="Each contract counts for itself.")],
) -> Response:
    """Entries on the way are not counted: who signs several counts on from here."""
    position = context.position
    found = context.workspace.index.next_nonce(contract, address)
    body = NonceBody(
        address=hexed(address),
        contract=contract,
        next=str(found),
        ledger=Position(position=position),
    )
    return answer(body, position)
