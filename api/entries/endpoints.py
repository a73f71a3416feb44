import re
from typing import Annotated, Any

from fastapi import Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import PlainValidator, WithJsonSchema

from api import problems
from api.auth import EntriesReader, EntriesWriter
from api.context import Joined
from api.entries import service
from api.entries.schemas import REQUEST_BODY, AcceptedBody, EntryBody
from api.parameters import MinPosition, RequiredIdempotencyKey, once
from api.routing import router
from api.wire import POSITION_HEADERS, answer

routes = router("entries")


def _reference(value: Any) -> bytes | int:
    text = str(value)
    if re.fullmatch("0x[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text[2:])
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    raise problems.Unfit(
        "must be a digest (0x and 64 hexadecimal digits) or a sequence number",
        "须为摘要（0x 加 64 位十六进制）或序号",
    )


EntryReference = Annotated[
    bytes | int,
    PlainValidator(_reference),
    WithJsonSchema(
        {"type": "string", "pattern": "^(0x[0-9a-fA-F]{64}|0|[1-9][0-9]{0,14})$"},
    ),
    Path(description="The entry's EIP-712 digest, or its sequence number in the log."),
]


@routes.post(
    "/entries",
    operation_id="submit_entries",
    summary="Hand in signed entries",
    status_code=service.ACCEPTED,
    response_model=AcceptedBody,
    responses={
        202: {"description": "On disk; each will be final or refused"},
        **problems.responses(400, 401, 403, 409, 413),
    },
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def submit(
    request: Request,
    caller: EntriesWriter,
    context: Joined,
    idempotency_key: RequiredIdempotencyKey,
) -> Response:
    """One signed entry or a list: all are accepted, or none.

    Keys never come here: entries are signed where the key is. The domains to sign in are at
    `/v1/ledger`, the next nonce at `/v1/accounts/{address}/nonce`.
    """
    raw = await request.body()
    asked = once(caller, idempotency_key, "submit_entries", raw)
    workspace = context.workspace
    with workspace.store.once(asked) as earlier:
        if earlier is not None:
            return answer(earlier.body, status=earlier.status)
        statuses = await run_in_threadpool(service.hand_in, context, caller, raw, asked)
    workspace.wake()
    return answer(service.accepted(statuses).body, status=service.ACCEPTED)


@routes.get(
    "/entries/{id}",
    operation_id="read_entry",
    summary="Where an entry stands",
    response_model=EntryBody,
    responses={200: {"headers": POSITION_HEADERS}, **problems.responses(401, 403, 404)},
)
async def read(
    id: EntryReference, caller: EntriesReader, context: Joined, min_position: MinPosition = None
) -> Response:
    """Its state on the way and, once final, the entry as the ledger recorded it.

    A refusal says why in both languages, with the contract's error and its values.
    """
    await context.reach(min_position)
    found = await run_in_threadpool(service.find, context, caller, id)
    return answer(found, found.ledger.position)
