"""Who sent a transaction, from its own bytes.

Sources: EIP-155 (legacy transactions), EIP-1559 (type 2), EIP-2098 (how a signature is written).
"""

from dataclasses import dataclass

from ledger.errors import EvidenceError
from ledger.ethereum import decode, encode, integer
from ledger.hashing import keccak
from ledger.signing import recover


@dataclass(frozen=True, slots=True)
class Sent:
    """``to`` is empty where the transaction creates a contract."""

    sender: bytes
    nonce: int
    chain_id: int
    to: bytes


def read(raw: bytes) -> Sent:
    """The transaction; :class:`EvidenceError` for bytes that are none this ledger's relayer
    signs."""
    try:
        if raw[:1] == b"\x02":
            chain_id, nonce, *_, to, _, _, _, parity, r, s = fields = decode(raw[1:])
            signed = keccak(b"\x02" + encode(fields[:9]))
            number, odd = int.from_bytes(chain_id, "big"), int.from_bytes(parity, "big")
        else:
            nonce, _, _, to, _, _, v, r, s = fields = decode(raw)
            number, odd = divmod(int.from_bytes(v, "big") - 35, 2)
            signed = keccak(encode([*fields[:6], integer(number), b"", b""]))
        if odd not in (0, 1) or number < 1 or len(to) not in (0, 20):
            raise ValueError("a field is out of range")
        vs = odd << 255 | int.from_bytes(s, "big")
        signature = r.rjust(32, b"\0") + vs.to_bytes(32, "big")
        return Sent(recover(signed, signature), int.from_bytes(nonce, "big"), number, to)
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise EvidenceError(f"this is no transaction: {error}", code="transaction") from error
