"""Signing transactions: the relayer's one power is to carry entries to the ledger contracts.

:class:`Relayer` signs calls of ``record`` on the listed contracts, without value, for the pinned
chain, and refuses everything else (R24): whoever gets at it can delay entries, nothing more.
:class:`Deployer` signs contract creations and nothing else; it is used once.

Sources: EIP-155 (legacy), EIP-1559 (type 2), EIP-2098 (the signature that a signer returns).
"""

from collections.abc import Iterable
from typing import Protocol

from ledger.chain.codec import RECORD_SELECTOR
from ledger.chain.protocol import EngineProfile
from ledger.errors import RequestError
from ledger.ethereum import encode, integer
from ledger.hashing import keccak


class DigestSigner(Protocol):
    """A key, wherever it is kept."""

    @property
    def address(self) -> bytes:
        """The 20 bytes that the key's signatures recover to."""

    def sign_digest(self, digest: bytes) -> bytes:
        """The 64-byte signature ``r ‖ yParityAndS`` (EIP-2098), with low s."""


class _TransactionSigner:
    def __init__(self, signer: DigestSigner, *, chain_id: int, profile: EngineProfile) -> None:
        self._signer = signer
        self._chain_id = chain_id
        self._profile = profile

    @property
    def address(self) -> bytes:
        return self._signer.address

    def _sign(self, to: bytes, data: bytes, nonce: int, gas: int | None) -> bytes:
        profile = self._profile
        limit = profile.gas_limit if gas is None else min(gas, profile.gas_limit)
        if profile.transaction_type == 2:
            fields = [
                integer(self._chain_id),
                integer(nonce),
                integer(profile.priority_fee_per_gas),
                integer(profile.max_fee_per_gas),
                integer(limit),
                to,
                b"",
                data,
                [],
            ]
            parity, r, s = self._signature(keccak(b"\x02" + encode(fields)))
            return b"\x02" + encode([*fields, integer(parity), r, s])
        price = integer(profile.max_fee_per_gas)
        legacy = [integer(nonce), price, integer(limit), to, b"", data]
        parity, r, s = self._signature(keccak(encode([*legacy, integer(self._chain_id), b"", b""])))
        return encode([*legacy, integer(35 + 2 * self._chain_id + parity), r, s])

    def _signature(self, digest: bytes) -> tuple[int, bytes, bytes]:
        signature = self._signer.sign_digest(digest)
        r, vs = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        return vs >> 255, integer(r), integer(vs & ((1 << 255) - 1))


class Relayer(_TransactionSigner):
    """Signs ``record`` calls to ``contracts`` (addresses) and nothing else."""

    def __init__(
        self,
        signer: DigestSigner,
        *,
        chain_id: int,
        profile: EngineProfile,
        contracts: Iterable[bytes],
    ) -> None:
        super().__init__(signer, chain_id=chain_id, profile=profile)
        self._contracts = frozenset(contracts)

    def sign(self, to: bytes, data: bytes, *, nonce: int, gas: int | None = None) -> bytes:
        """The raw transaction; ``gas`` defaults to, and never exceeds, the profile's limit.

        :class:`RequestError` for another contract or another function.
        """
        if to not in self._contracts:
            raise RequestError(
                f"the relayer does not send to 0x{to.hex()}",
                message_zh=f"中继账户不向 0x{to.hex()} 发送交易",
                field="to",
                code="relayer.contract",
            )
        if data[:4] != RECORD_SELECTOR:
            raise RequestError(
                "the relayer only calls record(entries)",
                message_zh="中继账户只调用 record(entries)",
                field="data",
                code="relayer.function",
            )
        return self._sign(to, data, nonce, gas)


class Deployer(_TransactionSigner):
    """Signs contract creations and nothing else."""

    def sign(self, init_code: bytes, *, nonce: int, gas: int | None = None) -> bytes:
        """The raw transaction that creates a contract; ``init_code`` with its arguments."""
        return self._sign(b"", init_code, nonce, gas)
