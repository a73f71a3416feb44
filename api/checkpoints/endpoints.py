"""Checkpoints are public: they name no entry and nobody, and are worth the more the more people
hold them. Countersigning needs a token and a live account."""

from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import problems
from api.auth import EntriesWriter
from api.checkpoints import service
from api.checkpoints.schemas import (
    CheckpointBody,
    CheckpointPage,
    ConsistencyBody,
    WitnessBody,
    WitnessRequest,
)
from api.context import Joined
from api.parameters import Limit, RequiredIdempotencyKey, once
from api.routing import router
from api.wire import answer

routes = router("checkpoints")

Block = Annotated[int, Path(ge=0, le=2**53, description="Number of the checkpoint's block.")]
Since = Annotated[
    int, Query(ge=0, le=2**53, description="Number of entries that the reader's log has.")
]


@routes.get(
    "/checkpoints",
    operation_id="list_checkpoints",
    summary="Checkpoints of the log",
    response_model=CheckpointPage,
    responses=problems.responses(),
)
def list_all(
    context: Joined,
    limit: Limit = 20,
    before: Annotated[
        int | None, Query(ge=0, le=2**53, description="Only those at lower blocks.")
    ] = None,
) -> Response:
    """Public, newest first. Keep those that you have seen: who holds an old one notices when
    history is rewritten."""
    return answer(service.page(context, limit, before))


@routes.get(
    "/checkpoints/latest",
    operation_id="read_latest_checkpoint",
    summary="The newest checkpoint",
    response_model=CheckpointBody,
    responses=problems.responses(404),
)
def latest(context: Joined) -> Response:
    """Public. At most a minute older than the newest entry while the ledger moves."""
    return answer(service.latest(context))


@routes.get(
    "/checkpoints/{block}",
    operation_id="read_checkpoint",
    summary="The checkpoint at a block",
    response_model=CheckpointBody,
    responses=problems.responses(404),
)
def read(block: Block, context: Joined) -> Response:
    """Public."""
    return answer(service.at(context, block))


@routes.get(
    "/checkpoints/{block}/consistency",
    operation_id="read_consistency",
    summary="That the log only grew",
    response_model=ConsistencyBody,
    responses=problems.responses(404),
)
def consistency(block: Block, context: Joined, since: Since) -> Response:
    """Public: the path from a size that the reader knows to this checkpoint's; with the root that
    the reader holds it shows whether that log is the beginning of this one."""
    return answer(service.consistency(context, block, since))


@routes.get(
    "/checkpoints/{block}/evidence",
    operation_id="read_checkpoint_evidence",
    summary="Evidence that one checkpoint extends another",
    response_class=Response,
    responses={
        200: {
            "description": "A bundle of kind `consistency`, canonical.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems.responses(404),
    },
)
def evidence(
    block: Block,
    context: Joined,
    since: Since,
    witnesses: Annotated[
        bool, Query(description="With the countersignatures of both up to now.")
    ] = False,
) -> Response:
    """Public: from the checkpoint that this service holds of a log of `since` entries."""
    return answer(service.evidence(context, block, since, witnesses))


@routes.post(
    "/checkpoints/{block}/witnesses",
    operation_id="countersign_checkpoint",
    summary="Countersign a checkpoint",
    status_code=service.KEPT,
    response_model=WitnessBody,
    responses=problems.responses(400, 401, 403, 404, 409, 413),
)
async def countersign(
    block: Block,
    body: WitnessRequest,
    request: Request,
    caller: EntriesWriter,
    context: Joined,
    idempotency_key: RequiredIdempotencyKey,
) -> Response:
    """Any organisation's live account on the ledger may: so that each countersignature is
    somebody's who is known. What an account once said of a block stays."""
    raw = await request.body()
    asked = once(caller, idempotency_key, f"countersign_checkpoint {block}", raw)
    with context.workspace.store.once(asked) as earlier:
        if earlier is not None:
            return answer(earlier.body, status=earlier.status)
        kept = await run_in_threadpool(service.countersign, context, block, body, asked)
    return answer(kept.body, status=kept.status)


@routes.get(
    "/anchors",
    operation_id="read_anchors",
    summary="What this service would have you trust",
    response_class=Response,
    responses={
        200: {
            "description": "An anchors file.",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        **problems.responses(),
    },
)
def anchors(context: Joined) -> Response:
    """Public: chain, contracts, founding and keys that evidence of this ledger is verified
    against. **Whoever takes it from here alone trusts this service with everything**: obtain it,
    or compare it, by another way (in print, from the authority, from a witness)."""
    return answer(service.anchors(context))
