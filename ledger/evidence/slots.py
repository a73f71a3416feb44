"""Where in the contracts' storage the evidence stands: slots by the Solidity layout rules.

A mapping's value stands at keccak256(key ‖ slot) (Solidity documentation, "Layout of State
Variables in Storage", mappings). ``contracts/snapshots/storage-layout.json`` is the committed
layout that these numbers come from.
"""

from typing import Final

from ledger.hashing import keccak

#: ``EntryLog.size``: how many entries the log has.
SIZE_SLOT: Final = 0
#: ``EntryLog.root``: the root of the log.
ROOT_SLOT: Final = 1

_HEADS: Final = (2).to_bytes(32, "big")
_USED_NONCES: Final = (2).to_bytes(32, "big")


def head_slot(subject: bytes) -> int:
    """Where ``EntryLog`` keeps the last leaf of the subject's chain (32 bytes)."""
    return int.from_bytes(keccak(subject + _HEADS), "big")


def nonce_slot(account: bytes, nonce: int) -> int:
    """Where a contract that takes entries notes that the account (20 bytes) used this nonce: the
    bit :func:`nonce_bit` of the word there is set."""
    key = int.from_bytes(account, "big") | (nonce >> 8) << 160
    return int.from_bytes(keccak(key.to_bytes(32, "big") + _USED_NONCES), "big")


def nonce_bit(nonce: int) -> int:
    """The bit of the word at :func:`nonce_slot`, the lowest being 0."""
    return nonce & 0xFF
