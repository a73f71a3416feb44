"""Verification: fifteen numbered checks of one bundle against anchors, without anything else.

Rules this module keeps:

* What a bundle says is believed only where a check proves it; what it claims is worked out again.
* After the first check that fails the later ones are not reached, so that every verifier finds the
  same fault.
* The checkpoint of entry bundles is checked once and then known again by its bytes: many bundles at
  one checkpoint cost little more than their signatures.

>>> Verifier(anchors).verify(bundle).result            # doctest: +SKIP
<Result.VALID: 'valid'>
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ledger.disclosure import document_hash
from ledger.errors import EvidenceError, RequestError
from ledger.evidence import canonical, headers, judging, signed
from ledger.evidence.anchors import Anchors
from ledger.evidence.bundle import (
    JUDGED,
    KINDS,
    AbsenceClaim,
    BareLeaf,
    Bundle,
    Checkpoint,
    ConsistencyClaim,
    JudgedClaim,
    LedgerName,
    ShownEntry,
)
from ledger.evidence.entries import read_message
from ledger.evidence.headers import Header
from ledger.evidence.report import NAMES, Finding, Report, Result
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT, head_slot, nonce_bit, nonce_slot
from ledger.evidence.sources import Missing, Proven, attributed
from ledger.evidence.tries import NodePool
from ledger.hashing import keccak
from ledger.merkle import bare_leaf_hash, leaf_hash, verify_consistency, verify_inclusion
from ledger.policy import Policy
from ledger.recorded import RecordedEntry
from ledger.signing import recover, signer_of
from ledger.typed_data import Domain, Entry, hexed, moved_subjects, organisation_id

_REGISTRY: Final = "ParticipantRegistry"
#: So many checkpoints are kept in mind.
_REMEMBERED: Final = 16
#: So many entries of judged claims, none longer than so many bytes.
_MOST_SEEN: Final = 1024
_LONGEST_SEEN: Final = 16_384
_NOTHING: Final = bytes(32)

_LAST: Final = len(NAMES)
_VALID: Final = tuple(Finding(n, Result.VALID) for n in range(1, _LAST + 1))
_NOT_REACHED: Final = tuple(Finding(n, Result.SKIPPED, "not-reached") for n in range(1, _LAST + 1))
#: What is found without looking, by kind: where there is nothing to look at for any such claim.
_PLANS: Final[Mapping[str, Mapping[int, Finding]]] = {
    kind: {
        number: Finding(number, Result.SKIPPED, f"{what}.none")
        for number, what in (
            *((10, "chain"), (11, "author"), (12, "complete"), (13, "known"), (14, "claim")),
        )
        if kind not in JUDGED and (kind, number) != ("absence", 13)
    }
    for kind in KINDS
}
_NO_DOCUMENT: Final = Finding(15, Result.SKIPPED, "document.none")
#: The kinds that prove of the log's state its root alone.
_ROOT_ONLY: Final = ("entry", "absence")
#: What an entry's bundle does not share with others at its checkpoint: neighbours, by their names.
_OWN: Final = ("claim", "entries")


def verify(anchors: Anchors, data: bytes, documents: Sequence[bytes] = ()) -> Report:
    """Check one bundle; whoever checks many keeps a :class:`Verifier`."""
    return Verifier(anchors).verify(data, documents)


class _Other(Exception):
    """A check that is neither valid nor invalid: skipped, or its result is unknown."""

    def __init__(self, result: Result, code: str) -> None:
        super().__init__(code)
        self.result = result
        self.code = code


def _skip(code: str) -> _Other:
    return _Other(Result.SKIPPED, code)


@dataclass(slots=True)
class _Case:
    """One bundle under examination, and what the checks up to now made of it.

    ``raw_entries`` are its entries as JSON. ``same_ledger`` says that all its contracts are known.
    ``blocks`` are the headers of its checkpoints, the bundle's own first. ``heads`` are the proved
    ends of the chains whose end is the head in the state. ``word`` is that of the nonces in a
    proof of absence. ``problem`` is why there is no ``answer``.
    """

    bundle: Bundle
    raw_entries: Sequence[Any]
    documents: Sequence[bytes]
    same_ledger: bool = False
    blocks: list[Header] = field(default_factory=list)
    heads: dict[bytes, bytes] = field(default_factory=dict)
    word: int = 0
    entries: list[RecordedEntry] = field(default_factory=list)
    records: Proven | None = None
    answer: Mapping[str, Any] | None = None
    problem: str = ""

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        claim = self.bundle.claim
        if isinstance(claim, ConsistencyClaim):
            return (self.bundle.checkpoint, claim.earlier)
        return (self.bundle.checkpoint,)


@dataclass(frozen=True, slots=True)
class _Ground:
    """A checkpoint of entry bundles that held, as it stands in their bytes: ``before`` and behind
    (``after``) what is an entry's own, its claim and the entry itself.

    ``parts`` is what these bytes say; ``findings`` are those of all checks but the last, which such
    an entry's bundle has, too, unless something is wrong with it.
    """

    before: bytes
    after: bytes
    parts: tuple[LedgerName, Checkpoint, tuple[bytes, ...]]
    block: Header
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, value: Mapping[str, Any], case: _Case, findings: tuple[Finding, ...]) -> "_Ground":
        bundle = case.bundle
        first = {name: member for name, member in value.items() if name < _OWN[0]}
        last = {name: member for name, member in value.items() if name > _OWN[-1]}
        return cls(
            canonical.dumps(first)[:-1] + b",",
            b"," + canonical.dumps(last)[1:],
            (bundle.ledger, bundle.checkpoint, bundle.nodes),
            case.blocks[0],
            findings,
        )

    def completed(self, data: bytes) -> Bundle | None:
        """The bundle of an entry that stands on this checkpoint; None for one that does not, or has
        not the form.

        Its own members are canonical exactly where the whole is: they lie between others that
        are, in their place by the order of names.
        """
        # As long as it is, it cannot have too many parts.
        if len(data) > canonical.MAX_OPENINGS:
            return None
        start, end = len(self.before), len(data) - len(self.after)
        if start >= end or not (data.startswith(self.before) and data.endswith(self.after)):
            return None
        try:
            return Bundle.of_entry(self.parts, canonical.rewritten(b"{%b}" % data[start:end]))
        except EvidenceError:
            return None


class Verifier:
    """Checks bundles against the same anchors. Not to be used by several threads at once."""

    def __init__(self, anchors: Anchors) -> None:
        self.anchors: Final = anchors
        self._log: Final = signed.domain(anchors.chain_id, anchors.contracts[signed.LOG].address)
        self._known_witnesses: Final = {w.account for w in anchors.witnesses}
        self._policies: Final = {canonical.dumps(document) for document in anchors.policies}
        self._freshness: Final = {canonical.dumps(_freshness(p)) for p in anchors.policies}
        self._grounds: Final[deque[_Ground]] = deque(maxlen=_REMEMBERED)
        self._seen: Final[OrderedDict[bytes, RecordedEntry]] = OrderedDict()
        self._checks: Final[tuple[Callable[[_Case], None], ...]] = (
            self._check_ledger,
            self._check_headers,
            self._check_seals,
            self._check_witnesses,
            self._check_state,
            self._check_history,
            self._check_entries,
            self._check_inclusion,
            self._check_chains,
            self._check_authors,
            self._check_complete,
            self._check_known,
            self._check_recomputed,
            self._check_documents,
        )

    def verify(self, data: bytes, documents: Sequence[bytes] = ()) -> Report:
        """Check the bytes of a bundle, and whether it names each of the documents (their bytes)."""
        for ground in reversed(self._grounds):
            bundle = ground.completed(data)
            if bundle is not None:
                report = self._on_ground(ground, bundle, documents)
                if report is not None:
                    return report
        return self._from_the_beginning(data, documents)

    def _on_ground(
        self, ground: _Ground, bundle: Bundle, documents: Sequence[bytes]
    ) -> Report | None:
        """The report on an entry at a checkpoint that is known; None where anything is wrong with
        the entry, for which it is looked at from the beginning."""
        case = _Case(bundle, (), documents, blocks=[ground.block])
        try:
            self._check_entries(case)
            self._check_inclusion(case)
        except EvidenceError:
            return None
        return self._finished(case, ground.findings)

    def _finished(self, case: _Case, findings: Sequence[Finding]) -> Report:
        """The report on a bundle that only its documents can still speak against."""
        document = self._run(_LAST, case) if case.documents else _NO_DOCUMENT
        against = document.result is Result.INVALID
        return Report(
            case.bundle.kind, (*findings, document), dict if against else partial(_shown, case)
        )

    def _from_the_beginning(self, data: bytes, documents: Sequence[bytes]) -> Report:
        try:
            value = canonical.loads(data)
            bundle = Bundle.from_json(value)
        except EvidenceError as error:
            first = Finding(1, Result.INVALID, error.code, str(error))
            return Report(None, (first, *_NOT_REACHED[1:]))
        case = _Case(bundle, value["entries"], documents)
        kind, findings = bundle.kind, [_VALID[0]]
        plan = _PLANS[kind]
        for number in range(2, _LAST):
            finding = plan.get(number) or self._run(number, case)
            findings.append(finding)
            if finding.result is Result.INVALID:
                return Report(kind, (*findings, *_NOT_REACHED[number:]))
        if kind == "entry":
            self._grounds.append(_Ground.of(value, case, tuple(findings)))
        return self._finished(case, findings)

    def _run(self, number: int, case: _Case) -> Finding:
        try:
            self._checks[number - 2](case)
        except _Other as other:
            return Finding(number, other.result, other.code)
        except EvidenceError as error:
            return Finding(number, Result.INVALID, error.code, str(error))
        return _VALID[number - 1]

    # -- 2: ledger

    def _check_ledger(self, case: _Case) -> None:
        ledger, anchors = case.bundle.ledger, self.anchors
        if (ledger.chain_id, ledger.genesis) != (anchors.chain_id, anchors.genesis):
            raise EvidenceError("another chain id or genesis block", code="ledger.chain")
        unknown = False
        for name, address in ledger.contracts.items():
            anchored = anchors.contracts.get(name)
            if anchored is None:
                unknown = True
            elif anchored.address != address:
                raise EvidenceError(name, code="ledger.contracts")
        if unknown:
            raise _Other(Result.UNKNOWN, "ledger.contract-unknown")
        # What is remembered of entries was found with all contracts of the anchors.
        case.same_ledger = ledger.contracts.keys() == anchors.contracts.keys()

    # -- 3: header

    def _check_headers(self, case: _Case) -> None:
        for checkpoint in case.checkpoints:
            case.blocks.append(Header.parse(checkpoint.header, checkpoint.seal.rule))

    # -- 4: seal

    def _check_seals(self, case: _Case) -> None:
        for checkpoint, block in zip(case.checkpoints, case.blocks, strict=True):
            self._check_seal(checkpoint, block)

    def _check_seal(self, checkpoint: Checkpoint, block: Header) -> None:
        anchor, seal = self.anchors.seal, checkpoint.seal
        if seal.rule != anchor.rule:
            raise EvidenceError(f"{seal.rule}, not {anchor.rule}", code="seal.rule")
        match seal.rule:
            case "service":
                statement = signed.CheckpointStatement(
                    checkpoint.size, checkpoint.root, block.number, block.hash, checkpoint.made_at
                )
                digest = statement.digest(self._log)
                headers.check_service(digest, seal.signatures, anchor.accounts, anchor.quorum)
            case "clique":
                headers.check_clique(block, seal.headers, anchor.accounts)
            case "qbft":
                headers.check_qbft(block, anchor.accounts)
            case _:
                headers.check_ibft(block, anchor.accounts)
        early = checkpoint.made_at < block.time
        if early or (seal.rule != "service" and checkpoint.made_at != block.time):
            raise EvidenceError(f"made at {checkpoint.made_at}", code="seal.time")

    # -- 5: witnesses

    def _check_witnesses(self, case: _Case) -> None:
        unknown = some = False
        for checkpoint, block in zip(case.checkpoints, case.blocks, strict=True):
            known = 0
            for witness in checkpoint.witnesses:
                statement = signed.WitnessedStatement(
                    checkpoint.size,
                    checkpoint.root,
                    block.number,
                    block.hash,
                    witness.previous_size,
                    witness.previous_root,
                    witness.witnessed_at,
                )
                if signer_of(statement.digest(self._log), witness.signature) != witness.account:
                    raise EvidenceError(hexed(witness.account), code="witness.signature")
                known += witness.account in self._known_witnesses
            if known < self.anchors.witness_quorum:
                wanted = self.anchors.witness_quorum
                raise EvidenceError(f"{known} of {wanted}", code="witness.quorum")
            some = some or bool(checkpoint.witnesses)
            # Beside somebody who is known, strangers neither help nor harm.
            unknown = unknown or (not known and bool(checkpoint.witnesses))
        if unknown:
            raise _Other(Result.UNKNOWN, "witness.unknown")
        if not some:
            raise _skip("witness.none")

    # -- 6: state

    def _check_state(self, case: _Case) -> None:
        bundle = case.bundle
        pool = NodePool(bundle.nodes)
        only_root = bundle.kind in _ROOT_ONLY
        log = bundle.ledger.contracts[signed.LOG]
        for checkpoint, block in zip(case.checkpoints, case.blocks, strict=True):
            storage = self._account(pool, block.state_root, log, signed.LOG)
            if not only_root and pool.storage(storage, SIZE_SLOT) != checkpoint.size:
                raise EvidenceError("the size differs", code="state.size")
            if pool.storage(storage, ROOT_SLOT) != int.from_bytes(checkpoint.root, "big"):
                raise EvidenceError("the root differs", code="state.root")
            for chain in bundle.chains:
                if chain.next is None:
                    head = pool.storage(storage, head_slot(chain.subject))
                    case.heads[chain.subject] = head.to_bytes(32, "big")
        claim = bundle.claim
        if isinstance(claim, AbsenceClaim):
            address = bundle.ledger.contracts[claim.contract]
            storage = self._account(pool, case.blocks[0].state_root, address, claim.contract)
            case.word = pool.storage(storage, nonce_slot(claim.account, claim.nonce))
        pool.finish()

    def _account(self, pool: NodePool, state_root: bytes, address: bytes, name: str) -> bytes:
        """The storage root of a contract whose code is the one in the anchors, if it is there."""
        account = pool.account(state_root, address)
        anchored = self.anchors.contracts.get(name)
        if anchored is not None and anchored.code_hash != account.code_hash:
            raise EvidenceError(name, code="state.code")
        return account.storage_root

    # -- 7: history

    def _check_history(self, case: _Case) -> None:
        compared = False
        for checkpoint, block in zip(case.checkpoints, case.blocks, strict=True):
            for pinned in self.anchors.checkpoints:
                sized = pinned.size == checkpoint.size
                # Of a size that anybody may have written, no two histories follow.
                if pinned.block_hash != block.hash and not (sized and _has_size(case.bundle)):
                    continue
                compared = True
                if not sized or pinned.root != checkpoint.root:
                    raise EvidenceError(f"at {pinned.size} entries", code="history.fork")
        claim, size = case.bundle.claim, case.bundle.checkpoint.size
        if isinstance(claim, ConsistencyClaim):
            self._check_extension(claim, size, case.bundle.checkpoint.root)
        elif not compared:
            raise _skip("history.none")

    @staticmethod
    def _check_extension(claim: ConsistencyClaim, size: int, root: bytes) -> None:
        earlier = claim.earlier
        if earlier.size > size:
            raise EvidenceError(f"{earlier.size} before, now {size}", code="history.rollback")
        if earlier.size == size and earlier.root != root:
            raise EvidenceError(f"at {size} entries", code="history.fork")
        if not verify_consistency(earlier.size, earlier.root, size, root, claim.path):
            raise EvidenceError("the path does not fit", code="history.path")

    # -- 8: entries

    def _check_entries(self, case: _Case) -> None:
        bundle = case.bundle
        if bundle.kind in JUDGED and case.same_ledger:
            case.entries = [
                self._recalled(bundle.ledger, shown, canonical.dumps(raw))
                for shown, raw in zip(bundle.entries, case.raw_entries, strict=True)
            ]
        else:
            case.entries = [_recorded(bundle.ledger, shown) for shown in bundle.entries]
        if not case.entries:
            raise _skip("entry.none")

    def _recalled(self, ledger: LedgerName, shown: ShownEntry, key: bytes) -> RecordedEntry:
        """The entry, from memory where the same was seen before: claims about one supplier share
        most of theirs."""
        found = self._seen.get(key)
        if found is not None:
            self._seen.move_to_end(key)
            return found
        found = _recorded(ledger, shown)
        if len(key) <= _LONGEST_SEEN:
            self._seen[key] = found
            if len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
        return found

    # -- 9: inclusion

    def _check_inclusion(self, case: _Case) -> None:
        checkpoint = case.bundle.checkpoint
        shown = [
            (entry.leaf, entry.sequence, of.path)
            for entry, of in zip(case.entries, case.bundle.entries, strict=True)
            if of.path is not None
        ]
        shown += [(_bare_hash(leaf), leaf.sequence, leaf.path) for leaf in case.bundle.leaves]
        if not shown:
            raise _skip("inclusion.none")
        for leaf, sequence, path in shown:
            if not verify_inclusion(leaf, sequence, checkpoint.size, path, checkpoint.root):
                raise EvidenceError(f"leaf {sequence}", code="inclusion.path")

    # -- 10: chains

    def _check_chains(self, case: _Case) -> None:
        bundle = case.bundle
        assert isinstance(bundle.claim, JudgedClaim)
        position = bundle.claim.position
        named: dict[bytes, list[RecordedEntry]] = {chain.subject: [] for chain in bundle.chains}
        for entry, shown in zip(case.entries, bundle.entries, strict=True):
            if entry.sequence >= position:
                raise EvidenceError(f"entry {entry.sequence}", code="chain.position")
            ways = [named[s] for s in dict.fromkeys(entry.subjects) if s in named]
            if not ways and shown.path is None:
                raise EvidenceError(f"entry {entry.sequence}", code="chain.unproved")
            for way in ways:
                way.append(entry)
        leaves = {leaf.sequence: leaf for leaf in bundle.leaves}
        for chain in bundle.chains:
            last = _followed(chain.subject, named[chain.subject])
            if chain.next is None:
                if case.heads[chain.subject] != last:
                    raise EvidenceError(hexed(chain.subject), code="chain.head")
                continue
            if chain.next < position:
                raise EvidenceError(hexed(chain.subject), code="chain.position")
            following = leaves.get(chain.next)
            if following is None or _previous(following, chain.subject) != last:
                raise EvidenceError(hexed(chain.subject), code="chain.next")
        if not bundle.chains:
            raise _skip("chain.none")

    # -- 11: authors

    def _check_authors(self, case: _Case) -> None:
        bundle, anchors = case.bundle, self.anchors
        registry = anchors.contracts[_REGISTRY].address
        case.records = Proven(
            attributed(case.entries, anchors.founding, registry),
            [chain.subject for chain in bundle.chains],
            {leaf.sequence: leaf.recorded_at for leaf in bundle.leaves},
            registry,
        )

    # -- 12: complete

    def _check_complete(self, case: _Case) -> None:
        """Judges the claim; what comes out is compared later."""
        bundle, records = case.bundle, case.records
        claim = bundle.claim
        assert isinstance(claim, JudgedClaim)
        assert records is not None
        try:
            case.answer = judging.answer(claim.kind, claim.question, records, self.anchors.founding)
        except Missing:
            raise
        except (RequestError, EvidenceError) as error:
            case.problem = str(error)
            return
        unasked = records.superfluous()
        ends = {chain.next for chain in bundle.chains}
        idle = [sequence for sequence in unasked.times if sequence not in ends]
        if unasked.subjects or unasked.entries or idle:
            found = [*map(hexed, unasked.subjects), *map(str, (*unasked.entries, *idle))]
            raise EvidenceError(found[0], code="complete.superfluous")

    # -- 13: known

    def _check_known(self, case: _Case) -> None:
        claim = case.bundle.claim
        if isinstance(claim, JudgedClaim):
            _check_reach(claim, case.bundle)
        elif isinstance(claim, AbsenceClaim):
            self._check_absence(claim, case)

    def _check_absence(self, claim: AbsenceClaim, case: _Case) -> None:
        if case.word >> nonce_bit(claim.nonce) & 1:
            raise EvidenceError(f"nonce {claim.nonce}", code="absence.recorded")
        receipt = claim.receipt
        if receipt is None:
            return
        statement = signed.ReceiptStatement(
            case.bundle.ledger.contracts[claim.contract],
            claim.account,
            claim.nonce,
            receipt.digest,
            receipt.deadline,
            receipt.accepted_at,
        )
        signer = signer_of(statement.digest(self._log), receipt.signature)
        if signer not in self.anchors.receipts:
            raise EvidenceError("signed by somebody else", code="absence.receipt")
        if receipt.deadline >= case.bundle.checkpoint.made_at:
            raise EvidenceError(f"deadline {receipt.deadline}", code="absence.deadline")

    # -- 14: recomputed

    def _check_recomputed(self, case: _Case) -> None:
        claim = case.bundle.claim
        assert isinstance(claim, JudgedClaim)
        if case.answer is None:
            raise EvidenceError(case.problem, code="claim.question")
        recomputed = canonical.dumps(case.answer)
        if recomputed != canonical.dumps(claim.answer):
            where = canonical.difference(claim.answer, canonical.rewritten(recomputed))
            raise EvidenceError(where or "/", code="claim.differs")
        # Whoever makes evidence may judge by rules of their own; they are not the reader's.
        if claim.kind == "verdict":
            known = canonical.dumps(claim.question["policy"]) in self._policies
        else:
            known = canonical.dumps(claim.question["freshness"]) in self._freshness
        if not known:
            raise _Other(Result.UNKNOWN, "claim.policy")

    # -- 15: document

    def _check_documents(self, case: _Case) -> None:
        named = {entry.entry.values.get("document") for entry in case.entries}
        for place, document in enumerate(case.documents, start=1):
            # Nothing is a document of zero bytes, whatever an entry names.
            if not document or document_hash(document) not in named:
                raise EvidenceError(f"document {place}", code="document.unknown")


# ------------------------------------------------------------------------------- single steps


def _freshness(document: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's freshness of registers, as claims have it."""
    found = Policy.from_json(document).freshness
    return {"default": found.default, "registers": dict(found.registers)}


