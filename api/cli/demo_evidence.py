"""The demo's evidence: taken away as files, verified without the service, refused when altered."""

from typing import Final

import orjson

from api.cli.output import Output
from ledger import demo
from ledger.demo.batches import MASK_LOT
from ledger.evidence import canonical
from ledger.evidence.report import CODES
from ledger.evidence.verification import Verifier
from ledger.provenance.tracing import Direction
from ledger.question import Question
from ledger.vocabulary import QualificationState
from ledger.workspace import Workspace

#: What each file comes to.
EXPECTED: Final = {
    "entry": "valid",
    "standing": "valid",
    "non-revocation": "valid",
    "trace": "valid",
    "verdict": "valid",
    "altered": "invalid",
    "non-revocation-now": "valid",
    "withdrawal-left-out": "invalid",
}


def tell(workspace: Workspace, question: Question, out: Output) -> dict[str, str]:
    """Write a bundle of each kind and the anchors into the data directory and verify them as
    anybody can; the result of each. ``question`` is one that a verdict was given to."""
    folder = workspace.data / "evidence"
    folder.mkdir(mode=0o700, exist_ok=True)
    anchors = workspace.checkpoints.anchors()
    (folder / "anchors.json").write_bytes(orjson.dumps(anchors.to_json()))
    out.say(
        f"\nEvidence of each kind, in {folder}; `suyuan verify` needs no service and no network:",
        f"\n各类证据存于 {folder}；用 `suyuan verify` 核验，无需服务与网络：",
    )
    verifier = Verifier(anchors)
    told = {}
    for kind, raw in _bundles(workspace, question).items():
        (folder / f"{kind}.json").write_bytes(raw)
        report = verifier.verify(raw)
        told[kind] = report.result.value
        said = CODES[report.code] if report.code else None
        why = "" if said is None else f" ({report.code}: {said.en})"
        why_zh = "" if said is None else f"（{report.code}：{said.zh}）"
        size = f"{len(raw) / 1000:,.1f} kB"
        out.say(
            f"  {kind}.json  {size}: {report.result.value}{why}",
            f"  {kind}.json  {size}：{report.result.value}{why_zh}",
        )
    return told


def _bundles(workspace: Workspace, question: Question) -> dict[str, bytes]:
    evidence, index = workspace.evidence, workspace.index
    [made, *_] = index.by_subject(MASK_LOT.id)
    [withdrawn, *_] = [
        q for q in index.qualifications_of(demo.BAIZE.id) if q.state is QualificationState.WITHDRAWN
    ]
    last = index.by_subject(withdrawn.id)[-1].sequence
    asked = workspace.decide(question)
    entry = evidence.entry(made.sequence)
    now = evidence.non_revocation(withdrawn.id)
    return {
        "entry": entry,
        "standing": evidence.standing(demo.QINGLUAN.id, demo.MASK, "QL-100"),
        # Before the withdrawal: it stood, and that stays proved.
        "non-revocation": evidence.non_revocation(withdrawn.id, entry=last - 1),
        "trace": evidence.trace(MASK_LOT.id, Direction.BACK),
        "verdict": evidence.verdict(asked.question, asked.policy, asked.position),
        "altered": entry.replace(b'"quantity":"', b'"quantity":"1', 1),
        # After it, what stood is withdrawn; nobody shows the old history at the new checkpoint.
        "non-revocation-now": now,
        "withdrawal-left-out": _without(now, last),
    }


def _without(bundle: bytes, sequence: int) -> bytes:
    """The bundle from which this entry is left out."""
    data = canonical.loads(bundle)
    data["entries"] = [e for e in data["entries"] if e["sequence"] != sequence]
    return canonical.dumps(data)
