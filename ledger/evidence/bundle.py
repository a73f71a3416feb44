"""An evidence bundle: its form, read strictly and written canonically.

A bundle is one canonical JSON document (:mod:`ledger.evidence.canonical`). :meth:`Bundle.parse`
reads it: nothing may be missing, nothing may be more, each list stands in its one order. Whether
what it says holds is for :mod:`ledger.evidence.verification`.

In JSON, hashes, addresses and signatures are lower-case 0x hex of fixed length; headers, nodes and
paths are base64 (RFC 4648, with padding); times are seconds since 1970, UTC.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final, TypeAlias, TypeVar

from ledger.errors import EvidenceError
from ledger.evidence import canonical
from ledger.typed_data import hexed

FORMAT: Final = "suyuan evidence 1"
#: The kinds that are judged again: what they claim is recomputed from what they prove.
JUDGED: Final = ("standing", "non-revocation", "trace", "verdict")
KINDS: Final = ("entry", *JUDGED, "absence", "consistency")

#: How many entries, bare leaves and chains there may be, of each.
MOST_PARTS: Final = 50_000
#: How many trie nodes.
MOST_NODES: Final = 200_000
#: How many signatures, of all entries together: they are what takes long.
MOST_SIGNATURES: Final = 60_000
#: How many of anything else: signatures, sealed headers, witnesses, subjects, contracts.
MOST_MEMBERS: Final = 255

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LedgerName:
    """Which ledger: chain id, genesis block's hash, and its contracts' addresses by name."""

    chain_id: int
    genesis: bytes
    contracts: Mapping[str, bytes]

    def to_json(self) -> dict[str, Any]:
        return {
            "chain_id": self.chain_id,
            "genesis": hexed(self.genesis),
            "contracts": {name: hexed(a) for name, a in self.contracts.items()},
        }

    @classmethod
    def from_json(cls, data: Any) -> "LedgerName":
        members = _object("ledger", data, _LEDGER)
        contracts = members["contracts"]
        if type(contracts) is not dict or len(contracts) > MOST_MEMBERS:
            raise wrong("ledger.contracts")
        if "EntryLog" not in contracts:
            raise wrong("ledger.contracts")
        return cls(
            _integer("chain_id", members["chain_id"]),
            _hash("genesis", members["genesis"]),
            {name: _address("contracts", a) for name, a in contracts.items()},
        )


@dataclass(frozen=True, slots=True)
class Seal:
    """By whose word a checkpoint's block counts. ``rule`` ``service``: by these signatures;
    ``clique``: by the headers that follow (RLP); ``qbft`` and ``ibft``: by the seals in the header
    itself."""

    rule: str
    signatures: tuple[bytes, ...] = ()
    headers: tuple[bytes, ...] = ()

    def to_json(self) -> dict[str, Any]:
        match self.rule:
            case "service":
                return {"rule": "service", "signatures": [hexed(s) for s in self.signatures]}
            case "clique":
                return {"rule": "clique", "headers": [base64(h) for h in self.headers]}
            case _:
                return {"rule": self.rule}

    @classmethod
    def from_json(cls, data: Any) -> "Seal":
        rule = data.get("rule") if type(data) is dict else None
        if rule == "service":
            raw = _object("seal", data, _SERVICE_SEAL)["signatures"]
            return cls("service", signatures=_signatures("seal.signatures", raw))
        if rule == "clique":
            raw = _object("seal", data, _CLIQUE_SEAL)["headers"]
            return cls("clique", headers=_each("seal.headers", raw, _base64))
        if rule in ("qbft", "ibft"):
            _object("seal", data, _PLAIN_SEAL)
            return cls(rule)
        raise wrong("seal.rule")


@dataclass(frozen=True, slots=True)
class Witness:
    """A countersignature: :class:`~ledger.evidence.signed.WitnessedStatement`."""

    account: bytes
    previous_size: int
    previous_root: bytes
    witnessed_at: int
    signature: bytes

    def to_json(self) -> dict[str, Any]:
        return {
            "account": hexed(self.account),
            "previous_size": self.previous_size,
            "previous_root": hexed(self.previous_root),
            "witnessed_at": self.witnessed_at,
            "signature": hexed(self.signature),
        }

    @classmethod
    def from_json(cls, data: Any) -> "Witness":
        members = _object("witness", data, _WITNESS)
        return cls(
            _address("account", members["account"]),
            _integer("previous_size", members["previous_size"]),
            _hash("previous_root", members["previous_root"]),
            _integer("witnessed_at", members["witnessed_at"]),
            _signature("signature", members["signature"]),
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's size and root with the block that has them, and who says so.

    ``header`` is RLP; hash, number, time and state root of the block come out of it by the seal's
    rule. ``witnesses`` are sorted by account, each once. Where the seal's rule is another than
    ``service``, nothing binds the ``size`` of an entry's or an absence's bundle: of the state they
    prove the root alone.
    """

    size: int
    root: bytes
    header: bytes
    made_at: int
    seal: Seal
    witnesses: tuple[Witness, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "root": hexed(self.root),
            "header": base64(self.header),
            "made_at": self.made_at,
            "seal": self.seal.to_json(),
            "witnesses": [w.to_json() for w in self.witnesses],
        }

    @classmethod
    def from_json(cls, data: Any) -> "Checkpoint":
        members = _object("checkpoint", data, _CHECKPOINT)
        return cls(
            _integer("size", members["size"]),
            _hash("root", members["root"]),
            _base64("header", members["header"]),
            _integer("made_at", members["made_at"]),
            Seal.from_json(members["seal"]),
            _sorted(
                "witnesses",
                _each("witnesses", members["witnesses"], lambda _, w: Witness.from_json(w)),
                lambda w: w.account,
            ),
        )


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as it was signed, with what its leaf binds beside it.

    ``message`` is as :meth:`~ledger.typed_data.Entry.to_json` writes it, not yet checked.
    ``path`` are the sibling hashes from leaf to root, one behind the other, where the entry is
    proved by inclusion; None where a chain proves it.
    """

    action: str
    message: Mapping[str, Any]
    signatures: tuple[bytes, ...]
    sequence: int
    recorded_at: int
    subjects: tuple[bytes, ...]
    previous: tuple[bytes, ...]
    path: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "message": dict(self.message),
            "signatures": [hexed(s) for s in self.signatures],
            "sequence": self.sequence,
            "recorded_at": self.recorded_at,
            "subjects": [hexed(s) for s in self.subjects],
            "previous": [hexed(p) for p in self.previous],
            **({} if self.path is None else {"path": base64(self.path)}),
        }

    @classmethod
    def from_json(cls, data: Any) -> "ShownEntry":
        with_path = type(data) is dict and "path" in data
        members = _object("entry", data, _ENTRY_WITH_PATH if with_path else _ENTRY)
        message = members["message"]
        if type(message) is not dict:
            raise wrong("entry.message")
        subjects, previous = _moved("entry.subjects", members)
        return cls(
            _text("entry.action", members["action"]),
            message,
            _signatures("entry.signatures", members["signatures"]),
            _integer("entry.sequence", members["sequence"]),
            _integer("entry.recorded_at", members["recorded_at"]),
            subjects,
            previous,
            _path("entry.path", members["path"]) if with_path else None,
        )


@dataclass(frozen=True, slots=True)
class BareLeaf:
    """A leaf without the entry behind it, which is nobody's business here: it ends a chain or
    tells a time. ``signers`` is the hash of the signers' addresses, ``digest`` the entry's."""

    sequence: int
    recorded_at: int
    contract: bytes
    digest: bytes
    signers: bytes
    subjects: tuple[bytes, ...]
    previous: tuple[bytes, ...]
    path: bytes

    def to_json(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "recorded_at": self.recorded_at,
            "contract": hexed(self.contract),
            "digest": hexed(self.digest),
            "signers": hexed(self.signers),
            "subjects": [hexed(s) for s in self.subjects],
            "previous": [hexed(p) for p in self.previous],
            "path": base64(self.path),
        }

    @classmethod
    def from_json(cls, data: Any) -> "BareLeaf":
        members = _object("leaf", data, _LEAF)
        subjects, previous = _moved("leaf.subjects", members)
        return cls(
            _integer("leaf.sequence", members["sequence"]),
            _integer("leaf.recorded_at", members["recorded_at"]),
            _address("leaf.contract", members["contract"]),
            _hash("leaf.digest", members["digest"]),
            _hash("leaf.signers", members["signers"]),
            subjects,
            previous,
            _path("leaf.path", members["path"]),
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """A subject whose whole history is here. ``next`` is the sequence of the bare leaf that comes
    after it; None where the head in the state is its last."""

    subject: bytes
    next: int | None

    def to_json(self) -> dict[str, Any]:
        return {"subject": hexed(self.subject), "next": self.next}

    @classmethod
    def from_json(cls, data: Any) -> "Chain":
        members = _object("chain", data, _CHAIN)
        return cls(_hash("chain.subject", members["subject"]), _optional("next", members["next"]))


# ------------------------------------------------------------------------------------- claims


@dataclass(frozen=True, slots=True)
class EntryClaim:
    """The entry of this sequence is in the log."""

    sequence: int

    def to_json(self) -> dict[str, Any]:
        return {"sequence": self.sequence}

    @classmethod
    def from_json(cls, data: Any) -> "EntryClaim":
        return cls(_integer("sequence", _object("claim", data, _ENTRY_CLAIM)["sequence"]))


@dataclass(frozen=True, slots=True)
class ClaimedReceipt:
    """The service's promise: :class:`~ledger.evidence.signed.ReceiptStatement`."""

    digest: bytes
    deadline: int
    accepted_at: int
    signature: bytes

    def to_json(self) -> dict[str, Any]:
        return {
            "digest": hexed(self.digest),
            "deadline": self.deadline,
            "accepted_at": self.accepted_at,
            "signature": hexed(self.signature),
        }

    @classmethod
    def from_json(cls, data: Any) -> "ClaimedReceipt":
        members = _object("claim.receipt", data, _RECEIPT)
        return cls(
            _hash("receipt.digest", members["digest"]),
            _integer("receipt.deadline", members["deadline"]),
            _integer("receipt.accepted_at", members["accepted_at"]),
            _signature("receipt.signature", members["signature"]),
        )


