"""Evidence out of a ledger at work: bundles that need the ledger no more.

Rules this module keeps:

* A judgement runs over the index with a recorder before it. What was asked and answered is what the
  bundle proves: every chain asked for whole, every entry answered, every time asked for.
* All proofs of a bundle lead to one checkpoint. A chain ends in the head that the state of its
  block has or, where the answer stands on fewer entries, in the bare leaf of the chain's first
  entry behind them.
* What this service's own verifier does not find valid is never handed out
  (:class:`~ledger.errors.EvidenceError` with the check's code). Single entries are many and nothing
  is judged in them; of these only that they lead to the checkpoint's root is looked at, and tests
  prove the rest.
* A bundle discloses no entry but those that its answer rests on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from ledger.chain.deployment import Deployment
from ledger.chain.protocol import AccountProof
from ledger.checkpointing import Checkpoints
from ledger.errors import ChainUnavailableError, EvidenceError, RequestError
from ledger.evidence import canonical
from ledger.evidence.bundle import (
    FORMAT,
    AbsenceClaim,
    BareLeaf,
    Bundle,
    Chain,
    Checkpoint,
    Claim,
    ClaimedReceipt,
    JudgedClaim,
    ShownEntry,
    base64,
)
from ledger.evidence.judging import answer
from ledger.evidence.report import Result
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT, head_slot, nonce_bit, nonce_slot
from ledger.evidence.sources import Recorder
from ledger.evidence.verification import verify
from ledger.index.checkpoints import (
    CheckpointBook,
    KeptCheckpoint,
    in_order,
    without_witnesses,
)
from ledger.index.repository import Index
from ledger.merkle import signers_hash, verify_inclusion
from ledger.offer import known_size
from ledger.policy import Policy
from ledger.provenance.tracing import Direction
from ledger.question import Question
from ledger.recorded import RecordedEntry
from ledger.standing import Freshness
from ledger.typed_data import hexed
from ledger.vocabulary import NO_END, Clock

_REGISTRY: Final = "ParticipantRegistry"
#: How many bundles about the growth of the log are kept.
_REMEMBERED: Final = 16

#: Is shown every entry that a bundle would disclose, and raises where that may not be.
Permit: TypeAlias = Callable[[Iterable[RecordedEntry]], None]


def everything(entries: Iterable[RecordedEntry]) -> None:
    """The permit of who may see all of the ledger."""


class _Around(NamedTuple):
    """What stands around the one entry of a bundle: the same bytes for all at a checkpoint."""

    kept: KeptCheckpoint
    before_claim: bytes
    before_entry: bytes
    behind: bytes


class _Histories:
    """The index, of which whole chains are kept for as long as one bundle is made: how a chain
    goes on behind the position is asked after the judgement. Keeps ``ledger.offer.Entries``."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._chains: dict[bytes, Sequence[RecordedEntry]] = {}
        self.by_document = index.by_document
        self.by_number = index.by_number
        self.recorded_at = index.recorded_at

    def by_subject(self, subject: bytes) -> Sequence[RecordedEntry]:
        if subject not in self._chains:
            self._chains[subject] = self._index.by_subject(subject)
        return self._chains[subject]

    def following(self, subject: bytes, position: int, size: int) -> int | None:
        """The first entry of the chain at or behind the position, among the first ``size``."""
        behind = (e.sequence for e in self.by_subject(subject) if position <= e.sequence < size)
        return next(behind, None)


