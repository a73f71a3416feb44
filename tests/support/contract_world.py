"""The real contracts on an embedded chain, with a cast that signs for its organisations.

A founded ledger is built once per process and copied for each test that wants one, so that tests
share nothing. Block time is the world's ``now``; it stands still until a test moves it.

>>> with contract_world(tmp_path) as world:
...     world.accepted(world.issue())
...     assert world.refused(world.issue(by="eve")).name == "EntrySignerNotLive"

The contracts of batches are deployed beside these in ``tests.support.batch_world``.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from coincurve import PrivateKey, PublicKey
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.grammar import parse
from eth_hash.auto import keccak

from ledger.chain.artifacts import load_artifacts
from ledger.chain.codec import ContractError, decode_error, packed_calldata
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.protocol import CallReverted, Log, Receipt
from ledger.merkle import Frontier, leaf_hash
from ledger.typed_data import (
    ACTIONS,
    REGISTER_PREFIX,
    Domain,
    Entry,
    SignedEntry,
    Value,
    moved_subjects,
    organisation_id,
    publication_id,
    qualification_id,
    register_subject,
)
from ledger.vocabulary import NO_END, Role
from tests.support.chains import CHAIN_ID, Sender
from tests.support.stock_chain import StockChain

#: The block time of a founded world.
FOUNDED: Final = 1_600_000_000
DAY: Final = 86_400
MAX_LATENESS: Final = 7 * DAY
REGISTER: Final = REGISTER_PREFIX + "niosh-n95"
KIND: Final = "cn-production-licence"
MIRRORED_KIND: Final = "niosh-approval"
CATEGORY: Final = "mask.surgical"
GAS: Final = 16_777_216
NOBODY: Final = bytes(20)
#: The order of secp256k1.
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

#: Who is in the cast: account → organisation and role. ``eve`` has an account nowhere.
CAST: Final[Mapping[str, tuple[str, Role]]] = {
    "issuer": ("bureau", Role.ISSUER),
    "second issuer": ("institute", Role.ISSUER),
    "verifier": ("panel", Role.REVIEWER),
    "editor": ("panel", Role.REVIEWER),
    "second editor": ("panel", Role.REVIEWER),
    "publisher": ("college", Role.REVIEWER),
    "mirror": ("observer", Role.MIRROR),
    "second mirror": ("copyist", Role.MIRROR),
    "supplier": ("maker", Role.SUPPLIER),
    "second supplier": ("weaver", Role.SUPPLIER),
    "auditor": ("office", Role.AUDITOR),
    # One organisation with two roles, each of which only one of its accounts has.
    "clerk": ("bureau", Role.BUYER),
}
_ORGANISATIONS: Final[Mapping[str, Role]] = {
    "bureau": Role.ISSUER | Role.BUYER,
    "institute": Role.ISSUER,
    "panel": Role.REVIEWER,
    "college": Role.REVIEWER,
    "observer": Role.MIRROR,
    "copyist": Role.MIRROR,
    "maker": Role.SUPPLIER,
    "weaver": Role.SUPPLIER,
    "office": Role.AUDITOR,
}
AUTHORITIES: Final = ("first authority", "second authority", "third authority")

_RECORDED: Final = keccak(b"EntryRecorded(uint256,bytes32,bytes20,bytes)")
_LATE: Final = keccak(b"EntryAdmittedLate(uint256)")
_REFUSED: Final = keccak(b"EntryRefused(bytes32,uint256,bytes)")
_APPENDED: Final = keccak(b"Appended(uint256,uint256,bytes32)")


@cache
def key(name: str) -> PrivateKey:
    return PrivateKey(keccak(b"the key of " + name.encode()))


@cache
def account(name: str) -> bytes:
    """The address of somebody of the cast, or of anybody else."""
    return keccak(key(name).public_key.format(compressed=False)[1:])[-20:]


def org(name: str) -> bytes:
    """The id of an organisation of the cast."""
    return organisation_id("invented", name)


def signature(name: str, digest: bytes) -> bytes:
    """``r ‖ yParityAndS`` (EIP-2098)."""
    made = key(name).sign_recoverable(digest, hasher=None)
    return made[:32] + bytes((made[32] | made[64] << 7,)) + made[33:64]


def calldata(signature: str, values: Sequence[object]) -> bytes:
    """A call of a function, whose parameters may be tuples."""
    parameters = parse(signature[signature.index("(") :]) if "()" not in signature else None
    types = [t.to_type_str() for t in parameters.components] if parameters else []
    return keccak(signature.encode())[:4] + abi_encode(types, values)


@dataclass(frozen=True)
class Recorded:
    sequence: int
    subject: bytes
    author: bytes
    packed: bytes
    late: bool


@dataclass(frozen=True)
class Refused:
    digest: bytes
    index: int
    error: ContractError


@dataclass(frozen=True)
class Outcome:
    """What one call of ``record`` did. ``root`` is None if nothing was appended."""

    receipt: Receipt
    recorded: tuple[Recorded, ...]
    refused: tuple[Refused, ...]
    first: int | None
    count: int
    root: bytes | None

    @property
    def errors(self) -> list[str]:
        return [r.error.name for r in self.refused]


@dataclass
class ContractWorld:
    """One ledger. Everything that acts returns what the chain said, decoded."""

    chain: EmbeddedChain | StockChain
    addresses: dict[str, bytes]
    now: int = FOUNDED
    sender: Sender = field(default_factory=Sender)
    nonces: dict[tuple[str, str], int] = field(default_factory=dict)

    # ---------------------------------------------------------------- entries

    def domain(self, contract: str) -> Domain:
        return Domain(contract, CHAIN_ID, self.addresses[contract])

    def nonce(self, contract: str, *names: str) -> int:
        """A nonce that none of these who sign together has used, nor was given before."""
        taken = max(self.nonces.get((contract, name), 0) for name in names)
        self.nonces.update({(contract, name): taken + 1 for name in names})
        return taken

    def entry(self, action: str, by: str, /, *beside: str, **values: Value) -> Entry:
        contract = ACTIONS[action].contract
        common: dict[str, Value] = {"happenedAt": self.now, "deadline": self.now + DAY}
        if "nonce" not in values:
            common["nonce"] = self.nonce(contract, by, *beside)
        return Entry.of(action, **{**common, **values})

    def sign(self, entry: Entry, *names: str, domain: Domain | None = None) -> SignedEntry:
        digest = entry.digest(domain or self.domain(entry.action.contract))
        return SignedEntry(entry, tuple(signature(name, digest) for name in names))

    def act(self, action: str, by: str, /, *beside: str, **values: Value) -> SignedEntry:
        """An entry signed by ``by`` and by those beside it."""
        return self.sign(self.entry(action, by, *beside, **values), by, *beside)

    def ruled(self, action: str, /, **values: Value) -> SignedEntry:
        """An act of the authority, with as many signatures as the founding quorum of two."""
        return self.act(action, AUTHORITIES[0], AUTHORITIES[1], **values)

    # ---------------------------------------------------------------- sending

    def send(self, contract: str, data: bytes, *, gas: int = GAS) -> Receipt:
        raw = self.sender.sign(self.addresses[contract], data, gas=gas)
        [handover] = self.chain.send_raw_transactions([raw])
        assert handover.refusal is None, handover.refusal
        receipt = self.chain.receipt(handover.transaction_hash)
        assert receipt is not None
        return receipt

    def record_bytes(self, contract: str, packed: Sequence[bytes], *, gas: int = GAS) -> Outcome:
        """What ``record`` made of these; the transaction must not fail."""
        receipt = self.send(contract, packed_calldata(packed), gas=gas)
        assert receipt.succeeded, "the batch reverted"
        return outcome(receipt)

    def record(self, *entries: SignedEntry, gas: int = GAS) -> Outcome:
        """One batch; all entries must be of one contract."""
        [contract] = {e.entry.action.contract for e in entries}
        return self.record_bytes(contract, [e.pack() for e in entries], gas=gas)

    def accepted(self, *entries: SignedEntry) -> list[Recorded]:
        """Record each, in one batch for each run of entries of one contract; none is refused."""
        found: list[Recorded] = []
        run: list[SignedEntry] = []
        for entry in [*entries, None]:
            if run and (
                entry is None or entry.entry.action.contract != run[0].entry.action.contract
            ):
                made = self.record(*run)
                assert not made.refused, made.refused[0].error
                found += made.recorded
                run = []
            if entry is not None:
                run.append(entry)
        return found

    def refused(self, entry: SignedEntry) -> ContractError:
        """The refusal of an entry that has to be refused, after showing that nothing changed."""
        return self.refused_bytes(entry.entry.action.contract, entry.pack()).error

    def refused_bytes(self, contract: str, packed: bytes) -> Refused:
        before = self.storage()
        made = self.record_bytes(contract, [packed])
        assert not made.recorded, "it was accepted"
        assert self.storage() == before, "a refused entry changed something"
        [refused] = made.refused
        return refused

    def storage(self) -> dict[str, bytes]:
        """The roots of all contracts' storage: equal roots mean that no word of any differs."""
        return {n: self.chain.proof(a, []).storage_root for n, a in self.addresses.items()}

    # ---------------------------------------------------------------- reading

    def view(self, contract: str, signature: str, returns: str, *values: object) -> Any:
        """The one value, or the tuple of values, that a view returns."""
        raw = self.chain.call(self.addresses[contract], calldata(signature, values))
        found = abi_decode(returns.split(","), raw)
        return found[0] if len(found) == 1 else found

    def reverted(self, contract: str, signature: str, *values: object) -> ContractError:
        try:
            self.chain.call(self.addresses[contract], calldata(signature, values))
        except CallReverted as reverted:
            return decode_error(reverted.data)
        raise AssertionError("it did not revert")

    def size(self) -> int:
        return int(self.view("EntryLog", "size()", "uint256"))

    def root(self) -> bytes:
        return bytes(self.view("EntryLog", "root()", "bytes32"))

    def head(self, subject: bytes) -> bytes:
        word = subject.ljust(32, b"\0")
        return bytes(self.view("EntryLog", "heads(bytes32)", "bytes32", word))

    def qualification(self, id_: bytes) -> tuple[bytes, int, int, int, int]:
        found = self.view(
            "QualificationRegistry",
            "qualification(bytes32)",
            "bytes20,uint40,uint40,uint8,uint8",
            id_,
        )
        return (bytes(found[0]), *found[1:])

    def state(self, id_: bytes) -> int:
        return self.qualification(id_)[3]

    def is_nonce_used(self, contract: str, name: str, nonce: int) -> bool:
        signature = "isNonceUsed(address,uint64)"
        return bool(self.view(contract, signature, "bool", account(name), nonce))

    def limits(self) -> tuple[int, int]:
        found: tuple[int, int] = self.view("ParticipantRegistry", "limits()", "uint256,uint256")
        return found

    def organisation(self, id_: bytes) -> tuple[int, int, int]:
        found: tuple[int, int, int] = self.view(
            "ParticipantRegistry", "organisation(bytes20)", "uint8,uint256,uint64", id_
        )
        return found

    def account_state(self, name: str) -> tuple[int, int]:
        found: tuple[int, int] = self.view(
            "ParticipantRegistry", "accountState(address)", "uint8,uint64", account(name)
        )
        return found

    def actor(self, name: str) -> tuple[bytes, int, bool]:
        found: tuple[bytes, int, bool] = self.view(
            "ParticipantRegistry", "actor(address)", "bytes20,uint256,bool", account(name)
        )
        return found

    def accreditation(self, id_: bytes, kind: str) -> tuple[int, int]:
        found: tuple[int, int] = self.view(
            "ParticipantRegistry",
            "accreditation(bytes20,bytes32)",
            "uint64,uint64",
            id_,
            keccak(kind.encode()),
        )
        return found

    # ---------------------------------------------------------------- what the cast usually does

    def register(self, name: str, role: Role, /, **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "roles": int(role),
            "division": 420100000000,
            "identifierKind": "invented",
            "identifier": name,
            "nameZh": "虚构的" + name,
            "nameEn": "The invented " + name,
        }
        return self.ruled("RegisterOrganisation", **{**given, **values})

    def add_account(self, name: str, organisation: bytes, role: Role) -> SignedEntry:
        return self.ruled(
            "AddAccount",
            organisation=organisation,
            account=account(name),
            roles=int(role),
            person=keccak(b"salt" + name.encode()),
        )

    def set_category(self, category: str, zh: str, en: str, **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "rawMaterial": False,
            "category": category,
            "parent": "",
            "nameZh": zh,
            "nameEn": en,
            "unit": "H87",
            "codes": "{}",
        }
        return self.ruled("SetCategory", **{**given, **values})

    def issue(self, *, by: str = "issuer", **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "holder": org("maker"),
            "validFrom": FOUNDED - 100 * DAY,
            "validUntil": FOUNDED + 100 * DAY,
            "document": keccak(b"licence"),
            "category": CATEGORY,
            "model": "",
            "kind": KIND,
            "number": "许20200001",
        }
        return self.act("IssueQualification", by, **{**given, **values})

    def submit(self, *, by: str = "supplier", **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "validFrom": FOUNDED - 100 * DAY,
            "validUntil": FOUNDED + 100 * DAY,
            "document": keccak(b"application"),
            "category": CATEGORY,
            "model": "",
            "kind": KIND,
            "number": "",
        }
        return self.act("SubmitQualification", by, **{**given, **values})

    def step(self, action: str, by: str, id_: bytes, /, **values: Value) -> SignedEntry:
        """Any entry about one qualification; what its type has and is not given is filled in."""
        given: dict[str, Value] = {
            "qualification": id_,
            "document": keccak(b"decision"),
            "reason": "as decided",
            "note": "seen",
            "number": "R-1",
            "validFrom": FOUNDED - 50 * DAY,
            "validUntil": FOUNDED + 50 * DAY,
            "effective": self.now,
            **values,
        }
        names = {f.name for f in ACTIONS[action].fields}
        return self.act(action, by, **{k: v for k, v in given.items() if k in names})

    def waive(self, *names: str, **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "holder": org("maker"),
            "validFrom": FOUNDED - DAY,
            "validUntil": FOUNDED + 30 * DAY,
            "document": keccak(b"decree"),
            "category": CATEGORY,
            "model": "",
            "kind": KIND,
            "reason": "shortage",
        }
        return self.act("WaiveQualification", *(names or AUTHORITIES[:2]), **{**given, **values})

    def publish(self, *, by: str = "mirror", **values: Value) -> SignedEntry:
        """A register's publication, as its mirror records it."""
        given: dict[str, Value] = {
            "published": self.now - DAY,
            "document": keccak(b"list"),
            "rows": 3,
            "rowsRoot": keccak(b"rows"),
            "register": REGISTER,
            "title": "The invented list of N95",
        }
        return self.act("RecordPublication", by, **{**given, **values})

    def publication(self, *, by: str = "mirror", **values: Value) -> bytes:
        """The id of a publication that was recorded by this."""
        entry = self.publish(by=by, **values)
        self.accepted(entry)
        return publication_id(org(CAST[by][0]), self.digest(entry))

    def mirror(self, publication: bytes, *, by: str = "mirror", **values: Value) -> SignedEntry:
        given: dict[str, Value] = {
            "holder": org("maker"),
            "validFrom": FOUNDED - 100 * DAY,
            "validUntil": FOUNDED + 100 * DAY,
            "document": keccak(b"row"),
            "publication": publication,
            "withdrawnFrom": 0,
            "category": CATEGORY,
            "model": "",
            "kind": MIRRORED_KIND,
            "number": "TC-84A-0000",
        }
        return self.act("MirrorQualification", by, **{**given, **values})

    def digest(self, signed: SignedEntry) -> bytes:
        return signed.entry.digest(self.domain(signed.entry.action.contract))

    def id_of(self, signed: SignedEntry, author: bytes) -> bytes:
        """The id of the qualification that the entry makes, computed apart from the contract."""
        v: Mapping[str, Any] = signed.entry.values
        source = author
        if signed.entry.action.name == "MirrorQualification":
            source = register_subject(author, REGISTER)
        holder = v.get("holder", author)
        digest = self.digest(signed)
        return qualification_id(source, holder, v["category"], v["model"], v["kind"], digest)

    def make(self, signed: SignedEntry) -> bytes:
        """Record what makes a qualification; returns its id."""
        [recorded] = self.accepted(signed)
        assert recorded.subject == self.id_of(signed, recorded.author)
        return recorded.subject

    def reviewed(self) -> bytes:
        """A qualification that went through the whole review."""
        id_ = self.make(self.submit())
        self.accepted(
            self.step("VerifyQualification", "verifier", id_),
            self.step("EditQualification", "editor", id_),
            self.step("PublishQualification", "publisher", id_),
        )
        return id_

    def require(self, kind: str = KIND, category: str = CATEGORY) -> None:
        self.accepted(
            self.ruled("SetRequirement", **{"from": 1}, until=NO_END, category=category, kind=kind)
        )


