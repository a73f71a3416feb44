"""Checkpoints as they go over the wire."""

from typing import Any

from pydantic import Field

from api.wire import AccountAddress, Hash, HexText, Shape
from ledger.evidence.canonical import MAX_INTEGER


class CheckpointBody(Shape):
    """What the log was after a block, and who says so."""

    block: int = Field(ge=0)
    block_hash: HexText
    block_time: int = Field(description="Seconds since 1970 (UTC).")
    size: int = Field(ge=0, description="Entries in the log.")
    root: HexText = Field(description="Root of the log (RFC 6962 with keccak-256).")
    made_at: int = Field(description="Seconds since 1970 (UTC).")
    checkpoint: dict[str, Any] = Field(
        description="The checkpoint as evidence has it, with every countersignature up to now."
    )
    nodes: list[str] = Field(
        description="Trie nodes (base64 of RLP) that prove size and root in the block's state."
    )


class CheckpointPage(Shape):
    checkpoints: list[CheckpointBody]
    next: int | None = Field(description="`before` of the next page; null at the end.")


class ConsistencyBody(Shape):
    """That the log of `size` entries begins with that of `since` entries."""

    since: int
    size: int
    path: str = Field(description="Base64 of the hashes of RFC 6962, section 2.1.2, joined.")


class WitnessRequest(Shape):
    """A countersignature, made where the witness's key is.

    `signature` (64 bytes, EIP-2098) is over the EIP-712 struct `WitnessedCheckpoint(uint64 size,
    bytes32 root,uint64 blockNumber,bytes32 blockHash,uint64 previousSize,bytes32 previousRoot,
    uint40 witnessedAt)` in the domain of `EntryLog`: "I had seen the log at previousSize with
    previousRoot (0 and zeros: never) and checked that this one extends it". The file that
    `suyuan witness --out` writes is such a request as it stands.
    """

    block: int | None = Field(
        default=None, ge=0, le=MAX_INTEGER, description="If given, the block of the path."
    )

    account: AccountAddress
    previous_size: int = Field(ge=0, le=MAX_INTEGER)
    previous_root: Hash
    witnessed_at: int = Field(
        ge=0,
        lt=1 << 40,
        description="Seconds since 1970 (UTC); from the block's time to ten minutes from now.",
    )
    signature: str = Field(pattern="^0x[0-9a-f]{128}$")


class WitnessBody(Shape):
    """A countersignature as it is kept."""

    block: int
    account: HexText
    organisation: HexText = Field(description="Whose account it is on the ledger.")
    previous_size: int
    previous_root: HexText
    witnessed_at: int
    signature: HexText
