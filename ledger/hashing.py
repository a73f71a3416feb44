"""keccak-256 where every entry of a ledger passes: the extension itself, without the layers that
``eth_hash`` puts before it, which cost as much as a short hash.

>>> keccak(b"").hex()[:16]
'c5d2460186f7233c'
"""

from sha3 import keccak_256


def keccak(data: bytes) -> bytes:
    """The keccak-256 of the data, 32 bytes."""
    digest: bytes = keccak_256(data).digest()
    return digest
