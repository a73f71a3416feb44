"""A chain that a node keeps for us: what can be checked of it from outside.

The gateway itself checks every header against its hash and every event against its block
(:mod:`ledger.chain.json_rpc`); here every block is asked for, so that none is missing and each
follows on the one before it. That others agree on this chain, no single node can show.
"""

from ledger.audit.report import Part, Progress
from ledger.chain.deployment import Deployment
from ledger.chain.protocol import Block, LedgerGateway
from ledger.errors import ForeignLedgerError


def check(gateway: LedgerGateway, deployment: Deployment, part: Part, progress: Progress) -> None:
    """Check the contracts' code and the blocks from the ledger's first on."""
    try:
        deployment.verify(gateway)
    except ForeignLedgerError as error:
        part.found(
            "foreign",
            "deployment.json",
            f"the chain is not the pinned one: {error}",
            f"该链不是所固定的链：{error}",
            found=str(error),
        )
        return
    before: Block | None = None
    first, last = deployment.first_block - 1, gateway.final_head().number
    for number in range(first, last + 1):
        block = gateway.block(number)
        if block is None:
            part.found("block-missing", "node", "the block is missing", "缺少该区块", row=number)
        elif before is not None and (block.parent_hash != before.hash or block.time < before.time):
            part.found(
                "parent",
                "node",
                "the block does not follow on the one before it",
                "该区块与前一区块不相接",
                row=number,
                expected=before.hash,
                found=block.parent_hash,
            )
        before = block
        progress("chain", number, last)
    part.count(blocks=last + 1 - first)
