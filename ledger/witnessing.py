"""What a witness does: remember the log it saw, find out whether the next one extends it, say so.

Rules this module keeps:

* A witness believes nothing: seal, state proof and consistency are checked by the verification
  core against the witness's own anchors and its own memory, whatever the service says.
* What does not extend what was seen is never countersigned. Both checkpoints, each sealed, are the
  proof of it (:class:`Contradiction`).
* A witness that remembers nothing yet has seen the newest checkpoint that its anchors pin.
* What else stands in the witness's anchors about witnesses does not matter to it: it is one.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import orjson

from ledger.errors import EvidenceError, RequestError
from ledger.ethereum import Trie, decode
from ledger.evidence.anchors import Anchors, PinnedCheckpoint
from ledger.evidence.bundle import (
    Bundle,
    Checkpoint,
    ConsistencyClaim,
    LedgerName,
    Witness,
    base64,
)
from ledger.evidence.canonical import MAX_INTEGER
from ledger.evidence.headers import Header
from ledger.evidence.report import NAMES, Finding, Report, Result
from ledger.evidence.signed import LOG, WitnessedStatement, domain
from ledger.evidence.slots import ROOT_SLOT, SIZE_SLOT
from ledger.evidence.verification import Verifier
from ledger.hashing import keccak
from ledger.merkle import EMPTY_ROOT, verify_consistency
from ledger.signing import Signer
from ledger.typed_data import hexed

MEMORY: Final = "suyuan witness 1"
CONTRADICTION: Final = "suyuan contradiction 1"
#: The findings that mean that the log was set back or rewritten.
BROKEN: Final = ("history.rollback", "history.fork", "history.path")


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint, without what others said of it, and trie nodes that prove it."""

    checkpoint: Checkpoint
    nodes: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        return self.checkpoint.root

    def to_json(self) -> dict[str, Any]:
        return {
            "checkpoint": self.checkpoint.to_json(),
            "nodes": [base64(node) for node in self.nodes],
        }

    @classmethod
    def from_json(cls, data: Any) -> "Seen":
        """Read ``checkpoint`` and ``nodes`` of an object, whatever else it has; as
        :meth:`Bundle.from_json` raises."""
        try:
            shown = data["checkpoint"]
            nodes = tuple(a2b_base64(node, strict_mode=True) for node in data["nodes"])
        except (TypeError, KeyError, ValueError, Base64Error):
            raise EvidenceError("it shows no checkpoint", code="form.schema") from None
        return cls(replace(Checkpoint.from_json(shown), witnesses=()), nodes)

    def dumps(self) -> bytes:
        """The witness's memory as a file."""
        return orjson.dumps({"format": MEMORY, **self.to_json()}, option=orjson.OPT_INDENT_2)

    @classmethod
    def loads(cls, raw: bytes) -> "Seen":
        """The memory in the file; :class:`RequestError` where it is none."""
        try:
            data = orjson.loads(raw)
            if not isinstance(data, dict) or data.get("format") != MEMORY:
                raise EvidenceError(f"it is not of the format {MEMORY!r}", code="form.version")
            return cls.from_json(data)
        except (orjson.JSONDecodeError, EvidenceError) as error:
            raise RequestError(
                f"the state file is no witness's memory: {error}",
                message_zh="状态文件不是见证方的记录",
                field="state",
                code="witness.state",
            ) from error