class Bundler:
    """Makes the evidence of one ledger. Safe to use from several threads.

    ``witnesses`` everywhere: with the countersignatures of the checkpoint. ``known_at`` None means
    as of the newest checkpoint; ``permit`` is shown what would be disclosed. Every method raises
    :class:`~ledger.errors.UnavailableError` while chain or database do not answer, or no checkpoint
    reaches as far as is asked.
    """

    def __init__(
        self,
        index: Index,
        checkpoints: Checkpoints,
        book: CheckpointBook,
        deployment: Deployment,
        freshness: Freshness,
    ) -> None:
        self._index = index
        self._checkpoints = checkpoints
        self._book = book
        self._freshness = {"default": freshness.default, "registers": dict(freshness.registers)}
        self._registry = deployment.address(_REGISTRY)
        self._contracts = deployment.ledgers
        self._around: _Around | None = None
        # Everybody may ask, and most ask the same.
        self._growth = lru_cache(maxsize=_REMEMBERED)(self._grown)

    # -- single entries --------------------------------------------------------------------------

    def entry(self, sequence: int, *, witnesses: bool = False) -> bytes:
        """That this entry is in the log. :class:`RequestError` where there is none."""
        e = self._index.entry(sequence)
        if e is None:
            raise _no_entry()
        return self.of(e, witnesses=witnesses)

    def of(self, e: RecordedEntry, *, witnesses: bool = False) -> bytes:
        """As :meth:`entry`, of an entry that was read already."""
        around = self._around
        if witnesses or around is None or not self.is_ready(e.sequence):
            kept = self._checkpoints.usable(size=e.sequence + 1)
            around = self._prepared(kept, witnesses)
            if not witnesses:
                self._around = around
        kept = around.kept
        path = self._index.log.inclusion(e.sequence, kept.size)
        if not verify_inclusion(e.leaf, e.sequence, kept.size, path, kept.root):
            raise EvidenceError(
                f"entry {e.sequence} of the index is not the one of the checkpoint's log",
                code="inclusion.path",
            )
        return b"".join(
            (
                around.before_claim,
                str(e.sequence).encode(),
                around.before_entry,
                canonical.dumps(_shown(e, path).to_json()),
                around.behind,
            )
        )

    def is_ready(self, sequence: int) -> bool:
        """Whether the evidence of this entry needs no new checkpoint and no other preparation."""
        around = self._around
        return (
            around is not None
            and sequence < around.kept.size
            and around.kept is self._checkpoints.latest
        )

    def _prepared(self, kept: KeptCheckpoint, witnesses: bool) -> _Around:
        nodes = [base64(node) for node in in_order(kept.account_nodes, kept.root_nodes)]
        checkpoint = self._with_witnesses(kept) if witnesses else kept.checkpoint
        return _Around(
            kept,
            b'{"chains":[],"checkpoint":'
            + canonical.dumps(checkpoint.to_json())
            + b',"claim":{"sequence":',
            b'},"entries":[',
            b'],"format":"%s","kind":"entry","leaves":[],"ledger":%s,"nodes":%s}'
            % (
                FORMAT.encode(),
                canonical.dumps(self._checkpoints.ledger.to_json()),
                canonical.dumps(nodes),
            ),
        )

    def _with_witnesses(self, kept: KeptCheckpoint) -> Checkpoint:
        """The checkpoint with all countersignatures up to now."""
        found = self._book.at(kept.block_number)
        return (
            kept.checkpoint
            if found is None
            else replace(kept.checkpoint, witnesses=found.checkpoint.witnesses)
        )

    # -- judgements ------------------------------------------------------------------------------

    def standing(
        self,
        organisation: bytes,
        category: str,
        model: str,
        *,
        at: tuple[int, int] | None = None,
        known_at: int | None = None,
        clock: Clock = Clock.RECORDED,
        witnesses: bool = False,
        permit: Permit = everything,
    ) -> bytes:
        """How the organisation stands in the category, over ``at`` (half-open; None: the instant
        of ``known_at``), as known at ``known_at``."""
        kept = self._checkpoints.usable(known_at=known_at)
        known_at = kept.made_at if known_at is None else known_at
        question = {
            "organisation": hexed(organisation),
            "category": category,
            "model": model,
            "at": list(at or (known_at, known_at + 1)),
            "known_at": known_at,
            "clock": clock.value,
            "position": self._position(kept, known_at, clock),
            "freshness": self._freshness,
        }
        return self._judged("standing", question, kept, witnesses, permit)

    def non_revocation(
        self,
        qualification: bytes,
        *,
        entry: int | None = None,
        at: int | None = None,
        witnesses: bool = False,
        permit: Permit = everything,
    ) -> bytes:
        """How the qualification stood when ``entry`` was recorded (None: now), that entry
        included; for the instant ``at``, by default that of the recording.

        :class:`RequestError` for ``entry`` where there is none of that number.
        """
        if entry is None:
            kept = self._checkpoints.usable()
            known_at, position = kept.made_at, kept.size
        else:
            recorded_at = self._index.recorded_at(entry)
            if recorded_at is None:
                raise _no_entry("entry")
            kept = self._checkpoints.usable(size=entry + 1)
            known_at, position = recorded_at, entry + 1
        question = {
            "qualification": hexed(qualification),
            "at": known_at if at is None else at,
            "known_at": known_at,
            "position": position,
            "freshness": self._freshness,
        }
        return self._judged("non-revocation", question, kept, witnesses, permit)

    def trace(
        self,
        lot: bytes,
        direction: Direction,
        *,
        at: int = NO_END,
        known_at: int | None = None,
        clock: Clock = Clock.RECORDED,
        witnesses: bool = False,
        permit: Permit = everything,
    ) -> bytes:
        """Everything that the lot was made of, or that was made of it, as known at ``known_at``;
        what happened after ``at`` is left out."""
        kept = self._checkpoints.usable(known_at=known_at)
        known_at = kept.made_at if known_at is None else known_at
        question = {
            "lot": hexed(lot),
            "direction": direction.value,
            "at": at if at < NO_END else None,
            "known_at": known_at,
            "clock": clock.value,
            "position": self._position(kept, known_at, clock),
            "upto": known_size(self._index, known_at, kept.size),
            "freshness": self._freshness,
        }
        return self._judged("trace", question, kept, witnesses, permit)

    def verdict(
        self,
        question: Question,
        policy: Policy,
        position: int,
        *,
        witnesses: bool = False,
        permit: Permit = everything,
    ) -> bytes:
        """What a verdict rests on that was given from the first ``position`` entries."""
        kept = self._checkpoints.usable(size=position, known_at=question.known_at)
        asked = {
            "question": question.to_json(),
            "policy": dict(policy.document),
            "position": position,
        }
        return self._judged("verdict", asked, kept, witnesses, permit)

    def _position(self, kept: KeptCheckpoint, known_at: int, clock: Clock) -> int:
        """On how many entries an answer stands: what was known then by the clock of recording is
        what was recorded by then; a register's word may have been recorded later."""
        size = kept.size
        return known_size(self._index, known_at, size) if clock is Clock.RECORDED else size

    def _judged(
        self,
        kind: str,
        question: Mapping[str, Any],
        kept: KeptCheckpoint,
        witnesses: bool,
        permit: Permit,
    ) -> bytes:
        position: int = question["position"]
        with self._index.snapshot():
            histories = _Histories(self._index)
            recorder = Recorder(histories, self._registry, position)
            told = answer(kind, question, recorder, self._index.founding())
            permit(recorder.entries.values())
            chains = self._chains(histories, recorder, position, kept.size)
            if kind == "verdict":
                self._check_overtaken(chains, question["question"]["known_at"])
            try:
                proof = self._heads(chains, kept)
            except ChainUnavailableError:
                # The node has forgotten the state of that block.
                kept = self._checkpoints.usable(size=kept.size, fresh=True)
                chains = self._chains(histories, recorder, position, kept.size)
                proof = self._heads(chains, kept)
            entries = self._entries(recorder, kept.size)
            ends = {c.next for c in chains if c.next is not None}
            leaves = self._leaves(ends | (recorder.times - recorder.entries.keys()), kept)
        nodes = in_order(proof.nodes, *(slot.nodes for slot in proof.storage))
        claim = JudgedClaim(kind, question, told)
        bundle = self._bundle(kind, kept, nodes, claim, entries, leaves, chains)
        return self._checked(bundle, kept, witnesses)

    def _check_overtaken(self, chains: Iterable[Chain], known_at: int) -> None:
        """:class:`RequestError` where the ledger went on within the second of the verdict: of what
        was recorded then, the verdict knew a part only."""
        for chain in chains:
            later = None if chain.next is None else self._index.recorded_at(chain.next)
            if later is not None and later <= known_at:
                raise RequestError(
                    f"entry {chain.next}, which bears on this verdict, was recorded in the second "
                    "in which it was given, and is not in it; ask again and take that evidence",
                    message_zh=f"与本结论有关的条目 {chain.next} 在作出结论的同一秒内被记录，"
                    "未计入结论；请重新询问并下载新结论的证据",
                    field="id",
                    code="evidence.overtaken",
                    values={"entry": chain.next},
                )

    def _heads(self, chains: Sequence[Chain], kept: KeptCheckpoint) -> AccountProof:
        """Size and root of the log, and the head of each chain that ends in the state."""
        heads = (head_slot(chain.subject) for chain in chains if chain.next is None)
        return self._checkpoints.proof((SIZE_SLOT, ROOT_SLOT, *heads), kept.block_number)

    def _chains(
        self, histories: _Histories, recorder: Recorder, position: int, size: int
    ) -> list[Chain]:
        return [
            Chain(subject, histories.following(subject, position, size))
            for subject in sorted(recorder.subjects)
        ]

    def _entries(self, recorder: Recorder, size: int) -> list[ShownEntry]:
        """Every entry that was answered; with its path where no chain proves it."""
        found = []
        for sequence, e in sorted(recorder.entries.items()):
            in_chain = any(subject in recorder.subjects for subject in e.subjects)
            path = None if in_chain else self._index.log.inclusion(sequence, size)
            found.append(_shown(e, path))
        return found

    def _leaves(self, sequences: Iterable[int], kept: KeptCheckpoint) -> list[BareLeaf]:
        found = []
        for sequence in sorted(sequences):
            e = self._index.entry(sequence)
            if e is None or sequence >= kept.size:
                continue  # asked for in vain: it is not there
            path = self._index.log.inclusion(sequence, kept.size)
            found.append(
                BareLeaf(
                    sequence,
                    e.recorded_at,
                    e.address,
                    e.digest,
                    signers_hash(e.signers),
                    e.subjects,
                    e.previous,
                    path,
                )
            )
        return found

    # -- what is not there, and what came before -------------------------------------------------

    def absence(
        self,
        contract: str,
        account: bytes,
        nonce: int,
        *,
        digest: bytes | None = None,
        receipt: ClaimedReceipt | None = None,
        witnesses: bool = False,
    ) -> bytes:
        """That the contract recorded no entry of the account with this nonce; with a receipt, that
        its promise was not kept. :class:`RequestError` where one was recorded."""
        if contract not in self._contracts:
            raise RequestError(
                "contract: this ledger has none of this name that takes entries",
                message_zh="contract：本账本没有接收条目的此名合约",
                field="contract",
                code="evidence.contract",
            )
        known_at = None if receipt is None else receipt.deadline + 1
        slots = (nonce_slot(account, nonce),)
        kept, own = self._checkpoints.proved(slots, contract=contract, known_at=known_at)
        if own.storage[0].value >> nonce_bit(nonce) & 1:
            raise RequestError(
                "nonce: an entry of this account with this nonce was recorded",
                message_zh="nonce：该账户此 nonce 的条目已被记录",
                field="nonce",
                code="evidence.recorded",
            )
        claim = AbsenceClaim(contract, account, nonce, digest, receipt)
        nodes = in_order(kept.account_nodes, kept.root_nodes, own.nodes, own.storage[0].nodes)
        return self._checked(self._bundle("absence", kept, nodes, claim), kept, witnesses)

    def consistency(self, later: KeptCheckpoint, since: int, *, witnesses: bool = False) -> bytes:
        """That the log of this checkpoint begins with that of the last checkpoint up to it that
        has ``since`` entries; ``witnesses``: as far as ``later`` has them, and those of the other.

        :class:`RequestError` for ``since`` where there is none of this size, with the sizes of
        those nearest to it.
        """
        earlier = self._book.of_size(since, later.block_number)
        if earlier is None:
            raise _no_such_size(since, self._book.sizes_near(since, later.block_number))
        if not witnesses:
            earlier, later = without_witnesses(earlier), without_witnesses(later)
        return self._growth(earlier, later)

    def _grown(self, earlier: KeptCheckpoint, later: KeptCheckpoint) -> bytes:
        bare = without_witnesses(earlier), without_witnesses(later)
        raw = self._checked(self._checkpoints.consistency(*bare), later, witnesses=False)
        if bare == (earlier, later):
            return raw
        # Of witnesses our own anchors know nothing, so they are added behind the check.
        return self._checkpoints.consistency(earlier, later).to_bytes()

    # -- writing ---------------------------------------------------------------------------------

    def _bundle(
        self,
        kind: str,
        kept: KeptCheckpoint,
        nodes: tuple[bytes, ...],
        claim: Claim,
        entries: Iterable[ShownEntry] = (),
        leaves: Iterable[BareLeaf] = (),
        chains: Iterable[Chain] = (),
    ) -> Bundle:
        parts = tuple(entries), tuple(leaves), tuple(chains)
        return Bundle(kind, self._checkpoints.ledger, kept.checkpoint, nodes, *parts, claim)

    def _checked(self, bundle: Bundle, kept: KeptCheckpoint, witnesses: bool) -> bytes:
        """The bundle's bytes, which our own verifier found valid. Of witnesses it knows nothing, so
        they are added behind that."""
        raw = canonical.dumps(bundle.to_json())
        report = verify(self._checkpoints.anchors(), raw)
        if report.result is not Result.VALID:
            wrong = next(f for f in report.findings if f.result is report.result)
            raise EvidenceError(
                f"our own {bundle.kind} evidence fails check {wrong.number}: {wrong.code} "
                f"({wrong.detail})",
                code=wrong.code or "evidence",
            )
        if witnesses:
            shown = replace(bundle, checkpoint=self._with_witnesses(kept))
            raw = canonical.dumps(shown.to_json())
        return raw


def _shown(e: RecordedEntry, path: bytes | None) -> ShownEntry:
    told = e.entry.to_json()
    return ShownEntry(
        told["action"],
        told["message"],
        e.signatures,
        e.sequence,
        e.recorded_at,
        e.subjects,
        e.previous,
        path,
    )


def _no_such_size(since: int, nearest: Sequence[int]) -> RequestError:
    sizes = [str(size) for size in nearest]
    return RequestError(
        f"since: no checkpoint has {since} entries; the nearest have {' and '.join(sizes)}",
        message_zh=f"since：没有条目数为 {since} 的检查点；最接近的为 {'、'.join(sizes)}",
        field="since",
        code="checkpoint.since",
        values={"nearest": list(nearest)},
    )


def _no_entry(field: str = "id") -> RequestError:
    return RequestError(
        "there is no entry of this number",
        message_zh="没有此序号的条目",
        field=field,
        code="entry.unknown",
    )