@dataclass(frozen=True, slots=True)
class AbsenceClaim:
    """No entry of this account with this nonce was recorded in this contract. ``digest`` is that
    of the entry that is missing, None where it is not told."""

    contract: str
    account: bytes
    nonce: int
    digest: bytes | None
    receipt: ClaimedReceipt | None

    def to_json(self) -> dict[str, Any]:
        return {
            "contract": self.contract,
            "account": hexed(self.account),
            "nonce": str(self.nonce),
            "digest": None if self.digest is None else hexed(self.digest),
            "receipt": None if self.receipt is None else self.receipt.to_json(),
        }

    @classmethod
    def from_json(cls, data: Any) -> "AbsenceClaim":
        members = _object("claim", data, _ABSENCE_CLAIM)
        nonce, digest, receipt = members["nonce"], members["digest"], members["receipt"]
        if not is_decimal(nonce) or int(nonce) >= 2**64:
            raise wrong("claim.nonce")
        return cls(
            _text("claim.contract", members["contract"]),
            _address("claim.account", members["account"]),
            int(nonce),
            None if digest is None else _hash("claim.digest", digest),
            None if receipt is None else ClaimedReceipt.from_json(receipt),
        )


@dataclass(frozen=True, slots=True)
class ConsistencyClaim:
    """The bundle's checkpoint extends the earlier one. ``path`` are the hashes of the proof (RFC
    6962, section 2.1.2), one behind the other."""

    earlier: Checkpoint
    path: bytes

    def to_json(self) -> dict[str, Any]:
        return {"earlier": self.earlier.to_json(), "path": base64(self.path)}

    @classmethod
    def from_json(cls, data: Any) -> "ConsistencyClaim":
        members = _object("claim", data, _CONSISTENCY_CLAIM)
        return cls(Checkpoint.from_json(members["earlier"]), _path("claim.path", members["path"]))


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A question with the answer that the service gave. ``question`` is the claim without
    ``answer``, of checked form; the answer is any object, to be compared with the recomputed one.

    ``position``: the answer rests on the first so many entries. ``known_at`` is the question's.
    """

    kind: str
    question: Mapping[str, Any]
    answer: Mapping[str, Any]

    @property
    def position(self) -> int:
        position: int = self.question["position"]
        return position

    @property
    def known_at(self) -> int:
        inner = self.question["question"] if self.kind == "verdict" else self.question
        known_at: int = inner["known_at"]
        return known_at

    def to_json(self) -> dict[str, Any]:
        return {**self.question, "answer": self.answer}

    @classmethod
    def from_json(cls, kind: str, data: Any) -> "JudgedClaim":
        forms = _QUESTIONS[kind]
        members = _object("claim", data, frozenset((*forms, "answer")))
        question = {}
        for name, check in forms.items():
            check(f"claim.{name}", members[name])
            question[name] = members[name]
        if type(members["answer"]) is not dict:
            raise wrong("claim.answer")
        return cls(kind, question, members["answer"])


Claim: TypeAlias = EntryClaim | AbsenceClaim | ConsistencyClaim | JudgedClaim


# ------------------------------------------------------------------------------------- bundle


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that one claim rests on. ``nodes`` are trie nodes (RLP) in the order in which the
    proofs first visit them; ``entries`` and ``leaves`` are sorted by sequence, ``chains`` by
    subject."""

    kind: str
    ledger: LedgerName
    checkpoint: Checkpoint
    nodes: tuple[bytes, ...]
    entries: tuple[ShownEntry, ...]
    leaves: tuple[BareLeaf, ...]
    chains: tuple[Chain, ...]
    claim: Claim

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": self.kind,
            "ledger": self.ledger.to_json(),
            "checkpoint": self.checkpoint.to_json(),
            "nodes": [base64(n) for n in self.nodes],
            "entries": [e.to_json() for e in self.entries],
            "leaves": [leaf.to_json() for leaf in self.leaves],
            "chains": [c.to_json() for c in self.chains],
            "claim": self.claim.to_json(),
        }

    def to_bytes(self) -> bytes:
        """The bundle's canonical bytes."""
        return canonical.dumps(self.to_json())

    @classmethod
    def parse(cls, data: bytes) -> "Bundle":
        """Read a bundle; :class:`EvidenceError` with the code ``form.size``, ``form.json``,
        ``form.version`` or ``form.schema``, looked for in this order."""
        return cls.from_json(canonical.loads(data))

    @classmethod
    def from_json(cls, data: Any) -> "Bundle":
        """The inverse of :meth:`to_json`; raises as :meth:`parse`."""
        if type(data) is not dict or data.get("format") != FORMAT:
            raise EvidenceError(f"it is not of the format {FORMAT!r}", code="form.version")
        kind = data.get("kind")
        if kind not in KINDS:
            raise EvidenceError("its kind is not known", code="form.version")
        members = _object("", data, _BUNDLE)
        bundle = cls(
            kind,
            LedgerName.from_json(members["ledger"]),
            Checkpoint.from_json(members["checkpoint"]),
            _each("nodes", members["nodes"], _base64, MOST_NODES),
            _sorted("entries", _each("entries", members["entries"], _entry, MOST_PARTS), _sequence),
            _sorted("leaves", _each("leaves", members["leaves"], _leaf, MOST_PARTS), _sequence),
            _sorted("chains", _each("chains", members["chains"], _chain, MOST_PARTS), _subject),
            _claim(kind, members["claim"]),
        )
        bundle._check_parts()
        return bundle

    @classmethod
    def of_entry(
        cls, ground: tuple[LedgerName, Checkpoint, tuple[bytes, ...]], own: Any
    ) -> "Bundle":
        """An entry's bundle of its own members (``claim`` and ``entries``, as JSON) on the ledger,
        the checkpoint and the nodes of another; raises as :meth:`from_json`."""
        members = _object("", own, _OWN_OF_ENTRY)
        entries = _each("entries", members["entries"], _entry)
        claim = EntryClaim.from_json(members["claim"])
        bundle = cls("entry", *ground, entries, (), (), claim)
        bundle._check_parts()
        return bundle

    def _check_parts(self) -> None:
        """That there are not too many signatures. Which parts a kind has; an entry is not shown a
        second time as a bare leaf; whose absence is claimed is an entry for a contract that is
        named, and is told by the receipt alone."""
        if sum(len(entry.signatures) for entry in self.entries) > MOST_SIGNATURES:
            raise wrong("entries")
        if self.kind not in JUDGED and (self.leaves or self.chains):
            raise wrong("leaves" if self.leaves else "chains")
        if isinstance(self.claim, EntryClaim):
            if len(self.entries) != 1 or self.entries[0].path is None:
                raise wrong("entries")
            if self.entries[0].sequence != self.claim.sequence:
                raise wrong("claim.sequence")
        elif self.kind not in JUDGED and self.entries:
            raise wrong("entries")
        if isinstance(self.claim, AbsenceClaim):
            if self.claim.contract not in self.ledger.contracts.keys() - {"EntryLog"}:
                raise wrong("claim.contract")
            receipt = self.claim.receipt
            if self.claim.digest != (None if receipt is None else receipt.digest):
                raise wrong("claim.digest")
        if self.leaves:
            shown = {entry.sequence for entry in self.entries}
            if any(leaf.sequence in shown for leaf in self.leaves):
                raise wrong("leaves")


