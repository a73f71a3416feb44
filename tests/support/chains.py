"""A contract to try chains with, an account that sends, and ways to open either gateway."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from eth_abi.abi import encode as abi_encode
from eth_account import Account
from eth_hash.auto import keccak

from ledger.chain.embedded import EmbeddedChain
from ledger.chain.json_rpc import JsonRpcChain
from ledger.chain.profiles import ANVIL
from ledger.chain.protocol import Handover, LedgerGateway

CHAIN_ID = 1234
PROBE: dict[str, Any] = json.loads((Path(__file__).with_name("Probe.json")).read_text())


def calldata(signature: str, *values: object) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(signature.encode())[:4] + abi_encode(types.split(",") if types else [], values)


@dataclass
class Sender:
    """An account that signs with its own count of nonces."""

    secret: bytes = b"\x07" * 32
    nonce: int = 0
    chain_id: int = CHAIN_ID
    address: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.address = bytes.fromhex(Account.from_key(self.secret).address[2:])

    def sign(self, to: bytes | None, data: bytes, **changes: Any) -> bytes:
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": self.nonce,
            "gas": 3_000_000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "value": 0,
            "data": data,
        } | changes
        if to is not None:
            fields["to"] = to
        fields = {k: v for k, v in fields.items() if v is not None}
        if "nonce" not in changes:
            self.nonce += 1
        return bytes(Account.sign_transaction(fields, self.secret).raw_transaction)


def hand_over(chain: LedgerGateway, raws: Sequence[bytes]) -> list[Handover]:
    """Send, and wait until what was taken is mined (a node behind JSON-RPC takes a moment)."""
    handovers = chain.send_raw_transactions(raws)
    for handover in handovers:
        for _ in range(200):
            if handover.refusal or chain.receipt(handover.transaction_hash):
                break
            time.sleep(0.02)
        else:
            raise AssertionError("not mined within 4 s")
    return handovers


@dataclass
class Probe:
    """The test contract on a chain."""

    chain: LedgerGateway
    sender: Sender
    address: bytes

    def send(self, signature: str, *values: object, **changes: Any) -> bytes:
        raw = self.sender.sign(self.address, calldata(signature, *values), **changes)
        [handover] = hand_over(self.chain, [raw])
        assert handover.refusal is None, handover.refusal
        return handover.transaction_hash

    def note(self, key: int, value: int, text: str = "noted") -> bytes:
        return self.send("note(uint256,uint256,string)", key, value, text)

    def count(self) -> int:
        return int.from_bytes(self.chain.call(self.address, calldata("count()")), "big")


def deploy_probe(chain: LedgerGateway, sender: Sender) -> Probe:
    raw = sender.sign(None, bytes.fromhex(PROBE["bytecode"][2:]))
    [handover] = hand_over(chain, [raw])
    assert handover.refusal is None, handover.refusal
    receipt = chain.receipt(handover.transaction_hash)
    assert receipt is not None
    assert receipt.contract_address is not None
    return Probe(chain, sender, receipt.contract_address)


def open_embedded_chain(path: Path, **options: Any) -> EmbeddedChain:
    defaults: dict[str, Any] = {"chain_id": CHAIN_ID, "clock": time.time}
    return EmbeddedChain(path, **(defaults | options))


def open_rpc(url: str, **options: Any) -> JsonRpcChain:
    defaults: dict[str, Any] = {"chain_id": CHAIN_ID, "profile": ANVIL}
    return JsonRpcChain(url, **(defaults | options))


@dataclass(frozen=True)
class Key:
    """A key in memory that signs digests (EIP-2098), as the ledger's signers do."""

    secret: bytes

    @property
    def address(self) -> bytes:
        public = PrivateKey(self.secret).public_key.format(compressed=False)
        return keccak(public[1:])[12:]

    def sign_digest(self, digest: bytes) -> bytes:
        raw = PrivateKey(self.secret).sign_recoverable(digest, hasher=None)
        s = int.from_bytes(raw[32:64], "big") | raw[64] << 255
        return raw[:32] + s.to_bytes(32, "big")