def outcome(receipt: Receipt) -> Outcome:
    late = {int.from_bytes(log.topics[1], "big") for log in receipt.logs if log.topics[0] == _LATE}
    recorded, refused = [], []
    first, count, root = None, 0, None
    for log in receipt.logs:
        if log.topics[0] == _RECORDED:
            recorded.append(_recorded(log, late))
        elif log.topics[0] == _REFUSED:
            index, reason = abi_decode(["uint256", "bytes"], log.data)
            refused.append(Refused(log.topics[1], index, decode_error(reason)))
        elif log.topics[0] == _APPENDED:
            first = int.from_bytes(log.topics[1], "big")
            count, root = abi_decode(["uint256", "bytes32"], log.data)
    return Outcome(receipt, tuple(recorded), tuple(refused), first, count, root)


def _recorded(log: Log, late: set[int]) -> Recorded:
    sequence = int.from_bytes(log.topics[1], "big")
    [packed] = abi_decode(["bytes"], log.data)
    return Recorded(sequence, log.topics[2], log.topics[3][:20], packed, sequence in late)


class LogModel:
    """The log as anybody can recompute it from the events alone."""

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.heads: dict[bytes, bytes] = {}

    def follow(self, world: ContractWorld, contract: str, made: Outcome) -> None:
        """Append what one transaction recorded."""
        for recorded in made.recorded:
            assert recorded.sequence == self.frontier.size, "the sequence has a gap"
            signed = SignedEntry.unpack(contract, recorded.packed)
            subjects = moved_subjects(signed.entry, recorded.subject, recorded.author)
            leaf = leaf_hash(
                recorded.sequence,
                world.now,
                world.addresses[contract],
                world.digest(signed),
                [recover(world.digest(signed), s) for s in signed.signatures],
                subjects,
                [self.heads.get(s, bytes(32)) for s in subjects],
            )
            self.frontier.append(leaf)
            for subject in subjects:
                self.heads[subject] = leaf


