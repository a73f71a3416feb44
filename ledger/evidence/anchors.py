"""What a verifier trusts: the anchors file.

Evidence proves its claim only against something that its reader holds already and got from
elsewhere: which ledger is meant, whose seal its blocks bear, which witnesses count, by which
policies may be judged. Reading it is
lenient about the form of the JSON and strict about its content; what is wrong with it is its
holder's mistake (:class:`RequestError`, code ``anchors.form``), never bad evidence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson

from ledger.errors import RequestError
from ledger.evidence.canonical import MAX_BYTES, MAX_INTEGER
from ledger.policy import Policy
from ledger.recorded import Founding
from ledger.typed_data import hexed

FORMAT: Final = "suyuan anchors 1"
#: How blocks may be sealed.
RULES: Final = ("service", "clique", "qbft", "ibft")
#: What the accounts of a rule are called in the file.
_MEMBER: Final = {
    "service": "keys",
    "clique": "signers",
    "qbft": "validators",
    "ibft": "validators",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnchoredContract:
    """A contract of the ledger, with the keccak-256 of its code."""

    address: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class SealAnchor:
    """Whose seal counts. ``accounts`` (20 bytes each, sorted): the service's keys, the signers or
    the validators. ``quorum``: how many of the service's keys must sign; the other rules know it
    themselves, and it is 0."""

    rule: str
    accounts: tuple[bytes, ...]
    quorum: int = 0


@dataclass(frozen=True, slots=True)
class NamedWitness:
    account: bytes
    name: str


@dataclass(frozen=True, slots=True)
class PinnedCheckpoint:
    """A checkpoint that the reader has seen before: the log's size and root and its block."""

    size: int
    root: bytes
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Anchors:
    """All that a verifier trusts. ``receipts`` are the service's keys for receipts;
    ``witness_quorum`` of the ``witnesses`` must have countersigned a checkpoint. ``policies`` are
    the documents of those by which a claim may be judged."""

    chain_id: int
    genesis: bytes
    contracts: Mapping[str, AnchoredContract]
    founding: Founding
    seal: SealAnchor
    receipts: tuple[bytes, ...] = ()
    witnesses: tuple[NamedWitness, ...] = ()
    witness_quorum: int = 0
    checkpoints: tuple[PinnedCheckpoint, ...] = ()
    policies: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        founding = self.founding
        seal: dict[str, Any] = {
            "rule": self.seal.rule,
            _MEMBER[self.seal.rule]: [hexed(a) for a in self.seal.accounts],
        }
        if self.seal.rule == "service":
            seal["quorum"] = self.seal.quorum
        return {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "genesis": hexed(self.genesis),
            "contracts": {
                name: {"address": hexed(c.address), "code_hash": hexed(c.code_hash)}
                for name, c in sorted(self.contracts.items())
            },
            "founding": {
                "organisation": hexed(founding.organisation),
                "identifier_kind": founding.identifier_kind,
                "identifier": founding.identifier,
                "name_zh": founding.name_zh,
                "name_en": founding.name_en,
                "accounts": [hexed(a) for a in founding.accounts],
                "quorum": founding.quorum,
                "max_lateness": founding.max_lateness,
                "founded_at": founding.founded_at,
            },
            "seal": seal,
            "receipts": [hexed(a) for a in self.receipts],
            "witnesses": [{"account": hexed(w.account), "name": w.name} for w in self.witnesses],
            "witness_quorum": self.witness_quorum,
            "checkpoints": [
                {"size": c.size, "root": hexed(c.root), "block_hash": hexed(c.block_hash)}
                for c in self.checkpoints
            ],
            "policies": [dict(document) for document in self.policies],
        }

    @classmethod
    def parse(cls, data: bytes) -> "Anchors":
        """Read the file; :class:`RequestError` for anything that is none, naming the member."""
        if len(data) > MAX_BYTES:
            raise wrong("", f"is longer than {MAX_BYTES} bytes", f"超过 {MAX_BYTES} 字节")
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise wrong("", "is not JSON", "不是 JSON") from None
        return cls.from_json(value)

    @classmethod
    def from_json(cls, data: Any) -> "Anchors":
        """The inverse of :meth:`to_json`. No member may be missing or unknown."""
        top = _Members("", data, _TOP)
        if top["format"] != FORMAT:
            raise wrong("format", f"must be {FORMAT!r}", f"须为 {FORMAT!r}")
        anchors = cls(
            top.integer("chain_id"),
            top.hexed("genesis", 32),
            _contracts(top["contracts"]),
            _founding(top["founding"]),
            _seal(top["seal"]),
            top.addresses("receipts"),
            top.each("witnesses", _witness),
            top.integer("witness_quorum"),
            top.each("checkpoints", _pinned),
            top.each("policies", _policy),
        )
        accounts = {w.account for w in anchors.witnesses}
        if len(accounts) < len(anchors.witnesses):
            raise wrong("witnesses", "names an account twice", "同一账户出现两次")
        if anchors.witness_quorum > len(accounts):
            raise wrong("witness_quorum", "is more than there are witnesses", "多于见证方数目")
        return anchors