def _has_size(bundle: Bundle) -> bool:
    """Whether somebody in the anchors vouches for the log's size: the service signs it; elsewhere
    the state proves it, but for an entry or an absence of the state the root alone is proved."""
    return bundle.checkpoint.seal.rule == "service" or bundle.kind not in _ROOT_ONLY


def _recorded(ledger: LedgerName, shown: ShownEntry) -> RecordedEntry:
    """The entry as it was recorded, if its leaf is in the log; author and lateness are not yet
    worked out, and block and transaction are not told by evidence."""
    try:
        entry, body = read_message(shown.action, shown.message)
    except ValueError as error:
        raise _malformed(shown, str(error)) from None
    contract = entry.action.contract
    address = ledger.contracts.get(contract)
    if address is None:
        raise _malformed(shown, f"{contract} is not among the contracts")
    _check_subjects(entry, shown)
    separator = Domain(contract, ledger.chain_id, address).separator
    digest = keccak(b"\x19\x01" + separator + keccak(entry.action.type_hash + body))
    try:
        signers = tuple([recover(digest, signature) for signature in shown.signatures])
    except EvidenceError:
        raise EvidenceError(f"entry {shown.sequence}", code="entry.signature") from None
    return RecordedEntry(
        sequence=shown.sequence,
        recorded_at=shown.recorded_at,
        block_number=0,
        transaction_hash=b"",
        contract=contract,
        address=address,
        entry=entry,
        signatures=shown.signatures,
        signers=signers,
        author=b"",
        late=False,
        digest=digest,
        subjects=shown.subjects,
        previous=shown.previous,
        leaf=leaf_hash(
            shown.sequence,
            shown.recorded_at,
            address,
            digest,
            signers,
            shown.subjects,
            shown.previous,
        ),
    )


