"""Checkpoints sealed by the rules of engines with validators, over the state of a real block.

The block's header gets what the rule wants and the seals of four invented validators; its state
root stays, so the proofs of the state hold.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from coincurve import PrivateKey

from ledger.ethereum import EMPTY_UNCLES, decode, encode, integer
from ledger.evidence.anchors import SealAnchor
from ledger.evidence.bundle import Bundle, Seal
from ledger.evidence.headers import BFT_MIX
from ledger.hashing import keccak
from ledger.signing import Signer

RULES: Final = ("clique", "qbft", "ibft")

_SECRETS: Final = sorted(
    (keccak(b"validator %d" % i) for i in range(4)), key=lambda secret: Signer(secret).address
)
VALIDATORS: Final = tuple(Signer(secret).address for secret in _SECRETS)
_VANITY: Final = b"Suyuan".ljust(32, b"\0")


def anchor(rule: str) -> SealAnchor:
    """That these validators are trusted."""
    return SealAnchor(rule, VALIDATORS)


def sealed(bundle: Bundle, rule: str, sealers: Sequence[int] = (0, 1, 2)) -> Bundle:
    """The bundle at a block that these of the validators sealed, in this order."""
    fields = list(decode(bundle.checkpoint.header))
    headers: tuple[bytes, ...] = ()
    if rule == "clique":
        header, *headers_list = _clique(fields, sealers)
        headers = tuple(headers_list)
    else:
        header = _qbft(fields, sealers) if rule == "qbft" else _ibft(fields, sealers)
    checkpoint = replace(
        bundle.checkpoint,
        header=header,
        made_at=int.from_bytes(fields[11], "big"),
        seal=Seal(rule, headers=headers),
    )
    return replace(bundle, checkpoint=checkpoint)


def _seal(sealer: int, digest: bytes) -> bytes:
    return PrivateKey(_SECRETS[sealer]).sign_recoverable(digest, hasher=None)


def _clique(fields: list[Any], sealers: Sequence[int]) -> list[bytes]:
    made = []
    number, parent = int.from_bytes(fields[8], "big"), fields[0]
    for place, sealer in enumerate(sealers):
        in_turn = (number + place) % len(VALIDATORS) == sealer
        fields = list(fields)
        fields[0], fields[1], fields[2] = parent, EMPTY_UNCLES, bytes(20)
        fields[7], fields[8] = integer(2 if in_turn else 1), integer(number + place)
        fields[13], fields[14] = bytes(32), bytes(8)
        fields[12] = _VANITY
        fields[12] = _VANITY + _seal(sealer, keccak(encode(fields)))
        made.append(encode(fields))
        parent = keccak(made[-1])
    return made


def _bft(fields: list[Any], extra: bytes) -> list[Any]:
    return [
        *fields[:2],
        VALIDATORS[0],
        *fields[3:7],
        b"\x01",
        *fields[8:12],
        extra,
        BFT_MIX,
        bytes(8),
        *fields[15:],
    ]


def _qbft(fields: list[Any], sealers: Sequence[int]) -> bytes:
    items = [_VANITY, list(VALIDATORS), [], integer(1)]
    digest = keccak(encode(_bft(fields, encode([*items, []]))))
    return encode(_bft(fields, encode([*items, [_seal(s, digest) for s in sealers]])))


def _ibft(fields: list[Any], sealers: Sequence[int]) -> bytes:
    def header(proposed: bytes, commits: list[bytes]) -> bytes:
        extra = encode([list(VALIDATORS), proposed, commits])
        return encode(_bft(fields, _VANITY + extra))

    proposed = _seal(0, keccak(keccak(header(b"", []))))
    digest = keccak(keccak(header(proposed, [])) + b"\x02")
    return header(proposed, [_seal(s, digest) for s in sealers])
