"""Checkpoints for whoever asks, and countersignatures from those who answer for them."""

from typing import Final

from api.checkpoints.schemas import (
    CheckpointBody,
    CheckpointPage,
    ConsistencyBody,
    WitnessBody,
    WitnessRequest,
)
from api.context import Context
from api.problems import not_found
from ledger.errors import RequestError
from ledger.evidence import canonical
from ledger.evidence.bundle import Witness, base64
from ledger.evidence.signed import WitnessedStatement, domain
from ledger.index.checkpoints import KeptCheckpoint
from ledger.index.idempotency import Answer, Once
from ledger.merkle import EMPTY_ROOT
from ledger.signing import signer_of
from ledger.typed_data import hexed
from ledger.vocabulary import AccountState, OrganisationStatus
from ledger.workspace import Workspace

KEPT: Final = 201
#: How far ahead of ours a witness's clock may go, in seconds.
CLOCK_TOLERANCE: Final = 600


def page(context: Context, limit: int, before: int | None) -> CheckpointPage:
    """The newest, newest first."""
    found = context.workspace.store.checkpoints.page(limit + 1, before)
    shown = found[:limit]
    more = len(found) > limit
    return CheckpointPage(
        checkpoints=[_body(kept) for kept in shown], next=shown[-1].block_number if more else None
    )


def latest(context: Context) -> CheckpointBody:
    """The newest that there is."""
    found = context.workspace.store.checkpoints.latest()
    if found is None:
        raise _unknown("block")
    return _body(found)


def at(context: Context, block: int) -> CheckpointBody:
    return _body(_kept(context, block))


def consistency(context: Context, block: int, since: int) -> ConsistencyBody:
    """The path from any size up to this checkpoint's."""
    size = _kept(context, block).size
    _check_since(since, size)
    path = context.workspace.index.log.consistency(since, size)
    return ConsistencyBody(since=since, size=size, path=base64(path))


def evidence(context: Context, block: int, since: int, witnesses: bool) -> bytes:
    """The bundle of kind ``consistency`` from the checkpoint of that size up to this one;
    :class:`RequestError` for a size that no checkpoint has."""
    later = _kept(context, block)
    return context.workspace.evidence.consistency(later, since, witnesses=witnesses)


def anchors(context: Context) -> bytes:
    """What this service would have others trust."""
    return canonical.dumps(context.workspace.checkpoints.anchors().to_json())


def countersign(context: Context, block: int, said: WitnessRequest, once: Once) -> Answer:
    """Keep a countersignature; see :func:`take`."""
    if said.block not in (None, block):
        raise _refusal(
            "block",
            f"the countersignature is of block {said.block}",
            f"副署所指区块为 {said.block}",
            "witness.block",
        )
    witness = Witness(
        said.account,
        said.previous_size,
        said.previous_root,
        said.witnessed_at,
        bytes.fromhex(said.signature[2:]),
    )
    return take(context.workspace, _kept(context, block), witness, once)


def take(
    workspace: Workspace, kept: KeptCheckpoint, witness: Witness, once: Once | None = None
) -> Answer:
    """Keep a countersignature. It must be of a live account of an active organisation: a name
    stands behind it, and nobody fills the table with keys of his own making.

    :class:`RequestError` names the member that is wrong.
    """
    account = workspace.index.account(witness.account)
    organisation = None if account is None else workspace.index.organisation(account.organisation)
    if (
        account is None
        or account.state is not AccountState.LIVE
        or organisation is None
        or organisation.status is not OrganisationStatus.ACTIVE
    ):
        raise _refusal(
            "account",
            "only a live account of an active organisation of this ledger countersigns",
            "只有本账本上有效机构的有效账户才能副署",
            "witness.account",
        )
    _check_time(kept, witness.witnessed_at, workspace.clock())
    _check_since(witness.previous_size, kept.size, "previous_size")
    size = witness.previous_size
    if witness.previous_root != (workspace.index.log.root(size) if size else EMPTY_ROOT):
        raise _refusal(
            "previous_root",
            "this log had another root at that size: keep both, they are two histories",
            "本日志在该长度处的根不同：请保存两者，它们是两份不同的历史",
            "witness.previous",
        )
    _check_signature(workspace, kept, witness)

    def told(first: Witness) -> Answer:
        body = WitnessBody(
            block=kept.block_number,
            account=hexed(first.account),
            organisation=hexed(account.organisation),
            previous_size=first.previous_size,
            previous_root=hexed(first.previous_root),
            witnessed_at=first.witnessed_at,
            signature=hexed(first.signature),
        )
        return Answer(KEPT, body.model_dump_json().encode())

    return workspace.store.checkpoints.countersign(
        kept.block_number, witness, now=workspace.clock(), answer=told, once=once
    )


def _check_time(kept: KeptCheckpoint, witnessed_at: int, now: float) -> None:
    """Nobody saw a block before it was, nor later than now, give or take the clocks."""
    latest = int(now) + CLOCK_TOLERANCE
    if not kept.block_time <= witnessed_at <= latest:
        raise RequestError(
            f"witnessed_at: must be from {kept.block_time}, the block's time, to {latest}, ten "
            "minutes ahead of this service's clock",
            message_zh=f"witnessed_at：须在区块时间 {kept.block_time} 与 {latest}"
            "（本服务时钟之后十分钟）之间",
            field="witnessed_at",
            code="witness.time",
            values={"earliest": kept.block_time, "latest": latest},
        )


def _check_signature(workspace: Workspace, kept: KeptCheckpoint, witness: Witness) -> None:
    ledger = workspace.checkpoints.ledger
    statement = WitnessedStatement(
        kept.size,
        kept.root,
        kept.block_number,
        kept.block_hash,
        witness.previous_size,
        witness.previous_root,
        witness.witnessed_at,
    )
    digest = statement.digest(domain(ledger.chain_id, ledger.contracts["EntryLog"]))
    if signer_of(digest, witness.signature) != witness.account:
        raise _refusal(
            "signature",
            "this is no signature of the account over this checkpoint",
            "不是该账户对此检查点的签名",
            "witness.signature",
        )


def _check_since(since: int, size: int, field: str = "since") -> None:
    if since > size:
        raise RequestError(
            f"{field}: the checkpoint has {size} entries only",
            message_zh=f"{field}：该检查点只有 {size} 条条目",
            field=field,
            code="checkpoint.since",
            values={"size": size},
        )


def _kept(context: Context, block: int) -> KeptCheckpoint:
    found = context.workspace.store.checkpoints.at(block)
    if found is None:
        raise _unknown("block")
    return found


def _body(kept: KeptCheckpoint) -> CheckpointBody:
    return CheckpointBody(
        block=kept.block_number,
        block_hash=hexed(kept.block_hash),
        block_time=kept.block_time,
        size=kept.size,
        root=hexed(kept.root),
        made_at=kept.made_at,
        checkpoint=kept.checkpoint.to_json(),
        nodes=[base64(node) for node in kept.nodes],
    )


def _unknown(field: str) -> Exception:
    return not_found("the checkpoint", "该检查点", field, code="checkpoint.unknown")


def _refusal(field: str, english: str, chinese: str, code: str) -> RequestError:
    return RequestError(
        f"{field}: {english}", message_zh=f"{field}：{chinese}", field=field, code=code
    )