#: What a witness compares with: what it remembers, or what its anchors pin.
Before: TypeAlias = Seen | PinnedCheckpoint


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A sealed checkpoint that cannot be true if ``earlier`` is: one that was seen, sealed too, or
    one that the witness's anchors pin. ``code`` is the verifier's."""

    earlier: Before
    later: Seen
    code: str

    def dumps(self) -> bytes:
        """Both as a file, for whoever is to be convinced."""
        earlier = self.earlier
        content = {
            "format": CONTRADICTION,
            "code": self.code,
            "earlier": {"pinned": _pinned(earlier)}
            if isinstance(earlier, PinnedCheckpoint)
            else earlier.to_json(),
            "later": self.later.to_json(),
        }
        return orjson.dumps(content, option=orjson.OPT_INDENT_2)


@dataclass(frozen=True, slots=True)
class Countersignature:
    """What a witness says of the checkpoint at a block, as a file to hand in."""

    block: int
    witness: Witness

    def to_json(self) -> dict[str, Any]:
        return {"block": self.block, **self.witness.to_json()}

    def dumps(self) -> bytes:
        return orjson.dumps(self.to_json()) + b"\n"

    @classmethod
    def loads(cls, raw: bytes) -> "Countersignature":
        """The inverse; :class:`RequestError` for anything else."""
        try:
            members = dict(orjson.loads(raw))
            block = members.pop("block")
            if type(block) is not int or not 0 <= block <= MAX_INTEGER:
                raise EvidenceError("block is no number of a block", code="form.schema")
            return cls(block, Witness.from_json(members))
        except (TypeError, KeyError, ValueError, EvidenceError) as error:
            raise RequestError(
                "this is no countersignature as `suyuan witness --out` writes it",
                message_zh="这不是 `suyuan witness --out` 写出的副署文件",
                field="import",
                code="witness.file",
            ) from error


def before(anchors: Anchors, seen: Seen | None) -> Before | None:
    """What the next checkpoint must extend: what was seen last; where that is nothing, the newest
    checkpoint that the anchors pin; None where they pin none either."""
    return seen or max(anchors.checkpoints, key=lambda pinned: pinned.size, default=None)


def examine(anchors: Anchors, seen: Before | None, shown: Seen, path: bytes) -> Report:
    """Whether what is shown is sealed and proved, and extends what was seen by this path.

    Raises :class:`EvidenceError` where the nodes do not prove a checkpoint.
    """
    alone = replace(anchors, witnesses=(), witness_quorum=0)
    if isinstance(seen, Seen):
        return Verifier(alone).verify(_assembled(anchors, seen, shown, path).to_bytes())
    # Of a pinned checkpoint neither seal nor proof are there, so the verifier is asked about the
    # one that is shown, and whether that extends the pinned one is asked here.
    report = Verifier(alone).verify(_assembled(anchors, shown, shown, b"").to_bytes())
    code = None if seen is None or report.result is not Result.VALID else _broken(seen, shown, path)
    if code is None:
        return report
    finding = Finding(NAMES.index("history") + 1, Result.INVALID, code)
    return Report(
        report.kind, [finding if f.number == finding.number else f for f in report.findings]
    )


def countersign(
    anchors: Anchors, seen: Before | None, shown: Seen, signer: Signer, now: int
) -> tuple[Witness, int]:
    """The witness's word about a checkpoint that it examined, and the number of its block."""
    header = Header.parse(shown.checkpoint.header, anchors.seal.rule)
    size, root = (0, EMPTY_ROOT) if seen is None else (seen.size, seen.root)
    said = WitnessedStatement(shown.size, shown.root, header.number, header.hash, size, root, now)
    log = domain(anchors.chain_id, anchors.contracts[LOG].address)
    signature = signer.sign_digest(said.digest(log))
    return Witness(signer.address, size, root, now, signature), header.number


def _assembled(anchors: Anchors, earlier: Seen, shown: Seen, path: bytes) -> Bundle:
    """The bundle that says: what is shown extends what was seen."""
    contracts = {name: contract.address for name, contract in anchors.contracts.items()}
    nodes = (*_own_nodes(anchors, shown), *_own_nodes(anchors, earlier))
    return Bundle(
        "consistency",
        LedgerName(anchors.chain_id, anchors.genesis, contracts),
        shown.checkpoint,
        tuple(dict.fromkeys(nodes)),
        (),
        (),
        (),
        ConsistencyClaim(earlier.checkpoint, path),
    )


def _broken(pinned: Before, shown: Seen, path: bytes) -> str | None:
    """How the log was set back or rewritten since it was pinned; None where it was not."""
    if pinned.size > shown.size:
        return "history.rollback"
    if pinned.size == shown.size and pinned.root != shown.root:
        return "history.fork"
    extends = verify_consistency(pinned.size, pinned.root, shown.size, shown.root, path)
    return None if extends else "history.path"


def _pinned(pinned: PinnedCheckpoint) -> dict[str, Any]:
    return {
        "size": pinned.size,
        "root": hexed(pinned.root),
        "block_hash": hexed(pinned.block_hash),
    }


def _own_nodes(anchors: Anchors, shown: Seen) -> Sequence[bytes]:
    """The nodes that prove a checkpoint and no others, in the order in which they are visited."""
    by_hash = {keccak(node): node for node in shown.nodes}
    trie = Trie(lambda digest: decode(by_hash[digest]))
    state_root = Header.parse(shown.checkpoint.header, anchors.seal.rule).state_root
    key = keccak(anchors.contracts[LOG].address)
    try:
        found = list(trie.prove(state_root, key))
        storage_root = decode(trie.get(state_root, key))[2]
        for slot in (SIZE_SLOT, ROOT_SLOT):
            found += trie.prove(storage_root, keccak(slot.to_bytes(32, "big")))
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise EvidenceError("the nodes do not prove the checkpoint", code="state.node") from error
    return found
