"""A few words' worth of an anchors file, so that two who hold one can compare them by telephone."""

from typing import Final

from ledger.evidence import canonical
from ledger.evidence.anchors import Anchors
from ledger.hashing import keccak

#: 128 bits: nobody finds a second file for a given fingerprint.
_BYTES: Final = 16
_GROUP: Final = 4


def fingerprint(anchors: Anchors) -> str:
    """The first 16 bytes of the keccak-256 of the anchors as canonical JSON without `checkpoints`
    (which grow while all else stays), as 8 groups of 4 hexadecimal digits."""
    trusted = anchors.to_json()
    del trusted["checkpoints"]
    digits = keccak(canonical.dumps(trusted))[:_BYTES].hex()
    return " ".join(digits[i : i + _GROUP] for i in range(0, len(digits), _GROUP))
