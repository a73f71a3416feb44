"""Checkpoints: what the log was at a block, proved by the block's state, sealed, and kept.

Rules this module keeps:

* Nothing is signed that the index did not verify entry by entry: size and root of the state must be
  those that the index computed.
* Nothing is signed that does not extend the last checkpoint (RFC 6962, section 2.1.2): a log that
  was set back or rewritten is :class:`EvidenceError`, and stays one until somebody finds out why.
* What a checkpoint's proof needs is fetched and kept with it, for nodes forget old states.
* On engines whose blocks bear seals, the seals speak; elsewhere the service signs, with a key that
  does nothing else but this and receipts (:mod:`ledger.submission`).
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from ledger.chain.deployment import Deployment
from ledger.chain.protocol import AccountProof, EngineProfile, LedgerGateway
from ledger.errors import ChainUnavailableError, EvidenceError, SuyuanError, UnavailableError
from ledger.ethereum import decode
from ledger.evidence.anchors import AnchoredContract, Anchors, PinnedCheckpoint, SealAnchor
from ledger.evidence.bundle import Bundle, Checkpoint, ConsistencyClaim, LedgerName, Seal
from ledger.evidence.headers import Header
from ledger.evidence.signed import LOG, CheckpointStatement, domain
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT
from ledger.index.checkpoints import (
    CheckpointBook,
    KeptCheckpoint,
    in_order,
    without_witnesses,
)
from ledger.index.repository import Index
from ledger.indexing import Indexer
from ledger.merkle import verify_consistency
from ledger.policy import policies
from ledger.signing import Signer

#: After an entry a checkpoint is made at once, unless the last is younger than this, in seconds.
CHECKPOINT_PERIOD: Final = 30
#: A checkpoint that could not be made is tried again after so many seconds.
RETRY_AFTER: Final = 5
#: How often another writer may be faster before that is somebody's mistake.
_ATTEMPTS: Final = 5
#: Where a QBFT header lists its validators: the second item of ``extraData``, field 12.
_EXTRA: Final = 12

_log: Final = logging.getLogger(__name__)


def seal_rule(profile: EngineProfile) -> str:
    """Whose word a block of this engine counts by, as evidence names it: the validators' where they
    seal for good, else the service's."""
    return "qbft" if profile.header_hash == "qbft" else "service"