def recover(digest: bytes, compact: bytes) -> bytes:
    """The address whose EIP-2098 signature this is."""
    v = compact[32] >> 7
    plain = compact[:32] + bytes((compact[32] & 0x7F,)) + compact[33:] + bytes((v,))
    found = PublicKey.from_signature_and_message(plain, digest, hasher=None)
    return keccak(found.format(compressed=False)[1:])[-20:]


# -------------------------------------------------------------------------------- founding


def founding_arguments(
    accounts: Sequence[bytes], quorum: int, max_lateness: int = MAX_LATENESS
) -> tuple[object, ...]:
    names = ("invented", "authority", "虚构机关", "Invented Authority")
    return (*names, list(accounts), quorum, max_lateness)


def create(
    chain: EmbeddedChain | StockChain, sender: Sender, name: str, arguments: Sequence[object]
) -> Receipt:
    """The receipt of a contract's deployment, which may have failed."""
    artifact = load_artifacts()[name]
    return create_code(chain, sender, artifact.bytecode, artifact.abi, arguments)


def create_code(
    chain: EmbeddedChain | StockChain,
    sender: Sender,
    bytecode: bytes,
    abi: Sequence[Mapping[str, Any]],
    arguments: Sequence[object],
) -> Receipt:
    constructor: Mapping[str, Any] = next(
        (e for e in abi if e["type"] == "constructor"), {"inputs": []}
    )
    inputs = constructor["inputs"]
    code = bytecode + abi_encode([i["type"] for i in inputs], arguments)
    [handover] = chain.send_raw_transactions([sender.sign(None, code, gas=GAS)])
    assert handover.refusal is None, handover.refusal
    receipt = chain.receipt(handover.transaction_hash)
    assert receipt is not None
    return receipt