def _malformed(shown: ShownEntry, why: str) -> EvidenceError:
    return EvidenceError(f"entry {shown.sequence}: {why}", code="entry.form")


def _check_subjects(entry: Entry, shown: ShownEntry) -> None:
    """That the entry moves what its action moves; the first subject its contract alone knows, and
    whoever submits a qualification is not known yet."""
    moved = moved_subjects(entry, shown.subjects[0], _UNKNOWN_AUTHOR)
    if moved == shown.subjects:
        return
    same = len(moved) == len(shown.subjects) and all(
        a in (b, _UNKNOWN_SUBJECT) for a, b in zip(moved, shown.subjects, strict=True)
    )
    if not same:
        raise _malformed(shown, "its subjects are not those of its action")


#: Stands for the author's organisation where it is not known; no organisation's id.
_UNKNOWN_AUTHOR: Final = bytes(20)
_UNKNOWN_SUBJECT: Final = bytes(32)


def _bare_hash(leaf: BareLeaf) -> bytes:
    return bare_leaf_hash(
        leaf.sequence,
        leaf.recorded_at,
        leaf.contract,
        leaf.digest,
        leaf.signers,
        leaf.subjects,
        leaf.previous,
    )


def _followed(subject: bytes, chain: Sequence[RecordedEntry]) -> bytes:
    """The last leaf of a chain (zeros: none), each of whose entries must follow the one before."""
    last = _NOTHING
    for place, entry in enumerate(chain):
        if _previous(entry, subject) != last:
            code = "chain.broken" if place else "chain.beginning"
            raise EvidenceError(f"entry {entry.sequence}", code=code)
        last = entry.leaf
    return last


