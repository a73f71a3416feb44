"""How the service does, and what ledger it is."""

from collections.abc import Iterator

from api.context import Context
from api.meta.schemas import (
    ActionBody,
    ContractBody,
    DomainBody,
    FoundingBody,
    HealthBody,
    LedgerBody,
)
from api.wire import Position
from ledger.errors import SuyuanError
from ledger.typed_data import ACTIONS, hexed

#: A transaction whose end is not known after so many seconds is a reason to look (R8).
_SLOW = 60.0


def health(context: Context) -> HealthBody:
    """Reads the database, so that a dead one is seen; what the chain says was seen before."""
    workspace = context.workspace
    relay = workspace.relay.health()
    reasons = []
    trouble = workspace.trouble
    if trouble is not None:
        # The text may name nodes and files; it is in the log.
        reasons.append(trouble.code if isinstance(trouble, SuyuanError) else "internal")
    if workspace.checkpoints.trouble is not None:
        reasons.append(workspace.checkpoints.trouble.code)
    if relay.oldest is not None and workspace.clock() - relay.oldest > _SLOW:
        reasons.append("relay.slow")
    if relay.queued >= context.workspace.store.outbox.queue_limit:
        reasons.append("relay.full")
    return HealthBody(
        status="degraded" if reasons else "ok",
        reasons=reasons,
        ledger=Position(position=context.position),
        queued=relay.queued,
        under_way=relay.under_way,
    )


def metrics(context: Context) -> Iterator[str]:
    """Prometheus text, line by line."""
    now = health(context)
    for name, kind, value in (
        ("suyuan_ledger_position", "gauge", now.ledger.position),
        ("suyuan_entries_queued", "gauge", now.queued),
        ("suyuan_transactions_under_way", "gauge", now.under_way),
        ("suyuan_degraded", "gauge", len(now.reasons)),
    ):
        yield f"# TYPE {name} {kind}"
        yield f"{name} {value}"
    yield from context.measures.lines()


def ledger(context: Context) -> LedgerBody:
    """The pinned identity, and what entries are signed with."""
    workspace = context.workspace
    deployment = workspace.deployment
    founding = workspace.index.founding()
    position = workspace.index.position()
    return LedgerBody(
        chain_id=deployment.chain_id,
        genesis_hash=hexed(deployment.genesis_hash),
        contracts=[
            ContractBody(
                name=c.name, address=hexed(c.address), code_hash=hexed(c.code_hash), block=c.block
            )
            for c in deployment.contracts.values()
        ],
        domains={
            name: DomainBody(
                name=f"Suyuan {name}",
                version="1",
                chainId=domain.chain_id,
                verifyingContract=hexed(domain.address),
            )
            for name, domain in workspace.domains.items()
        },
        actions={
            a.name: ActionBody(contract=a.contract, type=a.type_string, authority=a.authority)
            for a in ACTIONS.values()
        },
        founding=FoundingBody(
            organisation=hexed(founding.organisation),
            identifier_kind=founding.identifier_kind,
            identifier=founding.identifier,
            name_zh=founding.name_zh,
            name_en=founding.name_en,
            accounts=[hexed(a) for a in founding.accounts],
            quorum=founding.quorum,
            max_lateness=founding.max_lateness,
            founded_at=founding.founded_at,
        ),
        root=hexed(position.root),
        ledger=Position(position=position.size),
    )
