"""Signatures over entries: plain ECDSA on secp256k1, so that everyone can check them offline.

A signature is 64 bytes, ``r ‖ yParityAndS`` (EIP-2098), with s in the lower half of its range
(EIP-2): each message has one valid form per signer and nonce, as the contracts demand. Nonces
are deterministic (RFC 6979). An address is the last 20 bytes of the key's keccak-256.

>>> Signer(bytes(31) + bytes([1])).address.hex()
'7e5f4552091a69125d5dfcb7b8c2659029395bdf'
"""

from typing import Final

from coincurve import PrivateKey, PublicKey

from ledger.errors import EvidenceError
from ledger.hashing import keccak

_ORDER: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_HIGH_BIT: Final = 1 << 255


def address_of(public_key: bytes) -> bytes:
    """The 20-byte address of a public key: 33 bytes, 65, or 64 without the leading 0x04.

    Raises ``ValueError`` if it is none.
    """
    if len(public_key) == 64:
        public_key = b"\x04" + public_key
    return keccak(PublicKey(public_key).format(compressed=False)[1:])[12:]


def sign(key: bytes, digest: bytes) -> bytes:
    """Sign a 32-byte digest with a 32-byte key; ``ValueError`` if either is none."""
    return Signer(key).sign_digest(digest)


def recover(digest: bytes, signature: bytes) -> bytes:
    """The address whose signature over the digest this is.

    Any well-formed signature recovers to *some* address: only comparing it with the one that is
    expected proves anything. Raises :class:`EvidenceError` where it recovers to none, or where
    it is the malleable twin (high s) of a valid one.
    """
    if len(signature) == 64:
        vs = int.from_bytes(signature[32:], "big")
        s = vs & (_HIGH_BIT - 1)
        if s <= _ORDER // 2:
            plain = signature[:32] + s.to_bytes(32, "big") + bytes((vs >> 255,))
            try:
                key = PublicKey.from_signature_and_message(plain, digest, hasher=None)
            except ValueError:
                pass
            else:
                return keccak(key.format(compressed=False)[1:])[12:]
    raise EvidenceError("a signature is not one of secp256k1", code="signature.invalid")


def signer_of(digest: bytes, signature: bytes) -> bytes:
    """As :func:`recover`; nobody (no bytes) where it recovers to none."""
    try:
        return recover(digest, signature)
    except EvidenceError:
        return b""


class Signer:
    """A private key at work. It never shows itself: not in ``repr``, not by an attribute.

    ``key``: 32 bytes, not zero and below the curve's order, else ``ValueError``.
    """

    __slots__ = ("__key", "address")

    def __init__(self, key: bytes) -> None:
        if len(key) != 32 or not 0 < int.from_bytes(key, "big") < _ORDER:
            raise ValueError("this is no private key of secp256k1")
        self.__key = PrivateKey(key)
        self.address: Final = address_of(self.__key.public_key.format())

    def sign_digest(self, digest: bytes) -> bytes:
        """The signature over a 32-byte digest; ``ValueError`` for another length."""
        signed = self.__key.sign_recoverable(digest, hasher=None)
        vs = int.from_bytes(signed[32:64], "big") | signed[64] << 255
        return signed[:32] + vs.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"Signer(0x{self.address.hex()})"