def _previous(of: RecordedEntry | BareLeaf, subject: bytes) -> bytes | None:
    """The head of the subject's chain before this leaf; None where it does not move it."""
    if subject not in of.subjects:
        return None
    return of.previous[of.subjects.index(subject)]


def _check_reach(claim: JudgedClaim, bundle: Bundle) -> None:
    """That the checkpoint reaches the claim's time and position and that no chain was cut off
    before that time: what comes next in it was recorded later. Non-revocation is claimed at a
    position within a block, so what comes next may be of the same time."""
    checkpoint = bundle.checkpoint
    if claim.known_at > checkpoint.made_at:
        raise EvidenceError(f"known at {claim.known_at}", code="known.late")
    if claim.position > checkpoint.size:
        raise EvidenceError(f"position {claim.position}", code="known.position")
    recorded = {leaf.sequence: leaf.recorded_at for leaf in bundle.leaves}
    earliest = claim.known_at if claim.kind == "non-revocation" else claim.known_at + 1
    for chain in bundle.chains:
        if chain.next is not None and recorded[chain.next] < earliest:
            raise EvidenceError(f"leaf {chain.next}", code="known.position")


# -------------------------------------------------------------------------------------- shown


def _shown(case: _Case) -> dict[str, Any]:
    """In short, what the bundle shows; the log's size is None where nothing binds it."""
    bundle, block = case.bundle, case.blocks[0]
    checkpoint = bundle.checkpoint
    shown: dict[str, Any] = {
        "checkpoint": {
            "size": checkpoint.size if _has_size(bundle) else None,
            "block_number": block.number,
            "block_hash": hexed(block.hash),
            "made_at": checkpoint.made_at,
        },
        "claim": bundle.claim.to_json(),
    }
    if bundle.kind in JUDGED:
        shown["organisations"] = _named(case.entries)
        shown["later"] = min((c.next for c in bundle.chains if c.next is not None), default=None)
    elif bundle.kind == "entry":
        [entry] = case.entries
        shown["entry"] = {
            **entry.entry.to_json(),
            "recorded_at": entry.recorded_at,
            "digest": hexed(entry.digest),
            "signers": [hexed(s) for s in entry.signers],
        }
    return shown


def _named(entries: Sequence[RecordedEntry]) -> dict[str, dict[str, str]]:
    """The names of the organisations whose registration is shown, by id."""
    named = {}
    for e in entries:
        if e.action in ("RegisterOrganisation", "ListOrganisation"):
            made = organisation_id(str(e["identifierKind"]), str(e["identifier"]))
            named[hexed(made)] = {"en": str(e["nameEn"]), "zh": str(e["nameZh"])}
    return named
