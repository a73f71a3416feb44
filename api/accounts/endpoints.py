from typing import Annotated, Any, Literal

from fastapi import Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api import problems
from api.access import SupplierRecord, may_see
from api.accounts.dependents import DependentsBody, dependents_body
from api.auth import Auditor, EntriesReader
from api.context import Joined
from api.parameters import DEFAULT_ZONE, Zone
from api.routing import router
from api.suppliers.service import role_words
from api.wire import (
    POSITION_HEADERS,
    AccountAddress,
    HexText,
    Moment,
    Position,
    Shape,
    answer,
    interval_of,
)
from ledger.replaying import shaken
from ledger.typed_data import hexed

routes = router("accounts")

Contract = Literal[
    "ParticipantRegistry", "QualificationRegistry", "BatchLedger", "LogisticUnits", "BatchOversight"
]


class AccountBody(Shape):
    """An account as it is now; what it may do is what its roles and its organisation's share."""

    address: HexText
    organisation: HexText
    roles: list[str]
    state: Literal["live", "disabled", "removed", "compromised"]
    own: bool = Field(description="Whether it is an account of the token's organisation.")
    ledger: Position


class NonceBody(Shape):
    """The lowest nonce above all that the account has used in the contract, as recorded."""

    address: HexText
    contract: Contract
    next: str = Field(pattern="^[0-9]+$", description="In decimal digits (up to 64 bits).")
    ledger: Position


_OK: dict[int | str, dict[str, Any]] = {200: {"headers": POSITION_HEADERS}}


@routes.get(
    "/accounts/{address}",
    operation_id="read_account",
    summary="An account and whose it is",
    response_model=AccountBody,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
def read(address: AccountAddress, caller: EntriesReader, context: Joined) -> Response:
    """For everyone who may see its organisation."""
    position = context.position
    found = context.workspace.index.account(address)
    if found is None or not may_see(caller, SupplierRecord(found.organisation)):
        raise problems.not_found("the account", "该账户", "address", code="account.unknown")
    body = AccountBody(
        address=hexed(address),
        organisation=hexed(found.organisation),
        roles=role_words(found.roles),
        state=found.state.name.lower(),
        own=found.organisation == caller.organisation,
        ledger=Position(position=position),
    )
    return answer(body, position)


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


@routes.get(
    "/accounts/{address}/dependents",
    operation_id="list_dependents",
    summary="What depends on an account's key from a time on",
    response_model=DependentsBody,
    responses={**_OK, **problems.responses(401, 403, 404)},
)
async def dependents(
    address: AccountAddress,
    caller: Auditor,
    context: Joined,
    since: Annotated[Moment, Query(description="From when on the key is, or may be, bad.")],
    zone: Zone = DEFAULT_ZONE,
) -> Response:
    """For auditors, before or after the key is declared compromised. Reads the whole ledger: it
    takes a second or so for each twenty thousand entries."""
    start, _ = interval_of(since, zone, "since")
    if context.workspace.index.account(address) is None:
        raise problems.not_found("the account", "该账户", "address", code="account.unknown")
    context.note_access(caller, "dependents.read", hexed(address))
    found = await run_in_threadpool(shaken, context.workspace, address, start)
    return answer(dependents_body(found), found.position)
