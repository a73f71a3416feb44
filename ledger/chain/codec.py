"""What travels to and from the ledger contracts: calldata, events and custom errors.

The hot path (calldata of a batch, one ``EntryRecorded`` per entry) is decoded by hand, each
offset and length checked; the tests hold it against eth-abi. Sources: Solidity's contract ABI
specification; ``contracts/interfaces/`` for the shapes.

Every event decodes to a dataclass that carries the :class:`~ledger.chain.protocol.Log` it came
from. Data that does not fit its event raises :class:`EvidenceError`: a contract of this ledger
cannot have emitted it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from ledger.chain.artifacts import Artifact, load_artifacts
from ledger.chain.protocol import Log
from ledger.errors import EvidenceError
from ledger.hashing import keccak
from ledger.typed_data import SignedEntry

RECORD_SELECTOR: Final = keccak(b"record(bytes[])")[:4]

_WORD: Final = 32


# ----------------------------------------------------------------------------------- calldata


def record_calldata(entries: Iterable[SignedEntry]) -> bytes:
    """The call ``record(entries)`` of any ledger contract."""
    return packed_calldata([entry.pack() for entry in entries])


def packed_calldata(packed: Sequence[bytes]) -> bytes:
    """The same for entries that are packed already (:meth:`SignedEntry.pack`)."""
    heads: list[bytes] = []
    tails: list[bytes] = []
    offset = _WORD * len(packed)
    for item in packed:
        heads.append(offset.to_bytes(_WORD, "big"))
        padded = -len(item) % _WORD
        tails += (len(item).to_bytes(_WORD, "big"), item, bytes(padded))
        offset += _WORD + len(item) + padded
    return b"".join(
        (
            RECORD_SELECTOR,
            _WORD.to_bytes(_WORD, "big"),
            len(packed).to_bytes(_WORD, "big"),
            *heads,
            *tails,
        )
    )


class _Reader:
    """Words, offsets and byte strings of ABI-encoded data, each within its bounds."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def word(self, at: int) -> int:
        if at + _WORD > len(self._data):
            raise ValueError("the data ends early")
        return int.from_bytes(self._data[at : at + _WORD], "big")

    def offset(self, at: int) -> int:
        value = self.word(at)
        if value > len(self._data):
            raise ValueError("an offset points beyond the data")
        return value

    def size_at(self, at: int) -> int:
        size = self.word(at)
        if size > len(self._data):
            raise ValueError("a length goes beyond the data")
        return size

    def bytes_at(self, at: int) -> bytes:
        """The byte string whose length word stands there."""
        size = self.size_at(at)
        start = at + _WORD
        if start + size > len(self._data):
            raise ValueError("the data ends early")
        return self._data[start : start + size]


# ------------------------------------------------------------------------------------- events


class EntryRecorded(NamedTuple):
    """An entry was accepted. ``subject`` is the first whose chain it moved; the others follow
    from the entry. ``packed`` is the entry as it travelled (:meth:`SignedEntry.unpack` reads it).
    """

    log: Log
    sequence: int
    subject: bytes
    author: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class EntryAdmittedLate:
    """The authority let the entry of this sequence number in after the permitted lateness."""

    log: Log
    sequence: int


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """The entry at ``index`` of its batch was refused; ``reason`` is the ABI-encoded error."""

    log: Log
    digest: bytes
    index: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """One transaction's entries became leaves; ``root`` is over all leaves afterwards."""

    log: Log
    first_sequence: int
    count: int
    root: bytes


@dataclass(frozen=True, slots=True)
class ContractAdmitted:
    """The contract may append to the log from now on."""

    log: Log
    ledger: bytes


@dataclass(frozen=True, slots=True)
class AuthorityFounded:
    """What the deployment laid down: the first authority."""

    log: Log
    organisation: bytes
    identifier_kind: str
    identifier: str
    name_zh: str
    name_en: str
    accounts: tuple[bytes, ...]
    quorum: int
    max_lateness: int


Event: TypeAlias = (
    EntryRecorded
    | EntryAdmittedLate
    | EntryRefused
    | Appended
    | ContractAdmitted
    | AuthorityFounded
)


#: The offset of bytes that stand right behind it, where compilers put them.
_RIGHT_BEHIND: Final = _WORD.to_bytes(_WORD, "big")


def _entry_recorded(log: Log) -> EntryRecorded:
    data = log.data
    end = 2 * _WORD + int.from_bytes(data[_WORD : 2 * _WORD], "big")
    if data[:_WORD] == _RIGHT_BEHIND and end <= len(data):
        packed = data[2 * _WORD : end]
    else:
        reader = _Reader(data)
        packed = reader.bytes_at(reader.offset(0))
    _, sequence, subject, author = log.topics
    return EntryRecorded(log, int.from_bytes(sequence, "big"), subject, author[:20], packed)


