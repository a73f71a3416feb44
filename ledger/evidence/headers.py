"""Block headers and their seals: what a header says, its hash, and who stands behind it.

Rules, by the name that anchors and bundles give them:

* ``service``: the hash is keccak-256 of the header; the service signed a statement about it.
* ``clique`` (EIP-225): the same hash. Each header carries its sealer's signature; a block is final
  when more than half of the signers have sealed it or one of those right after it. Such a header
  keeps all of EIP-225 that can be seen without the blocks before.
* ``qbft`` (EEA QBFT specification, as Besu has it): ``extraData`` is RLP of vanity, validators,
  vote, round and commit seals; the hash leaves out the seals and has round 0, a commit seal
  signs the header with its round and without seals.
* ``ibft`` (EIP-650, Istanbul): ``extraData`` is 32 bytes of vanity and RLP of validators, the
  proposer's seal and the commit seals; the hash leaves out the commit seals, which sign the hash
  with the byte 2 behind it.

For the last two, at least two thirds (rounded up) of the validators must have sealed.

Who may seal is the reader's to know: what a header says of its validators is compared with that,
and never believed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from coincurve import PublicKey

from ledger.errors import EvidenceError
from ledger.ethereum import EMPTY_UNCLES, decode, encode, sealed_header
from ledger.hashing import keccak
from ledger.signing import recover

#: What the mixHash of every QBFT and IBFT block is: the digest of "practical byzantine fault
#: tolerance" in Istanbul's words.
BFT_MIX: Final = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")

# The places of a header's fields (Yellow Paper, section 4.4).
_PARENT, _UNCLES, _MINER, _STATE, _DIFFICULTY, _NUMBER, _TIME, _EXTRA, _MIX, _NONCE = (
    *(0, 1, 2, 3, 7, 8),
    *(11, 12, 13, 14),
)
#: How long each field is; None for an integer, -1 for any length. From the 16th on they came with
#: later forks: base fee, withdrawals root, blob gas used, excess blob gas, beacon root, requests.
_WIDTHS: Final = (
    *(32, 32, 20, 32, 32, 32, 256, None, None, None, None, None, -1, 32, 8),
    *(None, 32, None, None, 32, 32),
)
_OLDEST: Final = 15
#: No header is as long, in bytes, with the seals of thousands of validators either.
_LONGEST: Final = 1_000_000
_VANITY: Final = 32
_SEAL: Final = 65
_NO_VOTE: Final = bytes(8)
_VOTE: Final = b"\xff" * 8


@dataclass(frozen=True, slots=True)
class Header:
    """A header: its ``fields`` as RLP has them, and its ``hash`` by the rule that it was read by.

    ``time`` in seconds since 1970, UTC.
    """

    fields: tuple[bytes, ...]
    hash: bytes

    @property
    def number(self) -> int:
        return int.from_bytes(self.fields[_NUMBER], "big")

    @property
    def time(self) -> int:
        return int.from_bytes(self.fields[_TIME], "big")

    @property
    def state_root(self) -> bytes:
        return self.fields[_STATE]

    @classmethod
    def parse(cls, data: bytes, rule: str) -> "Header":
        """Read a header's RLP; :class:`EvidenceError` with the code ``header.malformed``."""
        if len(data) > _LONGEST:
            raise _malformed(f"it is longer than {_LONGEST} bytes")
        try:
            fields = decode(data)
        except (ValueError, RecursionError):
            raise _malformed("it is not canonical RLP") from None
        if not isinstance(fields, list) or not _OLDEST <= len(fields) <= len(_WIDTHS):
            raise _malformed("it is no list of 15 to 21 fields")
        for place, (field, width) in enumerate(zip(fields, _WIDTHS, strict=False)):
            if not isinstance(field, bytes) or not _fits(field, width):
                raise _malformed(f"field {place} has another form")
        return cls(tuple(fields), _hash(fields, rule))


def _fits(field: bytes, width: int | None) -> bool:
    if width is None:
        return len(field) <= 32 and field[:1] != b"\0"
    return width in (-1, len(field))


def _hash(fields: list[bytes], rule: str) -> bytes:
    if rule == "qbft":
        _QbftExtra.of(fields)
        return keccak(sealed_header(fields, "qbft"))
    if rule == "ibft":
        return _IbftExtra.of(fields).hash_of(fields)
    return keccak(encode(fields))