class Checkpoints:
    """Makes the checkpoints of one ledger. Safe to call from several threads; other processes may
    write to the same book.

    ``key`` gives the service's key for checkpoints when it is needed for the first time.
    """

    def __init__(
        self,
        gateway: LedgerGateway,
        indexer: Indexer,
        index: Index,
        book: CheckpointBook,
        deployment: Deployment,
        *,
        key: Callable[[], Signer],
        clock: Callable[[], float],
        period: float = CHECKPOINT_PERIOD,
    ) -> None:
        self._gateway = gateway
        self._indexer = indexer
        self._index = index
        self._book = book
        self._deployment = deployment
        self._key = key
        self._clock = clock
        self._period = period
        self._making = threading.Lock()
        self._latest = self._last()
        self._next_try = 0.0
        #: Why the last one could not be made, if so; it is tried again.
        self.trouble: SuyuanError | None = None
        self.rule: Final = seal_rule(gateway.profile)

    @property
    def latest(self) -> KeptCheckpoint | None:
        """The newest one that this process knows, without countersignatures."""
        return self._latest

    # -- when ------------------------------------------------------------------------------------

    def step(self, size: int) -> None:
        """Make one if it is time: the index has ``size`` entries. Where that fails, ``trouble``
        says why, and it is tried again."""
        latest, now = self._latest, self._clock()
        if size == (0 if latest is None else latest.size) or now < self._next_try:
            return
        if latest is not None and size > latest.size:
            if 0 <= now - latest.made_at < self._period:
                return
        try:
            self.make()
        except SuyuanError:
            self._next_try = now + RETRY_AFTER

    def usable(
        self, *, size: int | None = None, known_at: int | None = None, fresh: bool = False
    ) -> KeptCheckpoint:
        """The newest checkpoint if it serves, else a new one.

        It serves if it has ``size`` entries at least (None: all that the index has), was not made
        before ``known_at``, and ``fresh`` does not ask for one at the head, whose state no node has
        forgotten. Raises as :meth:`make`; :class:`UnavailableError` where even a new one does not
        serve: the entries or the block are yet to come.
        """
        indexed = self._index.position().size
        wanted = indexed if size is None else size
        latest = self._latest
        # One with more entries than there are is no answer but a question: was the log set back?
        is_strange = latest is not None and latest.size > indexed
        if fresh or latest is None or is_strange or not _serves(latest, wanted, known_at):
            latest = self.make()
        if not _serves(latest, wanted, known_at):
            raise UnavailableError(
                f"the newest checkpoint has {latest.size} entries and was made at "
                f"{latest.made_at}: what is asked for is yet to come",
                code="checkpoint.not-yet",
            )
        return latest

    # -- making ----------------------------------------------------------------------------------

    def make(self) -> KeptCheckpoint:
        """Make a checkpoint at the final head, and keep it.

        :class:`UnavailableError` while chain or database do not answer. :class:`EvidenceError`
        where the log is not what the index verified (``checkpoint.state``) or does not extend the
        last checkpoint (``checkpoint.rollback``, ``checkpoint.fork``): then nothing is signed.
        """
        with self._making:
            try:
                self._latest = self._make()
            except SuyuanError as trouble:
                before, self.trouble = self.trouble, trouble
                if str(before) != str(trouble):
                    _log.error("no checkpoint can be made: %s", trouble)
                raise
            self.trouble = None
            return self._latest

    def _make(self) -> KeptCheckpoint:
        for _ in range(_ATTEMPTS):
            last = self._last()
            made = self._made(last)
            if made is last or self._book.add(made, last):
                return made
        raise UnavailableError("others make checkpoints all the time", code="checkpoint.busy")

    def _last(self) -> KeptCheckpoint | None:
        """The newest in the book; what others said of it is added where somebody asks for it."""
        found = self._book.latest()
        return None if found is None else without_witnesses(found)

    def _made(self, last: KeptCheckpoint | None) -> KeptCheckpoint:
        """A checkpoint at the final head, not kept yet; ``last`` itself where there is no newer."""
        # Before the head is looked at: what is recorded meanwhile comes after the checkpoint.
        looked_at = int(self._clock())
        proof = self.proof((SIZE_SLOT, ROOT_SLOT), self._gateway.final_head().number)
        size, root = (slot.value for slot in proof.storage)
        log_root = root.to_bytes(32, "big")
        self._check_verified(proof, size, log_root)
        if last is not None:
            self._check_extends(last, proof, size, log_root)
        header = Header.parse(proof.sealed_header, self.rule)
        if header.hash != proof.block_hash:
            raise EvidenceError(
                f"the header of block {proof.block_number} has another hash",
                code="checkpoint.state",
            )
        if self.rule == "service":
            seal, made_at = self._signed(proof, max(looked_at, header.time), size, log_root)
        else:
            seal, made_at = Seal(self.rule), header.time
        if last is not None and last.block_number == proof.block_number:
            if last.made_at >= made_at:
                return last
        return KeptCheckpoint(
            Checkpoint(size, log_root, proof.sealed_header, made_at, seal),
            proof.block_number,
            proof.block_hash,
            header.time,
            proof.nodes,
            *(slot.nodes for slot in proof.storage),
        )

    def _check_verified(self, proof: AccountProof, size: int, root: bytes) -> None:
        """That the index read every block up to this one, and computed this root for this size."""
        position = self._index.position()
        if position.block_number < proof.block_number:
            position = self._indexer.sync()
        if position.block_number == proof.block_number:
            verified = (position.size, position.root, position.block_hash)
            agrees = verified == (size, root, proof.block_hash)
        else:
            agrees = size <= position.size and self._index.log.root(size) == root
        if not agrees:
            raise EvidenceError(
                f"the state of block {proof.block_number} says that the log has {size} entries "
                f"with the root 0x{root.hex()}, which is not what its entries come to",
                code="checkpoint.state",
            )

    def _check_extends(
        self, last: KeptCheckpoint, proof: AccountProof, size: int, root: bytes
    ) -> None:
        if size < last.size or proof.block_number < last.block_number:
            raise EvidenceError(
                f"the checkpoint at block {last.block_number} has {last.size} entries, the chain's "
                f"head, block {proof.block_number}, has {size}: the chain was set back",
                code="checkpoint.rollback",
            )
        same = proof.block_number == last.block_number
        path = self._index.log.consistency(last.size, size)
        if not verify_consistency(last.size, last.root, size, root, path) or (
            same and proof.block_hash != last.block_hash
        ):
            raise EvidenceError(
                f"the log does not extend the one of the checkpoint at block {last.block_number}: "
                "there are two histories",
                code="checkpoint.fork",
            )

    def _signed(
        self, proof: AccountProof, made_at: int, size: int, root: bytes
    ) -> tuple[Seal, int]:
        said = CheckpointStatement(size, root, proof.block_number, proof.block_hash, made_at)
        log = domain(self._deployment.chain_id, self._deployment.address(LOG))
        return Seal("service", signatures=(self._key().sign_digest(said.digest(log)),)), made_at

    # -- proofs ----------------------------------------------------------------------------------

    def proof(self, slots: Sequence[int], block: int, contract: str = LOG) -> AccountProof:
        """Slots of a contract at a block, proved; :class:`ChainUnavailableError` also where the
        node has forgotten the block's state."""
        return self._gateway.proof(self._deployment.address(contract), slots, block)

    def proved(
        self,
        slots: Sequence[int],
        *,
        contract: str = LOG,
        known_at: int | None = None,
    ) -> tuple[KeptCheckpoint, AccountProof]:
        """A checkpoint as :meth:`usable` has it, and these slots at its block. Where the node has
        forgotten that block's state, a new checkpoint is made."""
        found = self.usable(known_at=known_at)
        try:
            return found, self.proof(slots, found.block_number, contract)
        except ChainUnavailableError:
            found = self.usable(known_at=known_at, fresh=True)
            return found, self.proof(slots, found.block_number, contract)

    def consistency(self, earlier: KeptCheckpoint, later: KeptCheckpoint) -> Bundle:
        """The bundle that shows that one checkpoint extends another."""
        path = self._index.log.consistency(earlier.size, later.size)
        return Bundle(
            "consistency",
            self.ledger,
            later.checkpoint,
            in_order(later.nodes, earlier.nodes),
            (),
            (),
            (),
            ConsistencyClaim(earlier.checkpoint, path),
        )

    @property
    def ledger(self) -> LedgerName:
        """The ledger as bundles name it."""
        deployment = self._deployment
        contracts = {c.name: c.address for c in deployment.contracts.values()}
        return LedgerName(deployment.chain_id, deployment.genesis_hash, contracts)

    def anchors(self) -> Anchors:
        """What who wants to verify evidence of this ledger must trust, as this service has it. Who
        takes it from here alone trusts this service: it is to be compared by another way."""
        deployment = self._deployment
        latest = self._latest or self.make()
        key = self._key().address
        return Anchors(
            deployment.chain_id,
            deployment.genesis_hash,
            {
                c.name: AnchoredContract(c.address, c.code_hash)
                for c in deployment.contracts.values()
            },
            self._index.founding(),
            SealAnchor("service", (key,), 1)
            if self.rule == "service"
            else SealAnchor(self.rule, _validators(latest)),
            receipts=(key,),
            checkpoints=(PinnedCheckpoint(latest.size, latest.root, latest.block_hash),),
            policies=tuple(policy.document for policy in policies().values()),
        )


def _serves(found: KeptCheckpoint, size: int, known_at: int | None) -> bool:
    return found.size >= size and (known_at is None or found.made_at >= known_at)


def _validators(latest: KeptCheckpoint) -> tuple[bytes, ...]:
    header = Header.parse(latest.checkpoint.header, "qbft")
    return tuple(sorted(decode(header.fields[_EXTRA])[1]))