def _contracts(data: Any) -> dict[str, AnchoredContract]:
    if not isinstance(data, dict):
        raise wrong("contracts", "must be an object", "须为对象")
    found = {}
    for name, value in data.items():
        members = _Members(f"contracts.{name}", value, {"address", "code_hash"})
        found[name] = AnchoredContract(members.hexed("address", 20), members.hexed("code_hash", 32))
    for needed in ("EntryLog", "ParticipantRegistry"):
        if needed not in found:
            raise wrong(f"contracts.{needed}", "is missing", "缺失")
    return found


def _founding(data: Any) -> Founding:
    members = _Members("founding", data, _FOUNDING)
    return Founding(
        members.hexed("organisation", 20),
        members.text("identifier_kind"),
        members.text("identifier"),
        members.text("name_zh"),
        members.text("name_en"),
        members.addresses("accounts"),
        members.integer("quorum"),
        members.integer("max_lateness"),
        members.integer("founded_at"),
    )


def _seal(data: Any) -> SealAnchor:
    rule = data.get("rule") if isinstance(data, dict) else None
    if rule not in RULES:
        known = ", ".join(RULES)
        raise wrong("seal.rule", f"must be one of {known}", f"须为 {known} 之一")
    service = rule == "service"
    members = _Members("seal", data, {"rule", _MEMBER[rule], *(["quorum"] if service else [])})
    accounts = tuple(sorted(members.addresses(_MEMBER[rule])))
    quorum = members.integer("quorum") if service else 0
    if not accounts or len(set(accounts)) < len(accounts):
        raise wrong(
            f"seal.{_MEMBER[rule]}", "must name accounts, each once", "须列出账户，且不得重复"
        )
    if service and not 1 <= quorum <= len(accounts):
        raise wrong("seal.quorum", "must be from 1 to the number of keys", "须为 1 到密钥数目")
    return SealAnchor(rule, accounts, quorum)


def _witness(where: str, data: Any) -> NamedWitness:
    members = _Members(where, data, {"account", "name"})
    return NamedWitness(members.hexed("account", 20), members.text("name"))


def _pinned(where: str, data: Any) -> PinnedCheckpoint:
    members = _Members(where, data, {"size", "root", "block_hash"})
    return PinnedCheckpoint(
        members.integer("size"), members.hexed("root", 32), members.hexed("block_hash", 32)
    )


def _policy(where: str, data: Any) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise wrong(where, "must be an object", "须为对象")
    try:
        return Policy.from_json(data).document
    except RequestError as error:
        raise wrong(f"{where}.{error.field}", "is not that of a policy", "不是策略的成员") from None


_TOP: Final = {
    *("format", "chain_id", "genesis", "contracts", "founding", "seal", "receipts", "witnesses"),
    *("witness_quorum", "checkpoints", "policies"),
}
_FOUNDING: Final = {
    *("organisation", "identifier_kind", "identifier", "name_zh", "name_en", "accounts"),
    *("quorum", "max_lateness", "founded_at"),
}


class _Members:
    """The members of an object, all of these and no other; ``where`` is its place in the file."""

    def __init__(self, where: str, data: Any, names: set[str]) -> None:
        self._prefix = f"{where}." if where else ""
        if not isinstance(data, dict):
            raise wrong(where, "must be an object", "须为对象")
        for name in names - data.keys():
            raise wrong(self._prefix + name, "is missing", "缺失")
        for name in data.keys() - names:
            raise wrong(self._prefix + name, "is not known", "未知")
        self._data: dict[str, Any] = data

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def integer(self, name: str) -> int:
        value = self._data[name]
        if type(value) is not int or not 0 <= value <= MAX_INTEGER:
            raise wrong(
                self._prefix + name,
                "must be a whole number from 0 to 2^53 - 1",
                "须为 0 到 2^53 - 1 的整数",
            )
        return value

    def text(self, name: str) -> str:
        value = self._data[name]
        if not isinstance(value, str):
            raise wrong(self._prefix + name, "must be a text", "须为文本")
        return value

    def hexed(self, name: str, size: int) -> bytes:
        return _hexed(self._prefix + name, self._data[name], size)

    def addresses(self, name: str) -> tuple[bytes, ...]:
        return self.each(name, lambda where, value: _hexed(where, value, 20))

    def each(self, name: str, read: Callable[[str, Any], T]) -> tuple[T, ...]:
        value = self._data[name]
        if not isinstance(value, list):
            raise wrong(self._prefix + name, "must be a list", "须为列表")
        return tuple(read(f"{self._prefix}{name}.{i}", item) for i, item in enumerate(value))


def _hexed(where: str, value: Any, size: int) -> bytes:
    if isinstance(value, str) and len(value) == 2 + 2 * size and value.startswith("0x"):
        try:
            raw = bytes.fromhex(value[2:])
        except ValueError:
            raw = b""
        if len(raw) == size:
            return raw
    raise wrong(where, f"must be {size} bytes as 0x hex", f"须为 {size} 字节的 0x 十六进制")


def wrong(where: str, english: str, chinese: str) -> RequestError:
    """What is wrong with the member ``where`` of the anchors."""
    place = f"anchors.{where}" if where else "anchors"
    return RequestError(
        f"{place}: {english}",
        message_zh=f"{place}：{chinese}",
        field=place,
        code="anchors.form",
    )