def _entry_admitted_late(log: Log) -> EntryAdmittedLate:
    return EntryAdmittedLate(log, int.from_bytes(log.topics[1], "big"))


def _entry_refused(log: Log) -> EntryRefused:
    reader = _Reader(log.data)
    reason = reader.bytes_at(reader.offset(_WORD))
    return EntryRefused(log, log.topics[1], reader.word(0), reason)


def _appended(log: Log) -> Appended:
    reader = _Reader(log.data)
    return Appended(
        log,
        int.from_bytes(log.topics[1], "big"),
        reader.word(0),
        reader.word(_WORD).to_bytes(_WORD, "big"),
    )


def _contract_admitted(log: Log) -> ContractAdmitted:
    return ContractAdmitted(log, log.topics[1][12:])


def _authority_founded(log: Log) -> AuthorityFounded:
    kind, identifier, name_zh, name_en, accounts, quorum, lateness = abi_decode(
        ["string", "string", "string", "string", "address[]", "uint256", "uint64"], log.data
    )
    return AuthorityFounded(
        log,
        log.topics[1][:20],
        kind,
        identifier,
        name_zh,
        name_en,
        tuple(bytes.fromhex(a[2:]) for a in accounts),
        quorum,
        lateness,
    )


#: Signature, number of indexed parameters and decoder of every event that readers follow.
EVENTS: Final[Mapping[str, tuple[int, Callable[[Log], Event]]]] = {
    "EntryRecorded(uint256,bytes32,bytes20,bytes)": (3, _entry_recorded),
    "EntryAdmittedLate(uint256)": (1, _entry_admitted_late),
    "EntryRefused(bytes32,uint256,bytes)": (1, _entry_refused),
    "Appended(uint256,uint256,bytes32)": (1, _appended),
    "ContractAdmitted(address)": (1, _contract_admitted),
    "AuthorityFounded(bytes20,string,string,string,string,address[],uint256,uint64)": (
        1,
        _authority_founded,
    ),
}
_BY_TOPIC: Final = {keccak(s.encode()): (s, *rest) for s, rest in EVENTS.items()}


def decode_event(log: Log) -> Event | None:
    """The event, or None if it is none of :data:`EVENTS`."""
    known = _BY_TOPIC.get(log.topics[0]) if log.topics else None
    if known is None:
        return None
    signature, indexed, decoder = known
    try:
        if len(log.topics) != indexed + 1:
            raise ValueError(f"{len(log.topics)} topics")
        return decoder(log)
    except (ValueError, DecodingError) as error:
        raise EvidenceError(
            f"event {log.log_index} of block {log.block_number} is no {signature}: {error}",
            code="ledger.event",
        ) from error


# ------------------------------------------------------------------------------ custom errors


@dataclass(frozen=True, slots=True)
class ContractError:
    """A contract's refusal: the name of its error and the values, by name, that it carries.

    Addresses and fixed bytes are ``bytes``. Unknown data is ``UnknownError`` with ``data``.
    """

    name: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        shown = (
            f"{name}={'0x' + value.hex() if isinstance(value, bytes) else value}"
            for name, value in self.values.items()
        )
        return f"{self.name}({', '.join(shown)})"


_STANDARD: Final = (
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


def errors_of(artifacts: Iterable[Artifact]) -> dict[bytes, Mapping[str, Any]]:
    """The ABI entry of each custom error, by selector; Solidity's own two are among them."""
    entries = [*_STANDARD, *(e for a in artifacts for e in a.abi if e["type"] == "error")]
    return {
        keccak(f"{e['name']}({','.join(i['type'] for i in e['inputs'])})".encode())[:4]: e
        for e in entries
    }


@cache
def _shipped_errors() -> Mapping[bytes, Mapping[str, Any]]:
    return errors_of(load_artifacts().values())


def decode_error(
    data: bytes, errors: Mapping[bytes, Mapping[str, Any]] | None = None
) -> ContractError:
    """The error behind revert data or ``EntryRefused.reason``; default: the shipped contracts'."""
    entry = (_shipped_errors() if errors is None else errors).get(data[:4])
    if entry is not None:
        types = [i["type"] for i in entry["inputs"]]
        try:
            values = abi_decode(types, data[4:])
        except DecodingError:
            return ContractError("UnknownError", {"data": data})
        return ContractError(
            entry["name"],
            {
                i["name"]: bytes.fromhex(value[2:]) if i["type"] == "address" else value
                for i, value in zip(entry["inputs"], values, strict=True)
            },
        )
    return ContractError("UnknownError", {"data": data})
