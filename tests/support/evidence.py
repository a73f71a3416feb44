"""A small real ledger, and valid evidence of each kind about it, not made by the service's builder.

>>> with evidence_world(tmp_path) as world:
...     bundle = world.entry_bundle(3)
...     assert Verifier(world.anchors()).verify(bundle.to_bytes()).result is Result.VALID

The service's key, a witness's and a stranger's are in ``SERVICE``, ``WITNESS`` and ``STRANGER``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ledger.chain.protocol import AccountProof
from ledger.evidence import judging, signed
from ledger.evidence.anchors import AnchoredContract, Anchors, NamedWitness, SealAnchor
from ledger.evidence.bundle import (
    AbsenceClaim,
    BareLeaf,
    Bundle,
    Chain,
    Checkpoint,
    Claim,
    ClaimedReceipt,
    ConsistencyClaim,
    EntryClaim,
    JudgedClaim,
    LedgerName,
    Seal,
    ShownEntry,
    Witness,
)
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT, head_slot, nonce_slot
from ledger.evidence.sources import Recorder
from ledger.hashing import keccak
from ledger.index.repository import Index
from ledger.indexing import Indexer
from ledger.merkle import signers_hash
from ledger.policy import default_policy, policies
from ledger.recorded import RecordedEntry
from ledger.signing import Signer
from ledger.typed_data import Domain, SignedEntry, hexed
from ledger.vocabulary import NO_END, Role
from tests.support.databases import new_database
from tests.support.ledger import Member, TestLedger, embedded_ledger, key

LOG: Final = "EntryLog"
SERVICE: Final = key("the service")
WITNESS: Final = key("a witness")
STRANGER: Final = key("a stranger")

RAW: Final = "polymer"
KIND: Final = "licence"
PAPER: Final = b"%PDF- a licence of Clear Brook Polymers"
GTIN: Final = 9_521_234_000_013
FRESHNESS: Final = {
    "default": default_policy().freshness.default,
    "registers": dict(default_policy().freshness.registers),
}
_EMPTY: Final = bytes(32)
_BOTH: Final = (SIZE_SLOT, ROOT_SLOT)


# --------------------------------------------------------------------- RFC 6962, plain and slow


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root of these leaves (RFC 6962, section 2.1, with keccak-256)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else _EMPTY
    half = _split(len(leaves))
    return keccak(b"\x01" + tree_root(leaves[:half]) + tree_root(leaves[half:]))


def inclusion(index: int, leaves: Sequence[bytes]) -> bytes:
    """PATH of section 2.1.1, one hash behind the other."""
    if len(leaves) == 1:
        return b""
    half = _split(len(leaves))
    if index < half:
        return inclusion(index, leaves[:half]) + tree_root(leaves[half:])
    return inclusion(index - half, leaves[half:]) + tree_root(leaves[:half])


def consistency(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> bytes:
    """PROOF of section 2.1.2."""
    if old == len(leaves):
        return b"" if whole else tree_root(leaves)
    half = _split(len(leaves))
    if old <= half:
        return consistency(old, leaves[:half], whole=whole) + tree_root(leaves[half:])
    return consistency(old - half, leaves[half:], whole=False) + tree_root(leaves[:half])


# ------------------------------------------------------------------------------ the world


@dataclass
class EvidenceWorld:
    """A ledger on an embedded chain, read into an index; ``clock`` is both sides' time.

    ``qualification`` was suspended by entry ``suspension``, after ``lot`` was made.
    """

    ledger: TestLedger
    index: Index
    maker: Member
    issuer: Member
    clock: list[int]
    qualification: bytes = b""
    lot: bytes = b""
    suspension: int = 0
    records: list[RecordedEntry] = field(default_factory=list)
    blocks: dict[int, int] = field(default_factory=dict)

    # -- what is trusted

    @property
    def domain(self) -> Domain:
        """In which statements about the log are signed."""
        deployment = self.ledger.deployment
        return signed.domain(deployment.chain_id, deployment.address(LOG))

    def anchors(self, **changes: Any) -> Anchors:
        """What a verifier trusts, but for these changes."""
        deployment = self.ledger.deployment
        found = Anchors(
            chain_id=deployment.chain_id,
            genesis=deployment.genesis_hash,
            contracts={
                name: AnchoredContract(c.address, c.code_hash)
                for name, c in deployment.contracts.items()
            },
            founding=self.index.founding(),
            seal=SealAnchor("service", (SERVICE.address,), 1),
            receipts=(SERVICE.address,),
            witnesses=(NamedWitness(WITNESS.address, "Valley Inspectorate"),),
            policies=tuple(policy.document for policy in policies().values()),
        )
        return replace(found, **changes)

    @property
    def name(self) -> LedgerName:
        deployment = self.ledger.deployment
        addresses = {name: c.address for name, c in deployment.contracts.items()}
        return LedgerName(deployment.chain_id, deployment.genesis_hash, addresses)

    # -- checkpoints

    def size_at(self, block: int) -> int:
        """How many entries the log had after this block."""
        return sum(e.block_number <= block for e in self.records)

    def block_with(self, size: int) -> int:
        """The block after which the log had this many entries."""
        return self.records[size - 1].block_number

    def checkpoint(
        self, block: int | None = None, *, signers: Iterable[Signer] = (SERVICE,), wait: int = 5
    ) -> Checkpoint:
        """The checkpoint after a block (default: the last), ``wait`` seconds later."""
        block = self.ledger.gateway.head().number if block is None else block
        found = self.ledger.gateway.block(block)
        assert found is not None
        size = self.size_at(block)
        root = tree_root([e.leaf for e in self.records[:size]])
        statement = signed.CheckpointStatement(size, root, block, found.hash, found.time + wait)
        digest = statement.digest(self.domain)
        seal = Seal("service", tuple(s.sign_digest(digest) for s in signers))
        header = self._proof(block, LOG, ()).header
        return Checkpoint(size, root, header, found.time + wait, seal)

    def witnessed(self, checkpoint: Checkpoint, *witnesses: Signer) -> Checkpoint:
        """The checkpoint, countersigned by those who had seen nothing before."""
        made = []
        block_hash = keccak(checkpoint.header)
        number = next(
            b.number
            for b in map(self.ledger.gateway.block, range(self.ledger.gateway.head().number + 1))
            if b is not None and b.hash == block_hash
        )
        for witness in sorted(witnesses, key=lambda w: w.address):
            at = checkpoint.made_at + 60
            statement = signed.WitnessedStatement(
                checkpoint.size, checkpoint.root, number, block_hash, 0, _EMPTY, at
            )
            signature = witness.sign_digest(statement.digest(self.domain))
            made.append(Witness(witness.address, 0, _EMPTY, at, signature))
        return replace(checkpoint, witnesses=tuple(made))

    # -- proofs

    def _proof(self, block: int, contract: str, slots: Sequence[int]) -> AccountProof:
        return self.ledger.gateway.proof(self.ledger.deployment.address(contract), slots, block)

    def nodes(self, block: int, *asked: tuple[str, Sequence[int]]) -> tuple[bytes, ...]:
        """The nodes that prove these slots of these contracts after the block."""
        found: dict[bytes, None] = {}
        for contract, slots in asked:
            proof = self._proof(block, contract, slots)
            found.update(dict.fromkeys(proof.nodes))
            for slot in proof.storage:
                found.update(dict.fromkeys(slot.nodes))
        return tuple(found)

    def path(self, sequence: int, size: int) -> bytes:
        return inclusion(sequence, [e.leaf for e in self.records[:size]])

    def shown(self, sequence: int, size: int | None = None) -> ShownEntry:
        """The entry, with its path in the log of ``size`` leaves if that is given."""
        e = self.records[sequence]
        return ShownEntry(
            e.action,
            e.entry.to_json()["message"],
            e.signatures,
            e.sequence,
            e.recorded_at,
            e.subjects,
            e.previous,
            None if size is None else self.path(sequence, size),
        )

    def bare(self, sequence: int, size: int) -> BareLeaf:
        e = self.records[sequence]
        return BareLeaf(
            e.sequence,
            e.recorded_at,
            e.address,
            e.digest,
            signers_hash(e.signers),
            e.subjects,
            e.previous,
            self.path(sequence, size),
        )

    # -- bundles

    def _bundle(
        self,
        kind: str,
        checkpoint: Checkpoint,
        nodes: tuple[bytes, ...],
        claim: Claim,
        entries: Iterable[ShownEntry] = (),
        leaves: Iterable[BareLeaf] = (),
        chains: Iterable[Chain] = (),
    ) -> Bundle:
        return Bundle(
            kind,
            self.name,
            checkpoint,
            nodes,
            tuple(sorted(entries, key=lambda e: e.sequence)),
            tuple(sorted(leaves, key=lambda leaf: leaf.sequence)),
            tuple(sorted(chains, key=lambda c: c.subject)),
            claim,
        )

    def entry_bundle(self, sequence: int, block: int | None = None) -> Bundle:
        """That this entry is in the log."""
        block = self.ledger.gateway.head().number if block is None else block
        checkpoint = self.checkpoint(block)
        return self._bundle(
            "entry",
            checkpoint,
            self.nodes(block, (LOG, [ROOT_SLOT])),
            EntryClaim(sequence),
            [self.shown(sequence, checkpoint.size)],
        )

    def withheld(self) -> tuple[SignedEntry, ClaimedReceipt]:
        """An entry that the service took and never recorded, with its receipt."""
        entry = self.ledger.signed(
            "DisableAccount", by=self.maker, nonce=300, reason="this phone was lost"
        )
        digest = entry.entry.digest(self.ledger.deployment.domain("ParticipantRegistry"))
        accepted = self.records[0].recorded_at
        statement = self.receipt_statement(digest, accepted + 20, accepted)
        signature = SERVICE.sign_digest(statement.digest(self.domain))
        return entry, ClaimedReceipt(digest, accepted + 20, accepted, signature)

    def receipt_statement(
        self, digest: bytes, deadline: int, accepted: int
    ) -> signed.ReceiptStatement:
        registry = self.ledger.deployment.address("ParticipantRegistry")
        account = self.maker.signer.address
        return signed.ReceiptStatement(registry, account, 300, digest, deadline, accepted)

    def absence_bundle(
        self,
        *,
        nonce: int = 300,
        account: bytes | None = None,
        with_receipt: bool = True,
        contract: str = "ParticipantRegistry",
    ) -> Bundle:
        """That the maker's entry with this nonce was not recorded."""
        block = self.ledger.gateway.head().number
        account = self.maker.signer.address if account is None else account
        receipt = self.withheld()[1] if with_receipt else None
        return self._bundle(
            "absence",
            self.checkpoint(block),
            self.nodes(block, (LOG, [ROOT_SLOT]), (contract, [nonce_slot(account, nonce)])),
            AbsenceClaim(contract, account, nonce, receipt.digest if receipt else None, receipt),
        )

    def consistency_bundle(self, old_size: int = 5) -> Bundle:
        """That the log continues the one that it was when it had so many entries."""
        block, old = self.ledger.gateway.head().number, self.block_with(old_size)
        nodes = dict.fromkeys((*self.nodes(block, (LOG, _BOTH)), *self.nodes(old, (LOG, _BOTH))))
        earlier = self.checkpoint(old)
        path = consistency(earlier.size, [e.leaf for e in self.records])
        return self._bundle(
            "consistency", self.checkpoint(block), tuple(nodes), ConsistencyClaim(earlier, path)
        )

    def judged_bundle(self, kind: str, question: Mapping[str, Any]) -> Bundle:
        """What the question's answer is and rests on, at the last block."""
        block = self.ledger.gateway.head().number
        checkpoint = self.checkpoint(block)
        registry = self.ledger.deployment.address("ParticipantRegistry")
        position: int = question["position"]
        recorder = Recorder(self.index, registry, position)
        answer = judging.answer(kind, question, recorder, self.index.founding())
        chains, leaves, heads = [], set(recorder.times), []
        for subject in sorted(recorder.subjects):
            later = [e.sequence for e in self.records[position:] if subject in e.subjects]
            following = min(later, default=None)
            chains.append(Chain(subject, following))
            if following is None:
                heads.append(head_slot(subject))
            else:
                leaves.add(following)
        entries = [
            self.shown(
                sequence,
                None if set(e.subjects) & set(recorder.subjects) else checkpoint.size,
            )
            for sequence, e in recorder.entries.items()
        ]
        return self._bundle(
            kind,
            checkpoint,
            self.nodes(block, (LOG, [*_BOTH, *heads])),
            JudgedClaim(kind, dict(question), answer),
            entries,
            [self.bare(s, checkpoint.size) for s in leaves - recorder.entries.keys()],
            chains,
        )

    # -- questions

    @property
    def now(self) -> int:
        return self.records[-1].recorded_at

    def standing_question(self, **changes: Any) -> dict[str, Any]:
        """How the maker stood for polymer at the end."""
        question = {
            "organisation": hexed(self.maker.id),
            "category": RAW,
            "model": "",
            "at": [self.now, self.now + 1],
            "known_at": self.now,
            "clock": "recorded",
            "position": len(self.records),
            "freshness": FRESHNESS,
        }
        return {**question, **changes}

    def non_revocation_question(self, **changes: Any) -> dict[str, Any]:
        """Whether the licence was in force just before it was suspended."""
        before = self.records[self.suspension - 1].recorded_at
        question = {
            "qualification": hexed(self.qualification),
            "at": before,
            "known_at": before,
            "position": self.suspension,
            "freshness": FRESHNESS,
        }
        return {**question, **changes}

    def trace_question(self, **changes: Any) -> dict[str, Any]:
        """What the lot was made of, by all that is known."""
        question = {
            "lot": hexed(self.lot),
            "direction": "back",
            "at": None,
            "known_at": self.now,
            "clock": "recorded",
            "position": len(self.records),
            "upto": len(self.records),
            "freshness": FRESHNESS,
        }
        return {**question, **changes}

    def verdict_question(self, **changes: Any) -> dict[str, Any]:
        """Whether to buy polymer from the maker, delivered on the next day."""
        question = {
            "organisation": hexed(self.maker.id),
            "category": RAW,
            "model": "",
            "quantity": 100,
            "unit": "KGM",
            "deliver_at": [self.now + 86400, self.now + 2 * 86400],
            "at": self.now,
            "known_at": self.now,
            "clock": "recorded",
            "zone": "Asia/Shanghai",
        }
        return {
            "question": {**question, **changes},
            "policy": dict(default_policy().document),
            "position": len(self.records),
        }

    def bundle(self, kind: str) -> Bundle:
        """A valid bundle of this kind."""
        match kind:
            case "entry":
                return self.entry_bundle(self.suspension)
            case "absence":
                return self.absence_bundle()
            case "consistency":
                return self.consistency_bundle()
            case "standing":
                return self.judged_bundle(kind, self.standing_question())
            case "non-revocation":
                return self.judged_bundle(kind, self.non_revocation_question())
            case "trace":
                return self.judged_bundle(kind, self.trace_question())
            case "verdict":
                return self.judged_bundle(kind, self.verdict_question())
        raise ValueError(kind)


