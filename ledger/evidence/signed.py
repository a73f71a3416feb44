"""What the service and its witnesses sign beside entries, as EIP-712 statements.

All of them are signed in the domain of ``EntryLog`` (:func:`domain`), so that a promise about one
ledger holds for no other. Signatures are those of :mod:`ledger.signing`: 64 bytes, EIP-2098.

>>> log = domain(1, bytes(20))
>>> statement = CheckpointStatement(1, bytes(32), 1, bytes(32), 1)
>>> len(statement.digest(log))
32
"""

from dataclasses import dataclass
from typing import Final

from ledger.hashing import keccak
from ledger.typed_data import Domain

#: The contract in whose domain these statements are signed.
LOG: Final = "EntryLog"

_CHECKPOINT: Final = keccak(
    b"Checkpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash,uint40 madeAt)"
)
_WITNESSED: Final = keccak(
    b"WitnessedCheckpoint(uint64 size,bytes32 root,uint64 blockNumber,bytes32 blockHash,"
    b"uint64 previousSize,bytes32 previousRoot,uint40 witnessedAt)"
)
_RECEIPT: Final = keccak(
    b"Receipt(address ledger,address account,uint64 nonce,bytes32 digest,uint40 deadline,"
    b"uint40 acceptedAt)"
)


def domain(chain_id: int, address: bytes) -> Domain:
    """The domain of the ``EntryLog`` at this address (20 bytes)."""
    return Domain(LOG, chain_id, address)


@dataclass(frozen=True, slots=True)
class CheckpointStatement:
    """The service's word: after this block the log had this size and root. ``made_at`` in seconds
    since 1970, UTC, by the service's clock."""

    size: int
    root: bytes
    block_number: int
    block_hash: bytes
    made_at: int

    def digest(self, log: Domain) -> bytes:
        """What is signed."""
        return _digest(
            log,
            _CHECKPOINT,
            _word(self.size),
            self.root,
            _word(self.block_number),
            self.block_hash,
            _word(self.made_at),
        )


@dataclass(frozen=True, slots=True)
class WitnessedStatement:
    """A witness's word: I had seen the log at ``previous_size`` with ``previous_root`` and checked
    that this one extends it. 0 and zeros: I had seen none."""

    size: int
    root: bytes
    block_number: int
    block_hash: bytes
    previous_size: int
    previous_root: bytes
    witnessed_at: int

    def digest(self, log: Domain) -> bytes:
        """What is signed."""
        return _digest(
            log,
            _WITNESSED,
            _word(self.size),
            self.root,
            _word(self.block_number),
            self.block_hash,
            _word(self.previous_size),
            self.previous_root,
            _word(self.witnessed_at),
        )


@dataclass(frozen=True, slots=True)
class ReceiptStatement:
    """The service's promise: I took the entry of this digest, and by ``deadline`` it is recorded
    or refused. ``ledger`` is the contract that it is for, ``account`` its author's."""

    ledger: bytes
    account: bytes
    nonce: int
    digest_of_entry: bytes
    deadline: int
    accepted_at: int

    def digest(self, log: Domain) -> bytes:
        """What is signed."""
        return _digest(
            log,
            _RECEIPT,
            self.ledger.rjust(32, b"\0"),
            self.account.rjust(32, b"\0"),
            _word(self.nonce),
            self.digest_of_entry,
            _word(self.deadline),
            _word(self.accepted_at),
        )


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _digest(log: Domain, *words: bytes) -> bytes:
    if log.contract != LOG:
        raise ValueError(f"statements about the log are signed in the domain of {LOG}")
    return keccak(b"\x19\x01" + log.separator + keccak(b"".join(words)))