def deploy_registries(world: ContractWorld, terms: Sequence[object]) -> None:
    """Deploy both registries; the one of the qualifications is not admitted yet."""
    made = create(world.chain, world.sender, "ParticipantRegistry", terms)
    assert made.contract_address is not None
    world.addresses["ParticipantRegistry"] = made.contract_address
    log = world.view("ParticipantRegistry", "log()", "address")
    world.addresses["EntryLog"] = bytes.fromhex(log[2:])
    arguments = (made.contract_address,)
    made = create(world.chain, world.sender, "QualificationRegistry", arguments)
    assert made.contract_address is not None
    world.addresses["QualificationRegistry"] = made.contract_address


def found(world: ContractWorld) -> None:
    """Deploy the registries, admit them, and let the whole cast in."""
    deploy_registries(world, founding_arguments([account(a) for a in AUTHORITIES], 2))
    registry = world.addresses["QualificationRegistry"]
    world.accepted(
        world.ruled("AdmitContract", ledger=registry, name="QualificationRegistry"),
        *(world.register(name, role) for name, role in _ORGANISATIONS.items()),
        *(world.add_account(name, org(of), role) for name, (of, role) in CAST.items()),
        *(
            world.ruled("Accredit", organisation=org(o), **{"from": 1}, until=NO_END, kind=kind)
            for o, kind in [
                ("bureau", KIND),
                ("institute", KIND),
                ("observer", REGISTER),
                ("copyist", REGISTER),
            ]
        ),
        world.set_category(CATEGORY, "医用外科口罩", "Surgical mask"),
    )