def _entry(_: str, data: Any) -> ShownEntry:
    return ShownEntry.from_json(data)


def _leaf(_: str, data: Any) -> BareLeaf:
    return BareLeaf.from_json(data)


def _chain(_: str, data: Any) -> Chain:
    return Chain.from_json(data)


_sequence: Final = attrgetter("sequence")
_subject: Final = attrgetter("subject")


def _claim(kind: str, data: Any) -> Claim:
    match kind:
        case "entry":
            return EntryClaim.from_json(data)
        case "absence":
            return AbsenceClaim.from_json(data)
        case "consistency":
            return ConsistencyClaim.from_json(data)
        case _:
            return JudgedClaim.from_json(kind, data)


# -------------------------------------------------------------------------------- small forms

_LEDGER: Final = frozenset({"chain_id", "genesis", "contracts"})
_SERVICE_SEAL: Final = frozenset({"rule", "signatures"})
_CLIQUE_SEAL: Final = frozenset({"rule", "headers"})
_PLAIN_SEAL: Final = frozenset({"rule"})
_WITNESS: Final = frozenset(
    {"account", "previous_size", "previous_root", "witnessed_at", "signature"}
)
_CHECKPOINT: Final = frozenset({"size", "root", "header", "made_at", "seal", "witnesses"})
_MOVED: Final = frozenset({"sequence", "recorded_at", "subjects", "previous"})
_ENTRY: Final = _MOVED | {"action", "message", "signatures"}
_ENTRY_WITH_PATH: Final = _ENTRY | {"path"}
_LEAF: Final = _MOVED | {"contract", "digest", "signers", "path"}
_OWN_OF_ENTRY: Final = frozenset({"claim", "entries"})
_CHAIN: Final = frozenset({"subject", "next"})
_ENTRY_CLAIM: Final = frozenset({"sequence"})
_RECEIPT: Final = frozenset({"digest", "deadline", "accepted_at", "signature"})
_ABSENCE_CLAIM: Final = frozenset({"contract", "account", "nonce", "digest", "receipt"})
_CONSISTENCY_CLAIM: Final = frozenset({"earlier", "path"})
_BUNDLE: Final = frozenset(
    {
        *("format", "kind", "ledger", "checkpoint", "nodes", "entries", "leaves", "chains"),
        "claim",
    }
)