def _malformed(message: str) -> EvidenceError:
    return EvidenceError(f"header: {message}", code="header.malformed")


# ------------------------------------------------------------------------------------ service


def check_service(
    digest: bytes, signatures: Sequence[bytes], keys: Collection[bytes], quorum: int
) -> None:
    """That at least ``quorum`` of the service's keys signed the digest, each once, and nobody else.

    Raises :class:`EvidenceError`: ``seal.signature``, ``seal.key`` or ``seal.quorum``.
    """
    try:
        signers = [recover(digest, signature) for signature in signatures]
    except EvidenceError:
        raise _unsealed("a signature is none") from None
    _check_members(signers, keys, quorum)


def _check_members(signers: Sequence[bytes], known: Collection[bytes], quorum: int) -> None:
    if len(set(signers)) < len(signers):
        raise _unsealed("somebody signed twice")
    if not set(signers) <= set(known):
        raise _stranger()
    if len(signers) < quorum:
        raise EvidenceError(f"{len(signers)} of {quorum} signed", code="seal.quorum")


def _unsealed(message: str) -> EvidenceError:
    return EvidenceError(f"seal: {message}", code="seal.signature")


def _stranger() -> EvidenceError:
    return EvidenceError("sealed by somebody whom the anchors do not name", code="seal.key")


def _recover(digest: bytes, seal: bytes) -> bytes:
    """The address whose signature (r ‖ s ‖ v, v 0 or 1) over the digest this is."""
    if len(seal) != _SEAL or seal[64] > 1:
        raise _unsealed("a signature has another form")
    try:
        key = PublicKey.from_signature_and_message(seal, digest, hasher=None)
    except ValueError:
        raise _unsealed("a signature is none") from None
    return keccak(key.format(compressed=False)[1:])[12:]


# ------------------------------------------------------------------------------------- clique


def check_clique(header: Header, followers: Sequence[bytes], signers: Sequence[bytes]) -> None:
    """That the header and those that follow it (RLP) are sealed by enough of the signers (sorted).

    Raises :class:`EvidenceError`: ``seal.signature`` where a header breaks a rule, ``seal.key``
    where a stranger sealed it, ``seal.quorum`` where too few are there.
    """
    limit = len(signers) // 2 + 1
    sealers: list[bytes] = []
    before: Header | None = None
    for at in (header, *_parsed(followers)):
        if before is not None:
            if at.fields[_PARENT] != before.hash or at.number != before.number + 1:
                raise _unsealed("a header does not follow the one before it")
            if at.time < before.time:
                raise _unsealed("a header is older than the one before it")
        sealer = _clique_sealer(at, signers)
        if sealer in sealers[-(limit - 1) :] and limit > 1:
            raise _unsealed("somebody sealed again too early")
        in_turn = at.number % len(signers) == signers.index(sealer)
        if int.from_bytes(at.fields[_DIFFICULTY], "big") != (2 if in_turn else 1):
            raise _unsealed("the difficulty is not that of the sealer's turn")
        sealers.append(sealer)
        before = at
    if len(set(sealers)) < limit:
        raise EvidenceError(f"{len(set(sealers))} of {limit} sealed", code="seal.quorum")


def _parsed(headers: Sequence[bytes]) -> list[Header]:
    try:
        return [Header.parse(raw, "clique") for raw in headers]
    except EvidenceError as error:
        raise _unsealed(str(error)) from None


def _clique_sealer(header: Header, signers: Sequence[bytes]) -> bytes:
    fields = header.fields
    extra = fields[_EXTRA]
    if fields[_UNCLES] != EMPTY_UNCLES or any(fields[_MIX]):
        raise _unsealed("the header has uncles or a mix hash")
    if fields[_NONCE] not in (_NO_VOTE, _VOTE):
        raise _unsealed("the header's nonce is no vote")
    if len(extra) < _VANITY + _SEAL:
        raise _unsealed("the header has no seal")
    unsealed = [*fields[:_EXTRA], extra[:-_SEAL], *fields[_EXTRA + 1 :]]
    sealer = _recover(keccak(encode(unsealed)), extra[-_SEAL:])
    listed = extra[_VANITY:-_SEAL]
    if sealer not in signers or listed not in (b"", b"".join(signers)):
        raise _stranger()
    if listed and (any(fields[_MINER]) or fields[_NONCE] != _NO_VOTE):
        raise _unsealed("a header that lists the signers votes")
    return sealer