#: Whether the contracts run on stock eth-tester instead of the embedded chain.
ON_ETH_TESTER: Final = os.environ.get("SUYUAN_CONTRACTS_ON") == "eth-tester"


@cache
def _template() -> tuple[Path, ContractWorld]:
    """A founded world, of which each test gets a copy, and its file on the embedded chain."""
    path = Path(tempfile.mkdtemp(prefix="suyuan-contracts-")) / "chain.db"
    world = open_world(path)
    found(world)
    world.chain.close()
    return path, world


W = TypeVar("W", bound=ContractWorld)


def open_world(path: Path, template: ContractWorld | None = None) -> ContractWorld:
    """The world of the template, whose chain file was copied to ``path``; without one a chain on
    which nothing is deployed."""
    return open_as(ContractWorld, path, template)


def open_as(kind: type[W], path: Path, template: ContractWorld | None = None) -> W:
    """As :func:`open_world`, a world of this kind."""
    times: list[ContractWorld] = []

    def clock() -> float:
        return times[0].now if times else FOUNDED

    chain: EmbeddedChain | StockChain
    if ON_ETH_TESTER:
        founded = None if template is None else template.chain
        assert founded is None or isinstance(founded, StockChain)
        chain = StockChain(clock, founded)
    else:
        chain = EmbeddedChain(path, chain_id=CHAIN_ID, clock=clock)
    world = kind(chain, {})
    if template is not None:
        world.addresses = dict(template.addresses)
        world.sender = Sender(nonce=template.sender.nonce)
        world.nonces = dict(template.nonces)
    times.append(world)
    return world


def copy_as(kind: type[W], folder: Path, file: Path, template: ContractWorld) -> W:
    """A copy below ``folder`` of the template whose chain is in ``file``."""
    path = folder / "chain.db"
    if not ON_ETH_TESTER:
        shutil.copy(file, path)
    return open_as(kind, path, template)


@contextmanager
def contract_world(folder: Path) -> Iterator[ContractWorld]:
    """A founded ledger of its own below ``folder``."""
    world = copy_as(ContractWorld, folder, *_template())
    try:
        yield world
    finally:
        world.chain.close()


@contextmanager
def empty_world(folder: Path) -> Iterator[ContractWorld]:
    """A chain on which nothing is deployed."""
    world = open_world(folder / "chain.db")
    try:
        yield world
    finally:
        world.chain.close()