def wrong(where: str) -> EvidenceError:
    """The form of this member is not the one that it must have."""
    return EvidenceError(f"{where or 'the bundle'} is not of its form", code="form.schema")


def base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def is_decimal(value: Any) -> bool:
    """Whether it is the one text of a non-negative integer of at most 78 digits."""
    return (
        type(value) is str
        and value.isascii()
        and value.isdigit()
        and len(value) <= 78
        and (value[0] != "0" or value == "0")
    )


def _object(where: str, data: Any, names: frozenset[str]) -> dict[str, Any]:
    if type(data) is not dict or data.keys() != names:
        raise wrong(where)
    return data


def _integer(where: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= canonical.MAX_INTEGER:
        raise wrong(where)
    return value


def _optional(where: str, value: Any) -> int | None:
    return None if value is None else _integer(where, value)


def _text(where: str, value: Any) -> str:
    if type(value) is not str:
        raise wrong(where)
    return value


def _fixed(size: int) -> Callable[[str, Any], bytes]:
    """Reads 0x hex of so many bytes."""
    length = 2 + 2 * size

    def read(where: str, value: Any) -> bytes:
        if type(value) is str and len(value) == length and value[:2] == "0x":
            try:
                raw = bytes.fromhex(value[2:])
            except ValueError:
                pass
            else:
                if raw.hex() == value[2:]:
                    return raw
        raise wrong(where)

    return read


_hash: Final = _fixed(32)
_address: Final = _fixed(20)
_signature: Final = _fixed(64)


def _base64(where: str, value: Any) -> bytes:
    if type(value) is str:
        try:
            raw = a2b_base64(value, strict_mode=True)
        except (Base64Error, ValueError):
            pass
        else:
            if base64(raw) == value:
                return raw
    raise wrong(where)


def _path(where: str, value: Any) -> bytes:
    raw = _base64(where, value)
    if len(raw) % 32:
        raise wrong(where)
    return raw


def _each(
    where: str, value: Any, read: Callable[[str, Any], T], most: int = MOST_MEMBERS
) -> tuple[T, ...]:
    if type(value) is not list or len(value) > most:
        raise wrong(where)
    return tuple([read(where, item) for item in value])


def _signatures(where: str, value: Any) -> tuple[bytes, ...]:
    found = _each(where, value, _signature)
    if not found:
        raise wrong(where)
    return found


def _sorted(where: str, items: tuple[T, ...], key: Callable[[T], Any]) -> tuple[T, ...]:
    """The items, which must stand in strictly ascending order."""
    if len(items) > 1:
        keys = [key(item) for item in items]
        if any(a >= b for a, b in pairwise(keys)):
            raise wrong(where)
    return items


def _moved(where: str, members: Mapping[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    subjects = _each(where, members["subjects"], _hash)
    previous = _each(where, members["previous"], _hash)
    if not subjects or len(previous) != len(subjects):
        raise wrong(where)
    return subjects, previous


# --------------------------------------------------------------------- questions that are judged


def _interval(where: str, value: Any) -> None:
    if type(value) is not list or len(value) != 2:
        raise wrong(where)
    for instant in value:
        _integer(where, instant)


def _one_of(*words: str) -> Callable[[str, Any], None]:
    def check(where: str, value: Any) -> None:
        if value not in words:
            raise wrong(where)

    return check


def _freshness(where: str, value: Any) -> None:
    members = _object(where, value, frozenset({"default", "registers"}))
    _integer(where, members["default"])
    if type(members["registers"]) is not dict:
        raise wrong(where)
    for seconds in members["registers"].values():
        _integer(where, seconds)


def _any_object(where: str, value: Any) -> None:
    if type(value) is not dict:
        raise wrong(where)


def _verdict_question(where: str, value: Any) -> None:
    """What a question's members may say is judged later (``claim.question``); here only that it
    is an object that tells what is known when."""
    _any_object(where, value)
    _integer(where, value.get("known_at"))


_CLOCK: Final = _one_of("recorded", "published")
_QUESTIONS: Final[Mapping[str, Mapping[str, Callable[[str, Any], object]]]] = {
    "standing": {
        "organisation": _address,
        "category": _text,
        "model": _text,
        "at": _interval,
        "known_at": _integer,
        "clock": _CLOCK,
        "position": _integer,
        "freshness": _freshness,
    },
    "non-revocation": {
        "qualification": _hash,
        "at": _integer,
        "known_at": _integer,
        "position": _integer,
        "freshness": _freshness,
    },
    "trace": {
        "lot": _hash,
        "direction": _one_of("back", "forward"),
        "at": _optional,
        "known_at": _integer,
        "clock": _CLOCK,
        "position": _integer,
        "upto": _integer,
        "freshness": _freshness,
    },
    "verdict": {
        "question": _verdict_question,
        "policy": _any_object,
        "position": _integer,
    },
}