@contextmanager
def evidence_world(
    path: Path, *, chain_id: int = 1234, more: Callable[[EvidenceWorld], None] | None = None
) -> Iterator[EvidenceWorld]:
    """A ledger of a few entries and what ``more`` records, closed at the end."""
    clock = [1_700_000_000]
    with (
        embedded_ledger(
            path / "chain.db", chain_id=chain_id, clock=lambda: clock[0], with_batches=True
        ) as ledger,
        new_database("sqlite", path) as database,
    ):
        maker = ledger.organisation("Clear Brook Polymers", Role.SUPPLIER, chinese="清溪聚合物")
        issuer = ledger.organisation("North Pass Bureau", Role.ISSUER)
        world = EvidenceWorld(ledger, Index(database), maker, issuer, clock)
        _tell(world)
        if more is not None:
            more(world)
        Indexer(ledger.gateway, database, ledger.deployment).sync()
        world.records = world.index.entries(0, 1_000_000)
        clock[0] += 3600
        yield world


def _tell(world: EvidenceWorld) -> None:
    ledger, clock = world.ledger, world.clock
    ledger.accredit(world.issuer, KIND)
    ledger.act(
        "SetCategory",
        rawMaterial=True, category=RAW, parent="", nameZh="聚合物", nameEn="Polymer", unit="KGM",
        codes="",
    )  # fmt: skip
    clock[0] += 10
    world.qualification = ledger.act(
        "IssueQualification", world.issuer,
        holder=world.maker.id, category=RAW, model="", kind=KIND, number="CB-1",
        document=keccak(PAPER), validFrom=1_600_000_000, validUntil=NO_END,
    ).subject  # fmt: skip
    clock[0] += 10
    world.lot = ledger.act(
        "Commission", world.maker,
        quantity=1000, gtin=GTIN, originNotShown=False, document=keccak(b"analysis"), lot="PP-1",
        category=RAW, model="", unit="KGM", place="Hall 1", origin="", cited=(),
    ).subject  # fmt: skip
    clock[0] += 10
    world.suspension = ledger.act(
        "SuspendQualification", world.issuer,
        qualification=world.qualification, document=keccak(b"notice"), reason="fire in hall 1",
    ).sequence  # fmt: skip
