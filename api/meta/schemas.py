"""Health, and the identity of the ledger."""

from typing import Literal

from pydantic import Field

from api.wire import HexText, Position, Shape


class HealthBody(Shape):
    """`degraded`: reading works, and what is accepted waits; `reasons` are codes."""

    status: Literal["ok", "degraded"]
    reasons: list[str]
    ledger: Position
    queued: int = Field(ge=0, description="Entries that wait to be put into a transaction.")
    under_way: int = Field(ge=0, description="Transactions whose end is not known yet.")


class ContractBody(Shape):
    name: str
    address: HexText
    code_hash: HexText
    block: int


class DomainBody(Shape):
    """An EIP-712 domain, with the names that EIP-712 gives its members."""

    name: str
    version: str
    chainId: int
    verifyingContract: HexText


class FoundingBody(Shape):
    """What the deployment laid down: the first authority."""

    organisation: HexText
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    accounts: list[HexText]
    quorum: int
    max_lateness: int
    founded_at: int


class ActionBody(Shape):
    contract: str
    type: str = Field(description="EIP-712 encodeType.")
    authority: bool = Field(description="Needs the signatures of `quorum` authority accounts.")


class LedgerBody(Shape):
    """Pin this: entries are signed for these domains, and hold nowhere else."""

    chain_id: int
    genesis_hash: HexText
    contracts: list[ContractBody]
    domains: dict[str, DomainBody]
    actions: dict[str, ActionBody]
    founding: FoundingBody
    root: HexText = Field(description="Of the log, over `position` entries.")
    ledger: Position