# --------------------------------------------------------------------------------- qbft, ibft


def check_qbft(header: Header, validators: Sequence[bytes]) -> None:
    """That enough of the validators (sorted) committed to the header.

    Raises :class:`EvidenceError`: ``seal.signature``, ``seal.key`` or ``seal.quorum``.
    """
    fields = list(header.fields)
    extra = _QbftExtra.of(fields)
    _check_bft(header, extra.validators, validators)
    if fields[_MINER] not in validators:
        raise _stranger()
    digest = extra.commit_digest(fields)
    _check_members([_recover(digest, s) for s in extra.seals], validators, quorum(len(validators)))


def check_ibft(header: Header, validators: Sequence[bytes]) -> None:
    """The same for Istanbul."""
    fields = list(header.fields)
    extra = _IbftExtra.of(fields)
    _check_bft(header, extra.validators, validators)
    if _recover(extra.proposed_digest(fields), extra.proposer_seal) not in validators:
        raise _stranger()
    digest = keccak(header.hash + b"\x02")
    _check_members([_recover(digest, s) for s in extra.seals], validators, quorum(len(validators)))


def quorum(validators: int) -> int:
    """How many of so many validators must commit to a block: two thirds, rounded up."""
    return -(-2 * validators // 3)


def _check_bft(header: Header, listed: Sequence[bytes], validators: Sequence[bytes]) -> None:
    if header.fields[_MIX] != BFT_MIX or header.fields[_DIFFICULTY] != b"\x01":
        raise _unsealed("the mix hash or the difficulty is not that of the rule")
    if listed and list(listed) != list(validators):
        raise _stranger()


@dataclass(frozen=True, slots=True)
class _QbftExtra:
    """``extraData`` of a QBFT block."""

    items: tuple[Any, ...]
    validators: tuple[bytes, ...]
    seals: tuple[bytes, ...]

    @classmethod
    def of(cls, fields: Sequence[bytes]) -> "_QbftExtra":
        match _extra_items(fields[_EXTRA]):
            case [bytes(vanity), list(validators), list(vote), bytes(rounds), list(seals)] if (
                len(vanity) == _VANITY
                and _all_sized(validators, 20)
                and all(isinstance(item, bytes) for item in vote)
                and _fits(rounds, None)
                and _all_sized(seals, _SEAL)
            ):
                return cls((vanity, validators, vote, rounds), tuple(validators), tuple(seals))
        raise _malformed("extraData is not that of QBFT")

    def commit_digest(self, fields: list[bytes]) -> bytes:
        extra = encode([*self.items, []])
        return keccak(encode([*fields[:_EXTRA], extra, *fields[_EXTRA + 1 :]]))


@dataclass(frozen=True, slots=True)
class _IbftExtra:
    """``extraData`` of an Istanbul block."""

    vanity: bytes
    validators: tuple[bytes, ...]
    proposer_seal: bytes
    seals: tuple[bytes, ...]

    @classmethod
    def of(cls, fields: Sequence[bytes]) -> "_IbftExtra":
        extra = fields[_EXTRA]
        match _extra_items(extra[_VANITY:]):
            case [list(validators), bytes(proposer_seal), list(seals)] if _all_sized(
                validators, 20
            ) and _all_sized(seals, _SEAL):
                return cls(extra[:_VANITY], tuple(validators), proposer_seal, tuple(seals))
        raise _malformed("extraData is not that of Istanbul")

    def hash_of(self, fields: list[bytes]) -> bytes:
        return self._digest(fields, self.proposer_seal)

    def proposed_digest(self, fields: list[bytes]) -> bytes:
        """What the proposer signed: the hash of the header without any seal, hashed once more."""
        return keccak(self._digest(fields, b""))

    def _digest(self, fields: list[bytes], proposer_seal: bytes) -> bytes:
        extra = self.vanity + encode([list(self.validators), proposer_seal, []])
        return keccak(encode([*fields[:_EXTRA], extra, *fields[_EXTRA + 1 :]]))


def _extra_items(data: bytes) -> Any:
    try:
        return decode(data)
    except (ValueError, RecursionError):
        raise _malformed("extraData is not canonical RLP") from None


def _all_sized(items: Sequence[Any], size: int) -> bool:
    return all(isinstance(item, bytes) and len(item) == size for item in items)
